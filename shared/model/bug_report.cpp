#include "shared/model/bug_report.h"

#include <algorithm>
#include <array>

#include "shared/base/text.h"

namespace causeway {

namespace {

constexpr std::array kKinds{"user", "host", "group", "domain", "base", "person", "text"};

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool isWordCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

void appendUtf8(std::string& out, std::uint32_t point) {
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0 | (point >> 6));
        out += static_cast<char>(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0 | (point >> 12));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    } else {
        out += static_cast<char>(0xF0 | (point >> 18));
        out += static_cast<char>(0x80 | ((point >> 12) & 0x3F));
        out += static_cast<char>(0x80 | ((point >> 6) & 0x3F));
        out += static_cast<char>(0x80 | (point & 0x3F));
    }
}

/// Four hexadecimal digits at `at`; nullopt if they are none.
std::optional<std::uint32_t> hexAt(std::string_view text, std::size_t at) {
    if (at + 4 > text.size()) return std::nullopt;
    const auto bytes = parseHex(text.substr(at, 4));
    if (!bytes) return std::nullopt;
    return static_cast<std::uint32_t>(static_cast<unsigned char>((*bytes)[0])) << 8 |
           static_cast<unsigned char>((*bytes)[1]);
}

/// What stands between the quotes of a JSON string.
std::string unescaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 >= text.size()) {
            out += text[i];
            continue;
        }
        const char c = text[++i];
        if (c != 'u') {
            constexpr std::string_view kLetters = "bfnrt";
            constexpr std::string_view kMeant = "\b\f\n\r\t";
            const auto at = kLetters.find(c);
            out += at == std::string_view::npos ? c : kMeant[at];
            continue;
        }
        auto point = hexAt(text, i + 1).value_or(0xFFFD);
        i += std::min<std::size_t>(4, text.size() - i - 1);
        if (point >= 0xD800 && point < 0xDC00 && text.substr(i + 1, 2) == "\\u") {
            if (const auto low = hexAt(text, i + 3); low && *low >= 0xDC00 && *low < 0xE000) {
                point = 0x10000 + ((point - 0xD800) << 10) + (*low - 0xDC00);
                i += 6;
            }
        }
        appendUtf8(out, point >= 0xD800 && point < 0xE000 ? 0xFFFD : point);
    }
    return out;
}

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size() + 8);
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (c == '\n') {
            out += "\\n";
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += "\\u00" + hexText(std::string_view(&c, 1));
        } else {
            out += c;
        }
    }
    return out;
}

