// A second process of this test program writes and is killed in the middle of it.
#if defined(__linux__)

#include <doctest/doctest.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "service/store/database.h"
#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using causeway::store::test::at;
using causeway::store::test::openStore;
using causeway::store::test::TemporaryFolder;

namespace {

constexpr const char* kFolderVariable = "CAUSEWAY_TEST_CRASH_FOLDER";
constexpr int kAcknowledgements = 5;  // the descriptor on which the child says what is committed

/// Starts this program again with the one test that writes; gives its process id.
pid_t startWriter(const std::string& folder, int acknowledgements) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, acknowledgements, kAcknowledgements);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    std::string program = "/proc/self/exe";
    std::string skipped = "--no-skip";
    std::string chosen = "--test-case=crash writer";
    std::array<char*, 4> words{program.data(), skipped.data(), chosen.data(), nullptr};
    ::setenv(kFolderVariable, folder.c_str(), 1);
    pid_t child = -1;
    const int outcome = ::posix_spawn(&child, program.c_str(), &actions, nullptr, words.data(), environ);
    ::unsetenv(kFolderVariable);
    posix_spawn_file_actions_destroy(&actions);
    REQUIRE(outcome == 0);
    return child;
}

}  // namespace

TEST_CASE("crash writer" * doctest::skip()) {
    const char* folder = std::getenv(kFolderVariable);
    if (folder == nullptr) return;  // only a helper of the test below
    NoLog log;
    const std::string path = folder;
    auto store = openSqliteStore(path + "/causeway.db", path + "/secret.key", log);
    REQUIRE(store);
    for (UserId id = 1;; ++id) {
        LanUser user;
        user.id = id;
        user.user = std::string(200, 'x');
        (*store)->saveUsersLater({user, user});
        AuditEntry entry;
        entry.at = at(static_cast<std::int64_t>(id));
        entry.subject = std::to_string(id);
        if (!(*store)->addAudit(entry)) return;
        const char said = '.';
        if (::write(kAcknowledgements, &said, 1) != 1) return;
    }
}

TEST_CASE("store: after kill -9 in the middle of writing, all that was acknowledged is there and the file is sound") {
    NoLog log;
    TemporaryFolder folder;
    std::size_t acknowledged = 0;
    for (const std::size_t killAfter : {1U, 40U, 150U}) {
        std::array<int, 2> pipe{};
        REQUIRE(::pipe2(pipe.data(), O_CLOEXEC) == 0);
        const auto child = startWriter(folder.file(""), pipe[1]);
        ::close(pipe[1]);
        std::size_t heard = 0;
        bool isKilled = false;
        std::array<char, 4096> room{};
        // Read to the end: what the child had said before it died counts too.
        for (ssize_t size = 0; (size = ::read(pipe[0], room.data(), room.size())) > 0;) {
            heard += static_cast<std::size_t>(size);
            if (heard >= killAfter && !isKilled) {
                ::kill(child, SIGKILL);
                isKilled = true;
            }
        }
        ::close(pipe[0]);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        REQUIRE(WIFSIGNALED(status));
        REQUIRE(heard >= killAfter);
        acknowledged += heard;

        const auto store = openStore(folder, log);  // checks the file
        const auto entries = store->audit(0, 1'000'000).value();
        CHECK(entries.size() >= acknowledged);
        // A commit that was done but not yet said may be there too; count on from what is there.
        CHECK(entries.size() <= acknowledged + 1);
        acknowledged = entries.size();
        CHECK(store->loadUsers());
        CHECK(store->saveSettings({{"still", "writable"}}));
    }
    Database database{folder.store()};
    CHECK(database.text("PRAGMA integrity_check") == "ok");
}

#endif
