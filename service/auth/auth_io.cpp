#include "service/auth/auth_io.h"

#include <algorithm>
#include <utility>

#include "service/auth/built_in.h"
#include "service/auth/http_io.h"
#include "service/auth/ldap_io.h"
#include "service/auth/password_hash_io.h"
#include "service/auth/proof_run.h"
#include "service/auth/radius_io.h"
#include "service/auth/sql_io.h"
#include "service/net/event_loop.h"
#include "service/net/reach.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

constexpr Duration kSurvivalPatience = 3s;
constexpr std::uint32_t kMostToldGuesses = 20;  ///< whoever guesses many names must not flood log and audit
constexpr Duration kToldGuessesWithin = 15min;

Verdict verdictOf(const Error& error) {
    Verdict verdict;
    verdict.outcome = error.code == Code::Busy ? Outcome::Busy : Outcome::CannotAsk;
    verdict.why = error.what + (error.why.empty() ? "" : " " + error.why);
    verdict.todo = error.todo;
    verdict.failedAt = "connect";
    return verdict;
}

}  // namespace

std::shared_ptr<Authenticator> makeAuthenticator(const Provider& provider, const ProviderSecrets& secrets,
                                                 AccountPort& accounts) {
    switch (provider.kind) {
        case ProviderKind::BuiltIn:
            return std::make_shared<BuiltInAuthenticator>(provider, accounts, net::EventLoop::now);
        case ProviderKind::Ldap:
            return std::make_shared<LdapAuthenticator>(provider, secrets);
        case ProviderKind::Radius:
            return std::make_shared<RadiusAuthenticator>(provider, secrets);
        case ProviderKind::Http:
            return std::make_shared<HttpAuthenticator>(provider, secrets);
        case ProviderKind::Sql:
            return std::make_shared<SqlAuthenticator>(provider, secrets);
    }
    return nullptr;
}

std::unique_ptr<PasswordHasher> makeSurvivalHasher() {
    return std::make_unique<Argon2Hasher>();
}

struct AuthService::Entry {
    std::uint64_t id = 0;
    std::uint64_t revision = 0;
    ChainMember member;
    bool isEnabled = true;
    Duration rememberUnknown{};
    bool survives = false;
    std::shared_ptr<Authenticator> authenticator;
    Breaker breaker;
    UnknownNames unknown;
    SurvivalCache survivors;

    std::string key() const { return std::to_string(id); }
};

struct AuthService::Run {
    Run(std::vector<ChainMember> members, Duration budget, TimePoint now) : chain(std::move(members), budget, now) {}

    ChainRun chain;
    Credentials credentials;
    Done done;
    TimePoint began{};
    bool wasRemembered = false;
    ChainRun::Ask ask{};
    TimePoint askedAt{};
};

struct AuthService::State {
    explicit State(ThrottleRules rules) : throttle(rules) {}
    std::map<std::uint64_t, std::shared_ptr<Entry>> entries;
    Throttle throttle;
    std::uint32_t toldGuesses = 0;
    TimePoint toldSince{};
    bool isEnding = false;
};

AuthService::AuthService(Log& log) : AuthService(log, Rules{}, makeSurvivalHasher()) {}

AuthService::AuthService(Log& log, Rules rules, std::unique_ptr<PasswordHasher> hasher)
    : log_(log),
      rules_(std::move(rules)),
      hasher_(std::move(hasher)),
      state_(std::make_unique<State>(rules_.throttle)),
      pool_("logins", rules_.pool, log) {
    if (!rules_.now) rules_.now = net::EventLoop::now;
}

AuthService::~AuthService() {
    const std::lock_guard hold{lock_};
    state_->isEnding = true;
}

void AuthService::setProvider(const Provider& provider, std::shared_ptr<Authenticator> authenticator) {
    const Duration life = std::chrono::hours(provider.number("survive_hours"));
    auto entry = std::shared_ptr<Entry>(
        new Entry{provider.id,
                  provider.revision,
                  {provider.id, provider.name,
                   provider.kind == ProviderKind::BuiltIn ? Duration{5000} : provider.seconds("timeout"),
                   provider.flag("ask_next_after_reject")},
                  provider.isEnabled,
                  provider.seconds("remember_unknown"),
                  provider.flag("survive_outage"),
                  std::move(authenticator),
                  Breaker{rules_.breaker},
                  UnknownNames{},
                  SurvivalCache{life}});
    const std::lock_guard hold{lock_};
    const bool isNew = state_->entries.insert_or_assign(provider.id, std::move(entry)).second;
    // The first one of a process may find its remembered passwords again: restoreSurvivors().
    if (!isNew && rules_.survivors != nullptr) rules_.survivors->removeSurvivorsLater(provider.id);
}

