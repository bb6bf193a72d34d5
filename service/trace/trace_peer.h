#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/trace.h"

namespace causeway::trace {

/// What one service counted of the datagrams of the other: to one port of it.
struct PeerPort {
    std::uint16_t port = 0;
    unsigned sent = 0;
    unsigned arrived = 0;
    std::optional<Ip4> source{};  ///< as the far end saw it
    std::optional<std::uint16_t> sourcePort{};
};
/// One direction between two services.
struct PeerDirection {
    std::optional<PeerPort> chat{};  ///< UDP 2425; empty: one of both does not listen there
    std::optional<PeerPort> link{};  ///< the UDP port of the link
    std::vector<PeerPort> voice{};
};
struct PeerCounts {
    Ip4 ownAddress;
    Ip4 peerAddress;
    PeerDirection there;         ///< ours, counted over there
    PeerDirection back;          ///< theirs, counted here
    std::string voiceTrouble{};  ///< why voice was not tested; empty if it was, or was not wanted
};

/// What the linked service has measured so far.
struct PeerProgress {
    std::optional<TraceRow> row{};            ///< of the step that was asked for, finished
    std::optional<TraceEvidence> evidence{};  ///< when all of it is over
    std::string trouble{};                    ///< it is over without evidence, and why
    bool isOver() const { return evidence || !trouble.empty(); }
};

/// The linked service of the target's base, as one trace uses it. Calls block for no longer than they say.
class TracePeer {
public:
    virtual ~TracePeer() = default;
    /// "the service of base Osaka"
    virtual std::string name() = 0;
    /// Why it cannot measure now; empty if it can.
    virtual std::string trouble() = 0;
    /// Begins to measure from there.
    virtual Result<std::uint32_t> measure(Ip4 target, std::uint16_t port, const std::vector<TraceStep>& steps) = 0;
    /// Waits until that step is finished or all is over, at most `patience`.
    virtual PeerProgress progress(std::uint32_t id, TraceStep step, Duration patience) = 0;
    virtual void stop(std::uint32_t id) = 0;
    /// Datagrams both ways; takes some four seconds. `pause` waits for stragglers.
    virtual Result<PeerCounts> count(bool withVoice, const std::function<void(Duration)>& pause) = 0;
};

}  // namespace causeway::trace
