#pragma once

#include <functional>

#include <wx/srchctrl.h>
#include <wx/timer.h>

namespace causeway::console {

/// A search field that filters while typing: calls onFilter 150 ms after the last key, at once on Enter and Escape
/// (Escape empties it). `hint` is the grey text ("Filter users"), also the accessible name.
class FilterBox : public wxSearchCtrl {
public:
    FilterBox(wxWindow* parent, const wxString& name, const wxString& hint);
    void empty();
    std::function<void(const std::string& text)> onFilter;
    std::function<void()> onArrowDown;  ///< Down key: into the list

private:
    void report();
    wxTimer timer_;
    wxString reported_;
};

}  // namespace causeway::console
