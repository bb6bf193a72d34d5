#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <future>
#include <map>
#include <mutex>
#include <thread>

#include "service/auth/auth_io.h"
#include "service/auth/built_in.h"
#include "service/net/event_loop.h"
#include "service/net/reach.h"

using namespace causeway;
using namespace causeway::auth;

namespace {

/// Says what the test set; counts how often it was asked. Can hold every asker until it is let go.
class FakeProvider final : public Authenticator {
public:
    explicit FakeProvider(Outcome outcome) : outcome_(outcome) {}

    Verdict check(const Credentials& credentials, TimePoint) override {
        ++asked;
        std::unique_lock hold{lock_};
        letGo_.wait(hold, [&] { return !isHolding_; });
        Verdict verdict;
        verdict.outcome = outcome_;
        verdict.why = "the fake says so";
        verdict.person.localPart = credentials.localPart;
        return verdict;
    }
    Result<std::size_t> list(const Take& take, TimePoint) override {
        std::size_t count = 0;
        for (const char* name : {"ann", "bob", "eve"}) {
            Person person;
            person.localPart = name;
            ++count;
            if (!take(person)) break;
        }
        return count;
    }
    ProofStep test(const Credentials* rehearsal, TimePoint) override {
        return {.id = "provider", .name = rehearsal ? "with" : "without", .state = ProofState::Fine};
    }
    void say(Outcome outcome) {
        const std::lock_guard hold{lock_};
        outcome_ = outcome;
    }
    void hold() {
        const std::lock_guard hold{lock_};
        isHolding_ = true;
    }
    void letGo() {
        const std::lock_guard hold{lock_};
        isHolding_ = false;
        letGo_.notify_all();
    }
    std::atomic<int> asked{0};

private:
    std::mutex lock_;
    std::condition_variable letGo_;
    bool isHolding_ = false;
    Outcome outcome_;
};

/// Quick instead of memory-hard.
class FakeHasher final : public PasswordHasher {
public:
    Result<std::string> hash(const Secret& password) override {
        ++hashed;
        return "hash of " + password.reveal();
    }
    bool fits(const Secret& password, const std::string& encoded) override {
        ++compared;
        return encoded == "hash of " + password.reveal();
    }
    std::atomic<int> hashed{0};
    std::atomic<int> compared{0};
};

class FakeSurvivors final : public SurvivorRecords {
public:
    void saveSurvivorLater(std::uint64_t provider, const std::string& address, const Secret& packed) override {
        const std::lock_guard hold{lock_};
        rows_[provider][address] = packed;
    }
    void removeSurvivorLater(std::uint64_t provider, const std::string& address) override {
        const std::lock_guard hold{lock_};
        rows_[provider].erase(address);
    }
    void removeSurvivorsLater(std::uint64_t provider) override {
        const std::lock_guard hold{lock_};
        rows_.erase(provider);
    }
    Result<std::vector<std::pair<std::string, Secret>>> survivors(std::uint64_t provider) override {
        const std::lock_guard hold{lock_};
        return std::vector<std::pair<std::string, Secret>>(rows_[provider].begin(), rows_[provider].end());
    }
    std::size_t count(std::uint64_t provider) { return survivors(provider)->size(); }
    /// They come from workers.
    bool comeTo(std::uint64_t provider, std::size_t wanted) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (count(provider) != wanted && std::chrono::steady_clock::now() < end)
            std::this_thread::yield();
        return count(provider) == wanted;
    }

private:
    std::mutex lock_;
    std::map<std::uint64_t, std::map<std::string, Secret>> rows_;
};

class KeptLog final : public Log {
public:
    void write(LogLevel, std::string_view id, std::string_view text) override {
        const std::lock_guard hold{lock_};
        lines_.push_back(std::string(id) + " " + std::string(text));
    }
    int count(const std::string& words) {
        const std::lock_guard hold{lock_};
        return static_cast<int>(std::count_if(lines_.begin(), lines_.end(), [&](const std::string& line) {
            return line.find(words) != std::string::npos;
        }));
    }

private:
    std::mutex lock_;
    std::vector<std::string> lines_;
};

