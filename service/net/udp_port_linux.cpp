#if defined(__linux__) && !defined(CAUSEWAY_PORTABLE_UDP)

#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <vector>

#include "service/net/udp_errors.h"
#include "service/net/udp_port.h"

namespace causeway::net {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kBatchesPerWakeup = 4;    // then other tasks of the loop get their turn
constexpr std::size_t kRefusalsPerWakeup = 64;  // the error queue is bounded by the receive buffer
constexpr std::size_t kDatagram = 65536;        // no UDP datagram over IPv4 is larger
constexpr int kSendBuffer = 1 << 20;
constexpr int kSendTries = 4;

sockaddr_in socketAddress(Ip4 ip, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip.value);
    return address;
}

Ip4 ipOf(const in_addr& address) {
    return {ntohl(address.s_addr)};
}

template <class T>
bool setOption(int socket, int level, int name, const T& value) {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

bool setFlag(int socket, int level, int name, bool isOn) {
    return setOption(socket, level, name, static_cast<int>(isOn));
}

/// An error that an earlier datagram caused (IP_RECVERR) is handed to the next send, which then did not happen. The
/// same numbers are also true answers of this send; only another try can tell.
bool canBeOfEarlierDatagram(int systemError) {
    switch (systemError) {
        case ECONNREFUSED:
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EHOSTDOWN:
        case ENONET:
        case ENOPROTOOPT:
        case EPROTO:
        case EOPNOTSUPP:
        case EACCES:
        case EMSGSIZE:
            return true;
        default:
            return false;
    }
}

/// The socket and its buffers. Shared with the waiting handlers, so that a callback may close or destroy the port.
class Core : public std::enable_shared_from_this<Core> {
public:
    Core(EventLoop& loop, int socket) : loop_(loop), descriptor_(loop.io(), socket), socket_(socket) {}

    void begin() {
        if (hasBegun_ || isClosed_) return;
        hasBegun_ = true;
        room_ = std::make_unique_for_overwrite<char[]>(kBatch * kDatagram);
        wait();
    }

    void close() {
        if (isClosed_) return;
        isClosed_ = true;
        boost::system::error_code ignored;
        descriptor_.close(ignored);
        socket_ = -1;
        receiver = nullptr;
        refusalReceiver = nullptr;
    }

    bool isClosed() const { return isClosed_; }
    int socket() const { return socket_; }

    std::function<void(const UdpDatagram&)> receiver;
    std::function<void(const UdpRefusal&)> refusalReceiver;
    std::atomic<std::uint64_t> dropped{0};

private:
    struct Controls {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo)) + 2 * CMSG_SPACE(sizeof(std::uint32_t))> bytes;
    };

    void wait() {
        descriptor_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                               [self = shared_from_this()](const boost::system::error_code& error) {
                                   if (error || self->isClosed_) return;
                                   self->loop_.run("udp receive", [&self] { self->drain(); });
                                   if (!self->isClosed_) self->wait();
                               });
    }

    void drain() {
        readRefusals();
        for (std::size_t batch = 0; batch < kBatchesPerWakeup && !isClosed_; ++batch) {
            if (readBatch() < kBatch) break;
        }
    }

    std::size_t readBatch() {
        std::array<mmsghdr, kBatch> messages{};
        std::array<iovec, kBatch> parts{};
        std::array<sockaddr_in, kBatch> sources{};
        std::array<Controls, kBatch> controls;
        for (std::size_t i = 0; i < kBatch; ++i) {
            parts[i] = {room_.get() + i * kDatagram, kDatagram};
            auto& header = messages[i].msg_hdr;
            header.msg_name = &sources[i];
            header.msg_namelen = sizeof sources[i];
            header.msg_iov = &parts[i];
            header.msg_iovlen = 1;
            header.msg_control = controls[i].bytes.data();
            header.msg_controllen = controls[i].bytes.size();
        }
        int count = -1;
        // The first tries may only hand out the error of an earlier datagram.
        for (int tries = 0; tries < kSendTries && count < 0; ++tries) {
            count = ::recvmmsg(socket_, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
            if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return 0;
        }
        if (count <= 0) return 0;
        // Kept alive by a copy: a callback may replace it.
        const auto deliver = receiver;
        for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
            const auto& header = messages[i].msg_hdr;
            if (header.msg_namelen < sizeof(sockaddr_in) || sources[i].sin_family != AF_INET) continue;
            UdpDatagram datagram;
            datagram.from = ipOf(sources[i].sin_addr);
            datagram.fromPort = ntohs(sources[i].sin_port);
            datagram.bytes = {room_.get() + i * kDatagram, messages[i].msg_len};
            readControls(messages[i].msg_hdr, datagram);
            // One bad datagram must not take the rest of its batch with it, hence a guard for each.
            if (deliver && !isClosed_) loop_.run("udp datagram", [&] { deliver(datagram); });
        }
        return static_cast<std::size_t>(count);
    }

    void readControls(msghdr& header, UdpDatagram& datagram) {
        for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
                in_pktinfo info{};
                std::memcpy(&info, CMSG_DATA(control), sizeof info);
                datagram.to = ipOf(info.ipi_addr);
                datagram.localAddress = ipOf(info.ipi_spec_dst);
                datagram.interfaceIndex = info.ipi_ifindex;
            } else if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_TTL) {
                int ttl = 0;
                std::memcpy(&ttl, CMSG_DATA(control), sizeof ttl);
                datagram.ttl = static_cast<std::uint8_t>(ttl);
            } else if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SO_RXQ_OVFL) {
                std::uint32_t count = 0;
                std::memcpy(&count, CMSG_DATA(control), sizeof count);
                countDropped(count);
            }
        }
    }

    /// The kernel counts in 32 bits and wraps.
    void countDropped(std::uint32_t kernelCount) {
        dropped += kernelCount - lastKernelCount_;
        lastKernelCount_ = kernelCount;
    }

    void readRefusals() {
        for (std::size_t i = 0; i < kRefusalsPerWakeup && !isClosed_; ++i) {
            std::array<char, 64> quoted{};
            alignas(cmsghdr) std::array<char, 512> controls{};
            sockaddr_in target{};
            iovec part{quoted.data(), quoted.size()};
            msghdr header{};
            header.msg_name = &target;
            header.msg_namelen = sizeof target;
            header.msg_iov = &part;
            header.msg_iovlen = 1;
            header.msg_control = controls.data();
            header.msg_controllen = controls.size();
            if (::recvmsg(socket_, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return;
            reportRefusal(header, target);
        }
    }

    void reportRefusal(msghdr& header, const sockaddr_in& target) {
        for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_RECVERR) continue;
            struct {
                sock_extended_err error;
                sockaddr_in offender;
            } said{};
            const auto size = std::min<std::size_t>(sizeof said, control->cmsg_len - CMSG_LEN(0));
            std::memcpy(&said, CMSG_DATA(control), size);
            if (said.error.ee_origin != SO_EE_ORIGIN_ICMP || target.sin_family != AF_INET) continue;
            UdpRefusal refusal;
            refusal.target = ipOf(target.sin_addr);
            refusal.port = ntohs(target.sin_port);
            if (said.offender.sin_family == AF_INET) refusal.reporter = ipOf(said.offender.sin_addr);
            refusal.icmpType = said.error.ee_type;
            refusal.icmpCode = said.error.ee_code;
            if (refusal.icmpType == ICMP_DEST_UNREACH && refusal.icmpCode == ICMP_FRAG_NEEDED)
                refusal.mtu = static_cast<std::uint16_t>(std::min<std::uint32_t>(said.error.ee_info, 65535));
            const auto deliver = refusalReceiver;
            if (deliver) loop_.run("udp refusal", [&] { deliver(refusal); });
        }
    }

    EventLoop& loop_;
    boost::asio::posix::stream_descriptor descriptor_;
    int socket_;
    bool hasBegun_ = false;
    bool isClosed_ = false;
    std::uint32_t lastKernelCount_ = 0;
    std::unique_ptr<char[]> room_;  // grows to what is really received: untouched pages take no memory
};

