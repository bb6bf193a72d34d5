#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/secret.h"
#include "shared/model/lan_user.h"
#include "shared/model/trace.h"

namespace causeway {

/// What an administrator wants traced. X and Y are a user of the directory, an address or a name; the service itself
/// stands for X if that is empty.
struct TraceRequest {
    std::string from;                 ///< X as typed; empty: from this service
    std::string to;                   ///< Y as typed
    UserId fromUser = 0;              ///< X as a user of the directory; goes before `from`
    UserId toUser = 0;                ///< Y
    bool isQuick = true;              ///< the steps that are part of the quick trace
    bool readLists = false;           ///< consent to step 14
    std::vector<TraceStep> only{};    ///< these steps and no others, whatever isQuick says; empty: as isQuick says
    std::uint32_t repeatMinutes = 0;  ///< step 15; 0 = not

    // A domain trace; of the members above only `isQuick` is left to it, which makes no difference there.
    std::string user{};                    ///< "alice@chat.example.com"; goes before `domain`
    std::string domain{};                  ///< "chat.example.com": the domain alone
    std::vector<std::string> resolvers{};  ///< to be asked beside this server and the system's, at most 8
    Secret password{};                     ///< of `user`: used once, never kept, written or shown
    bool isOfDomain() const { return !user.empty() || !domain.empty(); }

    static constexpr std::uint32_t kMostRepeatMinutes = 24 * 60;
};

enum class TraceState : std::uint8_t { Running, Finished, Stopped, Failed };

/// One trace, running or of the past.
struct TraceReport {
    std::uint64_t id = 0;
    TraceRequest request;
    std::string by;  ///< who started it
    TraceState state = TraceState::Running;
    std::string trouble;  ///< of Failed
    TimePoint startedAt{};
    TimePoint finishedAt{};  ///< epoch 0 = running
    std::string x, y;        ///< names for people
    Ip4 xAddress, yAddress;
    std::vector<TraceRow> rows;     ///< in the order of the page; steps that were not asked for are not there
    std::vector<Verdict> verdicts;  ///< empty while it runs; the first is the verdict
    std::uint32_t packetsSent = 0;
    std::uint32_t packetsReceived = 0;
    std::uint64_t revision = 0;  ///< grows with every change of this trace

    const Verdict* verdict() const { return verdicts.empty() ? nullptr : &verdicts.front(); }
};

const char* wordOf(TraceState state);  ///< "running", "finished", "stopped", "failed"
std::optional<TraceState> traceStateOf(std::string_view word);

}  // namespace causeway
