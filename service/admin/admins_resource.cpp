#include "service/admin/admin_core.h"
#include "shared/api/admins_json.h"

/// /v1/admins
namespace causeway::admin {

namespace {

/// For the audit log; a password is never in it, only that it was set.
std::string auditText(const Administrator& admin, bool hasNewPassword) {
    return std::string(wordOf(admin.role)) + (admin.isDisabled ? ", disabled" : "") +
           (hasNewPassword ? std::string(", password ") + Secret::shown() : "");
}

Response addAdmin(AdminCore& core, const Request& request) {
    auto body = readBody<api::AdminRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto added = core.accounts().addAdmin(std::get<api::AdminRequest>(body));
    if (added) core.audit(request, "admins.add", added->name, "", auditText(*added, true));
    return answer(added, 201);
}

Response changeAdmin(AdminCore& core, const Request& request) {
    auto body = readBody<api::AdminRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& change = std::get<api::AdminRequest>(body);
    const auto before = core.accounts().admin(request.id());
    const auto changed = core.accounts().changeAdmin(request.id(), change);
    if (changed && before) {
        const auto names = before->name == changed->name ? std::string() : before->name + " -> ";
        core.audit(request, "admins.change", names + changed->name, auditText(*before, false),
                   auditText(*changed, change.password.has_value()));
    }
    return answer(changed);
}

Response removeAdmin(AdminCore& core, const Request& request) {
    const auto before = core.accounts().admin(request.id());
    auto removed = core.accounts().removeAdmin(request.id());
    if (removed && before) core.audit(request, "admins.remove", before->name, auditText(*before, false), "");
    return answer(removed);
}

}  // namespace

void addAdminsRoutes(Router& router, AdminCore& core) {
    router.add({"GET", "/v1/admins", Access::Admin, "Administrators", "", "AdminList", 200, [&core](const Request&) {
                    return jsonResponse(api::toJson(api::AdminList{core.accounts().admins()}));
                }});
    router.add({"POST", "/v1/admins", Access::Admin, "Adds an administrator", "AdminRequest", "Administrator", 201,
                [&core](const Request& request) { return addAdmin(core, request); }});
    router.add({"PATCH", "/v1/admins/{id}", Access::Admin, "Changes name, role, switch or password", "AdminRequest",
                "Administrator", 200, [&core](const Request& request) { return changeAdmin(core, request); }});
    router.add({"DELETE", "/v1/admins/{id}", Access::Admin, "Removes an administrator", "", "", 204,
                [&core](const Request& request) { return removeAdmin(core, request); }});
}

}  // namespace causeway::admin
