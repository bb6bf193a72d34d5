#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "console/presenters/presenter.h"
#include "console/presenters/row_table.h"

namespace causeway::console {

enum class UserColumn {
    Presence,
    Name,
    Group,
    Base,
    Address,
    Client,
    Seen,
    Segment,
    Host,
    UserName,
    Delivery,
    RoundTrip
};

/// From whose side users are local or external.
struct Viewpoint {
    std::string key;    ///< "" = this service, else "10.1.0.0/24"
    std::string label;  ///< "This service", "hq / 10.1.0.0/24"
    std::optional<Network4> segment{};
};

class UsersTable final : public RecordTable<api::UserRow> {
public:
    UsersTable(Executor& executor, std::function<TimePoint()> clockOfService);

    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;

    void setScope(api::UserScope scope);
    api::UserScope scope() const { return scope_; }
    /// nullopt = the service: local is what is in its own segments.
    void setViewpoint(const std::optional<Network4>& segment);
    bool isLocal(const api::UserRow& row) const;
    bool isUnstable(const api::UserRow& row) const;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;
    bool admits(Slot slot) const override;
    std::string exportCell(std::size_t row, std::size_t column) const override;

private:
    std::function<TimePoint()> now_;
    api::UserScope scope_ = api::UserScope::All;
    std::optional<Network4> viewpoint_;
};

struct UserCounts {
    std::uint64_t all = 0, local = 0, external = 0, unstable = 0, present = 0;
};

/// All users of the directory: loaded in pages after a resync, then kept by events.
class UsersPresenter final : public Presenter {
public:
    explicit UsersPresenter(Session& session);
    ~UsersPresenter() override;

    UsersTable& table() { return table_; }
    const UsersTable& table() const { return table_; }

    // Loading
    bool isLoading() const { return isLoading_; }
    std::uint64_t loaded() const { return loaded_; }
    std::uint64_t expected() const { return expected_; }
    /// "loading 12,000 of 100,000", "filtering ...", "1,204 users, 38 shown", or why the list could not be read.
    std::string stateText() const;
    std::optional<Error> problem() const { return problem_; }
    void reload();

    // Viewpoint and scope
    const std::vector<Viewpoint>& viewpoints() const { return viewpoints_; }
    std::size_t viewpoint() const { return viewpoint_; }
    void chooseViewpoint(std::size_t index);
    api::UserScope scope() const { return table_.scope(); }
    void setScope(api::UserScope scope);
    UserCounts counts() const { return counts_; }
    /// "All 1,204"
    std::string scopeText(api::UserScope scope) const;
    void setFilter(const std::string& text) { table_.setFilter(text); }
    /// What to say if nothing is shown: why, and how something will appear.
    std::string emptyText() const;

    // The selected user
    void select(std::optional<UserId> id);
    std::optional<UserId> selected() const { return selected_; }
    const api::UserRow* user(UserId id) const { return table_.find(id); }
    std::string detailTitle() const;
    std::vector<Fact> details() const;
    /// Addresses, newest first: label = address, value = "now" or when it was last seen.
    std::vector<Fact> addressFacts() const;
    bool isHistoryLoading() const { return isHistoryLoading_; }
    /// Asks for the history of the selected user, once.
    void loadHistory();
    /// Newest first: label = time, value = text, hint = exact time.
    std::vector<Fact> history() const;
    std::function<void()> onDetails;
    std::function<void()> onViewpoints;

    // Actions; `done` on the UI thread
    void probe(UserId id, Done done);
    void ignore(UserId id, std::optional<TimePoint> until, Done done);
    void forget(UserId id, Done done);
    void exportCsv(std::function<void(std::string)> done) { table_.exportCsv(std::move(done)); }
    std::string clipboardText(const std::vector<UserId>& ids) const { return table_.clipboardText(ids); }

    /// At most `most` users whose texts hold all words; those whose name begins with the text come first.
    std::vector<UserId> findUsers(const std::string& text, std::size_t most) const;

    /// Others that follow the users: called after changes were applied. The key is for unfollow().
    using Follower = std::function<void(const std::vector<UserId>& changed, const std::vector<UserId>& removed)>;
    int follow(Follower follower);
    void unfollow(int key);

    void connectionChanged() override;
    void resync() override;
    void usersChanged(const api::UsersEvent& event) override;
    void basesChanged() override;
    /// The segments to choose from; called with what the service says.
    void takeSegments(const std::vector<api::SegmentRow>& segments);

private:
    void loadPages();
    void takePage(api::UserPage& page);
    void loadFailed(const Error& why);
    void giveUpLoad();
    void loadSegments();
    void drain();
    void applyNow(std::vector<std::pair<UserId, api::UserRow>> rows, const std::vector<UserId>& removed,
                  bool marksFresh);
    /// Counts a user as he is now in place of how he was; nullptr = he went.
    void count(UserId id, const api::UserRow* row);
    void finishLoading();

    UsersTable table_;
    UserCounts counts_;
    std::unordered_map<UserId, std::uint8_t> bits_;  ///< as what each user was counted
    std::set<Network4> segments_;
    TimePoint segmentsAskedAt_{};
    std::vector<Viewpoint> viewpoints_;
    std::size_t viewpoint_ = 0;
    bool isLoading_ = false;
    bool isDraining_ = false;
    bool lastPageCame_ = false;
    std::shared_ptr<std::atomic<bool>> isLoadWanted_;  ///< of the worker that reads the pages; null = none reads
    std::uint64_t loaded_ = 0;
    std::uint64_t expected_ = 0;
    std::optional<Error> problem_;
    std::deque<std::vector<api::UserRow>> waiting_;  ///< pages that are read, but not in the table yet
    std::size_t waitingAt_ = 0;                      ///< so many rows of the first of them are in the table
    std::unordered_set<UserId> seenInLoad_;          ///< in a page or an event since the load began
    std::unordered_set<UserId> removedInLoad_;
    std::optional<UserId> selected_;
    std::optional<UserId> historyOf_;
    bool isHistoryLoading_ = false;
    std::vector<UserEvent> history_;
    std::optional<Error> historyProblem_;
    std::map<int, Follower> followers_;
    int lastFollower_ = 0;
};

}  // namespace causeway::console
