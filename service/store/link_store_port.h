#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/base_link.h"

namespace causeway::store {

/// Links to the services of other bases. Threads and writes as StorePort: reads block for one query, saves return after
/// the commit. A base takes its link and invitations with it when it is removed.
class LinkStorePort {
public:
    virtual ~LinkStorePort() = default;

    virtual Result<std::vector<LinkRecord>> links() = 0;
    /// Replaces the link of that base. Errors: NotFound (no such base), Conflict (another base has that certificate).
    virtual Result<void> saveLink(const LinkRecord& link) = 0;
    virtual Result<void> removeLink(std::uint64_t base) = 0;  ///< with its invitations

    virtual Result<std::vector<InvitationRecord>> invitations() = 0;
    /// Adds it; those that ended before `forgetBefore` are forgotten.
    virtual Result<void> addInvitation(const InvitationRecord& invitation, TimePoint forgetBefore) = 0;
    /// Marks it used and saves the link, both or none. Errors: those of saveLink(); Conflict (used meanwhile).
    virtual Result<void> redeem(const std::string& tokenHash, TimePoint now, const LinkRecord& link) = 0;
};

}  // namespace causeway::store
