#include "service/dns/rate_limit.h"

#include <algorithm>
#include <cstring>

namespace causeway::dns {

namespace {

constexpr std::size_t kBuckets = 65536;
constexpr std::uint64_t kToken = 1000;

}  // namespace

RateLimiter::RateLimiter(const RateLimits& limits, std::uint64_t secret)
    : limits_(limits), secret_(secret), buckets_(kBuckets) {
    limits_.burst = std::clamp<std::uint32_t>(limits_.burst, 1, 2'000'000);
}

std::size_t RateLimiter::bucketOf(const IpAddress& client) const {
    std::uint64_t prefix = 0;
    if (client.isV6) {
        std::memcpy(&prefix, client.bytes.data(), 7);
        prefix |= std::uint64_t{6} << 56;
    } else {
        std::memcpy(&prefix, client.bytes.data(), 3);
        prefix |= std::uint64_t{4} << 56;
    }
    prefix = (prefix ^ secret_) * 0x9E3779B97F4A7C15ULL;
    prefix ^= prefix >> 29;
    prefix *= 0xBF58476D1CE4E5B9ULL;
    return static_cast<std::size_t>(prefix >> 48);
}

RateLimiter::Verdict RateLimiter::take(const IpAddress& client, std::uint32_t nowMillis) {
    if (limits_.responsesPerSecond == 0) return Verdict::Send;
    auto& bucket = buckets_[bucketOf(client)];
    const std::uint64_t full = kToken * limits_.burst;
    auto before = bucket.load(std::memory_order_relaxed);
    while (true) {
        auto tokens = full;
        // 0 was never used. Tokens of a bucket in use are stored with one added, so that it never becomes 0.
        if (before != 0) {
            const auto passed = nowMillis - static_cast<std::uint32_t>(before >> 32);
            tokens = (before & 0xFFFFFFFFU) - 1;
            // A worker with an older clock than its neighbour must not fill the bucket.
            if (passed < 0x80000000U) tokens += std::uint64_t{passed} * limits_.responsesPerSecond;
            tokens = std::min(tokens, full);
        }
        const bool isEnough = tokens >= kToken;
        const auto after = (std::uint64_t{nowMillis} << 32) | ((isEnough ? tokens - kToken : tokens) + 1);
        if (bucket.compare_exchange_weak(before, after, std::memory_order_relaxed)) {
            if (isEnough) return Verdict::Send;
            break;
        }
    }
    if (limits_.slip == 0) return Verdict::Drop;
    return limited_.fetch_add(1, std::memory_order_relaxed) % limits_.slip == 0 ? Verdict::Cut : Verdict::Drop;
}

}  // namespace causeway::dns
