#include "shared/proto/xmpp/stream_opening.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "shared/proto/xmpp/stream_writer.h"

using namespace causeway::xmpp;
using Kind = OpeningEvent::Kind;

namespace {

const std::string kHeader =
    "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='chat.example.com' "
    "version='1.0'>";
const std::string kStartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

std::vector<OpeningEvent> eventsOf(const std::string& text, std::size_t cut, const OpeningLimits& limits = {}) {
    StreamOpening opening{limits};
    std::vector<OpeningEvent> events;
    for (std::size_t at = 0; at < text.size(); at += cut) {
        opening.feed(std::string_view{text}.substr(at, cut));
        while (auto event = opening.next())
            events.push_back(*event);
    }
    return events;
}

/// The same however it is cut.
std::vector<OpeningEvent> eventsOf(const std::string& text) {
    const auto whole = eventsOf(text, text.size() + 1);
    CHECK(eventsOf(text, 1) == whole);
    CHECK(eventsOf(text, 7) == whole);
    return whole;
}

StreamCondition conditionOf(const std::string& text) {
    CAPTURE(text.substr(0, 200));
    const auto events = eventsOf(text);
    REQUIRE_FALSE(events.empty());
    CHECK(events.back().kind == Kind::Failed);
    CHECK_FALSE(events.back().text.empty());
    return events.back().condition;
}

}  // namespace

TEST_CASE("stream opening: what real clients send is understood, whatever prefixes and quotes they use") {
    const std::vector<std::string> headers = {
        kHeader,
        "<?xml version='1.0'?>" + kHeader,
        "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n" + kHeader,
        "\n " + kHeader,
        "<stream xmlns='http://etherx.jabber.org/streams' to='chat.example.com' version='1.0'>",
        "<s:stream xmlns:s=\"http://etherx.jabber.org/streams\"\n\tto = \"chat.example.com\" version=\"1.1\" >",
        "<stream:stream to='chat.example&#x2e;com' version='1.0' xmlns='jabber:client' "
        "xmlns:stream='http://etherx.jabber.org/streams'>",
    };
    for (const auto& header : headers) {
        CAPTURE(header);
        const auto events = eventsOf(header);
        REQUIRE(events.size() == 1);
        CHECK(events[0].kind == Kind::Header);
        CHECK(events[0].header.to == "chat.example.com");
    }
}

TEST_CASE("stream opening: sender and language of the header are told, with characters written as references") {
    const auto events = eventsOf(
        "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='b&#xFC;cher.example' "
        "from='a&amp;b@x' xml:lang='de' version='1.0'>");
    REQUIRE(events.size() == 1);
    CHECK(events[0].header == StreamHeader{"b\xC3\xBC"
                                           "cher.example",
                                           "a&b@x", "de"});
}

TEST_CASE("stream opening: starttls counts by its namespace, in either form of an empty element") {
    for (const auto& start : {kStartTls, std::string("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'> </starttls >"),
                              std::string("<t:starttls xmlns:t='urn:ietf:params:xml:ns:xmpp-tls'></t:starttls>")}) {
        CAPTURE(start);
        const auto events = eventsOf(kHeader + " \n" + start);
        REQUIRE(events.size() == 2);
        CHECK(events[1].kind == Kind::StartTls);
    }
    const auto other = eventsOf(kHeader + "<starttls/>");
    REQUIRE(other.size() == 2);
    CHECK(other[1].kind == Kind::Element);
    CHECK(other[1].name == "starttls");
}

TEST_CASE("stream opening: the end of the stream is seen, and nothing behind it") {
    const auto events = eventsOf(kHeader + "</stream:stream><x");
    REQUIRE(events.size() == 2);
    CHECK(events[1].kind == Kind::End);
}

