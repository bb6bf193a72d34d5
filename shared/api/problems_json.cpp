#include "shared/api/problems_json.h"

#include <array>

namespace causeway::api {

int httpStatusOf(Code code) {
    switch (code) {
        case Code::BadInput:
        case Code::Truncated:
        case Code::TooMany:
            return 400;
        case Code::TooLong:
            return 413;
        case Code::NotFound:
            return 404;
        case Code::Conflict:
            return 409;
        case Code::Denied:
            return 403;
        case Code::Busy:
            return 429;
        case Code::Unsupported:
            return 400;
        case Code::Unavailable:
        case Code::Timeout:
            return 503;
        case Code::Corrupt:
        case Code::NewerVersion:
        case Code::Internal:
            return 500;
    }
    return 500;
}

const char* httpTitleOf(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 414:
            return "URI Too Long";
        case 428:
            return "Precondition Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 503:
            return "Service Unavailable";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Error";
    }
}

std::optional<Code> codeOf(std::string_view word) {
    constexpr std::array kCodes{Code::BadInput,    Code::Truncated, Code::TooLong,      Code::TooMany, Code::NotFound,
                                Code::Conflict,    Code::Denied,    Code::Unavailable,  Code::Timeout, Code::Busy,
                                Code::Unsupported, Code::Corrupt,   Code::NewerVersion, Code::Internal};
    for (const auto code : kCodes) {
        if (word == codeText(code)) return code;
    }
    return std::nullopt;
}

void writeJson(JsonWriter& out, const Problem& problem) {
    out.beginObject();
    out.field("id", problem.id);
    out.field("severity", wordOf(problem.severity));
    out.field("what", problem.what);
    out.field("why", problem.why);
    out.field("todo", problem.todo);
    out.field("page", problem.page);
    out.field("since", problem.since);
    out.field("mutedUntil", problem.mutedUntil);
    out.endObject();
}

void readJson(JsonFields& in, Problem& problem) {
    in.read("id", problem.id);
    in.readWord("severity", problem.severity, &severityOf);
    in.read("what", problem.what);
    in.read("why", problem.why);
    in.read("todo", problem.todo);
    in.read("page", problem.page);
    in.read("since", problem.since);
    in.read("mutedUntil", problem.mutedUntil);
}

void writeProblems(JsonWriter& out, const std::vector<Problem>& problems) {
    out.beginArray();
    for (const auto& problem : problems)
        writeJson(out, problem);
    out.endArray();
}

Result<std::vector<Problem>> problemsFromJson(std::string_view text) {
    // The bare list becomes the object that the reader knows.
    const auto start = text.find_first_not_of(" \t\r\n");
    const bool isBare = start != std::string_view::npos && text[start] == '[';
    auto list = fromJson<ProblemList>(isBare ? "{\"items\":" + std::string(text) + "}" : std::string(text));
    if (!list) return list.error();
    return std::move(list->items);
}

void writeJson(JsonWriter& out, const ProblemList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, ProblemList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const UntilRequest& request) {
    out.beginObject();
    out.field("until", request.until);
    out.endObject();
}

void readJson(JsonFields& in, UntilRequest& request) {
    if (!in.hasMember("until")) in.problem("until", "This field is needed; null ends it.");
    in.read("until", request.until);
}

void writeJson(JsonWriter& out, const FieldProblem& problem) {
    out.beginObject();
    out.field("field", problem.field);
    if (problem.line > 0) {
        out.field("line", problem.line);
        out.field("column", problem.column);
    }
    out.field("detail", problem.detail);
    out.endObject();
}

void readJson(JsonFields& in, FieldProblem& problem) {
    in.read("field", problem.field);
    in.read("line", problem.line);
    in.read("column", problem.column);
    in.read("detail", problem.detail);
}

void writeJson(JsonWriter& out, const ErrorDocument& document) {
    out.beginObject();
    out.field("type", "about:blank");
    out.field("title", httpTitleOf(document.status));
    out.field("status", document.status);
    out.field("code", document.status == 401   ? "unauthenticated"
                      : document.status == 412 ? "stale"
                      : document.status == 428 ? "if-match-missing"
                      : document.status == 405 ? "method-not-allowed"
                                               : codeText(document.error.code));
    out.field("detail", document.error.what);
    out.field("why", document.error.why);
    out.field("todo", document.error.todo);
    if (!document.field.empty()) out.field("field", document.field);
    if (!document.errors.empty()) writeItems(out, document.errors, "errors");
    out.endObject();
}

void readJson(JsonFields& in, ErrorDocument& document) {
    in.read("status", document.status);
    std::string word;
    in.read("code", word);
    in.read("detail", document.error.what);
    in.read("why", document.error.why);
    in.read("todo", document.error.todo);
    in.read("field", document.field);
    in.readList("errors", document.errors);
    if (const auto code = codeOf(word)) {
        document.error.code = *code;
    } else if (word == "unauthenticated") {
        document.error.code = Code::Denied;
    } else if (word == "stale" || word == "if-match-missing") {
        document.error.code = Code::Conflict;
    } else if (word == "method-not-allowed") {
        document.error.code = Code::Unsupported;
    }
}

}  // namespace causeway::api
