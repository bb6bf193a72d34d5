#include "console/presenters/users_presenter.h"

#include <algorithm>
#include <limits>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

/// The first page is small, so that something shows soon; the others are as big as the service gives them.
constexpr std::size_t kUsersOnFirstPage = 500;
constexpr std::size_t kUsersPerPage = 5000;
/// About 3 ms on the UI thread, more on a busy computer.
constexpr std::size_t kRowsPerSlice = 500;
constexpr std::uint8_t kIsLocal = 1;
constexpr std::uint8_t kIsUnstable = 2;
constexpr std::uint8_t kIsPresent = 4;

std::int64_t presenceRank(Presence presence) {
    switch (presence) {
        case Presence::Present:
            return 0;
        case Presence::Silent:
            return 1;
        case Presence::Unconfirmed:
            return 2;
        case Presence::Gone:
            return 3;
    }
    return 4;
}

std::string flagsText(const api::UserRow& row) {
    std::string text;
    for (const auto& word : row.flagWords)
        text += (text.empty() ? "" : ", ") + word;
    return text.empty() ? tr("none") : text;
}

std::string segmentText(const LanUser& user) {
    auto network = user.segment.text();
    if (user.isOwnSegment) return fill(tr("%1, segment of this service"), {network});
    if (user.isSegmentAssumed) return fill(tr("%1, assumed: nobody told its mask"), {network});
    return network;
}

}  // namespace

UsersTable::UsersTable(Executor& executor, std::function<TimePoint()> clockOfService)
    : RecordTable(executor), now_(std::move(clockOfService)) {
    clock = now_;
    setFirstSort(static_cast<std::size_t>(UserColumn::Name), true);
}

const std::vector<Column>& UsersTable::columns() const {
    static const std::vector<Column> kColumns{
        {"presence", later("Presence"), 110, false, true},
        {"name", later("Name"), 170},
        {"group", later("Group"), 120},
        {"base", later("Base"), 90},
        {"address", later("Address"), 120},
        {"client", later("Client"), 140},
        {"seen", later("Seen"), 90},
        {"segment", later("Segment"), 130, false, false, false},
        {"host", later("Host"), 130},
        {"userName", later("User name"), 120, false, false, false},
        {"delivery", later("Delivery"), 110},
        {"roundTrip", later("Round trip"), 90, true, false, false},
    };
    return kColumns;
}

std::string UsersTable::cell(std::size_t row, std::size_t column) const {
    const auto& item = at(row);
    const auto& user = item.user;
    switch (static_cast<UserColumn>(column)) {
        case UserColumn::Presence:
            return user.isAway && user.presence == Presence::Present ? tr("Away") : presenceText(user.presence);
        case UserColumn::Name:
            return user.displayName();
        case UserColumn::Group:
            return user.group;
        case UserColumn::Base:
            return user.base;
        case UserColumn::Address:
            return user.address.text();
        case UserColumn::Client:
            return user.client.empty() ? kindText(user.kind) : user.client;
        case UserColumn::Seen:
            return relativeTime(user.lastSeen, now_());
        case UserColumn::Segment:
            return user.segment.text();
        case UserColumn::Host:
            return user.host;
        case UserColumn::UserName:
            return item.userName;
        case UserColumn::Delivery:
            return deliveryText(user.delivery);
        case UserColumn::RoundTrip:
            return roundTripText(user.roundTrip);
    }
    return {};
}

std::string UsersTable::exportCell(std::size_t row, std::size_t column) const {
    const auto& user = at(row).user;
    if (column == static_cast<std::size_t>(UserColumn::Seen)) return exactTime(user.lastSeen);
    if (column == static_cast<std::size_t>(UserColumn::Presence)) return presenceText(user.presence);
    return cell(row, column);
}

Mark UsersTable::mark(std::size_t row, std::size_t column) const {
    if (column != static_cast<std::size_t>(UserColumn::Presence)) return Mark::None;
    const auto& item = at(row);
    if (item.user.presence == Presence::Present && isUnstable(item)) return Mark::Partly;
    return markOf(item.user.presence);
}

