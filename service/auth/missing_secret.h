#pragma once

#include <functional>
#include <string>
#include <vector>

#include "service/auth/authenticator_port.h"
#include "shared/model/provider.h"

namespace causeway::auth {

/// Stands for a provider whose secrets are not here, as after an import: no server is asked, because some take a login
/// without a password for a good one. Every answer says which secret is needed and where it is typed.
class MissingSecretAuthenticator final : public Authenticator {
public:
    /// `keys`: of the secrets, at least one.
    MissingSecretAuthenticator(const Provider& provider, const std::vector<std::string>& keys,
                               std::function<TimePoint()> now);

    Verdict check(const Credentials& credentials, TimePoint deadline) override;
    Result<std::size_t> list(const Take& take, TimePoint deadline) override;
    ProofStep test(const Credentials* rehearsal, TimePoint deadline) override;

private:
    std::string name_;
    std::string why_;
    std::string todo_;
    std::function<TimePoint()> now_;
};

}  // namespace causeway::auth
