#include "shared/proto/dns/zone_text.h"

#include <algorithm>
#include <utility>

#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/dns/record_shape.h"

namespace causeway::dns {

namespace {

constexpr std::uint64_t kMaxTtl = 0x7FFFFFFF;  // RFC 2181 8

constexpr std::size_t kMostProblems = 100;

struct Place {
    std::size_t line = 1;
    std::size_t column = 1;
};

/// One word; escapes are still in it.
struct Token {
    std::string_view text;
    bool isQuoted = false;
    Place place;
};

/// One record or directive: the words of one line, or of several inside parentheses.
struct Entry {
    std::vector<Token> tokens;
    bool beginsWithBlank = false;
    Place end;
};

Error at(const Place& place, const std::string& what, const std::string& todo, Code code = Code::BadInput) {
    return {code, "Line " + std::to_string(place.line) + ", column " + std::to_string(place.column) + ": " + what, "",
            todo, place.line};
}

std::string shown(std::string_view text) {
    return "\"" + cleanUtf8(cutUtf8(text, 60)) + "\"";
}

/// Cuts the text into entries.
class Splitter {
public:
    explicit Splitter(std::string_view text) : text_(text) {}

    bool atEnd() const { return at_ >= text_.size(); }

    Result<Entry> next() {
        Entry entry;
        entry.beginsWithBlank = !atEnd() && (text_[at_] == ' ' || text_[at_] == '\t');
        std::optional<Place> open;
        std::size_t openAt = 0;
        while (!atEnd()) {
            const char c = text_[at_];
            if (c == '\n') {
                step();
                if (!open) break;
            } else if (c == ';') {
                while (!atEnd() && text_[at_] != '\n')
                    step();
            } else if (c == '(' || c == ')') {
                if ((c == '(') == open.has_value()) {
                    return at(place_, c == '(' ? "a parenthesis is open already." : "no parenthesis is open here.",
                              "Write one pair of parentheses around the values of a record.");
                }
                open = c == '(' ? std::optional{place_} : std::nullopt;
                openAt = at_;
                step();
            } else if (c == ' ' || c == '\t' || c == '\r') {
                step();
            } else if (auto token = c == '"' ? quotedToken() : plainToken()) {
                entry.tokens.push_back(*token);
            } else {
                return token.error();
            }
        }
        if (open) {
            // What follows the line may be whole again.
            at_ = openAt;
            place_ = *open;
            return at(*open, "this parenthesis is not closed.", "Add ) behind the last value of the record.");
        }
        entry.end = place_;
        return entry;
    }
    /// Behind an error: on to the next line.
    void skipLine() {
        while (!atEnd() && text_[at_] != '\n')
            step();
        if (!atEnd()) step();
    }

private:
    void step() {
        if (text_[at_++] == '\n') {
            ++place_.line;
            place_.column = 1;
        } else {
            ++place_.column;
        }
    }

    Result<Token> quotedToken() {
        const auto place = place_;
        step();
        const auto from = at_;
        while (!atEnd() && text_[at_] != '"' && text_[at_] != '\n') {
            if (text_[at_] == '\\') step();
            if (!atEnd()) step();
        }
        if (atEnd() || text_[at_] != '"') return at(place, "this quote is not closed.", "Add \" at its end.");
        const Token token{text_.substr(from, at_ - from), true, place};
        step();
        return token;
    }

