#include "service/app/log_sink.h"

#include <iostream>

namespace causeway::app {

void LogSink::setLevel(LogLevel least) {
    const std::lock_guard hold{lock_};
    least_ = least;
}

Result<void> LogSink::setFile(const std::string& path) {
    const std::lock_guard hold{lock_};
    file_.close();
    file_.clear();
    if (path.empty()) return {};
    file_.open(path, std::ios::app);
    if (!file_) {
        return Error{Code::Unavailable, "The log file " + path + " cannot be written.",
                     "The folder is missing or the service may not write there.",
                     "Correct log.file; standard error is used meanwhile."};
    }
    return {};
}

void LogSink::write(LogLevel level, std::string_view id, std::string_view text) {
    api::LogLine line{std::chrono::floor<Duration>(std::chrono::system_clock::now()), level, std::string(id),
                      std::string(text)};
    // A line break inside a text would let a packet forge log lines.
    for (char& c : line.text) {
        if (static_cast<unsigned char>(c) < 0x20) c = ' ';
    }
    {
        const std::lock_guard hold{lock_};
        if (level < least_) return;
        const std::string shown = isoText(line.at) + " " + api::wordOf(level) + " " + line.id + " " + line.text + "\n";
        if (file_.is_open()) {
            file_ << shown << std::flush;
        } else {
            std::cerr << shown << std::flush;
        }
    }
    ring_.add(std::move(line));
}

}  // namespace causeway::app
