#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "service/xmpp/door_session.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::xmpp {

struct DoorAddress {
    /// IPv4 or IPv6 of this computer, "0.0.0.0", "::" (IPv6 only; left out in silence where there is no IPv6).
    std::string address;
    std::uint16_t port = 0;
    DoorKind kind = DoorKind::StartTls;
};

/// A port that could not be opened; it is tried again every ten seconds.
struct DoorProblem {
    DoorAddress address;
    Error error;
    TimePoint since{};
};

struct DoorStatus {
    std::vector<DoorAddress> listeners;  ///< with their real ports
    std::vector<DoorProblem> problems;
    std::size_t open = 0;           ///< connections now
    std::uint64_t accepted = 0;     ///< since the start
    std::uint64_t refused = 0;      ///< too many
    std::uint64_t tlsFailed = 0;    ///< handshakes: garbage, unknown name, certificate not liked
    std::uint64_t silent = 0;       ///< closed because nothing came in time
    std::uint64_t badStreams = 0;   ///< not XML, wrong namespace and the like
    std::uint64_t reachedGate = 0;  ///< came to where a login would begin
};

/// The listeners of the supernode as the admin interface sees them. Any thread.
class DoorPort {
public:
    virtual ~DoorPort() = default;
    virtual DoorStatus status() const = 0;
};

}  // namespace causeway::xmpp
