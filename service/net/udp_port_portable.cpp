#if !defined(__linux__) || defined(CAUSEWAY_PORTABLE_UDP)

// UDP for systems other than Linux, on plain Asio. What is missing here, and what follows for the LAN directory:
//  - no IP_PKTINFO: UdpDatagram::to and localAddress are the bound address (0.0.0.0 when bound to all) and the
//  interface
//    index is 0, so broadcasts cannot be told from unicast; `from` of send() is left to the system. A computer with
//    several addresses should set lan.listen to one of them.
//  - no foreign source: sendAs() is Denied, so introductions do not exist.
//  - no refusals: onRefusal() is never called, a closed port looks like silence.
//  - droppedByKernel() is always 0.
//  - no hop limits, no fragment options, no time to live of what arrives: sendProbe() refuses what needs them.

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <cerrno>
#include <vector>

#if defined(_WIN32)
#include <winsock2.h>
#endif

#include "service/net/udp_errors.h"
#include "service/net/udp_port.h"

namespace causeway::net {

namespace {

using boost::asio::ip::address_v4;
using boost::asio::ip::udp;

constexpr std::size_t kDatagram = 65536;
constexpr int kDatagramsPerWakeup = 64;

/// The errno that the sentences know for a system error of any platform.
int portableError(const boost::system::error_code& error) {
    return error.default_error_condition().value();
}

class Core : public std::enable_shared_from_this<Core> {
public:
    Core(EventLoop& loop, udp::socket made) : socket(std::move(made)), loop_(loop), room_(kDatagram) {}

    void begin() {
        if (hasBegun_ || isClosed) return;
        hasBegun_ = true;
        wait();
    }

    void close() {
        if (isClosed) return;
        isClosed = true;
        boost::system::error_code ignored;
        socket.close(ignored);
        receiver = nullptr;
    }

    udp::socket socket;
    std::function<void(const UdpDatagram&)> receiver;
    Ip4 bound;
    bool isClosed = false;

private:
    void wait() {
        socket.async_wait(udp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
            if (error || self->isClosed) return;
            self->loop_.run("udp receive", [&self] { self->drain(); });
            if (!self->isClosed) self->wait();
        });
    }

    void drain() {
        const auto deliver = receiver;
        for (int i = 0; i < kDatagramsPerWakeup && !isClosed; ++i) {
            udp::endpoint source;
            boost::system::error_code error;
            const auto size = socket.receive_from(boost::asio::buffer(room_), source, 0, error);
            if (error == boost::asio::error::would_block || error == boost::asio::error::try_again) return;
            if (error) continue;  // Windows reports the refusal of an earlier datagram here, without its address
            UdpDatagram datagram;
            datagram.from = {source.address().to_v4().to_uint()};
            datagram.fromPort = source.port();
            datagram.to = bound;
            datagram.localAddress = bound;
            datagram.bytes = {room_.data(), size};
            if (deliver) loop_.run("udp datagram", [&] { deliver(datagram); });
        }
    }

    EventLoop& loop_;
    bool hasBegun_ = false;
    std::vector<char> room_;
};

class PortableUdpPort final : public UdpPort {
public:
    PortableUdpPort(std::shared_ptr<Core> core, std::uint16_t port) : core_(std::move(core)), port_(port) {}
    ~PortableUdpPort() override { core_->close(); }
    PortableUdpPort(const PortableUdpPort&) = delete;
    PortableUdpPort& operator=(const PortableUdpPort&) = delete;

    void onReceive(std::function<void(const UdpDatagram&)> receiver) override {
        core_->receiver = std::move(receiver);
        core_->begin();
    }
    void onRefusal(std::function<void(const UdpRefusal&)>) override {}

    Result<void> send(Ip4 from, Ip4 to, std::uint16_t port, std::string_view bytes) override {
        boost::system::error_code error;
        const udp::endpoint target{address_v4{to.value}, port};
        core_->socket.send_to(boost::asio::buffer(bytes.data(), bytes.size()), target, 0, error);
        // The refusal of an earlier datagram can be handed to this send, which then did not happen.
        if (error == boost::asio::error::connection_refused || error == boost::asio::error::connection_reset) {
            core_->socket.send_to(boost::asio::buffer(bytes.data(), bytes.size()), target, 0, error);
        }
        if (error) return cannotSendUdp(portableError(error), from, to, port);
        return {};
    }
    Result<void> sendProbe(Ip4 from, Ip4 to, std::uint16_t port, std::string_view bytes, const UdpProbe& how) override {
        if (how.ttl == 0 && how.fragmentation == Fragmentation::System) return send(from, to, port, bytes);
        return Error{Code::Unavailable, "The probe to " + to.text() + " was not sent.",
                     "This build cannot limit the hops of a datagram or forbid its fragments.",
                     "Trace from a service on Linux to measure paths and sizes."};
    }
    Result<void> sendAs(Ip4, Ip4 to, std::uint16_t, std::string_view) override {
        return Error{Code::Denied, "The introduction to " + to.text() + " was not sent.",
                     "This system cannot send with another user's address.",
                     "Run the service on Linux if you need introductions."};
    }
    bool canSendAs() const override { return false; }
    Ip4 localAddress() const override { return core_->bound; }
    std::uint16_t localPort() const override { return port_; }
    std::uint64_t droppedByKernel() const override { return 0; }
    void close() override { core_->close(); }

private:
    std::shared_ptr<Core> core_;
    std::uint16_t port_;
};

}  // namespace

Result<std::unique_ptr<UdpPort>> UdpPort::open(EventLoop& loop, const UdpSettings& settings, Log& log) {
    boost::system::error_code error;
    udp::socket socket{loop.io()};
    socket.open(udp::v4(), error);
    if (error) return cannotOpenUdp(portableError(error), settings);
#if defined(_WIN32)
    const int only = 1;  // Windows lets two programs share a port unless one forbids it
    ::setsockopt(socket.native_handle(), SOL_SOCKET, SO_EXCLUSIVEADDRUSE, reinterpret_cast<const char*>(&only),
                 sizeof only);
#endif
    socket.bind({address_v4{settings.listen.value}, settings.port}, error);
    if (error) return cannotOpenUdp(portableError(error), settings);
    socket.set_option(udp::socket::broadcast{settings.allowBroadcast}, error);
    if (!error) socket.non_blocking(true, error);
    if (error) return cannotOpenUdp(portableError(error), settings);
    socket.set_option(udp::socket::receive_buffer_size{static_cast<int>(settings.receiveBufferBytes)}, error);
    if (settings.wantForeignSource) {
        log.write(LogLevel::Info, "NET_NO_FOREIGN_SOURCE",
                  "Introductions are not possible: this system cannot send with another user's address.");
    }
    const auto bound = socket.local_endpoint(error);
    if (error) return cannotOpenUdp(portableError(error), settings);
    auto core = std::make_shared<Core>(loop, std::move(socket));
    core->bound = {bound.address().to_v4().to_uint()};
    return std::unique_ptr<UdpPort>(std::make_unique<PortableUdpPort>(std::move(core), bound.port()));
}

}  // namespace causeway::net

#endif
