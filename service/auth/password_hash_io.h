#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/auth/authenticator_port.h"

namespace causeway::auth {

/// Argon2id for remembered passwords: 19 MiB, 2 passes, one lane.
class Argon2Hasher final : public PasswordHasher {
public:
    Result<std::string> hash(const Secret& password) override;
    bool fits(const Secret& password, const std::string& encoded) override;
};

enum class HashScheme {
    Crypt,       ///< $2a$ $2b$ $2y$ (bcrypt), $5$ (SHA-256), $6$ (SHA-512), $y$ (yescrypt)
    Argon2,      ///< $argon2i$ $argon2d$ $argon2id$
    Pbkdf2,      ///< $pbkdf2-sha256$ and relatives (passlib), pbkdf2_sha256$... (Django)
    SaltedSha2,  ///< {SSHA256} {SSHA512}: base64 of digest and salt
    Plain,
};

/// What a stored text is by how it begins; nothing if it is none of them. Never Plain.
std::optional<HashScheme> schemeOf(std::string_view stored);
const char* labelOf(HashScheme scheme);

/// Whether the password is the one of a stored text.
/// Bounds: stored texts up to 1,024 bytes; Argon2 up to 1 GiB and 10 passes, PBKDF2 up to 10,000,000 rounds: a database
/// must not be able to stop the service.
/// Errors: Unsupported (not of this scheme), Corrupt (cannot be read), TooMany (too costly).
Result<bool> passwordFits(HashScheme scheme, const Secret& password, const std::string& stored);

}  // namespace causeway::auth
