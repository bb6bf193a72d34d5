#pragma once

#include "service/app/settings.h"
#include "service/discovery/lan_io.h"
#include "service/search/search_port.h"
#include "service/store/store_port.h"
#include "service/trace/visibility_io.h"

namespace causeway::app {

/// Lets the visibility map read the directory and ask through it.
class LanVisibilityLine final : public trace::VisibilityLine {
public:
    LanVisibilityLine(net::EventLoop& loop, discovery::LanIo& lan, search::SearchPort& search, const Settings& settings)
        : loop_(loop), lan_(lan), search_(search), settings_(settings) {}

    Result<trace::VisibilitySnapshot> snapshot() override;
    void readLists(const std::vector<Ip4>& clients) override;
    void probe(const std::vector<UserId>& users) override;

private:
    net::EventLoop& loop_;
    discovery::LanIo& lan_;
    search::SearchPort& search_;
    const Settings& settings_;
};

/// Keeps findings in the store, as the JSON of the admin interface.
class StoreVisibilityKeeper final : public trace::VisibilityKeeper {
public:
    StoreVisibilityKeeper(store::StorePort& store, Log& log) : store_(store), log_(log) {}
    std::vector<VisibilityFinding> load(trace::VisibilityKept& kept) override;
    void save(const VisibilityFinding& finding) override;
    void remove(std::uint64_t id) override { store_.removeVisibilityLater(id); }
    void saveKept(const trace::VisibilityKept& kept) override;

private:
    store::StorePort& store_;
    Log& log_;
};

}  // namespace causeway::app
