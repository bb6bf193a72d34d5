#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"

namespace causeway::link {

/// What one administrator hands to the other, as one line:
/// causeway-link://10.1.0.2:8426/FINGERPRINT/TOKEN/EXPIRES
/// Fingerprint: SHA-256 of the certificate, 64 hex digits. Token: 32 hex digits, good once. Expires: seconds since
/// 1970.
struct Invitation {
    std::string host;  ///< IPv4 address or name
    std::uint16_t port = 0;
    std::string fingerprint;
    Secret token;
    TimePoint expiresAt{};
};

std::string writeInvitation(const Invitation& invitation);
/// Blanks and line ends that mail programs put in are left out.
/// Errors: BadInput with a sentence for the administrator.
Result<Invitation> readInvitation(std::string_view text);

}  // namespace causeway::link
