#include <doctest/doctest.h>

#include <array>
#include <string>

#include "shared/base/text.h"
#include "shared/proto/dns/cookie.h"
#include "shared/proto/dns/message.h"
#include "shared/proto/dns/tsig.h"
#include "shared/proto/dns/zone_text.h"

using namespace causeway;
using namespace causeway::dns;

namespace {

Name name(std::string_view text) {
    return *Name::parse(text);
}

std::vector<Record> records(std::string_view text) {
    auto parsed = parseZoneText(text, name("example.com"), 300);
    const auto problem = parsed ? std::string{} : parsed.error().text();
    CAPTURE(problem);
    REQUIRE(parsed);
    return *parsed;
}

constexpr std::string_view kEveryType = R"(
@       IN SOA ns1 hostmaster 1 1h 10m 2w 60
@       IN NS ns1
@       IN MX 10 mail
@       IN TXT "one" "two \"quoted\" \; \255"
@       IN CAA 0 issue "letsencrypt.org; x=y"
@       IN HTTPS 1 sn1 alpn="h2,h3" port=5443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1 mandatory=port
@       IN SVCB 0 sn1.example.net.
@       IN NAPTR 10 20 "s" "x" "" _sip._tcp
@       IN TYPE4711 \# 4 0a0b0c0d
ns1     IN A 192.0.2.1
ns1     IN AAAA 2001:db8::1
www     IN CNAME ns1
1       IN PTR ns1
_xmpp-client._tcp IN SRV 10 20 5222 sn1
_5222._tcp.sn1 IN TLSA 3 1 1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff
host    IN SSHFP 4 2 0123456789abcdef
host    IN HINFO "RFC8482" ""
)";

}  // namespace

TEST_CASE("dns message: every record type goes out and comes back the same") {
    Message message;
    message.header.id = 0x1234;
    message.header.isResponse = true;
    message.header.isAuthoritative = true;
    message.questions.push_back({name("Example.COM"), Type::Any, Class::In});
    message.answers = records(kEveryType);
    message.authorities = records("@ IN NS ns1");
    message.additionals = records("ns1 IN A 192.0.2.1");
    message.edns = Edns{.payload = 1232, .isDnssecOk = true, .options = {{kCookieOption, "12345678"}}};
    const auto bytes = writeMessage(message);
    REQUIRE(bytes);
    const auto again = parseMessage(*bytes);
    REQUIRE(again);
    CHECK(*again == message);
    CHECK(again->questions[0].name.text() == "Example.COM.");
}

TEST_CASE("dns message: every record's text is read as the same record") {
    for (const auto& record : records(kEveryType)) {
        const auto text = recordText(record);
        CAPTURE(text);
        const auto again = records(text);
        REQUIRE(again.size() == 1);
        CHECK(again[0] == record);
        Record generic = record;
        const auto asBytes = record.owner.text() + " 300 IN " + typeText(record.type) + " \\# " +
                             std::to_string(record.data.size()) + " " + hexText(record.data);
        CHECK(records(asBytes)[0] == generic);
    }
}

TEST_CASE("dns message: names are compressed, SRV targets are not") {
    Message message;
    message.questions.push_back({name("example.com"), Type::Ns, Class::In});
    message.answers = records("@ IN NS ns1\n@ IN NS ns2\n_a IN SRV 1 2 3 ns1\n");
    const auto bytes = writeMessage(message);
    REQUIRE(bytes);
    // header, question 17, two NS of 12 + 4 + 2, SRV 2 + 3 + 10 + 6 + 17
    CHECK(bytes->size() == 12 + 17 + 2 * 18 + 38);
    CHECK(*parseMessage(*bytes) == message);
}

TEST_CASE("dns message: what is not well formed is refused") {
    const auto from = [](std::string_view hex) { return parseMessage(*parseHex(hex)); };
    CHECK_FALSE(from(""));
    CHECK_FALSE(from("0001010000010000000000"));
    CHECK(from("000101000000000000000000"));
    CHECK_FALSE(from("00010100000000000000000000"));                                            // a byte behind the end
    CHECK_FALSE(from("000101000001000000000000"));                                              // a question is missing
    CHECK_FALSE(from("0001010000010000000000000000010001ff"));                                  // and a byte
    CHECK(from("0001010000000000000000010000290200000000000000"));                              // OPT
    CHECK_FALSE(from("00010100000000000000000200002902000000000000000000290200000000000000"));  // two OPT
    CHECK_FALSE(from("0001010000000001000000000000010001000000000003010203"));                  // A of three bytes
    CHECK_FALSE(from("00010100000000010000000000000100010000000000050102030405"));
    CHECK_FALSE(from("000101000000000000000001000029020000000000000300030001"));  // option cut
}

