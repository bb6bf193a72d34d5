#include "shared/model/template_text.h"

#include <algorithm>

namespace causeway {

namespace {

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
}

/// Length of the placeholder at the start of `text` with its braces; 0 if there is none.
std::size_t placeholderSize(std::string_view text) {
    if (!text.starts_with('{')) return 0;
    std::size_t end = 1;
    while (end < text.size() && isNameCharacter(text[end]))
        ++end;
    return end > 1 && end < text.size() && text[end] == '}' ? end + 1 : 0;
}

std::string listed(std::span<const std::string_view> names) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i > 0) out += i + 1 == names.size() ? " and " : ", ";
        out += "{" + std::string(names[i]) + "}";
    }
    return out;
}

}  // namespace

std::vector<TemplatePart> templateParts(std::string_view text) {
    std::vector<TemplatePart> parts;
    std::size_t plainFrom = 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto size = placeholderSize(text.substr(at));
        if (size == 0) {
            ++at;
            continue;
        }
        if (at > plainFrom) parts.push_back({text.substr(plainFrom, at - plainFrom), {}, plainFrom});
        parts.push_back({text.substr(at, size), text.substr(at + 1, size - 2), at});
        at += size;
        plainFrom = at;
    }
    if (plainFrom < text.size()) parts.push_back({text.substr(plainFrom), {}, plainFrom});
    return parts;
}

std::string fillTemplate(std::string_view text, const std::function<std::string(std::string_view name)>& valueOf) {
    std::string out;
    for (const auto& part : templateParts(text)) {
        if (part.name.empty()) {
            out += part.text;
        } else {
            out += valueOf(part.name);
        }
    }
    return out;
}

std::optional<TextProblem> templateProblem(std::string_view text, std::span<const std::string_view> known,
                                           std::span<const std::string_view> needed) {
    const auto parts = templateParts(text);
    for (const auto& part : parts) {
        if (part.name.empty() || std::find(known.begin(), known.end(), part.name) != known.end()) continue;
        return TextProblem{part.column, "There is no placeholder " + std::string(part.text) +
                                            " here. This field knows " + listed(known) + "."};
    }
    for (const auto name : needed) {
        const auto isThere =
            std::any_of(parts.begin(), parts.end(), [&](const TemplatePart& part) { return part.name == name; });
        if (!isThere) {
            return TextProblem{text.size(), "{" + std::string(name) +
                                                "} is missing, so every user would look the same. "
                                                "Write it where the name belongs."};
        }
    }
    return std::nullopt;
}

}  // namespace causeway