/// Behind the closing quote of the string that begins at `at`; npos if it does not end.
std::size_t endOfString(std::string_view json, std::size_t at) {
    for (std::size_t i = at + 1; i < json.size(); ++i) {
        if (json[i] == '\\') {
            ++i;
        } else if (json[i] == '"') {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

/// Replaces every place of `secret` by ***; short ones only where they stand alone.
void maskKnown(std::string& text, const std::string& secret) {
    constexpr std::size_t kLeast = 3;
    constexpr std::size_t kShort = 6;
    if (secret.size() < kLeast) return;
    for (std::size_t at = text.find(secret); at != std::string::npos; at = text.find(secret, at)) {
        const auto end = at + secret.size();
        const bool isAlone =
            (at == 0 || !isWordCharacter(text[at - 1])) && (end == text.size() || !isWordCharacter(text[end]));
        if (secret.size() < kShort && !isAlone) {
            at = end;
            continue;
        }
        text.replace(at, secret.size(), Secret::shown());
        at += std::string_view(Secret::shown()).size();
    }
}

bool isQuote(char c) {
    return c == '"' || c == '\'';
}

/// Behind the last character of the value at `at`, which may stand behind its opening quote.
std::size_t endOfValue(std::string_view text, std::size_t at) {
    const bool isQuoted = at > 0 && isQuote(text[at - 1]);
    if (isQuoted) return std::min(text.find(text[at - 1], at), text.size());
    const auto end = text.find_first_of(" \t\r\n;,&\"'<>)]}", at);
    return end == std::string_view::npos ? text.size() : end;
}

/// "password=x", "PWD = x", "token:x".
void maskAssigned(std::string& text) {
    constexpr auto kKeys = std::to_array<std::string_view>({"password", "passwd", "passphrase", "pwd", "secret",
                                                            "token", "apikey", "api_key", "api-key", "access_key",
                                                            "client_secret", "hmac_key", "private_key"});
    auto folded = lowerAscii(text);
    for (const auto key : kKeys) {
        for (std::size_t at = folded.find(key); at != std::string::npos; at = folded.find(key, at + 1)) {
            auto value = at + key.size();
            if (value < text.size() && isQuote(text[value])) ++value;  // of JSON inside a text
            while (value < text.size() && text[value] == ' ')
                ++value;
            if (value >= text.size() || (text[value] != '=' && text[value] != ':')) continue;
            const bool isColon = text[value] == ':';
            ++value;
            // "wrong password: the directory says" is a sentence.
            if (isColon && (value >= text.size() || isBlank(text[value]) || text[value] == '/')) continue;
            while (value < text.size() && text[value] == ' ')
                ++value;
            if (value < text.size() && isQuote(text[value])) ++value;
            const auto end = endOfValue(text, value);
            if (end <= value || text[value] == '{' || text[value] == '?') continue;
            text.replace(value, end - value, Secret::shown());
            folded = lowerAscii(text);
        }
    }
}

void maskCredentials(std::string& text) {
    constexpr std::string_view kHeader = "authorization:";
    constexpr std::string_view kBearer = "bearer ";
    constexpr std::size_t kLeastToken = 16;
    auto folded = lowerAscii(text);
    for (std::size_t at = folded.find(kHeader); at != std::string::npos; at = folded.find(kHeader, at + 1)) {
        const auto value = at + kHeader.size();
        auto end = text.find_first_of("\r\n\"", value);
        if (end == std::string::npos) end = text.size();
        if (trimmed(std::string_view(text).substr(value, end - value)).empty()) continue;
        text.replace(value, end - value, std::string(" ") + Secret::shown());
        folded = lowerAscii(text);
    }
    for (std::size_t at = folded.find(kBearer); at != std::string::npos; at = folded.find(kBearer, at + 1)) {
        const auto value = at + kBearer.size();
        const auto end = endOfValue(text, value);
        if (end < value + kLeastToken) continue;
        text.replace(value, end - value, Secret::shown());
        folded = lowerAscii(text);
    }
}

/// The password of "https://name:password@host".
void maskInAddresses(std::string& text) {
    for (std::size_t at = text.find("://"); at != std::string::npos; at = text.find("://", at + 1)) {
        const auto begin = at + 3;
        const auto end = std::min(text.find_first_of("/ \t\r\n\"'<>", begin), text.size());
        const auto sign = text.rfind('@', end == 0 ? 0 : end - 1);
        if (sign == std::string::npos || sign < begin) continue;
        const auto colon = text.find(':', begin);
        if (colon == std::string::npos || colon >= sign || text[colon + 1] == '{') continue;
        text.replace(colon + 1, sign - colon - 1, Secret::shown());
    }
}

void maskPrivateKeys(std::string& text) {
    for (std::size_t at = text.find("-----BEGIN "); at != std::string::npos; at = text.find("-----BEGIN ", at + 1)) {
        const auto head = text.find("-----", at + 11);
        if (head == std::string::npos) return;
        if (text.substr(at, head - at).find("PRIVATE KEY") == std::string::npos) continue;
        auto end = text.find("-----END ", head);
        if (end != std::string::npos) end = text.find("-----", end + 9);
        end = end == std::string::npos ? text.size() : end + 5;
        text.replace(at, end - at, Secret::shown());
    }
}

}  // namespace

const char* wordOf(NameKind kind) {
    return kKinds[static_cast<std::size_t>(kind)];
}
std::optional<NameKind> nameKindOf(std::string_view word) {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (word == kKinds[i]) return static_cast<NameKind>(i);
    }
    return std::nullopt;
}

void changeTexts(ReportFile& file, const std::function<std::string(const std::string&)>& change) {
    if (file.name.ends_with(".pcapng")) return;
    if (!file.name.ends_with(".json")) {
        file.content = change(file.content);
        return;
    }
    const std::string_view json = file.content;
    std::string out;
    out.reserve(json.size());
    for (std::size_t at = 0; at < json.size();) {
        if (json[at] != '"') {
            out += json[at++];
            continue;
        }
        const auto end = endOfString(json, at);
        if (end == std::string_view::npos) {
            out += change(std::string(json.substr(at)));
            break;
        }
        auto next = end;
        while (next < json.size() && isBlank(json[next]))
            ++next;
        const auto raw = json.substr(at, end - at);
        if (next < json.size() && json[next] == ':') {
            out += raw;
        } else {
            out += '"';
            out += escaped(change(unescaped(raw.substr(1, raw.size() - 2))));
            out += '"';
        }
        at = end;
    }
    file.content = std::move(out);
}

std::string maskSecrets(std::string text, const std::vector<Secret>& known) {
    // The longest first: one may be a part of another.
    std::vector<const Secret*> order;
    order.reserve(known.size());
    for (const auto& each : known)
        order.push_back(&each);
    std::stable_sort(order.begin(), order.end(), [](const Secret* left, const Secret* right) {
        return left->reveal().size() > right->reveal().size();
    });
    for (const auto* each : order)
        maskKnown(text, each->reveal());
    maskPrivateKeys(text);
    maskCredentials(text);
    maskAssigned(text);
    maskInAddresses(text);
    return text;
}

std::string prettyJson(std::string_view json) {
    const auto first = json.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos || (json[first] != '{' && json[first] != '[')) return std::string(json);
    std::string out;
    out.reserve(json.size() * 3 / 2);
    std::size_t depth = 0;
    const auto newLine = [&out, &depth] {
        out += '\n';
        out.append(depth * 2, ' ');
    };
    for (std::size_t at = first; at < json.size(); ++at) {
        const char c = json[at];
        if (c == '"') {
            const auto end = std::min(endOfString(json, at), json.size());
            out += json.substr(at, end - at);
            at = end - 1;
        } else if (c == '{' || c == '[') {
            out += c;
            auto next = at + 1;
            while (next < json.size() && isBlank(json[next]))
                ++next;
            if (next < json.size() && (json[next] == '}' || json[next] == ']')) {
                out += json[next];
                at = next;
            } else {
                ++depth;
                newLine();
            }
        } else if (c == '}' || c == ']') {
            if (depth > 0) --depth;
            newLine();
            out += c;
        } else if (c == ',') {
            out += c;
            newLine();
        } else if (c == ':') {
            out += ": ";
        } else if (!isBlank(c)) {
            out += c;
        }
    }
    return out + "\n";
}

}  // namespace causeway
