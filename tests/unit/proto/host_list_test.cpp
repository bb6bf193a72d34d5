#include "shared/proto/ipmsg/host_list.h"

#include <doctest/doctest.h>

#include "shared/base/text.h"
#include "shared/proto/ipmsg/packet.h"
#include "tests/unit/proto/captures.h"

using namespace causeway;
using namespace causeway::ipmsg;
using causeway::test::capture;
using causeway::test::captures;

namespace {

HostList listOf(const std::string& datagram) {
    const auto packet = parsePacket(datagram);
    REQUIRE(packet);
    REQUIRE(packet->mode() == Mode::AnsList);
    auto list = readHostList(packet->body, packet->has(flag::kUtf8), "cp932");
    REQUIRE(list);
    return *list;
}

HostListItem person(int n) {
    HostListItem item;
    item.user = "user" + std::to_string(n);
    item.host = "PC-" + std::to_string(n);
    item.status = 0x01210000;
    item.address = Ip4{0x0A010000U + static_cast<std::uint32_t>(n)};
    item.nick = "Nick " + std::to_string(n);
    item.group = "Group";
    return item;
}

Result<HostList> read(std::string_view body) {
    return readHostList(body, true, "cp932");
}

}  // namespace

TEST_CASE("captured lists are read in full") {
    const auto given = listOf(capture("win-4.99", "ANSLIST given on request").bytes);
    CHECK(given.next == 0);
    CHECK(given.count == 2);
    CHECK(given.skipped == 0);
    REQUIRE(given.items.size() == 2);
    CHECK(given.items[0].user == "taro-<3ad520c2bb732945>");
    CHECK(given.items[0].host == "PC-TARO");
    CHECK(given.items[0].status == 258211840);
    CHECK(given.items[0].address.text() == "192.168.71.11");
    CHECK(given.items[0].port == 2425);
    CHECK(given.items[0].nick == "taro");
    CHECK(given.items[0].group.empty());
    CHECK(given.items[1].nick == "Zed");
    CHECK(given.items[1].group == "Remote");

    const auto chunk = listOf(capture("built-win499", "ANSLIST|UTF8OPT, first chunk of more").bytes);
    CHECK(chunk.next == 2);
    CHECK(chunk.items.size() == 2);
    const auto removal = listOf(capture("built-win499", "ANSLIST|UTF8OPT that removes").bytes);
    REQUIRE(removal.items.size() == 1);
    CHECK(removal.items[0].removes());
}

TEST_CASE("every captured list is read without a gap") {
    std::size_t lists = 0;
    for (const auto& one : captures()) {
        const auto packet = parsePacket(one.bytes);
        if (!one.isClassic() || !packet || packet->mode() != Mode::AnsList) continue;
        CAPTURE(one.meaning);
        const auto list = listOf(one.bytes);
        CHECK(list.items.size() == list.count);
        CHECK(list.skipped == 0);
        for (const auto& item : list.items)
            CHECK(item.port == 2425);
        ++lists;
    }
    CHECK(lists >= 9);
}

TEST_CASE("a list that the service writes is byte for byte what a Windows client writes") {
    const auto& bytes = capture("win-4.99", "ANSLIST given on request").bytes;
    const auto packet = parsePacket(bytes);
    REQUIRE(packet);
    const auto chunk = writeHostList(listOf(bytes).items, 0, 1400);
    CHECK(chunk.body == packet->body);
    CHECK(chunk.next == 0);
    CHECK(chunk.written == 2);
}

TEST_CASE("a status of 0 or with the mode BR_EXIT removes, the mode of g2ipmsg does not") {
    struct Row {
        std::uint32_t status;
        bool removes;
    };
    for (const auto& row : {Row{0, true}, Row{2, true}, Row{0x01200002, true}, Row{19, false}, Row{1, false},
                            Row{0x0F640000, false}, Row{0x200, false}}) {
        CAPTURE(row.status);
        HostListItem item;
        item.status = row.status;
        CHECK(item.removes() == row.removes);
    }
}

TEST_CASE("the port is 2425 in both spellings and byte-swapped otherwise") {
    struct Row {
        const char* wire;
        std::optional<std::uint16_t> port;
    };
    for (const auto& row :
         {Row{"30985", 2425}, Row{"2425", 2425}, Row{" 30985", 2425}, Row{"31241", 2426}, Row{"0", std::nullopt},
          Row{"65536", std::nullopt}, Row{"", std::nullopt}, Row{"x", std::nullopt}}) {
        CAPTURE(std::string(row.wire));
        const auto list = read("0\a1\au\ah\a256\a10.1.2.3\a" + std::string(row.wire) + "\an\ag\a");
        REQUIRE(list);
        CHECK(list->items.size() == (row.port ? 1U : 0U));
        CHECK(list->skipped == (row.port ? 0U : 1U));
        if (row.port) CHECK(list->items.at(0).port == *row.port);
    }
}

