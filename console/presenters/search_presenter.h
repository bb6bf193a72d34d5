#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"
#include "console/presenters/row_table.h"

namespace causeway::console {

enum class SearchColumn { Finding, Address, Name, Host, Group, Client, RoundTrip, At };

/// Rows of one search. The id of a row is made of its address and user.
class SearchTable final : public RecordTable<SearchRow> {
public:
    SearchTable(Executor& executor, std::function<TimePoint()> clockOfService);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;

private:
    std::function<TimePoint()> now_;
};

enum class CompareColumn { Side, Address, Name, Host, Now, Then };
enum class CompareSide { OnlyNow, OnlyThen, Both };
struct CompareRow {
    Ip4 address;
    CompareSide side = CompareSide::Both;
    std::optional<SearchRow> now{};
    std::optional<SearchRow> then{};
};
/// Who answered now, then, or both times, by address; rows with the finding Lost did not answer.
std::vector<CompareRow> compareRows(const std::vector<SearchRow>& now, const std::vector<SearchRow>& then);

class CompareTable final : public RecordTable<CompareRow> {
public:
    explicit CompareTable(Executor& executor);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;
};

/// A range as the search page shows it.
struct RangeChoice {
    std::uint64_t id = 0;
    std::string text;
    std::string comment;
    std::string result;  ///< "12 of 254 answered, 3 h ago", "silent since ...", "not searched yet"
    Mark mark = Mark::Unknown;
    bool isEnabled = true;
    bool isChosen = false;
};

enum class SearchMode { Ranges, Addresses, ViaClient };

struct SearchProgress {
    bool isRunning = false;
    std::uint64_t sent = 0, total = 0;
    int percent = 0;
    std::string text;     ///< "1,204 of 65,536 addresses, 198 addresses/s, 5 min 20 s left"
    std::string summary;  ///< "12 answered: 3 new, 9 known; 1 lost"
};

/// Administration > External User Search.
class SearchPresenter final : public Presenter {
public:
    explicit SearchPresenter(Session& session);

    // What to search
    SearchMode mode() const { return mode_; }
    void setMode(SearchMode mode);
    const std::vector<RangeChoice>& ranges() const { return ranges_; }
    void choose(std::uint64_t rangeId, bool isChosen);
    void chooseAll(bool isChosen);
    void setAddresses(const std::string& text);
    const std::string& addresses() const { return addresses_; }
    /// Sentences with line numbers; empty = may be searched.
    const std::vector<RangeLineProblem>& addressProblems() const { return addressProblems_; }
    void setViaClient(const std::string& address);
    const std::string& viaClient() const { return viaClient_; }
    std::string viaClientProblem() const;  ///< empty if it is an address
    /// May the Start button be pressed; if not, why (not connected, no right, one runs already, nothing chosen).
    bool canStart() const { return whyNotStart().empty(); }
    std::string whyNotStart() const;
    /// "Asks 510 addresses; that takes about 7 s."
    std::string planText() const;

    void start(Done done);
    void stop(Done done);
    bool isRunning() const { return running() != nullptr; }
    SearchProgress progress() const;

    // Rows of the search that is shown: the running one, or an old one that was opened
    SearchTable& table() { return table_; }
    const std::optional<UserSearch>& shown() const { return shown_; }
    std::string shownTitle() const;  ///< "Search of 2026-11-22 10:02:03 by alice, finished"
    std::string emptyText() const;
    bool isLoadingRows() const { return isLoadingRows_; }

    // History, newest first
    const std::vector<UserSearch>& history() const { return history_; }
    std::string historyText(const UserSearch& search) const;
    void open(std::uint64_t searchId);
    void compareWith(std::uint64_t searchId);
    void endCompare();
    bool isComparing() const { return compared_.has_value(); }
    CompareTable& compareTable() { return compareTable_; }
    std::string compareText() const;  ///< "2 only now, 1 only then, 12 both"
    const std::optional<Error>& problem() const { return problem_; }

    std::function<void()> onRanges;
    std::function<void()> onHistory;

    void connectionChanged() override;
    void resync() override;
    void rangesChanged(const api::RangeList& list) override;
    void searchChanged(const api::SearchEvent& event) override;

private:
    void loadHistory();
    void loadRows(std::uint64_t searchId, std::uint64_t from);
    void loadThenRows(std::uint64_t searchId, std::uint64_t from);
    void show(const UserSearch& search);
    void remember(const UserSearch& search);
    void takeRows(const std::vector<SearchRow>& rows, bool areNews);
    void compareNow();
    void measure(const UserSearch& search);
    const UserSearch* running() const;
    std::uint64_t plannedAddresses() const;

    SearchTable table_;
    CompareTable compareTable_;
    SearchMode mode_ = SearchMode::Ranges;
    api::RangeList stored_;
    std::vector<RangeChoice> ranges_;
    std::set<std::uint64_t> unchosen_;
    std::string addresses_;
    std::vector<RangeLineProblem> addressProblems_;
    std::uint64_t typedAddresses_ = 0;
    std::string viaClient_;
    std::vector<UserSearch> history_;
    std::optional<UserSearch> shown_;
    std::uint64_t rowsKnown_ = 0;
    bool isLoadingRows_ = false;
    bool isStarting_ = false;
    std::optional<std::uint64_t> compared_;
    std::vector<SearchRow> thenRows_;
    std::vector<CompareRow> compareRows_;
    double rate_ = 0;  ///< addresses a second, smoothed
    TimePoint measuredAt_{};
    std::uint64_t measuredSent_ = 0;
    std::uint64_t measuredId_ = 0;
    std::optional<Error> problem_;
};

}  // namespace causeway::console
