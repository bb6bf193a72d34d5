#include "service/admin/admin_core.h"
#include "shared/api/admins_json.h"

/// /v1/audit
namespace causeway::admin {

void addAuditRoutes(Router& router, AdminCore& core) {
    router.add({"GET",
                "/v1/audit",
                Access::Admin,
                "Who changed what, newest first",
                "",
                "AuditPage",
                200,
                [&core](const Request& request) {
                    const auto before = numberOf(request, "cursor", 0);
                    if (!before) return problemResponse(before.error());
                    const auto limit = limitOf(request, 200);
                    if (!limit) return problemResponse(limit.error());
                    // One more than asked tells whether there is a next page.
                    auto entries = core.ports().store->audit(*before, *limit + 1);
                    if (!entries) return problemResponse(entries.error());
                    api::AuditPage page;
                    page.items = std::move(*entries);
                    if (page.items.size() > *limit) {
                        page.items.resize(*limit);
                        page.next = std::to_string(page.items.back().id);
                    }
                    return jsonResponse(api::toJson(page));
                },
                {{"limit", "1..5000, default 200"}, {"cursor", "`next` of the page before"}}});
}

}  // namespace causeway::admin
