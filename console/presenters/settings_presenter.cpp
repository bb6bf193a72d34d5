#include "console/presenters/settings_presenter.h"

#include <algorithm>
#include <array>

#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

struct Label {
    const char* key;
    const char* text;
};
/// Names as administrators know them; a setting that a newer service has gets one made from its key.
constexpr std::array kLabels{
    Label{"admin.listen", later("Administration: address and port")},
    Label{"admin.session_minutes", later("Administration: login lasts")},
    Label{"bases.link_listen", later("Links of other bases: address and port")},
    Label{"bases.voice_ports", later("Ports of calls (UDP)")},
    Label{"dns.caa", later("Who may issue certificates (CAA)")},
    Label{"dns.check_resolver", later("Green only if this computer's resolver agrees")},
    Label{"dns.contact", later("Mailbox in the SOA record")},
    Label{"dns.enabled", later("Answer DNS questions")},
    Label{"dns.lan_subnets", later("Networks that count as LAN")},
    Label{"dns.listen", later("Chat DNS: addresses and ports")},
    Label{"dns.secondaries", later("Secondary DNS servers")},
    Label{"lan.allow_loopback", later("Ranges may hold loopback addresses")},
    Label{"lan.announce_interval", later("Announce to remote ranges every")},
    Label{"lan.charset", later("Character set of old clients")},
    Label{"lan.enabled", later("Take part in the LAN directory")},
    Label{"lan.excluded_interfaces", later("Network interfaces not to use")},
    Label{"lan.gather", later("Gather changes for")},
    Label{"lan.gone_after", later("Gone after")},
    Label{"lan.group", later("Group of this service")},
    Label{"lan.introductions", later("Introduce external users (iptux)")},
    Label{"lan.introductions_per_second", later("Introductions, highest rate")},
    Label{"lan.keep_gone_days", later("Keep users who are gone")},
    Label{"lan.list_bytes", later("Largest list packet")},
    Label{"lan.listen", later("LAN directory: address and port")},
    Label{"lan.lists", later("Send lists of external users")},
    Label{"lan.max_rumours", later("Unproven addresses at most")},
    Label{"lan.max_users", later("Users at most")},
    Label{"lan.name", later("Name of this service for clients")},
    Label{"lan.packets_per_second", later("Packets per second")},
    Label{"lan.probe_interval", later("Probe users every")},
    Label{"lan.push_interval", later("Send whole lists every")},
    Label{"lan.refresh_check", later("Look for refreshed clients every")},
    Label{"lan.segment_interval", later("Announce in own segments every")},
    Label{"log.file", later("Log file")},
    Label{"log.level", later("Log level")},
    Label{"retention.audit_days", later("Keep audit entries")},
    Label{"retention.event_days", later("Keep histories of users")},
    Label{"retention.search_days", later("Keep finished searches")},
    Label{"server.internet_address", later("Address from the Internet")},
    Label{"server.lan_address", later("Address in the LAN")},
    Label{"server.name", later("Name of this service")},
    Label{"store.url", later("Where records are kept")},
    Label{"supernode.enabled", later("Let chat clients connect")},
    Label{"supernode.listen", later("Supernode: addresses")},
    Label{"supernode.port", later("Port for StartTLS")},
    Label{"supernode.tls_port", later("Port for direct TLS")},
    Label{"trace.visibility", later("Ask clients whom they see")},
    Label{"trace.visibility_minutes", later("Ask them every (with interval)")},
};

std::string numberShown(std::int64_t number) {
    return (number < 0 ? "-" : "") + countText(static_cast<std::uint64_t>(number < 0 ? -number : number));
}

std::string shownValue(const api::SettingItem& item, const std::string& value) {
    if (item.type == SettingType::Flag) return value == "true" ? tr("on") : tr("off");
    if (value.empty()) return tr("empty");
    return value;
}

std::string rangeTextOf(const api::SettingItem& item) {
    auto standard = fill(tr("default %1"), {shownValue(item, item.standard)});
    if (item.type != SettingType::Number && item.type != SettingType::Seconds) return standard;
    const auto unit = item.unit.empty() ? "" : " " + tr(item.unit.c_str());
    return fill(tr("%1 to %2"), {numberShown(item.least), numberShown(item.most) + unit}) + ", " + standard;
}

}  // namespace

std::string settingLabel(const std::string& key) {
    const auto known =
        std::find_if(kLabels.begin(), kLabels.end(), [&key](const Label& label) { return key == label.key; });
    if (known != kLabels.end()) return tr(known->text);
    auto text = key.substr(key.find('.') == std::string::npos ? 0 : key.find('.') + 1);
    std::replace(text.begin(), text.end(), '_', ' ');
    if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
        text.front() = static_cast<char>(text.front() - 32);
    return text;
}

