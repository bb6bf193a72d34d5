#include "shared/base/data_folder.h"

#include <cstdlib>
#include <system_error>

namespace causeway {

namespace {

#ifdef _WIN32
constexpr bool kIsWindows = true;
#else
constexpr bool kIsWindows = false;
#endif

std::optional<std::string> environmentOf(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, nothing sets it
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

bool readableFolder(const std::filesystem::path& folder) {
    std::error_code trouble;
    const std::filesystem::directory_iterator first{folder, trouble};
    return !trouble;
}

std::filesystem::path installedFolder(const DataFolderWorld& world) {
    if (!kIsWindows) return "/var/lib/causeway";
    const auto shared = world.environment("ProgramData");
    return shared ? std::filesystem::path(*shared) / "Causeway" : std::filesystem::path();
}

std::filesystem::path personalFolder(const DataFolderWorld& world) {
    const auto given = [&world](const char* name) {
        const auto value = world.environment(name);
        return value && !value->empty() ? std::filesystem::path(*value) : std::filesystem::path();
    };
    if (kIsWindows) return given("LocalAppData") / "Causeway";
    if (const auto data = given("XDG_DATA_HOME"); !data.empty()) return data / "causeway";
    if (const auto home = given("HOME"); !home.empty()) return home / ".local/share/causeway";
    return "causeway-data";
}

}  // namespace

std::filesystem::path dataFolder(const std::optional<std::string>& commandLine, const DataFolderWorld& world) {
    if (commandLine && !commandLine->empty()) return *commandLine;
    if (const auto set = world.environment("CAUSEWAY_DATA"); set && !set->empty()) return *set;
    if (const auto installed = installedFolder(world); !installed.empty() && world.isReadableFolder(installed)) {
        return installed;
    }
    return personalFolder(world);
}

std::filesystem::path dataFolder(const std::optional<std::string>& commandLine) {
    return dataFolder(commandLine, {environmentOf, readableFolder});
}

}  // namespace causeway
