#include "service/auth/password_hash_io.h"

#include <argon2.h>
#include <crypt.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "service/net/reach.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kMemoryKib = 19 * 1024;
constexpr std::size_t kMostStored = 1024;
constexpr std::uint64_t kMostRounds = 10'000'000;
constexpr std::uint64_t kMostMemoryKib = 1U << 20;
constexpr std::uint64_t kMostPasses = 10;

Error corrupt(const char* what) {
    return Error{Code::Corrupt, std::string("The stored password hash cannot be read as ") + what + ".", "",
                 "Check the column and the scheme of the provider."};
}

Error tooCostly() {
    return Error{Code::TooMany, "The stored password hash asks for more work than one login may cost.", "",
                 "Store it with usual parameters."};
}

/// Base64 with or without padding; '.' stands for '+' in passlib's form, '-' and '_' as in URLs.
std::optional<std::string> parseLooseBase64(std::string text) {
    for (auto& c : text) {
        if (c == '.' || c == '-') c = '+';
        if (c == '_') c = '/';
    }
    while (!text.empty() && text.back() == '=')
        text.pop_back();
    while (text.size() % 4 != 0)
        text += '=';
    return parseBase64(text);
}

const EVP_MD* digestNamed(std::string_view name) {
    if (name == "sha1") return EVP_sha1();
    if (name == "sha256") return EVP_sha256();
    if (name == "sha512") return EVP_sha512();
    return nullptr;
}

Result<bool> cryptFits(const Secret& password, const std::string& stored) {
    if (password.reveal().find('\0') != std::string::npos) return false;
    const auto data = std::make_unique<crypt_data>();
    const char* made = crypt_rn(password.reveal().c_str(), stored.c_str(), data.get(), sizeof(crypt_data));
    if (!made) return corrupt("crypt");
    return equalInConstantTime(made, stored);
}

std::optional<std::uint64_t> argonNumber(std::string_view stored, std::string_view key) {
    const auto at = stored.find(key);
    if (at == std::string_view::npos) return std::nullopt;
    const auto from = at + key.size();
    return parseUnsigned(stored.substr(from, stored.find_first_not_of("0123456789", from) - from));
}

Result<bool> argonFits(const Secret& password, const std::string& stored) {
    const auto memory = argonNumber(stored, "m=");
    const auto passes = argonNumber(stored, "t=");
    if (!memory || !passes) return corrupt("Argon2");
    if (*memory > kMostMemoryKib || *passes > kMostPasses) return tooCostly();
    const auto type = stored.starts_with("$argon2id$")  ? Argon2_id
                      : stored.starts_with("$argon2i$") ? Argon2_i
                                                        : Argon2_d;
    const auto& text = password.reveal();
    const int outcome = argon2_verify(stored.c_str(), text.data(), text.size(), type);
    if (outcome == ARGON2_OK) return true;
    if (outcome == ARGON2_VERIFY_MISMATCH) return false;
    return corrupt("Argon2");
}

/// "$pbkdf2-sha256$29000$salt$hash" with raw salt in base64, or "pbkdf2_sha256$29000$salt$hash" with the salt as text.
Result<bool> pbkdf2Fits(const Secret& password, const std::string& stored) {
    const bool isPasslib = stored.starts_with('$');
    const auto parts = split(std::string_view(stored).substr(isPasslib ? 1 : 0), '$');
    if (parts.size() != 4) return corrupt("PBKDF2");
    const auto name =
        parts[0] == "pbkdf2" ? std::string_view("sha1") : parts[0].substr(std::min<std::size_t>(7, parts[0].size()));
    const auto* digest = digestNamed(name);
    const auto rounds = parseUnsigned(parts[1]);
    std::string salt(parts[2]);
    if (isPasslib) {
        auto raw = parseLooseBase64(salt);
        if (!raw) return corrupt("PBKDF2");
        salt = std::move(*raw);
    }
    const auto wanted = parseLooseBase64(std::string(parts[3]));
    if (!digest || !rounds || *rounds == 0 || !wanted || wanted->empty() || wanted->size() > 64)
        return corrupt("PBKDF2");
    if (*rounds > kMostRounds) return tooCostly();
    std::string made(wanted->size(), '\0');
    const auto& text = password.reveal();
    const int done = PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()),
                                       reinterpret_cast<const unsigned char*>(salt.data()),
                                       static_cast<int>(salt.size()), static_cast<int>(*rounds), digest,
                                       static_cast<int>(made.size()), reinterpret_cast<unsigned char*>(made.data()));
    if (done != 1) return corrupt("PBKDF2");
    return equalInConstantTime(made, *wanted);
}

