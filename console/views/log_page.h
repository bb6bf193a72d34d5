#pragma once

#include <wx/button.h>
#include <wx/choice.h>
#include <wx/notebook.h>
#include <wx/tglbtn.h>

#include "console/presenters/log_presenter.h"
#include "console/views/pages.h"
#include "console/widgets/banner.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/page_base.h"
#include "console/widgets/table_view.h"

class wxSimplebook;

namespace causeway::console {

/// Log and audit: what the service says as it happens, and who changed what, before and after.
class LogPage : public PageBase {
public:
    LogPage(wxWindow* parent, AppContext& app);
    ~LogPage() override;

    void shown() override;
    wxWindow* firstFocus() override;
    void refresh() override;
    void show(const std::string& part) override;

private:
    wxWindow* createLog(wxWindow* parent);
    wxWindow* createAudit(wxWindow* parent);
    void update();
    void showDetails();
    void exportTable(RowTable& table, const wxString& fileName);
    void write(const wxString& path, const std::string& text);

    AppContext& app_;
    LogPresenter presenter_;
    wxNotebook* book_;
    wxChoice* level_;
    FilterBox* logFilter_;
    wxToggleButton* pause_;
    wxSimplebook* logBook_;
    EmptyState* logEmpty_;
    TableView* log_;
    wxStaticText* logState_;
    FilterBox* auditFilter_;
    wxSimplebook* auditBook_;
    EmptyState* auditEmpty_;
    TableView* audit_;
    wxButton* more_;
    wxTextCtrl* before_;
    wxTextCtrl* after_;
    wxStaticText* auditLine_;
};

}  // namespace causeway::console
