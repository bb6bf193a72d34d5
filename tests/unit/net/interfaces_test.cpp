#include "service/net/interfaces.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace causeway;

TEST_CASE("interfaces: the loopback address is listed with its real mask, marked, and without a broadcast address") {
    const auto list = net::ipv4Interfaces();
    const auto found = std::find_if(list.begin(), list.end(),
                                    [](const LanInterface& each) { return each.address == Ip4{0x7F000001U}; });
    REQUIRE(found != list.end());
    CHECK(found->isLoopback);
    CHECK(found->network.prefix == 8);
    CHECK(found->broadcast.isAny());
    CHECK_FALSE(found->name.empty());
}

TEST_CASE("interfaces: every address lies in its own network and an Ethernet broadcast address ends it") {
    for (const auto& each : net::ipv4Interfaces()) {
        CHECK(each.network.contains(each.address));
        if (!each.broadcast.isAny()) CHECK(each.network.contains(each.broadcast));
    }
}

TEST_CASE("interfaces: an address is this computer's own if a socket can have it") {
    CHECK(net::isOwnAddress("127.0.0.1"));
    for (const auto& each : net::ipv4Interfaces())
        CHECK(net::isOwnAddress(each.address.text()));
    CHECK_FALSE(net::isOwnAddress("192.0.2.77"));    // TEST-NET: nobody has it
    CHECK_FALSE(net::isOwnAddress("2001:db8::77"));  // the same of IPv6
    CHECK_FALSE(net::isOwnAddress("nonsense"));
}
