#include "service/domains/supernode_proof_io.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "service/net/event_loop.h"
#include "service/xmpp/certificates_io.h"
#include "service/xmpp/door_io.h"

using namespace causeway;
using namespace causeway::domains;

namespace {

class MemoryKeeper final : public xmpp::CertificateKeeper {
public:
    Result<std::optional<Secret>> load(const std::string&) override { return std::optional<Secret>{}; }
    Result<void> save(const std::string&, const Secret&) override { return {}; }
};

const std::string kDomain = "chat.example.com";

/// A real supernode on loopback, with DNS answers as the test wants them.
struct Fixture {
    NoLog log;
    MemoryKeeper keeper;
    net::EventLoop loop{"test", log};
    std::unique_ptr<xmpp::Certificates> certificates;
    std::shared_ptr<xmpp::Door> door;
    ChatDomain domain;
    std::vector<SupernodeView> nodes;
    std::vector<SrvFinding> own;
    std::vector<SrvFinding> system;
    ProofOptions options;

    Fixture() {
        xmpp::Certificates::Parts certificateParts;
        certificateParts.keeper = &keeper;
        certificateParts.log = &log;
        certificates = std::make_unique<xmpp::Certificates>(std::move(certificateParts));
        certificates->setDomains({{kDomain, kDomain}});
        certificates->start();
        REQUIRE(certificates->settle(60s));
        loop.start();
        xmpp::Door::Parts parts;
        parts.loop = &loop;
        parts.log = &log;
        parts.listen = {{"127.0.0.1", 0, xmpp::DoorKind::StartTls}, {"127.0.0.1", 0, xmpp::DoorKind::DirectTls}};
        parts.gate = [](const std::string& name) {
            return name == kDomain ? xmpp::LoginGate::Open : xmpp::LoginGate::UnknownDomain;
        };
        parts.contextOf = [this](const std::string& name) { return certificates->contextOf(name); };
        parts.front = [this] { return certificates->front(); };
        door = xmpp::Door::make(std::move(parts));
        REQUIRE(door->start());
        domain.name = domain.shown = kDomain;
        SupernodeView node;
        node.node.name = "sn1";
        node.node.origin = SupernodeOrigin::Local;
        node.node.lanAddress = "127.0.0.1";
        node.node.port = port(xmpp::DoorKind::StartTls);
        node.node.tlsPort = port(xmpp::DoorKind::DirectTls);
        node.isLive = true;
        nodes = {node};
        own = system = rightAnswers();
        options.ownDns = [this](const std::string&, TimePoint) { return own; };
        options.systemDns = [this](const std::string&, TimePoint) { return system; };
        options.certificate = certificates->certificate(kDomain);
    }
    ~Fixture() {
        door->stop();
        loop.stop();
    }
    std::uint16_t port(xmpp::DoorKind kind) const {
        for (const auto& each : door->status().listeners)
            if (each.kind == kind) return each.port;
        return 0;
    }
    std::vector<SrvFinding> rightAnswers() const {
        const auto& node = nodes.front().node;
        return {{"_xmpp-client", "sn1.chat.example.com", node.port, 10, 10, {"127.0.0.1"}},
                {"_xmpps-client", "sn1.chat.example.com", node.tlsPort, 10, 10, {"127.0.0.1"}}};
    }
    Supernode& node() { return nodes.front().node; }
    ProofStep prove() { return proveSupernode(domain, nodes, options, net::EventLoop::now() + 20s); }
};

const ProofStep& child(const ProofStep& step, const std::string& id) {
    for (const auto& each : step.children)
        if (each.id == id) return each;
    FAIL("no step " << id);
    return step;
}

bool hasFact(const ProofStep& step, const std::string& name, const std::string& part) {
    for (const auto& [key, value] : step.facts)
        if (key == name && value.find(part) != std::string::npos) return true;
    return false;
}

}  // namespace

TEST_CASE("supernode proof: DNS, TCP and both kinds of TLS are proven, and that logins are not is said") {
    Fixture fixture;
    const auto proof = fixture.prove();
    CAPTURE(proofText(proof));
    CHECK(proof.state == ProofState::Fine);
    CHECK(firstTrouble(proof) == nullptr);
    CHECK(hasFact(proof, "How far", "logins are not tried in this version yet"));
    REQUIRE(proof.children.size() == 1);
    const auto& node = proof.children[0];
    CHECK(node.proves == "sn1 was proven by its LAN address 127.0.0.1.");
    for (const char* id : {"dns", "connect", "starttls", "direct"}) {
        CAPTURE(id);
        CHECK(child(node, id).state == ProofState::Fine);
    }
    CHECK(hasFact(child(node, "starttls"), "Signed by", "itself"));
    CHECK(hasFact(child(node, "direct"), "Clients", "ask each user once"));
    CHECK(hasFact(child(node, "direct"), "SHA-256", fixture.options.certificate->sha256));
}

TEST_CASE(
    "supernode proof: a local supernode without a LAN address is looked for inside this computer, and it says so") {
    Fixture fixture;
    fixture.node().lanAddress.clear();
    const auto proof = fixture.prove();
    CHECK(proof.state == ProofState::Fine);
    CHECK(proof.children.at(0).proves.find("inside this computer only (127.0.0.1)") != std::string::npos);
}