std::string UsersTable::keyOf(Slot slot, std::size_t column) const {
    const auto& item = record(slot);
    const auto& user = item.user;
    switch (static_cast<UserColumn>(column)) {
        case UserColumn::Presence:
            return numberKey(presenceRank(user.presence) * 2 + (user.isAway ? 1 : 0));
        case UserColumn::Name:
            return foldText(user.displayName());
        case UserColumn::Group:
            return foldText(user.group);
        case UserColumn::Base:
            return foldText(user.base);
        case UserColumn::Address:
            return numberKey(user.address.value);
        case UserColumn::Client:
            return foldText(user.client);
        case UserColumn::Seen:
            return numberKey(epochMillis(user.lastSeen));
        case UserColumn::Segment:
            return numberKey((std::int64_t{user.segment.address.value} << 8) | user.segment.prefix);
        case UserColumn::Host:
            return foldText(user.host);
        case UserColumn::UserName:
            return foldText(item.userName);
        case UserColumn::Delivery:
            return numberKey(static_cast<std::int64_t>(user.delivery));
        case UserColumn::RoundTrip:
            return numberKey(user.roundTrip ? user.roundTrip->count() : std::numeric_limits<std::int64_t>::max());
    }
    return {};
}

std::string UsersTable::searchTextOf(Slot slot) const {
    const auto& item = record(slot);
    const auto& user = item.user;
    std::string text;
    text.reserve(160);
    for (const auto* part : {&user.nick, &item.userName, &user.host, &user.group, &user.base, &user.client}) {
        text += *part;
        text += '\n';
    }
    text += user.address.text();
    return foldText(text);
}

bool UsersTable::isLocal(const api::UserRow& row) const {
    return viewpoint_ ? row.user.segment == *viewpoint_ : row.user.isOwnSegment;
}

bool UsersTable::isUnstable(const api::UserRow& row) const {
    const auto& instability = row.user.instability;
    return instability && (!instability->ignoredUntil || *instability->ignoredUntil <= now_());
}

bool UsersTable::admits(Slot slot) const {
    switch (scope_) {
        case api::UserScope::All:
            return true;
        case api::UserScope::Local:
            return isLocal(record(slot));
        case api::UserScope::External:
            return !isLocal(record(slot));
        case api::UserScope::Unstable:
            return isUnstable(record(slot));
    }
    return true;
}

void UsersTable::setScope(api::UserScope scope) {
    if (scope == scope_) return;
    scope_ = scope;
    admitAgain();
}

void UsersTable::setViewpoint(const std::optional<Network4>& segment) {
    viewpoint_ = segment;
    admitAgain();
}

UsersPresenter::UsersPresenter(Session& session)
    : Presenter(session), table_(session.executor(), [&session] { return session.now(); }) {
    table_.onWorking = [this] { changed(); };
    viewpoints_.push_back({"", tr("This service"), std::nullopt});
}

UsersPresenter::~UsersPresenter() = default;

std::string UsersPresenter::stateText() const {
    if (problem_) return problem_->text();
    if (isLoading_ && expected_ > 0)
        return fill(tr("Loading %1 of %2 ..."), {countText(loaded_), countText(expected_)});
    if (isLoading_) return tr("Loading ...");
    if (table_.isWorking()) return tr("Filtering ...");
    if (table_.rowCount() != counts_.all)
        return fill(tr("%1 of %2 users"), {countText(table_.rowCount()), countText(counts_.all)});
    return trn("%1 user", "%1 users", counts_.all);
}

std::string UsersPresenter::scopeText(api::UserScope scope) const {
    switch (scope) {
        case api::UserScope::All:
            return fill(tr("All %1"), {countText(counts_.all)});
        case api::UserScope::Local:
            return fill(tr("Local %1"), {countText(counts_.local)});
        case api::UserScope::External:
            return fill(tr("External %1"), {countText(counts_.external)});
        case api::UserScope::Unstable:
            return fill(tr("Unstable %1"), {countText(counts_.unstable)});
    }
    return {};
}

