#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "shared/base/bytes.h"
#include "shared/proto/dns/ip_address.h"

namespace causeway::dns {

/// SipHash-2-4, 64 bits. Source: Aumasson, Bernstein: "SipHash: a fast short-input PRF", 2012.
std::uint64_t sipHash24(const std::array<Byte, 16>& key, std::string_view bytes);

constexpr std::size_t kClientCookie = 8;
constexpr std::size_t kServerCookie = 16;

/// Interoperable server cookies of RFC 9018 4: version 1, 32-bit time in seconds since 1970, SipHash-2-4 over the
/// client cookie, these fields and the address of the client.
class CookieMaker {
public:
    explicit CookieMaker(const std::array<Byte, 16>& secret) : secret_(secret) {}

    /// `clientCookie` has 8 bytes.
    std::array<Byte, kServerCookie> make(std::string_view clientCookie, const IpAddress& client,
                                         std::uint32_t now) const;
    /// `serverCookie` was made for this client at most an hour ago, and at most five minutes in our future.
    bool isGood(std::string_view clientCookie, std::string_view serverCookie, const IpAddress& client,
                std::uint32_t now) const;

private:
    std::uint64_t hash(std::string_view clientCookie, std::string_view fields, const IpAddress& client) const;

    std::array<Byte, 16> secret_;
};

}  // namespace causeway::dns
