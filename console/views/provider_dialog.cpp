#include "console/views/provider_dialog.h"

#include <wx/button.h>
#include <wx/intl.h>
#include <wx/listbox.h>
#include <wx/msgdlg.h>
#include <wx/sizer.h>
#include <wx/statline.h>

#include "console/presenters/domains_presenter.h"
#include "console/presenters/words.h"
#include "console/views/text_tools.h"
#include "console/widgets/page_base.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr std::size_t kMostPem = 256U << 10U;

wxString helpOf(const ProviderFieldView& view) {
    wxString text = translated(view.help);
    if (!view.bounds.empty()) text << (text.empty() ? "" : " ") << toWx(view.bounds);
    return text;
}

/// What the new provider is, before its form.
class StartDialog : public wxDialog {
public:
    explicit StartDialog(wxWindow* parent)
        : wxDialog(parent, wxID_ANY, _("New provider"), wxDefaultPosition, wxDefaultSize,
                   wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
          starts_(providerStarts()) {
        SetName("dialog.new-provider");
        setAccessibleDialog(this);
        auto* outer = new wxBoxSizer(wxVERTICAL);
        outer->Add(new wxStaticText(this, wxID_ANY, _("&Where are the passwords checked?")),
                   wxSizerFlags().Border(wxLEFT | wxRIGHT | wxTOP, gap(this, 2)));
        list_ = new wxListBox(this, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(400, 232)));
        for (const auto& start : starts_)
            list_->Append(toWx(start.label));
        list_->SetSelection(0);
        setAccessibleName(list_, _("Where are the passwords checked?"));
        outer->Add(list_, wxSizerFlags(1).Expand().Border(wxALL, gap(this, 2)));
        sentence_ = new WrapText(this, toWx(starts_.front().sentence), 400);
        outer->Add(sentence_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
        auto* buttons = new wxStdDialogButtonSizer();
        auto* next = new wxButton(this, wxID_OK, _("&Next"));
        next->SetDefault();
        buttons->AddButton(next);
        buttons->AddButton(new wxButton(this, wxID_CANCEL));
        buttons->Realize();
        outer->Add(buttons, wxSizerFlags().Expand().Border(wxALL, gap(this)));
        SetSizerAndFit(outer);
        CentreOnParent();
        list_->Bind(wxEVT_LISTBOX, [this](wxCommandEvent&) { sentence_->setText(toWx(chosen().sentence)); });
        list_->Bind(wxEVT_LISTBOX_DCLICK, [this](wxCommandEvent&) { EndModal(wxID_OK); });
        list_->SetFocus();
    }
    const ProviderStart& chosen() const {
        return starts_[static_cast<std::size_t>(std::max(0, list_->GetSelection()))];
    }

private:
    std::vector<ProviderStart> starts_;
    wxListBox* list_;
    WrapText* sentence_;
};

}  // namespace

ProviderDialog::ProviderDialog(wxWindow* parent, AppContext& app, std::unique_ptr<ProviderFormPresenter> form)
    : wxDialog(parent, wxID_ANY, form->isNew() ? _("New provider") : wxString::Format(_("Edit %s"), toWx(form->name())),
               wxDefaultPosition, wxDefaultSize, wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
      app_(app),
      form_(std::move(form)),
      timer_(this) {
    SetName("dialog.provider");
    setAccessibleDialog(this);
    auto* outer = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    row->Add(makeForm(this), wxSizerFlags(1).Expand());
    row->Add(new wxStaticLine(this, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxLI_VERTICAL),
             wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT, gap(this)));
    row->Add(makeTest(this), wxSizerFlags(1).Expand());
    outer->Add(row, wxSizerFlags(1).Expand().Border(wxALL, gap(this, 2)));
    general_ = new WrapText(this, {}, 700);
    general_->Hide();
    theme().watch(general_, [this] { general_->SetForegroundColour(theme().colour(Theme::Ink::ErrorText)); });
    outer->Add(general_, wxSizerFlags().Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    auto* buttons = new wxStdDialogButtonSizer();
    save_ = new wxButton(this, wxID_OK, _("&Save"));
    buttons->AddButton(save_);
    buttons->AddButton(new wxButton(this, wxID_CANCEL));
    buttons->Realize();
    outer->Add(buttons, wxSizerFlags().Expand().Border(wxALL, gap(this)));
    SetSizer(outer);
    SetMinSize(FromDIP(wxSize(820, 480)));
    SetSize(FromDIP(wxSize(980, 640)));
    CentreOnParent();
    Bind(
        wxEVT_BUTTON, [this](wxCommandEvent&) { trySave(); }, wxID_OK);
    Bind(
        wxEVT_BUTTON, [this](wxCommandEvent&) { tryClose(); }, wxID_CANCEL);
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { form_->tick(); }, timer_.GetId());
    form_->onFields = [this] { updateFields(); };
    form_->onTest = [this] { updateTest(); };
    updateFields();
    updateTest();
    timer_.Start(100);
    name_->SetFocus();
}

