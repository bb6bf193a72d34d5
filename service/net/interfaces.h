#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "service/net/event_loop.h"
#include "shared/model/base_site.h"

namespace causeway::net {

/// IPv4 addresses of interfaces that are up; one entry an address; loopback included and marked.
std::vector<LanInterface> ipv4Interfaces();

/// Calls back on the loop when the result of ipv4Interfaces() changed (Linux: netlink; elsewhere: asked every 5 s).
class InterfaceWatch {
public:
    InterfaceWatch(EventLoop& loop, std::function<void(std::vector<LanInterface>)> changed);
    ~InterfaceWatch();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace causeway::net
