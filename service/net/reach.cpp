#include "service/net/reach.h"

#include <Poco/Net/DNS.h>
#include <Poco/Net/NetException.h>
#include <Poco/Path.h>
#include <Poco/TemporaryFile.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#if !defined(_WIN32)
#include <unistd.h>
#endif

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "service/net/event_loop.h"
#include "service/net/socket_twin.h"
#include "shared/base/text.h"

namespace causeway::net {

namespace {

using Poco::Net::Socket;
using Poco::Net::SocketAddress;
using Poco::Net::StreamSocket;

template <class T, void (*Free)(T*)>
struct Freer {
    void operator()(T* it) const { Free(it); }
};
using ContextPointer = std::unique_ptr<SSL_CTX, Freer<SSL_CTX, SSL_CTX_free>>;
using SslPointer = std::unique_ptr<SSL, Freer<SSL, SSL_free>>;
using CertificatePointer = std::unique_ptr<X509, Freer<X509, X509_free>>;
using BioPointer = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;

/// Shuts sockets whose deadline has passed, so that no call of the library can hang: its TLS handshake knows no time
/// limit of its own.
class SocketWatch {
public:
    static SocketWatch& instance() {
        static SocketWatch watch;
        return watch;
    }

    std::uint64_t add(int socket, TimePoint deadline) {
        const std::lock_guard hold{lock_};
        watched_.emplace(++last_, Watched{socket, deadline});
        if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
        if (deadline < nextLook_) changed_.notify_one();
        return last_;
    }
    void remove(std::uint64_t id) {
        const std::lock_guard hold{lock_};
        watched_.erase(id);
    }

private:
    struct Watched {
        int socket = -1;
        TimePoint deadline;
    };

    SocketWatch() = default;
    ~SocketWatch() {
        {
            const std::lock_guard hold{lock_};
            isEnding_ = true;
        }
        changed_.notify_one();
        if (thread_.joinable()) thread_.join();
    }

    void run() {
        std::unique_lock hold{lock_};
        while (!isEnding_) {
            const auto now = EventLoop::now();
            auto next = now + 1h;
            for (auto each = watched_.begin(); each != watched_.end();) {
                if (each->second.deadline <= now) {
                    shutSocket(each->second.socket);
                    each = watched_.erase(each);
                } else {
                    next = std::min(next, each->second.deadline);
                    ++each;
                }
            }
            nextLook_ = next;
            changed_.wait_for(hold, next - now);
        }
    }

    std::mutex lock_;
    std::condition_variable changed_;
    std::map<std::uint64_t, Watched> watched_;
    std::uint64_t last_ = 0;
    TimePoint nextLook_ = TimePoint::max();
    bool isEnding_ = false;
    std::thread thread_;
};

TimePoint clockNow() {
    return EventLoop::now();
}

Duration leftUntil(TimePoint deadline) {
    return std::max(Duration{0}, deadline - clockNow());
}

Poco::Timespan timespan(Duration span) {
    return Poco::Timespan(span.count() * 1000);
}

Error connectError(const std::string& where, int error) {
    switch (error) {
        case ECONNREFUSED:
            return Error{Code::Unavailable, "Nothing listens at " + where + ".",
                         "The computer answers, but refuses the connection.",
                         "Check that the server program runs there and that the port is right."};
        case EHOSTUNREACH:
        case ENETUNREACH:
            return Error{Code::Unavailable, "There is no way to " + where + ".",
                         "The network says that the computer cannot be reached.",
                         "Check the address, the routes and the firewalls on the way."};
        case ETIMEDOUT:
            return Error{Code::Timeout, where + " does not answer.",
                         "No answer came to the connection request: the computer is off, or a firewall drops it.",
                         "Check that the computer is on and that firewalls let this port pass."};
        default:
            return Error{Code::Unavailable, "The connection to " + where + " failed.",
                         std::string(std::generic_category().message(error)) + ".",
                         "Check the server and the network."};
    }
}

int socketError(StreamSocket& socket) {
    return socket.impl()->socketError();
}

std::string opensslTrouble() {
    const auto code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return {};
    const char* reason = ERR_reason_error_string(code);
    return reason ? reason : "unknown TLS error";
}

std::string nameText(const X509_NAME* name) {
    BioPointer out{BIO_new(BIO_s_mem())};
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &bytes);
    return cleanUtf8(std::string_view(bytes, static_cast<std::size_t>(size)));
}

TimePoint timeOf(const ASN1_TIME* when) {
    std::tm parts{};
    if (!when || ASN1_TIME_to_tm(when, &parts) != 1) return {};
    return fromUtc(parts);
}

std::string pemOf(X509* certificate) {
    BioPointer out{BIO_new(BIO_s_mem())};
    PEM_write_bio_X509(out.get(), certificate);
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::vector<std::string> namesOf(X509* certificate) {
    std::vector<std::string> names;
    auto* alternatives =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(alternatives) && names.size() < 50; ++i) {
        const auto* each = sk_GENERAL_NAME_value(alternatives, i);
        if (each->type == GEN_DNS) {
            names.push_back(cleanUtf8({reinterpret_cast<const char*>(ASN1_STRING_get0_data(each->d.dNSName)),
                                       static_cast<std::size_t>(ASN1_STRING_length(each->d.dNSName))}));
        } else if (each->type == GEN_IPADD) {
            const auto* bytes = ASN1_STRING_get0_data(each->d.iPAddress);
            const auto size = ASN1_STRING_length(each->d.iPAddress);
            if (size == 4 || size == 16) {
                names.push_back(Poco::Net::IPAddress(bytes, static_cast<poco_socklen_t>(size)).toString());
            }
        }
    }
    GENERAL_NAMES_free(alternatives);
    return names;
}

bool fitsName(X509* certificate, const std::string& host) {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host, address)) return X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
    return X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1;
}

