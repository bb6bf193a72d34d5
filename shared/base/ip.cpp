#include "shared/base/ip.h"

#include "shared/base/cursor.h"

namespace causeway {

std::string Ip4::text() const {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8) {
        if (!out.empty()) out += '.';
        out += std::to_string((value >> shift) & 0xFFU);
    }
    return out;
}

std::optional<Ip4> Ip4::parse(std::string_view text) {
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part) {
        const auto dot = text.find('.');
        if ((dot == std::string_view::npos) != (part == 3)) return std::nullopt;
        const auto digits = text.substr(0, dot);
        if (digits.size() > 3 || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
        const auto number = parseUnsigned(digits);
        if (!number || *number > 255) return std::nullopt;
        value = value << 8 | static_cast<std::uint32_t>(*number);
        text = part == 3 ? std::string_view{} : text.substr(dot + 1);
    }
    return Ip4{value};
}

Network4 Network4::of(Ip4 anyInside, int prefix) {
    return {{anyInside.value & maskOf(prefix)}, prefix};
}

std::string Network4::text() const {
    return address.text() + "/" + std::to_string(prefix);
}

std::optional<Network4> Network4::parse(std::string_view text) {
    const auto slash = text.find('/');
    const auto ip = Ip4::parse(text.substr(0, slash));
    if (!ip) return std::nullopt;
    if (slash == std::string_view::npos) return Network4{*ip, 32};
    const auto prefix = parseUnsigned(text.substr(slash + 1));
    if (!prefix || *prefix > 32 || text.size() - slash > 3) return std::nullopt;
    const auto network = of(*ip, static_cast<int>(*prefix));
    if (network.address != *ip) return std::nullopt;
    return network;
}

}  // namespace causeway
