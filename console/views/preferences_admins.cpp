#include "console/views/preferences_admins.h"

#include <array>

#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/intl.h>
#include <wx/msgdlg.h>
#include <wx/sizer.h>
#include <wx/textctrl.h>

#include "console/presenters/words.h"
#include "console/views/form_dialog.h"
#include "console/views/text_tools.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr std::array kRoles{Role::Viewer, Role::Operator, Role::Admin};

wxChoice* roleChoice(wxWindow* parent, Role role) {
    auto* choice = new wxChoice(parent, wxID_ANY);
    for (const auto each : kRoles)
        choice->Append(toWx(AdminsPresenter::roleText(each)));
    choice->SetSelection(static_cast<int>(role));
    return choice;
}

Role chosenRole(const wxChoice* choice) {
    return kRoles[static_cast<std::size_t>(std::max(0, choice->GetSelection()))];
}

/// Help below the choice follows it.
void explainRole(wxChoice* choice, const FormField& field) {
    const auto show = [choice, field] {
        if (field.help != nullptr) field.help->setText(toWx(AdminsPresenter::roleSentence(chosenRole(choice))));
    };
    choice->Bind(wxEVT_CHOICE, [show](wxCommandEvent&) { show(); });
}

class AdminDialog : public FormDialog {
public:
    AdminDialog(wxWindow* parent, AdminsPresenter& presenter, AdminForm form)
        : FormDialog(parent, "dialog.administrator",
                     form.id == 0 ? _("Add an administrator") : _("Change an administrator"), _("&Save")),
          presenter_(presenter),
          form_(std::move(form)) {
        const auto text = [](const std::string& value, long style = 0) {
            return [value, style](wxWindow* parentOfField) -> wxWindow* {
                return new wxTextCtrl(parentOfField, wxID_ANY, toWx(value), wxDefaultPosition, wxDefaultSize, style);
            };
        };
        const auto name = this->form().row(_("&Name:"), text(form_.name), _("For logging in to the console."));
        const auto role = this->form().row(
            _("&Role:"), [this](wxWindow* parentOfField) { return roleChoice(parentOfField, form_.role); },
            toWx(AdminsPresenter::roleSentence(form_.role)));
        const auto password =
            this->form().row(_("&Password:"), text({}, wxTE_PASSWORD),
                             form_.id == 0 ? _("At least 10 characters.")
                                           : _("At least 10 characters; leave it empty to keep the present one."));
        const auto again = this->form().row(_("Password &again:"), text({}, wxTE_PASSWORD));
        const auto disabled = this->form().plain([this](wxWindow* parentOfField) -> wxWindow* {
            auto* box = new wxCheckBox(parentOfField, wxID_ANY, _("May not &log in (disabled)"));
            box->SetValue(form_.isDisabled);
            return box;
        });
        name_ = static_cast<wxTextCtrl*>(name.control);
        role_ = static_cast<wxChoice*>(role.control);
        password_ = static_cast<wxTextCtrl*>(password.control);
        again_ = static_cast<wxTextCtrl*>(again.control);
        disabled_ = static_cast<wxCheckBox*>(disabled.control);
        explainRole(role_, role);
        addField("name", name);
        addField("role", role);
        addField("password", password);
        addField("passwordAgain", again);
        addField("isDisabled", disabled);
        finish(name_);
    }

private:
    std::vector<FieldText> check() override {
        form_.name = fromWx(name_->GetValue());
        form_.role = chosenRole(role_);
        form_.isDisabled = disabled_->GetValue();
        form_.password = fromWx(password_->GetValue());
        form_.passwordAgain = fromWx(again_->GetValue());
        return presenter_.check(form_);
    }
    void save(Answer answer) override { presenter_.save(form_, std::move(answer)); }

    AdminsPresenter& presenter_;
    AdminForm form_;
    wxTextCtrl* name_;
    wxChoice* role_;
    wxTextCtrl* password_;
    wxTextCtrl* again_;
    wxCheckBox* disabled_;
};

