#include <doctest/doctest.h>

#include "shared/model/bug_report.h"
#include "shared/model/pseudonyms.h"

using namespace causeway;

namespace {

std::string masked(const std::string& text) {
    return maskSecrets(text, {Secret{"hunter2-long"}, Secret{"abc"}});
}

}  // namespace

TEST_CASE("bug report: known secrets and what looks like one are masked, sentences stay") {
    struct Row {
        const char* text;
        const char* wanted;
    };
    const Row rows[] = {
        {"the note says hunter2-long!", "the note says ***!"},
        {"xhunter2-longx", "x***x"},
        {"abc", "***"},
        {"abcd and abc.", "abcd and ***."},  // a short secret is no part of other words
        {"DRIVER={x};UID=sa;PWD=geheim;", "DRIVER={x};UID=sa;PWD=***;"},
        {"password = 'a b'", "password = '***'"},
        {R"({"password":"x y","n":1})", R"({"password":"***","n":1})"},
        {R"({"password":"{password}"})", R"({"password":"{password}"})"},
        {"token:xyz", "token:***"},
        {"wrong password: the directory says no", "wrong password: the directory says no"},
        {"SELECT 1 WHERE password={password}", "SELECT 1 WHERE password={password}"},
        {"https://ann:pa%20ss@dc1.example.com/x", "https://ann:***@dc1.example.com/x"},
        {"https://{user}:{password}@dc1.example.com/", "https://{user}:{password}@dc1.example.com/"},
        {"https://dc1.example.com:636/a@b", "https://dc1.example.com:636/a@b"},
        {"Authorization: Basic YW5uOng=", "Authorization: ***"},
        {"sent Bearer 0123456789abcdef0123 to it", "sent Bearer *** to it"},
        {"a bearer token is needed", "a bearer token is needed"},
        {"x\n-----BEGIN PRIVATE KEY-----\nAAA\n-----END PRIVATE KEY-----\ny", "x\n***\ny"},
        {"-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----",
         "-----BEGIN CERTIFICATE-----\nAAA\n-----END CERTIFICATE-----"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(masked(row.text) == row.wanted);
    }
}

TEST_CASE("bug report: texts of JSON are its values, whatever is escaped in them; keys and numbers stay") {
    ReportFile file{"a.json", "", R"({"alice":"say \"alice\"\n\u00e9\ud83d\ude00", "n": 12, "list" : ["alice"]})"};
    std::vector<std::string> seen;
    changeTexts(file, [&seen](const std::string& text) {
        seen.push_back(text);
        return text == "alice" ? std::string("bo\"b") : text;
    });
    CHECK(seen == std::vector<std::string>{"say \"alice\"\n\xC3\xA9\xF0\x9F\x98\x80", "alice"});
    CHECK(file.content ==
          "{\"alice\":\"say \\\"alice\\\"\\n\xC3\xA9\xF0\x9F\x98\x80\", \"n\": 12, \"list\" : "
          "[\"bo\\\"b\"]}");
    ReportFile packets{"a.pcapng", "", "alice"};
    changeTexts(packets, [](const std::string&) { return std::string("x"); });
    CHECK(packets.content == "alice");
    ReportFile broken{"b.json", "", R"({"a":"ali)"};
    changeTexts(broken, [](const std::string& text) { return text == "\"ali" ? std::string("gone") : text; });
    CHECK(broken.content == R"({"a":gone)");
}

