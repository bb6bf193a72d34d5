#include <doctest/doctest.h>

#include "service/store/chat_store_port.h"
#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using namespace causeway::store::test;

namespace {

struct Fixture {
    NoLog log;
    TemporaryFolder folder;
    std::unique_ptr<StorePort> store = openStore(folder, log);
};

ChatDomain domainNamed(const std::string& name) {
    ChatDomain domain;
    domain.name = domain.shown = name;
    domain.createdAt = fromEpochMillis(1000);
    return domain;
}

Account accountNamed(const std::string& local, const std::string& domain) {
    Account account;
    account.domain = domain;
    account.localPart = local;
    account.displayName = "Somebody";
    account.keys = {{ScramHash::Sha1, 4096, std::string("s\0lt", 4), "stored", "server"},
                    {ScramHash::Sha256, 10000, "salt2", "stored2", "server2"}};
    return account;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "chat store: a domain comes back with all that was saved, and its revision grows") {
    auto& chat = *store->chat();
    auto wanted = domainNamed("xn--bcher-kva.example");
    wanted.shown =
        "b\xC3\xBC"
        "cher.example";
    wanted.isEnabled = false;
    wanted.reach = DomainReach::LanAndInternet;
    wanted.endToEnd = EndToEnd::Preferred;
    wanted.providers = {12, 3};
    wanted.certificate = CertificateSource::Files;
    wanted.certificateFile = "/etc/ssl/chat.pem";
    wanted.keyFile = "/etc/ssl/chat.key";
    wanted.ttl = 60;
    wanted.extraRecords = "www A 192.0.2.1\n";
    wanted.note = "head office";
    const auto saved = chat.saveDomain(wanted);
    REQUIRE(saved);
    CHECK(saved->id == 1);
    CHECK(saved->revision == 1);
    auto again = chat.saveDomain(*saved);
    REQUIRE(again);
    CHECK(again->revision == 2);
    const auto all = chat.domains().value();
    REQUIRE(all.size() == 1);
    const auto& read = all.front();
    CHECK(read.name == wanted.name);
    CHECK(read.shown == wanted.shown);
    CHECK_FALSE(read.isEnabled);
    CHECK(read.reach == wanted.reach);
    CHECK(read.endToEnd == wanted.endToEnd);
    CHECK(read.providers == wanted.providers);
    CHECK(read.certificate == wanted.certificate);
    CHECK(read.certificateFile == wanted.certificateFile);
    CHECK(read.keyFile == wanted.keyFile);
    CHECK(read.ttl == 60);
    CHECK(read.extraRecords == wanted.extraRecords);
    CHECK(read.note == wanted.note);
    CHECK(read.createdAt == wanted.createdAt);
    CHECK(read.revision == 2);
    CHECK(chat.saveDomain(wanted).error().code == Code::Conflict);
}

TEST_CASE_FIXTURE(
    Fixture,
    "chat store: a domain that goes takes its supernodes, accounts and history along; its id never comes back") {
    auto& chat = *store->chat();
    const auto domain = chat.saveDomain(domainNamed("chat.example.com"));
    REQUIRE(domain);
    Supernode node;
    node.domain = domain->id;
    node.name = "sn1";
    node.lanAddress = "10.1.0.5";
    REQUIRE(chat.saveSupernode({node, "hash"}));
    REQUIRE(chat.saveAccount(accountNamed("alice", "chat.example.com")));
    chat.addDotChangeLater(domain->id, {fromEpochMillis(5), DotKind::Supernode, ProofState::Broken, "refused"});
    REQUIRE(store->flush());
    CHECK(chat.dotChanges(domain->id, 10)->size() == 1);
    REQUIRE(chat.removeDomain(domain->id));
    CHECK(chat.supernodes()->empty());
    CHECK(chat.accountCount(domain->id).value() == 0);
    CHECK(chat.dotChanges(domain->id, 10)->empty());
    CHECK(chat.removeDomain(domain->id).error().code == Code::NotFound);
    chat.addDotChangeLater(domain->id, {fromEpochMillis(6), DotKind::Supernode, ProofState::Fine, "late"});
    CHECK(store->flush());
    CHECK(chat.saveDomain(domainNamed("chat.example.com"))->id == domain->id + 1);
}

TEST_CASE_FIXTURE(Fixture, "chat store: supernodes keep their token unless a new one is given") {
    auto& chat = *store->chat();
    const auto domain = chat.saveDomain(domainNamed("chat.example.com"));
    Supernode node;
    node.domain = domain->id;
    node.name = "sn1";
    node.origin = SupernodeOrigin::Token;
    node.internetAddress = "2001:db8::5";
    node.port = 5322;
    node.tlsPort = 0;
    node.priority = 5;
    node.weight = 50;
    auto saved = chat.saveSupernode({node, "first"});
    REQUIRE(saved);
    saved->lastHeartbeat = fromEpochMillis(777);
    saved->version = "0.1.0";
    REQUIRE(chat.saveSupernode({*saved, ""}));
    const auto row = chat.supernodes()->front();
    CHECK(row.tokenHash == "first");
    CHECK(row.node.lastHeartbeat == fromEpochMillis(777));
    CHECK(row.node.version == "0.1.0");
    CHECK(row.node.origin == SupernodeOrigin::Token);
    CHECK(row.node.internetAddress == "2001:db8::5");
    CHECK(row.node.port == 5322);
    CHECK(row.node.tlsPort == 0);
    CHECK(row.node.priority == 5);
    CHECK(row.node.weight == 50);
    REQUIRE(chat.saveSupernode({*saved, "second"}));
    CHECK(chat.supernodes()->front().tokenHash == "second");
    CHECK(chat.saveSupernode({node, ""}).error().code == Code::Conflict);
}

TEST_CASE_FIXTURE(Fixture, "chat store: a provider's secrets are sealed, told only by name, and go with it") {
    auto& chat = *store->chat();
    Provider provider;
    provider.name = "Head office";
    provider.kind = ProviderKind::Ldap;
    provider.settings = {{"servers", "dc1\ndc2"}, {"base", "dc=example,dc=com"}};
    const auto saved = chat.saveProvider(provider, {{"bind_password", Secret{"geheim-4711"}}});
    REQUIRE(saved);
    CHECK(saved->secretsSet == std::set<std::string>{"bind_password"});
    auto other = provider;
    other.name = "Second";
    REQUIRE(chat.saveProvider(other, {{"bind_password", Secret{"another"}}}));
    auto all = chat.providers().value();
    REQUIRE(all.size() == 2);
    CHECK(all[0].settings == provider.settings);
    CHECK(all[0].secretsSet == saved->secretsSet);
    CHECK(chat.providerSecrets(saved->id)->at("bind_password").reveal() == "geheim-4711");
    // Saving again without naming the secret keeps it.
    auto changed = all[0];
    changed.settings.erase("base");
    REQUIRE(chat.saveProvider(changed, {}));
    CHECK(chat.providers()->front().settings.size() == 1);
    CHECK(chat.providerSecrets(saved->id)->size() == 1);
    REQUIRE(chat.saveProvider(changed, {{"bind_password", std::nullopt}}));
    CHECK(chat.providerSecrets(saved->id)->empty());
    CHECK(chat.saveProvider(provider, {}).error().code == Code::Conflict);

    auto domain = domainNamed("chat.example.com");
    domain.providers = {saved->id};
    REQUIRE(chat.saveDomain(domain));
    const auto refused = chat.removeProvider(saved->id);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Conflict);
    CHECK(refused.error().text().find("chat.example.com") != std::string::npos);
    REQUIRE(chat.removeProvider(2));
    CHECK(chat.providerSecrets(2)->empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "chat store: accounts keep their keys byte by byte, are paged by name, and import all or none") {
    auto& chat = *store->chat();
    const auto domain = chat.saveDomain(domainNamed("chat.example.com"));
    auto saved = chat.saveAccount(accountNamed("alice", "chat.example.com"));
    REQUIRE(saved);
    const auto read = chat.account("chat.example.com", "alice").value();
    REQUIRE(read);
    CHECK(read->keys == accountNamed("alice", "").keys);
    saved->displayName = "Alice Baker";
    saved->keys.clear();
    REQUIRE(chat.saveAccount(*saved));
    CHECK(chat.account("chat.example.com", "alice").value()->displayName == "Alice Baker");
    CHECK(chat.account("chat.example.com", "alice").value()->keys.size() == 2);
    CHECK_FALSE(chat.account("chat.example.com", "bob").value());
    CHECK(chat.saveAccount(accountNamed("alice", "chat.example.com")).error().code == Code::Conflict);
    CHECK(chat.saveAccount(accountNamed("alice", "gone.example")).error().code == Code::NotFound);

    const auto refused =
        chat.addAccounts({accountNamed("bob", "chat.example.com"), accountNamed("alice", "chat.example.com")});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().text().find("alice@chat.example.com") != std::string::npos);
    CHECK(chat.accountCount(domain->id).value() == 1);
    REQUIRE(chat.addAccounts({accountNamed("bob", "chat.example.com"), accountNamed("carol", "chat.example.com")}));
    const auto page = chat.accounts(domain->id, "alice", 1).value();
    REQUIRE(page.size() == 1);
    CHECK(page[0].localPart == "bob");
    CHECK(page[0].keys.empty());  // lists hold no keys
    REQUIRE(chat.removeAccount(page[0].id));
    CHECK(chat.accountCount(domain->id).value() == 2);
}

