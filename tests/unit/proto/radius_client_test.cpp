#include <doctest/doctest.h>

#include <memory>

#include "shared/proto/radius/client_core.h"

using namespace causeway;
using namespace causeway::radius;

namespace {

const Secret kSecret{"testing123"};
constexpr TimePoint kStart{Duration{1'000'000}};

std::function<std::string(std::size_t)> counting() {
    auto number = std::make_shared<int>(0);
    return [number](std::size_t size) { return std::string(size, static_cast<char>('a' + ++*number % 26)); };
}

ClientCore makeCore(std::size_t servers, Duration budget = 60s, Duration probe = 500ms) {
    ClientRules rules;
    rules.servers = servers;
    rules.triesPerServer = 2;
    rules.tryTime = 1s;
    rules.probeTime = probe;
    rules.deadline = kStart + budget;
    AccessRequest login;
    login.userName = "ann";
    login.password = Secret{"secret"};
    login.nasIdentifier = "causeway";
    return ClientCore{rules, login, kSecret, counting(), kStart};
}

std::string answerTo(const std::string& request, PacketCode code, const Secret& secret = kSecret,
                     Signature signature = Signature::MessageAuthenticator) {
    return writeAnswer(code, *parsePacket(request), secret, {{kReplyMessage, "because"}}, signature);
}

}  // namespace

TEST_CASE("radius client: an accept ends the login at once") {
    auto core = makeCore(2);
    const auto sent = core.takeOutgoing();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].server == 0);
    core.onDatagram(0, answerTo(sent[0].bytes, PacketCode::AccessAccept), kStart);
    CHECK(core.isDone());
    CHECK(core.result() == LoginResult::Accept);
}

TEST_CASE("radius client: a reject carries the server's words") {
    auto core = makeCore(1);
    const auto sent = core.takeOutgoing();
    core.onDatagram(0, answerTo(sent[0].bytes, PacketCode::AccessReject), kStart);
    CHECK(core.result() == LoginResult::Reject);
    CHECK(core.message() == "because");
}

TEST_CASE("radius client: a silent server gets the same packet again, then the next server another one") {
    auto core = makeCore(2, 60s, 0ms);
    const auto first = core.takeOutgoing();
    CHECK(core.nextDeadline() == kStart + 1s);
    core.tick(kStart + 1s);
    const auto again = core.takeOutgoing();
    REQUIRE(again.size() == 1);
    CHECK(again[0].bytes == first[0].bytes);
    core.tick(kStart + 2s);
    const auto next = core.takeOutgoing();
    REQUIRE(next.size() == 1);
    CHECK(next[0].server == 1);
    CHECK(next[0].bytes != first[0].bytes);
    // A late answer of the first server is not one of the second.
    core.onDatagram(0, answerTo(first[0].bytes, PacketCode::AccessAccept), kStart + 2s);
    CHECK(!core.isDone());
    core.onDatagram(1, answerTo(next[0].bytes, PacketCode::AccessAccept), kStart + 2s);
    CHECK(core.result() == LoginResult::Accept);
    CHECK(core.server() == 1);
}

TEST_CASE("radius client: a closed port leads to the next server without a wait") {
    auto core = makeCore(2);
    core.takeOutgoing();
    core.onUnreachable(0, kStart);
    const auto sent = core.takeOutgoing();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].server == 1);
    core.onUnreachable(1, kStart);
    CHECK(core.result() == LoginResult::NoAnswer);
    CHECK(core.sawUnreachable());
}

TEST_CASE("radius client: a probe without the password tells a wrong secret from a dead server") {
    auto core = makeCore(1);
    const auto first = core.takeOutgoing();
    core.tick(kStart + 1s);
    core.takeOutgoing();
    core.tick(kStart + 2s);
    const auto probe = core.takeOutgoing();
    REQUIRE(probe.size() == 1);
    const auto packet = parsePacket(probe[0].bytes);
    CHECK(packet->find(kMessageAuthenticator) == nullptr);
    CHECK(packet->find(kUserName)->value == "causeway-probe");
    CHECK(revealPassword(*packet, kSecret) != "secret");
    SUBCASE("its answer is signed with another secret") {
        core.onDatagram(0, answerTo(probe[0].bytes, PacketCode::AccessReject, Secret{"other"}, Signature::None),
                        kStart + 2s);
        CHECK(core.result() == LoginResult::WrongSecret);
    }
    SUBCASE("it is accepted, which must not let anybody in") {
        core.onDatagram(0, answerTo(probe[0].bytes, PacketCode::AccessAccept), kStart + 2s);
        CHECK(core.result() == LoginResult::NoAnswer);
        CHECK(core.probeWasAnswered());
    }
    SUBCASE("nothing comes") {
        core.tick(kStart + 2500ms);
        CHECK(core.result() == LoginResult::NoAnswer);
        CHECK(!core.probeWasAnswered());
    }
}

TEST_CASE("radius client: a forged answer does not keep the good one out") {
    auto core = makeCore(1);
    const auto sent = core.takeOutgoing();
    core.onDatagram(0, answerTo(sent[0].bytes, PacketCode::AccessAccept, Secret{"attacker"}), kStart);
    core.onDatagram(0, "garbage", kStart);
    CHECK(!core.isDone());
    core.onDatagram(0, answerTo(sent[0].bytes, PacketCode::AccessReject), kStart + 100ms);
    CHECK(core.result() == LoginResult::Reject);
}

TEST_CASE("radius client: unsigned answers never count, and are told as what they are") {
    auto core = makeCore(1);
    const auto sent = core.takeOutgoing();
    core.onDatagram(0, answerTo(sent[0].bytes, PacketCode::AccessAccept, kSecret, Signature::None), kStart);
    CHECK(!core.isDone());
    core.tick(kStart + 1s);
    CHECK(core.result() == LoginResult::Unsigned);
}

TEST_CASE("radius client: the deadline ends everything") {
    auto core = makeCore(3, 1500ms);
    core.takeOutgoing();
    core.tick(kStart + 1s);
    CHECK(core.nextDeadline() == kStart + 1500ms);
    core.tick(kStart + 1500ms);
    CHECK(core.isDone());
    CHECK(core.result() == LoginResult::NoAnswer);
}

TEST_CASE("radius client: a password that does not fit is never sent") {
    ClientRules rules;
    rules.deadline = kStart + 5s;
    AccessRequest login;
    login.userName = "ann";
    login.password = Secret{std::string(200, 'x')};
    login.nasIdentifier = "causeway";
    ClientCore core{rules, login, kSecret, counting(), kStart};
    CHECK(core.result() == LoginResult::NotSent);
    CHECK(core.takeOutgoing().empty());
    CHECK(!core.message().empty());
}
