#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/table.h"
#include "shared/model/trace_report.h"

/// Packet traces in words. Results, sentences and remedies come from the service and stay as they are; what the console
/// adds is in the language of the user.
namespace causeway::console {

Mark markOf(TraceGrade grade);
/// "Fine", "Partly", "Failed", "Not measured", "Waiting", "Running ...".
std::string textOf(TraceGrade grade);
/// Grey while nothing is proven, green only for OK, amber if it is merely possible or harmless, else red.
Mark markOf(const Verdict& verdict);
/// Head of the card, a few words: "The PC drops chat packets".
std::string titleOf(VerdictCode code);
/// "certain", "likely", "possible".
std::string textOf(Certainty certainty);
std::string textOf(TraceState state);
/// "This service to Bob Chan".
std::string legText(TraceLeg leg, const TraceReport& report);
/// "certain - from 3 proofs: Chat probe, File port".
std::string certaintyText(const Verdict& verdict);

/// One command of the page: always all of them, in order, whatever was asked for.
struct TraceLine {
    TraceStep step = TraceStep::SelfCheck;
    std::string title;
    Mark mark = Mark::None;
    std::string result;  ///< empty if it was not asked for
    std::string time;    ///< "0.2 s"; empty if it did not run
    bool isQuick = false;
    friend bool operator==(const TraceLine&, const TraceLine&) = default;
};
/// The commands with what a trace found. A command that was measured towards both users has the worse of both. `now` is
/// for the time of the one that runs.
std::vector<TraceLine> traceLines(const std::optional<TraceReport>& report, TimePoint now);
/// All that is known of one command: per direction result, times, method, details, what a privilege would add.
std::string evidenceText(const TraceReport& report, TraceStep step);
/// What the command does, what it needs, how long it takes.
std::string helpText(TraceStep step);

/// One hop in three columns.
struct HopLine {
    unsigned hop = 0;
    std::string icmp, udp, tcp;
    friend bool operator==(const HopLine&, const HopLine&) = default;
};
/// From the command Path towards Y; empty if it did not run. A column that was not measured is empty, a hop behind the
/// end of its column too.
std::vector<HopLine> hopLines(const TraceReport& report);

/// The right side of the page.
struct TraceCard {
    Mark mark = Mark::None;
    std::string title;
    std::string sentence;
    std::string certainty;
    struct Remedy {
        std::string text;
        std::string command;  ///< empty = nothing to copy
        friend bool operator==(const Remedy&, const Remedy&) = default;
    };
    std::vector<Remedy> todo;
    std::string missing;  ///< what would make it certain
    std::string others;   ///< other faults that were found: one a line
    friend bool operator==(const TraceCard&, const TraceCard&) = default;
};
TraceCard cardOf(const TraceReport& report);

/// All remedies as text with numbers and commands, for the clipboard.
std::string remedyText(const TraceCard& card);

}  // namespace causeway::console
