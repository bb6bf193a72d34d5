#pragma once

#include <cstdint>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "service/auth/account_port.h"
#include "service/auth/auth_io.h"
#include "service/auth/pending_change.h"
#include "service/auth/providers_port.h"
#include "service/net/event_loop.h"
#include "service/net/work_pool.h"
#include "shared/base/log.h"

namespace causeway::auth {

/// What the providers need from the store. Any thread; saves return after the commit.
class ProviderRecords : public SurvivorRecords {
public:
    virtual Result<std::vector<Provider>> providers() = 0;
    virtual Result<Provider> saveProvider(const Provider& provider, const SecretChanges& secrets) = 0;
    virtual Result<ProviderSecrets> providerSecrets(std::uint64_t id) = 0;
    virtual Result<void> removeProvider(std::uint64_t id) = 0;

    virtual Result<std::vector<Account>> accounts(std::uint64_t domain, const std::string& after, std::size_t most) = 0;
    virtual Result<std::uint64_t> accountCount(std::uint64_t domain) = 0;
    virtual Result<std::optional<Account>> account(const std::string& domain, const std::string& localPart) = 0;
    virtual Result<std::optional<Account>> account(std::uint64_t id) = 0;
    virtual Result<Account> saveAccount(const Account& account) = 0;
    virtual Result<void> addAccounts(std::vector<Account> accounts) = 0;
    virtual Result<void> removeAccount(std::uint64_t id) = 0;

    virtual Result<std::vector<PendingChange>> pendingChanges() = 0;
    virtual Result<void> savePendingChange(const PendingChange& change) = 0;  ///< puts it in the place of the old one
    virtual Result<void> removePendingChange(PendingKind kind, std::uint64_t id) = 0;
};

/// The providers and built-in accounts of this service: keeps AuthService in step with the records, takes changes back
/// that nobody confirmed, and proves the directory dots. Built-in accounts are provider 0, first in every chain.
/// Any thread; what waits for a server runs on workers of its own, by provider, so that one cannot hold the others.
class ProvidersIo final : public ProvidersPort, public AccountsPort, private AccountPort {
public:
    struct Parts {
        net::EventLoop* loop = nullptr;  ///< for the clock work of every half second; null: tick() is called by hand
        ProviderRecords* records = nullptr;
        Log* log = nullptr;
        ProvidersObserver* observer = nullptr;  ///< may be null
        std::function<Result<std::vector<ChatDomain>>()> domains{};
        /// Ids of the providers of a chat domain, by its ASCII name. Asked on the thread of login(): does not block.
        /// Errors: NotFound.
        std::function<Result<std::vector<std::uint64_t>>(const std::string& name)> chain{};
        /// Puts a chain back that nobody confirmed; on a worker.
        std::function<Result<void>(const ChatDomain& domain)> saveDomain{};
        /// Wants the dots of a domain measured again; on a worker; may be empty.
        std::function<void(std::uint64_t domain)> checkDomain{};
        /// An entry for what happened without an administrator; may be empty.
        std::function<void(const std::string& action, const std::string& subject, const std::string& what)> audit{};
        std::function<std::shared_ptr<Authenticator>(const Provider&, const ProviderSecrets&, AccountPort&)> make{};
        std::function<TimePoint()> now{};  ///< default: EventLoop::now
        AuthService::Rules rules{};
        std::unique_ptr<PasswordHasher> hasher{};  ///< default: makeSurvivalHasher()
        Duration confirmWithin{120000};
        Duration proofLife{60000};  ///< how long a graded test that was fine stands for a dot
        Duration proofPatience{10000};
    };
    explicit ProvidersIo(Parts parts);
    ~ProvidersIo() override;
    ProvidersIo(const ProvidersIo&) = delete;
    ProvidersIo& operator=(const ProvidersIo&) = delete;

    /// Reads the records. A change whose time has passed while the service was off goes back with the first tick.
    Result<void> start();
    /// No observer and no callback is called behind this but those of logins and proofs that run. Not on the loop.
    void stop();

    /// Checks a name and password against the chain of a domain, built-in accounts first. `done` as in AuthService.
    /// `credentials.localPart` as the client wrote it, `domain` in ASCII form.
    void login(Credentials credentials, AuthService::Done done);
    /// The directory dot of a domain: one child for the built-in accounts and one a provider. Does not block. `done` is
    /// called once, on a worker or before this returns, and only passes on.
    void proveDirectory(const ChatDomain& domain, std::function<void(ProofStep)> done);
    /// Keys of an account for SCRAM, so that the client may prove its password without sending it.
    Result<std::optional<Account>> findAccount(const std::string& domain, const std::string& localPart) override;
    /// Ids of the providers that exist, for the check of chains.
    std::vector<std::uint64_t> providerIds() const;
    /// Tells breaker changes and takes unconfirmed changes back.
    void tick();

    // ProvidersPort
    Result<std::vector<ProviderView>> providers() override;
    Result<ProviderView> provider(std::uint64_t id) override;
    Result<std::vector<ProviderProblem>> check(const ProviderDraft& draft) override;
    Result<ProviderView> save(const ProviderDraft& draft, std::vector<ProviderProblem>& problems) override;
    Result<void> remove(std::uint64_t id) override;
    Result<ProofStep> test(const ProviderDraft& draft, const std::optional<Rehearsal>& rehearsal) override;
    Result<People> people(std::uint64_t id, std::size_t most, const std::string& filter) override;
    Result<void> confirm(std::uint64_t id) override;
    Result<void> revert(std::uint64_t id) override;
    Result<void> confirmDomain(std::uint64_t domain) override;
    Result<void> revertDomain(std::uint64_t domain) override;
    std::optional<PendingRevert> pendingOfDomain(std::uint64_t domain) override;
    Result<void> saveDomainChain(const ChatDomain& before, const ChatDomain& after,
                                 const std::function<Result<void>()>& save) override;

