#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/time.h"

namespace causeway {

/// The packet trace: "user X of base A does not see user Y of base B". Commands in the order of the page, what they
/// measured, and the verdict. Nothing here talks to a network: a runner fills a TracePair step by step, the rules of
/// service/trace judge it. "Not measured" is an empty optional and never the same as "no".

// ---- The commands ------------------------------------------------------------------------------------------------

/// The numbers are those of the page, 0..16.
enum class TraceStep : std::uint8_t {
    SelfCheck,
    WhoIsWho,
    Segment,
    Neighbour,
    Echo,
    ChatProbe,
    JoinProbe,
    FilePort,
    Path,
    PathBack,
    SizeSweep,
    Nat,
    Broadcast,
    VoicePorts,
    Lists,
    Repeat,
    Verdict,
    // The domain trace: "alice@chat.example.com cannot log in". Numbers 17 and up; they never stand beside the others.
    DomainKnown,
    DomainRecords,
    DomainAddresses,
    DomainTcp,
    DomainTls,
    DomainCertificate,
    DomainStream,
    DomainMechanisms,
    DomainDirectory,
    DomainPerson,
    DomainSession
};
constexpr std::size_t kTraceSteps = 17;   ///< of a trace between two users
constexpr std::size_t kDomainSteps = 11;  ///< of a domain trace, without the verdict

/// What a step cannot do without.
enum class TraceNeed : std::uint8_t {
    None,
    RawSocketHelper,  ///< ICMP sockets opened to this service by the system, or a raw socket
    PeerService,      ///< a linked service in the other base
    Consent           ///< the administrator allows it each time: it reads what users see
};

struct TraceStepInfo {
    TraceStep step = TraceStep::SelfCheck;
    const char* word = "";   ///< stable, in API and reports: "chat-probe"
    const char* title = "";  ///< for people: "Chat probe"
    const char* help = "";   ///< help text of the page, ready to show
    TraceNeed need = TraceNeed::None;
    const char* gains = "";  ///< what a helper or a peer would add where the step runs without; may be empty
    Duration budget{};       ///< 0 for steps that only think, and for Repeat, whose length is chosen
    bool isQuick = false;    ///< part of the quick trace
};

/// All steps of a trace between two users, in order.
const std::array<TraceStepInfo, kTraceSteps>& traceSteps();
/// All steps of a domain trace, in order; the verdict follows.
const std::array<TraceStepInfo, kDomainSteps>& domainTraceSteps();
const TraceStepInfo& infoOf(TraceStep step);

enum class TraceGrade : std::uint8_t {
    Waiting,
    Running,
    Fine,
    Partly,
    Failed,
    NotMeasured  ///< a privilege, a peer or consent is missing: shown grey, never red
};

/// Whose road was measured. X is the user who complains, Y the one who is not seen; A and B are their bases.
enum class TraceLeg : std::uint8_t {
    AToY,     ///< our service to Y: stands for X to Y
    BToX,     ///< the linked service to X: stands for Y to X
    AToX,     ///< our service to X, inside base A
    BToY,     ///< the linked service to Y, inside base B
    AToPeer,  ///< our service to the linked service
    PeerToA   ///< the linked service to ours
};

enum class TraceProtocol : std::uint8_t { Icmp, Udp, Tcp };

struct TraceHop {
    unsigned ttl = 0;
    bool isAnswered = false;     ///< something told us that the packet died here or arrived
    std::optional<Ip4> address;  ///< empty for TCP without the helper
    std::optional<Duration> roundTrip;
    std::optional<std::uint8_t> type;  ///< of the ICMP answer
    std::optional<std::uint8_t> code;
    unsigned sent = 0;
    unsigned lost = 0;
};
/// Steps 8 and 9: one column of the path.
struct PathColumn {
    std::vector<TraceHop> hops;    ///< ttl 1, 2, ...; silent hops are there too
    bool isTargetReached = false;  ///< the target itself answered, by whatever means
    /// ttl of the last hop that answered; 0 if none did.
    unsigned lastAnswered() const;
    const TraceHop* hop(unsigned ttl) const;
};
struct PathFacts {
    std::optional<PathColumn> icmp;
    std::optional<PathColumn> udp;
    std::optional<PathColumn> tcp;
};

/// One line of the evidence table.
struct TraceRow {
    TraceStep step = TraceStep::SelfCheck;
    TraceLeg leg = TraceLeg::AToY;
    TraceGrade grade = TraceGrade::Waiting;
    std::string result;                ///< short: "3 of 3 answered in 0.4 ms"
    std::vector<std::string> details;  ///< one line each
    TimePoint started{};               ///< epoch 0 = not started
    Duration took{};
    std::string method;               ///< "UDP from port 2425", "error queue", "TCP connect"
    std::string gains;                ///< what a missing privilege or peer would add
    std::optional<PathFacts> path{};  ///< of steps 8 and 9: the hops, for the picture
    std::string by{};                 ///< "the service of base Osaka"; empty: this service measured it
};

// ---- The evidence ------------------------------------------------------------------------------------------------

/// An ICMP error that came for one of our packets.
struct IcmpError {
    Ip4 from;
    std::uint8_t type = 3;
    std::uint8_t code = 0;
    std::uint16_t mtu = 0;  ///< of type 3 code 4

