#include "service/trace/trace_runner.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "service/trace/rules.h"
#include "shared/base/text.h"

namespace causeway::trace {

namespace {

constexpr unsigned kEchoes = 5;
constexpr unsigned kMostHops = 30;
constexpr unsigned kSilentHopsToStop = 4;
constexpr unsigned kTriesPerHop = 2;
constexpr Duration kHopPatience = 400ms;
constexpr Duration kMatePatience = 1500ms;
constexpr Ip4 kThisComputer{0x7F000001};  // 127.0.0.1; the others of 127/8 are a lab's clients
constexpr Duration kErrorPatience = 250ms;
constexpr Duration kRouterPatience = 4000ms;
constexpr unsigned kMateRounds = 2;
constexpr Duration kMateFresh = 10min;
constexpr Duration kMateMemory = std::chrono::hours{7 * 24};
constexpr unsigned kMostLooks = 12;
constexpr unsigned kTriesWithLoss = 10;
constexpr std::size_t kMostMates = 5;
constexpr Duration kBroadcastPatience = 4s;
constexpr Duration kRepeatEvery = 10s;
constexpr std::array<std::uint16_t, 8> kSizes{500, 1200, 1372, 1400, 1472, 2000, 4000, 8000};

std::string spanWords(Duration span) {
    const auto ms = span.count();
    if (ms < 1) return "less than 1 ms";
    if (ms < 1000) return std::to_string(ms) + " ms";
    const auto seconds = ms / 1000;
    if (seconds < 10) return std::to_string(seconds) + "." + std::to_string(ms % 1000 / 100) + " s";
    if (seconds < 120) return std::to_string(seconds) + " s";
    if (seconds < 7200) return std::to_string(seconds / 60) + " min";
    if (seconds < 172800) return std::to_string(seconds / 3600) + " h";
    return std::to_string(seconds / 86400) + " days";
}

std::string counted(std::size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string errorWords(const IcmpError& error) {
    std::string what;
    if (error.isPortClosed()) {
        what = "port closed";
    } else if (error.isProhibited()) {
        what = "forbidden by an administrator";
    } else if (error.isNoRoute()) {
        what = "no route to the network";
    } else if (error.isHostUnreachable()) {
        what = "host unreachable";
    } else if (error.isTooBig()) {
        what = "packet too large, the next link takes " + std::to_string(error.mtu) + " bytes";
    } else if (error.isTimeExceeded()) {
        what = "hop limit reached";
    } else {
        what = "ICMP type " + std::to_string(error.type) + " code " + std::to_string(error.code);
    }
    return error.from.text() + " says: " + what;
}

/// Clients begin with 64, 128 or 255.
unsigned hopsFrom(std::uint8_t ttl) {
    const unsigned begin = ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255;
    return begin - ttl;
}

bool isSameText(std::string_view left, std::string_view right) {
    return lowerAscii(left) == lowerAscii(right);
}

void add(std::vector<IcmpError>& errors, const IcmpError& error) {
    if (errors.size() < 256 && std::find(errors.begin(), errors.end(), error) == errors.end()) errors.push_back(error);
}

}  // namespace

TraceRunner::TraceRunner(TraceWorld& world, TraceReport report, std::function<void(const TraceReport&)> told)
    : world_(world), report_(std::move(report)), told_(std::move(told)) {}

bool TraceRunner::isWanted(TraceStep step) const {
    const auto& wanted = report_.request;
    if (step == TraceStep::Verdict || step == TraceStep::WhoIsWho || step == TraceStep::Segment) return true;
    if (!wanted.only.empty()) return std::find(wanted.only.begin(), wanted.only.end(), step) != wanted.only.end();
    if (step == TraceStep::Repeat) return wanted.repeatMinutes > 0;
    return !wanted.isQuick || infoOf(step).isQuick;
}

std::optional<TraceRunner::Target> TraceRunner::find(const std::string& typed, UserId id) {
    Target target;
    const auto take = [&target](const LanUser& user) {
        target.user = user;
        target.name = user.displayName();
        target.address = user.address;
        target.port = user.port;
    };
    const LanUser* found = nullptr;
    const auto address = Ip4::parse(trimmed(typed));
    for (const auto& user : users_) {
        bool isIt = false;
        if (id != 0) {
            isIt = user.id == id;
        } else if (address) {
            isIt = user.address == *address;
        } else {
            isIt = isSameText(user.nick, typed) || isSameText(user.displayName(), typed) ||
                   isSameText(user.user, typed) || isSameText(user.host, typed);
        }
        // Of several with that name the one who is there, and of those the one heard last.
        if (isIt && (found == nullptr ||
                     std::pair(user.isPresent(), user.lastSeen) > std::pair(found->isPresent(), found->lastSeen)))
            found = &user;
    }
    if (found != nullptr) {
        take(*found);
        return target;
    }
    if (id != 0) return std::nullopt;
    target.name = typed;
    target.port = port_;
    if (address) {
        target.address = *address;
        return target;
    }
    auto addresses = world_.addressesOf(typed);
    if (addresses) {
        target.dns = *addresses;
        if (!addresses->empty()) target.address = addresses->front();
    } else if (addresses.error().code == Code::NotFound) {
        target.dns.emplace();
    } else if (addresses.error().code == Code::BadInput) {
        target.isNoName = true;
    }
    return target;
}

std::string TraceRunner::whyNotOneComputer(const Target& target) {
    if (target.isNoName)
        return "\"" + target.name + "\" is no user of the directory, and neither a name nor an address.";
    if (target.user || target.address.isAny()) return {};
    if (target.address == kThisComputer)
        return target.address.text() + " is this computer itself, and no user of the directory.";
    for (const auto& interface : world_.interfaces()) {
        if (interface.address == target.address) return target.address.text() + " is this service itself.";
        if (interface.network.prefix < 31 &&
            (target.address == interface.network.first() || target.address == interface.network.last()))
            return target.address.text() + " is the address of a whole network, not of a computer.";
    }
    for (const auto& site : world_.bases()) {
        for (const auto& each : site.segments) {
            if (each.prefix < 31 && (target.address == each.first() || target.address == each.last()))
                return target.address.text() + " is the address of a whole network, not of a computer.";
        }
    }
    return {};
}

bool TraceRunner::findEnds() {
    users_ = world_.users();
    auto y = find(report_.request.to, report_.request.toUser);
    if (!y) {
        report_.trouble = "The user to trace to is not in the directory any more.";
        return false;
    }
    y_ = std::move(*y);
    if (report_.request.fromUser != 0 || !report_.request.from.empty()) {
        x_ = find(report_.request.from, report_.request.fromUser);
        if (!x_) {
            report_.trouble = "The user to trace from is not in the directory any more.";
            return false;
        }
        if (x_->address.isAny()) {
            report_.trouble = "\"" + x_->name + "\" is neither a user of the directory nor a name with an address.";
            return false;
        }
        if (x_->address == y_.address) {
            report_.trouble = "Both ends are the same computer, " + y_.address.text() + ".";
            return false;
        }
    }
    for (const auto* end : {x_ ? &*x_ : nullptr, &y_}) {
        if (end == nullptr) continue;
        if (auto why = whyNotOneComputer(*end); !why.empty()) {
            report_.trouble = std::move(why);
            return false;
        }
    }
    report_.x = pair_.x = x_ ? x_->name : "this service";
    report_.y = pair_.y = y_.name;
    report_.xAddress = pair_.xAddress = x_ ? x_->address : Ip4{};
    report_.yAddress = pair_.yAddress = y_.address;
    for (const auto leg : legs()) {
        auto& evidence = evidenceOf(leg);
        const auto& target = targetOf(leg);
        evidence.from = "this service";
        evidence.to = target.name;
        evidence.toAddress = target.address;
        evidence.port = target.port;
        if (target.user && target.user->kind != ClientKind::Unknown)
            evidence.answersChatProbe = target.user->kind != ClientKind::Iptux;
        if (!target.address.isAny()) world_.watch(target.address);
    }
    if (!y_.address.isAny()) peer_ = world_.peerOf(y_.address);
    if (peer_) peerTrouble_ = peer_->trouble();
    return true;
}

std::vector<TraceLeg> TraceRunner::legs() const {
    std::vector<TraceLeg> all{TraceLeg::AToY};
    if (x_) all.push_back(TraceLeg::AToX);
    return all;
}

std::vector<TraceLeg> TraceRunner::peerLegs(TraceStep step) const {
    if (!peer_) return {};
    std::vector<TraceLeg> all;
    switch (step) {
        case TraceStep::SelfCheck:
        case TraceStep::Neighbour:
        case TraceStep::Echo:
            return {TraceLeg::BToY};
        case TraceStep::WhoIsWho:
        case TraceStep::Segment:
        case TraceStep::JoinProbe:
        case TraceStep::FilePort:
            if (x_) all.push_back(TraceLeg::BToX);
            all.push_back(TraceLeg::BToY);
            return all;
        case TraceStep::ChatProbe:
            if (x_) all.push_back(TraceLeg::BToX);
            all.insert(all.end(), {TraceLeg::BToY, TraceLeg::AToPeer, TraceLeg::PeerToA});
            return all;
        case TraceStep::PathBack:
            if (x_) all.push_back(TraceLeg::BToX);
            return all;
        case TraceStep::Nat:
        case TraceStep::VoicePorts:
            return {TraceLeg::AToPeer, TraceLeg::PeerToA};
        case TraceStep::Path:
        case TraceStep::SizeSweep:
        case TraceStep::Broadcast:
        case TraceStep::Lists:
        case TraceStep::Repeat:
        case TraceStep::Verdict:
        case TraceStep::DomainKnown:
        case TraceStep::DomainRecords:
        case TraceStep::DomainAddresses:
        case TraceStep::DomainTcp:
        case TraceStep::DomainTls:
        case TraceStep::DomainCertificate:
        case TraceStep::DomainStream:
        case TraceStep::DomainMechanisms:
        case TraceStep::DomainDirectory:
        case TraceStep::DomainPerson:
        case TraceStep::DomainSession:
            break;
    }
    return all;
}

/// All rows stand there from the start, so that nothing jumps.
void TraceRunner::layRows() {
    const auto add = [this](TraceStep step, TraceLeg leg) {
        TraceRow row;
        row.step = step;
        row.leg = leg;
        if (leg == TraceLeg::BToX || leg == TraceLeg::BToY || leg == TraceLeg::AToPeer) row.by = peer_->name();
        report_.rows.push_back(row);
    };
    for (const auto& info : traceSteps()) {
        if (!isWanted(info.step) || info.step == TraceStep::Verdict) continue;
        const bool isOnce = info.step == TraceStep::SelfCheck || info.step == TraceStep::Broadcast ||
                            info.step == TraceStep::Lists || info.step == TraceStep::VoicePorts;
        for (const auto leg : legs()) {
            if (isOnce && leg != TraceLeg::AToY) continue;
            // What costs long is measured towards the one who is not seen.
            if (leg == TraceLeg::AToX && info.step >= TraceStep::Path && info.step != TraceStep::Lists) continue;
            if (peer_ && info.step == TraceStep::VoicePorts) continue;  // tested between the services
            add(info.step, leg);
        }
        for (const auto leg : peerLegs(info.step))
            add(info.step, leg);
    }
}

TraceReport TraceRunner::run() {
    if (!findEnds()) {
        report_.state = TraceState::Failed;
        report_.finishedAt = world_.now();
        return report_;
    }
    layRows();
    beginAtPeer();
    told_(report_);
    for (std::size_t at = 0; at < report_.rows.size() && !world_.isStopped(); ++at) {
        const auto which = report_.rows[at].step;
        const auto leg = report_.rows[at].leg;
        auto& row = report_.rows[at];
        row.grade = TraceGrade::Running;
        row.started = world_.now();
        ++report_.revision;
        told_(report_);
        const bool isAtPeer = leg != TraceLeg::AToY && leg != TraceLeg::AToX;
        const bool hasTarget = !targetOf(leg).address.isAny();
        if (isAtPeer) {
            if (leg == TraceLeg::BToX || leg == TraceLeg::BToY) {
                takeFromPeer(row);
            } else {
                takeCounts(row);
            }
        } else if (!hasTarget && which > TraceStep::Segment && which != TraceStep::Broadcast) {
            row.grade = TraceGrade::NotMeasured;
            row.result = "no address to measure to";
        } else {
            measure(row);
        }
        row.took = world_.now() - row.started;
        ++report_.revision;
        told_(report_);
        // The comparison that tells a filter on the PC from one on the way follows the last quick probe.
        const bool isLastProbe =
            which == TraceStep::FilePort || (which == TraceStep::JoinProbe && !isWanted(TraceStep::FilePort));
        if (isLastProbe && hasTarget && leg == TraceLeg::AToY && !world_.isStopped()) {
            mates(leg);
            askAgain(leg);
        }
    }
    for (auto& row : report_.rows) {
        if (row.grade != TraceGrade::Waiting && row.grade != TraceGrade::Running) continue;
        row.grade = TraceGrade::NotMeasured;
        row.result = "stopped before it";
    }
    endAtPeer();
    lookAgain();
    hear(world_.collect(0ms));
    for (const auto leg : legs()) {
        auto& evidence = evidenceOf(leg);
        auto& probe = evidence.chatProbe ? evidence.chatProbe : evidence.joinProbe;
        const bool isSilent = (!evidence.chatProbe || evidence.chatProbe->answers == 0) &&
                              (!evidence.joinProbe || evidence.joinProbe->answers == 0);
        if (!probe || !isSilent) continue;
        for (const auto& error : late_[leg])
            add(probe->errors, error);
    }
    report_.verdicts = judge(pair_);
    report_.state = world_.isStopped() ? TraceState::Stopped : TraceState::Finished;
    report_.finishedAt = world_.now();
    ++report_.revision;
    return report_;
}

void TraceRunner::measure(TraceRow& row) {
    switch (row.step) {
        case TraceStep::SelfCheck:
            selfCheck(row);
            break;
        case TraceStep::WhoIsWho:
            whoIsWho(row, row.leg);
            break;
        case TraceStep::Segment:
            segment(row, row.leg);
            break;
        case TraceStep::Neighbour:
            neighbour(row, row.leg);
            break;
        case TraceStep::Echo:
            echo(row, row.leg);
            break;
        case TraceStep::ChatProbe:
            chatProbe(row, row.leg);
            break;
        case TraceStep::JoinProbe:
            joinProbe(row, row.leg);
            break;
        case TraceStep::FilePort:
            filePort(row, row.leg);
            break;
        case TraceStep::Path:
            path(row, row.leg);
            break;
        case TraceStep::PathBack:
            pathBack(row, row.leg);
            break;
        case TraceStep::SizeSweep:
            sizes(row, row.leg);
            break;
        case TraceStep::Nat:
            nat(row, row.leg);
            break;
        case TraceStep::Broadcast:
            broadcast(row);
            break;
        case TraceStep::VoicePorts:
            row.grade = TraceGrade::NotMeasured;
            row.result = "needs a linked service in the other base";
            row.gains = infoOf(row.step).gains;
            break;
        case TraceStep::Lists:
            lists(row);
            break;
        case TraceStep::Repeat:
            repeat(row, row.leg);
            break;
        case TraceStep::Verdict:
        // Of the other kind of trace.
        case TraceStep::DomainKnown:
        case TraceStep::DomainRecords:
        case TraceStep::DomainAddresses:
        case TraceStep::DomainTcp:
        case TraceStep::DomainTls:
        case TraceStep::DomainCertificate:
        case TraceStep::DomainStream:
        case TraceStep::DomainMechanisms:
        case TraceStep::DomainDirectory:
        case TraceStep::DomainPerson:
        case TraceStep::DomainSession:
            break;
    }
}

// Steps 0 to 3 --------------------------------------------------------------------------------------------------------

void TraceRunner::selfCheck(TraceRow& row) {
    auto facts = world_.self(y_.address);
    const auto route = world_.route(y_.address);
    if (!y_.address.isAny()) {
        facts.hasRoute = route.isThere;
        if (route.isThere) facts.interfaceName = route.interface;
        if (route.mtu != 0) facts.mtu = route.mtu;
    }
    for (const auto leg : legs())
        evidenceOf(leg).fromAddress = world_.route(targetOf(leg).address).source;
    std::vector<std::string> trouble;
    if (facts.isUdpBound == false)
        trouble.push_back("UDP port 2425 is not ours" + (facts.portHolder.empty() ? "" : ": " + facts.portHolder));
    if (facts.hasInterface == false) trouble.emplace_back("no network card is up");
    if (facts.hasRoute == false) trouble.emplace_back("this computer has no route to " + y_.address.text());
    if (facts.isFirewallOpen == false) trouble.emplace_back("the firewall of this computer refuses UDP 2425");
    row.grade = trouble.empty() ? TraceGrade::Fine : TraceGrade::Failed;
    row.result = trouble.empty() ? "fine" : trouble.front();
    row.details = trouble;
    if (!facts.interfaceName.empty()) {
        row.details.push_back("Sends from " + route.source.text() + " by " + facts.interfaceName +
                              (facts.mtu ? ", packets up to " + std::to_string(*facts.mtu) + " bytes" : "") + ".");
        if (!route.gateway.isAny()) row.details.push_back("The gateway is " + route.gateway.text() + ".");
    }
    row.method = "sockets and routes of this computer";
    for (const auto leg : legs())
        evidenceOf(leg).self = facts;
}

void TraceRunner::whoIsWho(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    NameFacts facts;
    facts.isInDirectory = target.user.has_value();
    facts.dnsAddresses = target.dns;
    row.method = "directory and name service";
    if (target.user) {
        const auto& user = *target.user;
        facts.directoryAddress = user.address;
        if (user.lastSeen != TimePoint{}) facts.directoryAge = std::max(Duration{0}, world_.now() - user.lastSeen);
        std::vector<IdentityAddress> identity;
        for (const auto& each : user.addresses) {
            if (!each.isCurrent) continue;
            IdentityAddress one;
            one.address = each.address;
            one.host = user.host;
            one.age = std::max(Duration{0}, world_.now() - each.lastSeen);
            identity.push_back(one);
        }
        for (const auto& other : users_) {
            if (other.id == user.id || !other.isPresent() || other.user != user.user || other.host != user.host)
                continue;
            IdentityAddress one;
            one.address = other.address;
            one.host = other.host;
            one.age = std::max(Duration{0}, world_.now() - other.lastSeen);
            identity.push_back(one);
        }
        if (user.instability && user.instability->reason == UnstableReason::DuplicateIdentity)
            facts.isOneProgram = false;
        facts.identity = identity;
        row.details.push_back("The directory knows " + user.displayName() + " (" + user.user + " on " + user.host +
                              ") at " + user.address.text() + ", heard " +
                              (facts.directoryAge ? spanWords(*facts.directoryAge) + " ago." : "never."));
        for (const auto& each : identity) {
            if (each.address != user.address) row.details.push_back("Also at " + each.address.text() + ".");
        }
        // A host name of the packets is often one of the name service too; silence of that proves nothing.
        if (!user.host.empty() && !facts.dnsAddresses) {
            auto found = world_.addressesOf(user.host);
            if (found && !found->empty()) {
                facts.dnsAddresses = *found;
                std::string all;
                for (const auto& each : *found)
                    all += (all.empty() ? "" : ", ") + each.text();
                row.details.push_back("The name service says " + user.host + " is " + all + ".");
            } else {
                row.details.push_back("The name service does not know " + user.host + "; that is common.");
            }
        }
    } else if (target.dns) {
        row.details.push_back(target.dns->empty() ? "The name service does not know " + target.name + "."
                                                  : "The name service says " + target.address.text() + ".");
    }
    if (!target.address.isAny()) {
        if (auto name = world_.nameOf(target.address); name)
            row.details.push_back(target.address.text() + " is called " + *name + " by the name service.");
    }
    evidenceOf(leg).name = facts;
    if (target.address.isAny()) {
        row.grade = TraceGrade::Failed;
        row.result = "no address";
        return;
    }
    if (facts.identity && facts.identity->size() > 1) askIdentity(*evidenceOf(leg).name, row.details);
    const bool isStale =
        target.user && facts.dnsAddresses && !facts.dnsAddresses->empty() &&
        std::find(facts.dnsAddresses->begin(), facts.dnsAddresses->end(), target.address) == facts.dnsAddresses->end();
    row.grade = isStale || !target.user ? TraceGrade::Partly : TraceGrade::Fine;
    row.result = target.address.text();
    if (isStale) row.result += ", the name service says otherwise";
    if (!target.user) row.result += ", not in the directory";
}

void TraceRunner::askIdentity(NameFacts& facts, std::vector<std::string>& details) {
    // One program counts its packets in one row, whatever card they leave by; two programs do not.
    constexpr std::uint32_t kOneRow = 16;
    std::vector<std::uint32_t> numbers;
    for (auto& each : *facts.identity)
        world_.watch(each.address);
    for (auto& each : *facts.identity) {
        ChatProbe probe;
        probe.step = TraceStep::WhoIsWho;
        probe.to = each.address;
        probe.question = ChatQuestion::Entry;
        forget(each.address);
        if (!world_.send(probe)) continue;
        const auto heard = waitFor(each.address, ChatQuestion::Entry, 2000ms);
        each.isAnswering = heard && !heard->error;
        if (*each.isAnswering) numbers.push_back(heard->number);
        details.push_back(each.address.text() + (*each.isAnswering ? " answers." : " does not answer now."));
    }
    if (facts.isOneProgram || numbers.size() < 2) return;
    const auto [least, most] = std::minmax_element(numbers.begin(), numbers.end());
    facts.isOneProgram = *most - *least <= kOneRow;
    details.push_back(*facts.isOneProgram ? "The packet numbers of both are those of one program."
                                          : "The packet numbers are those of different programs.");
}

void TraceRunner::segment(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    SegmentFacts facts;
    const auto interfaces = world_.interfaces();
    std::string own;
    for (const auto& interface : interfaces) {
        if (interface.isLoopback) continue;
        facts.own.push_back(interface.network);
        if (!target.address.isAny()) {
            if (!facts.isSameSegment) facts.isSameSegment = false;
            if (interface.network.contains(target.address)) {
                facts.isSameSegment = true;
                own = interface.name;
            }
        }
    }
    // Ours is the base that says it most exactly: with overlapping bases several hold our address.
    const auto sites = world_.bases();
    const auto prefixIn = [](const BaseSite& site, Ip4 address) {
        int longest = -1;
        for (const auto& each : site.segments) {
            if (each.contains(address)) longest = std::max(longest, each.prefix);
        }
        return longest;
    };
    const BaseSite* ours = nullptr;
    int longest = -1;
    for (const auto& site : sites) {
        for (const auto& interface : interfaces) {
            if (interface.isLoopback || prefixIn(site, interface.address) <= longest) continue;
            longest = prefixIn(site, interface.address);
            ours = &site;
        }
    }
    const BaseSite* theirs = nullptr;
    longest = ours != nullptr ? prefixIn(*ours, target.address) : -1;
    for (const auto& site : sites) {
        const bool isNamed = target.user && !target.user->base.empty() && target.user->base == site.name;
        if (&site == ours || (!isNamed && prefixIn(site, target.address) <= longest)) continue;
        theirs = &site;
        if (isNamed) break;
        longest = prefixIn(site, target.address);
    }
    if (ours != nullptr) {
        for (const auto& each : ours->segments) {
            if (std::find(facts.own.begin(), facts.own.end(), each) == facts.own.end()) facts.own.push_back(each);
        }
    }
    std::string base;
    if (theirs != nullptr) {
        facts.far = theirs->segments;
        base = theirs->name;
    }
    if (leg == TraceLeg::AToY) pair_.baseB = base;
    if (leg == TraceLeg::AToX) pair_.isServiceInXSegment = facts.isSameSegment;
    if (leg == TraceLeg::AToY && x_) {
        for (const auto& interface : interfaces) {
            if (interface.isLoopback || !interface.network.contains(x_->address)) continue;
            pair_.isSameSegment = interface.network.contains(y_.address);
        }
    }
    evidenceOf(leg).segment = facts;
    row.method = "masks of this computer, bases, routes";
    row.grade = facts.isSameSegment ? TraceGrade::Fine : TraceGrade::NotMeasured;
    if (!facts.isSameSegment) {
        row.result = "no network card to compare with";
    } else if (*facts.isSameSegment) {
        row.result = "the same segment as this service (" + own + ")";
    } else {
        const auto route = world_.route(target.address);
        row.result = "another segment" + (base.empty() ? std::string() : ", base " + base) +
                     (route.gateway.isAny() ? "" : ", by " + route.gateway.text());
    }
    for (const auto& mine : facts.own) {
        for (const auto& far : facts.far) {
            if (!mine.contains(far.first()) && !far.contains(mine.first())) continue;
            row.grade = TraceGrade::Failed;
            row.result = "both bases use " + (mine.prefix > far.prefix ? mine : far).text();
        }
    }
}

void TraceRunner::neighbour(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    const auto route = world_.route(target.address);
    row.method = "table of neighbours of the system, after one packet";
    if (!route.isThere) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "no route to the address";
        return;
    }
    NeighbourFacts facts;
    facts.isGateway = !route.gateway.isAny();
    facts.address = facts.isGateway ? route.gateway : target.address;
    ChatProbe probe;
    probe.step = TraceStep::Neighbour;
    probe.to = target.address;
    probe.port = target.port;
    probe.question = ChatQuestion::Nothing;
    (void)world_.send(probe);
    std::optional<NeighbourOutcome> found;
    // The system asks three times, a second apart, before it gives up.
    for (int waited = 0; waited < 34 && !world_.isStopped(); ++waited) {
        found = world_.neighbour(facts.address);
        if (found && found->isReachable) break;
        world_.pause(100ms);
    }
    const bool isFound = found && found->isReachable;
    facts.state = isFound ? NeighbourState::Found : NeighbourState::Missing;
    if (isFound) facts.hardware.push_back(found->hardware);
    const std::string who = facts.isGateway ? "the gateway " + facts.address.text() : facts.address.text();
    row.grade = isFound ? TraceGrade::Fine : TraceGrade::Failed;
    row.result = isFound ? who + " is " + found->hardware : who + " has no hardware address";
    evidenceOf(leg).neighbour = std::move(facts);
}

/// The system keeps the hardware address of a computer that was just switched off until its own questions stay
/// unanswered, some eight seconds after our first packet. By now it knows.
void TraceRunner::lookAgain() {
    for (const auto leg : legs()) {
        auto& evidence = evidenceOf(leg);
        auto& facts = evidence.neighbour;
        if (!facts || facts->isGateway || facts->state == NeighbourState::Missing) continue;
        const bool isHeard = (evidence.chatProbe && evidence.chatProbe->answers > 0) ||
                             (evidence.joinProbe && evidence.joinProbe->answers > 0) ||
                             (evidence.echo && evidence.echo->answers > 0) ||
                             (evidence.tcp && evidence.tcp->outcome != TcpOutcome::Timeout &&
                              evidence.tcp->outcome != TcpOutcome::Unreachable);
        if (isHeard) continue;
        const auto found = world_.neighbour(facts->address);
        if (found && found->isReachable) continue;
        facts->state = NeighbourState::Missing;
        facts->hardware.clear();
        for (auto& row : report_.rows) {
            if (row.step != TraceStep::Neighbour || row.leg != leg) continue;
            row.grade = TraceGrade::Failed;
            row.details.push_back("At first: " + row.result + ". At the end of the trace the address was gone.");
            row.result = facts->address.text() + " has no hardware address any more";
        }
    }
}

// Packets with a question ---------------------------------------------------------------

void TraceRunner::hear(const std::vector<Heard>& all) {
    for (const auto& each : all) {
        for (const auto leg : legs()) {
            if (each.from != targetOf(leg).address) continue;
            // A router needs some seconds to give up on a computer: its word comes while other steps run.
            if (each.error && each.error->type == 3) add(late_[leg], *each.error);
            if (each.error) continue;
            if (!each.isAnswer()) {
                auto& heard = evidenceOf(leg).heard;
                if (!heard) heard.emplace();
                ++heard->fromTarget;
                heard->newest = Duration{0};
            }
        }
        // Only what a step can wait for; a flood of other packets must not push answers out.
        if ((each.isAnswer() || each.error) && waiting_.size() < 1024) waiting_.push_back(each);
    }
}

void TraceRunner::forget(Ip4 target) {
    hear(world_.collect(0ms));
    std::erase_if(waiting_, [&](const Heard& each) { return each.from == target; });
}

std::optional<Heard> TraceRunner::waitFor(Ip4 target, ChatQuestion question, Duration patience) {
    // The late answer to another question, perhaps of the directory, is none to this one.
    const std::uint8_t wanted = question == ChatQuestion::Entry ? 0x03 : 0x41;
    auto deadline = world_.now() + patience;
    std::optional<Heard> error;
    for (;;) {
        for (auto at = waiting_.begin(); at != waiting_.end();) {
            if (at->from != target || (!at->error && at->mode != wanted)) {
                ++at;
                continue;
            }
            const auto found = *at;
            at = waiting_.erase(at);
            if (!found.error) return found;
            // Anybody can forge an error; an answer proves more. So it gets a moment to come.
            if (!error) {
                error = found;
                deadline = std::min(deadline, world_.now() + kErrorPatience);
            }
        }
        const auto left = deadline - world_.now();
        if (left <= Duration{0} || world_.isStopped()) return error;
        hear(world_.collect(left));
    }
}

ChatQuestion TraceRunner::questionFor(const Target& target) const {
    return target.user && target.user->kind == ClientKind::Iptux ? ChatQuestion::Entry : ChatQuestion::Version;
}

ProbeFacts TraceRunner::ask(TraceStep which, const Target& target, ChatQuestion question, unsigned tries,
                            Duration patience, std::vector<std::string>& details) {
    ProbeFacts facts;
    if (target.user && target.user->lastSeen != TimePoint{}) {
        facts.sinceTargetSpoke = std::max(Duration{0}, world_.now() - target.user->lastSeen);
        facts.isCold = *facts.sinceTargetSpoke >= kColdAfter;
    }
    forget(target.address);
    for (unsigned at = 0; at < tries && !world_.isStopped(); ++at) {
        ChatProbe probe;
        probe.step = which;
        probe.to = target.address;
        probe.port = target.port;
        probe.question = question;
        if (auto sent = world_.send(probe); !sent) {
            details.push_back(sent.error().text());
            continue;
        }
        const auto begin = world_.now();
        ++facts.tries;
        auto heard = waitFor(target.address, question, patience);
        const auto label = "Packet " + std::to_string(at + 1) + ": ";
        if (!heard) {
            details.push_back(label + "no answer within " + spanWords(patience) + ".");
            continue;
        }
        if (heard->error) {
            add(facts.errors, *heard->error);
            details.push_back(label + errorWords(*heard->error) + ".");
            // The same answer may still follow: an error and an answer together do not happen.
            continue;
        }
        ++facts.answers;
        const auto took = heard->at > begin ? heard->at - begin : Duration{0};
        if (!facts.roundTrip || took < *facts.roundTrip) facts.roundTrip = took;
        if (heard->ttl != 0) facts.replyTtl = heard->ttl;
        if (heard->from != target.address) facts.answeredFrom = heard->from;
        details.push_back(label + "answered in " + spanWords(took) +
                          (heard->ttl != 0 ? ", time to live " + std::to_string(heard->ttl) : "") + ".");
        // One answer is enough to join; a share of losses needs them all.
        if (which == TraceStep::JoinProbe && tries <= kFewestTries) break;
    }
    return facts;
}

void TraceRunner::echo(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    auto method = world_.echoMethod();
    if (!method) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "not allowed here";
        row.details = {method.error().text()};
        row.gains = infoOf(TraceStep::Echo).gains;
        return;
    }
    row.method = *method;
    ProbeFacts facts;
    for (unsigned at = 0; at < kEchoes && !world_.isStopped(); ++at) {
        const auto outcome = world_.echo(TraceStep::Echo, target.address, 0, 1000ms);
        if (!outcome) {
            row.details.push_back(outcome.error().text());
            continue;
        }
        ++facts.tries;
        const auto label = "Echo " + std::to_string(at + 1) + ": ";
        if (outcome->isAnswered) {
            ++facts.answers;
            if (!facts.roundTrip || outcome->took < *facts.roundTrip) facts.roundTrip = outcome->took;
            if (outcome->ttl != 0) facts.replyTtl = outcome->ttl;
            row.details.push_back(label + "answered in " + spanWords(outcome->took) + ".");
            world_.pause(100ms);
        } else if (outcome->error) {
            add(facts.errors, *outcome->error);
            row.details.push_back(label + errorWords(*outcome->error) + ".");
        } else {
            row.details.push_back(label + "no answer within 1 s.");
        }
    }
    // A miss is only a note: many computers refuse pings.
    row.grade = facts.answers == facts.tries && facts.tries > 0 ? TraceGrade::Fine : TraceGrade::Partly;
    row.result = std::to_string(facts.answers) + " of " + std::to_string(facts.tries) + " answered" +
                 (facts.roundTrip ? " in " + spanWords(*facts.roundTrip) : "");
    if (facts.answers == 0) row.result = "no answer; proves nothing alone";
    if (facts.answers == 0 && !facts.errors.empty()) row.result = errorWords(facts.errors.front());
    evidenceOf(leg).echo = std::move(facts);
}

