#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/dns/live_check.h"
#include "service/dns/notify_plan.h"
#include "service/dns/records_text.h"
#include "service/dns/zone_input.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::dns {

struct DnsStatus {
    struct Listener {
        std::string address;
        std::uint16_t port = 0;
    };
    bool isOn = false;
    std::vector<Listener> listeners;  ///< UDP and TCP each
    std::size_t domains = 0;
    std::size_t workers = 0;
    std::uint64_t queries = 0;
    std::uint64_t answered = 0;
    std::uint64_t noName = 0;
    std::uint64_t noData = 0;
    std::uint64_t refused = 0;
    std::uint64_t malformed = 0;
    std::uint64_t truncated = 0;
    std::uint64_t limited = 0;
    std::size_t tcpConnections = 0;
    std::uint64_t transfers = 0;
};

/// One line of the chat DNS table: a supernode of a domain as seen from one side.
struct DnsRow {
    std::string domain;
    std::string supernode;
    std::string address;  ///< "192.0.2.1"; empty if it has none on this side
    std::uint16_t port = 0;
    View view = View::Lan;
    bool isLive = false;  ///< else it is withdrawn: no records lead to it
    std::uint32_t ttl = 0;
    std::uint32_t serial = 0;
    std::uint64_t queries = 0;           ///< of the domain, since the start
    std::optional<TimePoint> lastQuery;  ///< of the domain
};

struct DnsRecordRow {
    std::string name;
    std::string type;
    std::uint32_t ttl = 0;
    std::string data;
};

struct DnsWarning {
    std::string domain;
    Error error;
};

/// What one resolver says about a domain.
struct DnsCheckReport {
    std::string resolver;   ///< "this server", "system", or as given
    std::string address;    ///< "192.0.2.1:53"
    View view = View::Lan;  ///< against whose records it was compared
    bool isRight = false;   ///< all needed records are right
    std::vector<CheckRow> rows;
};

/// Chat DNS as the admin interface sees it. Any thread.
class DnsPort {
public:
    virtual ~DnsPort() = default;

    virtual DnsStatus status() = 0;
    virtual std::vector<DnsRow> table() = 0;
    virtual std::vector<SecondaryState> secondaries() = 0;
    virtual std::vector<DnsWarning> warnings() = 0;  ///< what could not be served
    /// Errors: NotFound.
    virtual Result<std::vector<DnsRecordRow>> records(const std::string& domain, View view) = 0;
    /// recordsFor(). Errors: NotFound, BadInput.
    virtual Result<std::string> recordsText(const std::string& domain, View view, TextForm form,
                                            const std::string& hostZone) = 0;
    /// Everything that is wrong with records written by hand, each with its line; empty: nothing.
    virtual std::vector<Error> checkExtra(const std::string& domain, const std::string& text) = 0;
    /// Asks this server, the resolvers of the system and `resolvers` (addresses, with ":port" if it is not 53), and
    /// compares. Blocks up to six seconds: call it on a work pool. `view`: which records the resolvers by hand and of
    /// the system should show. Errors: NotFound, BadInput (a resolver is no address), TooMany (over 8).
    virtual Result<std::vector<DnsCheckReport>> check(const std::string& domain, View view,
                                                      const std::vector<std::string>& resolvers) = 0;
};

/// Told after a change; must not block. Any thread.
class DnsObserver {
public:
    virtual ~DnsObserver() = default;
    /// A new version is served. Keep the serial: ZoneInput::serialFloor after a restart.
    virtual void zoneServed(const std::string& domain, std::uint32_t serial) = 0;
    virtual void secondariesChanged() = 0;
};

}  // namespace causeway::dns
