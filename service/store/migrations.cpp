#include "service/store/migrations.h"

#include <array>

namespace causeway::store {

namespace {

// Times are milliseconds since 1970, addresses numbers in host order, networks "10.1.0.0/24", choices the words of the
// API. Ids of administrators, tokens, bases and audit entries are never given twice (AUTOINCREMENT).
constexpr std::array kMigrations{
    Migration{1, "first tables", R"sql(
CREATE TABLE settings(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE counters(name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE muted_problems(id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE secrets(name TEXT PRIMARY KEY, nonce BLOB NOT NULL, sealed BLOB NOT NULL) WITHOUT ROWID;

CREATE TABLE lan_users(
    id INTEGER PRIMARY KEY, user TEXT NOT NULL, host TEXT NOT NULL, nick TEXT NOT NULL, "group" TEXT NOT NULL,
    address INTEGER NOT NULL, port INTEGER NOT NULL, kind TEXT NOT NULL, client TEXT NOT NULL,
    version_field TEXT NOT NULL, version_line TEXT NOT NULL, icon TEXT NOT NULL, flags INTEGER NOT NULL,
    is_away INTEGER NOT NULL, configured_master INTEGER, presence TEXT NOT NULL, first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL, last_answer INTEGER NOT NULL, round_trip INTEGER, segment TEXT NOT NULL,
    is_segment_assumed INTEGER NOT NULL, is_own_segment INTEGER NOT NULL, base TEXT NOT NULL, delivery TEXT NOT NULL,
    last_list_at INTEGER NOT NULL, listed_users INTEGER NOT NULL, unstable_reason TEXT, unstable_text TEXT,
    unstable_count INTEGER, unstable_since INTEGER, unstable_last INTEGER, unstable_ignored_until INTEGER,
    revision INTEGER NOT NULL);
CREATE TABLE lan_user_addresses(
    user_id INTEGER NOT NULL REFERENCES lan_users(id) ON DELETE CASCADE, place INTEGER NOT NULL,
    address INTEGER NOT NULL, port INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
    is_current INTEGER NOT NULL, PRIMARY KEY(user_id, place)) WITHOUT ROWID;
CREATE TABLE lan_user_events(
    id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
CREATE INDEX lan_user_events_of_user ON lan_user_events(user_id, id);
CREATE INDEX lan_user_events_by_time ON lan_user_events(at);

CREATE TABLE ranges(
    id INTEGER PRIMARY KEY, place INTEGER NOT NULL, text TEXT NOT NULL, is_enabled INTEGER NOT NULL, last_run INTEGER,
    address_count INTEGER NOT NULL, answers INTEGER NOT NULL, last_answer INTEGER, silent_since INTEGER,
    problem TEXT NOT NULL);

CREATE TABLE searches(
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, state TEXT NOT NULL, started_by TEXT NOT NULL, ranges TEXT NOT NULL,
    addresses TEXT NOT NULL, via_client INTEGER, packets_per_second INTEGER NOT NULL, started_at INTEGER NOT NULL,
    finished_at INTEGER, total INTEGER NOT NULL, sent INTEGER NOT NULL, answered INTEGER NOT NULL,
    found INTEGER NOT NULL, known INTEGER NOT NULL, lost INTEGER NOT NULL, problem TEXT NOT NULL);
CREATE INDEX searches_by_time ON searches(started_at);
CREATE TABLE search_rows(
    search_id INTEGER NOT NULL, place INTEGER NOT NULL, address INTEGER NOT NULL, user_id INTEGER NOT NULL,
    name TEXT NOT NULL, user TEXT NOT NULL, host TEXT NOT NULL, "group" TEXT NOT NULL, client TEXT NOT NULL,
    round_trip INTEGER, finding TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY(search_id, place)) WITHOUT ROWID;

CREATE TABLE bases(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, note TEXT NOT NULL);
CREATE TABLE base_segments(
    base_id INTEGER NOT NULL REFERENCES bases(id) ON DELETE CASCADE, place INTEGER NOT NULL, network TEXT NOT NULL,
    PRIMARY KEY(base_id, place)) WITHOUT ROWID;

CREATE TABLE administrators(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, role TEXT NOT NULL,
    is_disabled INTEGER NOT NULL, created_at INTEGER NOT NULL, last_login INTEGER, password_hash TEXT NOT NULL);
CREATE TABLE tokens(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, role TEXT NOT NULL, created_at INTEGER NOT NULL,
    expires_at INTEGER, last_used INTEGER, token_hash TEXT NOT NULL UNIQUE);
CREATE TABLE audit(
    id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, who TEXT NOT NULL, from_address TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL);
CREATE INDEX audit_by_time ON audit(at);

PRAGMA application_id=0x43575354;
)sql"},
    // Bytes of keys are base64; ids of a chain of providers "3,1,7".
    Migration{2, "chat domains", R"sql(
CREATE TABLE chat_domains(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, shown TEXT NOT NULL, is_enabled INTEGER NOT NULL,
    reach TEXT NOT NULL, end_to_end TEXT NOT NULL, providers TEXT NOT NULL, certificate TEXT NOT NULL,
    certificate_file TEXT NOT NULL, key_file TEXT NOT NULL, ttl INTEGER NOT NULL, extra_records TEXT NOT NULL,
    note TEXT NOT NULL, created_at INTEGER NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE supernodes(
    id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id INTEGER NOT NULL REFERENCES chat_domains(id) ON DELETE CASCADE,
    name TEXT NOT NULL, origin TEXT NOT NULL, is_enabled INTEGER NOT NULL, lan_address TEXT NOT NULL,
    internet_address TEXT NOT NULL, port INTEGER NOT NULL, tls_port INTEGER NOT NULL, priority INTEGER NOT NULL,
    weight INTEGER NOT NULL, last_heartbeat INTEGER, version TEXT NOT NULL, token_hash TEXT NOT NULL,
    UNIQUE(domain_id, name));
CREATE TABLE dot_changes(
    id INTEGER PRIMARY KEY, domain_id INTEGER NOT NULL REFERENCES chat_domains(id) ON DELETE CASCADE,
    at INTEGER NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL, sentence TEXT NOT NULL);
CREATE INDEX dot_changes_of_domain ON dot_changes(domain_id, id);
CREATE TABLE providers(
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE, kind TEXT NOT NULL,
    is_enabled INTEGER NOT NULL, revision INTEGER NOT NULL);
CREATE TABLE provider_settings(
    provider_id INTEGER NOT NULL REFERENCES providers(id) ON DELETE CASCADE, key TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY(provider_id, key)) WITHOUT ROWID;
CREATE TABLE accounts(
    id INTEGER PRIMARY KEY AUTOINCREMENT, domain_id INTEGER NOT NULL REFERENCES chat_domains(id) ON DELETE CASCADE,
    local_part TEXT NOT NULL, display_name TEXT NOT NULL, mail TEXT NOT NULL, department TEXT NOT NULL,
    is_disabled INTEGER NOT NULL, created_at INTEGER NOT NULL, password_changed_at INTEGER, revision INTEGER NOT NULL,
    UNIQUE(domain_id, local_part));
CREATE TABLE account_keys(
    account_id INTEGER NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, hash TEXT NOT NULL,
    iterations INTEGER NOT NULL, salt TEXT NOT NULL, stored_key TEXT NOT NULL, server_key TEXT NOT NULL,
    PRIMARY KEY(account_id, hash)) WITHOUT ROWID;
)sql"},
    // What was before is sealed in `secrets` under pending/KIND/ID.
    Migration{3, "changes that wait to be confirmed", R"sql(
CREATE TABLE pending_changes(
    kind TEXT NOT NULL, record_id INTEGER NOT NULL, reverts_at INTEGER NOT NULL, sentence TEXT NOT NULL,
    PRIMARY KEY(kind, record_id)) WITHOUT ROWID;
)sql"},
    // The report is the JSON of the admin interface: nobody searches inside it.
    Migration{4, "packet traces", R"sql(
CREATE TABLE traces(id INTEGER PRIMARY KEY, started_at INTEGER NOT NULL, report TEXT NOT NULL);
CREATE INDEX traces_by_time ON traces(started_at);
)sql"},
    // Of a token only its hash is kept; `host` is empty where the other side connects.
    Migration{5, "linked services", R"sql(
CREATE TABLE base_links(
    base_id INTEGER PRIMARY KEY REFERENCES bases(id) ON DELETE CASCADE, host TEXT NOT NULL, port INTEGER NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE, service TEXT NOT NULL, linked_at INTEGER NOT NULL);
CREATE TABLE base_invitations(
    token_hash TEXT PRIMARY KEY, base_id INTEGER NOT NULL REFERENCES bases(id) ON DELETE CASCADE,
    made_at INTEGER NOT NULL, expires_at INTEGER NOT NULL, used_at INTEGER) WITHOUT ROWID;
)sql"},
    // Findings, and under number 0 what they need of the past, as JSON: nobody searches inside it.
    Migration{6, "findings of the visibility map", R"sql(
CREATE TABLE visibility(id INTEGER PRIMARY KEY, record TEXT NOT NULL);
)sql"},
};

}  // namespace

std::span<const Migration> migrations() {
    return kMigrations;
}

int migrate(Database& database, std::span<const Migration> steps) {
    const auto before = static_cast<int>(database.number("PRAGMA user_version"));
    for (const auto& step : steps) {
        if (step.version <= before) continue;
        database.execute("BEGIN IMMEDIATE");
        try {
            database.execute(step.sql);
            database.execute("PRAGMA user_version=" + std::to_string(step.version));
            database.execute("COMMIT");
        } catch (...) {
            // A full disk may have ended the transaction already.
            if (database.isInTransaction()) database.execute("ROLLBACK");
            throw;
        }
    }
    return before;
}

}  // namespace causeway::store
