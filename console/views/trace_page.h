#pragma once

#include <cstdint>
#include <vector>

#include <wx/button.h>
#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/dataview.h>
#include <wx/notebook.h>
#include <wx/simplebook.h>
#include <wx/textctrl.h>
#include <wx/timer.h>

#include "console/presenters/trace_presenter.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/views/trace_card.h"
#include "console/widgets/banner.h"
#include "console/widgets/page_base.h"
#include "console/widgets/suggest_field.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

/// Help > Packet Trace: "user X does not see user Y". Commands on the left, verdict on the right, evidence below.
/// show("to/42"), show("from/42") and show("pair/42/43") fill in users, show("7") opens trace 7.
class TracePage : public PageBase {
public:
    TracePage(wxWindow* parent, AppContext& app);
    ~TracePage() override;

    void refresh() override;
    void shown() override;
    wxWindow* firstFocus() override;
    void show(const std::string& part) override;

private:
    void makeEnds();
    void makeOptions();
    wxWindow* makeCommands(wxWindow* parent);
    wxWindow* makeVerdict(wxWindow* parent);
    wxWindow* makeEvidence(wxWindow* parent);
    void fillCommands();
    void appendCommands();
    void update();
    void updateCommands();
    void updateChosen();
    void updateHistory();
    void updateEnds();
    void helpWanted();
    TraceStep chosenStep() const;
    void chooseStep(TraceStep step);
    Done told();
    void run(TraceExtent extent);
    void openTrace(std::uint64_t id);
    void removeTrace();
    void saveReport();
    void savePackets();

    AppContext& app_;
    TracePresenter presenter_;
    SuggestField* from_ = nullptr;
    SuggestField* to_ = nullptr;
    wxStaticText* fromHint_ = nullptr;
    wxStaticText* toHint_ = nullptr;
    wxCheckBox* lists_ = nullptr;
    wxChoice* repeat_ = nullptr;
    wxStaticText* state_ = nullptr;
    wxButton* quick_ = nullptr;
    wxButton* all_ = nullptr;
    wxButton* stop_ = nullptr;
    wxButton* only_ = nullptr;
    wxButton* downTo_ = nullptr;
    wxDataViewListCtrl* commands_ = nullptr;
    std::vector<TraceLine> lines_;
    bool isArranged_ = false;
    bool isFilling_ = false;
    bool wasChosen_ = false;  ///< by the user; else the choice follows the command that runs
    TraceCardView* card_ = nullptr;
    wxButton* retest_ = nullptr;
    wxButton* report_ = nullptr;
    wxButton* packets_ = nullptr;
    wxNotebook* below_ = nullptr;
    wxTextCtrl* evidence_ = nullptr;
    wxSimplebook* pathBook_ = nullptr;
    PlainList* path_ = nullptr;
    WrapText* pathHint_ = nullptr;
    wxTextCtrl* help_ = nullptr;
    wxDataViewListCtrl* history_ = nullptr;
    std::vector<TraceHistoryRow> historyRows_;
    wxButton* open_ = nullptr;
    wxButton* remove_ = nullptr;
    Banner* banner_ = nullptr;
    wxString bannerText_;
    wxTimer clock_;  ///< time of the command that runs
};

}  // namespace causeway::console
