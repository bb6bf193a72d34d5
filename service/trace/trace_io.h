#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "service/net/work_pool.h"
#include "service/trace/domain_world.h"
#include "service/trace/trace_port.h"
#include "service/trace/trace_world.h"
#include "shared/base/guarded.h"
#include "shared/base/log.h"

namespace causeway::trace {

/// UDP 2425 and the directory, as traces use them; service/app connects it with the LAN directory. Any thread, each
/// call waits at most two seconds.
class ChatLine {
public:
    virtual ~ChatLine() = default;

    struct Sent {
        Ip4 from;
        std::string bytes;
    };
    /// A datagram that arrived, or an ICMP error about one of ours.
    struct Arrival {
        Heard heard;
        Ip4 localAddress;
        std::string bytes;
        std::string note{};  ///< body of a NOOPERATION
    };
    struct State {
        bool isListening = false;
        std::string problem;  ///< why not
        std::vector<LanInterface> interfaces;
        std::vector<BaseSite> bases;
    };

    virtual Result<State> state() = 0;
    virtual Result<std::vector<LanUser>> users() = 0;
    virtual Result<Sent> send(const ChatProbe& probe) = 0;
    virtual Result<Sent> broadcast(const LanInterface& interface) = 0;
    /// Begins to read the list of a client; it comes to the listener of readings.
    virtual Result<void> readList(Ip4 client) = 0;
};

/// Reports of earlier traces. Any thread; load() is called once, before the first trace.
class TraceKeeper {
public:
    virtual ~TraceKeeper() = default;
    virtual std::vector<TraceReport> load() = 0;
    virtual void save(const TraceReport& report) = 0;  ///< must not block for long
    virtual void remove(std::uint64_t id) = 0;
};

/// Finds the linked service for a target; service/app connects it with the links. Any thread.
class TracePeers {
public:
    virtual ~TracePeers() = default;
    virtual std::shared_ptr<TracePeer> peerOf(Ip4 target) = 0;
};

/// Runs traces, each on a thread of its own, and keeps their reports.
class TraceIo final : public TracePort {
public:
    /// `names`: for look-ups, whose resolver may take its time.
    TraceIo(ChatLine& line, TraceKeeper& keeper, net::WorkPool& names, Log& log);
    ~TraceIo() override;  ///< stops what runs
    TraceIo(const TraceIo&) = delete;
    TraceIo& operator=(const TraceIo&) = delete;

    void setObserver(TraceObserver* observer) { observer_ = observer; }
    /// Lists that were read within the last 10 minutes for somebody else: clients are not asked twice. Before start().
    void setRecentLists(std::function<std::optional<std::vector<Ip4>>(Ip4)> recent) {
        recentLists_ = std::move(recent);
    }
    /// Where domain traces ask; none: there are no chat domains. Before the first trace.
    void setDomains(DomainWorld* domains) { domains_ = domains; }
    /// Null ends it; before traces run, or when none runs any more.
    void setPeers(TracePeers* peers) { peers_ = peers; }
    /// Reads what is kept; those that were running when the service ended are marked as stopped.
    void restore();
    /// Ends all traces and waits for them; at most a second.
    void stopAll();

    // From the LAN loop; cheap when no trace runs.
    void arrived(const ChatLine::Arrival& arrival);
    bool isListening() const { return running_ > 0 || counting_ > 0; }
    void listRead(Ip4 client, bool isComplete, const std::vector<Ip4>& addresses);

    // For linked services. Any thread.
    struct Help {
        std::function<void(const TraceRow&)> row;         ///< each as it is finished
        std::function<void(Result<TraceEvidence>)> done;  ///< once, the last
    };
    /// Measures those steps towards an address, for another service; its number, for stopHelp().
    /// Errors: Busy (kMostHelped at once), Unavailable (the LAN directory is off).
    Result<std::uint64_t> help(Ip4 target, std::uint16_t port, const std::vector<TraceStep>& steps, Help told);
    void stopHelp(std::uint64_t id);
    static constexpr std::size_t kMostHelped = 16;

    /// Counts packets on UDP 2425 that carry a mark, from beginCount() to takeCount(); forgotten after 20 s.
    bool beginCount(const std::string& mark);
    /// Sends `count` of them, 20 a second; how many left. Blocks.
    unsigned sendCount(const std::string& mark, Ip4 to, unsigned count);
    struct Counted {
        unsigned arrived = 0;
        std::optional<Ip4> source;
        std::optional<std::uint16_t> sourcePort;
    };
    Counted takeCount(const std::string& mark);
    /// UDP 2425 is ours.
    bool hasChatPort();

    // TracePort:
    Result<TraceReport> start(const TraceRequest& wanted, const std::string& by) override;
    Result<TraceReport> stop(std::uint64_t id) override;
    Result<TraceReport> trace(std::uint64_t id) override;
    Result<std::vector<TraceReport>> traces() override;
    Result<void> remove(std::uint64_t id) override;
    Result<std::string> capture(std::uint64_t id) override;

private:
    class World;
    struct Job;
    struct State {
        std::map<std::uint64_t, TraceReport> reports;
        std::map<std::uint64_t, std::shared_ptr<Job>> jobs;  ///< running, or with packets to export
        std::map<Ip4, TimePoint> listsReadAt;
        std::uint64_t lastId = 0;
        std::map<std::uint64_t, std::shared_ptr<Job>> helping;  ///< for linked services
        std::uint64_t lastHelp = 0;
        struct Count {
            TimePoint until{};
            std::set<unsigned> numbers;
            std::optional<Ip4> source;
            std::optional<std::uint16_t> sourcePort;
        };
        std::map<std::string, Count> counts;
    };
    Result<TraceReport> startOfDomain(const TraceRequest& wanted, const std::string& by);
    /// Takes a place and begins `work` on a thread of its own.
    using Work = std::function<TraceReport(const std::shared_ptr<Job>& job, const TraceReport& report)>;
    Result<TraceReport> begin(TraceReport report, const std::string& by, Work work);
    TraceReport runPair(const std::shared_ptr<Job>& job, const TraceReport& report);
    void finish(const std::shared_ptr<Job>& job, TraceReport finished);
    void put(const TraceReport& report);
    void joinFinished();
    std::vector<std::shared_ptr<Job>> openJobs();
    void counted(const ChatLine::Arrival& arrival);

    ChatLine& line_;
    TraceKeeper& keeper_;
    net::WorkPool& names_;
    Log& log_;
    TraceObserver* observer_ = nullptr;
    std::function<std::optional<std::vector<Ip4>>(Ip4)> recentLists_;
    DomainWorld* domains_ = nullptr;
    TracePeers* peers_ = nullptr;
    std::atomic<bool> isEnding_{false};
    std::atomic<int> counting_{0};
    Guarded<State> state_;
    std::atomic<int> running_{0};
};

}  // namespace causeway::trace
