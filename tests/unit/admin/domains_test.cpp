#include <doctest/doctest.h>

#include "service/admin/admin_core.h"
#include "service/admin/crypto.h"
#include "shared/api/domains_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};
    House() { REQUIRE(core.start()); }

    Response call(const char* method, const std::string& target, const std::string& body = {},
                  const std::string& ifMatch = "*") {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        http.headers.emplace_back("if-match", ifMatch);
        return core.serve(http, Identity{"local", Role::Admin, api::IdentityKind::Local}, "::1");
    }
};

}  // namespace

TEST_CASE("domains: added, listed without proofs, shown with them, changed, each in the audit log") {
    House house;
    const auto made = house.call("POST", "/v1/domains", R"({"name":"Books.Example","reach":"lan-and-internet"})");
    REQUIRE(made.status == 201);
    const auto row = api::fromJson<api::DomainRow>(made.body).value();
    CHECK(row.domain.name == "books.example");
    CHECK(row.domain.reach == DomainReach::LanAndInternet);
    const auto list = api::fromJson<api::DomainList>(house.call("GET", "/v1/domains").body).value();
    REQUIRE(list.items.size() == 2);
    CHECK(list.items[1].directory.sentence == "text");
    CHECK(list.items[1].directory.proof.name.empty());
    const auto one = api::fromJson<api::DomainRow>(house.call("GET", "/v1/domains/1").body).value();
    CHECK(one.directory.proof.children.size() == 1);
    CHECK(one.login == "directory-down");
    const auto changed = house.call("PATCH", "/v1/domains/1", R"({"note":"hq"})", "\"1\"");
    REQUIRE(changed.status == 200);
    CHECK(house.call("PATCH", "/v1/domains/1", R"({"note":"stale"})", "\"1\"").status == 412);
    CHECK(house.call("PATCH", "/v1/domains/99", R"({"note":"x"})").status == 404);
    const auto audit = house.world.store.audit(0, 10).value();
    REQUIRE(audit.size() == 2);
    CHECK(audit[1].action == "domains.add");
    CHECK(audit[0].action == "domains.change");
}

TEST_CASE("domains: a refused one names its fields; a check says the same without saving") {
    House house;
    const auto refused = house.call("POST", "/v1/domains", R"({"name":"localhost","ttl":1})");
    CHECK(refused.status == 400);
    const auto document = api::fromJson<api::ErrorDocument>(refused.body).value();
    REQUIRE(document.errors.size() == 2);
    CHECK(document.errors[0].field == "name");
    CHECK(document.errors[1].field == "ttl");
    const auto verdict = api::fromJson<api::DomainVerdict>(
                             house.call("POST", "/v1/domains/check", R"({"name":"B\u00fccher.example"})").body)
                             .value();
    CHECK(verdict.name == "xn--bcher-kva.example");
    CHECK(verdict.problems.empty());
    CHECK(house.call("POST", "/v1/domains", "{}").status == 400);
    CHECK(house.world.domains.domains()->size() == 1);
}

TEST_CASE("domains: removing asks for the name and says what would be lost") {
    House house;
    const auto asked = house.call("DELETE", "/v1/domains/1");
    CHECK(asked.status == 400);
    CHECK(asked.body.find("4 built-in accounts") != std::string::npos);
    CHECK(house.call("DELETE", "/v1/domains/1?confirm=other.example").status == 400);
    CHECK(house.call("DELETE", "/v1/domains/1?confirm=chat.example.com").status == 204);
    CHECK(house.call("GET", "/v1/domains/1").status == 404);
}

