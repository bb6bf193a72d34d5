#pragma once

#include <wx/notebook.h>

#include "console/presenters/ranges_presenter.h"
#include "console/views/pages.h"
#include "console/views/ranges_editor.h"
#include "console/views/settings_form.h"

namespace causeway::console {

/// Preferences > Network: the settings of the local network, and the remote ranges.
class NetworkPreferences : public wxNotebook {
public:
    NetworkPreferences(wxWindow* parent, AppContext& app, SettingsPresenter& settings, RangesPresenter& ranges);

    SettingsForm& form() { return *form_; }
    RangesEditor& editor() { return *editor_; }
    void openRanges() { SetSelection(1); }
    void openSettings() { SetSelection(0); }

private:
    SettingsForm* form_;
    RangesEditor* editor_;
};

}  // namespace causeway::console
