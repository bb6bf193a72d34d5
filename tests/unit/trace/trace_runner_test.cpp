#include "service/trace/trace_runner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <set>

using namespace causeway;
using namespace causeway::trace;

namespace {

Ip4 ip(std::string_view text) {
    return *Ip4::parse(text);
}

const Ip4 kService = ip("10.1.0.2");
const Ip4 kX = ip("10.1.0.11");
const Ip4 kY = ip("10.2.0.21");

/// The linked service of base B, which answers what the test wrote down.
class FakePeer final : public TracePeer {
public:
    std::string why;  ///< it cannot measure
    std::map<Ip4, TraceEvidence> evidence;
    std::map<Ip4, std::vector<TraceStep>> asked;
    Result<PeerCounts> counts = PeerCounts{};
    bool breaks = false;  ///< the link ends after the first row
    unsigned countsAsked = 0;

    std::string name() override { return "the service of base Osaka"; }
    std::string trouble() override { return why; }
    Result<std::uint32_t> measure(Ip4 target, std::uint16_t, const std::vector<TraceStep>& steps) override {
        asked[target] = steps;
        targets_.push_back(target);
        return static_cast<std::uint32_t>(targets_.size());
    }
    PeerProgress progress(std::uint32_t id, TraceStep step, Duration) override {
        PeerProgress progress;
        const auto target = targets_.at(id - 1);
        const auto& steps = asked[target];
        if (breaks && (steps.empty() || step != steps.front())) {
            progress.trouble = "the connection ended meanwhile";
            return progress;
        }
        if (!breaks) progress.evidence = evidence[target];
        if (std::find(steps.begin(), steps.end(), step) == steps.end()) return progress;
        TraceRow row;
        row.step = step;
        row.grade = TraceGrade::Fine;
        row.result = "measured there";
        if (step == TraceStep::Path) row.path = evidence[target].path.value_or(PathFacts{});
        progress.row = row;
        return progress;
    }
    void stop(std::uint32_t) override {}
    Result<PeerCounts> count(bool withVoice, const std::function<void(Duration)>& pause) override {
        ++countsAsked;
        pause(400ms);
        if (counts && !withVoice) counts->there.voice = counts->back.voice = {};
        return counts;
    }

private:
    std::vector<Ip4> targets_;
};

/// A network of two segments with a router each, on fake time: packets arrive a few milliseconds later, or not.
class FakeWorld final : public TraceWorld {
public:
    struct Host {
        bool isUp = true;
        bool hasUdp = true;     ///< a chat program listens
        bool dropsUdp = false;  ///< a silent firewall
        bool hasTcp = true;
        bool dropsTcp = false;
        bool answersEcho = true;
        std::size_t largest = 9000;  ///< longer datagrams vanish
    };
    std::map<Ip4, Host> hosts;
    std::vector<LanUser> all;
    std::vector<BaseSite> sites;
    std::shared_ptr<FakePeer> peer;
    bool mayPing = true;
    bool isPortOurs = true;
    bool isForged = false;  ///< each probe brings a forged error and 3,000 other packets before its answer
    unsigned udpSent = 0;
    std::set<Ip4> watched;
    std::vector<TimePoint> packetTimes;
    std::optional<unsigned> stopAfter;  ///< packets

    LanUser& user(const char* name, Ip4 address, ClientKind kind, const char* base, const char* segment) {
        LanUser made;
        made.id = all.size() + 1;
        made.user = made.nick = name;
        made.host = std::string("pc-") + name;
        made.address = address;
        made.addresses = {{address, 2425, at, at, true}};
        made.kind = kind;
        made.presence = Presence::Present;
        made.lastSeen = made.lastAnswer = at - 30s;
        made.segment = *Network4::parse(segment);
        made.base = base;
        hosts[address];
        all.push_back(made);
        return all.back();
    }

