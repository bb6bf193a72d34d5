#include "service/search/search_policy.h"

#include <algorithm>
#include <numeric>

#include "shared/base/text.h"

namespace causeway::search {

namespace {

constexpr Duration kReport = 250ms;  // progress to consoles at most this often
constexpr Duration kNamePatience = 10s;

Error noSearch(std::uint64_t id) {
    return {Code::NotFound, "There is no search " + std::to_string(id) + ".", "",
            "List them with: causewayctl search status"};
}

Error noRange(std::uint64_t id) {
    return {Code::NotFound, "There is no remote range " + std::to_string(id) + ".",
            "It may have been removed meanwhile.", "List them with: causewayctl ranges list"};
}

}  // namespace

void SearchPolicy::restore(std::vector<RemoteRange> ranges, std::vector<UserSearch> searches,
                           std::uint64_t lastSearchId) {
    ranges_ = std::move(ranges);
    for (const auto& range : ranges_)
        nextRangeId_ = std::max(nextRangeId_, range.id + 1);
    std::sort(searches.begin(), searches.end(), [](const auto& left, const auto& right) { return left.id < right.id; });
    for (auto& search : searches) {
        // A search that the last run of the service did not end.
        if (search.state == SearchState::Running || search.state == SearchState::Waiting ||
            search.state == SearchState::Stopping) {
            search.state = SearchState::Stopped;
            search.problem = "The service was stopped while this search ran.";
            if (!search.finishedAt) search.finishedAt = search.startedAt;
            changed(search.id);
        }
        searches_.push_back(std::move(search));
    }
    nextSearchId_ = std::max(lastSearchId, searches_.empty() ? 0 : searches_.back().id) + 1;
}

void SearchPolicy::start(TimePoint now) {
    isStarted_ = true;
    nextAnnouncementAt_ = now;
}

std::vector<RangeLine> SearchPolicy::lines() const {
    std::vector<RangeLine> lines;
    for (const auto& range : ranges_) {
        if (!range.isEnabled) continue;
        if (auto line = parseRangeLine(range.text, config_.allowLoopback)) lines.push_back(*line);
    }
    return lines;
}

Result<std::vector<RemoteRange>> SearchPolicy::checked(std::vector<RemoteRange> all) const {
    std::vector<RangeLine> lines;
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto line = parseRangeLine(all[i].text, config_.allowLoopback);
        if (!line) {
            Error error = line.error();
            if (all.size() > 1) error.what = "Line " + std::to_string(i + 1) + ": " + error.what;
            return error;
        }
        if (line->kind == RangeKind::Blank && all[i].text.empty()) {
            return Error{Code::BadInput, "The range is empty.", "",
                         "Write addresses such as 192.168.1.* or 10.2.0.0/24."};
        }
        if (all[i].isEnabled) lines.push_back(*line);
    }
    if (auto planned = planRanges(lines, own_); !planned) return planned.error();
    return all;
}

void SearchPolicy::install(std::vector<RemoteRange> all) {
    ranges_ = std::move(all);
    ++revision_;
    news_.areRangesChanged = true;
}

Result<RemoteRange> SearchPolicy::addRange(const std::string& text, bool isEnabled) {
    RemoteRange added;
    added.id = nextRangeId_;
    added.text = std::string(trimmed(text));
    added.isEnabled = isEnabled;
    const bool isKnown =
        std::any_of(ranges_.begin(), ranges_.end(), [&](const auto& range) { return range.text == added.text; });
    if (isKnown) {
        return Error{Code::Conflict, "The range \"" + added.text + "\" is in the list already.", "",
                     "Nothing needs to be done."};
    }
    auto all = ranges_;
    // Alone first, so that the error text speaks of this line and not of a line number.
    if (auto alone = checked({added}); !alone) return alone.error();
    all.push_back(added);
    if (auto together = checked(all); !together) return together.error();
    ++nextRangeId_;
    install(std::move(all));
    return added;
}

