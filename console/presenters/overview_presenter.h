#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"

namespace causeway::console {

struct ProblemCard {
    std::string id;
    Mark mark = Mark::Broken;
    std::string severity;  ///< "Problem", "Warning", "Notice"
    std::string what, why, todo;
    std::string page;       ///< page id for the button, empty if none: "preferences/network", "users"
    std::string sinceText;  ///< "since 2 h"
    std::string sinceExact;
    bool isMuted = false;
    std::string mutedText;  ///< "muted until ..."
};

struct Figure {
    std::string key;  ///< "users", "present", "external", "unstable", "traffic", "uptime", ...
    std::string label;
    std::string value;
    std::string hint;  ///< what it means, exact value
    Mark mark = Mark::None;
    std::string page{};  ///< where a click leads, empty if nowhere
};

/// Last 120 points (4 minutes at one status every 2 s) of one figure; a gap in the connection starts it anew.
struct ChartSeries {
    std::string key;  ///< "present", "in", "out"
    std::string label;
    std::string unit;
    std::vector<TimePoint> at;  ///< same length as values, oldest first
    std::vector<double> values;
};

class OverviewPresenter final : public Presenter {
public:
    explicit OverviewPresenter(Session& session);

    /// One sentence for the top: "Everything is all right.", "2 problems need attention."
    std::string headline() const;
    Mark headlineMark() const;
    const std::vector<ProblemCard>& problems() const { return problems_; }  ///< worst first, muted ones last
    std::vector<Figure> figures() const;
    std::vector<Fact> listeners() const;  ///< each listening place with its mark
    std::vector<Fact> interfaces() const;
    const std::vector<ChartSeries>& charts() const { return charts_; }
    const std::optional<api::ServiceStatus>& status() const { return status_; }
    std::uint64_t problemCount() const;  ///< not muted, severity Problem and Warning

    void mute(const std::string& problemId, std::optional<TimePoint> until, Done done);

    std::function<void()> onCharts;  ///< every status, 2 s
    std::function<void()> onProblems;

    void connectionChanged() override;
    void resync() override;
    void problemsChanged(const std::vector<Problem>& problems) override;
    void statusChanged(const api::ServiceStatus& status) override;

private:
    void makeCards();
    void takeSample();

    std::vector<Problem> records_;
    std::vector<ProblemCard> problems_;
    std::optional<api::ServiceStatus> status_;
    std::vector<ChartSeries> charts_;
    std::optional<double> bytesPerUserHour_;  ///< smoothed over a minute
    struct Sample {
        TimePoint at{};
        std::uint64_t bytes = 0;
        std::uint64_t in = 0, out = 0;
        std::uint64_t users = 0;
    };
    std::vector<Sample> samples_;
    bool isLoaded_ = false;
};

}  // namespace causeway::console
