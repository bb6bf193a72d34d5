#include "service/trace/visibility_findings.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

namespace causeway::trace {

namespace {

constexpr TimePoint kNever{};
constexpr double kDark = 0.25;

std::string roadKey(const Network4& from, const Network4& to) {
    return "road " + from.text() + " " + to.text();
}
std::string segmentKey(const Network4& segment) {
    return "segment " + segment.text();
}
std::string subjectKey(UserId id) {
    return "subject " + std::to_string(id);
}
std::string observerKey(UserId id) {
    return "observer " + std::to_string(id);
}

bool isSameFault(const VisibilityFinding& left, const VisibilityFinding& right) {
    return std::tie(left.kind, left.from, left.to, left.observer, left.subject) ==
           std::tie(right.kind, right.from, right.to, right.observer, right.subject);
}

int widthOf(FaultKind kind) {
    switch (kind) {
        case FaultKind::SegmentDark:
            return 0;
        case FaultKind::SiteLink:
            return 1;
        case FaultKind::OneWay:
            return 2;
        case FaultKind::PcIsolated:
        case FaultKind::PcInbound:
        case FaultKind::PcReceives:
            return 3;
        case FaultKind::Pair:
            break;
    }
    return 4;
}

bool isLit(std::uint32_t cells, std::uint32_t seen) {
    return cells >= VisibilityBlock::kFewestObservers && (seen + 1.0) / (cells + 2.0) >= kDark;
}

std::string count(std::size_t number, const char* one, const char* many) {
    return std::to_string(number) + " " + (number == 1 ? one : many);
}

}  // namespace

/// One finished collection, ready to be asked.
struct FindingBook::Moment {
    const VisibilityReport& report;
    const VisibilityBook& book;
    TimePoint at{};
    std::set<std::string> fine{};
    std::map<Network4, std::string> bases{};
    std::map<std::pair<Network4, Network4>, const VisibilityBlock*> roads{};

