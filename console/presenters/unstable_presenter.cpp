#include "console/presenters/unstable_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"

namespace causeway::console {

UnstableTable::UnstableTable(Executor& executor, std::function<TimePoint()> clockOfService)
    : RecordTable(executor), now_(std::move(clockOfService)) {
    clock = now_;
    setFirstSort(static_cast<std::size_t>(UnstableColumn::Last), false);
}

const std::vector<Column>& UnstableTable::columns() const {
    static const std::vector<Column> kColumns{
        {"name", later("Name"), 160, false, true},
        {"reason", later("Reason"), 260},
        {"count", later("Times"), 70, true},
        {"since", later("Since"), 90},
        {"last", later("Last"), 90},
        {"address", later("Address"), 120},
        {"base", later("Base"), 90},
        {"client", later("Client"), 140, false, false, false},
        {"host", later("Host"), 130, false, false, false},
        {"ignored", later("Ignored until"), 140},
    };
    return kColumns;
}

std::string UnstableTable::cell(std::size_t row, std::size_t column) const {
    const auto& user = at(row).user;
    const auto instability = user.instability.value_or(Instability{});
    switch (static_cast<UnstableColumn>(column)) {
        case UnstableColumn::Name:
            return user.displayName();
        case UnstableColumn::Reason:
            return reasonText(instability.reason);
        case UnstableColumn::Count:
            return countText(instability.count);
        case UnstableColumn::Since:
            return relativeTime(instability.since, now_());
        case UnstableColumn::Last:
            return relativeTime(instability.last, now_());
        case UnstableColumn::Address:
            return user.address.text();
        case UnstableColumn::Base:
            return user.base;
        case UnstableColumn::Client:
            return user.client.empty() ? kindText(user.kind) : user.client;
        case UnstableColumn::Host:
            return user.host;
        case UnstableColumn::Ignored:
            return isIgnored(at(row)) ? exactTime(*instability.ignoredUntil) : std::string{};
    }
    return {};
}

std::string UnstableTable::exportCell(std::size_t row, std::size_t column) const {
    const auto instability = at(row).user.instability.value_or(Instability{});
    switch (static_cast<UnstableColumn>(column)) {
        case UnstableColumn::Reason:
            return instability.text.empty() ? reasonText(instability.reason) : instability.text;
        case UnstableColumn::Since:
            return exactTime(instability.since);
        case UnstableColumn::Last:
            return exactTime(instability.last);
        default:
            return cell(row, column);
    }
}

Mark UnstableTable::mark(std::size_t row, std::size_t column) const {
    if (column != static_cast<std::size_t>(UnstableColumn::Name)) return Mark::None;
    return isIgnored(at(row)) ? Mark::Unknown : Mark::Partly;
}

bool UnstableTable::isIgnored(const api::UserRow& row) const {
    return row.user.instability && row.user.instability->ignoredUntil && *row.user.instability->ignoredUntil > now_();
}

std::string UnstableTable::keyOf(Slot slot, std::size_t column) const {
    const auto& user = record(slot).user;
    const auto instability = user.instability.value_or(Instability{});
    switch (static_cast<UnstableColumn>(column)) {
        case UnstableColumn::Name:
            return foldText(user.displayName());
        case UnstableColumn::Reason:
            return foldText(reasonText(instability.reason));
        case UnstableColumn::Count:
            return numberKey(instability.count);
        case UnstableColumn::Since:
            return numberKey(epochMillis(instability.since));
        case UnstableColumn::Last:
            return numberKey(epochMillis(instability.last));
        case UnstableColumn::Address:
            return numberKey(user.address.value);
        case UnstableColumn::Base:
            return foldText(user.base);
        case UnstableColumn::Client:
            return foldText(user.client);
        case UnstableColumn::Host:
            return foldText(user.host);
        case UnstableColumn::Ignored:
            return numberKey(instability.ignoredUntil ? epochMillis(*instability.ignoredUntil) : 0);
    }
    return {};
}

std::string UnstableTable::searchTextOf(Slot slot) const {
    const auto& row = record(slot);
    const auto& user = row.user;
    const auto reason = user.instability ? reasonText(user.instability->reason) : std::string{};
    return foldText(user.displayName() + "\n" + row.userName + "\n" + user.host + "\n" + user.group + "\n" + user.base +
                    "\n" + user.client + "\n" + user.address.text() + "\n" + reason);
}

bool UnstableTable::admits(Slot slot) const {
    return showsIgnored_ || !isIgnored(record(slot));
}

void UnstableTable::showIgnored(bool isShown) {
    if (isShown == showsIgnored_) return;
    showsIgnored_ = isShown;
    admitAgain();
}

Timeline timelineOf(const std::vector<UserEvent>& events, TimePoint now) {
    Timeline line;
    for (const auto& event : events) {
        switch (event.kind) {
            case UserEventKind::Confirmed:
            case UserEventKind::Renamed:
            case UserEventKind::RefreshedList:
            case UserEventKind::Calm:
                continue;
            default:
                break;
        }
        const auto hours = std::chrono::floor<std::chrono::hours>(now - event.at).count();
        if (event.at > now || hours >= 24) continue;
        ++line.counts[static_cast<std::size_t>(23 - hours)];
        ++line.total;
    }
    const auto highest = std::max_element(line.counts.begin(), line.counts.end());
    line.most = *highest;
    if (line.total == 0) {
        line.text = tr("Nothing happened in the last 24 hours.");
        return line;
    }
    const auto hoursAgo = static_cast<std::uint64_t>(line.counts.end() - highest - 1);
    line.text = trn("%1 event in the last 24 hours", "%1 events in the last 24 hours", line.total) + "; " +
                (hoursAgo == 0 ? tr("most of them within the last hour.")
                               : trn("most of them %1 hour ago.", "most of them %1 hours ago.", hoursAgo));
    return line;
}

UnstablePresenter::UnstablePresenter(Session& session, UsersPresenter& users)
    : Presenter(session), users_(users), table_(session.executor(), [&session] { return session.now(); }) {
    follower_ = users_.follow([this](const std::vector<UserId>& changedIds, const std::vector<UserId>& removed) {
        take(changedIds, removed);
    });
    std::vector<UserId> all;
    users_.table().each([&all](UserId id, const api::UserRow& row) {
        if (row.user.instability) all.push_back(id);
    });
    take(all, {});
}

UnstablePresenter::~UnstablePresenter() {
    users_.unfollow(follower_);
}

void UnstablePresenter::take(const std::vector<UserId>& changedIds, const std::vector<UserId>& removed) {
    std::vector<std::pair<UserId, api::UserRow>> rows;
    auto gone = removed;
    bool touchesSelected = false;
    for (const auto id : changedIds) {
        const auto* row = users_.user(id);
        if (row && row->user.instability) {
            rows.emplace_back(id, *row);
        } else {
            if (!table_.find(id)) continue;
            gone.push_back(id);
        }
        touchesSelected = touchesSelected || id == selected_;
    }
    std::erase_if(gone, [this](UserId id) { return !table_.find(id); });
    if (rows.empty() && gone.empty()) return;
    table_.apply(std::move(rows), gone);
    countAgain();
    if (selected_ && !table_.find(*selected_)) select(std::nullopt);
    if (touchesSelected && onDetails) onDetails();
    changed();
}

void UnstablePresenter::countAgain() {
    count_ = ignored_ = 0;
    table_.each([this](UserId, const api::UserRow& row) { ++(table_.isIgnored(row) ? ignored_ : count_); });
}

void UnstablePresenter::statusChanged(const api::ServiceStatus& /*status*/) {
    // Time passes: an ignored user may count again.
    const auto before = ignored_;
    countAgain();
    if (ignored_ == before) return;
    table_.refilter();
    changed();
}

std::string UnstablePresenter::stateText() const {
    auto unstable = trn("%1 user is unstable", "%1 users are unstable", count_);
    if (ignored_ == 0) return unstable;
    return unstable + ", " + trn("%1 is ignored", "%1 are ignored", ignored_);
}

std::string UnstablePresenter::emptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to see its users.");
    if (!table_.filter().empty() && table_.totalCount() > 0) return tr("Nobody matches the filter. Use fewer letters.");
    if (ignored_ > 0 && !table_.showsIgnored())
        return tr("Nobody is unstable but those that are ignored. Choose \"Show ignored\" to see them.");
    return tr(
        "Nobody is unstable. Users who come and go, miss probes, change or share their address appear here with the "
        "reason.");
}

