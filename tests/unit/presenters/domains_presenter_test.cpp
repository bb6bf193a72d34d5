#include "console/presenters/domains_presenter.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "console/presenters/domain_words.h"
#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

api::DomainRow domainRow(std::uint64_t id, const std::string& name) {
    api::DomainRow row;
    row.domain.id = id;
    row.domain.name = row.domain.shown = name;
    row.domain.createdAt = kNoon;
    row.directory.state = row.supernode.state = ProofState::Fine;
    row.directory.since = row.supernode.since = kNoon - 1h;
    row.directory.checkedAt = kNoon - 20s;
    row.login = "open";
    return row;
}

ProviderView providerView(std::uint64_t id, const std::string& name) {
    ProviderView view;
    view.provider.id = id;
    view.provider.name = name;
    view.provider.kind = ProviderKind::Ldap;
    view.address = "dc1.example.com:389";
    view.health.lastAnswerAt = kNoon;
    return view;
}

struct Quiet : QuietConsole {
    ProvidersPresenter providers{session};
    DomainsPresenter domains{session, providers};
};

std::size_t columnOf(DomainColumn column) {
    return static_cast<std::size_t>(column);
}

}  // namespace

TEST_CASE("a domain shows both marks in words, its providers in their order and its people") {
    Quiet quiet;
    quiet.providers.take({providerView(7, "AD"), providerView(8, "RADIUS hq")});
    auto row = domainRow(1, "chat.example.com");
    row.domain.reach = DomainReach::LanAndInternet;
    row.domain.providers = {8, 7};
    row.supernode.state = ProofState::Broken;
    row.accounts = 1204;
    row.login = "supernode-down";
    quiet.domains.take({row});
    quiet.executor.run();
    const auto& table = quiet.domains.table();
    REQUIRE(table.rowCount() == 1);
    CHECK(table.cell(0, columnOf(DomainColumn::Name)) == "chat.example.com");
    CHECK(table.cell(0, columnOf(DomainColumn::Where)) == "LAN and Internet");
    CHECK(table.cell(0, columnOf(DomainColumn::EndToEnd)) == "Required");
    CHECK(table.cell(0, columnOf(DomainColumn::Directory)) == "Registered");
    CHECK(table.mark(0, columnOf(DomainColumn::Directory)) == Mark::Fine);
    CHECK(table.cell(0, columnOf(DomainColumn::Supernode)) == "Not registered");
    CHECK(table.mark(0, columnOf(DomainColumn::Supernode)) == Mark::Broken);
    CHECK(table.cell(0, columnOf(DomainColumn::Providers)) == "Built-in accounts, RADIUS hq, AD");
    CHECK(table.cell(0, columnOf(DomainColumn::People)) == "1,204");
    CHECK(quiet.domains.stateText() == "1 domain, 1 needs a look");

    // A provider gets another name: the cell follows.
    quiet.providers.providersChanged({{providerView(8, "RADIUS new")}, {}});
    CHECK(table.cell(0, columnOf(DomainColumn::Providers)) == "Built-in accounts, RADIUS new, AD");

    row.domain.isEnabled = false;
    quiet.domains.domainsChanged({{row}, {}});
    CHECK(table.cell(0, columnOf(DomainColumn::Name)) == "chat.example.com (disabled)");
    CHECK(quiet.domains.troubleCount() == 0);
    quiet.domains.domainsChanged({{}, {1}});
    CHECK(table.rowCount() == 0);
    CHECK(quiet.domains.find(1) == nullptr);
}

TEST_CASE("the details say since when a dot is so, and whether logins are open") {
    Quiet quiet;
    auto row = domainRow(1, "chat.example.com");
    row.directory.sentence = "1 of 1 providers answers.";
    quiet.now = kNoon;
    quiet.domains.take({row});
    quiet.domains.select(1);
    const auto directory = quiet.domains.dot(DotKind::Directory);
    CHECK(directory.mark == Mark::Fine);
    CHECK(directory.word == "Registered");
    CHECK(directory.sentence == "1 of 1 providers answers.");
    CHECK(directory.times.find("checked 20 s ago") != std::string::npos);
    CHECK(quiet.domains.login().mark == Mark::Fine);
    row.login = "directory-down";
    row.directory.state = ProofState::Broken;
    quiet.domains.domainsChanged({{row}, {}});
    CHECK(quiet.domains.login().mark == Mark::Broken);
    CHECK(quiet.domains.login().text.find("directory is not registered") != std::string::npos);
    row.directory = {};
    quiet.domains.domainsChanged({{row}, {}});
    CHECK(quiet.domains.dot(DotKind::Directory).sentence == "It is measured soon.");
}

