#pragma once

#include <string>

#include "shared/model/trace_report.h"

/// What reports of records say; made from shared/model alone, so that every program of an administrator can use it.
/// Pure functions: no service, no file, no widget, any thread. English: a report goes to whoever repairs the network.
namespace causeway::report {

/// "Bob (10.7.2.14)", "10.7.2.14", "this service"
std::string xText(const TraceReport& report);
std::string yText(const TraceReport& report);
/// "this service -> Bob (10.7.2.14)"
std::string pairText(const TraceReport& report);
/// Whose road: "this service to Bob", "the linked service to Alice"
std::string legText(TraceLeg leg, const TraceReport& report);
/// "fine", "partly", "failed", "not measured", "waiting", "running"
std::string gradeText(TraceGrade grade);
/// "PATH_FILTER_UDP", with what is known of it: "PATH_FILTER_UDP (hop 2, 10.1.0.1)"
std::string codeText(const Verdict& verdict);
/// What would make the verdict surer: "Path back. Link the service of the other base."; empty if nothing would, or if
/// the sentence of the verdict says it already.
std::string missingText(const Verdict& verdict);
/// "less than 1 ms", "12 ms", "3.4 s", "5 min"
std::string tookText(Duration took);
/// "2026-11-22 12:00:15 UTC"; "-" for never
std::string timeText(TimePoint when);

}  // namespace causeway::report
