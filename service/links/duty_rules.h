#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/proto/link/message.h"

namespace causeway::links {

/// What this service is, for others and for its own rules.
struct OwnSide {
    std::string service;             ///< name of the computer
    std::string base;                ///< the base that holds our address; may be empty
    Ip4 address;                     ///< of the first network card
    std::vector<Network4> segments;  ///< networks of our cards, and segments of our base
    bool operator==(const OwnSide&) const = default;
};

/// What a linked service may have measured by this one: addresses of our own segments, and of its own as our
/// administrator wrote them down or as it tells where he wrote nothing. Everything else is foreign. Pure; told the
/// time. Bounds per linked service: kMostAtOnce at once, kMostMeasures and kMostCounts a minute.
class DutyRules {
public:
    static constexpr std::size_t kMostAtOnce = 4;
    static constexpr std::size_t kMostMeasures = 20;
    static constexpr std::size_t kMostCounts = 12;
    static constexpr Duration kWindow = std::chrono::minutes{1};

    /// Counts what it allows; done() gives its place back. Errors: Denied (foreign, or a step that is not done for
    /// others), Busy.
    Result<void> mayMeasure(const std::string& who, const link::Measure& wish, const OwnSide& own,
                            const std::vector<Network4>& theirs, TimePoint now);
    void done(const std::string& who);
    /// `target`: where single datagrams would go to; empty for the first half. Errors as above.
    Result<void> mayCount(const std::string& who, Ip4 target, const std::vector<Network4>& theirs, TimePoint now);
    void forget(const std::string& who) { all_.erase(who); }

    /// The steps that one service takes for another.
    static bool isDone(TraceStep step);

private:
    struct Guest {
        std::size_t running = 0;
        std::deque<TimePoint> measures;
        std::deque<TimePoint> counts;
    };
    std::map<std::string, Guest> all_;
};

}  // namespace causeway::links
