#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "shared/base/time.h"

namespace causeway::dns {

/// Queries of one domain. Every worker has a slot of its own, so counting costs no contention; readers add them up.
class ZoneCounters {
public:
    explicit ZoneCounters(std::size_t workers) : slots_(workers) {}

    void count(std::size_t worker, TimePoint now) {
        auto& slot = slots_[worker];
        // One writer a slot: no read-modify-write on the bus.
        slot.queries.store(slot.queries.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        slot.last.store(epochMillis(now), std::memory_order_relaxed);
    }
    std::uint64_t queries() const;
    std::optional<TimePoint> lastQuery() const;

private:
    struct alignas(64) Slot {
        std::atomic<std::uint64_t> queries{0};
        std::atomic<std::int64_t> last{0};
    };
    std::vector<Slot> slots_;
};

/// What one worker did with queries; written by that worker, read by any thread.
struct WorkerCounters {
    struct Counter {
        std::atomic<std::uint64_t> value{0};
        void add() { value.store(value.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed); }
        std::uint64_t get() const { return value.load(std::memory_order_relaxed); }
    };
    Counter queries;    ///< datagrams or messages received
    Counter answered;   ///< with data
    Counter noName;     ///< NXDOMAIN
    Counter noData;     ///< the name is there, the type is not
    Counter refused;    ///< not ours, or not for this client
    Counter malformed;  ///< FORMERR, NOTIMP, BADVERS, or dropped as no query
    Counter truncated;  ///< TC, because the answer was too long
    Counter limited;    ///< by the rate limit, dropped or answered with TC
};

}  // namespace causeway::dns
