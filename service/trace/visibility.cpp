#include "service/trace/visibility.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace causeway::trace {

namespace {

constexpr std::size_t kMostPcs = 65535;
constexpr std::size_t kFewestSegments = 3;  ///< others that a cut-off segment must miss before it is called so

double shareOf(double seen, double looked) {
    return (seen + 1) / (looked + 2);
}

bool isSeen(const VisibilityMatrix::Entry& entry) {
    return entry.seen * 2 >= entry.looked && entry.seen > 0;
}

struct Tally {
    std::size_t cells = 0;
    std::size_t seen = 0;
    std::size_t observers = 0;
    std::size_t subjects = 0;
    double share() const { return shareOf(static_cast<double>(seen), static_cast<double>(cells)); }
};

/// Works on one matrix: numbers of segments, tallies of blocks, and what is explained already.
class Search {
public:
    Search(const VisibilityMatrix& matrix, const LocaliserSettings& settings) : matrix_(matrix), settings_(settings) {
        std::map<Network4, std::size_t> numbers;
        for (const auto& pc : matrix.pcs())
            numbers.emplace(pc.segment, 0);
        for (auto& [segment, number] : numbers) {
            number = segments_.size();
            segments_.push_back(segment);
        }
        for (const auto& pc : matrix.pcs())
            segmentOf_.push_back(numbers.at(pc.segment));
        isSubjectExplained_.assign(matrix.pcs().size(), false);
        isObserverExplained_.assign(matrix.pcs().size(), false);
        isSegmentExplained_.assign(segments_.size(), false);
    }

    Localisation run() {
        tallyBlocks();
        listBlocks();
        findSegments();
        findPcs();
        tallyBlocks();
        findRoads();
        findPairs();
        return std::move(out_);
    }

private:
    std::size_t at(std::size_t from, std::size_t to) const { return from * segments_.size() + to; }
    const Tally& block(std::size_t from, std::size_t to) const { return blocks_[at(from, to)]; }
    bool isEnough(const Tally& tally) const { return tally.observers >= settings_.fewestObservers && tally.cells > 0; }
    /// Dark with enough observers and more than one subject, so that one dead computer does not darken a road.
    bool isDark(const Tally& tally) const {
        return isEnough(tally) && tally.subjects >= 2 && tally.share() < settings_.dark;
    }

    void tallyBlocks() {
        blocks_.assign(segments_.size() * segments_.size(), {});
        std::vector<bool> isLooked(matrix_.pcs().size() * segments_.size(), false);  // subject by observing segment
        std::vector<std::size_t> cells(segments_.size());
        for (std::size_t observer = 0; observer < matrix_.pcs().size(); ++observer) {
            if (isObserverExplained_[observer]) continue;
            const auto from = segmentOf_[observer];
            std::fill(cells.begin(), cells.end(), 0);
            for (const auto& entry : matrix_.row(observer)) {
                if (isSubjectExplained_[entry.subject]) continue;
                const auto to = segmentOf_[entry.subject];
                auto& tally = blocks_[at(from, to)];
                ++tally.cells;
                if (isSeen(entry)) ++tally.seen;
                if (cells[to]++ == 0) ++tally.observers;
                const auto mark = entry.subject * segments_.size() + from;
                if (!isLooked[mark]) ++tally.subjects;
                isLooked[mark] = true;
            }
        }
    }

    void listBlocks() {
        for (std::size_t from = 0; from < segments_.size(); ++from) {
            for (std::size_t to = 0; to < segments_.size(); ++to) {
                const auto& tally = block(from, to);
                if (tally.cells == 0) continue;
                out_.blocks.push_back(
                    {segments_[from], segments_[to], tally.cells, tally.observers, tally.share(), isEnough(tally)});
                if (!isEnough(tally) && tally.seen == 0) ++out_.tooFewObservers;
            }
        }
    }

