#include "service/store/sqlite_store.h"

#include <Poco/Data/LOB.h>
#include <Poco/Data/Session.h>
#include <Poco/Data/Statement.h>
#include <Poco/Nullable.h>
#include <Poco/Tuple.h>

#include <filesystem>
#include <limits>
#include <mutex>
#include <utility>

#include "service/store/chat_rows.h"
#include "service/store/lan_user_rows.h"
#include "service/store/link_rows.h"
#include "service/store/link_store_port.h"
#include "service/store/migrations.h"
#include "service/store/private_file.h"
#include "service/store/search_rows.h"
#include "service/store/secret_box.h"
#include "service/store/store_file.h"
#include "service/store/write_queue.h"

namespace causeway::store {

namespace {

using Poco::Int64;
using Poco::Nullable;
using Poco::Tuple;
using Poco::Data::Keywords::bind;
using Poco::Data::Keywords::into;
using Poco::Data::Keywords::now;

// into(int) cuts larger values silently, so every number is an Int64.
Int64 asInt64(std::uint64_t value) {
    return static_cast<Int64>(value);
}
Int64 asInt64(TimePoint when) {
    return epochMillis(when);
}
Nullable<Int64> asInt64(const std::optional<TimePoint>& when) {
    return when ? Nullable<Int64>{epochMillis(*when)} : Nullable<Int64>{};
}
std::optional<TimePoint> maybeTime(const Nullable<Int64>& value) {
    if (value.isNull()) return std::nullopt;
    return fromEpochMillis(value.value());
}

Error nothingHasThatId(const std::string& what) {
    return {Code::NotFound, "The " + what + " was not saved.", "It does not exist any more.",
            "Load the list again; somebody else may have removed it."};
}

Error nameIsTaken(const std::string& what, const std::string& name) {
    return {Code::Conflict, "The " + what + " was not saved.", "The name " + name + " is taken already.",
            "Choose another name."};
}

/// Runs one writing SQL call whose only expected failure is a name that is taken.
template <class F>
Result<void> unlessTaken(const std::string& what, const std::string& name, F write) {
    try {
        return write();
    } catch (...) {
        if (kindOfCurrentException() == FailureKind::Row) return nameIsTaken(what, name);
        throw;
    }
}

class SqliteStore final : public StorePort, public ChatStorePort, public LinkStorePort {
public:
    SqliteStore(const std::string& path, SecretBox box, Log& log)
        : writer_(path), reader_(path), box_(std::move(box)), log_(log) {
        writer_.execute("PRAGMA journal_size_limit=16777216");
        reader_.execute("PRAGMA query_only=ON");
        queue_.emplace([this](const auto& writes, Sureness sureness) { return commit(writes, sureness); },
                       WriteQueueLimits{}, log_);
    }

    Result<std::vector<std::pair<std::string, std::string>>> loadSettings() override {
        return read("The settings could not be read.", [](Database& database) {
            std::vector<Tuple<std::string, std::string>> rows;
            database.session() << "SELECT key, value FROM settings ORDER BY key", into(rows), now;
            std::vector<std::pair<std::string, std::string>> settings;
            settings.reserve(rows.size());
            for (const auto& row : rows)
                settings.emplace_back(row.get<0>(), row.get<1>());
            return settings;
        });
    }

    Result<void> saveSettings(const std::vector<std::pair<std::string, std::optional<std::string>>>& changes) override {
        return queue_->runNow([&changes](Database& database) -> Result<void> {
            for (const auto& [key, value] : changes) {
                if (value) {
                    database.session() << "INSERT OR REPLACE INTO settings(key, value) VALUES(?, ?)", bind(key),
                        bind(*value), now;
                } else {
                    database.session() << "DELETE FROM settings WHERE key=?", bind(key), now;
                }
            }
            return {};
        });
    }

    Result<std::vector<LanUser>> loadUsers() override {
        return read("The users could not be read.", [](Database& database) { return readUsers(database); });
    }

    void saveUsersLater(std::vector<LanUser> users) override {
        for (auto& user : users) {
            auto key = userKey(user.id);
            queue_->put(std::move(key), WriteQueue::Place::Kept,
                        [user = std::move(user)](Database& database) -> Result<void> {
                            writeUser(database, user);
                            return {};
                        });
        }
    }

    void removeUsersLater(std::vector<UserId> ids) override {
        for (const auto id : ids) {
            queue_->addOrder(
                [id](Database& database) -> Result<void> {
                    deleteUser(database, id);
                    return {};
                },
                userKey(id));
        }
    }

    void addUserEventsLater(std::vector<std::pair<UserId, UserEvent>> events) override {
        for (auto& each : events) {
            queue_->add([each = std::move(each)](Database& database) -> Result<void> {
                writeUserEvent(database, each.first, each.second);
                return {};
            });
        }
    }

