#include "service/auth/providers_io.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <thread>

using namespace causeway;
using namespace causeway::auth;

namespace {

/// Answers as its settings say: "bind_dn" names the state of its tests, "bases" the one person whom it knows.
class FakeDirectory final : public Authenticator {
public:
    FakeDirectory(Provider provider, ProviderSecrets secrets, std::atomic<int>& tests, std::atomic<bool>& isDown)
        : provider_(std::move(provider)), secrets_(std::move(secrets)), tests_(tests), isDown_(isDown) {}

    Verdict check(const Credentials& credentials, TimePoint) override {
        if (isDown_) return {Outcome::CannotAsk, "dc1 is silent.", "Look at dc1.", "connect"};
        if ("ou=" + credentials.localPart != provider_.value("bases"))
            return {Outcome::UnknownUser, "Not found.", "", "filter"};
        if (credentials.password.reveal() != "right") return {Outcome::WrongPassword, "Wrong.", "", "login"};
        return {Outcome::Right};
    }
    Result<std::size_t> list(const Take& take, TimePoint) override {
        std::size_t count = 0;
        for (const char* name : {"Ann Lee", "Bob Ray", "Eve Lane"}) {
            Person person;
            person.displayName = name;
            person.localPart = std::string(name).substr(0, 3);
            person.photo = "bytes";
            ++count;
            if (!take(person)) break;
        }
        return count;
    }
    Result<bool> knows(const std::string& localPart, const std::string&, TimePoint) override {
        if (isDown_) return Error{Code::Unavailable, "dc1 is silent."};
        return "ou=" + localPart == provider_.value("bases");
    }
    ProofStep test(const Credentials* rehearsal, TimePoint) override {
        ++tests_;
        ProofStep proof;
        proof.name = "test";
        proof.at = fromEpochMillis(1);
        const bool isBroken = isDown_ || provider_.value("bind_dn") == "cn=broken";
        proof.state = isBroken ? ProofState::Broken : ProofState::Fine;
        if (isBroken) {
            proof.why = "Bind: refused.";
            proof.todo = "Mend the service account.";
        }
        if (const auto secret = secrets_.find("bind_password"); secret != secrets_.end())
            proof.facts.emplace_back("Length of the secret", std::to_string(secret->second.reveal().size()));
        if (rehearsal != nullptr) proof.facts.emplace_back("Login", rehearsal->address());
        return proof;
    }

private:
    Provider provider_;
    ProviderSecrets secrets_;
    std::atomic<int>& tests_;
    std::atomic<bool>& isDown_;
};

class FakeRecords final : public ProviderRecords {
public:
    Result<std::vector<Provider>> providers() override {
        const std::lock_guard hold{lock};
        std::vector<Provider> all;
        for (const auto& [id, each] : rows)
            all.push_back(each);
        return all;
    }
    Result<Provider> saveProvider(const Provider& provider, const SecretChanges& changes) override {
        const std::lock_guard hold{lock};
        if (isFull) return Error{Code::Unavailable, "The disk is full."};
        auto saved = provider;
        if (saved.id == 0) saved.id = ++lastId;
        ++saved.revision;
        for (const auto& [key, value] : changes) {
            if (value) {
                secrets[saved.id][key] = *value;
            } else {
                secrets[saved.id].erase(key);
            }
        }
        saved.secretsSet.clear();
        for (const auto& [key, value] : secrets[saved.id])
            saved.secretsSet.insert(key);
        rows[saved.id] = saved;
        return saved;
    }
    Result<ProviderSecrets> providerSecrets(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        return secrets[id];
    }
    Result<void> removeProvider(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        rows.erase(id);
        return {};
    }
    Result<std::vector<Account>> accounts(std::uint64_t, const std::string& after, std::size_t most) override {
        const std::lock_guard hold{lock};
        std::vector<Account> page;
        for (const auto& [name, each] : people)
            if (name > after && page.size() < most) page.push_back(each);
        return page;
    }
    Result<std::uint64_t> accountCount(std::uint64_t) override {
        const std::lock_guard hold{lock};
        return people.size();
    }
    Result<std::optional<Account>> account(const std::string& domain, const std::string& localPart) override {
        const std::lock_guard hold{lock};
        const auto at = people.find(localPart);
        if (at == people.end() || at->second.domain != domain) return std::optional<Account>{};
        return std::optional<Account>{at->second};
    }
    Result<std::optional<Account>> account(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        for (const auto& [name, each] : people)
            if (each.id == id) return std::optional<Account>{each};
        return std::optional<Account>{};
    }
    Result<Account> saveAccount(const Account& account) override {
        const std::lock_guard hold{lock};
        auto saved = account;
        if (saved.id == 0 && people.contains(saved.localPart)) return Error{Code::Conflict, "There already."};
        if (saved.id == 0) saved.id = ++lastId;
        if (saved.keys.empty()) saved.keys = people[saved.localPart].keys;
        ++saved.revision;
        people[saved.localPart] = saved;
        return saved;
    }
    Result<void> addAccounts(std::vector<Account> accounts) override {
        const std::lock_guard hold{lock};
        for (auto& each : accounts) {
            each.id = ++lastId;
            people[each.localPart] = each;
        }
        return {};
    }
    Result<void> removeAccount(std::uint64_t id) override {
        const std::lock_guard hold{lock};
        return std::erase_if(people, [id](const auto& each) { return each.second.id == id; }) > 0
                   ? Result<void>{}
                   : Result<void>{Error{Code::NotFound, "No account."}};
    }
    Result<std::vector<PendingChange>> pendingChanges() override {
        const std::lock_guard hold{lock};
        return waiting;
    }
    Result<void> savePendingChange(const PendingChange& change) override {
        const std::lock_guard hold{lock};
        drop(change.kind, change.id);
        waiting.push_back(change);
        return {};
    }
    Result<void> removePendingChange(PendingKind kind, std::uint64_t id) override {
        const std::lock_guard hold{lock};
        drop(kind, id);
        return {};
    }
    void saveSurvivorLater(std::uint64_t provider, const std::string& address, const Secret& packed) override {
        const std::lock_guard hold{lock};
        remembered[provider][address] = packed;
    }
    void removeSurvivorLater(std::uint64_t provider, const std::string& address) override {
        const std::lock_guard hold{lock};
        remembered[provider].erase(address);
    }
    void removeSurvivorsLater(std::uint64_t provider) override {
        const std::lock_guard hold{lock};
        remembered.erase(provider);
    }
    Result<std::vector<std::pair<std::string, Secret>>> survivors(std::uint64_t provider) override {
        const std::lock_guard hold{lock};
        return std::vector<std::pair<std::string, Secret>>(remembered[provider].begin(), remembered[provider].end());
    }
    void drop(PendingKind kind, std::uint64_t id) {
        std::erase_if(waiting, [&](const PendingChange& each) { return each.kind == kind && each.id == id; });
    }