Result<ContextPointer> clientContext(const std::string& caPem) {
    ContextPointer context{SSL_CTX_new(TLS_client_method())};
    if (!context) return Error{Code::Internal, "TLS cannot be started.", opensslTrouble(), ""};
    SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
    // Judged afterwards, so that every trouble can be told apart.
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
    if (caPem.empty()) {
        SSL_CTX_set_default_verify_paths(context.get());
        return context;
    }
    BioPointer in{BIO_new_mem_buf(caPem.data(), static_cast<int>(caPem.size()))};
    auto* store = SSL_CTX_get_cert_store(context.get());
    int count = 0;
    while (X509* each = PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr)) {
        const CertificatePointer owned{each};
        if (X509_STORE_add_cert(store, each) == 1) ++count;
    }
    ERR_clear_error();
    if (count == 0) {
        return Error{Code::BadInput, "The trusted certificate cannot be read.", "The text is no certificate in PEM.",
                     "Paste the certificate of the authority again."};
    }
    // The certificate of the server itself may be trusted too, not only that of an authority.
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
    return context;
}

/// Reads until one of the words has come. Errors: as readSome(), BadInput (neither came).
Result<std::string> readUntil(PlainSocket& socket, std::initializer_list<std::string_view> words, TimePoint deadline) {
    std::string answer;
    while (answer.size() < 16384) {
        for (const auto word : words)
            if (answer.find(word) != std::string::npos) return answer;
        auto more = socket.readSome(4096, deadline);
        if (!more) return more;
        if (more->empty()) break;
        answer += *more;
    }
    return Error{Code::BadInput, "The server does not speak XMPP with StartTLS.",
                 answer.empty() ? "It closed the connection without an answer."
                                : "It answered: " + cleanUtf8(cutUtf8(answer, 80)),
                 "Check the port: perhaps another program listens there, or it expects TLS from the first byte."};
}

/// The beginning of a stream up to where TLS may start (RFC 6120 5.4.2).
Result<void> beginXmpp(PlainSocket& socket, const std::string& host, TimePoint deadline) {
    const auto header =
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" +
        host + "'>";
    if (auto sent = socket.writeAll(header, deadline); !sent) return sent;
    auto features = readUntil(socket, {"</stream:features>", "</stream:stream>"}, deadline);
    if (!features) return features.error();
    if (features->find("<host-unknown") != std::string::npos) {
        return Error{Code::NotFound, "The server does not serve " + host + ".", "It answers host-unknown.",
                     "Add the chat domain on that server, or correct the address of the supernode."};
    }
    if (features->find("urn:ietf:params:xml:ns:xmpp-tls") == std::string::npos) {
        return Error{Code::Unsupported, "The server offers no StartTLS.", "It is not among its stream features.",
                     "Turn TLS on there."};
    }
    if (auto sent = socket.writeAll("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", deadline); !sent)
        return sent;
    auto answer = readUntil(socket, {"<proceed", "<failure"}, deadline);
    if (!answer) return answer.error();
    if (answer->find("<failure") == std::string::npos) return {};
    return Error{Code::Unavailable, "The server refuses StartTLS.",
                 "It has no certificate that it can use for " + host + ".",
                 "Look at the certificate of the chat domain."};
}

/// The first `count` bytes that arrive; more may be left in the socket.
Result<std::string> readExactly(PlainSocket& socket, std::size_t count, TimePoint deadline) {
    std::string bytes;
    while (bytes.size() < count) {
        auto more = socket.readSome(count - bytes.size(), deadline);
        if (!more) return more.error();
        if (more->empty()) return Error{Code::Unavailable, "The server closed the connection.", "", ""};
        bytes += *more;
    }
    return bytes;
}

