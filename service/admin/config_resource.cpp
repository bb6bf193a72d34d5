#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "service/admin/admin_core.h"
#include "service/admin/base_check.h"
#include "service/admin/chat_config.h"
#include "service/admin/current_config.h"
#include "shared/api/bases_json.h"
#include "shared/api/config_json.h"
#include "shared/base/text.h"

/// /v1/config
namespace causeway::admin {

namespace {

/// What an import comes to: every part checked, in the form of the ports.
struct Plan {
    api::ConfigFile file;
    SettingsPort::Changes settings;  ///< keys that are not in the file go back to their default
    std::vector<std::string> notes;  ///< what is left as it is
    std::string rangesText;
    ChatPlan chat;
};

std::string rangesText(const std::vector<api::ConfigRange>& ranges) {
    std::string text;
    for (const auto& range : ranges)
        text += range.text + "\n";
    return text;
}

/// Reads a configuration file and collects everything that is wrong with it, each with line and column.
class ConfigCheck {
public:
    ConfigCheck(AdminCore& core, std::string_view text) : core_(core), text_(text) {}

    /// nullopt if errors() has something.
    std::optional<Plan> run() {
        auto document = parsed();
        if (!document) return std::nullopt;
        api::JsonFields fields{document->root(), errors_};
        if (!errors_.empty()) return std::nullopt;
        Plan plan;
        api::readJson(fields, plan.file);
        if (plan.file.product != "causeway") fields.problem("product", "This is not a configuration of Causeway.");
        if (plan.file.format != 1) {
            fields.problem("format", "Format " + std::to_string(plan.file.format) +
                                         " is not known to this version; it was written by a later one.");
        }
        fields.inside("settings", [&](api::JsonFields& inner) { checkSettings(inner, plan); });
        checkRanges(fields, plan);
        checkBases(fields);
        checkAdministrators(fields);
        plan.chat = checkChatParts(core_, fields, plan.file, plan.notes);
        if (!errors_.empty()) return std::nullopt;
        return plan;
    }
    /// Each problem once: parts of the file are read twice, for their shape and for their meaning.
    std::vector<api::FieldProblem> takeErrors() {
        std::set<std::pair<std::string, std::string>> told;
        std::vector<api::FieldProblem> all;
        for (auto& error : errors_) {
            if (told.emplace(error.field, error.detail).second) all.push_back(std::move(error));
        }
        errors_.clear();
        return all;
    }

private:
    std::optional<api::JsonDocument> parsed() {
        auto document = api::JsonDocument::parse(text_, {.refuseDuplicateNames = true});
        if (document) return std::move(*document);
        const auto [line, column] = api::JsonDocument::lineAndColumn(text_, document.error().place.value_or(0));
        errors_.push_back({"", line, column, document.error().what});
        return std::nullopt;
    }

    void checkSettings(api::JsonFields& fields, Plan& plan) {
        std::map<std::string, std::string, std::less<>> wanted;
        if (!plan.file.settings) return;
        const auto settings = core_.ports().settings->settings();
        for (const auto& [key, value] : plan.file.settings->items) {
            const auto* row = findSetting(key);
            if (row == nullptr) {
                fields.problem(key, "There is no setting of this name.");
                continue;
            }
            if (const auto fixed = settings.fixed.find(key); fixed != settings.fixed.end()) {
                plan.notes.push_back(key + " stays as it is: " + fixed->second);
                continue;
            }
            if (!value) continue;
            auto checked = checkSetting(*row, *value);
            if (!checked) {
                fields.problem(key, checked.error().what);
                continue;
            }
            wanted[key] = std::move(*checked);
        }
        for (const auto& now : settings.values) {
            if (settings.fixed.contains(now.key)) continue;
            const auto found = wanted.find(now.key);
            if (found != wanted.end()) {
                if (found->second != now.value) plan.settings.emplace_back(now.key, found->second);
            } else if (!now.isDefault) {
                plan.settings.emplace_back(now.key, std::nullopt);
            }
        }
        for (const auto& problem : core_.ports().settings->check(plan.settings))
            fields.problem(problem.key, problem.text);
    }

