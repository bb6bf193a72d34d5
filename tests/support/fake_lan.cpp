#include "tests/support/fake_lan.h"

#include <algorithm>

#include "shared/proto/ipmsg/entry.h"
#include "shared/proto/ipmsg/host_list.h"
#include "shared/proto/ipmsg/ipdict.h"
#include "shared/proto/ipmsg/packet.h"

namespace causeway::test {

using ipmsg::Mode;
namespace flag = ipmsg::flag;

std::size_t FakeLan::segmentOf(Ip4 address) const {
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        if (segments_[i].contains(address)) return i;
    }
    return segments_.size();
}

bool FakeLan::isLost() {
    return loss > 0 && std::uniform_real_distribution<>{0, 1}(random) < loss;
}

void FakeLan::at(TimePoint when, std::function<void()> task) {
    tasks_.push({std::max(when, now), order_++, std::move(task)});
}

void FakeLan::deliver(FakeHost& host, Ip4 from, Ip4 to, const std::shared_ptr<const std::string>& bytes) {
    if (isLost()) return;
    ++carried;
    const bool isLocal = segmentOf(from) == segmentOf(host.address());
    after(isLocal ? 1ms : 4ms, [&host, from, to, bytes] {
        if (!host.isUp) return;
        ++host.packets;
        host.byteCount += bytes->size() + 28;
        host.receive(from, ipmsg::kPort, to, *bytes);
    });
}

void FakeLan::send(Ip4 origin, Ip4 from, Ip4 to, std::uint16_t toPort, std::string text) {
    if (toPort != ipmsg::kPort) return;
    const auto bytes = std::make_shared<const std::string>(std::move(text));
    const std::size_t home = segmentOf(origin);
    if (const auto sender = hosts_.find(origin); sender != hosts_.end()) {
        ++sender->second->packets;
        sender->second->byteCount += bytes->size() + 28;
    }
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        if (segments_[i].broadcast() != to && to.value != 0xFFFFFFFFU) continue;
        if (i != home) {
            if (to.value == 0xFFFFFFFFU) continue;
            return;  // directed broadcasts do not pass routers
        }
        for (FakeHost* host : bySegment_[i]) {
            if (host->address() != origin) deliver(*host, from, to, bytes);
        }
        if (to.value != 0xFFFFFFFFU) return;
    }
    if (to.value == 0xFFFFFFFFU) return;
    const auto target = hosts_.find(to);
    const bool crosses = segmentOf(to) != home;
    if (crosses && isRouterStrict && segmentOf(from) != home) return;
    if (target == hosts_.end()) return;
    if (!target->second->isUp) {
        if (onRefused && from == origin) after(2ms, [this, origin, to] { onRefused(origin, to); });
        return;
    }
    deliver(*target->second, from, to, bytes);
}

void FakeLan::run(Duration span) {
    runUntil(span, [] { return false; });
}

bool FakeLan::runUntil(Duration span, const std::function<bool()>& condition) {
    const TimePoint end = now + span;
    TimePoint nextLook = now;
    while (!tasks_.empty() && tasks_.top().when <= end) {
        Task task = tasks_.top();
        tasks_.pop();
        now = task.when;
        task.run();
        if (now >= nextLook) {
            if (condition()) return true;
            nextLook = now + 100ms;
        }
    }
    now = end;
    return condition();
}

const FakeLan::ListDict& FakeLan::readListDict(const std::string& bytes) {
    if (lists_.size() > 20000) lists_.clear();
    const auto [at, isNew] = lists_.try_emplace(std::hash<std::string>{}(bytes));
    ListDict& list = at->second;
    if (!isNew) return list;
    const auto dict = ipmsg::parseDictPacket(bytes);
    list.isList = dict && dict->number("CMD") == 0x14;
    if (!list.isList) return list;
    const auto hosts = dict->dicts("HLST");
    list.isSound = hosts && !hosts->empty() && dict->number("NUM") == static_cast<std::int64_t>(hosts->size()) &&
                   dict->text("SIGN").has_value();
    if (!list.isSound) return list;
    for (const auto& item : *hosts) {
        const auto address = Ip4::parse(item.text("IPAD").value_or(""));
        list.isSound = list.isSound && address && item.number("PORT") == 2425;
        if (address) list.users.emplace_back(*address, item.number("ACT") == 1);
    }
    return list;
}

