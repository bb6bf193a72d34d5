#include "shared/proto/ipmsg/ipdict.h"

#include <doctest/doctest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "shared/base/text.h"
#include "shared/proto/ipmsg/entry.h"
#include "shared/proto/ipmsg/packet.h"
#include "tests/unit/proto/captures.h"

using namespace causeway;
using namespace causeway::ipmsg;
using causeway::test::capture;
using causeway::test::captures;

namespace {

const SigningKey& testKey() {
    static const SigningKey key = [] {
        auto made = SigningKey::generate();
        REQUIRE(made);
        return *made;
    }();
    return key;
}

DictSender server() {
    return {"chatsrv-<" + testKey().fingerprint() + ">",
            "SERVER",
            "Chat Server",
            "Servers",
            0x13410000,
            "00020000:1:0:100"};
}

DictListItem person(int n) {
    DictListItem item;
    item.who.user = "user" + std::to_string(n);
    item.who.host = "PC-" + std::to_string(n);
    item.who.status = 0x01210000;
    item.who.address = Ip4{0x0A010000U + static_cast<std::uint32_t>(n)};
    item.who.nick = n % 3 == 0 ? "" : "山田 " + std::to_string(n);
    item.who.group = "Group";
    item.isPresent = n % 5 != 0;
    return item;
}

std::vector<DictListItem> people(int count) {
    std::vector<DictListItem> out;
    for (int n = 1; n <= count; ++n)
        out.push_back(person(n));
    return out;
}

/// A folder that goes with the test.
class TempFolder {
public:
    TempFolder() {
        auto pattern = (std::filesystem::temp_directory_path() / "causeway-test-XXXXXX").string();
        REQUIRE(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string file(const char* name) const { return (path_ / name).string(); }
    void write(const char* name, std::string_view bytes) const {
        std::ofstream out{path_ / name, std::ios::binary};
        out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        REQUIRE(out.good());
    }

private:
    std::filesystem::path path_;
};

/// One hand-made stimulus has a wrong length in its header; it was sent to see iptux misread it.
bool isWellFormedDict(const test::Capture& one) {
    return one.isDict() && !one.meaning.starts_with("IPDict packet from a fresh address");
}

int run(const std::string& command) {
    const int status = std::system((command + " >/dev/null 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("every captured dictionary is read and rebuilt byte for byte") {
    std::size_t checked = 0;
    for (const auto& one : captures()) {
        if (!isWellFormedDict(one)) continue;
        CAPTURE(one.meaning);
        const auto dict = parseDictPacket(one.bytes);
        REQUIRE(dict);
        CHECK(dict->packet() == one.bytes);
        ++checked;
    }
    CHECK(checked == 32);
}

TEST_CASE("captured signatures are good unless their description says otherwise") {
    std::size_t good = 0;
    for (const auto& one : captures()) {
        if (!isWellFormedDict(one)) continue;
        CAPTURE(one.client);
        CAPTURE(one.meaning);
        const auto dict = parseDictPacket(one.bytes);
        REQUIRE(dict);
        const auto isSaid = [&](const char* words) { return one.meaning.find(words) != std::string::npos; };
        const bool isExpected =
            dict->text("SIGN") && !isSaid("one bit of SIGN") && !isSaid("key, which does not match");
        const auto verified = verifySignedPacket(one.bytes);
        CHECK_MESSAGE(verified.has_value() == isExpected, (verified ? "" : verified.error().text()));
        if (verified) ++good;
    }
    CHECK(good == 21);
}

TEST_CASE("packets wrapped in captured packets verify too") {
    std::size_t wrapped = 0;
    for (const auto& one : captures()) {
        if (!isWellFormedDict(one)) continue;
        CAPTURE(one.meaning);
        auto outer = parseDictPacket(one.bytes);
        REQUIRE(outer);
        while (outer->text("WAPD")) {
            const auto inner = outer->dict("WAPD");
            REQUIRE(inner);
            CHECK(verifySignedPacket(inner->packet()));
            outer = inner;
            ++wrapped;
        }
    }
    CHECK(wrapped == 9);
}

TEST_CASE("the fingerprint in a real client's name is the one of its real key") {
    const auto packet = parsePacket(capture("win-4.99", "ANSPUBKEY").bytes);
    REQUIRE(packet);
    const auto modulus = parseHex(std::string_view{packet->body}.substr(packet->body.find('-') + 1));
    REQUIRE(modulus);
    CHECK(fingerprintOfModulus(*modulus) == "3ad520c2bb732945");
    CHECK(fingerprintOf(packet->user) == fingerprintOfModulus(*modulus));
    const auto poll = parseDictPacket(capture("win-4.99", "IPDict DIR_POLL").bytes);
    REQUIRE(poll);
    CHECK(poll->text("UID") == "hana-<5192bdb548033e22>");
    CHECK(poll->number("EC") == kCapabilities);
    CHECK(fingerprintOfModulus(poll->text("PUBN").value_or("")) == "5192bdb548033e22");
}

TEST_CASE("captured lists hold what their descriptions say") {
    const auto dict = parseDictPacket(capture("built-win499", "IPDict ANSLIST_DICT").bytes);
    REQUIRE(dict);
    CHECK(dict->number("VER") == 3);
    CHECK(dict->number("CMD") == static_cast<std::int64_t>(Mode::AnsListDict));
    CHECK(dict->number("PKT") == 0x6553f3bc);
    CHECK(dict->number("STAT") == 0x13410000);
    CHECK(dict->number("EC") == 0x61900004);
    const auto hosts = dict->dicts("HLST");
    REQUIRE(hosts);
    REQUIRE(hosts->size() == 2);
    CHECK(dict->number("NUM") == 2);
    CHECK((*hosts)[0].text("UID") == "yuki");
    CHECK((*hosts)[0].number("ACT") == 1);
    CHECK((*hosts)[0].number("PORT") == 2425);
    CHECK((*hosts)[0].text("IPAD") == "192.168.72.22");
    CHECK((*hosts)[1].text("UID") == "xena");
    CHECK((*hosts)[1].number("ACT") == 0);
}

TEST_CASE("a dictionary keeps order, raw bytes, signs and nesting") {
    Dict inner;
    inner.putText("UID", std::string("\0:Z:", 4));
    inner.putInt("X", -26);
    Dict outer;
    outer.putInt("VER", 3);
    outer.putText("EMPTY", "");
    outer.putDict("WAPD", inner);
    outer.putDicts("HLST", {inner, Dict{}, inner});
    outer.putDicts("NONE", {});
    outer.putInt("MOST", std::numeric_limits<std::int64_t>::max());
    const auto read = parseDictPacket(outer.packet());
    REQUIRE(read);
    CHECK(*read == outer);
    CHECK(read->packet().starts_with("IP2:"));
    CHECK(read->text("EMPTY") == "");
    CHECK(read->number("MOST") == std::numeric_limits<std::int64_t>::max());
    const auto wrapped = read->dict("WAPD");
    REQUIRE(wrapped);
    CHECK(*wrapped == inner);
    CHECK(wrapped->number("X") == -26);
    const auto list = read->dicts("HLST");
    REQUIRE(list);
    CHECK(*list == std::vector<Dict>{inner, Dict{}, inner});
    const auto none = read->dicts("NONE");
    REQUIRE(none);
    CHECK(none->empty());
    CHECK_FALSE(read->text("MISSING"));
    CHECK(read->dict("MISSING").error().code == Code::NotFound);
    CHECK(read->dicts("MISSING").error().code == Code::NotFound);
}

TEST_CASE("of a double key the first counts, and both are kept") {
    const auto dict = parseDictContent("K:1:1:K:1:2");
    REQUIRE(dict);
    CHECK(dict->number("K") == 1);
    CHECK(dict->entries().size() == 2);
    CHECK(dict->content() == "K:1:1:K:1:2");
}

TEST_CASE("numbers that do not fit or are no numbers have no value") {
    const auto dict = parseDictContent("A:10:ffffffffffffffff:B:1:g:C:0::D:1:-:E:2:-a:F:4:-0-1");
    REQUIRE(dict);
    for (const char* key : {"A", "B", "C", "D", "F"}) {
        CAPTURE(std::string(key));
        CHECK_FALSE(dict->number(key));
    }
    CHECK(dict->number("E") == -10);
}

TEST_CASE("bad dictionary packets are refused with the kind and the place of the trouble") {
    struct Row {
        std::string bytes;
        Code code;
        std::size_t place;
    };
    std::string manyKeys;
    for (int i = 0; i < 257; ++i)
        manyKeys += (i == 0 ? "K:0:" : ":K:0:");
    const auto packed = [](const std::string& content) {
        std::string hex;
        for (auto n = content.size(); n > 0; n /= 16)
            hex.insert(hex.begin(), "0123456789abcdef"[n % 16]);
        return "IP2:" + hex + ":" + content + ":Z";
    };
    const std::vector<Row> rows{
        {"", Code::BadInput, 0},
        {"IP3:7:UPT:1:0:Z", Code::BadInput, 0},
        {"IP2:", Code::Truncated, 4},
        {"IP2:x:", Code::BadInput, 4},
        {"IP2::", Code::BadInput, 4},
        {"IP2:-1:", Code::BadInput, 4},
        {"IP2:000000007:UPT:1:0:Z", Code::BadInput, 4},
        {"IP2:ffffffff:UPT:1:0:Z", Code::Truncated, 13},
        {"IP2:7:UPT:1:0", Code::Truncated, 13},
        {"IP2:7:UPT:1:0:", Code::Truncated, 13},
        {"IP2:7:UPT:1:0:Y", Code::BadInput, 13},
        {std::string("IP2:7:UPT:1:0:Z\0", 16), Code::BadInput, 15},
        {"IP2:6:UPT:1::Z", Code::Truncated, 12},
        {"IP2:5:UPT:1:Z", Code::Truncated, 11},
        {"IP2:3:UPT:Z", Code::Truncated, 9},
        {"IP2:7:UPT:g:0:Z", Code::BadInput, 10},
        {"IP2:4::1:0:Z", Code::BadInput, 6},
        {"IP2:8:U\nPT:1:0:Z", Code::BadInput, 6},
        {"IP2:d:UPT:1:0xD:1:1:Z", Code::BadInput, 13},
        {packed(std::string(33, 'K') + ":1:0"), Code::TooLong, 7},
        {packed(manyKeys), Code::TooMany, 8 + 256 * 5},
        {"IP2:" + std::string(kMaxDatagram, 'x'), Code::TooLong, kMaxDatagram},
    };
    for (const auto& row : rows) {
        CAPTURE(row.bytes.substr(0, 50));
        const auto dict = parseDictPacket(row.bytes);
        REQUIRE_FALSE(dict);
        CHECK(std::string(codeText(dict.error().code)) == codeText(row.code));
        CHECK(dict.error().place == row.place);
    }
}

TEST_CASE("every captured dictionary cut short is refused") {
    for (const auto& one : captures()) {
        if (!isWellFormedDict(one)) continue;
        CAPTURE(one.meaning);
        for (std::size_t size = 0; size < one.bytes.size(); size += 1 + size / 40) {
            CAPTURE(size);
            CHECK_FALSE(parseDictPacket(std::string_view{one.bytes}.substr(0, size)));
        }
    }
}

TEST_CASE("lists inside a dictionary have a limit, and their errors tell the place in the list") {
    Dict dict;
    dict.putText("L", "7:UPT:1:0:7:UPT:1:0");
    CHECK(dict.dicts("L", 2));
    CHECK(dict.dicts("L", 1).error().code == Code::TooMany);
    Dict bad;
    bad.putText("L", "7:UPT:1:0:7:UPT:1;0");
    const auto refused = bad.dicts("L");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Truncated);
    CHECK(refused.error().place == 19);
    Dict glued;
    glued.putText("L", "7:UPT:1:07:UPT:1:0");
    CHECK(glued.dicts("L").error().code == Code::BadInput);
}

TEST_CASE("a signed packet verifies, and no changed byte of it does") {
    Dict dict;
    dict.putInt("VER", 3);
    dict.putText("UID", server().user);
    const auto packet = signedPacket(dict, testKey());
    REQUIRE(verifySignedPacket(packet));
    for (std::size_t at = 0; at < packet.size(); ++at) {
        auto changed = packet;
        changed[at] = static_cast<char>(changed[at] ^ 1);
        CAPTURE(at);
        CHECK_FALSE(verifySignedPacket(changed));
    }
}

TEST_CASE("a signature counts only as the last key, with a key beside it and under the right name") {
    const auto refusal = [](const Dict& dict) {
        const auto verified = verifySignedPacket(dict.packet());
        return verified ? std::string{} : verified.error().what;
    };
    const auto signedDict = parseDictPacket(signedPacket({}, testKey()));
    REQUIRE(signedDict);
    CHECK(refusal(*signedDict).empty());

    auto more = *signedDict;
    more.putInt("VER", 3);
    CHECK(refusal(more).find("not its last key") != std::string::npos);
    CHECK(refusal({}).find("not its last key") != std::string::npos);
    Dict bare;
    bare.putText("SIGN", std::string(256, 'x'));
    CHECK(refusal(bare).find("brings no key") != std::string::npos);
    Dict small;
    small.putInt("PUBE", 65537);
    small.putText("PUBN", std::string(128, 'x'));
    small.putText("SIGN", std::string(128, 'x'));
    CHECK(refusal(small).find("2048 bits") != std::string::npos);
    Dict even;
    even.putInt("PUBE", 2);
    even.putText("PUBN", testKey().modulus());
    even.putText("SIGN", std::string(256, 'x'));
    CHECK(refusal(even).find("exponent") != std::string::npos);
    Dict stranger;
    stranger.putText("UID", "chatsrv-<0123456789abcdef>");
    const auto lie = verifySignedPacket(signedPacket(stranger, testKey()));
    REQUIRE_FALSE(lie);
    CHECK(lie.error().what.find("fingerprint") != std::string::npos);
    Dict plain;
    plain.putText("UID", "chatsrv");
    CHECK(verifySignedPacket(signedPacket(plain, testKey())));
    CHECK_FALSE(verifySignedPacket("1:7:ann:pc:1:"));
}

TEST_CASE("a signed packet of ours verifies with the openssl command line") {
    REQUIRE_MESSAGE(run("openssl version") == 0, "the openssl program is missing");
    const TempFolder folder;
    const auto list = people(3);
    const auto packet = listDictPacket(server(), list, 7, 1700000000, testKey());
    const auto dict = parseDictPacket(packet);
    REQUIRE(dict);
    // Rebuilt here by hand: the packet in front of ":SIGN:100:" under a header with that length.
    const auto contentAt = packet.find(':', 4) + 1;
    const auto content = packet.substr(contentAt, packet.size() - 2 - 256 - 10 - contentAt);
    char head[32];
    std::snprintf(head, sizeof head, "IP2:%zx:", content.size());
    folder.write("signed", head + content + ":Z");
    folder.write("signature", dict->text("SIGN").value_or(""));
    folder.write("key.pem", testKey().pem().reveal());
    REQUIRE(run("openssl pkey -in " + folder.file("key.pem") + " -pubout -out " + folder.file("public.pem")) == 0);
    const auto verify = "openssl dgst -sha256 -verify " + folder.file("public.pem") + " -signature " +
                        folder.file("signature") + " " + folder.file("signed");
    CHECK(run(verify) == 0);
    folder.write("signed", head + content + ":Y");
    CHECK(run(verify) != 0);
}

TEST_CASE("a key made by the openssl command line can sign, and survives a round trip") {
    REQUIRE_MESSAGE(run("openssl version") == 0, "the openssl program is missing");
    const TempFolder folder;
    const auto make = [&](const char* options) {
        REQUIRE(run("openssl genpkey " + std::string(options) + " -out " + folder.file("key.pem")) == 0);
        std::ifstream in{folder.file("key.pem"), std::ios::binary};
        return Secret{std::string{std::istreambuf_iterator<char>{in}, {}}};
    };
    const auto key = SigningKey::fromPem(make("-algorithm RSA -pkeyopt rsa_keygen_bits:2048"));
    REQUIRE(key);
    CHECK(verifySignedPacket(signedPacket({}, *key)));
    const auto again = SigningKey::fromPem(key->pem());
    REQUIRE(again);
    CHECK(again->modulus() == key->modulus());
    CHECK(again->fingerprint() == key->fingerprint());
    CHECK(again->sign("x") == key->sign("x"));
    CHECK_FALSE(SigningKey::fromPem(make("-algorithm RSA -pkeyopt rsa_keygen_bits:1024")));
    CHECK_FALSE(SigningKey::fromPem(make("-algorithm EC -pkeyopt ec_paramgen_curve:P-256")));
    const auto locked =
        SigningKey::fromPem(make("-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -aes256 -pass pass:secret"));
    REQUIRE_FALSE(locked);
    CHECK(locked.error().todo.find("passphrase") != std::string::npos);
}

TEST_CASE("text that is no key is refused with a remedy") {
    for (const char* text : {"", "nonsense", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}) {
        CAPTURE(std::string(text));
        const auto key = SigningKey::fromPem(Secret{text});
        REQUIRE_FALSE(key);
        CHECK(key.error().code == Code::BadInput);
        CHECK_FALSE(key.error().todo.empty());
    }
}

TEST_CASE("a new key has 2048 bits, the usual exponent and a fingerprint of 16 digits") {
    const auto& key = testKey();
    CHECK(key.modulus().size() == 256);
    CHECK((static_cast<unsigned char>(key.modulus()[0]) & 0x80U) != 0);
    CHECK(key.exponent() == 65537);
    CHECK(key.fingerprint().size() == 16);
    CHECK(fingerprintOf("chatsrv-<" + key.fingerprint() + ">") == key.fingerprint());
    CHECK(key.sign("bytes").size() == 256);
}

TEST_CASE("the public key answer has the form of a real client's answer") {
    const auto body = publicKeyBody(testKey());
    CHECK(body == "65920006:10001-" + hexText(testKey().modulus()));
    const auto packet = parsePacket(capture("win-4.99", "ANSPUBKEY").bytes);
    REQUIRE(packet);
    CHECK(packet->body.substr(0, 15) == body.substr(0, 15));
    CHECK(packet->body.size() == body.size());
}

TEST_CASE("a list packet is signed, numbers its entries, and has the keys of a captured list in their order") {
    const auto list = people(7);
    const auto packet = listDictPacket(server(), list, 0x6553f3bc, 0x6553f3bc, testKey());
    REQUIRE(verifySignedPacket(packet));
    const auto dict = parseDictPacket(packet);
    REQUIRE(dict);
    CHECK(dict->number("NUM") == 7);
    CHECK(dict->number("TOTAL") == 7);
    CHECK(dict->number("START") == 0);
    CHECK(dict->number("FLG") == 0);
    CHECK(dict->number("PKT") == 0x6553f3bc);
    const auto hosts = dict->dicts("HLST");
    REQUIRE(hosts);
    REQUIRE(hosts->size() == list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
        CAPTURE(i);
        CHECK((*hosts)[i].text("UID") == list[i].who.user);
        CHECK((*hosts)[i].text("HID") == list[i].who.host);
        CHECK((*hosts)[i].number("STAT") == list[i].who.status);
        CHECK((*hosts)[i].number("ACT") == (list[i].isPresent ? 1 : 0));
        CHECK((*hosts)[i].text("IPAD") == list[i].who.address.text());
        CHECK((*hosts)[i].number("PORT") == 2425);
        CHECK((*hosts)[i].text("NCK") == list[i].who.nick);
        CHECK((*hosts)[i].text("GRP") == list[i].who.group);
    }
    const auto sample = parseDictPacket(capture("built-win499", "IPDict ANSLIST_DICT").bytes);
    REQUIRE(sample);
    std::string ours;
    std::string theirs;
    for (const auto& [key, value] : dict->entries())
        ours += key + " ";
    for (const auto& [key, value] : sample->entries())
        theirs += key + " ";
    CHECK(ours == theirs);
}

TEST_CASE("the size helpers never promise too little, and at most 24 bytes too much") {
    for (const int count : {1, 2, 7, 16, 100, 250}) {
        for (const std::uint32_t number : {1U, 0xFFFFFFFFU}) {
            CAPTURE(count);
            CAPTURE(number);
            const auto list = people(count);
            std::size_t promised = listDictOverheadBytes(server());
            for (const auto& item : list)
                promised += listDictItemBytes(item);
            const auto real = listDictPacket(server(), list, number, 1700000000, testKey()).size();
            CHECK(real <= promised);
            CHECK(promised - real <= 24);
        }
    }
}
