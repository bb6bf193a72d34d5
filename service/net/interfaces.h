#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/net/event_loop.h"
#include "shared/model/base_site.h"

namespace causeway::net {

/// IPv4 addresses of interfaces that are up and have a carrier; one entry an address, sorted by name and address;
/// loopback included and marked. The mask is the real one; a point-to-point link has no broadcast address.
std::vector<LanInterface> ipv4Interfaces();

/// An IPv4 or IPv6 address in text is one of this computer: a socket can be bound to it. False for other text.
bool isOwnAddress(const std::string& address);

/// Calls back on the loop when the result of ipv4Interfaces() changed (Linux: netlink, changes within 300 ms come as
/// one; elsewhere: asked every 5 s). Changes are counted from the making of the watch. Made and destroyed on the loop,
/// or while the loop does not run.
class InterfaceWatch {
public:
    InterfaceWatch(EventLoop& loop, std::function<void(std::vector<LanInterface>)> changed);
    ~InterfaceWatch();
    InterfaceWatch(const InterfaceWatch&) = delete;
    InterfaceWatch& operator=(const InterfaceWatch&) = delete;

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace causeway::net
