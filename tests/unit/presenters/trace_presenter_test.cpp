#include "console/presenters/trace_presenter.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "console/presenters/words.h"
#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

TraceRow rowOf(TraceStep step, TraceGrade grade, const std::string& result, TraceLeg leg = TraceLeg::AToY) {
    TraceRow row;
    row.step = step;
    row.leg = leg;
    row.grade = grade;
    row.result = result;
    row.started = kNoon;
    row.took = 200ms;
    return row;
}

Verdict verdictOf(VerdictCode code, Certainty certainty = Certainty::Likely) {
    Verdict verdict;
    verdict.code = code;
    verdict.certainty = certainty;
    verdict.sentence = "As far as proven.";
    verdict.proofs = {{TraceStep::ChatProbe, TraceLeg::AToY},
                      {TraceStep::FilePort, TraceLeg::AToY},
                      {TraceStep::ChatProbe, TraceLeg::AToX}};
    return verdict;
}

TraceReport reportOf(std::uint64_t id, std::optional<Verdict> verdict = std::nullopt) {
    TraceReport report;
    report.id = id;
    report.request.to = "Bob";
    report.x = "this service";
    report.y = "Bob";
    report.startedAt = kNoon;
    report.state = verdict ? TraceState::Finished : TraceState::Running;
    if (verdict) report.verdicts = {*verdict};
    report.revision = 1;
    return report;
}

TraceHop hopOf(unsigned ttl, const char* address, int type = 11, int code = 0) {
    TraceHop hop;
    hop.ttl = ttl;
    hop.sent = 1;
    if (address == nullptr) return hop;
    hop.isAnswered = true;
    hop.address = Ip4::parse(address);
    hop.roundTrip = 4ms;
    hop.type = static_cast<std::uint8_t>(type);
    hop.code = static_cast<std::uint8_t>(code);
    return hop;
}

struct QuietTrace : QuietConsole {
    UsersPresenter users{session};
    TracePresenter trace{session, users};
    QuietTrace() {
        users.usersChanged({{userRow(1, "Alice Baker", "10.1.0.21"), userRow(2, "Bob Chan", "10.7.2.14"),
                             userRow(3, "Bob Chan", "10.7.2.15")},
                            {}});
        executor.run();
    }
};

struct LiveTrace : LiveConsole {
    UsersPresenter users{session};
    TracePresenter trace{session, users};
    VerdictCode next = VerdictCode::HostFirewallUdp;

    LiveTrace() {
        world.traces.onStart = [this](TraceReport& report) {
            report.state = TraceState::Finished;
            report.rows = {rowOf(TraceStep::ChatProbe, TraceGrade::Failed, "silent")};
            report.verdicts = {verdictOf(next)};
        };
        world.lan.add(lanUser(1, "Alice Baker", "10.1.0.21"));
        world.lan.add(lanUser(2, "Bob Chan", "10.7.2.14"));
        REQUIRE(connect());
        REQUIRE(executor.runUntil([this] { return session.mayOperate() && users.user(2) != nullptr; }));
    }
    /// Runs the action and gives back its trouble; nothing = it went well.
    std::optional<Error> made(const std::function<void(Done)>& action) {
        std::optional<Error> trouble;
        bool isDone = false;
        action([&](const Result<void>& result) {
            isDone = true;
            if (!result) trouble = result.error();
        });
        REQUIRE(executor.runUntil([&] { return isDone; }));
        return trouble;
    }
};

}  // namespace

TEST_CASE("every command stands in the table from the start, without marks") {
    const auto lines = traceLines(std::nullopt, kNoon);
    REQUIRE(lines.size() == kTraceSteps);
    CHECK(lines.front().title == "Self-check");
    CHECK(lines.back().title == "Verdict");
    CHECK(std::all_of(lines.begin(), lines.end(), [](const TraceLine& line) {
        return line.mark == Mark::None && line.result.empty() && line.time.empty();
    }));
    CHECK(lines[static_cast<std::size_t>(TraceStep::ChatProbe)].isQuick);
    CHECK_FALSE(lines[static_cast<std::size_t>(TraceStep::Path)].isQuick);
}

