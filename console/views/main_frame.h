#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <wx/frame.h>
#include <wx/simplebook.h>
#include <wx/timer.h>

#include "console/presenters/session.h"
#include "console/views/navigation.h"
#include "console/views/pages.h"
#include "console/widgets/banner.h"
#include "console/widgets/page_base.h"
#include "console/widgets/status_mark.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

class ConnectPage;

/// Menus, tool bar, navigation, the pages with their history, banner and status bar. Pages are made when they are
/// first shown. Sets the functions of the AppContext.
class MainFrame : public wxFrame {
public:
    using MakeOptions = std::function<client::ClientOptions()>;
    MainFrame(AppContext& app, MakeOptions makeOptions);
    ~MainFrame() override;

    /// "users", "preferences/network", "users/42".
    void go(const std::string& target);
    const std::string& currentPage() const { return current_; }

private:
    enum class Record { Yes, No };
    void makeMenus();
    void makeToolBar();
    wxWindow* makeStatusStrip(wxWindow* parent);
    void showPage(const std::string& target, Record record);
    PageBase* pageOf(const std::string& id);
    PageBase* shownPage() const;
    void travel(int step);
    void update();
    /// Puts the keyboard into the shown page. If the page is not new, only when it is nowhere in it that shows.
    void focusPage(bool isNew);
    bool pageKey(const wxKeyEvent& event);
    void updateCounts();
    void updateHistoryTools();
    void openPalette();
    void openConnectPage();
    void askLogin();
    void say(const wxString& text);
    void tell(const Error& error);

    AppContext& app_;
    MakeOptions makeOptions_;
    ThinSplitter* splitter_ = nullptr;
    Navigation* navigation_ = nullptr;
    wxPanel* side_ = nullptr;
    Banner* banner_ = nullptr;
    wxSimplebook* book_ = nullptr;
    ConnectPage* connectPage_ = nullptr;
    std::map<std::string, std::pair<std::size_t, PageBase*>> pages_;
    std::string current_ = "overview";
    std::string pendingPart_;
    std::vector<std::string> history_;
    std::size_t historyAt_ = 0;
    bool isByNavigation_ = false;  ///< while a page is opened that was chosen in the navigation
    bool wantsConnectPage_ = false;
    bool isAskingLogin_ = false;
    bool wasLoginCancelled_ = false;

    wxPanel* strip_ = nullptr;
    StatusMark* stripState_ = nullptr;
    wxStaticText* stripSay_ = nullptr;
    wxStaticText* stripUp_ = nullptr;
    wxStaticText* stripUsers_ = nullptr;
    wxStaticText* stripPresent_ = nullptr;
    StatusMark* stripProblems_ = nullptr;
    wxTimer sayTimer_;
    Life life_;

    class Listener;
    std::unique_ptr<Listener> listener_;
};

}  // namespace causeway::console
