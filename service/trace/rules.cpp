#include "service/trace/rules.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "service/trace/reading.h"
#include "service/trace/remedies.h"
#include "shared/base/text.h"

namespace causeway::trace {

namespace {

constexpr std::size_t kMostVerdicts = 4;
constexpr Duration kFreshName = 24h;  ///< a directory entry older than this proves nothing against the name service

/// What a condition found.
struct Match {
    Certainty certainty = Certainty::Likely;
    TraceSubject about = TraceSubject::Between;
    VerdictParameters parameters{};
    std::string why{};
    std::vector<VerdictProof> proofs{};
    std::optional<TraceStep> missing{};
    std::string missingText{};
};
using Found = std::optional<Match>;

std::string times(unsigned answers, unsigned tries) {
    return std::to_string(answers) + " of " + std::to_string(tries);
}

Match match(Certainty certainty, TraceSubject about, std::string why, std::vector<VerdictProof> proofs) {
    Match out;
    out.certainty = certainty;
    out.about = about;
    out.why = std::move(why);
    out.proofs = std::move(proofs);
    return out;
}

void setHop(Match& out, const FoundError& found) {
    out.parameters.hopAddress = found.error.from;
    out.parameters.hopNumber = found.hop;
}

std::string asked(const TraceEvidence& leg) {
    const auto count = udpCount(leg);
    return times(count.answers, count.tries) + " questions on UDP " + std::to_string(leg.port) + " were answered";
}

/// Losses enough to explain a missing answer by chance.
bool isLosing(const TraceEvidence& leg) {
    const auto loss = lossOf(leg);
    return isLossy(leg) || (loss.lost >= 2 && loss.tries >= 6);
}

// ---- The conditions. Each one is a row of docs/dev/trace-evidence.md. --------------------------------------------

Found selfFault(const TracePair& pair, const Side&) {
    for (const auto leg :
         {TraceLeg::AToY, TraceLeg::AToX, TraceLeg::AToPeer, TraceLeg::BToX, TraceLeg::BToY, TraceLeg::PeerToA}) {
        const auto* evidence = pair.leg(leg);
        if (!evidence || !evidence->self) continue;
        const auto& self = *evidence->self;
        const auto port = std::to_string(evidence->port);
        const bool isOurs = leg == TraceLeg::AToY || leg == TraceLeg::AToX || leg == TraceLeg::AToPeer;
        const auto there = isOurs ? std::string() : " at the linked service";
        const auto here = isOurs ? std::string("This computer") : "The computer of the linked service";
        std::string why;
        if (self.hasInterface == false)
            why = "No network card" + there + " is up and has an address.";
        else if (self.isUdpBound == false || self.isTcpBound == false)
            why = std::string{self.isUdpBound == false ? "UDP" : "TCP"} + " port " + port + there + " belongs to " +
                  (self.portHolder.empty() ? "another program" : "the program " + self.portHolder) + ".";
        else if (self.hasRoute == false)
            why = here + " has no route towards " + evidence->toAddress.text() + ".";
        else if (self.isFirewallOpen == false)
            why = here + " has a firewall that does not let port " + port + " in.";
        else
            continue;
        return match(Certainty::Certain, TraceSubject::Service, why, {{TraceStep::SelfCheck, leg}});
    }
    for (const auto leg : {TraceLeg::AToY, TraceLeg::BToX}) {
        const auto* evidence = pair.leg(leg);
        const auto own = findError(evidence, [](const TraceEvidence& each, const IcmpError& error) {
            return error.isProhibited() && !error.from.isAny() && error.from == each.fromAddress;
        });
        if (own)
            return match(Certainty::Certain, TraceSubject::Service,
                         "The firewall of this computer itself refuses the packets.", {{own->step, leg}});
    }
    return std::nullopt;
}

Found nameUnresolved(const TracePair&, const Side& side) {
    const auto* names = namesOf(side);
    if (!names || !side.address.isAny() || names->directoryAddress || !names->dnsAddresses) return std::nullopt;
    if (!names->dnsAddresses->empty()) return std::nullopt;
    return match(Certainty::Certain, side.who,
                 "The name service knows no address of this name, and no packet of such a user ever came.",
                 {{TraceStep::WhoIsWho, side.cross ? side.crossLeg : side.localLeg}});
}

Found nameStale(const TracePair&, const Side& side) {
    const auto* names = namesOf(side);
    if (!names || !names->dnsAddresses || names->dnsAddresses->empty() || !names->directoryAddress) return std::nullopt;
    if (!names->directoryAge || *names->directoryAge > kFreshName) return std::nullopt;
    const auto& dns = *names->dnsAddresses;
    if (std::find(dns.begin(), dns.end(), *names->directoryAddress) != dns.end()) return std::nullopt;
    if (names->identity) {
        // Both addresses are in use: two cards or two computers, and the name service is right about one of them.
        for (const auto& each : *names->identity)
            if (std::find(dns.begin(), dns.end(), each.address) != dns.end() && each.isAnswering == true)
                return std::nullopt;
    }
    const bool isProven = *names->directoryAge <= kColdAfter || udpOf(side.cross) == Heard::Answers;
    return match(isProven ? Certainty::Certain : Certainty::Likely, side.who,
                 "The name service says " + dns.front().text() + ", but his packets come from " +
                     names->directoryAddress->text() + ".",
                 {{TraceStep::WhoIsWho, side.cross ? side.crossLeg : side.localLeg}});
}

Found subnetOverlap(const TracePair& pair, const Side&) {
    for (const auto leg : {TraceLeg::AToY, TraceLeg::BToX, TraceLeg::AToPeer}) {
        const auto* evidence = pair.leg(leg);
        if (!evidence || !evidence->segment || evidence->segment->isSameSegment == true) continue;
        for (const auto& own : evidence->segment->own) {
            for (const auto& far : evidence->segment->far) {
                if (own.prefix == 0 || far.prefix == 0) continue;
                if (!own.contains(far.address) && !far.contains(own.address)) continue;
                const auto& narrow = own.prefix >= far.prefix ? own : far;
                const auto& wide = own.prefix >= far.prefix ? far : own;
                // Other networks of the bases may overlap without harm to these two users.
                if (!narrow.contains(pair.xAddress) && !narrow.contains(pair.yAddress)) continue;
                return match(Certainty::Certain, TraceSubject::Between,
                             "Both bases hold " + narrow.text() +
                                 (narrow == wide ? "." : ", which lies within " + wide.text() + "."),
                             {{TraceStep::Segment, leg}});
            }
        }
    }
    return std::nullopt;
}

/// Several addresses carry this identity; `isSilent` picks the row for a traced address that does not answer.
Found identityConflict(const Side& side, IdentityConflict wanted) {
    if (identityOf(side) != wanted) return std::nullopt;
    std::string where;
    if (const auto* names = namesOf(side); names && names->identity) {
        for (const auto& each : *names->identity) {
            if (!where.empty()) where += ", ";
            where += each.address.text() + (each.host.empty() ? "" : " (host " + cleanUtf8(each.host) + ")");
            if (where.size() > 300) break;
        }
    }
    const auto why = where.empty() ? std::string{"Two hardware addresses answer for one address."}
                                   : "One user and host name is in use at " + where + ".";
    return match(Certainty::Likely, side.who, why, {{TraceStep::WhoIsWho, side.cross ? side.crossLeg : side.localLeg}});
}

bool isTargetSilentHere(const Side& side) {
    return udpOf(side.cross) != Heard::Answers && udpOf(side.local) != Heard::Answers;
}

Found wrongCardSilent(const TracePair&, const Side& side) {
    const auto* names = namesOf(side);
    if (!names || !names->identity || !isTargetSilentHere(side) || identityOf(side) == IdentityConflict::TwoComputers)
        return std::nullopt;
    bool isTracedDead = false;
    const IdentityAddress* other = nullptr;
    for (const auto& each : *names->identity) {
        if (each.address == side.address)
            isTracedDead = each.isAnswering != true;
        else if (each.isAnswering == true)
            other = &each;
    }
    if (!isTracedDead || !other) return std::nullopt;
    auto out = match(Certainty::Likely, side.who,
                     "Nothing answers at " + side.address.text() + ", but the same user and host answers at " +
                         other->address.text() + ".",
                     {{TraceStep::WhoIsWho, side.cross ? side.crossLeg : side.localLeg}});
    return out;
}
Found wrongCard(const TracePair&, const Side& side) {
    return identityConflict(side, IdentityConflict::TwoCards);
}
Found duplicateIdentity(const TracePair&, const Side& side) {
    return identityConflict(side, IdentityConflict::TwoComputers);
}

/// His own segment was asked for his hardware address and got none, and nothing else of him answers there.
const NeighbourFacts* missingNeighbour(const TraceEvidence* leg) {
    if (!leg || !leg->neighbour || leg->neighbour->state != NeighbourState::Missing) return nullptr;
    if (udpOf(leg) == Heard::Answers || isRoadOpen(leg)) return nullptr;  // the table was read too early
    return &*leg->neighbour;
}

bool areNeighboursMissing(const TraceEvidence& leg) {
    return leg.segmentMates && leg.segmentMates->neighbourAsked >= 2 && leg.segmentMates->neighbourFound == 0;
}

bool isAliveElsewhere(const Side& side) {
    if (side.local == side.cross) return false;
    return udpOf(side.cross) == Heard::Answers || isRoadOpen(side.cross) || isUdpRefused(side.cross);
}

Found clientIsolation(const TracePair& pair, const Side& side) {
    if (const auto* missing = missingNeighbour(side.local); missing && !missing->isGateway) {
        const bool isHeard = side.local->heard && side.local->heard->fromTarget > 0;
        const bool areOthersGone = areNeighboursMissing(*side.local);
        if (isHeard || isAliveElsewhere(side) || areOthersGone) {
            const auto certainty = isAliveElsewhere(side) ? Certainty::Certain : Certainty::Likely;
            return match(certainty, side.who,
                         areOthersGone ? "No computer of this segment gives its hardware address, although they run."
                                       : "He runs, but his segment does not hand packets to him.",
                         {{TraceStep::Neighbour, side.localLeg}});
        }
    }
    // Our service reaches both, but they know neither each other nor anybody else beside them.
    const auto& lists = pair.lists;
    if (pair.isSameSegment == true && lists.hasXY == false && lists.hasYX == false &&
        udpOf(&pair.aToY) == Heard::Answers && lists.xMatesKnown.value_or(0) >= 2 && lists.xMatesListed == 0U &&
        (!lists.yMatesListed || *lists.yMatesListed == 0U))
        return match(Certainty::Likely, TraceSubject::Between,
                     "Both programs answer this service, but neither lists the other, nor anybody else of their own "
                     "segment.",
                     {{TraceStep::Lists, TraceLeg::AToY}});
    return std::nullopt;
}

Found hostOff(const TracePair&, const Side& side) {
    if (const auto* missing = missingNeighbour(side.local); missing && !missing->isGateway) {
        const auto& mates = side.local->segmentMates;
        const bool doOthersAnswer = mates && (mates->neighbourFound > 0 || mates->answered > 0);
        if (doOthersAnswer && !isAliveElsewhere(side))
            return match(Certainty::Certain, side.who,
                         "His own segment has no hardware address for him, while other computers there answer.",
                         {{TraceStep::Neighbour, side.localLeg}});
    }
    if (udpOf(side.cross) == Heard::Answers || isAlive(side.cross)) return std::nullopt;
    // The last router asked for his hardware address just now; a table of his segment may still have the old one.
    const bool isOnlyInTable = side.local && side.local != side.cross && isAlive(side.local) &&
                               !isHeardAlive(side.local) && udpOf(side.local) != Heard::Answers;
    if (isAlive(side.local) && !isOnlyInTable) return std::nullopt;
    const auto told = findError(side.cross, [](const TraceEvidence& leg, const IcmpError& error) {
        return error.isHostUnreachable() && isFromRouter(leg, error);
    });
    if (!told) return std::nullopt;
    const auto mates = matesUdp(side);
    const auto& group = side.cross->segmentMates;
    // Some routers say "host unreachable" for a network that they do not know at all.
    if (mates == Heard::Silent && group && group->hostUnreachable > 0) return std::nullopt;
    auto out = match(mates != Heard::Answers ? Certainty::Possible
                     : isOnlyInTable         ? Certainty::Likely
                                             : Certainty::Certain,
                     side.who,
                     "The router " + told->error.from.text() + " says that this computer cannot be reached" +
                         (mates == Heard::Answers ? ", while other computers of its segment answer." : "."),
                     {{told->step, side.crossLeg}});
    setHop(out, *told);
    if (mates != Heard::Answers) {
        out.missing = TraceStep::ChatProbe;
        out.missingText = "Ask two other computers of that segment: if they answer, it is this computer alone.";
    }
    return out;
}

Found neighbourMissing(const TracePair&, const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.local, side.localLeg}, std::pair{side.cross, side.crossLeg}}) {
        const auto* missing = missingNeighbour(leg);
        if (!missing) continue;
        if (missing->isGateway)
            return match(Certainty::Likely, TraceSubject::Service,
                         "The gateway " + missing->address.text() + " does not give its hardware address.",
                         {{TraceStep::Neighbour, which}});
        auto out =
            match(Certainty::Likely, side.who, "Nobody in this segment answers for " + missing->address.text() + ".",
                  {{TraceStep::Neighbour, which}});
        out.missing = TraceStep::Neighbour;
        out.missingText = "Ask two other computers of the segment: if they answer, his is off.";
        return out;
    }
    return std::nullopt;
}

