#include "service/admin/admin_core.h"

#include <doctest/doctest.h>

#include <array>

#include "shared/api/bases_json.h"
#include "shared/api/config_json.h"
#include "shared/api/searches_json.h"
#include "shared/api/settings_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};
    Identity local{"local", Role::Admin, api::IdentityKind::Local};

    House() {
        REQUIRE(core.start());
        world.lan.add(test::lanUser(7, "Alice", "10.1.0.21"));
    }
    Response call(const std::string& method, const std::string& target, const std::string& body = {},
                  std::optional<Identity> who = Identity{"local", Role::Admin, api::IdentityKind::Local},
                  const std::string& ifMatch = {}) {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        if (!ifMatch.empty()) http.headers.emplace_back("if-match", ifMatch);
        return core.serve(http, who, "127.0.0.1");
    }
    AuditEntry lastAudit() {
        const auto all = world.store.auditCopy();
        REQUIRE_FALSE(all.empty());
        return all.back();
    }
};

std::optional<std::string> headerOf(const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
        if (key == name) return value;
    }
    return std::nullopt;
}

/// Every refusal is a problem document with a sentence and something to do.
void checkProblem(const Response& response, int status) {
    CAPTURE(response.body);
    CHECK(response.status == status);
    CHECK(response.contentType == "application/problem+json");
    const auto document = api::fromJson<api::ErrorDocument>(response.body);
    REQUIRE(document);
    CHECK(document->status == status);
    CHECK(document->error.what.size() > 10);
}

std::string bodyFor(const Route& route) {
    const std::string_view schema{route.requestSchema};
    if (schema == "UntilRequest") return R"({"until":null})";
    if (schema == "RangeRequest") return R"({"text":"10.7.2.*"})";
    if (schema == "RangeText") return R"({"text":"10.7.3.*"})";
    return "{}";
}

std::string targetFor(const Route& route) {
    std::string path = route.path;
    if (const auto at = path.find("{id}"); at != std::string::npos) path.replace(at, 4, "7");
    return path;
}

}  // namespace

TEST_CASE("roles: every route lets in exactly the roles that it says") {
    House house;
    REQUIRE(house.core.router().routes().size() > 40);
    for (const auto& route : house.core.router().routes()) {
        const std::string line = std::string(route.method) + " " + route.path;
        CAPTURE(line);
        const auto statusFor = [&](std::optional<Identity> who) {
            return house.call(route.method, targetFor(route), bodyFor(route), std::move(who), "*").status;
        };
        const auto stranger = statusFor(std::nullopt);
        // The login answers 400 here: the body is not a login.
        CHECK((stranger == 401) == (route.access != Access::Open));
        for (const auto role : {Role::Viewer, Role::Operator, Role::Admin}) {
            const auto status = statusFor(Identity{"someone", role, api::IdentityKind::Session});
            const bool isIn = route.access == Access::Open || route.access == Access::Any ||
                              route.access == Access::Viewer ||
                              (route.access == Access::Operator && role >= Role::Operator) ||
                              (route.access == Access::Admin && role == Role::Admin);
            CHECK((status == 403) == !isIn);
        }
    }
}

TEST_CASE("roles: what changes something is never open to a viewer") {
    House house;
    for (const auto& route : house.core.router().routes()) {
        const std::string line = std::string(route.method) + " " + route.path;
        const bool isHarmless = line == "POST /v1/login" || line == "POST /v1/logout" ||
                                line == "POST /v1/ranges/preview" || line == "POST /v1/domains/check" ||
                                // It proves itself by a token of its own.
                                line == "POST /v1/supernodes/heartbeat" || std::string_view{route.method} == "GET";
        CAPTURE(line);
        if (!isHarmless) CHECK((route.access == Access::Operator || route.access == Access::Admin));
    }
}