std::string UsersPresenter::emptyText() const {
    if (problem_) return errorLines(*problem_);
    if (isLoading_) return tr("Loading ...");
    if (counts_.all == 0 && !session_.hasService())
        return tr("No service is connected. Connect to one to see its users.");
    if (counts_.all == 0) {
        return tr(
            "No user was seen yet. Everybody whose chat program starts in a segment of the service appears here. For "
            "users of other segments, add their ranges in the preferences, then start an external user search.");
    }
    if (!table_.filter().empty()) return tr("Nobody matches the filter. Use fewer letters, or another tab.");
    switch (scope()) {
        case api::UserScope::Local:
            return tr("Nobody is in this segment. Choose another viewpoint.");
        case api::UserScope::External:
            return tr(
                "Nobody is outside this segment. Add remote ranges in the preferences, then start an external user "
                "search.");
        case api::UserScope::Unstable:
            return tr("Nobody is unstable. Users who come and go or miss probes appear here.");
        case api::UserScope::All:
            break;
    }
    return {};
}

// Loading

void UsersPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        giveUpLoad();
        std::vector<UserId> gone;
        table_.each([&gone](UserId id, const api::UserRow&) { gone.push_back(id); });
        table_.clear();
        bits_.clear();
        counts_ = {};
        select(std::nullopt);
        viewpoints_.resize(1);
        viewpoint_ = 0;
        segments_.clear();
        table_.setViewpoint(std::nullopt);
        for (const auto& [key, follower] : followers_)
            follower({}, gone);
        if (onViewpoints) onViewpoints();
    }
    changed();
}

void UsersPresenter::resync() {
    reload();
}

void UsersPresenter::reload() {
    if (!session_.hasService()) return;
    giveUpLoad();
    isLoading_ = true;
    lastPageCame_ = false;
    loaded_ = 0;
    expected_ = 0;
    problem_.reset();
    seenInLoad_.clear();
    removedInLoad_.clear();
    loadPages();
    loadSegments();
    changed();
}

void UsersPresenter::giveUpLoad() {
    if (isLoadWanted_) *isLoadWanted_ = false;
    isLoadWanted_.reset();
    isLoading_ = false;
    waiting_.clear();
    waitingAt_ = 0;
}

void UsersPresenter::loadPages() {
    // One worker asks for page after page without waiting for the UI thread, which only takes finished rows.
    auto isWanted = std::make_shared<std::atomic<bool>>(true);
    isLoadWanted_ = isWanted;
    auto* executor = &session_.executor();
    const auto hand = [this, executor, life = life(), isWanted](std::shared_ptr<api::UserPage> page) {
        executor->ui([this, life, isWanted, page = std::move(page)] {
            if (!life.expired() && *isWanted) takePage(*page);
        });
    };
    session_.ask(
        life(),
        [isWanted, hand](client::ApiClient& service) -> Result<void> {
            api::UsersQuery query;
            query.limit = kUsersOnFirstPage;
            while (*isWanted) {
                auto page = service.users(query);
                if (!page) return page.error();
                query.limit = kUsersPerPage;
                query.cursor = page->next;
                hand(std::make_shared<api::UserPage>(std::move(*page)));
                if (query.cursor.empty()) break;
            }
            return {};
        },
        [this, isWanted](const Result<void>& answer) {
            if (!answer && *isWanted) loadFailed(answer.error());
        });
}

void UsersPresenter::loadFailed(const Error& why) {
    isLoading_ = false;
    problem_ = why;
    changed();
}

void UsersPresenter::takePage(api::UserPage& page) {
    expected_ = page.total;
    if (loaded_ == 0) {
        const auto most = std::min<std::size_t>(expected_, 1'000'000);
        seenInLoad_.reserve(most);
        if (table_.totalCount() == 0) {
            table_.reserve(most);
            bits_.reserve(most);
        }
    }
    loaded_ += page.items.size();
    lastPageCame_ = page.next.empty();
    waiting_.push_back(std::move(page.items));
    if (!isDraining_) drain();
    changed();
}

