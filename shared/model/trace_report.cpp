#include "shared/model/trace_report.h"

namespace causeway {

const char* wordOf(TraceState state) {
    switch (state) {
        case TraceState::Running:
            return "running";
        case TraceState::Finished:
            return "finished";
        case TraceState::Stopped:
            return "stopped";
        case TraceState::Failed:
            return "failed";
    }
    return "failed";
}

std::optional<TraceState> traceStateOf(std::string_view word) {
    for (const auto state : {TraceState::Running, TraceState::Finished, TraceState::Stopped, TraceState::Failed}) {
        if (word == wordOf(state)) return state;
    }
    return std::nullopt;
}

}  // namespace causeway
