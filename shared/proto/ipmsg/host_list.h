#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/result.h"

namespace causeway::ipmsg {

/// One entry of ANSLIST. Text is UTF-8 in records.
struct HostListItem {
    std::string user;
    std::string host;
    std::uint32_t status = 0;  ///< flags as the user announced them; 0 or mode BR_EXIT in the low byte removes him
    Ip4 address;
    std::uint16_t port = 2425;  ///< host order; the byte-swapped 30985 of the wire is 2425 here
    std::string nick;           ///< may be empty (one BS on the wire)
    std::string group;

    bool removes() const { return status == 0 || (status & 0xFFU) == 2; }
};

struct HostList {
    std::uint32_t next = 0;   ///< index for the next GETLIST; 0 = this was the last chunk
    std::uint32_t count = 0;  ///< as the sender claims; never used to size anything
    std::vector<HostListItem> items;
    std::size_t skipped = 0;  ///< entries left out because a field was not readable
};

struct HostListLimits {
    std::size_t maxItems = 4096;
    std::size_t maxFieldBytes = 255;
};

/// Reads the body of ANSLIST (the bytes after the fifth colon, BEL separated; may hold anything).
/// COMPAT: runs of BEL are read strictly, one separator each, but a lone BS is an empty field; port 30985 and 2425 are
///         both 2425; g2ipmsg writes status 19; optional "\f" parts behind are ignored.
/// Names get the spelling that readEntry gives them (cut to kMaxName, ';' for ':' in user and host).
/// Errors: Truncated (fewer than the two counts), BadInput (a count not decimal), TooMany.
/// Source: facts 6.1.
Result<HostList> readHostList(std::string_view body, bool promisedUtf8, std::string_view legacyCharset,
                              const HostListLimits& limits = {});

/// Only who stands in a list, several times faster than all the names: for looks into the lists of many clients.
struct HostListAddresses {
    std::uint32_t next = 0;        ///< as in HostList
    std::size_t entries = 0;       ///< all of them, also those without a readable address
    std::vector<Ip4> addresses{};  ///< 0.0.0.0 is none of them
    bool holdsUser = false;        ///< an entry has that user field, byte for byte
};
/// Errors: as readHostList.
Result<HostListAddresses> readHostListAddresses(std::string_view body, std::string_view user,
                                                const HostListLimits& limits = {});

/// Writes items[start..] until `maxBytes` of body is reached; at least one item. `next` is start + written, or 0 if the
/// rest is empty. Always UTF-8 (the packet needs UTF8OPT), port byte-swapped, BS for empty names.
struct HostListChunk {
    std::string body;
    std::uint32_t next = 0;
    std::size_t written = 0;
};
HostListChunk writeHostList(std::span<const HostListItem> items, std::uint32_t start, std::size_t maxBytes);

}  // namespace causeway::ipmsg