Result<std::string> checkSettingItem(const api::SettingItem& item, const std::string& text) {
    std::string choices;
    for (const auto& choice : item.choices)
        choices += (choices.empty() ? "" : "|") + choice;
    const SettingRow row{item.key,  item.type, item.home, item.standard, item.least,
                         item.most, item.unit, choices,   item.sentence, item.needsRestart};
    auto checked = checkSetting(row, text);
    if (checked) return checked;
    // The key in front is for the command line; here the sentence stands at its field.
    auto error = checked.error();
    const auto prefix = item.key + ": ";
    if (error.what.rfind(prefix, 0) == 0) error.what.erase(0, prefix.size());
    if (!error.what.empty() && error.what.front() >= 'a' && error.what.front() <= 'z')
        error.what.front() = static_cast<char>(error.what.front() - 32);
    return error;
}

SettingsPresenter::SettingsPresenter(Session& session) : Presenter(session) {}

std::vector<SettingsGroup> SettingsPresenter::groups() {
    return {SettingsGroup::General, SettingsGroup::Network, SettingsGroup::Chat, SettingsGroup::Security,
            SettingsGroup::Retention};
}

std::string SettingsPresenter::groupTitle(SettingsGroup group) {
    switch (group) {
        case SettingsGroup::General:
            return later("General");
        case SettingsGroup::Network:
            return later("Network");
        case SettingsGroup::Chat:
            return later("Chat domains");
        case SettingsGroup::Security:
            return later("Security");
        case SettingsGroup::Retention:
            return later("Retention");
    }
    return {};
}

std::string SettingsPresenter::groupId(SettingsGroup group) {
    switch (group) {
        case SettingsGroup::General:
            return "general";
        case SettingsGroup::Network:
            return "network";
        case SettingsGroup::Chat:
            return "chat";
        case SettingsGroup::Security:
            return "security";
        case SettingsGroup::Retention:
            return "retention";
    }
    return {};
}

SettingsGroup SettingsPresenter::groupOf(const std::string& key) {
    if (key == "lan.keep_gone_days") return SettingsGroup::Retention;
    const auto area = key.substr(0, key.find('.'));
    if (area == "lan" || area == "trace" || area == "bases") return SettingsGroup::Network;
    if (area == "dns" || area == "supernode" || key == "server.lan_address" || key == "server.internet_address")
        return SettingsGroup::Chat;
    if (area == "retention") return SettingsGroup::Retention;
    if (area == "admin") return SettingsGroup::Security;
    return SettingsGroup::General;
}

const api::SettingItem* SettingsPresenter::find(const std::string& key) const {
    const auto at =
        std::find_if(items_.begin(), items_.end(), [&key](const api::SettingItem& item) { return item.key == key; });
    return at == items_.end() ? nullptr : &*at;
}

SettingView SettingsPresenter::viewOf(const api::SettingItem& item) const {
    SettingView view;
    view.key = item.key;
    view.label = settingLabel(item.key);
    view.sentence = tr(item.sentence.c_str());
    view.type = item.type;
    view.stored = view.value = item.value;
    view.standard = item.standard;
    view.rangeText = rangeTextOf(item);
    view.unit = item.unit;
    view.least = item.least;
    view.most = item.most;
    view.choices = item.choices;
    view.isDefault = item.isDefault;
    view.needsRestart = item.needsRestart;
    if (item.home == SettingHome::File) {
        view.isReadOnly = true;
        view.readOnlyText = fill(tr("The service needs this to start. Change it as %1 in causeway.toml in its data "
                                    "folder, then restart it."),
                                 {item.key});
    } else if (session_.connection() != Connection::Live) {
        view.isReadOnly = true;
        view.readOnlyText = tr("The service does not answer now.");
    } else if (!session_.mayChange()) {
        view.isReadOnly = true;
        view.readOnlyText = tr("Your role may only look. Ask for the role admin to change settings.");
    }
    if (const auto at = staged_.find(item.key); at != staged_.end()) {
        view.value = at->second.typed;
        view.isChanged = true;
        view.problem = at->second.problem;
        view.isDefault = !at->second.value || *at->second.value == item.standard;
    }
    return view;
}

std::vector<SettingView> SettingsPresenter::settings(SettingsGroup group) const {
    std::vector<SettingView> views;
    for (const auto& item : items_) {
        if (groupOf(item.key) == group) views.push_back(viewOf(item));
    }
    return views;
}

std::optional<SettingView> SettingsPresenter::setting(const std::string& key) const {
    const auto* item = find(key);
    if (!item) return std::nullopt;
    return viewOf(*item);
}

std::string SettingsPresenter::set(const std::string& key, const std::string& text) {
    const auto* item = find(key);
    if (!item) return fill(tr("There is no setting %1."), {key});
    if (item->home == SettingHome::File) return viewOf(*item).readOnlyText;
    const auto checked = checkSettingItem(*item, text);
    if (checked && *checked == item->value) {
        staged_.erase(key);
        changed();
        return {};
    }
    Staged staged;
    staged.typed = text;
    if (checked) {
        staged.value = *checked;
    } else {
        staged.value = text;
        staged.problem = checked.error().text();
    }
    auto problem = staged.problem;
    staged_[key] = std::move(staged);
    changed();
    return problem;
}

void SettingsPresenter::setToDefault(const std::string& key) {
    const auto* item = find(key);
    if (!item || item->home == SettingHome::File) return;
    if (item->isDefault) {
        staged_.erase(key);
    } else {
        staged_[key] = {std::nullopt, item->standard, {}};
    }
    changed();
}

