#if !defined(__linux__)

#include "service/net/path_probe.h"

// What this file does not offer compared to Linux: everything but connecting to a TCP port. The trace shows such steps
// as not measured, with the reason that stands here.

namespace causeway::net {

Result<std::unique_ptr<EchoSocket>> EchoSocket::open() {
    return Error{Code::Unavailable, "Echo (ping) was not measured.", "This build does not send pings on this system.",
                 "Trace from a service on Linux to measure it."};
}

Result<TcpAnswer> probeTcp(Ip4 to, std::uint16_t, std::uint8_t, Duration, const std::atomic<bool>&) {
    return Error{Code::Unavailable, "TCP to " + to.text() + " was not measured.",
                 "This build does not probe TCP on this system.", "Trace from a service on Linux to measure it."};
}

std::optional<Neighbour> neighbourOf(Ip4) {
    return std::nullopt;
}

RouteFacts routeTo(Ip4) {
    return {};
}

}  // namespace causeway::net

#endif