    TimePoint now() override { return at; }
    bool isStopped() override { return stopAfter && packetTimes.size() >= *stopAfter; }
    void pause(Duration span) override { at += span; }
    std::vector<LanUser> users() override { return all; }
    std::vector<LanInterface> interfaces() override {
        return {{"e0", kService, *Network4::parse("10.1.0.0/24"), ip("10.1.0.255"), false}};
    }
    std::vector<BaseSite> bases() override { return sites; }
    SelfFacts self(Ip4) override {
        SelfFacts facts;
        facts.isUdpBound = isPortOurs;
        facts.portHolder = isPortOurs ? "" : "UDP port 2425 is held by iptux";
        facts.hasInterface = true;
        return facts;
    }
    RouteOutcome route(Ip4 target) override {
        if (target.isAny()) return {};
        return {true, kService, isNear(target) ? Ip4{} : ip("10.1.0.1"), "e0", 1500};
    }
    std::optional<NeighbourOutcome> neighbour(Ip4 address) override {
        if (address == ip("10.1.0.1")) return NeighbourOutcome{true, "02:00:00:00:00:01"};
        const auto host = hosts.find(address);
        if (!isNear(address) || host == hosts.end()) return std::nullopt;
        // The table believes for a while in a computer that was just switched off.
        if (!host->second.isUp && at > startedAt + tableMemory) return std::nullopt;
        return NeighbourOutcome{true, "02:00:00:00:00:02"};
    }
    Result<std::vector<Ip4>> addressesOf(const std::string& name) override {
        return Error{Code::NotFound, name + " is not known."};
    }
    Result<std::string> nameOf(Ip4) override { return Error{Code::NotFound, "no name"}; }

    std::shared_ptr<TracePeer> peerOf(Ip4 target) override { return isNear(target) ? nullptr : peer; }
    void watch(Ip4 address) override { watched.insert(address); }
    Result<void> send(const ChatProbe& probe) override {
        CHECK(watched.contains(probe.to));
        packetTimes.push_back(at);
        at += 50ms;
        ++udpSent;
        Heard heard;
        heard.from = probe.to;
        heard.fromPort = 2425;
        heard.ttl = isNear(probe.to) ? 64 : 62;
        heard.at = at + 2ms;
        if (!isNear(probe.to) && probe.ttl == 1) {
            heard.error = IcmpError{ip("10.1.0.1"), 11, 0, 0};
        } else if (!isNear(probe.to) && probe.ttl == 2) {
            heard.error = IcmpError{ip("10.9.0.2"), 11, 0, 0};
        } else {
            const auto found = hosts.find(probe.to);
            if (found == hosts.end() || !found->second.isUp) {
                if (isNear(probe.to)) return {};
                heard.error = IcmpError{ip("10.9.0.2"), 3, 1, 0};
                heard.at = at + 3000ms;
            } else if (found->second.dropsUdp || probe.size > found->second.largest) {
                return {};
            } else if (!found->second.hasUdp) {
                heard.error = IcmpError{probe.to, 3, 3, 0};
            } else {
                const auto kind = kindAt(probe.to);
                if (probe.question == ChatQuestion::Nothing) return {};
                if (probe.question == ChatQuestion::Version && kind == ClientKind::Iptux) return {};
                heard.mode = probe.question == ChatQuestion::Version ? 0x41 : 0x03;
            }
        }
        if (isForged) {
            Heard forged;
            forged.from = probe.to;
            forged.at = at;
            forged.error = IcmpError{ip("10.1.0.1"), 3, 13, 0};
            coming.push_back(forged);
            Heard noise;
            noise.from = probe.to;
            noise.at = at;
            noise.mode = 0x40;
            coming.insert(coming.end(), 3000, noise);
        }
        coming.push_back(heard);
        return {};
    }
    std::vector<Heard> collect(Duration patience) override {
        std::sort(coming.begin(), coming.end(), [](const Heard& a, const Heard& b) { return a.at < b.at; });
        if (coming.empty() || coming.front().at > at + patience) {
            at += patience;
            return {};
        }
        at = std::max(at, coming.front().at);
        std::vector<Heard> now;
        while (!coming.empty() && coming.front().at <= at) {
            now.push_back(coming.front());
            coming.pop_front();
        }
        return now;
    }
    Result<std::vector<Ip4>> broadcast(const LanInterface& interface, Duration patience) override {
        at += patience;
        std::vector<Ip4> answers;
        for (const auto& [address, host] : hosts) {
            if (interface.network.contains(address) && host.isUp && host.hasUdp) answers.push_back(address);
        }
        return answers;
    }
    Result<ListOutcome> list(Ip4 client, Duration) override {
        ++listsRead;
        if (const auto found = lists.find(client); found != lists.end()) return ListOutcome{true, found->second};
        return Error{Code::Timeout, "it gave none."};
    }
    Result<std::string> echoMethod() override {
        if (mayPing) return std::string("ICMP datagram socket");
        return Error{Code::Denied, "Echo (ping) was not measured.", "Nobody may."};
    }
    Result<EchoOutcome> echo(TraceStep, Ip4 to, std::uint8_t ttl, Duration patience) override {
        packetTimes.push_back(at);
        EchoOutcome outcome;
        if (!isNear(to) && (ttl == 1 || ttl == 2)) {
            outcome.error = IcmpError{ttl == 1 ? ip("10.1.0.1") : ip("10.9.0.2"), 11, 0, 0};
            at += 1ms;
            return outcome;
        }
        const auto found = hosts.find(to);
        outcome.isAnswered = found != hosts.end() && found->second.isUp && found->second.answersEcho;
        outcome.ttl = 62;
        outcome.took = 1ms;
        at += outcome.isAnswered ? Duration{1} : patience;
        return outcome;
    }
    Result<TcpFacts> tcp(TraceStep, Ip4 to, std::uint16_t, std::uint8_t ttl, Duration patience) override {
        packetTimes.push_back(at);
        TcpFacts facts;
        if (!isNear(to) && (ttl == 1 || ttl == 2)) {
            facts.outcome = TcpOutcome::Unreachable;
            facts.errors = {{ttl == 1 ? ip("10.1.0.1") : ip("10.9.0.2"), 11, 0, 0}};
            return facts;
        }
        const auto found = hosts.find(to);
        if (found == hosts.end() || !found->second.isUp || found->second.dropsTcp) {
            at += patience;
            return facts;
        }
        facts.outcome = found->second.hasTcp ? TcpOutcome::Connected : TcpOutcome::Refused;
        return facts;
    }

