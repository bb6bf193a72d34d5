#if defined(__linux__) && !defined(CAUSEWAY_PORTABLE_UDP)

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "service/net/udp_batch.h"
#include "service/net/udp_errors.h"

namespace causeway::net {

namespace {

constexpr int kSendBuffer = 4 << 20;

struct Closer {
    explicit Closer(int fd) : socket(fd) {}
    ~Closer() {
        if (socket >= 0) ::close(socket);
    }
    Closer(const Closer&) = delete;
    Closer& operator=(const Closer&) = delete;
    int release() { return std::exchange(socket, -1); }

    int socket;
};

template <class T>
bool setOption(int socket, int level, int name, const T& value) {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

bool setFlag(int socket, int level, int name, bool isOn) {
    return setOption(socket, level, name, static_cast<int>(isOn));
}

struct Address {
    sockaddr_storage storage{};
    socklen_t size = 0;
    bool isV6 = false;
    bool isAny = false;

    const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
};

bool parseAddress(const std::string& text, std::uint16_t port, Address& out) {
    sockaddr_in four{};
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(port);
        std::memcpy(&out.storage, &four, sizeof four);
        out.size = sizeof four;
        out.isAny = four.sin_addr.s_addr == 0;
        return true;
    }
    sockaddr_in6 six{};
    if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) != 1) return false;
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(port);
    std::memcpy(&out.storage, &six, sizeof six);
    out.size = sizeof six;
    out.isV6 = true;
    out.isAny = IN6_IS_ADDR_UNSPECIFIED(&six.sin6_addr) != 0;
    return true;
}

class LinuxUdpBatch final : public UdpBatch {
public:
    LinuxUdpBatch(int socket, std::string address, std::uint16_t port, const Address& bound)
        : socket_(socket),
          address_(std::move(address)),
          port_(port),
          isV6_(bound.isV6),
          // A socket on one address answers from it anyway.
          wantsControl_(bound.isAny) {
        for (std::size_t i = 0; i < kBatch; ++i) {
            receiveParts_[i] = {received_[i].data(), kDatagram};
            sendParts_[i] = {answers_[i].data(), 0};
            exchanges_[i].room = answers_[i];
        }
    }
    ~LinuxUdpBatch() override { ::close(socket_); }
    LinuxUdpBatch(const LinuxUdpBatch&) = delete;
    LinuxUdpBatch& operator=(const LinuxUdpBatch&) = delete;

    std::span<UdpExchange> receive() override {
        for (std::size_t i = 0; i < used_; ++i)
            prepare(i);
        used_ = 0;
        while (!isInterrupted_.load(std::memory_order_acquire)) {
            const int count = ::recvmmsg(socket_, heads_.data(), kBatch, MSG_WAITFORONE, nullptr);
            if (isInterrupted_.load(std::memory_order_acquire)) return {};
            if (count <= 0) continue;
            used_ = static_cast<std::size_t>(count);
            for (std::size_t i = 0; i < used_; ++i)
                describe(i);
            return std::span{exchanges_}.first(used_);
        }
        return {};
    }

    void answer() override {
        std::size_t count = 0;
        for (std::size_t i = 0; i < used_; ++i) {
            const auto& exchange = exchanges_[i];
            if (exchange.answerSize == 0) continue;
            sendParts_[i].iov_len = exchange.answerSize;
            // The head of the datagram serves for its answer: same peer, and as source the address that was asked.
            auto& head = outgoing_[count++].msg_hdr;
            head = heads_[i].msg_hdr;
            head.msg_iov = &sendParts_[i];
            head.msg_flags = 0;
            if (wantsControl_) forgetInterface(head);
        }
        for (std::size_t sent = 0; sent < count;) {
            const int done =
                ::sendmmsg(socket_, outgoing_.data() + sent, static_cast<unsigned>(count - sent), MSG_DONTWAIT);
            if (done > 0) {
                sent += static_cast<std::size_t>(done);
            } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
                return;
            } else if (errno != EINTR) {
                ++sent;  // this one cannot be sent; the others may
            }
        }
    }

    void interrupt() override {
        isInterrupted_.store(true, std::memory_order_release);
        // Says ENOTCONN, and wakes who waits in recvmmsg.
        ::shutdown(socket_, SHUT_RDWR);
    }

    std::string localAddress() const override { return address_; }
    std::uint16_t localPort() const override { return port_; }

    void begin() {
        for (std::size_t i = 0; i < kBatch; ++i)
            prepare(i);
    }

