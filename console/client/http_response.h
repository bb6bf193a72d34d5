#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace causeway::client {

/// Parser of one HTTP/1.1 response: bytes in, cut anywhere; status, headers and body out. Pure.
/// Bounds: 64 KiB of headers, `maxBodyBytes` of body waiting in takeBody(); more is a failure.
/// Source: RFC 9112 4, 6, 7.1. Understood: content-length, chunked, body until the end of the connection.
class HttpResponseParser {
public:
    explicit HttpResponseParser(std::size_t maxBodyBytes) : maxBodyBytes_(maxBodyBytes) {}

    void feed(std::string_view bytes);
    void endOfStream();  ///< the peer closed

    bool hasHeaders() const { return part_ != Part::StatusLine && part_ != Part::Headers; }
    bool isDone() const { return part_ == Part::Done; }
    /// Sentence about what is wrong, empty if nothing is.
    const std::string& failure() const { return failure_; }
    int status() const { return status_; }
    /// Value of a header, name in lower case; empty if it is not there.
    std::string header(const std::string& lowerName) const;
    std::string takeBody();

private:
    enum class Part { StatusLine, Headers, Counted, UntilEnd, ChunkSize, ChunkData, ChunkEnd, Trailers, Done, Failed };

    void step();
    void fail(std::string sentence);
    std::optional<std::string> line();
    void statusLine(std::string_view text);
    void headerLine(std::string_view text);
    void chooseBody();
    void copyBody(std::size_t most);

    std::size_t maxBodyBytes_;
    Part part_ = Part::StatusLine;
    std::string input_;
    std::size_t at_ = 0;
    std::size_t headerBytes_ = 0;
    bool moved_ = false;
    int status_ = 0;
    std::map<std::string, std::string> headers_;
    std::uint64_t left_ = 0;
    std::string body_;
    std::string failure_;
};

}  // namespace causeway::client