    bool isPortClosed() const { return type == 3 && code == 3; }
    bool isProhibited() const { return type == 3 && (code == 9 || code == 10 || code == 13); }
    bool isNoRoute() const { return type == 3 && (code == 0 || code == 6 || code == 11); }
    bool isHostUnreachable() const { return type == 3 && (code == 1 || code == 7 || code == 12); }
    bool isTooBig() const { return type == 3 && code == 4; }
    bool isTimeExceeded() const { return type == 11 && code == 0; }
    friend bool operator==(const IcmpError&, const IcmpError&) = default;
};

/// Step 0.
struct SelfFacts {
    std::optional<bool> isUdpBound;      ///< our socket has UDP 2425
    std::optional<bool> isTcpBound;      ///< our socket has TCP 2425
    std::string portHolder;              ///< the program that has the port instead, empty if unknown
    std::optional<bool> hasInterface;    ///< a network card is up and has an address
    std::optional<bool> hasRoute;        ///< a route towards the target exists
    std::optional<bool> isFirewallOpen;  ///< own firewall lets UDP and TCP 2425 in
    std::string interfaceName;
    std::optional<std::uint16_t> mtu;
};

/// One address of an identity (user and host as in the entry packet).
struct IdentityAddress {
    Ip4 address;
    std::string host;                 ///< host name in its packets
    std::string hardware;             ///< MAC, empty if unknown
    std::optional<Duration> age;      ///< since its last packet
    std::optional<bool> isAnswering;  ///< answered a probe of this trace
    std::optional<Ip4> answeredFrom;  ///< the answer came from there instead
};

/// Step 1, about the target.
struct NameFacts {
    std::optional<std::vector<Ip4>> dnsAddresses;  ///< empty vector: asked, no such name
    std::optional<Ip4> directoryAddress;           ///< source of his newest packet
    std::optional<Duration> directoryAge;          ///< age of that packet
    std::optional<bool> isInDirectory;
    std::optional<std::vector<IdentityAddress>> identity;  ///< the addresses and hosts that this identity uses now
    /// The packet numbers and versions of these addresses come from one program (one counter), or from several.
    std::optional<bool> isOneProgram;
    std::optional<std::vector<Ip4>> masters;  ///< member masters that answered in his segment
};

/// Step 2.
struct SegmentFacts {
    std::optional<bool> isSameSegment;  ///< the measuring service and the target share a broadcast domain
    std::vector<Network4> own;          ///< networks of the base that measures
    std::vector<Network4> far;          ///< networks of the target's base; empty if it is the same base
};

enum class NeighbourState : std::uint8_t { Found, Missing };
/// Step 3: the target if it is in the same segment, else the gateway.
struct NeighbourFacts {
    NeighbourState state = NeighbourState::Found;
    Ip4 address;
    bool isGateway = false;
    std::vector<std::string> hardware;  ///< two different ones: an address conflict
};

/// Steps 4 to 6: packets with one question each.
struct ProbeFacts {
    unsigned tries = 0;
    unsigned answers = 0;
    /// Chat probe: nothing came from the target for 120 s or longer before the first packet. Empty: not known.
    std::optional<bool> isCold;
    std::optional<Duration> sinceTargetSpoke;  ///< age of his last packet when the first probe left
    std::optional<Duration> roundTrip;         ///< the best one
    std::optional<std::uint8_t> replyTtl;
    std::optional<Ip4> answeredFrom;  ///< if it was not the address asked
    std::vector<IcmpError> errors;
};

enum class TcpOutcome : std::uint8_t { Connected, Refused, Timeout, Unreachable };
/// Step 7.
struct TcpFacts {
    TcpOutcome outcome = TcpOutcome::Timeout;
    std::vector<IcmpError> errors;  ///< address and code of Unreachable, as far as the system tells
    Duration took{};
};

/// Step 10: one size, asked `sent` times.
struct SizeProbe {
    std::uint16_t payload = 0;  ///< UDP payload bytes
    bool isDontFragment = false;
    unsigned sent = 0;  ///< 0: the own card is too small for it (not a fault of the path)
    unsigned answers = 0;
    std::optional<std::uint16_t> tooBigMtu;  ///< "fragmentation needed" came, with this MTU
};

/// Step 11: how the far side saw packets of the measuring service.
struct NatFacts {
    Ip4 ownAddress;
    std::uint16_t ownPort = 2425;
    std::optional<Ip4> seenAddress;
    std::optional<std::uint16_t> seenPort;
    std::string seenBy;                          ///< "the service of base Munich", "the list of bob"
    std::optional<bool> isSourceOutsidePoll;     ///< a DIR_POLL names networks that do not hold its source
    std::optional<unsigned> usersBehindAddress;  ///< different identities from the target's address and base
};

/// Step 12: the segment of the measuring service. Only users that answered within the last minutes are known.
struct BroadcastFacts {
    unsigned known = 0;
    unsigned broadcastAnswers = 0;
    unsigned unicastAnswers = 0;
};

enum class VoiceOutcome : std::uint8_t { Echoed, Refused, Silent };
/// Step 13. Between services Echoed is "arrived at the far end", counted there. To a PC Refused proves an open way and
/// Silent proves nothing.
struct VoicePort {
    std::uint16_t port = 0;
    VoiceOutcome outcome = VoiceOutcome::Silent;
};

/// Other computers, asked in the same way as the target within the same minute. Only those count that are known to run
/// and would answer the question (an iptux does not answer the chat probe); the target is not among them.
struct MateFacts {
    unsigned asked = 0;  ///< UDP 2425
    unsigned answered = 0;
    /// Of those that answered: how many questions they were asked in all, and how many came back. Tells of losses.
    unsigned answeringTries = 0;
    unsigned answeringReplies = 0;
    unsigned hostUnreachable = 0;  ///< of the silent ones: a router said "host unreachable"
    unsigned tcpAsked = 0;
    unsigned tcpConnected = 0;  ///< or refused: the way is open
    unsigned neighbourAsked = 0;
    unsigned neighbourFound = 0;
};

/// Packets that came without our asking, while the trace ran and shortly before.
struct HeardFacts {
    unsigned fromTarget = 0;
    std::optional<Duration> newest;  ///< age of the newest one from the target at the end of the probes
    unsigned fromMates = 0;          ///< from other computers of his segment
};

/// UDP 2425 between linked services, counted at the far end: the only measurement of one direction by itself.
struct OneWayFacts {
    unsigned sent = 0;
    unsigned arrived = 0;
};

struct RepeatSample {
    TimePoint at{};
    TraceProtocol protocol = TraceProtocol::Udp;
    bool isAnswered = false;
};

/// The chat probe, asked again at a known age of the target's last packet.
struct StateProbe {
    Duration sinceTargetSpoke{};
    unsigned tries = 0;
    unsigned answers = 0;
};

/// What one service measured towards one target. Every member is empty until its step has run.
struct TraceEvidence {
    std::string from;  ///< for people: "this service", "the service of base Munich"
    std::string to;
    Ip4 fromAddress;
    Ip4 toAddress;  ///< 0.0.0.0: the name gave none
    std::uint16_t port = 2425;
    /// The target's program answers GETINFO (Windows, Mac, Causeway) or not (iptux). Empty: kind not known.
    std::optional<bool> answersChatProbe;

