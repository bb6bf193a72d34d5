#include "shared/api/providers_json.h"

#include <doctest/doctest.h>

#include "shared/api/accounts_json.h"
#include "shared/api/domains_json.h"

using namespace causeway;
using namespace causeway::api;

namespace {

const TimePoint kWhen = fromEpochMillis(1'790'000'000'123);

ProviderView fullView() {
    ProviderView view;
    view.provider.id = 4;
    view.provider.name = "Staff directory";
    view.provider.kind = ProviderKind::Ldap;
    view.provider.isEnabled = false;
    view.provider.settings = {{"servers", "dc1.example.com\ndc2.example.com"}, {"a \"key\"", "x"}};
    view.provider.secretsSet = {"bind_password"};
    view.provider.revision = 7;
    view.address = addressSummary(view.provider);
    view.health.breaker = "open";
    view.health.since = view.health.nextTry = view.health.lastErrorAt = view.health.lastAnswerAt = kWhen;
    view.health.lastError = "dc1 refuses";
    view.health.answerTime = 12ms;
    view.health.failures = 3;
    view.health.queued = 1;
    view.health.running = 2;
    view.health.finished = 3;
    view.health.refused = 4;
    view.health.timedOut = 5;
    view.health.remembered = 6;
    view.usedBy = {"chat.example.com"};
    view.warnings = {{"security", ProblemWeight::Warning, "not encrypted", 3}, {"", ProblemWeight::Error, "bad", {}}};
    view.revert = PendingRevert{kWhen, "People of chat.example.com could not log in."};
    return view;
}

template <class T>
void checkBothWays(const T& record) {
    const auto json = toJson(record);
    CAPTURE(json);
    const auto read = fromJson<T>(json);
    REQUIRE(read);
    CHECK(toJson(*read) == json);
}

}  // namespace

TEST_CASE("providers: a row reads back as it was written, with its state, warnings and what waits") {
    checkBothWays(fullView());
    checkBothWays(ProviderView{});
    const auto read = fromJson<ProviderView>(toJson(fullView()));
    REQUIRE(read);
    CHECK(read->provider.settings == fullView().provider.settings);
    CHECK(read->provider.secretsSet.contains("bind_password"));
    CHECK(read->health.answerTime == 12ms);
    CHECK(read->warnings.at(0).column == 3U);
    CHECK_FALSE(read->warnings.at(1).column);
    REQUIRE(read->revert);
    CHECK(read->revert->at == kWhen);
    checkBothWays(ProviderList{{fullView(), ProviderView{}}});
    checkBothWays(ProvidersEvent{{fullView()}, {3, 9}});
    checkBothWays(ProviderVerdict{"dc1:389", fullView().warnings});
    checkBothWays(PeopleList{{{"ann", "uid=ann", "Ann Lee", "ann@example.com", "Sales", true, true}}, false});
}

TEST_CASE("providers: a change touches only the settings and secrets that it names") {
    const auto request = fromJson<ProviderRequest>(
        R"({"settings":{"timeout":9,"base_dn":null,"follow":true},"secrets":{"bind_password":"s3cret","old":null}})");
    REQUIRE(request);
    Provider provider;
    provider.name = "kept";
    provider.settings = {{"base_dn", "dc=a"}, {"servers", "dc1"}};
    provider.secretsSet = {"old"};
    request->applyTo(provider);
    CHECK(provider.name == "kept");
    CHECK(provider.settings ==
          std::map<std::string, std::string>{{"servers", "dc1"}, {"timeout", "9"}, {"follow", "true"}});
    CHECK(provider.secretsSet == std::set<std::string>{"bind_password"});
    checkBothWays(*request);
}

TEST_CASE("providers: the kind of a provider stays once it is saved") {
    ProviderRequest request;
    request.kind = ProviderKind::Sql;
    Provider fresh;
    request.applyTo(fresh);
    CHECK(fresh.kind == ProviderKind::Sql);
    Provider saved;
    saved.id = 3;
    saved.kind = ProviderKind::Ldap;
    request.applyTo(saved);
    CHECK(saved.kind == ProviderKind::Ldap);
}

TEST_CASE("providers: a wrong request is told by field and never repeats a secret") {
    std::vector<FieldProblem> problems;
    CHECK_FALSE(fromJson<ProviderRequest>(
        R"({"kind":"ldab","settings":{"servers":["dc1"]},"secrets":{"bind_password":["hunter2"]}})", &problems));
    REQUIRE(problems.size() == 3);
    CHECK(problems[0].field == "kind");
    CHECK(problems[1].field == "settings.servers");
    CHECK(problems[2].field == "secrets.bind_password");
    for (const auto& each : problems)
        CHECK(each.detail.find("hunter2") == std::string::npos);
}

TEST_CASE("providers: a test request carries draft, secrets and the login to rehearse") {
    ProviderTestRequest request;
    request.id = 4;
    request.draft.name = "Staff";
    request.draft.kind = ProviderKind::Ldap;
    request.draft.isEnabled = true;
    request.draft.settings["servers"] = "dc1";
    request.draft.secrets["bind_password"] = Secret{"s3cret"};
    request.login = RehearsalRequest{"ann", Secret{"hunter2"}, "chat.example.com"};
    checkBothWays(request);
    const auto read = fromJson<ProviderTestRequest>(toJson(request));
    REQUIRE(read);
    REQUIRE(read->login);
    CHECK(read->login->password == Secret{"hunter2"});
    CHECK_FALSE(fromJson<ProviderTestRequest>(R"({"login":{"password":"x"}})"));
}

