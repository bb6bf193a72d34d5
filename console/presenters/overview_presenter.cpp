#include "console/presenters/overview_presenter.h"

#include <algorithm>
#include <cmath>

#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

constexpr std::size_t kPoints = 120;
constexpr Duration kRateWindow = 60s;
constexpr Duration kGap = 15s;  ///< status comes every 2 s; more than this is an outage
enum Series : std::size_t { kPresent, kIn, kOut };

Mark markOfListener(api::ListenerState state) {
    switch (state) {
        case api::ListenerState::Listening:
            return Mark::Fine;
        case api::ListenerState::Failed:
            return Mark::Broken;
        case api::ListenerState::Off:
            break;
    }
    return Mark::Unknown;
}

bool isMutedNow(const Problem& problem, TimePoint now) {
    return problem.mutedUntil && *problem.mutedUntil > now;
}

}  // namespace

OverviewPresenter::OverviewPresenter(Session& session) : Presenter(session) {
    charts_.resize(3);
    charts_[kPresent].key = "present";
    charts_[kPresent].label = tr("Users present");
    charts_[kIn].key = "in";
    charts_[kIn].label = tr("Packets received");
    charts_[kIn].unit = tr("packets/s");
    charts_[kOut].key = "out";
    charts_[kOut].label = tr("Packets sent");
    charts_[kOut].unit = tr("packets/s");
}

std::uint64_t OverviewPresenter::problemCount() const {
    const auto now = session_.now();
    return static_cast<std::uint64_t>(std::count_if(records_.begin(), records_.end(), [now](const Problem& problem) {
        return !isMutedNow(problem, now) && problem.severity != Severity::Notice;
    }));
}

std::string OverviewPresenter::headline() const {
    switch (session_.connection()) {
        case Connection::None:
            return tr("No service is connected.");
        case Connection::Connecting:
            return tr("Connecting ...");
        case Connection::NotAnswering:
            return tr("The service does not answer. What is shown is what was known last.");
        case Connection::Refused:
            return tr("The service does not let this console in.");
        case Connection::Live:
            break;
    }
    if (!isLoaded_) return tr("Loading ...");
    const auto count = problemCount();
    if (count > 0) return trn("%1 problem needs attention.", "%1 problems need attention.", count);
    return tr("Everything is all right.");
}

Mark OverviewPresenter::headlineMark() const {
    if (session_.connection() == Connection::NotAnswering || session_.connection() == Connection::Refused)
        return Mark::Broken;
    if (session_.connection() != Connection::Live || !isLoaded_) return Mark::Unknown;
    auto worst = Mark::Fine;
    const auto now = session_.now();
    for (const auto& problem : records_) {
        if (isMutedNow(problem, now)) continue;
        if (problem.severity == Severity::Problem) return Mark::Broken;
        if (problem.severity == Severity::Warning) worst = Mark::Partly;
    }
    return worst;
}

void OverviewPresenter::problemsChanged(const std::vector<Problem>& problems) {
    isLoaded_ = true;
    records_ = problems;
    const auto now = session_.now();
    std::stable_sort(records_.begin(), records_.end(), [now](const Problem& a, const Problem& b) {
        const bool aMuted = isMutedNow(a, now);
        const bool bMuted = isMutedNow(b, now);
        if (aMuted != bMuted) return bMuted;
        if (a.severity != b.severity) return a.severity > b.severity;
        return a.since > b.since;
    });
    makeCards();
    if (onProblems) onProblems();
    changed();
}

void OverviewPresenter::makeCards() {
    const auto now = session_.now();
    problems_.clear();
    for (const auto& problem : records_) {
        ProblemCard card;
        card.id = problem.id;
        card.mark = markOf(problem.severity);
        card.severity = textOf(problem.severity);
        card.what = problem.what;
        card.why = problem.why;
        card.todo = problem.todo;
        card.page = problem.page;
        card.sinceText = fill(tr("since %1"), {relativeTime(problem.since, now)});
        card.sinceExact = exactTime(problem.since);
        card.isMuted = isMutedNow(problem, now);
        if (card.isMuted) card.mutedText = fill(tr("muted until %1"), {exactTime(*problem.mutedUntil)});
        problems_.push_back(std::move(card));
    }
}

std::vector<Figure> OverviewPresenter::figures() const {
    if (!status_) return {};
    const auto& lan = status_->lan;
    std::vector<Figure> figures;
    figures.push_back(
        {"users", tr("Users"), countText(lan.users),
         fill(tr("%1 present, %2 silent, %3 gone, %4 not proven"),
              {countText(lan.present), countText(lan.silent), countText(lan.gone), countText(lan.unconfirmed)}),
         Mark::None, "users"});
    figures.push_back({"present", tr("Online"), countText(lan.present + lan.silent),
                       tr("Users whose address answered a short while ago."), Mark::None, "users"});
    figures.push_back({"external", tr("External"), countText(lan.external),
                       tr("Users outside the segments of this service."), Mark::None, "users/external"});
    figures.push_back({"unstable", tr("Unstable"), countText(lan.unstable),
                       tr("Users who come and go, miss probes or share an address."),
                       lan.unstable > 0 ? Mark::Partly : Mark::Fine, "unstable"});
    figures.push_back(
        {"traffic", tr("Traffic per user"),
         bytesPerUserHour_
             ? fill(tr("%1 per hour"), {bytesText(static_cast<std::uint64_t>(std::llround(*bytesPerUserHour_)))})
             : "–",
         bytesPerUserHour_ ? tr("LAN packets of this service in both directions in the last minute, per present user "
                                "and hour.")
                           : tr("Shown when the packets of a whole minute with users present were counted."),
         Mark::None, ""});
    figures.push_back(
        {"lists", tr("Lists sent"), countText(lan.listsSent),
         fill(tr("%1 introductions, %2 wait"), {countText(lan.introductionsSent), countText(lan.introductionsQueued)}),
         Mark::None, ""});
    figures.push_back(
        {"uptime", tr("Runs since"), durationText(status_->uptime), exactTime(status_->startedAt), Mark::None, ""});
    figures.push_back({"memory", tr("Memory"), bytesText(status_->residentBytes), {}, Mark::None, ""});
    return figures;
}

