#pragma once

#include <functional>
#include <vector>

#include <wx/textctrl.h>

namespace causeway::console {

/// One line of text with a list of suggestions that opens below while somebody types; Down goes into it, Enter or a
/// click takes the entry, Escape closes it. What else is typed stays as it is.
class SuggestField : public wxTextCtrl {
public:
    SuggestField(wxWindow* parent, const wxString& name, const wxString& accessibleName, const wxString& hint);
    /// Best first; asked anew after each letter.
    std::function<std::vector<wxString>(const wxString& text)> suggest;
    /// After each letter, and when an entry was taken.
    std::function<void(const wxString& text)> onText;
    /// Without calling onText.
    void put(const wxString& text);

private:
    class Completer;
    bool isTyped_ = false;
};

}  // namespace causeway::console
