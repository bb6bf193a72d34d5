#include <doctest/doctest.h>

#include <array>

#include "shared/proto/link/invitation.h"
#include "shared/proto/link/message.h"

using namespace causeway;
using namespace causeway::link;

namespace {

Ip4 ip(std::string_view text) {
    return *Ip4::parse(text);
}

TraceEvidence fullEvidence() {
    TraceEvidence it;
    it.fromAddress = ip("10.2.0.2");
    it.toAddress = ip("10.2.0.21");
    it.answersChatProbe = false;
    it.self = SelfFacts{true, true, "", true, true, {}, "eth0", std::uint16_t{1500}};
    it.name.emplace();
    it.name->dnsAddresses = std::vector{ip("10.2.0.21")};
    it.name->identity = std::vector{IdentityAddress{ip("10.2.0.21"), "pc-y", "02:00", 30s, true, {}}};
    it.segment = SegmentFacts{true, {*Network4::parse("10.2.0.0/24")}, {*Network4::parse("10.1.0.0/24")}};
    it.neighbour = NeighbourFacts{NeighbourState::Missing, ip("10.2.0.21"), false, {"02:00:00:00:00:01"}};
    it.chatProbe = ProbeFacts{3, 2, true, 130s, 1ms, std::uint8_t{64}, {}, {IcmpError{ip("10.2.0.1"), 3, 13, 0}}};
    it.tcp = TcpFacts{TcpOutcome::Refused, {}, 2ms};
    it.path.emplace();
    it.path->udp.emplace();
    it.path->udp->isTargetReached = true;
    it.path->udp->hops = {TraceHop{1, true, ip("10.2.0.1"), 1ms, std::uint8_t{11}, std::uint8_t{0}, 1, 0},
                          TraceHop{2, false, {}, {}, {}, {}, 2, 2}};
    it.segmentMates = MateFacts{2, 1, 4, 3, 0, 2, 2, 0, 0};
    it.heard = HeardFacts{1, 5s, 2};
    return it;
}

std::vector<Message> allMessages() {
    TraceRow row;
    row.step = TraceStep::PathBack;
    row.leg = TraceLeg::BToX;
    row.grade = TraceGrade::Partly;
    row.result = "2 of 3 answered";
    row.details = {"Packet 1: no answer.", "für Zoë"};
    row.path = fullEvidence().path;
    Hello hello;
    hello.version = "0.1.0";
    hello.service = "osaka-1";
    hello.base = "Osaka";
    hello.address = ip("10.2.0.2");
    hello.linkPort = 8426;
    hello.segments = {*Network4::parse("10.2.0.0/24")};
    return {hello,
            Redeem{"0123456789abcdef0123456789abcdef"},
            Welcome{},
            Refused{7, "It is not in a segment of this service.", "Ask for another."},
            Unlinked{},
            Ping{1, fromEpochMillis(1'790'000'000'000)},
            Pong{1, fromEpochMillis(1'790'000'000'000), fromEpochMillis(1'790'000'000'003)},
            Measure{2, ip("10.2.0.21"), 2425, {TraceStep::ChatProbe, TraceStep::FilePort}},
            StopMeasure{2},
            Row{2, row},
            Measured{2, fullEvidence()},
            CountOpen{3, "ab12", 22224, 22227},
            CountReady{3, ip("10.2.0.2"), true, 8426, "Port 22225 is in use."},
            CountTurn{3, "ab12", ip("10.1.0.2"), true, 0, false},
            CountResult{3, {PortCount{CountKind::Chat, 2425, 10, 9, ip("10.9.0.1"), std::uint16_t{1024}}}}};
}

}  // namespace

TEST_CASE("link: every message comes back as it was written") {
    const auto all = allMessages();
    CHECK(all.size() == std::variant_size_v<Message>);
    for (const auto& message : all) {
        CAPTURE(message.index());
        const auto bytes = writeMessage(message);
        const auto back = readMessage(bytes);
        REQUIRE(back);
        CHECK(back->index() == message.index());
        CHECK(idOf(*back) == idOf(message));
        CHECK(writeMessage(*back) == bytes);
    }
    const auto back = std::get<Measured>(*readMessage(writeMessage(Measured{2, fullEvidence()})));
    CHECK(back.evidence.chatProbe->errors.front() == IcmpError{ip("10.2.0.1"), 3, 13, 0});
    CHECK(back.evidence.neighbour->state == NeighbourState::Missing);
    CHECK(back.evidence.path->udp->hops.at(1).lost == 2);
    CHECK(back.evidence.segment->own.front().text() == "10.2.0.0/24");
    CHECK_FALSE(back.evidence.echo);
}

TEST_CASE("link: a message that lacks a byte or has one too much is refused") {
    for (const auto& message : allMessages()) {
        CAPTURE(message.index());
        const auto bytes = writeMessage(message);
        for (std::size_t size = 0; size < bytes.size(); ++size) {
            CAPTURE(size);
            CHECK_FALSE(readMessage(bytes.substr(0, size)));
        }
        CHECK_FALSE(readMessage(bytes + '\0'));
    }
    CHECK_FALSE(readMessage(std::string(1, '\0')));
    CHECK_FALSE(readMessage(std::string(1, '\x7F')));
}

