#include "tests/support/fake_lan.h"

#include <algorithm>
#include <bit>
#include <charconv>

#include "shared/proto/ipmsg/entry.h"
#include "shared/proto/ipmsg/host_list.h"
#include "shared/proto/ipmsg/ipdict.h"
#include "shared/proto/ipmsg/packet.h"

namespace causeway::test {

using ipmsg::Mode;
namespace flag = ipmsg::flag;

// Sets --------------------------------------------------------------------------------------------------------------

bool HostSet::insert(std::uint32_t number) {
    const std::size_t word = number / 64;
    if (word >= words_.size()) words_.resize(word + 1);
    const std::uint64_t bit = std::uint64_t{1} << (number % 64);
    if ((words_[word] & bit) != 0) return false;
    words_[word] |= bit;
    ++size_;
    return true;
}

bool HostSet::erase(std::uint32_t number) {
    if (!contains(number)) return false;
    words_[number / 64] &= ~(std::uint64_t{1} << (number % 64));
    --size_;
    return true;
}

bool HostSet::contains(std::uint32_t number) const {
    return number / 64 < words_.size() && (words_[number / 64] >> (number % 64) & 1U) != 0;
}

void HostSet::clear() {
    std::fill(words_.begin(), words_.end(), 0);
    size_ = 0;
}

std::size_t HostSet::sizeWith(const HostSet& other) const {
    std::size_t both = 0;
    for (std::size_t i = 0; i < std::min(words_.size(), other.words_.size()); ++i)
        both += static_cast<std::size_t>(std::popcount(words_[i] & other.words_[i]));
    return both;
}

void HostSet::walk(std::size_t skip, const std::function<bool(std::uint32_t)>& use) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
        const auto here = static_cast<std::size_t>(std::popcount(words_[i]));
        if (skip >= here) {
            skip -= here;
            continue;
        }
        for (std::uint64_t rest = words_[i]; rest != 0; rest &= rest - 1) {
            if (skip > 0) {
                --skip;
                continue;
            }
            if (!use(static_cast<std::uint32_t>(i * 64) + static_cast<std::uint32_t>(std::countr_zero(rest)))) return;
        }
    }
}

// Packets -----------------------------------------------------------------------------------------------------------

const char* nameOf(Traffic traffic) {
    constexpr std::array<const char*, kTrafficKinds> kNames{
        "entries", "entry answers", "introductions", "probes",      "looks at the end of lists",
        "looks",   "signed lists",  "plain lists",   "other things"};
    return kNames[static_cast<std::size_t>(traffic)];
}

namespace {

constexpr std::size_t kShortList = 1000;  // an answer to a look at the end of a list is shorter

Traffic trafficOf(const std::string& bytes, bool isDict, bool isForeign) {
    if (isDict) return Traffic::SignedList;
    if (isForeign) return Traffic::Introduction;
    std::size_t at = 0;
    for (int i = 0; i < 4 && at != std::string::npos; ++i)
        at = bytes.find(':', at + 1);
    if (at == std::string::npos) return Traffic::Other;
    std::uint32_t command = 0;
    std::from_chars(bytes.data() + at + 1, bytes.data() + bytes.size(), command);
    switch (static_cast<Mode>(command & 0xFFU)) {
        case Mode::NoOperation:
        case Mode::BrEntry:
        case Mode::BrExit:
        case Mode::BrAbsence:
            return Traffic::Entry;
        case Mode::AnsEntry:
            return Traffic::Answer;
        case Mode::GetInfo:
        case Mode::SendInfo:
            return Traffic::Info;
        case Mode::GetList:
            return Traffic::Look;
        case Mode::AnsList:
            return bytes.size() < kShortList ? Traffic::Look : Traffic::WholeLook;
        default:
            return Traffic::Other;
    }
}

}  // namespace

FakePacket::FakePacket(discovery::Datagram bytes, bool isForeign)
    : bytes_(std::move(bytes)), isDict_(ipmsg::isIpDict(*bytes_)), traffic_(trafficOf(*bytes_, isDict_, isForeign)) {}

