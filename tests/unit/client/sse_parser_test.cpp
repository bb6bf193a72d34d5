#include "console/client/sse_parser.h"

#include <doctest/doctest.h>

using namespace causeway::client;

namespace {

std::vector<SseEvent> parsed(const std::string& bytes, std::size_t step) {
    SseParser parser;
    for (std::size_t at = 0; at < bytes.size(); at += step)
        parser.feed(std::string_view{bytes}.substr(at, step));
    return parser.takeEvents();
}

}  // namespace

TEST_CASE("a stream gives the same events whole and byte by byte") {
    const std::string stream =
        "\xEF\xBB\xBF: comment\n\nid: 7\nevent: users\ndata: {\"a\":1}\n\n"
        "data: one\ndata:two\r\ndata\r\n\r\n"
        "event: nothing\n\n"
        "id\ndata: x\r\rretry: 1500\n: still here\nunknown: y\ndata:  two blanks\n\n"
        "data: never finished\n";
    const std::vector<SseEvent> wanted{{"7", "users", "{\"a\":1}"},
                                       {"7", "message", "one\ntwo\n"},
                                       {"", "message", "x"},
                                       {"", "message", " two blanks"}};
    for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{7}, stream.size()}) {
        CAPTURE(step);
        CHECK(parsed(stream, step) == wanted);
    }
}

TEST_CASE("the reconnection time and the last id are remembered") {
    SseParser parser;
    parser.feed("retry: 2500\nid: 12\n\nretry: soon\n");
    CHECK(parser.retry() == 2500);
    CHECK(parser.lastId() == "12");
    CHECK(parser.takeEvents().empty());
}

TEST_CASE("an event that is too large is dropped and the next one is read") {
    SseParser parser{100};
    parser.feed("data: " + std::string(200, 'x') + "\n\ndata: fine\n\n");
    const auto events = parser.takeEvents();
    REQUIRE(events.size() == 1);
    CHECK(events[0].data == "fine");
    CHECK(parser.droppedEvents() == 1);
    SseParser lines{100};
    for (int i = 0; i < 50; ++i)
        lines.feed("data: 1234567890\n");
    lines.feed("\ndata: fine\n\n");
    REQUIRE(lines.takeEvents().size() == 1);
    CHECK(lines.droppedEvents() == 1);
}
