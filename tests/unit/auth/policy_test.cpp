#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "service/auth/breaker.h"
#include "service/auth/refused_account.h"
#include "service/auth/remembered.h"
#include "service/auth/throttle.h"

using namespace causeway;
using namespace causeway::auth;

namespace {
constexpr TimePoint kStart{Duration{1'000'000'000}};

/// The limit over all addresses is never reached, so that the others can be seen.
ThrottleRules withoutStrangerLimit() {
    ThrottleRules rules;
    rules.strangers.most = 1000;
    rules.strangers.mostOfAddress = 1000;
    return rules;
}

/// How many of `tries` are admitted and fail, each from an address of its own.
int failFromManyAddresses(Throttle& throttle, const std::string& account, int tries, TimePoint now) {
    int admitted = 0;
    for (int i = 0; i < tries; ++i) {
        const auto address = "198.51.100." + std::to_string(i);
        if (throttle.admit(account, address, now).wait > 0ms) continue;
        throttle.done(account, address, Throttle::Ending::Refused, now);
        ++admitted;
    }
    return admitted;
}

void logIn(Throttle& throttle, const std::string& account, const std::string& address, TimePoint now) {
    REQUIRE(throttle.admit(account, address, now).wait == 0ms);
    throttle.done(account, address, Throttle::Ending::Right, now);
}
}  // namespace

TEST_CASE("breaker: failures in a row open it, and it says since when and why") {
    Breaker breaker{{.failures = 3, .firstPause = 2s, .longestPause = 30s}};
    for (int i = 0; i < 3; ++i) {
        CHECK(breaker.admit(kStart));
        breaker.failed("dc1 does not answer.", kStart);
    }
    CHECK(breaker.view().state == BreakerState::Open);
    CHECK(breaker.view().since == kStart);
    CHECK(breaker.view().lastError == "dc1 does not answer.");
    CHECK(!breaker.admit(kStart + 1999ms));
}

TEST_CASE("breaker: an answer between failures keeps it closed") {
    Breaker breaker{{.failures = 3}};
    for (int i = 0; i < 10; ++i) {
        breaker.failed("x", kStart);
        breaker.failed("x", kStart);
        breaker.answered(kStart);
    }
    CHECK(breaker.view().state == BreakerState::Closed);
}

TEST_CASE("breaker: after the pause one login tries, and its outcome decides") {
    Breaker breaker{{.failures = 1, .firstPause = 2s, .longestPause = 5s}};
    breaker.failed("x", kStart);
    auto now = kStart + 2s;
    CHECK(breaker.admit(now));
    CHECK(breaker.view().state == BreakerState::HalfOpen);
    CHECK(!breaker.admit(now));
    SUBCASE("it fails: the pause doubles up to its limit") {
        breaker.failed("y", now);
        CHECK(breaker.view().nextTry == now + 4s);
        now += 4s;
        CHECK(breaker.admit(now));
        breaker.failed("y", now);
        CHECK(breaker.view().nextTry == now + 5s);
    }
    SUBCASE("it is answered: closed, and the next pause is short again") {
        breaker.answered(now);
        CHECK(breaker.view().state == BreakerState::Closed);
        breaker.failed("z", now);
        CHECK(breaker.view().nextTry == now + 2s);
    }
    SUBCASE("it did not get through to the provider: the next login tries") {
        breaker.notAsked(now);
        CHECK(breaker.admit(now));
        CHECK(!breaker.admit(now));
    }
    SUBCASE("it never reports: another one goes after the longest pause") {
        CHECK(!breaker.admit(now + 4999ms));
        CHECK(breaker.admit(now + 5s));
    }
}

TEST_CASE("breaker: a login that began before and fails late does not lengthen the pause") {
    Breaker breaker{{.failures = 1, .firstPause = 2s, .longestPause = 30s}};
    breaker.failed("x", kStart);
    breaker.failed("x", kStart + 1s);
    CHECK(breaker.view().nextTry == kStart + 2s);
}

TEST_CASE("throttle: after the free failures each one doubles the wait") {
    Throttle throttle{withoutStrangerLimit()};
    const auto failOnce = [&](TimePoint now) {
        REQUIRE(throttle.admit("ann@x", "10.0.0.1", now).wait == 0ms);
        throttle.done("ann@x", "10.0.0.1", Throttle::Ending::Refused, now);
    };
    auto now = kStart;
    for (int i = 0; i < 4; ++i)
        failOnce(now);
    CHECK(throttle.admit("ann@x", "10.0.0.1", now).wait == 1s);
    now += 1s;
    failOnce(now);
    CHECK(throttle.admit("ann@x", "10.0.0.1", now).wait == 2s);
    now += 2s;
    failOnce(now);
    CHECK(throttle.admit("ann@x", "10.0.0.1", now).wait == 4s);
}

TEST_CASE("throttle: an attacker elsewhere cannot lock a user out") {
    Throttle throttle{withoutStrangerLimit()};
    auto now = kStart;
    for (int i = 0; i < 100; ++i, now += 1ms) {
        if (throttle.admit("ann@x", "203.0.113.9", now).wait == 0ms) {
            throttle.done("ann@x", "203.0.113.9", Throttle::Ending::Refused, now);
        }
    }
    CHECK(throttle.admit("ann@x", "203.0.113.9", now).wait > 0ms);
    CHECK(throttle.admit("ann@x", "10.0.0.1", now).wait == 0ms);
}

TEST_CASE("throttle: one address that tries many names is slowed down too") {
    Throttle throttle{withoutStrangerLimit()};
    int admitted = 0;
    for (int i = 0; i < 200; ++i) {
        const auto name = "user" + std::to_string(i) + "@x";
        if (throttle.admit(name, "203.0.113.9", kStart).wait != 0ms) continue;
        throttle.done(name, "203.0.113.9", Throttle::Ending::Refused, kStart);
        ++admitted;
    }
    CHECK(admitted == 31);
}

TEST_CASE("throttle: guesses sent at the same moment are counted before they are answered") {
    Throttle throttle{withoutStrangerLimit()};
    int admitted = 0;
    for (int i = 0; i < 50; ++i)
        if (throttle.admit("ann@x", "203.0.113.9", kStart).wait == 0ms) ++admitted;
    CHECK(admitted == 3);
    for (int i = 0; i < admitted; ++i)
        throttle.done("ann@x", "203.0.113.9", Throttle::Ending::Neutral, kStart);
    CHECK(throttle.admit("ann@x", "203.0.113.9", kStart).wait == 0ms);
}

TEST_CASE("throttle: a right password clears the name from that address, not the address") {
    Throttle throttle{withoutStrangerLimit()};
    for (int i = 0; i < 3; ++i) {
        throttle.admit("ann@x", "10.0.0.1", kStart);
        throttle.done("ann@x", "10.0.0.1", Throttle::Ending::Refused, kStart);
    }
    throttle.admit("ann@x", "10.0.0.1", kStart);
    throttle.done("ann@x", "10.0.0.1", Throttle::Ending::Right, kStart);
    for (int i = 0; i < 4; ++i) {
        CHECK(throttle.admit("ann@x", "10.0.0.1", kStart).wait == 0ms);
        throttle.done("ann@x", "10.0.0.1", Throttle::Ending::Refused, kStart);
    }
    CHECK(throttle.admit("ann@x", "10.0.0.1", kStart).wait > 0ms);
}

TEST_CASE("throttle: failures are forgotten one by one, and memory is bounded") {
    BackOff backOff{{.freeFailures = 1, .firstWait = 1s, .longestWait = 60s, .forgetOne = 60s, .mostKeys = 10}};
    backOff.failed("a", kStart);
    backOff.failed("a", kStart);
    CHECK(backOff.waitFor("a", kStart) == 1s);
    CHECK(backOff.waitFor("a", kStart + 61s, 0) == 0ms);
    for (int i = 0; i < 100; ++i)
        backOff.failed("key" + std::to_string(i), kStart);
    CHECK(backOff.size() == 10);
}

TEST_CASE("throttle: a name tried from many addresses has four failures, then strangers wait for a quiet time") {
    Throttle throttle;
    CHECK(failFromManyAddresses(throttle, "ann@x", 200, kStart) == 4);
    const auto refused = throttle.admit("ann@x", "203.0.113.9", kStart + 1min);
    CHECK(refused.isOfAccount);
    CHECK(refused.wait == 14min);
    CHECK(throttle.admit("bob@x", "203.0.113.9", kStart + 1min).wait == 0ms);
    CHECK(throttle.admit("ann@x", "203.0.113.9", kStart + 15min - 1ms).wait == 1ms);
    CHECK(failFromManyAddresses(throttle, "ann@x", 200, kStart + 15min) == 4);
}

TEST_CASE("throttle: a directory that locks at five and forgets after 15 quiet minutes is never locked by strangers") {
    Throttle throttle;
    int counted = 0;
    int most = 0;
    auto last = kStart;
    for (int second = 0; second < 6 * 3600; second += 7) {
        const auto now = kStart + std::chrono::seconds(second);
        const auto address = "198.51." + std::to_string(second / 250 % 250) + "." + std::to_string(second % 250);
        if (throttle.admit("ann@x", address, now).wait > 0ms) continue;
        const auto answered = now + 3s;
        if (answered - last >= 15min) counted = 0;
        most = std::max(most, ++counted);
        last = answered;
        throttle.done("ann@x", address, Throttle::Ending::Refused, answered);
    }
    CHECK(most == 4);
}

TEST_CASE("throttle: an address where the name logged in within 30 days is not held up by strangers") {
    Throttle throttle;
    logIn(throttle, "ann@x", "10.0.0.1", kStart);
    auto now = kStart + 29 * std::chrono::hours{24};
    failFromManyAddresses(throttle, "ann@x", 200, now);
    CHECK(throttle.admit("ann@x", "10.0.0.2", now).wait > 0ms);
    CHECK(throttle.admit("ann@x", "10.0.0.1", now).wait == 0ms);
    SUBCASE("nor is it known to another name") {
        failFromManyAddresses(throttle, "bob@x", 200, now);
        CHECK(throttle.admit("bob@x", "10.0.0.1", now).isOfAccount);
    }
    SUBCASE("but later it is a stranger again") {
        now += 2 * std::chrono::hours{24};
        failFromManyAddresses(throttle, "ann@x", 200, now);
        CHECK(throttle.admit("ann@x", "10.0.0.1", now).isOfAccount);
    }
}

TEST_CASE("throttle: one attacking address leaves a try to every other one") {
    Throttle throttle;
    auto now = kStart;
    for (int i = 0; i < 3600; ++i, now += 1s) {
        if (throttle.admit("ann@x", "203.0.113.9", now).wait == 0ms)
            throttle.done("ann@x", "203.0.113.9", Throttle::Ending::Refused, now);
        if (i % 60 != 59) continue;
        CHECK(throttle.admit("ann@x", "10.0.0.7", now).wait == 0ms);
        throttle.done("ann@x", "10.0.0.7", Throttle::Ending::Neutral, now);
    }
}

TEST_CASE("throttle: strangers who try at the same moment are counted before they are answered") {
    Throttle throttle;
    int admitted = 0;
    for (int i = 0; i < 50; ++i)
        if (throttle.admit("ann@x", "198.51.100." + std::to_string(i), kStart).wait == 0ms) ++admitted;
    CHECK(admitted == 4);
    CHECK(throttle.admit("ann@x", "203.0.113.9", kStart).wait == 1s);
    CHECK(!throttle.admit("ann@x", "203.0.113.9", kStart).isOfAccount);
    for (int i = 0; i < admitted; ++i)
        throttle.done("ann@x", "198.51.100." + std::to_string(i), Throttle::Ending::Neutral, kStart);
    CHECK(throttle.admit("ann@x", "203.0.113.9", kStart).wait == 0ms);
}

TEST_CASE("throttle: a right password takes back what the same address mistyped before it") {
    Throttle throttle;
    for (int i = 0; i < 2; ++i) {
        REQUIRE(throttle.admit("ann@x", "10.0.0.1", kStart).wait == 0ms);
        throttle.done("ann@x", "10.0.0.1", Throttle::Ending::Refused, kStart);
    }
    logIn(throttle, "ann@x", "10.0.0.1", kStart);
    CHECK(failFromManyAddresses(throttle, "ann@x", 200, kStart) == 4);
}

TEST_CASE("throttle: guesses from many addresses are told once until the name was quiet") {
    Throttle throttle;
    int told = 0;
    for (int minute = 0; minute < 120; ++minute)
        for (int i = 0; i < 20; ++i) {
            const auto address = "198.51.100." + std::to_string(i);
            const auto now = kStart + std::chrono::minutes(minute) + std::chrono::seconds(i);
            const auto admission = throttle.admit("ann@x", address, now);
            if (admission.wait == 0ms) throttle.done("ann@x", address, Throttle::Ending::Refused, now);
            if (admission.beginsEpisode) {
                ++told;
                CHECK(admission.addresses == 4);
            }
        }
    CHECK(told == 1);
    const auto later = kStart + 3h;
    failFromManyAddresses(throttle, "ann@x", 4, later);
    CHECK(throttle.admit("ann@x", "203.0.113.9", later).beginsEpisode);
}

TEST_CASE("throttle: 200,000 guessed names and 200,000 names that log in take bounded memory") {
    StrangerGuard guard;
    for (int i = 0; i < 200'000; ++i) {
        const auto now = kStart + std::chrono::milliseconds(i);
        guard.begin("guess" + std::to_string(i), "203.0.113.9", now);
        guard.begin("user" + std::to_string(i), "10.0.0.1", now);
        guard.succeeded("user" + std::to_string(i), "10.0.0.1", now);
    }
    CHECK(guard.size() <= 200'000);
    const auto now = kStart + 200s;
    CHECK(guard.isKnown("user199999", "10.0.0.1", now));
    CHECK(!guard.isKnown("user0", "10.0.0.1", now));
}

TEST_CASE("throttle: a name keeps its sixteen latest addresses") {
    StrangerGuard guard;
    for (int i = 0; i < 1000; ++i)
        guard.succeeded("ann@x", "10.0.0." + std::to_string(i), kStart);
    CHECK(guard.isKnown("ann@x", "10.0.0.999", kStart));
    CHECK(guard.isKnown("ann@x", "10.0.0.984", kStart));
    CHECK(!guard.isKnown("ann@x", "10.0.0.983", kStart));
}

TEST_CASE("throttle: all addresses of one IPv6 network count as one") {
    CHECK(addressKey("2001:db8:1:2:3:4:5:6") == addressKey("2001:0DB8:1:2::9%eth0"));
    CHECK(addressKey("2001:db8::1") == addressKey("2001:db8:0:0:ffff::1"));
    CHECK(addressKey("2001:db8:1:2::1") != addressKey("2001:db8:1:3::1"));
    CHECK(addressKey("::ffff:10.0.0.1") == "10.0.0.1");
    CHECK(addressKey("::1") == addressKey("0:0:0:0::2"));
    CHECK(addressKey("10.0.0.1") == "10.0.0.1");
}

TEST_CASE("unknown names: remembered for a while, bounded") {
    UnknownNames names{2};
    names.add("a", kStart + 10s);
    CHECK(names.has("a", kStart + 9999ms));
    CHECK(!names.has("a", kStart + 10s));
    names.add("b", kStart + 10s);
    names.add("c", kStart + 10s);
    CHECK(names.size() == 2);
    CHECK(!names.has("a", kStart));
}

TEST_CASE("survival: a confirmed password lives for its time and no longer") {
    SurvivalCache cache{24h, 2};
    cache.remember({"ann@x", "hash", kStart, {}});
    CHECK(cache.find("ann@x", kStart + 23h));
    CHECK(!cache.find("ann@x", kStart + 24h));
    CHECK(cache.isFresh("ann@x", kStart + 14min));
    CHECK(!cache.isFresh("ann@x", kStart + 15min));
    cache.remember({"bob@x", "hash", kStart + 1h, {}});
    cache.remember({"ann@x", "hash2", kStart + 2h, {}});
    cache.remember({"eve@x", "hash", kStart + 3h, {}});
    CHECK(cache.size() == 2);
    CHECK(!cache.find("bob@x", kStart + 3h));
    CHECK(cache.find("ann@x", kStart + 3h)->hash == "hash2");
    CHECK(cache.alive(kStart + 26h) == 1);
    cache.forget("ann@x");
    CHECK(!cache.find("ann@x", kStart + 3h));
}
TEST_CASE("refused account: it is tried again after 5, 10, 20, then each 30 minutes, and at once when it was right") {
    RefusedAccount account;
    const TimePoint start{std::chrono::hours(100 * 24)};
    CHECK_FALSE(account.standing(start));
    auto now = start;
    for (const Duration pause : {Duration{5min}, Duration{10min}, Duration{20min}, Duration{30min}, Duration{30min}}) {
        account.refused(Error{Code::Denied, "It was refused.", "Wrong.", "Mend it."}, now);
        const auto standing = account.standing(now + pause - 1ms);
        REQUIRE(standing);
        CHECK(standing->what == "It was refused.");
        CHECK(standing->why.find("not tried again before " + isoText(now + pause).substr(11, 5)) != std::string::npos);
        CHECK(standing->todo == "Mend it. Saving the provider tries at once.");
        now += pause;
        CHECK_FALSE(account.standing(now));
    }
    account.accepted();
    account.refused(Error{Code::Denied, "It was refused.", "Wrong.", "Mend it."}, now);
    CHECK_FALSE(account.standing(now + 5min));
}

TEST_CASE("breaker: an error that a test found is shown and pauses nothing") {
    Breaker breaker;
    const TimePoint now{std::chrono::hours(1)};
    for (int i = 0; i < 10; ++i)
        breaker.noted("It hangs.", now);
    CHECK(breaker.view().lastError == "It hangs.");
    CHECK(breaker.view().lastErrorAt == now);
    CHECK(breaker.view().state == BreakerState::Closed);
    CHECK(breaker.view().failures == 0);
    CHECK(breaker.admit(now));
}
