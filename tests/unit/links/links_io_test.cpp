#include "service/links/links_io.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

using namespace causeway;
using namespace causeway::links;

namespace {

constexpr std::chrono::seconds kPatience{15};

Network4 network(std::string_view text) {
    return *Network4::parse(text);
}

class MemoryKeeper final : public LinkKeeper {
    template <class F>
    auto with(F work) {
        const std::lock_guard hold{lock_};
        return work();
    }

public:
    Result<std::vector<LinkRecord>> links() override {
        return with([&] { return links_; });
    }
    Result<std::vector<InvitationRecord>> invitations() override {
        return with([&] { return invitations_; });
    }
    Result<void> saveLink(const LinkRecord& link) override {
        with([&] {
            std::erase_if(links_, [&](const auto& each) { return each.base == link.base; });
            links_.push_back(link);
        });
        return {};
    }
    Result<void> removeLink(std::uint64_t base) override {
        with([&] { std::erase_if(links_, [&](const auto& each) { return each.base == base; }); });
        return {};
    }
    Result<void> addInvitation(const InvitationRecord& invitation, TimePoint) override {
        with([&] { invitations_.push_back(invitation); });
        return {};
    }
    Result<void> redeem(const std::string& hash, TimePoint now, const LinkRecord& link,
                        const std::vector<Network4>& segments) override {
        CHECK_FALSE(segments.empty());
        with([&] {
            for (auto& each : invitations_)
                if (each.tokenHash == hash) each.usedAt = now;
        });
        return saveLink(link);
    }

private:
    std::mutex lock_;
    std::vector<LinkRecord> links_;
    std::vector<InvitationRecord> invitations_;
};

/// Says what was asked of it and answers each measurement with one row.
class OneRow final : public LinkDuty {
public:
    void measure(std::uint64_t, const link::Measure& wish, Answer answer) override {
        link::Row row{wish.id, {}};
        row.row.step = wish.steps.front();
        row.row.result = "measured " + wish.target.text();
        answer(row);
        link::Measured measured{wish.id, {}};
        measured.evidence.chatProbe.emplace().tries = 3;
        answer(measured);
    }
    void stop(std::uint64_t, std::uint32_t) override {}
    void openCount(std::uint64_t, const link::CountOpen& wish, Answer answer) override {
        answer(link::Refused{wish.id, "The voice ports are in use.", ""});
    }
    void turnCount(std::uint64_t, const link::CountTurn&, Answer) override {}
    void gone(std::uint64_t) override {}
};

/// One service on loopback with a base 1, the other's.
struct Side {
    NoLog log;
    MemoryKeeper keeper;
    OneRow duty;
    net::TlsIdentity identity;
    std::unique_ptr<LinksIo> io;
    std::string listen;

    Side(const char* name, const char* segment, const char* theirs, std::string listenAt)
        : identity(*net::makeTlsIdentity(name)),
          listen(std::move(listenAt)),
          name_(name),
          segment_(segment),
          theirs_(theirs) {
        open();
    }
    void open() {
        io = std::make_unique<LinksIo>(keeper, LinksIo::Options{identity, "0.1.0"}, log);
        io->setDuty(&duty);
        REQUIRE(io->start(listen));
        io->setOwn({name_, name_, Ip4{0x7F000001}, {*Network4::parse(segment_)}});
        BaseSite other;
        other.id = 1;
        other.name = "other base";
        other.segments = {*Network4::parse(theirs_)};
        io->setBases({other});
    }
    BaseLink state() {
        const auto all = io->links().links;
        return all.empty() ? BaseLink{} : all.front();
    }
    bool becomes(LinkState wanted) {
        std::mutex lock;
        std::condition_variable never;
        std::unique_lock hold{lock};
        const auto end = std::chrono::steady_clock::now() + kPatience;
        while (std::chrono::steady_clock::now() < end) {
            if (!io->links().links.empty() && state().state == wanted) return true;
            never.wait_for(hold, std::chrono::milliseconds{10});
        }
        return false;
    }

private:
    std::string name_, segment_, theirs_;
};

struct Two {
    Side a{"tokyo-1", "10.1.0.0/24", "10.2.0.0/24", "127.0.0.1:0"};
    Side b{"osaka-1", "10.2.0.0/24", "10.1.0.0/24", ""};

