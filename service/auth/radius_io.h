#pragma once

#include <string>
#include <vector>

#include "service/auth/authenticator_port.h"
#include "shared/model/provider.h"
#include "shared/proto/radius/client_core.h"

namespace causeway::auth {

/// PAP over UDP. Message-Authenticator is sent first and required in every answer. No answer, a wrong secret and a
/// reject are three different verdicts. RADIUS cannot list users and cannot tell an unknown user from a wrong password.
class RadiusAuthenticator final : public Authenticator {
public:
    /// The provider passed checkProvider().
    RadiusAuthenticator(const Provider& provider, const ProviderSecrets& secrets);

    Verdict check(const Credentials& credentials, TimePoint deadline) override;
    Result<std::size_t> list(const Take& take, TimePoint deadline) override;
    ProofStep test(const Credentials* rehearsal, TimePoint deadline) override;

private:
    struct Asked;
    Asked ask(const std::vector<ServerAddress>& servers, const std::string& userName, const Credentials& credentials,
              TimePoint deadline) const;
    Verdict verdictOf(const Asked& asked) const;
    void testServer(ProofStep& step, const ServerAddress& server, TimePoint deadline) const;

    std::vector<ServerAddress> servers_;
    Secret secret_;
    std::string userName_;
    std::string nasIdentifier_;
    int tries_ = 2;
    Duration tryTime_{};
};

}  // namespace causeway::auth
