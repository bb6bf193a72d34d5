#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/dns/zone_input.h"
#include "shared/base/result.h"

/// Settings of chat DNS as an administrator writes them: items separated by commas, blanks around them do not count.
/// All errors are BadInput with the item in the sentence and what to write instead.
namespace causeway::dns {

/// "0.0.0.0:53, [::]:53"; an address alone has port 53. One to eight, none twice.
Result<std::vector<Endpoint>> parseListeners(std::string_view text);
/// "0.0.0.0, [::]": addresses alone, with or without brackets. One to eight, none twice.
Result<std::vector<IpAddress>> parseAddresses(std::string_view text);
/// "10.0.0.0/8, fd00::/8"; at most 64; empty = none.
Result<std::vector<Subnet>> parseSubnets(std::string_view text);
/// "192.0.2.53", "192.0.2.53:5353 key=transfer view=lan"; view is internet where it is not said. At most 16; empty =
/// none.
Result<std::vector<SecondaryFacts>> parseSecondaries(std::string_view text);
/// "letsencrypt.org, ca.example" or ";"; at most 8.
Result<std::vector<std::string>> parseIssuers(std::string_view text);
/// Mailbox of the SOA: "hostmaster", "hostmaster@example.com". What is wrong, or nothing.
Result<void> checkContact(std::string_view text);
/// An address of a computer, IPv4 or IPv6, not 0.0.0.0. The normal form; empty stays empty.
Result<std::string> parseHostAddress(std::string_view text);

}  // namespace causeway::dns
