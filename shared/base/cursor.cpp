#include "shared/base/cursor.h"

#include <charconv>

namespace causeway {

std::string_view Cursor::take(std::size_t count) {
    if (!ok_ || count > input_.size() - at_) {
        ok_ = false;
        return {};
    }
    const auto part = input_.substr(at_, count);
    at_ += count;
    return part;
}

std::string_view Cursor::until(char stop) {
    if (!ok_) return {};
    const auto end = input_.find(stop, at_);
    if (end == std::string_view::npos) {
        ok_ = false;
        return {};
    }
    const auto part = input_.substr(at_, end - at_);
    at_ = end + 1;
    return part;
}

std::string_view Cursor::untilOrEnd(char stop) {
    if (!ok_) return {};
    const auto end = input_.find(stop, at_);
    if (end == std::string_view::npos) {
        const auto part = input_.substr(at_);
        at_ = input_.size();
        return part;
    }
    const auto part = input_.substr(at_, end - at_);
    at_ = end + 1;
    return part;
}

void Cursor::expect(std::string_view expected) {
    if (take(expected.size()) != expected) ok_ = false;
}

std::optional<std::uint64_t> parseUnsigned(std::string_view text, int base) {
    std::uint64_t value = 0;
    const char* last = text.data() + text.size();
    const auto [end, status] = std::from_chars(text.data(), last, value, base);
    if (status != std::errc{} || end != last || text.empty()) return std::nullopt;
    return value;
}

}  // namespace causeway
