#include <algorithm>
#include <memory>

#include "console/cli/chat_lookup.h"
#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

/// What the options say of a provider; secrets come from files, a terminal or standard input, never from the command
/// line, where other users of the machine see them.
struct DraftOptions {
    std::string name;  ///< which one
    std::string newName;
    std::string kind;
    std::string preset;
    std::vector<std::string> settings;
    std::vector<std::string> settingFiles;
    std::vector<std::string> unset;
    std::vector<std::string> secrets;
    std::vector<std::string> secretFiles;
    std::vector<std::string> withoutSecrets;
    bool turnOn = false;
    bool turnOff = false;
};

std::string withoutLastLine(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.pop_back();
    return text;
}

Result<api::ProviderRequest> requestOf(Session& session, const DraftOptions& options) {
    api::ProviderRequest request;
    if (!options.preset.empty()) {
        for (const auto& preset : providerPresets()) {
            if (preset.word != options.preset) continue;
            request.kind = preset.kind;
            for (const auto& [key, value] : preset.settings)
                request.settings[std::string(key)] = std::string(value);
        }
    }
    if (!options.kind.empty()) request.kind = providerKindOf(options.kind);
    if (!options.newName.empty()) request.name = options.newName;
    if (options.turnOn) request.isEnabled = true;
    if (options.turnOff) request.isEnabled = false;
    for (const auto& word : options.settings) {
        auto pair = keyAndRest(word);
        if (!pair) return pair.error();
        request.settings[pair->first] = pair->second;
    }
    for (const auto& word : options.settingFiles) {
        const auto pair = keyAndRest(word);
        if (!pair) return pair.error();
        auto text = session.readFile(pair->second);
        if (!text) return text.error();
        request.settings[pair->first] = withoutLastLine(std::move(*text));
    }
    for (const auto& key : options.unset)
        request.settings[key] = std::nullopt;
    for (const auto& word : options.secretFiles) {
        const auto pair = keyAndRest(word);
        if (!pair) return pair.error();
        auto text = session.readFile(pair->second);
        if (!text) return text.error();
        request.secrets[pair->first] = Secret{withoutLastLine(std::move(*text))};
    }
    for (const auto& key : options.secrets) {
        if (key.find('=') != std::string::npos) {
            return Error{Code::BadInput, "A secret does not belong on the command line.",
                         "Other users of this machine can read it there.",
                         "Write --secret KEY and type it when asked, or --secret-file KEY=FILE."};
        }
        auto secret = session.terminal().askPassword(key);
        if (!secret) return secret.error();
        if (secret->empty())
            return Error{Code::BadInput, "The secret " + key + " is empty.", "", "--no-secret takes one away."};
        request.secrets[key] = std::move(*secret);
    }
    for (const auto& key : options.withoutSecrets)
        request.secrets[key] = std::nullopt;
    return request;
}

std::string stateText(const ProviderView& view, TimePoint now) {
    if (view.revert) return "waits to be confirmed";
    if (!view.provider.isEnabled) return "off";
    if (!missingSecrets(view.provider).empty()) return "needs its password";
    if (view.health.breaker == "open")
        return "not asked for another " + spanText(std::max(Duration{0}, view.health.nextTry - now));
    if (view.health.failures > 0) return std::to_string(view.health.failures) + " failures";
    if (view.health.lastErrorAt > view.health.lastAnswerAt) return "its last test failed";
    return "ready";
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text.empty() ? "-" : text;
}

std::optional<TimePoint> maybe(TimePoint when) {
    return epochMillis(when) == 0 ? std::nullopt : std::optional{when};
}

Exit list(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto all = client->providers();
    if (!all) return session.fail(all.error());
    return session.print(api::ProviderList{*all}, [&] {
        Table table{
            {{"ID", Table::Align::Right}, {"NAME"}, {"KIND"}, {"ADDRESS"}, {"STATE"}, {"LAST ANSWER"}, {"ASKED BY"}}};
        for (const auto& view : *all) {
            table.add({std::to_string(view.provider.id), view.provider.name, wordOf(view.provider.kind), view.address,
                       stateText(view, Session::now()), agoText(maybe(view.health.lastAnswerAt), Session::now()),
                       joined(view.usedBy)});
        }
        session.out() << table.text();
    });
}

