#include "service/xmpp/door_session.h"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace causeway;
using namespace causeway::xmpp;

namespace {

std::string headerTo(const std::string& to) {
    return "<?xml version='1.0'?><stream:stream xmlns='jabber:client' "
           "xmlns:stream='http://etherx.jabber.org/streams' version='1.0' to='" +
           to + "'>";
}
const std::string kStartTls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>";

struct Client {
    std::map<std::string, LoginGate> gates{{"chat.example.com", LoginGate::Open}};
    int ids = 0;
    TimePoint now{1h};
    DoorSession session;

    explicit Client(DoorKind kind = DoorKind::StartTls)
        : session(kind,
                  {[this](const std::string& domain) {
                       const auto at = gates.find(domain);
                       return at == gates.end() ? LoginGate::UnknownDomain : at->second;
                   },
                   [this] { return "id" + std::to_string(++ids); }},
                  {}, now) {}

    std::string say(const std::string& text) {
        session.feed(text, now);
        return session.takeOutput();
    }
    /// Up to the handshake.
    void beginTls() {
        CHECK(say(headerTo("chat.example.com") + kStartTls).find("<required/>") != std::string::npos);
        REQUIRE(session.wantsTls());
        session.answerTls(DoorSession::TlsAnswer::Begins);
        CHECK(session.takeOutput() == "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        session.secured(now);
    }
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("door: in clear a client is offered StartTLS and nothing else") {
    Client client;
    const auto answer = client.say(headerTo("Chat.Example.COM"));
    CHECK(has(answer, "from='chat.example.com'"));
    CHECK(has(answer, "id='id1'"));
    CHECK(has(answer, "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls></stream:features>"));
    CHECK_FALSE(has(answer, "mechanism"));
    CHECK_FALSE(client.session.isOver());
}

TEST_CASE("door: a domain that is not served is refused inside a stream, before TLS") {
    Client client;
    const auto answer = client.say(headerTo("other.example.com"));
    CHECK(has(answer, "<stream:stream "));
    CHECK(has(answer, "<host-unknown xmlns="));
    CHECK(answer.ends_with("</stream:error></stream:stream>"));
    CHECK_FALSE(has(answer, "from="));
    CHECK(client.session.isOver());
    CHECK(client.session.condition() == StreamCondition::HostUnknown);
}

TEST_CASE("door: behind TLS each answer of the gate has a condition and a sentence of its own") {
    const std::map<LoginGate, std::pair<std::string, std::string>> wanted = {
        {LoginGate::Open, {"undefined-condition", "Logins are not available in this version yet."}},
        {LoginGate::DomainDisabled, {"host-gone", "turned off"}},
        {LoginGate::DirectoryDown, {"remote-connection-failed", "user directory"}},
        {LoginGate::SupernodeDown, {"resource-constraint", "not reachable from end to end"}},
    };
    for (const auto& [gate, words] : wanted) {
        CAPTURE(words.first);
        Client client;
        client.gates["chat.example.com"] = gate;
        client.beginTls();
        const auto answer = client.say(headerTo("chat.example.com"));
        CHECK(has(answer, "id='id2'"));
        CHECK(has(answer, "<" + words.first + " xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>"));
        CHECK(has(answer, words.second));
        CHECK(client.session.isOver());
    }
}

TEST_CASE("door: direct TLS needs no StartTLS and comes to the same gate") {
    Client client{DoorKind::DirectTls};
    CHECK_FALSE(client.session.nextDeadline());
    client.session.secured(client.now);
    CHECK(has(client.say(headerTo("chat.example.com")), "Logins are not available"));
}

TEST_CASE("door: what was sent in clear together with starttls is never taken as sent behind TLS") {
    Client client;
    client.say(headerTo("chat.example.com") + kStartTls + headerTo("chat.example.com"));
    REQUIRE(client.session.wantsTls());
    client.session.answerTls(DoorSession::TlsAnswer::Begins);
    client.session.takeOutput();
    client.session.secured(client.now);
    CHECK(client.say("").empty());
    CHECK_FALSE(client.session.isOver());
}

TEST_CASE("door: without a certificate StartTLS fails as the protocol wants") {
    Client client;
    client.say(headerTo("chat.example.com") + kStartTls);
    client.session.answerTls(DoorSession::TlsAnswer::NoCertificate);
    CHECK(client.session.takeOutput() == "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:stream>");
    CHECK(client.session.isOver());
}

TEST_CASE("door: a password in clear and other elements before TLS are refused") {
    Client hasty;
    hasty.say(headerTo("chat.example.com"));
    CHECK(has(hasty.say("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>AGEAYg==</auth>"), "<policy-violation "));
    Client early;
    early.say(headerTo("chat.example.com"));
    CHECK(has(early.say("<presence/>"), "<not-authorized "));
}

TEST_CASE("door: garbage gets an error inside a stream, a header without to an answer that says so") {
    Client garbage;
    const auto answer = garbage.say("GET / HTTP/1.1\r\n\r\n");
    CHECK(has(answer, "<stream:stream "));
    CHECK(has(answer, "<not-well-formed "));
    Client nobody;
    CHECK(has(nobody.say("<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"),
              "<improper-addressing "));
}

TEST_CASE("door: a client that sends a byte now and then gets no more time than a silent one") {
    Client slow;
    const auto text = headerTo("chat.example.com");
    for (std::size_t i = 0; i < 9; ++i) {
        CHECK(slow.say(text.substr(i, 1)).empty());
        slow.now += 1s;
    }
    REQUIRE(slow.session.nextDeadline() == TimePoint{1h} + 10s);
    slow.now += 1s;
    CHECK(has(slow.say(text.substr(9)), "<connection-timeout "));
    CHECK(slow.session.isOver());

    Client silent;
    silent.beginTls();
    REQUIRE(silent.session.nextDeadline() == silent.now + 10s);
    silent.session.tick(silent.now + 10s);
    CHECK(has(silent.session.takeOutput(), "<connection-timeout "));
}

TEST_CASE("door: a client that ends its stream is answered in kind, and one at shutdown is told") {
    Client leaving;
    leaving.say(headerTo("chat.example.com"));
    CHECK(leaving.say("</stream:stream>") == "</stream:stream>");
    CHECK(leaving.session.isOver());
    CHECK_FALSE(leaving.session.condition());
    Client staying;
    staying.say(headerTo("chat.example.com"));
    staying.session.shutdown();
    CHECK(has(staying.session.takeOutput(), "<system-shutdown "));
}
