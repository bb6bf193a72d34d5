#include "shared/api/events_json.h"

namespace causeway::api {

void writeJson(JsonWriter& out, const HelloEvent& event) {
    out.beginObject();
    out.field("serverName", event.serverName);
    out.field("version", event.version);
    out.field("eventId", event.eventId);
    out.endObject();
}

void readJson(JsonFields& in, HelloEvent& event) {
    in.read("serverName", event.serverName);
    in.read("version", event.version);
    in.read("eventId", event.eventId);
}

void writeJson(JsonWriter& out, const UsersEvent& event) {
    out.beginObject();
    writeItems(out, event.changed, "changed");
    out.key("removed");
    out.beginArray();
    for (const auto id : event.removed)
        out.value(id);
    out.endArray();
    out.endObject();
}

void readJson(JsonFields& in, UsersEvent& event) {
    in.readList("changed", event.changed);
    in.read("removed", event.removed);
}

void writeJson(JsonWriter& out, const SearchEvent& event) {
    out.beginObject();
    out.key("search");
    writeJson(out, event.search);
    writeItems(out, event.rows, "rows");
    out.field("from", event.from);
    out.endObject();
}

void readJson(JsonFields& in, SearchEvent& event) {
    in.readObject("search", event.search);
    in.readList("rows", event.rows);
    in.read("from", event.from);
}

void writeJson(JsonWriter& out, const SettingsEvent& event) {
    out.beginObject();
    out.field("revision", event.revision);
    writeTexts(out, "keys", event.keys);
    out.endObject();
}

void readJson(JsonFields& in, SettingsEvent& event) {
    in.read("revision", event.revision);
    in.read("keys", event.keys);
}

}  // namespace causeway::api