/// The greeting of MariaDB and MySQL (protocol 10) and the request for TLS.
/// Source: https://mariadb.com/kb/en/connection/
Result<void> beginMariadb(PlainSocket& socket, TimePoint deadline) {
    constexpr std::size_t kMostGreeting = 1024;
    constexpr std::uint8_t kProtocol = 10;
    constexpr std::uint8_t kErrorPacket = 0xff;
    constexpr unsigned kTlsBit = 0x08;  // of the second byte: CLIENT_SSL, 0x800
    const Error strange{Code::Unavailable, "The server does not speak as MariaDB or MySQL do.", "", ""};
    const auto head = readExactly(socket, 4, deadline);
    if (!head) return head.error();
    const auto byteOf = [](const std::string& bytes, std::size_t at) { return static_cast<std::uint8_t>(bytes[at]); };
    const std::size_t size =
        byteOf(*head, 0) | std::size_t{byteOf(*head, 1)} << 8U | std::size_t{byteOf(*head, 2)} << 16U;
    if (size < 2 || size > kMostGreeting) return strange;
    const auto body = readExactly(socket, size, deadline);
    if (!body) return body.error();
    if (byteOf(*body, 0) == kErrorPacket && size > 3) {
        return Error{Code::Unavailable, "The server refuses connections from this machine.",
                     "It says: " + cleanUtf8(body->substr(3)) + ".", ""};
    }
    // Version, a NUL, 4 bytes thread, 8 bytes salt, a filler, then the lower 2 bytes of what the server can do.
    const auto version = body->find('\0');
    if (byteOf(*body, 0) != kProtocol || version == std::string::npos || version + 16 > size) return strange;
    if ((byteOf(*body, version + 15) & kTlsBit) == 0) {
        return Error{Code::Unsupported, "The server offers no TLS.", "", ""};
    }
    // Length 32, number 1; CLIENT_PROTOCOL_41, CLIENT_SSL and CLIENT_SECURE_CONNECTION, 16 MB, utf8mb4, 23 zeros.
    std::string request("\x20\x00\x00\x01\x00\x8a\x00\x00\x00\x00\x00\x01\x2d", 13);
    request.append(23, '\0');
    return socket.writeAll(request, deadline);
}

/// Makes the plain part of the protocol that comes before TLS.
Result<void> beginTls(PlainSocket& socket, TlsStart start, const std::string& host, TimePoint deadline) {
    if (start == TlsStart::Direct || start == TlsStart::XmppDirect) return {};
    if (start == TlsStart::XmppStartTls) return beginXmpp(socket, host, deadline);
    if (start == TlsStart::MariadbRequest) return beginMariadb(socket, deadline);
    if (start == TlsStart::PostgresRequest) {
        // SSLRequest: length 8, code 80877103; the answer is one letter.
        if (auto sent = socket.writeAll(std::string_view("\x00\x00\x00\x08\x04\xd2\x16\x2f", 8), deadline); !sent)
            return sent;
        const auto answer = socket.readSome(1, deadline);
        if (!answer) return answer.error();
        if (*answer == "S") return {};
        return Error{Code::Unsupported, "The server offers no TLS.", "It answered the request for TLS with a no.",
                     "Turn ssl on in postgresql.conf."};
    }
    // ExtendedRequest 1.3.6.1.4.1.1466.20037 as message 1 (RFC 4511 4.14).
    static constexpr std::string_view kRequest{
        "\x30\x1d\x02\x01\x01\x77\x18\x80\x16"
        "1.3.6.1.4.1.1466.20037",
        31};
    if (auto sent = socket.writeAll(kRequest, deadline); !sent) return sent;
    std::string answer;
    while (answer.size() < 9 || answer.size() < 2U + static_cast<std::uint8_t>(answer[1])) {
        auto more = socket.readSome(1024, deadline);
        if (!more) return more.error();
        if (more->empty()) {
            return Error{Code::Unavailable, "The server closed the connection when it was asked for StartTLS.",
                         "Ports such as 636 expect TLS from the first byte.", "Choose LDAPS, or the port 389."};
        }
        answer += *more;
        if (answer.size() > 1024 || answer[0] != '\x30' || (answer.size() > 1 && (answer[1] & 0x80) != 0)) break;
    }
    if (answer[0] == '\x15') {
        return Error{Code::Unavailable, "The port expects TLS from the first byte.",
                     "It answered the plain beginning with a TLS alarm.", "Choose LDAPS, or the port 389."};
    }
    // 30 len 02 01 01 78 len 0a 01 code
    const auto at = answer.find("\x0a\x01", 0, 2);
    if (answer.size() < 10 || answer[0] != '\x30' || answer[5] != '\x78' || at == std::string::npos ||
        at + 2 >= answer.size()) {
        return Error{Code::BadInput, "The server does not speak LDAP.", "Its answer to StartTLS cannot be understood.",
                     "Check the port: perhaps another program listens there."};
    }
    if (answer[at + 2] == '\0') return {};
    return Error{Code::Unsupported, "The server refuses StartTLS.",
                 "It answered with LDAP code " + std::to_string(static_cast<int>(answer[at + 2])) +
                     ": probably no certificate is set there.",
                 "Set a certificate on the server, or choose LDAPS."};
}

