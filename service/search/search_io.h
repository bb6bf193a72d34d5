#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "service/net/event_loop.h"
#include "service/net/name_lookup.h"
#include "service/net/work_pool.h"
#include "service/search/search_policy.h"
#include "service/search/search_port.h"
#include "shared/base/log.h"

namespace causeway::search {

/// What a sweep does on the network; service/app connects it with the LAN directory. On the LAN loop.
class Prober {
public:
    virtual ~Prober() = default;
    virtual void probe(const std::vector<Ip4>& addresses) = 0;
    virtual void announceTo(const std::vector<Ip4>& broadcasts) = 0;
    virtual void readListOf(Ip4 client) = 0;
    virtual void rangesChanged(std::vector<RangeLine> lines) = 0;
};

/// What is kept on disk. Saving must not block; loadRows may, and is called on a thread of the admin interface.
class SearchKeeper {
public:
    virtual ~SearchKeeper() = default;
    virtual Result<void> saveRanges(const std::vector<RemoteRange>& all) = 0;
    virtual void saveResults(std::vector<RemoteRange> changed) = 0;
    virtual void saveSearch(const UserSearch& search) = 0;
    virtual void addRows(std::uint64_t search, std::vector<SearchRow> rows) = 0;
    virtual Result<std::vector<SearchRow>> loadRows(std::uint64_t search, std::size_t from, std::size_t most) = 0;
};

/// Remote ranges and searches on the LAN loop.
class SearchIo final : public SearchPort {
public:
    SearchIo(net::EventLoop& loop, net::WorkPool& names, Log& log, Prober& prober, SearchKeeper& keeper,
             const SearchConfig& config);

    void setObserver(SearchObserver* observer) { observer_ = observer; }
    void restore(std::vector<RemoteRange> ranges, std::vector<UserSearch> searches, std::uint64_t lastSearchId);

    // On the loop:
    SearchPolicy& policy() { return policy_; }
    void start();
    void stop();
    void setConfig(const SearchConfig& config);
    /// Does what the policy wants; after every call into policy().
    void pump();

    // SearchPort, any other thread:
    Result<std::vector<RemoteRange>> ranges() override;
    Result<std::uint64_t> rangesRevision() override;
    Result<RemoteRange> addRange(const std::string& text, bool isEnabled) override;
    Result<RemoteRange> changeRange(std::uint64_t id, const std::string& text, bool isEnabled) override;
    Result<void> removeRange(std::uint64_t id) override;
    Result<std::vector<RemoteRange>> replaceRanges(const std::string& text) override;
    Result<RangePreview> preview(const std::string& text) override;
    Result<UserSearch> start(const UserSearch& wanted) override;
    Result<UserSearch> stop(std::uint64_t id) override;
    Result<std::vector<UserSearch>> searches() override;
    Result<UserSearch> search(std::uint64_t id) override;
    Result<std::vector<SearchRow>> rows(std::uint64_t id, std::size_t from, std::size_t most) override;

private:
    /// Runs `work` on the loop; its own Result comes through, or why it could not be asked.
    template <class T, class F>
    Result<T> ask(const char* name, F work) {
        auto answer = loop_.ask(name, Duration{2000}, [this, work = std::move(work)] {
            Result<T> result = work();
            pump();
            return result;
        });
        if (!answer) return answer.error();
        return std::move(*answer);
    }
    /// Writes the edited list to disk; called by the thread that edited, never on the loop.
    Result<void> keepRanges();

    net::EventLoop& loop_;
    net::WorkPool& names_;
    Log& log_;
    Prober& prober_;
    SearchKeeper& keeper_;
    SearchPolicy policy_;
    SearchObserver* observer_ = nullptr;
    std::unique_ptr<net::LoopTimer> timer_;
    bool isRunning_ = false;
};

}  // namespace causeway::search
