#include "service/admin/login_throttle.h"

#include <algorithm>

namespace causeway::admin {

Duration LoginThrottle::pauseAfter(std::uint32_t count) const {
    if (count <= rule_.freeFailures) return 0ms;
    const auto doublings = std::min<std::uint32_t>(count - rule_.freeFailures - 1, 30);
    return std::min<Duration>(rule_.firstWait * (std::int64_t{1} << doublings), rule_.longestWait);
}

Duration LoginThrottle::waitFor(const std::string& key, TimePoint now) const {
    const auto found = keys_.find(key);
    if (found == keys_.end() || now - found->second.last >= rule_.forgetAfter) return 0ms;
    const auto allowedAt = found->second.last + pauseAfter(found->second.count);
    return std::max<Duration>(allowedAt - now, 0ms);
}

std::uint32_t LoginThrottle::failures(const std::string& key, TimePoint now) const {
    const auto found = keys_.find(key);
    return found == keys_.end() || now - found->second.last >= rule_.forgetAfter ? 0 : found->second.count;
}

void LoginThrottle::takeBack(const std::string& key) {
    const auto found = keys_.find(key);
    if (found != keys_.end() && --found->second.count == 0) keys_.erase(found);
}

void LoginThrottle::failed(const std::string& key, TimePoint now) {
    if (!keys_.contains(key) && keys_.size() >= rule_.mostKeys) makeRoom(now);
    auto& failures = keys_[key];
    if (now - failures.last >= rule_.forgetAfter) failures.count = 0;
    ++failures.count;
    failures.last = now;
}

void LoginThrottle::makeRoom(TimePoint now) {
    std::erase_if(keys_, [&](const auto& entry) { return now - entry.second.last >= rule_.forgetAfter; });
    if (keys_.size() < rule_.mostKeys) return;
    const auto oldest = std::min_element(keys_.begin(), keys_.end(), [](const auto& left, const auto& right) {
        return left.second.last < right.second.last;
    });
    keys_.erase(oldest);
}

}  // namespace causeway::admin
