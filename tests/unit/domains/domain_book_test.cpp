#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "service/domains/domain_book.h"

using namespace causeway;
using namespace causeway::domains;

namespace {

ProofStep proof(ProofState state, const std::string& sentence = "It works.") {
    ProofStep step;
    step.id = "whole";
    step.name = "Everything";
    step.state = state;
    step.proves = sentence;
    step.why = state == ProofState::Fine ? "" : sentence;
    return step;
}

struct Book {
    DomainBook book;
    TimePoint now{std::chrono::hours{1000}};
    std::uint64_t nextId = 1;

    /// Checks and puts, as the service does behind its store.
    std::vector<DraftProblem> add(const std::string& name, std::vector<std::uint64_t> providers = {}) {
        ChatDomain draft;
        draft.name = name;
        draft.providers = std::move(providers);
        auto problems = book.check(draft);
        if (problems.empty()) {
            draft.id = nextId++;
            book.put(draft, now);
        }
        return problems;
    }
    std::vector<DraftProblem> addNode(Supernode node) {
        auto problems = book.check(node);
        if (problems.empty()) {
            node.id = nextId++;
            book.put(node, now);
        }
        return problems;
    }
    static Supernode node(std::uint64_t domain, const std::string& name,
                          SupernodeOrigin origin = SupernodeOrigin::Hand) {
        Supernode made;
        made.domain = domain;
        made.name = name;
        made.origin = origin;
        made.lanAddress = "10.1.0.5";
        return made;
    }
    void answerAll(ProofState state) {
        for (const auto& each : book.takeDue(now))
            book.checked(each.domain, each.kind, proof(state), now);
    }
};

bool has(const std::vector<DraftProblem>& problems, const std::string& field, const std::string& word) {
    return std::any_of(problems.begin(), problems.end(), [&](const auto& each) {
        return each.field == field && each.text.find(word) != std::string::npos;
    });
}

}  // namespace

TEST_CASE("domains: a domain is found by its name in any writing, and no name is served twice") {
    Book run;
    REQUIRE(run.add("B\xC3\xBC"
                    "cher.Example")
                .empty());
    REQUIRE(run.book.findByName("xn--bcher-kva.example") != nullptr);
    CHECK(run.book.findByName("B\xC3\x9C"
                              "CHER.example.") == run.book.findByName("xn--bcher-kva.example"));
    CHECK(run.book.findByName("other.example") == nullptr);
    CHECK(has(run.add("XN--BCHER-KVA.example"), "name", "already"));
    CHECK(has(run.add("localhost"), "name", "host name"));
    CHECK(run.book.all().size() == 1);
}

TEST_CASE("domains: every fault of a draft is told at its field, together") {
    Book run;
    run.book.setProviders({7});
    ChatDomain draft;
    draft.name = "10.1.0.7";
    draft.providers = {7, 7, 8};
    draft.certificate = CertificateSource::Files;
    draft.ttl = 1;
    const auto problems = run.book.check(draft);
    CHECK(has(problems, "name", "address"));
    CHECK(has(problems, "providers", "twice"));
    CHECK(has(problems, "providers", "no provider 8"));
    CHECK(has(problems, "certificateFile", "PEM"));
    CHECK(has(problems, "keyFile", "PEM"));
    CHECK(has(problems, "ttl", "5 seconds"));
}

TEST_CASE("domains: a domain keeps its name") {
    Book run;
    REQUIRE(run.add("chat.example.com").empty());
    auto changed = *run.book.find(1);
    changed.note = "head office";
    CHECK(run.book.check(changed).empty());
    changed.shown = "other.example.com";
    CHECK(has(run.book.check(changed), "name", "stays"));
}

TEST_CASE("domains: supernodes need a label, an address and two different ports") {
    Book run;
    REQUIRE(run.add("chat.example.com").empty());
    CHECK(run.addNode(Book::node(1, "SN1")).empty());
    CHECK(run.book.supernodesOf(1).front()->name == "sn1");
    CHECK(has(run.addNode(Book::node(1, "sn1")), "name", "already"));
    CHECK(has(run.addNode(Book::node(9, "sn1")), "domain", "no such"));
    auto wrong = Book::node(1, "sn.2");
    wrong.lanAddress = "pc.example.com";
    wrong.tlsPort = wrong.port;
    const auto problems = run.book.check(wrong);
    CHECK(has(problems, "name", "one part"));
    CHECK(has(problems, "lanAddress", "not an IP address"));
    CHECK(has(problems, "tlsPort", "same"));
    auto none = Book::node(1, "sn3");
    none.lanAddress = " ";
    CHECK(has(run.book.check(none), "lanAddress", "address"));
    auto internet = *run.book.find(1);
    internet.reach = DomainReach::LanAndInternet;
    run.book.put(internet, run.now);
    CHECK(has(run.addNode(Book::node(1, "sn4")), "internetAddress", "Internet"));
}

