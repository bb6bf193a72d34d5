#include "shared/api/domains_json.h"

#include "shared/api/problems_json.h"
#include "shared/api/proof_json.h"
#include "shared/base/text.h"

namespace causeway::api {

namespace {

constexpr const char* kReaches = "lan and lan-and-internet";
constexpr const char* kPolicies = "required and preferred";
constexpr const char* kSources = "self-signed and files";
constexpr const char* kOrigins = "hand and token";

constexpr CertificateName::Kind kNameKinds[] = {CertificateName::Kind::Dns, CertificateName::Kind::Xmpp,
                                                CertificateName::Kind::Srv, CertificateName::Kind::Address};

/// In front of the text of a name.
std::string kindWord(CertificateName::Kind kind) {
    switch (kind) {
        case CertificateName::Kind::Dns:
            return "dns:";
        case CertificateName::Kind::Xmpp:
            return "xmpp:";
        case CertificateName::Kind::Srv:
            return "srv:";
        case CertificateName::Kind::Address:
            return "address:";
    }
    return "dns:";
}

/// Tells whether the member is there, so that PATCH keeps what is not.
template <class T>
void readMaybe(JsonFields& in, std::string_view name, std::optional<T>& into) {
    if (!in.has(name)) return;
    T value{};
    in.read(name, value);
    into = std::move(value);
}

template <class T>
void readMaybeWord(JsonFields& in, std::string_view name, std::optional<T>& into,
                   std::optional<T> (*valueOf)(std::string_view), const char* choices) {
    if (!in.has(name)) return;
    T value{};
    in.readKnownWord(name, value, valueOf, choices);
    into = value;
}

template <class T>
void writeMaybe(JsonWriter& out, std::string_view name, const std::optional<T>& value) {
    if (value) out.field(name, *value);
}
template <class T>
void writeMaybeWord(JsonWriter& out, std::string_view name, const std::optional<T>& value) {
    if (value) out.field(name, wordOf(*value));
}

void writeIds(JsonWriter& out, std::string_view name, const std::vector<std::uint64_t>& ids) {
    out.key(name);
    out.beginArray();
    for (const auto id : ids)
        out.value(id);
    out.endArray();
}

void readSecret(JsonFields& in, std::string_view name, Secret& into) {
    std::string text;
    in.read(name, text);
    into = Secret{std::move(text)};
}

template <class T>
void put(const std::optional<T>& from, T& into) {
    if (from) into = *from;
}

}  // namespace

void DomainRequest::applyTo(ChatDomain& domain) const {
    if (name) {
        domain.name = *name;
        domain.shown = *name;
    }
    put(isEnabled, domain.isEnabled);
    put(reach, domain.reach);
    put(endToEnd, domain.endToEnd);
    put(providers, domain.providers);
    put(certificate, domain.certificate);
    put(certificateFile, domain.certificateFile);
    put(keyFile, domain.keyFile);
    put(ttl, domain.ttl);
    put(extraRecords, domain.extraRecords);
    put(note, domain.note);
}

void SupernodeRequest::applyTo(Supernode& node) const {
    put(name, node.name);
    put(origin, node.origin);
    put(isEnabled, node.isEnabled);
    put(lanAddress, node.lanAddress);
    put(internetAddress, node.internetAddress);
    put(port, node.port);
    put(tlsPort, node.tlsPort);
    put(priority, node.priority);
    put(weight, node.weight);
}

void writeJson(JsonWriter& out, const Dot& dot) {
    out.beginObject();
    out.field("state", wordOf(dot.state));
    out.field("sentence", dot.sentence);
    out.fieldOrNever("since", dot.since);
    out.field("checkedAt", dot.checkedAt);
    out.key("proof");
    if (dot.proof.id.empty() && dot.proof.name.empty()) {
        out.null();
    } else {
        writeJson(out, dot.proof);
    }
    out.endObject();
}

void readJson(JsonFields& in, Dot& dot) {
    in.readWord("state", dot.state, proofStateOf);
    in.read("sentence", dot.sentence);
    in.read("since", dot.since);
    in.read("checkedAt", dot.checkedAt);
    in.readObject("proof", dot.proof);
}

void writeJson(JsonWriter& out, const SupernodeRow& row) {
    const auto& node = row.node;
    out.beginObject();
    out.field("id", node.id);
    out.field("domain", node.domain);
    out.field("name", node.name);
    out.field("origin", wordOf(node.origin));
    out.field("isEnabled", node.isEnabled);
    out.field("isLive", row.isLive);
    out.field("lanAddress", node.lanAddress);
    out.field("internetAddress", node.internetAddress);
    out.field("port", node.port);
    out.field("tlsPort", node.tlsPort);
    out.field("priority", node.priority);
    out.field("weight", node.weight);
    out.field("lastHeartbeat", node.lastHeartbeat);
    out.field("version", node.version);
    out.endObject();
}

void readJson(JsonFields& in, SupernodeRow& row) {
    auto& node = row.node;
    in.read("id", node.id);
    in.read("domain", node.domain);
    in.read("name", node.name);
    in.readWord("origin", node.origin, supernodeOriginOf);
    in.read("isEnabled", node.isEnabled);
    in.read("isLive", row.isLive);
    in.read("lanAddress", node.lanAddress);
    in.read("internetAddress", node.internetAddress);
    in.read("port", node.port);
    in.read("tlsPort", node.tlsPort);
    in.read("priority", node.priority);
    in.read("weight", node.weight);
    in.read("lastHeartbeat", node.lastHeartbeat);
    in.read("version", node.version);
}

void writeJson(JsonWriter& out, const CertificateFacts& facts) {
    out.beginObject();
    out.field("domain", facts.domain);
    out.field("source", wordOf(facts.source));
    out.field("isThere", facts.isThere);
    out.field("subject", facts.subject);
    out.field("issuer", facts.issuer);
    std::vector<std::string> names;
    for (const auto& name : facts.names)
        names.push_back(kindWord(name.kind) + name.text);
    writeTexts(out, "names", names);
    out.field("isSelfSigned", facts.isSelfSigned);
    out.field("coversDomain", facts.coversDomain);
    out.field("keyMatches", facts.keyMatches);
    out.field("chainLength", facts.chainLength);
    out.fieldOrNever("notBefore", facts.notBefore);
    out.fieldOrNever("notAfter", facts.notAfter);
    out.field("keyKind", facts.keyKind);
    out.field("sha256", facts.sha256);
    out.field("publicKeySha256", hexText(facts.publicKeySha256));
    out.field("trouble", wordOf(facts.trouble));
    out.field("problem", facts.problem);
    out.field("todo", facts.todo);
    out.field("forClients", facts.forClients);
    out.field("isServedDespite", facts.isServedDespite);
    out.fieldOrNever("readAt", facts.readAt);
    out.endObject();
}

void readJson(JsonFields& in, CertificateFacts& facts) {
    in.read("domain", facts.domain);
    in.readWord("source", facts.source, certificateSourceOf);
    in.read("isThere", facts.isThere);
    in.read("subject", facts.subject);
    in.read("issuer", facts.issuer);
    std::vector<std::string> names;
    in.read("names", names);
    for (const auto& name : names) {
        for (const auto kind : kNameKinds) {
            const auto word = kindWord(kind);
            if (name.starts_with(word)) facts.names.push_back({kind, name.substr(word.size())});
        }
    }
    in.read("isSelfSigned", facts.isSelfSigned);
    in.read("coversDomain", facts.coversDomain);
    in.read("keyMatches", facts.keyMatches);
    in.read("chainLength", facts.chainLength);
    in.read("notBefore", facts.notBefore);
    in.read("notAfter", facts.notAfter);
    in.read("keyKind", facts.keyKind);
    in.read("sha256", facts.sha256);
    std::string digest;
    in.read("publicKeySha256", digest);
    facts.publicKeySha256 = parseHex(digest).value_or("");
    std::string trouble;
    in.read("trouble", trouble);
    for (int each = 0; each <= static_cast<int>(CertificateTrouble::CannotMake); ++each) {
        if (trouble == wordOf(static_cast<CertificateTrouble>(each)))
            facts.trouble = static_cast<CertificateTrouble>(each);
    }
    in.read("problem", facts.problem);
    in.read("todo", facts.todo);
    in.read("forClients", facts.forClients);
    in.read("isServedDespite", facts.isServedDespite);
    in.read("readAt", facts.readAt);
}

void writeJson(JsonWriter& out, const CertificateRequest& request) {
    out.beginObject();
    out.field("domain", request.domain);
    out.field("certificateFile", request.certificateFile);
    out.field("keyFile", request.keyFile);
    out.endObject();
}

void readJson(JsonFields& in, CertificateRequest& request) {
    in.require("domain");
    in.require("certificateFile");
    in.read("domain", request.domain);
    in.read("certificateFile", request.certificateFile);
    in.read("keyFile", request.keyFile);
}

void writeJson(JsonWriter& out, const DomainRow& row) {
    const auto& domain = row.domain;
    out.beginObject();
    out.field("id", domain.id);
    out.field("name", domain.name);
    out.field("shown", domain.shown);
    out.field("isEnabled", domain.isEnabled);
    out.field("reach", wordOf(domain.reach));
    out.field("endToEnd", wordOf(domain.endToEnd));
    writeIds(out, "providers", domain.providers);
    out.field("certificate", wordOf(domain.certificate));
    out.field("certificateFile", domain.certificateFile);
    out.field("keyFile", domain.keyFile);
    out.field("ttl", domain.ttl);
    out.field("extraRecords", domain.extraRecords);
    out.field("note", domain.note);
    out.field("createdAt", domain.createdAt);
    out.field("revision", domain.revision);
    out.field("accounts", row.accounts);
    out.field("login", row.login);
    out.key("directory");
    writeJson(out, row.directory);
    out.key("supernode");
    writeJson(out, row.supernode);
    writeItems(out, row.supernodes, "supernodes");
    out.key("certificateFacts");
    if (row.certificate) {
        writeJson(out, *row.certificate);
    } else {
        out.null();
    }
    out.fieldOrNever("revertsAt", row.revert ? row.revert->at : TimePoint{});
    out.field("revertSentence", row.revert ? row.revert->sentence : std::string{});
    out.endObject();
}

void readJson(JsonFields& in, DomainRow& row) {
    auto& domain = row.domain;
    in.read("id", domain.id);
    in.read("name", domain.name);
    in.read("shown", domain.shown);
    in.read("isEnabled", domain.isEnabled);
    in.readWord("reach", domain.reach, domainReachOf);
    in.readWord("endToEnd", domain.endToEnd, endToEndOf);
    in.read("providers", domain.providers);
    in.readWord("certificate", domain.certificate, certificateSourceOf);
    in.read("certificateFile", domain.certificateFile);
    in.read("keyFile", domain.keyFile);
    in.read("ttl", domain.ttl);
    in.read("extraRecords", domain.extraRecords);
    in.read("note", domain.note);
    in.read("createdAt", domain.createdAt);
    in.read("revision", domain.revision);
    in.read("accounts", row.accounts);
    in.read("login", row.login);
    in.readObject("directory", row.directory);
    in.readObject("supernode", row.supernode);
    in.readList("supernodes", row.supernodes);
    if (in.has("certificateFacts")) in.readObject("certificateFacts", row.certificate.emplace());
    std::optional<TimePoint> revertsAt;
    in.read("revertsAt", revertsAt);
    if (revertsAt) in.read("revertSentence", row.revert.emplace(PendingRevert{*revertsAt, {}}).sentence);
}

void writeJson(JsonWriter& out, const DomainList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, DomainList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const DomainRequest& request) {
    out.beginObject();
    writeMaybe(out, "name", request.name);
    writeMaybe(out, "isEnabled", request.isEnabled);
    writeMaybeWord(out, "reach", request.reach);
    writeMaybeWord(out, "endToEnd", request.endToEnd);
    if (request.providers) writeIds(out, "providers", *request.providers);
    writeMaybeWord(out, "certificate", request.certificate);
    writeMaybe(out, "certificateFile", request.certificateFile);
    writeMaybe(out, "keyFile", request.keyFile);
    writeMaybe(out, "ttl", request.ttl);
    writeMaybe(out, "extraRecords", request.extraRecords);
    writeMaybe(out, "note", request.note);
    out.endObject();
}

void readJson(JsonFields& in, DomainRequest& request) {
    readMaybe(in, "name", request.name);
    readMaybe(in, "isEnabled", request.isEnabled);
    readMaybeWord(in, "reach", request.reach, domainReachOf, kReaches);
    readMaybeWord(in, "endToEnd", request.endToEnd, endToEndOf, kPolicies);
    readMaybe(in, "providers", request.providers);
    readMaybeWord(in, "certificate", request.certificate, certificateSourceOf, kSources);
    readMaybe(in, "certificateFile", request.certificateFile);
    readMaybe(in, "keyFile", request.keyFile);
    readMaybe(in, "ttl", request.ttl);
    readMaybe(in, "extraRecords", request.extraRecords);
    readMaybe(in, "note", request.note);
}

void writeJson(JsonWriter& out, const DomainVerdict& verdict) {
    out.beginObject();
    out.field("name", verdict.name);
    writeItems(out, verdict.problems, "problems");
    out.endObject();
}

void readJson(JsonFields& in, DomainVerdict& verdict) {
    in.read("name", verdict.name);
    in.readList("problems", verdict.problems);
}

void writeJson(JsonWriter& out, const DotHistory& history) {
    out.beginObject();
    out.key("items");
    out.beginArray();
    for (const auto& change : history.items) {
        out.beginObject();
        out.field("at", change.at);
        out.field("kind", wordOf(change.kind));
        out.field("state", wordOf(change.state));
        out.field("sentence", change.sentence);
        out.endObject();
    }
    out.endArray();
    out.endObject();
}

void readJson(JsonFields& in, DotHistory& history) {
    in.each("items", [&](JsonFields& item) {
        auto& change = history.items.emplace_back();
        item.read("at", change.at);
        item.readWord("kind", change.kind, dotKindOf);
        item.readWord("state", change.state, proofStateOf);
        item.read("sentence", change.sentence);
    });
}

void writeJson(JsonWriter& out, const SupernodeRequest& request) {
    out.beginObject();
    writeMaybe(out, "name", request.name);
    writeMaybeWord(out, "origin", request.origin);
    writeMaybe(out, "isEnabled", request.isEnabled);
    writeMaybe(out, "lanAddress", request.lanAddress);
    writeMaybe(out, "internetAddress", request.internetAddress);
    writeMaybe(out, "port", request.port);
    writeMaybe(out, "tlsPort", request.tlsPort);
    writeMaybe(out, "priority", request.priority);
    writeMaybe(out, "weight", request.weight);
    out.endObject();
}

void readJson(JsonFields& in, SupernodeRequest& request) {
    readMaybe(in, "name", request.name);
    readMaybeWord(in, "origin", request.origin, supernodeOriginOf, kOrigins);
    readMaybe(in, "isEnabled", request.isEnabled);
    readMaybe(in, "lanAddress", request.lanAddress);
    readMaybe(in, "internetAddress", request.internetAddress);
    readMaybe(in, "port", request.port);
    readMaybe(in, "tlsPort", request.tlsPort);
    readMaybe(in, "priority", request.priority);
    readMaybe(in, "weight", request.weight);
}

void writeJson(JsonWriter& out, const SupernodeCreated& created) {
    out.beginObject();
    out.key("supernode");
    writeJson(out, created.supernode);
    out.field("token", created.token.reveal());
    out.endObject();
}

void readJson(JsonFields& in, SupernodeCreated& created) {
    in.readObject("supernode", created.supernode);
    readSecret(in, "token", created.token);
}

void writeJson(JsonWriter& out, const HeartbeatRequest& request) {
    out.beginObject();
    out.field("token", request.token.reveal());
    out.field("version", request.version);
    out.endObject();
}

void readJson(JsonFields& in, HeartbeatRequest& request) {
    in.require("token");
    readSecret(in, "token", request.token);
    in.read("version", request.version);
}

void writeJson(JsonWriter& out, const DomainsEvent& event) {
    out.beginObject();
    writeItems(out, event.changed, "changed");
    writeIds(out, "removed", event.removed);
    out.endObject();
}

void readJson(JsonFields& in, DomainsEvent& event) {
    in.readList("changed", event.changed);
    in.read("removed", event.removed);
}

}  // namespace causeway::api