const std::optional<ipmsg::Packet>& FakePacket::classic() const {
    if (!isRead_) {
        isRead_ = true;
        if (auto packet = ipmsg::parsePacket(*bytes_)) classic_ = std::move(*packet);
    }
    return classic_;
}

const FakePacket::ListDict& FakePacket::list(FakeLan& lan) const {
    if (isRead_) return list_;
    isRead_ = true;
    const auto dict = ipmsg::parseDictPacket(*bytes_);
    list_.isList = dict && dict->number("CMD") == 0x14;
    if (!list_.isList) return list_;
    const auto hosts = dict->dicts("HLST");
    list_.isSound = hosts && !hosts->empty() && dict->number("NUM") == static_cast<std::int64_t>(hosts->size()) &&
                    dict->text("SIGN").has_value();
    if (!list_.isSound) return list_;
    for (const auto& item : *hosts) {
        const auto address = Ip4::parse(item.text("IPAD").value_or(""));
        list_.isSound = list_.isSound && address && item.number("PORT") == 2425;
        if (address) list_.users.emplace_back(lan.numberOf(*address), item.number("ACT") == 1);
    }
    return list_;
}

// Network -----------------------------------------------------------------------------------------------------------

FakeHost::FakeHost(FakeLan& lan, Ip4 address) : lan_(lan), address_(address), lanNumber_(lan.numberOf(address)) {}

void FakeLan::addSegment(Network4 network) {
    INVARIANT(pages_.empty() && network.prefix <= 24);
    segments_.push_back(network);
    bySegment_.emplace_back();
}

FakeLan::Page& FakeLan::pageOf(Ip4 address) {
    auto& page = pages_[address.value >> 8];
    if (!page) {
        page = std::make_unique<Page>();
        page->numbers.fill(kNone);
        while (page->segment < segments_.size() && !segments_[page->segment].contains(address))
            ++page->segment;
    }
    return *page;
}

std::uint32_t FakeLan::numberOf(Ip4 address) {
    auto& number = pageOf(address).numbers[address.value & 0xFFU];
    if (number == kNone) {
        number = static_cast<std::uint32_t>(addresses_.size());
        addresses_.push_back(address);
        listEntries_.emplace_back();
    }
    return number;
}

void FakeLan::setListEntry(std::uint32_t number, std::string entry) {
    listEntries_[number] = std::move(entry);
}

const std::string& FakeLan::listEntry(std::uint32_t number) {
    auto& entry = listEntries_[number];
    if (entry.empty()) entry = "somebody\asomewhere\a256\a" + addresses_[number].text() + "\a30985\a\b\a\b\a";
    return entry;
}

void FakeLan::add(FakeHost& host) {
    auto& page = pageOf(host.address());
    page.hosts[host.address().value & 0xFFU] = &host;
    if (page.segment < bySegment_.size()) bySegment_[page.segment].push_back(&host);
}

bool FakeLan::isLost() {
    return loss > 0 && std::uniform_real_distribution<>{0, 1}(random) < loss;
}

void FakeLan::at(TimePoint when, std::function<void()> task) {
    when = std::max(when, now);
    if (when - now < Duration{kNearSlots}) {
        slotOf(when).tasks.push_back(std::move(task));
        ++nearCount_;
    } else {
        far_.push({when, order_++, std::move(task)});
    }
}

void FakeLan::count(FakeHost& host, const FakePacket& packet) {
    ++host.packets;
    host.byteCount += packet.wireBytes();
    if (!host.isClient) return;
    const auto kind = static_cast<std::size_t>(packet.traffic());
    ++clientPackets[kind];
    clientBytes[kind] += packet.wireBytes();
}

void FakeLan::deliver(FakeHost& host, Ip4 from, std::uint32_t fromNumber, bool isLocal, Ip4 to,
                      const PacketPtr& packet) {
    if (isLost()) return;
    ++carried;
    ++nearCount_;
    slotOf(now + (isLocal ? 1ms : 4ms)).deliveries.push_back({packet, &host, from, to, fromNumber});
}

FakeLan::PacketPtr FakeLan::wrap(discovery::Datagram bytes, bool isForeign) {
    if (!ipmsg::isIpDict(*bytes)) return std::make_shared<const FakePacket>(std::move(bytes), isForeign);
    // The packet keeps its bytes alive, so no other one can get their address.
    if (lists_.size() > 20000) lists_.clear();
    auto& known = lists_[bytes.get()];
    if (!known) known = std::make_shared<const FakePacket>(std::move(bytes), isForeign);
    return known;
}