struct House {
    House() { begin(); }
    /// As a restart: only what is in records stays.
    void begin() {
        service.reset();
        auto own = std::make_unique<FakeHasher>();
        hasher = own.get();
        AuthService::Rules rules;
        rules.pool = {.threads = 4, .queued = 64, .runningOfOneKey = 2, .queuedOfOneKey = 8};
        rules.breaker = {.failures = 2, .firstPause = Duration{3600000}, .longestPause = Duration{3600000}};
        rules.now = [this] { return net::EventLoop::now() + later.load(); };
        rules.survivors = &survivors;
        rules.guessed = [this](const std::string& account, const std::string& what) {
            guessed.emplace_back(account, what);
        };
        service = std::make_unique<AuthService>(log, rules, std::move(own));
    }
    std::shared_ptr<FakeProvider> add(std::uint64_t id, Outcome outcome,
                                      std::map<std::string, std::string> settings = {}) {
        auto fake = std::make_shared<FakeProvider>(outcome);
        Provider provider;
        provider.id = id;
        provider.name = "provider " + std::to_string(id);
        provider.kind = ProviderKind::Ldap;
        provider.settings = std::move(settings);
        service->setProvider(provider, fake);
        return fake;
    }
    std::future<LoginVerdict> begin(std::vector<std::uint64_t> chain, const std::string& user = "ann",
                                    const std::string& password = "secret", const std::string& from = "10.0.0.1") {
        auto promise = std::make_shared<std::promise<LoginVerdict>>();
        auto answer = promise->get_future();
        Credentials credentials{user, "chat.example.com", Secret{password}, from};
        service->check(chain, credentials, [promise](LoginVerdict verdict) { promise->set_value(std::move(verdict)); });
        return answer;
    }
    LoginVerdict login(std::vector<std::uint64_t> chain, const std::string& user = "ann",
                       const std::string& password = "secret", const std::string& from = "10.0.0.1") {
        return begin(std::move(chain), user, password, from).get();
    }
    KeptLog log;
    std::vector<std::pair<std::string, std::string>> guessed;
    FakeHasher* hasher = nullptr;
    FakeSurvivors survivors;
    std::atomic<Duration> later{Duration{0}};
    std::unique_ptr<AuthService> service;
};

class FakeAccounts final : public AccountPort {
public:
    Result<std::optional<Account>> findAccount(const std::string& domain, const std::string& localPart) override {
        if (isBroken) return Error{Code::Unavailable, "The disk is gone."};
        const auto at = accounts.find(localPart + "@" + domain);
        if (at == accounts.end()) return std::optional<Account>{};
        return std::optional<Account>{at->second};
    }
    Result<std::size_t> listAccounts(const std::function<bool(const Account&)>& take) override {
        std::size_t count = 0;
        for (const auto& [name, account] : accounts) {
            ++count;
            if (!take(account)) break;
        }
        return count;
    }
    void add(const std::string& name, const std::string& password, bool isDisabled = false) {
        Account account;
        account.localPart = name;
        account.domain = "chat.example.com";
        account.displayName = "The " + name;
        account.isDisabled = isDisabled;
        auto keys = keysOfPassword(Secret{password}, 4096, net::randomBytes);
        REQUIRE(keys);
        account.keys = *keys;
        accounts[name + "@chat.example.com"] = account;
    }
    std::map<std::string, Account> accounts;
    bool isBroken = false;
};

}  // namespace

TEST_CASE("logins: the chain is asked in order and leaves a trail") {
    House house;
    auto first = house.add(1, Outcome::UnknownUser);
    auto second = house.add(2, Outcome::Right);
    const auto verdict = house.login({1, 2});
    CHECK(verdict.verdict.outcome == Outcome::Right);
    CHECK(verdict.verdict.person.localPart == "ann");
    REQUIRE(verdict.steps.size() == 2);
    CHECK(verdict.steps[0].outcome == Outcome::UnknownUser);
    CHECK(verdict.steps[1].name == "provider 2");
    CHECK(first->asked == 1);
    CHECK(second->asked == 1);
}