Found clientNotRunning(const TracePair&, const Side& side) {
    if (udpOf(side.cross) == Heard::Answers || udpOf(side.local) == Heard::Answers) return std::nullopt;
    if (tcpIs(side.cross, TcpOutcome::Connected) || tcpIs(side.local, TcpOutcome::Connected)) return std::nullopt;
    for (const auto& [leg, which] : {std::pair{side.local, side.localLeg}, std::pair{side.cross, side.crossLeg}}) {
        if (!leg) continue;
        if (isUdpRefused(leg)) {
            const bool isBoth = tcpIs(leg, TcpOutcome::Refused);
            auto out = match(isBoth ? Certainty::Certain : Certainty::Likely, side.who,
                             std::string{"The computer itself says that UDP port "} + std::to_string(leg->port) +
                                 " is closed" + (isBoth ? ", and refuses TCP." : "."),
                             {{TraceStep::ChatProbe, which}});
            if (leg->tcp) out.proofs.push_back({TraceStep::FilePort, which});
            return out;
        }
        // A firewall may swallow the answer "closed" of UDP; nothing listens on TCP either.
        const bool isCompared = which == side.localLeg && leg == side.local ? true : matesUdp(side) == Heard::Answers;
        if (udpOf(leg) == Heard::Silent && tcpIs(leg, TcpOutcome::Refused) && isCompared)
            return match(Certainty::Likely, side.who,
                         "The computer runs and refuses TCP port " + std::to_string(leg->port) +
                             ": no program listens there; UDP is silent.",
                         {{TraceStep::FilePort, which}, {TraceStep::ChatProbe, which}});
    }
    return std::nullopt;
}

