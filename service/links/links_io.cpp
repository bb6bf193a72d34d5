#include "service/links/links_io.h"

#include <openssl/evp.h>

#include <algorithm>
#include <future>
#include <thread>
#include <utility>

#include "service/net/name_lookup.h"
#include "service/net/path_probe.h"
#include "service/net/reach.h"
#include "shared/base/text.h"
#include "shared/proto/link/invitation.h"

namespace causeway::links {

namespace {

constexpr Duration kTick = 500ms;
constexpr Duration kConnectPatience = 5s;
constexpr Duration kMeetPatience = 12s;
constexpr Duration kStrangerPatience = 5s;
constexpr Duration kHelloPatience = 10s;
constexpr std::size_t kMostStrangers = 4;
constexpr std::size_t kMostSessions = 500;
constexpr std::ptrdiff_t kMostSilentOfOne = 8;
constexpr std::size_t kMostConversations = 64;
constexpr unsigned kFirstPings = 4;  ///< one a second, so that the clock is known soon
constexpr std::size_t kTokenBytes = 16;

std::string sha256Hex(std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    INVARIANT(EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha256(), nullptr) == 1);
    return hexText({reinterpret_cast<const char*>(digest), size});
}

net::TcpLimits limits() {
    net::TcpLimits limits;
    limits.sendBuffer = 2U << 20;
    return limits;
}

std::string refusalWords(const Error& error) {
    return error.what + (error.why.empty() ? "" : " " + error.why);
}

Error noSuchLink() {
    return {Code::NotFound, "This base is not linked.", "", "causewayctl bases list shows which are."};
}

Error notLinkedNow(const BaseLink& link) {
    return {Code::Unavailable, link.sentence, "", link.todo};
}

bool isRefusedByOther(const std::string& detail) {
    return detail.find("alert") != std::string::npos;
}

constexpr const char* kLinkAnew =
    "Unlink the base here and link it again with a new invitation. If nothing was changed on that side, find out who "
    "answers at its address.";

}  // namespace

/// A connection with another service: pinned, or a stranger with an invitation.
class LinksIo::Session final : public net::TcpUser, public std::enable_shared_from_this<Session> {
public:
    enum class Role { Dialled, Called };
    Session(LinksIo& io, Role role, std::shared_ptr<net::TcpConnection> connection, std::uint64_t base)
        : io_(&io),
          role_(role),
          connection_(std::move(connection)),
          address_(connection_->peerAddress()),
          base_(base),
          reader_(role == Role::Dialled ? link::kMostFrame : link::kMostStranger),
          begunAt_(net::EventLoop::now()),
          lastHeard_(begunAt_) {}

    void begin(std::shared_ptr<const net::TlsContext> tls) {
        connection_->begin(shared_from_this());
        connection_->startTls(std::move(tls), role_ == Role::Dialled ? net::TlsRole::Client : net::TlsRole::Server,
                              "causeway-link");
    }

    Role role() const { return role_; }
    std::uint64_t base() const { return base_; }
    bool isPinned() const { return isPinned_; }
    bool isMeeting() const { return isMeeting_; }
    bool isLinked() const { return isPinned_ && hasHello_; }
    const link::Hello& hello() const { return hello_; }
    const std::string& address() const { return address_; }
    const std::string& fingerprint() const { return fingerprint_; }
    const std::string& why() const { return why_; }

    void send(const link::Message& message) {
        if (!connection_) return;
        const auto frame = link::writeFrame(message);
        if (frame.empty()) {
            // Only what a step measured can be so large.
            send(link::Refused{link::idOf(message), "The result is too large to be sent.", ""});
            return;
        }
        if (!connection_->send(frame)) close("It does not take our messages.");
    }
    void talk(std::uint32_t id, std::function<void(Result<link::Message>)> told) {
        if (conversations_.size() >= kMostConversations)
            return told(Error{Code::Busy, "Too much is asked of the linked service at once.", "", "Try again soon."});
        conversations_[id] = std::move(told);
    }
    /// Ends the connection; the reason is for the state of the link.
    void close(const std::string& why) {
        if (why_.empty()) why_ = why;
        if (connection_) connection_->close();
    }
    void drop() {
        io_ = nullptr;
        endConversations();
        if (connection_) connection_->abort();
    }
    void tick(TimePoint now) {
        if (!connection_) return;
        if (!isPinned_ || !hasHello_ || isMeeting_) {
            const auto patience = isPinned_ || role_ == Role::Dialled ? kHelloPatience : kStrangerPatience;
            if (now - begunAt_ > patience + kConnectPatience) abort("It did not say who it is.");
            return;
        }
        if (now - lastHeard_ > kSilentAfter) return abort("Nothing came for 30 s; the connection was given up.");
        if (now < nextPing_) return;
        nextPing_ = now + (pings_ < kFirstPings ? 1s : kPingEvery);
        send(link::Ping{++pings_, io_->wallNow()});
    }

