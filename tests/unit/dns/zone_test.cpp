#include "service/dns/zone.h"

#include <doctest/doctest.h>

#include "shared/base/text.h"
#include "tests/unit/dns/dns_support.h"

using namespace causeway;
using namespace causeway::dns;
using namespace causeway::dns::test;

namespace {

std::vector<std::string> recordsOf(const ZoneInput& input, View view) {
    const auto built = buildZone(input, 7);
    REQUIRE(built);
    return texts(built->zone.of(view));
}

}  // namespace

TEST_CASE("zone: a domain with two supernodes has all records of the LAN view") {
    auto input = chatInput();
    input.caaIssuers = {"letsencrypt.org"};
    input.supernodes[0].keyDigest = std::string(32, '\x11');
    input.supernodes[0].serverPort = 5269;
    const auto list = recordsOf(input, View::Lan);
    for (const auto* wanted : {
             "chat.example.com. 300 IN SOA ns1.chat.example.com. hostmaster.chat.example.com. 7 3600 600 1209600 60",
             "chat.example.com. 300 IN NS ns1.chat.example.com.",
             "chat.example.com. 300 IN A 10.1.0.5",
             "chat.example.com. 300 IN A 10.2.0.5",
             "chat.example.com. 300 IN CAA 0 issue \"letsencrypt.org\"",
             "chat.example.com. 300 IN HTTPS 11 sn1.chat.example.com. port=5443",
             "ns1.chat.example.com. 300 IN A 10.1.0.5",
             "sn1.chat.example.com. 300 IN A 10.1.0.5",
             "sn2.chat.example.com. 300 IN A 10.2.0.5",
             "_xmpp-client._tcp.chat.example.com. 300 IN SRV 10 10 5222 sn1.chat.example.com.",
             "_xmpp-client._tcp.chat.example.com. 300 IN SRV 10 10 5222 sn2.chat.example.com.",
             "_xmpps-client._tcp.chat.example.com. 300 IN SRV 10 10 5223 sn1.chat.example.com.",
             "_xmpp-server._tcp.chat.example.com. 300 IN SRV 10 10 5269 sn1.chat.example.com.",
             "_xmppconnect.chat.example.com. 300 IN TXT \"_xmpp-client-websocket=wss://chat.example.com:5443/ws\"",
         }) {
        CAPTURE(wanted);
        CHECK(contains(list, wanted));
    }
    CHECK(contains(list, "_5222._tcp.sn1.chat.example.com. 300 IN TLSA 3 1 1 " + hexText(std::string(32, '\x11'))));
    CHECK(list.front().find(" SOA ") != std::string::npos);
    for (const auto& line : list)
        CHECK(line.find("_xmpps-server") == std::string::npos);
}

TEST_CASE("zone: Internet clients see only Internet addresses and who has one") {
    const auto list = recordsOf(chatInput(), View::Internet);
    CHECK(contains(list, "sn1.chat.example.com. 300 IN A 192.0.2.5"));
    for (const auto& line : list) {
        CHECK(line.find("sn2") == std::string::npos);
        CHECK(line.find(" A 10.") == std::string::npos);
    }
}

TEST_CASE("zone: LAN clients get the Internet address of a supernode that has no other") {
    auto input = chatInput();
    input.supernodes.push_back(supernode("sn3", "", "192.0.2.7"));
    CHECK(contains(recordsOf(input, View::Lan), "sn3.chat.example.com. 300 IN A 192.0.2.7"));
}

TEST_CASE("zone: a supernode that is not live has no records, and the name server keeps its own") {
    auto input = chatInput();
    for (auto& node : input.supernodes)
        node.isLive = false;
    const auto list = recordsOf(input, View::Lan);
    CHECK(list.size() == 3);  // SOA, NS, A of ns1
    CHECK(contains(list, "ns1.chat.example.com. 300 IN A 10.1.0.5"));
}

