#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "service/discovery/directory.h"
#include "shared/proto/ipmsg/packet.h"

/// A network of segments behind one router, in one process and on fake time. A mock: the real clients run in
/// tests/integration; here thousands of them run, and packets get lost on purpose.
namespace causeway::test {

class FakeLan;

/// A set of addresses by their number in the FakeLan.
class HostSet {
public:
    /// True if it was not there.
    bool insert(std::uint32_t number);
    bool erase(std::uint32_t number);
    bool contains(std::uint32_t number) const;
    void clear();
    std::size_t size() const { return size_; }
    std::size_t sizeWith(const HostSet& other) const;  ///< of what both hold
    /// Calls use(number) for the members from the `skip`th on, ascending, while it returns true.
    void walk(std::size_t skip, const std::function<bool(std::uint32_t)>& use) const;

private:
    std::vector<std::uint64_t> words_;
    std::size_t size_ = 0;
};

/// What a packet is for; traffic is counted by it.
enum class Traffic : std::uint8_t { Entry, Answer, Introduction, Info, Look, WholeLook, SignedList, PlainList, Other };
constexpr std::size_t kTrafficKinds = 9;
const char* nameOf(Traffic traffic);

/// One packet on the wire. Many receivers share it, and it is read once for all of them.
class FakePacket {
public:
    FakePacket(discovery::Datagram bytes, bool isForeign);
    const std::string& bytes() const { return *bytes_; }
    std::size_t wireBytes() const { return bytes_->size() + 28; }
    bool isDict() const { return isDict_; }
    Traffic traffic() const { return traffic_; }
    const std::optional<ipmsg::Packet>& classic() const;
    /// A signed list as its receivers read it.
    struct ListDict {
        bool isList = false;
        bool isSound = false;
        std::vector<std::pair<std::uint32_t, bool>> users;  ///< number in the FakeLan, present
    };
    const ListDict& list(FakeLan& lan) const;

private:
    discovery::Datagram bytes_;
    bool isDict_;
    Traffic traffic_;
    mutable bool isRead_ = false;
    mutable std::optional<ipmsg::Packet> classic_;
    mutable ListDict list_;
};

class FakeHost {
public:
    FakeHost(FakeLan& lan, Ip4 address);
    virtual ~FakeHost() = default;
    virtual void receive(Ip4 from, std::uint32_t fromNumber, Ip4 to, const FakePacket& packet) = 0;
    Ip4 address() const { return address_; }
    std::uint32_t lanNumber() const { return lanNumber_; }
    bool isUp = true;
    bool isClient = true;  ///< its traffic counts

    std::uint64_t packets = 0;  ///< in and out
    std::uint64_t byteCount = 0;

protected:
    FakeLan& lan_;
    Ip4 address_;
    std::uint32_t lanNumber_;
};

class FakeLan {
public:
    explicit FakeLan(std::uint32_t seed) : random(seed), near_(kNearSlots) {}

    TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
    double loss = 0;
    bool isRouterStrict = true;  ///< reverse-path check: a source must come from its own segment
    std::minstd_rand random;
    std::uint64_t carried = 0;
    std::array<std::uint64_t, kTrafficKinds> clientBytes{};  ///< in and out of clients, by Traffic
    std::array<std::uint64_t, kTrafficKinds> clientPackets{};

    /// Before any host; prefixes up to /24.
    void addSegment(Network4 network);
    void add(FakeHost& host);
    /// `origin`: where the sender really sits; `from`: what the packet claims.
    void send(Ip4 origin, Ip4 from, Ip4 to, std::uint16_t toPort, discovery::Datagram bytes);
    void at(TimePoint when, std::function<void()> task);
    void after(Duration wait, std::function<void()> task) { at(now + wait, std::move(task)); }
    /// Runs everything up to that time.
    void run(Duration span);
    /// Runs until the condition holds or the span is over; true if it holds.
    bool runUntil(Duration span, const std::function<bool()>& condition);
    std::size_t segmentOf(Ip4 address) { return pageOf(address).segment; }
    /// A small number for each address that ever turns up.
    std::uint32_t numberOf(Ip4 address);
    Ip4 addressOf(std::uint32_t number) const { return addresses_[number]; }
    /// How the host appears in the list of a Windows client (facts 6.1).
    void setListEntry(std::uint32_t number, std::string entry);
    const std::string& listEntry(std::uint32_t number);
    /// Closed ports answer by ICMP; told to whoever sent from there.
    std::function<void(Ip4 sender, Ip4 target)> onRefused;

private:
    using PacketPtr = std::shared_ptr<const FakePacket>;
    static constexpr std::size_t kNearSlots = 8192;  ///< a power of two
    static constexpr std::uint32_t kNone = 0xFFFFFFFFU;
    struct Task {
        TimePoint when;
        std::uint64_t order;
        std::function<void()> run;
        bool operator<(const Task& other) const { return when != other.when ? when > other.when : order > other.order; }
    };
    struct Delivery {
        PacketPtr packet;
        FakeHost* host;
        Ip4 from;
        Ip4 to;
        std::uint32_t fromNumber;
    };
    /// What happens within one millisecond.
    struct Slot {
        std::vector<Delivery> deliveries;
        std::vector<std::function<void()>> tasks;
    };
    /// 256 addresses: what is known of each.
    struct Page {
        std::size_t segment = 0;
        std::array<std::uint32_t, 256> numbers{};
        std::array<FakeHost*, 256> hosts{};
    };
    Page& pageOf(Ip4 address);
    PacketPtr wrap(discovery::Datagram bytes, bool isForeign);
    void deliver(FakeHost& host, Ip4 from, std::uint32_t fromNumber, bool isLocal, Ip4 to, const PacketPtr& packet);
    void count(FakeHost& host, const FakePacket& packet);
    bool isLost();
    Slot& slotOf(TimePoint when) {
        return near_[static_cast<std::size_t>(when.time_since_epoch().count()) % kNearSlots];
    }
    void runSlot();

