#include "shared/proto/ipmsg/packet.h"

#include <charconv>
#include <optional>
#include <tuple>

#include "shared/base/cursor.h"

namespace causeway::ipmsg {

namespace {

constexpr std::size_t kMaxFieldBytes = 255;
constexpr std::size_t kMaxVersionBytes = 127;
constexpr std::string_view kForbidden{"\0\n\a", 3};

Error broken(Code code, std::string what, std::size_t place) {
    return Error{code, std::move(what), {}, {}, place};
}

/// Decimal, modulo 2^32: the command is signed where Windows reads it, and clients on phones count milliseconds in the
/// packet number.
std::optional<std::uint32_t> parseWrapping(std::string_view text) {
    const bool isNegative = text.starts_with('-');
    if (isNegative) text.remove_prefix(1);
    const auto value = parseUnsigned(text);
    if (!value) return std::nullopt;
    const auto low = static_cast<std::uint32_t>(*value & 0xFFFFFFFFU);
    return isNegative ? 0U - low : low;
}

bool startsWithOne(std::string_view version) {
    unsigned value = 0;
    const auto [end, status] = std::from_chars(version.data(), version.data() + version.size(), value);
    return status == std::errc{} && value == 1;
}

void appendField(std::string& out, std::string_view field) {
    if (field.find(':') == std::string_view::npos && field.find_first_of(kForbidden) == std::string_view::npos) {
        out += field.empty() ? std::string_view{"-"} : field;
        return;
    }
    const auto start = out.size();
    for (const char c : field) {
        if (kForbidden.find(c) == std::string_view::npos) out += c == ':' ? ';' : c;
    }
    if (out.size() == start) out += '-';
}

void appendNumber(std::string& out, std::uint32_t number) {
    char digits[12];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out.append(digits, end);
}

}  // namespace

bool isIpDict(std::string_view datagram) {
    return datagram.starts_with("IP2:");
}

Result<Packet> parsePacket(std::string_view datagram) {
    if (datagram.size() > kMaxDatagram) {
        return broken(Code::TooLong, "The packet is longer than 32767 bytes.", kMaxDatagram);
    }
    Cursor in{datagram};
    const auto version = in.until(':');
    const auto numberAt = in.position();
    const auto number = in.until(':');
    const auto userAt = in.position();
    const auto user = in.until(':');
    const auto hostAt = in.position();
    const auto host = in.until(':');
    const auto commandAt = in.position();
    const auto command = in.until(':');
    if (!in.ok()) {
        return broken(Code::Truncated, "The packet ends before its fifth colon.", datagram.size());
    }

    if (version.size() > kMaxVersionBytes) {
        return broken(Code::TooLong, "The version field is longer than 127 bytes.", 0);
    }
    if (!startsWithOne(version) || version.find_first_of(kForbidden) != std::string_view::npos) {
        return broken(Code::BadInput, "The version field does not start with the number 1.", 0);
    }
    const auto parsedNumber = parseWrapping(number);
    if (!parsedNumber) return broken(Code::BadInput, "The packet number is not decimal.", numberAt);
    for (const auto& [field, at, name] : {std::tuple{user, userAt, "user"}, std::tuple{host, hostAt, "host"}}) {
        if (field.empty()) return broken(Code::BadInput, std::string("The ") + name + " field is empty.", at);
        if (field.size() > kMaxFieldBytes) {
            return broken(Code::TooLong, std::string("The ") + name + " field is longer than 255 bytes.", at);
        }
        const auto bad = field.find_first_of(kForbidden);
        if (bad != std::string_view::npos) {
            return broken(Code::BadInput, std::string("The ") + name + " field holds a NUL, LF or BEL byte.", at + bad);
        }
    }
    const auto parsedCommand = parseWrapping(command);
    if (!parsedCommand) return broken(Code::BadInput, "The command is not decimal.", commandAt);

    Packet packet;
    packet.version = version;
    packet.number = *parsedNumber;
    packet.user = user;
    packet.host = host;
    packet.command = *parsedCommand;
    packet.body = in.untilOrEnd('\0');
    packet.ext = in.rest();
    return packet;
}

std::string writePacket(const Packet& packet) {
    std::string out;
    out.reserve(packet.version.size() + packet.user.size() + packet.host.size() + packet.body.size() +
                packet.ext.size() + 32);
    if (startsWithOne(packet.version)) {
        appendField(out, packet.version);
    } else {
        out += '1';
    }
    out += ':';
    appendNumber(out, packet.number);
    out += ':';
    appendField(out, packet.user);
    out += ':';
    appendField(out, packet.host);
    out += ':';
    appendNumber(out, packet.command);
    out += ':';
    out += packet.body;
    out += '\0';
    out += packet.ext;
    return out;
}

}  // namespace causeway::ipmsg