TEST_CASE_FIXTURE(Fixture, "chat store: a change that waits survives the service; what was before is sealed") {
    auto& chat = *store->chat();
    REQUIRE(chat.savePendingChange({"provider", 4, fromEpochMillis(9000), "first", Secret{"plain-before-text"}}));
    REQUIRE(chat.savePendingChange({"provider", 4, fromEpochMillis(9500), "second", Secret{"plain-before-text"}}));
    REQUIRE(chat.savePendingChange({"domain", 4, fromEpochMillis(8000), "third", Secret{"other"}}));
    REQUIRE(store->flush());
    store.reset();
    for (const auto& name : folder.names("causeway.db")) {
        CHECK(bytesOfFile(folder.file(name)).find("plain-before-text") == std::string::npos);
    }
    store = openStore(folder, log);
    const auto waiting = store->chat()->pendingChanges().value();
    REQUIRE(waiting.size() == 2);
    CHECK(waiting[0].kind == "domain");
    CHECK(waiting[1].revertsAt == fromEpochMillis(9500));
    CHECK(waiting[1].sentence == "second");
    CHECK(waiting[1].before == Secret{"plain-before-text"});
    REQUIRE(store->chat()->removePendingChange("provider", 4));
    CHECK(store->chat()->pendingChanges().value().size() == 1);
    CHECK_FALSE(store->secret("pending/provider/4").value());
}

