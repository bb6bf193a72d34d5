#include "service/trace/trace_io.h"

#include <algorithm>
#include <future>
#include <utility>

#include "service/net/event_loop.h"
#include "service/net/name_lookup.h"
#include "service/net/path_probe.h"
#include "service/net/port_holder.h"
#include "service/trace/domain_runner.h"
#include "service/trace/trace_runner.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"
#include "shared/proto/link/message.h"
#include "shared/proto/pcapng/writer.h"

namespace causeway::trace {

namespace {

constexpr std::size_t kMostPackets = 20000;  // of one trace in memory
constexpr std::size_t kMostPacketBytes = 8U << 20;
constexpr std::size_t kKeptCaptures = 8;
constexpr std::size_t kMostArrivals = 4096;
constexpr std::uint32_t kMostUnasked = 500;
constexpr Duration kPacketGap{50};  // 20 packets a second
constexpr Duration kNamePatience{2000};
constexpr Duration kListEvery = 10min;

struct Kept {
    std::chrono::sys_time<std::chrono::nanoseconds> at{};
    pcapng::Packet packet;
    std::string payload;
    std::string comment;
};

std::chrono::sys_time<std::chrono::nanoseconds> stamp() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

IcmpError errorOf(const net::PathError& error) {
    return {error.from, error.type, error.code, error.mtu};
}

/// The refusal of a trace.
Error refused(Code code, const char* why, const char* todo) {
    return Error{code, "The trace was not started.", why, todo};
}

}  // namespace

/// One running trace: what stops it, what arrived for it, what it sent and got.
struct TraceIo::Job {
    std::uint64_t id = 0;
    std::atomic<bool> isStopped{false};
    std::atomic<bool> isFinished{false};
    std::thread thread;
    std::mutex joinLock;

    std::mutex lock;
    std::condition_variable wake;
    std::vector<Ip4> watched;
    std::deque<Heard> arrivals;
    struct List {
        Ip4 client;
        bool isComplete = false;
        std::vector<Ip4> addresses;
    };
    std::vector<List> lists;
    std::vector<Kept> packets;
    std::size_t packetBytes = 0;
    std::uint32_t sent = 0, received = 0;
    std::uint32_t unasked = 0;
    TraceStep step = TraceStep::SelfCheck;  ///< that runs now, for what arrives

    void stop() {
        {
            const std::lock_guard hold{lock};
            isStopped = true;
        }
        wake.notify_all();
    }
    void join() {
        const std::lock_guard hold{joinLock};
        if (thread.joinable()) thread.join();
    }
    void keep(pcapng::Packet packet, std::string payload, TraceStep which, const std::string& more) {
        const std::lock_guard hold{lock};
        if (packet.flow == pcapng::Flow::Out) {
            ++sent;
        } else {
            ++received;
        }
        if (packets.size() >= kMostPackets || packetBytes + payload.size() > kMostPacketBytes) return;
        packetBytes += payload.size();
        Kept kept;
        kept.at = stamp();
        kept.packet = packet;
        kept.payload = std::move(payload);
        kept.comment = std::string("Step ") + std::to_string(static_cast<int>(which)) + ", " + infoOf(which).title +
                       (more.empty() ? "" : ": " + more);
        packets.push_back(std::move(kept));
    }
};

/// The real world of one trace; see TraceWorld.
class TraceIo::World final : public TraceWorld {
public:
    enum class Peers { Ask, Leave };
    World(TraceIo& owner, Job& job, Peers peers) : owner_(owner), job_(job), peers_(peers) {}

    TimePoint now() override { return net::EventLoop::now(); }
    bool isStopped() override { return job_.isStopped; }
    void pause(Duration span) override {
        std::unique_lock hold{job_.lock};
        job_.wake.wait_for(hold, span, [this] { return job_.isStopped.load(); });
    }

    std::vector<LanUser> users() override { return owner_.line_.users().value_or({}); }
    std::vector<LanInterface> interfaces() override { return state().interfaces; }
    std::vector<BaseSite> bases() override { return state().bases; }

