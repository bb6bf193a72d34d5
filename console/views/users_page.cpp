#include "console/views/users_page.h"

#include <wx/clipbrd.h>
#include <wx/config.h>
#include <wx/ffile.h>
#include <wx/filedlg.h>
#include <wx/menu.h>
#include <wx/msgdlg.h>

#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

namespace {

constexpr std::array kScopes{api::UserScope::All, api::UserScope::Local, api::UserScope::External,
                             api::UserScope::Unstable};

}  // namespace

wxWindow* createUsersPage(wxWindow* parent, AppContext& app) {
    return new UsersPage(parent, app);
}

UsersPage::UsersPage(wxWindow* parent, AppContext& app)
    : PageBase(parent, "page.users", _("Users")), app_(app), presenter_(app.users) {
    auto* label = new wxStaticText(this, wxID_ANY, _("Vie&wpoint:"));
    addToTitleRow(label);
    viewpoint_ = new wxChoice(this, wxID_ANY, wxDefaultPosition, FromDIP(wxSize(220, -1)), {}, 0, wxDefaultValidator,
                              "users.viewpoint");
    viewpoint_->SetToolTip(_("From whose segment users are local or external"));
    setAccessibleName(viewpoint_, _("Viewpoint"));
    addToTitleRow(viewpoint_);
    makeBar();

    splitter_ = new ThinSplitter(this, "users.splitter");
    upper_ = new wxPanel(splitter_);
    auto* upperSizer = new wxBoxSizer(wxVERTICAL);
    table_ = new TableView(upper_, "users.table", _("Users"), presenter_.table());
    empty_ = new EmptyState(upper_, "users", _("No users"), {});
    upperSizer->Add(table_, wxSizerFlags(1).Expand());
    upperSizer->Add(empty_, wxSizerFlags(1).Expand());
    upper_->SetSizer(upperSizer);
    details_ = new DetailPane(splitter_, "users.details");
    splitter_->SetMinimumPaneSize(FromDIP(120));
    splitter_->SetSashGravity(1.0);
    splitter_->Initialize(upper_);
    details_->Hide();
    if (auto* config = wxConfigBase::Get(false)) sash_ = static_cast<int>(config->ReadLong("/users/detailHeight", 264));
    content()->Add(splitter_, wxSizerFlags(1).Expand());

    details_->addAction(
        _("&Trace"), "trace",
        [this] {
            if (const auto id = presenter_.selected()) app_.go("trace/to/" + std::to_string(*id));
        },
        _("Find out why somebody does not see him: opens Packet trace with him as To"));
    probe_ = details_->addAction(
        _("P&robe"), "probe", [this] { probe(); }, _("Ask his address now whether he is there"));
    details_->addAction(
        _("&Copy"), "copy",
        [this] {
            wxClipboardLocker lock;
            if (!!lock) wxTheClipboard->SetData(new wxTextDataObject(details_->asText()));
            app_.say(_("Copied the facts."));
        },
        _("Copy all facts as text"));
    details_->onHistoryShown = [this] {
        presenter_.loadHistory();
        updateDetails();
    };
    details_->onClose = [this] {
        table_->clearSelection();
        table_->SetFocus();
    };

    table_->onSelectionChanged = [this] { selectionChanged(); };
    table_->onActivated = [this](std::uint64_t) { openDetails(true); };
    table_->onContextMenu = [this](wxMenu& menu) { fillMenu(menu); };
    table_->onCountChanged = [this] {
        updateEmpty();
        setSubtitle(toWx(presenter_.stateText()));
        selectWanted();
    };
    viewpoint_->Bind(wxEVT_CHOICE, [this](wxCommandEvent& event) {
        presenter_.chooseViewpoint(static_cast<std::size_t>(std::max(0, event.GetSelection())));
    });
    presenter_.onChanged = [this] { update(); };
    presenter_.onDetails = [this] { updateDetails(); };
    presenter_.onViewpoints = [this] { updateViewpoints(); };
    presenter_.table().onWorking = [this] { setSubtitle(toWx(presenter_.stateText())); };
    updateViewpoints();
    update();
    updateEmpty();
}

UsersPage::~UsersPage() {
    if (auto* config = wxConfigBase::Get(false)) config->Write("/users/detailHeight", static_cast<long>(sash_));
    presenter_.onChanged = nullptr;
    presenter_.onDetails = nullptr;
    presenter_.onViewpoints = nullptr;
    presenter_.table().onWorking = nullptr;
}

