#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/api/logs_json.h"
#include "shared/api/problems_json.h"
#include "shared/api/ranges_json.h"
#include "shared/api/searches_json.h"
#include "shared/api/status_json.h"
#include "shared/api/traces_json.h"
#include "shared/api/users_json.h"
#include "shared/api/visibility_json.h"

/// Data of GET /v1/events. `ranges`, `problems`, `status`, `log`, `trace` and `visibility` carry RangeList,
/// ProblemList, ServiceStatus, LogLines, TraceEvent and VisibilityStatus; `bases` and `resync` carry {}.
namespace causeway::api {

struct HelloEvent {
    std::string serverName;
    std::string version;
    std::uint64_t eventId = 0;
};
/// isLocal is seen from the default viewpoint; a reader with another one compares `segment`.
struct UsersEvent {
    std::vector<UserRow> changed;
    std::vector<UserId> removed;
};
struct SearchEvent {
    UserSearch search;
    std::vector<SearchRow> rows;
    std::uint64_t from = 0;  ///< index of the first of `rows`
};
struct SettingsEvent {
    std::uint64_t revision = 0;
    std::vector<std::string> keys;
};

void writeJson(JsonWriter& out, const HelloEvent& event);
void readJson(JsonFields& in, HelloEvent& event);
void writeJson(JsonWriter& out, const UsersEvent& event);
void readJson(JsonFields& in, UsersEvent& event);
void writeJson(JsonWriter& out, const SearchEvent& event);
void readJson(JsonFields& in, SearchEvent& event);
void writeJson(JsonWriter& out, const SettingsEvent& event);
void readJson(JsonFields& in, SettingsEvent& event);

}  // namespace causeway::api