    Result<std::vector<UserEvent>> userEvents(UserId id, std::size_t most) override {
        return read("The events of the user could not be read.",
                    [id, most](Database& database) { return readUserEvents(database, id, most); });
    }

    Result<std::vector<RemoteRange>> loadRanges() override {
        return read("The remote ranges could not be read.", [](Database& database) {
            using Row = Tuple<Int64, std::string, bool, Nullable<Int64>, Int64, Int64, Nullable<Int64>, Nullable<Int64>,
                              std::string>;
            std::vector<Row> rows;
            database.session() << "SELECT id, text, is_enabled, last_run, address_count, answers, last_answer, "
                                  "silent_since, problem FROM ranges ORDER BY place",
                into(rows), now;
            std::vector<RemoteRange> ranges;
            ranges.reserve(rows.size());
            for (const auto& row : rows) {
                RemoteRange range;
                range.id = static_cast<std::uint64_t>(row.get<0>());
                range.text = row.get<1>();
                range.isEnabled = row.get<2>();
                range.lastRun = maybeTime(row.get<3>());
                range.addressCount = static_cast<std::uint32_t>(row.get<4>());
                range.answers = static_cast<std::uint32_t>(row.get<5>());
                range.lastAnswer = maybeTime(row.get<6>());
                range.silentSince = maybeTime(row.get<7>());
                range.problem = row.get<8>();
                ranges.push_back(std::move(range));
            }
            return ranges;
        });
    }

    Result<void> saveRanges(const std::vector<RemoteRange>& all) override {
        queue_->drop(kRangeKey);  // results that wait are older than what is saved here
        return queue_->runNow([&all](Database& database) -> Result<void> {
            database.execute("DELETE FROM ranges");
            Int64 place = 0;
            for (const auto& range : all) {
                database.session() << "INSERT INTO ranges(id, place, text, is_enabled, last_run, address_count, "
                                      "answers, last_answer, silent_since, problem) "
                                      "VALUES(NULLIF(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    bind(asInt64(range.id)), bind(place++), bind(range.text), bind(range.isEnabled),
                    bind(asInt64(range.lastRun)), bind(asInt64(std::uint64_t{range.addressCount})),
                    bind(asInt64(std::uint64_t{range.answers})), bind(asInt64(range.lastAnswer)),
                    bind(asInt64(range.silentSince)), bind(range.problem), now;
            }
            return {};
        });
    }

    void saveRangeResultsLater(std::vector<RemoteRange> changed) override {
        for (auto& each : changed) {
            auto key = kRangeKey + std::to_string(each.id);
            queue_->put(std::move(key), WriteQueue::Place::Kept,
                        [range = std::move(each)](Database& database) -> Result<void> {
                            database.session() << "UPDATE ranges SET last_run=?, address_count=?, answers=?, "
                                                  "last_answer=?, silent_since=?, problem=? WHERE id=?",
                                bind(asInt64(range.lastRun)), bind(asInt64(std::uint64_t{range.addressCount})),
                                bind(asInt64(std::uint64_t{range.answers})), bind(asInt64(range.lastAnswer)),
                                bind(asInt64(range.silentSince)), bind(range.problem), bind(asInt64(range.id)), now;
                            return {};
                        });
        }
    }

    Result<std::vector<UserSearch>> loadSearches(std::size_t most) override {
        return read("The searches could not be read.",
                    [most](Database& database) { return readSearches(database, most); });
    }

    Result<std::vector<SearchRow>> searchRows(std::uint64_t search, std::size_t from, std::size_t most) override {
        return read("The results of the search could not be read.",
                    [search, from, most](Database& database) { return readSearchRows(database, search, from, most); });
    }

    void saveSearchLater(UserSearch search) override {
        auto key = searchKey(search.id);
        // Behind the rows that are queued, so that "finished" is never there before the last row.
        queue_->put(std::move(key), WriteQueue::Place::AtEnd,
                    [search = std::move(search)](Database& database) -> Result<void> {
                        writeSearch(database, search);
                        return {};
                    });
    }

    void addSearchRowsLater(std::uint64_t search, std::vector<SearchRow> rows) override {
        for (auto& each : rows) {
            queue_->add([search, row = std::move(each)](Database& database) -> Result<void> {
                writeSearchRow(database, search, row);
                return {};
            });
        }
    }

    void removeSearchLater(std::uint64_t search) override {
        queue_->addOrder(
            [search](Database& database) -> Result<void> {
                deleteSearch(database, search);
                return {};
            },
            searchKey(search));
    }

    Result<std::vector<std::string>> loadTraces(std::size_t most) override {
        return read("The packet traces could not be read.", [most](Database& database) {
            std::vector<std::string> reports;
            database.session() << "SELECT report FROM (SELECT id, report FROM traces ORDER BY id DESC LIMIT ?) "
                                  "ORDER BY id",
                into(reports), bind(asInt64(std::uint64_t{most})), now;
            return reports;
        });
    }

