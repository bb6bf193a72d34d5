#include "shared/api/ranges_json.h"

#include <utility>

namespace causeway::api {

RangeRow rangeRowOf(RemoteRange range) {
    RangeRow row;
    // The line was accepted when it was stored; loopback was allowed then or not, it does not matter for showing it.
    if (const auto line = parseRangeLine(range.text, true)) {
        row.kind = line->kind;
        row.isExclusion = line->isExclusion;
        row.comment = line->comment;
        // Before the first run: how many it will be.
        if (!range.lastRun) range.addressCount = static_cast<std::uint32_t>(line->addresses());
    }
    row.range = std::move(range);
    return row;
}

std::optional<RangeKind> rangeKindOf(std::string_view word) {
    for (const auto kind : {RangeKind::Blank, RangeKind::Single, RangeKind::Wildcard, RangeKind::Cidr,
                            RangeKind::FromTo, RangeKind::Broadcast, RangeKind::Name}) {
        if (word == wordOf(kind)) return kind;
    }
    return std::nullopt;
}

void writeJson(JsonWriter& out, const RangeRow& row) {
    const auto& range = row.range;
    out.beginObject();
    out.field("id", range.id);
    out.field("text", range.text);
    out.field("kind", wordOf(row.kind));
    out.field("isExclusion", row.isExclusion);
    out.field("comment", row.comment);
    out.field("isEnabled", range.isEnabled);
    out.field("lastRun", range.lastRun);
    out.field("addressCount", range.addressCount);
    out.field("answers", range.answers);
    out.field("lastAnswer", range.lastAnswer);
    out.field("silentSince", range.silentSince);
    out.field("problem", range.problem);
    out.endObject();
}

void readJson(JsonFields& in, RangeRow& row) {
    auto& range = row.range;
    in.read("id", range.id);
    in.read("text", range.text);
    in.readWord("kind", row.kind, &rangeKindOf);
    in.read("isExclusion", row.isExclusion);
    in.read("comment", row.comment);
    in.read("isEnabled", range.isEnabled);
    in.read("lastRun", range.lastRun);
    in.read("addressCount", range.addressCount);
    in.read("answers", range.answers);
    in.read("lastAnswer", range.lastAnswer);
    in.read("silentSince", range.silentSince);
    in.read("problem", range.problem);
}

void writeJson(JsonWriter& out, const RangeList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.field("revision", list.revision);
    out.endObject();
}

void readJson(JsonFields& in, RangeList& list) {
    in.readList("items", list.items);
    in.read("revision", list.revision);
}

void writeJson(JsonWriter& out, const RangeRequest& request) {
    out.beginObject();
    if (request.text) out.field("text", *request.text);
    if (request.isEnabled) out.field("isEnabled", *request.isEnabled);
    out.endObject();
}

void readJson(JsonFields& in, RangeRequest& request) {
    in.read("text", request.text);
    in.read("isEnabled", request.isEnabled);
}

void writeJson(JsonWriter& out, const RangeText& text) {
    out.beginObject();
    out.field("text", text.text);
    out.endObject();
}

void readJson(JsonFields& in, RangeText& text) {
    in.require("text");
    in.read("text", text.text);
}

void writeJson(JsonWriter& out, const RangeLineProblem& problem) {
    out.beginObject();
    out.field("line", problem.line);
    out.field("column", problem.column);
    out.field("text", problem.text);
    out.endObject();
}

void readJson(JsonFields& in, RangeLineProblem& problem) {
    in.read("line", problem.line);
    in.read("column", problem.column);
    in.read("text", problem.text);
}

void writeJson(JsonWriter& out, const RangePreview& preview) {
    out.beginObject();
    writeItems(out, preview.problems, "problems");
    out.field("addresses", preview.addresses);
    out.field("skippedOwn", preview.skippedOwn);
    out.field("excluded", preview.excluded);
    out.field("names", preview.names);
    out.field("broadcasts", preview.broadcasts);
    out.field("sweepMs", preview.sweepTime);
    out.endObject();
}

void readJson(JsonFields& in, RangePreview& preview) {
    in.readList("problems", preview.problems);
    in.read("addresses", preview.addresses);
    in.read("skippedOwn", preview.skippedOwn);
    in.read("excluded", preview.excluded);
    in.read("names", preview.names);
    in.read("broadcasts", preview.broadcasts);
    in.read("sweepMs", preview.sweepTime);
}

}  // namespace causeway::api