    std::mutex lock;
    std::map<std::uint64_t, Provider> rows;
    std::map<std::uint64_t, ProviderSecrets> secrets;
    std::map<std::string, Account> people;
    std::vector<PendingChange> waiting;
    std::map<std::uint64_t, std::map<std::string, Secret>> remembered;
    std::uint64_t lastId = 0;
    bool isFull = false;
};

class Watcher final : public ProvidersObserver {
public:
    void providerChanged(std::uint64_t) override { ++providers; }
    void domainWaitChanged(std::uint64_t) override { ++domains; }
    std::atomic<int> providers{0};
    std::atomic<int> domains{0};
};

/// Quick instead of memory-hard.
class PlainHasher final : public PasswordHasher {
public:
    Result<std::string> hash(const Secret& password) override { return password.reveal(); }
    bool fits(const Secret& password, const std::string& encoded) override { return password.reveal() == encoded; }
};

struct House {
    House() {
        ChatDomain domain;
        domain.id = 1;
        domain.name = domain.shown = "chat.example.com";
        domains.push_back(domain);
        begin();
    }
    ~House() { io.reset(); }

    void begin() {
        io.reset();
        ProvidersIo::Parts parts;
        parts.records = &records;
        parts.loop = loop.get();
        parts.log = &log;
        parts.observer = &watcher;
        parts.domains = [this]() -> Result<std::vector<ChatDomain>> {
            const std::lock_guard hold{lock};
            return domains;
        };
        parts.chain = [this](const std::string& name) -> Result<std::vector<std::uint64_t>> {
            const std::lock_guard hold{lock};
            for (const auto& each : domains)
                if (each.name == name) return each.providers;
            return Error{Code::NotFound, "No such domain."};
        };
        parts.saveDomain = [this](const ChatDomain& domain) -> Result<void> {
            setChain(domain.id, domain.providers);
            return {};
        };
        parts.make = [this](const Provider& provider, const ProviderSecrets& secrets, AccountPort&) {
            return std::make_shared<FakeDirectory>(provider, secrets, tests, isDown);
        };
        parts.audit = [this](const std::string& action, const std::string&, const std::string&) {
            const std::lock_guard hold{lock};
            audits.push_back(action);
        };
        parts.now = [this] { return now.load(); };
        parts.hasher = std::make_unique<PlainHasher>();
        parts.rules.breaker = {.failures = 2, .firstPause = Duration{3600000}, .longestPause = Duration{3600000}};
        io = std::make_unique<ProvidersIo>(std::move(parts));
        REQUIRE(io->start());
    }
    ProviderDraft draftOf(const std::string& name, const std::string& state = "fine",
                          const std::string& person = "ann") {
        ProviderDraft draft;
        draft.provider.kind = ProviderKind::Ldap;
        draft.provider.name = name;
        draft.provider.settings = {
            {"servers", "dc1.example.com"}, {"bases", "ou=" + person}, {"bind_dn", "cn=" + state}};
        draft.secrets["bind_password"] = Secret{"hunter2"};
        return draft;
    }
    Result<ProviderView> save(const ProviderDraft& draft) {
        problems.clear();
        return io->save(draft, problems);
    }
    /// A saved one, in the chain of the domain.
    ProviderView add(const std::string& name, const std::string& state = "fine", const std::string& person = "ann") {
        const auto saved = save(draftOf(name, state, person));
        CAPTURE((problems.empty() ? std::string{} : problems[0].field + ": " + problems[0].text));
        REQUIRE(saved);
        const std::lock_guard hold{lock};
        domains[0].providers.push_back(saved->provider.id);
        return *saved;
    }
    ProviderDraft changeOf(const ProviderView& view, const std::string& state) {
        ProviderDraft draft;
        draft.provider = io->provider(view.provider.id).value().provider;
        draft.provider.settings["bind_dn"] = "cn=" + state;
        return draft;
    }
    void setChain(std::uint64_t id, const std::vector<std::uint64_t>& chain) {
        const std::lock_guard hold{lock};
        for (auto& each : domains)
            if (each.id == id) each.providers = chain;
    }
    std::vector<std::uint64_t> chain() {
        const std::lock_guard hold{lock};
        return domains[0].providers;
    }
    LoginTrail login(const std::string& name, const std::string& password) {
        return io->loginTest(1, name, Secret{password}, "10.0.0.1").value();
    }
    ProofStep dot() {
        std::promise<ProofStep> promise;
        auto answer = promise.get_future();
        ChatDomain domain;
        {
            const std::lock_guard hold{lock};
            domain = domains[0];
        }
        io->proveDirectory(domain, [&promise](ProofStep proof) { promise.set_value(std::move(proof)); });
        return answer.get();
    }
    /// Ticks until nothing waits any more.
    bool goesBack(std::uint64_t provider) {
        io->tick();
        for (int i = 0; i < 2000; ++i) {
            if (!io->provider(provider).value().revert) return true;
            std::this_thread::yield();
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
        return false;
    }

    /// They come from a worker.
    bool hasAudits(const std::vector<std::string>& wanted) {
        const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (std::chrono::steady_clock::now() < end) {
            {
                const std::lock_guard hold{lock};
                if (audits.size() >= wanted.size()) return audits == wanted;
            }
            std::this_thread::yield();
        }
        return false;
    }

    NoLog log;
    FakeRecords records;
    Watcher watcher;
    std::mutex lock;
    std::vector<ChatDomain> domains;
    std::vector<std::string> audits;
    std::vector<ProviderProblem> problems;
    std::atomic<TimePoint> now{fromEpochMillis(1'790'000'000'000)};
    std::atomic<int> tests{0};
    std::atomic<bool> isDown{false};
    std::unique_ptr<net::EventLoop> loop;  ///< none: tick() is called by hand
    std::unique_ptr<ProvidersIo> io;
};

}  // namespace

TEST_CASE("providers: saved ones come back by name, with what is wrong with them, and without secrets") {
    House house;
    const auto second = house.add("Staff");
    const auto first = house.add("archive");
    const auto all = house.io->providers().value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].provider.name == "archive");
    CHECK(all[1].address == "dc1.example.com:389");
    CHECK(all[1].usedBy == std::vector<std::string>{"chat.example.com"});
    CHECK(all[1].provider.secretsSet.contains("bind_password"));
    CHECK(all[1].health.breaker == "closed");
    CHECK(house.watcher.providers == 2);
    CHECK(house.io->providerIds() == std::vector<std::uint64_t>{second.provider.id, first.provider.id});
    CHECK(house.io->provider(99).error().code == Code::NotFound);
}

