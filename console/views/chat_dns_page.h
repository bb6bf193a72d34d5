#pragma once

#include <wx/choice.h>
#include <wx/dataview.h>
#include <wx/notebook.h>
#include <wx/textctrl.h>
#include <wx/timer.h>

#include "console/presenters/dns_presenter.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/widgets/banner.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/page_base.h"
#include "console/widgets/status_mark.h"
#include "console/widgets/table_view.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

/// What chat DNS serves; below it records for other DNS servers, the live check, secondaries and keys.
class ChatDnsPage : public PageBase {
public:
    ChatDnsPage(wxWindow* parent, AppContext& app);
    ~ChatDnsPage() override;
    void shown() override;
    void hidden() override;
    wxWindow* firstFocus() override;
    void refresh() override;

private:
    wxWindow* makeLower(wxWindow* parent);
    wxWindow* makeRecords(wxWindow* parent);
    wxWindow* makeCheck(wxWindow* parent);
    wxWindow* makeSecondaries(wxWindow* parent);
    void update();
    void updateChoices();
    void updateRecords();
    void updateCheck();
    void chosen();
    void runCheck();
    void addKey();
    void removeKey();

    AppContext& app_;
    DnsPresenter presenter_;
    Banner* banner_;
    FilterBox* filter_;
    ThinSplitter* splitter_;
    wxPanel* upper_;
    TableView* table_;
    EmptyState* empty_;
    wxChoice* domain_ = nullptr;
    wxChoice* view_ = nullptr;
    std::vector<std::string> domains_;
    wxNotebook* book_ = nullptr;
    wxChoice* form_ = nullptr;
    wxTextCtrl* zone_ = nullptr;
    WrapText* formHelp_ = nullptr;
    wxTextCtrl* records_ = nullptr;
    wxButton* copy_ = nullptr;
    wxTextCtrl* resolvers_ = nullptr;
    wxButton* check_ = nullptr;
    StatusMark* checkMark_ = nullptr;
    WrapText* checkText_ = nullptr;
    wxDataViewListCtrl* checkRows_ = nullptr;
    WrapText* checkWhy_ = nullptr;
    PlainList* secondaries_ = nullptr;
    PlainList* keys_ = nullptr;
    wxButton* addKey_ = nullptr;
    wxButton* removeKey_ = nullptr;
    wxTimer timer_;
    wxTimer zoneTimer_;
    wxString bannerText_;
};

}  // namespace causeway::console