std::string handshakeTrouble(const std::string& reason) {
    if (reason.find("wrong version number") != std::string::npos ||
        reason.find("packet length too long") != std::string::npos) {
        return "The port does not speak TLS from the first byte.";
    }
    if (reason.find("unrecognized name") != std::string::npos)
        return "The server has no certificate for the name that was asked for.";
    if (reason.find("unexpected eof") != std::string::npos) {
        return "The server closed the connection when TLS began: the port probably does not speak TLS from the first "
               "byte.";
    }
    return "The TLS handshake failed: " + reason + ".";
}

/// Empty if it went well.
std::string shakeHands(SSL* ssl, PlainSocket& socket, TimePoint deadline) {
    while (true) {
        ERR_clear_error();
        errno = 0;
        const int outcome = SSL_connect(ssl);
        if (outcome == 1) return {};
        const int what = SSL_get_error(ssl, outcome);
        const bool wantsRead = what == SSL_ERROR_WANT_READ;
        if (!wantsRead && what != SSL_ERROR_WANT_WRITE) {
            const auto reason = opensslTrouble();
            return reason.empty() ? "The server closed the connection during the TLS handshake."
                                  : handshakeTrouble(reason);
        }
        if (!socket.waitFor(wantsRead ? Socket::SELECT_READ : Socket::SELECT_WRITE, deadline)) {
            return "The server takes connections but does not answer the TLS handshake in time.";
        }
    }
}

std::string distrustText(long outcome) {
    switch (outcome) {
        case X509_V_OK:
            return {};
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return "The server signed its certificate itself.";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
            return "The chain ends at an authority that this machine does not trust.";
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "The authority that signed the certificate is not trusted here, or the server does not send the "
                   "certificates in between.";
        default:
            return std::string(X509_verify_cert_error_string(outcome)) + ".";
    }
}

void readCertificates(TlsReport& report, SSL* ssl, const std::string& host) {
    report.version = SSL_get_version(ssl);
    const unsigned char* protocol = nullptr;
    unsigned protocolSize = 0;
    SSL_get0_alpn_selected(ssl, &protocol, &protocolSize);
    if (protocol != nullptr) report.protocol.assign(reinterpret_cast<const char*>(protocol), protocolSize);
    const CertificatePointer own{SSL_get1_peer_certificate(ssl)};
    if (!own) return;
    report.subject = nameText(X509_get_subject_name(own.get()));
    report.issuer = nameText(X509_get_issuer_name(own.get()));
    report.names = namesOf(own.get());
    report.isSelfSigned = X509_NAME_cmp(X509_get_subject_name(own.get()), X509_get_issuer_name(own.get())) == 0;
    report.from = timeOf(X509_get0_notBefore(own.get()));
    report.until = timeOf(X509_get0_notAfter(own.get()));
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(own.get(), EVP_sha256(), digest, &size) == 1) {
        report.sha256 = hexText({reinterpret_cast<const char*>(digest), size});
    }
    auto* chain = SSL_get_peer_cert_chain(ssl);
    auto* top = sk_X509_num(chain) > 0 ? sk_X509_value(chain, sk_X509_num(chain) - 1) : own.get();
    report.topPem = pemOf(top);
    report.topSubject = nameText(X509_get_subject_name(top));
    report.nameFits = fitsName(own.get(), host);
    const auto outcome = SSL_get_verify_result(ssl);
    // Whether it is out of date is told apart from whether it is trusted.
    const bool isOnlyDate = outcome == X509_V_ERR_CERT_HAS_EXPIRED || outcome == X509_V_ERR_CERT_NOT_YET_VALID;
    report.isTrusted = outcome == X509_V_OK || isOnlyDate;
    report.distrust = report.isTrusted ? "" : distrustText(outcome);
}

std::string dayText(TimePoint when) {
    return isoText(when).substr(0, 10);
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words)
        out += (out.empty() ? "" : ", ") + word;
    return out.empty() ? "none" : out;
}

Error tooLong(const ExchangePlan& plan) {
    return Error{Code::TooLong, "The answer of " + plan.host + " is too long.",
                 "It has more than " + std::to_string(plan.mostBytes / 1024) + " kB.",
                 "Check that the address is that of the right service."};
}

