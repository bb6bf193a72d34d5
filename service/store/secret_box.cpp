#include "service/store/secret_box.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "service/store/private_file.h"
#include "shared/base/bytes.h"

namespace causeway::store {

namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Byte* bytesIn(std::string& text) {
    return reinterpret_cast<Byte*>(text.data());
}

std::optional<std::string> randomBytes(std::size_t count) {
    std::string bytes(count, '\0');
    if (RAND_bytes(bytesIn(bytes), static_cast<int>(count)) != 1) return std::nullopt;
    return bytes;
}

/// What is authenticated with the cipher text: the purpose and the name.
std::string associatedData(std::string_view name) {
    return "causeway secret 1:" + std::string(name);
}

Error cryptoFailed() {
    return {Code::Internal, "A secret could not be sealed.", "The cryptographic library of this computer failed.",
            "Look at the OpenSSL set-up of this computer, then start the service again."};
}

}  // namespace

Result<SecretBox> SecretBox::open(const std::string& keyFilePath, SecretsStored stored) {
    const auto what = "The key file " + keyFilePath + " cannot be used.";
    std::error_code error;
    if (!std::filesystem::exists(keyFilePath, error)) {
        if (error) {
            return Error{Code::Denied, what, "The system says: " + error.message() + ".",
                         "Give the user of the service access to the data folder."};
        }
        if (stored == SecretsStored::Yes) {
            return Error{Code::NotFound, "The key file " + keyFilePath + " is missing.",
                         "The store holds secrets that only this key opens.",
                         "Put the file back from the backup of the data folder. If it is lost for good, start with a "
                         "new data folder and import the exported configuration."};
        }
        auto made = randomBytes(kKeyBytes);
        if (!made) return cryptoFailed();
        Secret key{std::move(*made)};
        if (auto written = writeNewPrivateFile(keyFilePath, key.reveal()); !written) return written.error();
        return SecretBox{std::move(key), keyFilePath};
    }
    if (othersMayUse(keyFilePath)) {
        return Error{Code::Denied, what, "Other users of this computer may read or change it.",
                     "Run: chmod 600 " + keyFilePath +
                         ". If others may have read it, replace the passwords and keys "
                         "that the service holds."};
    }
    std::ifstream in{keyFilePath, std::ios::binary};
    if (!in) {
        return Error{Code::Denied, what, "It cannot be read.", "Give it to the user of the service, with mode 600."};
    }
    Secret key{std::string{std::istreambuf_iterator<char>{in}, {}}};
    if (key.reveal().size() != kKeyBytes) {
        return Error{
            Code::Corrupt, what,
            "It holds " + std::to_string(key.reveal().size()) + " bytes instead of " + std::to_string(kKeyBytes) + ".",
            "Put the file back from the backup of the data folder."};
    }
    return SecretBox{std::move(key), keyFilePath};
}

Result<SealedSecret> SecretBox::seal(std::string_view name, const Secret& value) const {
    auto nonce = randomBytes(kNonceBytes);
    const CipherContext context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    if (!nonce || !context) return cryptoFailed();
    const auto data = associatedData(name);
    const auto plain = bytesOf(value.reveal());
    const auto key = bytesOf(key_.reveal());
    std::string sealed(plain.size() + kTagBytes, '\0');
    int size = 0;
    int rest = 0;
    const bool isFine =
        EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(), bytesOf(*nonce).data()) == 1 &&
        EVP_EncryptUpdate(context.get(), nullptr, &size, bytesOf(data).data(), static_cast<int>(data.size())) == 1 &&
        EVP_EncryptUpdate(context.get(), bytesIn(sealed), &size, plain.data(), static_cast<int>(plain.size())) == 1 &&
        EVP_EncryptFinal_ex(context.get(), bytesIn(sealed) + size, &rest) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, sealed.data() + plain.size()) == 1;
    if (!isFine) return cryptoFailed();
    return SealedSecret{std::move(*nonce), std::move(sealed)};
}

Result<Secret> SecretBox::unseal(std::string_view name, const SealedSecret& sealed) const {
    const Error unreadable{Code::Corrupt, "The stored secret \"" + std::string(name) + "\" cannot be read.",
                           "It was sealed with another key than " + path_ + ", or its bytes were changed.",
                           "Put store and key file back from the same backup, or enter the secret again."};
    if (sealed.nonce.size() != kNonceBytes || sealed.sealed.size() < kTagBytes) return unreadable;
    const CipherContext context{EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free};
    if (!context) return cryptoFailed();
    const auto data = associatedData(name);
    const auto size = sealed.sealed.size() - kTagBytes;
    auto tag = sealed.sealed.substr(size);
    std::string plain(size + 1, '\0');  // one more, so that there is an address to write to for an empty secret
    int done = 0;
    int rest = 0;
    const bool isFine =
        EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytesOf(key_.reveal()).data(),
                           bytesOf(sealed.nonce).data()) == 1 &&
        EVP_DecryptUpdate(context.get(), nullptr, &done, bytesOf(data).data(), static_cast<int>(data.size())) == 1 &&
        EVP_DecryptUpdate(context.get(), bytesIn(plain), &done, bytesOf(sealed.sealed).data(),
                          static_cast<int>(size)) == 1 &&
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
        EVP_DecryptFinal_ex(context.get(), bytesIn(plain) + done, &rest) == 1;
    if (!isFine) {
        const Secret wiped{std::move(plain)};
        return unreadable;
    }
    plain.resize(size);
    return Secret{std::move(plain)};
}

}  // namespace causeway::store
