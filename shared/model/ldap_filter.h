#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace causeway {

enum class LdapFilterKind { And, Or, Not, Test };

/// A search filter as a tree.
struct LdapFilter {
    LdapFilterKind kind = LdapFilterKind::Test;
    std::string attribute;   ///< Test: with its options and matching rule, "memberOf:1.2.840.113556.1.4.1941:"
    std::string comparison;  ///< Test: "=", ">=", "<=", "~="; for a matching rule "="
    std::string value;       ///< Test: as written, escapes and asterisks kept
    std::vector<LdapFilter> parts;

    friend bool operator==(const LdapFilter&, const LdapFilter&) = default;
};

/// Reads a filter; placeholders such as {user} may stand in values.
/// Bounds: 32 levels, 500 parts, 8,000 bytes.
/// Errors: BadInput, TooLong, TooMany; `place` is the column (0-based) that a person should look at.
/// Source: RFC 4515 3. Blanks between brackets are let pass, as ldapsearch and Active Directory do.
Result<LdapFilter> parseLdapFilter(std::string_view text);
/// The filter on one line; parses to the same tree.
std::string writeLdapFilter(const LdapFilter& filter);

/// For a value inside a filter: NUL ( ) * \ and all bytes beyond ASCII as \xx. Source: RFC 4515 3.
std::string escapeFilterValue(std::string_view value);
/// For a value inside a distinguished name. Source: RFC 4514 2.4.
std::string escapeDnValue(std::string_view value);

}  // namespace causeway