TEST_CASE("a domain with neither account nor provider says so instead of blaming the directory") {
    auto row = domainRow(1, "chat.example.com");
    row.login = "directory-down";
    row.directory.state = ProofState::Unknown;
    CHECK(loginLineOf(row).mark == Mark::Unknown);
    CHECK(loginLineOf(row).text.find("no account and no provider") != std::string::npos);
    row.domain.providers = {7};
    CHECK(loginLineOf(row).mark == Mark::Unknown);
    CHECK(loginLineOf(row).text.find("being measured") != std::string::npos);
    row.directory.state = ProofState::Broken;
    CHECK(loginLineOf(row).mark == Mark::Broken);
    CHECK(loginLineOf(row).text.find("directory is not registered") != std::string::npos);
    row.login = "open";
    CHECK(loginLineOf(row).mark == Mark::Fine);
}

TEST_CASE("the certificate of a domain is told with its fingerprint, its end and what clients say") {
    Quiet quiet;
    auto row = domainRow(1, "chat.example.com");
    quiet.domains.take({row});
    quiet.domains.select(1);
    CHECK_FALSE(quiet.domains.certificate().isThere);
    CHECK(quiet.domains.certificate().sentence.find("not known") != std::string::npos);

    CertificateFacts facts;
    facts.isThere = facts.isSelfSigned = true;
    facts.names = {{CertificateName::Kind::Dns, "chat.example.com"},
                   {CertificateName::Kind::Dns, "*.example.com"},
                   {CertificateName::Kind::Xmpp, "chat.example.com"}};
    facts.keyKind = "ECDSA P-256";
    facts.notBefore = kNoon;
    facts.notAfter = kNoon + 20 * 24h;
    facts.sha256 = "0aff";
    facts.forClients = "Clients ask each user once.";
    row.certificate = facts;
    quiet.domains.domainsChanged({{row}, {}});
    auto view = quiet.domains.certificate();
    CHECK(view.mark == Mark::Fine);
    CHECK(view.fingerprint == "0A:FF");
    CHECK(view.forClients == "Clients ask each user once.");
    const auto factOf = [&](const std::string& label) {
        for (const auto& fact : view.facts) {
            if (fact.label == label) return fact;
        }
        return Fact{};
    };
    CHECK(factOf("Source").value == "Self-signed, ECDSA P-256");
    CHECK(factOf("Names").value == "chat.example.com, *.example.com");
    CHECK(factOf("Signed by").value == "itself");
    CHECK(factOf("Valid").mark == Mark::None);

    row.certificate->isSelfSigned = false;
    row.certificate->issuer = "Corp CA";
    row.certificate->trouble = CertificateTrouble::EndsSoon;
    row.certificate->problem = "It ends in 20 days.";
    row.certificate->todo = "Renew it.";
    quiet.domains.domainsChanged({{row}, {}});
    view = quiet.domains.certificate();
    CHECK(view.mark == Mark::Partly);
    CHECK(view.sentence == "It ends in 20 days. Renew it.");
    CHECK(factOf("Signed by").value == "Corp CA");
    CHECK(factOf("Valid").mark == Mark::Partly);

    row.certificate = CertificateFacts{};
    row.certificate->trouble = CertificateTrouble::FileMissing;
    row.certificate->problem = "The certificate file is not there.";
    quiet.domains.domainsChanged({{row}, {}});
    view = quiet.domains.certificate();
    CHECK(view.mark == Mark::Broken);
    CHECK_FALSE(view.isThere);
    CHECK(view.fingerprint.empty());
}

TEST_CASE("the strip of a dot joins what stayed the same and ends with what it is now") {
    Dot now;
    now.state = ProofState::Fine;
    now.since = kNoon - 1h;
    const std::vector<DotChange> changes{
        {kNoon - 1h, DotKind::Directory, ProofState::Fine, ""},
        {kNoon - 2h, DotKind::Supernode, ProofState::Broken, ""},
        {kNoon - 3h, DotKind::Directory, ProofState::Broken, ""},
        {kNoon - 30h, DotKind::Directory, ProofState::Fine, ""},
    };
    const auto parts = stripOf(changes, DotKind::Directory, now, kNoon, 24h);
    REQUIRE(parts.size() == 3);
    CHECK(parts[0].mark == Mark::Fine);
    CHECK(parts[0].from == kNoon - 24h);
    CHECK(parts[0].to == kNoon - 3h);
    CHECK(parts[1].mark == Mark::Broken);
    CHECK(parts[2].mark == Mark::Fine);
    CHECK(parts[2].to == kNoon);
    const auto fresh = stripOf({}, DotKind::Directory, now, kNoon, 24h);
    REQUIRE(fresh.size() == 2);
    CHECK(fresh[0].mark == Mark::Unknown);
    CHECK(fresh[1].from == kNoon - 1h);
}