TEST_CASE("unknown addresses, wrong methods and missing If-Match are problem documents") {
    House house;
    checkProblem(house.call("GET", "/v1/nothing"), 404);
    checkProblem(house.call("GET", "/"), 404);
    checkProblem(house.call("GET", "/v1/users/"), 404);
    checkProblem(house.call("GET", "/v1/nothing", "", std::nullopt), 401);
    const auto wrongMethod = house.call("PUT", "/v1/status");
    checkProblem(wrongMethod, 405);
    CHECK(headerOf(wrongMethod, "Allow") == "GET");
    checkProblem(house.call("PATCH", "/v1/settings", "{}"), 428);
    checkProblem(house.call("PUT", "/v1/ranges", R"({"text":""})"), 428);
    checkProblem(house.call("GET", "/v1/users/99"), 404);
    checkProblem(house.call("GET", "/v1/users/abc"), 404);
    checkProblem(house.call("GET", "/v1/searches/99"), 404);
    checkProblem(house.call("GET", "/v1/bases/99"), 404);
    checkProblem(house.call("PUT", "/v1/bases/0", R"({"name":"x"})"), 404);
    checkProblem(house.call("DELETE", "/v1/tokens/99"), 404);
    CHECK(house.call("HEAD", "/v1/status").status == 200);
}

TEST_CASE("bad JSON is answered with line and column, bad fields with their names") {
    House house;
    const auto broken = house.call("POST", "/v1/bases", "{\n \"name\": oops}");
    checkProblem(broken, 400);
    auto document = api::fromJson<api::ErrorDocument>(broken.body);
    REQUIRE(document->errors.size() == 1);
    CHECK(document->errors[0].line == 2);
    CHECK(document->errors[0].column == 10);
    const auto wrong = house.call("POST", "/v1/bases", R"({"name":5,"segments":["10.1.0.1/24"]})");
    checkProblem(wrong, 400);
    document = api::fromJson<api::ErrorDocument>(wrong.body);
    REQUIRE(document->errors.size() == 2);
    CHECK(document->errors[0].field == "name");
    CHECK(document->errors[1].field == "segments");
    checkProblem(house.call("POST", "/v1/bases", R"({"name":"a","name":"b"})"), 400);
    checkProblem(house.call("POST", "/v1/bases", ""), 400);
    checkProblem(house.call("GET", "/v1/users?limit=0"), 400);
    checkProblem(house.call("GET", "/v1/users?limit=5001"), 400);
    checkProblem(house.call("GET", "/v1/users?scope=some"), 400);
    checkProblem(house.call("GET", "/v1/users?sort=colour"), 400);
    checkProblem(house.call("GET", "/v1/logs?level=loud"), 400);
}

TEST_CASE("switched-off features answer 503 with a sentence, the rest works") {
    test::AdminWorld world;
    auto ports = world.ports();
    ports.lan = nullptr;
    ports.search = nullptr;
    ports.domains = nullptr;
    ports.providers = nullptr;
    ports.accounts = nullptr;
    ports.dns = nullptr;
    ports.dnsKeys = nullptr;
    ports.certificates = nullptr;
    AdminCore core{ports, world.log, {1000}};
    REQUIRE(core.start());
    const Identity local{"local", Role::Admin, api::IdentityKind::Local};
    for (const auto& route : core.router().routes()) {
        HttpRequest http;
        http.method = route.method;
        REQUIRE(readTarget(http, targetFor(route)));
        http.body = bodyFor(route);
        http.headers.emplace_back("if-match", "*");
        const auto response = core.serve(http, local, "::1");
        const std::string path = route.path;
        CAPTURE(path);
        const bool isLan = path.starts_with("/v1/users") || path.starts_with("/v1/ranges") ||
                           path.starts_with("/v1/searches") || path == "/v1/segments";
        const bool isChat = path.starts_with("/v1/domains") || path.starts_with("/v1/supernodes") ||
                            path.starts_with("/v1/providers") || path.starts_with("/v1/accounts") ||
                            path.starts_with("/v1/dns");
        const bool isLink = path.starts_with("/v1/bases/links") || path == "/v1/bases/invitations";
        CHECK((response.status == 503) == (isLan || isChat || isLink));
        if (response.stream) core.events().close(response.stream);
    }
}

