#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/ip.h"
#include "shared/model/trace.h"
#include "shared/model/visibility.h"

namespace causeway::trace {

/// One computer of the matrix.
struct MatrixPc {
    std::string name;
    std::string base;
    Network4 segment;
};

/// Who sees whom: counts of "observer lists or reaches subject" over the observation time.
/// Bounds: at most 65,535 computers; cells are kept per pair that was looked at, 8 bytes each, at most `Limits::cells`.
/// Thread: none of its own; not locked.
class VisibilityMatrix {
public:
    struct Limits {
        std::size_t cells = 8'000'000;
    };
    explicit VisibilityMatrix(std::vector<MatrixPc> pcs);
    VisibilityMatrix(std::vector<MatrixPc> pcs, Limits limits);

    const std::vector<MatrixPc>& pcs() const { return pcs_; }
    /// One observation: observer was asked, and subject was (or was not) on its list or answered it.
    /// False if a number is out of range, both are the same, or the matrix is full.
    bool saw(std::size_t observer, std::size_t subject, bool isSeen);
    /// Gives a cell its counts; cells of one observer come with growing subjects. False as saw().
    bool put(std::size_t observer, std::size_t subject, std::uint16_t looked, std::uint16_t seen);
    struct Cell {
        std::uint16_t looked = 0;
        std::uint16_t seen = 0;
    };
    /// Both counts 0 if never looked at.
    Cell cell(std::size_t observer, std::size_t subject) const;
    std::size_t cells() const { return used_; }

    struct Entry {
        std::uint16_t subject = 0;
        std::uint16_t looked = 0;
        std::uint16_t seen = 0;
    };
    /// What one observer was asked about, by subject.
    const std::vector<Entry>& row(std::size_t observer) const { return rows_[observer]; }

private:
    std::vector<MatrixPc> pcs_;
    std::vector<std::vector<Entry>> rows_;  ///< by observer, sorted by subject
    Limits limits_;
    std::size_t used_ = 0;
};

struct MatrixFault {
    FaultKind kind = FaultKind::Pair;
    Certainty certainty = Certainty::Likely;
    std::optional<std::size_t> observer{};  ///< who does not see: a computer, for Pair and PcReceives
    std::optional<std::size_t> subject{};   ///< who is not seen: a computer, for Pair, PcInbound and PcIsolated
    std::optional<Network4> from{};         ///< segment that does not see
    std::optional<Network4> to{};           ///< segment that is not seen
    std::size_t cells = 0;                  ///< cells that back it
    std::size_t observers = 0;              ///< computers that looked
    std::string sentence;
};

/// A pair of segments for the heat map.
struct Block {
    Network4 from;
    Network4 to;
    std::size_t cells = 0;      ///< pairs of computers that were looked at
    std::size_t observers = 0;  ///< computers of `from` that looked
    double seen = 0;            ///< estimated share, with a prior of one seen and one not
    bool isEnough = false;      ///< three observers or more
};

struct Localisation {
    std::vector<Block> blocks;        ///< every pair of segments with a cell, by segment
    std::vector<MatrixFault> faults;  ///< widest first
    std::size_t tooFewObservers =
        0;  ///< places that look dark but have less than three observers: "not enough evidence"
};

struct LocaliserSettings {
    std::size_t fewestObservers = 3;
    double dark = 0.25;   ///< a share below counts as dark
    double chance = 0.1;  ///< so many pairs may be wrong by chance in a whole report
    std::size_t mostFaults = 1000;
};

/// Finds what the dark cells have in common, widest explanation first; a cell is explained once.
/// Method: share of a group = (seen + 1) / (looked + 2), so that one of two does not look like a half. Segments first,
/// then
///         single computers over roads that carry others, then roads between segments without the computers that are
///         explained, then single pairs, if they are too dark for the usual loss of this network.
Localisation localise(const VisibilityMatrix& matrix, const LocaliserSettings& settings = {});

}  // namespace causeway::trace