// iptux -------------------------------------------------------------------------------------------------------------

std::string FakeIptux::entryBody() const {
    return name_;
}

void FakeIptux::send(Ip4 to, std::uint32_t command, const std::string& body) {
    ipmsg::Packet packet;
    packet.version = "1_iptux 0.8.3";
    packet.number = ++number_;
    packet.user = "root";
    packet.host = "pc-" + name_;
    packet.command = command;
    packet.body = body;
    if ((command & 0xFFU) <= 4 && (command & 0xFFU) != 2) packet.ext = std::string("Sales\0icon-tux.png\0utf-8\0", 25);
    lan_.send(address_, address_, to, ipmsg::kPort, ipmsg::writePacket(packet));
}

void FakeIptux::broadcast() {
    send(Ip4{0xFFFFFFFFU}, 257, entryBody());
    --number_;
    send(Network4::of(address_, 24).broadcast(), 257, entryBody());
}

void FakeIptux::start() {
    isUp = true;
    number_ = 0;
    online_.clear();
    known_.clear();
    broadcast();
}

void FakeIptux::refresh() {
    online_.clear();
    broadcast();
}

void FakeIptux::quit() {
    for (const Ip4 other : known_)
        send(other, 65538, "");
    isUp = false;
}

void FakeIptux::receive(Ip4 from, std::uint16_t, Ip4, const std::string& bytes) {
    if (ipmsg::isIpDict(bytes)) {
        ++garbage;
        return;
    }
    const auto packet = ipmsg::parsePacket(bytes);
    if (!packet) return;
    switch (packet->mode()) {
        case Mode::BrEntry:
            online_.insert(from);
            known_.insert(from);
            send(from, 259, entryBody());
            break;
        case Mode::AnsEntry:
        case Mode::BrAbsence:
            online_.insert(from);
            known_.insert(from);
            break;
        case Mode::BrExit:
            online_.erase(from);
            break;
        case Mode::SendMsg:
            send(from, 289, std::to_string(packet->number));
            break;
        default:
            break;
    }
}

// Windows and Mac ---------------------------------------------------------------------------------------------------

std::uint32_t FakeWindows::state() const {
    constexpr std::uint32_t kState = 0x0F640000;
    if (edition_ == Edition::Modern) return kState;
    return kState & ~flag::kCapIpDict;
}

std::string FakeWindows::entryExt() const {
    const std::string version = edition_ == Edition::Mac   ? "00020000:2:0:101"
                                : edition_ == Edition::Old ? "00010001:3:60:101"
                                                           : "00010002:4:99:103";
    return std::string("Service\0\nUN:", 12) + name_ + "\nHN:PC-" + name_ + "\nNN:" + name_ +
           "\nGN:Service\nVS:" + version;
}

void FakeWindows::send(Ip4 to, std::uint16_t port, std::uint32_t command, const std::string& body,
                       const std::string& ext) {
    ipmsg::Packet packet;
    packet.number = ++number_;
    packet.user = name_;
    packet.host = "PC-" + name_;
    packet.command = command;
    packet.body = body;
    packet.ext = ext;
    lan_.send(address_, address_, to, port, ipmsg::writePacket(packet));
}

void FakeWindows::enter() {
    isWindowOpen_ = true;
    const Ip4 broadcast = Network4::of(address_, 24).broadcast();
    send(broadcast, ipmsg::kPort, state(), name_, entryExt());
    lan_.after(250ms, [this, broadcast] {
        if (isUp) send(broadcast, ipmsg::kPort, state() | 1U, name_, entryExt());
    });
    lan_.after(5250ms, [this, broadcast] {
        if (!isUp) return;
        send(broadcast, ipmsg::kPort, state() | 1U, name_, entryExt());
        for (const Ip4 host : dialUp_)
            send(host, ipmsg::kPort, state() | 1U, name_, entryExt());
    });
}

void FakeWindows::start() {
    isUp = true;
    number_ = static_cast<std::uint32_t>(lan_.now.time_since_epoch().count() / 1000);
    users_.clear();
    dialUp_.clear();
    enter();
}

void FakeWindows::refresh() {
    if (lan_.now - lastRefresh_ < 5s) return;
    lastRefresh_ = lan_.now;
    users_.clear();
    dialUp_.clear();
    enter();
}

