#include "shared/proto/ipmsg/entry.h"

#include <algorithm>
#include <array>
#include <vector>

#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/ipmsg/charset.h"
#include "shared/proto/ipmsg/ipdict.h"

namespace causeway::ipmsg {

namespace {

constexpr std::size_t kMaxVersionLine = 39;
constexpr std::size_t kMaxClientText = 60;
constexpr std::string_view kUtf8Mark{"utf-8\0", 6};

bool isEntryMode(Mode mode) {
    return mode == Mode::NoOperation || mode == Mode::BrEntry || mode == Mode::BrExit || mode == Mode::AnsEntry ||
           mode == Mode::BrAbsence;
}

bool isAscii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string cut(std::string text, std::size_t bytes) {
    text.resize(cutUtf8(text, bytes).size());
    return text;
}

/// A colon never stands in the user and host fields of the wire; the lines may hold one. Both spellings of one user
/// must be the same identity.
void withoutColons(std::string& name) {
    std::replace(name.begin(), name.end(), ':', ';');
}

/// One line of an entry body: no line end, no NUL.
std::string oneLine(std::string_view text) {
    return cleanUtf8(text);
}

std::string asciiOnly(std::string_view utf8) {
    std::string out;
    out.reserve(utf8.size());
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out += c;
        } else if ((byte & 0xC0U) != 0x80U) {
            out += '?';  // one a character: continuation bytes are left out
        }
    }
    return out;
}

void readMasterLine(std::string_view base64, Entry& entry) {
    auto bytes = parseBase64(base64);
    if (!bytes) return;
    const auto dict = parseDictPacket(*bytes);
    if (!dict) return;
    if (const auto address = dict->text("SVADR")) {
        const auto ip = Ip4::parse(*address);
        if (ip && ip->canBeHost()) entry.configuredMaster = ip;
    }
    entry.onBehalfOfMaster = dict->number("DRB") == 1;
    entry.masterStarted = dict->number("UPT") == 0;
}

void readLines(std::string_view lines, bool namesToo, Entry& entry) {
    while (!lines.empty()) {
        const auto end = lines.find('\n');
        auto line = lines.substr(0, end);
        lines = end == std::string_view::npos ? std::string_view{} : lines.substr(end + 1);
        line = line.substr(0, line.find('\0'));
        if (line.size() < 3 || line[2] != ':') continue;
        const auto key = line.substr(0, 2);
        const auto value = line.substr(3);
        if (key == "VS") {
            entry.versionLine = cut(decodeField(value, true, {}), kMaxVersionLine);
        } else if (key == "IP") {
            readMasterLine(value, entry);
        } else if (!namesToo) {
            continue;
        } else if (key == "UN" && !value.empty()) {
            entry.user = decodeField(value, true, {});
        } else if (key == "HN" && !value.empty()) {
            entry.host = decodeField(value, true, {});
        } else if (key == "NN" && !value.empty()) {
            entry.nick = decodeField(value, true, {});
        } else if (key == "GN") {
            entry.group = decodeField(value, true, {});
        }
    }
}

struct VersionLine {
    std::uint64_t type = 0;
    std::string version;  ///< "4.99r3"
};

std::optional<VersionLine> parseVersionLine(std::string_view line) {
    const auto parts = split(line, ':');
    if (parts.size() < 4 || parts[0].size() > 8) return std::nullopt;
    const auto type = parseUnsigned(parts[0], 16);
    const auto major = parseUnsigned(parts[1]);
    const auto minor = parseUnsigned(parts[2]);
    const auto revision = parseUnsigned(parts[3]);
    if (!type || !major || !minor || !revision) return std::nullopt;
    VersionLine out{*type, std::to_string(*major) + "." + std::to_string(*minor)};
    if (*revision > 100) {
        out.version += "r" + std::to_string(*revision - 100);
    } else if (*revision > 50 && *revision < 100) {
        out.version += "b" + std::to_string(*revision - 50);
    } else if (*revision > 0 && *revision <= 50) {
        out.version += "a" + std::to_string(*revision);
    }
    return out;
}

bool containsLower(std::string_view lowerCase, std::string_view word) {
    return lowerCase.find(word) != std::string_view::npos;
}

std::string shown(std::string_view raw) {
    return cut(cleanUtf8(trimmed(raw)), kMaxClientText);
}