void UsersPresenter::drain() {
    std::vector<std::pair<UserId, api::UserRow>> rows;
    rows.reserve(kRowsPerSlice);
    while (!waiting_.empty() && rows.size() < kRowsPerSlice) {
        auto& page = waiting_.front();
        if (waitingAt_ == page.size()) {
            waiting_.pop_front();
            waitingAt_ = 0;
            continue;
        }
        auto& row = page[waitingAt_++];
        const auto id = row.user.id;
        if (removedInLoad_.contains(id)) continue;
        const bool cameByEvent = !seenInLoad_.insert(id).second;
        const auto* known = table_.find(id);
        if (cameByEvent && known && known->user.revision > row.user.revision) continue;
        rows.emplace_back(id, std::move(row));
    }
    applyNow(std::move(rows), {}, false);
    isDraining_ = !waiting_.empty();
    if (isDraining_) {
        session_.executor().ui([this, life = life()] {
            if (!life.expired()) drain();
        });
    } else if (lastPageCame_ && isLoading_) {
        finishLoading();
    }
}

void UsersPresenter::finishLoading() {
    // Without removals meanwhile everybody who was seen is in the table: as many means the same.
    if (!removedInLoad_.empty() || table_.totalCount() != seenInLoad_.size()) {
        std::vector<UserId> gone;
        table_.each([this, &gone](UserId id, const api::UserRow&) {
            if (!seenInLoad_.contains(id)) gone.push_back(id);
        });
        applyNow({}, gone, false);
    }
    isLoading_ = false;
    seenInLoad_.clear();
    removedInLoad_.clear();
    changed();
}

void UsersPresenter::usersChanged(const api::UsersEvent& event) {
    std::vector<std::pair<UserId, api::UserRow>> rows;
    rows.reserve(event.changed.size());
    bool isNewSegment = false;
    for (const auto& row : event.changed) {
        rows.emplace_back(row.user.id, row);
        isNewSegment = isNewSegment || !segments_.contains(row.user.segment);
        if (!isLoading_) continue;
        seenInLoad_.insert(row.user.id);
        removedInLoad_.erase(row.user.id);
    }
    if (isLoading_) removedInLoad_.insert(event.removed.begin(), event.removed.end());
    applyNow(std::move(rows), event.removed, true);
    if (isNewSegment && session_.now() - segmentsAskedAt_ > 10s) loadSegments();
    changed();
}

void UsersPresenter::applyNow(std::vector<std::pair<UserId, api::UserRow>> rows, const std::vector<UserId>& removed,
                              bool marksFresh) {
    std::vector<UserId> ids;
    ids.reserve(rows.size());
    bool touchesSelected = false;
    for (const auto& [id, row] : rows) {
        ids.push_back(id);
        count(id, &row);
        touchesSelected = touchesSelected || id == selected_;
    }
    for (const auto id : removed) {
        count(id, nullptr);
        touchesSelected = touchesSelected || id == selected_;
    }
    table_.apply(std::move(rows), removed, marksFresh);
    for (const auto& [key, follower] : followers_)
        follower(ids, removed);
    if (touchesSelected) {
        if (selected_ && !table_.find(*selected_)) selected_.reset();
        if (onDetails) onDetails();
    }
}

void UsersPresenter::count(UserId id, const api::UserRow* row) {
    const auto add = [this](std::uint8_t bits, std::uint64_t step) {
        counts_.all += step;
        ((bits & kIsLocal) != 0 ? counts_.local : counts_.external) += step;
        if ((bits & kIsUnstable) != 0) counts_.unstable += step;
        if ((bits & kIsPresent) != 0) counts_.present += step;
    };
    constexpr auto kLess = ~std::uint64_t{0};  // adding it takes one away
    const auto known = bits_.find(id);
    if (known != bits_.end()) add(known->second, kLess);
    if (!row) {
        if (known != bits_.end()) bits_.erase(known);
        return;
    }
    const auto bits =
        static_cast<std::uint8_t>((table_.isLocal(*row) ? kIsLocal : 0) | (table_.isUnstable(*row) ? kIsUnstable : 0) |
                                  (row->user.isPresent() ? kIsPresent : 0));
    add(bits, 1);
    bits_[id] = bits;
}

// Viewpoint

void UsersPresenter::basesChanged() {
    loadSegments();
}

void UsersPresenter::loadSegments() {
    segmentsAskedAt_ = session_.now();
    session_.ask(
        life(), [](client::ApiClient& service) { return service.segments(); },
        [this](const Result<std::vector<api::SegmentRow>>& answer) {
            if (answer) takeSegments(*answer);
        });
}