void tellView(Session& session, const ProviderView& view) {
    const auto& provider = view.provider;
    auto& out = session.out();
    out << provider.name << " (" << provider.id << "), " << labelOf(provider.kind) << ", "
        << stateText(view, Session::now()) << "\n";
    if (!view.address.empty()) out << "address: " << view.address << "\n";
    out << "asked by: " << joined(view.usedBy) << "\n";
    for (const auto& field : providerFields(provider.kind)) {
        const std::string key{field.key};
        if (field.type == FieldType::Secret) {
            if (provider.secretsSet.contains(key)) out << key << ": " << Secret::shown() << "\n";
            continue;
        }
        if (!provider.isUsed(field)) continue;
        const bool isSet = provider.settings.contains(key);
        const auto value = provider.value(key);
        if (!value.empty()) out << key << ": " << cleanUtf8(value) << (isSet ? "" : " (standard)") << "\n";
    }
    const auto& health = view.health;
    out << "breaker: " << plainWords(health.breaker) << ", last answer "
        << agoText(maybe(health.lastAnswerAt), Session::now());
    if (health.answerTime) out << " within " << health.answerTime->count() << " ms";
    out << "; logins: " << countText(health.finished) << " done, " << health.running << " run, " << health.queued
        << " wait, " << countText(health.refused) << " refused, " << countText(health.timedOut) << " without answer\n";
    if (!health.lastError.empty()) {
        out << "last error: " << cleanUtf8(health.lastError) << " ("
            << agoText(maybe(health.lastErrorAt), Session::now()) << ")\n";
    }
    if (health.remembered > 0) out << "could log in during an outage: " << health.remembered << "\n";
    for (const auto& warning : view.warnings)
        out << wordOf(warning.weight) << ": " << (warning.field.empty() ? "" : warning.field + ": ")
            << cleanUtf8(warning.text) << "\n";
    if (view.revert)
        out << waitText(*view.revert, Session::now(), "causewayctl providers confirm \"" + provider.name + "\"");
}

Exit show(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto view = findProvider(*client, name);
    if (!view) return session.fail(view.error());
    return session.print(*view, [&] { tellView(session, *view); });
}

Exit saved(Session& session, const ProviderView& view, const std::string& sentence) {
    return session.print(view, [&] {
        session.out() << sentence << "\n";
        for (const auto& warning : view.warnings)
            session.out() << wordOf(warning.weight) << ": " << (warning.field.empty() ? "" : warning.field + ": ")
                          << cleanUtf8(warning.text) << "\n";
        if (view.revert)
            session.out() << waitText(*view.revert, Session::now(),
                                      "causewayctl providers confirm \"" + view.provider.name + "\"");
    });
}

Exit add(Session& session, DraftOptions options) {
    options.newName = options.name;
    auto request = requestOf(session, options);
    if (!request) return session.usage(request.error().text());
    if (!request->kind) return session.usage("Say what kind it is: --kind ldap, radius, http or sql, or --preset.");
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    api::ErrorDocument details;
    const auto added = client->addProvider(*request, &details);
    if (!added) return failWithFields(session, added.error(), details);
    return saved(session, *added, added->provider.name + " was added.");
}

Exit change(Session& session, const DraftOptions& options) {
    auto request = requestOf(session, options);
    if (!request) return session.usage(request.error().text());
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto view = findProvider(*client, options.name);
    if (!view) return session.fail(view.error());
    api::ErrorDocument details;
    const auto changed = client->changeProvider(view->provider.id, *request, view->provider.revision, &details);
    if (!changed) return failWithFields(session, changed.error(), details);
    return saved(session, *changed, changed->provider.name + " was changed.");
}

