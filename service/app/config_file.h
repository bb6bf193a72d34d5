#pragma once

#include <map>
#include <string>
#include <vector>

#include "shared/base/result.h"

namespace causeway::app {

/// One thing wrong in a settings file.
struct ConfigProblem {
    std::string file;
    std::size_t line = 0;  ///< 1-based; 0 = the file as a whole
    std::string text;
    std::string shown() const;  ///< "causeway.toml:3: lan.name: it must not be empty."
};

struct ConfigFile {
    std::map<std::string, std::string> values;  ///< checked, in normal form; keys of home File and Store
    std::vector<ConfigProblem> problems;        ///< all of them, in order of lines
};

/// Reads `causeway.toml`: tables and dotted keys name the settings of shared/model/setting.h. Unknown keys, wrong types
/// and values are problems, each with its line; nothing is half applied. A missing file is fine if `mustExist` is
/// false.
enum class FileMustExist { No, Yes };
ConfigFile readConfigFile(const std::string& path, FileMustExist mustExist);

/// What is wrong with a checked value although its form is right: a character set or a kind of store that this version
/// does not have. Empty = nothing.
std::string valueTrouble(const std::string& key, const std::string& value);
/// The same for lan.gone_after and lan.probe_interval together, both in seconds.
std::string timesTrouble(const std::string& goneAfter, const std::string& probeInterval);

/// "key=value" of --set. Errors: BadInput with a sentence.
Result<std::pair<std::string, std::string>> readOverride(const std::string& text);

}  // namespace causeway::app
