#include <doctest/doctest.h>

#include <cstdint>
#include <map>
#include <string>

#include "service/trace/rules.h"
#include "tests/unit/trace/trace_support.h"

// Losses make every measurement a matter of luck. Thousands of traces over a line that loses packets: none may blame a
// computer, a filter or a route for it.

using namespace causeway;
using namespace causeway::trace;
using namespace causeway::trace::test;

namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
    bool is(unsigned percent) {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return (state_ * 0x2545F4914F6CDD1DULL >> 33) % 100 < percent;
    }

private:
    std::uint64_t state_;
};

/// A question and its answer both pass.
bool isAnswered(Dice& dice, unsigned lossPercent) {
    return !dice.is(lossPercent) && !dice.is(lossPercent);
}
unsigned answersOf(Dice& dice, unsigned lossPercent, unsigned tries) {
    unsigned answers = 0;
    for (unsigned i = 0; i < tries; ++i)
        if (isAnswered(dice, lossPercent)) ++answers;
    return answers;
}

/// What a full trace with one vantage measures on such a line; `repeats` samples of UDP.
TracePair lossyPair(std::uint64_t seed, unsigned lossPercent, int repeats) {
    Dice dice{seed};
    auto pair = finePair();
    auto& leg = pair.aToY;
    leg.chatProbe = probe(3, answersOf(dice, lossPercent, 3));
    leg.joinProbe = probe(3, answersOf(dice, lossPercent, 3));
    leg.echo = probe(5, answersOf(dice, lossPercent, 5));
    // TCP sends its first packet three times in the time given to it.
    leg.tcp = tcp(answersOf(dice, lossPercent, 3) > 0 ? TcpOutcome::Connected : TcpOutcome::Timeout);
    MateFacts others = mates(2, 0);
    others.tcpConnected = 0;
    for (int mate = 0; mate < 2; ++mate) {
        const auto answers = answersOf(dice, lossPercent, 3);
        if (answers > 0) {
            ++others.answered;
            others.answeringTries += 3;
            others.answeringReplies += answers;
        }
        if (answersOf(dice, lossPercent, 3) > 0) ++others.tcpConnected;
    }
    leg.segmentMates = others;
    PathFacts path;
    for (auto* column : {&path.udp, &path.tcp}) {
        std::vector<Ip4> hops;
        bool isReached = false;
        for (const auto address : {kRouter1, kRouter2, kY}) {
            const bool isSeen = answersOf(dice, lossPercent, 3) > 0;
            hops.push_back(isSeen ? address : Ip4{});
            if (address == kY) isReached = isSeen;
        }
        *column = test::column(hops, isReached);
    }
    leg.path = path;
    if (repeats > 0) {
        std::vector<RepeatSample> samples;
        for (int i = 0; i < repeats; ++i)
            samples.push_back({fromEpochMillis(i * 10'000), TraceProtocol::Udp, isAnswered(dice, lossPercent)});
        leg.repeat = samples;
    }
    return pair;
}

std::map<std::string, int> verdictsOf(unsigned lossPercent, int repeats) {
    std::map<std::string, int> counts;
    for (std::uint64_t seed = 1; seed <= 2000; ++seed)
        ++counts[wordOf(judge(lossyPair(seed, lossPercent, repeats)).front().code)];
    return counts;
}

}  // namespace

TEST_CASE("chance: 30 % loss with a repeat of two minutes is INTERMITTENT, and never somebody's fault") {
    auto counts = verdictsOf(30, 12);
    MESSAGE("INTERMITTENT in " << counts["INTERMITTENT"] << " of 2000 traces");
    CHECK(counts["INTERMITTENT"] >= 1990);
    counts.erase("INTERMITTENT");
    counts.erase("NOT_ENOUGH_EVIDENCE");
    counts.erase("OK");
    for (const auto& [code, count] : counts)
        FAIL_CHECK(code << " " << count << " times");
}

TEST_CASE("chance: without a repeat at most one trace in a hundred blames somebody") {
    for (const unsigned lossPercent : {5U, 15U, 30U, 45U}) {
        auto counts = verdictsOf(lossPercent, 0);
        const int harmless = counts["INTERMITTENT"] + counts["NOT_ENOUGH_EVIDENCE"] + counts["OK"];
        std::string others;
        for (const auto& [code, count] : counts)
            others += code + " " + std::to_string(count) + ", ";
        CAPTURE(lossPercent);
        CAPTURE(others);
        CHECK(harmless >= 1980);
    }
}