void TraceRunner::chatProbe(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    row.method = "UDP from port 2425";
    auto facts = ask(TraceStep::ChatProbe, target, ChatQuestion::Version, kFewestTries, 1000ms, row.details);
    const std::string warmth =
        facts.isCold == false ? " (warm: heard " + spanWords(*facts.sinceTargetSpoke) + " ago)" : "";
    if (facts.answers > 0) {
        row.grade = facts.answers == facts.tries ? TraceGrade::Fine : TraceGrade::Partly;
        row.result = std::to_string(facts.answers) + " of " + std::to_string(facts.tries) + " answered" + warmth;
    } else if (!facts.errors.empty()) {
        row.grade = TraceGrade::Failed;
        row.result = errorWords(facts.errors.front());
    } else if (evidenceOf(leg).answersChatProbe == false) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "this client does not answer the question; the next step counts";
    } else {
        row.grade = TraceGrade::Failed;
        row.result = "silent" + warmth;
    }
    evidenceOf(leg).chatProbe = std::move(facts);
}

void TraceRunner::joinProbe(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    row.method = "UDP from port 2425";
    ChatProbe hello;
    hello.step = TraceStep::JoinProbe;
    hello.to = target.address;
    hello.port = target.port;
    hello.question = ChatQuestion::Nothing;
    (void)world_.send(hello);
    world_.pause(250ms);
    // Windows clients answer within 4 s in large networks, iptux at once.
    const bool isQuick = evidenceOf(leg).answersChatProbe == false;
    const auto patience = isQuick ? Duration{1500} : Duration{5000};
    auto facts =
        ask(TraceStep::JoinProbe, target, ChatQuestion::Entry, isQuick ? kFewestTries : 1, patience, row.details);
    // One answer is enough, but silence of a client that answers nothing else must not rest on one packet.
    row.grade = facts.answers > 0 ? TraceGrade::Fine : TraceGrade::Failed;
    row.result = facts.answers > 0       ? "answered in " + spanWords(facts.roundTrip.value_or(Duration{0}))
                 : !facts.errors.empty() ? errorWords(facts.errors.front())
                                         : "silent";
    evidenceOf(leg).joinProbe = std::move(facts);
}

