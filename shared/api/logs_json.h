#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/log.h"
#include "shared/base/time.h"

/// /v1/logs and the log event.
namespace causeway::api {

struct LogLine {
    TimePoint at{};
    LogLevel level = LogLevel::Info;
    std::string id;  ///< "LAN_PORT_IN_USE"
    std::string text;
};
struct LogLines {
    std::vector<LogLine> items;  ///< oldest first
};

const char* wordOf(LogLevel level);  ///< "debug", "info", "warning", "error"
std::optional<LogLevel> logLevelOf(std::string_view word);

void writeJson(JsonWriter& out, const LogLine& line);
void readJson(JsonFields& in, LogLine& line);
void writeJson(JsonWriter& out, const LogLines& lines);
void readJson(JsonFields& in, LogLines& lines);

}  // namespace causeway::api
