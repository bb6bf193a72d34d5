#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "service/trace/rules.h"
#include "tests/unit/trace/trace_support.h"

// One case a rule: what makes it match, and the near miss that must not.

using namespace causeway;
using namespace causeway::trace;
using namespace causeway::trace::test;
using enum VerdictCode;

namespace {

std::string first(const TracePair& pair) {
    return wordOf(judge(pair).front().code);
}
std::string certainty(const TracePair& pair) {
    return wordOf(judge(pair).front().certainty);
}
bool says(const Verdict& verdict, std::string_view words) {
    return verdict.sentence.find(words) != std::string::npos;
}
bool offers(const Verdict& verdict, std::string_view command) {
    return std::any_of(verdict.remedy.begin(), verdict.remedy.end(),
                       [&](const RemedyStep& step) { return step.command.find(command) != std::string::npos; });
}

/// UDP silent to Y and his segment, TCP connects.
TracePair segmentSilent(Vantage vantage = Vantage::OurOnly) {
    auto pair = finePair(vantage);
    udpSilent(pair.aToY);
    pair.aToY.segmentMates = mates(2, 0);
    pair.aToY.segmentMates->tcpConnected = 2;
    pair.aToY.path.reset();
    pair.lists = {};
    return pair;
}

}  // namespace

TEST_CASE("rule SELF_FAULT: a red self-check wins over everything; what was not checked is no fault") {
    auto pair = finePair(Vantage::Both);
    pair.aToY.self = SelfFacts{};
    CHECK(first(pair) == "OK");
    pair.peerToA->self->isFirewallOpen = false;
    CHECK(first(pair) == "SELF_FAULT");
    pair = finePair();
    pair.aToY.self->isTcpBound = false;
    pair.aToY.self->portHolder = "feiq";
    udpSilent(pair.aToY);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == SelfFault);
    CHECK(verdict.about == TraceSubject::Service);
    CHECK(says(verdict, "feiq"));
    CHECK(offers(verdict, "sport = :2425"));
}

TEST_CASE("rule SELF_FAULT: a refusal from our own address is our own firewall") {
    auto pair = finePair();
    udpSilent(pair.aToY);
    pair.aToY.chatProbe->errors = {icmp(kServiceA, 3, 13)};
    CHECK(first(pair) == "SELF_FAULT");
    pair.aToY.chatProbe->errors = {icmp(kRouter1, 3, 13)};
    CHECK(first(pair) == "PATH_FILTER_UDP");
}

TEST_CASE("rule NAME_UNRESOLVED: neither the name service nor a packet gave an address") {
    TracePair pair;
    pair.aToY.name = NameFacts{};
    CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");  // the name service was not asked
    pair.aToY.name->dnsAddresses = std::vector<Ip4>{};
    CHECK(first(pair) == "NAME_UNRESOLVED");
    pair.aToY.name->directoryAddress = kY;
    CHECK(first(pair) != "NAME_UNRESOLVED");
}

TEST_CASE("rule NAME_STALE: a fresh packet from elsewhere beats the name service, an old one does not") {
    auto pair = finePair();
    pair.aToY.name->dnsAddresses = std::vector{ip("10.2.0.99")};
    CHECK(first(pair) == "NAME_STALE");
    CHECK(certainty(pair) == "certain");
    pair.aToY.name->directoryAge = 25h;
    CHECK(first(pair) == "OK");
    pair.aToY.name->directoryAge = 300s;
    pair.aToY.name->dnsAddresses = std::vector{ip("10.2.0.99"), kY};  // two cards in DNS, and one of them is right
    CHECK(first(pair) == "OK");
}

TEST_CASE("rule NAME_STALE: it stays a finding beside what really breaks") {
    auto pair = finePair();
    udpSilent(pair.aToY);
    pair.aToY.name->dnsAddresses = std::vector{ip("10.2.0.99")};
    const auto verdicts = judge(pair);
    REQUIRE(verdicts.size() == 2);
    CHECK(verdicts[0].code == NameStale);
    CHECK(verdicts[1].code == HostFirewallUdp);
}

TEST_CASE("rule SUBNET_OVERLAP: only networks that hold X or Y count, and a default route is no network") {
    auto pair = finePair();
    pair.aToY.segment->far.push_back(*Network4::parse("10.1.0.0/16"));
    CHECK(first(pair) == "SUBNET_OVERLAP");
    pair = finePair();
    pair.aToY.segment->own.push_back(*Network4::parse("192.168.1.0/24"));
    pair.aToY.segment->far.push_back(*Network4::parse("192.168.1.0/24"));
    CHECK(first(pair) == "OK");
    pair.aToY.segment->far.push_back(*Network4::parse("0.0.0.0/0"));
    pair.aToY.segment->own.push_back(*Network4::parse("10.1.1.0/24"));
    CHECK(first(pair) == "OK");
}

