#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "service/trace/visibility.h"

// A company of 20 segments with 2,000 computers; faults of every kind are put in at random, with a seed. 40 % of the
// clients give their list, every look fails by chance once in fifty. How many faults are found, and how many are true?

using namespace causeway;
using namespace causeway::trace;

namespace {

class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15ULL + 1) {}
    std::size_t below(std::size_t limit) { return static_cast<std::size_t>(next() >> 33) % limit; }
    bool is(unsigned percent) { return below(100) < percent; }

private:
    std::uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545F4914F6CDD1DULL;
    }
    std::uint64_t state_;
};

constexpr std::size_t kSegments = 20;
constexpr std::size_t kPerSegment = 100;
constexpr std::size_t kPcs = kSegments * kPerSegment;
constexpr int kRounds = 6;

/// Kind, and the two places: computers or segments.
using Place = std::tuple<FaultKind, std::size_t, std::size_t>;

struct Company {
    std::set<Place> faults;
    std::vector<bool> isObserver = std::vector<bool>(kPcs);
    std::array<bool, kSegments> isSegmentDark{};
    std::set<std::pair<std::size_t, std::size_t>> darkRoads;
    std::vector<bool> isDeaf = std::vector<bool>(kPcs);
    std::vector<bool> isMute = std::vector<bool>(kPcs);
    std::set<std::pair<std::size_t, std::size_t>> darkPairs;

    bool sees(std::size_t observer, std::size_t subject) const {
        const auto from = observer / kPerSegment;
        const auto to = subject / kPerSegment;
        return !isSegmentDark[from] && !isSegmentDark[to] && !darkRoads.contains({from, to}) && !isDeaf[observer] &&
               !isMute[subject] && !darkPairs.contains({observer, subject});
    }
};

Company companyOf(std::uint64_t seed, unsigned observers) {
    Dice dice{seed};
    Company out;
    for (std::size_t pc = 0; pc < kPcs; ++pc)
        out.isObserver[pc] = dice.is(observers);
    const auto dark = dice.below(kSegments);
    out.isSegmentDark[dark] = true;
    out.faults.insert({FaultKind::SegmentDark, dark, 0});
    std::set<std::size_t> used{dark};
    const auto freeSegment = [&] {
        for (;;) {
            const auto segment = dice.below(kSegments);
            if (used.insert(segment).second) return segment;
        }
    };
    for (int i = 0; i < 4; ++i) {
        auto a = freeSegment();
        auto b = freeSegment();
        out.darkRoads.insert({a, b});
        if (i < 2) {
            out.darkRoads.insert({b, a});
            out.faults.insert({FaultKind::SiteLink, std::min(a, b), std::max(a, b)});
        } else {
            out.faults.insert({FaultKind::OneWay, a, b});
        }
    }
    std::set<std::size_t> usedPcs;
    const auto freePc = [&](bool mustObserve) {
        for (;;) {
            const auto pc = dice.below(kPcs);
            if (out.isSegmentDark[pc / kPerSegment] || (mustObserve && !out.isObserver[pc])) continue;
            if (usedPcs.insert(pc).second) return pc;
        }
    };
    // Only who gives his list can show that he sees nobody; of those one in forty is deaf.
    const auto deaf = static_cast<int>(observers) / 4;
    for (int i = 0; i < 10 + 2 * deaf; ++i) {
        const auto kind = i < 10 ? FaultKind::PcInbound : i < 10 + deaf ? FaultKind::PcReceives : FaultKind::PcIsolated;
        const auto pc = freePc(kind != FaultKind::PcInbound);
        out.isMute[pc] = kind != FaultKind::PcReceives;
        out.isDeaf[pc] = kind != FaultKind::PcInbound;
        out.faults.insert({kind, pc, 0});
    }
    for (int i = 0; i < 20; ++i) {
        const auto observer = freePc(true);
        const auto subject = freePc(false);
        if (out.darkRoads.contains({observer / kPerSegment, subject / kPerSegment})) continue;
        out.darkPairs.insert({observer, subject});
        out.faults.insert({FaultKind::Pair, observer, subject});
    }
    return out;
}