Found hostFirewallStateful(const TracePair&, const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.local, side.localLeg}, std::pair{side.cross, side.crossLeg}}) {
        if (!leg || !leg->stateProbes) continue;
        Count cold;
        Count warm;
        const auto take = [](Count& count, unsigned tries, unsigned answers) {
            count.tries += tries;
            count.answers += answers;
        };
        for (const auto& each : *leg->stateProbes) {
            if (each.sinceTargetSpoke >= kColdAfter) take(cold, each.tries, each.answers);
            if (each.sinceTargetSpoke <= kWarmWithin) take(warm, each.tries, each.answers);
        }
        if (leg->chatProbe && leg->chatProbe->isCold == true) {
            if (leg->answersChatProbe == true) take(cold, leg->chatProbe->tries, leg->chatProbe->answers);
            // The join probe follows at once, and our own questions open nothing at his side.
            if (leg->joinProbe) take(cold, leg->joinProbe->tries, leg->joinProbe->answers);
        }
        if (cold.answers > 0 || cold.tries < kFewestTries || warm.answers == 0) continue;
        if (warm.answers * 3 < warm.tries * 2) continue;  // more like a line that loses packets
        const auto mates = leg == side.local && leg != side.cross ? Heard::Answers : matesUdp(side);
        if (mates == Heard::Silent) continue;  // the whole segment: something between
        auto out =
            match(mates == Heard::Unknown                               ? Certainty::Possible
                  : cold.tries >= 2 * kFewestTries && warm.answers >= 2 ? Certainty::Certain
                                                                        : Certainty::Likely,
                  side.who,
                  times(warm.answers, warm.tries) + " questions were answered shortly after he had sent something, " +
                      times(0, cold.tries) + " after two minutes of silence.",
                  {{TraceStep::ChatProbe, which}, {TraceStep::Repeat, which}});
        if (mates == Heard::Unknown) {
            out.missing = TraceStep::ChatProbe;
            out.missingText = "Ask two other computers of that segment, cold: if they answer, it is his firewall.";
        }
        return out;
    }
    return std::nullopt;
}

/// A router says "unreachable" to UDP only, while another protocol reaches the computer: a filter that does not say so.
bool isUdpTurnedBack(const TraceEvidence* leg) {
    if (!leg || udpOf(leg) == Heard::Answers) return false;
    if (!tcpIs(leg, TcpOutcome::Connected) && echoOf(leg) != Heard::Answers) return false;
    return findError(leg, TraceProtocol::Udp,
                     [](const TraceEvidence& each, const IcmpError& error) {
                         return isFromRouter(each, error) && (error.isHostUnreachable() || error.isNoRoute());
                     })
        .has_value();
}

Found hostFirewallUdp(const TracePair& pair, const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.local, side.localLeg}, std::pair{side.cross, side.crossLeg}}) {
        const auto refused = findError(leg, TraceProtocol::Udp, [](const TraceEvidence& each, const IcmpError& error) {
            return error.isProhibited() && error.from == each.toAddress;
        });
        if (refused && udpOf(leg) != Heard::Answers)
            return match(
                Certainty::Certain, side.who,
                "The computer itself answers \"forbidden by a rule\" to UDP " + std::to_string(leg->port) + ".",
                {{refused->step, which}});
        if (leg && isUdpRefused(leg) && tcpIs(leg, TcpOutcome::Connected) && udpOf(leg) != Heard::Answers)
            return match(
                Certainty::Possible, side.who,
                "TCP connects, so the chat program runs, but UDP is refused: a rule of his firewall, or another "
                "program has the TCP port.",
                {{TraceStep::ChatProbe, which}, {TraceStep::FilePort, which}});
    }
    if (findError(side.cross, TraceProtocol::Udp, isRouterFilter)) return std::nullopt;
    if (isUdpTurnedBack(side.cross)) return std::nullopt;
    const auto home = side.local != side.cross || !side.local ? udpOf(side.local) : Heard::Unknown;
    // In his own segment no router is between: silence of a computer that lives is its own.
    if (const auto* leg = side.local;
        leg && udpOf(leg) == Heard::Silent && isAlive(leg) && !tcpIs(leg, TcpOutcome::Refused)) {
        const bool isRunning = tcpIs(leg, TcpOutcome::Connected);
        const bool doOthersAnswer = leg->segmentMates && leg->segmentMates->answered > 0;
        const bool isSame = leg->segment && leg->segment->isSameSegment == true;
        if (isSame || doOthersAnswer)
            return match(
                isRunning ? Certainty::Certain : Certainty::Likely, side.who,
                asked(*leg) + " from his own segment, although the computer " + (isRunning ? "accepts TCP." : "is on."),
                {{TraceStep::ChatProbe, side.localLeg}, {TraceStep::FilePort, side.localLeg}});
    }
    const auto* leg = side.cross;
    if (udpOf(leg) != Heard::Silent || !isAlive(leg) || tcpIs(leg, TcpOutcome::Refused) ||
        matesUdp(side) != Heard::Answers)
        return std::nullopt;
    if (const auto proof = oneWayOf(pair); proof && proof->certainty == Certainty::Certain) return std::nullopt;
    const bool isRunning = tcpIs(leg, TcpOutcome::Connected);
    auto out = match(
        // From outside a rule of a router for this one computer looks the same.
        home == Heard::Answers ? Certainty::Possible : Certainty::Likely, side.who,
        asked(*leg) + ", although the computer " +
            (isRunning                       ? "accepts TCP"
             : echoOf(leg) == Heard::Answers ? "answers the echo"
                                             : "is on") +
            " and other computers of its segment answer." +
            (home == Heard::Answers ? " In its own base it answers: a rule that only admits the own network." : ""),
        {{TraceStep::ChatProbe, side.crossLeg}, {TraceStep::FilePort, side.crossLeg}});
    return out;
}

