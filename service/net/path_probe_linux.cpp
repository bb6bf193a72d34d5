#if defined(__linux__)

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/errqueue.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <vector>

#include "service/net/interfaces.h"
#include "service/net/path_probe.h"

namespace causeway::net {

namespace {

using Steady = std::chrono::steady_clock;

/// Closes its socket at the end.
class Descriptor {
public:
    explicit Descriptor(int socket) : socket_(socket) {}
    ~Descriptor() {
        if (socket_ >= 0) ::close(socket_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return socket_; }
    int release() { return std::exchange(socket_, -1); }

private:
    int socket_;
};

sockaddr_in socketAddress(Ip4 ip, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip.value);
    return address;
}

bool setNumber(int socket, int level, int name, int value) {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

std::chrono::microseconds since(Steady::time_point begin) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Steady::now() - begin);
}

/// True when one of `events` is there; false at the deadline or when stopped.
bool waitFor(int socket, short events, Steady::time_point deadline, const std::atomic<bool>& stop) {
    while (!stop) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
        if (left.count() <= 0) return false;
        pollfd asked{socket, events, 0};
        const int ready = ::poll(&asked, 1, static_cast<int>(std::min<std::int64_t>(left.count(), 50)));
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
    return false;
}

/// The next ICMP error of the socket's error queue.
std::optional<PathError> takeError(int socket) {
    for (int tries = 0; tries < 8; ++tries) {
        std::array<char, 64> quoted{};
        alignas(cmsghdr) std::array<char, 512> controls{};
        iovec part{quoted.data(), quoted.size()};
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = controls.data();
        header.msg_controllen = controls.size();
        if (::recvmsg(socket, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return std::nullopt;
        for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_RECVERR) continue;
            struct {
                sock_extended_err error;
                sockaddr_in offender;
            } said{};
            std::memcpy(&said, CMSG_DATA(control), std::min<std::size_t>(sizeof said, control->cmsg_len - CMSG_LEN(0)));
            if (said.error.ee_origin != SO_EE_ORIGIN_ICMP) continue;
            PathError error;
            if (said.offender.sin_family == AF_INET) error.from = {ntohl(said.offender.sin_addr.s_addr)};
            error.type = said.error.ee_type;
            error.code = said.error.ee_code;
            if (error.type == ICMP_DEST_UNREACH && error.code == ICMP_FRAG_NEEDED)
                error.mtu = static_cast<std::uint16_t>(std::min<std::uint32_t>(said.error.ee_info, 65535));
            return error;
        }
    }
    return std::nullopt;
}

std::uint16_t checksumOf(const std::vector<unsigned char>& bytes) {
    std::uint32_t sum = 0;
    for (std::size_t at = 0; at < bytes.size(); at += 2)
        sum += static_cast<std::uint32_t>(bytes[at]) << 8 | (at + 1 < bytes.size() ? bytes[at + 1] : 0U);
    while ((sum >> 16) != 0)
        sum = (sum & 0xFFFFU) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

class LinuxEcho final : public EchoSocket {
public:
    LinuxEcho(int socket, Kind kind) : socket_(socket), kind_(kind) {}
    Kind kind() const override { return kind_; }

    EchoAnswer ask(Ip4 to, std::uint8_t ttl, std::size_t payload, Duration patience,
                   const std::atomic<bool>& stop) override {
        EchoAnswer answer;
        const int socket = socket_.get();
        // Connected, so that only what concerns this target arrives, errors as well.
        auto target = socketAddress(to, 0);
        if (::connect(socket, reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0) return answer;
        setNumber(socket, IPPROTO_IP, IP_TTL, ttl == 0 ? 64 : ttl);
        while (takeError(socket)) {
        }
        ++sequence_;
        std::vector<unsigned char> packet(8 + std::min<std::size_t>(payload, 8000), 0x5A);
        packet[0] = ICMP_ECHO;
        packet[1] = 0;
        packet[2] = packet[3] = 0;
        packet[4] = static_cast<unsigned char>(identifier_ >> 8);
        packet[5] = static_cast<unsigned char>(identifier_ & 0xFFU);
        packet[6] = static_cast<unsigned char>(sequence_ >> 8);
        packet[7] = static_cast<unsigned char>(sequence_ & 0xFFU);
        const auto sum = checksumOf(packet);
        packet[2] = static_cast<unsigned char>(sum >> 8);
        packet[3] = static_cast<unsigned char>(sum & 0xFFU);
        const auto begin = Steady::now();
        const auto deadline = begin + patience;
        if (!sendIt(packet)) {
            answer.error = takeError(socket);
            return answer;
        }
        while (waitFor(socket, POLLIN, deadline, stop)) {
            if (auto error = takeError(socket)) {
                answer.error = error;
                answer.took = since(begin);
                return answer;
            }
            if (isReply(answer.ttl)) {
                answer.isAnswered = true;
                answer.took = since(begin);
                return answer;
            }
        }
        return answer;
    }

private:
    bool sendIt(const std::vector<unsigned char>& packet) {
        for (int tries = 0; tries < 3; ++tries) {
            if (::send(socket_.get(), packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
            if (errno == EMSGSIZE || errno == ENETUNREACH) return false;
        }
        return false;
    }

    /// Reads one packet; true if it is the answer to the last question.
    bool isReply(std::uint8_t& ttl) {
        std::array<unsigned char, 2048> bytes{};
        alignas(cmsghdr) std::array<char, 128> controls{};
        iovec part{bytes.data(), bytes.size()};
        msghdr header{};
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = controls.data();
        header.msg_controllen = controls.size();
        const auto size = ::recvmsg(socket_.get(), &header, MSG_DONTWAIT);
        if (size < 8) return false;
        std::size_t start = 0;
        if (kind_ == Kind::Raw) {
            start = static_cast<std::size_t>(bytes[0] & 0x0FU) * 4;
            if (static_cast<std::size_t>(size) < start + 8) return false;
            ttl = bytes[8];
        }
        for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr; control = CMSG_NXTHDR(&header, control)) {
            if (control->cmsg_level != IPPROTO_IP || control->cmsg_type != IP_TTL) continue;
            int hops = 0;
            std::memcpy(&hops, CMSG_DATA(control), sizeof hops);
            ttl = static_cast<std::uint8_t>(hops);
        }
        if (bytes[start] != ICMP_ECHOREPLY) return false;
        const auto identifier = static_cast<std::uint16_t>(bytes[start + 4] << 8 | bytes[start + 5]);
        const auto sequence = static_cast<std::uint16_t>(bytes[start + 6] << 8 | bytes[start + 7]);
        // The system puts its own identifier into packets of datagram sockets and gives them only their own answers.
        return sequence == sequence_ && (kind_ == Kind::Datagram || identifier == identifier_);
    }

    Descriptor socket_;
    Kind kind_;
    std::uint16_t identifier_ = static_cast<std::uint16_t>(::getpid() ^ socket_.get() * 257);
    std::uint16_t sequence_ = 0;
};

/// One field of a line of /proc/net/*.
std::vector<std::string> wordsOf(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;)
        words.push_back(word);
    return words;
}

/// /proc/net/route writes addresses as the bytes of the wire lie in memory.
std::optional<Ip4> fromHex(const std::string& text) {
    if (text.size() != 8) return std::nullopt;
    std::uint32_t raw = 0;
    for (const char c : text) {
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
        if (digit < 0) return std::nullopt;
        raw = raw << 4 | static_cast<std::uint32_t>(digit);
    }
    return Ip4{ntohl(raw)};
}

}  // namespace

Result<std::unique_ptr<EchoSocket>> EchoSocket::open() {
    auto kind = Kind::Datagram;
    Descriptor made{::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP)};
    int socket = made.release();
    if (socket < 0) {
        kind = Kind::Raw;
        socket = ::socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_ICMP);
    }
    if (socket < 0) {
        return Error{Code::Denied, "Echo (ping) was not measured.",
                     "The system gives this service neither an ICMP datagram socket nor a raw one.",
                     "Let the service's group send pings: "
                     "sysctl -w net.ipv4.ping_group_range=\"0 2147483647\""};
    }
    Descriptor guarded{socket};
    if (!setNumber(socket, IPPROTO_IP, IP_RECVERR, 1) || !setNumber(socket, IPPROTO_IP, IP_RECVTTL, 1)) {
        return Error{Code::Unavailable, "Echo (ping) was not measured.",
                     "The system says: " + std::system_category().message(errno) + ".",
                     "Look at the network settings of this computer."};
    }
    return std::unique_ptr<EchoSocket>(std::make_unique<LinuxEcho>(guarded.release(), kind));
}

