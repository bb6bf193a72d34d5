#include "service/links/count_io.h"

#include <algorithm>
#include <utility>

namespace causeway::links {

using link::CountKind;

namespace {

constexpr std::size_t kMostWaiting = 500;

}  // namespace

CountPorts::CountPorts(net::EventLoop& loop, Log& log)
    : loop_(loop), log_(log), timer_(std::make_unique<net::LoopTimer>(loop, "link counts", [this] { sendNext(); })) {}

CountPorts::~CountPorts() {
    close();
}

Result<std::unique_ptr<net::UdpPort>> CountPorts::openPort(CountKind kind, Ip4 listen, std::uint16_t port) {
    net::UdpSettings settings;
    settings.listen = listen;
    settings.port = port;
    settings.allowBroadcast = false;
    settings.receiveBufferBytes = 64U << 10;
    auto opened = net::UdpPort::open(loop_, settings, log_);
    if (!opened) return opened.error();
    const auto real = (*opened)->localPort();
    (*opened)->onReceive([this, kind, real](const net::UdpDatagram& datagram) { arrived(kind, real, datagram); });
    return opened;
}

Result<void> CountPorts::open(Ip4 listen, std::uint16_t port) {
    auto opened = openPort(CountKind::Link, listen, port);
    if (!opened) return opened.error();
    link_ = std::move(*opened);
    return {};
}

void CountPorts::close() {
    if (timer_) timer_->cancel();
    waiting_.clear();
    tests_.clear();
    closeVoice();
    if (link_) link_->close();
    link_.reset();
}

void CountPorts::closeVoice() {
    for (auto& [number, port] : voice_)
        port->close();
    voice_.clear();
}

Result<void> CountPorts::begin(const std::string& mark, std::uint16_t firstVoice, std::uint16_t lastVoice,
                               TimePoint now) {
    tick(now);
    if (mark.size() < 8 || mark.size() > 64 || mark.find(' ') != std::string::npos || tests_.contains(mark))
        return Error{Code::BadInput, "The mark of the test cannot be used.", "", ""};
    if (tests_.size() >= kMostTests)
        return Error{Code::Busy, "Four counts of datagrams run already.", "", "Try again in half a minute."};
    auto& test = tests_[mark];
    test.until = now + kLife;
    if (firstVoice == 0) return {};
    if (firstVoice < 1024 || lastVoice < firstVoice || lastVoice - firstVoice >= kMostVoicePorts)
        return Error{Code::BadInput, "These are no voice ports: at most 16, all above 1023.", "", ""};
    for (unsigned number = firstVoice; number <= lastVoice; ++number) {
        const auto port = static_cast<std::uint16_t>(number);
        if (voice_.contains(port)) continue;
        auto opened = openPort(CountKind::Voice, Ip4{}, port);
        if (!opened) {
            const bool isNeeded =
                std::any_of(tests_.begin(), tests_.end(), [](const auto& each) { return each.second.hasVoice; });
            if (!isNeeded) closeVoice();
            return Error{opened.error().code, "The voice ports cannot be tested: " + opened.error().what,
                         opened.error().why,
                         "End that program for the test, or choose other ports (bases.voice_ports)."};
        }
        voice_[port] = std::move(*opened);
    }
    test.hasVoice = true;
    return {};
}

void CountPorts::arrived(CountKind kind, std::uint16_t port, const net::UdpDatagram& datagram) {
    if (tests_.empty()) return;
    const auto read = link::readCountDatagram(datagram.bytes);
    if (!read) return;
    const auto test = tests_.find(read->mark);
    if (test == tests_.end()) return;
    auto& arrived = test->second.arrived[{kind, port}];
    arrived.numbers.insert(read->number);
    arrived.source = datagram.from;
    arrived.sourcePort = datagram.fromPort;
}

void CountPorts::send(const std::string& mark, Ip4 to, std::uint16_t linkPort, bool hasVoice,
                      std::function<void()> done) {
    std::vector<Parcel> parcels;
    if (linkPort != 0 && link_) {
        for (unsigned number = 0; number < kLinkDatagrams; ++number)
            parcels.push_back({mark, to, CountKind::Link, linkPort, number, {}});
    }
    const auto test = tests_.find(mark);
    if (hasVoice && test != tests_.end() && test->second.hasVoice) {
        for (unsigned number = 0; number < kVoiceDatagrams; ++number) {
            for (const auto& each : voice_)
                parcels.push_back({mark, to, CountKind::Voice, each.first, number, {}});
        }
    }
    if (parcels.empty() || waiting_.size() + parcels.size() > kMostWaiting) {
        done();
        return;
    }
    parcels.back().done = std::move(done);
    const bool wasIdle = waiting_.empty();
    waiting_.insert(waiting_.end(), std::make_move_iterator(parcels.begin()), std::make_move_iterator(parcels.end()));
    if (wasIdle) sendNext();
}

void CountPorts::sendNext() {
    if (waiting_.empty()) return;
    auto parcel = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    const auto voice = voice_.find(parcel.port);
    auto* from = parcel.kind == CountKind::Link ? link_.get() : voice == voice_.end() ? nullptr : voice->second.get();
    if (const auto test = tests_.find(parcel.mark); test != tests_.end() && from != nullptr) {
        // A datagram that our own computer refuses was not sent: it would count as lost on the way.
        if (from->send(Ip4{}, parcel.to, parcel.port, link::countDatagram(parcel.mark, parcel.number)))
            ++test->second.sent[{parcel.kind, parcel.port}];
    }
    if (!waiting_.empty()) timer_->setAt(net::EventLoop::now() + kGap);
    if (parcel.done) parcel.done();
}

std::vector<link::PortCount> CountPorts::take(const std::string& mark) {
    std::vector<link::PortCount> counts;
    const auto at = tests_.find(mark);
    if (at == tests_.end()) return counts;
    const auto& test = at->second;
    const auto countOf = [&counts](CountKind kind, std::uint16_t port) -> link::PortCount& {
        for (auto& each : counts)
            if (each.kind == kind && each.port == port) return each;
        auto& made = counts.emplace_back();
        made.kind = kind;
        made.port = port;
        return made;
    };
    for (const auto& [where, sent] : test.sent)
        countOf(where.first, where.second).sent = static_cast<std::uint16_t>(sent);
    for (const auto& [where, arrived] : test.arrived) {
        auto& count = countOf(where.first, where.second);
        count.arrived = static_cast<std::uint16_t>(arrived.numbers.size());
        count.source = arrived.source;
        count.sourcePort = arrived.sourcePort;
    }
    tests_.erase(at);
    const bool isVoiceNeeded =
        std::any_of(tests_.begin(), tests_.end(), [](const auto& each) { return each.second.hasVoice; });
    if (!isVoiceNeeded) closeVoice();
    return counts;
}

void CountPorts::tick(TimePoint now) {
    std::vector<std::string> old;
    for (const auto& [mark, test] : tests_)
        if (now >= test.until) old.push_back(mark);
    for (const auto& mark : old)
        (void)take(mark);
}

}  // namespace causeway::links
