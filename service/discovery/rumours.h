#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/time.h"

namespace causeway::discovery {

/// Addresses that a packet named but that have not answered yet. Two pools of the same size: expected addresses (own
/// segments, bases, ranges) and the rest, so that forged packets from anywhere never push out a colleague. A full pool
/// gives up a random one of its own, which is fair under a flood. Each rumour is asked twice, 3 s apart, and then
/// dropped.
class Rumours {
public:
    explicit Rumours(std::size_t limit) : limit_(limit) {}

    void setLimit(std::size_t limit) { limit_ = limit; }
    /// False if it was there already.
    bool add(Ip4 address, Ip4 ownAddress, bool isExpected, TimePoint now);
    void remove(Ip4 address);
    bool contains(Ip4 address) const;
    /// The next one to ask, expected ones first; its second turn is queued. Drops those that had both turns.
    struct Turn {
        Ip4 address;
        Ip4 ownAddress;
    };
    std::optional<Turn> next(TimePoint now);
    std::optional<TimePoint> nextDeadline() const;
    std::size_t size() const { return expected_.known.size() + others_.known.size(); }

    static constexpr Duration kAskAgain = 3s;
    static constexpr Duration kLife = 9s;
    static constexpr std::size_t kLongQueue = 256;

private:
    struct Rumour {
        TimePoint bornAt{};
        Ip4 ownAddress;
        std::uint8_t asked = 0;
        std::uint32_t slot = 0;
    };
    struct Pool {
        std::unordered_map<Ip4, Rumour> known;
        std::vector<Ip4> slots;                        ///< for random eviction
        std::deque<std::pair<TimePoint, Ip4>> turns;   ///< in order of time: first turns
        std::deque<std::pair<TimePoint, Ip4>> second;  ///< and second turns, and the end of life
    };
    static std::optional<Turn> nextOf(Pool& pool, TimePoint now);
    static void drop(Pool& pool, Ip4 address);

    std::size_t limit_;
    Pool expected_;
    Pool others_;
    std::minstd_rand random_{2425};
};

}  // namespace causeway::discovery
