#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "service/admin/admin_ports.h"
#include "service/admin/event_ring.h"
#include "shared/api/events_json.h"
#include "shared/base/result.h"

namespace causeway::admin {

/// Where the hub gets what an event says; the admin server fills these in, tests their own.
struct EventSources {
    std::function<api::HelloEvent()> hello;
    std::function<api::ServiceStatus()> status;
    std::function<std::vector<Problem>()> problems;
    std::function<TimePoint()> now;
};

/// Turns changes of the service into the events of GET /v1/events.
/// Observers only mark what is dirty, so the LAN loop never waits. One thread fetches what is dirty and makes batches:
/// the first change goes out at once, then at most five batches a second; status every two seconds while somebody
/// listens. With nobody there for a minute it does nothing, and who comes back then gets `resync`.
/// Bounds: 5,000 dirty users (more become one `resync`), 1,000 log lines, 12 readers, see also EventRing, EventReader.
class EventHub final : public discovery::LanObserver,
                       public search::SearchObserver,
                       public trace::TraceObserver,
                       public trace::VisibilityObserver,
                       public links::LinksObserver,
                       public domains::DomainsObserver,
                       public auth::ProvidersObserver,
                       public LogObserver {
public:
    static constexpr std::size_t kMostReaders = 12;

    EventHub(AdminPorts ports, EventSources sources);
    ~EventHub() override;
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    void start();
    /// Closes every reader and ends the thread.
    void stop();

    // Told by the features and by the admin resources; any thread.
    void usersChanged(std::span<const UserId> ids) override;
    void usersRemoved(std::span<const UserId> ids) override;
    void searchChanged(std::uint64_t id) override;
    void rangesChanged() override;
    void traceChanged(std::uint64_t id) override;
    void traceRemoved(std::uint64_t id) override;
    void visibilityChanged() override;
    void domainChanged(std::uint64_t id) override;
    void dnsChanged();
    void providerChanged(std::uint64_t id) override;
    void domainWaitChanged(std::uint64_t id) override;
    void logged(const api::LogLine& line) override;
    void settingsChanged(const std::vector<std::string>& keys);
    void basesChanged();
    void linksChanged() override { basesChanged(); }
    void problemsChanged();

    /// A new reader: hello first, then what it missed since `lastId`, or `resync` if that is not known any more.
    /// Errors: Unavailable when there are kMostReaders already, or the hub has stopped.
    Result<std::shared_ptr<EventReader>> open(std::optional<std::uint64_t> lastId, WantsLogs logs);
    void close(const std::shared_ptr<EventReader>& reader);
    std::size_t readers() const;

    /// What the thread does, for tests with their own time: makes the batches that are due and answers when to look
    /// again; nullopt = when something is marked.
    std::optional<TimePoint> step(TimePoint now);

private:
    struct Dirty {
        std::unordered_set<UserId> changed;
        std::unordered_set<UserId> removed;
        std::set<std::uint64_t> searches;
        std::set<std::uint64_t> traces;
        std::set<std::uint64_t> domains;
        std::set<std::uint64_t> providers;
        std::set<std::string> settings;
        std::vector<api::LogLine> logs;
        bool ranges = false;
        bool bases = false;
        bool dns = false;
        bool visibility = false;
        bool problems = false;
        bool tooMuch = false;  ///< more users than the bound
        bool any() const;
    };

    template <class F>
    void mark(F change);
    void run();
    void makeBatch(Dirty dirty);
    void userBatches(const Dirty& dirty);
    void searchBatch(std::uint64_t id);
    void traceBatch(std::uint64_t id);
    void rangesBatch();
    void domainsBatch(const std::set<std::uint64_t>& ids);
    void providersBatch(const std::set<std::uint64_t>& ids);
    void statusBatch();
    void problemsBatch();
    void publish(std::string_view name, std::string_view json, EventRing::Keep keep = EventRing::Keep::ForResume,
                 bool isLog = false);
    void resyncAll();

    AdminPorts ports_;
    EventSources sources_;
    std::thread thread_;

    mutable std::mutex lock_;
    std::condition_variable wake_;
    bool isStopping_ = false;
    bool isNudged_ = false;  ///< the thread must look now: first mark of a batch, or a new reader
    Dirty dirty_;
    EventRing ring_;
    std::vector<std::shared_ptr<EventReader>> readers_;
    TimePoint lastReaderAt_{};
    bool isAsleep_ = true;  ///< nobody has listened for a minute: changes are not kept

    // Of the thread only.
    TimePoint nextBatchAt_{};
    TimePoint nextStatusAt_{};
    std::unordered_map<std::uint64_t, std::uint64_t> rowsSent_;  ///< of each search
    std::string lastProblems_;
};

}  // namespace causeway::admin