    TimePoint at = fromEpochMillis(1'790'000'000'000);
    TimePoint startedAt = at;
    Duration tableMemory{0};
    std::deque<Heard> coming;
    std::map<Ip4, std::vector<Ip4>> lists;
    unsigned listsRead = 0;

private:
    static bool isNear(Ip4 address) { return Network4::parse("10.1.0.0/24")->contains(address); }
    ClientKind kindAt(Ip4 address) const {
        for (const auto& each : all)
            if (each.address == address) return each.kind;
        return ClientKind::Unknown;
    }
};

struct Office {
    FakeWorld world;
    TraceRequest request;
    std::vector<TraceReport> told;
    TracePair evidence;

    Office() {
        world.sites = {{1, "Tokyo", {*Network4::parse("10.1.0.0/24")}, ""},
                       {2, "Osaka", {*Network4::parse("10.2.0.0/24")}, ""}};
        world.user("xena", kX, ClientKind::Windows, "Tokyo", "10.1.0.0/24");
        world.user("yuki", kY, ClientKind::Windows, "Osaka", "10.2.0.0/24");
        for (const auto* address : {"10.2.0.22", "10.2.0.23", "10.2.0.24"})
            world.user((std::string("mate") + address).c_str(), ip(address), ClientKind::Windows, "Osaka",
                       "10.2.0.0/24");
        request.from = "xena";
        request.to = "yuki";
    }
    TraceReport run() {
        TraceReport report;
        report.id = 1;
        report.request = request;
        TraceRunner runner(world, report, [this](const TraceReport& now) { told.push_back(now); });
        auto finished = runner.run();
        evidence = runner.evidence();
        return finished;
    }
    FakeWorld::Host& y() { return world.hosts[kY]; }
};

const TraceRow& rowOf(const TraceReport& report, TraceStep step, TraceLeg leg = TraceLeg::AToY) {
    const auto at = std::find_if(report.rows.begin(), report.rows.end(),
                                 [&](const TraceRow& row) { return row.step == step && row.leg == leg; });
    REQUIRE(at != report.rows.end());
    return *at;
}

}  // namespace