Result<RemoteRange> SearchPolicy::changeRange(std::uint64_t id, const std::string& text, bool isEnabled) {
    auto all = ranges_;
    const auto at = std::find_if(all.begin(), all.end(), [id](const auto& range) { return range.id == id; });
    if (at == all.end()) return noRange(id);
    const std::string wanted{trimmed(text)};
    if (at->text != wanted) {
        *at = RemoteRange{};
        at->id = id;
        at->text = wanted;
    }
    at->isEnabled = isEnabled;
    const RemoteRange changedRange = *at;
    if (auto alone = checked({changedRange}); !alone) return alone.error();
    if (auto together = checked(all); !together) return together.error();
    install(std::move(all));
    return changedRange;
}

Result<void> SearchPolicy::removeRange(std::uint64_t id) {
    auto all = ranges_;
    if (std::erase_if(all, [id](const auto& range) { return range.id == id; }) == 0) return noRange(id);
    install(std::move(all));
    return {};
}

Result<std::vector<RemoteRange>> SearchPolicy::replaceRanges(const std::string& text) {
    std::vector<RemoteRange> all;
    std::uint64_t next = nextRangeId_;
    std::unordered_set<std::uint64_t> used;
    std::size_t number = 0;
    for (const auto raw : split(text, '\n')) {
        ++number;
        const std::string line{trimmed(raw)};
        if (line.empty()) continue;
        if (auto parsed = parseRangeLine(line, config_.allowLoopback); !parsed) {
            Error error = parsed.error();
            error.what = "Line " + std::to_string(number) + ": " + error.what;
            error.place = number;
            return error;
        }
        const auto same = std::find_if(ranges_.begin(), ranges_.end(), [&](const auto& range) {
            return range.text == line && !used.contains(range.id);
        });
        RemoteRange range;
        if (same != ranges_.end()) {
            range = *same;
        } else {
            range.id = next++;
            range.text = line;
        }
        used.insert(range.id);
        all.push_back(std::move(range));
    }
    if (auto good = checked(all); !good) return good.error();
    nextRangeId_ = next;
    install(std::move(all));
    return ranges_;
}

RangePreview SearchPolicy::preview(const std::string& text) const {
    return previewRanges(text, own_, config_.packetsPerSecond, config_.allowLoopback);
}

void SearchPolicy::announceSoon(TimePoint now) {
    nextAnnouncementAt_ = std::min(nextAnnouncementAt_, now + 1s);
}

// Searches ----------------------------------------------------------------------------------------------------------

UserSearch* SearchPolicy::current() {
    if (!sweep_) return nullptr;
    for (auto& search : searches_) {
        if (search.id == sweep_->id) return &search;
    }
    return nullptr;
}

const UserSearch* SearchPolicy::find(std::uint64_t id) const {
    for (const auto& search : searches_) {
        if (search.id == id) return &search;
    }
    return nullptr;
}

std::vector<UserSearch> SearchPolicy::searches() const {
    return {searches_.rbegin(), searches_.rend()};
}

const std::vector<SearchRow>* SearchPolicy::rowsOf(std::uint64_t id) const {
    const auto at = rows_.find(id);
    return at == rows_.end() ? nullptr : &at->second;
}

void SearchPolicy::changed(std::uint64_t id) {
    if (std::find(news_.searches.begin(), news_.searches.end(), id) == news_.searches.end())
        news_.searches.push_back(id);
}