void TraceRunner::filePort(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    row.method = "TCP connect";
    auto facts = world_.tcp(TraceStep::FilePort, target.address, target.port, 0, 3000ms);
    if (!facts) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "not measured";
        row.details = {facts.error().text()};
        return;
    }
    switch (facts->outcome) {
        case TcpOutcome::Connected:
            row.grade = TraceGrade::Fine;
            row.result = "open, " + spanWords(facts->took);
            break;
        case TcpOutcome::Refused:
            row.grade = TraceGrade::Partly;
            row.result = "refused: nothing listens there";
            break;
        case TcpOutcome::Timeout:
            row.grade = TraceGrade::Failed;
            row.result = "no answer within 3 s";
            break;
        case TcpOutcome::Unreachable:
            row.grade = TraceGrade::Failed;
            row.result = facts->errors.empty() ? "unreachable" : errorWords(facts->errors.front());
            break;
    }
    for (const auto& error : facts->errors)
        row.details.push_back(errorWords(error) + ".");
    evidenceOf(leg).tcp = *facts;
}

// Others, for comparison ---------------------------------------------------------------

MateFacts TraceRunner::askMates(const std::vector<LanUser>& mates, bool isOwnSegment) {
    MateFacts facts;
    struct Mate {
        const LanUser* user;
        unsigned tries = 0;
        unsigned replies = 0;
    };
    std::vector<Mate> asked;
    for (const auto& user : mates) {
        world_.watch(user.address);
        asked.push_back({&user});
    }
    // Two rounds: one packet may be lost, and how many are lost tells of the road.
    for (unsigned round = 0; round < kMateRounds && !world_.isStopped(); ++round) {
        std::size_t open = 0;
        for (auto& mate : asked) {
            ChatProbe probe;
            probe.step = TraceStep::ChatProbe;
            probe.to = mate.user->address;
            probe.port = mate.user->port;
            probe.question = mate.user->kind == ClientKind::Iptux ? ChatQuestion::Entry : ChatQuestion::Version;
            if (!world_.send(probe)) continue;
            ++mate.tries;
            ++open;
        }
        const auto deadline = world_.now() + kMatePatience;
        while (open > 0 && !world_.isStopped()) {
            const auto left = deadline - world_.now();
            if (left <= Duration{0}) break;
            for (const auto& each : world_.collect(left)) {
                const auto mate = std::find_if(asked.begin(), asked.end(),
                                               [&](const Mate& one) { return one.user->address == each.from; });
                if (mate != asked.end() && each.isAnswer() && mate->replies < mate->tries) {
                    ++mate->replies;
                    --open;
                }
                if (mate != asked.end() && each.error && each.error->isHostUnreachable() && mate->replies == 0)
                    ++facts.hostUnreachable;
                hear({each});
            }
        }
    }
    for (const auto& mate : asked) {
        if (mate.tries == 0) continue;
        ++facts.asked;
        if (mate.replies == 0) continue;
        ++facts.answered;
        facts.answeringTries += mate.tries;
        facts.answeringReplies += mate.replies;
    }
    facts.hostUnreachable = std::min(facts.hostUnreachable, facts.asked - facts.answered);
    for (const auto& mate : mates) {
        if (world_.isStopped()) break;
        const auto tcp = world_.tcp(TraceStep::FilePort, mate.address, mate.port, 0, 1000ms);
        if (tcp) {
            ++facts.tcpAsked;
            if (tcp->outcome == TcpOutcome::Connected || tcp->outcome == TcpOutcome::Refused) ++facts.tcpConnected;
        }
        if (isOwnSegment) {
            ++facts.neighbourAsked;
            const auto found = world_.neighbour(mate.address);
            if (found && found->isReachable) ++facts.neighbourFound;
        }
    }
    return facts;
}

