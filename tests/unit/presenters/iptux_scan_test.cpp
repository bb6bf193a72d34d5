#include "console/presenters/iptux_scan.h"

#include <doctest/doctest.h>

using namespace causeway;
using namespace causeway::console;

TEST_CASE("iptux scan text: each stretch of the ranges becomes one entry with its comment as description") {
    const auto scan = iptuxScanOf("192.168.7.*  # Osaka\n\n10.1.0.10-10.1.0.20\n");
    REQUIRE(scan);
    CHECK(scan->stretches == 2);
    CHECK(scan->json ==
          "\"scan_net_segment\": [\n"
          "    {\"startip\": \"10.1.0.10\", \"endip\": \"10.1.0.20\", \"description\": \"\"},\n"
          "    {\"startip\": \"192.168.7.0\", \"endip\": \"192.168.7.255\", \"description\": \"Osaka\"}\n"
          "]");
    CHECK(scan->fromTo == "10.1.0.10 - 10.1.0.20\n192.168.7.0 - 192.168.7.255  Osaka\n");
    CHECK(scan->leftOut.empty());
}

TEST_CASE("iptux scan text: an exclusion cuts a stretch in two") {
    const auto scan = iptuxScanOf("10.1.0.0/30\n!10.1.0.1");
    REQUIRE(scan);
    CHECK(scan->fromTo == "10.1.0.0 - 10.1.0.0\n10.1.0.2 - 10.1.0.3\n");
}

TEST_CASE("iptux scan text: names and broadcasts are left out and said so") {
    const auto scan = iptuxScanOf("pc7.example.com\nbroadcast 192.168.1.255\n10.1.0.7");
    REQUIRE(scan);
    CHECK(scan->stretches == 1);
    CHECK(scan->leftOut.find("2 lines") != std::string::npos);
}

TEST_CASE("iptux scan text: a quotation mark in a comment stays one JSON string") {
    const auto scan = iptuxScanOf("10.1.0.7 # the \"old\" lab");
    REQUIRE(scan);
    CHECK(scan->json.find("\"the \\\"old\\\" lab\"") != std::string::npos);
}

TEST_CASE("iptux scan text: a wrong line is an error, not an empty setting") {
    CHECK_FALSE(iptuxScanOf("10.1.0.7\n10.1.0.999"));
}
