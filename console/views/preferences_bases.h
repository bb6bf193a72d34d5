#pragma once

#include <wx/button.h>
#include <wx/panel.h>

#include "console/presenters/bases_presenter.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/widgets/banner.h"
#include "console/widgets/form_grid.h"
#include "console/widgets/status_mark.h"

namespace causeway::console {

/// Preferences > Bases: the sites of the company with their segments. Changes are stored at once, one base at a time.
class BasesPreferences : public wxPanel {
public:
    BasesPreferences(wxWindow* parent, AppContext& app);

private:
    void update();
    void edit(const BaseForm& form);
    void removeSelected();
    void invite();
    void link();
    void unlinkSelected();

    AppContext& app_;
    BasesPresenter presenter_;
    Banner* banner_;
    wxStaticText* empty_;
    PlainList* list_;
    wxButton* add_;
    wxButton* change_;
    wxButton* remove_;
    StatusMark* mark_;
    WrapText* linkText_;
    wxButton* invite_;
    wxButton* link_;
    wxButton* unlink_;
    int bannerState_ = -1;
};

}  // namespace causeway::console
