#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/base_site.h"
#include "shared/model/lan_user.h"

namespace causeway::discovery {

/// Figures of the LAN directory for the overview, /metrics and tests.
struct LanStatus {
    bool isListening = false;
    std::string listen;         ///< "0.0.0.0:2425", the real one
    std::string problem;        ///< why it does not listen
    bool canIntroduce = false;  ///< the process may send with a foreign source address
    bool introductionsOn = false;
    std::uint64_t users = 0;
    std::uint64_t present = 0;
    std::uint64_t silent = 0;
    std::uint64_t gone = 0;
    std::uint64_t unconfirmed = 0;
    std::uint64_t unstable = 0;
    std::uint64_t rumours = 0;
    std::uint64_t packetsIn = 0, packetsOut = 0, bytesIn = 0, bytesOut = 0;
    std::uint64_t packetsIgnored = 0;  ///< malformed, own, over a limit
    std::uint64_t listsSent = 0, introductionsSent = 0, introductionsQueued = 0;
    std::uint64_t revision = 0;
    std::string serverUser;  ///< our own user name on the LAN
    std::string fingerprint;
    std::vector<LanInterface> interfaces;
};

/// What the admin interface may ask of the LAN directory. Any thread; each call waits at most two seconds for the LAN
/// loop and answers Timeout after that.
class LanPort {
public:
    virtual ~LanPort() = default;
    virtual Result<LanStatus> status() = 0;
    /// Users with id > after, ascending, at most `most`; rumours are not users.
    virtual Result<std::vector<LanUser>> usersAfter(UserId after, std::size_t most) = 0;
    virtual Result<std::vector<LanUser>> usersById(std::span<const UserId> ids) = 0;  ///< unknown ids are left out
    virtual Result<LanUser> user(UserId id) = 0;
    virtual Result<std::vector<UserEvent>> history(UserId id) = 0;
    /// Sends a probe now; the result comes as a change of the user.
    virtual Result<void> probe(UserId id) = 0;
    /// Leaves the user out of the unstable list until then; nullopt = stop ignoring.
    virtual Result<void> ignoreInstability(UserId id, std::optional<TimePoint> until) = 0;
    virtual Result<void> forget(UserId id) = 0;  ///< removes a user who is Gone; Conflict otherwise
};

/// Told on the LAN loop; must not block.
class LanObserver {
public:
    virtual ~LanObserver() = default;
    virtual void usersChanged(std::span<const UserId> ids) = 0;
    virtual void usersRemoved(std::span<const UserId> ids) = 0;
};

}  // namespace causeway::discovery
