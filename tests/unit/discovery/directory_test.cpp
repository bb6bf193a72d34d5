#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "shared/proto/ipmsg/packet.h"
#include "tests/support/fake_lan.h"

using namespace causeway;
using namespace causeway::test;

namespace {

Ip4 ip(std::string_view text) {
    return *Ip4::parse(text);
}

/// Two segments behind a router; the server in the first, or in both.
struct TwoSegments {
    explicit TwoSegments(bool isInBoth, discovery::LanConfig config = introducing(), bool canIntroduce = true)
        : lan(1) {
        lan.addSegment(*Network4::parse("192.168.71.0/24"));
        lan.addSegment(*Network4::parse("192.168.72.0/24"));
        std::vector<LanInterface> interfaces{interfaceOf("e0", "192.168.71.2", 24)};
        if (isInBoth) interfaces.push_back(interfaceOf("e1", "192.168.72.2", 24));
        std::vector<RangeLine> ranges;
        if (!isInBoth) ranges.push_back(*parseRangeLine("192.168.72.0/24"));
        server = std::make_unique<FakeServer>(lan, interfaces, testIdentity(), config, canIntroduce, ranges);
        lan.onRefused = [this](Ip4 sender, Ip4 target) {
            if (sender == server->address()) server->refused(target);
        };
    }
    static discovery::LanConfig introducing() {
        discovery::LanConfig config;
        config.introductions = true;
        config.goneAfter = 20s;
        config.probeInterval = 5s;
        return config;
    }
    FakeIptux& iptux(const char* address, const char* name) {
        iptuxes.push_back(std::make_unique<FakeIptux>(lan, ip(address), name));
        lan.add(*iptuxes.back());
        iptuxes.back()->start();
        return *iptuxes.back();
    }
    FakeWindows& windows(const char* address, const char* name,
                         FakeWindows::Edition edition = FakeWindows::Edition::Modern) {
        others.push_back(std::make_unique<FakeWindows>(lan, ip(address), name, edition));
        lan.add(*others.back());
        others.back()->start();
        return *others.back();
    }
    void sweepSecond() {
        std::vector<Ip4> all;
        for (std::uint32_t i = 1; i < 255; ++i)
            all.push_back({ip("192.168.72.0").value + i});
        server->sweep(all);
    }
    FakeLan lan;
    std::unique_ptr<FakeServer> server;
    std::vector<std::unique_ptr<FakeIptux>> iptuxes;
    std::vector<std::unique_ptr<FakeWindows>> others;
};

std::string classic(std::uint32_t command, const std::string& user, const std::string& body, std::uint32_t number = 7) {
    ipmsg::Packet packet;
    packet.number = number;
    packet.user = user;
    packet.host = "pc-" + user;
    packet.command = command;
    packet.body = body;
    return ipmsg::writePacket(packet);
}

}  // namespace

