#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <vector>

#include "shared/proto/dns/ip_address.h"

namespace causeway::dns {

struct RateLimits {
    std::uint32_t responsesPerSecond = 500;  ///< to one /24 or /56; 0 = no limit
    std::uint32_t burst = 1000;              ///< responses at once after silence, at most 2,000,000
    std::uint32_t slip = 2;                  ///< every n-th limited response goes out cut (TC); 0 = none, 1 = all
};

/// Response rate limiting: a token bucket for each client network, IPv4 /24 or IPv6 /56. A forged source hears little,
/// a real one behind it gets an empty answer with TC often enough to come back over TCP, which forgers cannot.
/// All workers share the buckets; one relaxed compare-and-swap a response, no lock. Networks that fall into one of the
/// 65,536 buckets share it; which ones do depends on a secret.
class RateLimiter {
public:
    enum class Verdict { Send, Cut, Drop };

    RateLimiter(const RateLimits& limits, std::uint64_t secret);
    RateLimiter(const RateLimiter&) = delete;
    RateLimiter& operator=(const RateLimiter&) = delete;

    /// `nowMillis` may wrap.
    Verdict take(const IpAddress& client, std::uint32_t nowMillis);

private:
    std::size_t bucketOf(const IpAddress& client) const;

    RateLimits limits_;
    std::uint64_t secret_;
    std::vector<std::atomic<std::uint64_t>> buckets_;  ///< time of the last change, thousandths of tokens
    std::atomic<std::uint32_t> limited_{0};
};

}  // namespace causeway::dns