Result<void> AuthService::restoreSurvivors(std::uint64_t id) {
    if (rules_.survivors == nullptr) return {};
    auto kept = rules_.survivors->survivors(id);
    if (!kept) return kept.error();
    if (kept->empty()) return {};
    const auto now = rules_.now();
    const std::lock_guard hold{lock_};
    const auto entry = entryOf(id);
    if (!entry || !entry->survives) {
        rules_.survivors->removeSurvivorsLater(id);
        return {};
    }
    std::vector<SurvivalEntry> entries;
    for (const auto& [address, text] : *kept) {
        auto one = unpackedSurvivor(address, text, entry->revision);
        // A time to come is of a clock that was wrong: it would live too long.
        if (one && one->confirmedAt <= now) {
            entries.push_back(std::move(*one));
        } else {
            rules_.survivors->removeSurvivorLater(id, address);
        }
    }
    std::sort(entries.begin(), entries.end(), [](const SurvivalEntry& left, const SurvivalEntry& right) {
        return left.confirmedAt < right.confirmedAt;
    });
    for (auto& each : entries) {
        const auto evicted = entry->survivors.remember(std::move(each));
        if (!evicted.empty()) rules_.survivors->removeSurvivorLater(id, evicted);
    }
    for (const auto& address : entry->survivors.takeExpired(now))
        rules_.survivors->removeSurvivorLater(id, address);
    return {};
}

void AuthService::forgetExpired() {
    const auto now = rules_.now();
    const std::lock_guard hold{lock_};
    for (const auto& [id, entry] : state_->entries) {
        for (const auto& address : entry->survivors.takeExpired(now))
            if (rules_.survivors != nullptr) rules_.survivors->removeSurvivorLater(id, address);
    }
}

void AuthService::removeProvider(std::uint64_t id) {
    std::shared_ptr<Entry> removed;
    const std::lock_guard hold{lock_};
    const auto at = state_->entries.find(id);
    if (at == state_->entries.end()) return;
    removed = std::move(at->second);
    state_->entries.erase(at);
    if (rules_.survivors != nullptr) rules_.survivors->removeSurvivorsLater(id);
}

std::shared_ptr<AuthService::Entry> AuthService::entryOf(std::uint64_t id) const {
    const auto at = state_->entries.find(id);
    return at == state_->entries.end() ? nullptr : at->second;
}

void AuthService::check(const std::vector<std::uint64_t>& chain, const Credentials& credentials, Done done) {
    const auto now = rules_.now();
    std::vector<ChainMember> members;
    Throttle::Admission admission;
    {
        const std::lock_guard hold{lock_};
        for (const auto id : chain)
            if (const auto entry = entryOf(id); entry && entry->isEnabled) members.push_back(entry->member);
        admission = state_->throttle.admit(credentials.address(), credentials.from, now);
    }
    if (admission.wait > Duration{0}) {
        if (admission.beginsEpisode) tellGuesses(credentials, admission, now);
        LoginVerdict throttled;
        throttled.verdict.outcome = Outcome::Throttled;
        throttled.verdict.why =
            admission.isOfAccount
                ? "There were too many failed logins with this name from addresses where it has not logged in before, "
                  "and " +
                      credentials.from + " is one of them."
                : "There were too many failed logins from " + credentials.from + ".";
        throttled.verdict.todo = "Wait " + spanText(admission.wait) + ", then try again.";
        if (admission.isOfAccount)
            throttled.verdict.todo += " Addresses where the name logged in within 30 days need not wait.";
        throttled.tellAt = now;
        throttled.wait = admission.wait;
        done(std::move(throttled));
        return;
    }
    auto run = std::make_shared<Run>(std::move(members), rules_.budget, now);
    run->credentials = credentials;
    run->done = std::move(done);
    run->began = now;
    goOn(run);
}

