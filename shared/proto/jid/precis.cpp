#include "shared/proto/jid/precis.h"

#include <unicode/locid.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "shared/base/text.h"

namespace causeway::jid {

namespace {

using CodePoints = std::vector<UChar32>;

enum class Property {
    Valid,
    OnlyFreeform,  ///< ID_DIS or FREE_PVAL
    ContextJoiner,
    ContextOther,
    Disallowed,
    Unassigned,
};

const icu::Normalizer2& normalizer(bool isCompatible) {
    UErrorCode error = U_ZERO_ERROR;
    const auto* made =
        isCompatible ? icu::Normalizer2::getNFKCInstance(error) : icu::Normalizer2::getNFCInstance(error);
    INVARIANT(made != nullptr && U_SUCCESS(error));
    return *made;
}

template <std::size_t N>
bool isOneOf(UChar32 point, const std::array<UChar32, N>& all) {
    return std::find(all.begin(), all.end(), point) != all.end();
}

// RFC 5892 2.6
constexpr std::array<UChar32, 6> kAlwaysValid{0x00DF, 0x03C2, 0x06FD, 0x06FE, 0x0F0B, 0x3007};
constexpr std::array<UChar32, 5> kContext{0x00B7, 0x0375, 0x05F3, 0x05F4, 0x30FB};
constexpr std::array<UChar32, 10> kNever{0x0640, 0x07FA, 0x302E, 0x302F, 0x3031,
                                         0x3032, 0x3033, 0x3034, 0x3035, 0x303B};

bool isIndicDigit(UChar32 point) {
    return (point >= 0x0660 && point <= 0x0669) || (point >= 0x06F0 && point <= 0x06F9);
}

bool isOldHangulJamo(UChar32 point) {
    const auto type = u_getIntPropertyValue(point, UCHAR_HANGUL_SYLLABLE_TYPE);
    return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

bool hasCompatibleForm(UChar32 point) {
    const icu::UnicodeString one(point);
    UErrorCode error = U_ZERO_ERROR;
    return normalizer(true).normalize(one, error) != one || U_FAILURE(error);
}

/// RFC 8264 8; the order of the questions is part of the rule.
Property propertyOf(UChar32 point) {
    if (isOneOf(point, kAlwaysValid)) return Property::Valid;
    if (isOneOf(point, kContext) || isIndicDigit(point)) return Property::ContextOther;
    if (isOneOf(point, kNever)) return Property::Disallowed;
    const auto category = u_charType(point);
    if (category == U_UNASSIGNED && !u_hasBinaryProperty(point, UCHAR_NONCHARACTER_CODE_POINT)) {
        return Property::Unassigned;
    }
    if (point >= 0x21 && point <= 0x7E) return Property::Valid;
    if (u_hasBinaryProperty(point, UCHAR_JOIN_CONTROL)) return Property::ContextJoiner;
    if (isOldHangulJamo(point)) return Property::Disallowed;
    if (u_hasBinaryProperty(point, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) ||
        u_hasBinaryProperty(point, UCHAR_NONCHARACTER_CODE_POINT)) {
        return Property::Disallowed;
    }
    if (category == U_CONTROL_CHAR) return Property::Disallowed;
    if (hasCompatibleForm(point)) return Property::OnlyFreeform;
    switch (category) {
        case U_UPPERCASE_LETTER:
        case U_LOWERCASE_LETTER:
        case U_OTHER_LETTER:
        case U_DECIMAL_DIGIT_NUMBER:
        case U_MODIFIER_LETTER:
        case U_NON_SPACING_MARK:
        case U_COMBINING_SPACING_MARK:
            return Property::Valid;
        case U_TITLECASE_LETTER:
        case U_LETTER_NUMBER:
        case U_OTHER_NUMBER:
        case U_ENCLOSING_MARK:
        case U_SPACE_SEPARATOR:
        case U_MATH_SYMBOL:
        case U_CURRENCY_SYMBOL:
        case U_MODIFIER_SYMBOL:
        case U_OTHER_SYMBOL:
        case U_CONNECTOR_PUNCTUATION:
        case U_DASH_PUNCTUATION:
        case U_START_PUNCTUATION:
        case U_END_PUNCTUATION:
        case U_INITIAL_PUNCTUATION:
        case U_FINAL_PUNCTUATION:
        case U_OTHER_PUNCTUATION:
            return Property::OnlyFreeform;
        default:
            return Property::Disallowed;
    }
}

UScriptCode scriptOf(UChar32 point) {
    UErrorCode error = U_ZERO_ERROR;
    return uscript_getScript(point, &error);
}

bool isVirama(UChar32 point) {
    return u_getCombiningClass(point) == 9;
}

/// RFC 5892 A.1: between letters that join, ZERO WIDTH NON-JOINER may stand.
bool joinsAcross(const CodePoints& points, std::size_t at) {
    const auto joining = [](UChar32 point) { return u_getIntPropertyValue(point, UCHAR_JOINING_TYPE); };
    std::size_t left = at;
    while (left > 0 && joining(points[left - 1]) == U_JT_TRANSPARENT)
        --left;
    if (left == 0) return false;
    const auto before = joining(points[left - 1]);
    if (before != U_JT_LEFT_JOINING && before != U_JT_DUAL_JOINING) return false;
    std::size_t right = at + 1;
    while (right < points.size() && joining(points[right]) == U_JT_TRANSPARENT)
        ++right;
    if (right == points.size()) return false;
    const auto after = joining(points[right]);
    return after == U_JT_RIGHT_JOINING || after == U_JT_DUAL_JOINING;
}

bool fitsContext(const CodePoints& points, std::size_t at) {
    const auto point = points[at];
    const auto before = at > 0 ? points[at - 1] : 0;
    const auto after = at + 1 < points.size() ? points[at + 1] : 0;
    switch (point) {
        case 0x200C:
            return isVirama(before) || joinsAcross(points, at);
        case 0x200D:
            return isVirama(before);
        case 0x00B7:
            return before == 'l' && after == 'l';
        case 0x0375:
            return scriptOf(after) == USCRIPT_GREEK;
        case 0x05F3:
        case 0x05F4:
            return scriptOf(before) == USCRIPT_HEBREW;
        case 0x30FB:
            return std::any_of(points.begin(), points.end(), [](UChar32 each) {
                const auto script = scriptOf(each);
                return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HAN;
            });
        default: {
            // Arabic-Indic digits of one kind only.
            const bool isExtended = point >= 0x06F0;
            return std::none_of(points.begin(), points.end(),
                                [&](UChar32 each) { return isIndicDigit(each) && (each >= 0x06F0) != isExtended; });
        }
    }
}

/// RFC 5893 2 for one label; true also if nothing in it runs from right to left.
bool fitsDirection(const CodePoints& points) {
    const auto directionOf = [](UChar32 point) { return u_charDirection(point); };
    const bool hasRightToLeft = std::any_of(points.begin(), points.end(), [&](UChar32 each) {
        const auto direction = directionOf(each);
        return direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC || direction == U_ARABIC_NUMBER;
    });
    if (!hasRightToLeft) return true;
    const auto first = directionOf(points.front());
    if (first != U_LEFT_TO_RIGHT && first != U_RIGHT_TO_LEFT && first != U_RIGHT_TO_LEFT_ARABIC) return false;
    const bool isRightToLeft = first != U_LEFT_TO_RIGHT;
    bool hasEuropean = false;
    bool hasArabic = false;
    auto last = first;
    for (const auto each : points) {
        const auto direction = directionOf(each);
        switch (direction) {
            case U_EUROPEAN_NUMBER:
                hasEuropean = true;
                break;
            case U_ARABIC_NUMBER:
                hasArabic = true;
                if (!isRightToLeft) return false;
                break;
            case U_RIGHT_TO_LEFT:
            case U_RIGHT_TO_LEFT_ARABIC:
                if (!isRightToLeft) return false;
                break;
            case U_LEFT_TO_RIGHT:
                if (isRightToLeft) return false;
                break;
            case U_EUROPEAN_NUMBER_SEPARATOR:
            case U_COMMON_NUMBER_SEPARATOR:
            case U_EUROPEAN_NUMBER_TERMINATOR:
            case U_OTHER_NEUTRAL:
            case U_BOUNDARY_NEUTRAL:
            case U_DIR_NON_SPACING_MARK:
                break;
            default:
                return false;
        }
        if (direction != U_DIR_NON_SPACING_MARK) last = direction;
    }
    if (isRightToLeft) {
        if (hasEuropean && hasArabic) return false;
        return last == U_RIGHT_TO_LEFT || last == U_RIGHT_TO_LEFT_ARABIC || last == U_EUROPEAN_NUMBER ||
               last == U_ARABIC_NUMBER;
    }
    return last == U_LEFT_TO_RIGHT || last == U_EUROPEAN_NUMBER;
}

/// Full-width and half-width forms become their ordinary ones.
void narrow(icu::UnicodeString& text) {
    icu::UnicodeString out;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        const auto point = text.char32At(i);
        const auto type = u_getIntPropertyValue(point, UCHAR_DECOMPOSITION_TYPE);
        icu::UnicodeString plain;
        if ((type == U_DT_WIDE || type == U_DT_NARROW) && normalizer(true).getRawDecomposition(point, plain)) {
            out.append(plain);
        } else {
            out.append(point);
        }
    }
    text = out;
}

void mapSpaces(icu::UnicodeString& text) {
    icu::UnicodeString out;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        const auto point = text.char32At(i);
        out.append(point != ' ' && u_charType(point) == U_SPACE_SEPARATOR ? UChar32{' '} : point);
    }
    text = out;
}

CodePoints pointsOf(const icu::UnicodeString& text) {
    CodePoints points;
    for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1))
        points.push_back(text.char32At(i));
    return points;
}

