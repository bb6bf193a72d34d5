#include "console/views/main_frame.h"

#include <utility>

#include <wx/config.h>
#include <wx/display.h>
#include <wx/menu.h>
#include <wx/msgdlg.h>
#include <wx/persist/toplevel.h>
#include <wx/richmsgdlg.h>
#include <wx/stattext.h>
#include <wx/toolbar.h>

#include "console/presenters/connection_presenter.h"
#include "console/presenters/domains_presenter.h"
#include "console/presenters/overview_presenter.h"
#include "console/presenters/palette_presenter.h"
#include "console/presenters/text_format.h"
#include "console/presenters/unstable_presenter.h"
#include "console/presenters/users_presenter.h"
#include "console/views/about_dialog.h"
#include "console/views/bug_report_dialog.h"
#include "console/views/connect_page.h"
#include "console/views/login_dialog.h"
#include "console/views/palette_dialog.h"
#include "console/widgets/icons.h"
#include "console/widgets/strings.h"
#include "console/widgets/theme.h"

namespace causeway::console {

/// The session tells the frame; the presenters' own callbacks belong to the pages that show them.
class MainFrame::Listener : public SessionListener {
public:
    Listener(Session& session, MainFrame& frame) : session_(session), frame_(frame) { session_.add(*this); }
    ~Listener() override { session_.remove(*this); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    void connectionChanged() override { soon(); }
    void resync() override { soon(); }
    void problemsChanged(const std::vector<Problem>&) override { soon(); }
    void statusChanged(const api::ServiceStatus&) override { soon(); }
    void usersChanged(const api::UsersEvent&) override { soon(); }
    void domainsChanged(const api::DomainsEvent&) override { soon(); }
    void providersChanged(const api::ProvidersEvent&) override { soon(); }

private:
    /// Behind the presenters, which listen to the same events, and once for many of them.
    void soon() {
        if (isPending_) return;
        isPending_ = true;
        frame_.app_.executor.ui([this, alive = frame_.life_.token()] {
            if (alive.expired()) return;
            isPending_ = false;
            frame_.update();
        });
    }
    Session& session_;
    MainFrame& frame_;
    bool isPending_ = false;
};

MainFrame::MainFrame(AppContext& app, MakeOptions makeOptions)
    : wxFrame(nullptr, wxID_ANY, "Causeway", wxDefaultPosition, wxDefaultSize, wxDEFAULT_FRAME_STYLE, "main"),
      app_(app),
      makeOptions_(std::move(makeOptions)),
      sayTimer_(this) {
    app_.go = [this](const std::string& page) { go(page); };
    app_.say = [this](const wxString& text) { say(text); };
    app_.tell = [this](const Error& error) { tell(error); };

    wxIconBundle icons;
    for (const int size : {16, 24, 32, 48, 64, 128, 256})
        icons.AddIcon(icon("causeway", size).GetIcon(wxSize(size, size)));
    SetIcons(icons);

    makeMenus();
    makeToolBar();

    auto* outer = new wxBoxSizer(wxVERTICAL);
    splitter_ = new ThinSplitter(this, "main.splitter");
    side_ = new wxPanel(splitter_);
    auto* sideSizer = new wxBoxSizer(wxVERTICAL);
    navigation_ = new Navigation(side_);
    sideSizer->Add(navigation_, wxSizerFlags(1).Expand());
    side_->SetSizer(sideSizer);
    auto* right = new wxPanel(splitter_);
    auto* rightSizer = new wxBoxSizer(wxVERTICAL);
    banner_ = new Banner(right);
    book_ = new wxSimplebook(right, wxID_ANY);
    rightSizer->Add(banner_, wxSizerFlags().Expand());
    rightSizer->Add(book_, wxSizerFlags(1).Expand());
    right->SetSizer(rightSizer);
    splitter_->SetMinimumPaneSize(FromDIP(160));
    long sash = 240;
    if (auto* config = wxConfigBase::Get(false)) sash = config->ReadLong("/main/navigationWidth", sash);
    splitter_->SplitVertically(side_, right, FromDIP(static_cast<int>(std::clamp(sash, 160L, 480L))));
    splitter_->SetSashGravity(0);
    outer->Add(splitter_, wxSizerFlags(1).Expand());
    outer->Add(makeStatusStrip(this), wxSizerFlags().Expand());
    SetSizer(outer);

    SetMinSize(FromDIP(wxSize(800, 560)));
    const wxSize screen = wxDisplay(this).GetClientArea().GetSize();
    SetSize(std::min(screen.x, FromDIP(1200)), std::min(screen.y, FromDIP(760)));
    Centre();
    if (!wxPersistentRegisterAndRestore(this, "main")) Centre();

    connectPage_ = new ConnectPage(book_, app_, makeOptions_);
    book_->AddPage(connectPage_, connectPage_->title());
    connectPage_->onCancel = [this] {
        wantsConnectPage_ = false;
        update();
    };
    connectPage_->onConnecting = [this] {
        wantsConnectPage_ = false;
        wasLoginCancelled_ = false;
        update();
    };

    navigation_->onChosen = [this](const std::string& page) {
        isByNavigation_ = true;
        go(page);
        isByNavigation_ = false;
    };
    Bind(
        wxEVT_TIMER, [this](wxTimerEvent&) { say({}); }, sayTimer_.GetId());
    Bind(wxEVT_SYS_COLOUR_CHANGED, [this](wxSysColourChangedEvent& event) {
        event.Skip();
        // GTK tells every top-level window, some twice; the theme is read once the new one is complete.
        CallAfter([] { theme().systemColoursChanged(); });
    });
    Bind(wxEVT_CHAR_HOOK, [this](wxKeyEvent& event) {
        if (!pageKey(event)) event.Skip();
    });
    Bind(wxEVT_ACTIVATE, [this](wxActivateEvent& event) {
        event.Skip();
        if (!event.GetActive()) return;
        CallAfter([this] {
            if (!wxWindow::FindFocus()) focusPage(false);
        });
    });
    Bind(wxEVT_CLOSE_WINDOW, [this](wxCloseEvent& event) {
        PageBase* page = shownPage();
        if (event.CanVeto() && page && !page->mayLeave()) {
            event.Veto();
            return;
        }
        if (auto* config = wxConfigBase::Get(false)) {
            if (splitter_->IsSplit())
                config->Write("/main/navigationWidth", static_cast<long>(ToDIP(splitter_->GetSashPosition())));
        }
        event.Skip();
    });

    std::vector<PageEntry> entries;
    for (const PageRow& row : pageRows()) {
        entries.push_back({row.id, fromWx(translated(row.title)), fromWx(translated(row.keywords))});
    }
    app_.palette.setPages(std::move(entries));
    history_.push_back(current_);
    listener_ = std::make_unique<Listener>(app_.session, *this);
    navigation_->choose(current_);
    update();
}

MainFrame::~MainFrame() {
    listener_.reset();
    // The pages use the presenters and the functions of the context: they go while those still work.
    app_.go = [](const std::string&) {};
    app_.say = [](const wxString&) {};
    app_.tell = [](const Error&) {};
}

void MainFrame::makeMenus() {
    const auto add = [this](wxMenu* menu, const wxString& label, const char* iconName, std::function<void()> action,
                            int id = wxID_ANY) {
        auto* item = new wxMenuItem(menu, id == wxID_ANY ? wxWindow::NewControlId() : id, label);
        if (iconName) item->SetBitmap(icon(iconName, 16));
        menu->Append(item);
        Bind(
            wxEVT_MENU, [action = std::move(action)](wxCommandEvent&) { action(); }, item->GetId());
        return item;
    };
    const auto goes = [this](const char* page) { return [this, page] { go(page); }; };

    auto* file = new wxMenu;
    add(file, _("&Connect to a service...\tCtrl+O"), "connect", [this] { openConnectPage(); });
    add(file, _("&Disconnect"), "disconnected", [this] {
        app_.session.disconnect();
        openConnectPage();
    });
    file->AppendSeparator();
    add(
        file, _("&Quit\tCtrl+Q"), nullptr, [this] { Close(); }, wxID_EXIT);

    auto* settings = new wxMenu;
    add(settings, _("Application &Preferences...\tCtrl+,"), "preferences", goes("preferences"), wxID_PREFERENCES);
    add(settings, _("&Broadcast settings other than local network..."), "ranges", goes("preferences/network/ranges"));

    auto* administration = new wxMenu;
    add(administration, _("&External User Search"), "search-external", goes("search"));
    administration->AppendSeparator();
    add(administration, _("&Users"), "users", goes("users"));
    add(administration, _("U&nstable users"), "unstable", goes("unstable"));
    add(administration, _("&Visibility"), "visibility", goes("visibility"));
    administration->AppendSeparator();
    add(administration, _("Chat &domains"), "domain", goes("domains"));
    add(administration, _("New &chat domain..."), "add", goes("domains/new"));
    add(administration, _("Authentication &providers"), "provider", goes("providers"));
    add(administration, _("C&hat DNS"), "dns", goes("chat-dns"));
    administration->AppendSeparator();
    add(administration, _("&Log and audit"), "log", goes("log"));

    auto* view = new wxMenu;
    for (const PageRow& row : pageRows()) {
        add(view, wxString::Format("%s\tAlt+%c", escapedLabel(translated(row.title)), row.letter), row.icon,
            goes(row.id));
    }
    view->AppendSeparator();
    add(
        view, _("&Back\tAlt+Left"), "back", [this] { travel(-1); }, wxID_BACKWARD);
    add(
        view, _("&Forward\tAlt+Right"), "forward", [this] { travel(1); }, wxID_FORWARD);
    add(
        view, _("&Refresh\tF5"), "refresh",
        [this] {
            if (PageBase* page = shownPage()) page->refresh();
        },
        wxID_REFRESH);
    add(
        view, _("&Search users, pages, settings...\tCtrl+K"), "find", [this] { openPalette(); }, wxID_FIND);

    auto* help = new wxMenu;
    add(help, _("&Packet Trace"), "trace", goes("trace"));
    add(help, _("&Bug Report..."), "export", [this] { showBugReport(this, app_); });
    help->AppendSeparator();
    add(
        help, _("&About Causeway"), "info", [this] { showAboutDialog(this, app_); }, wxID_ABOUT);

    auto* bar = new wxMenuBar;
    bar->Append(file, _("&File"));
    bar->Append(settings, _("&Settings"));
    bar->Append(administration, _("&Administration"));
    bar->Append(view, _("&View"));
    bar->Append(help, _("&Help"));
    SetMenuBar(bar);
}

void MainFrame::makeToolBar() {
    auto* bar = CreateToolBar(wxTB_HORIZONTAL | wxTB_FLAT | wxTB_NODIVIDER, wxID_ANY, "toolbar");
    bar->AddTool(wxID_BACKWARD, _("Back"), icon("back", 16), _("Back to the page before (Alt+Left)"));
    bar->AddTool(wxID_FORWARD, _("Forward"), icon("forward", 16), _("Forward to the next page (Alt+Right)"));
    bar->AddTool(wxID_REFRESH, _("Refresh"), icon("refresh", 16),
                 _("Ask the service for everything on this page (F5)"));
    bar->AddStretchableSpace();
    auto* search = iconButton(bar, _("Search users, pages, settings") + "   Ctrl+K", "find",
                              _("Find a user, a page or a setting by some letters of its name"));
    onPress(search, [this] { openPalette(); });
    setAccessibleName(search, _("Search users, pages, settings"));
    bar->AddControl(search, _("Search"));
    bar->Realize();
    theme().watch(bar, [bar] {
        bar->SetToolNormalBitmap(wxID_BACKWARD, icon("back", 16));
        bar->SetToolNormalBitmap(wxID_FORWARD, icon("forward", 16));
        bar->SetToolNormalBitmap(wxID_REFRESH, icon("refresh", 16));
    });
}

wxWindow* MainFrame::makeStatusStrip(wxWindow* parent) {
    strip_ = new wxPanel(parent, wxID_ANY, wxDefaultPosition, wxDefaultSize, wxTAB_TRAVERSAL, "status");
    auto* column = new wxBoxSizer(wxVERTICAL);
    auto* line = new wxPanel(strip_, wxID_ANY, wxDefaultPosition, wxSize(-1, 1));
    theme().watch(line, [line] { line->SetBackgroundColour(theme().colour(Theme::Ink::Line)); });
    auto* row = new wxBoxSizer(wxHORIZONTAL);
    stripState_ = new StatusMark(strip_, Mark::Unknown, _("not connected"));
    stripSay_ = new wxStaticText(strip_, wxID_ANY, {}, wxDefaultPosition, wxDefaultSize, wxST_ELLIPSIZE_END);
    stripUp_ = new wxStaticText(strip_, wxID_ANY, {});
    stripUsers_ = new wxStaticText(strip_, wxID_ANY, {});
    stripPresent_ = new wxStaticText(strip_, wxID_ANY, {});
    stripProblems_ = new StatusMark(strip_, Mark::Unknown, {});
    row->Add(stripState_, wxSizerFlags().CentreVertical());
    row->AddSpacer(gap(this, 2));
    row->Add(stripSay_, wxSizerFlags(1).CentreVertical());
    for (wxWindow* part : {static_cast<wxWindow*>(stripUp_), static_cast<wxWindow*>(stripUsers_),
                           static_cast<wxWindow*>(stripPresent_), static_cast<wxWindow*>(stripProblems_)}) {
        row->Add(part, wxSizerFlags().CentreVertical().Border(wxLEFT, gap(this, 3)));
    }
    column->Add(line, wxSizerFlags().Expand());
    auto* padded = new wxBoxSizer(wxVERTICAL);
    padded->Add(row, wxSizerFlags(1).Expand().Border(wxTOP | wxBOTTOM, halfGap(this)));
    column->Add(padded, wxSizerFlags(1).Expand().Border(wxLEFT | wxRIGHT, gap(this, 2)));
    strip_->SetSizer(column);
    setAccessibleName(strip_, _("Status bar"));
    return strip_;
}

PageBase* MainFrame::pageOf(const std::string& id) {
    const auto known = pages_.find(id);
    if (known != pages_.end()) return known->second.second;
    const PageRow* row = findPage(id);
    if (!row) return nullptr;
    auto* page = dynamic_cast<PageBase*>(row->create(book_, app_));
    INVARIANT(page);
    const std::size_t at = book_->GetPageCount();
    book_->AddPage(page, page->title());
    pages_[id] = {at, page};
    return page;
}

PageBase* MainFrame::shownPage() const {
    return dynamic_cast<PageBase*>(book_->GetCurrentPage());
}

void MainFrame::go(const std::string& target) {
    wantsConnectPage_ = false;
    showPage(target, Record::Yes);
}

void MainFrame::showPage(const std::string& target, Record record) {
    const auto slash = target.find('/');
    const std::string id = target.substr(0, slash);
    const std::string part = slash == std::string::npos ? std::string{} : target.substr(slash + 1);
    if (!findPage(id)) return;
    PageBase* before = shownPage();
    if (id != current_ && before && before != connectPage_ && !before->mayLeave()) {
        navigation_->choose(current_);
        return;
    }
    current_ = id;
    if (record == Record::Yes && (history_.empty() || history_[historyAt_] != id)) {
        history_.resize(history_.empty() ? 0 : historyAt_ + 1);
        history_.push_back(id);
        constexpr std::size_t kMostHistory = 100;
        if (history_.size() > kMostHistory) history_.erase(history_.begin());
        historyAt_ = history_.size() - 1;
    }
    navigation_->choose(id);
    update();
    focusPage(false);
    PageBase* page = shownPage();
    if (page == connectPage_) {
        pendingPart_ = part;  // until there is a service to show it of
    } else if (!part.empty() && page) {
        page->show(part);
    }
}

void MainFrame::travel(int step) {
    const auto wanted = static_cast<std::ptrdiff_t>(historyAt_) + step;
    if (wanted < 0 || wanted >= static_cast<std::ptrdiff_t>(history_.size())) return;
    const std::size_t before = historyAt_;
    historyAt_ = static_cast<std::size_t>(wanted);
    const std::string target = history_[historyAt_];
    wantsConnectPage_ = false;
    showPage(target, Record::No);
    if (current_ != target) historyAt_ = before;
    updateHistoryTools();
}

void MainFrame::updateHistoryTools() {
    const bool canBack = historyAt_ > 0;
    const bool canForward = historyAt_ + 1 < history_.size();
    GetToolBar()->EnableTool(wxID_BACKWARD, canBack);
    GetToolBar()->EnableTool(wxID_FORWARD, canForward);
    GetMenuBar()->Enable(wxID_BACKWARD, canBack);
    GetMenuBar()->Enable(wxID_FORWARD, canForward);
}

void MainFrame::update() {
    const ConnectionPresenter& connection = app_.connection;
    const bool showsConnect = wantsConnectPage_ || connection.showsConnectPage();
    PageBase* before = shownPage();
    PageBase* wanted = showsConnect ? static_cast<PageBase*>(connectPage_) : pageOf(current_);
    const bool isOtherPage = before != wanted || !wanted->IsShown();
    if (isOtherPage) {
        if (before && before != wanted) before->hidden();
        book_->ChangeSelection(showsConnect ? 0 : pages_.at(current_).first);
        wanted->shown();
    }
    if (showsConnect) connectPage_->update(wantsConnectPage_);

    const bool isSilent = app_.session.connection() == Connection::NotAnswering && !showsConnect;
    if (isSilent) {
        wxString text = toWx(connection.whyText());
        if (!connection.todoText().empty()) text += " " + toWx(connection.todoText());
        banner_->setButton(_("&Try again"), [this] { app_.connection.tryAgain(); });
        banner_->show(Banner::Kind::Warning, toWx(connection.stateText()) + (text.empty() ? "" : "\n") + text);
    } else {
        banner_->hide();
    }
    const bool isBack = book_->IsThisEnabled() == isSilent && !isSilent;
    book_->Enable(!isSilent);
    if (isOtherPage || isBack) focusPage(isOtherPage);
    if (!showsConnect && !pendingPart_.empty()) wanted->show(std::exchange(pendingPart_, {}));
    side_->Enable(!connection.showsConnectPage());

    const wxString title = toWx(connection.windowTitle());
    if (GetTitle() != title) SetTitle(title);
    stripState_->set(connection.mark(), toWx(connection.stateText()));
    const auto put = [](wxStaticText* text, const std::string& value) {
        const wxString label = escapedLabel(toWx(value));
        if (text->GetLabel() != label) text->SetLabel(label);
    };
    put(stripUp_, connection.upTimeText());
    put(stripUsers_, connection.usersText());
    put(stripPresent_, connection.presentText());
    const std::string problems = connection.problemsText();
    stripProblems_->Show(!problems.empty());
    stripProblems_->set(connection.problemsMark(), toWx(problems));
    strip_->Layout();
    updateCounts();
    updateHistoryTools();
    if (connection.needsLogin() && !wasLoginCancelled_) askLogin();
}

void MainFrame::focusPage(bool isNew) {
    PageBase* page = shownPage();
    wxWindow* now = wxWindow::FindFocus();
    if (!page || !IsActive() || (now && wxGetTopLevelParent(now) != this)) return;
    if (now && now->IsShownOnScreen()) {
        // Arrow keys in the navigation go on there; who has begun in the page stays where he is.
        if (now == navigation_ && isByNavigation_) return;
        if (!isNew && page->IsDescendant(now)) return;
    }
    wxWindow* wanted = page->firstFocus();
    if (!wanted || !wanted->IsShownOnScreen() || !wanted->IsEnabled()) wanted = firstControl(page);
    if (wanted) {
        wanted->SetFocus();
    } else if (navigation_->IsThisEnabled()) {
        navigation_->SetFocus();
    }
}

/// Alt and the letter of a page. Not left to the menu alone: GTK lets an access key of any page, also of one that is
/// hidden, swallow the same key of a menu.
bool MainFrame::pageKey(const wxKeyEvent& event) {
    if (event.GetModifiers() != wxMOD_ALT || !side_->IsEnabled()) return false;
    for (const PageRow& row : pageRows()) {
        if (event.GetKeyCode() != row.letter) continue;
        go(row.id);
        return true;
    }
    return false;
}

void MainFrame::updateCounts() {
    const bool isKnown = app_.session.connection() == Connection::Live;
    const auto count = [isKnown](std::uint64_t number) {
        return isKnown && number > 0 ? countText(number) : std::string{};
    };
    navigation_->setCount("overview", count(app_.overview.problemCount()), app_.overview.headlineMark());
    navigation_->setCount("users", count(app_.users.counts().all));
    navigation_->setCount("unstable", count(app_.unstable.count()), Mark::Partly);
    navigation_->setCount("domains", count(app_.domains.count()),
                          app_.domains.troubleCount() > 0 ? Mark::Broken : Mark::None);
    navigation_->setCount("providers", count(app_.providers.table().totalCount()),
                          app_.providers.troubleCount() > 0 ? Mark::Broken : Mark::None);
}

void MainFrame::openPalette() {
    PaletteDialog dialog(this, app_);
    if (dialog.ShowModal() == wxID_OK && !dialog.chosen().empty()) go(dialog.chosen());
}

void MainFrame::openConnectPage() {
    PageBase* page = shownPage();
    if (page && page != connectPage_ && !page->mayLeave()) return;
    wantsConnectPage_ = true;
    update();
    connectPage_->focusFirst();
}

void MainFrame::askLogin() {
    if (isAskingLogin_) return;
    isAskingLogin_ = true;
    CallAfter([this] {
        LoginDialog dialog(this, app_);
        wasLoginCancelled_ = dialog.ShowModal() != wxID_OK;
        isAskingLogin_ = false;
        if (wasLoginCancelled_) wantsConnectPage_ = true;
        update();
    });
}

void MainFrame::say(const wxString& text) {
    stripSay_->SetLabel(escapedLabel(text));
    if (!text.empty()) sayTimer_.StartOnce(6000);
}

void MainFrame::tell(const Error& error) {
    wxRichMessageDialog dialog(this, toWx(error.what), _("Causeway"), wxOK | wxICON_WARNING | wxCENTRE);
    wxString more = toWx(error.why);
    if (!error.todo.empty()) more += (more.empty() ? "" : "\n\n") + toWx(error.todo);
    if (!more.empty()) dialog.SetExtendedMessage(more);
    dialog.ShowModal();
}

}  // namespace causeway::console
