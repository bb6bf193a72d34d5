#include "service/admin/log_ring.h"

#include <algorithm>
#include <utility>

namespace causeway::admin {

void LogRing::add(api::LogLine line) {
    // The observer only marks what is new, so it is called under the lock: observe(nullptr) is then the end of it.
    const std::lock_guard hold{lock_};
    if (observer_ != nullptr) observer_->logged(line);
    lines_.push_back(std::move(line));
    if (lines_.size() > most_) lines_.pop_front();
}

std::vector<api::LogLine> LogRing::last(LogLevel least, std::size_t most) {
    std::vector<api::LogLine> found;
    const std::lock_guard hold{lock_};
    for (auto line = lines_.rbegin(); line != lines_.rend() && found.size() < most; ++line) {
        if (line->level >= least) found.push_back(*line);
    }
    std::reverse(found.begin(), found.end());
    return found;
}

void LogRing::observe(LogObserver* observer) {
    const std::lock_guard hold{lock_};
    observer_ = observer;
}

}  // namespace causeway::admin
