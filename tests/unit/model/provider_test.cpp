#include "shared/model/provider.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace causeway;

namespace {

Provider ldap() {
    Provider provider;
    provider.name = "Directory";
    provider.kind = ProviderKind::Ldap;
    provider.settings = {{"servers", "dc1.example.com"}, {"bases", "ou=people,dc=example,dc=com"}};
    return provider;
}

Provider http() {
    Provider provider;
    provider.name = "Intranet";
    provider.kind = ProviderKind::Http;
    provider.settings = {{"url", "https://intranet.example.com/check"}, {"proof", "bearer"}};
    provider.secretsSet = {"token"};
    return provider;
}

Provider sql() {
    Provider provider;
    provider.name = "Staff";
    provider.kind = ProviderKind::Sql;
    provider.settings = {{"server", "db.example.com"}, {"database", "staff"}, {"login", "reader"}};
    return provider;
}

const ProviderProblem* problemOf(const std::vector<ProviderProblem>& problems, std::string_view field) {
    const auto at =
        std::find_if(problems.begin(), problems.end(), [&](const auto& each) { return each.field == field; });
    return at == problems.end() ? nullptr : &*at;
}

}  // namespace

TEST_CASE("provider: every field of every kind has words for the form and a standard that its own check takes") {
    for (const auto kind :
         {ProviderKind::BuiltIn, ProviderKind::Ldap, ProviderKind::Radius, ProviderKind::Http, ProviderKind::Sql}) {
        std::set<std::string_view> keys;
        for (const auto& field : providerFields(kind)) {
            CAPTURE(field.key);
            CHECK(keys.insert(field.key).second);
            CHECK(!field.label.empty());
            CHECK(field.help.ends_with('.'));
            CHECK(!field.group.empty());
            CHECK(providerKindOf(wordOf(kind)) == kind);
            CHECK(fieldTypeOf(wordOf(field.type)) == field.type);
            if (!field.onlyWhen.empty()) {
                CHECK(keys.contains(field.onlyWhen.substr(0, field.onlyWhen.find('='))));
            }
            Provider provider;
            provider.kind = kind;
            const auto problems = checkProvider(provider);
            const auto* problem = problemOf(problems, field.key);
            if (!field.standard.empty()) CHECK((problem == nullptr || problem->weight == ProblemWeight::Warning));
        }
    }
}

TEST_CASE("provider: a complete one of each kind has no errors") {
    CHECK(!hasErrors(checkProvider(ldap())));
    CHECK(!hasErrors(checkProvider(http())));
    CHECK(!hasErrors(checkProvider(sql())));
    Provider radius;
    radius.name = "Radius";
    radius.kind = ProviderKind::Radius;
    radius.settings = {{"servers", "10.0.0.1 10.0.0.2:1645"}};
    radius.secretsSet = {"secret"};
    CHECK(!hasErrors(checkProvider(radius)));
    Provider own;
    own.name = "Accounts";
    CHECK(checkProvider(own).empty());
}

TEST_CASE("provider: schemes and ports that contradict the encryption are told") {
    struct Row {
        const char* servers;
        const char* security;
        const char* says;
    };
    for (const auto& row :
         {Row{"ldap://dc1:636", "starttls", "TLS from the first byte"},
          Row{"dc1:636", "none", "TLS from the first byte"}, Row{"dc1:3269", "starttls", "TLS from the first byte"},
          Row{"dc1:389", "ldaps", "plain beginning"}, Row{"ldaps://dc1", "starttls", "ldaps://"},
          Row{"ldap://dc1", "ldaps", "ldap://"}, Row{"https://dc1", "ldaps", "no LDAP address"}}) {
        auto provider = ldap();
        provider.settings["servers"] = row.servers;
        provider.settings["security"] = row.security;
        CAPTURE(row.servers);
        const auto problems = checkProvider(provider);
        const auto* problem = problemOf(problems, "servers");
        REQUIRE(problem);
        CHECK(problem->weight == ProblemWeight::Error);
        CHECK(problem->text.find(row.says) != std::string::npos);
    }
    auto fine = ldap();
    fine.settings["servers"] = "ldaps://dc1:636, dc2";
    fine.settings["security"] = "ldaps";
    CHECK(!hasErrors(checkProvider(fine)));
}