    Result<Token> plainToken() {
        const auto place = place_;
        const auto from = at_;
        bool isQuoted = false;
        while (!atEnd()) {
            const char c = text_[at_];
            // SVCB values may be quoted behind their key: alpn="h2,h3".
            if (c == '"') isQuoted = !isQuoted;
            if (c == '\n') break;
            if (!isQuoted && std::string_view{" \t\r;()"}.find(c) != std::string_view::npos) break;
            if (c == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') step();
            step();
        }
        if (isQuoted) return at(place, "a quote in this word is not closed.", "Add \" at its end.");
        return Token{text_.substr(from, at_ - from), false, place};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    Place place_;
};

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// Resolves \X and \DDD; nothing if an escape is not well formed.
std::optional<std::string> unescaped(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        if (++i >= text.size()) return std::nullopt;
        if (!isDigit(text[i])) {
            out += text[i];
            continue;
        }
        const auto value = parseUnsigned(text.substr(i, 3));
        if (i + 3 > text.size() || !value || *value > 255) return std::nullopt;
        out += static_cast<char>(*value);
        i += 2;
    }
    return out;
}

/// "3600", "1h30m", "2w"; seconds.
std::optional<std::uint32_t> parseSeconds(std::string_view text) {
    if (text.empty() || !isDigit(text[0])) return std::nullopt;
    std::uint64_t total = 0;
    while (!text.empty()) {
        const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto number = parseUnsigned(text.substr(0, digits));
        if (!number || *number > kMaxTtl) return std::nullopt;
        text.remove_prefix(digits);
        std::uint64_t unit = 1;
        if (!text.empty()) {
            static constexpr std::string_view kUnits = "smhdw";
            static constexpr std::array<std::uint64_t, 5> kSeconds{1, 60, 3600, 86400, 604800};
            const auto index = kUnits.find(lowerByte(text[0]));
            if (index == std::string_view::npos) return std::nullopt;
            unit = kSeconds[index];
            text.remove_prefix(1);
            if (!text.empty() && !isDigit(text[0])) return std::nullopt;
        }
        total += *number * unit;
        if (total > kMaxTtl) return std::nullopt;
    }
    return static_cast<std::uint32_t>(total);
}

/// The words of one entry behind the type.
class Words {
public:
    Words(const std::vector<Token>& tokens, std::size_t next, Place end) : tokens_(tokens), next_(next), end_(end) {}

