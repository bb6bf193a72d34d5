#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/model/account.h"

namespace causeway::scram {

/// Fewer are refused: RFC 7677 4.
constexpr std::uint32_t kLeastIterations = 4096;

/// A password as both sides hash it: every kind of blank becomes a blank, composed form (NFC).
/// Errors: BadInput (empty, control characters, no UTF-8), TooLong (over 1,024 bytes). Source: RFC 8265 4.2.
Result<Secret> preparePassword(const Secret& password);

/// Keys of a prepared password. Takes 5 to 12 ms for 10,000 iterations: on a worker. Source: RFC 5802 3.
ScramKeys deriveKeys(ScramHash hash, const Secret& prepared, std::string_view salt, std::uint32_t iterations);
/// One of each hash; `salt` of 16 random bytes is used for all of them.
std::vector<ScramKeys> deriveAllKeys(const Secret& prepared, std::string_view salt, std::uint32_t iterations);
/// Constant time beyond the derivation.
bool passwordFits(const ScramKeys& keys, const Secret& prepared);

/// The same salt for the same unknown name, as if he had an account; `pepper` is a secret of this service.
std::string saltOfUnknown(const Secret& pepper, std::string_view address);

}  // namespace causeway::scram
