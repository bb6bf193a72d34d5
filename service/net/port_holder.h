#pragma once

#include <cstdint>
#include <string>

#include "shared/base/ip.h"

namespace causeway::net {

enum class Transport { Udp, Tcp };

/// Says which program holds a port that could not be bound, for the error text:
/// "UDP port 2425 on 0.0.0.0 is held by iptux (process 1234)". Where the program cannot be found out (no /proc, or it
/// belongs to another user) the sentence ends "is held by another program". Reads /proc; takes some milliseconds.
std::string portHolderSentence(Transport transport, Ip4 listen, std::uint16_t port);

}  // namespace causeway::net