TEST_CASE("trace: a quick trace of a healthy pair says OK, with all rows there from the start") {
    Office office;
    const auto report = office.run();
    CHECK(report.state == TraceState::Finished);
    REQUIRE_FALSE(report.verdicts.empty());
    CHECK(report.verdicts[0].code == VerdictCode::Ok);
    CHECK(report.xAddress == kX);
    CHECK(report.yAddress == kY);
    REQUIRE_FALSE(office.told.empty());
    CHECK(office.told.front().rows.size() == report.rows.size());
    CHECK(std::all_of(office.told.front().rows.begin(), office.told.front().rows.end(),
                      [](const TraceRow& row) { return row.grade == TraceGrade::Waiting; }));
    for (const auto& row : report.rows)
        CHECK_MESSAGE(row.grade != TraceGrade::Waiting, wordOf(row.step));
    CHECK(rowOf(report, TraceStep::ChatProbe).result.find("3 of 3") != std::string::npos);
    CHECK(rowOf(report, TraceStep::JoinProbe, TraceLeg::AToX).grade == TraceGrade::Fine);
    CHECK(office.world.listsRead == 0);
}

TEST_CASE("trace: what a firewall on the PC, a stopped client and a computer that is off leave behind") {
    Office office;
    SUBCASE("UDP is dropped, everything else passes, and others of his segment answer") {
        office.y().dropsUdp = true;
        const auto report = office.run();
        CHECK(report.verdicts.at(0).code == VerdictCode::HostFirewallUdp);
        CHECK(office.evidence.aToY.segmentMates->answered == 3);
        CHECK(rowOf(report, TraceStep::ChatProbe).grade == TraceGrade::Failed);
    }
    SUBCASE("a filter on the way for a day: those whose file port shows that they run are asked") {
        for (auto& user : office.world.all) {
            if (user.base != "Osaka") continue;
            user.presence = Presence::Gone;
            user.lastAnswer = user.lastSeen = office.world.at - std::chrono::hours{24};
            office.world.hosts[user.address].dropsUdp = true;
        }
        const auto report = office.run();
        CHECK(office.evidence.aToY.segmentMates->asked == 3);
        CHECK(office.evidence.aToY.segmentMates->answered == 0);
        CHECK(report.verdicts.at(0).code == VerdictCode::PathFilterUdp);
    }
    SUBCASE("the others went home yesterday: they are not taken for silent") {
        for (auto& user : office.world.all) {
            if (user.base != "Osaka" || user.address == kY) continue;
            user.presence = Presence::Gone;
            user.lastAnswer = user.lastSeen = office.world.at - std::chrono::hours{20};
            office.world.hosts[user.address].isUp = false;
        }
        office.y().dropsUdp = true;
        const auto report = office.run();
        CHECK_FALSE(office.evidence.aToY.segmentMates.has_value());
        CHECK(report.verdicts.at(0).code != VerdictCode::PathFilterUdp);
    }
    SUBCASE("nothing listens") {
        office.y().hasUdp = false;
        office.y().hasTcp = false;
        CHECK(office.run().verdicts.at(0).code == VerdictCode::ClientNotRunning);
    }
    SUBCASE("TCP is dropped") {
        office.y().dropsTcp = true;
        CHECK(office.run().verdicts.at(0).code == VerdictCode::TcpOnlyBlocked);
    }
    SUBCASE("our own port is taken") {
        office.world.isPortOurs = false;
        CHECK(office.run().verdicts.at(0).code == VerdictCode::SelfFault);
    }
}

