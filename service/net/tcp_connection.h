#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "service/net/event_loop.h"
#include "service/net/tls.h"

namespace causeway::net {

struct TcpLimits {
    std::size_t sendBuffer = 256U << 10;  ///< bytes that wait for the peer; more is refused
    Duration handshake = 10s;             ///< for TLS, from startTls()
    Duration goodbye = 5s;                ///< for what is unsent and for the peer's end, from close()
};

enum class CloseReason {
    Local,    ///< we closed it
    Peer,     ///< the peer closed it properly
    PeerCut,  ///< the peer vanished: reset, or end without TLS's goodbye; what he sent last may be incomplete
    Tls,      ///< the handshake or a record failed
    Timeout,  ///< a limit of TcpLimits
};
struct CloseReport {
    CloseReason reason = CloseReason::Local;
    std::string detail;  ///< for the log, "tlsv1 alert unknown ca"; may be empty
};

/// Who uses a connection. All calls come on its loop, none from inside a call to the connection.
class TcpUser {
public:
    virtual ~TcpUser() = default;
    virtual void onSecured() {}  ///< the TLS handshake is complete
    /// Plain text, cut anywhere; valid only during the call.
    virtual void onBytes(std::string_view bytes) = 0;
    virtual void onRoom() {}  ///< after send() was refused: three quarters of the send buffer are free again
    virtual void onClosed(const CloseReport& report) = 0;  ///< exactly once, the last call
};

/// A TCP connection on one loop, plain or with TLS from any point on (STARTTLS). Idle, it holds no buffers: received
/// bytes go through a buffer of the loop, and the send buffer is freed when it has drained.
/// The peer's end ends the connection, also what we still had to send: nobody half-closes a chat or a TLS connection.
/// Life: it keeps itself and its user alive until onClosed(); both may hold each other. Whoever stops the
/// loop aborts its connections before. Loop thread only.
class TcpConnection : public std::enable_shared_from_this<TcpConnection> {
public:
    virtual ~TcpConnection() = default;

    /// Starts reading. Once.
    virtual void begin(std::shared_ptr<TcpUser> user) = 0;
    /// What was received before and not yet given to the user counts as cipher text; the user drops what he holds.
    /// What is sent from now on goes out encrypted when the handshake is complete. `serverName`: client only.
    virtual void startTls(std::shared_ptr<const TlsContext> context, TlsRole role,
                          const std::string& serverName = {}) = 0;

    /// Takes all or nothing. Errors: Busy (the send buffer is full: wait for onRoom), Unavailable (closed or closing).
    /// Small sends of one callback leave together.
    virtual Result<void> send(std::string_view bytes) = 0;
    /// A user who cannot take more pauses; the peer is then slowed down by TCP. Nor is the peer's end seen meanwhile.
    virtual void pauseReading() = 0;
    virtual void resumeReading() = 0;

    /// Sends what waits, says goodbye, and waits for the peer's end; onClosed(Local) comes at the end.
    virtual void close() = 0;
    /// Drops what waits and closes; onClosed(Local) comes soon.
    virtual void abort() = 0;
    virtual bool isOpen() const = 0;  ///< send() can work

    virtual std::string peerAddress() const = 0;  ///< without the port
    virtual std::uint16_t peerPort() const = 0;
    virtual std::size_t unsentBytes() const = 0;
    virtual std::size_t heldBytes() const = 0;  ///< memory of the buffers, for the status page and tests
    virtual const TlsLayer* tls() const = 0;    ///< nullptr while plain
    virtual EventLoop& loop() const = 0;
};

/// Connects to an address (no name); `done` comes later on the loop.
/// Errors: BadInput, Unavailable, Timeout after `patience`.
void connectTcp(EventLoop& loop, const std::string& address, std::uint16_t port, Duration patience,
                const TcpLimits& limits, std::function<void(Result<std::shared_ptr<TcpConnection>>)> done);

}  // namespace causeway::net