Found pathFilterTold(const TracePair&, const Side& side) {
    if (udpOf(side.cross) == Heard::Answers) return std::nullopt;
    auto told = findError(side.cross, TraceProtocol::Udp, isRouterFilter);
    const bool isTurnedBack = !told && isUdpTurnedBack(side.cross);
    if (isTurnedBack) {
        told = findError(side.cross, TraceProtocol::Udp, [](const TraceEvidence& each, const IcmpError& error) {
            return isFromRouter(each, error) && (error.isHostUnreachable() || error.isNoRoute());
        });
    }
    if (!told) return std::nullopt;
    auto out = match(isTurnedBack ? Certainty::Likely : Certainty::Certain, TraceSubject::Between,
                     isTurnedBack ? "The router " + told->error.from.text() + " answers \"unreachable\" to UDP " +
                                        std::to_string(side.cross->port) +
                                        " only; other packets reach the computer, so a rule of that router does it."
                                  : "The router " + told->error.from.text() + " itself says that it refuses UDP " +
                                        std::to_string(side.cross->port) + ".",
                     {{told->step, side.crossLeg}});
    setHop(out, *told);
    return out;
}

Found pathFilterCompared(const TracePair& pair, const Side& side) {
    const auto* leg = side.cross;
    if (udpOf(leg) != Heard::Silent || matesUdp(side) != Heard::Silent) return std::nullopt;
    if (oneWayOf(pair) || asymmetryOf(pair) || translationOf(pair) || loopIn(leg)) return std::nullopt;
    bool isOtherFarther = false;
    RoadEnd end;
    if (leg->path && leg->path->udp && !leg->path->udp->hops.empty()) {
        end = endOf(*leg->path->udp);
        for (const auto* column : columnsOf(leg))
            if (column != &*leg->path->udp && endOf(*column).hop > end.hop) isOtherFarther = true;
    }
    if (!isRoadOpen(leg) && !isOtherFarther) return std::nullopt;
    const bool isFineAtHome = side.local != leg && udpOf(side.local) == Heard::Answers;
    auto out = match(Certainty::Likely, TraceSubject::Between,
                     "No computer of that segment answers on UDP " + std::to_string(leg->port) +
                         ", while other packets reach it" + (isFineAtHome ? "; inside its base it answers." : "."),
                     {{TraceStep::ChatProbe, side.crossLeg}, {TraceStep::FilePort, side.crossLeg}});
    if (end.hop > 0) {
        out.parameters.hopNumber = end.hop;
        out.parameters.hopAddress = end.address;
        out.proofs.push_back({TraceStep::Path, side.crossLeg});
    }
    return out;
}

Found routeLoop(const TracePair&, const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.cross, side.crossLeg}, std::pair{side.peer, side.peerLeg}}) {
        if (!leg || udpOf(leg) == Heard::Answers || isRoadOpen(leg)) continue;
        if (const auto loop = loopIn(leg)) {
            auto out = match(Certainty::Certain, TraceSubject::Between,
                             "Packets meet the router " + (loop->address ? loop->address->text() : std::string{"?"}) +
                                 " again and again.",
                             {{TraceStep::Path, which}});
            out.parameters.hopAddress = loop->address;
            out.parameters.hopNumber = loop->hop;
            return out;
        }
        for (const auto protocol : {TraceProtocol::Udp, TraceProtocol::Tcp, TraceProtocol::Icmp}) {
            const auto told = findError(leg, protocol, [](const TraceEvidence& each, const IcmpError& error) {
                return error.isTimeExceeded() && isFromRouter(each, error);
            });
            if (!told) continue;
            auto out = match(Certainty::Likely, TraceSubject::Between,
                             "The router " + told->error.from.text() +
                                 " says that a packet used up all its hops, as only packets in a circle do.",
                             {{told->step, which}});
            setHop(out, *told);
            return out;
        }
    }
    return std::nullopt;
}

Found routeMissingTold(const TracePair&, const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.cross, side.crossLeg}, std::pair{side.peer, side.peerLeg}}) {
        if (!leg || udpOf(leg) == Heard::Answers || isRoadOpen(leg) || loopIn(leg)) continue;
        auto told = findError(leg, [](const TraceEvidence& each, const IcmpError& error) {
            return error.isNoRoute() && error.from != each.toAddress;
        });
        auto certainty = Certainty::Certain;
        if (!told && leg == side.cross && leg->segmentMates && leg->segmentMates->asked >= 2 &&
            leg->segmentMates->hostUnreachable == leg->segmentMates->asked) {
            told = findError(leg, [](const TraceEvidence& each, const IcmpError& error) {
                return error.isHostUnreachable() && isFromRouter(each, error);
            });
            certainty = Certainty::Possible;
        }
        if (!told) continue;
        const auto who = told->error.from == leg->fromAddress ? std::string{"This computer"}
                                                              : "The router " + told->error.from.text();
        auto out = match(certainty, TraceSubject::Between,
                         certainty == Certainty::Certain
                             ? who + " says that it has no road to " + leg->toAddress.text() + "."
                             : who +
                                   " reaches no computer of that segment: all of them are off, or the segment is cut "
                                   "off behind it.",
                         {{told->step, which}});
        setHop(out, *told);
        out.parameters.direction =
            which == TraceLeg::AToY || which == TraceLeg::AToPeer ? TraceDirection::AToB : TraceDirection::BToA;
        return out;
    }
    return std::nullopt;
}

Found routeMissingCompared(const TracePair& pair, const Side& side) {
    const auto* leg = side.cross;
    if (udpOf(leg) != Heard::Silent || isAlive(leg) || loopIn(leg) || oneWayOf(pair)) return std::nullopt;
    if (matesUdp(side) != Heard::Silent && baseMatesUdp(side) != Heard::Silent) return std::nullopt;
    if (matesUdp(side) == Heard::Answers || matesTcp(side) == Heard::Answers) return std::nullopt;
    const auto columns = columnsOf(leg);
    if (columns.size() < 2) return std::nullopt;
    const auto end = endOf(*columns.front());
    for (const auto* column : columns)
        if (endOf(*column).hop != end.hop) return std::nullopt;
    if (end.hop == 0) return std::nullopt;  // nothing answered at all: ICMP may be filtered at the first router
    auto out = match(Certainty::Likely, TraceSubject::Between,
                     "No packet of any kind is answered from beyond hop " + std::to_string(end.hop) +
                         ", and no computer of that segment answers.",
                     {{TraceStep::Path, side.crossLeg}, {TraceStep::ChatProbe, side.crossLeg}});
    out.parameters.hopNumber = end.hop;
    out.parameters.hopAddress = end.address;
    return out;
}

