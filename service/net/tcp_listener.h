#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "service/net/tcp_connection.h"

namespace causeway::net {

struct TcpListenSettings {
    std::string address = "0.0.0.0";  ///< IPv4 or IPv6; "::" takes IPv6 only
    std::uint16_t port = 0;           ///< 0 = any free one
    int backlog = 511;
    TcpLimits limits{};
    /// The loop of the next connection; empty = the loop of the listener. The loops outlive the listener.
    std::function<EventLoop&()> chooseLoop{};
};

/// Accepts TCP connections. When the process or the system has no descriptors left it pauses (0.1 s, doubling to 2 s)
/// instead of spinning, logs NET_ACCEPT_PAUSED once, and goes on by itself. Loop thread only, except open() before the
/// loop runs.
class TcpListener {
public:
    /// `accepted` comes on the loop of the connection, which is not begun yet.
    /// Errors: BadInput (no address), Conflict (the text names the program that holds the port), Denied,
    /// Unsupported (this computer has no IPv6), Unavailable.
    static Result<std::unique_ptr<TcpListener>> open(EventLoop& loop, const TcpListenSettings& settings,
                                                     std::function<void(std::shared_ptr<TcpConnection>)> accepted,
                                                     Log& log);
    virtual ~TcpListener() = default;

    virtual std::string localAddress() const = 0;
    virtual std::uint16_t localPort() const = 0;
    virtual void close() = 0;  ///< no more connections; those that are there stay
};

}  // namespace causeway::net
