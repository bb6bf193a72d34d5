#include "service/admin/bug_report.h"
#include "shared/api/bug_report_json.h"

/// /v1/bugreport
namespace causeway::admin {

namespace {

Response bugReport(AdminCore& core, const Request& request) {
    const auto report = collectBugReport(core, request);
    std::string files;
    for (const auto& file : report.files)
        files += (files.empty() ? "" : ", ") + file.name;
    core.audit(request, "bugreport.read", "", "", files);
    return jsonResponse(api::toJson(report));
}

}  // namespace

void addBugReportRoutes(Router& router, AdminCore& core) {
    router.add({"GET",
                "/v1/bugreport",
                Access::Admin,
                "What the service knows for a bug report, as files; no secret is in it, nothing is sent anywhere",
                "",
                "BugReport",
                200,
                [&core](const Request& request) { return bugReport(core, request); },
                {},
                false,
                Pace::Slow});
}

}  // namespace causeway::admin