TEST_CASE_FIXTURE(Fixture,
                  "chat store: remembered passwords are sealed, survive the service and go with the provider") {
    auto& chat = *store->chat();
    Provider provider;
    provider.kind = ProviderKind::Ldap;
    provider.name = "Staff";
    const auto id = chat.saveProvider(provider, {})->id;
    const auto addressesOf = [&](std::uint64_t which) {
        REQUIRE(store->flush());
        std::vector<std::string> addresses;
        const auto kept = store->chat()->remembered(which).value();
        for (const auto& [address, value] : kept)
            addresses.push_back(address);
        return addresses;
    };
    using Texts = std::vector<std::string>;
    for (const char* name : {"ann@a.example", "ann@a.example.com", "\xF0\x9F\x90\x9F@a.example"})
        chat.saveRememberedLater(id, name, Secret{"plain-hash-text"});
    chat.saveRememberedLater(id, "ann@a.example", Secret{"plain-hash-text two"});
    chat.saveRememberedLater(id + 1, "bob@a.example", Secret{"plain-hash-text"});
    chat.saveRememberedLater(id * 10, "eve@a.example", Secret{"plain-hash-text"});
    REQUIRE(store->flush());
    store.reset();
    for (const auto& name : folder.names("causeway.db"))
        CHECK(bytesOfFile(folder.file(name)).find("plain-hash-text") == std::string::npos);
    store = openStore(folder, log);
    auto& again = *store->chat();
    CHECK(addressesOf(id) == Texts{"ann@a.example", "ann@a.example.com", "\xF0\x9F\x90\x9F@a.example"});
    CHECK(again.remembered(id)->front().second == Secret{"plain-hash-text two"});
    again.saveRememberedLater(id, "ann@a.example", Secret{"three"});
    again.removeRememberedLater(id, "ann@a.example");
    CHECK(addressesOf(id).size() == 2);
    again.saveRememberedLater(id, "ann@a.example", Secret{"four"});
    CHECK(addressesOf(id).size() == 3);
    again.saveRememberedLater(id + 1, "carl@a.example", Secret{"x"});
    again.removeAllRememberedLater(id + 1);
    CHECK(addressesOf(id + 1).empty());
    REQUIRE(again.removeProvider(id));
    CHECK(addressesOf(id).empty());
    CHECK(addressesOf(id * 10) == Texts{"eve@a.example"});
}

TEST_CASE_FIXTURE(Fixture, "chat store: an account is found by its number, with its keys") {
    auto& chat = *store->chat();
    REQUIRE(chat.saveDomain(domainNamed("a.example")));
    const auto saved = chat.saveAccount(accountNamed("ann", "a.example"));
    REQUIRE(saved);
    const auto found = chat.account(saved->id).value();
    REQUIRE(found);
    CHECK(found->localPart == "ann");
    CHECK(found->domain == "a.example");
    CHECK(found->keys.size() == 2);
    CHECK_FALSE(chat.account(saved->id + 1).value());
}
