#pragma once

#include <string>
#include <string_view>

namespace causeway {

enum class LogLevel { Debug, Info, Warning, Error };

/// Where log lines go. Every line has a stable id that docs/admin/messages.md explains with cause and remedy.
/// Any thread. Never called with a secret or with the text of a message.
class Log {
public:
    virtual ~Log() = default;
    /// id: upper case with underscores, "LAN_PORT_IN_USE"; text: one sentence.
    virtual void write(LogLevel level, std::string_view id, std::string_view text) = 0;
};

/// For tests and tools that need none.
class NoLog final : public Log {
public:
    void write(LogLevel, std::string_view, std::string_view) override {}
};

}  // namespace causeway
