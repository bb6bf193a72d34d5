#pragma once

#include <memory>
#include <string>

#include "service/auth/authenticator_port.h"
#include "service/net/reach.h"
#include "shared/model/provider.h"

namespace causeway::auth {

/// Asks a web service: one request a login, on a connection of its own. What decides is a status code or a JSON field;
/// all else, redirects too, is "cannot ask". An answer has at most 64 kB, a list 8 MB.
/// Signature: X-Causeway-Timestamp has the seconds since 1970, X-Causeway-Signature has "sha256=" and the HMAC-SHA256
/// in hex of timestamp, method, path with query, and body, with a line feed between them.
class HttpAuthenticator final : public Authenticator {
public:
    /// The provider passed checkProvider().
    HttpAuthenticator(const Provider& provider, const ProviderSecrets& secrets);

    Verdict check(const Credentials& credentials, TimePoint deadline) override;
    Result<std::size_t> list(const Take& take, TimePoint deadline) override;
    ProofStep test(const Credentials* rehearsal, TimePoint deadline) override;

private:
    struct Asked;
    std::string requestFor(const WebAddress& address, const char* method, const std::string& contentType,
                           const std::string& basic, const std::string& body) const;
    Result<Asked> ask(const Credentials& credentials, TimePoint deadline) const;
    Verdict verdictOf(const Asked& asked) const;

    Provider provider_;
    ProviderSecrets secrets_;
    WebAddress address_;
    Result<std::shared_ptr<const net::TlsTrust>> trust_;
};

}  // namespace causeway::auth
