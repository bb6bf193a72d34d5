#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/trace_report.h"

/// /v1/traces and below. The records are TraceRequest and TraceReport of shared/model.
namespace causeway::api {

struct TraceList {
    std::vector<TraceReport> items;  ///< newest first; rows without details and hops
};

/// One line of GET /v1/traces/steps: TraceStepInfo with texts of its own.
struct TraceStepRow {
    unsigned number = 0;  ///< of the page, 0..16
    std::string word;     ///< "chat-probe"
    std::string title;
    std::string help;
    TraceNeed need = TraceNeed::None;
    std::string gains;
    Duration budget{};
    bool isQuick = false;
};
struct TraceStepList {
    std::vector<TraceStepRow> items;
};
TraceStepList traceStepList();

/// Of GET /v1/events: one of both.
struct TraceEvent {
    std::optional<TraceReport> trace{};      ///< the newest state, whole
    std::optional<std::uint64_t> removed{};  ///< the id of a trace that is gone
};

/// Without its password: what is shown of a trace.
void writeJson(JsonWriter& out, const TraceRequest& request);
/// With its password, for the body of POST /v1/traces.
std::string traceRequestJson(const TraceRequest& request);
/// Body of POST /v1/traces: strict, every word and number that cannot be meant is a problem with its field.
void readJson(JsonFields& in, TraceRequest& request);
/// Rows and proofs of a step or a leg that this version does not know are left out; an unknown grade is "not
/// measured", an unknown verdict "not enough evidence": what a newer service says never looks worse than it is.
void writeJson(JsonWriter& out, const TraceReport& report);
void readJson(JsonFields& in, TraceReport& report);
void writeJson(JsonWriter& out, const TraceRow& row);
void readJson(JsonFields& in, TraceRow& row);
void writeJson(JsonWriter& out, const TraceHop& hop);
void readJson(JsonFields& in, TraceHop& hop);
void writeJson(JsonWriter& out, const Verdict& verdict);
void readJson(JsonFields& in, Verdict& verdict);
void writeJson(JsonWriter& out, const RemedyStep& step);
void readJson(JsonFields& in, RemedyStep& step);
void writeJson(JsonWriter& out, const TraceList& list);
void readJson(JsonFields& in, TraceList& list);
void writeJson(JsonWriter& out, const TraceStepRow& row);
void readJson(JsonFields& in, TraceStepRow& row);
void writeJson(JsonWriter& out, const TraceStepList& list);
void readJson(JsonFields& in, TraceStepList& list);
void writeJson(JsonWriter& out, const TraceEvent& event);
void readJson(JsonFields& in, TraceEvent& event);

}  // namespace causeway::api
