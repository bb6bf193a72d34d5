#include "service/dns/dns_server_io.h"

#include <algorithm>
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <utility>

#include "service/dns/resolver_io.h"
#include "service/dns/tcp_session.h"
#include "service/dns/zone_keeper.h"
#include "service/net/event_loop.h"
#include "service/net/tcp_listener.h"
#include "service/net/udp_batch.h"

namespace causeway::dns {

namespace {

namespace asio = boost::asio;
using net::EventLoop;
using SystemError = boost::system::error_code;

constexpr Duration kCheckPatience = 3s;  // each of the two rounds of the live check
constexpr std::size_t kMostResolvers = 8;
constexpr Duration kIdleLook = 1s;
constexpr Duration kRefusalPause = 1s;
constexpr int kPortTries = 20;

std::uint64_t random64() {
    std::random_device source;
    return (std::uint64_t{source()} << 32) | source();
}

std::array<Byte, 16> randomKey() {
    std::array<Byte, 16> key{};
    for (std::size_t half = 0; half < 2; ++half) {
        const auto word = random64();
        for (std::size_t i = 0; i < 8; ++i)
            key[half * 8 + i] = static_cast<Byte>(word >> (8 * i));
    }
    return key;
}

std::size_t workerCount(std::size_t wanted) {
    if (wanted != 0) return std::min<std::size_t>(wanted, 64);
    return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, 8);
}

/// One UDP socket with its thread.
class Worker {
public:
    Worker(std::unique_ptr<net::UdpBatch> socket, Responder::Shared& shared, std::size_t slot, Log& log)
        : socket_(std::move(socket)), responder_(shared, slot), log_(log) {}
    ~Worker() { stop(); }
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void start() {
        thread_ = std::thread{[this] { run(); }};
    }
    void stop() {
        if (!thread_.joinable()) return;
        socket_->interrupt();
        thread_.join();
    }
    const WorkerCounters& counters() const { return responder_.counters(); }

private:
    void run() {
        Asker asker;
        asker.transport = Transport::Udp;
        while (true) {
            const auto batch = socket_->receive();
            if (batch.empty()) return;
            asker.now = EventLoop::now();
            for (auto& exchange : batch) {
                // Nobody can receive there.
                if (exchange.peerPort == 0) continue;
                const auto peer = IpAddress::fromRaw(exchange.peer);
                if (!peer) continue;
                asker.address = *peer;
                answer(exchange, asker);
            }
            socket_->answer();
        }
    }

    void answer(net::UdpExchange& exchange, const Asker& asker) {
        try {
            exchange.answerSize = responder_.answer(exchange.bytes, asker, exchange.room);
        } catch (const std::exception& error) {
            // Only signed queries allocate; one that fails must not end the service.
            if (asker.now - lastFailure_ < kRefusalPause) return;
            lastFailure_ = asker.now;
            log_.write(LogLevel::Error, "DNS_QUERY_FAILED", std::string("A query was dropped: ") + error.what() + ".");
        }
    }

    std::unique_ptr<net::UdpBatch> socket_;
    Responder responder_;
    Log& log_;
    TimePoint lastFailure_{};
    std::thread thread_;
};

class TcpDoor;

/// A client of the TCP side.
class TcpClient final : public net::TcpUser, public std::enable_shared_from_this<TcpClient> {
public:
    TcpClient(TcpDoor& door, std::shared_ptr<net::TcpConnection> connection, const IpAddress& peer);

    void onBytes(std::string_view bytes) override;
    void onRoom() override { pump(); }
    void onClosed(const net::CloseReport& report) override;

    void abort() { connection_->abort(); }
    void close() { connection_->close(); }
    const IpAddress& peer() const { return peer_; }
    TimePoint lastUse() const { return lastUse_; }

private:
    void pump();

