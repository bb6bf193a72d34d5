#pragma once

#include <functional>
#include <string>
#include <vector>

#include <wx/string.h>
#include <wx/window.h>

#include "console/presenters/session.h"
#include "console/widgets/theme.h"

namespace causeway::console {

class ConnectionPresenter;
class DomainAssistantPresenter;
class DomainsPresenter;
class OverviewPresenter;
class PalettePresenter;
class ProvidersPresenter;
class SettingsPresenter;
class UnstablePresenter;
class UsersPresenter;

/// What every page gets. It outlives all pages. Presenters that several places share live as long as the program; a
/// page makes the others itself.
struct AppContext {
    Session& session;
    Executor& executor;
    Theme& theme;
    ConnectionPresenter& connection;
    OverviewPresenter& overview;
    UsersPresenter& users;
    UnstablePresenter& unstable;
    SettingsPresenter& settings;
    ProvidersPresenter& providers;
    DomainsPresenter& domains;
    DomainAssistantPresenter& assistant;
    PalettePresenter& palette;
    /// Goes to a page: "users", "preferences/network", "users/42". Unknown pages are ignored.
    std::function<void(const std::string& page)> go{};
    /// A short sentence in the status bar for some seconds ("Copied 3 rows").
    std::function<void(const wxString& text)> say{};
    /// Shows what, why and what to do of an error in a message box over the main window.
    std::function<void(const Error& error)> tell{};
    /// Where the console writes down what went wrong in itself; for the bug report.
    std::function<wxString()> logFile = [] { return wxString(); };
};

enum class PageGroup { Top, Lan, Chat, Server };

/// One row a page: menus, navigation, palette and Alt keys are made from this table.
struct PageRow {
    const char* id;
    const char* title;     ///< English source text
    const char* keywords;  ///< English source text; other words for the palette
    const char* icon;
    PageGroup group;
    char letter;  ///< Alt+letter
    wxWindow* (*create)(wxWindow* parent, AppContext& app);
};
const std::vector<PageRow>& pageRows();
const PageRow* findPage(const std::string& id);

/// Each returns a PageBase.
wxWindow* createOverviewPage(wxWindow* parent, AppContext& app);
wxWindow* createUsersPage(wxWindow* parent, AppContext& app);
wxWindow* createUnstablePage(wxWindow* parent, AppContext& app);
wxWindow* createSearchPage(wxWindow* parent, AppContext& app);
wxWindow* createTracePage(wxWindow* parent, AppContext& app);
wxWindow* createVisibilityPage(wxWindow* parent, AppContext& app);
wxWindow* createDomainsPage(wxWindow* parent, AppContext& app);
wxWindow* createProvidersPage(wxWindow* parent, AppContext& app);
wxWindow* createChatDnsPage(wxWindow* parent, AppContext& app);
wxWindow* createLogPage(wxWindow* parent, AppContext& app);
wxWindow* createPreferencesPage(wxWindow* parent, AppContext& app);

}  // namespace causeway::console
