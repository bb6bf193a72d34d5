#include "service/app/trace_line.h"

#include "shared/api/traces_json.h"

namespace causeway::app {

Result<trace::ChatLine::State> LanChatLine::state() {
    return ask("trace state", [this] {
        State state;
        state.isListening = lan_.isListening();
        state.problem = lan_.problem();
        state.interfaces = lan_.interfaces();
        state.bases = lan_.bases();
        return state;
    });
}

Result<std::vector<LanUser>> LanChatLine::users() {
    constexpr std::size_t kPage = 5000;
    std::vector<LanUser> all;
    for (UserId after = 0;;) {
        auto page = lan_.usersAfter(after, kPage);
        if (!page) return page.error();
        if (page->empty()) return all;
        after = page->back().id;
        const bool isLast = page->size() < kPage;
        std::move(page->begin(), page->end(), std::back_inserter(all));
        if (isLast) return all;
    }
}

Result<trace::ChatLine::Sent> LanChatLine::ask(const discovery::LanProbe& probe) {
    auto answer = ask("trace probe", [this, probe] { return lan_.sendProbe(probe); });
    if (!answer) return answer.error();
    if (!*answer) return answer->error();
    return Sent{probe.from, std::move(**answer)};
}

Result<trace::ChatLine::Sent> LanChatLine::send(const trace::ChatProbe& probe) {
    discovery::LanProbe wanted;
    wanted.to = probe.to;
    wanted.port = probe.port;
    wanted.size = probe.size;
    wanted.note = probe.note;
    wanted.how.ttl = probe.ttl;
    if (probe.isDontFragment)
        wanted.how.fragmentation = *probe.isDontFragment ? net::Fragmentation::Forbidden : net::Fragmentation::Allowed;
    switch (probe.question) {
        case trace::ChatQuestion::Nothing:
            wanted.mode = ipmsg::Mode::NoOperation;
            break;
        case trace::ChatQuestion::Version:
            wanted.mode = ipmsg::Mode::GetInfo;
            break;
        case trace::ChatQuestion::Entry:
            wanted.mode = ipmsg::Mode::BrEntry;
            break;
    }
    return ask(wanted);
}

Result<trace::ChatLine::Sent> LanChatLine::broadcast(const LanInterface& interface) {
    discovery::LanProbe wanted;
    wanted.from = interface.address;
    wanted.to = interface.broadcast;
    wanted.mode = ipmsg::Mode::BrEntry;
    return ask(wanted);
}

Result<void> LanChatLine::readList(Ip4 client) {
    return ask("trace list", [this, client] {
        lan_.directory().readListOf(client, net::EventLoop::now());
        lan_.pump();
    });
}

void LanChatLine::received(const net::UdpDatagram& datagram) {
    if (traces_ == nullptr || !traces_->isListening()) return;
    Arrival arrival;
    arrival.heard.at = net::EventLoop::now();
    arrival.heard.from = datagram.from;
    arrival.heard.fromPort = datagram.fromPort;
    arrival.heard.to = datagram.to;
    arrival.heard.ttl = datagram.ttl;
    arrival.localAddress = datagram.localAddress;
    if (!ipmsg::isIpDict(datagram.bytes)) {
        if (const auto packet = ipmsg::parsePacket(datagram.bytes); packet) {
            arrival.heard.mode = static_cast<std::uint8_t>(packet->mode());
            arrival.heard.number = packet->number;
            if (packet->mode() == ipmsg::Mode::NoOperation) arrival.note = packet->body;
        }
    }
    arrival.bytes = std::string(datagram.bytes);
    traces_->arrived(arrival);
}

void LanChatLine::refused(const net::UdpRefusal& refusal) {
    if (traces_ == nullptr || !traces_->isListening()) return;
    Arrival arrival;
    arrival.heard.at = net::EventLoop::now();
    arrival.heard.from = refusal.target;
    arrival.heard.fromPort = refusal.port;
    arrival.heard.error = IcmpError{refusal.reporter, static_cast<std::uint8_t>(refusal.icmpType),
                                    static_cast<std::uint8_t>(refusal.icmpCode), refusal.mtu};
    traces_->arrived(arrival);
}

std::vector<TraceReport> StoreTraceKeeper::load() {
    std::vector<TraceReport> reports;
    auto kept = store_.loadTraces(trace::TracePort::kMostKept);
    if (!kept) {
        log_.write(LogLevel::Warning, "TRACE_NOT_READ", kept.error().text());
        return reports;
    }
    for (const auto& text : *kept) {
        auto report = api::fromJson<TraceReport>(text);
        if (report) {
            reports.push_back(std::move(*report));
        } else {
            log_.write(LogLevel::Warning, "TRACE_NOT_READ", "A kept trace is left out: " + report.error().text());
        }
    }
    return reports;
}

void StoreTraceKeeper::save(const TraceReport& report) {
    store_.saveTraceLater(report.id, report.startedAt, api::toJson(report));
}

}  // namespace causeway::app