void UsersPresenter::takeSegments(const std::vector<api::SegmentRow>& segments) {
    const auto chosen = viewpoints_[viewpoint_];
    segments_.clear();
    viewpoints_.resize(1);
    viewpoint_ = 0;
    auto sorted = segments;
    std::sort(sorted.begin(), sorted.end(), [](const api::SegmentRow& a, const api::SegmentRow& b) {
        if (a.isOwn != b.isOwn) return a.isOwn;
        if (a.base.empty() != b.base.empty()) return b.base.empty();
        if (a.base != b.base) return a.base < b.base;
        return a.segment < b.segment;
    });
    for (const auto& row : sorted) {
        segments_.insert(row.segment);
        const auto network = row.segment.text();
        viewpoints_.push_back({network, row.base.empty() ? network : row.base + " / " + network, row.segment});
        if (network == chosen.key) viewpoint_ = viewpoints_.size() - 1;
    }
    // A chosen segment whose last user went stays, so that the page does not jump.
    if (!chosen.key.empty() && viewpoint_ == 0) {
        viewpoints_.push_back(chosen);
        viewpoint_ = viewpoints_.size() - 1;
    }
    if (onViewpoints) onViewpoints();
}

void UsersPresenter::chooseViewpoint(std::size_t index) {
    if (index >= viewpoints_.size() || index == viewpoint_) return;
    viewpoint_ = index;
    table_.setViewpoint(viewpoints_[index].segment);
    counts_ = {};
    bits_.clear();
    table_.each([this](UserId id, const api::UserRow& row) { count(id, &row); });
    if (onDetails) onDetails();
    changed();
}

void UsersPresenter::setScope(api::UserScope scope) {
    table_.setScope(scope);
    changed();
}

// The selected user

void UsersPresenter::select(std::optional<UserId> id) {
    if (id == selected_) return;
    selected_ = id;
    historyOf_.reset();
    history_.clear();
    historyProblem_.reset();
    isHistoryLoading_ = false;
    if (onDetails) onDetails();
}

std::string UsersPresenter::detailTitle() const {
    const auto* row = selected_ ? table_.find(*selected_) : nullptr;
    return row ? row->user.displayName() : std::string{};
}

std::vector<Fact> UsersPresenter::details() const {
    const auto* row = selected_ ? table_.find(*selected_) : nullptr;
    if (!row) return {};
    const auto& user = row->user;
    const auto now = session_.now();
    std::vector<Fact> facts;
    const auto add = [&facts](std::string label, std::string value, std::string hint = {}, Mark mark = Mark::None) {
        if (!value.empty()) facts.push_back({std::move(label), std::move(value), std::move(hint), mark});
    };
    const auto proof = user.lastAnswer == TimePoint{}
                           ? tr("He has not answered a probe yet.")
                           : fill(tr("His address answered last on %1."), {exactTime(user.lastAnswer)});
    add(tr("Presence"), presenceText(user.presence) + (user.isAway ? ", " + tr("away") : ""), proof,
        markOf(user.presence));
    if (user.instability) {
        add(tr("Unstable"),
            user.instability->text.empty() ? reasonText(user.instability->reason) : user.instability->text,
            explanationOf(user.instability->reason), table_.isUnstable(*row) ? Mark::Partly : Mark::None);
    }
    add(tr("Group"), user.group);
    add(tr("Address"), user.address.text() + (user.port == 2425 ? "" : ":" + std::to_string(user.port)));
    add(tr("Segment"), segmentText(user));
    add(tr("Base"), user.base);
    const auto& viewpoint = viewpoints_[viewpoint_];
    add(fill(tr("Seen from %1"), {viewpoint.label}), table_.isLocal(*row) ? tr("Local") : tr("External"));
    add(tr("Host"), user.host);
    add(tr("User name"), row->userName, user.user);
    add(tr("Client"), user.client.empty() ? kindText(user.kind) : user.client, user.versionLine);
    add(tr("Abilities"), flagsText(*row));
    add(tr("Told of external users by"), deliveryText(user.delivery), explanationOf(user.delivery),
        user.delivery == Delivery::None ? Mark::Partly : Mark::None);
    if (user.lastListAt != TimePoint{}) {
        add(tr("Last told"),
            fill(tr("%1 users, %2"), {countText(user.listedUsers), relativeTime(user.lastListAt, now)}),
            exactTime(user.lastListAt));
    }
    if (user.configuredMaster) add(tr("Server that he was told to use"), user.configuredMaster->text());
    add(tr("Round trip"), roundTripText(user.roundTrip));
    add(tr("Last seen"), relativeTime(user.lastSeen, now), exactTime(user.lastSeen));
    add(tr("Last answer"), relativeTime(user.lastAnswer, now), exactTime(user.lastAnswer));
    add(tr("First seen"), relativeTime(user.firstSeen, now), exactTime(user.firstSeen));
    return facts;
}

