#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <sstream>

#include "console/client/zip_file.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::client;

namespace fs = std::filesystem;

TEST_CASE("zip file: it is there whole, only its owner reads it, and nothing is left beside it") {
    test::TemporaryFolder folder;
    const auto path = folder.path() / "report.zip";
    const auto size = writeZip(path, {{"README.txt", "", "hello"}, {"service/empty.txt", "", ""}}, Existing::Refuse);
    REQUIRE(size);
    CHECK(*size == fs::file_size(path));
    CHECK(fs::status(path).permissions() == (fs::perms::owner_read | fs::perms::owner_write));
    CHECK(std::distance(fs::directory_iterator{folder.path()}, fs::directory_iterator{}) == 1);
    std::ifstream in{path, std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
    CHECK(bytes.starts_with("PK"));
    CHECK(bytes.find("service/empty.txt") != std::string::npos);
}

TEST_CASE("zip file: a file that is there is replaced only if that is wanted") {
    test::TemporaryFolder folder;
    const auto path = folder.path() / "report.zip";
    std::ofstream{path} << "mine";
    const auto refused = writeZip(path, {{"a.txt", "", "x"}}, Existing::Refuse);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Conflict);
    CHECK(fs::file_size(path) == 4);
    CHECK(writeZip(path, {{"a.txt", "", "x"}}, Existing::Replace));
    CHECK(fs::file_size(path) > 50);
}

TEST_CASE("zip file: where it cannot be written the reason is told") {
    test::TemporaryFolder folder;
    CHECK(writeZip(folder.path(), {}, Existing::Replace).error().code == Code::BadInput);
    const auto missing = writeZip(folder.path() / "no" / "report.zip", {}, Existing::Refuse);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == Code::Denied);
    CHECK(missing.error().text().find("No such file or directory") != std::string::npos);
}
