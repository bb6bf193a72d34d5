#pragma once

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/bug_report.h"

/// /v1/bugreport: {serverName, version, takenAt, files:[{name, about, size, content}], names:[{kind, text}]}.
/// A kind that this version does not know is read as "text": its names are replaced all the same.
namespace causeway::api {

void writeJson(JsonWriter& out, const BugReport& report);
void readJson(JsonFields& in, BugReport& report);

}  // namespace causeway::api