TEST_CASE("stream opening: each fault has the condition that RFC 6120 names") {
    const std::string space = " xmlns:stream='http://etherx.jabber.org/streams'";
    CHECK(conditionOf("GET / HTTP/1.1\r\n") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("\x16\x03\x01\x02") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<stream:stream to='a' to='b'>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<stream:stream to='<'>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<stream:stream version='1.0'>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<stream:stream" + space + " x:y='1' version='1.0'>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<a:b:c>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<stream:stream" + space + " to='\xFF' version='1.0'>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<stream:stream" + space + " to='&#0;' version='1.0'>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<stream:stream" + space + " to='&#xD800;' version='1.0'>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf(kHeader + "</other>") == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<?xml version='1.1'?>" + kHeader) == StreamCondition::NotWellFormed);
    CHECK(conditionOf("<!-- hello -->") == StreamCondition::RestrictedXml);
    CHECK(conditionOf("<!DOCTYPE x [<!ENTITY a 'b'>]>") == StreamCondition::RestrictedXml);
    CHECK(conditionOf("<?php ?>") == StreamCondition::RestrictedXml);
    CHECK(conditionOf(" <?xml version='1.0'?>" + kHeader) == StreamCondition::RestrictedXml);
    CHECK(conditionOf("<stream:stream" + space + " to='&x;' version='1.0'>") == StreamCondition::RestrictedXml);
    CHECK(conditionOf("<?xml version='1.0' encoding='ISO-8859-1'?>" + kHeader) == StreamCondition::UnsupportedEncoding);
    CHECK(conditionOf("<stream:stream xmlns:stream='urn:other' version='1.0'>") == StreamCondition::InvalidNamespace);
    CHECK(conditionOf("<stream:stream xmlns='jabber:server'" + space + " version='1.0'>") ==
          StreamCondition::InvalidNamespace);
    CHECK(conditionOf("<stream:other" + space + " version='1.0'>") == StreamCondition::BadFormat);
    CHECK(conditionOf("<stream:stream" + space + " version='1.0'/>") == StreamCondition::BadFormat);
    CHECK(conditionOf(kHeader + "text") == StreamCondition::BadFormat);
    CHECK(conditionOf("<stream:stream xmlns='jabber:client'" + space + " to='a'>") ==
          StreamCondition::UnsupportedVersion);
    CHECK(conditionOf("<stream:stream" + space + " version='0.9'>") == StreamCondition::UnsupportedVersion);
}

TEST_CASE("stream opening: a header without an end, endless blanks and too many attributes are cut off") {
    CHECK(conditionOf("<stream:stream to='" + std::string(9000, 'a')) == StreamCondition::PolicyViolation);
    CHECK(conditionOf(kHeader + std::string(9000, ' ')) == StreamCondition::PolicyViolation);
    std::string many = "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'";
    for (int i = 0; i < 40; ++i)
        many += " a" + std::to_string(i) + "=''";
    CHECK(conditionOf(many + ">") == StreamCondition::PolicyViolation);
}

TEST_CASE("stream opening: what lies before the limit counts, whatever comes in the same piece") {
    const auto events = eventsOf(kHeader + kStartTls + std::string(20000, 'x'));
    REQUIRE(events.size() == 3);
    CHECK(events[1].kind == Kind::StartTls);
    CHECK(events[2].kind == Kind::Failed);
}

TEST_CASE("stream opening: behind TLS the stream begins anew, and what was sent in clear before is forgotten") {
    StreamOpening opening;
    opening.feed(kHeader + kStartTls + "<presence/>");
    CHECK(opening.next()->kind == Kind::Header);
    CHECK(opening.next()->kind == Kind::StartTls);
    opening.restart();
    CHECK_FALSE(opening.next());
    opening.feed("<?xml version='1.0'?>" + kHeader);
    const auto event = opening.next();
    REQUIRE(event);
    CHECK(event->kind == Kind::Header);
}

TEST_CASE("stream writer: what a peer has given cannot break out of the header") {
    const auto text = streamHeader({"chat.example.com", "a'><x\"&\x01", "id"});
    CHECK(text.find("to='a&apos;&gt;&lt;x&quot;&amp; '") != std::string::npos);
    StreamOpening opening;
    opening.feed(text);
    REQUIRE(opening.next());
    opening.feed(streamError(StreamCondition::HostUnknown, "a < b"));
    const auto error = opening.next();
    REQUIRE(error);
    CHECK(error->kind == Kind::Element);
    CHECK(error->name == "error");
}