Found oneWay(const TracePair& pair, const Side&) {
    if (translationOf(pair) || asymmetryOf(pair)) return std::nullopt;
    const auto proof = oneWayOf(pair);
    if (!proof) return std::nullopt;
    auto out = match(proof->certainty, TraceSubject::Between,
                     proof->broken == TraceDirection::AToB
                         ? "Packets from base B arrive in base A, packets from A to B do not."
                         : "Packets from base A arrive in base B, packets from B to A do not.",
                     proof->proofs);
    out.parameters.direction = proof->broken;
    return out;
}

Found asymmetric(const TracePair& pair, const Side&) {
    const auto roads = asymmetryOf(pair);
    if (!roads) return std::nullopt;
    // Roads that differ are common and harmless; with one computer alone the fault is his.
    const auto fails = [](const Side& side) {
        if (!side.cross) return Heard::Unknown;
        if (udpOf(side.cross) == Heard::Silent) return matesUdp(side) == Heard::Silent ? Heard::Silent : Heard::Answers;
        if (udpOf(side.cross) != Heard::Answers || !tcpIs(side.cross, TcpOutcome::Timeout) || isLosing(*side.cross))
            return Heard::Answers;
        return matesTcp(side);
    };
    const auto y = fails(sideY(pair));
    const auto x = fails(sideX(pair));
    const bool isProven = y == Heard::Silent || x == Heard::Silent;
    const bool isSuspected = y == Heard::Unknown;
    if (!isProven && !isSuspected) return std::nullopt;
    return match(roads->isGuess || !isProven ? Certainty::Possible : Certainty::Likely, TraceSubject::Between,
                 "The way there has " + std::to_string(roads->there) + " hops, the way back " +
                     std::to_string(roads->back) + (roads->isGuess ? " (estimated)." : "."),
                 {{TraceStep::Path, TraceLeg::AToY}, {TraceStep::PathBack, TraceLeg::BToX}});
}

/// Largest payload that passed and smallest that did not, among packets with or without "don't fragment".
struct Sweep {
    std::uint32_t passes = 0;
    std::uint32_t fails = 0;  ///< 0: none
    unsigned failures = 0;
    bool isTold = false;  ///< "fragmentation needed" came
};
Sweep sweepOf(const std::vector<SizeProbe>& sizes, bool isDontFragment, std::uint32_t above = 0) {
    Sweep sweep;
    for (const auto& size : sizes) {
        if (size.isDontFragment != isDontFragment || size.sent == 0 || size.payload <= above) continue;
        if (size.tooBigMtu) sweep.isTold = true;
        if (size.answers > 0) {
            sweep.passes = std::max<std::uint32_t>(sweep.passes, size.payload);
        } else if (size.sent >= 2 && !size.tooBigMtu) {
            sweep.fails = sweep.fails == 0 ? size.payload : std::min<std::uint32_t>(sweep.fails, size.payload);
            ++sweep.failures;
        }
    }
    return sweep;
}

/// The leg whose sizes count: the target's, else the linked service's.
std::pair<const TraceEvidence*, TraceLeg> sizesOf(const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.cross, side.crossLeg}, std::pair{side.peer, side.peerLeg}})
        if (leg && leg->sizes && !leg->sizes->empty()) return {leg, which};
    return {nullptr, side.crossLeg};
}

Found mtuBlackhole(const TracePair&, const Side& side) {
    const auto [leg, which] = sizesOf(side);
    if (!leg || isLossy(*leg)) return std::nullopt;
    const auto fixed = sweepOf(*leg->sizes, true);
    if (fixed.passes == 0 || fixed.fails <= fixed.passes || fixed.isTold) return std::nullopt;
    const auto cut = sweepOf(*leg->sizes, false, fixed.passes);
    auto out = match(fixed.failures >= 2 || cut.passes >= fixed.fails ? Certainty::Certain : Certainty::Likely,
                     TraceSubject::Between,
                     "Unfragmented packets with up to " + std::to_string(fixed.passes) +
                         " bytes pass, larger ones vanish, and no router says \"fragmentation needed\".",
                     {{TraceStep::SizeSweep, which}});
    out.parameters.size = fixed.passes;
    return out;
}

Found fragmentsDropped(const TracePair&, const Side& side) {
    const auto [leg, which] = sizesOf(side);
    if (!leg || isLossy(*leg)) return std::nullopt;
    const auto fixed = sweepOf(*leg->sizes, true);
    if (fixed.passes == 0 || fixed.fails != 0) return std::nullopt;
    const auto whole = sweepOf(*leg->sizes, false);
    const auto largest = std::max(fixed.passes, whole.passes);
    if (whole.fails == 0 || whole.fails <= largest) return std::nullopt;
    auto out = match(whole.failures >= 2 ? Certainty::Certain : Certainty::Likely, TraceSubject::Between,
                     "Packets with up to " + std::to_string(largest) +
                         " bytes pass in one piece; larger ones, which travel in pieces, do not.",
                     {{TraceStep::SizeSweep, which}});
    out.parameters.size = largest;
    return out;
}

Found translation(const TracePair& pair, const Side&) {
    const auto* nat = translationOf(pair);
    if (!nat) return std::nullopt;
    auto which = TraceLeg::AToY;
    for (const auto leg : {TraceLeg::AToPeer, TraceLeg::PeerToA, TraceLeg::AToY, TraceLeg::BToX}) {
        if (const auto* evidence = pair.leg(leg); evidence && evidence->nat && &*evidence->nat == nat) which = leg;
    }
    const bool isSeen =
        (nat->seenAddress && *nat->seenAddress != nat->ownAddress) || (nat->seenPort && *nat->seenPort != nat->ownPort);
    std::string why;
    if (isSeen) {
        why = "Packets that left from " + nat->ownAddress.text() + ":" + std::to_string(nat->ownPort) +
              " arrived as coming from " + nat->seenAddress.value_or(nat->ownAddress).text() + ":" +
              std::to_string(nat->seenPort.value_or(nat->ownPort)) +
              (nat->seenBy.empty() ? "." : " (seen by " + cleanUtf8(nat->seenBy) + ").");
    } else if (nat->isSourceOutsidePoll == true) {
        why = "A client names its own networks, and the address that its packets come from is in none of them.";
    } else {
        why = std::to_string(nat->usersBehindAddress.value_or(0)) + " different users come from one address.";
    }
    return match(isSeen                             ? Certainty::Certain
                 : nat->isSourceOutsidePoll == true ? Certainty::Likely
                                                    : Certainty::Possible,
                 TraceSubject::Between, why, {{TraceStep::Nat, which}});
}

/// The number of hops is known in both directions, measured or from a time to live.
bool areHopsCompared(const TracePair& pair) {
    const auto isKnown = [](const TraceEvidence* there, const TraceEvidence* back) {
        return hopsTo(there) && (hopsTo(back) || hopsBackGuess(there));
    };
    return isKnown(&pair.aToY, pair.leg(TraceLeg::BToX)) ||
           isKnown(pair.leg(TraceLeg::AToPeer), pair.leg(TraceLeg::PeerToA));
}