TEST_CASE("settings are changed all or none, with a revision and an audit entry each") {
    House house;
    auto response = house.call("GET", "/v1/settings");
    CHECK(headerOf(response, "ETag") == "\"1\"");
    auto list = api::fromJson<api::SettingList>(response.body);
    REQUIRE(list);
    CHECK(list->items.size() == settingRows().size());

    checkProblem(house.call("PATCH", "/v1/settings", R"({"lan.name":"HQ"})", house.local, "\"0\""), 412);
    const auto refused = house.call("PATCH", "/v1/settings",
                                    R"({"lan.name":"HQ","lan.gone_after":1,"lan.color":"red"})", house.local, "\"1\"");
    checkProblem(refused, 400);
    CHECK(api::fromJson<api::ErrorDocument>(refused.body)->errors.size() == 2);
    CHECK(house.world.settings.set.empty());

    response = house.call("PATCH", "/v1/settings",
                          R"({"lan.name":"HQ","lan.gone_after":300,"lan.introductions":true,"lan.enabled":false})",
                          house.local, "\"1\"");
    REQUIRE(response.status == 200);
    CHECK(headerOf(response, "ETag") == "\"2\"");
    list = api::fromJson<api::SettingList>(response.body);
    CHECK(list->needsRestart == std::vector<std::string>{"lan.enabled"});
    CHECK(house.world.settings.set.at("lan.gone_after") == "300");
    CHECK(house.world.store.auditCopy().size() == 4);
    CHECK(house.lastAudit().action == "settings.set");

    response = house.call("PATCH", "/v1/settings", R"({"lan.name":null})", house.local, "*");
    CHECK(response.status == 200);
    CHECK(house.lastAudit().before == "HQ");
    CHECK(house.lastAudit().after == "Causeway");
    CHECK(house.lastAudit().who == "local");
    CHECK(house.lastAudit().from == "127.0.0.1");
}

TEST_CASE("a listener for other machines is refused until an administrator could log in there") {
    House house;
    const std::string remote = R"({"admin.listen":"0.0.0.0:8425"})";
    const auto refused = house.call("PATCH", "/v1/settings", remote, house.local, "*");
    checkProblem(refused, 400);
    CHECK(refused.body.find("nobody could log in") != std::string::npos);
    CHECK(house.call("PATCH", "/v1/settings", R"({"admin.listen":"[::1]:8425"})", house.local, "*").status == 200);
    REQUIRE(house.call("POST", "/v1/admins", R"({"name":"root","role":"admin","password":"long enough"})").status ==
            201);
    CHECK(house.call("PATCH", "/v1/settings", remote, house.local, "*").status == 200);
    CHECK(isLoopbackListener("127.0.0.1:1"));
    CHECK(isLoopbackListener("127.5.5.5:1"));
    CHECK(isLoopbackListener("localhost:1"));
    CHECK_FALSE(isLoopbackListener("[::]:1"));
    CHECK_FALSE(isLoopbackListener("10.1.0.7:1"));
    CHECK_FALSE(isLoopbackListener("localhost.example.com:1"));
}

