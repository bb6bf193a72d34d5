#include "console/presenters/session.h"

#include <algorithm>
#include <utility>

#include "console/presenters/words.h"

namespace causeway::console {

namespace {

TimePoint systemNow() {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

}  // namespace

struct Session::Impl {
    std::vector<SessionListener*> listeners;
    Connection connection = Connection::None;
    TimePoint since{};
    Error problem{};
    api::Capabilities service;
    api::Me me;
    bool knowsMe = false;
    std::function<TimePoint()> clock = systemNow;
    std::optional<Duration> serviceAhead;
    std::shared_ptr<client::EventStream> stream;
    client::StreamLogs logs = client::StreamLogs::None;

    /// A listener may add or remove listeners while it is told.
    template <class F>
    void tell(F use) {
        const auto copy = listeners;
        for (auto* listener : copy) {
            if (std::find(listeners.begin(), listeners.end(), listener) != listeners.end()) use(*listener);
        }
    }
};

Session::Session(Executor& executor) : executor_(executor), impl_(std::make_unique<Impl>()) {}

Session::~Session() {
    impl_->listeners.clear();
    connected_.reset();
    if (client_) client_->cancel();
    if (impl_->stream) impl_->stream->stop();
}

Connection Session::connection() const {
    return impl_->connection;
}
TimePoint Session::since() const {
    return impl_->since;
}
Error Session::problem() const {
    return impl_->problem;
}
const api::Capabilities& Session::service() const {
    return impl_->service;
}
const api::Me& Session::me() const {
    return impl_->me;
}
bool Session::mayOperate() const {
    return impl_->knowsMe && impl_->me.role != Role::Viewer;
}
bool Session::mayChange() const {
    return impl_->knowsMe && impl_->me.role == Role::Admin;
}
std::string Session::addressText() const {
    return client_ ? client_->address().text() : std::string{};
}

TimePoint Session::now() const {
    return impl_->clock() + impl_->serviceAhead.value_or(Duration{0});
}
void Session::setClock(std::function<TimePoint()> clock) {
    impl_->clock = std::move(clock);
}

void Session::add(SessionListener& listener) {
    impl_->listeners.push_back(&listener);
}
void Session::remove(SessionListener& listener) {
    std::erase(impl_->listeners, &listener);
}

void Session::connect(client::ServiceAddress address, client::ClientOptions options) {
    disconnect();
    client_ = std::make_shared<client::ApiClient>(std::move(address), std::move(options));
    connected_ = std::make_shared<int>(0);
    impl_->connection = Connection::Connecting;
    impl_->since = impl_->clock();
    impl_->tell([](SessionListener& listener) { listener.connectionChanged(); });
    start();
}

void Session::disconnect() {
    if (!client_) return;
    connected_.reset();
    client_->cancel();
    closeStream();
    client_.reset();
    impl_->connection = Connection::None;
    impl_->problem = {};
    impl_->service = {};
    impl_->me = {};
    impl_->knowsMe = false;
    impl_->serviceAhead.reset();
    impl_->tell([](SessionListener& listener) { listener.connectionChanged(); });
}

void Session::start() {
    std::weak_ptr<void> life = connected_;
    ask(
        life, [](client::ApiClient& service) { return service.capabilities(); },
        [this](const Result<api::Capabilities>& answer) {
            if (!answer) return;
            impl_->service = *answer;
            impl_->tell([](SessionListener& listener) { listener.connectionChanged(); });
        });
    askWho();
}

void Session::askWho() {
    std::weak_ptr<void> life = connected_;
    ask(
        life, [](client::ApiClient& service) { return service.me(); },
        [this](const Result<api::Me>& answer) {
            if (answer) {
                impl_->me = *answer;
                impl_->knowsMe = true;
            } else if (answer.error().code == Code::Denied && client_->token().empty()) {
                impl_->connection = Connection::Refused;
                impl_->problem = Error{Code::Denied, tr("The service wants to know who you are."),
                                       tr("It is not reached with the token of this computer."),
                                       tr("Log in with your name and password.")};
                impl_->tell([](SessionListener& listener) { listener.connectionChanged(); });
                return;
            }
            openStream();
            impl_->tell([](SessionListener& listener) { listener.connectionChanged(); });
        });
}

void Session::closeStream() {
    streamLife_.reset();
    if (!impl_->stream) return;
    // stop() may take a quarter of a second; the stream refers to the client, so both go together.
    executor_.work([stream = std::move(impl_->stream), client = client_] { stream->stop(); });
    impl_->stream.reset();
}

void Session::openStream() {
    const auto logs = mayOperate() ? client::StreamLogs::Wanted : client::StreamLogs::None;
    if (impl_->stream && impl_->logs == logs) return;
    closeStream();
    impl_->logs = logs;
    // Callbacks come on the thread of the stream and are handed over; those of a stream that was replaced are dropped.
    auto token = std::make_shared<int>(0);
    streamLife_ = token;
    Executor* executor = &executor_;
    const auto pass = [this, executor, life = std::weak_ptr<void>(token)](auto use) {
        return [this, executor, life, use](const auto&... data) {
            executor->ui([this, life, use, data...] {
                if (!life.expired()) use(*this, data...);
            });
        };
    };
    client::EventCallbacks callbacks;
    callbacks.onState = pass([](Session& self, const client::StreamStatus& status) { self.streamState(status); });
    callbacks.onHello = pass([](Session& self, const api::HelloEvent& event) {
        self.impl_->service.serverName = event.serverName;
        self.impl_->service.version = event.version;
        self.impl_->tell([](SessionListener& listener) { listener.connectionChanged(); });
    });
    callbacks.onUsers = pass([](Session& self, const api::UsersEvent& event) {
        self.impl_->tell([&event](SessionListener& listener) { listener.usersChanged(event); });
    });
    callbacks.onRanges = pass([](Session& self, const api::RangeList& list) {
        self.impl_->tell([&list](SessionListener& listener) { listener.rangesChanged(list); });
    });
    callbacks.onSearch = pass([](Session& self, const api::SearchEvent& event) {
        self.impl_->tell([&event](SessionListener& listener) { listener.searchChanged(event); });
    });
    callbacks.onTrace = pass([](Session& self, const api::TraceEvent& event) {
        self.impl_->tell([&event](SessionListener& listener) { listener.traceChanged(event); });
    });
    callbacks.onVisibility = pass([](Session& self, const VisibilityStatus& status) {
        self.impl_->tell([&status](SessionListener& listener) { listener.visibilityChanged(status); });
    });
    callbacks.onSettings = pass([](Session& self, const api::SettingsEvent& event) {
        self.impl_->tell([&event](SessionListener& listener) { listener.settingsChanged(event); });
    });
    callbacks.onBases =
        pass([](Session& self) { self.impl_->tell([](SessionListener& listener) { listener.basesChanged(); }); });
    callbacks.onDomains = pass([](Session& self, const api::DomainsEvent& event) {
        self.impl_->tell([&event](SessionListener& listener) { listener.domainsChanged(event); });
    });
    callbacks.onProviders = pass([](Session& self, const api::ProvidersEvent& event) {
        self.impl_->tell([&event](SessionListener& listener) { listener.providersChanged(event); });
    });
    callbacks.onDns =
        pass([](Session& self) { self.impl_->tell([](SessionListener& listener) { listener.dnsChanged(); }); });
    callbacks.onProblems = pass([](Session& self, const std::vector<Problem>& problems) {
        self.impl_->tell([&problems](SessionListener& listener) { listener.problemsChanged(problems); });
    });
    callbacks.onStatus = pass([](Session& self, const api::ServiceStatus& status) {
        self.impl_->serviceAhead = status.now - self.impl_->clock();
        self.impl_->tell([&status](SessionListener& listener) { listener.statusChanged(status); });
    });
    callbacks.onLog = pass([](Session& self, const std::vector<api::LogLine>& lines) {
        self.impl_->tell([&lines](SessionListener& listener) { listener.logged(lines); });
    });
    callbacks.onResync =
        pass([](Session& self) { self.impl_->tell([](SessionListener& listener) { listener.resync(); }); });
    impl_->stream = std::make_shared<client::EventStream>(*client_, std::move(callbacks), logs);
    impl_->stream->start();
}

void Session::streamState(const client::StreamStatus& status) {
    const auto before = impl_->connection;
    switch (status.state) {
        case client::StreamState::Connecting:
            if (before != Connection::NotAnswering) impl_->connection = Connection::Connecting;
            break;
        case client::StreamState::Live:
            impl_->connection = Connection::Live;
            break;
        case client::StreamState::NotAnswering:
            impl_->connection = Connection::NotAnswering;
            break;
        case client::StreamState::Refused:
            impl_->connection = Connection::Refused;
            break;
        case client::StreamState::Stopped:
            return;
    }
    impl_->since = status.since;
    impl_->problem = status.problem;
    // After an outage the role may be another one, and at the first try nobody may have answered.
    if (impl_->connection == Connection::Live && (!impl_->knowsMe || before == Connection::NotAnswering)) start();
    impl_->tell([](SessionListener& listener) { listener.connectionChanged(); });
}

void Session::login(const std::string& name, const Secret& password, std::function<void(const Result<void>&)> done) {
    if (!client_) {
        if (done) {
            done(Error{Code::Unavailable, tr("No service is connected."), "", tr("Connect to a service first.")});
        }
        return;
    }
    std::weak_ptr<void> life = connected_;
    ask(
        life, [name, password](client::ApiClient& service) { return service.login(name, password); },
        [this, done = std::move(done)](const Result<api::LoginAnswer>& answer) {
            if (!answer) {
                if (done) done(answer.error());
                return;
            }
            impl_->connection = Connection::Connecting;
            impl_->problem = {};
            closeStream();
            if (done) done(Result<void>{});
            askWho();
        });
}

}  // namespace causeway::console
