#pragma once

#include <vector>

#include <wx/button.h>
#include <wx/panel.h>
#include <wx/stattext.h>
#include <wx/textctrl.h>
#include <wx/timer.h>

#include "console/presenters/ranges_presenter.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/widgets/banner.h"

namespace causeway::console {

/// Settings > Application Preferences > Network > Broadcast settings other than local network: all remote ranges, one
/// a line, with what is wrong in them while typing, what a search over them comes to, and what came of the last one.
/// The page around it saves and reverts.
class RangesEditor : public wxPanel, private SessionListener {
public:
    RangesEditor(wxWindow* parent, AppContext& app, RangesPresenter& presenter);
    ~RangesEditor() override;

    /// The presenter changed.
    void update();
    void focusText() { text_->SetFocus(); }
    /// Into the first wrong line; false if there is none.
    bool goToProblem();

private:
    void statusChanged(const api::ServiceStatus& status) override;
    void showProblems();
    void showResults();
    void showNotes();
    void markLines();
    void goTo(std::size_t line, std::size_t column);
    void openIptux();

    AppContext& app_;
    RangesPresenter& presenter_;
    Banner* banner_;
    Banner* iptuxNote_;
    wxTextCtrl* text_;
    wxStaticText* preview_;
    PlainList* problems_;
    wxStaticText* resultsLabel_;
    PlainList* results_;
    wxTimer timer_;
    std::vector<std::size_t> markedLines_;
    int bannerState_ = -1;
    int iptuxState_ = -1;
    bool isFilling_ = false;
};

}  // namespace causeway::console
