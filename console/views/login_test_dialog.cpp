#include "console/views/login_test_dialog.h"

#include <wx/intl.h>
#include <wx/sizer.h>

#include "console/presenters/domain_words.h"
#include "console/presenters/text_format.h"
#include "console/presenters/words.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

LoginTestDialog::LoginTestDialog(wxWindow* parent, DomainsPresenter& presenter, const ChatDomain& domain)
    : wxDialog(parent, wxID_ANY,
               wxString::Format(_("Test a login at %s"), toWx(domain.shown.empty() ? domain.name : domain.shown)),
               wxDefaultPosition, wxDefaultSize, wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
      presenter_(presenter),
      domain_(domain.id) {
    SetName("dialog.logintest");
    setAccessibleDialog(this);
    auto* outer = new wxBoxSizer(wxVERTICAL);
    FormGrid form(this);
    nameField_ = form.row(_("&Name:"), [this](wxWindow* owner) {
        name_ = new wxTextCtrl(owner, wxID_ANY, {}, wxDefaultPosition, FromDIP(wxSize(300, -1)));
        name_->SetHint(_("as people type it, such as alice"));
        return name_;
    });
    form.row(_("&Password:"), [this](wxWindow* owner) {
        password_ = new wxTextCtrl(owner, wxID_ANY, {}, wxDefaultPosition, FromDIP(wxSize(300, -1)), wxTE_PASSWORD);
        return password_;
    });
    outer->Add(form.sizer(), wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    line_ = new MarkLine(this, 560);
    line_->set({Mark::Unknown, tr("Nothing was tried yet. A wrong password counts as one failure of this person, here "
                                  "and in the directory.")});
    outer->Add(line_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    steps_ = new PlainList(this, "logintest.steps", _("What each provider said"),
                           {{_("Provider"), 140}, {_("Said"), 150}, {_("Time"), 64, true}, {_("Why"), 360}});
    steps_->SetMinSize(FromDIP(wxSize(560, 120)));
    outer->Add(steps_, wxSizerFlags(1).Expand().Border(wxALL, gap(this, 2)));
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    busy_ = new wxActivityIndicator(this);
    busy_->Hide();
    row->Add(busy_, wxSizerFlags().CentreVertical().ReserveSpaceEvenIfHidden());
    row->AddStretchSpacer();
    try_ = new wxButton(this, wxID_OK, _("&Test"));
    try_->SetDefault();
    row->Add(new wxButton(this, wxID_CLOSE), wxSizerFlags());
    row->Add(try_, wxSizerFlags().Border(wxLEFT, gap(this)));
    outer->Add(row, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    SetSizerAndFit(outer);
    SetEscapeId(wxID_CLOSE);
    CentreOnParent();
    try_->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { test(); });
    name_->SetFocus();
}

void LoginTestDialog::test() {
    const auto name = fromWx(name_->GetValue().Trim().Trim(false));
    nameField_.setError(name.empty() ? _("Type the name of a person.") : wxString());
    if (name.empty()) {
        Fit();
        name_->SetFocus();
        return;
    }
    try_->Disable();
    busy_->Show();
    busy_->Start();
    Layout();
    presenter_.testLogin(domain_, name, Secret(fromWx(password_->GetValue())),
                         [alive = life_.token(), this](const Result<LoginTrail>& result) {
                             if (alive.expired()) return;
                             show(result);
                         });
}

void LoginTestDialog::show(const Result<LoginTrail>& result) {
    busy_->Stop();
    busy_->Hide();
    try_->Enable();
    password_->Clear();
    std::vector<PlainList::Row> rows;
    if (result) {
        line_->set(loginTestLine(*result));
        for (const auto& step : result->steps) {
            auto said = loginOutcomeText(step.outcome);
            if (step.wasRemembered) said = fill(tr("%1 (remembered)"), {said});
            rows.push_back(
                {rows.size() + 1, false, {toWx(step.name), toWx(said), toWx(durationText(step.took)), toWx(step.why)}});
        }
    } else {
        line_->set({Mark::Broken, errorLines(result.error())});
    }
    steps_->setRows(std::move(rows));
    Layout();
    if (GetBestSize().y > GetSize().y) Fit();
    password_->SetFocus();
}

}  // namespace causeway::console
