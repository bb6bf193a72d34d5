#include "service/admin/users_view.h"

#include <Poco/UTF8String.h>

#include <algorithm>
#include <array>
#include <map>
#include <unordered_map>

#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/ipmsg/entry.h"

namespace causeway::admin {

namespace {

constexpr std::size_t kChunk = 2000;
constexpr std::size_t kMostKept = 4;
constexpr Duration kKeep = 5s;
constexpr std::size_t kMostPage = 5000;

struct FlagWord {
    std::uint32_t bit;
    std::string_view word;
};
constexpr std::array kFlagWords{
    FlagWord{ipmsg::flag::kAbsence, "is away"},
    FlagWord{ipmsg::flag::kServer, "server"},
    FlagWord{ipmsg::flag::kDialUp, "dial-up"},
    FlagWord{ipmsg::flag::kFileAttach, "can send files"},
    FlagWord{ipmsg::flag::kEncrypt, "can encrypt"},
    FlagWord{ipmsg::flag::kUtf8, "sends UTF-8"},
    FlagWord{ipmsg::flag::kCapUtf8, "reads UTF-8"},
    FlagWord{ipmsg::flag::kCapIpDict, "understands signed lists"},
    FlagWord{ipmsg::flag::kDirMaster, "directory master"},
};

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// Fixed width, so that text order is number order.
std::string numberKey(std::uint64_t number) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(16, '0');
    for (std::size_t i = 16; i-- > 0; number >>= 4U)
        out[i] = kDigits[number & 15U];
    return out;
}

/// Cursor: sort key and id of the last user shown.
std::string cursorOf(const std::string& key, UserId id) {
    return std::to_string(id) + "." + hexText(key);
}

Error badCursor() {
    return Error{Code::BadInput, "The cursor is not valid.", "It was not made by this service for this list.",
                 "Start again without a cursor."};
}

Error badViewpoint(const std::string& as) {
    return Error{Code::BadInput, "\"" + cleanUtf8(cutUtf8(as, 60)) + "\" is not a viewpoint.", "",
                 "Give the id of a user, an address such as 10.1.0.7, or a segment such as 10.1.0.0/24."};
}

}  // namespace

std::vector<std::string_view> flagWordsOf(std::uint32_t flags) {
    std::vector<std::string_view> words;
    for (const auto& [bit, word] : kFlagWords) {
        if ((flags & bit) != 0) words.push_back(word);
    }
    return words;
}

void writeLanUser(api::JsonWriter& out, const LanUser& user, const std::optional<Network4>& viewpoint) {
    api::writeUser(out, user, ipmsg::withoutFingerprint(user.user), flagWordsOf(user.flags),
                   viewpoint && user.segment == *viewpoint);
}

std::string foldedText(std::string_view text) {
    return isAscii(text) ? lowerAscii(text) : Poco::UTF8::toLower(std::string(text));
}

bool matchesFilter(const LanUser& user, const std::string& needle) {
    if (needle.empty()) return true;
    const auto holds = [&needle](std::string_view text) {
        return !text.empty() && foldedText(text).find(needle) != std::string::npos;
    };
    return holds(user.nick) || holds(user.user) || holds(user.host) || holds(user.group) ||
           holds(user.address.text()) || holds(user.client);
}

std::string sortKeyOf(const LanUser& user, api::UserSort sort) {
    switch (sort) {
        case api::UserSort::Id:
            return {};
        case api::UserSort::Name:
            return foldedText(user.displayName());
        case api::UserSort::Group:
            return foldedText(user.group);
        case api::UserSort::Base:
            return foldedText(user.base);
        case api::UserSort::Address:
            return numberKey(user.address.value);
        case api::UserSort::Client:
            return foldedText(user.client);
        case api::UserSort::Seen:
            return numberKey(static_cast<std::uint64_t>(epochMillis(user.lastSeen)));
        case api::UserSort::Presence: {
            // Present users come first, then who is not sure, then who is gone.
            constexpr std::array kOrder{'2', '0', '1', '3'};
            return {1, kOrder[static_cast<std::size_t>(user.presence)]};
        }
    }
    return {};
}

bool isUnstableNow(const LanUser& user, TimePoint now) {
    return user.instability && (!user.instability->ignoredUntil || *user.instability->ignoredUntil <= now);
}

