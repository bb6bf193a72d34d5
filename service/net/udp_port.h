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
    std::string_view bytes;
};

/// A host said by ICMP that a datagram of ours did not arrive.
struct UdpRefusal {
    Ip4 target;  ///< where our datagram was going
    std::uint16_t port = 0;
    Ip4 reporter;  ///< who says so
    int icmpType = 3;
    int icmpCode = 3;  ///< 3 = port unreachable
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
    /// With a source address that is not ours (Linux: IP_TRANSPARENT, CAP_NET_RAW). Denied if not allowed.
    virtual Result<void> sendAs(Ip4 foreignSource, Ip4 to, std::uint16_t port, std::string_view bytes) = 0;
    virtual bool canSendAs() const = 0;

    virtual Ip4 localAddress() const = 0;
    virtual std::uint16_t localPort() const = 0;
    virtual std::uint64_t droppedByKernel() const = 0;  ///< SO_RXQ_OVFL, 0 where unknown
    virtual void close() = 0;
};

}  // namespace causeway::net