    std::optional<SelfFacts> self;                       // 0
    std::optional<NameFacts> name;                       // 1
    std::optional<SegmentFacts> segment;                 // 2
    std::optional<NeighbourFacts> neighbour;             // 3
    std::optional<ProbeFacts> echo;                      // 4
    std::optional<ProbeFacts> chatProbe;                 // 5
    std::optional<ProbeFacts> joinProbe;                 // 6
    std::optional<TcpFacts> tcp;                         // 7
    std::optional<PathFacts> path;                       // 8, of BToX and PeerToA: 9
    std::optional<std::vector<SizeProbe>> sizes;         // 10
    std::optional<NatFacts> nat;                         // 11
    std::optional<BroadcastFacts> broadcast;             // 12
    std::optional<std::vector<VoicePort>> voice;         // 13, only between services
    std::optional<std::vector<RepeatSample>> repeat;     // 15
    std::optional<std::vector<StateProbe>> stateProbes;  // 5, warm and cold
    std::optional<MateFacts> segmentMates;               // same segment as the target
    std::optional<MateFacts> baseMates;                  // same base, other segments
    std::optional<HeardFacts> heard;
    std::optional<OneWayFacts> oneWay;  // AToPeer and PeerToA
};

/// Step 14.
struct ListFacts {
    std::optional<bool> hasXY;            ///< X's list has Y
    std::optional<bool> hasYX;            ///< Y's list has X
    std::optional<bool> isListDelivered;  ///< our service handed Y to X and knows that it arrived
    /// Users of X's own segment that the service hears now, and how many of them X's list has. For Y likewise.
    std::optional<unsigned> xMatesKnown, xMatesListed;
    std::optional<unsigned> yMatesKnown, yMatesListed;
};

/// All that is known about a pair. Our own service is always one vantage; a linked service in base B is the second.
struct TracePair {
    std::string x, y;          ///< names for people
    std::string baseA, baseB;  ///< empty if no base claims them
    Ip4 xAddress, yAddress;
    bool hasPeer = false;                     ///< a linked service in base B took part
    std::optional<bool> isSameSegment;        ///< X and Y share a broadcast domain
    std::optional<bool> isPeerInYSegment;     ///< the linked service sits in Y's segment
    std::optional<bool> isServiceInXSegment;  ///< our service sits in X's segment

