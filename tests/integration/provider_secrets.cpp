#include <doctest/doctest.h>

#include <fstream>
#include <future>
#include <iterator>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "service/admin/admin_core.h"
#include "service/app/provider_keeper.h"
#include "service/auth/auth_io.h"
#include "service/store/database.h"
#include "service/store/sqlite_store.h"
#include "shared/api/accounts_json.h"
#include "shared/api/domains_json.h"
#include "shared/api/providers_json.h"
#include "tests/support/admin_fakes.h"

/// The real store, providers and admin interface together: no secret comes out anywhere, and a change that nobody
/// confirmed goes back.
using namespace causeway;

namespace {

/// In every secret and password of this file.
constexpr const char* kLeak = "LEAK-";

class KeepingLog final : public Log {
public:
    void write(LogLevel, std::string_view id, std::string_view text) override {
        const std::lock_guard hold{lock_};
        all_ += std::string(id) + " " + std::string(text) + "\n";
    }
    std::string all() const {
        const std::lock_guard hold{lock_};
        return all_;
    }

private:
    mutable std::mutex lock_;
    std::string all_;
};

/// Works until its name says otherwise.
class WorkingDirectory final : public auth::Authenticator {
public:
    explicit WorkingDirectory(bool isBroken) : isBroken_(isBroken) {}
    auth::Verdict check(const auth::Credentials&, TimePoint) override { return {auth::Outcome::UnknownUser}; }
    Result<std::size_t> list(const Take&, TimePoint) override { return std::size_t{0}; }
    ProofStep test(const auth::Credentials*, TimePoint) override {
        ProofStep proof;
        proof.state = isBroken_ ? ProofState::Broken : ProofState::Fine;
        proof.why = isBroken_ ? "Bind: refused." : "";
        return proof;
    }

private:
    bool isBroken_;
};

struct House {
    House() {
        store = store::openSqliteStore((folder.path() / "causeway.db").string(),
                                       (folder.path() / "secret.key").string(), log)
                    .value();
        ChatDomain domain;
        domain.name = domain.shown = "chat.example.com";
        REQUIRE(store->chat()->saveDomain(domain));
        keeper = std::make_unique<app::ProviderKeeper>(*store->chat());
        begin();
    }
    ~House() {
        core.reset();
        io.reset();
    }
    void begin() {
        core.reset();
        io.reset();
        auth::ProvidersIo::Parts parts;
        parts.records = keeper.get();
        parts.log = &log;
        parts.domains = [this] { return store->chat()->domains(); };
        parts.chain = [this](const std::string&) -> Result<std::vector<std::uint64_t>> {
            const auto all = store->chat()->domains();
            if (!all) return all.error();
            return all->front().providers;
        };
        parts.saveDomain = [this](const ChatDomain& domain) -> Result<void> {
            auto saved = store->chat()->saveDomain(domain);
            if (!saved) return saved.error();
            return {};
        };
        parts.make = [](const Provider& provider, const ProviderSecrets& secrets,
                        auth::AccountPort& accounts) -> std::shared_ptr<auth::Authenticator> {
            if (provider.name.starts_with("Working"))
                return std::make_shared<WorkingDirectory>(provider.value("bind_dn") == "cn=broken");
            return auth::makeAuthenticator(provider, secrets, accounts);
        };
        parts.now = [this] { return net::EventLoop::now() + skipped; };
        io = std::make_unique<auth::ProvidersIo>(std::move(parts));
        REQUIRE(io->start());
        auto ports = world.ports();
        ports.store = store.get();
        ports.now = [] { return net::EventLoop::now(); };
        ports.providers = io.get();
        ports.accounts = io.get();
        core = std::make_unique<admin::AdminCore>(ports, log, admin::AdminCore::Options{1000});
        REQUIRE(core->start());
    }
    admin::Response call(const char* method, const std::string& target, const std::string& body = {}) {
        admin::HttpRequest http;
        http.method = method;
        REQUIRE(admin::readTarget(http, target));
        http.body = body;
        http.headers.emplace_back("if-match", "*");
        auto response = core->serve(http, admin::Identity{"local", Role::Admin, api::IdentityKind::Local}, "127.0.0.1");
        answers += response.body + "\n";
        return response;
    }
    std::uint64_t add(const std::string& body) {
        const auto made = call("POST", "/v1/providers", body);
        CAPTURE(made.body);
        REQUIRE(made.status == 201);
        return api::fromJson<ProviderView>(made.body)->provider.id;
    }
    void setChain(const std::vector<std::uint64_t>& chain) {
        auto domain = store->chat()->domains().value().front();
        domain.providers = chain;
        REQUIRE(store->chat()->saveDomain(domain));
    }
    std::string bytesOnDisk() const {
        std::string all;
        for (const auto& each : std::filesystem::directory_iterator{folder.path()}) {
            std::ifstream in{each.path(), std::ios::binary};
            all.append(std::istreambuf_iterator<char>{in}, {});
        }
        return all;
    }