Result<TcpAnswer> probeTcp(Ip4 to, std::uint16_t port, std::uint8_t ttl, Duration patience,
                           const std::atomic<bool>& stop) {
    Descriptor made{::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    if (made.get() < 0) {
        return Error{Code::Unavailable, "TCP to " + to.text() + " was not measured.",
                     "The system says: " + std::system_category().message(errno) + ".",
                     "Look at the limits of this service."};
    }
    const int socket = made.get();
    setNumber(socket, IPPROTO_IP, IP_RECVERR, 1);
    // One repetition: a hop probe must not go on for a minute in the background.
    setNumber(socket, IPPROTO_TCP, TCP_SYNCNT, 1);
    if (ttl != 0) {
        setNumber(socket, IPPROTO_IP, IP_TTL, ttl);
        // The last hop may take the connection: it is dropped at once.
        const linger hard{1, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    TcpAnswer answer;
    auto target = socketAddress(to, port);
    const auto begin = Steady::now();
    const auto deadline = begin + patience;
    int failed = ::connect(socket, reinterpret_cast<const sockaddr*>(&target), sizeof target) == 0 ? 0 : errno;
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) == 0) {
        answer.localAddress = {ntohl(own.sin_addr.s_addr)};
        answer.localPort = ntohs(own.sin_port);
    }
    if (failed == EINPROGRESS) {
        bool isOver = false;
        while (!isOver && waitFor(socket, POLLOUT, deadline, stop)) {
            // An error in the queue also wakes the wait; the connection itself may still go on.
            if (auto error = takeError(socket)) {
                answer.error = error;
                if (ttl != 0) {
                    answer.end = TcpEnd::Unreachable;
                    answer.took = since(begin);
                    return answer;
                }
            }
            failed = EINPROGRESS;
            size = sizeof failed;
            ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &failed, &size);
            pollfd state{socket, POLLOUT, 0};
            const bool isReady = ::poll(&state, 1, 0) > 0 && (state.revents & (POLLOUT | POLLHUP)) != 0;
            isOver = failed != 0 || isReady;
        }
        if (!isOver) failed = ETIMEDOUT;
        // Reading the error queue takes the error away: only a peer proves a connection.
        sockaddr_in peer{};
        size = sizeof peer;
        if (failed == 0 && ::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0)
            failed = answer.error && answer.error->from == to ? ECONNREFUSED : EHOSTUNREACH;
    }
    answer.took = since(begin);
    if (!answer.error) answer.error = takeError(socket);
    switch (failed) {
        case 0:
            answer.end = TcpEnd::Connected;
            break;
        case ECONNREFUSED:
            answer.end = TcpEnd::Refused;
            break;
        case EHOSTUNREACH:
        case ENETUNREACH:
        case EHOSTDOWN:
        case ENONET:
        case EACCES:
        case EPERM:
        case EPROTO:
        case ENOPROTOOPT:
        case EOPNOTSUPP:
        case EMSGSIZE:
            answer.end = TcpEnd::Unreachable;
            break;
        default:
            answer.end = TcpEnd::Timeout;
            break;
    }
    return answer;
}