TEST_CASE("rule HOST_OFF: the router's word counts when others of the segment answer") {
    auto pair = finePair();
    udpSilent(pair.aToY);
    pair.aToY.tcp = tcp(TcpOutcome::Unreachable);
    pair.aToY.tcp->errors = {icmp(kRouter2, 3, 1)};
    pair.aToY.path.reset();
    CHECK(first(pair) == "HOST_OFF");
    CHECK(certainty(pair) == "certain");
    SUBCASE("without them it is only possible, and says what to ask") {
        pair.aToY.segmentMates.reset();
        const auto verdict = judge(pair).front();
        CHECK(verdict.code == HostOff);
        CHECK(verdict.certainty == Certainty::Possible);
        CHECK(verdict.missing);
    }
    SUBCASE("if all of them are unreachable, the router knows no road") {
        pair.aToY.segmentMates = mates(3, 0);
        pair.aToY.segmentMates->hostUnreachable = 3;
        CHECK(first(pair) == "ROUTE_MISSING");
        CHECK(certainty(pair) == "possible");
    }
    SUBCASE("a host that sends packets is not off") {
        pair.aToY.heard = HeardFacts{1, 10s, 0};
        CHECK(first(pair) != "HOST_OFF");
    }
    SUBCASE("our own kernel's word is not a router's") {
        pair.aToY.tcp->errors = {icmp(kServiceA, 3, 1)};
        CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
    }
}

TEST_CASE("rule NEIGHBOUR_MISSING: in one segment without a comparison; an entry that came late is no fault") {
    auto pair = finePair();
    pair.isSameSegment = true;
    pair.yAddress = ip("10.1.0.12");
    pair.aToY = fine(kServiceA, pair.yAddress, Place::SameSegment);
    pair.aToY.neighbour->state = NeighbourState::Missing;
    CHECK(first(pair) == "OK");  // it answered: the table was read too early
    udpSilent(pair.aToY);
    pair.aToY.tcp = tcp(TcpOutcome::Unreachable);
    pair.aToY.segmentMates.reset();
    pair.lists = {};
    CHECK(first(pair) == "NEIGHBOUR_MISSING");
    pair.aToY.segmentMates = mates(2, 2);
    pair.aToY.segmentMates->neighbourAsked = 2;
    pair.aToY.segmentMates->neighbourFound = 2;
    CHECK(first(pair) == "HOST_OFF");
    pair.aToY.segmentMates->neighbourFound = 0;
    CHECK(first(pair) == "CLIENT_ISOLATION");
}

TEST_CASE("rule NEIGHBOUR_MISSING: a silent gateway of ours is our matter, unless packets pass it") {
    auto pair = finePair();
    pair.aToY.neighbour->state = NeighbourState::Missing;
    CHECK(first(pair) == "OK");
    allSilent(pair.aToY);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == NeighbourMissing);
    CHECK(verdict.about == TraceSubject::Service);
}

TEST_CASE("rule CLIENT_ISOLATION: both answer us, both know nobody of their own segment") {
    auto pair = finePair();
    pair.isSameSegment = true;
    pair.lists.hasXY = false;
    pair.lists.hasYX = false;
    pair.lists.xMatesKnown = 4;
    pair.lists.xMatesListed = 0;
    CHECK(first(pair) == "CLIENT_ISOLATION");
    pair.lists.xMatesListed = 3;  // X sees the others: it is about this pair
    CHECK(first(pair) == "LIST_NOT_DELIVERED");
    CHECK(certainty(pair) == "possible");
    pair.lists.xMatesListed = 0;
    pair.isSameSegment = false;
    CHECK(first(pair) == "LIST_NOT_DELIVERED");
}

TEST_CASE("rule CLIENT_ISOLATION: reachable from the other base, not from his own segment") {
    auto pair = finePair(Vantage::Both);
    udpSilent(*pair.bToY);
    pair.bToY->tcp = tcp(TcpOutcome::Unreachable);
    pair.bToY->neighbour->state = NeighbourState::Missing;
    CHECK(first(pair) == "CLIENT_ISOLATION");
    CHECK(certainty(pair) == "certain");
}

