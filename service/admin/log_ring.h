#pragma once

#include <deque>
#include <mutex>

#include "service/admin/admin_ports.h"

namespace causeway::admin {

/// The last lines of the log, kept for the console. The application's Log adds each line here too. Any thread.
/// Bounds: `most` lines; the oldest goes.
class LogRing final : public LogsPort {
public:
    explicit LogRing(std::size_t most = 2000) : most_(most) {}

    void add(api::LogLine line);
    std::vector<api::LogLine> last(LogLevel least, std::size_t most) override;
    void observe(LogObserver* observer) override;

private:
    std::size_t most_;
    std::mutex lock_;
    std::deque<api::LogLine> lines_;
    LogObserver* observer_ = nullptr;
};

}  // namespace causeway::admin
