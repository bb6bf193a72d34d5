#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "service/domains/domains_io.h"
#include "shared/base/guarded.h"

using namespace causeway;
using namespace causeway::domains;

namespace {

/// Records in memory; the real ones are tested with the store.
class Records final : public DomainRecords {
public:
    Result<std::vector<ChatDomain>> domains() override { return domains_; }
    Result<ChatDomain> saveDomain(const ChatDomain& domain) override {
        if (isDiskFull) return Error{Code::Unavailable, "The disk is full."};
        auto saved = domain;
        ++saved.revision;
        if (saved.id == 0) {
            saved.id = ++lastId_;
            domains_.push_back(saved);
        } else {
            for (auto& each : domains_)
                if (each.id == saved.id) each = saved;
        }
        return saved;
    }
    Result<void> removeDomain(std::uint64_t id) override {
        std::erase_if(domains_, [id](const auto& each) { return each.id == id; });
        return {};
    }
    Result<std::vector<SupernodeRow>> supernodes() override { return nodes_; }
    Result<Supernode> saveSupernode(const SupernodeRow& row) override {
        auto saved = row;
        if (saved.node.id == 0) saved.node.id = ++lastId_;
        std::erase_if(nodes_, [&](const auto& each) { return each.node.id == saved.node.id; });
        nodes_.push_back(saved);
        return saved.node;
    }
    Result<void> removeSupernode(std::uint64_t id) override {
        std::erase_if(nodes_, [id](const auto& each) { return each.node.id == id; });
        return {};
    }
    void addDotChangeLater(std::uint64_t, const DotChange& change) override {
        changes.with([&](auto& all) { all.push_back(change); });
    }
    Result<std::vector<DotChange>> dotChanges(std::uint64_t, std::size_t) override {
        return changes.with([](auto& all) { return all; });
    }
    Result<std::uint64_t> accountCount(std::uint64_t) override { return std::uint64_t{3}; }

    Guarded<std::vector<DotChange>> changes;
    bool isDiskFull = false;

private:
    std::vector<ChatDomain> domains_;
    std::vector<SupernodeRow> nodes_;
    std::uint64_t lastId_ = 0;
};

/// Answers at once with what the test has set.
class Meter final : public DotMeter {
public:
    std::atomic<ProofState> state{ProofState::Fine};
    std::atomic<int> asked{0};
    void measure(DotKind, const ChatDomain&, const std::vector<SupernodeView>&,
                 std::function<void(ProofStep)> done) override {
        ++asked;
        ProofStep proof;
        proof.name = "all";
        proof.state = state;
        proof.why = "as the test says";
        done(std::move(proof));
    }
};

struct Fixture {
    NoLog log;
    net::EventLoop loop{"domains", log};
    Records records;
    Meter meter;
    Guarded<std::vector<DomainView>> zones;
    std::shared_ptr<DomainsIo> domains;

