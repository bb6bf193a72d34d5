#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace causeway {

/// What the rule needs from the world; the tests give their own.
struct DataFolderWorld {
    std::function<std::optional<std::string>(const char* name)> environment;
    std::function<bool(const std::filesystem::path&)> isReadableFolder;
};

/// The data folder of a service, one rule for causewayd, causeway-console and causewayctl:
/// what the command line says, else $CAUSEWAY_DATA, else the folder of the installed service if it is there and
/// readable (/var/lib/causeway; on Windows %ProgramData%\Causeway), else $XDG_DATA_HOME/causeway, else
/// ~/.local/share/causeway (on Windows %LocalAppData%\Causeway).
std::filesystem::path dataFolder(const std::optional<std::string>& commandLine, const DataFolderWorld& world);
std::filesystem::path dataFolder(const std::optional<std::string>& commandLine);

}  // namespace causeway
