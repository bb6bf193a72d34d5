#include "console/client/service_address.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>

#include "shared/api/json_fields.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::client {

namespace {

/// Whole file, at most 64 KiB: the files of a data folder are small.
Result<std::string> readSmallFile(const std::filesystem::path& file) {
    std::error_code trouble;
    const auto status = std::filesystem::status(file, trouble);
    if (status.type() == std::filesystem::file_type::not_found) {
        return Error{Code::NotFound, file.filename().string() + " is missing."};
    }
    std::ifstream in{file, std::ios::binary};
    if (!in) return Error{Code::Denied, file.filename().string() + " cannot be read."};
    std::string text(65536, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    return text;
}

/// The part of service.json that finds the admin interface.
struct ServiceFile {
    std::string admin;
};
void readJson(api::JsonFields& in, ServiceFile& file) {
    in.require("admin");
    in.read("admin", file.admin);
}

Result<std::string> fingerprintOfPem(const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> in{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                       &BIO_free};
    const std::unique_ptr<X509, decltype(&X509_free)> certificate{
        PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), &X509_free};
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!certificate || X509_digest(certificate.get(), EVP_sha256(), digest, &size) != 1) {
        return Error{Code::BadInput, "admin.crt in the data folder is not a certificate.",
                     "The file was changed or is damaged.", "Remove admin.crt and admin.key and restart the service."};
    }
    return hexText({reinterpret_cast<const char*>(digest), size});
}

}  // namespace

std::string ServiceAddress::text() const {
    const bool isIp6 = host.find(':') != std::string::npos;
    return (isIp6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

bool isClosedFolder(const std::filesystem::path& folder) {
    std::error_code trouble;
    const std::filesystem::directory_iterator first{folder, trouble};
    return trouble == std::errc::permission_denied;
}

Error closedFolder(const std::filesystem::path& folder, const std::string& user) {
    return Error{
        Code::Denied, "A service runs in " + folder.string() + ", but you may not read it.", "",
        "Ask to join the group causeway (adduser " + (user.empty() ? "NAME" : user) + " causeway), then log in again."};
}

Result<ServiceAddress> localService(const std::filesystem::path& dataFolder) {
    const auto folder = dataFolder.string();
    auto service = readSmallFile(dataFolder / "service.json");
    if (!service) {
        if (isClosedFolder(dataFolder)) return closedFolder(dataFolder, {});
        return Error{service.error().code == Code::NotFound ? Code::NotFound : Code::Denied,
                     "No running service was found in " + folder + ".", service.error().what,
                     "Start causewayd --data " + folder +
                         ", or name another folder with --data or a machine with "
                         "--connect HOST:PORT."};
    }
    const auto file = api::fromJson<ServiceFile>(*service);
    if (!file) {
        return Error{Code::BadInput, "service.json in " + folder + " is not valid.", file.error().what,
                     "Restart the service; it writes the file again."};
    }
    auto address = parseServiceAddress(file->admin);
    if (!address) return address.error();
    // A service that listens on all addresses is reached through loopback.
    if (address->host == "0.0.0.0") address->host = "127.0.0.1";
    if (address->host == "::") address->host = "::1";

    const auto token = readSmallFile(dataFolder / "admin.token");
    if (!token) {
        return Error{token.error().code, "The service in " + folder + " is there, but its token cannot be read.",
                     token.error().what,
                     "Become a member of the group that owns admin.token, use sudo, or log in with --connect " +
                         address->text() + "."};
    }
    address->token = Secret{std::string(trimmed(*token))};
    const auto certificate = readSmallFile(dataFolder / "admin.crt");
    if (!certificate) {
        return Error{certificate.error().code, "The certificate of the service in " + folder + " cannot be read.",
                     certificate.error().what, "Restart the service; it makes admin.crt if it is missing."};
    }
    auto fingerprint = fingerprintOfPem(*certificate);
    if (!fingerprint) return fingerprint.error();
    address->fingerprint = *fingerprint;
    return address;
}

Result<ServiceAddress> parseServiceAddress(std::string_view text) {
    const auto wrong = [text] {
        return Error{Code::BadInput, "\"" + cleanUtf8(text) + "\" is not the address of a service.", "",
                     "Write HOST:PORT, such as hq-server:8425, 10.1.0.5:8425 or [fd00::5]:8425."};
    };
    ServiceAddress address;
    auto host = trimmed(text);
    std::string_view port;
    if (host.starts_with('[')) {
        const auto close = host.find(']');
        if (close == std::string_view::npos) return wrong();
        port = host.substr(close + 1);
        host = host.substr(1, close - 1);
        if (!port.empty() && port.front() != ':') return wrong();
        if (!port.empty()) port.remove_prefix(1);
    } else if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        port = host.substr(colon + 1);
        host = host.substr(0, colon);
        if (port.empty()) return wrong();
    }
    if (host.empty() || host.size() > 253 || host.find_first_of(" \t\r\n/@\"") != std::string_view::npos)
        return wrong();
    if (!port.empty()) {
        const auto number = parseUnsigned(port);
        if (!number || *number == 0 || *number > 65535) return wrong();
        address.port = static_cast<std::uint16_t>(*number);
    }
    address.host = host;
    return address;
}

}  // namespace causeway::client
