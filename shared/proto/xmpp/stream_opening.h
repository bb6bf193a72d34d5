#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

/// XMPP streams. Pure: bytes in, events and bytes out.
namespace causeway::xmpp {

/// How a stream ends before its time. Source: RFC 6120 4.9.3.
enum class StreamCondition {
    BadFormat,
    ConnectionTimeout,
    HostGone,
    HostUnknown,
    ImproperAddressing,
    InvalidNamespace,
    NotAuthorized,
    NotWellFormed,
    PolicyViolation,
    RemoteConnectionFailed,
    ResourceConstraint,
    RestrictedXml,
    SystemShutdown,
    UndefinedCondition,
    UnsupportedEncoding,
    UnsupportedVersion,
};
const char* wordOf(StreamCondition condition);  ///< the element's name: "host-unknown"

/// What a client says in its stream header.
struct StreamHeader {
    std::string to;  ///< as it was written; empty: not given
    std::string from;
    std::string language;

    friend bool operator==(const StreamHeader&, const StreamHeader&) = default;
};

struct OpeningEvent {
    enum class Kind {
        Header,
        StartTls,
        Element,  ///< any other element: too early for it. Its children come as nothing sensible; stop here
        End,      ///< the peer closed his stream
        Failed,   ///< the last event
    };
    Kind kind = Kind::Failed;
    StreamHeader header{};                                       ///< Header
    std::string name{};                                          ///< Element: local name
    StreamCondition condition = StreamCondition::NotWellFormed;  ///< Failed
    std::string text{};                                          ///< Failed: why, for the peer

    friend bool operator==(const OpeningEvent&, const OpeningEvent&) = default;
};

struct OpeningLimits {
    std::size_t bytes = 8192;  ///< from the first byte, blanks too
    std::size_t attributes = 32;
};

/// Reads what a client sends before it may log in: an XML declaration, the stream header, starttls. Strict: UTF-8, no
/// comment, no processing instruction, no DTD, no entity but the five of XML; namespaces decide, never prefixes.
/// Shape:  [declaration] header, then blanks, <starttls/> or </stream>.
/// Bounds: OpeningLimits; one token is looked at once, however the bytes are cut.
/// Errors: an event Failed with the condition of RFC 6120; nothing comes after it.
/// Source: RFC 6120 4, 5.4.2.1, 11; Namespaces in XML 1.0.
class StreamOpening {
public:
    explicit StreamOpening(const OpeningLimits& limits = {}) : limits_(limits) {}

    void feed(std::string_view bytes);
    std::optional<OpeningEvent> next();
    /// The peer begins a new stream: after TLS. What was not read is forgotten, as RFC 6120 5.4.3.3 wants.
    void restart() { *this = StreamOpening{limits_}; }

private:
    enum class Place { Begin, Header, Body, InStartTls, Over };
    struct Tag;

    std::optional<OpeningEvent> fail(StreamCondition condition, const char* text);
    std::optional<OpeningEvent> readToken();
    std::optional<OpeningEvent> readDeclaration(std::string_view token);
    std::optional<OpeningEvent> readStartTag(std::string_view token);
    std::optional<OpeningEvent> readEndTag(std::string_view token);
    std::optional<OpeningEvent> readHeader(const Tag& tag);
    std::optional<std::size_t> tokenEnd();
    std::optional<std::string> namespaceOf(const Tag& tag, std::string_view prefix) const;

    OpeningLimits limits_;
    Place place_ = Place::Begin;
    std::string buffer_;
    std::size_t seen_ = 0;     ///< bytes since the beginning
    std::size_t scanned_ = 0;  ///< of the buffer, for the end of the token
    char quote_ = '\0';
    std::map<std::string, std::string, std::less<>> namespaces_;  ///< of the header, by prefix
    std::string streamName_;                                      ///< of the header as written: "stream:stream"
    std::string openName_;                                        ///< of the starttls that waits for its end
    std::optional<OpeningEvent> failure_;
};

}  // namespace causeway::xmpp
