#pragma once

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
#include <unordered_map>
#include <vector>

#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::store {

class Database;

struct WriteQueueLimits {
    std::size_t rowsOfBatch = 100;
    Duration gather = 20ms;             ///< how long a first row waits for others
    std::size_t keyedRows = 250'000;    ///< rows that a newer version can replace; more: the oldest is dropped
    std::size_t plainRows = 100'000;    ///< events and search rows; more: the oldest is dropped
    std::size_t waitingCallers = 1000;  ///< more: Busy
    Duration firstRetry = 200ms;        ///< after a failure of the disk; doubles with each
    Duration longestRetry = 10s;
};

/// How sure a commit must be: Fast survives the end of the process, Durable also the end of the power.
enum class Sureness { Fast, Durable };

/// What became of one transaction: either all of it failed, or each item on its own did or did not.
struct BatchOutcome {
    std::optional<Error> failure{};  ///< of the disk; nothing was stored, the rows are worth another try
    std::vector<Result<void>> each{};
};

/// The rows that wait for the disk, and the one thread that writes them in groups.
/// Order: rows are written in the order in which they came, where a newer version takes the place of a queued older
/// one. Callers who wait (runNow) go before rows. Threads: any.
class WriteQueue {
public:
    using Write = std::function<Result<void>(Database&)>;
    /// Runs all writes in one transaction; called on the writer thread only.
    using Commit = std::function<BatchOutcome(const std::vector<const Write*>&, Sureness)>;

    WriteQueue(Commit commit, const WriteQueueLimits& limits, Log& log);
    /// Writes what is queued, once more even if the disk fails, and logs what is lost (STORE_UNSAVED).
    ~WriteQueue();
    WriteQueue(const WriteQueue&) = delete;
    WriteQueue& operator=(const WriteQueue&) = delete;

    enum class Place {
        Kept,   ///< the newer version takes the place of the older one
        AtEnd,  ///< it goes behind everything queued so far
    };
    /// A row that replaces a queued one of the same key.
    void put(std::string key, Place place, Write write);
    /// A row of its own; over the limit the oldest such row is dropped.
    void add(Write write);
    /// An order that must not be lost or replaced, such as a removal. What comes later under `sealedKey` does not take
    /// the place of anything queued before this.
    void addOrder(Write write, const std::string& sealedKey = {});
    /// Takes queued rows whose key begins so out of the queue.
    void drop(std::string_view keyPrefix);

    /// Writes now and returns after the commit. Errors: what `write` returned, Busy, or the failure of the disk.
    Result<void> runNow(Write write, Sureness sureness = Sureness::Durable);

    /// Waits until everything queued so far is written. Error: the disk fails; the rows stay queued.
    Result<void> flush();

    /// Empty, or a sentence about the failing disk and what is waiting or lost.
    std::string trouble() const;
    std::size_t queuedRows() const;
    std::size_t waitingCallers() const;

private:
    struct Row {
        std::string key;
        Write write;
        bool isPlain = false;
    };
    struct Caller {
        Write write;
        Sureness sureness = Sureness::Fast;
        std::optional<Result<void>> result{};
    };
    using Rows = std::map<std::uint64_t, Row>;

    void work();
    void writeBatch(std::unique_lock<std::mutex>& hold);
    void takeBack(Rows&& batch);
    void insert(Row row);
    void erase(Rows::iterator row);
    void dropOverLimit();
    void sayTrouble(const Error& error);
    void sayWell();

    Commit commit_;
    WriteQueueLimits limits_;
    Log& log_;

    mutable std::mutex lock_;
    std::condition_variable wakeWriter_;
    std::condition_variable written_;
    Rows rows_;  ///< by order
    std::unordered_map<std::string, std::uint64_t> orderOfKey_;
    std::set<std::uint64_t> plainOrders_;
    std::deque<std::shared_ptr<Caller>> callers_;
    std::uint64_t nextOrder_ = 1;
    std::uint64_t inFlightFrom_ = 0;  ///< lowest order being written, 0 = none
    std::uint64_t failures_ = 0;      ///< grows with each failed commit
    std::uint64_t droppedRows_ = 0;
    bool isFlushWanted_ = false;
    bool isEnding_ = false;
    std::optional<Error> trouble_;
    Duration retry_{};
    std::thread writer_;
};

}  // namespace causeway::store
