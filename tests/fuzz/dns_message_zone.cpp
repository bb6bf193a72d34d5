#include "shared/proto/dns/message.h"
#include "shared/proto/dns/zone_text.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::dns;

// Whatever somebody types into "extra records": either an error with a line, or records that print and read the same
// and fit a message.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const auto origin = Name::parse("chat.example.com");
    INVARIANT(origin);
    const auto records = parseZoneText(input, *origin, 300);
    if (!records) {
        INVARIANT(!records.error().what.empty() && fuzz::isClean(records.error().text()));
        return 0;
    }
    for (const auto& record : *records) {
        INVARIANT(isDataOf(record.type, record.data));
        const auto again = parseZoneText(recordText(record), *origin, 0, {.bytes = 1U << 20});
        INVARIANT(again && again->size() == 1 && (*again)[0] == record);
        Message message;
        message.answers = {record};
        const auto bytes = writeMessage(message);
        if (!bytes) continue;  // longer than a message
        const auto read = parseMessage(*bytes);
        INVARIANT(read && read->answers == message.answers);
    }
    return 0;
}
