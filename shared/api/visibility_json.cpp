#include "shared/api/visibility_json.h"

namespace causeway::api {

namespace {

std::optional<UserId> named(UserId id) {
    if (id == 0) return std::nullopt;
    return id;
}

}  // namespace

void writeJson(JsonWriter& out, const VisibilityScope& scope) {
    out.beginObject();
    out.field("from", scope.from);
    out.field("to", scope.to);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityScope& scope) {
    in.read("from", scope.from);
    in.read("to", scope.to);
}

void writeJson(JsonWriter& out, const VisibilityStatus& status) {
    out.beginObject();
    out.field("mode", wordOf(status.mode));
    out.field("intervalMs", status.interval);
    out.field("isCollecting", status.isCollecting);
    out.key("scope");
    writeJson(out, status.scope);
    out.field("by", status.by);
    out.fieldOrNever("startedAt", status.startedAt);
    out.fieldOrNever("finishedAt", status.finishedAt);
    out.field("nextAt", status.nextAt);
    out.field("toAsk", status.toAsk);
    out.field("asked", status.asked);
    out.field("answered", status.answered);
    out.field("silent", status.silent);
    out.field("tooSoon", status.tooSoon);
    out.field("againAt", status.againAt);
    out.field("pcs", status.pcs);
    out.field("observers", status.observers);
    out.field("giveNoList", status.giveNoList);
    out.field("cells", status.cells);
    out.field("places", status.places);
    out.field("openFindings", status.openFindings);
    out.field("collections", status.collections);
    out.field("listsAsked", status.listsAsked);
    out.field("listsRead", status.listsRead);
    out.field("revision", status.revision);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityStatus& status) {
    in.readWord("mode", status.mode, &visibilityModeOf);
    in.read("intervalMs", status.interval);
    in.read("isCollecting", status.isCollecting);
    in.readObject("scope", status.scope);
    in.read("by", status.by);
    in.read("startedAt", status.startedAt);
    in.read("finishedAt", status.finishedAt);
    in.read("nextAt", status.nextAt);
    in.read("toAsk", status.toAsk);
    in.read("asked", status.asked);
    in.read("answered", status.answered);
    in.read("silent", status.silent);
    in.read("tooSoon", status.tooSoon);
    in.read("againAt", status.againAt);
    in.read("pcs", status.pcs);
    in.read("observers", status.observers);
    in.read("giveNoList", status.giveNoList);
    in.read("cells", status.cells);
    in.read("places", status.places);
    in.read("openFindings", status.openFindings);
    in.read("collections", status.collections);
    in.read("listsAsked", status.listsAsked);
    in.read("listsRead", status.listsRead);
    in.read("revision", status.revision);
}

void writeJson(JsonWriter& out, const VisibilityGroup& group) {
    out.beginObject();
    out.field("base", group.base);
    out.field("segment", group.segment);
    out.field("pcs", group.pcs);
    out.field("observers", group.observers);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityGroup& group) {
    in.read("base", group.base);
    in.read("segment", group.segment);
    in.read("pcs", group.pcs);
    in.read("observers", group.observers);
}

void writeJson(JsonWriter& out, const VisibilityBlock& block) {
    out.beginObject();
    out.field("from", block.from);
    out.field("to", block.to);
    out.field("cells", block.cells);
    out.field("seen", block.seen);
    out.field("observers", block.observers);
    out.field("state", wordOf(block.state));
    out.field("traceFrom", named(block.traceFrom));
    out.field("traceTo", named(block.traceTo));
    out.endObject();
}

void readJson(JsonFields& in, VisibilityBlock& block) {
    in.read("from", block.from);
    in.read("to", block.to);
    in.read("cells", block.cells);
    in.read("seen", block.seen);
    in.read("observers", block.observers);
    in.readWord("state", block.state, &blockStateOf);
    in.read("traceFrom", block.traceFrom);
    in.read("traceTo", block.traceTo);
}

void writeJson(JsonWriter& out, const VisibilityMap& map) {
    out.beginObject();
    writeItems(out, map.rows, "rows");
    writeItems(out, map.columns, "columns");
    writeItems(out, map.blocks, "blocks");
    out.field("totalRows", map.totalRows);
    out.field("totalColumns", map.totalColumns);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityMap& map) {
    in.readList("rows", map.rows);
    in.readList("columns", map.columns);
    map.blocks.clear();
    in.each("blocks", [&map](JsonFields& item) {
        VisibilityBlock block;
        readJson(item, block);
        // Indexes are used as they are.
        if (block.from < map.rows.size() && block.to < map.columns.size()) map.blocks.push_back(block);
    });
    in.read("totalRows", map.totalRows);
    in.read("totalColumns", map.totalColumns);
}

void writeJson(JsonWriter& out, const VisibilityPc& pc) {
    out.beginObject();
    out.field("user", named(pc.id));
    out.field("name", pc.name);
    out.field("address", pc.address);
    out.field("kind", wordOf(pc.kind));
    out.field("isUnstable", pc.isUnstable);
    out.fieldOrNever("lookedAt", pc.lookedAt);
    out.field("note", pc.note);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityPc& pc) {
    in.read("user", pc.id);
    in.read("name", pc.name);
    in.read("address", pc.address);
    in.readWord("kind", pc.kind, &clientKindOf);
    in.read("isUnstable", pc.isUnstable);
    in.read("lookedAt", pc.lookedAt);
    in.read("note", pc.note);
}

void writeJson(JsonWriter& out, const VisibilityCells& cells) {
    out.beginObject();
    out.field("from", cells.from);
    out.field("to", cells.to);
    writeItems(out, cells.observers, "observers");
    writeItems(out, cells.subjects, "subjects");
    writeTexts(out, "rows", cells.rows);
    out.field("totalObservers", cells.totalObservers);
    out.field("totalSubjects", cells.totalSubjects);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityCells& cells) {
    in.read("from", cells.from);
    in.read("to", cells.to);
    in.readList("observers", cells.observers);
    in.readList("subjects", cells.subjects);
    in.read("rows", cells.rows);
    // Every observer has a row of the right length, whatever a service says.
    cells.rows.resize(cells.observers.size());
    for (auto& row : cells.rows)
        row.resize(cells.subjects.size(), '.');
    in.read("totalObservers", cells.totalObservers);
    in.read("totalSubjects", cells.totalSubjects);
}

void writeJson(JsonWriter& out, const VisibilityChange& change) {
    out.beginObject();
    out.field("at", change.at);
    out.field("text", change.text);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityChange& change) {
    in.read("at", change.at);
    in.read("text", change.text);
}

void writeJson(JsonWriter& out, const VisibilityFinding& finding) {
    out.beginObject();
    out.field("id", finding.id);
    out.field("kind", wordOf(finding.kind));
    out.field("certainty", wordOf(finding.certainty));
    out.field("isOpen", finding.isOpen());
    out.field("from", finding.from);
    out.field("to", finding.to);
    out.field("fromBase", finding.fromBase);
    out.field("toBase", finding.toBase);
    out.field("observer", named(finding.observer));
    out.field("subject", named(finding.subject));
    out.field("observerName", finding.observerName);
    out.field("subjectName", finding.subjectName);
    out.field("cells", finding.cells);
    out.field("observers", finding.observers);
    out.field("looks", finding.looks);
    out.field("sentence", finding.sentence);
    out.field("todo", finding.todo);
    out.field("firstSeen", finding.firstSeen);
    out.field("lastSeen", finding.lastSeen);
    out.field("lastFine", finding.lastFine);
    out.field("closedAt", finding.closedAt);
    writeItems(out, finding.changes, "changes");
    out.field("traceFrom", named(finding.traceFrom));
    out.field("traceTo", named(finding.traceTo));
    out.endObject();
}

void readJson(JsonFields& in, VisibilityFinding& finding) {
    in.read("id", finding.id);
    in.readWord("kind", finding.kind, &faultKindOf);
    finding.certainty = Certainty::Possible;
    in.readWord("certainty", finding.certainty, &certaintyOf);
    in.read("from", finding.from);
    in.read("to", finding.to);
    in.read("fromBase", finding.fromBase);
    in.read("toBase", finding.toBase);
    in.read("observer", finding.observer);
    in.read("subject", finding.subject);
    in.read("observerName", finding.observerName);
    in.read("subjectName", finding.subjectName);
    in.read("cells", finding.cells);
    in.read("observers", finding.observers);
    in.read("looks", finding.looks);
    in.read("sentence", finding.sentence);
    in.read("todo", finding.todo);
    in.read("firstSeen", finding.firstSeen);
    in.read("lastSeen", finding.lastSeen);
    in.read("lastFine", finding.lastFine);
    in.read("closedAt", finding.closedAt);
    in.readList("changes", finding.changes);
    in.read("traceFrom", finding.traceFrom);
    in.read("traceTo", finding.traceTo);
}

void writeJson(JsonWriter& out, const VisibilityOverview& overview) {
    out.beginObject();
    out.key("status");
    writeJson(out, overview.status);
    out.key("map");
    writeJson(out, overview.map);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityOverview& overview) {
    in.readObject("status", overview.status);
    in.readObject("map", overview.map);
}

void writeJson(JsonWriter& out, const VisibilityFindings& findings) {
    out.beginObject();
    writeItems(out, findings.items);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityFindings& findings) {
    in.readList("items", findings.items);
}

void writeJson(JsonWriter& out, const VisibilityPast::Note& note) {
    out.beginObject();
    out.field("at", note.at);
    out.field("text", note.text);
    out.field("user", named(note.user));
    out.field("segment", note.segment);
    out.field("isRestart", note.isRestart);
    out.endObject();
}

void readJson(JsonFields& in, VisibilityPast::Note& note) {
    in.read("at", note.at);
    in.read("text", note.text);
    in.read("user", note.user);
    in.read("segment", note.segment);
    in.read("isRestart", note.isRestart);
}

void writeJson(JsonWriter& out, const VisibilityPast& past) {
    out.beginObject();
    out.fieldOrNever("finishedAt", past.finishedAt);
    writeItems(out, past.fine, "fine");
    writeItems(out, past.changes, "changes");
    out.endObject();
}

void readJson(JsonFields& in, VisibilityPast& past) {
    in.read("finishedAt", past.finishedAt);
    in.readList("fine", past.fine);
    in.readList("changes", past.changes);
}

}  // namespace causeway::api
