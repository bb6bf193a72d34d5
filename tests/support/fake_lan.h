#pragma once

#include <cstdint>
#include <functional>
#include <map>
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

/// A network of segments behind one router, in one process and on fake time. A mock: the real clients run in
/// tests/integration; here thousands of them run, and packets get lost on purpose.
namespace causeway::test {

class FakeLan;

class FakeHost {
public:
    FakeHost(FakeLan& lan, Ip4 address) : lan_(lan), address_(address) {}
    virtual ~FakeHost() = default;
    virtual void receive(Ip4 from, std::uint16_t fromPort, Ip4 to, const std::string& bytes) = 0;
    Ip4 address() const { return address_; }
    bool isUp = true;

    std::uint64_t packets = 0;  ///< in and out
    std::uint64_t byteCount = 0;

protected:
    FakeLan& lan_;
    Ip4 address_;
};

class FakeLan {
public:
    explicit FakeLan(std::uint32_t seed) : random(seed) {}

    TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
    double loss = 0;
    bool isRouterStrict = true;  ///< reverse-path check: a source must come from its own segment
    std::minstd_rand random;
    std::uint64_t carried = 0;

    void addSegment(Network4 network) { segments_.push_back(network); }
    void add(FakeHost& host) {
        hosts_[host.address()] = &host;
        bySegment_[segmentOf(host.address())].push_back(&host);
    }
    /// `origin`: where the sender really sits; `from`: what the packet claims.
    void send(Ip4 origin, Ip4 from, Ip4 to, std::uint16_t toPort, std::string text);
    void at(TimePoint when, std::function<void()> task);
    void after(Duration wait, std::function<void()> task) { at(now + wait, std::move(task)); }
    /// Runs everything up to that time.
    void run(Duration span);
    /// Runs until the condition holds or the span is over; true if it holds.
    bool runUntil(Duration span, const std::function<bool()>& condition);
    std::size_t segmentOf(Ip4 address) const;
    /// A signed list as its receivers read it; the same bytes go to many of them and are read once.
    struct ListDict {
        bool isList = false;
        bool isSound = false;
        std::vector<std::pair<Ip4, bool>> users;  ///< address, present
    };
    const ListDict& readListDict(const std::string& bytes);
    /// Closed ports answer by ICMP; told to whoever sent from there.
    std::function<void(Ip4 sender, Ip4 target)> onRefused;

private:
    struct Task {
        TimePoint when;
        std::uint64_t order;
        std::function<void()> run;
        bool operator<(const Task& other) const { return when != other.when ? when > other.when : order > other.order; }
    };
    void deliver(FakeHost& host, Ip4 from, Ip4 to, const std::shared_ptr<const std::string>& bytes);
    bool isLost();

    std::vector<Network4> segments_;
    std::unordered_map<Ip4, FakeHost*> hosts_;
    std::map<std::size_t, std::vector<FakeHost*>> bySegment_;
    std::priority_queue<Task> tasks_;
    std::unordered_map<std::size_t, ListDict> lists_;
    std::uint64_t order_ = 0;
};

/// Rules of iptux 0.8.3 (facts 1.2, 1.5, 1.6, 3.2, 5).
class FakeIptux final : public FakeHost {
public:
    FakeIptux(FakeLan& lan, Ip4 address, std::string name) : FakeHost(lan, address), name_(std::move(name)) {}
    void start();
    void refresh();
    void quit();  ///< says goodbye
    void crash() { isUp = false; }
    void receive(Ip4 from, std::uint16_t fromPort, Ip4 to, const std::string& bytes) override;
    bool sees(Ip4 other) const { return online_.contains(other); }
    std::size_t seen() const { return online_.size(); }
    std::uint64_t garbage = 0;  ///< IPDicts that it misread

private:
    void send(Ip4 to, std::uint32_t command, const std::string& body);
    void broadcast();
    std::string entryBody() const;

    std::string name_;
    std::uint32_t number_ = 0;
    std::unordered_set<Ip4> online_;
    std::unordered_set<Ip4> known_;
};

/// Rules of IP Messenger for Windows 4.99 (facts 1.3, 1.4, 1.7, 5, 6, 8.1, 9), older = without IPDict. `isMac`: the
/// rules of the Mac fork, which broadcasts an entry after each list.
class FakeWindows final : public FakeHost {
public:
    enum class Edition { Modern, Old, Mac };
    FakeWindows(FakeLan& lan, Ip4 address, std::string name, Edition edition)
        : FakeHost(lan, address), name_(std::move(name)), edition_(edition) {}
    void start();
    void refresh();
    void quit();
    void crash() { isUp = false; }
    void receive(Ip4 from, std::uint16_t fromPort, Ip4 to, const std::string& bytes) override;
    bool sees(Ip4 other) const { return users_.contains(other); }
    std::size_t seen() const { return users_.size(); }
    const std::vector<TimePoint>& listTimes() const { return listTimes_; }
    std::uint64_t forbidden = 0;  ///< IPDicts to a client that did not announce them, broken lists

private:
    void send(Ip4 to, std::uint16_t port, std::uint32_t command, const std::string& body, const std::string& ext = {});
    void enter();
    std::string entryExt() const;
    std::uint32_t state() const;
    void takeDict(Ip4 from, const std::string& bytes);

    std::string name_;
    Edition edition_;
    std::uint32_t number_ = 1700000000;
    bool isWindowOpen_ = false;
    TimePoint lastRefresh_{};
    std::unordered_set<Ip4> users_;
    std::unordered_set<Ip4> dialUp_;
    std::vector<TimePoint> listTimes_;
    TimePoint lastListPacket_{};
};

/// The directory of causewayd on one or more addresses.
class FakeServer final : public FakeHost {
public:
    FakeServer(FakeLan& lan, std::vector<LanInterface> interfaces, const discovery::ServerIdentity& identity,
               const discovery::LanConfig& config, bool canIntroduce, std::vector<RangeLine> ranges = {});
    void start();
    void receive(Ip4 from, std::uint16_t fromPort, Ip4 to, const std::string& bytes) override;
    void refused(Ip4 target);
    /// One sweep over the ranges at the set rate.
    void sweep(const std::vector<Ip4>& addresses);
    void pump();

    discovery::Directory directory;
    std::vector<discovery::Sighting> sightings;
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
