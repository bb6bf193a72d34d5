#include "console/cli/session.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "shared/base/data_folder.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

constexpr std::size_t kMostFileBytes = std::size_t{4} << 20U;

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, nothing sets it
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

Session::~Session() {
    if (client_ && hasLoggedIn_) static_cast<void>(client_->logout());
}

TimePoint Session::now() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Exit Session::fail(const Error& error) {
    if (json()) {
        api::ErrorDocument document;
        document.status = client_ ? client_->lastStatus() : 0;
        document.error = error;
        err() << api::toJson(document) << "\n";
    } else {
        err() << "causewayctl: " << cleanUtf8(error.text()) << "\n";
    }
    const bool wasReached = client_ && client_->lastStatus() != 0;
    const bool isUnreachable = error.code == Code::Unavailable || error.code == Code::Timeout;
    exit_ = !wasReached && isUnreachable ? Exit::Unreachable : Exit::Negative;
    return exit_;
}

Exit Session::usage(const std::string& sentence) {
    err() << "causewayctl: " << sentence << "\n";
    exit_ = Exit::Usage;
    return exit_;
}

Exit Session::done(const std::string& sentence) {
    out() << (json() ? "{}" : sentence) << "\n";
    return Exit::Yes;
}

client::ApiClient* Session::client() {
    if (client_) return client_.get();
    if (!options_.connect.empty()) {
        if (auto connected = connectRemote(); !connected) {
            fail(connected.error());
            // Nothing was asked of the service yet; without a way in it is out of reach.
            if (exit_ == Exit::Negative && (!client_ || client_->lastStatus() == 0)) exit_ = Exit::Unreachable;
            client_.reset();
            return nullptr;
        }
        return client_.get();
    }
    auto local = client::localService(dataFolder(options_.data));
    if (!local) {
        fail(local.error());
        exit_ = Exit::Unreachable;
        return nullptr;
    }
    client::ClientOptions options;
    options.userAgent = "causewayctl";
    client_ = std::make_unique<client::ApiClient>(std::move(*local), std::move(options));
    return client_.get();
}

Result<void> Session::connectRemote() {
    auto address = client::parseServiceAddress(options_.connect);
    if (!address) return address.error();
    if (!options_.fingerprint.empty()) {
        std::string hex;
        for (const char c : options_.fingerprint) {
            if (c != ':') hex += c;
        }
        hex = lowerAscii(hex);
        if (hex.size() != 64 || !parseHex(hex)) {
            return Error{Code::BadInput, "The fingerprint is not a SHA-256.", "It must have 64 hexadecimal digits.",
                         "Copy it from the log of the service."};
        }
        address->fingerprint = hex;
    }
    client::ClientOptions options;
    options.userAgent = "causewayctl";
    options.pins = std::make_shared<client::CertificatePins>(client::defaultPinFile());
    if (auto loaded = options.pins->load(); !loaded) err() << "causewayctl: " << loaded.error().text() << "\n";
    options.ask = [this](const client::CertificateInfo& info) {
        err() << "The service at " << info.service
              << (info.trustedBefore.empty() ? " is not known yet." : " shows ANOTHER certificate than before.")
              << "\n  SHA-256  " << info.shownFingerprint() << "\n  subject  " << info.subject << "\n  valid    "
              << info.validFrom << " to " << info.validTo << "\n";
        return terminal_.askYesNo("Compare the SHA-256 with the log of the service. Trust it?");
    };
    client_ = std::make_unique<client::ApiClient>(std::move(*address), std::move(options));
    auto token = environment("CAUSEWAY_TOKEN");
    if (!options_.tokenFile.empty()) {
        auto text = readFile(options_.tokenFile);
        if (!text) return text.error();
        token = trimmed(*text);
    }
    if (!token.empty()) {
        client_->setToken(Secret{std::move(token)});
        return {};
    }
    if (options_.user.empty()) {
        return Error{Code::BadInput, "It is not known who you are.",
                     "A service on another machine needs a login or a token.",
                     "Add --user NAME, or --token-file FILE, or set CAUSEWAY_TOKEN."};
    }
    // The certificate is settled before a password is asked for.
    if (auto there = client_->capabilities(); !there) return there.error();
    auto password = terminal_.askPassword("Password of " + options_.user);
    if (!password) return password.error();
    auto login = client_->login(options_.user, *password);
    if (!login) return login.error();
    hasLoggedIn_ = true;
    return {};
}

Result<std::string> Session::readFile(const std::string& name) {
    std::ostringstream text;
    if (name == "-") {
        text << terminal_.in().rdbuf();
    } else {
        std::ifstream in{name, std::ios::binary};
        if (!in) {
            return Error{Code::NotFound, "The file " + name + " cannot be read.",
                         "It is not there or you may not open it.", "Check the name."};
        }
        text << in.rdbuf();
    }
    auto content = text.str();
    if (content.size() > kMostFileBytes) return Error{Code::TooLong, "The file " + name + " is larger than 4 MiB."};
    return content;
}

}  // namespace causeway::cli
