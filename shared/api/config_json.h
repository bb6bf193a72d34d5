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
#include "shared/model/chat_domain.h"
#include "shared/model/provider.h"

/// /v1/config: everything that an administrator set, as one file. No secret is in it.
namespace causeway::api {

/// {product:"causeway", format:1, version, serverName, exportedAt, settings:{key:value}, ranges:[{text,isEnabled}],
///  bases:[{name,segments,note}], administrators:[{name,role,isDisabled}],
///  providers:[{name,kind,isEnabled,settings:{key:value}}], domains:[{name,isEnabled,reach,endToEnd,providers:[name],
///  certificate,certificateFile,keyFile,ttl,extraRecords,note,supernodes:[{name,origin,isEnabled,lanAddress,
///  internetAddress,port,tlsPort,priority,weight}]}]}
/// `about` says what is not in the file; nobody reads it back. Providers and domains are told apart by name, chains are
/// names. The addresses of a local supernode are those of the computer, so they are not in the file.
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
struct ConfigProvider {
    std::string name;
    std::optional<ProviderKind> kind{};  ///< nothing: it could not be read
    bool isEnabled = true;
    SettingChanges settings{};  ///< what is not named has its standard value
};
struct ConfigDomain {
    ChatDomain domain{};                  ///< without ids; `providers` is empty
    std::vector<std::string> chain{};     ///< names of the providers, in their order
    std::vector<Supernode> supernodes{};  ///< without ids and heartbeats
};
struct ConfigFile {
    std::string product = "causeway";
    std::uint32_t format = 1;
    std::string about{};
    std::string version;
    std::string serverName;
    TimePoint exportedAt{};
    std::optional<SettingChanges> settings{};  ///< values that differ from the default
    std::optional<std::vector<ConfigRange>> ranges{};
    std::optional<std::vector<BaseSite>> bases{};  ///< ids are not part of the file
    std::optional<std::vector<ConfigAdministrator>> administrators{};
    std::optional<std::vector<ConfigProvider>> providers{};
    std::optional<std::vector<ConfigDomain>> domains{};
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
    std::uint64_t providers = 0;  ///< how many were added or changed
    std::uint64_t domains = 0;    ///< the same, with those of which only a supernode was
    std::vector<std::string> needsRestart{};
    std::vector<std::string> notes{};  ///< "administrator bob is new and disabled until he gets a password"
};

void writeJson(JsonWriter& out, const ConfigFile& file);
void readJson(JsonFields& in, ConfigFile& file);
void writeJson(JsonWriter& out, const ConfigVerdict& verdict);
void readJson(JsonFields& in, ConfigVerdict& verdict);
void writeJson(JsonWriter& out, const ConfigApplied& applied);
void readJson(JsonFields& in, ConfigApplied& applied);

}  // namespace causeway::api