    void saveTraceLater(std::uint64_t id, TimePoint startedAt, std::string report) override {
        queue_->put(traceKey(id), WriteQueue::Place::AtEnd,
                    [id, startedAt, report = std::move(report)](Database& database) -> Result<void> {
                        database.session() << "INSERT OR REPLACE INTO traces(id, started_at, report) VALUES(?, ?, ?)",
                            bind(asInt64(id)), bind(asInt64(startedAt)), bind(report), now;
                        return {};
                    });
    }

    void removeTraceLater(std::uint64_t id) override {
        queue_->addOrder(
            [id](Database& database) -> Result<void> {
                database.session() << "DELETE FROM traces WHERE id=?", bind(asInt64(id)), now;
                return {};
            },
            traceKey(id));
    }

    Result<std::vector<std::pair<std::uint64_t, std::string>>> loadVisibility() override {
        return read("What the visibility map kept could not be read.", [](Database& database) {
            std::vector<Tuple<Int64, std::string>> rows;
            database.session() << "SELECT id, record FROM visibility ORDER BY id", into(rows), now;
            std::vector<std::pair<std::uint64_t, std::string>> kept;
            kept.reserve(rows.size());
            for (const auto& row : rows)
                kept.emplace_back(static_cast<std::uint64_t>(row.get<0>()), row.get<1>());
            return kept;
        });
    }

    void saveVisibilityLater(std::uint64_t id, std::string record) override {
        queue_->put(visibilityKey(id), WriteQueue::Place::AtEnd,
                    [id, record = std::move(record)](Database& database) -> Result<void> {
                        database.session() << "INSERT OR REPLACE INTO visibility(id, record) VALUES(?, ?)",
                            bind(asInt64(id)), bind(record), now;
                        return {};
                    });
    }

    void removeVisibilityLater(std::uint64_t id) override {
        queue_->addOrder(
            [id](Database& database) -> Result<void> {
                database.session() << "DELETE FROM visibility WHERE id=?", bind(asInt64(id)), now;
                return {};
            },
            visibilityKey(id));
    }

    Result<std::vector<BaseSite>> bases() override {
        return read("The bases could not be read.", [](Database& database) {
            std::vector<Tuple<Int64, std::string, std::string>> rows;
            database.session() << "SELECT id, name, note FROM bases ORDER BY id", into(rows), now;
            std::vector<Tuple<Int64, std::string>> segments;
            database.session() << "SELECT base_id, network FROM base_segments ORDER BY base_id, place", into(segments),
                now;
            std::vector<BaseSite> bases;
            auto segment = segments.begin();
            for (const auto& row : rows) {
                BaseSite base;
                base.id = static_cast<std::uint64_t>(row.get<0>());
                base.name = row.get<1>();
                base.note = row.get<2>();
                for (; segment != segments.end() && segment->get<0>() == row.get<0>(); ++segment) {
                    if (const auto network = Network4::parse(segment->get<1>())) base.segments.push_back(*network);
                }
                bases.push_back(std::move(base));
            }
            return bases;
        });
    }

    Result<BaseSite> saveBase(BaseSite base) override {
        auto saved = queue_->runNow([&base](Database& database) {
            return unlessTaken("base", base.name, [&]() -> Result<void> {
                if (base.id == 0) {
                    database.session() << "INSERT INTO bases(name, note) VALUES(?, ?)", bind(base.name),
                        bind(base.note), now;
                    base.id = static_cast<std::uint64_t>(database.lastInsertId());
                } else {
                    database.session() << "UPDATE bases SET name=?, note=? WHERE id=?", bind(base.name),
                        bind(base.note), bind(asInt64(base.id)), now;
                    if (database.changedRows() == 0) return nothingHasThatId("base");
                }
                database.session() << "DELETE FROM base_segments WHERE base_id=?", bind(asInt64(base.id)), now;
                Int64 place = 0;
                for (const auto& segment : base.segments) {
                    database.session() << "INSERT INTO base_segments(base_id, place, network) VALUES(?, ?, ?)",
                        bind(asInt64(base.id)), bind(place++), bind(segment.text()), now;
                }
                return {};
            });
        });
        if (!saved) return saved.error();
        return base;
    }

    Result<void> removeBase(std::uint64_t id) override { return removeById("bases", "base", id); }

    Result<std::vector<AdminRow>> administrators() override {
        return read("The administrators could not be read.", [](Database& database) {
            std::vector<Tuple<Int64, std::string, std::string, bool, Int64, Nullable<Int64>, std::string>> rows;
            database.session() << "SELECT id, name, role, is_disabled, created_at, last_login, password_hash "
                                  "FROM administrators ORDER BY id",
                into(rows), now;
            std::vector<AdminRow> administrators;
            administrators.reserve(rows.size());
            for (const auto& row : rows) {
                AdminRow each;
                each.admin.id = static_cast<std::uint64_t>(row.get<0>());
                each.admin.name = row.get<1>();
                // An unknown role may do the least.
                each.admin.role = roleOf(row.get<2>()).value_or(Role::Viewer);
                each.admin.isDisabled = row.get<3>();
                each.admin.createdAt = fromEpochMillis(row.get<4>());
                each.admin.lastLogin = maybeTime(row.get<5>());
                each.passwordHash = row.get<6>();
                administrators.push_back(std::move(each));
            }
            return administrators;
        });
    }

