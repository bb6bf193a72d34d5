#include "service/net/udp_errors.h"

#include <cerrno>
#include <system_error>

#include "service/net/port_holder.h"

namespace causeway::net {

namespace {

std::string systemText(int systemError) {
    return std::system_category().message(systemError);
}

bool isOneOf(int value, std::initializer_list<int> list) {
    for (const int each : list) {
        if (value == each) return true;
    }
    return false;
}

}  // namespace

Error cannotOpenUdp(int systemError, const UdpSettings& settings) {
    return cannotOpenUdpAt(systemError, settings.listen.text(), settings.port);
}

Error cannotOpenUdpAt(int systemError, const std::string& address, std::uint16_t port) {
    const auto what = "UDP port " + std::to_string(port) + " on " + address + " could not be opened.";
    if (isOneOf(systemError, {EADDRINUSE})) {
        const auto listen = Ip4::parse(address);
        const auto holder = listen
                                ? portHolderSentence(Transport::Udp, *listen, port)
                                : "UDP port " + std::to_string(port) + " on " + address + " is held by another program";
        return {Code::Conflict, what, holder + ".",
                "End that program or move it to another computer, or choose another port, then start the service "
                "again."};
    }
    if (isOneOf(systemError, {EACCES, EPERM})) {
        return {Code::Denied, what, "Ports below 1024 need a privilege that this process does not have.",
                "Start it through its system service, give it CAP_NET_BIND_SERVICE, or choose a port above 1023."};
    }
    if (isOneOf(systemError, {EADDRNOTAVAIL})) {
        return {Code::Unavailable, what, address + " is not an address of this computer.",
                std::string("Choose an address of this computer, or ") +
                    (address.find(':') == std::string::npos ? "0.0.0.0" : "::") + " for all of them."};
    }
    return {Code::Unavailable, what, "The system says: " + systemText(systemError) + ".",
            "Look at the network settings of this computer, then start the service again."};
}

Error notAnAddress(const std::string& address, std::uint16_t port) {
    return {Code::BadInput, "UDP port " + std::to_string(port) + " could not be opened.",
            "\"" + address + "\" is not an IP address.", "Give an address such as 0.0.0.0 or ::."};
}

Error cannotSendUdp(int systemError, Ip4 from, Ip4 to, std::uint16_t port) {
    const auto what = "The datagram to " + to.text() + " port " + std::to_string(port) + " was not sent.";
    if (isOneOf(systemError, {EAGAIN, EWOULDBLOCK, ENOBUFS, ENOMEM})) {
        return {Code::Busy, what, "The send buffer of the system is full.", "It is worth trying again shortly."};
    }
    if (isOneOf(systemError, {EMSGSIZE})) {
        return {Code::TooLong, what, "It is too large for one datagram.", "Send less at once."};
    }
    if (isOneOf(systemError, {EPERM})) {
        return {Code::Denied, what, "A firewall on this computer refused it.",
                "Allow outgoing UDP to that port in the firewall of this computer."};
    }
    if (isOneOf(systemError, {EACCES})) {
        return {Code::Denied, what, "The system does not allow this destination to this process.",
                "If it is a broadcast address, allow broadcasts; otherwise look for a prohibiting route."};
    }
    if (isOneOf(systemError, {EINVAL, EADDRNOTAVAIL})) {
        return {Code::Unavailable, what,
                from.isAny() ? "The system does not take this destination: " + systemText(systemError) + "."
                             : from.text() + " is not an address of this computer any more, or cannot reach there.",
                "Look at the addresses and routes of this computer."};
    }
    return {Code::Unavailable, what, "The system says: " + systemText(systemError) + ".",
            "Look at the routes and cables of this computer."};
}

}  // namespace causeway::net
