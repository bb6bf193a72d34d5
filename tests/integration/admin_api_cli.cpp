#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "service/admin/admin_core.h"
#include "service/admin/admin_server.h"
#include "tests/support/admin_fakes.h"

/// causewayctl against a real AdminServer: what it prints and how it ends.
using namespace causeway;

namespace {

struct Shell {
    test::AdminWorld world;
    test::TemporaryFolder folder;
    admin::AdminServer server{ports(), options(), world.log};
    std::string out;
    std::string err;

    Shell() {
        const auto started = server.start();
        REQUIRE_MESSAGE(started, (started ? std::string() : started.error().text()));
        std::ofstream{folder.path() / "service.json"} << "{\"admin\":\"" << server.address() << "\"}";
        world.lan.add(test::lanUser(7, "Alice", "10.1.0.21"));
        world.lan.add(test::lanUser(8, "Bob", "10.7.2.14"));
    }
    admin::AdminPorts ports() {
        auto all = world.ports();
        all.now = [start = std::chrono::steady_clock::now()] {
            return test::kNoon + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
        };
        return all;
    }
    admin::AdminOptions options() const {
        admin::AdminOptions made;
        made.listen = "127.0.0.1:0";
        made.dataFolder = folder.path();
        made.passwordRounds = 1000;
        return made;
    }
    /// Exit code; what was printed is in out and err.
    int ctl(std::vector<std::string> words, const std::string& input = {}) {
        words.insert(words.begin(), {"causewayctl", "--data", folder.path().string()});
        return plain(words, input);
    }
    int plain(const std::vector<std::string>& words, const std::string& input = {}) {
        std::vector<const char*> pointers;
        for (const auto& word : words)
            pointers.push_back(word.c_str());
        std::istringstream in{input};
        std::ostringstream outText;
        std::ostringstream errText;
        cli::Terminal terminal{in, outText, errText};
        const int code = cli::run(static_cast<int>(pointers.size()), pointers.data(), terminal);
        out = outText.str();
        err = errText.str();
        return code;
    }
    bool prints(const std::string& text) const { return out.find(text) != std::string::npos; }
    bool complains(const std::string& text) const { return err.find(text) != std::string::npos; }
};

}  // namespace

TEST_CASE("causewayctl: users are listed, filtered, shown and probed by name") {
    Shell shell;
    CHECK(shell.ctl({"users"}) == 0);
    CHECK(shell.prints("Alice"));
    CHECK(shell.prints("Bob"));
    CHECK(shell.ctl({"users", "--external"}) == 0);
    CHECK_FALSE(shell.prints("Alice"));
    CHECK(shell.ctl({"users", "--external", "--as", "bob"}) == 0);
    CHECK_FALSE(shell.prints("Bob"));
    CHECK(shell.ctl({"users", "--filter", "nobody"}) == 1);
    CHECK(shell.ctl({"users", "show", "alice"}) == 0);
    CHECK(shell.prints("entered from 10.1.0.21"));
    CHECK(shell.ctl({"users", "probe", "10.7.2.14"}) == 0);
    CHECK(shell.world.lan.probed == std::vector<UserId>{8});
    CHECK(shell.ctl({"users", "forget", "7"}) == 1);
    CHECK(shell.complains("not gone"));
    CHECK(shell.ctl({"users", "show", "carl"}) == 1);
    shell.world.lan.add(test::lanUser(9, "Alice", "10.7.2.15"));
    CHECK(shell.ctl({"users", "show", "alice"}) == 1);
    CHECK(shell.complains("7 at 10.1.0.21"));
    CHECK(shell.ctl({"users", "--local", "--external"}) == 2);
    CHECK(shell.ctl({"users", "--sort", "colour"}) == 2);
}

