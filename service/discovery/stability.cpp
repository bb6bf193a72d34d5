#include "service/discovery/stability.h"

namespace causeway::discovery {

std::uint32_t Stability::threshold(UnstableReason reason) {
    switch (reason) {
        case UnstableReason::Flapping:
            return 4;
        case UnstableReason::MissedProbes:
            return 3;
        case UnstableReason::RestartWithoutExit:
            return 2;
        case UnstableReason::AddressChanges:
            return 2;
        case UnstableReason::SharedAddress:
            return 2;
        case UnstableReason::PortClosed:
            return 2;
        case UnstableReason::DuplicateIdentity:
            return 1;
    }
    return 1;
}

bool Stability::signal(UnstableReason reason, const std::string& text, TimePoint now) {
    auto& count = counts_[static_cast<std::size_t>(reason)];
    if (count.have == kKept) {
        for (std::size_t i = 1; i < kKept; ++i)
            count.times[i - 1] = count.times[i];
        --count.have;
    }
    count.times[count.have++] = now;
    if (count.total > 0 && now - count.times[count.have >= 2 ? count.have - 2U : 0U] > kWindow) count.total = 0;
    ++count.total;

    std::uint32_t recent = 0;
    for (std::size_t i = 0; i < count.have; ++i) {
        if (now - count.times[i] <= kWindow) ++recent;
    }
    if (recent < threshold(reason)) {
        if (current_) current_->last = now;
        return false;
    }
    const bool isNew = !current_;
    if (isNew) {
        current_.emplace();
        current_->since = count.times[count.have - recent];
    }
    current_->reason = reason;
    current_->text = text;
    current_->count = count.total;
    current_->last = now;
    return isNew;
}

bool Stability::becomesCalm(TimePoint now) {
    if (!current_ || now - current_->last < kWindow) return false;
    current_.reset();
    counts_ = {};
    return true;
}

std::optional<TimePoint> Stability::nextDeadline() const {
    if (!current_) return std::nullopt;
    return current_->last + kWindow;
}

void Stability::ignoreUntil(std::optional<TimePoint> until) {
    if (current_) current_->ignoredUntil = until;
}

}  // namespace causeway::discovery
