#include "shared/model/pseudonyms.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "shared/base/text.h"

namespace causeway {

namespace {

bool isDigit(char c) {
    return c >= '0' && c <= '9';
}
bool isHex(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool isWordCharacter(char c) {
    return isDigit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Words that say nothing about a company and stand in reports for other things.
bool saysNothing(std::string_view folded) {
    constexpr auto kWords = std::to_array<std::string_view>(
        {"admin", "administrator", "operator", "viewer", "local", "localhost", "causeway", "lan", "true", "false"});
    if (std::find(kWords.begin(), kWords.end(), folded) != kWords.end()) return true;
    return folded.size() < 4 && std::all_of(folded.begin(), folded.end(), isDigit);
}

/// A number of an address: "7", or "*" or "2-5" in a range. Moves `at` behind it.
std::optional<std::string> addressPart(std::string_view text, std::size_t& at) {
    if (at < text.size() && text[at] == '*') {
        ++at;
        return "*";
    }
    const auto number = [&text](std::size_t& from) {
        std::string digits;
        while (from < text.size() && isDigit(text[from]) && digits.size() < 4)
            digits += text[from++];
        return digits;
    };
    auto digits = number(at);
    if (digits.empty() || digits.size() > 3 || std::stoi(digits) > 255) return std::nullopt;
    if (at + 1 < text.size() && text[at] == '-' && isDigit(text[at + 1])) {
        auto behind = at + 1;
        const auto more = number(behind);
        // "10.1.0.1-10.1.0.9" are two addresses, "10.1.2-5.*" is one range.
        if (behind < text.size() && text[behind] == '.' && !more.empty()) {
            auto probe = behind + 1;
            if (probe < text.size() && text[probe] == '*') {
                at = behind;
                digits += "-" + more;
            }
        }
    }
    return digits;
}

/// Length of the IPv4 address, wildcards among them, at `at`; 0 if there is none.
std::size_t ip4Length(std::string_view text, std::size_t at, std::vector<std::string>& parts) {
    auto now = at;
    for (int i = 0; i < 4; ++i) {
        if (i > 0) {
            if (now >= text.size() || text[now] != '.') return 0;
            ++now;
        }
        auto part = addressPart(text, now);
        if (!part) return 0;
        parts.push_back(std::move(*part));
        const bool isOver = now >= text.size() || text[now] != '.';
        if (parts.back() == "*" && parts.size() >= 2 && isOver) break;
    }
    if (now < text.size() && isWordCharacter(text[now])) return 0;
    if (now + 1 < text.size() && text[now] == '.' && isDigit(text[now + 1])) return 0;
    return now - at;
}

/// Length of the run of hexadecimal digits and `separator` at `at`.
std::size_t hexRun(std::string_view text, std::size_t at, char separator) {
    auto end = at;
    while (end < text.size() && (isHex(text[end]) || text[end] == separator))
        ++end;
    if (end < text.size() && isWordCharacter(text[end])) return 0;
    return end - at;
}

bool isMac(std::string_view run, char separator) {
    const auto groups = split(run, separator);
    return groups.size() == 6 &&
           std::all_of(groups.begin(), groups.end(), [](std::string_view each) { return each.size() == 2; });
}

bool isIp6(std::string_view run) {
    const auto gap = run.find("::");
    if (gap != std::string_view::npos && run.find("::", gap + 1) != std::string_view::npos) return false;
    std::size_t groups = 0;
    for (const auto each : split(run, ':')) {
        if (each.size() > 4) return false;
        if (!each.empty()) ++groups;
    }
    if (gap == std::string_view::npos) return groups == 8 && run.front() != ':' && run.back() != ':';
    return groups < 8;
}

bool isMailCharacter(char c) {
    return isWordCharacter(c) || c == '.' || c == '_' || c == '%' || c == '+' || c == '-';
}

}  // namespace

Pseudonyms::Pseudonyms(const std::vector<ReportName>& names) : names_(names) {
    entries_.reserve(names_.size());
    for (std::size_t i = 0; i < names_.size(); ++i) {
        auto folded = lowerAscii(trimmed(names_[i].text));
        if (folded.size() < 2 || saysNothing(folded)) continue;
        entries_.push_back({std::move(folded), i});
    }
    std::stable_sort(entries_.begin(), entries_.end(),
                     [](const Entry& left, const Entry& right) { return left.folded < right.folded; });
    entries_.erase(std::unique(entries_.begin(), entries_.end(),
                               [](const Entry& left, const Entry& right) { return left.folded == right.folded; }),
                   entries_.end());
}

Pseudonyms::Match Pseudonyms::nameAt(std::string_view folded, std::size_t at) const {
    Match best;
    auto low = entries_.begin();
    auto high = entries_.end();
    // The names that begin with the text here, narrowed by a byte at a time.
    for (std::size_t depth = 0; at + depth < folded.size() && low != high; ++depth) {
        const auto c = static_cast<unsigned char>(folded[at + depth]);
        const auto byteOf = [depth](const Entry& entry) {
            return entry.folded.size() > depth ? static_cast<int>(static_cast<unsigned char>(entry.folded[depth])) : -1;
        };
        low = std::partition_point(low, high, [&](const Entry& entry) { return byteOf(entry) < c; });
        high = std::partition_point(low, high, [&](const Entry& entry) { return byteOf(entry) <= c; });
        if (low == high || low->folded.size() != depth + 1) continue;
        const auto end = at + depth + 1;
        const bool isWhole = end == folded.size() || !isWordCharacter(folded[end]) || !isWordCharacter(folded[end - 1]);
        if (isWhole) best = {depth + 1, low->index};
    }
    return best;
}

std::size_t Pseudonyms::numberOf(const std::string& kind, const std::string& name) {
    auto& known = numbers_[kind];
    return known.try_emplace(name, known.size() + 1).first->second;
}

std::string Pseudonyms::wordFor(NameKind kind, std::string_view name) {
    const std::string word = wordOf(kind);
    return word + "-" + std::to_string(numberOf(word, lowerAscii(trimmed(name))));
}

std::string Pseudonyms::wordForAddress(std::string_view address) {
    const auto last = address.rfind('.');
    const std::string network{address.substr(0, last)};
    const std::string host{address.substr(last + 1)};
    const auto number = std::to_string(numberOf("net", network));
    const bool isPlain = host == "0" || host == "255" || host == "*";
    return "net-" + number + "." + (isPlain ? host : "host-" + std::to_string(numberOf("net " + number, host)));
}

std::string Pseudonyms::mailAt(std::string_view text, std::size_t at, std::size_t& length) {
    auto sign = at;
    while (sign < text.size() && isMailCharacter(text[sign]))
        ++sign;
    if (sign == at || sign >= text.size() || text[sign] != '@') return {};
    auto end = sign + 1;
    while (end < text.size() && (isWordCharacter(text[end]) || text[end] == '.' || text[end] == '-'))
        ++end;
    while (end > sign + 1 && !isWordCharacter(text[end - 1]))
        --end;
    const auto domain = text.substr(sign + 1, end - sign - 1);
    if (domain.find('.') == std::string_view::npos) return {};
    length = end - at;
    const auto known = [this](std::string_view name, NameKind otherwise) {
        const auto folded = lowerAscii(name);
        const auto match = nameAt(folded, 0);
        if (match.length != folded.size()) return wordFor(otherwise, name);
        return wordFor(names_[match.index].kind, names_[match.index].text);
    };
    std::vector<std::string> parts;
    const bool isAddress = ip4Length(domain, 0, parts) == domain.size();
    return known(text.substr(at, sign - at), NameKind::User) + "@" +
           (isAddress ? replace(domain) : known(domain, NameKind::Domain));
}

std::string Pseudonyms::addressAt(std::string_view text, std::size_t at, std::size_t& length) {
    if (isDigit(text[at])) {
        std::vector<std::string> parts;
        if (const auto found = ip4Length(text, at, parts); found > 0) {
            length = found;
            const auto address = text.substr(at, found);
            const bool isKept = parts.front() == "127" || address == "0.0.0.0" || parts.front() == "255";
            return isKept ? std::string(address) : wordForAddress(address);
        }
    }
    for (const char separator : {':', '-'}) {
        const auto run = text.substr(at, hexRun(text, at, separator));
        if (!isMac(run, separator)) continue;
        length = run.size();
        return "mac-" + std::to_string(numberOf("mac", lowerAscii(run)));
    }
    auto run = text.substr(at, hexRun(text, at, ':'));
    if (run.size() > 2 && run.ends_with(':') && !run.ends_with("::")) run.remove_suffix(1);
    if (run.size() < 2 || run.find(':') == std::string_view::npos) return {};
    if (split(run, ':').size() > 8 && run.find("::") == std::string_view::npos) {
        length = run.size();  // the fingerprint of a key: no part of it is an address
        return std::string(run);
    }
    if (!isIp6(run)) return {};
    length = run.size();
    if (run == "::" || run == "::1") return std::string(run);
    return "ip6-" + std::to_string(numberOf("ip6", lowerAscii(run)));
}

std::string Pseudonyms::replace(std::string_view text) {
    const auto folded = lowerAscii(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const bool isInside = at > 0 && isWordCharacter(text[at]) && isWordCharacter(text[at - 1]);
        if (isInside) {
            out += text[at++];
            continue;
        }
        std::size_t length = 0;
        std::string word;
        const bool isMailStart = isMailCharacter(text[at]) && (at == 0 || !isMailCharacter(text[at - 1]));
        if (isMailStart) word = mailAt(text, at, length);
        if (length == 0) {
            if (const auto match = nameAt(folded, at); match.length > 0) {
                length = match.length;
                word = wordFor(names_[match.index].kind, names_[match.index].text);
            }
        }
        const bool isBehindDot = at > 0 && text[at - 1] == '.';
        if (length == 0 && !isBehindDot && (isHex(text[at]) || text[at] == ':')) word = addressAt(text, at, length);
        if (length == 0) {
            out += text[at++];
            continue;
        }
        out += word;
        at += length;
    }
    return out;
}

void Pseudonyms::replace(ReportFile& file) {
    changeTexts(file, [this](const std::string& text) { return replace(text); });
}

std::vector<ReportName> Pseudonyms::found(std::string_view text) const {
    const auto folded = lowerAscii(text);
    std::vector<bool> isFound(names_.size());
    std::vector<ReportName> all;
    for (std::size_t at = 0; at < folded.size(); ++at) {
        if (at > 0 && isWordCharacter(folded[at]) && isWordCharacter(folded[at - 1])) continue;
        const auto match = nameAt(folded, at);
        if (match.length == 0 || isFound[match.index]) continue;
        isFound[match.index] = true;
        all.push_back(names_[match.index]);
    }
    return all;
}

}  // namespace causeway
