#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "shared/base/time.h"

namespace causeway::admin {

struct ThrottleRule {
    std::uint32_t freeFailures = 5;  ///< these cost nothing
    Duration firstWait = 1s;         ///< after one more; doubles with each
    Duration longestWait = 60s;
    Duration forgetAfter = 15min;   ///< without a further failure
    std::size_t mostKeys = 10'000;  ///< the key that failed longest ago gives way
};

/// Failed logins of one kind of key (a name, an address) and how long the next try must wait. Pure, not thread-safe.
class LoginThrottle {
public:
    explicit LoginThrottle(ThrottleRule rule) : rule_(rule) {}

    /// Zero = may try now.
    Duration waitFor(const std::string& key, TimePoint now) const;
    std::uint32_t failures(const std::string& key, TimePoint now) const;
    void failed(const std::string& key, TimePoint now);
    void succeeded(const std::string& key) { keys_.erase(key); }
    /// Takes one failure back that was counted before the answer was known.
    void takeBack(const std::string& key);
    std::size_t size() const { return keys_.size(); }

private:
    struct Failures {
        std::uint32_t count = 0;
        TimePoint last{};
    };
    Duration pauseAfter(std::uint32_t count) const;
    void makeRoom(TimePoint now);

    ThrottleRule rule_;
    std::unordered_map<std::string, Failures> keys_;
};

}  // namespace causeway::admin
