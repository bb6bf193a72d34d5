#include <doctest/doctest.h>

#include <string>
#include <utility>
#include <vector>

#include "shared/proto/jid/jid.h"

using namespace causeway;
using namespace causeway::jid;

TEST_CASE("jid: names in any case and width are one name") {
    CHECK(*prepareLocal("Alice") == "alice");
    CHECK(*prepareLocal("ALICE") == "alice");
    CHECK(*prepareLocal("\xEF\xBC\xA1lice") == "alice");        // full-width A
    CHECK(*prepareLocal("J\xC3\x9CRGEN") == "j\xC3\xBCrgen");   // Ü
    CHECK(*prepareLocal("Ju\xCC\x88rgen") == "j\xC3\xBCrgen");  // u and diaeresis
    CHECK(*prepareLocal("stra\xC3\x9F"
                        "e") ==
          "stra\xC3\x9F"
          "e");  // ß stays
    CHECK(*prepareLocal("a.b_c-d+e!") == "a.b_c-d+e!");
}

TEST_CASE("jid: what cannot be a name is refused with the place of the character") {
    for (const auto& [text, place] :
         std::vector<std::pair<std::string, std::size_t>>{{"al ice", 2},
                                                          {"al@ice", 2},
                                                          {"al/ice", 2},
                                                          {"<b>", 0},
                                                          {"a\"b", 1},
                                                          {"a'b", 1},
                                                          {"a&b", 1},
                                                          {"a:b", 1},
                                                          {"a\x01", 1},
                                                          {"\xE2\x85\xA3", 0} /* Roman four */,
                                                          {"a\xE2\x80\x8B", 1} /* zero width space */,
                                                          {"a\xE2\x98\xBA", 1} /* smiley */,
                                                          {"\xCD\xB8", 0} /* unassigned */}) {
        CAPTURE(text);
        const auto refused = prepareLocal(text);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == Code::BadInput);
        REQUIRE(refused.error().place);
        CHECK(*refused.error().place == place);
    }
    CHECK_FALSE(prepareLocal(""));
    CHECK_FALSE(prepareLocal("\xFF"));
    CHECK_FALSE(prepareLocal(std::string(1024, 'a')));
    CHECK(prepareLocal(std::string(1023, 'a')));
}

TEST_CASE("jid: characters that depend on their neighbours") {
    CHECK(prepareLocal("l\xC2\xB7l"));  // middle dot between two l
    CHECK_FALSE(prepareLocal("a\xC2\xB7l"));
    CHECK(prepareLocal("\xCD\xB5\xCE\xB1"));  // Greek keraia before alpha
    CHECK_FALSE(prepareLocal("\xCD\xB5z"));
    CHECK(prepareLocal("\xE0\xA4\x95\xE0\xA5\x8D\xE2\x80\x8D"));  // joiner behind a virama
    CHECK_FALSE(prepareLocal("ab\xE2\x80\x8D"));
    CHECK(prepareLocal("\xE3\x82\xAB\xE3\x83\xBB\xE3\x82\xAB"));  // katakana dot in katakana
    CHECK_FALSE(prepareLocal("a\xE3\x83\xBB"));
    CHECK_FALSE(prepareLocal("\xD9\xA0\xDB\xB0"));  // two kinds of Arabic digits
}

TEST_CASE("jid: directions are mixed only where they can be read") {
    CHECK(prepareLocal("\xD7\x90\xD7\x91"));  // Hebrew
    CHECK(
        prepareLocal("\xD7\x90"
                     "1"));                  // Hebrew, digit
    CHECK_FALSE(prepareLocal("1\xD7\x90"));  // begins with a digit
    CHECK_FALSE(prepareLocal("a\xD7\x90"));
}

TEST_CASE("jid: resources and passwords keep case, spaces and symbols") {
    CHECK(*prepareResource("My Phone \xE2\x98\xBA") == "My Phone \xE2\x98\xBA");
    CHECK(*prepareResource("a\xC2\xA0"
                           "b") == "a b");  // no-break space
    CHECK_FALSE(prepareResource("a\x01"));
    CHECK_FALSE(prepareResource(""));
    CHECK(*preparePassword("Pa\xCC\x88ss \xE1\x9A\x80 w") == "P\xC3\xA4ss   w");
    CHECK_FALSE(preparePassword(""));
}

TEST_CASE("jid: a domain is a name of two parts at least, in both writings") {
    CHECK(parseDomain("Chat.Example.COM")->ascii == "chat.example.com");
    CHECK(parseDomain("chat.example.com.")->ascii == "chat.example.com");
    CHECK(parseDomain("  chat.example.com ")->ascii == "chat.example.com");
    const auto books = parseDomain(
        "B\xC3\xBC"
        "cher.example");
    REQUIRE(books);
    CHECK(books->ascii == "xn--bcher-kva.example");
    CHECK(books->shown ==
          "b\xC3\xBC"
          "cher.example");
    CHECK(*parseDomain("XN--BCHER-KVA.example") == *books);
    CHECK(parseDomain("fa\xC3\x9F.example")->ascii == "xn--fa-hia.example");  // ß is a letter of its own
    CHECK(parseDomain(std::string(63, 'a') + ".example"));
}

TEST_CASE("jid: what is no domain is refused with what it is") {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"localhost", "host name"},
        {"192.168.1.7", "address, not a domain"},
        {"[2001:db8::1]", "address"},
        {"2001:db8::1", "address"},
        {"*.example.com", "wildcards"},
        {"https://chat.example.com/", "web address"},
        {"alice@example.com", "person"},
        {"chat.example.com:5222", "port"},
        {"", "empty"},
        {"a..b", "two dots"},
        {"-a.example", "hyphen"},
        {"a_b.example", "character"},
        {"a b.example", "character"},
        {"xn--a-.example", "Punycode"},
        {std::string(64, 'a') + ".example", "63 bytes"},
        {"1.2.3", "address"},
    };
    for (const auto& [text, word] : wrong) {
        CAPTURE(text);
        const auto refused = parseDomain(text);
        REQUIRE_FALSE(refused);
        CAPTURE(refused.error().text());
        CHECK(refused.error().text().find(word) != std::string::npos);
    }
    std::string tooLong;
    for (int i = 0; i < 30; ++i)
        tooLong += "abcdefghi.";
    CHECK_FALSE(parseDomain(tooLong + "example"));
}

TEST_CASE("jid: whole addresses") {
    const auto whole = parseJid("Alice@Chat.Example.com/My/Phone@home");
    REQUIRE(whole);
    CHECK(whole->local == "alice");
    CHECK(whole->domain == "chat.example.com");
    CHECK(whole->resource == "My/Phone@home");
    CHECK(whole->text() == "alice@chat.example.com/My/Phone@home");
    CHECK(whole->bare() == "alice@chat.example.com");
    CHECK(parseJid("chat.example.com")->local.empty());
    CHECK(parseJid("a@10.1.0.7")->domain == "10.1.0.7");
    CHECK(parseJid("a@host")->domain == "host");
    for (const char* text : {"", "@x.example", "a@", "a@x.example/", "/r", "a@b@c", "a b@x.example"}) {
        CAPTURE(text);
        CHECK_FALSE(parseJid(text));
    }
}