Result<UserSearch> SearchPolicy::begin(UserSearch wanted, TimePoint now) {
    if (wanted.origin == SearchOrigin::Manual) {
        for (const auto& search : searches_) {
            const bool isOpen = search.state == SearchState::Running || search.state == SearchState::Waiting ||
                                search.state == SearchState::Stopping;
            if (isOpen && search.origin == SearchOrigin::Manual) {
                return Error{Code::Conflict, "A search is running already (number " + std::to_string(search.id) + ").",
                             "One search at a time keeps to the packet rate.", "Wait for it or stop it."};
            }
        }
    }
    for (const auto id : wanted.ranges) {
        if (std::none_of(ranges_.begin(), ranges_.end(), [id](const auto& range) { return range.id == id; }))
            return noRange(id);
    }
    if (!wanted.addresses.empty()) {
        const auto tried = previewRanges(wanted.addresses, {}, config_.packetsPerSecond, config_.allowLoopback);
        if (!tried.problems.empty())
            return Error{Code::BadInput, tried.problems.front().text, "", "", tried.problems.front().column};
        if (tried.addresses == 0 && tried.names == 0 && tried.broadcasts == 0) {
            return Error{Code::BadInput, "There is no address to ask.", "",
                         "Write an address such as 10.7.2.14 or a range such as 10.7.2.*."};
        }
    } else if (!wanted.viaClient && wanted.origin == SearchOrigin::Manual &&
               std::none_of(ranges_.begin(), ranges_.end(), [](const auto& range) { return range.isEnabled; })) {
        return Error{Code::BadInput, "There are no remote ranges to search.",
                     "None is configured, or all are switched off.",
                     "Add one, such as 192.168.1.*, or give an address."};
    }
    const auto most = std::max(1U, config_.packetsPerSecond);
    if (wanted.packetsPerSecond > most) {
        return Error{Code::BadInput,
                     "A search may send at most " + std::to_string(most) + " packets a second here, not " +
                         std::to_string(wanted.packetsPerSecond) + ".",
                     "The setting lan.packets_per_second keeps the network calm.",
                     "Take a lower rate, or raise that setting first."};
    }
    if (wanted.packetsPerSecond == 0) wanted.packetsPerSecond = most;
    wanted.id = nextSearchId_++;
    wanted.state = SearchState::Waiting;
    wanted.startedAt = now;
    wanted.finishedAt.reset();
    wanted.total = wanted.sent = wanted.answered = wanted.found = wanted.known = wanted.lost = 0;
    wanted.problem.clear();
    searches_.push_back(wanted);
    while (searches_.size() > kKeptSearches)
        searches_.pop_front();
    rows_[wanted.id];
    rowOrder_.push_back(wanted.id);
    while (rowOrder_.size() > kKeptRows) {
        rows_.erase(rowOrder_.front());
        rowOrder_.pop_front();
    }
    if (wanted.origin == SearchOrigin::Manual) {
        waiting_.push_front(wanted.id);
        // An announcement gives way; it is made up for afterwards.
        if (const auto* running = current(); running != nullptr && running->origin != SearchOrigin::Manual) {
            finish(SearchState::Stopped, "A search by hand went first.", now);
            nextAnnouncementAt_ = now + 1s;
        }
    } else {
        waiting_.push_back(wanted.id);
    }
    changed(wanted.id);
    beginNext(now);
    return *find(wanted.id);
}

Result<UserSearch> SearchPolicy::stop(std::uint64_t id, TimePoint now) {
    const auto* search = find(id);
    if (search == nullptr) return noSearch(id);
    if (sweep_ && sweep_->id == id) {
        finish(SearchState::Stopped, "", now);
        beginNext(now);
    } else if (search->state == SearchState::Waiting) {
        std::erase(waiting_, id);
        for (auto& open : searches_) {
            if (open.id != id) continue;
            open.state = SearchState::Stopped;
            open.finishedAt = now;
        }
        changed(id);
    }
    return *find(id);
}

