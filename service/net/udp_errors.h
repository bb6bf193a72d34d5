#pragma once

#include <string>

#include "service/net/udp_port.h"

namespace causeway::net {

/// The sentences for a UDP port that could not be opened or written; `reason` is the system's own text.
Error cannotOpenUdp(int systemError, const UdpSettings& settings);
/// The same for an IPv4 or IPv6 address as text.
Error cannotOpenUdpAt(int systemError, const std::string& address, std::uint16_t port);
Error notAnAddress(const std::string& address, std::uint16_t port);
Error cannotSendUdp(int systemError, Ip4 from, Ip4 to, std::uint16_t port);

}  // namespace causeway::net
