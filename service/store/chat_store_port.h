#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"
#include "shared/model/account.h"
#include "shared/model/chat_domain.h"
#include "shared/model/provider.h"

namespace causeway::store {

/// Records of the chat domains. Threads and writes as StorePort: reads block for one query, saves return after the
/// commit. Ids are never given twice; `revision` grows with each save.
/// Errors: NotFound (removed meanwhile), Conflict (the name is taken, or something still needs what is removed).
class ChatStorePort {
public:
    virtual ~ChatStorePort() = default;

    virtual Result<std::vector<ChatDomain>> domains() = 0;
    virtual Result<ChatDomain> saveDomain(ChatDomain domain) = 0;  ///< id 0 = new
    /// With its supernodes, accounts and the history of its dots.
    virtual Result<void> removeDomain(std::uint64_t id) = 0;

    struct SupernodeRow {
        Supernode node;
        std::string tokenHash;  ///< SHA-256 of the registration token, hex; empty = keep
    };
    virtual Result<std::vector<SupernodeRow>> supernodes() = 0;
    virtual Result<Supernode> saveSupernode(const SupernodeRow& row) = 0;
    virtual Result<void> removeSupernode(std::uint64_t id) = 0;

    virtual void addDotChangeLater(std::uint64_t domain, DotChange change) = 0;
    virtual Result<std::vector<DotChange>> dotChanges(std::uint64_t domain, std::size_t most) = 0;  ///< newest first

    virtual Result<std::vector<Provider>> providers() = 0;
    /// Secrets that are named are set (or taken away: nullopt) in the same commit, sealed; the others stay.
    using SecretChanges = std::map<std::string, std::optional<Secret>>;
    virtual Result<Provider> saveProvider(Provider provider, const SecretChanges& secrets) = 0;
    virtual Result<ProviderSecrets> providerSecrets(std::uint64_t id) = 0;
    /// Conflict while a domain has it in its chain.
    virtual Result<void> removeProvider(std::uint64_t id) = 0;

    /// Built-in accounts, in the order of their names behind `after`.
    virtual Result<std::vector<Account>> accounts(std::uint64_t domain, const std::string& after, std::size_t most) = 0;
    virtual Result<std::uint64_t> accountCount(std::uint64_t domain) = 0;
    virtual Result<std::optional<Account>> account(std::string_view domain, std::string_view localPart) = 0;
    virtual Result<Account> saveAccount(Account account) = 0;  ///< id 0 = new; no keys = keep them
    /// All or none. Conflict names the first account that is there already.
    virtual Result<void> addAccounts(std::vector<Account> accounts) = 0;
    virtual Result<void> removeAccount(std::uint64_t id) = 0;
    virtual Result<std::optional<Account>> account(std::uint64_t id) = 0;

    /// A change that goes back unless it is confirmed; one a kind and id. `before` is sealed like every secret.
    struct PendingChange {
        std::string kind;  ///< "provider", "domain"
        std::uint64_t id = 0;
        TimePoint revertsAt{};
        std::string sentence;
        Secret before;
    };
    virtual Result<std::vector<PendingChange>> pendingChanges() = 0;
    virtual Result<void> savePendingChange(const PendingChange& change) = 0;  ///< in the place of an older one
    virtual Result<void> removePendingChange(const std::string& kind, std::uint64_t id) = 0;

    /// Remembered passwords of a provider by the address of the person, sealed; written later, in their order. They go
    /// with the provider. Those that cannot be opened any more are left out.
    virtual void saveRememberedLater(std::uint64_t provider, const std::string& address, const Secret& value) = 0;
    virtual void removeRememberedLater(std::uint64_t provider, const std::string& address) = 0;
    virtual void removeAllRememberedLater(std::uint64_t provider) = 0;
    virtual Result<std::vector<std::pair<std::string, Secret>>> remembered(std::uint64_t provider) = 0;
};

}  // namespace causeway::store
