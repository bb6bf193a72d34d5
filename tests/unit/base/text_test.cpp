#include "shared/base/text.h"

#include <doctest/doctest.h>

#include "shared/base/bytes.h"

using namespace causeway;

TEST_CASE("blanks around a text are trimmed, inside it they stay") {
    CHECK(trimmed(" \t a b\r\n") == "a b");
    CHECK(trimmed("").empty());
    CHECK(trimmed(" \n\t ").empty());
    CHECK(trimmed("x") == "x");
}

TEST_CASE("splitting keeps empty parts") {
    using Parts = std::vector<std::string_view>;
    const auto isSplit = [](std::string_view text, const Parts& parts) { return split(text, ',') == parts; };
    CHECK(isSplit("a,b", {"a", "b"}));
    CHECK(isSplit("", {""}));
    CHECK(isSplit(",", {"", ""}));
    CHECK(isSplit("a,,b,", {"a", "", "b", ""}));
}

TEST_CASE("lower case touches A to Z only") {
    CHECK(lowerAscii("ABZ[az0É") == "abz[az0É");
}

TEST_CASE("UTF-8 is checked strictly, and cleaning makes any bytes valid and showable") {
    struct Row {
        std::string bytes;
        bool isValid;
        std::string clean;
    };
    const std::string mark = "\uFFFD";
    const std::vector<Row> rows{
        {"", true, ""},
        {"abc", true, "abc"},
        {"山田 é 😀", true, "山田 é 😀"},
        {"\x7f\x1f\n", true, "   "},
        {std::string("a\0b", 3), true, "a b"},
        {"\x80", false, mark},
        {"\xc0\xaf", false, mark + mark},
        {"\xc1\xbf", false, mark + mark},
        {"\xe0\x80\x80", false, mark + mark + mark},
        {"\xed\xa0\x80", false, mark + mark + mark},
        {"\xed\x9f\xbf", true, "\xed\x9f\xbf"},
        {"\xf0\x80\x80\x80", false, mark + mark + mark + mark},
        {"\xf4\x8f\xbf\xbf", true, "\xf4\x8f\xbf\xbf"},
        {"\xf4\x90\x80\x80", false, mark + mark + mark + mark},
        {"\xf5\x80\x80\x80", false, mark + mark + mark + mark},
        {"\xe5\xb1", false, mark + mark},
        {"a\xe5", false, "a" + mark},
        {"\xff\xfe", false, mark + mark},
    };
    for (const auto& row : rows) {
        CAPTURE(hexText(row.bytes));
        CHECK(isValidUtf8(row.bytes) == row.isValid);
        CHECK(cleanUtf8(row.bytes) == row.clean);
        CHECK(isValidUtf8(cleanUtf8(row.bytes)));
    }
}

TEST_CASE("a text is cut at a character border") {
    const std::string text = "aé山😀";  // 1 + 2 + 3 + 4 bytes
    const std::vector<std::size_t> sizes{0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    for (std::size_t limit = 0; limit < sizes.size(); ++limit) {
        CAPTURE(limit);
        CHECK(cutUtf8(text, limit).size() == sizes[limit]);
    }
}

TEST_CASE("hex goes both ways and refuses what is no hex") {
    CHECK(hexText(std::string("\0\x7f\xff", 3)) == "007fff");
    CHECK(parseHex("007FfF") == std::string("\0\x7f\xff", 3));
    CHECK(parseHex("") == "");
    for (const std::string text : {"0", "0g", "0x00", " 00", "00 "}) {
        CAPTURE(text);
        CHECK_FALSE(parseHex(text));
    }
}

TEST_CASE("base64 follows the published vectors") {
    struct Row {
        std::string bytes;
        std::string text;
    };
    for (const auto& row :
         {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"}, Row{"foob", "Zm9vYg=="},
          Row{"fooba", "Zm9vYmE="}, Row{"foobar", "Zm9vYmFy"}, Row{"\xfb\xff\xbf", "+/+/"}}) {
        CAPTURE(row.text);
        CHECK(base64Text(row.bytes) == row.text);
        CHECK(parseBase64(row.text) == row.bytes);
    }
    for (const std::string text : {"Z", "Zg", "Zg=", "=g==", "Zg==Zg==", "Z===", "Zm9v ", "Zm-v", "Zg=v", "===="}) {
        CAPTURE(text);
        CHECK_FALSE(parseBase64(text));
    }
}

TEST_CASE("every byte survives hex and base64") {
    std::string all;
    for (int value = 0; value < 256; ++value)
        all += static_cast<char>(value);
    CHECK(parseHex(hexText(all)) == all);
    CHECK(parseBase64(base64Text(all)) == all);
    CHECK(std::string(textOf(bytesOf(all))) == all);
}

TEST_CASE("characters that break or turn a line unseen become blanks, their neighbours stay") {
    // A name with U+202E would show "exe.txt" as "txt.exe"; U+0085 and U+2028 would start a second line of the log.
    CHECK(cleanUtf8("a\xE2\x80\xAE"
                    "b") == "a b");
    for (const char* hidden : {"\xC2\x80", "\xC2\x85", "\xC2\x9B", "\xC2\x9F", "\xE2\x80\xA8", "\xE2\x80\xA9",
                               "\xE2\x80\xAA", "\xE2\x80\xAE", "\xE2\x81\xA6", "\xE2\x81\xA9"}) {
        CHECK(cleanUtf8(hidden) == " ");
    }
    for (const char* seen : {"\xC2\xA0", "\xC2\xBF", "\xC3\x85", "\xE2\x80\xA7", "\xE2\x80\xAF", "\xE2\x81\xA5",
                             "\xE2\x81\xAA", "\xE3\x80\xA8"}) {
        CHECK(cleanUtf8(seen) == seen);
    }
}