    test::TemporaryFolder folder;
    KeepingLog log;
    test::AdminWorld world;
    std::unique_ptr<store::StorePort> store;
    std::unique_ptr<app::ProviderKeeper> keeper;
    Duration skipped{};
    std::string answers;
    std::unique_ptr<auth::ProvidersIo> io;
    std::unique_ptr<admin::AdminCore> core;
};

}  // namespace

TEST_CASE("secrets: none is found in log, events, answers, audit, exported configuration or on the disk") {
    House house;
    auto reader = house.core->events().open(std::nullopt, admin::WantsLogs::Yes).value();
    // Nothing listens on these ports, so that every test and login fails.
    const auto ldap = house.add(
        R"({"name":"Leaky LDAP","kind":"ldap","settings":{"servers":"127.0.0.1:9","bases":"dc=a","bind_dn":"cn=reader,dc=a","security":"none","timeout":2},)"
        R"("secrets":{"bind_password":"LEAK-ldap"}})");
    const auto radius = house.add(
        R"({"name":"Leaky RADIUS","kind":"radius","settings":{"servers":"127.0.0.1:9","timeout":2},"secrets":{"secret":"LEAK-radius"}})");
    const auto http = house.add(
        R"({"name":"Leaky HTTP","kind":"http","settings":{"url":"http://127.0.0.1:9/check","proof":"bearer","timeout":2},"secrets":{"token":"LEAK-token"}})");
    const auto sql = house.add(
        R"({"name":"Leaky SQL","kind":"sql","settings":{"engine":"mariadb","server":"127.0.0.1:9","database":"staff","login":"reader","security":"none",)"
        R"("query":"SELECT password FROM staff WHERE name={user}","timeout":2},"secrets":{"password":"LEAK-sql"}})");
    house.setChain({ldap, radius, http, sql});
    for (const auto id : {ldap, radius, http, sql}) {
        const auto path = "/v1/providers/" + std::to_string(id);
        const auto tested =
            house.call("POST", "/v1/providers/test",
                       R"({"id":)" + std::to_string(id) + R"(,"login":{"name":"ann","password":"LEAK-rehearsal"}})");
        CAPTURE(tested.body);
        REQUIRE(tested.status == 200);
        CHECK(api::fromJson<ProofStep>(tested.body)->state == ProofState::Broken);
        house.call("GET", path + "/users");
        house.call("PATCH", path, R"({"settings":{"timeout":1}})");
        house.setChain({id});
        house.call("POST", "/v1/domains/1/login-test", R"({"name":"ann","password":"LEAK-login"})");
        house.io->tick();
    }
    house.setChain({});
    house.call("PATCH", "/v1/providers/" + std::to_string(ldap), R"({"secrets":{"bind_password":"LEAK-second"}})");
    house.call("POST", "/v1/providers/check",
               R"({"id":1,"settings":{"timeout":"x"},"secrets":{"bind_password":"LEAK-draft"}})");
    house.call("POST", "/v1/providers", R"({"name":"x","kind":"ldap","secrets":{"bind_password":["LEAK-list"]}})");
    CHECK(house.call("POST", "/v1/domains/1/accounts", R"({"localPart":"ann","password":"LEAK-account"})").status ==
          201);
    house.call("POST", "/v1/domains/1/accounts/import", R"({"csv":"user,password\nbob,LEAK-import\n"})");
    house.call("POST", "/v1/domains/1/accounts/import", R"({"csv":"user,password\na b,LEAK-import\n"})");
    // What was before a change that waits holds secrets, too.
    const auto working = house.add(
        R"({"name":"Working","kind":"ldap","settings":{"servers":"127.0.0.1:9","bases":"dc=a","bind_dn":"cn=fine"},"secrets":{"bind_password":"LEAK-before"}})");
    house.setChain({working});
    const auto waits = house.call("PATCH", "/v1/providers/" + std::to_string(working),
                                  R"({"settings":{"bind_dn":"cn=broken"},"secrets":{"bind_password":"LEAK-after"}})");
    REQUIRE(api::fromJson<ProviderView>(waits.body)->revert);
    for (const char* path : {"/v1/providers", "/v1/audit", "/v1/logs", "/v1/config", "/v1/domains/1/accounts",
                             "/v1/status", "/v1/problems", "/metrics", "/v1/openapi.json"}) {
        house.call("GET", path);
    }
    std::string events;
    house.core->events().providerChanged(working);
    for (int i = 0; i < 50 && events.find("\"Working\"") == std::string::npos; ++i)
        events += reader->take(100ms).value_or("");
    house.core->events().close(reader);
    REQUIRE(house.store->flush());
    const auto disk = house.bytesOnDisk();

    // The places are the right ones: what is no secret is there.
    CHECK(house.answers.find("bind_password") != std::string::npos);
    CHECK(house.answers.find("providers.change") != std::string::npos);
    CHECK(house.log.all().find("AUTH_CHANGE_WAITS") != std::string::npos);
    CHECK(events.find("Working") != std::string::npos);
    CHECK(disk.find("Leaky LDAP") != std::string::npos);
    CHECK(disk.find("providers.add") != std::string::npos);
    for (const std::string* text : {&std::as_const(house.answers), &std::as_const(events), &disk}) {
        const auto at = text->find(kLeak);
        CAPTURE((at == std::string::npos ? std::string{} : text->substr(at < 200 ? 0 : at - 200, 260)));
        CHECK(at == std::string::npos);
    }
    CHECK(house.log.all().find(kLeak) == std::string::npos);
    // And the secrets are really kept.
    CHECK(house.store->chat()->providerSecrets(ldap).value().at("bind_password").reveal() == "LEAK-second");
}

TEST_CASE("a change that nobody confirmed goes back behind a restart, with the secret that was there") {
    House house;
    const auto id = house.add(
        R"({"name":"Working","kind":"ldap","settings":{"servers":"127.0.0.1:9","bases":"dc=a","bind_dn":"cn=fine"},"secrets":{"bind_password":"first"}})");
    house.setChain({id});
    const auto path = "/v1/providers/" + std::to_string(id);
    house.call("PATCH", path, R"({"settings":{"bind_dn":"cn=broken"},"secrets":{"bind_password":"second"}})");
    CHECK(house.store->chat()->providerSecrets(id).value().at("bind_password").reveal() == "second");
    house.begin();
    const auto waiting = api::fromJson<ProviderView>(house.call("GET", path).body).value();
    REQUIRE(waiting.revert);
    CHECK(waiting.revert->sentence.find("People of Working") != std::string::npos);
    house.skipped = 121s;
    house.begin();
    house.io->tick();
    bool isBack = false;
    for (int i = 0; i < 5000 && !isBack; ++i) {
        isBack = house.log.all().find("AUTH_CHANGE_WENT_BACK") != std::string::npos;
        if (!isBack) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    REQUIRE(isBack);
    CHECK(house.store->chat()->providers().value().front().settings.at("bind_dn") == "cn=fine");
    CHECK(house.store->chat()->providerSecrets(id).value().at("bind_password").reveal() == "first");
    CHECK(house.store->chat()->pendingChanges().value().empty());
    CHECK_FALSE(api::fromJson<ProviderView>(house.call("GET", path).body)->revert);
}

TEST_CASE(
    "a chain of built-in accounts and a real SQLite directory decides logins, lists people and turns the dot green") {
    House house;
    const auto file = (house.folder.path() / "staff.sqlite").string();
    {
        store::Database staff{file};
        staff.execute(
            "CREATE TABLE users(name TEXT, password TEXT); INSERT INTO users VALUES('carol','carols own'),"
            "('dave','daves own')");
    }
    const auto id = house.add(
        R"({"name":"Staff","kind":"sql","settings":{"engine":"sqlite","file":")" + file +
        R"(","scheme":"plain","query":"SELECT password FROM users WHERE name = {user}","list_query":"SELECT name FROM users"}})");
    house.setChain({id});
    const auto tested =
        house.call("POST", "/v1/providers/test",
                   R"({"id":)" + std::to_string(id) + R"(,"login":{"name":"Carol","password":"carols own"}})");
    CAPTURE(tested.body);
    const auto proof = api::fromJson<ProofStep>(tested.body).value();
    CHECK(proof.state == ProofState::Fine);
    REQUIRE(house.call("POST", "/v1/domains/1/accounts", R"({"localPart":"ann","password":"anns own"})").status == 201);
    const auto outcome = [&house](const std::string& name, const std::string& password) {
        const auto answer = house.call("POST", "/v1/domains/1/login-test",
                                       R"({"name":")" + name + R"(","password":")" + password + R"("})");
        return api::fromJson<LoginTrail>(answer.body).value().outcome;
    };
    CHECK(outcome("ANN", "anns own") == "right");
    CHECK(outcome("carol", "carols own") == "right");
    CHECK(outcome("dave", "carols own") == "wrong-password");
    CHECK(outcome("nobody", "x") == "unknown-user");
    const auto people = api::fromJson<api::PeopleList>(
        house.call("GET", "/v1/providers/" + std::to_string(id) + "/users?filter=dav").body);
    REQUIRE(people);
    REQUIRE(people->items.size() == 1);
    CHECK(people->items[0].localPart == "dave");
    const auto view =
        api::fromJson<ProviderView>(house.call("GET", "/v1/providers/" + std::to_string(id)).body).value();
    CHECK(view.health.answerTime);
    CHECK(epochMillis(view.health.lastAnswerAt) != 0);
    std::promise<ProofStep> promise;
    house.io->proveDirectory(house.store->chat()->domains().value().front(),
                             [&promise](ProofStep dot) { promise.set_value(std::move(dot)); });
    const auto dot = promise.get_future().get();
    CHECK(dot.children.size() == 2);
    CHECK(dot.state == ProofState::Fine);
    // A wrong path: nobody of that directory can log in, which is never told as a wrong password, and the change waits.
    const auto path = "/v1/providers/" + std::to_string(id);
    const auto broken = api::fromJson<ProviderView>(
        house.call("PATCH", path, R"({"settings":{"file":")" + file + R"(.missing"}})").body);
    REQUIRE(broken);
    REQUIRE(broken->revert);
    CHECK(broken->revert->sentence.find("People of Staff could log in at chat.example.com") != std::string::npos);
    CHECK(outcome("carol", "carols own") == "cannot-ask");
    CHECK(outcome("ann", "anns own") == "right");
    CHECK(house.call("POST", path + "/revert").status == 204);
    CHECK(outcome("carol", "carols own") == "right");
}
