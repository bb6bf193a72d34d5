#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/visibility.h"

namespace causeway::trace {

/// Who sees whom in the whole company, as the admin interface sees it. Any thread; no call waits for the network.
class VisibilityPort {
public:
    virtual ~VisibilityPort() = default;

    virtual VisibilityStatus status() = 0;
    /// Base by base.
    virtual VisibilityMap bases() = 0;
    /// The segments of two bases; rows from `firstRow` on, at most kMostRows. NotFound: no such base.
    virtual Result<VisibilityMap> segments(const std::string& fromBase, const std::string& toBase,
                                           std::size_t firstRow) = 0;
    /// The computers of two segments, one page: at most kMostObservers rows and kMostSubjects columns. NotFound.
    virtual Result<VisibilityCells> cells(const Network4& from, const Network4& to, std::size_t firstObserver,
                                          std::size_t firstSubject) = 0;
    /// Open ones first, widest first.
    virtual std::vector<VisibilityFinding> findings() = 0;
    /// Begins to ask clients for their lists. Errors: Unavailable (switched off), Busy (one runs).
    virtual Result<VisibilityStatus> collect(const VisibilityScope& scope, const std::string& by) = 0;
    virtual VisibilityStatus stop() = 0;

    static constexpr std::size_t kMostRows = 100;
    static constexpr std::size_t kMostObservers = 100;
    static constexpr std::size_t kMostSubjects = 500;
};

/// Told on any thread; must not block.
class VisibilityObserver {
public:
    virtual ~VisibilityObserver() = default;
    virtual void visibilityChanged() = 0;
};

}  // namespace causeway::trace