TEST_CASE("ranges are added, changed, replaced and removed, and the problem names line and column") {
    House house;
    auto response = house.call("POST", "/v1/ranges", R"({"text":"10.7.2.*  # osaka"})");
    REQUIRE(response.status == 201);
    const auto added = api::fromJson<api::RangeRow>(response.body);
    CHECK(added->kind == RangeKind::Wildcard);
    CHECK(added->comment == "osaka");
    CHECK(house.lastAudit().action == "ranges.add");
    const auto id = std::to_string(added->range.id);
    checkProblem(house.call("POST", "/v1/ranges", R"({"text":"10.7.999.*"})"), 400);
    checkProblem(house.call("POST", "/v1/ranges", R"({})"), 400);

    response = house.call("PATCH", "/v1/ranges/" + id, R"({"isEnabled":false})");
    REQUIRE(response.status == 200);
    CHECK_FALSE(api::fromJson<api::RangeRow>(response.body)->range.isEnabled);
    CHECK(house.lastAudit().after == "10.7.2.*  # osaka (off)");

    const auto etag = headerOf(house.call("GET", "/v1/ranges"), "ETag").value();
    const auto wrong = house.call("PUT", "/v1/ranges", R"({"text":"10.7.2.*\n\n10.8.x.1\n"})", house.local, etag);
    checkProblem(wrong, 400);
    CHECK(api::fromJson<api::ErrorDocument>(wrong.body)->errors.front().line == 3);
    response = house.call("PUT", "/v1/ranges", R"({"text":"10.7.2.*\n10.8.1.1-9\n"})", house.local, etag);
    REQUIRE(response.status == 200);
    checkProblem(house.call("PUT", "/v1/ranges", R"({"text":""})", house.local, etag), 412);
    checkProblem(house.call("DELETE", "/v1/ranges/" + id, "", house.local, etag), 412);
    response = house.call("GET", "/v1/ranges/export");
    CHECK(response.body == "10.7.2.*\n10.8.1.1-9\n");
    CHECK(response.contentType.starts_with("text/plain"));
    const auto first = house.world.search.list.front().id;
    CHECK(house.call("DELETE", "/v1/ranges/" + std::to_string(first)).status == 204);
    CHECK(house.world.search.list.size() == 1);
}

TEST_CASE("a search is started by its name, one at a time, and its rows are paged") {
    House house;
    const Identity alice{"alice", Role::Operator, api::IdentityKind::Session};
    auto response = house.call("POST", "/v1/searches", "", alice);
    REQUIRE(response.status == 201);
    const auto search = api::fromJson<UserSearch>(response.body);
    CHECK(search->startedBy == "alice");
    CHECK(search->packetsPerSecond == 200);
    checkProblem(house.call("POST", "/v1/searches", "{}", alice), 409);
    house.world.search.found.resize(5);
    const auto path = "/v1/searches/" + std::to_string(search->id);
    response = house.call("GET", path + "/rows?from=1&limit=3");
    const auto rows = api::fromJson<api::SearchRows>(response.body);
    REQUIRE(rows);
    CHECK(rows->items.size() == 3);
    CHECK(rows->next == 4);
    CHECK_FALSE(api::fromJson<api::SearchRows>(house.call("GET", path + "/rows?from=4").body)->next);
    response = house.call("POST", path + "/stop", "", alice);
    CHECK(api::fromJson<UserSearch>(response.body)->state == SearchState::Stopped);
}

TEST_CASE("bases are checked: names once, a segment in one base only") {
    House house;
    auto response = house.call("POST", "/v1/bases", R"({"name":" hq ","segments":["10.1.0.0/24"],"note":"x"})");
    REQUIRE(response.status == 201);
    const auto base = api::fromJson<BaseSite>(response.body);
    CHECK(base->name == "hq");
    checkProblem(house.call("POST", "/v1/bases", R"({"name":"HQ"})"), 409);
    checkProblem(house.call("POST", "/v1/bases", R"({"name":"osaka","segments":["10.1.0.0/24"]})"), 409);
    checkProblem(house.call("POST", "/v1/bases", R"({"name":"  "})"), 400);
    const auto path = "/v1/bases/" + std::to_string(base->id);
    response = house.call("PUT", path, R"({"name":"hq","segments":["10.1.0.0/24","10.1.1.0/24"]})");
    CHECK(response.status == 200);
    CHECK(house.lastAudit().before == "hq: 10.1.0.0/24 (x)");
    CHECK(house.lastAudit().after == "hq: 10.1.0.0/24 10.1.1.0/24");
    CHECK(house.call("DELETE", path).status == 204);
    CHECK(house.world.store.sites.empty());
}

TEST_CASE("features are told that the bases are other ones") {
    test::AdminWorld world;
    int told = 0;
    auto ports = world.ports();
    ports.basesChanged = [&told] { ++told; };
    AdminCore core{ports, world.log, {1000}};
    REQUIRE(core.start());
    HttpRequest http;
    http.method = "POST";
    REQUIRE(readTarget(http, "/v1/bases"));
    http.body = R"({"name":"hq"})";
    CHECK(core.serve(http, Identity{"local", Role::Admin, api::IdentityKind::Local}, "::1").status == 201);
    CHECK(told == 1);
}

TEST_CASE("problems are worst first, muted ones last, and muting is audited") {
    House house;
    house.world.problems.all = {{"b", Severity::Notice, "notice", "", "", "", test::kNoon},
                                {"a:1/2", Severity::Problem, "problem", "", "", "", test::kNoon},
                                {"c", Severity::Warning, "warning", "", "", "", test::kNoon}};
    const auto order = [&house] {
        std::string ids;
        for (const auto& problem : house.core.problems())
            ids += problem.id + " ";
        return ids;
    };
    CHECK(order() == "a:1/2 c b ");
    const auto until = isoText(house.world.now() + 1h);
    CHECK(house.call("PUT", "/v1/problems/a%3A1%2F2/mute", R"({"until":")" + until + "\"}").status == 204);
    CHECK(order() == "c b a:1/2 ");
    CHECK(house.lastAudit().action == "problems.mute");
    CHECK(house.core.status().problems.problems == 0);
    house.world.pass(1h);
    CHECK(order() == "a:1/2 c b ");
    checkProblem(house.call("PUT", "/v1/problems/gone/mute", R"({"until":null})"), 404);
}

