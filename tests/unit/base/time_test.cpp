#include "shared/base/time.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace causeway;

TEST_CASE("a time is written in UTC with milliseconds and read back") {
    struct Row {
        std::int64_t millis;
        std::string text;
    };
    for (const auto& row : {Row{0, "1970-01-01T00:00:00.000Z"}, Row{1700000000123, "2023-11-14T22:13:20.123Z"},
                            Row{951782400000, "2000-02-29T00:00:00.000Z"}, Row{-1, "1969-12-31T23:59:59.999Z"},
                            Row{4102444799999, "2099-12-31T23:59:59.999Z"}}) {
        CAPTURE(row.text);
        CHECK(isoText(fromEpochMillis(row.millis)) == row.text);
        const auto read = parseIso(row.text);
        REQUIRE(read);
        CHECK(epochMillis(*read) == row.millis);
    }
}

TEST_CASE("the parts of a date are read as UTC") {
    std::tm parts{};
    parts.tm_year = 126;
    parts.tm_mon = 10;
    parts.tm_mday = 22;
    parts.tm_hour = 23;
    parts.tm_min = 59;
    parts.tm_sec = 58;
    CHECK(isoText(fromUtc(parts)) == "2026-11-22T23:59:58.000Z");
    parts.tm_year = 0;
    CHECK(isoText(fromUtc(parts)) == "1900-11-22T23:59:58.000Z");
    parts.tm_year = 8099;  // certificates without an end
    CHECK(isoText(fromUtc(parts)) == "9999-11-22T23:59:58.000Z");
}

TEST_CASE("fractions of any length up to nine digits are read to the millisecond") {
    struct Row {
        std::string text;
        std::int64_t millis;
    };
    for (const auto& row : {Row{"1970-01-01T00:00:01Z", 1000}, Row{"1970-01-01T00:00:01.5Z", 1500},
                            Row{"1970-01-01T00:00:01.123456789Z", 1123}, Row{"1970-01-01T00:00:01.001+00:00", 1001}}) {
        CAPTURE(row.text);
        const auto read = parseIso(row.text);
        REQUIRE(read);
        CHECK(epochMillis(*read) == row.millis);
    }
}

TEST_CASE("a text that is no time in UTC is refused") {
    for (const std::string text :
         {"", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-02-29T00:00:00Z",
          "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-11-31T00:00:00Z", "2023-11-14T24:00:00Z",
          "2023-11-14T22:60:00Z", "2023-11-14T22:13:60Z", "2023-11-14T22:13:20.Z", "2023-11-14T22:13:20.1234567890Z",
          "2023-11-14T22:13:20+01:00", "2023-11-14T22:13:20Zx", "-023-11-14T22:13:20Z", "2023-11-14T22:13:2xZ"}) {
        CAPTURE(text);
        CHECK_FALSE(parseIso(text));
    }
}
