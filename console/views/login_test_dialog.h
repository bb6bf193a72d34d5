#pragma once

#include <string>

#include <wx/activityindicator.h>
#include <wx/button.h>
#include <wx/dialog.h>
#include <wx/textctrl.h>

#include "console/presenters/domains_presenter.h"
#include "console/views/mark_line.h"
#include "console/views/plain_list.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/life.h"

namespace causeway::console {

/// Tries a name and a password through the chain of a chat domain and shows what each provider said. The password goes
/// to the service only and is wiped from its field when the answer has come.
class LoginTestDialog : public wxDialog {
public:
    LoginTestDialog(wxWindow* parent, DomainsPresenter& presenter, const ChatDomain& domain);

private:
    void test();
    void show(const Result<LoginTrail>& result);

    DomainsPresenter& presenter_;
    std::uint64_t domain_;
    wxTextCtrl* name_ = nullptr;
    wxTextCtrl* password_ = nullptr;
    FormField nameField_;
    MarkLine* line_;
    PlainList* steps_;
    wxActivityIndicator* busy_;
    wxButton* try_;
    Life life_;
};

}  // namespace causeway::console
