#include <array>

#include "service/admin/admin_core.h"
#include "shared/api/traces_json.h"

/// /v1/traces and below
namespace causeway::admin {

namespace {

Response tracesAreOff() {
    return problemResponse({Code::Unavailable, "Packet traces are not possible now.",
                            "They measure through the LAN directory, and the setting lan.enabled is off.",
                            "Switch lan.enabled on and restart the service."});
}

Response listTraces(AdminCore& core, const Request&) {
    auto traces = core.ports().traces->traces();
    if (!traces) return problemResponse(traces.error());
    for (auto& trace : *traces) {
        for (auto& row : trace.rows) {
            row.details.clear();
            row.path.reset();
        }
    }
    return jsonResponse(api::toJson(api::TraceList{std::move(*traces)}));
}

/// The problem of a user id that the directory does not have; nullopt if it has it or was not asked for one.
std::optional<Response> unknownUser(AdminCore& core, const char* field, UserId id) {
    if (id == 0 || core.ports().lan == nullptr) return std::nullopt;
    const std::array ids{id};
    const auto found = core.ports().lan->usersById(ids);
    if (!found || !found->empty()) return std::nullopt;
    const auto sentence = "There is no user " + std::to_string(id) + " in the directory.";
    return problemResponse(400,
                           {Code::BadInput, sentence, "He may have been forgotten meanwhile.",
                            "Load the users again, or trace to an address."},
                           {{field, 0, 0, sentence}});
}

std::string pairOf(const TraceReport& trace) {
    const auto end = [](const std::string& name, Ip4 address, const char* otherwise) {
        if (name.empty() && address.isAny()) return std::string(otherwise);
        if (name.empty()) return address.text();
        return address.isAny() || name == address.text() ? name : name + " (" + address.text() + ")";
    };
    return end(trace.x.empty() ? trace.request.from : trace.x, trace.xAddress, "this service") + " -> " +
           end(trace.y.empty() ? trace.request.to : trace.y, trace.yAddress,
               ("user " + std::to_string(trace.request.toUser)).c_str());
}

std::string wishOf(const TraceReport& trace) {
    auto text = pairOf(trace);
    if (trace.request.isOfDomain()) {
        text += ", the way of a login";
    } else if (!trace.request.only.empty()) {
        text += ", steps";
        for (const auto step : trace.request.only)
            text += std::string(" ") + wordOf(step);
    } else {
        text += trace.request.isQuick ? ", quick" : ", full";
    }
    if (trace.request.repeatMinutes > 0)
        text += ", repeated for " + std::to_string(trace.request.repeatMinutes) + " min";
    if (trace.request.readLists) text += "; reads the users' own lists";
    return text;
}

Response startTrace(AdminCore& core, const Request& request) {
    auto body = readBody<TraceRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto& wanted = std::get<TraceRequest>(body);
    if (auto refusal = unknownUser(core, "fromUser", wanted.fromUser)) return std::move(*refusal);
    if (auto refusal = unknownUser(core, "toUser", wanted.toUser)) return std::move(*refusal);
    auto started = core.ports().traces->start(wanted, request.identity.who());
    if (started)
        core.audit(request, "traces.start", std::to_string(started->id), "",
                   wishOf(*started) + (wanted.password.empty() ? "" : "; rehearses it with a password"));
    return answer(started, 201);
}

Response stopTrace(AdminCore& core, const Request& request) {
    auto stopped = core.ports().traces->stop(request.id());
    if (stopped) core.audit(request, "traces.stop", std::to_string(stopped->id), "", "");
    return answer(stopped);
}

Response removeTrace(AdminCore& core, const Request& request) {
    const auto before = core.ports().traces->trace(request.id());
    if (!before) return problemResponse(before.error());
    const auto removed = core.ports().traces->remove(request.id());
    if (removed) core.audit(request, "traces.remove", std::to_string(before->id), wishOf(*before), "");
    return answer(removed);
}

Response packetsOf(AdminCore& core, const Request& request) {
    auto bytes = core.ports().traces->capture(request.id());
    if (!bytes) return problemResponse(bytes.error());
    Response response;
    response.contentType = "application/vnd.tcpdump.pcap";
    response.headers.emplace_back("Content-Disposition",
                                  "attachment; filename=\"trace-" + std::to_string(request.id()) + ".pcapng\"");
    response.body = std::move(*bytes);
    return response;
}

}  // namespace

void addTracesRoutes(Router& router, AdminCore& core) {
    const auto withTraces = [&core](auto use) {
        return [&core, use](const Request& request) {
            return core.ports().traces == nullptr ? tracesAreOff() : use(core, request);
        };
    };
    router.add({"GET", "/v1/traces", Access::Viewer, "Packet traces, newest first, rows without details and hops", "",
                "TraceList", 200, withTraces(listTraces)});
    router.add({"POST", "/v1/traces", Access::Operator, "Starts a packet trace", "TraceRequest", "Trace", 201,
                withTraces(startTrace)});
    router.add({"GET", "/v1/traces/steps", Access::Viewer, "The commands of a packet trace, in order", "",
                "TraceStepList", 200, [](const Request&) { return jsonResponse(api::toJson(api::traceStepList())); }});
    router.add({"GET", "/v1/traces/{id}", Access::Viewer, "One packet trace", "", "Trace", 200,
                withTraces([](AdminCore& admin, const Request& request) {
                    return answer(admin.ports().traces->trace(request.id()));
                })});
    router.add({"DELETE", "/v1/traces/{id}", Access::Operator, "Removes a packet trace that does not run", "", "", 204,
                withTraces(removeTrace)});
    router.add({"POST", "/v1/traces/{id}/stop", Access::Operator, "Stops a packet trace", "", "Trace", 200,
                withTraces(stopTrace)});
    router.add({"GET", "/v1/traces/{id}/packets", Access::Viewer, "The packets of a trace as a pcapng file", "",
                "packets", 200, withTraces(packetsOf)});
}

}  // namespace causeway::admin