TEST_CASE("logins: a provider that cannot be asked hides the next one") {
    House house;
    house.add(1, Outcome::CannotAsk);
    auto second = house.add(2, Outcome::Right);
    CHECK(house.login({1, 2}).verdict.outcome == Outcome::CannotAsk);
    CHECK(second->asked == 0);
}

TEST_CASE("logins: an unknown name is not asked for again for a while") {
    House house;
    auto provider = house.add(1, Outcome::UnknownUser);
    house.login({1});
    const auto again = house.login({1});
    CHECK(again.verdict.outcome == Outcome::UnknownUser);
    CHECK(again.steps.at(0).wasRemembered);
    CHECK(provider->asked == 1);
    house.login({1}, "bob");
    CHECK(provider->asked == 2);
    auto asksAlways = house.add(2, Outcome::UnknownUser, {{"remember_unknown", "0"}});
    house.login({2}, "ann", "secret", "10.0.0.2");
    house.login({2}, "ann", "secret", "10.0.0.2");
    CHECK(asksAlways->asked == 2);
}

TEST_CASE("logins: a provider that fails twice is left alone, and its state tells why") {
    House house;
    auto provider = house.add(1, Outcome::CannotAsk);
    house.login({1});
    house.login({1});
    const auto third = house.login({1});
    CHECK(third.verdict.outcome == Outcome::CannotAsk);
    CHECK(third.verdict.why.find("the fake says so") != std::string::npos);
    CHECK(provider->asked == 2);
    const auto status = house.service->status(1);
    REQUIRE(status);
    CHECK(status->breaker.state == BreakerState::Open);
    CHECK(status->breaker.lastError == "the fake says so");
    CHECK(house.log.count("AUTH_PROVIDER_DOWN Provider provider 1 is not asked") == 1);
}

TEST_CASE("logins: trouble with one name only does not turn the provider off") {
    House house;
    class Personal final : public Authenticator {
    public:
        Verdict check(const Credentials&, TimePoint) override {
            Verdict verdict;
            verdict.isPersonal = true;
            return verdict;
        }
        Result<std::size_t> list(const Take&, TimePoint) override { return std::size_t{0}; }
        ProofStep test(const Credentials*, TimePoint) override { return {}; }
    };
    Provider provider;
    provider.id = 1;
    provider.kind = ProviderKind::Ldap;
    house.service->setProvider(provider, std::make_shared<Personal>());
    for (int i = 0; i < 5; ++i)
        house.login({1});
    CHECK(house.service->status(1)->breaker.state == BreakerState::Closed);
}

TEST_CASE("logins: a hanging provider does not hold up another one") {
    House house;
    auto hanging = house.add(1, Outcome::Right, {{"timeout", "60"}});
    auto quick = house.add(2, Outcome::Right);
    hanging->hold();
    std::vector<std::future<LoginVerdict>> waiting;
    for (int i = 0; i < 10; ++i) {
        waiting.push_back(house.begin({1}, "user" + std::to_string(i)));
        while (hanging->asked < std::min(i + 1, 2))
            std::this_thread::yield();
    }
    for (int i = 0; i < 20; ++i)
        CHECK(house.login({2}, "user" + std::to_string(i)).verdict.outcome == Outcome::Right);
    CHECK(house.service->status(1)->work.running <= 2);
    // Two run, eight wait: the eleventh is refused at once, and that is no wrong password.
    const auto refused = house.login({1}, "late");
    CHECK(refused.verdict.outcome == Outcome::Busy);
    CHECK(!isRefusal(refused.verdict.outcome));
    hanging->letGo();
    for (auto& each : waiting)
        CHECK(each.get().verdict.outcome == Outcome::Right);
}