class TokenDialog : public FormDialog {
public:
    TokenDialog(wxWindow* parent, AdminsPresenter& presenter)
        : FormDialog(parent, "dialog.token", _("Add a token"), _("Crea&te")), presenter_(presenter) {
        const auto name = form().row(
            _("&Name:"), [](wxWindow* parentOfField) { return new wxTextCtrl(parentOfField, wxID_ANY); },
            _("What the token is for, such as \"backup script\"."));
        const auto role = form().row(
            _("&Role:"), [](wxWindow* parentOfField) { return roleChoice(parentOfField, Role::Viewer); },
            toWx(AdminsPresenter::roleSentence(Role::Viewer)));
        const auto valid = form().row(_("&Valid for:"), [](wxWindow* parentOfField) {
            auto* choice = new wxChoice(parentOfField, wxID_ANY);
            choice->Append(_("30 days"));
            choice->Append(_("1 year"));
            choice->Append(_("ever"));
            choice->SetSelection(1);
            return choice;
        });
        name_ = static_cast<wxTextCtrl*>(name.control);
        role_ = static_cast<wxChoice*>(role.control);
        valid_ = static_cast<wxChoice*>(valid.control);
        explainRole(role_, role);
        addField("name", name);
        addField("role", role);
        finish(name_);
    }
    void setNow(TimePoint now) { now_ = now; }

private:
    std::vector<FieldText> check() override {
        const auto problem = presenter_.checkTokenName(fromWx(name_->GetValue()));
        return problem.empty() ? std::vector<FieldText>{} : std::vector<FieldText>{{"name", problem}};
    }
    void save(Answer answer) override {
        std::optional<TimePoint> expires;
        if (valid_->GetSelection() == 0) expires = now_ + 24h * 30;
        if (valid_->GetSelection() == 1) expires = now_ + 24h * 365;
        presenter_.addToken(fromWx(name_->GetValue()), chosenRole(role_), expires,
                            [answer = std::move(answer)](const Result<void>& result) { answer(result, {}); });
    }

    AdminsPresenter& presenter_;
    TimePoint now_{};
    wxTextCtrl* name_;
    wxChoice* role_;
    wxChoice* valid_;
};

}  // namespace

AdminsPreferences::AdminsPreferences(wxWindow* parent, AppContext& app)
    : wxPanel(parent, wxID_ANY), app_(app), presenter_(app.session) {
    SetName("preferences.administrators");
    auto* sizer = new wxBoxSizer(wxVERTICAL);
    banner_ = new Banner(this);
    sizer->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));

    wxBoxSizer* row = nullptr;
    const auto head = [&](const wxString& text, int above) {
        auto* label = new wxStaticText(this, wxID_ANY, text);
        label->SetFont(headFont(this));
        sizer->Add(label, wxSizerFlags().Border(wxTOP, gap(this, above)));
        row = new wxBoxSizer(wxHORIZONTAL);
    };
    const auto button = [&](const wxString& label, const wxString& picture, const std::function<void()>& action) {
        auto* made = iconButton(this, label, picture);
        onPress(made, action);
        row->Add(made, wxSizerFlags().Border(wxRIGHT, gap(this)));
        return made;
    };

    head(_("People"), 0);
    admins_ = new PlainList(this, "preferences.administrators.list", _("Administrators"),
                            {{_("Name"), 180}, {_("Role"), 120}, {_("State"), 120}, {_("Last login"), 180}});
    admins_->onSelectionChanged = [this] { update(); };
    admins_->onActivated = [this](std::uint64_t id) { edit(presenter_.formOf(id)); };
    sizer->Add(admins_, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(this)));
    addAdmin_ = button(_("Add administrator..."), "add", [this] { edit(AdminForm{}); });
    changeAdmin_ = button(_("&Change..."), "edit", [this] {
        if (const auto id = admins_->selectedId()) edit(presenter_.formOf(*id));
    });
    removeAdmin_ = button(_("Re&move"), "delete", [this] { removeAdmin(); });
    sizer->Add(row, wxSizerFlags().Border(wxTOP, gap(this)));

    head(_("Tokens for scripts"), 2);
    tokens_ = new PlainList(this, "preferences.tokens.list", _("Tokens for scripts"),
                            {{_("Name"), 180}, {_("Role"), 120}, {_("State"), 320}});
    tokens_->onSelectionChanged = [this] { update(); };
    sizer->Add(tokens_, wxSizerFlags(1).Expand().Border(wxTOP, halfGap(this)));
    addToken_ = button(_("Add &token..."), "token", [this] { addToken(); });
    removeToken_ = button(_("Remove to&ken"), "delete", [this] { removeToken(); });
    sizer->Add(row, wxSizerFlags().Border(wxTOP, gap(this)));

    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(sizer, wxSizerFlags(1).Expand().Border(wxALL, gap(this)));
    SetSizer(outer);
    presenter_.onChanged = [this] { update(); };
    update();
}

