#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/time.h"
#include "shared/model/client_kind.h"
#include "shared/model/lan_user.h"
#include "shared/model/trace.h"

namespace causeway {

/// What the dark places of the visibility matrix have in common.
enum class FaultKind : std::uint8_t {
    SiteLink,     ///< two segments do not see each other, in both directions
    OneWay,       ///< one segment does not see the other, which sees it
    PcInbound,    ///< nobody sees this computer: off, or its packets do not leave it
    PcReceives,   ///< this computer sees nobody
    PcIsolated,   ///< neither
    SegmentDark,  ///< a whole segment sees no other one, or not even itself: its switch, uplink or access point
    Pair          ///< one computer does not see one other: a stale address, a local block list
};
const char* wordOf(FaultKind kind);  ///< "site-link", "one-way", "pc-inbound", "pc-receives", "pc-isolated", ...
std::optional<FaultKind> faultKindOf(std::string_view word);

/// When the service asks clients for their lists by itself.
enum class VisibilityMode : std::uint8_t { Off, OnDemand, Interval };
const char* wordOf(VisibilityMode mode);  ///< "off", "on-demand", "interval"
std::optional<VisibilityMode> visibilityModeOf(std::string_view word);

/// How a block of the map looks. Dark: hardly anybody is seen; Partly: some are not; TooFew: less than three observers,
/// "not enough evidence".
enum class BlockState : std::uint8_t { NotMeasured, TooFew, Dark, Partly, Seen };
const char* wordOf(BlockState state);  ///< "not-measured", "too-few", "dark", "partly", "seen"
std::optional<BlockState> blockStateOf(std::string_view word);

/// A row or column of the map: a base (segment 0.0.0.0/0), or a segment of it.
struct VisibilityGroup {
    std::string base;  ///< empty: no base claims it
    std::optional<Network4> segment{};
    std::uint32_t pcs = 0;
    std::uint32_t observers = 0;  ///< of them, those whose view is known

    friend bool operator==(const VisibilityGroup&, const VisibilityGroup&) = default;
};

/// Those of `from` who looked at those of `to`.
struct VisibilityBlock {
    std::uint32_t from = 0;       ///< index of the row
    std::uint32_t to = 0;         ///< index of the column
    std::uint32_t cells = 0;      ///< pairs that were looked at
    std::uint32_t seen = 0;       ///< of them, those where the one sees the other
    std::uint32_t observers = 0;  ///< computers of `from` that looked
    UserId traceFrom = 0;         ///< a pair that does not see each other; 0 = none, or the service
    UserId traceTo = 0;           ///< 0 = none
    BlockState state = BlockState::NotMeasured;

    static constexpr std::uint32_t kFewestObservers = 3;
    /// Estimated share of the seen, with a prior of one seen and one not, so that one of two does not look like a half.
    double share() const { return (seen + 1.0) / (cells + 2.0); }
    static BlockState stateOf(std::uint32_t cells, std::uint32_t seen, std::uint32_t observers);

    friend bool operator==(const VisibilityBlock&, const VisibilityBlock&) = default;
};

/// Heat map of bases, or of the segments of two bases. Blocks nobody looked at are left out.
struct VisibilityMap {
    std::vector<VisibilityGroup> rows;     ///< who looks
    std::vector<VisibilityGroup> columns;  ///< who is looked at
    std::vector<VisibilityBlock> blocks;   ///< by row, then column
    std::uint32_t totalRows = 0;           ///< of all pages
    std::uint32_t totalColumns = 0;
};

/// One computer of the matrix.
struct VisibilityPc {
    UserId id = 0;  ///< 0 = the service itself
    std::string name;
    Ip4 address;
    ClientKind kind = ClientKind::Unknown;
    bool isUnstable = false;
    TimePoint lookedAt{};  ///< when it gave its list; epoch 0 = its view is not known
    std::string note;      ///< why not

