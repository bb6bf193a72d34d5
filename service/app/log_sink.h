#pragma once

#include <fstream>
#include <mutex>
#include <string>

#include "service/admin/log_ring.h"
#include "shared/base/log.h"
#include "shared/base/result.h"

namespace causeway::app {

/// Writes log lines to standard error or a file, and hands them to the ring that the console reads. Any thread.
class LogSink final : public Log {
public:
    void setLevel(LogLevel least);
    /// Empty = standard error. Opens anew each time it is called, so a rotated file is followed (SIGHUP).
    Result<void> setFile(const std::string& path);

    void write(LogLevel level, std::string_view id, std::string_view text) override;
    admin::LogRing& ring() { return ring_; }

private:
    mutable std::mutex lock_;
    LogLevel least_ = LogLevel::Info;
    std::ofstream file_;
    admin::LogRing ring_;
};

}  // namespace causeway::app
