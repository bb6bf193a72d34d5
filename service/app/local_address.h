#pragma once

#include <string>

#include "service/app/settings.h"

namespace causeway::app {

/// Where this computer is reached.
struct LocalAddresses {
    std::string lan;       ///< server.lan_address, else that of the first interface that is not loopback; "" if none
    std::string internet;  ///< server.internet_address
};
LocalAddresses localAddresses(const Settings& settings);
/// This computer speaks IPv6 at all.
bool hasIpv6();

}  // namespace causeway::app
