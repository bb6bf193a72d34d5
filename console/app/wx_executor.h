#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include <wx/event.h>

#include "console/presenters/session.h"

namespace causeway::console {

/// Worker threads for calls to the service, and the way back to the UI thread.
/// ui() does not use CallAfter: wx runs those until none is left, so that presenters which sort in slices would keep
/// windows from being drawn. Here they run in idle time, about 8 ms at once, so drawing and keys come in between.
/// The queues have no limit of their own: presenters ask one thing of a kind at a time.
class WxExecutor final : public Executor {
public:
    explicit WxExecutor(std::size_t threads = 4);
    ~WxExecutor() override;
    WxExecutor(const WxExecutor&) = delete;
    WxExecutor& operator=(const WxExecutor&) = delete;

    void work(std::function<void()> task) override;
    void ui(std::function<void()> task) override;
    /// Lets running tasks end, drops waiting ones, joins. Later tasks are ignored. UI thread.
    void stop();

private:
    void run();
    void idle(wxIdleEvent& event);

    std::mutex lock_;
    std::condition_variable wake_;
    bool isStopping_ = false;
    std::deque<std::function<void()>> work_;
    std::deque<std::function<void()>> ui_;
    std::vector<std::thread> threads_;
};

}  // namespace causeway::console