void TraceRunner::mates(TraceLeg leg) {
    const auto& target = targetOf(leg);
    auto& evidence = evidenceOf(leg);
    const auto now = world_.now();
    std::vector<LanUser> near;
    std::vector<LanUser> wide;
    const bool isOwnSegment = evidence.segment && evidence.segment->isSameSegment == true;
    Network4 network = target.user ? target.user->segment : Network4::of(target.address, 24);
    for (const auto& interface : world_.interfaces()) {
        if (!interface.isLoopback && interface.network.contains(target.address)) network = interface.network;
    }
    // First whoever answered a moment ago; a filter that is there for hours has silenced them all, so then those who
    // answered within the week and show by TCP that they run now.
    auto byAnswer = users_;
    std::sort(byAnswer.begin(), byAnswer.end(),
              [](const LanUser& left, const LanUser& right) { return left.lastAnswer > right.lastAnswer; });
    unsigned looked = 0;
    for (const auto& user : byAnswer) {
        if (user.address == target.address || (x_ && user.address == x_->address)) continue;
        // The same person at another address is no other computer.
        if (target.user && user.user == target.user->user && user.host == target.user->host) continue;
        if (user.kind == ClientKind::Causeway || user.lastAnswer == TimePoint{} || now - user.lastAnswer > kMateMemory)
            continue;
        const bool isNear = network.contains(user.address);
        auto& group = isNear ? near : wide;
        if ((!isNear && (pair_.baseB.empty() || user.base != pair_.baseB)) || group.size() >= kMostMates) continue;
        const bool isFresh = user.isPresent() && now - user.lastAnswer <= kMateFresh;
        if (!isFresh) {
            if (looked >= kMostLooks || world_.isStopped()) continue;
            ++looked;
            const auto tcp = world_.tcp(TraceStep::FilePort, user.address, user.port, 0, 700ms);
            // Refused would show that the computer runs, but perhaps not the program.
            if (!tcp || tcp->outcome != TcpOutcome::Connected) continue;
        }
        group.push_back(user);
    }
    if (!near.empty()) evidence.segmentMates = askMates(near, isOwnSegment);
    if (!wide.empty()) evidence.baseMates = askMates(wide, false);
    const auto tell = [&](const std::optional<MateFacts>& facts, const char* where) {
        if (!facts) return;
        for (auto& row : report_.rows) {
            if (row.leg != leg || (row.step != TraceStep::ChatProbe && row.step != TraceStep::JoinProbe)) continue;
            row.details.push_back("For comparison: " + std::to_string(facts->answered) + " of " +
                                  counted(facts->asked, "other computer", "other computers") + " of " + where +
                                  " answered.");
            break;
        }
    };
    tell(evidence.segmentMates, "his segment");
    tell(evidence.baseMates, "his base");
    ++report_.revision;
    told_(report_);
}