void AuthService::tellGuesses(const Credentials& credentials, const Throttle::Admission& admission, TimePoint now) {
    {
        const std::lock_guard hold{lock_};
        if (now - state_->toldSince >= kToldGuessesWithin) {
            state_->toldSince = now;
            state_->toldGuesses = 0;
        }
        if (state_->toldGuesses >= kMostToldGuesses) return;
        ++state_->toldGuesses;
    }
    const std::string account{cutUtf8(credentials.address(), 200)};
    const auto what = "Failed logins came from " +
                      (admission.addresses == 1 ? "1 address" : std::to_string(admission.addresses) + " addresses") +
                      " where it has not logged in before, now another one from " + credentials.from +
                      ". Such addresses wait " + spanText(admission.wait) + ".";
    log_.write(LogLevel::Warning, "AUTH_NAME_GUESSED",
               "Somebody may be guessing the password of " + account + ". " + what);
    if (rules_.guessed) rules_.guessed(account, what);
}

void AuthService::goOn(const std::shared_ptr<Run>& run) {
    // Answers from memory come at once, so this loops instead of calling itself.
    while (true) {
        const auto ask = run->chain.next(rules_.now());
        if (!ask) return finish(run);
        run->ask = *ask;
        run->askedAt = rules_.now();
        if (answerFromMemory(run, ask->provider)) continue;
        std::shared_ptr<Authenticator> authenticator;
        std::optional<Verdict> trouble;
        {
            const std::lock_guard hold{lock_};
            const auto entry = entryOf(ask->provider);
            if (!entry || state_->isEnding) {
                trouble = Verdict{Outcome::CannotAsk, "The provider was removed while the login ran.", "", "connect"};
            } else if (!entry->breaker.admit(rules_.now())) {
                trouble = Verdict{Outcome::CannotAsk,
                                  "The provider is not asked at the moment, because it failed several times in a row. "
                                  "The last error: " +
                                      entry->breaker.view().lastError,
                                  "It is asked again by itself. Test the provider to see what is wrong.", "connect"};
            } else {
                authenticator = entry->authenticator;
            }
        }
        if (trouble) return tryToSurvive(run, ask->provider, std::move(*trouble));
        const auto provider = ask->provider;
        const auto deadline = ask->deadline;
        const auto accepted = pool_.submit(
            std::to_string(provider), deadline,
            [authenticator, run, deadline] { return authenticator->check(run->credentials, deadline); },
            [this, run, provider](Result<Verdict> answer) { onAnswer(run, provider, std::move(answer)); });
        if (!accepted) onAnswer(run, provider, accepted.error());
        return;
    }
}

bool AuthService::answerFromMemory(const std::shared_ptr<Run>& run, std::uint64_t provider) {
    const auto now = rules_.now();
    bool isKnownUnknown = false;
    {
        const std::lock_guard hold{lock_};
        const auto entry = entryOf(provider);
        isKnownUnknown = entry && entry->unknown.has(run->credentials.address(), now);
    }
    if (!isKnownUnknown) return false;
    run->chain.onVerdict({Outcome::UnknownUser, "The provider did not know this name a moment ago.", "", "filter"}, now,
                         true);
    return true;
}

void AuthService::onAnswer(const std::shared_ptr<Run>& run, std::uint64_t provider, Result<Verdict> answer) {
    const bool isAnswered = answer.has_value();
    auto verdict = answer ? std::move(*answer) : verdictOf(answer.error());
    if (!isAnswered && answer.error().code == Code::Timeout) {
        verdict.why = "The provider did not answer within " + spanText(run->ask.deadline - run->askedAt) + ".";
        verdict.todo = "Check whether the server behind it hangs or is overloaded.";
    }
    const auto now = rules_.now();
    std::string opened;
    {
        const std::lock_guard hold{lock_};
        if (const auto entry = entryOf(provider)) {
            const auto before = entry->breaker.view().state;
            if (verdict.outcome == Outcome::CannotAsk && !verdict.isPersonal) {
                entry->breaker.failed(verdict.why, now);
            } else if (verdict.outcome == Outcome::Busy) {
                entry->breaker.notAsked(now);
            } else {
                entry->breaker.answered(now);
            }
            if (before == BreakerState::Closed && entry->breaker.view().state == BreakerState::Open)
                opened = entry->member.name;
            if (verdict.outcome == Outcome::UnknownUser && entry->rememberUnknown > Duration{0}) {
                entry->unknown.add(run->credentials.address(), now + entry->rememberUnknown);
            }
        }
    }
    if (!opened.empty()) {
        log_.write(LogLevel::Warning, "AUTH_PROVIDER_DOWN",
                   "Provider " + opened + " is not asked for a while: " + verdict.why);
    }
    if (verdict.outcome == Outcome::CannotAsk && !verdict.isPersonal) {
        return tryToSurvive(run, provider, std::move(verdict));
    }
    remember(run, provider, verdict);
    onSettled(run, provider, std::move(verdict), false);
}

