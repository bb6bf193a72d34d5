#include "service/discovery/lan_io.h"

#include <algorithm>

#include "shared/base/text.h"

namespace causeway::discovery {

namespace {
// Packet numbers are saved ahead in steps, so that a crash never makes them fall.
constexpr std::uint32_t kNumberStep = 10000;
}  // namespace

LanIo::LanIo(net::EventLoop& loop, Log& log, LanKeeper& keeper, ServerIdentity identity, const LanConfig& config,
             std::uint32_t firstPacketNumber)
    : loop_(loop),
      log_(log),
      keeper_(keeper),
      directory_(std::move(identity), config, firstPacketNumber, net::EventLoop::now()),
      introductionsOn_(config.introductions),
      savedNumber_(firstPacketNumber) {
    timer_ = std::make_unique<net::LoopTimer>(loop_, "lan tick", [this] {
        directory_.tick(net::EventLoop::now());
        pump();
    });
}

LanIo::~LanIo() = default;

void LanIo::restore(const std::vector<LanUser>& users, UserId highestId) {
    directory_.restore(users, highestId, net::EventLoop::now());
}

Result<void> LanIo::open(const Options& options) {
    options_ = options;
    net::UdpSettings settings;
    settings.listen = options.listen;
    settings.port = options.port;
    settings.wantForeignSource = true;
    auto opened = net::UdpPort::open(loop_, settings, log_);
    if (!opened) {
        problem_ = opened.error().text();
        log_.write(LogLevel::Error, "LAN_LISTEN_FAILED", problem_);
        return opened.error();
    }
    port_ = std::move(*opened);
    port_->onReceive([this](const net::UdpDatagram& datagram) {
        ++packetsIn_;
        bytesIn_ += datagram.bytes.size();
        if (tap_ != nullptr) tap_->received(datagram);
        directory_.receive({datagram.from, datagram.fromPort, datagram.localAddress, datagram.bytes},
                           net::EventLoop::now());
        pump();
    });
    port_->onRefusal([this](const net::UdpRefusal& refusal) {
        if (tap_ != nullptr) tap_->refused(refusal);
        directory_.refused(refusal.target, refusal.icmpType, refusal.icmpCode, net::EventLoop::now());
        pump();
    });
    problem_.clear();
    const auto now = net::EventLoop::now();
    interfacesChanged(net::ipv4Interfaces());
    directory_.setCanIntroduce(port_->canSendAs(), now);
    directory_.start(now);
    watch_ = std::make_unique<net::InterfaceWatch>(loop_, [this](const std::vector<LanInterface>& all) {
        interfacesChanged(all);
        pump();
    });
    loop_.post("lan start", [this] {
        directory_.tick(net::EventLoop::now());
        pump();
    });
    return {};
}

void LanIo::close() {
    if (!port_) return;
    // Twice, as the clients do: one of them may get lost.
    for (int round = 0; round < 2; ++round) {
        directory_.sayGoodbye();
        for (const auto& packet : directory_.takePackets())
            send(packet);
    }
    pump();
    keeper_.savePacketNumber(directory_.lastPacketNumber());
    std::vector<LanUser> all = directory_.usersAfter(0, directory_.book().size(), net::EventLoop::now());
    keeper_.saveUsers(std::move(all));
    timer_->cancel();
    watch_.reset();
    port_->close();
    port_.reset();
}

void LanIo::interfacesChanged(const std::vector<LanInterface>& all) {
    interfaces_.clear();
    ownAddresses_.clear();
    const auto excluded = split(options_.excludedInterfaces, ',');
    for (const auto& interface : all) {
        ownAddresses_.push_back(interface.address);
        if (interface.isLoopback) continue;
        const bool isExcluded = std::any_of(excluded.begin(), excluded.end(),
                                            [&](std::string_view name) { return trimmed(name) == interface.name; });
        // Bound to one address: only its segment is ours.
        if (isExcluded || (!options_.listen.isAny() && interface.address != options_.listen)) continue;
        interfaces_.push_back(interface);
    }
    applySegments();
    if (interfacesTold_) interfacesTold_(interfaces_);
}

void LanIo::applySegments() {
    directory_.setSegments(interfaces_, ownAddresses_, bases_, ranges_, net::EventLoop::now());
}

void LanIo::setConfig(const LanConfig& config, const std::string& excludedInterfaces) {
    introductionsOn_ = config.introductions;
    directory_.setConfig(config, net::EventLoop::now());
    if (excludedInterfaces != options_.excludedInterfaces) {
        options_.excludedInterfaces = excludedInterfaces;
        interfacesChanged(net::ipv4Interfaces());
    }
    pump();
}

void LanIo::setRanges(std::vector<RangeLine> ranges) {
    ranges_ = std::move(ranges);
    applySegments();
    pump();
}

void LanIo::setBases(std::vector<BaseSite> bases) {
    bases_ = std::move(bases);
    applySegments();
    pump();
}

void LanIo::send(const Outgoing& packet) {
    if (!port_) return;
    const auto sent = packet.isForeign ? port_->sendAs(packet.from, packet.to, packet.port, *packet.bytes)
                                       : port_->send(packet.from, packet.to, packet.port, *packet.bytes);
    if (sent) {
        ++packetsOut_;
        bytesOut_ += packet.bytes->size();
        hasLoggedSendTrouble_ = false;
        return;
    }
    ++sendFailures_;
    if (sendFailedTold_) sendFailedTold_(packet.to, sent.error());
    // No route to a range, a full buffer: UDP may lose packets, every question is repeated. One line, not thousands.
    if (!hasLoggedSendTrouble_) {
        hasLoggedSendTrouble_ = true;
        log_.write(LogLevel::Debug, "LAN_SEND_FAILED", "To " + packet.to.text() + ": " + sent.error().text());
    }
}

Result<std::string> LanIo::sendProbe(const LanProbe& probe) {
    if (!port_) {
        return Error{Code::Unavailable, "The probe was not sent.", "The LAN directory does not listen on UDP 2425.",
                     "Look at the problem on the Overview page."};
    }
    auto bytes = directory_.traceQuestion(probe.mode, probe.size, probe.note);
    if (auto sent = port_->sendProbe(probe.from, probe.to, probe.port, bytes, probe.how); !sent) return sent.error();
    ++packetsOut_;
    bytesOut_ += bytes.size();
    return bytes;
}

void LanIo::pump() {
    const auto now = net::EventLoop::now();
    for (const auto& packet : directory_.takePackets())
        send(packet);
    for (const auto& line : directory_.takeLines())
        log_.write(line.level, line.id, line.text);
    const auto seen = directory_.takeSightings();
    if (!seen.empty() && sightings_) sightings_(seen);
    const auto read = directory_.takeReadings();
    if (!read.empty() && readings_) readings_(read);

    Changes changes = directory_.takeChanges();
    if (!changes.removed.empty()) {
        if (observer_ != nullptr) observer_->usersRemoved(changes.removed);
        keeper_.removeUsers(std::move(changes.removed));
    }
    if (!changes.changed.empty()) {
        if (observer_ != nullptr) observer_->usersChanged(changes.changed);
        std::vector<LanUser> users;
        users.reserve(changes.changed.size());
        for (const UserId id : changes.changed) {
            if (auto user = directory_.user(id, now)) users.push_back(std::move(*user));
        }
        keeper_.saveUsers(std::move(users));
    }
    if (!changes.events.empty()) keeper_.addEvents(std::move(changes.events));
    if (directory_.lastPacketNumber() >= savedNumber_) {
        savedNumber_ = directory_.lastPacketNumber() + kNumberStep;
        keeper_.savePacketNumber(savedNumber_);
    }
    if (port_) timer_->setAt(directory_.nextDeadline(now));
}

Result<LanStatus> LanIo::status() {
    return ask("lan status", [this] {
        LanStatus status;
        status.isListening = port_ != nullptr;
        status.listen = (port_ ? port_->localAddress() : options_.listen).text() + ":" +
                        std::to_string(port_ ? port_->localPort() : options_.port);
        status.problem = problem_;
        status.canIntroduce = port_ && port_->canSendAs();
        status.introductionsOn = introductionsOn_;
        const auto counts = directory_.counts();
        status.users = counts.users;
        status.present = counts.present;
        status.silent = counts.silent;
        status.gone = counts.gone;
        status.unconfirmed = counts.unconfirmed;
        status.unstable = counts.unstable;
        status.rumours = counts.rumours;
        status.packetsIn = packetsIn_;
        status.packetsOut = packetsOut_;
        status.bytesIn = bytesIn_;
        status.bytesOut = bytesOut_;
        status.packetsIgnored = directory_.ignoredPackets();
        status.listsSent = directory_.courier().listsSent();
        status.introductionsSent = directory_.courier().introductionsSent();
        status.introductionsQueued = directory_.courier().introductionsQueued();
        status.revision = directory_.book().revision();
        status.serverUser = directory_.identity().user;
        status.fingerprint = directory_.identity().key.fingerprint();
        status.interfaces = interfaces_;
        return status;
    });
}

Result<std::vector<LanUser>> LanIo::usersAfter(UserId after, std::size_t most) {
    return ask("lan users", [this, after, most] { return directory_.usersAfter(after, most, net::EventLoop::now()); });
}

Result<std::vector<LanUser>> LanIo::usersById(std::span<const UserId> ids) {
    return ask("lan users by id", [this, wanted = std::vector<UserId>(ids.begin(), ids.end())] {
        std::vector<LanUser> users;
        for (const UserId id : wanted) {
            if (auto user = directory_.user(id, net::EventLoop::now())) users.push_back(std::move(*user));
        }
        return users;
    });
}

Result<LanUser> LanIo::user(UserId id) {
    auto answer = ask("lan user", [this, id] { return directory_.user(id, net::EventLoop::now()); });
    if (!answer) return answer.error();
    return std::move(*answer);
}

Result<std::vector<UserEvent>> LanIo::history(UserId id) {
    if (auto known = user(id); !known) return known.error();
    return keeper_.events(id);
}

Result<void> LanIo::probe(UserId id) {
    auto answer = ask("lan probe", [this, id] {
        auto asked = directory_.probe(id);
        directory_.tick(net::EventLoop::now());
        pump();
        return asked;
    });
    if (!answer) return answer.error();
    return *answer;
}

Result<void> LanIo::ignoreInstability(UserId id, std::optional<TimePoint> until) {
    auto answer = ask("lan ignore", [this, id, until] {
        auto done = directory_.ignoreInstability(id, until, net::EventLoop::now());
        pump();
        return done;
    });
    if (!answer) return answer.error();
    return *answer;
}

Result<void> LanIo::forget(UserId id) {
    auto answer = ask("lan forget", [this, id] {
        auto done = directory_.forget(id);
        pump();
        return done;
    });
    if (!answer) return answer.error();
    return *answer;
}

std::vector<Problem> LanIo::problems() {
    auto answer = ask("lan problems", [this] { return directory_.problems(); });
    return answer ? std::move(*answer) : std::vector<Problem>{};
}

}  // namespace causeway::discovery
