#include "service/xmpp/certificate_rules.h"

#include "shared/base/text.h"
#include "shared/proto/jid/jid.h"

namespace causeway::xmpp {

namespace {

std::string asciiOf(std::string_view name) {
    const auto parsed = jid::parseDomain(name);
    return parsed ? parsed->ascii : lowerAscii(name);
}

bool fitsDns(std::string_view pattern, std::string_view domain) {
    if (pattern.ends_with('.')) pattern.remove_suffix(1);
    if (!pattern.starts_with("*.")) return asciiOf(pattern) == domain;
    const auto dot = domain.find('.');
    // A wildcard above a whole registry ("*.com") is for nobody.
    if (dot == std::string_view::npos || pattern.find('.', 2) == std::string_view::npos) return false;
    return asciiOf(pattern.substr(2)) == domain.substr(dot + 1);
}

bool fitsSrv(std::string_view name, std::string_view domain) {
    for (const std::string_view service : {"_xmpp-client.", "_xmpps-client."})
        if (lowerAscii(name.substr(0, service.size())) == service)
            return asciiOf(name.substr(service.size())) == domain;
    return false;
}

std::string dayOf(TimePoint when) {
    return isoText(when).substr(0, 10);
}

std::string daysText(Duration span) {
    const auto days = span / kDay;
    if (days == 0) return "in less than a day";
    return days == 1 ? "in one day" : "in " + std::to_string(days) + " days";
}

std::string namesText(const std::vector<CertificateName>& names) {
    std::string out;
    for (const auto& each : names) {
        if (out.size() > 200) return out + ", ...";
        out += (out.empty() ? "" : ", ") + each.text;
    }
    return out;
}

void say(CertificateFacts& facts, CertificateTrouble trouble, std::string problem, std::string todo) {
    facts.trouble = trouble;
    facts.problem = std::move(problem);
    facts.todo = std::move(todo);
}

void findTrouble(CertificateFacts& facts, NameCover cover, TimePoint now) {
    if (now >= facts.notAfter) {
        return say(facts, CertificateTrouble::Expired,
                   "The certificate of " + facts.domain + " ended on " + dayOf(facts.notAfter) +
                       ": clients refuse to connect.",
                   "Renew it and write it to the same files; the service reads them again by itself.");
    }
    if (now < facts.notBefore) {
        return say(facts, CertificateTrouble::NotYetValid,
                   "The certificate of " + facts.domain + " is valid only from " + dayOf(facts.notBefore) +
                       ": clients refuse to connect before.",
                   "Check the clock of this computer, or use the certificate from before until that day.");
    }
    if (cover == NameCover::None) {
        const auto names = namesText(facts.names);
        return say(facts, CertificateTrouble::WrongName,
                   "The certificate is not for " + facts.domain + ", but for " +
                       (names.empty() ? "no name at all (the common name does not count)" : names) + ".",
                   "Get a certificate whose names hold " + facts.domain +
                       ": the chat domain itself, not the host name of the supernode.");
    }
    const auto left = facts.notAfter - now;
    // The service renews what it has made itself.
    if (facts.source == CertificateSource::Files && left < kWarnBefore) {
        const bool isVerySoon = left < kProblemBefore;
        return say(facts, isVerySoon ? CertificateTrouble::EndsVerySoon : CertificateTrouble::EndsSoon,
                   "The certificate of " + facts.domain + " ends " + daysText(left) + ", on " + dayOf(facts.notAfter) +
                       (isVerySoon ? ": then nobody can connect any more." : "."),
                   "Renew it and write it to the same files; the service reads them again by itself.");
    }
    if (cover == NameCover::XmppOnly) {
        return say(facts, CertificateTrouble::WeakName,
                   "The certificate names " + facts.domain +
                       " only as an XMPP address or service: many clients do not look at that and refuse it.",
                   "Get a certificate that has " + facts.domain + " as a DNS name too.");
    }
    say(facts, CertificateTrouble::None, "", "");
}

std::string wordsForClients(const CertificateFacts& facts) {
    if (!facts.isThere || !facts.keyMatches) return "There is no certificate to show: clients cannot connect.";
    switch (facts.trouble) {
        case CertificateTrouble::Expired:
            return "Clients say that the certificate has expired, and most of them do not connect.";
        case CertificateTrouble::NotYetValid:
            return "Clients say that the certificate is not valid yet, and most of them do not connect.";
        case CertificateTrouble::WrongName:
            return "Clients say that the certificate belongs to another server, and most of them do not connect.";
        default:
            break;
    }
    if (facts.isSelfSigned) {
        return "Clients do not know who signed it. Most clients, such as Gajim, Conversations and Profanity, ask "
               "each user once and remember the answer; tell your users the fingerprint, so that they can compare it. "
               "Some, such as Dino, do not connect. With a certificate of an authority that the computers know, nobody "
               "is asked.";
    }
    std::string out = "Clients that know the authority " + facts.issuer +
                      " connect without a question. Where an own authority of the company signed it, it must be "
                      "installed on the computers and telephones.";
    if (facts.chainLength == 1) {
        out +=
            " The file holds the domain's certificate alone: if the authority signs through another certificate, put "
            "that one behind it, or some clients refuse to connect.";
    }
    return out;
}

}  // namespace

NameCover coverOf(const std::vector<CertificateName>& names, std::string_view domain) {
    auto best = NameCover::None;
    for (const auto& each : names) {
        switch (each.kind) {
            case CertificateName::Kind::Dns:
                if (fitsDns(each.text, domain)) return NameCover::Dns;
                break;
            case CertificateName::Kind::Xmpp:
                if (asciiOf(each.text) == domain) best = NameCover::XmppOnly;
                break;
            case CertificateName::Kind::Srv:
                if (fitsSrv(each.text, domain)) best = NameCover::XmppOnly;
                break;
            case CertificateName::Kind::Address:
                break;
        }
    }
    return best;
}

void judgeCertificate(CertificateFacts& facts, TimePoint now) {
    if (facts.isThere && facts.keyMatches) {
        const auto cover = coverOf(facts.names, facts.domain);
        facts.coversDomain = cover != NameCover::None;
        // The trouble of the new files is told until the old certificate itself has come to its end.
        if (!facts.isServedDespite || now >= facts.notAfter) findTrouble(facts, cover, now);
    }
    facts.forClients = wordsForClients(facts);
}

}  // namespace causeway::xmpp
