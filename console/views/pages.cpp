#include "console/views/pages.h"

#include <algorithm>

#include <wx/intl.h>

namespace causeway::console {

const std::vector<PageRow>& pageRows() {
    static const std::vector<PageRow> rows{
        {"overview", wxTRANSLATE("Overview"), wxTRANSLATE("problems status health traffic charts"), "overview",
         PageGroup::Top, 'O', &createOverviewPage},
        {"users", wxTRANSLATE("Users"), wxTRANSLATE("people members LAN list directory addresses"), "users",
         PageGroup::Lan, 'U', &createUsersPage},
        {"unstable", wxTRANSLATE("Unstable"), wxTRANSLATE("unstable users flapping silent duplicate"), "unstable",
         PageGroup::Lan, 'N', &createUnstablePage},
        {"search", wxTRANSLATE("External search"), wxTRANSLATE("external user search sweep ranges scan"),
         "search-external", PageGroup::Lan, 'E', &createSearchPage},
        {"trace", wxTRANSLATE("Packet trace"),
         wxTRANSLATE("ping probe path route firewall fault diagnosis does not see not seen verdict pcapng report"),
         "trace", PageGroup::Lan, 'J', &createTracePage},
        {"visibility", wxTRANSLATE("Visibility"),
         wxTRANSLATE("who sees whom heat map matrix bases segments dark block lists findings site link"), "visibility",
         PageGroup::Lan, 'Q', &createVisibilityPage},
        {"domains", wxTRANSLATE("Domains"),
         wxTRANSLATE("chat domains supernodes registration marks accounts people directory certificate"), "domain",
         PageGroup::Chat, 'D', &createDomainsPage},
        {"providers", wxTRANSLATE("Providers"),
         wxTRANSLATE("authentication directory LDAP Active Directory RADIUS HTTP SQL passwords logins"), "provider",
         PageGroup::Chat, 'I', &createProvidersPage},
        {"chat-dns", wxTRANSLATE("Chat DNS"), wxTRANSLATE("DNS records zones SRV resolvers secondaries check"), "dns",
         PageGroup::Chat, 'Z', &createChatDnsPage},
        {"log", wxTRANSLATE("Log and audit"), wxTRANSLATE("messages history who changed what"), "log",
         PageGroup::Server, 'L', &createLogPage},
        {"preferences", wxTRANSLATE("Preferences"),
         wxTRANSLATE("application settings options network broadcast settings bases administrators"), "preferences",
         PageGroup::Server, 'P', &createPreferencesPage},
    };
    return rows;
}

const PageRow* findPage(const std::string& id) {
    const auto& rows = pageRows();
    const auto found = std::find_if(rows.begin(), rows.end(), [&id](const PageRow& row) { return id == row.id; });
    return found == rows.end() ? nullptr : &*found;
}

}  // namespace causeway::console