TEST_CASE("providers: a refused one names its field; a taken name, the built-in kind and an old revision are refused") {
    House house;
    auto bad = house.draftOf("Staff");
    bad.provider.settings["servers"] = "dc1:x";
    CHECK(house.save(bad).error().code == Code::BadInput);
    REQUIRE_FALSE(house.problems.empty());
    CHECK(house.problems[0].field == "servers");
    const auto saved = house.add("Staff");
    CHECK(house.save(house.draftOf("staff")).error().code == Code::BadInput);
    CHECK(house.problems.back().field == "name");
    ProviderDraft builtIn;
    builtIn.provider.name = "Own";
    CHECK(house.save(builtIn).error().code == Code::BadInput);
    auto stale = house.changeOf(saved, "fine");
    stale.provider.revision = 77;
    CHECK(house.save(stale).error().code == Code::Conflict);
}

TEST_CASE("providers: a draft is tested with the stored secrets and those given, and is not saved") {
    House house;
    const auto saved = house.add("Staff");
    auto draft = house.changeOf(saved, "fine");
    draft.provider.name = "Renamed";
    auto proof = house.io->test(draft, Rehearsal{"Ann", Secret{"right"}, ""}).value();
    CHECK(proof.name == "Renamed");
    CHECK(proof.facts.at(0).second == "7");
    CHECK(proof.facts.at(1).second == "ann@chat.example.com");
    draft.secrets["bind_password"] = Secret{"longer secret"};
    proof = house.io->test(draft, {}).value();
    CHECK(proof.facts.at(0).second == "13");
    CHECK(house.io->provider(saved.provider.id).value().provider.name == "Staff");
    CHECK(house.io->test(house.draftOf("", "broken"), {}).value().state == ProofState::Broken);
    auto empty = house.draftOf("x");
    empty.provider.settings.erase("servers");
    CHECK(house.io->test(empty, {}).error().code == Code::BadInput);
}

