#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"
#include "console/presenters/trace_words.h"
#include "console/presenters/users_presenter.h"

namespace causeway::console {

/// The two ends of a trace: who complains, and who is not seen.
enum class TraceEnd { From, To };
enum class TraceExtent { Quick, All };

/// One earlier trace of the list.
struct TraceHistoryRow {
    std::uint64_t id = 0;
    std::string when, from, to, verdict, by;
    Mark mark = Mark::Unknown;
    friend bool operator==(const TraceHistoryRow&, const TraceHistoryRow&) = default;
};

/// Packet trace: picks the two ends, runs the commands, shows what they found, and keeps the earlier ones.
class TracePresenter final : public Presenter {
public:
    TracePresenter(Session& session, const UsersPresenter& users);

    // Whom
    /// As typed: an entry of suggestions(), the name or the address of one user, any address or name. Empty From = this
    /// service.
    void setEnd(TraceEnd end, const std::string& text);
    void setUser(TraceEnd end, UserId id);
    void swapEnds();
    const std::string& endText(TraceEnd end) const { return ends_[indexOf(end)].text; }
    std::optional<UserId> endUser(TraceEnd end) const;
    /// What the text means: who it is, or that it is looked up, or what is wrong with it.
    std::string endHint(TraceEnd end) const;
    /// Users whose name, address or host has all words of the text; those whose name begins with it come first.
    std::vector<std::string> suggestions(const std::string& text, std::size_t most = 12) const;

    // How
    /// Consent to read the lists of both users, for this run only.
    void setReadLists(bool isAllowed);
    bool readsLists() const { return readsLists_; }
    /// Length of the command Repeat; 0 = it is left out.
    void setRepeatMinutes(std::uint32_t minutes);
    std::uint32_t repeatMinutes() const { return repeatMinutes_; }
    bool canRun() const { return whyNotRun().empty(); }
    /// Empty, or a sentence: not connected, no right, one runs, no target, both ends are one.
    std::string whyNotRun() const;
    /// Why this command cannot run by itself; empty if it can.
    std::string whyNotRunOnly(TraceStep step) const;
    void run(TraceExtent extent, Done done);
    void runOnly(TraceStep step, Done done);
    /// All commands from the first down to this one.
    void runDownTo(TraceStep step, Done done);
    void stop(Done done);
    bool isRunning() const;

    // What is shown
    const std::optional<TraceReport>& shown() const { return shown_; }
    std::vector<TraceLine> lines() const { return traceLines(shown_, session_.now()); }
    TraceCard card() const;
    /// "From Alice Baker to Bob Chan, quick, finished, 10:02:03, 14 packets sent, 9 came back".
    std::string stateText() const;
    std::string evidence(TraceStep step) const;
    std::vector<HopLine> hops() const;
    std::string hopsHint() const;  ///< why there are no hops

    // Retest: the same request again
    bool canRetest() const { return whyNotRetest().empty(); }
    std::string whyNotRetest() const;
    void retest(Done done);
    /// Of the shown trace, if it is a retest: runs, passed, or not; empty otherwise. It passed only if the verdict is
    /// OK.
    std::string retestText() const;
    Mark retestMark() const;

    // Export
    bool canExport() const { return shown_.has_value() && shown_->state != TraceState::Running; }
    std::string fileName(const std::string& extension) const;  ///< "trace-alice-baker-bob-chan-20261122-1002.html"
    std::string reportJson() const;
    std::string reportHtml() const;
    void packets(std::function<void(const Result<std::string>&)> done);

    // Earlier ones, newest first
    const std::vector<TraceReport>& history() const { return history_; }
    std::vector<TraceHistoryRow> historyRows() const;
    void open(std::uint64_t id);
    void remove(std::uint64_t id, Done done);
    bool isLoading() const { return isLoading_; }
    const std::optional<Error>& problem() const { return problem_; }

    std::function<void()> onEnds;     ///< the texts of the ends were set by something else than typing
    std::function<void()> onHistory;  ///< the list of earlier traces is another one

    void connectionChanged() override;
    void resync() override;
    void usersChanged(const api::UsersEvent& event) override;
    void traceChanged(const api::TraceEvent& event) override;

    /// What the service says of a trace; also for tests.
    void take(const TraceReport& report);
    void takeHistory(std::vector<TraceReport> traces);

private:
    struct End {
        std::string text;
        std::optional<UserId> user;
    };
    struct Retest {
        std::uint64_t id = 0;  ///< of the new trace
        VerdictCode before = VerdictCode::NotEnoughEvidence;
        TimePoint beforeAt{};
    };
    static std::size_t indexOf(TraceEnd end) { return end == TraceEnd::From ? 0 : 1; }
    std::string labelOf(UserId id) const;
    std::optional<UserId> meantBy(const std::string& text) const;
    TraceRequest request() const;
    std::string whyNotAsk() const;
    void start(const TraceRequest& wanted, std::optional<Retest> retest, Done done);
    void loadHistory();
    void load(std::uint64_t id);
    void show(const TraceReport& report);
    void setEndsOf(const TraceReport& report);

    const UsersPresenter& users_;
    std::array<End, 2> ends_;
    bool readsLists_ = false;
    std::uint32_t repeatMinutes_ = 0;
    std::vector<TraceReport> history_;
    std::optional<TraceReport> shown_;
    std::vector<Retest> retests_;
    bool isStarting_ = false;
    bool isLoading_ = false;
    std::optional<Error> problem_;
};

}  // namespace causeway::console
