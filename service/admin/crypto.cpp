#include "service/admin/crypto.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::admin {

namespace {

constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::string_view kScheme = "pbkdf2-sha256";
/// More would let a damaged row of the store keep a thread busy for minutes.
constexpr std::uint64_t kMostRounds = 10'000'000;

std::string randomBytes(std::size_t count) {
    std::string bytes(count, '\0');
    INVARIANT(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) == 1);
    return bytes;
}

std::string derive(const Secret& password, std::string_view salt, unsigned rounds) {
    std::string out(kHashBytes, '\0');
    const auto& text = password.reveal();
    INVARIANT(PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()),
                                reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()),
                                static_cast<int>(rounds), EVP_sha256(), static_cast<int>(kHashBytes),
                                reinterpret_cast<unsigned char*>(out.data())) == 1);
    return out;
}

}  // namespace

Secret newToken() {
    auto text = base64Text(randomBytes(32));
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    text.erase(text.find_last_not_of('=') + 1);
    return Secret{std::move(text)};
}

std::string sha256Hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    INVARIANT(EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) == 1);
    return hexText({reinterpret_cast<const char*>(digest.data()), size});
}

std::string hashPassword(const Secret& password, unsigned rounds) {
    const auto salt = randomBytes(kSaltBytes);
    return std::string(kScheme) + "$" + std::to_string(rounds) + "$" + base64Text(salt) + "$" +
           base64Text(derive(password, salt, rounds));
}

bool checkPassword(const Secret& password, std::string_view hash, unsigned roundsWithoutHash) {
    const auto parts = split(hash, '$');
    std::string salt(kSaltBytes, 's');
    std::string wanted;
    auto rounds = roundsWithoutHash;
    if (parts.size() == 4 && parts[0] == kScheme) {
        const auto count = parseUnsigned(parts[1]).value_or(0);
        auto givenSalt = parseBase64(parts[2]).value_or("");
        auto givenHash = parseBase64(parts[3]).value_or("");
        if (count > 0 && count <= kMostRounds && !givenSalt.empty() && givenHash.size() == kHashBytes) {
            rounds = static_cast<unsigned>(count);
            salt = std::move(givenSalt);
            wanted = std::move(givenHash);
        }
    }
    // Derived in any case: a row without a valid hash takes as long as one with it.
    const auto got = derive(password, salt, rounds);
    return !wanted.empty() && equalInConstantTime(got, wanted);
}

std::string passwordTrouble(const Secret& password) {
    const auto& text = password.reveal();
    if (!isValidUtf8(text)) return "The password holds bytes that are no text.";
    const auto characters =
        std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
    if (characters < 10) return "The password is shorter than 10 characters.";
    if (text.size() > 1000) return "The password is longer than 1,000 bytes.";
    return {};
}

}  // namespace causeway::admin
