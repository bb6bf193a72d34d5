#include "shared/proto/ipmsg/entry.h"

#include <doctest/doctest.h>

#include "shared/base/text.h"
#include "shared/proto/ipmsg/ipdict.h"
#include "tests/unit/proto/captures.h"

using namespace causeway;
using namespace causeway::ipmsg;
using causeway::test::capture;
using causeway::test::captures;

namespace {

Entry entryOf(const std::string& datagram, std::string_view charset = "cp932") {
    const auto packet = parsePacket(datagram);
    REQUIRE(packet);
    auto entry = readEntry(*packet, charset);
    REQUIRE(entry);
    return *entry;
}

Packet packetOf(const std::string& datagram) {
    const auto packet = parsePacket(datagram);
    REQUIRE(packet);
    return *packet;
}

bool isEntry(const std::string& datagram) {
    const auto packet = parsePacket(datagram);
    return packet && (packet->command & 0xFFU) <= 4;
}

/// A literal with NULs in it.
template <std::size_t N>
std::string bytes(const char (&text)[N]) {
    return {text, N - 1};
}

}  // namespace

TEST_CASE("captured entry packets say who their senders are") {
    struct Row {
        const char* client;
        const char* meaning;
        const char* user;
        const char* host;
        const char* nick;
        const char* group;
        const char* versionLine;
        bool isIptux;
        bool isAbsent;
        std::uint32_t flags;
    };
    constexpr std::uint32_t kWin = 0x0F640000;
    const char* const kTaro = "taro-<3ad520c2bb732945>";
    const char* const kVs = "00010002:4:99:103";
    const std::vector<Row> rows{
        {"iptux-0.8.3", "BR_ENTRY|ABSENCEOPT (257)", "root", "pc-Alice", "Alice", "Sales", "", true, false, 0x100},
        {"iptux-0.8.3", "BR_ENTRY|ABSENCEOPT|DIALUPOPT (65793)", "root", "pc-Carl", "Carl", "Sales", "", true, false,
         0x10100},
        {"iptux-0.8.3", "ANSENTRY|ABSENCEOPT (259)", "root", "pc-Alice", "Alice", "Sales", "", true, false, 0x100},
        {"iptux-0.8.3", "BR_ABSENCE|ABSENCEOPT (260)", "root", "pc-Eve", "Evelyn", "Sales", "", true, false, 0x100},
        {"iptux-0.8.3", "BR_EXIT|DIALUPOPT (65538)", "root", "pc-Carl", "", "", "", false, false, 0x10000},
        {"stimulus", "Windows style BR_ENTRY", "bob", "PC-BOB", "Bob", "Support", "00010002:5:6:18", false, false,
         0x01600000},
        {"stimulus", "BR_ENTRY|DIALUPOPT unicast", "xena", "PC-XENA", "Xena", "Remote", "", false, false, 0x10000},
        {"stimulus", "NOOPERATION (0)", "bob", "PC-BOB", "100004", "", "", false, false, 0},
        {"stimulus", "BR_ENTRY with CP932 nickname only", "yamada", "PC-YAMADA", "山田", "営業", "", false, false, 0},
        {"stimulus", "BR_ENTRY with CP932 nickname plus", "yamada", "PC-YAMADA", "山田", "営業", "00010002:5:6:18",
         false, false, 0x01600000},
        {"stimulus", "BR_ENTRY with UTF-8 nickname", "yamada", "PC-YAMADA", "山田", "営業", "", false, false,
         0x01000000},
        {"built-win499", "NOOPERATION with full", "taro", "PC-TARO", "Taro", "Sales", kVs, false, false, kWin},
        {"built-win499", "BR_ENTRY with all", "taro", "PC-TARO", "Taro", "Sales", kVs, false, false, kWin},
        {"built-win499", "BR_ENTRY, no group, CP932", "yamada", "PC-YAMADA", "山田", "", kVs, false, false, kWin},
        {"built-win499", "ANSENTRY to a peer", "taro", "PC-TARO", "Taro", "Sales", kVs, false, false, kWin},
        {"built-win499", "BR_ABSENCE with", "taro", "PC-TARO", "Taro[Lunch]", "Sales", kVs, false, true, kWin | 0x100},
        {"built-feiq", "FeiQ style", "T0170006", "SHIKUN-SH", "ssk", "", "", false, false, 6291457 & 0xFFFFFF00},
        {"win-4.99", "NOOPERATION at start", kTaro, "PC-TARO", "taro", "", kVs, false, false, kWin},
        {"win-4.99", "BR_ENTRY (258211841)", kTaro, "PC-TARO", "taro", "", kVs, false, false, kWin},
        {"win-4.99", "ANSENTRY (266600451)", kTaro, "PC-TARO", "taro", "", kVs, false, false, kWin},
        {"win-4.99", "ANSENTRY (258211843", kTaro, "PC-TARO", "taro", "", kVs, false, false, kWin},
        {"win-4.99", "BR_ABSENCE broadcast", kTaro, "PC-TARO", "taro[meal]", "", kVs, false, true, kWin | 0x100},
        {"win-4.99", "BR_EXIT at quit", kTaro, "PC-TARO", "taro", "", kVs, false, false, kWin},
        {"win-4.99", "BR_ENTRY of the second", "hana-<5192bdb548033e22>", "PC-HANA", "hana", "", kVs, false, false,
         kWin},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.client));
        CAPTURE(std::string(row.meaning));
        const auto entry = entryOf(capture(row.client, row.meaning).bytes);
        CHECK(entry.user == row.user);
        CHECK(entry.host == row.host);
        CHECK(entry.nick == row.nick);
        CHECK(entry.group == row.group);
        CHECK(entry.versionLine == row.versionLine);
        CHECK(entry.isIptuxLayout == row.isIptux);
        CHECK(entry.isAbsent == row.isAbsent);
        CHECK(entry.flags == row.flags);
        CHECK(entry.icon == (row.isIptux ? "icon-tux.png" : ""));
    }
}