TEST_CASE("causewayctl: every list has a JSON form") {
    Shell shell;
    for (const std::vector<std::string>& words : {std::vector<std::string>{"status"},
                                                  {"problems"},
                                                  {"users"},
                                                  {"users", "show", "7"},
                                                  {"ranges"},
                                                  {"ranges", "list"},
                                                  {"search", "list"},
                                                  {"trace", "list"},
                                                  {"settings"},
                                                  {"settings", "get", "lan.name"},
                                                  {"bases"},
                                                  {"admins"},
                                                  {"tokens"},
                                                  {"audit"},
                                                  {"logs"},
                                                  {"config", "export"}}) {
        auto withJson = words;
        withJson.emplace_back("--json");
        CAPTURE(words.front());
        CHECK(shell.ctl(withJson) == 0);
        const auto document = api::JsonDocument::parse(shell.out);
        CHECK(document.has_value());
        CHECK(shell.err.empty());
    }
    CHECK(shell.ctl({"--json", "users", "show", "99"}) == 1);
    const auto document = api::fromJson<api::ErrorDocument>(shell.err);
    REQUIRE(document);
    CHECK(document->error.code == Code::NotFound);
    CHECK(document->status == 404);
}

TEST_CASE("causewayctl: ranges are added, switched, checked, imported and exported") {
    Shell shell;
    CHECK(shell.ctl({"ranges", "add", "10.7.2.*  # osaka", "--off"}) == 0);
    CHECK(shell.ctl({"ranges"}) == 0);
    CHECK(shell.prints("osaka"));
    CHECK(shell.ctl({"ranges", "on", "1"}) == 0);
    CHECK(shell.world.search.list.front().isEnabled);
    CHECK(shell.ctl({"ranges", "preview"}, "10.7.2.*\n10.999.1.1\n") == 1);
    CHECK(shell.prints("line 2"));
    CHECK(shell.ctl({"ranges", "import"}, "10.7.2.*\nnonsense!\n") == 1);
    CHECK(shell.complains("line 2"));
    CHECK(shell.ctl({"ranges", "import"}, "10.8.1.*\n10.9.1.1-9\n") == 0);
    const auto file = (shell.folder.path() / "ranges.txt").string();
    CHECK(shell.ctl({"ranges", "export", file}) == 0);
    CHECK(shell.ctl({"ranges", "export"}) == 0);
    CHECK(shell.out == "10.8.1.*\n10.9.1.1-9\n");
    CHECK(shell.ctl({"ranges", "remove", "99"}) == 1);
    CHECK(shell.ctl({"ranges", "import", "/not/there"}) == 1);
}

TEST_CASE("causewayctl: a folder, an empty file or a file of comments does not erase the ranges") {
    Shell shell;
    REQUIRE(shell.ctl({"ranges", "import"}, "10.8.1.*\n10.9.1.1-9\n") == 0);
    for (const char* command : {"import", "preview"}) {
        CHECK(shell.ctl({"ranges", command, shell.folder.path().string()}) == 1);
        CHECK(shell.complains("is a folder"));
    }
    for (const char* text : {"", "\n\n", "# only\r\n  # comments\n", "\xEF\xBB\xBF"}) {
        CHECK(shell.ctl({"ranges", "import"}, text) == 1);
        CHECK(shell.complains("would erase all 2 ranges"));
        CHECK(shell.complains("10.8.1.*"));
        CHECK(shell.complains("--empty"));
    }
    CHECK(shell.world.search.list.size() == 2);
    CHECK(shell.ctl({"ranges", "import", "--empty"}, "\n") == 0);
    CHECK(shell.world.search.list.empty());
    CHECK(shell.ctl({"ranges", "import"}, "") == 1);
    CHECK(shell.complains("empty, too"));
}

TEST_CASE("causewayctl: files of Windows editors are read, or named with the remedy") {
    Shell shell;
    CHECK(shell.ctl({"ranges", "import"},
                    "\xEF\xBB\xBF"
                    "10.8.1.*\r\n10.9.1.1-9\r\n") == 0);
    CHECK(shell.world.search.list.size() == 2);
    CHECK(shell.ctl({"ranges", "import"}, std::string("\xFF\xFE"
                                                      "1\0"
                                                      "0\0",
                                                      6)) == 1);
    CHECK(shell.complains("UTF-16"));
    CHECK(shell.complains("Save it again as UTF-8"));
    CHECK(shell.world.search.list.size() == 2);
}