    Result<Administrator> saveAdministrator(const AdminRow& row) override {
        auto admin = row.admin;
        auto saved = queue_->runNow([&admin, &row](Database& database) {
            return unlessTaken("administrator", admin.name, [&]() -> Result<void> {
                const std::string role = wordOf(admin.role);
                if (admin.id == 0) {
                    database.session() << "INSERT INTO administrators(name, role, is_disabled, created_at, last_login, "
                                          "password_hash) VALUES(?, ?, ?, ?, ?, ?)",
                        bind(admin.name), bind(role), bind(admin.isDisabled), bind(asInt64(admin.createdAt)),
                        bind(asInt64(admin.lastLogin)), bind(row.passwordHash), now;
                    admin.id = static_cast<std::uint64_t>(database.lastInsertId());
                    return {};
                }
                database.session() << "UPDATE administrators SET name=?, role=?, is_disabled=?, created_at=?, "
                                      "last_login=?, password_hash=COALESCE(NULLIF(?, ''), password_hash) WHERE id=?",
                    bind(admin.name), bind(role), bind(admin.isDisabled), bind(asInt64(admin.createdAt)),
                    bind(asInt64(admin.lastLogin)), bind(row.passwordHash), bind(asInt64(admin.id)), now;
                if (database.changedRows() == 0) return nothingHasThatId("administrator");
                return {};
            });
        });
        if (!saved) return saved.error();
        return admin;
    }

    Result<void> removeAdministrator(std::uint64_t id) override {
        return removeById("administrators", "administrator", id);
    }

    Result<std::vector<TokenRow>> tokens() override {
        return read("The API tokens could not be read.", [](Database& database) {
            using Row = Tuple<Int64, std::string, std::string, Int64, Nullable<Int64>, Nullable<Int64>, std::string>;
            std::vector<Row> rows;
            database.session() << "SELECT id, name, role, created_at, expires_at, last_used, token_hash FROM tokens "
                                  "ORDER BY id",
                into(rows), now;
            std::vector<TokenRow> tokens;
            tokens.reserve(rows.size());
            for (const auto& row : rows) {
                TokenRow each;
                each.token.id = static_cast<std::uint64_t>(row.get<0>());
                each.token.name = row.get<1>();
                each.token.role = roleOf(row.get<2>()).value_or(Role::Viewer);
                each.token.createdAt = fromEpochMillis(row.get<3>());
                each.token.expiresAt = maybeTime(row.get<4>());
                each.token.lastUsed = maybeTime(row.get<5>());
                each.tokenHash = row.get<6>();
                tokens.push_back(std::move(each));
            }
            return tokens;
        });
    }

    Result<ApiToken> saveToken(const TokenRow& row) override {
        auto token = row.token;
        auto saved = queue_->runNow([&token, &row](Database& database) {
            return unlessTaken("API token", token.name, [&]() -> Result<void> {
                const std::string role = wordOf(token.role);
                if (token.id == 0) {
                    database.session() << "INSERT INTO tokens(name, role, created_at, expires_at, last_used, "
                                          "token_hash) VALUES(?, ?, ?, ?, ?, ?)",
                        bind(token.name), bind(role), bind(asInt64(token.createdAt)), bind(asInt64(token.expiresAt)),
                        bind(asInt64(token.lastUsed)), bind(row.tokenHash), now;
                    token.id = static_cast<std::uint64_t>(database.lastInsertId());
                    return {};
                }
                database.session() << "UPDATE tokens SET name=?, role=?, created_at=?, expires_at=?, last_used=?, "
                                      "token_hash=COALESCE(NULLIF(?, ''), token_hash) WHERE id=?",
                    bind(token.name), bind(role), bind(asInt64(token.createdAt)), bind(asInt64(token.expiresAt)),
                    bind(asInt64(token.lastUsed)), bind(row.tokenHash), bind(asInt64(token.id)), now;
                if (database.changedRows() == 0) return nothingHasThatId("API token");
                return {};
            });
        });
        if (!saved) return saved.error();
        return token;
    }

    Result<void> removeToken(std::uint64_t id) override { return removeById("tokens", "API token", id); }

    Result<void> addAudit(const AuditEntry& entry) override {
        return queue_->runNow([&entry](Database& database) -> Result<void> {
            database.session() << "INSERT INTO audit(at, who, from_address, action, subject, before, after) "
                                  "VALUES(?, ?, ?, ?, ?, ?, ?)",
                bind(asInt64(entry.at)), bind(entry.who), bind(entry.from), bind(entry.action), bind(entry.subject),
                bind(entry.before), bind(entry.after), now;
            return {};
        });
    }

