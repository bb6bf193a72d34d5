#include "service/net/work_pool.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "service/net/event_loop.h"

namespace causeway::net {

namespace {

constexpr std::size_t kKeptKeys = 1024;

}  // namespace

struct WorkPool::Impl {
    struct Job {
        std::string key;
        TimePoint deadline;
        Item item;
        bool isRunning = false;
        bool isGivenUp = false;
    };
    using Jobs = std::list<std::shared_ptr<Job>>;  // oldest first; running ones stay until they return

    Impl(std::string poolName, const WorkPoolLimits& poolLimits, Log& logOfAll)
        : name(std::move(poolName)), limits(poolLimits), log(logOfAll) {}

    std::string name;
    WorkPoolLimits limits;
    Log& log;
    mutable std::mutex lock;
    std::condition_variable hasWork;
    std::condition_variable deadlinesChanged;
    Jobs jobs;
    WorkCounters total;
    std::map<std::string, WorkCounters> byKey;
    bool isEnding = false;
    std::vector<std::thread> threads;

    /// With the lock held: the oldest waiting job whose key may run one more.
    std::shared_ptr<Job> next() {
        for (auto& job : jobs) {
            if (!job->isRunning && byKey[job->key].running < limits.runningOfOneKey) return job;
        }
        return nullptr;
    }

    void remove(const std::shared_ptr<Job>& job) {
        jobs.remove(job);
        forgetIdleKeys();
    }

    void forgetIdleKeys() {
        for (auto each = byKey.begin(); byKey.size() > kKeptKeys && each != byKey.end();) {
            const bool isIdle = each->second.queued == 0 && each->second.running == 0;
            each = isIdle ? byKey.erase(each) : std::next(each);
        }
    }

    void work() {
        std::unique_lock hold{lock};
        while (true) {
            std::shared_ptr<Job> job;
            hasWork.wait(hold, [&] { return isEnding || (job = next()) != nullptr; });
            if (isEnding) return;
            job->isRunning = true;
            count(*job, [](WorkCounters& counters) {
                --counters.queued;
                ++counters.running;
            });
            auto run = job->item.run;
            hold.unlock();
            const bool isFine = run();
            if (!isFine) {
                log.write(
                    LogLevel::Error, "NET_JOB_THREW",
                    "An error stopped a job for \"" + job->key + "\" in pool " + name + ". Please report this line.");
            }
            hold.lock();
            Item leftover = std::exchange(job->item, {});
            count(*job, [isFine](WorkCounters& counters) {
                --counters.running;
                ++counters.finished;
                if (!isFine) ++counters.threw;
            });
            remove(job);
            // What the job holds goes outside the lock: its destructors are not ours.
            hold.unlock();
            run = nullptr;
            leftover = {};
            hold.lock();
            // The key may run one more now, which any thread can take.
            hasWork.notify_all();
        }
    }

    template <class F>
    void count(const Job& job, F change) {
        change(total);
        change(byKey[job.key]);
    }

    /// With the lock held: the job whose deadline comes first and whose caller still waits.
    std::shared_ptr<Job> earliest() {
        std::shared_ptr<Job> found;
        for (auto& job : jobs) {
            if (!job->isGivenUp && (!found || job->deadline < found->deadline)) found = job;
        }
        return found;
    }

    /// One thread watches the deadlines, because the others may all hang in slow jobs.
    void watchDeadlines() {
        std::unique_lock hold{lock};
        while (!isEnding) {
            const auto job = earliest();
            if (!job) {
                deadlinesChanged.wait(hold);
                continue;
            }
            const auto left = job->deadline - EventLoop::now();
            if (left > Duration{0}) {
                deadlinesChanged.wait_for(hold, std::min<Duration>(left, 1h));
                continue;
            }
            job->isGivenUp = true;
            const auto giveUp = job->item.giveUp;
            const auto key = job->key;
            if (!job->isRunning) {
                count(*job, [](WorkCounters& counters) { --counters.queued; });
                remove(job);
            }
            if (!giveUp) continue;  // it has just returned
            hold.unlock();
            const bool wasWaiting = giveUp(Error{Code::Timeout, "The work for \"" + key + "\" was not done in time.",
                                                 "What it asks answers too slowly, or too much is asked of it at once.",
                                                 "Look at the health of that server, or try again later."});
            hold.lock();
            if (wasWaiting) {
                ++total.timedOut;
                const auto found = byKey.find(key);
                if (found != byKey.end()) ++found->second.timedOut;
            }
        }
    }
};

WorkPool::WorkPool(std::string name, const WorkPoolLimits& limits, Log& log)
    : impl_(std::make_unique<Impl>(std::move(name), limits, log)) {
    INVARIANT(limits.threads > 0 && limits.runningOfOneKey > 0);
    for (std::size_t i = 0; i < limits.threads; ++i)
        impl_->threads.emplace_back([this] { impl_->work(); });
    impl_->threads.emplace_back([this] { impl_->watchDeadlines(); });
}

WorkPool::~WorkPool() {
    Impl::Jobs dropped;
    {
        const std::lock_guard hold{impl_->lock};
        impl_->isEnding = true;
        for (auto& job : impl_->jobs) {
            if (!job->isRunning) dropped.push_back(job);
        }
    }
    impl_->hasWork.notify_all();
    impl_->deadlinesChanged.notify_all();
    for (auto& job : dropped) {
        job->item.giveUp(Error{Code::Unavailable, "The work for \"" + job->key + "\" was not done.",
                               "The service is shutting down.", "Try again when the service has started again."});
    }
    for (auto& thread : impl_->threads)
        thread.join();
}

Result<void> WorkPool::add(const std::string& key, TimePoint deadline, Item item) {
    const auto refuse = [&](const std::string& why) {
        return Error{Code::Busy, "The work for \"" + key + "\" was refused.", why,
                     "Try again shortly. If it stays so, look at the health of that server."};
    };
    {
        const std::lock_guard hold{impl_->lock};
        auto& mine = impl_->byKey[key];
        if (impl_->isEnding) {
            return Error{Code::Unavailable, "The work for \"" + key + "\" was not done.",
                         "The service is shutting down.", "Try again when the service has started again."};
        }
        if (impl_->total.queued >= impl_->limits.queued || mine.queued >= impl_->limits.queuedOfOneKey) {
            ++impl_->total.refused;
            ++mine.refused;
            const auto waiting = std::min(impl_->limits.queued, mine.queued);
            return refuse(mine.queued >= impl_->limits.queuedOfOneKey
                              ? std::to_string(waiting) + " requests to it are waiting already."
                              : "Too many requests of all kinds are waiting already.");
        }
        auto job = std::make_shared<Impl::Job>();
        job->key = key;
        job->deadline = deadline;
        job->item = std::move(item);
        impl_->jobs.push_back(std::move(job));
        ++impl_->total.queued;
        ++mine.queued;
        impl_->forgetIdleKeys();
    }
    impl_->hasWork.notify_one();
    impl_->deadlinesChanged.notify_one();
    return {};
}

WorkCounters WorkPool::counters() const {
    const std::lock_guard hold{impl_->lock};
    return impl_->total;
}

std::map<std::string, WorkCounters> WorkPool::countersByKey() const {
    const std::lock_guard hold{impl_->lock};
    return impl_->byKey;
}

Error WorkPool::jobThrew(const char* reason) {
    return {Code::Internal, "The service could not finish the work.",
            std::string("An error inside the service stopped it: ") + reason + ".",
            "Look for NET_JOB_THREW in the log and report the line."};
}

}  // namespace causeway::net