    TcpDoor& door_;
    std::shared_ptr<net::TcpConnection> connection_;
    IpAddress peer_;
    TcpSession session_;
    TimePoint lastUse_;
    std::string unsent_;  ///< one response that the full send buffer did not take
    bool isPaused_ = false;
};

/// The TCP side: listeners and connections on one loop. Loop thread only, except the counts.
class TcpDoor {
public:
    TcpDoor(EventLoop& loop, const DnsSettings& settings, Responder::Shared& shared, std::size_t slot, Log& log,
            std::function<void(const ZoneTransfer&, TimePoint)> transferred)
        : loop_(loop),
          settings_(settings),
          log_(log),
          responder_(shared, slot),
          transferred_(std::move(transferred)),
          room_(2 + kMaxMessage),
          idleTimer_(loop, "dns tcp idle", [this] { closeIdle(); }) {}

    Result<std::uint16_t> listen(const std::string& address, std::uint16_t port) {
        net::TcpListenSettings wanted;
        wanted.address = address;
        wanted.port = port;
        wanted.limits.sendBuffer = 256U << 10;
        auto listener = net::TcpListener::open(
            loop_, wanted, [this](std::shared_ptr<net::TcpConnection> made) { accept(std::move(made)); }, log_);
        if (!listener) return listener.error();
        const auto actual = (*listener)->localPort();
        listeners_.push_back(std::move(*listener));
        return actual;
    }

    void begin() { idleTimer_.setAt(EventLoop::now() + kIdleLook); }

    void end() {
        idleTimer_.cancel();
        listeners_.clear();
        for (const auto& client : std::set<std::shared_ptr<TcpClient>>{clients_})
            client->abort();
        clients_.clear();
        count_ = 0;
    }

    void forget(const std::shared_ptr<TcpClient>& client) {
        clients_.erase(client);
        count_ = clients_.size();
    }

    void onTransfer(const ZoneTransfer& transfer, const IpAddress& peer) {
        if (transfer.isGranted()) {
            ++transfers_;
            transferred_(transfer, EventLoop::now());
            return;
        }
        // Anybody can ask; nobody may fill the log.
        const auto now = EventLoop::now();
        if (now - lastRefusal_ < kRefusalPause) return;
        lastRefusal_ = now;
        log_.write(
            LogLevel::Warning, "DNS_TRANSFER_REFUSED",
            "The transfer of " + transfer.domain() + " to " + peer.text() + " was refused. " + transfer.refusal());
    }

    Responder& responder() { return responder_; }
    std::span<Byte> room() { return room_; }
    std::size_t count() const { return count_; }
    std::uint64_t transfers() const { return transfers_; }

private:
    void accept(std::shared_ptr<net::TcpConnection> connection) {
        const auto peer = IpAddress::parse(connection->peerAddress());
        if (!peer) return connection->abort();
        const auto ofPeer = std::count_if(clients_.begin(), clients_.end(),
                                          [&](const auto& client) { return client->peer() == *peer; });
        if (static_cast<std::size_t>(ofPeer) >= settings_.tcpConnectionsOfOne) return connection->abort();
        if (clients_.size() >= settings_.tcpConnections) {
            // RFC 7766 6.2.3: the longest idle one goes.
            const auto oldest = std::min_element(clients_.begin(), clients_.end(), [](const auto& a, const auto& b) {
                return a->lastUse() < b->lastUse();
            });
            const auto client = *oldest;
            forget(client);
            client->abort();
        }
        auto client = std::make_shared<TcpClient>(*this, connection, *peer);
        clients_.insert(client);
        count_ = clients_.size();
        connection->begin(client);
    }

    void closeIdle() {
        const auto now = EventLoop::now();
        for (const auto& client : std::set<std::shared_ptr<TcpClient>>{clients_}) {
            if (now - client->lastUse() >= settings_.tcpIdle) {
                forget(client);
                client->abort();
            }
        }
        idleTimer_.setAt(now + kIdleLook);
    }