void FakeLan::send(Ip4 origin, Ip4 from, Ip4 to, std::uint16_t toPort, discovery::Datagram bytes) {
    if (toPort != ipmsg::kPort) return;
    const auto packet = wrap(std::move(bytes), from != origin);
    Page& originPage = pageOf(origin);
    const std::size_t home = originPage.segment;
    if (FakeHost* sender = originPage.hosts[origin.value & 0xFFU]; sender != nullptr) count(*sender, *packet);
    const std::uint32_t fromNumber = numberOf(from);
    const std::size_t claimed = segmentOf(from);
    const bool isForAll = to.value == 0xFFFFFFFFU;
    for (std::size_t i = 0; i < segments_.size(); ++i) {
        const bool isDirected = segments_[i].broadcast() == to;
        if (!isDirected && !(isForAll && i == home)) continue;
        if (i != home) return;  // directed broadcasts do not pass routers
        for (FakeHost* host : bySegment_[i]) {
            if (host->address() != origin) deliver(*host, from, fromNumber, claimed == i, to, packet);
        }
        return;
    }
    if (isForAll) return;
    Page& page = pageOf(to);
    if (page.segment != home && isRouterStrict && claimed != home) return;
    FakeHost* target = page.hosts[to.value & 0xFFU];
    if (target == nullptr) return;
    if (!target->isUp) {
        if (onRefused && from == origin) after(2ms, [this, origin, to] { onRefused(origin, to); });
        return;
    }
    deliver(*target, from, fromNumber, claimed == page.segment, to, packet);
}

void FakeLan::run(Duration span) {
    runUntil(span, [] { return false; });
}

void FakeLan::runSlot() {
    Slot& slot = slotOf(now);
    // Both may grow while they run; what takes no time happens in the same millisecond.
    for (std::size_t d = 0, t = 0; d < slot.deliveries.size() || t < slot.tasks.size();) {
        --nearCount_;
        if (d < slot.deliveries.size()) {
            const Delivery delivery = std::move(slot.deliveries[d++]);
            if (!delivery.host->isUp) continue;
            count(*delivery.host, *delivery.packet);
            delivery.host->receive(delivery.from, delivery.fromNumber, delivery.to, *delivery.packet);
        } else {
            const auto task = std::move(slot.tasks[t++]);
            task();
        }
    }
    slot.deliveries.clear();
    slot.tasks.clear();
}

bool FakeLan::runUntil(Duration span, const std::function<bool()>& condition) {
    const TimePoint end = now + span;
    TimePoint nextLook = now;
    for (;;) {
        while (!far_.empty() && far_.top().when <= now) {
            auto task = far_.top().run;
            far_.pop();
            slotOf(now).tasks.push_back(std::move(task));
            ++nearCount_;
        }
        const auto before = nearCount_;
        runSlot();
        if (nearCount_ != before && now >= nextLook) {
            if (condition()) return true;
            nextLook = now + 100ms;
        }
        if (now >= end) break;
        now += 1ms;
        if (nearCount_ == 0) now = std::max(now, std::min(end, far_.empty() ? end : far_.top().when));
    }
    return condition();
}

// iptux -------------------------------------------------------------------------------------------------------------

FakeIptux::FakeIptux(FakeLan& lan, Ip4 address, std::string name) : FakeHost(lan, address), name_(std::move(name)) {
    lan.setListEntry(lanNumber_, "root\apc-" + name_ + "\a256\a" + address.text() + "\a30985\a" + name_ + "\aSales\a");
}

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
    lan_.send(address_, address_, to, ipmsg::kPort, discovery::Outbox::datagram(ipmsg::writePacket(packet)));
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
    known_.walk(0, [this](std::uint32_t other) {
        send(lan_.addressOf(other), 65538, "");
        return true;
    });
    isUp = false;
}

