#include "service/app/provider_keeper.h"

#include <utility>

namespace causeway::app {

Result<std::vector<Provider>> ProviderKeeper::providers() {
    return store_.providers();
}

Result<Provider> ProviderKeeper::saveProvider(const Provider& provider, const auth::SecretChanges& secrets) {
    return store_.saveProvider(provider, secrets);
}

Result<ProviderSecrets> ProviderKeeper::providerSecrets(std::uint64_t id) {
    return store_.providerSecrets(id);
}

Result<void> ProviderKeeper::removeProvider(std::uint64_t id) {
    return store_.removeProvider(id);
}

Result<std::vector<Account>> ProviderKeeper::accounts(std::uint64_t domain, const std::string& after,
                                                      std::size_t most) {
    return store_.accounts(domain, after, most);
}

Result<std::uint64_t> ProviderKeeper::accountCount(std::uint64_t domain) {
    return store_.accountCount(domain);
}

Result<std::optional<Account>> ProviderKeeper::account(const std::string& domain, const std::string& localPart) {
    return store_.account(domain, localPart);
}

Result<std::optional<Account>> ProviderKeeper::account(std::uint64_t id) {
    return store_.account(id);
}

Result<Account> ProviderKeeper::saveAccount(const Account& account) {
    return store_.saveAccount(account);
}

Result<void> ProviderKeeper::addAccounts(std::vector<Account> accounts) {
    return store_.addAccounts(std::move(accounts));
}

Result<void> ProviderKeeper::removeAccount(std::uint64_t id) {
    return store_.removeAccount(id);
}

Result<std::vector<auth::PendingChange>> ProviderKeeper::pendingChanges() {
    auto rows = store_.pendingChanges();
    if (!rows) return rows.error();
    std::vector<auth::PendingChange> changes;
    for (auto& row : *rows) {
        const auto kind = auth::pendingKindOf(row.kind);
        if (kind) changes.push_back({*kind, row.id, row.revertsAt, std::move(row.sentence), std::move(row.before)});
    }
    return changes;
}

Result<void> ProviderKeeper::savePendingChange(const auth::PendingChange& change) {
    return store_.savePendingChange(
        {auth::wordOf(change.kind), change.id, change.revertsAt, change.sentence, change.before});
}

Result<void> ProviderKeeper::removePendingChange(auth::PendingKind kind, std::uint64_t id) {
    return store_.removePendingChange(auth::wordOf(kind), id);
}

void ProviderKeeper::saveSurvivorLater(std::uint64_t provider, const std::string& address, const Secret& packed) {
    store_.saveRememberedLater(provider, address, packed);
}

void ProviderKeeper::removeSurvivorLater(std::uint64_t provider, const std::string& address) {
    store_.removeRememberedLater(provider, address);
}

void ProviderKeeper::removeSurvivorsLater(std::uint64_t provider) {
    store_.removeAllRememberedLater(provider);
}

Result<std::vector<std::pair<std::string, Secret>>> ProviderKeeper::survivors(std::uint64_t provider) {
    return store_.remembered(provider);
}

}  // namespace causeway::app
