#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "service/auth/account_port.h"
#include "service/auth/authenticator_port.h"
#include "service/auth/breaker.h"
#include "service/auth/chain.h"
#include "service/auth/remembered.h"
#include "service/auth/throttle.h"
#include "service/net/work_pool.h"
#include "shared/base/log.h"
#include "shared/model/provider.h"

namespace causeway::auth {

/// Makes the authenticator of a provider that passed checkProvider(). `accounts` is for the built-in kind and outlives
/// what is made.
std::shared_ptr<Authenticator> makeAuthenticator(const Provider& provider, const ProviderSecrets& secrets,
                                                 AccountPort& accounts);
/// Argon2id, 19 MiB, 2 passes, salt of 16 bytes.
std::unique_ptr<PasswordHasher> makeSurvivalHasher();

/// What became of one login.
struct LoginVerdict {
    Verdict verdict;
    std::vector<ChainStep> steps;  ///< the trail: which provider said what
    TimePoint tellAt{};            ///< a refusal is told to the client at this time, not before
    Duration wait{};               ///< for Throttled
    bool wasRemembered = false;    ///< "survive a directory outage" decided
};

/// What is known of a provider's health; for dots, status pages and the console.
struct ProviderStatus {
    std::uint64_t id = 0;
    std::string name;
    BreakerView breaker;
    net::WorkCounters work;
    std::size_t remembered = 0;  ///< how many people could log in during an outage
};

/// Runs logins through chains of providers: throttle, short memory of unknown names, breaker, bounded workers (key of
/// the pool: the provider's id), and the survival cache. Any thread.
class AuthService {
public:
    struct Rules {
        net::WorkPoolLimits pool{.threads = 32, .queued = 1024, .runningOfOneKey = 4, .queuedOfOneKey = 256};
        Duration budget{10000};  ///< of a whole chain
        Duration refusalGrid{250};
        ThrottleRules throttle{};
        BreakerRules breaker{};
        /// Told once an episode: this account was tried from so many addresses that strangers must wait now. On the
        /// thread of check(): must not block. At most 20 within 15 minutes; may be empty.
        std::function<void(const std::string& account, const std::string& what)> guessed{};
        SurvivorRecords* survivors = nullptr;  ///< outlives the service; none: remembered in memory only
        std::function<TimePoint()> now{};      ///< default: EventLoop::now
    };
    explicit AuthService(Log& log);
    AuthService(Log& log, Rules rules, std::unique_ptr<PasswordHasher> hasher);
    /// Logins that wait get CannotAsk; what runs is waited for.
    ~AuthService();
    AuthService(const AuthService&) = delete;
    AuthService& operator=(const AuthService&) = delete;

    /// Adds or replaces a provider. Replacing forgets its unknown names, its breaker and its remembered passwords.
    void setProvider(const Provider& provider, std::shared_ptr<Authenticator> authenticator);
    void removeProvider(std::uint64_t id);
    /// Takes the remembered passwords of a provider back from the records, behind a start. Those that are not wanted
    /// any more are erased there. Blocks for the reading.
    Result<void> restoreSurvivors(std::uint64_t id);
    /// Erases remembered passwords whose time is over.
    void forgetExpired();

    using Done = std::function<void(LoginVerdict)>;
    /// `chain`: ids in the order of asking; ids that are not known or turned off are left out. `done` is called exactly
    /// once, on a worker or before this returns, and only passes on: EventLoop::deliver() makes it.
    void check(const std::vector<std::uint64_t>& chain, const Credentials& credentials, Done done);

    /// The graded test of a provider, saved or not, on a worker. `done` as above.
    void test(std::shared_ptr<Authenticator> authenticator, std::optional<Credentials> rehearsal, Duration patience,
              std::function<void(ProofStep)> done);
    /// Lists users of a provider on a worker, at most `most`. `done` as above.
    void list(std::shared_ptr<Authenticator> authenticator, std::size_t most, Duration patience,
              std::function<void(Result<std::vector<Person>>)> done);

    /// A test beside the logins found this: it counts as an answer, or as the last error; it never opens the breaker.
    void noteProof(std::uint64_t provider, const ProofStep& proof);

    std::vector<ProviderStatus> status() const;
    std::optional<ProviderStatus> status(std::uint64_t id) const;

private:
    struct Entry;
    struct Run;
    struct State;

    void tellGuesses(const Credentials& credentials, const Throttle::Admission& admission, TimePoint now);
    void goOn(const std::shared_ptr<Run>& run);
    bool answerFromMemory(const std::shared_ptr<Run>& run, std::uint64_t provider);
    void onAnswer(const std::shared_ptr<Run>& run, std::uint64_t provider, Result<Verdict> answer);
    void onSettled(const std::shared_ptr<Run>& run, std::uint64_t provider, Verdict verdict, bool wasRemembered);
    void tryToSurvive(const std::shared_ptr<Run>& run, std::uint64_t provider, Verdict trouble);
    void eraseIfRefused(const std::shared_ptr<Run>& run, std::uint64_t provider);
    void remember(const std::shared_ptr<Run>& run, std::uint64_t provider, const Verdict& verdict);
    void finish(const std::shared_ptr<Run>& run);
    std::shared_ptr<Entry> entryOf(std::uint64_t id) const;
    ProviderStatus statusOf(const Entry& entry) const;

    Log& log_;
    Rules rules_;
    std::unique_ptr<PasswordHasher> hasher_;
    mutable std::mutex lock_;
    std::unique_ptr<State> state_;
    mutable net::WorkPool pool_;  ///< last: its threads end before the rest goes
};

}  // namespace causeway::auth
