#include "service/trace/domain_runner.h"

#include <algorithm>
#include <utility>

#include "service/trace/domain_rules.h"
#include "shared/base/text.h"

namespace causeway::trace {

namespace {

constexpr const char* kNoLogins = "this service does not take logins yet";

void grey(TraceRow& row, std::string why) {
    row.grade = TraceGrade::NotMeasured;
    row.result = std::move(why);
}

void graded(TraceRow& row, ProofState state, std::string result) {
    row.grade = state == ProofState::Fine     ? TraceGrade::Fine
                : state == ProofState::Partly ? TraceGrade::Partly
                : state == ProofState::Broken ? TraceGrade::Failed
                                              : TraceGrade::NotMeasured;
    row.result = std::move(result);
}

void linesOf(const ProofStep& proof, std::vector<std::string>& details) {
    const auto text = proofText(proof);
    for (const auto line : split(text, '\n')) {
        if (!trimmed(line).empty()) details.emplace_back(line);
    }
}

std::string of(std::size_t good, std::size_t all, const char* what) {
    return std::to_string(good) + " of " + std::to_string(all) + " " + what;
}

}  // namespace

DomainTarget domainTargetOf(const TraceRequest& request) {
    const std::string typed{trimmed(request.user.empty() ? request.domain : request.user)};
    const auto at = typed.rfind('@');
    if (at == std::string::npos) return {{}, typed};
    return {typed.substr(0, at), typed.substr(at + 1)};
}

DomainRunner::DomainRunner(DomainWorld& world, Clock clock, TraceReport report, Secret password,
                           std::function<void(const TraceReport&)> told)
    : world_(world),
      clock_(std::move(clock)),
      report_(std::move(report)),
      password_(std::move(password)),
      told_(std::move(told)) {
    const auto target = domainTargetOf(report_.request);
    evidence_.domain = target.domain;
    evidence_.user = target.user;
    evidence_.hasPassword = !password_.empty();
}

TraceReport DomainRunner::run() {
    for (const auto& info : domainTraceSteps()) {
        TraceRow row;
        row.step = info.step;
        report_.rows.push_back(row);
    }
    told_(report_);
    for (auto& row : report_.rows) {
        if (clock_.isStopped()) break;
        row.grade = TraceGrade::Running;
        row.started = clock_.now();
        ++report_.revision;
        told_(report_);
        measure(row);
        row.took = clock_.now() - row.started;
        ++report_.revision;
        told_(report_);
    }
    for (auto& row : report_.rows) {
        if (row.grade == TraceGrade::Waiting) grey(row, "the trace was stopped before");
    }
    password_ = Secret{};
    report_.verdicts = judgeDomain(evidence_);
    report_.state = clock_.isStopped() ? TraceState::Stopped : TraceState::Finished;
    report_.finishedAt = clock_.now();
    ++report_.revision;
    return report_;
}

void DomainRunner::measure(TraceRow& row) {
    if (row.step == TraceStep::DomainKnown) return known(row);
    // A domain that is not ours has nothing behind it that could be asked.
    if (!evidence_.known || !evidence_.known->isKnown) return grey(row, "the domain is not known here");
    if (!evidence_.known->isEnabled) return grey(row, "the domain is switched off");
    switch (row.step) {
        case TraceStep::DomainRecords:
            return records(row);
        case TraceStep::DomainAddresses:
            return addresses(row);
        case TraceStep::DomainTcp:
            return servers(row);
        case TraceStep::DomainTls:
        case TraceStep::DomainCertificate:
        case TraceStep::DomainStream:
            return fromServers(row);
        case TraceStep::DomainDirectory:
            return directory(row);
        case TraceStep::DomainPerson:
            return person(row);
        default:
            return grey(row, kNoLogins);
    }
}

void DomainRunner::known(TraceRow& row) {
    row.method = "records of this service";
    auto facts = world_.domain(evidence_.domain);
    if (!facts) return grey(row, facts.error().text());
    evidence_.known = std::move(*facts);
    const auto& now = *evidence_.known;
    if (!now.isKnown) {
        row.grade = TraceGrade::Failed;
        row.result = "this service has no such chat domain";
    } else if (!now.isEnabled) {
        row.grade = TraceGrade::Failed;
        row.result = "switched off";
    } else {
        row.grade = TraceGrade::Fine;
        row.result = now.shown;
        row.details.push_back("A login would be told now: " + now.login);
    }
}

void DomainRunner::records(TraceRow& row) {
    row.method = "DNS, the live check of the page Chat DNS";
    auto facts = world_.resolvers(evidence_.domain, report_.request.resolvers);
    if (!facts) return grey(row, facts.error().text());
    evidence_.resolvers = std::move(*facts);
    std::size_t counted = 0;
    std::size_t right = 0;
    for (const auto& resolver : *evidence_.resolvers) {
        const auto bad = std::find_if(resolver.records.begin(), resolver.records.end(), [](const RecordFacts& each) {
            return each.trouble != RecordTrouble::None && each.trouble != RecordTrouble::NoAddress;
        });
        const bool isRight = bad == resolver.records.end();
        if (resolver.isCounted) {
            ++counted;
            if (isRight) ++right;
        }
        row.details.push_back(resolver.name + (resolver.address.empty() ? "" : " (" + resolver.address + ")") + ": " +
                              (isRight ? "right" : bad->type + " " + bad->name + ": " + bad->reason) +
                              (resolver.isCounted ? "" : " (does not count: clients may use others)"));
    }
    if (counted == 0) return grey(row, "no name server was asked that counts");
    row.grade = right == counted ? TraceGrade::Fine : right > 0 ? TraceGrade::Partly : TraceGrade::Failed;
    row.result = of(right, counted, "name servers lead to the supernode");
}

void DomainRunner::addresses(TraceRow& row) {
    row.method = "DNS, the answers of the step before";
    if (!evidence_.resolvers) return grey(row, "no name server was asked");
    std::size_t counted = 0;
    std::size_t right = 0;
    for (const auto& resolver : *evidence_.resolvers) {
        if (!resolver.isCounted) continue;
        // Who has no record at all cannot be asked for the address of its target.
        const bool hasTarget =
            std::any_of(resolver.records.begin(), resolver.records.end(), [](const RecordFacts& each) {
                return each.trouble == RecordTrouble::None || each.trouble == RecordTrouble::NoAddress;
            });
        if (!hasTarget) continue;
        ++counted;
        const auto bad = std::find_if(resolver.records.begin(), resolver.records.end(),
                                      [](const RecordFacts& each) { return each.trouble == RecordTrouble::NoAddress; });
        if (bad == resolver.records.end()) {
            ++right;
        } else {
            row.details.push_back(resolver.name + ": " + bad->type + " " + bad->name + ": " + bad->reason);
        }
    }
    if (counted == 0) return grey(row, "no record names a host");
    row.grade = right == counted ? TraceGrade::Fine : right > 0 ? TraceGrade::Partly : TraceGrade::Failed;
    row.result = of(right, counted, "name servers give the right addresses");
}

void DomainRunner::servers(TraceRow& row) {
    row.method = "TCP connect, the proof of the supernode mark";
    auto proof = world_.supernodes(evidence_.domain);
    if (!proof) {
        serversMissing_ = proof.error().text();
        return grey(row, serversMissing_);
    }
    evidence_.servers = serversOf(*proof);
    linesOf(*proof, row.details);
    const auto& all = *evidence_.servers;
    const auto open = static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [](const ServerFacts& each) { return each.tcp == ServerTrouble::None; }));
    row.grade = all.empty() || open == 0 ? TraceGrade::Failed
                : open < all.size()      ? TraceGrade::Partly
                                         : TraceGrade::Fine;
    row.result = all.empty() ? "no supernode is registered" : of(open, all.size(), "supernodes take connections");
}