void UsersPage::makeBar() {
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    for (std::size_t at = 0; at < kScopes.size(); ++at) {
        auto* button = new wxToggleButton(this, wxID_ANY, toWx(presenter_.scopeText(kScopes[at])));
        button->Bind(wxEVT_TOGGLEBUTTON, [this, at](wxCommandEvent&) {
            presenter_.setScope(kScopes[at]);
            update();
        });
        scopes_[at] = button;
        row->Add(button, wxSizerFlags().CentreVertical().Border(wxRIGHT, halfGap(this)));
    }
    row->AddStretchSpacer();
    filter_ = new FilterBox(this, "users.filter", _("Filter users"));
    filter_->onFilter = [this](const std::string& text) {
        presenter_.setFilter(text);
        updateEmpty();
    };
    filter_->onArrowDown = [this] { table_->SetFocus(); };
    row->Add(filter_, wxSizerFlags().CentreVertical());
    auto* save = iconButton(this, {}, "export", _("Save the shown users as a CSV file"));
    save->Bind(wxEVT_BUTTON, [this](wxCommandEvent&) { exportCsv(); });
    row->Add(save, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this)));
    content()->Add(row, wxSizerFlags().Expand().Border(wxBOTTOM, gap(this)));
}

void UsersPage::shown() {
    update();
}

wxWindow* UsersPage::firstFocus() {
    return filter_;
}

void UsersPage::refresh() {
    presenter_.reload();
}

void UsersPage::show(const std::string& part) {
    for (std::size_t at = 0; at < kScopes.size(); ++at) {
        if (part == api::wordOf(kScopes[at])) {
            presenter_.setScope(kScopes[at]);
            update();
            return;
        }
    }
    UserId id = 0;
    for (const char digit : part) {
        if (digit < '0' || digit > '9') return;
        id = id * 10 + static_cast<UserId>(digit - '0');
    }
    wanted_ = id;
    if (presenter_.user(id) && !presenter_.table().rowOf(id)) {
        // Hidden by the filter or the tab: what the user asked for comes first.
        filter_->empty();
        presenter_.setScope(api::UserScope::All);
        update();
    }
    selectWanted();
}

void UsersPage::selectWanted() {
    if (!wanted_ || !table_->selectId(*wanted_)) return;
    wanted_.reset();
    table_->SetFocus();
}

void UsersPage::update() {
    setSubtitle(toWx(presenter_.stateText()));
    bool isWider = false;
    for (std::size_t at = 0; at < kScopes.size(); ++at) {
        scopes_[at]->SetValue(presenter_.scope() == kScopes[at]);
        const wxString text = toWx(presenter_.scopeText(kScopes[at]));
        if (scopes_[at]->GetLabel() == text) continue;
        scopes_[at]->SetLabel(text);
        setAccessibleName(scopes_[at], text);
        isWider = true;
    }
    if (isWider) content()->Layout();
    updateEmpty();
    updateDetails();
    selectWanted();
}

void UsersPage::updateEmpty() {
    const bool isEmpty = presenter_.table().rowCount() == 0;
    if (isEmpty) {
        const bool isLoading = presenter_.isLoading();
        empty_->set(isLoading ? _("Loading users") : _("No users to show"), toWx(presenter_.emptyText()));
        const bool offersSearch = !isLoading && presenter_.counts().all == 0 && app_.session.hasService();
        empty_->setButton(offersSearch ? _("External user search") : wxString(), [this] { app_.go("search"); });
    }
    if (empty_->IsShown() == isEmpty && table_->IsShown() != isEmpty) return;
    empty_->Show(isEmpty);
    table_->Show(!isEmpty);
    upper_->Layout();
}

void UsersPage::updateViewpoints() {
    wxArrayString names;
    for (const Viewpoint& each : presenter_.viewpoints())
        names.Add(toWx(each.label));
    if (viewpoint_->GetStrings() != names) viewpoint_->Set(names);
    if (presenter_.viewpoint() < names.size()) viewpoint_->SetSelection(static_cast<int>(presenter_.viewpoint()));
}

void UsersPage::selectionChanged() {
    const auto id = table_->selectedId();
    presenter_.select(id);
    openDetails(id.has_value());
    updateDetails();
}

void UsersPage::openDetails(bool isOpen) {
    if (isOpen == splitter_->IsSplit()) return;
    if (isOpen) {
        const int height = FromDIP(std::clamp(sash_, 140, 600));
        splitter_->SplitHorizontally(upper_, details_, -height);
        // The row that was clicked must not vanish behind the pane that opens.
        if (const auto id = table_->selectedId()) {
            CallAfter([this, id] {
                if (const auto row = presenter_.table().rowOf(*id); row && table_->selectedId() == id) {
                    table_->EnsureVisible(table_->GetSelection());
                }
            });
        }
    } else {
        sash_ = ToDIP(splitter_->GetClientSize().y - splitter_->GetSashPosition());
        splitter_->Unsplit(details_);
    }
}