ProviderDialog::~ProviderDialog() {
    form_->onFields = nullptr;
    form_->onTest = nullptr;
}

wxWindow* ProviderDialog::makeForm(wxWindow* parent) {
    scrolled_ = new wxScrolledWindow(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxVSCROLL | wxTAB_TRAVERSAL);
    scrolled_->SetScrollRate(0, gap(this));
    scrolled_->SetName("provider.form");
    setAccessibleName(scrolled_, _("Settings of the provider"));
    FormGrid grid(scrolled_);
    nameField_ = grid.row(
        _("&Name:"),
        [this](wxWindow* parentOfField) -> wxWindow* {
            return name_ = new wxTextCtrl(parentOfField, wxID_ANY, toWx(form_->name()));
        },
        toWx(explanationOf(form_->kind())));
    name_->Bind(wxEVT_TEXT, [this](wxCommandEvent&) { form_->setName(fromWx(name_->GetValue())); });
    grid.plain([this](wxWindow* parentOfField) -> wxWindow* {
        enabled_ = new wxCheckBox(parentOfField, wxID_ANY, _("&Enabled"));
        enabled_->SetValue(form_->isEnabled());
        return enabled_;
    });
    enabled_->Bind(wxEVT_CHECKBOX, [this](wxCommandEvent& event) { form_->setEnabled(event.IsChecked()); });
    // Fields of one group stand together, in the order in which the groups come first.
    std::vector<std::string> groups;
    for (const auto& field : form_->fields()) {
        if (std::find(groups.begin(), groups.end(), field.group) == groups.end()) groups.push_back(field.group);
    }
    for (const auto& group : groups) {
        if (!group.empty()) heads_[group] = grid.head(translated(group));
        for (const auto& field : form_->fields()) {
            if (field.group == group) addRow(grid, field);
        }
    }
    auto* outer = new wxBoxSizer(wxVERTICAL);
    outer->Add(grid.sizer(), wxSizerFlags().Expand().Border(wxRIGHT, gap(this)));
    scrolled_->SetSizer(outer);
    scrolled_->FitInside();
    return scrolled_;
}

