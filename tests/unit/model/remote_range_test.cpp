#include "shared/model/remote_range.h"

#include <doctest/doctest.h>

#include <set>

using namespace causeway;

namespace {

Ip4 ip(const char* text) {
    const auto parsed = Ip4::parse(text);
    REQUIRE(parsed);
    return *parsed;
}

Network4 net(const char* text) {
    const auto parsed = Network4::parse(text);
    REQUIRE(parsed);
    return *parsed;
}

RangeLine line(const std::string& text) {
    auto parsed = parseRangeLine(text);
    REQUIRE_MESSAGE(parsed, text, ": ", parsed.error().text());
    return *parsed;
}

std::vector<RangeLine> lines(const std::vector<std::string>& texts) {
    std::vector<RangeLine> out;
    out.reserve(texts.size());
    for (const auto& text : texts)
        out.push_back(line(text));
    return out;
}

RangePlan plan(const std::vector<std::string>& texts, const std::vector<Network4>& own = {}) {
    auto made = planRanges(lines(texts), own);
    REQUIRE(made);
    return *made;
}

std::string spansText(const RangePlan& made) {
    std::string out;
    for (const auto& span : made.spans)
        out += (out.empty() ? "" : " ") + span.first.text() + "-" + span.last.text();
    return out;
}

}  // namespace

TEST_CASE("every form of a range line is read") {
    struct Row {
        std::string text;
        RangeKind kind;
        bool isExclusion;
        std::string first;
        std::string last;
        std::uint64_t addresses;
        std::string name;
        std::string comment;
    };
    const std::string none = "0.0.0.0";
    const std::vector<Row> rows{
        {"", RangeKind::Blank, false, none, none, 0, "", ""},
        {"   \t ", RangeKind::Blank, false, none, none, 0, "", ""},
        {"# the branch ", RangeKind::Blank, false, none, none, 0, "", "the branch"},
        {"192.168.1.7", RangeKind::Single, false, "192.168.1.7", "192.168.1.7", 1, "", ""},
        {"192.168.1.255", RangeKind::Single, false, "192.168.1.255", "192.168.1.255", 1, "", ""},
        {" 192.168.1.7\t# boss\r", RangeKind::Single, false, "192.168.1.7", "192.168.1.7", 1, "", "boss"},
        {"192.168.1.7#boss", RangeKind::Single, false, "192.168.1.7", "192.168.1.7", 1, "", "boss"},
        {"192.168.1.*", RangeKind::Wildcard, false, "192.168.1.0", "192.168.1.255", 256, "", ""},
        {"10.1.*.*", RangeKind::Wildcard, false, "10.1.0.0", "10.1.255.255", 65536, "", ""},
        {"192.168.0.0/23", RangeKind::Cidr, false, "192.168.0.0", "192.168.1.255", 512, "", ""},
        {"10.1.0.0/16", RangeKind::Cidr, false, "10.1.0.0", "10.1.255.255", 65536, "", ""},
        {"10.1.2.3/32", RangeKind::Cidr, false, "10.1.2.3", "10.1.2.3", 1, "", ""},
        {"10.1.2.4 / 30", RangeKind::Cidr, false, "10.1.2.4", "10.1.2.7", 4, "", ""},
        {"192.168.1.10-192.168.1.99", RangeKind::FromTo, false, "192.168.1.10", "192.168.1.99", 90, "", ""},
        {"192.168.1.10 - 192.168.2.9", RangeKind::FromTo, false, "192.168.1.10", "192.168.2.9", 256, "", ""},
        {"192.168.1.10-99", RangeKind::FromTo, false, "192.168.1.10", "192.168.1.99", 90, "", ""},
        {"192.168.1.10-10", RangeKind::FromTo, false, "192.168.1.10", "192.168.1.10", 1, "", ""},
        {"broadcast 192.168.1.255", RangeKind::Broadcast, false, "192.168.1.255", "192.168.1.255", 0, "", ""},
        {"Broadcast\t10.1.1.127", RangeKind::Broadcast, false, "10.1.1.127", "10.1.1.127", 0, "", ""},
        {"PC-Alice.Example.com", RangeKind::Name, false, none, none, 0, "pc-alice.example.com", ""},
        {"pc-alice.example.com.", RangeKind::Name, false, none, none, 0, "pc-alice.example.com", ""},
        {"fileserver", RangeKind::Name, false, none, none, 0, "fileserver", ""},
        {"broadcasts.example.com", RangeKind::Name, false, none, none, 0, "broadcasts.example.com", ""},
        {"10-20.example.com", RangeKind::Name, false, none, none, 0, "10-20.example.com", ""},
        {"3com", RangeKind::Name, false, none, none, 0, "3com", ""},
        {"!192.168.1.7", RangeKind::Single, true, "192.168.1.7", "192.168.1.7", 1, "", ""},
        {"! 192.168.1.* # phones", RangeKind::Wildcard, true, "192.168.1.0", "192.168.1.255", 256, "", "phones"},
        {"!10.0.0.0/8", RangeKind::Cidr, true, "10.0.0.0", "10.255.255.255", 16777216, "", ""},
        {"!192.168.1.10-99", RangeKind::FromTo, true, "192.168.1.10", "192.168.1.99", 90, "", ""},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto read = line(row.text);
        CHECK(std::string(wordOf(read.kind)) == wordOf(row.kind));
        CHECK(read.isExclusion == row.isExclusion);
        CHECK(read.first.text() == row.first);
        CHECK(read.last.text() == row.last);
        CHECK(read.addresses() == row.addresses);
        CHECK(read.name == row.name);
        CHECK(read.comment == row.comment);
    }
}