TEST_CASE("deleting a domain says what is lost and wants its name typed") {
    Quiet quiet;
    auto row = domainRow(1, "xn--bcher-kva.example");
    row.domain.shown = "bücher.example";
    row.accounts = 4;
    row.supernodes.resize(2);
    quiet.domains.take({row});
    const auto loss = quiet.domains.lossText(1);
    CHECK(loss.find("name@bücher.example") != std::string::npos);
    CHECK(loss.find("4 built-in accounts are deleted") != std::string::npos);
    CHECK(loss.find("2 supernodes are taken out of DNS") != std::string::npos);
    CHECK(quiet.domains.isTypedName(1, " Bücher.example. "));
    CHECK(quiet.domains.isTypedName(1, "xn--bcher-kva.example"));
    CHECK_FALSE(quiet.domains.isTypedName(1, "bucher.example"));
    CHECK_FALSE(quiet.domains.isTypedName(1, ""));
    std::string refusal;
    quiet.domains.remove(1, "yes", [&](const Result<void>& result) { refusal = result.error().text(); });
    CHECK_FALSE(refusal.empty());
}

TEST_CASE("forms of domains and supernodes say what is wrong at the field") {
    Quiet quiet;
    auto row = domainRow(1, "chat.example.com");
    api::SupernodeRow node;
    node.node.id = 5;
    node.node.domain = 1;
    node.node.name = "sn1";
    node.node.origin = SupernodeOrigin::Local;
    row.supernodes.push_back(node);
    quiet.domains.take({row});
    auto form = quiet.domains.formOf(1);
    CHECK(quiet.domains.check(form).empty());
    form.ttl = "4";
    form.certificate = CertificateSource::Files;
    std::vector<std::string> fields;
    for (const auto& problem : quiet.domains.check(form))
        fields.push_back(problem.field);
    CHECK(fields == std::vector<std::string>{"certificateFile", "keyFile", "ttl"});

    SupernodeForm supernode;
    supernode.domain = 1;
    supernode.name = "SN1";
    supernode.port = "70000";
    fields.clear();
    for (const auto& problem : quiet.domains.check(supernode))
        fields.push_back(problem.field);
    CHECK(fields == std::vector<std::string>{"port", "lanAddress", "name"});
    CHECK(quiet.domains.check(quiet.domains.formOfSupernode(5)).empty());
}

TEST_CASE("the chain lists chosen providers in their order before the others") {
    Quiet quiet;
    quiet.providers.take({providerView(7, "AD"), providerView(8, "RADIUS hq"), providerView(9, "Branch")});
    const auto chain = quiet.domains.chainOf({8, 7});
    REQUIRE(chain.size() == 3);
    CHECK(chain[0].name == "RADIUS hq");
    CHECK(chain[1].name == "AD");
    CHECK(chain[1].isChosen);
    CHECK(chain[2].name == "Branch");
    CHECK_FALSE(chain[2].isChosen);
    CHECK(chain[2].hint == "LDAP or Active Directory, dc1.example.com:389");
}

TEST_CASE("the proof tree becomes rows, and the one to mend is the deepest that failed") {
    ProofStep root{"directory", "Directory", ProofState::Broken, "", {}, {}, "", "", {}, {}};
    ProofStep provider{"provider", "AD", ProofState::Broken, "", kNoon, 20ms, "It cannot be asked.", "", {}, {}};
    provider.children.push_back(
        {"connect", "Connect", ProofState::Fine, "Port 389 is open.", kNoon, 3ms, "", "", {}, {}});
    provider.children.push_back({"bind",
                                 "Log in",
                                 ProofState::Broken,
                                 "",
                                 kNoon,
                                 5ms,
                                 "The password is wrong.",
                                 "Type it again.",
                                 {{"Code", "49"}},
                                 {}});
    provider.children.push_back(
        {"base", "Find users", ProofState::Unknown, "", {}, {}, "The step before failed.", "", {}, {}});
    root.children.push_back(provider);
    const auto rows = proofRows(root);
    REQUIRE(rows.size() == 4);
    CHECK(rows[0].depth == 0);
    CHECK(rows[1].depth == 1);
    CHECK(rows[1].proves == "Port 389 is open.");
    CHECK(rows[1].took == "3 ms");
    CHECK(rows[2].proves == "The password is wrong.");
    CHECK(rows[2].todo == "Type it again.");
    CHECK(rows[2].details.find("Code: 49") != std::string::npos);
    CHECK(rows[3].result == "Not tried");
    CHECK(rows[3].took.empty());
    CHECK(troubleRow(rows) == 2);
    CHECK(proofRows(ProofStep{}).empty());
    CHECK_FALSE(troubleRow({}).has_value());
}

