#pragma once

#include <string>
#include <string_view>

#include "shared/base/result.h"

/// Preparation of internationalized strings.
namespace causeway::jid {

enum class StringClass {
    Identifier,  ///< names: letters, digits and the visible ASCII characters
    Freeform,    ///< passwords, resources: also spaces, symbols, punctuation
};
enum class CaseRule { Keep, Lower };
enum class WidthRule { Keep, Narrow };

struct PrecisProfile {
    StringClass stringClass;
    CaseRule caseRule;
    WidthRule widthRule;
    bool mapsSpaces;       ///< other spaces become U+0020
    bool checksDirection;  ///< Bidi Rule of RFC 5893 2
};

/// The prepared string in NFC.
/// Errors: BadInput naming the character; `place` is its byte in `text`, or in the prepared string for a rule that
///         looks at the whole of it.
/// Source: RFC 8264 5.2, 7, 8; RFC 5892 appendix A for characters that depend on their neighbours.
Result<std::string> enforce(const PrecisProfile& profile, std::string_view text);

}  // namespace causeway::jid
