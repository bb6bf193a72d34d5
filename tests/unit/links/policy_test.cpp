#include <doctest/doctest.h>

#include "service/links/duty_rules.h"
#include "service/links/invitations.h"
#include "service/links/link_health.h"

using namespace causeway;
using namespace causeway::links;

namespace {

Ip4 ip(std::string_view text) {
    return *Ip4::parse(text);
}
Network4 net(std::string_view text) {
    return *Network4::parse(text);
}
constexpr TimePoint kNow = TimePoint{Duration{1'790'000'000'000}};

link::Measure wish(std::string_view target, std::vector<TraceStep> steps = {TraceStep::ChatProbe}) {
    return {1, ip(target), 2425, std::move(steps)};
}

struct Duty {
    DutyRules rules;
    OwnSide own{"osaka-1", "Osaka", ip("10.2.0.2"), {net("10.2.0.0/24")}};
    std::vector<Network4> theirs{net("10.1.0.0/24")};
    Result<void> ask(const link::Measure& what, TimePoint now = kNow) {
        return rules.mayMeasure("1", what, own, theirs, now);
    }
};

LinkRecord record(const char* host) {
    return {1, host, 8426, std::string(64, 'a'), "tokyo-1", kNow};
}

}  // namespace

TEST_CASE("duty: a linked service may have both bases measured, and nothing else") {
    Duty duty;
    CHECK(duty.ask(wish("10.2.0.21")));
    CHECK(duty.ask(wish("10.1.0.11")));
    for (const char* foreign :
         {"10.3.0.1", "8.8.8.8", "127.0.0.1", "10.2.0.255", "10.2.0.0", "10.1.0.255", "224.0.0.1", "0.0.0.0"}) {
        CAPTURE(foreign);
        const auto refused = duty.ask(wish(foreign));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::Denied);
    }
    CHECK(
        duty.ask(wish("10.3.0.1")).error().what ==
        "The other service refuses: 10.3.0.1 is in no segment of its own base, and in none that it knows of this one.");
}

TEST_CASE("duty: a segment as wide as the world opens nothing") {
    Duty duty;
    duty.theirs = {net("0.0.0.0/0"), net("8.0.0.0/7")};
    CHECK_FALSE(duty.ask(wish("8.8.8.8")));
}

TEST_CASE("duty: steps that read lists or run for hours, low ports and empty wishes are refused") {
    Duty duty;
    for (const auto step : {TraceStep::Lists, TraceStep::Repeat, TraceStep::SizeSweep, TraceStep::Broadcast})
        CHECK_FALSE(duty.ask(wish("10.2.0.21", {TraceStep::ChatProbe, step})));
    CHECK_FALSE(duty.ask(wish("10.2.0.21", {})));
    auto low = wish("10.2.0.21");
    low.port = 22;
    CHECK_FALSE(duty.ask(low));
    CHECK(duty.ask(wish("10.2.0.21", {TraceStep::Path, TraceStep::FilePort})));
}

TEST_CASE("duty: an abused link is no scanner: four at once, twenty a minute") {
    Duty duty;
    for (int i = 0; i < 4; ++i)
        CHECK(duty.ask(wish("10.2.0.21")));
    CHECK(duty.ask(wish("10.2.0.22")).error().code == Code::Busy);
    for (int i = 0; i < 16; ++i) {
        duty.rules.done("1");
        CHECK(duty.ask(wish("10.2.0.23")));
    }
    duty.rules.done("1");
    CHECK(duty.ask(wish("10.2.0.24")).error().what ==
          "The other service refuses: it was asked for 20 measurements within a minute.");
    CHECK(duty.ask(wish("10.2.0.24"), kNow + 61s));
    // Another linked service has its own measure.
    CHECK(duty.rules.mayMeasure("2", wish("10.2.0.21"), duty.own, duty.theirs, kNow));
}

TEST_CASE("duty: datagrams are counted only towards the other base, twelve tests a minute") {
    Duty duty;
    CHECK(duty.rules.mayCount("1", ip("10.1.0.2"), duty.theirs, kNow));
    CHECK_FALSE(duty.rules.mayCount("1", ip("10.2.0.21"), duty.theirs, kNow));
    CHECK_FALSE(duty.rules.mayCount("1", ip("8.8.8.8"), duty.theirs, kNow));
    for (int i = 0; i < 12; ++i)
        CHECK(duty.rules.mayCount("1", Ip4{}, duty.theirs, kNow));
    CHECK(duty.rules.mayCount("1", Ip4{}, duty.theirs, kNow).error().code == Code::Busy);
    CHECK(duty.rules.mayCount("1", Ip4{}, duty.theirs, kNow + 61s));
}

TEST_CASE("invitations: good once, for its time; used, ended and unknown ones are told apart") {
    std::vector<InvitationRecord> all{{"good", 7, kNow, kNow + 1h, {}},
                                      {"used", 8, kNow, kNow + 1h, kNow + 1min},
                                      {"old", 9, kNow - 2h, kNow - 1h, {}}};
    CHECK(judgeToken(all, "good", kNow + 59min).base == 7);
    CHECK(judgeToken(all, "good", kNow + 59min).refusal.empty());
    CHECK(judgeToken(all, "good", kNow + 1h).refusal == "The invitation ended at " + isoText(kNow + 1h) + ".");
    CHECK(judgeToken(all, "used", kNow + 2min).refusal ==
          "The invitation was used already, at " + isoText(kNow + 1min) + "; each is good once.");
    CHECK(judgeToken(all, "old", kNow).refusal == "The invitation ended at " + isoText(kNow - 1h) + ".");
    CHECK(judgeToken(all, "guess", kNow).refusal ==
          "The other service does not know this invitation: it is wrong, or was withdrawn.");
    CHECK(judgeToken(all, "guess", kNow).base == 0);
}

