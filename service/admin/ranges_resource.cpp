#include "service/admin/admin_core.h"
#include "shared/api/ranges_json.h"
#include "shared/base/text.h"

/// /v1/ranges and below
namespace causeway::admin {

namespace {

Result<api::RangeList> listOf(search::SearchPort& search) {
    auto ranges = search.ranges();
    if (!ranges) return ranges.error();
    const auto revision = search.rangesRevision();
    if (!revision) return revision.error();
    api::RangeList list;
    list.revision = *revision;
    for (auto& range : *ranges)
        list.items.push_back(api::rangeRowOf(std::move(range)));
    return list;
}

Response listResponse(search::SearchPort& search) {
    const auto list = listOf(search);
    if (!list) return problemResponse(list.error());
    auto response = jsonResponse(api::toJson(*list));
    response.headers.emplace_back("ETag", etagOf(list->revision));
    return response;
}

std::string textOf(const RemoteRange& range) {
    return range.isEnabled ? range.text : range.text + " (off)";
}

std::string wholeText(const std::vector<RemoteRange>& ranges) {
    std::string text;
    for (const auto& range : ranges)
        text += range.text + "\n";
    return text;
}

/// Problem of one line as typed; the column counts from 0 in the model, from 1 for people.
Response lineProblem(const Error& error) {
    std::vector<api::FieldProblem> errors;
    if (error.place) errors.push_back({"text", 1, *error.place + 1, error.what});
    return problemResponse(api::httpStatusOf(error.code), error, std::move(errors));
}

Result<RemoteRange> findRange(search::SearchPort& search, std::uint64_t id) {
    auto ranges = search.ranges();
    if (!ranges) return ranges.error();
    for (auto& range : *ranges) {
        if (range.id == id) return std::move(range);
    }
    return Error{Code::NotFound, "There is no range " + std::to_string(id) + ".", "It may have been removed meanwhile.",
                 "Load the list again."};
}

/// 412 of a write with an If-Match that is not the current revision.
std::optional<Response> stale(search::SearchPort& search, const Request& request) {
    const auto revision = search.rangesRevision();
    if (!revision) return problemResponse(revision.error());
    return staleWrite(request.http, *revision);
}

Response addRange(AdminCore& core, const Request& request) {
    auto body = readBody<api::RangeRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::RangeRequest>(body);
    if (!wanted.text) {
        return problemResponse(400, {Code::BadInput, "The text of the range is missing."},
                               {{"text", 0, 0, "This field is needed."}});
    }
    const auto writing = core.writing();
    auto added = core.ports().search->addRange(*wanted.text, wanted.isEnabled.value_or(true));
    if (!added) return lineProblem(added.error());
    core.audit(request, "ranges.add", std::to_string(added->id), "", textOf(*added));
    return jsonResponse(api::toJson(api::rangeRowOf(std::move(*added))), 201);
}

/// COMPAT: editors of Windows put a byte order mark before the first line.
std::string withoutMark(const std::string& text) {
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    return text.starts_with(kMark) ? text.substr(kMark.size()) : text;
}

Response replaceRanges(AdminCore& core, const Request& request) {
    auto body = readBody<api::RangeText>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto text = withoutMark(std::get<api::RangeText>(body).text);
    auto& search = *core.ports().search;
    const auto writing = core.writing();
    if (auto refusal = stale(search, request)) return std::move(*refusal);
    const auto before = search.ranges();
    if (!before) return problemResponse(before.error());
    const auto preview = search.preview(text);
    if (!preview) return problemResponse(preview.error());
    if (!preview->problems.empty()) {
        std::vector<api::FieldProblem> errors;
        for (const auto& problem : preview->problems)
            errors.push_back({"text", problem.line, problem.line == 0 ? 0 : problem.column + 1, problem.text});
        Error error{Code::BadInput, "The list was not changed.", errors.front().detail,
                    "Mend the lines that are named and send the list again."};
        return problemResponse(400, error, std::move(errors));
    }
    const auto replaced = search.replaceRanges(text);
    if (!replaced) return problemResponse(replaced.error());
    core.audit(request, "ranges.replace", "", wholeText(*before), wholeText(*replaced));
    return listResponse(search);
}

Response changeRange(AdminCore& core, const Request& request) {
    auto body = readBody<api::RangeRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::RangeRequest>(body);
    auto& search = *core.ports().search;
    const auto writing = core.writing();
    if (auto refusal = stale(search, request)) return std::move(*refusal);
    const auto before = findRange(search, request.id());
    if (!before) return problemResponse(before.error());
    auto changed = search.changeRange(before->id, wanted.text.value_or(before->text),
                                      wanted.isEnabled.value_or(before->isEnabled));
    if (!changed) return lineProblem(changed.error());
    core.audit(request, "ranges.change", std::to_string(before->id), textOf(*before), textOf(*changed));
    return jsonResponse(api::toJson(api::rangeRowOf(std::move(*changed))));
}

Response removeRange(AdminCore& core, const Request& request) {
    auto& search = *core.ports().search;
    const auto writing = core.writing();
    if (auto refusal = stale(search, request)) return std::move(*refusal);
    const auto before = findRange(search, request.id());
    if (!before) return problemResponse(before.error());
    auto removed = search.removeRange(before->id);
    if (removed) core.audit(request, "ranges.remove", std::to_string(before->id), textOf(*before), "");
    return answer(removed);
}

Response preview(AdminCore& core, const Request& request) {
    auto body = readBody<api::RangeText>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    return answer(core.ports().search->preview(withoutMark(std::get<api::RangeText>(body).text)));
}

Response exportRanges(AdminCore& core) {
    const auto ranges = core.ports().search->ranges();
    if (!ranges) return problemResponse(ranges.error());
    auto response = jsonResponse(wholeText(*ranges));
    response.contentType = "text/plain; charset=utf-8";
    return response;
}

}  // namespace

void addRangesRoutes(Router& router, AdminCore& core) {
    const auto withSearch = [&core](auto use) {
        return [&core, use](const Request& request) {
            return core.ports().search == nullptr ? lanIsOff() : use(core, request);
        };
    };
    router.add({"GET", "/v1/ranges", Access::Viewer, "Remote ranges", "", "RangeList", 200,
                withSearch([](AdminCore& admin, const Request&) { return listResponse(*admin.ports().search); })});
    router.add(
        {"POST", "/v1/ranges", Access::Admin, "Adds a range", "RangeRequest", "Range", 201, withSearch(addRange)});
    router.add({"PUT",
                "/v1/ranges",
                Access::Admin,
                "Replaces the whole list by lines of text",
                "RangeText",
                "RangeList",
                200,
                withSearch(replaceRanges),
                {},
                true});
    router.add({"PATCH", "/v1/ranges/{id}", Access::Admin, "Changes text or switch of a range", "RangeRequest", "Range",
                200, withSearch(changeRange)});
    router.add({"DELETE", "/v1/ranges/{id}", Access::Admin, "Removes a range", "", "", 204, withSearch(removeRange)});
    router.add({"POST", "/v1/ranges/preview", Access::Viewer, "What lines of text come to", "RangeText", "RangePreview",
                200, withSearch(preview)});
    router.add({"GET", "/v1/ranges/export", Access::Viewer, "The list as text, one range a line", "", "text", 200,
                withSearch([](AdminCore& admin, const Request&) { return exportRanges(admin); })});
}

}  // namespace causeway::admin
