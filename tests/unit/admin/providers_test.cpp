#include <doctest/doctest.h>

#include "service/admin/admin_core.h"
#include "shared/api/accounts_json.h"
#include "shared/api/domains_json.h"
#include "shared/api/providers_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};
    House() { REQUIRE(core.start()); }

    Response call(const char* method, const std::string& target, const std::string& body = {}, Role role = Role::Admin,
                  const std::string& ifMatch = "*") {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        http.headers.emplace_back("if-match", ifMatch);
        return core.serve(http, Identity{"somebody", role, api::IdentityKind::Local}, "10.1.0.9");
    }
    std::string auditText() {
        std::string text;
        const auto entries = world.store.audit(0, 50).value();
        for (const auto& entry : entries)
            text += entry.action + " " + entry.subject + " " + entry.before + " -> " + entry.after + "\n";
        return text;
    }
};

}  // namespace

TEST_CASE("providers: added, listed, changed and removed; the audit log names secrets but never tells them") {
    House house;
    const auto made = house.call(
        "POST", "/v1/providers",
        R"({"name":"Radius","kind":"radius","settings":{"servers":"rad1.example.com"},"secrets":{"secret":"hunter2-secret"}})");
    CAPTURE(made.body);
    REQUIRE(made.status == 201);
    CHECK(made.body.find("hunter2") == std::string::npos);
    const auto row = api::fromJson<ProviderView>(made.body).value();
    CHECK(row.provider.secretsSet.contains("secret"));
    CHECK(row.address == "rad1.example.com:1812");
    CHECK(house.world.providers.lastSecrets.at("secret") == Secret{"hunter2-secret"});
    CHECK(api::fromJson<api::ProviderList>(house.call("GET", "/v1/providers").body)->items.size() == 2);
    const auto path = "/v1/providers/" + std::to_string(row.provider.id);
    REQUIRE(house.call("PATCH", path, R"({"name":"Radius 2"})", Role::Admin, "\"1\"").status == 200);
    CHECK(house.call("PATCH", path, R"({"name":"Radius 3"})", Role::Admin, "\"1\"").status == 412);
    CHECK(api::fromJson<ProviderView>(house.call("GET", path).body)->provider.settings.at("servers") ==
          "rad1.example.com");
    CHECK(house.call("DELETE", path).status == 204);
    CHECK(house.call("GET", path).status == 404);
    CHECK(house.call("PATCH", "/v1/providers/99", "{}").status == 404);
    const auto audit = house.auditText();
    CHECK(audit.find("providers.add Radius") != std::string::npos);
    CHECK(audit.find("new secret secret") != std::string::npos);
    CHECK(audit.find("providers.remove Radius 2") != std::string::npos);
    CHECK(audit.find("hunter2") == std::string::npos);
}

TEST_CASE("providers: a refused one names its fields; a check says the same without saving") {
    House house;
    CHECK(house.call("POST", "/v1/providers", R"({"kind":"ldap"})").status == 400);
    const auto refused = house.call("POST", "/v1/providers",
                                    R"({"name":"x","kind":"ldap","settings":{"servers":"dc1:x","bases":"dc=a"}})");
    CHECK(refused.status == 400);
    const auto document = api::fromJson<api::ErrorDocument>(refused.body).value();
    REQUIRE_FALSE(document.errors.empty());
    CHECK(document.errors[0].field == "servers");
    const auto verdict =
        api::fromJson<api::ProviderVerdict>(
            house.call("POST", "/v1/providers/check", R"({"id":1,"settings":{"servers":"dc9","timeout":"x"}})").body)
            .value();
    CHECK(verdict.address == "dc9:389");
    REQUIRE_FALSE(verdict.problems.empty());
    CHECK(house.world.providers.rows.at(1).settings.at("servers") == "dc1.example.com");
    CHECK(house.call("POST", "/v1/providers/check", R"({"id":99})").status == 404);
}

TEST_CASE("providers: a test puts the draft over the stored one and answers the proof tree") {
    House house;
    const auto answer = house.call(
        "POST", "/v1/providers/test",
        R"({"id":1,"name":"Draft","secrets":{"bind_password":"other-secret"},"login":{"name":"ann","password":"typed-in"}})");
    REQUIRE(answer.status == 200);
    const auto proof = api::fromJson<ProofStep>(answer.body).value();
    CHECK(proof.name == "Draft");
    REQUIRE(proof.children.size() == 1);
    CHECK(proof.children[0].state == ProofState::Broken);
    CHECK(house.world.providers.lastRehearsal->password == Secret{"typed-in"});
    CHECK(house.world.providers.lastSecrets.at("bind_password") == Secret{"other-secret"});
    CHECK(house.auditText().find("typed-in") == std::string::npos);
    CHECK(house.auditText().find("other-secret") == std::string::npos);
    CHECK(house.auditText().find("providers.test Draft") != std::string::npos);
    const auto bad = house.call("POST", "/v1/providers/test", R"({"name":"x","kind":"ldap"})");
    CHECK(bad.status == 400);
    CHECK_FALSE(api::fromJson<api::ErrorDocument>(bad.body)->errors.empty());
}

