#include "service/app/local_address.h"

#include <filesystem>
#include <system_error>

#include "service/dns/dns_options.h"
#include "service/net/interfaces.h"

namespace causeway::app {

bool hasIpv6() {
#ifdef __linux__
    std::error_code ignored;
    return std::filesystem::exists("/proc/self/net/if_inet6", ignored);  // a hardened unit sees no /proc/net
#else
    return true;
#endif
}

LocalAddresses localAddresses(const Settings& settings) {
    LocalAddresses found;
    found.lan = dns::parseHostAddress(settings.text("server.lan_address")).value_or("");
    found.internet = dns::parseHostAddress(settings.text("server.internet_address")).value_or("");
    if (!found.lan.empty()) return found;
    for (const auto& interface : net::ipv4Interfaces()) {
        if (interface.address.isLoopback()) continue;
        found.lan = interface.address.text();
        break;
    }
    return found;
}

std::string lanAddressTrouble(const Settings& settings) {
    const auto address = dns::parseHostAddress(settings.text("server.lan_address")).value_or("");
    if (address.empty() || net::isOwnAddress(address)) return {};
    return "server.lan_address is " + address +
           ", but no network interface of this computer has it. Chat DNS leads "
           "clients there.";
}

}  // namespace causeway::app