TEST_CASE("domains: missing heartbeats withdraw a supernode, and the next one brings it back") {
    Book run;
    REQUIRE(run.add("chat.example.com").empty());
    auto far = Book::node(1, "far", SupernodeOrigin::Token);
    far.lastHeartbeat = run.now;
    REQUIRE(run.addNode(far).empty());
    run.book.takeZonesChanged();
    const auto id = run.book.supernodesOf(1).front()->id;
    run.now += 89s;
    run.book.tick(run.now);
    CHECK(run.book.isLive(*run.book.findSupernode(id), run.now));
    CHECK_FALSE(run.book.takeZonesChanged());
    run.now += 1s;
    run.book.tick(run.now);
    CHECK_FALSE(run.book.isLive(*run.book.findSupernode(id), run.now));
    CHECK(run.book.takeZonesChanged());
    run.book.tick(run.now += 1s);
    CHECK_FALSE(run.book.takeZonesChanged());  // said once
    REQUIRE(run.book.heartbeat(id, "0.1.0", run.now));
    CHECK(run.book.isLive(*run.book.findSupernode(id), run.now));
    CHECK(run.book.takeZonesChanged());
    CHECK(run.book.heartbeat(99, "", run.now).error().code == Code::NotFound);
}

TEST_CASE("domains: dots are grey until proven, follow the proof, and remember when they changed") {
    Book run;
    REQUIRE(run.add("chat.example.com").empty());
    CHECK(run.book.dot(1, DotKind::Directory).state == ProofState::Unknown);
    CHECK(run.book.takeDue(run.now) == std::vector<WantedCheck>{{1, DotKind::Directory}, {1, DotKind::Supernode}});
    CHECK(run.book.takeDue(run.now).empty());  // under way
    run.book.checked(1, DotKind::Directory, proof(ProofState::Fine), run.now);
    CHECK(run.book.dot(1, DotKind::Directory).state == ProofState::Fine);
    const auto since = run.book.dot(1, DotKind::Directory).since;
    run.now += 60s;
    run.answerAll(ProofState::Fine);
    CHECK(run.book.dot(1, DotKind::Directory).since == since);
    CHECK(run.book.dot(1, DotKind::Directory).checkedAt == run.now);
    run.now += 60s;
    for (const auto& each : run.book.takeDue(run.now))
        run.book.checked(each.domain, each.kind, proof(ProofState::Broken, "ldap1 refuses the connection."), run.now);
    CHECK(run.book.dot(1, DotKind::Directory).sentence == "ldap1 refuses the connection.");
    const auto history = run.book.history(1);
    REQUIRE(history.size() == 4);  // both dots: fine, broken
    CHECK(history.back().state == ProofState::Broken);
    CHECK(run.book.takeDotChanges().size() == 4);
    CHECK(run.book.takeDotChanges().empty());
    // A broken dot is looked at again sooner.
    CHECK(run.book.nextDeadline(run.now) == run.now + 15s);
}

TEST_CASE("domains: a green dot whose proof is old becomes amber, though nothing answers at all") {
    Book run;
    REQUIRE(run.add("chat.example.com").empty());
    run.answerAll(ProofState::Fine);
    run.now += 179s;
    run.book.tick(run.now);
    CHECK(run.book.dot(1, DotKind::Directory).state == ProofState::Fine);
    run.now += 1s;
    run.book.tick(run.now);
    CHECK(run.book.dot(1, DotKind::Directory).state == ProofState::Partly);
    CHECK_FALSE(run.book.takeDue(run.now).empty());
}

TEST_CASE("domains: the gate tells apart why a login cannot be") {
    Book run;
    REQUIRE(run.add("chat.example.com").empty());
    CHECK(run.book.gate("nowhere.example") == Gate::UnknownDomain);
    CHECK(run.book.gate("chat.example.com") == Gate::DirectoryDown);
    run.book.checked(1, DotKind::Directory, proof(ProofState::Partly, "one of two answers"), run.now);
    CHECK(run.book.gate("chat.example.com") == Gate::SupernodeDown);
    run.book.checked(1, DotKind::Supernode, proof(ProofState::Fine), run.now);
    CHECK(run.book.gate("CHAT.example.com") == Gate::Open);
    auto off = *run.book.find(1);
    off.isEnabled = false;
    run.book.put(off, run.now);
    CHECK(run.book.gate("chat.example.com") == Gate::DomainDisabled);
    CHECK(run.book.dot(1, DotKind::Directory).state == ProofState::Unknown);
    CHECK(run.book.takeDue(run.now + 1h).empty());
}

TEST_CASE("domains: what changed is told once") {
    Book run;
    REQUIRE(run.add("chat.example.com").empty());
    CHECK(run.book.takeChanged() == std::vector<std::uint64_t>{1});
    CHECK(run.book.takeChanged().empty());
    CHECK(run.book.takeZonesChanged());
    run.book.remove(1);
    CHECK(run.book.takeChanged() == std::vector<std::uint64_t>{1});
    CHECK(run.book.takeZonesChanged());
    CHECK(run.book.find(1) == nullptr);
}