    EventLoop& loop_;
    const DnsSettings& settings_;
    Log& log_;
    Responder responder_;
    std::function<void(const ZoneTransfer&, TimePoint)> transferred_;
    std::vector<Byte> room_;
    net::LoopTimer idleTimer_;
    std::vector<std::unique_ptr<net::TcpListener>> listeners_;
    std::set<std::shared_ptr<TcpClient>> clients_;
    std::atomic<std::size_t> count_{0};
    TimePoint lastRefusal_{};
    std::atomic<std::uint64_t> transfers_{0};
};

TcpClient::TcpClient(TcpDoor& door, std::shared_ptr<net::TcpConnection> connection, const IpAddress& peer)
    : door_(door),
      connection_(std::move(connection)),
      peer_(peer),
      session_(door.responder(), peer, [this](const ZoneTransfer& transfer) { door_.onTransfer(transfer, peer_); }),
      lastUse_(EventLoop::now()) {}

void TcpClient::onBytes(std::string_view bytes) {
    session_.feed(bytes);
    pump();
}

void TcpClient::pump() {
    while (true) {
        if (!unsent_.empty()) {
            if (!connection_->send(unsent_)) return;
            unsent_.clear();
            lastUse_ = EventLoop::now();
        }
        const auto now = EventLoop::now();
        const auto before = session_.answeredQueries();
        const auto response = session_.next(door_.room(), now);
        // Only whole queries count: a byte now and then does not keep a connection.
        if (session_.answeredQueries() != before) lastUse_ = now;
        if (response.empty()) break;
        if (connection_->send(response)) continue;
        if (!connection_->isOpen()) return;
        // Whoever does not read his answers is not read either; onRoom() goes on.
        unsent_ = std::string(response);
        if (!std::exchange(isPaused_, true)) connection_->pauseReading();
        return;
    }
    if (session_.isBroken()) return connection_->abort();
    if (std::exchange(isPaused_, false)) connection_->resumeReading();
}

void TcpClient::onClosed(const net::CloseReport&) {
    door_.forget(shared_from_this());
}

/// Sends notices and hears their answers; one socket for each address family. Loop thread only.
class Notifier {
public:
    Notifier(EventLoop& loop, std::function<void()> stateChanged)
        : loop_(loop),
          stateChanged_(std::move(stateChanged)),
          plan_(random64()),
          timer_(loop, "dns notify", [this] { send(); }),
          four_(loop.io()),
          six_(loop.io()) {}
    ~Notifier() { *isAlive_ = false; }
    Notifier(const Notifier&) = delete;
    Notifier& operator=(const Notifier&) = delete;

    NotifyPlan& plan() { return plan_; }

    void send() {
        for (const auto& datagram : plan_.due(EventLoop::now())) {
            auto& socket = datagram.to.address.isV6 ? six_ : four_;
            const auto to = endpointOf(datagram.to);
            SystemError error;
            if (!socket.is_open()) {
                socket.open(to.protocol(), error);
                if (!error) socket.bind({to.protocol(), 0}, error);
                if (!error) receive(socket);
            }
            // A lost or refused notice is sent again later.
            if (!error) socket.send_to(asio::buffer(datagram.bytes), to, 0, error);
        }
        stateChanged_();
        if (const auto next = plan_.nextDeadline()) timer_.setAt(*next);
    }

private:
    static asio::ip::udp::endpoint endpointOf(const Endpoint& endpoint) {
        const auto& ip = endpoint.address;
        if (!ip.isV6) return {asio::ip::address_v4{ip.ip4()}, endpoint.port};
        return {asio::ip::address_v6{ip.bytes}, endpoint.port};
    }