TEST_CASE("the IP line tells the configured master, the agent's broadcast and the master's start") {
    struct Row {
        const char* client;
        const char* meaning;
        std::optional<Ip4> master;
        bool onBehalf;
        bool started;
    };
    const std::vector<Row> rows{
        {"win-4.99", "BR_ENTRY (258211841)", std::nullopt, false, false},
        {"win-4.99", "NOOPERATION by unicast to the configured master", Ip4::parse("192.168.71.2"), false, false},
        {"win-4.99", "BR_ENTRY by unicast to the configured master", Ip4::parse("192.168.71.2"), false, false},
        {"win-4.99", "BR_ENTRY broadcast on behalf of the master", Ip4::parse("192.168.71.2"), true, false},
        {"stimulus-win", "BR_ENTRY of the configured master with IP: line UPT=0", std::nullopt, false, true},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.meaning));
        const auto entry = entryOf(capture(row.client, row.meaning).bytes);
        CHECK(entry.configuredMaster == row.master);
        CHECK(entry.onBehalfOfMaster == row.onBehalf);
        CHECK(entry.masterStarted == row.started);
    }
    CHECK(entryOf(capture("built-win499", "BR_ENTRY of a client that has a member master").bytes).configuredMaster);
}

TEST_CASE("a broken IP line is as good as none") {
    for (const char* line : {"IP:", "IP:####", "IP:AAAA", "IP:SVAyOjc6VVBUOjE6MDpaAA==", "IP:SVAyOjc6"}) {
        CAPTURE(std::string(line));
        const auto entry = entryOf(bytes("1:7:ann:pc:16777217:Ann\0G\0\n") + line);
        CHECK_FALSE(entry.configuredMaster);
        CHECK_FALSE(entry.masterStarted);
        CHECK(entry.nick == "Ann");
    }
}

TEST_CASE("lines win over the classic fields only if the sender understands UTF-8") {
    const auto lines = bytes("\0G\0\nUN:user2\nHN:host2\nNN:Nick2\nGN:Group2\nVS:00010002:5:6:118");
    const auto capable = entryOf("1:7:user1:host1:16777217:Nick1" + lines);
    CHECK(capable.user == "user2");
    CHECK(capable.host == "host2");
    CHECK(capable.nick == "Nick2");
    CHECK(capable.group == "Group2");
    const auto old = entryOf("1:7:user1:host1:1:Nick1" + lines);
    CHECK(old.user == "user1");
    CHECK(old.host == "host1");
    CHECK(old.nick == "Nick1");
    CHECK(old.group == "G");
    CHECK(old.versionLine == "00010002:5:6:118");
}

