#include "console/client/certificate_pins.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "shared/base/text.h"

namespace causeway::client {

namespace {

constexpr std::string_view kMark = "sha256:";

}  // namespace

std::string CertificateInfo::shownFingerprint() const {
    std::string out;
    for (std::size_t i = 0; i + 1 < fingerprint.size(); i += 2) {
        if (!out.empty()) out += ':';
        for (const char c : fingerprint.substr(i, 2))
            out += c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return out;
}

CertificatePins::CertificatePins(std::filesystem::path file) : file_(std::move(file)) {}

Result<void> CertificatePins::load() {
    if (file_.empty()) return {};
    std::error_code trouble;
    if (!std::filesystem::exists(file_, trouble)) return {};
    std::ifstream in{file_};
    if (!in) {
        return Error{Code::Denied, "The file of trusted certificates cannot be read.", file_.string(),
                     "Check who may read it; until then every service is asked about again."};
    }
    std::map<std::string, std::string> read;
    std::string line;
    while (read.size() < 10'000 && std::getline(in, line)) {
        const auto parts = split(trimmed(line), ' ');
        if (parts.size() != 2 || parts[0].empty() || !parts[1].starts_with(kMark)) continue;
        const auto hex = parts[1].substr(kMark.size());
        if (hex.size() == 64 && parseHex(hex)) read[std::string(parts[0])] = lowerAscii(hex);
    }
    pins_.with([&read](auto& pins) { pins = std::move(read); });
    return {};
}

std::optional<std::string> CertificatePins::find(const std::string& service) const {
    return pins_.with([&service](const auto& pins) -> std::optional<std::string> {
        const auto found = pins.find(service);
        if (found == pins.end()) return std::nullopt;
        return found->second;
    });
}

Result<void> CertificatePins::remember(const std::string& service, const std::string& fingerprint) {
    const auto all = pins_.with([&](auto& pins) {
        pins[service] = fingerprint;
        return pins;
    });
    if (file_.empty()) return {};
    std::error_code trouble;
    if (file_.has_parent_path()) std::filesystem::create_directories(file_.parent_path(), trouble);
    auto fresh = file_;
    fresh += ".new";
    {
        std::ofstream out{fresh, std::ios::trunc};
        for (const auto& [name, pin] : all)
            out << name << ' ' << kMark << pin << '\n';
        out.flush();
        if (!out) trouble = std::make_error_code(std::errc::io_error);
    }
    if (!trouble) {
        std::filesystem::permissions(fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                     trouble);
    }
    if (!trouble) std::filesystem::rename(fresh, file_, trouble);
    if (trouble) {
        return Error{Code::Unavailable, "The trusted certificate could not be remembered.",
                     file_.string() + ": " + trouble.message(), "You will be asked about it again the next time."};
    }
    return {};
}

std::filesystem::path defaultPinFile() {
    const auto folder = [](const char* name) {
        const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, nothing sets it
        return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
    };
#ifdef _WIN32
    const auto base = folder("AppData");
#else
    auto base = folder("XDG_CONFIG_HOME");
    if (base.empty() && !folder("HOME").empty()) base = folder("HOME") / ".config";
#endif
    return base.empty() ? base : base / "causeway" / "trusted-services";
}

}  // namespace causeway::client