TEST_CASE("provider: a filter that cannot be read is pointed at with its column") {
    auto provider = ldap();
    provider.settings["user_filter"] = "(&(uid={user})(mail=*)";
    const auto problems = checkProvider(provider);
    const auto* problem = problemOf(problems, "user_filter");
    REQUIRE(problem);
    CHECK(problem->column == 0);
    CHECK(problem->text.find("never closed") != std::string::npos);
}

TEST_CASE("provider: unknown and missing placeholders are told") {
    auto provider = ldap();
    provider.settings["user_filter"] = "(uid={username})";
    auto problems = checkProvider(provider);
    auto* problem = problemOf(problems, "user_filter");
    REQUIRE(problem);
    CHECK(problem->column == 5);
    CHECK(problem->text.find("{username}") != std::string::npos);
    provider.settings["user_filter"] = "(uid=*)";
    problems = checkProvider(provider);
    problem = problemOf(problems, "user_filter");
    REQUIRE(problem);
    CHECK(problem->text.find("every user would look the same") != std::string::npos);
}

TEST_CASE("provider: a service account without its password is refused, for servers take that for no login") {
    auto provider = ldap();
    provider.settings["bind_dn"] = "cn=reader,dc=example,dc=com";
    CHECK(problemOf(checkProvider(provider), "bind_password"));
    provider.secretsSet = {"bind_password"};
    CHECK(!hasErrors(checkProvider(provider)));
}

TEST_CASE("provider: without encryption only this machine is let pass without a warning") {
    auto provider = ldap();
    provider.settings["security"] = "none";
    auto problems = checkProvider(provider);
    REQUIRE(problemOf(problems, "security"));
    CHECK(problemOf(problems, "security")->weight == ProblemWeight::Warning);
    provider.settings["servers"] = "127.0.0.1:3389";
    CHECK(!problemOf(checkProvider(provider), "security"));
}

TEST_CASE("provider: a private key in place of a certificate is refused") {
    auto provider = ldap();
    provider.settings["ca"] = "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----";
    REQUIRE(problemOf(checkProvider(provider), "ca"));
    CHECK(problemOf(checkProvider(provider), "ca")->text.find("private key") != std::string::npos);
}

TEST_CASE("provider: a secret among the settings is refused") {
    auto provider = ldap();
    provider.settings["bind_password"] = "x";
    CHECK(hasErrors(checkProvider(provider)));
}

TEST_CASE("provider: an HTTP address must be https, except on this machine") {
    auto provider = http();
    provider.settings["url"] = "http://intranet.example.com/check";
    CHECK(hasErrors(checkProvider(provider)));
    provider.settings["url"] = "http://127.0.0.1:8080/check";
    CHECK(!hasErrors(checkProvider(provider)));
    provider.settings["url"] = "https://ann:pw@intranet.example.com/";
    CHECK(hasErrors(checkProvider(provider)));
}

TEST_CASE("provider: a placeholder of the JSON text must stand inside quotes") {
    auto provider = http();
    provider.settings["json_body"] = R"({"user":"{user}","password":{password}})";
    const auto problems = checkProvider(provider);
    REQUIRE(problemOf(problems, "json_body"));
    CHECK(problemOf(problems, "json_body")->text.find("{password} must stand inside quotes") != std::string::npos);
    provider.settings["json_body"] = R"({"a":"\"{user}","p":"{password}"})";
    CHECK(!hasErrors(checkProvider(provider)));
}

TEST_CASE("provider: one status code cannot mean two things, and 5xx cannot decide") {
    auto provider = http();
    provider.settings["wrong_status"] = "200 401";
    CHECK(problemOf(checkProvider(provider), "wrong_status"));
    provider.settings["wrong_status"] = "401 500";
    CHECK(problemOf(checkProvider(provider), "wrong_status"));
}

TEST_CASE("provider: quotes around a placeholder of a query are pointed at") {
    auto provider = sql();
    provider.settings["query"] = "SELECT password FROM users WHERE name = '{user}'";
    const auto problems = checkProvider(provider);
    REQUIRE(problemOf(problems, "query"));
    CHECK(problemOf(problems, "query")->column == 41);
    for (const char* bad :
         {"UPDATE users SET x = {user}", "SELECT 1; DROP TABLE users -- {user}", "SELECT password FROM users"}) {
        provider.settings["query"] = bad;
        CAPTURE(bad);
        CHECK(problemOf(checkProvider(provider), "query"));
    }
}