Result<bool> saltedShaFits(const Secret& password, const std::string& stored) {
    const auto close = stored.find('}');
    const auto scheme = lowerAscii(std::string_view(stored).substr(0, close + 1));
    const auto* digest = scheme == "{ssha512}" ? EVP_sha512() : scheme == "{ssha256}" ? EVP_sha256() : nullptr;
    const auto raw = parseLooseBase64(stored.substr(close + 1));
    if (!digest || !raw) return corrupt("salted SHA-2");
    const auto size = static_cast<std::size_t>(EVP_MD_get_size(digest));
    if (raw->size() <= size) return corrupt("salted SHA-2");
    const Secret salted{password.reveal() + raw->substr(size)};
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned made = 0;
    if (EVP_Digest(salted.reveal().data(), salted.reveal().size(), out, &made, digest, nullptr) != 1) {
        return corrupt("salted SHA-2");
    }
    return equalInConstantTime({reinterpret_cast<const char*>(out), made}, std::string_view(*raw).substr(0, size));
}

}  // namespace

Result<std::string> Argon2Hasher::hash(const Secret& password) {
    const auto salt = net::randomBytes(16);
    std::array<char, 256> encoded{};
    const auto& text = password.reveal();
    const int outcome = argon2id_hash_encoded(kPasses, kMemoryKib, 1, text.data(), text.size(), salt.data(),
                                              salt.size(), 32, encoded.data(), encoded.size());
    if (outcome == ARGON2_OK) return std::string(encoded.data());
    return Error{Code::Internal, "The password could not be hashed.", argon2_error_message(outcome), ""};
}

bool Argon2Hasher::fits(const Secret& password, const std::string& encoded) {
    const auto& text = password.reveal();
    return argon2id_verify(encoded.c_str(), text.data(), text.size()) == ARGON2_OK;
}

std::optional<HashScheme> schemeOf(std::string_view stored) {
    for (const std::string_view start : {"$2a$", "$2b$", "$2y$", "$2x$", "$5$", "$6$", "$y$", "$7$", "$gy$"})
        if (stored.starts_with(start)) return HashScheme::Crypt;
    if (stored.starts_with("$argon2")) return HashScheme::Argon2;
    if (stored.starts_with("$pbkdf2") || stored.starts_with("pbkdf2_")) return HashScheme::Pbkdf2;
    const auto head = lowerAscii(stored.substr(0, 9));
    if (head == "{ssha256}" || head == "{ssha512}") return HashScheme::SaltedSha2;
    return std::nullopt;
}

const char* labelOf(HashScheme scheme) {
    switch (scheme) {
        case HashScheme::Crypt:
            return "crypt";
        case HashScheme::Argon2:
            return "Argon2";
        case HashScheme::Pbkdf2:
            return "PBKDF2";
        case HashScheme::SaltedSha2:
            return "salted SHA-2";
        case HashScheme::Plain:
            return "plain text";
    }
    return "";
}

Result<bool> passwordFits(HashScheme scheme, const Secret& password, const std::string& stored) {
    if (stored.size() > kMostStored) return corrupt(labelOf(scheme));
    if (scheme != HashScheme::Plain && schemeOf(stored) != scheme) {
        return Error{Code::Unsupported,
                     std::string("The stored password is not of the scheme ") + labelOf(scheme) + ".", "",
                     "Check the column and the scheme of the provider."};
    }
    switch (scheme) {
        case HashScheme::Crypt:
            return cryptFits(password, stored);
        case HashScheme::Argon2:
            return argonFits(password, stored);
        case HashScheme::Pbkdf2:
            return pbkdf2Fits(password, stored);
        case HashScheme::SaltedSha2:
            return saltedShaFits(password, stored);
        case HashScheme::Plain:
            return !stored.empty() && equalInConstantTime(password.reveal(), stored);
    }
    return false;
}

}  // namespace causeway::auth
