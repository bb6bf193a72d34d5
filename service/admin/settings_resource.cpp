#include "service/admin/admin_core.h"
#include "shared/api/settings_json.h"
#include "shared/base/text.h"

/// /v1/settings
namespace causeway::admin {

namespace {

api::SettingList listOf(const SettingsNow& now) {
    api::SettingList list;
    list.revision = now.revision;
    for (const auto& value : now.values) {
        if (const auto* row = findSetting(value.key))
            list.items.push_back(api::settingItemOf(*row, value.value, value.isDefault));
    }
    return list;
}

Response listResponse(const api::SettingList& list) {
    auto response = jsonResponse(api::toJson(list));
    response.headers.emplace_back("ETag", etagOf(list.revision));
    return response;
}

std::string valueOf(const SettingsNow& now, const std::string& key) {
    for (const auto& value : now.values) {
        if (value.key == key) return value.value;
    }
    return {};
}

Response changeSettings(AdminCore& core, const Request& request) {
    std::vector<api::FieldProblem> errors;
    auto document = api::fromJson<api::SettingChanges>(request.http.body, &errors, {.refuseDuplicateNames = true});
    if (!document) return problemResponse(400, document.error(), std::move(errors));
    auto& settings = *core.ports().settings;
    const auto before = settings.settings();
    if (auto refusal = staleWrite(request.http, before.revision)) return std::move(*refusal);

    SettingsPort::Changes changes;
    for (const auto& [key, value] : document->items) {
        const auto* row = findSetting(key);
        if (row == nullptr) {
            errors.push_back({key, 0, 0, "There is no setting \"" + cleanUtf8(cutUtf8(key, 80)) + "\"."});
            continue;
        }
        if (!value) {
            changes.emplace_back(key, std::nullopt);
            continue;
        }
        auto checked = checkSetting(*row, *value);
        if (!checked) {
            errors.push_back({key, 0, 0, checked.error().what});
            continue;
        }
        if (key == "admin.listen") {
            if (auto trouble = core.listenTrouble(*checked); !trouble.empty()) {
                errors.push_back({key, 0, 0, trouble});
                continue;
            }
        }
        changes.emplace_back(key, std::move(*checked));
    }
    if (errors.empty()) {
        for (auto& problem : settings.check(changes))
            errors.push_back({std::move(problem.key), 0, 0, std::move(problem.text)});
    }
    if (!errors.empty()) {
        Error error{Code::BadInput, "No setting was changed.", errors.front().detail,
                    "Mend the settings that are named and send all of them again."};
        return problemResponse(400, error, std::move(errors));
    }
    auto needsRestart = settings.change(changes, matchedRevision(request.http));
    if (!needsRestart) {
        // Somebody was faster between the look and the change.
        const bool isStale = needsRestart.error().code == Code::Conflict;
        return isStale ? problemResponse(412, needsRestart.error()) : problemResponse(needsRestart.error());
    }
    const auto after = settings.settings();
    std::vector<std::string> keys;
    for (const auto& [key, value] : changes) {
        const auto old = valueOf(before, key);
        const auto fresh = valueOf(after, key);
        if (old != fresh) core.audit(request, "settings.set", key, old, fresh);
        keys.push_back(key);
    }
    core.events().settingsChanged(keys);
    auto list = listOf(after);
    list.needsRestart = std::move(*needsRestart);
    return listResponse(list);
}

}  // namespace

void addSettingsRoutes(Router& router, AdminCore& core) {
    router.add({"GET", "/v1/settings", Access::Viewer, "Every setting with its value and its schema", "", "SettingList",
                200, [&core](const Request&) { return listResponse(listOf(core.ports().settings->settings())); }});
    router.add({"PATCH",
                "/v1/settings",
                Access::Admin,
                "Changes settings, all or none; null is the default",
                "SettingChanges",
                "SettingList",
                200,
                [&core](const Request& request) { return changeSettings(core, request); },
                {},
                true});
}

}  // namespace causeway::admin
