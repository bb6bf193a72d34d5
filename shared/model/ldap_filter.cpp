#include "shared/model/ldap_filter.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "shared/base/text.h"

namespace causeway {

namespace {

constexpr std::size_t kMostBytes = 8000;
constexpr int kMostLevels = 32;
constexpr int kMostParts = 500;

bool isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isAttributeCharacter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '.' ||
           c == ';' || c == '_';
}

class FilterReader {
public:
    explicit FilterReader(std::string_view text) : text_(text) {}

    Result<LdapFilter> readAll() {
        if (text_.size() > kMostBytes) {
            return Error{Code::TooLong, "The filter is longer than 8,000 characters.", "", "Shorten it.", kMostBytes};
        }
        skipBlanks();
        if (atEnd()) return bad(at_, "The filter is empty. Write one such as (uid={user}).");
        LdapFilter filter;
        if (!readFilter(filter, 0)) return *error_;
        skipBlanks();
        if (!atEnd()) {
            if (text_[at_] == ')') return bad(at_, "This closing bracket has no opening one. Take it away.");
            if (text_[at_] == '(') {
                return bad(at_,
                           "A second filter begins here. Put both into one: (&(first)(second)) wants both, "
                           "(|(first)(second)) wants one of them.");
            }
            return bad(at_, "The filter ended before this text. Put the text into brackets or take it away.");
        }
        return filter;
    }

private:
    bool atEnd() const { return at_ >= text_.size(); }
    void skipBlanks() {
        while (!atEnd() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t'))
            ++at_;
    }
    Error bad(std::size_t place, std::string what, Code code = Code::BadInput) {
        return Error{code, std::move(what), "", "", place};
    }
    bool refuse(std::size_t place, std::string what, Code code = Code::BadInput) {
        error_ = bad(place, std::move(what), code);
        return false;
    }

    bool readFilter(LdapFilter& filter, int level) {
        if (level >= kMostLevels) {
            return refuse(at_, "The filter is nested more than 32 levels deep. Make it simpler.", Code::TooMany);
        }
        if (++parts_ > kMostParts) {
            return refuse(at_, "The filter has more than 500 parts. Make it simpler.", Code::TooMany);
        }
        if (atEnd() || text_[at_] != '(') {
            return refuse(at_, "A part of a filter begins with an opening bracket, as in (uid={user}).");
        }
        const auto opened = at_++;
        skipBlanks();
        if (atEnd()) return refuse(opened, "This opening bracket is never closed.");
        bool isFine = false;
        switch (text_[at_]) {
            case '&':
                filter.kind = LdapFilterKind::And;
                isFine = readList(filter, level, opened);
                break;
            case '|':
                filter.kind = LdapFilterKind::Or;
                isFine = readList(filter, level, opened);
                break;
            case '!':
                filter.kind = LdapFilterKind::Not;
                isFine = readNot(filter, level);
                break;
            case '(':
                return refuse(at_, "Two opening brackets stand together. Write & or | between them, or take one away.");
            default:
                isFine = readTest(filter, opened);
        }
        if (!isFine) return false;
        if (atEnd() || text_[at_] != ')') return refuse(opened, "This opening bracket is never closed.");
        ++at_;
        return true;
    }

    bool readList(LdapFilter& filter, int level, std::size_t opened) {
        ++at_;
        skipBlanks();
        while (!atEnd() && text_[at_] == '(') {
            if (!readFilter(filter.parts.emplace_back(), level + 1)) return false;
            skipBlanks();
        }
        if (atEnd()) return refuse(opened, "This opening bracket is never closed.");
        if (text_[at_] != ')') {
            return refuse(at_, "Each condition behind & and | needs its own brackets, as in (&(uid={user})(mail=*)).");
        }
        if (filter.parts.empty()) {
            return refuse(at_, "There is no condition behind & or |. Write one in brackets.");
        }
        return true;
    }

    bool readNot(LdapFilter& filter, int level) {
        ++at_;
        skipBlanks();
        if (atEnd() || text_[at_] != '(') {
            return refuse(at_, "The condition behind ! needs its own brackets, as in (!(disabled=TRUE)).");
        }
        if (!readFilter(filter.parts.emplace_back(), level + 1)) return false;
        skipBlanks();
        if (!atEnd() && text_[at_] == '(') {
            return refuse(at_, "Only one condition may stand behind !. Put several into (!(|(first)(second))).");
        }
        return true;
    }

    bool readTest(LdapFilter& filter, std::size_t opened) {
        filter.kind = LdapFilterKind::Test;
        const auto from = at_;
        while (!atEnd() && isAttributeCharacter(text_[at_]))
            ++at_;
        if (!readMatchingRule(from)) return false;
        if (at_ == from) {
            return refuse(at_, "The name of an attribute is missing here, as the uid in (uid={user}).");
        }
        filter.attribute = std::string(text_.substr(from, at_ - from));
        if (!readComparison(filter, opened)) return false;
        return readValue(filter);
    }

    /// ":dn", ":rule" and the ":" before "=" of an extensible match.
    bool readMatchingRule(std::size_t from) {
        while (!atEnd() && text_[at_] == ':') {
            ++at_;
            if (!atEnd() && text_[at_] == '=') {
                if (at_ - from < 2)
                    return refuse(from, "The name of an attribute or of a rule is missing before \":=\".");
                return true;
            }
            const auto ruleFrom = at_;
            while (!atEnd() && isAttributeCharacter(text_[at_]))
                ++at_;
            if (at_ == ruleFrom || atEnd() || text_[at_] != ':') {
                return refuse(ruleFrom,
                              "A matching rule is written as attribute:rule:=value, such as "
                              "(memberOf:1.2.840.113556.1.4.1941:=...).");
            }
        }
        return true;
    }

    bool readComparison(LdapFilter& filter, std::size_t opened) {
        if (atEnd()) return refuse(opened, "This opening bracket is never closed.");
        for (const std::string_view word : {">=", "<=", "~=", "="}) {
            if (!text_.substr(at_).starts_with(word)) continue;
            filter.comparison = std::string(word);
            at_ += word.size();
            return true;
        }
        if (text_[at_] == ')') {
            return refuse(at_, "\"" + cleanUtf8(filter.attribute) +
                                   "\" is compared with nothing. Write =*, if it only has to be there.");
        }
        if (text_[at_] == '<' || text_[at_] == '>') {
            return refuse(at_, "LDAP knows only <= and >=. Write one of them.");
        }
        return refuse(at_, "Here = is expected. The name of an attribute has only letters, digits and hyphens.");
    }

    bool readValue(LdapFilter& filter) {
        const auto from = at_;
        for (; !atEnd() && text_[at_] != ')'; ++at_) {
            const auto c = text_[at_];
            if (c == '(') return refuse(at_, "An opening bracket inside a value is written as \\28.");
            if (c == '\0') return refuse(at_, "A NUL inside a value is written as \\00.");
            if (c != '\\') continue;
            if (at_ + 2 >= text_.size() || !isHexDigit(text_[at_ + 1]) || !isHexDigit(text_[at_ + 2])) {
                return refuse(at_, "Two hexadecimal digits follow a backslash; a backslash itself is written as \\5c.");
            }
            at_ += 2;
        }
        const auto value = text_.substr(from, std::min(at_, text_.size()) - from);
        if (filter.comparison != "=" && value.find('*') != std::string_view::npos) {
            return refuse(from + value.find('*'),
                          "An asterisk works only with =. Write \\2a if you mean the character.");
        }
        if (filter.attribute.ends_with(':') && value.find('*') != std::string_view::npos) {
            return refuse(from + value.find('*'),
                          "A matching rule takes no asterisk. Write \\2a if you mean the character.");
        }
        filter.value = std::string(value);
        return true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    int parts_ = 0;
    std::optional<Error> error_;
};

void writeInto(std::string& out, const LdapFilter& filter) {
    out += '(';
    switch (filter.kind) {
        case LdapFilterKind::Test:
            out += filter.attribute + filter.comparison + filter.value;
            break;
        case LdapFilterKind::And:
            out += '&';
            break;
        case LdapFilterKind::Or:
            out += '|';
            break;
        case LdapFilterKind::Not:
            out += '!';
            break;
    }
    for (const auto& part : filter.parts)
        writeInto(out, part);
    out += ')';
}

constexpr std::string_view kHexDigits = "0123456789abcdef";

void appendEscaped(std::string& out, char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    out += '\\';
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
}

}  // namespace

Result<LdapFilter> parseLdapFilter(std::string_view text) {
    return FilterReader{text}.readAll();
}

std::string writeLdapFilter(const LdapFilter& filter) {
    std::string out;
    writeInto(out, filter);
    return out;
}

std::string escapeFilterValue(std::string_view value) {
    std::string out;
    for (const char c : value) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (byte < 0x20 || byte >= 0x7f || c == '(' || c == ')' || c == '*' || c == '\\') {
            appendEscaped(out, c);
        } else {
            out += c;
        }
    }
    return out;
}

std::string escapeDnValue(std::string_view value) {
    std::string out;
    for (std::size_t i = 0; i < value.size(); ++i) {
        const auto c = value[i];
        const auto byte = static_cast<std::uint8_t>(c);
        const bool isEdgeBlank = c == ' ' && (i == 0 || i + 1 == value.size());
        const bool isSpecial = std::string_view{"\"+,;<>\\="}.find(c) != std::string_view::npos;
        if (byte < 0x20 || byte >= 0x7f || isEdgeBlank || isSpecial || (c == '#' && i == 0)) {
            appendEscaped(out, c);
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace causeway
