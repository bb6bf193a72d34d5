#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/user_search.h"

/// /v1/searches and below. The records are UserSearch and SearchRow of shared/model.
namespace causeway::api {

struct SearchList {
    std::vector<UserSearch> items;  ///< newest first
};

struct SearchRows {
    std::vector<SearchRow> items;
    std::optional<std::uint64_t> next{};  ///< `from` of the next page
};

/// POST /v1/searches. All empty = all enabled ranges.
struct SearchRequest {
    std::vector<std::uint64_t> ranges;
    std::string addresses;
    std::optional<Ip4> viaClient{};
    std::optional<std::uint32_t> packetsPerSecond{};
};

void writeJson(JsonWriter& out, const SearchList& list);
void readJson(JsonFields& in, SearchList& list);
void writeJson(JsonWriter& out, const SearchRows& rows);
void readJson(JsonFields& in, SearchRows& rows);
void writeJson(JsonWriter& out, const SearchRequest& request);
void readJson(JsonFields& in, SearchRequest& request);
void writeJson(JsonWriter& out, const UserSearch& search);
void readJson(JsonFields& in, UserSearch& search);
void writeJson(JsonWriter& out, const SearchRow& row);
void readJson(JsonFields& in, SearchRow& row);

}  // namespace causeway::api
