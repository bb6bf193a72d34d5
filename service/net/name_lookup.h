#pragma once

#include <functional>
#include <string>
#include <vector>

#include "service/net/event_loop.h"
#include "service/net/work_pool.h"
#include "shared/base/ip.h"

namespace causeway::net {

/// IPv4 addresses of a DNS name, asked of the system's resolver; blocks. In the resolver's order, each once, at
/// most 64. Errors: BadInput (not a host name), NotFound (no such name, or it has no IPv4 address), Unavailable (no
/// answer).
Result<std::vector<Ip4>> lookUpNameNow(const std::string& name);

/// The name of an address; blocks. Errors: NotFound (it has none), Unavailable (no answer).
Result<std::string> lookUpAddressNow(Ip4 address);

/// lookUpNameNow() on the pool, so that the loop does not wait. `done` is called exactly once, later, on `loop`, and
/// not at all if the loop ends first. More errors: Timeout after `patience`, Busy (too many look-ups). The loop
/// outlives the pool.
void lookUpName(WorkPool& pool, EventLoop& loop, const std::string& name, Duration patience,
                std::function<void(Result<std::vector<Ip4>>)> done);

}  // namespace causeway::net
