#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/model/certificate_facts.h"

namespace causeway::xmpp {

/// The certificates of the chat domains as the admin interface sees them. Any thread.
class CertificatesPort {
public:
    virtual ~CertificatesPort() = default;
    virtual std::vector<CertificateFacts> certificates() const = 0;
    virtual std::optional<CertificateFacts> certificate(const std::string& domain) const = 0;
    /// What would be said about these files, without using them; a form asks before it saves. Blocks on the disk.
    virtual CertificateFacts checkFiles(const std::string& domain, const std::string& certificateFile,
                                        const std::string& keyFile) const = 0;
};

/// Where self-signed certificates are kept with their keys. Called on the thread of the certificates only; may wait for
/// the disk.
class CertificateKeeper {
public:
    virtual ~CertificateKeeper() = default;
    virtual Result<std::optional<Secret>> load(const std::string& name) = 0;
    virtual Result<void> save(const std::string& name, const Secret& pem) = 0;
};

}  // namespace causeway::xmpp
