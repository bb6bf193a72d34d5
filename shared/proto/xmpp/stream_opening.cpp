#include "shared/proto/xmpp/stream_opening.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::xmpp {

namespace {

constexpr std::string_view kStreams = "http://etherx.jabber.org/streams";
constexpr std::string_view kClient = "jabber:client";
constexpr std::string_view kServer = "jabber:server";
constexpr std::string_view kTls = "urn:ietf:params:xml:ns:xmpp-tls";
constexpr std::string_view kXml = "http://www.w3.org/XML/1998/namespace";
constexpr std::string_view kDeclaration = "<?xml";

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}
bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (static_cast<unsigned char>(c) & 0x80U) != 0;
}
bool isNamePart(char c) {
    return isNameStart(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/// A name with at most one colon, parts not empty.
bool isQualifiedName(std::string_view name) {
    bool isStart = true;
    int colons = 0;
    for (const char c : name) {
        if (c == ':') {
            if (isStart || ++colons > 1) return false;
            isStart = true;
            continue;
        }
        if (isStart ? !isNameStart(c) : !isNamePart(c)) return false;
        isStart = false;
    }
    return !isStart;
}

/// Characters of XML 1.0 in UTF-8.
bool isXmlText(std::string_view text) {
    if (!isValidUtf8(text)) return false;
    if (text.find("\xEF\xBF\xBE") != std::string_view::npos || text.find("\xEF\xBF\xBF") != std::string_view::npos)
        return false;
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 && !isBlank(c); });
}

std::pair<std::string_view, std::string_view> splitName(std::string_view name) {
    const auto colon = name.find(':');
    if (colon == std::string_view::npos) return {{}, name};
    return {name.substr(0, colon), name.substr(colon + 1)};
}

void appendUtf8(std::string& out, std::uint64_t point) {
    const auto add = [&out](std::uint64_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (point < 0x80) {
        add(point);
    } else if (point < 0x800) {
        add(0xC0 | (point >> 6));
        add(0x80 | (point & 0x3F));
    } else if (point < 0x10000) {
        add(0xE0 | (point >> 12));
        add(0x80 | ((point >> 6) & 0x3F));
        add(0x80 | (point & 0x3F));
    } else {
        add(0xF0 | (point >> 18));
        add(0x80 | ((point >> 12) & 0x3F));
        add(0x80 | ((point >> 6) & 0x3F));
        add(0x80 | (point & 0x3F));
    }
}

enum class ValueTrouble { None, NotWellFormed, Entity };

ValueTrouble decodeValue(std::string_view raw, std::string& out) {
    while (!raw.empty()) {
        const char c = raw.front();
        if (c == '<') return ValueTrouble::NotWellFormed;
        if (c != '&') {
            out += isBlank(c) ? ' ' : c;
            raw.remove_prefix(1);
            continue;
        }
        const auto end = raw.find(';');
        if (end == std::string_view::npos || end < 2) return ValueTrouble::NotWellFormed;
        const auto name = raw.substr(1, end - 1);
        raw.remove_prefix(end + 1);
        if (name.front() == '#') {
            const bool isHex = name.starts_with("#x");
            const auto point = parseUnsigned(name.substr(isHex ? 2 : 1), isHex ? 16 : 10);
            const bool isSurrogate = point && *point >= 0xD800 && *point <= 0xDFFF;
            const bool isControl = point && *point < 0x20 && *point != '\t' && *point != '\n' && *point != '\r';
            if (!point || isSurrogate || isControl || *point == 0xFFFE || *point == 0xFFFF || *point > 0x10FFFF)
                return ValueTrouble::NotWellFormed;
            appendUtf8(out, *point);
        } else if (name == "lt") {
            out += '<';
        } else if (name == "gt") {
            out += '>';
        } else if (name == "amp") {
            out += '&';
        } else if (name == "quot") {
            out += '"';
        } else if (name == "apos") {
            out += '\'';
        } else {
            return ValueTrouble::Entity;
        }
    }
    return ValueTrouble::None;
}

struct Attribute {
    std::string name;
    std::string value;
};

struct Attributes {
    std::vector<Attribute> all;
    ValueTrouble trouble = ValueTrouble::None;
    bool areTooMany = false;

    const std::string* find(std::string_view name) const {
        for (const auto& each : all)
            if (each.name == name) return &each.value;
        return nullptr;
    }
};

/// `rest` begins behind the name and holds nothing else.
Attributes readAttributes(std::string_view rest, std::size_t most) {
    Attributes out;
    const auto broken = [&out](ValueTrouble why) {
        out.trouble = why;
        return out;
    };
    while (true) {
        const auto blanks = std::min(rest.find_first_not_of(" \t\r\n"), rest.size());
        rest.remove_prefix(blanks);
        if (rest.empty()) return out;
        if (blanks == 0) return broken(ValueTrouble::NotWellFormed);
        const auto nameEnd = std::min(rest.find_first_of("= \t\r\n"), rest.size());
        Attribute next;
        next.name = rest.substr(0, nameEnd);
        rest.remove_prefix(nameEnd);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
        if (!isQualifiedName(next.name) || out.find(next.name) != nullptr || !rest.starts_with('='))
            return broken(ValueTrouble::NotWellFormed);
        rest.remove_prefix(1);
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
        if (rest.empty() || (rest.front() != '\'' && rest.front() != '"')) return broken(ValueTrouble::NotWellFormed);
        const auto end = rest.find(rest.front(), 1);
        if (end == std::string_view::npos) return broken(ValueTrouble::NotWellFormed);
        if (const auto trouble = decodeValue(rest.substr(1, end - 1), next.value); trouble != ValueTrouble::None)
            return broken(trouble);
        rest.remove_prefix(end + 1);
        out.all.push_back(std::move(next));
        if (out.all.size() > most) {
            out.areTooMany = true;
            return out;
        }
    }
}

bool isVersionOne(const std::string* version) {
    if (version == nullptr) return false;
    const auto dot = version->find('.');
    if (dot == std::string::npos) return false;
    const auto major = parseUnsigned(std::string_view{*version}.substr(0, dot));
    const auto minor = parseUnsigned(std::string_view{*version}.substr(dot + 1));
    return major && minor && *major >= 1;
}

}  // namespace

