#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/remote_range.h"
#include "shared/model/user_search.h"

namespace causeway::search {

/// Remote ranges and external user search, as the admin interface sees them. Any thread; waits at most two seconds.
class SearchPort {
public:
    virtual ~SearchPort() = default;

    virtual Result<std::vector<RemoteRange>> ranges() = 0;
    /// Revision of the range list; If-Match of the API compares it.
    virtual Result<std::uint64_t> rangesRevision() = 0;
    virtual Result<RemoteRange> addRange(const std::string& text, bool isEnabled) = 0;
    virtual Result<RemoteRange> changeRange(std::uint64_t id, const std::string& text, bool isEnabled) = 0;
    virtual Result<void> removeRange(std::uint64_t id) = 0;
    /// Whole list from a text, one a line; lines that stay the same keep their id and results. All or nothing.
    virtual Result<std::vector<RemoteRange>> replaceRanges(const std::string& text) = 0;
    virtual Result<RangePreview> preview(const std::string& text) = 0;

    virtual Result<UserSearch> start(const UserSearch& wanted) = 0;
    virtual Result<UserSearch> stop(std::uint64_t id) = 0;
    virtual Result<std::vector<UserSearch>> searches() = 0;  ///< newest first, at most 200
    virtual Result<UserSearch> search(std::uint64_t id) = 0;
    /// Rows from index `from` on, at most `most`, in the order in which they came.
    virtual Result<std::vector<SearchRow>> rows(std::uint64_t id, std::size_t from, std::size_t most) = 0;
};

/// Told on the LAN loop; must not block.
class SearchObserver {
public:
    virtual ~SearchObserver() = default;
    virtual void searchChanged(std::uint64_t id) = 0;  ///< progress, state or new rows
    virtual void rangesChanged() = 0;
};

}  // namespace causeway::search
