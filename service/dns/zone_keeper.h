#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "service/dns/answer_table.h"
#include "shared/base/time.h"

namespace causeway::dns {

/// Follows the facts of the domains: builds their zones, gives a new serial to what has changed, keeps the last
/// versions and the counters. One caller at a time.
class ZoneKeeper {
public:
    /// `workers`: how many count queries.
    explicit ZoneKeeper(std::size_t workers) : workers_(workers) {}

    struct Change {
        std::vector<std::shared_ptr<const Zone>> changed;  ///< new, or with a new serial
        std::vector<Name> removed;
        bool isAny = false;  ///< also who may transfer, or which subnets are LAN
    };
    /// All domains that are to be served from now on. A domain whose name is not good, or that is there twice, is left
    /// out with a warning.
    Change update(const std::vector<ZoneInput>& inputs, TimePoint now);

    std::vector<ServedZone> zones() const;
    struct Warning {
        std::string domain;
        Error error;
    };
    const std::vector<Warning>& warnings() const { return warnings_; }

private:
    struct Row {
        ZoneInput input;
        ServedZone served;
    };
    std::size_t workers_;
    std::map<Name, Row> rows_;
    std::vector<Warning> warnings_;
};

}  // namespace causeway::dns
