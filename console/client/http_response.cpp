#include "console/client/http_response.h"

#include <algorithm>
#include <utility>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::client {

namespace {

constexpr std::size_t kMaxHeaderBytes = 65536;

}  // namespace

void HttpResponseParser::feed(std::string_view bytes) {
    if (part_ == Part::Done || part_ == Part::Failed) return;
    input_.append(bytes);
    do {
        moved_ = false;
        step();
    } while (moved_ && part_ != Part::Done && part_ != Part::Failed);
    input_.erase(0, at_);
    at_ = 0;
}

void HttpResponseParser::endOfStream() {
    if (part_ == Part::UntilEnd) {
        part_ = Part::Done;
    } else if (part_ != Part::Done && part_ != Part::Failed) {
        fail("The connection was closed in the middle of the answer.");
    }
}

std::string HttpResponseParser::header(const std::string& lowerName) const {
    const auto found = headers_.find(lowerName);
    return found == headers_.end() ? std::string() : found->second;
}

std::string HttpResponseParser::takeBody() {
    return std::exchange(body_, {});
}

void HttpResponseParser::fail(std::string sentence) {
    part_ = Part::Failed;
    failure_ = std::move(sentence);
}

std::optional<std::string> HttpResponseParser::line() {
    const auto end = input_.find('\n', at_);
    if (end == std::string::npos) {
        if (input_.size() - at_ > kMaxHeaderBytes) fail("The answer has a line that is too long.");
        return std::nullopt;
    }
    auto text = std::string_view{input_}.substr(at_, end - at_);
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    at_ = end + 1;
    moved_ = true;
    return std::string(text);
}

void HttpResponseParser::step() {
    switch (part_) {
        case Part::StatusLine:
            if (const auto text = line()) statusLine(*text);
            return;
        case Part::Headers:
            if (const auto text = line()) headerLine(*text);
            return;
        case Part::Counted:
            copyBody(static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size() - at_)));
            if (part_ == Part::Counted && left_ == 0) part_ = Part::Done;
            return;
        case Part::UntilEnd:
            left_ = input_.size() - at_;
            copyBody(input_.size() - at_);
            return;
        case Part::ChunkSize:
            if (const auto text = line()) {
                const auto digits = trimmed(split(*text, ';').front());
                const auto size = digits.size() <= 8 ? parseUnsigned(digits, 16) : std::nullopt;
                if (!size) {
                    fail("The answer has a chunk without a size.");
                    return;
                }
                left_ = *size;
                part_ = left_ == 0 ? Part::Trailers : Part::ChunkData;
            }
            return;
        case Part::ChunkData:
            copyBody(static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size() - at_)));
            if (part_ == Part::ChunkData && left_ == 0) {
                part_ = Part::ChunkEnd;
                moved_ = true;
            }
            return;
        case Part::ChunkEnd:
            if (const auto text = line()) {
                if (!text->empty()) {
                    fail("A chunk of the answer is longer than it says.");
                    return;
                }
                part_ = Part::ChunkSize;
            }
            return;
        case Part::Trailers:
            if (const auto text = line(); text && text->empty()) part_ = Part::Done;
            return;
        case Part::Done:
        case Part::Failed:
            return;
    }
}

void HttpResponseParser::statusLine(std::string_view text) {
    const auto parts = split(text, ' ');
    const auto code = parts.size() >= 2 && parts[1].size() == 3 ? parseUnsigned(parts[1]) : std::nullopt;
    if (!code || !parts[0].starts_with("HTTP/1.")) {
        fail("What answers there does not speak HTTP.");
        return;
    }
    status_ = static_cast<int>(*code);
    part_ = Part::Headers;
}

void HttpResponseParser::headerLine(std::string_view text) {
    headerBytes_ += text.size();
    if (headerBytes_ > kMaxHeaderBytes) {
        fail("The headers of the answer are too long.");
        return;
    }
    if (text.empty()) {
        chooseBody();
        return;
    }
    const auto colon = text.find(':');
    if (colon == std::string_view::npos) {
        fail("The answer has a header without a colon.");
        return;
    }
    headers_[lowerAscii(text.substr(0, colon))] = std::string(trimmed(text.substr(colon + 1)));
}

void HttpResponseParser::chooseBody() {
    if (status_ >= 100 && status_ < 200) {
        // An interim answer; the real one follows.
        headers_.clear();
        part_ = Part::StatusLine;
        return;
    }
    if (status_ == 204 || status_ == 304) {
        part_ = Part::Done;
        return;
    }
    if (lowerAscii(header("transfer-encoding")).find("chunked") != std::string::npos) {
        part_ = Part::ChunkSize;
        return;
    }
    const auto length = header("content-length");
    if (length.empty()) {
        part_ = Part::UntilEnd;
        return;
    }
    const auto bytes = parseUnsigned(length);
    if (!bytes) {
        fail("The length of the answer is not a number.");
        return;
    }
    left_ = *bytes;
    part_ = left_ == 0 ? Part::Done : Part::Counted;
}

void HttpResponseParser::copyBody(std::size_t most) {
    if (most == 0) return;
    if (body_.size() + most > maxBodyBytes_) {
        fail("The answer is longer than " + std::to_string(maxBodyBytes_) + " bytes.");
        return;
    }
    body_.append(input_, at_, most);
    at_ += most;
    left_ -= most;
    moved_ = true;
}

}  // namespace causeway::client
