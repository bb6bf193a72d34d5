#include "service/auth/built_in.h"

#include <utility>

#include "service/auth/proof_run.h"
#include "shared/proto/scram/keys.h"

namespace causeway::auth {

namespace {

constexpr std::string_view kSaltOfNobody = "causeway-nobody.";

Person personOf(const Account& account) {
    Person person;
    person.localPart = account.localPart;
    person.reference = "built-in account";
    person.displayName = account.displayName;
    person.mail = account.mail;
    person.department = account.department;
    person.isDisabled = account.isDisabled;
    return person;
}

}  // namespace

Result<std::vector<ScramKeys>> keysOfPassword(const Secret& password, std::uint32_t iterations,
                                              const std::function<std::string(std::size_t)>& random) {
    auto prepared = scram::preparePassword(password);
    if (!prepared) return prepared.error();
    return scram::deriveAllKeys(*prepared, random(16), iterations);
}

BuiltInAuthenticator::BuiltInAuthenticator(const Provider& provider, AccountPort& accounts,
                                           std::function<TimePoint()> now)
    : iterations_(static_cast<std::uint32_t>(provider.number("iterations"))),
      accounts_(accounts),
      now_(std::move(now)) {}

Verdict BuiltInAuthenticator::check(const Credentials& credentials, TimePoint) {
    const auto found = accounts_.findAccount(credentials.domain, credentials.localPart);
    if (!found) {
        return {Outcome::CannotAsk, "The built-in accounts cannot be read. " + found.error().text(),
                "Look at the disk of the data folder.", "connect"};
    }
    const auto prepared = scram::preparePassword(credentials.password);
    const auto password = prepared ? *prepared : Secret{"x"};
    const auto* keys = *found ? (*found)->keysOf(ScramHash::Sha256) : nullptr;
    if (!keys && *found && !(*found)->keys.empty()) keys = &(*found)->keys.front();
    if (!keys) {
        static_cast<void>(scram::deriveKeys(ScramHash::Sha256, password, kSaltOfNobody, iterations_));
        if (!*found) return {Outcome::UnknownUser, "There is no built-in account of that name.", "", "filter"};
        return {Outcome::WrongPassword, "The built-in account has no password yet.", "Set one.", "login",
                personOf(**found)};
    }
    const bool fits = scram::passwordFits(*keys, password) && prepared;
    const auto person = personOf(**found);
    if (!fits) return {Outcome::WrongPassword, "The password is wrong.", "", "login", person};
    if ((*found)->isDisabled) {
        return {Outcome::Disabled, "The built-in account is disabled.", "Enable it, if it should log in.", "login",
                person};
    }
    return {Outcome::Right, "", "", "", person};
}

Result<std::size_t> BuiltInAuthenticator::list(const Take& take, TimePoint) {
    return accounts_.listAccounts([&](const Account& account) { return take(personOf(account)); });
}

ProofStep BuiltInAuthenticator::test(const Credentials* rehearsal, TimePoint deadline) {
    ProofRun run{"Built-in accounts", now_};
    run.step("base", "Read the accounts", [&](ProofStep& step) {
        std::size_t disabled = 0;
        const auto count = accounts_.listAccounts([&](const Account& account) {
            if (account.isDisabled) ++disabled;
            return true;
        });
        if (!count) {
            return fail(step, count.error().text(), "Look at the disk of the data folder.");
        }
        step.proves = "The accounts can be read.";
        step.facts.emplace_back("Accounts", std::to_string(*count));
        step.facts.emplace_back("Disabled", std::to_string(disabled));
        if (*count == 0) {
            step.state = ProofState::Partly;
            step.why = "There is no account yet.";
            step.todo = "Add one, or import a CSV file.";
        }
    });
    addRehearsal(run, rehearsal, [&] { return check(*rehearsal, deadline); });
    return run.finish();
}

}  // namespace causeway::auth