TEST_CASE("invitations: a day after the last one strangers are not even heard") {
    const std::vector<InvitationRecord> all{{"old", 9, kNow - 2h, kNow, {}}};
    CHECK(isAnyRemembered(all, kNow + 23h));
    CHECK_FALSE(isAnyRemembered(all, kNow + 24h));
    CHECK_FALSE(isAnyRemembered({}, kNow));
}

TEST_CASE("invitations: strangers are slowed down, each and all together") {
    StrangerThrottle throttle;
    for (int i = 0; i < 5; ++i)
        CHECK(throttle.admit("10.9.9.9", kNow));
    CHECK_FALSE(throttle.admit("10.9.9.9", kNow));
    CHECK(throttle.admit("10.9.9.8", kNow));
    CHECK(throttle.admit("10.9.9.9", kNow + 11min));
    StrangerThrottle crowd;
    int heard = 0;
    for (int i = 0; i < 200; ++i)
        heard += crowd.admit("10.8.0." + std::to_string(i), kNow) ? 1 : 0;
    CHECK(heard == 30);
}

TEST_CASE("clock: the offset of the other clock is bounded by half of the quickest round trip") {
    ClockGauge gauge;
    CHECK_FALSE(gauge.offset());
    // Their clock is five seconds ahead; the way there takes 30 ms, the way back 10.
    gauge.add(kNow, kNow + 5s + 30ms, kNow + 40ms);
    CHECK(gauge.offset()->offset == 5010ms);
    CHECK(gauge.offset()->bound == 21ms);
    gauge.add(kNow + 1s, kNow + 6s + 1ms, kNow + 1s + 2ms);
    CHECK(gauge.offset()->offset == 5000ms);
    CHECK(gauge.offset()->bound == 2ms);
    CHECK(gauge.roundTrip() == 2ms);
    for (int i = 0; i < 8; ++i)
        gauge.add(kNow, kNow + 5s + 5ms, kNow + 10ms);
    CHECK(gauge.offset()->bound == 6ms);  // the quick one is long ago
    ClockGauge wild;
    wild.add(kNow, kNow, kNow - 1s);  // our clock was set back
    wild.add(kNow, TimePoint::min() + 1h, kNow + 1ms);
    wild.add(kNow, TimePoint::max() - 1h, kNow + 1ms);
    CHECK_FALSE(wild.offset());
}

TEST_CASE("health: a link is linked, lost with its reason, and tried again ever more slowly") {
    LinkHealth health(record("10.1.0.2"), "Tokyo", kNow);
    CHECK(health.state() == LinkState::NotAnswering);
    CHECK(health.isDialDue(kNow));
    health.dialled();
    CHECK_FALSE(health.isDialDue(kNow + 1h));
    health.lost("Connection refused.", kNow);
    CHECK(health.view().sentence == "No connection since " + isoText(kNow) + ": Connection refused.");
    CHECK(health.view().todo.find("TCP port 8426") != std::string::npos);
    CHECK_FALSE(health.isDialDue(kNow + 999ms));
    CHECK(health.isDialDue(kNow + 1s));
    health.lost("Connection refused.", kNow + 1s);
    CHECK_FALSE(health.isDialDue(kNow + 2s));
    CHECK(health.isDialDue(kNow + 3s));
    for (int i = 0; i < 10; ++i)
        health.lost("Connection refused.", kNow + 10s);
    CHECK(health.isDialDue(kNow + 40s));
    CHECK(health.view().since == kNow);

    link::Hello hello;
    hello.version = "0.1.0";
    hello.service = "tokyo-1";
    health.connected(hello, "10.1.0.2", kNow + 1min);
    health.answered({1, kNow, kNow + 5ms}, kNow + 2ms);
    CHECK(health.state() == LinkState::Linked);
    CHECK(health.view().sentence ==
          "Linked with tokyo-1, version 0.1.0, 2 ms away; its clock is 4 ms ahead of ours (to 2 ms).");
    CHECK(health.view().todo.empty());
    health.lost("It ended.", kNow + 2min);
    CHECK(health.view().since == kNow + 2min);
    CHECK(health.isDialDue(kNow + 2min + 1s));
    CHECK_FALSE(health.view().clock);
}

TEST_CASE("health: the side that is called tells to look at the other side") {
    LinkHealth health(record(""), "Osaka", kNow);
    CHECK_FALSE(health.isDialDue(kNow + 1h));
    CHECK(health.view().sentence == "The service of Osaka has not connected since " + isoText(kNow) + ".");
    CHECK(health.view().todo.find("connects to this one") != std::string::npos);
}

TEST_CASE("health: a refusal and another version stay until a connection works") {
    LinkHealth health(record("10.1.0.2"), "Tokyo", kNow);
    health.refused("Another certificate.", "Link it again.", kNow);
    health.lost("The connection broke.", kNow + 1s);
    CHECK(health.state() == LinkState::Refused);
    CHECK(health.view().sentence == "Another certificate.");
    CHECK(health.view().todo == "Link it again.");
    CHECK_FALSE(health.isDialDue(kNow + 60s));
    CHECK(health.isDialDue(kNow + 61s));
    link::Hello other{9, "7.0"};
    health.otherVersion(other, kNow + 2min);
    CHECK(health.state() == LinkState::OtherVersion);
    CHECK(health.view().sentence ==
          "The service of Tokyo is of version 7.0 and speaks link protocol 9, this one speaks 1.");
    CHECK_FALSE(health.view().todo.empty());
}