TEST_CASE(
    "trace: a full trace fills path, sizes and broadcast; without pings the echo is not measured and accuses nobody") {
    Office office;
    office.request.isQuick = false;
    office.world.mayPing = false;
    const auto report = office.run();
    CHECK(report.verdicts.at(0).code == VerdictCode::Ok);
    CHECK(rowOf(report, TraceStep::Echo).grade == TraceGrade::NotMeasured);
    CHECK_FALSE(office.evidence.aToY.echo.has_value());
    REQUIRE(office.evidence.aToY.path);
    REQUIRE(office.evidence.aToY.path->udp);
    CHECK(office.evidence.aToY.path->udp->hops.size() == 3);
    CHECK(office.evidence.aToY.path->udp->isTargetReached);
    CHECK(office.evidence.aToY.path->udp->hops[1].address == ip("10.9.0.2"));
    CHECK_FALSE(office.evidence.aToY.path->icmp.has_value());
    CHECK(office.evidence.aToY.path->tcp->isTargetReached);
    CHECK(office.evidence.aToY.sizes->size() == 16);
    CHECK(office.evidence.aToY.broadcast->known == 1);
    CHECK(office.evidence.aToY.broadcast->broadcastAnswers == 1);
    CHECK(rowOf(report, TraceStep::VoicePorts).grade == TraceGrade::NotMeasured);
}

TEST_CASE("trace: the largest size that passes is found") {
    Office office;
    office.request.isQuick = false;
    office.y().largest = 1400;
    const auto report = office.run();
    CHECK(rowOf(report, TraceStep::SizeSweep).result.find("up to 1400") != std::string::npos);
    CHECK(rowOf(report, TraceStep::SizeSweep).grade == TraceGrade::Partly);
}

TEST_CASE("trace: an answer beats an error that somebody forged, and a flood of other packets hides no answer") {
    Office office;
    office.world.isForged = true;
    const auto report = office.run();
    CHECK(report.verdicts.at(0).code == VerdictCode::Ok);
    CHECK(rowOf(report, TraceStep::ChatProbe).result.find("3 of 3") != std::string::npos);
}

TEST_CASE("trace: an iptux is asked by the question that it answers") {
    Office office;
    office.world.all[1].kind = ClientKind::Iptux;
    auto report = office.run();
    CHECK(report.verdicts.at(0).code == VerdictCode::Ok);
    CHECK(rowOf(report, TraceStep::ChatProbe).grade == TraceGrade::NotMeasured);
    CHECK(rowOf(report, TraceStep::JoinProbe).grade == TraceGrade::Fine);
    office.y().dropsUdp = true;
    report = office.run();
    CHECK(office.evidence.aToY.joinProbe->tries == 4);
    CHECK(report.verdicts.at(0).code == VerdictCode::HostFirewallUdp);
}

TEST_CASE("trace: lists are read only with consent, and say who lacks whom") {
    Office office;
    office.request.isQuick = false;
    office.world.lists[kX] = {ip("10.1.0.12")};
    office.world.lists[kY] = {kX};
    office.run();
    CHECK(office.world.listsRead == 0);
    office.request.readLists = true;
    const auto report = office.run();
    CHECK(office.world.listsRead == 2);
    CHECK(office.evidence.lists.hasXY == false);
    CHECK(office.evidence.lists.hasYX == true);
    CHECK(rowOf(report, TraceStep::Lists).grade == TraceGrade::Failed);
}

