#include "console/presenters/trace_words.h"

#include <algorithm>
#include <array>
#include <map>

#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

/// The worst first; what runs now goes before all.
int rankOf(TraceGrade grade) {
    switch (grade) {
        case TraceGrade::Running:
            return 0;
        case TraceGrade::Failed:
            return 1;
        case TraceGrade::Partly:
            return 2;
        case TraceGrade::Fine:
            return 3;
        case TraceGrade::NotMeasured:
            return 4;
        case TraceGrade::Waiting:
            break;
    }
    return 5;
}

std::string nameOr(const std::string& name, Ip4 address, const std::string& otherwise) {
    if (!name.empty()) return name;
    return address.isAny() ? otherwise : address.text();
}

std::string resultText(const TraceRow& row) {
    if (row.grade == TraceGrade::Waiting || row.grade == TraceGrade::Running || row.result.empty())
        return textOf(row.grade);
    if (row.grade == TraceGrade::NotMeasured) return fill(tr("Not measured: %1"), {row.result});
    return row.result;
}

TraceLine verdictLine(const TraceReport& report) {
    TraceLine line;
    if (const auto* verdict = report.verdict()) {
        line.mark = markOf(*verdict);
        line.result = wordOf(verdict->code);
    } else if (report.state == TraceState::Running) {
        line.mark = Mark::Unknown;
        line.result = textOf(TraceGrade::Waiting);
    } else {
        line.mark = Mark::Unknown;
        line.result = textOf(TraceGrade::NotMeasured);
    }
    return line;
}

std::string hopText(const TraceHop& hop) {
    if (!hop.isAnswered) return tr("no answer");
    auto text = hop.address ? hop.address->text() : tr("a router");
    if (hop.roundTrip) text += ", " + (*hop.roundTrip < 1ms ? tr("less than 1 ms") : durationText(*hop.roundTrip));
    if (hop.type && hop.code) {
        const IcmpError error{hop.address.value_or(Ip4{}), *hop.type, *hop.code};
        if (error.isProhibited()) text += ", " + tr("filters here");
        if (error.isPortClosed()) text += ", " + tr("port closed");
        if (error.isNoRoute()) text += ", " + tr("no route");
        if (error.isHostUnreachable()) text += ", " + tr("host not reached");
    }
    return text;
}

