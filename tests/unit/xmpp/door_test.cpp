#include "service/xmpp/door_io.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "service/xmpp/certificates_io.h"
#include "tests/unit/net/net_support.h"
#include "tests/unit/xmpp/xmpp_support.h"

using namespace causeway;
using namespace causeway::xmpp;
using causeway::net::test::Collector;
using causeway::net::test::kPatience;
using causeway::net::test::RecordingLog;
using causeway::xmpp::test::BlockingClient;
using causeway::xmpp::test::kStartTls;
using causeway::xmpp::test::MemoryKeeper;
using causeway::xmpp::test::streamTo;

namespace {

const std::string kFirst = "chat.example.com";
const std::string kSecond = "two.example.com";

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

struct Fixture {
    RecordingLog log;
    MemoryKeeper keeper;
    net::EventLoop loop{"test", log};
    std::unique_ptr<Certificates> certificates;
    std::shared_ptr<Door> door;
    DoorLimits limits;
    Collector<int> changes;
    std::vector<DoorAddress> listen{{"127.0.0.1", 0, DoorKind::StartTls}, {"127.0.0.1", 0, DoorKind::DirectTls}};

    Fixture() {
        Certificates::Parts parts;
        parts.keeper = &keeper;
        parts.log = &log;
        certificates = std::make_unique<Certificates>(std::move(parts));
        certificates->start();
        setDomains({kFirst, kSecond});
        loop.start();
    }
    ~Fixture() {
        if (door) door->stop();
        loop.stop();
    }
    void setDomains(const std::vector<std::string>& names) {
        std::vector<CertificateWish> wishes;
        for (const auto& name : names)
            wishes.push_back({name, name});
        certificates->setDomains(wishes);
        REQUIRE(certificates->settle(kPatience));
    }
    void open() {
        Door::Parts parts;
        parts.loop = &loop;
        parts.log = &log;
        parts.listen = listen;
        parts.gate = [](const std::string& domain) {
            if (domain == kFirst) return LoginGate::Open;
            return domain == kSecond ? LoginGate::DirectoryDown : LoginGate::UnknownDomain;
        };
        parts.contextOf = [this](const std::string& domain) { return certificates->contextOf(domain); };
        parts.front = [this] { return certificates->front(); };
        parts.changed = [this] { changes.add(1); };
        parts.limits = limits;
        door = Door::make(std::move(parts));
        REQUIRE(door->start());
    }
    std::uint16_t port(DoorKind kind) const {
        for (const auto& each : door->status().listeners)
            if (each.kind == kind) return each.port;
        FAIL("no such listener");
        return 0;
    }
    std::string sha256Of(const std::string& domain) const { return certificates->certificate(domain)->sha256; }
    /// Asks the loop again and again, which is what makes things go on.
    template <class F>
    bool until(F condition) {
        const auto end = net::EventLoop::now() + std::chrono::duration_cast<Duration>(kPatience);
        while (!condition()) {
            if (net::EventLoop::now() > end) return false;
            std::this_thread::yield();
        }
        return true;
    }
    bool isEmpty() {
        return until([this] { return door->status().open == 0; });
    }
};

}  // namespace

TEST_CASE("door: direct TLS shows the certificate of the name that is asked for, and comes to the gate") {
    Fixture fixture;
    fixture.open();
    for (const auto& [domain, words] : std::map<std::string, std::string>{
             {kFirst, "Logins are not available in this version yet."}, {kSecond, "user directory"}}) {
        CAPTURE(domain);
        BlockingClient client{fixture.port(DoorKind::DirectTls)};
        REQUIRE(client.secure(domain, "xmpp-client").empty());
        CHECK(client.certificateSha256() == fixture.sha256Of(domain));
        CHECK(client.protocol() == "xmpp-client");
        client.send(streamTo(domain));
        const auto answer = client.readToEnd();
        CHECK(has(answer, "from='" + domain + "'"));
        CHECK(has(answer, words));
        CHECK(answer.ends_with("</stream:stream>"));
    }
    CHECK(fixture.door->status().reachedGate == 2);
    CHECK(fixture.isEmpty());
}

TEST_CASE("door: an unknown name ends with unrecognized_name, no name gets the first certificate") {
    Fixture fixture;
    fixture.open();
    const auto port = fixture.port(DoorKind::DirectTls);
    BlockingClient unknown{port};
    CHECK(has(unknown.secure("other.example.com"), "unrecognized name"));
    BlockingClient nobody{port};
    CHECK(nobody.secure("").empty());
    CHECK(nobody.certificateSha256() == fixture.sha256Of(kFirst));
    BlockingClient upper{port};
    CHECK(upper.secure("TWO.example.com").empty());
    CHECK(upper.certificateSha256() == fixture.sha256Of(kSecond));
    BlockingClient web{port};
    CHECK(has(web.secure(kFirst, "http/1.1"), "no application protocol"));
    CHECK(fixture.until([&] { return fixture.door->status().tlsFailed == 2; }));
}

