#include "service/xmpp/certificate_pem_io.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "shared/base/text.h"

namespace causeway::xmpp {

namespace {

template <class T, void (*Free)(T*)>
struct Freer {
    void operator()(T* it) const { Free(it); }
};
using Bio = std::unique_ptr<BIO, Freer<BIO, BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freer<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY, EVP_PKEY_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES, GENERAL_NAMES_free>>;

constexpr std::size_t kMostBytes = 256U << 10;
constexpr std::size_t kMostNames = 100;
constexpr auto kLife = std::chrono::hours{24} * 1826;  // five years
constexpr const char* kXmppAddr = "1.3.6.1.5.5.7.8.5";
constexpr const char* kSrvName = "1.3.6.1.5.5.7.8.7";

Bio bioOf(const std::string& text) {
    return Bio{BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))};
}

std::string textIn(BIO* bio) {
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(bio, &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string textOf(const ASN1_STRING* text) {
    return cleanUtf8({reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                      static_cast<std::size_t>(ASN1_STRING_length(text))});
}

std::string nameText(const X509_NAME* name) {
    const Bio out{BIO_new(BIO_s_mem())};
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
    return cleanUtf8(textIn(out.get()));
}

TimePoint timeOf(const ASN1_TIME* when) {
    std::tm parts{};
    if (when == nullptr || ASN1_TIME_to_tm(when, &parts) != 1) return {};
    return fromUtc(parts);
}

std::vector<CertificateName> namesOf(X509* certificate) {
    std::vector<CertificateName> out;
    const Names names{
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr))};
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()) && out.size() < kMostNames; ++i) {
        const auto* each = sk_GENERAL_NAME_value(names.get(), i);
        if (each->type == GEN_DNS) {
            out.push_back({CertificateName::Kind::Dns, textOf(each->d.dNSName)});
        } else if (each->type == GEN_IPADD) {
            const Bio shown{BIO_new(BIO_s_mem())};
            GENERAL_NAME_print(shown.get(), const_cast<GENERAL_NAME*>(each));
            out.push_back({CertificateName::Kind::Address, cleanUtf8(textIn(shown.get()))});
        } else if (each->type == GEN_OTHERNAME) {
            char oid[64]{};
            OBJ_obj2txt(oid, sizeof oid, each->d.otherName->type_id, 1);
            const auto* value = each->d.otherName->value;
            if (value == nullptr || (value->type != V_ASN1_UTF8STRING && value->type != V_ASN1_IA5STRING)) continue;
            if (std::string_view{oid} == kXmppAddr)
                out.push_back({CertificateName::Kind::Xmpp, textOf(value->value.asn1_string)});
            if (std::string_view{oid} == kSrvName)
                out.push_back({CertificateName::Kind::Srv, textOf(value->value.asn1_string)});
        }
    }
    return out;
}

std::string keyKindOf(EVP_PKEY* key) {
    if (key == nullptr) return "unknown";
    if (EVP_PKEY_is_a(key, "EC") == 1) {
        char group[64]{};
        std::size_t size = 0;
        EVP_PKEY_get_group_name(key, group, sizeof group, &size);
        const std::string_view name{group};
        return "ECDSA " + std::string(name == "prime256v1" ? "P-256" : name);
    }
    const char* type = EVP_PKEY_get0_type_name(key);
    const std::string name = type == nullptr ? "unknown" : type;
    return name == "RSA" ? name + " " + std::to_string(EVP_PKEY_get_bits(key)) : name;
}

std::string sha256Of(const unsigned char* bytes, std::size_t size) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), nullptr) != 1) return {};
    return {reinterpret_cast<const char*>(digest), length};
}

void blame(CertificateFacts& facts, CertificateTrouble trouble, std::string problem, std::string todo) {
    facts.trouble = trouble;
    facts.problem = std::move(problem);
    facts.todo = std::move(todo);
}

