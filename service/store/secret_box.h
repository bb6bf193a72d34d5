#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/secret.h"

namespace causeway::store {

/// A secret as it lies in the store: AES-256-GCM, 96-bit random nonce, 128-bit tag behind the cipher text. The name of
/// the secret is associated data, so that two rows cannot be exchanged.
struct SealedSecret {
    std::string nonce;
    std::string sealed;
};

enum class SecretsStored { No, Yes };

/// Seals and opens secrets with the key of the file `secret.key`: 32 random bytes, mode 0600, made once.
class SecretBox {
public:
    /// Reads the key, or makes it if there is none and nothing is sealed yet.
    /// Errors: NotFound (the key is gone but sealed secrets exist), Denied (others may read it, or we may not), Corrupt
    /// (not 32 bytes), Unavailable (it cannot be written).
    static Result<SecretBox> open(const std::string& keyFilePath, SecretsStored stored);

    Result<SealedSecret> seal(std::string_view name, const Secret& value) const;
    /// Errors: Corrupt (another key, another name, or changed bytes).
    Result<Secret> unseal(std::string_view name, const SealedSecret& sealed) const;

private:
    SecretBox(Secret key, std::string path) : key_(std::move(key)), path_(std::move(path)) {}
    Secret key_;
    std::string path_;
};

}  // namespace causeway::store
