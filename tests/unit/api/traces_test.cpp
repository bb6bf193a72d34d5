#include <doctest/doctest.h>

#include <algorithm>

#include "shared/api/traces_json.h"

using namespace causeway;
using namespace causeway::api;

namespace {

const TimePoint kWhen = fromEpochMillis(1'790'000'000'123);

TraceReport fullReport() {
    TraceReport report;
    report.id = 7;
    report.request.from = "alice";
    report.request.to = "10.2.0.9";
    report.request.fromUser = 12;
    report.request.toUser = 34;
    report.request.isQuick = false;
    report.request.readLists = true;
    report.request.only = {TraceStep::ChatProbe, TraceStep::Path};
    report.request.repeatMinutes = 5;
    report.by = "admin";
    report.state = TraceState::Stopped;
    report.trouble = "none really";
    report.startedAt = kWhen;
    report.finishedAt = kWhen + 15s;
    report.x = "Alice \"A\"";
    report.y = "Bob";
    report.xAddress = *Ip4::parse("10.1.0.21");
    report.yAddress = *Ip4::parse("10.2.0.9");
    TraceRow row;
    row.step = TraceStep::Path;
    row.leg = TraceLeg::BToX;
    row.grade = TraceGrade::Partly;
    row.result = "UDP ends after hop 1";
    row.details = {"udp hop 1: 10.1.0.1, 2 ms", "udp hop 2: no answer"};
    row.started = kWhen + 1s;
    row.took = 4321ms;
    row.method = "error queue";
    row.gains = "addresses of TCP hops";
    auto& path = row.path.emplace();
    auto& udp = path.udp.emplace();
    udp.hops.push_back({1, true, Ip4::parse("10.1.0.1"), 2ms, std::uint8_t{11}, std::uint8_t{0}, 1, 0});
    udp.hops.push_back({2, false, std::nullopt, std::nullopt, std::nullopt, std::nullopt, 3, 3});
    path.tcp.emplace().isTargetReached = true;
    report.rows = {row, TraceRow{}};
    Verdict verdict;
    verdict.code = VerdictCode::PathFilterUdp;
    verdict.certainty = Certainty::Likely;
    verdict.about = TraceSubject::Y;
    verdict.parameters.hopAddress = Ip4::parse("10.1.0.1");
    verdict.parameters.hopNumber = 1;
    verdict.parameters.size = 1372;
    verdict.parameters.direction = TraceDirection::BToA;
    verdict.parameters.ports = {22224, 22225};
    verdict.parameters.lossPercent = 30;
    verdict.parameters.times = {kWhen, kWhen + 10s};
    verdict.sentence = "UDP 2425 ends at 10.1.0.1.";
    verdict.remedy = {{"Open it.", "nft add rule ..."}, {"Ask again.", ""}};
    verdict.proofs = {{TraceStep::Path, TraceLeg::AToY}};
    verdict.missing = TraceStep::PathBack;
    verdict.missingText = "Link the service of the other base.";
    report.verdicts = {verdict, Verdict{}};
    report.packetsSent = 40;
    report.packetsReceived = 21;
    report.revision = 9;
    return report;
}

template <class T>
void checkBothWays(const T& record) {
    const auto json = toJson(record);
    CAPTURE(json);
    const auto read = fromJson<T>(json);
    REQUIRE(read);
    CHECK(toJson(*read) == json);
}

bool isRefused(const char* json, const char* field) {
    std::vector<FieldProblem> problems;
    const auto request = fromJson<TraceRequest>(json, &problems);
    CAPTURE(json);
    CHECK(!request.has_value());
    return std::any_of(problems.begin(), problems.end(),
                       [field](const FieldProblem& each) { return each.field == field && !each.detail.empty(); });
}

}  // namespace

