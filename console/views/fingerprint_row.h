#pragma once

#include <string>

#include <wx/button.h>
#include <wx/panel.h>
#include <wx/textctrl.h>

namespace causeway::console {

struct AppContext;

/// SHA-256 fingerprint of a certificate in two lines that can be marked, and a button that copies it as one.
class FingerprintRow : public wxPanel {
public:
    FingerprintRow(wxWindow* parent, AppContext& app, const wxString& copyLabel);
    /// "AA:BB:..."; empty while there is none.
    void set(const std::string& fingerprint);

private:
    wxTextCtrl* text_;
    wxButton* copy_;
    std::string shown_;
};

}  // namespace causeway::console