void SettingsPresenter::revert(const std::string& key) {
    staged_.erase(key);
    changed();
}

void SettingsPresenter::revertAll() {
    staged_.clear();
    isOutdated_ = false;
    problem_.reset();
    changed();
}

std::vector<std::string> SettingsPresenter::changedKeys() const {
    std::vector<std::string> keys;
    for (const auto& [key, staged] : staged_)
        keys.push_back(key);
    return keys;
}

bool SettingsPresenter::canApply() const {
    return whyNotApply().empty();
}

std::string SettingsPresenter::whyNotApply() const {
    if (session_.connection() != Connection::Live) return tr("The service does not answer now.");
    if (!session_.mayChange()) return tr("Your role may only look. Ask for the role admin to change settings.");
    if (isApplying_) return tr("Applying ...");
    if (staged_.empty()) return tr("Nothing was changed.");
    if (std::any_of(staged_.begin(), staged_.end(), [](const auto& entry) { return !entry.second.problem.empty(); }))
        return tr("Some values are not right; see beside them.");
    return {};
}

std::string SettingsPresenter::stateText() const {
    if (problem_) return problem_->text();
    if (isApplying_) return tr("Applying ...");
    if (isOutdated_)
        return tr("Somebody else changed a setting that you changed too. Apply to overwrite it, or revert.");
    if (!staged_.empty()) return trn("%1 change is not applied yet", "%1 changes are not applied yet", staged_.size());
    return restartText();
}

std::string SettingsPresenter::restartText() const {
    if (needsRestart_.empty()) return {};
    std::string names;
    for (const auto& key : needsRestart_)
        names += (names.empty() ? "" : ", ") + settingLabel(key);
    return fill(tr("These changes wait for a restart of the service: %1."), {names});
}

void SettingsPresenter::apply(Done done) {
    if (const auto why = whyNotApply(); !why.empty()) {
        if (done) done(Error{Code::BadInput, why});
        return;
    }
    api::SettingChanges changes;
    for (const auto& [key, staged] : staged_)
        changes.items.emplace_back(key, staged.value);
    struct Answer {
        Result<api::SettingList> list;
        api::ErrorDocument details;
    };
    isApplying_ = true;
    problem_.reset();
    changed();
    session_.ask(
        life(),
        [changes, revision = revision_](client::ApiClient& service) {
            api::ErrorDocument details;
            auto list = service.changeSettings(changes, revision, &details);
            return Answer{std::move(list), std::move(details)};
        },
        [this, done = std::move(done), changes](const Answer& answer) {
            isApplying_ = false;
            if (answer.list) {
                // What was typed while it was being applied stays staged.
                for (const auto& [key, value] : changes.items) {
                    const auto at = staged_.find(key);
                    if (at != staged_.end() && at->second.value == value) staged_.erase(at);
                }
                for (const auto& key : answer.list->needsRestart) {
                    if (std::find(needsRestart_.begin(), needsRestart_.end(), key) == needsRestart_.end())
                        needsRestart_.push_back(key);
                }
                isOutdated_ = false;
                take(*answer.list);
                if (done) done(Result<void>{});
                return;
            }
            takeRefusal(answer.details, answer.list.error());
            if (done) done(answer.list.error());
            changed();
        });
}

void SettingsPresenter::takeRefusal(const api::ErrorDocument& details, const Error& error) {
    bool isAtField = false;
    for (const auto& problem : details.errors) {
        const auto at = staged_.find(problem.field);
        if (at == staged_.end()) continue;
        at->second.problem = problem.detail;
        isAtField = true;
    }
    if (!isAtField && !details.field.empty()) {
        if (const auto at = staged_.find(details.field); at != staged_.end()) {
            at->second.problem = error.text();
            isAtField = true;
        }
    }
    if (details.status == 412) {
        // Read again; the second Apply overwrites on purpose.
        isOutdated_ = true;
        load();
    } else if (!isAtField) {
        problem_ = error;
    }
}

void SettingsPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        items_.clear();
        staged_.clear();
        needsRestart_.clear();
        isApplying_ = isOutdated_ = false;
        problem_.reset();
    }
    changed();
}

void SettingsPresenter::resync() {
    load();
}

void SettingsPresenter::settingsChanged(const api::SettingsEvent& event) {
    if (!isApplying_) {
        for (const auto& key : event.keys) {
            if (staged_.contains(key) && event.revision != revision_) isOutdated_ = true;
        }
    }
    load();
}

void SettingsPresenter::load() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.settings(); },
        [this](const Result<api::SettingList>& answer) {
            if (answer) {
                problem_.reset();
                take(*answer);
            } else {
                problem_ = answer.error();
                changed();
            }
        });
}

void SettingsPresenter::take(const api::SettingList& list) {
    items_ = list.items;
    revision_ = list.revision;
    std::erase_if(staged_, [this](const auto& entry) {
        const auto* item = find(entry.first);
        if (!item) return true;
        return entry.second.problem.empty() && entry.second.value && *entry.second.value == item->value;
    });
    changed();
}

}  // namespace causeway::console
