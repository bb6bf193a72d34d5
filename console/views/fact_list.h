#pragma once

#include <vector>

#include <wx/scrolwin.h>
#include <wx/statbmp.h>
#include <wx/stattext.h>

#include "console/presenters/presenter.h"

namespace causeway::console {

/// Labels and values in as many columns as the width has room for; scrolls if they are still too many. Values that
/// differ are changed in place, so nothing flickers. The hint of a fact is its tooltip.
class FactList : public wxScrolledWindow {
public:
    FactList(wxWindow* parent, const wxString& name, const wxString& accessibleName);
    void set(const std::vector<Fact>& facts);
    wxString asText() const;
    /// 4 unless it is set.
    void setMostColumns(int most) { mostColumns_ = most; }

private:
    struct Line {
        wxStaticText* label;
        wxStaticBitmap* mark;
        wxStaticText* value;
        wxBoxSizer* cell;
    };
    void arrange();
    int columnsFor(int width) const;
    std::vector<Line> lines_;
    std::vector<Fact> facts_;
    int columns_ = 0;
    int mostColumns_ = 4;
    std::size_t arranged_ = 0;
};

}  // namespace causeway::console
