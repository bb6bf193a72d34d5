#include "console/client/https_connection.h"

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "shared/base/text.h"

namespace causeway::client {

namespace {

using std::chrono::steady_clock;

/// How long one wait for bytes lasts before stop is looked at again.
constexpr auto kSlice = 100ms;

Poco::Timespan span(std::chrono::milliseconds time) {
    return Poco::Timespan{std::max<Poco::Int64>(1, time.count()) * 1000};
}

std::chrono::milliseconds left(Deadline deadline) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - steady_clock::now());
}

Poco::Net::Context::Ptr makeContext() {
    Poco::Net::initializeSSL();
#ifdef SIGPIPE
    // OpenSSL writes with write(2); a peer that closed must be an error here, not the end of the process.
    struct sigaction now {};
    if (sigaction(SIGPIPE, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN);
#endif
    Poco::Net::Context::Params params;
    // The certificate is compared with a pin after the handshake; chains mean nothing for self-signed ones.
    params.verificationMode = Poco::Net::Context::VERIFY_NONE;
    params.loadDefaultCAs = false;
    params.cipherList = "HIGH:!aNULL:!MD5:!DSS";
    Poco::Net::Context::Ptr context{new Poco::Net::Context(Poco::Net::Context::TLS_CLIENT_USE, params)};
    context->requireMinimumProtocol(Poco::Net::Context::PROTO_TLSV1_2);
    context->enableExtendedCertificateVerification(false);
    return context;
}

/// One for the process: making one takes longer than a handshake.
const Poco::Net::Context::Ptr& sharedContext() {
    static const Poco::Net::Context::Ptr context = makeContext();
    return context;
}

std::string isoOf(const Poco::DateTime& when) {
    return Poco::DateTimeFormatter::format(when, "%Y-%m-%dT%H:%M:%S.000Z");
}

Error unreachable(const ServiceAddress& address, const std::string& why) {
    return Error{Code::Unavailable, "The service at " + address.text() + " cannot be reached.", why,
                 "Check that causewayd runs there and that its admin.listen setting has this address and port."};
}

Error tooSlow(const ServiceAddress& address) {
    return Error{Code::Timeout, "The service at " + address.text() + " did not answer in time.",
                 "The connection was made, but no answer came.",
                 "Try again; if it stays like this, look at the log of the service."};
}

CertificateInfo describe(const ServiceAddress& address, const X509* x509) {
    CertificateInfo info;
    info.service = address.text();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(x509, EVP_sha256(), digest, &size) == 1)
        info.fingerprint = hexText({reinterpret_cast<const char*>(digest), size});
    const Poco::Crypto::X509Certificate certificate{const_cast<X509*>(x509), true};
    info.subject = cleanUtf8(certificate.subjectName());
    info.issuer = cleanUtf8(certificate.issuerName());
    info.validFrom = isoOf(certificate.validFrom());
    info.validTo = isoOf(certificate.expiresOn());
    return info;
}

Result<void> checkCertificate(const ServiceAddress& address, const ClientOptions& options, const X509* x509) {
    auto info = describe(address, x509);
    if (info.fingerprint.empty()) return unreachable(address, "It shows no certificate.");
    if (!address.fingerprint.empty()) {
        if (info.fingerprint == address.fingerprint) return {};
        return Error{Code::Unavailable, "Another program answers at " + address.text() + ".",
                     "Its certificate is not the one in the data folder of the service.",
                     "Restart the service; if this stays, find out which program uses the port."};
    }
    const auto known = options.pins ? options.pins->find(info.service) : std::nullopt;
    if (known == info.fingerprint) return {};
    if (known) info.trustedBefore = *known;
    const bool isTrusted = options.ask && options.ask(info);
    if (!isTrusted) {
        return Error{Code::Unavailable, "The certificate of " + info.service + " is not trusted.",
                     (known ? "It is not the one that was trusted before. Now it is SHA-256 " : "Its SHA-256 is ") +
                         info.shownFingerprint() + ".",
                     "Compare it with the fingerprint in the log of the service, then accept it."};
    }
    // A pin that cannot be written only means that the user is asked again.
    if (options.pins) static_cast<void>(options.pins->remember(info.service, info.fingerprint));
    return {};
}

}  // namespace

namespace {

/// An address as text is taken as it is: POCO's resolve() would ask for the name behind it, which can take long.
Poco::Net::HostEntry::AddressList addressesOf(const std::string& host) {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host, address)) return {address};
    return Poco::Net::DNS::hostByName(host).addresses();
}

}  // namespace

struct HttpsConnection::Impl {
    ServiceAddress address;
    Poco::Net::SecureStreamSocket socket{sharedContext()};
    std::array<char, 65536> buffer{};
};

