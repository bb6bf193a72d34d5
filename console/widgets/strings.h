#pragma once

#include <string>

#include <wx/string.h>

namespace causeway::console {

/// UTF-8 of presenters and the API to wx and back. Bytes that are no UTF-8 are kept as Latin-1 instead of an empty
/// text.
wxString toWx(const std::string& text);
std::string fromWx(const wxString& text);
/// English source text of a presenter in the language of the user.
wxString translated(const std::string& sourceText);

/// For HOST:PORT, fingerprints and the like in sentences where '&' must not become a mnemonic.
wxString escapedLabel(const wxString& text);

}  // namespace causeway::console