TEST_CASE("providers: the address of a provider is told in one line, without what may hold a password") {
    const auto summary = [](ProviderKind kind, std::map<std::string, std::string> settings) {
        Provider provider;
        provider.kind = kind;
        provider.settings = std::move(settings);
        return addressSummary(provider);
    };
    CHECK(summary(ProviderKind::BuiltIn, {}).empty());
    CHECK(summary(ProviderKind::Ldap, {{"servers", "dc1.example.com"}, {"security", "ldaps"}}) ==
          "dc1.example.com:636");
    CHECK(summary(ProviderKind::Ldap, {{"servers", "dc1\ndc2:3389"}, {"security", "none"}}) == "dc1:389 and 1 more");
    CHECK(summary(ProviderKind::Radius, {{"servers", "[2001:db8::1]"}}) == "[2001:db8::1]:1812");
    CHECK(summary(ProviderKind::Http, {{"url", "https://auth.example.com/check"}}) == "auth.example.com:443");
    CHECK(summary(ProviderKind::Sql, {{"engine", "sqlite"}, {"file", "/srv/staff.db"}}) == "/srv/staff.db");
    CHECK(summary(ProviderKind::Sql, {{"engine", "mariadb"}, {"server", "db1"}}) == "db1:3306");
    CHECK(summary(ProviderKind::Sql,
                  {{"engine", "odbc"}, {"connection", "DRIVER={FreeTDS}; Server=db.example.com;PWD=hunter2"}}) ==
          "db.example.com");
}

TEST_CASE("accounts: a row never carries keys, only the names of its hashes") {
    Account account;
    account.id = 5;
    account.domain = "chat.example.com";
    account.localPart = "ann";
    account.displayName = "Ann Lee";
    account.mail = "ann@example.com";
    account.department = "Sales";
    account.isDisabled = true;
    account.createdAt = kWhen;
    account.passwordChangedAt = kWhen;
    account.revision = 3;
    account.keys = {{ScramHash::Sha256, 10000, "SALTBYTES", "STOREDKEY", "SERVERKEY"}};
    const auto json = toJson(account);
    CHECK(json.find("SALTBYTES") == std::string::npos);
    CHECK(json.find("STOREDKEY") == std::string::npos);
    CHECK(json.find("SERVERKEY") == std::string::npos);
    CHECK(json.find("SCRAM-SHA-256") != std::string::npos);
    CHECK(json.find(R"("address":"ann@chat.example.com")") != std::string::npos);
    checkBothWays(account);
    checkBothWays(AccountPage{{account, Account{}}, "ann", 900});
}

TEST_CASE("accounts: a change holds only what was given, and the name stays") {
    const auto request = fromJson<AccountRequest>(R"({"localPart":"bob","mail":"b@example.com"})");
    REQUIRE(request);
    Account account;
    account.id = 5;
    account.localPart = "ann";
    account.displayName = "Ann Lee";
    request->applyTo(account);
    CHECK(account.localPart == "ann");
    CHECK(account.mail == "b@example.com");
    CHECK(account.displayName == "Ann Lee");
    AccountRequest full{"ann", Secret{"a password"}, "Ann", "m", "d", true};
    checkBothWays(full);
    checkBothWays(AccountRequest{});
}

TEST_CASE("accounts: imports, login tests and trails read back as they were written") {
    checkBothWays(AccountImportRequest{"user,password\nann,x\n", true});
    CHECK_FALSE(fromJson<AccountImportRequest>("{}"));
    checkBothWays(AccountImportAnswer{true, 2, {"ann", "bob"}, {{3, "There is no password."}}, {{1, "Left out."}}});
    AccountAdded added{{}, {"Staff has somebody named ann too."}};
    added.account.localPart = "ann";
    checkBothWays(added);
    checkBothWays(LoginTestRequest{"ann", Secret{"hunter2"}, "10.0.0.1"});
    checkBothWays(LoginTestRequest{"ann", Secret{"hunter2"}, ""});
    LoginTrail trail{"ann@chat.example.com",
                     "cannot-ask",
                     "dc1 is silent",
                     "Look at dc1.",
                     "connect",
                     {{0, "Built-in accounts", "unknown-user", "", "no such account", 2ms, false},
                      {4, "Staff", "cannot-ask", "connect", "silent", 5s, true}},
                     3s,
                     true};
    checkBothWays(trail);
}

TEST_CASE("domains: a change that waits for its confirmation is told with the domain") {
    DomainRow row;
    row.revert = PendingRevert{kWhen, "Nobody could log in."};
    checkBothWays(row);
    const auto read = fromJson<DomainRow>(toJson(row));
    REQUIRE(read);
    REQUIRE(read->revert);
    CHECK(read->revert->sentence == "Nobody could log in.");
    checkBothWays(DomainRow{});
}
