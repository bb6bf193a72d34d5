#include "console/widgets/strings.h"

#include <wx/control.h>
#include <wx/translation.h>

namespace causeway::console {

wxString toWx(const std::string& text) {
    wxString shown = wxString::FromUTF8(text.data(), text.size());
    if (shown.empty() && !text.empty()) return wxString(text.data(), wxConvISO8859_1, text.size());
    return shown;
}

std::string fromWx(const wxString& text) {
    const wxScopedCharBuffer bytes = text.utf8_str();
    return {bytes.data(), bytes.length()};
}

wxString translated(const std::string& sourceText) {
    if (sourceText.empty()) return {};  // gettext answers the header of the catalog for it
    return wxGetTranslation(toWx(sourceText));
}

wxString escapedLabel(const wxString& text) {
    return wxControl::EscapeMnemonics(text);
}

}  // namespace causeway::console
