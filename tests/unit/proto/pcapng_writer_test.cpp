#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/text.h"
#include "shared/proto/icmp/message.h"
#include "shared/proto/pcapng/writer.h"

using namespace causeway;
using namespace causeway::pcapng;

namespace {

std::uint32_t u32(std::string_view bytes, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = value << 8 | static_cast<std::uint8_t>(bytes.at(at + i));
    return value;
}
std::uint16_t u16(std::string_view bytes, std::size_t at) {
    return static_cast<std::uint16_t>(u32(std::string{bytes.substr(at, 2)} + std::string(2, '\0'), 0));
}

struct Block {
    std::uint32_t type = 0;
    std::string body;
};
/// The blocks of a file; each length stands at both ends and is a multiple of four.
std::vector<Block> blocksOf(const std::string& file) {
    std::vector<Block> blocks;
    for (std::size_t at = 0; at < file.size();) {
        const auto size = u32(file, at + 4);
        REQUIRE(size >= 12);
        REQUIRE(size % 4 == 0);
        REQUIRE(at + size <= file.size());
        REQUIRE(u32(file, at + size - 4) == size);
        blocks.push_back({u32(file, at), file.substr(at + 8, size - 12)});
        at += size;
    }
    return blocks;
}
std::string optionOf(std::string_view body, std::size_t at, std::uint16_t wanted) {
    while (at + 4 <= body.size()) {
        const auto code = u16(body, at);
        const auto size = u16(body, at + 2);
        if (code == wanted) return std::string{body.substr(at + 4, size)};
        if (code == 0) break;
        at += 4 + (size + 3U) / 4 * 4;
    }
    return "none";
}
std::string datagramOf(const Block& block) {
    return block.body.substr(20, u32(block.body, 12));
}
std::string commentOf(const Block& block) {
    return optionOf(block.body, 20 + (u32(block.body, 12) + 3) / 4 * 4, 1);
}

Packet question(std::string_view payload) {
    Packet packet;
    packet.at = std::chrono::sys_time<std::chrono::nanoseconds>{std::chrono::nanoseconds{1'700'000'000'123'456'789}};
    packet.source = *Ip4::parse("10.1.0.5");
    packet.destination = *Ip4::parse("10.2.0.11");
    packet.sourcePort = 2425;
    packet.destinationPort = 2425;
    packet.payload = payload;
    return packet;
}

}  // namespace

TEST_CASE("pcapng: a file is a section, an interface with nanoseconds, and a block a packet") {
    Writer writer{"sockets", "rebuilt"};
    REQUIRE(writer.add(question("hello")));
    const auto blocks = blocksOf(writer.file());
    REQUIRE(blocks.size() == 3);
    CHECK(blocks[0].type == 0x0A0D0D0A);
    CHECK(u32(blocks[0].body, 0) == 0x1A2B3C4D);
    CHECK(optionOf(blocks[0].body, 16, 1) == "rebuilt");
    CHECK(blocks[1].type == 1);
    CHECK(u16(blocks[1].body, 0) == 228);
    CHECK(optionOf(blocks[1].body, 8, 2) == "sockets");
    CHECK(optionOf(blocks[1].body, 8, 9) == "\x09");
    CHECK(blocks[2].type == 6);
    const auto time = std::uint64_t{u32(blocks[2].body, 4)} << 32 | u32(blocks[2].body, 8);
    CHECK(time == 1'700'000'000'123'456'789ULL);
    CHECK(commentOf(blocks[2]) == "none");
    CHECK(writer.packets() == 1);
}

TEST_CASE("pcapng: IP and UDP headers are rebuilt with right checksums, odd payloads too") {
    for (const auto* payload : {"", "a", "ab", "abc"}) {
        Writer writer{"sockets", ""};
        auto packet = question(payload);
        packet.ttl = 7;
        packet.isDontFragment = true;
        REQUIRE(writer.add(packet));
        const auto datagram = datagramOf(blocksOf(writer.file()).back());
        CHECK(datagram.size() == 28 + std::string{payload}.size());
        CHECK(icmp::checksum(datagram.substr(0, 20)) == 0);
        CHECK(datagram[8] == '\x07');
        CHECK(datagram[6] == '\x40');
        CHECK(datagram.substr(28) == payload);
        const auto size = datagram.size() - 20;
        // Pseudo header, then UDP: the sum of all is right if it comes out as 0.
        const auto pseudo = datagram.substr(12, 8) + std::string{"\0\x11\0", 3} + static_cast<char>(size);
        CHECK(icmp::checksum(pseudo + datagram.substr(20)) == 0);
    }
}