HttpsConnection::HttpsConnection(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpsConnection::~HttpsConnection() {
    try {
        impl_->socket.close();
    } catch (const Poco::Exception&) {
        // The peer is gone; there is nothing left to close.
    }
}

Result<std::unique_ptr<HttpsConnection>> HttpsConnection::open(const ServiceAddress& address,
                                                               const ClientOptions& options, Deadline deadline,
                                                               const std::atomic<bool>& stop) {
    auto impl = std::make_unique<Impl>();
    impl->address = address;
    std::string why = "Its name has no address.";
    try {
        for (const auto& ip : addressesOf(address.host)) {
            if (stop || left(deadline) <= 0ms) break;
            try {
                impl->socket = Poco::Net::SecureStreamSocket{sharedContext()};
                // POCO waits twice as long as it is told in the handshake.
                impl->socket.connect(Poco::Net::SocketAddress{ip, address.port}, span(left(deadline) / 2));
                impl->socket.setReceiveTimeout(span(kSlice));
                impl->socket.setSendTimeout(span(std::max(left(deadline), 1ms)));
                impl->socket.setNoDelay(true);
                const auto certificate = impl->socket.peerCertificate();
                if (auto checked = checkCertificate(address, options, certificate.certificate()); !checked)
                    return checked.error();
                return std::unique_ptr<HttpsConnection>{new HttpsConnection{std::move(impl)}};
            } catch (const Poco::TimeoutException&) {
                why = "No answer came while connecting.";
            } catch (const Poco::Net::SSLException& trouble) {
                why = "No TLS connection: " + cleanUtf8(trouble.displayText()) + ".";
            } catch (const Poco::Exception& trouble) {
                why = cleanUtf8(trouble.displayText()) + ".";
            }
        }
    } catch (const Poco::Exception& trouble) {
        why = cleanUtf8(trouble.displayText()) + ".";
    }
    if (left(deadline) <= 0ms) return tooSlow(address);
    return unreachable(address, why);
}

Result<void> HttpsConnection::send(const Request& request, const ServiceAddress& address,
                                   const ClientOptions& options) {
    std::string head = request.method + " " + request.path + " HTTP/1.1\r\nHost: " + address.text() +
                       "\r\nUser-Agent: " + options.userAgent + "\r\nAccept: " + request.accept +
                       "\r\nConnection: close\r\n";
    const auto add = [&head](const char* name, const std::string& value) {
        if (!value.empty()) head += std::string(name) + ": " + value + "\r\n";
    };
    if (!request.token.empty()) add("Authorization", "Bearer " + request.token.reveal());
    add("If-Match", request.ifMatch);
    add("Last-Event-ID", request.lastEventId);
    add("Content-Type", request.contentType);
    if (!request.body.empty() || (request.method != "GET" && request.method != "DELETE"))
        add("Content-Length", std::to_string(request.body.size()));
    head += "\r\n";
    head += request.body;
    try {
        std::string_view rest = head;
        while (!rest.empty()) {
            const int sent = impl_->socket.sendBytes(
                rest.data(), static_cast<int>(std::min<std::size_t>(rest.size(), std::size_t{1} << 20U)));
            if (sent <= 0) return unreachable(address, "The connection was closed while sending.");
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
    } catch (const Poco::TimeoutException&) {
        return tooSlow(address);
    } catch (const Poco::Exception& trouble) {
        // A service that refuses a request early answers and closes; its answer is still there to be read.
        if (request.body.size() < 16384) return unreachable(address, cleanUtf8(trouble.displayText()) + ".");
    }
    return {};
}

Result<bool> HttpsConnection::receive(HttpResponseParser& into, Deadline deadline, const std::atomic<bool>& stop) {
    auto& socket = impl_->socket;
    while (!stop) {
        try {
            const auto rest = left(deadline);
            if (rest <= 0ms) return false;
            if (socket.available() == 0 &&
                !socket.poll(span(std::min<std::chrono::milliseconds>(rest, kSlice)), Poco::Net::Socket::SELECT_READ))
                continue;
            const int got = socket.receiveBytes(impl_->buffer.data(), static_cast<int>(impl_->buffer.size()));
            if (got <= 0) {
                into.endOfStream();
            } else {
                into.feed({impl_->buffer.data(), static_cast<std::size_t>(got)});
            }
            return true;
        } catch (const Poco::TimeoutException&) {
            // Bytes came, but no whole TLS record yet.
        } catch (const Poco::Net::SSLConnectionUnexpectedlyClosedException&) {
            into.endOfStream();
            return true;
        } catch (const Poco::Exception& trouble) {
            return unreachable(impl_->address, "The connection broke: " + cleanUtf8(trouble.displayText()) + ".");
        }
    }
    return false;
}

}  // namespace causeway::client
