#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/remote_range.h"

/// /v1/ranges and below.
namespace causeway::api {

/// A stored range with what its text says.
struct RangeRow {
    RemoteRange range;
    RangeKind kind = RangeKind::Blank;
    bool isExclusion = false;
    std::string comment;
};
/// Fills kind, isExclusion and comment from the text.
RangeRow rangeRowOf(RemoteRange range);

struct RangeList {
    std::vector<RangeRow> items;
    std::uint64_t revision = 0;
};

/// POST and PATCH of one range: PATCH may leave out either.
struct RangeRequest {
    std::optional<std::string> text{};
    std::optional<bool> isEnabled{};
};
/// PUT of the whole list, and preview: lines of text.
struct RangeText {
    std::string text;
};

std::optional<RangeKind> rangeKindOf(std::string_view word);

void writeJson(JsonWriter& out, const RangeRow& row);
void readJson(JsonFields& in, RangeRow& row);
void writeJson(JsonWriter& out, const RangeList& list);
void readJson(JsonFields& in, RangeList& list);
void writeJson(JsonWriter& out, const RangeRequest& request);
void readJson(JsonFields& in, RangeRequest& request);
void writeJson(JsonWriter& out, const RangeText& text);
void readJson(JsonFields& in, RangeText& text);
void writeJson(JsonWriter& out, const RangePreview& preview);
void readJson(JsonFields& in, RangePreview& preview);
void writeJson(JsonWriter& out, const RangeLineProblem& problem);
void readJson(JsonFields& in, RangeLineProblem& problem);

}  // namespace causeway::api