std::vector<Fact> OverviewPresenter::listeners() const {
    std::vector<Fact> facts;
    if (!status_) return facts;
    for (const auto& listener : status_->listeners) {
        const auto name = listener.name == "admin"     ? tr("Administration")
                          : listener.name == "lan-udp" ? tr("LAN directory")
                                                       : listener.name;
        const auto word =
            listener.state == api::ListenerState::Listening ? fill(tr("listens on %1"), {listener.address})
            : listener.state == api::ListenerState::Failed  ? fill(tr("does not listen on %1"), {listener.address})
                                                            : tr("switched off");
        facts.push_back({name, word, listener.problem, markOfListener(listener.state)});
    }
    facts.push_back({tr("Records on disk"), status_->storeTrouble.empty() ? tr("written") : tr("not written"),
                     status_->storeTrouble, status_->storeTrouble.empty() ? Mark::Fine : Mark::Broken});
    return facts;
}

std::vector<Fact> OverviewPresenter::interfaces() const {
    std::vector<Fact> facts;
    if (!status_) return facts;
    for (const auto& interface : status_->lan.interfaces) {
        facts.push_back({interface.name, interface.address.text() + " / " + interface.network.text(),
                         interface.broadcast.isAny() ? tr("has no broadcast")
                                                     : fill(tr("broadcast %1"), {interface.broadcast.text()}),
                         Mark::None});
    }
    return facts;
}

void OverviewPresenter::statusChanged(const api::ServiceStatus& status) {
    const auto folder = status_ ? status_->dataFolder : std::string{};
    status_ = status;
    if (status_->dataFolder.empty()) status_->dataFolder = folder;
    takeSample();
    if (onCharts) onCharts();
    changed();
}

void OverviewPresenter::takeSample() {
    const auto& lan = status_->lan;
    const Sample sample{status_->now, lan.bytesIn + lan.bytesOut, lan.packetsIn, lan.packetsOut,
                        lan.present + lan.silent};
    if (!samples_.empty()) {
        const auto& last = samples_.back();
        const bool restarted = sample.in < last.in || sample.out < last.out || sample.bytes < last.bytes;
        if (sample.at <= last.at && !restarted) return;
        if (restarted || sample.at - last.at > kGap) {
            samples_.clear();
            bytesPerUserHour_.reset();
            for (auto& chart : charts_) {
                chart.at.clear();
                chart.values.clear();
            }
        }
    }
    const auto add = [this, &sample](std::size_t series, double value) {
        auto& chart = charts_[series];
        chart.at.push_back(sample.at);
        chart.values.push_back(value);
        if (chart.at.size() > kPoints) {
            chart.at.erase(chart.at.begin());
            chart.values.erase(chart.values.begin());
        }
    };
    add(kPresent, static_cast<double>(sample.users));
    if (!samples_.empty()) {
        const auto& last = samples_.back();
        const auto seconds = static_cast<double>((sample.at - last.at).count()) / 1000.0;
        add(kIn, static_cast<double>(sample.in - last.in) / seconds);
        add(kOut, static_cast<double>(sample.out - last.out) / seconds);
    }
    samples_.push_back(sample);
    const auto isOld = [&sample](const Sample& one) { return sample.at - one.at > kRateWindow; };
    while (samples_.size() > 2 && isOld(samples_[1]))
        samples_.erase(samples_.begin());
    const auto& first = samples_.front();
    // A few seconds, with the burst of a start in them, say nothing about an hour.
    if (sample.at - first.at < kRateWindow) return;
    const auto hours = static_cast<double>((sample.at - first.at).count()) / 3'600'000.0;
    double users = 0;
    for (const auto& one : samples_)
        users += static_cast<double>(one.users);
    users /= static_cast<double>(samples_.size());
    bytesPerUserHour_ =
        users < 1 ? std::optional<double>{} : static_cast<double>(sample.bytes - first.bytes) / users / hours;
}

void OverviewPresenter::mute(const std::string& problemId, std::optional<TimePoint> until, Done done) {
    act([problemId, until](client::ApiClient& service) { return service.muteProblem(problemId, until); },
        std::move(done));
}

void OverviewPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        records_.clear();
        problems_.clear();
        status_.reset();
        samples_.clear();
        bytesPerUserHour_.reset();
        isLoaded_ = false;
        for (auto& chart : charts_) {
            chart.at.clear();
            chart.values.clear();
        }
        if (onProblems) onProblems();
        if (onCharts) onCharts();
    }
    changed();
}

void OverviewPresenter::resync() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.problems(); },
        [this](const Result<std::vector<Problem>>& answer) {
            if (answer) problemsChanged(*answer);
        });
    session_.ask(
        life(), [](client::ApiClient& service) { return service.status(); },
        [this](const Result<api::ServiceStatus>& answer) {
            if (answer) statusChanged(*answer);
        });
}

}  // namespace causeway::console
