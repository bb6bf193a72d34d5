#include "shared/api/logs_json.h"

#include <array>

namespace causeway::api {

namespace {

constexpr std::array kLevels{"debug", "info", "warning", "error"};

}  // namespace

const char* wordOf(LogLevel level) {
    return kLevels[static_cast<std::size_t>(level)];
}
std::optional<LogLevel> logLevelOf(std::string_view word) {
    for (std::size_t i = 0; i < kLevels.size(); ++i) {
        if (word == kLevels[i]) return static_cast<LogLevel>(i);
    }
    return std::nullopt;
}

void writeJson(JsonWriter& out, const LogLine& line) {
    out.beginObject();
    out.field("at", line.at);
    out.field("level", wordOf(line.level));
    out.field("id", line.id);
    out.field("text", line.text);
    out.endObject();
}

void readJson(JsonFields& in, LogLine& line) {
    in.read("at", line.at);
    in.readWord("level", line.level, &logLevelOf);
    in.read("id", line.id);
    in.read("text", line.text);
}

void writeJson(JsonWriter& out, const LogLines& lines) {
    out.beginObject();
    writeItems(out, lines.items);
    out.endObject();
}

void readJson(JsonFields& in, LogLines& lines) {
    in.readList("items", lines.items);
}

}  // namespace causeway::api
