#include "service/net/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "shared/base/bytes.h"
#include "shared/base/ip.h"
#include "shared/base/text.h"

namespace causeway::net {

namespace {

using BioPointer = std::unique_ptr<BIO, decltype(&BIO_free)>;
using CertificatePointer = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

/// The newest reason in OpenSSL's queue, which is emptied.
std::string opensslReason() {
    std::string text;
    while (const auto code = ERR_get_error()) {
        const char* reason = ERR_reason_error_string(code);
        text = reason == nullptr ? "error " + std::to_string(code) : reason;
    }
    return text.empty() ? "no reason given" : text;
}

Error badCertificate(const std::string& why) {
    return {Code::BadInput, "The TLS certificate cannot be used.", why,
            "Give a certificate chain and its private key in PEM form, the own certificate first."};
}

BioPointer bioOf(const std::string& text) {
    return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free};
}

/// Every certificate of a PEM text; empty if there is none or one is broken.
std::vector<CertificatePointer> certificatesIn(const std::string& pem) {
    std::vector<CertificatePointer> found;
    const auto bio = bioOf(pem);
    while (bio) {
        CertificatePointer next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free};
        if (!next) break;
        found.push_back(std::move(next));
    }
    const auto last = ERR_peek_last_error();
    const bool isEnd = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!isEnd) found.clear();
    return found;
}

std::string wireForm(const std::vector<std::string>& protocols) {
    std::string wire;
    for (const auto& each : protocols) {
        INVARIANT(!each.empty() && each.size() < 256);
        wire += static_cast<char>(each.size());
        wire += each;
    }
    return wire;
}

ssl_ctx_st* makeContext(const SSL_METHOD* method) {
    SSL_CTX* context = SSL_CTX_new(method);
    INVARIANT(context != nullptr);
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_mode(context,
                     SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets need no memory of ours
    return context;
}

Result<void> useCertificate(SSL_CTX* context, const std::string& chainPem, const Secret& keyPem) {
    auto chain = certificatesIn(chainPem);
    if (chain.empty()) return badCertificate("The certificate text holds no complete certificate.");
    const auto keyBio = bioOf(keyPem.reveal());
    // A key with a password would make OpenSSL ask for it on the terminal; this answers that there is none.
    const auto noPassword = [](char*, int, int, void*) { return -1; };
    const KeyPointer key{keyBio ? PEM_read_bio_PrivateKey(keyBio.get(), nullptr, noPassword, nullptr) : nullptr,
                         &EVP_PKEY_free};
    if (!key) return badCertificate("The private key cannot be read, or it has a password: " + opensslReason() + ".");
    if (SSL_CTX_use_certificate(context, chain.front().get()) != 1) {
        return badCertificate("The certificate is refused: " + opensslReason() + ".");
    }
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
        return badCertificate("The private key does not belong to the certificate: " + opensslReason() + ".");
    }
    for (std::size_t i = 1; i < chain.size(); ++i) {
        if (SSL_CTX_add1_chain_cert(context, chain[i].get()) != 1) {
            return badCertificate("A certificate of the chain is refused: " + opensslReason() + ".");
        }
    }
    return {};
}

std::string fingerprintOf(X509* certificate) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (certificate == nullptr || X509_digest(certificate, EVP_sha256(), digest, &size) != 1) return {};
    return hexText({reinterpret_cast<const char*>(digest), size});
}