TEST_CASE("passwords and tokens never reach the audit log") {
    House house;
    REQUIRE(house.call("POST", "/v1/admins", R"({"name":"root","role":"admin","password":"very secret pw"})").status ==
            201);
    auto response = house.call("POST", "/v1/tokens", R"({"name":"backup","role":"viewer"})");
    REQUIRE(response.status == 201);
    const auto token = api::fromJson<api::TokenCreated>(response.body)->token.reveal();
    CHECK(house.call("POST", "/v1/login", R"({"name":"root","password":"very secret pw"})", std::nullopt).status ==
          200);
    CHECK(house.call("POST", "/v1/login", R"({"name":"root","password":"very wrong pw"})", std::nullopt).status == 401);
    const auto page = house.call("GET", "/v1/audit");
    CHECK(page.body.find("secret pw") == std::string::npos);
    CHECK(page.body.find("wrong pw") == std::string::npos);
    CHECK(page.body.find(token) == std::string::npos);
    CHECK(page.body.find("admins.add") != std::string::npos);
    CHECK(page.body.find("login.failed") != std::string::npos);
    CHECK(house.call("GET", "/v1/tokens").body.find(token) == std::string::npos);
    CHECK(house.call("GET", "/v1/admins").body.find("pbkdf2") == std::string::npos);
}

TEST_CASE("the audit log is paged newest first") {
    House house;
    for (int i = 0; i < 5; ++i)
        REQUIRE(house.call("POST", "/v1/bases", "{\"name\":\"base" + std::to_string(i) + "\"}").status == 201);
    auto page = api::fromJson<api::AuditPage>(house.call("GET", "/v1/audit?limit=3").body);
    REQUIRE(page);
    REQUIRE(page->items.size() == 3);
    CHECK(page->items.front().subject == "base4");
    page = api::fromJson<api::AuditPage>(house.call("GET", "/v1/audit?limit=3&cursor=" + page->next).body);
    CHECK(page->items.size() == 2);
    CHECK(page->next.empty());
}

TEST_CASE("a failing disk shows in health and status, and the change still works") {
    House house;
    CHECK(house.call("GET", "/healthz", "", std::nullopt).status == 200);
    house.world.store.diskTrouble = "The disk is full.";
    checkProblem(house.call("GET", "/healthz", "", std::nullopt), 503);
    CHECK(house.core.status().storeTrouble == "The disk is full.");
    CHECK(house.call("POST", "/v1/bases", R"({"name":"hq"})").status == 201);
}

TEST_CASE("a login that must wait says how long") {
    House house;
    Response response;
    for (int i = 0; i < 7; ++i)
        response = house.call("POST", "/v1/login", R"({"name":"x","password":"y"})", std::nullopt);
    checkProblem(response, 429);
    CHECK(headerOf(response, "Retry-After") == "1");
}

