#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/model/admin.h"
#include "shared/model/base_site.h"
#include "shared/model/lan_user.h"
#include "shared/model/remote_range.h"
#include "shared/model/user_search.h"

namespace causeway::store {

class ChatStorePort;
class LinkStorePort;

/// Records on disk. Policy never sees SQL; a second back end (PostgreSQL) implements the same class.
/// Threads: any. Reads block the caller for one query and must not be called on an event loop. Writes named *Later are
/// queued (bounded; the oldest unsaved user row gives way to its newer version) and committed in groups of at most 100
/// rows or 20 ms by the one writer thread; the others return after the commit.
class StorePort {
public:
    virtual ~StorePort() = default;

    // Settings of SettingHome::Store; only values that differ from the default are kept.
    virtual Result<std::vector<std::pair<std::string, std::string>>> loadSettings() = 0;
    virtual Result<void> saveSettings(
        const std::vector<std::pair<std::string, std::optional<std::string>>>& changes) = 0;

    // LAN users with their address history; ids are given by the directory and never reused.
    virtual Result<std::vector<LanUser>> loadUsers() = 0;
    virtual void saveUsersLater(std::vector<LanUser> users) = 0;
    virtual void removeUsersLater(std::vector<UserId> ids) = 0;
    virtual void addUserEventsLater(std::vector<std::pair<UserId, UserEvent>> events) = 0;
    virtual Result<std::vector<UserEvent>> userEvents(UserId id, std::size_t most) = 0;  ///< the newest, newest last

    virtual Result<std::vector<RemoteRange>> loadRanges() = 0;
    virtual Result<void> saveRanges(
        const std::vector<RemoteRange>& all) = 0;  ///< replaces the list, order kept; id 0 = new
    virtual void saveRangeResultsLater(std::vector<RemoteRange> changed) = 0;

    virtual Result<std::vector<UserSearch>> loadSearches(std::size_t most) = 0;  ///< newest first
    virtual Result<std::vector<SearchRow>> searchRows(std::uint64_t search, std::size_t from, std::size_t most) = 0;
    virtual void saveSearchLater(UserSearch search) = 0;
    virtual void addSearchRowsLater(std::uint64_t search, std::vector<SearchRow> rows) = 0;
    virtual void removeSearchLater(std::uint64_t search) = 0;

    /// Reports of packet traces as JSON texts, the oldest first; the newest `most` of them.
    virtual Result<std::vector<std::string>> loadTraces(std::size_t most) = 0;
    virtual void saveTraceLater(std::uint64_t id, TimePoint startedAt, std::string report) = 0;
    virtual void removeTraceLater(std::uint64_t id) = 0;

    /// What the visibility map keeps, as JSON texts with their numbers, ascending; number 0 is not a finding.
    virtual Result<std::vector<std::pair<std::uint64_t, std::string>>> loadVisibility() = 0;
    virtual void saveVisibilityLater(std::uint64_t id, std::string record) = 0;
    virtual void removeVisibilityLater(std::uint64_t id) = 0;

    virtual Result<std::vector<BaseSite>> bases() = 0;
    virtual Result<BaseSite> saveBase(BaseSite base) = 0;  ///< id 0 = new
    virtual Result<void> removeBase(std::uint64_t id) = 0;

    // Administrators; `passwordHash` is the text made by service/admin, never a password.
    struct AdminRow {
        Administrator admin;
        std::string passwordHash;
    };
    virtual Result<std::vector<AdminRow>> administrators() = 0;
    virtual Result<Administrator> saveAdministrator(const AdminRow& row) = 0;  ///< id 0 = new; empty hash = keep
    virtual Result<void> removeAdministrator(std::uint64_t id) = 0;

    struct TokenRow {
        ApiToken token;
        std::string tokenHash;  ///< SHA-256 of the token, hex
    };
    virtual Result<std::vector<TokenRow>> tokens() = 0;
    virtual Result<ApiToken> saveToken(const TokenRow& row) = 0;
    virtual Result<void> removeToken(std::uint64_t id) = 0;

    virtual Result<void> addAudit(const AuditEntry& entry) = 0;
    /// Entries with id < before (0 = from the newest), newest first.
    virtual Result<std::vector<AuditEntry>> audit(std::uint64_t before, std::size_t most) = 0;

    virtual Result<void> muteProblem(const std::string& id, std::optional<TimePoint> until) = 0;
    virtual Result<std::vector<std::pair<std::string, TimePoint>>> mutedProblems() = 0;

    /// Small named secrets (signing key), AES-256-GCM with the key file `secret.key` (0600) of the data folder.
    virtual Result<std::optional<Secret>> secret(std::string_view name) = 0;
    virtual Result<void> saveSecret(std::string_view name, const Secret& value) = 0;

    /// Highest number ever given under that name, to be continued after a restart (packet numbers, user ids).
    virtual Result<std::uint64_t> counter(std::string_view name) = 0;
    virtual void saveCounterLater(std::string_view name, std::uint64_t value) = 0;

    /// Deletes what is older than the retention settings say.
    virtual void pruneLater(TimePoint auditBefore, TimePoint eventsBefore, TimePoint searchesBefore) = 0;

    /// The records of the chat domains; null where they are not kept.
    virtual ChatStorePort* chat() { return nullptr; }
    /// The links to other services; null where they are not kept.
    virtual LinkStorePort* linkStore() { return nullptr; }

    /// Waits until everything queued so far is on disk.
    virtual Result<void> flush() = 0;
    /// Sentence about a failing disk, empty if fine; the queue keeps trying.
    virtual std::string trouble() const = 0;
};

}  // namespace causeway::store
