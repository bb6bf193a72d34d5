#include "service/net/tcp_listener.h"

#include <algorithm>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <utility>

#include "service/net/port_holder.h"
#include "service/net/tcp_connection_asio.h"

namespace causeway::net {

namespace {

using boost::asio::ip::tcp;
using SystemError = boost::system::error_code;

constexpr int kAcceptsPerWakeup = 64;
constexpr Duration kFirstPause = 100ms;
constexpr Duration kLongestPause = 2s;

Error cannotListen(const SystemError& error, const tcp::endpoint& wanted) {
    const auto address = wanted.address();
    const auto what =
        "TCP port " + std::to_string(wanted.port()) + " on " + address.to_string() + " could not be opened.";
    if (error == boost::system::errc::address_in_use) {
        const auto ip = address.is_v4() ? Ip4{address.to_v4().to_uint()} : Ip4{};
        const auto holder = address.is_v4() || address.is_unspecified()
                                ? portHolderSentence(Transport::Tcp, ip, wanted.port())
                                : "TCP port " + std::to_string(wanted.port()) + " on " + address.to_string() +
                                      " is held by another program";
        return {Code::Conflict, what, holder + ".",
                "End that program or move it to another computer, or choose another port, then start the service "
                "again."};
    }
    if (error == boost::system::errc::permission_denied) {
        return {Code::Denied, what, "Ports below 1024 need a privilege that this process does not have.",
                "Start it through its system service, give it CAP_NET_BIND_SERVICE, or choose a port above 1023."};
    }
    const bool isAnyIp6 = address.is_v6() && address.is_unspecified();
    if (error == boost::system::errc::address_family_not_supported ||
        (isAnyIp6 && error == boost::system::errc::address_not_available)) {
        return {Code::Unsupported, what, "This computer has no " + std::string(address.is_v6() ? "IPv6." : "IPv4."),
                "Turn it on in the system, or leave this address out."};
    }
    if (error == boost::system::errc::address_not_available) {
        return {Code::Unavailable, what, address.to_string() + " is not an address of this computer.",
                "Choose an address of this computer, or 0.0.0.0 for all of them."};
    }
    return {Code::Unavailable, what, "The system says: " + error.message() + ".",
            "Look at the network settings of this computer, then start the service again."};
}

/// What can be expected to pass when other connections end.
bool isExhausted(const SystemError& error) {
    return error == boost::system::errc::too_many_files_open ||
           error == boost::system::errc::too_many_files_open_in_system ||
           error == boost::system::errc::no_buffer_space || error == boost::system::errc::not_enough_memory;
}

/// Shared with the waiting handlers, so that the callback may destroy the listener.
class Core : public std::enable_shared_from_this<Core> {
public:
    Core(EventLoop& loop, tcp::acceptor acceptor, const TcpListenSettings& settings,
         std::function<void(std::shared_ptr<TcpConnection>)> accepted, Log& log)
        : loop_(loop),
          acceptor_(std::move(acceptor)),
          settings_(settings),
          accepted_(std::move(accepted)),
          log_(log),
          timer_(loop, "tcp accept again", [this] { wait(); }) {}

    void wait() {
        if (isClosed_) return;
        acceptor_.async_wait(tcp::acceptor::wait_read, [self = shared_from_this()](const SystemError& error) {
            if (error || self->isClosed_) return;
            bool goesOn = false;
            self->loop_.run("tcp accept", [&] { goesOn = self->acceptSome(); });
            if (goesOn) self->wait();
        });
    }

    void close() {
        isClosed_ = true;
        timer_.cancel();
        SystemError ignored;
        acceptor_.close(ignored);
    }

private:
    /// False: the timer goes on.
    bool acceptSome() {
        for (int i = 0; i < kAcceptsPerWakeup && !isClosed_; ++i) {
            auto& loop = settings_.chooseLoop ? settings_.chooseLoop() : loop_;
            SystemError error;
            tcp::socket socket{loop.io()};
            acceptor_.accept(socket, error);
            if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) return true;
            if (isExhausted(error)) {
                pause(error);
                return false;
            }
            if (error) continue;  // that connection ended before we took it
            pause_ = kFirstPause;
            hasSaid_ = false;
            handOver(loop, std::move(socket));
        }
        return true;
    }

