#pragma once

#include "shared/model/trace.h"
#include "shared/proto/link/codec.h"

/// The records of a packet trace on the wire; see codec.h. A member that is added here makes another protocol number
/// (kProtocol of message.h).
namespace causeway::link {

template <>
struct EnumCount<TraceStep> {
    static constexpr unsigned value = kTraceSteps;
};
template <>
struct EnumCount<TraceLeg> {
    static constexpr unsigned value = 6;
};
template <>
struct EnumCount<TraceGrade> {
    static constexpr unsigned value = 6;
};
template <>
struct EnumCount<TcpOutcome> {
    static constexpr unsigned value = 4;
};
template <>
struct EnumCount<NeighbourState> {
    static constexpr unsigned value = 2;
};
template <>
struct EnumCount<VoiceOutcome> {
    static constexpr unsigned value = 3;
};

}  // namespace causeway::link

namespace causeway {

void fields(auto& coder, link::Is<TraceHop> auto& it) {
    coder(it.ttl, it.isAnswered, it.address, it.roundTrip, it.type, it.code, it.sent, it.lost);
}
void fields(auto& coder, link::Is<PathColumn> auto& it) {
    coder(it.hops, it.isTargetReached);
}
void fields(auto& coder, link::Is<PathFacts> auto& it) {
    coder(it.icmp, it.udp, it.tcp);
}
void fields(auto& coder, link::Is<TraceRow> auto& it) {
    coder(it.step, it.leg, it.grade, it.result, it.details, it.started, it.took, it.method, it.gains, it.path);
}
void fields(auto& coder, link::Is<IcmpError> auto& it) {
    coder(it.from, it.type, it.code, it.mtu);
}
void fields(auto& coder, link::Is<SelfFacts> auto& it) {
    coder(it.isUdpBound, it.isTcpBound, it.portHolder, it.hasInterface, it.hasRoute, it.isFirewallOpen,
          it.interfaceName, it.mtu);
}
void fields(auto& coder, link::Is<IdentityAddress> auto& it) {
    coder(it.address, it.host, it.hardware, it.age, it.isAnswering, it.answeredFrom);
}
void fields(auto& coder, link::Is<NameFacts> auto& it) {
    coder(it.dnsAddresses, it.directoryAddress, it.directoryAge, it.isInDirectory, it.identity, it.isOneProgram,
          it.masters);
}
void fields(auto& coder, link::Is<SegmentFacts> auto& it) {
    coder(it.isSameSegment, it.own, it.far);
}
void fields(auto& coder, link::Is<NeighbourFacts> auto& it) {
    coder(it.state, it.address, it.isGateway, it.hardware);
}
void fields(auto& coder, link::Is<ProbeFacts> auto& it) {
    coder(it.tries, it.answers, it.isCold, it.sinceTargetSpoke, it.roundTrip, it.replyTtl, it.answeredFrom, it.errors);
}
void fields(auto& coder, link::Is<TcpFacts> auto& it) {
    coder(it.outcome, it.errors, it.took);
}
void fields(auto& coder, link::Is<MateFacts> auto& it) {
    coder(it.asked, it.answered, it.answeringTries, it.answeringReplies, it.hostUnreachable, it.tcpAsked,
          it.tcpConnected, it.neighbourAsked, it.neighbourFound);
}
void fields(auto& coder, link::Is<HeardFacts> auto& it) {
    coder(it.fromTarget, it.newest, it.fromMates);
}
/// What a service measures for another one; sizes, broadcasts and repeats are not among it.
void fields(auto& coder, link::Is<TraceEvidence> auto& it) {
    coder(it.fromAddress, it.toAddress, it.port, it.answersChatProbe, it.self, it.name, it.segment, it.neighbour,
          it.echo, it.chatProbe, it.joinProbe, it.tcp, it.path, it.segmentMates, it.baseMates, it.heard);
}

}  // namespace causeway