TEST_CASE("the trace of a login has its own commands in the table") {
    auto report = reportOf(1);
    report.request.user = "alice@chat.corp.test";
    report.rows = {
        rowOf(TraceStep::DomainKnown, TraceGrade::Fine, "chat.corp.test"),
        rowOf(TraceStep::DomainMechanisms, TraceGrade::NotMeasured, "this service does not take logins yet")};
    const auto lines = traceLines(report, kNoon);
    REQUIRE(lines.size() == kDomainSteps + 1);
    CHECK(lines.front().step == TraceStep::DomainKnown);
    CHECK(lines.front().mark == Mark::Fine);
    CHECK(lines.front().title == "Domain known here");
    CHECK(lines[7].mark == Mark::Unknown);  // grey, never red
    CHECK(lines.back().step == TraceStep::Verdict);
    report = reportOf(1, verdictOf(VerdictCode::Ok, Certainty::Likely));
    CHECK(cardOf(report).title == "Everything passes");
    report.request.user = "alice@chat.corp.test";
    CHECK(cardOf(report).title == "What can be measured passes");
}

TEST_CASE("a command that was measured towards both has the worse result and says towards whom") {
    auto report = reportOf(1);
    report.x = "Alice";
    report.rows = {rowOf(TraceStep::ChatProbe, TraceGrade::Fine, "3 of 3 answered"),
                   rowOf(TraceStep::ChatProbe, TraceGrade::Failed, "silent", TraceLeg::AToX),
                   rowOf(TraceStep::Echo, TraceGrade::NotMeasured, "not allowed here"),
                   rowOf(TraceStep::FilePort, TraceGrade::Running, "")};
    const auto lines = traceLines(report, kNoon + 1500ms);
    const auto& probe = lines[static_cast<std::size_t>(TraceStep::ChatProbe)];
    CHECK(probe.mark == Mark::Broken);
    CHECK(probe.result == "This service to Alice: silent");
    CHECK(probe.time == "400 ms");
    // A missing privilege is grey, never red.
    CHECK(lines[static_cast<std::size_t>(TraceStep::Echo)].mark == Mark::Unknown);
    CHECK(lines[static_cast<std::size_t>(TraceStep::Echo)].result == "Not measured: not allowed here");
    CHECK(lines[static_cast<std::size_t>(TraceStep::FilePort)].result == "Running ...");
    CHECK(lines[static_cast<std::size_t>(TraceStep::FilePort)].time == "1.5 s");
    CHECK(lines.back().result == "Waiting");
}

TEST_CASE("the card has verdict, certainty with its proofs, numbered remedies and what else was found") {
    auto verdict = verdictOf(VerdictCode::HostFirewallUdp);
    verdict.remedy = {{"Allow UDP 2425.", "ufw allow 2425/udp"}, {"Trace again."}};
    verdict.missingText = "Run the path.";
    auto report = reportOf(1, verdict);
    report.verdicts.push_back(verdictOf(VerdictCode::NameStale, Certainty::Possible));
    const auto card = cardOf(report);
    CHECK(card.mark == Mark::Broken);
    CHECK(card.title == "The PC drops chat packets");
    CHECK(card.certainty == "likely - from 3 proofs: Chat probe, File port");
    REQUIRE(card.todo.size() == 2);
    CHECK(card.todo[0].command == "ufw allow 2425/udp");
    CHECK(card.missing == "To be surer: Run the path.");
    CHECK(card.others == "The name service has an old address (NAME_STALE, possible)");
    CHECK(remedyText(card).find("1. Allow UDP 2425.\n   ufw allow 2425/udp\n2. Trace again.\n") != std::string::npos);
}

