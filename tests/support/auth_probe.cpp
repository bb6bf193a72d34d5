// Drives authentication providers from a script: one command a line as JSON on standard input, one answer a line.
//   {"do":"check","provider":{"kind":"ldap","settings":{...},"secrets":{...}},"user":"ann","password":"x","patience":5000}
//   do: problems | check | test | list | login (through AuthService) | bench
// A provider that was given before, with the same text, keeps its connections.

#include <Poco/JSON/Array.h>
#include <Poco/JSON/Object.h>
#include <Poco/JSON/Parser.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <future>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "service/auth/auth_io.h"
#include "service/auth/built_in.h"
#include "service/net/event_loop.h"
#include "service/net/reach.h"
#include "shared/api/json_writer.h"

using namespace causeway;
using api::JsonWriter;
using Object = Poco::JSON::Object::Ptr;

namespace {

class ScriptAccounts final : public auth::AccountPort {
public:
    Result<std::optional<Account>> findAccount(const std::string& domain, const std::string& localPart) override {
        const auto at = accounts.find(localPart);
        if (at == accounts.end()) return std::optional<Account>{};
        auto account = at->second;
        account.domain = domain;
        return std::optional<Account>{account};
    }
    Result<std::size_t> listAccounts(const std::function<bool(const Account&)>& take) override {
        std::size_t count = 0;
        for (const auto& [name, account] : accounts) {
            ++count;
            if (!take(account)) break;
        }
        return count;
    }
    std::map<std::string, Account> accounts;
};

struct Made {
    Provider provider;
    std::shared_ptr<auth::Authenticator> authenticator;
};

class Probe {
public:
    Probe() : service_(log_) {
        for (const char* name : {"ann", "bob"}) {
            Account account;
            account.localPart = name;
            account.keys = *auth::keysOfPassword(Secret{"open sesame"}, 10000, net::randomBytes);
            accounts_.accounts[name] = account;
        }
    }

    std::string answer(const std::string& line) {
        Poco::JSON::Parser parser;
        const auto command = parser.parse(line).extract<Object>();
        const auto what = command->getValue<std::string>("do");
        if (what == "bench") return bench(command);
        auto& made = providerOf(command->getObject("provider"));
        const auto patience = Duration{command->optValue<int>("patience", 5000)};
        const auto credentials = credentialsOf(command);
        JsonWriter out;
        out.beginObject();
        const auto began = net::EventLoop::now();
        if (what == "problems") {
            out.key("problems");
            out.beginArray();
            for (const auto& problem : checkProvider(made.provider)) {
                out.beginObject();
                out.field("field", problem.field);
                out.field("text", problem.text);
                out.field("weight", problem.weight == ProblemWeight::Error ? "error" : "warning");
                out.endObject();
            }
            out.endArray();
        } else if (what == "check") {
            write(out, made.authenticator->check(credentials, began + patience));
        } else if (what == "login") {
            std::promise<auth::LoginVerdict> promise;
            service_.check({made.provider.id}, credentials,
                           [&](auth::LoginVerdict verdict) { promise.set_value(std::move(verdict)); });
            const auto verdict = promise.get_future().get();
            write(out, verdict.verdict);
            out.field("remembered", verdict.wasRemembered);
            out.field("kept", service_.status(made.provider.id)->remembered);
            out.field("state", auth::wordOf(service_.status(made.provider.id)->breaker.state));
        } else if (what == "knows") {
            const auto known = made.authenticator->knows(credentials.localPart, credentials.domain, began + patience);
            out.field("knows", known ? (*known ? "yes" : "no") : "cannot-tell");
        } else if (what == "test") {
            const auto proof =
                made.authenticator->test(command->has("user") ? &credentials : nullptr, began + patience);
            out.key("proof");
            write(out, proof);
            out.field("text", proofText(proof));
        } else if (what == "list") {
            std::vector<std::string> names;
            const auto count = made.authenticator->list(
                [&](const auth::Person& person) {
                    if (names.size() < 5) names.push_back(shortText(person));
                    return true;
                },
                began + patience);
            out.field("count", count ? static_cast<std::int64_t>(*count) : std::int64_t{-1});
            out.field("error", count ? std::string{} : count.error().text());
            api::writeTexts(out, "people", names);
        }
        out.field("took", net::EventLoop::now() - began);
        out.endObject();
        return out.take();
    }

private:
    static std::string shortText(const auth::Person& person) {
        return person.localPart + "|" + person.displayName + "|" + person.mail + "|" + person.department;
    }
    static void write(JsonWriter& out, const auth::Verdict& verdict) {
        out.field("outcome", auth::wordOf(verdict.outcome));
        out.field("why", verdict.why);
        out.field("todo", verdict.todo);
        out.field("failedAt", verdict.failedAt);
        out.field("isPersonal", verdict.isPersonal);
        out.field("person", shortText(verdict.person));
        out.field("photo", verdict.person.photo.size());
    }
    static void write(JsonWriter& out, const ProofStep& step) {
        out.beginObject();
        out.field("id", step.id);
        out.field("name", step.name);
        out.field("state", wordOf(step.state));
        out.field("why", step.why);
        out.field("todo", step.todo);
        out.field("proves", step.proves);
        out.field("took", step.took);
        out.key("facts");
        out.beginObject();
        for (const auto& [name, value] : step.facts)
            out.field(name, value);
        out.endObject();
        out.key("children");
        out.beginArray();
        for (const auto& child : step.children)
            write(out, child);
        out.endArray();
        out.endObject();
    }
    static auth::Credentials credentialsOf(const Object& command) {
        return {
            command->optValue<std::string>("user", ""), command->optValue<std::string>("domain", "chat.example.com"),
            Secret{command->optValue<std::string>("password", "")}, command->optValue<std::string>("from", "10.0.0.1")};
    }

