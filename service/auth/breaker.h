#pragma once

#include <cstdint>
#include <string>

#include "shared/base/time.h"

namespace causeway::auth {

enum class BreakerState {
    Closed,    ///< asked as usual
    Open,      ///< not asked, because it failed several times in a row
    HalfOpen,  ///< one login tries whether it answers again
};
const char* wordOf(BreakerState state);  ///< "closed", "open", "half-open"

struct BreakerRules {
    std::uint32_t failures = 3;  ///< in a row
    Duration firstPause{2000};   ///< doubles with each failed try
    Duration longestPause{30000};
};

struct BreakerView {
    BreakerState state = BreakerState::Closed;
    TimePoint since{};           ///< when it came into this state; epoch 0 = never left Closed
    TimePoint nextTry{};         ///< for Open
    std::uint32_t failures = 0;  ///< in a row
    std::string lastError;       ///< in words; kept after it works again
    TimePoint lastErrorAt{};
    TimePoint lastAnswerAt{};
};

/// Keeps logins from waiting for a provider that does not answer. Pure, not thread-safe.
class Breaker {
public:
    explicit Breaker(BreakerRules rules = {}) : rules_(rules) {}

    /// May it be asked now? True makes the caller owe one answered(), failed() or notAsked(). In the half-open state
    /// one login is let through at a time; if it never reports, the next one goes after longestPause.
    bool admit(TimePoint now);
    void answered(TimePoint now);
    void failed(const std::string& words, TimePoint now);
    /// The login that was let through did not get to the provider: the next one may try.
    void notAsked(TimePoint now);
    /// An error that says nothing of logins: it is shown, and pauses nothing.
    void noted(const std::string& words, TimePoint now);
    const BreakerView& view() const { return view_; }

private:
    void enter(BreakerState state, TimePoint now);

    BreakerRules rules_;
    BreakerView view_;
    Duration pause_{};
};

}  // namespace causeway::auth
