#include "service/trace/visibility_policy.h"

#include <algorithm>

namespace causeway::trace {

namespace {

constexpr TimePoint kNever{};

}  // namespace

void VisibilityPolicy::setConfig(const VisibilityConfig& config, TimePoint now) {
    config_ = config;
    status_.mode = config.mode;
    status_.interval = config.mode == VisibilityMode::Interval ? config.interval : Duration{};
    status_.nextAt.reset();
    if (config.mode == VisibilityMode::Interval) {
        // Right after the start nobody is proven yet.
        const auto last = std::max(status_.startedAt, findings_.kept().finishedAt);
        status_.nextAt = std::max(last == kNever ? now : last + config.interval, startedAt_ + 2min);
    } else if (config.mode == VisibilityMode::Off) {
        stop(now);
    }
    ++status_.revision;
}

void VisibilityPolicy::restore(std::vector<VisibilityFinding> findings, VisibilityKept kept) {
    askedBefore_ = kept.finishedAt;
    findings_.restore(std::move(findings), std::move(kept));
    findings_.note({startedAt_, "This service was started.", 0, {}, false});
    status_.openFindings = findings_.open();
}

bool VisibilityPolicy::isInScope(const SeenUser& user) const {
    const auto& scope = status_.scope;
    return scope.isEverybody() || user.segment == scope.from || user.segment == scope.to;
}

Result<void> VisibilityPolicy::collect(const VisibilityScope& scope, const std::string& by, TimePoint now) {
    const auto refused = [](Code code, std::string why, std::string todo) {
        return Error{code, "The lists were not collected.", std::move(why), std::move(todo)};
    };
    if (config_.mode == VisibilityMode::Off)
        return refused(Code::Unavailable, "Asking clients for their lists is switched off.",
                       "Set trace.visibility to on-demand or interval.");
    if (phase_ != Phase::Idle)
        return refused(Code::Busy, "A collection runs already.", "Wait until it is over, or stop it.");
    phase_ = Phase::Beginning;
    status_.isCollecting = true;
    status_.scope = scope;
    status_.by = by;
    status_.startedAt = now;
    status_.toAsk = status_.asked = status_.answered = status_.silent = status_.tooSoon = 0;
    status_.againAt.reset();
    ++status_.collections;
    ++status_.revision;
    wantsSnapshot_ = true;
    return {};
}

void VisibilityPolicy::stop(TimePoint now) {
    if (phase_ == Phase::Idle || phase_ == Phase::Ending) return;
    waiting_.clear();
    open_.clear();
    questions_.clear();
    end(now);
}

void VisibilityPolicy::end(TimePoint now) {
    // Who went meanwhile is no fault: the directory is read once more before anything is judged.
    phase_ = Phase::Ending;
    wantsSnapshot_ = true;
    nextSnapshotAt_ = now;
}

void VisibilityPolicy::take(const VisibilitySnapshot& snapshot, TimePoint now) {
    wantsSnapshot_ = false;
    nextSnapshotAt_ = now + kSnapshotEvery;
    findings_.compare(snapshot);
    book_.take(snapshot);
    status_.pcs = static_cast<std::uint32_t>(book_.users());
    if (phase_ == Phase::Beginning) begin(snapshot, now);
    if (phase_ == Phase::Ending) wish_ = ReportWish::Final;
}

void VisibilityPolicy::noSnapshot(TimePoint now) {
    wantsSnapshot_ = false;
    nextSnapshotAt_ = now + kSnapshotEvery;
    if (phase_ == Phase::Beginning) phase_ = Phase::Ending;
    if (phase_ == Phase::Ending) wish_ = ReportWish::Final;
}

void VisibilityPolicy::begin(const VisibilitySnapshot& snapshot, TimePoint now) {
    phase_ = Phase::Asking;
    std::erase_if(askedAt_, [now](const auto& each) { return now - each.second >= kPerClient; });
    std::map<Network4, std::deque<Ip4>> bySegment;
    for (const auto& user : snapshot.users) {
        if (!isInScope(user) || user.kind == ClientKind::Causeway) continue;
        if (!status_.scope.isEverybody() && user.isExpected && probes_.size() < kMostProbes) probes_.push_back(user.id);
        if (!whyNoList(user).empty()) continue;
        const auto asked = askedAt_.find(user.address);
        const auto last = asked != askedAt_.end() ? asked->second : askedBefore_;
        if (last != kNever && now - last < kPerClient) {
            ++status_.tooSoon;
            status_.againAt = std::max(status_.againAt.value_or(kNever), last + kPerClient);
            continue;
        }
        bySegment[user.segment].push_back(user.address);
    }
    waiting_.clear();
    for (bool isMore = true; isMore;) {
        isMore = false;
        for (auto& [segment, addresses] : bySegment) {
            if (addresses.empty()) continue;
            waiting_.push_back(addresses.front());
            addresses.pop_front();
            isMore = true;
        }
    }
    status_.toAsk = static_cast<std::uint32_t>(waiting_.size());
    nextQuestionAt_ = now;
    nextReportAt_ = now + kReportEvery;
    isDirty_ = true;
    tick(now);
}

void VisibilityPolicy::listRead(Ip4 client, bool isComplete, const std::vector<Ip4>& listed, TimePoint now) {
    const bool isOurs = open_.erase(client) != 0;
    // Traces and searches read lists, too: what they got is as good, and he is not asked again soon.
    askedAt_[client] = now;
    const bool isTaken = isComplete && book_.looked(client, listed, now);
    if (isTaken) {
        ++status_.listsRead;
        isDirty_ = true;
    }
    if (isOurs) {
        ++(isComplete ? status_.answered : status_.silent);
        const auto bytes = listed.size() * kBytesOfEntry;
        nextQuestionAt_ =
            std::max(nextQuestionAt_, now) + Duration{static_cast<std::int64_t>(bytes * 1000 / kBytesPerSecond)};
        ++status_.revision;
    }
    tick(now);
}

void VisibilityPolicy::tick(TimePoint now) {
    if (phase_ == Phase::Idle && status_.nextAt && *status_.nextAt <= now) {
        status_.nextAt = now + config_.interval;
        if (auto begun = collect({}, {}, now); !begun) return;
    }
    if (phase_ != Phase::Asking) return;
    for (auto at = open_.begin(); at != open_.end();) {
        if (at->second <= now) {
            ++status_.silent;
            at = open_.erase(at);
        } else {
            ++at;
        }
    }
    while (!waiting_.empty() && open_.size() < kMostOpen && nextQuestionAt_ <= now) {
        const auto client = waiting_.front();
        waiting_.pop_front();
        // Somebody else may have asked him meanwhile.
        if (const auto at = askedAt_.find(client); at != askedAt_.end() && now - at->second < kPerClient) {
            ++status_.tooSoon;
            --status_.toAsk;
            continue;
        }
        questions_.push_back(client);
        open_[client] = now + kPatience;
        askedAt_[client] = now;
        ++status_.asked;
        ++status_.listsAsked;
        nextQuestionAt_ = std::max(nextQuestionAt_, now - Duration{1000 / kPerSecond}) + Duration{1000 / kPerSecond};
        ++status_.revision;
    }
    if (waiting_.empty() && open_.empty()) {
        end(now);
        return;
    }
    if (nextSnapshotAt_ <= now) wantsSnapshot_ = true;
    if (isDirty_ && nextReportAt_ <= now && wish_ == ReportWish::None) wish_ = ReportWish::Meanwhile;
}

TimePoint VisibilityPolicy::nextDeadline(TimePoint now) const {
    auto next = now + 60s;
    const auto consider = [&next](TimePoint when) { next = std::min(next, when); };
    if (phase_ == Phase::Idle && status_.nextAt) consider(*status_.nextAt);
    if (phase_ == Phase::Asking) {
        if (!waiting_.empty() && open_.size() < kMostOpen) consider(nextQuestionAt_);
        for (const auto& [client, until] : open_)
            consider(until);
        consider(nextSnapshotAt_);
        if (isDirty_) consider(nextReportAt_);
    }
    if (wantsSnapshot_ || wish_ != ReportWish::None) consider(now);
    return std::max(next, now);
}

FindingBook::Outcome VisibilityPolicy::take(const VisibilityReport& report, bool isFinal, TimePoint now) {
    isDirty_ = false;
    nextReportAt_ = now + kReportEvery;
    status_.observers = report.observers;
    status_.giveNoList = report.giveNoList;
    status_.cells = report.cells;
    status_.places = report.places;
    ++status_.revision;
    if (!isFinal) return {};
    auto outcome =
        findings_.take(report, book_, now, status_.answered > 0 ? FindingBook::Looks::New : FindingBook::Looks::Old);
    phase_ = Phase::Idle;
    status_.isCollecting = false;
    status_.finishedAt = now;
    status_.openFindings = findings_.open();
    if (config_.mode == VisibilityMode::Interval)
        status_.nextAt = std::max(status_.startedAt + config_.interval, now + kPerClient);
    return outcome;
}

VisibilityStatus VisibilityPolicy::status() const {
    return status_;
}

}  // namespace causeway::trace