    MatrixFault& add(FaultKind kind, const Tally& tally, std::string sentence) {
        MatrixFault fault;
        fault.kind = kind;
        fault.cells = tally.cells;
        fault.observers = tally.observers;
        // From about twenty cells on a share of one in twenty is no chance any more.
        fault.certainty = tally.cells >= 20 && tally.share() < 0.1 ? Certainty::Certain : Certainty::Likely;
        fault.sentence = std::move(sentence) + " " + std::to_string(tally.cells - tally.seen) + " of " +
                         std::to_string(tally.cells) + " pairs are dark, " + std::to_string(tally.observers) +
                         (tally.observers == 1 ? " observer." : " observers.");
        out_.faults.push_back(std::move(fault));
        return out_.faults.back();
    }
    bool isFull() const { return out_.faults.size() >= settings_.mostFaults; }

    /// Where a segment has few observers of its own: all others that look at it see nobody, and it sees nobody either.
    std::optional<Tally> lookedAt(std::size_t segment) const {
        Tally into;
        Tally out;
        std::size_t roads = 0;
        for (std::size_t other = 0; other < segments_.size(); ++other) {
            if (other == segment) continue;
            const auto& tally = block(other, segment);
            out.cells += block(segment, other).cells;
            out.seen += block(segment, other).seen;
            if (!isEnough(tally) || tally.subjects < 2) continue;
            if (!isDark(tally)) return std::nullopt;
            ++roads;
            into.cells += tally.cells;
            into.seen += tally.seen;
            into.observers += tally.observers;
        }
        if (roads < kFewestSegments || (out.cells > 0 && out.share() >= settings_.dark)) return std::nullopt;
        return into;
    }

    void findSegments() {
        std::vector<std::size_t> dark;
        std::vector<Tally> tallies;
        for (std::size_t from = 0; from < segments_.size(); ++from) {
            Tally all;
            std::size_t roads = 0;
            bool areAllDark = true;
            for (std::size_t to = 0; to < segments_.size(); ++to) {
                const auto& tally = block(from, to);
                if (to == from || !isEnough(tally) || tally.subjects < 2) continue;
                ++roads;
                areAllDark = areAllDark && isDark(tally);
                all.cells += tally.cells;
                all.seen += tally.seen;
                all.observers = std::max(all.observers, tally.observers);
            }
            const bool isInnerDark = isDark(block(from, from));
            if (roads == 0 && isInnerDark) all = block(from, from);
            auto isFound = areAllDark && (roads >= kFewestSegments || isInnerDark);
            if (!isFound) {
                const auto other = lookedAt(from);
                isFound = other.has_value();
                if (other) all = *other;
            }
            if (isFound) {
                dark.push_back(from);
                tallies.push_back(all);
            }
        }
        // If most segments see nobody, the middle is broken, not each of them.
        if (dark.size() * 2 > segments_.size() && segments_.size() > 2) return;
        for (std::size_t i = 0; i < dark.size() && !isFull(); ++i) {
            const auto segment = dark[i];
            isSegmentExplained_[segment] = true;
            auto& fault =
                add(FaultKind::SegmentDark, tallies[i],
                    "The computers of " + segments_[segment].text() +
                        (isDark(block(segment, segment)) ? " do not see even each other: its switch or access point."
                                                         : " see no other segment: its uplink or its router."));
            fault.from = segments_[segment];
        }
        for (std::size_t pc = 0; pc < matrix_.pcs().size(); ++pc) {
            if (!isSegmentExplained_[segmentOf_[pc]]) continue;
            isObserverExplained_[pc] = true;
            isSubjectExplained_[pc] = true;
        }
    }

    /// Cells that say something about single computers: over roads that carry others, however few looked.
    bool isTelling(std::size_t observer, std::size_t subject) const {
        const auto& road = block(segmentOf_[observer], segmentOf_[subject]);
        return !isObserverExplained_[observer] && !isSubjectExplained_[subject] &&
               (road.subjects < 2 || road.share() >= settings_.dark);
    }