    void checkRanges(api::JsonFields& fields, Plan& plan) {
        if (!plan.file.ranges || core_.ports().search == nullptr) return;
        bool isOneLineEach = true;
        std::size_t index = 0;
        fields.each("ranges", [&](api::JsonFields& item) {
            const auto& text = (*plan.file.ranges)[index++].text;
            if (text.find_first_of("\r\n") == std::string::npos) return;
            item.problem("text", "A range is one line.");
            isOneLineEach = false;
        });
        if (!isOneLineEach) return;
        plan.rangesText = rangesText(*plan.file.ranges);
        const auto preview = core_.ports().search->preview(plan.rangesText);
        if (!preview) {
            fields.problem("ranges", preview.error().text());
            return;
        }
        std::multimap<std::size_t, std::string> byLine;
        for (const auto& problem : preview->problems) {
            if (problem.line == 0) {
                fields.problem("ranges", problem.text);
            } else {
                byLine.emplace(problem.line, problem.text);
            }
        }
        index = 0;
        fields.each("ranges", [&](api::JsonFields& item) {
            const auto [first, last] = byLine.equal_range(++index);
            for (auto problem = first; problem != last; ++problem)
                item.problem("text", problem->second);
        });
    }

    void checkBases(api::JsonFields& fields) {
        std::vector<BaseSite> before;
        fields.each("bases", [&](api::JsonFields& item) {
            BaseSite base;
            std::vector<api::FieldProblem> told;  // the first reader has collected these already
            api::JsonFields again{item.object(), told};
            api::readJson(again, base);
            base.id = 0;
            if (const auto trouble = baseTrouble(base, before); !trouble.sentence.empty())
                item.problem(trouble.field, trouble.sentence);
            before.push_back(std::move(base));
        });
    }

    void checkAdministrators(api::JsonFields& fields) {
        std::set<std::string> names;
        fields.each("administrators", [&](api::JsonFields& item) {
            std::string name;
            if (!item.has("name") || item.member("name").kind() != api::JsonKind::Text) return;
            name = item.member("name").text();
            if (auto trouble = Accounts::nameTrouble(name); !trouble.empty()) item.problem("name", trouble);
            if (!names.insert(lowerAscii(trimmed(name))).second) item.problem("name", "This name is there twice.");
        });
    }

    AdminCore& core_;
    std::string_view text_;
    std::vector<api::FieldProblem> errors_;
};

/// Puts a checked plan in place, part by part; each part that is done knows how to undo itself, so that a failure
/// leaves everything as it was.
class Import {
public:
    explicit Import(AdminCore& core) : core_(core) {}

    Result<api::ConfigApplied> run(const Plan& plan) {
        applied_.notes = plan.notes;
        auto done = settings(plan);
        if (done) done = ranges(plan);
        if (done) done = bases(plan);
        if (done) done = chat(plan);
        if (done) done = administrators(plan);
        if (done) {
            ChatImport{core_}.settle(plan.chat);
            return applied_;
        }
        for (auto step = undo_.rbegin(); step != undo_.rend(); ++step)
            (*step)();
        auto error = done.error();
        error.what = "The configuration was not imported; everything is as before. " + error.what;
        return error;
    }

private:
    /// Undoing is the last resort: what fails there is written to the log.
    void report(const Error& error) { core_.log().write(LogLevel::Error, "ADMIN_IMPORT_UNDO_FAILED", error.text()); }

    Result<void> settings(const Plan& plan) {
        if (plan.settings.empty()) return {};
        auto& port = *core_.ports().settings;
        const auto before = port.settings();
        auto needsRestart = port.change(plan.settings, std::nullopt);
        if (!needsRestart) return needsRestart.error();
        applied_.settings = plan.settings.size();
        applied_.needsRestart = std::move(*needsRestart);
        undo_.emplace_back([this, &port, before, &plan] {
            SettingsPort::Changes back;
            for (const auto& [key, value] : plan.settings) {
                for (const auto& old : before.values) {
                    if (old.key == key) back.emplace_back(key, old.isDefault ? std::nullopt : std::optional(old.value));
                }
            }
            if (auto undone = port.change(back, std::nullopt); !undone) report(undone.error());
        });
        return {};
    }

