#include "service/xmpp/certificates_io.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <vector>

#include "service/xmpp/certificate_rules.h"
#include "tests/unit/net/net_support.h"
#include "tests/unit/xmpp/xmpp_support.h"

using namespace causeway;
using namespace causeway::xmpp;
using causeway::net::test::Collector;
using causeway::net::test::kPatience;
using causeway::net::test::RecordingLog;
using causeway::xmpp::test::CertificateOrder;
using causeway::xmpp::test::Folder;
using causeway::xmpp::test::makeCertificate;
using causeway::xmpp::test::makeKey;
using causeway::xmpp::test::MemoryKeeper;
using Kind = CertificateName::Kind;

namespace {

constexpr TimePoint kNow = TimePoint{std::chrono::hours{24} * 20000};
const std::string kDomain = "chat.example.com";

struct Fixture {
    RecordingLog log;
    MemoryKeeper keeper;
    Folder folder;
    Collector<std::string> changed;
    std::atomic<std::int64_t> now{epochMillis(kNow)};
    std::unique_ptr<Certificates> certificates;

    Fixture() { open(); }
    void open() {
        Certificates::Parts parts;
        parts.keeper = &keeper;
        parts.log = &log;
        parts.changed = [this](const std::string& domain) { changed.add(domain); };
        parts.now = [this] { return fromEpochMillis(now); };
        parts.lookEvery = std::chrono::hours{1};
        certificates = std::make_unique<Certificates>(std::move(parts));
        certificates->start();
    }
    /// What the certificates say when all that was asked is done.
    CertificateFacts facts(const std::string& domain = kDomain) {
        REQUIRE(certificates->settle(kPatience));
        const auto found = certificates->certificate(domain);
        REQUIRE(found);
        return *found;
    }
    CertificateFacts look() {
        certificates->lookNow();
        return facts();
    }
    CertificateWish filesWish() {
        return {kDomain, kDomain, CertificateSource::Files, folder.path("chain.pem"), folder.path("key.pem")};
    }
    CertificateFacts check() {
        return certificates->checkFiles(kDomain, folder.path("chain.pem"), folder.path("key.pem"));
    }
    CertificateOrder order() {
        CertificateOrder made;
        made.now = kNow;
        return made;
    }
};

}  // namespace

TEST_CASE("certificates: a name covers a domain exactly, or by a wildcard for its first label") {
    const auto covers = [](Kind kind, const std::string& name) { return coverOf({{kind, name}}, kDomain); };
    CHECK(covers(Kind::Dns, "chat.example.com") == NameCover::Dns);
    CHECK(covers(Kind::Dns, "CHAT.example.COM.") == NameCover::Dns);
    CHECK(covers(Kind::Dns, "*.example.com") == NameCover::Dns);
    CHECK(covers(Kind::Dns, "*.com") == NameCover::None);
    CHECK(covers(Kind::Dns, "c*.example.com") == NameCover::None);
    CHECK(covers(Kind::Dns, "*.chat.example.com") == NameCover::None);
    CHECK(covers(Kind::Dns, "example.com") == NameCover::None);
    CHECK(covers(Kind::Dns, "sn1.chat.example.com") == NameCover::None);
    CHECK(covers(Kind::Xmpp, "chat.example.com") == NameCover::XmppOnly);
    CHECK(covers(Kind::Srv, "_xmpp-client.chat.example.com") == NameCover::XmppOnly);
    CHECK(covers(Kind::Srv, "_xmpp-server.chat.example.com") == NameCover::None);
    CHECK(covers(Kind::Address, "chat.example.com") == NameCover::None);
    CHECK(coverOf({}, kDomain) == NameCover::None);
    CHECK(coverOf({{Kind::Dns, "*.com"}}, "example.com") == NameCover::None);
    CHECK(coverOf({{Kind::Xmpp,
                    "b\xC3\xBC"
                    "cher.example"}},
                  "xn--bcher-kva.example") == NameCover::XmppOnly);
    CHECK(coverOf({{Kind::Dns, "xn--bcher-kva.example"}}, "xn--bcher-kva.example") == NameCover::Dns);
}