void FakeWindows::quit() {
    const Ip4 broadcast = Network4::of(address_, 24).broadcast();
    for (int round = 0; round < 2; ++round) {
        send(broadcast, ipmsg::kPort, state() | 2U, name_, entryExt());
        for (const Ip4 host : dialUp_)
            send(host, ipmsg::kPort, state() | 2U, name_, entryExt());
    }
    isUp = false;
}

void FakeWindows::takeDict(Ip4, const std::string& bytes) {
    if (edition_ != Edition::Modern) {
        ++forbidden;
        return;
    }
    const auto& list = lan_.readListDict(bytes);
    if (!list.isList) return;
    if (!list.isSound) {
        ++forbidden;
        return;
    }
    // Several packets of one list follow each other closely.
    if (lan_.now - lastListPacket_ > 6s) listTimes_.push_back(lan_.now);
    lastListPacket_ = lan_.now;
    for (const auto& [address, isPresent] : list.users) {
        if (address == address_) continue;
        if (isPresent) {
            users_.insert(address);
        } else {
            users_.erase(address);
        }
    }
}

void FakeWindows::receive(Ip4 from, std::uint16_t fromPort, Ip4, const std::string& bytes) {
    if (ipmsg::isIpDict(bytes)) {
        takeDict(from, bytes);
        return;
    }
    const auto packet = ipmsg::parsePacket(bytes);
    if (!packet) return;
    switch (packet->mode()) {
        case Mode::BrEntry: {
            users_.insert(from);
            if (packet->has(flag::kDialUp)) dialUp_.insert(from);
            const auto wait =
                Duration{std::uniform_int_distribution<int>{5, users_.size() < 50    ? 1028
                                                               : users_.size() < 300 ? 2052
                                                                                     : 4100}(lan_.random)};
            lan_.after(wait, [this, from, fromPort] {
                if (isUp) send(from, fromPort, state() | 3U | flag::kUtf8, name_, entryExt());
            });
            break;
        }
        case Mode::AnsEntry:
        case Mode::BrAbsence:
            users_.insert(from);
            break;
        case Mode::BrExit:
            users_.erase(from);
            dialUp_.erase(from);
            break;
        case Mode::GetInfo:
            send(from, fromPort, 65, edition_ == Edition::Mac ? "Mac Ver2.0" : "Win(en)Ver4.99r3(x64)");
            break;
        case Mode::OkGetList:
            if (isWindowOpen_) send(from, fromPort, 18, "");
            break;
        case Mode::GetList: {
            const auto start = static_cast<std::uint32_t>(packet->body.empty() ? 0 : std::stoul(packet->body));
            std::vector<ipmsg::HostListItem> items(users_.size());
            std::size_t index = 0;
            for (const Ip4 user : users_) {
                // The server appears under its own name.
                const bool isServer = lan_.segmentOf(user) == 0 && (user.value & 0xFFU) == 2;
                if (index >= start)
                    items[index] = {isServer ? testIdentity().user : "u", "h", 0x0F640000, user, 2425, "n", "g"};
                ++index;
            }
            if (start > items.size()) break;
            const auto chunk = ipmsg::writeHostList(items, start, 30000);
            send(from, fromPort, 19U | flag::kUtf8, chunk.body);
            break;
        }
        case Mode::AnsList: {
            if (edition_ != Edition::Mac && !isWindowOpen_) break;
            const auto list = ipmsg::readHostList(packet->body, true, "");
            if (!list) {
                ++forbidden;
                break;
            }
            if (lan_.now - lastListPacket_ > 6s) listTimes_.push_back(lan_.now);
            lastListPacket_ = lan_.now;
            for (const auto& item : list->items) {
                if (item.removes()) {
                    users_.erase(item.address);
                } else if (item.address != address_) {
                    users_.insert(item.address);
                }
            }
            if (list->next != 0) {
                send(from, fromPort, 18, std::to_string(list->next));
                break;
            }
            isWindowOpen_ = false;
            // COMPAT: this is what makes careless list givers loop with the Mac client.
            if (edition_ == Edition::Mac)
                send(Network4::of(address_, 24).broadcast(), ipmsg::kPort, state() | 1U, name_, entryExt());
            break;
        }
        default:
            break;
    }
}

// Server ------------------------------------------------------------------------------------------------------------

