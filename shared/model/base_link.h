#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/time.h"

namespace causeway {

enum class LinkState : std::uint8_t {
    Invited,       ///< an invitation is open, nobody has used it yet
    Linked,        ///< connected, and the other side answers
    NotAnswering,  ///< pinned, but there is no connection
    OtherVersion,  ///< connected before, the other side speaks another link protocol
    Refused        ///< one of both does not accept the other's certificate any more
};

/// How far the other side's clock is from ours: its time minus ours, off by at most `bound`.
struct ClockOffset {
    Duration offset{};
    Duration bound{};
};

/// The link of this service with that of another base, as administrators see it.
struct BaseLink {
    std::uint64_t base = 0;  ///< id of the base; one link each
    std::string baseName;
    LinkState state = LinkState::NotAnswering;
    TimePoint since{};           ///< of the state
    std::string sentence;        ///< what the state means here, and why
    std::string todo{};          ///< what to do next; empty if nothing
    bool isDialling = false;     ///< this side connects to the other; else it waits for it
    std::string address{};       ///< "10.2.0.2:8426", or where it came from
    std::string fingerprint{};   ///< of the pinned certificate; empty of an invitation
    std::string service{};       ///< how the other side calls itself
    std::string version{};       ///< of its program
    std::uint32_t protocol = 0;  ///< of the link; 0 = not known
    std::optional<ClockOffset> clock{};
    std::optional<Duration> roundTrip{};
    std::vector<Network4> segments{};  ///< as the other side says
    std::optional<TimePoint> lastHeard{};
    std::optional<TimePoint> invitationEnds{};
};

/// What this service shows to the others.
struct LinkHouse {
    std::string fingerprint;        ///< of its own link certificate
    std::string listen;             ///< "0.0.0.0:8426"; empty: nobody can connect to it
    std::string problem{};          ///< why it does not listen although it should
    std::vector<BaseLink> links{};  ///< by the name of the base
};

/// One line for the administrator of the other side.
struct LinkInvitation {
    std::string baseName;
    std::string text;
    TimePoint endsAt{};
};

/// What is kept of a link.
struct LinkRecord {
    std::uint64_t base = 0;
    std::string host;  ///< where to connect to; empty if the other side connects
    std::uint16_t port = 0;
    std::string fingerprint;
    std::string service{};  ///< as the other side called itself
    TimePoint linkedAt{};
    bool isDialling() const { return !host.empty(); }
};
/// What is kept of an invitation; the token itself is not.
struct InvitationRecord {
    std::string tokenHash;  ///< SHA-256, hex
    std::uint64_t base = 0;
    TimePoint madeAt{};
    TimePoint expiresAt{};
    std::optional<TimePoint> usedAt{};
};

const char* wordOf(LinkState state);  ///< "invited", "linked", "not-answering", "other-version", "refused"
std::optional<LinkState> linkStateOf(std::string_view word);

}  // namespace causeway
