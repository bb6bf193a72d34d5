#include "shared/api/bug_report_json.h"

namespace causeway::api {

namespace {

void writeJson(JsonWriter& out, const ReportFile& file) {
    out.beginObject();
    out.field("name", file.name);
    out.field("about", file.about);
    out.field("size", file.content.size());
    out.field("content", file.content);
    out.endObject();
}

void readJson(JsonFields& in, ReportFile& file) {
    in.read("name", file.name);
    in.read("about", file.about);
    in.read("content", file.content);
}

void writeJson(JsonWriter& out, const ReportName& name) {
    out.beginObject();
    out.field("kind", wordOf(name.kind));
    out.field("text", name.text);
    out.endObject();
}

void readJson(JsonFields& in, ReportName& name) {
    std::string word;
    in.read("kind", word);
    name.kind = nameKindOf(word).value_or(NameKind::Text);
    in.read("text", name.text);
}

}  // namespace

void writeJson(JsonWriter& out, const BugReport& report) {
    out.beginObject();
    out.field("serverName", report.serverName);
    out.field("version", report.version);
    out.field("takenAt", report.takenAt);
    out.key("files");
    out.beginArray();
    for (const auto& file : report.files)
        writeJson(out, file);
    out.endArray();
    out.key("names");
    out.beginArray();
    for (const auto& name : report.names)
        writeJson(out, name);
    out.endArray();
    out.endObject();
}

void readJson(JsonFields& in, BugReport& report) {
    in.read("serverName", report.serverName);
    in.read("version", report.version);
    in.read("takenAt", report.takenAt);
    in.each("files", [&report](JsonFields& item) { readJson(item, report.files.emplace_back()); });
    in.each("names", [&report](JsonFields& item) { readJson(item, report.names.emplace_back()); });
}

}  // namespace causeway::api