const char* wordOf(StreamCondition condition) {
    switch (condition) {
        case StreamCondition::BadFormat:
            return "bad-format";
        case StreamCondition::ConnectionTimeout:
            return "connection-timeout";
        case StreamCondition::HostGone:
            return "host-gone";
        case StreamCondition::HostUnknown:
            return "host-unknown";
        case StreamCondition::ImproperAddressing:
            return "improper-addressing";
        case StreamCondition::InvalidNamespace:
            return "invalid-namespace";
        case StreamCondition::NotAuthorized:
            return "not-authorized";
        case StreamCondition::NotWellFormed:
            return "not-well-formed";
        case StreamCondition::PolicyViolation:
            return "policy-violation";
        case StreamCondition::RemoteConnectionFailed:
            return "remote-connection-failed";
        case StreamCondition::ResourceConstraint:
            return "resource-constraint";
        case StreamCondition::RestrictedXml:
            return "restricted-xml";
        case StreamCondition::SystemShutdown:
            return "system-shutdown";
        case StreamCondition::UndefinedCondition:
            return "undefined-condition";
        case StreamCondition::UnsupportedEncoding:
            return "unsupported-encoding";
        case StreamCondition::UnsupportedVersion:
            return "unsupported-version";
    }
    return "undefined-condition";
}

struct StreamOpening::Tag {
    std::string name;
    Attributes attributes;
    bool isEmpty = false;
    std::map<std::string, std::string, std::less<>> namespaces;  ///< declared here, by prefix
};

void StreamOpening::feed(std::string_view bytes) {
    if (place_ == Place::Over) return;
    const auto room = limits_.bytes + 1 - std::min(limits_.bytes + 1, seen_);
    buffer_.append(bytes.substr(0, room));
    seen_ += std::min(bytes.size(), room);  // at most one byte over the limit, which tells that it is too much
}

std::optional<OpeningEvent> StreamOpening::next() {
    if (place_ == Place::Over) return std::nullopt;
    auto event = readToken();
    // What lies within the limit is read even if more came in the same piece.
    if (!event && place_ != Place::Over && seen_ > limits_.bytes)
        return fail(StreamCondition::PolicyViolation, "More was sent before the login than is allowed.");
    return event;
}

std::optional<OpeningEvent> StreamOpening::fail(StreamCondition condition, const char* text) {
    place_ = Place::Over;
    std::string{}.swap(buffer_);
    OpeningEvent event;
    event.kind = OpeningEvent::Kind::Failed;
    event.condition = condition;
    event.text = text;
    return event;
}