TEST_CASE("a wrong line is refused with its column and a sentence with the remedy") {
    struct Row {
        std::string text;
        Code code;
        std::size_t column;
        std::string words;  ///< must stand in the text
    };
    const std::vector<Row> rows{
        {"*", Code::TooMany, 0, "whole Internet"},
        {"*.*.*.*", Code::TooMany, 0, "whole Internet"},
        {"0.0.0.0/0", Code::TooMany, 0, "whole Internet"},
        {" 0.0.0.0/0", Code::TooMany, 1, "192.168.1.*"},
        {"!*.*.*.*", Code::TooMany, 1, "whole Internet"},
        {"!0.0.0.0/0", Code::TooMany, 1, "whole Internet"},
        {"10.*.*.*", Code::TooMany, 0, "16,777,216"},
        {"10.0.0.0/8", Code::TooMany, 0, "at most 65,536"},
        {"10.0.0.0/15", Code::TooMany, 0, "131,072"},
        {"10.1.0.0-10.2.0.0", Code::TooMany, 0, "65,537"},
        {"10.1.2.3/24", Code::BadInput, 0, "Write 10.1.2.0/24."},
        {"  10.1.2.3/24", Code::BadInput, 2, "it lies in 10.1.2.0/24"},
        {"192.168.1.0/255.255.255.0", Code::BadInput, 12, "Write 192.168.1.0/24."},
        {"192.168.1.0/255.0.255.0", Code::BadInput, 12, "length of the network mask"},
        {"192.168.1.0/33", Code::BadInput, 12, "0 to 32"},
        {"192.168.1.0/", Code::BadInput, 12, "0 to 32"},
        {"192.168.1.*/24", Code::BadInput, 0, "not both"},
        {"192.168.*.1", Code::BadInput, 8, "only stand at the end"},
        {"192.168.1*", Code::BadInput, 0, "four"},
        {"192.168.1.1*", Code::BadInput, 10, "whole part"},
        {"192.168.*", Code::BadInput, 0, "has 3 parts"},
        {"192.168.1", Code::BadInput, 0, "has 3 parts"},
        {"7", Code::BadInput, 0, "has 1 part,"},
        {"1.2.3.4.5", Code::BadInput, 0, "has 5 parts"},
        {"192.168.256.1", Code::BadInput, 8, "256 in \"192.168.256.1\" is larger than 255"},
        {"192.168.1.256", Code::BadInput, 10, "0 to 255"},
        {"192.168.001.1", Code::BadInput, 8, "Write 1."},
        {"192.168..1", Code::BadInput, 8, "not a number"},
        {"192.168.1.99-192.168.1.10", Code::BadInput, 13, "Write 192.168.1.10-192.168.1.99."},
        {"192.168.1.99-10", Code::BadInput, 13, "comes before"},
        {"192.168.1.10-256", Code::BadInput, 13, "larger than 255"},
        {"192.168.1.10-", Code::BadInput, 13, "missing"},
        {"-192.168.1.10", Code::BadInput, 0, "missing"},
        {"192.168.1.10-20-30", Code::BadInput, 13, "more than one \"-\""},
        {"192.168.1.10-192.168.1.*", Code::BadInput, 13, "single addresses"},
        {"192.168.1.0/24-192.168.2.0", Code::BadInput, 0, "single addresses"},
        {"broadcast", Code::BadInput, 9, "no address"},
        {"broadcast.", Code::BadInput, 0, "full name"},
        {"broadcast   ", Code::BadInput, 9, "no address"},
        {"broadcast 192.168.1.0/24", Code::BadInput, 10, "Write \"broadcast 192.168.1.255\"."},
        {"broadcast 192.168.1.*", Code::BadInput, 10, "one address is needed"},
        {"broadcast 255.255.255.255", Code::BadInput, 10, "never leaves the own segment"},
        {"broadcast 224.0.0.1", Code::BadInput, 0, "multicast"},
        {"broadcast pc", Code::BadInput, 10, "four"},
        {"!", Code::BadInput, 0, "nothing behind"},
        {"! # x", Code::BadInput, 0, "nothing behind"},
        {"!pc.example.com", Code::BadInput, 0, "DNS name cannot be excluded"},
        {"!broadcast 192.168.1.255", Code::BadInput, 0, "broadcast cannot be excluded"},
        {"0.1.2.3", Code::BadInput, 0, "belong to no computer"},
        {"127.0.0.1", Code::BadInput, 0, "this computer itself"},
        {"127.*.*.*", Code::BadInput, 0, "this computer itself"},
        {"126.255.255.250-127.0.0.5", Code::BadInput, 0, "this computer itself"},
        {"224.0.0.*", Code::BadInput, 0, "multicast"},
        {"223.255.255.0-224.0.0.0", Code::BadInput, 0, "multicast"},
        {"255.255.255.255", Code::BadInput, 0, "belong to no computer"},
        {"!127.0.0.1", Code::BadInput, 1, "this computer itself"},
        {"192.168.1.1, 192.168.1.2", Code::BadInput, 11, "own line"},
        {"192.168.1.1;192.168.1.2", Code::BadInput, 11, "own line"},
        {"192.168.1.1 192.168.1.2", Code::BadInput, 12, "own line"},
        {"192.168.1.0/24  192.168.2.0/24", Code::BadInput, 16, "own line"},
        {"192.168.1.1 - 5 192.168.2.1", Code::BadInput, 16, "own line"},
        {"192.168.1.1 branch", Code::BadInput, 12, "comment behind #"},
        {"192.168.1.1:2425", Code::BadInput, 11, "always listen on port 2425"},
        {"fe80::1", Code::BadInput, 0, "IPv6"},
        {"192.168.1.x", Code::BadInput, 10, "192.168.1.*"},
        {"pc..example.com", Code::BadInput, 3, "empty part"},
        {"-pc.example.com", Code::BadInput, 0, "neither an address nor a DNS name"},
        {"pc-.example.com", Code::BadInput, 2, "neither an address nor a DNS name"},
        {"pc$.example.com", Code::BadInput, 2, "neither an address nor a DNS name"},
        {"0x7f.1.1.1", Code::BadInput, 0, "neither an address nor a DNS name"},
        {"büro.example.com", Code::BadInput, 1, "xn--"},
        {"192.168.1.10–99", Code::BadInput, 12, "plain -"},
        {std::string(64, 'a') + ".example.com", Code::BadInput, 0, "63 bytes"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto read = parseRangeLine(row.text);
        REQUIRE_FALSE(read);
        CAPTURE(read.error().text());
        CHECK(std::string(codeText(read.error().code)) == codeText(row.code));
        REQUIRE(read.error().place);
        CHECK(*read.error().place == row.column);
        CHECK(read.error().text().find(row.words) != std::string::npos);
        CHECK(read.error().text().back() == '.');
        CHECK_FALSE(read.error().todo.empty());
    }
    std::string longName;
    for (int i = 0; i < 64; ++i)
        longName += "abc.";
    CHECK_FALSE(parseRangeLine(longName + "example"));
}

TEST_CASE("loopback ranges are for tests only") {
    CHECK_FALSE(parseRangeLine("127.0.0.1"));
    CHECK(parseRangeLine("127.0.0.1", true));
    CHECK(parseRangeLine("127.1.0.*", true));
    CHECK(parseRangeLine("broadcast 127.255.255.255", true));
    CHECK_FALSE(parseRangeLine("0.0.0.1", true));
}

TEST_CASE("a plan is sorted and disjoint, however the lines overlap") {
    const auto made =
        plan({"192.168.2.*", "192.168.1.200-192.168.2.9", "10.1.1.5", "10.1.1.6", "10.1.1.5", "", "192.168.1.255"});
    CHECK(spansText(made) == "10.1.1.5-10.1.1.6 192.168.1.200-192.168.2.255");
    CHECK(made.addresses == 2 + 56 + 256);
    CHECK(made.excluded == 0);
    CHECK(made.skippedOwn == 0);
}

TEST_CASE("exclusions cut holes wherever they stand, and are counted once") {
    const auto made =
        plan({"!192.168.1.10-19", "192.168.1.*", "!192.168.1.15-24", "!192.168.1.0", "!192.168.1.255", "!172.16.0.*"});
    CHECK(spansText(made) == "192.168.1.1-192.168.1.9 192.168.1.25-192.168.1.254");
    CHECK(made.excluded == 17);
    CHECK(made.addresses == 239);
    CHECK(plan({"192.168.1.*", "!192.168.0.0/16"}).addresses == 0);
}

TEST_CASE("own segments are skipped and counted") {
    const auto made = plan({"192.168.0.0/22", "!192.168.1.0/25"}, {net("192.168.1.0/24"), net("10.0.0.0/8")});
    CHECK(spansText(made) == "192.168.0.0-192.168.0.255 192.168.2.0-192.168.3.255");
    CHECK(made.excluded == 128);
    CHECK(made.skippedOwn == 128);
    CHECK(made.addresses == 768);
}

TEST_CASE("broadcasts are kept once, not in own or excluded segments, and are no unicast targets") {
    const auto made = plan({"broadcast 192.168.1.255", "broadcast 192.168.1.255", "broadcast 10.1.1.255",
                            "broadcast 172.16.0.255", "192.168.1.*", "!172.16.0.*"},
                           {net("10.1.1.0/24")});
    const bool isOne = made.broadcasts == std::vector<Ip4>{ip("192.168.1.255")};
    CHECK(isOne);
    CHECK(spansText(made) == "192.168.1.0-192.168.1.254");
    CHECK(made.addresses == 255);
}

TEST_CASE("names wait to be resolved, each once") {
    const auto made = plan({"pc2.example.com", "PC1.example.com", "pc2.example.com"});
    const bool isBoth = made.names == std::vector<std::string>{"pc1.example.com", "pc2.example.com"};
    CHECK(isBoth);
    CHECK(made.addresses == 0);
}

TEST_CASE("65,536 addresses together are allowed, one more is not") {
    CHECK(plan({"10.1.*.*"}).addresses == 65536);
    CHECK(plan({"10.1.*.*", "10.1.5.*"}).addresses == 65536);
    const auto refused = planRanges(lines({"10.1.*.*", "192.168.1.7"}), {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::TooMany);
    CHECK(refused.error().text().find("65,537") != std::string::npos);
    CHECK(planRanges(lines({"10.1.*.*", "192.168.1.7", "!10.1.0.0"}), {}));
    // A move of the service must not make a list too large or acceptable.
    CHECK_FALSE(planRanges(lines({"10.1.*.*", "192.168.1.7"}), {net("10.1.1.0/24")}));
}

TEST_CASE("the n-th target walks through all spans, and contains agrees with it") {
    const auto made = plan({"10.1.1.250-10.1.2.5", "192.168.1.7", "172.16.0.1-4", "!10.1.2.0-3"});
    std::set<std::uint32_t> seen;
    Ip4 last;
    for (std::uint64_t n = 0; n < made.addresses; ++n) {
        const auto target = made.at(n);
        CHECK(target > last);
        CHECK(made.contains(target));
        seen.insert(target.value);
        last = target;
    }
    CHECK(seen.size() == 6 + 2 + 4 + 1);
    CHECK(made.at(0) == ip("10.1.1.250"));
    CHECK(made.at(5) == ip("10.1.1.255"));
    CHECK(made.at(6) == ip("10.1.2.4"));
    CHECK(made.at(12) == ip("192.168.1.7"));
    for (const char* outside : {"10.1.1.249", "10.1.2.0", "10.1.2.3", "10.1.2.6", "192.168.1.6", "192.168.1.8",
                                "0.0.0.0", "255.255.255.255"}) {
        CAPTURE(std::string(outside));
        CHECK_FALSE(made.contains(ip(outside)));
    }
    CHECK_FALSE(RangePlan{}.contains(ip("10.1.1.1")));
}

TEST_CASE("a plan of single addresses is walked quickly") {
    std::vector<RangeLine> singles;
    for (std::uint32_t n = 0; n < kMaxRangeAddresses; ++n)
        singles.push_back(
            RangeLine{RangeKind::Single, false, Ip4{0x0A000000U + 2 * n}, Ip4{0x0A000000U + 2 * n}, "", ""});
    const auto made = planRanges(singles, {});
    REQUIRE(made);
    CHECK(made->spans.size() == kMaxRangeAddresses);
    std::uint64_t right = 0;
    for (std::uint64_t n = 0; n < made->addresses; ++n)
        right += made->at(n).value == 0x0A000000U + 2 * n ? 1 : 0;
    CHECK(right == kMaxRangeAddresses);
}

TEST_CASE("a preview tells counts, problems with line and column, and the time of a sweep") {
    const auto preview = previewRanges(
        "# branches\n192.168.1.*\r\n\n192.168.2.300\n!192.168.1.0\nbroadcast 10.1.1.255\n"
        "pc.example.com\n  10.*.1.*",
        {net("192.168.1.248/29")}, 100);
    REQUIRE(preview.problems.size() == 2);
    CHECK(preview.problems[0].line == 4);
    CHECK(preview.problems[0].column == 10);
    CHECK(preview.problems[0].text.find("larger than 255") != std::string::npos);
    CHECK(preview.problems[1].line == 8);
    CHECK(preview.problems[1].column == 5);
    CHECK(preview.addresses == 247);
    CHECK(preview.excluded == 1);
    CHECK(preview.skippedOwn == 8);
    CHECK(preview.names == 1);
    CHECK(preview.broadcasts == 1);
    CHECK(preview.sweepTime == 2490ms + kLateAnswerWait);
}

TEST_CASE("the time of a sweep follows the rate, and nothing takes no time") {
    CHECK(previewRanges("10.1.*.*", {}, 200).sweepTime == 327680ms + 4500ms);
    CHECK(previewRanges("10.1.1.1", {}, 5000).sweepTime == 1ms + 4500ms);
    CHECK(previewRanges("10.1.1.1", {}, 0).sweepTime == 1000ms + 4500ms);
    CHECK(previewRanges("", {}, 200).sweepTime == 0ms);
    CHECK(previewRanges("10.1.1.*", {net("10.1.1.0/24")}, 200).sweepTime == 0ms);
}

TEST_CASE("a text with too many addresses together has a problem of the whole text") {
    const auto preview = previewRanges("10.1.*.*\n10.2.*.*", {}, 200);
    REQUIRE(preview.problems.size() == 1);
    CHECK(preview.problems[0].line == 0);
    CHECK(preview.problems[0].text.find("131,072") != std::string::npos);
    CHECK(preview.addresses == 131072);
}
