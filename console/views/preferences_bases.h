#pragma once

#include <wx/button.h>
#include <wx/panel.h>

#include "console/presenters/bases_presenter.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/widgets/banner.h"

namespace causeway::console {

/// Preferences > Bases: the sites of the company with their segments. Changes are stored at once, one base at a time.
class BasesPreferences : public wxPanel {
public:
    BasesPreferences(wxWindow* parent, AppContext& app);

private:
    void update();
    void edit(const BaseForm& form);
    void removeSelected();

    AppContext& app_;
    BasesPresenter presenter_;
    Banner* banner_;
    wxStaticText* empty_;
    PlainList* list_;
    wxButton* add_;
    wxButton* change_;
    wxButton* remove_;
    int bannerState_ = -1;
};

}  // namespace causeway::console