TEST_CASE("rule CLIENT_NOT_RUNNING: the computer itself refuses; a router's refusal is another matter") {
    auto pair = finePair();
    udpSilent(pair.aToY);
    pair.aToY.tcp.reset();
    pair.aToY.chatProbe->errors = {icmp(kY, 3, 3)};
    CHECK(first(pair) == "CLIENT_NOT_RUNNING");
    CHECK(certainty(pair) == "likely");
    pair.aToY.tcp = tcp(TcpOutcome::Refused);
    CHECK(certainty(pair) == "certain");
    SUBCASE("from a router it is a filter") {
        pair.aToY.chatProbe->errors = {icmp(kRouter2, 3, 3)};
        CHECK(first(pair) == "PATH_FILTER_UDP");
    }
    SUBCASE("if TCP connects, the program runs") {
        pair.aToY.tcp = tcp(TcpOutcome::Connected);
        CHECK(first(pair) == "HOST_FIREWALL_UDP");
        CHECK(certainty(pair) == "possible");
    }
    SUBCASE("if it answers in its own base, the program runs") {
        auto both = finePair(Vantage::Both);
        both.aToY = pair.aToY;
        CHECK(first(both) != "CLIENT_NOT_RUNNING");
    }
    SUBCASE("silent UDP and refused TCP, where others answer") {
        pair.aToY.chatProbe->errors.clear();
        CHECK(first(pair) == "CLIENT_NOT_RUNNING");
        CHECK(certainty(pair) == "likely");
        pair.aToY.segmentMates.reset();
        CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
    }
}

TEST_CASE("rule HOST_FIREWALL_UDP: silence needs a comparison with others of the segment") {
    auto pair = finePair();
    udpSilent(pair.aToY);
    pair.aToY.path.reset();
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == HostFirewallUdp);
    CHECK(verdict.certainty == Certainty::Likely);
    CHECK(verdict.about == TraceSubject::Y);
    CHECK(offers(verdict, "-LocalPort 2425 -Profile Any -RemoteAddress LocalSubnet,10.1.0.0/24"));
    CHECK(offers(verdict, "ufw allow from 10.1.0.0/24 to any port 2425"));
    SUBCASE("nobody else was asked") {
        pair.aToY.segmentMates.reset();
        const auto open = judge(pair).front();
        CHECK(open.code == NotEnoughEvidence);
        CHECK(open.missing == TraceStep::ChatProbe);
        CHECK(says(open, "two other computers"));
    }
    SUBCASE("only one other computer was asked, and was silent") {
        pair.aToY.segmentMates = mates(1, 0);
        CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
    }
    SUBCASE("the program is of a kind that never answers the chat probe") {
        pair.aToY.answersChatProbe = false;
        pair.aToY.joinProbe = probe(2, 0);
        CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
        pair.aToY.joinProbe = probe(3, 0);
        CHECK(first(pair) == "HOST_FIREWALL_UDP");
    }
    SUBCASE("packets get lost there, so that four silent questions may be chance") {
        pair.aToY.echo = probe(5, 3);
        const auto open = judge(pair).front();
        CHECK(open.code == NotEnoughEvidence);
        CHECK(open.missing == TraceStep::Repeat);
    }
    SUBCASE("nothing shows that the computer lives") {
        pair.aToY.tcp = tcp(TcpOutcome::Timeout);
        const auto open = judge(pair).front();
        CHECK(open.code == NotEnoughEvidence);
        CHECK(open.missing == TraceStep::Neighbour);
        pair.aToY.heard = HeardFacts{2, 5s, 0};
        CHECK(first(pair) == "HOST_FIREWALL_UDP");
        CHECK(certainty(pair) == "likely");
    }
    SUBCASE("the linked service of that segment answers: the road is fine") {
        auto both = finePair(Vantage::Both);
        udpSilent(both.aToY);
        both.aToY.segmentMates.reset();
        CHECK(first(both) == "HOST_FIREWALL_UDP");
        CHECK(certainty(both) == "possible");  // in its own base it answers
    }
}

TEST_CASE("rule HOST_FIREWALL_UDP: X is judged as Y is") {
    auto pair = finePair();
    udpSilent(*pair.aToX);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == HostFirewallUdp);
    CHECK(verdict.about == TraceSubject::X);
    CHECK(says(verdict, "xavier (10.1.0.11)"));
    pair.aToX->tcp = tcp(TcpOutcome::Timeout);
    CHECK(first(pair) == "HOST_FIREWALL_UDP");  // his hardware address is there
    CHECK(certainty(pair) == "likely");
    pair.aToX->neighbour.reset();
    CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
}