    void findPcs() {
        const auto count = matrix_.pcs().size();
        std::vector<bool> isRowDark(count, false);
        std::vector<bool> isColumnDark(count, false);
        std::vector<Tally> rows;
        std::vector<Tally> columns;
        // The second pass no longer counts computers that see nobody among the observers, nor dead ones among the seen.
        for (int pass = 0; pass < 2; ++pass) {
            rows.assign(count, {});
            columns.assign(count, {});
            for (std::size_t observer = 0; observer < count; ++observer) {
                for (const auto& entry : matrix_.row(observer)) {
                    if (!isTelling(observer, entry.subject)) continue;
                    const auto take = [&](Tally& tally) {
                        ++tally.cells;
                        if (isSeen(entry)) ++tally.seen;
                        ++tally.observers;
                    };
                    if (!isColumnDark[entry.subject]) take(rows[observer]);
                    if (!isRowDark[observer]) take(columns[entry.subject]);
                }
            }
            std::vector<bool> rowNow(count, false);
            std::vector<bool> columnNow(count, false);
            for (std::size_t pc = 0; pc < count; ++pc) {
                rowNow[pc] = rows[pc].cells >= settings_.fewestObservers && rows[pc].share() < settings_.dark;
                columnNow[pc] = columns[pc].cells >= settings_.fewestObservers && columns[pc].share() < settings_.dark;
            }
            isRowDark = std::move(rowNow);
            isColumnDark = std::move(columnNow);
        }
        for (const auto kind : {FaultKind::PcIsolated, FaultKind::PcInbound, FaultKind::PcReceives}) {
            for (std::size_t pc = 0; pc < count && !isFull(); ++pc) {
                const auto here = isRowDark[pc] && isColumnDark[pc] ? FaultKind::PcIsolated
                                  : isColumnDark[pc]                ? FaultKind::PcInbound
                                                                    : FaultKind::PcReceives;
                if ((!isRowDark[pc] && !isColumnDark[pc]) || here != kind) continue;
                const auto& name = matrix_.pcs()[pc].name;
                if (kind == FaultKind::PcReceives) {
                    auto tally = rows[pc];
                    tally.observers = 1;
                    add(kind, tally, name + " sees nobody: it does not receive.").observer = pc;
                } else {
                    add(kind, columns[pc],
                        kind == FaultKind::PcIsolated
                            ? name + " sees nobody and is seen by nobody."
                            : "Nobody sees " + name + ": it is off, or its packets do not get out.")
                        .subject = pc;
                }
            }
        }
        for (std::size_t pc = 0; pc < count; ++pc) {
            if (columns[pc].cells > 0 && columns[pc].cells < settings_.fewestObservers && columns[pc].seen == 0)
                ++out_.tooFewObservers;
            if (isRowDark[pc]) isObserverExplained_[pc] = true;
            if (isColumnDark[pc]) isSubjectExplained_[pc] = true;
        }
    }

    void findRoads() {
        std::vector<std::pair<std::size_t, std::size_t>> oneWay;
        for (std::size_t from = 0; from < segments_.size(); ++from) {
            for (std::size_t to = 0; to < segments_.size() && !isFull(); ++to) {
                if (from == to || !isDark(block(from, to))) continue;
                // Two who looked the other way are enough to see that it is dark as well; one alone may be deaf.
                const auto& back = block(to, from);
                const bool isBackDark = back.observers >= 2 && back.share() < settings_.dark;
                if (!isBackDark) {
                    oneWay.emplace_back(from, to);
                } else if (from < to || !isDark(back)) {
                    Tally both = block(from, to);
                    both.cells += block(to, from).cells;
                    both.seen += block(to, from).seen;
                    both.observers += block(to, from).observers;
                    auto& fault =
                        add(FaultKind::SiteLink, both,
                            segments_[from].text() + " and " + segments_[to].text() + " do not see each other.");
                    fault.from = segments_[std::min(from, to)];
                    fault.to = segments_[std::max(from, to)];
                    if (!isDark(back)) fault.certainty = Certainty::Likely;
                }
            }
        }
        for (const auto& [from, to] : oneWay) {
            if (isFull()) return;
            const bool isBackKnown = block(to, from).share() > 1 - settings_.dark;
            auto& fault = add(FaultKind::OneWay, block(from, to),
                              segments_[from].text() + " does not see " + segments_[to].text() +
                                  (isBackKnown ? ", which sees it." : "; hardly anybody looked the other way."));
            fault.from = segments_[from];
            fault.to = segments_[to];
            if (!isBackKnown) fault.certainty = Certainty::Possible;
        }
    }