Place placeOf(const MatrixFault& fault) {
    const auto segment = [](const std::optional<Network4>& network) {
        return network ? std::size_t{network->address.value >> 8 & 0xFF} : 0;
    };
    if (fault.kind == FaultKind::Pair) return {fault.kind, *fault.observer, *fault.subject};
    if (fault.kind == FaultKind::PcReceives) return {fault.kind, *fault.observer, 0};
    if (fault.subject) return {fault.kind, *fault.subject, 0};
    return {fault.kind, segment(fault.from), segment(fault.to)};
}

struct Score {
    std::size_t injected = 0;
    std::size_t found = 0;
    std::size_t right = 0;
    std::size_t precision() const { return found == 0 ? 100 : right * 100 / found; }
    std::size_t recall() const { return injected == 0 ? 0 : right * 100 / injected; }
};
using Scores = std::array<Score, 7>;

/// `observers`: percent of the clients that give their list.
Scores scoresOf(unsigned observers, std::uint64_t seeds) {
    Scores scores{};
    std::vector<MatrixPc> pcs;
    for (std::size_t pc = 0; pc < kPcs; ++pc) {
        const auto segment = static_cast<std::uint32_t>(pc / kPerSegment);
        pcs.push_back({"pc" + std::to_string(pc), "base", {Ip4{0x0A010000U | segment << 8}, 24}});
    }
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        const auto company = companyOf(seed, observers);
        Dice dice{seed + 1000};
        VisibilityMatrix matrix{pcs};
        for (int round = 0; round < kRounds; ++round) {
            for (std::size_t observer = 0; observer < kPcs; ++observer) {
                if (!company.isObserver[observer]) continue;
                for (std::size_t subject = 0; subject < kPcs; ++subject) {
                    if (subject != observer)
                        matrix.saw(observer, subject, company.sees(observer, subject) && !dice.is(2));
                }
            }
        }
        const auto result = localise(matrix);
        for (const auto& place : company.faults)
            ++scores[static_cast<std::size_t>(std::get<0>(place))].injected;
        for (const auto& fault : result.faults) {
            auto& score = scores[static_cast<std::size_t>(fault.kind)];
            const bool isRight = company.faults.contains(placeOf(fault));
            // "Possible" says itself that a measurement is missing; it accuses nobody.
            if (isRight || fault.certainty != Certainty::Possible) ++score.found;
            if (isRight) ++score.right;
        }
        // Widest first, so that an administrator who mends the first one mends most.
        CHECK(std::is_sorted(result.faults.begin(), result.faults.end(), [](const auto& a, const auto& b) {
            const auto width = [](const MatrixFault& fault) {
                switch (fault.kind) {
                    case FaultKind::SegmentDark:
                        return 0;
                    case FaultKind::Pair:
                        return 2;
                    default:
                        return 1;
                }
            };
            return width(a) < width(b);
        }));
    }
    std::printf("%u %% of the clients give their list\n", observers);
    for (std::size_t i = 0; i < scores.size(); ++i) {
        const auto& score = scores[i];
        std::printf("  %-13s injected %3zu, found %3zu, right %3zu: precision %3zu %%, recall %3zu %%\n",
                    wordOf(static_cast<FaultKind>(i)), score.injected, score.found, score.right, score.precision(),
                    score.recall());
    }
    return scores;
}

}  // namespace

TEST_CASE("localisation: faults of 20 segments and 2,000 computers are found, and few others") {
    for (const auto& score : scoresOf(40, 5)) {
        CHECK(score.injected > 0);
        CHECK(score.precision() >= 95);
        CHECK(score.recall() >= 95);
    }
}

// Where most clients are of a kind that gives no list, some segments have fewer than three observers.
TEST_CASE("localisation: with few observers less is found, and still nobody is accused wrongly") {
    for (const auto& score : scoresOf(4, 10)) {
        CHECK(score.injected > 0);
        CHECK(score.precision() >= 95);
        CHECK(score.recall() >= 60);
    }
}
