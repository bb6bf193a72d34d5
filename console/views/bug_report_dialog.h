#pragma once

#include <string>

#include <wx/activityindicator.h>
#include <wx/button.h>
#include <wx/checkbox.h>
#include <wx/choice.h>
#include <wx/dialog.h>
#include <wx/textctrl.h>

#include "console/presenters/bug_report_presenter.h"
#include "console/views/mark_line.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"

namespace causeway::console {

/// Help > Bug report: every file on the left, what stands in it on the right, and Save. `logFile`: what the console
/// wrote down about itself.
class BugReportDialog : public wxDialog {
public:
    BugReportDialog(wxWindow* parent, AppContext& app, const wxString& logFile);
    ~BugReportDialog() override;

private:
    void update();
    void showSelected();
    void save();
    std::string selectedName() const;

    BugReportPresenter presenter_;
    PlainList* list_;
    wxStaticText* about_;
    wxTextCtrl* text_;
    wxCheckBox* anonymous_;
    wxChoice* trace_;
    MarkLine* line_;
    wxActivityIndicator* busy_;
    wxButton* save_;
    std::string shown_;      ///< name of the file on the right
    std::string shownText_;  ///< so that it is put there once
};

void showBugReport(wxWindow* parent, AppContext& app);

}  // namespace causeway::console