    TraceEvidence aToY;
    std::optional<TraceEvidence> bToX, aToX, bToY, aToPeer, peerToA;
    ListFacts lists;

    const TraceEvidence* leg(TraceLeg which) const;
    /// Makes the leg if it is not there.
    TraceEvidence& legOf(TraceLeg which);
};

// ---- The verdict -------------------------------------------------------------------------------------------------

enum class VerdictCode : std::uint8_t {
    Ok,
    SelfFault,
    NameUnresolved,
    NameStale,
    SubnetOverlap,
    HostOff,
    NeighbourMissing,
    ClientNotRunning,
    IcmpOnlyFiltered,
    HostFirewallUdp,
    HostFirewallStateful,
    PathFilterUdp,
    PathFilterTcp,
    RouteMissing,
    RouteLoop,
    OneWay,
    Asymmetric,
    MtuBlackhole,
    FragmentsDropped,
    Nat,
    BroadcastBlocked,
    ClientIsolation,
    TcpOnlyBlocked,
    RtpBlocked,
    WrongNic,
    DuplicateIdentity,
    DuplicateMaster,
    ListNotDelivered,
    Intermittent,
    NotEnoughEvidence,
    // Of domain traces, which also use Ok and NotEnoughEvidence.
    DomainUnknown,
    DomainDisabled,
    SrvMissing,
    SrvWrong,
    SrvTargetInvalid,  ///< names an IP address or an alias
    SrvNoAddress,
    ResolverSilent,
    SupernodeClosed,
    SupernodeSilent,
    TlsFailed,
    TlsExpired,
    TlsName,
    TlsUntrusted,
    DirectoryCannotAsk,
    UserUnknown,
    PasswordWrong,
    UserDisabled,
    GroupRefuses
};
constexpr std::size_t kVerdictCodes = 48;

enum class Certainty : std::uint8_t { Certain, Likely, Possible };

/// Which of the two users, or what between them, the verdict is about.
enum class TraceSubject : std::uint8_t { X, Y, Between, Service };

enum class TraceDirection : std::uint8_t { AToB, BToA };

struct VerdictParameters {
    std::optional<Ip4> hopAddress;
    std::optional<unsigned> hopNumber;        ///< ttl as seen from the service that measured
    std::optional<std::uint32_t> size;        ///< largest UDP payload that passes
    std::optional<TraceDirection> direction;  ///< the direction that does not work
    std::vector<std::uint16_t> ports;
    std::optional<unsigned> lossPercent;
    std::vector<TimePoint> times;  ///< of the first losses, at most 8
};

struct RemedyStep {
    std::string text;
    std::string command{};  ///< ready to copy, with the real addresses and ports; may be empty
};

/// A proof of a verdict: a step on a leg.
struct VerdictProof {
    TraceStep step = TraceStep::SelfCheck;
    TraceLeg leg = TraceLeg::AToY;
    friend bool operator==(const VerdictProof&, const VerdictProof&) = default;
};

struct Verdict {
    VerdictCode code = VerdictCode::NotEnoughEvidence;
    Certainty certainty = Certainty::Possible;
    TraceSubject about = TraceSubject::Between;
    VerdictParameters parameters;
    std::string sentence;  ///< what happened, why as far as proven, and from how many vantages
    std::vector<RemedyStep> remedy;
    std::vector<VerdictProof> proofs;
    std::optional<TraceStep> missing{};  ///< the step that would make it certain, or possible at all
    std::string missingText;             ///< what to do to get it
};

const char* wordOf(TraceStep step);            ///< "chat-probe"
const char* wordOf(TraceNeed need);            ///< "none", "raw-socket-helper", "peer-service", "consent"
const char* wordOf(TraceGrade grade);          ///< "waiting", "running", "fine", "partly", "failed", "not-measured"
const char* wordOf(TraceLeg leg);              ///< "a-to-y", "b-to-x", "a-to-x", "b-to-y", "a-to-peer", "peer-to-a"
const char* wordOf(TraceProtocol protocol);    ///< "icmp", "udp", "tcp"
const char* wordOf(TcpOutcome outcome);        ///< "connected", "refused", "timeout", "unreachable"
const char* wordOf(VoiceOutcome outcome);      ///< "echoed", "refused", "silent"
const char* wordOf(VerdictCode code);          ///< "PATH_FILTER_UDP"
const char* wordOf(Certainty certainty);       ///< "certain", "likely", "possible"
const char* wordOf(TraceSubject subject);      ///< "x", "y", "between", "service"
const char* wordOf(TraceDirection direction);  ///< "a-to-b", "b-to-a"
std::optional<TraceStep> traceStepOf(std::string_view word);
std::optional<TraceNeed> traceNeedOf(std::string_view word);
std::optional<TraceGrade> traceGradeOf(std::string_view word);
std::optional<TraceLeg> traceLegOf(std::string_view word);
std::optional<TraceProtocol> traceProtocolOf(std::string_view word);
std::optional<TcpOutcome> tcpOutcomeOf(std::string_view word);
std::optional<VoiceOutcome> voiceOutcomeOf(std::string_view word);
std::optional<VerdictCode> verdictCodeOf(std::string_view word);
std::optional<Certainty> certaintyOf(std::string_view word);
std::optional<TraceSubject> traceSubjectOf(std::string_view word);
std::optional<TraceDirection> traceDirectionOf(std::string_view word);

/// Name of the docs page of a verdict: "path-filter-udp".
std::string pageOf(VerdictCode code);

}  // namespace causeway