UsersView::UsersView(discovery::LanPort& lan, store::StorePort& store, std::function<TimePoint()> now)
    : lan_(lan), store_(store), now_(std::move(now)) {}

template <class F>
Result<void> UsersView::eachUser(F use) {
    UserId after = 0;
    while (true) {
        auto chunk = lan_.usersAfter(after, kChunk);
        if (!chunk) return chunk.error();
        for (const auto& user : *chunk)
            use(user);
        if (chunk->size() < kChunk) return {};
        after = chunk->back().id;
    }
}

Result<std::optional<Network4>> UsersView::viewpointOf(const std::string& as) {
    if (as.empty()) {
        auto status = lan_.status();
        if (!status) return status.error();
        std::optional<Network4> first;
        for (const auto& interface : status->interfaces) {
            if (!interface.isLoopback) return std::optional(interface.network);
            if (!first) first = interface.network;
        }
        return first;
    }
    if (as.find('/') != std::string::npos) {
        const auto segment = Network4::parse(as);
        if (!segment) return badViewpoint(as);
        return std::optional(*segment);
    }
    if (const auto id = parseUnsigned(as)) {
        auto user = lan_.user(*id);
        if (!user) return user.error();
        return std::optional(user->segment);
    }
    const auto address = Ip4::parse(as);
    if (!address) return badViewpoint(as);
    auto known = segments();
    if (!known) return known.error();
    std::optional<Network4> best;
    for (const auto& row : *known) {
        if (row.segment.contains(*address) && (!best || row.segment.prefix > best->prefix)) best = row.segment;
    }
    if (!best) best = Network4::of(*address, 24);
    return best;
}

Result<UsersView::Page> UsersView::pageById(const api::UsersQuery& query, UserId after) {
    auto users = lan_.usersAfter(after, query.limit + 1);
    if (!users) return users.error();
    auto status = lan_.status();
    if (!status) return status.error();
    Page page;
    page.users = std::move(*users);
    page.total = status->users;
    if (page.users.size() > query.limit) {
        page.users.resize(query.limit);
        page.next = cursorOf({}, page.users.back().id);
    }
    return page;
}

Result<std::shared_ptr<const UsersView::Sorted>> UsersView::sorted(const api::UsersQuery& query,
                                                                   const std::optional<Network4>& viewpoint) {
    auto plain = query;
    plain.cursor.clear();
    plain.limit = 200;
    plain.as = viewpoint ? viewpoint->text() : "-";
    const auto name = plain.text();
    const auto now = now_();
    // A second request for the same list waits for the first one's work instead of doing it again.
    const std::lock_guard oneAtATime{computing_};
    {
        const std::lock_guard hold{lock_};
        std::erase_if(kept_, [now](const auto& list) { return now - list->lastUse > kKeep; });
        for (const auto& list : kept_) {
            if (list->query != name || query.cursor.empty()) continue;
            list->lastUse = now;
            return std::shared_ptr<const Sorted>{list};
        }
    }
    auto fresh = std::make_shared<Sorted>();
    fresh->query = name;
    fresh->lastUse = now;
    const auto needle = foldedText(query.filter);
    auto collected = eachUser([&](const LanUser& user) {
        if (query.presence && user.presence != *query.presence) return;
        const bool isLocal = viewpoint && user.segment == *viewpoint;
        if (query.scope == api::UserScope::Local && !isLocal) return;
        if (query.scope == api::UserScope::External && isLocal) return;
        if (query.scope == api::UserScope::Unstable && !isUnstableNow(user, now)) return;
        if (!matchesFilter(user, needle)) return;
        fresh->entries.push_back({sortKeyOf(user, query.sort), user.id});
    });
    if (!collected) return collected.error();
    const bool isDescending = query.isDescending;
    std::sort(fresh->entries.begin(), fresh->entries.end(), [isDescending](const Entry& left, const Entry& right) {
        if (left.key != right.key) return isDescending ? left.key > right.key : left.key < right.key;
        return isDescending && left.key.empty() && right.key.empty() ? left.id > right.id : left.id < right.id;
    });
    const std::lock_guard hold{lock_};
    std::erase_if(kept_, [&name](const auto& list) { return list->query == name; });
    kept_.push_back(fresh);
    if (kept_.size() > kMostKept) kept_.pop_front();
    return std::shared_ptr<const Sorted>{fresh};
}

