#pragma once

#include <algorithm>
#include <cstdint>

#include "shared/base/time.h"

namespace causeway::discovery {

/// Token bucket told the time: `perSecond` tokens a second, at most `burst` saved up. Exact over any length of time:
/// the fraction of a token is carried on.
class Pacer {
public:
    Pacer(std::uint32_t perSecond, std::uint32_t burst, TimePoint now)
        : perSecond_(perSecond), burst_(burst), milliTokens_(std::uint64_t{burst} * 1000), filledAt_(now) {}

    void setRate(std::uint32_t perSecond, std::uint32_t burst) {
        perSecond_ = perSecond;
        burst_ = burst;
        milliTokens_ = std::min(milliTokens_, std::uint64_t{burst} * 1000);
    }

    bool take(TimePoint now) {
        fill(now);
        if (milliTokens_ < 1000) return false;
        milliTokens_ -= 1000;
        return true;
    }

    /// When the next token will be there.
    TimePoint nextAt(TimePoint now) {
        fill(now);
        if (milliTokens_ >= 1000) return now;
        const std::uint64_t missing = 1000 - milliTokens_;
        return now + Duration{static_cast<std::int64_t>((missing + perSecond_ - 1) / perSecond_)};
    }

private:
    void fill(TimePoint now) {
        if (now <= filledAt_) return;
        const auto passed = static_cast<std::uint64_t>((now - filledAt_).count());
        // Beyond an hour the bucket is full anyway; the cap keeps the product small.
        const std::uint64_t earned = std::min<std::uint64_t>(passed, 3600000) * perSecond_;
        milliTokens_ = std::min(milliTokens_ + earned, std::uint64_t{burst_} * 1000);
        filledAt_ = now;
    }

    std::uint32_t perSecond_;
    std::uint32_t burst_;
    std::uint64_t milliTokens_;
    TimePoint filledAt_;
};

}  // namespace causeway::discovery
