#include "service/links/duty_rules.h"

#include <algorithm>

namespace causeway::links {

namespace {

bool holds(const std::vector<Network4>& networks, Ip4 address) {
    // A segment as wide as a country is a slip of somebody; it must not open everything.
    constexpr int kWidest = 8;
    return std::any_of(networks.begin(), networks.end(), [address](const Network4& each) {
        return each.prefix >= kWidest && each.contains(address) &&
               (each.prefix >= 31 || (address != each.first() && address != each.last()));
    });
}

Error tooOften(const char* what) {
    return {Code::Busy, std::string("The other service refuses: ") + what, "",
            "Wait a minute; a service measures for another one only so often."};
}

void dropOld(std::deque<TimePoint>& times, TimePoint before) {
    while (!times.empty() && times.front() < before)
        times.pop_front();
}

}  // namespace

bool DutyRules::isDone(TraceStep step) {
    switch (step) {
        case TraceStep::SelfCheck:
        case TraceStep::WhoIsWho:
        case TraceStep::Segment:
        case TraceStep::Neighbour:
        case TraceStep::Echo:
        case TraceStep::ChatProbe:
        case TraceStep::JoinProbe:
        case TraceStep::FilePort:
        case TraceStep::Path:
            return true;
        case TraceStep::PathBack:
        case TraceStep::SizeSweep:
        case TraceStep::Nat:
        case TraceStep::Broadcast:
        case TraceStep::VoicePorts:
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
            return false;
    }
    return false;
}

Result<void> DutyRules::mayMeasure(const std::string& who, const link::Measure& wish, const OwnSide& own,
                                   const std::vector<Network4>& theirs, TimePoint now) {
    if (wish.target.isLoopback() || !wish.target.canBeHost() ||
        (!holds(own.segments, wish.target) && !holds(theirs, wish.target))) {
        return Error{Code::Denied,
                     "The other service refuses: " + wish.target.text() +
                         " is in no segment of its own base, and in none that it knows of this one.",
                     "A service measures for another one only inside both bases.",
                     "Write the segments of both bases down, on both sides."};
    }
    if (wish.port < 1024 || wish.steps.empty() || !std::all_of(wish.steps.begin(), wish.steps.end(), isDone)) {
        return Error{Code::Denied, "The other service refuses: that is no step that a service takes for another one.",
                     "", ""};
    }
    auto& guest = all_[who];
    dropOld(guest.measures, now - kWindow);
    if (guest.running >= kMostAtOnce) return tooOften("it measures four things for this base already.");
    if (guest.measures.size() >= kMostMeasures) return tooOften("it was asked for 20 measurements within a minute.");
    guest.measures.push_back(now);
    ++guest.running;
    return {};
}

void DutyRules::done(const std::string& who) {
    if (const auto at = all_.find(who); at != all_.end() && at->second.running > 0) --at->second.running;
}

Result<void> DutyRules::mayCount(const std::string& who, Ip4 target, const std::vector<Network4>& theirs,
                                 TimePoint now) {
    if (!target.isAny() && (target.isLoopback() || !target.canBeHost() || !holds(theirs, target))) {
        return Error{Code::Denied,
                     "The other service refuses: " + target.text() + " is in no segment that it knows of this base.",
                     "", "Write the segments of this base down on that side."};
    }
    if (!target.isAny()) return {};  // counted with its first half
    auto& guest = all_[who];
    dropOld(guest.counts, now - kWindow);
    if (guest.counts.size() >= kMostCounts) return tooOften("it was asked for 12 counts within a minute.");
    guest.counts.push_back(now);
    return {};
}

}  // namespace causeway::links
