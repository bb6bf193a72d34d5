#include "console/client/http_response.h"

#include <doctest/doctest.h>

#include <array>

using namespace causeway::client;

namespace {

struct Answer {
    HttpResponseParser parser{1000};
    std::string body;
    explicit Answer(const std::string& bytes, std::size_t step = 1) {
        for (std::size_t at = 0; at < bytes.size(); at += step) {
            parser.feed(std::string_view{bytes}.substr(at, step));
            body += parser.takeBody();
        }
    }
};

}  // namespace

TEST_CASE("answers with a length, in chunks and until the end are read, cut anywhere") {
    for (const std::size_t step : {std::size_t{1}, std::size_t{5}, std::size_t{1000}}) {
        CAPTURE(step);
        Answer counted{"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nETag: \"7\"\r\n\r\nhello", step};
        CHECK(counted.parser.isDone());
        CHECK(counted.body == "hello");
        CHECK(counted.parser.header("etag") == "\"7\"");
        Answer chunked{
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x\r\nlo\r\n0\r\nT: y\r\n\r\n", step};
        CHECK(chunked.parser.isDone());
        CHECK(chunked.body == "hello");
        Answer open{"HTTP/1.1 200 OK\r\n\r\nhello", step};
        CHECK_FALSE(open.parser.isDone());
        open.parser.endOfStream();
        CHECK(open.parser.isDone());
        CHECK(open.body == "hello");
        Answer interim{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", step};
        CHECK(interim.parser.isDone());
        CHECK(interim.parser.status() == 204);
    }
}

TEST_CASE("answers that break the rules fail with a sentence") {
    const std::array<std::string, 7> bad{
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x'),
    };
    for (const auto& bytes : bad) {
        HttpResponseParser parser{1000};
        parser.feed(bytes);
        CAPTURE(bytes);
        CHECK_FALSE(parser.failure().empty());
        CHECK_FALSE(parser.isDone());
    }
    HttpResponseParser cut{1000};
    cut.feed("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel");
    cut.endOfStream();
    CHECK_FALSE(cut.failure().empty());
}
