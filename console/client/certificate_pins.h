#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "shared/base/guarded.h"
#include "shared/base/result.h"

namespace causeway::client {

/// What the user is shown before a certificate is trusted.
struct CertificateInfo {
    std::string service;      ///< "10.1.0.5:8425"
    std::string fingerprint;  ///< SHA-256, lower-case hex
    std::string subject;
    std::string issuer;
    std::string validFrom;      ///< "2026-11-22T00:00:00.000Z"
    std::string validTo;        ///< likewise
    std::string trustedBefore;  ///< fingerprint that was trusted for this service until now; empty = first time
    std::string shownFingerprint() const;  ///< "AB:CD:..."
};

/// True = trust it from now on. Called on the thread that makes the call. Not given = No.
using AskAboutCertificate = std::function<bool(const CertificateInfo&)>;

/// Certificates that the user trusted, one line a service: "HOST:PORT sha256:HEX". Any thread.
class CertificatePins {
public:
    /// Empty path: only in memory.
    explicit CertificatePins(std::filesystem::path file = {});
    /// Reads the file; a missing one is empty. Lines that are not understood are kept out.
    Result<void> load();
    std::optional<std::string> find(const std::string& service) const;
    /// Remembers and writes the file (by rename, readable by the user only).
    Result<void> remember(const std::string& service, const std::string& fingerprint);

private:
    std::filesystem::path file_;
    Guarded<std::map<std::string, std::string>> pins_;
};

/// The file of this user: $XDG_CONFIG_HOME/causeway/trusted-services, else ~/.config/causeway/trusted-services (on
/// Windows below %AppData%). Empty if the user has no such folder: pins then live in memory only.
std::filesystem::path defaultPinFile();

}  // namespace causeway::client