    SelfFacts self(Ip4) override {
        SelfFacts facts;
        const auto line = owner_.line_.state();
        if (!line) return facts;
        facts.isUdpBound = line->isListening;
        facts.portHolder = line->problem;
        facts.hasInterface = std::any_of(line->interfaces.begin(), line->interfaces.end(),
                                         [](const LanInterface& each) { return !each.isLoopback; });
        return facts;
    }
    RouteOutcome route(Ip4 target) override {
        const auto found = net::routeTo(target);
        return {found.isThere, found.source, found.gateway, found.interface, found.mtu};
    }
    std::optional<NeighbourOutcome> neighbour(Ip4 address) override {
        const auto found = net::neighbourOf(address);
        if (!found) return std::nullopt;
        return NeighbourOutcome{found->isReachable, found->hardware};
    }
    Result<std::vector<Ip4>> addressesOf(const std::string& name) override {
        return bounded<std::vector<Ip4>>([name] { return net::lookUpNameNow(name); });
    }
    Result<std::string> nameOf(Ip4 address) override {
        return bounded<std::string>([address] { return net::lookUpAddressNow(address); });
    }

    void watch(Ip4 address) override {
        const std::lock_guard hold{job_.lock};
        if (std::find(job_.watched.begin(), job_.watched.end(), address) == job_.watched.end() &&
            job_.watched.size() < 256)
            job_.watched.push_back(address);
    }
    Result<void> send(const ChatProbe& probe) override {
        pace();
        begins(probe.step);
        auto sent = owner_.line_.send(probe);
        if (!sent) return sent.error();
        pcapng::Packet packet;
        packet.source = sent->from.isAny() ? net::routeTo(probe.to).source : sent->from;
        packet.destination = probe.to;
        packet.sourcePort = 2425;
        packet.destinationPort = probe.port;
        packet.ttl = probe.ttl;
        packet.isDontFragment = probe.isDontFragment.value_or(true);
        job_.keep(packet, std::move(sent->bytes), probe.step, probe.ttl != 0 ? "hop " + std::to_string(probe.ttl) : "");
        return {};
    }
    std::vector<Heard> collect(Duration patience) override {
        std::unique_lock hold{job_.lock};
        job_.wake.wait_for(hold, patience, [this] { return job_.isStopped || !job_.arrivals.empty(); });
        std::vector<Heard> all(std::make_move_iterator(job_.arrivals.begin()),
                               std::make_move_iterator(job_.arrivals.end()));
        job_.arrivals.clear();
        return all;
    }
    Result<std::vector<Ip4>> broadcast(const LanInterface& interface, Duration patience) override {
        {
            // Whoever answers is of interest, known or not.
            const std::lock_guard hold{job_.lock};
            job_.watched.push_back(Ip4{});
        }
        begins(TraceStep::Broadcast);
        auto sent = owner_.line_.broadcast(interface);
        std::vector<Ip4> answers;
        if (sent) {
            pcapng::Packet packet;
            packet.source = interface.address;
            packet.destination = interface.broadcast;
            packet.sourcePort = packet.destinationPort = 2425;
            job_.keep(packet, std::move(sent->bytes), TraceStep::Broadcast,
                      "to everybody in " + interface.network.text());
            const auto deadline = now() + patience;
            while (now() < deadline && !job_.isStopped) {
                for (const auto& each : collect(deadline - now())) {
                    if (each.isAnswer() && interface.network.contains(each.from) &&
                        std::find(answers.begin(), answers.end(), each.from) == answers.end())
                        answers.push_back(each.from);
                }
            }
        }
        const std::lock_guard hold{job_.lock};
        std::erase(job_.watched, Ip4{});
        if (!sent) return sent.error();
        return answers;
    }
    Result<ListOutcome> list(Ip4 client, Duration patience) override {
        if (owner_.recentLists_) {
            if (auto known = owner_.recentLists_(client)) return ListOutcome{true, std::move(*known)};
        }
        const bool isTooSoon = owner_.state_.with([&](State& state) {
            auto& last = state.listsReadAt[client];
            if (last != TimePoint{} && now() - last < kListEvery) return true;
            last = now();
            std::erase_if(state.listsReadAt, [&](const auto& each) { return now() - each.second > kListEvery; });
            return false;
        });
        if (isTooSoon) {
            return Error{Code::Busy, "it was read less than 10 minutes ago.",
                         "Each client is asked for its list at most once in 10 minutes.", "Try again later."};
        }
        begins(TraceStep::Lists);
        if (auto asked = owner_.line_.readList(client); !asked) return asked.error();
        std::unique_lock hold{job_.lock};
        const auto found = [&] {
            return std::find_if(job_.lists.begin(), job_.lists.end(),
                                [&](const Job::List& each) { return each.client == client; });
        };
        job_.wake.wait_for(hold, patience, [&] { return job_.isStopped || found() != job_.lists.end(); });
        const auto at = found();
        if (at == job_.lists.end()) {
            return Error{Code::Timeout, "it gave none.", "Some clients, iptux among them, do not give their list.", ""};
        }
        ListOutcome outcome{at->isComplete, std::move(at->addresses)};
        job_.lists.erase(at);
        return outcome;
    }

