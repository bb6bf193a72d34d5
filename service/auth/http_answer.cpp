#include "service/auth/http_answer.h"

#include <algorithm>
#include <cstdint>
#include <optional>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::auth {

namespace {

constexpr std::size_t kMostHeaderBytes = 16U << 10;
constexpr std::size_t kMostHeaders = 64;
constexpr std::size_t kMostBodyBytes = 64U << 20;
constexpr std::string_view kHexDigits = "0123456789ABCDEF";

Error notHttp(const char* what) {
    return Error{Code::BadInput, "The answer is no HTTP.", what, "Check that the address is that of a web service."};
}
Error moreToCome() {
    return Error{Code::Truncated, "The answer ended early.", "", "Look into the log of the service."};
}

/// Header lines up to the empty one; `at` is behind it then.
Result<HttpAnswer> parseHead(std::string_view bytes, std::size_t& at) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) {
        if (bytes.size() > kMostHeaderBytes)
            return Error{Code::TooMany, "The header of the answer is too long.", "", ""};
        if (!std::string_view("HTTP/1.").starts_with(bytes.substr(0, 7)))
            return notHttp("It does not begin with HTTP/1.");
        return moreToCome();
    }
    if (end > kMostHeaderBytes) return Error{Code::TooMany, "The header of the answer is too long.", "", ""};
    at = end + 4;
    const auto lines = split(bytes.substr(0, end), '\n');
    const auto first = trimmed(lines.front());
    HttpAnswer answer;
    const auto code = first.size() >= 12 ? parseUnsigned(first.substr(9, 3)) : std::nullopt;
    if (!first.starts_with("HTTP/1.") || !code) return notHttp("It does not begin with HTTP/1.");
    answer.status = static_cast<int>(*code);
    if (lines.size() > kMostHeaders + 1) return Error{Code::TooMany, "The answer has too many header lines.", "", ""};
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const auto colon = lines[i].find(':');
        if (colon == std::string_view::npos) return notHttp("A header line has no colon.");
        answer.headers[lowerAscii(trimmed(lines[i].substr(0, colon)))] =
            std::string(trimmed(lines[i].substr(colon + 1)));
    }
    return answer;
}

Result<std::string> parseChunks(std::string_view bytes) {
    std::string body;
    while (true) {
        const auto end = bytes.find("\r\n");
        if (end == std::string_view::npos) {
            return bytes.size() > 100 ? Result<std::string>(notHttp("A chunk has no size.")) : moreToCome();
        }
        const auto size = parseUnsigned(trimmed(bytes.substr(0, std::min(end, bytes.find(';')))), 16);
        if (!size || *size > kMostBodyBytes) return notHttp("A chunk has no size.");
        bytes.remove_prefix(end + 2);
        if (*size == 0) {
            // Trailer lines up to an empty one are of no use here.
            const bool isOver = bytes.starts_with("\r\n") || bytes.find("\r\n\r\n") != std::string_view::npos;
            return isOver ? Result<std::string>(body) : moreToCome();
        }
        if (bytes.size() < *size + 2) return moreToCome();
        body += bytes.substr(0, *size);
        if (bytes.substr(*size, 2) != "\r\n") return notHttp("A chunk is longer than it says.");
        bytes.remove_prefix(*size + 2);
    }
}

}  // namespace

Result<HttpAnswer> parseHttpAnswer(std::string_view bytes, bool isEnded) {
    std::size_t at = 0;
    auto answer = parseHead(bytes, at);
    for (int interim = 0; answer && answer->status >= 100 && answer->status < 200 && interim < 8; ++interim) {
        bytes.remove_prefix(at);
        answer = parseHead(bytes, at);
    }
    if (!answer) return answer;
    const auto rest = bytes.substr(at);
    if (answer->status == 204 || answer->status == 304) return answer;
    if (const auto coding = answer->headers.find("transfer-encoding"); coding != answer->headers.end()) {
        if (lowerAscii(coding->second) != "chunked") return notHttp("Its transfer encoding is not known.");
        auto body = parseChunks(rest);
        if (!body) return body.error();
        answer->body = std::move(*body);
        return answer;
    }
    if (const auto length = answer->headers.find("content-length"); length != answer->headers.end()) {
        const auto size = parseUnsigned(length->second);
        if (!size) return notHttp("Its length is no number.");
        if (rest.size() < *size) return moreToCome();
        answer->body = std::string(rest.substr(0, *size));
        return answer;
    }
    if (!isEnded) return moreToCome();
    answer->body = std::string(rest);
    return answer;
}

std::string escapeJson(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            out += "\\u00";
            out += kHexDigits[byte >> 4];
            out += kHexDigits[byte & 15];
        } else {
            out += c;
        }
    }
    return out;
}

std::string escapeForm(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        const bool isPlain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
                             c == '.' || c == '_' || c == '~';
        if (isPlain) {
            out += c;
        } else {
            out += '%';
            out += kHexDigits[byte >> 4];
            out += kHexDigits[byte & 15];
        }
    }
    return out;
}

}  // namespace causeway::auth
