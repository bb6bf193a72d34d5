#include "shared/proto/icmp/message.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::icmp;

// Errors quote something, echoes carry a question; nothing is read beyond the input, and a packet with an IP header
// gives the same message as without.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    if (const auto message = parseMessage(input)) {
        const bool isEcho = message->type == kEchoRequest || message->type == kEchoReply;
        INVARIANT(isEcho == message->echoIdentifier.has_value());
        INVARIANT(isEcho == message->echoSequence.has_value());
        INVARIANT(!(isEcho && message->quote));
        INVARIANT(!message->mtu || (message->type == kUnreachable && message->code == 4));
        INVARIANT(message->isChecksumRight == (checksum(input) == 0));
        if (isEcho) {
            INVARIANT(message->payload.size() + 8 == input.size());
            const auto written = writeEchoRequest(*message->echoIdentifier, *message->echoSequence, message->payload);
            const auto again = parseMessage(written);
            INVARIANT(again && again->isChecksumRight && again->payload == message->payload);
            INVARIANT(again->echoIdentifier == message->echoIdentifier);
        }
        if (message->quote) {
            const auto& quote = *message->quote;
            INVARIANT(quote.sourcePort.has_value() == quote.destinationPort.has_value());
            if (quote.sourcePort)
                INVARIANT(message->isAbout(quote.protocol, quote.source, *quote.sourcePort, quote.destination,
                                           *quote.destinationPort));
        }
        // 20 bytes of IP header: version and length, protocol 1.
        std::string packet(20, '\0');
        packet[0] = '\x45';
        packet[9] = '\x01';
        packet += input;
        Ip4 from;
        std::uint8_t ttl = 0;
        const auto framed = parsePacket(packet, from, ttl);
        INVARIANT(framed && framed->type == message->type && framed->quote == message->quote);
    }
    Ip4 from;
    std::uint8_t ttl = 0;
    static_cast<void>(parsePacket(input, from, ttl));
    return 0;
}