/// Reads and writes with a deadline; the certificate is judged before a byte of the request leaves.
Result<std::string> exchangeOverTls(PlainSocket& socket, const ExchangePlan& plan, TimePoint deadline) {
    const SslPointer ssl{SSL_new(plan.trust->native())};
    Poco::Net::IPAddress literal;
    if (!Poco::Net::IPAddress::tryParse(plan.host, literal)) SSL_set_tlsext_host_name(ssl.get(), plan.host.c_str());
    SSL_set_fd(ssl.get(), static_cast<int>(socket.native().impl()->sockfd()));
    TlsReport report;
    report.trouble = shakeHands(ssl.get(), socket, deadline);
    report.isComplete = report.trouble.empty();
    if (report.isComplete) readCertificates(report, ssl.get(), plan.host);
    if (auto trouble = report.firstTrouble(plan.host, clockNow())) return *trouble;

    std::string_view rest = plan.request;
    std::string answer;
    std::string room(16384, '\0');
    while (!rest.empty() || !plan.isComplete(answer)) {
        ERR_clear_error();
        const bool isWriting = !rest.empty();
        const int outcome = isWriting ? SSL_write(ssl.get(), rest.data(), static_cast<int>(rest.size()))
                                      : SSL_read(ssl.get(), room.data(), static_cast<int>(room.size()));
        if (outcome > 0) {
            if (isWriting) {
                rest.remove_prefix(static_cast<std::size_t>(outcome));
            } else {
                answer.append(room, 0, static_cast<std::size_t>(outcome));
                if (answer.size() > plan.mostBytes) return tooLong(plan);
            }
            // A server that sends without pause must not outrun the deadline.
            if (clockNow() < deadline) continue;
        }
        const int what = outcome > 0 ? SSL_ERROR_WANT_READ : SSL_get_error(ssl.get(), outcome);
        if (what == SSL_ERROR_ZERO_RETURN) break;
        if (what != SSL_ERROR_WANT_READ && what != SSL_ERROR_WANT_WRITE) {
            if (!isWriting && !answer.empty()) break;  // COMPAT: many servers end without close_notify
            return Error{Code::Unavailable, plan.host + " closed the connection.", opensslTrouble(),
                         "Check the server's log."};
        }
        if (!socket.waitFor(what == SSL_ERROR_WANT_READ ? Socket::SELECT_READ : Socket::SELECT_WRITE, deadline)) {
            return Error{Code::Timeout, plan.host + " does not answer in time.",
                         "It took the connection, but its answer did not come to an end.",
                         "Check whether the service is overloaded or hangs."};
        }
    }
    ERR_clear_error();
    return answer;
}

}  // namespace

Result<std::vector<SocketAddress>> resolveServer(const std::string& host, std::uint16_t port) {
    try {
        std::vector<SocketAddress> out;
        Poco::Net::IPAddress literal;
        if (Poco::Net::IPAddress::tryParse(host, literal)) {
            out.emplace_back(literal, port);
            return out;
        }
        std::set<std::string> seen;
        const auto entry = Poco::Net::DNS::hostByName(host);
        for (const auto& address : entry.addresses())
            if (seen.insert(address.toString()).second) out.emplace_back(address, port);
        if (!out.empty()) return out;
    } catch (const Poco::Net::HostNotFoundException&) {
    } catch (const Poco::Net::NoAddressFoundException&) {
    } catch (const Poco::Exception& error) {
        return Error{Code::Unavailable, "The address of " + host + " could not be looked up.",
                     "The name server did not answer (" + cleanUtf8(error.displayText()) + ").",
                     "Check the name servers of this machine."};
    }
    return Error{Code::NotFound, "There is no computer called " + host + ".", "The name server does not know the name.",
                 "Check the spelling, or write the name with its domain."};
}

Result<PlainSocket> PlainSocket::connect(const SocketAddress& address, TimePoint deadline) {
    const auto where = address.toString();
    try {
        StreamSocket socket;
        socket.connectNB(address);
        if (leftUntil(deadline) <= Duration{0} ||
            !socket.poll(timespan(leftUntil(deadline)), Socket::SELECT_WRITE | Socket::SELECT_ERROR)) {
            return connectError(where, ETIMEDOUT);
        }
        if (const int error = socketError(socket); error != 0) return connectError(where, error);
        socket.setBlocking(false);
        socket.setNoDelay(true);
        return PlainSocket{std::move(socket)};
    } catch (const Poco::Net::ConnectionRefusedException&) {
        return connectError(where, ECONNREFUSED);
    } catch (const Poco::Exception& error) {
        return Error{Code::Unavailable, "The connection to " + where + " failed.", cleanUtf8(error.displayText()) + ".",
                     "Check the server and the network."};
    }
}

Result<PlainSocket> PlainSocket::connect(const std::string& host, std::uint16_t port, TimePoint deadline) {
    const auto addresses = resolveServer(host, port);
    if (!addresses) return addresses.error();
    std::optional<Error> first;
    for (std::size_t i = 0; i < addresses->size(); ++i) {
        // A silent address must leave time for the others.
        const auto share = leftUntil(deadline) / static_cast<std::int64_t>(addresses->size() - i);
        auto socket = connect((*addresses)[i], clockNow() + share);
        if (socket) return socket;
        if (!first) first = socket.error();
    }
    return *first;
}