    Result<std::string> echoMethod() override {
        if (auto opened = openEcho(); !opened) return opened.error();
        return std::string(echo_->kind() == net::EchoSocket::Kind::Datagram ? "ICMP datagram socket"
                                                                            : "raw ICMP socket");
    }
    Result<EchoOutcome> echo(TraceStep step, Ip4 to, std::uint8_t ttl, Duration patience) override {
        if (auto opened = openEcho(); !opened) return opened.error();
        pace();
        begins(step);
        pcapng::Packet packet;
        packet.transport = pcapng::Transport::Icmp;
        packet.source = net::routeTo(to).source;
        packet.destination = to;
        packet.ttl = ttl;
        packet.icmpType = 8;
        packet.icmpRest = ++echoes_;
        const std::string payload(56, 'Z');
        job_.keep(packet, payload, step, ttl != 0 ? "hop " + std::to_string(ttl) : "");
        const auto answer = echo_->ask(to, ttl, payload.size(), patience, job_.isStopped);
        EchoOutcome outcome;
        outcome.isAnswered = answer.isAnswered;
        outcome.ttl = answer.ttl;
        outcome.took = std::chrono::round<Duration>(answer.took);
        if (answer.error) outcome.error = errorOf(*answer.error);
        if (answer.isAnswered || answer.error) {
            std::swap(packet.source, packet.destination);
            packet.flow = pcapng::Flow::In;
            packet.ttl = answer.ttl;
            packet.icmpType = 0;
            if (answer.error) {
                packet.source = answer.error->from;
                packet.icmpType = answer.error->type;
                packet.icmpCode = answer.error->code;
                packet.icmpRest = answer.error->mtu;
            }
            job_.keep(packet, answer.error ? std::string() : payload, step,
                      answer.error ? "what it quoted is left out" : "");
        }
        return outcome;
    }
    Result<TcpFacts> tcp(TraceStep step, Ip4 to, std::uint16_t port, std::uint8_t ttl, Duration patience) override {
        pace();
        begins(step);
        pcapng::Packet packet;
        packet.transport = pcapng::Transport::Tcp;
        packet.source = net::routeTo(to).source;
        packet.destination = to;
        packet.destinationPort = port;
        packet.ttl = ttl;
        packet.tcpFlags = pcapng::kSyn;
        auto answer = net::probeTcp(to, port, ttl, patience, job_.isStopped);
        if (!answer) return answer.error();
        packet.sourcePort = answer->localPort;
        job_.keep(packet, {}, step, ttl != 0 ? "hop " + std::to_string(ttl) : "");
        TcpFacts facts;
        facts.took = std::chrono::round<Duration>(answer->took);
        switch (answer->end) {
            case net::TcpEnd::Connected:
                facts.outcome = TcpOutcome::Connected;
                break;
            case net::TcpEnd::Refused:
                facts.outcome = TcpOutcome::Refused;
                break;
            case net::TcpEnd::Timeout:
                facts.outcome = TcpOutcome::Timeout;
                break;
            case net::TcpEnd::Unreachable:
                facts.outcome = TcpOutcome::Unreachable;
                break;
        }
        if (answer->error) facts.errors.push_back(errorOf(*answer->error));
        if (answer->end != net::TcpEnd::Timeout) {
            std::swap(packet.source, packet.destination);
            std::swap(packet.sourcePort, packet.destinationPort);
            packet.flow = pcapng::Flow::In;
            packet.ttl = 0;
            packet.tcpFlags = static_cast<std::uint8_t>(
                pcapng::kAcknowledge | (answer->end == net::TcpEnd::Connected ? pcapng::kSyn : pcapng::kReset));
            if (answer->error) {
                packet.transport = pcapng::Transport::Icmp;
                packet.source = answer->error->from;
                packet.icmpType = answer->error->type;
                packet.icmpCode = answer->error->code;
                packet.icmpRest = answer->error->mtu;
            }
            job_.keep(packet, {}, step, "");
        }
        return facts;
    }

