#include "service/admin/http_request.h"

#include <algorithm>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::admin {

namespace {

constexpr std::size_t kMaxRequestLine = 8192;
constexpr std::size_t kMaxHeaderBytes = 32768;
constexpr std::size_t kMaxHeaders = 100;
constexpr std::size_t kMaxQueryValues = 64;

bool isTokenCharacter(char c) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

enum class Plus { IsPlus, IsBlank };

std::optional<std::string> percentDecoded(std::string_view text, Plus plus) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plus == Plus::IsBlank) {
            out += ' ';
        } else if (text[i] != '%') {
            out += text[i];
        } else {
            const auto byte = parseHex(text.substr(i + 1, 2));
            if (!byte || byte->size() != 1) return std::nullopt;
            out += *byte;
            i += 2;
        }
    }
    if (!isValidUtf8(out) || out.find('\0') != std::string::npos) return std::nullopt;
    return out;
}

}  // namespace

std::optional<std::string> HttpRequest::header(std::string_view lowerName) const {
    for (const auto& [name, value] : headers) {
        if (name == lowerName) return value;
    }
    return std::nullopt;
}

std::optional<std::string> HttpRequest::queryValue(std::string_view name) const {
    for (const auto& [key, value] : query) {
        if (key == name) return value;
    }
    return std::nullopt;
}

bool readTarget(HttpRequest& request, std::string_view target) {
    request.target = target;
    request.segments.clear();
    request.query.clear();
    if (!target.starts_with('/')) return false;
    for (const char c : target) {
        if (static_cast<unsigned char>(c) <= 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '#') return false;
    }
    const auto mark = target.find('?');
    for (const auto part : split(target.substr(1, mark == std::string_view::npos ? mark : mark - 1), '/')) {
        auto segment = percentDecoded(part, Plus::IsPlus);
        if (!segment) return false;
        request.segments.push_back(std::move(*segment));
    }
    if (mark == std::string_view::npos) return true;
    for (const auto part : split(target.substr(mark + 1), '&')) {
        if (part.empty()) continue;
        const auto equals = part.find('=');
        auto name = percentDecoded(part.substr(0, equals), Plus::IsBlank);
        auto value = percentDecoded(equals == std::string_view::npos ? std::string_view{} : part.substr(equals + 1),
                                    Plus::IsBlank);
        if (!name || !value || request.query.size() >= kMaxQueryValues) return false;
        request.query.emplace_back(std::move(*name), std::move(*value));
    }
    return true;
}

void HttpRequestParser::feed(std::string_view bytes) {
    if (state_ == State::Failed) return;
    input_.append(bytes);
    run();
}

void HttpRequestParser::run() {
    if (state_ == State::Head) {
        // Blank lines before a request are allowed (RFC 9112 2.2).
        while (at_ < input_.size() && (input_[at_] == '\r' || input_[at_] == '\n'))
            ++at_;
        const auto end = input_.find("\r\n\r\n", at_);
        const auto size = (end == std::string::npos ? input_.size() : end) - at_;
        // Each part has its own limit: a short first line makes no room for longer headers.
        const auto lineEnd = input_.find("\r\n", at_);
        const auto line = lineEnd == std::string::npos ? size : std::min(size, lineEnd - at_);
        if (line > kMaxRequestLine) {
            fail(414, "The address of the request is longer than " + std::to_string(kMaxRequestLine) + " bytes.");
            return;
        }
        if (size - line > kMaxHeaderBytes + 2) {
            fail(431, "The headers of the request are longer than " + std::to_string(kMaxHeaderBytes) + " bytes.");
            return;
        }
        if (end == std::string::npos) return;
        const std::string head = input_.substr(at_, size);
        at_ = end + 4;
        readHead(head);
        return;
    }
    if (state_ == State::Body) readBody();
}

void HttpRequestParser::readHead(std::string_view head) {
    const auto lineEnd = head.find("\r\n");
    if (!readRequestLine(head.substr(0, lineEnd))) return;
    while (lineEnd != std::string_view::npos && !head.empty()) {
        const auto end = head.find("\r\n");
        if (end == std::string_view::npos) break;
        head.remove_prefix(end + 2);
        if (!readHeader(head.substr(0, head.find("\r\n")))) return;
    }
    chooseBody();
}

bool HttpRequestParser::readRequestLine(std::string_view line) {
    if (line.size() > kMaxRequestLine) {
        fail(414, "The address of the request is longer than " + std::to_string(kMaxRequestLine) + " bytes.");
        return false;
    }
    const auto parts = split(line, ' ');
    if (parts.size() != 3 || !isToken(parts[0]) || parts[0].size() > 20) {
        fail(400, "The first line is not an HTTP request.");
        return false;
    }
    if (parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0") {
        fail(505, "Only HTTP/1.1 is spoken here.");
        return false;
    }
    request_.method = parts[0];
    request_.keepAlive = parts[2] == "HTTP/1.1";
    if (!readTarget(request_, parts[1])) {
        fail(400, "The address of the request is not a path with valid percent encoding.");
        return false;
    }
    return true;
}