template <class Write>
std::string pemOf(Write write) {
    const BioPointer out{BIO_new(BIO_s_mem()), &BIO_free};
    if (!out || !write(out.get())) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::server(TlsServerSettings settings) {
    ERR_clear_error();
    const std::shared_ptr<TlsContext> made{new TlsContext};
    made->context_ = makeContext(TLS_server_method());
    if (auto used = useCertificate(made->context_, settings.certificateChainPem, settings.keyPem); !used)
        return used.error();
    made->wireProtocols_ = wireForm(settings.protocols);
    if (!made->wireProtocols_.empty()) {
        SSL_CTX_set_alpn_select_cb(made->context_, &TlsContext::selectProtocol, made.get());
    }
    made->choose_ = std::move(settings.choose);
    made->unknownName_ = settings.unknownName;
    if (made->choose_) {
        SSL_CTX_set_tlsext_servername_callback(made->context_, &TlsContext::chooseByName);
        SSL_CTX_set_tlsext_servername_arg(made->context_, made.get());
    }
    return std::shared_ptr<const TlsContext>{made};
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const TlsClientSettings& settings) {
    ERR_clear_error();
    const std::shared_ptr<TlsContext> made{new TlsContext};
    made->context_ = makeContext(TLS_client_method());
    SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER, nullptr);
    if (settings.trustedPem.empty()) {
        SSL_CTX_set_default_verify_paths(made->context_);
    } else {
        const auto trusted = certificatesIn(settings.trustedPem);
        if (trusted.empty()) return badCertificate("The text with trusted certificates holds no complete certificate.");
        for (const auto& each : trusted)
            X509_STORE_add_cert(SSL_CTX_get_cert_store(made->context_), each.get());
    }
    made->wireProtocols_ = wireForm(settings.protocols);
    if (!made->wireProtocols_.empty()) {
        SSL_CTX_set_alpn_protos(made->context_, bytesOf(made->wireProtocols_).data(),
                                static_cast<unsigned>(made->wireProtocols_.size()));
    }
    return std::shared_ptr<const TlsContext>{made};
}