bool PlainSocket::waitFor(int mode, TimePoint deadline) {
    const auto left = leftUntil(deadline);
    return left > Duration{0} && socket_.poll(timespan(left), mode);
}

Result<void> PlainSocket::writeAll(std::string_view bytes, TimePoint deadline) {
    try {
        while (!bytes.empty()) {
            if (!waitFor(Socket::SELECT_WRITE, deadline)) {
                return Error{Code::Timeout, peer() + " takes no more data.", "It did not read in time.",
                             "Check the server."};
            }
            const int sent = socket_.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return {};
    } catch (const Poco::Exception&) {
        return Error{Code::Unavailable, peer() + " closed the connection.", "", "Check the server's log."};
    }
}

Result<std::string> PlainSocket::readSome(std::size_t most, TimePoint deadline) {
    try {
        std::string room(most, '\0');
        while (true) {
            if (!waitFor(Socket::SELECT_READ, deadline)) {
                return Error{Code::Timeout, peer() + " takes connections but does not answer.",
                             "No answer came within the time limit.",
                             "Check that the program on that port is the right one and is not overloaded."};
            }
            const int got = socket_.receiveBytes(room.data(), static_cast<int>(room.size()));
            if (got < 0) continue;
            room.resize(static_cast<std::size_t>(got));
            return room;
        }
    } catch (const Poco::Exception&) {
        return Error{Code::Unavailable, peer() + " closed the connection.", "", "Check the server's log."};
    }
}

std::string PlainSocket::peer() const {
    try {
        return socket_.peerAddress().toString();
    } catch (const Poco::Exception&) {
        return "The server";
    }
}

int PlainSocket::release() {
    return twinOfSocket(static_cast<int>(socket_.impl()->sockfd()));
}

/// What to look at where the handshake did not end.
static const char* remedyOf(TlsStart start) {
    switch (start) {
        case TlsStart::LdapStartTls:
            return "Check the encryption setting and the port: StartTLS belongs to 389, LDAPS to 636.";
        case TlsStart::Direct:
            return "Check the encryption setting and the port: this one must expect TLS from the first byte, as 636 of "
                   "LDAPS and 443 of HTTPS do.";
        case TlsStart::PostgresRequest:
            return "Check the encryption setting, and that the server has ssl = on.";
        case TlsStart::MariadbRequest:
            return "Check the encryption setting, and that the server has ssl_cert and ssl_key.";
        case TlsStart::XmppStartTls:
        case TlsStart::XmppDirect:
            return "Check that a supernode listens on this port: 5222 is for StartTLS, 5223 for TLS from the first "
                   "byte.";
    }
    return "Check the encryption setting and the port.";
}

std::optional<Error> TlsReport::firstTrouble(const std::string& host, TimePoint now) const {
    if (!isComplete) {
        return Error{Code::Unavailable, trouble, "", remedyOf(start)};
    }
    if (now >= until) {
        return Error{Code::Denied, "The server's certificate ended on " + dayText(until) + ".", "",
                     "Renew the certificate on the server."};
    }
    if (now < from) {
        return Error{Code::Denied, "The server's certificate is valid only from " + dayText(from) + ".", "",
                     "Check the clocks of both machines."};
    }
    if (!isTrusted && isSelfSigned) {
        return Error{Code::Denied, "The server's certificate is not trusted.", distrust,
                     "Give the server a certificate of an authority, or paste its own one as trusted certificate."};
    }
    if (!isTrusted) {
        return Error{Code::Denied, "The server's certificate is not trusted.", distrust,
                     "If " + topSubject + " is your own authority, paste its certificate as trusted certificate."};
    }
    if (!nameFits) {
        return Error{Code::Denied, "The server's certificate is not for " + host + ".",
                     "It is for: " + joined(names.empty() ? std::vector<std::string>{subject} : names) + ".",
                     "Write the server by a name that stands in the certificate, or renew the certificate."};
    }
    return std::nullopt;
}

TlsReport probeTls(PlainSocket& socket, const std::string& host, const std::string& caPem, TlsStart start,
                   TimePoint deadline) {
    TlsReport report;
    report.start = start;
    try {
        if (const auto begun = beginTls(socket, start, host, deadline); !begun) {
            report.trouble = begun.error().what + (begun.error().why.empty() ? "" : " " + begun.error().why);
            return report;
        }
        auto context = clientContext(caPem);
        if (!context) {
            report.trouble = context.error().what;
            return report;
        }
        const SslPointer ssl{SSL_new(context->get())};
        Poco::Net::IPAddress literal;
        if (!Poco::Net::IPAddress::tryParse(host, literal)) SSL_set_tlsext_host_name(ssl.get(), host.c_str());
        if (start == TlsStart::XmppDirect) {
            static constexpr unsigned char kProtocol[] = "\x0bxmpp-client";
            SSL_set_alpn_protos(ssl.get(), kProtocol, sizeof kProtocol - 1);
        }
        SSL_set_fd(ssl.get(), static_cast<int>(socket.native().impl()->sockfd()));
        report.trouble = shakeHands(ssl.get(), socket, deadline);
        if (!report.trouble.empty()) return report;
        report.isComplete = true;
        readCertificates(report, ssl.get(), host);
        SSL_shutdown(ssl.get());
    } catch (const Poco::Exception& error) {
        report.trouble = "The connection broke: " + cleanUtf8(error.displayText()) + ".";
    }
    ERR_clear_error();
    return report;
}

std::optional<Error> explainServer(const ServerAddress& server, std::uint16_t standardPort, bool withTls,
                                   const std::string& caPem, TlsStart start, TimePoint deadline) {
    auto socket = PlainSocket::connect(server.host, server.port == 0 ? standardPort : server.port, deadline);
    if (!socket) return socket.error();
    if (!withTls) return std::nullopt;
    return probeTls(*socket, server.host, caPem, start, deadline).firstTrouble(server.host, clockNow());
}

namespace {

/// One server on its way through the steps.
struct Walker {
    ServerAddress server;
    std::uint16_t port = 0;
    std::vector<SocketAddress> addresses;
    std::optional<PlainSocket> socket;
    bool isOut = false;
    std::string text() const { return server.text(port); }
};

ProofStep childFor(const Walker& walker, const ProofStep& step, TimePoint now) {
    ProofStep child;
    child.id = step.id;
    child.name = walker.text();
    child.state = ProofState::Fine;
    child.at = now;
    return child;
}

void failBy(ProofStep& step, const Error& error) {
    fail(step, error.what + (error.why.empty() ? "" : " " + error.why), error.todo);
}

/// With one server its own sentences stand in the step, with several each has a child.
void gather(ProofStep& step, std::vector<ProofStep> children) {
    if (children.size() == 1) {
        auto& only = children.front();
        step.state = only.state;
        step.why = only.why;
        step.todo = only.todo;
        step.facts = only.facts;
        step.facts.insert(step.facts.begin(), {"Server", only.name});
        return;
    }
    step.state = oneIsEnough(children);
    step.children = std::move(children);
    if (step.state == ProofState::Fine) return;
    for (const auto& child : step.children) {
        if (child.state != ProofState::Broken && child.state != ProofState::Partly) continue;
        step.why = child.name + ": " + child.why;
        step.todo = child.todo;
        return;
    }
}

void judgeTls(ProofStep& step, const TlsReport& report, const std::string& host, TimePoint now) {
    if (report.isComplete) {
        step.facts = {
            {"TLS", report.version},      {"Certificate", report.subject},      {"Names", joined(report.names)},
            {"Signed by", report.issuer}, {"Valid from", dayText(report.from)}, {"Valid until", dayText(report.until)},
            {"SHA-256", report.sha256}};
    }
    if (const auto trouble = report.firstTrouble(host, now)) {
        failBy(step, *trouble);
        if (report.isComplete && !report.isTrusted) step.facts.emplace_back("Certificate to trust", report.topPem);
        return;
    }
    const auto days = std::chrono::duration_cast<std::chrono::hours>(report.until - now).count() / 24;
    if (days < 14) {
        step.state = ProofState::Partly;
        step.why = "The certificate ends in " + std::to_string(days) + " days.";
        step.todo = "Renew the certificate on the server.";
    }
}

}  // namespace

void addReachSteps(ProofRun& run, const ReachPlan& plan) {
    std::vector<Walker> walkers;
    for (const auto& server : plan.servers) {
        Walker walker;
        walker.server = server;
        walker.port = server.port == 0 ? plan.standardPort : server.port;
        walkers.push_back(std::move(walker));
    }
    const auto forEach = [&](ProofStep& step, const std::function<void(Walker&, ProofStep&)>& work) {
        std::vector<ProofStep> children;
        for (auto& walker : walkers) {
            if (walker.isOut) continue;
            auto child = childFor(walker, step, run.now());
            work(walker, child);
            child.took = run.now() - child.at;
            walker.isOut = child.state == ProofState::Broken;
            children.push_back(std::move(child));
        }
        gather(step, std::move(children));
    };
    const auto share = [&] {
        const auto active =
            std::count_if(walkers.begin(), walkers.end(), [](const Walker& each) { return !each.isOut; });
        return clockNow() + std::min<Duration>(leftUntil(plan.deadline) / std::max<std::int64_t>(1, active), 5s);
    };
    run.step("resolve", "Find the server's address", [&](ProofStep& step) {
        step.proves = "The name server knows the server.";
        forEach(step, [&](Walker& walker, ProofStep& child) {
            auto addresses = resolveServer(walker.server.host, walker.port);
            if (!addresses) return failBy(child, addresses.error());
            walker.addresses = std::move(*addresses);
            std::vector<std::string> texts;
            for (const auto& address : walker.addresses)
                texts.push_back(address.host().toString());
            child.facts.emplace_back("Addresses", joined(texts));
        });
    });
    run.step("connect", "Connect", [&](ProofStep& step) {
        step.proves = "The server takes connections on this port.";
        forEach(step, [&](Walker& walker, ProofStep& child) {
            std::optional<Error> first;
            const auto until = share();
            for (const auto& address : walker.addresses) {
                auto socket = PlainSocket::connect(address, until);
                if (socket) {
                    child.facts.emplace_back("Connected to", address.toString());
                    walker.socket = std::move(*socket);
                    return;
                }
                if (!first) first = socket.error();
            }
            failBy(child, *first);
        });
    });
    if (!plan.withTls) {
        run.skip("tls", "Encrypt the connection", plan.whyNoTls);
        return;
    }
    run.step("tls", "Encrypt the connection", [&](ProofStep& step) {
        step.proves = "The server is the one that its certificate names, and nobody can read along.";
        forEach(step, [&](Walker& walker, ProofStep& child) {
            const auto report = probeTls(*walker.socket, walker.server.host, plan.caPem, plan.start, share());
            judgeTls(child, report, walker.server.host, run.now());
            walker.socket.reset();
        });
    });
}

std::string randomBytes(std::size_t count) {
    std::string out(count, '\0');
    INVARIANT(RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) == 1);
    return out;
}

