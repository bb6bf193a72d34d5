#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "shared/base/cursor.h"
#include "shared/base/ip.h"
#include "shared/base/text.h"
#include "shared/base/time.h"

namespace causeway::link {

constexpr std::size_t kMostText = 2000;  ///< bytes of one text on the wire
constexpr std::size_t kMostItems = 4096;

/// How many values an enum has on the wire; specialised beside the records that carry it.
template <class E>
struct EnumCount;

template <class T, class U>
concept Is = std::same_as<std::remove_cvref_t<T>, U>;
template <class T>
concept Number = std::integral<T> && !std::same_as<T, bool>;
template <class T>
concept Enumeration = std::is_enum_v<T>;

/// Writes records in the one form that Decoder takes: numbers of fixed width with the high byte first, bool and "is
/// there" as one byte 0 or 1, texts and lists with their count before them. Texts are cleaned and cut, lists cut: what
/// this service writes is always valid. A record tells its members by `fields(coder, record)`, for both directions.
class Encoder {
public:
    template <class... T>
    void operator()(const T&... values) {
        (one(values), ...);
    }
    std::string take() { return std::move(out_); }

private:
    template <Number T>
    void one(T value) {
        const auto bits = static_cast<std::uint64_t>(static_cast<std::make_unsigned_t<T>>(value));
        for (std::size_t at = sizeof(T); at-- > 0;)
            out_ += static_cast<char>(bits >> (8 * at) & 0xFFU);
    }
    void one(bool value) { out_ += value ? '\1' : '\0'; }
    template <Enumeration T>
    void one(T value) {
        one(static_cast<std::uint8_t>(value));
    }
    void one(const std::string& text) {
        const auto clean = cleanUtf8(cutUtf8(text, kMostText));
        const auto kept = cutUtf8(clean, kMostText);
        one(static_cast<std::uint16_t>(kept.size()));
        out_ += kept;
    }
    void one(Ip4 address) { one(address.value); }
    void one(const Network4& network) {
        one(network.address);
        one(static_cast<std::uint8_t>(network.prefix));
    }
    void one(Duration span) { one(static_cast<std::int64_t>(span.count())); }
    void one(TimePoint time) { one(epochMillis(time)); }
    template <class T>
    void one(const std::optional<T>& value) {
        one(value.has_value());
        if (value) one(*value);
    }
    template <class T>
    void one(const std::vector<T>& list) {
        const auto count = std::min(list.size(), kMostItems);
        one(static_cast<std::uint16_t>(count));
        for (std::size_t at = 0; at < count; ++at)
            one(list[at]);
    }
    template <class T>
    requires std::is_class_v<T>
    void one(const T& record) { fields(*this, record); }

    std::string out_;
};

/// Reads what Encoder writes and nothing else: other forms of the same value, unclean text, host bits in a network and
/// values that an enum does not have are errors. The first error sticks.
class Decoder {
public:
    explicit Decoder(std::string_view bytes) : in_(bytes) {}
    bool ok() const { return in_.ok(); }
    bool isAtEnd() const { return in_.ok() && in_.atEnd(); }
    void fail() { in_.fail(); }

    template <class... T>
    void operator()(T&... values) {
        (one(values), ...);
    }

private:
    template <Number T>
    void one(T& value) {
        std::uint64_t bits = 0;
        for (const char byte : in_.take(sizeof(T)))
            bits = bits << 8 | static_cast<unsigned char>(byte);
        value = static_cast<T>(bits);
    }
    void one(bool& value) {
        std::uint8_t byte = 0;
        one(byte);
        if (byte > 1) fail();
        value = byte == 1;
    }
    template <Enumeration T>
    void one(T& value) {
        std::uint8_t byte = 0;
        one(byte);
        if (byte >= EnumCount<T>::value) return fail();
        value = static_cast<T>(byte);
    }
    void one(std::string& text) {
        std::uint16_t size = 0;
        one(size);
        if (size > kMostText) return fail();
        text = std::string(in_.take(size));
        if (cleanUtf8(text) != text) fail();
    }
    void one(Ip4& address) { one(address.value); }
    void one(Network4& network) {
        std::uint8_t prefix = 0;
        one(network.address);
        one(prefix);
        if (prefix > 32 || Network4::of(network.address, prefix).address != network.address) return fail();
        network.prefix = prefix;
    }
    void one(Duration& span) {
        std::int64_t count = 0;
        one(count);
        span = Duration{count};
    }
    void one(TimePoint& time) {
        std::int64_t millis = 0;
        one(millis);
        time = fromEpochMillis(millis);
    }
    template <class T>
    void one(std::optional<T>& value) {
        bool isThere = false;
        one(isThere);
        value.reset();
        if (isThere && ok()) one(value.emplace());
    }
    template <class T>
    void one(std::vector<T>& list) {
        std::uint16_t count = 0;
        one(count);
        list.clear();
        if (count > kMostItems) return fail();
        for (std::size_t at = 0; at < count && ok(); ++at)
            one(list.emplace_back());
    }
    template <class T>
    requires std::is_class_v<T>
    void one(T& record) { fields(*this, record); }

    Cursor in_;
};

}  // namespace causeway::link