Result<std::shared_ptr<const TlsContext>> TlsContext::pinned(TlsRole role, TlsPinnedSettings settings) {
    ERR_clear_error();
    const std::shared_ptr<TlsContext> made{new TlsContext};
    made->context_ = makeContext(role == TlsRole::Server ? TLS_server_method() : TLS_client_method());
    SSL_CTX_set_min_proto_version(made->context_, TLS1_3_VERSION);
    SSL_CTX_set_options(made->context_, SSL_OP_NO_TICKET);
    if (auto used = useCertificate(made->context_, settings.certificatePem, settings.keyPem); !used)
        return used.error();
    made->accepts_ = std::move(settings.accepts);
    SSL_CTX_set_verify(made->context_, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_cert_verify_callback(made->context_, &TlsContext::verifyPinned, made.get());
    return std::shared_ptr<const TlsContext>{made};
}

int TlsContext::verifyPinned(x509_store_ctx_st* store, void* self) {
    const auto fingerprint = fingerprintOf(X509_STORE_CTX_get0_cert(store));
    const auto& accepts = static_cast<const TlsContext*>(self)->accepts_;
    if (!fingerprint.empty() && accepts && accepts(fingerprint)) {
        X509_STORE_CTX_set_error(store, X509_V_OK);
        return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
    return 0;
}

TlsContext::~TlsContext() {
    SSL_CTX_free(context_);
}

int TlsContext::selectProtocol(ssl_st*, const unsigned char** out, unsigned char* outSize, const unsigned char* offered,
                               unsigned offeredSize, void* self) {
    const auto& ours = static_cast<const TlsContext*>(self)->wireProtocols_;
    unsigned char* chosen = nullptr;
    const int outcome = SSL_select_next_proto(&chosen, outSize, bytesOf(ours).data(),
                                              static_cast<unsigned>(ours.size()), offered, offeredSize);
    *out = chosen;
    // RFC 7301 3.2: nothing in common ends the handshake, so that nobody talks the wrong protocol.
    return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int TlsContext::chooseByName(ssl_st* ssl, int* alert, void* self) {
    const char* name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    const auto& own = *static_cast<const TlsContext*>(self);
    auto chosen = own.choose_(name == nullptr ? "" : name);
    if (!chosen && name != nullptr && own.unknownName_ == UnknownName::Refuse) {
        *alert = SSL_AD_UNRECOGNIZED_NAME;
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    }
    if (!chosen) return SSL_TLSEXT_ERR_OK;
    SSL_set_SSL_CTX(ssl, chosen->native());
    // OpenSSL keeps its own context alive, not ours, which its callbacks use.
    static_cast<TlsLayer*>(SSL_get_app_data(ssl))->chosen_ = std::move(chosen);
    return SSL_TLSEXT_ERR_OK;
}

/// The BIO through which OpenSSL reads from the received bytes and appends to the send buffer, without buffers of its
/// own.
struct TlsLayer::Bio {
    static TlsLayer& layerOf(BIO* bio) { return *static_cast<TlsLayer*>(BIO_get_data(bio)); }

    static int write(BIO* bio, const char* bytes, int size) {
        BIO_clear_retry_flags(bio);
        if (size > 0) layerOf(bio).out_.append(bytes, static_cast<std::size_t>(size));
        return size;
    }

    static int read(BIO* bio, char* room, int size) {
        BIO_clear_retry_flags(bio);
        auto& input = layerOf(bio).input_;
        if (input.empty()) {
            BIO_set_retry_read(bio);
            return -1;
        }
        const auto taken = std::min(input.size(), static_cast<std::size_t>(std::max(size, 0)));
        std::memcpy(room, input.data(), taken);
        input.remove_prefix(taken);
        return static_cast<int>(taken);
    }

    static long control(BIO*, int command, long, void*) {
        return command == BIO_CTRL_FLUSH ? 1 : 0;  // there is nothing to flush, and nothing else is known
    }

    static int create(BIO* bio) {
        BIO_set_init(bio, 1);
        return 1;
    }

    static const BIO_METHOD* method() {
        static const BIO_METHOD* const made = [] {
            BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "causeway connection");
            INVARIANT(method != nullptr);
            BIO_meth_set_write(method, &Bio::write);
            BIO_meth_set_read(method, &Bio::read);
            BIO_meth_set_ctrl(method, &Bio::control);
            BIO_meth_set_create(method, &Bio::create);
            return method;
        }();
        return made;
    }
};

TlsLayer::TlsLayer(std::shared_ptr<const TlsContext> context, TlsRole role, const std::string& serverName,
                   std::string& out)
    : context_(std::move(context)), ssl_(SSL_new(context_->native())), out_(out) {
    INVARIANT(ssl_ != nullptr);
    BIO* bio = BIO_new(Bio::method());
    INVARIANT(bio != nullptr);
    BIO_set_data(bio, this);
    SSL_set_bio(ssl_, bio, bio);  // ssl_ owns it now
    SSL_set_app_data(ssl_, this);
    if (role == TlsRole::Server) {
        SSL_set_accept_state(ssl_);
        return;
    }
    SSL_set_connect_state(ssl_);
    auto* wanted = SSL_get0_param(ssl_);
    if (Ip4::parse(serverName) || serverName.find(':') != std::string::npos) {
        X509_VERIFY_PARAM_set1_ip_asc(wanted, serverName.c_str());
    } else {
        X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        X509_VERIFY_PARAM_set1_host(wanted, serverName.data(), serverName.size());
        SSL_set_tlsext_host_name(ssl_, serverName.c_str());
    }
}

TlsLayer::~TlsLayer() {
    SSL_free(ssl_);
}

TlsLayer::Step TlsLayer::stepOf(int outcome) {
    switch (SSL_get_error(ssl_, outcome)) {
        case SSL_ERROR_NONE:
            return Step::Done;
        case SSL_ERROR_WANT_READ:
            return Step::WantMore;
        case SSL_ERROR_ZERO_RETURN:
            return Step::Closed;
        default:
            break;
    }
    const auto verdict = SSL_get_verify_result(ssl_);
    failure_ = opensslReason();
    if (verdict != X509_V_OK) failure_ += std::string(" (") + X509_verify_cert_error_string(verdict) + ")";
    return Step::Failed;
}

TlsLayer::Step TlsLayer::handshake() {
    ERR_clear_error();
    const auto step = stepOf(SSL_do_handshake(ssl_));
    isReady_ = step == Step::Done;
    return step;
}

TlsLayer::Step TlsLayer::read(char* room, std::size_t size, std::size_t& got) {
    ERR_clear_error();
    return stepOf(SSL_read_ex(ssl_, room, size, &got));
}

bool TlsLayer::write(std::string_view plainText) {
    INVARIANT(isReady_);
    while (!plainText.empty()) {
        ERR_clear_error();
        std::size_t taken = 0;
        if (SSL_write_ex(ssl_, plainText.data(), plainText.size(), &taken) != 1) {
            failure_ = opensslReason();
            return false;
        }
        plainText.remove_prefix(taken);
    }
    return true;
}

void TlsLayer::sayGoodbye() {
    if (!isReady_ || !failure_.empty()) return;
    ERR_clear_error();
    SSL_shutdown(ssl_);
}

std::string TlsLayer::version() const {
    return SSL_get_version(ssl_);
}

std::string TlsLayer::serverName() const {
    const char* name = SSL_get_servername(ssl_, TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
}

std::string TlsLayer::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return std::string(textOf({name, size}));
}

std::string TlsLayer::peerFingerprint() const {
    const CertificatePointer shown{SSL_get1_peer_certificate(ssl_), &X509_free};
    return fingerprintOf(shown.get());
}

std::string TlsLayer::exporter(std::string_view label, std::size_t size) const {
    std::string material(size, '\0');
    if (!isReady_ || SSL_export_keying_material(ssl_, reinterpret_cast<Byte*>(material.data()), size, label.data(),
                                                label.size(), nullptr, 0, 0) != 1) {
        return {};
    }
    return material;
}

Result<TlsIdentity> makeTlsIdentity(const std::string& name) {
    const KeyPointer key{EVP_EC_gen("P-256"), &EVP_PKEY_free};
    const CertificatePointer certificate{X509_new(), &X509_free};
    auto* x509 = certificate.get();
    bool isFine = key && x509 != nullptr && X509_set_version(x509, X509_VERSION_3) == 1;
    std::uint64_t serial = 0;
    isFine = isFine && RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1;
    isFine = isFine && ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial >> 1U) == 1;
    isFine = isFine && ASN1_TIME_set_string(X509_getm_notBefore(x509), "20200101000000Z") == 1;
    isFine = isFine && ASN1_TIME_set_string(X509_getm_notAfter(x509), "99991231235959Z") == 1;
    const auto shown = name.substr(0, 60);
    auto* subject = isFine ? X509_get_subject_name(x509) : nullptr;
    isFine = isFine && X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, bytesOf(shown).data(),
                                                  static_cast<int>(shown.size()), -1, 0) == 1;
    isFine = isFine && X509_set_issuer_name(x509, subject) == 1 && X509_set_pubkey(x509, key.get()) == 1 &&
             X509_sign(x509, key.get(), EVP_sha256()) > 0;
    TlsIdentity made;
    if (isFine) {
        made.keyPem = Secret{pemOf([&](BIO* out) {
            return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
        })};
        made.certificatePem = pemOf([&](BIO* out) { return PEM_write_bio_X509(out, x509) == 1; });
        made.fingerprint = fingerprintOf(x509);
    }
    if (made.keyPem.empty() || made.certificatePem.empty() || made.fingerprint.empty()) {
        return Error{Code::Internal, "The certificate of this service could not be made.",
                     "OpenSSL says: " + opensslReason() + ".", "Check the OpenSSL configuration of this computer."};
    }
    return made;
}

Result<std::string> fingerprintOf(const std::string& certificatePem) {
    const auto all = certificatesIn(certificatePem);
    if (all.empty()) return badCertificate("The certificate text holds no complete certificate.");
    return fingerprintOf(all.front().get());
}

}  // namespace causeway::net