void TraceRunner::askAgain(TraceLeg leg) {
    auto& evidence = evidenceOf(leg);
    const auto& target = targetOf(leg);
    const bool isByEntry = evidence.answersChatProbe == false;
    auto& facts = isByEntry ? evidence.joinProbe : evidence.chatProbe;
    if (!facts || facts->tries == 0 || facts->tries >= kTriesWithLoss || !facts->errors.empty()) return;
    const auto step = isByEntry ? TraceStep::JoinProbe : TraceStep::ChatProbe;
    const auto question = isByEntry ? ChatQuestion::Entry : ChatQuestion::Version;
    std::vector<std::string> details;
    const bool isSilent = (!evidence.chatProbe || evidence.chatProbe->answers == 0) &&
                          (!evidence.joinProbe || evidence.joinProbe->answers == 0);
    if (isSilent && late_[leg].empty()) {
        // The last router may still believe in a hardware address; the first packets made it doubt, this one gets its
        // word.
        const auto more = ask(step, target, question, 1, kRouterPatience, details);
        facts->tries += more.tries;
        facts->answers += more.answers;
        for (const auto& error : more.errors)
            add(facts->errors, error);
    }
    const auto& mates = evidence.segmentMates;
    const bool areOthersLossy = mates && mates->answeringReplies < mates->answeringTries;
    const bool isLossy = evidence.echo && evidence.echo->answers > 0 && evidence.echo->answers < evidence.echo->tries;
    const bool isPartly = facts->answers > 0 && facts->answers < facts->tries;
    // Where packets are lost, three questions tell neither silence from chance nor how much is lost.
    if (!isPartly && !(facts->answers == 0 && (areOthersLossy || isLossy))) return;
    const auto more = ask(step, target, question, kTriesWithLoss - facts->tries, 600ms, details);
    facts->tries += more.tries;
    facts->answers += more.answers;
    for (const auto& error : more.errors)
        add(facts->errors, error);
    if (!facts->roundTrip) facts->roundTrip = more.roundTrip;
    if (!facts->replyTtl) facts->replyTtl = more.replyTtl;
    for (auto& row : report_.rows) {
        if (row.leg != leg || row.step != step) continue;
        row.details.push_back("Packets are lost, so it was asked " + counted(more.tries, "time", "times") +
                              " more: " + counted(more.answers, "answer", "answers") + ".");
        row.result = std::to_string(facts->answers) + " of " + std::to_string(facts->tries) + " answered";
        row.grade = facts->answers == 0 ? TraceGrade::Failed : TraceGrade::Partly;
    }
    ++report_.revision;
    told_(report_);
}

