#pragma once

#include <string>
#include <vector>

#include "shared/model/trace.h"

namespace causeway::trace::test {

/// Two bases, a router each: X, service A in 10.1.0.0/24 behind R1; Y, service B in 10.2.0.0/24 behind R2.
inline Ip4 ip(const char* text) {
    return *Ip4::parse(text);
}
inline const Ip4 kX = ip("10.1.0.11");
inline const Ip4 kY = ip("10.2.0.11");
inline const Ip4 kServiceA = ip("10.1.0.5");
inline const Ip4 kServiceB = ip("10.2.0.5");
inline const Ip4 kRouter1 = ip("10.1.0.1");
inline const Ip4 kRouter2 = ip("10.9.0.2");
inline const Ip4 kRouter1Back = ip("10.9.0.1");
inline const Ip4 kRouter2Back = ip("10.2.0.1");

inline ProbeFacts probe(unsigned tries, unsigned answers) {
    ProbeFacts facts;
    facts.tries = tries;
    facts.answers = answers;
    facts.isCold = true;
    return facts;
}
inline TcpFacts tcp(TcpOutcome outcome) {
    TcpFacts facts;
    facts.outcome = outcome;
    return facts;
}
inline IcmpError icmp(Ip4 from, int type, int code) {
    return {from, static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(code), 0};
}
inline MateFacts mates(unsigned asked, unsigned answered) {
    MateFacts facts;
    facts.asked = asked;
    facts.answered = answered;
    facts.tcpAsked = asked;
    facts.tcpConnected = answered;
    return facts;
}
/// A column of these hops; 0.0.0.0 is a silent one.
inline PathColumn column(const std::vector<Ip4>& hops, bool isReached) {
    PathColumn out;
    out.isTargetReached = isReached;
    for (const auto address : hops) {
        TraceHop hop;
        hop.ttl = static_cast<unsigned>(out.hops.size()) + 1;
        hop.sent = 3;
        hop.isAnswered = !address.isAny();
        if (hop.isAnswered) {
            hop.address = address;
            hop.type = std::uint8_t{11};
            hop.code = std::uint8_t{0};
        } else {
            hop.lost = 3;
        }
        out.hops.push_back(hop);
    }
    return out;
}

enum class Place { SameSegment, OtherBase };

/// A leg on which all is well, as an unprivileged service measures it: no echo, no ICMP column.
inline TraceEvidence fine(Ip4 from, Ip4 to, Place place) {
    TraceEvidence leg;
    leg.fromAddress = from;
    leg.toAddress = to;
    leg.answersChatProbe = true;
    SelfFacts self;
    self.isUdpBound = true;
    self.isTcpBound = true;
    self.hasInterface = true;
    self.hasRoute = true;
    leg.self = self;
    NameFacts name;
    name.dnsAddresses = std::vector{to};
    name.directoryAddress = to;
    name.directoryAge = 300s;
    name.identity = std::vector{IdentityAddress{to, "pc", "02:00:00:00:00:01", 300s, true, {}}};
    leg.name = name;
    leg.chatProbe = probe(3, 3);
    leg.joinProbe = probe(1, 1);
    leg.tcp = tcp(TcpOutcome::Connected);
    leg.segmentMates = mates(2, 2);
    SegmentFacts segment;
    segment.isSameSegment = place == Place::SameSegment;
    segment.own = {Network4::of(from, 24)};
    if (place == Place::OtherBase) segment.far = {Network4::of(to, 24)};
    leg.segment = segment;
    NeighbourFacts neighbour;
    neighbour.isGateway = place == Place::OtherBase;
    neighbour.address = place == Place::SameSegment ? to : Ip4{(from.value & 0xFFFFFF00U) | 1U};
    neighbour.hardware = {"02:00:00:00:00:01"};
    leg.neighbour = neighbour;
    leg.heard = HeardFacts{};
    if (place == Place::OtherBase) {
        PathFacts path;
        const bool isToB = to.value >> 16 == kY.value >> 16;
        const std::vector<Ip4> hops =
            isToB ? std::vector{kRouter1, kRouter2, to} : std::vector{kRouter2Back, kRouter1Back, to};
        path.udp = column(hops, true);
        path.tcp = column(hops, true);
        leg.path = path;
    }
    return leg;
}

enum class Vantage { OurOnly, Both };

/// A pair for which all is well.
inline TracePair finePair(Vantage vantage = Vantage::OurOnly) {
    TracePair pair;
    pair.x = "xavier";
    pair.y = "yvonne";
    pair.baseA = "Augsburg";
    pair.baseB = "Berlin";
    pair.xAddress = kX;
    pair.yAddress = kY;
    pair.isSameSegment = false;
    pair.isServiceInXSegment = true;
    pair.aToY = fine(kServiceA, kY, Place::OtherBase);
    pair.aToX = fine(kServiceA, kX, Place::SameSegment);
    pair.lists.hasXY = true;
    if (vantage == Vantage::OurOnly) return pair;
    pair.hasPeer = true;
    pair.isPeerInYSegment = true;
    pair.bToX = fine(kServiceB, kX, Place::OtherBase);
    pair.bToY = fine(kServiceB, kY, Place::SameSegment);
    pair.aToPeer = fine(kServiceA, kServiceB, Place::OtherBase);
    pair.aToPeer->oneWay = OneWayFacts{5, 5};
    pair.peerToA = fine(kServiceB, kServiceA, Place::OtherBase);
    pair.peerToA->oneWay = OneWayFacts{5, 5};
    pair.lists.hasYX = true;
    return pair;
}

inline void udpSilent(TraceEvidence& leg) {
    leg.chatProbe = probe(3, 0);
    leg.joinProbe = probe(1, 0);
}
/// Nothing comes back, whatever is sent.
inline void allSilent(TraceEvidence& leg) {
    udpSilent(leg);
    leg.tcp = tcp(TcpOutcome::Timeout);
    leg.segmentMates = mates(2, 0);
    leg.path.reset();
    leg.heard = HeardFacts{};
}
/// UDP and TCP columns end at this hop.
inline void columnsEnd(TraceEvidence& leg, const std::vector<Ip4>& udp, const std::vector<Ip4>& tcpHops,
                       bool isTcpThere) {
    PathFacts path;
    path.udp = column(udp, false);
    path.tcp = column(tcpHops, isTcpThere);
    leg.path = path;
}
/// Steps that follow from both directions of a road, between the services too.
inline void peersCount(TracePair& pair, unsigned there, unsigned back) {
    if (!pair.hasPeer) return;
    for (auto* leg : {&*pair.aToPeer, &*pair.peerToA})
        if (there == 0 || back == 0) udpSilent(*leg);
    pair.aToPeer->oneWay = OneWayFacts{5, there};
    pair.peerToA->oneWay = OneWayFacts{5, back};
}
inline void addSizes(TraceEvidence& leg, unsigned largestWhole, unsigned largestInPieces) {
    std::vector<SizeProbe> sizes;
    for (const auto payload : {500, 1200, 1372, 1400, 1472, 2000, 4000, 8000}) {
        const auto bytes = static_cast<std::uint16_t>(payload);
        // Our own card holds 1472 bytes in one piece.
        sizes.push_back(
            {bytes, true, payload > 1472 ? 0U : 2U, payload <= 1472 && bytes <= largestWhole ? 2U : 0U, {}});
        sizes.push_back({bytes, false, 2, bytes <= largestInPieces ? 2U : 0U, {}});
    }
    leg.sizes = sizes;
}

}  // namespace causeway::trace::test
