#include "console/presenters/search_presenter.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr std::size_t kRowsPerPage = 1000;

/// One user of one address has one row; an address may answer for several (terminal servers).
std::uint64_t rowId(const SearchRow& row) {
    const auto folded = (row.user * 0x9E3779B97F4A7C15ULL) >> 32U;
    return (std::uint64_t{row.address.value} << 32U) | (folded & 0xFFFFFFFFU);
}

std::string nameOf(const SearchRow& row) {
    return row.name.empty() ? row.userName : row.name;
}

std::int64_t findingRank(SearchFinding finding) {
    return finding == SearchFinding::New ? 0 : finding == SearchFinding::Lost ? 1 : 2;
}

bool isOver(SearchState state) {
    return state == SearchState::Finished || state == SearchState::Stopped || state == SearchState::Failed;
}

std::uint64_t askedAddresses(const api::RangeRow& row) {
    if (const auto line = parseRangeLine(row.range.text, true)) {
        if (line->kind == RangeKind::Name || line->kind == RangeKind::Broadcast) return 1;
        return line->isExclusion ? 0 : line->addresses();
    }
    return 0;
}

}  // namespace

// Rows of a search

SearchTable::SearchTable(Executor& executor, std::function<TimePoint()> clockOfService)
    : RecordTable(executor), now_(std::move(clockOfService)) {
    clock = now_;
    setFirstSort(static_cast<std::size_t>(SearchColumn::Address), true);
}

const std::vector<Column>& SearchTable::columns() const {
    static const std::vector<Column> kColumns{
        {"finding", later("Finding"), 100, false, true},
        {"address", later("Address"), 120},
        {"name", later("Name"), 160},
        {"host", later("Host"), 130},
        {"group", later("Group"), 110},
        {"client", later("Client"), 140},
        {"roundTrip", later("Round trip"), 90, true},
        {"at", later("At"), 90, false, false, false},
    };
    return kColumns;
}

std::string SearchTable::cell(std::size_t row, std::size_t column) const {
    const auto& item = at(row);
    switch (static_cast<SearchColumn>(column)) {
        case SearchColumn::Finding:
            return textOf(item.finding);
        case SearchColumn::Address:
            return item.address.text();
        case SearchColumn::Name:
            return nameOf(item);
        case SearchColumn::Host:
            return item.host;
        case SearchColumn::Group:
            return item.group;
        case SearchColumn::Client:
            return item.client;
        case SearchColumn::RoundTrip:
            return roundTripText(item.roundTrip);
        case SearchColumn::At:
            return timeText(item.at, now_());
    }
    return {};
}

Mark SearchTable::mark(std::size_t row, std::size_t column) const {
    return column == static_cast<std::size_t>(SearchColumn::Finding) ? markOf(at(row).finding) : Mark::None;
}

std::string SearchTable::keyOf(Slot slot, std::size_t column) const {
    const auto& item = record(slot);
    switch (static_cast<SearchColumn>(column)) {
        case SearchColumn::Finding:
            return numberKey(findingRank(item.finding));
        case SearchColumn::Address:
            return numberKey(item.address.value);
        case SearchColumn::Name:
            return foldText(nameOf(item));
        case SearchColumn::Host:
            return foldText(item.host);
        case SearchColumn::Group:
            return foldText(item.group);
        case SearchColumn::Client:
            return foldText(item.client);
        case SearchColumn::RoundTrip:
            return numberKey(item.roundTrip ? item.roundTrip->count() : std::numeric_limits<std::int64_t>::max());
        case SearchColumn::At:
            return numberKey(epochMillis(item.at));
    }
    return {};
}

std::string SearchTable::searchTextOf(Slot slot) const {
    const auto& item = record(slot);
    return foldText(item.name + "\n" + item.userName + "\n" + item.host + "\n" + item.group + "\n" + item.client +
                    "\n" + item.address.text() + "\n" + textOf(item.finding));
}

// Comparison of two searches

std::vector<CompareRow> compareRows(const std::vector<SearchRow>& now, const std::vector<SearchRow>& then) {
    std::map<Ip4, CompareRow> rows;
    for (const auto& row : now) {
        if (row.finding != SearchFinding::Lost) rows[row.address].now = row;
    }
    for (const auto& row : then) {
        if (row.finding != SearchFinding::Lost) rows[row.address].then = row;
    }
    std::vector<CompareRow> all;
    all.reserve(rows.size());
    for (auto& [address, row] : rows) {
        row.address = address;
        row.side = !row.then ? CompareSide::OnlyNow : !row.now ? CompareSide::OnlyThen : CompareSide::Both;
        all.push_back(std::move(row));
    }
    return all;
}

