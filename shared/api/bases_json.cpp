#include "shared/api/bases_json.h"

#include "shared/base/text.h"

namespace causeway::api {

void writeJson(JsonWriter& out, const BaseSite& base) {
    out.beginObject();
    out.field("id", base.id);
    out.field("name", base.name);
    out.key("segments");
    out.beginArray();
    for (const auto& segment : base.segments)
        out.value(segment);
    out.endArray();
    out.field("note", base.note);
    out.endObject();
}

void readJson(JsonFields& in, BaseSite& base) {
    in.read("id", base.id);
    in.read("name", base.name);
    std::vector<std::string> segments;
    in.read("segments", segments);
    for (const auto& text : segments) {
        if (const auto network = Network4::parse(text)) {
            base.segments.push_back(*network);
        } else {
            in.problem("segments", "\"" + cleanUtf8(cutUtf8(text, 60)) +
                                       "\" is not a segment such as 10.1.0.0/24; the host part must be zero.");
        }
    }
    in.read("note", base.note);
}

void writeJson(JsonWriter& out, const BaseList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, BaseList& list) {
    in.readList("items", list.items);
}

}  // namespace causeway::api