    void handOver(EventLoop& loop, tcp::socket socket) {
        if (&loop == &loop_) {
            accepted_(makeTcpConnection(loop, std::move(socket), settings_.limits));
            return;
        }
        // std::function wants a copy, a socket has none.
        auto shared = std::make_shared<tcp::socket>(std::move(socket));
        loop.post("tcp accepted", [&loop, shared, accepted = accepted_, limits = settings_.limits] {
            accepted(makeTcpConnection(loop, std::move(*shared), limits));
        });
    }

    void pause(const SystemError& error) {
        if (!hasSaid_) {
            log_.write(LogLevel::Warning, "NET_ACCEPT_PAUSED",
                       "New connections to TCP port " + std::to_string(settings_.port) + " wait: " + error.message() +
                           ". Raise the limit of open files of the service (LimitNOFILE), or end unused connections.");
            hasSaid_ = true;
        }
        timer_.setAt(EventLoop::now() + pause_);
        pause_ = std::min(pause_ * 2, kLongestPause);
    }

    EventLoop& loop_;
    tcp::acceptor acceptor_;
    TcpListenSettings settings_;
    std::function<void(std::shared_ptr<TcpConnection>)> accepted_;
    Log& log_;
    LoopTimer timer_;
    Duration pause_ = kFirstPause;
    bool hasSaid_ = false;
    bool isClosed_ = false;
};

class AsioListener final : public TcpListener {
public:
    AsioListener(std::shared_ptr<Core> core, tcp::endpoint local) : core_(std::move(core)), local_(std::move(local)) {}
    ~AsioListener() override { core_->close(); }
    AsioListener(const AsioListener&) = delete;
    AsioListener& operator=(const AsioListener&) = delete;

    std::string localAddress() const override { return local_.address().to_string(); }
    std::uint16_t localPort() const override { return local_.port(); }
    void close() override { core_->close(); }

private:
    std::shared_ptr<Core> core_;
    tcp::endpoint local_;
};

}  // namespace

Result<std::unique_ptr<TcpListener>> TcpListener::open(EventLoop& loop, const TcpListenSettings& settings,
                                                       std::function<void(std::shared_ptr<TcpConnection>)> accepted,
                                                       Log& log) {
    SystemError error;
    const auto address = boost::asio::ip::make_address(settings.address, error);
    if (error) {
        return Error{Code::BadInput, "TCP port " + std::to_string(settings.port) + " could not be opened.",
                     "\"" + settings.address + "\" is not an IP address.", "Give an address such as 0.0.0.0 or ::."};
    }
    const tcp::endpoint wanted{address, settings.port};
    tcp::acceptor acceptor{loop.io()};
    acceptor.open(wanted.protocol(), error);
#if !defined(_WIN32)
    // On Unix this only lets a restarted service take its port back at once; on Windows it would share the port.
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address{true}, error);
#endif
    if (!error && address.is_v6()) acceptor.set_option(boost::asio::ip::v6_only{true}, error);
    if (!error) acceptor.bind(wanted, error);
    if (!error) acceptor.listen(settings.backlog, error);
    if (!error) acceptor.non_blocking(true, error);
    tcp::endpoint local;
    if (!error) local = acceptor.local_endpoint(error);
    if (error) return cannotListen(error, wanted);
    auto actual = settings;
    actual.port = local.port();
    auto core = std::make_shared<Core>(loop, std::move(acceptor), actual, std::move(accepted), log);
    core->wait();
    return std::unique_ptr<TcpListener>(std::make_unique<AsioListener>(std::move(core), std::move(local)));
}

}  // namespace causeway::net
