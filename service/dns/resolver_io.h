#pragma once

#include <vector>

#include "service/dns/live_check.h"
#include "shared/base/time.h"

namespace causeway::dns {

/// Asks one resolver all questions at once, by UDP and again by TCP where an answer was cut. Each question is sent at
/// most three times. Blocks up to `patience`. Replies come in the order of the questions.
/// Own small stub: random ids and source ports; answers of others, or to other questions, are ignored.
std::vector<CheckReply> askResolver(const Endpoint& resolver, const std::vector<CheckQuestion>& questions,
                                    Duration patience);

/// The resolvers of this computer (/etc/resolv.conf). Errors: NotFound (no such file here).
Result<std::vector<Endpoint>> systemResolvers();

}  // namespace causeway::dns
