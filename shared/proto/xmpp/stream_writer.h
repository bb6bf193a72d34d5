#pragma once

#include <string>
#include <string_view>

#include "shared/proto/xmpp/stream_opening.h"

namespace causeway::xmpp {

/// Text as it may stand in an attribute in either quote, or between tags.
std::string escapedXml(std::string_view text);

struct AnswerHeader {
    std::string from;  ///< the chat domain; empty: unknown to us
    std::string to;    ///< what the peer gave as from
    std::string id;    ///< unguessable, new for each stream
};
/// Declaration and stream header. Source: RFC 6120 4.7.
std::string streamHeader(const AnswerHeader& header);
/// Source: RFC 6120 5.4.1.
std::string startTlsFeatures();
std::string startTlsProceed();
std::string startTlsFailure();
/// The error and the end of the stream. Source: RFC 6120 4.9.
std::string streamError(StreamCondition condition, std::string_view text);
std::string streamEnd();

}  // namespace causeway::xmpp