/// "1_iptux 0.8.3" -> "iptux 0.8.3"
std::string_view behindNumber(std::string_view versionField) {
    const auto at = versionField.find_first_not_of("0123456789");
    if (at == std::string_view::npos) return {};
    versionField.remove_prefix(at);
    const auto word = versionField.find_first_not_of("_ #");
    return word == std::string_view::npos ? std::string_view{} : versionField.substr(word);
}

ClientInfo fromVersionLine(const VersionLine& line) {
    struct Platform {
        std::uint64_t type;
        ClientKind kind;
        const char* name;
    };
    static constexpr std::array kPlatforms{
        Platform{0x00010001, ClientKind::Windows, "Windows 32-bit"},
        Platform{0x00010002, ClientKind::Windows, "Windows 64-bit"},
        Platform{0x00020000, ClientKind::Mac, "Mac"},
        Platform{0x00030000, ClientKind::Mobile, "iOS"},
        Platform{0x00040000, ClientKind::Mobile, "Android"},
    };
    const std::string name = "IP Messenger " + line.version;
    for (const auto& platform : kPlatforms) {
        if (line.type == platform.type) return {platform.kind, name + " (" + platform.name + ")"};
    }
    // The high half names the platform, the low half a build of it.
    for (const auto& platform : kPlatforms) {
        if (line.type >> 16 != platform.type >> 16) continue;
        const std::string_view family{platform.name};
        return {platform.kind, name + " (" + std::string(family.substr(0, family.find(' '))) + ")"};
    }
    return {ClientKind::Other, name};
}

/// "Win(en)Ver4.99r3(x64)" -> "IP Messenger 4.99r3 (Windows 64-bit)"
ClientInfo fromInfoText(std::string_view info) {
    const auto lower = lowerAscii(info);
    if (containsLower(lower, "causeway")) return {ClientKind::Causeway, shown(info)};
    if (containsLower(lower, "iptux")) return {ClientKind::Iptux, shown(info)};
    if (containsLower(lower, "feiq")) return {ClientKind::Feiq, shown(info)};
    if (lower.starts_with("win")) {
        const auto mark = lower.find("ver");
        if (mark == std::string::npos) return {ClientKind::Windows, shown(info)};
        const auto version = info.substr(mark + 3, info.find('(', mark) - mark - 3);
        return {ClientKind::Windows, "IP Messenger " + shown(version) +
                                         (containsLower(lower, "(x64)") ? " (Windows 64-bit)" : " (Windows)")};
    }
    if (containsLower(lower, "android") || containsLower(lower, "ios") || containsLower(lower, "iphone")) {
        return {ClientKind::Mobile, shown(info)};
    }
    if (containsLower(lower, "mac")) return {ClientKind::Mac, shown(info)};
    return {ClientKind::Other, shown(info)};
}

}  // namespace