TEST_CASE("causewayctl: a file that cannot be written is told with the reason") {
    Shell shell;
    const auto missing = (shell.folder.path() / "missing" / "x").string();
    for (const char* what : {"config", "ranges"}) {
        CHECK(shell.ctl({what, "export", missing}) == 1);
        CHECK(shell.complains("No such file or directory"));
        CHECK(shell.ctl({what, "export", shell.folder.path().string()}) == 1);
        CHECK(shell.complains("Is a directory"));
    }
}

TEST_CASE("causewayctl: an unknown word is named, with the commands that are near") {
    Shell shell;
    CHECK(shell.ctl({"bogus"}) == 2);
    CHECK(shell.complains("there is no command \"bogus\". There are: status,"));
    CHECK(shell.ctl({"--json", "stauts"}) == 2);
    CHECK(shell.complains("no command \"stauts\". Did you mean: status?"));
    CHECK(shell.ctl({"ranges", "imprt", "x"}) == 2);
    CHECK(shell.complains("there is no command \"ranges imprt\". Did you mean: import?"));
    CHECK(shell.ctl({"users", "show"}) == 2);
    CHECK_FALSE(shell.complains("no command"));
}

TEST_CASE("causewayctl: what is wrong with the command line ends with 2, a wrong token says what to do") {
    Shell shell;
    const auto at = [&shell](std::vector<std::string> words) {
        words.insert(words.begin(), {"causewayctl", "--connect", shell.server.address()});
        return shell.plain(words);
    };
    CHECK(at({"status"}) == 2);
    CHECK(shell.complains("--user NAME"));
    CHECK(at({"--fingerprint", "xyz", "--user", "root", "status"}) == 2);
    CHECK(at({"--token-file", "/not/there", "status"}) == 2);
    CHECK(shell.complains("No such file or directory"));
    CHECK(at({"--token-file", shell.folder.path().string(), "status"}) == 2);
    CHECK(shell.complains("is a folder"));
    CHECK(shell.plain({"causewayctl", "--connect", "a b", "--user", "x", "status"}) == 2);

    const auto file = (shell.folder.path() / "old.token").string();
    std::ofstream{file} << "a-token-that-is-not-known\n";
    CHECK(at({"--fingerprint", shell.server.fingerprint(), "--token-file", file, "status"}) == 1);
    CHECK(shell.complains("The token in " + file + " was removed"));
    CHECK(shell.complains("causewayctl tokens add"));
    CHECK_FALSE(shell.complains("/v1/login"));
}

TEST_CASE("causewayctl: status shows the fingerprint to compare") {
    Shell shell;
    CHECK(shell.ctl({"status"}) == 0);
    CHECK(shell.prints(shell.server.fingerprint()));
    CHECK(shell.ctl({"--json", "status"}) == 0);
    CHECK(shell.prints("\"certificateFingerprint\":\"" + shell.server.fingerprint() + "\""));
}

TEST_CASE("causewayctl: a search is started, watched and stopped") {
    Shell shell;
    CHECK(shell.ctl({"search", "status"}) == 1);
    CHECK(shell.complains("no search yet"));
    CHECK(shell.ctl({"search", "start", "--address", "10.7.2.*", "--rate", "50"}) == 0);
    CHECK(shell.world.search.done.front().addresses == "10.7.2.*");
    CHECK(shell.world.search.done.front().packetsPerSecond == 50);
    CHECK(shell.ctl({"search", "start"}) == 1);
    CHECK(shell.ctl({"search", "stop"}) == 0);
    shell.world.search.found.resize(3);
    CHECK(shell.ctl({"search", "results"}) == 0);
    CHECK(shell.ctl({"search", "results", "--follow"}) == 1);
    CHECK(shell.complains("stopped"));
    CHECK(shell.ctl({"search", "start", "--via", "nonsense"}) == 2);
    CHECK(shell.ctl({"search"}) == 2);
}

