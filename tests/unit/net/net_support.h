#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/log.h"

namespace causeway::net::test {

/// How long a test waits for something that must come; only a failing test uses it up.
constexpr std::chrono::seconds kPatience{60};

/// Things that arrive on other threads; a test waits for them without sleeping.
template <class T>
class Collector {
public:
    void add(T value) {
        // Told with the lock held: the waiting test may destroy this as soon as it goes on.
        const std::lock_guard hold{lock_};
        values_.push_back(std::move(value));
        grown_.notify_all();
    }
    bool waitFor(std::size_t count) {
        std::unique_lock hold{lock_};
        return grown_.wait_for(hold, kPatience, [&] { return values_.size() >= count; });
    }
    std::vector<T> values() const {
        const std::lock_guard hold{lock_};
        return values_;
    }
    std::size_t size() const { return values().size(); }

private:
    mutable std::mutex lock_;
    std::condition_variable grown_;
    std::vector<T> values_;
};

class RecordingLog final : public Log {
public:
    void write(LogLevel, std::string_view id, std::string_view text) override {
        lines.add(std::string(id) + ": " + std::string(text));
    }
    Collector<std::string> lines;
};

}  // namespace causeway::net::test
