#include "shared/api/searches_json.h"

namespace causeway::api {

namespace {

void writeNumbers(JsonWriter& out, std::string_view name, const std::vector<std::uint64_t>& numbers) {
    out.key(name);
    out.beginArray();
    for (const auto number : numbers)
        out.value(number);
    out.endArray();
}

}  // namespace

void writeJson(JsonWriter& out, const UserSearch& search) {
    out.beginObject();
    out.field("id", search.id);
    out.field("origin", wordOf(search.origin));
    out.field("state", wordOf(search.state));
    out.field("startedBy", search.startedBy);
    writeNumbers(out, "ranges", search.ranges);
    out.field("addresses", search.addresses);
    out.field("viaClient", search.viaClient);
    out.field("packetsPerSecond", search.packetsPerSecond);
    out.field("startedAt", search.startedAt);
    out.field("finishedAt", search.finishedAt);
    out.field("total", search.total);
    out.field("sent", search.sent);
    out.field("answered", search.answered);
    out.field("found", search.found);
    out.field("known", search.known);
    out.field("lost", search.lost);
    out.field("problem", search.problem);
    out.endObject();
}

void readJson(JsonFields& in, UserSearch& search) {
    in.read("id", search.id);
    in.readWord("origin", search.origin, &searchOriginOf);
    in.readWord("state", search.state, &searchStateOf);
    in.read("startedBy", search.startedBy);
    in.read("ranges", search.ranges);
    in.read("addresses", search.addresses);
    in.read("viaClient", search.viaClient);
    in.read("packetsPerSecond", search.packetsPerSecond);
    in.read("startedAt", search.startedAt);
    in.read("finishedAt", search.finishedAt);
    in.read("total", search.total);
    in.read("sent", search.sent);
    in.read("answered", search.answered);
    in.read("found", search.found);
    in.read("known", search.known);
    in.read("lost", search.lost);
    in.read("problem", search.problem);
}

void writeJson(JsonWriter& out, const SearchRow& row) {
    out.beginObject();
    out.field("address", row.address);
    out.field("user", row.user);
    out.field("name", row.name);
    out.field("userName", row.userName);
    out.field("host", row.host);
    out.field("group", row.group);
    out.field("client", row.client);
    out.field("roundTripMs", row.roundTrip);
    out.field("finding", wordOf(row.finding));
    out.field("at", row.at);
    out.endObject();
}

void readJson(JsonFields& in, SearchRow& row) {
    in.read("address", row.address);
    in.read("user", row.user);
    in.read("name", row.name);
    in.read("userName", row.userName);
    in.read("host", row.host);
    in.read("group", row.group);
    in.read("client", row.client);
    in.read("roundTripMs", row.roundTrip);
    in.readWord("finding", row.finding, &searchFindingOf);
    in.read("at", row.at);
}

void writeJson(JsonWriter& out, const SearchList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, SearchList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const SearchRows& rows) {
    out.beginObject();
    writeItems(out, rows.items);
    out.field("next", rows.next);
    out.endObject();
}

void readJson(JsonFields& in, SearchRows& rows) {
    in.readList("items", rows.items);
    in.read("next", rows.next);
}

void writeJson(JsonWriter& out, const SearchRequest& request) {
    out.beginObject();
    if (!request.ranges.empty()) writeNumbers(out, "ranges", request.ranges);
    if (!request.addresses.empty()) out.field("addresses", request.addresses);
    if (request.viaClient) out.field("viaClient", *request.viaClient);
    if (request.packetsPerSecond) out.field("packetsPerSecond", *request.packetsPerSecond);
    out.endObject();
}

void readJson(JsonFields& in, SearchRequest& request) {
    in.read("ranges", request.ranges);
    in.read("addresses", request.addresses);
    in.read("viaClient", request.viaClient);
    in.read("packetsPerSecond", request.packetsPerSecond);
    const int ways =
        (request.ranges.empty() ? 0 : 1) + (request.addresses.empty() ? 0 : 1) + (request.viaClient ? 1 : 0);
    if (ways > 1) {
        in.problem("ranges", "Give only one of ranges, addresses and viaClient, or none for all enabled ranges.");
    }
}

}  // namespace causeway::api