    // TcpUser:
    void onSecured() override {
        if (io_ == nullptr) return;
        fingerprint_ = connection_->tls()->peerFingerprint();
        auto* known = io_->linkWith(fingerprint_);
        if (role_ == Role::Dialled) {
            if (known == nullptr || known->health.record().base != base_)
                return close("Its certificate is that of another service.");
            isPinned_ = true;
            send(io_->hello(Ip4::parse(address_).value_or(Ip4{})));
            return;
        }
        if (known != nullptr) {
            isPinned_ = true;
            base_ = known->health.record().base;
            reader_.setMost(link::kMostFrame);
            return;
        }
        const auto strangers = std::count_if(io_->sessions_.begin(), io_->sessions_.end(),
                                             [](const auto& each) { return !each->isPinned_; });
        if (static_cast<std::size_t>(strangers) > kMostStrangers)
            refuseStranger("The other service hears several strangers now.", "Try again in a minute.");
    }
    void onBytes(std::string_view bytes) override {
        reader_.feed(bytes);
        while (io_ != nullptr && connection_) {
            auto message = reader_.next();
            if (!message) return;
            if (!*message) return close("It sent what is no message: " + message->error().why);
            lastHeard_ = net::EventLoop::now();
            handle(**message);
            if (isEnding_) return;
        }
    }
    void onClosed(const net::CloseReport& report) override {
        const auto self = shared_from_this();
        connection_.reset();
        endConversations();
        if (auto* io = std::exchange(io_, nullptr)) io->ended(self, report);
    }

private:
    void abort(const std::string& why) {
        why_ = why;
        connection_->abort();
    }
    void endConversations() {
        for (auto& [id, told] : std::exchange(conversations_, {}))
            told(Error{Code::Unavailable, "The connection with the linked service ended meanwhile.", "",
                       "causewayctl bases list shows why."});
    }
    void end(const std::string& why) {
        isEnding_ = true;
        close(why);
    }

    void handle(const link::Message& message) {
        if (const auto* hello = std::get_if<link::Hello>(&message)) {
            if (hasHello_) {
                auto* known = io_->linkWith(fingerprint_);
                if (isMeeting_ || known == nullptr || hello->protocol != link::kProtocol)
                    return end("It introduced itself twice.");
                hello_ = *hello;
                known->health.introduced(hello_);
                return;
            }
            hello_ = *hello;
            hasHello_ = true;
            isMeeting_ = role_ == Role::Called && hello->hasInvitation;
            if (isMeeting_ || !isPinned_) reader_.setMost(link::kMostStranger);
            if (isPinned_ && !isMeeting_) {
                if (role_ == Role::Called) send(io_->hello(Ip4::parse(address_).value_or(Ip4{})));
                io_->adopted(shared_from_this());
            } else if (!isMeeting_) {
                refuseStranger("The other service does not know the certificate of this one (any more).", kLinkAnew);
            } else if (hello->protocol != link::kProtocol) {
                refuseStranger("The other service speaks link protocol " + std::to_string(link::kProtocol) +
                                   ", this one " + std::to_string(hello->protocol) + ".",
                               "Install the same version on both sides.");
            }
            return;
        }
        if (const auto* refused = std::get_if<link::Refused>(&message); refused && refused->id == 0) {
            refusal_ = *refused;
            return end(refused->sentence);
        }
        if (!hasHello_) return end("It did not introduce itself.");
        if (isMeeting_ || !isPinned_) {
            const auto* redeem = std::get_if<link::Redeem>(&message);
            if (redeem == nullptr || hasRedeemed_) return end("A stranger said something else.");
            hasRedeemed_ = true;
            io_->redeem(shared_from_this(), redeem->token);
            return;
        }
        if (const auto* ping = std::get_if<link::Ping>(&message)) {
            send(link::Pong{ping->id, ping->sentAt, io_->wallNow()});
        } else if (const auto* pong = std::get_if<link::Pong>(&message)) {
            if (auto* known = io_->linkWith(fingerprint_)) known->health.answered(*pong, io_->wallNow());
        } else if (std::holds_alternative<link::Unlinked>(message)) {
            wasUnlinked_ = true;
            end("The administrator of the other side has taken the link away.");
        } else if (std::holds_alternative<link::Measure>(message) ||
                   std::holds_alternative<link::StopMeasure>(message) ||
                   std::holds_alternative<link::CountOpen>(message) ||
                   std::holds_alternative<link::CountTurn>(message)) {
            io_->request(shared_from_this(), message);
        } else {
            answered(message);
        }
        if (auto* known = io_ ? io_->linkWith(fingerprint_) : nullptr) known->health.heard(lastHeard_);
    }
    void answered(const link::Message& message) {
        const auto at = conversations_.find(link::idOf(message));
        if (at == conversations_.end()) return;  // it was given up meanwhile
        if (std::holds_alternative<link::Row>(message)) return at->second(message);
        auto told = std::move(at->second);
        conversations_.erase(at);
        if (const auto* refused = std::get_if<link::Refused>(&message))
            return told(Error{Code::Denied, refused->sentence, "", refused->todo});
        told(message);
    }

public:
    void refuseStranger(const std::string& sentence, const std::string& todo) {
        send(link::Refused{0, sentence, todo});
        end("");
    }
    bool wasUnlinked() const { return wasUnlinked_; }
    /// What the other side said when it ended the connection.
    const std::optional<link::Refused>& refusal() const { return refusal_; }

private:
    LinksIo* io_;
    const Role role_;
    std::shared_ptr<net::TcpConnection> connection_;
    const std::string address_;
    std::uint64_t base_;
    link::FrameReader reader_;
    std::map<std::uint32_t, std::function<void(Result<link::Message>)>> conversations_;
    std::string fingerprint_;
    std::string why_;
    link::Hello hello_;
    TimePoint begunAt_;
    TimePoint lastHeard_;
    TimePoint nextPing_{};
    std::uint32_t pings_ = 0;
    bool isPinned_ = false;
    bool hasHello_ = false;
    std::optional<link::Refused> refusal_;
    bool isMeeting_ = false;
    bool hasRedeemed_ = false;
    bool wasUnlinked_ = false;
    bool isEnding_ = false;
};

