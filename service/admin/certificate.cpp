#include "service/admin/certificate.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>
#include <system_error>

#include "service/admin/crypto.h"
#include "shared/base/text.h"

#ifndef _WIN32
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#endif

namespace causeway::admin {

namespace {

template <class T, void (*Free)(T*)>
struct Freer {
    void operator()(T* it) const { Free(it); }
};
struct BioFreer {
    void operator()(BIO* it) const { BIO_free(it); }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Bio = std::unique_ptr<BIO, BioFreer>;

constexpr std::size_t kMaxFileBytes = 65536;
constexpr long kTenYears = 3652L * 86400;

Error cannot(const std::filesystem::path& file, const std::string& doing, const std::string& why) {
    return Error{Code::Denied, "The file " + file.filename().string() + " in the data folder cannot be " + doing + ".",
                 why,
                 "Check that the user of the service owns the folder " + file.parent_path().string() +
                     " and that the disk is not full."};
}

/// Writes a file that must not be there yet, readable as `mode` says from the first moment.
Result<void> writeNewFile(const std::filesystem::path& file, const std::string& text, [[maybe_unused]] int mode) {
#ifndef _WIN32
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (descriptor < 0) return cannot(file, "made", std::generic_category().message(errno) + ".");
    // The umask may have taken bits away that the group needs.
    bool isFine = ::fchmod(descriptor, static_cast<mode_t>(mode)) == 0;
    std::size_t written = 0;
    while (isFine && written < text.size()) {
        const auto count = ::write(descriptor, text.data() + written, text.size() - written);
        isFine = count > 0;
        if (isFine) written += static_cast<std::size_t>(count);
    }
    isFine = isFine && ::fsync(descriptor) == 0;
    const auto trouble = errno;
    ::close(descriptor);
    if (isFine) return {};
    std::error_code ignored;
    std::filesystem::remove(file, ignored);
    return cannot(file, "written", std::generic_category().message(trouble) + ".");
#else
    std::ofstream out{file, std::ios::binary};
    out << text;
    out.flush();
    if (!out) return cannot(file, "written", "The disk or its permissions refuse it.");
    return {};
#endif
}

Result<std::string> readFile(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in) return cannot(file, "read", "It may not be opened.");
    std::string text(kMaxFileBytes, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

bool addName(X509_NAME* name, const char* field, const std::string& value) {
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                      static_cast<int>(value.size()), -1, 0) == 1;
}

bool addExtension(X509* certificate, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    if (extension == nullptr) return false;
    const bool isAdded = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return isAdded;
}

/// Letters, digits, dots and dashes only: the name goes into a certificate extension written as text.
bool isHostName(const std::string& name) {
    if (name.empty() || name.size() > 253) return false;
    for (const char c : name) {
        const bool isPlain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
        if (!isPlain) return false;
    }
    return true;
}

Certificate makeCertificate(EVP_PKEY* key, const std::string& hostName, TimePoint now) {
    Certificate certificate{X509_new()};
    if (!certificate) return nullptr;
    auto* x509 = certificate.get();
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    serial >>= 1U;
    const auto seconds = static_cast<time_t>(epochMillis(now) / 1000);
    const std::string commonName = isHostName(hostName) && hostName.size() <= 64 ? hostName : "localhost";
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";
    if (isHostName(hostName) && hostName != "localhost") names += ",DNS:" + hostName;
    X509_set_version(x509, X509_VERSION_3);
    bool isFine = ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial) == 1;
    // A day back: the clock of the console may be behind.
    isFine = isFine && ASN1_TIME_set(X509_getm_notBefore(x509), seconds - 86400) != nullptr;
    isFine = isFine && ASN1_TIME_set(X509_getm_notAfter(x509), seconds + kTenYears) != nullptr;
    auto* name = X509_get_subject_name(x509);
    isFine = isFine && addName(name, "CN", commonName) && addName(name, "O", "Causeway admin interface");
    isFine = isFine && X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1;
    isFine = isFine && addExtension(x509, NID_subject_alt_name, names);
    isFine = isFine && addExtension(x509, NID_basic_constraints, "critical,CA:FALSE");
    isFine = isFine && addExtension(x509, NID_key_usage, "critical,digitalSignature");
    isFine = isFine && addExtension(x509, NID_ext_key_usage, "serverAuth");
    isFine = isFine && addExtension(x509, NID_subject_key_identifier, "hash");
    isFine = isFine && X509_sign(x509, key, EVP_sha256()) > 0;
    return isFine ? std::move(certificate) : nullptr;
}

template <class Write>
std::string pemOf(Write write) {
    const Bio out{BIO_new(BIO_s_mem())};
    if (!out || !write(out.get())) return {};
    char* data = nullptr;
    const long size = BIO_get_mem_data(out.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Result<void> makeFiles(const CertificateFiles& files, const std::string& hostName, TimePoint now) {
    const Key key{EVP_EC_gen("P-256")};
    const auto certificate = key ? makeCertificate(key.get(), hostName, now) : nullptr;
    const auto keyPem = certificate ? pemOf([&key](BIO* out) {
        return PEM_write_bio_PrivateKey(out, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    })
                                    : std::string();
    const auto certificatePem =
        certificate ? pemOf([&certificate](BIO* out) { return PEM_write_bio_X509(out, certificate.get()) == 1; })
                    : std::string();
    if (keyPem.empty() || certificatePem.empty()) {
        return Error{Code::Internal, "The certificate of the admin interface could not be made.",
                     "OpenSSL refused to make an ECDSA P-256 key.", "Check the OpenSSL configuration of this machine."};
    }
    if (auto written = writeNewFile(files.key, keyPem, 0600); !written) return written;
    if (auto written = writeNewFile(files.certificate, certificatePem, 0644); !written) {
        std::error_code ignored;
        std::filesystem::remove(files.key, ignored);
        return written;
    }
    return {};
}

Error damaged(const std::string& why) {
    return Error{Code::Corrupt, "The certificate of the admin interface cannot be used.", why,
                 "Put back admin.crt and admin.key, or remove both: the service then makes new ones, and every console "
                 "asks once about the new certificate."};
}

}  // namespace

Result<CertificateFiles> prepareCertificate(const std::filesystem::path& dataFolder, const std::string& hostName,
                                            TimePoint now) {
    CertificateFiles files;
    files.certificate = dataFolder / "admin.crt";
    files.key = dataFolder / "admin.key";
    std::error_code trouble;
    const bool hasCertificate = std::filesystem::exists(files.certificate, trouble);
    const bool hasKey = std::filesystem::exists(files.key, trouble);
    if (hasCertificate != hasKey)
        return damaged(hasKey ? "admin.crt is missing in the data folder."
                              : "admin.key is missing in the data folder.");
    if (!hasKey) {
        if (auto made = makeFiles(files, hostName, now); !made) return made.error();
        files.isNew = true;
    }
    const auto certificatePem = readFile(files.certificate);
    if (!certificatePem) return certificatePem.error();
    const auto keyPem = readFile(files.key);
    if (!keyPem) return keyPem.error();
    const auto bioOf = [](const std::string& text) {
        return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
    };
    const Certificate certificate{PEM_read_bio_X509(bioOf(*certificatePem).get(), nullptr, nullptr, nullptr)};
    if (!certificate) return damaged("admin.crt is not a certificate in PEM form.");
    const Key key{PEM_read_bio_PrivateKey(bioOf(*keyPem).get(), nullptr, nullptr, nullptr)};
    if (!key) return damaged("admin.key is not a private key in PEM form without a password.");
    if (X509_check_private_key(certificate.get(), key.get()) != 1)
        return damaged("admin.key does not belong to admin.crt.");
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (X509_digest(certificate.get(), EVP_sha256(), digest, &size) != 1) return damaged("It has no fingerprint.");
    files.fingerprint = hexText({reinterpret_cast<const char*>(digest), size});
    return files;
}

Result<LocalToken> prepareLocalToken(const std::filesystem::path& dataFolder) {
    const auto file = dataFolder / "admin.token";
    LocalToken local;
    std::error_code trouble;
    if (!std::filesystem::exists(file, trouble)) {
        local.token = newToken().reveal();
        local.isNew = true;
        if (auto written = writeNewFile(file, local.token + "\n", 0640); !written) return written.error();
        return local;
    }
    const auto text = readFile(file);
    if (!text) return text.error();
    local.token = trimmed(*text);
    if (local.token.size() < 32) {
        return Error{Code::Corrupt, "The local token admin.token in the data folder is damaged.",
                     "It is shorter than 32 characters.", "Remove the file; the service makes a new one."};
    }
    return local;
}

}  // namespace causeway::admin
