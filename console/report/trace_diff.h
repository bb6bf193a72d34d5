#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "shared/model/trace_report.h"

namespace causeway::report {

/// What one row said.
struct RowState {
    TraceGrade grade = TraceGrade::Waiting;
    std::string result;
    friend bool operator==(const RowState&, const RowState&) = default;
};

/// The same row in two traces. Empty: that trace did not have it.
struct RowDiff {
    TraceStep step = TraceStep::SelfCheck;
    TraceLeg leg = TraceLeg::AToY;
    std::optional<RowState> before;
    std::optional<RowState> after;

    /// Another grade, or only one of both has it. Other figures at the same grade are no change.
    bool isChanged() const;
    bool isSame() const { return before == after; }
};

struct TraceDiff {
    std::vector<RowDiff> rows;  ///< every row of both, in the order of the page
    std::optional<Verdict> before;
    std::optional<Verdict> after;

    bool isVerdictChanged() const;  ///< code or parameters; the certainty alone is no change
    bool isChanged() const;         ///< any row, or the verdict
    std::size_t sameRows() const;
};

/// Both ends are the same: by user id, by address, or by name where one of the traces knows no more.
bool isSamePair(const TraceReport& left, const TraceReport& right);
/// Compares two traces of the same pair.
TraceDiff diffOf(const TraceReport& before, const TraceReport& after);

}  // namespace causeway::report
