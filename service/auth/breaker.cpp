#include "service/auth/breaker.h"

#include <algorithm>

namespace causeway::auth {

const char* wordOf(BreakerState state) {
    switch (state) {
        case BreakerState::Closed:
            return "closed";
        case BreakerState::Open:
            return "open";
        case BreakerState::HalfOpen:
            return "half-open";
    }
    return "closed";
}

bool Breaker::admit(TimePoint now) {
    switch (view_.state) {
        case BreakerState::Closed:
            return true;
        case BreakerState::Open:
            if (now < view_.nextTry) return false;
            enter(BreakerState::HalfOpen, now);
            return true;
        case BreakerState::HalfOpen:
            if (now < view_.since + rules_.longestPause) return false;
            view_.since = now;
            return true;
    }
    return true;
}

void Breaker::answered(TimePoint now) {
    view_.lastAnswerAt = now;
    view_.failures = 0;
    pause_ = Duration{0};
    if (view_.state != BreakerState::Closed) enter(BreakerState::Closed, now);
}

void Breaker::failed(const std::string& words, TimePoint now) {
    view_.lastError = words;
    view_.lastErrorAt = now;
    ++view_.failures;
    const bool isEnough = view_.failures >= rules_.failures;
    // A login that began before the breaker opened and fails late changes nothing.
    if (view_.state == BreakerState::Open || (view_.state == BreakerState::Closed && !isEnough)) return;
    pause_ = pause_ == Duration{0} ? rules_.firstPause : std::min(pause_ * 2, rules_.longestPause);
    enter(BreakerState::Open, now);
    view_.nextTry = now + pause_;
}

void Breaker::noted(const std::string& words, TimePoint now) {
    view_.lastError = words;
    view_.lastErrorAt = now;
}

void Breaker::notAsked(TimePoint now) {
    if (view_.state != BreakerState::HalfOpen) return;
    enter(BreakerState::Open, now);
    view_.nextTry = now;
}

void Breaker::enter(BreakerState state, TimePoint now) {
    view_.state = state;
    view_.since = now;
}

}  // namespace causeway::auth
