#include "service/store/link_rows.h"

#include <Poco/Data/Binding.h>
#include <Poco/Data/RecordSet.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Nullable.h>
#include <Poco/Tuple.h>

#include <utility>

namespace causeway::store {

namespace {

using namespace Poco::Data::Keywords;
using Poco::Int64;
using Poco::Nullable;

Int64 asInt64(std::uint64_t value) {
    return static_cast<Int64>(value);
}

}  // namespace

std::vector<LinkRecord> readLinks(Database& database) {
    using Row = Poco::Tuple<Int64, std::string, Int64, std::string, std::string, Int64>;
    std::vector<Row> rows;
    database.session() << "SELECT base_id, host, port, fingerprint, service, linked_at FROM base_links ORDER BY "
                          "base_id",
        into(rows), now;
    std::vector<LinkRecord> links;
    for (const auto& row : rows) {
        LinkRecord link;
        link.base = static_cast<std::uint64_t>(row.get<0>());
        link.host = row.get<1>();
        link.port = static_cast<std::uint16_t>(row.get<2>());
        link.fingerprint = row.get<3>();
        link.service = row.get<4>();
        link.linkedAt = fromEpochMillis(row.get<5>());
        links.push_back(std::move(link));
    }
    return links;
}

Result<void> writeLink(Database& database, const LinkRecord& link) {
    Int64 bases = 0;
    Int64 others = 0;
    auto base = asInt64(link.base);
    auto fingerprint = link.fingerprint;
    database.session() << "SELECT COUNT(*) FROM bases WHERE id=?", bind(base), into(bases), now;
    if (bases == 0)
        return Error{Code::NotFound, "The link was not saved.", "Its base does not exist any more.", "Add it again."};
    database.session() << "SELECT COUNT(*) FROM base_links WHERE fingerprint=? AND base_id<>?", bind(fingerprint),
        bind(base), into(others), now;
    if (others > 0)
        return Error{Code::Conflict, "The link was not saved.", "That service is linked with another base already.",
                     "Unlink it there first."};
    database.session() << "INSERT OR REPLACE INTO base_links(base_id, host, port, fingerprint, service, linked_at) "
                          "VALUES(?, ?, ?, ?, ?, ?)",
        bind(base), bind(link.host), bind(Int64{link.port}), bind(fingerprint), bind(link.service),
        bind(Int64{epochMillis(link.linkedAt)}), now;
    return {};
}

void deleteLink(Database& database, std::uint64_t base) {
    database.session() << "DELETE FROM base_links WHERE base_id=?", bind(asInt64(base)), now;
    database.session() << "DELETE FROM base_invitations WHERE base_id=?", bind(asInt64(base)), now;
}

std::vector<InvitationRecord> readInvitations(Database& database) {
    using Row = Poco::Tuple<std::string, Int64, Int64, Int64, Nullable<Int64>>;
    std::vector<Row> rows;
    database.session() << "SELECT token_hash, base_id, made_at, expires_at, used_at FROM base_invitations ORDER BY "
                          "made_at",
        into(rows), now;
    std::vector<InvitationRecord> invitations;
    for (const auto& row : rows) {
        InvitationRecord invitation;
        invitation.tokenHash = row.get<0>();
        invitation.base = static_cast<std::uint64_t>(row.get<1>());
        invitation.madeAt = fromEpochMillis(row.get<2>());
        invitation.expiresAt = fromEpochMillis(row.get<3>());
        if (!row.get<4>().isNull()) invitation.usedAt = fromEpochMillis(row.get<4>().value());
        invitations.push_back(std::move(invitation));
    }
    return invitations;
}

void writeInvitation(Database& database, const InvitationRecord& invitation, TimePoint forgetBefore) {
    database.session() << "DELETE FROM base_invitations WHERE expires_at<?", bind(Int64{epochMillis(forgetBefore)}),
        now;
    database.session() << "INSERT INTO base_invitations(token_hash, base_id, made_at, expires_at) VALUES(?, ?, ?, ?)",
        bind(invitation.tokenHash), bind(asInt64(invitation.base)), bind(Int64{epochMillis(invitation.madeAt)}),
        bind(Int64{epochMillis(invitation.expiresAt)}), now;
}

Result<void> useInvitation(Database& database, const std::string& tokenHash, TimePoint when, const LinkRecord& link) {
    auto hash = tokenHash;
    Int64 open = 0;
    database.session() << "SELECT COUNT(*) FROM base_invitations WHERE token_hash=? AND used_at IS NULL", bind(hash),
        into(open), now;
    if (open == 0)
        return Error{Code::Conflict, "The invitation was used meanwhile.", "An invitation is good once.",
                     "Make a new one."};
    if (auto written = writeLink(database, link); !written) return written;
    database.session() << "UPDATE base_invitations SET used_at=? WHERE token_hash=?", bind(Int64{epochMillis(when)}),
        bind(hash), now;
    return {};
}

}  // namespace causeway::store