class LinuxUdpPort final : public UdpPort {
public:
    LinuxUdpPort(std::shared_ptr<Core> core, Ip4 address, std::uint16_t port, bool canSendForeign)
        : core_(std::move(core)), address_(address), port_(port), canSendForeign_(canSendForeign) {}
    ~LinuxUdpPort() override { core_->close(); }
    LinuxUdpPort(const LinuxUdpPort&) = delete;
    LinuxUdpPort& operator=(const LinuxUdpPort&) = delete;

    void onReceive(std::function<void(const UdpDatagram&)> receiver) override {
        core_->receiver = std::move(receiver);
        core_->begin();
    }

    void onRefusal(std::function<void(const UdpRefusal&)> receiver) override {
        core_->refusalReceiver = std::move(receiver);
        core_->begin();
    }

    Result<void> send(Ip4 from, Ip4 to, std::uint16_t port, std::string_view bytes) override {
        if (core_->isClosed()) return closedError();
        const int failed = sendFrom(from, to, port, bytes);
        if (failed != 0) return cannotSendUdp(failed, from, to, port);
        return {};
    }

    Result<void> sendProbe(Ip4 from, Ip4 to, std::uint16_t port, std::string_view bytes, const UdpProbe& how) override {
        if (core_->isClosed()) return closedError();
        // The option holds for this datagram only: nothing else is sent on this thread before it is put back.
        const bool isSpecial = how.fragmentation != Fragmentation::System;
        const int wanted = how.fragmentation == Fragmentation::Forbidden ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT;
        if (isSpecial && !setOption(core_->socket(), IPPROTO_IP, IP_MTU_DISCOVER, wanted)) {
            return Error{Code::Unavailable, "The probe to " + to.text() + " was not sent.",
                         "The system does not take the option for fragments.", "Leave out the size sweep."};
        }
        const int failed = sendFrom(from, to, port, bytes, how.ttl);
        if (isSpecial) setOption(core_->socket(), IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_WANT);
        if (failed != 0) return cannotSendUdp(failed, from, to, port);
        return {};
    }

