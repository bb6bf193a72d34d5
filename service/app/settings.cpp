#include "service/app/settings.h"

#include <algorithm>
#include <charconv>

#include "service/app/config_file.h"
#include "service/dns/dns_options.h"
#include "shared/base/text.h"

namespace causeway::app {

void Settings::setFile(std::map<std::string, std::string> values) {
    state_.with([&](State& state) {
        state.file = std::move(values);
        ++state.revision;
    });
}

Result<void> Settings::load(store::StorePort& store) {
    store_ = &store;
    auto loaded = store.loadSettings();
    if (!loaded) return loaded.error();
    state_.with([&](State& state) {
        for (auto& [key, value] : *loaded) {
            const auto* row = findSetting(key);
            // A key of another version, or a value that this version does not take: the default holds.
            if (row == nullptr) continue;
            if (auto checked = checkSetting(*row, value)) state.stored[key] = *checked;
        }
    });
    return {};
}

std::string Settings::text(std::string_view key) const {
    const std::string name{key};
    if (const auto at = overrides_.find(name); at != overrides_.end()) return at->second;
    return state_.with([&](const State& state) -> std::string {
        if (const auto at = state.stored.find(name); at != state.stored.end()) return at->second;
        if (const auto at = state.file.find(name); at != state.file.end()) return at->second;
        const auto* row = findSetting(key);
        INVARIANT(row != nullptr);
        return std::string(row->standard);
    });
}

std::int64_t Settings::number(std::string_view key) const {
    const std::string value = text(key);
    std::int64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return number;
}

admin::SettingsNow Settings::settings() {
    admin::SettingsNow now;
    for (const auto& row : settingRows()) {
        const std::string value = text(row.key);
        now.values.push_back({std::string(row.key), value, value == row.standard});
        if (auto reason = fixedReason(row); !reason.empty()) now.fixed[std::string(row.key)] = std::move(reason);
    }
    now.revision = state_.with([](const State& state) { return state.revision; });
    return now;
}

std::string Settings::fixedReason(const SettingRow& row) const {
    const std::string key{row.key};
    if (overrides_.contains(key))
        return "it was given on the command line for this run; start the service without --set " + key + ".";
    if (row.home == SettingHome::File)
        return "it is needed to start and stands in causeway.toml; change it there and restart the service.";
    return {};
}

void Settings::setKeyNames(std::function<std::vector<std::string>()> names) {
    keyNames_.with([&](auto& kept) { kept = std::move(names); });
}

std::string Settings::keysTrouble(const std::string& secondaries) const {
    const auto ask = keyNames_.with([](const auto& kept) { return kept; });
    if (!ask) return {};
    const auto names = ask();
    for (const auto& each : dns::parseSecondaries(secondaries).value_or({})) {
        if (each.keyName.empty() || std::find(names.begin(), names.end(), each.keyName) != names.end()) continue;
        const auto shown = cleanUtf8(cutUtf8(each.keyName, 80));
        return "dns.secondaries: there is no key \"" + shown + "\" for the secondary " + each.endpoint.text() +
               ", so it could take no zone. Add the key first: causewayctl dns key-add " + shown +
               ", or take key=" + shown + " away.";
    }
    return {};
}

std::vector<admin::SettingProblem> Settings::check(const Changes& wanted) {
    std::vector<admin::SettingProblem> problems;
    std::map<std::string, std::string> after;
    for (const auto& [key, value] : wanted) {
        const auto* row = findSetting(key);
        if (row == nullptr) {
            problems.push_back({key, "There is no setting \"" + key + "\"."});
            continue;
        }
        if (auto reason = fixedReason(*row); !reason.empty()) {
            problems.push_back({key, key + " cannot be changed here: " + reason});
            continue;
        }
        // Without a value of the store the one of the file holds, else the default.
        after[key] = value ? *value : state_.with([&](const State& state) {
            const auto at = state.file.find(key);
            return at == state.file.end() ? std::string(row->standard) : at->second;
        });
        if (!value) continue;
        if (auto checked = checkSetting(*row, *value); !checked) {
            problems.push_back({key, checked.error().text()});
            continue;
        }
        if (auto trouble = valueTrouble(key, *value); !trouble.empty()) {
            problems.push_back({key, trouble});
        } else if (key == "dns.secondaries") {
            if (auto missing = keysTrouble(*value); !missing.empty()) problems.push_back({key, missing});
        }
    }
    const auto isChanged = [&after](const char* key) { return after.contains(key); };
    if (isChanged("lan.gone_after") || isChanged("lan.probe_interval")) {
        const auto then = [&](const char* key) { return isChanged(key) ? after[key] : text(key); };
        if (auto trouble = timesTrouble(then("lan.gone_after"), then("lan.probe_interval")); !trouble.empty())
            problems.push_back({isChanged("lan.gone_after") ? "lan.gone_after" : "lan.probe_interval", trouble});
    }
    return problems;
}

Result<std::vector<std::string>> Settings::change(const Changes& wanted, std::optional<std::uint64_t> expected) {
    const std::lock_guard oneChange{changing_};
    if (expected && *expected != settings().revision) {
        return Error{Code::Conflict, "The settings were changed by somebody else meanwhile.", "",
                     "Read them again, then repeat the change."};
    }
    std::vector<std::pair<std::string, std::optional<std::string>>> changes;
    std::vector<std::string> keys;
    std::vector<std::string> restart;
    std::string problems;
    for (const auto& problem : check(wanted))
        problems += (problems.empty() ? "" : " ") + problem.text;
    if (!problems.empty()) return Error{Code::BadInput, problems, "", "No setting was changed."};
    for (const auto& [key, value] : wanted) {
        const auto* row = findSetting(key);
        if (!value) {
            changes.emplace_back(key, std::nullopt);
        } else {
            const auto checked = checkSetting(*row, *value);
            // The default need not be kept, unless the file says otherwise: the store wins over the file.
            const bool isPlain =
                *checked == row->standard && !state_.with([&](const State& state) { return state.file.contains(key); });
            changes.emplace_back(key, isPlain ? std::nullopt : std::optional(*checked));
        }
        keys.push_back(key);
        if (row->needsRestart) restart.push_back(key);
    }
    if (store_ == nullptr)
        return Error{Code::Unavailable, "The store is not open.", "", "Try again when the service is ready."};
    if (auto saved = store_->saveSettings(changes); !saved) return saved.error();
    state_.with([&](State& state) {
        for (const auto& [key, value] : changes) {
            if (value) {
                state.stored[key] = *value;
            } else {
                state.stored.erase(key);
            }
        }
        ++state.revision;
    });
    if (told_) told_(keys);
    return restart;
}

discovery::LanConfig Settings::lanConfig() const {
    discovery::LanConfig config;
    config.name = text("lan.name");
    config.group = text("lan.group");
    config.charset = text("lan.charset");
    config.segmentInterval = seconds("lan.segment_interval");
    config.probeInterval = seconds("lan.probe_interval");
    config.goneAfter = seconds("lan.gone_after");
    config.refreshCheck = seconds("lan.refresh_check");
    config.pushInterval = seconds("lan.push_interval");
    config.gather = seconds("lan.gather");
    config.introductions = flag("lan.introductions");
    config.lists = flag("lan.lists");
    config.introductionsPerSecond = static_cast<std::uint32_t>(number("lan.introductions_per_second"));
    config.packetsPerSecond = static_cast<std::uint32_t>(number("lan.packets_per_second"));
    config.listBytes = static_cast<std::size_t>(number("lan.list_bytes"));
    config.maxUsers = static_cast<std::size_t>(number("lan.max_users"));
    config.maxRumours = static_cast<std::size_t>(number("lan.max_rumours"));
    config.keepGoneDays = static_cast<std::uint32_t>(number("lan.keep_gone_days"));
    return config;
}

search::SearchConfig Settings::searchConfig() const {
    search::SearchConfig config;
    config.packetsPerSecond = static_cast<std::uint32_t>(number("lan.packets_per_second"));
    config.announceInterval = seconds("lan.announce_interval");
    config.allowLoopback = flag("lan.allow_loopback");
    return config;
}

trace::VisibilityConfig Settings::visibilityConfig() const {
    trace::VisibilityConfig config;
    config.mode = visibilityModeOf(text("trace.visibility")).value_or(VisibilityMode::OnDemand);
    config.interval = std::chrono::minutes{number("trace.visibility_minutes")};
    return config;
}

}  // namespace causeway::app
