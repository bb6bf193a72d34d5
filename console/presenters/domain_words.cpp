#include "console/presenters/domain_words.h"

#include <map>

#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

std::string detailsOf(const ProofStep& step) {
    std::string text = step.name + ": " + resultWord(step.state);
    if (step.at != TimePoint{})
        text += "\n" + fill(tr("Tried at %1, took %2"), {exactTime(step.at), durationText(step.took)});
    const auto add = [&text](const std::string& head, const std::string& sentence) {
        if (!sentence.empty()) text += "\n" + head + " " + sentence;
    };
    const bool works = step.state == ProofState::Fine || step.state == ProofState::Partly;
    add(works ? tr("Proves:") : tr("Would prove:"), step.proves);
    add(tr("Why:"), step.why);
    add(tr("What to do:"), step.todo);
    for (const auto& [name, value] : step.facts)
        text.append("\n").append(name).append(": ").append(value);
    return text;
}

void addRows(std::vector<ProofRow>& rows, const ProofStep& step, std::size_t depth) {
    ProofRow row;
    row.depth = depth;
    row.mark = markOf(step.state);
    row.name = step.name;
    row.result = resultWord(step.state);
    if (step.at != TimePoint{}) row.took = durationText(step.took);
    const bool isGood = step.state == ProofState::Fine;
    row.proves = !isGood && !step.why.empty() ? step.why : step.proves;
    row.todo = step.todo;
    row.details = detailsOf(step);
    rows.push_back(std::move(row));
    for (const auto& child : step.children)
        addRows(rows, child, depth + 1);
}

}  // namespace

Mark markOf(ProofState state) {
    switch (state) {
        case ProofState::Fine:
            return Mark::Fine;
        case ProofState::Partly:
            return Mark::Partly;
        case ProofState::Broken:
            return Mark::Broken;
        case ProofState::Unknown:
            break;
    }
    return Mark::Unknown;
}

std::string dotWord(ProofState state) {
    switch (state) {
        case ProofState::Fine:
            return tr("Registered");
        case ProofState::Partly:
            return tr("Partly registered");
        case ProofState::Broken:
            return tr("Not registered");
        case ProofState::Unknown:
            break;
    }
    return tr("Not measured");
}

std::string resultWord(ProofState state) {
    switch (state) {
        case ProofState::Fine:
            return tr("Fine");
        case ProofState::Partly:
            return tr("Partly");
        case ProofState::Broken:
            return tr("Failed");
        case ProofState::Unknown:
            break;
    }
    return tr("Not tried");
}

std::string textOf(DotKind kind) {
    return kind == DotKind::Directory ? tr("Directory") : tr("Supernode");
}

std::string textOf(DomainReach reach) {
    return reach == DomainReach::Lan ? tr("LAN") : tr("LAN and Internet");
}

std::string textOf(EndToEnd policy) {
    return policy == EndToEnd::Required ? tr("Required") : tr("Preferred");
}

std::string explanationOf(EndToEnd policy) {
    return policy == EndToEnd::Required
               ? tr("Messages that the server could read are refused, and the sender is told what to turn on.")
               : tr("Messages that the server could read pass too.");
}

std::string textOf(CertificateSource source) {
    return source == CertificateSource::SelfSigned ? tr("Self-signed") : tr("From files");
}

std::string textOf(SupernodeOrigin origin) {
    switch (origin) {
        case SupernodeOrigin::Local:
            return tr("This service");
        case SupernodeOrigin::Token:
            return tr("Registers itself");
        case SupernodeOrigin::Hand:
            break;
    }
    return tr("Entered by hand");
}

std::string textOf(ProviderKind kind) {
    switch (kind) {
        case ProviderKind::BuiltIn:
            return tr("Built-in accounts");
        case ProviderKind::Ldap:
            return tr("LDAP or Active Directory");
        case ProviderKind::Radius:
            return "RADIUS";
        case ProviderKind::Http:
            return tr("HTTP service");
        case ProviderKind::Sql:
            break;
    }
    return tr("SQL database");
}

std::string explanationOf(ProviderKind kind) {
    switch (kind) {
        case ProviderKind::BuiltIn:
            return tr("Accounts that this service keeps itself.");
        case ProviderKind::Ldap:
            return tr("The company's directory: OpenLDAP, FreeIPA, Microsoft Active Directory and others.");
        case ProviderKind::Radius:
            return tr("A RADIUS server, such as the one that checks the Wi-Fi logins.");
        case ProviderKind::Http:
            return tr("Your own web service that says yes or no to a name and a password.");
        case ProviderKind::Sql:
            break;
    }
    return tr("A table of users in SQLite, PostgreSQL, MariaDB, or any database with an ODBC driver.");
}

