#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace causeway::api {

/// One thing that is wrong with a JSON text: which field, where, and what was expected.
struct FieldProblem {
    std::string field;       ///< "ranges[3].text"; empty for the whole text
    std::size_t line = 0;    ///< 1-based; 0 = unknown
    std::size_t column = 0;  ///< 1-based, in bytes
    std::string detail;      ///< one sentence
};

enum class JsonKind : std::uint8_t { Null, True, False, Number, Text, Array, Object };
/// "text", "a number", ... for sentences.
const char* nameOf(JsonKind kind);

struct JsonLimits {
    std::size_t bytes = std::size_t{256} << 20U;
    std::size_t depth = 32;
    bool refuseDuplicateNames = false;  ///< for requests: two values for one name are a mistake of the sender
};

class JsonValue;

/// A parsed JSON text (RFC 8259). It borrows the text, which must live as long as the document.
/// Bounds: JsonLimits; memory is about 48 bytes a value besides the text.
/// Errors: BadInput with line and column in the sentence, TooLong; `place` is the byte offset.
class JsonDocument {
public:
    static Result<JsonDocument> parse(std::string_view text, const JsonLimits& limits = {});
    JsonDocument(JsonDocument&&) noexcept;
    JsonDocument& operator=(JsonDocument&&) noexcept;
    ~JsonDocument();

    JsonValue root() const;
    /// Line and column (1-based) of a byte offset in the text.
    static std::pair<std::size_t, std::size_t> lineAndColumn(std::string_view text, std::size_t offset);

private:
    friend class JsonValue;
    friend class JsonParser;
    struct Node {
        std::string_view name;   ///< of a member, unescaped
        std::string_view text;   ///< digits of a number, unescaped text
        std::uint32_t next = 0;  ///< following sibling; 0 = none
        std::uint32_t child = 0;
        std::uint32_t offset = 0;
        JsonKind kind = JsonKind::Null;
    };
    struct Store {
        std::string_view source;
        std::vector<Node> nodes;
        std::deque<std::string> unescaped;
    };
    explicit JsonDocument(std::unique_ptr<Store> store);

    std::unique_ptr<Store> store_;
};

/// A value inside a document; cheap to copy, valid as long as the document.
class JsonValue {
public:
    JsonKind kind() const { return node().kind; }
    bool isNull() const { return kind() == JsonKind::Null; }
    bool isObject() const { return kind() == JsonKind::Object; }
    bool isArray() const { return kind() == JsonKind::Array; }
    /// Content of Text, digits of Number, empty else.
    std::string_view text() const { return node().text; }
    /// Name of a member of an object.
    std::string_view name() const { return node().name; }
    std::size_t line() const;
    std::size_t column() const;

    /// for (auto item = v.first(); item; item = item.next()): elements of an array, members of an object.
    explicit operator bool() const { return store_ != nullptr; }
    JsonValue first() const;
    JsonValue next() const;
    /// Member of that name; false if there is none. `hint` (a member) is tried first: readers ask in order.
    JsonValue find(std::string_view name, JsonValue hint) const;
    JsonValue find(std::string_view name) const { return find(name, first()); }
    std::size_t count() const;

    JsonValue() = default;

private:
    friend class JsonDocument;
    JsonValue(const JsonDocument::Store* store, std::uint32_t index) : store_(store), index_(index) {}
    const JsonDocument::Node& node() const { return store_->nodes[index_]; }

    const JsonDocument::Store* store_ = nullptr;
    std::uint32_t index_ = 0;
};

}  // namespace causeway::api
