#pragma once

#include "console/views/settings_form.h"

namespace causeway::console {

/// Preferences > General, Chat domains, Security and Retention: one form each, made from the settings that the service
/// has.
SettingsForm* createGeneralForm(wxWindow* parent, SettingsPresenter& presenter);
SettingsForm* createChatForm(wxWindow* parent, SettingsPresenter& presenter);
SettingsForm* createSecurityForm(wxWindow* parent, SettingsPresenter& presenter);
SettingsForm* createRetentionForm(wxWindow* parent, SettingsPresenter& presenter);

}  // namespace causeway::console
