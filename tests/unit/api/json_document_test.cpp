#include "shared/api/json_document.h"

#include <doctest/doctest.h>

#include <array>

using namespace causeway;
using namespace causeway::api;

TEST_CASE("the parser reads every kind of value") {
    const std::string text = R"( {"a":[1,-2.5e3,0],"b":{"c":null,"d":true,"e":false},"f":"x\u00e9\ud83d\ude00\/\n"} )";
    const auto document = JsonDocument::parse(text);
    REQUIRE(document);
    const auto root = document->root();
    CHECK(root.isObject());
    CHECK(root.count() == 3);
    const auto a = root.find("a");
    CHECK(a.count() == 3);
    CHECK(a.first().next().text() == "-2.5e3");
    CHECK(root.find("b").find("c").isNull());
    CHECK(root.find("b").find("d").kind() == JsonKind::True);
    CHECK(root.find("f").text() == "x\xC3\xA9\xF0\x9F\x98\x80/\n");
    CHECK_FALSE(root.find("g"));
    // A hint behind the member does not hide it.
    CHECK(root.find("a", root.find("f")).isArray());
}

TEST_CASE("what is not JSON is refused with line and column") {
    struct Row {
        const char* text;
        const char* where;
    };
    const std::array rows{
        Row{"", "line 1, column 1"},
        Row{"{", "line 1, column 2"},
        Row{"{\"a\":1,}", "line 1, column 8"},
        Row{"{\"a\" 1}", "line 1, column 6"},
        Row{"[1 2]", "line 1, column 4"},
        Row{"[1,]", "line 1, column 4"},
        Row{"[01]", "line 1, column 4"},
        Row{"[1.]", "line 1, column 4"},
        Row{"[+1]", "line 1, column 2"},
        Row{"[NaN]", "line 1, column 2"},
        Row{"[nul]", "line 1, column 2"},
        Row{"\"a\nb\"", "line 1, column 3"},
        Row{"\"\\x\"", "line 1, column 3"},
        Row{"\"\\u12g4\"", "line 1, column 6"},
        Row{"\"\\ud800\"", "line 1, column 8"},
        Row{"\"\\ud800\\u0041\"", "line 1, column 14"},
        Row{"\"\xFF\"", "line 1, column 2"},
        Row{"\"open", "line 1, column 6"},
        Row{"{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3"},
        Row{"{} {}", "line 1, column 4"},
        Row{"{a:1}", "line 1, column 2"},
        Row{"// comment", "line 1, column 1"},
    };
    for (const auto& row : rows) {
        const std::string text = row.text;
        CAPTURE(text);
        const auto document = JsonDocument::parse(row.text);
        REQUIRE_FALSE(document);
        CHECK(document.error().code == Code::BadInput);
        const auto sentence = document.error().what;
        CAPTURE(sentence);
        CHECK(sentence.find(row.where) != std::string::npos);
    }
}

TEST_CASE("nesting and length have limits") {
    const std::string deep(33, '[');
    const auto tooDeep = JsonDocument::parse(deep + std::string(33, ']'));
    REQUIRE_FALSE(tooDeep);
    CHECK(tooDeep.error().what.find("deeper than 32") != std::string::npos);
    CHECK(JsonDocument::parse(std::string(32, '[') + std::string(32, ']')).has_value());
    const auto tooLong = JsonDocument::parse("[1,2,3]", {.bytes = 6});
    REQUIRE_FALSE(tooLong);
    CHECK(tooLong.error().code == Code::TooLong);
}

TEST_CASE("a name that is there twice is refused where requests are read") {
    const std::string text = R"({"a":1,"b":{"x":1,"y":2,"x":3}})";
    CHECK(JsonDocument::parse(text).has_value());
    const auto refused = JsonDocument::parse(text, {.refuseDuplicateNames = true});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("\"x\" is there twice") != std::string::npos);
}
