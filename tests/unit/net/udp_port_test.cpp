#include "service/net/udp_port.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <thread>

#if defined(__linux__)
#include <unistd.h>
#endif

#include "service/net/port_holder.h"
#include "service/net/udp_errors.h"
#include "tests/unit/net/net_support.h"

using namespace causeway;
using namespace causeway::net;
using causeway::net::test::Collector;
using causeway::net::test::kPatience;

namespace {

struct Received {
    Ip4 from;
    std::uint16_t fromPort;
    Ip4 to;
    Ip4 localAddress;
    int interfaceIndex;
    std::string bytes;
};

constexpr Ip4 kLoopback{0x7F000001U};

struct Fixture {
    NoLog log;
    EventLoop loop{"test", log};

    std::unique_ptr<UdpPort> open(Ip4 listen, std::size_t buffer = 4U << 20) {
        UdpSettings settings;
        settings.listen = listen;
        settings.receiveBufferBytes = buffer;
        auto opened = UdpPort::open(loop, settings, log);
        REQUIRE(opened);
        return std::move(*opened);
    }

    static std::function<void(const UdpDatagram&)> into(Collector<Received>& got) {
        return [&got](const UdpDatagram& datagram) {
            got.add({datagram.from, datagram.fromPort, datagram.to, datagram.localAddress, datagram.interfaceIndex,
                     std::string(datagram.bytes)});
        };
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "udp port: a datagram arrives with its bytes and where it came from") {
    auto receiver = open(kLoopback);
    auto sender = open(kLoopback);
    CHECK(receiver->localPort() != 0);
    CHECK(receiver->localAddress() == kLoopback);
    Collector<Received> got;
    receiver->onReceive(into(got));
    const std::string bytes{"1:2:ann\0pc:more", 15};
    REQUIRE(sender->send({}, kLoopback, receiver->localPort(), bytes));
    REQUIRE(sender->send({}, kLoopback, receiver->localPort(), ""));
    const std::string large(60'000, 'x');
    REQUIRE(sender->send({}, kLoopback, receiver->localPort(), large));
    loop.start();
    REQUIRE(got.waitFor(3));
    const auto values = got.values();
    CHECK(values[0].bytes == bytes);
    CHECK(values[0].from == kLoopback);
    CHECK(values[0].fromPort == sender->localPort());
    CHECK(values[1].bytes.empty());
    CHECK(values[2].bytes == large);
    loop.stop();
}

TEST_CASE_FIXTURE(Fixture, "udp port: a datagram that is too large or has no route is not called sent") {
    auto sender = open(kLoopback);
    const auto tooLarge = sender->send({}, kLoopback, 9, std::string(70'000, 'x'));
    REQUIRE_FALSE(tooLarge);
    CHECK(tooLarge.error().code == Code::TooLong);
    sender->close();
    const auto closed = sender->send({}, kLoopback, 9, "x");
    REQUIRE_FALSE(closed);
    CHECK(closed.error().code == Code::Unavailable);
}

TEST_CASE_FIXTURE(Fixture, "udp port: the callback may destroy the port") {
    auto receiver = open(kLoopback);
    auto sender = open(kLoopback);
    Collector<std::string> got;
    receiver->onReceive([&](const UdpDatagram& datagram) {
        got.add(std::string(datagram.bytes));
        receiver.reset();
    });
    const auto port = receiver->localPort();
    REQUIRE(sender->send({}, kLoopback, port, "first"));
    REQUIRE(sender->send({}, kLoopback, port, "second"));
    loop.start();
    REQUIRE(got.waitFor(1));
    loop.stop();
    CHECK(got.values() == std::vector<std::string>{"first"});
    CHECK(receiver == nullptr);
}

TEST_CASE_FIXTURE(Fixture, "udp port: a foreign source address is refused when it was not asked for") {
    auto sender = open(kLoopback);
    CHECK_FALSE(sender->canSendAs());
    const auto sent = sender->sendAs({0x0A010203U}, kLoopback, 9, "x");
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Code::Denied);
}

TEST_CASE_FIXTURE(Fixture, "udp port: an address that is not ours cannot be opened") {
    UdpSettings settings;
    settings.listen = *Ip4::parse("203.0.113.77");
    const auto opened = UdpPort::open(loop, settings, log);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code == Code::Unavailable);
    CHECK(opened.error().why == "203.0.113.77 is not an address of this computer.");
}

TEST_CASE_FIXTURE(Fixture, "udp port: a port in use is a conflict") {
    auto first = open(kLoopback);
    UdpSettings settings;
    settings.listen = {};  // all addresses take in the held one
    settings.port = first->localPort();
    const auto second = UdpPort::open(loop, settings, log);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::Conflict);
    CHECK(second.error().what == "UDP port " + std::to_string(settings.port) + " on 0.0.0.0 could not be opened.");
}

TEST_CASE("udp port: a privileged port is told with the remedy") {
    UdpSettings settings;
    settings.port = 53;
    const auto error = cannotOpenUdp(EACCES, settings);
    CHECK(error.code == Code::Denied);
    CHECK(error.todo.find("CAP_NET_BIND_SERVICE") != std::string::npos);
}

#if defined(__linux__) && !defined(CAUSEWAY_PORTABLE_UDP)

TEST_CASE_FIXTURE(Fixture, "udp port: the text about a port in use names the program that holds it") {
    auto first = open(kLoopback);
    UdpSettings settings;
    settings.listen = kLoopback;
    settings.port = first->localPort();
    const auto second = UdpPort::open(loop, settings, log);
    REQUIRE_FALSE(second);
    CHECK(second.error().why == "UDP port " + std::to_string(settings.port) +
                                    " on 127.0.0.1 is held by unit_net (process " + std::to_string(::getpid()) + ").");
}

TEST_CASE("port holder: a port that nobody holds any more is put on another program") {
    CHECK(portHolderSentence(Transport::Udp, kLoopback, 1) == "UDP port 1 on 127.0.0.1 is held by another program");
    CHECK(portHolderSentence(Transport::Tcp, kLoopback, 1) == "TCP port 1 on 127.0.0.1 is held by another program");
}

TEST_CASE_FIXTURE(Fixture, "udp port: it tells to which address a datagram went, and answers from a named address") {
    auto everywhere = open({});
    auto client = open(kLoopback);
    const Ip4 second{0x7F000002U};
    Collector<Received> asked;
    Collector<Received> answered;
    everywhere->onReceive(into(asked));
    client->onReceive(into(answered));
    REQUIRE(client->send({}, second, everywhere->localPort(), "who"));
    loop.start();
    REQUIRE(asked.waitFor(1));
    const auto question = asked.values()[0];
    CHECK(question.to == second);
    CHECK(question.localAddress == second);
    CHECK(question.interfaceIndex > 0);
    REQUIRE(
        loop.ask("answer", kPatience,
                 [&] {
                     return everywhere->send(question.localAddress, question.from, question.fromPort, "me").has_value();
                 })
            .value());
    REQUIRE(answered.waitFor(1));
    CHECK(answered.values()[0].from == second);
    CHECK(answered.values()[0].fromPort == everywhere->localPort());
    loop.stop();
}

TEST_CASE_FIXTURE(Fixture, "udp port: a source address that is not ours is an error, not a foreign source") {
    UdpSettings settings;
    settings.wantForeignSource = true;
    auto port = UdpPort::open(loop, settings, log);
    REQUIRE(port);
    const auto sent = (*port)->send(*Ip4::parse("203.0.113.77"), kLoopback, 9, "x");
    REQUIRE_FALSE(sent);
    CHECK(sent.error().code == Code::Unavailable);
}

TEST_CASE_FIXTURE(Fixture, "udp port: a closed port is reported, and sends to others do not fail because of it") {
    auto gone = open(kLoopback);
    const auto closedPort = gone->localPort();
    gone.reset();
    auto receiver = open(kLoopback);
    auto sender = open(kLoopback);
    Collector<Received> got;
    Collector<UdpRefusal> refused;
    receiver->onReceive(into(got));
    sender->onRefusal([&](const UdpRefusal& refusal) { refused.add(refusal); });
    // The loop does not run yet, so every send meets the errors of the ones before it.
    for (int i = 0; i < 50; ++i) {
        REQUIRE(sender->send({}, kLoopback, closedPort, "to nobody"));
        REQUIRE(sender->send({}, kLoopback, receiver->localPort(), std::to_string(i)));
    }
    loop.start();
    REQUIRE(got.waitFor(50));
    REQUIRE(refused.waitFor(1));
    loop.stop();
    CHECK(got.size() == 50);
    for (const auto& refusal : refused.values()) {
        CHECK(refusal.target == kLoopback);
        CHECK(refusal.port == closedPort);
        CHECK(refusal.reporter == kLoopback);
        CHECK(refusal.icmpType == 3);
        CHECK(refusal.icmpCode == 3);
    }
}

TEST_CASE_FIXTURE(Fixture, "udp port: datagrams that the kernel dropped are counted") {
    auto receiver = open(kLoopback, 4096);
    auto sender = open(kLoopback);
    Collector<Received> got;
    const std::size_t sent = 300;
    for (std::size_t i = 0; i < sent; ++i)
        REQUIRE(sender->send({}, kLoopback, receiver->localPort(), "flood"));
    receiver->onReceive(into(got));
    loop.start();
    REQUIRE(got.waitFor(1));
    // The count comes with the next datagram that is taken in after the loss.
    std::size_t more = 0;
    while (got.size() + receiver->droppedByKernel() < sent + more && more < 1000) {
        const auto before = got.size();
        REQUIRE(loop.ask("one more", kPatience,
                         [&] { return sender->send({}, kLoopback, receiver->localPort(), "more").has_value(); })
                    .value());
        ++more;
        REQUIRE(got.waitFor(before + 1));
    }
    loop.stop();
    CHECK(receiver->droppedByKernel() > 0);
    CHECK(got.size() + receiver->droppedByKernel() == sent + more);
}

TEST_CASE_FIXTURE(Fixture, "udp port: other tasks of the loop get their turn during a flood") {
    auto receiver = open(kLoopback);
    auto sender = open(kLoopback);
    const std::size_t sent = 2000;
    for (std::size_t i = 0; i < sent; ++i)
        REQUIRE(sender->send({}, kLoopback, receiver->localPort(), "flood"));
    Collector<std::size_t> received;
    Collector<std::size_t> seenByTask;
    receiver->onReceive([&](const UdpDatagram&) {
        if (received.size() == 0) loop.post("other", [&] { seenByTask.add(received.size()); });
        received.add(1);
    });
    loop.start();
    REQUIRE(received.waitFor(sent));
    REQUIRE(seenByTask.waitFor(1));
    loop.stop();
    CHECK(seenByTask.values()[0] < sent);
}

#endif