TEST_CASE("logins: a provider that misses its deadline cannot be asked") {
    House house;
    auto provider = house.add(1, Outcome::Right, {{"timeout", "1"}});
    provider->hold();
    const auto verdict = house.login({1});
    CHECK(verdict.verdict.outcome == Outcome::CannotAsk);
    CHECK(verdict.verdict.why.find("did not answer within") != std::string::npos);
    provider->letGo();
}

TEST_CASE("logins: too many failures from one address wait, and no provider hears of them") {
    House house;
    auto provider = house.add(1, Outcome::Right);
    CHECK(house.login({1}).verdict.outcome == Outcome::Right);
    provider->say(Outcome::WrongPassword);
    for (int i = 0; i < 4; ++i)
        CHECK(house.login({1}).verdict.outcome == Outcome::WrongPassword);
    const auto throttled = house.login({1});
    CHECK(throttled.verdict.outcome == Outcome::Throttled);
    CHECK(throttled.wait > Duration{0});
    CHECK(provider->asked == 5);
    CHECK(house.login({1}, "ann", "secret", "10.0.0.2").verdict.outcome == Outcome::WrongPassword);
}

TEST_CASE("logins: guesses from many addresses do not reach the provider, and are told once with name and addresses") {
    House house;
    auto provider = house.add(1, Outcome::Right);
    CHECK(house.login({1}, "ann", "secret", "10.0.0.1").verdict.outcome == Outcome::Right);
    provider->say(Outcome::WrongPassword);
    for (int i = 0; i < 40; ++i)
        house.login({1}, "ann", "guess", "198.51.100." + std::to_string(i));
    CHECK(provider->asked == 5);
    const auto refused = house.login({1}, "ann", "guess", "203.0.113.9");
    CHECK(refused.verdict.outcome == Outcome::Throttled);
    CHECK(refused.verdict.why.find("203.0.113.9 is one of them") != std::string::npos);
    CHECK(refused.verdict.todo.find("30 days") != std::string::npos);
    CHECK(house.guessed.size() == 1);
    CHECK(house.guessed.front().first == "ann@chat.example.com");
    CHECK(house.guessed.front().second.find("4 addresses") != std::string::npos);
    CHECK(house.log.count("AUTH_NAME_GUESSED") == 1);
    provider->say(Outcome::Right);
    CHECK(house.login({1}, "ann", "secret", "10.0.0.1").verdict.outcome == Outcome::Right);
}

TEST_CASE("logins: whoever guesses thousands of names does not flood the audit log") {
    House house;
    house.add(1, Outcome::WrongPassword);
    for (int name = 0; name < 60; ++name)
        for (int i = 0; i < 5; ++i)
            house.login({1}, "user" + std::to_string(name), "x", std::to_string(name) + ".51.100." + std::to_string(i));
    CHECK(house.guessed.size() == 20);
}

TEST_CASE("logins: refusals of known and unknown names come at the same moment of the grid") {
    House house;
    house.add(1, Outcome::UnknownUser);
    const auto before = net::EventLoop::now();
    const auto verdict = house.login({1});
    CHECK(verdict.tellAt > before + 200ms);
}

TEST_CASE("survival: during an outage only passwords that were confirmed before are right") {
    House house;
    auto provider = house.add(1, Outcome::Right, {{"survive_outage", "true"}});
    CHECK(house.login({1}).verdict.outcome == Outcome::Right);
    // Remembering happens behind the login.
    while (house.service->status(1)->remembered == 0)
        std::this_thread::yield();
    provider->say(Outcome::CannotAsk);
    for (int i = 0; i < 4; ++i) {
        const auto verdict = house.login({1});
        CHECK(verdict.verdict.outcome == Outcome::Right);
        CHECK(verdict.wasRemembered);
    }
    CHECK(provider->asked == 3);
    CHECK(house.login({1}, "ann", "other").verdict.outcome == Outcome::CannotAsk);
    CHECK(house.login({1}, "bob", "secret").verdict.outcome == Outcome::CannotAsk);
    CHECK(house.hasher->hashed == 1);
}