    Result<std::vector<AuditEntry>> audit(std::uint64_t before, std::size_t most) override {
        return read("The audit log could not be read.", [before, most](Database& database) {
            using Row =
                Tuple<Int64, Int64, std::string, std::string, std::string, std::string, std::string, std::string>;
            std::vector<Row> rows;
            const auto end = before == 0 ? std::numeric_limits<Int64>::max() : asInt64(before);
            database.session() << "SELECT id, at, who, from_address, action, subject, before, after FROM audit "
                                  "WHERE id<? ORDER BY id DESC LIMIT ?",
                bind(end), bind(asInt64(std::uint64_t{most})), into(rows), now;
            std::vector<AuditEntry> entries;
            entries.reserve(rows.size());
            for (const auto& row : rows) {
                AuditEntry entry;
                entry.id = static_cast<std::uint64_t>(row.get<0>());
                entry.at = fromEpochMillis(row.get<1>());
                entry.who = row.get<2>();
                entry.from = row.get<3>();
                entry.action = row.get<4>();
                entry.subject = row.get<5>();
                entry.before = row.get<6>();
                entry.after = row.get<7>();
                entries.push_back(std::move(entry));
            }
            return entries;
        });
    }

    Result<void> muteProblem(const std::string& id, std::optional<TimePoint> until) override {
        return queue_->runNow([&id, until](Database& database) -> Result<void> {
            if (until) {
                database.session() << "INSERT OR REPLACE INTO muted_problems(id, until) VALUES(?, ?)", bind(id),
                    bind(asInt64(*until)), now;
            } else {
                database.session() << "DELETE FROM muted_problems WHERE id=?", bind(id), now;
            }
            return {};
        });
    }

    Result<std::vector<std::pair<std::string, TimePoint>>> mutedProblems() override {
        return read("The muted problems could not be read.", [](Database& database) {
            std::vector<Tuple<std::string, Int64>> rows;
            database.session() << "SELECT id, until FROM muted_problems ORDER BY id", into(rows), now;
            std::vector<std::pair<std::string, TimePoint>> muted;
            muted.reserve(rows.size());
            for (const auto& row : rows)
                muted.emplace_back(row.get<0>(), fromEpochMillis(row.get<1>()));
            return muted;
        });
    }

    Result<std::optional<Secret>> secret(std::string_view name) override {
        auto sealed = read("The secret could not be read.", [name](Database& database) {
            std::vector<Tuple<Poco::Data::BLOB, Poco::Data::BLOB>> rows;
            database.session() << "SELECT nonce, sealed FROM secrets WHERE name=?", bind(std::string(name)), into(rows),
                now;
            std::optional<SealedSecret> found;
            if (!rows.empty()) found = SealedSecret{bytesIn(rows[0].get<0>()), bytesIn(rows[0].get<1>())};
            return found;
        });
        if (!sealed) return sealed.error();
        if (!*sealed) return std::optional<Secret>{};
        auto value = box_.unseal(name, **sealed);
        if (!value) return value.error();
        return std::optional<Secret>{std::move(*value)};
    }

    Result<void> saveSecret(std::string_view name, const Secret& value) override {
        auto sealed = box_.seal(name, value);
        if (!sealed) return sealed.error();
        return queue_->runNow([name, &sealed](Database& database) -> Result<void> {
            database.session() << "INSERT OR REPLACE INTO secrets(name, nonce, sealed) VALUES(?, ?, ?)",
                bind(std::string(name)), bind(blobOf(sealed->nonce)), bind(blobOf(sealed->sealed)), now;
            return {};
        });
    }

    Result<std::uint64_t> counter(std::string_view name) override {
        return read("The counter could not be read.", [name](Database& database) {
            std::vector<Int64> rows;
            database.session() << "SELECT value FROM counters WHERE name=?", bind(std::string(name)), into(rows), now;
            return rows.empty() ? std::uint64_t{0} : static_cast<std::uint64_t>(rows.front());
        });
    }

    void saveCounterLater(std::string_view name, std::uint64_t value) override {
        queue_->put("counter:" + std::string(name), WriteQueue::Place::Kept,
                    [name = std::string(name), value](Database& database) -> Result<void> {
                        database.session() << "INSERT INTO counters(name, value) VALUES(?, ?) ON CONFLICT(name) "
                                              "DO UPDATE SET value=MAX(value, excluded.value)",
                            bind(name), bind(asInt64(value)), now;
                        return {};
                    });
    }

