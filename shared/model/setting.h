#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"

namespace causeway {

enum class SettingType { Flag, Number, Text, Listener, Choice, Seconds };
/// File: needed to start, lives in causeway.toml, changed with a restart. Store: lives in the store, changed by the
/// API.
enum class SettingHome { File, Store };

/// One row a setting: it checks, documents and serves the API.
struct SettingRow {
    std::string_view key;  ///< "lan.gone_after"
    SettingType type;
    SettingHome home;
    std::string_view standard;  ///< default value as text
    std::int64_t least;         ///< Number, Seconds
    std::int64_t most;
    std::string_view unit;      ///< "packets/s", "" if none
    std::string_view choices;   ///< "a|b|c" for Choice
    std::string_view sentence;  ///< what it does, one sentence
    bool needsRestart;
};

/// Every setting of the product, sorted by key.
std::span<const SettingRow> settingRows();
const SettingRow* findSetting(std::string_view key);

/// The value in its normal form ("true", "300", "0.0.0.0:2425"), or a sentence about what is wrong.
/// Listener: "ADDRESS:PORT", port 0..65535, IPv6 in brackets, "off" not allowed.
Result<std::string> checkSetting(const SettingRow& row, std::string_view value);

struct SettingValue {
    std::string key;
    std::string value;
    bool isDefault = true;
};

}  // namespace causeway
