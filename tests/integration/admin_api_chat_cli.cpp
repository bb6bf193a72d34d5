#include <doctest/doctest.h>

#include <fstream>
#include <sstream>

#include "console/cli/commands.h"
#include "service/admin/admin_server.h"
#include "shared/api/accounts_json.h"
#include "shared/api/providers_json.h"
#include "tests/support/admin_fakes.h"

/// causewayctl providers, accounts and domains against a real AdminServer.
using namespace causeway;

namespace {

struct Shell {
    test::AdminWorld world;
    test::TemporaryFolder folder;
    admin::AdminServer server{ports(), options(), world.log};
    std::string out;
    std::string err;

    Shell() {
        const auto started = server.start();
        REQUIRE_MESSAGE(started, (started ? std::string() : started.error().text()));
        std::ofstream{folder.path() / "service.json"} << "{\"admin\":\"" << server.address() << "\"}";
    }
    admin::AdminPorts ports() {
        auto all = world.ports();
        all.now = [start = std::chrono::steady_clock::now()] {
            return test::kNoon + std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
        };
        return all;
    }
    admin::AdminOptions options() const {
        admin::AdminOptions made;
        made.listen = "127.0.0.1:0";
        made.dataFolder = folder.path();
        made.passwordRounds = 1000;
        return made;
    }
    /// Exit code; what was printed is in out and err.
    int ctl(std::vector<std::string> words, const std::string& input = {}) {
        words.insert(words.begin(), {"causewayctl", "--data", folder.path().string()});
        std::vector<const char*> pointers;
        for (const auto& word : words)
            pointers.push_back(word.c_str());
        std::istringstream in{input};
        std::ostringstream outText;
        std::ostringstream errText;
        cli::Terminal terminal{in, outText, errText};
        const int code = cli::run(static_cast<int>(pointers.size()), pointers.data(), terminal);
        out = outText.str();
        err = errText.str();
        return code;
    }
    bool prints(const std::string& text) const { return out.find(text) != std::string::npos; }
    bool complains(const std::string& text) const { return err.find(text) != std::string::npos; }
    std::string fileWith(const std::string& text) const {
        const auto name = (folder.path() / "text").string();
        std::ofstream{name, std::ios::binary} << text;
        return name;
    }
};

}  // namespace

TEST_CASE("causewayctl: providers are listed, shown, added, changed and removed; secrets are never in sight") {
    Shell shell;
    CHECK(shell.ctl({"providers"}) == 0);
    CHECK(shell.prints("Staff"));
    CHECK(shell.prints("dc1.example.com:389"));
    CHECK(shell.ctl({"providers", "show", "staff"}) == 0);
    CHECK(shell.prints("bind_password: ***"));
    CHECK(shell.ctl({"providers", "add", "Radius", "--kind", "radius", "--set", "servers=rad1", "--secret", "secret"},
                    "hunter2-secret\n") == 0);
    CHECK_FALSE(shell.prints("hunter2"));
    CHECK(shell.world.providers.lastSecrets.at("secret") == Secret{"hunter2-secret"});
    const auto file = shell.fileWith("from a file\r\n");
    CHECK(shell.ctl({"providers", "change", "Radius", "--secret-file", "secret=" + file, "--name", "Radius 2"}) == 0);
    CHECK(shell.world.providers.lastSecrets.at("secret") == Secret{"from a file"});
    CHECK(shell.ctl({"providers", "change", "Radius 2", "--set-file", "nothing=" + file, "--off"}) == 1);
    CHECK(shell.complains("  nothing: "));
    CHECK(shell.ctl({"providers", "change", "Radius 2", "--secret-file", "secret=-", "--off"}, "piped\n") == 0);
    CHECK(shell.world.providers.lastSecrets.at("secret") == Secret{"piped"});
    CHECK_FALSE(shell.world.providers.rows.at(2).isEnabled);
    CHECK(shell.ctl({"providers", "change", "2", "--no-secret", "secret", "--on"}) == 1);
    CHECK(shell.complains("secret: "));
    CHECK(shell.ctl({"providers", "remove", "Radius 2"}) == 0);
    CHECK(shell.ctl({"providers", "show", "Radius 2"}) == 1);
    CHECK(shell.complains("providers list"));
}

TEST_CASE("causewayctl: a secret on the command line is refused, and is not repeated") {
    Shell shell;
    CHECK(shell.ctl({"providers", "change", "Staff", "--secret", "bind_password=hunter2"}) == 2);
    CHECK(shell.complains("--secret-file KEY=FILE"));
    CHECK_FALSE(shell.complains("hunter2"));
    CHECK(shell.ctl({"providers", "change", "Staff", "--secret", "bind_password"}, "\n") == 2);
    CHECK(shell.ctl({"providers", "change", "Staff", "--set", "alone"}) == 2);
    CHECK(shell.ctl({"providers", "add", "New", "--set", "servers=dc1"}) == 2);
    CHECK(shell.complains("--kind"));
    CHECK(shell.ctl({"providers", "add", "New", "--kind", "morse"}) == 2);
}

