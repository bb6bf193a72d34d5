#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "service/net/event_loop.h"
#include "service/net/udp_port.h"
#include "shared/base/log.h"
#include "shared/proto/link/message.h"

namespace causeway::links {

/// Numbered datagrams on the UDP port of the link and on the voice ports: sends them, and counts those that arrive with
/// the mark of an open test. It answers nothing: what has no mark of a test is dropped unread. Loop thread.
/// Bounds: four tests at once, each forgotten after 20 s; voice ports are open only while a test with voice is.
class CountPorts {
public:
    static constexpr unsigned kLinkDatagrams = 5;
    static constexpr unsigned kVoiceDatagrams = 2;  ///< a port
    static constexpr std::uint16_t kMostVoicePorts = 16;
    static constexpr std::size_t kMostTests = 4;
    static constexpr Duration kLife = 20s;
    static constexpr Duration kGap = 50ms;  ///< 20 packets a second

    CountPorts(net::EventLoop& loop, Log& log);
    ~CountPorts();

    /// Opens the UDP port of the link. Errors: those of net::UdpPort.
    Result<void> open(Ip4 listen, std::uint16_t port);
    void close();
    std::uint16_t linkPort() const { return link_ ? link_->localPort() : 0; }

    /// Begins to count datagrams with that mark. `firstVoice` 0: without voice.
    /// Errors: Busy (tests), BadInput (ports), and those of the voice ports, one sentence for the first that fails; the
    /// test without voice is open then all the same.
    Result<void> begin(const std::string& mark, std::uint16_t firstVoice, std::uint16_t lastVoice, TimePoint now);
    /// Sends paced; `done` comes when the last one left. The count of what was sent is part of take().
    void send(const std::string& mark, Ip4 to, std::uint16_t linkPort, bool hasVoice, std::function<void()> done);
    /// What was sent and what came, by port; the test ends.
    std::vector<link::PortCount> take(const std::string& mark);
    void tick(TimePoint now);  ///< forgets old tests

private:
    struct Arrived {
        std::set<unsigned> numbers;
        std::optional<Ip4> source;
        std::optional<std::uint16_t> sourcePort;
    };
    struct Test {
        TimePoint until{};
        bool hasVoice = false;
        std::map<std::pair<link::CountKind, std::uint16_t>, Arrived> arrived;
        std::map<std::pair<link::CountKind, std::uint16_t>, unsigned> sent;
    };
    struct Parcel {
        std::string mark;
        Ip4 to;
        link::CountKind kind = link::CountKind::Link;
        std::uint16_t port = 0;
        unsigned number = 0;
        std::function<void()> done;  ///< of the last one
    };
    Result<std::unique_ptr<net::UdpPort>> openPort(link::CountKind kind, Ip4 listen, std::uint16_t port);
    void arrived(link::CountKind kind, std::uint16_t port, const net::UdpDatagram& datagram);
    void sendNext();
    void closeVoice();

    net::EventLoop& loop_;
    Log& log_;
    std::unique_ptr<net::UdpPort> link_;
    std::map<std::uint16_t, std::unique_ptr<net::UdpPort>> voice_;
    std::map<std::string, Test> tests_;
    std::vector<Parcel> waiting_;
    std::unique_ptr<net::LoopTimer> timer_;
};

}  // namespace causeway::links