TEST_CASE("rule HOST_FIREWALL_UDP: the target's own refusal by a rule is certain") {
    auto pair = segmentSilent();
    pair.aToY.joinProbe->errors = {icmp(kY, 3, 10)};
    CHECK(first(pair) == "HOST_FIREWALL_UDP");
    CHECK(certainty(pair) == "certain");
}

TEST_CASE("rule HOST_FIREWALL_STATEFUL: warm answers and cold silence, others answer cold") {
    auto pair = finePair();
    udpSilent(pair.aToY);
    pair.aToY.stateProbes = std::vector<StateProbe>{{30s, 2, 2}};
    CHECK(first(pair) == "HOST_FIREWALL_STATEFUL");
    CHECK(certainty(pair) == "likely");
    pair.aToY.stateProbes->push_back({180s, 3, 0});
    CHECK(certainty(pair) == "certain");
    SUBCASE("an answer to a cold question is the end of it") {
        pair.aToY.stateProbes->push_back({400s, 3, 1});
        CHECK(first(pair) != "HOST_FIREWALL_STATEFUL");
    }
    SUBCASE("warm questions that are mostly lost") {
        pair.aToY.stateProbes->front().tries = 6;
        CHECK(first(pair) == "INTERMITTENT");
    }
    SUBCASE("nobody else was asked") {
        pair.aToY.segmentMates.reset();
        CHECK(first(pair) == "HOST_FIREWALL_STATEFUL");
        CHECK(certainty(pair) == "possible");
    }
    SUBCASE("the whole segment is silent when cold: not his firewall") {
        pair.aToY.segmentMates = mates(3, 0);
        CHECK(first(pair) != "HOST_FIREWALL_STATEFUL");
    }
    SUBCASE("the probe was not cold") {
        pair.aToY.stateProbes->pop_back();
        pair.aToY.chatProbe->isCold = false;
        CHECK(first(pair) != "HOST_FIREWALL_STATEFUL");
    }
}

TEST_CASE("rule PATH_FILTER_UDP: a router's refusal is certain and names the hop") {
    auto pair = finePair();
    udpSilent(pair.aToY);
    PathFacts path;
    path.udp = column({kRouter1, kRouter2, {}}, false);
    path.udp->hops[1].type = std::uint8_t{3};
    path.udp->hops[1].code = std::uint8_t{9};
    pair.aToY.path = path;
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == PathFilterUdp);
    CHECK(verdict.certainty == Certainty::Certain);
    CHECK(verdict.parameters.hopAddress == kRouter2);
    CHECK(verdict.parameters.hopNumber == 2U);
    CHECK(says(verdict, "10.9.0.2 (hop 2)"));
    CHECK(offers(verdict, "udp dport 2425"));
    pair.aToY.chatProbe = probe(3, 1);  // an answer passes that router after all
    CHECK(first(pair) != "PATH_FILTER_UDP");
}

TEST_CASE("rule PATH_FILTER_UDP: from silence it needs the whole segment and another protocol that passes") {
    auto pair = segmentSilent();
    columnsEnd(pair.aToY, {kRouter1, {}, {}}, {kRouter1, kRouter2, kY}, true);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == PathFilterUdp);
    CHECK(verdict.certainty == Certainty::Likely);
    CHECK(verdict.parameters.hopNumber == 1U);
    CHECK(says(verdict, "or at the next device"));
    SUBCASE("nothing passes") {
        pair.aToY.tcp = tcp(TcpOutcome::Timeout);
        pair.aToY.path.reset();
        const auto open = judge(pair).front();
        CHECK(open.code == NotEnoughEvidence);
        CHECK(open.missing == TraceStep::Path);
    }
    SUBCASE("TCP 2425 is filtered too, but echo passes") {
        pair.aToY.tcp = tcp(TcpOutcome::Timeout);
        pair.aToY.echo = probe(5, 5);
        CHECK(first(pair) == "PATH_FILTER_UDP");
    }
    SUBCASE("their packets come in: it is one-way") {
        pair.aToY.heard = HeardFacts{0, {}, 3};
        CHECK(first(pair) == "ONE_WAY");
    }
}

