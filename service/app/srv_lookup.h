#pragma once

#include <functional>
#include <string>

#include "service/domains/supernode_proof_io.h"

namespace causeway::app {

/// Asks one DNS server for the SRV records of a domain and the addresses of their hosts. `resolver` gives its address
/// ("127.0.0.1:53"), empty if there is none; it is asked for at each look-up.
domains::SrvLookup srvLookup(std::function<std::string()> resolver);
/// The first resolver of this computer; empty if there is none.
std::string systemResolver();

}  // namespace causeway::app
