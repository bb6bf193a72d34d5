#include "service/discovery/user_book.h"

#include <algorithm>

#include "shared/base/text.h"

namespace causeway::discovery {

namespace {
constexpr std::size_t kMaxFormerAddresses = 15;
constexpr std::size_t kMaxTexts = 200000;

constexpr auto isBefore = [](const std::pair<UserId, Record*>& left, const std::pair<UserId, Record*>& right) {
    return left.first < right.first;
};
}  // namespace

TextPool::Index TextPool::put(std::string_view text) {
    // A host that answers with ever new texts must not grow the memory: past the limit its texts are simply not kept.
    if (texts_.size() >= kMaxTexts && indexOf_.find(std::string(text)) == indexOf_.end()) return 0;
    const auto [at, isNew] = indexOf_.try_emplace(std::string(text), static_cast<Index>(texts_.size()));
    if (isNew) texts_.push_back(&at->first);
    return at->second;
}

UserBook::UserBook() {
    texts_.put("");
    setSegments({}, {}, {});
}

std::uint64_t UserBook::identityHash(std::string_view user, std::string_view host) {
    std::uint64_t hash = 1469598103934665603ULL;
    const auto mix = [&hash](std::string_view text) {
        for (const char c : text) {
            const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
            hash = (hash ^ static_cast<unsigned char>(lower)) * 1099511628211ULL;
        }
        hash = (hash ^ 0xFFU) * 1099511628211ULL;
    };
    mix(user);
    mix(host);
    return hash;
}

Record* UserBook::find(UserId id) {
    const auto at = byId_.find(id);
    return at == byId_.end() ? nullptr : at->second.get();
}

Record* UserBook::findByAddress(Ip4 address) {
    const auto at = byAddress_.find(address);
    return at == byAddress_.end() ? nullptr : at->second;
}

std::vector<Record*> UserBook::findByIdentity(std::string_view user, std::string_view host) {
    std::vector<Record*> found;
    const auto [first, last] = byIdentity_.equal_range(identityHash(user, host));
    const std::string wantedUser = lowerAscii(user);
    const std::string wantedHost = lowerAscii(host);
    for (auto at = first; at != last; ++at) {
        if (lowerAscii(at->second->user) == wantedUser && lowerAscii(at->second->host) == wantedHost) {
            found.push_back(at->second);
        }
    }
    return found;
}

Record& UserBook::add(std::string_view user, std::string_view host, Ip4 address, TimePoint now) {
    auto owned = std::make_unique<Record>();
    Record& record = *owned;
    record.id = nextId_++;
    record.user = user;
    record.host = host;
    record.firstSeen = now;
    record.lastSeen = now;
    record.address = address;
    record.segment = segmentOf(address);
    byId_.emplace(record.id, std::move(owned));
    order_.emplace_back(record.id, &record);
    byIdentity_.emplace(identityHash(user, host), &record);
    if (auto* former = findByAddress(address); former != nullptr) former->address = Ip4{};
    byAddress_[address] = &record;
    linkNewest(record);
    record.revision = ++revision_;
    return record;
}

void UserBook::dropIdentity(const Record& record) {
    const auto [first, last] = byIdentity_.equal_range(identityHash(record.user, record.host));
    for (auto at = first; at != last; ++at) {
        if (at->second == &record) {
            byIdentity_.erase(at);
            return;
        }
    }
}

void UserBook::remove(UserId id) {
    const auto at = byId_.find(id);
    if (at == byId_.end()) return;
    Record& record = *at->second;
    dropIdentity(record);
    if (const auto address = byAddress_.find(record.address);
        address != byAddress_.end() && address->second == &record) {
        byAddress_.erase(address);
    }
    for (const auto& other : record.others) {
        const auto further = byAddress_.find(other.address);
        if (further != byAddress_.end() && further->second == &record) byAddress_.erase(further);
    }
    unlink(record);
    byId_.erase(at);
    std::lower_bound(order_.begin(), order_.end(), std::pair<UserId, Record*>{id, nullptr}, isBefore)->second = nullptr;
    if (++holes_ > 1024 && holes_ > order_.size() / 2) {
        std::erase_if(order_, [](const auto& known) { return known.second == nullptr; });
        holes_ = 0;
    }
}

void UserBook::setIdentity(Record& record, std::string_view user, std::string_view host) {
    if (record.user == user && record.host == host) return;
    dropIdentity(record);
    record.user = user;
    record.host = host;
    byIdentity_.emplace(identityHash(user, host), &record);
}

void UserBook::moveTo(Record& record, Ip4 address, TimePoint now) {
    if (record.address == address) return;
    if (auto* former = findByAddress(address); former != nullptr && former != &record && former->address == address) {
        former->address = Ip4{};
    }
    std::erase_if(record.others, [address](const UserAddress& other) { return other.address == address; });
    if (!record.address.isAny()) {
        record.others.push_back({record.address, record.port, record.firstSeen, record.lastSeen, false});
        if (record.others.size() > kMaxFormerAddresses) {
            const auto dropped = byAddress_.find(record.others.front().address);
            if (dropped != byAddress_.end() && dropped->second == &record) byAddress_.erase(dropped);
            record.others.erase(record.others.begin());
        }
    }
    record.address = address;
    record.segment = segmentOf(address);
    record.lastSeen = now;
    byAddress_[address] = &record;
}

void UserBook::noteFurtherAddress(Record& record, Ip4 address, TimePoint now) {
    if (address == record.address) return;
    for (auto& other : record.others) {
        if (other.address == address) {
            other.lastSeen = now;
            other.isCurrent = true;
            byAddress_[address] = &record;
            return;
        }
    }
    if (record.others.size() >= kMaxFormerAddresses) {
        const auto dropped = byAddress_.find(record.others.front().address);
        if (dropped != byAddress_.end() && dropped->second == &record) byAddress_.erase(dropped);
        record.others.erase(record.others.begin());
    }
    record.others.push_back({address, 2425, now, now, true});
    byAddress_[address] = &record;
}

void UserBook::unlink(Record& record) {
    if (record.older != nullptr) record.older->newer = record.newer;
    if (record.newer != nullptr) record.newer->older = record.older;
    if (newest_ == &record) newest_ = record.older;
    if (oldest_ == &record) oldest_ = record.newer;
    record.newer = record.older = nullptr;
}

void UserBook::linkNewest(Record& record) {
    record.older = newest_;
    record.newer = nullptr;
    if (newest_ != nullptr) newest_->newer = &record;
    newest_ = &record;
    if (oldest_ == nullptr) oldest_ = &record;
}

void UserBook::touch(Record& record) {
    unlink(record);
    linkNewest(record);
    record.revision = ++revision_;
}

void UserBook::forEach(const std::function<void(Record&)>& use) {
    for (auto& [id, record] : byId_)
        use(*record);
}

std::vector<Record*> UserBook::after(UserId after, std::size_t most) {
    std::vector<Record*> page;
    page.reserve(std::min(most, order_.size()));
    const std::pair<UserId, Record*> limit{after, nullptr};
    for (auto at = std::upper_bound(order_.begin(), order_.end(), limit, isBefore);
         at != order_.end() && page.size() < most; ++at) {
        if (at->second != nullptr) page.push_back(at->second);
    }
    return page;
}

void UserBook::setSegments(const std::vector<LanInterface>& own, const std::vector<BaseSite>& bases,
                           const std::vector<RangeLine>& ranges) {
    segments_.clear();
    expected_.clear();
    assumedIndex_.clear();
    const auto declare = [this](Network4 network, const std::string& base, Ip4 ownAddress) {
        for (auto& known : segments_) {
            if (known.network != network) continue;
            if (known.base.empty()) known.base = base;
            return;
        }
        segments_.push_back({network, base, ownAddress, false});
    };
    for (const auto& interface : own)
        declare(interface.network, "", interface.address);
    for (const auto& base : bases) {
        for (const auto& network : base.segments) {
            declare(network, base.name, {});
            expected_.push_back({network.first(), network.last()});
        }
    }
    for (const auto& line : ranges) {
        if (line.isExclusion || line.kind == RangeKind::Blank || line.kind == RangeKind::Name ||
            line.kind == RangeKind::Broadcast) {
            continue;
        }
        expected_.push_back({line.first, line.last});
        // A CIDR line tells the real mask; a wildcard is at most a good guess, the same as the assumed /24.
        if (line.kind == RangeKind::Cidr) {
            int prefix = 32;
            while (prefix > 0 && Network4::of(line.first, prefix).last() < line.last)
                --prefix;
            if (prefix >= 20 && prefix <= 30) declare(Network4::of(line.first, prefix), "", {});
        }
    }
    // Longest prefix first, so that the first match is the closest.
    std::stable_sort(segments_.begin(), segments_.end(), [](const SegmentInfo& left, const SegmentInfo& right) {
        return left.network.prefix > right.network.prefix;
    });
    // A base may claim a wider network that holds an own segment; the name carries over.
    for (auto& segment : segments_) {
        if (!segment.base.empty()) continue;
        for (const auto& wider : segments_) {
            if (!wider.base.empty() && wider.network.contains(segment.network.address)) {
                segment.base = wider.base;
                break;
            }
        }
    }
    declaredSegments_ = segments_.size();
    for (auto& [id, record] : byId_)
        record->segment = segmentOf(record->address);
}

std::uint32_t UserBook::segmentOf(Ip4 address) {
    for (std::size_t i = 0; i < declaredSegments_; ++i) {
        if (segments_[i].network.contains(address)) return static_cast<std::uint32_t>(i);
    }
    const auto [at, isNew] =
        assumedIndex_.try_emplace(address.value >> 8, static_cast<std::uint32_t>(segments_.size()));
    if (isNew) segments_.push_back({Network4::of(address, 24), "", {}, true});
    return at->second;
}

bool UserBook::isExpected(Ip4 address) const {
    for (std::size_t i = 0; i < declaredSegments_; ++i) {
        if (segments_[i].network.contains(address)) return true;
    }
    return std::any_of(expected_.begin(), expected_.end(),
                       [address](const AddressSpan& span) { return span.first <= address && address <= span.last; });
}

LanUser UserBook::toUser(const Record& record, Delivery delivery, TimePoint now) const {
    LanUser user;
    user.id = record.id;
    user.user = record.user;
    user.host = record.host;
    user.nick = record.nick;
    user.group = texts_.get(record.group);
    user.address = record.address;
    user.port = record.port;
    user.addresses = record.others;
    if (!record.address.isAny()) {
        user.addresses.push_back({record.address, record.port, record.firstSeen, record.lastSeen, true});
    }
    user.kind = record.kind;
    user.client = texts_.get(record.client);
    user.versionField = texts_.get(record.versionField);
    user.versionLine = texts_.get(record.versionLine);
    user.icon = texts_.get(record.icon);
    user.flags = record.flags;
    user.isAway = record.isAway;
    if (!record.configuredMaster.isAny()) user.configuredMaster = record.configuredMaster;
    user.presence = record.presence;
    user.firstSeen = record.firstSeen;
    user.lastSeen = record.lastSeen;
    user.lastAnswer = record.lastAnswer;
    if (record.roundTripMs >= 0) user.roundTrip = Duration{record.roundTripMs};
    const auto& segment = segments_[record.segment];
    user.segment = segment.network;
    user.isSegmentAssumed = segment.isAssumed;
    user.isOwnSegment = segment.isOwn();
    user.base = segment.base;
    user.delivery = delivery;
    user.lastListAt = std::max(record.courier.lastListAt, record.lastIntroducedAt);
    user.listedUsers = record.courier.listedUsers;
    if (record.stability && record.stability->isUnstable()) {
        user.instability = record.stability->current();
        if (user.instability->ignoredUntil && *user.instability->ignoredUntil <= now)
            user.instability->ignoredUntil.reset();
    }
    user.revision = record.revision;
    return user;
}

ipmsg::Entry UserBook::toEntry(const Record& record) const {
    ipmsg::Entry entry;
    entry.user = record.user;
    entry.host = record.host;
    entry.nick = record.nick;
    entry.group = texts_.get(record.group);
    entry.flags = record.flags;
    entry.versionField = texts_.get(record.versionField);
    entry.versionLine = texts_.get(record.versionLine);
    entry.isIptuxLayout = record.isIptuxLayout;
    entry.icon = texts_.get(record.icon);
    entry.isAbsent = record.isAway;
    return entry;
}

}  // namespace causeway::discovery