TEST_CASE("certificates: a self-signed one is made at once and names the domain in every way") {
    Fixture fixture;
    fixture.certificates->setDomains({{"xn--bcher-kva.example",
                                       "b\xC3\xBC"
                                       "cher.example"}});
    const auto facts = fixture.facts("xn--bcher-kva.example");
    CHECK(facts.trouble == CertificateTrouble::None);
    CHECK(facts.problem.empty());
    CHECK(facts.isSelfSigned);
    CHECK(facts.keyMatches);
    CHECK(facts.coversDomain);
    CHECK(facts.keyKind == "ECDSA P-256");
    CHECK(facts.sha256.size() == 64);
    CHECK(facts.publicKeySha256.size() == 32);
    CHECK(facts.notBefore == kNow - std::chrono::hours{24});
    CHECK(facts.notAfter > kNow + std::chrono::hours{24} * 365 * 4);
    CHECK(facts.names == std::vector<CertificateName>{{Kind::Dns, "xn--bcher-kva.example"},
                                                      {Kind::Xmpp,
                                                       "b\xC3\xBC"
                                                       "cher.example"},
                                                      {Kind::Srv, "_xmpp-client.xn--bcher-kva.example"},
                                                      {Kind::Srv, "_xmpps-client.xn--bcher-kva.example"}});
    CHECK(facts.forClients.find("ask each user once") != std::string::npos);
    CHECK(facts.pem.find("BEGIN CERTIFICATE") != std::string::npos);
    CHECK(facts.pem.find("PRIVATE") == std::string::npos);
    CHECK(fixture.certificates->contextOf("xn--bcher-kva.example"));
    CHECK(fixture.certificates->front());
    CHECK(fixture.changed.values() == std::vector<std::string>{"xn--bcher-kva.example"});
}

TEST_CASE("certificates: the self-signed one is the same after a restart, and its text shows no key") {
    Fixture fixture;
    fixture.certificates->setDomains({{kDomain, kDomain}});
    const auto first = fixture.facts();
    fixture.certificates.reset();
    fixture.open();
    fixture.certificates->setDomains({{kDomain, kDomain}});
    const auto second = fixture.facts();
    CHECK(second.sha256 == first.sha256);
    CHECK(second.keyMatches);
    CHECK(second.pem.find("PRIVATE") == std::string::npos);
    CHECK(fixture.keeper.state.with([](auto& state) { return state.saves; }) == 1);
}

TEST_CASE("certificates: a month before its end the self-signed one is made anew with the same key") {
    Fixture fixture;
    fixture.certificates->setDomains({{kDomain, kDomain}});
    const auto first = fixture.facts();
    fixture.now = epochMillis(first.notAfter - kRenewBefore + 1h);
    const auto second = fixture.look();
    CHECK(second.sha256 != first.sha256);
    CHECK(second.publicKeySha256 == first.publicKeySha256);
    CHECK(second.notAfter > first.notAfter);
    CHECK(second.trouble == CertificateTrouble::None);
    CHECK(fixture.keeper.state.with([](auto& state) { return state.saves; }) == 2);
}

TEST_CASE("certificates: none is made while the store cannot be read, because clients would ask about another one") {
    Fixture fixture;
    fixture.keeper.state.with([](auto& state) { state.isBroken = true; });
    fixture.certificates->setDomains({{kDomain, kDomain}});
    auto facts = fixture.facts();
    CHECK(facts.trouble == CertificateTrouble::CannotMake);
    CHECK(facts.problem.find("disk is broken") != std::string::npos);
    CHECK_FALSE(fixture.certificates->contextOf(kDomain));
    fixture.keeper.state.with([](auto& state) { state.isBroken = false; });
    facts = fixture.look();
    CHECK(facts.trouble == CertificateTrouble::None);
    CHECK(fixture.certificates->contextOf(kDomain));
}

TEST_CASE("certificates: one that cannot be kept is served and said to be lost at the next start") {
    Fixture fixture;
    fixture.keeper.state.with([](auto& state) { state.isFull = true; });
    fixture.certificates->setDomains({{kDomain, kDomain}});
    const auto first = fixture.facts();
    CHECK(first.trouble == CertificateTrouble::CannotMake);
    CHECK(first.problem.find("after a restart it will be another one") != std::string::npos);
    CHECK(fixture.certificates->contextOf(kDomain));
    CHECK(fixture.look().trouble == CertificateTrouble::CannotMake);
    fixture.keeper.state.with([](auto& state) { state.isFull = false; });
    const auto second = fixture.look();
    CHECK(second.trouble == CertificateTrouble::None);
    CHECK(second.sha256 == first.sha256);
}