    Result<void> sendAs(Ip4 foreignSource, Ip4 to, std::uint16_t port, std::string_view bytes) override {
        if (core_->isClosed()) return closedError();
        // The right is switched on for this datagram only, so that send() with an address that we have lost meanwhile
        // fails instead of leaving under a foreign address.
        if (!canSendForeign_ || !setFlag(core_->socket(), IPPROTO_IP, IP_TRANSPARENT, true)) {
            return Error{Code::Denied, "The introduction to " + to.text() + " was not sent.",
                         "The service may not send with another user's address.",
                         "Start it through its system service, or give it CAP_NET_RAW."};
        }
        const int failed = sendFrom(foreignSource, to, port, bytes);
        setFlag(core_->socket(), IPPROTO_IP, IP_TRANSPARENT, false);
        if (failed != 0) return cannotSendUdp(failed, Ip4{}, to, port);
        return {};
    }

    bool canSendAs() const override { return canSendForeign_; }
    Ip4 localAddress() const override { return address_; }
    std::uint16_t localPort() const override { return port_; }
    std::uint64_t droppedByKernel() const override { return core_->dropped; }
    void close() override { core_->close(); }

private:
    static Error closedError() {
        return {Code::Unavailable, "The datagram was not sent.", "The UDP port is closed.",
                "Look in the log for the reason, then start the service again."};
    }