TEST_CASE("trace: a target that is no user, and one that does not exist") {
    Office office;
    SUBCASE("an address") {
        office.world.hosts[ip("10.2.0.99")];
        office.request.to = "10.2.0.99";
        const auto report = office.run();
        CHECK(report.yAddress == ip("10.2.0.99"));
        CHECK(rowOf(report, TraceStep::WhoIsWho).grade == TraceGrade::Partly);
    }
    SUBCASE("a name that nobody has") {
        office.request.to = "nobody.example";
        const auto report = office.run();
        CHECK(report.verdicts.at(0).code == VerdictCode::NameUnresolved);
        CHECK(rowOf(report, TraceStep::ChatProbe).grade == TraceGrade::NotMeasured);
    }
    SUBCASE("an address that is no other computer's") {
        for (const auto* address : {"127.0.0.1", "10.1.0.2", "10.1.0.255", "10.2.0.0", "10.2.0.255"}) {
            office.request.to = address;
            const auto report = office.run();
            CHECK_MESSAGE(report.state == TraceState::Failed, address);
            CHECK(report.trouble.find(address) != std::string::npos);
        }
        CHECK(office.world.packetTimes.empty());
    }
    SUBCASE("a user to trace from who does not exist is not left out silently") {
        office.request.from = "nobody-x";
        const auto report = office.run();
        CHECK(report.state == TraceState::Failed);
        CHECK(report.trouble.find("nobody-x") != std::string::npos);
    }
    SUBCASE("both ends the same") {
        office.request.from = "yuki";
        CHECK(office.run().state == TraceState::Failed);
    }
    SUBCASE("a user who was forgotten meanwhile") {
        office.request.toUser = 99;
        const auto report = office.run();
        CHECK(report.state == TraceState::Failed);
        CHECK_FALSE(report.trouble.empty());
    }
}

TEST_CASE("trace: stopped in the middle it ends at once, judges what there is, and says what was not measured") {
    Office office;
    office.request.isQuick = false;
    office.world.stopAfter = 4;
    const auto report = office.run();
    CHECK(report.state == TraceState::Stopped);
    CHECK(office.world.packetTimes.size() <= 6);
    CHECK_FALSE(report.verdicts.empty());
    CHECK(rowOf(report, TraceStep::Path).grade == TraceGrade::NotMeasured);
}

TEST_CASE("trace: a repeated probe names the minutes that were lost, and its length is kept") {
    Office office;
    office.request.repeatMinutes = 2;
    const auto report = office.run();
    REQUIRE(office.evidence.aToY.repeat);
    CHECK(office.evidence.aToY.repeat->size() == 24);
    CHECK(rowOf(report, TraceStep::Repeat).result == "0 of 24 unanswered");
}

TEST_CASE("trace: a computer of the own segment that was just switched off is not taken for one with a firewall") {
    Office office;
    for (const auto* address : {"10.1.0.31", "10.1.0.32"})
        office.world.user((std::string("near") + address).c_str(), ip(address), ClientKind::Windows, "Tokyo",
                          "10.1.0.0/24");
    office.request.from = "10.1.0.31";
    office.request.to = "xena";
    office.request.isQuick = false;
    office.world.hosts[kX].isUp = false;
    office.world.tableMemory = 8s;
    const auto report = office.run();
    CHECK(report.verdicts.at(0).code == VerdictCode::HostOff);
    CHECK(rowOf(report, TraceStep::Neighbour).result == "10.1.0.11 has no hardware address any more");
    CHECK(rowOf(report, TraceStep::Neighbour).grade == TraceGrade::Failed);
}

// Linked services ------------------------------------------------------------------------

namespace {

/// An office with a linked service in Osaka that measures what is fine there.
struct LinkedOffice : Office {
    std::shared_ptr<FakePeer> peer = std::make_shared<FakePeer>();

    LinkedOffice() {
        world.peer = peer;
        request.isQuick = false;
        for (const auto target : {kX, kY}) {
            auto& leg = peer->evidence[target];
            leg.fromAddress = ip("10.2.0.2");
            leg.toAddress = ip("1.2.3.4");  // what it says of itself is not taken
            leg.answersChatProbe = true;
            leg.chatProbe.emplace();
            leg.chatProbe->tries = leg.chatProbe->answers = 3;
            leg.joinProbe.emplace();
            leg.joinProbe->tries = leg.joinProbe->answers = 1;
            leg.tcp.emplace();
            leg.tcp->outcome = TcpOutcome::Connected;
            leg.segment.emplace();
            leg.segment->isSameSegment = target == kY;
        }
        peer->counts->ownAddress = kService;
        peer->counts->peerAddress = ip("10.2.0.2");
        peer->counts->there = direction(kService, 10, 2);
        peer->counts->back = direction(ip("10.2.0.2"), 10, 2);
    }
    static PeerDirection direction(Ip4 source, unsigned chat, unsigned voice) {
        PeerDirection way;
        way.chat = PeerPort{2425, 10, chat, source, std::uint16_t{2425}};
        way.link = PeerPort{8426, 5, 5, source, std::uint16_t{8426}};
        for (int port = 22224; port <= 22227; ++port)
            way.voice.push_back({static_cast<std::uint16_t>(port), 2, voice, source, {}});
        return way;
    }
};

}  // namespace