TEST_CASE("certificates: files that are right are used as they are") {
    Fixture fixture;
    auto authority = fixture.order();
    authority.commonName = "Example CA";
    const auto ca = makeCertificate(authority);
    auto order = fixture.order();
    order.signer = &ca;
    auto texts = makeCertificate(order);
    texts.chainPem += ca.chainPem;
    fixture.folder.write("chain.pem", "key.pem", texts);
    fixture.certificates->setDomains({fixture.filesWish()});
    const auto facts = fixture.facts();
    CHECK(facts.trouble == CertificateTrouble::None);
    CHECK(facts.source == CertificateSource::Files);
    CHECK_FALSE(facts.isSelfSigned);
    CHECK(facts.chainLength == 2);
    CHECK(facts.forClients.find("Example CA") != std::string::npos);
    CHECK(facts.forClients.find("certificate alone") == std::string::npos);
    CHECK(fixture.certificates->contextOf(kDomain));
    CHECK(fixture.check().sha256 == facts.sha256);

    // Without the certificate of the authority.
    fixture.folder.write("alone.pem", texts.chainPem.substr(0, texts.chainPem.find(ca.chainPem)));
    const auto alone =
        fixture.certificates->checkFiles(kDomain, fixture.folder.path("alone.pem"), fixture.folder.path("key.pem"));
    CHECK(alone.trouble == CertificateTrouble::None);
    CHECK(alone.forClients.find("certificate alone") != std::string::npos);

    // Both in one file, as some tools write them.
    fixture.folder.write("both.pem", texts.chainPem + texts.keyPem.reveal());
    const auto both = fixture.certificates->checkFiles(kDomain, fixture.folder.path("both.pem"), "");
    CHECK(both.trouble == CertificateTrouble::None);
    CHECK(both.pem.find("PRIVATE") == std::string::npos);
}