void ProviderDialog::addRow(FormGrid& grid, const ProviderFieldView& view) {
    auto owned = std::make_unique<Row>();
    Row& row = *owned;
    row.key = view.key;
    row.type = view.type;
    const auto key = view.key;
    const wxString label = translated(view.label);
    wxWindow* input = nullptr;
    const auto makeText = [&](wxWindow* parent, long style, const wxSize& size) {
        row.text = new wxTextCtrl(parent, wxID_ANY, toWx(view.value), wxDefaultPosition, size, style);
        row.text->Bind(wxEVT_TEXT,
                       [this, key, text = row.text](wxCommandEvent&) { form_->set(key, fromWx(text->GetValue())); });
        return input = row.text;
    };
    const auto make = [&](wxWindow* parent) -> wxWindow* {
        switch (view.type) {
            case FieldType::Flag:
                row.box = new wxCheckBox(parent, wxID_ANY, escapedLabel(label));
                row.box->SetValue(view.value == "true");
                row.box->Bind(wxEVT_CHECKBOX, [this, key](wxCommandEvent& event) {
                    form_->set(key, event.IsChecked() ? "true" : "false");
                });
                return input = row.box;
            case FieldType::Choice: {
                row.choice = new wxChoice(parent, wxID_ANY);
                leaveWheelToForm(row.choice);
                std::vector<std::string> words;
                for (const auto& [word, text] : view.choices) {
                    row.choice->Append(toWx(text));
                    if (word == view.value) row.choice->SetSelection(static_cast<int>(words.size()));
                    words.push_back(word);
                }
                row.choice->Bind(wxEVT_CHOICE, [this, key, words](wxCommandEvent& event) {
                    const int at = event.GetSelection();
                    if (at >= 0 && static_cast<std::size_t>(at) < words.size())
                        form_->set(key, words[static_cast<std::size_t>(at)]);
                });
                return input = row.choice;
            }
            case FieldType::Secret:
                return makeSecret(parent, row, view);
            case FieldType::Pem: {
                auto* panel = new wxPanel(parent);
                auto* line = new wxBoxSizer(wxHORIZONTAL);
                line->Add(makeText(panel, wxTE_MULTILINE | wxTE_DONTWRAP, FromDIP(wxSize(-1, 60))),
                          wxSizerFlags(1).Expand());
                auto* load = iconButton(panel, {}, "import", wxString::Format(_("Load from a file: %s"), label));
                onPress(load, [this, text = row.text] {
                    std::string content;
                    if (loadText(this, app_, _("Choose a certificate"),
                                 _("Certificates (*.pem;*.crt;*.cer)|*.pem;*.crt;*.cer|All files|*"), kMostPem,
                                 content))
                        text->SetValue(toWx(content));
                });
                line->Add(load, wxSizerFlags().Border(wxLEFT, halfGap(this)));
                panel->SetSizer(line);
                return panel;
            }
            case FieldType::Lines:
                return makeText(parent, wxTE_MULTILINE | wxTE_DONTWRAP, FromDIP(wxSize(-1, 60)));
            case FieldType::Query:
            case FieldType::Template:
                return makeText(parent, wxTE_MULTILINE | wxTE_BESTWRAP, FromDIP(wxSize(-1, 52)));
            case FieldType::Number:
            case FieldType::Seconds: {
                auto* text = makeText(parent, 0, wxDefaultSize);
                text->SetInitialSize(row.text->GetSizeFromTextSize(row.text->GetTextExtent(wxString('0', 10)).x));
                return text;
            }
            case FieldType::Text:
            case FieldType::Filter:
                break;
        }
        return makeText(parent, 0, wxDefaultSize);
    };
    const bool isShort =
        view.type == FieldType::Choice || view.type == FieldType::Number || view.type == FieldType::Seconds;
    row.field = view.type == FieldType::Flag ? grid.plain(make, helpOf(view))
                                             : grid.row(escapedLabel(label) + ":", make, helpOf(view),
                                                        isShort ? FormGrid::Fit::Own : FormGrid::Fit::Stretch);
    if (input) {
        setAccessibleName(input, label);
        setAccessibleDescription(input, helpOf(view));
    }
    rows_.push_back(std::move(owned));
}