TEST_CASE("a verdict is green only if it is OK, grey without proof, amber if merely possible") {
    CHECK(markOf(verdictOf(VerdictCode::Ok)) == Mark::Fine);
    CHECK(markOf(verdictOf(VerdictCode::NotEnoughEvidence)) == Mark::Unknown);
    CHECK(markOf(verdictOf(VerdictCode::HostOff, Certainty::Possible)) == Mark::Partly);
    CHECK(markOf(verdictOf(VerdictCode::HostOff, Certainty::Certain)) == Mark::Broken);
    CHECK(markOf(verdictOf(VerdictCode::IcmpOnlyFiltered, Certainty::Certain)) == Mark::Partly);
    for (std::size_t code = 0; code < kVerdictCodes; ++code)
        CHECK(titleOf(static_cast<VerdictCode>(code)) != wordOf(static_cast<VerdictCode>(code)));
}

TEST_CASE("hops stand side by side in three columns; a filter says so") {
    auto report = reportOf(1, verdictOf(VerdictCode::PathFilterUdp));
    auto row = rowOf(TraceStep::Path, TraceGrade::Failed, "");
    row.path.emplace();
    row.path->udp = PathColumn{{hopOf(1, "10.1.0.1"), hopOf(2, "10.9.0.1", 3, 13)}, false};
    row.path->tcp = PathColumn{{hopOf(1, "10.1.0.1"), hopOf(2, nullptr), hopOf(3, "10.7.2.14", 3, 3)}, true};
    report.rows = {row};
    const auto hops = hopLines(report);
    REQUIRE(hops.size() == 3);
    CHECK(hops[0].icmp.empty());
    CHECK(hops[0].udp == "10.1.0.1, 4 ms");
    CHECK(hops[1].udp == "10.9.0.1, 4 ms, filters here");
    CHECK(hops[1].tcp == "no answer");
    CHECK(hops[2].udp.empty());
    CHECK(hops[2].tcp == "10.7.2.14, 4 ms, port closed");
}

TEST_CASE("evidence tells details, method and what a missing privilege would add, per direction") {
    auto report = reportOf(1, verdictOf(VerdictCode::Ok));
    auto row = rowOf(TraceStep::Echo, TraceGrade::NotMeasured, "not allowed here");
    row.details = {"The system forbids it."};
    row.method = "ICMP socket";
    row.gains = "The helper adds it.";
    report.rows = {row};
    const auto text = evidenceText(report, TraceStep::Echo);
    CHECK(text.find("This service to Bob - Not measured: not allowed here\n") == 0);
    CHECK(text.find("took 200 ms. Method: ICMP socket.") != std::string::npos);
    CHECK(text.find("\n  The system forbids it.\n") != std::string::npos);
    CHECK(text.find("What is missing would add: The helper adds it.") != std::string::npos);
    CHECK(evidenceText(report, TraceStep::Path).empty());
    CHECK(evidenceText(report, TraceStep::Verdict).find("OK, likely\n") == 0);
}

TEST_CASE("an end is a user by his entry, his address or his only name; two of a name are asked for") {
    QuietTrace quiet;
    auto& trace = quiet.trace;
    CHECK(trace.suggestions("baker") == std::vector<std::string>{"Alice Baker, 10.1.0.21, pc1"});
    CHECK(trace.suggestions("bob").size() == 2);
    CHECK(trace.suggestions("10.7.2.15").size() == 1);
    trace.setEnd(TraceEnd::To, "Alice Baker, 10.1.0.21, pc1");
    CHECK(trace.endUser(TraceEnd::To) == std::optional<UserId>(1));
    trace.setEnd(TraceEnd::To, "alice baker");
    CHECK(trace.endUser(TraceEnd::To) == std::optional<UserId>(1));
    CHECK(trace.endHint(TraceEnd::To) == "Present, Sales, iptux 0.8.3");
    trace.setEnd(TraceEnd::To, " 10.7.2.15 ");
    CHECK(trace.endUser(TraceEnd::To) == std::optional<UserId>(3));
    trace.setEnd(TraceEnd::To, "Bob Chan");
    CHECK_FALSE(trace.endUser(TraceEnd::To));
    CHECK(trace.endHint(TraceEnd::To).find("2 users match") == 0);
    trace.setEnd(TraceEnd::To, "10.7.2.300");
    CHECK(trace.endHint(TraceEnd::To).find("is not the address of a computer") != std::string::npos);
    trace.setEnd(TraceEnd::To, "mail.example.com");
    CHECK(trace.endHint(TraceEnd::To) == "Nobody in the directory matches; the name service is asked.");

    trace.setUser(TraceEnd::From, 2);
    trace.swapEnds();
    CHECK(trace.endText(TraceEnd::To) == "Bob Chan, 10.7.2.14, pc2");
    CHECK(trace.endText(TraceEnd::From) == "mail.example.com");
}