    void receive(asio::ip::udp::socket& socket) {
        auto& from = &socket == &six_ ? fromSix_ : fromFour_;
        auto& room = &socket == &six_ ? roomSix_ : roomFour_;
        socket.async_receive_from(
            asio::buffer(room), from,
            [this, alive = isAlive_, &socket, &from, &room](const SystemError& error, std::size_t size) {
                if (!*alive || error == asio::error::operation_aborted) return;
                loop_.run("dns notify answer", [&] {
                    const auto raw = from.address().to_string();
                    const auto ip = IpAddress::parse(raw);
                    if (!error && ip) plan_.received({*ip, from.port()}, {room.data(), size});
                    stateChanged_();
                });
                receive(socket);
            });
    }

    EventLoop& loop_;
    std::function<void()> stateChanged_;
    NotifyPlan plan_;
    net::LoopTimer timer_;
    asio::ip::udp::socket four_;
    asio::ip::udp::socket six_;
    asio::ip::udp::endpoint fromFour_;
    asio::ip::udp::endpoint fromSix_;
    std::array<char, 4096> roomFour_{};
    std::array<char, 4096> roomSix_{};
    std::shared_ptr<bool> isAlive_ = std::make_shared<bool>(true);
};

std::string hostText(const HostFacts& host, const Name& apex) {
    const auto name = Name::parse(host.name, &apex);
    return name ? name->host() : host.name;
}

class Server final : public DnsServer {
public:
    Server(const DnsSettings& settings, Log& log, DnsObserver* observer)
        : settings_(settings),
          log_(log),
          observer_(observer),
          limiter_(settings.rateLimits, random64()),
          shared_{snapshots_, limiter_, CookieMaker{randomKey()}, settings.cookies},
          loop_("dns", log),
          // One slot in the counters for each UDP worker, the last for TCP.
          keeper_(settings.listen.size() * workerCount(settings.workers) + 1),
          keys_(settings.keys) {}