TEST_CASE("zone: a supernode outside the domain is a target without addresses of ours") {
    auto input = chatInput();
    input.supernodes = {supernode("relay.hoster.example.", "10.9.0.1", "203.0.113.1")};
    const auto list = recordsOf(input, View::Internet);
    CHECK(contains(list, "_xmpp-client._tcp.chat.example.com. 300 IN SRV 10 10 5222 relay.hoster.example."));
    for (const auto& line : list)
        CHECK_FALSE(line.starts_with("relay.hoster.example."));
}

TEST_CASE("zone: extra records are served, what cannot be is left out with a warning") {
    auto input = chatInput();
    input.extraRecords =
        "files IN CNAME sn1\n"
        "@ 60 IN A 10.9.9.9\n"
        "@ TXT \"hello\"\n"
        "@ NS ns.elsewhere.example.\n"
        "*.x A 192.0.2.1\n"
        "www.other.example. A 192.0.2.1\n"
        "sn1 CNAME files\n"
        "sub DNAME elsewhere.example.\n";
    // DNAME has no words form here, so the text as a whole is refused.
    auto built = buildZone(input, 7);
    REQUIRE(built);
    REQUIRE(built->warnings.size() == 1);
    CHECK(built->warnings[0].text().starts_with("Line 8, column 11:"));

    input.extraRecords.erase(input.extraRecords.find("sub DNAME"));
    built = buildZone(input, 7);
    REQUIRE(built);
    CHECK(built->warnings.size() == 4);
    const auto list = texts(built->zone.of(View::Lan));
    CHECK(contains(list, "files.chat.example.com. 300 IN CNAME sn1.chat.example.com."));
    CHECK(contains(list, "chat.example.com. 300 IN TXT \"hello\""));
    CHECK(contains(list, "sn1.chat.example.com. 300 IN A 10.1.0.5"));
    // One set has one TTL, the lowest.
    CHECK(contains(list, "chat.example.com. 60 IN A 10.9.9.9"));
    CHECK(contains(list, "chat.example.com. 60 IN A 10.1.0.5"));
}

TEST_CASE("zone: the form hears what is wrong with extra records") {
    CHECK(checkExtraRecords("chat.example.com", "www A 192.0.2.1\n").empty());
    for (const auto* text : {"@ SOA a b 1 2 3 4 5", "sub NS ns.example.", "*.x A 192.0.2.1", "a.example. A 192.0.2.1",
                             "@ CNAME x", "x CNAME y\nx A 192.0.2.1", "x CNAME y\nx CNAME z", "x TYPE252 \\# 0"}) {
        CAPTURE(text);
        const auto checked = checkExtraRecords("chat.example.com", text);
        REQUIRE(checked.size() == 1);
        CHECK(checked.front().what.starts_with("Line "));
        CHECK_FALSE(checked.front().todo.empty());
    }
}

TEST_CASE("zone: the form hears every bad line of extra records, each with its number and reason") {
    const auto wrong = checkExtraRecords("chat.example.com",
                                         "www A 192.0.2.1\n"
                                         "ftp A nowhere\n"
                                         "  A 192.0.2.2\n"
                                         "a..b A 192.0.2.3\n"
                                         "text TXT \"not closed\n"
                                         "*.x A 192.0.2.4\n"
                                         "srv SRV ( 1 2\n"
                                         "far.example. A 192.0.2.5\n"
                                         "www CNAME ftp\n"
                                         "good AAAA 2001:db8::1\n");
    const std::vector<std::pair<std::size_t, std::string>> wanted{
        {2, "\"nowhere\" is not an IPv4 address."}, {4, "\"a..b\" is not a domain name."},
        {5, "this quote is not closed."},           {6, "Chat DNS has no wildcards."},
        {7, "this parenthesis is not closed."},     {8, "Its name is outside chat.example.com."},
        {9, "an alias (CNAME) allows none"}};
    REQUIRE(wrong.size() == wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const auto text = wrong[i].text();
        CAPTURE(text);
        CHECK(wrong[i].place == wanted[i].first);
        CHECK(text.starts_with("Line " + std::to_string(wanted[i].first)));
        CHECK(text.find(wanted[i].second) != std::string::npos);
    }
    std::string many;
    for (int i = 0; i < 500; ++i)
        many += "x A nowhere\n";
    CHECK(checkExtraRecords("chat.example.com", many).size() == 100);
}