CompareTable::CompareTable(Executor& executor) : RecordTable(executor) {
    setFirstSort(static_cast<std::size_t>(CompareColumn::Side), true);
}

const std::vector<Column>& CompareTable::columns() const {
    static const std::vector<Column> kColumns{
        {"side", later("Answered"), 120, false, true},
        {"address", later("Address"), 120},
        {"name", later("Name"), 160},
        {"host", later("Host"), 130},
        {"now", later("Client now"), 140},
        {"then", later("Client then"), 140},
    };
    return kColumns;
}

std::string CompareTable::cell(std::size_t row, std::size_t column) const {
    const auto& item = at(row);
    const auto& best = item.now ? item.now : item.then;
    switch (static_cast<CompareColumn>(column)) {
        case CompareColumn::Side:
            return item.side == CompareSide::OnlyNow    ? tr("Only now")
                   : item.side == CompareSide::OnlyThen ? tr("Only then")
                                                        : tr("Both times");
        case CompareColumn::Address:
            return item.address.text();
        case CompareColumn::Name:
            return best ? nameOf(*best) : std::string{};
        case CompareColumn::Host:
            return best ? best->host : std::string{};
        case CompareColumn::Now:
            return item.now ? item.now->client : std::string{};
        case CompareColumn::Then:
            return item.then ? item.then->client : std::string{};
    }
    return {};
}

Mark CompareTable::mark(std::size_t row, std::size_t column) const {
    if (column != static_cast<std::size_t>(CompareColumn::Side)) return Mark::None;
    switch (at(row).side) {
        case CompareSide::OnlyNow:
            return Mark::Fine;
        case CompareSide::OnlyThen:
            return Mark::Broken;
        case CompareSide::Both:
            break;
    }
    return Mark::Unknown;
}

std::string CompareTable::keyOf(Slot slot, std::size_t column) const {
    const auto& item = record(slot);
    const auto& best = item.now ? item.now : item.then;
    switch (static_cast<CompareColumn>(column)) {
        case CompareColumn::Side:
            return numberKey(static_cast<std::int64_t>(item.side)) + numberKey(item.address.value);
        case CompareColumn::Address:
            return numberKey(item.address.value);
        case CompareColumn::Name:
            return best ? foldText(nameOf(*best)) : std::string{};
        case CompareColumn::Host:
            return best ? foldText(best->host) : std::string{};
        case CompareColumn::Now:
            return item.now ? foldText(item.now->client) : std::string{};
        case CompareColumn::Then:
            return item.then ? foldText(item.then->client) : std::string{};
    }
    return {};
}

std::string CompareTable::searchTextOf(Slot slot) const {
    const auto& item = record(slot);
    std::string text = item.address.text();
    for (const auto* part : {&item.now, &item.then}) {
        if (*part) text += "\n" + (*part)->name + "\n" + (*part)->host + "\n" + (*part)->client;
    }
    return foldText(text);
}

// The page

SearchPresenter::SearchPresenter(Session& session)
    : Presenter(session),
      table_(session.executor(), [&session] { return session.now(); }),
      compareTable_(session.executor()) {}

void SearchPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        stored_ = {};
        ranges_.clear();
        history_.clear();
        shown_.reset();
        table_.clear();
        endCompare();
        isStarting_ = isLoadingRows_ = false;
        if (onRanges) onRanges();
        if (onHistory) onHistory();
    }
    changed();
}

void SearchPresenter::resync() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.ranges(); },
        [this](const Result<api::RangeList>& answer) {
            if (answer) rangesChanged(*answer);
        });
    loadHistory();
}

