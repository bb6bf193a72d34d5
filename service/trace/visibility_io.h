#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "service/trace/visibility_policy.h"
#include "service/trace/visibility_port.h"
#include "shared/base/log.h"

namespace causeway::trace {

/// The directory and UDP 2425, as the matrix uses them; service/app connects it with the LAN directory. Any thread but
/// the loop; each call waits at most two seconds for a page of users.
class VisibilityLine {
public:
    virtual ~VisibilityLine() = default;
    virtual Result<VisibilitySnapshot> snapshot() = 0;
    /// Begins to read lists; they come to VisibilityIo::listRead.
    virtual void readLists(const std::vector<Ip4>& clients) = 0;
    virtual void probe(const std::vector<UserId>& users) = 0;
};

/// Findings on disk. Called on the thread of the matrix; must not block for long.
class VisibilityKeeper {
public:
    virtual ~VisibilityKeeper() = default;
    virtual std::vector<VisibilityFinding> load(VisibilityKept& kept) = 0;
    virtual void save(const VisibilityFinding& finding) = 0;
    virtual void remove(std::uint64_t id) = 0;
    virtual void saveKept(const VisibilityKept& kept) = 0;
};

/// One thread that collects lists, makes the map and keeps the findings.
class VisibilityIo final : public VisibilityPort {
public:
    VisibilityIo(VisibilityLine& line, VisibilityKeeper& keeper, Log& log);
    ~VisibilityIo() override;
    VisibilityIo(const VisibilityIo&) = delete;
    VisibilityIo& operator=(const VisibilityIo&) = delete;

    void setObserver(VisibilityObserver* observer) { observer_ = observer; }
    void setConfig(const VisibilityConfig& config);
    /// Reads what is kept and begins.
    void start();
    /// Ends the thread; at most some tenths of a second.
    void stopAll();

    /// A list of a client, whoever asked for it. From the LAN loop.
    void listRead(Ip4 client, bool isComplete, std::vector<Ip4> listed);
    /// What the matrix got from a client within the last 10 minutes.
    std::optional<std::vector<Ip4>> recentList(Ip4 client);

    // VisibilityPort:
    VisibilityStatus status() override;
    VisibilityMap bases() override;
    Result<VisibilityMap> segments(const std::string& fromBase, const std::string& toBase,
                                   std::size_t firstRow) override;
    Result<VisibilityCells> cells(const Network4& from, const Network4& to, std::size_t firstObserver,
                                  std::size_t firstSubject) override;
    std::vector<VisibilityFinding> findings() override;
    Result<VisibilityStatus> collect(const VisibilityScope& scope, const std::string& by) override;
    VisibilityStatus stop() override;

private:
    struct Reading {
        Ip4 client;
        bool isComplete = false;
        std::vector<Ip4> listed;
    };
    static constexpr std::size_t kMostReadings = 256;

    void run();
    /// What the policy wants done outside of it; true if there was something.
    bool work();
    void makeReport(bool isFinal);
    void told();
    std::shared_ptr<const VisibilityReport> reportNow();

    VisibilityLine& line_;
    VisibilityKeeper& keeper_;
    Log& log_;
    VisibilityObserver* observer_ = nullptr;
    std::mutex lock_;
    std::condition_variable wake_;
    VisibilityPolicy policy_;                         ///< under lock_
    std::shared_ptr<const VisibilityReport> report_;  ///< under lock_
    std::deque<Reading> readings_;                    ///< under lock_
    bool isNudged_ = false;
    bool isStopping_ = false;
    std::uint64_t toldRevision_ = 0;
    std::thread thread_;
};

}  // namespace causeway::trace
