#include "service/net/interfaces.h"

#include <algorithm>
#include <bit>
#include <string>
#include <tuple>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#if defined(_WIN32)
#include <winsock2.h>
// The order matters: iphlpapi.h needs the types of winsock2.h.
#include <iphlpapi.h>
#else
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#endif

#if defined(__linux__)
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#endif

namespace causeway::net {

namespace {

void sortInterfaces(std::vector<LanInterface>& list) {
    std::sort(list.begin(), list.end(), [](const LanInterface& left, const LanInterface& right) {
        return std::tie(left.name, left.address) < std::tie(right.name, right.address);
    });
}

}  // namespace

bool isOwnAddress(const std::string& address) {
    boost::system::error_code error;
    const auto ip = boost::asio::ip::make_address(address, error);
    if (error) return false;
    boost::asio::io_context unused;
    const boost::asio::ip::udp::endpoint endpoint{ip, 0};
    boost::asio::ip::udp::socket socket{unused};
    static_cast<void>(socket.open(endpoint.protocol(), error));
    if (error) return false;
    static_cast<void>(socket.bind(endpoint, error));
    return !error;
}

#if defined(_WIN32)

std::vector<LanInterface> ipv4Interfaces() {
    std::vector<LanInterface> found;
    std::vector<char> room(32 * 1024);
    auto size = static_cast<ULONG>(room.size());
    const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST | GAA_FLAG_SKIP_DNS_SERVER;
    auto* first = reinterpret_cast<IP_ADAPTER_ADDRESSES*>(room.data());
    auto outcome = GetAdaptersAddresses(AF_INET, flags, nullptr, first, &size);
    if (outcome == ERROR_BUFFER_OVERFLOW) {
        room.resize(size);
        first = reinterpret_cast<IP_ADAPTER_ADDRESSES*>(room.data());
        outcome = GetAdaptersAddresses(AF_INET, flags, nullptr, first, &size);
    }
    if (outcome != NO_ERROR) return found;
    for (auto* adapter = first; adapter != nullptr; adapter = adapter->Next) {
        if (adapter->OperStatus != IfOperStatusUp) continue;
        for (auto* each = adapter->FirstUnicastAddress; each != nullptr; each = each->Next) {
            if (each->Address.lpSockaddr->sa_family != AF_INET) continue;
            const auto* address = reinterpret_cast<const sockaddr_in*>(each->Address.lpSockaddr);
            LanInterface entry;
            entry.name = adapter->AdapterName;
            entry.address = {ntohl(address->sin_addr.s_addr)};
            entry.network = Network4::of(entry.address, each->OnLinkPrefixLength);
            entry.isLoopback = adapter->IfType == IF_TYPE_SOFTWARE_LOOPBACK;
            if (!entry.isLoopback && entry.network.prefix <= 30) entry.broadcast = entry.network.broadcast();
            found.push_back(std::move(entry));
        }
    }
    sortInterfaces(found);
    return found;
}

#else

namespace {

Ip4 ipOf(const sockaddr* address) {
    if (address == nullptr || address->sa_family != AF_INET) return {};
    return {ntohl(reinterpret_cast<const sockaddr_in*>(address)->sin_addr.s_addr)};
}

}  // namespace

std::vector<LanInterface> ipv4Interfaces() {
    std::vector<LanInterface> found;
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return found;
    constexpr unsigned kNeeded = IFF_UP | IFF_RUNNING;
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET) continue;
        if ((each->ifa_flags & kNeeded) != kNeeded) continue;
        LanInterface entry;
        entry.name = each->ifa_name;
        entry.address = ipOf(each->ifa_addr);
        // Some systems leave sa_family of a mask at 0, so it is not asked.
        const auto mask = each->ifa_netmask == nullptr
                              ? 0xFFFFFFFFU
                              : ntohl(reinterpret_cast<const sockaddr_in*>(each->ifa_netmask)->sin_addr.s_addr);
        entry.network = Network4::of(entry.address, std::countl_one(mask));
        entry.isLoopback = (each->ifa_flags & IFF_LOOPBACK) != 0;
        if ((each->ifa_flags & IFF_BROADCAST) != 0 && entry.network.prefix <= 30) {
            entry.broadcast = ipOf(each->ifa_broadaddr);
            // An address added without "broadcast" still has the network's broadcast address on the wire.
            if (entry.broadcast.isAny()) entry.broadcast = entry.network.broadcast();
        }
        found.push_back(std::move(entry));
    }
    ::freeifaddrs(first);
    sortInterfaces(found);
    return found;
}

