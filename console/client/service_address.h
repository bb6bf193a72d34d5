#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "shared/base/result.h"
#include "shared/base/secret.h"

namespace causeway::client {

constexpr std::uint16_t kDefaultPort = 8425;

/// Where a service is and how it is recognised.
struct ServiceAddress {
    std::string host = "127.0.0.1";  ///< name or address, IPv6 without brackets
    std::uint16_t port = kDefaultPort;
    /// Token of the local service; empty = the user must log in.
    Secret token;
    /// SHA-256 of the only certificate that is accepted, lower-case hex; empty = ask the pins, then the user.
    std::string fingerprint;

    bool isLocal() const { return !token.empty(); }
    std::string text() const;  ///< "127.0.0.1:8425", "[::1]:8425"
};

/// The service of a data folder: reads service.json, admin.token and admin.crt there.
/// Errors: NotFound (no service runs in that folder), Denied (the token may not be read by this user), BadInput.
Result<ServiceAddress> localService(const std::filesystem::path& dataFolder);

/// The folder is there, and this user may not look into it.
bool isClosedFolder(const std::filesystem::path& folder);
/// What to do then; `user` may be empty.
Error closedFolder(const std::filesystem::path& folder, const std::string& user);

/// "HOST", "HOST:PORT", "[IPV6]:PORT". Errors: BadInput with an example.
Result<ServiceAddress> parseServiceAddress(std::string_view text);

}  // namespace causeway::client
