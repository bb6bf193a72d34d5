#include "shared/api/accounts_json.h"

#include "service/admin/admin_core.h"

/// /v1/domains/{id}/accounts and below, /v1/accounts, /v1/domains/{id}/login-test
namespace causeway::admin {

namespace {

Response accountsAreOff() {
    return problemResponse({Code::Unavailable, "Built-in accounts are not available.",
                            "This service keeps no chat domains.", "Look at the log of the service for the reason."});
}

std::vector<api::FieldProblem> fieldsOf(const std::vector<DraftProblem>& problems) {
    std::vector<api::FieldProblem> fields;
    for (const auto& each : problems)
        fields.push_back({each.field, 0, 0, each.text});
    return fields;
}

std::string addressOf(const Account& account) {
    return account.localPart + "@" + account.domain;
}

std::string auditText(const Account& account) {
    return std::string(account.isDisabled ? "disabled" : "enabled") + ", name " + account.displayName + ", mail " +
           account.mail + ", department " + account.department;
}

Response list(AdminCore& core, const Request& request) {
    const auto limit = limitOf(request, 200);
    if (!limit) return problemResponse(limit.error());
    auto found =
        core.ports().accounts->accounts(request.id(), {request.query("filter"), request.query("cursor"), *limit});
    if (!found) return problemResponse(found.error());
    return jsonResponse(api::toJson(api::AccountPage{std::move(found->items), std::move(found->next), found->total}));
}

Response one(AdminCore& core, const Request& request) {
    return answer(core.ports().accounts->account(request.id()));
}

Response add(AdminCore& core, const Request& request) {
    auto body = readBody<api::AccountRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::AccountRequest>(body);
    if (!wanted.localPart || !wanted.password) {
        return problemResponse(400, {Code::BadInput, "The name or the password of the account is missing."},
                               {{wanted.localPart ? "password" : "localPart", 0, 0, "This field is needed."}});
    }
    Account draft;
    wanted.applyTo(draft);
    std::vector<DraftProblem> problems;
    auto saved = core.ports().accounts->add(request.id(), std::move(draft), *wanted.password, problems);
    if (!saved) return problemResponse(api::httpStatusOf(saved.error().code), saved.error(), fieldsOf(problems));
    core.audit(request, "accounts.add", addressOf(*saved), "", auditText(*saved));
    core.events().domainChanged(request.id());
    auto warnings = core.ports().accounts->namesakes(*saved);
    return jsonResponse(api::toJson(api::AccountAdded{std::move(*saved), std::move(warnings)}), 201);
}

Response change(AdminCore& core, const Request& request) {
    auto body = readBody<api::AccountRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::AccountRequest>(body);
    const auto stored = core.ports().accounts->account(request.id());
    if (!stored) return problemResponse(stored.error());
    if (auto refusal = staleWrite(request.http, stored->revision)) return std::move(*refusal);
    auto draft = *stored;
    wanted.applyTo(draft);
    std::vector<DraftProblem> problems;
    auto saved = core.ports().accounts->change(std::move(draft), wanted.password, problems);
    if (!saved) return problemResponse(api::httpStatusOf(saved.error().code), saved.error(), fieldsOf(problems));
    core.audit(request, "accounts.change", addressOf(*saved), auditText(*stored),
               auditText(*saved) + (wanted.password ? "; new password" : ""));
    return jsonResponse(api::toJson(*saved));
}

/// The number of a domain by its name, so that consoles hear of a new count.
void tellDomain(AdminCore& core, const std::string& name) {
    if (core.ports().domains == nullptr) return;
    const auto all = core.ports().domains->domains();
    if (!all) return;
    for (const auto& view : *all)
        if (view.domain.name == name) core.events().domainChanged(view.domain.id);
}

Response remove(AdminCore& core, const Request& request) {
    const auto stored = core.ports().accounts->account(request.id());
    if (!stored) return problemResponse(stored.error());
    auto removed = core.ports().accounts->removeAccount(request.id());
    if (removed) {
        core.audit(request, "accounts.remove", addressOf(*stored), auditText(*stored), "");
        tellDomain(core, stored->domain);
    }
    return answer(removed);
}

Response import(AdminCore& core, const Request& request) {
    auto body = readBody<api::AccountImportRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::AccountImportRequest>(body);
    auto imported = core.ports().accounts->import(
        request.id(), wanted.csv,
        wanted.isDry ? auth::AccountsPort::ImportRun::Dry : auth::AccountsPort::ImportRun::Real);
    if (!imported) return problemResponse(imported.error());
    if (imported->added > 0) {
        core.audit(request, "accounts.import", std::to_string(request.id()), "",
                   std::to_string(imported->added) + " accounts");
        core.events().domainChanged(request.id());
    }
    return jsonResponse(
        api::toJson(api::AccountImportAnswer{wanted.isDry, imported->added, std::move(imported->names),
                                             std::move(imported->problems), std::move(imported->warnings)}));
}

Response loginTest(AdminCore& core, const Request& request) {
    auto body = readBody<api::LoginTestRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::LoginTestRequest>(body);
    // Failures count by address. Only an administrator may choose another one than his own, or the brake for guessing
    // would have no hold.
    const bool mayChoose = request.identity.role == Role::Admin && !wanted.from.empty();
    auto trail = core.ports().accounts->loginTest(request.id(), wanted.name, wanted.password,
                                                  mayChoose ? wanted.from : request.from);
    if (!trail) return problemResponse(trail.error());
    core.audit(request, "domains.login-test", trail->address, "", trail->outcome);
    return jsonResponse(api::toJson(*trail));
}

}  // namespace

void addAccountsRoutes(Router& router, AdminCore& core) {
    const auto with = [&core](auto use) {
        return [&core, use](const Request& request) {
            return core.ports().accounts == nullptr ? accountsAreOff() : use(core, request);
        };
    };
    router.add({"GET",
                "/v1/domains/{id}/accounts",
                Access::Operator,
                "Built-in accounts of a chat domain, by name",
                "",
                "AccountPage",
                200,
                with(list),
                {{"filter", "part of name, mail or department"},
                 {"cursor", "from the page before"},
                 {"limit", "1..5000, default 200"}}});
    router.add({"POST", "/v1/domains/{id}/accounts", Access::Admin, "Adds a built-in account", "AccountRequest",
                "AccountAdded", 201, with(add)});
    router.add({"POST",
                "/v1/domains/{id}/accounts/import",
                Access::Admin,
                "Adds the accounts of a CSV file, all or none; a dry run says what would come",
                "AccountImportRequest",
                "AccountImportAnswer",
                200,
                with(import),
                {},
                false,
                Pace::Slow});
    router.add({"GET", "/v1/accounts/{id}", Access::Operator, "One built-in account", "", "Account", 200, with(one)});
    router.add({"PATCH", "/v1/accounts/{id}", Access::Admin, "Changes a built-in account; its name stays",
                "AccountRequest", "Account", 200, with(change)});
    router.add({"DELETE", "/v1/accounts/{id}", Access::Admin, "Removes a built-in account", "", "", 204, with(remove)});
    router.add({"POST",
                "/v1/domains/{id}/login-test",
                Access::Operator,
                "Tries a login through the whole chain and says which provider said what",
                "LoginTestRequest",
                "LoginTrail",
                200,
                with(loginTest),
                {},
                false,
                Pace::Slow});
}

}  // namespace causeway::admin
