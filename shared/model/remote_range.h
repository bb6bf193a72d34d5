#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway {

/// More addresses than this in all ranges together are refused: a sweep is for a company, not for the Internet.
constexpr std::uint64_t kMaxRangeAddresses = 65536;

/// One line of "Broadcast settings other than local network".
enum class RangeKind {
    Blank,      ///< empty or comment only
    Single,     ///< 192.168.1.7
    Wildcard,   ///< 192.168.1.*  or 10.1.*.*
    Cidr,       ///< 192.168.0.0/23
    FromTo,     ///< 192.168.1.10-192.168.1.99, also 192.168.1.10-99
    Broadcast,  ///< directed broadcast: 192.168.1.255 written as "broadcast 192.168.1.255"
    Name,       ///< DNS name, resolved at each run
};

struct RangeLine {
    RangeKind kind = RangeKind::Blank;
    bool isExclusion = false;  ///< "!" in front
    Ip4 first;                 ///< inclusive; unused for Name and Blank
    Ip4 last;                  ///< inclusive
    std::string name;          ///< DNS name for Name, lower case
    std::string comment;       ///< text behind '#', trimmed
    std::uint64_t addresses() const;
};

/// One line, as typed. Errors: BadInput, TooMany (over kMaxRangeAddresses in one line); texts are sentences with the
/// remedy, `place` is the column (0-based) of the trouble. 0/8, 127/8 unless `allowLoopback`, multicast and above are
/// refused with a sentence. "*" and "*.*.*.*" and 0.0.0.0/0 answer that the whole Internet cannot be swept.
Result<RangeLine> parseRangeLine(std::string_view line, bool allowLoopback = false);

/// A stored range: one line with its switch and what came of it last.
struct RemoteRange {
    std::uint64_t id = 0;
    std::string text;  ///< the line as typed
    bool isEnabled = true;
    // Result of the last run:
    std::optional<TimePoint> lastRun{};
    std::uint32_t addressCount = 0;  ///< addresses asked in it
    std::uint32_t answers = 0;
    std::optional<TimePoint> lastAnswer{};   ///< of any run
    std::optional<TimePoint> silentSince{};  ///< first run without any answer after one with answers, or ever
    std::string problem;                     ///< "name not found", empty if fine
};

/// Inclusive stretch of addresses.
struct AddressSpan {
    Ip4 first;
    Ip4 last;
    std::uint64_t size() const { return std::uint64_t{last.value} - first.value + 1; }
    auto operator<=>(const AddressSpan&) const = default;
};

/// What a set of lines comes to: sorted, disjoint, without exclusions and without the own segments.
struct RangePlan {
    std::vector<AddressSpan> spans;  ///< unicast targets
    std::vector<Ip4> broadcasts;     ///< directed broadcasts to send to once
    std::vector<std::string> names;  ///< still to be resolved
    std::uint64_t addresses = 0;     ///< unicast targets in all
    std::uint64_t skippedOwn = 0;    ///< addresses left out because they are in own segments
    std::uint64_t excluded = 0;
    bool contains(Ip4 ip) const;
    /// The n-th unicast target, n < addresses.
    Ip4 at(std::uint64_t n) const;
};

/// Errors: TooMany with a sentence. Own segments are given by the caller.
Result<RangePlan> planRanges(const std::vector<RangeLine>& lines, const std::vector<Network4>& ownSegments);

struct RangeLineProblem {
    std::size_t line = 0;    ///< 1-based
    std::size_t column = 0;  ///< 0-based
    std::string text;
};
struct RangePreview {
    std::vector<RangeLineProblem> problems;
    std::uint64_t addresses = 0;
    std::uint64_t skippedOwn = 0;
    std::uint64_t excluded = 0;
    std::size_t names = 0;
    std::size_t broadcasts = 0;
    Duration sweepTime{};  ///< at the given rate, plus the wait for late answers
};
/// For the editor: all lines of a text at once; a too large total is a problem of line 0.
RangePreview previewRanges(std::string_view text, const std::vector<Network4>& ownSegments,
                           std::uint32_t packetsPerSecond, bool allowLoopback = false);

const char* wordOf(RangeKind kind);

}  // namespace causeway
