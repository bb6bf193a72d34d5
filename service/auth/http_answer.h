#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "shared/base/result.h"

namespace causeway::auth {

/// An answer of HTTP/1.0 or 1.1 to one request on a connection of its own.
/// Shape: status line, header lines, body counted, chunked or up to the end. Interim answers (1xx) are skipped.
/// Bounds: 64 header lines, 16 kB of header; the body is what is there.
/// Source: RFC 9112 4, 6, 7.1.
struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  ///< names in lower case; the last of several
    std::string body;
};
/// `isEnded`: the server closed the connection. Errors: Truncated (more must come), BadInput (no HTTP), TooMany.
Result<HttpAnswer> parseHttpAnswer(std::string_view bytes, bool isEnded);

std::string escapeJson(std::string_view text);
std::string escapeForm(std::string_view text);

}  // namespace causeway::auth
