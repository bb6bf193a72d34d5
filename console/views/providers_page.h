#pragma once

#include <wx/timer.h>

#include "console/presenters/providers_presenter.h"
#include "console/views/fact_list.h"
#include "console/views/pages.h"
#include "console/widgets/banner.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/page_base.h"
#include "console/widgets/table_view.h"
#include "console/widgets/thin_splitter.h"

namespace causeway::console {

/// Authentication providers: where passwords are checked, and how they do.
class ProvidersPage : public PageBase {
public:
    ProvidersPage(wxWindow* parent, AppContext& app);
    ~ProvidersPage() override;
    void shown() override;
    void hidden() override;
    wxWindow* firstFocus() override;
    void refresh() override;
    void show(const std::string& part) override;

private:
    wxPanel* makeDetails(wxWindow* parent);
    void update();
    void updateBanner();
    void updateDetails();
    void selectionChanged();
    void selectWanted();
    void add();
    void edit();
    void openPeople();
    void switchEnabled();
    void deleteProvider();
    Done telling(const wxString& said = {});

    AppContext& app_;
    ProvidersPresenter& presenter_;
    Banner* banner_;
    FilterBox* filter_;
    wxButton* new_;
    ThinSplitter* splitter_;
    wxPanel* upper_;
    TableView* table_;
    EmptyState* empty_;
    wxPanel* details_ = nullptr;
    wxStaticText* name_ = nullptr;
    WrapText* warnings_ = nullptr;
    FactList* facts_ = nullptr;
    wxButton* edit_ = nullptr;
    wxButton* people_ = nullptr;
    wxButton* enable_ = nullptr;
    wxButton* delete_ = nullptr;
    wxTimer timer_;
    wxString bannerText_;
    std::optional<std::uint64_t> wanted_;
};

}  // namespace causeway::console
