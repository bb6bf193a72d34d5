#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

#include "console/presenters/bug_report_presenter.h"
#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

BugReportPresenter::Own own() {
    BugReportPresenter::Own mine;
    mine.program = "causeway-console 0.1.0";
    mine.facts = {{"toolkit", "wx"}};
    mine.hostNames = {"desk-7"};
    mine.log = "started on desk-7\n";
    return mine;
}

const BugReportPresenter::Row* rowOf(const BugReportPresenter& presenter, const std::string& name) {
    for (const auto& row : presenter.rows()) {
        if (row.name == name) return &row;
    }
    return nullptr;
}

struct LiveReport : LiveConsole {
    BugReportPresenter presenter{session, own()};

    bool ready() {
        if (!started || !connect()) return false;
        presenter.load();
        return settle();
    }
    bool settle() {
        return executor.runUntil([this] { return !presenter.isBusy(); });
    }
};

}  // namespace

TEST_CASE("bug report: files of the service and of the console are listed, README first, each can be read") {
    LiveReport live;
    live.world.logs.add({kNoon, LogLevel::Info, "LAN_TEST", "something came"});
    REQUIRE(live.ready());
    const auto& rows = live.presenter.rows();
    REQUIRE(rows.size() > 10);
    CHECK(rows[0].name == "README.txt");
    CHECK(rows[0].isFixed);
    CHECK(live.presenter.textOf("service/log.txt").find("LAN_TEST something came") != std::string::npos);
    CHECK(live.presenter.textOf("console/environment.txt").find("toolkit: wx") != std::string::npos);
    CHECK(live.presenter.textOf("README.txt").find("service/log.txt") != std::string::npos);
    CHECK(live.presenter.line().mark == Mark::Fine);
    CHECK(live.presenter.line().text.find("Nothing is sent anywhere") != std::string::npos);
}

TEST_CASE("bug report: a file that is left out is not saved; README cannot be left out") {
    LiveReport live;
    REQUIRE(live.ready());
    live.presenter.setIncluded("service/log.txt", false);
    live.presenter.setIncluded("README.txt", false);
    REQUIRE(live.settle());
    CHECK_FALSE(rowOf(live.presenter, "service/log.txt")->isIncluded);
    CHECK(rowOf(live.presenter, "README.txt")->isIncluded);
    CHECK(live.presenter.textOf("README.txt").find("Left out by the person") != std::string::npos);
    const auto path = (live.folder.path() / "r.zip").string();
    live.presenter.save(path);
    REQUIRE(live.settle());
    CHECK(std::filesystem::file_size(path) > 100);
    const auto line = live.presenter.line();
    CHECK(line.mark == Mark::Fine);
    CHECK(line.text.find("The report is in " + path) == 0);
    // The sentence is about what was saved; a change afterwards is not.
    live.presenter.setIncluded("service/log.txt", true);
    REQUIRE(live.settle());
    CHECK(live.presenter.line().text.find("The report is in") == std::string::npos);
}

TEST_CASE("bug report: names are replaced in the files that are shown, those of this computer, too") {
    LiveReport live;
    live.world.lan.add(lanUser(7, "Alice Baker", "10.1.0.21"));
    live.world.logs.add({kNoon, LogLevel::Info, "X", "Alice Baker came from 10.1.0.21"});
    REQUIRE(live.ready());
    CHECK(live.presenter.textOf("service/log.txt").find("Alice Baker came from 10.1.0.21") != std::string::npos);
    live.presenter.setAnonymous(true);
    REQUIRE(live.settle());
    CHECK(live.presenter.textOf("service/log.txt").find("Alice") == std::string::npos);
    CHECK(live.presenter.textOf("service/log.txt").find(" came from net-") != std::string::npos);
    CHECK(live.presenter.textOf("console/log.txt").find("desk-7") == std::string::npos);
    live.presenter.setAnonymous(false);
    REQUIRE(live.settle());
    CHECK(live.presenter.textOf("console/log.txt") == "started on desk-7\n");
}

TEST_CASE("bug report: packets of a trace come along if they are chosen, and say why they cannot") {
    LiveReport live;
    TraceRequest request;
    request.to = "10.7.2.14";
    const auto trace = live.world.traces.start(request, "ann");
    REQUIRE(trace);
    REQUIRE(live.world.traces.stop(trace->id));
    REQUIRE(live.ready());
    REQUIRE(live.executor.runUntil([&] { return live.presenter.traces().size() == 2; }));
    CHECK(live.presenter.traces()[1].text.find("10.7.2.14") != std::string::npos);
    live.presenter.setTrace(trace->id);
    REQUIRE(live.settle());
    const auto name = "packets/trace-" + std::to_string(trace->id) + ".pcapng";
    REQUIRE(rowOf(live.presenter, name));
    CHECK(live.presenter.textOf(name).find("Wireshark") != std::string::npos);
    live.presenter.setAnonymous(true);
    REQUIRE(live.settle());
    CHECK_FALSE(rowOf(live.presenter, name));
    CHECK(live.presenter.line().text.find("cannot be replaced") != std::string::npos);
    live.presenter.setAnonymous(false);
    live.presenter.setTrace(99);
    REQUIRE(live.settle());
    CHECK_FALSE(rowOf(live.presenter, name));
    CHECK(live.presenter.line().mark == Mark::Partly);
}

TEST_CASE("bug report: without a service the own part is there, and the window and README say what is missing") {
    QuietConsole quiet;
    BugReportPresenter presenter{quiet.session, own()};
    presenter.load();
    quiet.executor.run();
    CHECK_FALSE(presenter.isBusy());
    REQUIRE(presenter.rows().size() == 3);
    CHECK(presenter.line().mark == Mark::Partly);
    CHECK(presenter.line().text.find("The part of the service is missing.\nNo service is connected.") !=
          std::string::npos);
    CHECK(presenter.textOf("README.txt").find("NOT COMPLETE") != std::string::npos);
    TemporaryFolder folder;
    presenter.save((folder.path() / "no" / "r.zip").string());
    quiet.executor.run();
    CHECK(presenter.line().mark == Mark::Broken);
    CHECK(presenter.line().text.find("cannot be written") != std::string::npos);
}

TEST_CASE("bug report: a service that stopped meanwhile leaves the own part") {
    LiveReport live;
    REQUIRE(live.started);
    REQUIRE(live.connect());
    live.server->stop();
    live.presenter.load();
    REQUIRE(live.settle());
    CHECK(live.presenter.rows().size() == 3);
    CHECK(live.presenter.line().mark == Mark::Partly);
}