TEST_CASE("bug report: JSON is written for people") {
    CHECK(prettyJson(R"({"a":[1,2],"b":{},"c":"x,{\"y\":1}"})") ==
          "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": {},\n  \"c\": \"x,{\\\"y\\\":1}\"\n}\n");
    CHECK(prettyJson("plain text") == "plain text");
    CHECK(prettyJson(R"(["cut off)") == "[\n  \"cut off\n");
}

TEST_CASE("pseudonyms: the same name has the same word everywhere, as a whole word only") {
    Pseudonyms names{{{NameKind::User, "alice"},
                      {NameKind::User, "Alice Baker"},
                      {NameKind::Host, "pc-021"},
                      {NameKind::Group, "Sales"},
                      {NameKind::Domain, "chat.example.com"},
                      {NameKind::User, "\xE7\x94\xB0\xE4\xB8\xAD"},
                      {NameKind::Text, "ou=people,dc=example,dc=com"}}};
    CHECK(names.replace("ALICE at pc-021 of sales; alice again") == "user-1 at host-1 of group-1; user-1 again");
    CHECK(names.replace("Alice Baker") == "user-2");
    CHECK(names.replace("malice, alices, pc-0215") == "malice, alices, pc-0215");
    CHECK(names.replace("alice_backup sn1.chat.example.com") == "user-1_backup sn1.domain-1");
    CHECK(names.replace("\xE7\x94\xB0\xE4\xB8\xAD\xE3\x81\x95\xE3\x82\x93") == "user-3\xE3\x81\x95\xE3\x82\x93");
    CHECK(names.replace("below ou=people,dc=example,dc=com: 12") == "below text-1: 12");
    CHECK(names.replace("alice@chat.example.com, bob@mail.example.org, bob@mail.example.org") ==
          "user-1@domain-1, user-4@domain-2, user-4@domain-2");
}

TEST_CASE("pseudonyms: addresses keep which of them are in one network, and nothing else") {
    Pseudonyms names{{}};
    CHECK(names.replace("10.1.0.21:2425 and 10.1.0.7, not 10.2.0.21; 10.1.0.21") ==
          "net-1.host-1:2425 and net-1.host-2, not net-2.host-1; net-1.host-1");
    CHECK(names.replace("10.1.0.0/24 10.1.0.255 10.1.0.*") == "net-1.0/24 net-1.255 net-1.*");
    CHECK(names.replace("10.1.0.21-10.1.0.99") == "net-1.host-1-net-1.host-3");
    CHECK(names.replace("10.9.*.* 10.9.1-5.*") == "net-3.* net-4.*");
    CHECK(names.replace("127.0.0.1 0.0.0.0:2425 255.255.255.0") == "127.0.0.1 0.0.0.0:2425 255.255.255.0");
    CHECK(names.replace("1.2.3.4.5 version 4.99.11 10.1.0.300") == "1.2.3.4.5 version 4.99.11 10.1.0.300");
    CHECK(names.replace("at 14:52:07.123 [::1] 2001:db8::7: gone, [fe80::1]:5222") ==
          "at 14:52:07.123 [::1] ip6-1: gone, [ip6-2]:5222");
    CHECK(names.replace("00:1a:2B:3c:4d:5e 00:1A:2b:3c:4d:5e") == "mac-1 mac-1");
    const std::string fingerprint = "00:1a:2b:3c:4d:5e:6f:70:81:92:a3:b4:c5:d6:e7:f8";
    CHECK(names.replace(fingerprint) == fingerprint);
    CHECK(names.replace("2026-11-22T01:02:03.004Z std::string ab::x") == "2026-11-22T01:02:03.004Z std::string ab::x");
}

TEST_CASE("pseudonyms: words that say nothing stay, and only names that occur are found") {
    const std::vector<ReportName> all{{NameKind::Person, "admin"}, {NameKind::Group, "7"},  {NameKind::User, "42"},
                                      {NameKind::User, "bob"},     {NameKind::User, "ann"}, {NameKind::Group, "Bob"}};
    Pseudonyms names{all};
    CHECK(names.replace("admin 42 7 local") == "admin 42 7 local");
    const auto found = names.found("here is BOB, banner");
    REQUIRE(found.size() == 1);
    CHECK(found[0] == ReportName{NameKind::User, "bob"});
    // What was found is enough to replace the same text in the same way.
    Pseudonyms few{found};
    CHECK(few.replace("here is BOB, banner") == names.replace("here is BOB, banner"));
}
