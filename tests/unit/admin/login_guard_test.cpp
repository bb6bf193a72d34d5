#include "service/admin/login_guard.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace causeway;
using namespace causeway::admin;

namespace {

/// Attackers at many addresses who guess as soon as they may, and who never know the password.
struct Siege {
    LoginGuard guard;
    TimePoint now = fromEpochMillis(1'000'000);
    std::vector<TimePoint> next;
    std::uint64_t guesses = 0;

    explicit Siege(std::size_t addresses) : next(addresses, now) {}
    static std::string address(std::size_t i) {
        return "10.9." + std::to_string(i / 200) + "." + std::to_string(i % 200);
    }
    /// One second after the other.
    void pass(Duration time) {
        for (const auto end = now + time; now < end; now += 1s) {
            for (std::size_t i = 0; i < next.size(); ++i) {
                if (now < next[i]) continue;
                const auto wait = guard.begin("alice", address(i), now);
                if (wait == 0ms) ++guesses;
                next[i] = now + std::max<Duration>(wait, 1s);
            }
        }
    }
};

}  // namespace

TEST_CASE("login guard: 100 addresses hammer, and the person gets in at once from her usual address") {
    Siege siege{100};
    REQUIRE(siege.guard.begin("alice", "10.1.0.5", siege.now) == 0ms);
    siege.guard.succeeded("alice", "10.1.0.5", siege.now);
    siege.pass(30min);
    CHECK(siege.guard.begin("alice", "10.1.0.5", siege.now) == 0ms);
    siege.guard.succeeded("alice", "10.1.0.5", siege.now);
    siege.pass(1h);
    CHECK(siege.guard.begin("alice", "10.1.0.5", siege.now) == 0ms);
}

TEST_CASE("login guard: at a new address she waits for her turn, at most two seconds for each address before her") {
    for (const std::size_t addresses : {1U, 100U, 250U}) {
        CAPTURE(addresses);
        Siege siege{addresses};
        siege.pass(1h);
        const auto came = siege.now;
        Duration wait{};
        // She tries again exactly when she was told; the others do not rest meanwhile.
        while ((wait = siege.guard.begin("alice", "10.2.0.7", siege.now)) > 0ms) {
            REQUIRE(siege.now - came < 15min);
            siege.pass(wait);
        }
        const auto waited = siege.now - came;
        MESSAGE(addresses << " attacking addresses: she waited " << waited.count() / 1000 << " s");
        CHECK(waited <= 2s * static_cast<std::int64_t>(addresses + 2));
        siege.guard.succeeded("alice", "10.2.0.7", siege.now);
        CHECK(siege.guard.begin("alice", "10.2.0.7", siege.now) == 0ms);
    }
}

TEST_CASE("login guard: even 2,000 addresses make nobody wait longer than ten minutes") {
    Siege siege{2000};
    siege.pass(15min);
    const auto wait = siege.guard.begin("alice", "10.2.0.7", siege.now);
    CHECK(wait > 0ms);
    CHECK(wait <= 10min);
    siege.pass(wait);
    CHECK(siege.guard.begin("alice", "10.2.0.7", siege.now) == 0ms);
}

TEST_CASE("login guard: guesses an hour stay bounded, however many addresses guess") {
    for (const auto& [addresses, most] :
         {std::pair{1U, 80U}, std::pair{10U, 800U}, std::pair{100U, 1850U}, std::pair{250U, 1850U}}) {
        CAPTURE(addresses);
        Siege siege{addresses};
        siege.pass(1h);
        MESSAGE(addresses << " addresses: " << siege.guesses << " guesses in the first hour");
        CHECK(siege.guesses <= most);
        siege.guesses = 0;
        siege.pass(1h);
        MESSAGE(addresses << " addresses: " << siege.guesses << " guesses in the second hour");
        CHECK(siege.guesses <= most);
    }
}

TEST_CASE("login guard: her successes give the guesser nothing back") {
    Siege siege{1};
    siege.pass(5min);
    const auto before = siege.guard.begin("alice", Siege::address(0), siege.now);
    CHECK(before > 0ms);
    REQUIRE(siege.guard.begin("alice", "10.1.0.5", siege.now) == 0ms);
    siege.guard.succeeded("alice", "10.1.0.5", siege.now);
    CHECK(siege.guard.begin("alice", Siege::address(0), siege.now) == before);
}

TEST_CASE("login guard: many names from one address cost as much as one name") {
    LoginGuard guard;
    const auto now = fromEpochMillis(1'000'000);
    for (int i = 0; i < 11; ++i)
        CHECK(guard.begin("name" + std::to_string(i), "10.9.9.9", now) == 0ms);
    CHECK(guard.begin("another", "10.9.9.9", now) == 1s);
    CHECK(guard.begin("another", "10.9.9.8", now) == 0ms);
}

TEST_CASE("login guard: who is known at an address is not held up by what others fail there") {
    LoginGuard guard;
    auto now = fromEpochMillis(1'000'000);
    REQUIRE(guard.begin("alice", "10.1.0.5", now) == 0ms);
    guard.succeeded("alice", "10.1.0.5", now);
    for (int i = 0; i < 11; ++i)
        guard.begin("name" + std::to_string(i), "10.1.0.5", now);
    CHECK(guard.begin("bob", "10.1.0.5", now) > 0ms);
    CHECK(guard.begin("alice", "10.1.0.5", now) == 0ms);
    CHECK(guard.isKnown("alice", "10.1.0.5", now + 29 * std::chrono::hours{24}));
    CHECK_FALSE(guard.isKnown("alice", "10.1.0.5", now + 30 * std::chrono::hours{24}));
}

TEST_CASE("login guard: tries that run at the same time are all counted, and taken back when nothing was looked at") {
    LoginGuard guard;
    const auto now = fromEpochMillis(1'000'000);
    for (int i = 0; i < 6; ++i)
        CHECK(guard.begin("alice", "10.9.9.9", now) == 0ms);
    CHECK(guard.begin("alice", "10.9.9.9", now) == 1s);
    for (int i = 0; i < 6; ++i)
        guard.cancelled("alice", "10.9.9.9", now);
    CHECK(guard.begin("alice", "10.9.9.9", now) == 0ms);
}

TEST_CASE("login guard: an attacker with many names and addresses cannot fill the memory") {
    LoginGuard guard{{.pair = {.mostKeys = 10},
                      .caller = {.freeFailures = 10, .mostKeys = 10},
                      .openFailures = 0,
                      .mostKnown = 10,
                      .mostTurns = 10}};
    auto now = fromEpochMillis(1'000'000);
    for (int i = 0; i < 300; ++i) {
        const auto name = "name" + std::to_string(i % 7);
        const auto caller = "caller" + std::to_string(i);
        now += 1s;
        guard.begin(name, caller, now);
        guard.succeeded(name, caller, now);
    }
    CHECK(guard.size() <= 50);
}