    // AccountsPort
    Result<AccountsFound> accounts(std::uint64_t domain, const AccountQuery& query) override;
    Result<Account> account(std::uint64_t id) override;
    Result<Account> add(std::uint64_t domain, Account draft, const Secret& password,
                        std::vector<DraftProblem>& problems) override;
    std::vector<std::string> namesakes(const Account& account) override;
    Result<Account> change(Account draft, const std::optional<Secret>& password,
                           std::vector<DraftProblem>& problems) override;
    Result<void> removeAccount(std::uint64_t id) override;
    Result<AccountsImported> import(std::uint64_t domain, std::string_view csv, ImportRun run) override;
    Result<LoginTrail> loginTest(std::uint64_t domain, const std::string& name, const Secret& password,
                                 const std::string& from) override;

private:
    using Proved = std::function<void(ProofStep)>;
    using PendingKey = std::pair<PendingKind, std::uint64_t>;
    struct Known {
        Provider provider;
        std::shared_ptr<Authenticator> authenticator;
        std::optional<ProofStep> proof;
        TimePoint provedAt{};
        std::optional<Duration> answerTime;
        BreakerView seen;  ///< as it was told last
        std::size_t seenRemembered = 0;
        std::vector<Proved> waiting;  ///< for the graded test that runs
    };
    struct Pending {
        PendingChange change;
        TimePoint tryAt{};
    };
    struct State {
        std::map<std::uint64_t, Known> known;
        std::map<PendingKey, Pending> pending;
        /// Domains without built-in accounts, by name: their logins need not be compared with any. Filled by the proofs
        /// of the dots, emptied by each new account.
        std::set<std::string> withoutAccounts;
        std::uint64_t accountChanges = 0;
        bool isRunning = false;
    };
    /// What is to be saved, complete.
    struct Whole {
        Provider provider;
        ProviderSecrets secrets;
        SecretChanges changes;
    };

    Result<std::size_t> listAccounts(const std::function<bool(const Account&)>& take) override;

    void install(const Provider& provider, const ProviderSecrets& secrets);
    Result<Provider> storedProvider(std::uint64_t id) const;
    Result<Whole> wholeOf(const ProviderDraft& draft) const;
    std::vector<ProviderProblem> problemsOf(const Provider& provider) const;
    ProviderView viewOf(const Provider& provider, const std::vector<ChatDomain>& domains) const;
    void tell(std::uint64_t id);
    void tellWait(std::uint64_t domain);
    /// The dots of the domains that ask these providers are measured again soon.
    void measureDots(std::vector<std::uint64_t> providers);
    Result<ChatDomain> domainOf(std::uint64_t id) const;

    // Graded tests and what they mean for chains
    std::shared_ptr<Authenticator> made(const Provider& provider, const ProviderSecrets& secrets);
    void gatherDot(const ChatDomain& domain, Proved done);
    ProofStep proofOfAccounts(const ChatDomain& domain, std::uint64_t& count);
    void prove(std::uint64_t id, Proved done);
    void proved(std::uint64_t id, const std::shared_ptr<Authenticator>& authenticator, ProofStep proof);
    ProofStep proofOf(const std::shared_ptr<Authenticator>& authenticator, const Credentials* rehearsal,
                      const std::string& key, Duration patience);
    ProofStep finishedDot(const ChatDomain& domain, std::vector<ProofStep> children, std::uint64_t accounts) const;
    ChainStandings standingsOf(const std::vector<std::uint64_t>& ids);
    std::string lockOutOfProvider(const ProviderBefore& before, const Whole& after);
    std::string lockOutOfDomain(const ChatDomain& before, const ChatDomain& after);

    // Changes that wait
    std::optional<PendingChange> pendingOf(PendingKey key) const;
    Result<void> guarded(PendingKey key, const std::string& sentence, const Secret& before,
                         const std::function<Result<void>()>& save);
    Result<void> forgetPending(PendingKey key);
    enum class Cause { TimePassed, ByHand };
    Result<void> takeBack(PendingKey key, Cause cause);
    Result<void> takeBackProvider(const PendingChange& change);
    Result<void> takeBackDomain(const PendingChange& change);

    // Accounts
    Result<std::vector<ScramKeys>> keysOf(const Secret& password);
    std::vector<DraftProblem> problemsOf(Account& draft) const;
    void accountsCame();
    /// Of each provider of the chain that can tell: which of the names it has, and how many it was asked for in time.
    struct Namesakes {
        std::string provider;
        std::vector<std::size_t> found;  ///< places in the names
        std::size_t asked = 0;
    };
    std::vector<Namesakes> findNamesakes(const ChatDomain& domain, const std::vector<std::string>& names,
                                         Duration patience);

    template <class T, class Job>
    Result<T> onWorker(const std::string& key, Duration patience, Job job);

    Parts parts_;
    mutable std::mutex lock_;
    State state_;
    std::mutex saving_;     ///< one save of a provider or chain at a time
    std::mutex importing_;  ///< one import at a time
    std::unique_ptr<net::LoopTimer> timer_;
    std::unique_ptr<AuthService> auth_;
    net::WorkPool pool_;  ///< last: its threads end before the rest goes
};

template <class T, class Job>
Result<T> ProvidersIo::onWorker(const std::string& key, Duration patience, Job job) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    auto answer = promise->get_future();
    const auto accepted = pool_.submit(key, net::EventLoop::now() + patience, std::move(job),
                                       [promise](Result<T> result) { promise->set_value(std::move(result)); });
    if (!accepted) return accepted.error();
    return answer.get();
}

}  // namespace causeway::auth