TEST_CASE("rule PATH_FILTER_TCP: a router refuses TCP, or the whole segment is silent on it") {
    auto pair = finePair();
    pair.aToY.tcp = tcp(TcpOutcome::Unreachable);
    pair.aToY.tcp->errors = {icmp(kRouter1, 3, 13)};
    pair.aToY.path.reset();
    CHECK(first(pair) == "PATH_FILTER_TCP");
    CHECK(certainty(pair) == "certain");
    pair.aToY.tcp = tcp(TcpOutcome::Timeout);
    pair.aToY.segmentMates->tcpConnected = 0;
    CHECK(first(pair) == "PATH_FILTER_TCP");
    CHECK(certainty(pair) == "possible");  // the hops were not counted
    pair.aToY.segmentMates->tcpConnected = 1;
    CHECK(first(pair) == "TCP_ONLY_BLOCKED");
    CHECK(certainty(pair) == "certain");
    pair.aToY.segmentMates->tcpAsked = 0;
    pair.aToY.segmentMates->tcpConnected = 0;
    CHECK(first(pair) == "TCP_ONLY_BLOCKED");
    CHECK(certainty(pair) == "likely");
    pair.aToY.tcp.reset();
    CHECK(first(pair) == "OK");
}

TEST_CASE("rule ROUTE_MISSING: columns that end together, with nobody alive behind") {
    auto pair = finePair();
    allSilent(pair.aToY);
    columnsEnd(pair.aToY, {kRouter1, {}, {}}, {kRouter1, {}, {}}, false);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == RouteMissing);
    CHECK(verdict.certainty == Certainty::Likely);
    CHECK(verdict.parameters.hopAddress == kRouter1);
    CHECK(offers(verdict, "ip route add 10.2.0.0/24"));
    SUBCASE("one column alone cannot tell a filter from a route") {
        pair.aToY.path->tcp.reset();
        CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
    }
    SUBCASE("a column goes on") {
        pair.aToY.path->tcp = column({kRouter1, kRouter2, {}}, false);
        CHECK(first(pair) == "PATH_FILTER_UDP");
    }
    SUBCASE("another computer of the segment answers") {
        pair.aToY.segmentMates = mates(2, 1);
        CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
    }
    SUBCASE("no hop answers at all: ICMP may be filtered at once") {
        columnsEnd(pair.aToY, {{}, {}}, {{}, {}}, false);
        CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
    }
    SUBCASE("a router says so") {
        pair.aToY.segmentMates.reset();
        pair.aToY.chatProbe->errors = {icmp(kRouter1, 3, 0)};
        CHECK(certainty(pair) == "certain");
    }
}

TEST_CASE("rule ROUTE_LOOP: an address comes back after another one; twice in a row is usual") {
    auto pair = finePair();
    allSilent(pair.aToY);
    columnsEnd(pair.aToY, {kRouter1, kRouter2, kRouter1}, {kRouter1, kRouter2, kRouter1}, false);
    CHECK(first(pair) == "ROUTE_LOOP");
    CHECK(certainty(pair) == "certain");
    columnsEnd(pair.aToY, {kRouter1, kRouter2, kRouter2}, {kRouter1, kRouter2, kRouter2}, false);
    CHECK(first(pair) != "ROUTE_LOOP");
    pair.aToY.chatProbe->errors = {icmp(kRouter2, 11, 0)};
    CHECK(first(pair) == "ROUTE_LOOP");
    CHECK(certainty(pair) == "likely");
    pair.aToY.tcp = tcp(TcpOutcome::Connected);
    CHECK(first(pair) != "ROUTE_LOOP");
}

TEST_CASE("rule ONE_WAY: a filter with state lets B ask A and not A ask B") {
    auto pair = segmentSilent(Vantage::Both);
    pair.aToPeer.reset();
    pair.peerToA.reset();
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == OneWay);
    CHECK(verdict.certainty == Certainty::Certain);
    CHECK(verdict.parameters.direction == TraceDirection::AToB);
    CHECK(offers(verdict, "ip saddr 10.1.0.0/24 ip daddr 10.2.0.0/24 udp dport 2425"));
    SUBCASE("the other way round") {
        std::swap(pair.aToY.chatProbe, pair.bToX->chatProbe);
        std::swap(pair.aToY.joinProbe, pair.bToX->joinProbe);
        std::swap(pair.aToY.segmentMates, pair.bToX->segmentMates);
        const auto other = judge(pair).front();
        CHECK(other.code == OneWay);
        CHECK(other.parameters.direction == TraceDirection::BToA);
        CHECK(offers(other, "ip saddr 10.2.0.0/24 ip daddr 10.1.0.0/24 udp dport 2425"));
    }
    SUBCASE("others of the segment answer: it is the computer") {
        pair.aToY.segmentMates = mates(2, 2);
        CHECK(first(pair) == "HOST_FIREWALL_UDP");
    }
    SUBCASE("the addresses are translated: that explains it") {
        pair.aToY.nat = NatFacts{kServiceA, 2425, kRouter1, {}, "the list of yvonne", {}, {}};
        CHECK(first(pair) == "NAT");
    }
}

