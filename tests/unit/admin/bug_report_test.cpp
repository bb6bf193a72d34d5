#include <doctest/doctest.h>

#include <algorithm>

#include "service/admin/admin_core.h"
#include "shared/api/bug_report_json.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::AdminWorld world;
    std::unique_ptr<AdminCore> core;

    void begin() {
        core = std::make_unique<AdminCore>(world.ports(), world.log, AdminCore::Options{1000});
        REQUIRE(core->start());
    }
    Response call(Role role = Role::Admin) {
        HttpRequest http;
        http.method = "GET";
        REQUIRE(readTarget(http, "/v1/bugreport"));
        http.headers.emplace_back("authorization", "Bearer the-token-of-the-caller");
        return core->serve(http, Identity{"ann", role, api::IdentityKind::Session}, "127.0.0.1");
    }
    BugReport report() {
        const auto response = call();
        CAPTURE(response.body);
        REQUIRE(response.status == 200);
        auto read = api::fromJson<BugReport>(response.body);
        REQUIRE(read);
        return *read;
    }
};

const ReportFile* fileOf(const BugReport& report, const std::string& name) {
    for (const auto& file : report.files) {
        if (file.name == name) return &file;
    }
    return nullptr;
}

bool hasName(const BugReport& report, NameKind kind, const std::string& text) {
    return std::find(report.names.begin(), report.names.end(), ReportName{kind, text}) != report.names.end();
}

}  // namespace

TEST_CASE("bug report: every part of the service is a file that says what it is") {
    House house;
    house.world.logs.add({test::kNoon, LogLevel::Warning, "LAN_TEST", "Alice came from 10.1.0.21."});
    house.begin();
    const auto report = house.report();
    CHECK(report.serverName == "hq-server");
    CHECK(report.version == "0.1.0");
    for (const char* name :
         {"environment.json", "status.json", "problems.json", "settings.json", "configuration.json", "segments.json",
          "searches.json", "domains.json", "providers.json", "dns.json", "metrics.txt", "log.txt", "audit.json"}) {
        CAPTURE(name);
        const auto* file = fileOf(report, std::string("service/") + name);
        REQUIRE(file);
        CHECK_FALSE(file->about.empty());
        CHECK(file->about.find("could not be read") == std::string::npos);
        CHECK_FALSE(file->content.empty());
    }
    CHECK(fileOf(report, "service/log.txt")->content.find("warning LAN_TEST Alice came") != std::string::npos);
    CHECK(fileOf(report, "service/status.json")->content.starts_with("{\n  \""));
}

TEST_CASE("bug report: only administrators get it, and that they did is in the audit") {
    House house;
    house.begin();
    CHECK(house.call(Role::Viewer).status == 403);
    CHECK(house.call(Role::Operator).status == 403);
    CHECK(house.world.store.auditCopy().empty());
    CHECK(house.call().status == 200);
    const auto all = house.world.store.auditCopy();
    REQUIRE(all.size() == 1);
    CHECK(all[0].action == "bugreport.read");
    CHECK(all[0].after.find("service/log.txt") != std::string::npos);
}

TEST_CASE("bug report: it takes a slow place, so that many of them cannot stop the rest") {
    House house;
    house.begin();
    std::vector<SlowPlaces::Place> taken;
    while (auto place = house.core->router().slowPlaces().take())
        taken.push_back(std::move(*place));
    CHECK(house.call().status == 429);
    taken.clear();
    CHECK(house.call().status == 200);
}

TEST_CASE("bug report: the newest ten traces are in it, each whole") {
    House house;
    house.begin();
    for (int i = 0; i < 12; ++i) {
        TraceRequest request;
        request.to = "10.7.2." + std::to_string(i + 1);
        const auto started = house.world.traces.start(request, "ann");
        REQUIRE(started);
        REQUIRE(house.world.traces.stop(started->id));
    }
    const auto report = house.report();
    const auto count = std::count_if(report.files.begin(), report.files.end(),
                                     [](const ReportFile& file) { return file.name.starts_with("service/traces/"); });
    CHECK(count == 10);
    CHECK(fileOf(report, "service/traces/trace-12.json"));
    CHECK_FALSE(fileOf(report, "service/traces/trace-2.json"));
}

TEST_CASE("bug report: what cannot be read says why, and nothing else is missing") {
    House house;
    house.world.lan.isBusy = true;
    house.begin();
    const auto report = house.report();
    const auto* file = fileOf(report, "service/segments.json");
    REQUIRE(file);
    CHECK(file->about.find("could not be read; the file says why") != std::string::npos);
    CHECK(file->content.find("\"detail\"") != std::string::npos);
    CHECK(fileOf(report, "service/audit.json"));
}

TEST_CASE("bug report: the token of the caller and what looks like a password are masked wherever they stand") {
    House house;
    house.world.logs.add({test::kNoon, LogLevel::Info, "X", "got the-token-of-the-caller and PWD=geheim;"});
    AuditEntry entry;
    entry.who = "ann";
    entry.after = "note: token=LEAK-note";
    REQUIRE(house.world.store.addAudit(entry));
    house.begin();
    const auto body = house.call().body;
    CHECK(body.find("got *** and PWD=***;") != std::string::npos);
    CHECK(body.find("the-token-of-the-caller") == std::string::npos);
    CHECK(body.find("geheim") == std::string::npos);
    CHECK(body.find("LEAK-note") == std::string::npos);
}

TEST_CASE("bug report: names that occur are told with their kind, others are not") {
    House house;
    house.world.lan.add(test::lanUser(7, "Alice Baker", "10.1.0.21"));
    house.world.lan.add(test::lanUser(8, "Nobody Here", "10.1.0.22"));
    house.world.logs.add({test::kNoon, LogLevel::Info, "X", "Alice Baker at pc7 of Sales came"});
    BaseSite base;
    base.name = "Osaka";
    base.note = "behind the printer";
    REQUIRE(house.world.store.saveBase(base));
    house.begin();
    const auto report = house.report();
    CHECK(hasName(report, NameKind::User, "Alice Baker"));
    CHECK(hasName(report, NameKind::Host, "pc7"));
    CHECK(hasName(report, NameKind::Group, "Sales"));
    CHECK(hasName(report, NameKind::Base, "Osaka"));
    CHECK(hasName(report, NameKind::Text, "behind the printer"));
    CHECK(hasName(report, NameKind::Host, "hq-server"));
    CHECK_FALSE(hasName(report, NameKind::User, "Nobody Here"));
}
