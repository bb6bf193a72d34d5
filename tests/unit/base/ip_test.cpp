#include "shared/base/ip.h"

#include <doctest/doctest.h>

#include <set>
#include <unordered_set>

using namespace causeway;

TEST_CASE("an address is read in exactly one spelling") {
    struct Row {
        std::string text;
        std::uint32_t value;
    };
    for (const auto& row : {Row{"0.0.0.0", 0}, Row{"192.168.1.7", 0xC0A80107}, Row{"255.255.255.255", 0xFFFFFFFF},
                            Row{"10.0.0.1", 0x0A000001}}) {
        CAPTURE(row.text);
        const auto ip = Ip4::parse(row.text);
        REQUIRE(ip);
        CHECK(ip->value == row.value);
        CHECK(ip->text() == row.text);
    }
    for (const std::string text :
         {"",           ".",         "1",         "1.2.3",    "1.2.3.4.5",  "1.2.3.",   ".1.2.3",
          "1..2.3",     "256.1.1.1", "1.1.1.256", "01.1.1.1", "1.1.1.00",   "1.1.1.1 ", " 1.1.1.1",
          "1.1.1.1/24", "a.b.c.d",   "1.1.1.-1",  "1.1.1.+1", "1.1.1.1000", "::1",      "0x1.1.1.1"}) {
        CAPTURE(text);
        CHECK_FALSE(Ip4::parse(text));
    }
}

TEST_CASE("addresses that cannot be a user's are told") {
    struct Row {
        std::string text;
        bool canBeHost;
        bool isLoopback;
        bool isMulticast;
    };
    for (const auto& row : {Row{"0.0.0.0", false, false, false}, Row{"0.255.255.255", false, false, false},
                            Row{"1.0.0.0", true, false, false}, Row{"127.0.0.1", true, true, false},
                            Row{"10.1.2.3", true, false, false}, Row{"223.255.255.255", true, false, false},
                            Row{"224.0.0.1", false, false, true}, Row{"239.255.255.255", false, false, true},
                            Row{"240.0.0.0", false, false, false}, Row{"255.255.255.255", false, false, false}}) {
        CAPTURE(row.text);
        const auto ip = Ip4::parse(row.text);
        REQUIRE(ip);
        CHECK(ip->canBeHost() == row.canBeHost);
        CHECK(ip->isLoopback() == row.isLoopback);
        CHECK(ip->isMulticast() == row.isMulticast);
    }
}

TEST_CASE("a network knows its first and last address and its size") {
    struct Row {
        std::string text;
        std::string first;
        std::string last;
        std::uint64_t size;
    };
    for (const auto& row :
         {Row{"10.1.0.0/24", "10.1.0.0", "10.1.0.255", 256},
          Row{"0.0.0.0/0", "0.0.0.0", "255.255.255.255", 4294967296ULL},
          Row{"10.0.0.0/8", "10.0.0.0", "10.255.255.255", 16777216},
          Row{"192.168.2.0/23", "192.168.2.0", "192.168.3.255", 512}, Row{"10.1.2.4/30", "10.1.2.4", "10.1.2.7", 4},
          Row{"10.1.2.3/32", "10.1.2.3", "10.1.2.3", 1}}) {
        CAPTURE(row.text);
        const auto network = Network4::parse(row.text);
        REQUIRE(network);
        CHECK(network->text() == row.text);
        CHECK(network->first().text() == row.first);
        CHECK(network->last().text() == row.last);
        CHECK(network->size() == row.size);
        CHECK(network->contains(network->first()));
        CHECK(network->contains(network->last()));
        CHECK(network->broadcast() == network->last());
        if (network->prefix > 0) {
            CHECK_FALSE(network->contains(Ip4{network->last().value + 1}));
            CHECK_FALSE(network->contains(Ip4{network->first().value - 1}));
        }
    }
    CHECK(Network4::parse("10.1.2.3")->prefix == 32);
    CHECK(Network4::of(*Ip4::parse("10.1.2.3"), 20).text() == "10.1.0.0/20");
    CHECK(Network4::of(*Ip4::parse("10.1.2.3"), 0).text() == "0.0.0.0/0");
}

TEST_CASE("a network with host bits or a bad prefix is refused") {
    for (const std::string text : {"10.1.0.1/24", "10.1.0.0/33", "10.1.0.0/", "10.1.0.0/-1", "10.1.0.0/024",
                                   "10.1.0/24", "/24", "", "10.1.0.0/24 ", "10.1.0.0/255.255.255.0"}) {
        CAPTURE(text);
        CHECK_FALSE(Network4::parse(text));
    }
}

TEST_CASE("addresses of one segment spread over hash buckets") {
    std::set<std::size_t> buckets;
    for (std::uint32_t n = 0; n < 256; ++n)
        buckets.insert(std::hash<Ip4>{}(Ip4{0x0A010000U + n}) % 1024);
    CHECK(buckets.size() > 128);
    CHECK(std::unordered_set<Ip4>{Ip4{1}, Ip4{2}, Ip4{1}}.size() == 2);
}
