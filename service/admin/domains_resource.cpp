#include "shared/api/domains_json.h"

#include "service/admin/admin_core.h"
#include "service/admin/crypto.h"
#include "service/admin/domain_rows.h"

/// /v1/domains and /v1/supernodes and below
namespace causeway::admin {

namespace {

Response domainsAreOff() {
    return problemResponse({Code::Unavailable, "Chat domains are not available.", "This service keeps no chat domains.",
                            "Look at the log of the service for the reason."});
}

std::string counted(std::uint64_t count, const std::string& what) {
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::vector<api::FieldProblem> fieldsOf(const std::vector<DraftProblem>& problems) {
    std::vector<api::FieldProblem> fields;
    for (const auto& each : problems)
        fields.push_back({each.field, 0, 0, each.text});
    return fields;
}

/// What an audit entry says of a domain.
std::string auditText(const ChatDomain& domain) {
    std::string text = std::string(domain.isEnabled ? "on" : "off") + ", " + wordOf(domain.reach) + ", end-to-end " +
                       wordOf(domain.endToEnd) + ", providers";
    for (const auto id : domain.providers)
        text += " " + std::to_string(id);
    text += domain.providers.empty() ? " none" : "";
    text += std::string(", certificate ") + wordOf(domain.certificate);
    if (domain.certificate == CertificateSource::Files) text += " " + domain.certificateFile;
    return text + ", TTL " + std::to_string(domain.ttl) + " s";
}

std::string auditText(const Supernode& node) {
    return std::string(wordOf(node.origin)) + (node.isEnabled ? "" : " (off)") + ", LAN " + node.lanAddress +
           ", Internet " + node.internetAddress + ", ports " + std::to_string(node.port) + " and " +
           std::to_string(node.tlsPort) + ", priority " + std::to_string(node.priority) + ", weight " +
           std::to_string(node.weight);
}

Response list(AdminCore& core) {
    auto all = core.ports().domains->domains();
    if (!all) return problemResponse(all.error());
    api::DomainList rows;
    for (auto& view : *all)
        rows.items.push_back(rowOf(std::move(view), Proofs::LeftOut, core.ports()));
    return jsonResponse(api::toJson(rows));
}

Response one(AdminCore& core, const Request& request) {
    auto view = core.ports().domains->domain(request.id());
    if (!view) return problemResponse(view.error());
    auto response = jsonResponse(api::toJson(rowOf(std::move(*view), Proofs::Included, core.ports())));
    return response;
}

/// What a request makes of a new domain, or of the one that is there.
Result<ChatDomain> draftOf(AdminCore& core, const api::DomainRequest& wanted, std::uint64_t id) {
    ChatDomain draft;
    if (id != 0) {
        const auto before = core.ports().domains->domain(id);
        if (!before) return before.error();
        draft = before->domain;
    }
    wanted.applyTo(draft);
    return draft;
}

Response check(AdminCore& core, const Request& request) {
    auto body = readBody<api::DomainRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    ChatDomain draft;
    std::get<api::DomainRequest>(body).applyTo(draft);
    auto problems = core.ports().domains->check(draft);
    if (!problems) return problemResponse(problems.error());
    if (auto* dns = core.ports().dns; dns != nullptr && problems->empty()) {
        for (const auto& each : dns->checkExtra(draft.name, draft.extraRecords))
            problems->push_back({"extraRecords", each.text()});
    }
    return jsonResponse(api::toJson(api::DomainVerdict{draft.name, fieldsOf(*problems)}));
}

/// A chain that would lock people out goes back unless it is confirmed.
Result<domains::DomainView> saveWatched(AdminCore& core, const ChatDomain& before, const ChatDomain& draft,
                                        std::vector<DraftProblem>& problems) {
    const auto& ports = core.ports();
    if (draft.id == 0 || ports.providers == nullptr) return ports.domains->save(draft, problems);
    std::optional<Result<domains::DomainView>> saved;
    const auto done = ports.providers->saveDomainChain(before, draft, [&]() -> Result<void> {
        saved = ports.domains->save(draft, problems);
        if (!*saved) return saved->error();
        return {};
    });
    if (!done) return done.error();
    // Which chat domains ask a provider is told with it.
    for (const auto* chain : {&before.providers, &draft.providers})
        for (const auto id : *chain)
            core.events().providerChanged(id);
    return std::move(*saved);
}

std::optional<Response> refuseRecords(AdminCore& core, const api::DomainRequest& wanted, ChatDomain draft) {
    auto* dns = core.ports().dns;
    if (dns == nullptr || !wanted.extraRecords || !core.ports().domains->check(draft)) return {};
    const auto wrong = dns->checkExtra(draft.name, draft.extraRecords);
    if (wrong.empty()) return {};
    std::vector<api::FieldProblem> fields;
    for (const auto& each : wrong)
        fields.push_back({"extraRecords", 0, 0, each.text()});
    auto todo = wrong.front().todo;
    if (wrong.size() > 1) todo = "Mend the " + std::to_string(wrong.size()) + " records that are named.";
    return problemResponse(400, {Code::BadInput, "The chat domain was not saved.", wrong.front().what, todo},
                           std::move(fields));
}

/// Files that clients would refuse are not saved; only those that the request names are looked at, because others may
/// be broken for a while by somebody else.
std::optional<Response> refuseCertificate(AdminCore& core, const api::DomainRequest& wanted, ChatDomain draft) {
    const bool isNamed = wanted.certificate || wanted.certificateFile || wanted.keyFile;
    if (!isNamed || draft.certificate != CertificateSource::Files || core.ports().certificates == nullptr) return {};
    if (!core.ports().domains->check(draft)) return {};  // its form is told by save()
    const auto facts = core.ports().certificates->checkFiles(draft.name, draft.certificateFile, draft.keyFile);
    if (stateOf(facts.trouble) != ProofState::Broken) return {};
    const bool isKey = facts.trouble == CertificateTrouble::NoKey || facts.trouble == CertificateTrouble::KeyLocked ||
                       facts.trouble == CertificateTrouble::KeyDoesNotMatch;
    return problemResponse(400, {Code::BadInput, "The chat domain was not saved.", facts.problem, facts.todo},
                           {{isKey ? "keyFile" : "certificateFile", 0, 0, facts.problem}});
}

Response save(AdminCore& core, const Request& request, std::uint64_t id) {
    auto body = readBody<api::DomainRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::DomainRequest>(body);
    if (id == 0 && !wanted.name) {
        return problemResponse(400, {Code::BadInput, "The name of the domain is missing."},
                               {{"name", 0, 0, "This field is needed."}});
    }
    auto writing = core.writing();
    auto draft = draftOf(core, wanted, id);
    if (!draft) return problemResponse(draft.error());
    auto before = *draft;
    if (id != 0) {
        const auto current = core.ports().domains->domain(id);
        if (!current) return problemResponse(current.error());
        if (auto refusal = staleWrite(request.http, current->domain.revision)) return std::move(*refusal);
        before = current->domain;
    }
    if (auto refusal = refuseCertificate(core, wanted, *draft)) return std::move(*refusal);
    if (auto refusal = refuseRecords(core, wanted, *draft)) return std::move(*refusal);
    // The graded tests of a chain may take seconds; the revision in the draft keeps two writers apart.
    writing.unlock();
    std::optional<SlowPlaces::Place> place;
    if (id != 0 && draft->providers != before.providers) {
        place = core.router().slowPlaces().take();
        if (!place) return slowPlacesAreTaken();
    }
    std::vector<DraftProblem> problems;
    auto saved = saveWatched(core, before, *draft, problems);
    if (!saved) return problemResponse(api::httpStatusOf(saved.error().code), saved.error(), fieldsOf(problems));
    core.audit(request, id == 0 ? "domains.add" : "domains.change", saved->domain.shown,
               id == 0 ? "" : auditText(before), auditText(saved->domain));
    return jsonResponse(api::toJson(rowOf(std::move(*saved), Proofs::Included, core.ports())), id == 0 ? 201 : 200);
}

/// The name must be typed again: people lose their accounts with it.
Response remove(AdminCore& core, const Request& request) {
    auto& domains = *core.ports().domains;
    const auto view = domains.domain(request.id());
    if (!view) return problemResponse(view.error());
    const auto typed = request.query("confirm");
    if (typed != view->domain.name && typed != view->domain.shown) {
        return problemResponse(
            {Code::BadInput, "The chat domain was not removed.",
             "With it go " + counted(view->accounts, "built-in account") + ", " +
                 counted(view->supernodes.size(), "supernode") +
                 " and the history of its dots; nobody can log in as name@" + view->domain.shown + " any more.",
             "If that is meant, repeat the name of the domain as confirm=" + view->domain.name + "."});
    }
    auto removed = domains.remove(request.id());
    if (removed) core.audit(request, "domains.remove", view->domain.shown, auditText(view->domain), "");
    return answer(removed);
}

/// The files lie on the computer of the service, so only who may change it may look at them.
Response checkCertificate(AdminCore& core, const Request& request) {
    auto body = readBody<api::CertificateRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::CertificateRequest>(body);
    if (core.ports().certificates == nullptr) return domainsAreOff();
    ChatDomain draft;
    draft.name = draft.shown = wanted.domain;
    if (const auto problems = core.ports().domains->check(draft); !problems) return problemResponse(problems.error());
    return jsonResponse(
        api::toJson(core.ports().certificates->checkFiles(draft.name, wanted.certificateFile, wanted.keyFile)));
}

Response history(AdminCore& core, const Request& request) {
    const auto limit = limitOf(request, 200, 1000);
    if (!limit) return problemResponse(limit.error());
    if (auto view = core.ports().domains->domain(request.id()); !view) return problemResponse(view.error());
    auto changes = core.ports().domains->history(request.id(), *limit);
    if (!changes) return problemResponse(changes.error());
    return jsonResponse(api::toJson(api::DotHistory{std::move(*changes)}));
}

Response checkNow(AdminCore& core, const Request& request) {
    return answer(core.ports().domains->checkNow(request.id()));
}

Response saveSupernode(AdminCore& core, const Request& request, std::uint64_t id) {
    auto body = readBody<api::SupernodeRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::SupernodeRequest>(body);
    if (wanted.origin == SupernodeOrigin::Local) {
        return problemResponse(400,
                               {Code::BadInput, "The supernode was not saved.", "This service registers itself.",
                                "Take \"hand\" or \"token\"."},
                               {{"origin", 0, 0, "Take \"hand\" or \"token\"."}});
    }
    const auto writing = core.writing();
    Supernode draft;
    std::string before;
    if (id == 0) {
        draft.domain = request.id();
    } else {
        const auto all = core.ports().domains->domains();
        if (!all) return problemResponse(all.error());
        for (const auto& view : *all)
            for (const auto& each : view.supernodes)
                if (each.node.id == id) draft = each.node;
        before = auditText(draft);
    }
    wanted.applyTo(draft);
    if (id != 0) draft.id = id;
    api::SupernodeCreated created;
    std::string hash;
    if (id == 0 && draft.origin == SupernodeOrigin::Token) {
        created.token = newToken();
        hash = sha256Hex(created.token.reveal());
    }
    std::vector<DraftProblem> problems;
    auto saved = core.ports().domains->saveSupernode(std::move(draft), hash, problems);
    if (!saved) return problemResponse(api::httpStatusOf(saved.error().code), saved.error(), fieldsOf(problems));
    core.audit(request, id == 0 ? "supernodes.add" : "supernodes.change", saved->name, before, auditText(*saved));
    created.supernode = {*saved, saved->origin != SupernodeOrigin::Token && saved->isEnabled};
    return id == 0 ? jsonResponse(api::toJson(created), 201) : jsonResponse(api::toJson(created.supernode));
}

Response removeSupernode(AdminCore& core, const Request& request) {
    auto removed = core.ports().domains->removeSupernode(request.id());
    if (removed) core.audit(request, "supernodes.remove", std::to_string(request.id()), "", "");
    return answer(removed);
}

Response heartbeat(AdminCore& core, const Request& request) {
    auto body = readBody<api::HeartbeatRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& beat = std::get<api::HeartbeatRequest>(body);
    auto node = core.ports().domains->heartbeat(sha256Hex(beat.token.reveal()), beat.version.substr(0, 40));
    if (!node) return problemResponse(node.error());
    return jsonResponse(api::toJson(api::SupernodeRow{std::move(*node), true}));
}

}  // namespace

void addDomainsRoutes(Router& router, AdminCore& core) {
    const auto with = [&core](auto use) {
        return [&core, use](const Request& request) {
            return core.ports().domains == nullptr ? domainsAreOff() : use(core, request);
        };
    };
    router.add({"GET", "/v1/domains", Access::Viewer, "Chat domains with their dots", "", "DomainList", 200,
                with([](AdminCore& admin, const Request&) { return list(admin); })});
    router.add({"POST", "/v1/domains", Access::Admin, "Adds a chat domain", "DomainRequest", "Domain", 201,
                with([](AdminCore& admin, const Request& request) { return save(admin, request, 0); })});
    router.add({"POST", "/v1/domains/check", Access::Viewer,
                "Says what is wrong with a new chat domain without saving it", "DomainRequest", "DomainVerdict", 200,
                with(check)});
    router.add({"POST", "/v1/domains/certificate", Access::Admin,
                "What would be said about certificate files, without using them", "CertificateRequest", "Certificate",
                200, with(checkCertificate)});
    router.add({"GET", "/v1/domains/{id}", Access::Viewer, "One chat domain with the proofs of its dots", "", "Domain",
                200, with(one)});
    router.add({"PATCH", "/v1/domains/{id}", Access::Admin, "Changes a chat domain; its name stays", "DomainRequest",
                "Domain", 200, with([](AdminCore& admin, const Request& request) {
                    return request.id() == 0 ? one(admin, request) : save(admin, request, request.id());
                })});
    router.add({"DELETE",
                "/v1/domains/{id}",
                Access::Admin,
                "Removes a chat domain with its accounts",
                "",
                "",
                204,
                with(remove),
                {{"confirm", "the name of the domain, typed again"}}});
    router.add({"GET",
                "/v1/domains/{id}/history",
                Access::Viewer,
                "When the dots changed, newest first",
                "",
                "DotHistory",
                200,
                with(history),
                {{"limit", "1..1000, default 200"}}});
    router.add({"POST", "/v1/domains/{id}/check", Access::Operator,
                "Measures both dots now; the result comes as an event", "", "", 204, with(checkNow)});
    router.add({"POST", "/v1/domains/{id}/supernodes", Access::Admin,
                "Adds a supernode; a token is shown only in this answer", "SupernodeRequest", "SupernodeCreated", 201,
                with([](AdminCore& admin, const Request& request) { return saveSupernode(admin, request, 0); })});
    router.add({"PATCH", "/v1/supernodes/{id}", Access::Admin, "Changes a supernode", "SupernodeRequest", "Supernode",
                200, with([](AdminCore& admin, const Request& request) {
                    // An id that is no number is 0, which would be a new one: nothing has that id, and that is told.
                    return request.id() == 0 ? removeSupernode(admin, request)
                                             : saveSupernode(admin, request, request.id());
                })});
    router.add(
        {"DELETE", "/v1/supernodes/{id}", Access::Admin, "Removes a supernode", "", "", 204, with(removeSupernode)});
    router.add({"POST", "/v1/supernodes/heartbeat", Access::Open, "A registered supernode says that it lives",
                "HeartbeatRequest", "Supernode", 200, with(heartbeat)});
}

}  // namespace causeway::admin
