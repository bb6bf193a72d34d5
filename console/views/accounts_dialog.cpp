#include "console/views/accounts_dialog.h"

#include <wx/button.h>
#include <wx/checkbox.h>
#include <wx/intl.h>
#include <wx/msgdlg.h>
#include <wx/sizer.h>
#include <wx/textctrl.h>

#include "console/presenters/text_format.h"
#include "console/views/form_dialog.h"
#include "console/views/plain_list.h"
#include "console/views/text_tools.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

std::function<wxWindow*(wxWindow*)> textField(const std::string& value, long style = 0) {
    return [=](wxWindow* parent) -> wxWindow* {
        return new wxTextCtrl(parent, wxID_ANY, toWx(value), wxDefaultPosition, wxDefaultSize, style);
    };
}

class AccountDialog : public FormDialog {
public:
    AccountDialog(wxWindow* parent, AccountsPresenter& presenter, AccountForm form)
        : FormDialog(parent, "dialog.account", form.id == 0 ? _("Add an account") : _("Edit an account"), _("&Save")),
          presenter_(presenter),
          form_(std::move(form)) {
        auto& grid = this->form();
        const bool isNew = form_.id == 0;
        const auto name = grid.row(_("&Name:"), textField(form_.localPart, isNew ? 0 : wxTE_READONLY),
                                   wxString::Format(_("People write name@%s. Capital letters make no difference."),
                                                    toWx(presenter_.domainName())));
        const auto shown = grid.row(_("S&hown as:"), textField(form_.displayName), _("The name in contact lists."));
        const auto mail = grid.row(_("&Mail:"), textField(form_.mail));
        const auto department =
            grid.row(_("&Department:"), textField(form_.department), _("Becomes the group in contact lists."));
        name_ = static_cast<wxTextCtrl*>(name.control);
        shown_ = static_cast<wxTextCtrl*>(shown.control);
        mail_ = static_cast<wxTextCtrl*>(mail.control);
        department_ = static_cast<wxTextCtrl*>(department.control);
        addField("localPart", name);
        addField("displayName", shown);
        addField("mail", mail);
        addField("department", department);
        if (isNew) {
            const auto password =
                grid.row(_("&Password:"), textField({}, wxTE_PASSWORD),
                         _("At least 8 characters. Only keys made from it are stored, never the password."));
            const auto again = grid.row(_("Password &again:"), textField({}, wxTE_PASSWORD));
            password_ = static_cast<wxTextCtrl*>(password.control);
            again_ = static_cast<wxTextCtrl*>(again.control);
            addField("password", password);
            addField("passwordAgain", again);
        }
        const auto disabled = grid.plain([this](wxWindow* parentOfField) -> wxWindow* {
            auto* box = new wxCheckBox(parentOfField, wxID_ANY, _("May not &log in (disabled)"));
            box->SetValue(form_.isDisabled);
            return box;
        });
        disabled_ = static_cast<wxCheckBox*>(disabled.control);
        addField("isDisabled", disabled);
        finish(isNew ? name_ : shown_);
    }

private:
    std::vector<FieldText> check() override {
        form_.localPart = fromWx(name_->GetValue());
        form_.displayName = fromWx(shown_->GetValue());
        form_.mail = fromWx(mail_->GetValue());
        form_.department = fromWx(department_->GetValue());
        form_.isDisabled = disabled_->GetValue();
        if (password_) {
            form_.password = fromWx(password_->GetValue());
            form_.passwordAgain = fromWx(again_->GetValue());
        }
        return presenter_.check(form_);
    }
    void save(Answer answer) override { presenter_.save(form_, std::move(answer)); }

    AccountsPresenter& presenter_;
    AccountForm form_;
    wxTextCtrl* name_;
    wxTextCtrl* shown_;
    wxTextCtrl* mail_;
    wxTextCtrl* department_;
    wxTextCtrl* password_ = nullptr;
    wxTextCtrl* again_ = nullptr;
    wxCheckBox* disabled_;
};

class PasswordDialog : public FormDialog {
public:
    PasswordDialog(wxWindow* parent, AccountsPresenter& presenter, AccountForm form)
        : FormDialog(parent, "dialog.account-password",
                     wxString::Format(_("Set the password of %s"), toWx(form.localPart)), _("&Set")),
          presenter_(presenter),
          form_(std::move(form)) {
        const auto password = this->form().row(_("New &password:"), textField({}, wxTE_PASSWORD),
                                               _("At least 8 characters. The old one stops working at once."));
        const auto again = this->form().row(_("Password &again:"), textField({}, wxTE_PASSWORD));
        password_ = static_cast<wxTextCtrl*>(password.control);
        again_ = static_cast<wxTextCtrl*>(again.control);
        addField("password", password);
        addField("passwordAgain", again);
        finish(password_);
    }

private:
    std::vector<FieldText> check() override {
        form_.password = fromWx(password_->GetValue());
        form_.passwordAgain = fromWx(again_->GetValue());
        return presenter_.checkPassword(form_);
    }
    void save(Answer answer) override { presenter_.setPassword(form_, std::move(answer)); }

