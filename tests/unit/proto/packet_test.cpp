#include "shared/proto/ipmsg/packet.h"

#include <doctest/doctest.h>

#include <cctype>
#include <map>

#include "shared/base/cursor.h"
#include "tests/unit/proto/captures.h"

using namespace causeway;
using namespace causeway::ipmsg;
using causeway::test::capture;
using causeway::test::captures;

namespace {

const std::map<std::string, Mode, std::less<>> kModeNames{
    {"NOOPERATION", Mode::NoOperation},
    {"BR_ENTRY", Mode::BrEntry},
    {"BR_EXIT", Mode::BrExit},
    {"ANSENTRY", Mode::AnsEntry},
    {"BR_ABSENCE", Mode::BrAbsence},
    {"BR_ISGETLIST", Mode::BrIsGetList},
    {"OKGETLIST", Mode::OkGetList},
    {"GETLIST", Mode::GetList},
    {"ANSLIST", Mode::AnsList},
    {"BR_ISGETLIST2", Mode::BrIsGetList2},
    {"SENDMSG", Mode::SendMsg},
    {"RECVMSG", Mode::RecvMsg},
    {"READMSG", Mode::ReadMsg},
    {"GETINFO", Mode::GetInfo},
    {"SENDINFO", Mode::SendInfo},
    {"GETABSENCEINFO", Mode::GetAbsenceInfo},
    {"SENDABSENCEINFO", Mode::SendAbsenceInfo},
    {"GETFILEDATA", Mode::GetFileData},
    {"GETPUBKEY", Mode::GetPubKey},
    {"ANSPUBKEY", Mode::AnsPubKey},
    {"SEND_SIGN", Mode::IptuxSendSign},
    {"ASKSHARED", Mode::IptuxAskShared},
};

/// The first command name in a description, such as BR_ENTRY in "server BR_ENTRY|DIALUPOPT -> ...".
const Mode* namedMode(std::string_view meaning) {
    std::string word;
    for (const char c : std::string(meaning) + " ") {
        if (std::isupper(static_cast<unsigned char>(c)) != 0 || c == '_' ||
            (!word.empty() && std::isdigit(static_cast<unsigned char>(c)) != 0)) {
            word += c;
            continue;
        }
        if (const auto at = kModeNames.find(word); at != kModeNames.end()) return &at->second;
        word.clear();
    }
    return nullptr;
}

/// The first "(digits)" of a description: a whole command number or its mode.
std::optional<std::uint64_t> namedNumber(std::string_view meaning) {
    for (std::size_t at = meaning.find('('); at != std::string_view::npos; at = meaning.find('(', at + 1)) {
        const auto inside = meaning.substr(at + 1, meaning.find(')', at) - at - 1);
        if (const auto number = parseUnsigned(inside)) return number;
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("every captured classic packet has the command that its description names") {
    std::size_t checked = 0;
    std::size_t numbered = 0;
    for (const auto& one : captures()) {
        if (!one.isClassic()) continue;
        CAPTURE(one.client);
        CAPTURE(one.meaning);
        const auto packet = parsePacket(one.bytes);
        REQUIRE(packet);
        // Some later lines describe what is new in them only; they say no command.
        if (const auto* mode = namedMode(one.meaning.substr(0, one.meaning.find("->")))) {
            CHECK(packet->mode() == *mode);
            ++checked;
        }
        if (const auto number = namedNumber(one.meaning)) {
            const bool isNumber = packet->command == *number || (packet->command & 0xFFU) == *number;
            CHECK(isNumber);
            ++numbered;
        }
    }
    CHECK(checked >= 125);
    CHECK(numbered >= 45);
}

TEST_CASE("every captured classic packet is written back byte for byte, but for the final NUL") {
    for (const auto& one : captures()) {
        if (!one.isClassic()) continue;
        CAPTURE(one.meaning);
        const auto packet = parsePacket(one.bytes);
        REQUIRE(packet);
        const auto written = writePacket(*packet);
        if (one.bytes.starts_with("1:17000001114:")) continue;  // number beyond 32 bits, kept modulo 2^32
        // A sender without any NUL gets one behind the body; all else stays.
        const bool hasNul = one.bytes.find('\0') != std::string::npos;
        CHECK(written == (hasNul ? one.bytes : one.bytes + '\0'));
    }
}

TEST_CASE("a packet without a final NUL and one with it read the same") {
    const auto bare = parsePacket("1:7:ann:pc:32:hello");
    const auto ended = parsePacket(std::string("1:7:ann:pc:32:hello\0", 20));
    REQUIRE(bare);
    REQUIRE(ended);
    CHECK(bare->body == "hello");
    CHECK(ended->body == "hello");
    CHECK(bare->ext.empty());
    CHECK(ended->ext.empty());
}

TEST_CASE("the body ends at the first NUL and everything behind it is kept raw") {
    const auto packet = parsePacket(std::string("1:7:ann:pc:1:a:b\0group\0\nVS:x\0", 29));
    REQUIRE(packet);
    CHECK(packet->body == "a:b");
    CHECK(packet->ext == std::string("group\0\nVS:x\0", 12));
}

TEST_CASE("the FeiQ version field with its # parts is kept raw") {
    const auto packet = parsePacket(capture("built-feiq", "FeiQ style").bytes);
    REQUIRE(packet);
    CHECK(packet->version == "1_lbt6_0#128#5C60BA7361C6#1944#0#0#4001#9");
    CHECK(packet->user == "T0170006");
    CHECK(packet->host == "SHIKUN-SH");
    CHECK(packet->body == "ssk");
    CHECK(packet->mode() == Mode::BrEntry);
}

TEST_CASE("the iptux version field with a blank is kept raw") {
    const auto packet = parsePacket(capture("iptux-0.8.3", "BR_ENTRY|ABSENCEOPT (257)").bytes);
    REQUIRE(packet);
    CHECK(packet->version == "1_iptux 0.8.3");
    CHECK(packet->number == 1);
    CHECK(packet->has(flag::kAbsence));
    CHECK_FALSE(packet->has(flag::kDialUp));
}

TEST_CASE("a command is read modulo 2^32 with an optional minus sign") {
    struct Row {
        const char* text;
        std::uint32_t command;
    };
    for (const auto& row : {Row{"0", 0}, Row{"4294967295", 0xFFFFFFFFU}, Row{"-1", 0xFFFFFFFFU},
                            Row{"-2145386464", 0x80200020U}, Row{"2149580832", 0x80200020U}, Row{"4294967296", 0}}) {
        CAPTURE(std::string(row.text));
        const auto packet = parsePacket("1:7:ann:pc:" + std::string(row.text) + ":");
        REQUIRE(packet);
        CHECK(packet->command == row.command);
    }
}

TEST_CASE("a packet number of milliseconds is read modulo 2^32") {
    const auto packet = parsePacket("1:1700000000000:ann:pc:1:");
    REQUIRE(packet);
    CHECK(packet->number == static_cast<std::uint32_t>(1700000000000ULL));
}

TEST_CASE("bad packets are refused with the kind and the place of the trouble") {
    struct Row {
        std::string bytes;
        Code code;
        std::size_t place;
    };
    const std::string name255(255, 'n');
    const std::string name256(256, 'n');
    const std::vector<Row> rows{
        {"", Code::Truncated, 0},
        {"1", Code::Truncated, 1},
        {"1:2:3:4:5", Code::Truncated, 9},
        {"2:7:ann:pc:1:", Code::BadInput, 0},
        {"10:7:ann:pc:1:", Code::BadInput, 0},
        {":7:ann:pc:1:", Code::BadInput, 0},
        {"x1:7:ann:pc:1:", Code::BadInput, 0},
        {"-1:7:ann:pc:1:", Code::BadInput, 0},
        {"IP2:10:VER:1:3:CMD:2:14:Z", Code::BadInput, 0},
        {"1:x:ann:pc:1:", Code::BadInput, 2},
        {"1::ann:pc:1:", Code::BadInput, 2},
        {"1: 7:ann:pc:1:", Code::BadInput, 2},
        {"1:0x7:ann:pc:1:", Code::BadInput, 2},
        {"1:99999999999999999999:ann:pc:1:", Code::BadInput, 2},
        {"1:7::pc:1:", Code::BadInput, 4},
        {"1:7:ann::1:", Code::BadInput, 8},
        {"1:7:ann:pc:x:", Code::BadInput, 11},
        {"1:7:ann:pc::", Code::BadInput, 11},
        {"1:7:ann:pc:--1:", Code::BadInput, 11},
        {std::string("1:7:a\0n:pc:1:", 13), Code::BadInput, 5},
        {"1:7:ann:p\nc:1:", Code::BadInput, 9},
        {"1:7:ann:pc\a:1:", Code::BadInput, 10},
        {"1" + std::string(127, '#') + ":7:ann:pc:1:", Code::TooLong, 0},
        {"1:7:" + name256 + ":pc:1:", Code::TooLong, 4},
        {"1:7:ann:" + name256 + ":1:", Code::TooLong, 8},
        {"1:7:ann:pc:1:" + std::string(kMaxDatagram, 'x'), Code::TooLong, kMaxDatagram},
    };
    for (const auto& row : rows) {
        CAPTURE(row.bytes.substr(0, 60));
        const auto packet = parsePacket(row.bytes);
        REQUIRE_FALSE(packet);
        CHECK(std::string(codeText(packet.error().code)) == codeText(row.code));
        CHECK(packet.error().place == row.place);
        CHECK_FALSE(packet.error().what.empty());
    }
    CHECK(parsePacket("1:7:" + name255 + ":" + name255 + ":1:"));
    CHECK(parsePacket("1" + std::string(126, '#') + ":7:ann:pc:1:"));
    CHECK(parsePacket("1:7:ann:pc:1:" + std::string(kMaxDatagram - 13, 'x')));
}

TEST_CASE("forbidden bytes in user and host are replaced or dropped when a packet is written") {
    Packet packet;
    packet.number = 5;
    packet.user = "a:b\nc";
    packet.host = std::string("\0\a", 2);
    packet.command = 33;
    packet.body = "1:2";
    CHECK(writePacket(packet) == std::string("1:5:a;bc:-:33:1:2\0", 18));
    packet.user.clear();
    packet.version = "IP2";
    packet.ext = "x";
    CHECK(writePacket(packet) == std::string("1:5:-:-:33:1:2\0x", 16));
}

TEST_CASE("only datagrams that start with IP2: are dictionaries") {
    CHECK(isIpDict("IP2:7:UPT:1:0:Z"));
    CHECK_FALSE(isIpDict("IP2"));
    CHECK_FALSE(isIpDict("1:7:IP2:pc:1:"));
}
