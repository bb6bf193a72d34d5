#include "service/trace/visibility_io.h"

#include <algorithm>
#include <utility>

#include "service/net/event_loop.h"

namespace causeway::trace {

VisibilityIo::VisibilityIo(VisibilityLine& line, VisibilityKeeper& keeper, Log& log)
    : line_(line),
      keeper_(keeper),
      log_(log),
      policy_(net::EventLoop::now()),
      report_(std::make_shared<const VisibilityReport>()) {}

VisibilityIo::~VisibilityIo() {
    stopAll();
}

void VisibilityIo::start() {
    VisibilityKept kept;
    auto findings = keeper_.load(kept);
    {
        const std::lock_guard hold{lock_};
        policy_.restore(std::move(findings), std::move(kept));
    }
    thread_ = std::thread{[this] { run(); }};
}

void VisibilityIo::stopAll() {
    {
        const std::lock_guard hold{lock_};
        isStopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void VisibilityIo::setConfig(const VisibilityConfig& config) {
    {
        const std::lock_guard hold{lock_};
        policy_.setConfig(config, net::EventLoop::now());
        isNudged_ = true;
    }
    wake_.notify_all();
}

void VisibilityIo::listRead(Ip4 client, bool isComplete, std::vector<Ip4> listed) {
    {
        const std::lock_guard hold{lock_};
        // Full only while a report is made: the oldest ones give way and are asked again in the next collection.
        if (readings_.size() >= kMostReadings) readings_.pop_front();
        readings_.push_back({client, isComplete, std::move(listed)});
        isNudged_ = true;
    }
    wake_.notify_one();
}

std::optional<std::vector<Ip4>> VisibilityIo::recentList(Ip4 client) {
    const std::lock_guard hold{lock_};
    return policy_.book().listedBy(client, net::EventLoop::now() - VisibilityPolicy::kPerClient);
}

void VisibilityIo::run() {
    while (true) {
        {
            std::unique_lock hold{lock_};
            const auto now = net::EventLoop::now();
            const auto next = policy_.nextDeadline(now);
            wake_.wait_for(hold, next - now, [this] { return isStopping_ || isNudged_; });
            isNudged_ = false;
            if (isStopping_) return;
            for (auto& reading : std::exchange(readings_, {}))
                policy_.listRead(reading.client, reading.isComplete, reading.listed, net::EventLoop::now());
            policy_.tick(net::EventLoop::now());
        }
        while (work()) {
            const std::lock_guard hold{lock_};
            if (isStopping_) return;
        }
        told();
    }
}

bool VisibilityIo::work() {
    std::vector<Ip4> questions;
    std::vector<UserId> probes;
    bool wantsSnapshot = false;
    auto wish = VisibilityPolicy::ReportWish::None;
    {
        const std::lock_guard hold{lock_};
        questions = policy_.takeQuestions();
        probes = policy_.takeProbes();
        wantsSnapshot = policy_.wantsSnapshot();
        wish = policy_.takeReportWish();
    }
    if (!questions.empty()) line_.readLists(questions);
    if (!probes.empty()) line_.probe(probes);
    if (wantsSnapshot) {
        auto snapshot = line_.snapshot();
        const std::lock_guard hold{lock_};
        if (!snapshot) {
            log_.write(LogLevel::Warning, "VISIBILITY_NO_DIRECTORY", snapshot.error().text());
            // Judged with what is known: an empty snapshot would forget everybody.
            policy_.noSnapshot(net::EventLoop::now());
        } else {
            policy_.take(*snapshot, net::EventLoop::now());
        }
    }
    if (wish != VisibilityPolicy::ReportWish::None) makeReport(wish == VisibilityPolicy::ReportWish::Final);
    return !questions.empty() || wantsSnapshot || wish != VisibilityPolicy::ReportWish::None;
}

void VisibilityIo::makeReport(bool isFinal) {
    // Some tenths of a second for thousands of computers: on a copy, so that nobody waits.
    const auto book = [&] {
        const std::lock_guard hold{lock_};
        return policy_.book();
    }();
    auto made = std::make_shared<const VisibilityReport>(book.report());
    std::vector<VisibilityFinding> changed;
    FindingBook::Outcome outcome;
    VisibilityKept kept;
    VisibilityStatus now;
    {
        const std::lock_guard hold{lock_};
        report_ = made;
        outcome = policy_.take(*made, isFinal, net::EventLoop::now());
        for (const auto id : outcome.changed)
            if (const auto* finding = policy_.findings().find(id)) changed.push_back(*finding);
        if (isFinal) kept = policy_.findings().kept();
        now = policy_.status();
    }
    if (!isFinal) return;
    for (const auto id : outcome.removed)
        keeper_.remove(id);
    for (const auto& finding : changed)
        keeper_.save(finding);
    keeper_.saveKept(kept);
    log_.write(LogLevel::Info, "VISIBILITY_COLLECTED",
               std::to_string(now.answered) + " of " + std::to_string(now.asked) + " clients gave their list, " +
                   std::to_string(now.cells) + " pairs are known, " + std::to_string(now.openFindings) +
                   " findings are open.");
}

void VisibilityIo::told() {
    {
        const std::lock_guard hold{lock_};
        const auto revision = policy_.status().revision;
        if (revision == toldRevision_) return;
        toldRevision_ = revision;
    }
    if (observer_ != nullptr) observer_->visibilityChanged();
}

std::shared_ptr<const VisibilityReport> VisibilityIo::reportNow() {
    const std::lock_guard hold{lock_};
    return report_;
}

VisibilityStatus VisibilityIo::status() {
    const std::lock_guard hold{lock_};
    return policy_.status();
}

VisibilityMap VisibilityIo::bases() {
    return basesMap(*reportNow());
}

Result<VisibilityMap> VisibilityIo::segments(const std::string& fromBase, const std::string& toBase,
                                             std::size_t firstRow) {
    auto map = segmentsMap(*reportNow(), fromBase, toBase, firstRow, kMostRows);
    if (map.totalRows == 0 || map.totalColumns == 0) {
        return Error{Code::NotFound,
                     "There is no base \"" + (map.totalRows == 0 ? fromBase : toBase) + "\" in the map.",
                     "It has no users, or nothing was collected yet.", "Load the map of bases again."};
    }
    return map;
}

Result<VisibilityCells> VisibilityIo::cells(const Network4& from, const Network4& to, std::size_t firstObserver,
                                            std::size_t firstSubject) {
    auto cells = [&] {
        const std::lock_guard hold{lock_};
        return policy_.book().cells(from, to, firstObserver, kMostObservers, firstSubject, kMostSubjects);
    }();
    if (cells.totalObservers == 0 || cells.totalSubjects == 0) {
        return Error{Code::NotFound, "Nobody is in " + (cells.totalObservers == 0 ? from : to).text() + ".",
                     "The segment has no users, or nothing was collected yet.", "Load the map again."};
    }
    return cells;
}

std::vector<VisibilityFinding> VisibilityIo::findings() {
    const std::lock_guard hold{lock_};
    return policy_.findings().all();
}

Result<VisibilityStatus> VisibilityIo::collect(const VisibilityScope& scope, const std::string& by) {
    VisibilityStatus now;
    {
        const std::lock_guard hold{lock_};
        if (auto begun = policy_.collect(scope, by, net::EventLoop::now()); !begun) return begun.error();
        now = policy_.status();
        isNudged_ = true;
    }
    wake_.notify_all();
    return now;
}

VisibilityStatus VisibilityIo::stop() {
    VisibilityStatus now;
    {
        const std::lock_guard hold{lock_};
        policy_.stop(net::EventLoop::now());
        now = policy_.status();
        isNudged_ = true;
    }
    wake_.notify_all();
    return now;
}

}  // namespace causeway::trace
