#include "service/dns/counters.h"

#include <algorithm>

namespace causeway::dns {

std::uint64_t ZoneCounters::queries() const {
    std::uint64_t sum = 0;
    for (const auto& slot : slots_)
        sum += slot.queries.load(std::memory_order_relaxed);
    return sum;
}

std::optional<TimePoint> ZoneCounters::lastQuery() const {
    std::int64_t last = 0;
    for (const auto& slot : slots_)
        last = std::max(last, slot.last.load(std::memory_order_relaxed));
    if (last == 0) return std::nullopt;
    return fromEpochMillis(last);
}

}  // namespace causeway::dns