    bool atEnd() const { return next_ >= tokens_.size(); }
    const Token* peek() const { return atEnd() ? nullptr : &tokens_[next_]; }
    const Token* take() { return atEnd() ? nullptr : &tokens_[next_++]; }
    Place place() const { return atEnd() ? end_ : tokens_[next_].place; }

private:
    const std::vector<Token>& tokens_;
    std::size_t next_;
    Place end_;
};

Result<std::string> numberData(const Token& token, std::uint64_t most) {
    std::optional<std::uint64_t> value = parseUnsigned(token.text);
    // 32-bit numbers of SOA may be times such as 1h.
    if (!value && most > 0xFFFF) value = parseSeconds(token.text);
    if (!value || *value > most) {
        return at(token.place, shown(token.text) + " is not a number from 0 to " + std::to_string(most) + ".",
                  "Give a whole number.");
    }
    std::string out;
    if (most == 0xFF) {
        out += static_cast<char>(*value);
    } else if (most == 0xFFFF) {
        appendU16(out, static_cast<std::uint16_t>(*value));
    } else {
        appendU32(out, static_cast<std::uint32_t>(*value));
    }
    return out;
}

Result<std::string> nameDataOf(const Token& token, const Name& origin) {
    auto name = Name::parse(token.text, &origin);
    if (!name) return at(token.place, name.error().what + " " + name.error().why, name.error().todo);
    return name->wire();
}

Result<std::string> addressDataOf(const Token& token, bool wantsV6) {
    const auto ip = IpAddress::parse(token.text);
    if (!ip || ip->isV6 != wantsV6) {
        return at(token.place, shown(token.text) + (wantsV6 ? " is not an IPv6 address." : " is not an IPv4 address."),
                  wantsV6 ? "Write it like 2001:db8::1; an IPv4 address belongs in an A record."
                          : "Write it like 192.0.2.1; an IPv6 address belongs in an AAAA record.");
    }
    return std::string(ip->raw());
}

Result<std::string> textOfToken(const Token& token, std::size_t most) {
    auto text = unescaped(token.text);
    if (!text) {
        return at(token.place, "an escape in this text is not well formed.",
                  "Write \\\\ for \\ and \\034 for byte 34.");
    }
    if (text->size() > most) {
        return at(token.place, "this text is longer than " + std::to_string(most) + " bytes.",
                  "Cut it into several quoted texts, one behind the other.", Code::TooLong);
    }
    return *text;
}

Result<std::string> stringData(const Token& token) {
    auto text = textOfToken(token, 255);
    if (!text) return text;
    return std::string(1, static_cast<char>(text->size())) + *text;
}

Result<std::string> hexData(Words& words) {
    std::string digits;
    const auto place = words.place();
    while (const auto* token = words.take())
        digits += token->text;
    const auto raw = parseHex(digits);
    if (!raw || raw->empty()) {
        return at(place, shown(digits) + " is not a row of hexadecimal digit pairs.", "Use the digits 0-9 and a-f.");
    }
    return *raw;
}

Result<std::string> tagData(const Token& token) {
    const bool isFine = !token.text.empty() && token.text.size() <= 15 &&
                        std::all_of(token.text.begin(), token.text.end(),
                                    [](char c) { return isDigit(c) || (lowerByte(c) >= 'a' && lowerByte(c) <= 'z'); });
    if (!isFine) {
        return at(token.place, shown(token.text) + " is not a CAA property.",
                  "Usual ones are issue, issuewild, iodef.");
    }
    return std::string(1, static_cast<char>(token.text.size())) + std::string(token.text);
}

std::optional<std::string> alpnValue(std::string_view list) {
    std::string out;
    std::string protocol;
    for (std::size_t i = 0; i <= list.size(); ++i) {
        if (i == list.size() || list[i] == ',') {
            if (protocol.empty() || protocol.size() > 255) return std::nullopt;
            out += static_cast<char>(protocol.size());
            out += protocol;
            protocol.clear();
            continue;
        }
        if (list[i] == '\\' && ++i == list.size()) return std::nullopt;
        protocol += list[i];
    }
    return out;
}

std::optional<std::string> parameterValue(std::uint16_t key, std::string_view text) {
    std::string out;
    switch (key) {
        case kMandatory: {
            std::vector<std::uint16_t> keys;
            for (const auto part : split(text, ',')) {
                const auto listed = parseParameterKey(part);
                if (!listed) return std::nullopt;
                keys.push_back(*listed);
            }
            std::sort(keys.begin(), keys.end());
            for (const auto listed : keys)
                appendU16(out, listed);
            return out;
        }
        case kAlpn:
            return alpnValue(text);
        case kPort: {
            const auto port = parseUnsigned(text);
            if (!port || *port > 65535) return std::nullopt;
            appendU16(out, static_cast<std::uint16_t>(*port));
            return out;
        }
        case kIpv4Hint:
        case kIpv6Hint:
            for (const auto part : split(text, ',')) {
                const auto ip = IpAddress::parse(part);
                if (!ip || ip->isV6 != (key == kIpv6Hint)) return std::nullopt;
                out += ip->raw();
            }
            return out;
        case kEch:
            return parseBase64(text);
        default:
            return std::string(text);
    }
}

Result<std::string> parametersData(Words& words) {
    std::vector<std::pair<std::uint16_t, std::string>> found;
    while (const auto* token = words.take()) {
        const auto equals = token->text.find('=');
        const auto key = parseParameterKey(token->text.substr(0, equals));
        auto raw = equals == std::string_view::npos ? std::string_view{} : token->text.substr(equals + 1);
        if (raw.size() >= 2 && raw.front() == '"' && raw.back() == '"') raw = raw.substr(1, raw.size() - 2);
        const auto text = unescaped(raw);
        const auto value =
            key && text ? parameterValue(*key, equals == std::string_view::npos ? "" : *text) : std::nullopt;
        const bool isKnownFlag = key == kNoDefaultAlpn || (key && *key > kIpv6Hint);
        if (!value || !isParameterValue(*key, *value) || (value->empty() && !isKnownFlag)) {
            return at(token->place, shown(token->text) + " is not a service parameter.",
                      "Write it like port=5443, alpn=\"h2,h3\" or ipv4hint=192.0.2.1.");
        }
        const bool isTwice =
            std::any_of(found.begin(), found.end(), [&](const auto& each) { return each.first == *key; });
        if (isTwice) {
            return at(token->place, "the parameter " + parameterText(*key) + " is there twice.", "Remove one of them.");
        }
        found.emplace_back(*key, *value);
    }
    std::sort(found.begin(), found.end());
    std::string out;
    for (const auto& [key, value] : found) {
        appendU16(out, key);
        appendU16(out, static_cast<std::uint16_t>(value.size()));
        out += value;
    }
    return out;
}

Result<std::string> stringsData(Words& words) {
    std::string out;
    while (const auto* token = words.take()) {
        auto part = stringData(*token);
        if (!part) return part;
        out += *part;
    }
    return out;
}

Result<std::string> fieldData(Words& words, Field field, const Name& origin, Type type) {
    if (words.atEnd() && field != Field::Parameters) {
        return at(words.place(), "the " + typeText(type) + " record wants more values.",
                  "Compare it with an example of such a record.");
    }
    switch (field) {
        case Field::Name:
        case Field::PlainName:
            return nameDataOf(*words.take(), origin);
        case Field::U8:
            return numberData(*words.take(), 0xFF);
        case Field::U16:
            return numberData(*words.take(), 0xFFFF);
        case Field::U32:
        case Field::Seconds:
            return numberData(*words.take(), 0xFFFFFFFF);
        case Field::Ip4:
            return addressDataOf(*words.take(), false);
        case Field::Ip6:
            return addressDataOf(*words.take(), true);
        case Field::String:
            return stringData(*words.take());
        case Field::Strings:
            return stringsData(words);
        case Field::Hex:
            return hexData(words);
        case Field::Tag:
            return tagData(*words.take());
        case Field::Value:
            return textOfToken(*words.take(), 65000);
        case Field::Parameters:
            return parametersData(words);
    }
    return std::string{};
}

/// RFC 3597: \# LENGTH HEX
Result<std::string> genericData(Words& words, Type type) {
    const auto mark = words.place();
    words.take();
    const auto* sizeToken = words.take();
    const auto size = sizeToken ? parseUnsigned(sizeToken->text) : std::nullopt;
    if (!size || *size > 65535) return at(mark, "behind \\# comes the number of bytes.", "Write it like \\# 3 0a0b0c.");
    std::string data;
    if (*size > 0) {
        auto hex = hexData(words);
        if (!hex) return hex;
        data = *hex;
    }
    if (data.size() != *size) {
        return at(mark, "the data has " + std::to_string(data.size()) + " bytes, not " + std::to_string(*size) + ".",
                  "Correct the number behind \\# or the data.");
    }
    if (!isDataOf(type, data)) {
        return at(mark, "these bytes are not the data of a " + typeText(type) + " record.",
                  "Write the record in its usual form.");
    }
    return data;
}

Result<std::string> recordData(Words& words, Type type, const Name& origin) {
    const auto* first = words.peek();
    if (first && !first->isQuoted && first->text == "\\#") return genericData(words, type);
    const auto shape = shapeOf(type);
    if (!shape) {
        return at(words.place(), "the data of " + typeText(type) + " cannot be written in words here.",
                  "Write it as bytes, like \\# 3 0a0b0c (RFC 3597).");
    }
    std::string data;
    for (const auto field : *shape) {
        auto part = fieldData(words, field, origin, type);
        if (!part) return part;
        data += *part;
    }
    if (data.size() > 65535) return at(words.place(), "the record is too long.", "Shorten its text.", Code::TooLong);
    return data;
}

class Parser {
public:
    Parser(const Name& origin, std::uint32_t ttl) : origin_(origin), ttl_(ttl) {}