void SearchPresenter::rangesChanged(const api::RangeList& list) {
    stored_ = list;
    ranges_.clear();
    const auto now = session_.now();
    for (const auto& row : list.items) {
        if (row.kind == RangeKind::Blank || row.isExclusion) continue;
        RangeChoice choice;
        const auto& range = row.range;
        choice.id = range.id;
        choice.text = std::string(trimmed(std::string_view(range.text).substr(0, range.text.find('#'))));
        choice.comment = row.comment;
        choice.isEnabled = range.isEnabled;
        choice.isChosen = range.isEnabled && !unchosen_.contains(range.id);
        if (!range.problem.empty()) {
            choice.mark = Mark::Broken;
            choice.result = range.problem;
        } else if (!range.lastRun) {
            choice.result = tr("Not searched yet");
        } else if (range.answers > 0) {
            choice.mark = Mark::Fine;
            choice.result = fill(tr("%1 of %2 answered, %3"), {countText(range.answers), countText(range.addressCount),
                                                               relativeTime(*range.lastRun, now)});
        } else if (range.lastAnswer && range.silentSince) {
            choice.mark = Mark::Partly;
            choice.result = fill(tr("Silent since %1"), {exactTime(*range.silentSince)});
        } else {
            choice.mark = Mark::Unknown;
            choice.result = fill(tr("Nobody answered, %1"), {relativeTime(*range.lastRun, now)});
        }
        ranges_.push_back(std::move(choice));
    }
    if (onRanges) onRanges();
    changed();
}

void SearchPresenter::setMode(SearchMode mode) {
    mode_ = mode;
    changed();
}

void SearchPresenter::choose(std::uint64_t rangeId, bool isChosen) {
    for (auto& range : ranges_) {
        if (range.id == rangeId) range.isChosen = isChosen;
    }
    if (isChosen) {
        unchosen_.erase(rangeId);
    } else {
        unchosen_.insert(rangeId);
    }
    changed();
}

void SearchPresenter::chooseAll(bool isChosen) {
    for (auto& range : ranges_) {
        range.isChosen = isChosen;
        if (isChosen) {
            unchosen_.erase(range.id);
        } else {
            unchosen_.insert(range.id);
        }
    }
    if (onRanges) onRanges();
    changed();
}

void SearchPresenter::setAddresses(const std::string& text) {
    addresses_ = text;
    addressProblems_.clear();
    typedAddresses_ = 0;
    std::size_t number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        const auto parsed = parseRangeLine(line, true);
        if (!parsed) {
            addressProblems_.push_back({number, parsed.error().place.value_or(0), parsed.error().text()});
            continue;
        }
        if (parsed->isExclusion) continue;
        const bool isOne = parsed->kind == RangeKind::Name || parsed->kind == RangeKind::Broadcast;
        typedAddresses_ += isOne ? 1 : parsed->addresses();
    }
    if (typedAddresses_ > kMaxRangeAddresses) {
        addressProblems_.push_back({0, 0,
                                    fill(tr("These are %1 addresses; a search takes at most %2. Search them in parts."),
                                         {countText(typedAddresses_), countText(kMaxRangeAddresses)})});
    }
    changed();
}

void SearchPresenter::setViaClient(const std::string& address) {
    viaClient_ = std::string(trimmed(address));
    changed();
}

std::string SearchPresenter::viaClientProblem() const {
    if (viaClient_.empty()) return tr("Type the address of a client whose list is to be read, such as 10.7.2.14.");
    const auto address = Ip4::parse(viaClient_);
    if (!address || !address->canBeHost())
        return fill(tr("\"%1\" is not the address of a computer. Write it like 10.7.2.14."), {viaClient_});
    return {};
}

const UserSearch* SearchPresenter::running() const {
    for (const auto& search : history_) {
        if (!isOver(search.state)) return &search;
    }
    return nullptr;
}

std::uint64_t SearchPresenter::plannedAddresses() const {
    switch (mode_) {
        case SearchMode::Addresses:
            return typedAddresses_;
        case SearchMode::ViaClient:
            return 1;
        case SearchMode::Ranges:
            break;
    }
    std::uint64_t count = 0;
    for (const auto& range : ranges_) {
        if (!range.isChosen) continue;
        for (const auto& row : stored_.items) {
            if (row.range.id == range.id) count += askedAddresses(row);
        }
    }
    return count;
}

