#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/time.h"
#include "shared/model/client_kind.h"

namespace causeway {

using UserId = std::uint64_t;

/// How sure the directory is that a LAN user is there. Only an answer of his address makes him Present.
enum class Presence {
    Unconfirmed,  ///< named by a packet or a list, or known from before a restart; not yet proven
    Present,      ///< his address answered
    Silent,       ///< did not answer the last probes, not yet declared gone
    Gone,         ///< said goodbye, refused, or silent for longer than lan.gone_after
};

/// Why a user counts as unstable. Several can hold; the record names the one that happened last.
enum class UnstableReason {
    Flapping,            ///< enters and leaves again and again
    MissedProbes,        ///< answers some probes and misses others
    RestartWithoutExit,  ///< entered again without having left
    AddressChanges,      ///< same user and host from changing addresses
    SharedAddress,       ///< different users and hosts from the same address
    PortClosed,          ///< host answers, the chat program does not
    DuplicateIdentity,   ///< two living computers use the same user and host name
};

struct Instability {
    UnstableReason reason = UnstableReason::Flapping;
    std::string text;  ///< the reason in words with figures
    std::uint32_t count = 0;
    TimePoint since{};
    TimePoint last{};
    std::optional<TimePoint> ignoredUntil{};
};

/// How this user's client learns of external users.
enum class Delivery {
    None,          ///< nothing works with this client and these settings; the console says what to do
    SignedList,    ///< ANSLIST_DICT, at any time
    PlainList,     ///< ANSLIST, once per entry window
    Introduction,  ///< packets with the real user's source address
    NotNeeded,     ///< a service, or no external user exists
};

struct UserAddress {
    Ip4 address;
    std::uint16_t port = 2425;
    TimePoint firstSeen{};
    TimePoint lastSeen{};
    bool isCurrent = true;
};

/// What happened to a user, newest last; kept bounded.
enum class UserEventKind {
    Entered,
    Confirmed,
    Left,
    BecameSilent,
    DeclaredGone,
    CameBack,
    Renamed,
    Moved,
    Refused,
    RefreshedList,
    MarkedUnstable,
    Calm
};
struct UserEvent {
    TimePoint at{};
    UserEventKind kind = UserEventKind::Entered;
    std::string text;
};

struct LanUser {
    UserId id = 0;
    std::string user;  ///< as on the wire, with fingerprint
    std::string host;
    std::string nick;   ///< UTF-8
    std::string group;  ///< UTF-8
    Ip4 address;        ///< where he answered last
    std::uint16_t port = 2425;
    std::vector<UserAddress> addresses;  ///< newest last, at most 16

    ClientKind kind = ClientKind::Unknown;
    std::string client;        ///< display text, "iptux 0.8.3"
    std::string versionField;  ///< raw
    std::string versionLine;   ///< VS line
    std::string icon;          ///< iptux icon file name
    std::uint32_t flags = 0;
    bool isAway = false;
    std::optional<Ip4> configuredMaster{};  ///< the server that this client was told to use

    Presence presence = Presence::Unconfirmed;
    TimePoint firstSeen{};
    TimePoint lastSeen{};    ///< any packet from him
    TimePoint lastAnswer{};  ///< last answer to a probe; epoch 0 = never
    std::optional<Duration> roundTrip{};

    Network4 segment;  ///< own interface, base segment, range, or the assumed /24
    bool isSegmentAssumed = true;
    bool isOwnSegment = false;  ///< the service has an interface there
    std::string base;           ///< name of the base, empty if none claims the segment

    Delivery delivery = Delivery::None;
    TimePoint lastListAt{};         ///< last list or introduction round to him; epoch 0 = never
    std::uint32_t listedUsers = 0;  ///< how many external users he was told of

    std::optional<Instability> instability{};
    std::uint64_t revision = 0;  ///< grows with every change of any user; the order of changes

    bool isPresent() const { return presence == Presence::Present || presence == Presence::Silent; }
    /// Nickname, or the user name without its fingerprint.
    std::string displayName() const;
};

/// Name words of the enumerators, as in the API ("unconfirmed", "missed-probes", "signed-list", ...).
const char* wordOf(ClientKind kind);
const char* wordOf(Presence presence);
const char* wordOf(UnstableReason reason);
const char* wordOf(Delivery delivery);
const char* wordOf(UserEventKind kind);
std::optional<ClientKind> clientKindOf(std::string_view word);
std::optional<Presence> presenceOf(std::string_view word);
std::optional<UnstableReason> unstableReasonOf(std::string_view word);
std::optional<Delivery> deliveryOf(std::string_view word);
std::optional<UserEventKind> userEventKindOf(std::string_view word);

}  // namespace causeway
