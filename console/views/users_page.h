#pragma once

#include <array>

#include <wx/choice.h>
#include <wx/tglbtn.h>

#include "console/presenters/users_presenter.h"
#include "console/views/detail_pane.h"
#include "console/views/pages.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/page_base.h"
#include "console/widgets/table_view.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

/// One table of all users; the viewpoint decides who is local and who external. Details of the selected one below.
class UsersPage : public PageBase {
public:
    UsersPage(wxWindow* parent, AppContext& app);
    ~UsersPage() override;
    void shown() override;
    wxWindow* firstFocus() override;
    void refresh() override;
    void show(const std::string& part) override;

private:
    void makeBar();
    void update();
    void updateDetails();
    void updateViewpoints();
    void updateEmpty();
    void selectionChanged();
    void probe();
    void ignore();
    void forget();
    void exportCsv();
    void fillMenu(wxMenu& menu);
    void openDetails(bool isOpen);
    void selectWanted();

    AppContext& app_;
    UsersPresenter& presenter_;
    wxChoice* viewpoint_ = nullptr;
    std::array<wxToggleButton*, 4> scopes_{};
    FilterBox* filter_ = nullptr;
    ThinSplitter* splitter_ = nullptr;
    wxPanel* upper_ = nullptr;
    TableView* table_ = nullptr;
    EmptyState* empty_ = nullptr;
    DetailPane* details_ = nullptr;
    wxButton* probe_ = nullptr;
    int sash_ = -1;
    std::optional<UserId> wanted_;
};

}  // namespace causeway::console
