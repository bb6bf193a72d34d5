#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/time.h"
#include "shared/model/lan_user.h"

namespace causeway {

enum class SearchState { Waiting, Running, Stopping, Finished, Stopped, Failed };
enum class SearchFinding {
    New,    ///< answered, was not known
    Known,  ///< answered, was known
    Lost,   ///< was known in this range, did not answer
};
/// Why the sweep ran; only Manual ones are "external user searches", the others are announcements kept for range
/// results.
enum class SearchOrigin { Manual, Start, Interval };

/// One external user search: a sweep over ranges, one address, or through one client's list.
struct UserSearch {
    std::uint64_t id = 0;
    SearchOrigin origin = SearchOrigin::Manual;
    SearchState state = SearchState::Waiting;
    std::string startedBy;
    std::vector<std::uint64_t> ranges;  ///< ids; empty = all enabled ranges, unless `addresses` or `viaClient` is set
    std::string addresses;              ///< lines in range syntax given by hand, empty if none
    std::optional<Ip4> viaClient{};     ///< read the segment through this client's list
    std::uint32_t packetsPerSecond = 200;
    TimePoint startedAt{};
    std::optional<TimePoint> finishedAt{};
    std::uint64_t total = 0;  ///< addresses to ask
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t found = 0;  ///< findings New
    std::uint64_t known = 0;
    std::uint64_t lost = 0;
    std::string problem;  ///< for Failed, or a note
};

struct SearchRow {
    Ip4 address;
    UserId user = 0;
    std::string name;
    std::string userName;
    std::string host;
    std::string group;
    std::string client;
    std::optional<Duration> roundTrip{};
    SearchFinding finding = SearchFinding::New;
    TimePoint at{};
};

const char* wordOf(SearchState state);
const char* wordOf(SearchFinding finding);
const char* wordOf(SearchOrigin origin);
std::optional<SearchState> searchStateOf(std::string_view word);
std::optional<SearchFinding> searchFindingOf(std::string_view word);
std::optional<SearchOrigin> searchOriginOf(std::string_view word);

}  // namespace causeway
