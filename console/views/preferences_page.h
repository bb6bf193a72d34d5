#pragma once

#include <string>
#include <vector>

#include <wx/button.h>
#include <wx/dataview.h>
#include <wx/simplebook.h>

#include "console/presenters/ranges_presenter.h"
#include "console/presenters/settings_presenter.h"
#include "console/views/pages.h"
#include "console/views/preferences_admins.h"
#include "console/views/preferences_network.h"
#include "console/views/settings_form.h"
#include "console/widgets/banner.h"
#include "console/widgets/page_base.h"

namespace causeway::console {

/// Settings > Application Preferences: a tree of pages on the left, the chosen one on the right, and below what is not
/// applied yet. Settings and remote ranges are staged and applied together; bases and administrators have dialogs that
/// store at once.
class PreferencesPage : public PageBase {
public:
    PreferencesPage(wxWindow* parent, AppContext& app);

    wxWindow* firstFocus() override;
    void refresh() override;
    void show(const std::string& part) override;
    bool mayLeave() override;

private:
    struct Part {
        std::string id;
        wxDataViewItem item;
        int page;
    };
    void open(const std::string& id);
    void openSelected();
    void update();
    void apply();
    void applyRanges();
    void rangesSaved(RangesSave outcome, const std::optional<Error>& error);
    void revert();
    void goToProblem();
    wxString stateText() const;

    AppContext& app_;
    SettingsPresenter settings_;
    RangesPresenter ranges_;
    Banner* banner_;
    wxDataViewTreeCtrl* tree_;
    wxSimplebook* book_;
    SettingsForm* general_;
    NetworkPreferences* network_;
    SettingsForm* chat_;
    SettingsForm* security_;
    AdminsPreferences* admins_;
    SettingsForm* retention_;
    wxStaticText* state_;
    wxButton* revert_;
    wxButton* apply_;
    std::vector<Part> parts_;
    wxString bannerText_;
    bool isApplying_ = false;
};

}  // namespace causeway::console