#endif

#if defined(__linux__)

namespace {

constexpr Duration kCoalesce = 300ms;

int openNetlink() {
    const int socket = ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (socket < 0) return -1;
    sockaddr_nl address{};
    address.nl_family = AF_NETLINK;
    address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR;
    if (::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket);
        return -1;
    }
    return socket;
}

}  // namespace

struct InterfaceWatch::Impl : std::enable_shared_from_this<InterfaceWatch::Impl> {
    Impl(EventLoop& onLoop, std::function<void(std::vector<LanInterface>)> callback)
        : loop(onLoop),
          changed(std::move(callback)),
          descriptor(onLoop.io()),
          timer(onLoop, "interfaces changed", [this] { compare(); }) {}

    EventLoop& loop;
    std::function<void(std::vector<LanInterface>)> changed;
    boost::asio::posix::stream_descriptor descriptor;
    LoopTimer timer;
    std::vector<LanInterface> last;
    bool isPending = false;
    bool isClosed = false;

    void begin() {
        const int socket = openNetlink();  // before the first look, so that nothing falls between the two
        last = ipv4Interfaces();
        if (socket >= 0) {
            descriptor.assign(socket);
            wait();
        } else {
            arm(kPoll);
        }
    }

    void wait() {
        descriptor.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                              [self = shared_from_this()](const boost::system::error_code& error) {
                                  if (error || self->isClosed) return;
                                  self->loop.run("interfaces netlink", [&self] { self->drain(); });
                                  self->wait();
                              });
    }

    /// What the messages say does not matter: any of them, and also an overflow (ENOBUFS), means "look again".
    void drain() {
        std::array<char, 8192> room{};
        for (int i = 0; i < 64; ++i) {
            const auto size = ::recv(descriptor.native_handle(), room.data(), room.size(), MSG_DONTWAIT);
            if (size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
        }
        if (!isPending) arm(kCoalesce);
    }

    void arm(Duration wait) {
        isPending = true;
        timer.setAt(EventLoop::now() + wait);
    }

    void compare() {
        isPending = false;
        if (!descriptor.is_open()) arm(kPoll);
        auto current = ipv4Interfaces();
        if (current == last) return;
        last = current;
        const auto callback = changed;  // it may destroy the watch
        callback(std::move(current));
    }

    void close() {
        isClosed = true;
        timer.cancel();
        boost::system::error_code ignored;
        descriptor.close(ignored);
    }

    static constexpr Duration kPoll = 5s;  // for a system without netlink, such as a tight sandbox
};

#else

struct InterfaceWatch::Impl {
    Impl(EventLoop& loop, std::function<void(std::vector<LanInterface>)> callback)
        : changed(std::move(callback)), timer(loop, "interfaces poll", [this] { compare(); }) {}

    std::function<void(std::vector<LanInterface>)> changed;
    LoopTimer timer;
    std::vector<LanInterface> last;

    void begin() {
        last = ipv4Interfaces();
        timer.setAt(EventLoop::now() + kPoll);
    }

    void compare() {
        timer.setAt(EventLoop::now() + kPoll);
        auto current = ipv4Interfaces();
        if (current == last) return;
        last = current;
        const auto callback = changed;  // it may destroy the watch
        callback(std::move(current));
    }

    void close() { timer.cancel(); }

    static constexpr Duration kPoll = 5s;
};

#endif

InterfaceWatch::InterfaceWatch(EventLoop& loop, std::function<void(std::vector<LanInterface>)> changed)
    : impl_(std::make_shared<Impl>(loop, std::move(changed))) {
    impl_->begin();
}

InterfaceWatch::~InterfaceWatch() {
    impl_->close();
}

}  // namespace causeway::net
