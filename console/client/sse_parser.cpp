#include "console/client/sse_parser.h"

#include <utility>

#include "shared/base/cursor.h"

namespace causeway::client {

void SseParser::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        // A carriage return ends the line at once; a line feed behind it belongs to it, even in the next read.
        if (skipLineFeed_) {
            skipLineFeed_ = false;
            if (bytes.front() == '\n') {
                bytes.remove_prefix(1);
                continue;
            }
        }
        const auto end = bytes.find_first_of("\r\n");
        append(partial_, bytes.substr(0, end));
        if (end == std::string_view::npos) return;
        skipLineFeed_ = bytes[end] == '\r';
        bytes.remove_prefix(end + 1);
        const auto text = std::exchange(partial_, {});
        line(text);
    }
}

std::vector<SseEvent> SseParser::takeEvents() {
    return std::exchange(events_, {});
}

void SseParser::append(std::string& to, std::string_view bytes) {
    if (to.size() + data_.size() + bytes.size() > maxEventBytes_) {
        isTooLong_ = true;
        return;
    }
    to.append(bytes);
}

void SseParser::line(std::string_view text) {
    if (std::exchange(isFirstLine_, false) && text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (text.empty()) {
        dispatch();
        return;
    }
    const auto colon = text.find(':');
    const auto field = text.substr(0, colon);
    auto value = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (field == "data") {
        if (hasData_) append(data_, "\n");
        hasData_ = true;
        append(data_, value);
    } else if (field == "event") {
        name_ = value;
    } else if (field == "id") {
        if (value.find('\0') == std::string_view::npos) lastId_ = value;
    } else if (field == "retry") {
        if (const auto millis = parseUnsigned(value)) retry_ = millis;
    }
}

void SseParser::dispatch() {
    auto name = std::exchange(name_, {});
    auto data = std::exchange(data_, {});
    const bool hadData = std::exchange(hasData_, false);
    if (std::exchange(isTooLong_, false)) {
        ++dropped_;
        return;
    }
    if (!hadData) return;
    events_.push_back({lastId_, name.empty() ? "message" : std::move(name), std::move(data)});
}

}  // namespace causeway::client