    ~Server() override {
        for (const auto& worker : workers_)
            worker->stop();
        if (!hasStarted_) return;
        // On the loop, so that nothing of theirs runs meanwhile.
        const auto ended = loop_.ask("dns end", 5s, [this] {
            door_->end();
            notifier_.reset();
            return true;
        });
        static_cast<void>(ended);
        loop_.stop();
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    Result<void> begin() {
        const auto count = workerCount(settings_.workers);
        door_ = std::make_unique<TcpDoor>(
            loop_, settings_, shared_, settings_.listen.size() * count, log_,
            [this](const ZoneTransfer& transfer, TimePoint now) { onTransfer(transfer, now); });
        notifier_ = std::make_unique<Notifier>(loop_, [this] { publishSecondaries(); });
        std::size_t slot = 0;
        for (const auto& listen : settings_.listen) {
            auto sockets = openPair(listen, count);
            if (!sockets) return sockets.error();
            status_.listeners.push_back({listen.address, sockets->front()->localPort()});
            for (auto& socket : *sockets)
                workers_.push_back(std::make_unique<Worker>(std::move(socket), shared_, slot++, log_));
        }
        status_.isOn = !settings_.listen.empty();
        status_.workers = workers_.size();
        door_->begin();
        loop_.start();
        hasStarted_ = true;
        for (const auto& worker : workers_)
            worker->start();
        for (const auto& listener : status_.listeners) {
            log_.write(LogLevel::Info, "DNS_LISTENING",
                       "Chat DNS answers by UDP and TCP on " + listener.address + " port " +
                           std::to_string(listener.port) + ".");
        }
        return {};
    }

    void setZones(const std::vector<ZoneInput>& inputs) override {
        const std::lock_guard hold{updating_};
        inputs_ = inputs;
        auto change = keeper_.update(inputs, EventLoop::now());
        publishWarnings();
        if (!change.isAny) {
            publishRows();
            return;
        }
        publishSnapshot();
        tell(std::move(change));
    }

    void setKeys(std::vector<TsigKey> keys) override {
        const std::lock_guard hold{updating_};
        keys_ = std::move(keys);
        publishSnapshot();
    }

    DnsStatus status() override {
        auto status = status_;
        const auto add = [&status](const WorkerCounters& counters) {
            status.queries += counters.queries.get();
            status.answered += counters.answered.get();
            status.noName += counters.noName.get();
            status.noData += counters.noData.get();
            status.refused += counters.refused.get();
            status.malformed += counters.malformed.get();
            status.truncated += counters.truncated.get();
            status.limited += counters.limited.get();
        };
        for (const auto& worker : workers_)
            add(worker->counters());
        add(door_->responder().counters());
        status.domains = snapshots_.get()->table.zones().size();
        status.tcpConnections = door_->count();
        status.transfers = door_->transfers();
        return status;
    }

    std::vector<DnsRow> table() override {
        auto rows = rows_.with([](const auto& kept) { return kept; });
        const auto snapshot = snapshots_.get();
        for (auto& row : rows) {
            const auto apex = Name::parse(row.domain);
            const auto* served = apex ? snapshot->table.zone(*apex) : nullptr;
            if (!served) continue;
            row.serial = served->zone->serial;
            row.queries = served->counters->queries();
            row.lastQuery = served->counters->lastQuery();
        }
        return rows;
    }

    std::vector<SecondaryState> secondaries() override {
        return secondaries_.with([](const auto& kept) { return kept; });
    }

    std::vector<DnsWarning> warnings() override {
        return warnings_.with([](const auto& kept) { return kept; });
    }

    Result<std::vector<DnsRecordRow>> records(const std::string& domain, View view) override {
        const auto zone = zoneOf(domain);
        if (!zone) return zone.error();
        std::vector<DnsRecordRow> rows;
        for (const auto& record : (*zone)->of(view)) {
            rows.push_back(
                {record.owner.host(), typeText(record.type), record.ttl, dataText(record.type, record.data)});
        }
        return rows;
    }

    Result<std::string> recordsText(const std::string& domain, View view, TextForm form,
                                    const std::string& hostZone) override {
        const auto zone = zoneOf(domain);
        if (!zone) return zone.error();
        return recordsFor(form, **zone, view, hostZone);
    }

    std::vector<Error> checkExtra(const std::string& domain, const std::string& text) override {
        return checkExtraRecords(domain, text);
    }

    Result<std::vector<DnsCheckReport>> check(const std::string& domain, View view,
                                              const std::vector<std::string>& resolvers) override {
        const auto zone = zoneOf(domain);
        if (!zone) return zone.error();
        auto plan = checkPlan(**zone, view, resolvers);
        if (!plan) return plan.error();
        // One thread each, so that a dead resolver does not delay the others.
        std::vector<std::future<DnsCheckReport>> running;
        running.reserve(plan->size());
        for (auto& report : *plan)
            running.push_back(std::async(std::launch::async, [zone = *zone, report] { return ask(*zone, report); }));
        std::vector<DnsCheckReport> done;
        done.reserve(running.size());
        for (auto& each : running)
            done.push_back(each.get());
        return done;
    }

private:
    /// UDP sockets and a TCP listener on one port.
    Result<std::vector<std::unique_ptr<net::UdpBatch>>> openPair(const DnsSettings::Listen& listen, std::size_t count) {
        net::UdpBatchSettings wanted;
        wanted.address = listen.address;
        wanted.port = listen.port;
        wanted.sockets = count;
        for (int tries = 1;; ++tries) {
            auto sockets = net::UdpBatch::open(wanted);
            if (!sockets) return sockets.error();
            const auto port = sockets->front()->localPort();
            auto tcp = door_->listen(listen.address, port);
            if (tcp) return sockets;
            // With a port that the system chose, another one may be free for both.
            const bool mayTryAgain = listen.port == 0 && tcp.error().code == Code::Conflict && tries < kPortTries;
            if (!mayTryAgain) return tcp.error();
        }
    }

    Result<std::shared_ptr<const Zone>> zoneOf(const std::string& domain) const {
        const auto apex = Name::parse(domain);
        const auto snapshot = snapshots_.get();
        const auto* served = apex ? snapshot->table.zone(*apex) : nullptr;
        if (!served) {
            return Error{Code::NotFound, "Chat DNS does not serve the domain " + domain + ".", "",
                         "Look in the list of domains whether it is there and switched on."};
        }
        return served->zone;
    }

    void publishSnapshot() {
        snapshots_.set(std::make_shared<const Snapshot>(keeper_.zones(), keys_));
        publishRows();
    }

    void publishRows() {
        std::vector<DnsRow> rows;
        for (const auto& input : inputs_) {
            const auto apex = Name::parse(input.domain);
            if (!apex) continue;
            for (const auto view : {View::Lan, View::Internet}) {
                if (view == View::Internet && !input.servesInternet) continue;
                for (const auto& node : input.supernodes)
                    addRows(rows, input, node, *apex, view);
            }
        }
        rows_.with([&](auto& kept) { kept.swap(rows); });
    }

    static void addRows(std::vector<DnsRow>& rows, const ZoneInput& input, const SupernodeFacts& node, const Name& apex,
                        View view) {
        DnsRow row;
        row.domain = apex.host();
        row.supernode = hostText(node.host, apex);
        row.port = node.clientPort != 0 ? node.clientPort : node.clientTlsPort;
        row.view = view;
        row.isLive = node.isLive;
        row.ttl = input.ttl;
        const auto& addresses =
            view == View::Lan && !node.host.lanAddresses.empty() ? node.host.lanAddresses : node.host.internetAddresses;
        if (addresses.empty()) rows.push_back(row);
        for (const auto& address : addresses) {
            row.address = address.text();
            rows.push_back(row);
        }
    }

    void publishWarnings() {
        std::vector<DnsWarning> fresh;
        for (const auto& warning : keeper_.warnings())
            fresh.push_back({warning.domain, warning.error});
        const auto before = warnings();
        for (const auto& warning : fresh) {
            const bool isKnown = std::any_of(before.begin(), before.end(), [&](const DnsWarning& each) {
                return each.domain == warning.domain && each.error.text() == warning.error.text();
            });
            if (!isKnown) {
                log_.write(LogLevel::Warning, "DNS_ZONE_WARNING", warning.domain + ": " + warning.error.text());
            }
        }
        warnings_.with([&](auto& kept) { kept.swap(fresh); });
    }

    void tell(ZoneKeeper::Change change) {
        if (observer_) {
            for (const auto& zone : change.changed)
                observer_->zoneServed(zone->apex.host(), zone->serial);
        }
        if (settings_.listen.empty()) return;  // a secondary that is told would ask in vain
        loop_.post("dns notify", [this, change = std::move(change), keys = keys_] {
            if (!notifier_) return;
            for (const auto& apex : change.removed)
                notifier_->plan().removed(apex);
            for (const auto& zone : change.changed)
                notifier_->plan().changed(*zone, keys, EventLoop::now());
            notifier_->send();
        });
    }

    void onTransfer(const ZoneTransfer& transfer, TimePoint now) {
        log_.write(LogLevel::Info, "DNS_TRANSFERRED",
                   transfer.domain() + " with serial " + std::to_string(transfer.serial()) + " was given to " +
                       (transfer.secondary() ? transfer.secondary()->address.text() : "a secondary server") + ".");
        if (!notifier_ || !transfer.secondary()) return;
        notifier_->plan().transferred(transfer.domain(), *transfer.secondary(), transfer.serial(), now);
        publishSecondaries();
    }

    void publishSecondaries() {
        auto states = notifier_->plan().states();
        secondaries_.with([&](auto& kept) { kept.swap(states); });
        if (observer_) observer_->secondariesChanged();
    }

    Result<std::vector<DnsCheckReport>> checkPlan(const Zone& zone, View view,
                                                  const std::vector<std::string>& resolvers) const {
        std::vector<DnsCheckReport> plan;
        if (!status_.listeners.empty()) {
            auto endpoint = Endpoint{IpAddress::parse(status_.listeners.front().address).value_or(IpAddress{}),
                                     status_.listeners.front().port};
            if (endpoint.address.isAny()) {
                const bool isV6 = endpoint.address.isV6;
                endpoint.address = IpAddress::parse(isV6 ? "::1" : "127.0.0.1").value_or(IpAddress{});
            }
            // Our own answer depends on where the question comes from.
            const bool isLan = std::any_of(zone.lanSubnets.begin(), zone.lanSubnets.end(),
                                           [&](const Subnet& subnet) { return subnet.contains(endpoint.address); });
            plan.push_back({"this server", endpoint.text(), isLan ? View::Lan : View::Internet, false, {}});
        }
        auto system = settings_.systemResolvers;
        if (system.empty()) {
            if (const auto found = systemResolvers()) {
                for (const auto& each : *found)
                    system.push_back(each.text());
            }
        }
        for (const auto& address : system)
            plan.push_back({"system", address, view, false, {}});
        for (const auto& address : resolvers)
            plan.push_back({address, address, view, false, {}});
        if (resolvers.size() > kMostResolvers) {
            return Error{Code::TooMany, "These are too many resolvers at once.", "",
                         "Give at most " + std::to_string(kMostResolvers) + "."};
        }
        for (auto& report : plan) {
            const auto endpoint = Endpoint::parse(trimmedText(report.address));
            if (!endpoint || endpoint->address.isAny()) {
                return Error{Code::BadInput, "\"" + report.address + "\" is not the address of a resolver.", "",
                             "Write it like 192.0.2.53, 192.0.2.53:5353 or 2001:db8::53."};
            }
            report.address = endpoint->text();
        }
        return plan;
    }

    static std::string trimmedText(const std::string& text) {
        const auto from = text.find_first_not_of(" \t");
        if (from == std::string::npos) return {};
        return text.substr(from, text.find_last_not_of(" \t") - from + 1);
    }

    static DnsCheckReport ask(const Zone& zone, DnsCheckReport report) {
        const auto endpoint = Endpoint::parse(report.address).value_or(Endpoint{});
        auto replies = askResolver(endpoint, checkQuestions(zone, report.view), kCheckPatience);
        auto more = askResolver(endpoint, followUpQuestions(replies), kCheckPatience);
        replies.insert(replies.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
        report.rows = compareRecords(zone, report.view, replies);
        report.isRight = std::all_of(report.rows.begin(), report.rows.end(), [](const CheckRow& row) {
            return row.verdict == CheckVerdict::Right || row.verdict == CheckVerdict::StaleTtl || !row.isNeeded;
        });
        return report;
    }

    DnsSettings settings_;
    Log& log_;
    DnsObserver* observer_;
    SnapshotHolder snapshots_;
    RateLimiter limiter_;
    Responder::Shared shared_;
    EventLoop loop_;
    std::unique_ptr<TcpDoor> door_;
    std::unique_ptr<Notifier> notifier_;
    std::vector<std::unique_ptr<Worker>> workers_;
    bool hasStarted_ = false;
    DnsStatus status_;     ///< fixed after begin()
    std::mutex updating_;  ///< of the next four
    ZoneKeeper keeper_;
    std::vector<TsigKey> keys_;
    std::vector<ZoneInput> inputs_;
    Guarded<std::vector<DnsRow>> rows_;
    Guarded<std::vector<SecondaryState>> secondaries_;
    Guarded<std::vector<DnsWarning>> warnings_;
};

}  // namespace

Result<std::unique_ptr<DnsServer>> DnsServer::open(const DnsSettings& settings, Log& log, DnsObserver* observer) {
    auto server = std::make_unique<Server>(settings, log, observer);
    if (auto begun = server->begin(); !begun) return begun.error();
    return std::unique_ptr<DnsServer>(std::move(server));
}

}  // namespace causeway::dns
