#include "service/xmpp/door_io.h"

#include <boost/asio/ip/address.hpp>
#include <utility>

#include "service/net/reach.h"
#include "shared/base/text.h"

namespace causeway::xmpp {

namespace {

constexpr Duration kLoopPatience = 5s;
constexpr Duration kFullQuiet = 10min;

}  // namespace

std::string countedAddress(const std::string& address) {
    boost::system::error_code error;
    const auto ip = boost::asio::ip::make_address(address, error);
    if (error || ip.is_v4()) return address;
    const auto v6 = ip.to_v6();
    if (v6.is_v4_mapped()) return boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, v6).to_string();
    const auto bytes = v6.to_bytes();
    return hexText({reinterpret_cast<const char*>(bytes.data()), 8});
}

/// One connection: moves bytes between it and its session, and keeps the session's time.
class Door::Visitor final : public net::TcpUser, public std::enable_shared_from_this<Visitor> {
public:
    Visitor(std::shared_ptr<Door> door, DoorKind kind, std::shared_ptr<net::TcpConnection> connection)
        : door_(std::move(door)),
          kind_(kind),
          connection_(std::move(connection)),
          address_(countedAddress(connection_->peerAddress())),
          session_(kind, {door_->parts_.gate, [] { return hexText(net::randomBytes(16)); }}, door_->parts_.limits.rules,
                   net::EventLoop::now()),
          timer_(connection_->loop(), "xmpp door time", [this] { onTime(); }) {}

    const std::string& address() const { return address_; }

    void begin() {
        connection_->begin(shared_from_this());
        if (kind_ == DoorKind::DirectTls) {
            auto context = door_->parts_.front();
            if (!context) return connection_->abort();
            connection_->startTls(std::move(context), net::TlsRole::Server);
        }
        setTimer();
    }
    void onSecured() override {
        session_.secured(net::EventLoop::now());
        act();
    }
    void onBytes(std::string_view bytes) override {
        session_.feed(bytes, net::EventLoop::now());
        act();
    }
    void onClosed(const net::CloseReport& report) override {
        timer_.cancel();
        door_->status_.with([&](auto& status) {
            const auto condition = session_.condition();
            if (report.reason == net::CloseReason::Tls) ++status.tlsFailed;
            if (report.reason == net::CloseReason::Timeout || condition == StreamCondition::ConnectionTimeout)
                ++status.silent;
        });
        const auto self = shared_from_this();
        const auto door = std::exchange(door_, nullptr);
        connection_.reset();
        if (door) door->gone(self);
    }
    /// The service ends.
    void shutdown() {
        session_.shutdown();
        send();
    }
    void abort() { connection_->abort(); }

private:
    void onTime() {
        session_.tick(net::EventLoop::now());
        act();
    }

    void act() {
        if (session_.wantsTls()) {
            auto context = door_->parts_.contextOf(session_.domain());
            session_.answerTls(context ? DoorSession::TlsAnswer::Begins : DoorSession::TlsAnswer::NoCertificate);
            send();
            if (context) connection_->startTls(std::move(context), net::TlsRole::Server);
        }
        send();
        if (session_.isOver() && !isEnding_) {
            isEnding_ = true;
            count();
            connection_->close();
        }
        setTimer();
    }

    void send() {
        const auto output = session_.takeOutput();
        if (!output.empty() && !connection_->send(output)) connection_->abort();
    }

    void count() {
        const auto condition = session_.condition();
        if (!condition) return;
        door_->status_.with([&](auto& status) {
            switch (*condition) {
                case StreamCondition::ConnectionTimeout:
                case StreamCondition::SystemShutdown:
                    break;
                case StreamCondition::UndefinedCondition:
                case StreamCondition::HostGone:
                case StreamCondition::RemoteConnectionFailed:
                case StreamCondition::ResourceConstraint:
                    ++status.reachedGate;
                    break;
                default:
                    ++status.badStreams;
            }
        });
    }

    void setTimer() {
        const auto next = session_.nextDeadline();
        if (next == timerAt_) return;
        timerAt_ = next;
        if (next) {
            timer_.setAt(*next);
        } else {
            timer_.cancel();
        }
    }

    std::shared_ptr<Door> door_;
    DoorKind kind_;
    std::shared_ptr<net::TcpConnection> connection_;
    std::string address_;
    DoorSession session_;
    net::LoopTimer timer_;
    std::optional<TimePoint> timerAt_;
    bool isEnding_ = false;
};

std::shared_ptr<Door> Door::make(Parts parts) {
    return std::shared_ptr<Door>(new Door(std::move(parts)));
}

Door::Door(Parts parts) : parts_(std::move(parts)) {}

Door::~Door() = default;

Result<void> Door::start() {
    return parts_.loop->ask("start xmpp door", kLoopPatience, [self = shared_from_this()] {
        self->isRunning_ = true;
        for (const auto& wanted : self->parts_.listen) {
            auto slot = std::make_unique<Slot>();
            slot->wanted = wanted;
            auto* kept = slot.get();
            // The slots live until stop(), which cancels the timer.
            slot->timer = std::make_unique<net::LoopTimer>(*self->parts_.loop, "xmpp door retry",
                                                           [door = self.get(), kept] { door->open(*kept); });
            self->slots_.push_back(std::move(slot));
            self->open(*kept);
        }
        self->publish();
    });
}

