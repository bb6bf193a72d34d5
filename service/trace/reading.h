#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/model/trace.h"

namespace causeway::trace {

/// What the numbers of one leg say, with silence read carefully. Unknown is never the same as Silent.
enum class Heard : std::uint8_t { Unknown, Silent, Answers };

/// One user of the pair: his leg from the other base and the one from his own.
struct Side {
    TraceSubject who = TraceSubject::Y;
    std::string name;
    std::string otherName;
    Ip4 address;
    const TraceEvidence* cross = nullptr;  ///< from the other user's base; empty for X without a linked service
    TraceLeg crossLeg = TraceLeg::AToY;
    const TraceEvidence* local = nullptr;  ///< from his own base
    TraceLeg localLeg = TraceLeg::BToY;
    const TraceEvidence* peer = nullptr;  ///< service to service, in the direction of `cross`
    TraceLeg peerLeg = TraceLeg::AToPeer;
    const TraceEvidence* peerBack = nullptr;  ///< the other direction between the services
    bool isPeerInSegment = false;             ///< the service at the end of `peer` is a computer of his segment
};
Side sideY(const TracePair& pair);
Side sideX(const TracePair& pair);

/// UDP questions that the target would answer, and his answers: chat, join, warm, cold and repeated probes.
struct Count {
    unsigned tries = 0;
    unsigned answers = 0;
};
Count udpCount(const TraceEvidence& leg);
/// Some answers to small packets were lost, so that a few silent questions prove nothing.
bool isLossy(const TraceEvidence& leg);
Heard udpOf(const TraceEvidence* leg);
Heard echoOf(const TraceEvidence* leg);
bool tcpIs(const TraceEvidence* leg, TcpOutcome outcome);
/// The target itself refused UDP 2425.
bool isUdpRefused(const TraceEvidence* leg);
/// Something but UDP 2425 proves that the target lives: TCP, echo, a path column, its hardware address, its packets.
bool isAlive(const TraceEvidence* leg);
/// The same without the table of neighbours, which believes in a computer for up to a minute after it was switched off.
bool isHeardAlive(const TraceEvidence* leg);
/// TCP connected or echo answered: the road carries other things than UDP 2425.
bool isRoadOpen(const TraceEvidence* leg);

/// Other computers of his segment, asked over the same road; the linked service counts as one of them.
Heard matesUdp(const Side& side);
Heard matesTcp(const Side& side);
/// Computers of other segments of his base.
Heard baseMatesUdp(const Side& side);

/// An ICMP error for one of our packets, with the hop that sent it.
struct FoundError {
    IcmpError error;
    TraceProtocol protocol = TraceProtocol::Udp;
    TraceStep step = TraceStep::ChatProbe;
    std::optional<unsigned> hop{};
};
using ErrorTest = bool (*)(const TraceEvidence& leg, const IcmpError& error);
/// The first error on UDP, or on TCP, that the test accepts.
std::optional<FoundError> findError(const TraceEvidence* leg, TraceProtocol protocol, ErrorTest test);
/// On any protocol.
std::optional<FoundError> findError(const TraceEvidence* leg, ErrorTest test);
bool isFromRouter(const TraceEvidence& leg, const IcmpError& error);
/// A router, not the target and not we ourselves, says that a rule forbids the packet.
bool isRouterFilter(const TraceEvidence& leg, const IcmpError& error);

/// Where a column ends: the last hop that answered before the target.
struct RoadEnd {
    unsigned hop = 0;
    std::optional<Ip4> address{};
};
RoadEnd endOf(const PathColumn& column);
/// Columns that were measured; at most three.
std::vector<const PathColumn*> columnsOf(const TraceEvidence* leg);
/// A router that a packet met twice, with another one between.
std::optional<RoadEnd> loopIn(const TraceEvidence* leg);
/// The target's hop number, from a column that reached it.
std::optional<unsigned> hopsTo(const TraceEvidence* leg);
/// Hop number of the measuring service as the target sees it, from the time to live of an answer.
std::optional<unsigned> hopsBackGuess(const TraceEvidence* leg);

/// Hop counts of both directions that differ by two or more.
struct Asymmetry {
    unsigned there = 0;
    unsigned back = 0;
    bool isGuess = false;  ///< the way back is only known from a time to live
};
std::optional<Asymmetry> asymmetryOf(const TracePair& pair);

/// The far side saw another source address or port than ours.
const NatFacts* translationOf(const TracePair& pair);

/// Proof that UDP 2425 passes in one direction and not in the other.
struct OneWayProof {
    TraceDirection broken = TraceDirection::AToB;
    Certainty certainty = Certainty::Possible;
    std::vector<VerdictProof> proofs{};
};
std::optional<OneWayProof> oneWayOf(const TracePair& pair);

/// Losses of packets that are usually answered.
struct Loss {
    unsigned tries = 0;
    unsigned lost = 0;
    std::vector<TimePoint> times{};
    unsigned percent() const { return tries == 0 ? 0 : lost * 100 / tries; }
};
Loss lossOf(const TraceEvidence& leg);

/// Whether several addresses carry one identity, and whose fault that is.
enum class IdentityConflict : std::uint8_t { None, Unclear, TwoCards, TwoComputers };
IdentityConflict identityOf(const Side& side);
const NameFacts* namesOf(const Side& side);

}  // namespace causeway::trace
