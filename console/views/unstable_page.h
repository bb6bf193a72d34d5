#pragma once

#include <wx/checkbox.h>

#include "console/presenters/unstable_presenter.h"
#include "console/views/fact_list.h"
#include "console/views/pages.h"
#include "console/widgets/empty_state.h"
#include "console/widgets/filter_box.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/page_base.h"
#include "console/widgets/table_view.h"
#include "console/widgets/thin_splitter.h"
#include "console/widgets/timeline24.h"

namespace causeway::console {

/// Users that come and go, miss probes, share addresses: reason in words, count, since when, the last day as a
/// timeline.
class UnstablePage : public PageBase {
public:
    UnstablePage(wxWindow* parent, AppContext& app);
    ~UnstablePage() override;
    void shown() override;
    wxWindow* firstFocus() override;
    void refresh() override;

private:
    wxPanel* makeDetails(wxWindow* parent);
    void update();
    void updateDetails();
    void selectionChanged();
    void ignore(IgnoreFor howLong);
    void ignoreMenu();

    AppContext& app_;
    UnstablePresenter& presenter_;
    FilterBox* filter_ = nullptr;
    wxCheckBox* showsIgnored_ = nullptr;
    ThinSplitter* splitter_ = nullptr;
    wxPanel* upper_ = nullptr;
    wxPanel* details_ = nullptr;
    TableView* table_ = nullptr;
    EmptyState* empty_ = nullptr;
    wxStaticText* name_ = nullptr;
    WrapText* reason_ = nullptr;
    WrapText* explanation_ = nullptr;
    Timeline24* timeline_ = nullptr;
    WrapText* timelineText_ = nullptr;
    FactList* facts_ = nullptr;
    wxButton* ignore_ = nullptr;
    wxButton* open_ = nullptr;
    wxButton* trace_ = nullptr;
};

}  // namespace causeway::console
