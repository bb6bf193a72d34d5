#pragma once

#include <functional>
#include <optional>
#include <string>

#include "shared/base/result.h"
#include "shared/model/account.h"

namespace causeway::auth {

/// Where built-in accounts are kept. Any thread; may read from disk.
class AccountPort {
public:
    virtual ~AccountPort() = default;
    /// Nothing if there is no such account. Errors: Unavailable, Corrupt.
    virtual Result<std::optional<Account>> findAccount(const std::string& domain, const std::string& localPart) = 0;
    /// In the order of names, until `take` returns false.
    virtual Result<std::size_t> listAccounts(const std::function<bool(const Account&)>& take) = 0;
};

}  // namespace causeway::auth