void AdminsPreferences::update() {
    std::vector<PlainList::Row> people;
    for (const auto& admin : presenter_.admins()) {
        people.push_back({admin.id,
                          false,
                          {toWx(admin.name), toWx(AdminsPresenter::roleText(admin.role)),
                           admin.isDisabled ? _("disabled") : _("may log in"), toWx(presenter_.lastLoginText(admin))}});
    }
    admins_->setRows(std::move(people));
    std::vector<PlainList::Row> tokens;
    for (const auto& token : presenter_.tokens()) {
        tokens.push_back(
            {token.id,
             false,
             {toWx(token.name), toWx(AdminsPresenter::roleText(token.role)), toWx(presenter_.tokenStateText(token))}});
    }
    tokens_->setRows(std::move(tokens));

    const bool mayEdit = presenter_.isAllowed();
    addAdmin_->Enable(mayEdit);
    changeAdmin_->Enable(mayEdit && admins_->selectedId());
    removeAdmin_->Enable(mayEdit && admins_->selectedId());
    addToken_->Enable(mayEdit);
    removeToken_->Enable(mayEdit && tokens_->selectedId());

    wxString text;
    if (!mayEdit) {
        text = toWx(presenter_.whyNotAllowed());
    } else if (presenter_.problem()) {
        text = toWx(errorLines(*presenter_.problem()));
    } else if (presenter_.isLoaded() && presenter_.admins().empty()) {
        text =
            _("There is no administrator yet, so the service can be managed only from its own computer. Add one "
              "before you let the admin interface listen on the network.");
    }
    if (text == bannerText_) return;
    bannerText_ = text;
    if (text.empty()) {
        banner_->hide();
    } else {
        banner_->show(Banner::Kind::Info, text);
    }
}

void AdminsPreferences::edit(const AdminForm& form) {
    AdminDialog dialog(wxGetTopLevelParent(this), presenter_, form);
    dialog.ShowModal();
    admins_->SetFocus();
}

void AdminsPreferences::removeAdmin() {
    const auto id = admins_->selectedId();
    if (!id) return;
    wxMessageDialog question(wxGetTopLevelParent(this),
                             wxString::Format(_("Remove the administrator \"%s\"?"), toWx(presenter_.formOf(*id).name)),
                             _("Remove an administrator"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(_("The sessions of this administrator end at once."));
    question.SetYesNoLabels(_("Remove"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.remove(*id, [this](const Result<void>& result) {
        if (!result) app_.tell(result.error());
    });
}

void AdminsPreferences::addToken() {
    {
        TokenDialog dialog(wxGetTopLevelParent(this), presenter_);
        dialog.setNow(app_.session.now());
        if (dialog.ShowModal() != wxID_OK) return;
    }
    showSecretOnce(wxGetTopLevelParent(this), app_, _("The new token"),
                   _("This is the only time that the token is shown. Copy it now and keep it like a password."),
                   toWx(presenter_.newToken().reveal()));
    presenter_.forgetNewToken();
    tokens_->SetFocus();
}

void AdminsPreferences::removeToken() {
    const auto id = tokens_->selectedId();
    if (!id) return;
    wxMessageDialog question(wxGetTopLevelParent(this), _("Remove the token?"), _("Remove a token"),
                             wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(_("Scripts that use it are refused from then on."));
    question.SetYesNoLabels(_("Remove"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.removeToken(*id, [this](const Result<void>& result) {
        if (!result) app_.tell(result.error());
    });
}

}  // namespace causeway::console
