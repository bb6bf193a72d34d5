#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace causeway {

/// IPv4 address, host byte order. IP Messenger is IPv4 unless a client was told otherwise (facts: IPv6 mode is off by
/// default), so the LAN directory is IPv4; the other features have their own types.
struct Ip4 {
    std::uint32_t value = 0;

    auto operator<=>(const Ip4&) const = default;
    bool isAny() const { return value == 0; }
    bool isLoopback() const { return (value >> 24) == 127; }
    bool isMulticast() const { return (value >> 28) == 14; }
    /// 0/8, multicast, 240/4 and the limited broadcast can never be a user's address.
    bool canBeHost() const { return (value >> 24) != 0 && value < 0xE0000000U; }
    std::string text() const;
    /// Exactly four decimal parts 0..255, no leading zeros beyond one digit ("010" is refused), nothing around.
    static std::optional<Ip4> parse(std::string_view text);
};

/// Network with prefix length 0..32; `address` is the first address (host bits are zero).
struct Network4 {
    Ip4 address;
    int prefix = 32;

    auto operator<=>(const Network4&) const = default;
    static Network4 of(Ip4 anyInside, int prefix);
    static std::uint32_t maskOf(int prefix) { return prefix == 0 ? 0U : ~std::uint32_t{0} << (32 - prefix); }
    bool contains(Ip4 ip) const { return (ip.value & maskOf(prefix)) == address.value; }
    Ip4 first() const { return address; }
    Ip4 last() const { return {address.value | ~maskOf(prefix)}; }
    /// Directed broadcast; equals last() for prefixes up to 30, no meaning beyond.
    Ip4 broadcast() const { return last(); }
    std::uint64_t size() const { return std::uint64_t{1} << (32 - prefix); }
    std::string text() const;  ///< "10.1.0.0/24"
    /// "10.1.0.0/24"; host bits must be zero; a plain address is /32.
    static std::optional<Network4> parse(std::string_view text);
};

}  // namespace causeway

template <>
struct std::hash<causeway::Ip4> {
    std::size_t operator()(causeway::Ip4 ip) const noexcept {
        // Multiplicative spread: addresses of one segment differ only in the low bits.
        return static_cast<std::size_t>(ip.value) * 0x9E3779B97F4A7C15ULL >> 16;
    }
};