void UsersPage::updateDetails() {
    if (!splitter_->IsSplit()) return;
    if (details_->isHistoryShown()) presenter_.loadHistory();
    details_->setTitle(toWx(presenter_.detailTitle()));
    details_->setFacts(presenter_.details());
    details_->setAddresses(presenter_.addressFacts());
    details_->setHistory(presenter_.history(),
                         presenter_.isHistoryLoading() ? _("Loading ...") : _("Nothing is recorded yet."));
    probe_->Enable(app_.session.mayOperate());
}

void UsersPage::probe() {
    const auto id = presenter_.selected();
    if (!id) return;
    presenter_.probe(*id, [alive = life().token(), this](const Result<void>& result) {
        if (alive.expired()) return;
        if (result) {
            app_.say(_("Asked. The answer appears in the row."));
        } else {
            app_.tell(result.error());
        }
    });
}

void UsersPage::ignore() {
    const auto id = presenter_.selected();
    const auto* row = id ? presenter_.user(*id) : nullptr;
    if (!row || !row->user.instability) return;
    const bool isIgnored = !presenter_.table().isUnstable(*row);
    presenter_.ignore(*id, isIgnored ? std::nullopt : std::optional(app_.session.now() + 24h),
                      [alive = life().token(), this](const Result<void>& result) {
                          if (!alive.expired() && !result) app_.tell(result.error());
                      });
}

void UsersPage::forget() {
    const auto id = presenter_.selected();
    const auto* row = id ? presenter_.user(*id) : nullptr;
    if (!row) return;
    wxMessageDialog question(this, wxString::Format(_("Forget %s?"), toWx(row->user.displayName())), _("Forget user"),
                             wxYES_NO | wxNO_DEFAULT | wxICON_QUESTION);
    question.SetExtendedMessage(
        _("His addresses and his history are removed. He appears again as soon as his chat "
          "program is heard."));
    question.SetYesNoLabels(_("&Forget"), _("&Keep"));
    if (question.ShowModal() != wxID_YES) return;
    presenter_.forget(*id, [alive = life().token(), this](const Result<void>& result) {
        if (!alive.expired() && !result) app_.tell(result.error());
    });
}

void UsersPage::fillMenu(wxMenu& menu) {
    const auto id = presenter_.selected();
    const auto* row = id ? presenter_.user(*id) : nullptr;
    if (!row) return;
    const auto add = [&menu](const wxString& label, const char* iconName, bool isEnabled,
                             std::function<void()> action) {
        auto* item = new wxMenuItem(&menu, wxWindow::NewControlId(), label);
        item->SetBitmap(icon(iconName, 16));
        menu.Append(item);
        item->Enable(isEnabled);
        menu.Bind(
            wxEVT_MENU, [action = std::move(action)](wxCommandEvent&) { action(); }, item->GetId());
    };
    add(_("&Probe"), "probe", app_.session.mayOperate(), [this] { probe(); });
    add(_("&Trace to him"), "trace", true, [this, id] { app_.go("trace/to/" + std::to_string(*id)); });
    add(_("Trace &from him"), "trace", true, [this, id] { app_.go("trace/from/" + std::to_string(*id)); });
    if (row->user.instability) {
        const bool isIgnored = !presenter_.table().isUnstable(*row);
        add(isIgnored ? _("Watch his &instability again") : _("&Ignore his instability for a day"), "mute",
            app_.session.mayOperate(), [this] { ignore(); });
    }
    add(_("&Forget..."), "delete", app_.session.mayChange() && row->user.presence == Presence::Gone,
        [this] { forget(); });
    const std::string address = row->user.address.text();
    add(wxString::Format(_("Copy &address %s"), toWx(address)), "copy", true, [address] {
        wxClipboardLocker lock;
        if (!!lock) wxTheClipboard->SetData(new wxTextDataObject(toWx(address)));
    });
}

void UsersPage::exportCsv() {
    wxFileDialog dialog(this, _("Save the shown users"), {}, "users.csv", _("CSV files (*.csv)|*.csv"),
                        wxFD_SAVE | wxFD_OVERWRITE_PROMPT);
    if (dialog.ShowModal() != wxID_OK) return;
    const wxString path = dialog.GetPath();
    presenter_.exportCsv([alive = life().token(), this, path](const std::string& text) {
        if (alive.expired()) return;
        wxFFile file;
        const wxLogNull quiet;
        if (file.Open(path, "wb") && file.Write(text.data(), text.size()) == text.size() && file.Close()) {
            app_.say(wxString::Format(_("Saved %s."), path));
        } else {
            app_.tell(Error{Code::Unavailable, fromWx(wxString::Format(_("%s could not be written."), path)),
                            fromWx(wxSysErrorMsgStr(wxSysErrorCode())),
                            fromWx(_("Choose another folder, or look at its permissions and free space."))});
        }
    });
}

}  // namespace causeway::console
