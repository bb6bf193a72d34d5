#pragma once

#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"
#include "shared/model/proof_run.h"
#include "shared/model/provider.h"

struct ssl_st;
struct ssl_ctx_st;

namespace causeway::net {

/// Addresses of a name, both families, each once; blocks in the system's resolver. Errors: NotFound, Unavailable.
Result<std::vector<Poco::Net::SocketAddress>> resolveServer(const std::string& host, std::uint16_t port);

/// A connected, non-blocking socket whose calls wait until a deadline. Errors in words: refused, silent, no route.
class PlainSocket {
public:
    /// Errors: Unavailable, Timeout.
    static Result<PlainSocket> connect(const Poco::Net::SocketAddress& address, TimePoint deadline);
    /// Resolves and tries each address; the error is that of the first.
    static Result<PlainSocket> connect(const std::string& host, std::uint16_t port, TimePoint deadline);

    Result<void> writeAll(std::string_view bytes, TimePoint deadline);
    /// At least one byte, at most `most`; empty at the end of the stream.
    Result<std::string> readSome(std::size_t most, TimePoint deadline);
    bool waitFor(int mode, TimePoint deadline);  ///< Poco::Net::Socket::SelectMode
    Poco::Net::StreamSocket& native() { return socket_; }
    std::string peer() const;
    /// The descriptor, which the caller closes from now on.
    int release();

private:
    explicit PlainSocket(Poco::Net::StreamSocket socket) : socket_(std::move(socket)) {}
    Poco::Net::StreamSocket socket_;
};

/// How TLS begins on a connection.
enum class TlsStart {
    Direct,
    LdapStartTls,
    PostgresRequest,
    MariadbRequest,  ///< also MySQL: the server greets, TLS begins behind the client's request
    XmppStartTls,    ///< the stream is opened to the host that is looked for
    XmppDirect,      ///< from the first byte, with the protocol name xmpp-client (XEP-0368)
};

/// What a server showed in its TLS handshake, judged one by one: one verdict, one cause.
struct TlsReport {
    bool isComplete = false;  ///< the handshake ended well, whatever the certificate is
    std::string trouble;      ///< why not
    TlsStart start = TlsStart::Direct;
    std::string version;   ///< "TLSv1.3"
    std::string protocol;  ///< by ALPN, "xmpp-client"; empty: none
    std::string subject;
    std::string issuer;
    std::vector<std::string> names;  ///< for which the certificate is
    TimePoint from{};
    TimePoint until{};
    std::string sha256;  ///< fingerprint, hex
    bool isSelfSigned = false;
    std::string topPem;  ///< the last certificate that the server sent: what could be trusted
    std::string topSubject;
    bool isTrusted = false;
    std::string distrust;  ///< why not, in words
    bool nameFits = false;

    bool isGood(TimePoint now) const { return isComplete && isTrusted && nameFits && now >= from && now < until; }
    /// The first trouble as a sentence with what to do; nothing if all is good.
    std::optional<Error> firstTrouble(const std::string& host, TimePoint now) const;
};
TlsReport probeTls(PlainSocket& socket, const std::string& host, const std::string& caPem, TlsStart start,
                   TimePoint deadline);
/// Connects and looks; for explaining a failure that a library tells badly. Nothing if the server is fine now.
std::optional<Error> explainServer(const ServerAddress& server, std::uint16_t standardPort, bool withTls,
                                   const std::string& caPem, TlsStart start, TimePoint deadline);

/// The steps "resolve", "connect" and "tls" for several servers; one good server is enough to go on.
struct ReachPlan {
    std::vector<ServerAddress> servers;
    std::uint16_t standardPort = 0;
    bool withTls = true;
    TlsStart start = TlsStart::Direct;
    std::string caPem;
    TimePoint deadline{};
    std::string whyNoTls = "Encryption is turned off.";  ///< for the step that is left out without withTls
};
void addReachSteps(ProofRun& run, const ReachPlan& plan);

/// Whom to trust, read once: the authorities of this machine are some 140 certificates.
class TlsTrust {
public:
    /// Errors: BadInput (no certificate in the text).
    static Result<std::shared_ptr<const TlsTrust>> make(const std::string& caPem);
    ~TlsTrust();
    TlsTrust(const TlsTrust&) = delete;
    TlsTrust& operator=(const TlsTrust&) = delete;
    ssl_ctx_st* native() const { return context_; }

private:
    TlsTrust() = default;
    ssl_ctx_st* context_ = nullptr;
};

/// One request and its answer on a connection of its own.
struct ExchangePlan {
    std::string host;
    std::uint16_t port = 443;
    std::shared_ptr<const TlsTrust> trust;  ///< null: without TLS
    std::string request;
    std::size_t mostBytes = 64U << 10;
    std::function<bool(const std::string& answer)> isComplete;  ///< else it ends when the server closes
};
/// Errors: NotFound, Unavailable, Timeout, Denied (the certificate), TooLong.
Result<std::string> askServer(const ExchangePlan& plan, TimePoint deadline);

/// Shuts the connection of a socket at a deadline, for as long as this object lives: no call of a library can hang on
/// it. Has a descriptor of its own, so the library may close its one meanwhile.
class WatchedSocket {
public:
    WatchedSocket(int socket, TimePoint deadline);
    ~WatchedSocket();
    WatchedSocket(const WatchedSocket&) = delete;
    WatchedSocket& operator=(const WatchedSocket&) = delete;

private:
    int socket_;
    std::uint64_t id_;
};

/// n unpredictable bytes.
std::string randomBytes(std::size_t count);
/// A PEM file that the libraries can read, gone with the object; mode 0600.
class PemFile {
public:
    static Result<std::unique_ptr<PemFile>> write(const std::string& pem);
    ~PemFile();
    PemFile(const PemFile&) = delete;
    PemFile& operator=(const PemFile&) = delete;
    const std::string& path() const { return path_; }

private:
    explicit PemFile(std::string path) : path_(std::move(path)) {}
    std::string path_;
};
/// Where this machine keeps the authorities that it trusts; empty if nowhere known.
std::string systemTrustFile();

}  // namespace causeway::net