TEST_CASE("providers: people of a directory are filtered, and it is told when there are more") {
    House house;
    const auto saved = house.add("Staff");
    const auto all = house.io->people(saved.provider.id, 10, "").value();
    CHECK(all.items.size() == 3);
    CHECK(all.isComplete);
    CHECK(all.items[0].hasPhoto);
    const auto some = house.io->people(saved.provider.id, 1, "LA").value();
    REQUIRE(some.items.size() == 1);
    CHECK(some.items[0].displayName == "Eve Lane");
    CHECK(some.isComplete);
    CHECK_FALSE(house.io->people(saved.provider.id, 2, "").value().isComplete);
    CHECK(house.io->people(99, 1, "").error().code == Code::NotFound);
}

TEST_CASE(
    "login: built-in accounts are asked first, then the chain; the name is prepared, the trail says who said what") {
    House house;
    house.add("Staff", "fine", "ann");
    std::vector<DraftProblem> problems;
    Account rescue;
    rescue.localPart = "Rescue";
    REQUIRE(house.io->add(1, rescue, Secret{"pass phrase"}, problems));
    auto trail = house.login("RESCUE", "pass phrase");
    CHECK(trail.outcome == "right");
    REQUIRE(trail.steps.size() == 1);
    CHECK(trail.steps[0].name == "Built-in accounts");
    CHECK(trail.address == "rescue@chat.example.com");
    trail = house.login("Ann@chat.example.com", "right");
    CHECK(trail.outcome == "right");
    CHECK(trail.sentence == "Staff accepted the name and the password.");
    REQUIRE(trail.steps.size() == 2);
    CHECK(trail.steps[0].outcome == "unknown-user");
    CHECK(trail.steps[1].name == "Staff");
    CHECK(house.login("ann", "wrong").outcome == "wrong-password");
    CHECK(house.login("nobody", "right").outcome == "unknown-user");
    CHECK(house.login("a b", "right").outcome == "unknown-user");
    CHECK(house.io->loginTest(1, "ann@other.example", Secret{"x"}, "").error().code == Code::BadInput);
    CHECK(house.io->loginTest(9, "ann", Secret{"x"}, "").error().code == Code::NotFound);
}

TEST_CASE("login: a domain without built-in accounts does not compare with any, until one is added") {
    House house;
    house.add("Staff", "fine", "ann");
    CHECK(house.login("ann", "right").steps.size() == 2);
    house.dot();
    CHECK(house.login("ann", "right").steps.size() == 1);
    std::vector<DraftProblem> problems;
    Account rescue;
    rescue.localPart = "rescue";
    REQUIRE(house.io->add(1, rescue, Secret{"pass phrase"}, problems));
    CHECK(house.login("rescue", "pass phrase").outcome == "right");
    house.dot();
    CHECK(house.login("ann", "right").steps.size() == 2);
}

TEST_CASE("login: an outage opens the breaker, which is told to the console and shown with the provider") {
    House house;
    const auto saved = house.add("Staff");
    const int before = house.watcher.providers;
    house.isDown = true;
    CHECK(house.login("ann", "right").outcome == "cannot-ask");
    CHECK(house.login("ann", "right").outcome == "cannot-ask");
    house.io->tick();
    CHECK(house.watcher.providers > before);
    const int told = house.watcher.providers;
    house.io->tick();
    CHECK(house.watcher.providers == told);
    const auto view = house.io->provider(saved.provider.id).value();
    CHECK(view.health.breaker == "open");
    CHECK(view.health.lastError == "dc1 is silent.");
    CHECK(epochMillis(view.health.nextTry) != 0);
    CHECK(view.health.failures == 2);
}