TEST_CASE("domains: a supernode's token is shown once, is kept as a hash only, and opens the heartbeat") {
    House house;
    const auto made = house.call("POST", "/v1/domains/1/supernodes",
                                 R"({"name":"far","origin":"token","internetAddress":"192.0.2.9"})");
    REQUIRE(made.status == 201);
    const auto created = api::fromJson<api::SupernodeCreated>(made.body).value();
    const auto token = created.token.reveal();
    CHECK(token.size() > 20);
    CHECK(house.world.domains.lastTokenHash == sha256Hex(token));
    CHECK(house.call("GET", "/v1/domains/1").body.find(token) == std::string::npos);
    const auto audit = house.world.store.audit(0, 10).value();
    for (const auto& entry : audit)
        CHECK((entry.before + entry.after + entry.subject).find(token) == std::string::npos);
    CHECK(house.call("POST", "/v1/supernodes/heartbeat", R"({"token":")" + token + R"(","version":"0.1.0"})").status ==
          200);
    CHECK(house.call("POST", "/v1/supernodes/heartbeat", R"({"token":"wrong"})").status == 403);
    const auto id = std::to_string(created.supernode.node.id);
    CHECK(house.call("PATCH", "/v1/supernodes/" + id, R"({"weight":50})").status == 200);
    CHECK(house.call("POST", "/v1/domains/1/supernodes", R"({"name":"x","origin":"local"})").status == 400);
    CHECK(house.call("DELETE", "/v1/supernodes/" + id).status == 204);
    CHECK(house.call("DELETE", "/v1/supernodes/" + id).status == 404);
}

TEST_CASE("domains: checks by hand and the history of the dots") {
    House house;
    CHECK(house.call("POST", "/v1/domains/1/check").status == 204);
    CHECK(house.call("POST", "/v1/domains/9/check").status == 404);
    const auto history = api::fromJson<api::DotHistory>(house.call("GET", "/v1/domains/1/history").body).value();
    CHECK(history.items.size() == 2);
    CHECK(house.call("GET", "/v1/domains/9/history").status == 404);
}

TEST_CASE(
    "slow calls: with all their places taken they are refused with a time to come back, quick ones are answered") {
    House house;
    std::vector<SlowPlaces::Place> held;
    for (std::size_t i = 0; i < kSlowPlaces; ++i)
        held.push_back(std::move(*house.core.router().slowPlaces().take()));
    const auto refused = house.call("POST", "/v1/domains/1/login-test", R"({"name":"ann","password":"x"})");
    CHECK(refused.status == 429);
    REQUIRE_FALSE(refused.headers.empty());
    CHECK(refused.headers.front().first == "Retry-After");
    CHECK(refused.body.find("Try again in a few seconds.") != std::string::npos);
    // A domain is slow to change only where its chain is tried.
    CHECK(house.call("PATCH", "/v1/domains/1", R"({"providers":[1]})").status == 429);
    CHECK(house.call("PATCH", "/v1/domains/1", R"({"note":"hq"})").status == 200);
    CHECK(house.call("GET", "/v1/domains").status == 200);
    held.pop_back();
    CHECK(house.call("PATCH", "/v1/domains/1", R"({"providers":[1]})").status == 200);
    CHECK(house.call("POST", "/v1/domains/1/login-test", R"({"name":"ann","password":"x"})").status == 200);
}

TEST_CASE("domains: every bad line of the extra records is named, by the check and when it is refused") {
    House house;
    const std::string body =
        R"({"name":"a.example","extraRecords":"www A nowhere\nok A 192.0.2.1\n*.x A 192.0.2.1\n"})";
    const auto verdict = api::fromJson<api::DomainVerdict>(house.call("POST", "/v1/domains/check", body).body).value();
    REQUIRE(verdict.problems.size() == 2);
    CHECK(verdict.problems[0].detail.starts_with("Line 1"));
    CHECK(verdict.problems[1].detail.starts_with("Line 3"));
    const auto refused = house.call("POST", "/v1/domains", body);
    CHECK(refused.status == 400);
    const auto document = api::fromJson<api::ErrorDocument>(refused.body).value();
    REQUIRE(document.errors.size() == 2);
    CHECK(document.errors[1].field == "extraRecords");
    CHECK(document.errors[1].detail.find("wildcards") != std::string::npos);
}