TEST_CASE("link: values that no record can have are refused") {
    auto bytes = writeMessage(Measure{2, ip("10.2.0.21"), 2425, {TraceStep::ChatProbe}});
    bytes.back() = static_cast<char>(kTraceSteps);
    CHECK_FALSE(readMessage(bytes));  // no such step
    Hello hello;
    hello.segments = {*Network4::parse("10.2.0.0/24")};
    bytes = writeMessage(hello);
    bytes[bytes.size() - 3] = '\1';
    CHECK_FALSE(readMessage(bytes));  // host bits
    bytes = writeMessage(Redeem{"a\x01"});
    CHECK(std::get<Redeem>(*readMessage(bytes)).token == "a ");  // cleaned when written
    bytes.back() = '\x01';
    CHECK_FALSE(readMessage(bytes));
    bytes = writeMessage(CountTurn{3, "ab12", ip("10.1.0.2"), true, 0, false});
    bytes.back() = '\2';
    CHECK_FALSE(readMessage(bytes));  // neither yes nor no
}

TEST_CASE("link: the hello of another protocol still tells its number and version") {
    auto bytes = writeMessage(Hello{9, "7.0"}) + "members of the future";
    const auto hello = readMessage(bytes);
    REQUIRE(hello);
    CHECK(std::get<Hello>(*hello).protocol == 9);
    CHECK(std::get<Hello>(*hello).version == "7.0");
}

TEST_CASE("link: a stream gives the same messages, however it is cut") {
    std::string stream;
    for (const auto& message : allMessages())
        stream += writeFrame(message);
    for (const std::size_t cut : {std::size_t{1}, std::size_t{5}, stream.size()}) {
        FrameReader reader(kMostFrame);
        std::size_t count = 0;
        for (std::size_t at = 0; at < stream.size(); at += cut) {
            reader.feed(std::string_view{stream}.substr(at, cut));
            while (auto message = reader.next()) {
                REQUIRE(*message);
                ++count;
            }
        }
        CHECK(count == allMessages().size());
    }
}

TEST_CASE("link: a frame that is too large for a stranger is refused before it is there") {
    FrameReader reader(kMostStranger);
    reader.feed(std::string("\0\0\x04\x01", 4));
    auto message = reader.next();
    REQUIRE(message);
    CHECK(message->error().code == Code::TooLong);
    reader.feed(writeFrame(Welcome{}));
    CHECK_FALSE(*reader.next());
    FrameReader friendly(kMostFrame);
    friendly.feed(std::string("\0\0\x04\x01", 4));
    CHECK_FALSE(friendly.next());
}

TEST_CASE("link: a counted datagram carries its mark and number, and nothing else is one") {
    const auto read = readCountDatagram(countDatagram("ab12", 7));
    REQUIRE(read);
    CHECK(read->mark == "ab12");
    CHECK(read->number == 7);
    for (const char* other : {"", "causeway-count ", "causeway-count ab12", "causeway-count ab12 ",
                              "causeway-count ab12 x", "causeway-count  7", "causeway-count ab12 10001", "hello"}) {
        CAPTURE(other);
        CHECK_FALSE(readCountDatagram(other));
    }
}

TEST_CASE("link: an invitation survives mail programs, and a broken one says what is wrong") {
    Invitation made;
    made.host = "10.1.0.2";
    made.port = 8426;
    made.fingerprint = std::string(64, 'a');
    made.token = Secret{std::string(32, 'b')};
    made.expiresAt = fromEpochMillis(1'790'000'000'000);
    const auto text = writeInvitation(made);
    CHECK(text == "causeway-link://10.1.0.2:8426/" + std::string(64, 'a') + "/" + std::string(32, 'b') + "/1790000000");
    auto read = readInvitation(" \"" + text.substr(0, 50) + "\r\n  " + text.substr(50) + "\"\n");
    REQUIRE(read);
    CHECK(read->host == "10.1.0.2");
    CHECK(read->port == 8426);
    CHECK(read->fingerprint == made.fingerprint);
    CHECK(read->token == made.token);
    CHECK(read->expiresAt == made.expiresAt);

    const auto whyOf = [](const std::string& broken) {
        const auto result = readInvitation(broken);
        return result ? std::string("read") : result.error().why;
    };
    CHECK(whyOf("http://10.1.0.2") == "It does not begin with causeway-link://.");
    CHECK(whyOf(text.substr(0, 60)) == "A part is missing, or there is too much.");
    CHECK(whyOf("causeway-link://10.1.0.2:8426/aa/bb/1") == "The fingerprint is not whole.");
    CHECK(whyOf("causeway-link://10.1.0.2/aa/bb/1") == "The port cannot be read.");
    CHECK(whyOf("causeway-link://[x]:5/aa/bb/1") == "The address of the other service cannot be read.");
    CHECK(whyOf("causeway-link://h:0/aa/bb/1") == "The port cannot be read.");
    CHECK(whyOf("causeway-link://h:5/" + std::string(64, 'a') + "/b/1") == "The token is not whole.");
    CHECK(whyOf("causeway-link://h:5/" + std::string(64, 'a') + "/" + std::string(32, 'b') + "/soon") ==
          "The end of its time cannot be read.");
    CHECK(whyOf(std::string(600, 'x')) == "It is longer than 512 characters.");
}