    std::string invitation() {
        const auto made = a.io->invite(1, "Osaka", 1h, "127.0.0.1");
        REQUIRE(made);
        return made->text;
    }
    void link() {
        const auto meeting = b.io->meet(invitation());
        REQUIRE(meeting);
        REQUIRE(b.io->keep(1, *meeting));
        REQUIRE(a.becomes(LinkState::Linked));
        REQUIRE(b.becomes(LinkState::Linked));
    }
};

std::string whatOf(const Result<LinksPort::Meeting>& meeting) {
    return meeting ? "met" : meeting.error().what;
}

}  // namespace

TEST_CASE("links: an invitation links two services, and both know each other") {
    Two two;
    const auto meeting = two.b.io->meet(two.invitation());
    REQUIRE(meeting);
    CHECK(meeting->service == "tokyo-1");
    CHECK(meeting->segments == std::vector{network("10.1.0.0/24")});
    const auto kept = two.b.io->keep(1, *meeting);
    REQUIRE(kept);
    CHECK(kept->state == LinkState::Linked);
    REQUIRE(two.a.becomes(LinkState::Linked));
    CHECK(two.a.state().fingerprint == two.b.identity.fingerprint);
    CHECK(two.b.state().fingerprint == two.a.identity.fingerprint);
    CHECK(two.a.state().service == "osaka-1");
    CHECK(two.a.state().version == "0.1.0");
    CHECK_FALSE(two.a.state().isDialling);
    CHECK(two.b.state().isDialling);
    CHECK(two.a.state().segments == std::vector{network("10.2.0.0/24")});
}

TEST_CASE("links: a link outlives the restart of either side") {
    Two two;
    two.link();
    two.b.io.reset();
    CHECK(two.a.becomes(LinkState::NotAnswering));
    CHECK(two.a.state().sentence.find("ended the connection") != std::string::npos);
    two.b.open();
    CHECK(two.b.becomes(LinkState::Linked));
    CHECK(two.a.becomes(LinkState::Linked));
}

TEST_CASE("links: a used, a wrong and an ended invitation are refused in words") {
    Two two;
    const auto text = two.invitation();
    auto wrong = text;
    const auto token = text.rfind('/') - 1;
    wrong[token] = wrong[token] == 'a' ? 'b' : 'a';
    CHECK(whatOf(two.b.io->meet(wrong)) ==
          "The other service does not know this invitation: it is wrong, or was withdrawn.");
    REQUIRE(two.b.io->meet(text));
    CHECK(whatOf(two.b.io->meet(text)).starts_with("The invitation was used already, at "));
    CHECK(whatOf(two.b.io->meet(text.substr(0, text.rfind('/')) + "/1000000000")) ==
          "The invitation ended at 2001-09-09T01:46:40.000Z.");
    CHECK(two.a.io->meet(text).error().what == "This invitation was made by this service itself.");
    auto foreign = text;
    const auto finger = text.find("/", 20) + 1;
    foreign[finger] = foreign[finger] == 'a' ? 'b' : 'a';
    CHECK(whatOf(two.b.io->meet(foreign)).starts_with("Another service answers at 127.0.0.1:"));
}

TEST_CASE("links: who is not pinned and has no invitation does not get through the handshake") {
    Two two;
    const auto text = two.invitation();
    REQUIRE(two.a.io->unlink(1));  // withdraws it
    CHECK(whatOf(two.b.io->meet(text)) == "The other service has no open invitation.");
}

TEST_CASE("links: a changed certificate is a refusal with what to do, on both sides") {
    Two two;
    two.link();
    two.b.io.reset();
    REQUIRE(two.a.becomes(LinkState::NotAnswering));
    two.b.identity = *net::makeTlsIdentity("osaka-1");
    // No invitation is open any more that would let a stranger in.
    two.b.open();
    CHECK(two.b.becomes(LinkState::Refused));
    CHECK(two.b.state().sentence == "The other service does not know the certificate of this one (any more).");
    CHECK_FALSE(two.b.state().todo.empty());
}