TEST_CASE("providers: on a loop, changes of the breaker are told and late changes go back by themselves") {
    House house;
    const auto saved = house.add("Staff");
    house.loop = std::make_unique<net::EventLoop>("providers test", house.log);
    house.loop->start();
    house.begin();
    const auto isSoon = [](const auto& isTrue) {
        for (int i = 0; i < 5000 && !isTrue(); ++i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return isTrue();
    };
    const int before = house.watcher.providers;
    house.isDown = true;
    house.login("ann", "right");
    house.login("ann", "right");
    CHECK(isSoon([&] { return house.watcher.providers > before; }));
    house.isDown = false;
    REQUIRE(house.save(house.changeOf(saved, "broken")).value().revert);
    house.now = house.now.load() + 121s;
    CHECK(isSoon([&] { return !house.io->provider(saved.provider.id).value().revert; }));
    house.io->stop();
    const int told = house.watcher.providers;
    house.io->tick();
    CHECK(house.watcher.providers == told);
    house.io.reset();
    house.loop->stop();
}

TEST_CASE("dot: a domain without provider and account is unknown, with something to do") {
    House house;
    const auto dot = house.dot();
    CHECK(dot.state == ProofState::Unknown);
    CHECK_FALSE(dot.todo.empty());
    REQUIRE(dot.children.size() == 1);
    CHECK(dot.children[0].facts.at(0).second == "0");
}

TEST_CASE("dot: green when all providers answer, amber when one of two does, red when none does") {
    House house;
    const auto first = house.add("First");
    CHECK(house.dot().state == ProofState::Fine);
    // What the dot found is what the list of providers shows.
    CHECK(epochMillis(house.io->provider(first.provider.id)->health.lastAnswerAt) != 0);
    const auto second = house.add("Second", "broken");
    auto dot = house.dot();
    const auto broken = house.io->provider(second.provider.id)->health;
    CHECK(epochMillis(broken.lastAnswerAt) == 0);
    CHECK(epochMillis(broken.lastErrorAt) != 0);
    CHECK(broken.lastError == "Bind: refused.");
    CHECK(broken.breaker == "closed");
    CHECK(dot.state == ProofState::Partly);
    CHECK(dot.why == "Second: Bind: refused.");
    REQUIRE(dot.children.size() == 3);
    CHECK(dot.children[1].name == "First");
    CHECK(dot.children[2].state == ProofState::Broken);
    house.setChain(1, {first.provider.id + 1});
    CHECK(house.dot().state == ProofState::Broken);
    std::vector<DraftProblem> problems;
    Account rescue;
    rescue.localPart = "rescue";
    REQUIRE(house.io->add(1, rescue, Secret{"pass phrase"}, problems));
    CHECK(house.dot().state == ProofState::Partly);
    house.setChain(1, {});
    CHECK(house.dot().state == ProofState::Fine);
    house.setChain(1, {99});
    CHECK(house.dot().state == ProofState::Partly);
}

TEST_CASE("dot: a provider that is turned off counts as none") {
    House house;
    const auto first = house.add("First");
    auto off = house.changeOf(first, "fine");
    off.provider.isEnabled = false;
    REQUIRE(house.save(off));
    const auto dot = house.dot();
    CHECK(dot.state == ProofState::Unknown);
    CHECK(dot.children.at(1).why.find("turned off") != std::string::npos);
}

TEST_CASE("dot: a good test stands for a minute, a failed login or the end of the minute brings the next") {
    House house;
    house.add("First");
    const int before = house.tests;
    house.dot();
    house.dot();
    CHECK(house.tests == before + 1);
    house.now = house.now.load() + 61s;
    house.dot();
    CHECK(house.tests == before + 2);
    house.isDown = true;
    house.login("ann", "right");
    CHECK(house.dot().state == ProofState::Broken);
    CHECK(house.tests == before + 3);
    house.dot();
    CHECK(house.tests == before + 4);
}

TEST_CASE("confirm: a change that breaks a provider in use goes back after two minutes, with its secrets") {
    House house;
    const auto saved = house.add("Staff");
    auto change = house.changeOf(saved, "broken");
    change.secrets["bind_password"] = Secret{"new"};
    const auto waiting = house.save(change).value();
    REQUIRE(waiting.revert);
    CHECK(waiting.revert->at == house.now.load() + 120s);
    CHECK(waiting.revert->sentence.find("People of Staff could log in at chat.example.com") != std::string::npos);
    CHECK(waiting.provider.settings.at("bind_dn") == "cn=broken");
    house.now = house.now.load() + 119s;
    house.io->tick();
    CHECK(house.io->provider(saved.provider.id).value().revert);
    house.now = house.now.load() + 2s;
    REQUIRE(house.goesBack(saved.provider.id));
    const auto back = house.io->provider(saved.provider.id).value();
    CHECK(back.provider.settings.at("bind_dn") == "cn=fine");
    CHECK(back.provider.revision == 3);
    CHECK(house.records.secrets[saved.provider.id]["bind_password"] == Secret{"hunter2"});
    CHECK(house.records.waiting.empty());
    CHECK(house.audits == std::vector<std::string>{"providers.revert"});
}

TEST_CASE("confirm: a confirmed change stays, one that is put right stops waiting, and either can go back at once") {
    House house;
    const auto saved = house.add("Staff");
    REQUIRE(house.save(house.changeOf(saved, "broken")).value().revert);
    REQUIRE(house.io->confirm(saved.provider.id));
    CHECK(house.io->confirm(saved.provider.id).error().code == Code::NotFound);
    house.now = house.now.load() + 300s;
    house.io->tick();
    CHECK(house.io->provider(saved.provider.id).value().provider.settings.at("bind_dn") == "cn=broken");
    // What was broken and confirmed has nobody to lock out.
    CHECK_FALSE(house.save(house.changeOf(saved, "broken")).value().revert);
    CHECK_FALSE(house.save(house.changeOf(saved, "fine")).value().revert);
    REQUIRE(house.save(house.changeOf(saved, "broken")).value().revert);
    // A second bad change goes back to the good state, not to the first bad one.
    auto second = house.changeOf(saved, "broken");
    second.provider.settings["bases"] = "ou=eve";
    REQUIRE(house.save(second).value().revert);
    REQUIRE(house.io->revert(saved.provider.id));
    CHECK(house.io->provider(saved.provider.id).value().provider.settings.at("bases") == "ou=ann");
    CHECK(house.io->provider(saved.provider.id).value().provider.settings.at("bind_dn") == "cn=fine");
    REQUIRE(house.save(house.changeOf(saved, "broken")).value().revert);
    CHECK_FALSE(house.save(house.changeOf(saved, "fine")).value().revert);
    CHECK(house.records.waiting.empty());
}

TEST_CASE("confirm: turning off a provider that works waits too; names, unused providers and disabled domains do not") {
    House house;
    const auto saved = house.add("Staff");
    auto off = house.changeOf(saved, "fine");
    off.provider.isEnabled = false;
    const auto waiting = house.save(off).value();
    REQUIRE(waiting.revert);
    CHECK(waiting.revert->sentence.find("turned off") != std::string::npos);
    REQUIRE(house.io->revert(saved.provider.id));
    auto renamed = house.changeOf(saved, "fine");
    renamed.provider.name = "Other";
    CHECK_FALSE(house.save(renamed).value().revert);
    house.domains[0].isEnabled = false;
    CHECK_FALSE(house.save(house.changeOf(saved, "broken")).value().revert);
    house.domains[0].isEnabled = true;
    const auto unused = house.save(house.draftOf("Unused")).value();
    CHECK_FALSE(house.save(house.changeOf(unused, "broken")).value().revert);
}

TEST_CASE("confirm: a change that waits goes back behind a restart of the service") {
    House house;
    const auto saved = house.add("Staff");
    REQUIRE(house.save(house.changeOf(saved, "broken")).value().revert);
    house.begin();
    CHECK(house.io->provider(saved.provider.id).value().revert);
    house.now = house.now.load() + 600s;
    house.begin();
    REQUIRE(house.goesBack(saved.provider.id));
    CHECK(house.io->provider(saved.provider.id).value().provider.settings.at("bind_dn") == "cn=fine");
}

TEST_CASE("confirm: a save that fails leaves nothing that waits") {
    House house;
    const auto saved = house.add("Staff");
    house.records.isFull = true;
    CHECK_FALSE(house.save(house.changeOf(saved, "broken")));
    CHECK_FALSE(house.io->provider(saved.provider.id).value().revert);
    CHECK(house.records.waiting.empty());
}

TEST_CASE("confirm: a chain that loses a working provider comes back unless it is confirmed") {
    House house;
    const auto first = house.add("First");
    const auto second = house.add("Second", "broken");
    const auto change = [&](std::vector<std::uint64_t> chain) {
        const auto before = house.domains[0];
        auto after = before;
        after.providers = std::move(chain);
        return house.io->saveDomainChain(before, after, [&]() -> Result<void> {
            house.setChain(1, after.providers);
            return {};
        });
    };
    const auto good = house.chain();
    // A broken one may go, and may come behind.
    REQUIRE(change({first.provider.id}));
    CHECK_FALSE(house.io->pendingOfDomain(1));
    REQUIRE(change(good));
    CHECK_FALSE(house.io->pendingOfDomain(1));
    REQUIRE(change({second.provider.id, first.provider.id}));
    REQUIRE(house.io->pendingOfDomain(1));
    REQUIRE(change({}));
    CHECK(house.io->pendingOfDomain(1)->sentence.find("not in the chain") != std::string::npos);
    CHECK(house.watcher.domains > 0);
    REQUIRE(house.io->revertDomain(1));
    CHECK(house.chain() == good);
    CHECK_FALSE(house.io->pendingOfDomain(1));
    REQUIRE(change({}));
    REQUIRE(house.io->confirmDomain(1));
    CHECK(house.chain().empty());
    CHECK(house.io->revertDomain(1).error().code == Code::NotFound);
}

TEST_CASE("accounts: keys are made of all three hashes, the password is nowhere, and neither leaves") {
    House house;
    std::vector<DraftProblem> problems;
    Account draft;
    draft.localPart = "Ann";
    draft.mail = "ann@example.com";
    const auto saved = house.io->add(1, draft, Secret{"pass phrase"}, problems).value();
    CHECK(saved.localPart == "ann");
    CHECK(saved.keys.size() == 3);
    for (const auto& keys : saved.keys)
        CHECK((keys.salt.empty() && keys.storedKey.empty() && keys.serverKey.empty()));
    const auto kept = house.records.people.at("ann");
    CHECK(kept.keys.size() == 3);
    for (const auto& keys : kept.keys)
        CHECK((keys.salt + keys.storedKey + keys.serverKey).find("pass phrase") == std::string::npos);
    CHECK(house.io->findAccount("chat.example.com", "ann").value()->keys == kept.keys);
    CHECK(house.io->add(1, draft, Secret{"pass phrase"}, problems).error().code == Code::Conflict);
    auto change = saved;
    change.displayName = "Ann Lee";
    change.isDisabled = true;
    REQUIRE(house.io->change(change, {}, problems));
    CHECK(house.login("ann", "pass phrase").outcome == "disabled");
    CHECK(house.records.people.at("ann").keys == kept.keys);
    CHECK(house.io->change(change, {}, problems).error().code == Code::Conflict);
    auto again = house.io->account(saved.id).value();
    again.isDisabled = false;
    house.now = house.now.load() + 60s;
    REQUIRE(house.io->change(again, Secret{"another one"}, problems));
    CHECK(house.records.people.at("ann").keys != kept.keys);
    CHECK(house.records.people.at("ann").passwordChangedAt == house.now.load());
    CHECK(house.login("ann", "another one").outcome == "right");
    REQUIRE(house.io->removeAccount(saved.id));
    CHECK(house.io->account(saved.id).error().code == Code::NotFound);
}

TEST_CASE("login: guesses of a name from many addresses are one audit entry") {
    House house;
    house.add("Staff", "fine", "ann");
    for (int i = 0; i < 50; ++i)
        REQUIRE(house.io->loginTest(1, "ann", Secret{"guess"}, "198.51.100." + std::to_string(i)));
    CHECK(house.hasAudits({"logins.guessed"}));
}

TEST_CASE("accounts: a name that a provider of the chain has too is told, whoever adds it") {
    House house;
    house.add("Staff", "fine", "ann");
    house.add("Sales", "fine", "bob");
    std::vector<DraftProblem> problems;
    Account draft;
    draft.localPart = "Ann";
    const auto added = house.io->add(1, draft, Secret{"pass phrase"}, problems).value();
    const auto told = house.io->namesakes(added);
    REQUIRE(told.size() == 1);
    CHECK(told[0].find("Staff has somebody named ann too.") == 0);
    Account other = added;
    other.localPart = "carl";
    CHECK(house.io->namesakes(other).empty());
    const std::string csv = "user,password,phone\ncarl,password\nbob,password\n";
    const auto run = house.io->import(1, csv, AccountsPort::ImportRun::Real).value();
    REQUIRE(run.warnings.size() == 2);
    CHECK(run.warnings[0].text.find("phone") != std::string::npos);
    CHECK(run.warnings[1].line == 3);
    CHECK(run.warnings[1].text.find("Sales has somebody named bob too.") == 0);
    CHECK(run.added == 2);
}

TEST_CASE("accounts: providers that cannot be asked for a name add no warning and no error") {
    House house;
    house.add("Staff", "fine", "ann");
    house.isDown = true;
    std::vector<DraftProblem> problems;
    Account draft;
    draft.localPart = "ann";
    const auto added = house.io->add(1, draft, Secret{"pass phrase"}, problems).value();
    CHECK(house.io->namesakes(added).empty());
    const auto run = house.io->import(1, "user,password\nbob,password\n", AccountsPort::ImportRun::Real).value();
    CHECK(run.warnings.empty());
    CHECK(run.added == 1);
}

TEST_CASE("login: who logged in before a restart during an outage gets in behind it, until the feature is turned off") {
    House house;
    auto draft = house.draftOf("Staff");
    draft.provider.settings["survive_outage"] = "true";
    const auto saved = house.save(draft).value();
    house.setChain(1, {saved.provider.id});
    CHECK(house.login("ann", "right").outcome == "right");
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (house.records.survivors(saved.provider.id)->empty() && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
    house.isDown = true;
    house.begin();
    const auto trail = house.login("ann", "right");
    CHECK(trail.outcome == "right");
    CHECK(trail.wasRemembered);
    house.isDown = false;
    auto change = house.changeOf(saved, "fine");
    change.provider.settings["survive_outage"] = "false";
    REQUIRE(house.save(change));
    CHECK(house.records.survivors(saved.provider.id)->empty());
}

TEST_CASE("accounts: a refused one names its fields") {
    House house;
    std::vector<DraftProblem> problems;
    Account draft;
    draft.localPart = "a b";
    draft.mail = "nowhere";
    CHECK(house.io->add(1, draft, Secret{""}, problems).error().code == Code::BadInput);
    CHECK(house.io->add(1, draft, Secret{"geheim!"}, problems).error().code == Code::BadInput);
    CHECK(problems.back().text.find("at least 8") != std::string::npos);
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].field == "localPart");
    CHECK(problems[1].field == "mail");
    CHECK(problems[2].field == "password");
    CHECK(house.io->add(9, draft, Secret{"x"}, problems).error().code == Code::NotFound);
}

