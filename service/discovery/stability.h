#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "shared/base/time.h"
#include "shared/model/lan_user.h"

namespace causeway::discovery {

/// Counts the signals of one user and says whether he is unstable. Signals are forgotten after an hour; a user is calm
/// again after an hour without any.
class Stability {
public:
    static constexpr Duration kWindow = 3600s;

    /// One signal; `text` says what was seen. True if the user is unstable from now on and was not before.
    bool signal(UnstableReason reason, const std::string& text, TimePoint now);
    /// True once when an hour has passed without a signal.
    bool becomesCalm(TimePoint now);
    std::optional<TimePoint> nextDeadline() const;

    bool isUnstable() const { return current_.has_value(); }
    const std::optional<Instability>& current() const { return current_; }
    void ignoreUntil(std::optional<TimePoint> until);
    void restore(const Instability& instability) { current_ = instability; }

    /// How many signals of that kind within the window make a user unstable.
    static std::uint32_t threshold(UnstableReason reason);

private:
    static constexpr std::size_t kReasons = 7;
    static constexpr std::size_t kKept = 4;
    struct Count {
        std::array<TimePoint, kKept> times{};  ///< newest last; enough for every threshold
        std::uint8_t have = 0;
        std::uint32_t total = 0;
    };
    std::array<Count, kReasons> counts_{};
    std::optional<Instability> current_;
};

}  // namespace causeway::discovery
