#include "service/store/secret_box.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using causeway::store::test::bytesOfFile;
using causeway::store::test::openStore;
using causeway::store::test::TemporaryFolder;
using causeway::store::test::writeFile;

namespace {

struct Fixture {
    NoLog log;
    TemporaryFolder folder;
    SecretBox box() {
        auto made = SecretBox::open(folder.key(), SecretsStored::No);
        REQUIRE(made);
        return std::move(*made);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "secret box: the key is made once, of 32 bytes that only the user of the service may read") {
    box();
    const auto key = bytesOfFile(folder.key());
    CHECK(key.size() == 32);
    struct stat status {};
    REQUIRE(::stat(folder.key().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
    box();
    CHECK(bytesOfFile(folder.key()) == key);
    TemporaryFolder other;
    REQUIRE(SecretBox::open(other.key(), SecretsStored::No));
    CHECK(bytesOfFile(other.key()) != key);
}

TEST_CASE_FIXTURE(Fixture, "secret box: what was sealed opens under its own name only, and not after a change") {
    const auto used = box();
    const auto sealed = used.seal("one", Secret{"hush"}).value();
    CHECK(used.unseal("one", sealed).value() == Secret{"hush"});
    CHECK(used.unseal("two", sealed).error().code == Code::Corrupt);
    for (std::size_t i = 0; i < sealed.sealed.size(); ++i) {
        auto changed = sealed;
        changed.sealed[i] = static_cast<char>(changed.sealed[i] ^ 1);
        CHECK_FALSE(used.unseal("one", changed));
    }
    auto changed = sealed;
    changed.nonce[0] = static_cast<char>(changed.nonce[0] ^ 1);
    CHECK_FALSE(used.unseal("one", changed));
    changed.nonce.clear();
    CHECK_FALSE(used.unseal("one", changed));
    changed = sealed;
    changed.sealed.resize(7);
    CHECK_FALSE(used.unseal("one", changed));
}

TEST_CASE_FIXTURE(Fixture, "secret box: the same value is never sealed the same way twice") {
    const auto used = box();
    const auto one = used.seal("name", Secret{"hush"}).value();
    const auto two = used.seal("name", Secret{"hush"}).value();
    CHECK(one.nonce != two.nonce);
    CHECK(one.sealed != two.sealed);
}

TEST_CASE_FIXTURE(Fixture, "secret box: a key that others may read is refused with the remedy") {
    box();
    REQUIRE(::chmod(folder.key().c_str(), 0640) == 0);
    const auto refused = SecretBox::open(folder.key(), SecretsStored::No);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Denied);
    CHECK(refused.error().todo.find("chmod 600 " + folder.key()) != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "secret box: a key of the wrong length is refused and kept") {
    box();
    writeFile(folder.key(), "short");
    const auto refused = SecretBox::open(folder.key(), SecretsStored::No);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Corrupt);
    CHECK(refused.error().why == "It holds 5 bytes instead of 32.");
    CHECK(bytesOfFile(folder.key()) == "short");
}

TEST_CASE_FIXTURE(Fixture, "secret box: a lost key is not replaced while the store holds secrets") {
    REQUIRE(openStore(folder, log)->saveSecret("signing key", Secret{"hush"}));
    std::filesystem::remove(folder.key());
    const auto refused = openSqliteStore(folder.store(), folder.key(), log);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::NotFound);
    CHECK(refused.error().what == "The key file " + folder.key() + " is missing.");
    CHECK_FALSE(std::filesystem::exists(folder.key()));
}

TEST_CASE_FIXTURE(Fixture, "secret box: another key opens the store but not its secrets") {
    REQUIRE(openStore(folder, log)->saveSecret("signing key", Secret{"hush"}));
    writeFile(folder.key(), std::string(32, 'k'));
    const auto store = openStore(folder, log);
    const auto secret = store->secret("signing key");
    REQUIRE_FALSE(secret);
    CHECK(secret.error().code == Code::Corrupt);
    CHECK(secret.error().what == "The stored secret \"signing key\" cannot be read.");
}
