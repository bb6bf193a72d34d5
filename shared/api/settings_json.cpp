#include "shared/api/settings_json.h"

#include <array>

#include "shared/base/text.h"

namespace causeway::api {

namespace {

constexpr std::array kTypes{"flag", "number", "text", "listener", "choice", "seconds"};
constexpr std::array kHomes{"file", "store"};

}  // namespace

const char* wordOf(SettingType type) {
    return kTypes[static_cast<std::size_t>(type)];
}
const char* wordOf(SettingHome home) {
    return kHomes[static_cast<std::size_t>(home)];
}
std::optional<SettingType> settingTypeOf(std::string_view word) {
    for (std::size_t i = 0; i < kTypes.size(); ++i) {
        if (word == kTypes[i]) return static_cast<SettingType>(i);
    }
    return std::nullopt;
}
std::optional<SettingHome> settingHomeOf(std::string_view word) {
    for (std::size_t i = 0; i < kHomes.size(); ++i) {
        if (word == kHomes[i]) return static_cast<SettingHome>(i);
    }
    return std::nullopt;
}

SettingItem settingItemOf(const SettingRow& row, const std::string& value, bool isDefault) {
    SettingItem item;
    item.key = row.key;
    item.value = value;
    item.standard = row.standard;
    item.isDefault = isDefault;
    item.type = row.type;
    item.least = row.least;
    item.most = row.most;
    item.unit = row.unit;
    if (!row.choices.empty()) {
        for (const auto choice : split(row.choices, '|'))
            item.choices.emplace_back(choice);
    }
    item.sentence = row.sentence;
    item.home = row.home;
    item.needsRestart = row.needsRestart;
    return item;
}

void writeJson(JsonWriter& out, const SettingItem& item) {
    out.beginObject();
    out.field("key", item.key);
    out.field("value", item.value);
    out.field("default", item.standard);
    out.field("isDefault", item.isDefault);
    out.field("type", wordOf(item.type));
    out.field("least", item.least);
    out.field("most", item.most);
    out.field("unit", item.unit);
    writeTexts(out, "choices", item.choices);
    out.field("sentence", item.sentence);
    out.field("home", wordOf(item.home));
    out.field("needsRestart", item.needsRestart);
    out.endObject();
}

void readJson(JsonFields& in, SettingItem& item) {
    in.read("key", item.key);
    in.read("value", item.value);
    in.read("default", item.standard);
    in.read("isDefault", item.isDefault);
    in.readWord("type", item.type, &settingTypeOf);
    in.read("least", item.least);
    in.read("most", item.most);
    in.read("unit", item.unit);
    in.read("choices", item.choices);
    in.read("sentence", item.sentence);
    in.readWord("home", item.home, &settingHomeOf);
    in.read("needsRestart", item.needsRestart);
}

void writeJson(JsonWriter& out, const SettingList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.field("revision", list.revision);
    writeTexts(out, "needsRestart", list.needsRestart);
    out.endObject();
}

void readJson(JsonFields& in, SettingList& list) {
    in.readList("items", list.items);
    in.read("revision", list.revision);
    in.read("needsRestart", list.needsRestart);
}

void writeJson(JsonWriter& out, const SettingChanges& changes) {
    out.beginObject();
    for (const auto& [name, content] : changes.items) {
        // Names come from people here, so they are written as text, not as a plain key.
        JsonWriter quoted;
        quoted.value(name);
        const auto text = quoted.take();
        out.key(std::string_view{text}.substr(1, text.size() - 2));
        out.value(content);
    }
    out.endObject();
}

void readJson(JsonFields& in, SettingChanges& changes) {
    changes.items.clear();
    for (auto member = in.object().first(); member; member = member.next()) {
        std::optional<std::string> content;
        switch (member.kind()) {
            case JsonKind::Null:
                break;
            case JsonKind::True:
                content = "true";
                break;
            case JsonKind::False:
                content = "false";
                break;
            case JsonKind::Number:
            case JsonKind::Text:
                content = std::string(member.text());
                break;
            case JsonKind::Array:
            case JsonKind::Object:
                in.problem(member.name(), std::string("A setting is text, a number, true, false or null, but ") +
                                              nameOf(member.kind()) + " is there.");
                continue;
        }
        changes.items.emplace_back(std::string(member.name()), std::move(content));
    }
}

}  // namespace causeway::api
