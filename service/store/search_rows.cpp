#include "service/store/search_rows.h"

#include <algorithm>
#include <string>
#include <utility>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::store {

namespace {

std::string listText(const std::vector<std::uint64_t>& ids) {
    std::string text;
    for (const auto id : ids) {
        if (!text.empty()) text += ',';
        text += std::to_string(id);
    }
    return text;
}

std::vector<std::uint64_t> listOf(std::string_view text) {
    std::vector<std::uint64_t> ids;
    for (const auto part : split(text, ',')) {
        if (const auto id = parseUnsigned(part)) ids.push_back(*id);
    }
    return ids;
}

std::uint64_t count(const SqlStatement& row, int column) {
    return static_cast<std::uint64_t>(row.number(column));
}

}  // namespace

std::vector<UserSearch> readSearches(Database& database, std::size_t most) {
    std::vector<UserSearch> searches;
    auto& rows = database.prepared(
        "SELECT id, origin, state, started_by, ranges, addresses, via_client, packets_per_second, started_at,"
        " finished_at, total, sent, answered, found, known, lost, problem FROM searches ORDER BY id DESC LIMIT ?1");
    rows.with(static_cast<std::uint64_t>(most));
    while (rows.next()) {
        UserSearch search;
        int at = 0;
        search.id = count(rows, at++);
        search.origin = searchOriginOf(rows.text(at++)).value_or(SearchOrigin::Manual);
        search.state = searchStateOf(rows.text(at++)).value_or(SearchState::Failed);
        search.startedBy = rows.text(at++);
        search.ranges = listOf(rows.text(at++));
        search.addresses = rows.text(at++);
        search.viaClient = rows.maybeIp(at++);
        search.packetsPerSecond = rows.number32(at++);
        search.startedAt = rows.time(at++);
        search.finishedAt = rows.maybeTime(at++);
        search.total = count(rows, at++);
        search.sent = count(rows, at++);
        search.answered = count(rows, at++);
        search.found = count(rows, at++);
        search.known = count(rows, at++);
        search.lost = count(rows, at++);
        search.problem = rows.text(at++);
        searches.push_back(std::move(search));
    }
    return searches;
}

void writeSearch(Database& database, const UserSearch& search) {
    database
        .prepared(
            "INSERT OR REPLACE INTO searches(id, origin, state, started_by, ranges, addresses, via_client,"
            " packets_per_second, started_at, finished_at, total, sent, answered, found, known, lost, problem)"
            " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)")
        .with(search.id, wordOf(search.origin), wordOf(search.state), search.startedBy, listText(search.ranges),
              search.addresses, search.viaClient, search.packetsPerSecond, search.startedAt, search.finishedAt,
              search.total, search.sent, search.answered, search.found, search.known, search.lost, search.problem)
        .run();
}

void deleteSearch(Database& database, std::uint64_t id) {
    database.prepared("DELETE FROM search_rows WHERE search_id=?1").with(id).run();
    database.prepared("DELETE FROM searches WHERE id=?1").with(id).run();
}

std::vector<SearchRow> readSearchRows(Database& database, std::uint64_t search, std::size_t from, std::size_t most) {
    std::vector<SearchRow> found;
    auto& rows = database.prepared(
        "SELECT address, user_id, name, user, host, \"group\", client, round_trip, finding, at FROM search_rows"
        " WHERE search_id=?1 AND place>=?2 ORDER BY place LIMIT ?3");
    rows.with(search, static_cast<std::uint64_t>(from), static_cast<std::uint64_t>(most));
    while (rows.next()) {
        SearchRow row;
        row.address = rows.ip(0);
        row.user = count(rows, 1);
        row.name = rows.text(2);
        row.userName = rows.text(3);
        row.host = rows.text(4);
        row.group = rows.text(5);
        row.client = rows.text(6);
        row.roundTrip = rows.maybeDuration(7);
        row.finding = searchFindingOf(rows.text(8)).value_or(SearchFinding::Known);
        row.at = rows.time(9);
        found.push_back(std::move(row));
    }
    return found;
}

void writeSearchRow(Database& database, std::uint64_t search, const SearchRow& row) {
    database
        .prepared(
            "INSERT INTO search_rows(search_id, place, address, user_id, name, user, host, \"group\", client,"
            " round_trip, finding, at) VALUES(?1, (SELECT COALESCE(MAX(place)+1, 0) FROM search_rows WHERE"
            " search_id=?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
        .with(search, row.address, row.user, row.name, row.userName, row.host, row.group, row.client, row.roundTrip,
              wordOf(row.finding), row.at)
        .run();
}

}  // namespace causeway::store
