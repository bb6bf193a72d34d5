#include "shared/proto/dns/message.h"

#include "shared/proto/dns/tsig.h"
#include "shared/proto/dns/zone_text.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::dns;

namespace {

/// Records of classes and types that zone text can hold.
void checkText(const Record& record) {
    if (record.klass != Class::In) return;
    const auto read = parseZoneText(recordText(record), Name{}, 0, {.bytes = 1U << 20});
    if (record.ttl > 0x7FFFFFFF) return;  // no such time to live in a zone file
    INVARIANT(read && read->size() == 1 && (*read)[0] == record);
}

}  // namespace

// What is read can be written, and is then read as the same; so can the text of every record.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const auto tsig = findTsig(input);
    if (tsig && *tsig) verifyTsig(input, **tsig, {(*tsig)->keyName, Secret{"key"}}, (*tsig)->time);
    const auto message = parseMessage(input);
    if (!message) return 0;
    const auto written = writeMessage(*message);
    if (!written) return 0;  // names of the input were compressed better than ours
    const auto again = parseMessage(*written);
    INVARIANT(again);
    INVARIANT(*again == *message);
    for (const auto* section : {&message->answers, &message->authorities, &message->additionals}) {
        for (const auto& record : *section)
            checkText(record);
    }
    return 0;
}
