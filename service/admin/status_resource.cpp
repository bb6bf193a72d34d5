#include "service/admin/admin_core.h"
#include "service/admin/openapi.h"
#include "shared/api/problems_json.h"
#include "shared/base/text.h"

/// /healthz, /metrics, /v1/capabilities, /v1/me, /v1/status, /v1/problems, /v1/openapi.json
namespace causeway::admin {

namespace {

/// Prometheus text exposition format, version 0.0.4.
class MetricsText {
public:
    void add(const char* name, const char* type, const char* help, std::uint64_t value) {
        head(name, type, help);
        line(name, {}, value);
    }
    void head(const char* name, const char* type, const char* help) {
        text_ += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " " + type + "\n";
    }
    void line(const char* name, const std::string& labels, std::uint64_t value) {
        text_ += name;
        if (!labels.empty()) text_ += "{" + labels + "}";
        text_ += " " + std::to_string(value) + "\n";
    }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

std::string metrics(AdminCore& core) {
    const auto status = core.status();
    const auto& lan = status.lan;
    MetricsText out;
    out.head("causeway_info", "gauge", "Version of the service.");
    out.line("causeway_info", "version=\"" + status.version + "\"", 1);
    out.add("causeway_uptime_seconds", "gauge", "Time since the start of the service.",
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, status.uptime.count() / 1000)));
    out.add("causeway_resident_bytes", "gauge", "Memory of the process.", status.residentBytes);
    out.add("causeway_store_failing", "gauge", "1 while records cannot be written to disk.",
            status.storeTrouble.empty() ? 0 : 1);
    out.add("causeway_lan_listening", "gauge", "1 while the LAN directory listens.", lan.isListening ? 1 : 0);
    out.head("causeway_lan_users", "gauge", "Users of the LAN directory by presence.");
    out.line("causeway_lan_users", "presence=\"present\"", lan.present);
    out.line("causeway_lan_users", "presence=\"silent\"", lan.silent);
    out.line("causeway_lan_users", "presence=\"gone\"", lan.gone);
    out.line("causeway_lan_users", "presence=\"unconfirmed\"", lan.unconfirmed);
    out.add("causeway_lan_users_external", "gauge", "Users outside the own segments.", lan.external);
    out.add("causeway_lan_users_unstable", "gauge", "Users on the unstable list.", lan.unstable);
    out.add("causeway_lan_rumours", "gauge", "Addresses that have not answered yet.", lan.rumours);
    out.head("causeway_lan_packets_total", "counter", "LAN packets by direction.");
    out.line("causeway_lan_packets_total", "direction=\"in\"", lan.packetsIn);
    out.line("causeway_lan_packets_total", "direction=\"out\"", lan.packetsOut);
    out.head("causeway_lan_bytes_total", "counter", "LAN bytes by direction.");
    out.line("causeway_lan_bytes_total", "direction=\"in\"", lan.bytesIn);
    out.line("causeway_lan_bytes_total", "direction=\"out\"", lan.bytesOut);
    out.add("causeway_lan_packets_ignored_total", "counter", "Packets that were malformed or over a limit.",
            lan.packetsIgnored);
    out.add("causeway_lan_lists_sent_total", "counter", "Lists of external users sent to clients.", lan.listsSent);
    out.add("causeway_lan_introductions_sent_total", "counter", "Introductions sent.", lan.introductionsSent);
    out.add("causeway_lan_introductions_queued", "gauge", "Introductions that wait.", lan.introductionsQueued);
    if (core.ports().visibility != nullptr) {
        const auto seen = core.ports().visibility->status();
        out.add("causeway_visibility_collections_total", "counter", "Collections of the clients' own lists.",
                seen.collections);
        out.add("causeway_visibility_lists_asked_total", "counter", "Clients that were asked for their list.",
                seen.listsAsked);
        out.add("causeway_visibility_lists_read_total", "counter", "Lists of clients that were read.", seen.listsRead);
        out.add("causeway_visibility_pairs", "gauge",
                "Pairs of computers of which is known whether the one sees the other.", seen.cells);
        out.add("causeway_visibility_findings", "gauge", "Open findings of the visibility map.", seen.openFindings);
    }
    out.head("causeway_problems", "gauge", "Problems that are not muted, by severity.");
    out.line("causeway_problems", "severity=\"notice\"", status.problems.notices);
    out.line("causeway_problems", "severity=\"warning\"", status.problems.warnings);
    out.line("causeway_problems", "severity=\"problem\"", status.problems.problems);
    out.add("causeway_admin_requests_total", "counter", "Requests to the admin interface.",
            core.counters().requests.load());
    out.add("causeway_admin_refused_total", "counter", "Requests without a valid token or role.",
            core.counters().refused.load());
    out.add("causeway_admin_failed_total", "counter", "Requests that the service could not answer.",
            core.counters().failed.load());
    out.add("causeway_admin_failed_logins_total", "counter", "Failed logins.", core.accounts().failedLogins());
    out.add("causeway_admin_connections_closed_total", "counter",
            "Connections without a login or a token that were closed to make room.", core.closedConnections());
    out.add("causeway_admin_event_streams", "gauge", "Open event streams.", core.events().readers());
    return out.take();
}

Response health(AdminCore& core) {
    const auto trouble = core.ports().store->trouble();
    if (trouble.empty()) return jsonResponse("{\"status\":\"ok\"}");
    auto response = problemResponse(503, {Code::Unavailable, "The service cannot save its records.", trouble,
                                          "Check the disk of the data folder."});
    return response;
}

Response capabilities(AdminCore& core) {
    api::Capabilities all;
    all.product = "causeway";
    all.version = core.ports().status->facts().version;
    all.serverName = core.serverName();
    all.capabilities = {"lan", "search", "ranges", "bases", "events", "audit", "logs", "config", "bugreport"};
    if (core.ports().traces != nullptr) all.capabilities.emplace_back("traces");
    if (core.ports().visibility != nullptr) all.capabilities.emplace_back("visibility");
    if (core.ports().domains != nullptr) all.capabilities.push_back("domains");
    if (core.ports().dns != nullptr) all.capabilities.push_back("dns");
    if (core.ports().providers != nullptr) all.capabilities.emplace_back("providers");
    if (core.ports().accounts != nullptr) all.capabilities.emplace_back("accounts");
    return jsonResponse(api::toJson(all));
}

Response mute(AdminCore& core, const Request& request) {
    auto body = readBody<api::UntilRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto until = std::get<api::UntilRequest>(body).until;
    const auto& id = request.values.front();
    const auto all = core.problems();
    const auto found = std::find_if(all.begin(), all.end(), [&id](const Problem& problem) { return problem.id == id; });
    if (found == all.end()) {
        return problemResponse({Code::NotFound, "There is no problem \"" + cleanUtf8(cutUtf8(id, 100)) + "\" now.",
                                "It may have been solved meanwhile.", "Load the list again."});
    }
    auto muted = core.ports().store->muteProblem(id, until);
    if (muted) {
        core.audit(request, until ? "problems.mute" : "problems.unmute", id,
                   found->mutedUntil ? isoText(*found->mutedUntil) : "", until ? isoText(*until) : "");
        core.events().problemsChanged();
    }
    return answer(muted);
}

}  // namespace