    void pruneLater(TimePoint auditBefore, TimePoint eventsBefore, TimePoint searchesBefore) override {
        queue_->put(
            "prune", WriteQueue::Place::Kept,
            [auditBefore, eventsBefore, searchesBefore](Database& database) -> Result<void> {
                database.session() << "DELETE FROM audit WHERE at<?", bind(asInt64(auditBefore)), now;
                database.session() << "DELETE FROM lan_user_events WHERE at<?", bind(asInt64(eventsBefore)), now;
                database.session() << "DELETE FROM searches WHERE started_at<?", bind(asInt64(searchesBefore)), now;
                // Also rows whose search was never saved, because the service was ended too early.
                database.session() << "DELETE FROM search_rows WHERE at<? AND search_id NOT IN "
                                      "(SELECT id FROM searches)",
                    bind(asInt64(searchesBefore)), now;
                database.session() << "DELETE FROM traces WHERE started_at<?", bind(asInt64(searchesBefore)), now;
                return {};
            });
    }

    // --- linked services ---

    LinkStorePort* linkStore() override { return this; }

    Result<std::vector<LinkRecord>> links() override { return read("The links could not be read.", readLinks); }
    Result<void> saveLink(const LinkRecord& link) override {
        return queue_->runNow([&link](Database& database) { return writeLink(database, link); });
    }
    Result<void> removeLink(std::uint64_t base) override {
        return queue_->runNow([base](Database& database) -> Result<void> {
            deleteLink(database, base);
            return {};
        });
    }
    Result<std::vector<InvitationRecord>> invitations() override {
        return read("The invitations could not be read.", readInvitations);
    }
    Result<void> addInvitation(const InvitationRecord& invitation, TimePoint forgetBefore) override {
        return queue_->runNow([&](Database& database) -> Result<void> {
            writeInvitation(database, invitation, forgetBefore);
            return {};
        });
    }
    Result<void> redeem(const std::string& tokenHash, TimePoint when, const LinkRecord& link) override {
        return queue_->runNow([&](Database& database) { return useInvitation(database, tokenHash, when, link); });
    }

    // --- chat domains ---

    ChatStorePort* chat() override { return this; }

    Result<std::vector<ChatDomain>> domains() override {
        return read("The chat domains could not be read.", readDomains);
    }
    Result<ChatDomain> saveDomain(ChatDomain domain) override {
        return saved<ChatDomain>([&](Database& database) { return writeDomain(database, domain); });
    }
    Result<void> removeDomain(std::uint64_t id) override {
        return queue_->runNow([id](Database& database) { return deleteDomain(database, id); });
    }

    Result<std::vector<SupernodeRow>> supernodes() override {
        return read("The supernodes could not be read.", readSupernodes);
    }
    Result<Supernode> saveSupernode(const SupernodeRow& row) override {
        return saved<Supernode>([&](Database& database) { return writeSupernode(database, row); });
    }
    Result<void> removeSupernode(std::uint64_t id) override {
        return queue_->runNow([id](Database& database) { return deleteSupernode(database, id); });
    }

    void addDotChangeLater(std::uint64_t domain, DotChange change) override {
        queue_->add([domain, change = std::move(change)](Database& database) -> Result<void> {
            writeDotChange(database, domain, change);
            return {};
        });
    }
    Result<std::vector<DotChange>> dotChanges(std::uint64_t domain, std::size_t most) override {
        return read("The history of the dots could not be read.",
                    [=](Database& database) { return readDotChanges(database, domain, most); });
    }

    Result<std::vector<Provider>> providers() override {
        return read("The providers could not be read.", readProviders);
    }
    Result<Provider> saveProvider(Provider provider, const SecretChanges& secrets) override {
        return saved<Provider>([&](Database& database) -> Result<Provider> {
            auto written = writeProvider(database, provider);
            if (!written) return written;
            for (const auto& [key, value] : secrets) {
                const auto name = providerSecretName(written->id, key);
                if (!value) {
                    database.prepared("DELETE FROM secrets WHERE name=?1").with(name).run();
                    written->secretsSet.erase(key);
                    continue;
                }
                const auto sealed = box_.seal(name, *value);
                if (!sealed) return sealed.error();
                database.session() << "INSERT OR REPLACE INTO secrets(name, nonce, sealed) VALUES(?, ?, ?)", bind(name),
                    bind(blobOf(sealed->nonce)), bind(blobOf(sealed->sealed)), now;
                written->secretsSet.insert(key);
            }
            return written;
        });
    }
    Result<ProviderSecrets> providerSecrets(std::uint64_t id) override {
        const auto all = providers();
        if (!all) return all.error();
        ProviderSecrets secrets;
        for (const auto& provider : *all) {
            if (provider.id != id) continue;
            for (const auto& key : provider.secretsSet) {
                auto value = secret(providerSecretName(id, key));
                if (!value) return value.error();
                if (*value) secrets.emplace(key, std::move(**value));
            }
        }
        return secrets;
    }
    Result<void> removeProvider(std::uint64_t id) override {
        return queue_->runNow([id](Database& database) { return deleteProvider(database, id); });
    }