// The linked service ------------------------------------------------------------------

void TraceRunner::noPeer(TraceRow& row, const std::string& why) {
    row.grade = TraceGrade::NotMeasured;
    row.result = "not measured: " + why;
    row.gains = infoOf(row.step).gains;
}

void TraceRunner::beginAtPeer() {
    if (!peer_ || !peerTrouble_.empty()) return;
    std::map<TraceLeg, std::vector<TraceStep>> wishes;
    for (const auto& row : report_.rows) {
        if (row.leg != TraceLeg::BToX && row.leg != TraceLeg::BToY) continue;
        // The way back to us is the way there for the other service.
        wishes[row.leg].push_back(row.step == TraceStep::PathBack ? TraceStep::Path : row.step);
    }
    for (const auto& [leg, steps] : wishes) {
        const auto& target = targetOf(leg);
        auto begun = peer_->measure(target.address, target.port, steps);
        if (begun) {
            remote_[leg] = *begun;
        } else {
            remoteTrouble_[leg] = begun.error().what;
        }
    }
}

void TraceRunner::takeFromPeer(TraceRow& row) {
    constexpr Duration kLongest = 90s;
    if (!peerTrouble_.empty()) return noPeer(row, peerTrouble_);
    const auto at = remote_.find(row.leg);
    if (at == remote_.end()) return noPeer(row, remoteTrouble_[row.leg]);
    const auto step = row.step == TraceStep::PathBack ? TraceStep::Path : row.step;
    const auto end = world_.now() + kLongest;
    while (!world_.isStopped() && world_.now() < end) {
        auto progress = peer_->progress(at->second, step, 500ms);
        if (progress.row) {
            auto& there = *progress.row;
            row.grade = there.grade == TraceGrade::Waiting || there.grade == TraceGrade::Running
                            ? TraceGrade::NotMeasured
                            : there.grade;
            row.result = std::move(there.result);
            row.details = std::move(there.details);
            row.method = std::move(there.method);
            row.gains = std::move(there.gains);
            row.path = std::move(there.path);
            return;
        }
        if (progress.isOver()) {
            return noPeer(row, progress.trouble.empty() ? "the other service left this step out" : progress.trouble);
        }
    }
    noPeer(row, world_.isStopped() ? "stopped before it" : peer_->name() + " did not answer in time");
}

void TraceRunner::endAtPeer() {
    constexpr Duration kLongest = 30s;
    for (const auto& [leg, id] : remote_) {
        const auto end = world_.now() + kLongest;
        auto progress = peer_->progress(id, TraceStep::Verdict, 0ms);
        while (!progress.isOver() && !world_.isStopped() && world_.now() < end)
            progress = peer_->progress(id, TraceStep::Verdict, 500ms);
        if (!progress.isOver()) peer_->stop(id);
        if (!progress.evidence) continue;
        const auto& target = targetOf(leg);
        auto& evidence = evidenceOf(leg);
        evidence = std::move(*progress.evidence);
        evidence.from = peer_->name();
        evidence.to = target.name;
        evidence.toAddress = target.address;
        evidence.port = target.port;
        // What kind of program he has, the directory of his own base knows best; ours is the other choice.
        if (!evidence.answersChatProbe && target.user && target.user->kind != ClientKind::Unknown)
            evidence.answersChatProbe = target.user->kind != ClientKind::Iptux;
        pair_.hasPeer = true;
        if (leg == TraceLeg::BToY && evidence.segment) pair_.isPeerInYSegment = evidence.segment->isSameSegment;
    }
}

void TraceRunner::count() {
    if (counts_) return;
    const bool withVoice = isWanted(TraceStep::VoicePorts);
    counts_ = peer_->count(withVoice, [this](Duration span) { world_.pause(span); });
    if (!*counts_) return;
    const auto& counts = **counts_;
    pair_.hasPeer = true;
    struct Way {
        TraceLeg leg;
        const PeerDirection& direction;
        Ip4 from, to;
        std::string by;
    };
    for (const auto& way :
         {Way{TraceLeg::AToPeer, counts.there, counts.ownAddress, counts.peerAddress, peer_->name()},
          Way{TraceLeg::PeerToA, counts.back, counts.peerAddress, counts.ownAddress, "this service"}}) {
        auto& evidence = evidenceOf(way.leg);
        evidence.from = way.leg == TraceLeg::AToPeer ? "this service" : peer_->name();
        evidence.to = way.leg == TraceLeg::AToPeer ? peer_->name() : "this service";
        evidence.fromAddress = way.from;
        evidence.toAddress = way.to;
        if (const auto& chat = way.direction.chat) {
            evidence.oneWay = OneWayFacts{chat->sent, chat->arrived};
        }
        // A router that translates remembers who spoke first: if the other side did, chat passes as it is. The port of
        // the link is used by nobody else.
        const auto isOther = [&way](const std::optional<PeerPort>& port) {
            return port && port->source && *port->source != way.from;
        };
        const auto& seen =
            isOther(way.direction.link) && !isOther(way.direction.chat) ? way.direction.link : way.direction.chat;
        const bool isChat = &seen == &way.direction.chat;
        if (seen && seen->source) {
            NatFacts nat;
            nat.ownAddress = way.from;
            nat.seenBy = way.by;
            nat.seenAddress = seen->source;
            nat.seenPort = seen->sourcePort;
            if (!isChat && seen->sourcePort) nat.ownPort = *seen->sourcePort;
            evidence.nat = nat;
        }
        if (!way.direction.voice.empty()) {
            evidence.voice.emplace();
            for (const auto& port : way.direction.voice) {
                evidence.voice->push_back({port.port, port.arrived > 0 ? VoiceOutcome::Echoed : VoiceOutcome::Silent});
            }
        }
    }
}

void TraceRunner::takeCounts(TraceRow& row) {
    if (!peerTrouble_.empty()) return noPeer(row, peerTrouble_);
    count();
    if (!*counts_) return noPeer(row, counts_->error().what);
    const auto& counts = **counts_;
    const bool isThere = row.leg == TraceLeg::AToPeer;
    const auto& way = isThere ? counts.there : counts.back;
    const auto words = [](const PeerPort& port) {
        return std::to_string(port.arrived) + " of " + std::to_string(port.sent) + " arrived";
    };
    const auto grade = [](unsigned arrived, unsigned sent) {
        return arrived == 0 ? TraceGrade::Failed : arrived < sent ? TraceGrade::Partly : TraceGrade::Fine;
    };
    row.method = "numbered datagrams from " + (isThere ? counts.ownAddress : counts.peerAddress).text() + " to " +
                 (isThere ? counts.peerAddress : counts.ownAddress).text() + ", counted at the far end";
    switch (row.step) {
        case TraceStep::ChatProbe:
            if (!way.chat || way.chat->sent == 0)
                return noPeer(row, "one of both services does not listen on UDP 2425");
            row.result = words(*way.chat);
            row.grade = grade(way.chat->arrived, way.chat->sent);
            if (way.link && way.link->sent > 0)
                row.details.push_back("For comparison: " + words(*way.link) + " on UDP " +
                                      std::to_string(way.link->port) + ", the port of the link.");
            return;
        case TraceStep::Nat: {
            const auto& nat = evidenceOf(row.leg).nat;
            if (!nat || !nat->seenAddress) return noPeer(row, "no datagram arrived that would show its source");
            const bool isSame =
                nat->seenAddress == nat->ownAddress && nat->seenPort.value_or(nat->ownPort) == nat->ownPort;
            row.grade = isSame ? TraceGrade::Fine : TraceGrade::Partly;
            row.result = isSame ? "not translated: seen as " + nat->ownAddress.text()
                                : "translated: " + nat->ownAddress.text() + " is seen as " + nat->seenAddress->text() +
                                      ":" + std::to_string(nat->seenPort.value_or(0));
            return;
        }
        case TraceStep::VoicePorts: {
            if (way.voice.empty()) {
                return noPeer(row, counts.voiceTrouble.empty() ? "no voice ports were tested" : counts.voiceTrouble);
            }
            std::size_t open = 0;
            for (const auto& port : way.voice) {
                if (port.arrived > 0) ++open;
                row.details.push_back("UDP " + std::to_string(port.port) + ": " + words(port) + ".");
            }
            row.grade = grade(static_cast<unsigned>(open), static_cast<unsigned>(way.voice.size()));
            row.result = std::to_string(open) + " of " + counted(way.voice.size(), "port", "ports") + " open";
            return;
        }
        default:
            noPeer(row, "the other service left this step out");
    }
}