TEST_CASE("dns message: a writer without room leaves records out whole") {
    std::array<Byte, 60> room{};
    MessageWriter writer{room};
    REQUIRE(writer.begin({}));
    REQUIRE(writer.add(Question{name("example.com"), Type::A, Class::In}));
    const auto list = records("@ IN A 192.0.2.1\n@ IN A 192.0.2.2\n");
    CHECK(writer.add(Section::Answer, list[0]));
    const auto size = writer.size();
    CHECK_FALSE(writer.add(Section::Answer, list[1]));
    CHECK(writer.size() == size);
    const auto message = parseMessage(textOf(writer.bytes()));
    REQUIRE(message);
    CHECK(message->answers.size() == 1);
}

TEST_CASE("dns cookie: SipHash gives the value of its authors' test vector") {
    std::array<Byte, 16> key{};
    std::string input;
    for (int i = 0; i < 16; ++i)
        key[static_cast<std::size_t>(i)] = static_cast<Byte>(i);
    for (int i = 0; i < 15; ++i)
        input += static_cast<char>(i);
    CHECK(sipHash24(key, input) == 0xa129ca6149be45e5ULL);
}

TEST_CASE("dns cookie: server cookies are those of RFC 9018 appendix A.1") {
    std::array<Byte, 16> secret{};
    const auto raw = *parseHex("e5e973e5a6b2a43f48e7dc849e37bfcf");
    std::copy(raw.begin(), raw.end(), secret.begin());
    const CookieMaker maker{secret};
    const auto client = *IpAddress::parse("198.51.100.100");
    const auto clientCookie = *parseHex("2464c4abcf10c957");
    const auto made = maker.make(clientCookie, client, 1559731985);
    CHECK(hexText(textOf(made)) == "010000005cf79f111f8130c3eee29480");
    const std::string cookie{textOf(made)};
    CHECK(maker.isGood(clientCookie, cookie, client, 1559731985));
    CHECK(maker.isGood(clientCookie, cookie, client, 1559731985 + 3600));
    CHECK_FALSE(maker.isGood(clientCookie, cookie, client, 1559731985 + 3601));
    CHECK(maker.isGood(clientCookie, cookie, client, 1559731985 - 300));
    CHECK_FALSE(maker.isGood(clientCookie, cookie, client, 1559731985 - 301));
    CHECK_FALSE(maker.isGood(clientCookie, cookie, *IpAddress::parse("198.51.100.101"), 1559731985));
    CHECK_FALSE(maker.isGood("87654321", cookie, client, 1559731985));
}

TEST_CASE("dns tsig: a signed query is verified, and a changed one is not") {
    const TsigKey key{name("transfer.example"), Secret{"0123456789abcdef0123456789abcdef"}};
    Message message;
    message.header.id = 77;
    message.questions.push_back({name("example.com"), Type::Soa, Class::In});
    auto bytes = *writeMessage(message);
    const auto bare = bytes.size();
    TsigSigner signer{key, {}};
    bytes.resize(bare + signer.roomFor());
    const auto size = signer.sign({reinterpret_cast<Byte*>(bytes.data()), bytes.size()}, bare, 1000);
    REQUIRE(size != 0);
    bytes.resize(size);
    REQUIRE(parseMessage(bytes));

    const auto found = findTsig(bytes);
    REQUIRE(found);
    REQUIRE(*found);
    const auto& tsig = **found;
    CHECK(tsig.offset == bare);
    CHECK(verifyTsig(bytes, tsig, key, 1000) == 0);
    CHECK(verifyTsig(bytes, tsig, key, 1300) == 0);
    CHECK(verifyTsig(bytes, tsig, key, 1301) == kBadTime);
    CHECK(verifyTsig(bytes, tsig, {key.name, Secret{"another secret"}}, 1000) == kBadSig);
    CHECK(verifyTsig(bytes, tsig, {name("other.example"), key.secret}, 1000) == kBadKey);
    auto changed = bytes;
    changed[13] = 'X';
    CHECK(verifyTsig(changed, tsig, key, 1000) == kBadSig);

    SUBCASE("the id of a forwarder does not matter") {
        auto forwarded = bytes;
        forwarded[0] = 9;
        CHECK(verifyTsig(forwarded, tsig, key, 1000) == 0);
    }
    SUBCASE("an answer is bound to its query") {
        std::string answer(600, '\0');
        const std::span<Byte> room{reinterpret_cast<Byte*>(answer.data()), answer.size()};
        MessageWriter writer{room};
        REQUIRE(writer.begin({.id = 77, .isResponse = true}));
        TsigSigner back{key, tsig.mac};
        const auto end = back.sign(room, writer.size(), 1001);
        answer.resize(end);
        const auto answerTsig = findTsig(answer);
        REQUIRE(answerTsig);
        CHECK(verifyTsig(answer, **answerTsig, key, 1001, tsig.mac) == 0);
        CHECK(verifyTsig(answer, **answerTsig, key, 1001, "another mac") == kBadSig);
    }
    SUBCASE("a record behind it is refused") {
        auto longer = bytes;
        longer[11] = static_cast<char>(longer[11] + 1);
        longer += std::string("\0\0\1\0\1\0\0\0\0\0\4\1\2\3\4", 15);
        CHECK_FALSE(findTsig(longer));
    }
}