void SearchPolicy::beginNext(TimePoint now) {
    if (sweep_ || waiting_.empty()) return;
    const std::uint64_t id = waiting_.front();
    waiting_.pop_front();
    sweep_.emplace();
    sweep_->id = id;
    sweep_->beganAt = now;
    UserSearch* search = current();
    if (search == nullptr) {
        sweep_.reset();
        return;
    }
    search->state = SearchState::Running;
    changed(id);
    if (search->viaClient) {
        sweep_->isWaitingForList = true;
        wanted_.lists.push_back(*search->viaClient);
        return;
    }
    if (!search->addresses.empty()) {
        for (const auto raw : split(search->addresses, '\n')) {
            if (auto line = parseRangeLine(raw, config_.allowLoopback); line && line->kind != RangeKind::Blank) {
                sweep_->lines.emplace_back(0, *line);
            }
        }
    } else {
        for (const auto& range : ranges_) {
            const bool isChosen = search->ranges.empty() || std::find(search->ranges.begin(), search->ranges.end(),
                                                                      range.id) != search->ranges.end();
            auto line = parseRangeLine(range.text, config_.allowLoopback);
            if (!line || line->kind == RangeKind::Blank) continue;
            // Exclusions hold for every search, chosen or not.
            if (line->isExclusion ? range.isEnabled : isChosen && (range.isEnabled || !search->ranges.empty())) {
                sweep_->lines.emplace_back(range.id, *line);
            }
        }
    }
    for (const auto& [rangeId, line] : sweep_->lines) {
        if (line.kind == RangeKind::Name && sweep_->openNames.insert(line.name).second)
            wanted_.names.push_back(line.name);
    }
    if (sweep_->openNames.empty()) plan(now);
}

void SearchPolicy::resolved(const std::string& name, const std::vector<Ip4>& addresses, TimePoint now,
                            const std::string& why) {
    if (!sweep_ || sweep_->openNames.erase(name) == 0) return;
    const auto trouble = !addresses.empty() ? std::string{}
                         : why.empty()      ? "The name " + name + " was not found in DNS."
                                            : why;
    std::vector<std::pair<std::uint64_t, RangeLine>> lines;
    for (const auto& [id, line] : sweep_->lines) {
        if (line.kind != RangeKind::Name || line.name != name) {
            lines.emplace_back(id, line);
            continue;
        }
        for (auto& range : ranges_) {
            if (range.id == id) {
                range.problem = trouble;
                news_.results.push_back(range);
            }
        }
        for (const Ip4 address : addresses) {
            if (!address.canBeHost()) continue;
            RangeLine single;
            single.kind = RangeKind::Single;
            single.first = single.last = address;
            lines.emplace_back(id, single);
        }
        if (addresses.empty() && id == 0) {
            if (auto* search = current()) search->problem = trouble;
        }
    }
    sweep_->lines = std::move(lines);
    if (sweep_->openNames.empty()) plan(now);
}

void SearchPolicy::listRead(Ip4 client, bool isComplete, const std::vector<Ip4>& addresses, TimePoint now) {
    auto* search = current();
    if (search == nullptr || !sweep_->isWaitingForList || search->viaClient != client) return;
    sweep_->isWaitingForList = false;
    if (!isComplete && addresses.empty()) {
        finish(SearchState::Failed,
               "The client at " + client.text() +
                   " did not give its user list. iptux and clients that do not allow it never answer this question.",
               now);
        beginNext(now);
        return;
    }
    if (!isComplete) search->problem = "The list ended in the middle; what came was used.";
    for (const Ip4 address : addresses) {
        if (!address.canBeHost() || (address.isLoopback() && !config_.allowLoopback)) continue;
        if (sweep_->lines.size() >= kMaxRangeAddresses) break;
        RangeLine single;
        single.kind = RangeKind::Single;
        single.first = single.last = address;
        sweep_->lines.emplace_back(0, single);
    }
    plan(now);
}

void SearchPolicy::plan(TimePoint now) {
    auto* search = current();
    if (search == nullptr) return;
    std::vector<RangeLine> lines;
    lines.reserve(sweep_->lines.size());
    for (const auto& [id, line] : sweep_->lines)
        lines.push_back(line);
    // An address given by hand, or named by a client, is asked even in an own segment.
    const bool isByHand = !search->addresses.empty() || search->viaClient;
    auto planned = planRanges(lines, isByHand ? std::vector<Network4>{} : own_);
    if (!planned) {
        finish(SearchState::Failed, planned.error().text(), now);
        beginNext(now);
        return;
    }
    sweep_->plan = std::move(*planned);
    sweep_->isPlanned = true;
    search->total = sweep_->plan.addresses;
    if (known_) sweep_->knownBefore = known_(sweep_->plan);
    // About the golden section of the total, made coprime to it: neighbours in time are far apart in address.
    const std::uint64_t total = sweep_->plan.addresses;
    std::uint64_t step = std::max<std::uint64_t>(1, total * 618 / 1000);
    while (total > 1 && std::gcd(step, total) != 1)
        ++step;
    sweep_->step = total > 1 ? step % total : 1;
    for (const auto& [id, line] : sweep_->lines) {
        if (id == 0 || line.isExclusion) continue;
        sweep_->perRange[id];
    }
    wanted_.broadcasts.insert(wanted_.broadcasts.end(), sweep_->plan.broadcasts.begin(), sweep_->plan.broadcasts.end());
    sweep_->beganAt = now;
    sweep_->lastQuestionAt = now;
    changed(search->id);
}

