#include <doctest/doctest.h>

#include "console/client/sse_parser.h"
#include "service/admin/admin_core.h"
#include "shared/api/traces_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};

    House() {
        REQUIRE(core.start());
        world.lan.add(test::lanUser(7, "Alice", "10.1.0.21"));
    }
    Response call(const std::string& method, const std::string& target, const std::string& body = {},
                  Role role = Role::Operator) {
        return callOf(core, method, target, body, role);
    }
    static Response callOf(AdminCore& core, const std::string& method, const std::string& target,
                           const std::string& body, Role role) {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        return core.serve(http, Identity{"ann", role, api::IdentityKind::Session}, "127.0.0.1");
    }
    TraceReport started(const std::string& body) {
        const auto response = call("POST", "/v1/traces", body);
        CAPTURE(response.body);
        REQUIRE(response.status == 201);
        const auto report = api::fromJson<TraceReport>(response.body);
        REQUIRE(report);
        return *report;
    }
    AuditEntry lastAudit() {
        const auto all = world.store.auditCopy();
        REQUIRE_FALSE(all.empty());
        return all.back();
    }
};

std::vector<std::string> fieldsOf(const Response& response) {
    std::vector<std::string> fields;
    const auto document = api::fromJson<api::ErrorDocument>(response.body);
    REQUIRE(document);
    for (const auto& each : document->errors)
        fields.push_back(each.field);
    return fields;
}

}  // namespace

TEST_CASE("traces: a trace is started, read, stopped and removed, and each is audited") {
    House house;
    const auto report = house.started(R"({"from":"alice","to":"10.7.2.14","kind":"full","repeatMinutes":5})");
    CHECK(report.by == "ann");
    CHECK(!report.request.isQuick);
    CHECK(report.request.repeatMinutes == 5);
    auto entry = house.lastAudit();
    CHECK(entry.action == "traces.start");
    CHECK(entry.subject == "1");
    CHECK(entry.after == "alice -> 10.7.2.14, full, repeated for 5 min");

    CHECK(house.call("GET", "/v1/traces/1", {}, Role::Viewer).status == 200);
    CHECK(house.call("DELETE", "/v1/traces/1").status == 409);
    const auto stopped = api::fromJson<TraceReport>(house.call("POST", "/v1/traces/1/stop").body);
    REQUIRE(stopped);
    CHECK(stopped->state == TraceState::Stopped);
    CHECK(house.lastAudit().action == "traces.stop");
    CHECK(house.call("DELETE", "/v1/traces/1").status == 204);
    entry = house.lastAudit();
    CHECK(entry.action == "traces.remove");
    CHECK(entry.before == "alice -> 10.7.2.14, full, repeated for 5 min");
    CHECK(house.call("GET", "/v1/traces/1").status == 404);
    CHECK(house.call("POST", "/v1/traces/1/stop").status == 404);
    CHECK(house.call("DELETE", "/v1/traces/1").status == 404);
    CHECK(house.call("GET", "/v1/traces/1/packets").status == 404);
    CHECK(house.world.store.auditCopy().size() == 3);
}

TEST_CASE("traces: reading the users' own lists wants consent and is audited") {
    House house;
    house.started(R"({"to":"10.7.2.14","readLists":true})");
    CHECK(house.world.traces.all.front().request.readLists);
    CHECK(house.lastAudit().after == "this service -> 10.7.2.14, quick; reads the users' own lists");
    const auto refused = house.call("POST", "/v1/traces", R"({"to":"10.7.2.14","steps":["lists"]})");
    CHECK(refused.status == 400);
    CHECK(fieldsOf(refused) == std::vector<std::string>{"steps"});
    house.started(R"({"to":"10.7.2.14","steps":["echo","path"]})");
    CHECK_FALSE(house.world.traces.all.front().request.readLists);
    CHECK(house.lastAudit().after == "this service -> 10.7.2.14, steps echo path");
}

TEST_CASE("traces: a request that cannot be meant starts nothing and names its fields") {
    House house;
    CHECK(fieldsOf(house.call("POST", "/v1/traces", "{}")) == std::vector<std::string>{"to"});
    CHECK(fieldsOf(house.call("POST", "/v1/traces", R"({"to":"bob","kind":"slow","steps":["smell"]})")) ==
          std::vector<std::string>{"kind", "steps"});
    CHECK(fieldsOf(house.call("POST", "/v1/traces", R"({"toUser":99})")) == std::vector<std::string>{"toUser"});
    CHECK(fieldsOf(house.call("POST", "/v1/traces", R"({"fromUser":99,"toUser":7})")) ==
          std::vector<std::string>{"fromUser"});
    CHECK(house.world.traces.all.empty());
    CHECK(house.world.store.auditCopy().empty());
    CHECK(house.started(R"({"toUser":7})").request.toUser == 7);
}