    Result<void> take(const Entry& entry, std::vector<Record>& out) {
        if (entry.tokens.empty()) return {};
        if (!entry.beginsWithBlank && !entry.tokens[0].isQuoted && entry.tokens[0].text.starts_with('$')) {
            return directive(entry);
        }
        return record(entry, out);
    }

private:
    Result<void> directive(const Entry& entry) {
        const auto& word = entry.tokens[0];
        const auto name = lowerAscii(word.text);
        if (entry.tokens.size() == 2 && name == "$origin") {
            auto origin = Name::parse(entry.tokens[1].text, &origin_);
            if (!origin) return at(entry.tokens[1].place, origin.error().what, origin.error().todo);
            origin_ = *origin;
            return {};
        }
        if (entry.tokens.size() == 2 && name == "$ttl") {
            const auto ttl = parseSeconds(entry.tokens[1].text);
            if (!ttl) return badTtl(entry.tokens[1]);
            ttl_ = *ttl;
            return {};
        }
        return at(word.place, shown(word.text) + " is not understood here.", "Only $ORIGIN name and $TTL time are.");
    }

    static Error badTtl(const Token& token) {
        return at(token.place, shown(token.text) + " is not a time to live.",
                  "Write seconds, or a time like 1h or 30m.");
    }

    Result<void> record(const Entry& entry, std::vector<Record>& out) {
        Record made;
        made.ttl = ttl_;
        std::size_t next = 0;
        if (!entry.beginsWithBlank) {
            auto owner = Name::parse(entry.tokens[0].text, &origin_);
            if (!owner) {
                // Lines below that leave the name out are not wrong for it.
                if (!owner_) owner_ = origin_;
                return at(entry.tokens[0].place, owner.error().what + " " + owner.error().why, owner.error().todo);
            }
            owner_ = *owner;
            next = 1;
        } else if (!owner_) {
            return at(entry.tokens[0].place, "the first record has no name before it.",
                      "Begin the line with a name; @ stands for the domain itself.");
        }
        made.owner = *owner_;
        // TTL and class come in either order, and each may be missing.
        for (int i = 0; i < 2 && next < entry.tokens.size(); ++i) {
            const auto& token = entry.tokens[next];
            if (lowerAscii(token.text) == "in") {
                ++next;
            } else if (isDigit(token.text.empty() ? ' ' : token.text[0])) {
                const auto ttl = parseSeconds(token.text);
                if (!ttl) return badTtl(token);
                made.ttl = *ttl;
                ++next;
            }
        }
        if (next >= entry.tokens.size()) {
            return at(entry.end, "the record has no type.", "Write it like: name 300 IN A 192.0.2.1");
        }
        const auto& typeToken = entry.tokens[next++];
        const auto type = parseType(typeToken.text);
        if (!type) {
            return at(typeToken.place, shown(typeToken.text) + " is not a record type.",
                      "Usual ones are A, AAAA, CNAME, MX, SRV and TXT; others are written like TYPE1234.");
        }
        made.type = *type;
        Words words{entry.tokens, next, entry.end};
        auto data = recordData(words, *type, origin_);
        if (!data) return data.error();
        if (const auto* extra = words.peek()) {
            return at(extra->place, shown(extra->text) + " is too much for a " + typeText(*type) + " record.",
                      *type == Type::Txt ? "Put the text in quotes." : "Remove it, or put a ; before a comment.");
        }
        made.data = std::move(*data);
        out.push_back(std::move(made));
        return {};
    }