TEST_CASE("certificates: each fault of the files has a sentence of its own") {
    Fixture fixture;
    const auto good = makeCertificate(fixture.order());
    std::vector<std::string> sentences;
    const auto expect = [&](CertificateTrouble trouble, const std::string& part) {
        const auto facts = fixture.check();
        CAPTURE(facts.problem);
        CHECK(facts.trouble == trouble);
        CHECK(facts.problem.find(part) != std::string::npos);
        CHECK_FALSE(facts.todo.empty());
        CHECK(stateOf(facts.trouble) == ProofState::Broken);
        CHECK(std::find(sentences.begin(), sentences.end(), facts.problem) == sentences.end());
        sentences.push_back(facts.problem);
    };
    expect(CertificateTrouble::FileMissing, "chain.pem is not there");
    fixture.folder.write("chain.pem", "hello");
    expect(CertificateTrouble::NotACertificate, "no certificate in PEM form");
    fixture.folder.write("chain.pem", good.chainPem);
    expect(CertificateTrouble::FileMissing, "key.pem is not there");
    fixture.folder.write("key.pem", "hello");
    expect(CertificateTrouble::NoKey, "no private key");
    fixture.folder.write("key.pem", makeKey("password"));
    expect(CertificateTrouble::KeyLocked, "has a password");
    fixture.folder.write("key.pem", makeKey());
    expect(CertificateTrouble::KeyDoesNotMatch, "does not belong");
    fixture.folder.write("chain.pem", good.chainPem + "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    expect(CertificateTrouble::NotACertificate, "Certificate 2 in the file is damaged");
    auto order = fixture.order();
    order.until = -1h;
    fixture.folder.write("chain.pem", "key.pem", makeCertificate(order));
    expect(CertificateTrouble::Expired, "ended on 2024-10-0");
    order = fixture.order();
    order.from = 48h;
    fixture.folder.write("chain.pem", "key.pem", makeCertificate(order));
    expect(CertificateTrouble::NotYetValid, "valid only from 2024-10-0");
    order = fixture.order();
    order.names = "DNS:sn1.example.com,DNS:*.chat.example.com";
    fixture.folder.write("chain.pem", "key.pem", makeCertificate(order));
    expect(CertificateTrouble::WrongName, "not for chat.example.com, but for sn1.example.com, *.chat.example.com");
    order.names = "";
    order.commonName = kDomain;
    fixture.folder.write("chain.pem", "key.pem", makeCertificate(order));
    expect(CertificateTrouble::WrongName, "common name does not count");
    std::filesystem::remove(fixture.folder.path("chain.pem"));
    std::filesystem::create_directory(fixture.folder.path("chain.pem"));
    expect(CertificateTrouble::FileUnreadable, "is not a file");
}

TEST_CASE("certificates: a name that only XMPP software looks at is a warning") {
    Fixture fixture;
    auto order = fixture.order();
    order.names = "otherName:1.3.6.1.5.5.7.8.5;UTF8:chat.example.com";
    fixture.folder.write("chain.pem", "key.pem", makeCertificate(order));
    const auto facts = fixture.check();
    CHECK(facts.trouble == CertificateTrouble::WeakName);
    CHECK(facts.coversDomain);
    CHECK(stateOf(facts.trouble) == ProofState::Partly);
}

TEST_CASE("certificates: the end is told a month before, made a problem a week before, and again when it has come") {
    Fixture fixture;
    const auto texts = makeCertificate(fixture.order());
    fixture.folder.write("chain.pem", "key.pem", texts);
    fixture.certificates->setDomains({fixture.filesWish()});
    const auto end = fixture.facts().notAfter;
    fixture.now = epochMillis(end - 31 * kDay);
    CHECK(fixture.look().trouble == CertificateTrouble::None);
    fixture.now = epochMillis(end - 29 * kDay);
    auto facts = fixture.look();
    CHECK(facts.trouble == CertificateTrouble::EndsSoon);
    CHECK_FALSE(isProblem(facts.trouble));
    CHECK(facts.problem.find("ends in 29 days, on ") != std::string::npos);
    CHECK(fixture.changed.size() == 2);
    fixture.now = epochMillis(end - 1 * kDay);
    facts = fixture.look();
    CHECK(facts.trouble == CertificateTrouble::EndsVerySoon);
    CHECK(isProblem(facts.trouble));
    CHECK(stateOf(facts.trouble) == ProofState::Partly);
    CHECK(facts.problem.find("in one day") != std::string::npos);
    fixture.now = epochMillis(end);
    facts = fixture.look();
    CHECK(facts.trouble == CertificateTrouble::Expired);
    CHECK(facts.forClients.find("expired") != std::string::npos);
    CHECK(fixture.certificates->contextOf(kDomain));
}

TEST_CASE("certificates: renewed files are read by themselves; broken ones leave the old certificate in place") {
    Fixture fixture;
    const auto old = makeCertificate(fixture.order());
    fixture.folder.write("chain.pem", "key.pem", old);
    fixture.certificates->setDomains({fixture.filesWish()});
    const auto first = fixture.facts();
    const auto firstContext = fixture.certificates->contextOf(kDomain);

    const auto renewed = makeCertificate(fixture.order());
    fixture.folder.write("chain.pem", renewed.chainPem);  // the key follows later
    const auto between = fixture.look();
    CHECK(between.sha256 == first.sha256);
    CHECK(between.isServedDespite);
    CHECK(between.trouble == CertificateTrouble::KeyDoesNotMatch);
    CHECK(between.problem.find("The certificate from before is still used") != std::string::npos);
    CHECK(fixture.certificates->contextOf(kDomain) == firstContext);

    fixture.folder.write("key.pem", renewed.keyPem.reveal());
    const auto second = fixture.look();
    CHECK(second.sha256 != first.sha256);
    CHECK_FALSE(second.isServedDespite);
    CHECK(second.trouble == CertificateTrouble::None);
    CHECK(fixture.certificates->contextOf(kDomain) != firstContext);

    std::filesystem::remove(fixture.folder.path("chain.pem"));
    const auto third = fixture.look();
    CHECK(third.sha256 == second.sha256);
    CHECK(third.trouble == CertificateTrouble::FileMissing);
    CHECK(fixture.changed.size() == 4);
}

TEST_CASE("certificates: without a look the files are read again when the time has come") {
    Fixture fixture;
    fixture.certificates.reset();
    Certificates::Parts parts;
    parts.keeper = &fixture.keeper;
    parts.log = &fixture.log;
    parts.changed = [&](const std::string& domain) { fixture.changed.add(domain); };
    parts.now = [] { return kNow; };
    parts.lookEvery = 5ms;
    fixture.certificates = std::make_unique<Certificates>(std::move(parts));
    fixture.certificates->start();
    fixture.folder.write("chain.pem", "key.pem", makeCertificate(fixture.order()));
    fixture.certificates->setDomains({fixture.filesWish()});
    const auto first = fixture.facts();
    const auto renewed = makeCertificate(fixture.order());
    fixture.folder.write("both.pem", renewed.chainPem + renewed.keyPem.reveal());
    fixture.folder.write("key.pem", renewed.keyPem.reveal());
    fixture.folder.write("chain.pem", renewed.chainPem);
    std::size_t seen = 1;
    while (fixture.facts().sha256 == first.sha256 || fixture.facts().trouble != CertificateTrouble::None)
        REQUIRE(fixture.changed.waitFor(++seen));
    CHECK(fixture.facts().keyMatches);
}

TEST_CASE("certificates: a domain that goes takes its certificate with it, and another becomes the first") {
    Fixture fixture;
    fixture.certificates->setDomains({{kDomain, kDomain}, {"two.example.com", "two.example.com"}});
    REQUIRE(fixture.certificates->settle(kPatience));
    CHECK(fixture.certificates->certificates().size() == 2);
    fixture.certificates->setDomains({{"two.example.com", "two.example.com"}});
    REQUIRE(fixture.certificates->settle(kPatience));
    CHECK_FALSE(fixture.certificates->certificate(kDomain));
    CHECK_FALSE(fixture.certificates->contextOf(kDomain));
    CHECK(fixture.certificates->front());
    fixture.certificates->setDomains({});
    REQUIRE(fixture.certificates->settle(kPatience));
    CHECK_FALSE(fixture.certificates->front());
}

TEST_CASE("certificates: a fingerprint is shown as clients show it") {
    CHECK(fingerprintText("0a1bff") == "0A:1B:FF");
}
