#include "service/admin/openapi.h"

#include <doctest/doctest.h>

#include <set>

#include "service/admin/admin_core.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

TEST_CASE("the OpenAPI document lists every route with its role and known schemas") {
    test::AdminWorld world;
    AdminCore core{world.ports(), world.log, {1000}};
    const auto text = openApiDocument(core.router());
    const auto document = api::JsonDocument::parse(text, {.refuseDuplicateNames = true});
    REQUIRE(document);
    const auto root = document->root();
    CHECK(root.find("openapi").text() == "3.1.0");
    const auto schemas = root.find("components").find("schemas");
    std::set<std::string> used;
    std::size_t operations = 0;
    for (auto path = root.find("paths").first(); path; path = path.next())
        operations += path.count();
    CHECK(operations == core.router().routes().size());
    for (const auto& route : core.router().routes()) {
        const std::string line = std::string(route.method) + " " + route.path;
        CAPTURE(line);
        std::string method = route.method;
        for (char& c : method)
            c = static_cast<char>(c - 'A' + 'a');
        const auto operation = root.find("paths").find(route.path).find(method);
        REQUIRE(operation);
        CHECK(operation.find("x-role").text() == wordOf(route.access));
        CHECK(static_cast<bool>(operation.find("x-slow")) == (route.pace == Pace::Slow));
        CHECK_FALSE(operation.find("summary").text().empty());
        CHECK(operation.find("responses").find(std::to_string(route.success)));
        for (const std::string schema : {route.requestSchema, route.responseSchema}) {
            if (schema.empty() || schema == "text" || schema == "packets" || schema == "events") continue;
            CAPTURE(schema);
            CHECK(schemas.find(schema));
            used.insert(schema);
        }
    }
    // Nothing is described that nobody sends.
    used.insert("Error");
    CHECK(schemas.count() == used.size());
}

TEST_CASE("schemas are derived from what the writers write") {
    CHECK(
        schemaOf({R"({"a":1,"b":"2026-11-22T01:02:03.004Z","c":[true],"d":1.5})", R"({"a":null,"b":"x","c":[]})"}) ==
        R"({"type":"object","properties":{"a":{"type":["integer","null"]},"b":{"type":"string","format":"date-time"},)"
        R"("c":{"type":"array","items":{"type":"boolean"}},"d":{"type":"number"}}})");
    const auto user = schemaOf(schemaSamples()[10].samples);
    CHECK(user.find("\"addresses\"") != std::string::npos);
}
