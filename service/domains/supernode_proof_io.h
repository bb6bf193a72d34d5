#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "service/domains/domains_port.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/certificate_facts.h"
#include "shared/model/chat_domain.h"
#include "shared/model/proof.h"

namespace causeway::domains {

/// One SRV record as a DNS server told it, with the addresses of its target.
struct SrvFinding {
    std::string service;  ///< "_xmpp-client" or "_xmpps-client"
    std::string target;   ///< without a dot at the end, lower case
    std::uint16_t port = 0;
    std::uint16_t priority = 0;
    std::uint16_t weight = 0;
    std::vector<std::string> addresses;  ///< of A and AAAA, in normal form
};
/// Both services of a domain, asked of one DNS server. Waits at most until the deadline. No records: an empty list.
/// Errors: Unavailable, Timeout and others, for a server that could not be asked.
using SrvLookup = std::function<Result<std::vector<SrvFinding>>(const std::string& domain, TimePoint deadline)>;

/// Whether the resolver of this computer must know the domain. Where clients use other name servers, it need not.
enum class SystemResolver { Counts, IsOnlyShown };

struct ProofOptions {
    SrvLookup ownDns{};     ///< the chat DNS server of this service; empty: it is off
    SrvLookup systemDns{};  ///< empty: not asked
    SystemResolver systemResolver = SystemResolver::Counts;
    /// The certificate that this service shows for the domain; nothing: it has none, or the domain is served elsewhere.
    std::optional<CertificateFacts> certificate{};
    std::string trustedPem{};            ///< authorities of the company beside those of this computer
    std::string loopback = "127.0.0.1";  ///< for a local supernode without an address
    std::function<TimePoint()> now{};    ///< empty: the clock of the event loops
};

/// Proves that clients can find and reach the supernodes of a domain: for each one DNS, TCP, StartTLS and direct TLS,
/// with the certificate as a client sees it. One good supernode is enough. Goes as far as TLS and says so: logins are
/// not tried yet.
/// Blocks until the deadline at most (call it on a work pool); the supernodes share the time.
ProofStep proveSupernode(const ChatDomain& domain, const std::vector<SupernodeView>& supernodes,
                         const ProofOptions& options, TimePoint deadline);

}  // namespace causeway::domains