TEST_CASE("dns zone text: comments, parentheses, a left-out owner and directives are understood") {
    const auto list = records(
        "$TTL 1h\n"
        "; a comment\n"
        "a IN A 192.0.2.1 ; another\n"
        "  60 IN A 192.0.2.2\n"
        "b IN 2m TXT ( \"x\"\n   \"y\" ; inside\n )\n"
        "$ORIGIN sub\n"
        "c A 192.0.2.3\n"
        "@ MX 5 c\r\n"
        "\n");
    REQUIRE(list.size() == 5);
    CHECK(recordText(list[0]) == "a.example.com. 3600 IN A 192.0.2.1");
    CHECK(recordText(list[1]) == "a.example.com. 60 IN A 192.0.2.2");
    CHECK(recordText(list[2]) == "b.example.com. 120 IN TXT \"x\" \"y\"");
    CHECK(recordText(list[3]) == "c.sub.example.com. 3600 IN A 192.0.2.3");
    CHECK(recordText(list[4]) == "sub.example.com. 3600 IN MX 5 c.sub.example.com.");
}

TEST_CASE("dns zone text: an error names line and column") {
    struct Row {
        const char* text;
        const char* begins;
    };
    for (const auto& row : {
             Row{"a IN A 192.0.2", "Line 1, column 8: \"192.0.2\" is not an IPv4 address."},
             Row{"a IN A 192.0.2.1\nb IN AAAA 192.0.2.1", "Line 2, column 11: \"192.0.2.1\" is not an IPv6 address."},
             Row{"a IN WHAT x", "Line 1, column 6: \"WHAT\" is not a record type."},
             Row{"a IN", "Line 1, column 5: the record has no type."},
             Row{"a IN SRV 1 2", "Line 1, column 13: the SRV record wants more values."},
             Row{"a IN SRV 1 2 70000 b", "Line 1, column 14: \"70000\" is not a number from 0 to 65535."},
             Row{"a IN TXT \"x", "Line 1, column 10: this quote is not closed."},
             Row{"a IN MX ( 1 b", "Line 1, column 9: this parenthesis is not closed."},
             Row{"a IN MX 1 b )", "Line 1, column 13: no parenthesis is open here."},
             Row{"a IN A 192.0.2.1 x", "Line 1, column 18: \"x\" is too much for a A record."},
             Row{" IN A 192.0.2.1", "Line 1, column 2: the first record has no name before it."},
             Row{"$INCLUDE /etc/passwd", "Line 1, column 1: \"$INCLUDE\" is not understood here."},
             Row{"a..b IN A 192.0.2.1", "Line 1, column 1: \"a..b\" is not a domain name."},
             Row{"a IN TYPE99 \\# 2 0a", "Line 1, column 13: the data has 1 bytes, not 2."},
             Row{"a IN A \\# 3 0a0b0c", "Line 1, column 8: these bytes are not the data of a A record."},
             Row{"a IN HTTPS 1 . port=x", "Line 1, column 16: \"port=x\" is not a service parameter."},
             Row{"a IN HTTPS 1 . port=1 port=2", "Line 1, column 23: the parameter port is there twice."},
             Row{"a 99999999999 IN A 1.2.3.4", "Line 1, column 3: \"99999999999\" is not a time to live."},
             Row{"a IN RRSIG x", "Line 1, column 12: the data of RRSIG cannot be written in words here."},
         }) {
        CAPTURE(row.text);
        const auto parsed = parseZoneText(row.text, name("example.com"), 300);
        REQUIRE_FALSE(parsed);
        const auto text = parsed.error().text();
        CAPTURE(text);
        CHECK(text.starts_with(row.begins));
        CHECK_FALSE(parsed.error().todo.empty());
    }
}

TEST_CASE("dns zone text: limits hold") {
    CHECK_FALSE(parseZoneText(std::string(2000, ' '), name("example.com"), 300, {.bytes = 1000}));
    CHECK(parseZoneText("a A 1.2.3.4\nb A 1.2.3.4\n", name("example.com"), 300, {.records = 2}));
    const auto many = parseZoneText("a A 1.2.3.4\nb A 1.2.3.4\n", name("example.com"), 300, {.records = 1});
    REQUIRE_FALSE(many);
    CHECK(many.error().code == Code::TooMany);
}
