#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "shared/proto/ipmsg/packet.h"
#include "tests/support/fake_lan.h"

using namespace causeway;
using namespace causeway::test;

namespace {

Ip4 ip(std::string_view text) {
    return *Ip4::parse(text);
}

/// The server alone in 192.168.64.0/18, where forged packets can come from 16,000 expected addresses.
struct WideSegment {
    FakeLan lan{7};
    std::unique_ptr<FakeServer> server;
    WideSegment() {
        lan.addSegment(*Network4::parse("192.168.64.0/18"));
        server = std::make_unique<FakeServer>(lan, std::vector{interfaceOf("e0", "192.168.64.2", 18)}, testIdentity(),
                                              discovery::LanConfig{}, false);
        server->start();
        lan.run(20s);
    }
    void packet(Ip4 from, std::uint32_t mode, const std::string& user, const std::string& host, std::uint32_t number) {
        server->receive(
            from, 2425, server->address(),
            "1:" + std::to_string(number) + ":" + user + ":" + host + ":" + std::to_string(mode) + ":" + user);
    }
    std::vector<Problem> problemsOf(const std::string& kind) const {
        auto all = server->directory.problems();
        std::erase_if(all, [&](const auto& each) { return !each.id.starts_with(kind); });
        return all;
    }
};

constexpr std::uint32_t kEntry = 1;
constexpr std::uint32_t kAnswer = 3;
constexpr std::uint32_t kAnswerList = 0x13;

}  // namespace

TEST_CASE("hostile: a computer that answers with ever new names brings four of them an hour, and is told") {
    WideSegment net;
    const auto from = ip("192.168.70.9");
    std::uint32_t number = 100;
    for (int i = 0; i < 500; ++i) {
        const auto name = "u" + std::to_string(i);
        net.packet(from, kEntry, name, "h", ++number);
        net.lan.run(200ms);
        net.packet(from, kAnswer, name, "h", ++number);
    }
    CHECK(net.server->directory.counts().users <= 5);
    const auto told = net.problemsOf("lan.new-names");
    REQUIRE(told.size() == 1);
    CHECK(told[0].what.find("192.168.70.9") != std::string::npos);
    // Behind the hour a new colleague at that computer is one again.
    net.lan.run(3700s);
    net.packet(from, kEntry, "newcomer", "h", ++number);
    net.lan.run(200ms);
    net.packet(from, kAnswer, "newcomer", "h", ++number);
    const auto* user = net.server->userAt(from);
    REQUIRE(user != nullptr);
    CHECK(user->user == "newcomer");
}

TEST_CASE("hostile: behind a burst of forged entries a newcomer waits seconds, not for the whole queue") {
    WideSegment net;
    for (std::uint32_t i = 0; i < 8000; ++i)
        net.packet({ip("192.168.80.0").value + i}, kEntry, "ghost", "h", i + 1);
    REQUIRE(net.server->directory.counts().rumours > 5000);
    CHECK(net.problemsOf("lan.flood").size() == 1);
    FakeIptux bob{net.lan, ip("192.168.65.12"), "Bob"};
    net.lan.add(bob);
    bob.start();
    CHECK(net.lan.runUntil(5s, [&] {
        auto* user = net.server->userAt(bob.address());
        return user != nullptr && user->presence == Presence::Present;
    }));
    net.lan.run(300s);
    CHECK(net.server->directory.counts().rumours == 0);
    CHECK(net.server->directory.counts().users == 1);
}

TEST_CASE("hostile: while forged entries keep coming, a newcomer who repeats his entry gets in") {
    WideSegment net;
    std::uint32_t forged = 0;
    FakeIptux bob{net.lan, ip("192.168.65.12"), "Bob"};
    net.lan.add(bob);
    // 1,000 a second from other addresses each time, five times of what may be asked.
    const auto isIn = [&] {
        const auto* user = net.server->userAt(bob.address());
        return user != nullptr && user->presence == Presence::Present;
    };
    int seconds = 0;
    for (; seconds < 120 && !isIn(); ++seconds) {
        if (seconds % 5 == 0) bob.start();
        for (int i = 0; i < 100 && !isIn(); ++i) {
            for (int each = 0; each < 10; ++each)
                net.packet({ip("192.168.80.0").value + forged++ % 12000}, kEntry, "ghost", "h", forged);
            net.lan.run(10ms);
        }
    }
    MESSAGE("the newcomer was in after " << seconds << " s");
    CHECK(isIn());
}

TEST_CASE("hostile: forged packets of one kind from many addresses are one problem, and leave room for others") {
    WideSegment net;
    for (std::uint32_t i = 0; i < 300; ++i)
        net.packet({ip("192.168.90.0").value + i}, kAnswerList, "giver", "h", i + 1);
    const auto givers = net.problemsOf("lan.list-giver");
    REQUIRE(givers.size() == 1);
    CHECK(givers[0].id == "lan.list-giver:many");
    CHECK(givers[0].what.find("At least 100 computers") != std::string::npos);
    for (int i = 0; i < 3; ++i)
        net.packet(ip("192.168.66.1" + std::to_string(i)), 1U | 0x10000000U, "master", "h", 5);
    CHECK(net.problemsOf("lan.other-master").size() == 3);
}
