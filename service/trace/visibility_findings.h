#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "service/trace/visibility_book.h"
#include "shared/model/visibility.h"

namespace causeway::trace {

/// Something that changed in the network, the directory or the settings, and whom it may concern.
struct NotedChange {
    TimePoint at{};
    std::string text;
    UserId user = 0;                    ///< 0 = not about one user
    std::optional<Network4> segment{};  ///< empty: about all of them
    bool isRestart = false;             ///< of one client; many of them are told as a number
};

/// What the findings need of earlier runs of the service, besides themselves.
struct VisibilityKept {
    std::map<std::string, TimePoint> fine{};  ///< when a place was found fine last
    std::vector<NotedChange> changes{};       ///< oldest first
    TimePoint finishedAt{};                   ///< of the last collection
};

/// Faults with their story: when each was seen first and last, when the place was fine before, and what changed
/// between. A finding is closed only by a look that found the place fine; without one it stays open.
/// Bounds: kMostFindings, of which the closed ones go first; kMostChanges; kMostFine places.
/// Thread: none of its own; not locked.
class FindingBook {
public:
    void restore(std::vector<VisibilityFinding> findings, VisibilityKept kept);
    /// Says what differs from the moment before; nothing at the first one.
    void compare(const VisibilitySnapshot& now);
    void note(NotedChange change);

    struct Outcome {
        std::vector<std::uint64_t> changed;
        std::vector<std::uint64_t> removed;
    };
    /// A collection is over. Old: nobody gave a list in it, so what is known proves nothing anew.
    enum class Looks { New, Old };
    Outcome take(const VisibilityReport& report, const VisibilityBook& book, TimePoint at, Looks looks = Looks::New);

    /// Open ones first, widest and newest first.
    std::vector<VisibilityFinding> all() const;
    const VisibilityFinding* find(std::uint64_t id) const;
    std::uint32_t open() const;
    VisibilityKept kept() const;

    static constexpr std::size_t kMostFindings = 500;
    static constexpr std::size_t kMostChanges = 1000;
    static constexpr std::size_t kMostFine = 20000;
    static constexpr std::size_t kMostChangesOfFinding = 12;

private:
    struct Moment;
    VisibilityFinding made(const MatrixFault& fault, const Moment& moment) const;
    bool isFine(const VisibilityFinding& finding, const Moment& moment) const;
    std::optional<TimePoint> lastFine(const VisibilityFinding& finding) const;
    std::vector<VisibilityChange> changesFor(const VisibilityFinding& finding, TimePoint since, TimePoint until) const;

    std::map<std::uint64_t, VisibilityFinding> findings_;
    std::map<std::string, TimePoint> fine_;
    std::deque<NotedChange> changes_;
    std::optional<VisibilitySnapshot> before_;
    TimePoint finishedAt_{};
    std::uint64_t lastId_ = 0;
};

/// What an administrator does about it.
std::string remedyOf(const VisibilityFinding& finding);

}  // namespace causeway::trace