void addStatusRoutes(Router& router, AdminCore& core) {
    router.add({"GET", "/healthz", Access::Open, "Is the service all right?", "", "Health", 200,
                [&core](const Request&) { return health(core); }});
    router.add({"GET", "/metrics", Access::Viewer, "Figures in Prometheus text form", "", "text", 200,
                [&core](const Request&) {
                    auto response = jsonResponse(metrics(core));
                    response.contentType = "text/plain; version=0.0.4; charset=utf-8";
                    return response;
                }});
    router.add({"GET", "/v1/capabilities", Access::Open, "What this service is and can do", "", "Capabilities", 200,
                [&core](const Request&) { return capabilities(core); }});
    router.add({"GET", "/v1/openapi.json", Access::Any, "This contract, machine-readable", "", "OpenApi", 200,
                [&core](const Request&) { return jsonResponse(openApiDocument(core.router())); }});
    router.add({"GET", "/v1/status", Access::Viewer, "State of the service", "", "Status", 200,
                [&core](const Request&) { return jsonResponse(api::toJson(core.status())); }});
    router.add({"GET", "/v1/problems", Access::Viewer, "What needs attention, worst first", "", "ProblemList", 200,
                [&core](const Request&) {
                    api::JsonWriter out;
                    api::writeProblems(out, core.problems());
                    return jsonResponse(out.take());
                }});
    router.add({"PUT", "/v1/problems/{id}/mute", Access::Operator, "Keep quiet about a problem until a time",
                "UntilRequest", "", 204, [&core](const Request& request) { return mute(core, request); }});
}

}  // namespace causeway::admin