void SearchPolicy::answered(const Answer& answer, TimePoint now) {
    auto* search = current();
    if (search == nullptr || !sweep_->isPlanned) return;
    const bool isAsked = sweep_->plan.contains(answer.address);
    const bool isByBroadcast =
        !isAsked && std::any_of(sweep_->plan.broadcasts.begin(), sweep_->plan.broadcasts.end(),
                                [&](Ip4 broadcast) { return Network4::of(answer.address, 24).contains(broadcast); });
    if ((!isAsked && !isByBroadcast) || !sweep_->answeredBy.insert(answer.address).second) return;
    SearchRow row = answer.row;
    row.address = answer.address;
    row.at = now;
    row.finding = answer.isNew ? SearchFinding::New : SearchFinding::Known;
    ++search->answered;
    ++(answer.isNew ? search->found : search->known);
    for (const auto& [id, line] : sweep_->lines) {
        if (id == 0 || line.isExclusion) continue;
        const bool isInside = line.kind == RangeKind::Broadcast
                                  ? isByBroadcast
                                  : line.first <= answer.address && answer.address <= line.last;
        if (!isInside) continue;
        ++sweep_->perRange[id].second;
        break;
    }
    rows_[search->id].push_back(row);
    news_.rows.emplace_back(search->id, std::move(row));
    changed(search->id);
}

void SearchPolicy::notSent(Ip4 address, const std::string& why) {
    if (current() == nullptr || !sweep_->isPlanned || !sweep_->plan.contains(address)) return;
    if (!sweep_->notSent.insert(address).second) return;
    sweep_->whyNotSent = why;
    for (const auto& [id, line] : sweep_->lines) {
        if (id == 0 || line.isExclusion || address < line.first || line.last < address) continue;
        ++sweep_->notSentPerRange[id];
        break;
    }
}

void SearchPolicy::finish(SearchState state, const std::string& problem, TimePoint now) {
    auto* search = current();
    if (search == nullptr) {
        sweep_.reset();
        return;
    }
    search->state = state;
    search->finishedAt = now;
    if (!problem.empty()) search->problem = problem;
    if (state == SearchState::Finished) {
        if (const auto count = sweep_->notSent.size(); count > 0) {
            search->problem = (count >= search->total ? std::string("None") : std::to_string(count)) + " of " +
                              std::to_string(search->total) + " addresses could " +
                              (count >= search->total ? "" : "not ") + "be asked. " + sweep_->whyNotSent +
                              " Look at the network settings and the routes of this computer.";
        }
        for (auto& row : sweep_->knownBefore) {
            if (sweep_->answeredBy.contains(row.address)) continue;
            row.finding = SearchFinding::Lost;
            row.at = now;
            ++search->lost;
            rows_[search->id].push_back(row);
            news_.rows.emplace_back(search->id, row);
        }
        for (const auto& [id, line] : sweep_->lines) {
            if (id != 0 && !line.isExclusion)
                sweep_->perRange[id].first += static_cast<std::uint32_t>(line.addresses());
        }
        for (auto& range : ranges_) {
            const auto at = sweep_->perRange.find(range.id);
            if (at == sweep_->perRange.end()) continue;
            range.lastRun = now;
            range.addressCount = at->second.first;
            range.answers = at->second.second;
            const auto unsent = sweep_->notSentPerRange.find(range.id);
            const bool isUnreachable = unsent != sweep_->notSentPerRange.end() && unsent->second >= range.addressCount;
            if (isUnreachable) {
                range.problem = "No question could be sent there. " + sweep_->whyNotSent;
            } else if (range.problem.starts_with("No question")) {
                range.problem.clear();
            }
            if (range.answers > 0) {
                range.lastAnswer = now;
                range.silentSince.reset();
            } else if (!range.silentSince) {
                range.silentSince = now;
            }
            news_.results.push_back(range);
        }
    }
    changed(search->id);
    sweep_.reset();
}

