#include "service/store/store_file.h"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <random>

#include "service/store/database.h"
#include "service/store/migrations.h"
#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using causeway::store::test::bytesOfFile;
using causeway::store::test::openStore;
using causeway::store::test::RecordingLog;
using causeway::store::test::TemporaryFolder;
using causeway::store::test::writeFile;

namespace {

struct Fixture {
    RecordingLog log;
    TemporaryFolder folder;

    Error refused() {
        auto store = openSqliteStore(folder.store(), folder.key(), log);
        REQUIRE_FALSE(store);
        return store.error();
    }
    /// A store with enough rows for several pages of every kind, closed.
    void makeStore() {
        auto store = openStore(folder, log);
        std::vector<LanUser> users;
        for (UserId id = 1; id <= 500; ++id) {
            LanUser user;
            user.id = id;
            user.user = "user " + std::to_string(id);
            user.addresses.resize(3);
            users.push_back(user);
        }
        store->saveUsersLater(users);
        REQUIRE(store->saveSettings({{"lan.name", "kept"}}));
    }
    std::vector<std::string> copies() const { return folder.names("causeway.db.corrupt-"); }
};

LanUser userWithLongName(UserId id) {
    LanUser user;
    user.id = id;
    user.nick = std::string(1000, 'x');
    return user;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "store file: one of a newer version is refused and not touched") {
    makeStore();
    {
        Database newer{folder.store()};
        newer.execute("PRAGMA user_version=" + std::to_string(newestVersion() + 1));
    }
    const auto before = bytesOfFile(folder.store());
    const auto error = refused();
    CHECK(error.code == Code::NewerVersion);
    CHECK(error.what ==
          "The store " + folder.store() + " was written by a newer version of Causeway, so the service did not start.");
    CHECK(error.why == "It has format " + std::to_string(newestVersion() + 1) +
                           ", and this version knows formats up to " + std::to_string(newestVersion()) +
                           ". The file was not changed.");
    CHECK_FALSE(error.todo.empty());
    CHECK(bytesOfFile(folder.store()) == before);
    CHECK(folder.names("causeway.db").size() == 1);  // no log, no lock, no copy
}

TEST_CASE_FIXTURE(Fixture, "store file: a newer version that is still in the log is seen too") {
    makeStore();
    {
        Database newer{folder.store()};
        newer.leaveFileAlone();  // like a process that was killed
        newer.execute("PRAGMA user_version=" + std::to_string(newestVersion() + 1));
    }
    REQUIRE(folder.names("causeway.db-wal").size() == 1);
    const auto before = bytesOfFile(folder.store());
    CHECK(refused().code == Code::NewerVersion);
    CHECK(bytesOfFile(folder.store()) == before);
}

TEST_CASE_FIXTURE(Fixture, "store file: what is not a database is kept, copied once, and refused") {
    const std::string text = "these are not the bytes of a database, but somebody may need them";
    writeFile(folder.store(), text);
    const auto error = refused();
    CHECK(error.code == Code::Corrupt);
    REQUIRE(copies().size() == 1);
    const auto copy = folder.file(copies()[0]);
    CHECK(error.what.find(folder.store()) != std::string::npos);
    CHECK(error.why.find(copy) != std::string::npos);
    CHECK(error.todo.find("backup") != std::string::npos);
    CHECK(bytesOfFile(folder.store()) == text);
    CHECK(bytesOfFile(copy) == text);
    struct stat status {};
    REQUIRE(::stat(copy.c_str(), &status) == 0);
    CHECK((status.st_mode & 0077) == 0);
    CHECK(log.lines("STORE_CORRUPT").size() == 1);

    for (int i = 0; i < 3; ++i)
        CHECK(refused().code == Code::Corrupt);
    CHECK(copies().size() == 1);
    CHECK(folder.names("secret.key").empty());
}

TEST_CASE_FIXTURE(Fixture, "store file: one that was cut off is refused and kept") {
    makeStore();
    const auto whole = bytesOfFile(folder.store());
    for (const std::size_t size : {std::size_t{1}, std::size_t{99}, std::size_t{100}, std::size_t{4096},
                                   whole.size() / 2, whole.size() - 4096, whole.size() - 1}) {
        CAPTURE(size);
        const auto cut = whole.substr(0, size);
        writeFile(folder.store(), cut);
        CHECK(refused().code == Code::Corrupt);
        CHECK(bytesOfFile(folder.store()) == cut);
    }
}

TEST_CASE_FIXTURE(Fixture,
                  "store file: turned bits either do no harm to the structure or are found; never overwritten") {
    makeStore();
    const auto whole = bytesOfFile(folder.store());
    std::mt19937 random{20261122};  // the same bits in every run
    int found = 0;
    for (int round = 0; round < 200; ++round) {
        auto bytes = whole;
        // Half of the rounds hit the header of a page, where the structure is.
        const auto page = random() % (bytes.size() / 4096);
        const auto place = page * 4096 + random() % (round % 2 == 0 ? 16 : 4096);
        bytes[place] = static_cast<char>(bytes[place] ^ static_cast<char>(1U << (random() % 8)));
        CAPTURE(place);
        writeFile(folder.store(), bytes);
        auto store = openSqliteStore(folder.store(), folder.key(), log);
        if (store) {
            const auto users = (*store)->loadUsers();  // right or an error, but no crash
            store->reset();
            continue;
        }
        CHECK(bytesOfFile(folder.store()) == bytes);
        if (store.error().code != Code::Corrupt) continue;
        ++found;
        bool isKept = false;
        for (const auto& name : copies()) {
            isKept = isKept || bytesOfFile(folder.file(name)) == bytes;
            std::filesystem::remove(folder.file(name));
        }
        CHECK(isKept);
    }
    MESSAGE(found << " of 200 turned bits were found at the start");
    CHECK(found > 40);
}

TEST_CASE_FIXTURE(Fixture, "store file: the database of another program is refused and not touched") {
    SUBCASE("with an application id") {
        Database other{folder.store()};
        other.execute("CREATE TABLE t(a); PRAGMA application_id=7");
    }
    SUBCASE("without one") {
        Database other{folder.store()};
        other.execute("CREATE TABLE t(a)");
    }
    SUBCASE("without one, with a high version") {
        Database other{folder.store()};
        other.execute("CREATE TABLE t(a); PRAGMA user_version=900");
    }
    const auto before = bytesOfFile(folder.store());
    CHECK(refused().code == Code::Unsupported);
    CHECK(bytesOfFile(folder.store()) == before);
    CHECK(copies().empty());
}

TEST_CASE_FIXTURE(Fixture, "store file: an empty file, left by a crash at the first start, is used") {
    writeFile(folder.store(), "");
    CHECK(openStore(folder, log)->saveSettings({{"a", "b"}}));
}

TEST_CASE_FIXTURE(Fixture, "store file: a folder in its place is told") {
    std::filesystem::create_directory(folder.store());
    CHECK(refused().code == Code::Unavailable);
}

TEST_CASE_FIXTURE(Fixture, "store file: a data folder that cannot be made is told") {
    writeFile(folder.file("file"), "x");
    const auto store = openSqliteStore(folder.file("file/data/causeway.db"), folder.file("file/data/secret.key"), log);
    REQUIRE_FALSE(store);
    CHECK(store.error().what.find("data folder") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "store file: on a full disk nothing is lost, and saving goes on when there is room again") {
    auto store = openStore(folder, log);
    // The longest allowed file stands in for a full disk.
    struct rlimit before {};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
    auto* const oldHandler = std::signal(SIGXFSZ, SIG_IGN);
    auto tight = before;
    tight.rlim_cur = 300 * 1024;
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &tight) == 0);
    std::vector<LanUser> users;
    for (UserId id = 1; id <= 1000; ++id)
        users.push_back(userWithLongName(id));
    store->saveUsersLater(users);
    const auto flushed = store->flush();
    const auto trouble = store->trouble();
    const auto setting = store->saveSettings({{"lan.name", "not acknowledged"}});
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
    std::signal(SIGXFSZ, oldHandler);

    REQUIRE_FALSE(flushed);
    CHECK(flushed.error().text().find("disk") != std::string::npos);
    CHECK(trouble.find("changes wait for the disk") != std::string::npos);
    CHECK_FALSE(setting);
    REQUIRE(store->flush());
    CHECK(store->trouble().empty());
    CHECK(store->loadUsers().value().size() == 1000);
    CHECK(store->loadSettings().value().empty());
    CHECK(log.lines("STORE_TROUBLE").size() >= 1);
    CHECK(log.lines("STORE_WELL_AGAIN").size() == 1);
    store.reset();
    store = openStore(folder, log);
    CHECK(store->loadUsers().value().size() == 1000);
}
