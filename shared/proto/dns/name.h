#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace causeway::dns {

constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxName = 255;  ///< on the wire, with the final zero byte

/// A domain name. Shape: 0..127 labels of 1..63 bytes, at most 255 bytes on the wire; any byte may occur.
/// The case is kept; comparison ignores the case of A-Z. Ordered as RFC 4034 6.1 says: by labels from the right.
class Name {
public:
    Name() : wire_(1, '\0') {}  ///< the root

    /// "chat.example.com" or with a final dot; \. \\ \DDD escapes; "." is the root; "@" is the origin if there is one.
    /// A name without a final dot is completed with `origin` if there is one.
    /// Errors: BadInput (place: offset in the text), TooLong.
    static Result<Name> parse(std::string_view text, const Name* origin = nullptr);
    /// Exactly one uncompressed name, nothing behind it.
    static std::optional<Name> fromWire(std::string_view wire);

    const std::string& wire() const { return wire_; }  ///< uncompressed, with the final zero byte
    std::string text() const;                          ///< with escapes and a final dot; "." for the root
    std::string host() const;                          ///< text() without the final dot, in lower case
    std::string key() const;                           ///< wire() in lower case

    bool isRoot() const { return wire_.size() == 1; }
    std::size_t labelCount() const;
    std::string_view firstLabel() const;       ///< unescaped; empty for the root
    Name parent() const;                       ///< of the root: the root
    bool isUnder(const Name& ancestor) const;  ///< below it or the same
    /// `label` before this name. Errors: BadInput (empty), TooLong.
    Result<Name> below(std::string_view label) const;

    friend bool operator==(const Name& left, const Name& right);
    friend std::weak_ordering operator<=>(const Name& left, const Name& right);

private:
    explicit Name(std::string wire) : wire_(std::move(wire)) {}
    friend class WireReader;

    std::string wire_;
};

inline char lowerByte(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace causeway::dns