TEST_CASE("accounts: lists are filtered and paged without a gap") {
    House house;
    std::string csv = "user,password,department\n";
    for (int i = 10; i < 25; ++i)
        csv += "user" + std::to_string(i) + ",password" + std::to_string(i) + (i % 2 == 0 ? ",Sales\n" : ",Works\n");
    const auto dry = house.io->import(1, csv, AccountsPort::ImportRun::Dry).value();
    CHECK(dry.added == 0);
    CHECK(dry.names.size() == 15);
    CHECK(house.records.people.empty());
    CHECK(house.io->import(1, csv, AccountsPort::ImportRun::Real).value().added == 15);
    std::vector<std::string> names;
    std::string after;
    do {
        const auto page = house.io->accounts(1, {"sales", after, 3}).value();
        CHECK(page.total == 15);
        for (const auto& each : page.items) {
            names.push_back(each.localPart);
            CHECK(each.keys.empty());
        }
        after = page.next;
    } while (!after.empty());
    CHECK(names.size() == 8);
    CHECK(names.front() == "user10");
    CHECK(house.login("user13", "password13").outcome == "right");
}

TEST_CASE("accounts: an import with one bad line adds nobody and names the lines") {
    House house;
    std::vector<DraftProblem> problems;
    Account there;
    there.localPart = "there";
    REQUIRE(house.io->add(1, there, Secret{"pass phrase"}, problems));
    const std::string csv =
        "user,password\nann,password\nthere,password\nstra\xC3\x9F"
        "e,password\nSTRA\xC3\x9F"
        "E,password\n\xE2\x84\xAB,password\n";
    const auto told = house.io->import(1, csv, AccountsPort::ImportRun::Real).value();
    CHECK(told.added == 0);
    REQUIRE(told.problems.size() >= 2);
    CHECK(told.problems[0].line == 3);
    CHECK(told.problems[1].line == 5);
    CHECK(told.problems[1].text.find("line 4") != std::string::npos);
    CHECK(house.records.people.size() == 1);
    CHECK(house.io->import(9, csv, AccountsPort::ImportRun::Dry).error().code == Code::NotFound);
}

