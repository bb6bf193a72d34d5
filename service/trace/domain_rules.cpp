#include "service/trace/domain_rules.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"

namespace causeway::trace {

namespace {

constexpr std::size_t kMostVerdicts = 4;

std::string clean(std::string_view text) {
    return cleanUtf8(cutUtf8(text, 120));
}

/// Letters, digits, dots and hyphens: what may stand in a command.
std::string forCommand(std::string_view text) {
    const bool isPlain = !text.empty() && text.front() != '-' &&
                         text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:") ==
                             std::string_view::npos;
    return isPlain ? std::string(text) : "chat.example.com";
}

Verdict made(VerdictCode code, Certainty certainty, TraceSubject about, std::vector<TraceStep> steps,
             std::string sentence) {
    Verdict verdict;
    verdict.code = code;
    verdict.certainty = certainty;
    verdict.about = about;
    verdict.sentence = std::move(sentence);
    for (const auto step : steps)
        verdict.proofs.push_back({step, TraceLeg::AToY});
    return verdict;
}

using Found = std::optional<Verdict>;

void check(Verdict& verdict, const DomainEvidence& evidence) {
    verdict.remedy.push_back({"Check again.", "causewayctl domains check " + forCommand(evidence.domain)});
}

Found domainUnknown(const DomainEvidence& evidence) {
    if (!evidence.known || evidence.known->isKnown) return std::nullopt;
    auto verdict = made(VerdictCode::DomainUnknown, Certainty::Certain, TraceSubject::Service, {TraceStep::DomainKnown},
                        "This service has no chat domain " + clean(evidence.domain) + ".");
    if (!evidence.known->others.empty()) {
        std::string all;
        for (const auto& each : evidence.known->others)
            all += (all.empty() ? "" : ", ") + clean(each);
        verdict.sentence += " It has: " + all + ".";
    }
    verdict.remedy = {
        {"Compare the part right of the @ with the names of the chat domains.", "causewayctl domains list"},
        {"If it is missing, make the domain.", "causewayctl domains add " + forCommand(evidence.domain)}};
    return verdict;
}

Found domainDisabled(const DomainEvidence& evidence) {
    if (!evidence.known || !evidence.known->isKnown || evidence.known->isEnabled) return std::nullopt;
    auto verdict =
        made(VerdictCode::DomainDisabled, Certainty::Certain, TraceSubject::Service, {TraceStep::DomainKnown},
             "The chat domain " + clean(evidence.domain) + " is switched off: nobody can log in and DNS is silent.");
    verdict.remedy = {{"Switch it on.", "causewayctl domains enable " + forCommand(evidence.domain)}};
    return verdict;
}

// ---- DNS ---------------------------------------------------------------------------------------------------------

struct RecordRule {
    RecordTrouble trouble;
    VerdictCode code;
    TraceStep step;
    const char* sentence;
};
constexpr std::array kRecordRules{
    RecordRule{RecordTrouble::TargetInvalid, VerdictCode::SrvTargetInvalid, TraceStep::DomainRecords,
               "A record that leads clients to the supernode names an IP address or an alias; clients refuse that."},
    RecordRule{RecordTrouble::Missing, VerdictCode::SrvMissing, TraceStep::DomainRecords,
               "Clients are not told where the supernode is: a record is missing."},
    RecordRule{RecordTrouble::Wrong, VerdictCode::SrvWrong, TraceStep::DomainRecords,
               "Clients are led to the wrong place."},
    RecordRule{RecordTrouble::NoAddress, VerdictCode::SrvNoAddress, TraceStep::DomainAddresses,
               "The host that the records name has no address, or a wrong one."},
    RecordRule{RecordTrouble::Silent, VerdictCode::ResolverSilent, TraceStep::DomainRecords,
               "A name server gives no answer."}};

Found records(const DomainEvidence& evidence) {
    if (!evidence.resolvers) return std::nullopt;
    for (const auto& rule : kRecordRules) {
        std::size_t counted = 0;
        std::size_t troubled = 0;
        const ResolverFacts* first = nullptr;
        const RecordFacts* record = nullptr;
        for (const auto& resolver : *evidence.resolvers) {
            if (!resolver.isCounted) continue;
            ++counted;
            const auto at = std::find_if(resolver.records.begin(), resolver.records.end(),
                                         [&rule](const RecordFacts& each) { return each.trouble == rule.trouble; });
            if (at == resolver.records.end()) continue;
            ++troubled;
            if (first != nullptr) continue;
            first = &resolver;
            record = &*at;
        }
        if (first == nullptr) continue;
        // Where another resolver tells the right thing, those who use that one get in.
        const auto certainty = troubled == counted ? Certainty::Certain : Certainty::Likely;
        auto verdict = made(rule.code, rule.trouble == RecordTrouble::Silent ? Certainty::Likely : certainty,
                            TraceSubject::Between, {rule.step}, rule.sentence);
        verdict.sentence += " " + clean(first->name) +
                            (first->address.empty() ? "" : " (" + clean(first->address) + ")") + ": " +
                            clean(record->type) + " " + clean(record->name) + ". " + cleanUtf8(record->reason);
        if (troubled < counted) {
            verdict.sentence += " " + std::to_string(counted - troubled) + " of " + std::to_string(counted) +
                                " name servers say the right thing.";
        }
        if (!record->todo.empty()) verdict.remedy.push_back({cleanUtf8(record->todo)});
        verdict.remedy.push_back({"The records, ready for your DNS server:",
                                  "causewayctl dns records " + forCommand(evidence.domain) + " --form bind"});
        verdict.remedy.push_back({"Compare again.", "causewayctl dns check " + forCommand(evidence.domain)});
        return verdict;
    }
    return std::nullopt;
}

// ---- TCP and TLS -------------------------------------------------------------------------------------------------

struct ServerRule {
    ServerTrouble trouble;
    VerdictCode code;
    TraceStep step;
    const char* sentence;
};
constexpr std::array kServerRules{
    ServerRule{ServerTrouble::NotLive, VerdictCode::SupernodeClosed, TraceStep::DomainTcp,
               "The supernode sends no heartbeats, so nobody is led to it."},
    ServerRule{ServerTrouble::NoAddress, VerdictCode::SupernodeClosed, TraceStep::DomainTcp,
               "The supernode has no address."},
    ServerRule{ServerTrouble::Closed, VerdictCode::SupernodeClosed, TraceStep::DomainTcp,
               "The supernode takes no connections."},
    ServerRule{ServerTrouble::Silent, VerdictCode::SupernodeSilent, TraceStep::DomainTcp,
               "The supernode does not answer: it is off, or something on the way drops the packets."},
    ServerRule{ServerTrouble::Handshake, VerdictCode::TlsFailed, TraceStep::DomainTls,
               "A port of the supernode gives no encrypted connection."},
    ServerRule{ServerTrouble::Expired, VerdictCode::TlsExpired, TraceStep::DomainCertificate,
               "The certificate is not valid today."},
    ServerRule{ServerTrouble::WrongName, VerdictCode::TlsName, TraceStep::DomainCertificate,
               "The certificate is for another name than the chat domain."},
    ServerRule{ServerTrouble::Untrusted, VerdictCode::TlsUntrusted, TraceStep::DomainCertificate,
               "The certificate is not trusted."}};

bool has(const ServerFacts& server, ServerTrouble trouble) {
    return server.tcp == trouble || server.startTls == trouble || server.directTls == trouble;
}

Found servers(const DomainEvidence& evidence) {
    if (!evidence.servers) return std::nullopt;
    if (evidence.servers->empty()) {
        auto verdict = made(VerdictCode::SupernodeClosed, Certainty::Certain, TraceSubject::Service,
                            {TraceStep::DomainTcp}, "No supernode is registered for " + clean(evidence.domain) + ".");
        verdict.remedy = {{"Add one: this service itself with its LAN address, or another one.",
                           "causewayctl domains show " + forCommand(evidence.domain)}};
        return verdict;
    }
    for (const auto& rule : kServerRules) {
        const auto& all = *evidence.servers;
        const auto troubled =
            std::count_if(all.begin(), all.end(), [&rule](const ServerFacts& each) { return has(each, rule.trouble); });
        if (troubled == 0) continue;
        const auto at =
            std::find_if(all.begin(), all.end(), [&rule](const ServerFacts& each) { return has(each, rule.trouble); });
        // A client that tries the other port, or another supernode, may get in; one that takes any certificate, too.
        const bool isWhole = troubled == static_cast<std::ptrdiff_t>(all.size()) &&
                             (at->tcp == rule.trouble || at->startTls == rule.trouble);
        const bool isSoft = rule.trouble == ServerTrouble::Silent || rule.trouble == ServerTrouble::Untrusted;
        auto verdict = made(rule.code, isWhole && !isSoft ? Certainty::Certain : Certainty::Likely,
                            TraceSubject::Service, {rule.step}, rule.sentence);
        verdict.sentence += " " + clean(at->name) + ": " + cleanUtf8(at->why);
        if (troubled < static_cast<std::ptrdiff_t>(all.size())) {
            verdict.sentence += " " + std::to_string(static_cast<std::ptrdiff_t>(all.size()) - troubled) + " of " +
                                std::to_string(all.size()) + " supernodes work.";
        }
        if (!at->todo.empty()) verdict.remedy.push_back({cleanUtf8(at->todo)});
        check(verdict, evidence);
        return verdict;
    }
    return std::nullopt;
}

// ---- Directory and person ----------------------------------------------------------------------------------------

Found directory(const DomainEvidence& evidence) {
    const bool isAsked = evidence.login && evidence.login->outcome == "cannot-ask";
    const bool isBroken = evidence.directory && evidence.directory->state == ProofState::Broken;
    if (!isAsked && !isBroken) return std::nullopt;
    const bool isRight = evidence.login && evidence.login->outcome == "right";
    if (isRight) return std::nullopt;  // another provider, or a remembered password, let him in
    const auto* trouble = evidence.directory ? firstTrouble(*evidence.directory) : nullptr;
    std::string why = isAsked ? evidence.login->sentence : trouble != nullptr ? trouble->why : std::string();
    std::string todo = isAsked ? evidence.login->todo : trouble != nullptr ? trouble->todo : std::string();
    std::vector<TraceStep> proofs;
    if (isBroken) proofs.push_back(TraceStep::DomainDirectory);
    if (isAsked) proofs.push_back(TraceStep::DomainPerson);
    auto verdict =
        made(VerdictCode::DirectoryCannotAsk, Certainty::Certain, TraceSubject::Service, proofs,
             "Nobody can be checked: the directory behind the chat domain cannot be asked. " + cleanUtf8(why));
    if (!todo.empty()) verdict.remedy.push_back({cleanUtf8(todo)});
    verdict.remedy.push_back({"See which provider fails, and at which step.", "causewayctl providers list"});
    check(verdict, evidence);
    return verdict;
}

struct LoginRule {
    const char* outcome;
    VerdictCode code;
    const char* sentence;
    const char* todo;
};
constexpr std::array kLoginRules{
    LoginRule{"wrong-password", VerdictCode::PasswordWrong, "The directory refused the password.",
              "Let the person type it again, look at the language of the keyboard, or set a new one."},
    LoginRule{"unknown-user", VerdictCode::UserUnknown, "No directory of the chat domain has this person.",
              "Compare the name left of the @ with the directory, and its search base and filter."},
    LoginRule{"disabled", VerdictCode::UserDisabled, "The account is switched off.", "Switch it on in the directory."},
    LoginRule{"expired", VerdictCode::UserDisabled, "The account or its password is past its day.",
              "Extend it in the directory."},
    LoginRule{"must-change", VerdictCode::UserDisabled, "The password must be changed before the next login.",
              "Let the person change it elsewhere first, such as at the PC."},
    LoginRule{"locked-by-directory", VerdictCode::UserDisabled,
              "The directory locked the account after too many wrong passwords.", "Unlock it in the directory."},
    LoginRule{"not-allowed", VerdictCode::GroupRefuses,
              "The password is right, but a rule does not let this person in.",
              "Put the person into an allowed group, or change the rule of the provider."}};

Found person(const DomainEvidence& evidence) {
    if (evidence.user.empty()) return std::nullopt;
    const auto who = clean(evidence.user + "@" + evidence.domain);
    if (evidence.login) {
        for (const auto& rule : kLoginRules) {
            if (evidence.login->outcome != rule.outcome) continue;
            auto verdict = made(rule.code, Certainty::Certain, TraceSubject::Y, {TraceStep::DomainPerson},
                                std::string(rule.sentence) + " " + who + ": " + cleanUtf8(evidence.login->sentence));
            verdict.remedy.push_back({cleanUtf8(evidence.login->todo.empty() ? rule.todo : evidence.login->todo)});
            return verdict;
        }
        return std::nullopt;
    }
    if (!evidence.person || !evidence.person->isFound) return std::nullopt;
    if (!*evidence.person->isFound) {
        // Providers that cannot be asked for a name alone made this empty, so all of them said no.
        auto verdict = made(VerdictCode::UserUnknown, Certainty::Likely, TraceSubject::Y, {TraceStep::DomainPerson},
                            "No directory of the chat domain has " + who + ".");
        verdict.remedy.push_back({kLoginRules[1].todo, "causewayctl providers list"});
        return verdict;
    }
    if (!evidence.person->isDisabled) return std::nullopt;
    auto verdict = made(VerdictCode::UserDisabled, Certainty::Certain, TraceSubject::Y, {TraceStep::DomainPerson},
                        "The account of " + who + " is switched off in " + clean(evidence.person->where) + ".");
    verdict.remedy.push_back({"Switch it on there."});
    return verdict;
}

Verdict otherwise(const DomainEvidence& evidence) {
    const bool isMeasured = evidence.known && evidence.resolvers && evidence.servers && evidence.directory;
    const bool isLoginOpen =
        evidence.login && (evidence.login->outcome == "busy" || evidence.login->outcome == "throttled");
    if (!isMeasured || isLoginOpen) {
        auto verdict = made(VerdictCode::NotEnoughEvidence, Certainty::Possible, TraceSubject::Between, {},
                            "Nothing that was measured is wrong, but not everything could be measured.");
        verdict.missing = !evidence.resolvers   ? TraceStep::DomainRecords
                          : !evidence.servers   ? TraceStep::DomainTcp
                          : !evidence.directory ? TraceStep::DomainDirectory
                                                : TraceStep::DomainPerson;
        verdict.missingText =
            isLoginOpen ? cleanUtf8(evidence.login->sentence) : "Look why its row is grey, then trace again.";
        return verdict;
    }
    auto verdict =
        made(VerdictCode::Ok, Certainty::Likely, TraceSubject::Between,
             {TraceStep::DomainRecords, TraceStep::DomainTcp, TraceStep::DomainCertificate, TraceStep::DomainDirectory},
             "DNS, the supernode, its certificate and the directory are fine.");
    if (evidence.login && evidence.login->outcome == "right") {
        verdict.sentence +=
            " The directory accepts the password of " + clean(evidence.user + "@" + evidence.domain) + ".";
        verdict.proofs.push_back({TraceStep::DomainPerson, TraceLeg::AToY});
    } else if (evidence.person && evidence.person->isFound == true) {
        verdict.sentence +=
            " " + clean(evidence.user) + " is in " + clean(evidence.person->where) + "; no password was tried.";
        verdict.proofs.push_back({TraceStep::DomainPerson, TraceLeg::AToY});
    }
    verdict.sentence += " This service does not take the logins of clients yet, so what comes behind is not measured.";
    verdict.missing = TraceStep::DomainMechanisms;
    verdict.missingText = "They are measured once this service takes logins.";
    return verdict;
}

}  // namespace

std::vector<Verdict> judgeDomain(const DomainEvidence& evidence) {
    for (const auto rule : {domainUnknown, domainDisabled}) {
        if (auto found = rule(evidence)) return {std::move(*found)};
    }
    std::vector<Verdict> all;
    for (const auto rule : {records, servers, directory, person}) {
        if (auto found = rule(evidence); found && all.size() < kMostVerdicts) all.push_back(std::move(*found));
    }
    // What is certain goes before what only some clients may meet.
    std::stable_sort(all.begin(), all.end(), [](const Verdict& left, const Verdict& right) {
        return left.certainty == Certainty::Certain && right.certainty != Certainty::Certain;
    });
    if (all.empty()) all.push_back(otherwise(evidence));
    return all;
}

std::vector<ServerFacts> serversOf(const ProofStep& proof) {
    const auto troubleOf = [](const ProofStep& step) -> std::optional<ServerTrouble> {
        if (step.at == TimePoint{}) return std::nullopt;
        if (step.state == ProofState::Fine) return ServerTrouble::None;
        if (step.state == ProofState::Unknown) return std::nullopt;
        for (const auto& [name, value] : step.facts) {
            if (name != "Trouble") continue;
            if (value == "no address") return ServerTrouble::NoAddress;
            if (value == "closed") return ServerTrouble::Closed;
            if (value == "silent") return ServerTrouble::Silent;
            if (value == "handshake") return ServerTrouble::Handshake;
            if (value == "expired") return ServerTrouble::Expired;
            if (value == "name") return ServerTrouble::WrongName;
            if (value == "untrusted") return ServerTrouble::Untrusted;
        }
        // A certificate that ends soon is no fault today.
        return step.state == ProofState::Partly ? ServerTrouble::None : ServerTrouble::Handshake;
    };
    std::vector<ServerFacts> all;
    for (const auto& node : proof.children) {
        ServerFacts facts;
        facts.name = node.name;
        for (const auto& step : node.children) {
            const auto trouble = troubleOf(step);
            if (step.id == "heartbeat") {
                facts.tcp = ServerTrouble::NotLive;
            } else if (step.id == "connect") {
                facts.tcp = trouble.value_or(ServerTrouble::None);
            } else if (step.id == "starttls") {
                facts.startTls = trouble;
            } else if (step.id == "direct") {
                facts.directTls = trouble;
                // The supernode itself is there, only this port of it is not.
                if (trouble == ServerTrouble::Closed || trouble == ServerTrouble::Silent)
                    facts.directTls = ServerTrouble::Handshake;
            } else {
                continue;
            }
            const bool isBad = step.id == "heartbeat" || (trouble && *trouble != ServerTrouble::None);
            if (!isBad || !facts.why.empty()) continue;
            facts.why = step.why;
            facts.todo = step.todo;
        }
        all.push_back(std::move(facts));
    }
    return all;
}

}  // namespace causeway::trace