    Name origin_;
    std::uint32_t ttl_;
    std::optional<Name> owner_;
};

}  // namespace

ZoneReading readZoneText(std::string_view text, const Name& origin, std::uint32_t defaultTtl,
                         const ZoneTextLimits& limits) {
    ZoneReading reading;
    if (text.size() > limits.bytes) {
        reading.problems.push_back({Code::TooLong,
                                    "The records are longer than " + std::to_string(limits.bytes) + " bytes.", "",
                                    "Keep only those that belong to this domain."});
        return reading;
    }
    Splitter splitter{text};
    Parser parser{origin, defaultTtl};
    while (!splitter.atEnd() && reading.problems.size() < kMostProblems) {
        const auto entry = splitter.next();
        if (!entry) {
            reading.problems.push_back(entry.error());
            splitter.skipLine();
            continue;
        }
        if (const auto taken = parser.take(*entry, reading.records); !taken) {
            reading.problems.push_back(taken.error());
            continue;
        }
        if (reading.records.size() > reading.lines.size()) reading.lines.push_back(entry->tokens.front().place.line);
        if (reading.records.size() > limits.records) {
            reading.problems.push_back(at(entry->tokens.front().place,
                                          "there are more than " + std::to_string(limits.records) + " records.",
                                          "Keep only those that belong to this domain.", Code::TooMany));
            break;
        }
    }
    return reading;
}

Result<std::vector<Record>> parseZoneText(std::string_view text, const Name& origin, std::uint32_t defaultTtl,
                                          const ZoneTextLimits& limits) {
    auto reading = readZoneText(text, origin, defaultTtl, limits);
    if (!reading.problems.empty()) return std::move(reading.problems.front());
    return std::move(reading.records);
}

}  // namespace causeway::dns
