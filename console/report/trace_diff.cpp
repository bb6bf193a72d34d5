#include "console/report/trace_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "shared/base/text.h"

namespace causeway::report {

namespace {

struct End {
    UserId user;
    Ip4 address;
    const std::string& name;
};

bool isSameEnd(const End& left, const End& right) {
    if (left.user != 0 && right.user != 0) return left.user == right.user;
    if (!left.name.empty() && lowerAscii(left.name) == lowerAscii(right.name)) return true;
    if (!left.address.isAny() && !right.address.isAny()) return left.address == right.address;
    return left.name.empty() && right.name.empty() && left.address == right.address;
}

bool isSameVerdict(const Verdict& left, const Verdict& right) {
    const auto& a = left.parameters;
    const auto& b = right.parameters;
    return left.code == right.code && left.about == right.about && a.hopAddress == b.hopAddress &&
           a.hopNumber == b.hopNumber && a.size == b.size && a.direction == b.direction && a.ports == b.ports;
}

}  // namespace

bool RowDiff::isChanged() const {
    return before.has_value() != after.has_value() || (before && before->grade != after->grade);
}

bool TraceDiff::isVerdictChanged() const {
    return before.has_value() != after.has_value() || (before && !isSameVerdict(*before, *after));
}

bool TraceDiff::isChanged() const {
    return isVerdictChanged() ||
           std::any_of(rows.begin(), rows.end(), [](const RowDiff& row) { return row.isChanged(); });
}

std::size_t TraceDiff::sameRows() const {
    return static_cast<std::size_t>(
        std::count_if(rows.begin(), rows.end(), [](const RowDiff& row) { return row.isSame(); }));
}

bool isSamePair(const TraceReport& left, const TraceReport& right) {
    return isSameEnd({left.request.fromUser, left.xAddress, left.x.empty() ? left.request.from : left.x},
                     {right.request.fromUser, right.xAddress, right.x.empty() ? right.request.from : right.x}) &&
           isSameEnd({left.request.toUser, left.yAddress, left.y.empty() ? left.request.to : left.y},
                     {right.request.toUser, right.yAddress, right.y.empty() ? right.request.to : right.y});
}

TraceDiff diffOf(const TraceReport& before, const TraceReport& after) {
    std::map<std::pair<TraceStep, TraceLeg>, RowDiff> rows;
    const auto take = [&rows](const TraceReport& report, std::optional<RowState> RowDiff::*side) {
        for (const auto& row : report.rows) {
            auto& diff = rows[{row.step, row.leg}];
            diff.step = row.step;
            diff.leg = row.leg;
            diff.*side = RowState{row.grade, row.result};
        }
    };
    take(before, &RowDiff::before);
    take(after, &RowDiff::after);
    TraceDiff diff;
    for (auto& [place, row] : rows)
        diff.rows.push_back(std::move(row));
    if (const auto* verdict = before.verdict()) diff.before = *verdict;
    if (const auto* verdict = after.verdict()) diff.after = *verdict;
    return diff;
}

}  // namespace causeway::report
