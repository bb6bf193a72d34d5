#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>

#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace boost::asio {
class io_context;
}

namespace causeway::net {

/// One thread that runs callbacks: sockets, timers, posted tasks. Nothing in it blocks; a callback over 50 ms is logged
/// with its name (NET_SLOW_CALLBACK, at most one line a second). A throw that reaches the loop is logged with its task
/// name (NET_TASK_THREW) and the loop goes on. Sockets and timers on a loop are destroyed before the loop is.
class EventLoop {
public:
    EventLoop(std::string name, Log& log);
    ~EventLoop();  ///< stops and joins
    EventLoop(const EventLoop&) = delete;
    EventLoop& operator=(const EventLoop&) = delete;

    void start();
    /// Ends the thread after the callback that is running; queued tasks are dropped. Not from the loop itself.
    void stop();
    bool isOwnThread() const;

    /// Wall clock at the start of the process plus steady time since: never jumps. Any thread.
    static TimePoint now();
    /// Difference of the real wall clock to now(); for the status page.
    static Duration wallClockOffset();

    /// Runs `task` on the loop soon. Any thread. Dropped if the loop has ended.
    void post(const char* taskName, std::function<void()> task);

    /// Runs `work` on the loop and waits for its result. Not from the loop itself.
    /// Errors: Timeout after `patience` (the work may still run later), Unavailable if the loop has ended, Internal if
    /// the work threw.
    template <class F>
    auto ask(const char* taskName, Duration patience, F work) -> Result<decltype(work())>;

    /// A callable for any thread that posts `then` of `owner` with its arguments to this loop; dropped if the owner is
    /// gone by then. The loop must outlive the callable.
    template <class T, class... A>
    auto deliver(const char* taskName, std::weak_ptr<T> owner, void (T::*then)(A...));

    /// For adapters in service/net: `member` learns when the loop has ended, as long as the token lives. Any thread.
    class Member {
    public:
        virtual void onLoopEnded() = 0;  ///< in the thread that calls stop(); no callback runs any more

    protected:
        ~Member() = default;
    };
    std::shared_ptr<void> enrol(std::weak_ptr<Member> member);

    /// For adapters in service/net: runs one callback of a socket or timer with the loop's watch over slowness and
    /// throws. Loop thread. Does nothing once the loop has ended.
    void run(const char* taskName, const std::function<void()>& callback);

    boost::asio::io_context& io();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// One-shot timer on a loop; set() again replaces the time. Destroyed or cancelled: does not fire. Loop thread only.
class LoopTimer {
public:
    LoopTimer(EventLoop& loop, const char* taskName, std::function<void()> task);
    ~LoopTimer();
    void setAt(TimePoint when);
    void cancel();

private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

template <class F>
auto EventLoop::ask(const char* taskName, Duration patience, F work) -> Result<decltype(work())> {
    using T = decltype(work());
    auto promise = std::make_shared<std::promise<T>>();
    auto answer = promise->get_future();
    auto started = std::make_shared<std::atomic<bool>>(false);
    // The task alone owns the promise: if it throws or is dropped, the promise breaks and the caller does not wait.
    post(taskName, [promise = std::move(promise), started, work = std::move(work)]() mutable {
        *started = true;
        if constexpr (std::is_void_v<T>) {
            work();
            promise->set_value();
        } else {
            promise->set_value(work());
        }
    });
    if (answer.wait_for(patience) != std::future_status::ready) {
        return Error{Code::Timeout, "The LAN part of the service is busy.",
                     std::string("It did not take up \"") + taskName + "\" in time.", "Try again in a few seconds."};
    }
    try {
        if constexpr (std::is_void_v<T>) {
            answer.get();
            return {};
        } else {
            return answer.get();
        }
    } catch (const std::future_error&) {
        if (*started) {
            return Error{Code::Internal, std::string("The service could not finish \"") + taskName + "\".",
                         "An error inside the service stopped it.",
                         "Look for NET_TASK_THREW in the log and report the line."};
        }
        return Error{Code::Unavailable, std::string("The service did not do \"") + taskName + "\".",
                     "It is shutting down.", "Try again when the service has started again."};
    }
}

template <class T, class... A>
auto EventLoop::deliver(const char* taskName, std::weak_ptr<T> owner, void (T::*then)(A...)) {
    return [this, taskName, owner = std::move(owner), then](std::decay_t<A>... arguments) {
        auto kept = std::make_shared<std::tuple<std::decay_t<A>...>>(std::move(arguments)...);
        post(taskName, [owner, then, kept] {
            if (auto alive = owner.lock()) {
                std::apply([&](auto&... each) { ((*alive).*then)(std::move(each)...); }, *kept);
            }
        });
    };
}

}  // namespace causeway::net