// The path and beyond ---------------------------------------------------------------

PathColumn TraceRunner::column(TraceLeg leg, TraceProtocol protocol, std::vector<std::string>& details) {
    const auto& target = targetOf(leg);
    PathColumn column;
    unsigned silent = 0;
    std::vector<Ip4> seen;
    for (unsigned ttl = 1; ttl <= kMostHops && !world_.isStopped(); ++ttl) {
        TraceHop hop;
        hop.ttl = ttl;
        bool isEnd = false;
        for (unsigned tries = 0; tries < kTriesPerHop && !hop.isAnswered && !world_.isStopped(); ++tries) {
            ++hop.sent;
            const auto note = [&](const IcmpError& error, Duration took) {
                hop.isAnswered = true;
                if (!error.from.isAny()) hop.address = error.from;
                hop.type = error.type;
                hop.code = error.code;
                hop.roundTrip = took;
                if (error.from == target.address) column.isTargetReached = isEnd = true;
                // Anything but "hop limit reached" ends the road there.
                if (!error.isTimeExceeded()) isEnd = true;
            };
            const auto limit = static_cast<std::uint8_t>(ttl);
            if (protocol == TraceProtocol::Udp) {
                ChatProbe probe;
                probe.step = TraceStep::Path;
                probe.to = target.address;
                probe.port = target.port;
                probe.question = questionFor(target);
                probe.ttl = limit;
                forget(target.address);
                if (!world_.send(probe)) break;
                const auto begin = world_.now();
                if (auto heard = waitFor(target.address, probe.question, kHopPatience)) {
                    const auto took = heard->at > begin ? heard->at - begin : Duration{0};
                    if (heard->error) {
                        note(*heard->error, took);
                    } else {
                        hop.isAnswered = column.isTargetReached = isEnd = true;
                        hop.address = target.address;
                        hop.roundTrip = took;
                    }
                }
            } else if (protocol == TraceProtocol::Icmp) {
                const auto outcome = world_.echo(TraceStep::Path, target.address, limit, kHopPatience);
                if (!outcome) break;
                if (outcome->isAnswered) {
                    hop.isAnswered = column.isTargetReached = isEnd = true;
                    hop.address = target.address;
                    hop.roundTrip = outcome->took;
                } else if (outcome->error) {
                    note(*outcome->error, outcome->took);
                }
            } else {
                const auto outcome = world_.tcp(TraceStep::Path, target.address, target.port, limit, kHopPatience);
                if (!outcome) break;
                if (outcome->outcome == TcpOutcome::Connected || outcome->outcome == TcpOutcome::Refused) {
                    hop.isAnswered = column.isTargetReached = isEnd = true;
                    hop.address = target.address;
                    hop.roundTrip = outcome->took;
                } else if (!outcome->errors.empty()) {
                    note(outcome->errors.front(), outcome->took);
                }
            }
            if (!hop.isAnswered) ++hop.lost;
        }
        silent = hop.isAnswered ? 0 : silent + 1;
        column.hops.push_back(hop);
        std::string line = std::string(wordOf(protocol)) + " hop " + std::to_string(ttl) + ": ";
        line += !hop.isAnswered ? "no answer"
                                : (hop.address ? hop.address->text() : std::string("a router")) + ", " +
                                      spanWords(hop.roundTrip.value_or(Duration{0}));
        details.push_back(line);
        if (isEnd || silent >= kSilentHopsToStop) break;
        // A loop shows itself in the second round; ten more rounds tell nothing new.
        if (hop.address) {
            if (std::count(seen.begin(), seen.end(), *hop.address) >= 3) break;
            seen.push_back(*hop.address);
        }
    }
    return column;
}

void TraceRunner::path(TraceRow& row, TraceLeg leg) {
    PathFacts facts;
    row.method = "UDP from port 2425 and TCP connect with limited hops, error queue";
    facts.udp = column(leg, TraceProtocol::Udp, row.details);
    if (auto method = world_.echoMethod()) {
        facts.icmp = column(leg, TraceProtocol::Icmp, row.details);
        row.method += ", " + *method;
    } else {
        row.gains = infoOf(TraceStep::Path).gains;
    }
    facts.tcp = column(leg, TraceProtocol::Tcp, row.details);
    const auto words = [](const char* name, const std::optional<PathColumn>& column) {
        std::string text = std::string(name) + " ";
        if (!column) return text + "not measured";
        if (column->isTargetReached) return text + counted(column->hops.size(), "hop", "hops");
        const auto last = column->lastAnswered();
        return text + (last == 0 ? "no hop answers" : "ends after hop " + std::to_string(last));
    };
    row.result = words("UDP", facts.udp) + ", " + words("ICMP", facts.icmp) + ", " + words("TCP", facts.tcp);
    const bool isUdp = facts.udp->isTargetReached;
    const bool isTcp = facts.tcp->isTargetReached;
    row.grade = isUdp && isTcp ? TraceGrade::Fine : isUdp || isTcp ? TraceGrade::Partly : TraceGrade::Failed;
    row.path = facts;
    evidenceOf(leg).path = std::move(facts);
}

void TraceRunner::pathBack(TraceRow& row, TraceLeg leg) {
    const auto& evidence = evidenceOf(leg);
    std::optional<std::uint8_t> ttl;
    if (evidence.chatProbe && evidence.chatProbe->replyTtl) ttl = evidence.chatProbe->replyTtl;
    if (!ttl && evidence.joinProbe) ttl = evidence.joinProbe->replyTtl;
    if (!ttl && evidence.echo) ttl = evidence.echo->replyTtl;
    row.method = "time to live of the answers";
    row.gains = infoOf(TraceStep::PathBack).gains;
    if (!ttl) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "no answer to count hops from";
        return;
    }
    const unsigned back = hopsFrom(*ttl) + 1;
    row.result = "about " + counted(back, "hop", "hops") + " back";
    row.grade = TraceGrade::Fine;
    if (evidence.path && evidence.path->udp && evidence.path->udp->isTargetReached) {
        const auto there = static_cast<unsigned>(evidence.path->udp->hops.size());
        row.result += ", " + std::to_string(there) + " there";
        if ((back > there ? back - there : there - back) >= 2) row.grade = TraceGrade::Partly;
    }
    row.details.push_back("Answers arrive with a time to live of " + std::to_string(*ttl) + ".");
}