void UnstablePresenter::select(std::optional<UserId> id) {
    if (id == selected_) return;
    selected_ = id;
    timeline_.reset();
    if (id) {
        session_.ask(
            life(), [id](client::ApiClient& service) { return service.userHistory(*id); },
            [this, id](const Result<std::vector<UserEvent>>& answer) {
                if (selected_ != id) return;
                timeline_ = timelineOf(answer.value_or({}), session_.now());
                if (!answer) timeline_->text = answer.error().text();
                if (onDetails) onDetails();
            });
    }
    if (onDetails) onDetails();
}

std::string UnstablePresenter::reasonTitle() const {
    const auto* row = selected_ ? table_.find(*selected_) : nullptr;
    if (!row || !row->user.instability) return {};
    const auto& instability = *row->user.instability;
    return instability.text.empty() ? reasonText(instability.reason) : instability.text;
}

std::string UnstablePresenter::reasonExplanation() const {
    const auto* row = selected_ ? table_.find(*selected_) : nullptr;
    return row && row->user.instability ? explanationOf(row->user.instability->reason) : std::string{};
}

std::vector<Fact> UnstablePresenter::details() const {
    const auto* row = selected_ ? table_.find(*selected_) : nullptr;
    if (!row || !row->user.instability) return {};
    const auto& user = row->user;
    const auto& instability = *user.instability;
    const auto now = session_.now();
    std::vector<Fact> facts;
    facts.push_back({tr("Presence"), presenceText(user.presence), {}, markOf(user.presence)});
    facts.push_back({tr("Times"), countText(instability.count), {}, Mark::None});
    facts.push_back({tr("Since"), relativeTime(instability.since, now), exactTime(instability.since), Mark::None});
    facts.push_back({tr("Last"), relativeTime(instability.last, now), exactTime(instability.last), Mark::None});
    facts.push_back({tr("Address"), user.address.text(), {}, Mark::None});
    facts.push_back({tr("Host"), user.host, {}, Mark::None});
    facts.push_back({tr("Client"), user.client.empty() ? kindText(user.kind) : user.client, {}, Mark::None});
    if (table_.isIgnored(*row))
        facts.push_back({tr("Ignored until"), exactTime(*instability.ignoredUntil), {}, Mark::Unknown});
    return facts;
}

void UnstablePresenter::ignore(UserId id, IgnoreFor howLong, Done done) {
    std::optional<TimePoint> until;
    switch (howLong) {
        case IgnoreFor::Hour:
            until = session_.now() + 1h;
            break;
        case IgnoreFor::Day:
            until = session_.now() + 24h;
            break;
        case IgnoreFor::Week:
            until = session_.now() + 24h * 7;
            break;
        case IgnoreFor::Stop:
            break;
    }
    users_.ignore(id, until, std::move(done));
}

}  // namespace causeway::console
