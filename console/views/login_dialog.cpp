#include "console/views/login_dialog.h"

#include <wx/config.h>
#include <wx/sizer.h>

#include "console/presenters/connection_presenter.h"
#include "console/presenters/words.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

LoginDialog::LoginDialog(wxWindow* parent, AppContext& app)
    : wxDialog(parent, wxID_ANY, _("Log in"), wxDefaultPosition, wxDefaultSize, wxDEFAULT_DIALOG_STYLE, "login"),
      app_(app) {
    auto* column = new wxBoxSizer(wxVERTICAL);
    const auto& service = app_.session.service();
    const wxString where =
        toWx(service.serverName.empty() ? app_.session.addressText()
                                        : service.serverName + " (" + app_.session.addressText() + ")");
    auto* intro = new wxStaticText(this, wxID_ANY, escapedLabel(wxString::Format(_("Log in to %s"), where)));
    intro->SetFont(headFont(this));
    column->Add(intro, wxSizerFlags().Border(wxALL, gap(this, 2)));
    FormGrid form(this);
    wxString lastName;
    if (auto* config = wxConfigBase::Get(false)) lastName = config->Read("/connect/name");
    form.row(_("&Name:"), [this, &lastName](wxWindow* owner) {
        name_ = new wxTextCtrl(owner, wxID_ANY, lastName, wxDefaultPosition, FromDIP(wxSize(280, -1)), 0,
                               wxDefaultValidator, "login.name");
        return name_;
    });
    passwordField_ = form.row(_("&Password:"), [this](wxWindow* owner) {
        password_ = new wxTextCtrl(owner, wxID_ANY, {}, wxDefaultPosition, FromDIP(wxSize(280, -1)), wxTE_PASSWORD,
                                   wxDefaultValidator, "login.password");
        return password_;
    });
    column->Add(form.sizer(), wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    busy_ = new wxActivityIndicator(this);
    busy_->Hide();
    row->Add(busy_, wxSizerFlags().CentreVertical().ReserveSpaceEvenIfHidden());
    row->AddStretchSpacer();
    auto* cancel = new wxButton(this, wxID_CANCEL, _("Cancel"));
    ok_ = new wxButton(this, wxID_OK, _("&Log in"));
    ok_->SetDefault();
    row->Add(cancel, wxSizerFlags());
    row->Add(ok_, wxSizerFlags().Border(wxLEFT, gap(this)));
    column->Add(row, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    SetSizerAndFit(column);
    CentreOnParent();
    (lastName.empty() ? name_ : password_)->SetFocus();
    ok_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { login(); });
}

void LoginDialog::login() {
    const std::string name = fromWx(name_->GetValue().Trim().Trim(false));
    if (name.empty() || password_->GetValue().empty()) {
        passwordField_.setError(_("Type the name and the password of an administrator of this service."));
        Fit();
        return;
    }
    ok_->Disable();
    busy_->Show();
    busy_->Start();
    Layout();
    app_.connection.login(name, Secret(fromWx(password_->GetValue())),
                          [alive = life_.token(), this, name](const Result<void>& result) {
                              if (alive.expired()) return;
                              busy_->Stop();
                              busy_->Hide();
                              ok_->Enable();
                              if (result) {
                                  if (auto* config = wxConfigBase::Get(false))
                                      config->Write("/connect/name", toWx(name));
                                  EndModal(wxID_OK);
                                  return;
                              }
                              passwordField_.setError(toWx(errorLines(result.error())));
                              Fit();
                              password_->SetFocus();
                              password_->SelectAll();
                          });
}

}  // namespace causeway::console
