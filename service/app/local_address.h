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
/// What is wrong with server.lan_address: it is set, but no address of this computer; empty: nothing. It may still be
/// right, behind a translation of addresses or before a network card comes up, so it is told and not refused.
std::string lanAddressTrouble(const Settings& settings);
/// This computer speaks IPv6 at all.
bool hasIpv6();

}  // namespace causeway::app
