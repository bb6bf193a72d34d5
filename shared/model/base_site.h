#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/ip.h"

namespace causeway {

/// A base: a site of the company, a name and its segments with their real masks.
struct BaseSite {
    std::uint64_t id = 0;
    std::string name;
    std::vector<Network4> segments;
    std::string note;
};

/// An own segment: an interface of this machine that takes part in the LAN directory.
struct LanInterface {
    std::string name;  ///< "eth0"
    Ip4 address;
    Network4 network;
    Ip4 broadcast;  ///< 0.0.0.0 if the interface has none
    bool isLoopback = false;

    friend bool operator==(const LanInterface&, const LanInterface&) = default;
};

}  // namespace causeway