TEST_CASE("without a service no trace runs, and the sentence says so") {
    QuietTrace quiet;
    quiet.trace.setEnd(TraceEnd::To, "10.9.9.9");
    CHECK(quiet.trace.whyNotRun() == "No service answers now. The trace needs one.");
    bool isTold = false;
    quiet.trace.run(TraceExtent::Quick, [&](const Result<void>& result) { isTold = !result; });
    CHECK(isTold);
}

TEST_CASE("an older state that comes late changes nothing; a removed trace goes") {
    QuietTrace quiet;
    auto newer = reportOf(7, verdictOf(VerdictCode::Ok));
    newer.revision = 9;
    auto older = reportOf(7);
    older.revision = 4;
    quiet.trace.traceChanged({newer, {}});
    quiet.trace.traceChanged({older, {}});
    quiet.trace.traceChanged({reportOf(8), {}});
    const auto rows = quiet.trace.historyRows();
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].verdict == "running");
    CHECK(rows[1].verdict == "Everything passes");
    quiet.trace.traceChanged({std::nullopt, 7});
    CHECK(quiet.trace.historyRows().size() == 1);
}

TEST_CASE("a run sends the user, the extent and the consent, which holds for that run only") {
    LiveTrace live;
    live.trace.setEnd(TraceEnd::To, "Bob Chan");
    live.trace.setEnd(TraceEnd::From, "10.9.9.9");
    live.trace.setReadLists(true);
    REQUIRE_FALSE(live.made([&](Done done) { live.trace.run(TraceExtent::Quick, done); }));
    REQUIRE(live.world.traces.all.size() == 1);
    const auto request = live.world.traces.all.front().request;
    CHECK(request.toUser == 2);
    CHECK(request.to == "Bob Chan");
    CHECK(request.fromUser == 0);
    CHECK(request.from == "10.9.9.9");
    CHECK(request.isQuick);
    CHECK(request.readLists);
    CHECK_FALSE(live.trace.readsLists());
    REQUIRE(live.trace.shown());
    CHECK(live.trace.card().title == "The PC drops chat packets");
    CHECK(live.trace.fileName("html").find("trace-10.9.9.9-bob-chan-20") == 0);
    CHECK(live.trace.reportHtml().find("HOST_FIREWALL_UDP") != std::string::npos);
    CHECK(live.trace.reportJson().find("HOST_FIREWALL_UDP") != std::string::npos);
    std::string bytes;
    live.trace.packets([&](const Result<std::string>& answer) { bytes = answer ? *answer : std::string("none"); });
    REQUIRE(live.executor.runUntil([&] { return !bytes.empty(); }));
    CHECK(bytes == live.world.traces.packets);
}

