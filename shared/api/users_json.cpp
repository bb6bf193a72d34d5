#include "shared/api/users_json.h"

#include <array>

namespace causeway::api {

namespace {

void writeInstability(JsonWriter& out, const std::optional<Instability>& instability) {
    out.key("instability");
    if (!instability) {
        out.null();
        return;
    }
    out.beginObject();
    out.field("reason", wordOf(instability->reason));
    out.field("text", instability->text);
    out.field("count", instability->count);
    out.field("since", instability->since);
    out.field("last", instability->last);
    out.field("ignoredUntil", instability->ignoredUntil);
    out.endObject();
}

void readInstability(JsonFields& in, Instability& instability) {
    in.readWord("reason", instability.reason, &unstableReasonOf);
    in.read("text", instability.text);
    in.read("count", instability.count);
    in.read("since", instability.since);
    in.read("last", instability.last);
    in.read("ignoredUntil", instability.ignoredUntil);
}

constexpr std::array kScopes{"all", "local", "external", "unstable"};
constexpr std::array kSorts{"id", "name", "group", "base", "address", "client", "seen", "presence"};

template <class E, std::size_t N>
std::optional<E> valueIn(const std::array<const char*, N>& words, std::string_view word) {
    for (std::size_t i = 0; i < N; ++i) {
        if (word == words[i]) return static_cast<E>(i);
    }
    return std::nullopt;
}

}  // namespace

const char* wordOf(UserScope scope) {
    return kScopes[static_cast<std::size_t>(scope)];
}
const char* wordOf(UserSort sort) {
    return kSorts[static_cast<std::size_t>(sort)];
}
std::optional<UserScope> userScopeOf(std::string_view word) {
    return valueIn<UserScope>(kScopes, word);
}
std::optional<UserSort> userSortOf(std::string_view word) {
    return valueIn<UserSort>(kSorts, word);
}

std::string percentEncoded(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool isPlain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                             c == '.' || c == '_' || c == '~';
        if (isPlain) {
            out += c;
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out += '%';
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

std::string UsersQuery::text() const {
    std::string out;
    const auto add = [&out](const char* name, std::string_view value) {
        if (!out.empty()) out += '&';
        out += name;
        out += '=';
        out += percentEncoded(value);
    };
    if (scope != UserScope::All) add("scope", wordOf(scope));
    if (!as.empty()) add("as", as);
    if (presence) add("presence", wordOf(*presence));
    if (!filter.empty()) add("filter", filter);
    if (sort != UserSort::Id || isDescending) add("sort", (isDescending ? "-" : "") + std::string(wordOf(sort)));
    if (limit != 200) add("limit", std::to_string(limit));
    if (!cursor.empty()) add("cursor", cursor);
    return out;
}

void writeJson(JsonWriter& out, const UserAddress& address) {
    out.beginObject();
    out.field("address", address.address);
    out.field("port", address.port);
    out.field("firstSeen", address.firstSeen);
    out.field("lastSeen", address.lastSeen);
    out.field("isCurrent", address.isCurrent);
    out.endObject();
}

void readJson(JsonFields& in, UserAddress& address) {
    in.read("address", address.address);
    in.read("port", address.port);
    in.read("firstSeen", address.firstSeen);
    in.read("lastSeen", address.lastSeen);
    in.read("isCurrent", address.isCurrent);
}

void writeUser(JsonWriter& out, const LanUser& user, std::string_view userName,
               const std::vector<std::string_view>& flagWords, bool isLocal) {
    out.beginObject();
    out.field("id", user.id);
    out.field("name", user.displayName());
    out.field("user", user.user);
    out.field("userName", userName);
    out.field("host", user.host);
    out.field("nick", user.nick);
    out.field("group", user.group);
    out.field("address", user.address);
    out.field("port", user.port);
    out.key("addresses");
    out.beginArray();
    for (const auto& address : user.addresses)
        writeJson(out, address);
    out.endArray();
    out.field("kind", wordOf(user.kind));
    out.field("client", user.client);
    out.field("flags", user.flags);
    out.key("flagWords");
    out.beginArray();
    for (const auto word : flagWords)
        out.value(word);
    out.endArray();
    out.field("isAway", user.isAway);
    out.field("configuredMaster", user.configuredMaster);
    out.field("presence", wordOf(user.presence));
    out.field("firstSeen", user.firstSeen);
    out.field("lastSeen", user.lastSeen);
    out.fieldOrNever("lastAnswer", user.lastAnswer);
    out.field("roundTripMs", user.roundTrip);
    out.field("segment", user.segment);
    out.field("isSegmentAssumed", user.isSegmentAssumed);
    out.field("isOwnSegment", user.isOwnSegment);
    out.field("base", user.base);
    out.field("delivery", wordOf(user.delivery));
    out.fieldOrNever("lastListAt", user.lastListAt);
    out.field("listedUsers", user.listedUsers);
    writeInstability(out, user.instability);
    out.field("revision", user.revision);
    out.field("isLocal", isLocal);
    out.endObject();
}

void writeJson(JsonWriter& out, const UserRow& row) {
    const std::vector<std::string_view> words{row.flagWords.begin(), row.flagWords.end()};
    writeUser(out, row.user, row.userName, words, row.isLocal);
}

void readJson(JsonFields& in, UserRow& row) {
    auto& user = row.user;
    in.read("id", user.id);
    in.read("user", user.user);
    in.read("userName", row.userName);
    in.read("host", user.host);
    in.read("nick", user.nick);
    in.read("group", user.group);
    in.read("address", user.address);
    in.read("port", user.port);
    in.readList("addresses", user.addresses);
    in.readWord("kind", user.kind, &clientKindOf);
    in.read("client", user.client);
    in.read("flags", user.flags);
    in.read("flagWords", row.flagWords);
    in.read("isAway", user.isAway);
    in.read("configuredMaster", user.configuredMaster);
    in.readWord("presence", user.presence, &presenceOf);
    in.read("firstSeen", user.firstSeen);
    in.read("lastSeen", user.lastSeen);
    in.read("lastAnswer", user.lastAnswer);
    in.read("roundTripMs", user.roundTrip);
    in.read("segment", user.segment);
    in.read("isSegmentAssumed", user.isSegmentAssumed);
    in.read("isOwnSegment", user.isOwnSegment);
    in.read("base", user.base);
    in.readWord("delivery", user.delivery, &deliveryOf);
    in.read("lastListAt", user.lastListAt);
    in.read("listedUsers", user.listedUsers);
    user.instability.reset();
    in.inside("instability", [&user](JsonFields& inner) { readInstability(inner, user.instability.emplace()); });
    in.read("revision", user.revision);
    in.read("isLocal", row.isLocal);
}

void writeJson(JsonWriter& out, const UserPage& page) {
    out.beginObject();
    writeItems(out, page.items);
    writeCursor(out, page.next);
    out.field("total", page.total);
    out.endObject();
}

void readJson(JsonFields& in, UserPage& page) {
    in.readList("items", page.items);
    in.read("next", page.next);
    in.read("total", page.total);
}

void writeJson(JsonWriter& out, const UserEvent& event) {
    out.beginObject();
    out.field("at", event.at);
    out.field("kind", wordOf(event.kind));
    out.field("text", event.text);
    out.endObject();
}

void readJson(JsonFields& in, UserEvent& event) {
    in.read("at", event.at);
    in.readWord("kind", event.kind, &userEventKindOf);
    in.read("text", event.text);
}

void writeJson(JsonWriter& out, const UserHistory& history) {
    out.beginObject();
    writeItems(out, history.items);
    out.endObject();
}

void readJson(JsonFields& in, UserHistory& history) {
    in.readList("items", history.items);
}

void writeJson(JsonWriter& out, const SegmentRow& row) {
    out.beginObject();
    out.field("segment", row.segment);
    out.field("base", row.base);
    out.field("isOwn", row.isOwn);
    out.field("isAssumed", row.isAssumed);
    out.field("users", row.users);
    out.field("present", row.present);
    out.field("interface", row.interface);
    out.field("address", row.address);
    out.endObject();
}

void readJson(JsonFields& in, SegmentRow& row) {
    in.read("segment", row.segment);
    in.read("base", row.base);
    in.read("isOwn", row.isOwn);
    in.read("isAssumed", row.isAssumed);
    in.read("users", row.users);
    in.read("present", row.present);
    in.read("interface", row.interface);
    in.read("address", row.address);
}

void writeJson(JsonWriter& out, const SegmentList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, SegmentList& list) {
    in.readList("items", list.items);
}

}  // namespace causeway::api
