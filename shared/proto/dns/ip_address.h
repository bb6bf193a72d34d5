#pragma once

#include <array>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/base/ip.h"

namespace causeway::dns {

/// IPv4 or IPv6 address in network byte order. IPv4 fills the first four bytes, the others are zero.
struct IpAddress {
    std::array<Byte, 16> bytes{};
    bool isV6 = false;

    auto operator<=>(const IpAddress&) const = default;

    static IpAddress of(Ip4 address);
    /// 4 or 16 raw bytes; an IPv4-mapped IPv6 address (::ffff:a.b.c.d) becomes the IPv4 address that it stands for.
    static std::optional<IpAddress> fromRaw(std::string_view raw);
    /// "192.0.2.1" as Ip4::parse takes it, or IPv6 text of RFC 4291 2.2; no zone, no brackets.
    static std::optional<IpAddress> parse(std::string_view text);

    std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), isV6 ? 16U : 4U}; }
    std::uint32_t ip4() const;  ///< IPv4 in host byte order; only if !isV6
    bool isAny() const { return bytes == decltype(bytes){}; }
    bool isLoopback() const;
    bool isLinkLocal() const;
    std::string text() const;  ///< RFC 5952
};

/// A network: every address whose first `prefix` bits are those of `address`; the other bits of `address` are zero.
struct Subnet {
    IpAddress address;
    int prefix = 0;

    auto operator<=>(const Subnet&) const = default;
    bool contains(const IpAddress& ip) const;
    std::string text() const;
    /// "10.0.0.0/8", "fd00::/8"; a plain address is /32 or /128; host bits are cleared.
    static std::optional<Subnet> parse(std::string_view text);
};

/// "192.0.2.1:53", "[2001:db8::1]:53" or an address alone, which gets `defaultPort`.
struct Endpoint {
    IpAddress address;
    std::uint16_t port = 53;

    auto operator<=>(const Endpoint&) const = default;
    std::string text() const;
    static std::optional<Endpoint> parse(std::string_view text, std::uint16_t defaultPort = 53);
};

}  // namespace causeway::dns