TEST_CASE("a change that goes back by itself is told with the time that is left") {
    Quiet quiet;
    auto view = providerView(7, "AD");
    view.revert = PendingRevert{kNoon + 80s, "12 people could not log in."};
    quiet.providers.take({view});
    REQUIRE(quiet.providers.waiting().has_value());
    CHECK(quiet.providers.waiting()->text(kNoon) ==
          "The change of \"AD\" goes back in 1 min 20 s unless you keep it.\n12 people could not log in.");
    CHECK_FALSE(quiet.domains.waiting().has_value());
    auto row = domainRow(1, "chat.example.com");
    row.revert = PendingRevert{kNoon + 60s, ""};
    quiet.domains.take({row});
    CHECK(quiet.domains.waiting()->name == "chat.example.com");
}

TEST_CASE("domains are loaded from the service, changed there, and their proofs follow") {
    LiveConsole live;
    REQUIRE(live.started);
    ProvidersPresenter providers{live.session};
    DomainsPresenter domains{live.session, providers};
    REQUIRE(live.connect());
    REQUIRE(live.executor.runUntil([&] { return domains.count() == 1; }));
    domains.select(1);
    REQUIRE(live.executor.runUntil([&] { return domains.proof(1, DotKind::Directory) != nullptr; }));
    CHECK(domains.proof(1, DotKind::Directory)->children.size() == 1);
    CHECK(domains.supernodes().size() == 1);

    std::optional<bool> done;
    const auto keep = [&](const Result<void>& result, const auto&) { done = result.has_value(); };
    DomainForm form;
    form.name = "Second.Example.COM";
    domains.save(form, keep);
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(*done);
    REQUIRE(domains.findByName("second.example.com") != nullptr);

    // The service says at which field it is wrong.
    done.reset();
    std::vector<FieldText> fields;
    form.name = "10.1.2.3";
    domains.save(form, [&](const Result<void>& result, const std::vector<FieldText>& found) {
        done = result.has_value();
        fields = found;
    });
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK_FALSE(*done);
    REQUIRE(fields.size() == 1);
    CHECK(fields[0].field == "name");

    SupernodeForm node;
    node.domain = 1;
    node.origin = SupernodeOrigin::Token;
    node.name = "sn2";
    node.lanAddress = "10.1.0.9";
    done.reset();
    domains.saveSupernode(node, keep);
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(*done);
    CHECK_FALSE(domains.newToken().empty());
    domains.forgetNewToken();
    CHECK(domains.newToken().empty());
    REQUIRE(live.executor.runUntil([&] { return domains.supernodes().size() == 2; }));

    done.reset();
    const auto second = domains.findByName("second.example.com")->domain.id;
    domains.setEnabled(second, false, [&](const Result<void>& result) { done = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK_FALSE(domains.find(second)->domain.isEnabled);
    done.reset();
    domains.remove(second, "second.example.com", [&](const Result<void>& result) { done = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(*done);
    CHECK(domains.find(second) == nullptr);
}

TEST_CASE("domains: several mistakes of one field are lines of one text, and too many are counted") {
    api::ErrorDocument details;
    details.errors = {
        {"ttl", 0, 0, "Too short."}, {"extraRecords", 0, 0, "Line 1: a."}, {"extraRecords", 0, 0, "Line 3: b."}};
    auto fields = fieldTexts(details);
    REQUIRE(fields.size() == 2);
    CHECK(fields[0].text == "Too short.");
    CHECK(fields[1].text == "Line 1: a.\nLine 3: b.");
    for (int i = 0; i < 10; ++i)
        details.errors.push_back({"extraRecords", 0, 0, "Line 9: c."});
    fields = fieldTexts(details);
    REQUIRE(fields.size() == 2);
    CHECK(std::count(fields[1].text.begin(), fields[1].text.end(), '\n') == 6);
    CHECK(fields[1].text.ends_with("and 6 more"));
}

TEST_CASE("providers: one whose password is missing is red and says so, unless it is switched off") {
    auto view = providerView(1, "Staff");
    view.provider.settings = {{"servers", "dc1.example.com"}, {"bases", "dc=a"}, {"bind_dn", "cn=x"}};
    const auto line = breakerLine(view, kNoon);
    CHECK(line.mark == Mark::Broken);
    CHECK(line.text == "Needs its password");
    view.provider.secretsSet = {"bind_password"};
    CHECK(breakerLine(view, kNoon).text == "Answers");
    view.provider.secretsSet.clear();
    view.provider.isEnabled = false;
    CHECK(breakerLine(view, kNoon).text == "Switched off");
}
