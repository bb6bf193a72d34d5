#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/base_link.h"

namespace causeway::links {

/// Links to the services of other bases, as the admin interface sees them. Any thread but a loop.
class LinksPort {
public:
    virtual ~LinksPort() = default;

    virtual LinkHouse links() = 0;

    /// Opens an invitation for the service of that base. `host`: under which the other side reaches this service;
    /// empty: what this service knows of itself. Errors: Unavailable (nobody can connect: bases.link_listen is off),
    /// BadInput.
    virtual Result<LinkInvitation> invite(std::uint64_t base, const std::string& baseName, Duration lifetime,
                                          const std::string& host) = 0;

    /// What the inviting service told of itself when it took the invitation.
    struct Meeting {
        std::string service;
        std::string base;  ///< as it calls itself; may be empty
        std::vector<Network4> segments;
        LinkRecord link;  ///< without its base
    };
    /// Uses an invitation: connects, proves it, and both know each other. Waits up to 12 s.
    /// Errors: BadInput (no invitation, our own), Timeout and Unavailable (nobody answers), Denied with the sentence of
    /// the other side (unknown, used or expired invitation; another certificate).
    virtual Result<Meeting> meet(const std::string& invitation) = 0;
    /// Keeps the link that a meeting made, and begins to use it.
    virtual Result<BaseLink> keep(std::uint64_t base, const Meeting& meeting) = 0;

    /// Tells the other side if it can, and forgets it with its open invitations. NotFound: there is none.
    virtual Result<void> unlink(std::uint64_t base) = 0;

    static constexpr Duration kLongestInvitation = std::chrono::hours{7 * 24};
    static constexpr Duration kUsualInvitation = std::chrono::hours{1};
};

/// Told when a link appeared, went, or changed its state; must not block.
class LinksObserver {
public:
    virtual ~LinksObserver() = default;
    virtual void linksChanged() = 0;
};

}  // namespace causeway::links