    AccountsPresenter& presenter_;
    AccountForm form_;
    wxTextCtrl* password_;
    wxTextCtrl* again_;
};

/// Choose a file, see by line what is wrong with it, then import it.
class ImportDialog : public wxDialog {
public:
    ImportDialog(wxWindow* parent, AppContext& app, AccountsPresenter& presenter)
        : wxDialog(parent, wxID_ANY, _("Import accounts"), wxDefaultPosition, wxDefaultSize,
                   wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
          app_(app),
          presenter_(presenter) {
        SetName("dialog.import-accounts");
        setAccessibleDialog(this);
        auto* outer = new wxBoxSizer(wxVERTICAL);
        outer->Add(new WrapText(this,
                                _("A CSV file as spreadsheets save it. Its first line names the columns: user and "
                                  "password are needed; name, mail, department and disabled are taken too. All lines "
                                  "are imported, or none."),
                                520),
                   wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
        auto* row = new wxBoxSizer(wxHORIZONTAL);
        choose_ = iconButton(this, _("Choose a &file..."), "import");
        row->Add(choose_, wxSizerFlags().CentreVertical());
        outer->Add(row, wxSizerFlags().Border(wxLEFT | wxRIGHT, gap(this, 2)));
        summary_ = new WrapText(this, _("No file is chosen yet."), 520);
        summary_->SetFont(headFont(this));
        outer->Add(summary_, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
        list_ = new PlainList(this, "import.lines", _("Lines of the file"), {{_("Line"), 64, true}, {_("What"), 480}});
        list_->SetMinSize(FromDIP(wxSize(560, 200)));
        outer->Add(list_, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
        auto* buttons = new wxStdDialogButtonSizer();
        import_ = new wxButton(this, wxID_OK, _("&Import"));
        import_->Disable();
        buttons->AddButton(import_);
        buttons->AddButton(new wxButton(this, wxID_CANCEL, _("Close")));
        buttons->Realize();
        outer->Add(buttons, wxSizerFlags().Expand().Border(wxALL, gap(this)));
        SetSizerAndFit(outer);
        CentreOnParent();
        onPress(choose_, [this] { choose(); });
        Bind(
            wxEVT_BUTTON, [this](wxCommandEvent&) { presenter_.import(); }, wxID_OK);
        presenter_.onImport = [this] { update(); };
        choose_->SetFocus();
    }
    ~ImportDialog() override { presenter_.onImport = nullptr; }

private:
    void choose() {
        std::string text;
        if (loadText(this, app_, _("Choose a file of people"), _("CSV files (*.csv)|*.csv|All files|*"),
                     AccountsPresenter::kMostFile, text))
            presenter_.tryImport(std::move(text));
    }
    void update() {
        const auto& view = presenter_.importView();
        summary_->setText(toWx(view.summary));
        std::vector<PlainList::Row> rows;
        for (const auto& problem : view.problems) {
            rows.push_back({rows.size() + 1,
                            false,
                            {problem.line == 0 ? wxString() : toWx(countText(problem.line)), toWx(problem.text)}});
        }
        for (const auto& name : view.names)
            rows.push_back({rows.size() + 1, false, {wxString(), toWx(name)}});
        list_->setRows(std::move(rows));
        import_->Enable(view.mayImport && !view.isRunning);
        choose_->Enable(!view.isRunning);
        Layout();
    }

    AppContext& app_;
    AccountsPresenter& presenter_;
    wxButton* choose_;
    WrapText* summary_;
    PlainList* list_;
    wxButton* import_;
};

}  // namespace

AccountsDialog::AccountsDialog(wxWindow* parent, AppContext& app, std::uint64_t domain, const std::string& domainName)
    : wxDialog(parent, wxID_ANY, wxString::Format(_("Accounts of %s"), toWx(domainName)), wxDefaultPosition,
               wxDefaultSize, wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
      app_(app),
      presenter_(app.session, domain, domainName) {
    SetName("dialog.accounts");
    setAccessibleDialog(this);
    auto* outer = new wxBoxSizer(wxVERTICAL);
    auto* top = new wxBoxSizer(wxHORIZONTAL);
    state_ = new wxStaticText(this, wxID_ANY, {});
    filter_ = new FilterBox(this, "accounts.filter", _("Filter accounts"));
    top->Add(state_, wxSizerFlags(1).CentreVertical());
    top->Add(filter_, wxSizerFlags().CentreVertical());
    outer->Add(top, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    table_ = new TableView(this, "accounts.table", _("Accounts"), presenter_.table(), wxDV_ROW_LINES);
    empty_ = new EmptyState(this, "user", _("No account yet"), {});
    outer->Add(table_, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    outer->Add(empty_, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    const auto button = [&](const wxString& label, const wxString& picture, const std::function<void()>& action) {
        auto* made = iconButton(this, label, picture);
        onPress(made, action);
        row->Add(made, wxSizerFlags().Border(wxRIGHT, gap(this)));
        return made;
    };
    add_ = button(_("&Add..."), "add", [this] { edit(AccountForm{}); });
    edit_ = button(_("&Edit..."), "edit", [this] {
        if (const auto id = table_->selectedId()) edit(presenter_.formOf(*id));
    });
    password_ = button(_("Set &password..."), "certificate", [this] { setPassword(); });
    disable_ = button(_("Disa&ble"), "mute", [this] { switchDisabled(); });
    delete_ = button(_("&Delete"), "delete", [this] { removeAccount(); });
    import_ = button(_("&Import..."), "import", [this] { openImport(); });
    row->AddStretchSpacer();
    row->Add(new wxButton(this, wxID_CLOSE));
    outer->Add(row, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
    SetEscapeId(wxID_CLOSE);
    SetSizer(outer);
    SetMinSize(FromDIP(wxSize(720, 420)));
    SetSize(FromDIP(wxSize(880, 560)));
    CentreOnParent();

    filter_->onFilter = [this](const std::string& text) {
        presenter_.table().setFilter(text);
        update();
    };
    filter_->onArrowDown = [this] { table_->SetFocus(); };
    table_->onSelectionChanged = [this] { update(); };
    table_->onActivated = [this](std::uint64_t id) {
        if (presenter_.isEditable()) edit(presenter_.formOf(id));
    };
    table_->onCountChanged = [this] { update(); };
    presenter_.onChanged = [this] { update(); };
    presenter_.load();
    filter_->SetFocus();
}

AccountsDialog::~AccountsDialog() {
    presenter_.onChanged = nullptr;
    // The table of the presenter goes before the window that shows it.
    table_->Destroy();
}

void AccountsDialog::update() {
    const wxString state = toWx(presenter_.stateText());
    if (state_->GetLabelText() != state) state_->SetLabel(escapedLabel(state));
    const bool isEmpty = presenter_.table().rowCount() == 0;
    if (isEmpty) {
        empty_->set(presenter_.isLoading()                ? _("Loading ...")
                    : presenter_.problem()                ? _("The accounts could not be read")
                    : presenter_.table().totalCount() > 0 ? _("No account to show")
                                                          : _("No account yet"),
                    toWx(presenter_.emptyText()));
    }
    if (empty_->IsShown() != isEmpty || table_->IsShown() == isEmpty) {
        empty_->Show(isEmpty);
        table_->Show(!isEmpty);
        Layout();
    }
    const bool mayEdit = presenter_.isEditable();
    const auto id = table_->selectedId();
    add_->Enable(mayEdit);
    import_->Enable(mayEdit);
    for (auto* each : {edit_, password_, disable_, delete_})
        each->Enable(mayEdit && id);
    const bool isDisabled = id && presenter_.formOf(*id).isDisabled;
    const wxString label = isDisabled ? _("Ena&ble") : _("Disa&ble");
    if (disable_->GetLabel() != label) {
        disable_->SetLabel(label);
        Layout();
    }
}

void AccountsDialog::edit(const AccountForm& form) {
    AccountDialog dialog(this, presenter_, form);
    const bool isSaved = dialog.ShowModal() == wxID_OK;
    if (isSaved && !presenter_.warnings().empty()) {
        wxString text;
        for (const auto& warning : presenter_.warnings())
            text << (text.empty() ? "" : "\n") << toWx(warning);
        wxMessageDialog note(this, _("The account was added, but look at this"), _("Add an account"),
                             wxOK | wxICON_WARNING);
        note.SetExtendedMessage(text);
        note.ShowModal();
    }
    table_->SetFocus();
}

void AccountsDialog::setPassword() {
    const auto id = table_->selectedId();
    if (!id) return;
    PasswordDialog dialog(this, presenter_, presenter_.formOf(*id));
    if (dialog.ShowModal() == wxID_OK) app_.say(_("The password was set."));
}

void AccountsDialog::switchDisabled() {
    const auto id = table_->selectedId();
    if (!id) return;
    presenter_.setDisabled(*id, !presenter_.formOf(*id).isDisabled,
                           [alive = life_.token(), this](const Result<void>& result) {
                               if (!alive.expired() && !result) app_.tell(result.error());
                           });
}

void AccountsDialog::removeAccount() {
    const auto id = table_->selectedId();
    if (!id) return;
    const auto form = presenter_.formOf(*id);
    wxMessageDialog question(this,
                             wxString::Format(_("Delete %s@%s?"), toWx(form.localPart), toWx(presenter_.domainName())),
                             _("Delete an account"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(
        _("This person cannot log in any more. To keep somebody out for a while, choose Disable instead."));
    question.SetYesNoLabels(_("Delete"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.remove(*id, [alive = life_.token(), this](const Result<void>& result) {
        if (!alive.expired() && !result) app_.tell(result.error());
    });
}

void AccountsDialog::openImport() {
    ImportDialog dialog(this, app_, presenter_);
    dialog.ShowModal();
}

}  // namespace causeway::console
