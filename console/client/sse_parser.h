#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace causeway::client {

struct SseEvent {
    std::string id;    ///< last id seen, also when this event had none
    std::string name;  ///< "message" if the stream did not say
    std::string data;  ///< data lines joined by a line feed

    friend bool operator==(const SseEvent&, const SseEvent&) = default;
};

/// Parser of a server-sent event stream: bytes in, cut anywhere; events out. Pure.
/// Bounds: one event holds at most `maxEventBytes`; a longer one is dropped and counted.
/// Source: WHATWG HTML, "server-sent events", 9.2.6.
class SseParser {
public:
    explicit SseParser(std::size_t maxEventBytes = std::size_t{16} << 20U) : maxEventBytes_(maxEventBytes) {}

    void feed(std::string_view bytes);
    std::vector<SseEvent> takeEvents();
    const std::string& lastId() const { return lastId_; }
    /// Milliseconds of the last `retry:` line.
    std::optional<std::uint64_t> retry() const { return retry_; }
    std::size_t droppedEvents() const { return dropped_; }

private:
    void line(std::string_view text);
    void dispatch();
    void append(std::string& to, std::string_view bytes);

    std::size_t maxEventBytes_;
    std::string partial_;  ///< line without its end yet
    bool skipLineFeed_ = false;
    bool isFirstLine_ = true;
    bool isTooLong_ = false;
    bool hasData_ = false;
    std::string name_;
    std::string data_;
    std::string lastId_;
    std::optional<std::uint64_t> retry_;
    std::size_t dropped_ = 0;
    std::vector<SseEvent> events_;
};

}  // namespace causeway::client
