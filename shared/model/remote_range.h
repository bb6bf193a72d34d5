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
/// Every address of a range is swept, the first and the last too: the real mask of another segment is not known here,
/// and 10.1.1.255 is an ordinary host inside 10.1.0.0/23.
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
    /// Unicast addresses named by the line; 0 for Blank, Name and Broadcast.
    std::uint64_t addresses() const;
};

/// One line, as typed. Errors: BadInput, TooMany (over kMaxRangeAddresses in one line); texts are sentences with the
/// remedy, `place` is the column (0-based) of the trouble. 0/8, 127/8 unless `allowLoopback`, multicast and above are
/// refused with a sentence. "*" and "*.*.*.*" and 0.0.0.0/0 answer that the whole Internet cannot be swept.
/// An exclusion may be of any size but that; it cannot be a name or a broadcast.
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
    std::uint64_t excluded = 0;      ///< addresses that a "!" line took out of the ranges
    /// For at(): how many targets stand before each span. Filled by planRanges.
    std::vector<std::uint64_t> before;
    bool contains(Ip4 ip) const;
    /// The n-th unicast target, n < addresses.
    Ip4 at(std::uint64_t n) const;
};

/// Exclusions win over everything. A broadcast address that is excluded or in an own segment is left out; one that is
/// also inside a range is no unicast target. The limit counts the addresses before own segments are left out, so that
/// a list does not become too large when the service moves.
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
/// How long a sweep waits behind its last packet: Windows clients delay an answer by up to 4.1 s.
constexpr Duration kLateAnswerWait{4500};

/// For the editor: all lines of a text at once; a too large total is a problem of line 0. A name counts as one packet.
RangePreview previewRanges(std::string_view text, const std::vector<Network4>& ownSegments,
                           std::uint32_t packetsPerSecond, bool allowLoopback = false);

const char* wordOf(RangeKind kind);

}  // namespace causeway