/// Uses an invitation at the service that made it.
class LinksIo::Meet final : public net::TcpUser, public std::enable_shared_from_this<Meet> {
public:
    Meet(link::Invitation invitation, link::Hello hello)
        : invitation_(std::move(invitation)), hello_(std::move(hello)) {
        hello_.hasInvitation = true;
    }
    std::future<Result<Meeting>> outcome() { return promise_.get_future(); }

    void begin(std::shared_ptr<net::TcpConnection> connection, std::shared_ptr<const net::TlsContext> tls) {
        connection_ = std::move(connection);
        connection_->begin(shared_from_this());
        connection_->startTls(std::move(tls), net::TlsRole::Client, "causeway-link");
    }
    void failed(const Error& error) { finish(error); }

    void onSecured() override {
        (void)connection_->send(link::writeFrame(hello_) + link::writeFrame(link::Redeem{invitation_.token.reveal()}));
    }
    void onBytes(std::string_view bytes) override {
        reader_.feed(bytes);
        while (auto message = reader_.next()) {
            if (!*message)
                return finish(Error{Code::Unavailable, "The other service was not understood.", message->error().why,
                                    "Install the same version on both sides."});
            if (const auto* hello = std::get_if<link::Hello>(&**message)) {
                other_ = *hello;
            } else if (const auto* refused = std::get_if<link::Refused>(&**message)) {
                return finish(Error{Code::Denied, refused->sentence, "", refused->todo});
            } else if (std::holds_alternative<link::Welcome>(**message)) {
                Meeting meeting;
                meeting.service = other_.service;
                meeting.base = other_.base;
                meeting.segments = other_.segments;
                meeting.link.host = invitation_.host;
                meeting.link.port = invitation_.port;
                meeting.link.fingerprint = invitation_.fingerprint;
                meeting.link.service = other_.service;
                return finish(std::move(meeting));
            }
        }
    }
    void onClosed(const net::CloseReport& report) override {
        if (report.reason == net::CloseReason::Tls && isRefusedByOther(report.detail)) {
            finish(Error{Code::Denied, "The other service has no open invitation.",
                         "It was used long ago, has ended, or was withdrawn.",
                         "Ask the administrator of that side for a new invitation."});
        } else if (report.reason == net::CloseReason::Tls) {
            finish(Error{Code::Denied,
                         "Another service answers at " + invitation_.host + ":" + std::to_string(invitation_.port) +
                             " than the one that made the invitation.",
                         "Its certificate is another one.",
                         "Check the address with the administrator of that side. Do not go on if nobody knows why."});
        } else {
            finish(Error{Code::Unavailable, "The other service ended the connection.", report.detail,
                         "Try again; look at the log of that side."});
        }
    }

private:
    void finish(Result<Meeting> result) {
        if (isFinished_) return;
        isFinished_ = true;
        promise_.set_value(std::move(result));
        if (connection_) connection_->close();
        connection_.reset();
    }

    const link::Invitation invitation_;
    link::Hello hello_;
    link::Hello other_;
    std::shared_ptr<net::TcpConnection> connection_;
    link::FrameReader reader_{link::kMostStranger * 64};
    std::promise<Result<Meeting>> promise_;
    bool isFinished_ = false;
};

LinksIo::LinksIo(LinkKeeper& keeper, Options options, Log& log)
    : keeper_(keeper), options_(std::move(options)), log_(log) {}

LinksIo::~LinksIo() {
    stop();
}

Result<void> LinksIo::start(const std::string& listenAt) {
    auto kept = keeper_.links();
    if (!kept) return kept.error();
    auto invitations = keeper_.invitations();
    if (!invitations) return invitations.error();
    invitations_ = std::move(*invitations);
    loop_ = std::make_unique<net::EventLoop>("links", log_);
    net::WorkPoolLimits poolLimits;
    poolLimits.threads = 2;
    work_ = std::make_unique<net::WorkPool>("links", poolLimits, log_);
    const auto accepts = [this](const std::string& fingerprint) { return acceptsFingerprint(fingerprint); };
    auto server = net::TlsContext::pinned(net::TlsRole::Server,
                                          {options_.identity.certificatePem, options_.identity.keyPem, accepts});
    if (!server) return server.error();
    auto client = net::TlsContext::pinned(net::TlsRole::Client,
                                          {options_.identity.certificatePem, options_.identity.keyPem,
                                           [this](const std::string& shown) { return linkWith(shown) != nullptr; }});
    if (!client) return client.error();
    serverTls_ = std::move(*server);
    clientTls_ = std::move(*client);
    counts_ = std::make_unique<CountPorts>(*loop_, log_);
    timer_ = std::make_unique<net::LoopTimer>(*loop_, "links", [this] { tick(); });
    for (const auto& record : *kept)
        putLink(record);
    listen(listenAt);
    timer_->setAt(net::EventLoop::now());
    isRunning_ = true;
    loop_->start();
    return {};
}

void LinksIo::hangUp() {
    if (!loop_) return;
    (void)loop_->ask("links goodbye", 1s, [this] {
        isRunning_ = false;
        timer_->cancel();
        if (listener_) listener_->close();
        const auto all = sessions_;
        for (const auto& session : all)
            session->close("This service ended.");
    });
    (void)loop_->ask("links stop", 1s, [this] {
        for (const auto& session : std::exchange(sessions_, {}))
            session->drop();
        for (auto& [base, link] : links_)
            link.session.reset();
        counts_->close();
    });
}

void LinksIo::stop() {
    if (!loop_) return;
    hangUp();
    work_.reset();
    loop_->stop();
    links_.clear();
    timer_.reset();
    listener_.reset();
    counts_.reset();
    loop_.reset();
}

void LinksIo::setObserver(LinksObserver* observer) {
    if (!loop_) {
        observer_ = observer;
        return;
    }
    (void)onLoop("links observer", [this, observer] { observer_ = observer; });
}

