#include "service/links/invitations.h"

#include <algorithm>

namespace causeway::links {

namespace {

constexpr std::size_t kMostAddresses = 1000;

void forget(std::deque<TimePoint>& times, TimePoint before) {
    while (!times.empty() && times.front() < before)
        times.pop_front();
}

}  // namespace

TokenVerdict judgeToken(const std::vector<InvitationRecord>& invitations, const std::string& tokenHash, TimePoint now) {
    const char* again = "Ask the administrator of that side for a new invitation.";
    for (const auto& each : invitations) {
        if (each.tokenHash != tokenHash) continue;
        if (each.usedAt)
            return {0, "The invitation was used already, at " + isoText(*each.usedAt) + "; each is good once.", again};
        if (now >= each.expiresAt) return {0, "The invitation ended at " + isoText(each.expiresAt) + ".", again};
        return {each.base, {}, {}};
    }
    return {0, "The other service does not know this invitation: it is wrong, or was withdrawn.", again};
}

bool isAnyRemembered(const std::vector<InvitationRecord>& invitations, TimePoint now) {
    return std::any_of(invitations.begin(), invitations.end(),
                       [now](const InvitationRecord& each) { return now < each.expiresAt + kRememberInvitations; });
}

bool StrangerThrottle::admit(const std::string& address, TimePoint now) {
    forget(all_, now - kWindow);
    for (auto at = byAddress_.begin(); at != byAddress_.end();) {
        forget(at->second, now - kWindow);
        at = at->second.empty() ? byAddress_.erase(at) : std::next(at);
    }
    if (all_.size() >= kMostOfAll) return false;
    if (!byAddress_.contains(address) && byAddress_.size() >= kMostAddresses) return false;
    auto& own = byAddress_[address];
    if (own.size() >= kMostOfOne) return false;
    own.push_back(now);
    all_.push_back(now);
    return true;
}

}  // namespace causeway::links
