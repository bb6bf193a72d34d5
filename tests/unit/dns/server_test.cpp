#include <doctest/doctest.h>

#include <algorithm>

#include "service/dns/dns_server_io.h"
#include "service/dns/resolver_io.h"
#include "service/net/udp_batch.h"
#include "tests/unit/dns/dns_support.h"

using namespace causeway;
using namespace causeway::dns;
using namespace causeway::dns::test;

namespace {

class Observer final : public DnsObserver {
public:
    void zoneServed(const std::string&, std::uint32_t serial) override { last = serial; }
    void secondariesChanged() override {}
    std::atomic<std::uint32_t> last{0};
};

DnsSettings settings() {
    DnsSettings made;
    made.listen = {{"127.0.0.1", 0}};
    made.workers = 2;
    made.systemResolvers = {};
    return made;
}

Endpoint endpointOf(DnsServer& server) {
    return {ip("127.0.0.1"), server.status().listeners.at(0).port};
}

Message answer(DnsServer& server, std::string_view host, Type type) {
    const auto replies = askResolver(endpointOf(server), {{name(host), type}}, 10s);
    REQUIRE(replies.size() == 1);
    const auto problem = replies[0].failure ? replies[0].failure->text() : std::string{};
    CAPTURE(problem);
    REQUIRE(replies[0].message);
    return *replies[0].message;
}

}  // namespace

TEST_CASE("dns server: it answers by UDP, by TCP what is too long, and follows changes") {
    NoLog log;
    Observer observer;
    auto opened = DnsServer::open(settings(), log, &observer);
    REQUIRE(opened);
    auto& server = **opened;
    CHECK(answer(server, "chat.example.com", Type::A).rcode() == Rcode::Refused);
    auto input = chatInput();
    for (int i = 0; i < 60; ++i)
        input.extraRecords += "big TXT \"" + std::string(60, 'x') + std::to_string(i) + "\"\n";
    server.setZones({input});
    CHECK(observer.last != 0);
    CHECK(answer(server, "_xmpp-client._tcp.chat.example.com", Type::Srv).answers.size() == 2);
    CHECK(answer(server, "big.chat.example.com", Type::Txt).answers.size() == 60);
    input.supernodes[1].isLive = false;
    server.setZones({input});
    CHECK(answer(server, "_xmpp-client._tcp.chat.example.com", Type::Srv).answers.size() == 1);

    const auto table = server.table();
    REQUIRE(table.size() == 4);  // sn2 has no Internet address: a row of its own shows that
    CHECK(table[0].supernode == "sn1.chat.example.com");
    CHECK(table[0].address == "10.1.0.5");
    CHECK(table[0].lastQuery);
    CHECK(table[0].queries >= 3);
    CHECK_FALSE(table[1].isLive);
    CHECK(server.status().queries >= 4);
    CHECK(server.status().refused == 1);
    CHECK(server.status().truncated >= 1);
    CHECK(server.records("chat.example.com", View::Lan)->size() > 60);
    CHECK(server.records("nobody.example", View::Lan).error().code == Code::NotFound);
    CHECK(server.recordsText("chat.example.com", View::Internet, TextForm::Bind, "")->find("192.0.2.5") !=
          std::string::npos);
    server.setZones({});
    CHECK(answer(server, "chat.example.com", Type::A).rcode() == Rcode::Refused);
}

TEST_CASE("dns server: the live check asks itself and others") {
    NoLog log;
    auto opened = DnsServer::open(settings(), log, nullptr);
    REQUIRE(opened);
    auto wrong = chatInput();
    wrong.supernodes[0].clientPort = 5999;
    auto other = DnsServer::open(settings(), log, nullptr);
    REQUIRE(other);
    (*other)->setZones({wrong});
    auto withSystem = settings();
    withSystem.systemResolvers = {endpointOf(**other).text()};
    auto asking = DnsServer::open(withSystem, log, nullptr);
    REQUIRE(asking);
    (*asking)->setZones({chatInput()});
    const auto reports = (*asking)->check("chat.example.com", View::Lan, {});
    REQUIRE(reports);
    REQUIRE(reports->size() == 2);
    CHECK((*reports)[0].resolver == "this server");
    CHECK((*reports)[0].isRight);
    CHECK_FALSE((*reports)[1].isRight);
    const auto& rows = (*reports)[1].rows;
    CHECK(std::any_of(rows.begin(), rows.end(),
                      [](const CheckRow& row) { return row.verdict == CheckVerdict::OtherPort; }));
    CHECK((*asking)->check("chat.example.com", View::Lan, {"nonsense"}).error().code == Code::BadInput);
    CHECK((*asking)->check("other.example", View::Lan, {}).error().code == Code::NotFound);
}

TEST_CASE("dns server: a port that another has is an error that says so") {
    NoLog log;
    auto first = DnsServer::open(settings(), log, nullptr);
    REQUIRE(first);
    auto second = settings();
    second.listen[0].port = endpointOf(**first).port;
    const auto failed = DnsServer::open(second, log, nullptr);
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == Code::Conflict);
    CHECK(failed.error().text().find("is held by") != std::string::npos);
    second.listen[0].address = "192.0.2.1";
    CHECK_FALSE(DnsServer::open(second, log, nullptr));
    second.listen[0].address = "localhost";
    CHECK(DnsServer::open(second, log, nullptr).error().code == Code::BadInput);
}

TEST_CASE("dns server: without a listener the records are made, and nobody is answered") {
    NoLog log;
    auto wanted = settings();
    wanted.listen.clear();
    auto opened = DnsServer::open(wanted, log, nullptr);
    REQUIRE(opened);
    (*opened)->setZones({chatInput()});
    CHECK_FALSE((*opened)->status().isOn);
    CHECK((*opened)->status().listeners.empty());
    CHECK_FALSE((*opened)->table().empty());
    const auto text = (*opened)->recordsText("chat.example.com", View::Lan, TextForm::Bind, "");
    REQUIRE(text);
    CHECK(text->find("_xmpp-client._tcp") != std::string::npos);
    const auto reports = (*opened)->check("chat.example.com", View::Lan, {});
    REQUIRE(reports);
    for (const auto& report : *reports)
        CHECK(report.resolver != "this server");
}

TEST_CASE("udp batch: who waits for datagrams is woken by interrupt") {
    net::UdpBatchSettings wanted;
    wanted.address = "127.0.0.1";
    wanted.sockets = 3;
    auto sockets = net::UdpBatch::open(wanted);
    REQUIRE(sockets);
    REQUIRE_FALSE(sockets->empty());
    for (auto& socket : *sockets) {
        CHECK(socket->localPort() == sockets->front()->localPort());
        socket->interrupt();
        CHECK(socket->receive().empty());
    }
}
