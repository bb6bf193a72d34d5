#include "service/admin/admin_core.h"
#include "shared/api/visibility_json.h"
#include "shared/base/cursor.h"

/// /v1/visibility and below
namespace causeway::admin {

namespace {

Response visibilityIsOff() {
    return problemResponse({Code::Unavailable, "Nobody can be asked whom he sees.",
                            "That goes through the LAN directory, and the setting lan.enabled is off.",
                            "Switch lan.enabled on and restart the service."});
}

Response overview(AdminCore& core, const Request&) {
    auto& visibility = *core.ports().visibility;
    return jsonResponse(api::toJson(api::VisibilityOverview{visibility.status(), visibility.bases()}));
}

/// The number of a query parameter, 0 if it is not there; or the problem.
std::variant<std::size_t, Response> indexOf(const Request& request, const char* name) {
    const auto text = request.query(name);
    if (text.empty()) return std::size_t{0};
    const auto number = parseUnsigned(text);
    constexpr std::uint64_t kMost = 1'000'000;
    if (number && *number <= kMost) return static_cast<std::size_t>(*number);
    const auto sentence = std::string("\"") + name + "\" is a number from 0 to 1000000.";
    return problemResponse(400, {Code::BadInput, sentence, "", "Count rows and columns from 0."},
                           {{name, 0, 0, sentence}});
}

std::variant<Network4, Response> segmentOf(const Request& request, const char* name) {
    if (const auto segment = Network4::parse(request.query(name))) return *segment;
    const auto sentence = std::string("\"") + name + "\" is not a segment such as 10.1.0.0/24.";
    return problemResponse(400, {Code::BadInput, sentence, "", "Take a segment of GET /v1/visibility/segments."},
                           {{name, 0, 0, sentence}});
}

Response segments(AdminCore& core, const Request& request) {
    auto row = indexOf(request, "row");
    if (auto* refusal = std::get_if<Response>(&row)) return std::move(*refusal);
    return answer(
        core.ports().visibility->segments(request.query("from"), request.query("to"), std::get<std::size_t>(row)));
}

Response cells(AdminCore& core, const Request& request) {
    auto from = segmentOf(request, "from");
    if (auto* refusal = std::get_if<Response>(&from)) return std::move(*refusal);
    auto to = segmentOf(request, "to");
    if (auto* refusal = std::get_if<Response>(&to)) return std::move(*refusal);
    auto row = indexOf(request, "row");
    if (auto* refusal = std::get_if<Response>(&row)) return std::move(*refusal);
    auto column = indexOf(request, "column");
    if (auto* refusal = std::get_if<Response>(&column)) return std::move(*refusal);
    return answer(core.ports().visibility->cells(std::get<Network4>(from), std::get<Network4>(to),
                                                 std::get<std::size_t>(row), std::get<std::size_t>(column)));
}

Response findings(AdminCore& core, const Request&) {
    return jsonResponse(api::toJson(api::VisibilityFindings{core.ports().visibility->findings()}));
}

Response collect(AdminCore& core, const Request& request) {
    auto body = readBody<VisibilityScope>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& scope = std::get<VisibilityScope>(body);
    auto begun = core.ports().visibility->collect(scope, request.identity.who());
    if (begun) {
        std::string what = "everybody";
        if (!scope.isEverybody()) {
            what = scope.from ? scope.from->text() : std::string();
            if (scope.to && scope.to != scope.from) what += (what.empty() ? "" : " and ") + scope.to->text();
        }
        core.audit(request, "visibility.collect", what, "", "reads the clients' own lists");
    }
    return answer(begun);
}

Response stop(AdminCore& core, const Request& request) {
    const auto before = core.ports().visibility->status();
    const auto now = core.ports().visibility->stop();
    if (before.isCollecting) core.audit(request, "visibility.stop", "", "", "");
    return jsonResponse(api::toJson(now));
}

}  // namespace

void addVisibilityRoutes(Router& router, AdminCore& core) {
    const auto with = [&core](auto use) {
        return [&core, use](const Request& request) {
            return core.ports().visibility == nullptr ? visibilityIsOff() : use(core, request);
        };
    };
    router.add({"GET", "/v1/visibility", Access::Viewer, "Who sees whom, base by base, and how far the collection is",
                "", "Visibility", 200, with(overview)});
    router.add({"GET",
                "/v1/visibility/segments",
                Access::Viewer,
                "Who sees whom, segment by segment of two bases",
                "",
                "VisibilityMap",
                200,
                with(segments),
                {{"from", "base that looks; empty: segments of no base"},
                 {"to", "base that is looked at"},
                 {"row", "first row, from 0; at most 100 come"}}});
    router.add({"GET",
                "/v1/visibility/cells",
                Access::Viewer,
                "Who sees whom, computer by computer of two segments",
                "",
                "VisibilityCells",
                200,
                with(cells),
                {{"from", "segment that looks, such as 10.1.0.0/24"},
                 {"to", "segment that is looked at"},
                 {"row", "first row, from 0; at most 100 come"},
                 {"column", "first column, from 0; at most 500 come"}}});
    router.add({"GET", "/v1/visibility/findings", Access::Viewer,
                "What the dark places have in common, open ones first, with their story", "", "VisibilityFindings", 200,
                with(findings)});
    router.add({"POST", "/v1/visibility/collect", Access::Operator,
                "Asks clients for the lists that their users see, each at most once in 10 minutes", "VisibilityScope",
                "VisibilityStatus", 200, with(collect)});
    router.add({"POST", "/v1/visibility/stop", Access::Operator, "Asks nobody else; what came is judged", "",
                "VisibilityStatus", 200, with(stop)});
}

}  // namespace causeway::admin
