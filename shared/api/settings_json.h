#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/model/setting.h"

/// /v1/settings.
namespace causeway::api {

/// One setting with its row of the schema. Values are text in the normal form of checkSetting ("true", "300").
struct SettingItem {
    std::string key;
    std::string value;
    std::string standard;  ///< "default" in JSON
    bool isDefault = true;
    SettingType type = SettingType::Text;
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::string unit;
    std::vector<std::string> choices;
    std::string sentence;
    SettingHome home = SettingHome::Store;
    bool needsRestart = false;
};
/// The item of a schema row with this value.
SettingItem settingItemOf(const SettingRow& row, const std::string& value, bool isDefault);

struct SettingList {
    std::vector<SettingItem> items;
    std::uint64_t revision = 0;
    std::vector<std::string> needsRestart;  ///< after a change: keys that wait for a restart
};

/// PATCH /v1/settings: key and new value; nullopt = back to the default. In JSON true, false and numbers may stand for
/// their text.
struct SettingChanges {
    std::vector<std::pair<std::string, std::optional<std::string>>> items;
};

const char* wordOf(SettingType type);  ///< "flag", "number", "text", "listener", "choice", "seconds"
const char* wordOf(SettingHome home);  ///< "file", "store"
std::optional<SettingType> settingTypeOf(std::string_view word);
std::optional<SettingHome> settingHomeOf(std::string_view word);

void writeJson(JsonWriter& out, const SettingItem& item);
void readJson(JsonFields& in, SettingItem& item);
void writeJson(JsonWriter& out, const SettingList& list);
void readJson(JsonFields& in, SettingList& list);
void writeJson(JsonWriter& out, const SettingChanges& changes);
void readJson(JsonFields& in, SettingChanges& changes);

}  // namespace causeway::api
