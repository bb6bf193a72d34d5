#include "shared/proto/ipmsg/charset.h"

#include <doctest/doctest.h>

#include <thread>
#include <vector>

#include "shared/base/text.h"

using namespace causeway;
using namespace causeway::ipmsg;

TEST_CASE("a field is decoded by promise, then as UTF-8, then by the legacy code page, then with replaced bytes") {
    struct Row {
        const char* what;
        std::string bytes;
        bool promisedUtf8;
        const char* charset;
        std::string text;
    };
    const std::vector<Row> rows{
        {"ASCII", "taro", false, "cp932", "taro"},
        {"empty", "", false, "cp932", ""},
        {"UTF-8 without a promise", "山田", false, "cp932", "山田"},
        {"UTF-8 with a promise", "営業", true, "cp932", "営業"},
        {"CP932", "\x8e\x52\x93\x63", false, "cp932", "山田"},
        {"CP932, other name of it", "\x89\x63\x8b\xc6", false, "Shift_JIS", "営業"},
        {"CP932 backslash stays", "a\\b\x89\x63", false, "cp932", "a\\b営"},
        {"CP932 half-width kana", "\xb6\xc5", false, "cp932", "ｶﾅ"},
        {"CP932 NEC special character", "\x87\x40", false, "cp932", "①"},
        {"CP932 byte that is no character", "\x8e", false, "cp932", "\uFFFD"},
        {"GBK", "\xd6\xd0\xce\xc4", false, "gbk", "中文"},
        {"GB18030, four bytes", "\x82\x35\x8f\x33", false, "gb18030", "\u9FA6"},
        {"Big5", "\xa4\xa4\xa4\xe5", false, "big5", "中文"},
        {"Western", "M\xfcller", false, "windows-1252", "Müller"},
        {"promise broken", "M\xfcller", true, "windows-1252", "M\uFFFDller"},
        {"unknown charset", "M\xfcller", false, "no-such-charset", "M\uFFFDller"},
        {"no charset", "M\xfcller", false, "", "M\uFFFDller"},
        {"path instead of a charset", "M\xfcller", false, "../x", "M\uFFFDller"},
        {"control characters",
         "a\x01"
         "b\tc\x7f",
         false, "cp932", "a b c "},
        {"control characters beside CP932", "\x01\x8e\x52", false, "cp932", " 山"},
        {"NUL beside CP932", std::string("\0\x8e\x52", 3), false, "cp932", " 山"},
        {"surrogate in UTF-8", "\xed\xa0\x80", true, "cp932", "\uFFFD\uFFFD\uFFFD"},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        const auto text = decodeField(row.bytes, row.promisedUtf8, row.charset);
        CHECK(text == row.text);
        CHECK(isValidUtf8(text));
    }
}

TEST_CASE("a converter starts afresh for each field") {
    // The first field ends inside a character; its rest must not leak into the next one.
    CHECK(decodeField("\x8e", false, "cp932") == "\uFFFD");
    CHECK(decodeField("\x52\x93\x63", false, "cp932") == "R田");
}

TEST_CASE("the charset check knows what ICU can convert and nothing else") {
    for (const char* known : {"cp932", "CP932", "gbk", "gb18030", "windows-1252", "big5", "euc-kr", "iso-8859-15"}) {
        CAPTURE(std::string(known));
        CHECK(isKnownCharset(known));
    }
    const std::string longName(200, 'a');
    for (const char* unknown : {"", " ", "klingon", "../cp932", "cp932,x=y", longName.c_str()}) {
        CAPTURE(std::string(unknown));
        CHECK_FALSE(isKnownCharset(unknown));
    }
}

TEST_CASE("threads decode different charsets at the same time") {
    std::vector<std::thread> threads;
    std::vector<int> wrong(4, 0);
    for (std::size_t i = 0; i < wrong.size(); ++i) {
        threads.emplace_back([&wrong, i] {
            for (int round = 0; round < 2000; ++round) {
                const bool isChinese = (static_cast<std::size_t>(round) + i) % 2 == 0;
                const auto text = isChinese ? decodeField("\xd6\xd0\xce\xc4", false, "gbk")
                                            : decodeField("\x8e\x52\x93\x63", false, "cp932");
                if (text != (isChinese ? "中文" : "山田")) ++wrong[i];
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    CHECK(wrong == std::vector<int>(4, 0));
}
