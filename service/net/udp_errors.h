#pragma once

#include <string>

#include "service/net/udp_port.h"

namespace causeway::net {

/// The sentences for a UDP port that could not be opened or written; `reason` is the system's own text.
Error cannotOpenUdp(int systemError, const UdpSettings& settings);
Error cannotSendUdp(int systemError, Ip4 from, Ip4 to, std::uint16_t port);

}  // namespace causeway::net