TEST_CASE("links: unlinking tells the other side") {
    Two two;
    two.link();
    REQUIRE(two.a.io->unlink(1));
    CHECK(two.a.io->links().links.empty());
    CHECK(two.b.becomes(LinkState::Refused));
    CHECK(two.b.state().sentence == "The administrator of the other side has taken the link away.");
    CHECK(two.a.io->unlink(1).error().code == Code::NotFound);
}

TEST_CASE("links: both sides may ask, foreign targets are refused, refusals are words") {
    Two two;
    two.link();
    for (auto* side : {&two.a, &two.b}) {
        std::mutex lock;
        std::condition_variable wake;
        std::vector<Result<link::Message>> answers;
        const auto told = [&](const Result<link::Message>& message) {
            const std::lock_guard hold{lock};
            answers.push_back(message);
            wake.notify_all();
        };
        const auto wait = [&](std::size_t count) {
            std::unique_lock hold{lock};
            REQUIRE(wake.wait_for(hold, kPatience, [&] { return answers.size() >= count; }));
        };
        REQUIRE(side->io->ask(1, link::Measure{0, *Ip4::parse("10.2.0.21"), 2425, {TraceStep::ChatProbe}}, told));
        wait(2);
        CHECK(std::get<link::Row>(*answers[0]).row.result == "measured 10.2.0.21");
        CHECK(std::get<link::Measured>(*answers[1]).evidence.chatProbe->tries == 3);
        REQUIRE(side->io->ask(1, link::Measure{0, *Ip4::parse("10.7.0.1"), 2425, {TraceStep::ChatProbe}}, told));
        wait(3);
        CHECK(answers[2].error().what.find("10.7.0.1 is in no segment") != std::string::npos);
        REQUIRE(side->io->ask(1, link::CountOpen{0, "0123456789abcdef", 0, 0}, told));
        wait(4);
        CHECK(answers[3].error().what == "The voice ports are in use.");
    }
    two.b.io.reset();
    REQUIRE(two.a.becomes(LinkState::NotAnswering));
    const auto refused = two.a.io->ask(1, link::Measure{0, *Ip4::parse("10.2.0.21"), 2425, {TraceStep::ChatProbe}},
                                       [](const Result<link::Message>&) {});
    CHECK(refused.error().what.starts_with("No connection since "));
}

TEST_CASE("links: a linked service cannot widen what it may ask for by what it says of itself") {
    Two two;
    two.b.io->setOwn({"osaka-1", "Osaka", Ip4{0x7F000001}, {network("10.2.0.0/24"), network("10.66.0.0/16")}});
    two.link();
    CHECK(two.a.state().segments.size() == 2);
    std::promise<Result<link::Message>> answer;
    REQUIRE(two.b.io->ask(1, link::Measure{0, *Ip4::parse("10.66.0.1"), 2425, {TraceStep::ChatProbe}},
                          [&](const Result<link::Message>& message) { answer.set_value(message); }));
    auto told = answer.get_future();
    REQUIRE(told.wait_for(kPatience) == std::future_status::ready);
    CHECK(told.get().error().what.find("10.66.0.1 is in no segment") != std::string::npos);
}

TEST_CASE("links: who is linked learns when the networks of the other side change") {
    Two two;
    two.link();
    two.b.io->setOwn({"osaka-2", "Osaka", Ip4{0x7F000001}, {network("10.2.0.0/24"), network("10.2.1.0/24")}});
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (two.a.state().segments.size() != 2 && std::chrono::steady_clock::now() < end)
        std::this_thread::yield();
    CHECK(two.a.state().segments.size() == 2);
    CHECK(two.a.state().service == "osaka-2");
    CHECK(two.a.state().state == LinkState::Linked);
}

TEST_CASE("links: the base of an address is found by its segments, our own addresses belong to nobody else") {
    Two two;
    two.link();
    const auto found = two.a.io->linkOf(*Ip4::parse("10.2.0.21"));
    REQUIRE(found);
    CHECK(found->baseName == "other base");
    CHECK_FALSE(two.a.io->linkOf(*Ip4::parse("10.1.0.11")));
    CHECK_FALSE(two.a.io->linkOf(*Ip4::parse("10.9.0.11")));
}