TEST_CASE("provider: a password inside an ODBC connection text is refused") {
    auto provider = sql();
    provider.settings = {{"engine", "odbc"}, {"connection", "DRIVER={X};UID=a;PWD=geheim"}};
    CHECK(problemOf(checkProvider(provider), "connection"));
}

TEST_CASE("provider: fields that have no meaning with the other choices are not checked") {
    auto provider = sql();
    provider.settings = {{"engine", "sqlite"}, {"file", "/srv/users.db"}};
    CHECK(!hasErrors(checkProvider(provider)));
    CHECK(!provider.isUsed(*findProviderField(ProviderKind::Sql, "server")));
    CHECK(provider.isUsed(*findProviderField(ProviderKind::Sql, "file")));
}

TEST_CASE("provider: numbers out of range are refused, and are in range when read") {
    auto provider = ldap();
    provider.settings["timeout"] = "0";
    CHECK(problemOf(checkProvider(provider), "timeout"));
    CHECK(provider.seconds("timeout") == Duration{1000});
    provider.settings["timeout"] = "nine";
    CHECK(problemOf(checkProvider(provider), "timeout"));
    CHECK(provider.seconds("timeout") == Duration{5000});
}

TEST_CASE("provider: presets are complete enough that only servers and bases are missing") {
    for (const auto& preset : providerPresets()) {
        Provider provider;
        provider.name = std::string(preset.label);
        provider.kind = preset.kind;
        for (const auto& [key, value] : preset.settings) {
            CHECK(findProviderField(preset.kind, key));
            provider.settings[std::string(key)] = std::string(value);
        }
        provider.settings["servers"] = "host.example.com";
        if (preset.kind == ProviderKind::Ldap) provider.settings["bases"] = "dc=example,dc=com";
        provider.secretsSet = {"secret"};
        CAPTURE(preset.word);
        CHECK(!hasErrors(checkProvider(provider)));
    }
}

TEST_CASE("provider: a name of digits only is refused, since commands take it for a number") {
    const auto troubleOf = [](const std::string& name) -> std::string {
        Provider provider;
        provider.kind = ProviderKind::BuiltIn;
        provider.name = name;
        for (const auto& problem : checkProvider(provider))
            if (problem.field == "name" && problem.weight == ProblemWeight::Error) return problem.text;
        return {};
    };
    CHECK(troubleOf("12").find("digits only") != std::string::npos);
    CHECK(troubleOf(" 12 ").find("\"Directory 12\"") != std::string::npos);
    CHECK(troubleOf("12a").empty());
    CHECK(troubleOf("Floor 12").empty());
    CHECK(troubleOf("").find("digits") == std::string::npos);
}

TEST_CASE("provider: servers are read with names, addresses, ports and schemes") {
    const auto servers = parseServers("dc1, ldaps://DC2.Example.com:636\n[2001:db8::1]:389 2001:db8::2 10.0.0.1:1812");
    REQUIRE(servers);
    REQUIRE(servers->size() == 5);
    CHECK((*servers)[1].scheme == "ldaps");
    CHECK((*servers)[1].text(389) == "dc2.example.com:636");
    CHECK((*servers)[2].text(389) == "[2001:db8::1]:389");
    CHECK((*servers)[3].text(389) == "[2001:db8::2]:389");
    CHECK((*servers)[4].port == 1812);
    CHECK((*servers)[4].isAddress());
    CHECK(!(*servers)[0].isAddress());
    struct Row {
        const char* text;
        std::size_t column;
    };
    for (const auto& row : {Row{"dc1 dc2:99999", 4}, Row{"dc1:", 3}, Row{"a b!", 3}, Row{"[::1", 0}, Row{"dc1:0", 0}}) {
        CAPTURE(row.text);
        const auto bad = parseServers(row.text);
        REQUIRE(!bad);
        CHECK(bad.error().place == row.column);
    }
}

TEST_CASE("provider: web addresses are taken apart") {
    const auto address = parseWebAddress("https://[::1]:8443/a/b?c=d#e");
    REQUIRE(address);
    CHECK(address->host == "::1");
    CHECK(address->port == 8443);
    CHECK(address->pathAndQuery == "/a/b?c=d");
    CHECK(parseWebAddress("https://x.example.com")->pathAndQuery == "/");
    CHECK(!parseWebAddress("ftp://x"));
    CHECK(!parseWebAddress("https://x.example.com/a b"));
}
