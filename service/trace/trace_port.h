#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/trace_report.h"

namespace causeway::trace {

/// Packet traces, as the admin interface sees them. Any thread; no call waits for the network.
class TracePort {
public:
    virtual ~TracePort() = default;

    /// Errors: BadInput (no target, unknown user, not one host's address, too many minutes), Busy (kMostRunning run),
    /// Unavailable (the LAN directory is off).
    virtual Result<TraceReport> start(const TraceRequest& wanted, const std::string& by) = 0;
    /// Ends it at the next packet; what was measured stays and is judged. NotFound.
    virtual Result<TraceReport> stop(std::uint64_t id) = 0;
    virtual Result<TraceReport> trace(std::uint64_t id) = 0;
    /// Newest first, at most kMostKept, those of earlier runs of the service among them. Rows without details.
    virtual Result<std::vector<TraceReport>> traces() = 0;
    virtual Result<void> remove(std::uint64_t id) = 0;  ///< Conflict while it runs
    /// The packets of the trace as a pcapng file, each with a comment that names its step. NotFound also when the
    /// service was started since.
    virtual Result<std::string> capture(std::uint64_t id) = 0;

    static constexpr std::size_t kMostRunning = 4;
    static constexpr std::size_t kMostKept = 200;
};

/// Told on any thread; must not block.
class TraceObserver {
public:
    virtual ~TraceObserver() = default;
    virtual void traceChanged(std::uint64_t id) = 0;
    virtual void traceRemoved(std::uint64_t id) = 0;
};

}  // namespace causeway::trace