TEST_CASE("rule ONE_WAY: lists that show one side only, and losses that are no direction") {
    auto pair = segmentSilent();
    pair.lists.hasXY = true;
    pair.lists.hasYX = false;
    CHECK(first(pair) == "ONE_WAY");
    pair.lists.hasYX = true;
    CHECK(first(pair) == "PATH_FILTER_UDP");
    auto both = segmentSilent(Vantage::Both);
    udpSilent(*both.bToX);
    both.aToPeer->oneWay = OneWayFacts{10, 6};
    both.peerToA->oneWay = OneWayFacts{10, 7};
    CHECK(first(both) != "ONE_WAY");
}

TEST_CASE("rule ASYMMETRIC: hop counts differ by two, and TCP of the whole segment fails") {
    auto pair = finePair();
    pair.aToY.tcp = tcp(TcpOutcome::Timeout);
    pair.aToY.segmentMates->tcpConnected = 0;
    pair.aToY.path->tcp.reset();
    pair.aToY.chatProbe->replyTtl = std::uint8_t{124};  // of 128: five hops back, three there
    CHECK(first(pair) == "ASYMMETRIC");
    CHECK(certainty(pair) == "possible");
    pair.aToY.chatProbe->replyTtl = std::uint8_t{125};  // four
    CHECK(first(pair) == "PATH_FILTER_TCP");
    CHECK(certainty(pair) == "likely");
    pair.aToY.chatProbe->replyTtl = std::uint8_t{124};
    pair.aToY.segmentMates->tcpConnected = 2;
    CHECK(first(pair) == "TCP_ONLY_BLOCKED");
    pair.aToY.tcp = tcp(TcpOutcome::Connected);
    CHECK(first(pair) == "OK");
}

TEST_CASE("rule MTU_BLACKHOLE: large whole packets vanish without a word") {
    auto pair = finePair();
    addSizes(pair.aToY, 1372, 8000);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == MtuBlackhole);
    CHECK(verdict.parameters.size == 1372U);
    SUBCASE("a router said how large they may be: all is as it should be") {
        for (auto& size : *pair.aToY.sizes)
            if (size.isDontFragment && size.answers == 0 && size.sent > 0) size.tooBigMtu = std::uint16_t{1400};
        CHECK(first(pair) == "OK");
    }
    SUBCASE("a hole between sizes that pass is loss, not a limit") {
        pair.aToY.sizes->at(8).answers = 2;  // 1472 with "don't fragment" passes
        CHECK(first(pair) == "OK");
    }
    SUBCASE("sizes that our own card cannot send say nothing") {
        addSizes(pair.aToY, 1472, 8000);
        CHECK(first(pair) == "OK");
    }
    SUBCASE("small ones get lost too") {
        pair.aToY.sizes->at(0).answers = 1;
        CHECK(first(pair) != "MTU_BLACKHOLE");
    }
}

TEST_CASE("rule FRAGMENTS_DROPPED: whole packets pass, packets in pieces do not") {
    auto pair = finePair();
    addSizes(pair.aToY, 1472, 1472);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == FragmentsDropped);
    CHECK(verdict.certainty == Certainty::Certain);
    CHECK(verdict.parameters.size == 1472U);
    addSizes(pair.aToY, 1472, 4000);  // 8000 alone: the program may have a limit of its own
    CHECK(certainty(pair) == "likely");
    addSizes(pair.aToY, 1472, 8000);
    CHECK(first(pair) == "OK");
}

TEST_CASE("rule NAT: the far side sees another source; the same source is no translation") {
    auto pair = finePair(Vantage::Both);
    NatFacts nat{kServiceA, 2425, kServiceA, std::uint16_t{2425}, "the service of base Berlin", false, 1U};
    pair.aToPeer->nat = nat;
    CHECK(first(pair) == "OK");
    pair.aToPeer->nat->seenPort = std::uint16_t{40001};
    CHECK(first(pair) == "NAT");
    CHECK(certainty(pair) == "certain");
    pair.aToPeer->nat = nat;
    pair.aToPeer->nat->isSourceOutsidePoll = true;
    CHECK(certainty(pair) == "likely");
    pair.aToPeer->nat = nat;
    pair.aToPeer->nat->usersBehindAddress = 3;
    CHECK(first(pair) == "NAT");
    CHECK(certainty(pair) == "possible");
}

