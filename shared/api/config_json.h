#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/api/settings_json.h"
#include "shared/base/time.h"
#include "shared/model/admin.h"
#include "shared/model/base_site.h"

/// /v1/config: everything that an administrator set, as one file. No secret is in it.
namespace causeway::api {

/// {product:"causeway", format:1, version, serverName, exportedAt, settings:{key:value}, ranges:[{text,isEnabled}],
///  bases:[{name,segments,note}], administrators:[{name,role,isDisabled}]}
/// Import takes a part that is missing as "leave as it is".
struct ConfigRange {
    std::string text;
    bool isEnabled = true;
};
struct ConfigAdministrator {
    std::string name;
    Role role = Role::Viewer;
    bool isDisabled = false;
};
struct ConfigFile {
    std::string product = "causeway";
    std::uint32_t format = 1;
    std::string version;
    std::string serverName;
    TimePoint exportedAt{};
    std::optional<SettingChanges> settings{};  ///< values that differ from the default
    std::optional<std::vector<ConfigRange>> ranges{};
    std::optional<std::vector<BaseSite>> bases{};  ///< ids are not part of the file
    std::optional<std::vector<ConfigAdministrator>> administrators{};
};

/// Answer to POST /v1/config/check.
struct ConfigVerdict {
    bool isValid = false;
    std::vector<FieldProblem> errors;
    std::vector<std::string> notes{};  ///< what an import would leave as it is
};
/// Answer to PUT /v1/config.
struct ConfigApplied {
    std::uint64_t settings = 0;  ///< how many values changed
    std::uint64_t ranges = 0;    ///< how many are there now
    std::uint64_t bases = 0;
    std::vector<std::string> needsRestart;
    std::vector<std::string> notes;  ///< "administrator bob is new and disabled until he gets a password"
};

void writeJson(JsonWriter& out, const ConfigFile& file);
void readJson(JsonFields& in, ConfigFile& file);
void writeJson(JsonWriter& out, const ConfigVerdict& verdict);
void readJson(JsonFields& in, ConfigVerdict& verdict);
void writeJson(JsonWriter& out, const ConfigApplied& applied);
void readJson(JsonFields& in, ConfigApplied& applied);

}  // namespace causeway::api