TEST_CASE("supernode proof: wrong records of the own chat DNS break it, those of the system's resolver are amber") {
    Fixture fixture;
    fixture.own.front().port = 1;
    auto proof = fixture.prove();
    CHECK(proof.state == ProofState::Broken);
    CHECK(proof.why.find("names port 1 instead of") != std::string::npos);
    // What works besides is still shown.
    CHECK(child(proof.children.at(0), "starttls").state == ProofState::Fine);

    fixture.own = fixture.rightAnswers();
    fixture.system.clear();
    proof = fixture.prove();
    CHECK(proof.state == ProofState::Partly);
    CHECK(proof.why.find("is missing") != std::string::npos);
    CHECK(proof.todo.find("Chat DNS") != std::string::npos);

    fixture.options.systemResolver = SystemResolver::IsOnlyShown;
    CHECK(fixture.prove().state == ProofState::Fine);

    fixture.options.ownDns = nullptr;
    fixture.options.systemResolver = SystemResolver::Counts;
    CHECK(fixture.prove().state == ProofState::Broken);
    fixture.system = fixture.rightAnswers();
    CHECK(fixture.prove().state == ProofState::Fine);
    fixture.system.front().addresses = {"192.0.2.9"};
    CHECK(fixture.prove().why.find("192.0.2.9 instead of 127.0.0.1") != std::string::npos);
}

TEST_CASE("supernode proof: a DNS server that does not answer is told by its own words") {
    Fixture fixture;
    fixture.options.ownDns = [](const std::string&, TimePoint) -> Result<std::vector<SrvFinding>> {
        return Error{Code::Timeout, "The chat DNS does not answer.", "", "Start it."};
    };
    const auto proof = fixture.prove();
    CHECK(proof.state == ProofState::Broken);
    CHECK(proof.why.find("The chat DNS does not answer.") != std::string::npos);
    CHECK(proof.todo == "Start it.");
}

TEST_CASE("supernode proof: a closed port breaks it, a closed direct port leaves it amber") {
    Fixture fixture;
    const auto free = [] {
        Fixture other;
        return other.port(xmpp::DoorKind::DirectTls);
    }();
    fixture.node().tlsPort = free;
    fixture.own = fixture.system = fixture.rightAnswers();
    auto proof = fixture.prove();
    CHECK(proof.state == ProofState::Partly);
    CHECK(proof.why.find("Nothing listens at 127.0.0.1:") != std::string::npos);
    CHECK(proof.why.find("only try direct TLS") != std::string::npos);

    fixture.node().port = free;
    fixture.own = fixture.system = fixture.rightAnswers();
    proof = fixture.prove();
    CHECK(proof.state == ProofState::Broken);
    CHECK(child(proof.children.at(0), "starttls").state == ProofState::Unknown);
}

TEST_CASE("supernode proof: ports that are mixed up are found, as some clients break on them") {
    Fixture fixture;
    std::swap(fixture.node().port, fixture.node().tlsPort);
    fixture.own = fixture.system = fixture.rightAnswers();
    const auto proof = fixture.prove();
    CHECK(proof.state == ProofState::Broken);
    CHECK(child(proof.children.at(0), "starttls").state == ProofState::Broken);
}

TEST_CASE("supernode proof: another certificate than that of this service, and one that nobody knows, are found") {
    Fixture fixture;
    fixture.options.certificate->sha256 = std::string(64, '0');
    auto proof = fixture.prove();
    CHECK(proof.state == ProofState::Broken);
    CHECK(proof.why.find("Another certificate came") != std::string::npos);

    fixture.node().origin = SupernodeOrigin::Hand;
    proof = fixture.prove();
    CHECK(proof.state == ProofState::Partly);
    CHECK(proof.why.find("not trusted by this computer: The server signed its certificate itself.") !=
          std::string::npos);

    fixture.options.trustedPem = fixture.certificates->certificate(kDomain)->pem;
    CHECK(fixture.prove().state == ProofState::Fine);
}

TEST_CASE("supernode proof: a server that does not serve the domain says so") {
    Fixture fixture;
    fixture.domain.name = fixture.domain.shown = "other.example.com";
    const auto proof = fixture.prove();
    const auto& node = proof.children.at(0);
    CHECK(child(node, "starttls").state == ProofState::Broken);
    CHECK(child(node, "starttls").why.find("does not serve other.example.com") != std::string::npos);
}

TEST_CASE("supernode proof: one good supernode of two is amber, none is red, disabled ones do not count") {
    Fixture fixture;
    auto second = fixture.nodes.front();
    second.node.name = "sn2";
    second.node.origin = SupernodeOrigin::Token;
    second.isLive = false;
    fixture.nodes.push_back(second);
    auto proof = fixture.prove();
    CHECK(proof.state == ProofState::Partly);
    CHECK(proof.why == "sn2: sn2 sends no heartbeats, so DNS does not name it any more.");
    fixture.nodes.back().node.isEnabled = false;
    CHECK(fixture.prove().state == ProofState::Fine);
    fixture.nodes.front().node.isEnabled = false;
    proof = fixture.prove();
    CHECK(proof.state == ProofState::Broken);
    CHECK(proof.why == "No supernode is registered for chat.example.com.");
    fixture.nodes.front().node.isEnabled = true;
    fixture.node().origin = SupernodeOrigin::Hand;
    fixture.node().lanAddress.clear();
    CHECK(fixture.prove().why.find("has no address") != std::string::npos);
}
