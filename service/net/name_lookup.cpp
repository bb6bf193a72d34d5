#include "service/net/name_lookup.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#if defined(_WIN32)
#include <winsock2.h>
// The order matters: ws2tcpip.h needs the types of winsock2.h.
#include <ws2tcpip.h>
#else
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#endif

#include "shared/base/text.h"

namespace causeway::net {

namespace {

constexpr std::size_t kMostAddresses = 64;
constexpr const char* kPoolKey = "host names";

bool isHostName(std::string_view name) {
    if (name.empty() || name.size() > 253) return false;
    if (name.back() == '.') name.remove_suffix(1);
    for (const auto label : split(name, '.')) {
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        for (const char c : label) {
            const bool isFine =
                (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
            if (!isFine) return false;
        }
    }
    return true;
}

}  // namespace

Result<std::vector<Ip4>> lookUpNameNow(const std::string& name) {
    if (const auto ip = Ip4::parse(name)) return std::vector{*ip};
    const auto what = "The name " + cleanUtf8(cutUtf8(name, 253)) + " could not be looked up.";
    if (!isHostName(name)) {
        return Error{Code::BadInput, what, "It is not a host name.", "Correct the name."};
    }
    addrinfo wanted{};
    wanted.ai_family = AF_INET;
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo* first = nullptr;
    const int outcome = ::getaddrinfo(name.c_str(), nullptr, &wanted, &first);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner{first, [](addrinfo* list) {
                                                                   if (list != nullptr) ::freeaddrinfo(list);
                                                               }};
    bool isUnknown = outcome == EAI_NONAME;
#if defined(EAI_NODATA)
    isUnknown = isUnknown || outcome == EAI_NODATA;
#endif
    if (isUnknown) {
        return Error{Code::NotFound, what, "No such name exists, or it has no IPv4 address.",
                     "Correct the name, or add it to the DNS server of this computer."};
    }
    if (outcome != 0) {
        return Error{Code::Unavailable, what,
                     std::string("The DNS server of this computer gave no answer: ") + gai_strerror(outcome) + ".",
                     "Look at the DNS settings of this computer."};
    }
    std::vector<Ip4> found;
    for (const auto* each = first; each != nullptr && found.size() < kMostAddresses; each = each->ai_next) {
        if (each->ai_family != AF_INET) continue;
        const Ip4 ip{ntohl(reinterpret_cast<const sockaddr_in*>(each->ai_addr)->sin_addr.s_addr)};
        if (std::find(found.begin(), found.end(), ip) == found.end()) found.push_back(ip);
    }
    if (found.empty()) {
        return Error{Code::NotFound, what, "It has no IPv4 address.", "Correct the name, or use an address."};
    }
    return found;
}

Result<std::string> lookUpAddressNow(Ip4 address) {
    sockaddr_in asked{};
    asked.sin_family = AF_INET;
    asked.sin_addr.s_addr = htonl(address.value);
    std::array<char, NI_MAXHOST> name{};
    const int outcome = ::getnameinfo(reinterpret_cast<const sockaddr*>(&asked), sizeof asked, name.data(),
                                      static_cast<socklen_t>(name.size()), nullptr, 0, NI_NAMEREQD);
    if (outcome == 0) return cleanUtf8(name.data());
    const auto what = "The name of " + address.text() + " could not be looked up.";
    if (outcome == EAI_NONAME) return Error{Code::NotFound, what, "The name service has none.", ""};
    return Error{Code::Unavailable, what, "The name service does not answer.", "Look at the DNS of this computer."};
}

void lookUpName(WorkPool& pool, EventLoop& loop, const std::string& name, Duration patience,
                std::function<void(Result<std::vector<Ip4>>)> done) {
    const auto deliver = [&loop, done = std::move(done)](Result<std::vector<Ip4>> outcome) {
        auto kept = std::make_shared<Result<std::vector<Ip4>>>(std::move(outcome));
        loop.post("name look-up", [done, kept] { done(std::move(*kept)); });
    };
    const auto taken = pool.submit(
        kPoolKey, EventLoop::now() + patience, [name] { return lookUpNameNow(name); }, deliver);
    if (!taken) deliver(taken.error());
}

}  // namespace causeway::net
