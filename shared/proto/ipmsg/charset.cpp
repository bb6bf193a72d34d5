#include "shared/proto/ipmsg/charset.h"

#include <unicode/ucnv.h>
#include <unicode/ucnv_cb.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <memory>

#include "shared/base/text.h"

namespace causeway::ipmsg {

namespace {

constexpr std::size_t kMaxCharsetName = 60;

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};
using Converter = std::unique_ptr<UConverter, CloseConverter>;

/// ICU's own rule writes the control character 1A for some bad bytes; one visible mark for all is clearer.
void markBadBytes(const void*, UConverterToUnicodeArgs* args, const char*, std::int32_t,
                  UConverterCallbackReason reason, UErrorCode* status) {
    if (reason > UCNV_IRREGULAR) return;
    constexpr UChar kMark = 0xFFFD;
    *status = U_ZERO_ERROR;
    ucnv_cbToUWriteUChars(args, &kMark, 1, 0, status);
}

Converter openConverter(std::string_view name) {
    // ICU takes an empty name for the platform's charset and a name with a path for a file: neither is meant here.
    const auto isPlain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
               c == '.' || c == ':';
    };
    if (name.empty() || name.size() > kMaxCharsetName || !std::all_of(name.begin(), name.end(), isPlain)) return {};
    UErrorCode status = U_ZERO_ERROR;
    Converter converter{ucnv_open(std::string(name).c_str(), &status)};
    if (U_FAILURE(status)) return {};
    ucnv_setToUCallBack(converter.get(), markBadBytes, nullptr, nullptr, nullptr, &status);
    if (U_FAILURE(status)) return {};
    return converter;
}

/// A converter has state and belongs to one thread; each thread keeps the one that it used last.
UConverter* converterOf(std::string_view name) {
    thread_local std::string lastName;
    thread_local Converter last;
    if (!last || lastName != name) {
        last = openConverter(name);
        lastName = name;
    }
    return last.get();
}

}  // namespace

std::string decodeField(std::string_view bytes, bool promisedUtf8, std::string_view legacyCharset) {
    const auto isPlain = [](char c) { return c >= 0x20 && c < 0x7F; };
    if (std::all_of(bytes.begin(), bytes.end(), isPlain)) return std::string(bytes);
    if (promisedUtf8 || isValidUtf8(bytes)) return cleanUtf8(bytes);

    UConverter* converter = converterOf(legacyCharset);
    if (converter == nullptr) return cleanUtf8(bytes);
    ucnv_resetToUnicode(converter);
    std::u16string wide(bytes.size() * 2 + 2, u'\0');
    UErrorCode status = U_ZERO_ERROR;
    const auto length = ucnv_toUChars(converter, wide.data(), static_cast<std::int32_t>(wide.size()), bytes.data(),
                                      static_cast<std::int32_t>(bytes.size()), &status);
    if (U_FAILURE(status)) return cleanUtf8(bytes);
    std::string text(static_cast<std::size_t>(length) * 3, '\0');
    std::int32_t textLength = 0;
    u_strToUTF8WithSub(text.data(), static_cast<std::int32_t>(text.size()), &textLength, wide.data(), length, 0xFFFD,
                       nullptr, &status);
    if (U_FAILURE(status)) return cleanUtf8(bytes);
    text.resize(static_cast<std::size_t>(textLength));
    return cleanUtf8(text);
}

bool isKnownCharset(std::string_view name) {
    return openConverter(name) != nullptr;
}

}  // namespace causeway::ipmsg