TEST_CASE("directory: iptux clients of two segments see each other within six seconds of the server's start") {
    TwoSegments net{true};
    auto& alice = net.iptux("192.168.71.11", "Alice");
    auto& bob = net.iptux("192.168.71.12", "Bob");
    auto& xena = net.iptux("192.168.72.11", "Xena");
    auto& yuki = net.iptux("192.168.72.12", "Yuki");
    net.lan.run(3s);
    CHECK(alice.sees(bob.address()));
    CHECK_FALSE(alice.sees(xena.address()));
    CHECK_FALSE(yuki.sees(bob.address()));
    net.server->start();
    const bool all = net.lan.runUntil(6s, [&] {
        return alice.sees(xena.address()) && alice.sees(yuki.address()) && bob.sees(xena.address()) &&
               bob.sees(yuki.address()) && xena.sees(alice.address()) && xena.sees(bob.address()) &&
               yuki.sees(alice.address()) && yuki.sees(bob.address());
    });
    CHECK(all);
    CHECK(alice.garbage == 0);
    CHECK(alice.sees(net.server->address()));

    SUBCASE("again after a refresh that the server hears") {
        alice.refresh();
        CHECK_FALSE(alice.sees(xena.address()));
        CHECK(net.lan.runUntil(8s, [&] {
            return alice.sees(xena.address()) && alice.sees(yuki.address()) && alice.sees(net.server->address());
        }));
    }
    SUBCASE("a client that dies without goodbye is taken from the others within the set time") {
        net.lan.run(10s);
        xena.crash();
        CHECK(net.lan.runUntil(40s, [&] { return !alice.sees(xena.address()) && !bob.sees(xena.address()); }));
        CHECK(net.server->userAt(xena.address())->presence == Presence::Gone);
        xena.start();
        CHECK(net.lan.runUntil(6s, [&] { return alice.sees(xena.address()) && xena.sees(bob.address()); }));
    }
    SUBCASE("a client that says goodbye is gone within three seconds") {
        net.lan.run(10s);
        xena.quit();
        CHECK(net.lan.runUntil(3s, [&] { return net.server->userAt(xena.address())->presence == Presence::Gone; }));
    }
    SUBCASE("a goodbye that an introduction overtakes, or that gets lost, is told again by the server") {
        net.lan.run(10s);
        xena.quit();
        net.lan.run(20ms);
        CHECK_FALSE(alice.sees(xena.address()));
        // The introduction that was under way when he left puts him into her list again.
        net.lan.send(net.server->address(), xena.address(), alice.address(), 2425,
                     discovery::Outbox::datagram(classic(259, "Xena", "Xena")));
        CHECK(net.lan.runUntil(20ms, [&] { return alice.sees(xena.address()); }));
        CHECK(net.lan.runUntil(5s, [&] { return !alice.sees(xena.address()); }));
        CHECK_FALSE(bob.sees(xena.address()));
    }
    SUBCASE("a forged goodbye removes nobody") {
        net.lan.run(10s);
        net.server->receive(xena.address(), 2425, net.server->address(), classic(65538, "root", ""));
        net.lan.run(10s);
        CHECK(net.server->userAt(xena.address())->presence == Presence::Present);
    }
}

TEST_CASE("directory: a server in one segment shows users of the other and heals a refresh that it cannot hear") {
    TwoSegments net{false};
    auto& alice = net.iptux("192.168.71.11", "Alice");
    auto& xena = net.iptux("192.168.72.11", "Xena");
    net.lan.run(2s);
    net.server->start();
    net.sweepSecond();
    CHECK(net.lan.runUntil(6s, [&] { return alice.sees(xena.address()) && xena.sees(alice.address()); }));
    net.lan.run(100s);
    xena.refresh();
    CHECK_FALSE(xena.sees(alice.address()));
    CHECK(net.lan.runUntil(130s, [&] { return xena.sees(alice.address()) && xena.sees(net.server->address()); }));
    SUBCASE("and a remote client that dies and comes back is found again") {
        xena.crash();
        CHECK(net.lan.runUntil(60s, [&] { return !alice.sees(xena.address()); }));
        xena.start();
        CHECK(net.lan.runUntil(130s, [&] { return alice.sees(xena.address()) && xena.sees(alice.address()); }));
    }
}

TEST_CASE("directory: introductions are not taken for the packets of a refresh") {
    auto config = TwoSegments::introducing();
    config.probeInterval = 60s;
    TwoSegments net{false, config};
    net.iptux("192.168.72.11", "Xena");
    net.server->start();
    net.sweepSecond();
    net.lan.run(30s);
    // They come between two probes: the next answer of Xena has used up ten more numbers.
    for (int i = 0; i < 10; ++i)
        net.iptux(("192.168.71." + std::to_string(50 + i)).c_str(), ("User" + std::to_string(i)).c_str());
    net.lan.run(60s);
    const auto introduced = net.server->directory.courier().introductionsSent();
    CHECK(introduced >= 10);
    net.lan.run(600s);
    CHECK(net.server->directory.courier().introductionsSent() == introduced);
}

TEST_CASE("directory: without the administrator's consent no packet carries a foreign source") {
    discovery::LanConfig config;
    TwoSegments net{true, config};
    auto& alice = net.iptux("192.168.71.11", "Alice");
    auto& xena = net.iptux("192.168.72.11", "Xena");
    net.server->start();
    net.lan.run(30s);
    CHECK_FALSE(alice.sees(xena.address()));
    CHECK(net.server->directory.courier().introductionsSent() == 0);
    CHECK(net.server->userAt(alice.address())->delivery == Delivery::None);
}