constexpr std::array<std::pair<VerdictCode, const char*>, kVerdictCodes> kTitles{{
    {VerdictCode::Ok, later("Everything passes")},
    {VerdictCode::SelfFault, later("This server is the problem")},
    {VerdictCode::NameUnresolved, later("The name leads nowhere")},
    {VerdictCode::NameStale, later("The name service has an old address")},
    {VerdictCode::SubnetOverlap, later("Two bases use the same addresses")},
    {VerdictCode::HostOff, later("The PC is off or unplugged")},
    {VerdictCode::NeighbourMissing, later("The local network does not find the PC")},
    {VerdictCode::ClientNotRunning, later("No chat program runs on the PC")},
    {VerdictCode::IcmpOnlyFiltered, later("Only ping is filtered")},
    {VerdictCode::HostFirewallUdp, later("The PC drops chat packets")},
    {VerdictCode::HostFirewallStateful, later("The PC lets in only answers")},
    {VerdictCode::PathFilterUdp, later("A device on the way drops chat packets")},
    {VerdictCode::PathFilterTcp, later("A device on the way drops files and images")},
    {VerdictCode::RouteMissing, later("A route is missing")},
    {VerdictCode::RouteLoop, later("The packets run in a circle")},
    {VerdictCode::OneWay, later("Only one direction works")},
    {VerdictCode::Asymmetric, later("Answers take another road")},
    {VerdictCode::MtuBlackhole, later("Large packets vanish")},
    {VerdictCode::FragmentsDropped, later("Fragments are dropped")},
    {VerdictCode::Nat, later("Addresses are translated on the way")},
    {VerdictCode::BroadcastBlocked, later("Broadcasts are blocked")},
    {VerdictCode::ClientIsolation, later("The network keeps its PCs apart")},
    {VerdictCode::TcpOnlyBlocked, later("Text works, files and images do not")},
    {VerdictCode::RtpBlocked, later("The ports of calls are blocked")},
    {VerdictCode::WrongNic, later("The PC uses the wrong network card")},
    {VerdictCode::DuplicateIdentity, later("Two PCs use one identity")},
    {VerdictCode::DuplicateMaster, later("Two servers lead the same segment")},
    {VerdictCode::ListNotDelivered, later("The way is fine, the list lacks the user")},
    {VerdictCode::Intermittent, later("Packets get lost now and then")},
    {VerdictCode::NotEnoughEvidence, later("Not enough is proven")},
    {VerdictCode::DomainUnknown, later("The domain is not known here")},
    {VerdictCode::DomainDisabled, later("The domain is switched off")},
    {VerdictCode::SrvMissing, later("A DNS record is missing")},
    {VerdictCode::SrvWrong, later("A DNS record leads to the wrong place")},
    {VerdictCode::SrvTargetInvalid, later("A DNS record names no host")},
    {VerdictCode::SrvNoAddress, later("The supernode has no address in DNS")},
    {VerdictCode::ResolverSilent, later("A name server does not answer")},
    {VerdictCode::SupernodeClosed, later("The supernode takes no connections")},
    {VerdictCode::SupernodeSilent, later("The supernode does not answer")},
    {VerdictCode::TlsFailed, later("The connection cannot be encrypted")},
    {VerdictCode::TlsExpired, later("The certificate is not valid today")},
    {VerdictCode::TlsName, later("The certificate is for another name")},
    {VerdictCode::TlsUntrusted, later("The certificate is not trusted")},
    {VerdictCode::DirectoryCannotAsk, later("The directory cannot be asked")},
    {VerdictCode::UserUnknown, later("No directory has this person")},
    {VerdictCode::PasswordWrong, later("The password is wrong")},
    {VerdictCode::UserDisabled, later("The account is switched off or locked")},
    {VerdictCode::GroupRefuses, later("A rule does not let this person in")},
}};

}  // namespace

Mark markOf(TraceGrade grade) {
    switch (grade) {
        case TraceGrade::Fine:
            return Mark::Fine;
        case TraceGrade::Partly:
            return Mark::Partly;
        case TraceGrade::Failed:
            return Mark::Broken;
        case TraceGrade::Waiting:
        case TraceGrade::Running:
        case TraceGrade::NotMeasured:
            break;
    }
    return Mark::Unknown;
}

std::string textOf(TraceGrade grade) {
    switch (grade) {
        case TraceGrade::Waiting:
            return tr("Waiting");
        case TraceGrade::Running:
            return tr("Running ...");
        case TraceGrade::Fine:
            return tr("Fine");
        case TraceGrade::Partly:
            return tr("Partly");
        case TraceGrade::Failed:
            return tr("Failed");
        case TraceGrade::NotMeasured:
            break;
    }
    return tr("Not measured");
}

Mark markOf(const Verdict& verdict) {
    switch (verdict.code) {
        case VerdictCode::Ok:
            return Mark::Fine;
        case VerdictCode::NotEnoughEvidence:
            return Mark::Unknown;
        case VerdictCode::IcmpOnlyFiltered:
            return Mark::Partly;
        default:
            break;
    }
    return verdict.certainty == Certainty::Possible ? Mark::Partly : Mark::Broken;
}

std::string titleOf(VerdictCode code) {
    for (const auto& [each, title] : kTitles) {
        if (each == code) return tr(title);
    }
    return wordOf(code);
}

std::string textOf(Certainty certainty) {
    switch (certainty) {
        case Certainty::Certain:
            return tr("certain");
        case Certainty::Likely:
            return tr("likely");
        case Certainty::Possible:
            break;
    }
    return tr("possible");
}

std::string textOf(TraceState state) {
    switch (state) {
        case TraceState::Running:
            return tr("running");
        case TraceState::Finished:
            return tr("finished");
        case TraceState::Stopped:
            return tr("stopped");
        case TraceState::Failed:
            break;
    }
    return tr("failed");
}

