#pragma once

#include <string>

#include "shared/base/result.h"

namespace causeway::console {

/// What an administrator pastes into iptux where the service cannot introduce users to it (facts: iptux reads no list,
/// but scans the stretches of its setting scan_net_segment at its start and on F5).
struct IptuxScan {
    std::string json;     ///< "scan_net_segment": [{"startip": ..., "endip": ..., "description": ...}]
    std::string fromTo;   ///< "10.7.2.0 - 10.7.2.255  osaka", one a line, for its Preferences > Network
    std::string leftOut;  ///< sentence about lines that iptux cannot scan (names, broadcasts), empty if there are none
    std::size_t stretches = 0;
};

/// From the remote ranges as typed. Comments become descriptions. Own segments are kept: other machines paste this.
/// Errors: BadInput, TooMany with the sentence of the first wrong line.
Result<IptuxScan> iptuxScanOf(const std::string& ranges, bool allowLoopback = false);

}  // namespace causeway::console