void TraceRunner::sizes(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    row.method = "UDP from port 2425, with and without \"don't fragment\"";
    // Silence at every size would say nothing about sizes, and take half a minute.
    const auto& before = evidenceOf(leg);
    const auto answersTo = [](const std::optional<ProbeFacts>& probe) { return probe ? probe->answers : 0U; };
    if ((before.chatProbe || before.joinProbe) && answersTo(before.chatProbe) + answersTo(before.joinProbe) == 0) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "not even small packets are answered";
        return;
    }
    std::vector<SizeProbe> all;
    unsigned answered = 0;
    unsigned asked = 0;
    std::uint16_t largest = 0;
    for (const bool isDontFragment : {true, false}) {
        for (const auto size : kSizes) {
            if (world_.isStopped()) break;
            SizeProbe probe;
            probe.payload = size;
            probe.isDontFragment = isDontFragment;
            for (unsigned tries = 0; tries < 2 && probe.answers == 0; ++tries) {
                ChatProbe packet;
                packet.step = TraceStep::SizeSweep;
                packet.to = target.address;
                packet.port = target.port;
                packet.question = questionFor(target);
                packet.size = size;
                packet.isDontFragment = isDontFragment;
                forget(target.address);
                if (auto sent = world_.send(packet); !sent) {
                    break;  // too large for the own network card
                }
                ++probe.sent;
                const auto heard = waitFor(target.address, packet.question, 700ms);
                if (heard && heard->error && heard->error->isTooBig()) probe.tooBigMtu = heard->error->mtu;
                if (heard && !heard->error) ++probe.answers;
                if (probe.tooBigMtu) break;
            }
            if (probe.sent > 0) ++asked;
            if (probe.answers > 0) ++answered;
            if (probe.answers > 0) largest = std::max(largest, size);
            row.details.push_back(std::to_string(size) + " bytes" +
                                  (isDontFragment ? ", unfragmented: " : ", fragments allowed: ") +
                                  (probe.sent == 0     ? "too large for the own network card"
                                   : probe.answers > 0 ? "answered"
                                   : probe.tooBigMtu   ? "too large, a router says " + std::to_string(*probe.tooBigMtu)
                                                       : "no answer"));
            all.push_back(probe);
        }
    }
    const bool isRefusedHonestly = std::all_of(all.begin(), all.end(), [](const SizeProbe& each) {
        return each.sent == 0 || each.answers > 0 || each.tooBigMtu;
    });
    row.grade = answered == 0 ? TraceGrade::Failed : isRefusedHonestly ? TraceGrade::Fine : TraceGrade::Partly;
    row.result = answered == 0 ? "no size was answered"
                               : "up to " + std::to_string(largest) + " bytes answered, " + std::to_string(answered) +
                                     " of " + std::to_string(asked) + " probes";
    evidenceOf(leg).sizes = std::move(all);
}

void TraceRunner::nat(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    NatFacts facts;
    facts.ownAddress = evidenceOf(leg).fromAddress;
    unsigned behind = 0;
    for (const auto& user : users_) {
        if (user.isPresent() && user.address == target.address) ++behind;
    }
    facts.usersBehindAddress = behind;
    row.method = "users of the directory by address";
    row.gains = infoOf(TraceStep::Nat).gains;
    row.grade = behind > 1 ? TraceGrade::Partly : TraceGrade::Fine;
    row.result =
        behind > 1 ? std::to_string(behind) + " users behind " + target.address.text() : "no sign of translation";
    evidenceOf(leg).nat = std::move(facts);
}

void TraceRunner::broadcast(TraceRow& row) {
    row.method = "broadcast from this computer, then each who was silent by himself";
    // The segment that matters is that of X, else any own one with users.
    std::optional<LanInterface> chosen;
    std::vector<LanUser> known;
    for (const auto& interface : world_.interfaces()) {
        if (interface.isLoopback || interface.broadcast.isAny()) continue;
        std::vector<LanUser> here;
        for (const auto& user : users_) {
            if (user.presence == Presence::Present && user.kind != ClientKind::Causeway &&
                interface.network.contains(user.address) && world_.now() - user.lastAnswer < 10min)
                here.push_back(user);
        }
        const bool isXs = x_ && interface.network.contains(x_->address);
        if (isXs || here.size() > known.size()) {
            chosen = interface;
            known = std::move(here);
        }
        if (isXs) break;
    }
    if (!chosen || known.empty()) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "nobody is known in a segment of this computer";
        return;
    }
    auto answers = world_.broadcast(*chosen, kBroadcastPatience);
    if (!answers) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "the broadcast could not be sent";
        row.details = {answers.error().text()};
        return;
    }
    BroadcastFacts facts;
    facts.known = static_cast<unsigned>(known.size());
    std::vector<LanUser> silent;
    for (const auto& user : known) {
        if (std::find(answers->begin(), answers->end(), user.address) != answers->end()) {
            ++facts.broadcastAnswers;
        } else {
            silent.push_back(user);
        }
    }
    facts.unicastAnswers = facts.broadcastAnswers;
    if (!silent.empty()) facts.unicastAnswers += askMates(silent, false).answered;
    row.grade = facts.broadcastAnswers * 100 >= facts.known * 95 ? TraceGrade::Fine : TraceGrade::Partly;
    row.result = std::to_string(facts.broadcastAnswers) + " of " + std::to_string(facts.known) +
                 " known users answered on " + chosen->network.text() + ", " + std::to_string(facts.unicastAnswers) +
                 " when asked by address";
    evidenceOf(TraceLeg::AToY).broadcast = facts;
}

void TraceRunner::lists(TraceRow& row) {
    row.method = "GETLIST";
    row.gains = infoOf(TraceStep::Lists).gains;
    if (!report_.request.readLists) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "needs consent: it reads the users' own lists";
        return;
    }
    const auto read = [&](const Target& of, const Target& other, std::optional<bool>& has,
                          std::optional<unsigned>& known, std::optional<unsigned>& listed) {
        auto list = world_.list(of.address, 4000ms);
        if (!list || !list->isComplete) {
            row.details.push_back("The list of " + of.name + " was not read" +
                                  (list ? std::string(": it did not arrive whole.") : ": " + list.error().what));
            return;
        }
        has = std::find(list->addresses.begin(), list->addresses.end(), other.address) != list->addresses.end();
        row.details.push_back("The list of " + of.name + " has " + counted(list->addresses.size(), "user", "users") +
                              (*has ? ", " : ", not ") + other.name + ".");
        unsigned mates = 0;
        unsigned there = 0;
        const auto network = of.user ? of.user->segment : Network4::of(of.address, 24);
        for (const auto& user : users_) {
            if (user.presence != Presence::Present || user.address == of.address || !network.contains(user.address))
                continue;
            ++mates;
            if (std::find(list->addresses.begin(), list->addresses.end(), user.address) != list->addresses.end())
                ++there;
        }
        known = mates;
        listed = there;
    };
    if (x_) {
        read(*x_, y_, pair_.lists.hasXY, pair_.lists.xMatesKnown, pair_.lists.xMatesListed);
        read(y_, *x_, pair_.lists.hasYX, pair_.lists.yMatesKnown, pair_.lists.yMatesListed);
    } else {
        row.grade = TraceGrade::NotMeasured;
        row.result = "needs a user to trace from";
        return;
    }
    if (!pair_.lists.hasXY && !pair_.lists.hasYX) {
        row.grade = TraceGrade::NotMeasured;
        row.result = "neither client gave its list";
        return;
    }
    const auto words = [](const std::string& who, const std::optional<bool>& has) {
        return who + (!has ? " gave no list" : *has ? " lists the other" : " lacks the other");
    };
    row.grade =
        pair_.lists.hasXY.value_or(true) && pair_.lists.hasYX.value_or(true) ? TraceGrade::Fine : TraceGrade::Failed;
    row.result = words(x_->name, pair_.lists.hasXY) + ", " + words(y_.name, pair_.lists.hasYX);
}

void TraceRunner::repeat(TraceRow& row, TraceLeg leg) {
    const auto& target = targetOf(leg);
    row.method = "UDP from port 2425 and TCP connect, every 10 s";
    std::vector<RepeatSample> samples;
    const auto end = world_.now() + std::chrono::minutes{report_.request.repeatMinutes};
    unsigned lost = 0;
    while (world_.now() < end && !world_.isStopped() && samples.size() < 20000) {
        const auto begin = world_.now();
        std::vector<std::string> ignored;
        const auto facts = ask(TraceStep::Repeat, target, questionFor(target), 1, 1500ms, ignored);
        if (facts.tries > 0) samples.push_back({begin, TraceProtocol::Udp, facts.answers > 0});
        if (facts.tries > 0 && facts.answers == 0) {
            ++lost;
            if (row.details.size() < 256) row.details.push_back(isoText(begin) + " no answer to the chat question");
        }
        const auto tcp = world_.tcp(TraceStep::Repeat, target.address, target.port, 0, 2000ms);
        if (tcp) {
            const bool isFine = tcp->outcome == TcpOutcome::Connected || tcp->outcome == TcpOutcome::Refused;
            samples.push_back({begin, TraceProtocol::Tcp, isFine});
            if (!isFine) {
                ++lost;
                if (row.details.size() < 256) row.details.push_back(isoText(begin) + " no TCP connection");
            }
        }
        row.result = std::to_string(lost) + " of " + std::to_string(samples.size()) + " unanswered so far";
        ++report_.revision;
        told_(report_);
        const auto next = begin + kRepeatEvery;
        while (world_.now() < next && !world_.isStopped())
            world_.pause(std::min(Duration{500}, next - world_.now()));
    }
    row.grade = lost == 0 ? TraceGrade::Fine : lost == samples.size() ? TraceGrade::Failed : TraceGrade::Partly;
    row.result = std::to_string(lost) + " of " + std::to_string(samples.size()) + " unanswered";
    evidenceOf(leg).repeat = std::move(samples);
}

}  // namespace causeway::trace
