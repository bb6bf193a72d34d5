#include "service/admin/admin_core.h"
#include "shared/api/searches_json.h"
#include "shared/base/cursor.h"

/// /v1/searches and below
namespace causeway::admin {

namespace {

Response listSearches(AdminCore& core, const Request&) {
    auto searches = core.ports().search->searches();
    if (!searches) return problemResponse(searches.error());
    return jsonResponse(api::toJson(api::SearchList{std::move(*searches)}));
}

std::string targetOf(const UserSearch& search) {
    if (search.viaClient) return "through " + search.viaClient->text();
    if (!search.addresses.empty()) return search.addresses;
    if (search.ranges.empty()) return "all enabled ranges";
    std::string text = "ranges";
    for (const auto id : search.ranges)
        text += " " + std::to_string(id);
    return text;
}

Response startSearch(AdminCore& core, const Request& request) {
    api::SearchRequest wanted;
    if (!request.http.body.empty()) {
        auto body = readBody<api::SearchRequest>(request);
        if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
        wanted = std::get<api::SearchRequest>(std::move(body));
    }
    UserSearch search;
    search.startedBy = request.identity.who();
    search.ranges = std::move(wanted.ranges);
    search.addresses = std::move(wanted.addresses);
    search.viaClient = wanted.viaClient;
    const auto usual = parseUnsigned(core.setting("lan.packets_per_second")).value_or(200);
    search.packetsPerSecond = wanted.packetsPerSecond.value_or(static_cast<std::uint32_t>(usual));
    auto started = core.ports().search->start(search);
    if (started) core.audit(request, "searches.start", std::to_string(started->id), "", targetOf(*started));
    return answer(started, 201);
}

Response stopSearch(AdminCore& core, const Request& request) {
    auto stopped = core.ports().search->stop(request.id());
    if (stopped) core.audit(request, "searches.stop", std::to_string(stopped->id), "", "");
    return answer(stopped);
}

Response rows(AdminCore& core, const Request& request) {
    const auto from = numberOf(request, "from", 0);
    if (!from) return problemResponse(from.error());
    const auto limit = limitOf(request, 200);
    if (!limit) return problemResponse(limit.error());
    // One more than asked tells whether there is a next page.
    auto found = core.ports().search->rows(request.id(), static_cast<std::size_t>(*from), *limit + 1);
    if (!found) return problemResponse(found.error());
    api::SearchRows page;
    page.items = std::move(*found);
    if (page.items.size() > *limit) {
        page.items.resize(*limit);
        page.next = *from + *limit;
    }
    return jsonResponse(api::toJson(page));
}

}  // namespace

void addSearchesRoutes(Router& router, AdminCore& core) {
    const auto withSearch = [&core](auto use) {
        return [&core, use](const Request& request) {
            return core.ports().search == nullptr ? lanIsOff() : use(core, request);
        };
    };
    router.add({"GET", "/v1/searches", Access::Viewer, "External user searches, newest first", "", "SearchList", 200,
                withSearch(listSearches)});
    router.add({"POST", "/v1/searches", Access::Operator, "Starts an external user search", "SearchRequest", "Search",
                201, withSearch(startSearch)});
    router.add({"GET", "/v1/searches/{id}", Access::Viewer, "One search", "", "Search", 200,
                withSearch([](AdminCore& admin, const Request& request) {
                    return answer(admin.ports().search->search(request.id()));
                })});
    router.add({"GET",
                "/v1/searches/{id}/rows",
                Access::Viewer,
                "What a search found, in the order in which it came",
                "",
                "SearchRows",
                200,
                withSearch(rows),
                {{"from", "index of the first row, default 0"}, {"limit", "1..5000, default 200"}}});
    router.add({"POST", "/v1/searches/{id}/stop", Access::Operator, "Stops a search", "", "Search", 200,
                withSearch(stopSearch)});
}

}  // namespace causeway::admin