TEST_CASE("door: StartTLS leads to the certificate of the stream's domain and to the gate") {
    Fixture fixture;
    fixture.open();
    for (const auto& domain : {kFirst, kSecond}) {
        BlockingClient client{fixture.port(DoorKind::StartTls)};
        client.send(streamTo(domain));
        const auto features = client.readUntil("</stream:features>");
        CHECK(has(features, "<required/>"));
        client.send(kStartTls);
        CHECK(has(client.readUntil("/>"), "<proceed "));
        REQUIRE(client.secure(domain).empty());
        CHECK(client.certificateSha256() == fixture.sha256Of(domain));
        client.send(streamTo(domain));
        const auto answer = client.readToEnd();
        CHECK(has(answer, domain == kFirst ? "undefined-condition" : "remote-connection-failed"));
    }
    CHECK(fixture.isEmpty());
}

TEST_CASE("door: unknown domains and garbage are answered in clear and closed") {
    Fixture fixture;
    fixture.limits.tcp.goodbye = 100ms;
    fixture.open();
    const auto port = fixture.port(DoorKind::StartTls);
    BlockingClient lost{port};
    lost.send(streamTo("other.example.com"));
    CHECK(has(lost.readToEnd(), "<host-unknown "));
    BlockingClient web{port};
    web.send("GET / HTTP/1.1\r\nHost: chat.example.com\r\n\r\n");
    CHECK(has(web.readToEnd(), "<not-well-formed "));
    BlockingClient large{port};
    large.send("<stream:stream to='" + std::string(10000, 'a'));
    CHECK(has(large.readToEnd(), "<policy-violation "));
    BlockingClient plain{fixture.port(DoorKind::DirectTls)};
    plain.send(streamTo(kFirst));
    CHECK(plain.isEnded());
    CHECK(fixture.isEmpty());
    CHECK(fixture.door->status().badStreams == 3);
    CHECK(fixture.door->status().tlsFailed == 1);
}

TEST_CASE("door: silent clients and those that send a byte now and then are closed in bounded time") {
    Fixture fixture;
    fixture.limits.rules.opening = 200ms;
    fixture.limits.tcp.handshake = 200ms;
    fixture.limits.tcp.goodbye = 100ms;
    fixture.open();
    BlockingClient silent{fixture.port(DoorKind::StartTls)};
    BlockingClient handshake{fixture.port(DoorKind::DirectTls)};
    handshake.send("\x16\x03\x01");
    BlockingClient half{fixture.port(DoorKind::StartTls)};
    half.send(streamTo(kFirst) + kStartTls);
    BlockingClient slow{fixture.port(DoorKind::StartTls)};
    slow.send("<stream");
    BlockingClient secured{fixture.port(DoorKind::DirectTls)};
    REQUIRE(secured.secure(kFirst).empty());
    CHECK(has(secured.readToEnd(), "<connection-timeout "));
    CHECK(has(silent.readToEnd(), "<connection-timeout "));
    CHECK(has(slow.readToEnd(), "<connection-timeout "));
    CHECK(has(half.readToEnd(), "<proceed "));
    CHECK(handshake.isEnded());
    CHECK(fixture.isEmpty());
    CHECK(fixture.door->status().silent == 5);
}

TEST_CASE("door: 300 idle connections are held at once and given back, more than allowed are closed at once") {
    Fixture fixture;
    fixture.limits.ofOneAddress = 300;
    fixture.open();
    const auto port = fixture.port(DoorKind::StartTls);
    std::vector<std::unique_ptr<BlockingClient>> clients;
    for (int i = 0; i < 300; ++i)
        clients.push_back(std::make_unique<BlockingClient>(port));
    CHECK(fixture.until([&] { return fixture.door->status().open == 300; }));
    BlockingClient tooMany{port};
    CHECK(tooMany.isEnded());
    CHECK(fixture.door->status().refused == 1);
    bool isSaid = false;
    for (const auto& line : fixture.log.lines.values())
        isSaid = isSaid || has(line, "XMPP_CONNECTIONS_FULL: Too many connections come from 127.0.0.1");
    CHECK(isSaid);
    clients.erase(clients.begin(), clients.begin() + 100);
    CHECK(fixture.until([&] { return fixture.door->status().open == 200; }));
    BlockingClient next{port};
    next.send(streamTo(kFirst));
    CHECK(has(next.readUntil("</stream:features>"), "<required/>"));
    clients.clear();
    CHECK(fixture.until([&] { return fixture.door->status().open == 1; }));
}

