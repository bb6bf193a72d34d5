#pragma once

#include <string>
#include <vector>

#include "service/dns/zone.h"

namespace causeway::dns {

/// Whose language the records are written in.
enum class TextForm : std::uint8_t { Bind, Windows, Dnsmasq, Unbound };
const char* textFormText(TextForm form);  ///< "bind", "windows", "dnsmasq", "unbound"
std::optional<TextForm> parseTextForm(std::string_view text);

/// The records that another DNS server needs so that clients find the supernodes, ready to be pasted; SOA and NS are
/// left out, as that server has its own. `hostZone`: the zone at that server which takes them, "example.com"; empty =
/// the domain itself is a zone there. Errors: BadInput (the domain is not below that zone).
Result<std::string> recordsFor(TextForm form, const Zone& zone, View view, const std::string& hostZone);

}  // namespace causeway::dns
