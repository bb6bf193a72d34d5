#include "console/app/wx_executor.h"

#include <chrono>

#include <wx/app.h>

namespace causeway::console {

WxExecutor::WxExecutor(std::size_t threads) {
    wxTheApp->Bind(wxEVT_IDLE, &WxExecutor::idle, this);
    for (std::size_t at = 0; at < threads; ++at)
        threads_.emplace_back([this] { run(); });
}

WxExecutor::~WxExecutor() {
    stop();
}

void WxExecutor::stop() {
    {
        const std::lock_guard guard(lock_);
        if (isStopping_) return;
        isStopping_ = true;
        work_.clear();
        ui_.clear();
    }
    wake_.notify_all();
    for (std::thread& thread : threads_)
        thread.join();
    if (wxTheApp) wxTheApp->Unbind(wxEVT_IDLE, &WxExecutor::idle, this);
}

void WxExecutor::work(std::function<void()> task) {
    {
        const std::lock_guard guard(lock_);
        if (isStopping_) return;
        work_.push_back(std::move(task));
    }
    wake_.notify_one();
}

void WxExecutor::ui(std::function<void()> task) {
    {
        const std::lock_guard guard(lock_);
        if (isStopping_) return;
        ui_.push_back(std::move(task));
    }
    wxWakeUpIdle();
}

void WxExecutor::run() {
    for (;;) {
        std::function<void()> task;
        {
            std::unique_lock guard(lock_);
            wake_.wait(guard, [this] { return isStopping_ || !work_.empty(); });
            if (isStopping_) return;
            task = std::move(work_.front());
            work_.pop_front();
        }
        task();
    }
}

void WxExecutor::idle(wxIdleEvent& event) {
    event.Skip();
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(8);
    for (;;) {
        std::function<void()> task;
        {
            const std::lock_guard guard(lock_);
            if (ui_.empty()) return;
            task = std::move(ui_.front());
            ui_.pop_front();
        }
        task();
        if (std::chrono::steady_clock::now() >= until) break;
    }
    event.RequestMore();
}

}  // namespace causeway::console