WatchedSocket::WatchedSocket(int socket, TimePoint deadline)
    : socket_(twinOfSocket(socket)), id_(SocketWatch::instance().add(socket_, deadline)) {}

WatchedSocket::~WatchedSocket() {
    SocketWatch::instance().remove(id_);
    if (socket_ >= 0) closeSocket(socket_);
}

Result<std::shared_ptr<const TlsTrust>> TlsTrust::make(const std::string& caPem) {
    auto context = clientContext(caPem);
    if (!context) return context.error();
    std::shared_ptr<TlsTrust> trust{new TlsTrust};
    trust->context_ = context->release();
    return std::shared_ptr<const TlsTrust>(std::move(trust));
}

TlsTrust::~TlsTrust() {
    SSL_CTX_free(context_);
}

Result<std::string> askServer(const ExchangePlan& plan, TimePoint deadline) {
    auto socket = PlainSocket::connect(plan.host, plan.port, deadline);
    if (!socket) return socket.error();
    try {
        if (plan.trust) return exchangeOverTls(*socket, plan, deadline);
        if (auto sent = socket->writeAll(plan.request, deadline); !sent) return sent.error();
        std::string answer;
        while (!plan.isComplete(answer)) {
            if (answer.size() > plan.mostBytes) return tooLong(plan);
            auto more = socket->readSome(16384, deadline);
            if (!more) return more.error();
            if (more->empty()) break;
            answer += *more;
        }
        return answer;
    } catch (const Poco::Exception& error) {
        return Error{Code::Unavailable, "The connection to " + plan.host + " broke.",
                     cleanUtf8(error.displayText()) + ".", "Check the server and the network."};
    }
}