TEST_CASE("entries with an unreadable field are left out and counted, the others stay") {
    const std::string good = "ann\aPC\a256\a10.1.2.3\a30985\aAnn\aG\a";
    const std::vector<std::string> bad{
        "\aPC\a256\a10.1.2.3\a30985\aAnn\aG\a",     "\b\aPC\a256\a10.1.2.3\a30985\aAnn\aG\a",
        "ann\a\a256\a10.1.2.3\a30985\aAnn\aG\a",    "ann\aPC\ax\a10.1.2.3\a30985\aAnn\aG\a",
        "ann\aPC\a256\afe80::1\a30985\aAnn\aG\a",   "ann\aPC\a256\a10.1.2\a30985\aAnn\aG\a",
        "ann\aPC\a256\a0.0.0.0\a30985\aAnn\aG\a",   "ann\aPC\a256\a255.255.255.255\a30985\aAnn\aG\a",
        "ann\aPC\a256\a224.0.0.1\a30985\aAnn\aG\a", "ann\aPC\a256\a10.1.2.3\a30985\a" + std::string(256, 'n') + "\aG\a",
    };
    for (const auto& entry : bad) {
        CAPTURE(entry);
        std::string body = "    0\a    3\a" + good;
        body += entry;
        body += good;
        const auto list = read(body);
        REQUIRE(list);
        CHECK(list->items.size() == 2);
        CHECK(list->skipped == 1);
    }
    const auto cutOff = read("0\a2\a" + good + "bob\aPC\a256\a10.1.2.4");
    REQUIRE(cutOff);
    CHECK(cutOff->items.size() == 1);
    CHECK(cutOff->skipped == 1);
}

TEST_CASE("separators in a row are empty fields, and a lone BS is one") {
    const auto list = read("0\a1\aann\aPC\a256\a10.1.2.3\a30985\a\a\b\a");
    REQUIRE(list);
    REQUIRE(list->items.size() == 1);
    CHECK(list->items[0].nick.empty());
    CHECK(list->items[0].group.empty());
}

TEST_CASE("bad lists are refused with the kind and the place of the trouble") {
    struct Row {
        std::string body;
        Code code;
        std::size_t place;
    };
    for (const auto& row :
         {Row{"", Code::Truncated, 0}, Row{"    0", Code::Truncated, 5}, Row{"    0\a    1", Code::Truncated, 11},
          Row{"x\a1\a", Code::BadInput, 0}, Row{"0\a\a", Code::BadInput, 2}, Row{"0\a-1\a", Code::BadInput, 2},
          Row{"4294967296\a1\a", Code::BadInput, 0}}) {
        CAPTURE(row.body);
        const auto list = read(row.body);
        REQUIRE_FALSE(list);
        CHECK(std::string(codeText(list.error().code)) == codeText(row.code));
        CHECK(list.error().place == row.place);
    }
}

TEST_CASE("the count that a sender claims sizes nothing") {
    const auto list = read("0\a4294967295\aann\aPC\a256\a10.1.2.3\a30985\aAnn\aG\a");
    REQUIRE(list);
    CHECK(list->count == 4294967295U);
    CHECK(list->items.size() == 1);
}

TEST_CASE("a list with more entries than the limit is refused, bad entries count too") {
    std::string body = "0\a3\a";
    for (int i = 0; i < 3; ++i)
        body += "ann\aPC\a256\a10.1.2.3\a30985\aAnn\aG\a";
    CHECK(readHostList(body, true, "cp932", {.maxItems = 3}));
    const auto refused = readHostList(body, true, "cp932", {.maxItems = 2});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::TooMany);
    const auto junk = readHostList("0\a0\a" + std::string(100, '\a'), true, "cp932", {.maxItems = 5});
    REQUIRE_FALSE(junk);
    CHECK(junk.error().code == Code::TooMany);
}

TEST_CASE("names in the sender's code page become UTF-8") {
    const auto list =
        readHostList("0\a1\ayamada\aPC\a19\a10.1.2.3\a2425\a\x8e\x52\x93\x63\a\x89\x63\x8b\xc6\a", false, "cp932");
    REQUIRE(list);
    REQUIRE(list->items.size() == 1);
    CHECK(list->items[0].nick == "山田");
    CHECK(list->items[0].group == "営業");
    CHECK(list->items[0].status == 19);
}

