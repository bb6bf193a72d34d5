#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/base_site.h"
#include "shared/model/remote_range.h"
#include "shared/model/user_search.h"

namespace causeway::search {

/// An address that the directory saw answer.
struct Answer {
    Ip4 address;
    bool isNew = false;
    SearchRow row;  ///< names filled in; finding and time are set here
};

/// What a sweep wants done; the adapter does it.
struct Wanted {
    std::vector<Ip4> probes;
    std::vector<Ip4> broadcasts;
    std::vector<Ip4> lists;          ///< clients whose list is to be read
    std::vector<std::string> names;  ///< DNS names to be resolved; resolved() must follow for each
};

struct SearchConfig {
    std::uint32_t packetsPerSecond = 200;
    Duration announceInterval = 3600s;
    bool allowLoopback = false;
};

/// Remote ranges, sweeps over them, and what came of it. Pure: told the time, the answers and the resolved names.
/// One sweep runs at a time; announcements (at start, each interval) and searches by hand share it and its rate, a
/// search by hand goes first. Addresses are asked in a spread order (each exactly once), so that no segment gets all
/// its questions at once. A sweep ends 5 s after its last question, since clients answer late on purpose (facts 8.4).
class SearchPolicy {
public:
    explicit SearchPolicy(SearchConfig config) : config_(config) {}

    void setConfig(const SearchConfig& config) { config_ = config; }
    void setOwnSegments(std::vector<Network4> own) { own_ = std::move(own); }
    void restore(std::vector<RemoteRange> ranges, std::vector<UserSearch> searches, std::uint64_t lastSearchId);
    void start(TimePoint now);

    const std::vector<RemoteRange>& ranges() const { return ranges_; }
    std::uint64_t revision() const { return revision_; }
    /// Parsed lines of the enabled ranges.
    std::vector<RangeLine> lines() const;
    Result<RemoteRange> addRange(const std::string& text, bool isEnabled);
    Result<RemoteRange> changeRange(std::uint64_t id, const std::string& text, bool isEnabled);
    Result<void> removeRange(std::uint64_t id);
    Result<std::vector<RemoteRange>> replaceRanges(const std::string& text);
    RangePreview preview(const std::string& text) const;

    Result<UserSearch> begin(UserSearch wanted, TimePoint now);
    Result<UserSearch> stop(std::uint64_t id, TimePoint now);
    /// The range list changed: what is new in it is announced to soon.
    void announceSoon(TimePoint now);

    /// Users who are present now and lie in the plan; asked when a sweep begins, for the findings "lost".
    using KnownUsers = std::function<std::vector<SearchRow>(const RangePlan&)>;
    void setKnownUsers(KnownUsers known) { known_ = std::move(known); }

    void answered(const Answer& answer, TimePoint now);
    /// The question to that address did not leave this computer; `why` is a sentence of the system.
    void notSent(Ip4 address, const std::string& why);
    /// `why`: what to say if there are no addresses; empty = DNS knows no such name.
    void resolved(const std::string& name, const std::vector<Ip4>& addresses, TimePoint now,
                  const std::string& why = {});
    void listRead(Ip4 client, bool isComplete, const std::vector<Ip4>& addresses, TimePoint now);
    void tick(TimePoint now);
    std::optional<TimePoint> nextDeadline(TimePoint now) const;

    Wanted takeWanted() { return std::exchange(wanted_, {}); }
    struct News {
        std::vector<std::uint64_t> searches;  ///< changed
        std::vector<std::pair<std::uint64_t, SearchRow>> rows;
        bool areRangesChanged = false;     ///< list edited
        std::vector<RemoteRange> results;  ///< new results to be stored
    };
    News takeNews();

    std::vector<UserSearch> searches() const;  ///< newest first
    const UserSearch* find(std::uint64_t id) const;
    /// Rows of a search still in memory; nullptr if only the store has them.
    const std::vector<SearchRow>* rowsOf(std::uint64_t id) const;

    static constexpr Duration kLateAnswers = 5s;
    static constexpr std::size_t kKeptSearches = 200;
    static constexpr std::size_t kKeptRows = 5;  ///< searches whose rows stay in memory

private:
    struct Sweep {
        Sweep() {}  // NOLINT: clang sees no defaulted one inside optional<Sweep> here
        std::uint64_t id = 0;
        RangePlan plan;
        std::vector<std::pair<std::uint64_t, RangeLine>> lines;  ///< range id (0 = by hand) and its line
        std::unordered_set<std::string> openNames;
        std::uint64_t step = 1;    ///< stride of the spread order
        std::uint64_t cursor = 0;  ///< questions made so far
        std::uint64_t at = 0;      ///< place in the spread order
        TimePoint beganAt{};
        TimePoint lastQuestionAt{};
        TimePoint nextReportAt{};
        bool isPlanned = false;
        bool isWaitingForList = false;
        std::unordered_set<Ip4> answeredBy;
        std::vector<SearchRow> knownBefore;
        std::map<std::uint64_t, std::pair<std::uint32_t, std::uint32_t>> perRange;  ///< asked, answers
        std::unordered_set<Ip4> notSent;  ///< questions that did not leave this computer
        std::map<std::uint64_t, std::uint32_t> notSentPerRange;
        std::string whyNotSent;
    };

    Result<std::vector<RemoteRange>> checked(std::vector<RemoteRange> all) const;
    void install(std::vector<RemoteRange> all);
    void beginNext(TimePoint now);
    void plan(TimePoint now);
    void finish(SearchState state, const std::string& problem, TimePoint now);
    UserSearch* current();
    void changed(std::uint64_t id);
    bool isAnnouncementDue(TimePoint now) const;

    SearchConfig config_;
    std::vector<Network4> own_;
    std::vector<RemoteRange> ranges_;
    std::uint64_t revision_ = 1;
    std::uint64_t nextRangeId_ = 1;
    std::deque<UserSearch> searches_;  ///< oldest first
    std::unordered_map<std::uint64_t, std::vector<SearchRow>> rows_;
    std::deque<std::uint64_t> rowOrder_;
    std::deque<std::uint64_t> waiting_;
    std::uint64_t nextSearchId_ = 1;
    std::optional<Sweep> sweep_;
    KnownUsers known_;
    Wanted wanted_;
    News news_;
    bool isStarted_ = false;
    bool hasAnnouncedAtStart_ = false;
    TimePoint nextAnnouncementAt_{};
};

}  // namespace causeway::search