TEST_CASE("providers: people and accounts are not for viewers, changes only for administrators") {
    House house;
    CHECK(house.call("GET", "/v1/providers", {}, Role::Viewer).status == 200);
    CHECK(house.call("GET", "/v1/providers/1/users", {}, Role::Viewer).status == 403);
    CHECK(house.call("GET", "/v1/domains/1/accounts", {}, Role::Viewer).status == 403);
    CHECK(house.call("POST", "/v1/providers/test", "{}", Role::Operator).status == 403);
    CHECK(house.call("POST", "/v1/domains/1/accounts", "{}", Role::Operator).status == 403);
    const auto people = api::fromJson<api::PeopleList>(
        house.call("GET", "/v1/providers/1/users?limit=1&filter=e", {}, Role::Operator).body);
    REQUIRE(people);
    CHECK(people->items.at(0).localPart == "eve");
    CHECK(people->isComplete);
    CHECK_FALSE(api::fromJson<api::PeopleList>(house.call("GET", "/v1/providers/1/users?limit=2").body)->isComplete);
    CHECK(house.call("GET", "/v1/providers/1/users?limit=1001").status == 400);
    CHECK(house.call("GET", "/v1/providers/9/users").status == 404);
}

TEST_CASE("providers: a change that waits is shown, can be confirmed or taken back, each in the audit log") {
    House house;
    house.world.providers.nextSaveWaits = PendingRevert{fromEpochMillis(9000), "Nobody could log in."};
    const auto row = api::fromJson<ProviderView>(house.call("PATCH", "/v1/providers/1", R"({"isEnabled":false})").body);
    REQUIRE(row->revert);
    CHECK(row->revert->sentence == "Nobody could log in.");
    CHECK(house.call("POST", "/v1/providers/1/confirm").status == 204);
    CHECK(house.call("POST", "/v1/providers/1/confirm").status == 404);
    house.call("PATCH", "/v1/providers/1", R"({"isEnabled":true})");
    CHECK(house.call("POST", "/v1/providers/1/revert").status == 204);
    const auto audit = house.auditText();
    CHECK(audit.find("goes back unless confirmed") != std::string::npos);
    CHECK(audit.find("providers.confirm 1") != std::string::npos);
    CHECK(audit.find("providers.revert 1") != std::string::npos);
}

TEST_CASE("domains: a change of the chain goes through the guard, and the row says what waits") {
    House house;
    house.world.domains.book.setProviders({1});
    REQUIRE(house.call("PATCH", "/v1/domains/1", R"({"providers":[1]})").status == 200);
    CHECK(house.world.providers.chainSaves == 1);
    const auto row = api::fromJson<api::DomainRow>(house.call("PATCH", "/v1/domains/1", R"({"providers":[]})").body);
    REQUIRE(row);
    REQUIRE(row->revert);
    CHECK(row->revert->at == fromEpochMillis(9000));
    CHECK(house.call("PATCH", "/v1/domains/1", R"({"ttl":1})").status == 400);
    CHECK(api::fromJson<api::DomainRow>(house.call("GET", "/v1/domains/1").body)->revert);
    CHECK(house.call("POST", "/v1/domains/1/confirm").status == 204);
    CHECK_FALSE(api::fromJson<api::DomainRow>(house.call("GET", "/v1/domains/1").body)->revert);
    CHECK(house.call("POST", "/v1/domains/1/revert").status == 404);
    CHECK(house.auditText().find("providers 1, certificate") != std::string::npos);
}

