#pragma once

#include <string>
#include <string_view>

#include "shared/model/trace_report.h"

namespace causeway::report {

/// Text as it may stand in HTML and SVG, also inside quotes: escaped, valid UTF-8, control characters as blanks.
std::string escaped(std::string_view text);

/// The hops of one row as an SVG element: a lane for each column that was measured, a ring for each hop that answered,
/// a dashed line where none did, a filled square for the target, a cross where the road ends before it.
/// Coloured by the style of traceHtml. Empty if the row has no hops. At most kMostDrawnHops of a lane are drawn.
std::string hopPicture(const TraceRow& row, const TraceReport& report);
constexpr std::size_t kMostDrawnHops = 64;

/// The whole trace as one HTML page for whoever repairs the network: verdict with remedy, hop pictures, every row.
/// Self-contained: style inside, no script, nothing is loaded (a content security policy says so too).
std::string traceHtml(const TraceReport& report);

}  // namespace causeway::report
