#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace causeway::net {

struct WorkPoolLimits {
    std::size_t threads = 4;
    std::size_t queued = 256;         ///< jobs that wait, of all keys together
    std::size_t runningOfOneKey = 2;  ///< so that one slow directory cannot take every thread
    std::size_t queuedOfOneKey = 64;
};

/// What became of the jobs; for the status page.
struct WorkCounters {
    std::size_t queued = 0;
    std::size_t running = 0;
    std::uint64_t finished = 0;
    std::uint64_t refused = 0;   ///< the queue was full
    std::uint64_t timedOut = 0;  ///< answered Timeout, waiting or running
    std::uint64_t threw = 0;
};

/// Threads for work that blocks: directory look-ups, host names, password hashes. Bounded in threads, queue and time.
/// Jobs of one key run in the order in which they came; keys take turns by the age of their jobs.
/// Threads: any. A job is C++ code that nobody can interrupt: at its deadline the caller gets Timeout, while the job
/// holds its thread until it returns by itself. Jobs therefore bound their own waiting.
class WorkPool {
public:
    WorkPool(std::string name, const WorkPoolLimits& limits, Log& log);
    /// Jobs that wait get Unavailable; jobs that run are waited for.
    ~WorkPool();
    WorkPool(const WorkPool&) = delete;
    WorkPool& operator=(const WorkPool&) = delete;

    /// Runs `job()` on a thread of the pool and gives what it returned, T or Result<T>, to `done` as Result<T>.
    /// `done` is called exactly once if submit() succeeded: with the result, Timeout at the deadline
    /// (EventLoop::now()), Unavailable when the pool ends, Internal if the job threw. It runs on a thread of the pool
    /// and only passes on: EventLoop::deliver() makes it. Errors: Busy at once if the queue of the pool or of the key
    /// is full; `done` is then never called.
    template <class Job, class Done>
    Result<void> submit(const std::string& key, TimePoint deadline, Job job, Done done);

    WorkCounters counters() const;
    /// By key; a key that has had no job for long is forgotten (at most 1024 are kept).
    std::map<std::string, WorkCounters> countersByKey() const;

private:
    struct Item {
        std::function<bool()> run;          ///< false: threw
        std::function<bool(Error)> giveUp;  ///< true: the caller had no answer before
    };
    Result<void> add(const std::string& key, TimePoint deadline, Item item);

    struct Impl;
    std::unique_ptr<Impl> impl_;

    template <class T>
    struct Flat {
        using Type = T;
    };
    template <class T>
    struct Flat<Result<T>> {
        using Type = T;
    };
    static Error jobThrew(const char* reason);
};

template <class Job, class Done>
Result<void> WorkPool::submit(const std::string& key, TimePoint deadline, Job job, Done done) {
    using Returned = std::invoke_result_t<Job&>;
    using Answer = Result<typename Flat<Returned>::Type>;
    struct Shared {
        Shared(Job j, Done d) : job(std::move(j)), done(std::move(d)) {}
        Job job;
        Done done;
        std::atomic<bool> isAnswered{false};
        bool answer(Answer value) {
            if (isAnswered.exchange(true)) return false;
            done(std::move(value));
            return true;
        }
    };
    auto shared = std::make_shared<Shared>(std::move(job), std::move(done));
    Item item;
    item.run = [shared] {
        try {
            if constexpr (std::is_void_v<Returned>) {
                shared->job();
                shared->answer(Answer{});
            } else {
                shared->answer(Answer{shared->job()});
            }
            return true;
        } catch (const std::exception& error) {
            shared->answer(jobThrew(error.what()));
        } catch (...) {
            shared->answer(jobThrew("unknown exception"));
        }
        return false;
    };
    item.giveUp = [shared](Error error) { return shared->answer(std::move(error)); };
    return add(key, deadline, std::move(item));
}

}  // namespace causeway::net
