#pragma once

#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace causeway {

/// What kind of failure it was; programs branch on this, people read the texts.
enum class Code {
    BadInput,      ///< the bytes, text or form are not of the promised shape
    Truncated,     ///< the input ended early
    TooLong,       ///< one item is over its limit
    TooMany,       ///< a count is over its limit
    NotFound,      ///< nothing has that name
    Conflict,      ///< it is there already, or it changed meanwhile
    Denied,        ///< not allowed to this caller or to this process
    Unavailable,   ///< the other side cannot be reached
    Timeout,       ///< no answer within the deadline
    Busy,          ///< a bounded queue or pool is full
    Unsupported,   ///< understood, but not offered here
    Corrupt,       ///< stored data is damaged
    NewerVersion,  ///< stored data was written by a later version
    Internal,      ///< our own fault
};

/// Stable lower-case word of a code, used in the API and in logs ("not-found").
const char* codeText(Code code);

/// A failure for a program (code) and for a person: what happened, why as far as it is proven, what to do next.
struct Error {
    Code code = Code::Internal;
    std::string what;
    std::string why{};
    std::string todo{};
    std::optional<std::size_t> place{};  ///< byte offset in the input, or line number where the producer says so

    /// The three sentences in one line; empty parts are left out.
    std::string text() const;
};

/// Value or Error, with the interface of std::expected so that it can be swapped later.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT: implicit by design
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT: implicit by design

    bool has_value() const { return state_.index() == 0; }
    explicit operator bool() const { return has_value(); }

    T& value() & { return std::get<0>(state_); }
    const T& value() const& { return std::get<0>(state_); }
    T&& value() && { return std::get<0>(std::move(state_)); }
    T& operator*() & { return value(); }
    const T& operator*() const& { return value(); }
    T&& operator*() && { return std::move(*this).value(); }
    T* operator->() { return &value(); }
    const T* operator->() const { return &value(); }
    T value_or(T other) const& { return has_value() ? value() : std::move(other); }

    Error& error() { return std::get<1>(state_); }
    const Error& error() const { return std::get<1>(state_); }

private:
    std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit by design

    bool has_value() const { return !error_; }
    explicit operator bool() const { return has_value(); }
    void value() const {}
    Error& error() { return *error_; }
    const Error& error() const { return *error_; }

private:
    std::optional<Error> error_;
};

[[noreturn]] void invariantFailed(const char* claim, const char* file, int line);

}  // namespace causeway

/// Our own mistake stops the process with a message. Never used on input.
#define INVARIANT(claim) ((claim) ? static_cast<void>(0) : ::causeway::invariantFailed(#claim, __FILE__, __LINE__))
