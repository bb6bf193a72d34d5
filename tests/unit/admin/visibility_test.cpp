#include <doctest/doctest.h>

#include "service/admin/admin_core.h"
#include "shared/api/visibility_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};

    House() { REQUIRE(core.start()); }
    Response call(const std::string& method, const std::string& target, const std::string& body = {},
                  Role role = Role::Operator) {
        HttpRequest http;
        http.method = method;
        REQUIRE(readTarget(http, target));
        http.body = body;
        return core.serve(http, Identity{"ann", role, api::IdentityKind::Session}, "127.0.0.1");
    }
};

}  // namespace

TEST_CASE("visibility: the overview has the state and the map of bases") {
    House house;
    const auto response = house.call("GET", "/v1/visibility", {}, Role::Viewer);
    REQUIRE(response.status == 200);
    const auto read = api::fromJson<api::VisibilityOverview>(response.body);
    REQUIRE(read);
    CHECK(read->status == house.world.visibility.now);
    CHECK(read->map.rows == house.world.visibility.map.rows);
    CHECK(read->map.blocks == house.world.visibility.map.blocks);
    CHECK(read->map.totalColumns == 2);
}

TEST_CASE("visibility: segments and computers come in pages, and a wrong place is told with its field") {
    House house;
    const auto segments = house.call("GET", "/v1/visibility/segments?from=hq&to=osaka&row=100", {}, Role::Viewer);
    REQUIRE(segments.status == 200);
    CHECK(house.world.visibility.row == 100);
    const auto map = api::fromJson<VisibilityMap>(segments.body);
    REQUIRE(map);
    CHECK(map->rows[0].segment == Network4::parse("10.1.0.0/24"));
    CHECK(house.call("GET", "/v1/visibility/segments?from=nowhere&to=hq").status == 404);
    CHECK(house.call("GET", "/v1/visibility/segments?from=hq&to=hq&row=-1").status == 400);

    const auto cells =
        house.call("GET", "/v1/visibility/cells?from=10.1.0.0/24&to=10.2.0.0/24&row=200&column=500", {}, Role::Viewer);
    REQUIRE(cells.status == 200);
    CHECK(house.world.visibility.row == 200);
    CHECK(house.world.visibility.column == 500);
    const auto grid = api::fromJson<VisibilityCells>(cells.body);
    REQUIRE(grid);
    CHECK(grid->rows == std::vector<std::string>{".0", ".."});
    CHECK(grid->observers == house.world.visibility.grid.observers);
    for (const std::string target :
         {"?from=10.1.0.0/24", "?from=10.1.0.7/24&to=10.1.0.0/24", "?from=x&to=10.1.0.0/24",
          "?from=10.1.0.0/24&to=10.1.0.0/24&row=x", "?from=10.1.0.0/24&to=10.1.0.0/24&column=99999999"}) {
        CAPTURE(target);
        const auto refused = house.call("GET", "/v1/visibility/cells" + target);
        CHECK(refused.status == 400);
        CHECK(refused.body.find("\"errors\"") != std::string::npos);
    }
}

TEST_CASE("visibility: findings come with their story") {
    House house;
    const auto response = house.call("GET", "/v1/visibility/findings", {}, Role::Viewer);
    REQUIRE(response.status == 200);
    const auto read = api::fromJson<api::VisibilityFindings>(response.body);
    REQUIRE(read);
    REQUIRE(read->items.size() == 1);
    CHECK(read->items[0] == house.world.visibility.found[0]);
}

TEST_CASE("visibility: a collection is started by an operator, for all or for a block, and is audited") {
    House house;
    CHECK(house.call("POST", "/v1/visibility/collect", "{}", Role::Viewer).status == 403);
    REQUIRE(house.call("POST", "/v1/visibility/collect", "{}").status == 200);
    CHECK(house.world.visibility.now.by == "ann");
    CHECK(house.world.store.auditCopy().back().action == "visibility.collect");
    CHECK(house.world.store.auditCopy().back().subject == "everybody");
    CHECK(house.call("POST", "/v1/visibility/collect", "{}").status == 429);
    REQUIRE(house.call("POST", "/v1/visibility/stop").status == 200);
    CHECK(house.world.store.auditCopy().back().action == "visibility.stop");
    const auto begun = house.call("POST", "/v1/visibility/collect", R"({"from":"10.1.0.0/24","to":"10.2.0.0/24"})");
    REQUIRE(begun.status == 200);
    CHECK(api::fromJson<VisibilityStatus>(begun.body)->scope.to == Network4::parse("10.2.0.0/24"));
    CHECK(house.world.visibility.asked.back().from == Network4::parse("10.1.0.0/24"));
    CHECK(house.world.store.auditCopy().back().subject == "10.1.0.0/24 and 10.2.0.0/24");
    CHECK(house.call("POST", "/v1/visibility/collect", R"({"from":"10.1.0.7/24"})").status == 400);
}

TEST_CASE("visibility: without the LAN directory every call says so") {
    test::AdminWorld world;
    auto ports = world.ports();
    ports.visibility = nullptr;
    AdminCore core{ports, world.log, {1000}};
    REQUIRE(core.start());
    HttpRequest http;
    http.method = "GET";
    REQUIRE(readTarget(http, "/v1/visibility"));
    const auto response = core.serve(http, Identity{"ann", Role::Operator, api::IdentityKind::Session}, "127.0.0.1");
    CHECK(response.status == 503);
    CHECK(response.body.find("lan.enabled") != std::string::npos);
}

TEST_CASE("visibility: the figures are in /metrics, and the capability is told") {
    House house;
    const auto metrics = house.call("GET", "/metrics").body;
    CHECK(metrics.find("causeway_visibility_lists_read_total 14\n") != std::string::npos);
    CHECK(metrics.find("causeway_visibility_findings 1\n") != std::string::npos);
    CHECK(house.call("GET", "/v1/capabilities").body.find("\"visibility\"") != std::string::npos);
}

TEST_CASE("visibility: what a service says wrongly is put right or left out") {
    const auto map = api::fromJson<VisibilityMap>(
        R"({"rows":[{"base":"a"}],"columns":[{"base":"a"}],"blocks":[{"from":0,"to":0},{"from":1,"to":0},{"from":0,"to":7}]})");
    REQUIRE(map);
    CHECK(map->blocks.size() == 1);
    const auto cells = api::fromJson<VisibilityCells>(
        R"({"observers":[{"name":"a"},{"name":"b"}],"subjects":[{"name":"a"},{"name":"b"}],"rows":["1"]})");
    REQUIRE(cells);
    CHECK(cells->rows == std::vector<std::string>{"1.", ".."});
    const auto finding = api::fromJson<VisibilityFinding>(R"({"id":3,"kind":"strange","certainty":"sure"})");
    REQUIRE(finding);
    CHECK(finding->certainty == Certainty::Possible);
}
