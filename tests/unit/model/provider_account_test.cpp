#include <doctest/doctest.h>

#include "shared/model/account.h"
#include "shared/model/proof.h"

using namespace causeway;

TEST_CASE("account import: what a spreadsheet writes is read") {
    const auto list = parseAccountImport(
        "\xEF\xBB\xBFUser;Password;Name;E-Mail;Disabled;Colour\r\n"
        "Ann;\"se;cret\"\"1\";Ann Lee;ann@example.com;;red\r\n"
        "\r\n"
        "bob;x y;Bob;bob@example.com;yes\r\n");
    CHECK(list.problems.empty());
    REQUIRE(list.warnings.size() == 1);
    CHECK(list.warnings[0].line == 1);
    CHECK(list.warnings[0].text.find("left out: \"Colour\".") != std::string::npos);
    REQUIRE(list.accounts.size() == 2);
    CHECK(list.accounts[0].localPart == "ann");
    CHECK(list.accounts[0].password.reveal() == "se;cret\"1");
    CHECK(list.accounts[0].mail == "ann@example.com");
    CHECK(!list.accounts[0].isDisabled);
    CHECK(list.accounts[1].password.reveal() == "x y");
    CHECK(list.accounts[1].isDisabled);
    CHECK(list.accounts[1].line == 4);
}

TEST_CASE("account import: a bad line is told with its number, the others are taken") {
    const auto list = parseAccountImport(
        "user,password\n"
        "ann,secret\n"
        "ann@example.com,secret\n"
        "bob,\n"
        "\"two\nlines\",x\n"
        "ANN,other\n"
        "c,d,e\n"
        "eve,secret\n");
    REQUIRE(list.accounts.size() == 2);
    CHECK(list.accounts[1].localPart == "eve");
    REQUIRE(list.problems.size() == 5);
    CHECK(list.problems[0].line == 3);
    CHECK(list.problems[1].line == 4);
    CHECK(list.problems[2].line == 5);
    CHECK(list.problems[3].line == 7);
    CHECK(list.problems[3].text.find("line 2") != std::string::npos);
    CHECK(list.problems[4].line == 8);
}

TEST_CASE("account import: a file of another kind is refused as a whole") {
    for (const std::string text : {"name,mail\na,b\n", "user,password,user\n", "\xff\xfe", "", "user,password\n"}) {
        const auto list = parseAccountImport(text);
        CHECK(list.accounts.empty());
        CHECK(!list.problems.empty());
    }
    CHECK(parseAccountImport("user,password\n\"a,b\n").problems.front().text.find("never closed") != std::string::npos);
}

TEST_CASE("account import: unknown columns are named, at most ten of them; known and blank ones are not") {
    CHECK(parseAccountImport("user,password,name,,\nann,x,Ann,,\n").warnings.empty());
    std::string titles = "user,password";
    for (int i = 1; i <= 12; ++i)
        titles += ",extra" + std::to_string(i);
    const auto list = parseAccountImport(titles + "\nann,secret\n");
    CHECK(list.accounts.size() == 1);
    REQUIRE(list.warnings.size() == 1);
    CHECK(list.warnings[0].text.find("\"extra10\", ...") != std::string::npos);
    CHECK(list.warnings[0].text.find("extra11") == std::string::npos);
}

TEST_CASE("account import: a Latin-1 file is one sentence with the line and what to do") {
    const auto list = parseAccountImport("user,password,name\nann,secret,Ann\njo,secret,J\xF6rg\nbo,secret,B\xF6\n");
    CHECK(list.accounts.empty());
    REQUIRE(list.problems.size() == 1);
    CHECK(list.problems[0].line == 3);
    CHECK(list.problems[0].text.find("Save it as UTF-8") != std::string::npos);
}

TEST_CASE("account: the part left of the @ has no characters that addresses forbid") {
    CHECK(localPartTrouble("ann.lee").empty());
    CHECK(localPartTrouble("j\xc3\xbcrgen").empty());
    for (const std::string bad : {"", "a b", "a@b", "a/b", "a\"b", "a\x01", "\xff"})
        CHECK(!localPartTrouble(bad).empty());
    CHECK(!localPartTrouble(std::string(1024, 'a')).empty());
}

TEST_CASE("proof: the whole is as bad as its worst part, and the first trouble is found") {
    ProofStep whole{.id = "provider", .name = "Test"};
    whole.children = {
        {.id = "a", .name = "First", .state = ProofState::Fine},
        {.id = "b", .name = "Second", .state = ProofState::Broken, .why = "It is shut.", .todo = "Open it."},
        {.id = "c", .name = "Third"}};
    CHECK(worstOf(whole.children) == ProofState::Broken);
    CHECK(oneIsEnough(whole.children) == ProofState::Partly);
    REQUIRE(firstTrouble(whole));
    CHECK(firstTrouble(whole)->id == "b");
    CHECK(proofText(whole).find("  [broken] Second") != std::string::npos);
    CHECK(worstOf({}) == ProofState::Unknown);
    CHECK(proofStateOf("partly") == ProofState::Partly);
}
