#include "shared/proto/dns/ip_address.h"

#include <algorithm>
#include <cstdio>
#include <vector>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::dns {

namespace {

constexpr std::array<Byte, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};

void appendWord(std::vector<Byte>& out, unsigned value) {
    out.push_back(static_cast<Byte>(value >> 8));
    out.push_back(static_cast<Byte>(value & 0xFFU));
}

/// Groups between colons; the last one may be an IPv4 address. False if a group is not well formed.
bool readGroups(std::string_view text, bool mayEndInIp4, std::vector<Byte>& out) {
    if (text.empty()) return true;
    const auto groups = split(text, ':');
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const auto group = groups[i];
        if (mayEndInIp4 && i + 1 == groups.size() && group.find('.') != std::string_view::npos) {
            const auto last = Ip4::parse(group);
            if (!last) return false;
            appendWord(out, last->value >> 16);
            appendWord(out, last->value & 0xFFFFU);
            continue;
        }
        const auto value = group.size() <= 4 ? parseUnsigned(group, 16) : std::nullopt;
        if (!value) return false;
        appendWord(out, static_cast<unsigned>(*value));
    }
    return out.size() <= 16;
}

std::optional<IpAddress> parseV6(std::string_view text) {
    if (text.size() > 45) return std::nullopt;
    std::vector<Byte> head;
    std::vector<Byte> tail;
    const auto gap = text.find("::");
    if (gap == std::string_view::npos) {
        if (!readGroups(text, true, head) || head.size() != 16) return std::nullopt;
    } else {
        if (!readGroups(text.substr(0, gap), false, head) || !readGroups(text.substr(gap + 2), true, tail)) {
            return std::nullopt;
        }
        if (head.size() + tail.size() > 14) return std::nullopt;
    }
    IpAddress ip;
    ip.isV6 = true;
    std::copy(head.begin(), head.end(), ip.bytes.begin());
    std::copy(tail.begin(), tail.end(), ip.bytes.end() - static_cast<std::ptrdiff_t>(tail.size()));
    return ip;
}

}  // namespace

IpAddress IpAddress::of(Ip4 address) {
    IpAddress ip;
    for (unsigned i = 0; i < 4; ++i)
        ip.bytes[i] = static_cast<Byte>(address.value >> (24 - 8 * i));
    return ip;
}

std::optional<IpAddress> IpAddress::fromRaw(std::string_view raw) {
    IpAddress ip;
    if (raw.size() == 16) {
        std::copy(raw.begin(), raw.end(), ip.bytes.begin());
        if (std::equal(kMapped.begin(), kMapped.end(), ip.bytes.begin())) return fromRaw(raw.substr(12));
        ip.isV6 = true;
        return ip;
    }
    if (raw.size() != 4) return std::nullopt;
    std::copy(raw.begin(), raw.end(), ip.bytes.begin());
    return ip;
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    if (text.find(':') != std::string_view::npos) return parseV6(text);
    const auto ip = Ip4::parse(text);
    if (!ip) return std::nullopt;
    return of(*ip);
}

std::uint32_t IpAddress::ip4() const {
    return (std::uint32_t{bytes[0]} << 24) | (std::uint32_t{bytes[1]} << 16) | (std::uint32_t{bytes[2]} << 8) |
           std::uint32_t{bytes[3]};
}

bool IpAddress::isLoopback() const {
    if (!isV6) return bytes[0] == 127;
    return bytes[15] == 1 && std::all_of(bytes.begin(), bytes.end() - 1, [](Byte b) { return b == 0; });
}

bool IpAddress::isLinkLocal() const {
    return isV6 ? bytes[0] == 0xFE && (bytes[1] & 0xC0) == 0x80 : bytes[0] == 169 && bytes[1] == 254;
}

std::string IpAddress::text() const {
    if (!isV6) return Ip4{ip4()}.text();
    std::array<unsigned, 8> words{};
    for (std::size_t i = 0; i < 8; ++i)
        words[i] = (unsigned{bytes[2 * i]} << 8) | bytes[2 * i + 1];
    // The longest run of at least two zero words becomes "::", the first one of equal length.
    std::size_t from = 8;
    std::size_t length = 1;
    for (std::size_t i = 0; i < 8;) {
        std::size_t end = i;
        while (end < 8 && words[end] == 0)
            ++end;
        if (end - i > length) {
            from = i;
            length = end - i;
        }
        i = end + 1;
    }
    std::string out;
    for (std::size_t i = 0; i < 8; ++i) {
        if (i == from) {
            out += "::";
            i += length - 1;
            continue;
        }
        if (!out.empty() && !out.ends_with(':')) out += ':';
        std::array<char, 8> word{};
        std::snprintf(word.data(), word.size(), "%x", words[i]);
        out += word.data();
    }
    return out;
}

bool Subnet::contains(const IpAddress& ip) const {
    if (ip.isV6 != address.isV6) return false;
    const auto whole = static_cast<std::size_t>(prefix / 8);
    if (!std::equal(address.bytes.begin(), address.bytes.begin() + static_cast<std::ptrdiff_t>(whole),
                    ip.bytes.begin())) {
        return false;
    }
    const int left = prefix % 8;
    return left == 0 || ((address.bytes[whole] ^ ip.bytes[whole]) >> (8 - left)) == 0;
}

std::string Subnet::text() const {
    return address.text() + "/" + std::to_string(prefix);
}

std::optional<Subnet> Subnet::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto ip = IpAddress::parse(text.substr(0, slash));
    if (!ip) return std::nullopt;
    const std::uint64_t bits = ip->isV6 ? 128 : 32;
    auto prefix = bits;
    if (slash != std::string_view::npos) {
        const auto given = parseUnsigned(text.substr(slash + 1));
        if (!given || *given > bits) return std::nullopt;
        prefix = *given;
    }
    Subnet net{*ip, static_cast<int>(prefix)};
    for (std::size_t i = 0; i < 16; ++i) {
        const auto kept = prefix > 8 * i ? std::min<std::uint64_t>(8, prefix - 8 * i) : 0;
        net.address.bytes[i] = static_cast<Byte>(net.address.bytes[i] & (0xFF00U >> kept));
    }
    return net;
}

std::string Endpoint::text() const {
    return address.isV6 ? "[" + address.text() + "]:" + std::to_string(port)
                        : address.text() + ":" + std::to_string(port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text, std::uint16_t defaultPort) {
    auto host = text;
    std::uint64_t port = defaultPort;
    const auto colon = text.rfind(':');
    const bool isBracketed = text.starts_with('[');
    const bool hasPort = colon != std::string_view::npos &&
                         (isBracketed ? colon > 0 && text[colon - 1] == ']' : text.find(':') == colon);
    if (hasPort) {
        const auto given = parseUnsigned(text.substr(colon + 1));
        if (!given || *given > 65535) return std::nullopt;
        port = *given;
        host = text.substr(0, colon);
    }
    if (isBracketed) {
        if (!host.ends_with(']')) return std::nullopt;
        host = host.substr(1, host.size() - 2);
    }
    const auto ip = IpAddress::parse(host);
    if (!ip || (isBracketed && !ip->isV6)) return std::nullopt;
    return Endpoint{*ip, static_cast<std::uint16_t>(port)};
}

}  // namespace causeway::dns
