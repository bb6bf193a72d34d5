#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "shared/base/log.h"
#include "shared/base/result.h"
#include "shared/base/time.h"

namespace boost::asio {
class io_context;
}

namespace causeway::net {

/// One thread that runs callbacks: sockets, timers, posted tasks. Nothing in it blocks; a callback over 50 ms is logged
/// with its name. A throw that reaches the loop is logged with its task name and the loop goes on.
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

    /// Runs `work` on the loop and waits for its result; Timeout after `patience`. Not from the loop itself.
    template <class F>
    auto ask(const char* taskName, Duration patience, F work) -> Result<decltype(work())>;

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
    post(taskName, [promise, work = std::move(work)]() mutable {
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
    if constexpr (std::is_void_v<T>) {
        answer.get();
        return {};
    } else {
        return answer.get();
    }
}

}  // namespace causeway::net
