#include <algorithm>
#include <future>
#include <unordered_map>
#include <unordered_set>

#include "service/auth/built_in.h"
#include "service/auth/providers_io.h"
#include "service/net/reach.h"
#include "shared/base/text.h"
#include "shared/proto/jid/jid.h"

/// The built-in accounts of ProvidersIo.
namespace causeway::auth {

namespace {

constexpr std::size_t kPageOfStore = 1000;
constexpr std::size_t kMostNames = 1000;
constexpr std::size_t kMostProblems = 100;
constexpr std::size_t kLeastPassword = 8;  ///< characters
constexpr std::size_t kChunk = 100;        ///< passwords of one job: 2.5 s of work
constexpr Duration kKeysPatience = 10s;
constexpr Duration kImportPatience = std::chrono::minutes(20);
constexpr Duration kLoginPatience = 20s;
constexpr Duration kNamesakePatience = 2s;
constexpr Duration kNamesakesPatience = 5s;     ///< of a whole file
constexpr std::size_t kMostNamesakesTold = 50;  ///< of one provider

Error noAccount() {
    return {Code::NotFound, "There is no such account.", "It may have been removed meanwhile.", "Load the list again."};
}

Error badAccount(const std::vector<DraftProblem>& problems) {
    return {Code::BadInput, "The account was not saved.", problems.front().text,
            "Mend the fields that are named and save again."};
}

bool hasInIt(const std::string& text, const std::string& lowered) {
    return lowerAscii(text).find(lowered) != std::string::npos;
}

std::uint32_t iterationsOfNewKeys() {
    Provider builtIn;
    builtIn.kind = ProviderKind::BuiltIn;
    return static_cast<std::uint32_t>(builtIn.number("iterations"));
}

/// What an outcome means, where the provider said nothing.
std::string sentenceOf(Outcome outcome, const std::vector<ChainStep>& steps) {
    const auto last = steps.empty() ? std::string("The service") : steps.back().name;
    switch (outcome) {
        case Outcome::Right:
            return last + " accepted the name and the password.";
        case Outcome::UnknownUser:
            return "No provider of this chat domain knows the name.";
        case Outcome::WrongPassword:
            return last + " knows the name, but not with this password.";
        case Outcome::CannotAsk:
            return last + " could not be asked.";
        case Outcome::Busy:
            return "Too many logins wait for " + last + ".";
        case Outcome::Disabled:
        case Outcome::Expired:
        case Outcome::MustChange:
        case Outcome::LockedByDirectory:
        case Outcome::NotAllowed:
        case Outcome::Throttled:
            break;
    }
    return last + " refused the login: " + wordOf(outcome) + ".";
}

LoginTrail trailOf(const std::string& address, const LoginVerdict& verdict) {
    LoginTrail trail;
    trail.address = address;
    trail.outcome = wordOf(verdict.verdict.outcome);
    trail.sentence =
        verdict.verdict.why.empty() ? sentenceOf(verdict.verdict.outcome, verdict.steps) : verdict.verdict.why;
    trail.todo = verdict.verdict.todo;
    trail.failedAt = verdict.verdict.failedAt;
    trail.wait = verdict.wait;
    trail.wasRemembered = verdict.wasRemembered;
    for (const auto& step : verdict.steps) {
        trail.steps.push_back(
            {step.provider, step.name, wordOf(step.outcome), step.failedAt, step.why, step.took, step.wasRemembered});
    }
    return trail;
}

std::string namesakeText(const std::string& name, const std::string& provider) {
    return provider + " has somebody named " + name + " too. The built-in account is asked first, so the password of " +
           provider + " does not log " + name + " in any more. If these are two people, choose another name.";
}

/// What is wrong with a new password; empty: nothing.
std::string passwordTrouble(const Secret& password) {
    const auto prepared = jid::preparePassword(password.reveal());
    if (!prepared) return prepared.error().text();
    const auto length = std::count_if(prepared->begin(), prepared->end(),
                                      [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
    if (static_cast<std::size_t>(length) >= kLeastPassword) return {};
    return "The password is too short: it must have at least " + std::to_string(kLeastPassword) + " characters.";
}

}  // namespace

Result<std::optional<Account>> ProvidersIo::findAccount(const std::string& domain, const std::string& localPart) {
    return parts_.records->account(domain, localPart);
}

Result<std::size_t> ProvidersIo::listAccounts(const std::function<bool(const Account&)>& take) {
    const auto domains = parts_.domains();
    if (!domains) return domains.error();
    std::size_t count = 0;
    for (const auto& domain : *domains) {
        std::string after;
        while (true) {
            const auto page = parts_.records->accounts(domain.id, after, kPageOfStore);
            if (!page) return page.error();
            for (const auto& each : *page) {
                ++count;
                if (!take(each)) return count;
            }
            if (page->size() < kPageOfStore) break;
            after = page->back().localPart;
        }
    }
    return count;
}

Result<AccountsFound> ProvidersIo::accounts(std::uint64_t domain, const AccountQuery& query) {
    if (const auto found = domainOf(domain); !found) return found.error();
    AccountsFound out;
    const auto count = parts_.records->accountCount(domain);
    if (!count) return count.error();
    out.total = *count;
    const auto lowered = lowerAscii(query.filter);
    auto after = query.after;
    while (true) {
        auto page = parts_.records->accounts(domain, after, kPageOfStore);
        if (!page) return page.error();
        for (auto& each : *page) {
            if (!hasInIt(each.localPart, lowered) && !hasInIt(each.displayName, lowered) &&
                !hasInIt(each.mail, lowered) && !hasInIt(each.department, lowered)) {
                continue;
            }
            if (out.items.size() >= query.most) {
                out.next = out.items.back().localPart;
                return out;
            }
            each.keys.clear();
            out.items.push_back(std::move(each));
        }
        if (page->size() < kPageOfStore) return out;
        after = page->back().localPart;
    }
}

Result<Account> ProvidersIo::account(std::uint64_t id) {
    auto found = parts_.records->account(id);
    if (!found) return found.error();
    if (!*found) return noAccount();
    // Which hashes there are may be told, what is in them never leaves.
    for (auto& keys : (*found)->keys)
        keys = {keys.hash, 0, {}, {}, {}};
    return std::move(**found);
}

std::vector<DraftProblem> ProvidersIo::problemsOf(Account& draft) const {
    std::vector<DraftProblem> problems;
    auto local = jid::prepareLocal(draft.localPart);
    if (local) {
        draft.localPart = std::move(*local);
    } else {
        problems.push_back({"localPart", local.error().text()});
    }
    const auto checkText = [&](const char* field, const std::string& text, std::size_t most) {
        if (text.size() > most || cleanUtf8(text) != text) {
            problems.push_back({field, "Use at most " + std::to_string(most) + " bytes without control characters."});
        }
    };
    checkText("displayName", draft.displayName, 256);
    checkText("department", draft.department, 256);
    checkText("mail", draft.mail, 320);
    if (!draft.mail.empty() && draft.mail.find('@') == std::string::npos) {
        problems.push_back({"mail", "The mail address has no @."});
    }
    return problems;
}

Result<std::vector<ScramKeys>> ProvidersIo::keysOf(const Secret& password) {
    return onWorker<std::vector<ScramKeys>>("keys", kKeysPatience, [password] {
        return keysOfPassword(password, iterationsOfNewKeys(), net::randomBytes);
    });
}

Result<Account> ProvidersIo::add(std::uint64_t domain, Account draft, const Secret& password,
                                 std::vector<DraftProblem>& problems) {
    const auto owner = domainOf(domain);
    if (!owner) return owner.error();
    draft.id = 0;
    draft.domain = owner->name;
    problems = problemsOf(draft);
    if (const auto trouble = passwordTrouble(password); !trouble.empty()) problems.push_back({"password", trouble});
    if (!problems.empty()) return badAccount(problems);
    auto keys = keysOf(password);
    if (!keys) return keys.error();
    draft.keys = std::move(*keys);
    draft.createdAt = parts_.now();
    draft.passwordChangedAt = draft.createdAt;
    const auto saved = parts_.records->saveAccount(draft);
    if (!saved) return saved.error();
    accountsCame();
    if (parts_.checkDomain) {
        static_cast<void>(pool_.submit(
            "dots", net::EventLoop::now() + kLoginPatience, [this, domain] { parts_.checkDomain(domain); },
            [](const Result<void>&) {}));
    }
    return account(saved->id);
}

Result<Account> ProvidersIo::change(Account draft, const std::optional<Secret>& password,
                                    std::vector<DraftProblem>& problems) {
    const auto stored = account(draft.id);
    if (!stored) return stored.error();
    if (draft.revision != 0 && draft.revision != stored->revision) {
        return Error{Code::Conflict, "The account was not saved.", "Somebody else has changed it meanwhile.",
                     "Load it again and repeat the change."};
    }
    draft.domain = stored->domain;
    draft.localPart = stored->localPart;
    draft.createdAt = stored->createdAt;
    draft.passwordChangedAt = stored->passwordChangedAt;
    draft.revision = stored->revision;
    draft.keys.clear();
    problems = problemsOf(draft);
    draft.localPart = stored->localPart;
    if (password) {
        if (const auto trouble = passwordTrouble(*password); !trouble.empty()) {
            problems.push_back({"password", trouble});
        }
    }
    if (!problems.empty()) return badAccount(problems);
    if (password) {
        auto keys = keysOf(*password);
        if (!keys) return keys.error();
        draft.keys = std::move(*keys);
        draft.passwordChangedAt = parts_.now();
    }
    const auto saved = parts_.records->saveAccount(draft);
    if (!saved) return saved.error();
    return account(saved->id);
}

std::vector<ProvidersIo::Namesakes> ProvidersIo::findNamesakes(const ChatDomain& domain,
                                                               const std::vector<std::string>& names,
                                                               Duration patience) {
    struct Search {
        std::mutex lock;
        Namesakes seen;
        bool canTell = true;
    };
    struct Running {
        std::shared_ptr<Search> search;
        std::future<void> end;
    };
    const auto deadline = net::EventLoop::now() + patience;
    const auto shared = std::make_shared<const std::vector<std::string>>(names);
    std::vector<Running> all;
    for (const auto id : domain.providers) {
        const auto status = auth_->status(id);
        if (!status || status->breaker.state != BreakerState::Closed) continue;
        auto search = std::make_shared<Search>();
        std::shared_ptr<Authenticator> authenticator;
        {
            const std::lock_guard hold{lock_};
            const auto at = state_.known.find(id);
            if (at == state_.known.end() || !at->second.provider.isEnabled) continue;
            authenticator = at->second.authenticator;
            search->seen.provider = at->second.provider.name;
        }
        auto promise = std::make_shared<std::promise<void>>();
        all.push_back({search, promise->get_future()});
        const auto accepted = pool_.submit(
            "names " + std::to_string(id), deadline,
            [authenticator, search, shared, name = domain.name, deadline]() -> Result<void> {
                for (std::size_t i = 0; i < shared->size() && net::EventLoop::now() < deadline; ++i) {
                    const auto known = authenticator->knows(shared->at(i), name, deadline);
                    const std::lock_guard hold{search->lock};
                    if (!known) {
                        search->canTell = search->seen.asked > 0;
                        return known.error();
                    }
                    ++search->seen.asked;
                    if (*known) search->seen.found.push_back(i);
                }
                return {};
            },
            [promise](const Result<void>&) { promise->set_value(); });
        if (!accepted) all.pop_back();
    }
    std::vector<Namesakes> out;
    for (auto& each : all) {
        each.end.wait();
        const std::lock_guard hold{each.search->lock};
        if (each.search->canTell && each.search->seen.asked > 0) out.push_back(each.search->seen);
    }
    return out;
}

std::vector<std::string> ProvidersIo::namesakes(const Account& account) {
    const auto domains = parts_.domains();
    if (!domains) return {};
    std::vector<std::string> sentences;
    for (const auto& domain : *domains) {
        if (domain.name != account.domain) continue;
        for (const auto& each : findNamesakes(domain, {account.localPart}, kNamesakePatience))
            if (!each.found.empty()) sentences.push_back(namesakeText(account.localPart, each.provider));
    }
    return sentences;
}

void ProvidersIo::accountsCame() {
    const std::lock_guard hold{lock_};
    ++state_.accountChanges;
    state_.withoutAccounts.clear();
}

Result<void> ProvidersIo::removeAccount(std::uint64_t id) {
    return parts_.records->removeAccount(id);
}

Result<AccountsImported> ProvidersIo::import(std::uint64_t domain, std::string_view csv, ImportRun run) {
    const auto owner = domainOf(domain);
    if (!owner) return owner.error();
    const std::unique_lock hold{importing_, std::try_to_lock};
    if (!hold.owns_lock()) {
        return Error{Code::Busy, "The accounts were not imported.", "Another import runs.", "Wait until it has ended."};
    }
    auto list = parseAccountImport(csv);
    AccountsImported out;
    out.problems = std::move(list.problems);
    out.warnings = std::move(list.warnings);
    const auto problem = [&out](std::size_t line, std::string text) {
        if (out.problems.size() < kMostProblems) out.problems.push_back({line, std::move(text)});
    };
    std::unordered_set<std::string> there;
    for (std::string after;;) {
        const auto page = parts_.records->accounts(domain, after, kPageOfStore);
        if (!page) return page.error();
        for (const auto& each : *page)
            there.insert(each.localPart);
        if (page->size() < kPageOfStore) break;
        after = page->back().localPart;
    }
    std::unordered_map<std::string, std::size_t> lineOf;
    for (auto& person : list.accounts) {
        auto local = jid::prepareLocal(person.localPart);
        if (!local) {
            problem(person.line, local.error().text());
            continue;
        }
        person.localPart = std::move(*local);
        const auto [at, isNew] = lineOf.emplace(person.localPart, person.line);
        if (!isNew) {
            problem(person.line, "The user is the same as that of line " + std::to_string(at->second) + ".");
        } else if (there.contains(person.localPart)) {
            problem(person.line, person.localPart + " has an account already.");
        } else if (const auto trouble = passwordTrouble(person.password); !trouble.empty()) {
            problem(person.line, trouble);
        }
    }
    std::stable_sort(out.problems.begin(), out.problems.end(),
                     [](const ImportProblem& left, const ImportProblem& right) { return left.line < right.line; });
    for (const auto& person : list.accounts)
        if (out.names.size() < kMostNames) out.names.push_back(person.localPart);
    if (!out.problems.empty()) return out;
    std::vector<std::string> names;
    for (const auto& person : list.accounts)
        names.push_back(person.localPart);
    for (const auto& each : findNamesakes(*owner, names, kNamesakesPatience)) {
        for (std::size_t i = 0; i < each.found.size() && i < kMostNamesakesTold; ++i) {
            const auto& person = list.accounts[each.found[i]];
            out.warnings.push_back({person.line, namesakeText(person.localPart, each.provider)});
        }
        if (each.found.size() > kMostNamesakesTold) {
            out.warnings.push_back({0, each.provider + " has " + std::to_string(each.found.size()) +
                                           " of these names; the first " + std::to_string(kMostNamesakesTold) +
                                           " are told."});
        }
        if (each.asked < names.size()) {
            out.warnings.push_back({0, "Only the first " + std::to_string(each.asked) + " of " +
                                           std::to_string(names.size()) + " names were looked up in " + each.provider +
                                           ": it does not answer faster."});
        }
    }
    if (run == ImportRun::Dry) return out;

    // Two workers share the passwords; the admin thread only waits.
    struct Share {
        std::size_t begin = 0;
        std::future<Result<std::vector<std::vector<ScramKeys>>>> keys;
    };
    using Chunk = std::vector<std::vector<ScramKeys>>;
    std::vector<Account> accounts;
    const auto deadline = net::EventLoop::now() + kImportPatience;
    auto people = std::make_shared<std::vector<AccountImport>>(std::move(list.accounts));
    std::vector<Share> shares;
    const auto take = [&](Share& share) -> Result<void> {
        auto keys = share.keys.get();
        if (!keys) return keys.error();
        for (std::size_t i = 0; i < keys->size(); ++i) {
            const auto& person = people->at(share.begin + i);
            Account account;
            account.domain = owner->name;
            account.localPart = person.localPart;
            account.displayName = person.displayName;
            account.mail = person.mail;
            account.department = person.department;
            account.isDisabled = person.isDisabled;
            account.createdAt = parts_.now();
            account.passwordChangedAt = account.createdAt;
            account.keys = std::move(keys->at(i));
            accounts.push_back(std::move(account));
        }
        return {};
    };
    std::optional<Error> failure;
    std::size_t taken = 0;
    for (std::size_t begin = 0; begin < people->size() && !failure; begin += kChunk) {
        auto promise = std::make_shared<std::promise<Result<Chunk>>>();
        shares.push_back({begin, promise->get_future()});
        const auto accepted = pool_.submit(
            "import", deadline,
            [people, begin]() -> Result<Chunk> {
                Chunk keys;
                for (auto i = begin; i < std::min(begin + kChunk, people->size()); ++i) {
                    auto made = keysOfPassword(people->at(i).password, iterationsOfNewKeys(), net::randomBytes);
                    if (!made) return made.error();
                    keys.push_back(std::move(*made));
                }
                return keys;
            },
            [promise](Result<Chunk> keys) { promise->set_value(std::move(keys)); });
        if (!accepted) {
            failure = accepted.error();
            shares.pop_back();
        } else if (shares.size() - taken > 4) {
            // Few stand in line at a time, so that the line never overflows.
            if (auto done = take(shares[taken++]); !done) failure = done.error();
        }
    }
    for (; taken < shares.size(); ++taken) {
        if (auto done = take(shares[taken]); !done && !failure) failure = done.error();
    }
    if (failure) return *failure;
    const auto count = accounts.size();
    if (auto added = parts_.records->addAccounts(std::move(accounts)); !added) return added.error();
    accountsCame();
    out.added = count;
    return out;
}

Result<LoginTrail> ProvidersIo::loginTest(std::uint64_t domain, const std::string& name, const Secret& password,
                                          const std::string& from) {
    const auto owner = domainOf(domain);
    if (!owner) return owner.error();
    auto local = name;
    if (const auto at = name.rfind('@'); at != std::string::npos) {
        const auto typed = jid::parseDomain(name.substr(at + 1));
        if (!typed || typed->ascii != owner->name) {
            return Error{Code::BadInput, "The login was not tried.", "The name is of another chat domain.",
                         "Write the part left of the @ only, or choose the other domain."};
        }
        local = name.substr(0, at);
    }
    const auto prepared = jid::prepareLocal(local);
    const auto address = prepared.value_or(cleanUtf8(cutUtf8(local, 100))) + "@" + owner->shown;
    auto promise = std::make_shared<std::promise<LoginVerdict>>();
    auto answer = promise->get_future();
    login({local, owner->name, password, from},
          [promise](LoginVerdict verdict) { promise->set_value(std::move(verdict)); });
    if (answer.wait_for(kLoginPatience) != std::future_status::ready) {
        return Error{Code::Timeout, "The login was not decided in time.", "A provider hangs.", "Test the providers."};
    }
    return trailOf(address, answer.get());
}

}  // namespace causeway::auth
