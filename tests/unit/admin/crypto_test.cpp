#include "service/admin/crypto.h"

#include <doctest/doctest.h>

#include <set>

#include "shared/base/text.h"

using namespace causeway;
using namespace causeway::admin;

TEST_CASE("a password fits its own hash and no other") {
    const Secret password{"correct horse battery"};
    const auto hash = hashPassword(password, 1000);
    CHECK(hash.starts_with("pbkdf2-sha256$1000$"));
    CHECK(hash != hashPassword(password, 1000));
    CHECK(checkPassword(password, hash));
    CHECK_FALSE(checkPassword(Secret{"correct horse batterz"}, hash));
    CHECK_FALSE(checkPassword(Secret{""}, hash));
}

TEST_CASE("the hash is PBKDF2-HMAC-SHA256 as others compute it") {
    // python3: hashlib.pbkdf2_hmac("sha256", b"password", b"salt" * 4, 4096)
    const auto derived = parseHex("16e35b12b41f465ca64d069578d750059775ccad5df3ad53d6b204acb122d1ee");
    const auto salt = base64Text("saltsaltsaltsalt");
    REQUIRE(derived);
    const auto good = hashPassword(Secret{"password"}, 4096);
    CHECK(good.size() > salt.size());
    CHECK(checkPassword(Secret{"password"}, "pbkdf2-sha256$4096$" + salt + "$" + base64Text(*derived)));
}

TEST_CASE("a damaged hash fits nothing") {
    const Secret password{"correct horse battery"};
    const auto good = hashPassword(password, 1000);
    for (const auto& bad : {std::string(), std::string("$$$"), std::string("pbkdf2-sha256$0$c2FsdA==$AAAA"),
                            good.substr(0, good.size() - 4), "sha1" + good.substr(13),
                            std::string("pbkdf2-sha256$1000$$") + base64Text(std::string(32, 'x'))}) {
        CAPTURE(bad);
        CHECK_FALSE(checkPassword(password, bad, 1000));
    }
}

TEST_CASE("short, long and broken passwords are refused with a sentence") {
    CHECK(passwordTrouble(Secret{"ten chars!"}).empty());
    CHECK(passwordTrouble(Secret{"nine char"}).find("10 characters") != std::string::npos);
    // Nine characters of three bytes each are still nine characters.
    std::string nine;
    for (int i = 0; i < 9; ++i)
        nine += "\xE5\xB1\xB1";
    CHECK_FALSE(passwordTrouble(Secret{nine}).empty());
    CHECK_FALSE(passwordTrouble(Secret{std::string(1001, 'x')}).empty());
    CHECK_FALSE(passwordTrouble(Secret{"\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"}).empty());
}

TEST_CASE("tokens are long, plain text and never the same") {
    std::set<std::string> seen;
    for (int i = 0; i < 100; ++i) {
        const auto token = newToken().reveal();
        CHECK(token.size() == 43);
        CHECK(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
              std::string::npos);
        CHECK(seen.insert(token).second);
    }
    CHECK(sha256Hex("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