TEST_CASE("survival: who was disabled meanwhile is forgotten") {
    House house;
    auto provider = house.add(1, Outcome::Right, {{"survive_outage", "true"}});
    house.login({1});
    while (house.service->status(1)->remembered == 0)
        std::this_thread::yield();
    provider->say(Outcome::Disabled);
    CHECK(house.login({1}).verdict.outcome == Outcome::Disabled);
    provider->say(Outcome::CannotAsk);
    CHECK(house.login({1}).verdict.outcome == Outcome::CannotAsk);
}

TEST_CASE("survival: a restart during an outage loses no remembered password, with what is known of the person") {
    House house;
    auto provider = house.add(1, Outcome::Right, {{"survive_outage", "true"}});
    house.login({1});
    REQUIRE(house.survivors.comeTo(1, 1));
    CHECK(house.survivors.survivors(1)->front().second.reveal().find("hash of secret") != std::string::npos);
    house.begin();
    provider = house.add(1, Outcome::CannotAsk, {{"survive_outage", "true"}});
    CHECK(house.login({1}).verdict.outcome == Outcome::CannotAsk);
    REQUIRE(house.service->restoreSurvivors(1));
    const auto verdict = house.login({1});
    CHECK(verdict.verdict.outcome == Outcome::Right);
    CHECK(verdict.wasRemembered);
    CHECK(verdict.verdict.person.localPart == "ann");
    CHECK(house.login({1}, "ann", "other").verdict.outcome == Outcome::CannotAsk);
}

TEST_CASE("survival: a remembered password that the provider refuses is erased, another wrong one is not") {
    House house;
    auto provider = house.add(1, Outcome::Right, {{"survive_outage", "true"}});
    house.login({1});
    REQUIRE(house.survivors.comeTo(1, 1));
    provider->say(Outcome::WrongPassword);
    house.login({1}, "ann", "typo");
    while (house.hasher->compared == 0)
        std::this_thread::yield();
    house.begin();  // the end of the service waits for what runs
    CHECK(house.survivors.count(1) == 1);
    provider = house.add(1, Outcome::WrongPassword, {{"survive_outage", "true"}});
    REQUIRE(house.service->restoreSurvivors(1));
    house.login({1}, "ann", "secret");
    CHECK(house.survivors.comeTo(1, 0));
    provider->say(Outcome::CannotAsk);
    CHECK(house.login({1}).verdict.outcome == Outcome::CannotAsk);
}

TEST_CASE("survival: what is kept is erased with the account, the feature, the provider and the time") {
    House house;
    auto provider = house.add(1, Outcome::Right, {{"survive_outage", "true"}});
    house.login({1});
    REQUIRE(house.survivors.comeTo(1, 1));
    SUBCASE("the account is disabled") {
        provider->say(Outcome::Disabled);
        house.login({1});
    }
    SUBCASE("the feature is turned off") {
        house.add(1, Outcome::Right);
    }
    SUBCASE("it was turned off while the service did not run") {
        house.begin();
        house.add(1, Outcome::Right);
        REQUIRE(house.service->restoreSurvivors(1));
    }
    SUBCASE("the provider is removed") {
        house.service->removeProvider(1);
    }
    SUBCASE("the time is over") {
        house.later = std::chrono::hours{23};
        house.service->forgetExpired();
        CHECK(house.survivors.count(1) == 1);
        house.later = std::chrono::hours{25};
        house.service->forgetExpired();
    }
    SUBCASE("the time was over before the restart") {
        house.begin();
        house.later = std::chrono::hours{25};
        house.add(1, Outcome::Right, {{"survive_outage", "true"}});
        REQUIRE(house.service->restoreSurvivors(1));
    }
    SUBCASE("it is of a time to come") {
        house.begin();
        house.later = -std::chrono::hours{1};
        house.add(1, Outcome::Right, {{"survive_outage", "true"}});
        REQUIRE(house.service->restoreSurvivors(1));
    }
    SUBCASE("it is of another revision of the provider") {
        const auto entry = unpackedSurvivor("ann@chat.example.com", house.survivors.survivors(1)->front().second, 0);
        REQUIRE(entry);
        CHECK(entry->hash == "hash of secret");
        house.survivors.saveSurvivorLater(1, "ann@chat.example.com", packedSurvivor(7, *entry));
        house.begin();
        house.add(1, Outcome::Right, {{"survive_outage", "true"}});
        REQUIRE(house.service->restoreSurvivors(1));
    }
    CHECK(house.survivors.count(1) == 0);
}

