#include "shared/base/cursor.h"

#include <doctest/doctest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace causeway;

TEST_CASE("a cursor reads exactly what it is asked for") {
    Cursor in{"ab:cd:ef"};
    CHECK(in.take(1) == "a");
    CHECK(in.until(':') == "b");
    CHECK(in.position() == 3);
    CHECK(in.rest() == "cd:ef");
    in.expect("cd");
    CHECK(in.untilOrEnd(':').empty());
    CHECK_FALSE(in.atEnd());
    CHECK(in.untilOrEnd(':') == "ef");
    CHECK(in.atEnd());
    CHECK(in.ok());
    CHECK(in.untilOrEnd(':').empty());
    CHECK(in.ok());
    CHECK(in.take(0).empty());
    CHECK(in.ok());
}

TEST_CASE("the first error of a cursor sticks and moves nothing") {
    Cursor in{"abc"};
    in.take(1);
    CHECK(in.take(3).empty());
    CHECK_FALSE(in.ok());
    CHECK(in.position() == 1);
    CHECK(in.take(1).empty());
    CHECK(in.until('c').empty());
    CHECK(in.untilOrEnd('c').empty());
    CHECK(in.rest().empty());
    CHECK(in.position() == 1);
}

TEST_CASE("a cursor cannot be made to overflow by a huge count") {
    Cursor in{"abc"};
    in.take(2);
    CHECK(in.take(std::numeric_limits<std::size_t>::max()).empty());
    CHECK_FALSE(in.ok());
}

TEST_CASE("a missing stop or an unexpected text is an error") {
    Cursor noStop{"abc"};
    CHECK(noStop.until(':').empty());
    CHECK_FALSE(noStop.ok());
    Cursor other{"abc"};
    other.expect("abd");
    CHECK_FALSE(other.ok());
    Cursor given{"abc"};
    given.fail();
    CHECK_FALSE(given.ok());
    CHECK(given.take(1).empty());
}

TEST_CASE("unsigned numbers are read whole or not at all") {
    struct Row {
        std::string text;
        int base;
        std::optional<std::uint64_t> value;
    };
    const std::vector<Row> rows{
        {"0", 10, 0},
        {"42", 10, 42},
        {"007", 10, 7},
        {"18446744073709551615", 10, 18446744073709551615ULL},
        {"18446744073709551616", 10, std::nullopt},
        {"", 10, std::nullopt},
        {" 1", 10, std::nullopt},
        {"1 ", 10, std::nullopt},
        {"+1", 10, std::nullopt},
        {"-1", 10, std::nullopt},
        {"1x", 10, std::nullopt},
        {"ff", 16, 255},
        {"FF", 16, 255},
        {"0x10", 16, std::nullopt},
        {"g", 16, std::nullopt},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const bool isRight = parseUnsigned(row.text, row.base) == row.value;
        CHECK(isRight);
    }
}
