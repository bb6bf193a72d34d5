#include "service/auth/refused_account.h"

#include <algorithm>

namespace causeway::auth {

namespace {

constexpr Duration kFirstPause = 5min;
constexpr Duration kLongestPause = 30min;

}  // namespace

std::optional<Error> RefusedAccount::standing(TimePoint now) const {
    const std::lock_guard hold{lock_};
    if (!error_ || now >= nextTry_) return std::nullopt;
    auto error = *error_;
    error.why += " It is not tried again before " + isoText(nextTry_).substr(11, 5) +
                 " UTC, for directories lock accounts that fail again and again.";
    error.todo += " Saving the provider tries at once.";
    return error;
}

void RefusedAccount::refused(const Error& error, TimePoint now) {
    const std::lock_guard hold{lock_};
    pause_ = pause_ == Duration{0} ? kFirstPause : std::min(pause_ * 2, kLongestPause);
    nextTry_ = now + pause_;
    error_ = error;
}

void RefusedAccount::accepted() {
    const std::lock_guard hold{lock_};
    error_.reset();
    pause_ = Duration{0};
}

}  // namespace causeway::auth