TEST_CASE("traces: every record survives writing and reading") {
    checkBothWays(fullReport());
    checkBothWays(TraceReport{});
    checkBothWays(TraceList{{fullReport(), TraceReport{}}});
    checkBothWays(TraceEvent{fullReport(), std::nullopt});
    checkBothWays(TraceEvent{std::nullopt, 7});
    checkBothWays(fullReport().request);
    checkBothWays(traceStepList());
}

TEST_CASE("traces: what was written is what is read") {
    const auto read = fromJson<TraceReport>(toJson(fullReport()));
    REQUIRE(read);
    CHECK(read->request.only == fullReport().request.only);
    CHECK(!read->request.isQuick);
    CHECK(read->state == TraceState::Stopped);
    CHECK(read->finishedAt == kWhen + 15s);
    REQUIRE(read->rows.size() == 2);
    CHECK(read->rows[0].leg == TraceLeg::BToX);
    CHECK(read->rows[0].took == 4321ms);
    REQUIRE(read->rows[0].path);
    CHECK(!read->rows[0].path->icmp);
    CHECK(read->rows[0].path->udp->hops.size() == 2);
    CHECK(read->rows[0].path->udp->hops[0].address == Ip4::parse("10.1.0.1"));
    CHECK(read->rows[0].path->udp->hops[1].lost == 3);
    CHECK(read->rows[0].path->tcp->isTargetReached);
    CHECK(!read->rows[1].path);
    const auto* verdict = read->verdict();
    REQUIRE(verdict != nullptr);
    CHECK(verdict->code == VerdictCode::PathFilterUdp);
    CHECK(verdict->parameters.direction == TraceDirection::BToA);
    CHECK(verdict->parameters.times.size() == 2);
    CHECK(verdict->proofs == fullReport().verdicts[0].proofs);
    CHECK(verdict->missing == TraceStep::PathBack);
}

TEST_CASE("traces: what is not known is null or not there") {
    const auto json = toJson(TraceReport{});
    CHECK(json.find("\"finishedAt\":null") != std::string::npos);
    CHECK(json.find("\"xAddress\":null") != std::string::npos);
    CHECK(toJson(Verdict{}).find("\"parameters\":{}") != std::string::npos);
    CHECK(toJson(Verdict{}).find("\"missing\":null") != std::string::npos);
    CHECK(toJson(fullReport()).find("\"page\":\"path-filter-udp\"") != std::string::npos);
}

TEST_CASE("traces: words of a newer service never look worse than they are") {
    const auto read = fromJson<TraceReport>(R"({"id":3,"state":"paused","request":{"to":"bob","steps":["echo","smell"]},
        "rows":[{"step":"smell","leg":"a-to-y","grade":"failed"},{"step":"echo","leg":"a-to-moon","grade":"failed"},
                {"step":"echo","leg":"a-to-y","grade":"purple","result":"5 of 5"}],
        "verdicts":[{"code":"GREMLINS","certainty":"sure","proofs":[{"step":"smell","leg":"a-to-y"},
                     {"step":"echo","leg":"a-to-y"}],"missing":"smell","parameters":{"direction":"up"}}]})");
    REQUIRE(read);
    CHECK(read->request.only == std::vector{TraceStep::Echo});
    REQUIRE(read->rows.size() == 1);
    CHECK(read->rows[0].grade == TraceGrade::NotMeasured);
    CHECK(read->rows[0].result == "5 of 5");
    REQUIRE(read->verdicts.size() == 1);
    CHECK(read->verdicts[0].code == VerdictCode::NotEnoughEvidence);
    CHECK(read->verdicts[0].certainty == Certainty::Possible);
    CHECK(read->verdicts[0].proofs.size() == 1);
    CHECK(!read->verdicts[0].missing);
    CHECK(!read->verdicts[0].parameters.direction);
}

