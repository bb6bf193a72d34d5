#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"
#include "console/presenters/row_table.h"
#include "console/presenters/users_presenter.h"

namespace causeway::console {

enum class UnstableColumn { Name, Reason, Count, Since, Last, Address, Base, Client, Host, Ignored };

class UnstableTable final : public RecordTable<api::UserRow> {
public:
    UnstableTable(Executor& executor, std::function<TimePoint()> clockOfService);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;
    void showIgnored(bool isShown);
    bool showsIgnored() const { return showsIgnored_; }
    void refilter() { admitAgain(); }
    bool isIgnored(const api::UserRow& row) const;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;
    bool admits(Slot slot) const override;
    std::string exportCell(std::size_t row, std::size_t column) const override;

private:
    std::function<TimePoint()> now_;
    bool showsIgnored_ = false;
};

enum class IgnoreFor { Hour, Day, Week, Stop };

/// Events of the last 24 hours, one bucket an hour; the last bucket is the running hour.
struct Timeline {
    std::array<std::uint32_t, 24> counts{};
    std::uint32_t most = 0;   ///< highest bucket
    std::uint32_t total = 0;  ///< of all buckets
    std::string text;  ///< "17 events in the last 24 hours, most of them 3 h ago"; for hovering and screen readers
};
/// Only events of trouble count: left, silent, gone, came back, moved, refused, entered, marked unstable.
Timeline timelineOf(const std::vector<UserEvent>& events, TimePoint now);

/// Users that come and go, miss probes, share addresses ...; those that are ignored only if wanted.
class UnstablePresenter final : public Presenter {
public:
    UnstablePresenter(Session& session, UsersPresenter& users);
    ~UnstablePresenter() override;

    UnstableTable& table() { return table_; }
    std::string stateText() const;  ///< "3 users are unstable, 1 is ignored"
    std::string emptyText() const;
    std::uint64_t count() const { return count_; }  ///< not ignored
    std::uint64_t ignoredCount() const { return ignored_; }

    void select(std::optional<UserId> id);  ///< also loads the history for the timeline
    std::optional<UserId> selected() const { return selected_; }
    std::string reasonTitle() const;        ///< of the selected user, in words with figures
    std::string reasonExplanation() const;  ///< what it means and what to do
    std::vector<Fact> details() const;
    /// nullopt while it loads.
    const std::optional<Timeline>& timeline() const { return timeline_; }
    std::function<void()> onDetails;

    void ignore(UserId id, IgnoreFor howLong, Done done);

    void statusChanged(const api::ServiceStatus& status) override;

private:
    void take(const std::vector<UserId>& changed, const std::vector<UserId>& removed);
    void countAgain();

    UsersPresenter& users_;
    UnstableTable table_;
    int follower_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t ignored_ = 0;
    std::optional<UserId> selected_;
    std::optional<Timeline> timeline_;
};

}  // namespace causeway::console