TEST_CASE("causewayctl: a refused provider names its fields") {
    Shell shell;
    CHECK(shell.ctl({"providers", "add", "New", "--kind", "ldap", "--set", "servers=dc1:x"}) == 1);
    CHECK(shell.complains("  servers: "));
}

TEST_CASE("causewayctl: a graded test prints the proof tree and ends with 0 only if all is fine") {
    Shell shell;
    CHECK(shell.ctl({"providers", "test", "Staff", "--login", "ann", "--domain", "chat.example.com"}, "typed-in\n") ==
          1);
    CHECK(shell.prints("Bind"));
    CHECK(shell.prints("refused."));
    CHECK_FALSE(shell.prints("typed-in"));
    CHECK(shell.world.providers.lastRehearsal->password == Secret{"typed-in"});
    CHECK(shell.world.providers.lastRehearsal->domain == "chat.example.com");
    shell.world.providers.isFine = true;
    CHECK(shell.ctl({"providers", "test", "Staff"}) == 0);
    CHECK(shell.ctl({"--json", "providers", "test", "Staff"}) == 0);
    CHECK(api::fromJson<ProofStep>(shell.out)->state == ProofState::Fine);
    CHECK(shell.ctl({"providers", "test", "--kind", "ldap"}) == 1);
    CHECK(shell.complains("servers"));
    CHECK(shell.ctl({"providers", "test"}) == 2);
}

TEST_CASE("causewayctl: people of a directory, with a word when there are more") {
    Shell shell;
    CHECK(shell.ctl({"providers", "users", "Staff", "--limit", "2"}) == 0);
    CHECK(shell.prints("bob"));
    CHECK(shell.complains("There are more"));
    CHECK(shell.ctl({"providers", "users", "Staff", "--filter", "nobody"}) == 1);
}

TEST_CASE("causewayctl: a change that waits is told with the command that keeps it") {
    Shell shell;
    shell.world.providers.nextSaveWaits = PendingRevert{cli::Session::now() + 100s, "Nobody could log in."};
    CHECK(shell.ctl({"providers", "change", "Staff", "--off"}) == 0);
    CHECK(shell.prints("Nobody could log in."));
    CHECK(shell.prints("causewayctl providers confirm \"Staff\""));
    CHECK(shell.ctl({"providers", "list"}) == 0);
    CHECK(shell.prints("waits to be confirmed"));
    CHECK(shell.ctl({"providers", "confirm", "Staff"}) == 0);
    CHECK(shell.ctl({"providers", "revert", "Staff"}) == 1);
    shell.world.providers.domainsWaiting[1] = {};
    CHECK(shell.ctl({"domains", "confirm", "chat.example.com"}) == 0);
    CHECK(shell.ctl({"domains", "revert", "chat.example.com"}) == 1);
}

TEST_CASE("causewayctl: accounts are added, listed, changed, imported and removed") {
    Shell shell;
    CHECK(shell.ctl({"accounts", "add", "ann@chat.example.com", "--name", "Ann Lee"}, "hunter2-secret\n") == 0);
    CHECK(shell.world.accounts.lastPassword == "hunter2-secret");
    CHECK(shell.ctl({"accounts", "add", "bob@chat.example.com", "--disabled"}, "hunter2-secret\n") == 0);
    CHECK(shell.ctl({"accounts", "add", "bob"}) == 2);
    CHECK(shell.ctl({"accounts", "add", "bob@other.example"}, "x\n") == 1);
    CHECK(shell.complains("There are: chat.example.com."));
    CHECK(shell.ctl({"accounts", "list", "chat.example.com"}) == 0);
    CHECK(shell.prints("Ann Lee"));
    CHECK(shell.prints("disabled"));
    CHECK(shell.ctl({"accounts", "list", "chat.example.com", "--filter", "bo"}) == 0);
    CHECK_FALSE(shell.prints("Ann Lee"));
    CHECK(shell.ctl({"accounts", "change", "ann@chat.example.com", "--mail", "ann@example.com"}) == 0);
    CHECK(shell.world.accounts.rows.at(1).mail == "ann@example.com");
    CHECK(shell.world.accounts.rows.at(1).displayName == "Ann Lee");
    CHECK(shell.ctl({"accounts", "change", "bob@chat.example.com", "--enabled", "--password"}, "another secret\n") ==
          0);
    CHECK(shell.world.accounts.lastPassword == "another secret");
    CHECK_FALSE(shell.world.accounts.rows.at(2).isDisabled);
    CHECK(shell.ctl({"accounts", "import", "chat.example.com", "--dry-run"}, "user,password\nzoe,x\n") == 0);
    CHECK(shell.out == "zoe@chat.example.com\n");
    CHECK(shell.ctl({"accounts", "import", "chat.example.com"}, "user,password\na b,x\n") == 1);
    CHECK(shell.complains("line 2: "));
    CHECK(shell.ctl({"accounts", "import", "chat.example.com", shell.fileWith("user,password\nzoe,x\n")}) == 0);
    CHECK(shell.prints("1 account was added"));
    CHECK(shell.ctl({"accounts", "import", "chat.example.com"}, "user,password,phone\nyves,x,1\n") == 0);
    CHECK(shell.complains("Warning: line 1: Not known and left out: \"phone\""));
    CHECK(shell.ctl({"accounts", "import", "chat.example.com"}, "user,password,name\nyan,x,J\xF6rg\n") == 1);
    CHECK(shell.complains("line 2: The file is not in UTF-8 here. Save it as UTF-8"));
    CHECK(shell.ctl({"accounts", "add", "double@chat.example.com"}, "a password\n") == 0);
    CHECK(shell.complains("Warning: Staff has somebody named double too."));
    CHECK(shell.ctl({"accounts", "remove", "double@chat.example.com"}) == 0);
    CHECK(shell.ctl({"accounts", "remove", "ann@chat.example.com"}) == 0);
    CHECK(shell.ctl({"accounts", "remove", "ann@chat.example.com"}) == 1);
    CHECK(shell.ctl({"--json", "accounts", "list", "chat.example.com"}) == 0);
    CHECK(api::fromJson<api::AccountPage>(shell.out)->items.size() == 1);
    CHECK(shell.ctl({"accounts"}) == 2);
}

