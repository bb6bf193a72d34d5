#include "service/admin/admin_core.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"

/// /v1/events
namespace causeway::admin {

namespace {

Response openStream(AdminCore& core, const Request& request) {
    const auto word = request.query("logs");
    const bool wantsLogs = word == "1" || word == "true";
    if (wantsLogs && request.identity.role < Role::Operator) {
        return problemResponse(
            {Code::Denied, "You may not watch the log.",
             std::string("It needs the role operator; yours is ") + causeway::wordOf(request.identity.role) + ".",
             "Ask for the stream without logs=1."});
    }
    std::optional<std::uint64_t> lastId;
    // An id that is no number is not one of ours: it is taken as too old.
    if (const auto header = request.http.header("last-event-id")) lastId = parseUnsigned(trimmed(*header)).value_or(0);
    auto reader = core.events().open(lastId, wantsLogs ? WantsLogs::Yes : WantsLogs::No);
    if (!reader) return problemResponse(reader.error());
    Response response;
    response.contentType = "text/event-stream";
    response.headers.emplace_back("Cache-Control", "no-store");
    response.stream = std::move(*reader);
    return response;
}

}  // namespace

void addEventsRoutes(Router& router, AdminCore& core) {
    router.add({"GET",
                "/v1/events",
                Access::Viewer,
                "Changes as server-sent events; resume with Last-Event-ID",
                "",
                "events",
                200,
                [&core](const Request& request) { return openStream(core, request); },
                {{"logs", "1 = log lines too; needs the role operator"}}});
}

}  // namespace causeway::admin
