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

void writeJson(JsonWriter& out, const BaseLink& link) {
    out.beginObject();
    out.field("base", link.base);
    out.field("baseName", link.baseName);
    out.field("state", wordOf(link.state));
    out.fieldOrNever("since", link.since);
    out.field("sentence", link.sentence);
    out.field("todo", link.todo);
    out.field("isDialling", link.isDialling);
    out.field("address", link.address);
    out.field("fingerprint", link.fingerprint);
    out.field("service", link.service);
    out.field("version", link.version);
    out.field("protocol", link.protocol);
    out.field("clockOffsetMs", link.clock ? std::optional(link.clock->offset) : std::nullopt);
    out.field("clockBoundMs", link.clock ? std::optional(link.clock->bound) : std::nullopt);
    out.field("roundTripMs", link.roundTrip);
    out.key("segments");
    out.beginArray();
    for (const auto& segment : link.segments)
        out.value(segment);
    out.endArray();
    out.field("lastHeard", link.lastHeard);
    out.field("invitationEnds", link.invitationEnds);
    out.endObject();
}

void readJson(JsonFields& in, BaseLink& link) {
    in.read("base", link.base);
    in.read("baseName", link.baseName);
    in.readWord("state", link.state, &linkStateOf);
    in.read("since", link.since);
    in.read("sentence", link.sentence);
    in.read("todo", link.todo);
    in.read("isDialling", link.isDialling);
    in.read("address", link.address);
    in.read("fingerprint", link.fingerprint);
    in.read("service", link.service);
    in.read("version", link.version);
    in.read("protocol", link.protocol);
    std::optional<Duration> offset;
    std::optional<Duration> bound;
    in.read("clockOffsetMs", offset);
    in.read("clockBoundMs", bound);
    if (offset && bound) link.clock = ClockOffset{*offset, *bound};
    in.read("roundTripMs", link.roundTrip);
    std::vector<std::string> segments;
    in.read("segments", segments);
    for (const auto& text : segments)
        if (const auto network = Network4::parse(text)) link.segments.push_back(*network);
    in.read("lastHeard", link.lastHeard);
    in.read("invitationEnds", link.invitationEnds);
}

void writeJson(JsonWriter& out, const LinkHouse& house) {
    out.beginObject();
    out.field("fingerprint", house.fingerprint);
    out.field("listen", house.listen);
    out.field("problem", house.problem);
    writeItems(out, house.links);
    out.endObject();
}

void readJson(JsonFields& in, LinkHouse& house) {
    in.read("fingerprint", house.fingerprint);
    in.read("listen", house.listen);
    in.read("problem", house.problem);
    in.readList("items", house.links);
}

void writeJson(JsonWriter& out, const LinkInvitation& invitation) {
    out.beginObject();
    out.field("baseName", invitation.baseName);
    out.field("text", invitation.text);
    out.field("endsAt", invitation.endsAt);
    out.endObject();
}

void readJson(JsonFields& in, LinkInvitation& invitation) {
    in.read("baseName", invitation.baseName);
    in.read("text", invitation.text);
    in.read("endsAt", invitation.endsAt);
}

void writeJson(JsonWriter& out, const InvitationRequest& request) {
    out.beginObject();
    out.field("name", request.name);
    out.field("minutes", request.minutes);
    out.field("address", request.address);
    out.endObject();
}

void readJson(JsonFields& in, InvitationRequest& request) {
    in.read("name", request.name);
    in.read("minutes", request.minutes);
    in.read("address", request.address);
}

void writeJson(JsonWriter& out, const LinkRequest& request) {
    out.beginObject();
    out.field("invitation", request.invitation);
    out.field("name", request.name);
    out.endObject();
}

void readJson(JsonFields& in, LinkRequest& request) {
    in.read("invitation", request.invitation);
    in.read("name", request.name);
}

}  // namespace causeway::api
