#pragma once

#include <string>

#include <wx/string.h>

class wxWindow;

namespace causeway::console {

struct AppContext;

/// Puts text on the clipboard and says so in the status bar.
void copyText(AppContext& app, const wxString& text, const wxString& said);
/// Asks for a file name and writes the text there; says so, or tells why not.
void saveText(wxWindow* parent, AppContext& app, const wxString& title, const wxString& fileName,
              const wxString& wildcard, const std::string& text);
/// The content of a file that the user chooses; false if he cancelled or it cannot be read (which is told).
/// At most `mostBytes`.
bool loadText(wxWindow* parent, AppContext& app, const wxString& title, const wxString& wildcard, std::size_t mostBytes,
              std::string& text);
/// A secret that is shown for the only time, with a button that copies it.
void showSecretOnce(wxWindow* parent, AppContext& app, const wxString& title, const wxString& sentence,
                    const wxString& secret);

}  // namespace causeway::console
