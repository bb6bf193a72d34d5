#include "console/views/providers_page.h"

#include <wx/button.h>
#include <wx/dialog.h>
#include <wx/menu.h>
#include <wx/msgdlg.h>
#include <wx/textctrl.h>

#include "console/presenters/text_format.h"
#include "console/presenters/words.h"
#include "console/views/plain_list.h"
#include "console/views/provider_dialog.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"
#include "shared/base/cursor.h"

namespace causeway::console {

namespace {

/// People of the directory behind a provider, as it tells them.
class PeopleDialog : public wxDialog {
public:
    PeopleDialog(wxWindow* parent, ProvidersPresenter& presenter, std::uint64_t id)
        : wxDialog(parent, wxID_ANY, wxString::Format(_("People of %s"), toWx(presenter.nameOf(id))), wxDefaultPosition,
                   wxDefaultSize, wxDEFAULT_DIALOG_STYLE | wxRESIZE_BORDER),
          presenter_(presenter),
          id_(id) {
        SetName("dialog.people");
        setAccessibleDialog(this);
        auto* outer = new wxBoxSizer(wxVERTICAL);
        auto* top = new wxBoxSizer(wxHORIZONTAL);
        state_ = new WrapText(this, {}, 400);
        filter_ = new FilterBox(this, "people.filter", _("Find people"));
        top->Add(state_, wxSizerFlags(1).CentreVertical());
        top->Add(filter_, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
        outer->Add(top, wxSizerFlags().Expand().Border(wxALL, gap(this, 2)));
        list_ = new PlainList(this, "people.list", _("People"),
                              {{_("Login name"), 130},
                               {_("Shown as"), 170},
                               {_("Mail"), 180},
                               {_("Department"), 120},
                               {_("State"), 90},
                               {_("Found at"), 300}});
        outer->Add(list_, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
        outer->Add(CreateSeparatedButtonSizer(wxCLOSE), wxSizerFlags().Expand().Border(wxALL, gap(this)));
        SetEscapeId(wxID_CLOSE);
        SetSizer(outer);
        SetSize(FromDIP(wxSize(840, 480)));
        CentreOnParent();
        filter_->onFilter = [this](const std::string& text) { ask(text); };
        filter_->onArrowDown = [this] { list_->SetFocus(); };
        ask({});
        filter_->SetFocus();
    }

private:
    void ask(const std::string& filter) {
        const auto run = ++run_;
        state_->setText(_("Asking the directory ..."));
        presenter_.people(id_, filter, [alive = life_.token(), this, run](const Result<api::PeopleList>& answer) {
            if (alive.expired() || run != run_) return;
            std::vector<PlainList::Row> rows;
            if (answer) {
                for (const auto& person : answer->items) {
                    rows.push_back(
                        {rows.size() + 1,
                         false,
                         {toWx(person.localPart), toWx(person.displayName), toWx(person.mail), toWx(person.department),
                          person.isDisabled ? _("Disabled") : wxString(), toWx(person.reference)}});
                }
                wxString text = toWx(trn("%1 person", "%1 people", answer->items.size()));
                if (answer->items.empty())
                    text = _("Nobody was found. Look at the search bases and the user filter, or use fewer letters.");
                if (!answer->isComplete) text << ". " << _("There are more; type some letters to find the others.");
                state_->setText(text);
            } else {
                state_->setText(toWx(errorLines(answer.error())));
            }
            list_->setRows(std::move(rows));
            Layout();
        });
    }

    ProvidersPresenter& presenter_;
    std::uint64_t id_;
    std::uint64_t run_ = 0;
    WrapText* state_;
    FilterBox* filter_;
    PlainList* list_;
    Life life_;
};

}  // namespace

wxWindow* createProvidersPage(wxWindow* parent, AppContext& app) {
    return new ProvidersPage(parent, app);
}

ProvidersPage::ProvidersPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.providers", _("Authentication providers")),
      app_(app),
      presenter_(app.providers),
      timer_(this) {
    filter_ = new FilterBox(this, "providers.filter", _("Filter providers"));
    addToTitleRow(filter_);
    new_ = addAction(
        _("Ne&w provider..."), "add", [this] { add(); }, _("Connect a directory where passwords are checked"));
    banner_ = new Banner(this);
    content()->Add(banner_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    splitter_ = new ThinSplitter(this, "providers.splitter");
    upper_ = new wxPanel(splitter_);
    auto* column = new wxBoxSizer(wxVERTICAL);
    table_ =
        new TableView(upper_, "providers.table", _("Authentication providers"), presenter_.table(), wxDV_ROW_LINES);
    empty_ = new EmptyState(upper_, "provider", _("No provider yet"), {});
    column->Add(table_, wxSizerFlags(1).Expand());
    column->Add(empty_, wxSizerFlags(1).Expand());
    upper_->SetSizer(column);
    details_ = makeDetails(splitter_);
    splitter_->SetMinimumPaneSize(FromDIP(110));
    splitter_->SetSashGravity(1.0);
    splitter_->Initialize(upper_);
    details_->Hide();
    content()->Add(splitter_, wxSizerFlags(1).Expand());
    filter_->onFilter = [this](const std::string& text) { presenter_.table().setFilter(text); };
    filter_->onArrowDown = [this] { table_->SetFocus(); };
    table_->onSelectionChanged = [this] { selectionChanged(); };
    table_->onActivated = [this](std::uint64_t) { edit(); };
    table_->onCountChanged = [this] {
        update();
        selectWanted();
    };
    table_->onContextMenu = [this](wxMenu& menu) {
        const auto addItem = [&menu](const wxString& label, const std::function<void()>& action, bool isEnabled) {
            auto* item = menu.Append(wxID_ANY, label);
            menu.Bind(
                wxEVT_MENU, [action](wxCommandEvent&) { action(); }, item->GetId());
            item->Enable(isEnabled);
        };
        addItem(
            _("&Edit and test..."), [this] { edit(); }, presenter_.isEditable());
        addItem(
            _("&People..."), [this] { openPeople(); }, app_.session.mayOperate());
        addItem(
            _("De&lete..."), [this] { deleteProvider(); }, presenter_.isEditable());
    };
    presenter_.onChanged = [this] { update(); };
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { updateBanner(); }, timer_.GetId());
    update();
}

ProvidersPage::~ProvidersPage() {
    presenter_.onChanged = nullptr;
}

wxPanel* ProvidersPage::makeDetails(wxWindow* parent) {
    auto* panel = new wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, "providers.details");
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    name_ = new wxStaticText(panel, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    name_->SetFont(GetFont().Scaled(1.15F).Bold());
    row->Add(name_, wxSizerFlags(1).CentreVertical());
    const auto button = [&](const wxString& label, const wxString& picture, const wxString& tip,
                            const std::function<void()>& action) {
        auto* made = iconButton(panel, label, picture, tip);
        onPress(made, action);
        row->Add(made, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
        return made;
    };
    edit_ = button(_("Edit and &test..."), "edit", _("The form with its graded test"), [this] { edit(); });
    people_ =
        button(_("Peop&le..."), "users", _("People of this directory, as it tells them"), [this] { openPeople(); });
    enable_ = button(_("Disa&ble"), "mute", {}, [this] { switchEnabled(); });
    delete_ = button(_("Delete..."), "delete", {}, [this] { deleteProvider(); });
    warnings_ = new WrapText(panel, {}, 600);
    warnings_->Hide();
    theme().watch(warnings_, [this] { warnings_->SetForegroundColour(theme().colour(Theme::Ink::ErrorText)); });
    facts_ = new FactList(panel, "providers.facts", _("Facts"));
    column->Add(row, wxSizerFlags().Expand().Border(wxTOP | wxBOTTOM, gap(this)));
    column->Add(warnings_, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
    column->Add(facts_, wxSizerFlags(1).Expand());
    panel->SetSizer(column);
    return panel;
}

void ProvidersPage::shown() {
    timer_.Start(1000);
    update();
}

void ProvidersPage::hidden() {
    timer_.Stop();
}

wxWindow* ProvidersPage::firstFocus() {
    if (table_->IsShownOnScreen()) return table_;
    return new_->IsEnabled() ? static_cast<wxWindow*>(new_) : filter_;
}

void ProvidersPage::refresh() {
    presenter_.load();
}

void ProvidersPage::show(const std::string& part) {
    if (part == "new") {
        CallAfter([this] { add(); });
        return;
    }
    wanted_ = parseUnsigned(part);
    selectWanted();
}

void ProvidersPage::selectWanted() {
    if (!wanted_ || !table_->selectId(*wanted_)) return;
    wanted_.reset();
    selectionChanged();
}

void ProvidersPage::update() {
    const auto total = presenter_.table().totalCount();
    setSubtitle(total > 0 ? toWx(presenter_.stateText()) : wxString());
    const bool mayEdit = presenter_.isEditable();
    new_->Enable(mayEdit);
    const bool isEmpty = presenter_.table().rowCount() == 0;
    if (isEmpty) {
        empty_->set(presenter_.problem()     ? _("The providers could not be read")
                    : !presenter_.isLoaded() ? _("Loading ...")
                    : total == 0             ? _("No provider yet")
                                             : _("No provider to show"),
                    toWx(presenter_.emptyText()));
        if (total == 0 && mayEdit && presenter_.isLoaded() && !presenter_.problem()) {
            empty_->setButton(_("New provider..."), [this] { CallAfter([this] { add(); }); });
        } else {
            empty_->setButton({}, {});
        }
    }
    if (empty_->IsShown() != isEmpty || table_->IsShown() == isEmpty) {
        empty_->Show(isEmpty);
        table_->Show(!isEmpty);
        upper_->Layout();
    }
    if (!presenter_.selected() && splitter_->IsSplit()) splitter_->Unsplit(details_);
    updateBanner();
    updateDetails();
}

void ProvidersPage::updateBanner() {
    const auto waiting = presenter_.waiting();
    const wxString text = waiting ? toWx(waiting->text(app_.session.now())) : wxString();
    if (text == bannerText_) return;
    bannerText_ = text;
    if (!waiting) {
        banner_->hide();
        return;
    }
    const auto id = waiting->id;
    banner_->setButton(_("&Keep the change"), [this, id] { presenter_.keep(id, telling(_("The change stays."))); });
    banner_->setSecondButton(_("Undo it now"),
                             [this, id] { presenter_.undo(id, telling(_("The change was undone."))); });
    banner_->show(Banner::Kind::Warning, text);
}

void ProvidersPage::selectionChanged() {
    const auto id = table_->selectedId();
    presenter_.select(id);
    if (id.has_value() != splitter_->IsSplit()) {
        if (id) {
            splitter_->SplitHorizontally(upper_, details_, -FromDIP(228));
        } else {
            splitter_->Unsplit(details_);
        }
    }
    updateDetails();
}

void ProvidersPage::updateDetails() {
    const auto id = presenter_.selected();
    const auto* view = id ? presenter_.find(*id) : nullptr;
    if (!view || !splitter_->IsSplit()) return;
    const wxString name = escapedLabel(toWx(view->provider.name));
    if (name_->GetLabel() != name) name_->SetLabel(name);
    const wxString warnings = toWx(presenter_.warnings());
    warnings_->setText(warnings);
    if (warnings_->IsShown() == warnings.empty()) {
        warnings_->Show(!warnings.empty());
        details_->Layout();
    }
    facts_->set(presenter_.details());
    const bool mayEdit = presenter_.isEditable();
    edit_->Enable(mayEdit);
    people_->Enable(app_.session.mayOperate());
    enable_->Enable(mayEdit);
    delete_->Enable(mayEdit && view->usedBy.empty());
    const wxString tip = toWx(presenter_.lossText(*id));
    if (delete_->GetToolTipText() != tip) delete_->SetToolTip(tip);
    const wxString enable = view->provider.isEnabled ? _("Disa&ble") : _("Ena&ble");
    if (enable_->GetLabel() != enable) {
        enable_->SetLabel(enable);
        details_->Layout();
    }
}

Done ProvidersPage::telling(const wxString& said) {
    return [alive = life().token(), this, said](const Result<void>& result) {
        if (alive.expired()) return;
        if (!result) {
            app_.tell(result.error());
        } else if (!said.empty()) {
            app_.say(said);
        }
    };
}

void ProvidersPage::add() {
    if (!presenter_.isEditable()) return;
    const auto made = addProvider(wxGetTopLevelParent(this), app_);
    if (made.id == 0) return;
    wanted_ = made.id;
    selectWanted();
    table_->SetFocus();
}

void ProvidersPage::edit() {
    const auto id = presenter_.selected();
    const auto* view = id ? presenter_.find(*id) : nullptr;
    if (!view || !presenter_.isEditable()) return;
    editProvider(wxGetTopLevelParent(this), app_, *view);
    table_->SetFocus();
}

void ProvidersPage::openPeople() {
    if (!presenter_.selected()) return;
    PeopleDialog dialog(wxGetTopLevelParent(this), presenter_, *presenter_.selected());
    dialog.ShowModal();
}

void ProvidersPage::switchEnabled() {
    const auto id = presenter_.selected();
    const auto* view = id ? presenter_.find(*id) : nullptr;
    if (!view) return;
    presenter_.setEnabled(*id, !view->provider.isEnabled, telling());
}

void ProvidersPage::deleteProvider() {
    const auto id = presenter_.selected();
    const auto* view = id ? presenter_.find(*id) : nullptr;
    if (!view) return;
    wxMessageDialog question(wxGetTopLevelParent(this),
                             wxString::Format(_("Delete the provider \"%s\"?"), toWx(view->provider.name)),
                             _("Delete a provider"), wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(toWx(presenter_.lossText(*id)));
    question.SetYesNoLabels(_("Delete"), _("Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.remove(*id, telling());
}

}  // namespace causeway::console
