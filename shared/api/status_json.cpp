#include "shared/api/status_json.h"

#include <algorithm>
#include <array>

namespace causeway::api {

namespace {

constexpr std::array kStates{"listening", "failed", "off"};

}  // namespace

const char* wordOf(ListenerState state) {
    return kStates[static_cast<std::size_t>(state)];
}
std::optional<ListenerState> listenerStateOf(std::string_view word) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        if (word == kStates[i]) return static_cast<ListenerState>(i);
    }
    return std::nullopt;
}

bool Capabilities::has(std::string_view capability) const {
    return std::find(capabilities.begin(), capabilities.end(), capability) != capabilities.end();
}

void writeJson(JsonWriter& out, const ListenerStatus& listener) {
    out.beginObject();
    out.field("name", listener.name);
    out.field("address", listener.address);
    out.field("state", wordOf(listener.state));
    out.field("problem", listener.problem);
    out.endObject();
}

void readJson(JsonFields& in, ListenerStatus& listener) {
    in.read("name", listener.name);
    in.read("address", listener.address);
    in.readWord("state", listener.state, &listenerStateOf);
    in.read("problem", listener.problem);
}

void writeJson(JsonWriter& out, const LanInterface& interface) {
    out.beginObject();
    out.field("name", interface.name);
    out.field("address", interface.address);
    out.field("network", interface.network);
    out.field("broadcast", interface.broadcast);
    out.endObject();
}

void readJson(JsonFields& in, LanInterface& interface) {
    in.read("name", interface.name);
    in.read("address", interface.address);
    in.read("network", interface.network);
    in.read("broadcast", interface.broadcast);
    interface.isLoopback = interface.address.isLoopback();
}

void writeJson(JsonWriter& out, const LanFigures& figures) {
    out.beginObject();
    out.field("isListening", figures.isListening);
    out.field("listen", figures.listen);
    out.field("problem", figures.problem);
    out.field("canIntroduce", figures.canIntroduce);
    out.field("introductionsOn", figures.introductionsOn);
    out.field("users", figures.users);
    out.field("present", figures.present);
    out.field("silent", figures.silent);
    out.field("gone", figures.gone);
    out.field("unconfirmed", figures.unconfirmed);
    out.field("unstable", figures.unstable);
    out.field("external", figures.external);
    out.field("local", figures.local);
    out.field("rumours", figures.rumours);
    out.field("packetsIn", figures.packetsIn);
    out.field("packetsOut", figures.packetsOut);
    out.field("bytesIn", figures.bytesIn);
    out.field("bytesOut", figures.bytesOut);
    out.field("packetsIgnored", figures.packetsIgnored);
    out.field("listsSent", figures.listsSent);
    out.field("introductionsSent", figures.introductionsSent);
    out.field("introductionsQueued", figures.introductionsQueued);
    out.field("serverUser", figures.serverUser);
    out.field("fingerprint", figures.fingerprint);
    writeItems(out, figures.interfaces, "interfaces");
    out.endObject();
}

void readJson(JsonFields& in, LanFigures& figures) {
    in.read("isListening", figures.isListening);
    in.read("listen", figures.listen);
    in.read("problem", figures.problem);
    in.read("canIntroduce", figures.canIntroduce);
    in.read("introductionsOn", figures.introductionsOn);
    in.read("users", figures.users);
    in.read("present", figures.present);
    in.read("silent", figures.silent);
    in.read("gone", figures.gone);
    in.read("unconfirmed", figures.unconfirmed);
    in.read("unstable", figures.unstable);
    in.read("external", figures.external);
    in.read("local", figures.local);
    in.read("rumours", figures.rumours);
    in.read("packetsIn", figures.packetsIn);
    in.read("packetsOut", figures.packetsOut);
    in.read("bytesIn", figures.bytesIn);
    in.read("bytesOut", figures.bytesOut);
    in.read("packetsIgnored", figures.packetsIgnored);
    in.read("listsSent", figures.listsSent);
    in.read("introductionsSent", figures.introductionsSent);
    in.read("introductionsQueued", figures.introductionsQueued);
    in.read("serverUser", figures.serverUser);
    in.read("fingerprint", figures.fingerprint);
    in.readList("interfaces", figures.interfaces);
}

void writeStatus(JsonWriter& out, const ServiceStatus& status, DataFolder folder) {
    out.beginObject();
    out.field("serverName", status.serverName);
    out.field("version", status.version);
    out.field("startedAt", status.startedAt);
    out.field("now", status.now);
    out.field("uptimeMs", status.uptime);
    if (folder == DataFolder::Shown) out.field("dataFolder", status.dataFolder);
    out.field("wallClockOffsetMs", status.wallClockOffset);
    out.field("residentBytes", status.residentBytes);
    out.field("storeTrouble", status.storeTrouble);
    out.field("certificateFingerprint", status.certificateFingerprint);
    writeItems(out, status.listeners, "listeners");
    out.key("lan");
    writeJson(out, status.lan);
    out.key("problems");
    out.beginObject();
    out.field("notices", status.problems.notices);
    out.field("warnings", status.problems.warnings);
    out.field("problems", status.problems.problems);
    out.endObject();
    out.field("revision", status.revision);
    out.endObject();
}

void writeJson(JsonWriter& out, const ServiceStatus& status) {
    writeStatus(out, status, DataFolder::Shown);
}

void readJson(JsonFields& in, ServiceStatus& status) {
    in.read("serverName", status.serverName);
    in.read("version", status.version);
    in.read("startedAt", status.startedAt);
    in.read("now", status.now);
    in.read("uptimeMs", status.uptime);
    in.read("dataFolder", status.dataFolder);
    in.read("wallClockOffsetMs", status.wallClockOffset);
    in.read("residentBytes", status.residentBytes);
    in.read("storeTrouble", status.storeTrouble);
    in.read("certificateFingerprint", status.certificateFingerprint);
    in.readList("listeners", status.listeners);
    in.readObject("lan", status.lan);
    in.inside("problems", [&status](JsonFields& inner) {
        inner.read("notices", status.problems.notices);
        inner.read("warnings", status.problems.warnings);
        inner.read("problems", status.problems.problems);
    });
    in.read("revision", status.revision);
}

void writeJson(JsonWriter& out, const Capabilities& capabilities) {
    out.beginObject();
    out.field("product", capabilities.product);
    out.field("version", capabilities.version);
    out.field("api", capabilities.api);
    out.field("serverName", capabilities.serverName);
    writeTexts(out, "capabilities", capabilities.capabilities);
    out.endObject();
}

void readJson(JsonFields& in, Capabilities& capabilities) {
    in.read("product", capabilities.product);
    in.read("version", capabilities.version);
    in.read("api", capabilities.api);
    in.read("serverName", capabilities.serverName);
    in.read("capabilities", capabilities.capabilities);
}

}  // namespace causeway::api
