#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "console/client/api_client.h"
#include "console/client/sse_parser.h"
#include "shared/api/events_json.h"

namespace causeway::client {

enum class StreamState {
    Connecting,    ///< first try, or the next one after a loss
    Live,          ///< hello came and something was heard in the last 25 s
    NotAnswering,  ///< silence or no connection; tries again on its own
    Refused,  ///< the service answers but gives no stream: token, role, or too many consoles; tries again every 10 s
    Stopped,
};
struct StreamStatus {
    StreamState state = StreamState::Connecting;
    /// Live: since the stream is up. NotAnswering: when the service was heard last, or the first failed try.
    TimePoint since{};
    Error problem{};  ///< why, for NotAnswering and Refused
};

/// Called on the thread of the stream; must return soon (the console hands over to its UI thread). Any may be empty.
struct EventCallbacks {
    std::function<void(const StreamStatus&)> onState;
    std::function<void(const api::HelloEvent&)> onHello;
    std::function<void(const api::UsersEvent&)> onUsers;
    std::function<void(const api::RangeList&)> onRanges;
    std::function<void(const api::SearchEvent&)> onSearch;
    std::function<void(const api::TraceEvent&)> onTrace;
    std::function<void(const VisibilityStatus&)> onVisibility;
    std::function<void(const api::SettingsEvent&)> onSettings;
    std::function<void()> onBases;
    std::function<void(const api::DomainsEvent&)> onDomains;
    std::function<void(const api::ProvidersEvent&)> onProviders;
    std::function<void()> onDns;  ///< what chat DNS serves, or to whom, is different now
    std::function<void(const std::vector<Problem>&)> onProblems;
    std::function<void(const api::ServiceStatus&)> onStatus;
    std::function<void(const std::vector<api::LogLine>&)> onLog;
    /// Fetch everything again: the first connection, a gap that could not be filled, or a restart of the service.
    std::function<void()> onResync;
    std::function<void(const SseEvent&)> onAny;  ///< every event as it came, before the others
};

enum class StreamLogs { None, Wanted };

/// GET /v1/events kept open: own thread, resume by Last-Event-ID, back-off 0.5 s .. 10 s, silence of 25 s is a loss.
/// start() and stop() from one thread; stop() returns within a quarter of a second and no callback comes after it.
class EventStream {
public:
    EventStream(const ApiClient& client, EventCallbacks callbacks, StreamLogs logs = StreamLogs::None);
    ~EventStream();
    EventStream(const EventStream&) = delete;
    EventStream& operator=(const EventStream&) = delete;

    void start();
    void stop();

private:
    void run();
    /// One connection from start to loss; the reason why it ended.
    Error follow(bool& wasLive, int& httpStatus);
    void dispatch(const SseEvent& event);
    void state(StreamState state, TimePoint since, Error problem = {});
    bool waitBeforeRetry(Duration pause);

    const ApiClient& client_;
    EventCallbacks callbacks_;
    StreamLogs logs_;
    std::thread thread_;
    std::atomic<bool> stopping_{false};
    std::mutex lock_;
    std::condition_variable wake_;
    SseParser parser_;
    std::string lastId_;
    TimePoint heardAt_{};
    StreamState state_ = StreamState::Stopped;
};

}  // namespace causeway::client
