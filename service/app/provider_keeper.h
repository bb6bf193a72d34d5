#pragma once

#include "service/auth/providers_io.h"
#include "service/store/chat_store_port.h"

namespace causeway::app {

/// Connects the authentication providers and built-in accounts with the store.
class ProviderKeeper final : public auth::ProviderRecords {
public:
    explicit ProviderKeeper(store::ChatStorePort& store) : store_(store) {}

    Result<std::vector<Provider>> providers() override;
    Result<Provider> saveProvider(const Provider& provider, const auth::SecretChanges& secrets) override;
    Result<ProviderSecrets> providerSecrets(std::uint64_t id) override;
    Result<void> removeProvider(std::uint64_t id) override;

    Result<std::vector<Account>> accounts(std::uint64_t domain, const std::string& after, std::size_t most) override;
    Result<std::uint64_t> accountCount(std::uint64_t domain) override;
    Result<std::optional<Account>> account(const std::string& domain, const std::string& localPart) override;
    Result<std::optional<Account>> account(std::uint64_t id) override;
    Result<Account> saveAccount(const Account& account) override;
    Result<void> addAccounts(std::vector<Account> accounts) override;
    Result<void> removeAccount(std::uint64_t id) override;

    /// A change of a kind that this version does not know is left alone.
    Result<std::vector<auth::PendingChange>> pendingChanges() override;
    Result<void> savePendingChange(const auth::PendingChange& change) override;
    Result<void> removePendingChange(auth::PendingKind kind, std::uint64_t id) override;

    void saveSurvivorLater(std::uint64_t provider, const std::string& address, const Secret& packed) override;
    void removeSurvivorLater(std::uint64_t provider, const std::string& address) override;
    void removeSurvivorsLater(std::uint64_t provider) override;
    Result<std::vector<std::pair<std::string, Secret>>> survivors(std::uint64_t provider) override;

private:
    store::ChatStorePort& store_;
};

}  // namespace causeway::app