/// All certificates of the text; empty if the first cannot be read. A broken one behind it sets `isBroken`.
std::vector<Certificate> certificatesIn(const std::string& pem, bool& isBroken) {
    std::vector<Certificate> found;
    const auto bio = bioOf(pem);
    while (auto* next = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
        found.emplace_back(next);
    const auto last = ERR_peek_last_error();
    isBroken = ERR_GET_LIB(last) != ERR_LIB_PEM || ERR_GET_REASON(last) != PEM_R_NO_START_LINE;
    ERR_clear_error();
    return found;
}

struct PasswordAsked {
    bool value = false;
};
int noPassword(char*, int, int, void* asked) {
    static_cast<PasswordAsked*>(asked)->value = true;
    return -1;
}

/// The key of the text. `wasLocked`: it has a password.
Key keyIn(const Secret& pem, bool& wasLocked) {
    PasswordAsked asked;
    const auto bio = bioOf(pem.reveal());
    Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, &noPassword, &asked)};
    ERR_clear_error();
    wasLocked = !key && asked.value;
    return key;
}

void readOwn(CertificateFacts& facts, X509* own) {
    facts.isThere = true;
    facts.subject = nameText(X509_get_subject_name(own));
    facts.issuer = nameText(X509_get_issuer_name(own));
    facts.names = namesOf(own);
    facts.isSelfSigned = X509_NAME_cmp(X509_get_subject_name(own), X509_get_issuer_name(own)) == 0;
    facts.notBefore = timeOf(X509_get0_notBefore(own));
    facts.notAfter = timeOf(X509_get0_notAfter(own));
    facts.keyKind = keyKindOf(X509_get0_pubkey(own));
    unsigned char* bytes = nullptr;
    if (const int size = i2d_X509(own, &bytes); size > 0)
        facts.sha256 = hexText(sha256Of(bytes, static_cast<std::size_t>(size)));
    OPENSSL_free(bytes);
    bytes = nullptr;
    if (const int size = i2d_PUBKEY(X509_get0_pubkey(own), &bytes); size > 0)
        facts.publicKeySha256 = sha256Of(bytes, static_cast<std::size_t>(size));
    OPENSSL_free(bytes);
    ERR_clear_error();
}

/// What went wrong with a file, or its text.
struct FileText {
    std::string text;
    CertificateTrouble trouble = CertificateTrouble::None;
    std::string problem;
    std::string todo;
};
FileText readFile(const std::string& path, const char* kind) {
    FileText out;
    const auto cannot = [&](CertificateTrouble trouble, const std::string& why, const char* todo) {
        out.trouble = trouble;
        out.problem = std::string("The ") + kind + " file " + cleanUtf8(path) + " " + why;
        out.todo = todo;
        return std::move(out);
    };
    struct stat facts {};
    if (::stat(path.c_str(), &facts) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return cannot(CertificateTrouble::FileMissing, "is not there.",
                          "Check the path; it is one of the computer where the service runs.");
        return cannot(CertificateTrouble::FileUnreadable,
                      "cannot be read: " + std::generic_category().message(errno) + ".",
                      "Let the user of the service read the file and enter its folders.");
    }
    if (!S_ISREG(facts.st_mode))
        return cannot(CertificateTrouble::FileUnreadable, "is not a file.", "Give the path of a PEM file.");
    if (static_cast<std::uint64_t>(facts.st_size) > kMostBytes)
        return cannot(CertificateTrouble::FileUnreadable, "has more than 256 KiB: it is no certificate.",
                      "Give the path of a PEM file.");
    std::ifstream in{path, std::ios::binary};
    if (!in)
        return cannot(CertificateTrouble::FileUnreadable,
                      "cannot be read: " + std::generic_category().message(errno) + ".",
                      "Let the user of the service read the file and enter its folders.");
    out.text.resize(kMostBytes);
    in.read(out.text.data(), static_cast<std::streamsize>(out.text.size()));
    out.text.resize(static_cast<std::size_t>(in.gcount()));
    return out;
}

/// RFC 6120 13.7.1.4 and RFC 4985: names that X509V3_EXT_conf cannot write in every language.
bool addOtherName(GENERAL_NAMES* names, const char* oid, int type, const std::string& text) {
    auto* value = ASN1_TYPE_new();
    auto* string = ASN1_STRING_type_new(type);
    auto* name = GENERAL_NAME_new();
    auto* object = OBJ_txt2obj(oid, 1);
    if (value == nullptr || string == nullptr || name == nullptr || object == nullptr ||
        ASN1_STRING_set(string, text.data(), static_cast<int>(text.size())) != 1)
        return false;
    ASN1_TYPE_set(value, type, string);
    return GENERAL_NAME_set0_othername(name, object, value) == 1 && sk_GENERAL_NAME_push(names, name) > 0;
}

