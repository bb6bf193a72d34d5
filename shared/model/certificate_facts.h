#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/time.h"
#include "shared/model/chat_domain.h"

namespace causeway {

/// What stands in the way of a certificate, the first that applies.
enum class CertificateTrouble {
    None,
    EndsSoon,      ///< within 30 days, and nobody renews it by itself
    EndsVerySoon,  ///< within 7 days
    WeakName,      ///< names the domain only in a way that many clients do not look at
    FileMissing,
    FileUnreadable,
    NotACertificate,
    NoKey,
    KeyLocked,  ///< it has a password
    KeyDoesNotMatch,
    Expired,
    NotYetValid,
    WrongName,
    CannotMake,  ///< making or keeping the self-signed one failed
};
const char* wordOf(CertificateTrouble trouble);  ///< "none", "ends-soon", "key-does-not-match" ...
/// How bad it is: Fine; Partly (works, look at it); Broken (clients refuse it, or there is none).
ProofState stateOf(CertificateTrouble trouble);
/// Whether somebody must act now: it belongs among the problems of the service, not only beside the certificate.
bool isProblem(CertificateTrouble trouble);

/// One name that a certificate is for.
struct CertificateName {
    enum class Kind {
        Dns,      ///< host or domain name, possibly with a wildcard as its first label
        Xmpp,     ///< XmppAddr, RFC 6120 13.7.1.4
        Srv,      ///< SRVName, "_xmpp-client.chat.example.com", RFC 4985
        Address,  ///< IP address: no chat domain
    };
    Kind kind = Kind::Dns;
    std::string text;

    friend bool operator==(const CertificateName&, const CertificateName&) = default;
};

/// The certificate of a chat domain and what is to be said about it. Made by judgeCertificate() in service/xmpp.
struct CertificateFacts {
    std::string domain;  ///< ASCII form
    CertificateSource source = CertificateSource::SelfSigned;
    bool isThere = false;  ///< a certificate could be read; else only the trouble below is told
    std::string subject;
    std::string issuer;
    std::vector<CertificateName> names;
    bool isSelfSigned = false;
    bool coversDomain = false;
    bool keyMatches = false;
    std::size_t chainLength = 0;  ///< certificates in the file, the own one too
    TimePoint notBefore{};
    TimePoint notAfter{};
    std::string keyKind;          ///< "ECDSA P-256", "RSA 2048"
    std::string sha256;           ///< fingerprint of the certificate, lower-case hex
    std::string publicKeySha256;  ///< of the SubjectPublicKeyInfo, 32 raw bytes: TLSA 3 1 1
    std::string pem;              ///< the whole chain, no secret

    CertificateTrouble trouble = CertificateTrouble::None;
    std::string problem;     ///< one sentence, empty if there is no trouble
    std::string todo;        ///< next action
    std::string forClients;  ///< what clients will say about it
    /// The trouble is not of the certificate above, which is served: files that changed cannot be used, or a new
    /// self-signed one could not be kept.
    bool isServedDespite = false;
    TimePoint readAt{};
};

/// "AA:BB:..." of lower-case hex, as clients and browsers show it.
std::string fingerprintText(const std::string& hex);

}  // namespace causeway
