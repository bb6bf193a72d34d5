#include "console/presenters/domain_assistant.h"

#include <doctest/doctest.h>

#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

struct LiveAssistant : LiveConsole {
    ProvidersPresenter providers{session};
    DomainsPresenter domains{session, providers};
    DomainAssistantPresenter assistant{session, domains, providers};

    bool ready() {
        return started && connect() && executor.runUntil([this] { return providers.isLoaded() && domains.isLoaded(); });
    }
    /// Next, and whatever that asks.
    AssistantPage next() {
        assistant.next();
        executor.runUntil([this] { return !assistant.isBusy(); });
        return assistant.page();
    }
};

}  // namespace

TEST_CASE("the name is checked by the service before the next page shows") {
    LiveAssistant live;
    REQUIRE(live.ready());
    auto& assistant = live.assistant;
    CHECK(live.next() == AssistantPage::Name);
    CHECK_FALSE(assistant.problemAt("name").empty());
    assistant.setName("10.1.2.3");
    CHECK(live.next() == AssistantPage::Name);
    CHECK_FALSE(assistant.problemAt("name").empty());
    CHECK(assistant.nameLine().mark == Mark::Broken);
    assistant.setName("chat.example.com");  // is there already
    CHECK(assistant.problemAt("name").empty());
    CHECK(live.next() == AssistantPage::Name);
    CHECK(assistant.problemAt("name").find("already") != std::string::npos);
    assistant.setName("bücher.example");
    live.world.pass(500ms);
    assistant.tick();
    REQUIRE(live.executor.runUntil([&] { return assistant.nameLine().mark == Mark::Fine; }));
    CHECK(assistant.nameLine().text.find("xn--bcher-kva.example") != std::string::npos);
    CHECK(live.next() == AssistantPage::Where);
}

TEST_CASE("a directory that fails its test holds the assistant until it is mended or overridden") {
    LiveAssistant live;
    REQUIRE(live.ready());
    auto& assistant = live.assistant;
    assistant.setName("second.example.com");
    REQUIRE(live.next() == AssistantPage::Where);
    assistant.setReach(DomainReach::LanAndInternet);
    assistant.setInternetAddress("my server");
    CHECK(live.next() == AssistantPage::Where);
    CHECK_FALSE(assistant.problemAt("internetAddress").empty());
    assistant.setInternetAddress("203.0.113.7");
    REQUIRE(live.next() == AssistantPage::Directory);
    REQUIRE(assistant.chain().size() == 1);
    assistant.setChain({1});
    assistant.setRehearsal("ann", "her password");
    CHECK(live.next() == AssistantPage::Directory);
    CHECK_FALSE(assistant.problemAt("providers").empty());
    CHECK(assistant.chainLine().mark == Mark::Broken);
    CHECK_FALSE(assistant.chainProof().children.empty());
    // Back and forth keeps what was typed.
    assistant.back();
    CHECK(assistant.internetAddress() == "203.0.113.7");
    REQUIRE(live.next() == AssistantPage::Directory);
    CHECK(assistant.chain().front().isChosen);
    assistant.setOverridden(true);
    CHECK(live.next() == AssistantPage::Certificate);
    assistant.setCertificate(CertificateSource::Files);
    CHECK(live.next() == AssistantPage::Certificate);
    CHECK_FALSE(assistant.problemAt("keyFile").empty());
    assistant.setCertificate(CertificateSource::SelfSigned);
    CHECK(assistant.certificateText().find("second.example.com") != std::string::npos);
    REQUIRE(live.next() == AssistantPage::Dns);
}

TEST_CASE("files that cannot be used hold the assistant at their field; what clients dislike is told once") {
    LiveAssistant live;
    REQUIRE(live.ready());
    auto& assistant = live.assistant;
    assistant.setName("second.example.com");
    REQUIRE(live.next() == AssistantPage::Where);
    REQUIRE(live.next() == AssistantPage::Directory);
    REQUIRE(live.next() == AssistantPage::Certificate);
    assistant.setCertificate(CertificateSource::Files);
    assistant.setFiles("/etc/ssl/missing.pem", "/etc/ssl/chat.key");
    CHECK(live.next() == AssistantPage::Certificate);
    CHECK(assistant.problemAt("certificateFile").find("/etc/ssl/missing.pem") != std::string::npos);
    CHECK(assistant.problemAt("keyFile").empty());
    CHECK(live.next() == AssistantPage::Certificate);  // however often it is tried
    CHECK(assistant.certificateLine().text.empty());

    CertificateFacts other;
    other.source = CertificateSource::Files;
    other.isThere = true;
    other.trouble = CertificateTrouble::KeyDoesNotMatch;
    other.problem = "The private key does not belong to the certificate.";
    live.world.certificates.files = {"/etc/ssl/chat.pem", other};
    assistant.setFiles("/etc/ssl/chat.pem", "/etc/ssl/chat.key");
    CHECK(assistant.problemAt("certificateFile").empty());
    CHECK(live.next() == AssistantPage::Certificate);
    CHECK(assistant.problemAt("keyFile").find("does not belong") != std::string::npos);

    other.trouble = CertificateTrouble::WrongName;
    other.problem = "The certificate is not for second.example.com, but for mail.example.com.";
    live.world.certificates.files = {"/etc/ssl/chat.pem", other};
    CHECK(live.next() == AssistantPage::Certificate);
    CHECK(assistant.problemAt("keyFile").empty());
    CHECK(assistant.certificateLine().mark == Mark::Broken);
    CHECK(assistant.certificateLine().text.find("mail.example.com") != std::string::npos);
    CHECK(live.next() == AssistantPage::Dns);

    // Other files are told anew, and fine ones let on at once.
    assistant.back();
    other.trouble = CertificateTrouble::None;
    live.world.certificates.files = {"/etc/ssl/new.pem", other};
    assistant.setFiles("/etc/ssl/new.pem", "/etc/ssl/chat.key");
    CHECK(assistant.certificateLine().text.empty());
    CHECK(live.next() == AssistantPage::Dns);
}