Result<std::unique_ptr<PemFile>> PemFile::write(const std::string& pem) {
#if defined(_WIN32)
    const std::string path = Poco::TemporaryFile::tempName(Poco::Path::temp());
    std::unique_ptr<PemFile> kept{new PemFile(path)};
    std::ofstream file{path, std::ios::binary};
    const bool isWritten = static_cast<bool>(file.write(pem.data(), static_cast<std::streamsize>(pem.size())).flush());
#else
    std::string path = Poco::Path::temp() + "causeway-ca-XXXXXX";
    const int file = ::mkstemp(path.data());
    if (file < 0) {
        return Error{Code::Unavailable, "The trusted certificate cannot be handed to the library.",
                     "A temporary file cannot be made: " + std::generic_category().message(errno) + ".",
                     "Check the folder for temporary files."};
    }
    std::unique_ptr<PemFile> kept{new PemFile(path)};
    std::string_view rest = pem;
    bool isWritten = true;
    while (!rest.empty() && isWritten) {
        const auto sent = ::write(file, rest.data(), rest.size());
        isWritten = sent > 0;
        if (isWritten) rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    ::close(file);
#endif
    if (isWritten) return kept;
    return Error{Code::Unavailable, "The trusted certificate cannot be handed to the library.",
                 "A temporary file cannot be written.", "Check the space on the disk."};
}

PemFile::~PemFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
}

std::string systemTrustFile() {
    for (const char* path :
         {"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem"}) {
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored)) return path;
    }
    return {};
}

}  // namespace causeway::net
