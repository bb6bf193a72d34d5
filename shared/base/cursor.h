#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace causeway {

/// Bounds-checked reader over bytes. The first error sticks: parse straight and test ok() once.
/// After an error every read returns an empty or zero value and moves nothing.
class Cursor {
public:
    explicit Cursor(std::string_view input) : input_(input) {}

    bool ok() const { return ok_; }
    void fail() { ok_ = false; }
    std::size_t position() const { return at_; }
    bool atEnd() const { return at_ >= input_.size(); }
    std::string_view rest() const { return ok_ ? input_.substr(at_) : std::string_view{}; }

    /// The next `count` bytes; an error if fewer are left.
    std::string_view take(std::size_t count);
    /// Bytes up to `stop`, which is consumed too; an error if it does not come.
    std::string_view until(char stop);
    /// Bytes up to `stop` or the end; `stop` is consumed.
    std::string_view untilOrEnd(char stop);
    /// Consumes `expected` or fails.
    void expect(std::string_view expected);

private:
    std::string_view input_;
    std::size_t at_ = 0;
    bool ok_ = true;
};

/// Whole text as an unsigned number in `base` (10 or 16), no sign, no blanks, no overflow.
std::optional<std::uint64_t> parseUnsigned(std::string_view text, int base = 10);

}  // namespace causeway