    void findPairs() {
        const auto count = matrix_.pcs().size();
        double looked = 0;
        double missed = 0;
        std::size_t cells = 0;
        for (std::size_t observer = 0; observer < count; ++observer) {
            for (const auto& entry : matrix_.row(observer)) {
                if (!isTelling(observer, entry.subject)) continue;
                ++cells;
                if (!isSeen(entry)) continue;
                looked += entry.looked;
                missed += entry.looked - entry.seen;
            }
        }
        if (cells == 0 || looked == 0) return;
        // How often a look at somebody who is there fails anyway; a pair must be darker than that among so many pairs.
        const auto miss = (missed + 1) / (looked + 2);
        for (std::size_t observer = 0; observer < count; ++observer) {
            for (const auto& entry : matrix_.row(observer)) {
                if (isFull()) return;
                if (!isTelling(observer, entry.subject) || entry.seen > 0) continue;
                if (shareOf(0, entry.looked) >= settings_.dark ||
                    std::pow(miss, entry.looked) * static_cast<double>(cells) > settings_.chance) {
                    ++out_.tooFewObservers;
                    continue;
                }
                Tally tally{1, 0, 1, 1};
                auto& fault = add(FaultKind::Pair, tally,
                                  matrix_.pcs()[observer].name + " does not see " + matrix_.pcs()[entry.subject].name +
                                      ", whom others see (" + std::to_string(entry.looked) + " looks).");
                fault.observer = observer;
                fault.subject = entry.subject;
            }
        }
    }

    const VisibilityMatrix& matrix_;
    const LocaliserSettings& settings_;
    std::vector<Network4> segments_;
    std::vector<std::size_t> segmentOf_;
    std::vector<Tally> blocks_;
    std::vector<bool> isSubjectExplained_;
    std::vector<bool> isObserverExplained_;
    std::vector<bool> isSegmentExplained_;
    Localisation out_;
};

}  // namespace

VisibilityMatrix::VisibilityMatrix(std::vector<MatrixPc> pcs) : VisibilityMatrix(std::move(pcs), Limits{}) {}

VisibilityMatrix::VisibilityMatrix(std::vector<MatrixPc> pcs, Limits limits) : pcs_(std::move(pcs)), limits_(limits) {
    if (pcs_.size() > kMostPcs) pcs_.resize(kMostPcs);
    rows_.resize(pcs_.size());
}

bool VisibilityMatrix::saw(std::size_t observer, std::size_t subject, bool isSeen) {
    if (observer >= pcs_.size() || subject >= pcs_.size() || observer == subject) return false;
    auto& row = rows_[observer];
    auto place = std::lower_bound(row.begin(), row.end(), subject,
                                  [](const Entry& entry, std::size_t wanted) { return entry.subject < wanted; });
    if (place == row.end() || place->subject != subject) {
        if (used_ >= limits_.cells) return false;
        place = row.insert(place, Entry{static_cast<std::uint16_t>(subject), 0, 0});
        ++used_;
    }
    if (place->looked == 0xFFFF) {  // old looks lose weight, new ones count
        place->looked /= 2;
        place->seen /= 2;
    }
    ++place->looked;
    if (isSeen) ++place->seen;
    return true;
}

bool VisibilityMatrix::put(std::size_t observer, std::size_t subject, std::uint16_t looked, std::uint16_t seen) {
    if (observer >= pcs_.size() || subject >= pcs_.size() || observer == subject || used_ >= limits_.cells)
        return false;
    auto& row = rows_[observer];
    if (!row.empty() && row.back().subject >= subject) return false;
    row.push_back({static_cast<std::uint16_t>(subject), looked, seen});
    ++used_;
    return true;
}

VisibilityMatrix::Cell VisibilityMatrix::cell(std::size_t observer, std::size_t subject) const {
    if (observer >= rows_.size()) return {};
    const auto& row = rows_[observer];
    const auto place = std::lower_bound(row.begin(), row.end(), subject,
                                        [](const Entry& entry, std::size_t wanted) { return entry.subject < wanted; });
    if (place == row.end() || place->subject != subject) return {};
    return {place->looked, place->seen};
}

Localisation localise(const VisibilityMatrix& matrix, const LocaliserSettings& settings) {
    return Search{matrix, settings}.run();
}

}  // namespace causeway::trace