TEST_CASE("the configuration goes out and comes back the same") {
    House house;
    REQUIRE(house.call("PATCH", "/v1/settings", R"({"lan.name":"HQ"})", house.local, "*").status == 200);
    REQUIRE(house.call("POST", "/v1/ranges", R"({"text":"10.7.2.*","isEnabled":false})").status == 201);
    REQUIRE(house.call("POST", "/v1/bases", R"({"name":"hq","segments":["10.1.0.0/24"]})").status == 201);
    REQUIRE(house.call("POST", "/v1/admins", R"({"name":"root","role":"admin","password":"very secret pw"})").status ==
            201);
    const auto file = house.call("GET", "/v1/config").body;
    CHECK(file.find("pbkdf2") == std::string::npos);
    CHECK(file.find("secret pw") == std::string::npos);

    House other;
    const auto check = api::fromJson<api::ConfigVerdict>(other.call("POST", "/v1/config/check", file).body);
    REQUIRE(check);
    CHECK(check->isValid);
    CHECK(other.world.settings.set.empty());
    const auto imported = other.call("PUT", "/v1/config", file);
    REQUIRE(imported.status == 200);
    const auto applied = api::fromJson<api::ConfigApplied>(imported.body);
    CHECK(applied->settings == 1);
    CHECK(applied->ranges == 1);
    CHECK(applied->bases == 1);
    REQUIRE(applied->notes.size() == 1);
    CHECK(applied->notes.front().find("root") != std::string::npos);
    CHECK(other.world.settings.set.at("lan.name") == "HQ");
    CHECK_FALSE(other.world.search.list.front().isEnabled);
    CHECK(other.lastAudit().action == "config.import");
    // What is not in the file goes back to its default.
    REQUIRE(other.call("PATCH", "/v1/settings", R"({"lan.group":"Other"})", other.local, "*").status == 200);
    REQUIRE(other.call("PUT", "/v1/config", file).status == 200);
    CHECK_FALSE(other.world.settings.set.contains("lan.group"));
}

TEST_CASE("the check of a configuration tells all errors with their places") {
    House house;
    const std::string file = R"({
 "product":"causeway", "format":1,
 "settings":{"lan.gone_after":1, "lan.nonsense":"x"},
 "ranges":[{"text":"10.7.2.*"},{"text":"10.999.1.1"}],
 "bases":[{"name":"hq","segments":["10.1.0.0/24"]},{"name":"HQ"}],
 "administrators":[{"name":"local","role":"admin"},{"name":"x","role":"king"}]
})";
    const auto verdict = api::fromJson<api::ConfigVerdict>(house.call("POST", "/v1/config/check", file).body);
    REQUIRE(verdict);
    CHECK_FALSE(verdict->isValid);
    const std::array wanted{std::pair{"settings.lan.gone_after", 3}, std::pair{"settings.lan.nonsense", 3},
                            std::pair{"ranges[1].text", 4},          std::pair{"bases[1].name", 5},
                            std::pair{"administrators[0].name", 6},  std::pair{"administrators[1].role", 6}};
    for (const auto& [field, line] : wanted) {
        CAPTURE(field);
        bool isTold = false;
        for (const auto& error : verdict->errors)
            isTold = isTold || (error.field == field && error.line == static_cast<std::size_t>(line));
        CHECK(isTold);
    }
    CHECK(verdict->errors.size() == wanted.size());
    checkProblem(house.call("PUT", "/v1/config", file), 400);
    CHECK(house.world.settings.set.empty());
    for (const char* bad :
         {"", "[]", "{}", R"({"product":"other","format":1})", R"({"product":"causeway","format":2})"}) {
        CHECK_FALSE(api::fromJson<api::ConfigVerdict>(house.call("POST", "/v1/config/check", bad).body)->isValid);
    }
}

TEST_CASE("an import that fails half-way leaves everything as it was") {
    House house;
    REQUIRE(house.call("PATCH", "/v1/settings", R"({"lan.name":"Before"})", house.local, "*").status == 200);
    REQUIRE(house.call("POST", "/v1/ranges", R"({"text":"10.7.2.*","isEnabled":false})").status == 201);
    REQUIRE(house.call("POST", "/v1/bases", R"({"name":"hq","segments":["10.1.0.0/24"]})").status == 201);
    house.world.store.failAdministrators = true;
    const std::string file = R"({"product":"causeway","format":1,"settings":{"lan.name":"After"},
        "ranges":[{"text":"10.8.1.*"}],"bases":[{"name":"osaka"}],"administrators":[{"name":"bob","role":"viewer"}]})";
    const auto refused = house.call("PUT", "/v1/config", file);
    checkProblem(refused, 503);
    CHECK(refused.body.find("everything is as before") != std::string::npos);
    CHECK(house.world.settings.set.at("lan.name") == "Before");
    REQUIRE(house.world.search.list.size() == 1);
    CHECK(house.world.search.list.front().text == "10.7.2.*");
    CHECK_FALSE(house.world.search.list.front().isEnabled);
    REQUIRE(house.world.store.sites.size() == 1);
    CHECK(house.world.store.sites.front().name == "hq");
}

