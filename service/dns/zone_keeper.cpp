#include "service/dns/zone_keeper.h"

#include <set>
#include <utility>

namespace causeway::dns {

namespace {

constexpr std::size_t kOlderVersions = 16;

bool isSameAccess(const Zone& left, const Zone& right) {
    return left.servesInternet == right.servesInternet && left.lanSubnets == right.lanSubnets &&
           left.secondaries == right.secondaries;
}

std::uint32_t secondsOf(TimePoint now) {
    return static_cast<std::uint32_t>(epochMillis(now) / 1000);
}

}  // namespace

ZoneKeeper::Change ZoneKeeper::update(const std::vector<ZoneInput>& inputs, TimePoint now) {
    Change change;
    warnings_.clear();
    std::set<Name> wanted;
    for (const auto& input : inputs) {
        auto built = buildZone(input, 0);
        if (!built) {
            warnings_.push_back({input.domain, built.error()});
            continue;
        }
        const auto apex = built->zone.apex;
        if (!wanted.insert(apex).second) {
            warnings_.push_back({input.domain, Error{Code::Conflict, "The domain is there twice.", "", "Delete one."}});
            continue;
        }
        auto& row = rows_[apex];
        const bool isNew = !row.served.zone;
        if (isNew) row.served.counters = std::make_shared<ZoneCounters>(workers_);
        for (const auto& warning : built->warnings)
            warnings_.push_back({input.domain, warning});
        if (!isNew && row.input == input) continue;
        const auto previous = isNew ? 0U : row.served.zone->serial;
        row.input = input;
        if (!isNew && isSameContent(*row.served.zone, built->zone)) {
            if (isSameAccess(*row.served.zone, built->zone)) continue;
            // Secondaries see no difference, so the serial stays.
            auto same = buildZone(input, previous);
            INVARIANT(same);
            row.served.zone = std::make_shared<const Zone>(std::move(same->zone));
            change.isAny = true;
            continue;
        }
        auto floor = previous;
        if (input.serialFloor != 0 && (floor == 0 || isSerialAfter(input.serialFloor, floor)))
            floor = input.serialFloor;
        auto numbered = buildZone(input, nextSerial(floor, secondsOf(now)));
        INVARIANT(numbered);
        if (!isNew) {
            row.served.older.push_back(row.served.zone);
            if (row.served.older.size() > kOlderVersions) row.served.older.erase(row.served.older.begin());
        }
        row.served.zone = std::make_shared<const Zone>(std::move(numbered->zone));
        change.changed.push_back(row.served.zone);
        change.isAny = true;
    }
    for (auto row = rows_.begin(); row != rows_.end();) {
        if (wanted.contains(row->first)) {
            ++row;
            continue;
        }
        change.removed.push_back(row->first);
        change.isAny = true;
        row = rows_.erase(row);
    }
    return change;
}

std::vector<ServedZone> ZoneKeeper::zones() const {
    std::vector<ServedZone> out;
    out.reserve(rows_.size());
    for (const auto& [apex, row] : rows_)
        out.push_back(row.served);
    return out;
}

}  // namespace causeway::dns
