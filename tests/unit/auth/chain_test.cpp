#include "service/auth/chain.h"

#include <doctest/doctest.h>

using namespace causeway;
using namespace causeway::auth;

namespace {

constexpr TimePoint kStart{Duration{1'000'000}};

std::vector<ChainMember> members(std::size_t count) {
    std::vector<ChainMember> out;
    for (std::size_t i = 0; i < count; ++i)
        out.push_back({i + 1, "provider " + std::to_string(i + 1), 5s, false});
    return out;
}

Verdict saying(Outcome outcome) {
    Verdict verdict;
    verdict.outcome = outcome;
    verdict.why = wordOf(outcome);
    return verdict;
}

}  // namespace

TEST_CASE("chain: an unknown user is looked for in the next provider") {
    ChainRun run{members(2), 10s, kStart};
    CHECK(run.next(kStart)->provider == 1);
    run.onVerdict(saying(Outcome::UnknownUser), kStart + 1s);
    const auto ask = run.next(kStart + 1s);
    REQUIRE(ask);
    CHECK(ask->provider == 2);
    CHECK(ask->deadline == kStart + 6s);
    run.onVerdict(saying(Outcome::Right), kStart + 2s);
    CHECK(!run.next(kStart + 2s));
    CHECK(run.verdict().outcome == Outcome::Right);
    REQUIRE(run.steps().size() == 2);
    CHECK(run.steps()[0].took == 1s);
}

TEST_CASE("chain: whoever cannot be asked never counts as not knowing the user") {
    for (const auto outcome : {Outcome::CannotAsk, Outcome::Busy}) {
        ChainRun run{members(2), 10s, kStart};
        REQUIRE(run.next(kStart));
        run.onVerdict(saying(outcome), kStart + 1s);
        CHECK(!run.next(kStart + 1s));
        CHECK(run.verdict().outcome == outcome);
        CHECK(!isRefusal(run.verdict().outcome));
    }
}

TEST_CASE("chain: the first provider that knows the user decides") {
    for (const auto outcome : {Outcome::WrongPassword, Outcome::Disabled, Outcome::Expired, Outcome::MustChange,
                               Outcome::LockedByDirectory, Outcome::NotAllowed}) {
        ChainRun run{members(2), 10s, kStart};
        REQUIRE(run.next(kStart));
        run.onVerdict(saying(outcome), kStart);
        CHECK(run.isDone());
        CHECK(run.verdict().outcome == outcome);
    }
}

TEST_CASE("chain: a reject that may mean unknown goes on only where that is set, and stays the answer") {
    auto two = members(2);
    two[0].asksNextAfterReject = true;
    ChainRun run{two, 10s, kStart};
    REQUIRE(run.next(kStart));
    run.onVerdict(saying(Outcome::WrongPassword), kStart);
    REQUIRE(run.next(kStart));
    SUBCASE("nobody else knows the user") {
        run.onVerdict(saying(Outcome::UnknownUser), kStart);
        CHECK(run.verdict().outcome == Outcome::WrongPassword);
    }
    SUBCASE("the next one accepts") {
        run.onVerdict(saying(Outcome::Right), kStart);
        CHECK(run.verdict().outcome == Outcome::Right);
    }
    SUBCASE("the next one cannot be asked") {
        run.onVerdict(saying(Outcome::CannotAsk), kStart);
        CHECK(run.verdict().outcome == Outcome::CannotAsk);
    }
}

TEST_CASE("chain: all of it has one budget, and running out of it is no refusal") {
    ChainRun run{members(3), 6s, kStart};
    REQUIRE(run.next(kStart));
    run.onVerdict(saying(Outcome::UnknownUser), kStart + 5s);
    const auto ask = run.next(kStart + 5s);
    REQUIRE(ask);
    CHECK(ask->deadline == kStart + 6s);
    run.onVerdict(saying(Outcome::UnknownUser), kStart + 6s);
    CHECK(!run.next(kStart + 6s));
    CHECK(run.verdict().outcome == Outcome::CannotAsk);
    CHECK(run.steps().size() == 3);
}

TEST_CASE("chain: a domain without a provider cannot be asked") {
    ChainRun run{{}, 10s, kStart};
    CHECK(run.isDone());
    CHECK(run.verdict().outcome == Outcome::CannotAsk);
}

TEST_CASE("chain: nobody anywhere knows the user") {
    ChainRun run{members(2), 10s, kStart};
    for (int i = 0; i < 2; ++i) {
        REQUIRE(run.next(kStart));
        run.onVerdict(saying(Outcome::UnknownUser), kStart);
    }
    CHECK(run.verdict().outcome == Outcome::UnknownUser);
}

TEST_CASE("chain: refusals are told on a grid of time, the rest at once") {
    const auto at = [](Outcome outcome, Duration took) {
        return tellAt(saying(outcome), kStart, kStart + took, 250ms) - kStart;
    };
    CHECK(at(Outcome::WrongPassword, 20ms) == 250ms);
    CHECK(at(Outcome::UnknownUser, 1ms) == 250ms);
    CHECK(at(Outcome::UnknownUser, 250ms) == 500ms);
    CHECK(at(Outcome::Disabled, 301ms) == 500ms);
    CHECK(at(Outcome::Right, 20ms) == 20ms);
    CHECK(at(Outcome::CannotAsk, 20ms) == 20ms);
}