    std::vector<Network4> segments_;
    std::vector<std::vector<FakeHost*>> bySegment_;
    std::unordered_map<std::uint32_t, std::unique_ptr<Page>> pages_;
    std::vector<Ip4> addresses_;
    std::vector<std::string> listEntries_;
    /// The next 8 s, a millisecond a slot, for nearly everything happens there; what comes later waits in `far_`.
    std::vector<Slot> near_;
    std::size_t nearCount_ = 0;
    std::priority_queue<Task> far_;
    std::unordered_map<const std::string*, PacketPtr> lists_;  ///< signed lists, which go to many
    std::uint64_t order_ = 0;
};

/// Rules of iptux 0.8.3 (facts 1.2, 1.5, 1.6, 3.2, 5).
class FakeIptux final : public FakeHost {
public:
    FakeIptux(FakeLan& lan, Ip4 address, std::string name);
    void start();
    void refresh();
    void quit();  ///< says goodbye
    void crash() { isUp = false; }
    void receive(Ip4 from, std::uint32_t fromNumber, Ip4 to, const FakePacket& packet) override;
    bool sees(Ip4 other) const { return online_.contains(lan_.numberOf(other)); }
    const HostSet& seen() const { return online_; }
    std::uint64_t garbage = 0;  ///< IPDicts that it misread

private:
    void send(Ip4 to, std::uint32_t command, const std::string& body);
    void broadcast();
    std::string entryBody() const;

    std::string name_;
    std::uint32_t number_ = 0;
    HostSet online_;
    HostSet known_;
};

/// Rules of IP Messenger for Windows 4.99 (facts 1.3, 1.4, 1.7, 5, 6, 8.1, 9), older = without IPDict. `isMac`: the
/// rules of the Mac fork, which broadcasts an entry after each list.
class FakeWindows final : public FakeHost {
public:
    enum class Edition { Modern, Old, Mac };
    FakeWindows(FakeLan& lan, Ip4 address, std::string name, Edition edition);
    void start();
    void refresh();
    /// Another user works there from now on; tells nobody.
    void rename(const std::string& name);
    void quit();
    void crash() { isUp = false; }
    void receive(Ip4 from, std::uint32_t fromNumber, Ip4 to, const FakePacket& packet) override;
    bool sees(Ip4 other) const { return users_.contains(lan_.numberOf(other)); }
    const HostSet& seen() const { return users_; }
    std::uint64_t lists = 0;
    Duration leastListGap = Duration::max();  ///< between the end of a list and the next one
    std::uint64_t forbidden = 0;              ///< IPDicts to a client that did not announce them, broken lists

private:
    void send(Ip4 to, std::uint16_t port, std::uint32_t command, const std::string& body, const std::string& ext = {});
    void enter();
    std::string versionLine() const;
    std::string entryExt() const;
    std::uint32_t state() const;
    void noteList();
    void takeDict(const FakePacket& packet);
    void giveList(Ip4 to, std::uint16_t port, std::size_t start);

    std::string name_;
    std::string user_;
    Edition edition_;
    std::uint32_t number_ = 1700000000;
    bool isWindowOpen_ = false;
    TimePoint lastRefresh_{};
    HostSet users_;
    std::unordered_set<Ip4> dialUp_;
    TimePoint lastListPacket_{};
};

/// The directory of causewayd on one or more addresses.
class FakeServer final : public FakeHost {
public:
    FakeServer(FakeLan& lan, std::vector<LanInterface> interfaces, const discovery::ServerIdentity& identity,
               const discovery::LanConfig& config, bool canIntroduce, std::vector<RangeLine> ranges = {});
    void start();
    void receive(Ip4 from, std::uint32_t fromNumber, Ip4 to, const FakePacket& packet) override;
    /// A packet from nowhere.
    void receive(Ip4 from, std::uint16_t fromPort, Ip4 to, const std::string& bytes);
    void refused(Ip4 target);
    /// One sweep over the ranges at the set rate.
    void sweep(const std::vector<Ip4>& addresses);
    void pump();

    discovery::Directory directory;
    std::uint64_t sentPackets = 0;
    std::uint64_t sentBytes = 0;

    LanUser* userAt(Ip4 address);

private:
    std::vector<LanInterface> interfaces_;
    discovery::LanConfig config_;
    std::optional<LanUser> lookedUp_;
    std::vector<std::unique_ptr<FakeHost>> aliases_;
    TimePoint armedFor_ = TimePoint::max();
};

LanInterface interfaceOf(std::string name, std::string_view address, int prefix);
/// One key for a whole test program: making one takes a tenth of a second.
const discovery::ServerIdentity& testIdentity();

}  // namespace causeway::test