TEST_CASE("Run this sends one command, Run from top all down to the chosen one, never the verdict itself") {
    LiveTrace live;
    live.trace.setEnd(TraceEnd::To, "10.9.9.9");
    CHECK_FALSE(live.made([&](Done done) { live.trace.runOnly(TraceStep::Path, done); }));
    CHECK(live.world.traces.all.front().request.only == std::vector<TraceStep>{TraceStep::Path});
    CHECK_FALSE(live.made([&](Done done) { live.trace.runDownTo(TraceStep::Segment, done); }));
    CHECK(live.world.traces.all.front().request.only ==
          std::vector<TraceStep>{TraceStep::SelfCheck, TraceStep::WhoIsWho, TraceStep::Segment});
    CHECK_FALSE(live.trace.whyNotRunOnly(TraceStep::Verdict).empty());
    CHECK_FALSE(live.trace.whyNotRunOnly(TraceStep::Lists).empty());
    CHECK_FALSE(live.trace.whyNotRunOnly(TraceStep::Repeat).empty());
    live.trace.setReadLists(true);
    live.trace.setRepeatMinutes(5);
    CHECK(live.trace.whyNotRunOnly(TraceStep::Lists).empty());
    CHECK(live.trace.whyNotRunOnly(TraceStep::Repeat).empty());
    live.trace.setEnd(TraceEnd::From, "10.9.9.9");
    CHECK(live.trace.whyNotRun() == "From and To are the same. Choose two, or leave From empty.");
}

TEST_CASE("a retest sends the same request and has passed only if the new verdict is OK") {
    LiveTrace live;
    live.trace.setEnd(TraceEnd::To, "Bob Chan");
    CHECK_FALSE(live.trace.canRetest());
    REQUIRE_FALSE(live.made([&](Done done) { live.trace.run(TraceExtent::All, done); }));
    const auto first = live.world.traces.all.front().request;
    CHECK(live.trace.retestText().empty());
    // What stands in the fields meanwhile does not count.
    live.trace.setEnd(TraceEnd::To, "Alice Baker");

    CHECK_FALSE(live.made([&](Done done) { live.trace.retest(done); }));
    CHECK(live.world.traces.all.front().request.toUser == first.toUser);
    CHECK(live.world.traces.all.front().request.isQuick == first.isQuick);
    CHECK(live.trace.retestText().find("Retest not passed: still \"The PC drops chat packets\"") == 0);
    CHECK(live.trace.retestMark() == Mark::Broken);

    live.next = VerdictCode::NotEnoughEvidence;
    CHECK_FALSE(live.made([&](Done done) { live.trace.retest(done); }));
    CHECK(live.trace.retestText().find("Retest not passed") == 0);
    CHECK(live.trace.retestMark() == Mark::Unknown);

    live.next = VerdictCode::Ok;
    CHECK_FALSE(live.made([&](Done done) { live.trace.retest(done); }));
    CHECK(live.trace.retestText().find("Retest passed") == 0);
    CHECK(live.trace.retestMark() == Mark::Fine);
}

TEST_CASE("a trace that runs is stopped; an earlier one is opened with its ends") {
    LiveTrace live;
    live.world.traces.onStart = {};
    live.trace.setEnd(TraceEnd::To, "Bob Chan");
    REQUIRE_FALSE(live.made([&](Done done) { live.trace.run(TraceExtent::Quick, done); }));
    CHECK(live.trace.isRunning());
    CHECK_FALSE(live.trace.canExport());
    CHECK(live.trace.whyNotRun() == "A trace runs. Wait for its end or stop it.");
    CHECK_FALSE(live.made([&](Done done) { live.trace.stop(done); }));
    CHECK_FALSE(live.trace.isRunning());
    CHECK(live.trace.card().title == "No verdict");

    live.trace.setEnd(TraceEnd::To, "10.9.9.9");
    live.trace.open(live.trace.historyRows().front().id);
    live.executor.run();
    CHECK(live.trace.endUser(TraceEnd::To) == std::optional<UserId>(2));
    const auto id = live.trace.shown()->id;
    CHECK_FALSE(live.made([&](Done done) { live.trace.remove(id, done); }));
    CHECK(live.world.traces.all.empty());
}
