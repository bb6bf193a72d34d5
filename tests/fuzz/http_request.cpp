#include "service/admin/http_request.h"

#include "shared/base/result.h"

#include "tests/fuzz/fuzz_input.h"

using namespace causeway;
using State = admin::HttpRequestParser::State;

namespace {

struct Outcome {
    std::string text;
    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Everything that the parser says, with the input cut into pieces.
Outcome parsed(std::string_view input, std::size_t step) {
    Outcome outcome;
    admin::HttpRequestParser parser;
    const auto settle = [&] {
        while (parser.state() == State::HeadDone || parser.state() == State::Done) {
            if (parser.state() == State::HeadDone) {
                parser.allowBody(1000);
                continue;
            }
            const auto request = parser.take();
            INVARIANT(request.body.size() <= 1000 && request.headers.size() <= 100);
            outcome.text += request.method + " " + request.target + "\n" + request.body + "\n";
        }
    };
    for (std::size_t at = 0; at < input.size(); at += step) {
        parser.feed(input.substr(at, step));
        settle();
    }
    if (parser.state() == State::Failed) {
        INVARIANT(parser.failureStatus() >= 400 && !parser.failure().empty());
        outcome.text += std::to_string(parser.failureStatus());
    }
    return outcome;
}

}  // namespace

// Input: the bytes of a connection. Whole and byte by byte must be the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto input = fuzz::inputOf(data, size);
    INVARIANT(parsed(input, 1) == parsed(input, input.size() + 1));
    return 0;
}
