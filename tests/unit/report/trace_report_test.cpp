#include <doctest/doctest.h>

#include "console/report/trace_diff.h"
#include "console/report/trace_html.h"
#include "console/report/trace_words.h"

using namespace causeway;
using namespace causeway::report;

namespace {

const TimePoint kWhen = fromEpochMillis(1'790'000'000'123);

TraceHop answered(unsigned ttl, const char* address, std::uint8_t type = 11, std::uint8_t code = 0) {
    TraceHop hop;
    hop.ttl = ttl;
    hop.isAnswered = true;
    hop.address = Ip4::parse(address);
    hop.roundTrip = Duration{ttl * 2};
    hop.type = type;
    hop.code = code;
    hop.sent = 1;
    return hop;
}

TraceHop silent(unsigned ttl) {
    TraceHop hop;
    hop.ttl = ttl;
    hop.sent = hop.lost = 2;
    return hop;
}

TraceReport sample() {
    TraceReport report;
    report.id = 7;
    report.by = "ann";
    report.state = TraceState::Finished;
    report.startedAt = kWhen;
    report.finishedAt = kWhen + 15s;
    report.x = "this service";
    report.y = "Bob <b>";
    report.yAddress = *Ip4::parse("10.7.2.14");
    TraceRow probe;
    probe.step = TraceStep::ChatProbe;
    probe.grade = TraceGrade::Failed;
    probe.result = "0 of 3 answered";
    probe.details = {"asked </td><script>alert(1)</script>"};
    probe.started = kWhen;
    probe.took = 3000ms;
    TraceRow path;
    path.step = TraceStep::Path;
    path.grade = TraceGrade::Partly;
    path.result = "UDP ends after hop 1, TCP 3 hops";
    path.started = kWhen + 4s;
    auto& facts = path.path.emplace();
    facts.udp = PathColumn{{answered(1, "10.1.0.1"), answered(2, "10.1.0.2", 3, 13)}, false};
    facts.tcp = PathColumn{{answered(1, "10.1.0.1"), silent(2), answered(3, "10.7.2.14")}, true};
    report.rows = {probe, path};
    Verdict verdict;
    verdict.code = VerdictCode::PathFilterUdp;
    verdict.certainty = Certainty::Certain;
    verdict.parameters.hopNumber = 2;
    verdict.parameters.hopAddress = Ip4::parse("10.1.0.2");
    verdict.sentence = "10.1.0.2 says \"forbidden\".";
    verdict.remedy = {{"Open it.", "nft add rule ip & table <x>\nsecond line"}};
    verdict.proofs = {{TraceStep::Path, TraceLeg::AToY}};
    verdict.missing = TraceStep::PathBack;
    verdict.missingText = "Link the other base.";
    report.verdicts = {verdict};
    return report;
}

std::size_t countOf(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("trace report: the page holds verdict, remedy, picture and every row, and loads nothing") {
    const auto html = traceHtml(sample());
    CHECK(has(html, "<!DOCTYPE html>"));
    CHECK(has(html, "PATH_FILTER_UDP (hop 2, 10.1.0.2)</code>, certain"));
    CHECK(has(html, "10.1.0.2 says &quot;forbidden&quot;."));
    CHECK(has(html, "Open it.<pre>nft add rule ip &amp; table &lt;x&gt;\nsecond line</pre>"));
    CHECK(has(html, "Path, this service to Bob &lt;b&gt;: UDP ends after hop 1, TCP 3 hops"));
    CHECK(has(html, "Path back. Link the other base."));
    CHECK(has(html, "<svg"));
    CHECK(has(html, "0 of 3 answered"));
    CHECK(has(html, "3.0 s"));
    CHECK(has(html, "by ann"));
    CHECK(has(html, "default-src 'none'"));
    for (const char* loader : {"<script", "<img", "<link", "src=", "href=", "url(", "@import", "http://1", "https:"})
        CHECK_MESSAGE(!has(html, loader), loader);
}

TEST_CASE("trace report: nothing that came from the network becomes markup") {
    auto report = sample();
    const std::string evil = "<script>\"'&\x01\xFF</title></style></svg>";
    report.x = report.y = report.by = report.trouble = report.request.to = report.request.from = evil;
    for (auto& row : report.rows) {
        row.result = row.method = row.gains = evil;
        row.details = {evil};
    }
    auto& verdict = report.verdicts[0];
    verdict.sentence = verdict.missingText = evil;
    verdict.remedy = {{evil, evil}};
    const auto clean = traceHtml(sample());
    const auto html = traceHtml(report);
    CHECK(!has(html, "<script"));
    CHECK(!has(html, "\x01"));
    CHECK(!has(html, "\xFF"));
    for (const char* tag : {"</title>", "</style>", "</svg>", "</section>", "</table>"})
        CHECK_MESSAGE(countOf(html, tag) == countOf(clean, tag), tag);
    CHECK(escaped("a<b>&\"'\n") == "a&lt;b&gt;&amp;&quot;&#39; ");
}

TEST_CASE("trace report: the picture has a ring for each hop that answered and marks where the road ends") {
    const auto report = sample();
    const auto svg = hopPicture(report.rows[1], report);
    CHECK(countOf(svg, "class=\"lane\"") == 2);
    CHECK(countOf(svg, "class=\"cross\"") == 1);
    CHECK(countOf(svg, "class=\"end\"") == 1);
    CHECK(countOf(svg, "class=\"star\"") == 1);
    // Two starts, two hops of UDP, the first of TCP.
    CHECK(countOf(svg, "class=\"hop\"") == 5);
    CHECK(has(svg, ">forbidden<"));
    CHECK(has(svg, "UDP 2425: ends after hop 2 (10.1.0.2). TCP 2425: reaches the target at hop 3."));
    CHECK(hopPicture(report.rows[0], report).empty());
}

TEST_CASE("trace report: a lane without any answer and one without any hop are drawn or left out, never broken") {
    auto report = sample();
    auto& facts = *report.rows[1].path;
    facts.tcp.reset();
    facts.udp = PathColumn{{silent(1), silent(2)}, false};
    const auto svg = hopPicture(report.rows[1], report);
    CHECK(has(svg, "UDP 2425: no hop answers."));
    CHECK(countOf(svg, "class=\"cross\"") == 1);
    CHECK(countOf(svg, "class=\"road\"") == 0);
    facts.udp = PathColumn{};
    CHECK(hopPicture(report.rows[1], report).empty());
    CHECK(has(traceHtml(report), "No path was measured"));
    facts.udp->hops.assign(5000, answered(1, "10.1.0.1"));
    CHECK(countOf(hopPicture(report.rows[1], report), "class=\"hop\"") == kMostDrawnHops + 1);
}

TEST_CASE("trace report: a trace that runs or failed is a page, too") {
    TraceReport report;
    CHECK(has(traceHtml(report), "There is none"));
    report.state = TraceState::Failed;
    report.trouble = "The LAN directory is off.";
    CHECK(has(traceHtml(report), "The LAN directory is off."));
}

TEST_CASE("trace words: pairs and verdicts are told with what is known of them") {
    auto report = sample();
    CHECK(pairText(report) == "this service -> Bob <b> (10.7.2.14)");
    report.x = "10.1.0.21";
    report.xAddress = *Ip4::parse("10.1.0.21");
    CHECK(xText(report) == "10.1.0.21");
    CHECK(legText(TraceLeg::BToX, report) == "the linked service to 10.1.0.21");
    CHECK(legText(TraceLeg::PeerToA, report) == "the linked service to this service");
    Verdict verdict;
    verdict.code = VerdictCode::RtpBlocked;
    verdict.parameters.ports = {22224, 22225};
    verdict.parameters.direction = TraceDirection::BToA;
    CHECK(codeText(verdict) == "RTP_BLOCKED (from B to A, port 22224, port 22225)");
    CHECK(codeText(Verdict{}) == "NOT_ENOUGH_EVIDENCE");
    CHECK(missingText(Verdict{}).empty());
    verdict.missing = TraceStep::PathBack;
    CHECK(missingText(verdict) == "Path back.");
    verdict.missingText = "Link the other base.";
    CHECK(missingText(verdict) == "Path back. Link the other base.");
    verdict.sentence = "Voice is blocked. To be surer: Path back. Link the other base.";
    CHECK(missingText(verdict).empty());
    CHECK(timeText(kWhen) == "2026-09-21 14:13:20 UTC");
    CHECK(timeText({}) == "-");
    CHECK(tookText(0ms) == "less than 1 ms");
    CHECK(tookText(3456ms) == "3.4 s");
}

TEST_CASE("trace diff: a row is changed when its grade is, other figures are no change") {
    const auto before = sample();
    auto after = sample();
    CHECK(!diffOf(before, after).isChanged());
    CHECK(diffOf(before, after).sameRows() == 2);
    after.rows[0].result = "0 of 4 answered";
    auto diff = diffOf(before, after);
    CHECK(!diff.isChanged());
    CHECK(diff.sameRows() == 1);
    after.rows[0].grade = TraceGrade::Fine;
    diff = diffOf(before, after);
    REQUIRE(diff.rows.size() == 2);
    CHECK(diff.rows[0].isChanged());
    CHECK(diff.rows[0].before->grade == TraceGrade::Failed);
    CHECK(diff.rows[0].after->grade == TraceGrade::Fine);
    CHECK(!diff.rows[1].isChanged());
    CHECK(diff.isChanged());
    CHECK(!diff.isVerdictChanged());
}

TEST_CASE("trace diff: rows of one trace only are named, in the order of the page") {
    const auto before = sample();
    auto after = sample();
    TraceRow echo;
    echo.step = TraceStep::Echo;
    echo.grade = TraceGrade::Fine;
    after.rows.push_back(echo);
    after.rows.erase(after.rows.begin());
    const auto diff = diffOf(before, after);
    REQUIRE(diff.rows.size() == 3);
    CHECK(diff.rows[0].step == TraceStep::Echo);
    CHECK(!diff.rows[0].before);
    CHECK(diff.rows[1].step == TraceStep::ChatProbe);
    CHECK(!diff.rows[1].after);
    CHECK(diff.rows[2].isSame());
}

TEST_CASE("trace diff: a verdict is changed by its code or its hop, not by its certainty or words") {
    const auto before = sample();
    auto after = sample();
    after.verdicts[0].certainty = Certainty::Possible;
    after.verdicts[0].sentence = "Other words.";
    CHECK(!diffOf(before, after).isVerdictChanged());
    after.verdicts[0].parameters.hopNumber = 3;
    CHECK(diffOf(before, after).isVerdictChanged());
    after.verdicts.clear();
    CHECK(diffOf(before, after).isVerdictChanged());
}

TEST_CASE("trace diff: the pair is told by user, else by name, else by address") {
    const auto left = sample();
    auto right = sample();
    CHECK(isSamePair(left, right));
    right.y = "BOB <B>";
    right.yAddress = *Ip4::parse("10.7.2.99");
    CHECK(isSamePair(left, right));
    right.y = "Carl";
    CHECK(!isSamePair(left, right));
    right.yAddress = left.yAddress;
    CHECK(isSamePair(left, right));
    right = left;
    right.x = "Alice";
    CHECK(!isSamePair(left, right));
    auto byUser = left;
    byUser.request.toUser = 5;
    right = left;
    right.request.toUser = 6;
    CHECK(!isSamePair(byUser, right));
}
