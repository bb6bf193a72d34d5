#pragma once

#include <cstdint>
#include <string>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"
#include "shared/model/certificate_facts.h"

namespace causeway::xmpp {

struct CertificateTexts {
    std::string chainPem;  ///< own certificate first
    Secret keyPem;
};

/// Facts of a certificate and its key, not judged yet; what cannot be read or does not fit stands in `trouble`.
CertificateFacts readCertificate(const std::string& domain, CertificateSource source, const CertificateTexts& texts);

/// Reads both files; no key file: the key stands in the certificate file. `texts` is filled where the certificate can
/// be used with its key. Blocks on the disk. At most 256 KiB a file.
CertificateFacts readCertificateFiles(const std::string& domain, const std::string& certificateFile,
                                      const std::string& keyFile, CertificateTexts& texts);

/// What changes when somebody writes a file, puts another in its place, or changes who may read it.
struct FileStamp {
    std::int64_t modifiedNanos = 0;
    std::int64_t changedNanos = 0;  ///< of the file's rights and names
    std::uint64_t inode = 0;
    std::uint64_t size = 0;
    bool isThere = false;

    bool operator==(const FileStamp&) const = default;
};
FileStamp stampOf(const std::string& file);

/// A self-signed certificate: ECDSA P-256, five years, from a day ago; names: the domain as DNS name, XmppAddr and
/// SRVName. `key`: used again if it is not empty, so that TLSA records stay right. Errors: Internal.
Result<CertificateTexts> makeSelfSigned(const std::string& domain, const std::string& shown, const Secret& key,
                                        TimePoint now);

}  // namespace causeway::xmpp
