#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "service/dns/zone_input.h"
#include "shared/proto/dns/record.h"

namespace causeway::dns {

/// The finished records of one domain, both views. A view's records begin with its SOA; the others are in the order of
/// RFC 4034 6.3, each once, and records of one name and type have one TTL.
struct Zone {
    Name apex;
    std::uint32_t serial = 0;
    bool servesInternet = false;
    std::vector<Subnet> lanSubnets;
    std::array<std::vector<Record>, kViews> records;
    std::vector<SecondaryFacts> secondaries;

    const std::vector<Record>& of(View view) const { return records[static_cast<std::size_t>(view)]; }
};

struct BuiltZone {
    Zone zone;
    std::vector<Error> warnings;  ///< what was left out, and why
};

/// Makes the records of a domain: SOA, NS, A, AAAA, SRV of every offered service, TXT and HTTPS of the web door, CAA,
/// TLSA and the extra records. What cannot be served is left out and told as a warning, so that one slip does not take
/// the domain off the net.
/// Errors: BadInput (the domain itself is no name).
Result<BuiltZone> buildZone(const ZoneInput& input, std::uint32_t serial);

/// Everything that is wrong with records written by hand, for the form, in the order of the lines: syntax, names
/// outside the domain, wildcards, types that are not served (SOA, NS, DNSSEC, DNAME), CNAME beside other data. Each
/// begins with its line, place = the line; at most 100. Empty: they may be saved.
std::vector<Error> checkExtraRecords(const std::string& domain, const std::string& text);

/// Same records apart from the serial.
bool isSameContent(const Zone& left, const Zone& right);

/// The serial after a change at `now` (seconds since 1970): the clock, but always ahead of `previous` in the sense of
/// RFC 1982; `previous` 0 = there was none. Never 0.
std::uint32_t nextSerial(std::uint32_t previous, std::uint32_t now);
/// RFC 1982 3.2: `left` is later than `right`.
bool isSerialAfter(std::uint32_t left, std::uint32_t right);

}  // namespace causeway::dns
