#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "service/discovery/directory.h"
#include "service/discovery/lan_port.h"
#include "service/net/event_loop.h"
#include "service/net/interfaces.h"
#include "service/net/udp_port.h"
#include "shared/base/log.h"

namespace causeway::discovery {

/// What the LAN directory needs kept on disk; service/app connects it with the store. Calls must not block.
class LanKeeper {
public:
    virtual ~LanKeeper() = default;
    virtual void saveUsers(std::vector<LanUser> users) = 0;
    virtual void removeUsers(std::vector<UserId> ids) = 0;
    virtual void addEvents(std::vector<std::pair<UserId, UserEvent>> events) = 0;
    virtual void savePacketNumber(std::uint32_t number) = 0;
    /// Any thread but a loop; may block for one query.
    virtual Result<std::vector<UserEvent>> events(UserId id) = 0;
};

/// Looks over the shoulder of the LAN directory: the packet trace hears what it hears. On the loop; must not block.
class LanTap {
public:
    virtual ~LanTap() = default;
    virtual void received(const net::UdpDatagram& datagram) = 0;
    virtual void refused(const net::UdpRefusal& refusal) = 0;
};

/// A question of the packet trace: NOOPERATION, GETINFO or BR_ENTRY.
struct LanProbe {
    Ip4 from;  ///< 0.0.0.0 = the system chooses
    Ip4 to;
    std::uint16_t port = ipmsg::kPort;
    ipmsg::Mode mode = ipmsg::Mode::GetInfo;
    std::size_t size = 0;  ///< padded to so many bytes
    net::UdpProbe how{};
    std::string note{};  ///< body of a NOOPERATION
};

/// Moves bytes, time and changes between the LAN (UDP 2425), the Directory and the rest of the service.
/// Everything of the Directory happens on the loop; the LanPort side is for any other thread.
class LanIo final : public LanPort {
public:
    struct Options {
        Ip4 listen;
        std::uint16_t port = ipmsg::kPort;
        std::string excludedInterfaces;  ///< names separated by commas
    };

    LanIo(net::EventLoop& loop, Log& log, LanKeeper& keeper, ServerIdentity identity, const LanConfig& config,
          std::uint32_t firstPacketNumber);
    ~LanIo() override;

    void setObserver(LanObserver* observer) { observer_ = observer; }
    /// Told on the loop after each step in which addresses proved themselves or lists were read.
    void onSightings(std::function<void(const std::vector<Sighting>&)> told) { sightings_ = std::move(told); }
    void onReadings(std::function<void(const std::vector<ListReading>&)> told) { readings_ = std::move(told); }
    /// Told on the loop for each datagram that the system did not take.
    void onSendFailed(std::function<void(Ip4 to, const Error& error)> told) { sendFailedTold_ = std::move(told); }
    void onInterfaces(std::function<void(const std::vector<LanInterface>&)> told) { interfacesTold_ = std::move(told); }

    void restore(const std::vector<LanUser>& users, UserId highestId);
    /// Binds the port and begins. Errors: those of UdpPort::open; the service goes on without the LAN then and status()
    /// tells why. Called before the loop starts, or on it.
    Result<void> open(const Options& options);
    /// Says goodbye twice and closes; on the loop.
    void close();

    // On the loop:
    Directory& directory() { return directory_; }
    void setConfig(const LanConfig& config, const std::string& excludedInterfaces);
    void setRanges(std::vector<RangeLine> ranges);
    void setBases(std::vector<BaseSite> bases);
    /// Sends what the directory wants sent and sets the next wake-up. After every call into directory().
    void pump();
    const std::vector<LanInterface>& interfaces() const { return interfaces_; }
    const std::vector<BaseSite>& bases() const { return bases_; }
    bool isListening() const { return port_ != nullptr; }
    const std::string& problem() const { return problem_; }
    /// Null ends it. Set on the loop.
    void setTap(LanTap* tap) { tap_ = tap; }
    /// Sends a question of the trace at once; its bytes. Errors: Unavailable (not listening), those of
    /// UdpPort::sendProbe.
    Result<std::string> sendProbe(const LanProbe& probe);

    // LanPort, any other thread:
    Result<LanStatus> status() override;
    Result<std::vector<LanUser>> usersAfter(UserId after, std::size_t most) override;
    Result<std::vector<LanUser>> usersById(std::span<const UserId> ids) override;
    Result<LanUser> user(UserId id) override;
    Result<std::vector<UserEvent>> history(UserId id) override;
    Result<void> probe(UserId id) override;
    Result<void> ignoreInstability(UserId id, std::optional<TimePoint> until) override;
    Result<void> forget(UserId id) override;
    std::vector<Problem> problems();

private:
    void interfacesChanged(const std::vector<LanInterface>& all);
    void applySegments();
    void send(const Outgoing& packet);
    template <class F>
    auto ask(const char* name, F work) {
        return loop_.ask(name, Duration{2000}, std::move(work));
    }

    net::EventLoop& loop_;
    Log& log_;
    LanKeeper& keeper_;
    Directory directory_;
    std::string name_;
    bool introductionsOn_ = false;
    Options options_;
    std::unique_ptr<net::UdpPort> port_;
    std::unique_ptr<net::InterfaceWatch> watch_;
    std::unique_ptr<net::LoopTimer> timer_;
    LanObserver* observer_ = nullptr;
    LanTap* tap_ = nullptr;
    std::function<void(const std::vector<Sighting>&)> sightings_;
    std::function<void(const std::vector<ListReading>&)> readings_;
    std::function<void(Ip4, const Error&)> sendFailedTold_;
    std::function<void(const std::vector<LanInterface>&)> interfacesTold_;
    std::vector<LanInterface> interfaces_;
    std::vector<Ip4> ownAddresses_;
    std::vector<BaseSite> bases_;
    std::vector<RangeLine> ranges_;
    std::string problem_;
    bool hasLoggedSendTrouble_ = false;
    std::uint64_t packetsIn_ = 0, packetsOut_ = 0, bytesIn_ = 0, bytesOut_ = 0, sendFailures_ = 0;
    std::uint32_t savedNumber_ = 0;
};

}  // namespace causeway::discovery
