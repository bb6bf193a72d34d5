#include "shared/base/time.h"

#include <cstdio>

#include "shared/base/cursor.h"

namespace causeway {

TimePoint fromUtc(const std::tm& parts) {
    using namespace std::chrono;
    const auto month = std::chrono::month{static_cast<unsigned>(parts.tm_mon + 1)};
    const sys_days day{year{parts.tm_year + 1900} / month / static_cast<unsigned>(parts.tm_mday)};
    return day + hours{parts.tm_hour} + minutes{parts.tm_min} + seconds{parts.tm_sec};
}

std::string isoText(TimePoint when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss<Duration> clock{when - day};
    char text[40];
    std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                  static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
    return text;
}

std::optional<TimePoint> parseIso(std::string_view text) {
    Cursor in{text};
    const auto number = [&in](std::size_t digits) -> int {
        const auto value = parseUnsigned(in.take(digits));
        if (!value) {
            in.fail();
            return 0;
        }
        return static_cast<int>(*value);
    };
    const int year = number(4);
    in.expect("-");
    const int month = number(2);
    in.expect("-");
    const int dayOfMonth = number(2);
    in.expect("T");
    const int hour = number(2);
    in.expect(":");
    const int minute = number(2);
    in.expect(":");
    const int second = number(2);
    int millis = 0;
    if (in.ok() && !in.rest().empty() && in.rest().front() == '.') {
        in.take(1);
        int scale = 100;
        std::size_t digits = 0;
        while (in.ok() && !in.rest().empty() && in.rest().front() >= '0' && in.rest().front() <= '9') {
            millis += (in.take(1).front() - '0') * scale;
            scale /= 10;
            ++digits;
        }
        if (digits == 0 || digits > 9) in.fail();
    }
    const auto zone = in.rest();
    if (!in.ok() || (zone != "Z" && zone != "+00:00")) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(dayOfMonth)}};
    if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
    return TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
           std::chrono::seconds{second} + Duration{millis};
}

}  // namespace causeway