void LinksIo::setListen(const std::string& listenAt) {
    if (loop_) loop_->post("links listen", [this, listenAt] { listen(listenAt); });
}

void LinksIo::setOwn(OwnSide own) {
    if (!loop_) return;
    loop_->post("links own side", [this, own = std::move(own)] {
        if (own_ == own) return;
        own_ = own;
        // Networks are known a moment after the start, and may change: whoever is linked learns of it.
        for (auto& [base, link] : links_) {
            if (link.session && link.session->isLinked())
                link.session->send(hello(Ip4::parse(link.session->address()).value_or(Ip4{})));
        }
    });
}

void LinksIo::setBases(std::vector<BaseSite> bases) {
    if (!loop_) return;
    loop_->post("links bases", [this, all = std::move(bases)] {
        bases_ = all;
        std::vector<std::uint64_t> gone;
        for (auto& [base, link] : links_) {
            const auto* site = baseOf(base);
            if (site == nullptr) {
                gone.push_back(base);
            } else {
                link.health.setBaseName(site->name);
            }
        }
        for (const auto base : gone)
            dropLink(base, true);
        std::erase_if(invitations_, [this](const InvitationRecord& each) { return baseOf(each.base) == nullptr; });
        notify();
    });
}

// On the loop --------------------------------------------------------------------------------------------------------

TimePoint LinksIo::wallNow() const {
    return net::EventLoop::now() + options_.wallClockOffset();
}

void LinksIo::listen(const std::string& listenAt) {
    if (listenAt == listen_ && (listener_ || listenAt.empty())) return;
    if (listener_) listener_->close();
    listener_.reset();
    counts_->close();
    listen_ = listenAt;
    listenProblem_.clear();
    if (listenAt.empty()) return notify();
    const auto colon = listenAt.rfind(':');
    net::TcpListenSettings settings;
    settings.address = listenAt.substr(0, colon);
    settings.port = static_cast<std::uint16_t>(parseUnsigned(listenAt.substr(colon + 1)).value_or(0));
    settings.backlog = 16;
    settings.limits = limits();
    auto opened = net::TcpListener::open(
        *loop_, settings,
        [this](const std::shared_ptr<net::TcpConnection>& connection) {
            // Nobody keeps linked services out by opening connections that say nothing.
            const auto address = connection->peerAddress();
            const auto silent = std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& each) {
                return !each->isPinned() && each->address() == address;
            });
            if (!isRunning_ || sessions_.size() >= kMostSessions || silent >= kMostSilentOfOne)
                return connection->abort();
            auto session = std::make_shared<Session>(*this, Session::Role::Called, connection, 0);
            sessions_.push_back(session);
            session->begin(serverTls_);
        },
        log_);
    if (!opened) {
        listenProblem_ = refusalWords(opened.error());
        log_.write(LogLevel::Error, "LINK_LISTEN_FAILED", opened.error().text());
        return notify();
    }
    listener_ = std::move(*opened);
    listen_ = settings.address + ":" + std::to_string(listener_->localPort());
    const auto address = Ip4::parse(settings.address).value_or(Ip4{});
    if (auto counts = counts_->open(address, listener_->localPort()); !counts) {
        listenProblem_ = refusalWords(counts.error());
        log_.write(LogLevel::Warning, "LINK_LISTEN_FAILED", counts.error().text());
    }
    notify();
}

bool LinksIo::acceptsFingerprint(const std::string& fingerprint) {
    return linkWith(fingerprint) != nullptr || isAnyRemembered(invitations_, net::EventLoop::now());
}

LinksIo::Link* LinksIo::linkWith(const std::string& fingerprint) {
    for (auto& [base, link] : links_)
        if (link.health.record().fingerprint == fingerprint) return &link;
    return nullptr;
}

const BaseSite* LinksIo::baseOf(std::uint64_t id) const {
    const auto at = std::find_if(bases_.begin(), bases_.end(), [id](const BaseSite& each) { return each.id == id; });
    return at == bases_.end() ? nullptr : &*at;
}

std::vector<Network4> LinksIo::segmentsOf(std::uint64_t base) const {
    const auto* site = baseOf(base);
    return site == nullptr ? std::vector<Network4>{} : site->segments;
}

std::vector<Network4> LinksIo::placesOf(std::uint64_t base) const {
    auto places = segmentsOf(base);
    const auto link = links_.find(base);
    if (link != links_.end() && link->second.session) {
        if (const auto address = Ip4::parse(link->second.session->address())) places.push_back({*address, 32});
    }
    return places;
}

link::Hello LinksIo::hello(Ip4 towards) const {
    link::Hello hello;
    hello.version = options_.version;
    hello.service = own_.service;
    hello.base = own_.base;
    hello.address = towards.isAny() ? own_.address : net::routeTo(towards).source;
    hello.linkPort = counts_->linkPort();
    hello.segments = own_.segments;
    if (hello.segments.size() > 100) hello.segments.resize(100);
    return hello;
}

void LinksIo::putLink(const LinkRecord& record) {
    const auto* site = baseOf(record.base);
    dropLink(record.base, false);
    links_.emplace(record.base, Link{LinkHealth{record, site ? site->name : std::string(), net::EventLoop::now()},
                                     nullptr, false, 0});
}

void LinksIo::dropLink(std::uint64_t base, bool tellOther) {
    const auto at = links_.find(base);
    if (at == links_.end()) return;
    const auto session = std::exchange(at->second.session, nullptr);
    links_.erase(at);
    rules_.forget(std::to_string(base));
    if (duty_ != nullptr) duty_->gone(base);
    if (!session) return;
    if (tellOther) session->send(link::Unlinked{});
    session->close("It was unlinked here.");
}

