#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>

namespace causeway::admin {

/// Places for calls that wait for other computers: graded tests, logins, questions to DNS servers. They are fewer than
/// the threads of the admin interface, so that the rest stays for quick calls, and with it the way to look what is
/// wrong. Full means refused at once: the caller tries again, nobody stands in line. Any thread.
class SlowPlaces {
public:
    explicit SlowPlaces(std::size_t most) : most_(most) {}
    SlowPlaces(const SlowPlaces&) = delete;
    SlowPlaces& operator=(const SlowPlaces&) = delete;

    /// Gives itself back.
    class Place {
    public:
        explicit Place(SlowPlaces& owner) : owner_(&owner) {}
        Place(Place&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
        Place& operator=(Place&& other) noexcept {
            std::swap(owner_, other.owner_);
            return *this;
        }
        ~Place() {
            if (owner_ != nullptr) owner_->leave();
        }

    private:
        SlowPlaces* owner_;
    };
    /// nullopt: all are taken.
    std::optional<Place> take();
    std::size_t most() const { return most_; }

private:
    void leave();

    const std::size_t most_;
    std::mutex lock_;
    std::size_t taken_ = 0;
};

}  // namespace causeway::admin
