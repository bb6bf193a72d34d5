#include <doctest/doctest.h>

#include <algorithm>

#include "console/report/bug_report.h"

using namespace causeway;
using namespace causeway::report;

namespace {

BugReportParts sample() {
    BugReportParts parts;
    parts.program = "causewayctl 0.1.0";
    parts.madeAt = fromEpochMillis(1'790'000'000'000);
    parts.connectedTo = "hq-server:8425";
    parts.facts = {{"system", "Linux"}, {"proxy", "http://ann:geheim@10.1.0.9:3128"}};
    parts.log = "once\n";
    auto& service = parts.service.emplace();
    service.serverName = "hq-server";
    service.version = "0.1.0";
    service.files = {{"service/status.json", "State.", R"({"serverName": "hq-server", "alice": "alice at 10.1.0.21"})"},
                     {"service/log.txt", "Log.", "alice came\n"}};
    service.names = {{NameKind::User, "alice"}};
    return parts;
}

const ReportFile& fileOf(const std::vector<ReportFile>& files, const std::string& name) {
    const auto found =
        std::find_if(files.begin(), files.end(), [&name](const ReportFile& file) { return file.name == name; });
    REQUIRE(found != files.end());
    return *found;
}

bool has(const std::vector<ReportFile>& files, const std::string& name) {
    return std::any_of(files.begin(), files.end(), [&name](const ReportFile& file) { return file.name == name; });
}

}  // namespace

TEST_CASE("report of a bug: README comes first and lists every file with its size and what it is") {
    const auto files = bugReportFiles(sample(), {});
    REQUIRE(files.size() == 5);
    CHECK(files[0].name == kReadme);
    const auto& text = files[0].content;
    CHECK(text.find("Made by causewayctl 0.1.0 at 2026-09-21") != std::string::npos);
    CHECK(text.find("11  service/log.txt\n             Log.") != std::string::npos);
    CHECK(text.find("Nothing was sent anywhere") != std::string::npos);
    CHECK(text.find("as they are") != std::string::npos);
    CHECK(text.find("NOT COMPLETE") == std::string::npos);
    CHECK(fileOf(files, "console/environment.txt").content.find("http://ann:***@10.1.0.9:3128") != std::string::npos);
}

TEST_CASE("report of a bug: without the service it is not complete, and says why") {
    auto parts = sample();
    parts.service.reset();
    parts.connectedTo.clear();
    parts.trouble = Error{Code::Unavailable, "No service runs.", "There is no service.json.", "Start it."};
    const auto files = bugReportFiles(parts, {});
    CHECK(files.size() == 3);
    const auto& text = files[0].content;
    CHECK(text.find("NOT COMPLETE: the part of the service is missing.\nNo service runs.") != std::string::npos);
    CHECK(fileOf(files, "console/environment.txt").content.find("connected to: no service") != std::string::npos);
}

TEST_CASE("report of a bug: what is left out is not saved, and README says so") {
    BugReportChoice choice;
    choice.leftOut = {"service/log.txt", kReadme};
    const auto all = bugReportFiles(sample(), choice);
    CHECK(has(all, "service/log.txt"));  // it can still be looked at
    const auto chosen = chosenFiles(all, choice);
    CHECK_FALSE(has(chosen, "service/log.txt"));
    CHECK(has(chosen, kReadme));
    CHECK(fileOf(chosen, kReadme).content.find("Left out by the person who saved this report\n  service/log.txt") !=
          std::string::npos);
}

TEST_CASE("report of a bug: replaced names are gone from every file, README among them, and packets with them") {
    auto parts = sample();
    parts.packets = ReportFile{"packets/trace-3.pcapng", "Packets.", "alice"};
    CHECK(has(bugReportFiles(parts, {}), "packets/trace-3.pcapng"));
    BugReportChoice choice;
    choice.names = Names::Replaced;
    const auto files = bugReportFiles(parts, choice);
    CHECK_FALSE(has(files, "packets/trace-3.pcapng"));
    for (const auto& file : files) {
        CAPTURE(file.name);
        CHECK(file.content.find("hq-server") == std::string::npos);
        CHECK(file.content.find("10.1.0.") == std::string::npos);
    }
    CHECK(fileOf(files, "service/status.json").content ==
          R"({"serverName": "host-1", "alice": "user-1 at net-1.host-2"})");
    CHECK(fileOf(files, "service/log.txt").content == "user-1 came\n");
    const auto& text = fileOf(files, kReadme).content;
    CHECK(text.find("Names were replaced") != std::string::npos);
    CHECK(text.find("The packets of the trace were left out") != std::string::npos);
    CHECK(text.find("The service is host-1") != std::string::npos);
    CHECK(text.find("12  service/log.txt") != std::string::npos);  // the size of what is saved
}

TEST_CASE("report of a bug: its file is named by the time") {
    CHECK(bugReportFileName(fromEpochMillis(0)) == "causeway-bugreport-19700101-000000.zip");
}
