#pragma once

#include <map>
#include <string>
#include <vector>

#include <wx/scrolwin.h>
#include <wx/statbmp.h>

#include "console/presenters/overview_presenter.h"
#include "console/views/fact_list.h"
#include "console/views/pages.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/line_chart.h"
#include "console/widgets/page_base.h"
#include "console/widgets/status_mark.h"

namespace causeway::console {

/// Is everything all right, what is wrong, what to do: problems worst first, then figures, charts and listeners.
class OverviewPage : public PageBase {
public:
    OverviewPage(wxWindow* parent, AppContext& app);
    ~OverviewPage() override;
    void shown() override;
    void refresh() override;

private:
    struct Tile {
        wxPanel* panel;
        wxStaticText* label;
        wxStaticText* value;
        wxStaticBitmap* mark;
        std::string page;
    };
    void update();
    void updateProblems();
    void updateFigures();
    void updateCharts();
    wxWindow* makeCard(const ProblemCard& card);
    Tile makeTile();
    void arrangeTiles();
    void muteMenu(wxWindow* button, const std::string& id, bool isMuted);
    void mute(const std::string& id, std::optional<TimePoint> until);
    wxStaticText* makeHead(const wxString& text);

    AppContext& app_;
    OverviewPresenter& presenter_;
    wxScrolledWindow* scroll_ = nullptr;
    wxBoxSizer* column_ = nullptr;
    wxStaticBitmap* headMark_ = nullptr;
    wxStaticText* headline_ = nullptr;
    wxBoxSizer* cards_ = nullptr;
    std::vector<std::string> shownCards_;
    wxGridSizer* tileGrid_ = nullptr;
    std::vector<Tile> tiles_;
    std::vector<Figure> figures_;
    int tileColumns_ = 0;
    wxBoxSizer* chartRow_ = nullptr;
    std::map<std::string, LineChart*> charts_;
    FactList* listeners_ = nullptr;
    wxStaticText* segmentsHead_ = nullptr;
    FactList* interfaces_ = nullptr;
};

}  // namespace causeway::console
