#include "service/dns/dns_options.h"

#include <doctest/doctest.h>

using namespace causeway;
using namespace causeway::dns;

TEST_CASE("dns options: listeners have a port, IPv6 stands in brackets") {
    const auto all = parseListeners(" 0.0.0.0:5353 ,[::]:53, 10.1.0.5");
    REQUIRE(all);
    REQUIRE(all->size() == 3);
    CHECK((*all)[0].text() == "0.0.0.0:5353");
    CHECK((*all)[1].text() == "[::]:53");
    CHECK((*all)[2].text() == "10.1.0.5:53");
}

TEST_CASE("dns options: a listener that is none is named") {
    for (const auto* text : {"", " , ", "localhost:53", "10.1.0.5:70000", "10.1.0.5:53,10.1.0.5:53", "[::1:53"}) {
        CAPTURE(text);
        const auto all = parseListeners(text);
        REQUIRE_FALSE(all);
        CHECK(all.error().code == Code::BadInput);
        CHECK_FALSE(all.error().todo.empty());
    }
    CHECK(parseListeners("localhost:53").error().what.find("localhost:53") != std::string::npos);
}

TEST_CASE("dns options: addresses alone, with or without brackets") {
    const auto all = parseAddresses("0.0.0.0, [::], fd00::1");
    REQUIRE(all);
    REQUIRE(all->size() == 3);
    CHECK((*all)[1].text() == "::");
    CHECK((*all)[2].text() == "fd00::1");
    CHECK_FALSE(parseAddresses("0.0.0.0:5222"));
    CHECK_FALSE(parseAddresses(""));
    CHECK_FALSE(parseAddresses("::, [::]"));
}

TEST_CASE("dns options: networks") {
    const auto all = parseSubnets("10.0.0.0/8, fd00::/8,192.0.2.1");
    REQUIRE(all);
    REQUIRE(all->size() == 3);
    CHECK((*all)[2].text() == "192.0.2.1/32");
    CHECK(parseSubnets("")->empty());
    CHECK_FALSE(parseSubnets("10.0.0.0/33"));
}

TEST_CASE("dns options: a secondary has an address, perhaps a key and a view") {
    const auto all = parseSecondaries("192.0.2.53, 10.1.0.53:5353  key=Transfer.Key view=lan");
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK((*all)[0].endpoint.text() == "192.0.2.53:53");
    CHECK((*all)[0].view == View::Internet);
    CHECK((*all)[0].keyName.empty());
    CHECK((*all)[1].endpoint.text() == "10.1.0.53:5353");
    CHECK((*all)[1].keyName == "transfer.key");
    CHECK((*all)[1].view == View::Lan);
    CHECK(parseSecondaries("")->empty());
    CHECK_FALSE(parseSecondaries("ns2.example.com"));
    CHECK_FALSE(parseSecondaries("192.0.2.53 view=all"));
    CHECK_FALSE(parseSecondaries("192.0.2.53 key="));
    CHECK_FALSE(parseSecondaries("0.0.0.0"));
}

TEST_CASE("dns options: issuers, contact and address of this computer") {
    CHECK(parseIssuers("letsencrypt.org, ca.example")->size() == 2);
    CHECK(parseIssuers(";")->front() == ";");
    CHECK_FALSE(parseIssuers("not a name"));
    CHECK(checkContact("hostmaster"));
    CHECK(checkContact("host.master@example.com"));
    CHECK_FALSE(checkContact("host master"));
    CHECK_FALSE(checkContact("@example.com"));
    CHECK_FALSE(checkContact("a@.."));
    CHECK(*parseHostAddress(" 2001:DB8::5 ") == "2001:db8::5");
    CHECK(parseHostAddress("")->empty());
    CHECK_FALSE(parseHostAddress("0.0.0.0"));
    CHECK_FALSE(parseHostAddress("server"));
}