void LinksIo::notify() {
    if (observer_ != nullptr && isRunning_) observer_->linksChanged();
}

void LinksIo::tick() {
    const auto now = net::EventLoop::now();
    const auto all = sessions_;
    for (const auto& session : all)
        session->tick(now);
    counts_->tick(now);
    bool isChanged = false;
    for (auto& [base, link] : links_) {
        if (!link.session && !link.isDialling && link.health.isDialDue(now)) dial(base);
        if (link.toldRevision != link.health.revision()) isChanged = true;
        link.toldRevision = link.health.revision();
    }
    if (isChanged) notify();
    timer_->setAt(now + kTick);
}

void LinksIo::dial(std::uint64_t base) {
    auto& link = links_.at(base);
    link.isDialling = true;
    link.health.dialled();
    const auto host = link.health.record().host;
    if (Ip4::parse(host)) return dialTo(base, host);
    net::lookUpName(*work_, *loop_, host, kConnectPatience, [this, base](const Result<std::vector<Ip4>>& found) {
        const auto at = links_.find(base);
        if (at == links_.end()) return;
        if (found && !found->empty()) return dialTo(base, found->front().text());
        at->second.isDialling = false;
        at->second.health.lost(found ? "Its name has no address." : refusalWords(found.error()), net::EventLoop::now());
    });
}

void LinksIo::dialTo(std::uint64_t base, const std::string& address) {
    net::connectTcp(*loop_, address, links_.at(base).health.record().port, kConnectPatience, limits(),
                    [this, base](Result<std::shared_ptr<net::TcpConnection>> connected) {
                        const auto at = links_.find(base);
                        if (at == links_.end() || !isRunning_) {
                            if (connected) (*connected)->abort();
                            return;
                        }
                        if (!connected) {
                            at->second.isDialling = false;
                            at->second.health.lost(refusalWords(connected.error()), net::EventLoop::now());
                            return;
                        }
                        auto session =
                            std::make_shared<Session>(*this, Session::Role::Dialled, std::move(*connected), base);
                        sessions_.push_back(session);
                        at->second.session = session;
                        session->begin(clientTls_);
                    });
}

void LinksIo::adopted(const std::shared_ptr<Session>& session) {
    const auto at = links_.find(session->base());
    if (at == links_.end()) return session->close("It is not linked any more.");
    auto& link = at->second;
    const auto now = net::EventLoop::now();
    const auto& hello = session->hello();
    if (hello.protocol != link::kProtocol) {
        link.health.otherVersion(hello, now);
        notify();
        return session->close("It speaks another link protocol.");
    }
    if (link.session && link.session != session) link.session->close("It connected anew.");
    link.session = session;
    link.isDialling = false;
    link.health.connected(hello, session->address(), now);
    log_.write(LogLevel::Info, "LINK_UP",
               "Linked with the service of base " + link.health.view().baseName + " at " + session->address() +
                   ", version " + hello.version + ".");
    notify();
}

void LinksIo::ended(const std::shared_ptr<Session>& session, const net::CloseReport& report) {
    std::erase(sessions_, session);
    const auto now = net::EventLoop::now();
    const auto at = session->isMeeting() ? links_.end() : links_.find(session->base());
    if (at == links_.end()) {
        if (session->isMeeting()) return;
        if (report.reason != net::CloseReason::Tls || session->role() != Session::Role::Called) return;
        // Somebody without a pinned certificate; if a linked service was there before, its administrator wants to know.
        for (auto& [base, link] : links_) {
            if (link.session || link.health.record().isDialling() || link.health.view().address != session->address())
                continue;
            link.health.refused("A service at " + session->address() +
                                    ", where the linked one was, shows another certificate than the pinned one.",
                                kLinkAnew, now);
        }
        log_.write(LogLevel::Warning, "LINK_UNKNOWN_CERTIFICATE",
                   "A connection from " + session->address() + " was refused: " + report.detail + ".");
        return;
    }
    auto& link = at->second;
    if (link.session && link.session != session) return;  // a newer one is there
    const bool wasLinked = link.health.state() == LinkState::Linked;
    link.session.reset();
    link.isDialling = false;
    if (duty_ != nullptr) duty_->gone(session->base());
    if (session->refusal()) {
        link.health.refused(session->refusal()->sentence, session->refusal()->todo, now);
    } else if (session->wasUnlinked()) {
        link.health.refused(session->why(), "Unlink the base here too, or link it again.", now);
    } else if (report.reason == net::CloseReason::Tls && !wasLinked && isRefusedByOther(report.detail)) {
        link.health.refused(
            "The service of " + link.health.view().baseName + " does not know the certificate of this one (any more).",
            kLinkAnew, now);
    } else if (report.reason == net::CloseReason::Tls && !session->isPinned()) {
        link.health.refused(
            "The service at " + session->address() + " shows another certificate than the one that was pinned.",
            kLinkAnew, now);
    } else {
        auto why = session->why();
        if (why.empty() && report.reason == net::CloseReason::Peer) why = "The other service ended the connection.";
        if (why.empty()) why = "The connection broke" + (report.detail.empty() ? "." : ": " + report.detail + ".");
        link.health.lost(why, now);
    }
    if (wasLinked || link.health.state() == LinkState::Refused) {
        const auto view = link.health.view();
        if (link.toldRevision != link.health.revision())
            log_.write(LogLevel::Warning, "LINK_DOWN",
                       "The link with the service of base " + view.baseName + " is down. " + view.sentence);
    }
    link.toldRevision = link.health.revision();
    notify();
}

