#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::admin {

struct CertificateFiles {
    std::filesystem::path certificate;  ///< admin.crt, PEM
    std::filesystem::path key;          ///< admin.key, PEM, 0600
    std::string fingerprint;            ///< SHA-256 of the certificate, lower-case hex
    bool isNew = false;                 ///< made by this call
};

/// The certificate of the admin interface in the data folder; made if both files are missing: self-signed, ECDSA P-256,
/// 10 years, names localhost, 127.0.0.1, ::1 and `hostName`. An administrator may put his own files there.
/// Errors: Corrupt (one of the files is missing, damaged, or key and certificate do not belong together), Denied.
Result<CertificateFiles> prepareCertificate(const std::filesystem::path& dataFolder, const std::string& hostName,
                                            TimePoint now);

/// The local token in the data folder (admin.token, 0640); made if it is missing. Errors: Denied, Corrupt.
struct LocalToken {
    std::string token;
    bool isNew = false;
};
Result<LocalToken> prepareLocalToken(const std::filesystem::path& dataFolder);

}  // namespace causeway::admin