LoginLine loginLine(const std::string& gateWord) {
    if (gateWord == "open")
        return {Mark::Fine, tr("The login gate is open; this version does not log clients in yet.")};
    if (gateWord == "domain-disabled")
        return {Mark::Unknown, tr("Nobody can log in: the domain is disabled. Choose Enable to let people in.")};
    if (gateWord == "directory-down") {
        return {Mark::Broken, tr("Nobody can log in: the directory is not registered. Open its proof; the first step "
                                 "that failed says what to do.")};
    }
    if (gateWord == "supernode-down") {
        return {Mark::Broken, tr("Nobody can log in: no supernode is registered. Open its proof; the first step that "
                                 "failed says what to do.")};
    }
    return {Mark::Unknown, tr("Whether people can log in is not known yet.")};
}

LoginLine breakerLine(const ProviderView& view, TimePoint now) {
    const auto& health = view.health;
    if (!view.provider.isEnabled) return {Mark::Unknown, tr("Switched off")};
    if (!missingSecrets(view.provider).empty()) return {Mark::Broken, tr("Needs its password")};
    if (health.breaker == "open") {
        auto text = health.nextTry == TimePoint{} ? tr("Not asked")
                                                  : fill(tr("Not asked until %1"), {timeText(health.nextTry, now)});
        if (health.failures > 0)
            text += ", " + trn("it failed %1 time in a row", "it failed %1 times in a row", health.failures);
        return {Mark::Broken, text};
    }
    if (health.breaker == "half-open") return {Mark::Partly, tr("Tried with one login")};
    if (health.failures > 0)
        return {Mark::Partly, trn("Failed %1 time in a row", "Failed %1 times in a row", health.failures)};
    if (health.lastErrorAt > health.lastAnswerAt) return {Mark::Broken, tr("Its last test failed")};
    if (health.lastAnswerAt == TimePoint{}) return {Mark::Unknown, tr("Not asked yet")};
    return {Mark::Fine, tr("Answers")};
}

std::string loginOutcomeText(const std::string& word) {
    static const std::map<std::string, const char*> kTexts{
        {"right", later("Right password")},
        {"wrong-password", later("Wrong password")},
        {"unknown-user", later("Unknown user")},
        {"disabled", later("Account is disabled")},
        {"expired", later("Account has expired")},
        {"must-change", later("Password must be changed")},
        {"locked-by-directory", later("Locked by the directory")},
        {"not-allowed", later("May not use chat")},
        {"cannot-ask", later("Cannot be asked")},
        {"busy", later("Too busy")},
        {"throttled", later("Too many failures")},
    };
    const auto at = kTexts.find(word);
    return at == kTexts.end() ? word : tr(at->second);
}

LoginLine loginTestLine(const LoginTrail& trail) {
    LoginLine line;
    const bool isRefused = trail.outcome != "right";
    const bool isUnproven = trail.outcome == "cannot-ask" || trail.outcome == "busy" || trail.outcome == "throttled";
    line.mark = !isRefused ? Mark::Fine : isUnproven ? Mark::Partly : Mark::Broken;
    line.text =
        trail.address + ": " + (trail.sentence.empty() ? loginOutcomeText(trail.outcome) + "." : trail.sentence);
    if (!trail.todo.empty()) line.text += "\n" + trail.todo;
    return line;
}

std::vector<ProofRow> proofRows(const ProofStep& proof) {
    std::vector<ProofRow> rows;
    if (proof.name.empty() && proof.children.empty()) return rows;
    const bool saysNothing = proof.why.empty() && proof.todo.empty() && proof.proves.empty() && proof.facts.empty();
    if (!proof.children.empty() && (proof.name.empty() || saysNothing)) {
        for (const auto& child : proof.children)
            addRows(rows, child, 0);
        return rows;
    }
    addRows(rows, proof, 0);
    return rows;
}

std::optional<std::size_t> troubleRow(const std::vector<ProofRow>& rows) {
    std::optional<std::size_t> partly;
    // The deepest of a chain of failed steps is the one that says why: the first without a failed child.
    for (std::size_t at = 0; at < rows.size(); ++at) {
        if (rows[at].mark == Mark::Partly && !partly) partly = at;
        if (rows[at].mark != Mark::Broken) continue;
        auto deepest = at;
        while (deepest + 1 < rows.size() && rows[deepest + 1].depth > rows[deepest].depth) {
            auto child = deepest + 1;
            while (child < rows.size() && rows[child].depth > rows[deepest].depth && rows[child].mark != Mark::Broken)
                ++child;
            if (child >= rows.size() || rows[child].depth <= rows[deepest].depth) break;
            deepest = child;
        }
        return deepest;
    }
    return partly;
}

}  // namespace causeway::console
