#pragma once

#include <wx/button.h>
#include <wx/panel.h>

#include "console/presenters/admins_presenter.h"
#include "console/views/pages.h"
#include "console/views/plain_list.h"
#include "console/widgets/banner.h"

namespace causeway::console {

/// Preferences > Security > Administrators: people who may log in, and tokens for scripts. Stored at once.
class AdminsPreferences : public wxPanel {
public:
    AdminsPreferences(wxWindow* parent, AppContext& app);
    /// There is no event for these lists: asked again when the page opens.
    void opened() { presenter_.reload(); }

private:
    void update();
    void edit(const AdminForm& form);
    void removeAdmin();
    void addToken();
    void removeToken();

    AppContext& app_;
    AdminsPresenter presenter_;
    Banner* banner_;
    PlainList* admins_;
    wxButton* addAdmin_;
    wxButton* changeAdmin_;
    wxButton* removeAdmin_;
    PlainList* tokens_;
    wxButton* addToken_;
    wxButton* removeToken_;
    wxString bannerText_;
};

}  // namespace causeway::console
