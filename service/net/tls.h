#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"

struct ssl_ctx_st;
struct ssl_st;
struct x509_store_ctx_st;

namespace causeway::net {

enum class TlsRole { Server, Client };

class TlsContext;

/// What a server does when `choose` finds nothing for the name that the client asked for.
enum class UnknownName {
    UseDefault,  ///< shows its own certificate
    Refuse,      ///< ends the handshake with the alert unrecognized_name (RFC 6066 3)
};

struct TlsServerSettings {
    std::string certificateChainPem;  ///< own certificate first
    Secret keyPem;
    std::vector<std::string> protocols{};  ///< ALPN, best first ("xmpp-client"); empty = do not take part
    /// Called with the host name that the client asked for (SNI, "" if none); nullptr = this context. On the loop.
    std::function<std::shared_ptr<const TlsContext>(const std::string& serverName)> choose{};
    UnknownName unknownName = UnknownName::UseDefault;  ///< a client that names nobody is never refused
};

struct TlsClientSettings {
    std::string trustedPem{};              ///< certificates to trust; empty = those of the system
    std::vector<std::string> protocols{};  ///< ALPN
};

/// For two services that know each other by their certificates alone: TLS 1.3, both show one, nobody else is asked.
/// Names, dates and issuers do not matter.
struct TlsPinnedSettings {
    std::string certificatePem;  ///< own
    Secret keyPem;
    /// Whether the other end may go on, by the SHA-256 of its certificate in lower-case hex. During the handshake, on
    /// the loop of the connection; must not block.
    std::function<bool(const std::string& fingerprint)> accepts{};
};

/// Certificate, key and rules of many TLS connections. TLS 1.2 and 1.3, no renegotiation, no compression.
/// Threads: any, once made.
class TlsContext {
public:
    /// Errors: BadInput with the reason and the remedy (not PEM, key does not fit the certificate ...).
    static Result<std::shared_ptr<const TlsContext>> server(TlsServerSettings settings);
    static Result<std::shared_ptr<const TlsContext>> client(const TlsClientSettings& settings);
    /// A context of its own for each role. Errors: BadInput.
    static Result<std::shared_ptr<const TlsContext>> pinned(TlsRole role, TlsPinnedSettings settings);
    ~TlsContext();
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    ssl_ctx_st* native() const { return context_; }

private:
    TlsContext() = default;
    static int selectProtocol(ssl_st* ssl, const unsigned char** out, unsigned char* outSize,
                              const unsigned char* offered, unsigned offeredSize, void* self);
    static int chooseByName(ssl_st* ssl, int* alert, void* self);
    static int verifyPinned(x509_store_ctx_st* store, void* self);

    ssl_ctx_st* context_ = nullptr;
    std::function<bool(const std::string&)> accepts_;
    std::string wireProtocols_;
    std::function<std::shared_ptr<const TlsContext>(const std::string&)> choose_;
    UnknownName unknownName_ = UnknownName::UseDefault;
};

/// TLS of one connection without a socket: cipher text in, plain text out, and the reverse. Its two buffers of 17 kB
/// are only held while a record is incomplete (SSL_MODE_RELEASE_BUFFERS, own BIO): see docs/dev/decisions/0004-tls.md.
class TlsLayer {
public:
    /// `out` is the send buffer of the connection, to which records are appended; it outlives the layer.
    /// `serverName` is checked against the certificate and sent as SNI; client only, an address is possible.
    TlsLayer(std::shared_ptr<const TlsContext> context, TlsRole role, const std::string& serverName, std::string& out);
    ~TlsLayer();
    TlsLayer(const TlsLayer&) = delete;
    TlsLayer& operator=(const TlsLayer&) = delete;

    enum class Step {
        Done,      ///< handshake: complete; read: plain text is there
        WantMore,  ///< all input is used up
        Closed,    ///< the peer ended TLS properly (close_notify)
        Failed,    ///< failure() tells; an alert may be in `out`
    };
    /// What handshake() and read() take next. The view must live until they are done with it; rest() is what they left.
    void feed(std::string_view cipherText) { input_ = cipherText; }
    std::string_view rest() const { return input_; }

    Step handshake();
    bool isReady() const { return isReady_; }
    Step read(char* room, std::size_t size, std::size_t& got);
    /// Only when ready; takes all of it. False: failure() tells.
    bool write(std::string_view plainText);
    void sayGoodbye();  ///< close_notify

    const std::string& failure() const { return failure_; }
    std::string version() const;     ///< "TLSv1.3"
    std::string serverName() const;  ///< that the client asked for; empty if none
    std::string protocol() const;    ///< ALPN; empty if none
    /// SHA-256 of the certificate that the other end showed, lower-case hex; empty if it showed none.
    std::string peerFingerprint() const;
    /// Keying material for channel binding (RFC 9266); empty before the handshake is complete.
    std::string exporter(std::string_view label, std::size_t size) const;

private:
    struct Bio;
    Step stepOf(int outcome);

    friend class TlsContext;
    std::shared_ptr<const TlsContext> context_;
    std::shared_ptr<const TlsContext> chosen_;  ///< by the name that the client asked for
    ssl_st* ssl_ = nullptr;
    std::string& out_;
    std::string_view input_;
    bool isReady_ = false;
    std::string failure_;
};

/// A key (ECDSA P-256) and a self-signed certificate for pinned connections; good for ever, since only its fingerprint
/// counts. Errors: Internal.
struct TlsIdentity {
    std::string certificatePem;
    Secret keyPem;
    std::string fingerprint;  ///< SHA-256, lower-case hex
};
Result<TlsIdentity> makeTlsIdentity(const std::string& name);
/// The fingerprint of a certificate that has been kept. Errors: BadInput.
Result<std::string> fingerprintOf(const std::string& certificatePem);

}  // namespace causeway::net