void FakeIptux::receive(Ip4 from, std::uint32_t fromNumber, Ip4, const FakePacket& received) {
    if (received.isDict()) {
        ++garbage;
        return;
    }
    const auto& packet = received.classic();
    if (!packet) return;
    switch (packet->mode()) {
        case Mode::BrEntry:
            online_.insert(fromNumber);
            known_.insert(fromNumber);
            send(from, 259, entryBody());
            break;
        case Mode::AnsEntry:
        case Mode::BrAbsence:
            online_.insert(fromNumber);
            known_.insert(fromNumber);
            break;
        case Mode::BrExit:
            online_.erase(fromNumber);
            break;
        case Mode::SendMsg:
            send(from, 289, std::to_string(packet->number));
            break;
        default:
            break;
    }
}

// Windows and Mac ---------------------------------------------------------------------------------------------------

FakeWindows::FakeWindows(FakeLan& lan, Ip4 address, std::string name, Edition edition)
    : FakeHost(lan, address), name_(std::move(name)), edition_(edition) {
    rename(name_);
}

void FakeWindows::rename(const std::string& name) {
    name_ = name;
    user_ = name;
    // Clients with a key carry its fingerprint in their name (facts 11).
    if (edition_ == Edition::Modern) {
        std::array<char, 17> digits{};
        std::snprintf(digits.data(), digits.size(), "%016llx",
                      static_cast<unsigned long long>(address_.value * 0x9E3779B97F4A7C15ULL));
        user_ += std::string("-<") + digits.data() + ">";
    }
    lan_.setListEntry(lanNumber_, user_ + "\aPC-" + name_ + "\a" + std::to_string(state()) + "\a" + address_.text() +
                                      "\a30985\a" + name_ + "\aService\a");
}

std::uint32_t FakeWindows::state() const {
    constexpr std::uint32_t kState = 0x0F640000;
    if (edition_ == Edition::Modern) return kState;
    return kState & ~flag::kCapIpDict;
}

std::string FakeWindows::versionLine() const {
    return edition_ == Edition::Mac   ? "00020000:2:0:101"
           : edition_ == Edition::Old ? "00010001:3:60:101"
                                      : "00010002:4:99:103";
}

std::string FakeWindows::entryExt() const {
    return std::string("Service\0\nUN:", 12) + user_ + "\nHN:PC-" + name_ + "\nNN:" + name_ +
           "\nGN:Service\nVS:" + versionLine();
}

