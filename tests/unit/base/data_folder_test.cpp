#include "shared/base/data_folder.h"

#include <doctest/doctest.h>

#include <map>

using namespace causeway;

#ifndef _WIN32
TEST_CASE("the data folder is what was asked for, else what is there") {
    std::map<std::string, std::string> environment{
        {"CAUSEWAY_DATA", "/set"}, {"XDG_DATA_HOME", "/xdg"}, {"HOME", "/users/ann"}};
    bool isInstalled = true;
    const DataFolderWorld world{
        [&environment](const char* name) -> std::optional<std::string> {
            const auto found = environment.find(name);
            if (found == environment.end()) return std::nullopt;
            return found->second;
        },
        [&isInstalled](const std::filesystem::path& folder) { return isInstalled && folder == "/var/lib/causeway"; }};
    CHECK(dataFolder("/given", world) == "/given");
    CHECK(dataFolder(std::nullopt, world) == "/set");
    CHECK(dataFolder("", world) == "/set");
    environment["CAUSEWAY_DATA"] = "";
    CHECK(dataFolder(std::nullopt, world) == "/var/lib/causeway");
    isInstalled = false;
    CHECK(dataFolder(std::nullopt, world) == "/xdg/causeway");
    environment.erase("XDG_DATA_HOME");
    CHECK(dataFolder(std::nullopt, world) == "/users/ann/.local/share/causeway");
}
#endif
