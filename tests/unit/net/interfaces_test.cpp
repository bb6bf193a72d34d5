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