void FakeWindows::send(Ip4 to, std::uint16_t port, std::uint32_t command, const std::string& body,
                       const std::string& ext) {
    ipmsg::Packet packet;
    packet.number = ++number_;
    packet.user = user_;
    packet.host = "PC-" + name_;
    packet.command = command;
    packet.body = body;
    packet.ext = ext;
    lan_.send(address_, address_, to, port, discovery::Outbox::datagram(ipmsg::writePacket(packet)));
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

void FakeWindows::noteList() {
    // The packets of one list follow each other closely.
    if (lan_.now - lastListPacket_ > 1s) {
        if (lastListPacket_ != TimePoint{}) leastListGap = std::min(leastListGap, lan_.now - lastListPacket_);
        ++lists;
    }
    lastListPacket_ = lan_.now;
}

void FakeWindows::takeDict(const FakePacket& packet) {
    if (edition_ != Edition::Modern) {
        ++forbidden;
        return;
    }
    const auto& list = packet.list(lan_);
    if (!list.isList) return;
    if (!list.isSound) {
        ++forbidden;
        return;
    }
    noteList();
    for (const auto& [user, isPresent] : list.users) {
        if (user == lanNumber_) continue;
        if (isPresent) {
            users_.insert(user);
        } else {
            users_.erase(user);
        }
    }
}

void FakeWindows::giveList(Ip4 to, std::uint16_t port, std::size_t start) {
    // As the real client: up to 32 KiB a packet, the number of the next one in front, 0 behind the last.
    constexpr std::size_t kMost = 32768 - 80 - 200;
    constexpr std::size_t kCountDigits = 5;
    const auto count = [](std::size_t value) {
        const std::string digits = std::to_string(value);
        return std::string(digits.size() < kCountDigits ? kCountDigits - digits.size() : 0, ' ') + digits + "\a";
    };
    std::string entries;
    std::size_t written = 0;
    users_.walk(start, [&](std::uint32_t user) {
        const std::string& entry = lan_.listEntry(user);
        if (entries.size() + entry.size() > kMost) return false;
        entries += entry;
        ++written;
        return true;
    });
    const std::size_t next = start + written < users_.size() ? start + written : 0;
    send(to, port, 19U | flag::kUtf8, count(next) + count(written) + entries);
}

void FakeWindows::receive(Ip4 from, std::uint32_t fromNumber, Ip4, const FakePacket& received) {
    constexpr std::uint16_t fromPort = ipmsg::kPort;
    if (received.isDict()) {
        takeDict(received);
        return;
    }
    const auto& packet = received.classic();
    if (!packet) return;
    switch (packet->mode()) {
        case Mode::BrEntry: {
            users_.insert(fromNumber);
            if (packet->has(flag::kDialUp)) dialUp_.insert(from);
            const auto wait =
                Duration{std::uniform_int_distribution<int>{5, users_.size() < 50    ? 1028
                                                               : users_.size() < 300 ? 2052
                                                                                     : 4100}(lan_.random)};
            lan_.after(wait, [this, from] {
                if (!isUp) return;
                send(from, fromPort, state() | 3U | flag::kUtf8, name_,
                     std::string("Service\0\nVS:", 12) + versionLine());
            });
            break;
        }
        case Mode::AnsEntry:
        case Mode::BrAbsence:
            users_.insert(fromNumber);
            break;
        case Mode::BrExit:
            users_.erase(fromNumber);
            dialUp_.erase(from);
            break;
        case Mode::GetInfo:
            send(from, fromPort, 65, edition_ == Edition::Mac ? "Mac Ver2.0" : "Win(en)Ver4.99r3(x64)");
            break;
        case Mode::OkGetList:
            if (isWindowOpen_) send(from, fromPort, 18, "");
            break;
        case Mode::GetList:
            // The Mac fork gives no lists (facts 8.1).
            if (edition_ != Edition::Mac) giveList(from, fromPort, packet->body.empty() ? 0 : std::stoul(packet->body));
            break;
        case Mode::AnsList: {
            if (edition_ != Edition::Mac && !isWindowOpen_) break;
            const auto list = ipmsg::readHostList(packet->body, true, "");
            if (!list) {
                ++forbidden;
                break;
            }
            noteList();
            for (const auto& item : list->items) {
                const auto user = lan_.numberOf(item.address);
                if (item.removes()) {
                    users_.erase(user);
                } else if (user != lanNumber_) {
                    users_.insert(user);
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
    Alias(FakeLan& lan, Ip4 address, FakeServer& server) : FakeHost(lan, address), server_(server) { isClient = false; }
    void receive(Ip4 from, std::uint32_t fromNumber, Ip4 to, const FakePacket& packet) override {
        // Broadcasts carry their own destination; the local address is this one.
        server_.receive(from, fromNumber, to.value % 256 == 255 ? address_ : to, packet);
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
    isClient = false;
    lan.setListEntry(lanNumber_, identity.user + "\a" + identity.host + "\a21037568\a" + address_.text() + "\a30985\a" +
                                     config.name + "\a" + config.group + "\a");
    std::vector<Ip4> own;
    for (const auto& interface : interfaces_)
        own.push_back(interface.address);
    directory.setSegments(interfaces_, own, {}, std::move(ranges), lan.now);
    directory.setCanIntroduce(canIntroduce, lan.now);
    lan.add(*this);
    for (std::size_t i = 1; i < interfaces_.size(); ++i) {
        aliases_.push_back(std::make_unique<Alias>(lan, interfaces_[i].address, *this));
        lan.setListEntry(aliases_.back()->lanNumber(), lan.listEntry(lanNumber_));
        lan.add(*aliases_.back());
    }
}

void FakeServer::start() {
    directory.start(lan_.now);
    directory.tick(lan_.now);
    pump();
}

void FakeServer::receive(Ip4 from, std::uint32_t, Ip4 to, const FakePacket& packet) {
    receive(from, ipmsg::kPort, to, packet.bytes());
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
        sentBytes += packet.bytes->size() + 28;
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
    directory.takeSightings();
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