    friend bool operator==(const VisibilityPc&, const VisibilityPc&) = default;
};

/// The computers of two segments, one page of them.
struct VisibilityCells {
    Network4 from;
    Network4 to;
    std::vector<VisibilityPc> observers;
    std::vector<VisibilityPc> subjects;
    /// One text for each observer, one letter for each subject: '1' sees him, '0' does not, '.' was not looked at.
    std::vector<std::string> rows;
    std::uint32_t totalObservers = 0;
    std::uint32_t totalSubjects = 0;
};

struct VisibilityChange {
    TimePoint at{};
    std::string text;

    friend bool operator==(const VisibilityChange&, const VisibilityChange&) = default;
};

/// A fault that the matrix shows, with its story.
struct VisibilityFinding {
    std::uint64_t id = 0;
    FaultKind kind = FaultKind::Pair;
    Certainty certainty = Certainty::Likely;
    std::optional<Network4> from{};  ///< segment that does not see
    std::optional<Network4> to{};    ///< segment that is not seen
    std::string fromBase, toBase;
    UserId observer = 0;  ///< who does not see, for Pair and PcReceives; 0 = the service, or none
    UserId subject = 0;   ///< who is not seen, for Pair, PcInbound and PcIsolated
    std::string observerName, subjectName;
    std::uint32_t cells = 0;      ///< cells that back it
    std::uint32_t observers = 0;  ///< computers that looked
    std::uint32_t looks = 0;      ///< collections that showed it
    std::string sentence;         ///< what is dark, with figures
    std::string todo;             ///< what to do
    TimePoint firstSeen{};
    TimePoint lastSeen{};
    std::optional<TimePoint> lastFine{};    ///< before firstSeen, as far as it is known
    std::optional<TimePoint> closedAt{};    ///< found fine again
    std::vector<VisibilityChange> changes;  ///< what changed between lastFine and firstSeen, oldest first
    UserId traceFrom = 0;                   ///< a pair to trace; 0 = from the service
    UserId traceTo = 0;

    bool isOpen() const { return !closedAt; }
    friend bool operator==(const VisibilityFinding&, const VisibilityFinding&) = default;
};

/// What is to be asked again; both empty: everybody.
struct VisibilityScope {
    std::optional<Network4> from{};
    std::optional<Network4> to{};
    bool isEverybody() const { return !from && !to; }

    friend bool operator==(const VisibilityScope&, const VisibilityScope&) = default;
};

struct VisibilityStatus {
    VisibilityMode mode = VisibilityMode::OnDemand;
    Duration interval{};
    bool isCollecting = false;
    VisibilityScope scope{};            ///< of the collection that runs, or of the last one
    std::string by;                     ///< who started it; empty: the clock
    TimePoint startedAt{};              ///< of it; epoch 0 = never
    TimePoint finishedAt{};             ///< of the last one; epoch 0 = never since the service started
    std::optional<TimePoint> nextAt{};  ///< of the clock
    std::uint32_t toAsk = 0;            ///< clients that are asked in it
    std::uint32_t asked = 0;
    std::uint32_t answered = 0;
    std::uint32_t silent = 0;            ///< gave no list, or not all of it
    std::uint32_t tooSoon = 0;           ///< left out: asked less than 10 minutes ago
    std::optional<TimePoint> againAt{};  ///< when all of those may be asked again
    std::uint32_t pcs = 0;
    std::uint32_t observers = 0;   ///< whose view is known
    std::uint32_t giveNoList = 0;  ///< clients of kinds that give none
    std::uint64_t cells = 0;
    std::uint32_t places = 0;  ///< blocks without enough evidence
    std::uint32_t openFindings = 0;
    std::uint64_t collections = 0;  ///< since the start of the service
    std::uint64_t listsAsked = 0;
    std::uint64_t listsRead = 0;
    std::uint64_t revision = 0;  ///< grows when the map or the findings are other ones

    friend bool operator==(const VisibilityStatus&, const VisibilityStatus&) = default;
};

}  // namespace causeway