TEST_CASE("zone: a domain that is no name is refused, one without a name server warns") {
    auto input = chatInput();
    input.domain = "chat..example";
    CHECK_FALSE(buildZone(input, 1));
    input.domain = ".";
    CHECK_FALSE(buildZone(input, 1));
    input = chatInput();
    input.nameServers.clear();
    const auto built = buildZone(input, 1);
    REQUIRE(built);
    CHECK(built->warnings.size() == 1);
}

TEST_CASE("zone: the contact may be a mail address with dots") {
    auto input = chatInput();
    input.contact = "net.admin@example.com";
    CHECK(recordsOf(input, View::Lan)[0].find(" net\\.admin.example.com. ") != std::string::npos);
}

TEST_CASE("zone serial: it follows the clock and never goes back") {
    CHECK(nextSerial(0, 1000) == 1000);
    CHECK(nextSerial(1000, 1000) == 1001);
    CHECK(nextSerial(1000, 900) == 1001);
    CHECK(nextSerial(1000, 2000) == 2000);
    CHECK(nextSerial(0xFFFFFFFF, 0xFFFFFFFF) == 1);
    CHECK(nextSerial(0, 0) == 1);
    CHECK(isSerialAfter(5, 0xFFFFFFF0));
    CHECK_FALSE(isSerialAfter(0xFFFFFFF0, 5));
    CHECK_FALSE(isSerialAfter(5, 5));
}

TEST_CASE("zone keeper: only what changed gets a new serial, and never one that was seen") {
    ZoneKeeper keeper{1};
    const TimePoint now{1'700'000'000s};
    auto input = chatInput();
    auto other = chatInput();
    other.domain = "other.example";
    CHECK(keeper.update({input, other}, now).changed.size() == 2);
    CHECK_FALSE(keeper.update({input, other}, now + 10s).isAny);

    input.supernodes[1].isLive = false;
    auto change = keeper.update({input, other}, now + 20s);
    REQUIRE(change.changed.size() == 1);
    CHECK(change.changed[0]->serial == 1'700'000'020);

    // A second change within the second, and a clock that went back.
    input.supernodes[1].isLive = true;
    CHECK(keeper.update({input, other}, now + 20s).changed[0]->serial == 1'700'000'021);
    input.ttl = 60;
    CHECK(keeper.update({input, other}, now - 1h).changed[0]->serial == 1'700'000'022);

    // What secondaries do not see is no change for them.
    input.lanSubnets = {*Subnet::parse("10.0.0.0/8")};
    change = keeper.update({input, other}, now + 1h);
    CHECK(change.isAny);
    CHECK(change.changed.empty());

    change = keeper.update({input}, now + 2h);
    REQUIRE(change.removed.size() == 1);
    CHECK(change.removed[0] == name("other.example"));
    CHECK(keeper.zones().size() == 1);
}

TEST_CASE("zone keeper: a serial from the store is the floor") {
    ZoneKeeper keeper{1};
    auto input = chatInput();
    input.serialFloor = 1'800'000'000;
    CHECK(keeper.update({input}, TimePoint{1'700'000'000s}).changed[0]->serial == 1'800'000'001);
}

TEST_CASE("zone keeper: bad and double domains are left out and told") {
    ZoneKeeper keeper{1};
    auto bad = chatInput();
    bad.domain = "a..b";
    auto twice = chatInput();
    twice.domain = "CHAT.example.com";
    const auto change = keeper.update({chatInput(), bad, twice}, TimePoint{1s});
    CHECK(change.changed.size() == 1);
    CHECK(keeper.warnings().size() == 2);
}
