#include <doctest/doctest.h>

#include <array>
#include <string>

#include "shared/base/text.h"
#include "shared/proto/icmp/message.h"

using namespace causeway;
using namespace causeway::icmp;

namespace {

std::string bytes(std::string_view hex) {
    std::string joined;
    for (const char c : hex)
        if (c != ' ') joined += c;
    return *parseHex(joined);
}

/// As a Linux router sends it for a UDP packet 10.1.0.5:2425 -> 10.2.0.11:2425 (ttl 1 left, don't fragment).
std::string error(std::string_view head, std::string_view transport = "0979 0979 0014 beef") {
    auto out = bytes(std::string{head} + "4500 0028 1a2b 4000 01 11 0000 0a010005 0a02000b" + std::string{transport});
    const auto sum = checksum(out);
    out[2] = static_cast<char>(sum >> 8);
    out[3] = static_cast<char>(sum & 0xFF);
    return out;
}

const Ip4 kOurs = *Ip4::parse("10.1.0.5");
const Ip4 kTheirs = *Ip4::parse("10.2.0.11");

}  // namespace

TEST_CASE("icmp: an error quotes addresses, ports and what was left of the packet") {
    const auto message = parseMessage(error("030d 0000 00000000"));
    REQUIRE(message);
    CHECK(message->type == kUnreachable);
    CHECK(message->code == 13);
    CHECK(message->isChecksumRight);
    CHECK_FALSE(message->mtu);
    REQUIRE(message->quote);
    CHECK(message->quote->source == kOurs);
    CHECK(message->quote->destination == kTheirs);
    CHECK(message->quote->protocol == 17);
    CHECK(message->quote->ttl == 1);
    CHECK(message->quote->totalLength == 40);
    CHECK(message->quote->identification == 0x1a2b);
    CHECK(message->quote->isDontFragment);
    CHECK(message->quote->sourcePort == 2425);
    CHECK(message->quote->destinationPort == 2425);
}

TEST_CASE("icmp: only an error about our own packet is ours") {
    const auto message = parseMessage(error("0b00 0000 00000000"));
    REQUIRE(message);
    CHECK(message->isAbout(17, kOurs, 2425, kTheirs, 2425));
    CHECK_FALSE(message->isAbout(6, kOurs, 2425, kTheirs, 2425));
    CHECK_FALSE(message->isAbout(17, kTheirs, 2425, kTheirs, 2425));
    CHECK_FALSE(message->isAbout(17, kOurs, 2426, kTheirs, 2425));
    CHECK_FALSE(message->isAbout(17, kOurs, 2425, kOurs, 2425));
    CHECK_FALSE(message->isAbout(17, kOurs, 2425, kTheirs, 2426));
    CHECK_FALSE(Message{}.isAbout(17, kOurs, 2425, kTheirs, 2425));
}

TEST_CASE("icmp: fragmentation needed carries the MTU, and only that code does") {
    CHECK(parseMessage(error("0304 0000 0000 0578"))->mtu == 1400);
    CHECK(parseMessage(error("0304 0000 0000 0000"))->mtu == 0);
    CHECK_FALSE(parseMessage(error("0301 0000 0000 0578"))->mtu);
}

TEST_CASE("icmp: later fragments have no ports") {
    auto message = error("0b01 0000 00000000");
    message[8 + 6] = '\x00';
    message[8 + 7] = '\x10';  // offset 128 bytes
    const auto parsed = parseMessage(message);
    REQUIRE(parsed);
    CHECK_FALSE(parsed->quote->sourcePort);
    CHECK_FALSE(parsed->isChecksumRight);
}

TEST_CASE("icmp: options of the quoted header are skipped") {
    auto message = bytes(
        "0300 0000 00000000 4700 0030 1a2b 0000 40 06 0000 0a010005 0a02000b 01010101 01010101 c000 0979 00000001");
    const auto parsed = parseMessage(message);
    REQUIRE(parsed);
    CHECK(parsed->quote->sourcePort == 0xc000);
    CHECK(parsed->quote->destinationPort == 2425);
}

TEST_CASE("icmp: a quoted echo names its question") {
    const auto parsed =
        parseMessage(bytes("0b00 0000 00000000 4500 0054 0001 4000 01 01 0000 0a010005 0a02000b 0800 0000 1234 0007"));
    REQUIRE(parsed);
    CHECK(parsed->quote->echoIdentifier == 0x1234);
    CHECK(parsed->quote->echoSequence == 7);
    CHECK_FALSE(parsed->quote->sourcePort);
}

TEST_CASE("icmp: an echo request reads back, its reply keeps identifier, number and payload") {
    auto echo = writeEchoRequest(0xbeef, 3, "odd");
    CHECK(checksum(echo) == 0);
    const auto request = parseMessage(echo);
    REQUIRE(request);
    CHECK(request->type == kEchoRequest);
    CHECK(request->isChecksumRight);
    CHECK(request->echoIdentifier == 0xbeef);
    CHECK(request->echoSequence == 3);
    CHECK(request->payload == "odd");
    CHECK(writeEchoRequest(0, 0, std::string(70000, 'x')).size() == 65515);
}

// The example of RFC 1071 3: the sum of these is ddf2.
TEST_CASE("icmp: the checksum is the one of RFC 1071") {
    CHECK(checksum(bytes("0001 f203 f4f5 f6f7")) == 0x220d);
    CHECK(checksum("") == 0xFFFF);
}

TEST_CASE("icmp: whatever is cut short or no IPv4 is refused with its kind") {
    const auto whole = error("0300 0000 00000000");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        const auto cut = parseMessage(whole.substr(0, size));
        REQUIRE_FALSE(cut);
        CHECK(cut.error().code == Code::Truncated);
    }
    CHECK(parseMessage(whole));
    auto six = whole;
    six[8] = '\x60';
    CHECK(parseMessage(six).error().code == Code::BadInput);
    six[8] = '\x44';  // a header of 16 bytes
    CHECK(parseMessage(six).error().code == Code::BadInput);
    CHECK(parseMessage(std::string(65536, '\0')).error().code == Code::TooLong);
    CHECK(parseMessage(std::string("\x0d\0\0\0\0\0\0\0", 8)));  // a type that we do not know is only itself
}

TEST_CASE("icmp: a raw socket's packet gives the sender and its time to live") {
    const auto packet = bytes("4500 0038 0000 0000 3f 01 0000 0a010001 0a010005") + error("0303 0000 00000000");
    Ip4 from;
    std::uint8_t ttl = 0;
    const auto message = parsePacket(packet, from, ttl);
    REQUIRE(message);
    CHECK(message->quote->destination == kTheirs);
    CHECK(from == *Ip4::parse("10.1.0.1"));
    CHECK(ttl == 63);
    auto udp = packet;
    udp[9] = '\x11';
    CHECK(parsePacket(udp, from, ttl).error().code == Code::BadInput);
    CHECK(parsePacket(packet.substr(0, 19), from, ttl).error().code == Code::Truncated);
}