TEST_CASE("trace: a linked service measures from its side, and every row says who measured") {
    LinkedOffice office;
    const auto report = office.run();
    REQUIRE_FALSE(report.verdicts.empty());
    CHECK(report.verdicts[0].code == VerdictCode::Ok);
    CHECK(report.verdicts[0].certainty == Certainty::Certain);
    CHECK(report.verdicts[0].sentence.find("Measured from both bases.") != std::string::npos);
    CHECK(office.evidence.hasPeer);
    CHECK(office.evidence.isPeerInYSegment == true);
    CHECK(office.evidence.bToX->toAddress == kX);
    CHECK(office.evidence.bToX->from == "the service of base Osaka");
    CHECK(rowOf(report, TraceStep::ChatProbe, TraceLeg::BToX).by == "the service of base Osaka");
    CHECK(rowOf(report, TraceStep::ChatProbe).by.empty());
    CHECK(rowOf(report, TraceStep::PathBack, TraceLeg::BToX).path);
    CHECK(rowOf(report, TraceStep::ChatProbe, TraceLeg::AToPeer).result == "10 of 10 arrived");
    CHECK(rowOf(report, TraceStep::Nat, TraceLeg::PeerToA).result == "not translated: seen as 10.2.0.2");
    CHECK(rowOf(report, TraceStep::VoicePorts, TraceLeg::AToPeer).result == "4 of 4 ports open");
    CHECK(office.peer->countsAsked == 1);
    // The way back to us is the way there for the other service, and lists are never asked for.
    const auto& asked = office.peer->asked[kX];
    CHECK(std::find(asked.begin(), asked.end(), TraceStep::Path) != asked.end());
    CHECK(std::find(asked.begin(), asked.end(), TraceStep::Lists) == asked.end());
}

TEST_CASE("trace: a link that is down makes grey rows with the reason, and the verdict says one side") {
    LinkedOffice office;
    office.peer->why = "the service of base Osaka cannot measure. No connection since noon.";
    const auto report = office.run();
    unsigned grey = 0;
    for (const auto& row : report.rows) {
        if (row.leg == TraceLeg::AToY || row.leg == TraceLeg::AToX) continue;
        ++grey;
        CHECK(row.grade == TraceGrade::NotMeasured);
        CHECK(row.result.find("No connection since noon.") != std::string::npos);
    }
    CHECK(grey > 10);
    CHECK(office.peer->asked.empty());
    CHECK(office.peer->countsAsked == 0);
    CHECK_FALSE(office.evidence.hasPeer);
    CHECK(report.verdicts.at(0).code == VerdictCode::Ok);
    CHECK(report.verdicts.at(0).sentence.find("one side only") != std::string::npos);
}

TEST_CASE("trace: a link that breaks meanwhile leaves grey rows, never red ones") {
    LinkedOffice office;
    office.peer->breaks = true;
    office.peer->counts = Error{Code::Unavailable, "the connection ended meanwhile"};
    const auto report = office.run();
    for (const auto& row : report.rows) {
        if (row.leg == TraceLeg::AToY || row.leg == TraceLeg::AToX) continue;
        CHECK((row.grade == TraceGrade::Fine || row.grade == TraceGrade::NotMeasured));
    }
    CHECK(rowOf(report, TraceStep::FilePort, TraceLeg::BToY).result == "not measured: the connection ended meanwhile");
    CHECK(report.verdicts.at(0).code == VerdictCode::Ok);
}