TEST_CASE("causewayctl: a trace shows its rows, its verdict and the remedy") {
    Shell shell;
    CHECK(shell.ctl({"trace", "list"}) == 0);
    shell.world.traces.onStart = [](TraceReport& report) { test::finish(report, VerdictCode::PathFilterUdp); };
    CHECK(shell.ctl({"trace", "run", "10.7.2.14", "--from", "alice", "--full", "--lists", "--repeat", "5"}) == 1);
    const auto& asked = shell.world.traces.all.front().request;
    CHECK(asked.from == "alice");
    CHECK(!asked.isQuick);
    CHECK(asked.readLists);
    CHECK(asked.repeatMinutes == 5);
    CHECK(shell.prints("alice -> 10.7.2.14"));
    CHECK(shell.prints("failed        Chat probe        0 of 3 answered"));
    CHECK(shell.prints("Verdict: PATH_FILTER_UDP (hop 1, 10.1.0.1), likely"));
    CHECK(shell.prints("  1. Open UDP 2425 both ways on 10.1.0.1.\n       nft add rule"));
    CHECK(shell.prints("To be surer: Path back. Link the service"));
    CHECK(shell.ctl({"trace", "show", "1"}) == 0);
    CHECK(shell.prints("asked at 12:00:01"));
    CHECK(shell.ctl({"trace", "list"}) == 0);
    CHECK(shell.prints("PATH_FILTER_UDP"));

    shell.world.traces.onStart = [](TraceReport& report) { test::finish(report, VerdictCode::Ok); };
    CHECK(shell.ctl({"trace", "run", "10.7.2.14", "--json"}) == 0);
    const auto trace = api::fromJson<TraceReport>(shell.out);
    REQUIRE(trace);
    CHECK(trace->verdict()->code == VerdictCode::Ok);
    CHECK(trace->request.isQuick);
    CHECK(shell.ctl({"trace", "run", "bob", "--step", "echo", "--step", "path"}) == 0);
    CHECK(shell.world.traces.all.front().request.only == std::vector{TraceStep::Echo, TraceStep::Path});

    CHECK(shell.ctl({"trace", "run", "bob", "--step", "lists"}) == 1);
    CHECK(shell.complains("readLists"));
    CHECK(shell.ctl({"trace", "run", "bob", "--step", "smell"}) == 2);
    CHECK(shell.ctl({"trace", "run"}) == 2);
    CHECK(shell.ctl({"trace", "run", "bob", "--repeat", "0"}) == 2);
    CHECK(shell.ctl({"trace", "show", "99"}) == 1);
}

TEST_CASE("causewayctl: rows of a running trace are shown once each as they finish") {
    Shell shell;
    shell.world.traces.onStart = [](TraceReport& report) {
        test::finish(report, VerdictCode::Ok);
        report.state = TraceState::Running;
        report.verdicts.clear();
        report.rows[1].grade = TraceGrade::Running;
        report.rows[2].grade = TraceGrade::Waiting;
    };
    // Each look finds one row more; who looks is told that there is more.
    int looks = 0;
    shell.world.traces.onAsked = [&](TraceReport& report) {
        if (report.state != TraceState::Running) return;
        switch (++looks) {
            case 1:
                break;
            case 2:
            case 3:
                report.rows[1].grade = TraceGrade::Fine;
                break;
            default:
                test::finish(report, VerdictCode::Ok);
        }
        shell.server.traceObserver().traceChanged(report.id);
    };
    CHECK(shell.ctl({"trace", "run", "10.7.2.14"}) == 0);
    CHECK(looks >= 4);
    const auto first = shell.out.find("Self-check");
    const auto second = shell.out.find("Chat probe");
    REQUIRE(first != std::string::npos);
    REQUIRE(second != std::string::npos);
    CHECK(first < second);
    CHECK(shell.out.find("Self-check", first + 1) == std::string::npos);
    CHECK(shell.out.find("Chat probe", second + 1) == std::string::npos);
    CHECK(shell.prints("Verdict: OK"));
}