TEST_CASE("causewayctl: a login is tried through the whole chain and ends with 0 only if it is right") {
    Shell shell;
    CHECK(shell.ctl({"domains", "login-test", "ann@chat.example.com", "--from", "192.0.2.7"}, "right\n") == 0);
    CHECK(shell.prints("Staff"));
    CHECK(shell.world.accounts.lastFrom == "192.0.2.7");
    CHECK(shell.ctl({"domains", "login-test", "ann@chat.example.com"}, "wrong\n") == 1);
    CHECK(shell.prints("wrong password"));
    CHECK(shell.ctl({"domains", "login-test", "ann"}, "wrong\n") == 2);
}

TEST_CASE("causewayctl: people read words, programs read codes") {
    Shell shell;
    CHECK(shell.ctl({"domains"}) == 0);
    CHECK(shell.prints("directory down"));
    CHECK_FALSE(shell.prints("directory-down"));
    CHECK(shell.ctl({"domains", "show", "chat.example.com"}) == 1);
    CHECK(shell.prints("Logins: nobody can log in: the directory is down"));
    CHECK(shell.ctl({"--json", "domains"}) == 0);
    CHECK(shell.prints("\"login\":\"directory-down\""));
    CHECK(shell.ctl({"domains", "login-test", "ann@chat.example.com"}, "wrong\n") == 1);
    CHECK_FALSE(shell.prints("wrong-password"));
    CHECK(shell.prints("wrong password"));
}

TEST_CASE("causewayctl: a TTL of 0 is told to the service, which says what may be written") {
    Shell shell;
    CHECK(shell.ctl({"domains", "add", "a.example", "--ttl", "0"}) != 0);
    CHECK(shell.complains("from 5 seconds to 7 days"));
    CHECK(shell.ctl({"domains", "change", "chat.example.com", "--ttl", "0"}) != 0);
    CHECK(shell.complains("ttl:"));
    CHECK(shell.world.domains.domains()->size() == 1);
    CHECK(shell.world.domains.domain(1)->domain.ttl == 300);
    CHECK(shell.ctl({"domains", "change", "chat.example.com", "--ttl", "60"}) == 0);
    CHECK(shell.world.domains.domain(1)->domain.ttl == 60);
}

TEST_CASE(
    "causewayctl: a configuration comes back with its providers and domains, and says which password is missing") {
    Shell shell;
    shell.world.providers.rows[1].settings["bind_dn"] = "cn=causeway,dc=example,dc=com";
    const auto file = (shell.folder.path() / "config.json").string();
    REQUIRE(shell.ctl({"config", "export", file}) == 0);
    shell.world.providers.rows.clear();
    CHECK(shell.ctl({"config", "check", file}) == 0);
    CHECK(shell.prints("needs its password (bind_password)"));
    CHECK(shell.ctl({"config", "import", file}) == 0);
    CHECK(shell.prints("1 providers and 0 chat domains were added or changed"));
    CHECK(shell.prints("--secret bind_password"));
    CHECK(shell.ctl({"providers"}) == 0);
    CHECK(shell.prints("needs its password"));
    CHECK(shell.ctl({"providers", "change", "Staff", "--secret", "bind_password"}, "hunter2\n") == 0);
    CHECK(shell.ctl({"providers"}) == 0);
    CHECK_FALSE(shell.prints("needs its password"));
}