bool SearchPolicy::isAnnouncementDue(TimePoint now) const {
    return isStarted_ && nextAnnouncementAt_ <= now;
}

void SearchPolicy::tick(TimePoint now) {
    if (isAnnouncementDue(now) && !sweep_) {
        nextAnnouncementAt_ = now + config_.announceInterval;
        const bool hasRanges =
            std::any_of(ranges_.begin(), ranges_.end(), [](const auto& range) { return range.isEnabled; });
        if (hasRanges) {
            UserSearch announcement;
            announcement.origin = hasAnnouncedAtStart_ ? SearchOrigin::Interval : SearchOrigin::Start;
            announcement.startedBy = "service";
            announcement.packetsPerSecond = 0;
            // Errors cannot happen here: the ranges were checked when they were entered.
            if (auto begun = begin(announcement, now); begun) hasAnnouncedAtStart_ = true;
        }
    }
    auto* search = current();
    if (search == nullptr) {
        beginNext(now);
        return;
    }
    if (!sweep_->isPlanned) {
        if (!sweep_->openNames.empty() && now - sweep_->beganAt > kNamePatience) {
            const auto late = sweep_->openNames;
            for (const auto& name : late)
                resolved(name, {}, now);
        }
        return;
    }
    // As many as the rate has earned since the beginning: a late tick catches up, so the sweep keeps its time.
    const auto passed = static_cast<std::uint64_t>(std::max<std::int64_t>(0, (now - sweep_->beganAt).count()));
    const std::uint64_t earned = passed * search->packetsPerSecond / 1000 + 1;
    const std::uint64_t most = sweep_->cursor + std::max(64U, search->packetsPerSecond / 4);
    while (sweep_->cursor < std::min({earned, most, sweep_->plan.addresses})) {
        wanted_.probes.push_back(sweep_->plan.at(sweep_->at));
        sweep_->at = (sweep_->at + sweep_->step) % sweep_->plan.addresses;
        ++sweep_->cursor;
        ++search->sent;
        sweep_->lastQuestionAt = now;
    }
    if (now >= sweep_->nextReportAt) {
        sweep_->nextReportAt = now + kReport;
        changed(search->id);
    }
    if (sweep_->cursor >= sweep_->plan.addresses && now - sweep_->lastQuestionAt >= kLateAnswers) {
        finish(SearchState::Finished, "", now);
        beginNext(now);
    }
}

std::optional<TimePoint> SearchPolicy::nextDeadline(TimePoint now) const {
    std::optional<TimePoint> next;
    const auto consider = [&next](TimePoint when) {
        if (!next || when < *next) next = when;
    };
    if (isStarted_ && !sweep_) consider(nextAnnouncementAt_);
    if (!sweep_) return next;
    if (!sweep_->isPlanned) {
        consider(sweep_->beganAt + kNamePatience + 1ms);
    } else if (sweep_->cursor < sweep_->plan.addresses) {
        const auto* search = find(sweep_->id);
        const std::uint64_t rate = search == nullptr ? 1 : search->packetsPerSecond;
        // One wake-up each 4 ms at most; several questions go out in one if the rate is higher.
        const auto due = sweep_->beganAt + Duration{static_cast<std::int64_t>(sweep_->cursor * 1000 / rate)};
        consider(std::max(due, now + 4ms));
    } else {
        consider(sweep_->lastQuestionAt + kLateAnswers);
    }
    return next;
}

SearchPolicy::News SearchPolicy::takeNews() {
    return std::exchange(news_, {});
}

}  // namespace causeway::search