Exit remove(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto view = findProvider(*client, name);
    if (!view) return session.fail(view.error());
    if (auto removed = client->removeProvider(view->provider.id); !removed) return session.fail(removed.error());
    return session.done(view->provider.name + " was removed.");
}

Exit test(Session& session, const DraftOptions& options, const std::string& login, const std::string& domain) {
    auto draft = requestOf(session, options);
    if (!draft) return session.usage(draft.error().text());
    api::ProviderTestRequest request;
    request.draft = std::move(*draft);
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (options.name.empty()) {
        if (!request.draft.kind) return session.usage("Name a stored provider, or say what kind the new one is.");
        if (!request.draft.name) request.draft.name = "New provider";
    } else {
        const auto view = findProvider(*client, options.name);
        if (!view) return session.fail(view.error());
        request.id = view->provider.id;
    }
    if (!login.empty()) {
        auto password = session.terminal().askPassword("Password of " + login);
        if (!password) return session.fail(password.error());
        request.login = api::RehearsalRequest{login, std::move(*password), domain};
    }
    api::ErrorDocument details;
    const auto proof = client->testProvider(request, &details);
    if (!proof) return failWithFields(session, proof.error(), details);
    session.print(*proof, [&] { session.out() << proofText(*proof); });
    return proof->state == ProofState::Fine ? Exit::Yes : Exit::Negative;
}

Exit users(Session& session, const std::string& name, const std::string& filter, std::size_t limit) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto view = findProvider(*client, name);
    if (!view) return session.fail(view.error());
    const auto people = client->providerUsers(view->provider.id, limit, filter);
    if (!people) return session.fail(people.error());
    session.print(*people, [&] {
        Table table{{{"USER"}, {"NAME"}, {"MAIL"}, {"DEPARTMENT"}, {"STATE"}, {"FOUND AT"}}};
        for (const auto& each : people->items) {
            table.add({each.localPart, each.displayName, each.mail, each.department,
                       each.isDisabled ? "disabled" : "enabled", each.reference});
        }
        session.out() << table.text();
        if (!people->isComplete) session.err() << "There are more; narrow the list with --filter, or raise --limit.\n";
    });
    return people->items.empty() ? Exit::Negative : Exit::Yes;
}

Exit settle(Session& session, const std::string& name, bool isConfirmed) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto view = findProvider(*client, name);
    if (!view) return session.fail(view.error());
    const auto id = view->provider.id;
    if (auto done = isConfirmed ? client->confirmProvider(id) : client->revertProvider(id); !done)
        return session.fail(done.error());
    return session.done(view->provider.name + (isConfirmed ? " stays as it is." : " is as it was before the change."));
}

void addDraftOptions(CLI::App* command, const std::shared_ptr<DraftOptions>& options) {
    std::vector<std::string> presets;
    for (const auto& preset : providerPresets())
        presets.emplace_back(preset.word);
    command->add_option("--kind", options->kind, "Of a new one: ldap, radius, http, sql")
        ->check(CLI::IsMember({"ldap", "radius", "http", "sql"}));
    command->add_option("--preset", options->preset, "Starts with the values for a well-known product")
        ->check(CLI::IsMember(presets));
    command->add_option("--set", options->settings, "Sets a field; causewayctl providers fields KIND names them")
        ->type_name("KEY=VALUE")
        ->take_all();
    command->add_option("--set-file", options->settingFiles, "Sets a field to what is in a file, such as certificates")
        ->type_name("KEY=FILE")
        ->take_all();
    command->add_option("--unset", options->unset, "Puts a field back to its standard")->type_name("KEY")->take_all();
    command->add_option("--secret", options->secrets, "Asks for a secret, or reads a line of standard input")
        ->type_name("KEY")
        ->take_all();
    command->add_option("--secret-file", options->secretFiles, "Reads a secret from a file; - is standard input")
        ->type_name("KEY=FILE")
        ->take_all();
    command->add_option("--no-secret", options->withoutSecrets, "Takes a secret away")->type_name("KEY")->take_all();
}