wxWindow* ProviderDialog::makeSecret(wxWindow* parent, Row& row, const ProviderFieldView& view) {
    auto* panel = new wxPanel(parent);
    auto* line = new wxBoxSizer(wxHORIZONTAL);
    const wxString label = translated(view.label);
    const auto key = view.key;
    row.secretState = new wxStaticText(panel, wxID_ANY, _("Set, not shown"));
    row.text = new wxTextCtrl(panel, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxTE_PASSWORD);
    setAccessibleName(row.text, label);
    row.change = new wxButton(panel, wxID_ANY, _("Change"));
    row.clear = new wxButton(panel, wxID_ANY, _("Clear"));
    setAccessibleName(row.change, wxString::Format(_("Change: %s"), label));
    setAccessibleName(row.clear, wxString::Format(_("Clear: %s"), label));
    line->Add(row.secretState, wxSizerFlags().CentreVertical());
    line->Add(row.text, wxSizerFlags(1).CentreVertical());
    line->Add(row.change, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    line->Add(row.clear, wxSizerFlags().CentreVertical().Border(wxLEFT, halfGap(this)));
    panel->SetSizer(line);
    row.text->Bind(wxEVT_TEXT,
                   [this, key, text = row.text](wxCommandEvent&) { form_->setSecret(key, fromWx(text->GetValue())); });
    Row* self = &row;
    onPress(row.change, [self] {
        self->secretState->Hide();
        self->change->Hide();
        self->text->Show();
        self->text->GetParent()->Layout();
        self->text->SetFocus();
    });
    onPress(row.clear, [this, self, key] {
        const auto* field = form_->field(key);
        if (field && field->plan == SecretPlan::Clear) {
            form_->keepSecret(key);
        } else {
            self->text->ChangeValue({});
            form_->clearSecret(key);
        }
    });
    // Where one is stored, the field opens only on Change.
    if (view.isSecretSet) row.text->Hide();
    updateSecret(row, view);
    return panel;
}

void ProviderDialog::updateSecret(Row& row, const ProviderFieldView& view) {
    const bool isCleared = view.plan == SecretPlan::Clear;
    const bool isOpen = row.text->IsShown();
    const wxString state = isCleared ? _("Will be cleared") : _("Set, not shown");
    if (row.secretState->GetLabel() != state) row.secretState->SetLabel(state);
    const wxString clear = isCleared ? _("Keep") : _("Clear");
    if (row.clear->GetLabel() != clear) row.clear->SetLabel(clear);
    if (isCleared && isOpen) row.text->Hide();
    row.secretState->Show(view.isSecretSet && (isCleared || !isOpen));
    row.change->Show(view.isSecretSet && (isCleared || !isOpen));
    row.clear->Show(view.isSecretSet);
    row.text->GetParent()->Layout();
}

wxWindow* ProviderDialog::makeTest(wxWindow* parent) {
    auto* panel = new wxPanel(parent);
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* head = new wxStaticText(panel, wxID_ANY, _("Graded test"));
    head->SetFont(headFont(panel));
    column->Add(head);
    auto* grid = new wxFlexGridSizer(2, halfGap(this), gap(this));
    grid->AddGrowableCol(1);
    const auto label = [&](const wxString& text) {
        grid->Add(new wxStaticText(panel, wxID_ANY, text), wxSizerFlags().CentreVertical().Right());
    };
    label(_("Log in as na&me:"));
    rehearsalName_ = new wxTextCtrl(panel, wxID_ANY);
    setAccessibleName(rehearsalName_, _("Log in as name"));
    grid->Add(rehearsalName_, wxSizerFlags(1).Expand());
    label(_("&Password:"));
    rehearsalPassword_ = new wxTextCtrl(panel, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxTE_PASSWORD);
    setAccessibleName(rehearsalPassword_, _("Password of this person"));
    grid->Add(rehearsalPassword_, wxSizerFlags(1).Expand());
    const auto ids = app_.domains.idsByName();
    if (ids.size() > 1) {
        label(_("In the &domain:"));
        rehearsalDomain_ = new wxChoice(panel, wxID_ANY);
        rehearsalDomain_->Append(_("the first that asks it"));
        domains_.emplace_back();
        for (const auto id : ids) {
            const auto* row = app_.domains.find(id);
            if (!row) continue;
            rehearsalDomain_->Append(toWx(row->domain.shown));
            domains_.push_back(row->domain.name);
        }
        rehearsalDomain_->SetSelection(0);
        setAccessibleName(rehearsalDomain_, _("In the domain"));
        grid->Add(rehearsalDomain_, wxSizerFlags(1).Expand());
    }
    column->Add(grid, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    auto* line = new wxBoxSizer(wxHORIZONTAL);
    test_ = iconButton(panel, _("&Run test"), "start", _("Nothing is saved by the test"));
    testMark_ = new StatusMark(panel, Mark::Unknown, {});
    line->Add(test_, wxSizerFlags().CentreVertical());
    line->Add(testMark_, wxSizerFlags(1).CentreVertical().Border(wxLEFT, gap(this)));
    column->Add(line, wxSizerFlags().Expand().Border(wxTOP, gap(this)));
    testText_ = new WrapText(panel, {}, 360);
    column->Add(testText_, wxSizerFlags().Expand().Border(wxTOP, halfGap(this)));
    proof_ = new ProofView(panel, "provider.test", _("Steps of the test"));
    column->Add(proof_, wxSizerFlags(1).Expand().Border(wxTOP, gap(this)));
    panel->SetSizer(column);
    onPress(test_, [this] {
        if (form_->isTesting()) {
            form_->stopTest();
        } else {
            runTest();
        }
    });
    return panel;
}

void ProviderDialog::updateFields() {
    bool needsLayout = false;
    std::map<std::string, bool> used;
    for (auto& row : rows_) {
        const auto* view = form_->field(row->key);
        if (!view) continue;
        used[view->group] = used[view->group] || view->isUsed;
        if (row->isShown != view->isUsed) {
            row->isShown = view->isUsed;
            row->field.show(view->isUsed);
            needsLayout = true;
        }
        if (row->type == FieldType::Secret && view->isUsed) updateSecret(*row, *view);
        const wxString problem = toWx(!view->problem.empty() ? view->problem : view->warning);
        if (!view->isUsed || problem == row->shownProblem) continue;
        row->shownProblem = problem;
        WrapText* error = row->field.error;
        const auto ink = view->problem.empty() ? Theme::Ink::Partly : Theme::Ink::ErrorText;
        error->SetForegroundColour(theme().colour(ink));
        // A warning is told as one in words, too, not by its colour alone.
        row->field.setError(view->problem.empty() && !problem.empty() ? wxString::Format(_("Warning: %s"), problem)
                                                                      : problem);
        if (row->text) setAccessibleDescription(row->text, problem.empty() ? helpOf(*view) : problem);
        needsLayout = true;
    }
    for (const auto& [group, head] : heads_) {
        if (head->IsShown() == used[group]) continue;
        head->Show(used[group]);
        needsLayout = true;
    }
    if (const wxString problem = toWx(form_->nameProblem()); problem != nameProblem_) {
        nameProblem_ = problem;
        nameField_.setError(problem);
        needsLayout = true;
    }
    if (!needsLayout) return;
    scrolled_->Layout();
    scrolled_->FitInside();
}

void ProviderDialog::updateTest() {
    const auto line = form_->testLine();
    const wxString label = form_->isTesting() ? _("Stop the test") : _("&Run test");
    if (test_->GetLabel() != label) test_->SetLabel(label);
    wxString word = wordOf(line.mark);
    if (form_->isTesting())
        word = _("Running");
    else if (line.mark == Mark::Unknown)
        word = form_->proof() ? _("Old or not complete") : _("Not tested");
    testMark_->set(line.mark, word);
    testText_->setText(toWx(line.text));
    if (const auto* proof = form_->proof()) {
        proof_->setProof(*proof);
    } else {
        proof_->setHint(form_->isTesting() ? _("The steps appear as soon as the test is done.")
                                           : _("The steps of the test appear here: address, connection, encryption, "
                                               "service account, users, groups, login."));
    }
    test_->GetParent()->Layout();
}

void ProviderDialog::runTest() {
    const int at = rehearsalDomain_ ? rehearsalDomain_->GetSelection() : 0;
    const std::string domain =
        at > 0 && static_cast<std::size_t>(at) < domains_.size() ? domains_[static_cast<std::size_t>(at)] : "";
    form_->setRehearsal(fromWx(rehearsalName_->GetValue()), fromWx(rehearsalPassword_->GetValue()), domain);
    form_->runTest();
}

void ProviderDialog::trySave() {
    save_->Disable();
    form_->save([alive = life_.token(), this](const Result<ProviderView>& result) {
        if (alive.expired()) return;
        save_->Enable();
        if (result) {
            savedId_ = result->provider.id;
            EndModal(wxID_OK);
            return;
        }
        general_->setText(toWx(errorLines(result.error())));
        general_->Show();
        Layout();
        focusProblem();
    });
}

void ProviderDialog::focusProblem() {
    if (!nameProblem_.empty()) {
        name_->SetFocus();
        return;
    }
    for (const auto& row : rows_) {
        const auto* view = form_->field(row->key);
        if (!view || !view->isUsed || view->problem.empty()) continue;
        wxWindow* input = row->text && row->text->IsShown()       ? static_cast<wxWindow*>(row->text)
                          : row->choice                           ? static_cast<wxWindow*>(row->choice)
                          : row->change && row->change->IsShown() ? static_cast<wxWindow*>(row->change)
                                                                  : static_cast<wxWindow*>(row->box);
        if (input) input->SetFocus();
        return;
    }
}

void ProviderDialog::tryClose() {
    if (form_->isChanged()) {
        wxMessageDialog question(this, _("Close without saving?"), _("Provider"),
                                 wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
        question.SetExtendedMessage(_("What you typed is lost."));
        question.SetYesNoLabels(_("Close"), _("Go on editing"));
        if (question.ShowModal() != wxID_YES) return;
    }
    EndModal(wxID_CANCEL);
}

SavedProvider ProviderDialog::saved() const {
    SavedProvider out{savedId_, {}};
    if (savedId_ != 0 && form_->isTestFine()) out.tested = *form_->proof();
    return out;
}

SavedProvider addProvider(wxWindow* parent, AppContext& app) {
    auto form = std::make_unique<ProviderFormPresenter>(app.session, app.providers);
    {
        StartDialog start(parent);
        if (start.ShowModal() != wxID_OK) return {};
        form->begin(start.chosen());
    }
    ProviderDialog dialog(parent, app, std::move(form));
    dialog.ShowModal();
    return dialog.saved();
}

SavedProvider editProvider(wxWindow* parent, AppContext& app, const ProviderView& view) {
    auto form = std::make_unique<ProviderFormPresenter>(app.session, app.providers);
    form->edit(view);
    ProviderDialog dialog(parent, app, std::move(form));
    dialog.ShowModal();
    return dialog.saved();
}

}  // namespace causeway::console