bool addNames(X509* certificate, const std::string& domain, const std::string& shown) {
    const Names names{sk_GENERAL_NAME_new_null()};
    auto* dns = GENERAL_NAME_new();
    auto* text = ASN1_IA5STRING_new();
    if (!names || dns == nullptr || text == nullptr ||
        ASN1_STRING_set(text, domain.data(), static_cast<int>(domain.size())) != 1)
        return false;
    GENERAL_NAME_set0_value(dns, GEN_DNS, text);
    return sk_GENERAL_NAME_push(names.get(), dns) > 0 &&
           addOtherName(names.get(), kXmppAddr, V_ASN1_UTF8STRING, shown.empty() ? domain : shown) &&
           addOtherName(names.get(), kSrvName, V_ASN1_IA5STRING, "_xmpp-client." + domain) &&
           addOtherName(names.get(), kSrvName, V_ASN1_IA5STRING, "_xmpps-client." + domain) &&
           X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

bool addExtension(X509* certificate, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
    if (extension == nullptr) return false;
    const bool isAdded = X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return isAdded;
}

Certificate sign(EVP_PKEY* key, const std::string& domain, const std::string& shown, TimePoint now) {
    Certificate certificate{X509_new()};
    if (!certificate) return nullptr;
    auto* x509 = certificate.get();
    std::uint64_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    serial >>= 1U;
    const auto seconds = static_cast<time_t>(epochMillis(now) / 1000);
    const auto life = static_cast<time_t>(std::chrono::duration_cast<std::chrono::seconds>(kLife).count());
    // The common name holds 64 characters; nobody looks at it.
    const auto common = domain.size() <= 64 ? domain : std::string("chat domain");
    X509_set_version(x509, X509_VERSION_3);
    bool isFine = ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial) == 1;
    // A day back: the clock of a client may be behind.
    isFine = isFine && ASN1_TIME_set(X509_getm_notBefore(x509), seconds - 86400) != nullptr;
    isFine = isFine && ASN1_TIME_set(X509_getm_notAfter(x509), seconds + life) != nullptr;
    auto* name = X509_get_subject_name(x509);
    isFine = isFine && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                                  reinterpret_cast<const unsigned char*>(common.data()),
                                                  static_cast<int>(common.size()), -1, 0) == 1;
    isFine = isFine && X509_set_issuer_name(x509, name) == 1 && X509_set_pubkey(x509, key) == 1;
    isFine = isFine && addNames(x509, domain, shown);
    isFine = isFine && addExtension(x509, NID_basic_constraints, "critical,CA:FALSE");
    isFine = isFine && addExtension(x509, NID_key_usage, "critical,digitalSignature");
    isFine = isFine && addExtension(x509, NID_ext_key_usage, "serverAuth");
    isFine = isFine && addExtension(x509, NID_subject_key_identifier, "hash");
    isFine = isFine && X509_sign(x509, key, EVP_sha256()) > 0;
    return isFine ? std::move(certificate) : nullptr;
}

}  // namespace

