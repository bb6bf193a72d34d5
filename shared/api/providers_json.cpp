#include "shared/api/providers_json.h"

#include <utility>

namespace causeway::api {

namespace {

constexpr const char* kKinds = "built-in, ldap, radius, http and sql";

/// Keys come from people here, so they are written as text, not as a plain key.
void writeKey(JsonWriter& out, const std::string& name) {
    JsonWriter quoted;
    quoted.value(name);
    const auto text = quoted.take();
    out.key(std::string_view{text}.substr(1, text.size() - 2));
}

const std::string& plain(const std::string& text) {
    return text;
}
const std::string& plain(const Secret& secret) {
    return secret.reveal();
}

template <class T>
void writeTable(JsonWriter& out, std::string_view name, const std::map<std::string, T>& table) {
    out.key(name);
    out.beginObject();
    for (const auto& [key, value] : table) {
        writeKey(out, key);
        out.value(value);
    }
    out.endObject();
}

template <class T>
void writeChanges(JsonWriter& out, std::string_view name, const std::map<std::string, std::optional<T>>& changes) {
    if (changes.empty()) return;
    out.key(name);
    out.beginObject();
    for (const auto& [key, value] : changes) {
        writeKey(out, key);
        if (value) {
            out.value(plain(*value));
        } else {
            out.null();
        }
    }
    out.endObject();
}

/// Numbers and true or false may stand for their text. A problem never repeats the value: it may be a secret.
template <class T>
void readChanges(JsonFields& in, std::string_view name, std::map<std::string, std::optional<T>>& into) {
    in.inside(name, [&into](JsonFields& table) {
        for (auto member = table.object().first(); member; member = member.next()) {
            const std::string key{member.name()};
            switch (member.kind()) {
                case JsonKind::Null:
                    into[key] = std::nullopt;
                    break;
                case JsonKind::True:
                    into[key] = T{std::string("true")};
                    break;
                case JsonKind::False:
                    into[key] = T{std::string("false")};
                    break;
                case JsonKind::Number:
                case JsonKind::Text:
                    into[key] = T{std::string(member.text())};
                    break;
                case JsonKind::Array:
                case JsonKind::Object:
                    table.problem(member.name(), std::string("A value is text, a number, true, false or null, but ") +
                                                     nameOf(member.kind()) + " is there.");
                    break;
            }
        }
    });
}

void writeDraft(JsonWriter& out, const ProviderRequest& request) {
    if (request.name) out.field("name", *request.name);
    if (request.kind) out.field("kind", wordOf(*request.kind));
    if (request.isEnabled) out.field("isEnabled", *request.isEnabled);
    writeChanges(out, "settings", request.settings);
    writeChanges(out, "secrets", request.secrets);
}

void readDraft(JsonFields& in, ProviderRequest& request) {
    in.read("name", request.name);
    if (in.has("kind")) {
        auto kind = ProviderKind::BuiltIn;
        in.readKnownWord("kind", kind, providerKindOf, kKinds);
        request.kind = kind;
    }
    in.read("isEnabled", request.isEnabled);
    readChanges(in, "settings", request.settings);
    readChanges(in, "secrets", request.secrets);
}

void writeHealth(JsonWriter& out, const ProviderHealth& health) {
    out.beginObject();
    out.field("breaker", health.breaker);
    out.fieldOrNever("since", health.since);
    out.fieldOrNever("nextTry", health.nextTry);
    out.field("lastError", health.lastError);
    out.fieldOrNever("lastErrorAt", health.lastErrorAt);
    out.fieldOrNever("lastAnswerAt", health.lastAnswerAt);
    out.field("answerMs", health.answerTime);
    out.field("failures", health.failures);
    out.field("queued", health.queued);
    out.field("running", health.running);
    out.field("finished", health.finished);
    out.field("refused", health.refused);
    out.field("timedOut", health.timedOut);
    out.field("remembered", health.remembered);
    out.endObject();
}

void readHealth(JsonFields& in, ProviderHealth& health) {
    in.read("breaker", health.breaker);
    in.read("since", health.since);
    in.read("nextTry", health.nextTry);
    in.read("lastError", health.lastError);
    in.read("lastErrorAt", health.lastErrorAt);
    in.read("lastAnswerAt", health.lastAnswerAt);
    in.read("answerMs", health.answerTime);
    in.read("failures", health.failures);
    in.read("queued", health.queued);
    in.read("running", health.running);
    in.read("finished", health.finished);
    in.read("refused", health.refused);
    in.read("timedOut", health.timedOut);
    in.read("remembered", health.remembered);
}

}  // namespace

void ProviderRequest::applyTo(Provider& provider) const {
    if (name) provider.name = *name;
    if (kind && provider.id == 0) provider.kind = *kind;
    if (isEnabled) provider.isEnabled = *isEnabled;
    for (const auto& [key, value] : settings) {
        if (value) {
            provider.settings[key] = *value;
        } else {
            provider.settings.erase(key);
        }
    }
    for (const auto& [key, value] : secrets) {
        if (value && !value->empty()) {
            provider.secretsSet.insert(key);
        } else {
            provider.secretsSet.erase(key);
        }
    }
}

void writeJson(JsonWriter& out, const ProviderProblem& problem) {
    out.beginObject();
    out.field("field", problem.field);
    out.field("weight", wordOf(problem.weight));
    out.field("text", problem.text);
    out.field("column", problem.column);
    out.endObject();
}

void readJson(JsonFields& in, ProviderProblem& problem) {
    in.read("field", problem.field);
    in.readWord("weight", problem.weight, problemWeightOf);
    in.read("text", problem.text);
    in.read("column", problem.column);
}

void writeJson(JsonWriter& out, const ProviderView& view) {
    const auto& provider = view.provider;
    out.beginObject();
    out.field("id", provider.id);
    out.field("name", provider.name);
    out.field("kind", wordOf(provider.kind));
    out.field("isEnabled", provider.isEnabled);
    writeTable(out, "settings", provider.settings);
    writeTexts(out, "secretsSet", {provider.secretsSet.begin(), provider.secretsSet.end()});
    out.field("revision", provider.revision);
    out.field("address", view.address);
    out.key("status");
    writeHealth(out, view.health);
    writeTexts(out, "usedBy", view.usedBy);
    writeItems(out, view.warnings, "warnings");
    out.fieldOrNever("revertsAt", view.revert ? view.revert->at : TimePoint{});
    out.field("revertSentence", view.revert ? view.revert->sentence : std::string{});
    out.endObject();
}

void readJson(JsonFields& in, ProviderView& view) {
    auto& provider = view.provider;
    in.read("id", provider.id);
    in.read("name", provider.name);
    in.readWord("kind", provider.kind, providerKindOf);
    in.read("isEnabled", provider.isEnabled);
    std::map<std::string, std::optional<std::string>> settings;
    readChanges(in, "settings", settings);
    for (auto& [key, value] : settings)
        if (value) provider.settings[key] = std::move(*value);
    std::vector<std::string> secrets;
    in.read("secretsSet", secrets);
    provider.secretsSet.insert(secrets.begin(), secrets.end());
    in.read("revision", provider.revision);
    in.read("address", view.address);
    in.inside("status", [&view](JsonFields& status) { readHealth(status, view.health); });
    in.read("usedBy", view.usedBy);
    in.readList("warnings", view.warnings);
    std::optional<TimePoint> revertsAt;
    in.read("revertsAt", revertsAt);
    if (revertsAt) in.read("revertSentence", view.revert.emplace(PendingRevert{*revertsAt, {}}).sentence);
}

void writeJson(JsonWriter& out, const ProviderList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, ProviderList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const ProviderRequest& request) {
    out.beginObject();
    writeDraft(out, request);
    out.endObject();
}

void readJson(JsonFields& in, ProviderRequest& request) {
    readDraft(in, request);
}

void writeJson(JsonWriter& out, const ProviderVerdict& verdict) {
    out.beginObject();
    out.field("address", verdict.address);
    writeItems(out, verdict.problems, "problems");
    out.endObject();
}

void readJson(JsonFields& in, ProviderVerdict& verdict) {
    in.read("address", verdict.address);
    in.readList("problems", verdict.problems);
}

void writeJson(JsonWriter& out, const ProviderTestRequest& request) {
    out.beginObject();
    out.field("id", request.id);
    writeDraft(out, request.draft);
    if (request.login) {
        out.key("login");
        out.beginObject();
        out.field("name", request.login->name);
        out.field("password", request.login->password.reveal());
        out.field("domain", request.login->domain);
        out.endObject();
    }
    out.endObject();
}

void readJson(JsonFields& in, ProviderTestRequest& request) {
    in.read("id", request.id);
    readDraft(in, request.draft);
    in.inside("login", [&request](JsonFields& login) {
        auto& rehearsal = request.login.emplace();
        login.require("name");
        login.read("name", rehearsal.name);
        std::string password;
        login.read("password", password);
        rehearsal.password = Secret{std::move(password)};
        login.read("domain", rehearsal.domain);
    });
}

void writeJson(JsonWriter& out, const DirectoryPerson& person) {
    out.beginObject();
    out.field("localPart", person.localPart);
    out.field("reference", person.reference);
    out.field("displayName", person.displayName);
    out.field("mail", person.mail);
    out.field("department", person.department);
    out.field("isDisabled", person.isDisabled);
    out.field("hasPhoto", person.hasPhoto);
    out.endObject();
}

void readJson(JsonFields& in, DirectoryPerson& person) {
    in.read("localPart", person.localPart);
    in.read("reference", person.reference);
    in.read("displayName", person.displayName);
    in.read("mail", person.mail);
    in.read("department", person.department);
    in.read("isDisabled", person.isDisabled);
    in.read("hasPhoto", person.hasPhoto);
}

void writeJson(JsonWriter& out, const PeopleList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.field("isComplete", list.isComplete);
    out.endObject();
}

void readJson(JsonFields& in, PeopleList& list) {
    in.readList("items", list.items);
    in.read("isComplete", list.isComplete);
}

void writeJson(JsonWriter& out, const ProvidersEvent& event) {
    out.beginObject();
    writeItems(out, event.changed, "changed");
    out.key("removed");
    out.beginArray();
    for (const auto id : event.removed)
        out.value(id);
    out.endArray();
    out.endObject();
}

void readJson(JsonFields& in, ProvidersEvent& event) {
    in.readList("changed", event.changed);
    in.read("removed", event.removed);
}

}  // namespace causeway::api
