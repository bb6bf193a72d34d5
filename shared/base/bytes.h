#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace causeway {

using Byte = std::uint8_t;
using ByteView = std::span<const Byte>;

/// Packet bytes are kept in std::string (opaque, may hold NUL); these two only change the view of them.
inline ByteView bytesOf(std::string_view text) {
    return {reinterpret_cast<const Byte*>(text.data()), text.size()};
}
inline std::string_view textOf(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace causeway