void AuthService::onSettled(const std::shared_ptr<Run>& run, std::uint64_t, Verdict verdict, bool wasRemembered) {
    run->wasRemembered = wasRemembered;
    run->chain.onVerdict(std::move(verdict), rules_.now(), wasRemembered);
    goOn(run);
}

void AuthService::tryToSurvive(const std::shared_ptr<Run>& run, std::uint64_t provider, Verdict trouble) {
    const auto now = rules_.now();
    std::optional<SurvivalEntry> kept;
    {
        const std::lock_guard hold{lock_};
        const auto entry = entryOf(provider);
        if (entry && entry->survives && !state_->isEnding)
            kept = entry->survivors.find(run->credentials.address(), now);
    }
    if (!kept) return onSettled(run, provider, std::move(trouble), false);
    // Not on the provider's own workers: those may all hang.
    auto done = [this, run, provider, trouble, kept](Result<bool> fits) {
        if (!fits || !*fits) {
            // A wrong password cannot be told from one that was changed lately.
            return onSettled(run, provider, trouble, false);
        }
        Verdict verdict;
        verdict.outcome = Outcome::Right;
        verdict.why = "The provider does not answer; it confirmed this password on " + isoText(kept->confirmedAt) + ".";
        verdict.person = kept->person;
        onSettled(run, provider, std::move(verdict), true);
    };
    const auto accepted = pool_.submit(
        "survive", now + kSurvivalPatience,
        [this, run, hash = kept->hash] { return hasher_->fits(run->credentials.password, hash); }, done);
    if (!accepted) onSettled(run, provider, std::move(trouble), false);
}

void AuthService::remember(const std::shared_ptr<Run>& run, std::uint64_t provider, const Verdict& verdict) {
    const auto now = rules_.now();
    const auto address = run->credentials.address();
    std::shared_ptr<Entry> asked;
    {
        const std::lock_guard hold{lock_};
        const auto entry = entryOf(provider);
        if (!entry || !entry->survives || state_->isEnding) return;
        asked = entry;
        const bool isGone = isRefusal(verdict.outcome) && verdict.outcome != Outcome::WrongPassword;
        if (isGone && entry->survivors.has(address)) {
            entry->survivors.forget(address);
            if (rules_.survivors != nullptr) rules_.survivors->removeSurvivorLater(provider, address);
        }
    }
    if (verdict.outcome == Outcome::WrongPassword) return eraseIfRefused(run, provider);
    {
        const std::lock_guard hold{lock_};
        const auto& entry = asked;
        if (verdict.outcome != Outcome::Right || entry->survivors.isFresh(address, now)) return;
    }
    // Nobody waits for this; if the workers are busy, the next login does it.
    auto person = verdict.person;
    person.photo.clear();
    const auto ignored = pool_.submit(
        "survive", now + kSurvivalPatience, [this, run] { return hasher_->hash(run->credentials.password); },
        [this, provider, address, now, person, asked](Result<std::string> hash) {
            if (!hash) return;
            const std::lock_guard hold{lock_};
            // Not what the provider said before it was changed or removed.
            if (entryOf(provider) != asked) return;
            SurvivalEntry entry{address, *hash, now, person};
            const auto packed = packedSurvivor(asked->revision, entry);
            const auto evicted = asked->survivors.remember(std::move(entry));
            if (rules_.survivors == nullptr) return;
            rules_.survivors->saveSurvivorLater(provider, address, packed);
            if (!evicted.empty()) rules_.survivors->removeSurvivorLater(provider, evicted);
        });
    static_cast<void>(ignored);
}

