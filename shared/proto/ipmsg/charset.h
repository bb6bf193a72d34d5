#pragma once

#include <string>
#include <string_view>

namespace causeway::ipmsg {

/// Decodes a field of a packet to clean UTF-8 (facts 4.3): UTF-8 if promised or if the bytes are valid UTF-8, else the
/// legacy code page ("cp932", "gbk", "gb18030", "windows-1252", any ICU converter name), else bad bytes replaced.
/// Control characters become blanks. Unknown converter names fall back to replacement; see isKnownCharset().
std::string decodeField(std::string_view bytes, bool promisedUtf8, std::string_view legacyCharset);

/// True if ICU has a converter of that name; the settings check uses it.
bool isKnownCharset(std::string_view name);

}  // namespace causeway::ipmsg
