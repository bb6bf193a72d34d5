#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "console/client/api_client.h"
#include "console/client/event_stream.h"
#include "shared/base/result.h"

namespace causeway::console {

/// How the presenters reach threads: work() runs on a worker, ui() later on the UI thread in order. The application
/// gives wx's; tests give one that runs everything at once or step by step.
class Executor {
public:
    virtual ~Executor() = default;
    virtual void work(std::function<void()> task) = 0;
    virtual void ui(std::function<void()> task) = 0;
};

enum class Connection { None, Connecting, Live, NotAnswering, Refused };

/// What presenters may listen to; all calls on the UI thread. Empty bodies so that each overrides what it needs.
class SessionListener {
public:
    virtual ~SessionListener() = default;
    virtual void connectionChanged() {}
    virtual void resync() {}  ///< fetch everything again
    virtual void usersChanged(const api::UsersEvent&) {}
    virtual void rangesChanged(const api::RangeList&) {}
    virtual void searchChanged(const api::SearchEvent&) {}
    virtual void traceChanged(const api::TraceEvent&) {}
    virtual void visibilityChanged(const VisibilityStatus&) {}
    virtual void settingsChanged(const api::SettingsEvent&) {}
    virtual void basesChanged() {}
    virtual void domainsChanged(const api::DomainsEvent&) {}
    virtual void providersChanged(const api::ProvidersEvent&) {}
    virtual void dnsChanged() {}
    virtual void problemsChanged(const std::vector<Problem>&) {}
    virtual void statusChanged(const api::ServiceStatus&) {}
    virtual void logged(const std::vector<api::LogLine>&) {}
};

/// The connection of one console to one service: client, event stream, who we are. UI thread only.
/// The executor must outlive the session and end its workers before it goes.
class Session {
public:
    explicit Session(Executor& executor);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    void connect(client::ServiceAddress address, client::ClientOptions options);
    void disconnect();
    Connection connection() const;
    /// When Live: since then; NotAnswering: the service was heard last then.
    TimePoint since() const;
    Error problem() const;                     ///< why it does not answer
    const api::Capabilities& service() const;  ///< name and version of the service, empty before the first answer
    const api::Me& me() const;
    bool mayOperate() const;  ///< role operator or admin
    bool mayChange() const;   ///< role admin
    std::string addressText() const;

    /// Logs in with a name and a password, for services whose address has no token; then the stream is opened.
    void login(const std::string& name, const Secret& password, std::function<void(const Result<void>&)> done);
    /// True between connect() and disconnect(): ask() does something.
    bool hasService() const { return client_ != nullptr; }
    /// Time of the service as far as it is known, else of this computer.
    TimePoint now() const;
    /// For tests: the clock of this computer.
    void setClock(std::function<TimePoint()> clock);
    Executor& executor() { return executor_; }

    void add(SessionListener& listener);
    void remove(SessionListener& listener);

    /// Runs `call(ApiClient&)` on a worker and gives its Result to `done` on the UI thread; not if `life` is gone by
    /// then or the session was disconnected meanwhile.
    template <class Call, class Done>
    void ask(std::weak_ptr<void> life, Call call, Done done) {
        auto client = client_;
        if (!client) return;
        Executor* executor = &executor_;
        std::weak_ptr<void> connected = connected_;
        executor_.work([life = std::move(life), call, done, client, executor, connected] {
            auto result = call(*client);
            executor->ui([life, done, connected, result = std::move(result)] {
                if (!life.expired() && !connected.expired()) done(result);
            });
        });
    }

private:
    struct Impl;
    void start();
    void askWho();
    void openStream();
    void closeStream();
    void streamState(const client::StreamStatus& status);
    Executor& executor_;
    std::shared_ptr<client::ApiClient> client_;
    std::shared_ptr<void> connected_;  ///< goes with the connection, so that late answers are dropped
    std::shared_ptr<void> streamLife_;
    std::unique_ptr<Impl> impl_;
};

}  // namespace causeway::console