TEST_CASE("causewayctl: Ctrl-C stops the trace and shows what was measured") {
    Shell shell;
    shell.world.traces.onStop = [&](TraceReport& report) {
        test::finish(report, VerdictCode::NotEnoughEvidence);
        report.state = TraceState::Stopped;
        shell.server.traceObserver().traceChanged(report.id);
    };
    int asked = 0;
    shell.world.traces.onAsked = [&](TraceReport& report) {
        if (report.state == TraceState::Running && ++asked == 1) std::raise(SIGINT);
    };
    CHECK(shell.ctl({"trace", "run", "10.7.2.14"}) == 1);
    CHECK(shell.complains("stops the trace"));
    CHECK(shell.prints("Verdict: NOT_ENOUGH_EVIDENCE"));
    CHECK(shell.prints("Trace 1 is stopped"));
    CHECK(shell.world.store.auditCopy().back().action == "traces.stop");
}

TEST_CASE("causewayctl: a trace is stopped, removed and written to files") {
    Shell shell;
    TraceRequest wanted;
    wanted.to = "10.7.2.14";
    REQUIRE(shell.world.traces.start(wanted, "ann"));
    CHECK(shell.ctl({"trace", "remove", "1"}) == 1);
    CHECK(shell.ctl({"trace", "stop", "1"}) == 0);
    shell.world.traces.onStart = [](TraceReport& report) { test::finish(report, VerdictCode::PathFilterUdp); };
    REQUIRE(shell.world.traces.start(wanted, "ann"));
    const auto file = [&shell](const char* name) { return (shell.folder.path() / name).string(); };
    const auto content = [](const std::string& name) {
        std::ifstream in{name, std::ios::binary};
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    };
    CHECK(shell.ctl({"trace", "export", "2", "--pcapng", file("t.pcapng"), "--report", file("t.html")}) == 0);
    CHECK(content(file("t.pcapng")) == shell.world.traces.packets);
    CHECK(content(file("t.html")).find("PATH_FILTER_UDP") != std::string::npos);
    CHECK(content(file("t.html")).find("<svg") != std::string::npos);
    CHECK(shell.ctl({"trace", "export", "2", "--report", file("t.json")}) == 0);
    const auto read = api::fromJson<TraceReport>(content(file("t.json")));
    REQUIRE(read);
    CHECK(read->rows.size() == 3);
    CHECK(shell.ctl({"trace", "export", "2", "--pcapng", "-"}) == 0);
    CHECK(shell.out == shell.world.traces.packets);
    CHECK(shell.ctl({"trace", "export", "2", "--report", file("t.pdf")}) == 2);
    CHECK(shell.ctl({"trace", "export", "2"}) == 2);
    CHECK(shell.ctl({"trace", "export", "9", "--pcapng", file("x")}) == 1);
    CHECK(shell.ctl({"trace", "remove", "2"}) == 0);
    CHECK(shell.world.traces.all.size() == 1);
}

TEST_CASE("causewayctl: two traces of a pair are compared, of two pairs not") {
    Shell shell;
    TraceRequest wanted;
    wanted.to = "10.7.2.14";
    shell.world.traces.onStart = [](TraceReport& report) { test::finish(report, VerdictCode::PathFilterUdp); };
    REQUIRE(shell.world.traces.start(wanted, "ann"));
    REQUIRE(shell.world.traces.start(wanted, "ann"));
    shell.world.traces.onStart = [](TraceReport& report) { test::finish(report, VerdictCode::Ok); };
    REQUIRE(shell.world.traces.start(wanted, "ann"));
    wanted.to = "10.7.2.15";
    REQUIRE(shell.world.traces.start(wanted, "ann"));
    CHECK(shell.ctl({"trace", "diff", "1", "2"}) == 0);
    CHECK(shell.prints("3 of 3 rows are the same."));
    CHECK(shell.ctl({"trace", "diff", "2", "3"}) == 1);
    CHECK(
        shell.prints("* Chat probe\n    before  failed: 0 of 3 answered\n    after   fine: 3 of 3 answered in 2 ms\n"));
    CHECK(shell.prints("Verdict before  PATH_FILTER_UDP (hop 1, 10.1.0.1), likely."));
    CHECK(shell.prints("Verdict after   OK, likely."));
    CHECK(shell.ctl({"trace", "diff", "2", "3", "--json"}) == 1);
    const auto document = api::JsonDocument::parse(shell.out);
    REQUIRE(document);
    CHECK(document->root().find("isVerdictChanged").kind() == api::JsonKind::True);
    CHECK(document->root().find("rows").count() == 3);
    CHECK(shell.ctl({"trace", "diff", "3", "4"}) == 1);
    CHECK(shell.complains("not of the same pair"));
}

