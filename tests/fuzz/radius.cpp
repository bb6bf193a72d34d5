#include "shared/proto/radius/packet.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::radius;

// A packet that is read can be written and read again the same; no input passes as an answer without the secret.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const Secret secret{"0d9c1c6ab0a54b3f8f1a"};
    const std::string mark = "0123456789abcdef";
    if (const auto packet = parsePacket(input)) {
        const auto written = writePacket(*packet);
        const auto again = parsePacket(written);
        INVARIANT(again && *again == *packet && written.size() <= input.size());
        static_cast<void>(revealPassword(*packet, secret));
        const auto judged = checkAnswer(input, packet->identifier, mark, secret);
        INVARIANT(judged.kind == AnswerKind::NotOurs || judged.kind == AnswerKind::BadSecret);
        // What a server makes of the same attributes is accepted exactly if it is signed once.
        Packet request{1, packet->identifier, mark, {}};
        std::vector<Attribute> attributes;
        std::size_t bytes = 0;
        for (const auto& attribute : packet->attributes) {
            bytes += attribute.value.size() + 2;
            if (attribute.type != kMessageAuthenticator && bytes < 4000) attributes.push_back(attribute);
        }
        const auto good =
            writeAnswer(PacketCode::AccessAccept, request, secret, attributes, Signature::MessageAuthenticator);
        const auto fine = checkAnswer(good, packet->identifier, mark, secret);
        INVARIANT(fine.kind == AnswerKind::Accept && fuzz::isClean(fine.message));
        const auto bare = writeAnswer(PacketCode::AccessAccept, request, secret, attributes, Signature::None);
        INVARIANT(checkAnswer(bare, packet->identifier, mark, secret).kind == AnswerKind::Unsigned);
    } else {
        INVARIANT(checkAnswer(input, 0, mark, secret).kind == AnswerKind::NotOurs);
    }
    return 0;
}