void LinksIo::request(const std::shared_ptr<Session>& session, const link::Message& message) {
    const auto base = session->base();
    const auto who = std::to_string(base);
    const auto now = net::EventLoop::now();
    const auto id = link::idOf(message);
    const auto refuse = [&](const Error& error) {
        session->send(link::Refused{id, error.what, error.todo});
        log_.write(
            LogLevel::Warning, "LINK_REQUEST_REFUSED",
            "The linked service at " + session->address() + " asked for something that was refused. " + error.what);
    };
    if (duty_ == nullptr)
        return refuse({Code::Unavailable, "The other service cannot measure: its LAN directory is off.", "",
                       "Switch lan.enabled on there."});
    const std::weak_ptr<Session> weak = session;
    const auto answer = [this, weak](link::Message text) {
        loop_->post("link answer", [weak, text = std::move(text)] {
            if (const auto alive = weak.lock()) alive->send(text);
        });
    };
    const auto theirs = segmentsOf(base);
    if (const auto* wish = std::get_if<link::Measure>(&message)) {
        if (auto allowed = rules_.mayMeasure(who, *wish, own_, theirs, now); !allowed) return refuse(allowed.error());
        duty_->measure(base, *wish, [this, weak, who](link::Message text) {
            const bool isLast = !std::holds_alternative<link::Row>(text);
            loop_->post("link answer", [this, weak, who, isLast, text = std::move(text)] {
                if (isLast) rules_.done(who);
                if (const auto alive = weak.lock()) alive->send(text);
            });
        });
    } else if (std::holds_alternative<link::StopMeasure>(message)) {
        duty_->stop(base, id);
    } else if (const auto* open = std::get_if<link::CountOpen>(&message)) {
        if (auto allowed = rules_.mayCount(who, Ip4{}, theirs, now); !allowed) return refuse(allowed.error());
        duty_->openCount(base, *open, answer);
    } else if (const auto* turn = std::get_if<link::CountTurn>(&message)) {
        if (auto allowed = rules_.mayCount(who, turn->address, placesOf(base), now); !allowed)
            return refuse(allowed.error());
        duty_->turnCount(base, *turn, answer);
    }
}

void LinksIo::redeem(const std::shared_ptr<Session>& session, const std::string& token) {
    const auto now = net::EventLoop::now();
    if (!strangers_.admit(session->address(), now)) {
        log_.write(LogLevel::Warning, "LINK_STRANGER_REFUSED",
                   "A service at " + session->address() + " tries invitations too often; it is not heard now.");
        return session->refuseStranger(
            "Too many invitations were tried; the other service hears nobody new for ten "
            "minutes.",
            "Wait ten minutes, then try again.");
    }
    const auto hash = sha256Hex(token);
    const auto verdict = judgeToken(invitations_, hash, now);
    if (!verdict.refusal.empty()) {
        log_.write(LogLevel::Warning, "LINK_INVITATION_REFUSED",
                   "A service at " + session->address() + " showed an invitation that is not good. " + verdict.refusal);
        return session->refuseStranger(verdict.refusal, verdict.todo);
    }
    LinkRecord record;
    record.base = verdict.base;
    record.fingerprint = session->fingerprint();
    record.service = session->hello().service;
    record.linkedAt = now;
    if (record.fingerprint == options_.identity.fingerprint)
        return session->refuseStranger("That is this service itself.", "Use the invitation on the other side.");
    const auto submitted = work_->submit(
        "redeem", now + kConnectPatience,
        [this, hash, now, record, segments = session->hello().segments] {
            return keeper_.redeem(hash, now, record, segments);
        },
        [this, session, record, hash, now](const Result<void>& saved) {
            loop_->post("link redeemed", [this, session, record, hash, now, saved] {
                if (saved) {
                    for (auto& each : invitations_)
                        if (each.tokenHash == hash) each.usedAt = now;
                }
                redeemed(session, record, saved);
            });
        });
    if (!submitted) session->refuseStranger("The other service is busy.", "Try again in a few seconds.");
}

void LinksIo::redeemed(const std::shared_ptr<Session>& session, const LinkRecord& record, const Result<void>& saved) {
    if (!isRunning_) return;
    if (!saved) return session->refuseStranger(refusalWords(saved.error()), saved.error().todo);
    putLink(record);
    session->send(hello(Ip4::parse(session->address()).value_or(Ip4{})));
    session->send(link::Welcome{});
    session->close("");
    log_.write(LogLevel::Info, "LINK_MADE",
               "The service at " + session->address() + " used an invitation and is linked from now on.");
    notify();
}

// LinksPort ----------------------------------------------------------------------------------------------------------

LinkHouse LinksIo::links() {
    if (!loop_) return {};
    auto house = onLoop("links", [this] {
        LinkHouse all;
        all.fingerprint = options_.identity.fingerprint;
        all.listen = listen_;
        all.problem = listenProblem_;
        for (const auto& [base, link] : links_)
            all.links.push_back(link.health.view());
        const auto now = net::EventLoop::now();
        for (const auto& invitation : invitations_) {
            const auto* site = baseOf(invitation.base);
            if (site == nullptr || invitation.usedAt || now >= invitation.expiresAt) continue;
            const auto known = std::find_if(all.links.begin(), all.links.end(),
                                            [&](const BaseLink& each) { return each.base == invitation.base; });
            if (known != all.links.end()) {
                known->invitationEnds = invitation.expiresAt;
                continue;
            }
            BaseLink invited;
            invited.base = invitation.base;
            invited.baseName = site->name;
            invited.state = LinkState::Invited;
            invited.since = invitation.madeAt;
            invited.invitationEnds = invitation.expiresAt;
            invited.sentence = "An invitation is open until " + isoText(invitation.expiresAt) + ".";
            invited.todo = "Use it on the other side: causewayctl bases link \"...\", or Link with... in its console.";
            all.links.push_back(std::move(invited));
        }
        return all;
    });
    auto all = house.value_or(LinkHouse{});
    std::sort(all.links.begin(), all.links.end(), [](const BaseLink& left, const BaseLink& right) {
        return lowerAscii(left.baseName) < lowerAscii(right.baseName);
    });
    return all;
}