bool HttpRequestParser::readHeader(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) {
        fail(400, "A header of the request has no valid name.");
        return false;
    }
    if (request_.headers.size() >= kMaxHeaders) {
        fail(431, "The request has more than " + std::to_string(kMaxHeaders) + " headers.");
        return false;
    }
    const auto value = trimmed(line.substr(colon + 1));
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
            fail(400, "A header of the request holds a control character.");
            return false;
        }
    }
    request_.headers.emplace_back(lowerAscii(line.substr(0, colon)), std::string(value));
    return true;
}

void HttpRequestParser::chooseBody() {
    state_ = State::HeadDone;
    std::optional<std::string> length;
    isChunked_ = false;
    for (const auto& [name, value] : request_.headers) {
        if (name == "content-length") {
            if (length && *length != value) {
                fail(400, "The request has two lengths.");
                return;
            }
            length = value;
        } else if (name == "transfer-encoding") {
            if (isChunked_ || lowerAscii(value) != "chunked") {
                fail(501, "The only transfer encoding that is understood is chunked.");
                return;
            }
            isChunked_ = true;
        } else if (name == "connection") {
            const auto words = lowerAscii(value);
            if (words.find("close") != std::string::npos) request_.keepAlive = false;
        }
    }
    wantsContinue_ = lowerAscii(request_.header("expect").value_or("")) == "100-continue";
    if (length && isChunked_) {
        fail(400, "The request has a length and is chunked.");
        return;
    }
    left_ = 0;
    if (length) {
        const auto bytes = length->size() <= 15 ? parseUnsigned(*length) : std::nullopt;
        if (!bytes) {
            fail(400, "The length of the request is not a number.");
            return;
        }
        left_ = *bytes;
    }
    part_ = isChunked_ ? BodyPart::ChunkSize : BodyPart::Counted;
    trailerBytes_ = 0;
}

void HttpRequestParser::allowBody(std::size_t mostBytes) {
    if (state_ != State::HeadDone) return;
    mostBody_ = mostBytes;
    if (!isChunked_ && left_ > mostBody_) {
        fail(413, "The request is longer than " + std::to_string(mostBody_) + " bytes.");
        return;
    }
    state_ = State::Body;
    readBody();
}

bool HttpRequestParser::bodyLine(std::string& line) {
    constexpr std::size_t kMost = 1024;
    const auto end = input_.find("\r\n", at_);
    // Without an end a carriage return at the end may still be a part of it.
    const auto pending = input_.size() - at_;
    const auto length =
        end != std::string::npos ? end - at_ : pending - (input_.ends_with('\r') && pending > 0 ? 1 : 0);
    if (length > kMost) {
        fail(400, "A line between the chunks of the request is too long.");
        return false;
    }
    if (end == std::string::npos) return false;
    line = input_.substr(at_, end - at_);
    at_ = end + 2;
    return true;
}

/// Takes what is there of the current stretch; true when the stretch is complete.
bool HttpRequestParser::copyBody() {
    const auto take = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input_.size() - at_));
    if (request_.body.size() + take > mostBody_) {
        fail(413, "The request is longer than " + std::to_string(mostBody_) + " bytes.");
        return false;
    }
    request_.body.append(input_, at_, take);
    at_ += take;
    left_ -= take;
    if (at_ == input_.size() || at_ > 65536) {
        input_.erase(0, at_);
        at_ = 0;
    }
    return left_ == 0;
}

void HttpRequestParser::readBody() {
    std::string line;
    while (state_ == State::Body) {
        switch (part_) {
            case BodyPart::Counted:
                if (!copyBody()) return;
                state_ = State::Done;
                return;
            case BodyPart::ChunkSize: {
                if (!bodyLine(line)) return;
                const auto digits = trimmed(split(line, ';').front());
                const auto size = digits.size() <= 8 ? parseUnsigned(digits, 16) : std::nullopt;
                if (!size) {
                    fail(400, "A chunk of the request has no valid size.");
                    return;
                }
                left_ = *size;
                part_ = left_ == 0 ? BodyPart::Trailers : BodyPart::ChunkData;
                break;
            }
            case BodyPart::ChunkData:
                if (!copyBody()) return;
                part_ = BodyPart::ChunkEnd;
                break;
            case BodyPart::ChunkEnd:
                if (!bodyLine(line)) return;
                if (!line.empty()) {
                    fail(400, "A chunk of the request is longer than it says.");
                    return;
                }
                part_ = BodyPart::ChunkSize;
                break;
            case BodyPart::Trailers:
                if (!bodyLine(line)) return;
                trailerBytes_ += line.size();
                if (trailerBytes_ > kMaxHeaderBytes) {
                    fail(431, "The headers behind the request are too long.");
                    return;
                }
                if (line.empty()) state_ = State::Done;
                break;
        }
    }
}

HttpRequest HttpRequestParser::take() {
    auto request = std::exchange(request_, {});
    input_.erase(0, at_);
    at_ = 0;
    state_ = State::Head;
    wantsContinue_ = false;
    run();
    return request;
}

void HttpRequestParser::fail(int status, std::string sentence) {
    state_ = State::Failed;
    failureStatus_ = status;
    failure_ = std::move(sentence);
    input_.clear();
    at_ = 0;
}

}  // namespace causeway::admin
