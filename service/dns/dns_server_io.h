#pragma once

#include <memory>
#include <string>
#include <vector>

#include "service/dns/dns_port.h"
#include "service/dns/rate_limit.h"
#include "service/dns/responder.h"
#include "shared/base/log.h"

namespace causeway::dns {

struct DnsSettings {
    struct Listen {
        std::string address = "0.0.0.0";  ///< IPv4 or IPv6; "::" is IPv6 only
        std::uint16_t port = 53;          ///< 0 = any free one, the same for UDP and TCP
    };
    /// Empty: answers nobody and tells no secondary, but makes the records, for those who serve them elsewhere.
    std::vector<Listen> listen{{}};
    std::size_t workers = 0;  ///< UDP sockets and threads for each listener; 0 = one a core, at most 8
    RateLimits rateLimits{};
    CookiePolicy cookies = CookiePolicy::Offer;
    std::size_t tcpConnections = 512;      ///< at once; the longest idle one makes room
    std::size_t tcpConnectionsOfOne = 32;  ///< at once, of one address
    Duration tcpIdle = 15s;                ///< without a whole query
    std::vector<TsigKey> keys{};           ///< shared with secondaries, named by SecondaryFacts::keyName
    /// Who is asked by the live check besides this server; empty = those of /etc/resolv.conf.
    std::vector<std::string> systemResolvers{};
};

/// The chat DNS server: answers by UDP and TCP, hands zones to secondaries, and tells them of changes. Authoritative
/// only. The worker threads answer from an immutable snapshot; setZones() swaps it.
/// Threads: own ones; all functions from any thread.
class DnsServer : public DnsPort {
public:
    /// Opens all listeners or none. `observer` may be nullptr; it and `log` outlive the server.
    /// Errors: BadInput, Conflict (the text names the program that holds the port), Denied, Unavailable.
    static Result<std::unique_ptr<DnsServer>> open(const DnsSettings& settings, Log& log, DnsObserver* observer);

    /// All domains to serve from now on. Returns when the new answers are in place; secondaries are told after that.
    /// Warnings are in warnings(), and in the log as DNS_ZONE_WARNING when they are new.
    virtual void setZones(const std::vector<ZoneInput>& inputs) = 0;
    /// New keys for secondaries; zones stay.
    virtual void setKeys(std::vector<TsigKey> keys) = 0;
};

}  // namespace causeway::dns