TEST_CASE("directory: modern Windows clients get signed lists, changes and removals, never faster than every 7 s") {
    TwoSegments net{true, discovery::LanConfig{}, false};
    auto& taro = net.windows("192.168.71.21", "taro");
    auto& hana = net.windows("192.168.72.21", "hana");
    net.server->start();
    CHECK(net.lan.runUntil(12s, [&] { return taro.sees(hana.address()) && hana.sees(taro.address()); }));
    auto& jiro = net.windows("192.168.72.22", "jiro");
    CHECK(net.lan.runUntil(15s, [&] { return taro.sees(jiro.address()); }));
    CHECK(net.lan.runUntil(30s, [&] { return jiro.sees(taro.address()); }));
    net.lan.run(20s);
    jiro.quit();
    CHECK(net.lan.runUntil(15s, [&] { return !taro.sees(jiro.address()); }));
    taro.refresh();
    CHECK_FALSE(taro.sees(hana.address()));
    CHECK(net.lan.runUntil(15s, [&] { return taro.sees(hana.address()); }));
    net.lan.run(60s);
    for (const auto* client : {&taro, &hana, &jiro}) {
        CHECK(client->forbidden == 0);
        CHECK(client->lists > 0);
        CHECK(client->leastListGap >= 6900ms);
    }
    CHECK(net.server->userAt(taro.address())->delivery == Delivery::SignedList);
}

TEST_CASE("directory: an old Windows client gets one plain list per entry window and never an IPDict") {
    TwoSegments net{true, discovery::LanConfig{}, false};
    std::vector<FakeWindows*> many;
    for (int i = 0; i < 40; ++i) {
        many.push_back(&net.windows(("192.168.72." + std::to_string(50 + i)).c_str(),
                                    ("user" + std::to_string(i)).c_str(), FakeWindows::Edition::Modern));
    }
    net.server->start();
    net.lan.run(15s);
    auto& old = net.windows("192.168.71.21", "oldie", FakeWindows::Edition::Old);
    CHECK(net.lan.runUntil(15s, [&] {
        return std::all_of(many.begin(), many.end(), [&](auto* user) { return old.sees(user->address()); });
    }));
    net.lan.run(300s);
    CHECK(old.forbidden == 0);
    // Two entries (the second one 5 s after the first) may bring two lists, no more.
    CHECK(old.lists <= 2);
}

TEST_CASE("directory: an old Windows client gets a list of many chunks to its end") {
    discovery::LanConfig config;
    config.listBytes = 900;
    TwoSegments net{true, config, false};
    std::vector<FakeWindows*> many;
    for (int i = 0; i < 240; ++i) {
        many.push_back(&net.windows(("192.168.72." + std::to_string(10 + i)).c_str(),
                                    ("user" + std::to_string(i)).c_str(), FakeWindows::Edition::Modern));
    }
    net.server->start();
    net.lan.run(60s);
    auto& old = net.windows("192.168.71.21", "oldie", FakeWindows::Edition::Old);
    CHECK(net.lan.runUntil(15s, [&] {
        return std::all_of(many.begin(), many.end(), [&](auto* user) { return old.sees(user->address()); });
    }));
}

TEST_CASE("directory: the Mac client that enters after each list does not make a loop") {
    TwoSegments net{true, discovery::LanConfig{}, false};
    net.windows("192.168.72.21", "hana");
    auto& mac = net.windows("192.168.71.21", "mac", FakeWindows::Edition::Mac);
    net.server->start();
    net.lan.run(600s);
    CHECK(mac.sees(ip("192.168.72.21")));
    CHECK(mac.lists <= 4);
}

TEST_CASE("directory: iptux and Windows of different segments see each other both ways") {
    TwoSegments net{true};
    auto& alice = net.iptux("192.168.71.11", "Alice");
    auto& hana = net.windows("192.168.72.21", "hana");
    net.server->start();
    CHECK(net.lan.runUntil(15s, [&] { return alice.sees(hana.address()) && hana.sees(alice.address()); }));
    CHECK(alice.garbage == 0);
}

TEST_CASE("directory: a user is present only after his address answered") {
    TwoSegments net{true};
    net.server->start();
    net.lan.run(20s);
    net.server->receive(ip("192.168.71.99"), 2425, net.server->address(), classic(1, "ghost", "Ghost"));
    net.lan.run(20s);
    CHECK(net.server->userAt(ip("192.168.71.99")) == nullptr);
    CHECK(net.server->directory.counts().users == 0);
    // An answer that nobody asked for is a rumour as well.
    net.server->receive(ip("192.168.71.98"), 2425, net.server->address(), classic(3, "ghost", "Ghost"));
    CHECK(net.server->userAt(ip("192.168.71.98")) == nullptr);
}

