#include "service/admin/accounts.h"

#include <doctest/doctest.h>

#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

struct House {
    test::MemoryStore store;
    NoLog log;
    TimePoint now = test::kNoon;
    Accounts accounts{store, log, {[this] { return now; }, [] { return Duration{30min}; }, 1000}};

    Administrator add(const std::string& name, Role role) {
        auto added = accounts.addAdmin({name, role, false, Secret{"password of " + name}});
        REQUIRE(added);
        return *added;
    }
    Accounts::LoginResult login(const std::string& name, const std::string& password,
                                const std::string& from = "10.1.0.9") {
        return accounts.login({name, Secret{password}}, from);
    }
};

}  // namespace

TEST_CASE("a login gives a session token that lives by its use") {
    House house;
    house.add("Alice", Role::Operator);
    auto login = house.login("alice ", "password of Alice");
    REQUIRE(login.answer);
    CHECK(login.answer->role == Role::Operator);
    CHECK(login.answer->name == "Alice");
    CHECK(house.store.admins.front().admin.lastLogin == house.now);
    const auto token = login.answer->token.reveal();
    const auto identity = house.accounts.identify(token);
    REQUIRE(identity);
    CHECK(identity->kind == api::IdentityKind::Session);
    CHECK(identity->who() == "Alice");
    house.now += 29min;
    CHECK(house.accounts.identify(token).has_value());
    house.now += 29min;
    CHECK(house.accounts.identify(token).has_value());
    house.now += 30min;
    CHECK_FALSE(house.accounts.identify(token).has_value());
}

TEST_CASE("logout ends a session") {
    House house;
    house.add("alice", Role::Viewer);
    const auto login = house.login("alice", "password of alice");
    REQUIRE(login.answer);
    house.accounts.logout(login.answer->token.reveal());
    CHECK_FALSE(house.accounts.identify(login.answer->token.reveal()));
}

TEST_CASE("unknown name, wrong password and disabled account get the same sentence") {
    House house;
    house.add("root", Role::Admin);
    const auto bob = house.add("bob", Role::Viewer);
    REQUIRE(house.accounts.changeAdmin(bob.id, {{}, {}, true, {}}));
    const auto unknown = house.login("nobody", "x");
    const auto wrong = house.login("root", "x");
    const auto disabled = house.login("bob", "password of bob");
    REQUIRE_FALSE(unknown.answer);
    REQUIRE_FALSE(wrong.answer);
    REQUIRE_FALSE(disabled.answer);
    CHECK(unknown.answer.error().text() == wrong.answer.error().text());
    CHECK(unknown.answer.error().text() == disabled.answer.error().text());
    CHECK(house.accounts.failedLogins() == 3);
}

TEST_CASE("many failures make a person at that address wait, even with the right password, and nobody elsewhere") {
    House house;
    house.add("alice", Role::Viewer);
    for (int i = 0; i < 6; ++i)
        CHECK_FALSE(house.login("alice", "wrong", "10.9.9.9").answer);
    const auto blocked = house.login("ALICE", "password of alice", "10.9.9.9");
    REQUIRE_FALSE(blocked.answer);
    CHECK(blocked.answer.error().code == Code::Busy);
    CHECK(blocked.wait == 1s);
    CHECK(blocked.answer.error().todo.find("Wait 1 s") != std::string::npos);
    CHECK(house.login("alice", "password of alice", "10.1.0.5").answer.has_value());
    // Her success elsewhere is none of the other address.
    CHECK(house.login("alice", "password of alice", "10.9.9.9").answer.error().code == Code::Busy);
    house.now += 1s;
    CHECK(house.login("alice", "password of alice", "10.9.9.9").answer.has_value());
    for (int i = 0; i < 11; ++i)
        CHECK_FALSE(house.login("name" + std::to_string(i), "x", "10.6.6.6").answer);
    CHECK(house.login("fresh", "x", "10.6.6.6").answer.error().code == Code::Busy);
}

TEST_CASE("disabling, demoting and a new password take effect on open sessions") {
    House house;
    house.add("root", Role::Admin);
    const auto alice = house.add("alice", Role::Admin);
    const auto token = house.login("alice", "password of alice").answer->token.reveal();
    REQUIRE(house.accounts.changeAdmin(alice.id, {{}, Role::Viewer, {}, {}}));
    CHECK(house.accounts.identify(token)->role == Role::Viewer);
    REQUIRE(house.accounts.changeAdmin(alice.id, {{}, {}, {}, Secret{"another password"}}));
    CHECK_FALSE(house.accounts.identify(token));
    const auto second = house.login("alice", "another password").answer->token.reveal();
    REQUIRE(house.accounts.changeAdmin(alice.id, {{}, {}, true, {}}));
    CHECK_FALSE(house.accounts.identify(second));
}