TEST_CASE("traces: a viewer reads but starts, stops and removes nothing") {
    House house;
    house.started(R"({"to":"10.7.2.14"})");
    CHECK(house.call("POST", "/v1/traces", R"({"to":"10.7.2.14"})", Role::Viewer).status == 403);
    CHECK(house.call("POST", "/v1/traces/1/stop", {}, Role::Viewer).status == 403);
    CHECK(house.call("DELETE", "/v1/traces/1", {}, Role::Viewer).status == 403);
    CHECK(house.call("GET", "/v1/traces", {}, Role::Viewer).status == 200);
    CHECK(house.call("GET", "/v1/traces/steps", {}, Role::Viewer).status == 200);
    CHECK(house.world.traces.all.size() == 1);
}

TEST_CASE("traces: the list leaves out details and hops, one trace has them") {
    House house;
    house.world.traces.onStart = [](TraceReport& report) { test::finish(report, VerdictCode::PathFilterUdp); };
    house.started(R"({"to":"10.7.2.14"})");
    const auto list = api::fromJson<api::TraceList>(house.call("GET", "/v1/traces").body);
    REQUIRE(list);
    REQUIRE(list->items.size() == 1);
    REQUIRE(list->items[0].rows.size() == 3);
    CHECK(list->items[0].rows[1].details.empty());
    CHECK(!list->items[0].rows[2].path);
    CHECK(list->items[0].verdicts.size() == 1);
    const auto one = api::fromJson<TraceReport>(house.call("GET", "/v1/traces/1").body);
    REQUIRE(one);
    CHECK(one->rows[1].details.size() == 1);
    CHECK(one->rows[2].path);
}

TEST_CASE("traces: the packets come as a file with a name") {
    House house;
    house.started(R"({"to":"10.7.2.14"})");
    const auto response = house.call("GET", "/v1/traces/1/packets", {}, Role::Viewer);
    CHECK(response.status == 200);
    CHECK(response.contentType == "application/vnd.tcpdump.pcap");
    CHECK(response.body == house.world.traces.packets);
    REQUIRE(response.headers.size() == 1);
    CHECK(response.headers[0].second == "attachment; filename=\"trace-1.pcapng\"");
}

TEST_CASE("traces: the trace of a login is audited with its address, and that a password was given, but not which") {
    House house;
    const auto response =
        house.call("POST", "/v1/traces", R"({"user":"alice@chat.corp.test","password":"LEAK-typed"})");
    CAPTURE(response.body);
    REQUIRE(response.status == 201);
    CHECK(response.body.find("alice@chat.corp.test") != std::string::npos);
    CHECK(response.body.find("LEAK-typed") == std::string::npos);
    const auto entry = house.lastAudit();
    CHECK(entry.action == "traces.start");
    CHECK(entry.after.find("the way of a login; rehearses it with a password") != std::string::npos);
    CHECK(entry.after.find("LEAK-typed") == std::string::npos);
    CHECK(fieldsOf(house.call("POST", "/v1/traces", R"({"user":"alice"})")) == std::vector<std::string>{"user"});
}

TEST_CASE("traces: the step table says what each step needs") {
    House house;
    const auto list = api::fromJson<api::TraceStepList>(house.call("GET", "/v1/traces/steps").body);
    REQUIRE(list);
    REQUIRE(list->items.size() == kTraceSteps + kDomainSteps);
    CHECK(list->items[14].word == "lists");
    CHECK(list->items[14].need == TraceNeed::Consent);
    CHECK(list->items[5].isQuick);
    CHECK(list->items[5].budget == 3s);
}

TEST_CASE("traces: without the LAN directory every call says why, only the step table is there") {
    test::AdminWorld world;
    auto ports = world.ports();
    ports.traces = nullptr;
    AdminCore core{ports, world.log, {1000}};
    REQUIRE(core.start());
    for (const auto& [method, target] : {std::pair<const char*, const char*>{"GET", "/v1/traces"},
                                         {"POST", "/v1/traces"},
                                         {"GET", "/v1/traces/1"},
                                         {"POST", "/v1/traces/1/stop"},
                                         {"DELETE", "/v1/traces/1"},
                                         {"GET", "/v1/traces/1/packets"}}) {
        CAPTURE(method);
        CAPTURE(target);
        const auto response = House::callOf(core, method, target, "{}", Role::Admin);
        CHECK(response.status == 503);
        CHECK(response.body.find("lan.enabled") != std::string::npos);
    }
    CHECK(House::callOf(core, "GET", "/v1/traces/steps", {}, Role::Viewer).status == 200);
    const auto capabilities = House::callOf(core, "GET", "/v1/capabilities", {}, Role::Viewer).body;
    CHECK(capabilities.find("\"traces\"") == std::string::npos);
    House house;
    CHECK(house.call("GET", "/v1/capabilities").body.find("\"traces\"") != std::string::npos);
}
