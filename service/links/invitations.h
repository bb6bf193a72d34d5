#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "shared/base/time.h"
#include "shared/model/base_link.h"

namespace causeway::links {

/// What becomes of a token that somebody shows.
struct TokenVerdict {
    std::uint64_t base = 0;  ///< of a good one
    std::string refusal;     ///< sentence for the administrator over there; empty: it is good
    std::string todo;
};

constexpr Duration kRememberInvitations = std::chrono::hours{24};  ///< after their end, to tell "expired" from "wrong"

/// Looks a token up by its hash; pure.
TokenVerdict judgeToken(const std::vector<InvitationRecord>& invitations, const std::string& tokenHash, TimePoint now);
/// Somebody may come with one: a handshake of a stranger is worth while.
bool isAnyRemembered(const std::vector<InvitationRecord>& invitations, TimePoint now);

/// Keeps strangers from trying: a few attempts of one address, and of all together.
/// Bounds: remembers at most 1,000 addresses.
class StrangerThrottle {
public:
    static constexpr std::size_t kMostOfOne = 5;
    static constexpr std::size_t kMostOfAll = 30;
    static constexpr Duration kWindow = std::chrono::minutes{10};

    /// Counts this attempt; false: not now.
    bool admit(const std::string& address, TimePoint now);

private:
    std::map<std::string, std::deque<TimePoint>> byAddress_;
    std::deque<TimePoint> all_;
};

}  // namespace causeway::links
