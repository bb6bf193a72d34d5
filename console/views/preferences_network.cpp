#include "console/views/preferences_network.h"

#include <wx/intl.h>

#include "console/widgets/page_base.h"
#include "console/widgets/theme.h"

namespace causeway::console {

NetworkPreferences::NetworkPreferences(wxWindow* parent, AppContext& app, SettingsPresenter& settings,
                                       RangesPresenter& ranges)
    : wxNotebook(parent, wxID_ANY) {
    turnPagesByKey(this);
    SetName("preferences.network");
    setAccessibleName(this, _("Network preferences"));
    form_ = new SettingsForm(
        this, "preferences.network.settings", settings, SettingsGroup::Network,
        {{_("This service in the local network"),
          {"lan.enabled", "lan.name", "lan.group", "lan.listen", "lan.excluded_interfaces", "lan.charset"}},
         {_("Announcements and searches"), {"lan.packets_per_second", "lan.segment_interval", "lan.announce_interval"}},
         {_("Who is there"), {"lan.probe_interval", "lan.gone_after", "lan.keep_gone_days"}},
         {_("Lists for clients that understand them"),
          {"lan.lists", "lan.gather", "lan.push_interval", "lan.refresh_check", "lan.list_bytes"}},
         {_("Introductions for iptux"), {"lan.introductions", "lan.introductions_per_second"}},
         {_("Links to other bases"), {"bases.link_listen", "bases.voice_ports"}},
         {_("Limits"), {"lan.max_users", "lan.max_rumours", "lan.allow_loopback"}}},
        _("More"));
    editor_ = new RangesEditor(this, app, ranges);
    AddPage(form_, _("Local network"));
    AddPage(editor_, _("Broadcast settings other than local network"));
}

}  // namespace causeway::console