std::string SearchPresenter::whyNotStart() const {
    if (session_.connection() != Connection::Live) return tr("No service answers now. The search needs one.");
    if (!session_.mayOperate()) return tr("Your role may only look. Ask for the role operator to start searches.");
    if (isStarting_) return tr("The search starts ...");
    if (running()) return tr("A search runs already. Wait for its end or stop it.");
    switch (mode_) {
        case SearchMode::Ranges:
            if (ranges_.empty()) {
                return tr(
                    "There are no remote ranges yet. Add them in the preferences, Network, \"Broadcast settings other "
                    "than local network\", or search for addresses.");
            }
            if (std::none_of(ranges_.begin(), ranges_.end(), [](const RangeChoice& range) { return range.isChosen; }))
                return tr("No range is chosen. Tick at least one.");
            return {};
        case SearchMode::Addresses:
            if (!addressProblems_.empty()) return tr("Some lines are not understood; see beside them.");
            if (typedAddresses_ == 0) return tr("Type an address or a range, such as 10.7.2.14 or 10.7.2.0/24.");
            return {};
        case SearchMode::ViaClient:
            return viaClientProblem();
    }
    return {};
}

std::string SearchPresenter::planText() const {
    if (mode_ == SearchMode::ViaClient) {
        return viaClientProblem().empty() ? fill(tr("Reads the list of the client at %1."), {viaClient_})
                                          : std::string{};
    }
    const auto count = plannedAddresses();
    if (count == 0) return {};
    constexpr std::uint64_t kUsualRate = 200;
    const auto rate = history_.empty() ? kUsualRate : std::max<std::uint64_t>(history_.front().packetsPerSecond, 1);
    const auto time = Duration{static_cast<Duration::rep>(count * 1000 / rate)} + kLateAnswerWait;
    return trn("Asks %1 address; ", "Asks %1 addresses; ", count) +
           fill(tr("that takes about %1."), {durationText(time)});
}

void SearchPresenter::start(Done done) {
    if (const auto why = whyNotStart(); !why.empty()) {
        if (done) done(Error{Code::Conflict, why});
        return;
    }
    api::SearchRequest request;
    switch (mode_) {
        case SearchMode::Ranges: {
            const bool isAllEnabled = std::all_of(ranges_.begin(), ranges_.end(), [](const RangeChoice& range) {
                return range.isChosen == range.isEnabled;
            });
            for (const auto& range : ranges_) {
                if (range.isChosen && !isAllEnabled) request.ranges.push_back(range.id);
            }
            break;
        }
        case SearchMode::Addresses:
            request.addresses = addresses_;
            break;
        case SearchMode::ViaClient:
            request.viaClient = Ip4::parse(viaClient_);
            break;
    }
    isStarting_ = true;
    changed();
    session_.ask(
        life(), [request](client::ApiClient& service) { return service.startSearch(request); },
        [this, done = std::move(done)](const Result<UserSearch>& answer) {
            isStarting_ = false;
            if (answer) {
                endCompare();
                remember(*answer);
                if (!shown_ || shown_->id != answer->id) show(*answer);
            }
            if (done) done(answer ? Result<void>{} : Result<void>{answer.error()});
            changed();
        });
}

void SearchPresenter::stop(Done done) {
    const auto* search = running();
    if (!search) {
        if (done) done(Error{Code::NotFound, tr("No search runs.")});
        return;
    }
    session_.ask(
        life(), [id = search->id](client::ApiClient& service) { return service.stopSearch(id); },
        [this, done = std::move(done)](const Result<UserSearch>& answer) {
            if (answer) remember(*answer);
            if (done) done(answer ? Result<void>{} : Result<void>{answer.error()});
            changed();
        });
}

void SearchPresenter::measure(const UserSearch& search) {
    const auto now = session_.now();
    if (measuredId_ != search.id || search.sent < measuredSent_) {
        measuredId_ = search.id;
        measuredAt_ = now;
        measuredSent_ = search.sent;
        rate_ = 0;
        return;
    }
    const auto time = now - measuredAt_;
    if (time < 500ms) return;
    const auto rate = static_cast<double>(search.sent - measuredSent_) * 1000.0 / static_cast<double>(time.count());
    rate_ = rate_ <= 0 ? rate : rate_ * 0.6 + rate * 0.4;
    measuredAt_ = now;
    measuredSent_ = search.sent;
}