TEST_CASE("directory: a flood of forged entries neither grows without limit nor pushes out proven users") {
    TwoSegments net{true};
    auto& alice = net.iptux("192.168.71.11", "Alice");
    net.server->start();
    net.lan.run(10s);
    CHECK(net.server->userAt(alice.address())->presence == Presence::Present);
    for (std::uint32_t i = 0; i < 100000; ++i) {
        net.server->receive({ip("10.0.0.0").value + 1 + i}, 2425, net.server->address(),
                            classic(1, "ghost" + std::to_string(i), "Ghost"));
        if (i % 1000 == 0) net.lan.run(10ms);
    }
    CHECK(net.server->directory.counts().rumours <= 20000);
    CHECK(net.server->directory.counts().users == 1);
    auto& bob = net.iptux("192.168.71.12", "Bob");
    CHECK(net.lan.runUntil(30s, [&] {
        auto* user = net.server->userAt(bob.address());
        return user != nullptr && user->presence == Presence::Present;
    }));
    CHECK(net.server->userAt(alice.address())->presence == Presence::Present);
    net.lan.run(600s);
    CHECK(net.server->directory.counts().rumours == 0);
}

TEST_CASE("directory: one user on two network cards is one record with two addresses") {
    TwoSegments net{true};
    net.server->start();
    net.lan.run(20s);
    // The same program answers from both addresses: neighbouring packet numbers.
    const auto answer = [](std::uint32_t number) {
        ipmsg::Packet packet;
        packet.version = "1_iptux 0.8.3";
        packet.number = number;
        packet.user = "alice";
        packet.host = "laptop";
        packet.command = 259;
        packet.body = "Alice";
        packet.ext = std::string("Sales\0icon-tux.png\0utf-8\0", 25);
        return ipmsg::writePacket(packet);
    };
    net.server->directory.probeAddress(ip("192.168.71.31"), net.lan.now);
    net.server->directory.probeAddress(ip("192.168.72.31"), net.lan.now);
    net.server->receive(ip("192.168.71.31"), 2425, net.server->address(), answer(10));
    net.server->receive(ip("192.168.72.31"), 2425, net.server->address(), answer(11));
    CHECK(net.server->directory.counts().users == 1);
    CHECK(net.server->userAt(ip("192.168.72.31"))->id == net.server->userAt(ip("192.168.71.31"))->id);
    CHECK(net.server->userAt(ip("192.168.71.31"))->addresses.size() == 2);
    // A clone with the same names counts on its own: another user, and both are reported.
    net.server->directory.probeAddress(ip("192.168.72.32"), net.lan.now);
    net.server->receive(ip("192.168.72.32"), 2425, net.server->address(), answer(5));
    CHECK(net.server->directory.counts().users == 2);
    REQUIRE(net.server->userAt(ip("192.168.72.32"))->instability);
    CHECK(net.server->userAt(ip("192.168.72.32"))->instability->reason == UnstableReason::DuplicateIdentity);
}

TEST_CASE("directory: answers what must be answered and nothing else") {
    struct Row {
        const char* what;
        std::uint32_t command;
        const char* body;
        int answer;  ///< mode of the answer, -1 = none
    };
    const std::vector<Row> rows{
        {"a message that wants a receipt", 32 | 0x100, "hello", 33},
        {"a message that wants none", 32, "hello", -1},
        {"an automatic answer", 32 | 0x100 | 0x2000, "away", -1},
        {"a message to many", 32 | 0x100 | 0x400, "all", -1},
        {"a question for the version", 64, "", 65},
        {"an automatic question for the version", 64 | 0x2000, "", -1},
        {"a question for the absence text", 80, "", 81},
        {"a search for list givers", 24, "x", 17},
        {"an old search for list givers", 16, "x", 17},
        {"a receipt", 33, "7", -1},
        {"a read mark", 48, "7", -1},
        {"an answer", 3, "nick", -1},
        {"an unknown command", 200, "?", -1},
        {"a list that nobody asked for", 19, "    0\a    0\a", -1},
        {"a question for the key from an unproven address", 114, "1", -1},
        {"a question for the list from an unproven address", 18, "", -1},
        {"no operation", 0, "nick", -1},
    };
    for (const auto& row : rows) {
        CAPTURE(row.what);
        FakeLan lan{1};
        discovery::Directory directory{testIdentity(), discovery::LanConfig{}, 1, lan.now};
        directory.receive({ip("10.1.0.9"), 2425, ip("10.1.0.2"), classic(row.command, "ann", row.body)}, lan.now);
        std::vector<int> answers;
        for (const auto& packet : directory.takePackets()) {
            const auto parsed = ipmsg::parsePacket(*packet.bytes);
            REQUIRE(parsed);
            CHECK(packet.from == ip("10.1.0.2"));
            CHECK(packet.to == ip("10.1.0.9"));
            if (parsed->mode() != ipmsg::Mode::GetInfo || row.answer == -1)
                answers.push_back(static_cast<int>(parsed->mode()));
        }
        if (row.answer == -1) {
            CHECK(answers.empty());
        } else {
            REQUIRE(answers.size() == 1);
            CHECK(answers.front() == row.answer);
        }
    }
}

