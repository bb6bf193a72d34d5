#include <doctest/doctest.h>

#include <array>
#include <string>

#include "shared/proto/dns/ip_address.h"
#include "shared/proto/dns/name.h"
#include "shared/proto/dns/wire_reader.h"

using namespace causeway;
using namespace causeway::dns;

namespace {

std::string bytes(std::initializer_list<int> list) {
    std::string out;
    for (const int each : list)
        out += static_cast<char>(each);
    return out;
}

}  // namespace

TEST_CASE("dns name: text and wire form lead to each other, case kept") {
    const auto name = Name::parse("Chat.Example.com");
    REQUIRE(name);
    CHECK(name->wire() == std::string("\4Chat\7Example\3com\0", 18));
    CHECK(name->text() == "Chat.Example.com.");
    CHECK(name->host() == "chat.example.com");
    CHECK(name->labelCount() == 3);
    CHECK(name->firstLabel() == "Chat");
    CHECK(*Name::parse("chat.example.com.") == *name);
    CHECK(Name{}.text() == ".");
    CHECK(Name::parse(".")->isRoot());
    CHECK(name->parent().text() == "Example.com.");
}

TEST_CASE("dns name: a name without a final dot is completed with the origin") {
    const auto origin = *Name::parse("example.com.");
    CHECK(Name::parse("sn1", &origin)->text() == "sn1.example.com.");
    CHECK(Name::parse("sn1.", &origin)->text() == "sn1.");
    CHECK(*Name::parse("@", &origin) == origin);
}

TEST_CASE("dns name: escapes hold dots, blanks and any byte") {
    const auto name = Name::parse("a\\.b\\032c\\\\.example");
    REQUIRE(name);
    CHECK(name->labelCount() == 2);
    CHECK(name->firstLabel() == "a.b c\\");
    CHECK(name->text() == "a\\.b\\032c\\\\.example.");
    CHECK(*Name::parse(name->text()) == *name);
}

TEST_CASE("dns name: what is not well formed is refused with its place") {
    struct Row {
        std::string text;
        std::size_t place;
    };
    const std::string label(64, 'a');
    std::string longName;
    for (int i = 0; i < 5; ++i)
        longName += std::string(60, 'b') + ".";
    for (const auto& row :
         {Row{"", 0}, Row{"a..b", 2}, Row{".a", 0}, Row{"a\\", 1}, Row{"a\\25", 2}, Row{"a\\300", 2}, Row{label, 63}}) {
        const auto name = Name::parse(row.text);
        CAPTURE(row.text);
        REQUIRE_FALSE(name);
        CHECK(name.error().place == row.place);
    }
    CHECK_FALSE(Name::parse(longName));
    CHECK_FALSE(Name::fromWire("\3ab"));
    CHECK_FALSE(Name::fromWire(std::string("\1a\0b", 4)));
}

TEST_CASE("dns name: order is that of RFC 4034 6.1") {
    const std::array sorted{"example",   "a.example",       "yljkjljk.a.example", "Z.a.example",    "zABC.a.EXAMPLE",
                            "z.example", "\\001.z.example", "*.z.example",        "\\200.z.example"};
    for (std::size_t i = 0; i + 1 < sorted.size(); ++i)
        CHECK(*Name::parse(sorted[i]) < *Name::parse(sorted[i + 1]));
    CHECK(Name::parse("a.example")->isUnder(*Name::parse("EXAMPLE")));
    CHECK(Name::parse("example")->isUnder(*Name::parse("example")));
    CHECK_FALSE(Name::parse("ba.example")->isUnder(*Name::parse("a.example")));
    CHECK(Name::parse("a.example")->isUnder(Name{}));
}