SearchProgress SearchPresenter::progress() const {
    SearchProgress progress;
    if (!shown_) return progress;
    const auto& search = *shown_;
    progress.isRunning = !isOver(search.state);
    progress.sent = search.sent;
    progress.total = search.total;
    progress.percent = search.total == 0
                           ? (progress.isRunning ? 0 : 100)
                           : static_cast<int>(std::min<std::uint64_t>(search.sent * 100 / search.total, 100));
    progress.text = fill(tr("%1 of %2 addresses"), {countText(search.sent), countText(search.total)});
    if (progress.isRunning) {
        if (search.state == SearchState::Waiting) progress.text = tr("Waiting for its turn");
        if (search.sent < search.total && rate_ >= 0.5 && measuredId_ == search.id) {
            const auto left = static_cast<double>(search.total - search.sent) / rate_;
            progress.text +=
                ", " + fill(tr("%1 addresses/s"), {countText(static_cast<std::uint64_t>(std::llround(rate_)))}) + ", " +
                fill(tr("%1 left"), {durationText(std::chrono::duration_cast<Duration>(
                                                      std::chrono::seconds{static_cast<std::int64_t>(left) + 1}) +
                                                  std::chrono::floor<std::chrono::seconds>(kLateAnswerWait))});
        } else if (search.sent >= search.total && search.total > 0) {
            progress.text += ", " + tr("waiting for late answers");
        }
        if (search.state == SearchState::Stopping) progress.text = tr("Stopping ...");
    } else if (search.finishedAt) {
        progress.text += ", " + fill(tr("took %1"), {durationText(*search.finishedAt - search.startedAt)});
    }
    progress.summary =
        fill(tr("%1 answered: %2 new, %3 known; %4 lost"),
             {countText(search.answered), countText(search.found), countText(search.known), countText(search.lost)});
    return progress;
}

std::string SearchPresenter::shownTitle() const {
    return shown_ ? historyText(*shown_) : std::string{};
}

std::string SearchPresenter::historyText(const UserSearch& search) const {
    std::string what = textOf(search.origin);
    if (search.origin == SearchOrigin::Manual) {
        what = search.viaClient            ? fill(tr("List of %1"), {search.viaClient->text()})
               : !search.addresses.empty() ? fill(tr("Addresses %1"), {tsvField(search.addresses)})
               : !search.ranges.empty()    ? trn("%1 range", "%1 ranges", search.ranges.size())
                                           : tr("All ranges");
    }
    auto text = exactTime(search.startedAt) + ", " + what;
    if (!search.startedBy.empty()) text += ", " + fill(tr("by %1"), {search.startedBy});
    text += ", " + textOf(search.state);
    if (!search.problem.empty()) text += ": " + search.problem;
    return text;
}

std::string SearchPresenter::emptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to search.");
    if (problem_) return errorLines(*problem_);
    if (!shown_) return tr("Choose what to search on the left, then press Start. Users who answer appear here.");
    if (isLoadingRows_) return tr("Loading ...");
    if (!table_.filter().empty() && table_.totalCount() > 0) return tr("Nobody matches the filter. Use fewer letters.");
    if (!isOver(shown_->state)) return tr("Nobody has answered yet.");
    return tr(
        "Nobody answered. Check that the addresses are right, that a chat program runs there, and that UDP port 2425 "
        "is open on the way.");
}

// History and rows

void SearchPresenter::loadHistory() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.searches(); },
        [this](const Result<std::vector<UserSearch>>& answer) {
            if (!answer) {
                problem_ = answer.error();
                changed();
                return;
            }
            problem_.reset();
            history_ = *answer;
            const auto* current = running();
            if (current && (!shown_ || shown_->id != current->id)) {
                show(UserSearch(*current));
            } else if (shown_) {
                // The gap in the events may have held rows.
                for (const auto& search : history_) {
                    if (search.id == shown_->id) shown_ = search;
                }
                loadRows(shown_->id, rowsKnown_);
            } else if (!history_.empty()) {
                show(UserSearch(history_.front()));
            }
            if (onHistory) onHistory();
            changed();
        });
}

void SearchPresenter::remember(const UserSearch& search) {
    const auto known = std::find_if(history_.begin(), history_.end(),
                                    [&search](const UserSearch& other) { return other.id == search.id; });
    const bool isListChange = known == history_.end() || known->state != search.state;
    if (known == history_.end()) {
        history_.insert(history_.begin(), search);
    } else {
        *known = search;
    }
    if (shown_ && shown_->id == search.id) shown_ = search;
    measure(search);
    if (isListChange && onHistory) onHistory();
}