Found pathFilterTcp(const TracePair& pair, const Side& side) {
    const auto* leg = side.cross;
    if (!leg || udpOf(leg) != Heard::Answers || tcpIs(leg, TcpOutcome::Connected)) return std::nullopt;
    if (const auto told = findError(leg, TraceProtocol::Tcp, isRouterFilter)) {
        auto out = match(Certainty::Certain, TraceSubject::Between,
                         "The router " + told->error.from.text() + " itself says that it refuses TCP " +
                             std::to_string(leg->port) + "; UDP passes.",
                         {{told->step, side.crossLeg}});
        setHop(out, *told);
        return out;
    }
    if (!tcpIs(leg, TcpOutcome::Timeout) || matesTcp(side) != Heard::Silent || isLosing(*leg)) return std::nullopt;
    // A firewall that sees only one direction drops TCP too; the hop counts would show it.
    const bool isCompared = areHopsCompared(pair);
    auto out = match(isCompared ? Certainty::Likely : Certainty::Possible, TraceSubject::Between,
                     "No computer of that segment accepts TCP " + std::to_string(leg->port) + ", while UDP passes.",
                     {{TraceStep::FilePort, side.crossLeg}});
    if (!isCompared) {
        out.missing = TraceStep::PathBack;
        out.missingText = "Count the hops in both directions: different roads with a firewall on one look the same.";
    }
    if (leg->path && leg->path->tcp && !leg->path->tcp->hops.empty()) {
        const auto end = endOf(*leg->path->tcp);
        if (end.hop > 0) {
            out.parameters.hopNumber = end.hop;
            out.parameters.hopAddress = end.address;
        }
    }
    return out;
}

Found tcpOnlyBlocked(const TracePair&, const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.cross, side.crossLeg}, std::pair{side.local, side.localLeg}}) {
        if (!leg || udpOf(leg) != Heard::Answers || !leg->tcp || tcpIs(leg, TcpOutcome::Connected) || isLosing(*leg))
            continue;
        const bool isTimeout = tcpIs(leg, TcpOutcome::Timeout);
        return match(isTimeout && matesTcp(side) == Heard::Answers ? Certainty::Certain : Certainty::Likely, side.who,
                     "UDP " + std::to_string(leg->port) + " is answered, TCP " + std::to_string(leg->port) +
                         (isTimeout                         ? " is not."
                          : tcpIs(leg, TcpOutcome::Refused) ? " is refused."
                                                            : " cannot be reached."),
                     {{TraceStep::FilePort, which}, {TraceStep::ChatProbe, which}});
    }
    return std::nullopt;
}

Found broadcastBlocked(const TracePair& pair, const Side&) {
    for (const auto leg : {TraceLeg::AToX, TraceLeg::AToY, TraceLeg::BToY, TraceLeg::BToX}) {
        const auto* evidence = pair.leg(leg);
        if (!evidence || !evidence->broadcast) continue;
        const auto& reach = *evidence->broadcast;
        if (reach.known < 2 || reach.broadcastAnswers * 2 > reach.known || reach.unicastAnswers * 10 < reach.known * 9)
            continue;
        return match(reach.known >= 3 && reach.broadcastAnswers == 0 ? Certainty::Certain : Certainty::Likely,
                     TraceSubject::Between,
                     times(reach.broadcastAnswers, reach.known) + " known users answer a broadcast, " +
                         times(reach.unicastAnswers, reach.known) + " answer when asked one by one.",
                     {{TraceStep::Broadcast, leg}});
    }
    return std::nullopt;
}

bool isReachable(const TracePair& pair) {
    if (udpOf(&pair.aToY) != Heard::Answers && udpOf(pair.leg(TraceLeg::BToY)) != Heard::Answers) return false;
    for (const auto leg : {TraceLeg::AToY, TraceLeg::BToX, TraceLeg::AToX, TraceLeg::BToY})
        if (udpOf(pair.leg(leg)) == Heard::Silent) return false;
    return udpOf(&pair.aToY) == Heard::Answers;
}

Found listNotDelivered(const TracePair& pair, const Side& side) {
    const auto listed = side.who == TraceSubject::Y ? pair.lists.hasXY : pair.lists.hasYX;
    if (listed != false || !isReachable(pair)) return std::nullopt;
    if (identityOf(sideX(pair)) != IdentityConflict::None || identityOf(sideY(pair)) != IdentityConflict::None)
        return std::nullopt;
    if (isLosing(pair.aToY)) return std::nullopt;
    const bool isBoth = udpOf(pair.leg(TraceLeg::BToX)) == Heard::Answers;
    auto certainty = isBoth ? Certainty::Certain : Certainty::Likely;
    const auto* names = namesOf(sideY(pair));
    if (pair.isSameSegment == true || !names || !names->identity) certainty = Certainty::Possible;
    const bool isAboutX = side.who == TraceSubject::Y;
    const bool wasHanded = isAboutX && pair.lists.isListDelivered.value_or(false);
    const bool wasNotHanded = isAboutX && !pair.lists.isListDelivered.value_or(true);
    return match(certainty, side.who,
                 "The list of " + cleanUtf8(cutUtf8(side.otherName, 60)) + " does not have " +
                     cleanUtf8(cutUtf8(side.name, 60)) + "." +
                     (wasHanded      ? " The list was delivered, so the program dropped it."
                      : wasNotHanded ? " Our list did not reach that program."
                                     : ""),
                 {{TraceStep::Lists, side.who == TraceSubject::Y ? TraceLeg::AToY : TraceLeg::BToX}});
}

Found duplicateMaster(const TracePair&, const Side& side) {
    for (const auto& [leg, which] : {std::pair{side.cross, side.crossLeg}, std::pair{side.local, side.localLeg}}) {
        if (!leg || !leg->name || !leg->name->masters) continue;
        const auto& masters = *leg->name->masters;
        const auto other =
            std::find_if(masters.begin(), masters.end(), [&](Ip4 each) { return each != masters.front(); });
        if (other == masters.end()) continue;
        return match(Certainty::Certain, side.who,
                     "Member masters answered at " + masters.front().text() + " and at " + other->text() + ".",
                     {{TraceStep::WhoIsWho, which}});
    }
    return std::nullopt;
}

/// Voice ports on which nothing arrived although chat does, in one direction.
std::vector<std::uint16_t> silentVoice(const TraceEvidence* evidence) {
    std::vector<std::uint16_t> silent;
    if (!evidence || !evidence->voice || isLosing(*evidence)) return silent;
    const bool doesChatPass = udpOf(evidence) == Heard::Answers || (evidence->oneWay && evidence->oneWay->arrived > 0);
    // Two datagrams a port: where chat loses some, none of two is chance.
    if (!doesChatPass || (evidence->oneWay && evidence->oneWay->arrived * 10 < evidence->oneWay->sent * 8))
        return silent;
    for (const auto& port : *evidence->voice)
        if (port.outcome == VoiceOutcome::Silent && silent.size() < 64) silent.push_back(port.port);
    return silent;
}