TEST_CASE("pcapng: a UDP checksum that comes out as 0 is written as FFFF, for 0 means 'none'") {
    const auto checksumOf = [](std::string_view payload) {
        Writer writer{"", ""};
        REQUIRE(writer.add(question(payload)));
        return datagramOf(blocksOf(writer.file()).back()).substr(26, 2);
    };
    // With its own checksum as payload the sum becomes FFFF, whose complement is 0.
    CHECK(checksumOf(checksumOf(std::string(2, '\0'))) == "\xff\xff");
}

TEST_CASE("pcapng: TCP and ICMP are rebuilt with right checksums") {
    Writer writer{"sockets", ""};
    auto syn = question("");
    syn.transport = Transport::Tcp;
    syn.tcpFlags = kSyn;
    syn.tcpSequence = 0x01020304;
    REQUIRE(writer.add(syn));
    auto echo = question("abc");
    echo.transport = Transport::Icmp;
    echo.icmpType = 8;
    echo.icmpRest = 0x12340007;
    echo.flow = Flow::In;
    REQUIRE(writer.add(echo));
    const auto blocks = blocksOf(writer.file());
    const auto tcp = datagramOf(blocks[2]);
    CHECK(tcp.size() == 40);
    CHECK(tcp[33] == '\x02');
    CHECK(icmp::checksum(tcp.substr(12, 8) + std::string{"\0\x06\0\x14", 4} + tcp.substr(20)) == 0);
    const auto message = icmp::parseMessage(std::string_view{datagramOf(blocks[3])}.substr(20));
    REQUIRE(message);
    CHECK(message->isChecksumRight);
    CHECK(message->echoIdentifier == 0x1234);
    CHECK(message->echoSequence == 7);
    CHECK(optionOf(blocks[2].body, 20 + 40, 2) == std::string{"\x02\0\0\0", 4});
    CHECK(optionOf(blocks[3].body, 20 + 32, 2) == std::string{"\x01\0\0\0", 4});
}

TEST_CASE("pcapng: comments are clean, whole characters, and not longer than allowed") {
    Limits limits;
    limits.commentBytes = 10;
    Writer writer{"sockets\n\xff", "", limits};
    auto packet = question("x");
    packet.comment = "bad\n\x1b\xff";
    REQUIRE(writer.add(packet));
    packet.comment = "123456789\xc3\xa9xyz";
    REQUIRE(writer.add(packet));
    const auto blocks = blocksOf(writer.file());
    CHECK(isValidUtf8(optionOf(blocks[1].body, 8, 2)));
    const auto first = commentOf(blocks[2]);
    CHECK(isValidUtf8(first));
    CHECK(first.find('\n') == std::string::npos);
    CHECK(first.find('\x1b') == std::string::npos);
    CHECK(first.size() <= 10);
    CHECK(isValidUtf8(commentOf(blocks[3])));
    CHECK(commentOf(blocks[3]).starts_with("123456789"));
    CHECK(commentOf(blocks[3]).size() <= 12);
}

TEST_CASE("pcapng: what does not fit is refused and leaves the file as it was") {
    Limits limits;
    limits.fileBytes = 600;
    Writer writer{"sockets", "", limits};
    REQUIRE(writer.add(question(std::string(100, 'a'))));
    const auto before = writer.file();
    const auto full = writer.add(question(std::string(500, 'b')));
    REQUIRE_FALSE(full);
    CHECK(full.error().code == Code::TooLong);
    CHECK(writer.file() == before);
    CHECK(writer.packets() == 1);

    Writer large{"sockets", ""};
    CHECK(large.add(question(std::string(65507, 'c'))));
    CHECK(large.add(question(std::string(65508, 'c'))).error().code == Code::BadInput);
    auto old = question("x");
    old.at -= std::chrono::hours{24 * 365 * 100};
    CHECK(large.add(old).error().code == Code::BadInput);
    CHECK(blocksOf(large.file()).size() == 3);
}

TEST_CASE("pcapng: a packet longer than the snap length is cut and says how long it was") {
    Limits limits;
    limits.snapBytes = 64;
    Writer writer{"sockets", "", limits};
    REQUIRE(writer.add(question(std::string(1000, 'a'))));
    const auto block = blocksOf(writer.file()).back();
    CHECK(u32(block.body, 12) == 64);
    CHECK(u32(block.body, 16) == 1028);
}