TEST_CASE("rule TCP_ONLY_BLOCKED: not while packets get lost") {
    auto pair = finePair();
    pair.aToY.tcp = tcp(TcpOutcome::Refused);
    CHECK(first(pair) == "TCP_ONLY_BLOCKED");
    CHECK(certainty(pair) == "likely");
    pair.aToY.tcp = tcp(TcpOutcome::Timeout);
    pair.aToY.chatProbe = probe(5, 3);
    pair.aToY.echo = probe(5, 3);
    CHECK(first(pair) == "INTERMITTENT");
}

TEST_CASE("rule BROADCAST_BLOCKED: few answer a shout, all answer alone") {
    auto pair = finePair();
    pair.aToX->broadcast = BroadcastFacts{10, 5, 9};
    CHECK(first(pair) == "BROADCAST_BLOCKED");
    pair.aToX->broadcast = BroadcastFacts{10, 6, 10};
    CHECK(first(pair) == "OK");
    pair.aToX->broadcast = BroadcastFacts{10, 0, 8};  // they do not answer alone either
    CHECK(first(pair) == "OK");
    pair.aToX->broadcast = BroadcastFacts{1, 0, 1};
    CHECK(first(pair) == "OK");
}

TEST_CASE("rule LIST_NOT_DELIVERED: the road must work, and the list must have been read") {
    auto pair = finePair(Vantage::Both);
    pair.lists.hasXY = false;
    CHECK(first(pair) == "LIST_NOT_DELIVERED");
    CHECK(certainty(pair) == "certain");
    CHECK(judge(pair).front().about == TraceSubject::Y);
    pair.lists.hasXY.reset();
    CHECK(first(pair) == "OK");
    pair.lists.hasXY = true;
    pair.lists.hasYX = false;
    CHECK(first(pair) == "LIST_NOT_DELIVERED");
    CHECK(judge(pair).front().about == TraceSubject::X);
    udpSilent(pair.aToY);
    CHECK(first(pair) != "LIST_NOT_DELIVERED");
}

TEST_CASE("rule WRONG_NIC: the traced address is dead and another one of the same user answers") {
    auto pair = finePair();
    allSilent(pair.aToY);
    IdentityAddress old{kY, "pc-y", "", 3000s, false, {}};
    IdentityAddress now{ip("10.2.3.4"), "pc-y", "", 5s, true, {}};
    pair.aToY.name->identity = std::vector{old, now};
    CHECK(first(pair) == "WRONG_NIC");
    pair.aToY.name->identity->back().isAnswering = false;
    CHECK(first(pair) != "WRONG_NIC");
}

TEST_CASE("rules WRONG_NIC and DUPLICATE_IDENTITY: one program or two; not known is not enough") {
    auto pair = finePair();
    IdentityAddress one{kY, "pc-y", "", 20s, true, {}};
    IdentityAddress two{ip("10.2.3.4"), "pc-y", "", 20s, true, {}};
    pair.aToY.name->identity = std::vector{one, two};
    const auto open = judge(pair).front();
    CHECK(open.code == NotEnoughEvidence);
    CHECK(open.missing == TraceStep::WhoIsWho);
    pair.aToY.name->isOneProgram = true;
    CHECK(first(pair) == "WRONG_NIC");
    pair.aToY.name->isOneProgram = false;
    CHECK(first(pair) == "DUPLICATE_IDENTITY");
    pair.aToY.name->isOneProgram.reset();
    pair.aToY.name->identity->back().host = "pc-z";
    CHECK(first(pair) == "DUPLICATE_IDENTITY");
    pair.aToY.name->identity->back().isAnswering.reset();
    pair.aToY.name->identity->back().age = 3h;  // where he was this morning
    CHECK(first(pair) == "OK");
}

TEST_CASE("rule DUPLICATE_IDENTITY: two cards answer for one address") {
    auto pair = finePair();
    pair.aToX->neighbour->hardware = {"02:00:00:00:00:01", "02:00:00:00:00:01"};
    CHECK(first(pair) == "OK");
    pair.aToX->neighbour->hardware.push_back("02:00:00:00:00:02");
    CHECK(first(pair) == "DUPLICATE_IDENTITY");
    CHECK(judge(pair).front().about == TraceSubject::X);
}

TEST_CASE("rule DUPLICATE_MASTER: two different masters; one that answered twice is one") {
    auto pair = finePair();
    pair.aToY.name->masters = std::vector{kServiceA, kServiceA};
    CHECK(first(pair) == "OK");
    pair.aToY.name->masters->push_back(kServiceB);
    CHECK(first(pair) == "DUPLICATE_MASTER");
}

