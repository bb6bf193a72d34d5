#include "service/admin/door.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace causeway;
using namespace causeway::admin;

namespace {

struct Entrance {
    Door door{DoorRule{}};
    TimePoint now = fromEpochMillis(1'000'000);
    Door::Key last = 0;

    Door::Verdict come(const std::string& caller) { return door.arrived(++last, caller, now); }
};

}  // namespace

TEST_CASE("door: one caller holds at most sixteen unproven places, and replaces his own oldest one") {
    Entrance at;
    for (int i = 0; i < 16; ++i)
        CHECK(at.come("10.9.9.9").toClose.empty());
    const auto next = at.come("10.9.9.9");
    CHECK(next.isAdmitted);
    CHECK(next.toClose == std::vector<Door::Key>{1});
    CHECK(next.greediest == "10.9.9.9");
    CHECK(at.door.unproven("10.9.9.9") == 16);
    CHECK_FALSE(at.door.isCrowded());
    CHECK(at.come("10.1.0.5").toClose.empty());
    CHECK(at.door.isCrowded());
}

TEST_CASE("door: when there is no room, the caller with most unproven connections makes it") {
    Entrance at;
    for (int i = 0; i < 10; ++i)
        at.come("10.9.9.1");
    for (int i = 0; i < 16; ++i)
        at.come("10.9.9.2");
    at.come("10.1.0.5");
    at.come("10.1.0.6");
    REQUIRE(at.door.open() == 28);
    const auto next = at.come("10.1.0.7");
    CHECK(next.isAdmitted);
    CHECK(next.greediest == "10.9.9.2");
    CHECK(next.toClose == std::vector<Door::Key>{11});
}

TEST_CASE(
    "door: of many attackers with one connection each the oldest gives way, the newcomer has time to prove himself") {
    Entrance at;
    for (int i = 0; i < 28; ++i) {
        at.come("10.9.9." + std::to_string(i));
        at.now += 10ms;
    }
    at.come("10.1.0.7");
    const auto mine = at.last;
    at.now += 10ms;
    for (int i = 28; i < 28 + 27; ++i) {
        const auto verdict = at.come("10.9.9." + std::to_string(i));
        CHECK(std::find(verdict.toClose.begin(), verdict.toClose.end(), mine) == verdict.toClose.end());
        at.now += 10ms;
    }
    at.door.proved(mine, at.now);
    for (int i = 100; i < 200; ++i) {
        const auto verdict = at.come("10.9.9." + std::to_string(i));
        CHECK(std::find(verdict.toClose.begin(), verdict.toClose.end(), mine) == verdict.toClose.end());
    }
    CHECK(at.door.hasProved(mine));
}

TEST_CASE("door: places are kept for this machine and for callers who proved themselves before") {
    Entrance at;
    at.come("10.1.0.5");
    at.door.proved(at.last, at.now);
    at.door.left(at.last);
    for (int i = 0; i < 28; ++i)
        at.come("10.9.9." + std::to_string(i));
    CHECK(at.come("127.0.0.1").toClose.empty());
    CHECK(at.come("::1").toClose.empty());
    CHECK(at.come("10.1.0.5").toClose.empty());
    CHECK_FALSE(at.come("10.1.0.6").toClose.empty());
}

TEST_CASE("door: connections that a known caller opens at one time wait for their turn, old silent ones give way") {
    Entrance at;
    for (int i = 0; i < 96; ++i) {
        const auto verdict = at.come("127.0.0.1");
        CHECK(verdict.isAdmitted);
        CHECK(verdict.toClose.empty());
    }
    at.now += 2s;
    const auto next = at.come("127.0.0.1");
    CHECK(next.isAdmitted);
    CHECK(next.toClose.size() == 65);
    CHECK(at.door.open() == 32);
}

TEST_CASE("door: proven connections are never closed; when all are proven, others wait, and at last are refused") {
    Entrance at;
    for (int i = 0; i < 96; ++i) {
        CHECK(at.come("10.1.0.5").isAdmitted);
        at.door.proved(at.last, at.now);
    }
    const auto next = at.come("10.1.0.6");
    CHECK_FALSE(next.isAdmitted);
    CHECK(next.toClose.empty());
    at.door.left(1);
    CHECK(at.come("10.1.0.6").isAdmitted);
}

TEST_CASE("a caller is an IPv4 address or the /64 of an IPv6 address") {
    CHECK(callerOf("10.1.0.5") == "10.1.0.5");
    CHECK(callerOf("::ffff:10.1.0.5") == "10.1.0.5");
    CHECK(callerOf("::1") == "::1");
    CHECK(callerOf("fd00:0:0:7::1") == callerOf("fd00::7:1234:5678:9abc:def0"));
    CHECK(callerOf("fd00:0:0:7::1") != callerOf("fd00:0:0:8::1"));
    CHECK(callerOf("fe80::1%eth0") == callerOf("fe80::2"));
    CHECK(callerOf("no address") == "no address");
}
