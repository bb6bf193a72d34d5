#pragma once

#include <mutex>
#include <utility>

namespace causeway {

/// Data that threads share, with its lock. Copy out inside with(), let go, then call others.
template <class T>
class Guarded {
public:
    template <class... Args>
    explicit Guarded(Args&&... args) : data_(std::forward<Args>(args)...) {}

    template <class F>
    auto with(F&& use) {
        const std::lock_guard hold{lock_};
        return std::forward<F>(use)(data_);
    }
    template <class F>
    auto with(F&& use) const {
        const std::lock_guard hold{lock_};
        return std::forward<F>(use)(data_);
    }

private:
    mutable std::mutex lock_;
    T data_;
};

}  // namespace causeway