TEST_CASE("odd bodies are read as far as they go") {
    struct Row {
        const char* what;
        std::string tail;
        const char* nick;
        const char* group;
        const char* versionLine;
    };
    const std::vector<Row> rows{
        {"nothing", "", "", "", ""},
        {"only NULs", bytes("\0\0\0\0"), "", "", ""},
        {"no group, lines behind the first NUL", bytes("Ann\0\nVS:1:2:3:4"), "Ann", "", "1:2:3:4"},
        {"lines in any order, one twice", bytes("Ann\0G\0\nGN:H\nVS:1\nVS:2\nNN:B"), "B", "H", "2"},
        {"empty nickname line keeps the classic one", bytes("Ann\0G\0\nNN:\nGN:"), "Ann", "", ""},
        {"unknown lines", bytes("Ann\0G\0\nPL:1\nXX:y\nnonsense\n:\nVS"), "Ann", "G", ""},
        {"a NUL behind the lines", bytes("Ann\0G\0\nVS:1:2:3:4\0junk"), "Ann", "G", "1:2:3:4"},
        {"group without NUL", bytes("Ann\0Group"), "Ann", "Group", ""},
        {"third part, not iptux", bytes("Ann\0G\0icon\0latin1\0"), "Ann", "G", ""},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.what));
        const auto entry = entryOf("1:7:ann:pc:16777217:" + row.tail);
        CHECK(entry.nick == row.nick);
        CHECK(entry.group == row.group);
        CHECK(entry.versionLine == row.versionLine);
        CHECK_FALSE(entry.isIptuxLayout);
    }
}

TEST_CASE("names are cut to 79 bytes at a character border, the version line to 39") {
    std::string nick;
    for (int i = 0; i < 40; ++i)
        nick += "山";
    const auto entry = entryOf("1:7:" + std::string(200, 'u') + ":" + std::string(200, 'h') + ":25165825:" + nick +
                               bytes("\0") + std::string(200, 'g') + bytes("\0\nVS:") + std::string(60, '1'));
    CHECK(entry.user.size() == 79);
    CHECK(entry.host.size() == 79);
    CHECK(entry.nick.size() == 78);
    CHECK(isValidUtf8(entry.nick));
    CHECK(entry.group.size() == 79);
    CHECK(entry.versionLine.size() == 39);
}

TEST_CASE("one user has one spelling whether his name comes from the field or from the line") {
    const auto broadcast = entryOf(bytes("1:7:a;b:pc;1:16777217:Ann\0\0\nUN:a:b\nHN:pc:1\nNN:Ann"));
    const auto answer = entryOf(bytes("1:8:a;b:pc;1:16777219:Ann\0\0\nVS:00010002:5:6:118"));
    CHECK(broadcast.user == answer.user);
    CHECK(broadcast.host == answer.host);
}

TEST_CASE("packets that are no entry are refused") {
    for (const char* command : {"5", "16", "19", "24", "32", "33", "64", "255"}) {
        CAPTURE(std::string(command));
        const auto packet = parsePacket("1:7:ann:pc:" + std::string(command) + ":x");
        REQUIRE(packet);
        const auto entry = readEntry(*packet, "cp932");
        REQUIRE_FALSE(entry);
        CHECK(entry.error().code == Code::BadInput);
    }
}

TEST_CASE("an introduction of an ASCII client is byte for byte what the client sent itself") {
    struct Row {
        const char* client;
        const char* meaning;
    };
    for (const auto& row : {Row{"iptux-0.8.3", "BR_ENTRY|ABSENCEOPT (257)"}, Row{"iptux-0.8.3", "ANSENTRY (259) iptux"},
                            Row{"win-4.99", "BR_ENTRY (258211841)"}, Row{"win-4.99", "BR_EXIT at quit"},
                            Row{"win-4.99", "ANSENTRY (258211843"}, Row{"stimulus-win", "BR_ENTRY from the other"},
                            Row{"built-win499", "BR_ENTRY with all"}}) {
        CAPTURE(std::string(row.meaning));
        const auto& sent = capture(row.client, row.meaning).bytes;
        const auto packet = packetOf(sent);
        CHECK(introductionPacket(entryOf(sent), packet.mode(), packet.number) == sent);
    }
}

