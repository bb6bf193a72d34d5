#pragma once

#include <string>
#include <vector>

#include "service/store/database.h"
#include "shared/base/result.h"
#include "shared/model/base_link.h"

namespace causeway::store {

// Rows of base_links and base_invitations. All throw Poco exceptions.

std::vector<LinkRecord> readLinks(Database& database);
Result<void> writeLink(Database& database, const LinkRecord& link);
void deleteLink(Database& database, std::uint64_t base);
std::vector<InvitationRecord> readInvitations(Database& database);
void writeInvitation(Database& database, const InvitationRecord& invitation, TimePoint forgetBefore);
Result<void> useInvitation(Database& database, const std::string& tokenHash, TimePoint now, const LinkRecord& link);

}  // namespace causeway::store
