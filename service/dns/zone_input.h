#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/proto/dns/ip_address.h"
#include "shared/proto/dns/tsig.h"

namespace causeway::dns {

/// Who asks: clients of the LAN subnets get LAN addresses, everybody else Internet addresses.
enum class View : std::uint8_t { Lan, Internet };
constexpr std::size_t kViews = 2;
const char* viewText(View view);  ///< "lan", "internet"

/// A host name with its addresses on either side. `name` is one label or several below the domain ("sn1"), or an
/// absolute name with a final dot; of a name outside the domain no addresses are published, its own zone has them.
struct HostFacts {
    std::string name;
    std::vector<IpAddress> lanAddresses;
    std::vector<IpAddress> internetAddresses;

    bool operator==(const HostFacts&) const = default;
};

/// One supernode of a domain. A port of 0 is a service that it does not offer.
struct SupernodeFacts {
    HostFacts host;
    std::uint16_t clientPort = 5222;     ///< XMPP with STARTTLS
    std::uint16_t clientTlsPort = 5223;  ///< XMPP over TLS from the first byte
    std::uint16_t serverPort = 0;        ///< other XMPP servers, STARTTLS
    std::uint16_t serverTlsPort = 0;     ///< other XMPP servers, TLS from the first byte
    std::uint16_t webPort = 5443;        ///< HTTPS: WebSocket, host-meta, files
    std::uint16_t priority = 10;         ///< SRV: lower is taken first
    std::uint16_t weight = 10;           ///< SRV: share among those of the same priority
    bool isLive = false;                 ///< only live ones are published
    /// SHA-256 of the SubjectPublicKeyInfo of its live certificate, 32 raw bytes, for TLSA 3 1 1; empty = none.
    std::string keyDigest;

    bool operator==(const SupernodeFacts&) const = default;
};

/// A server that takes whole zones. Only this address may transfer, with this key if one is named.
struct SecondaryFacts {
    Endpoint endpoint;    ///< NOTIFY goes there
    std::string keyName;  ///< of DnsSettings::keys; empty = no signature
    View view = View::Internet;

    bool operator==(const SecondaryFacts&) const = default;
};

/// All that chat DNS must know of one domain. service/domains fills it; buildZone() makes records of it.
struct ZoneInput {
    std::string domain;              ///< A-labels, "chat.example.com"
    bool servesInternet = false;     ///< else clients outside the LAN subnets are refused
    std::vector<Subnet> lanSubnets;  ///< empty = defaultLanSubnets()
    std::uint32_t ttl = 300;         ///< seconds; of all generated records
    std::vector<SupernodeFacts> supernodes;
    /// The names of the DNS servers of the domain, this one first; at least one. "ns1" with the addresses of this
    /// computer is right where nobody said otherwise.
    std::vector<HostFacts> nameServers;
    std::string contact = "hostmaster";   ///< mailbox of the SOA: "name", "name@host", or a domain name
    std::vector<std::string> caaIssuers;  ///< "letsencrypt.org"; ";" = nobody may issue; empty = no CAA record
    std::string websocketPath = "/ws";    ///< of _xmppconnect; empty = no such record
    std::string extraRecords;             ///< by hand, parseZoneText(); names are completed with the domain
    std::vector<SecondaryFacts> secondaries;
    /// The last serial that anybody may have seen, from the store; 0 = none. The served one is never behind it.
    std::uint32_t serialFloor = 0;

    bool operator==(const ZoneInput&) const = default;
};

/// Private, loopback and link-local networks of IPv4 and IPv6, and 100.64.0.0/10 (RFC 6598).
const std::vector<Subnet>& defaultLanSubnets();

}  // namespace causeway::dns
