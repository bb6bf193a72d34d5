#include "service/admin/slow_places.h"

namespace causeway::admin {

std::optional<SlowPlaces::Place> SlowPlaces::take() {
    const std::lock_guard hold{lock_};
    if (taken_ >= most_) return std::nullopt;
    ++taken_;
    return Place{*this};
}

void SlowPlaces::leave() {
    const std::lock_guard hold{lock_};
    --taken_;
}

}  // namespace causeway::admin
