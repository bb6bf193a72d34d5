#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/proto/dns/record.h"

namespace causeway::dns {

struct ZoneTextLimits {
    std::size_t bytes = 256U << 10;
    std::size_t records = 1000;
};

/// Reads records as an administrator writes them: lines of a zone file (RFC 1035 5), with $ORIGIN and $TTL, comments,
/// parentheses, quotes, an owner left out, TTLs such as 1h30m, and RFC 3597 data. Names without a final dot are
/// completed with the origin.
/// Errors: BadInput, TooLong, TooMany; what() begins "Line 3, column 15: ", place = the line.
/// $INCLUDE is refused.
Result<std::vector<Record>> parseZoneText(std::string_view text, const Name& origin, std::uint32_t defaultTtl,
                                          const ZoneTextLimits& limits = {});

/// As parseZoneText(), but goes on behind a line that is wrong, so that a form can tell everything at once.
struct ZoneReading {
    std::vector<Record> records;
    std::vector<std::size_t> lines;  ///< of each record, where it begins
    std::vector<Error> problems;     ///< in the order of the lines, at most 100
};
ZoneReading readZoneText(std::string_view text, const Name& origin, std::uint32_t defaultTtl,
                         const ZoneTextLimits& limits = {});

}  // namespace causeway::dns