TEST_CASE("every captured entry can be introduced and is then read as the same user") {
    std::size_t checked = 0;
    for (const auto& one : captures()) {
        if (!one.isClassic() || !isEntry(one.bytes)) continue;
        CAPTURE(one.meaning);
        auto entry = entryOf(one.bytes);
        for (const auto mode : {Mode::BrEntry, Mode::AnsEntry}) {
            const auto sent = introductionPacket(entry, mode, 77);
            const auto packet = packetOf(sent);
            CHECK(packet.mode() == mode);
            CHECK(packet.number == 77);
            // A wrong legacy code page must not matter: introductions are UTF-8.
            const auto again = entryOf(sent, "gbk");
            CHECK(again.user == entry.user);
            CHECK(again.host == entry.host);
            CHECK(again.nick == entry.nick);
            CHECK(again.group == entry.group);
            CHECK(again.versionLine == entry.versionLine);
            CHECK(again.versionField == entry.versionField);
            CHECK(again.isIptuxLayout == entry.isIptuxLayout);
            CHECK(again.icon == entry.icon);
            CHECK(again.flags == entry.flags);
        }
        ++checked;
    }
    CHECK(checked > 60);
}

TEST_CASE("an introduction with names beyond ASCII carries them as UTF-8 in the classic fields and says so") {
    const auto entry = entryOf(capture("built-win499", "BR_ENTRY, no group, CP932").bytes);
    const auto packet = packetOf(introductionPacket(entry, Mode::BrEntry, 9));
    CHECK(packet.has(flag::kUtf8));
    CHECK(packet.body == "山田");
    auto iptux = entryOf(capture("iptux-0.8.3", "BR_ENTRY|ABSENCEOPT (257)").bytes);
    iptux.nick = "Zoë";
    const auto shown = packetOf(introductionPacket(iptux, Mode::AnsEntry, 9));
    CHECK(shown.body == "Zoë");
    CHECK(shown.ext == bytes("Sales\0icon-tux.png\0utf-8\0"));
    CHECK(shown.version == "1_iptux 0.8.3");
    CHECK(shown.has(flag::kUtf8));
}

TEST_CASE("taking an iptux user back sends the empty body that iptux itself sends") {
    const auto entry = entryOf(capture("iptux-0.8.3", "BR_ENTRY|ABSENCEOPT (257)").bytes);
    const auto packet = packetOf(introductionPacket(entry, Mode::BrExit, 9));
    CHECK(packet.mode() == Mode::BrExit);
    CHECK(packet.body.empty());
    CHECK(packet.ext.empty());
}

TEST_CASE("the Windows body has ASCII classic fields or UTF-8 ones, and UTF-8 lines") {
    Entry entry;
    entry.user = "yamada";
    entry.host = "PC";
    entry.nick = "山田 T";
    entry.group = "営業";
    entry.versionLine = "00010002:5:6:118";
    const auto lines = bytes("\0\nUN:yamada\nHN:PC\nNN:山田 T\nGN:営業\nVS:00010002:5:6:118");
    const auto ascii = windowsEntryBody(entry, false);
    CHECK(ascii.body == "?? T");
    CHECK(ascii.ext == "??" + lines);
    const auto utf8 = windowsEntryBody(entry, true);
    CHECK(utf8.body == "山田 T");
    CHECK(utf8.ext == "営業" + lines);
    entry.nick = "a\nVS:9";
    CHECK(windowsEntryBody(entry, true).body == "a VS:9");
}

TEST_CASE("the iptux body has four parts, each with its NUL") {
    Entry entry;
    entry.nick = "Ann";
    entry.group = "Sales";
    const auto body = iptuxEntryBody(entry);
    CHECK(body.body == "Ann");
    CHECK(body.ext == bytes("Sales\0icon-tux.png\0utf-8\0"));
}