Result<LinkInvitation> LinksIo::invite(std::uint64_t base, const std::string& baseName, Duration lifetime,
                                       const std::string& host) {
    const auto refused = [](Code code, const std::string& why, const std::string& todo) {
        return Error{code, "No invitation was made.", why, todo};
    };
    if (!loop_) return refused(Code::Unavailable, "The service is shutting down.", "Try again when it has started.");
    if (lifetime < 1s || lifetime > kLongestInvitation)
        return refused(Code::BadInput, "It would be open for less than a second or for more than a week.",
                       "Choose up to 10080 minutes.");
    struct Now {
        std::uint16_t port = 0;
        Ip4 address;
        std::string problem;
    };
    const auto state = onLoop("link invite", [this] {
        return Now{listener_ ? listener_->localPort() : std::uint16_t{0}, own_.address, listenProblem_};
    });
    if (!state) return state.error();
    if (state->port == 0)
        return refused(Code::Unavailable,
                       state->problem.empty() ? "No other service can connect to this one: bases.link_listen is empty."
                                              : state->problem,
                       "Set it, for example: causewayctl settings set bases.link_listen 0.0.0.0:8426");
    link::Invitation invitation;
    invitation.host = host.empty() ? state->address.text() : lowerAscii(trimmed(host));
    if (host.empty() && state->address.isAny())
        return refused(Code::BadInput, "This service does not know its own address.",
                       "Name the address under which the other side reaches it (--address).");
    invitation.port = state->port;
    invitation.fingerprint = options_.identity.fingerprint;
    invitation.token = Secret{hexText(net::randomBytes(kTokenBytes))};
    const auto now = net::EventLoop::now();
    invitation.expiresAt = now + lifetime;
    const auto text = link::writeInvitation(invitation);
    if (!link::readInvitation(text))
        return refused(Code::BadInput, "\"" + cleanUtf8(cutUtf8(host, 80)) + "\" is no address.",
                       "Name the address under which the other side reaches this service.");
    InvitationRecord record{sha256Hex(invitation.token.reveal()), base, now, invitation.expiresAt, {}};
    if (auto saved = keeper_.addInvitation(record, now - kRememberInvitations); !saved) return saved.error();
    (void)onLoop("link invited", [this, record] {
        std::erase_if(invitations_, [&](const InvitationRecord& each) {
            return each.expiresAt + kRememberInvitations < record.madeAt;
        });
        invitations_.push_back(record);
        notify();
    });
    return LinkInvitation{baseName, text, invitation.expiresAt};
}

Result<LinksPort::Meeting> LinksIo::meet(const std::string& text) {
    auto invitation = link::readInvitation(text);
    if (!invitation) return invitation.error();
    if (!loop_) return Error{Code::Unavailable, "The service is shutting down.", "", "Try again when it has started."};
    if (invitation->fingerprint == options_.identity.fingerprint)
        return Error{Code::BadInput, "This invitation was made by this service itself.",
                     "It is for the service of the other base.", "Use it on the other side."};
    const auto wall = wallNow();
    if (wall >= invitation->expiresAt)
        return Error{Code::Denied, "The invitation ended at " + isoText(invitation->expiresAt) + ".",
                     "By the clock of this computer it is " + isoText(wall) + " now.",
                     "Ask the administrator of that side for a new invitation."};
    auto host = invitation->host;
    if (!Ip4::parse(host)) {
        auto found = net::lookUpNameNow(host);
        if (!found) return found.error();
        host = found->front().text();
    }
    auto tls = net::TlsContext::pinned(
        net::TlsRole::Client,
        {options_.identity.certificatePem, options_.identity.keyPem,
         [wanted = invitation->fingerprint](const std::string& shown) { return shown == wanted; }});
    if (!tls) return tls.error();
    const auto greeting = onLoop("link hello", [this, host] { return hello(*Ip4::parse(host)); });
    if (!greeting) return greeting.error();
    auto meet = std::make_shared<Meet>(*invitation, *greeting);
    auto outcome = meet->outcome();
    loop_->post("link meet", [this, meet, host, port = invitation->port, tls = *tls] {
        net::connectTcp(*loop_, host, port, kConnectPatience, limits(),
                        [meet, tls](Result<std::shared_ptr<net::TcpConnection>> connected) {
                            if (connected) return meet->begin(std::move(*connected), tls);
                            auto error = connected.error();
                            error.todo =
                                "See that bases.link_listen is set on that side, and that its TCP port is open "
                                "on the way.";
                            meet->failed(error);
                        });
    });
    if (outcome.wait_for(kMeetPatience) == std::future_status::ready) return outcome.get();
    return Error{Code::Timeout, "The other service did not answer within 12 s.", "",
                 "Try again; if that fails too, ask for a new invitation."};
}

