#include "service/admin/chat_config.h"

#include <doctest/doctest.h>

#include "service/admin/admin_core.h"
#include "shared/api/config_json.h"
#include "shared/api/domains_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};
    House() { REQUIRE(core.start()); }

    /// As a service that was just installed: no provider, no chat domain.
    void empty() {
        world.providers.rows.clear();
        world.domains.book.remove(1);
        world.domains.localAddress = "10.9.0.1";
    }
    Response call(const char* method, const std::string& target, const std::string& body = {}) {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        http.headers.emplace_back("if-match", "*");
        return core.serve(http, Identity{"local", Role::Admin, api::IdentityKind::Local}, "::1");
    }
    std::string exported() { return call("GET", "/v1/config").body; }
    api::ConfigVerdict check(const std::string& file) {
        return api::fromJson<api::ConfigVerdict>(call("POST", "/v1/config/check", file).body).value();
    }
    api::ConfigApplied import(const std::string& file) {
        const auto response = call("PUT", "/v1/config", file);
        CAPTURE(response.body);
        REQUIRE(response.status == 200);
        return api::fromJson<api::ConfigApplied>(response.body).value();
    }
    api::DomainRow domain(const std::string& name) {
        const auto all = world.domains.domains().value();
        for (const auto& view : all)
            if (view.domain.name == name) {
                const auto target = "/v1/domains/" + std::to_string(view.domain.id);
                return api::fromJson<api::DomainRow>(call("GET", target).body).value();
            }
        return {};
    }
};

/// A service with everything that a file can hold of chat.
void furnish(House& house) {
    auto& staff = house.world.providers.rows[1];
    staff.settings["bind_dn"] = "cn=causeway,dc=example,dc=com";
    REQUIRE(house
                .call("POST", "/v1/providers",
                      R"({"name":"Guests","kind":"radius","isEnabled":false,"settings":{"servers":"10.1.0.9"},)"
                      R"("secrets":{"secret":"hunter2hunter2"}})")
                .status == 201);
    REQUIRE(house
                .call("POST", "/v1/domains",
                      R"({"name":"B\u00fccher.example","reach":"lan-and-internet","endToEnd":"preferred",)"
                      R"("providers":[2,1],"ttl":60,"extraRecords":"www IN A 192.0.2.1\n","note":"shop"})")
                .status == 201);
    const auto id = std::to_string(house.domain("xn--bcher-kva.example").domain.id);
    REQUIRE(house
                .call("POST", "/v1/domains/" + id + "/supernodes",
                      R"({"name":"east","lanAddress":"10.1.0.6","internetAddress":"192.0.2.6","weight":50})")
                .status == 201);
}

std::string fileWith(const std::string& parts) {
    return R"({"product":"causeway","format":1,)" + parts + "}";
}

}  // namespace

TEST_CASE("configuration: providers, chains, chat domains and supernodes come to a fresh service, without secrets") {
    House house;
    furnish(house);
    const auto file = house.exported();
    CHECK(file.find("hunter2") == std::string::npos);
    CHECK(file.find("bind_password") == std::string::npos);
    CHECK(file.find("built-in accounts") != std::string::npos);  // it says what is not in it
    House other;
    other.empty();
    CHECK(other.check(file).isValid);
    CHECK(other.world.providers.rows.empty());
    const auto applied = other.import(file);
    CHECK(applied.providers == 2);
    CHECK(applied.domains == 2);
    CHECK(other.exported() == file);
    const auto books = other.domain("xn--bcher-kva.example");
    REQUIRE(books.domain.providers.size() == 2);
    CHECK(other.world.providers.rows[books.domain.providers[0]].name == "Guests");
    CHECK(other.world.providers.rows[books.domain.providers[1]].name == "Staff");
    // Whose password is missing is told, with what to do.
    std::size_t told = 0;
    for (const auto& note : applied.notes)
        if (note.find("needs its password") != std::string::npos && note.find("--secret") != std::string::npos) ++told;
    CHECK(told == 2);
    CHECK(missingSecrets(other.world.providers.rows[books.domain.providers[1]]) ==
          std::vector<std::string>{"bind_password"});
}

TEST_CASE("configuration: the same file a second time changes nothing") {
    House house;
    furnish(house);
    const auto file = house.exported();
    House other;
    other.empty();
    other.import(file);
    const auto saves = other.world.domains.saves + other.world.providers.saves;
    const auto again = other.import(file);
    CHECK(again.providers == 0);
    CHECK(again.domains == 0);
    CHECK(other.world.domains.saves + other.world.providers.saves == saves);
    CHECK(house.import(file).providers == 0);
    CHECK(house.exported() == file);
}

TEST_CASE("configuration: the local supernode keeps the addresses of its computer") {
    House house;
    house.empty();
    REQUIRE(house.call("POST", "/v1/domains", R"({"name":"chat.example.com"})").status == 201);
    auto node = house.domain("chat.example.com").supernodes.at(0).node;
    REQUIRE(house.call("PATCH", "/v1/supernodes/" + std::to_string(node.id), R"({"name":"hq","weight":70})").status ==
            200);
    const auto file = house.exported();
    CHECK(file.find("10.9.0.1") == std::string::npos);
    House other;
    other.empty();
    other.world.domains.localAddress = "10.8.0.1";
    other.import(file);
    node = other.domain("chat.example.com").supernodes.at(0).node;
    CHECK(node.name == "hq");
    CHECK(node.weight == 70);
    CHECK(node.origin == SupernodeOrigin::Local);
    CHECK(node.lanAddress == "10.8.0.1");
    CHECK(other.exported() == file);
}