TEST_CASE("dns name: pointers lead only backwards") {
    struct Row {
        const char* what;
        std::string message;
        std::size_t at;
        bool isGood;
    };
    const std::string com = bytes({3, 'c', 'o', 'm', 0});
    const Row rows[] = {
        {"plain", com, 0, true},
        {"to an earlier name", com + bytes({1, 'a', 0xC0, 0}), 5, true},
        {"to itself", bytes({0xC0, 0}), 0, false},
        {"forwards", bytes({0xC0, 2, 0}), 0, false},
        {"two that lead to each other", bytes({1, 'a', 0xC0, 4, 1, 'b', 0xC0, 0}), 4, false},
        {"into its own part", bytes({1, 'a', 0xC0, 0}), 0, false},
        {"behind the end", bytes({0xC3, 0xFF}), 0, false},
        {"cut", bytes({0xC0}), 0, false},
        {"a label cut", bytes({5, 'a'}), 0, false},
        {"reserved label type", bytes({0x41, 'a', 0}), 0, false},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        WireReader in{row.message};
        in.skip(row.at);
        in.name();
        CHECK(in.ok() == row.isGood);
        if (row.isGood) CHECK(in.atEnd());
    }
}

TEST_CASE("dns name: a name that pointers make longer than 255 bytes is refused") {
    std::string message(1, '\0');
    // Each part is one label of 63 bytes and a pointer to the part before.
    std::size_t last = 0;
    for (int i = 0; i < 5; ++i) {
        const auto here = message.size();
        message += static_cast<char>(63) + std::string(63, 'a');
        message += bytes({0xC0 | static_cast<int>(last >> 8), static_cast<int>(last & 0xFF)});
        last = here;
        WireReader in{message};
        in.skip(here);
        const auto name = in.name();
        CHECK(in.ok() == (i < 3));
        CHECK(name.wire().size() <= kMaxName);
    }
}

TEST_CASE("dns address: texts of IPv6 are those of RFC 5952") {
    struct Row {
        const char* text;
        const char* shown;  // nullptr: refused
    };
    for (const auto& row :
         {Row{"2001:db8::1", "2001:db8::1"}, Row{"2001:0DB8:0:0:0:0:0:1", "2001:db8::1"}, Row{"::", "::"},
          Row{"::1", "::1"}, Row{"1::", "1::"}, Row{"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
          Row{"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"}, Row{"::ffff:192.0.2.1", "::ffff:c000:201"},
          Row{"192.0.2.1", "192.0.2.1"}, Row{"1:2:3:4:5:6:7", nullptr}, Row{"1:2:3:4:5:6:7:8:9", nullptr},
          Row{"::1::", nullptr}, Row{"12345::", nullptr}, Row{"1:2:3:4:5:6:7::8", nullptr},
          Row{"fe80::1%eth0", nullptr}, Row{"1.2.3", nullptr}, Row{":1", nullptr}, Row{"", nullptr}}) {
        CAPTURE(row.text);
        const auto ip = IpAddress::parse(row.text);
        REQUIRE(ip.has_value() == (row.shown != nullptr));
        if (ip) CHECK(ip->text() == row.shown);
    }
    CHECK(IpAddress::fromRaw(IpAddress::parse("::ffff:192.0.2.1")->raw())->text() == "192.0.2.1");
}

TEST_CASE("dns address: a subnet holds exactly its addresses") {
    const auto net = Subnet::parse("172.16.99.99/12");
    REQUIRE(net);
    CHECK(net->text() == "172.16.0.0/12");
    CHECK(net->contains(*IpAddress::parse("172.31.255.255")));
    CHECK_FALSE(net->contains(*IpAddress::parse("172.32.0.0")));
    CHECK_FALSE(net->contains(*IpAddress::parse("::1")));
    const auto six = Subnet::parse("fe80::1/10");
    REQUIRE(six);
    CHECK(six->text() == "fe80::/10");
    CHECK(six->contains(*IpAddress::parse("febf::1")));
    CHECK_FALSE(six->contains(*IpAddress::parse("fec0::1")));
    CHECK(Subnet::parse("0.0.0.0/0")->contains(*IpAddress::parse("203.0.113.9")));
    CHECK_FALSE(Subnet::parse("10.0.0.0/33"));
    CHECK(Endpoint::parse("[2001:db8::1]:5353")->text() == "[2001:db8::1]:5353");
    CHECK(Endpoint::parse("2001:db8::1")->port == 53);
    CHECK(Endpoint::parse("192.0.2.1:99")->port == 99);
    CHECK_FALSE(Endpoint::parse("192.0.2.1:"));
    CHECK_FALSE(Endpoint::parse("[192.0.2.1]:53"));
}
