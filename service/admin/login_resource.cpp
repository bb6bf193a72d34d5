#include "service/admin/admin_core.h"
#include "shared/api/admins_json.h"
#include "shared/base/text.h"

/// /v1/login, /v1/logout, /v1/me
namespace causeway::admin {

namespace {

Response login(AdminCore& core, const Request& request) {
    auto body = readBody<api::LoginRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::LoginRequest>(body);
    auto result = core.accounts().login(wanted, request.from);
    const auto name = cleanUtf8(cutUtf8(wanted.name, 64));
    if (result.answer) {
        auto known = request;
        known.identity = {result.answer->name, result.answer->role, api::IdentityKind::Session};
        core.audit(known, "login", result.answer->name, "", "");
        return jsonResponse(api::toJson(*result.answer));
    }
    const auto& error = result.answer.error();
    if (error.code == Code::Denied) {
        auto stranger = request;
        stranger.identity = {"nobody", Role::Viewer, api::IdentityKind::Session};
        core.audit(stranger, "login.failed", name, "", "");
        return problemResponse(401, error);
    }
    auto response = problemResponse(error);
    const auto seconds = (result.wait.count() + 999) / 1000;
    response.headers.emplace_back("Retry-After", std::to_string(std::max<std::int64_t>(1, seconds)));
    return response;
}

}  // namespace

void addLoginRoutes(Router& router, AdminCore& core) {
    router.add({"POST", "/v1/login", Access::Open, "Name and password for a session token", "LoginRequest",
                "LoginAnswer", 200, [&core](const Request& request) { return login(core, request); }});
    router.add({"POST", "/v1/logout", Access::Any, "Ends the session", "", "", 204, [&core](const Request& request) {
                    core.accounts().logout(AdminCore::bearerOf(request.http));
                    return emptyResponse();
                }});
    router.add({"GET", "/v1/me", Access::Any, "Who the token belongs to", "", "Me", 200, [](const Request& request) {
                    return jsonResponse(
                        api::toJson(api::Me{request.identity.name, request.identity.role, request.identity.kind}));
                }});
}

}  // namespace causeway::admin
