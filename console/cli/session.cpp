#include "console/cli/session.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "shared/base/data_folder.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

constexpr int kUnauthorized = 401;
constexpr std::size_t kMostFileBytes = std::size_t{4} << 20U;

std::string environment(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, nothing sets it
    return value == nullptr ? std::string() : std::string(value);
}

/// What the system said about the last file, "No such file or directory".
std::string systemReason() {
    const auto number = errno;
    return number == 0 ? "The system gives no reason" : std::generic_category().message(number);
}

}  // namespace

Session::~Session() {
    if (client_ && hasLoggedIn_) static_cast<void>(client_->logout());
}

TimePoint Session::now() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Exit Session::fail(const Error& error) {
    lastError_ = error;
    if (json()) {
        api::ErrorDocument document;
        document.status = client_ ? client_->lastStatus() : 0;
        document.error = error;
        err() << api::toJson(document) << "\n";
    } else {
        auto shown = error;
        if (client_ && client_->lastStatus() == kUnauthorized) {
            if (const auto remedy = tokenRemedy(); !remedy.empty()) shown.todo = remedy;
        }
        err() << "causewayctl: " << cleanUtf8(shown.text()) << "\n";
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
            const bool wasAsked = client_ && client_->lastStatus() != 0;
            if (connected.error().code == Code::BadInput && !wasAsked) exit_ = Exit::Usage;
            // Nothing was asked of the service yet; without a way in it is out of reach.
            if (exit_ == Exit::Negative && (!client_ || client_->lastStatus() == 0)) exit_ = Exit::Unreachable;
            client_.reset();
            return nullptr;
        }
        return client_.get();
    }
    auto local = findLocal();
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

Result<client::ServiceAddress> Session::findLocal() const {
    const auto folder = dataFolder(options_.data);
    auto local = client::localService(folder);
    if (local || local.error().code != Code::NotFound) return local;
    // Nothing in the own folder: perhaps the service of the system is meant, and closed to this user.
    const bool isChosen = (options_.data && !options_.data->empty()) || !environment("CAUSEWAY_DATA").empty();
    const std::filesystem::path installed = "/var/lib/causeway";
    if (!isChosen && client::isClosedFolder(installed)) return client::closedFolder(installed, environment("USER"));
    return local;
}

std::string Session::tokenRemedy() const {
    if (options_.connect.empty()) return "Restart the service: it reads admin.token in its data folder when it starts.";
    const auto source = !options_.tokenFile.empty()              ? "The token in " + options_.tokenFile
                        : !environment("CAUSEWAY_TOKEN").empty() ? std::string("The token in CAUSEWAY_TOKEN")
                                                                 : std::string();
    if (source.empty()) return {};
    return source +
           " was removed, has expired or was never one of this service. Make another one with causewayctl tokens add, "
           "or log in with --user NAME.";
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
        if (!text) {
            auto error = text.error();
            error.code = Code::BadInput;
            return error;
        }
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
        std::error_code trouble;
        if (std::filesystem::is_directory(name, trouble)) {
            return Error{Code::BadInput, name + " is a folder.", "A text file is wanted here.",
                         "Write the name of a file in it."};
        }
        errno = 0;
        std::ifstream in{name, std::ios::binary};
        if (!in) {
            return Error{Code::NotFound, "The file " + name + " cannot be read.", systemReason() + ".",
                         "Check the name and the rights."};
        }
        text << in.rdbuf();
    }
    auto content = text.str();
    if (content.size() > kMostFileBytes) return Error{Code::TooLong, "The file " + name + " is larger than 4 MiB."};
    if (content.starts_with("\xFF\xFE") || content.starts_with("\xFE\xFF")) {
        return Error{
            Code::BadInput, "The file " + name + " is UTF-16 text.", "Only UTF-8 can be read here.",
            "Save it again as UTF-8: in Notepad by Save as, with the encoding UTF-8; or run iconv -f UTF-16 -t "
            "UTF-8."};
    }
    if (content.starts_with("\xEF\xBB\xBF")) content.erase(0, 3);
    return content;
}

Result<void> Session::writeFile(const std::string& name, const std::string& text) {
    errno = 0;
    std::ofstream out{name, std::ios::binary | std::ios::trunc};
    out << text;
    out.flush();
    if (out) return {};
    return Error{Code::Denied, "The file " + name + " cannot be written.", systemReason() + ".",
                 "Write another name, or - for standard output."};
}

}  // namespace causeway::cli