void AuthService::eraseIfRefused(const std::shared_ptr<Run>& run, std::uint64_t provider) {
    const auto address = run->credentials.address();
    std::optional<SurvivalEntry> kept;
    {
        const std::lock_guard hold{lock_};
        if (const auto entry = entryOf(provider)) kept = entry->survivors.find(address, rules_.now());
    }
    if (!kept) return;
    // Anybody may type a wrong password; only the remembered one, refused, was changed.
    const auto ignored = pool_.submit(
        "survive", rules_.now() + kSurvivalPatience,
        [this, run, hash = kept->hash] { return hasher_->fits(run->credentials.password, hash); },
        [this, provider, address, hash = kept->hash](Result<bool> fits) {
            if (!fits || !*fits) return;
            const std::lock_guard hold{lock_};
            const auto entry = entryOf(provider);
            if (!entry) return;
            const auto now = entry->survivors.find(address, rules_.now());
            if (!now || now->hash != hash) return;
            entry->survivors.forget(address);
            if (rules_.survivors != nullptr) rules_.survivors->removeSurvivorLater(provider, address);
        });
    static_cast<void>(ignored);
}

void AuthService::finish(const std::shared_ptr<Run>& run) {
    const auto now = rules_.now();
    LoginVerdict out;
    out.verdict = run->chain.verdict();
    out.steps = run->chain.steps();
    out.tellAt = tellAt(out.verdict, run->began, now, rules_.refusalGrid);
    out.wasRemembered = run->wasRemembered;
    const auto ending = out.verdict.outcome == Outcome::Right ? Throttle::Ending::Right
                        : isRefusal(out.verdict.outcome)      ? Throttle::Ending::Refused
                                                              : Throttle::Ending::Neutral;
    {
        const std::lock_guard hold{lock_};
        state_->throttle.done(run->credentials.address(), run->credentials.from, ending, now);
    }
    run->done(std::move(out));
}

void AuthService::test(std::shared_ptr<Authenticator> authenticator, std::optional<Credentials> rehearsal,
                       Duration patience, std::function<void(ProofStep)> done) {
    const auto deadline = rules_.now() + patience;
    auto broken = [](const Error& error) {
        ProofStep step;
        step.id = "provider";
        step.name = "Test";
        fail(step, error.what + (error.why.empty() ? "" : " " + error.why), error.todo);
        return step;
    };
    auto kept = std::make_shared<std::function<void(ProofStep)>>(std::move(done));
    const auto accepted = pool_.submit(
        "test", deadline + 2s,
        [authenticator, rehearsal, deadline] {
            return authenticator->test(rehearsal ? &*rehearsal : nullptr, deadline);
        },
        [kept, broken](Result<ProofStep> answer) { (*kept)(answer ? std::move(*answer) : broken(answer.error())); });
    if (!accepted) (*kept)(broken(accepted.error()));
}

void AuthService::list(std::shared_ptr<Authenticator> authenticator, std::size_t most, Duration patience,
                       std::function<void(Result<std::vector<Person>>)> done) {
    const auto deadline = rules_.now() + patience;
    auto kept = std::make_shared<std::function<void(Result<std::vector<Person>>)>>(std::move(done));
    const auto accepted = pool_.submit(
        "list", deadline + 1s,
        [authenticator, most, deadline]() -> Result<std::vector<Person>> {
            std::vector<Person> people;
            const auto count = authenticator->list(
                [&](const Person& person) {
                    people.push_back(person);
                    return people.size() < most;
                },
                deadline);
            if (!count) return count.error();
            return people;
        },
        [kept](Result<std::vector<Person>> answer) { (*kept)(std::move(answer)); });
    if (!accepted) (*kept)(accepted.error());
}

ProviderStatus AuthService::statusOf(const Entry& entry) const {
    return {entry.id, entry.member.name, entry.breaker.view(), {}, entry.survivors.alive(rules_.now())};
}

void AuthService::noteProof(std::uint64_t provider, const ProofStep& proof) {
    const auto now = rules_.now();
    const std::lock_guard hold{lock_};
    const auto entry = entryOf(provider);
    if (!entry) return;
    if (proof.state != ProofState::Broken) return entry->breaker.answered(now);
    entry->breaker.noted(proof.why, now);
}

std::vector<ProviderStatus> AuthService::status() const {
    std::vector<ProviderStatus> out;
    const auto work = pool_.countersByKey();
    const std::lock_guard hold{lock_};
    for (const auto& [id, entry] : state_->entries) {
        out.push_back(statusOf(*entry));
        if (const auto at = work.find(entry->key()); at != work.end()) out.back().work = at->second;
    }
    return out;
}

std::optional<ProviderStatus> AuthService::status(std::uint64_t id) const {
    for (auto& each : status())
        if (each.id == id) return each;
    return std::nullopt;
}

}  // namespace causeway::auth