std::optional<OpeningEvent> StreamOpening::readToken() {
    while (true) {
        if (place_ != Place::Begin && scanned_ == 0) {
            buffer_.erase(0, std::min(buffer_.find_first_not_of(" \t\r\n"), buffer_.size()));
        }
        if (buffer_.empty()) return std::nullopt;
        if (place_ == Place::Begin && isBlank(buffer_.front())) {
            place_ = Place::Header;  // a declaration stands at the very beginning or nowhere
            continue;
        }
        if (buffer_.front() != '<') {
            if (place_ == Place::Body || place_ == Place::InStartTls)
                return fail(StreamCondition::BadFormat, "Text between elements is not allowed.");
            if (buffer_.front() == '\x16')
                return fail(StreamCondition::NotWellFormed,
                            "This port begins without encryption. TLS from the first byte has a port of its own.");
            return fail(StreamCondition::NotWellFormed, "This is not an XML stream.");
        }
        if (buffer_.size() < 2) return std::nullopt;
        if (buffer_[1] == '!')
            return fail(StreamCondition::RestrictedXml, "Comments and document types are not allowed.");
        if (buffer_[1] == '?') {
            const auto most = std::min(buffer_.size(), kDeclaration.size());
            const bool isDeclaration = place_ == Place::Begin &&
                                       std::string_view{buffer_}.substr(0, most) == kDeclaration.substr(0, most) &&
                                       (buffer_.size() <= kDeclaration.size() || isBlank(buffer_[kDeclaration.size()]));
            if (!isDeclaration) return fail(StreamCondition::RestrictedXml, "Processing instructions are not allowed.");
            const auto end = buffer_.find("?>");
            if (end == std::string::npos) return std::nullopt;
            const auto token = buffer_.substr(0, end + 2);
            buffer_.erase(0, end + 2);
            place_ = Place::Header;
            if (auto event = readDeclaration(token)) return event;
            continue;
        }
        const auto end = tokenEnd();
        if (place_ == Place::Over) return std::exchange(failure_, std::nullopt);
        if (!end) return std::nullopt;
        const auto token = buffer_.substr(0, *end + 1);
        buffer_.erase(0, *end + 1);
        scanned_ = 0;
        if (!isXmlText(token))
            return fail(StreamCondition::NotWellFormed, "The text is not UTF-8 or has characters that XML forbids.");
        if (auto event = token[1] == '/' ? readEndTag(token) : readStartTag(token)) return event;
    }
}

/// Place of the '>' that ends the tag; quoted ones do not.
std::optional<std::size_t> StreamOpening::tokenEnd() {
    for (scanned_ = std::max<std::size_t>(scanned_, 1); scanned_ < buffer_.size(); ++scanned_) {
        const char c = buffer_[scanned_];
        if (c == '<' || c == '\0') {
            failure_ = fail(StreamCondition::NotWellFormed, "A tag has a character in it that XML forbids there.");
            return std::nullopt;
        }
        if (quote_ != '\0') {
            if (c == quote_) quote_ = '\0';
        } else if (c == '\'' || c == '"') {
            quote_ = c;
        } else if (c == '>') {
            return scanned_;
        }
    }
    return std::nullopt;
}

std::optional<OpeningEvent> StreamOpening::readDeclaration(std::string_view token) {
    const auto inner = token.substr(kDeclaration.size(), token.size() - kDeclaration.size() - 2);
    const auto attributes = readAttributes(inner, limits_.attributes);
    const auto* version = attributes.find("version");
    if (!isXmlText(token) || attributes.trouble != ValueTrouble::None || attributes.areTooMany || version == nullptr ||
        *version != "1.0")
        return fail(StreamCondition::NotWellFormed, "The XML declaration is wrong.");
    const auto* encoding = attributes.find("encoding");
    if (encoding != nullptr && lowerAscii(*encoding) != "utf-8")
        return fail(StreamCondition::UnsupportedEncoding, "Only UTF-8 is spoken here.");
    return std::nullopt;
}

std::optional<std::string> StreamOpening::namespaceOf(const Tag& tag, std::string_view prefix) const {
    if (prefix == "xml") return std::string(kXml);
    if (const auto own = tag.namespaces.find(prefix); own != tag.namespaces.end()) return own->second;
    if (const auto outer = namespaces_.find(prefix); outer != namespaces_.end()) return outer->second;
    if (prefix.empty()) return std::string{};
    return std::nullopt;
}

