#include "shared/proto/scram/keys.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>

#include "shared/base/text.h"

namespace causeway::scram {

namespace {

constexpr std::size_t kMostPasswordBytes = 1024;

const EVP_MD* digestOf(ScramHash hash) {
    switch (hash) {
        case ScramHash::Sha1:
            return EVP_sha1();
        case ScramHash::Sha256:
            return EVP_sha256();
        case ScramHash::Sha512:
            return EVP_sha512();
    }
    return EVP_sha256();
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    const auto* done = HMAC(digest, key.data(), static_cast<int>(key.size()),
                            reinterpret_cast<const unsigned char*>(text.data()), text.size(), out, &size);
    INVARIANT(done != nullptr);
    return {reinterpret_cast<const char*>(out), size};
}

std::string hashed(const EVP_MD* digest, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    INVARIANT(EVP_Digest(text.data(), text.size(), out, &size, digest, nullptr) == 1);
    return {reinterpret_cast<const char*>(out), size};
}

}  // namespace

Result<Secret> preparePassword(const Secret& password) {
    const auto& text = password.reveal();
    if (text.empty()) return Error{Code::BadInput, "The password is empty.", "", "Type a password."};
    if (text.size() > kMostPasswordBytes) {
        return Error{Code::TooLong, "The password is longer than 1,024 bytes.", "", "Take a shorter one."};
    }
    if (!isValidUtf8(text)) return Error{Code::BadInput, "The password is not in UTF-8.", "", "Type it again."};
    auto letters = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    icu::UnicodeString mapped;
    for (std::int32_t at = 0; at < letters.length(); at = letters.moveIndex32(at, 1)) {
        const UChar32 c = letters.char32At(at);
        if (u_charType(c) == U_CONTROL_CHAR) {
            return Error{Code::BadInput, "The password has a control character in it.", "", "Type it again."};
        }
        mapped.append(u_charType(c) == U_SPACE_SEPARATOR ? UChar32{' '} : c);
    }
    UErrorCode status = U_ZERO_ERROR;
    const auto* composer = icu::Normalizer2::getNFCInstance(status);
    if (U_FAILURE(status)) return Error{Code::Internal, "The password could not be prepared.", u_errorName(status), ""};
    const auto composed = composer->normalize(mapped, status);
    if (U_FAILURE(status)) return Error{Code::Internal, "The password could not be prepared.", u_errorName(status), ""};
    std::string out;
    composed.toUTF8String(out);
    return Secret{std::move(out)};
}

ScramKeys deriveKeys(ScramHash hash, const Secret& prepared, std::string_view salt, std::uint32_t iterations) {
    const auto* digest = digestOf(hash);
    const auto size = static_cast<std::size_t>(EVP_MD_get_size(digest));
    std::string salted(size, '\0');
    const auto& password = prepared.reveal();
    const int done = PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                                       reinterpret_cast<const unsigned char*>(salt.data()),
                                       static_cast<int>(salt.size()), static_cast<int>(iterations), digest,
                                       static_cast<int>(size), reinterpret_cast<unsigned char*>(salted.data()));
    INVARIANT(done == 1);
    const Secret wiped{std::move(salted)};
    return {hash, iterations, std::string(salt), hashed(digest, hmac(digest, wiped.reveal(), "Client Key")),
            hmac(digest, wiped.reveal(), "Server Key")};
}

std::vector<ScramKeys> deriveAllKeys(const Secret& prepared, std::string_view salt, std::uint32_t iterations) {
    std::vector<ScramKeys> keys;
    for (const auto hash : kScramHashes)
        keys.push_back(deriveKeys(hash, prepared, salt, std::max(iterations, kLeastIterations)));
    return keys;
}

bool passwordFits(const ScramKeys& keys, const Secret& prepared) {
    const auto again = deriveKeys(keys.hash, prepared, keys.salt, std::max<std::uint32_t>(keys.iterations, 1));
    return equalInConstantTime(again.storedKey, keys.storedKey);
}

std::string saltOfUnknown(const Secret& pepper, std::string_view address) {
    return hmac(EVP_sha256(), pepper.reveal(), address).substr(0, 16);
}

}  // namespace causeway::scram