TEST_CASE("causewayctl: settings are read, set all or none, and reset") {
    Shell shell;
    CHECK(shell.ctl({"settings", "set", "lan.introductions", "on"}) == 0);
    CHECK(shell.prints("lan.introductions = true"));
    CHECK(shell.ctl({"settings", "get", "lan.introductions"}) == 0);
    CHECK(shell.out == "true\n");
    CHECK(shell.ctl({"settings", "set", "lan.name=HQ", "lan.gone_after=1", "lan.nothing=2"}) == 1);
    CHECK(shell.complains("lan.gone_after"));
    CHECK(shell.complains("lan.nothing"));
    CHECK(shell.ctl({"settings", "set", "lan.enabled=off"}) == 0);
    CHECK(shell.prints("after a restart"));
    CHECK(shell.ctl({"settings", "list", "--changed"}) == 0);
    CHECK_FALSE(shell.prints("lan.gone_after"));
    CHECK(shell.ctl({"settings", "reset", "lan.introductions", "lan.enabled"}) == 0);
    CHECK(shell.world.settings.set.empty());
    CHECK(shell.ctl({"settings", "set", "alone"}) == 2);
    CHECK(shell.ctl({"settings", "get", "lan.nothing"}) == 1);
}

TEST_CASE("causewayctl: passwords come from standard input, never from the command line") {
    Shell shell;
    CHECK(shell.ctl({"admins", "add", "root", "--role", "admin"}, "very secret pw\n") == 0);
    CHECK(shell.ctl({"admins", "add", "vera"}, "short\n") == 1);
    CHECK(shell.complains("10 characters"));
    CHECK(shell.ctl({"admins", "add", "vera"}) == 1);
    CHECK(shell.complains("standard input"));
    CHECK(shell.ctl({"admins", "add", "vera", "--role", "king"}, "very secret pw\n") == 2);
    CHECK(shell.ctl({"admins", "add", "vera"}, "very secret pw\n") == 0);
    CHECK(shell.ctl({"admins", "role", "vera", "operator"}) == 0);
    CHECK(shell.ctl({"admins", "disable", "vera"}) == 0);
    CHECK(shell.ctl({"admins", "enable", "vera"}) == 0);
    CHECK(shell.ctl({"admins", "passwd", "vera"}, "another secret pw\n") == 0);
    CHECK(shell.ctl({"admins"}) == 0);
    CHECK(shell.prints("operator"));
    CHECK(shell.ctl({"admins", "remove", "root"}) == 1);
    CHECK(shell.ctl({"admins", "remove", "vera"}) == 0);
    CHECK(shell.ctl({"tokens", "add", "backup", "--days", "7"}) == 0);
    CHECK(shell.out.size() == 44);
    CHECK(shell.ctl({"tokens", "remove", "backup"}) == 0);

    const auto remote = [&shell](std::vector<std::string> words, const std::string& input) {
        words.insert(words.begin(), {"causewayctl", "--connect", shell.server.address(), "--user", "root",
                                     "--fingerprint", shell.server.fingerprint()});
        return shell.plain(words, input);
    };
    CHECK(remote({"admins"}, "very secret pw\n") == 0);
    CHECK(remote({"admins"}, "wrong password\n") == 1);
    CHECK(shell.plain({"causewayctl", "--connect", shell.server.address(), "--user", "root", "--fingerprint",
                       std::string(64, 'a'), "status"}) == 3);
}