    Fixture() {
        loop.start();
        domains = made();
        REQUIRE(domains->start());
    }
    ~Fixture() {
        domains->stop();
        loop.stop();
    }
    std::shared_ptr<DomainsIo> made() {
        DomainsIo::Parts parts;
        parts.loop = &loop;
        parts.records = &records;
        parts.meter = &meter;
        parts.log = &log;
        parts.zonesChanged = [this](std::vector<DomainView> all) {
            zones.with([&](auto& kept) { kept = std::move(all); });
        };
        parts.providers = [] { return std::set<std::uint64_t>{7}; };
        parts.localSupernode = [] {
            Supernode local;
            local.lanAddress = "10.1.0.5";
            return local;
        };
        return DomainsIo::make(std::move(parts));
    }
    Result<DomainView> add(const std::string& name) {
        ChatDomain draft;
        draft.name = name;
        std::vector<DraftProblem> problems;
        return domains->save(draft, problems);
    }
    template <class F>
    static void until(F condition) {
        const auto end = net::EventLoop::now() + 10s;
        while (!condition()) {
            REQUIRE(net::EventLoop::now() < end);
            std::this_thread::yield();
        }
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "domains io: a new domain has this service as supernode, is measured and told to DNS") {
    const auto made = add("Chat.Example.com");
    REQUIRE(made);
    CHECK(made->domain.name == "chat.example.com");
    CHECK(made->accounts == 3);
    REQUIRE(made->supernodes.size() == 1);
    CHECK(made->supernodes[0].node.origin == SupernodeOrigin::Local);
    CHECK(made->supernodes[0].isLive);
    until([&] { return domains->domain(made->domain.id)->supernode.state == ProofState::Fine; });
    CHECK(domains->domain(made->domain.id)->directory.state == ProofState::Fine);
    CHECK(domains->gate("chat.example.com").value() == Gate::Open);
    zones.with([](auto& all) {
        REQUIRE(all.size() == 1);
        CHECK(all[0].supernodes.size() == 1);
    });
    CHECK(records.changes.with([](auto& all) { return all.size(); }) == 2);
}

TEST_CASE_FIXTURE(Fixture, "domains io: a check by hand measures anew, and the change is kept") {
    const auto id = add("chat.example.com")->domain.id;
    until([&] { return domains->domain(id)->supernode.state == ProofState::Fine; });
    meter.state = ProofState::Broken;
    REQUIRE(domains->checkNow(id));
    until([&] { return domains->domain(id)->supernode.state == ProofState::Broken; });
    CHECK(domains->domain(id)->supernode.sentence == "as the test says");
    CHECK(domains->gate("chat.example.com").value() == Gate::DirectoryDown);
    CHECK(records.changes.with([](auto& all) { return all.size(); }) == 4);
    CHECK(domains->checkNow(99).error().code == Code::NotFound);
}

TEST_CASE_FIXTURE(
    Fixture, "domains io: a refused draft names its fields, a stale one is a conflict, a full disk changes nothing") {
    std::vector<DraftProblem> problems;
    ChatDomain draft;
    draft.name = "localhost";
    const auto refused = domains->save(draft, problems);
    CHECK(refused.error().code == Code::BadInput);
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].field == "name");

    auto saved = add("chat.example.com").value().domain;
    auto first = saved;
    first.note = "first";
    REQUIRE(domains->save(first, problems));
    auto second = saved;
    second.note = "second";
    CHECK(domains->save(second, problems).error().code == Code::Conflict);
    records.isDiskFull = true;
    CHECK(add("other.example.com").error().code == Code::Unavailable);
    CHECK(domains->domains()->size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "domains io: a supernode with a token lives by its heartbeats") {
    const auto id = add("chat.example.com")->domain.id;
    Supernode far;
    far.domain = id;
    far.name = "far";
    far.origin = SupernodeOrigin::Token;
    far.internetAddress = "192.0.2.9";
    std::vector<DraftProblem> problems;
    const auto saved = domains->saveSupernode(far, "hash", problems);
    REQUIRE(saved);
    const auto isLive = [&] {
        const auto view = domains->domain(id).value();
        return std::any_of(view.supernodes.begin(), view.supernodes.end(),
                           [&](const auto& each) { return each.node.id == saved->id && each.isLive; });
    };
    CHECK_FALSE(isLive());
    CHECK(domains->heartbeat("wrong", "0.1.0").error().code == Code::Denied);
    CHECK(domains->heartbeat("", "0.1.0").error().code == Code::Denied);
    REQUIRE(domains->heartbeat("hash", "0.1.0"));
    CHECK(isLive());
    REQUIRE(domains->removeSupernode(saved->id));
    CHECK(domains->heartbeat("hash", "0.1.0").error().code == Code::Denied);
}

TEST_CASE_FIXTURE(Fixture, "domains io: everything is there again behind a restart, and a removed domain is not") {
    const auto id = add("chat.example.com")->domain.id;
    REQUIRE(add("other.example.com"));
    REQUIRE(domains->remove(id));
    CHECK(domains->gate("chat.example.com").value() == Gate::UnknownDomain);
    domains->stop();
    domains = made();
    REQUIRE(domains->start());
    const auto all = domains->domains().value();
    REQUIRE(all.size() == 1);
    CHECK(all[0].domain.name == "other.example.com");
    until([&] { return domains->domain(all[0].domain.id)->directory.state == ProofState::Fine; });
}
