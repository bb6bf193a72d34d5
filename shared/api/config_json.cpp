#include "shared/api/config_json.h"

#include "shared/api/bases_json.h"
#include "shared/api/problems_json.h"

namespace causeway::api {

namespace {

void writeBase(JsonWriter& out, const BaseSite& base) {
    out.beginObject();
    out.field("name", base.name);
    out.key("segments");
    out.beginArray();
    for (const auto& segment : base.segments)
        out.value(segment);
    out.endArray();
    out.field("note", base.note);
    out.endObject();
}

void writeJson(JsonWriter& out, const ConfigRange& range) {
    out.beginObject();
    out.field("text", range.text);
    out.field("isEnabled", range.isEnabled);
    out.endObject();
}

void readJson(JsonFields& in, ConfigRange& range) {
    in.require("text");
    in.read("text", range.text);
    in.read("isEnabled", range.isEnabled);
}

void writeJson(JsonWriter& out, const ConfigAdministrator& admin) {
    out.beginObject();
    out.field("name", admin.name);
    out.field("role", wordOf(admin.role));
    out.field("isDisabled", admin.isDisabled);
    out.endObject();
}

void readJson(JsonFields& in, ConfigAdministrator& admin) {
    in.require("name");
    in.require("role");
    in.read("name", admin.name);
    in.readKnownWord("role", admin.role, &roleOf, "viewer, operator and admin");
    in.read("isDisabled", admin.isDisabled);
}

}  // namespace

void writeJson(JsonWriter& out, const ConfigFile& file) {
    out.beginObject();
    out.field("product", file.product);
    out.field("format", file.format);
    out.field("version", file.version);
    out.field("serverName", file.serverName);
    out.field("exportedAt", file.exportedAt);
    if (file.settings) {
        out.key("settings");
        writeJson(out, *file.settings);
    }
    const auto list = [&out](const char* name, const auto& items, auto write) {
        if (!items) return;
        out.key(name);
        out.beginArray();
        for (const auto& item : *items)
            write(item);
        out.endArray();
    };
    list("ranges", file.ranges, [&out](const ConfigRange& range) { writeJson(out, range); });
    list("bases", file.bases, [&out](const BaseSite& base) { writeBase(out, base); });
    list("administrators", file.administrators, [&out](const ConfigAdministrator& admin) { writeJson(out, admin); });
    out.endObject();
}

void readJson(JsonFields& in, ConfigFile& file) {
    in.require("product");
    in.require("format");
    in.read("product", file.product);
    in.read("format", file.format);
    in.read("version", file.version);
    in.read("serverName", file.serverName);
    in.read("exportedAt", file.exportedAt);
    if (in.has("settings")) in.readObject("settings", file.settings.emplace());
    const auto list = [&in](const char* name, auto& items) {
        if (!in.has(name)) return;
        auto& into = items.emplace();
        in.each(name, [&into](JsonFields& item) { readJson(item, into.emplace_back()); });
    };
    list("ranges", file.ranges);
    list("bases", file.bases);
    list("administrators", file.administrators);
}

void writeJson(JsonWriter& out, const ConfigVerdict& verdict) {
    out.beginObject();
    out.field("isValid", verdict.isValid);
    writeItems(out, verdict.errors, "errors");
    writeTexts(out, "notes", verdict.notes);
    out.endObject();
}

void readJson(JsonFields& in, ConfigVerdict& verdict) {
    in.read("isValid", verdict.isValid);
    in.readList("errors", verdict.errors);
    in.read("notes", verdict.notes);
}

void writeJson(JsonWriter& out, const ConfigApplied& applied) {
    out.beginObject();
    out.field("settings", applied.settings);
    out.field("ranges", applied.ranges);
    out.field("bases", applied.bases);
    writeTexts(out, "needsRestart", applied.needsRestart);
    writeTexts(out, "notes", applied.notes);
    out.endObject();
}

void readJson(JsonFields& in, ConfigApplied& applied) {
    in.read("settings", applied.settings);
    in.read("ranges", applied.ranges);
    in.read("bases", applied.bases);
    in.read("needsRestart", applied.needsRestart);
    in.read("notes", applied.notes);
}

}  // namespace causeway::api