Result<UsersView::Page> UsersView::page(const api::UsersQuery& asked) {
    auto query = asked;
    query.limit = std::clamp<std::size_t>(query.limit, 1, kMostPage);
    auto viewpoint = viewpointOf(query.as);
    if (!viewpoint) return viewpoint.error();

    Entry last;
    if (!query.cursor.empty()) {
        const auto dot = query.cursor.find('.');
        const auto id = parseUnsigned(std::string_view{query.cursor}.substr(0, dot));
        const auto key =
            dot == std::string::npos ? std::nullopt : parseHex(std::string_view{query.cursor}.substr(dot + 1));
        if (!id || !key) return badCursor();
        last = {*key, *id};
    }
    const bool isWholeById = query.scope == api::UserScope::All && !query.presence && query.filter.empty() &&
                             query.sort == api::UserSort::Id && !query.isDescending;
    if (isWholeById) {
        auto page = pageById(query, last.id);
        if (page) page->viewpoint = *viewpoint;
        return page;
    }
    auto list = sorted(query, *viewpoint);
    if (!list) return list.error();
    const auto& entries = (*list)->entries;
    auto from = entries.begin();
    if (!query.cursor.empty()) {
        const bool isDescending = query.isDescending;
        from = std::upper_bound(
            entries.begin(), entries.end(), last, [isDescending](const Entry& left, const Entry& right) {
                if (left.key != right.key) return isDescending ? left.key > right.key : left.key < right.key;
                return isDescending && left.key.empty() && right.key.empty() ? left.id > right.id : left.id < right.id;
            });
    }
    Page page;
    page.viewpoint = *viewpoint;
    page.total = entries.size();
    std::vector<UserId> ids;
    for (auto entry = from; entry != entries.end() && ids.size() < query.limit; ++entry)
        ids.push_back(entry->id);
    const auto behind = from + static_cast<std::ptrdiff_t>(ids.size());
    if (behind != entries.end() && !ids.empty()) page.next = cursorOf((behind - 1)->key, (behind - 1)->id);

    auto users = lan_.usersById(ids);
    if (!users) return users.error();
    // Back into the order of the list; who went meanwhile is left out.
    std::unordered_map<UserId, std::size_t> place;
    for (std::size_t i = 0; i < ids.size(); ++i)
        place[ids[i]] = i;
    std::sort(users->begin(), users->end(),
              [&place](const LanUser& left, const LanUser& right) { return place[left.id] < place[right.id]; });
    page.users = std::move(*users);
    return page;
}

Result<std::vector<api::SegmentRow>> UsersView::segments(Duration maxAge) {
    const auto now = now_();
    const std::lock_guard oneAtATime{computing_};
    {
        const std::lock_guard hold{lock_};
        if (segmentsAt_ != TimePoint{} && now - segmentsAt_ < maxAge) return segments_;
    }
    std::map<Network4, api::SegmentRow> rows;
    auto status = lan_.status();
    if (!status) return status.error();
    for (const auto& interface : status->interfaces) {
        auto& row = rows[interface.network];
        row.isOwn = true;
        row.interface = interface.name;
        row.address = interface.address;
    }
    auto bases = store_.bases();
    if (!bases) return bases.error();
    for (const auto& base : *bases) {
        for (const auto& segment : base.segments)
            rows[segment].base = base.name;
    }
    auto collected = eachUser([&rows](const LanUser& user) {
        auto [at, isNew] = rows.try_emplace(user.segment);
        if (isNew) at->second.isAssumed = user.isSegmentAssumed;
        if (at->second.base.empty()) at->second.base = user.base;
        ++at->second.users;
        if (user.isPresent()) ++at->second.present;
    });
    if (!collected) return collected.error();
    std::vector<api::SegmentRow> all;
    for (auto& [segment, row] : rows) {
        row.segment = segment;
        all.push_back(std::move(row));
    }
    // Own segments first: they are the usual viewpoints.
    std::stable_sort(all.begin(), all.end(), [](const api::SegmentRow& left, const api::SegmentRow& right) {
        return left.isOwn > right.isOwn;
    });
    const std::lock_guard hold{lock_};
    segments_ = all;
    segmentsAt_ = now;
    return all;
}

}  // namespace causeway::admin
