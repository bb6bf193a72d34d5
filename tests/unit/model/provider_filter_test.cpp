#include <doctest/doctest.h>

#include "shared/model/ldap_filter.h"
#include "shared/model/template_text.h"

using namespace causeway;

TEST_CASE("ldap filter: usual ones are read and written back the same") {
    for (const std::string text :
         {"(uid={user})", "(&(objectClass=person)(|(uid={user})(mail={address})))", "(!(disabled=TRUE))", "(cn=a*b*c)",
          "(memberOf:1.2.840.113556.1.4.1941:=cn=x,dc=y)", "(:dn:2.4.6.8.10:=Dino)", "(cn:dn:2.4.6.8.10:=Dino)",
          "(age>=18)", "(age<=9)", "(cn~=x)", "(cn;lang-de=x)", "(cn=\\28x\\29)", "(cn=)", "(cn=*)", "(o:dn:=Ace)"}) {
        CAPTURE(text);
        const auto filter = parseLdapFilter(text);
        REQUIRE_MESSAGE(filter, filter.error().what);
        CHECK(writeLdapFilter(*filter) == text);
    }
    const auto spaced = parseLdapFilter(" ( & (a=1)\n (b=2) ) ");
    REQUIRE(spaced);
    CHECK(writeLdapFilter(*spaced) == "(&(a=1)(b=2))");
}

TEST_CASE("ldap filter: each mistake is pointed at where a person should look") {
    struct Row {
        const char* text;
        std::size_t column;
        const char* says;
    };
    for (const auto& row :
         {Row{"", 0, "empty"}, Row{"uid=x", 0, "begins with an opening bracket"}, Row{"(uid=x", 0, "never closed"},
          Row{"(&(uid=x)(mail=y)", 0, "never closed"}, Row{"(uid=x))", 7, "no opening one"},
          Row{"(uid=x)(cn=y)", 7, "second filter"}, Row{"(&)", 2, "no condition"},
          Row{"(&uid=x)", 2, "its own brackets"}, Row{"(!uid=x)", 2, "its own brackets"},
          Row{"(!(a=1)(b=2))", 7, "Only one condition"}, Row{"((a=1))", 1, "Two opening"},
          Row{"(uid)", 4, "compared with nothing"}, Row{"(uid>5)", 4, "<= and >="}, Row{"(u id=x)", 2, "= is expected"},
          Row{"(=x)", 1, "name of an attribute is missing"}, Row{"(cn=a(b)", 5, "\\28"},
          Row{"(cn=a\\zz)", 5, "hexadecimal"}, Row{"(a>=x*)", 5, "asterisk"}, Row{"(uid=x)y", 7, "ended before"}}) {
        CAPTURE(row.text);
        const auto filter = parseLdapFilter(row.text);
        REQUIRE(!filter);
        CHECK(filter.error().place == row.column);
        CHECK_MESSAGE(filter.error().what.find(row.says) != std::string::npos, filter.error().what);
    }
}

TEST_CASE("ldap filter: depth, parts and length are bounded") {
    std::string deep;
    for (int i = 0; i < 40; ++i)
        deep += "(!";
    deep += "(a=1)" + std::string(40, ')');
    CHECK(parseLdapFilter(deep).error().code == Code::TooMany);
    std::string wide = "(|";
    for (int i = 0; i < 600; ++i)
        wide += "(a=1)";
    CHECK(parseLdapFilter(wide + ")").error().code == Code::TooMany);
    CHECK(parseLdapFilter("(a=" + std::string(9000, 'x') + ")").error().code == Code::TooLong);
}

TEST_CASE("ldap filter: no name can change the shape of a filter") {
    for (const std::string& name :
         {std::string("*)(uid=*"), std::string("a\0b", 3), std::string("\\2a"), std::string("ü(&)")}) {
        const auto filled =
            fillTemplate("(&(objectClass=person)(uid={user}))", [&](auto) { return escapeFilterValue(name); });
        const auto filter = parseLdapFilter(filled);
        REQUIRE(filter);
        REQUIRE(filter->parts.size() == 2);
        CHECK(filter->parts[1].attribute == "uid");
        CHECK(filter->parts[1].value.find('*') == std::string::npos);
    }
}

TEST_CASE("ldap filter: names are escaped for distinguished names") {
    CHECK(escapeDnValue("ann") == "ann");
    CHECK(escapeDnValue("a,b=c+d") == "a\\2cb\\3dc\\2bd");
    CHECK(escapeDnValue(" x ") == "\\20x\\20");
    CHECK(escapeDnValue("#1") == "\\231");
}

TEST_CASE("template: placeholders are names in braces, all else is plain text") {
    const auto parts = templateParts(R"({"user":"{user}",{}{X}{a b})");
    REQUIRE(parts.size() == 3);
    CHECK(parts[1].name == "user");
    CHECK(parts[1].column == 9);
    CHECK(fillTemplate("{a}-{b}", [](auto name) { return std::string(name) + "{b}"; }) == "a{b}-b{b}");
}
