#pragma once

#include <vector>

#include <wx/button.h>
#include <wx/dataview.h>
#include <wx/gauge.h>
#include <wx/notebook.h>
#include <wx/simplebook.h>

#include "console/presenters/visibility_presenter.h"
#include "console/views/pages.h"
#include "console/views/visibility_card.h"
#include "console/widgets/banner.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/heat_map.h"
#include "console/widgets/page_base.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

/// Who sees whom: heat map of bases, segments, computers; the same as a list; findings with their story.
class VisibilityPage : public PageBase {
public:
    VisibilityPage(wxWindow* parent, AppContext& app);
    ~VisibilityPage() override;

    void refresh() override;
    void shown() override;
    wxWindow* firstFocus() override;

private:
    wxWindow* makeMap(wxWindow* parent);
    wxWindow* makeCard(wxWindow* parent);
    wxWindow* makeBelow(wxWindow* parent);
    void update();
    void updateMap();
    void updateLists();
    Done told();

    AppContext& app_;
    VisibilityPresenter presenter_;
    wxButton* collect_ = nullptr;
    wxButton* stop_ = nullptr;
    wxStaticText* state_ = nullptr;
    wxGauge* gauge_ = nullptr;
    Banner* banner_ = nullptr;
    wxString bannerText_;
    wxSimplebook* book_ = nullptr;
    EmptyState* empty_ = nullptr;
    wxButton* up_ = nullptr;
    wxStaticText* place_ = nullptr;
    wxButton* before_ = nullptr;
    wxButton* after_ = nullptr;
    wxStaticText* pageText_ = nullptr;
    HeatMap* map_ = nullptr;
    wxStaticText* observers_ = nullptr;
    VisibilityCardView* card_ = nullptr;
    wxButton* trace_ = nullptr;
    wxButton* retest_ = nullptr;
    wxNotebook* below_ = nullptr;
    wxDataViewListCtrl* findings_ = nullptr;
    wxDataViewListCtrl* blocks_ = nullptr;
    std::vector<FindingLine> findingLines_;
    std::vector<HeatLine> blockLines_;
    bool isFilling_ = false;
    bool isArranged_ = false;
};

}  // namespace causeway::console
