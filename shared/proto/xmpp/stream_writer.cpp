#include "shared/proto/xmpp/stream_writer.h"

#include "shared/base/text.h"

namespace causeway::xmpp {

std::string escapedXml(std::string_view text) {
    std::string out;
    for (const char c : cleanUtf8(text)) {
        switch (c) {
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '&':
                out += "&amp;";
                break;
            case '\'':
                out += "&apos;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string streamHeader(const AnswerHeader& header) {
    std::string out =
        "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'";
    const auto add = [&out](const char* name, std::string_view value) {
        out += std::string(" ") + name + "='" + escapedXml(value) + "'";
    };
    if (!header.from.empty()) add("from", header.from);
    if (!header.to.empty()) add("to", header.to);
    add("id", header.id);
    return out + " version='1.0' xml:lang='en'>";
}

std::string startTlsFeatures() {
    return "<stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
           "</stream:features>";
}

std::string startTlsProceed() {
    return "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";
}

std::string startTlsFailure() {
    return "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>" + streamEnd();
}

std::string streamError(StreamCondition condition, std::string_view text) {
    constexpr auto kSpace = " xmlns='urn:ietf:params:xml:ns:xmpp-streams'";
    std::string out = std::string("<stream:error><") + wordOf(condition) + kSpace + "/>";
    if (!text.empty()) out += std::string("<text") + kSpace + " xml:lang='en'>" + escapedXml(text) + "</text>";
    return out + "</stream:error>" + streamEnd();
}

std::string streamEnd() {
    return "</stream:stream>";
}

}  // namespace causeway::xmpp