TEST_CASE("directory: the receipt names the packet number and the text appears nowhere") {
    FakeLan lan{1};
    discovery::Directory directory{testIdentity(), discovery::LanConfig{}, 1, lan.now};
    directory.receive({ip("10.1.0.9"), 2425, ip("10.1.0.2"), classic(288, "ann", "secret-text", 4711)}, lan.now);
    const auto packets = directory.takePackets();
    REQUIRE(packets.size() == 1);
    CHECK(ipmsg::parsePacket(*packets[0].bytes)->body == "4711");
    CHECK(packets[0].bytes->find("secret-text") == std::string::npos);
    for (const auto& line : directory.takeLines())
        CHECK(line.text.find("secret-text") == std::string::npos);
}

TEST_CASE("directory: a user whose name is longer than entries may hold is known again by his version answer") {
    TwoSegments net{true, discovery::LanConfig{}, false};
    auto& hana = net.windows("192.168.72.21", std::string(100, 'h').c_str());
    net.server->start();
    net.lan.run(30s);
    const auto* user = net.server->userAt(hana.address());
    REQUIRE(user != nullptr);
    CHECK(user->user.size() == 79);
    CHECK(user->client == "IP Messenger 4.99r3 (Windows 64-bit)");
    CHECK(user->presence == Presence::Present);
}

TEST_CASE("directory: a version answer of somebody else is followed by one question, not by one after the other") {
    TwoSegments net{true, discovery::LanConfig{}, false};
    auto& hana = net.windows("192.168.72.21", "hana");
    net.server->start();
    net.lan.run(30s);
    const auto before = net.server->sentPackets;
    // Another program answers at that address from now on, without having entered.
    hana.rename("jiro");
    net.lan.run(300s);
    CHECK(net.server->sentPackets - before < 60);
    CHECK(net.server->userAt(hana.address())->nick == "jiro");
}

TEST_CASE("directory: a program that answers everything by a foreign version answer makes no storm") {
    TwoSegments net{true, discovery::LanConfig{}, false};
    auto& hana = net.windows("192.168.72.21", "hana");
    net.server->start();
    net.lan.run(30s);
    const auto before = net.server->sentPackets;
    // It comes back as fast as the wire carries it, for a minute.
    for (int round = 0; round < 60'000; ++round) {
        net.server->receive(hana.address(), 40000, net.server->address(), classic(65, "mallory", "v"));
        net.lan.run(1ms);
    }
    CHECK(net.server->sentPackets - before < 60);
}

TEST_CASE("directory: a restart keeps users but nobody is present until he answers") {
    TwoSegments net{true};
    auto& alice = net.iptux("192.168.71.11", "Alice");
    net.server->start();
    net.lan.run(10s);
    const auto saved = net.server->directory.usersAfter(0, 100, net.lan.now);
    REQUIRE(saved.size() == 1);
    discovery::Directory again{testIdentity(), TwoSegments::introducing(), 1700009999, net.lan.now};
    again.restore(saved, saved.back().id, net.lan.now);
    const auto restored = again.user(saved[0].id, net.lan.now);
    REQUIRE(restored);
    CHECK(restored->presence == Presence::Unconfirmed);
    CHECK(restored->nick == "Alice");
    CHECK(alice.sees(net.server->address()));
}