std::string legText(TraceLeg leg, const TraceReport& report) {
    const auto x = nameOr(report.x, report.xAddress, tr("this service"));
    const auto y = nameOr(report.y, report.yAddress, report.request.to);
    switch (leg) {
        case TraceLeg::AToY:
            return fill(tr("This service to %1"), {y});
        case TraceLeg::AToX:
            return fill(tr("This service to %1"), {x});
        case TraceLeg::BToX:
            return fill(tr("Linked service to %1"), {x});
        case TraceLeg::BToY:
            return fill(tr("Linked service to %1"), {y});
        case TraceLeg::AToPeer:
            return tr("This service to the linked service");
        case TraceLeg::PeerToA:
            break;
    }
    return tr("Linked service to this service");
}

std::string certaintyText(const Verdict& verdict) {
    std::vector<std::string> names;
    for (const auto& proof : verdict.proofs) {
        const auto title = tr(infoOf(proof.step).title);
        if (std::find(names.begin(), names.end(), title) == names.end()) names.push_back(title);
    }
    std::string list;
    for (const auto& name : names)
        list += (list.empty() ? "" : ", ") + name;
    if (names.empty()) return textOf(verdict.certainty);
    return fill(tr("%1 - from %2: %3"),
                {textOf(verdict.certainty), trn("%1 proof", "%1 proofs", verdict.proofs.size()), list});
}

std::vector<TraceLine> traceLines(const std::optional<TraceReport>& report, TimePoint now) {
    std::vector<TraceLine> lines;
    std::vector<TraceStepInfo> steps{traceSteps().begin(), traceSteps().end()};
    if (report && report->request.isOfDomain()) {
        steps.assign(domainTraceSteps().begin(), domainTraceSteps().end());
        steps.push_back(infoOf(TraceStep::Verdict));
    }
    for (const auto& info : steps) {
        TraceLine line;
        if (report && info.step == TraceStep::Verdict) line = verdictLine(*report);
        line.step = info.step;
        line.title = tr(info.title);
        line.isQuick = info.isQuick;
        const TraceRow* worst = nullptr;
        auto took = Duration{0};
        bool isTimed = false;
        if (report) {
            for (const auto& row : report->rows) {
                if (row.step != info.step) continue;
                if (worst == nullptr || rankOf(row.grade) < rankOf(worst->grade)) worst = &row;
                if (row.started == TimePoint{} || row.grade == TraceGrade::Waiting) continue;
                took += row.grade == TraceGrade::Running ? std::max(now - row.started, Duration{0}) : row.took;
                isTimed = true;
            }
        }
        if (worst != nullptr) {
            line.mark = markOf(worst->grade);
            line.result = resultText(*worst);
            if (worst->leg != TraceLeg::AToY && rankOf(worst->grade) < rankOf(TraceGrade::Fine))
                line.result = fill(tr("%1: %2"), {legText(worst->leg, *report), line.result});
            if (isTimed) line.time = durationText(took);
        }
        lines.push_back(std::move(line));
    }
    return lines;
}