    Moment(const VisibilityReport& shown, const VisibilityBook& asked, TimePoint when)
        : report(shown), book(asked), at(when) {
        for (const auto& group : report.segments)
            bases[*group.segment] = group.base;
        for (const auto& block : report.blocks) {
            const auto& from = *report.segments[block.from].segment;
            const auto& to = *report.segments[block.to].segment;
            roads[{from, to}] = &block;
            if (block.state != BlockState::Seen && block.state != BlockState::Partly) continue;
            fine.insert(roadKey(from, to));
            if (from == to) continue;
            fine.insert(segmentKey(from));
            fine.insert(segmentKey(to));
        }
        for (const auto& pc : report.pcs) {
            if (pc.id == 0) continue;
            if (isLit(pc.cells, pc.seen)) fine.insert(subjectKey(pc.id));
            if (isLit(pc.rowCells, pc.rowSeen)) fine.insert(observerKey(pc.id));
        }
    }
    const VisibilityBlock* road(const Network4& from, const Network4& to) const {
        const auto at_ = roads.find({from, to});
        return at_ == roads.end() ? nullptr : at_->second;
    }
};

void FindingBook::restore(std::vector<VisibilityFinding> findings, VisibilityKept kept) {
    for (auto& finding : findings) {
        lastId_ = std::max(lastId_, finding.id);
        findings_[finding.id] = std::move(finding);
    }
    fine_ = std::move(kept.fine);
    changes_.assign(kept.changes.begin(), kept.changes.end());
    finishedAt_ = kept.finishedAt;
}

void FindingBook::note(NotedChange change) {
    changes_.push_back(std::move(change));
    while (changes_.size() > kMostChanges)
        changes_.pop_front();
}

void FindingBook::compare(const VisibilitySnapshot& now) {
    if (!before_) {
        before_ = now;
        return;
    }
    const auto& old = *before_;
    const auto add = [this](TimePoint at, std::string text, UserId user = 0, std::optional<Network4> segment = {},
                            bool isRestart = false) {
        note({at, std::move(text), user, segment, isRestart});
    };
    for (const auto& [key, value] : now.settings) {
        const auto was = old.settings.find(key);
        if (was == old.settings.end() || was->second == value) continue;
        std::string text = "The setting ";
        text.append(key).append(" changed from \"").append(was->second).append("\" to \"").append(value).append("\".");
        add(now.at, std::move(text));
    }
    const std::set<std::string> rangesBefore(old.ranges.begin(), old.ranges.end());
    const std::set<std::string> rangesNow(now.ranges.begin(), now.ranges.end());
    for (const auto& each : rangesNow)
        if (!rangesBefore.contains(each)) add(now.at, "The remote range \"" + each + "\" was added or switched on.");
    for (const auto& each : rangesBefore)
        if (!rangesNow.contains(each)) add(now.at, "The remote range \"" + each + "\" was taken away or switched off.");
    const auto segmentsOf = [](const VisibilitySnapshot& moment) {
        std::map<Network4, std::string> all;
        for (const auto& base : moment.bases)
            for (const auto& segment : base.segments)
                all[segment] = base.name;
        return all;
    };
    const auto segmentsBefore = segmentsOf(old);
    const auto segmentsNow = segmentsOf(now);
    for (const auto& [segment, base] : segmentsNow)
        if (!segmentsBefore.contains(segment))
            add(now.at, "The segment " + segment.text() + " was added to the base " + base + ".", 0, segment);
    for (const auto& [segment, base] : segmentsBefore)
        if (!segmentsNow.contains(segment))
            add(now.at, "The segment " + segment.text() + " was taken from the base " + base + ".", 0, segment);
    for (const auto& each : now.interfaces)
        if (std::find(old.interfaces.begin(), old.interfaces.end(), each) == old.interfaces.end())
            add(now.at, "This server has the address " + each.address.text() + " on " + each.name + " now.", 0,
                each.network);
    for (const auto& each : old.interfaces)
        if (std::find(now.interfaces.begin(), now.interfaces.end(), each) == now.interfaces.end())
            add(now.at, "This server lost the address " + each.address.text() + " on " + each.name + ".", 0,
                each.network);

    std::map<UserId, const SeenUser*> usersBefore;
    for (const auto& user : old.users)
        usersBefore[user.id] = &user;
    for (const auto& user : now.users) {
        const auto found = usersBefore.find(user.id);
        if (found == usersBefore.end()) continue;
        const auto& was = *found->second;
        if (user.enteredAt > was.enteredAt && was.enteredAt != kNever)
            add(user.enteredAt, "The client of " + user.name + " started, came back or was refreshed.", user.id,
                user.segment, true);
        if (user.address != was.address && !user.address.isAny() && !was.address.isAny())
            add(now.at, user.name + " moved from " + was.address.text() + " to " + user.address.text() + ".", user.id);
        if (user.client != was.client && !was.client.empty())
            add(now.at,
                "The client of " + user.name + " is now \"" + user.client + "\"; it was \"" + was.client + "\".",
                user.id);
        if (user.isUnstable && !was.isUnstable) add(now.at, user.name + " became unstable: " + user.unstable, user.id);
    }
    before_ = now;
}

VisibilityFinding FindingBook::made(const MatrixFault& fault, const Moment& moment) const {
    VisibilityFinding out;
    out.kind = fault.kind;
    out.certainty = fault.certainty;
    out.from = fault.from;
    out.to = fault.to;
    out.cells = static_cast<std::uint32_t>(fault.cells);
    out.observers = static_cast<std::uint32_t>(fault.observers);
    out.sentence = fault.sentence;
    const auto pcOf = [&](const std::optional<std::size_t>& index) {
        return index ? &moment.report.pcs[*index] : nullptr;
    };
    // For single computers the segments say where they are.
    if (const auto* pc = pcOf(fault.observer)) {
        out.observer = pc->id;
        out.observerName = pc->name;
        out.from = pc->segment;
    }
    if (const auto* pc = pcOf(fault.subject)) {
        out.subject = pc->id;
        out.subjectName = pc->name;
        out.to = pc->segment;
    }
    const auto baseOf = [&](const std::optional<Network4>& segment) {
        const auto at = segment ? moment.bases.find(*segment) : moment.bases.end();
        return at == moment.bases.end() ? std::string() : at->second;
    };
    out.fromBase = baseOf(out.from);
    out.toBase = baseOf(out.to);
    const auto usePair = [&](const VisibilityBlock* block) {
        if (block == nullptr || block->traceTo == 0 || (out.traceTo != 0 && out.traceFrom != 0)) return;
        if (out.traceTo != 0 && block->traceFrom == 0) return;
        out.traceFrom = block->traceFrom;
        out.traceTo = block->traceTo;
    };
    switch (fault.kind) {
        case FaultKind::SiteLink:
        case FaultKind::OneWay:
            usePair(moment.road(*out.from, *out.to));
            if (fault.kind == FaultKind::SiteLink) usePair(moment.road(*out.to, *out.from));
            break;
        case FaultKind::SegmentDark:
            for (const auto& [road, block] : moment.roads)
                if (block->state == BlockState::Dark && (road.first == *out.from || road.second == *out.from))
                    usePair(block);
            break;
        case FaultKind::PcInbound:
        case FaultKind::PcIsolated:
            out.traceTo = out.subject;
            break;
        case FaultKind::PcReceives:
            out.traceTo = out.observer;  // the way in to him is what is in question
            break;
        case FaultKind::Pair:
            out.traceFrom = out.observer;
            out.traceTo = out.subject;
            break;
    }
    out.todo = remedyOf(out);
    return out;
}

bool FindingBook::isFine(const VisibilityFinding& finding, const Moment& moment) const {
    const auto has = [&](const std::string& key) { return moment.fine.contains(key); };
    switch (finding.kind) {
        case FaultKind::SegmentDark:
            return has(segmentKey(*finding.from));
        case FaultKind::SiteLink:
            return has(roadKey(*finding.from, *finding.to)) || has(roadKey(*finding.to, *finding.from));
        case FaultKind::OneWay:
            return has(roadKey(*finding.from, *finding.to));
        case FaultKind::PcInbound:
            return has(subjectKey(finding.subject));
        case FaultKind::PcReceives:
            return has(observerKey(finding.observer));
        case FaultKind::PcIsolated:
            return has(subjectKey(finding.subject)) || has(observerKey(finding.subject));
        case FaultKind::Pair:
            return moment.book.sees(finding.observer, finding.subject).value_or(false);
    }
    return false;
}

std::optional<TimePoint> FindingBook::lastFine(const VisibilityFinding& finding) const {
    std::optional<TimePoint> latest;
    const auto use = [&](const std::string& key) {
        const auto at = fine_.find(key);
        if (at != fine_.end() && (!latest || *latest < at->second)) latest = at->second;
    };
    switch (finding.kind) {
        case FaultKind::SegmentDark:
            use(segmentKey(*finding.from));
            break;
        case FaultKind::SiteLink:
            use(roadKey(*finding.from, *finding.to));
            use(roadKey(*finding.to, *finding.from));
            break;
        case FaultKind::OneWay:
            use(roadKey(*finding.from, *finding.to));
            break;
        case FaultKind::PcInbound:
            use(subjectKey(finding.subject));
            break;
        case FaultKind::PcReceives:
            use(observerKey(finding.observer));
            break;
        case FaultKind::PcIsolated:
            use(subjectKey(finding.subject));
            use(observerKey(finding.subject));
            break;
        case FaultKind::Pair:
            break;  // not kept for each of millions of pairs
    }
    return latest;
}

std::vector<VisibilityChange> FindingBook::changesFor(const VisibilityFinding& finding, TimePoint since,
                                                      TimePoint until) const {
    std::vector<VisibilityChange> out;
    const bool isAboutPc = finding.observer != 0 || finding.subject != 0;
    std::map<Network4, std::pair<std::size_t, TimePoint>> restarts;
    for (const auto& each : changes_) {
        if (each.at <= since || each.at > until) continue;
        const bool isItsSegment = each.segment && (each.segment == finding.from || each.segment == finding.to);
        const bool isItsUser = each.user != 0 && (each.user == finding.observer || each.user == finding.subject);
        if (each.user != 0 && !isItsUser) {
            if (each.isRestart && isItsSegment && !isAboutPc) {
                auto& [number, last] = restarts[*each.segment];
                ++number;
                last = std::max(last, each.at);
            }
            continue;
        }
        if (each.user == 0 && each.segment && !isItsSegment) continue;
        out.push_back({each.at, each.text});
    }
    for (const auto& [segment, many] : restarts)
        out.push_back({many.second, count(many.first, "client", "clients") + " of " + segment.text() +
                                        " started, came back or were refreshed, the last one then."});
    std::stable_sort(out.begin(), out.end(), [](const auto& left, const auto& right) { return left.at < right.at; });
    // The newest ones are nearest to the fault.
    if (out.size() > kMostChangesOfFinding)
        out.erase(out.begin(), out.end() - static_cast<std::ptrdiff_t>(kMostChangesOfFinding));
    return out;
}

FindingBook::Outcome FindingBook::take(const VisibilityReport& report, const VisibilityBook& book, TimePoint at,
                                       Looks looks) {
    Outcome outcome;
    const Moment moment(report, book, at);
    std::set<std::uint64_t> seen;
    for (const auto& fault : report.faults) {
        auto found = made(fault, moment);
        const auto known = std::find_if(findings_.begin(), findings_.end(), [&](const auto& each) {
            return each.second.isOpen() && isSameFault(each.second, found);
        });
        if (known != findings_.end()) {
            auto& kept = known->second;
            seen.insert(kept.id);
            if (looks == Looks::Old) continue;
            found.id = kept.id;
            found.firstSeen = kept.firstSeen;
            found.lastFine = kept.lastFine;
            found.changes = kept.changes;
            found.looks = kept.looks + 1;
            found.lastSeen = at;
            kept = std::move(found);
            outcome.changed.push_back(kept.id);
            continue;
        }
        if (findings_.size() >= kMostFindings &&
            std::none_of(findings_.begin(), findings_.end(), [](const auto& each) { return !each.second.isOpen(); }))
            continue;
        found.id = ++lastId_;
        found.firstSeen = found.lastSeen = at;
        found.looks = 1;
        found.lastFine = lastFine(found);
        found.changes = changesFor(found, found.lastFine.value_or(finishedAt_), at);
        if (const auto* user = book.user(found.subject != 0 ? found.subject : found.observer);
            user != nullptr && user->isUnstable)
            found.changes.push_back({at, user->name + " is unstable: " + user->unstable});
        seen.insert(found.id);
        outcome.changed.push_back(found.id);
        findings_[found.id] = std::move(found);
        while (findings_.size() > kMostFindings) {
            const auto oldest = std::find_if(findings_.begin(), findings_.end(),
                                             [](const auto& each) { return !each.second.isOpen(); });
            if (oldest == findings_.end()) break;
            outcome.removed.push_back(oldest->first);
            findings_.erase(oldest);
        }
    }
    for (auto& [id, finding] : findings_) {
        if (!finding.isOpen() || seen.contains(id) || !isFine(finding, moment)) continue;
        finding.closedAt = at;
        outcome.changed.push_back(id);
    }
    if (looks == Looks::New) {
        for (const auto& key : moment.fine)
            fine_[key] = at;
    }
    while (fine_.size() > kMostFine) {
        fine_.erase(std::min_element(fine_.begin(), fine_.end(),
                                     [](const auto& left, const auto& right) { return left.second < right.second; }));
    }
    finishedAt_ = at;
    return outcome;
}

std::vector<VisibilityFinding> FindingBook::all() const {
    std::vector<VisibilityFinding> out;
    for (const auto& [id, finding] : findings_)
        out.push_back(finding);
    std::stable_sort(out.begin(), out.end(), [](const VisibilityFinding& left, const VisibilityFinding& right) {
        if (left.isOpen() != right.isOpen()) return left.isOpen();
        if (!left.isOpen() && left.closedAt != right.closedAt) return *left.closedAt > *right.closedAt;
        if (widthOf(left.kind) != widthOf(right.kind)) return widthOf(left.kind) < widthOf(right.kind);
        return left.firstSeen > right.firstSeen;
    });
    return out;
}

const VisibilityFinding* FindingBook::find(std::uint64_t id) const {
    const auto at = findings_.find(id);
    return at == findings_.end() ? nullptr : &at->second;
}

std::uint32_t FindingBook::open() const {
    return static_cast<std::uint32_t>(
        std::count_if(findings_.begin(), findings_.end(), [](const auto& each) { return each.second.isOpen(); }));
}

VisibilityKept FindingBook::kept() const {
    return {fine_, {changes_.begin(), changes_.end()}, finishedAt_};
}

std::string remedyOf(const VisibilityFinding& finding) {
    const auto text = [](const std::optional<Network4>& segment) { return segment ? segment->text() : std::string(); };
    switch (finding.kind) {
        case FaultKind::SegmentDark:
            return "Look at the switch, its uplink, the VLAN and the access point of " + text(finding.from) +
                   ". Then collect again.";
        case FaultKind::SiteLink:
            return "Trace the pair: it names the hop where packets end. Check the route or VPN between " +
                   text(finding.from) + " and " + text(finding.to) + ", and that UDP and TCP 2425 pass both ways.";
        case FaultKind::OneWay:
            return "A filter or a missing route in one direction. Trace the pair, and let UDP and TCP 2425 pass from " +
                   text(finding.to) + " to " + text(finding.from) + " as well as back.";
        case FaultKind::PcInbound:
            return "Is this computer switched on, and in the right network? Else its own firewall keeps its packets "
                   "in: "
                   "trace to it.";
        case FaultKind::PcReceives:
            return "Its own firewall keeps packets out: allow the chat program, UDP and TCP 2425, for all profiles. "
                   "Then "
                   "press Refresh in its chat program and collect again.";
        case FaultKind::PcIsolated:
            return "Check cable, VLAN and wireless isolation of this computer, then its own firewall: trace to it.";
        case FaultKind::Pair:
            break;
    }
    return "A stale address or a local block list. Press Refresh in the chat program of " + finding.observerName +
           ", then collect again; if it stays dark, trace the pair.";
}

}  // namespace causeway::trace