Found voiceBlocked(const TracePair& pair, const Side&) {
    const auto there = silentVoice(pair.leg(TraceLeg::AToPeer));
    const auto back = silentVoice(pair.leg(TraceLeg::PeerToA));
    if (there.empty() && back.empty()) return std::nullopt;
    const bool isBoth = !there.empty() && !back.empty();
    const auto leg = there.empty() ? TraceLeg::PeerToA : TraceLeg::AToPeer;
    const auto* evidence = pair.leg(leg);
    const auto& silent = there.empty() ? back : there;
    auto out = match(
        Certainty::Certain, TraceSubject::Between,
        "Between the two services UDP " + std::to_string(evidence->port) + " passes, but nothing arrives " +
            std::string{isBoth                     ? ""
                        : leg == TraceLeg::AToPeer ? "from base A in base B "
                                                   : "from base B in base A "} +
            "on " + std::to_string(silent.size()) + " of " + std::to_string(evidence->voice->size()) + " voice ports.",
        {{TraceStep::VoicePorts, leg}});
    if (isBoth) {
        out.proofs.push_back({TraceStep::VoicePorts, TraceLeg::PeerToA});
    } else {
        out.parameters.direction = leg == TraceLeg::AToPeer ? TraceDirection::AToB : TraceDirection::BToA;
    }
    out.parameters.ports = silent;
    return out;
}

Found intermittent(const TracePair& pair, const Side&) {
    Loss all;
    std::vector<VerdictProof> proofs;
    for (const auto leg : {TraceLeg::AToY, TraceLeg::BToX}) {
        const auto* evidence = pair.leg(leg);
        if (!evidence) continue;
        const auto loss = lossOf(*evidence);
        all.tries += loss.tries;
        all.lost += loss.lost;
        for (const auto time : loss.times)
            if (all.times.size() < 8) all.times.push_back(time);
        if (loss.lost > 0) proofs.push_back({evidence->repeat ? TraceStep::Repeat : TraceStep::ChatProbe, leg});
    }
    if (all.tries < 6 || all.lost < 2 || all.percent() < 1 || all.percent() > 90) return std::nullopt;
    auto out = match(
        all.tries >= 30   ? Certainty::Certain
        : all.tries >= 10 ? Certainty::Likely
                          : Certainty::Possible,
        TraceSubject::Between,
        std::to_string(all.lost) + " of " + std::to_string(all.tries) + " questions stayed without an answer.", proofs);
    out.parameters.lossPercent = all.percent();
    out.parameters.times = all.times;
    if (all.tries < 30) {
        out.missing = TraceStep::Repeat;
        out.missingText = "Repeat for some minutes, to know the share and the times.";
    }
    return out;
}

/// All that was measured is fine, UDP and TCP, in every direction.
bool isAllFine(const TracePair& pair) {
    if (!isReachable(pair)) return false;
    for (const auto leg : {TraceLeg::AToY, TraceLeg::BToX}) {
        const auto* evidence = pair.leg(leg);
        if (evidence && evidence->tcp && !tcpIs(evidence, TcpOutcome::Connected)) return false;
    }
    return pair.lists.hasXY != false && pair.lists.hasYX != false &&
           identityOf(sideX(pair)) == IdentityConflict::None && identityOf(sideY(pair)) == IdentityConflict::None;
}

Found icmpOnlyFiltered(const TracePair& pair, const Side& side) {
    if (!isAllFine(pair) || !side.cross || udpOf(side.cross) != Heard::Answers || isLosing(*side.cross))
        return std::nullopt;
    const bool isEchoSilent = echoOf(side.cross) == Heard::Silent;
    bool areRoutersSilent = false;
    if (side.cross->path && side.cross->path->udp && side.cross->path->udp->isTargetReached) {
        const auto& column = *side.cross->path->udp;
        const auto last = column.lastAnswered();
        // One silent router is usual; here none speaks, though there are some.
        areRoutersSilent = last >= 3 && std::none_of(column.hops.begin(), column.hops.end(), [&](const TraceHop& hop) {
                               return hop.ttl < last && hop.isAnswered;
                           });
    }
    if (!isEchoSilent && !areRoutersSilent) return std::nullopt;
    return match(
        isEchoSilent ? Certainty::Certain : Certainty::Likely, side.who,
        isEchoSilent ? "He does not answer ping, but chat and files pass."
                     : "No router on the way speaks, but chat and files pass.",
        {{isEchoSilent ? TraceStep::Echo : TraceStep::Path, side.crossLeg}, {TraceStep::ChatProbe, side.crossLeg}});
}

Found allFine(const TracePair& pair, const Side&) {
    if (!isAllFine(pair)) return std::nullopt;
    const bool isListed = pair.lists.hasXY == true && pair.lists.hasYX == true;
    const bool isBoth = udpOf(pair.leg(TraceLeg::BToX)) == Heard::Answers;
    auto out = match(isListed || isBoth ? Certainty::Certain : Certainty::Likely, TraceSubject::Between,
                     asked(pair.aToY) + (pair.aToY.tcp ? ", and TCP connects." : "."),
                     {{TraceStep::ChatProbe, TraceLeg::AToY}, {TraceStep::JoinProbe, TraceLeg::AToY}});
    if (pair.aToY.tcp) out.proofs.push_back({TraceStep::FilePort, TraceLeg::AToY});
    if (pair.lists.hasXY) out.proofs.push_back({TraceStep::Lists, TraceLeg::AToY});
    if (!isListed) {
        out.missing = TraceStep::Lists;
        out.missingText = "Read the lists of both, to know that they show each other.";
    }
    return out;
}

// ---- The table ---------------------------------------------------------------------------------------------------

enum class Reads : std::uint8_t { EachSide, Pair };
/// Findings are true beside another verdict; explanations exclude each other.
enum class Kind : std::uint8_t { Explanation, Finding };

struct Rule {
    VerdictCode code;
    Reads reads;
    Kind kind;
    Found (*condition)(const TracePair& pair, const Side& side);
};

