#include "service/admin/admin_core.h"
#include "shared/api/dns_json.h"

/// /v1/dns and below
namespace causeway::admin {

namespace {

Response dnsIsOff() {
    return problemResponse({Code::Unavailable, "Chat DNS is not available.", "This service keeps no chat domains.",
                            "Look at the log of the service for the reason."});
}

Result<dns::View> viewOf(const std::string& word) {
    if (word.empty() || word == "lan") return dns::View::Lan;
    if (word == "internet") return dns::View::Internet;
    return Error{Code::BadInput, "\"" + word.substr(0, 40) + "\" is not a view of chat DNS.", "",
                 "Write lan or internet."};
}

api::DnsOverview overviewOf(AdminCore& core) {
    auto& dns = *core.ports().dns;
    const auto now = dns.status();
    api::DnsOverview all;
    auto& status = all.status;
    status.isOn = now.isOn;
    if (core.ports().dnsKeys != nullptr) {
        status.problem = core.ports().dnsKeys->trouble();
        all.keys = core.ports().dnsKeys->names();
    }
    for (const auto& each : now.listeners) {
        const bool isV6 = each.address.find(':') != std::string::npos;
        status.listeners.push_back((isV6 ? "[" + each.address + "]" : each.address) + ":" + std::to_string(each.port));
    }
    status.domains = now.domains;
    status.queries = now.queries;
    status.answered = now.answered;
    status.noName = now.noName;
    status.noData = now.noData;
    status.refused = now.refused;
    status.malformed = now.malformed;
    status.truncated = now.truncated;
    status.limited = now.limited;
    status.tcpConnections = now.tcpConnections;
    status.transfers = now.transfers;
    for (auto& row : dns.table()) {
        all.rows.push_back({std::move(row.domain), std::move(row.supernode), std::move(row.address), row.port,
                            dns::viewText(row.view), row.isLive, row.ttl, row.serial, row.queries, row.lastQuery});
    }
    for (auto& each : dns.secondaries()) {
        all.secondaries.push_back({std::move(each.domain), each.endpoint.text(), dns::noticeText(each.notice),
                                   std::move(each.detail), each.toldSerial, each.takenSerial, each.takenAt});
    }
    for (auto& each : dns.warnings())
        all.warnings.push_back({each.domain, each.error.what, each.error.why, each.error.todo});
    return all;
}

Response records(AdminCore& core, const Request& request) {
    const auto view = viewOf(request.query("view"));
    if (!view) return problemResponse(view.error());
    auto rows = core.ports().dns->records(request.query("domain"), *view);
    if (!rows) return problemResponse(rows.error());
    api::DnsRecordList list;
    for (auto& row : *rows)
        list.items.push_back({std::move(row.name), std::move(row.type), row.ttl, std::move(row.data)});
    return jsonResponse(api::toJson(list));
}

Response text(AdminCore& core, const Request& request) {
    const auto view = viewOf(request.query("view"));
    if (!view) return problemResponse(view.error());
    const auto word = request.query("form");
    const auto form = dns::parseTextForm(word.empty() ? "bind" : word);
    if (!form) {
        return problemResponse({Code::BadInput, "\"" + word.substr(0, 40) + "\" is not a form of records.", "",
                                "Write bind, windows, dnsmasq or unbound."});
    }
    auto written = core.ports().dns->recordsText(request.query("domain"), *view, *form, request.query("zone"));
    if (!written) return problemResponse(written.error());
    return jsonResponse(api::toJson(api::DnsText{std::move(*written)}));
}

Response check(AdminCore& core, const Request& request) {
    auto body = readBody<api::DnsCheckRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::DnsCheckRequest>(body);
    const auto view = viewOf(wanted.view);
    if (!view) return problemResponse(view.error());
    auto reports = core.ports().dns->check(wanted.domain, *view, wanted.resolvers);
    if (!reports) return problemResponse(reports.error());
    api::DnsCheck answer;
    for (auto& report : *reports) {
        auto& row = answer.reports.emplace_back();
        row.resolver = std::move(report.resolver);
        row.address = std::move(report.address);
        row.view = dns::viewText(report.view);
        row.isRight = report.isRight;
        for (auto& each : report.rows) {
            row.rows.push_back({std::move(each.name), std::move(each.type), std::move(each.wanted),
                                std::move(each.found), dns::verdictText(each.verdict), std::move(each.reason),
                                std::move(each.todo), each.isNeeded});
        }
    }
    return jsonResponse(api::toJson(answer));
}

Response addKey(AdminCore& core, const Request& request) {
    auto body = readBody<api::DnsKeyRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<api::DnsKeyRequest>(body);
    std::optional<Secret> given;
    if (wanted.secret) given = Secret{*wanted.secret};
    auto added = core.ports().dnsKeys->add(wanted.name, given);
    if (!added) return problemResponse(added.error());
    core.audit(request, "dns.keys.add", added->name, "", "");
    return jsonResponse(api::toJson(api::DnsKeyCreated{added->name, "hmac-sha256", std::move(added->secret)}), 201);
}

Response removeKey(AdminCore& core, const Request& request) {
    auto removed = core.ports().dnsKeys->remove(request.values.front());
    if (removed) core.audit(request, "dns.keys.remove", request.values.front(), "", "");
    return answer(removed);
}

}  // namespace

void addDnsRoutes(Router& router, AdminCore& core) {
    const auto with = [&core](auto use) {
        return [&core, use](const Request& request) {
            const auto& ports = core.ports();
            return ports.dns == nullptr || ports.dnsKeys == nullptr ? dnsIsOff() : use(core, request);
        };
    };
    router.add({"GET", "/v1/dns", Access::Viewer, "Chat DNS: what it serves and to whom", "", "Dns", 200,
                with([](AdminCore& admin, const Request&) { return jsonResponse(api::toJson(overviewOf(admin))); })});
    router.add({"GET",
                "/v1/dns/records",
                Access::Viewer,
                "The records of a chat domain",
                "",
                "DnsRecordList",
                200,
                with(records),
                {{"domain", "its name"}, {"view", "lan (default) or internet"}}});
    router.add({"GET",
                "/v1/dns/text",
                Access::Viewer,
                "The records that another DNS server needs, in its language",
                "",
                "DnsText",
                200,
                with(text),
                {{"domain", "its name"},
                 {"view", "lan (default) or internet"},
                 {"form", "bind (default), windows, dnsmasq or unbound"},
                 {"zone", "the zone of that server which takes them; default: the domain itself"}}});
    router.add({"POST",
                "/v1/dns/check",
                Access::Operator,
                "Asks this server, the system's resolvers and others, and compares; takes up to 6 s",
                "DnsCheckRequest",
                "DnsCheck",
                200,
                with(check),
                {},
                false,
                Pace::Slow});
    router.add({"POST", "/v1/dns/keys", Access::Admin, "Adds a key for secondaries; its secret is shown once",
                "DnsKeyRequest", "DnsKeyCreated", 201, with(addKey)});
    router.add({"DELETE", "/v1/dns/keys/{name}", Access::Admin, "Removes a key for secondaries", "", "", 204,
                with(removeKey)});
}

}  // namespace causeway::admin