TEST_CASE("door: stopping tells those who wait, closes all and leaves nothing behind") {
    Fixture fixture;
    fixture.open();
    BlockingClient waiting{fixture.port(DoorKind::StartTls)};
    waiting.send(streamTo(kFirst));
    waiting.readUntil("</stream:features>");
    BlockingClient shaking{fixture.port(DoorKind::DirectTls)};
    shaking.send("\x16\x03");
    CHECK(fixture.until([&] { return fixture.door->status().open == 2; }));
    fixture.door->stop();
    CHECK(has(waiting.readToEnd(), "<system-shutdown "));
    CHECK(shaking.isEnded());
    CHECK(fixture.door->status().open == 0);
    CHECK(fixture.door->status().listeners.empty());
    const std::weak_ptr<Door> left = fixture.door;
    fixture.door.reset();
    CHECK(left.expired());
}

TEST_CASE("door: a port that another program holds is a problem in words, and is taken as soon as it is free") {
    Fixture other;
    other.listen = {{"127.0.0.1", 0, DoorKind::StartTls}};
    other.open();
    Fixture fixture;
    fixture.limits.retry = 20ms;
    fixture.listen = {{"127.0.0.1", other.port(DoorKind::StartTls), DoorKind::StartTls},
                      {"127.0.0.1", 0, DoorKind::DirectTls}};
    fixture.open();
    auto status = fixture.door->status();
    REQUIRE(status.problems.size() == 1);
    CHECK(status.listeners.size() == 1);
    CHECK(status.problems[0].error.code == Code::Conflict);
    CHECK(has(status.problems[0].error.why, " (process " + std::to_string(::getpid()) + ")"));
    CHECK(has(status.problems[0].error.todo, "tries it again by itself"));
    other.door->stop();
    CHECK(fixture.until([&] { return fixture.door->status().problems.empty(); }));
    CHECK(fixture.door->status().listeners.size() == 2);
    BlockingClient client{fixture.port(DoorKind::StartTls)};
    client.send(streamTo(kFirst));
    CHECK(has(client.readUntil("</stream:features>"), "<required/>"));
}

TEST_CASE("door: without any certificate StartTLS fails in words of the protocol and direct TLS closes") {
    Fixture fixture;
    fixture.setDomains({});
    fixture.open();
    BlockingClient client{fixture.port(DoorKind::StartTls)};
    client.send(streamTo(kFirst) + kStartTls);
    CHECK(has(client.readToEnd(), "<failure xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"));
    BlockingClient direct{fixture.port(DoorKind::DirectTls)};
    CHECK(direct.isEnded());
}

TEST_CASE("door: a new certificate is shown to the next client, without a restart") {
    Fixture fixture;
    causeway::xmpp::test::Folder folder;
    causeway::xmpp::test::CertificateOrder order;
    order.now = net::EventLoop::now();
    folder.write("chain.pem", "key.pem", causeway::xmpp::test::makeCertificate(order));
    fixture.certificates->setDomains(
        {{kFirst, kFirst, CertificateSource::Files, folder.path("chain.pem"), folder.path("key.pem")}});
    REQUIRE(fixture.certificates->settle(kPatience));
    fixture.open();
    const auto first = fixture.sha256Of(kFirst);
    folder.write("chain.pem", "key.pem", causeway::xmpp::test::makeCertificate(order));
    fixture.certificates->lookNow();
    REQUIRE(fixture.certificates->settle(kPatience));
    BlockingClient client{fixture.port(DoorKind::DirectTls)};
    REQUIRE(client.secure(kFirst).empty());
    CHECK(client.certificateSha256() == fixture.sha256Of(kFirst));
    CHECK(client.certificateSha256() != first);
}

TEST_CASE("door: connections are counted by IPv4 address and by IPv6 network") {
    CHECK(countedAddress("192.0.2.1") == "192.0.2.1");
    CHECK(countedAddress("::ffff:192.0.2.1") == "192.0.2.1");
    CHECK(countedAddress("2001:db8:1:2::1") == countedAddress("2001:db8:1:2:ffff::9"));
    CHECK(countedAddress("2001:db8:1:2::1") != countedAddress("2001:db8:1:3::1"));
}
