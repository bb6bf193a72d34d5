#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/bytes.h"
#include "shared/base/result.h"

namespace causeway::net {

struct UdpBatchSettings {
    std::string address = "0.0.0.0";  ///< IPv4 or IPv6; "::" takes IPv6 only
    std::uint16_t port = 0;           ///< 0 = any free one, the same for all sockets
    std::size_t sockets = 1;          ///< share the port (SO_REUSEPORT); the system spreads the clients over them
    std::size_t receiveBufferBytes = 4U << 20;
};

/// One received datagram and the place for its answer; valid until the next receive().
struct UdpExchange {
    std::string_view peer;  ///< raw address, 4 or 16 bytes
    std::uint16_t peerPort = 0;
    std::string_view bytes;
    std::span<Byte> room;        ///< for the answer, UdpBatch::kAnswer bytes
    std::size_t answerSize = 0;  ///< 0 = no answer
};

/// A UDP socket for a server that answers each datagram with at most one: a thread of its own receives up to kBatch of
/// them with one system call and sends the answers with another (recvmmsg, sendmmsg; elsewhere one by one). Answers
/// leave from the address that was asked, unfragmented as far as the system can promise it. Datagrams longer than
/// kDatagram bytes are dropped. One thread a socket; interrupt() from any.
class UdpBatch {
public:
    static constexpr std::size_t kBatch = 64;
    static constexpr std::size_t kDatagram = 4096;
    static constexpr std::size_t kAnswer = 1232;

    /// Errors: BadInput (no address), Conflict (the text names the program that holds the port if that can be found
    /// out), Denied (privileged port), Unavailable. A port that another program has is not shared with it.
    static Result<std::vector<std::unique_ptr<UdpBatch>>> open(const UdpBatchSettings& settings);
    virtual ~UdpBatch() = default;

    /// Waits for at least one datagram. Empty once interrupt() was called.
    virtual std::span<UdpExchange> receive() = 0;
    /// Sends the answers to what receive() returned. What the system does not take is dropped, as UDP allows.
    virtual void answer() = 0;
    virtual void interrupt() = 0;

    virtual std::string localAddress() const = 0;
    virtual std::uint16_t localPort() const = 0;
};

}  // namespace causeway::net
