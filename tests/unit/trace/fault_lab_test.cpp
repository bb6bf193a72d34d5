#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>

#include "service/trace/rules.h"
#include "tests/unit/trace/trace_support.h"

// What the services would measure for each fault of the fault lab, with our service alone and with a linked one in base
// B; docs/dev/trace-evidence.md has the same table in words.

using namespace causeway;
using namespace causeway::trace;
using namespace causeway::trace::test;

namespace {

using Break = void (*)(TracePair& pair);

struct Fault {
    const char* name;
    Break apply;
    VerdictCode alone;  ///< our service only
    VerdictCode both;
};

void none(TracePair&) {}

void ownPortTaken(TracePair& pair) {
    pair.aToY.self->isUdpBound = false;
    pair.aToY.self->portHolder = "ipmsgd";
    pair.aToY.chatProbe.reset();
    pair.aToY.joinProbe.reset();
}

void clientStopped(TracePair& pair) {
    for (auto* leg : {&pair.aToY, pair.bToY ? &*pair.bToY : nullptr}) {
        if (!leg) continue;
        udpSilent(*leg);
        leg->chatProbe->errors = {icmp(kY, 3, 3)};
        leg->tcp = tcp(TcpOutcome::Refused);
    }
    pair.lists.hasXY = false;
    pair.lists.hasYX.reset();
}

void hostOff(TracePair& pair) {
    udpSilent(pair.aToY);
    pair.aToY.chatProbe->errors = {icmp(kRouter2, 3, 1)};
    pair.aToY.tcp = tcp(TcpOutcome::Unreachable);
    pair.aToY.tcp->errors = {icmp(kRouter2, 3, 1)};
    columnsEnd(pair.aToY, {kRouter1, kRouter2, {}}, {kRouter1, kRouter2, {}}, false);
    pair.lists.hasYX.reset();
    if (!pair.bToY) return;
    udpSilent(*pair.bToY);
    pair.bToY->tcp = tcp(TcpOutcome::Unreachable);
    pair.bToY->neighbour->state = NeighbourState::Missing;
    pair.bToY->segmentMates->neighbourAsked = 2;
    pair.bToY->segmentMates->neighbourFound = 2;
}

void udpDroppedOnPc(TracePair& pair) {
    udpSilent(pair.aToY);
    columnsEnd(pair.aToY, {kRouter1, kRouter2, {}}, {kRouter1, kRouter2, kY}, true);
    pair.lists.hasYX.reset();
    if (pair.bToY) udpSilent(*pair.bToY);
}

void tcpDropped(TracePair& pair) {
    pair.aToY.tcp = tcp(TcpOutcome::Timeout);
    columnsEnd(pair.aToY, {kRouter1, kRouter2, kY}, {kRouter1, kRouter2, {}}, false);
    pair.aToY.path->udp->isTargetReached = true;
    if (pair.bToY) pair.bToY->tcp = tcp(TcpOutcome::Timeout);
}

void rejectedAtRouter1(TracePair& pair) {
    udpSilent(pair.aToY);
    pair.aToY.chatProbe->errors = {icmp(kRouter1, 3, 13)};
    pair.aToY.segmentMates = mates(2, 0);
    pair.aToY.segmentMates->tcpConnected = 2;
    peersCount(pair, 0, 0);
    pair.lists.hasXY = false;
    pair.lists.hasYX.reset();
    if (!pair.bToX) return;
    udpSilent(*pair.bToX);
    pair.bToX->chatProbe->errors = {icmp(kRouter1Back, 3, 13)};
    pair.bToX->segmentMates = mates(2, 0);
}

void udpDroppedAtRouter2(TracePair& pair) {
    udpSilent(pair.aToY);
    pair.aToY.segmentMates = mates(2, 0);
    pair.aToY.segmentMates->tcpConnected = 2;
    columnsEnd(pair.aToY, {kRouter1, kRouter2, {}}, {kRouter1, kRouter2, kY}, true);
    peersCount(pair, 0, 0);
    pair.lists.hasXY = false;
    pair.lists.hasYX.reset();
    if (!pair.bToX) return;
    udpSilent(*pair.bToX);
    pair.bToX->segmentMates = mates(2, 0);
    columnsEnd(*pair.bToX, {kRouter2Back, {}, {}}, {kRouter2Back, kRouter1Back, kX}, true);
    pair.lists.hasYX = false;
}

void icmpFiltered(TracePair& pair) {
    pair.aToY.path->udp = column({{}, {}, kY}, true);
    pair.aToY.path->tcp.reset();
    if (!pair.bToX) return;
    pair.bToX->path->udp = column({{}, {}, kX}, true);
    pair.bToX->path->tcp.reset();
}

void statefulOnPc(TracePair& pair) {
    udpSilent(pair.aToY);
    pair.aToY.tcp = tcp(TcpOutcome::Timeout);
    columnsEnd(pair.aToY, {kRouter1, kRouter2, {}}, {kRouter1, kRouter2, {}}, false);
    pair.aToY.stateProbes = std::vector<StateProbe>{{20s, 2, 2}, {300s, 3, 0}};
    if (!pair.bToY) return;
    udpSilent(*pair.bToY);
    pair.bToY->tcp = tcp(TcpOutcome::Timeout);
    pair.bToY->stateProbes = std::vector<StateProbe>{{15s, 2, 2}};
}

void routeMissingThere(TracePair& pair) {
    allSilent(pair.aToY);
    pair.aToY.chatProbe->errors = {icmp(kRouter1, 3, 0)};
    pair.aToY.tcp = tcp(TcpOutcome::Unreachable);
    columnsEnd(pair.aToY, {kRouter1, {}, {}}, {kRouter1, {}, {}}, false);
    peersCount(pair, 0, 5);
    pair.lists.hasYX.reset();
    if (!pair.bToX) return;
    allSilent(*pair.bToX);
    columnsEnd(*pair.bToX, {kRouter2Back, {}, {}}, {kRouter2Back, {}, {}}, false);
    pair.lists.hasYX = false;
}

void routeMissingBack(TracePair& pair) {
    allSilent(pair.aToY);
    columnsEnd(pair.aToY, {kRouter1, {}, {}}, {kRouter1, {}, {}}, false);
    peersCount(pair, 5, 0);
    pair.lists.hasXY = false;
    pair.lists.hasYX.reset();
    if (!pair.bToX) return;
    allSilent(*pair.bToX);
    pair.bToX->chatProbe->errors = {icmp(kRouter2Back, 3, 0)};
    pair.bToX->tcp = tcp(TcpOutcome::Unreachable);
    pair.lists.hasYX = true;
}

void loop(TracePair& pair) {
    allSilent(pair.aToY);
    pair.aToY.chatProbe->errors = {icmp(kRouter2, 11, 0)};
    columnsEnd(pair.aToY, {kRouter1, kRouter2, kRouter1, kRouter2, kRouter1},
               {kRouter1, kRouter2, kRouter1, kRouter2, kRouter1}, false);
    peersCount(pair, 0, 5);
    pair.lists.hasYX.reset();
    if (!pair.bToX) return;
    allSilent(*pair.bToX);
    pair.lists.hasYX = false;
}

/// UDP 2425 from A to B is dropped at router 2, in both roles: questions of A and answers of A.
void filterThere(TracePair& pair) {
    udpSilent(pair.aToY);
    pair.aToY.segmentMates = mates(2, 0);
    pair.aToY.segmentMates->tcpConnected = 2;
    pair.aToY.heard = HeardFacts{1, 30s, 2};  // their entries still arrive
    columnsEnd(pair.aToY, {kRouter1, kRouter2, {}}, {kRouter1, kRouter2, kY}, true);
    peersCount(pair, 0, 5);
    pair.lists.hasYX.reset();
    if (!pair.bToX) return;
    udpSilent(*pair.bToX);
    pair.bToX->segmentMates = mates(2, 0);
    columnsEnd(*pair.bToX, {kRouter2Back, kRouter1Back, {}}, {kRouter2Back, kRouter1Back, kX}, true);
    pair.lists.hasYX = false;
}

/// UDP 2425 from B to A is dropped. Our service alone cannot tell this from a filter both ways.
void filterBack(TracePair& pair) {
    udpSilent(pair.aToY);
    pair.aToY.segmentMates = mates(2, 0);
    pair.aToY.segmentMates->tcpConnected = 2;
    columnsEnd(pair.aToY, {kRouter1, kRouter2, {}}, {kRouter1, kRouter2, kY}, true);
    peersCount(pair, 5, 0);
    pair.lists.hasXY = false;
    pair.lists.hasYX.reset();
    if (!pair.bToX) return;
    udpSilent(*pair.bToX);
    pair.bToX->segmentMates = mates(2, 0);
    columnsEnd(*pair.bToX, {kRouter2Back, {}, {}}, {kRouter2Back, kRouter1Back, kX}, true);
    pair.lists.hasYX = true;
}

/// Answers come over two more routers, one of which is a firewall that never saw the TCP connection begin.
void asymmetricWithState(TracePair& pair) {
    pair.aToY.chatProbe->replyTtl = std::uint8_t{60};
    pair.aToY.tcp = tcp(TcpOutcome::Timeout);
    pair.aToY.segmentMates->tcpConnected = 0;
    pair.aToY.path->tcp = column({kRouter1, kRouter2, {}}, false);
    if (!pair.bToX) return;
    pair.aToPeer->tcp = tcp(TcpOutcome::Timeout);
    pair.peerToA->tcp = tcp(TcpOutcome::Timeout);
    pair.bToX->path->udp = column({kRouter2Back, ip("10.8.0.1"), ip("10.8.1.1"), kRouter1Back, kX}, true);
    pair.bToX->path->tcp.reset();
    pair.bToX->tcp = tcp(TcpOutcome::Timeout);
    pair.bToX->segmentMates->tcpConnected = 0;
}

void mtuBlackhole(TracePair& pair) {
    addSizes(pair.aToY, 1372, 8000);
}
void fragmentsDropped(TracePair& pair) {
    addSizes(pair.aToY, 1472, 1472);
}

void sourceNat(TracePair& pair) {
    NatFacts nat;
    nat.ownAddress = kServiceA;
    nat.seenAddress = kRouter1Back;
    nat.seenPort = std::uint16_t{2425};
    // Alone, the list of Y names us by the translated address.
    nat.seenBy = pair.hasPeer ? "the service of base Berlin" : "the list of yvonne";
    (pair.hasPeer ? *pair.aToPeer : pair.aToY).nat = nat;
    pair.lists.hasYX = false;
}

void overlap(TracePair& pair) {
    pair.yAddress = ip("10.1.0.77");
    pair.aToY.toAddress = pair.yAddress;
    allSilent(pair.aToY);
    pair.aToY.name->dnsAddresses = std::vector{pair.yAddress};
    pair.aToY.name->directoryAddress = pair.yAddress;
    pair.aToY.segment->far = {Network4::of(pair.yAddress, 24)};
    pair.aToY.segment->isSameSegment.reset();
}

void broadcastBlocked(TracePair& pair) {
    pair.aToX->broadcast = BroadcastFacts{4, 0, 4};
}

/// X, Y and our service are in one wireless network that keeps its clients apart.
void isolation(TracePair& pair) {
    pair.isSameSegment = true;
    pair.yAddress = ip("10.1.0.12");
    pair.aToY = fine(kServiceA, pair.yAddress, Place::SameSegment);
    for (auto* leg : {&pair.aToY, &*pair.aToX}) {
        udpSilent(*leg);
        leg->tcp = tcp(TcpOutcome::Unreachable);
        leg->neighbour->state = NeighbourState::Missing;
        leg->segmentMates = mates(2, 0);
        leg->segmentMates->neighbourAsked = 2;
    }
    pair.lists = {};
    pair.bToY.reset();
    if (!pair.bToX) return;
    pair.peerToA = fine(kServiceB, kServiceA, Place::OtherBase);
}

void twoCards(TracePair& pair) {
    IdentityAddress first{kY, "pc-y", "02:00:00:00:00:11", 20s, true, {}};
    IdentityAddress second{ip("10.2.1.11"), "pc-y", "02:00:00:00:00:12", 30s, true, kY};
    pair.aToY.name->identity = std::vector{first, second};
    pair.aToY.name->isOneProgram = true;
    pair.lists.hasXY = false;
}
void duplicateIdentity(TracePair& pair) {
    IdentityAddress first{kY, "pc-y", "02:00:00:00:00:11", 20s, true, {}};
    IdentityAddress second{ip("10.2.0.12"), "pc-y", "02:00:00:00:00:12", 30s, true, {}};
    pair.aToY.name->identity = std::vector{first, second};
    pair.aToY.name->isOneProgram = false;
}

void listNotDelivered(TracePair& pair) {
    pair.lists.hasXY = false;
    pair.lists.isListDelivered = false;
}

void loss(TracePair& pair) {
    for (auto* leg : {&pair.aToY, pair.bToX ? &*pair.bToX : nullptr}) {
        if (!leg) continue;
        leg->chatProbe = probe(3, 2);
        leg->joinProbe = probe(2, 1);
        std::vector<RepeatSample> samples;
        for (int i = 0; i < 12; ++i)
            samples.push_back({fromEpochMillis(1'000'000 + i * 10'000), TraceProtocol::Udp, i % 2 == 0});
        leg->repeat = samples;
        leg->segmentMates->answeringTries = 6;
        leg->segmentMates->answeringReplies = 3;
    }
    if (pair.aToPeer) pair.aToPeer->oneWay = OneWayFacts{10, 7};
    if (pair.peerToA) pair.peerToA->oneWay = OneWayFacts{10, 7};
}

void voiceBlocked(TracePair& pair) {
    if (!pair.aToPeer) return;
    std::vector<VoicePort> ports;
    for (int port = 22224; port <= 22227; ++port)
        ports.push_back({static_cast<std::uint16_t>(port), VoiceOutcome::Silent});
    pair.aToPeer->voice = ports;
}

using enum VerdictCode;
constexpr std::array kFaults = std::to_array<Fault>({
    {"none", none, Ok, Ok},
    {"own port taken", ownPortTaken, SelfFault, SelfFault},
    {"client stopped", clientStopped, ClientNotRunning, ClientNotRunning},
    {"host off", hostOff, HostOff, HostOff},
    {"drop UDP in on the PC", udpDroppedOnPc, HostFirewallUdp, HostFirewallUdp},
    {"drop TCP only", tcpDropped, TcpOnlyBlocked, TcpOnlyBlocked},
    {"reject with admin-prohibited at router 1", rejectedAtRouter1, PathFilterUdp, PathFilterUdp},
    {"drop UDP at router 2", udpDroppedAtRouter2, PathFilterUdp, PathFilterUdp},
    {"ICMP only filtered", icmpFiltered, IcmpOnlyFiltered, IcmpOnlyFiltered},
    {"stateful firewall", statefulOnPc, HostFirewallStateful, HostFirewallStateful},
    {"route missing there", routeMissingThere, RouteMissing, RouteMissing},
    {"route missing back", routeMissingBack, RouteMissing, RouteMissing},
    {"routing loop", loop, RouteLoop, RouteLoop},
    {"one-way filter A to B", filterThere, OneWay, OneWay},
    // One service alone sees what a filter in both directions looks like, and says "likely" and "one side only".
    {"one-way filter B to A", filterBack, PathFilterUdp, OneWay},
    {"asymmetric path with state", asymmetricWithState, Asymmetric, Asymmetric},
    {"MTU black hole", mtuBlackhole, MtuBlackhole, MtuBlackhole},
    {"fragments dropped", fragmentsDropped, FragmentsDropped, FragmentsDropped},
    {"source NAT", sourceNat, Nat, Nat},
    {"overlapping subnets", overlap, SubnetOverlap, SubnetOverlap},
    {"broadcast blocked", broadcastBlocked, BroadcastBlocked, BroadcastBlocked},
    {"client isolation", isolation, ClientIsolation, ClientIsolation},
    {"two NICs", twoCards, WrongNic, WrongNic},
    {"duplicate identity", duplicateIdentity, DuplicateIdentity, DuplicateIdentity},
    {"list not delivered", listNotDelivered, ListNotDelivered, ListNotDelivered},
    {"30 % loss", loss, Intermittent, Intermittent},
    // Voice needs a linked service; without one nothing of it is measured.
    {"voice ports blocked", voiceBlocked, Ok, RtpBlocked},
});

TracePair broken(const Fault& fault, Vantage vantage) {
    auto pair = finePair(vantage);
    fault.apply(pair);
    return pair;
}

}  // namespace

TEST_CASE("fault lab: each fault gives its code, with our service alone and with a linked one") {
    for (const auto& fault : kFaults) {
        for (const auto vantage : {Vantage::OurOnly, Vantage::Both}) {
            CAPTURE(fault.name);
            CAPTURE(int{vantage == Vantage::Both});
            const auto verdicts = judge(broken(fault, vantage));
            REQUIRE_FALSE(verdicts.empty());
            const std::string wanted = wordOf(vantage == Vantage::Both ? fault.both : fault.alone);
            CAPTURE(verdicts.front().sentence);
            CHECK(std::string{wordOf(verdicts.front().code)} == wanted);
        }
    }
}

// iptux never answers GETINFO: the join probe alone has to tell.
TEST_CASE("fault lab: programs that do not know the chat probe get the same verdicts") {
    for (const auto& fault : kFaults) {
        for (const auto vantage : {Vantage::OurOnly, Vantage::Both}) {
            auto pair = broken(fault, vantage);
            for (const auto which : {TraceLeg::AToY, TraceLeg::BToX, TraceLeg::AToX, TraceLeg::BToY}) {
                if (!pair.leg(which) || !pair.leg(which)->chatProbe) continue;
                auto& leg = pair.legOf(which);
                leg.answersChatProbe = false;
                auto& join = *leg.joinProbe;
                join.tries = 3;
                join.answers = std::min(3U, leg.chatProbe->answers);
                join.errors = leg.chatProbe->errors;
                join.replyTtl = leg.chatProbe->replyTtl;
                leg.chatProbe->answers = 0;
                leg.chatProbe->errors.clear();
                leg.chatProbe->replyTtl.reset();
            }
            CAPTURE(fault.name);
            CAPTURE(int{vantage == Vantage::Both});
            const auto verdict = judge(pair).front();
            CAPTURE(verdict.sentence);
            CHECK(std::string{wordOf(verdict.code)} == wordOf(vantage == Vantage::Both ? fault.both : fault.alone));
        }
    }
}

TEST_CASE("fault lab: every verdict says what happened, what to do, what proves it and how many sides measured") {
    for (const auto& fault : kFaults) {
        for (const auto vantage : {Vantage::OurOnly, Vantage::Both}) {
            CAPTURE(fault.name);
            for (const auto& verdict : judge(broken(fault, vantage))) {
                CAPTURE(verdict.sentence);
                CHECK(verdict.sentence.ends_with('.'));
                CHECK_FALSE(verdict.remedy.empty());
                CHECK_FALSE(verdict.proofs.empty());
                for (const auto& step : verdict.remedy) {
                    CHECK_FALSE(step.text.empty());
                    CHECK(step.command.find("0.0.0.0") == std::string::npos);
                }
                if (std::string{fault.name} == "client isolation") continue;  // one segment has one side
                CHECK((verdict.sentence.find("one side only") != std::string::npos) == (vantage == Vantage::OurOnly));
            }
        }
    }
}

// What was not measured must not be taken for "no": the verdict may become weaker or "not enough evidence", and may
// never become another accusation.
TEST_CASE("fault lab: leaving any one measurement out never accuses something else") {
    using Forget = void (*)(TraceEvidence & leg);
    constexpr std::array<Forget, 10> kForget{
        [](TraceEvidence& leg) { leg.self.reset(); },         [](TraceEvidence& leg) { leg.name.reset(); },
        [](TraceEvidence& leg) { leg.segment.reset(); },      [](TraceEvidence& leg) { leg.neighbour.reset(); },
        [](TraceEvidence& leg) { leg.chatProbe.reset(); },    [](TraceEvidence& leg) { leg.joinProbe.reset(); },
        [](TraceEvidence& leg) { leg.tcp.reset(); },          [](TraceEvidence& leg) { leg.path.reset(); },
        [](TraceEvidence& leg) { leg.segmentMates.reset(); }, [](TraceEvidence& leg) { leg.heard.reset(); }};
    // Codes that accuse nobody.
    const auto isHarmless = [](VerdictCode code) { return code == NotEnoughEvidence || code == Ok; };
    int weaker = 0;
    for (const auto& fault : kFaults) {
        for (const auto vantage : {Vantage::OurOnly, Vantage::Both}) {
            const auto right = vantage == Vantage::Both ? fault.both : fault.alone;
            for (std::size_t i = 0; i < kForget.size(); ++i) {
                auto pair = broken(fault, vantage);
                for (const auto leg : {TraceLeg::AToY, TraceLeg::BToX, TraceLeg::AToX, TraceLeg::BToY,
                                       TraceLeg::AToPeer, TraceLeg::PeerToA})
                    if (pair.leg(leg)) kForget[i](pair.legOf(leg));
                const auto verdict = judge(pair).front();
                CAPTURE(fault.name);
                CAPTURE(i);
                CAPTURE(int{vantage == Vantage::Both});
                CAPTURE(std::string{wordOf(verdict.code)});
                CAPTURE(verdict.sentence);
                if (verdict.code == right) continue;
                ++weaker;
                // True as well, and less precise: "a filter or route in that direction only"; "a filter between".
                if (right == RouteMissing && verdict.code == OneWay) continue;
                if (right == OneWay && verdict.code == PathFilterUdp && vantage == Vantage::OurOnly) continue;
                CHECK((isHarmless(verdict.code) || verdict.code == Intermittent ||
                       verdict.certainty == Certainty::Possible || verdict.code == NeighbourMissing));
            }
        }
    }
    MESSAGE("verdicts that became weaker: " << weaker);
}

TEST_CASE("fault lab: an empty trace is not enough evidence and names what to run") {
    const auto verdict = judge(TracePair{}).front();
    CHECK(verdict.code == NotEnoughEvidence);
    CHECK(verdict.missing == TraceStep::ChatProbe);
    CHECK_FALSE(verdict.missingText.empty());
}
