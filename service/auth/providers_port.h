#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/model/account.h"
#include "shared/model/chat_domain.h"
#include "shared/model/proof.h"
#include "shared/model/provider_view.h"

namespace causeway::auth {

/// Secrets that are set, or taken away (nullopt); the others stay.
using SecretChanges = std::map<std::string, std::optional<Secret>>;

/// Where a draft comes from.
enum class DraftSource {
    Form,    ///< complete; a change that would lock people out waits to be confirmed
    Import,  ///< of a configuration file: secrets may be missing until somebody types them, and nothing waits
};
/// A provider as somebody wants it. id 0 = new; secretsSet is worked out from what is stored and the changes.
struct ProviderDraft {
    Provider provider;
    SecretChanges secrets{};
    DraftSource source = DraftSource::Form;
};
/// The login that a graded test rehearses.
struct Rehearsal {
    std::string name;
    Secret password;
    std::string domain;  ///< empty: the first chat domain that asks the provider
};
struct People {
    std::vector<DirectoryPerson> items;
    bool isComplete = true;  ///< false: there are more
};

/// Authentication providers as the admin interface sees them. Any thread but event loops: calls wait for the disk, and
/// save(), test() and people() for the servers behind a provider, at most 30 s.
class ProvidersPort {
public:
    virtual ~ProvidersPort() = default;

    virtual Result<std::vector<ProviderView>> providers() = 0;  ///< by name
    virtual Result<ProviderView> provider(std::uint64_t id) = 0;
    /// All that can be said without asking any server.
    virtual Result<std::vector<ProviderProblem>> check(const ProviderDraft& draft) = 0;
    /// BadInput: `problems` says what is wrong at which field. A change that would lock people out is in force at once,
    /// but goes back after two minutes unless it is confirmed; the view says so.
    /// While one waits, the next change goes back to the same place, and a good one ends the wait.
    /// Errors: BadInput, NotFound, Conflict (another revision, or the name is taken).
    virtual Result<ProviderView> save(const ProviderDraft& draft, std::vector<ProviderProblem>& problems) = 0;
    /// Errors: NotFound, Conflict while a chat domain asks it.
    virtual Result<void> remove(std::uint64_t id) = 0;
    /// The graded test of the draft with the secrets that are stored and those given. Nothing is saved.
    virtual Result<ProofStep> test(const ProviderDraft& draft, const std::optional<Rehearsal>& rehearsal) = 0;
    /// People whose name, display name, mail or department has `filter` in it, at most `most`.
    virtual Result<People> people(std::uint64_t id, std::size_t most, const std::string& filter) = 0;

    /// Ends the wait: the change stays, or goes back now. Errors: NotFound if nothing waits.
    virtual Result<void> confirm(std::uint64_t id) = 0;
    virtual Result<void> revert(std::uint64_t id) = 0;
    virtual Result<void> confirmDomain(std::uint64_t domain) = 0;
    virtual Result<void> revertDomain(std::uint64_t domain) = 0;
    virtual std::optional<PendingRevert> pendingOfDomain(std::uint64_t domain) = 0;
    /// Runs `save`, which puts `after` in the place of `before`. If the new chain would lock people out, the old one is
    /// kept and comes back as with save(). Errors: those of `save`, and the store's.
    virtual Result<void> saveDomainChain(const ChatDomain& before, const ChatDomain& after,
                                         const std::function<Result<void>()>& save) = 0;
};

struct AccountQuery {
    std::string filter;  ///< part of name, display name, mail or department, without regard to case
    std::string after;   ///< local part of the last one seen
    std::size_t most = 200;
};
struct AccountsFound {
    std::vector<Account> items;  ///< by name, without keys
    std::string next;            ///< for `after` of the next page; empty: this is the last
    std::uint64_t total = 0;     ///< of the domain
};
struct AccountsImported {
    std::uint64_t added = 0;
    std::vector<std::string> names;       ///< local parts that came, or would come; at most 1,000
    std::vector<ImportProblem> problems;  ///< not empty: nothing was added
    std::vector<ImportProblem> warnings;  ///< unknown columns, names that a provider of the chain has too; at most 100
};

/// Built-in accounts as the admin interface sees them. Any thread but event loops: passwords are hashed on workers, and
/// the call waits for them. No password and no key leaves.
class AccountsPort {
public:
    virtual ~AccountsPort() = default;

    virtual Result<AccountsFound> accounts(std::uint64_t domain, const AccountQuery& query) = 0;
    virtual Result<Account> account(std::uint64_t id) = 0;
    /// A new account of a domain; the local part is prepared. Errors: BadInput, NotFound (the domain), Conflict.
    virtual Result<Account> add(std::uint64_t domain, Account draft, const Secret& password,
                                std::vector<DraftProblem>& problems) = 0;
    /// A sentence for each provider of the domain's chain that has the name too, since the built-in account is asked
    /// first. Waits at most two seconds; providers that cannot tell a name or do not answer in time are left out.
    virtual std::vector<std::string> namesakes(const Account& account) = 0;
    /// Name and domain stay. Errors: BadInput, NotFound, Conflict (another revision).
    virtual Result<Account> change(Account draft, const std::optional<Secret>& password,
                                   std::vector<DraftProblem>& problems) = 0;
    virtual Result<void> removeAccount(std::uint64_t id) = 0;
    /// All or none; a dry run looks at everything and adds nothing.
    enum class ImportRun { Real, Dry };
    virtual Result<AccountsImported> import(std::uint64_t domain, std::string_view csv, ImportRun run) = 0;
    /// A login through the whole chain of the domain, as a client would log in, with its trail.
    virtual Result<LoginTrail> loginTest(std::uint64_t domain, const std::string& name, const Secret& password,
                                         const std::string& from) = 0;
};

/// Told on any thread; must not block.
class ProvidersObserver {
public:
    virtual ~ProvidersObserver() = default;
    virtual void providerChanged(std::uint64_t id) = 0;    ///< added, changed, removed, its breaker, what waits
    virtual void domainWaitChanged(std::uint64_t id) = 0;  ///< a change of the chat domain waits, or no longer
};

}  // namespace causeway::auth
