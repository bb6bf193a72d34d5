#pragma once

#include "service/discovery/lan_io.h"
#include "service/store/store_port.h"
#include "service/trace/trace_io.h"

namespace causeway::app {

/// Lets traces speak and hear through the LAN directory.
class LanChatLine final : public trace::ChatLine, public discovery::LanTap {
public:
    LanChatLine(net::EventLoop& loop, discovery::LanIo& lan) : loop_(loop), lan_(lan) {}
    /// Where to pass on what is heard; on the loop, or before it runs.
    void setTraces(trace::TraceIo* traces) { traces_ = traces; }

    Result<State> state() override;
    Result<std::vector<LanUser>> users() override;
    Result<Sent> send(const trace::ChatProbe& probe) override;
    Result<Sent> broadcast(const LanInterface& interface) override;
    Result<void> readList(Ip4 client) override;

    void received(const net::UdpDatagram& datagram) override;
    void refused(const net::UdpRefusal& refusal) override;

private:
    template <class F>
    auto ask(const char* name, F work) {
        return loop_.ask(name, Duration{2000}, std::move(work));
    }
    Result<Sent> ask(const discovery::LanProbe& probe);

    net::EventLoop& loop_;
    discovery::LanIo& lan_;
    trace::TraceIo* traces_ = nullptr;
};

/// Keeps reports of traces in the store, as the JSON of the admin interface.
class StoreTraceKeeper final : public trace::TraceKeeper {
public:
    StoreTraceKeeper(store::StorePort& store, Log& log) : store_(store), log_(log) {}
    std::vector<TraceReport> load() override;
    void save(const TraceReport& report) override;
    void remove(std::uint64_t id) override { store_.removeTraceLater(id); }

private:
    store::StorePort& store_;
    Log& log_;
};

}  // namespace causeway::app
