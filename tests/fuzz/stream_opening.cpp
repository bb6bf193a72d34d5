#include "shared/proto/xmpp/stream_opening.h"

#include <vector>

#include "shared/base/result.h"
#include "shared/base/text.h"
#include "shared/proto/xmpp/stream_writer.h"
#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using namespace causeway::xmpp;

namespace {

constexpr std::size_t kMostEvents = 20000;

std::vector<OpeningEvent> eventsOf(std::string_view input, std::size_t cut) {
    StreamOpening opening;
    std::vector<OpeningEvent> events;
    for (std::size_t at = 0; at < input.size(); at += cut) {
        opening.feed(input.substr(at, cut));
        while (auto event = opening.next()) {
            // Nothing comes behind the end, and every event has used up some of the bounded input.
            INVARIANT(events.size() < kMostEvents);
            INVARIANT(events.empty() || (events.back().kind != OpeningEvent::Kind::Failed &&
                                         events.back().kind != OpeningEvent::Kind::End));
            events.push_back(*event);
        }
    }
    return events;
}

}  // namespace

// The same events however the bytes are cut; what a header names can be said back without breaking out of ours.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    const auto whole = eventsOf(input, input.size() + 1);
    INVARIANT(eventsOf(input, 1) == whole);
    INVARIANT(eventsOf(input, 5) == whole);
    for (const auto& event : whole) {
        if (event.kind == OpeningEvent::Kind::Failed) INVARIANT(fuzz::isClean(event.text) && !event.text.empty());
        if (event.kind != OpeningEvent::Kind::Header) continue;
        INVARIANT(isValidUtf8(event.header.to) && isValidUtf8(event.header.from));
        StreamOpening again{{.bytes = 1U << 20}};
        again.feed(streamHeader({event.header.to, event.header.from, "id"}));
        const auto read = again.next();
        INVARIANT(read && read->kind == OpeningEvent::Kind::Header);
        INVARIANT(read->header.from == cleanUtf8(event.header.to));
    }
    return 0;
}