Result<Entry> readEntry(const Packet& packet, std::string_view legacyCharset) {
    if (!isEntryMode(packet.mode())) {
        return Error{Code::BadInput,
                     "The packet is not an entry packet: its mode is " + std::to_string(packet.command & 0xFFU) + "."};
    }
    const bool isUtf8 = packet.has(flag::kUtf8);
    const auto decode = [&](std::string_view bytes) { return decodeField(bytes, isUtf8, legacyCharset); };

    Entry entry;
    entry.versionField = packet.version;
    // UTF8OPT says how this one packet is written; it is no property of the user.
    entry.flags = packet.flags() & ~flag::kUtf8;
    entry.user = decode(packet.user);
    entry.host = decode(packet.host);
    entry.nick = decode(packet.body);

    std::string_view rest = packet.ext;
    if (!rest.starts_with('\n')) {
        const auto end = rest.find('\0');
        entry.group = decode(rest.substr(0, end));
        rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    if (rest.starts_with('\n')) {
        readLines(rest.substr(1), packet.has(flag::kCapUtf8), entry);
    } else if (!rest.empty()) {
        const auto end = rest.find('\0');
        const auto mark = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        if (mark == "utf-8" || mark.starts_with(kUtf8Mark)) {
            entry.isIptuxLayout = true;
            entry.icon = cut(decodeField(rest.substr(0, end), true, {}), kMaxName);
        }
    }

    withoutColons(entry.user);
    withoutColons(entry.host);
    for (auto* name : {&entry.user, &entry.host, &entry.nick, &entry.group}) {
        if (name->size() > kMaxName) *name = cut(std::move(*name), kMaxName);
    }
    // COMPAT: iptux sets ABSENCEOPT in every entry packet.
    entry.isAbsent = packet.has(flag::kAbsence) && packet.version.find("iptux") == std::string::npos;
    return entry;
}

EntryBody windowsEntryBody(const Entry& entry, bool utf8Classic) {
    EntryBody out;
    const auto nick = oneLine(entry.nick);
    const auto group = oneLine(entry.group);
    out.body = utf8Classic ? nick : asciiOnly(nick);
    out.ext = utf8Classic ? group : asciiOnly(group);
    out.ext += '\0';
    out.ext += "\nUN:" + oneLine(entry.user);
    out.ext += "\nHN:" + oneLine(entry.host);
    out.ext += "\nNN:" + nick;
    out.ext += "\nGN:" + group;
    if (!entry.versionLine.empty()) out.ext += "\nVS:" + oneLine(entry.versionLine);
    return out;
}

EntryBody iptuxEntryBody(const Entry& entry) {
    EntryBody out{oneLine(entry.nick), oneLine(entry.group)};
    out.ext += '\0';
    out.ext += entry.icon.empty() ? "icon-tux.png" : oneLine(entry.icon);
    out.ext += '\0';
    out.ext += kUtf8Mark;
    return out;
}

std::string introductionPacket(const Entry& who, Mode mode, std::uint32_t number) {
    Packet packet;
    packet.version = who.versionField;
    packet.number = number;
    packet.user = who.user;
    packet.host = who.host;
    packet.command = static_cast<std::uint32_t>(mode) | (who.flags & 0xFFFFFF00U);
    EntryBody body;
    if (who.isIptuxLayout) {
        // iptux leaves with an empty body.
        if (mode != Mode::BrExit) body = iptuxEntryBody(who);
    } else if ((who.flags & flag::kCapUtf8) != 0 || !who.versionLine.empty()) {
        body = windowsEntryBody(who, true);
        if (mode == Mode::AnsEntry) {
            // An answer of a Windows client carries the version line only.
            body.ext = oneLine(who.group);
            body.ext += '\0';
            if (!who.versionLine.empty()) body.ext += "\nVS:" + oneLine(who.versionLine);
        }
    } else {
        body = {oneLine(who.nick), oneLine(who.group)};
    }
    // An ASCII copy stays as its owner sends it; other names are UTF-8 and must be marked so.
    const bool isPlain = isAscii(who.user) && isAscii(who.host) && isAscii(who.nick) && isAscii(who.group);
    if (!isPlain) packet.command |= flag::kUtf8;
    packet.body = std::move(body.body);
    packet.ext = std::move(body.ext);
    return writePacket(packet);
}

ClientInfo classifyClient(std::string_view versionField, std::string_view versionLine, std::string_view infoText) {
    const auto product = behindNumber(versionField);
    const auto lower = lowerAscii(product);
    if (containsLower(lower, "iptux")) return {ClientKind::Iptux, shown(product)};
    if (containsLower(lower, "causeway")) {
        auto text = shown(product);
        if (text.starts_with("causeway")) text[0] = 'C';
        return {ClientKind::Causeway, text};
    }
    if (lower.starts_with("lbt")) {
        return {ClientKind::Feiq, "FeiQ (" + shown(product.substr(0, product.find('#'))) + ")"};
    }
    if (containsLower(lower, "feiq")) return {ClientKind::Feiq, shown(product)};
    if (const auto line = parseVersionLine(versionLine)) return fromVersionLine(*line);
    if (!trimmed(infoText).empty()) return fromInfoText(trimmed(infoText));
    if (!product.empty()) return {ClientKind::Other, shown(product)};
    return {};
}

std::string_view fingerprintOf(std::string_view user) {
    constexpr std::size_t kMark = 19;  // "-<" 16 digits ">"
    if (user.size() <= kMark) return {};
    const auto mark = user.substr(user.size() - kMark);
    if (!mark.starts_with("-<") || mark.back() != '>') return {};
    const auto digits = mark.substr(2, 16);
    const auto isHex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return std::all_of(digits.begin(), digits.end(), isHex) ? digits : std::string_view{};
}

std::string_view withoutFingerprint(std::string_view user) {
    const auto digits = fingerprintOf(user);
    return digits.empty() ? user : user.substr(0, user.size() - 19);
}

}  // namespace causeway::ipmsg
