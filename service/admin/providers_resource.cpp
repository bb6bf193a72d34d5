#include "shared/api/providers_json.h"

#include "service/admin/admin_core.h"
#include "shared/base/text.h"

/// /v1/providers and below, and what waits to be confirmed of providers and chat domains
namespace causeway::admin {

namespace {

constexpr std::size_t kShownValue = 80;

Response providersAreOff() {
    return problemResponse({Code::Unavailable, "Authentication providers are not available.",
                            "This service keeps no chat domains.", "Look at the log of the service for the reason."});
}

std::vector<api::FieldProblem> fieldsOf(const std::vector<ProviderProblem>& problems) {
    std::vector<api::FieldProblem> fields;
    for (const auto& each : problems)
        if (each.weight == ProblemWeight::Error)
            fields.push_back(
                {each.field, each.column ? std::size_t{1} : 0, each.column ? *each.column + 1 : 0, each.text});
    return fields;
}

/// What an audit entry says of a provider: no secret, only which ones are there.
std::string auditText(const Provider& provider) {
    std::string text = std::string(wordOf(provider.kind)) + (provider.isEnabled ? ", on" : ", off");
    for (const auto& [key, value] : provider.settings)
        text += ", " + key + "=" + std::string(cutUtf8(value, kShownValue));
    for (const auto& key : provider.secretsSet)
        text += ", " + key + "=***";
    return text;
}

/// The stored provider with the request put over it; id 0 = a new one.
Result<auth::ProviderDraft> draftOf(AdminCore& core, const api::ProviderRequest& wanted, std::uint64_t id) {
    auth::ProviderDraft draft;
    if (id != 0) {
        auto stored = core.ports().providers->provider(id);
        if (!stored) return stored.error();
        draft.provider = std::move(stored->provider);
    }
    wanted.applyTo(draft.provider);
    draft.secrets = wanted.secrets;
    return draft;
}

Response list(AdminCore& core, const Request&) {
    auto all = core.ports().providers->providers();
    if (!all) return problemResponse(all.error());
    return jsonResponse(api::toJson(api::ProviderList{std::move(*all)}));
}

Response one(AdminCore& core, const Request& request) {
    return answer(core.ports().providers->provider(request.id()));
}

Response save(AdminCore& core, const Request& request, std::uint64_t id) {
    auto body = readBody<api::ProviderRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::ProviderRequest>(body);
    if (id == 0 && (!wanted.name || !wanted.kind)) {
        return problemResponse(400, {Code::BadInput, "The name or the kind of the provider is missing."},
                               {{wanted.name ? "kind" : "name", 0, 0, "This field is needed."}});
    }
    auto draft = draftOf(core, wanted, id);
    if (!draft) return problemResponse(draft.error());
    std::string before;
    if (id != 0) {
        const auto stored = core.ports().providers->provider(id);
        if (!stored) return problemResponse(stored.error());
        if (auto refusal = staleWrite(request.http, stored->provider.revision)) return std::move(*refusal);
        before = auditText(stored->provider);
    }
    std::vector<ProviderProblem> problems;
    auto saved = core.ports().providers->save(*draft, problems);
    if (!saved) return problemResponse(api::httpStatusOf(saved.error().code), saved.error(), fieldsOf(problems));
    auto after = auditText(saved->provider);
    for (const auto& [key, value] : wanted.secrets)
        after += std::string(value ? "; new secret " : "; without secret ") + key;
    if (saved->revert) after += "; goes back unless confirmed";
    core.audit(request, id == 0 ? "providers.add" : "providers.change", saved->provider.name, before, after);
    return jsonResponse(api::toJson(*saved), id == 0 ? 201 : 200);
}

Response remove(AdminCore& core, const Request& request) {
    const auto stored = core.ports().providers->provider(request.id());
    if (!stored) return problemResponse(stored.error());
    auto removed = core.ports().providers->remove(request.id());
    if (removed) core.audit(request, "providers.remove", stored->provider.name, auditText(stored->provider), "");
    return answer(removed);
}

Response check(AdminCore& core, const Request& request) {
    auto body = readBody<api::ProviderTestRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::ProviderTestRequest>(body);
    const auto draft = draftOf(core, wanted.draft, wanted.id);
    if (!draft) return problemResponse(draft.error());
    auto problems = core.ports().providers->check(*draft);
    if (!problems) return problemResponse(problems.error());
    return jsonResponse(api::toJson(api::ProviderVerdict{addressSummary(draft->provider), std::move(*problems)}));
}

Response test(AdminCore& core, const Request& request) {
    auto body = readBody<api::ProviderTestRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::ProviderTestRequest>(body);
    const auto draft = draftOf(core, wanted.draft, wanted.id);
    if (!draft) return problemResponse(draft.error());
    std::optional<auth::Rehearsal> rehearsal;
    if (wanted.login) rehearsal = auth::Rehearsal{wanted.login->name, wanted.login->password, wanted.login->domain};
    // Whoever tests with another address has the stored secrets sent there.
    core.audit(request, "providers.test", draft->provider.name, "",
               addressSummary(draft->provider) + (rehearsal ? ", login of " + cleanUtf8(rehearsal->name) : ""));
    auto proof = core.ports().providers->test(*draft, rehearsal);
    if (!proof) {
        const auto problems = core.ports().providers->check(*draft);
        return problemResponse(api::httpStatusOf(proof.error().code), proof.error(),
                               problems ? fieldsOf(*problems) : std::vector<api::FieldProblem>{});
    }
    return jsonResponse(api::toJson(*proof));
}

Response users(AdminCore& core, const Request& request) {
    const auto limit = limitOf(request, 200, 1000);
    if (!limit) return problemResponse(limit.error());
    auto people = core.ports().providers->people(request.id(), *limit, request.query("filter"));
    if (!people) return problemResponse(people.error());
    return jsonResponse(api::toJson(api::PeopleList{std::move(people->items), people->isComplete}));
}

Response settle(AdminCore& core, const Request& request, const char* action,
                Result<void> (auth::ProvidersPort::*what)(std::uint64_t)) {
    auto done = (core.ports().providers->*what)(request.id());
    if (done) core.audit(request, action, std::to_string(request.id()), "", "");
    return answer(done);
}

}  // namespace

void addProvidersRoutes(Router& router, AdminCore& core) {
    const auto with = [&core](auto use) {
        return [&core, use](const Request& request) {
            return core.ports().providers == nullptr ? providersAreOff() : use(core, request);
        };
    };
    const auto settling = [&core](const char* action, Result<void> (auth::ProvidersPort::*what)(std::uint64_t)) {
        return [&core, action, what](const Request& request) {
            return core.ports().providers == nullptr ? providersAreOff() : settle(core, request, action, what);
        };
    };
    router.add({"GET", "/v1/providers", Access::Viewer, "Authentication providers with their state", "", "ProviderList",
                200, with(list)});
    router.add({"POST", "/v1/providers", Access::Admin, "Adds an authentication provider; secrets are write-only",
                "ProviderRequest", "Provider", 201,
                with([](AdminCore& admin, const Request& request) { return save(admin, request, 0); })});
    router.add({"POST", "/v1/providers/check", Access::Admin,
                "Says what is wrong with a draft without asking any server", "ProviderTestRequest", "ProviderVerdict",
                200, with(check)});
    router.add({"POST",
                "/v1/providers/test",
                Access::Admin,
                "Tests a stored provider or a draft step by step, with a login if one is given; takes up to 30 s",
                "ProviderTestRequest",
                "Proof",
                200,
                with(test),
                {},
                false,
                Pace::Slow});
    router.add(
        {"GET", "/v1/providers/{id}", Access::Viewer, "One authentication provider", "", "Provider", 200, with(one)});
    router.add({"PATCH",
                "/v1/providers/{id}",
                Access::Admin,
                "Changes a provider; what would lock people out goes back after two minutes unless it is confirmed",
                "ProviderRequest",
                "Provider",
                200,
                with([](AdminCore& admin, const Request& request) {
                    return request.id() == 0 ? one(admin, request) : save(admin, request, request.id());
                }),
                {},
                false,
                Pace::Slow});
    router.add({"DELETE", "/v1/providers/{id}", Access::Admin, "Removes a provider that no chat domain asks", "", "",
                204, with(remove)});
    router.add({"GET",
                "/v1/providers/{id}/users",
                Access::Operator,
                "People of the directory",
                "",
                "PeopleList",
                200,
                with(users),
                {{"limit", "1..1000, default 200"}, {"filter", "part of name, mail or department"}},
                false,
                Pace::Slow});
    router.add({"POST", "/v1/providers/{id}/confirm", Access::Admin, "Keeps a change that waits", "", "", 204,
                settling("providers.confirm", &auth::ProvidersPort::confirm)});
    router.add({"POST", "/v1/providers/{id}/revert", Access::Admin, "Takes a change that waits back now", "", "", 204,
                settling("providers.revert", &auth::ProvidersPort::revert)});
    router.add({"POST", "/v1/domains/{id}/confirm", Access::Admin, "Keeps a change of the chain that waits", "", "",
                204, settling("domains.confirm", &auth::ProvidersPort::confirmDomain)});
    router.add({"POST", "/v1/domains/{id}/revert", Access::Admin, "Takes a change of the chain that waits back now", "",
                "", 204, settling("domains.revert", &auth::ProvidersPort::revertDomain)});
}

}  // namespace causeway::admin
