#include "service/admin/http_request.h"

#include <doctest/doctest.h>

#include <array>

using namespace causeway::admin;
using State = HttpRequestParser::State;

namespace {

const std::string kPost =
    "POST /v1/ranges?x=a%20b&y=1+2 HTTP/1.1\r\nHost: hq\r\nAuthorization: Bearer abc\r\nContent-Length: 11\r\n\r\n"
    "hello world";

HttpRequestParser fedWith(const std::string& bytes, std::size_t most = 100) {
    HttpRequestParser parser;
    parser.feed(bytes);
    if (parser.state() == State::HeadDone) parser.allowBody(most);
    return parser;
}

}  // namespace

TEST_CASE("a request is read whole and byte by byte with the same result") {
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, kPost.size()}) {
        HttpRequestParser parser;
        for (std::size_t at = 0; at < kPost.size(); at += step) {
            parser.feed(std::string_view{kPost}.substr(at, step));
            if (parser.state() == State::HeadDone) parser.allowBody(100);
        }
        REQUIRE(parser.state() == State::Done);
        const auto request = parser.take();
        CHECK(request.method == "POST");
        CHECK(request.segments == std::vector<std::string>{"v1", "ranges"});
        CHECK(request.queryValue("x") == "a b");
        CHECK(request.queryValue("y") == "1 2");
        CHECK_FALSE(request.queryValue("z"));
        CHECK(request.header("authorization") == "Bearer abc");
        CHECK(request.body == "hello world");
        CHECK(request.keepAlive);
        CHECK_FALSE(parser.hasBegun());
    }
}

TEST_CASE("chunked bodies and pipelined requests are read one after the other") {
    HttpRequestParser parser;
    parser.feed(
        "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n6\r\n world\r\n0\r\nT: 1\r\n\r\n"
        "GET /b HTTP/1.1\r\nConnection: close\r\n\r\n");
    REQUIRE(parser.state() == State::HeadDone);
    parser.allowBody(11);
    REQUIRE(parser.state() == State::Done);
    CHECK(parser.take().body == "hello world");
    REQUIRE(parser.state() == State::HeadDone);
    parser.allowBody(0);
    REQUIRE(parser.state() == State::Done);
    const auto second = parser.take();
    CHECK(second.segments == std::vector<std::string>{"b"});
    CHECK_FALSE(second.keepAlive);
}

TEST_CASE("requests that break the rules are refused with the right status") {
    struct Row {
        std::string bytes;
        int status;
    };
    const std::array rows{
        Row{"GET /\r\n\r\n", 400},
        Row{"GET / HTTP/2.0\r\n\r\n", 505},
        Row{"G ET / HTTP/1.1\r\n\r\n", 400},
        Row{"GET noslash HTTP/1.1\r\n\r\n", 400},
        Row{"GET /%zz HTTP/1.1\r\n\r\n", 400},
        Row{"GET /%ff HTTP/1.1\r\n\r\n", 400},
        Row{"GET /%00 HTTP/1.1\r\n\r\n", 400},
        Row{"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400},
        Row{"GET / HTTP/1.1\r\n folded: x\r\n\r\n", 400},
        Row{"GET / HTTP/1.1\r\nspace : x\r\n\r\n", 400},
        Row{"GET / HTTP/1.1\r\nX: a\x01"
            "b\r\n\r\n",
            400},
        Row{"PUT / HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400},
        Row{"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
        Row{"PUT / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        Row{"PUT / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        Row{"PUT / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        Row{"PUT / HTTP/1.1\r\nContent-Length: 101\r\n\r\n", 413},
        Row{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400},
        Row{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n", 400},
        Row{"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n80\r\n" + std::string(0x80, 'x'), 413},
        Row{"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n", 414},
        Row{"GET / HTTP/1.1\r\nX: " + std::string(50'000, 'a'), 431},
    };
    for (const auto& row : rows) {
        const auto bytes = row.bytes.substr(0, 80);
        CAPTURE(bytes);
        const auto parser = fedWith(row.bytes);
        REQUIRE(parser.state() == State::Failed);
        CHECK(parser.failureStatus() == row.status);
        CHECK_FALSE(parser.failure().empty());
    }
    std::string many = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 101; ++i)
        many += "X: y\r\n";
    CHECK(fedWith(many + "\r\n").failureStatus() == 431);
}

TEST_CASE("an encoded slash stays inside its segment") {
    HttpRequest request;
    REQUIRE(readTarget(request, "/v1/problems/lan.other%2Fmaster%3A10.1.0.7/mute"));
    CHECK(request.segments == std::vector<std::string>{"v1", "problems", "lan.other/master:10.1.0.7", "mute"});
}

TEST_CASE("who asks for 100-continue is heard") {
    HttpRequestParser parser;
    parser.feed("PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    CHECK(parser.wantsContinue());
}

TEST_CASE("one header may fill the 32 KiB of headers and not one byte more, also before its end has come") {
    const std::string first = "GET / HTTP/1.1\r\n";
    const std::string name = "x-long: ";
    const std::string fits(32768 - name.size(), 'x');
    HttpRequestParser good;
    good.feed(first + name + fits + "\r\n\r\n");
    CHECK(good.state() == HttpRequestParser::State::HeadDone);
    HttpRequestParser whole;
    whole.feed(first + name + fits + "x\r\n\r\n");
    CHECK(whole.failureStatus() == 431);
    HttpRequestParser open;
    open.feed(first + name + fits + "xyz");
    CHECK(open.failureStatus() == 431);
    HttpRequestParser line;
    line.feed("GET /" + std::string(8192, 'x'));
    CHECK(line.failureStatus() == 414);
}

TEST_CASE("a line between chunks has at most 1024 bytes, however the bytes come") {
    for (const std::size_t length : {std::size_t{1024}, std::size_t{1025}}) {
        const auto bytes =
            "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0;" + std::string(length - 2, 'x') + "\r\n\r\n";
        for (const std::size_t step : {std::size_t{1}, std::size_t{7}, bytes.size()}) {
            CAPTURE(length);
            CAPTURE(step);
            HttpRequestParser parser;
            for (std::size_t at = 0; at < bytes.size(); at += step) {
                parser.feed(std::string_view{bytes}.substr(at, step));
                if (parser.state() == State::HeadDone) parser.allowBody(100);
            }
            CHECK((parser.state() == State::Done) == (length == 1024));
            CHECK((parser.state() == State::Failed) == (length == 1025));
        }
    }
}
