#include <doctest/doctest.h>

#include "shared/base/text.h"
#include "shared/proto/scram/keys.h"

using namespace causeway;

// The example exchanges of the RFCs: their proofs and signatures follow from these keys.
TEST_CASE("scram: keys of RFC 5802 and RFC 7677 come out") {
    const Secret password{"pencil"};
    const auto sha1 = scram::deriveKeys(ScramHash::Sha1, password, *parseBase64("QSXCR+Q6sek8bf92"), 4096);
    CHECK(hexText(sha1.storedKey) == "e9d94660c39d65c38fbad91c358f14da0eef2bd6");
    CHECK(hexText(sha1.serverKey) == "0fe09258b3ac852ba502cc62ba903eaacdbf7d31");
    const auto sha256 = scram::deriveKeys(ScramHash::Sha256, password, *parseBase64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
    CHECK(base64Text(sha256.storedKey) == "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=");
    CHECK(base64Text(sha256.serverKey) == "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST_CASE("scram: a password fits its own keys of every hash and no other") {
    const auto keys = scram::deriveAllKeys(Secret{"open sesame"}, "0123456789abcdef", 4096);
    REQUIRE(keys.size() == 3);
    for (const auto& each : keys) {
        CHECK(scram::passwordFits(each, Secret{"open sesame"}));
        CHECK(!scram::passwordFits(each, Secret{"open sesame "}));
    }
    CHECK(keys[2].storedKey.size() == 64);
    CHECK(scram::deriveAllKeys(Secret{"x"}, "0123456789abcdef", 1)[0].iterations == scram::kLeastIterations);
}

TEST_CASE("scram: passwords are compared in composed form, with every blank a blank") {
    const auto prepared = scram::preparePassword(Secret{"u\xcc\x88\xc2\xa0x"});
    REQUIRE(prepared);
    CHECK(prepared->reveal() == "\xc3\xbc x");
    CHECK(!scram::preparePassword(Secret{""}));
    CHECK(!scram::preparePassword(Secret{"a\x01"}));
    CHECK(!scram::preparePassword(Secret{"\xff"}));
    CHECK(!scram::preparePassword(Secret{std::string(2000, 'a')}));
}

TEST_CASE("scram: an unknown name always shows the same salt") {
    const Secret pepper{"pepper"};
    CHECK(scram::saltOfUnknown(pepper, "ann@x") == scram::saltOfUnknown(pepper, "ann@x"));
    CHECK(scram::saltOfUnknown(pepper, "ann@x") != scram::saltOfUnknown(pepper, "bob@x"));
    CHECK(scram::saltOfUnknown(pepper, "ann@x").size() == 16);
}