TEST_CASE("the last enabled administrator cannot go") {
    House house;
    const auto root = house.add("root", Role::Admin);
    const auto viewer = house.add("vera", Role::Viewer);
    CHECK(house.accounts.removeAdmin(root.id).error().code == Code::Conflict);
    CHECK(house.accounts.changeAdmin(root.id, {{}, Role::Operator, {}, {}}).error().code == Code::Conflict);
    CHECK(house.accounts.changeAdmin(root.id, {{}, {}, true, {}}).error().code == Code::Conflict);
    CHECK(house.accounts.removeAdmin(viewer.id).has_value());
    house.add("second", Role::Admin);
    CHECK(house.accounts.removeAdmin(root.id).has_value());
}

TEST_CASE("names and passwords of administrators are checked") {
    House house;
    house.add("Alice", Role::Admin);
    const auto add = [&house](const std::string& name, const std::string& password) {
        return house.accounts.addAdmin({name, Role::Viewer, {}, Secret{password}});
    };
    CHECK(add("", "long enough pw").error().code == Code::BadInput);
    CHECK(add("local", "long enough pw").error().code == Code::BadInput);
    CHECK(add("token x", "long enough pw").error().code == Code::BadInput);
    CHECK(add(std::string(65, 'x'), "long enough pw").error().code == Code::BadInput);
    CHECK(add("a\nb", "long enough pw").error().code == Code::BadInput);
    CHECK(add("bob", "short").error().code == Code::BadInput);
    CHECK(add("ALICE", "long enough pw").error().code == Code::Conflict);
    CHECK(house.accounts.addAdmin({"bob", {}, {}, Secret{"long enough pw"}}).error().code == Code::BadInput);
    CHECK(house.accounts.addAdmin({"bob", Role::Viewer, {}, {}}).error().code == Code::BadInput);
    CHECK(house.accounts.changeAdmin(99, {}).error().code == Code::NotFound);
}

TEST_CASE("only the hash of a token is stored, and it ends when it expires or is removed") {
    House house;
    const auto created = house.accounts.addToken({"backup", Role::Operator, house.now + 1h});
    REQUIRE(created);
    const auto token = created->token.reveal();
    REQUIRE(house.store.tokenRows.size() == 1);
    CHECK(house.store.tokenRows.front().tokenHash.size() == 64);
    CHECK(house.store.tokenRows.front().tokenHash.find(token) == std::string::npos);
    const auto identity = house.accounts.identify(token);
    REQUIRE(identity);
    CHECK(identity->who() == "token backup");
    CHECK(house.store.tokenRows.front().token.lastUsed == house.now);
    CHECK(house.accounts.addToken({"Backup", Role::Viewer, {}}).error().code == Code::Conflict);
    CHECK(house.accounts.addToken({"late", Role::Viewer, house.now}).error().code == Code::BadInput);
    house.now += 1h;
    CHECK_FALSE(house.accounts.identify(token));
    house.now -= 1h;
    REQUIRE(house.accounts.removeToken(created->record.id));
    CHECK_FALSE(house.accounts.identify(token));
}

TEST_CASE("administrators and tokens come back from the store") {
    House house;
    house.add("alice", Role::Admin);
    const auto created = house.accounts.addToken({"backup", Role::Viewer, {}});
    REQUIRE(created);
    Accounts again{house.store, house.log, {[&house] { return house.now; }, [] { return Duration{1h}; }, 1000}};
    REQUIRE(again.load());
    CHECK(again.login({"alice", Secret{"password of alice"}}, "10.1.0.9").answer.has_value());
    CHECK(again.identify(created->token.reveal()).has_value());
    CHECK(again.canServeRemotely());
}

TEST_CASE("a remote listener needs an enabled administrator with a password") {
    House house;
    CHECK_FALSE(house.accounts.canServeRemotely());
    house.add("vera", Role::Operator);
    CHECK_FALSE(house.accounts.canServeRemotely());
    REQUIRE(house.accounts.importAdmin("imported", Role::Admin, false));
    CHECK_FALSE(house.accounts.canServeRemotely());
    house.add("root", Role::Admin);
    CHECK(house.accounts.canServeRemotely());
}

TEST_CASE("an imported administrator is disabled until he gets a password") {
    House house;
    house.add("root", Role::Admin);
    const auto bob = house.accounts.importAdmin("bob", Role::Viewer, false);
    REQUIRE(bob);
    CHECK(bob->isDisabled);
    CHECK_FALSE(house.login("bob", "").answer);
    CHECK(house.accounts.changeAdmin(bob->id, {{}, {}, false, {}}).error().code == Code::Conflict);
    CHECK(house.accounts.changeAdmin(bob->id, {{}, {}, false, Secret{"a good password"}}).has_value());
    CHECK(house.login("bob", "a good password").answer.has_value());
}