void DomainRunner::fromServers(TraceRow& row) {
    row.method = row.step == TraceStep::DomainStream ? "XMPP stream up to StartTLS" : "StartTLS and direct TLS";
    if (!evidence_.servers)
        return grey(row, serversMissing_.empty() ? "the supernodes were not asked" : serversMissing_);
    std::size_t tried = 0;
    std::size_t good = 0;
    for (const auto& server : *evidence_.servers) {
        const auto isBad = [&row](const std::optional<ServerTrouble>& trouble) {
            if (!trouble) return false;
            const bool isHandshake = *trouble == ServerTrouble::Handshake || *trouble == ServerTrouble::Closed ||
                                     *trouble == ServerTrouble::Silent;
            if (row.step == TraceStep::DomainCertificate) return *trouble != ServerTrouble::None && !isHandshake;
            return isHandshake;
        };
        const bool isStream = row.step == TraceStep::DomainStream;
        if (!server.startTls && (isStream || !server.directTls)) continue;
        ++tried;
        if (isBad(server.startTls) || (!isStream && isBad(server.directTls))) {
            row.details.push_back(server.name + ": " + server.why);
        } else {
            ++good;
        }
    }
    if (tried == 0) return grey(row, "no connection to ask on");
    row.grade = good == tried ? TraceGrade::Fine : good > 0 ? TraceGrade::Partly : TraceGrade::Failed;
    row.result = of(good, tried,
                    row.step == TraceStep::DomainTls           ? "supernodes encrypt the connection"
                    : row.step == TraceStep::DomainCertificate ? "certificates are right for the domain"
                                                               : "supernodes open a stream for the domain");
}

