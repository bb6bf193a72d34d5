#include "console/client/service_address.h"

#include <doctest/doctest.h>

#include <fstream>

#include "console/client/certificate_pins.h"
#include "service/admin/certificate.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::client;

TEST_CASE("addresses of services are read with and without a port") {
    const auto text = [](std::string_view given) {
        const auto address = parseServiceAddress(given);
        return address ? address->text() : "refused";
    };
    CHECK(text("hq-server") == "hq-server:8425");
    CHECK(text(" 10.1.0.5:9000 ") == "10.1.0.5:9000");
    CHECK(text("[fd00::5]") == "[fd00::5]:8425");
    CHECK(text("[fd00::5]:9000") == "[fd00::5]:9000");
    for (const char* bad : {"", ":8425", "hq:", "hq:0", "hq:65536", "hq:x", "[fd00::5", "[fd00::5]x", "a b",
                            "https://hq:8425", "fd00::5"}) {
        CAPTURE(bad);
        CHECK(text(bad) == "refused");
    }
}

TEST_CASE("the service of a data folder is found with its token and certificate") {
    const test::TemporaryFolder folder;
    const auto certificate = admin::prepareCertificate(folder.path(), "hq", test::kNoon);
    const auto token = admin::prepareLocalToken(folder.path());
    REQUIRE(certificate);
    REQUIRE(token);
    std::ofstream{folder.path() / "service.json"} << R"({"pid":1,"admin":"0.0.0.0:9123","listeners":{}})";
    const auto address = localService(folder.path());
    REQUIRE(address);
    CHECK(address->text() == "127.0.0.1:9123");
    CHECK(address->token.reveal() == token->token);
    CHECK(address->fingerprint == certificate->fingerprint);
    CHECK(address->isLocal());
}

TEST_CASE("what is missing in a data folder is told with what to do") {
    const test::TemporaryFolder folder;
    auto refused = localService(folder.path());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::NotFound);
    CHECK(refused.error().todo.find("--data") != std::string::npos);
    std::ofstream{folder.path() / "service.json"} << R"({"admin":"127.0.0.1:9123"})";
    refused = localService(folder.path());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().what.find("token") != std::string::npos);
    std::ofstream{folder.path() / "admin.token"} << std::string(43, 'x');
    std::ofstream{folder.path() / "admin.crt"} << "not a certificate";
    CHECK(localService(folder.path()).error().code == Code::BadInput);
    std::ofstream{folder.path() / "service.json"} << "{";
    CHECK(localService(folder.path()).error().what.find("service.json") != std::string::npos);
}

TEST_CASE("trusted certificates are remembered in a file for the user only") {
    const test::TemporaryFolder folder;
    const auto file = folder.path() / "sub" / "trusted";
    const std::string pin(64, 'a');
    {
        CertificatePins pins{file};
        CHECK(pins.load().has_value());
        CHECK_FALSE(pins.find("hq:8425"));
        REQUIRE(pins.remember("hq:8425", pin));
        REQUIRE(pins.remember("osaka:8425", std::string(64, 'b')));
    }
    CHECK((static_cast<unsigned>(std::filesystem::status(file).permissions()) & 0777U) == 0600);
    std::ofstream{file, std::ios::app} << "garbage\nhq2:1 sha256:zz\n";
    CertificatePins again{file};
    REQUIRE(again.load());
    CHECK(again.find("hq:8425") == pin);
    CHECK_FALSE(again.find("hq2:1"));
    CertificateInfo info;
    info.fingerprint = "ab12";
    CHECK(info.shownFingerprint() == "AB:12");
}
