#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace causeway {

std::string_view trimmed(std::string_view text);
/// Parts between separators, empty parts kept; never empty itself.
std::vector<std::string_view> split(std::string_view text, char separator);
/// Lower case of A-Z only; other bytes stay.
std::string lowerAscii(std::string_view text);
bool isValidUtf8(std::string_view text);
/// Each bad byte becomes U+FFFD; control characters (also U+0080..9F), U+2028, U+2029 and those that turn the direction
/// of a line (U+202A..202E, U+2066..2069) become a blank. Safe to show and to put in JSON.
std::string cleanUtf8(std::string_view text);
/// First `bytes` bytes, cut at a character border.
std::string_view cutUtf8(std::string_view text, std::size_t bytes);

std::string hexText(std::string_view bytes);
std::optional<std::string> parseHex(std::string_view text);
std::string base64Text(std::string_view bytes);
/// Padding required; no blanks.
std::optional<std::string> parseBase64(std::string_view text);

}  // namespace causeway
