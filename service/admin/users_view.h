#pragma once

#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "service/discovery/lan_port.h"
#include "service/store/store_port.h"
#include "shared/api/users_json.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::admin {

/// What the entry flags of a client mean, in words.
std::vector<std::string_view> flagWordsOf(std::uint32_t flags);
/// The user as the API shows him.
void writeLanUser(api::JsonWriter& out, const LanUser& user, const std::optional<Network4>& viewpoint);

/// True if `needle` (folded by foldedText) is a part of name, user, host, group, address or client.
bool matchesFilter(const LanUser& user, const std::string& needle);
/// Text whose byte order is the order of that column.
std::string sortKeyOf(const LanUser& user, api::UserSort sort);
/// Lower case of all scripts.
std::string foldedText(std::string_view text);
bool isUnstableNow(const LanUser& user, TimePoint now);

/// Lists of users for the API. Sorting and filtering 100,000 users takes a moment, so the order of a query is kept for
/// five seconds after its last use: ids and sort keys only, at most four queries. A page that comes later goes on
/// behind the last user of the page before, so nobody is left out or shown twice by the passing of time.
/// Any thread; one query is computed at a time.
class UsersView {
public:
    UsersView(discovery::LanPort& lan, store::StorePort& store, std::function<TimePoint()> now);

    struct Page {
        std::vector<LanUser> users;
        std::string next;
        std::uint64_t total = 0;
        std::optional<Network4> viewpoint;
    };
    /// Errors: BadInput (cursor, viewpoint), NotFound (user of the viewpoint), those of LanPort.
    Result<Page> page(const api::UsersQuery& query);
    /// Segment from whose side it is looked; nullopt if there is none (no own segment).
    Result<std::optional<Network4>> viewpointOf(const std::string& as);
    /// At most `maxAge` old.
    Result<std::vector<api::SegmentRow>> segments(Duration maxAge = 5s);

private:
    struct Entry {
        std::string key;
        UserId id = 0;
    };
    struct Sorted {
        std::string query;  ///< what it answers, without cursor and limit
        TimePoint lastUse{};
        std::vector<Entry> entries;
    };
    Result<std::shared_ptr<const Sorted>> sorted(const api::UsersQuery& query,
                                                 const std::optional<Network4>& viewpoint);
    Result<Page> pageById(const api::UsersQuery& query, UserId after);
    template <class F>
    Result<void> eachUser(F use);

    discovery::LanPort& lan_;
    store::StorePort& store_;
    std::function<TimePoint()> now_;
    std::mutex computing_;
    std::mutex lock_;
    std::list<std::shared_ptr<Sorted>> kept_;
    std::vector<api::SegmentRow> segments_;
    TimePoint segmentsAt_{};
};

}  // namespace causeway::admin
