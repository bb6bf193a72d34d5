#include "service/app/domain_trace.h"

#include <algorithm>

#include "service/store/chat_store_port.h"
#include "shared/base/text.h"
#include "shared/proto/jid/jid.h"

namespace causeway::app {

namespace {

constexpr std::size_t kMostPeople = 50;

std::string asciiOf(const std::string& name) {
    const auto parsed = jid::parseDomain(std::string(trimmed(name)));
    return parsed ? parsed->ascii : lowerAscii(trimmed(name));
}

trace::RecordTrouble troubleOf(const dns::CheckRow& row) {
    using dns::CheckVerdict;
    switch (row.verdict) {
        case CheckVerdict::Missing:
            // A host without an address is told at its SRV as well.
            return row.type == "A" || row.type == "AAAA" ? trace::RecordTrouble::NoAddress
                                                         : trace::RecordTrouble::Missing;
        case CheckVerdict::WrongTarget:
        case CheckVerdict::OtherPort:
        case CheckVerdict::WrongData:
            return trace::RecordTrouble::Wrong;
        case CheckVerdict::TargetIsAddress:
        case CheckVerdict::TargetIsAlias:
            return trace::RecordTrouble::TargetInvalid;
        case CheckVerdict::TargetHasNoAddress:
        case CheckVerdict::WrongAddress:
            return trace::RecordTrouble::NoAddress;
        case CheckVerdict::NoAnswer:
        case CheckVerdict::Refused:
        case CheckVerdict::ServerFailure:
            return trace::RecordTrouble::Silent;
        case CheckVerdict::Right:
        case CheckVerdict::OtherPriority:
        case CheckVerdict::Unwanted:
        case CheckVerdict::StaleTtl:
            break;
    }
    return trace::RecordTrouble::None;
}

}  // namespace

Result<domains::DomainView> ChatDomainWorld::viewOf(const std::string& name) {
    const auto all = chat_.domains().domains();
    if (!all) return all.error();
    const auto wanted = asciiOf(name);
    for (const auto& view : *all) {
        if (view.domain.name == wanted) return view;
    }
    return Error{Code::NotFound, "This service has no chat domain " + cleanUtf8(cutUtf8(name, 120)) + "."};
}

Result<trace::DomainFacts> ChatDomainWorld::domain(const std::string& name) {
    trace::DomainFacts facts;
    const auto view = viewOf(name);
    if (view) {
        facts.isKnown = true;
        facts.isEnabled = view->domain.isEnabled;
        facts.shown = view->domain.shown;
        facts.login = domains::wordOf(view->gate);
        return facts;
    }
    if (view.error().code != Code::NotFound) return view.error();
    if (const auto all = chat_.domains().domains()) {
        for (const auto& each : *all)
            facts.others.push_back(each.domain.shown);
    }
    return facts;
}

Result<std::vector<trace::ResolverFacts>> ChatDomainWorld::resolvers(const std::string& domain,
                                                                     const std::vector<std::string>& others) {
    const auto reports = chat_.dns().check(asciiOf(domain), dns::View::Lan, others);
    if (!reports) return reports.error();
    std::vector<trace::ResolverFacts> all;
    for (const auto& report : *reports) {
        trace::ResolverFacts facts;
        facts.name = report.resolver;
        facts.address = report.address;
        facts.isCounted = report.resolver != "system" || settings_.flag("dns.check_resolver");
        for (const auto& row : report.rows) {
            if (!row.isNeeded) continue;
            facts.records.push_back({row.name, row.type, row.wanted, row.found, troubleOf(row), row.reason, row.todo});
        }
        all.push_back(std::move(facts));
    }
    return all;
}

Result<ProofStep> ChatDomainWorld::supernodes(const std::string& domain) {
    const auto view = viewOf(domain);
    if (!view) return view.error();
    return chat_.proveNow(DotKind::Supernode, *view);
}

Result<ProofStep> ChatDomainWorld::directory(const std::string& domain) {
    const auto view = viewOf(domain);
    if (!view) return view.error();
    return chat_.proveNow(DotKind::Directory, *view);
}

Result<trace::PersonFacts> ChatDomainWorld::person(const std::string& domain, const std::string& user) {
    const auto view = viewOf(domain);
    if (!view) return view.error();
    trace::PersonFacts facts;
    const auto prepared = jid::prepareLocal(user);
    if (!prepared) {
        facts.isFound = false;
        return facts;
    }
    const auto account = store_.chat()->account(view->domain.name, *prepared);
    if (!account) return account.error();
    if (*account) {
        facts.isFound = true;
        facts.isDisabled = (*account)->isDisabled;
        facts.where = "the built-in accounts";
        return facts;
    }
    for (const auto id : view->domain.providers) {
        const auto provider = chat_.providers().provider(id);
        if (!provider || !provider->provider.isEnabled) continue;
        const auto people = chat_.providers().people(id, kMostPeople, *prepared);
        if (!people) {
            facts.why = provider->provider.name + " cannot tell without a password: " + people.error().what;
            continue;
        }
        for (const auto& each : people->items) {
            if (lowerAscii(each.localPart) != lowerAscii(*prepared)) continue;
            facts.isFound = true;
            facts.isDisabled = each.isDisabled;
            facts.where = provider->provider.name;
            return facts;
        }
        if (!people->isComplete) facts.why = provider->provider.name + " has too many names that look like this one.";
    }
    if (facts.why.empty()) facts.isFound = false;
    return facts;
}

Result<LoginTrail> ChatDomainWorld::login(const std::string& domain, const std::string& user, const Secret& password) {
    const auto view = viewOf(domain);
    if (!view) return view.error();
    return chat_.providers().loginTest(view->domain.id, user, password, "");
}

Error NoChatLine::off() {
    return {Code::Unavailable, "Packet traces between users are not possible now.",
            "They measure through the LAN directory, and the setting lan.enabled is off.",
            "Switch lan.enabled on and restart the service, or trace an address such as alice@chat.example.com."};
}

Result<trace::ChatLine::State> NoChatLine::state() {
    return off();
}

}  // namespace causeway::app