TEST_CASE("the kind and text of a client come from its version field, version line or information text") {
    struct Row {
        const char* field;
        const char* line;
        const char* info;
        ClientKind kind;
        const char* text;
    };
    const std::vector<Row> rows{
        {"1_iptux 0.8.3", "", "", ClientKind::Iptux, "iptux 0.8.3"},
        {"1_iptux 0.9.4", "00010002:4:99:103", "", ClientKind::Iptux, "iptux 0.9.4"},
        {"1_lbt6_0#128#5C60BA7361C6#1944#0#0#4001#9", "", "", ClientKind::Feiq, "FeiQ (lbt6_0)"},
        {"1_lbt4_36#128#000000000000#1676#0#0", "", "", ClientKind::Feiq, "FeiQ (lbt4_36)"},
        {"1_causeway 0.1.0", "", "", ClientKind::Causeway, "Causeway 0.1.0"},
        {"1", "00010002:4:99:103", "", ClientKind::Windows, "IP Messenger 4.99r3 (Windows 64-bit)"},
        {"1", "00010001:3:0:100", "", ClientKind::Windows, "IP Messenger 3.0 (Windows 32-bit)"},
        {"1", "00010002:5:6:118", "", ClientKind::Windows, "IP Messenger 5.6r18 (Windows 64-bit)"},
        {"1", "00010002:5:0:52", "", ClientKind::Windows, "IP Messenger 5.0b2 (Windows 64-bit)"},
        {"1", "00010002:5:0:3", "", ClientKind::Windows, "IP Messenger 5.0a3 (Windows 64-bit)"},
        {"1", "00010009:5:0:100", "", ClientKind::Windows, "IP Messenger 5.0 (Windows)"},
        {"1", "00020000:1:0:100", "", ClientKind::Mac, "IP Messenger 1.0 (Mac)"},
        {"1", "00030000:1:2:101", "", ClientKind::Mobile, "IP Messenger 1.2r1 (iOS)"},
        {"1", "00040000:1:2:101", "", ClientKind::Mobile, "IP Messenger 1.2r1 (Android)"},
        {"1", "00990000:1:2:101", "", ClientKind::Other, "IP Messenger 1.2r1"},
        {"1", "00010002:4:99:103", "Win(en)Ver4.99r3(x64)", ClientKind::Windows,
         "IP Messenger 4.99r3 (Windows 64-bit)"},
        {"1", "", "Win(en)Ver4.99r3(x64)", ClientKind::Windows, "IP Messenger 4.99r3 (Windows 64-bit)"},
        {"1", "", "Win32Ver2.06", ClientKind::Windows, "IP Messenger 2.06 (Windows)"},
        {"1", "", "WindowsThing", ClientKind::Windows, "WindowsThing"},
        {"1", "", "IPMessenger for macOS 3.1", ClientKind::Mac, "IPMessenger for macOS 3.1"},
        {"1", "", "IPMsg for Android 2", ClientKind::Mobile, "IPMsg for Android 2"},
        {"1", "", "g2ipmsg 0.9", ClientKind::Other, "g2ipmsg 0.9"},
        {"1", "not a version", "", ClientKind::Unknown, ""},
        {"1_other 2", "", "", ClientKind::Other, "other 2"},
        {"1", "", "", ClientKind::Unknown, ""},
        {"", "", "", ClientKind::Unknown, ""},
        {"1_\xff\x01x", "", "", ClientKind::Other, "\uFFFD x"},
    };
    for (const auto& row : rows) {
        CAPTURE(std::string(row.field));
        CAPTURE(std::string(row.line));
        CAPTURE(std::string(row.info));
        const auto info = classifyClient(row.field, row.line, row.info);
        CHECK(info.kind == row.kind);
        CHECK(info.text == row.text);
    }
    CHECK(classifyClient("1_" + std::string(120, 'x'), "", "").text.size() <= 60);
}

TEST_CASE("every captured client is recognised as the program that sent the packet") {
    for (const auto& one : captures()) {
        if (!one.isClassic() || !isEntry(one.bytes)) continue;
        CAPTURE(one.meaning);
        const auto entry = entryOf(one.bytes);
        const auto kind = classifyClient(entry.versionField, entry.versionLine, "").kind;
        if (one.client == "iptux-0.8.3") CHECK(kind == ClientKind::Iptux);
        if (one.client == "win-4.99" || one.client == "built-win499") CHECK(kind == ClientKind::Windows);
        if (one.client == "built-feiq") CHECK(kind == ClientKind::Feiq);
    }
}

TEST_CASE("only a whole fingerprint at the end of a name counts") {
    struct Row {
        const char* user;
        const char* name;
        const char* digits;
    };
    for (const auto& row : {Row{"taro-<3ad520c2bb732945>", "taro", "3ad520c2bb732945"}, Row{"taro", "taro", ""},
                            Row{"a-b-<3AD520C2BB732945>", "a-b", "3AD520C2BB732945"},
                            Row{"taro-<3ad520c2bb73294>", "taro-<3ad520c2bb73294>", ""},
                            Row{"taro-<3ad520c2bb73294g>", "taro-<3ad520c2bb73294g>", ""},
                            Row{"taro-<3ad520c2bb732945> ", "taro-<3ad520c2bb732945> ", ""},
                            Row{"-<3ad520c2bb732945>", "-<3ad520c2bb732945>", ""}, Row{"", "", ""}}) {
        CAPTURE(std::string(row.user));
        CHECK(withoutFingerprint(row.user) == row.name);
        CHECK(fingerprintOf(row.user) == row.digits);
    }
}
