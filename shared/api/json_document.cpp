#include "shared/api/json_document.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "shared/base/text.h"

namespace causeway::api {

const char* nameOf(JsonKind kind) {
    switch (kind) {
        case JsonKind::Null:
            return "null";
        case JsonKind::True:
        case JsonKind::False:
            return "true or false";
        case JsonKind::Number:
            return "a number";
        case JsonKind::Text:
            return "text";
        case JsonKind::Array:
            return "a list";
        case JsonKind::Object:
            return "an object";
    }
    return "something else";
}

/// Recursive descent with a depth limit; the first fault stops it.
class JsonParser {
public:
    JsonParser(JsonDocument::Store& store, const JsonLimits& limits)
        : store_(store), text_(store.source), limits_(limits) {}

    /// Empty if the text is fine, else the sentence; faultAt() tells where.
    std::string run() {
        blanks();
        value({}, 0);
        blanks();
        if (fault_.empty() && at_ < text_.size()) fail("there is more text behind the end of the JSON value");
        return fault_;
    }
    std::size_t faultAt() const { return faultAt_; }

private:
    char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    bool failed() const { return !fault_.empty(); }
    void fail(std::string sentence) {
        if (!fault_.empty()) return;
        fault_ = std::move(sentence);
        faultAt_ = at_;
    }
    void blanks() {
        while (at_ < text_.size() &&
               (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
            ++at_;
    }

    std::uint32_t value(std::string_view name, std::size_t depth) {
        const auto index = static_cast<std::uint32_t>(store_.nodes.size());
        auto& node = store_.nodes.emplace_back();
        node.name = name;
        node.offset = static_cast<std::uint32_t>(at_);
        switch (peek()) {
            case '{':
                node.kind = JsonKind::Object;
                container(index, depth + 1, '}');
                break;
            case '[':
                node.kind = JsonKind::Array;
                container(index, depth + 1, ']');
                break;
            case '"':
                node.kind = JsonKind::Text;
                node.text = quoted();
                break;
            case 't':
                node.kind = JsonKind::True;
                word("true");
                break;
            case 'f':
                node.kind = JsonKind::False;
                word("false");
                break;
            case 'n':
                word("null");
                break;
            default:
                node.kind = JsonKind::Number;
                node.text = number();
        }
        return index;
    }

    void container(std::uint32_t index, std::size_t depth, char end) {
        if (depth > limits_.depth) {
            fail("the text is nested deeper than " + std::to_string(limits_.depth) + " levels");
            return;
        }
        ++at_;
        blanks();
        if (peek() == end) {
            ++at_;
            return;
        }
        std::uint32_t last = 0;
        while (!failed()) {
            std::string_view name;
            if (end == '}') {
                if (peek() != '"') {
                    fail("a name in quotes is expected here");
                    return;
                }
                name = quoted();
                blanks();
                if (!failed() && peek() != ':') fail("a colon is expected behind the name");
                if (failed()) return;
                ++at_;
                blanks();
            }
            const auto item = value(name, depth);
            if (failed()) return;
            if (last == 0) {
                store_.nodes[index].child = item;
            } else {
                store_.nodes[last].next = item;
            }
            last = item;
            blanks();
            if (peek() == end) {
                ++at_;
                break;
            }
            if (peek() != ',') {
                fail(end == '}' ? "a comma or } is expected here" : "a comma or ] is expected here");
                return;
            }
            ++at_;
            blanks();
        }
        if (end == '}' && limits_.refuseDuplicateNames) checkNames(index);
    }

    void checkNames(std::uint32_t index) {
        std::vector<std::string_view> names;
        for (auto i = store_.nodes[index].child; i != 0; i = store_.nodes[i].next)
            names.push_back(store_.nodes[i].name);
        std::sort(names.begin(), names.end());
        const auto twice = std::adjacent_find(names.begin(), names.end());
        if (twice == names.end()) return;
        at_ = store_.nodes[index].offset;
        fail("the name \"" + cleanUtf8(cutUtf8(*twice, 60)) + "\" is there twice in this object");
    }

    void word(std::string_view expected) {
        if (text_.substr(at_, expected.size()) != expected) {
            fail("only true, false, null, a number, text in quotes, a list or an object can be here");
            return;
        }
        at_ += expected.size();
    }

    std::string_view number() {
        const auto start = at_;
        const auto digits = [this] {
            const auto from = at_;
            while (peek() >= '0' && peek() <= '9')
                ++at_;
            return at_ - from;
        };
        if (peek() == '-') ++at_;
        const auto whole = at_;
        if (digits() == 0) {
            at_ = start;
            fail(start >= text_.size() ? "the text ends too early"
                                       : "only true, false, null, a number, text in quotes, a list or an object can "
                                         "be here");
            return {};
        }
        if (text_[whole] == '0' && at_ - whole > 1) fail("a number must not start with 0");
        if (peek() == '.') {
            ++at_;
            if (digits() == 0) fail("digits are expected behind the decimal point");
        }
        if (peek() == 'e' || peek() == 'E') {
            ++at_;
            if (peek() == '+' || peek() == '-') ++at_;
            if (digits() == 0) fail("digits are expected behind the exponent");
        }
        return text_.substr(start, at_ - start);
    }

    std::string_view quoted() {
        const auto start = ++at_;
        bool isAscii = true;
        while (at_ < text_.size()) {
            const auto byte = static_cast<unsigned char>(text_[at_]);
            if (byte == '"') {
                const auto content = text_.substr(start, at_ - start);
                if (!isAscii && !isValidUtf8(content)) {
                    at_ = start;
                    fail("the text in quotes is not UTF-8");
                    return {};
                }
                ++at_;
                return content;
            }
            if (byte == '\\') return escaped(start);
            if (byte < 0x20) {
                fail("a control character must be written as an escape, such as \\n");
                return {};
            }
            if (byte >= 0x80) isAscii = false;
            ++at_;
        }
        fail("the closing quote is missing");
        return {};
    }

    std::string_view escaped(std::size_t start) {
        std::string& out = store_.unescaped.emplace_back(text_.substr(start, at_ - start));
        while (at_ < text_.size()) {
            const auto byte = static_cast<unsigned char>(text_[at_]);
            if (byte == '"') {
                if (!isValidUtf8(out)) {
                    at_ = start;
                    fail("the text in quotes is not UTF-8");
                    return {};
                }
                ++at_;
                return out;
            }
            if (byte < 0x20) {
                fail("a control character must be written as an escape, such as \\n");
                return {};
            }
            ++at_;
            if (byte != '\\') {
                out += static_cast<char>(byte);
                continue;
            }
            escape(out);
            if (failed()) return {};
        }
        fail("the closing quote is missing");
        return {};
    }

    void escape(std::string& out) {
        const char kind = peek();
        ++at_;
        switch (kind) {
            case '"':
            case '\\':
            case '/':
                out += kind;
                return;
            case 'b':
                out += '\b';
                return;
            case 'f':
                out += '\f';
                return;
            case 'n':
                out += '\n';
                return;
            case 'r':
                out += '\r';
                return;
            case 't':
                out += '\t';
                return;
            case 'u':
                break;
            default:
                --at_;
                fail("this escape is not known; \\\\ writes a backslash");
                return;
        }
        std::uint32_t point = fourDigits();
        if (point >= 0xD800 && point < 0xDC00 && text_.substr(at_, 2) == "\\u") {
            at_ += 2;
            const auto low = fourDigits();
            if (low < 0xDC00 || low > 0xDFFF) {
                fail("half of a surrogate pair is missing");
                return;
            }
            point = 0x10000 + ((point - 0xD800) << 10U) + (low - 0xDC00);
        }
        if (point >= 0xD800 && point <= 0xDFFF) fail("half of a surrogate pair is missing");
        if (failed()) return;
        appendUtf8(out, point);
    }

    std::uint32_t fourDigits() {
        std::uint32_t number = 0;
        for (int i = 0; i < 4; ++i) {
            const char c = peek();
            std::uint32_t digit = 0;
            if (c >= '0' && c <= '9') {
                digit = static_cast<std::uint32_t>(c - '0');
            } else if (c >= 'a' && c <= 'f') {
                digit = static_cast<std::uint32_t>(c - 'a' + 10);
            } else if (c >= 'A' && c <= 'F') {
                digit = static_cast<std::uint32_t>(c - 'A' + 10);
            } else {
                fail("four hexadecimal digits are expected behind \\u");
                return 0;
            }
            number = number * 16 + digit;
            ++at_;
        }
        return number;
    }

    static void appendUtf8(std::string& out, std::uint32_t point) {
        const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
        if (point < 0x80) {
            put(point);
        } else if (point < 0x800) {
            put(0xC0 | point >> 6U);
            put(0x80 | (point & 0x3FU));
        } else if (point < 0x10000) {
            put(0xE0 | point >> 12U);
            put(0x80 | (point >> 6U & 0x3FU));
            put(0x80 | (point & 0x3FU));
        } else {
            put(0xF0 | point >> 18U);
            put(0x80 | (point >> 12U & 0x3FU));
            put(0x80 | (point >> 6U & 0x3FU));
            put(0x80 | (point & 0x3FU));
        }
    }

    JsonDocument::Store& store_;
    std::string_view text_;
    const JsonLimits& limits_;
    std::size_t at_ = 0;
    std::string fault_;
    std::size_t faultAt_ = 0;
};

JsonDocument::JsonDocument(std::unique_ptr<Store> store) : store_(std::move(store)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

Result<JsonDocument> JsonDocument::parse(std::string_view text, const JsonLimits& limits) {
    constexpr std::size_t kMost = std::numeric_limits<std::uint32_t>::max();
    if (text.size() > std::min(limits.bytes, kMost)) {
        return Error{Code::TooLong, "The JSON text is longer than " + std::to_string(limits.bytes) + " bytes."};
    }
    auto store = std::make_unique<Store>();
    store->source = text;
    store->nodes.reserve(text.size() / 24 + 8);
    JsonParser parser{*store, limits};
    if (auto fault = parser.run(); !fault.empty()) {
        const auto [line, column] = lineAndColumn(text, parser.faultAt());
        Error error{Code::BadInput, "The text is not valid JSON: line " + std::to_string(line) + ", column " +
                                        std::to_string(column) + ": " + fault + "."};
        error.place = parser.faultAt();
        return error;
    }
    return JsonDocument{std::move(store)};
}

JsonValue JsonDocument::root() const {
    return {store_.get(), 0};
}

std::pair<std::size_t, std::size_t> JsonDocument::lineAndColumn(std::string_view text, std::size_t offset) {
    const auto before = text.substr(0, offset);
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const auto newline = before.rfind('\n');
    return {lines + 1, newline == std::string_view::npos ? before.size() + 1 : before.size() - newline};
}

std::size_t JsonValue::line() const {
    return JsonDocument::lineAndColumn(store_->source, node().offset).first;
}

std::size_t JsonValue::column() const {
    return JsonDocument::lineAndColumn(store_->source, node().offset).second;
}

JsonValue JsonValue::first() const {
    if (store_ == nullptr || node().child == 0) return {};
    return {store_, node().child};
}

JsonValue JsonValue::next() const {
    if (store_ == nullptr || node().next == 0) return {};
    return {store_, node().next};
}

JsonValue JsonValue::find(std::string_view name, JsonValue hint) const {
    if (kind() != JsonKind::Object) return {};
    for (auto member = hint; member; member = member.next()) {
        if (member.name() == name) return member;
    }
    if (!hint) hint = JsonValue{};
    for (auto member = first(); member && !(hint && member.index_ == hint.index_); member = member.next()) {
        if (member.name() == name) return member;
    }
    return {};
}

std::size_t JsonValue::count() const {
    std::size_t items = 0;
    for (auto item = first(); item; item = item.next())
        ++items;
    return items;
}

}  // namespace causeway::api
