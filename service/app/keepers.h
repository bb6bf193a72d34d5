#pragma once

#include "service/discovery/lan_io.h"
#include "service/search/search_io.h"
#include "service/store/store_port.h"

namespace causeway::app {

/// Connects the LAN directory with the store.
class StoreLanKeeper final : public discovery::LanKeeper {
public:
    explicit StoreLanKeeper(store::StorePort& store) : store_(store) {}
    void saveUsers(std::vector<LanUser> users) override { store_.saveUsersLater(std::move(users)); }
    void removeUsers(std::vector<UserId> ids) override { store_.removeUsersLater(std::move(ids)); }
    void addEvents(std::vector<std::pair<UserId, UserEvent>> events) override {
        store_.addUserEventsLater(std::move(events));
    }
    void savePacketNumber(std::uint32_t number) override { store_.saveCounterLater("lan.packet-number", number); }
    Result<std::vector<UserEvent>> events(UserId id) override { return store_.userEvents(id, 500); }

private:
    store::StorePort& store_;
};

/// Connects ranges and searches with the store.
class StoreSearchKeeper final : public search::SearchKeeper {
public:
    explicit StoreSearchKeeper(store::StorePort& store) : store_(store) {}
    Result<void> saveRanges(const std::vector<RemoteRange>& all) override { return store_.saveRanges(all); }
    void saveResults(std::vector<RemoteRange> changed) override { store_.saveRangeResultsLater(std::move(changed)); }
    void saveSearch(const UserSearch& search) override {
        store_.saveSearchLater(search);
        store_.saveCounterLater("search", search.id);
    }
    void addRows(std::uint64_t search, std::vector<SearchRow> rows) override {
        store_.addSearchRowsLater(search, std::move(rows));
    }
    Result<std::vector<SearchRow>> loadRows(std::uint64_t search, std::size_t from, std::size_t most) override {
        return store_.searchRows(search, from, most);
    }

private:
    store::StorePort& store_;
};

/// Lets sweeps ask through the LAN directory.
class LanProber final : public search::Prober {
public:
    explicit LanProber(discovery::LanIo& lan) : lan_(lan) {}
    void probe(const std::vector<Ip4>& addresses) override;
    void announceTo(const std::vector<Ip4>& broadcasts) override;
    void readListOf(Ip4 client) override;
    void rangesChanged(std::vector<RangeLine> lines) override { lan_.setRanges(std::move(lines)); }

private:
    discovery::LanIo& lan_;
};

}  // namespace causeway::app