    std::shared_ptr<TracePeer> peerOf(Ip4 target) override {
        // What is measured for another service must not ask a third one.
        return peers_ == Peers::Ask && owner_.peers_ != nullptr ? owner_.peers_->peerOf(target) : nullptr;
    }

private:
    ChatLine::State state() { return owner_.line_.state().value_or({}); }
    Result<void> openEcho() {
        if (echo_) return {};
        auto opened = net::EchoSocket::open();
        if (!opened) return opened.error();
        echo_ = std::move(*opened);
        return {};
    }
    void begins(TraceStep step) {
        const std::lock_guard hold{job_.lock};
        job_.step = step;
    }
    /// At most 20 packets a second.
    void pace() {
        if (lastPacketAt_ != TimePoint{} && now() - lastPacketAt_ < kPacketGap)
            pause(kPacketGap - (now() - lastPacketAt_));
        lastPacketAt_ = now();
    }
    /// The system's resolver may take its time; the trace does not wait for it.
    template <class T, class Work>
    Result<T> bounded(Work work) {
        auto promise = std::make_shared<std::promise<Result<T>>>();
        auto future = promise->get_future();
        const auto asked = owner_.names_.submit("trace names", now() + kNamePatience, std::move(work),
                                                [promise](Result<T> result) { promise->set_value(std::move(result)); });
        if (!asked) return asked.error();
        if (future.wait_for(kNamePatience + 500ms) == std::future_status::ready) return future.get();
        return Error{Code::Timeout, "The name service did not answer within 2 s.", "",
                     "Look at the DNS of this computer."};
    }

