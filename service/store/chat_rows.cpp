#include "service/store/chat_rows.h"

#include <algorithm>

#include "shared/base/text.h"

namespace causeway::store {

namespace {

constexpr std::size_t kKeptDotChanges = 1000;  // of one domain

Error gone(const char* what) {
    return {Code::NotFound, std::string("The ") + what + " does not exist any more.",
            "Somebody else may have removed it.", "Load the list again."};
}

Error taken(const std::string& what) {
    return {Code::Conflict, what + " is there already.", "", "Choose another name."};
}

bool exists(Database& database, const char* sql, std::uint64_t id, std::string_view name) {
    auto& found = database.prepared(sql).with(id, name);
    const bool isThere = found.next();
    found.run();
    return isThere;
}

std::string joined(const std::vector<std::uint64_t>& ids) {
    std::string text;
    for (const auto id : ids)
        text += (text.empty() ? "" : ",") + std::to_string(id);
    return text;
}

std::vector<std::uint64_t> idsIn(std::string_view text) {
    std::vector<std::uint64_t> ids;
    if (text.empty()) return ids;
    for (const auto part : split(text, ',')) {
        std::uint64_t id = 0;
        for (const char digit : part)
            id = id * 10 + static_cast<std::uint64_t>(digit - '0');
        ids.push_back(id);
    }
    return ids;
}

}  // namespace

// --- domains ---

std::vector<ChatDomain> readDomains(Database& database) {
    std::vector<ChatDomain> domains;
    auto& rows = database
                     .prepared(
                         "SELECT id, name, shown, is_enabled, reach, end_to_end, providers, certificate,"
                         " certificate_file, key_file, ttl, extra_records, note, created_at, revision"
                         " FROM chat_domains ORDER BY id")
                     .with();
    while (rows.next()) {
        ChatDomain domain;
        domain.id = static_cast<std::uint64_t>(rows.number(0));
        domain.name = rows.text(1);
        domain.shown = rows.text(2);
        domain.isEnabled = rows.flag(3);
        domain.reach = domainReachOf(rows.text(4)).value_or(DomainReach::Lan);
        domain.endToEnd = endToEndOf(rows.text(5)).value_or(EndToEnd::Required);
        domain.providers = idsIn(rows.text(6));
        domain.certificate = certificateSourceOf(rows.text(7)).value_or(CertificateSource::SelfSigned);
        domain.certificateFile = rows.text(8);
        domain.keyFile = rows.text(9);
        domain.ttl = rows.number32(10);
        domain.extraRecords = rows.text(11);
        domain.note = rows.text(12);
        domain.createdAt = rows.time(13);
        domain.revision = static_cast<std::uint64_t>(rows.number(14));
        domains.push_back(std::move(domain));
    }
    return domains;
}

Result<ChatDomain> writeDomain(Database& database, ChatDomain domain) {
    if (exists(database, "SELECT 1 FROM chat_domains WHERE id<>?1 AND name=?2", domain.id, domain.name)) {
        return taken("The chat domain " + domain.shown);
    }
    ++domain.revision;
    const auto providers = joined(domain.providers);
    if (domain.id == 0) {
        database
            .prepared(
                "INSERT INTO chat_domains(name, shown, is_enabled, reach, end_to_end, providers, certificate,"
                " certificate_file, key_file, ttl, extra_records, note, created_at, revision)"
                " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14)")
            .with(domain.name, domain.shown, domain.isEnabled, wordOf(domain.reach), wordOf(domain.endToEnd), providers,
                  wordOf(domain.certificate), domain.certificateFile, domain.keyFile, domain.ttl, domain.extraRecords,
                  domain.note, domain.createdAt, domain.revision)
            .run();
        domain.id = static_cast<std::uint64_t>(database.lastInsertId());
        return domain;
    }
    database
        .prepared(
            "UPDATE chat_domains SET name=?2, shown=?3, is_enabled=?4, reach=?5, end_to_end=?6, providers=?7,"
            " certificate=?8, certificate_file=?9, key_file=?10, ttl=?11, extra_records=?12, note=?13,"
            " revision=?14 WHERE id=?1")
        .with(domain.id, domain.name, domain.shown, domain.isEnabled, wordOf(domain.reach), wordOf(domain.endToEnd),
              providers, wordOf(domain.certificate), domain.certificateFile, domain.keyFile, domain.ttl,
              domain.extraRecords, domain.note, domain.revision)
        .run();
    if (database.changedRows() == 0) return gone("chat domain");
    return domain;
}

Result<void> deleteDomain(Database& database, std::uint64_t id) {
    database.prepared("DELETE FROM chat_domains WHERE id=?1").with(id).run();
    if (database.changedRows() == 0) return gone("chat domain");
    return {};
}

// --- supernodes ---

std::vector<ChatStorePort::SupernodeRow> readSupernodes(Database& database) {
    std::vector<ChatStorePort::SupernodeRow> all;
    auto& rows = database
                     .prepared(
                         "SELECT id, domain_id, name, origin, is_enabled, lan_address, internet_address, port,"
                         " tls_port, priority, weight, last_heartbeat, version, token_hash FROM supernodes ORDER BY id")
                     .with();
    while (rows.next()) {
        ChatStorePort::SupernodeRow row;
        auto& node = row.node;
        node.id = static_cast<std::uint64_t>(rows.number(0));
        node.domain = static_cast<std::uint64_t>(rows.number(1));
        node.name = rows.text(2);
        node.origin = supernodeOriginOf(rows.text(3)).value_or(SupernodeOrigin::Hand);
        node.isEnabled = rows.flag(4);
        node.lanAddress = rows.text(5);
        node.internetAddress = rows.text(6);
        node.port = static_cast<std::uint16_t>(rows.number(7));
        node.tlsPort = static_cast<std::uint16_t>(rows.number(8));
        node.priority = static_cast<std::uint16_t>(rows.number(9));
        node.weight = static_cast<std::uint16_t>(rows.number(10));
        node.lastHeartbeat = rows.maybeTime(11);
        node.version = rows.text(12);
        row.tokenHash = rows.text(13);
        all.push_back(std::move(row));
    }
    return all;
}

Result<Supernode> writeSupernode(Database& database, const ChatStorePort::SupernodeRow& row) {
    auto node = row.node;
    auto& same = database.prepared("SELECT 1 FROM supernodes WHERE id<>?1 AND domain_id=?2 AND name=?3")
                     .with(node.id, node.domain, node.name);
    const bool isTaken = same.next();
    same.run();
    if (isTaken) return taken("A supernode named " + node.name);
    if (node.id == 0) {
        database
            .prepared(
                "INSERT INTO supernodes(domain_id, name, origin, is_enabled, lan_address, internet_address, port,"
                " tls_port, priority, weight, last_heartbeat, version, token_hash)"
                " VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")
            .with(node.domain, node.name, wordOf(node.origin), node.isEnabled, node.lanAddress, node.internetAddress,
                  node.port, node.tlsPort, node.priority, node.weight, node.lastHeartbeat, node.version, row.tokenHash)
            .run();
        node.id = static_cast<std::uint64_t>(database.lastInsertId());
        return node;
    }
    database
        .prepared(
            "UPDATE supernodes SET name=?2, is_enabled=?3, lan_address=?4, internet_address=?5, port=?6, tls_port=?7,"
            " priority=?8, weight=?9, last_heartbeat=?10, version=?11,"
            " token_hash=CASE WHEN ?12='' THEN token_hash ELSE ?12 END WHERE id=?1")
        .with(node.id, node.name, node.isEnabled, node.lanAddress, node.internetAddress, node.port, node.tlsPort,
              node.priority, node.weight, node.lastHeartbeat, node.version, row.tokenHash)
        .run();
    if (database.changedRows() == 0) return gone("supernode");
    return node;
}

Result<void> deleteSupernode(Database& database, std::uint64_t id) {
    database.prepared("DELETE FROM supernodes WHERE id=?1").with(id).run();
    if (database.changedRows() == 0) return gone("supernode");
    return {};
}

// --- dots ---

void writeDotChange(Database& database, std::uint64_t domain, const DotChange& change) {
    // A domain that was removed meanwhile takes its history with it.
    database
        .prepared(
            "INSERT INTO dot_changes(domain_id, at, kind, state, sentence)"
            " SELECT ?1,?2,?3,?4,?5 WHERE EXISTS(SELECT 1 FROM chat_domains WHERE id=?1)")
        .with(domain, change.at, wordOf(change.kind), wordOf(change.state), change.sentence)
        .run();
    database
        .prepared(
            "DELETE FROM dot_changes WHERE domain_id=?1 AND id<=(SELECT id FROM dot_changes WHERE domain_id=?1"
            " ORDER BY id DESC LIMIT 1 OFFSET ?2)")
        .with(domain, static_cast<std::uint64_t>(kKeptDotChanges))
        .run();
}

std::vector<DotChange> readDotChanges(Database& database, std::uint64_t domain, std::size_t most) {
    std::vector<DotChange> changes;
    auto& rows =
        database
            .prepared("SELECT at, kind, state, sentence FROM dot_changes WHERE domain_id=?1 ORDER BY id DESC LIMIT ?2")
            .with(domain, static_cast<std::uint64_t>(most));
    while (rows.next()) {
        DotChange change;
        change.at = rows.time(0);
        change.kind = dotKindOf(rows.text(1)).value_or(DotKind::Directory);
        change.state = proofStateOf(rows.text(2)).value_or(ProofState::Unknown);
        change.sentence = rows.text(3);
        changes.push_back(std::move(change));
    }
    return changes;
}

// --- providers ---

std::string providerSecretName(std::uint64_t provider, std::string_view key) {
    return "provider/" + std::to_string(provider) + "/" + std::string(key);
}

std::vector<Provider> readProviders(Database& database) {
    std::vector<Provider> providers;
    auto& rows = database.prepared("SELECT id, name, kind, is_enabled, revision FROM providers ORDER BY id").with();
    while (rows.next()) {
        Provider provider;
        provider.id = static_cast<std::uint64_t>(rows.number(0));
        provider.name = rows.text(1);
        provider.kind = providerKindOf(rows.text(2)).value_or(ProviderKind::BuiltIn);
        provider.isEnabled = rows.flag(3);
        provider.revision = static_cast<std::uint64_t>(rows.number(4));
        providers.push_back(std::move(provider));
    }
    for (auto& provider : providers) {
        auto& values =
            database.prepared("SELECT key, value FROM provider_settings WHERE provider_id=?1").with(provider.id);
        while (values.next())
            provider.settings.emplace(values.text(0), values.text(1));
        const auto prefix = providerSecretName(provider.id, "");
        const auto behind = prefix + "\x7F";
        auto& names = database.prepared("SELECT name FROM secrets WHERE name>=?1 AND name<?2").with(prefix, behind);
        while (names.next())
            provider.secretsSet.insert(names.text(0).substr(prefix.size()));
    }
    return providers;
}

Result<Provider> writeProvider(Database& database, Provider provider) {
    if (exists(database, "SELECT 1 FROM providers WHERE id<>?1 AND name=?2", provider.id, provider.name)) {
        return taken("A provider named " + provider.name);
    }
    ++provider.revision;
    if (provider.id == 0) {
        database.prepared("INSERT INTO providers(name, kind, is_enabled, revision) VALUES(?1,?2,?3,?4)")
            .with(provider.name, wordOf(provider.kind), provider.isEnabled, provider.revision)
            .run();
        provider.id = static_cast<std::uint64_t>(database.lastInsertId());
    } else {
        database.prepared("UPDATE providers SET name=?2, is_enabled=?3, revision=?4 WHERE id=?1")
            .with(provider.id, provider.name, provider.isEnabled, provider.revision)
            .run();
        if (database.changedRows() == 0) return gone("provider");
    }
    database.prepared("DELETE FROM provider_settings WHERE provider_id=?1").with(provider.id).run();
    for (const auto& [key, value] : provider.settings) {
        database.prepared("INSERT INTO provider_settings(provider_id, key, value) VALUES(?1,?2,?3)")
            .with(provider.id, key, value)
            .run();
    }
    return provider;
}

Result<void> deleteProvider(Database& database, std::uint64_t id) {
    for (const auto& domain : readDomains(database)) {
        if (std::find(domain.providers.begin(), domain.providers.end(), id) == domain.providers.end()) continue;
        return Error{Code::Conflict, "The provider was not removed.",
                     "The chat domain " + domain.shown + " asks it for passwords.",
                     "Take it out of the chain of that domain first."};
    }
    database.prepared("DELETE FROM providers WHERE id=?1").with(id).run();
    if (database.changedRows() == 0) return gone("provider");
    const auto prefix = providerSecretName(id, "");
    database.prepared("DELETE FROM secrets WHERE name>=?1 AND name<?2").with(prefix, prefix + "\x7F").run();
    deleteRemembered(database, id);
    return {};
}

std::string rememberedSecretName(std::uint64_t provider, std::string_view address) {
    return "remembered/" + std::to_string(provider) + "/" + std::string(address);
}

void deleteRemembered(Database& database, std::uint64_t provider) {
    // Addresses may have any UTF-8, so the end is the byte behind the last slash: '0'.
    auto behind = rememberedSecretName(provider, "");
    const auto prefix = behind;
    behind.back() = '0';
    database.prepared("DELETE FROM secrets WHERE name>=?1 AND name<?2").with(prefix, behind).run();
}

// --- accounts ---

namespace {

/// The statements below share their order of columns.
Account accountIn(SqlStatement& row) {
    Account account;
    account.id = static_cast<std::uint64_t>(row.number(0));
    account.domain = row.text(1);
    account.localPart = row.text(2);
    account.displayName = row.text(3);
    account.mail = row.text(4);
    account.department = row.text(5);
    account.isDisabled = row.flag(6);
    account.createdAt = row.time(7);
    account.passwordChangedAt = row.maybeTime(8);
    account.revision = static_cast<std::uint64_t>(row.number(9));
    return account;
}

void readKeys(Database& database, Account& account) {
    auto& rows = database
                     .prepared(
                         "SELECT hash, iterations, salt, stored_key, server_key FROM account_keys"
                         " WHERE account_id=?1 ORDER BY hash")
                     .with(account.id);
    while (rows.next()) {
        ScramKeys keys;
        keys.hash = scramHashOf(rows.text(0)).value_or(ScramHash::Sha256);
        keys.iterations = rows.number32(1);
        keys.salt = parseBase64(rows.text(2)).value_or("");
        keys.storedKey = parseBase64(rows.text(3)).value_or("");
        keys.serverKey = parseBase64(rows.text(4)).value_or("");
        account.keys.push_back(std::move(keys));
    }
}

}  // namespace

std::vector<Account> readAccounts(Database& database, std::uint64_t domain, std::string_view after, std::size_t most) {
    std::vector<Account> accounts;
    auto& rows = database
                     .prepared(
                         "SELECT a.id, d.name, a.local_part, a.display_name, a.mail, a.department, a.is_disabled,"
                         " a.created_at, a.password_changed_at, a.revision FROM accounts a"
                         " JOIN chat_domains d ON d.id=a.domain_id WHERE a.domain_id=?1 AND a.local_part>?2"
                         " ORDER BY a.local_part LIMIT ?3")
                     .with(domain, after, static_cast<std::uint64_t>(most));
    while (rows.next())
        accounts.push_back(accountIn(rows));
    return accounts;
}

std::uint64_t countAccounts(Database& database, std::uint64_t domain) {
    auto& rows = database.prepared("SELECT COUNT(*) FROM accounts WHERE domain_id=?1").with(domain);
    std::uint64_t count = 0;
    while (rows.next())
        count = static_cast<std::uint64_t>(rows.number(0));
    return count;
}

std::optional<Account> readAccount(Database& database, std::string_view domain, std::string_view localPart) {
    std::optional<Account> account;
    auto& rows = database
                     .prepared(
                         "SELECT a.id, d.name, a.local_part, a.display_name, a.mail, a.department, a.is_disabled,"
                         " a.created_at, a.password_changed_at, a.revision FROM accounts a"
                         " JOIN chat_domains d ON d.id=a.domain_id WHERE d.name=?1 AND a.local_part=?2")
                     .with(domain, localPart);
    while (rows.next())
        account = accountIn(rows);
    if (account) readKeys(database, *account);
    return account;
}

Result<Account> writeAccount(Database& database, Account account) {
    std::optional<std::uint64_t> domain;
    auto& found = database.prepared("SELECT id FROM chat_domains WHERE name=?1").with(account.domain);
    while (found.next())
        domain = static_cast<std::uint64_t>(found.number(0));
    if (!domain) return gone("chat domain");
    const auto same = readAccount(database, account.domain, account.localPart);
    if (same && same->id != account.id) return taken("The account " + account.localPart + "@" + account.domain);
    ++account.revision;
    if (account.id == 0) {
        database
            .prepared(
                "INSERT INTO accounts(domain_id, local_part, display_name, mail, department, is_disabled, created_at,"
                " password_changed_at, revision) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)")
            .with(*domain, account.localPart, account.displayName, account.mail, account.department, account.isDisabled,
                  account.createdAt, account.passwordChangedAt, account.revision)
            .run();
        account.id = static_cast<std::uint64_t>(database.lastInsertId());
    } else {
        database
            .prepared(
                "UPDATE accounts SET display_name=?2, mail=?3, department=?4, is_disabled=?5, password_changed_at=?6,"
                " revision=?7 WHERE id=?1")
            .with(account.id, account.displayName, account.mail, account.department, account.isDisabled,
                  account.passwordChangedAt, account.revision)
            .run();
        if (database.changedRows() == 0) return gone("account");
    }
    if (account.keys.empty()) return account;
    database.prepared("DELETE FROM account_keys WHERE account_id=?1").with(account.id).run();
    for (const auto& keys : account.keys) {
        database
            .prepared(
                "INSERT INTO account_keys(account_id, hash, iterations, salt, stored_key, server_key)"
                " VALUES(?1,?2,?3,?4,?5,?6)")
            .with(account.id, wordOf(keys.hash), keys.iterations, base64Text(keys.salt), base64Text(keys.storedKey),
                  base64Text(keys.serverKey))
            .run();
    }
    return account;
}

Result<void> deleteAccount(Database& database, std::uint64_t id) {
    database.prepared("DELETE FROM accounts WHERE id=?1").with(id).run();
    if (database.changedRows() == 0) return gone("account");
    return {};
}

std::optional<Account> readAccount(Database& database, std::uint64_t id) {
    std::optional<Account> account;
    auto& rows = database
                     .prepared(
                         "SELECT a.id, d.name, a.local_part, a.display_name, a.mail, a.department, a.is_disabled,"
                         " a.created_at, a.password_changed_at, a.revision FROM accounts a"
                         " JOIN chat_domains d ON d.id=a.domain_id WHERE a.id=?1")
                     .with(id);
    while (rows.next())
        account = accountIn(rows);
    if (account) readKeys(database, *account);
    return account;
}

// --- changes that wait ---

std::vector<ChatStorePort::PendingChange> readPendingChanges(Database& database) {
    std::vector<ChatStorePort::PendingChange> changes;
    auto& rows =
        database.prepared("SELECT kind, record_id, reverts_at, sentence FROM pending_changes ORDER BY reverts_at")
            .with();
    while (rows.next()) {
        changes.push_back(
            {rows.text(0), static_cast<std::uint64_t>(rows.number(1)), rows.time(2), rows.text(3), Secret{}});
    }
    return changes;
}

void writePendingChange(Database& database, const ChatStorePort::PendingChange& change) {
    database
        .prepared("INSERT OR REPLACE INTO pending_changes(kind, record_id, reverts_at, sentence) VALUES(?1,?2,?3,?4)")
        .with(change.kind, change.id, change.revertsAt, change.sentence)
        .run();
}

void deletePendingChange(Database& database, const std::string& kind, std::uint64_t id) {
    database.prepared("DELETE FROM pending_changes WHERE kind=?1 AND record_id=?2").with(kind, id).run();
    database.prepared("DELETE FROM secrets WHERE name=?1").with(pendingSecretName(kind, id)).run();
}

std::string pendingSecretName(const std::string& kind, std::uint64_t id) {
    return "pending/" + kind + "/" + std::to_string(id);
}

}  // namespace causeway::store