    Result<std::vector<Account>> accounts(std::uint64_t domain, const std::string& after, std::size_t most) override {
        return read("The accounts could not be read.",
                    [&](Database& database) { return readAccounts(database, domain, after, most); });
    }
    Result<std::uint64_t> accountCount(std::uint64_t domain) override {
        return read("The accounts could not be counted.",
                    [domain](Database& database) { return countAccounts(database, domain); });
    }
    Result<std::optional<Account>> account(std::string_view domain, std::string_view localPart) override {
        return read("The account could not be read.",
                    [=](Database& database) { return readAccount(database, domain, localPart); });
    }
    Result<Account> saveAccount(Account account) override {
        return saved<Account>([&](Database& database) { return writeAccount(database, account); });
    }
    Result<void> addAccounts(std::vector<Account> accounts) override {
        return queue_->runNow([&](Database& database) -> Result<void> {
            for (auto& account : accounts) {
                if (auto written = writeAccount(database, std::move(account)); !written) return written.error();
            }
            return {};
        });
    }
    Result<void> removeAccount(std::uint64_t id) override {
        return queue_->runNow([id](Database& database) { return deleteAccount(database, id); });
    }
    Result<std::optional<Account>> account(std::uint64_t id) override {
        return read("The account could not be read.", [id](Database& database) { return readAccount(database, id); });
    }

    Result<std::vector<PendingChange>> pendingChanges() override {
        auto changes = read("The changes that wait could not be read.",
                            [](Database& database) { return readPendingChanges(database); });
        if (!changes) return changes;
        for (auto& change : *changes) {
            auto before = secret(pendingSecretName(change.kind, change.id));
            if (!before) return before.error();
            if (*before) change.before = std::move(**before);
        }
        return changes;
    }
    Result<void> savePendingChange(const PendingChange& change) override {
        const auto name = pendingSecretName(change.kind, change.id);
        const auto sealed = box_.seal(name, change.before);
        if (!sealed) return sealed.error();
        return queue_->runNow([&](Database& database) -> Result<void> {
            writePendingChange(database, change);
            database.session() << "INSERT OR REPLACE INTO secrets(name, nonce, sealed) VALUES(?, ?, ?)", bind(name),
                bind(blobOf(sealed->nonce)), bind(blobOf(sealed->sealed)), now;
            return {};
        });
    }
    Result<void> removePendingChange(const std::string& kind, std::uint64_t id) override {
        return queue_->runNow([&](Database& database) -> Result<void> {
            deletePendingChange(database, kind, id);
            return {};
        });
    }

    void saveRememberedLater(std::uint64_t provider, const std::string& address, const Secret& value) override {
        const auto name = rememberedSecretName(provider, address);
        auto sealed = box_.seal(name, value);
        if (!sealed) return;  // it is remembered in memory all the same
        queue_->put(name, WriteQueue::Place::Kept, [name, sealed = std::move(*sealed)](Database& database) {
            database.session() << "INSERT OR REPLACE INTO secrets(name, nonce, sealed) VALUES(?, ?, ?)", bind(name),
                bind(blobOf(sealed.nonce)), bind(blobOf(sealed.sealed)), now;
            return Result<void>{};
        });
    }
    void removeRememberedLater(std::uint64_t provider, const std::string& address) override {
        const auto name = rememberedSecretName(provider, address);
        queue_->addOrder(
            [name](Database& database) {
                database.session() << "DELETE FROM secrets WHERE name=?", bind(name), now;
                return Result<void>{};
            },
            name);
    }
    void removeAllRememberedLater(std::uint64_t provider) override {
        queue_->drop(rememberedSecretName(provider, ""));
        queue_->addOrder([provider](Database& database) {
            deleteRemembered(database, provider);
            return Result<void>{};
        });
    }
    Result<std::vector<std::pair<std::string, Secret>>> remembered(std::uint64_t provider) override {
        const auto prefix = rememberedSecretName(provider, "");
        auto behind = prefix;
        behind.back() = '0';
        auto rows = read("The remembered passwords could not be read.", [&](Database& database) {
            std::vector<Tuple<std::string, Poco::Data::BLOB, Poco::Data::BLOB>> found;
            database.session() << "SELECT name, nonce, sealed FROM secrets WHERE name>=? AND name<?", bind(prefix),
                bind(behind), into(found), now;
            return found;
        });
        if (!rows) return rows.error();
        std::vector<std::pair<std::string, Secret>> out;
        for (const auto& row : *rows) {
            auto value = box_.unseal(row.get<0>(), {bytesIn(row.get<1>()), bytesIn(row.get<2>())});
            if (value) out.emplace_back(row.get<0>().substr(prefix.size()), std::move(*value));
        }
        return out;
    }

