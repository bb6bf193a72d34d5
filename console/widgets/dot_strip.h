#pragma once

#include <vector>

#include <wx/control.h>

#include "console/presenters/domains_presenter.h"

namespace causeway::console {

/// What colour a dot had during the last hours: one bar, with the length of each state. Hover tells the time.
class DotStrip : public wxControl {
public:
    DotStrip(wxWindow* parent, const wxString& name, const wxString& accessibleName);
    void set(std::vector<StripPart> parts);
    bool AcceptsFocus() const override { return false; }
    bool AcceptsFocusFromKeyboard() const override { return false; }

protected:
    wxSize DoGetBestClientSize() const override;

private:
    void paint();
    int edgeOf(TimePoint at) const;
    std::vector<StripPart> parts_;
};

}  // namespace causeway::console
