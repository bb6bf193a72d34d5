#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "service/xmpp/certificate_pem_io.h"
#include "service/xmpp/certificates_port.h"
#include "shared/base/guarded.h"
#include "shared/base/time.h"

struct ssl_st;
struct ssl_ctx_st;

namespace causeway::xmpp::test {

/// A certificate with the names and the life that a test wants; ECDSA P-256.
struct CertificateOrder {
    std::string names = "DNS:chat.example.com";  ///< as OpenSSL writes subjectAltName; empty: none
    std::string commonName = "test";
    Duration from = -std::chrono::hours{24};  ///< from `now`
    Duration until = std::chrono::hours{24} * 365;
    TimePoint now{};
    const CertificateTexts* signer = nullptr;  ///< nullptr: itself
};
CertificateTexts makeCertificate(const CertificateOrder& order);
/// A key that belongs to nothing; with a password if one is given.
std::string makeKey(const std::string& password = {});

/// Gone with the object.
class Folder {
public:
    Folder();
    ~Folder();
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::string path(const std::string& name) const { return (path_ / name).string(); }
    /// Puts a new file in the place of the old one, as certbot and others do.
    void write(const std::string& name, const std::string& text) const;
    void write(const std::string& certificate, const std::string& key, const CertificateTexts& texts) const;

private:
    std::filesystem::path path_;
};

/// Secrets in memory.
class MemoryKeeper final : public CertificateKeeper {
public:
    struct State {
        std::map<std::string, std::string> kept;
        bool isBroken = false;
        bool isFull = false;  ///< cannot save
        int saves = 0;
    };
    Result<std::optional<Secret>> load(const std::string& name) override;
    Result<void> save(const std::string& name, const Secret& pem) override;
    Guarded<State> state;
};

/// A client that blocks; every wait ends after a minute, which only a failing test uses up.
class BlockingClient {
public:
    explicit BlockingClient(std::uint16_t port);
    ~BlockingClient();
    BlockingClient(const BlockingClient&) = delete;
    BlockingClient& operator=(const BlockingClient&) = delete;

    void send(const std::string& text);
    /// Up to and with the word; less if the server ends before.
    std::string readUntil(const std::string& word);
    std::string readToEnd() { return readUntil({}); }
    bool isEnded();  ///< waits for the server's end

    /// Empty if the handshake went well, else the reason.
    std::string secure(const std::string& serverName, const std::string& protocol = {});
    std::string certificateSha256() const;
    std::string protocol() const;

private:
    int socket_ = -1;
    ssl_ctx_st* context_ = nullptr;
    ssl_st* ssl_ = nullptr;
};

std::string streamTo(const std::string& domain);
extern const std::string kStartTls;

}  // namespace causeway::xmpp::test