TEST_CASE("form feed parts behind the list are ignored") {
    const auto list = read("0\a1\aann\aPC\a256\a10.1.2.3\a30985\aAnn\aG\a\fmore\fparts");
    REQUIRE(list);
    CHECK(list->items.size() == 1);
    CHECK(list->skipped == 0);
}

TEST_CASE("pages of a list join to the whole list, and the last one says so") {
    std::vector<HostListItem> people;
    for (int n = 1; n <= 300; ++n)
        people.push_back(person(n));
    std::vector<HostListItem> joined;
    std::uint32_t next = 0;
    std::size_t pages = 0;
    do {
        const auto chunk = writeHostList(people, next, 1300);
        CHECK(chunk.body.size() <= 1300);
        CHECK(chunk.written > 10);
        const auto list = read(chunk.body);
        REQUIRE(list);
        CHECK(list->count == chunk.written);
        CHECK(list->next == chunk.next);
        // Windows takes a continuation below the count as the last page.
        if (chunk.next != 0) CHECK(chunk.next >= list->count);
        joined.insert(joined.end(), list->items.begin(), list->items.end());
        next = chunk.next;
        ++pages;
        REQUIRE(pages < 100);
    } while (next != 0);
    REQUIRE(joined.size() == people.size());
    for (std::size_t i = 0; i < joined.size(); ++i) {
        CHECK(joined[i].user == people[i].user);
        CHECK(joined[i].address == people[i].address);
    }
}

TEST_CASE("a page has at least one entry, and a page behind the end has none") {
    const std::vector<HostListItem> people{person(1), person(2)};
    const auto tiny = writeHostList(people, 0, 1);
    CHECK(tiny.written == 1);
    CHECK(tiny.next == 1);
    const auto behind = writeHostList(people, 2, 1300);
    CHECK(behind.written == 0);
    CHECK(behind.next == 0);
    CHECK(behind.body == "    0\a    0\a");
    CHECK(writeHostList({}, 0, 1300).body == "    0\a    0\a");
}

TEST_CASE("separators and control characters in a name cannot break a list") {
    auto item = person(1);
    item.nick = "a\ab\nc";
    item.group = std::string("\0\f", 2);
    item.user = "";
    item.port = 2426;
    const auto list = read(writeHostList(std::vector{item}, 0, 1300).body);
    REQUIRE(list);
    REQUIRE(list->items.size() == 1);
    CHECK(list->items[0].nick == "a b c");
    CHECK(list->items[0].group == "  ");
    CHECK(list->items[0].user == "-");
    CHECK(list->items[0].port == 2426);
}

TEST_CASE("names in a list get the same spelling as in an entry packet") {
    const auto list = read("0\a1\aa:b\apc:1\a256\a10.1.2.3\a30985\a" + std::string(200, 'n') + "\aG\a");
    REQUIRE(list);
    REQUIRE(list->items.size() == 1);
    CHECK(list->items[0].user == "a;b");
    CHECK(list->items[0].host == "pc;1");
    CHECK(list->items[0].nick.size() == kMaxName);
}

TEST_CASE("ANSLIST: reading only the addresses finds the same people as reading everything") {
    std::vector<HostListItem> items;
    for (std::uint32_t i = 0; i < 50; ++i)
        items.push_back({"user" + std::to_string(i), "host", 0x0F640000, Ip4{0x0A000001 + i}, 2425, "", ""});
    const auto body = writeHostList(items, 10, 1200).body;
    const auto all = readHostList(body, true, "");
    const auto only = readHostListAddresses(body, "user12");
    REQUIRE(all);
    REQUIRE(only);
    CHECK(only->next == all->next);
    CHECK(only->next > 10);
    REQUIRE(only->addresses.size() == all->items.size());
    CHECK(only->entries == all->items.size());
    for (std::size_t i = 0; i < all->items.size(); ++i)
        CHECK(only->addresses[i] == all->items[i].address);
    CHECK(only->holdsUser);
    CHECK_FALSE(readHostListAddresses(body, "user1")->holdsUser);
    // An entry without a readable address keeps its place.
    const auto odd = readHostListAddresses(
        "    0\a    2\au\ah\a1\anowhere\a30985\an\ag\a"
        "v\ah\a1\a10.0.0.7\a30985\an\ag\a",
        "v");
    REQUIRE(odd);
    CHECK(odd->entries == 2);
    CHECK(odd->addresses == std::vector<Ip4>{{0x0A000007}});
    CHECK_FALSE(readHostListAddresses("    0\a", "u"));
    CHECK_FALSE(readHostListAddresses("x\a    0\a", "u"));
}
