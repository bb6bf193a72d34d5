#pragma once

#include <vector>

#include "shared/model/trace.h"

namespace causeway::trace {

/// Reads the evidence of a trace. Pure: the same evidence gives the same verdicts.
/// Shape:  never empty. The first is the verdict. Further ones are independent findings that are true as well (a stale
///         name beside a filter), never second guesses about the same thing; at most 4 in all.
/// Bounds: reads each list once; at most 256 hops, errors and sizes of a list count. Repeat samples all count.
/// Method: a table of rules, tried in order, the first that matches wins (docs/dev/trace-evidence.md). Silence proves
///         nothing by itself: every rule that blames silence on something compares it with another protocol, another
///         computer, another vantage or another time. Where the comparison was not measured, the verdict is
///         NOT_ENOUGH_EVIDENCE and names the step that would decide, or is only "possible".
std::vector<Verdict> judge(const TracePair& pair);

/// Silence of UDP 2425 counts from this many questions on; twice as many and more where other answers are lost too.
constexpr unsigned kFewestTries = 3;
constexpr unsigned kFewestTriesWithLoss = 10;
/// A probe is cold when the target was silent for so long, and warm when he spoke within the other.
constexpr Duration kColdAfter = 120s;
constexpr Duration kWarmWithin = 90s;

}  // namespace causeway::trace