std::optional<OpeningEvent> StreamOpening::readStartTag(std::string_view token) {
    Tag tag;
    auto inner = token.substr(1, token.size() - 2);
    if (inner.ends_with('/')) {
        tag.isEmpty = true;
        inner.remove_suffix(1);
    }
    const auto nameEnd = std::min(inner.find_first_of(" \t\r\n"), inner.size());
    tag.name = inner.substr(0, nameEnd);
    tag.attributes = readAttributes(inner.substr(nameEnd), limits_.attributes);
    if (tag.attributes.areTooMany) return fail(StreamCondition::PolicyViolation, "A tag has too many attributes.");
    if (tag.attributes.trouble == ValueTrouble::Entity)
        return fail(StreamCondition::RestrictedXml, "Entities other than those of XML itself are not allowed.");
    if (tag.attributes.trouble != ValueTrouble::None || !isQualifiedName(tag.name))
        return fail(StreamCondition::NotWellFormed, "A tag is not well formed.");
    for (const auto& each : tag.attributes.all) {
        const auto [prefix, local] = splitName(each.name);
        if (each.name == "xmlns") {
            tag.namespaces[""] = each.value;
        } else if (prefix == "xmlns") {
            if (each.value.empty() || local == "xmlns" || (local == "xml") != (each.value == kXml))
                return fail(StreamCondition::NotWellFormed, "A namespace is declared wrongly.");
            tag.namespaces[std::string(local)] = each.value;
        }
    }
    for (const auto& each : tag.attributes.all) {
        const auto prefix = splitName(each.name).first;
        if (!prefix.empty() && prefix != "xmlns" && !namespaceOf(tag, prefix))
            return fail(StreamCondition::NotWellFormed, "A prefix has no namespace.");
    }
    const auto [prefix, local] = splitName(tag.name);
    const auto space = namespaceOf(tag, prefix);
    if (!space) return fail(StreamCondition::NotWellFormed, "A prefix has no namespace.");
    if (place_ == Place::Begin || place_ == Place::Header) return readHeader(tag);
    if (place_ == Place::InStartTls) return fail(StreamCondition::BadFormat, "The element starttls is empty.");
    OpeningEvent event;
    if (*space == kTls && local == "starttls") {
        if (!tag.isEmpty) {
            openName_ = tag.name;
            place_ = Place::InStartTls;
            return std::nullopt;
        }
        event.kind = OpeningEvent::Kind::StartTls;
        return event;
    }
    event.kind = OpeningEvent::Kind::Element;
    event.name = local;
    return event;
}

std::optional<OpeningEvent> StreamOpening::readEndTag(std::string_view token) {
    auto name = token.substr(2, token.size() - 3);
    name.remove_suffix(name.size() - std::min(name.find_last_not_of(" \t\r\n") + 1, name.size()));
    OpeningEvent event;
    if (place_ == Place::InStartTls && name == openName_) {
        place_ = Place::Body;
        event.kind = OpeningEvent::Kind::StartTls;
        return event;
    }
    if (place_ != Place::Body || name != streamName_)
        return fail(StreamCondition::NotWellFormed, "An end tag fits no start tag.");
    place_ = Place::Over;
    event.kind = OpeningEvent::Kind::End;
    return event;
}

std::optional<OpeningEvent> StreamOpening::readHeader(const Tag& tag) {
    const auto [prefix, local] = splitName(tag.name);
    const auto value = [&tag](std::string_view name) {
        const auto* found = tag.attributes.find(name);
        return found == nullptr ? std::string{} : *found;
    };
    if (namespaceOf(tag, prefix).value_or("") != kStreams)
        return fail(StreamCondition::InvalidNamespace, "The namespace of the stream is wrong.");
    if (local != "stream" || tag.isEmpty) return fail(StreamCondition::BadFormat, "A stream begins with its header.");
    const auto content = namespaceOf(tag, "").value_or("");
    if (content == kServer)
        return fail(StreamCondition::InvalidNamespace, "This port is for clients, not for other servers.");
    // COMPAT: some libraries declare the namespace of the content on each stanza only.
    if (!content.empty() && content != kClient && content != kStreams)
        return fail(StreamCondition::InvalidNamespace, "The content of the stream has the wrong namespace.");
    if (!isVersionOne(tag.attributes.find("version")))
        return fail(StreamCondition::UnsupportedVersion, "XMPP 1.0 is needed.");
    namespaces_ = tag.namespaces;
    streamName_ = tag.name;
    place_ = Place::Body;
    OpeningEvent event;
    event.kind = OpeningEvent::Kind::Header;
    event.header = {value("to"), value("from"), value("xml:lang")};
    return event;
}

}  // namespace causeway::xmpp