    /// 0 or the system error.
    int sendFrom(Ip4 from, Ip4 to, std::uint16_t port, std::string_view bytes, std::uint8_t ttl = 0) {
        auto target = socketAddress(to, port);
        iovec part{const_cast<char*>(bytes.data()), bytes.size()};  // sendmsg does not write to it
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in_pktinfo)) + CMSG_SPACE(sizeof(int))> controls{};
        msghdr header{};
        header.msg_name = &target;
        header.msg_namelen = sizeof target;
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        std::size_t used = 0;
        const auto addControl = [&](int type, const void* value, std::size_t size) {
            auto* control = reinterpret_cast<cmsghdr*>(controls.data() + used);
            control->cmsg_level = IPPROTO_IP;
            control->cmsg_type = type;
            control->cmsg_len = CMSG_LEN(size);
            std::memcpy(CMSG_DATA(control), value, size);
            used += CMSG_SPACE(size);
        };
        if (!from.isAny()) {
            in_pktinfo info{};
            info.ipi_spec_dst.s_addr = htonl(from.value);
            addControl(IP_PKTINFO, &info, sizeof info);
        }
        if (ttl != 0) {
            const int hops = ttl;
            addControl(IP_TTL, &hops, sizeof hops);
        }
        if (used != 0) {
            header.msg_control = controls.data();
            header.msg_controllen = used;
        }
        int failed = 0;
        for (int tries = 0; tries < kSendTries; ++tries) {
            if (::sendmsg(core_->socket(), &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 0;
            failed = errno;
            if (failed != EINTR && !canBeOfEarlierDatagram(failed)) return failed;
        }
        return failed;
    }

    std::shared_ptr<Core> core_;
    Ip4 address_;
    std::uint16_t port_;
    bool canSendForeign_;
};

struct Closer {
    int socket;
    ~Closer() {
        if (socket >= 0) ::close(socket);
    }
};

}  // namespace

Result<std::unique_ptr<UdpPort>> UdpPort::open(EventLoop& loop, const UdpSettings& settings, Log& log) {
    Closer made{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (made.socket < 0) return cannotOpenUdp(errno, settings);
    const int socket = made.socket;

    // No SO_REUSEADDR and no SO_REUSEPORT: two programs on one port would steal each other's datagrams.
    const auto address = socketAddress(settings.listen, settings.port);
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        return cannotOpenUdp(errno, settings);
    }
    if (!setFlag(socket, IPPROTO_IP, IP_PKTINFO, true) || !setFlag(socket, IPPROTO_IP, IP_RECVERR, true) ||
        !setFlag(socket, SOL_SOCKET, SO_BROADCAST, settings.allowBroadcast)) {
        return cannotOpenUdp(errno, settings);
    }
    setFlag(socket, SOL_SOCKET, SO_RXQ_OVFL, true);  // only a counter is missing without it
    setFlag(socket, IPPROTO_IP, IP_RECVTTL, true);   // only the packet trace knows less without it
    const auto room = static_cast<int>(std::min<std::size_t>(settings.receiveBufferBytes, 1U << 30));
    if (!setOption(socket, SOL_SOCKET, SO_RCVBUFFORCE, room)) setOption(socket, SOL_SOCKET, SO_RCVBUF, room);
    if (!setOption(socket, SOL_SOCKET, SO_SNDBUFFORCE, kSendBuffer)) {
        setOption(socket, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
    }

    bool canSendForeign = false;
    if (settings.wantForeignSource) {
        canSendForeign = setFlag(socket, IPPROTO_IP, IP_TRANSPARENT, true);
        if (canSendForeign) {
            setFlag(socket, IPPROTO_IP, IP_TRANSPARENT, false);
        } else {
            log.write(LogLevel::Info, "NET_NO_FOREIGN_SOURCE",
                      "Introductions are not possible: the service may not send with another user's address. Start it "
                      "through its system service, or give it CAP_NET_RAW.");
        }
    }

    sockaddr_in bound{};
    socklen_t size = sizeof bound;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0) return cannotOpenUdp(errno, settings);

    auto core = std::make_shared<Core>(loop, socket);
    made.socket = -1;
    return std::unique_ptr<UdpPort>(
        std::make_unique<LinuxUdpPort>(std::move(core), ipOf(bound.sin_addr), ntohs(bound.sin_port), canSendForeign));
}

}  // namespace causeway::net

#endif