    Made& providerOf(const Object& given) {
        std::ostringstream text;
        given->stringify(text);
        const auto at = made_.find(text.str());
        if (at != made_.end()) return at->second;
        Made made;
        made.provider.id = ++lastId_;
        made.provider.name = "probe";
        made.provider.kind = providerKindOf(given->getValue<std::string>("kind")).value_or(ProviderKind::BuiltIn);
        ProviderSecrets secrets;
        if (given->has("settings")) {
            for (const auto& [key, value] : *given->getObject("settings"))
                made.provider.settings[key] = value.convert<std::string>();
        }
        if (given->has("secrets")) {
            for (const auto& [key, value] : *given->getObject("secrets")) {
                secrets[key] = Secret{value.convert<std::string>()};
                made.provider.secretsSet.insert(key);
            }
        }
        made.authenticator = auth::makeAuthenticator(made.provider, secrets, accounts_);
        service_.setProvider(made.provider, made.authenticator);
        return made_.emplace(text.str(), std::move(made)).first->second;
    }

    /// Logins per second through one provider with so many clients, while others keep hanging ones busy.
    std::string bench(const Object& command) {
        auto& quick = providerOf(command->getObject("provider"));
        const auto credentials = credentialsOf(command);
        const auto clients = command->optValue<int>("clients", 4);
        const auto span = Duration{command->optValue<int>("milliseconds", 3000)};
        std::vector<std::uint64_t> hanging;
        if (command->has("hanging")) hanging.push_back(providerOf(command->getObject("hanging")).provider.id);
        std::atomic<bool> isOver{false};
        std::atomic<std::uint64_t> right{0};
        std::atomic<std::uint64_t> other{0};
        std::atomic<std::uint64_t> stuck{0};
        const auto run = [&](const std::vector<std::uint64_t>& chain, auth::Credentials who,
                             std::atomic<std::uint64_t>& good) {
            while (!isOver) {
                std::promise<auth::LoginVerdict> promise;
                service_.check(chain, who, [&](auth::LoginVerdict verdict) { promise.set_value(std::move(verdict)); });
                const auto verdict = promise.get_future().get();
                ++(verdict.verdict.outcome == auth::Outcome::Right ? good : other);
                if (verdict.verdict.outcome != auth::Outcome::Right && !hanging.empty() && chain == hanging) {
                    // As a client does that was told to try again.
                    std::this_thread::sleep_for(50ms);
                }
            }
        };
        std::vector<std::thread> threads;
        const auto began = net::EventLoop::now();
        const auto cpuBegan = std::clock();
        for (int i = 0; i < clients; ++i) {
            auto who = credentials;
            who.from = "10.1.0." + std::to_string(i);
            threads.emplace_back(run, std::vector{quick.provider.id}, who, std::ref(right));
            if (hanging.empty()) continue;
            who.from = "10.2.0." + std::to_string(i);
            threads.emplace_back(run, hanging, who, std::ref(stuck));
        }
        std::this_thread::sleep_for(span);
        isOver = true;
        const auto ended = net::EventLoop::now();
        const auto logins = right.load();
        const auto cpu = static_cast<double>(std::clock() - cpuBegan) / CLOCKS_PER_SEC;
        for (auto& thread : threads)
            thread.join();
        JsonWriter out;
        out.beginObject();
        out.field("logins", logins);
        out.field("per_second", static_cast<double>(logins) * 1000.0 / static_cast<double>((ended - began).count()));
        out.field("per_cpu_second", cpu > 0 ? static_cast<double>(logins) / cpu : 0.0);
        out.field("other", other.load());
        out.field("stuck", stuck.load());
        out.endObject();
        return out.take();
    }

    NoLog log_;
    ScriptAccounts accounts_;
    std::map<std::string, Made> made_;
    std::uint64_t lastId_ = 0;
    auth::AuthService service_;
};

}  // namespace

int main() {
    Probe probe;
    std::string line;
    while (std::getline(std::cin, line)) {
        try {
            std::cout << probe.answer(line) << std::endl;
        } catch (const std::exception& error) {
            std::cerr << "auth_probe: " << error.what() << "\n";
            return 2;
        }
    }
    return 0;
}