TEST_CASE("rule RTP_BLOCKED: names the silent ports, and only where chat passes between the services") {
    auto pair = finePair(Vantage::Both);
    pair.aToPeer->voice = std::vector<VoicePort>{{22224, VoiceOutcome::Echoed}, {22225, VoiceOutcome::Refused}};
    CHECK(first(pair) == "OK");
    pair.aToPeer->voice->push_back({22226, VoiceOutcome::Silent});
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == RtpBlocked);
    CHECK(verdict.parameters.ports == std::vector<std::uint16_t>{22226});
    CHECK(offers(verdict, "udp dport { 22226 }"));
    udpSilent(*pair.aToPeer);
    pair.aToPeer->oneWay = OneWayFacts{5, 0};
    CHECK(first(pair) != "RTP_BLOCKED");
}

TEST_CASE("rule INTERMITTENT: share and times of losses; one lost packet is nothing") {
    auto pair = finePair();
    pair.aToY.chatProbe = probe(9, 8);
    CHECK(first(pair) == "OK");
    std::vector<RepeatSample> samples;
    for (int i = 0; i < 30; ++i)
        samples.push_back({fromEpochMillis(i * 10'000), TraceProtocol::Udp, i % 10 != 3});
    pair.aToY.repeat = samples;
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == Intermittent);
    CHECK(verdict.certainty == Certainty::Certain);
    CHECK(verdict.parameters.lossPercent == 10U);
    CHECK(verdict.parameters.times ==
          std::vector{fromEpochMillis(30'000), fromEpochMillis(130'000), fromEpochMillis(230'000)});
}

TEST_CASE("rule ICMP_ONLY_FILTERED: chat and files pass, ping does not; not measured is not filtered") {
    auto pair = finePair();
    pair.aToY.echo = probe(5, 0);
    CHECK(first(pair) == "ICMP_ONLY_FILTERED");
    pair.aToY.echo = probe(2, 0);
    CHECK(first(pair) == "OK");
    pair.aToY.echo.reset();
    pair.aToY.path->udp = column({{}, kRouter2, kY}, true);  // one silent router
    CHECK(first(pair) == "OK");
    pair.aToY.path->udp = column({{}, {}, kY}, true);
    CHECK(first(pair) == "ICMP_ONLY_FILTERED");
    CHECK(certainty(pair) == "likely");
}

TEST_CASE("rule OK: certain when both lists show it, likely from one side") {
    auto pair = finePair();
    CHECK(certainty(pair) == "likely");
    CHECK(judge(pair).front().missing == TraceStep::Lists);
    pair.lists.hasYX = true;
    CHECK(certainty(pair) == "certain");
    CHECK(certainty(finePair(Vantage::Both)) == "certain");
    pair.aToY.chatProbe.reset();
    pair.aToY.joinProbe.reset();
    CHECK(first(pair) == "NOT_ENOUGH_EVIDENCE");
}

TEST_CASE("verdicts: hostile names stay out of commands and are cleaned in sentences") {
    auto pair = finePair();
    pair.y = "eve\n\x1b[31m'; rm -rf / #\xff" + std::string(500, 'x');
    pair.aToY.name->identity->front().host = "$(reboot)\n";
    udpSilent(pair.aToY);
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == HostFirewallUdp);
    CHECK(verdict.sentence.find('\n') == std::string::npos);
    CHECK(verdict.sentence.find('\x1b') == std::string::npos);
    CHECK(verdict.sentence.size() < 1000);
    for (const auto& step : verdict.remedy) {
        CHECK(step.command.find("rm -rf") == std::string::npos);
        CHECK(step.command.find("reboot") == std::string::npos);
    }
}

TEST_CASE("rules: a computer that was switched off a moment ago is off, though its segment still has its address") {
    auto pair = finePair(Vantage::Both);
    for (auto* leg : {&pair.aToY, &*pair.bToY}) {
        udpSilent(*leg);
        leg->tcp = tcp(TcpOutcome::Timeout);
        leg->path.reset();
    }
    pair.aToY.chatProbe->errors = {icmp(kRouter2, 3, 1)};
    pair.lists = {};
    const auto verdict = judge(pair).front();
    CHECK(verdict.code == VerdictCode::HostOff);
    CHECK(verdict.certainty == Certainty::Likely);
    // What was heard of him outweighs the router.
    pair.bToY->heard = HeardFacts{1, 2s, 0};
    CHECK(judge(pair).front().code != VerdictCode::HostOff);
}
