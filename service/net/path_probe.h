#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

/// Probes of the packet trace that need sockets of their own. All of them block, for at most the time that is named,
/// and are for worker threads; each looks at `stop` every 50 ms. IPv4. Linux asks the error queue (facts/stack); other
/// systems answer Unavailable until their own ways are written.
namespace causeway::net {

/// An ICMP error that the system handed to one of these sockets.
struct PathError {
    Ip4 from;
    std::uint8_t type = 3;
    std::uint8_t code = 0;
    std::uint16_t mtu = 0;  ///< of type 3, code 4
};

/// How a probe ended and how long that took, in microseconds: a LAN answers in less than a millisecond.
struct EchoAnswer {
    bool isAnswered = false;  ///< by the address that was asked
    std::uint8_t ttl = 0;     ///< of the answer; 0 = not told
    std::optional<PathError> error{};
    std::chrono::microseconds took{};
};

/// ICMP echo. An ICMP datagram socket where the system grants one to this user (net.ipv4.ping_group_range), a raw
/// socket with CAP_NET_RAW.
class EchoSocket {
public:
    enum class Kind { Datagram, Raw };
    /// Errors: Denied (neither is granted), Unavailable.
    static Result<std::unique_ptr<EchoSocket>> open();
    virtual ~EchoSocket() = default;
    virtual Kind kind() const = 0;
    /// Sends one question and waits. `ttl` 0 = as usual. `payload` bytes of data, at most 8,000.
    virtual EchoAnswer ask(Ip4 to, std::uint8_t ttl, std::size_t payload, Duration patience,
                           const std::atomic<bool>& stop) = 0;
};

enum class TcpEnd { Connected, Refused, Timeout, Unreachable };
struct TcpAnswer {
    TcpEnd end = TcpEnd::Timeout;
    std::optional<PathError> error{};  ///< of Unreachable, and of Refused if ICMP said so
    Ip4 localAddress;
    std::uint16_t localPort = 0;
    std::chrono::microseconds took{};
};
/// Opens a connection and closes it again without a byte. With `ttl` it is a probe for that hop. Errors: Unavailable
/// (the system has no socket for it).
Result<TcpAnswer> probeTcp(Ip4 to, std::uint16_t port, std::uint8_t ttl, Duration patience,
                           const std::atomic<bool>& stop);

/// What the system's table of neighbours says of an address.
struct Neighbour {
    bool isReachable = false;  ///< it has a hardware address
    std::string hardware;      ///< "02:42:0a:01:00:0b"
    std::string interface;
};
/// Empty if the table has no entry. Never asks the network itself.
std::optional<Neighbour> neighbourOf(Ip4 address);

/// How the system would send to an address.
struct RouteFacts {
    bool isThere = false;
    Ip4 source;   ///< our address
    Ip4 gateway;  ///< 0.0.0.0 = in the own segment
    std::string interface;
    int prefix = 0;  ///< of the interface's network
    std::uint16_t mtu = 0;
};
RouteFacts routeTo(Ip4 address);

}  // namespace causeway::net
