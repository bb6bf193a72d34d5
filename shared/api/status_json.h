#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/ip.h"
#include "shared/base/time.h"
#include "shared/model/base_site.h"

/// /v1/status and /v1/capabilities.
namespace causeway::api {

enum class ListenerState { Listening, Failed, Off };
struct ListenerStatus {
    std::string name;     ///< "admin", "lan-udp"
    std::string address;  ///< the real one, "127.0.0.1:8425"
    ListenerState state = ListenerState::Off;
    std::string problem;  ///< why it failed
};

/// Figures of the LAN directory; discovery::LanStatus on the service side.
struct LanFigures {
    bool isListening = false;
    std::string listen;
    std::string problem;
    bool canIntroduce = false;
    bool introductionsOn = false;
    std::uint64_t users = 0, present = 0, silent = 0, gone = 0, unconfirmed = 0, unstable = 0;
    std::uint64_t external = 0;  ///< users outside the service's own segments
    std::uint64_t local = 0;     ///< users in the service's own segments
    std::uint64_t rumours = 0;
    std::uint64_t packetsIn = 0, packetsOut = 0, bytesIn = 0, bytesOut = 0, packetsIgnored = 0;
    std::uint64_t listsSent = 0, introductionsSent = 0, introductionsQueued = 0;
    std::string serverUser;
    std::string fingerprint;
    std::vector<LanInterface> interfaces;
};

struct ProblemCounts {
    std::uint64_t notices = 0, warnings = 0, problems = 0;  ///< without the muted ones
};

struct ServiceStatus {
    std::string serverName;
    std::string version;
    TimePoint startedAt{};
    TimePoint now{};
    Duration uptime{};
    std::string dataFolder;  ///< empty in events
    Duration wallClockOffset{};
    std::uint64_t residentBytes = 0;
    std::string storeTrouble;
    std::string certificateFingerprint{};  ///< SHA-256 of the admin interface, lower-case hex
    std::vector<ListenerStatus> listeners;
    LanFigures lan;
    ProblemCounts problems;
    std::uint64_t revision = 0;  ///< of the LAN directory
};

struct Capabilities {
    std::string product;  ///< "causeway"
    std::string version;
    std::uint32_t api = 1;
    std::string serverName;
    std::vector<std::string> capabilities;
    bool has(std::string_view capability) const;
};

const char* wordOf(ListenerState state);
std::optional<ListenerState> listenerStateOf(std::string_view word);

/// With or without the data folder: events leave it out.
enum class DataFolder { Shown, Hidden };
void writeStatus(JsonWriter& out, const ServiceStatus& status, DataFolder folder);

void writeJson(JsonWriter& out, const ListenerStatus& listener);
void readJson(JsonFields& in, ListenerStatus& listener);
void writeJson(JsonWriter& out, const LanFigures& figures);
void readJson(JsonFields& in, LanFigures& figures);
void writeJson(JsonWriter& out, const ServiceStatus& status);
void readJson(JsonFields& in, ServiceStatus& status);
void writeJson(JsonWriter& out, const Capabilities& capabilities);
void readJson(JsonFields& in, Capabilities& capabilities);
void writeJson(JsonWriter& out, const LanInterface& interface);
void readJson(JsonFields& in, LanInterface& interface);

}  // namespace causeway::api
