#include "service/discovery/rumours.h"

#include <algorithm>

namespace causeway::discovery {

bool Rumours::contains(Ip4 address) const {
    return expected_.known.contains(address) || others_.known.contains(address);
}

void Rumours::drop(Pool& pool, Ip4 address) {
    const auto at = pool.known.find(address);
    if (at == pool.known.end()) return;
    const std::uint32_t slot = at->second.slot;
    pool.slots[slot] = pool.slots.back();
    pool.known[pool.slots[slot]].slot = slot;
    pool.slots.pop_back();
    pool.known.erase(address);
}

bool Rumours::add(Ip4 address, Ip4 ownAddress, bool isExpected, TimePoint now) {
    if (contains(address)) return false;
    Pool& pool = isExpected ? expected_ : others_;
    const std::size_t room = std::max<std::size_t>(1, limit_ / 2);
    if (pool.known.size() >= room) {
        drop(pool, pool.slots[std::uniform_int_distribution<std::size_t>{0, pool.slots.size() - 1}(random_)]);
    }
    Rumour rumour;
    rumour.bornAt = now;
    rumour.ownAddress = ownAddress;
    rumour.slot = static_cast<std::uint32_t>(pool.slots.size());
    pool.slots.push_back(address);
    pool.known.emplace(address, rumour);
    pool.turns.emplace_back(now, address);
    // Turns of dropped rumours stay until their time; under a flood they are cut from the old end, with their rumours.
    while (pool.turns.size() > room * 2) {
        const Ip4 oldest = pool.turns.front().second;
        pool.turns.pop_front();
        const auto at = pool.known.find(oldest);
        if (at != pool.known.end() && at->second.asked == 0) drop(pool, oldest);
    }
    return true;
}

void Rumours::remove(Ip4 address) {
    drop(expected_, address);
    drop(others_, address);
}

std::optional<Rumours::Turn> Rumours::nextOf(Pool& pool, TimePoint now) {
    while (!pool.second.empty() && pool.second.front().first <= now) {
        const auto [when, address] = pool.second.front();
        pool.second.pop_front();
        const auto at = pool.known.find(address);
        if (at == pool.known.end()) continue;
        if (now - at->second.bornAt >= kLife || at->second.asked >= 2) {
            drop(pool, address);
            continue;
        }
        ++at->second.asked;
        pool.second.emplace_back(now + kAskAgain * 2, address);
        return Turn{address, at->second.ownAddress};
    }
    while (!pool.turns.empty() && pool.turns.front().first <= now) {
        // With a long queue behind us whoever came last goes first: most of the others are forged or gone by now, and a
        // real newcomer speaks again soon. In order of age everybody would wait for the whole flood.
        const bool isFlooded = pool.turns.size() > kLongQueue && pool.turns.back().first <= now;
        const auto [when, address] = isFlooded ? pool.turns.back() : pool.turns.front();
        if (isFlooded) {
            pool.turns.pop_back();
        } else {
            pool.turns.pop_front();
        }
        const auto at = pool.known.find(address);
        if (at == pool.known.end() || at->second.asked != 0) continue;
        ++at->second.asked;
        // The clock of a rumour starts with its first question: it may have waited long for a token.
        at->second.bornAt = now;
        pool.second.emplace_back(now + kAskAgain, address);
        return Turn{address, at->second.ownAddress};
    }
    return std::nullopt;
}

std::optional<Rumours::Turn> Rumours::next(TimePoint now) {
    if (auto turn = nextOf(expected_, now)) return turn;
    return nextOf(others_, now);
}

std::optional<TimePoint> Rumours::nextDeadline() const {
    std::optional<TimePoint> next;
    for (const Pool* pool : {&expected_, &others_}) {
        for (const auto* queue : {&pool->turns, &pool->second}) {
            if (!queue->empty() && (!next || queue->front().first < *next)) next = queue->front().first;
        }
    }
    return next;
}

}  // namespace causeway::discovery