TEST_CASE("causewayctl: bases, configuration and problems") {
    Shell shell;
    CHECK(shell.ctl({"bases", "add", "hq", "10.1.0.0/24", "10.1.1.0/24", "--note", "first floor"}) == 0);
    CHECK(shell.ctl({"bases", "add", "x", "10.1.0.1/24"}) == 2);
    CHECK(shell.ctl({"bases"}) == 0);
    CHECK(shell.prints("10.1.0.0/24 10.1.1.0/24"));
    const auto file = (shell.folder.path() / "config.json").string();
    CHECK(shell.ctl({"config", "export", file}) == 0);
    CHECK(shell.ctl({"bases", "remove", "hq"}) == 0);
    CHECK(shell.ctl({"config", "check", file}) == 0);
    CHECK(shell.ctl({"config", "import", file}) == 0);
    CHECK(shell.world.store.sites.size() == 1);
    CHECK(shell.ctl({"config", "check"}, R"({"product":"causeway","format":1,"settings":{"a":1,"b":2}})") == 1);
    CHECK(shell.complains("settings.a (line 1"));
    CHECK(shell.complains("settings.b (line 1"));
    CHECK(shell.ctl({"problems"}) == 0);
    shell.world.problems.all = {
        {"lan.x:1", Severity::Problem, "What happened.", "Why it did.", "What to do.", "", test::kNoon}};
    CHECK(shell.ctl({"problems"}) == 1);
    CHECK(shell.prints("-> What to do."));
    CHECK(shell.ctl({"status"}) == 1);
    CHECK(shell.prints("-> What to do."));
    CHECK(shell.ctl({"problems", "mute", "lan.x:1", "--hours", "5000"}) == 0);
    CHECK(shell.ctl({"problems"}) == 0);
}

TEST_CASE("causewayctl: events and log lines are followed") {
    Shell shell;
    CHECK(shell.ctl({"events", "--follow", "--count", "2", "--json"}) == 0);
    CHECK(shell.prints("\"event\":\"hello\""));
    CHECK(shell.prints("\"event\":\"status\""));
    shell.world.logs.add({test::kNoon, LogLevel::Warning, "B_SLOW", "the disk is slow"});
    CHECK(shell.ctl({"logs", "--level", "warning"}) == 0);
    CHECK(shell.prints("B_SLOW"));
}

TEST_CASE("causewayctl: usage and reach have exit codes of their own") {
    Shell shell;
    CHECK(shell.ctl({"--help"}) == 0);
    CHECK(shell.ctl({"--version"}) == 0);
    CHECK(shell.ctl({}) == 2);
    CHECK(shell.ctl({"nonsense"}) == 2);
    CHECK(shell.ctl({"status", "--nonsense"}) == 2);
    const test::TemporaryFolder empty;
    CHECK(shell.plain({"causewayctl", "--data", empty.path().string(), "status"}) == 3);
    CHECK(shell.complains("Start causewayd"));
    CHECK(shell.plain({"causewayctl", "--connect", "127.0.0.1:1", "--user", "x", "status"}) == 3);
    shell.server.stop();
    CHECK(shell.ctl({"status"}) == 3);
}

TEST_CASE("tables are aligned by what is seen, not by bytes") {
    using cli::Table;
    Table table{{{"NAME"}, {"N", Table::Align::Right}, {"LAST"}}};
    table.add({"\xE5\xB1\xB1\xE7\x94\xB0", "5", "x"});
    table.add({"Bob\x1B[31m", "1,204", ""});
    CHECK(table.text() == "NAME          N  LAST\n\xE5\xB1\xB1\xE7\x94\xB0          5  x\nBob [31m  1,204\n");
    CHECK(cli::countText(0) == "0");
    CHECK(cli::countText(1'234'567) == "1,234,567");
    CHECK(cli::spanText(90'061s) == "1 d 1 h");
    CHECK(cli::agoText(test::kNoon, test::kNoon + 200s) == "3 min");
    CHECK(cli::agoText(TimePoint{}, test::kNoon) == "-");
}