std::vector<Fact> UsersPresenter::addressFacts() const {
    const auto* row = selected_ ? table_.find(*selected_) : nullptr;
    if (!row) return {};
    const auto now = session_.now();
    std::vector<Fact> facts;
    for (auto address = row->user.addresses.rbegin(); address != row->user.addresses.rend(); ++address) {
        facts.push_back({address->address.text(), address->isCurrent ? tr("now") : relativeTime(address->lastSeen, now),
                         fill(tr("from %1 to %2"), {exactTime(address->firstSeen), exactTime(address->lastSeen)}),
                         Mark::None});
    }
    return facts;
}

void UsersPresenter::loadHistory() {
    if (!selected_ || historyOf_ == selected_ || !session_.hasService()) return;
    historyOf_ = selected_;
    isHistoryLoading_ = true;
    const auto id = *selected_;
    session_.ask(
        life(), [id](client::ApiClient& service) { return service.userHistory(id); },
        [this, id](const Result<std::vector<UserEvent>>& answer) {
            if (historyOf_ != id) return;
            isHistoryLoading_ = false;
            if (answer) {
                history_ = *answer;
            } else {
                historyProblem_ = answer.error();
            }
            if (onDetails) onDetails();
        });
    if (onDetails) onDetails();
}

std::vector<Fact> UsersPresenter::history() const {
    std::vector<Fact> facts;
    if (historyProblem_) facts.push_back({tr("History"), historyProblem_->text(), {}, Mark::Broken});
    const auto now = session_.now();
    for (auto event = history_.rbegin(); event != history_.rend(); ++event) {
        facts.push_back({relativeTime(event->at, now), event->text.empty() ? textOf(event->kind) : event->text,
                         exactTime(event->at) + ", " + textOf(event->kind), Mark::None});
    }
    return facts;
}

// Actions

void UsersPresenter::probe(UserId id, Done done) {
    act([id](client::ApiClient& service) { return service.probeUser(id); }, std::move(done));
}

void UsersPresenter::ignore(UserId id, std::optional<TimePoint> until, Done done) {
    act([id, until](client::ApiClient& service) { return service.ignoreUser(id, until); }, std::move(done));
}

void UsersPresenter::forget(UserId id, Done done) {
    act([id](client::ApiClient& service) { return service.forgetUser(id); }, std::move(done));
}

std::vector<UserId> UsersPresenter::findUsers(const std::string& text, std::size_t most) const {
    const auto folded = foldText(trimmed(text));
    if (folded.empty() || most == 0) return {};
    std::vector<std::pair<int, UserId>> hits;
    table_.eachMatching(folded, [&](UserId id, const api::UserRow& row) {
        const auto name = foldText(row.user.displayName());
        const int rank = name == folded                      ? 0
                         : name.rfind(folded, 0) == 0        ? 1
                         : name.find(folded) != name.npos    ? 2
                         : row.user.address.text() == folded ? 0
                                                             : 3;
        hits.emplace_back(rank, id);
        return hits.size() < 2000;
    });
    std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<UserId> ids;
    for (const auto& hit : hits) {
        if (ids.size() == most) break;
        ids.push_back(hit.second);
    }
    return ids;
}

int UsersPresenter::follow(Follower follower) {
    followers_[++lastFollower_] = std::move(follower);
    return lastFollower_;
}

void UsersPresenter::unfollow(int key) {
    followers_.erase(key);
}

}  // namespace causeway::console
