#include "console/client/event_stream.h"

#include <algorithm>
#include <utility>

#include "console/client/https_connection.h"

namespace causeway::client {

namespace {

constexpr Duration kFirstPause = 500ms;
constexpr Duration kLongestPause = 10s;
constexpr std::size_t kMaxPendingBytes = std::size_t{64} << 20U;

TimePoint now() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

template <class T, class F>
void give(const F& callback, const std::string& data) {
    if (!callback) return;
    if (const auto record = api::fromJson<T>(data)) callback(*record);
}

}  // namespace

EventStream::EventStream(const ApiClient& client, EventCallbacks callbacks, StreamLogs logs)
    : client_(client), callbacks_(std::move(callbacks)), logs_(logs) {}

EventStream::~EventStream() {
    stop();
}

void EventStream::start() {
    if (thread_.joinable()) return;
    stopping_ = false;
    thread_ = std::thread{[this] { run(); }};
}

void EventStream::stop() {
    {
        const std::lock_guard hold{lock_};
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void EventStream::state(StreamState next, TimePoint since, Error problem) {
    state_ = next;
    if (callbacks_.onState) callbacks_.onState({next, since, std::move(problem)});
}

bool EventStream::waitBeforeRetry(Duration pause) {
    std::unique_lock hold{lock_};
    wake_.wait_for(hold, pause, [this] { return stopping_.load(); });
    return !stopping_;
}

void EventStream::run() {
    auto pause = kFirstPause;
    heardAt_ = now();
    state(StreamState::Connecting, heardAt_);
    while (!stopping_) {
        bool wasLive = false;
        int httpStatus = 0;
        auto reason = follow(wasLive, httpStatus);
        if (stopping_) break;
        if (wasLive) pause = kFirstPause;
        if (httpStatus == 401 || httpStatus == 403 || httpStatus == 503) {
            state(StreamState::Refused, now(), std::move(reason));
            pause = kLongestPause;
        } else {
            state(StreamState::NotAnswering, heardAt_, std::move(reason));
        }
        if (!waitBeforeRetry(pause)) break;
        pause = std::min(pause * 2, kLongestPause);
    }
    state_ = StreamState::Stopped;
}

Error EventStream::follow(bool& wasLive, int& httpStatus) {
    auto connection = HttpsConnection::open(client_.address(), client_.options(),
                                            std::chrono::steady_clock::now() + client_.options().deadline, stopping_);
    if (!connection) return connection.error();
    HttpsConnection::Request request;
    request.method = "GET";
    request.path = logs_ == StreamLogs::Wanted ? "/v1/events?logs=1" : "/v1/events";
    request.accept = "text/event-stream";
    request.lastEventId = lastId_;
    request.token = client_.token();
    if (auto sent = (*connection)->send(request, client_.address(), client_.options()); !sent) return sent.error();

    const bool isFirst = lastId_.empty();
    parser_ = SseParser{};
    HttpResponseParser answer{kMaxPendingBytes};
    std::string refusal;
    while (!stopping_) {
        const auto more =
            (*connection)->receive(answer, std::chrono::steady_clock::now() + client_.options().silence, stopping_);
        if (!more) return more.error();
        if (stopping_) break;
        if (!*more) {
            return Error{Code::Timeout, "The service at " + client_.address().text() + " is silent.",
                         "Nothing came for " + std::to_string(client_.options().silence.count() / 1000) + " s.",
                         "The connection is made again."};
        }
        heardAt_ = now();
        if (answer.hasHeaders() && answer.status() != 200) {
            httpStatus = answer.status();
            refusal += answer.takeBody();
            if (!answer.isDone() && answer.failure().empty()) continue;
            if (auto document = api::fromJson<api::ErrorDocument>(refusal)) return document->error;
            return Error{Code::Unavailable, "The service refuses the event stream.",
                         "It answered " + std::to_string(httpStatus) + ".", "The stream is asked for again."};
        }
        parser_.feed(answer.takeBody());
        for (const auto& event : parser_.takeEvents()) {
            if (!wasLive && event.name == "hello") {
                wasLive = true;
                state(StreamState::Live, heardAt_);
                if (isFirst && callbacks_.onResync) callbacks_.onResync();
            }
            if (stopping_) break;
            dispatch(event);
            if (!event.id.empty()) lastId_ = event.id;
        }
        if (answer.isDone() || !answer.failure().empty()) {
            return Error{Code::Unavailable, "The service at " + client_.address().text() + " ended the connection.",
                         "It stops, restarts, or the network broke.", "The connection is made again."};
        }
    }
    return Error{Code::Unavailable, "The stream was stopped."};
}

void EventStream::dispatch(const SseEvent& event) {
    if (callbacks_.onAny) callbacks_.onAny(event);
    if (event.name == "hello") {
        give<api::HelloEvent>(callbacks_.onHello, event.data);
    } else if (event.name == "users") {
        give<api::UsersEvent>(callbacks_.onUsers, event.data);
    } else if (event.name == "ranges") {
        give<api::RangeList>(callbacks_.onRanges, event.data);
    } else if (event.name == "search") {
        give<api::SearchEvent>(callbacks_.onSearch, event.data);
    } else if (event.name == "trace") {
        give<api::TraceEvent>(callbacks_.onTrace, event.data);
    } else if (event.name == "visibility") {
        give<VisibilityStatus>(callbacks_.onVisibility, event.data);
    } else if (event.name == "settings") {
        give<api::SettingsEvent>(callbacks_.onSettings, event.data);
    } else if (event.name == "status") {
        give<api::ServiceStatus>(callbacks_.onStatus, event.data);
    } else if (event.name == "bases") {
        if (callbacks_.onBases) callbacks_.onBases();
    } else if (event.name == "domains") {
        give<api::DomainsEvent>(callbacks_.onDomains, event.data);
    } else if (event.name == "providers") {
        give<api::ProvidersEvent>(callbacks_.onProviders, event.data);
    } else if (event.name == "dns") {
        if (callbacks_.onDns) callbacks_.onDns();
    } else if (event.name == "problems") {
        if (const auto list = api::fromJson<api::ProblemList>(event.data); list && callbacks_.onProblems)
            callbacks_.onProblems(list->items);
    } else if (event.name == "log") {
        if (const auto lines = api::fromJson<api::LogLines>(event.data); lines && callbacks_.onLog)
            callbacks_.onLog(lines->items);
    } else if (event.name == "resync") {
        if (callbacks_.onResync) callbacks_.onResync();
    }
}

}  // namespace causeway::client