    Result<void> setRanges(const std::vector<api::ConfigRange>& wanted) {
        auto& search = *core_.ports().search;
        auto replaced = search.replaceRanges(rangesText(wanted));
        if (!replaced) return replaced.error();
        for (const auto& range : *replaced) {
            const auto found = std::find_if(wanted.begin(), wanted.end(), [&range](const api::ConfigRange& line) {
                return trimmed(line.text) == trimmed(range.text);
            });
            if (found == wanted.end() || found->isEnabled == range.isEnabled) continue;
            if (auto changed = search.changeRange(range.id, range.text, found->isEnabled); !changed)
                return changed.error();
        }
        return {};
    }

    Result<void> ranges(const Plan& plan) {
        auto* search = core_.ports().search;
        if (!plan.file.ranges || search == nullptr) return {};
        const auto before = search->ranges();
        if (!before) return before.error();
        undo_.emplace_back([this, before = *before] {
            std::vector<api::ConfigRange> old;
            old.reserve(before.size());
            for (const auto& range : before)
                old.push_back({range.text, range.isEnabled});
            if (auto undone = setRanges(old); !undone) report(undone.error());
        });
        if (auto set = setRanges(*plan.file.ranges); !set) return set;
        const auto now = search->ranges();
        if (now) applied_.ranges = now->size();
        return {};
    }

    Result<void> setBases(const std::vector<BaseSite>& wanted) {
        auto& store = *core_.ports().store;
        const auto now = store.bases();
        if (!now) return now.error();
        for (const auto& old : *now) {
            const bool stays = std::any_of(wanted.begin(), wanted.end(), [&old](const BaseSite& base) {
                return lowerAscii(trimmed(base.name)) == lowerAscii(old.name);
            });
            if (stays) continue;
            if (auto removed = store.removeBase(old.id); !removed) return removed;
        }
        for (auto base : wanted) {
            base.id = 0;
            base.name = trimmed(base.name);
            for (const auto& old : *now) {
                if (lowerAscii(old.name) == lowerAscii(base.name)) base.id = old.id;
            }
            if (auto saved = store.saveBase(base); !saved) return saved.error();
        }
        return {};
    }

    Result<void> bases(const Plan& plan) {
        if (!plan.file.bases) return {};
        const auto before = core_.ports().store->bases();
        if (!before) return before.error();
        undo_.emplace_back([this, before = *before] {
            if (auto undone = setBases(before); !undone) report(undone.error());
        });
        if (auto set = setBases(*plan.file.bases); !set) return set;
        applied_.bases = plan.file.bases->size();
        return {};
    }

    Result<void> chat(const Plan& plan) {
        ChatImport import{core_};
        std::vector<std::function<Result<void>()>> steps;
        auto done = import.run(plan.chat, steps);
        for (auto& step : steps) {
            undo_.emplace_back([this, step = std::move(step)] {
                if (auto undone = step(); !undone) report(undone.error());
            });
        }
        applied_.providers = import.providers();
        applied_.domains = import.domains();
        return done;
    }

    Result<void> administrators(const Plan& plan) {
        if (!plan.file.administrators) return {};
        const auto before = core_.accounts().admins();
        undo_.emplace_back([this, before] {
            for (const auto& now : core_.accounts().admins()) {
                const auto old = std::find_if(before.begin(), before.end(),
                                              [&now](const Administrator& admin) { return admin.id == now.id; });
                if (old == before.end()) {
                    if (auto undone = core_.accounts().removeAdmin(now.id); !undone) report(undone.error());
                } else if (auto undone = core_.accounts().importAdmin(old->name, old->role, old->isDisabled); !undone) {
                    report(undone.error());
                }
            }
        });
        // Who gains comes first: else the last administrator of role admin could not be changed for another one.
        auto wanted = *plan.file.administrators;
        std::stable_sort(wanted.begin(), wanted.end(), [](const auto& left, const auto& right) {
            return !left.isDisabled && left.role == Role::Admin && (right.isDisabled || right.role != Role::Admin);
        });
        for (const auto& admin : wanted) {
            auto saved = core_.accounts().importAdmin(admin.name, admin.role, admin.isDisabled);
            if (!saved) return saved.error();
            if (saved->isDisabled && !admin.isDisabled) {
                applied_.notes.push_back("The administrator \"" + saved->name +
                                         "\" is disabled until somebody sets a password: a configuration file holds "
                                         "none.");
            }
        }
        return {};
    }

