#include "service/net/event_loop.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <deque>
#include <exception>
#include <list>
#include <mutex>
#include <utility>

#if defined(__linux__)
#include <pthread.h>
#endif

namespace causeway::net {

namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Duration kSlow = 50ms;
constexpr Duration kSlowLineEvery = 1s;
constexpr Duration kLongestWait = 24h;  // far times are reached in steps, so that no clock type overflows

struct Anchor {
    TimePoint wall = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    SteadyClock::time_point steady = SteadyClock::now();
};

const Anchor& anchor() {
    static const Anchor made;
    return made;
}

/// Who wants to know of the end of the loop. Shared with the tokens, which may outlive the loop.
struct Members {
    std::mutex lock;
    std::list<std::weak_ptr<EventLoop::Member>> all;

    std::list<std::weak_ptr<EventLoop::Member>> copy() {
        const std::lock_guard hold{lock};
        return all;
    }
};

struct MemberToken {
    std::shared_ptr<Members> members;
    std::list<std::weak_ptr<EventLoop::Member>>::iterator place;

    MemberToken(std::shared_ptr<Members> list, std::weak_ptr<EventLoop::Member> member) : members(std::move(list)) {
        const std::lock_guard hold{members->lock};
        place = members->all.insert(members->all.end(), std::move(member));
    }
    ~MemberToken() {
        const std::lock_guard hold{members->lock};
        members->all.erase(place);
    }
    MemberToken(const MemberToken&) = delete;
    MemberToken& operator=(const MemberToken&) = delete;
};

// Made before main(), so that the anchor is the start of the process and not the first question.
[[maybe_unused]] const Anchor& kAtStart = anchor();

}  // namespace

struct EventLoop::Impl {
    Impl(std::string loopName, Log& logOfAll)
        : name(std::move(loopName)), log(logOfAll), io(1), guard(boost::asio::make_work_guard(io)) {}

    std::string name;
    Log& log;
    std::atomic<bool> hasEnded{false};
    std::atomic<std::thread::id> ownThread{};
    std::thread thread;
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard;
    SteadyClock::time_point lastSlowLine{};
    std::uint64_t slowUnsaid = 0;

    // Our own queue and not asio's, because only this one can be emptied when the loop has ended.
    struct Task {
        const char* name;
        std::function<void()> action;
    };
    std::mutex lock;
    std::deque<Task> tasks;
    std::shared_ptr<Members> members = std::make_shared<Members>();

    std::deque<Task> takeTasks() {
        const std::lock_guard hold{lock};
        return std::exchange(tasks, {});
    }

    void sayThrew(const char* taskName, const char* reason) {
        log.write(LogLevel::Error, "NET_TASK_THREW",
                  "An error stopped the task \"" + std::string(taskName) + "\" on loop " + name + ": " + reason +
                      ". The loop goes on. Please report this line.");
    }

    void saySlow(const char* taskName, SteadyClock::duration took, SteadyClock::time_point at) {
        if (lastSlowLine != SteadyClock::time_point{} && at - lastSlowLine < kSlowLineEvery) {
            ++slowUnsaid;
            return;
        }
        auto text = "The task \"" + std::string(taskName) + "\" held loop " + name + " for " +
                    std::to_string(std::chrono::duration_cast<Duration>(took).count()) + " ms.";
        if (slowUnsaid > 0) text += " " + std::to_string(slowUnsaid) + " more slow tasks were not listed.";
        slowUnsaid = 0;
        lastSlowLine = at;
        log.write(LogLevel::Warning, "NET_SLOW_CALLBACK", text);
    }
};

EventLoop::EventLoop(std::string name, Log& log) : impl_(std::make_unique<Impl>(std::move(name), log)) {}

EventLoop::~EventLoop() {
    stop();
}