std::string nameOf(UChar32 point) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    std::string hex;
    for (int shift = 20; shift >= 0; shift -= 4) {
        const auto digit = static_cast<std::size_t>(point >> shift) & 0xFU;
        if (hex.empty() && digit == 0 && shift > 12) continue;
        hex += kDigits[digit];
    }
    std::string text = "U+" + hex;
    if (u_isgraph(point) != 0 && u_charType(point) != U_NON_SPACING_MARK) {
        std::string shown;
        icu::UnicodeString(point).toUTF8String(shown);
        text = "\"" + shown + "\" (" + text + ")";
    } else if (point == ' ') {
        text = "a space";
    }
    return text;
}

bool isAllowed(Property property, const PrecisProfile& profile, const CodePoints& points, std::size_t at) {
    switch (property) {
        case Property::Valid:
            return true;
        case Property::OnlyFreeform:
            return profile.stringClass == StringClass::Freeform;
        case Property::ContextJoiner:
        case Property::ContextOther:
            return fitsContext(points, at);
        case Property::Disallowed:
        case Property::Unassigned:
            return false;
    }
    return false;
}

}  // namespace

Result<std::string> enforce(const PrecisProfile& profile, std::string_view text) {
    if (!isValidUtf8(text)) return Error{Code::BadInput, "The text is not valid UTF-8."};
    auto prepared = icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
    if (profile.widthRule == WidthRule::Narrow) narrow(prepared);
    if (profile.mapsSpaces) mapSpaces(prepared);
    if (profile.caseRule == CaseRule::Lower) prepared.toLower(icu::Locale::getRoot());
    UErrorCode error = U_ZERO_ERROR;
    prepared = normalizer(false).normalize(prepared, error);
    if (U_FAILURE(error)) return Error{Code::BadInput, "The text cannot be normalized."};

    const auto points = pointsOf(prepared);
    std::size_t place = 0;
    for (std::size_t i = 0; i < points.size(); ++i) {
        if (!isAllowed(propertyOf(points[i]), profile, points, i)) {
            Error refusal{Code::BadInput, nameOf(points[i]) + " is not allowed here."};
            refusal.place = place;
            return refusal;
        }
        place += static_cast<std::size_t>(U8_LENGTH(points[i]));
    }
    if (profile.checksDirection && !points.empty() && !fitsDirection(points)) {
        return Error{Code::BadInput,
                     "Letters that run from right to left are mixed with others in a way that cannot be shown safely."};
    }
    std::string out;
    prepared.toUTF8String(out);
    return out;
}

}  // namespace causeway::jid
