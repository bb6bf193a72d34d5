#include "shared/api/json_writer.h"

#include <doctest/doctest.h>

#include <limits>

#include "shared/api/json_document.h"

using namespace causeway;
using namespace causeway::api;

namespace {

template <class T>
std::string written(const T& value) {
    JsonWriter out;
    out.value(value);
    return out.take();
}

}  // namespace

TEST_CASE("the writer escapes what JSON wants escaped and keeps other text") {
    CHECK(written("plain") == R"("plain")");
    CHECK(written("a\"b\\c\n\r\t\x01") == R"("a\"b\\c\n\r\t\u0001")");
    CHECK(written("\xE5\xB1\xB1\xE7\x94\xB0 \xF0\x9F\x98\x80") == "\"\xE5\xB1\xB1\xE7\x94\xB0 \xF0\x9F\x98\x80\"");
}

TEST_CASE("bytes that are no UTF-8 still make valid JSON") {
    const auto json = written(std::string("a\xFF\x80z"));
    CHECK(json == "\"a\xEF\xBF\xBD\xEF\xBF\xBDz\"");
    CHECK(JsonDocument::parse(json).has_value());
}

TEST_CASE("numbers are written without locale and in full") {
    CHECK(written(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
    CHECK(written(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(written(std::uint16_t{2425}) == "2425");
    CHECK(written(0.5) == "0.5");
    CHECK(written(std::numeric_limits<double>::infinity()) == "null");
    CHECK(written(true) == "true");
}

TEST_CASE("times are the text of isoText, also far away") {
    for (const auto millis : {std::int64_t{0}, std::int64_t{1}, std::int64_t{999}, std::int64_t{1'790'000'000'123},
                              std::int64_t{253'402'300'799'999}, std::int64_t{-1}, std::int64_t{4'102'444'800'000}}) {
        const auto when = fromEpochMillis(millis);
        CHECK(written(when) == "\"" + isoText(when) + "\"");
    }
    JsonWriter out;
    out.beginObject();
    out.fieldOrNever("lastSeen", TimePoint{});
    out.field("maybe", std::optional<Duration>{});
    out.endObject();
    CHECK(out.take() == R"({"lastSeen":null,"maybe":null})");
}

TEST_CASE("commas stand between values only") {
    JsonWriter out;
    out.beginObject();
    out.field("a", 1);
    out.key("b");
    out.beginArray();
    out.beginObject();
    out.endObject();
    out.beginArray();
    out.endArray();
    out.value("x");
    out.endArray();
    out.field("c", false);
    out.endObject();
    CHECK(out.take() == R"({"a":1,"b":[{},[],"x"],"c":false})");
}
