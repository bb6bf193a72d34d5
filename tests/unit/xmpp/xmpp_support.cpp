#include "tests/unit/xmpp/xmpp_support.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "shared/base/text.h"

namespace causeway::xmpp::test {

namespace {

template <class T, void (*Free)(T*)>
struct Freer {
    void operator()(T* it) const { Free(it); }
};
using Bio = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;

std::string textIn(const Bio& bio) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(bio.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

const std::string kStartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

std::string streamTo(const std::string& domain) {
    return "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" +
           domain + "'>";
}

CertificateTexts makeCertificate(const CertificateOrder& order) {
    const Key key{EVP_EC_gen("P-256")};
    const Certificate certificate{X509_new()};
    REQUIRE(key);
    REQUIRE(certificate);
    auto* x509 = certificate.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
    const auto at = [&](Duration span) { return static_cast<time_t>(epochMillis(order.now + span) / 1000); };
    ASN1_TIME_set(X509_getm_notBefore(x509), at(order.from));
    ASN1_TIME_set(X509_getm_notAfter(x509), at(order.until));
    auto* subject = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(order.commonName.c_str()), -1, -1, 0);
    X509_set_pubkey(x509, key.get());
    if (!order.names.empty()) {
        X509V3_CTX context;
        X509V3_set_ctx_nodb(&context);
        auto* extension = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, order.names.c_str());
        REQUIRE(extension);
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    }
    if (order.signer == nullptr) {
        X509_set_issuer_name(x509, subject);
        REQUIRE(X509_sign(x509, key.get(), EVP_sha256()) > 0);
    } else {
        const Bio chain{BIO_new_mem_buf(order.signer->chainPem.data(), -1)};
        const Bio keyText{BIO_new_mem_buf(order.signer->keyPem.reveal().data(), -1)};
        const Certificate issuer{PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)};
        const Key issuerKey{PEM_read_bio_PrivateKey(keyText.get(), nullptr, nullptr, nullptr)};
        X509_set_issuer_name(x509, X509_get_subject_name(issuer.get()));
        REQUIRE(X509_sign(x509, issuerKey.get(), EVP_sha256()) > 0);
    }
    const Bio chain{BIO_new(BIO_s_mem())};
    const Bio keyText{BIO_new(BIO_s_mem())};
    REQUIRE(PEM_write_bio_X509(chain.get(), x509) == 1);
    REQUIRE(PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return {textIn(chain), Secret{textIn(keyText)}};
}

std::string makeKey(const std::string& password) {
    const Key key{EVP_EC_gen("P-256")};
    const Bio out{BIO_new(BIO_s_mem())};
    REQUIRE(PEM_write_bio_PrivateKey(out.get(), key.get(), password.empty() ? nullptr : EVP_aes_256_cbc(),
                                     reinterpret_cast<const unsigned char*>(password.data()),
                                     static_cast<int>(password.size()), nullptr, nullptr) == 1);
    return textIn(out);
}

Folder::Folder() {
    auto path = (std::filesystem::temp_directory_path() / "causeway-xmpp-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
}

Folder::~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void Folder::write(const std::string& name, const std::string& text) const {
    {
        std::ofstream out{path_ / (name + ".new"), std::ios::binary};
        out << text;
        REQUIRE(out);
    }
    std::filesystem::rename(path_ / (name + ".new"), path_ / name);
}

void Folder::write(const std::string& certificate, const std::string& key, const CertificateTexts& texts) const {
    write(certificate, texts.chainPem);
    write(key, texts.keyPem.reveal());
}

Result<std::optional<Secret>> MemoryKeeper::load(const std::string& name) {
    return state.with([&](State& now) -> Result<std::optional<Secret>> {
        if (now.isBroken) return Error{Code::Unavailable, "The disk is broken."};
        const auto at = now.kept.find(name);
        if (at == now.kept.end()) return std::optional<Secret>{};
        return std::optional<Secret>{Secret{at->second}};
    });
}

Result<void> MemoryKeeper::save(const std::string& name, const Secret& pem) {
    return state.with([&](State& now) -> Result<void> {
        if (now.isBroken || now.isFull) return Error{Code::Unavailable, "The disk is full."};
        now.kept[name] = pem.reveal();
        ++now.saves;
        return {};
    });
}

BlockingClient::BlockingClient(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    REQUIRE(socket_ >= 0);
    const timeval patience{60, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port);
    where.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&where), sizeof where) == 0);
}

BlockingClient::~BlockingClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
    ::close(socket_);
}

void BlockingClient::send(const std::string& text) {
    if (ssl_ != nullptr) {
        CHECK(SSL_write(ssl_, text.data(), static_cast<int>(text.size())) == static_cast<int>(text.size()));
    } else {
        CHECK(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
    }
}

std::string BlockingClient::readUntil(const std::string& word) {
    std::string out;
    char room[4096];
    while (word.empty() || out.find(word) == std::string::npos) {
        const auto got = ssl_ != nullptr ? SSL_read(ssl_, room, sizeof room)
                                         : static_cast<int>(::recv(socket_, room, sizeof room, 0));
        if (got <= 0) break;
        out.append(room, static_cast<std::size_t>(got));
    }
    return out;
}

bool BlockingClient::isEnded() {
    char byte = 0;
    while (true) {
        const auto got = ::recv(socket_, &byte, 1, 0);
        if (got > 0) continue;
        return got == 0 || errno == ECONNRESET;
    }
}

std::string BlockingClient::secure(const std::string& serverName, const std::string& wanted) {
    context_ = SSL_CTX_new(TLS_client_method());
    ssl_ = SSL_new(context_);
    if (!serverName.empty()) SSL_set_tlsext_host_name(ssl_, serverName.c_str());
    if (!wanted.empty()) {
        const auto wire = std::string(1, static_cast<char>(wanted.size())) + wanted;
        SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(wire.data()),
                            static_cast<unsigned>(wire.size()));
    }
    SSL_set_fd(ssl_, socket_);
    ERR_clear_error();
    if (SSL_connect(ssl_) == 1) return {};
    const char* reason = ERR_reason_error_string(ERR_get_error());
    SSL_free(ssl_);
    ssl_ = nullptr;
    return reason == nullptr ? "the server ended" : reason;
}

std::string BlockingClient::certificateSha256() const {
    const Certificate own{SSL_get1_peer_certificate(ssl_)};
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    REQUIRE(X509_digest(own.get(), EVP_sha256(), digest, &size) == 1);
    return hexText({reinterpret_cast<const char*>(digest), size});
}

std::string BlockingClient::protocol() const {
    const unsigned char* name = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_, &name, &size);
    return name == nullptr ? std::string{} : std::string(reinterpret_cast<const char*>(name), size);
}

}  // namespace causeway::xmpp::test
