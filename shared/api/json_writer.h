#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/base/ip.h"
#include "shared/base/time.h"

namespace causeway::api {

/// Writes JSON text straight into a string: no tree, no locale. Commas are its business, the order of calls is the
/// caller's: key() before each value in an object.
/// Text: always valid JSON in UTF-8; bytes that are no UTF-8 become U+FFFD, control characters are escaped.
class JsonWriter {
public:
    JsonWriter() = default;
    explicit JsonWriter(std::size_t expectedBytes) { out_.reserve(expectedBytes); }

    void beginObject() { open('{'); }
    void endObject() { close('}'); }
    void beginArray() { open('['); }
    void endArray() { close(']'); }
    /// `name` is a name of the contract: plain ASCII, nothing to escape.
    void key(std::string_view name);

    void value(std::string_view text);
    void value(const std::string& text) { value(std::string_view{text}); }
    void value(const char* text) { value(std::string_view{text}); }
    void value(bool flag);
    template <std::integral T>
    requires(!std::same_as<T, bool> && !std::same_as<T, char>) void value(T number) {
        comma();
        char digits[24];
        const auto [end, status] = std::to_chars(digits, digits + sizeof digits, number);
        static_cast<void>(status);
        out_.append(digits, end);
    }
    void value(double number);  ///< shortest form that reads back; null if not finite
    void value(TimePoint when);
    void value(Duration span) { value(static_cast<std::int64_t>(span.count())); }
    void value(Ip4 address) { value(address.text()); }
    void value(const Network4& network) { value(network.text()); }
    template <class T>
    void value(const std::optional<T>& maybe) {
        if (maybe) {
            value(*maybe);
        } else {
            null();
        }
    }
    void null();
    /// JSON that was written before.
    void raw(std::string_view json);

    template <class T>
    void field(std::string_view name, const T& content) {
        key(name);
        value(content);
    }
    /// null for the epoch, which means "never" in the records.
    void fieldOrNever(std::string_view name, TimePoint when);

    std::size_t size() const { return out_.size(); }
    std::string take() { return std::move(out_); }

private:
    void comma() {
        if (needsComma_) out_ += ',';
        needsComma_ = true;
    }
    void open(char bracket) {
        comma();
        out_ += bracket;
        needsComma_ = false;
    }
    void close(char bracket) {
        out_ += bracket;
        needsComma_ = true;
    }

    std::string out_;
    bool needsComma_ = false;
};

/// "items": the list of records; "next": the cursor, null if it is empty.
template <class T>
void writeItems(JsonWriter& out, const std::vector<T>& items, std::string_view name = "items") {
    out.key(name);
    out.beginArray();
    for (const auto& item : items)
        writeJson(out, item);
    out.endArray();
}
void writeTexts(JsonWriter& out, std::string_view name, const std::vector<std::string>& texts);
void writeCursor(JsonWriter& out, const std::string& next);

/// toJson(record) for every record of the contract; the writeJson overloads are beside the records.
template <class T>
std::string toJson(const T& record) {
    JsonWriter out;
    writeJson(out, record);
    return out.take();
}

}  // namespace causeway::api
