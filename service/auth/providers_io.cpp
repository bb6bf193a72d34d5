#include "service/auth/providers_io.h"

#include <algorithm>
#include <atomic>
#include <future>

#include "service/auth/built_in.h"
#include "service/auth/missing_secret.h"
#include "service/auth/proof_run.h"
#include "shared/base/text.h"
#include "shared/proto/jid/jid.h"

namespace causeway::auth {

namespace {

constexpr Duration kTickEvery = 500ms;
constexpr Duration kTestPatience = 28s;
constexpr Duration kPeoplePatience = 20s;
constexpr Duration kTryAgain = 10s;
constexpr Duration kRefusalGrid = 250ms;
constexpr std::size_t kMostProviders = 100;

Error noProvider(std::uint64_t id) {
    return {Code::NotFound, "There is no authentication provider " + std::to_string(id) + ".",
            "It may have been removed meanwhile.", "Load the list again."};
}

Error nothingWaits() {
    return {Code::NotFound, "Nothing waits to be confirmed here.",
            "The change was confirmed, was put right, or has gone back already.", "Load the page again."};
}

Provider builtInProvider() {
    Provider provider;
    provider.kind = ProviderKind::BuiltIn;
    provider.name = "Built-in accounts";
    return provider;
}

std::string keyOf(std::uint64_t id) {
    return "provider " + std::to_string(id);
}

ProofStep brokenStep(const std::string& name, const Error& error) {
    ProofStep step;
    step.id = "provider";
    step.name = name;
    fail(step, error.what + (error.why.empty() ? "" : " " + error.why), error.todo);
    return step;
}

bool asks(const ChatDomain& domain, std::uint64_t id) {
    return std::find(domain.providers.begin(), domain.providers.end(), id) != domain.providers.end();
}

ProviderHealth healthOf(const ProviderStatus& status) {
    ProviderHealth health;
    const auto& breaker = status.breaker;
    health.breaker = wordOf(breaker.state);
    health.since = breaker.since;
    if (breaker.state == BreakerState::Open) health.nextTry = breaker.nextTry;
    health.lastError = breaker.lastError;
    health.lastErrorAt = breaker.lastErrorAt;
    health.lastAnswerAt = breaker.lastAnswerAt;
    health.failures = breaker.failures;
    health.queued = status.work.queued;
    health.running = status.work.running;
    health.finished = status.work.finished;
    health.refused = status.work.refused;
    health.timedOut = status.work.timedOut;
    health.remembered = status.remembered;
    return health;
}

bool isSameNews(const BreakerView& left, const BreakerView& right) {
    return left.state == right.state && left.failures == right.failures && left.lastError == right.lastError &&
           left.since == right.since;
}

bool hasInIt(const std::string& text, const std::string& lowered) {
    return lowerAscii(text).find(lowered) != std::string::npos;
}

std::string problemText(const std::vector<ProviderProblem>& problems) {
    for (const auto& each : problems)
        if (each.weight == ProblemWeight::Error) return each.text;
    return {};
}

}  // namespace

ProvidersIo::ProvidersIo(Parts parts)
    : parts_(std::move(parts)),
      pool_("providers", {.threads = 12, .queued = 512, .runningOfOneKey = 2, .queuedOfOneKey = 64}, *parts_.log) {
    if (!parts_.now) parts_.now = net::EventLoop::now;
    if (!parts_.make) parts_.make = makeAuthenticator;
    parts_.rules.survivors = parts_.records;
    if (parts_.audit && !parts_.rules.guessed) {
        // Logins begin on event loops, and the audit log is on disk.
        parts_.rules.guessed = [this](const std::string& account, const std::string& what) {
            static_cast<void>(pool_.submit(
                "audit", net::EventLoop::now() + kTestPatience,
                [this, account, what]() -> Result<void> {
                    parts_.audit("logins.guessed", account, what);
                    return {};
                },
                [](const Result<void>&) {}));
        };
    }
    auth_ = std::make_unique<AuthService>(*parts_.log, parts_.rules,
                                          parts_.hasher ? std::move(parts_.hasher) : makeSurvivalHasher());
    const auto builtIn = builtInProvider();
    auth_->setProvider(builtIn,
                       std::make_shared<BuiltInAuthenticator>(builtIn, static_cast<AccountPort&>(*this), parts_.now));
}

ProvidersIo::~ProvidersIo() {
    stop();
}

Result<void> ProvidersIo::start() {
    auto all = parts_.records->providers();
    if (!all) return all.error();
    auto pending = parts_.records->pendingChanges();
    if (!pending) return pending.error();
    for (const auto& each : *all) {
        auto secrets = parts_.records->providerSecrets(each.id);
        if (!secrets) {
            parts_.log->write(LogLevel::Error, "AUTH_SECRETS_UNREADABLE",
                              "The secrets of provider " + each.name + " cannot be read. " + secrets.error().text());
            secrets = ProviderSecrets{};
        }
        install(each, *secrets);
        if (auto restored = auth_->restoreSurvivors(each.id); !restored) {
            parts_.log->write(
                LogLevel::Warning, "AUTH_REMEMBERED_UNREADABLE",
                "The remembered passwords of provider " + each.name + " cannot be read. " + restored.error().text());
        }
    }
    {
        const std::lock_guard hold{lock_};
        for (auto& each : *pending)
            state_.pending[{each.kind, each.id}] = {each, each.revertsAt};
        state_.isRunning = true;
    }
    if (parts_.loop == nullptr) return {};
    return parts_.loop
                   ->ask("start providers", Duration{2000},
                         [this] {
                             timer_ = std::make_unique<net::LoopTimer>(*parts_.loop, "providers", [this] {
                                 tick();
                                 timer_->setAt(net::EventLoop::now() + kTickEvery);
                             });
                             timer_->setAt(net::EventLoop::now() + kTickEvery);
                             return true;
                         })
                   .has_value()
               ? Result<void>{}
               : Result<void>{Error{Code::Unavailable, "The providers were not started.", "The loop has ended."}};
}

void ProvidersIo::stop() {
    {
        const std::lock_guard hold{lock_};
        state_.isRunning = false;
    }
    if (parts_.loop != nullptr && timer_) {
        static_cast<void>(parts_.loop->ask("stop providers", Duration{2000}, [this] { timer_.reset(); }));
    }
}

void ProvidersIo::tell(std::uint64_t id) {
    {
        const std::lock_guard hold{lock_};
        if (!state_.isRunning) return;
    }
    if (parts_.observer != nullptr) parts_.observer->providerChanged(id);
}

void ProvidersIo::tellWait(std::uint64_t domain) {
    {
        const std::lock_guard hold{lock_};
        if (!state_.isRunning) return;
    }
    if (parts_.observer != nullptr) parts_.observer->domainWaitChanged(domain);
}

void ProvidersIo::measureDots(std::vector<std::uint64_t> providers) {
    if (!parts_.checkDomain || providers.empty()) return;
    const auto accepted = pool_.submit(
        "dots", net::EventLoop::now() + kTestPatience,
        [this, providers = std::move(providers)]() -> Result<void> {
            const auto domains = parts_.domains();
            if (!domains) return domains.error();
            for (const auto& domain : *domains) {
                const bool isConcerned =
                    std::any_of(providers.begin(), providers.end(), [&](std::uint64_t id) { return asks(domain, id); });
                if (isConcerned) parts_.checkDomain(domain.id);
            }
            return {};
        },
        [](const Result<void>&) {});
    static_cast<void>(accepted);  // refused: the dots have a schedule of their own
}

void ProvidersIo::tick() {
    std::vector<std::uint64_t> changed;
    std::vector<std::uint64_t> turned;
    std::vector<PendingKey> due;
    auth_->forgetExpired();
    const auto statuses = auth_->status();
    const auto now = parts_.now();
    {
        const std::lock_guard hold{lock_};
        if (!state_.isRunning) return;
        for (const auto& status : statuses) {
            const auto at = state_.known.find(status.id);
            if (at == state_.known.end()) continue;
            auto& known = at->second;
            if (isSameNews(known.seen, status.breaker) && known.seenRemembered == status.remembered) continue;
            if (known.seen.state != status.breaker.state) turned.push_back(status.id);
            known.seen = status.breaker;
            known.seenRemembered = status.remembered;
            changed.push_back(status.id);
        }
        for (auto& [key, pending] : state_.pending) {
            if (now < pending.tryAt) continue;
            pending.tryAt = now + kTryAgain;
            due.push_back(key);
        }
    }
    for (const auto id : changed)
        tell(id);
    measureDots(std::move(turned));
    for (const auto& key : due) {
        const auto accepted = pool_.submit(
            "take back", net::EventLoop::now() + kTestPatience,
            [this, key] { return takeBack(key, Cause::TimePassed); }, [](const Result<void>&) {});
        static_cast<void>(accepted);  // refused: the next tick behind kTryAgain does it
    }
}

// --- logins ---

void ProvidersIo::login(Credentials credentials, AuthService::Done done) {
    const auto began = net::EventLoop::now();
    const auto refuse = [&](Verdict verdict) {
        LoginVerdict out;
        out.tellAt = tellAt(verdict, began, net::EventLoop::now(), kRefusalGrid);
        out.verdict = std::move(verdict);
        done(std::move(out));
    };
    auto local = jid::prepareLocal(credentials.localPart);
    if (!local) {
        return refuse({Outcome::UnknownUser, "Nobody can have this name. " + local.error().text(), "", "filter"});
    }
    credentials.localPart = std::move(*local);
    auto chain = parts_.chain(credentials.domain);
    if (!chain) {
        return refuse({Outcome::CannotAsk, "The providers of the chat domain are not known. " + chain.error().text(),
                       "Look at the chat domain.", "connect"});
    }
    {
        const std::lock_guard hold{lock_};
        if (chain->empty() || !state_.withoutAccounts.contains(credentials.domain)) chain->insert(chain->begin(), 0);
    }
    auth_->check(*chain, credentials, [this, done = std::move(done)](LoginVerdict verdict) {
        {
            const std::lock_guard hold{lock_};
            for (const auto& step : verdict.steps) {
                if (step.wasRemembered || step.outcome == Outcome::CannotAsk || step.outcome == Outcome::Busy) continue;
                const auto at = state_.known.find(step.provider);
                if (at != state_.known.end()) at->second.answerTime = step.took;
            }
        }
        done(std::move(verdict));
    });
}

// --- providers ---

std::vector<std::uint64_t> ProvidersIo::providerIds() const {
    const std::lock_guard hold{lock_};
    std::vector<std::uint64_t> ids;
    for (const auto& [id, known] : state_.known)
        ids.push_back(id);
    return ids;
}

std::shared_ptr<Authenticator> ProvidersIo::made(const Provider& provider, const ProviderSecrets& secrets) {
    auto complete = provider;
    complete.secretsSet.clear();
    for (const auto& [key, value] : secrets)
        complete.secretsSet.insert(key);
    if (auto missing = missingSecrets(complete); !missing.empty())
        return std::make_shared<MissingSecretAuthenticator>(provider, std::move(missing), parts_.now);
    return parts_.make(provider, secrets, *this);
}

void ProvidersIo::install(const Provider& provider, const ProviderSecrets& secrets) {
    auto authenticator = made(provider, secrets);
    auth_->setProvider(provider, authenticator);
    const std::lock_guard hold{lock_};
    auto& known = state_.known[provider.id];
    known.provider = provider;
    known.authenticator = std::move(authenticator);
    known.proof.reset();
    known.answerTime.reset();
    known.seen = {};
    known.seenRemembered = 0;
}

Result<Provider> ProvidersIo::storedProvider(std::uint64_t id) const {
    const std::lock_guard hold{lock_};
    const auto at = state_.known.find(id);
    if (at == state_.known.end()) return noProvider(id);
    return at->second.provider;
}

std::vector<ProviderProblem> ProvidersIo::problemsOf(const Provider& provider) const {
    auto problems = checkProvider(provider);
    if (provider.kind == ProviderKind::BuiltIn) {
        problems.push_back({"kind",
                            ProblemWeight::Error,
                            "Built-in accounts need no provider: they are asked first in every chat domain. Choose "
                            "LDAP, RADIUS, HTTP or SQL.",
                            {}});
    }
    return problems;
}

Result<ProvidersIo::Whole> ProvidersIo::wholeOf(const ProviderDraft& draft) const {
    Whole whole;
    whole.provider = draft.provider;
    whole.provider.secretsSet.clear();
    if (draft.provider.id != 0) {
        const auto stored = storedProvider(draft.provider.id);
        if (!stored) return stored.error();
        whole.provider.kind = stored->kind;
        whole.provider.revision = stored->revision;
        auto secrets = parts_.records->providerSecrets(draft.provider.id);
        if (!secrets) return secrets.error();
        whole.secrets = std::move(*secrets);
    }
    for (const auto& [key, value] : draft.secrets) {
        if (value && !value->empty()) {
            whole.changes[key] = value;
            whole.secrets[key] = *value;
        } else {
            whole.changes[key] = std::nullopt;
            whole.secrets.erase(key);
        }
    }
    for (const auto& [key, value] : whole.secrets)
        whole.provider.secretsSet.insert(key);
    return whole;
}

ProviderView ProvidersIo::viewOf(const Provider& provider, const std::vector<ChatDomain>& domains) const {
    ProviderView view;
    view.provider = provider;
    view.address = addressSummary(provider);
    if (const auto status = auth_->status(provider.id)) view.health = healthOf(*status);
    for (const auto& domain : domains)
        if (asks(domain, provider.id)) view.usedBy.push_back(domain.shown);
    view.warnings = problemsOf(provider);
    const std::lock_guard hold{lock_};
    if (const auto at = state_.known.find(provider.id); at != state_.known.end()) {
        view.health.answerTime = at->second.answerTime;
    }
    if (const auto at = state_.pending.find({PendingKind::Provider, provider.id}); at != state_.pending.end()) {
        view.revert = PendingRevert{at->second.change.revertsAt, at->second.change.sentence};
    }
    return view;
}

Result<std::vector<ProviderView>> ProvidersIo::providers() {
    const auto domains = parts_.domains();
    if (!domains) return domains.error();
    std::vector<Provider> all;
    {
        const std::lock_guard hold{lock_};
        for (const auto& [id, known] : state_.known)
            all.push_back(known.provider);
    }
    std::sort(all.begin(), all.end(), [](const Provider& left, const Provider& right) {
        return lowerAscii(left.name) < lowerAscii(right.name);
    });
    std::vector<ProviderView> views;
    for (const auto& each : all)
        views.push_back(viewOf(each, *domains));
    return views;
}

Result<ProviderView> ProvidersIo::provider(std::uint64_t id) {
    const auto stored = storedProvider(id);
    if (!stored) return stored.error();
    const auto domains = parts_.domains();
    if (!domains) return domains.error();
    return viewOf(*stored, *domains);
}

Result<std::vector<ProviderProblem>> ProvidersIo::check(const ProviderDraft& draft) {
    const auto whole = wholeOf(draft);
    if (!whole) return whole.error();
    auto problems = problemsOf(whole->provider);
    const auto name = lowerAscii(trimmed(whole->provider.name));
    const std::lock_guard hold{lock_};
    for (const auto& [id, known] : state_.known) {
        if (id == whole->provider.id || lowerAscii(known.provider.name) != name) continue;
        problems.push_back(
            {"name", ProblemWeight::Error, "There is a provider of this name already. Choose another name.", {}});
    }
    return problems;
}

Result<ProviderView> ProvidersIo::save(const ProviderDraft& draft, std::vector<ProviderProblem>& problems) {
    const std::lock_guard hold{saving_};
    auto found = check(draft);
    if (!found) return found.error();
    problems = std::move(*found);
    const bool isImport = draft.source == DraftSource::Import;
    if (isImport) {
        std::erase_if(problems, [&](const ProviderProblem& each) {
            const auto* field = findProviderField(draft.provider.kind, each.field);
            return field != nullptr && field->type == FieldType::Secret;
        });
    }
    if (hasErrors(problems)) {
        return Error{Code::BadInput, "The provider was not saved.", problemText(problems),
                     "Mend the fields that are named and save again."};
    }
    auto whole = wholeOf(draft);
    if (!whole) return whole.error();
    const auto id = draft.provider.id;
    if (id != 0 && draft.provider.revision != 0 && draft.provider.revision != whole->provider.revision) {
        return Error{Code::Conflict, "The provider was not saved.", "Somebody else has changed it meanwhile.",
                     "Load it again and repeat the change."};
    }
    if (id == 0 && providerIds().size() >= kMostProviders) {
        return Error{Code::Conflict, "The provider was not saved.", "There are 100 providers already.",
                     "Remove one that no chat domain asks."};
    }
    std::optional<Provider> saved;
    const auto write = [&]() -> Result<void> {
        auto written = parts_.records->saveProvider(whole->provider, whole->changes);
        if (!written) return written.error();
        written->secretsSet = whole->provider.secretsSet;
        install(*written, whole->secrets);
        saved = std::move(*written);
        return {};
    };
    Result<void> done;
    if (id == 0 || isImport) {
        done = write();
    } else {
        const PendingKey key{PendingKind::Provider, id};
        ProviderBefore before;
        if (const auto waiting = pendingOf(key)) {
            auto unpackedBefore = unpackedProvider(waiting->before);
            if (!unpackedBefore) return unpackedBefore.error();
            before = std::move(*unpackedBefore);
        } else {
            auto stored = storedProvider(id);
            if (!stored) return stored.error();
            auto secrets = parts_.records->providerSecrets(id);
            if (!secrets) return secrets.error();
            before = {std::move(*stored), std::move(*secrets)};
        }
        done = guarded(key, lockOutOfProvider(before, *whole), packedProvider(before.provider, before.secrets), write);
    }
    if (!done) return done.error();
    tell(saved->id);
    measureDots({saved->id});
    return provider(saved->id);
}

Result<void> ProvidersIo::remove(std::uint64_t id) {
    const std::lock_guard hold{saving_};
    const auto stored = storedProvider(id);
    if (!stored) return stored.error();
    if (auto removed = parts_.records->removeProvider(id); !removed) return removed;
    static_cast<void>(forgetPending({PendingKind::Provider, id}));
    auth_->removeProvider(id);
    std::vector<Proved> waiting;
    {
        const std::lock_guard state{lock_};
        waiting = std::move(state_.known[id].waiting);
        state_.known.erase(id);
    }
    for (auto& each : waiting)
        each(brokenStep(stored->name, noProvider(id)));
    tell(id);
    return {};
}

Result<ProofStep> ProvidersIo::test(const ProviderDraft& draft, const std::optional<Rehearsal>& rehearsal) {
    const auto whole = wholeOf(draft);
    if (!whole) return whole.error();
    auto complete = whole->provider;
    if (complete.name.empty()) complete.name = "New provider";
    if (const auto problems = problemsOf(complete); hasErrors(problems)) {
        return Error{Code::BadInput, "The provider cannot be tested yet.", problemText(problems),
                     "Mend the fields that are named first."};
    }
    std::optional<Credentials> credentials;
    if (rehearsal) {
        auto local = jid::prepareLocal(rehearsal->name);
        if (!local) return local.error();
        auto domain = rehearsal->domain;
        if (domain.empty()) {
            const auto domains = parts_.domains();
            if (!domains) return domains.error();
            for (const auto& each : *domains)
                if (domain.empty() && asks(each, complete.id)) domain = each.name;
        }
        credentials = Credentials{std::move(*local), std::move(domain), rehearsal->password, "test"};
    }
    const auto authenticator = made(complete, whole->secrets);
    // A new provider has no place of its own among the workers, so its tests stand in a line of their own.
    auto proof = proofOf(authenticator, credentials ? &*credentials : nullptr,
                         complete.id == 0 ? "new provider" : keyOf(complete.id), kTestPatience);
    proof.name = complete.name;
    if (complete.kind != ProviderKind::BuiltIn) judgeTimes(proof, complete.seconds("timeout"));
    return proof;
}

Result<People> ProvidersIo::people(std::uint64_t id, std::size_t most, const std::string& filter) {
    std::shared_ptr<Authenticator> authenticator;
    {
        const std::lock_guard hold{lock_};
        const auto at = state_.known.find(id);
        if (at == state_.known.end()) return noProvider(id);
        authenticator = at->second.authenticator;
    }
    const auto lowered = lowerAscii(filter);
    const auto deadline = net::EventLoop::now() + kPeoplePatience;
    return onWorker<People>(
        keyOf(id), kPeoplePatience + 1s, [authenticator, lowered, most, deadline]() -> Result<People> {
            People found;
            const auto count = authenticator->list(
                [&](const Person& person) {
                    if (!hasInIt(person.localPart, lowered) && !hasInIt(person.displayName, lowered) &&
                        !hasInIt(person.mail, lowered) && !hasInIt(person.department, lowered)) {
                        return true;
                    }
                    if (found.items.size() >= most) {
                        found.isComplete = false;
                        return false;
                    }
                    found.items.push_back({person.localPart, person.reference, person.displayName, person.mail,
                                           person.department, person.isDisabled, !person.photo.empty()});
                    return true;
                },
                deadline);
            if (!count) return count.error();
            return found;
        });
}

// --- graded tests ---

ProofStep ProvidersIo::proofOf(const std::shared_ptr<Authenticator>& authenticator, const Credentials* rehearsal,
                               const std::string& key, Duration patience) {
    std::optional<Credentials> copy;
    if (rehearsal != nullptr) copy = *rehearsal;
    const auto deadline = net::EventLoop::now() + patience;
    auto proof = onWorker<ProofStep>(key, patience + 1s, [authenticator, copy, deadline] {
        return authenticator->test(copy ? &*copy : nullptr, deadline);
    });
    return proof ? std::move(*proof) : brokenStep("Test", proof.error());
}

void ProvidersIo::prove(std::uint64_t id, Proved done) {
    std::shared_ptr<Authenticator> authenticator;
    std::optional<ProofStep> ready;
    const auto status = auth_->status(id);
    {
        const std::lock_guard hold{lock_};
        const auto at = state_.known.find(id);
        if (at == state_.known.end()) {
            ready = brokenStep("Provider " + std::to_string(id), noProvider(id));
        } else {
            auto& known = at->second;
            const bool isTrusted = status && status->breaker.state == BreakerState::Closed &&
                                   status->breaker.failures == 0 && parts_.now() < known.provedAt + parts_.proofLife;
            if (known.proof && isTrusted) {
                ready = known.proof;
            } else {
                known.waiting.push_back(std::move(done));
                if (known.waiting.size() > 1) return;
                authenticator = known.authenticator;
            }
        }
    }
    if (ready) return done(std::move(*ready));
    const auto deadline = net::EventLoop::now() + parts_.proofPatience;
    const auto accepted = pool_.submit(
        keyOf(id), deadline + 1s, [authenticator, deadline] { return authenticator->test(nullptr, deadline); },
        [this, id, authenticator](Result<ProofStep> proof) {
            proved(id, authenticator, proof ? std::move(*proof) : brokenStep("Test", proof.error()));
        });
    if (!accepted) proved(id, authenticator, brokenStep("Test", accepted.error()));
}

void ProvidersIo::proved(std::uint64_t id, const std::shared_ptr<Authenticator>& authenticator, ProofStep proof) {
    std::vector<Proved> waiting;
    {
        const std::lock_guard hold{lock_};
        const auto at = state_.known.find(id);
        if (at == state_.known.end()) return;
        auto& known = at->second;
        proof.name = known.provider.name;
        if (known.provider.kind != ProviderKind::BuiltIn) judgeTimes(proof, known.provider.seconds("timeout"));
        waiting = std::move(known.waiting);
        known.waiting.clear();
        if (known.authenticator == authenticator) {
            known.proof.reset();
            if (proof.state != ProofState::Broken) {
                known.proof = proof;
                known.provedAt = parts_.now();
                known.answerTime = proof.took;
            }
        }
    }
    auth_->noteProof(id, proof);
    for (auto& each : waiting)
        each(proof);
}

void ProvidersIo::proveDirectory(const ChatDomain& domain, Proved done) {
    // Counting the accounts reads from the disk, and this may be called on a loop.
    auto kept = std::make_shared<Proved>(
        [once = std::make_shared<std::atomic<bool>>(false), done = std::move(done)](ProofStep proof) {
            if (!once->exchange(true)) done(std::move(proof));
        });
    const auto failed = [kept, shown = domain.shown](const Error& error) {
        (*kept)(brokenStep("Directory of " + shown, error));
    };
    const auto accepted = pool_.submit(
        "dots", net::EventLoop::now() + kTestPatience, [this, domain, kept] { gatherDot(domain, *kept); },
        [failed](const Result<void>& gathered) {
            if (!gathered) failed(gathered.error());
        });
    if (!accepted) failed(accepted.error());
}

ProofStep ProvidersIo::proofOfAccounts(const ChatDomain& domain, std::uint64_t& count) {
    ProofStep own;
    own.id = "built-in";
    own.name = "Built-in accounts";
    own.at = parts_.now();
    std::uint64_t changes = 0;
    {
        const std::lock_guard hold{lock_};
        changes = state_.accountChanges;
    }
    const auto counted = parts_.records->accountCount(domain.id);
    own.took = parts_.now() - own.at;
    if (!counted) {
        fail(own, counted.error().text(), "Look at the disk of the data folder.");
        return own;
    }
    count = *counted;
    own.state = ProofState::Fine;
    own.proves = count == 0 ? "This domain has no built-in account." : "The built-in accounts can be read.";
    own.facts.emplace_back("Accounts", std::to_string(count));
    const std::lock_guard hold{lock_};
    // An account that came since then may not have been counted.
    if (count == 0 && changes == state_.accountChanges) state_.withoutAccounts.insert(domain.name);
    return own;
}

void ProvidersIo::gatherDot(const ChatDomain& domain, Proved done) {
    struct Gathering {
        std::mutex lock;
        std::vector<ProofStep> children;
        std::size_t missing = 0;
    };
    std::uint64_t count = 0;
    auto own = proofOfAccounts(domain, count);
    auto gathering = std::make_shared<Gathering>();
    gathering->children.push_back(std::move(own));
    gathering->children.resize(1 + domain.providers.size());
    gathering->missing = domain.providers.size();
    auto finish = [this, gathering, domain, accounts = count, done = std::move(done)] {
        done(finishedDot(domain, std::move(gathering->children), accounts));
    };
    if (domain.providers.empty()) return finish();
    for (std::size_t i = 0; i < domain.providers.size(); ++i) {
        const auto id = domain.providers[i];
        auto take = [gathering, finish, i](ProofStep proof) {
            {
                const std::lock_guard hold{gathering->lock};
                gathering->children[1 + i] = std::move(proof);
                if (--gathering->missing > 0) return;
            }
            finish();
        };
        const auto stored = storedProvider(id);
        if (stored && !stored->isEnabled) {
            ProofStep off;
            off.id = "provider";
            off.name = stored->name;
            off.why = "The provider is turned off, so nobody is asked there.";
            off.todo = "Turn it on, or take it out of the chain.";
            take(std::move(off));
        } else {
            prove(id, take);
        }
    }
}

ProofStep ProvidersIo::finishedDot(const ChatDomain& domain, std::vector<ProofStep> children,
                                   std::uint64_t accounts) const {
    ProofStep dot;
    dot.id = "directory";
    dot.name = "Directory of " + domain.shown;
    dot.at = parts_.now();
    for (const auto& child : children)
        if (epochMillis(child.at) != 0) dot.at = std::min(dot.at, child.at);
    dot.took = parts_.now() - dot.at;
    std::vector<ProofStep> judged;
    std::size_t fine = 0;
    std::size_t asked = 0;
    for (std::size_t i = 0; i < children.size(); ++i) {
        const bool isOwn = i == 0;
        const bool isOff = children[i].state == ProofState::Unknown;
        if (!isOwn && !isOff) {
            ++asked;
            if (children[i].state != ProofState::Broken) ++fine;
        }
        // No account here is no trouble as long as a provider has people; one that is turned off has none.
        if (isOff || (isOwn && accounts == 0 && children[i].state == ProofState::Fine)) continue;
        judged.push_back(children[i]);
    }
    dot.children = std::move(children);
    dot.facts.emplace_back("Providers that answer", std::to_string(fine) + " of " + std::to_string(asked));
    if (judged.empty()) {
        dot.why = "No provider is asked and there is no built-in account, so nobody can log in.";
        dot.todo = "Add a provider to the chain of this chat domain, or a built-in account.";
        return dot;
    }
    dot.state = oneIsEnough(judged);
    const auto off = std::find_if(dot.children.begin() + 1, dot.children.end(),
                                  [](const ProofStep& child) { return child.state == ProofState::Unknown; });
    if (dot.state == ProofState::Fine && asked == 0 && off != dot.children.end()) {
        dot.state = ProofState::Partly;
        dot.why = "Only the built-in accounts can log in: " + off->name + " is switched off.";
        dot.todo = "Switch that provider on, or take it out of the chain of this chat domain.";
        return dot;
    }
    if (dot.state == ProofState::Fine) {
        dot.proves = asked == 0   ? "The built-in accounts can be read."
                     : asked == 1 ? "The provider answers a real search and bind."
                                  : "All " + std::to_string(asked) + " providers answer a real search and bind.";
        return dot;
    }
    for (const auto& child : dot.children) {
        if (child.state != ProofState::Broken && child.state != ProofState::Partly) continue;
        dot.why = child.name + ": " + child.why;
        dot.todo = child.todo;
        break;
    }
    return dot;
}

ChainStandings ProvidersIo::standingsOf(const std::vector<std::uint64_t>& ids) {
    struct Gathering {
        std::mutex lock;
        std::map<std::uint64_t, ProofStep> proofs;
        std::size_t missing = 0;
        std::promise<void> done;
    };
    ChainStandings standings;
    std::vector<std::uint64_t> asked;
    for (const auto id : ids) {
        const auto stored = storedProvider(id);
        if (!stored || standings.contains(id)) continue;
        standings[id].name = stored->name;
        if (stored->isEnabled) asked.push_back(id);
    }
    if (asked.empty()) return standings;
    auto gathering = std::make_shared<Gathering>();
    gathering->missing = asked.size();
    auto done = gathering->done.get_future();
    for (const auto id : asked) {
        prove(id, [gathering, id](ProofStep proof) {
            const std::lock_guard hold{gathering->lock};
            gathering->proofs[id] = std::move(proof);
            if (--gathering->missing == 0) gathering->done.set_value();
        });
    }
    done.wait();
    for (const auto& [id, proof] : gathering->proofs) {
        standings[id].does =
            proof.state == ProofState::Broken ? ChainStanding::Does::Blocks : ChainStanding::Does::Decides;
        standings[id].why = proof.why;
    }
    return standings;
}

std::string ProvidersIo::lockOutOfProvider(const ProviderBefore& before, const Whole& after) {
    const auto id = after.provider.id;
    const bool isSame = before.provider.settings == after.provider.settings && before.secrets == after.secrets &&
                        before.provider.isEnabled == after.provider.isEnabled;
    auto domains = parts_.domains();
    if (isSame || !domains) return {};
    // A chain that may come back in two minutes counts as it was.
    for (auto& domain : *domains) {
        const auto waiting = pendingOf({PendingKind::Domain, domain.id});
        if (!waiting) continue;
        if (auto chain = unpackedChain(waiting->before)) domain.providers = std::move(*chain);
    }
    std::vector<std::uint64_t> others;
    bool isUsed = false;
    for (const auto& domain : *domains) {
        if (!domain.isEnabled || !asks(domain, id)) continue;
        isUsed = true;
        for (const auto each : domain.providers)
            if (each != id) others.push_back(each);
    }
    if (!isUsed) return {};
    const auto standingOf = [&](const Provider& provider, const ProviderSecrets& secrets) {
        ChainStanding standing{ChainStanding::Does::Nothing, before.provider.name};
        if (!provider.isEnabled) return standing;
        auto proof = proofOf(made(provider, secrets), nullptr, keyOf(id), parts_.proofPatience);
        if (provider.kind != ProviderKind::BuiltIn) judgeTimes(proof, provider.seconds("timeout"));
        standing.does = proof.state == ProofState::Broken ? ChainStanding::Does::Blocks : ChainStanding::Does::Decides;
        standing.why = proof.why;
        return standing;
    };
    auto standingsAfter = standingsOf(others);
    auto standingsBefore = standingsAfter;
    standingsAfter[id] = standingOf(after.provider, after.secrets);
    if (standingsAfter[id].does == ChainStanding::Does::Decides) return {};
    standingsBefore[id] = standingOf(before.provider, before.secrets);
    for (const auto& domain : *domains) {
        if (!domain.isEnabled || !asks(domain, id)) continue;
        auto sentence = lockOutOf(domain.shown, domain.providers, standingsBefore, domain.providers, standingsAfter);
        if (!sentence.empty()) return sentence;
    }
    return {};
}

std::string ProvidersIo::lockOutOfDomain(const ChatDomain& before, const ChatDomain& after) {
    if (!before.isEnabled || !after.isEnabled || before.providers == after.providers) return {};
    auto ids = before.providers;
    ids.insert(ids.end(), after.providers.begin(), after.providers.end());
    const auto standings = standingsOf(ids);
    return lockOutOf(before.shown, before.providers, standings, after.providers, standings);
}

// --- changes that wait ---

std::optional<PendingChange> ProvidersIo::pendingOf(PendingKey key) const {
    const std::lock_guard hold{lock_};
    const auto at = state_.pending.find(key);
    if (at == state_.pending.end()) return std::nullopt;
    return at->second.change;
}

Result<void> ProvidersIo::guarded(PendingKey key, const std::string& sentence, const Secret& before,
                                  const std::function<Result<void>()>& save) {
    const auto waiting = pendingOf(key);
    if (!sentence.empty()) {
        // Kept before the change is in force, so that it goes back even if the service ends in between.
        const PendingChange change{key.first, key.second, parts_.now() + parts_.confirmWithin, sentence, before};
        if (auto kept = parts_.records->savePendingChange(change); !kept) return kept;
        const std::lock_guard hold{lock_};
        state_.pending[key] = {change, change.revertsAt};
    }
    auto saved = save();
    if (!saved) {
        if (sentence.empty()) return saved;
        if (waiting) {
            static_cast<void>(parts_.records->savePendingChange(*waiting));
            const std::lock_guard hold{lock_};
            state_.pending[key] = {*waiting, waiting->revertsAt};
        } else {
            static_cast<void>(forgetPending(key));
        }
        return saved;
    }
    if (sentence.empty() && waiting) return forgetPending(key);
    if (!sentence.empty()) {
        parts_.log->write(
            LogLevel::Warning, "AUTH_CHANGE_WAITS",
            "A change goes back in " + spanText(parts_.confirmWithin) + " unless it is confirmed. " + sentence);
    }
    return saved;
}

Result<void> ProvidersIo::forgetPending(PendingKey key) {
    {
        const std::lock_guard hold{lock_};
        if (state_.pending.erase(key) == 0) return nothingWaits();
    }
    return parts_.records->removePendingChange(key.first, key.second);
}

Result<void> ProvidersIo::confirm(std::uint64_t id) {
    const std::lock_guard hold{saving_};
    auto done = forgetPending({PendingKind::Provider, id});
    if (done) tell(id);
    return done;
}

Result<void> ProvidersIo::confirmDomain(std::uint64_t domain) {
    const std::lock_guard hold{saving_};
    auto done = forgetPending({PendingKind::Domain, domain});
    if (done) tellWait(domain);
    return done;
}

Result<void> ProvidersIo::revert(std::uint64_t id) {
    return takeBack({PendingKind::Provider, id}, Cause::ByHand);
}

Result<void> ProvidersIo::revertDomain(std::uint64_t domain) {
    return takeBack({PendingKind::Domain, domain}, Cause::ByHand);
}

std::optional<PendingRevert> ProvidersIo::pendingOfDomain(std::uint64_t domain) {
    const auto change = pendingOf({PendingKind::Domain, domain});
    if (!change) return std::nullopt;
    return PendingRevert{change->revertsAt, change->sentence};
}

Result<void> ProvidersIo::saveDomainChain(const ChatDomain& before, const ChatDomain& after,
                                          const std::function<Result<void>()>& save) {
    const std::lock_guard hold{saving_};
    const PendingKey key{PendingKind::Domain, before.id};
    auto first = before;
    if (const auto waiting = pendingOf(key)) {
        auto chain = unpackedChain(waiting->before);
        if (!chain) return chain.error();
        // A change of something else leaves the wait as it is.
        if (before.providers == after.providers) return save();
        first.providers = std::move(*chain);
    }
    auto done = guarded(key, lockOutOfDomain(first, after), packedChain(first.providers), save);
    if (done) tellWait(before.id);
    return done;
}

Result<void> ProvidersIo::takeBack(PendingKey key, Cause cause) {
    const std::lock_guard hold{saving_};
    const auto change = pendingOf(key);
    if (!change) return nothingWaits();
    auto done = key.first == PendingKind::Provider ? takeBackProvider(*change) : takeBackDomain(*change);
    const bool isGone = !done && (done.error().code == Code::NotFound || done.error().code == Code::Corrupt);
    if (!done && !isGone) {
        parts_.log->write(LogLevel::Error, "AUTH_REVERT_FAILED",
                          std::string("An unconfirmed change of a ") + wordOf(key.first) +
                              " could not be taken back; it is tried again. " + done.error().text());
        return done;
    }
    static_cast<void>(forgetPending(key));
    if (isGone) {
        parts_.log->write(LogLevel::Warning, "AUTH_REVERT_FAILED",
                          std::string("A change of a ") + wordOf(key.first) + " could not be taken back and stays. " +
                              done.error().text());
        return done;
    }
    const auto what =
        (cause == Cause::TimePassed ? "Nobody confirmed it in time. " : "An administrator took it back. ") +
        change->sentence;
    parts_.log->write(LogLevel::Warning, "AUTH_CHANGE_WENT_BACK",
                      std::string("A change of a ") + wordOf(key.first) + " went back. " + what);
    if (parts_.audit && cause == Cause::TimePassed) {
        parts_.audit(key.first == PendingKind::Provider ? "providers.revert" : "domains.revert",
                     std::to_string(key.second), what);
    }
    if (key.first == PendingKind::Domain) {
        tellWait(key.second);
    } else {
        tell(key.second);
        measureDots({key.second});
    }
    return {};
}

Result<void> ProvidersIo::takeBackProvider(const PendingChange& change) {
    auto before = unpackedProvider(change.before);
    if (!before) return before.error();
    const auto current = storedProvider(change.id);
    if (!current) return current.error();
    auto& wanted = before->provider;
    wanted.id = change.id;
    wanted.revision = current->revision;
    SecretChanges secrets;
    for (const auto& key : current->secretsSet)
        secrets[key] = std::nullopt;
    for (const auto& [key, value] : before->secrets)
        secrets[key] = value;
    auto saved = parts_.records->saveProvider(wanted, secrets);
    if (!saved && saved.error().code == Code::Conflict) {
        // The old name was given to another provider meanwhile.
        wanted.name = current->name;
        saved = parts_.records->saveProvider(wanted, secrets);
    }
    if (!saved) return saved.error();
    saved->secretsSet.clear();
    for (const auto& [key, value] : before->secrets)
        saved->secretsSet.insert(key);
    install(*saved, before->secrets);
    return {};
}

Result<void> ProvidersIo::takeBackDomain(const PendingChange& change) {
    auto chain = unpackedChain(change.before);
    if (!chain) return chain.error();
    auto domain = domainOf(change.id);
    if (!domain) return domain.error();
    std::erase_if(*chain, [this](std::uint64_t id) { return !storedProvider(id); });
    domain->providers = std::move(*chain);
    return parts_.saveDomain(*domain);
}

Result<ChatDomain> ProvidersIo::domainOf(std::uint64_t id) const {
    auto domains = parts_.domains();
    if (!domains) return domains.error();
    for (auto& each : *domains)
        if (each.id == id) return std::move(each);
    return Error{Code::NotFound, "There is no chat domain " + std::to_string(id) + ".",
                 "It may have been removed meanwhile.", "Load the list again."};
}

}  // namespace causeway::auth
