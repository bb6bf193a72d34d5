#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace causeway {

/// What is wrong with a text that a person typed, and where.
struct TextProblem {
    std::size_t column = 0;  ///< 0-based byte offset
    std::string text;        ///< one or two sentences
};

/// A piece of a template: plain text, or a placeholder such as {user}.
struct TemplatePart {
    std::string_view text;   ///< as written, the braces too
    std::string_view name;   ///< "user"; empty for plain text
    std::size_t column = 0;  ///< where it begins
};

/// Templates of bind names, filters, queries and request bodies. A placeholder is {name} with name of a-z and _;
/// every other brace is plain text, so JSON needs no escaping.
std::vector<TemplatePart> templateParts(std::string_view text);

/// Each placeholder replaced by what `valueOf(name)` gives, which must already be escaped for its place.
std::string fillTemplate(std::string_view text, const std::function<std::string(std::string_view name)>& valueOf);

/// The first unknown placeholder, or the first of `needed` that is missing.
std::optional<TextProblem> templateProblem(std::string_view text, std::span<const std::string_view> known,
                                           std::span<const std::string_view> needed);

}  // namespace causeway
