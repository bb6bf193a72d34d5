#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/proof.h"

namespace causeway {

enum class DomainReach { Lan, LanAndInternet };
/// What becomes of a readable message: refused with a sentence, or let through.
enum class EndToEnd { Required, Preferred };
enum class CertificateSource {
    SelfSigned,  ///< made at once; clients ask their users about it
    Files,       ///< PEM files, read again when they change
};

/// A chat domain: the part right of the @.
struct ChatDomain {
    std::uint64_t id = 0;
    std::string name;   ///< ASCII form, lower case: "xn--bcher-kva.example"
    std::string shown;  ///< as people read it: "bücher.example"
    bool isEnabled = true;
    DomainReach reach = DomainReach::Lan;
    EndToEnd endToEnd = EndToEnd::Required;
    /// Ids of the providers that are asked behind the built-in accounts, in this order.
    std::vector<std::uint64_t> providers;
    CertificateSource certificate = CertificateSource::SelfSigned;
    std::string certificateFile;  ///< Files: PEM, the domain's certificate first, then the chain
    std::string keyFile;
    std::uint32_t ttl = 300;   ///< seconds, of every record of the domain
    std::string extraRecords;  ///< lines in zone file syntax
    std::string note;
    TimePoint createdAt{};
    std::uint64_t revision = 0;
};

enum class SupernodeOrigin {
    Local,  ///< this service
    Token,  ///< registered itself and sends heartbeats
    Hand,   ///< entered by an administrator
};

/// A supernode of one chat domain.
struct Supernode {
    std::uint64_t id = 0;
    std::uint64_t domain = 0;
    std::string name;  ///< one DNS label, unique in the domain: "sn1"
    SupernodeOrigin origin = SupernodeOrigin::Hand;
    bool isEnabled = true;
    std::string lanAddress;        ///< IPv4 or IPv6 in normal form, empty: none
    std::string internetAddress;   ///< the same; needed if the domain is for the Internet
    std::uint16_t port = 5222;     ///< StartTLS
    std::uint16_t tlsPort = 5223;  ///< direct TLS; 0: none
    std::uint16_t priority = 10;
    std::uint16_t weight = 10;
    std::optional<TimePoint> lastHeartbeat{};  ///< Token
    std::string version{};                     ///< as the supernode told it
};

/// What one problem of a form is, by field of the API.
struct DraftProblem {
    std::string field;
    std::string text;
};

/// A dot of a domain: colour, since when, and the proof behind it.
struct Dot {
    ProofState state = ProofState::Unknown;
    std::string sentence;  ///< the one thing to know: "2 of 2 providers answer", "sn1 refuses port 5222"
    TimePoint since{};     ///< of this state
    std::optional<TimePoint> checkedAt{};
    ProofStep proof;
};
enum class DotKind { Directory, Supernode };
struct DotChange {
    TimePoint at{};
    DotKind kind = DotKind::Directory;
    ProofState state = ProofState::Unknown;
    std::string sentence;
};

const char* wordOf(DomainReach reach);         ///< "lan", "lan-and-internet"
const char* wordOf(EndToEnd policy);           ///< "required", "preferred"
const char* wordOf(CertificateSource source);  ///< "self-signed", "files"
const char* wordOf(SupernodeOrigin origin);    ///< "local", "token", "hand"
const char* wordOf(DotKind kind);              ///< "directory", "supernode"
std::optional<DomainReach> domainReachOf(std::string_view word);
std::optional<EndToEnd> endToEndOf(std::string_view word);
std::optional<CertificateSource> certificateSourceOf(std::string_view word);
std::optional<SupernodeOrigin> supernodeOriginOf(std::string_view word);
std::optional<DotKind> dotKindOf(std::string_view word);

}  // namespace causeway
