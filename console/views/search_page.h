#pragma once

#include <vector>

#include <wx/button.h>
#include <wx/choice.h>
#include <wx/gauge.h>
#include <wx/radiobut.h>
#include <wx/simplebook.h>
#include <wx/textctrl.h>

#include "console/presenters/search_presenter.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/widgets/banner.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/page_base.h"
#include "console/widgets/table_view.h"

namespace causeway::console {

/// Administration > External User Search: what to ask on the left, who answers on the right, as it happens.
class SearchPage : public PageBase {
public:
    SearchPage(wxWindow* parent, AppContext& app);
    ~SearchPage() override;

    void refresh() override;
    wxWindow* firstFocus() override;
    void show(const std::string& part) override;

private:
    wxWindow* createLeft(wxWindow* parent);
    wxWindow* createRight(wxWindow* parent);
    void update();
    void updateRanges();
    void updateHistory();
    void setMode(SearchMode mode);
    void start();
    void stop();

    AppContext& app_;
    SearchPresenter presenter_;
    wxRadioButton* byRanges_;
    wxRadioButton* byAddresses_;
    wxRadioButton* byClient_;
    wxSimplebook* what_;
    PlainList* ranges_;
    WrapText* rangesHint_;
    wxTextCtrl* addresses_;
    WrapText* addressProblem_;
    wxTextCtrl* client_;
    WrapText* clientProblem_;
    WrapText* plan_;
    wxButton* start_;
    wxButton* stop_;

    wxChoice* history_;
    wxChoice* compare_;
    std::vector<std::uint64_t> historyIds_;
    std::vector<std::uint64_t> compareIds_;
    wxGauge* gauge_;
    wxStaticText* progress_;
    wxStaticText* summary_;
    FilterBox* filter_;
    wxSimplebook* book_;
    EmptyState* empty_;
    TableView* rows_;
    TableView* compared_;
    Banner* banner_;
    wxString bannerText_;
};

}  // namespace causeway::console