TEST_CASE("traces: a request says what is wanted") {
    const auto quick = fromJson<TraceRequest>(R"({"to":"10.2.0.9"})");
    REQUIRE(quick);
    CHECK(quick->isQuick);
    CHECK(!quick->readLists);
    const auto full = fromJson<TraceRequest>(
        R"({"fromUser":5,"toUser":6,"kind":"full","readLists":true,"steps":["lists","echo","echo"],"repeatMinutes":1440})");
    REQUIRE(full);
    CHECK(!full->isQuick);
    CHECK(full->fromUser == 5);
    CHECK(full->only == std::vector{TraceStep::Lists, TraceStep::Echo});
    CHECK(full->repeatMinutes == 1440);
}

TEST_CASE("traces: every field of a request that cannot be meant is named") {
    CHECK(isRefused("{}", "to"));
    CHECK(isRefused(R"({"toUser":0})", "toUser"));
    CHECK(isRefused(R"({"toUser":-4})", "toUser"));
    CHECK(isRefused(R"({"to":"bob","fromUser":0})", "fromUser"));
    CHECK(isRefused(R"({"to":"bob","kind":"slow"})", "kind"));
    CHECK(isRefused(R"({"to":"bob","kind":1})", "kind"));
    CHECK(isRefused(R"({"to":"bob","steps":["smell"]})", "steps"));
    CHECK(isRefused(R"({"to":"bob","steps":[5]})", "steps"));
    CHECK(isRefused(R"({"to":"bob","steps":["lists"]})", "steps"));
    CHECK(isRefused(R"({"to":"bob","repeatMinutes":1441})", "repeatMinutes"));
    CHECK(isRefused(R"({"to":"bob","repeatMinutes":1.5})", "repeatMinutes"));
    CHECK(isRefused(R"({"to":"bob","readLists":"yes"})", "readLists"));
    CHECK(isRefused(R"({"to":"bob\nalice"})", "to"));
    CHECK(isRefused((R"({"to":")" + std::string(256, 'a') + "\"}").c_str(), "to"));
}

TEST_CASE("traces: a trace of a login names a user or a domain; its password goes one way only") {
    const auto read = api::fromJson<TraceRequest>(
        R"({"user":"alice@chat.corp.test","password":"LEAK-typed","resolvers":["192.0.2.53"]})");
    REQUIRE(read);
    CHECK(read->isOfDomain());
    CHECK(read->password.reveal() == "LEAK-typed");
    CHECK(api::toJson(*read).find("LEAK-typed") == std::string::npos);
    CHECK(api::toJson(*read).find("password") == std::string::npos);
    const auto sent = api::fromJson<TraceRequest>(api::traceRequestJson(*read));
    REQUIRE(sent);
    CHECK(sent->password.reveal() == "LEAK-typed");
    CHECK(sent->resolvers == std::vector<std::string>{"192.0.2.53"});
    TraceReport report;
    report.request = *read;
    const auto back = api::fromJson<TraceReport>(api::toJson(report));
    REQUIRE(back);
    CHECK(back->request.user == "alice@chat.corp.test");
    CHECK(back->request.password.empty());
    CHECK(isRefused(R"({"user":"alice"})", "user"));
    CHECK(isRefused(R"({"user":"@chat.corp.test"})", "user"));
    CHECK(isRefused(R"({"domain":"chat.corp.test","to":"bob"})", "to"));
    CHECK(isRefused(R"({"domain":"chat.corp.test","password":"x"})", "password"));
    CHECK(isRefused(R"({"domain":"a","resolvers":["1","2","3","4","5","6","7","8","9"]})", "resolvers"));
    CHECK(api::fromJson<TraceRequest>(R"({"domain":"chat.corp.test"})"));
}

TEST_CASE("traces: the step table has every step in the order of the page") {
    const auto list = traceStepList();
    REQUIRE(list.items.size() == kTraceSteps + kDomainSteps);
    for (unsigned i = 0; i < list.items.size(); ++i) {
        CHECK(list.items[i].number == i);
        CHECK(traceStepOf(list.items[i].word) == static_cast<TraceStep>(i));
        CHECK(!list.items[i].help.empty());
    }
}
