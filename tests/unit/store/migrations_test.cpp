#include "service/store/migrations.h"

#include <Poco/Exception.h>
#include <doctest/doctest.h>

#include <vector>

#include "service/store/chat_store_port.h"
#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using causeway::store::test::at;
using causeway::store::test::bytesOfFile;
using causeway::store::test::openStore;
using causeway::store::test::TemporaryFolder;

namespace {

const Migration kSecond{2, "colours", "CREATE TABLE colours(name TEXT); INSERT INTO colours VALUES('red')"};
const Migration kThirdFails{3, "broken", "CREATE TABLE half(name TEXT); INSERT INTO nowhere VALUES(1)"};
const Migration kThird{3, "better colours", "ALTER TABLE colours ADD COLUMN shade TEXT NOT NULL DEFAULT 'dark'"};

/// The first real step, behind which the tests put steps of their own.
std::vector<Migration> firstStep() {
    return {migrations().front()};
}

}  // namespace

TEST_CASE("migrations: they are numbered from 1 without gaps") {
    int expected = 1;
    for (const auto& each : migrations())
        CHECK(each.version == expected++);
}

TEST_CASE("migrations: a store of format 1 opens with everything in it") {
    NoLog log;
    TemporaryFolder folder;
    {
        Database old{folder.store()};
        old.execute(bytesOfFile(std::string(CAUSEWAY_TEST_DATA) + "/store/schema_v1.sql"));
        REQUIRE(old.number("PRAGMA user_version") == 1);
    }
    const auto store = openStore(folder, log);
    CHECK(store->loadSettings().value().size() == 2);
    CHECK(store->counter("packet").value() == 5'000'000'000ULL);
    CHECK(store->mutedProblems().value().size() == 1);
    const auto users = store->loadUsers().value();
    REQUIRE(users.size() == 2);
    CHECK(users[0].nick == "Änn");
    CHECK(users[0].address == *Ip4::parse("10.1.2.3"));
    CHECK(users[0].flags == 0xFFFFFFFFU);
    CHECK(users[0].kind == ClientKind::Iptux);
    CHECK(users[0].presence == Presence::Silent);
    CHECK(users[0].addresses.size() == 2);
    CHECK(users[0].segment == *Network4::parse("10.1.0.0/23"));
    CHECK(users[0].instability.value().reason == UnstableReason::AddressChanges);
    CHECK(users[0].revision == 42);
    CHECK_FALSE(users[1].instability.has_value());
    CHECK(store->userEvents(1, 10).value().at(1).kind == UserEventKind::Renamed);
    CHECK(store->loadRanges().value().at(0).id == 9);
    CHECK(store->loadSearches(10).value().at(0).ranges == std::vector<std::uint64_t>{5, 9});
    CHECK(store->searchRows(3, 0, 10).value().at(0).finding == SearchFinding::New);
    CHECK(store->bases().value().at(0).segments.size() == 1);
    CHECK(store->administrators().value().at(0).admin.role == Role::Admin);
    CHECK(store->tokens().value().at(0).tokenHash == "aa");
    CHECK(store->audit(0, 10).value().at(0).at == at(1));
    // And it can be written to.
    CHECK(store->saveSettings({{"lan.rate", "301"}}));
}

TEST_CASE("migrations: the tables made today are those of the released format 1") {
    TemporaryFolder folder;
    Database fresh{folder.file("fresh.db")};
    Database old{folder.file("old.db")};
    const std::vector<Migration> first{migrations().front()};
    migrate(fresh, first);
    old.execute(bytesOfFile(std::string(CAUSEWAY_TEST_DATA) + "/store/schema_v1.sql"));
    const auto* everything = "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_master ORDER BY name)";
    CHECK(fresh.text(everything) == old.text(everything));
}

TEST_CASE("migrations: each step is taken once") {
    TemporaryFolder folder;
    Database database{folder.store()};
    auto steps = firstStep();
    CHECK(migrate(database, steps) == 0);
    steps.push_back(kSecond);
    CHECK(migrate(database, steps) == 1);
    CHECK(migrate(database, steps) == 2);
    CHECK(database.number("PRAGMA user_version") == 2);
    CHECK(database.number("SELECT COUNT(*) FROM colours") == 1);
}

TEST_CASE("migrations: a step that fails leaves the format before it, and can be taken later") {
    TemporaryFolder folder;
    Database database{folder.store()};
    auto steps = firstStep();
    steps.push_back(kSecond);
    steps.push_back(kThirdFails);
    CHECK_THROWS_AS(migrate(database, steps), Poco::Exception);
    CHECK(database.number("PRAGMA user_version") == 2);
    CHECK(database.number("SELECT COUNT(*) FROM colours") == 1);
    CHECK(database.number("SELECT COUNT(*) FROM sqlite_master WHERE name='half'") == 0);
    CHECK_FALSE(database.isInTransaction());
    steps.back() = kThird;
    CHECK(migrate(database, steps) == 2);
    CHECK(database.text("SELECT shade FROM colours") == "dark");
}

TEST_CASE("migrations: a store of format 2 keeps its domains and providers and can hold changes that wait") {
    NoLog log;
    TemporaryFolder folder;
    {
        Database old{folder.store()};
        const std::vector<Migration> two{migrations()[0], migrations()[1]};
        migrate(old, two);
        old.execute("PRAGMA application_id=" + std::to_string(kApplicationId));
        old.execute(
            "INSERT INTO chat_domains(name, shown, is_enabled, reach, end_to_end, providers, certificate,"
            " certificate_file, key_file, ttl, extra_records, note, created_at, revision)"
            " VALUES('a.example','a.example',1,'lan','required','1','self-signed','','',300,'','',1000,4);"
            "INSERT INTO providers(name, kind, is_enabled, revision) VALUES('Staff','ldap',1,3);"
            "INSERT INTO provider_settings VALUES(1,'servers','dc1')");
        REQUIRE(old.number("PRAGMA user_version") == 2);
    }
    const auto store = openStore(folder, log);
    auto& chat = *store->chat();
    REQUIRE(chat.domains().value().size() == 1);
    CHECK(chat.domains().value()[0].providers == std::vector<std::uint64_t>{1});
    CHECK(chat.providers().value().at(0).settings.at("servers") == "dc1");
    CHECK(chat.pendingChanges().value().empty());
    CHECK(chat.savePendingChange({"domain", 1, at(5), "Somebody is locked out.", Secret{"1:1"}}));
    CHECK(chat.pendingChanges().value().at(0).before == Secret{"1:1"});
}
