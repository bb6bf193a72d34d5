#include "service/admin/login_throttle.h"

#include <doctest/doctest.h>

using namespace causeway;
using namespace causeway::admin;

TEST_CASE("throttle: the sixth failure makes the user wait, each further one twice as long, up to a minute") {
    TimePoint now = fromEpochMillis(1'000'000);
    LoginThrottle throttle{ThrottleRule{}};
    for (int i = 0; i < 5; ++i)
        throttle.failed("ann", now);
    CHECK(throttle.waitFor("ann", now) == 0ms);
    throttle.failed("ann", now);
    CHECK(throttle.waitFor("ann", now) == 1s);
    CHECK(throttle.waitFor("ann", now + 400ms) == 600ms);
    CHECK(throttle.waitFor("ann", now + 1s) == 0ms);
    CHECK(throttle.waitFor("bob", now) == 0ms);
    throttle.failed("ann", now);
    CHECK(throttle.waitFor("ann", now) == 2s);
    for (int i = 0; i < 100; ++i)
        throttle.failed("ann", now);
    CHECK(throttle.waitFor("ann", now) == 60s);
}

TEST_CASE("throttle: success and a quarter of an hour without failure forgive") {
    TimePoint now = fromEpochMillis(1'000'000);
    LoginThrottle throttle{ThrottleRule{}};
    for (int i = 0; i < 10; ++i)
        throttle.failed("ann", now);
    CHECK(throttle.waitFor("ann", now) > 0ms);
    throttle.succeeded("ann");
    CHECK(throttle.waitFor("ann", now) == 0ms);
    for (int i = 0; i < 10; ++i)
        throttle.failed("ann", now);
    throttle.failed("ann", now + 15min);
    CHECK(throttle.waitFor("ann", now + 15min) == 0ms);
}

TEST_CASE("throttle: an attacker with many names cannot fill the memory") {
    TimePoint now = fromEpochMillis(1'000'000);
    LoginThrottle throttle{{.mostKeys = 10}};
    for (int i = 0; i < 100; ++i)
        throttle.failed("name" + std::to_string(i), now += 1s);
    CHECK(throttle.size() == 10);
}
