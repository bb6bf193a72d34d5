#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/secret.h"

namespace causeway::admin {

/// 32 random bytes as base64url without padding: 43 characters. For API tokens, sessions and the local token.
Secret newToken();
/// SHA-256 as lower-case hex; what is stored of a token.
std::string sha256Hex(std::string_view text);

/// Cost of a password check; the text form carries it, so it can be raised later.
constexpr unsigned kPasswordRounds = 600'000;

/// "pbkdf2-sha256$600000$salt$hash", salt of 16 bytes and hash of 32 bytes in base64. Takes about 0.3 s.
std::string hashPassword(const Secret& password, unsigned rounds = kPasswordRounds);
/// True if the password fits. A text that is no hash is false, after the time of a check with `roundsWithoutHash`: who
/// asks for an unknown name waits as long as for a known one.
bool checkPassword(const Secret& password, std::string_view hash, unsigned roundsWithoutHash = kPasswordRounds);
/// Empty if the password is good enough, else the sentence.
std::string passwordTrouble(const Secret& password);

}  // namespace causeway::admin
