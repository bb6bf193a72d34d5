#include "shared/proto/ipmsg/packet.h"

#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::ipmsg;

// What was read can be written and is then read as the same; errors tell a place inside the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const auto packet = parsePacket(input);
    if (!packet) {
        INVARIANT(packet.error().place && *packet.error().place <= size && !packet.error().what.empty());
        return 0;
    }
    INVARIANT(!isIpDict(input));
    INVARIANT(packet->body.find('\0') == std::string::npos);
    const auto written = writePacket(*packet);
    if (written.size() > kMaxDatagram) return 0;
    const auto again = parsePacket(written);
    INVARIANT(again);
    INVARIANT(again->version == packet->version && again->number == packet->number);
    INVARIANT(again->user == packet->user && again->host == packet->host);
    INVARIANT(again->command == packet->command && again->body == packet->body && again->ext == packet->ext);
    INVARIANT(writePacket(*again) == written);
    return 0;
}
