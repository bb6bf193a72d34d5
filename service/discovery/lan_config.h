#pragma once

#include <cstdint>
#include <string>

#include "shared/base/time.h"

namespace causeway::discovery {

/// Settings of the LAN directory in their own units; the rows of shared/model/setting.h say what each means.
struct LanConfig {
    std::string name = "Causeway";
    std::string group = "Servers";
    std::string charset = "cp932";
    Duration segmentInterval = 300s;
    Duration probeInterval = 60s;
    Duration goneAfter = 180s;
    Duration refreshCheck = 60s;
    Duration pushInterval = 7200s;
    Duration gather = 2s;
    bool introductions = false;
    bool lists = true;
    std::uint32_t introductionsPerSecond = 100;
    std::uint32_t packetsPerSecond = 200;
    std::size_t listBytes = 1400;
    std::size_t maxUsers = 200000;
    std::size_t maxRumours = 20000;
    std::uint32_t keepGoneDays = 30;
};

}  // namespace causeway::discovery
