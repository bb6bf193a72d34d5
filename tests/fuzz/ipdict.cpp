#include "shared/proto/ipmsg/ipdict.h"

#include "shared/proto/ipmsg/packet.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::ipmsg;

namespace {

/// What is inside is read too, and only dictionaries that are rebuilt as they were come out.
void checkDict(const Dict& dict, int depth) {
    const auto again = parseDictContent(dict.content());
    // The rebuilt one is never longer: lengths have no zeros in front.
    INVARIANT(again && *again == dict);
    for (const auto& [key, value] : dict.entries()) {
        INVARIANT(dict.text(key));
        if (const auto number = dict.number(key)) {
            Dict rebuilt;
            rebuilt.putInt("N", *number);
            INVARIANT(rebuilt.number("N") == *number);
        }
        if (depth == 0) continue;
        if (const auto inner = dict.dict(key)) checkDict(*inner, depth - 1);
        if (const auto list = dict.dicts(key, 64)) {
            Dict rebuilt;
            rebuilt.putDicts("L", *list);
            const auto same = rebuilt.dicts("L", 64);
            INVARIANT(same && *same == *list);
        } else {
            INVARIANT(list.error().place && *list.error().place <= dict.text(key)->size());
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    if (const auto content = parseDictContent(input)) {
        checkDict(*content, 1);
    } else {
        INVARIANT(content.error().place && *content.error().place <= size);
    }
    const auto dict = parseDictPacket(input);
    const auto verified = verifySignedPacket(input);
    if (!dict) {
        INVARIANT(dict.error().place && *dict.error().place <= size);
        INVARIANT(!verified);
        return 0;
    }
    const auto packet = dict->packet();
    INVARIANT(packet.size() <= size);
    const auto again = parseDictPacket(packet);
    INVARIANT(again && *again == *dict);
    // Only a packet in its shortest form keeps its signature when it is rebuilt.
    if (verified && packet == input) INVARIANT(verifySignedPacket(packet));
    checkDict(*dict, 3);
    return 0;
}