TEST_CASE("metrics have stable names, each with help and type") {
    House house;
    const auto response = house.call("GET", "/metrics");
    CHECK(response.contentType.starts_with("text/plain; version=0.0.4"));
    for (const char* name : {"causeway_info", "causeway_uptime_seconds", "causeway_resident_bytes",
                             "causeway_lan_users{presence=\"present\"}", "causeway_lan_packets_total{direction=\"in\"}",
                             "causeway_problems{severity=\"warning\"}", "causeway_admin_requests_total",
                             "causeway_admin_failed_logins_total", "causeway_admin_event_streams"}) {
        CAPTURE(name);
        CHECK(response.body.find(std::string("\n") + name) != std::string::npos);
    }
    std::size_t helps = 0;
    for (auto at = response.body.find("# HELP "); at != std::string::npos; at = response.body.find("# HELP ", at + 1))
        ++helps;
    std::size_t types = 0;
    for (auto at = response.body.find("# TYPE "); at != std::string::npos; at = response.body.find("# TYPE ", at + 1))
        ++types;
    CHECK(helps == types);
}

TEST_CASE("the status shows the admin listener and counts local and external users") {
    House house;
    house.world.lan.add(test::lanUser(8, "Bob", "10.7.2.14"));
    house.core.setListener({"admin", "127.0.0.1:8425", api::ListenerState::Listening, ""});
    const auto status = house.core.status();
    REQUIRE(status.listeners.size() == 2);
    CHECK(status.listeners[0].name == "admin");
    CHECK(status.lan.local == 1);
    CHECK(status.lan.external == 1);
    CHECK(status.lan.users == 2);
}

TEST_CASE("the log shows the last lines of at least the wanted level") {
    House house;
    house.world.logs.add({test::kNoon, LogLevel::Info, "A_STARTED", "one"});
    house.world.logs.add({test::kNoon, LogLevel::Warning, "B_SLOW", "two"});
    house.world.logs.add({test::kNoon, LogLevel::Info, "C_STARTED", "three"});
    auto lines = api::fromJson<api::LogLines>(house.call("GET", "/v1/logs?level=warning").body);
    REQUIRE(lines);
    CHECK(lines->items.size() == 1);
    lines = api::fromJson<api::LogLines>(house.call("GET", "/v1/logs?limit=2").body);
    REQUIRE(lines->items.size() == 2);
    CHECK(lines->items[0].id == "B_SLOW");
}

TEST_CASE("users are forgotten, probed and ignored through the API") {
    House house;
    checkProblem(house.call("DELETE", "/v1/users/7"), 409);
    CHECK(house.call("POST", "/v1/users/7/probe").status == 202);
    CHECK(house.world.lan.probed == std::vector<UserId>{7});
    house.world.lan.users[7].instability = Instability{};
    CHECK(house.call("PUT", "/v1/users/7/ignore", R"({"until":"2030-01-01T00:00:00.000Z"})").status == 204);
    CHECK(house.world.lan.users[7].instability->ignoredUntil.has_value());
    checkProblem(house.call("PUT", "/v1/users/7/ignore", R"({"until":"tomorrow"})"), 400);
    house.world.lan.users[7].presence = Presence::Gone;
    CHECK(house.call("DELETE", "/v1/users/7").status == 204);
    CHECK(house.lastAudit().action == "users.forget");
    CHECK(house.lastAudit().subject == "7 Alice");
}

TEST_CASE("a busy LAN loop is a 503, not a wait") {
    House house;
    house.world.lan.isBusy = true;
    checkProblem(house.call("GET", "/v1/users"), 503);
    const auto status = house.call("GET", "/v1/status");
    CHECK(status.status == 200);
    CHECK(status.body.find("busy") != std::string::npos);
}
