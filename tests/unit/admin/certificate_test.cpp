#include "service/admin/certificate.h"

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Certificate readCertificate(const std::filesystem::path& file) {
    std::FILE* in = std::fopen(file.c_str(), "rb");
    REQUIRE(in != nullptr);
    Certificate certificate{PEM_read_X509(in, nullptr, nullptr, nullptr), &X509_free};
    std::fclose(in);
    return certificate;
}

unsigned modeOf(const std::filesystem::path& file) {
    return static_cast<unsigned>(std::filesystem::status(file).permissions()) & 0777U;
}

}  // namespace

TEST_CASE("the first start makes an ECDSA certificate for ten years with the local names") {
    const test::TemporaryFolder folder;
    const auto made = prepareCertificate(folder.path(), "hq-server", test::kNoon);
    REQUIRE(made);
    CHECK(made->isNew);
    CHECK(made->fingerprint.size() == 64);
    CHECK(modeOf(made->key) == 0600);
    const auto certificate = readCertificate(made->certificate);
    REQUIRE(certificate);
    for (const char* name : {"localhost", "hq-server"}) {
        CAPTURE(name);
        CHECK(X509_check_host(certificate.get(), name, 0, 0, nullptr) == 1);
    }
    CHECK(X509_check_host(certificate.get(), "other", 0, 0, nullptr) == 0);
    CHECK(X509_check_ip_asc(certificate.get(), "127.0.0.1", 0) == 1);
    CHECK(X509_check_ip_asc(certificate.get(), "::1", 0) == 1);
    CHECK(X509_check_ip_asc(certificate.get(), "10.0.0.1", 0) == 0);
    CHECK(EVP_PKEY_get_bits(X509_get0_pubkey(certificate.get())) == 256);
    CHECK(EVP_PKEY_get_base_id(X509_get0_pubkey(certificate.get())) == EVP_PKEY_EC);
    int days = 0;
    int seconds = 0;
    CHECK(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate.get()),
                         X509_get0_notAfter(certificate.get())) == 1);
    CHECK(days == 3653);
}

TEST_CASE("the second start uses the same certificate") {
    const test::TemporaryFolder folder;
    const auto first = prepareCertificate(folder.path(), "hq-server", test::kNoon);
    const auto second = prepareCertificate(folder.path(), "other-name", test::kNoon + 24h);
    REQUIRE(first);
    REQUIRE(second);
    CHECK_FALSE(second->isNew);
    CHECK(second->fingerprint == first->fingerprint);
}

TEST_CASE("a host name that is no host name stays out of the certificate") {
    const test::TemporaryFolder folder;
    CHECK(prepareCertificate(folder.path(), "evil,DNS:example.com", test::kNoon).has_value());
    const auto certificate = readCertificate(folder.path() / "admin.crt");
    CHECK(X509_check_host(certificate.get(), "example.com", 0, 0, nullptr) == 0);
}

TEST_CASE("missing or damaged halves are refused with what to do") {
    const test::TemporaryFolder folder;
    REQUIRE(prepareCertificate(folder.path(), "hq", test::kNoon));
    SUBCASE("the key is missing") {
        std::filesystem::remove(folder.path() / "admin.key");
    }
    SUBCASE("the certificate is missing") {
        std::filesystem::remove(folder.path() / "admin.crt");
    }
    SUBCASE("the certificate is damaged") {
        std::ofstream{folder.path() / "admin.crt"} << "not a certificate";
    }
    SUBCASE("the key is damaged") {
        std::ofstream{folder.path() / "admin.key"} << "not a key";
    }
    SUBCASE("the key belongs to another certificate") {
        const test::TemporaryFolder other;
        REQUIRE(prepareCertificate(other.path(), "hq", test::kNoon));
        std::filesystem::copy_file(other.path() / "admin.key", folder.path() / "admin.key",
                                   std::filesystem::copy_options::overwrite_existing);
    }
    const auto refused = prepareCertificate(folder.path(), "hq", test::kNoon);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Corrupt);
    CHECK(refused.error().todo.find("remove both") != std::string::npos);
}

TEST_CASE("the local token is made once, for the owner and his group") {
    const test::TemporaryFolder folder;
    const auto first = prepareLocalToken(folder.path());
    REQUIRE(first);
    CHECK(first->isNew);
    CHECK(modeOf(folder.path() / "admin.token") == 0640);
    const auto second = prepareLocalToken(folder.path());
    REQUIRE(second);
    CHECK_FALSE(second->isNew);
    CHECK(second->token == first->token);
    std::ofstream{folder.path() / "admin.token"} << "short\n";
    CHECK_FALSE(prepareLocalToken(folder.path()));
}

TEST_CASE("a folder that cannot be written is told") {
    const auto refused = prepareLocalToken("/proc/causeway-is-not-here");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Denied);
    CHECK(refused.error().text().find("admin.token") != std::string::npos);
}
