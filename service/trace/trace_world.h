#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/trace/trace_peer.h"
#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/base_site.h"
#include "shared/model/lan_user.h"
#include "shared/model/trace.h"

namespace causeway::trace {

/// What a datagram to UDP 2425 asks.
enum class ChatQuestion : std::uint8_t {
    Nothing,  ///< NOOPERATION: answered by nobody
    Version,  ///< GETINFO: answered at once, seen by nobody; iptux does not answer it
    Entry     ///< BR_ENTRY: answered by ANSENTRY
};

/// One datagram from our UDP 2425.
struct ChatProbe {
    TraceStep step = TraceStep::ChatProbe;
    Ip4 to;
    std::uint16_t port = 2425;
    ChatQuestion question = ChatQuestion::Version;
    std::uint16_t size = 0;  ///< padded to so many bytes of payload; 0 = as it comes
    std::uint8_t ttl = 0;    ///< 0 = as usual
    /// Empty: as the system does it. true: never fragmented; false: here and by any router.
    std::optional<bool> isDontFragment{};
    std::string note{};  ///< with Nothing: text that the packet carries, for counts between services
};

/// What arrived at our UDP 2425 from a watched address, or about a datagram to it.
struct Heard {
    TimePoint at{};
    Ip4 from;  ///< of an error: the computer to which our datagram went
    std::uint16_t fromPort = 0;
    Ip4 to;  ///< destination of the packet; a broadcast address if it was one
    std::uint8_t ttl = 0;
    std::uint32_t number = 0;            ///< packet number
    std::optional<std::uint8_t> mode{};  ///< IP Messenger command; empty: something else
    std::optional<IcmpError> error{};    ///< set: no packet, but an ICMP error
    bool isAnswer() const { return !error && (mode == 0x41 || mode == 0x03); }  ///< SENDINFO, ANSENTRY
};

struct EchoOutcome {
    bool isAnswered = false;
    std::uint8_t ttl = 0;
    std::optional<IcmpError> error{};
    Duration took{};
};

struct RouteOutcome {
    bool isThere = false;
    Ip4 source;
    Ip4 gateway;  ///< 0.0.0.0 = in an own segment
    std::string interface;
    std::uint16_t mtu = 0;
};

struct NeighbourOutcome {
    bool isReachable = false;
    std::string hardware;
};

/// The users of a client's own list.
struct ListOutcome {
    bool isComplete = false;
    std::vector<Ip4> addresses;
};

/// Everything that a trace touches; tests have a fake one, the service that of trace_io. One trace each; its calls
/// block for no longer than they say. Packets are paced by it.
class TraceWorld {
public:
    virtual ~TraceWorld() = default;

    virtual TimePoint now() = 0;
    virtual bool isStopped() = 0;
    /// Sleeps; ends early when stopped.
    virtual void pause(Duration span) = 0;

    // The directory and this computer
    virtual std::vector<LanUser> users() = 0;
    virtual std::vector<LanInterface> interfaces() = 0;
    virtual std::vector<BaseSite> bases() = 0;
    virtual SelfFacts self(Ip4 target) = 0;
    virtual RouteOutcome route(Ip4 target) = 0;
    virtual std::optional<NeighbourOutcome> neighbour(Ip4 address) = 0;
    /// Errors: NotFound (no such name), Unavailable, Timeout (two seconds).
    virtual Result<std::vector<Ip4>> addressesOf(const std::string& name) = 0;
    virtual Result<std::string> nameOf(Ip4 address) = 0;

    // UDP 2425
    /// From now on packets from that address, and errors about datagrams to it, are collected.
    virtual void watch(Ip4 address) = 0;
    virtual Result<void> send(const ChatProbe& probe) = 0;
    /// What came since the last call; waits up to `patience` if nothing did.
    virtual std::vector<Heard> collect(Duration patience) = 0;
    /// Asks everybody in the segment of that interface; who answered within `patience`.
    virtual Result<std::vector<Ip4>> broadcast(const LanInterface& interface, Duration patience) = 0;
    /// Reads the list of a client (GETLIST); Unavailable if it was read less than 10 minutes ago or gives none.
    virtual Result<ListOutcome> list(Ip4 client, Duration patience) = 0;

    // Other protocols
    /// How pings are sent, "ICMP datagram socket"; the error says why they are not.
    virtual Result<std::string> echoMethod() = 0;
    virtual Result<EchoOutcome> echo(TraceStep step, Ip4 to, std::uint8_t ttl, Duration patience) = 0;
    virtual Result<TcpFacts> tcp(TraceStep step, Ip4 to, std::uint16_t port, std::uint8_t ttl, Duration patience) = 0;

    /// The linked service in whose base the target is; null if there is no link to that base.
    virtual std::shared_ptr<TracePeer> peerOf(Ip4) { return nullptr; }
};

}  // namespace causeway::trace
