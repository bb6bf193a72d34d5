#pragma once

#include <wx/panel.h>
#include <wx/statbmp.h>

#include "console/presenters/domain_words.h"
#include "console/widgets/form_grid.h"

namespace causeway::console {

/// A line with a mark and words that wrap; without words it takes no room.
class MarkLine : public wxPanel {
public:
    explicit MarkLine(wxWindow* parent, int firstWidth = 480);
    void set(const LoginLine& line);

private:
    Mark mark_ = Mark::Unknown;
    wxStaticBitmap* picture_;
    WrapText* text_;
};

}  // namespace causeway::console