TEST_CASE("providers: removing one ends what waits for it") {
    House house;
    const auto saved = house.add("Staff");
    REQUIRE(house.save(house.changeOf(saved, "broken")).value().revert);
    house.setChain(1, {});
    REQUIRE(house.io->remove(saved.provider.id));
    CHECK(house.records.waiting.empty());
    CHECK(house.io->provider(saved.provider.id).error().code == Code::NotFound);
    CHECK(house.io->remove(saved.provider.id).error().code == Code::NotFound);
}

TEST_CASE("import: a provider without its password is kept, asks nobody and says what to do until it is typed") {
    House house;
    auto draft = house.draftOf("Staff");
    draft.secrets.clear();
    CHECK(house.save(draft).error().code == Code::BadInput);
    draft.source = DraftSource::Import;
    const auto saved = house.save(draft).value();
    house.setChain(1, {saved.provider.id});
    CHECK(missingSecrets(saved.provider) == std::vector<std::string>{"bind_password"});
    const auto trail = house.login("ann", "right");
    CHECK(trail.outcome == "cannot-ask");
    CHECK(trail.sentence.find("needs its password") != std::string::npos);
    CHECK(trail.todo.find("--secret bind_password") != std::string::npos);
    const auto dot = house.dot();
    CHECK(dot.state == ProofState::Broken);
    CHECK(dot.why.find("needs its password") != std::string::npos);
    CHECK(house.io->people(saved.provider.id, 10, "").error().code == Code::Unavailable);
    CHECK(house.tests == 0);
    house.begin();  // a restart does not make it ready
    CHECK(house.login("ann", "right").outcome == "cannot-ask");
    ProviderDraft typed;
    typed.provider = house.io->provider(saved.provider.id).value().provider;
    typed.secrets["bind_password"] = Secret{"hunter2"};
    REQUIRE(house.save(typed));
    CHECK(house.login("ann", "right").outcome == "right");
}

TEST_CASE("import: a change that would lock people out does not wait, and other mistakes are still refused") {
    House house;
    const auto saved = house.add("Staff");
    auto change = house.changeOf(saved, "broken");
    change.source = DraftSource::Import;
    const auto view = house.save(change).value();
    CHECK_FALSE(view.revert);
    CHECK(view.provider.value("bind_dn") == "cn=broken");
    CHECK(house.records.waiting.empty());
    CHECK(house.records.secrets[saved.provider.id].contains("bind_password"));
    change.provider.settings["servers"] = "dc1:99999";
    CHECK(house.save(change).error().code == Code::BadInput);
}
