#include <doctest/doctest.h>

#include "shared/base/text.h"
#include "shared/proto/radius/packet.h"

using namespace causeway;
using namespace causeway::radius;

namespace {

AccessRequest login() {
    AccessRequest request;
    request.identifier = 7;
    request.authenticator = "0123456789abcdef";
    request.userName = "ann";
    request.password = Secret{"a password of more than sixteen bytes"};
    request.nasIdentifier = "causeway";
    request.callingStationId = "10.0.0.9";
    return request;
}

const Secret kSecret{"testing123"};

Packet sent(Signature signature = Signature::MessageAuthenticator) {
    const auto bytes = writeAccessRequest(login(), kSecret, signature);
    REQUIRE(bytes);
    const auto packet = parsePacket(*bytes);
    REQUIRE(packet);
    return *packet;
}

}  // namespace

// The password of RFC 2865 7.1: "arctangent" with the secret "xyzzy5461".
TEST_CASE("radius: the example request of RFC 2865 hides the password as it says") {
    AccessRequest request;
    request.identifier = 0;
    request.authenticator = *parseHex("0f403f9473978057bd83d5cb98f4227a");
    request.userName = "nemo";
    request.password = Secret{"arctangent"};
    request.nasIdentifier = "x";
    const auto bytes = writeAccessRequest(request, Secret{"xyzzy5461"}, Signature::None);
    REQUIRE(bytes);
    CHECK(hexText(parsePacket(*bytes)->find(kUserPassword)->value) == "0dbe708d93d413ce3196e43f782a0aee");
}

TEST_CASE("radius: a request carries its signature first, and hides the password") {
    const auto packet = sent();
    REQUIRE(packet.attributes.size() == 5);
    CHECK(packet.attributes.front().type == kMessageAuthenticator);
    CHECK(packet.find(kUserName)->value == "ann");
    CHECK(packet.find(kUserPassword)->value.find("password") == std::string::npos);
    CHECK(revealPassword(packet, kSecret) == login().password.reveal());
    CHECK(sent(Signature::None).find(kMessageAuthenticator) == nullptr);
}

TEST_CASE("radius: signed answers with the right secret count") {
    const auto packet = sent();
    for (const auto& [code, kind] : {std::pair{PacketCode::AccessAccept, AnswerKind::Accept},
                                     std::pair{PacketCode::AccessReject, AnswerKind::Reject},
                                     std::pair{PacketCode::AccessChallenge, AnswerKind::Challenge}}) {
        const auto answer = writeAnswer(code, packet, kSecret, {{kReplyMessage, "Hello\n"}, {kProxyState, "x"}},
                                        Signature::MessageAuthenticator);
        const auto judged = checkAnswer(answer, 7, login().authenticator, kSecret);
        CHECK(judged.kind == kind);
        CHECK(judged.message == "Hello ");
        CHECK(checkAnswer(answer + "padding", 7, login().authenticator, kSecret).kind == kind);
    }
}

TEST_CASE("radius: a wrong secret, a missing and a broken signature are told apart") {
    const auto packet = sent();
    const auto accept = writeAnswer(PacketCode::AccessAccept, packet, kSecret, {}, Signature::MessageAuthenticator);
    const auto mark = login().authenticator;
    CHECK(checkAnswer(accept, 7, mark, Secret{"other"}).kind == AnswerKind::BadSecret);
    CHECK(checkAnswer(accept, 8, mark, kSecret).kind == AnswerKind::NotOurs);
    CHECK(checkAnswer(accept, 7, "0123456789abcdeX", kSecret).kind == AnswerKind::BadSecret);
    const auto unsignedAnswer = writeAnswer(PacketCode::AccessAccept, packet, kSecret, {}, Signature::None);
    CHECK(checkAnswer(unsignedAnswer, 7, mark, kSecret).kind == AnswerKind::Unsigned);
    // The attack of CVE-2024-3596 makes a right Response Authenticator without the secret; the signature stops it.
    const auto forged = writeAnswer(PacketCode::AccessAccept, packet, kSecret,
                                    {{kMessageAuthenticator, std::string(16, 'x')}}, Signature::None);
    CHECK(checkAnswer(forged, 7, mark, kSecret).kind == AnswerKind::BadSignature);
    const auto echoed = writeAccessRequest(login(), kSecret, Signature::MessageAuthenticator);
    CHECK(checkAnswer(*echoed, 7, mark, kSecret).kind == AnswerKind::NotOurs);
}

TEST_CASE("radius: names and passwords that do not fit are refused before sending") {
    auto request = login();
    request.password = Secret{std::string(129, 'x')};
    CHECK(writeAccessRequest(request, kSecret, Signature::MessageAuthenticator).error().code == Code::TooLong);
    request.password = Secret{std::string(128, 'x')};
    CHECK(writeAccessRequest(request, kSecret, Signature::MessageAuthenticator));
    request.userName = std::string(254, 'x');
    CHECK(!writeAccessRequest(request, kSecret, Signature::MessageAuthenticator));
    request.userName.clear();
    CHECK(!writeAccessRequest(request, kSecret, Signature::MessageAuthenticator));
}

TEST_CASE("radius: cut and impossible packets are refused") {
    const auto whole = *writeAccessRequest(login(), kSecret, Signature::MessageAuthenticator);
    for (std::size_t size = 0; size < whole.size(); ++size)
        CHECK(!parsePacket(whole.substr(0, size)));
    auto shortAttribute = whole;
    shortAttribute[21] = 1;
    CHECK(parsePacket(shortAttribute).error().code == Code::BadInput);
    auto longLength = whole;
    longLength[2] = '\x20';
    CHECK(!parsePacket(longLength));
}
