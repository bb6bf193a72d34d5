#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace causeway::admin {

struct HttpRequest {
    std::string method;
    std::string target;                 ///< as sent
    std::vector<std::string> segments;  ///< of the path, decoded: "/v1/users/7" -> {"v1", "users", "7"}
    std::vector<std::pair<std::string, std::string>> query;    ///< decoded, in order
    std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
    std::string body;
    bool keepAlive = true;

    std::optional<std::string> header(std::string_view lowerName) const;
    std::optional<std::string> queryValue(std::string_view name) const;
};

/// Fills method, target, segments and query from a method and a target; for the parser and for tests.
/// False if the target is not "/path?query" with valid percent encoding of UTF-8 text.
bool readTarget(HttpRequest& request, std::string_view target);

/// Parser of HTTP/1.1 requests: bytes in, cut anywhere; one request out, then the next. Pure.
/// The head stops it: the caller looks who asks, then says with allowBody() how much body that one may send.
/// Bounds: 8 KiB of request line, 32 KiB of headers, 100 headers, the given body.
/// Errors: status() 400, 411, 413, 414, 431, 501, 505 with a sentence; the connection cannot go on after one.
/// Source: RFC 9112; a request with both lengths, a bad length or folded headers is refused (6.3, 5.2).
class HttpRequestParser {
public:
    enum class State { Head, HeadDone, Body, Done, Failed };

    void feed(std::string_view bytes);
    State state() const { return state_; }
    /// Something of a request has arrived; false between requests.
    bool hasBegun() const { return !input_.empty() || state_ != State::Head; }
    const HttpRequest& head() const { return request_; }
    bool wantsContinue() const { return wantsContinue_; }
    void allowBody(std::size_t mostBytes);
    /// After Done: the request; the parser starts over with what is left of the input.
    HttpRequest take();
    int failureStatus() const { return failureStatus_; }
    const std::string& failure() const { return failure_; }

private:
    enum class BodyPart { Counted, ChunkSize, ChunkData, ChunkEnd, Trailers };

    void run();
    void readHead(std::string_view head);
    bool readRequestLine(std::string_view line);
    bool readHeader(std::string_view line);
    void readBody();
    bool bodyLine(std::string& line);
    bool copyBody();
    void chooseBody();
    void fail(int status, std::string sentence);

    State state_ = State::Head;
    std::string input_;
    std::size_t at_ = 0;
    HttpRequest request_;
    bool wantsContinue_ = false;
    bool isChunked_ = false;
    std::uint64_t left_ = 0;
    BodyPart part_ = BodyPart::Counted;
    std::size_t trailerBytes_ = 0;
    std::size_t mostBody_ = 0;
    int failureStatus_ = 0;
    std::string failure_;
};

}  // namespace causeway::admin
