#pragma once

#include <cstdint>
#include <string_view>

#include "shared/base/text.h"

namespace causeway::fuzz {

inline std::string_view inputOf(const std::uint8_t* data, std::size_t size) {
    // libFuzzer gives a null pointer with an empty input.
    return size == 0 ? std::string_view{} : std::string_view{reinterpret_cast<const char*>(data), size};
}

/// Valid UTF-8 without control characters: safe to show and to write in lines and lists.
inline bool isClean(std::string_view text) {
    return isValidUtf8(text) && cleanUtf8(text) == text;
}

}  // namespace causeway::fuzz