    Result<void> flush() override { return queue_->flush(); }
    std::string trouble() const override { return queue_->trouble(); }

private:
    inline static const std::string kRangeKey{"range:"};
    static std::string userKey(UserId id) { return "user:" + std::to_string(id); }
    static std::string searchKey(std::uint64_t id) { return "search:" + std::to_string(id); }
    static std::string visibilityKey(std::uint64_t id) { return "visibility:" + std::to_string(id); }
    static std::string traceKey(std::uint64_t id) { return "trace:" + std::to_string(id); }

    static std::string bytesIn(const Poco::Data::BLOB& blob) {
        return {reinterpret_cast<const char*>(blob.rawContent()), blob.size()};
    }
    static Poco::Data::BLOB blobOf(const std::string& bytes) {
        return {reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()};
    }

    /// Poco's exceptions stop here.
    template <class F>
    auto read(const char* what, F query) -> Result<decltype(query(std::declval<Database&>()))> {
        const std::lock_guard hold{readerLock_};
        try {
            return query(reader_);
        } catch (...) {
            return errorOfCurrentException(what);
        }
    }

    /// A write that answers what was written.
    template <class T, class F>
    Result<T> saved(F write) {
        std::optional<T> row;
        auto done = queue_->runNow([&](Database& database) -> Result<void> {
            auto written = write(database);
            if (!written) return written.error();
            row = std::move(*written);
            return {};
        });
        if (!done) return done.error();
        return std::move(*row);
    }

    Result<void> removeById(const std::string& table, const std::string& what, std::uint64_t id) {
        return queue_->runNow([&](Database& database) -> Result<void> {
            database.session() << "DELETE FROM " + table + " WHERE id=?", bind(asInt64(id)), now;
            if (database.changedRows() > 0) return {};
            return Error{Code::NotFound, "The " + what + " was not removed.", "It does not exist any more.",
                         "Load the list again."};
        });
    }

    BatchOutcome commit(const std::vector<const WriteQueue::Write*>& writes, Sureness sureness) {
        BatchOutcome outcome;
        try {
            setSureness(sureness);
            writer_.prepared("BEGIN IMMEDIATE").with().run();
            outcome.each.reserve(writes.size());
            for (const auto* write : writes)
                outcome.each.push_back(apply(*write));
            writer_.prepared("COMMIT").with().run();
        } catch (...) {
            outcome.failure = errorOfCurrentException("Changes could not be saved.");
            rollBack();
        }
        return outcome;
    }

    /// One write with all its statements, or none of them; a bad one does not take the others with it.
    Result<void> apply(const WriteQueue::Write& write) {
        writer_.prepared("SAVEPOINT item").with().run();
        Result<void> result;
        try {
            result = write(writer_);
        } catch (...) {
            if (kindOfCurrentException() != FailureKind::Row || !writer_.isInTransaction()) throw;
            result = errorOfCurrentException("The change was not saved.");
        }
        if (!result) writer_.prepared("ROLLBACK TO item").with().run();
        writer_.prepared("RELEASE item").with().run();
        return result;
    }

    void rollBack() {
        try {
            if (writer_.isInTransaction()) writer_.execute("ROLLBACK");
        } catch (...) {
            log_.write(LogLevel::Error, "STORE_TROUBLE",
                       errorOfCurrentException("A failed change could not be taken back.").text());
        }
    }

    void setSureness(Sureness sureness) {
        if (sureness == sureness_) return;
        writer_.execute(sureness == Sureness::Durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
        sureness_ = sureness;
    }

    Database writer_;  ///< of the writer thread
    std::mutex readerLock_;
    Database reader_;  ///< behind readerLock_
    std::optional<Sureness> sureness_;
    SecretBox box_;
    Log& log_;
    std::optional<WriteQueue> queue_;  ///< last: its thread uses what is above
};

}  // namespace

Result<std::unique_ptr<StorePort>> openSqliteStore(const std::string& path, const std::string& keyFilePath, Log& log) {
    if (auto made = makeDataFolder(std::filesystem::path{path}.parent_path().string()); !made) return made.error();
    if (auto fine = inspectStoreFile(path, log); !fine) return fine.error();
    takeRightsFromOthers(path);
    try {
        bool hasSecrets = false;
        {
            Database database{path};
            database.execute("PRAGMA journal_mode=WAL");
            const auto before = migrate(database, migrations());
            if (before != 0 && before != newestVersion()) {
                log.write(LogLevel::Info, "STORE_MIGRATED",
                          "The store was brought from format " + std::to_string(before) + " to format " +
                              std::to_string(newestVersion()) + ".");
            }
            hasSecrets = database.number("SELECT COUNT(*) FROM secrets") > 0;
        }
        auto box = SecretBox::open(keyFilePath, hasSecrets ? SecretsStored::Yes : SecretsStored::No);
        if (!box) return box.error();
        return std::unique_ptr<StorePort>(std::make_unique<SqliteStore>(path, std::move(*box), log));
    } catch (...) {
        return errorOfCurrentException("The store " + path + " could not be opened.");
    }
}

}  // namespace causeway::store
