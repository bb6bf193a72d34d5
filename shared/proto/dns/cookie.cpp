#include "shared/proto/dns/cookie.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "shared/base/secret.h"

namespace causeway::dns {

namespace {

constexpr std::size_t kFields = 8;  // version, three reserved bytes, time
constexpr std::int32_t kLifetime = 3600;
constexpr std::int32_t kFuture = 300;

std::uint64_t littleEndian(const char* bytes, std::size_t count) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    return value;
}

struct SipState {
    std::uint64_t v0, v1, v2, v3;

    void round() {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32);
        v2 += v1;
        v0 += v3;
        v1 = std::rotl(v1, 17) ^ v2;
        v3 = std::rotl(v3, 21) ^ v0;
        v2 = std::rotl(v2, 32);
    }
    void absorb(std::uint64_t word) {
        v3 ^= word;
        round();
        round();
        v0 ^= word;
    }
};

}  // namespace

std::uint64_t sipHash24(const std::array<Byte, 16>& key, std::string_view bytes) {
    const auto* raw = reinterpret_cast<const char*>(key.data());
    const auto k0 = littleEndian(raw, 8);
    const auto k1 = littleEndian(raw + 8, 8);
    SipState state{k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL, k0 ^ 0x6c7967656e657261ULL,
                   k1 ^ 0x7465646279746573ULL};
    std::size_t at = 0;
    for (; at + 8 <= bytes.size(); at += 8)
        state.absorb(littleEndian(bytes.data() + at, 8));
    state.absorb(littleEndian(bytes.data() + at, bytes.size() - at) | (std::uint64_t{bytes.size() & 0xFFU} << 56));
    state.v2 ^= 0xFF;
    for (int i = 0; i < 4; ++i)
        state.round();
    return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::uint64_t CookieMaker::hash(std::string_view clientCookie, std::string_view fields, const IpAddress& client) const {
    std::array<char, kClientCookie + kFields + 16> input;
    const auto ip = client.raw();
    std::memcpy(input.data(), clientCookie.data(), kClientCookie);
    std::memcpy(input.data() + kClientCookie, fields.data(), kFields);
    std::memcpy(input.data() + kClientCookie + kFields, ip.data(), ip.size());
    return sipHash24(secret_, {input.data(), kClientCookie + kFields + ip.size()});
}

std::array<Byte, kServerCookie> CookieMaker::make(std::string_view clientCookie, const IpAddress& client,
                                                  std::uint32_t now) const {
    std::array<Byte, kServerCookie> out{};
    out[0] = 1;
    for (unsigned i = 0; i < 4; ++i)
        out[4 + i] = static_cast<Byte>(now >> (24 - 8 * i));
    const auto value = hash(clientCookie, textOf(ByteView{out}.first(kFields)), client);
    for (unsigned i = 0; i < 8; ++i)
        out[kFields + i] = static_cast<Byte>(value >> (8 * i));
    return out;
}

bool CookieMaker::isGood(std::string_view clientCookie, std::string_view serverCookie, const IpAddress& client,
                         std::uint32_t now) const {
    if (clientCookie.size() != kClientCookie || serverCookie.size() != kServerCookie) return false;
    if (serverCookie.substr(0, 4) != std::string_view{"\1\0\0\0", 4}) return false;
    std::uint32_t made = 0;
    for (std::size_t i = 4; i < kFields; ++i)
        made = (made << 8) | static_cast<unsigned char>(serverCookie[i]);
    const auto age = static_cast<std::int32_t>(now - made);  // serial number arithmetic: works past 2106
    if (age > kLifetime || age < -kFuture) return false;
    const auto value = hash(clientCookie, serverCookie.substr(0, kFields), client);
    std::array<char, 8> expected;
    for (unsigned i = 0; i < 8; ++i)
        expected[i] = static_cast<char>(value >> (8 * i));
    return equalInConstantTime({expected.data(), expected.size()}, serverCookie.substr(kFields));
}

}  // namespace causeway::dns