TEST_CASE("each opening of the assistant begins anew, and closing would lose what was typed until the domain is made") {
    LiveAssistant live;
    REQUIRE(live.ready());
    auto& assistant = live.assistant;
    CHECK_FALSE(assistant.isBegun());
    assistant.setName("first.example.com");
    CHECK(assistant.isBegun());
    REQUIRE(live.next() == AssistantPage::Where);
    assistant.startOver();
    CHECK(assistant.page() == AssistantPage::Name);
    CHECK(assistant.name().empty());
    CHECK_FALSE(assistant.isBegun());
    assistant.setName("second.example.com");
    REQUIRE(live.next() == AssistantPage::Where);
    REQUIRE(live.next() == AssistantPage::Directory);
    REQUIRE(live.next() == AssistantPage::Certificate);  // built-in accounts alone need no test
    REQUIRE(live.next() == AssistantPage::Dns);
    assistant.setDnsWay(DnsWay::OtherServer);
    REQUIRE(live.next() == AssistantPage::Review);
    CHECK(assistant.nextLabel() == "Crea&te");
    bool namesDomain = false;
    for (const auto& fact : assistant.review())
        namesDomain = namesDomain || fact.value == "second.example.com";
    CHECK(namesDomain);
    REQUIRE(live.next() == AssistantPage::Made);
    REQUIRE(assistant.madeId() != 0);
    CHECK(live.domains.findByName("second.example.com") != nullptr);
    CHECK_FALSE(assistant.canGoBack());

    // Both marks turn green: the last page says so.
    auto row = *live.domains.find(assistant.madeId());
    row.directory.state = row.supernode.state = ProofState::Fine;
    CHECK(assistant.doneText().find("is set up") == std::string::npos);
    live.domains.domainsChanged({{row}, {}});
    CHECK(assistant.doneText().find("is set up") != std::string::npos);
    CHECK(assistant.dot(DotKind::Directory).mark == Mark::Fine);
    CHECK_FALSE(assistant.isBegun());
    assistant.startOver();
    CHECK(assistant.page() == AssistantPage::Name);
    CHECK(assistant.name().empty());
}

TEST_CASE("a chain is fine when every provider answers and one lets the person in") {
    LiveAssistant live;
    REQUIRE(live.ready());
    live.world.providers.isFine = true;
    live.assistant.setName("second.example.com");
    REQUIRE(live.next() == AssistantPage::Where);
    REQUIRE(live.next() == AssistantPage::Directory);
    live.assistant.setChain({1});
    live.assistant.testChain();
    REQUIRE(live.executor.runUntil([&] { return !live.assistant.isBusy(); }));
    // The directory answers, but nobody was let in: a rehearsal is asked for.
    CHECK_FALSE(live.assistant.isChainFine());
    CHECK(live.assistant.chainLine().mark == Mark::Partly);
    live.assistant.setRehearsal("ann", "her password");
    CHECK(live.assistant.chainLine().mark == Mark::Unknown);  // what was tested was without her
    CHECK(live.next() == AssistantPage::Certificate);
    CHECK(live.assistant.isChainFine());
    CHECK(live.assistant.chainLine().mark == Mark::Fine);
}

TEST_CASE("a provider that was tested and saved from the assistant is not tested twice, until it is saved untested") {
    LiveAssistant live;
    REQUIRE(live.ready());
    live.assistant.setName("second.example.com");
    REQUIRE(live.next() == AssistantPage::Where);
    REQUIRE(live.next() == AssistantPage::Directory);
    ProofStep login;
    login.id = "login";
    login.state = ProofState::Fine;
    ProofStep tested;
    tested.state = ProofState::Fine;
    tested.children = {login};
    live.assistant.addToChain(1, tested);
    CHECK(live.assistant.isChainFine());
    CHECK(live.assistant.chainLine().mark == Mark::Fine);
    live.assistant.providerSaved(1, std::nullopt);
    CHECK_FALSE(live.assistant.isChainFine());
    CHECK(live.assistant.chainLine().text.find("Not tested yet") != std::string::npos);
    live.assistant.providerSaved(1, tested);
    CHECK(live.next() == AssistantPage::Certificate);
}

TEST_CASE("the lines that make another DNS server ask this one fit that server") {
    CHECK(forwarderText("dnsmasq", "a.example", "10.1.0.5", 53) == "server=/a.example/10.1.0.5\n");
    CHECK(forwarderText("dnsmasq", "a.example", "10.1.0.5", 5353) == "server=/a.example/10.1.0.5#5353\n");
    CHECK(forwarderText("unbound", "a.example", "10.1.0.5", 5353).find("10.1.0.5@5353") != std::string::npos);
    CHECK(forwarderText("windows", "a.example", "10.1.0.5", 53).find("-MasterServers 10.1.0.5") != std::string::npos);
    CHECK(forwarderText("windows", "a.example", "10.1.0.5", 5353).rfind("#", 0) == 0);
    CHECK(forwarderText("bind", "a.example", "10.1.0.5", 5353).find("port 5353") != std::string::npos);
}