void DomainRunner::directory(TraceRow& row) {
    row.method = "the proof of the directory mark";
    auto proof = world_.directory(evidence_.domain);
    if (!proof) return grey(row, proof.error().text());
    evidence_.directory = std::move(*proof);
    const auto& now = *evidence_.directory;
    linesOf(now, row.details);
    const auto* trouble = firstTrouble(now);
    graded(row, now.state,
           now.state == ProofState::Fine ? "every provider answers"
           : trouble != nullptr          ? trouble->name + ": " + trouble->why
                                         : now.why);
}

void DomainRunner::person(TraceRow& row) {
    if (evidence_.user.empty()) return grey(row, "no user was named");
    if (evidence_.hasPassword) {
        row.method = "a login through the chain, as a client would log in";
        auto trail = world_.login(evidence_.domain, evidence_.user, password_);
        if (!trail) return grey(row, trail.error().text());
        evidence_.login = std::move(*trail);
        const auto& now = *evidence_.login;
        for (const auto& step : now.steps)
            row.details.push_back(step.name + ": " + step.outcome + (step.why.empty() ? "" : ". " + step.why));
        const bool isOpen = now.outcome == "cannot-ask" || now.outcome == "busy" || now.outcome == "throttled";
        row.grade = now.outcome == "right" ? TraceGrade::Fine : isOpen ? TraceGrade::NotMeasured : TraceGrade::Failed;
        row.result = now.sentence;
        return;
    }
    row.method = "lists of the providers, without a password";
    auto facts = world_.person(evidence_.domain, evidence_.user);
    if (!facts) return grey(row, facts.error().text());
    evidence_.person = std::move(*facts);
    const auto& now = *evidence_.person;
    row.gains = "With the password the whole login can be rehearsed; it is not kept.";
    if (!now.isFound) return grey(row, now.why);
    row.grade = *now.isFound && !now.isDisabled ? TraceGrade::Fine : TraceGrade::Failed;
    row.result = !*now.isFound    ? "no provider has this name"
                 : now.isDisabled ? "switched off in " + now.where
                                  : "found in " + now.where + "; no password was tried";
}

}  // namespace causeway::trace