std::string evidenceText(const TraceReport& report, TraceStep step) {
    std::string text;
    const auto add = [&text](const std::string& line) { text += line + "\n"; };
    if (step == TraceStep::Verdict) {
        for (const auto& verdict : report.verdicts) {
            add(std::string(wordOf(verdict.code)) + ", " + textOf(verdict.certainty));
            add(verdict.sentence);
            for (const auto& proof : verdict.proofs)
                add("  - " + tr(infoOf(proof.step).title) + ", " + legText(proof.leg, report));
            if (!verdict.missingText.empty()) add(verdict.missingText);
            add("");
        }
    }
    for (const auto& row : report.rows) {
        if (row.step != step) continue;
        add(legText(row.leg, report) + " - " + resultText(row));
        std::string facts;
        if (row.grade == TraceGrade::Running) {
            facts = fill(tr("Started %1."), {exactTime(row.started)});
        } else if (row.started != TimePoint{}) {
            facts = fill(tr("Started %1, took %2."), {exactTime(row.started), durationText(row.took)});
        }
        if (!row.method.empty()) facts += (facts.empty() ? "" : " ") + fill(tr("Method: %1."), {row.method});
        if (!facts.empty()) add(facts);
        if (!row.by.empty()) add(fill(tr("Measured by %1."), {row.by}));
        for (const auto& detail : row.details)
            add("  " + detail);
        if (!row.gains.empty()) add(fill(tr("What is missing would add: %1"), {row.gains}));
        add("");
    }
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

std::string helpText(TraceStep step) {
    const auto& info = infoOf(step);
    std::string text = tr(info.title) + "\n" + tr(info.help);
    if (info.gains[0] != '\0') text += "\n" + tr(info.gains);
    if (info.need == TraceNeed::Consent)
        text += "\n" + tr("It runs only if you tick \"Read both user lists\", each time anew.");
    if (info.budget > Duration{0}) text += "\n" + fill(tr("Takes at most about %1."), {durationText(info.budget)});
    text += "\n" + (info.isQuick ? tr("Part of the quick trace.") : tr("Runs with Run all."));
    return text;
}

std::vector<HopLine> hopLines(const TraceReport& report) {
    std::map<unsigned, HopLine> hops;
    const auto put = [&hops](const std::optional<PathColumn>& column, std::string HopLine::*cell) {
        if (!column) return;
        for (const auto& hop : column->hops) {
            auto& line = hops[hop.ttl];
            line.hop = hop.ttl;
            line.*cell = hopText(hop);
        }
    };
    for (const auto& row : report.rows) {
        if (row.step != TraceStep::Path || row.leg != TraceLeg::AToY || !row.path) continue;
        put(row.path->icmp, &HopLine::icmp);
        put(row.path->udp, &HopLine::udp);
        put(row.path->tcp, &HopLine::tcp);
    }
    std::vector<HopLine> lines;
    for (auto& [number, hop] : hops)
        lines.push_back(std::move(hop));
    return lines;
}

TraceCard cardOf(const TraceReport& report) {
    TraceCard card;
    const auto* verdict = report.verdict();
    if (report.state == TraceState::Running) {
        card.mark = Mark::Unknown;
        card.title = tr("The trace runs");
        card.sentence = tr("The verdict stands here once all commands are through. Results appear on the left.");
        return card;
    }
    if (verdict == nullptr) {
        card.mark = Mark::Unknown;
        card.title = report.state == TraceState::Failed ? tr("The trace could not run") : tr("No verdict");
        card.sentence = report.trouble.empty() ? tr("It was stopped before anything was measured.") : report.trouble;
        return card;
    }
    card.mark = markOf(*verdict);
    // Of a login not everything is measured yet.
    const bool isPartOnly = report.request.isOfDomain() && verdict->code == VerdictCode::Ok;
    card.title = isPartOnly ? tr("What can be measured passes") : titleOf(verdict->code);
    card.sentence = verdict->sentence;
    card.certainty = certaintyText(*verdict);
    if (report.state == TraceState::Stopped)
        card.certainty += "\n" + tr("The trace was stopped early; what was not measured does not count.");
    for (const auto& step : verdict->remedy)
        card.todo.push_back({step.text, step.command});
    if (!verdict->missingText.empty()) card.missing = fill(tr("To be surer: %1"), {verdict->missingText});
    for (auto other = std::next(report.verdicts.begin()); other != report.verdicts.end(); ++other) {
        card.others += (card.others.empty() ? "" : "\n") +
                       fill(tr("%1 (%2, %3)"), {titleOf(other->code), wordOf(other->code), textOf(other->certainty)});
    }
    return card;
}

std::string remedyText(const TraceCard& card) {
    std::string text = card.title + "\n" + card.sentence + "\n";
    std::size_t number = 0;
    for (const auto& step : card.todo) {
        text += std::to_string(++number) + ". " + step.text + "\n";
        if (!step.command.empty()) text += "   " + step.command + "\n";
    }
    return text;
}

}  // namespace causeway::console