private:
    struct Control {
        alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> bytes;
    };

    void prepare(std::size_t i) {
        auto& head = heads_[i].msg_hdr;
        head.msg_name = &peers_[i];
        head.msg_namelen = sizeof peers_[i];
        head.msg_iov = &receiveParts_[i];
        head.msg_iovlen = 1;
        head.msg_control = wantsControl_ ? controls_[i].bytes.data() : nullptr;
        head.msg_controllen = wantsControl_ ? controls_[i].bytes.size() : 0;
        head.msg_flags = 0;
    }

    void describe(std::size_t i) {
        auto& exchange = exchanges_[i];
        exchange.answerSize = 0;
        const auto& peer = peers_[i];
        if (isV6_) {
            exchange.peer = {reinterpret_cast<const char*>(&peer.six.sin6_addr), 16};
            exchange.peerPort = ntohs(peer.six.sin6_port);
        } else {
            exchange.peer = {reinterpret_cast<const char*>(&peer.four.sin_addr), 4};
            exchange.peerPort = ntohs(peer.four.sin_port);
        }
        const bool isCut = (heads_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0;
        exchange.bytes = {received_[i].data(), isCut ? 0 : heads_[i].msg_len};
    }

    /// The route decides about the interface, which may be another one than that of the question; only a link-local
    /// address needs it.
    void forgetInterface(msghdr& head) const {
        cmsghdr* control = CMSG_FIRSTHDR(&head);
        if (control == nullptr) {
            head.msg_control = nullptr;
            head.msg_controllen = 0;
            return;
        }
        if (!isV6_ && control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(control), sizeof info);
            info.ipi_ifindex = 0;
            std::memcpy(CMSG_DATA(control), &info, sizeof info);
        } else if (isV6_ && control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(control), sizeof info);
            if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
            std::memcpy(CMSG_DATA(control), &info, sizeof info);
        }
    }

    union Peer {
        sockaddr_in four;
        sockaddr_in6 six;
    };

    int socket_;
    std::string address_;
    std::uint16_t port_;
    bool isV6_;
    bool wantsControl_;
    std::atomic<bool> isInterrupted_{false};
    std::size_t used_ = 0;
    std::array<mmsghdr, kBatch> heads_{};
    std::array<mmsghdr, kBatch> outgoing_{};
    std::array<iovec, kBatch> receiveParts_{};
    std::array<iovec, kBatch> sendParts_{};
    std::array<Peer, kBatch> peers_{};
    std::array<Control, kBatch> controls_{};
    std::array<UdpExchange, kBatch> exchanges_{};
    std::array<std::array<Byte, kAnswer>, kBatch> answers_;
    std::array<std::array<char, kDatagram>, kBatch> received_;
};

int makeSocket(const Address& address) {
    return ::socket(address.isV6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

/// 0 or the system error.
int prepareSocket(int socket, const Address& address, const UdpBatchSettings& settings) {
    if (address.isV6 && !setFlag(socket, IPPROTO_IPV6, IPV6_V6ONLY, true)) return errno;
    if (!setFlag(socket, SOL_SOCKET, SO_REUSEPORT, true)) return errno;
    if (address.isAny) {
        const bool isDone = address.isV6 ? setFlag(socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, true)
                                         : setFlag(socket, IPPROTO_IP, IP_PKTINFO, true);
        if (!isDone) return errno;
    }
    // Forged "packet too big" messages must not make us send fragments, which an attacker could replace.
    if (address.isV6) {
        setOption(socket, IPPROTO_IPV6, IPV6_MTU_DISCOVER, int{IPV6_PMTUDISC_OMIT});
    } else {
        setOption(socket, IPPROTO_IP, IP_MTU_DISCOVER, int{IP_PMTUDISC_OMIT});
    }
    const auto room = static_cast<int>(std::min<std::size_t>(settings.receiveBufferBytes, 1U << 30));
    if (!setOption(socket, SOL_SOCKET, SO_RCVBUFFORCE, room)) setOption(socket, SOL_SOCKET, SO_RCVBUF, room);
    if (!setOption(socket, SOL_SOCKET, SO_SNDBUFFORCE, kSendBuffer)) {
        setOption(socket, SOL_SOCKET, SO_SNDBUF, kSendBuffer);
    }
    return ::bind(socket, address.raw(), address.size) == 0 ? 0 : errno;
}

std::uint16_t boundPort(int socket) {
    Address bound;
    bound.size = sizeof bound.storage;
    if (::getsockname(socket, bound.raw(), &bound.size) != 0) return 0;
    if (bound.storage.ss_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &bound.storage, sizeof six);
        return ntohs(six.sin6_port);
    }
    sockaddr_in four{};
    std::memcpy(&four, &bound.storage, sizeof four);
    return ntohs(four.sin_port);
}

}  // namespace

Result<std::vector<std::unique_ptr<UdpBatch>>> UdpBatch::open(const UdpBatchSettings& settings) {
    Address address;
    if (!parseAddress(settings.address, settings.port, address)) return notAnAddress(settings.address, settings.port);
    {
        // A socket that shares with nobody finds out whether another program has the port: two programs that both
        // share would steal each other's queries.
        const Closer probe{makeSocket(address)};
        if (probe.socket < 0) return cannotOpenUdpAt(errno, settings.address, settings.port);
        if (address.isV6) setFlag(probe.socket, IPPROTO_IPV6, IPV6_V6ONLY, true);
        if (::bind(probe.socket, address.raw(), address.size) != 0) {
            return cannotOpenUdpAt(errno, settings.address, settings.port);
        }
    }
    std::vector<std::unique_ptr<UdpBatch>> made;
    auto port = settings.port;
    for (std::size_t i = 0; i < std::max<std::size_t>(settings.sockets, 1); ++i) {
        parseAddress(settings.address, port, address);
        Closer opened{makeSocket(address)};
        if (opened.socket < 0) return cannotOpenUdpAt(errno, settings.address, port);
        if (const int failed = prepareSocket(opened.socket, address, settings); failed != 0) {
            return cannotOpenUdpAt(failed, settings.address, port);
        }
        if (port == 0) port = boundPort(opened.socket);
        auto batch = std::make_unique<LinuxUdpBatch>(opened.release(), settings.address, port, address);
        batch->begin();
        made.push_back(std::move(batch));
    }
    return made;
}

}  // namespace causeway::net

#endif
