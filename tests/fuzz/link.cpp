#include <string>
#include <vector>

#include "shared/proto/link/invitation.h"
#include "shared/proto/link/message.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::link;

namespace {

std::vector<std::string> messagesOf(std::string_view input, std::size_t cut) {
    std::vector<std::string> all;
    FrameReader reader(kMostFrame);
    for (std::size_t at = 0; at < input.size(); at += cut) {
        reader.feed(input.substr(at, cut));
        while (auto message = reader.next()) {
            if (!*message) {
                all.push_back("broken: " + message->error().what);
                return all;
            }
            all.push_back(writeMessage(**message));
        }
    }
    return all;
}

}  // namespace

// What is read is written the same, byte for byte; a stream gives the same messages however it is cut.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    if (const auto message = readMessage(input)) {
        const auto* hello = std::get_if<Hello>(&*message);
        // Of another protocol only the beginning is read.
        if (hello && hello->protocol != kProtocol) {
            INVARIANT(input.starts_with(writeMessage(*message)));
        } else {
            INVARIANT(writeMessage(*message) == input);
        }
        const auto frame = writeFrame(*message);
        INVARIANT(frame.empty() || messagesOf(frame, 1) == std::vector{writeMessage(*message)});
        if (const auto* refused = std::get_if<Refused>(&*message)) INVARIANT(fuzz::isClean(refused->sentence));
    }
    INVARIANT(messagesOf(input, 1) == messagesOf(input, input.size() + 1));
    if (const auto invitation = readInvitation(input)) {
        const auto again = readInvitation(writeInvitation(*invitation));
        INVARIANT(again && again->token == invitation->token && again->host == invitation->host &&
                  again->expiresAt == invitation->expiresAt);
    }
    if (const auto mark = readCountDatagram(input)) INVARIANT(mark->number <= 10000 && !mark->mark.empty());
    return 0;
}