Exit showFields(Session& session, const std::string& word) {
    const auto kind = providerKindOf(word);
    if (!kind) return session.usage("There is no kind of provider \"" + word + "\".");
    Table table{{{"KEY"}, {"DEFAULT"}, {"WHAT"}}};
    for (const auto& field : providerFields(*kind)) {
        std::string help = std::string(field.label) + (field.isNeeded ? " (needed)" : "");
        if (!field.choices.empty()) help += "; one of " + std::string(field.choices);
        if (!field.onlyWhen.empty()) help += "; only with " + std::string(field.onlyWhen);
        if (field.type == FieldType::Secret) help += "; a secret: --secret-file or --secret";
        table.add({std::string(field.key), std::string(field.standard), help});
    }
    session.out() << table.text();
    return Exit::Yes;
}

}  // namespace

void addProvidersCommands(CLI::App& app, Action& action) {
    auto options = std::make_shared<DraftOptions>();
    auto login = std::make_shared<std::string>();
    auto domain = std::make_shared<std::string>();
    auto filter = std::make_shared<std::string>();
    auto limit = std::make_shared<std::size_t>(200);

    auto* providers = app.add_subcommand("providers", "Where passwords are checked: LDAP, RADIUS, HTTP, SQL");
    providers->callback([&action] {
        if (!action) action = list;
    });
    providers->add_subcommand("list", "All providers with their state")->callback([&action] { action = list; });
    const auto withName = [&action, providers, options](const char* word, const char* help, const Action& command) {
        auto* sub = providers->add_subcommand(word, help);
        sub->add_option("name", options->name, "Name or id")->required();
        sub->callback([&action, command] { action = command; });
        return sub;
    };
    auto* fields = providers->add_subcommand("fields", "The settings that a kind of provider has");
    fields->add_option("kind", options->kind, "ldap, radius, http or sql")
        ->required()
        ->check(CLI::IsMember({"ldap", "radius", "http", "sql"}));
    fields->callback(
        [&action, options] { action = [options](Session& session) { return showFields(session, options->kind); }; });
    withName("show", "One provider with its fields",
             [options](Session& session) { return show(session, options->name); });
    auto* adding = withName("add", "Adds a provider", [options](Session& session) { return add(session, *options); });
    addDraftOptions(adding, options);
    adding->add_flag("--off", options->turnOff, "Not asked for the time being");
    auto* changing =
        withName("change", "Changes a provider", [options](Session& session) { return change(session, *options); });
    addDraftOptions(changing, options);
    changing->add_option("--name", options->newName, "Another name");
    auto* on = changing->add_flag("--on", options->turnOn, "Turns it on");
    changing->add_flag("--off", options->turnOff, "Turns it off")->excludes(on);
    withName("remove", "Removes a provider that no chat domain asks",
             [options](Session& session) { return remove(session, options->name); });
    auto* testing = providers->add_subcommand(
        "test", "Tests a provider step by step, with changes that are not saved; 0 only if all is fine");
    testing->add_option("name", options->name, "Name or id; none tests a new one made of the options");
    addDraftOptions(testing, options);
    testing->add_option("--login", *login, "Rehearses a login; the password is asked for")->type_name("USER");
    testing->add_option("--domain", *domain, "Chat domain of the login");
    testing->callback([&action, options, login, domain] {
        action = [options, login, domain](Session& session) { return test(session, *options, *login, *domain); };
    });
    auto* people = withName("users", "People of the directory", [options, filter, limit](Session& session) {
        return users(session, options->name, *filter, *limit);
    });
    people->add_option("--filter", *filter, "Part of name, mail or department");
    people->add_option("--limit", *limit, "At most so many")->check(CLI::Range(1, 1000))->capture_default_str();
    withName("confirm", "Keeps a change that would go back by itself",
             [options](Session& session) { return settle(session, options->name, true); });
    withName("revert", "Takes such a change back now",
             [options](Session& session) { return settle(session, options->name, false); });
}

}  // namespace causeway::cli