namespace {

/// A further address of the server.
class Alias final : public FakeHost {
public:
    Alias(FakeLan& lan, Ip4 address, FakeServer& server) : FakeHost(lan, address), server_(server) {}
    void receive(Ip4 from, std::uint16_t fromPort, Ip4 to, const std::string& bytes) override {
        // Broadcasts carry their own destination; the local address is this one.
        server_.receive(from, fromPort, to.value % 256 == 255 ? address_ : to, bytes);
    }

private:
    FakeServer& server_;
};

}  // namespace

FakeServer::FakeServer(FakeLan& lan, std::vector<LanInterface> interfaces, const discovery::ServerIdentity& identity,
                       const discovery::LanConfig& config, bool canIntroduce, std::vector<RangeLine> ranges)
    : FakeHost(lan, interfaces.front().address),
      directory(identity, config, 1700000000, lan.now),
      interfaces_(std::move(interfaces)),
      config_(config) {
    std::vector<Ip4> own;
    for (const auto& interface : interfaces_)
        own.push_back(interface.address);
    directory.setSegments(interfaces_, own, {}, std::move(ranges), lan.now);
    directory.setCanIntroduce(canIntroduce, lan.now);
    lan.add(*this);
    for (std::size_t i = 1; i < interfaces_.size(); ++i) {
        aliases_.push_back(std::make_unique<Alias>(lan, interfaces_[i].address, *this));
        lan.add(*aliases_.back());
    }
}

void FakeServer::start() {
    directory.start(lan_.now);
    directory.tick(lan_.now);
    pump();
}

void FakeServer::receive(Ip4 from, std::uint16_t fromPort, Ip4 to, const std::string& received) {
    directory.receive({from, fromPort, to.value % 256 == 255 ? address_ : to, received}, lan_.now);
    pump();
}

void FakeServer::refused(Ip4 target) {
    directory.refused(target, 3, 3, lan_.now);
    pump();
}

void FakeServer::sweep(const std::vector<Ip4>& addresses) {
    Duration wait = 0ms;
    for (const Ip4 address : addresses) {
        lan_.after(wait, [this, address] {
            directory.probeAddress(address, lan_.now);
            pump();
        });
        wait += 5ms;
    }
}

void FakeServer::pump() {
    for (auto& packet : directory.takePackets()) {
        ++sentPackets;
        sentBytes += packet.bytes.size() + 28;
        // Which of our segments the packet leaves by: the target's own if we are in it, else the first.
        Ip4 origin = interfaces_.front().address;
        for (const auto& interface : interfaces_) {
            if (interface.network.contains(packet.to)) origin = interface.address;
        }
        const Ip4 from = packet.from.isAny() ? origin : packet.from;
        lan_.send(origin, from, packet.to, packet.port, std::move(packet.bytes));
    }
    directory.takeLines();
    directory.takeChanges();
    directory.takeReadings();
    for (auto& sighting : directory.takeSightings())
        sightings.push_back(sighting);
    const TimePoint next = directory.nextDeadline(lan_.now);
    if (next < armedFor_ || armedFor_ <= lan_.now) {
        armedFor_ = next;
        lan_.at(std::max(next, lan_.now + 1ms), [this, next] {
            if (armedFor_ != next) return;
            armedFor_ = TimePoint::max();
            directory.tick(lan_.now);
            pump();
        });
    }
}

LanUser* FakeServer::userAt(Ip4 address) {
    auto* record = directory.book().findByAddress(address);
    if (record == nullptr) return nullptr;
    auto user = directory.user(record->id, lan_.now);
    if (!user) return nullptr;
    lookedUp_ = std::move(*user);
    return &*lookedUp_;
}

LanInterface interfaceOf(std::string name, std::string_view address, int prefix) {
    const Ip4 ip = *Ip4::parse(address);
    const auto network = Network4::of(ip, prefix);
    return {std::move(name), ip, network, network.broadcast(), false};
}

const discovery::ServerIdentity& testIdentity() {
    static const discovery::ServerIdentity identity = [] {
        auto key = ipmsg::SigningKey::generate();
        INVARIANT(key.has_value());
        return discovery::ServerIdentity{"causeway-<" + key->fingerprint() + ">", "server", *key};
    }();
    return identity;
}

}  // namespace causeway::test
