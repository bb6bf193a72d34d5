#pragma once

#include <doctest/doctest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "service/store/sqlite_store.h"
#include "shared/base/log.h"

namespace causeway::store::test {

namespace fs = std::filesystem;

/// A folder that goes with the test.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::random_device random;
        // In memory where there is such a place: the syncs of a real disk would take most of the time of these tests.
        const fs::path memory = "/dev/shm";
        const auto parent = fs::is_directory(memory) ? memory : fs::temp_directory_path();
        path_ = parent / ("causeway-store-" + std::to_string(random()));
        fs::create_directory(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        fs::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    std::string file(const std::string& name) const { return (path_ / name).string(); }
    std::string store() const { return file("causeway.db"); }
    std::string key() const { return file("secret.key"); }
    std::vector<std::string> names(const std::string& prefix) const {
        std::vector<std::string> found;
        for (const auto& each : fs::directory_iterator{path_}) {
            const auto name = each.path().filename().string();
            if (name.starts_with(prefix)) found.push_back(name);
        }
        return found;
    }

private:
    fs::path path_;
};

class RecordingLog final : public Log {
public:
    void write(LogLevel, std::string_view id, std::string_view text) override {
        const std::lock_guard hold{lock_};
        lines_.push_back(std::string(id) + ": " + std::string(text));
    }
    std::vector<std::string> lines(const std::string& id) const {
        const std::lock_guard hold{lock_};
        std::vector<std::string> found;
        for (const auto& line : lines_) {
            if (line.starts_with(id + ":")) found.push_back(line);
        }
        return found;
    }

private:
    mutable std::mutex lock_;
    std::vector<std::string> lines_;
};

inline std::string bytesOfFile(const std::string& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

inline void writeFile(const std::string& path, const std::string& bytes) {
    std::ofstream out{path, std::ios::binary | std::ios::trunc};
    out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

inline std::unique_ptr<StorePort> openStore(const TemporaryFolder& folder, Log& log) {
    auto store = openSqliteStore(folder.store(), folder.key(), log);
    if (!store) FAIL(store.error().text());
    return std::move(*store);
}

inline TimePoint at(std::int64_t millis) {
    return fromEpochMillis(1'700'000'000'000 + millis);
}

}  // namespace causeway::store::test
