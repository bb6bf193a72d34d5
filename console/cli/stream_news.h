#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <utility>

#include "console/client/event_stream.h"

namespace causeway::cli {

/// Waits for news of the service: the event stream says when to look, so that nothing is polled but Ctrl-C.
///     StreamNews news{client, [](auto& events, auto told) { events.onTrace = [told](const auto&) { told(); }; }};
class StreamNews {
public:
    enum class Kind { Changed, Lost, Interrupted };
    /// Sets the callbacks of the events that are waited for; each calls `told`.
    using Listen = std::function<void(client::EventCallbacks& events, const std::function<void()>& told)>;

    StreamNews(const client::ApiClient& client, const Listen& listen) : stream_(client, callbacks(listen)) {
        stream_.start();
    }

    /// What came first; an interruption only if there is a question for it. Lost: the service is gone.
    Kind wait(const std::function<bool()>& isInterrupted = {}) {
        std::unique_lock hold{lock_};
        while (true) {
            wake_.wait_for(hold, std::chrono::milliseconds{100}, [this] { return hasNews_ || isLost_; });
            if (isLost_) return Kind::Lost;
            if (std::exchange(hasNews_, false)) return Kind::Changed;
            if (isInterrupted && isInterrupted()) return Kind::Interrupted;
        }
    }

private:
    client::EventCallbacks callbacks(const Listen& listen) {
        client::EventCallbacks made;
        listen(made, [this] { tell(false); });
        made.onResync = [this] { tell(false); };
        made.onState = [this](const client::StreamStatus& status) {
            if (status.state == client::StreamState::NotAnswering || status.state == client::StreamState::Refused)
                tell(true);
        };
        return made;
    }
    void tell(bool isLost) {
        {
            const std::lock_guard hold{lock_};
            hasNews_ = true;
            isLost_ = isLost_ || isLost;
        }
        wake_.notify_one();
    }

    std::mutex lock_;
    std::condition_variable wake_;
    bool hasNews_ = false;
    bool isLost_ = false;
    client::EventStream stream_;
};

}  // namespace causeway::cli
