#if !defined(__linux__) || defined(CAUSEWAY_PORTABLE_UDP)

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <utility>

#include "service/net/udp_batch.h"
#include "service/net/udp_errors.h"

namespace causeway::net {

namespace {

using boost::asio::ip::udp;
using SystemError = boost::system::error_code;

/// One socket, one datagram at a time, on a loop of its own that only runs inside receive(). A socket on all addresses
/// lets the system choose the source of answers.
class PortableUdpBatch final : public UdpBatch {
public:
    PortableUdpBatch(std::unique_ptr<boost::asio::io_context> io, udp::socket socket, std::string address)
        : io_(std::move(io)), socket_(std::move(socket)), address_(std::move(address)) {
        SystemError ignored;
        port_ = socket_.local_endpoint(ignored).port();
        exchange_.room = answer_;
    }

    std::span<UdpExchange> receive() override {
        while (!isInterrupted_) {
            std::size_t size = 0;
            bool hasArrived = false;
            socket_.async_receive_from(boost::asio::buffer(received_), peer_,
                                       [&](const SystemError& error, std::size_t count) {
                                           hasArrived = !error;
                                           size = count;
                                       });
            io_->restart();
            io_->run_one();
            if (isInterrupted_) {
                // The handler refers to this frame.
                SystemError ignored;
                socket_.cancel(ignored);
                io_->restart();
                io_->run();
                return {};
            }
            if (!hasArrived || size > kDatagram) continue;
            if (peer_.address().is_v6()) {
                peerBytes_ = peer_.address().to_v6().to_bytes();
                exchange_.peer = {reinterpret_cast<const char*>(peerBytes_.data()), 16};
            } else {
                const auto four = peer_.address().to_v4().to_bytes();
                std::copy(four.begin(), four.end(), peerBytes_.begin());
                exchange_.peer = {reinterpret_cast<const char*>(peerBytes_.data()), 4};
            }
            exchange_.peerPort = peer_.port();
            exchange_.bytes = {received_.data(), size};
            exchange_.answerSize = 0;
            return {&exchange_, 1};
        }
        return {};
    }

    void answer() override {
        if (exchange_.answerSize == 0) return;
        SystemError ignored;
        socket_.send_to(boost::asio::buffer(answer_.data(), exchange_.answerSize), peer_, 0, ignored);
    }

    void interrupt() override {
        boost::asio::post(*io_, [this] { isInterrupted_ = true; });
    }

    std::string localAddress() const override { return address_; }
    std::uint16_t localPort() const override { return port_; }

private:
    std::unique_ptr<boost::asio::io_context> io_;
    udp::socket socket_;
    std::string address_;
    std::uint16_t port_ = 0;
    udp::endpoint peer_;
    std::array<unsigned char, 16> peerBytes_{};
    UdpExchange exchange_;
    bool isInterrupted_ = false;  ///< only in the thread that receives
    std::array<Byte, kAnswer> answer_{};
    std::array<char, kDatagram + 1> received_{};  ///< one more, to see that a datagram is too long
};

}  // namespace

Result<std::vector<std::unique_ptr<UdpBatch>>> UdpBatch::open(const UdpBatchSettings& settings) {
    SystemError error;
    const auto address = boost::asio::ip::make_address(settings.address, error);
    if (error) return notAnAddress(settings.address, settings.port);
    auto io = std::make_unique<boost::asio::io_context>(1);
    udp::socket socket{*io};
    const udp::endpoint wanted{address, settings.port};
    socket.open(wanted.protocol(), error);
    if (!error && address.is_v6()) socket.set_option(boost::asio::ip::v6_only{true}, error);
    if (!error) socket.bind(wanted, error);
    if (error) return cannotOpenUdpAt(error.value(), settings.address, settings.port);
    SystemError ignored;
    socket.set_option(udp::socket::receive_buffer_size{static_cast<int>(settings.receiveBufferBytes)}, ignored);
    std::vector<std::unique_ptr<UdpBatch>> made;
    made.push_back(std::make_unique<PortableUdpBatch>(std::move(io), std::move(socket), settings.address));
    return made;
}

}  // namespace causeway::net

#endif
