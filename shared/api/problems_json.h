#pragma once

#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/result.h"
#include "shared/model/admin.h"

/// /v1/problems, and the problem documents (RFC 9457) that every failed request answers.
namespace causeway::api {

/// Worst first. GET /v1/problems answers the bare list, the event wraps it as {items}.
struct ProblemList {
    std::vector<Problem> items;
};

/// PUT /v1/problems/{id}/mute and PUT /v1/users/{id}/ignore. null ends it.
struct UntilRequest {
    std::optional<TimePoint> until{};
};

/// What a failed request says.
struct ErrorDocument {
    int status = 500;
    Error error;        ///< code, what ("detail"), why, todo
    std::string field;  ///< of the first problem, empty if none
    std::vector<FieldProblem> errors;
};
/// Status of the HTTP answer for an error of this kind.
int httpStatusOf(Code code);
const char* httpTitleOf(int status);
std::optional<Code> codeOf(std::string_view word);

void writeJson(JsonWriter& out, const ProblemList& list);
void readJson(JsonFields& in, ProblemList& list);
void writeJson(JsonWriter& out, const UntilRequest& request);
void readJson(JsonFields& in, UntilRequest& request);
void writeJson(JsonWriter& out, const FieldProblem& problem);
void readJson(JsonFields& in, FieldProblem& problem);
void writeJson(JsonWriter& out, const ErrorDocument& document);
void readJson(JsonFields& in, ErrorDocument& document);

/// The bare list.
void writeProblems(JsonWriter& out, const std::vector<Problem>& problems);
/// Reads the bare list or {items}.
Result<std::vector<Problem>> problemsFromJson(std::string_view text);
void writeJson(JsonWriter& out, const Problem& problem);
void readJson(JsonFields& in, Problem& problem);

}  // namespace causeway::api
