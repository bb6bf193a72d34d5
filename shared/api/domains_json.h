#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/secret.h"
#include "shared/model/certificate_facts.h"
#include "shared/model/chat_domain.h"
#include "shared/model/provider_view.h"

/// /v1/domains and /v1/supernodes and below.
namespace causeway::api {

struct SupernodeRow {
    Supernode node;
    bool isLive = false;  ///< told by DNS now
};

/// A chat domain with its dots. Lists leave the proofs out.
struct DomainRow {
    ChatDomain domain;
    Dot directory;
    Dot supernode;
    std::string
        login;  ///< what a login would be told now: "open", "domain-disabled", "directory-down", "supernode-down"
    std::vector<SupernodeRow> supernodes;
    std::uint64_t accounts = 0;
    std::optional<CertificateFacts> certificate{};  ///< nothing where the domain is off
    std::optional<PendingRevert> revert{};          ///< its last change goes back by itself unless it is confirmed
};
struct DomainList {
    std::vector<DomainRow> items;
};

/// POST needs the name; PATCH may leave out everything. Words as in the model.
struct DomainRequest {
    std::optional<std::string> name{};
    std::optional<bool> isEnabled{};
    std::optional<DomainReach> reach{};
    std::optional<EndToEnd> endToEnd{};
    std::optional<std::vector<std::uint64_t>> providers{};
    std::optional<CertificateSource> certificate{};
    std::optional<std::string> certificateFile{};
    std::optional<std::string> keyFile{};
    std::optional<std::uint32_t> ttl{};
    std::optional<std::string> extraRecords{};
    std::optional<std::string> note{};

    /// The domain with what is given put in.
    void applyTo(ChatDomain& domain) const;
};
/// POST /v1/domains/check: what is wrong with a request, without saving it; empty = fine.
struct DomainVerdict {
    std::string name;  ///< ASCII form, if it has one
    std::vector<FieldProblem> problems;
};
struct DotHistory {
    std::vector<DotChange> items;  ///< newest first
};

struct SupernodeRequest {
    std::optional<std::string> name{};
    std::optional<SupernodeOrigin> origin{};  ///< POST: "hand" (default) or "token"
    std::optional<bool> isEnabled{};
    std::optional<std::string> lanAddress{};
    std::optional<std::string> internetAddress{};
    std::optional<std::uint16_t> port{};
    std::optional<std::uint16_t> tlsPort{};
    std::optional<std::uint16_t> priority{};
    std::optional<std::uint16_t> weight{};

    void applyTo(Supernode& node) const;
};
/// The token is shown once.
struct SupernodeCreated {
    SupernodeRow supernode;
    Secret token;  ///< empty unless origin is "token"
};
struct HeartbeatRequest {
    Secret token;
    std::string version;
};
/// POST /v1/domains/certificate: what would be said about these files, without using them. Answer: Certificate.
struct CertificateRequest {
    std::string domain;  ///< in any writing
    std::string certificateFile;
    std::string keyFile;
};
/// Data of the event `domains`.
struct DomainsEvent {
    std::vector<DomainRow> changed;
    std::vector<std::uint64_t> removed;
};

void writeJson(JsonWriter& out, const Dot& dot);  ///< the proof is null if there is none
void readJson(JsonFields& in, Dot& dot);
void writeJson(JsonWriter& out, const SupernodeRow& row);
void readJson(JsonFields& in, SupernodeRow& row);
void writeJson(JsonWriter& out, const DomainRow& row);
void readJson(JsonFields& in, DomainRow& row);
void writeJson(JsonWriter& out, const DomainList& list);
void readJson(JsonFields& in, DomainList& list);
void writeJson(JsonWriter& out, const DomainRequest& request);
void readJson(JsonFields& in, DomainRequest& request);
void writeJson(JsonWriter& out, const DomainVerdict& verdict);
void readJson(JsonFields& in, DomainVerdict& verdict);
void writeJson(JsonWriter& out, const DotHistory& history);
void readJson(JsonFields& in, DotHistory& history);
void writeJson(JsonWriter& out, const SupernodeRequest& request);
void readJson(JsonFields& in, SupernodeRequest& request);
void writeJson(JsonWriter& out, const SupernodeCreated& created);
void readJson(JsonFields& in, SupernodeCreated& created);
void writeJson(JsonWriter& out, const HeartbeatRequest& request);
void readJson(JsonFields& in, HeartbeatRequest& request);
void writeJson(JsonWriter& out, const CertificateFacts& facts);  ///< without the PEM text
void readJson(JsonFields& in, CertificateFacts& facts);
void writeJson(JsonWriter& out, const CertificateRequest& request);
void readJson(JsonFields& in, CertificateRequest& request);
void writeJson(JsonWriter& out, const DomainsEvent& event);
void readJson(JsonFields& in, DomainsEvent& event);

}  // namespace causeway::api
