#include "shared/proto/link/invitation.h"

#include <algorithm>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::link {

namespace {

constexpr std::string_view kBegin = "causeway-link://";
constexpr std::size_t kMost = 512;
constexpr std::uint64_t kMostSeconds = 253402300799;  // the end of the year 9999

Error noInvitation(const std::string& why) {
    return {Code::BadInput, "That is no invitation.", why,
            "Copy the whole line that \"causewayctl bases invite\" or the console shows on the other side; it begins "
            "with causeway-link://."};
}

bool isHex(std::string_view text, std::size_t size) {
    return text.size() == size && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string writeInvitation(const Invitation& invitation) {
    return std::string(kBegin) + invitation.host + ":" + std::to_string(invitation.port) + "/" +
           invitation.fingerprint + "/" + invitation.token.reveal() + "/" +
           std::to_string(epochMillis(invitation.expiresAt) / 1000);
}

Result<Invitation> readInvitation(std::string_view text) {
    if (text.size() > kMost) return noInvitation("It is longer than 512 characters.");
    std::string line;
    for (const char letter : text) {
        if (letter != ' ' && letter != '\t' && letter != '\r' && letter != '\n' && letter != '"') line += letter;
    }
    if (!line.starts_with(kBegin)) return noInvitation("It does not begin with causeway-link://.");
    const auto parts = split(std::string_view{line}.substr(kBegin.size()), '/');
    if (parts.size() != 4) return noInvitation("A part is missing, or there is too much.");
    Invitation found;
    const auto colon = std::min(parts[0].rfind(':'), parts[0].size());
    found.host = lowerAscii(parts[0].substr(0, colon));
    if (found.host.empty() || found.host.size() > 253 ||
        found.host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") != std::string::npos)
        return noInvitation("The address of the other service cannot be read.");
    const auto port = parseUnsigned(parts[0].substr(std::min(colon + 1, parts[0].size()))).value_or(0);
    if (port == 0 || port > 65535) return noInvitation("The port cannot be read.");
    found.port = static_cast<std::uint16_t>(port);
    found.fingerprint = lowerAscii(parts[1]);
    if (!isHex(found.fingerprint, 64)) return noInvitation("The fingerprint is not whole.");
    const auto token = lowerAscii(parts[2]);
    if (!isHex(token, 32)) return noInvitation("The token is not whole.");
    found.token = Secret{token};
    const auto seconds = parseUnsigned(parts[3]);
    if (!seconds || *seconds > kMostSeconds) return noInvitation("The end of its time cannot be read.");
    found.expiresAt = fromEpochMillis(static_cast<std::int64_t>(*seconds) * 1000);
    return found;
}

}  // namespace causeway::link