TEST_CASE("trace: datagrams that were counted at the far end tell one way, translation and voice ports") {
    LinkedOffice office;
    SUBCASE("nothing of base A arrives in base B") {
        for (auto& [address, host] : office.world.hosts)
            if (!Network4::parse("10.1.0.0/24")->contains(address)) host.dropsUdp = true;
        auto& back = *office.peer->evidence[kX].chatProbe;
        back.answers = 0;
        office.peer->evidence[kX].joinProbe->answers = 0;
        office.peer->counts->there = LinkedOffice::direction(kService, 0, 2);
        office.peer->counts->there.chat->source.reset();
        const auto report = office.run();
        CHECK(report.verdicts.at(0).code == VerdictCode::OneWay);
        CHECK(report.verdicts.at(0).certainty == Certainty::Certain);
        CHECK(report.verdicts.at(0).parameters.direction == TraceDirection::AToB);
        CHECK(rowOf(report, TraceStep::ChatProbe, TraceLeg::AToPeer).grade == TraceGrade::Failed);
    }
    SUBCASE("a router shows another source") {
        office.peer->counts->there = LinkedOffice::direction(ip("10.9.0.1"), 10, 2);
        const auto report = office.run();
        CHECK(report.verdicts.at(0).code == VerdictCode::Nat);
        CHECK(report.verdicts.at(0).certainty == Certainty::Certain);
        CHECK(rowOf(report, TraceStep::Nat, TraceLeg::AToPeer).result ==
              "translated: 10.1.0.2 is seen as 10.9.0.1:2425");
    }
    SUBCASE("chat was begun by the other side, so that only the port of the link shows the translation") {
        office.peer->counts->there.link->source = ip("10.9.0.1");
        const auto report = office.run();
        CHECK(report.verdicts.at(0).code == VerdictCode::Nat);
        CHECK(rowOf(report, TraceStep::Nat, TraceLeg::AToPeer).result ==
              "translated: 10.1.0.2 is seen as 10.9.0.1:8426");
    }
    SUBCASE("calls pass in one direction only") {
        office.peer->counts->back = LinkedOffice::direction(ip("10.2.0.2"), 10, 0);
        const auto report = office.run();
        CHECK(report.verdicts.at(0).code == VerdictCode::RtpBlocked);
        CHECK(report.verdicts.at(0).parameters.direction == TraceDirection::BToA);
        CHECK(report.verdicts.at(0).parameters.ports.size() == 4);
    }
    SUBCASE("calls and chat both fail: that is no matter of voice ports") {
        office.peer->counts->there = LinkedOffice::direction(kService, 0, 0);
        office.peer->counts->there.chat->source.reset();
        const auto report = office.run();
        for (const auto& verdict : report.verdicts)
            CHECK(verdict.code != VerdictCode::RtpBlocked);
    }
    SUBCASE("a voice port is in use: that row is grey with the reason, the rest is measured") {
        office.peer->counts->there.voice.clear();
        office.peer->counts->back.voice.clear();
        office.peer->counts->voiceTrouble = "there: UDP port 22225 is held by a phone";
        const auto report = office.run();
        CHECK(rowOf(report, TraceStep::VoicePorts, TraceLeg::AToPeer).result ==
              "not measured: there: UDP port 22225 is held by a phone");
        CHECK(report.verdicts.at(0).code == VerdictCode::Ok);
    }
}

TEST_CASE("trace: a fault of the linked service itself is said to be there") {
    LinkedOffice office;
    office.peer->evidence[kY].self.emplace();
    office.peer->evidence[kY].self->isUdpBound = false;
    office.peer->evidence[kY].self->portHolder = "iptux";
    const auto report = office.run();
    CHECK(report.verdicts.at(0).code == VerdictCode::SelfFault);
    CHECK(report.verdicts.at(0).sentence.find("at the linked service belongs to the program iptux") !=
          std::string::npos);
}