void EventLoop::start() {
    INVARIANT(!impl_->thread.joinable() && !impl_->hasEnded);
    impl_->thread = std::thread([this] {
        impl_->ownThread = std::this_thread::get_id();
#if defined(__linux__)
        pthread_setname_np(pthread_self(), impl_->name.substr(0, 15).c_str());
#endif
        while (!impl_->hasEnded) {
            try {
                impl_->io.run();
            } catch (const std::exception& error) {
                impl_->sayThrew("(unnamed)", error.what());
            } catch (...) {
                impl_->sayThrew("(unnamed)", "unknown exception");
            }
        }
    });
}

void EventLoop::stop() {
    INVARIANT(!isOwnThread());
    if (impl_->hasEnded.exchange(true)) return;
    impl_->io.stop();
    if (impl_->thread.joinable()) impl_->thread.join();
    // Queued tasks are destroyed now and not when the loop is: whoever waits for one learns at once that it never runs.
    impl_->takeTasks();
    for (const auto& each : impl_->members->copy()) {
        if (const auto member = each.lock()) member->onLoopEnded();
    }
}

std::shared_ptr<void> EventLoop::enrol(std::weak_ptr<Member> member) {
    return std::make_shared<MemberToken>(impl_->members, std::move(member));
}

bool EventLoop::isOwnThread() const {
    return impl_->ownThread.load() == std::this_thread::get_id();
}

TimePoint EventLoop::now() {
    const auto& start = anchor();
    return start.wall + std::chrono::floor<Duration>(SteadyClock::now() - start.steady);
}

Duration EventLoop::wallClockOffset() {
    const auto real = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    return real - now();
}

void EventLoop::post(const char* taskName, std::function<void()> task) {
    {
        const std::lock_guard hold{impl_->lock};
        // The last callback may still post: that goes in stop(), and not under the feet of this callback.
        if (impl_->hasEnded && !isOwnThread()) return;
        impl_->tasks.push_back({taskName, std::move(task)});
        if (impl_->tasks.size() > 1) return;  // whoever was first has called the loop
    }
    boost::asio::post(impl_->io, [this] {
        // What these post comes with the next call, so that sockets and timers get their turn between.
        for (const auto& each : impl_->takeTasks())
            run(each.name, each.action);
    });
}

void EventLoop::run(const char* taskName, const std::function<void()>& callback) {
    if (impl_->hasEnded) return;
    const auto begin = SteadyClock::now();
    try {
        callback();
    } catch (const std::exception& error) {
        impl_->sayThrew(taskName, error.what());
    } catch (...) {
        impl_->sayThrew(taskName, "unknown exception");
    }
    const auto end = SteadyClock::now();
    if (end - begin > kSlow) impl_->saySlow(taskName, end - begin, end);
}

boost::asio::io_context& EventLoop::io() {
    return impl_->io;
}

struct LoopTimer::Impl : std::enable_shared_from_this<LoopTimer::Impl> {
    Impl(EventLoop& onLoop, const char* name, std::function<void()> what)
        : loop(onLoop), taskName(name), task(std::move(what)), timer(onLoop.io()) {}

    EventLoop& loop;
    const char* taskName;
    std::function<void()> task;
    boost::asio::steady_timer timer;
    TimePoint due{};
    std::uint64_t round = 0;  // an expiry that was already queued when the time was replaced must not fire

    void wait() {
        const auto until = std::min(due, EventLoop::now() + kLongestWait);
        timer.expires_at(anchor().steady + (std::max(until, anchor().wall) - anchor().wall));
        timer.async_wait([self = shared_from_this(), mine = round](const boost::system::error_code& error) {
            if (error || mine != self->round) return;
            if (EventLoop::now() < self->due) {
                self->wait();
                return;
            }
            ++self->round;
            self->loop.run(self->taskName, self->task);
        });
    }
};

LoopTimer::LoopTimer(EventLoop& loop, const char* taskName, std::function<void()> task)
    : impl_(std::make_shared<Impl>(loop, taskName, std::move(task))) {}

LoopTimer::~LoopTimer() {
    cancel();
}

void LoopTimer::setAt(TimePoint when) {
    ++impl_->round;
    impl_->due = when;
    impl_->wait();
}

void LoopTimer::cancel() {
    ++impl_->round;
    impl_->timer.cancel();
}

}  // namespace causeway::net
