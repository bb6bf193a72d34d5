#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "service/admin/admin_ports.h"
#include "service/discovery/lan_config.h"
#include "service/search/search_policy.h"
#include "service/store/store_port.h"
#include "service/trace/visibility_policy.h"
#include "shared/base/guarded.h"
#include "shared/model/setting.h"

namespace causeway::app {

/// All settings: default, then causeway.toml, then the store, then --set (for this run). Any thread.
class Settings final : public admin::SettingsPort {
public:
    explicit Settings(std::map<std::string, std::string> overrides) : overrides_(std::move(overrides)) {}

    void setFile(std::map<std::string, std::string> values);
    Result<void> load(store::StorePort& store);

    std::string text(std::string_view key) const;
    bool flag(std::string_view key) const { return text(key) == "true"; }
    std::int64_t number(std::string_view key) const;
    Duration seconds(std::string_view key) const { return std::chrono::seconds{number(key)}; }

    // SettingsPort. Errors of change: BadInput with all problems; settings of home File stand in causeway.toml and
    // those of --set hold for this run, so neither can be changed here.
    admin::SettingsNow settings() override;
    std::vector<admin::SettingProblem> check(const Changes& wanted) override;
    Result<std::vector<std::string>> change(const Changes& wanted, std::optional<std::uint64_t> expected) override;
    void onChange(std::function<void(const std::vector<std::string>&)> told) { told_ = std::move(told); }

    /// Names of the keys of chat DNS, for the check of dns.secondaries; while there is none it is not checked. Kept
    /// keys are not looked at when the service starts: a key that went must not keep it from starting.
    void setKeyNames(std::function<std::vector<std::string>()> names);

    discovery::LanConfig lanConfig() const;
    search::SearchConfig searchConfig() const;
    trace::VisibilityConfig visibilityConfig() const;

private:
    /// Why this one cannot be changed here; empty if it can.
    std::string fixedReason(const SettingRow& row) const;

    /// Empty if every key that the secondaries name is there.
    std::string keysTrouble(const std::string& secondaries) const;

    struct State {
        std::map<std::string, std::string> file;
        std::map<std::string, std::string> stored;
        std::uint64_t revision = 1;
    };
    std::mutex changing_;  ///< one change at a time
    Guarded<State> state_;
    const std::map<std::string, std::string> overrides_;
    store::StorePort* store_ = nullptr;
    Guarded<std::function<std::vector<std::string>()>> keyNames_;
    std::function<void(const std::vector<std::string>&)> told_;
};

}  // namespace causeway::app
