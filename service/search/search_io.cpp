#include "service/search/search_io.h"

#include <algorithm>
#include <map>

namespace causeway::search {

SearchIo::SearchIo(net::EventLoop& loop, net::WorkPool& names, Log& log, Prober& prober, SearchKeeper& keeper,
                   const SearchConfig& config)
    : loop_(loop), names_(names), log_(log), prober_(prober), keeper_(keeper), policy_(config) {
    timer_ = std::make_unique<net::LoopTimer>(loop_, "search tick", [this] {
        policy_.tick(net::EventLoop::now());
        pump();
    });
}

void SearchIo::restore(std::vector<RemoteRange> ranges, std::vector<UserSearch> searches, std::uint64_t lastSearchId) {
    policy_.restore(std::move(ranges), std::move(searches), lastSearchId);
}

void SearchIo::start() {
    isRunning_ = true;
    policy_.start(net::EventLoop::now());
    prober_.rangesChanged(policy_.lines());
    policy_.tick(net::EventLoop::now());
    pump();
}

void SearchIo::stop() {
    isRunning_ = false;
    timer_->cancel();
}

void SearchIo::setConfig(const SearchConfig& config) {
    policy_.setConfig(config);
    pump();
}

void SearchIo::pump() {
    if (!isRunning_) return;
    const Wanted wanted = policy_.takeWanted();
    if (!wanted.probes.empty()) prober_.probe(wanted.probes);
    if (!wanted.broadcasts.empty()) prober_.announceTo(wanted.broadcasts);
    for (const Ip4 client : wanted.lists)
        prober_.readListOf(client);
    for (const auto& name : wanted.names) {
        net::lookUpName(names_, loop_, name, 8s, [this, name](const Result<std::vector<Ip4>>& found) {
            if (!found) log_.write(LogLevel::Warning, "LAN_NAME_NOT_FOUND", found.error().text());
            // A DNS server that does not answer is no proof that there is no such name.
            const bool isUnproven = !found && found.error().code != Code::NotFound;
            policy_.resolved(name, found ? *found : std::vector<Ip4>{}, net::EventLoop::now(),
                             isUnproven ? found.error().text() : std::string{});
            pump();
        });
    }
    SearchPolicy::News news = policy_.takeNews();
    std::map<std::uint64_t, std::vector<SearchRow>> rows;
    for (auto& [id, row] : news.rows)
        rows[id].push_back(std::move(row));
    for (auto& [id, added] : rows)
        keeper_.addRows(id, std::move(added));
    for (const auto id : news.searches) {
        const auto* search = policy_.find(id);
        // Announcements are no searches of a person: only their results per range are kept.
        if (search != nullptr && search->origin == SearchOrigin::Manual && (search->finishedAt || search->sent == 0)) {
            keeper_.saveSearch(*search);
        }
        if (observer_ != nullptr) observer_->searchChanged(id);
    }
    if (!news.results.empty()) keeper_.saveResults(news.results);
    if (news.areRangesChanged) {
        prober_.rangesChanged(policy_.lines());
        policy_.announceSoon(net::EventLoop::now());
    }
    if ((news.areRangesChanged || !news.results.empty()) && observer_ != nullptr) observer_->rangesChanged();
    if (const auto next = policy_.nextDeadline(net::EventLoop::now())) timer_->setAt(*next);
}

Result<void> SearchIo::keepRanges() {
    auto all = ranges();
    if (!all) return all.error();
    return keeper_.saveRanges(*all);
}

Result<std::vector<RemoteRange>> SearchIo::ranges() {
    return ask<std::vector<RemoteRange>>("ranges", [this] { return policy_.ranges(); });
}

Result<std::uint64_t> SearchIo::rangesRevision() {
    return ask<std::uint64_t>("ranges revision", [this] { return policy_.revision(); });
}

Result<RemoteRange> SearchIo::addRange(const std::string& text, bool isEnabled) {
    auto added = ask<RemoteRange>("add range", [this, text, isEnabled] { return policy_.addRange(text, isEnabled); });
    if (!added) return added;
    if (auto kept = keepRanges(); !kept) return kept.error();
    return added;
}

Result<RemoteRange> SearchIo::changeRange(std::uint64_t id, const std::string& text, bool isEnabled) {
    auto changed = ask<RemoteRange>("change range",
                                    [this, id, text, isEnabled] { return policy_.changeRange(id, text, isEnabled); });
    if (!changed) return changed;
    if (auto kept = keepRanges(); !kept) return kept.error();
    return changed;
}

Result<void> SearchIo::removeRange(std::uint64_t id) {
    auto removed = ask<void>("remove range", [this, id] { return policy_.removeRange(id); });
    if (!removed) return removed;
    return keepRanges();
}

Result<std::vector<RemoteRange>> SearchIo::replaceRanges(const std::string& text) {
    auto replaced =
        ask<std::vector<RemoteRange>>("replace ranges", [this, text] { return policy_.replaceRanges(text); });
    if (!replaced) return replaced;
    if (auto kept = keepRanges(); !kept) return kept.error();
    return replaced;
}

Result<RangePreview> SearchIo::preview(const std::string& text) {
    return ask<RangePreview>("preview ranges", [this, text] { return policy_.preview(text); });
}

Result<UserSearch> SearchIo::start(const UserSearch& wanted) {
    return ask<UserSearch>("start search", [this, wanted] { return policy_.begin(wanted, net::EventLoop::now()); });
}

Result<UserSearch> SearchIo::stop(std::uint64_t id) {
    return ask<UserSearch>("stop search", [this, id] { return policy_.stop(id, net::EventLoop::now()); });
}

Result<std::vector<UserSearch>> SearchIo::searches() {
    return ask<std::vector<UserSearch>>("searches", [this] {
        auto all = policy_.searches();
        std::erase_if(all, [](const UserSearch& search) { return search.origin != SearchOrigin::Manual; });
        return all;
    });
}

Result<UserSearch> SearchIo::search(std::uint64_t id) {
    return ask<UserSearch>("search", [this, id]() -> Result<UserSearch> {
        if (const auto* found = policy_.find(id)) return *found;
        return Error{Code::NotFound, "There is no search " + std::to_string(id) + "."};
    });
}

Result<std::vector<SearchRow>> SearchIo::rows(std::uint64_t id, std::size_t from, std::size_t most) {
    struct Page {
        bool isHere = false;
        std::vector<SearchRow> rows;
    };
    auto page = ask<Page>("search rows", [this, id, from, most]() -> Result<Page> {
        if (policy_.find(id) == nullptr) return Error{Code::NotFound, "There is no search " + std::to_string(id) + "."};
        Page found;
        if (const auto* all = policy_.rowsOf(id)) {
            found.isHere = true;
            for (std::size_t i = from; i < all->size() && found.rows.size() < most; ++i)
                found.rows.push_back((*all)[i]);
        }
        return found;
    });
    if (!page) return page.error();
    if (page->isHere) return std::move(page->rows);
    return keeper_.loadRows(id, from, most);
}

}  // namespace causeway::search
