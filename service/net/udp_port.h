#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "service/net/event_loop.h"
#include "shared/base/ip.h"
#include "shared/base/result.h"

namespace causeway::net {

struct UdpSettings {
    Ip4 listen;              ///< 0.0.0.0 = all
    std::uint16_t port = 0;  ///< 0 = any free one
    bool allowBroadcast = true;
    bool wantForeignSource = false;  ///< try to obtain the right to send with a foreign source address
    std::size_t receiveBufferBytes = 4U << 20;
};

/// One received datagram; `bytes` is valid only during the callback.
struct UdpDatagram {
    Ip4 from;
    std::uint16_t fromPort = 0;
    Ip4 to;            ///< destination address of the packet (a broadcast address if it was one)
    Ip4 localAddress;  ///< address of ours that an answer should come from
    int interfaceIndex = 0;
    std::uint8_t ttl = 0;  ///< time to live with which it arrived; 0 = the system does not tell
    std::string_view bytes;
};

/// A host said by ICMP that a datagram of ours did not arrive.
struct UdpRefusal {
    Ip4 target;  ///< where our datagram was going
    std::uint16_t port = 0;
    Ip4 reporter;  ///< who says so
    int icmpType = 3;
    int icmpCode = 3;       ///< 3 = port unreachable
    std::uint16_t mtu = 0;  ///< of "fragmentation needed" (type 3, code 4)
};

/// What routers may do with a datagram that is too large for the next link.
enum class Fragmentation {
    System,     ///< as the system does it, by what it knows of the path
    Forbidden,  ///< "don't fragment", whatever the system knows of the path
    Allowed     ///< cut here for the own link, and again by any router
};
/// How one probe of the packet trace differs from other datagrams.
struct UdpProbe {
    std::uint8_t ttl = 0;  ///< 0 = as usual
    Fragmentation fragmentation = Fragmentation::System;
};

/// An IPv4 UDP socket on a loop. Replies leave from the address that is named (IP_PKTINFO), so that a machine with
/// several addresses answers from the one that was asked. Loop thread only, except open() before the loop runs.
class UdpPort {
public:
    /// Errors: Conflict (port in use; the text names the program if that can be found out), Denied (privileged port),
    /// Unavailable. Never shares the port with another program.
    static Result<std::unique_ptr<UdpPort>> open(EventLoop& loop, const UdpSettings& settings, Log& log);
    virtual ~UdpPort() = default;

    virtual void onReceive(std::function<void(const UdpDatagram&)> receiver) = 0;
    virtual void onRefusal(std::function<void(const UdpRefusal&)> receiver) = 0;

    /// `from` 0.0.0.0 lets the kernel choose. Busy if the socket buffer is full (the datagram was not sent).
    virtual Result<void> send(Ip4 from, Ip4 to, std::uint16_t port, std::string_view bytes) = 0;
    /// send() for the packet trace. Errors: those of send(); TooLong if it must not be fragmented and the own link is
    /// smaller; Unavailable where the system offers no such options.
    virtual Result<void> sendProbe(Ip4 from, Ip4 to, std::uint16_t port, std::string_view bytes,
                                   const UdpProbe& how) = 0;
    /// With a source address that is not ours (Linux: IP_TRANSPARENT, CAP_NET_RAW). Denied if not allowed.
    virtual Result<void> sendAs(Ip4 foreignSource, Ip4 to, std::uint16_t port, std::string_view bytes) = 0;
    virtual bool canSendAs() const = 0;

    virtual Ip4 localAddress() const = 0;
    virtual std::uint16_t localPort() const = 0;
    virtual std::uint64_t droppedByKernel() const = 0;  ///< SO_RXQ_OVFL, 0 where unknown
    virtual void close() = 0;
};

}  // namespace causeway::net
