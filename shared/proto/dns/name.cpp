#include "shared/proto/dns/name.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "shared/base/text.h"

namespace causeway::dns {

namespace {

Error badName(std::string_view text, std::size_t place, const std::string& why) {
    return {Code::BadInput, "\"" + cleanUtf8(text) + "\" is not a domain name.", why,
            "Write it like chat.example.com: labels of 1 to 63 characters with dots between them.", place};
}

std::uint8_t lengthAt(std::string_view wire, std::size_t at) {
    return static_cast<std::uint8_t>(wire[at]);
}

bool equalIgnoringCase(std::string_view left, std::string_view right) {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(),
                                                     [](char a, char b) { return lowerByte(a) == lowerByte(b); });
}

/// Offsets of the labels, root excluded.
std::size_t labelOffsets(std::string_view wire, std::array<std::uint8_t, 128>& offsets) {
    std::size_t count = 0;
    for (std::size_t at = 0; wire[at] != 0; at += 1U + lengthAt(wire, at))
        offsets[count++] = static_cast<std::uint8_t>(at);
    return count;
}

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

void appendEscaped(std::string& out, char c) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7F) {
        out += '\\';
        out += static_cast<char>('0' + byte / 100);
        out += static_cast<char>('0' + byte / 10 % 10);
        out += static_cast<char>('0' + byte % 10);
        return;
    }
    if (std::string_view{".\\\"();@$"}.find(c) != std::string_view::npos) out += '\\';
    out += c;
}

}  // namespace

Result<Name> Name::parse(std::string_view text, const Name* origin) {
    if (text == ".") return Name{};
    if (text == "@" && origin) return *origin;
    if (text.empty()) return badName(text, 0, "It is empty.");
    std::string wire;
    std::string label;
    bool isAbsolute = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '.') {
            if (label.empty()) return badName(text, i, "There is nothing before this dot.");
            wire += static_cast<char>(label.size());
            wire += label;
            label.clear();
            isAbsolute = i + 1 == text.size();
            continue;
        }
        if (c == '\\') {
            if (i + 1 >= text.size()) return badName(text, i, "The backslash at the end has nothing to escape.");
            c = text[++i];
            if (isDigit(c)) {
                if (i + 2 >= text.size() || !isDigit(text[i + 1]) || !isDigit(text[i + 2])) {
                    return badName(text, i, "A backslash with a digit wants three digits.");
                }
                const int value = (c - '0') * 100 + (text[i + 1] - '0') * 10 + (text[i + 2] - '0');
                if (value > 255) return badName(text, i, "The escaped number is over 255.");
                c = static_cast<char>(value);
                i += 2;
            }
        }
        label += c;
        if (label.size() > kMaxLabel) return badName(text, i, "A label is longer than 63 bytes.");
        if (wire.size() + label.size() > kMaxName) return badName(text, i, "The name is longer than 255 bytes.");
    }
    if (!label.empty()) {
        wire += static_cast<char>(label.size());
        wire += label;
    }
    if (isAbsolute || !origin) {
        wire += '\0';
    } else {
        wire += origin->wire_;
    }
    if (wire.size() > kMaxName) return badName(text, text.size(), "The name is longer than 255 bytes.");
    return Name{std::move(wire)};
}

std::optional<Name> Name::fromWire(std::string_view wire) {
    if (wire.size() > kMaxName) return std::nullopt;
    std::size_t at = 0;
    while (at < wire.size() && wire[at] != 0) {
        if (lengthAt(wire, at) > kMaxLabel) return std::nullopt;
        at += 1U + lengthAt(wire, at);
    }
    if (at + 1 != wire.size()) return std::nullopt;
    return Name{std::string(wire)};
}

std::string Name::text() const {
    if (isRoot()) return ".";
    std::string out;
    for (std::size_t at = 0; wire_[at] != 0; at += 1U + lengthAt(wire_, at)) {
        for (const char c : std::string_view{wire_}.substr(at + 1, lengthAt(wire_, at)))
            appendEscaped(out, c);
        out += '.';
    }
    return out;
}

std::string Name::host() const {
    auto out = lowerAscii(text());
    if (out.size() > 1) out.pop_back();
    return out;
}

std::string Name::key() const {
    // Length bytes are at most 63, below 'A'.
    return lowerAscii(wire_);
}

std::size_t Name::labelCount() const {
    std::array<std::uint8_t, 128> offsets;
    return labelOffsets(wire_, offsets);
}

std::string_view Name::firstLabel() const {
    return std::string_view{wire_}.substr(1, lengthAt(wire_, 0));
}

Name Name::parent() const {
    return isRoot() ? Name{} : Name{wire_.substr(1U + lengthAt(wire_, 0))};
}

bool Name::isUnder(const Name& ancestor) const {
    std::array<std::uint8_t, 128> mine;
    std::array<std::uint8_t, 128> other;
    const auto count = labelOffsets(wire_, mine);
    const auto wanted = labelOffsets(ancestor.wire_, other);
    if (count < wanted) return false;
    const std::size_t from = count == wanted ? 0 : wanted == 0 ? wire_.size() - 1 : mine[count - wanted];
    return equalIgnoringCase(std::string_view{wire_}.substr(from), ancestor.wire_);
}

Result<Name> Name::below(std::string_view label) const {
    if (label.empty()) return badName(label, 0, "It is empty.");
    if (label.size() > kMaxLabel) return badName(label, kMaxLabel, "A label is longer than 63 bytes.");
    if (label.size() + 1 + wire_.size() > kMaxName) {
        return badName(std::string(label) + "." + text(), 0, "The name is longer than 255 bytes.");
    }
    std::string wire(1, static_cast<char>(label.size()));
    wire += label;
    wire += wire_;
    return Name{std::move(wire)};
}

bool operator==(const Name& left, const Name& right) {
    return equalIgnoringCase(left.wire_, right.wire_);
}

std::weak_ordering operator<=>(const Name& left, const Name& right) {
    std::array<std::uint8_t, 128> mine;
    std::array<std::uint8_t, 128> other;
    auto i = labelOffsets(left.wire_, mine);
    auto j = labelOffsets(right.wire_, other);
    while (i > 0 && j > 0) {
        --i;
        --j;
        const auto a = std::string_view{left.wire_}.substr(mine[i] + 1U, lengthAt(left.wire_, mine[i]));
        const auto b = std::string_view{right.wire_}.substr(other[j] + 1U, lengthAt(right.wire_, other[j]));
        const auto order =
            std::lexicographical_compare_three_way(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
                return static_cast<unsigned char>(lowerByte(x)) <=> static_cast<unsigned char>(lowerByte(y));
            });
        if (order != 0) return order;
    }
    return i <=> j;
}

}  // namespace causeway::dns
