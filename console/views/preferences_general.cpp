#include "console/views/preferences_general.h"

#include <wx/intl.h>

namespace causeway::console {

SettingsForm* createGeneralForm(wxWindow* parent, SettingsPresenter& presenter) {
    return new SettingsForm(parent, "preferences.general", presenter, SettingsGroup::General,
                            {{_("This service"), {"server.name", "store.url"}}, {_("Log"), {"log.level", "log.file"}}},
                            _("More"));
}

SettingsForm* createChatForm(wxWindow* parent, SettingsPresenter& presenter) {
    return new SettingsForm(
        parent, "preferences.chat", presenter, SettingsGroup::Chat,
        {{_("Where clients find this computer"), {"server.lan_address", "server.internet_address"}},
         {_("Supernode"), {"supernode.enabled", "supernode.listen", "supernode.port", "supernode.tls_port"}},
         {_("Chat DNS"),
          {"dns.enabled", "dns.listen", "dns.lan_subnets", "dns.check_resolver", "dns.secondaries", "dns.contact",
           "dns.caa"}}},
        _("More"));
}

SettingsForm* createSecurityForm(wxWindow* parent, SettingsPresenter& presenter) {
    return new SettingsForm(parent, "preferences.security", presenter, SettingsGroup::Security,
                            {{_("Admin interface"), {"admin.listen", "admin.session_minutes"}}}, _("More"));
}

SettingsForm* createRetentionForm(wxWindow* parent, SettingsPresenter& presenter) {
    return new SettingsForm(
        parent, "preferences.retention", presenter, SettingsGroup::Retention,
        {{_("How long records are kept"),
          {"retention.event_days", "retention.search_days", "retention.audit_days", "lan.keep_gone_days"}}},
        _("More"));
}

}  // namespace causeway::console