CertificateFacts readCertificate(const std::string& domain, CertificateSource source, const CertificateTexts& texts) {
    CertificateFacts facts;
    facts.domain = domain;
    facts.source = source;
    ERR_clear_error();
    bool isBroken = false;
    const auto chain = certificatesIn(texts.chainPem, isBroken);
    if (chain.empty() || isBroken) {
        blame(facts, CertificateTrouble::NotACertificate,
              chain.empty() ? "The certificate file holds no certificate in PEM form."
                            : "Certificate " + std::to_string(chain.size() + 1) + " in the file is damaged.",
              "Give the file that begins with BEGIN CERTIFICATE: the domain's certificate first, then those of the "
              "authorities in between.");
        return facts;
    }
    readOwn(facts, chain.front().get());
    facts.chainLength = chain.size();
    facts.pem = texts.chainPem;
    bool wasLocked = false;
    const auto key = keyIn(texts.keyPem, wasLocked);
    if (wasLocked) {
        blame(facts, CertificateTrouble::KeyLocked, "The private key has a password, so the service cannot use it.",
              "Take the password away: openssl pkey -in key.pem -out key-plain.pem. Protect the file by its mode.");
    } else if (!key) {
        blame(facts, CertificateTrouble::NoKey, "The key file holds no private key in PEM form.",
              "Give the file that begins with BEGIN PRIVATE KEY, and that belongs to the certificate.");
    } else if (X509_check_private_key(chain.front().get(), key.get()) != 1) {
        ERR_clear_error();
        blame(facts, CertificateTrouble::KeyDoesNotMatch, "The private key does not belong to the certificate.",
              "Give the key with which the certificate was requested. If the certificate was renewed just now, its new "
              "key must be written too.");
    } else {
        facts.keyMatches = true;
    }
    return facts;
}

CertificateFacts readCertificateFiles(const std::string& domain, const std::string& certificateFile,
                                      const std::string& keyFile, CertificateTexts& texts) {
    CertificateFacts facts;
    facts.domain = domain;
    facts.source = CertificateSource::Files;
    auto chain = readFile(certificateFile, "certificate");
    if (chain.trouble != CertificateTrouble::None) {
        blame(facts, chain.trouble, chain.problem, chain.todo);
        return facts;
    }
    auto key = keyFile.empty() || keyFile == certificateFile ? chain : readFile(keyFile, "key");
    CertificateTexts read{std::move(chain.text), Secret{std::move(key.text)}};
    facts = readCertificate(domain, CertificateSource::Files, read);
    if (facts.isThere && key.trouble != CertificateTrouble::None) blame(facts, key.trouble, key.problem, key.todo);
    // The chain may share its file with the key: only what is public goes into the facts.
    if (facts.isThere) {
        bool isBroken = false;
        const Bio out{BIO_new(BIO_s_mem())};
        for (const auto& each : certificatesIn(read.chainPem, isBroken))
            PEM_write_bio_X509(out.get(), each.get());
        facts.pem = textIn(out.get());
        read.chainPem = facts.pem;
    }
    if (facts.isThere && facts.keyMatches) texts = std::move(read);
    return facts;
}

FileStamp stampOf(const std::string& file) {
    struct stat facts {};
    if (file.empty() || ::stat(file.c_str(), &facts) != 0) return {};
    FileStamp stamp;
    stamp.isThere = true;
    stamp.inode = facts.st_ino;
    stamp.size = static_cast<std::uint64_t>(facts.st_size);
    const auto nanos = [](const timespec& when) {
        return static_cast<std::int64_t>(when.tv_sec) * 1'000'000'000 + when.tv_nsec;
    };
    stamp.modifiedNanos = nanos(facts.st_mtim);
    stamp.changedNanos = nanos(facts.st_ctim);
    return stamp;
}

Result<CertificateTexts> makeSelfSigned(const std::string& domain, const std::string& shown, const Secret& kept,
                                        TimePoint now) {
    ERR_clear_error();
    bool wasLocked = false;
    Key key = kept.empty() ? nullptr : keyIn(kept, wasLocked);
    if (!key) key.reset(EVP_EC_gen("P-256"));
    const auto certificate = key ? sign(key.get(), domain, shown, now) : nullptr;
    const Bio chainText{BIO_new(BIO_s_mem())};
    const Bio keyText{BIO_new(BIO_s_secmem())};
    const bool isWritten =
        certificate && PEM_write_bio_X509(chainText.get(), certificate.get()) == 1 &&
        PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
    ERR_clear_error();
    if (isWritten) return CertificateTexts{textIn(chainText.get()), Secret{textIn(keyText.get())}};
    return Error{Code::Internal, "A certificate for " + domain + " could not be made.",
                 "OpenSSL refused to make an ECDSA P-256 key or to sign with it.",
                 "Check the OpenSSL configuration of this computer, or give certificate files."};
}

}  // namespace causeway::xmpp
