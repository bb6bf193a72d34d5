#pragma once

#include <chrono>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace causeway {

using namespace std::chrono_literals;

using Duration = std::chrono::milliseconds;

/// Milliseconds since 1970 UTC. Policy and cores are told this and never ask a clock. The event loop makes it from the
/// steady clock, anchored to the wall clock at start, so it never jumps (docs/dev/decisions/0003-time.md).
using TimePoint = std::chrono::sys_time<Duration>;

inline std::int64_t epochMillis(TimePoint when) {
    return when.time_since_epoch().count();
}
inline TimePoint fromEpochMillis(std::int64_t millis) {
    return TimePoint{Duration{millis}};
}

/// Year, month, day, hour, minute and second of `parts` as UTC, whatever its zone; no day that does not exist is
/// mended.
TimePoint fromUtc(const std::tm& parts);

/// "2026-11-22T01:02:03.004Z"; always UTC, always milliseconds.
std::string isoText(TimePoint when);
/// Reads what isoText writes; fraction of 0..9 digits, "Z" or "+00:00".
std::optional<TimePoint> parseIso(std::string_view text);

}  // namespace causeway