void Door::stop() {
    // In two steps: what the connections still say leaves between them.
    static_cast<void>(parts_.loop->ask("stop xmpp door", kLoopPatience, [this] {
        isRunning_ = false;
        slots_.clear();
        for (const auto& visitor : visitors_)
            visitor->shutdown();
    }));
    static_cast<void>(parts_.loop->ask("close xmpp door", kLoopPatience, [this] {
        for (const auto& visitor : visitors_)
            visitor->abort();
    }));
    // What abort() has posted comes before this.
    static_cast<void>(parts_.loop->ask("xmpp door closed", kLoopPatience, [this] {
        parts_.changed = nullptr;
        publish();
    }));
}

void Door::open(Slot& slot) {
    if (!isRunning_) return;
    net::TcpListenSettings settings;
    settings.address = slot.wanted.address;
    settings.port = slot.wanted.port;
    settings.limits = parts_.limits.tcp;
    auto opened = net::TcpListener::open(
        *parts_.loop, settings,
        [this, kind = slot.wanted.kind](const std::shared_ptr<net::TcpConnection>& connection) {
            accepted(kind, connection);
        },
        *parts_.log);
    const auto now = net::EventLoop::now();
    if (opened) {
        slot.listener = std::move(*opened);
        slot.problem.reset();
        parts_.log->write(LogLevel::Info, "XMPP_LISTENING",
                          "Clients are taken on " + slot.listener->localAddress() + " port " +
                              std::to_string(slot.listener->localPort()) +
                              (slot.wanted.kind == DoorKind::StartTls ? " (StartTLS)." : " (direct TLS)."));
    } else if (opened.error().code == Code::Unsupported) {
        // A computer without IPv6 is no problem, and may get it while the service runs.
        slot.timer->setAt(now + parts_.limits.retry);
        return;
    } else {
        const bool isNew = !slot.problem || slot.problem->error.text() != opened.error().text();
        if (isNew) {
            parts_.log->write(LogLevel::Error, "XMPP_LISTEN_FAILED",
                              opened.error().text() + " It is tried again every " +
                                  std::to_string(parts_.limits.retry / 1s) + " seconds.");
        }
        auto error = opened.error();
        error.todo = "End that program or choose another port; the service tries it again by itself.";
        if (opened.error().code != Code::Conflict) error.todo = opened.error().todo;
        slot.problem = DoorProblem{slot.wanted, std::move(error), slot.problem ? slot.problem->since : now};
        slot.timer->setAt(now + parts_.limits.retry);
        if (!isNew) return;
    }
    publish();
}

void Door::accepted(DoorKind kind, const std::shared_ptr<net::TcpConnection>& connection) {
    const auto address = countedAddress(connection->peerAddress());
    const auto known = byAddress_.find(address);
    const bool isFull = visitors_.size() >= parts_.limits.connections;
    if (!isRunning_ || isFull || (known != byAddress_.end() && known->second >= parts_.limits.ofOneAddress)) {
        // It was not begun: it closes with its last owner.
        status_.with([](auto& status) { ++status.refused; });
        const auto now = net::EventLoop::now();
        if (isRunning_ && now - fullSaidAt_ > kFullQuiet) {
            fullSaidAt_ = now;
            parts_.log->write(LogLevel::Warning, "XMPP_CONNECTIONS_FULL",
                              isFull ? "More clients connect than there are places before the login; new ones are "
                                       "closed at once."
                                     : "Too many connections come from " + connection->peerAddress() +
                                           "; new ones from there are closed at once.");
        }
        return;
    }
    const auto visitor = std::make_shared<Visitor>(shared_from_this(), kind, connection);
    visitors_.insert(visitor);
    ++byAddress_[address];
    status_.with([&](auto& status) {
        ++status.accepted;
        status.open = visitors_.size();
    });
    visitor->begin();
}

void Door::gone(const std::shared_ptr<Visitor>& visitor) {
    if (visitors_.erase(visitor) == 0) return;
    const auto at = byAddress_.find(visitor->address());
    if (at != byAddress_.end() && --at->second == 0) byAddress_.erase(at);
    status_.with([&](auto& status) { status.open = visitors_.size(); });
}

void Door::publish() {
    status_.with([&](auto& status) {
        status.listeners.clear();
        status.problems.clear();
        for (const auto& slot : slots_) {
            if (slot->listener) {
                status.listeners.push_back(
                    {slot->listener->localAddress(), slot->listener->localPort(), slot->wanted.kind});
            }
            if (slot->problem) status.problems.push_back(*slot->problem);
        }
    });
    if (parts_.changed) parts_.changed();
}

DoorStatus Door::status() const {
    return status_.with([](const auto& status) { return status; });
}

}  // namespace causeway::xmpp
