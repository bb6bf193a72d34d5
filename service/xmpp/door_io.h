#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "service/net/event_loop.h"
#include "service/net/tcp_listener.h"
#include "service/net/tls.h"
#include "service/xmpp/door_port.h"
#include "service/xmpp/door_session.h"
#include "shared/base/guarded.h"
#include "shared/base/log.h"

namespace causeway::xmpp {

struct DoorLimits {
    std::size_t connections = 4096;  ///< in all; those that have not logged in. More are closed at once
    std::size_t ofOneAddress = 256;  ///< of one IPv4 address, or one IPv6 network of 64 bits
    Duration retry = 10s;            ///< for a port that could not be opened
    DoorSession::Rules rules{};
    net::TcpLimits tcp{.sendBuffer = 64U << 10, .handshake = 10s, .goodbye = 5s};
};

/// The listeners of a supernode, StartTLS and direct TLS, on one event loop. A client gets as far as the login gate.
/// A port that cannot be opened is a problem in words and is tried again; the others serve meanwhile.
class Door final : public DoorPort, public std::enable_shared_from_this<Door> {
public:
    struct Parts {
        net::EventLoop* loop = nullptr;
        Log* log = nullptr;
        std::vector<DoorAddress> listen{};
        /// By the ASCII form of a domain; on the loop, must not wait.
        std::function<LoginGate(const std::string& domain)> gate{};
        /// Certificates::contextOf() and front().
        std::function<std::shared_ptr<const net::TlsContext>(const std::string& domain)> contextOf{};
        std::function<std::shared_ptr<const net::TlsContext>()> front{};
        /// On the loop, when the listeners or their problems have changed. May be empty.
        std::function<void()> changed{};
        DoorLimits limits{};
    };
    static std::shared_ptr<Door> make(Parts parts);
    ~Door() override;
    Door(const Door&) = delete;
    Door& operator=(const Door&) = delete;

    /// Opens what can be opened. Not on the loop. Errors: Timeout, Unavailable (of the loop alone).
    Result<void> start();
    /// Closes listeners and connections; those that are open are told. Not on the loop; no callback comes behind it.
    void stop();

    // DoorPort
    DoorStatus status() const override;

private:
    class Visitor;
    struct Slot {
        DoorAddress wanted;
        std::unique_ptr<net::TcpListener> listener;
        std::unique_ptr<net::LoopTimer> timer;
        std::optional<DoorProblem> problem;
    };

    explicit Door(Parts parts);
    // On the loop:
    void open(Slot& slot);
    void accepted(DoorKind kind, const std::shared_ptr<net::TcpConnection>& connection);
    void gone(const std::shared_ptr<Visitor>& visitor);
    void publish();

    Parts parts_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::set<std::shared_ptr<Visitor>> visitors_;
    std::map<std::string, std::size_t> byAddress_;
    TimePoint fullSaidAt_{};
    bool isRunning_ = false;
    Guarded<DoorStatus> status_;
};

/// What connections are counted by: the IPv4 address, or the first 64 bits of the IPv6 address.
std::string countedAddress(const std::string& address);

}  // namespace causeway::xmpp
