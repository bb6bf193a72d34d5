#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/ip.h"
#include "shared/model/lan_user.h"

/// /v1/users, /v1/users/{id}, /v1/users/{id}/history, /v1/segments.
namespace causeway::api {

/// A user as the API shows him: the record and what depends on who asks.
struct UserRow {
    LanUser user;
    std::string userName;                ///< without the fingerprint
    std::vector<std::string> flagWords;  ///< "can encrypt", "reads UTF-8", ...
    bool isLocal = false;                ///< same segment as the viewpoint asked
};

struct UserPage {
    std::vector<UserRow> items;
    std::string next;  ///< cursor of the next page; empty = this was the last
    std::uint64_t total = 0;
};

enum class UserScope { All, Local, External, Unstable };
enum class UserSort { Id, Name, Group, Base, Address, Client, Seen, Presence };

/// What GET /v1/users is asked for; the same record is written by the client and read by the service.
struct UsersQuery {
    UserScope scope = UserScope::All;
    std::string as;  ///< viewpoint: user id, address or segment; empty = first own segment
    std::optional<Presence> presence{};
    std::string filter;
    UserSort sort = UserSort::Id;
    bool isDescending = false;
    std::size_t limit = 200;
    std::string cursor;

    /// "scope=external&filter=bob", percent-encoded, defaults left out; empty if all is default.
    std::string text() const;
};

struct UserHistory {
    std::vector<UserEvent> items;
};

/// One segment for the viewpoint choice.
struct SegmentRow {
    Network4 segment;
    std::string base;        ///< empty if none claims it
    bool isOwn = false;      ///< the service has an interface there
    bool isAssumed = false;  ///< nobody told the mask; taken as /24
    std::uint64_t users = 0;
    std::uint64_t present = 0;
    std::string interface;         ///< of the service, if isOwn
    std::optional<Ip4> address{};  ///< of the service, if isOwn
};
struct SegmentList {
    std::vector<SegmentRow> items;
};

const char* wordOf(UserScope scope);
const char* wordOf(UserSort sort);
std::optional<UserScope> userScopeOf(std::string_view word);
std::optional<UserSort> userSortOf(std::string_view word);

/// "a b&c" -> "a%20b%26c": everything but letters, digits and -._~ is encoded.
std::string percentEncoded(std::string_view text);

/// The user without copying him into a UserRow: the service writes 100,000 of them.
void writeUser(JsonWriter& out, const LanUser& user, std::string_view userName,
               const std::vector<std::string_view>& flagWords, bool isLocal);

void writeJson(JsonWriter& out, const UserRow& row);
void readJson(JsonFields& in, UserRow& row);
void writeJson(JsonWriter& out, const UserPage& page);
void readJson(JsonFields& in, UserPage& page);
void writeJson(JsonWriter& out, const UserHistory& history);
void readJson(JsonFields& in, UserHistory& history);
void writeJson(JsonWriter& out, const SegmentRow& row);
void readJson(JsonFields& in, SegmentRow& row);
void writeJson(JsonWriter& out, const SegmentList& list);
void readJson(JsonFields& in, SegmentList& list);
void writeJson(JsonWriter& out, const UserEvent& event);
void readJson(JsonFields& in, UserEvent& event);
void writeJson(JsonWriter& out, const UserAddress& address);
void readJson(JsonFields& in, UserAddress& address);

}  // namespace causeway::api