TEST_CASE("configuration: an import keeps secrets that are here, removes nothing and ends what waits") {
    House house;
    house.world.providers.waiting[1] = {test::kNoon, "Nobody could log in."};
    house.world.providers.domainsWaiting[1] = {test::kNoon, "Nobody could log in."};
    const auto applied = house.import(fileWith(
        R"("providers":[{"name":"staff","kind":"ldap","settings":{"servers":"dc2","bases":"dc=b","bind_dn":"cn=x"}}],)"
        R"("domains":[{"name":"chat.example.com","providers":["STAFF"]}])"));
    CHECK(applied.providers == 1);
    CHECK(applied.domains == 1);
    const auto staff = house.world.providers.rows[1];
    CHECK(staff.value("servers") == "dc2");
    CHECK(staff.secretsSet.contains("bind_password"));
    for (const auto& note : applied.notes)
        CHECK(note.find("password") == std::string::npos);
    CHECK(house.domain("chat.example.com").domain.providers == std::vector<std::uint64_t>{1});
    CHECK(house.domain("chat.example.com").supernodes.size() == 1);
    CHECK(house.world.providers.waiting.empty());
    CHECK(house.world.providers.domainsWaiting.empty());
    CHECK(house.world.providers.chainSaves == 0);
    house.import(fileWith(R"("providers":[],"domains":[])"));
    CHECK(house.world.providers.rows.size() == 1);
    CHECK(house.world.domains.domains()->size() == 1);
}

TEST_CASE("configuration: every mistake in the chat parts is told with its place, and nothing is changed") {
    House house;
    const auto before = house.exported();
    const auto file = fileWith(R"(
"providers":[
 {"name":"Staff","kind":"sql"},
 {"name":"Odd","kind":"ldap","settings":{"servers":"dc1:99999","bases":"dc=a","colour":"red"}},
 {"name":"odd","kind":"radius","settings":{}},
 {"name":"New","kind":"carrier pigeon"},
 {"kind":"ldap"}],
"domains":[
 {"name":"localhost"},
 {"name":"a.example","ttl":1,"providers":["Nobody","Odd","Odd"],"reach":"mars"},
 {"name":"A.example"},
 {"name":"b.example","extraRecords":"www IN A nowhere"},
 {"name":"c.example","supernodes":[
  {"name":"no good","origin":"hand","lanAddress":"10.1.0.5"},
  {"name":"x","origin":"hand"},
  {"name":"x","origin":"hand","lanAddress":"10.1.0.6","tlsPort":5222}]},
 {"name":"chat.example.com","supernodes":[{"name":"sn1","origin":"token"}]}])");
    const auto verdict = house.check(file);
    CHECK_FALSE(verdict.isValid);
    for (const auto& [field, line] :
         std::initializer_list<std::pair<std::string, std::size_t>>{{"providers[0].kind", 3},
                                                                    {"providers[1].settings.servers", 4},
                                                                    {"providers[1].settings.colour", 4},
                                                                    {"providers[2].name", 5},
                                                                    {"providers[2].settings.servers", 5},
                                                                    {"providers[3].kind", 6},
                                                                    {"providers[4].name", 7},
                                                                    {"domains[0].name", 9},
                                                                    {"domains[1].ttl", 10},
                                                                    {"domains[1].providers", 10},
                                                                    {"domains[1].reach", 10},
                                                                    {"domains[2].name", 11},
                                                                    {"domains[3].extraRecords", 12},
                                                                    {"domains[4].supernodes[0].name", 14},
                                                                    {"domains[4].supernodes[1].lanAddress", 15},
                                                                    {"domains[4].supernodes[2].name", 16},
                                                                    {"domains[4].supernodes[2].tlsPort", 16},
                                                                    {"domains[5].supernodes[0].origin", 17}}) {
        CAPTURE(field);
        bool isTold = false;
        for (const auto& error : verdict.errors)
            isTold = isTold || (error.field == field && error.line == line);
        CHECK(isTold);
    }
    CHECK(house.call("PUT", "/v1/config", file).status == 400);
    CHECK(house.exported() == before);
}

TEST_CASE("configuration: an import of chat that fails half-way leaves everything as it was") {
    House house;
    const auto before = house.exported();
    house.world.domains.failSupernodes = true;
    const auto refused = house.call(
        "PUT", "/v1/config",
        fileWith(
            R"("settings":{"lan.name":"After"},)"
            R"("providers":[{"name":"Staff","kind":"ldap","isEnabled":false,"settings":{"servers":"x","bases":"dc=b"}},)"
            R"({"name":"New","kind":"radius","settings":{"servers":"10.1.0.9"}}],)"
            R"("domains":[{"name":"chat.example.com","ttl":60,"providers":["New"]},)"
            R"({"name":"b.example","supernodes":[{"name":"x","origin":"hand","lanAddress":"10.1.0.6"}]}])"));
    CHECK(refused.status == 503);
    CHECK(refused.body.find("everything is as before") != std::string::npos);
    CHECK(house.exported() == before);
}

TEST_CASE("configuration: certificate files that are not on this computer are told, not refused") {
    House house;
    const auto verdict = house.check(fileWith(
        R"("domains":[{"name":"a.example","certificate":"files","certificateFile":"/c.pem","keyFile":"/k.pem"}])"));
    CHECK(verdict.isValid);
    REQUIRE(verdict.notes.size() == 1);
    CHECK(verdict.notes[0].find("There is no file /c.pem.") != std::string::npos);
}