    AdminCore& core_;
    api::ConfigApplied applied_;
    std::vector<std::function<void()>> undo_;
};

Response exportConfig(AdminCore& core, const Request& request) {
    const auto file = currentConfig(core);
    if (!file) return problemResponse(file.error());
    core.audit(request, "config.export", "", "", "");
    auto response = jsonResponse(api::toJson(*file));
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"causeway-config.json\"");
    return response;
}

Response checkConfig(AdminCore& core, const Request& request) {
    ConfigCheck check{core, request.http.body};
    const auto plan = check.run();
    api::ConfigVerdict verdict;
    verdict.isValid = plan.has_value();
    if (plan) verdict.notes = plan->notes;
    verdict.errors = check.takeErrors();
    return jsonResponse(api::toJson(verdict));
}

Response importConfig(AdminCore& core, const Request& request) {
    const auto writing = core.writing();
    ConfigCheck check{core, request.http.body};
    const auto plan = check.run();
    if (!plan) {
        auto errors = check.takeErrors();
        Error error{Code::BadInput, "The configuration was not imported.", errors.front().detail,
                    "Mend what is named and import the file again."};
        return problemResponse(400, error, std::move(errors));
    }
    const auto before = currentConfig(core);
    if (!before) return problemResponse(before.error());
    const auto applied = Import{core}.run(*plan);
    if (!applied) return problemResponse(applied.error());
    const auto after = currentConfig(core);
    core.audit(request, "config.import", plan->file.serverName, api::toJson(*before),
               after ? api::toJson(*after) : std::string());
    std::vector<std::string> keys;
    for (const auto& change : plan->settings)
        keys.push_back(change.first);
    if (!keys.empty()) core.events().settingsChanged(keys);
    if (plan->file.bases) core.basesChanged();
    return jsonResponse(api::toJson(*applied));
}

}  // namespace

Result<api::ConfigFile> currentConfig(AdminCore& core) {
    const auto& ports = core.ports();
    api::ConfigFile file;
    file.version = ports.status->facts().version;
    file.serverName = core.serverName();
    file.about = aboutConfig();
    file.exportedAt = core.now();
    auto& settings = file.settings.emplace();
    const auto now = ports.settings->settings();
    for (const auto& value : now.values) {
        // What belongs to this computer or to this run is no part of a configuration that goes elsewhere.
        if (!value.isDefault && !now.fixed.contains(value.key)) settings.items.emplace_back(value.key, value.value);
    }
    if (ports.search != nullptr) {
        const auto ranges = ports.search->ranges();
        if (!ranges) return ranges.error();
        auto& list = file.ranges.emplace();
        for (const auto& range : *ranges)
            list.push_back({range.text, range.isEnabled});
    }
    auto bases = ports.store->bases();
    if (!bases) return bases.error();
    file.bases = std::move(*bases);
    auto& admins = file.administrators.emplace();
    for (const auto& admin : core.accounts().admins())
        admins.push_back({admin.name, admin.role, admin.isDisabled});
    if (auto added = addChatParts(core, file); !added) return added.error();
    return file;
}

void addConfigRoutes(Router& router, AdminCore& core) {
    router.add({"GET", "/v1/config", Access::Admin, "Everything that was set, as one file; no secret is in it", "",
                "ConfigFile", 200, [&core](const Request& request) { return exportConfig(core, request); }});
    router.add({"POST", "/v1/config/check", Access::Admin, "Everything that is wrong with a configuration file",
                "ConfigFile", "ConfigVerdict", 200,
                [&core](const Request& request) { return checkConfig(core, request); }});
    router.add({"PUT", "/v1/config", Access::Admin, "Imports a configuration file, all or nothing", "ConfigFile",
                "ConfigApplied", 200, [&core](const Request& request) { return importConfig(core, request); }});
}

}  // namespace causeway::admin