TEST_CASE("survival: nothing is remembered unless it was turned on") {
    House house;
    auto provider = house.add(1, Outcome::Right);
    house.login({1});
    provider->say(Outcome::CannotAsk);
    CHECK(house.login({1}).verdict.outcome == Outcome::CannotAsk);
    CHECK(house.hasher->hashed == 0);
}

TEST_CASE("logins: listing and testing run on workers and answer once") {
    House house;
    auto provider = house.add(1, Outcome::Right);
    std::promise<Result<std::vector<Person>>> people;
    house.service->list(provider, 2, 5s,
                        [&](Result<std::vector<Person>> answer) { people.set_value(std::move(answer)); });
    const auto listed = people.get_future().get();
    REQUIRE(listed);
    CHECK(listed->size() == 2);
    std::promise<ProofStep> proof;
    house.service->test(provider, Credentials{"ann", "x", Secret{"y"}, ""}, 5s,
                        [&](ProofStep step) { proof.set_value(std::move(step)); });
    CHECK(proof.get_future().get().name == "with");
}

TEST_CASE("logins: ending the service answers whoever waits") {
    std::future<LoginVerdict> waiting;
    std::shared_ptr<FakeProvider> provider;
    std::thread helper;
    {
        House house;
        provider = house.add(1, Outcome::Right, {{"timeout", "60"}});
        provider->hold();
        std::vector<std::future<LoginVerdict>> running;
        for (int i = 0; i < 2; ++i)
            running.push_back(house.begin({1}, "user" + std::to_string(i)));
        while (provider->asked < 2)
            std::this_thread::yield();
        waiting = house.begin({1}, "late");
        helper = std::thread([provider] { provider->letGo(); });
    }
    helper.join();
    const auto outcome = waiting.get().verdict.outcome;
    CHECK((outcome == Outcome::CannotAsk || outcome == Outcome::Right));
}

TEST_CASE("built-in accounts: right, wrong, unknown, disabled and broken are told apart") {
    FakeAccounts accounts;
    accounts.add("ann", "open sesame");
    accounts.add("bob", "open sesame", true);
    Provider provider;
    BuiltInAuthenticator own{provider, accounts, net::EventLoop::now};
    const auto check = [&](const char* name, const char* password) {
        return own.check({name, "chat.example.com", Secret{password}, ""}, TimePoint::max()).outcome;
    };
    CHECK(check("ann", "open sesame") == Outcome::Right);
    CHECK(check("ann", "open") == Outcome::WrongPassword);
    CHECK(check("ann", "") == Outcome::WrongPassword);
    CHECK(check("eve", "open sesame") == Outcome::UnknownUser);
    CHECK(check("bob", "open sesame") == Outcome::Disabled);
    CHECK(check("bob", "open") == Outcome::WrongPassword);
    accounts.isBroken = true;
    CHECK(check("ann", "open sesame") == Outcome::CannotAsk);
}

TEST_CASE("built-in accounts: the graded test counts them and rehearses a login") {
    FakeAccounts accounts;
    Provider provider;
    BuiltInAuthenticator own{provider, accounts, net::EventLoop::now};
    CHECK(own.test(nullptr, TimePoint::max()).state == ProofState::Partly);
    accounts.add("ann", "open sesame");
    const auto fine = own.test(nullptr, TimePoint::max());
    CHECK(fine.state == ProofState::Fine);
    const Credentials wrong{"ann", "chat.example.com", Secret{"x"}, ""};
    const auto broken = own.test(&wrong, TimePoint::max());
    CHECK(broken.state == ProofState::Broken);
    CHECK(broken.why.find("Rehearse a login") != std::string::npos);
}
