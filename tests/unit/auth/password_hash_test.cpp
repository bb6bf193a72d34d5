#include <doctest/doctest.h>

#include "service/auth/password_hash_io.h"

using namespace causeway;
using namespace causeway::auth;

// Made with libcrypt, libargon2 and Python's hashlib in the forms of passlib, Django and slapd; the password is always
// "open sesame".
namespace {
struct Row {
    const char* stored;
    HashScheme scheme;
};
constexpr Row kRows[] = {
    {"$2b$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW", HashScheme::Crypt},
    {"$2y$05$abcdefghijklmnopqrstuupx2xBUC4954936wVIjyyPHmUBFu0wCW", HashScheme::Crypt},
    {"$5$rounds=1000$saltsalt$nKsyTQBmKz4GdCft0Sv/FbzLiu0y3wFdEXOzudLQLJ5", HashScheme::Crypt},
    {"$6$rounds=1000$saltsalt$/IiX/CoEcxCZ9SksEXnbjfCT1LGvD4z5OpJkaFYl/T37OAwuKZ8I8BixDhruhPLkw6lS7dw/6wQWgQnGo7lLg/",
     HashScheme::Crypt},
    {"$y$j75$saltsaltsalt$/t.p6VFaMssrvW9hjFBIPSCdXaaCzdMD9V8t0nx8fL.", HashScheme::Crypt},
    {"$pbkdf2-sha256$1000$MDEyMzQ1Njc4OWFiY2RlZg$Mqp8wAsrOsjVEIymTD0kATxTpTf4f.0ZMgQPDlukk/w", HashScheme::Pbkdf2},
    {"$pbkdf2-sha512$1000$MDEyMzQ1Njc4OWFiY2RlZg$ef9jS8Lo7u8/BC2JthM17s79IAFuTySyROeiQ0cMMqhlp7MlL/"
     "lHHWTMlAtw8MC2P75e1ATWK4jX3NgfiUbhOQ",
     HashScheme::Pbkdf2},
    {"$pbkdf2$1000$MDEyMzQ1Njc4OWFiY2RlZg$0wzKv.f5gjvav2RcgmvaFPIA09Y", HashScheme::Pbkdf2},
    {"pbkdf2_sha256$1000$saltText$jWhpYWv/AZzRhNI+GVPxNx4kVDU1oaO9raHTWijlyBg=", HashScheme::Pbkdf2},
    {"{SSHA256}/UYr6vCWuPtt05Qvv0EzRtZJBS0lzQVNmjgkF+QR5M0wMTIzNDU2Nw==", HashScheme::SaltedSha2},
    {"{SSHA512}/07SuyAEJTGAcsK5hKLlA1izUB2nfkiFJByEcAmAkL6JOHo5oNYv7mQxGfxuvB4Vx+dnv5SYqoneQoU7ct6iDDAxMjM0NTY3",
     HashScheme::SaltedSha2},
    {"$argon2i$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$eKqIHfwngTTE7p9hYPetCVgvCb6fqhL+VUSk1VFEctY",
     HashScheme::Argon2},
    {"$argon2id$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$ALHf2bGjXCxkJIp1/RZfXBsnGk81Z1zOLEmtsukcHmE",
     HashScheme::Argon2},
    {"$argon2d$v=19$m=64,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$UcbJkofy8jp+WCrnljwnU56NScF/m99xQy8jPYSRqDw",
     HashScheme::Argon2},
};
}  // namespace

TEST_CASE("password hashes: every scheme is recognised, takes the right password and no other") {
    for (const auto& row : kRows) {
        CAPTURE(std::string(row.stored));
        CHECK(schemeOf(row.stored) == row.scheme);
        const auto right = passwordFits(row.scheme, Secret{"open sesame"}, row.stored);
        REQUIRE_MESSAGE(right, right.error().text());
        CHECK(*right);
        const auto wrong = passwordFits(row.scheme, Secret{"open sesamf"}, row.stored);
        REQUIRE(wrong);
        CHECK(!*wrong);
        const auto cut = passwordFits(row.scheme, Secret{"open sesame"}, std::string(row.stored).substr(0, 20));
        CHECK((!cut || !*cut));
    }
}

TEST_CASE("password hashes: plain text is never taken by itself") {
    CHECK(!schemeOf("open sesame"));
    CHECK(!schemeOf(""));
    CHECK(!schemeOf("$1$old$md5"));
    CHECK(*passwordFits(HashScheme::Plain, Secret{"x"}, "x"));
    CHECK(!*passwordFits(HashScheme::Plain, Secret{""}, ""));
    CHECK(passwordFits(HashScheme::Crypt, Secret{"x"}, "x").error().code == Code::Unsupported);
}

TEST_CASE("password hashes: a stored text cannot ask for unbounded work") {
    CHECK(passwordFits(HashScheme::Argon2, Secret{"x"}, "$argon2id$v=19$m=99999999,t=3,p=1$c2FsdHNhbHQ$AAAA")
              .error()
              .code == Code::TooMany);
    CHECK(passwordFits(HashScheme::Argon2, Secret{"x"}, "$argon2id$v=19$m=64,t=99999,p=1$c2FsdHNhbHQ$AAAA")
              .error()
              .code == Code::TooMany);
    CHECK(passwordFits(HashScheme::Pbkdf2, Secret{"x"}, "pbkdf2_sha256$99999999999$salt$AAAA").error().code ==
          Code::TooMany);
}

TEST_CASE("password hashes: a remembered password is hashed with a salt of its own") {
    Argon2Hasher hasher;
    const auto one = hasher.hash(Secret{"open sesame"});
    const auto two = hasher.hash(Secret{"open sesame"});
    REQUIRE(one);
    REQUIRE(two);
    CHECK(*one != *two);
    CHECK(one->starts_with("$argon2id$"));
    CHECK(hasher.fits(Secret{"open sesame"}, *one));
    CHECK(!hasher.fits(Secret{"Open sesame"}, *one));
}