TEST_CASE("accounts: added, paged, changed, imported and removed; no password in answers or in the audit log") {
    House house;
    CHECK(house.call("POST", "/v1/domains/1/accounts", R"({"localPart":"ann"})").status == 400);
    const auto empty = house.call("POST", "/v1/domains/1/accounts", R"({"localPart":"ann","password":""})");
    CHECK(api::fromJson<api::ErrorDocument>(empty.body)->errors.at(0).field == "password");
    for (const char* name : {"ann", "bob", "eve"}) {
        const auto made = house.call("POST", "/v1/domains/1/accounts",
                                     std::string(R"({"localPart":")") + name + R"(","password":"hunter2-secret"})");
        REQUIRE(made.status == 201);
        CHECK(made.body.find("hunter2") == std::string::npos);
    }
    CHECK(house.world.accounts.lastPassword == "hunter2-secret");
    auto page = api::fromJson<api::AccountPage>(house.call("GET", "/v1/domains/1/accounts?limit=2").body).value();
    CHECK(page.items.size() == 2);
    CHECK(page.total == 3);
    page = api::fromJson<api::AccountPage>(house.call("GET", "/v1/domains/1/accounts?limit=2&cursor=" + page.next).body)
               .value();
    REQUIRE(page.items.size() == 1);
    CHECK(page.items[0].localPart == "eve");
    CHECK(page.next.empty());
    CHECK(
        house
            .call("PATCH", "/v1/accounts/1", R"({"password":"hunter3-secret","isDisabled":true})", Role::Admin, "\"1\"")
            .status == 200);
    CHECK(house.call("PATCH", "/v1/accounts/1", "{}", Role::Admin, "\"1\"").status == 412);
    CHECK(house.world.accounts.rows.at(1).isDisabled);
    const auto dry = api::fromJson<api::AccountImportAnswer>(
        house.call("POST", "/v1/domains/1/accounts/import", R"({"csv":"user,password\nzoe,x\n","isDry":true})").body);
    CHECK(dry->added == 0);
    CHECK(dry->names.at(0) == "zoe");
    const auto extra = api::fromJson<api::AccountImportAnswer>(
        house.call("POST", "/v1/domains/1/accounts/import", R"({"csv":"user,password,age\nzoe,x,3\n","isDry":true})")
            .body);
    CHECK(extra->problems.empty());
    CHECK(extra->warnings.at(0).text.find("age") != std::string::npos);
    const auto shadow =
        house.call("POST", "/v1/domains/1/accounts", R"({"localPart":"double","password":"a password"})");
    CHECK(shadow.status == 201);
    CHECK(api::fromJson<api::AccountAdded>(shadow.body)->warnings.at(0).find("Staff") == 0);
    const auto bad = api::fromJson<api::AccountImportAnswer>(
        house.call("POST", "/v1/domains/1/accounts/import", R"({"csv":"user,password\na b,x\n"})").body);
    CHECK(bad->problems.at(0).line == 2);
    CHECK(house.call("DELETE", "/v1/accounts/1").status == 204);
    CHECK(house.call("DELETE", "/v1/accounts/1").status == 404);
    CHECK(house.call("GET", "/v1/domains/9/accounts").status == 404);
    const auto audit = house.auditText();
    CHECK(audit.find("accounts.add ann@chat.example.com") != std::string::npos);
    CHECK(audit.find("new password") != std::string::npos);
    CHECK(audit.find("hunter") == std::string::npos);
}

TEST_CASE("login test: the trail comes back; only an administrator chooses the address that failures count for") {
    House house;
    const std::string body = R"({"name":"ann","password":"right","from":"192.0.2.7"})";
    const auto trail =
        api::fromJson<LoginTrail>(house.call("POST", "/v1/domains/1/login-test", body, Role::Operator).body).value();
    CHECK(trail.outcome == "right");
    CHECK(trail.steps.at(0).name == "Staff");
    CHECK(house.world.accounts.lastFrom == "10.1.0.9");
    CHECK(house.call("POST", "/v1/domains/1/login-test", body).status == 200);
    CHECK(house.world.accounts.lastFrom == "192.0.2.7");
    CHECK(house.call("POST", "/v1/domains/1/login-test", "{}").status == 400);
    CHECK(house.auditText().find("\"right\"") == std::string::npos);
}

TEST_CASE("events: a changed provider, one that is gone and a domain that waits are told to consoles") {
    House house;
    auto reader = house.core.events().open(std::nullopt, WantsLogs::No).value();
    house.core.events().providerChanged(1);
    house.core.events().providerChanged(77);
    house.world.providers.domainsWaiting[1] = {fromEpochMillis(9000), "Somebody is locked out."};
    house.core.events().domainWaitChanged(1);
    std::string seen;
    // The first mark may go out alone; the others follow a fifth of a second later.
    for (int i = 0; i < 50 && (seen.find("\"removed\":[77]") == std::string::npos ||
                               seen.find("Somebody is locked out.") == std::string::npos);
         ++i) {
        house.world.pass(250ms);
        seen += reader->take(100ms).value_or("");
    }
    CHECK(seen.find("event: providers") != std::string::npos);
    CHECK(seen.find("\"removed\":[77]") != std::string::npos);
    CHECK(seen.find("Somebody is locked out.") != std::string::npos);
    house.core.events().close(reader);
}
