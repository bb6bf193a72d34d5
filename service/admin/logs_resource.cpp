#include "service/admin/admin_core.h"
#include "shared/api/logs_json.h"
#include "shared/base/text.h"

/// /v1/logs
namespace causeway::admin {

void addLogsRoutes(Router& router, AdminCore& core) {
    router.add({"GET",
                "/v1/logs",
                Access::Operator,
                "The last lines of the log",
                "",
                "LogLines",
                200,
                [&core](const Request& request) {
                    const auto limit = limitOf(request, 200);
                    if (!limit) return problemResponse(limit.error());
                    auto least = LogLevel::Debug;
                    if (const auto word = request.query("level"); !word.empty()) {
                        const auto level = api::logLevelOf(word);
                        if (!level) {
                            return problemResponse({Code::BadInput, "level: \"" + cleanUtf8(cutUtf8(word, 60)) +
                                                                        "\" is not one of debug, info, warning and "
                                                                        "error."});
                        }
                        least = *level;
                    }
                    return jsonResponse(api::toJson(api::LogLines{core.ports().logs->last(least, *limit)}));
                },
                {{"level", "least level: debug, info, warning or error"}, {"limit", "1..5000, default 200"}}});
}

}  // namespace causeway::admin
