#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "service/trace/visibility_book.h"
#include "service/trace/visibility_findings.h"
#include "shared/base/result.h"
#include "shared/model/visibility.h"

namespace causeway::trace {

struct VisibilityConfig {
    VisibilityMode mode = VisibilityMode::OnDemand;
    Duration interval = 60min;
};

/// Decides whom to ask for his list and when, and keeps what came back. Told the time, sends nothing itself.
///
/// Promises: a client is asked at most once in kPerClient, whoever else asked him; only kinds that answer GETLIST, and
/// only those that answered a moment ago; at most kPerSecond clients a second and kMostOpen at a time; a collection
/// goes round the segments, so that none gets all its questions at once; long lists slow it down to kBytesPerSecond.
/// Thread: none of its own; not locked.
class VisibilityPolicy {
public:
    explicit VisibilityPolicy(TimePoint now) : startedAt_(now) {}

    void setConfig(const VisibilityConfig& config, TimePoint now);
    void restore(std::vector<VisibilityFinding> findings, VisibilityKept kept);

    /// Begins a collection; the snapshot is wanted next. Errors: Unavailable (switched off), Busy (one runs).
    Result<void> collect(const VisibilityScope& scope, const std::string& by, TimePoint now);
    /// Nobody is asked any more; what came is judged.
    void stop(TimePoint now);

    /// The directory is to be read: at the begin, now and then while lists come in, and at the end.
    bool wantsSnapshot() const { return wantsSnapshot_; }
    void take(const VisibilitySnapshot& snapshot, TimePoint now);
    /// The directory could not be read: what is known holds, and a collection that just began asks nobody.
    void noSnapshot(TimePoint now);
    void listRead(Ip4 client, bool isComplete, const std::vector<Ip4>& listed, TimePoint now);
    void tick(TimePoint now);
    TimePoint nextDeadline(TimePoint now) const;

    /// Clients to be asked for their lists now.
    std::vector<Ip4> takeQuestions() { return std::exchange(questions_, {}); }
    /// Users to be asked at once whether they are there: those of a block that is tested again.
    std::vector<UserId> takeProbes() { return std::exchange(probes_, {}); }

    /// What is known changed enough that a report is worth its time; the collection is over with Final.
    enum class ReportWish { None, Meanwhile, Final };
    ReportWish takeReportWish() { return std::exchange(wish_, ReportWish::None); }
    const VisibilityBook& book() const { return book_; }
    /// The report that was wished; the findings that changed come back after the last one of a collection.
    FindingBook::Outcome take(const VisibilityReport& report, bool isFinal, TimePoint now);

    const FindingBook& findings() const { return findings_; }
    VisibilityStatus status() const;

    static constexpr Duration kPerClient = 10min;
    static constexpr std::uint32_t kPerSecond = 10;
    static constexpr std::size_t kMostOpen = 8;
    static constexpr std::size_t kBytesPerSecond = 1'000'000;
    static constexpr std::size_t kBytesOfEntry = 80;  ///< of a list, about
    static constexpr Duration kPatience = 30s;        ///< for one list
    static constexpr Duration kSnapshotEvery = 30s;
    static constexpr Duration kReportEvery = 3s;
    static constexpr std::size_t kMostProbes = 200;

private:
    enum class Phase { Idle, Beginning, Asking, Ending };
    bool isInScope(const SeenUser& user) const;
    void begin(const VisibilitySnapshot& snapshot, TimePoint now);
    void end(TimePoint now);

    VisibilityConfig config_;
    VisibilityBook book_;
    FindingBook findings_;
    TimePoint startedAt_{};
    Phase phase_ = Phase::Idle;
    VisibilityStatus status_;
    bool wantsSnapshot_ = false;
    ReportWish wish_ = ReportWish::None;
    std::deque<Ip4> waiting_;
    std::map<Ip4, TimePoint> open_;               ///< asked, with the end of our patience
    TimePoint askedBefore_{};                     ///< by an earlier run of the service: anybody
    std::unordered_map<Ip4, TimePoint> askedAt_;  ///< within kPerClient, by whomever
    std::vector<Ip4> questions_;
    std::vector<UserId> probes_;
    TimePoint nextQuestionAt_{};
    TimePoint nextSnapshotAt_{};
    TimePoint nextReportAt_{};
    bool isDirty_ = false;
};

}  // namespace causeway::trace
