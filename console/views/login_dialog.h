#pragma once

#include <wx/activityindicator.h>
#include <wx/button.h>
#include <wx/dialog.h>
#include <wx/textctrl.h>

#include "console/views/pages.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/life.h"

namespace causeway::console {

/// Name and password for a service that is reached over the network. Ends with wxID_OK once the service accepted them.
class LoginDialog : public wxDialog {
public:
    LoginDialog(wxWindow* parent, AppContext& app);

private:
    void login();
    AppContext& app_;
    wxTextCtrl* name_ = nullptr;
    wxTextCtrl* password_ = nullptr;
    FormField passwordField_;
    wxButton* ok_ = nullptr;
    wxActivityIndicator* busy_ = nullptr;
    Life life_;
};

}  // namespace causeway::console