void SearchPresenter::searchChanged(const api::SearchEvent& event) {
    const bool isNew = std::none_of(history_.begin(), history_.end(),
                                    [&event](const UserSearch& other) { return other.id == event.search.id; });
    remember(event.search);
    if (isNew && event.search.origin == SearchOrigin::Manual && !isComparing()) show(event.search);
    if (shown_ && shown_->id == event.search.id) {
        if (event.from <= rowsKnown_) {
            takeRows(event.rows, /*areNews=*/true);
            rowsKnown_ = std::max<std::uint64_t>(rowsKnown_, event.from + event.rows.size());
        } else if (!isLoadingRows_) {
            loadRows(event.search.id, rowsKnown_);
        }
    }
    changed();
}

void SearchPresenter::open(std::uint64_t searchId) {
    for (const auto& search : history_) {
        if (search.id != searchId) continue;
        endCompare();
        show(UserSearch(search));
        changed();
        return;
    }
}

void SearchPresenter::show(const UserSearch& search) {
    shown_ = search;
    rowsKnown_ = 0;
    table_.clear();
    loadRows(search.id, 0);
}

void SearchPresenter::takeRows(const std::vector<SearchRow>& rows, bool areNews) {
    std::vector<std::pair<std::uint64_t, SearchRow>> changedRows;
    changedRows.reserve(rows.size());
    for (const auto& row : rows)
        changedRows.emplace_back(rowId(row), row);
    table_.apply(std::move(changedRows), {}, areNews);
    if (isComparing()) compareNow();
}

void SearchPresenter::loadRows(std::uint64_t searchId, std::uint64_t from) {
    isLoadingRows_ = session_.hasService();
    session_.ask(
        life(),
        [searchId, from](client::ApiClient& service) { return service.searchRows(searchId, from, kRowsPerPage); },
        [this, searchId, from](const Result<api::SearchRows>& answer) {
            if (!shown_ || shown_->id != searchId) return;
            isLoadingRows_ = false;
            if (!answer) {
                problem_ = answer.error();
                changed();
                return;
            }
            takeRows(answer->items, /*areNews=*/false);
            rowsKnown_ = std::max<std::uint64_t>(rowsKnown_, from + answer->items.size());
            if (answer->next && *answer->next > from) loadRows(searchId, *answer->next);
            changed();
        });
}

// Compare

void SearchPresenter::compareWith(std::uint64_t searchId) {
    if (!shown_ || searchId == shown_->id) return;
    compared_ = searchId;
    thenRows_.clear();
    compareNow();
    loadThenRows(searchId, 0);
    changed();
}

void SearchPresenter::loadThenRows(std::uint64_t searchId, std::uint64_t from) {
    session_.ask(
        life(),
        [searchId, from](client::ApiClient& service) { return service.searchRows(searchId, from, kRowsPerPage); },
        [this, searchId, from](const Result<api::SearchRows>& answer) {
            if (compared_ != searchId) return;
            if (!answer) {
                problem_ = answer.error();
                endCompare();
                return;
            }
            thenRows_.insert(thenRows_.end(), answer->items.begin(), answer->items.end());
            if (answer->next && *answer->next > from) {
                loadThenRows(searchId, *answer->next);
            } else {
                compareNow();
            }
            changed();
        });
}

void SearchPresenter::compareNow() {
    std::vector<SearchRow> nowRows;
    table_.each([&nowRows](std::uint64_t, const SearchRow& row) { nowRows.push_back(row); });
    compareRows_ = compareRows(nowRows, thenRows_);
    compareTable_.clear();
    std::vector<std::pair<std::uint64_t, CompareRow>> rows;
    rows.reserve(compareRows_.size());
    for (const auto& row : compareRows_)
        rows.emplace_back(row.address.value, row);
    compareTable_.apply(std::move(rows));
}

void SearchPresenter::endCompare() {
    compared_.reset();
    thenRows_.clear();
    compareRows_.clear();
    compareTable_.clear();
    changed();
}

std::string SearchPresenter::compareText() const {
    if (!isComparing()) return {};
    std::uint64_t onlyNow = 0;
    std::uint64_t onlyThen = 0;
    std::uint64_t both = 0;
    for (const auto& row : compareRows_)
        ++(row.side == CompareSide::OnlyNow ? onlyNow : row.side == CompareSide::OnlyThen ? onlyThen : both);
    return fill(tr("%1 only now, %2 only then, %3 both times"),
                {countText(onlyNow), countText(onlyThen), countText(both)});
}

}  // namespace causeway::console
