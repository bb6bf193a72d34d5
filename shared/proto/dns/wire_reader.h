#pragma once

#include <cstdint>
#include <string_view>

#include "shared/base/cursor.h"
#include "shared/proto/dns/name.h"

namespace causeway::dns {

/// Reads numbers and names of a DNS message in network byte order. As with Cursor, the first error sticks and every
/// read after it returns an empty or zero value.
class WireReader {
public:
    explicit WireReader(std::string_view message) : message_(message), in_(message) {}

    bool ok() const { return in_.ok(); }
    void fail() { in_.fail(); }
    std::size_t position() const { return in_.position(); }
    bool atEnd() const { return in_.atEnd(); }
    std::size_t left() const { return message_.size() - in_.position(); }
    std::string_view message() const { return message_; }

    std::uint8_t u8();
    std::uint16_t u16();
    std::uint32_t u32();
    std::string_view take(std::size_t count) { return in_.take(count); }
    void skip(std::size_t count) { in_.take(count); }

    /// One domain name, following compression pointers.
    /// Bounds: at most 64 pointers, each to a place before the part of the name that it ends, so it always ends.
    /// Source: RFC 1035 4.1.4; RFC 9267 2.
    Name name();

private:
    std::string_view message_;
    Cursor in_;
};

}  // namespace causeway::dns