    TraceIo& owner_;
    Job& job_;
    const Peers peers_;
    std::unique_ptr<net::EchoSocket> echo_;
    TimePoint lastPacketAt_{};
    std::uint32_t echoes_ = 0;
};

TraceIo::TraceIo(ChatLine& line, TraceKeeper& keeper, net::WorkPool& names, Log& log)
    : line_(line), keeper_(keeper), names_(names), log_(log) {}

TraceIo::~TraceIo() {
    stopAll();
}

void TraceIo::restore() {
    auto kept = keeper_.load();
    state_.with([&](State& state) {
        for (auto& report : kept) {
            if (report.state == TraceState::Running) {
                report.state = TraceState::Stopped;
                report.trouble = "The service ended while it ran.";
            }
            state.lastId = std::max(state.lastId, report.id);
            state.reports[report.id] = std::move(report);
        }
    });
}

void TraceIo::stopAll() {
    isEnding_ = true;
    std::vector<std::shared_ptr<Job>> all;
    state_.with([&](State& state) {
        for (auto* jobs : {&state.jobs, &state.helping}) {
            for (auto& [id, job] : *jobs)
                all.push_back(job);
            jobs->clear();
        }
    });
    for (const auto& job : all)
        job->stop();
    for (const auto& job : all)
        job->join();
}

void TraceIo::arrived(const ChatLine::Arrival& arrival) {
    if (counting_ > 0 && !arrival.note.empty()) counted(arrival);
    if (running_ == 0) return;
    for (const auto& job : openJobs()) {
        const auto& heard = arrival.heard;
        TraceStep step{};
        {
            const std::lock_guard hold{job->lock};
            const bool isWatched = std::find_if(job->watched.begin(), job->watched.end(), [&](Ip4 each) {
                                       return each == heard.from || each.isAny();
                                   }) != job->watched.end();
            if (!isWatched || job->arrivals.size() >= kMostArrivals) continue;
            // Unasked packets are only counted: a flood of them must push out neither answers nor the capture.
            if (!heard.error && !heard.isAnswer() && ++job->unasked > kMostUnasked) continue;
            job->arrivals.push_back(heard);
            step = job->step;
        }
        pcapng::Packet packet;
        packet.flow = pcapng::Flow::In;
        packet.source = heard.error ? heard.error->from : heard.from;
        packet.destination = heard.error || heard.to.isAny() ? arrival.localAddress : heard.to;
        packet.ttl = heard.ttl;
        if (heard.error) {
            packet.transport = pcapng::Transport::Icmp;
            packet.icmpType = heard.error->type;
            packet.icmpCode = heard.error->code;
            packet.icmpRest = heard.error->mtu;
        } else {
            packet.sourcePort = heard.fromPort;
            packet.destinationPort = 2425;
        }
        job->keep(packet, arrival.bytes, step, heard.error ? "about a packet to " + heard.from.text() : "");
        job->wake.notify_all();
    }
}

void TraceIo::listRead(Ip4 client, bool isComplete, const std::vector<Ip4>& addresses) {
    if (running_ == 0) return;
    for (const auto& job : openJobs()) {
        {
            const std::lock_guard hold{job->lock};
            if (job->lists.size() < 16) job->lists.push_back({client, isComplete, addresses});
        }
        job->wake.notify_all();
    }
}

std::vector<std::shared_ptr<TraceIo::Job>> TraceIo::openJobs() {
    return state_.with([](State& state) {
        std::vector<std::shared_ptr<Job>> all;
        for (const auto* jobs : {&state.jobs, &state.helping}) {
            for (const auto& [id, job] : *jobs)
                if (!job->isFinished) all.push_back(job);
        }
        return all;
    });
}

// For linked services -------------------------------------------------------------------------------------------------

Result<std::uint64_t> TraceIo::help(Ip4 target, std::uint16_t port, const std::vector<TraceStep>& steps, Help told) {
    if (const auto line = line_.state(); !line) return line.error();
    joinFinished();
    auto job = std::make_shared<Job>();
    const bool hasRoom = !isEnding_ && state_.with([&](State& state) {
        if (state.helping.size() >= kMostHelped) return false;
        job->id = ++state.lastHelp;
        state.helping[job->id] = job;
        return true;
    });
    if (!hasRoom)
        return Error{Code::Busy, "The other service measures for sixteen others already.", "",
                     "Try again in a minute."};
    TraceReport report;
    report.request.to = target.text();
    report.request.only = steps;
    report.startedAt = net::EventLoop::now();
    ++running_;
    const std::lock_guard hold{job->joinLock};
    job->thread = std::thread([this, job, port, report = std::move(report), told = std::move(told)]() mutable {
        World world(*this, *job, World::Peers::Leave);
        std::size_t done = 0;
        const auto tell = [&](const TraceReport& now) {
            // Rows are measured in their order.
            for (; done < now.rows.size(); ++done) {
                const auto grade = now.rows[done].grade;
                if (grade == TraceGrade::Waiting || grade == TraceGrade::Running) break;
                told.row(now.rows[done]);
            }
        };
        TraceRunner runner(world, std::move(report), tell);
        runner.setPort(port);
        const auto finished = runner.run();
        tell(finished);
        if (finished.state == TraceState::Failed) {
            told.done(Error{Code::BadInput, finished.trouble, "", ""});
        } else {
            told.done(runner.evidence().aToY);
        }
        job->isFinished = true;
        --running_;
    });
    return job->id;
}

void TraceIo::stopHelp(std::uint64_t id) {
    const auto job = state_.with([id](State& state) {
        const auto at = state.helping.find(id);
        return at == state.helping.end() ? nullptr : at->second;
    });
    if (job) job->stop();
}

bool TraceIo::beginCount(const std::string& mark) {
    constexpr std::size_t kMostCounts = 8;
    constexpr Duration kLife = 20s;
    const auto now = net::EventLoop::now();
    return state_.with([&](State& state) {
        std::erase_if(state.counts, [&](const auto& each) { return now >= each.second.until; });
        if (state.counts.size() >= kMostCounts || state.counts.contains(mark)) return false;
        state.counts[mark].until = now + kLife;
        counting_ = static_cast<int>(state.counts.size());
        return true;
    });
}

unsigned TraceIo::sendCount(const std::string& mark, Ip4 to, unsigned count) {
    unsigned sent = 0;
    for (unsigned number = 0; number < count && !isEnding_; ++number) {
        if (number > 0) std::this_thread::sleep_for(kPacketGap);
        ChatProbe packet;
        packet.step = TraceStep::ChatProbe;
        packet.to = to;
        packet.question = ChatQuestion::Nothing;
        packet.note = link::countDatagram(mark, number);
        if (line_.send(packet)) ++sent;
    }
    return sent;
}

void TraceIo::counted(const ChatLine::Arrival& arrival) {
    const auto read = link::readCountDatagram(arrival.note);
    if (!read) return;
    state_.with([&](State& state) {
        const auto at = state.counts.find(read->mark);
        if (at == state.counts.end() || net::EventLoop::now() >= at->second.until) return;
        at->second.numbers.insert(read->number);
        at->second.source = arrival.heard.from;
        at->second.sourcePort = arrival.heard.fromPort;
    });
}

TraceIo::Counted TraceIo::takeCount(const std::string& mark) {
    return state_.with([&](State& state) {
        Counted counted;
        const auto at = state.counts.find(mark);
        if (at == state.counts.end()) return counted;
        counted.arrived = static_cast<unsigned>(at->second.numbers.size());
        counted.source = at->second.source;
        counted.sourcePort = at->second.sourcePort;
        state.counts.erase(at);
        counting_ = static_cast<int>(state.counts.size());
        return counted;
    });
}

bool TraceIo::hasChatPort() {
    const auto line = line_.state();
    return line && line->isListening;
}

Result<TraceReport> TraceIo::start(const TraceRequest& wanted, const std::string& by) {
    if (wanted.isOfDomain()) return startOfDomain(wanted, by);
    if (trimmed(wanted.to).empty() && wanted.toUser == 0)
        return refused(Code::BadInput, "It has no target.", "Name a user, an address or a host name.");
    if (wanted.repeatMinutes > TraceRequest::kMostRepeatMinutes)
        return refused(Code::BadInput, "It would run for more than a day.", "Repeat for at most 1440 minutes.");
    for (const auto& typed : {wanted.from, wanted.to}) {
        if (typed.size() > 253)
            return refused(Code::BadInput, "A name is longer than 253 bytes.",
                           "Name a user, an address or a host name.");
        const auto address = Ip4::parse(trimmed(typed));
        // The system would read "1.2.3" or "010.0.0.1" as some address, never as the one that was meant.
        const bool looksLikeAddress =
            typed.find_first_not_of("0123456789. ") == std::string::npos && typed.find('.') != std::string::npos;
        if (!address && looksLikeAddress)
            return refused(Code::BadInput, "That is no IPv4 address.",
                           "Write four numbers from 0 to 255, such as 10.7.2.14.");
        if (address && !address->canBeHost())
            return refused(Code::BadInput, "The address cannot be that of one computer.",
                           "Name the address of one computer, such as 10.7.2.14.");
    }
    const auto line = line_.state();
    if (!line) return line.error();
    joinFinished();
    // "causewayctl users" shows numbers, so numbers are users.
    auto numbered = wanted;
    if (const auto id = parseUnsigned(trimmed(wanted.to)); id && wanted.toUser == 0) numbered.toUser = *id;
    if (const auto id = parseUnsigned(trimmed(wanted.from)); id && wanted.fromUser == 0) numbered.fromUser = *id;
    if (numbered.toUser != 0 || numbered.fromUser != 0) {
        const auto users = line_.users();
        if (!users) return users.error();
        for (const auto id : {numbered.toUser, numbered.fromUser}) {
            if (id != 0 &&
                std::none_of(users->begin(), users->end(), [id](const LanUser& each) { return each.id == id; }))
                return refused(Code::NotFound, "The directory has no user with this number.",
                               "Choose him from the list again.");
        }
    }
    TraceReport report;
    report.request = numbered;
    report.request.from = trimmed(wanted.from);
    report.request.to = trimmed(wanted.to);
    report.x = wanted.from;
    report.y = wanted.to;
    return begin(std::move(report), by,
                 [this](const std::shared_ptr<Job>& job, const TraceReport& begun) { return runPair(job, begun); });
}

Result<TraceReport> TraceIo::startOfDomain(const TraceRequest& wanted, const std::string& by) {
    if (domains_ == nullptr) {
        return refused(Code::Unavailable, "This service keeps no chat domains.",
                       "Trace at the service that has the domain.");
    }
    joinFinished();
    TraceReport report;
    report.request.user = trimmed(wanted.user);
    report.request.domain = trimmed(wanted.domain);
    report.request.resolvers = wanted.resolvers;
    report.request.isQuick = false;
    const auto target = domainTargetOf(report.request);
    if (target.domain.empty() || (!report.request.user.empty() && target.user.empty())) {
        return refused(Code::BadInput, "That is no address of a chat domain.",
                       "Write it as alice@chat.example.com, or name the domain alone.");
    }
    report.y = report.request.user.empty() ? report.request.domain : report.request.user;
    return begin(std::move(report), by,
                 [this, password = wanted.password](const std::shared_ptr<Job>& job, const TraceReport& begun) {
                     DomainRunner runner{
                         *domains_,
                         {[] { return net::EventLoop::now(); }, [job] { return job->isStopped.load(); }},
                         begun,
                         password,
                         [this](const TraceReport& now) { put(now); }};
                     return runner.run();
                 });
}

Result<TraceReport> TraceIo::begin(TraceReport report, const std::string& by, Work work) {
    auto job = std::make_shared<Job>();
    const bool hasRoom = state_.with([&](State& state) {
        const auto open = std::count_if(state.jobs.begin(), state.jobs.end(),
                                        [](const auto& each) { return !each.second->isFinished; });
        if (open >= static_cast<std::ptrdiff_t>(kMostRunning)) return false;
        report.id = job->id = ++state.lastId;
        report.by = by;
        report.startedAt = net::EventLoop::now();
        report.revision = 1;
        state.reports[report.id] = report;
        state.jobs[report.id] = job;
        return true;
    });
    if (!hasRoom) return refused(Code::Busy, "Four traces run already.", "Wait for one of them, or stop one.");
    ++running_;
    keeper_.save(report);
    {
        const std::lock_guard hold{job->joinLock};
        job->thread = std::thread([this, job, report, work = std::move(work)] { finish(job, work(job, report)); });
    }
    return report;
}

TraceReport TraceIo::runPair(const std::shared_ptr<Job>& job, const TraceReport& report) {
    World world(*this, *job, World::Peers::Ask);
    const auto counted = [&job](TraceReport& each) {
        const std::lock_guard hold{job->lock};
        each.packetsSent = job->sent;
        each.packetsReceived = job->received;
    };
    TraceRunner runner(world, report, [&](const TraceReport& now) {
        auto copy = now;
        counted(copy);
        put(copy);
    });
    auto finished = runner.run();
    counted(finished);
    return finished;
}

void TraceIo::finish(const std::shared_ptr<Job>& job, TraceReport finished) {
    const auto id = finished.id;
    put(finished);
    keeper_.save(finished);
    const auto* verdict = finished.verdict();
    log_.write(LogLevel::Info, "TRACE_FINISHED",
               "Trace " + std::to_string(id) + " from " + finished.x + " to " + finished.y + ": " +
                   (verdict ? wordOf(verdict->code) : finished.trouble.c_str()) + ", " +
                   std::to_string(finished.packetsSent) + " packets sent.");
    job->isFinished = true;
    --running_;
    // Old reports and captures make room.
    std::vector<std::uint64_t> gone;
    std::vector<std::shared_ptr<Job>> idle;
    state_.with([&](State& state) {
        while (state.reports.size() > kMostKept) {
            const auto oldest = state.reports.begin()->first;
            if (const auto at = state.jobs.find(oldest); at != state.jobs.end() && !at->second->isFinished) break;
            gone.push_back(oldest);
            state.reports.erase(state.reports.begin());
        }
        while (state.jobs.size() > kKeptCaptures) {
            const auto at = std::find_if(state.jobs.begin(), state.jobs.end(),
                                         [&](const auto& each) { return each.second->isFinished && each.first != id; });
            if (at == state.jobs.end()) break;
            idle.push_back(at->second);
            state.jobs.erase(at);
        }
    });
    for (const auto& each : idle)
        each->join();
    for (const auto each : gone) {
        keeper_.remove(each);
        if (observer_ != nullptr) observer_->traceRemoved(each);
    }
}

void TraceIo::joinFinished() {
    std::vector<std::shared_ptr<Job>> done;
    state_.with([&](State& state) {
        for (auto& [id, job] : state.jobs)
            if (job->isFinished) done.push_back(job);
        for (auto at = state.helping.begin(); at != state.helping.end();) {
            if (at->second->isFinished) {
                done.push_back(at->second);
                at = state.helping.erase(at);
            } else {
                ++at;
            }
        }
    });
    for (const auto& job : done)
        job->join();
}

void TraceIo::put(const TraceReport& report) {
    state_.with([&](State& state) {
        if (const auto at = state.reports.find(report.id); at != state.reports.end()) at->second = report;
    });
    if (observer_ != nullptr) observer_->traceChanged(report.id);
}

Result<TraceReport> TraceIo::stop(std::uint64_t id) {
    const auto job = state_.with([&](State& state) {
        const auto at = state.jobs.find(id);
        return at == state.jobs.end() ? nullptr : at->second;
    });
    if (job && !job->isFinished) job->stop();
    return trace(id);
}

Result<TraceReport> TraceIo::trace(std::uint64_t id) {
    auto found = state_.with([&](State& state) -> std::optional<TraceReport> {
        const auto at = state.reports.find(id);
        if (at == state.reports.end()) return std::nullopt;
        return at->second;
    });
    if (found) return *found;
    return Error{Code::NotFound, "There is no trace " + std::to_string(id) + ".", "It was removed, or never was.",
                 "Choose one from the list."};
}

Result<std::vector<TraceReport>> TraceIo::traces() {
    return state_.with([&](State& state) {
        std::vector<TraceReport> all;
        for (auto at = state.reports.rbegin(); at != state.reports.rend(); ++at) {
            all.push_back(at->second);
            for (auto& row : all.back().rows) {
                row.details.clear();
                row.path.reset();
            }
        }
        return all;
    });
}

Result<void> TraceIo::remove(std::uint64_t id) {
    std::shared_ptr<Job> job;
    enum class Outcome { Removed, Running, Unknown };
    const auto outcome = state_.with([&](State& state) {
        const auto at = state.reports.find(id);
        if (at == state.reports.end()) return Outcome::Unknown;
        if (const auto running = state.jobs.find(id); running != state.jobs.end()) {
            if (!running->second->isFinished) return Outcome::Running;
            job = running->second;
            state.jobs.erase(running);
        }
        state.reports.erase(at);
        return Outcome::Removed;
    });
    if (job) job->join();
    if (outcome == Outcome::Unknown) return trace(id).error();
    if (outcome == Outcome::Running) {
        return Error{Code::Conflict, "The trace was not removed.", "It runs.", "Stop it first."};
    }
    keeper_.remove(id);
    if (observer_ != nullptr) observer_->traceRemoved(id);
    return {};
}

Result<std::string> TraceIo::capture(std::uint64_t id) {
    const auto report = trace(id);
    if (!report) return report.error();
    if (report->request.isOfDomain()) {
        return Error{Code::NotFound, "Trace " + std::to_string(id) + " has no packets.",
                     "The trace of a login asks by the checks of the chat domains, which keep none.",
                     "Its report has all that was measured."};
    }
    const auto job = state_.with([&](State& state) {
        const auto at = state.jobs.find(id);
        return at == state.jobs.end() ? nullptr : at->second;
    });
    if (!job) {
        return Error{Code::NotFound, "The packets of trace " + std::to_string(id) + " are not kept any more.",
                     "Packets stay in memory for the last eight traces, until the service ends.", "Trace again."};
    }
    std::string verdict = "Trace from " + report->x + " to " + report->y;
    if (const auto* said = report->verdict())
        verdict += std::string(": ") + wordOf(said->code) + ", " + wordOf(said->certainty);
    pcapng::Writer writer("rebuilt from the sockets of causewayd", verdict);
    const std::lock_guard hold{job->lock};
    for (const auto& kept : job->packets) {
        auto packet = kept.packet;
        packet.at = kept.at;
        packet.payload = kept.payload;
        const auto comment =
            kept.comment + (report->verdict() ? ". Verdict: " + std::string(wordOf(report->verdict()->code)) : "");
        packet.comment = comment;
        if (!writer.add(packet)) break;
    }
    return writer.takeFile();
}

}  // namespace causeway::trace
