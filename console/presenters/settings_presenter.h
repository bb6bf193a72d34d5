#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"

namespace causeway::console {

enum class SettingsGroup { General, Network, Chat, Security, Retention };

/// One setting as the preferences show it.
struct SettingView {
    std::string key;
    std::string label;     ///< "Announcement interval"; from the key if the console does not know it
    std::string sentence;  ///< what it does
    SettingType type = SettingType::Text;
    std::string value;  ///< staged or stored
    std::string stored;
    std::string standard;
    std::string rangeText;  ///< "60 to 604,800 s, default 3,600"
    std::string unit;
    std::int64_t least = 0, most = 0;
    std::vector<std::string> choices;
    bool isChanged = false;  ///< staged differs from stored
    bool isDefault = true;   ///< the shown value is the default
    bool isReadOnly = false;
    std::string readOnlyText;  ///< why, and where to change it
    bool needsRestart = false;
    std::string problem;  ///< sentence about the staged value, empty if fine
};

/// Preferences: changes are staged and applied all or nothing.
class SettingsPresenter final : public Presenter {
public:
    explicit SettingsPresenter(Session& session);

    bool isLoaded() const { return !items_.empty(); }
    static std::vector<SettingsGroup> groups();
    static std::string groupTitle(SettingsGroup group);  ///< untranslated
    static std::string groupId(SettingsGroup group);     ///< "general", "network", "chat", "security", "retention"
    std::vector<SettingView> settings(SettingsGroup group) const;
    std::optional<SettingView> setting(const std::string& key) const;
    static SettingsGroup groupOf(const std::string& key);

    /// Stages a value as typed. The sentence about what is wrong with it, or empty.
    std::string set(const std::string& key, const std::string& text);
    void setToDefault(const std::string& key);
    void revert(const std::string& key);
    void revertAll();
    std::vector<std::string> changedKeys() const;
    bool isDirty() const { return !staged_.empty(); }
    bool canApply() const;
    std::string whyNotApply() const;
    /// All or nothing. After a refusal the sentences stand at the fields.
    void apply(Done done);
    bool isApplying() const { return isApplying_; }
    /// Keys that were changed and wait for a restart of the service.
    const std::vector<std::string>& needsRestart() const { return needsRestart_; }
    std::string restartText() const;
    /// "3 changes are not applied yet"
    std::string stateText() const;
    /// Somebody else changed a setting that is staged here.
    bool isOutdated() const { return isOutdated_; }
    std::optional<Error> problem() const { return problem_; }

    void connectionChanged() override;
    void resync() override;
    void settingsChanged(const api::SettingsEvent& event) override;
    /// For resync() and tests.
    void take(const api::SettingList& list);

private:
    struct Staged {
        std::optional<std::string> value;  ///< nullopt = back to the default
        std::string typed;
        std::string problem;
    };
    void load();
    /// Puts the sentences of a refusal at their fields.
    void takeRefusal(const api::ErrorDocument& details, const Error& error);
    const api::SettingItem* find(const std::string& key) const;
    SettingView viewOf(const api::SettingItem& item) const;

    std::vector<api::SettingItem> items_;
    std::uint64_t revision_ = 0;
    std::map<std::string, Staged> staged_;
    std::vector<std::string> needsRestart_;
    bool isApplying_ = false;
    bool isOutdated_ = false;
    std::optional<Error> problem_;
};

/// "Announcement interval" for "lan.announce_interval".
std::string settingLabel(const std::string& key);
/// What checkSetting of the service says about a value, from the row that the API gave: the normal form or a sentence.
Result<std::string> checkSettingItem(const api::SettingItem& item, const std::string& text);

}  // namespace causeway::console