Result<BaseLink> LinksIo::keep(std::uint64_t base, const Meeting& meeting) {
    auto record = meeting.link;
    record.base = base;
    record.linkedAt = net::EventLoop::now();
    if (auto saved = keeper_.saveLink(record); !saved) return saved.error();
    auto view = onLoop("link keep", [this, record] {
        putLink(record);
        notify();
        return links_.at(record.base).health.view();
    });
    if (!view) return view.error();
    // The first connection takes a moment; who asks wants to see it.
    const auto deadline = net::EventLoop::now() + 3s;
    while (view && view->state != LinkState::Linked && net::EventLoop::now() < deadline) {
        std::this_thread::sleep_for(100ms);
        view = onLoop("link state", [this, base] {
            const auto at = links_.find(base);
            return at == links_.end() ? BaseLink{} : at->second.health.view();
        });
    }
    return view;
}

Result<void> LinksIo::unlink(std::uint64_t base) {
    if (!loop_) return noSuchLink();
    const auto isThere = onLoop("unlink", [this, base] {
        return links_.contains(base) || std::any_of(invitations_.begin(), invitations_.end(), [&](const auto& each) {
                   return each.base == base && !each.usedAt;
               });
    });
    if (!isThere) return isThere.error();
    if (!*isThere) return noSuchLink();
    if (auto removed = keeper_.removeLink(base); !removed) return removed;
    (void)onLoop("unlink", [this, base] {
        dropLink(base, true);
        std::erase_if(invitations_, [base](const InvitationRecord& each) { return each.base == base; });
        notify();
    });
    return {};
}

// For the packet trace -----------------------------------------------------------------------------------------------

std::optional<LinksIo::Found> LinksIo::linkOf(Ip4 address) {
    if (!loop_) return std::nullopt;
    auto found = onLoop("link of", [this, address]() -> std::optional<Found> {
        int longest = -1;
        for (const auto& own : own_.segments)
            if (own.contains(address)) longest = std::max(longest, own.prefix);
        const Link* best = nullptr;
        for (const auto& [base, link] : links_) {
            // Whom to ask is our own choice: here the word of the other side may stand in.
            const auto written = segmentsOf(base);
            for (const auto& segment : written.empty() ? link.health.hello().segments : written) {
                if (!segment.contains(address) || segment.prefix <= longest) continue;
                longest = segment.prefix;
                best = &link;
            }
        }
        if (best == nullptr) return std::nullopt;
        auto view = best->health.view();
        const auto name = view.baseName;
        return Found{std::move(view), name, best->health.hello().address};
    });
    return found ? *found : std::nullopt;
}

Result<std::uint32_t> LinksIo::ask(std::uint64_t base, link::Message request,
                                   std::function<void(Result<link::Message>)> told) {
    if (!loop_) return noSuchLink();
    auto sent =
        onLoop("link ask",
               [this, base, request = std::move(request), told = std::move(told)]() mutable -> Result<std::uint32_t> {
                   const auto at = links_.find(base);
                   if (at == links_.end()) return noSuchLink();
                   if (!at->second.session || at->second.health.state() != LinkState::Linked)
                       return notLinkedNow(at->second.health.view());
                   const auto id = ++lastId_;
                   std::visit(
                       [id](auto& each) {
                           if constexpr (requires { each.id; }) each.id = id;
                       },
                       request);
                   at->second.session->talk(id, std::move(told));
                   at->second.session->send(request);
                   return id;
               });
    if (!sent) return sent.error();
    return *sent;
}

void LinksIo::tell(std::uint64_t base, link::Message message) {
    if (!loop_) return;
    loop_->post("link tell", [this, base, message = std::move(message)] {
        const auto at = links_.find(base);
        if (at != links_.end() && at->second.session) at->second.session->send(message);
    });
}

Ip4 LinksIo::ownAddressFor(std::uint64_t base) {
    if (!loop_) return {};
    return onLoop("link address",
                  [this, base] {
                      const auto at = links_.find(base);
                      if (at == links_.end() || !at->second.session) return Ip4{};
                      return hello(Ip4::parse(at->second.session->address()).value_or(Ip4{})).address;
                  })
        .value_or(Ip4{});
}

bool LinksIo::isOfBase(std::uint64_t base, Ip4 address) {
    if (!loop_) return false;
    return onLoop("link place",
                  [this, base, address] {
                      const auto places = placesOf(base);
                      return std::any_of(places.begin(), places.end(),
                                         [address](const Network4& each) { return each.contains(address); });
                  })
        .value_or(false);
}

std::uint16_t LinksIo::linkPort() {
    if (!loop_) return 0;
    return onLoop("link port", [this] { return counts_->linkPort(); }).value_or(std::uint16_t{0});
}

Result<void> LinksIo::openCounts(const std::string& mark, std::uint16_t firstVoice, std::uint16_t lastVoice) {
    if (!loop_) return noSuchLink();
    auto opened = onLoop("link counts", [this, mark, firstVoice, lastVoice] {
        return counts_->begin(mark, firstVoice, lastVoice, net::EventLoop::now());
    });
    if (!opened) return opened.error();
    return *opened;
}

Result<void> LinksIo::sendCounts(const std::string& mark, Ip4 to, std::uint16_t linkPortThere, bool hasVoice) {
    if (!loop_) return noSuchLink();
    auto sent = std::make_shared<std::promise<void>>();
    auto done = sent->get_future();
    loop_->post("link counts send", [this, mark, to, linkPortThere, hasVoice, sent] {
        counts_->send(mark, to, linkPortThere, hasVoice, [sent] { sent->set_value(); });
    });
    if (done.wait_for(5s) != std::future_status::ready)
        return Error{Code::Timeout, "The datagrams of the count were not sent in time.", "", "Try again."};
    return {};
}

Result<std::vector<link::PortCount>> LinksIo::takeCounts(const std::string& mark) {
    if (!loop_) return noSuchLink();
    return onLoop("link counts take", [this, mark] { return counts_->take(mark); });
}

}  // namespace causeway::links
