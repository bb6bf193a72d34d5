#include "service/trace/reading.h"

#include <algorithm>
#include <array>

#include "service/trace/rules.h"

namespace causeway::trace {

namespace {

constexpr std::size_t kLooked = 256;  ///< entries of any list that are looked at
constexpr Duration kLive = 600s;      ///< an address that spoke within this is in use

template <class T>
std::size_t bounded(const std::vector<T>& list) {
    return std::min(list.size(), kLooked);
}

void add(Count& count, const std::optional<ProbeFacts>& probe) {
    if (!probe) return;
    count.tries += probe->tries;
    count.answers += probe->answers;
}

bool isPartial(unsigned tries, unsigned answers) {
    return answers > 0 && answers < tries;
}

bool isAliveByPath(const TraceEvidence& leg) {
    for (const auto* column : columnsOf(&leg))
        if (column->isTargetReached) return true;
    return false;
}

Heard heardOf(unsigned asked, unsigned answered) {
    if (answered > 0) return Heard::Answers;
    return asked >= 2 ? Heard::Silent : Heard::Unknown;
}

std::optional<unsigned> hopOf(const TraceEvidence& leg, Ip4 address) {
    for (const auto* column : columnsOf(&leg)) {
        for (std::size_t i = 0; i < bounded(column->hops); ++i)
            if (column->hops[i].address == address) return column->hops[i].ttl;
    }
    return std::nullopt;
}

std::optional<FoundError> inErrors(const TraceEvidence& leg, const std::vector<IcmpError>& errors,
                                   TraceProtocol protocol, TraceStep step, ErrorTest test) {
    for (std::size_t i = 0; i < bounded(errors); ++i)
        if (test(leg, errors[i])) return FoundError{errors[i], protocol, step, hopOf(leg, errors[i].from)};
    return std::nullopt;
}

std::optional<FoundError> inColumn(const TraceEvidence& leg, const std::optional<PathColumn>& column,
                                   TraceProtocol protocol, ErrorTest test) {
    if (!column) return std::nullopt;
    for (std::size_t i = 0; i < bounded(column->hops); ++i) {
        const auto& hop = column->hops[i];
        if (!hop.address || !hop.type || !hop.code) continue;
        // Here "time exceeded" is what the hop was asked for.
        const IcmpError error{*hop.address, *hop.type, *hop.code, 0};
        if (!error.isTimeExceeded() && test(leg, error)) return FoundError{error, protocol, TraceStep::Path, hop.ttl};
    }
    return std::nullopt;
}

}  // namespace

Side sideY(const TracePair& pair) {
    Side side;
    side.who = TraceSubject::Y;
    side.name = pair.y;
    side.otherName = pair.x;
    side.address = pair.yAddress.isAny() ? pair.aToY.toAddress : pair.yAddress;
    side.cross = &pair.aToY;
    side.crossLeg = TraceLeg::AToY;
    side.local = pair.leg(TraceLeg::BToY);
    side.localLeg = TraceLeg::BToY;
    // In one segment our own leg is the local one too.
    if (!side.local && pair.aToY.segment && pair.aToY.segment->isSameSegment == true) {
        side.local = &pair.aToY;
        side.localLeg = TraceLeg::AToY;
    }
    side.peer = pair.leg(TraceLeg::AToPeer);
    side.peerLeg = TraceLeg::AToPeer;
    side.peerBack = pair.leg(TraceLeg::PeerToA);
    side.isPeerInSegment = pair.isPeerInYSegment == true;
    return side;
}

Side sideX(const TracePair& pair) {
    Side side;
    side.who = TraceSubject::X;
    side.name = pair.x;
    side.otherName = pair.y;
    side.local = pair.leg(TraceLeg::AToX);
    side.localLeg = TraceLeg::AToX;
    side.cross = pair.leg(TraceLeg::BToX);
    side.crossLeg = TraceLeg::BToX;
    side.address = pair.xAddress;
    if (side.address.isAny() && side.local) side.address = side.local->toAddress;
    side.peer = pair.leg(TraceLeg::PeerToA);
    side.peerLeg = TraceLeg::PeerToA;
    side.peerBack = pair.leg(TraceLeg::AToPeer);
    side.isPeerInSegment = pair.isServiceInXSegment == true;
    return side;
}

Count udpCount(const TraceEvidence& leg) {
    Count count;
    // Silence of a program that never answers GETINFO says nothing; an answer always counts.
    if (leg.chatProbe && leg.answersChatProbe != true) {
        count.tries += leg.chatProbe->answers;
        count.answers += leg.chatProbe->answers;
    } else {
        add(count, leg.chatProbe);
    }
    add(count, leg.joinProbe);
    if (leg.repeat) {
        for (const auto& sample : *leg.repeat) {
            if (sample.protocol != TraceProtocol::Udp) continue;
            ++count.tries;
            if (sample.isAnswered) ++count.answers;
        }
    }
    if (leg.stateProbes) {
        for (std::size_t i = 0; i < bounded(*leg.stateProbes); ++i) {
            count.tries += (*leg.stateProbes)[i].tries;
            count.answers += (*leg.stateProbes)[i].answers;
        }
    }
    return count;
}

bool isLossy(const TraceEvidence& leg) {
    if (leg.echo && isPartial(leg.echo->tries, leg.echo->answers)) return true;
    if (leg.segmentMates && isPartial(leg.segmentMates->answeringTries, leg.segmentMates->answeringReplies))
        return true;
    if (leg.sizes) {
        for (std::size_t i = 0; i < bounded(*leg.sizes); ++i) {
            const auto& size = (*leg.sizes)[i];
            if (size.payload <= 1200 && isPartial(size.sent, size.answers)) return true;
        }
    }
    if (!leg.repeat) return false;
    for (const auto protocol : {TraceProtocol::Icmp, TraceProtocol::Udp, TraceProtocol::Tcp}) {
        unsigned tries = 0;
        unsigned answers = 0;
        for (const auto& sample : *leg.repeat) {
            if (sample.protocol != protocol) continue;
            ++tries;
            if (sample.isAnswered) ++answers;
        }
        if (isPartial(tries, answers)) return true;
    }
    return false;
}

Heard udpOf(const TraceEvidence* leg) {
    if (!leg) return Heard::Unknown;
    const auto count = udpCount(*leg);
    if (count.answers > 0) return Heard::Answers;
    return count.tries >= (isLossy(*leg) ? kFewestTriesWithLoss : kFewestTries) ? Heard::Silent : Heard::Unknown;
}

Heard echoOf(const TraceEvidence* leg) {
    if (!leg || !leg->echo) return Heard::Unknown;
    if (leg->echo->answers > 0) return Heard::Answers;
    return leg->echo->tries >= kFewestTries ? Heard::Silent : Heard::Unknown;
}

bool tcpIs(const TraceEvidence* leg, TcpOutcome outcome) {
    return leg && leg->tcp && leg->tcp->outcome == outcome;
}

bool isUdpRefused(const TraceEvidence* leg) {
    return findError(leg, TraceProtocol::Udp,
                     [](const TraceEvidence& each, const IcmpError& error) {
                         return error.isPortClosed() && error.from == each.toAddress;
                     })
        .has_value();
}

bool isRoadOpen(const TraceEvidence* leg) {
    return tcpIs(leg, TcpOutcome::Connected) || tcpIs(leg, TcpOutcome::Refused) || echoOf(leg) == Heard::Answers;
}

bool isHeardAlive(const TraceEvidence* leg) {
    if (!leg) return false;
    if (isRoadOpen(leg) || isUdpRefused(leg) || isAliveByPath(*leg)) return true;
    return leg->heard && leg->heard->fromTarget > 0;
}

bool isAlive(const TraceEvidence* leg) {
    if (isHeardAlive(leg)) return true;
    return leg && leg->neighbour && !leg->neighbour->isGateway && leg->neighbour->state == NeighbourState::Found;
}

Heard matesUdp(const Side& side) {
    unsigned asked = 0;
    unsigned answered = 0;
    if (side.cross && side.cross->segmentMates) {
        asked += side.cross->segmentMates->asked;
        answered += side.cross->segmentMates->answered;
    }
    if (side.isPeerInSegment && side.peer) {
        // A question that arrives is not yet an answer that comes back.
        const auto* there = side.peer->oneWay ? &*side.peer->oneWay : nullptr;
        const auto* back = side.peerBack && side.peerBack->oneWay ? &*side.peerBack->oneWay : nullptr;
        if (there && back && there->sent >= kFewestTries && back->sent >= kFewestTries) {
            ++asked;
            if (there->arrived > 0 && back->arrived > 0) ++answered;
        } else if (udpOf(side.peer) != Heard::Unknown) {
            ++asked;
            if (udpOf(side.peer) == Heard::Answers) ++answered;
        }
    }
    return heardOf(asked, answered);
}

Heard matesTcp(const Side& side) {
    unsigned asked = 0;
    unsigned connected = 0;
    if (side.cross && side.cross->segmentMates) {
        asked += side.cross->segmentMates->tcpAsked;
        connected += side.cross->segmentMates->tcpConnected;
    }
    if (side.isPeerInSegment && side.peer && side.peer->tcp) {
        ++asked;
        if (isRoadOpen(side.peer)) ++connected;
    }
    return heardOf(asked, connected);
}

Heard baseMatesUdp(const Side& side) {
    if (!side.cross || !side.cross->baseMates) return Heard::Unknown;
    return heardOf(side.cross->baseMates->asked, side.cross->baseMates->answered);
}

std::optional<FoundError> findError(const TraceEvidence* leg, TraceProtocol protocol, ErrorTest test) {
    if (!leg) return std::nullopt;
    std::optional<FoundError> found;
    switch (protocol) {
        case TraceProtocol::Udp:
            if (leg->chatProbe) found = inErrors(*leg, leg->chatProbe->errors, protocol, TraceStep::ChatProbe, test);
            if (!found && leg->joinProbe)
                found = inErrors(*leg, leg->joinProbe->errors, protocol, TraceStep::JoinProbe, test);
            if (!found && leg->path) found = inColumn(*leg, leg->path->udp, protocol, test);
            break;
        case TraceProtocol::Tcp:
            if (leg->tcp) found = inErrors(*leg, leg->tcp->errors, protocol, TraceStep::FilePort, test);
            if (!found && leg->path) found = inColumn(*leg, leg->path->tcp, protocol, test);
            break;
        case TraceProtocol::Icmp:
            if (leg->echo) found = inErrors(*leg, leg->echo->errors, protocol, TraceStep::Echo, test);
            if (!found && leg->path) found = inColumn(*leg, leg->path->icmp, protocol, test);
            break;
    }
    return found;
}

std::optional<FoundError> findError(const TraceEvidence* leg, ErrorTest test) {
    for (const auto protocol : {TraceProtocol::Udp, TraceProtocol::Tcp, TraceProtocol::Icmp})
        if (auto found = findError(leg, protocol, test)) return found;
    return std::nullopt;
}

bool isFromRouter(const TraceEvidence& leg, const IcmpError& error) {
    return !error.from.isAny() && error.from != leg.toAddress && error.from != leg.fromAddress;
}

bool isRouterFilter(const TraceEvidence& leg, const IcmpError& error) {
    return isFromRouter(leg, error) && (error.isProhibited() || error.isPortClosed());
}

RoadEnd endOf(const PathColumn& column) {
    RoadEnd end;
    for (std::size_t i = 0; i < bounded(column.hops); ++i) {
        const auto& hop = column.hops[i];
        if (hop.isAnswered && hop.ttl > end.hop) end = {hop.ttl, hop.address};
    }
    return end;
}

std::vector<const PathColumn*> columnsOf(const TraceEvidence* leg) {
    std::vector<const PathColumn*> columns;
    if (!leg || !leg->path) return columns;
    for (const auto* column : {&leg->path->udp, &leg->path->icmp, &leg->path->tcp})
        if (*column && !(*column)->hops.empty()) columns.push_back(&**column);
    return columns;
}

std::optional<RoadEnd> loopIn(const TraceEvidence* leg) {
    for (const auto* column : columnsOf(leg)) {
        if (column->isTargetReached) continue;
        const auto& hops = column->hops;
        for (std::size_t i = 0; i < bounded(hops); ++i) {
            bool isOtherBetween = false;
            for (std::size_t j = i + 1; hops[i].address && j < bounded(hops); ++j) {
                if (!hops[j].address) continue;
                // Two hops in a row with one address are usual: some routers answer for the next one too.
                if (*hops[j].address != *hops[i].address)
                    isOtherBetween = true;
                else if (isOtherBetween)
                    return RoadEnd{hops[i].ttl, hops[i].address};
            }
        }
    }
    return std::nullopt;
}

std::optional<unsigned> hopsTo(const TraceEvidence* leg) {
    for (const auto* column : columnsOf(leg))
        if (column->isTargetReached) return column->lastAnswered();
    return std::nullopt;
}

std::optional<unsigned> hopsBackGuess(const TraceEvidence* leg) {
    if (!leg) return std::nullopt;
    for (const auto* probe : {&leg->chatProbe, &leg->joinProbe, &leg->echo}) {
        if (!*probe || !(*probe)->replyTtl) continue;
        const unsigned left = *(*probe)->replyTtl;
        // Systems begin with 64, 128 or 255.
        for (const unsigned start : {64U, 128U, 255U})
            if (left <= start) return start - left + 1;
    }
    return std::nullopt;
}

std::optional<Asymmetry> asymmetryOf(const TracePair& pair) {
    const auto differ = [](unsigned there, unsigned back) {
        return there > back ? there - back >= 2 : back - there >= 2;
    };
    const std::array<std::pair<const TraceEvidence*, const TraceEvidence*>, 2> roads{
        std::pair{&pair.aToY, pair.leg(TraceLeg::BToX)},
        std::pair{pair.leg(TraceLeg::AToPeer), pair.leg(TraceLeg::PeerToA)}};
    for (const auto& [there, back] : roads) {
        const auto first = hopsTo(there);
        const auto second = hopsTo(back);
        if (first && second) {
            if (differ(*first, *second)) return Asymmetry{*first, *second, false};
            return std::nullopt;  // measured both ways, and alike
        }
    }
    const auto there = hopsTo(&pair.aToY);
    const auto back = hopsBackGuess(&pair.aToY);
    if (there && back && differ(*there, *back)) return Asymmetry{*there, *back, true};
    return std::nullopt;
}

const NatFacts* translationOf(const TracePair& pair) {
    for (const auto leg : {TraceLeg::AToPeer, TraceLeg::PeerToA, TraceLeg::AToY, TraceLeg::BToX}) {
        const auto* evidence = pair.leg(leg);
        if (!evidence || !evidence->nat) continue;
        const auto& nat = *evidence->nat;
        if ((nat.seenAddress && *nat.seenAddress != nat.ownAddress) || (nat.seenPort && *nat.seenPort != nat.ownPort) ||
            nat.isSourceOutsidePoll == true || nat.usersBehindAddress.value_or(0) >= 2)
            return &nat;
    }
    return nullptr;
}

std::optional<OneWayProof> oneWayOf(const TracePair& pair) {
    const auto y = sideY(pair);
    const auto x = sideX(pair);
    const auto ay = udpOf(y.cross);
    const auto bx = udpOf(x.cross);
    if (ay == Heard::Answers && bx == Heard::Answers) return std::nullopt;

    // Counted at the far end: the only figures that speak of one direction alone.
    const auto* there = pair.leg(TraceLeg::AToPeer);
    const auto* back = pair.leg(TraceLeg::PeerToA);
    if (there && back && there->oneWay && back->oneWay) {
        const auto& a = *there->oneWay;
        const auto& b = *back->oneWay;
        const std::vector<VerdictProof> proofs{{TraceStep::ChatProbe, TraceLeg::AToPeer},
                                               {TraceStep::ChatProbe, TraceLeg::PeerToA}};
        if (a.sent >= kFewestTries && a.arrived == 0 && b.sent > 0 && b.arrived * 2 >= b.sent)
            return OneWayProof{TraceDirection::AToB, Certainty::Certain, proofs};
        if (b.sent >= kFewestTries && b.arrived == 0 && a.sent > 0 && a.arrived * 2 >= a.sent)
            return OneWayProof{TraceDirection::BToA, Certainty::Certain, proofs};
        // Both pass, or both do not: whatever is wrong is not one-way between these two places.
        if (a.sent >= kFewestTries && b.sent >= kFewestTries && (a.arrived > 0) == (b.arrived > 0)) return std::nullopt;
    }

    const auto judgeSide = [](const Side& silent, const Side& fine,
                              TraceDirection broken) -> std::optional<OneWayProof> {
        if (udpOf(silent.cross) != Heard::Silent || udpOf(fine.cross) != Heard::Answers) return std::nullopt;
        const bool areMatesSilent = matesUdp(silent) == Heard::Silent;
        const bool isFineAtHome = silent.local != silent.cross && udpOf(silent.local) == Heard::Answers;
        if (matesUdp(silent) == Heard::Answers || (!areMatesSilent && !isFineAtHome)) return std::nullopt;
        OneWayProof proof{broken,
                          Certainty::Possible,
                          {{TraceStep::ChatProbe, silent.crossLeg}, {TraceStep::ChatProbe, fine.crossLeg}}};
        if (areMatesSilent) proof.certainty = isFineAtHome ? Certainty::Certain : Certainty::Likely;
        if (isFineAtHome) proof.proofs.push_back({TraceStep::ChatProbe, silent.localLeg});
        return proof;
    };
    if (auto proof = judgeSide(y, x, TraceDirection::AToB)) return proof;
    if (auto proof = judgeSide(x, y, TraceDirection::BToA)) return proof;

    const bool isSegmentSilent = ay == Heard::Silent && matesUdp(y) == Heard::Silent;
    const bool isFineAtHome = y.local != y.cross && udpOf(y.local) == Heard::Answers;
    // Their packets arrive without our asking, ours are never answered: the way to them is the broken one.
    if (isSegmentSilent && y.cross->heard && (y.cross->heard->fromTarget > 0 || y.cross->heard->fromMates > 0))
        return OneWayProof{TraceDirection::AToB, Certainty::Likely, {{TraceStep::ChatProbe, TraceLeg::AToY}}};
    if (ay == Heard::Silent && (isSegmentSilent || isFineAtHome) && matesUdp(y) != Heard::Answers && pair.lists.hasXY &&
        pair.lists.hasYX && *pair.lists.hasXY != *pair.lists.hasYX) {
        // X's list has Y: Y's packets reach X.
        return OneWayProof{*pair.lists.hasXY ? TraceDirection::AToB : TraceDirection::BToA,
                           Certainty::Likely,
                           {{TraceStep::ChatProbe, TraceLeg::AToY}, {TraceStep::Lists, TraceLeg::AToY}}};
    }
    return std::nullopt;
}

Loss lossOf(const TraceEvidence& leg) {
    Loss loss;
    const auto count = udpCount(leg);
    if (count.answers == 0) return loss;
    loss.tries = count.tries;
    loss.lost = count.tries - std::min(count.tries, count.answers);
    // A program that never answers echo is no loss; one that answers some of them is.
    if (leg.echo && isPartial(leg.echo->tries, leg.echo->answers)) {
        loss.tries += leg.echo->tries;
        loss.lost += leg.echo->tries - leg.echo->answers;
    }
    if (!leg.repeat) return loss;
    unsigned tcpTries = 0;
    unsigned tcpAnswers = 0;
    for (const auto& sample : *leg.repeat) {
        if (sample.protocol == TraceProtocol::Tcp) {
            ++tcpTries;
            if (sample.isAnswered) ++tcpAnswers;
        }
        if (!sample.isAnswered && loss.times.size() < 8) loss.times.push_back(sample.at);
    }
    if (isPartial(tcpTries, tcpAnswers)) {
        loss.tries += tcpTries;
        loss.lost += tcpTries - tcpAnswers;
    }
    return loss;
}

const NameFacts* namesOf(const Side& side) {
    for (const auto* leg : {side.cross, side.local})
        if (leg && leg->name) return &*leg->name;
    return nullptr;
}

IdentityConflict identityOf(const Side& side) {
    for (const auto* leg : {side.cross, side.local})
        if (leg && leg->neighbour && !leg->neighbour->isGateway && leg->neighbour->hardware.size() >= 2 &&
            std::any_of(leg->neighbour->hardware.begin(), leg->neighbour->hardware.end(),
                        [&](const std::string& each) { return each != leg->neighbour->hardware.front(); }))
            return IdentityConflict::TwoComputers;  // one address, two cards that answer for it
    const auto* names = namesOf(side);
    if (!names || !names->identity) return IdentityConflict::None;
    std::vector<const IdentityAddress*> live;
    for (std::size_t i = 0; i < bounded(*names->identity); ++i) {
        const auto& each = (*names->identity)[i];
        const bool isSilent = each.isAnswering == false;
        if (each.isAnswering == true || (!isSilent && each.age && *each.age <= kLive)) live.push_back(&each);
    }
    if (live.size() < 2) return IdentityConflict::None;
    const bool areHostsEqual =
        std::all_of(live.begin(), live.end(), [&](const auto* each) { return each->host == live.front()->host; });
    if (!areHostsEqual || names->isOneProgram == false) return IdentityConflict::TwoComputers;
    const bool isCrossed = std::any_of(live.begin(), live.end(), [](const auto* each) {
        return each->answeredFrom && *each->answeredFrom != each->address;
    });
    return names->isOneProgram == true || isCrossed ? IdentityConflict::TwoCards : IdentityConflict::Unclear;
}

}  // namespace causeway::trace