/// Order of packet-trace section 6. Rows that it does not have stand where their evidence is strongest: what a router
/// itself said comes before what was concluded from silence.
constexpr std::array kRules = std::to_array<Rule>({
    {VerdictCode::SelfFault, Reads::Pair, Kind::Explanation, selfFault},
    {VerdictCode::NameUnresolved, Reads::EachSide, Kind::Explanation, nameUnresolved},
    {VerdictCode::NameStale, Reads::EachSide, Kind::Finding, nameStale},
    {VerdictCode::SubnetOverlap, Reads::Pair, Kind::Explanation, subnetOverlap},
    {VerdictCode::WrongNic, Reads::EachSide, Kind::Explanation, wrongCardSilent},
    {VerdictCode::ClientIsolation, Reads::EachSide, Kind::Explanation, clientIsolation},
    {VerdictCode::PathFilterUdp, Reads::EachSide, Kind::Explanation, pathFilterTold},
    {VerdictCode::RouteMissing, Reads::EachSide, Kind::Explanation, routeMissingTold},
    {VerdictCode::HostOff, Reads::EachSide, Kind::Explanation, hostOff},
    {VerdictCode::NeighbourMissing, Reads::EachSide, Kind::Explanation, neighbourMissing},
    {VerdictCode::ClientNotRunning, Reads::EachSide, Kind::Explanation, clientNotRunning},
    {VerdictCode::HostFirewallStateful, Reads::EachSide, Kind::Explanation, hostFirewallStateful},
    {VerdictCode::HostFirewallUdp, Reads::EachSide, Kind::Explanation, hostFirewallUdp},
    {VerdictCode::PathFilterUdp, Reads::EachSide, Kind::Explanation, pathFilterCompared},
    {VerdictCode::RouteLoop, Reads::EachSide, Kind::Explanation, routeLoop},
    {VerdictCode::RouteMissing, Reads::EachSide, Kind::Explanation, routeMissingCompared},
    {VerdictCode::OneWay, Reads::Pair, Kind::Explanation, oneWay},
    {VerdictCode::Asymmetric, Reads::Pair, Kind::Explanation, asymmetric},
    {VerdictCode::MtuBlackhole, Reads::EachSide, Kind::Finding, mtuBlackhole},
    {VerdictCode::FragmentsDropped, Reads::EachSide, Kind::Finding, fragmentsDropped},
    {VerdictCode::Nat, Reads::Pair, Kind::Finding, translation},
    {VerdictCode::PathFilterTcp, Reads::EachSide, Kind::Explanation, pathFilterTcp},
    {VerdictCode::TcpOnlyBlocked, Reads::EachSide, Kind::Explanation, tcpOnlyBlocked},
    {VerdictCode::BroadcastBlocked, Reads::Pair, Kind::Finding, broadcastBlocked},
    {VerdictCode::ListNotDelivered, Reads::EachSide, Kind::Explanation, listNotDelivered},
    {VerdictCode::WrongNic, Reads::EachSide, Kind::Finding, wrongCard},
    {VerdictCode::DuplicateIdentity, Reads::EachSide, Kind::Finding, duplicateIdentity},
    {VerdictCode::DuplicateMaster, Reads::EachSide, Kind::Finding, duplicateMaster},
    {VerdictCode::RtpBlocked, Reads::Pair, Kind::Finding, voiceBlocked},
    {VerdictCode::Intermittent, Reads::Pair, Kind::Explanation, intermittent},
    {VerdictCode::IcmpOnlyFiltered, Reads::EachSide, Kind::Explanation, icmpOnlyFiltered},
    {VerdictCode::Ok, Reads::Pair, Kind::Explanation, allFine},
});

Verdict verdictOf(VerdictCode code, Match&& found, const TracePair& pair, const Side& side) {
    Verdict verdict;
    verdict.code = code;
    verdict.certainty = found.certainty;
    verdict.about = found.about;
    verdict.parameters = std::move(found.parameters);
    verdict.proofs = std::move(found.proofs);
    verdict.missing = found.missing;
    verdict.missingText = std::move(found.missingText);
    writeVerdict(pair, side, found.why, verdict);
    return verdict;
}

/// Which measurement would decide, and how far the evidence goes.
Match openQuestion(const TracePair& pair) {
    const auto y = sideY(pair);
    const auto& leg = pair.aToY;
    const auto udp = udpOf(&leg);
    const auto count = udpCount(leg);
    Match out;
    out.about = TraceSubject::Between;
    const auto set = [&](TraceStep step, std::string why, std::string text) {
        out.missing = step;
        out.why = std::move(why);
        out.missingText = std::move(text);
    };
    if (identityOf(y) == IdentityConflict::Unclear || identityOf(sideX(pair)) == IdentityConflict::Unclear) {
        set(TraceStep::WhoIsWho, "Two addresses use one user and host name.",
            "Ask both addresses at once: one program counts its packets in one row, two programs do not.");
    } else if (udp == Heard::Unknown && isLossy(leg)) {
        set(TraceStep::Repeat, "Few questions were asked, and packets get lost on this road.",
            "Repeat for some minutes, so that chance is no longer an explanation.");
    } else if (udp == Heard::Unknown) {
        const bool isChatUseless = leg.chatProbe && leg.answersChatProbe != true;
        set(isChatUseless ? TraceStep::JoinProbe : TraceStep::ChatProbe,
            count.tries == 0 ? "UDP was not asked in a way that this program answers."
                             : "Too few questions were asked.",
            "Run this step with at least three questions.");
    } else if (udp == Heard::Answers) {
        if (pair.hasPeer && udpOf(pair.leg(TraceLeg::BToX)) != Heard::Answers)
            set(TraceStep::PathBack, "The way from A to Y is fine; the other direction is not explained.",
                "Let the linked service ask X and two other computers of his segment.");
        else
            set(TraceStep::FilePort, "UDP is answered; something else is not, and nothing says why.",
                "Run the file port and the path again.");
    } else if (matesUdp(y) == Heard::Unknown) {
        set(TraceStep::ChatProbe, "He does not answer, but nobody else of his segment was asked.",
            "Ask two other computers of that segment: if they answer, the cause is at his computer, else it is "
            "between.");
    } else if (matesUdp(y) == Heard::Answers) {
        set(TraceStep::Neighbour,
            "He is silent on everything that was tried, while others of his segment answer: off, or a "
            "firewall that drops all, or no gateway set.",
            "Look at his computer, or link a service in his base: it sees whether the computer is on.");
    } else if (columnsOf(&leg).size() < 2) {
        set(TraceStep::Path, "The whole segment is silent.",
            "Run the path: where each column ends tells a filter from a missing route.");
    } else {
        set(TraceStep::PathBack, "The whole segment is silent, and the columns of the path do not agree on a place.",
            "Link a service in that base and trace from its side.");
    }
    out.certainty = Certainty::Possible;
    return out;
}

}  // namespace

std::vector<Verdict> judge(const TracePair& pair) {
    const std::array sides{sideY(pair), sideX(pair)};
    std::vector<Verdict> verdicts;
    for (const auto& rule : kRules) {
        // After a verdict only findings are of interest. A stale name alone explains no silence.
        const bool isOpen =
            verdicts.empty() ||
            (verdicts.size() == 1 && verdicts.front().code == VerdictCode::NameStale && rule.code != VerdictCode::Ok);
        if (!isOpen && rule.kind == Kind::Explanation) continue;
        for (const auto& side : sides) {
            auto found = rule.condition(pair, side);
            const bool isNew = found && std::none_of(verdicts.begin(), verdicts.end(),
                                                     [&](const Verdict& each) { return each.code == rule.code; });
            if (isNew && verdicts.size() < kMostVerdicts)
                verdicts.push_back(verdictOf(rule.code, std::move(*found), pair, side));
            if (found || rule.reads == Reads::Pair) break;
        }
    }
    if (verdicts.empty())
        verdicts.push_back(verdictOf(VerdictCode::NotEnoughEvidence, openQuestion(pair), pair, sides.front()));
    return verdicts;
}

}  // namespace causeway::trace
