#include "service/admin/admin_core.h"
#include "shared/api/admins_json.h"

/// /v1/tokens
namespace causeway::admin {

namespace {

std::string auditText(const ApiToken& token) {
    return std::string(wordOf(token.role)) + (token.expiresAt ? ", until " + isoText(*token.expiresAt) : "");
}

Response addToken(AdminCore& core, const Request& request) {
    auto body = readBody<api::TokenRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto created = core.accounts().addToken(std::get<api::TokenRequest>(body));
    if (created) core.audit(request, "tokens.add", created->record.name, "", auditText(created->record));
    return answer(created, 201);
}

Response removeToken(AdminCore& core, const Request& request) {
    const auto removed = core.accounts().removeToken(request.id());
    if (!removed) return problemResponse(removed.error());
    core.audit(request, "tokens.remove", removed->name, auditText(*removed), "");
    return emptyResponse();
}

}  // namespace

void addTokensRoutes(Router& router, AdminCore& core) {
    router.add(
        {"GET", "/v1/tokens", Access::Admin, "API tokens of scripts", "", "TokenList", 200,
         [&core](const Request&) { return jsonResponse(api::toJson(api::TokenList{core.accounts().tokens()})); }});
    router.add({"POST", "/v1/tokens", Access::Admin, "Makes a token; it is shown only in this answer", "TokenRequest",
                "TokenCreated", 201, [&core](const Request& request) { return addToken(core, request); }});
    router.add({"DELETE", "/v1/tokens/{id}", Access::Admin, "Ends a token", "", "", 204,
                [&core](const Request& request) { return removeToken(core, request); }});
}

}  // namespace causeway::admin