std::optional<Neighbour> neighbourOf(Ip4 address) {
    std::ifstream table("/proc/net/arp");
    std::string line;
    std::getline(table, line);
    const auto wanted = address.text();
    while (std::getline(table, line)) {
        const auto words = wordsOf(line);
        // IP address, HW type, flags, HW address, mask, device
        if (words.size() < 6 || words[0] != wanted) continue;
        Neighbour found;
        constexpr unsigned long kComplete = 0x2;
        found.isReachable = (std::strtoul(words[2].c_str(), nullptr, 16) & kComplete) != 0;
        if (found.isReachable) found.hardware = words[3];
        found.interface = words[5];
        return found;
    }
    return std::nullopt;
}

RouteFacts routeTo(Ip4 address) {
    RouteFacts facts;
    Descriptor made{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
    auto target = socketAddress(address, 2425);
    if (made.get() < 0 || ::connect(made.get(), reinterpret_cast<const sockaddr*>(&target), sizeof target) != 0)
        return facts;
    sockaddr_in own{};
    socklen_t size = sizeof own;
    if (::getsockname(made.get(), reinterpret_cast<sockaddr*>(&own), &size) != 0) return facts;
    facts.isThere = true;
    facts.source = {ntohl(own.sin_addr.s_addr)};
    for (const auto& interface : ipv4Interfaces()) {
        if (interface.address != facts.source) continue;
        facts.interface = interface.name;
        facts.prefix = interface.network.prefix;
        break;
    }
    if (!facts.interface.empty()) {
        ifreq request{};
        std::strncpy(request.ifr_name, facts.interface.c_str(), IFNAMSIZ - 1);
        if (::ioctl(made.get(), SIOCGIFMTU, &request) == 0)
            facts.mtu = static_cast<std::uint16_t>(std::clamp(request.ifr_mtu, 0, 65535));
    }
    // The longest prefix wins, then the smallest metric; that is the main table, policy routes are not seen.
    std::ifstream table("/proc/net/route");
    std::string line;
    std::getline(table, line);
    int longest = -1;
    unsigned long least = 0;
    while (std::getline(table, line)) {
        const auto words = wordsOf(line);
        if (words.size() < 8 || words[0] != facts.interface) continue;
        const auto network = fromHex(words[1]);
        const auto gateway = fromHex(words[2]);
        const auto mask = fromHex(words[7]);
        if (!network || !gateway || !mask || (address.value & mask->value) != network->value) continue;
        const int prefix = std::popcount(mask->value);
        const auto metric = std::strtoul(words[6].c_str(), nullptr, 10);
        if (prefix < longest || (prefix == longest && metric >= least)) continue;
        longest = prefix;
        least = metric;
        facts.gateway = *gateway;
    }
    return facts;
}

}  // namespace causeway::net

#endif
