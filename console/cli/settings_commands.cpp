#include <memory>

#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

void tellErrors(Session& session, const std::vector<api::FieldProblem>& errors) {
    for (const auto& error : errors) {
        session.err() << "  " << (error.field.empty() ? "file" : error.field);
        if (error.line > 0) session.err() << " (line " << error.line << ", column " << error.column << ")";
        session.err() << ": " << error.detail << "\n";
    }
}

Exit listSettings(Session& session, bool onlyChanged) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto list = client->settings();
    if (!list) return session.fail(list.error());
    return session.print(*list, [&] {
        Table table{{{"SETTING"}, {"VALUE"}, {"UNIT"}, {"DEFAULT"}, {""}}};
        for (const auto& item : list->items) {
            if (onlyChanged && item.isDefault) continue;
            table.add({item.key, item.value.empty() ? "\"\"" : item.value, item.unit,
                       item.isDefault ? "" : (item.standard.empty() ? "\"\"" : item.standard),
                       item.needsRestart ? "needs a restart" : ""});
        }
        session.out() << table.text();
    });
}

Exit getSetting(Session& session, const std::string& key) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto list = client->settings();
    if (!list) return session.fail(list.error());
    for (const auto& item : list->items) {
        if (item.key == key) return session.print(item, [&] { session.out() << item.value << "\n"; });
    }
    return session.fail(
        {Code::NotFound, "There is no setting \"" + key + "\".", "", "causewayctl settings list shows all of them."});
}

Exit setSettings(Session& session, const api::SettingChanges& changes) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    api::ErrorDocument details;
    const auto list = client->changeSettings(changes, std::nullopt, &details);
    if (!list) {
        const auto exit = session.fail(list.error());
        if (!session.json() && details.errors.size() > 1) tellErrors(session, details.errors);
        return exit;
    }
    return session.print(*list, [&] {
        for (const auto& [key, value] : changes.items) {
            for (const auto& item : list->items) {
                if (item.key == key) session.out() << key << " = " << item.value << "\n";
            }
        }
        for (const auto& key : list->needsRestart)
            session.out() << key << " takes effect after a restart of the service.\n";
    });
}

/// "KEY VALUE" or any number of "KEY=VALUE".
Exit setWords(Session& session, const std::vector<std::string>& words) {
    api::SettingChanges changes;
    if (words.size() == 2 && words[0].find('=') == std::string::npos) {
        changes.items.emplace_back(words[0], words[1]);
    } else {
        for (const auto& word : words) {
            const auto mark = word.find('=');
            if (mark == std::string::npos) return session.usage("Write KEY VALUE, or KEY=VALUE KEY=VALUE ...");
            changes.items.emplace_back(word.substr(0, mark), word.substr(mark + 1));
        }
    }
    return setSettings(session, changes);
}

std::string clockText(const std::optional<ClockOffset>& clock) {
    if (!clock) return "-";
    const auto millis = clock->offset.count();
    return (millis > 0 ? "+" : "") + std::to_string(millis) + " ms (+-" + std::to_string(clock->bound.count()) + ")";
}

Exit listBases(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto bases = client->bases();
    if (!bases) return session.fail(bases.error());
    // A service of last year has no links.
    const auto house = client->links();
    const auto linkOf = [&house](std::uint64_t base) -> const BaseLink* {
        if (!house) return nullptr;
        for (const auto& link : house->links)
            if (link.base == base) return &link;
        return nullptr;
    };
    return session.print(api::BaseList{*bases}, [&] {
        Table table{{{"ID", Table::Align::Right}, {"NAME"}, {"LINK"}, {"VERSION"}, {"CLOCK"}, {"SEGMENTS"}, {"NOTE"}}};
        for (const auto& base : *bases) {
            std::string segments;
            for (const auto& segment : base.segments)
                segments += (segments.empty() ? "" : " ") + segment.text();
            const auto* link = linkOf(base.id);
            table.add({std::to_string(base.id), base.name, link ? wordOf(link->state) : "-",
                       link && !link->version.empty() ? link->version : "-",
                       link ? clockText(link->clock) : std::string("-"), segments, base.note});
        }
        session.out() << table.text();
        if (!house) return;
        if (!house->problem.empty()) session.out() << "Nobody can connect: " << house->problem << "\n";
        for (const auto& link : house->links) {
            session.out() << link.baseName << ": " << link.sentence << (link.todo.empty() ? "" : " ") << link.todo
                          << "\n";
        }
    });
}

Exit listLinks(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto house = client->links();
    if (!house) return session.fail(house.error());
    return session.print(*house, [&] {
        session.out() << "Own certificate: " << house->fingerprint << "\n";
        session.out() << "Listens on: " << (house->listen.empty() ? "nothing (bases.link_listen)" : house->listen)
                      << (house->problem.empty() ? "" : ", " + house->problem) << "\n";
        for (const auto& link : house->links) {
            session.out() << link.baseName << ": " << wordOf(link.state) << ". " << link.sentence
                          << (link.todo.empty() ? "" : " ") << link.todo << "\n";
        }
    });
}

Exit inviteBase(Session& session, const api::InvitationRequest& request) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto made = client->inviteBase(request);
    if (!made) return session.fail(made.error());
    return session.print(*made, [&] {
        session.out() << made->text << "\n";
        session.err() << "Good once, until " << isoText(made->endsAt)
                      << ". On the other side: causewayctl bases link \"...\" with this line. Whoever has the line can "
                         "use it: send it as you send passwords.\n";
    });
}

Exit linkBase(Session& session, const api::LinkRequest& request) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto link = client->linkBase(request);
    if (!link) return session.fail(link.error());
    return session.done(*link, "Base " + link->baseName + ": " + wordOf(link->state) + ". " + link->sentence +
                                   (link->todo.empty() ? "" : " " + link->todo));
}

Exit unlinkBase(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto bases = client->bases();
    if (!bases) return session.fail(bases.error());
    for (const auto& base : *bases) {
        if (lowerAscii(base.name) != lowerAscii(name) && std::to_string(base.id) != name) continue;
        if (auto done = client->unlinkBase(base.id); !done) return session.fail(done.error());
        return session.done("Base " + base.name + " is not linked any more.");
    }
    return session.fail(
        {Code::NotFound, "There is no base \"" + name + "\".", "", "causewayctl bases list shows all of them."});
}

Exit addBase(Session& session, const std::string& name, const std::vector<std::string>& segments,
             const std::string& note) {
    BaseSite base;
    base.name = name;
    base.note = note;
    for (const auto& text : segments) {
        const auto segment = Network4::parse(text);
        if (!segment)
            return session.usage("\"" + text + "\" is not a segment such as 10.1.0.0/24; the host part must be zero.");
        base.segments.push_back(*segment);
    }
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto added = client->addBase(base);
    if (!added) return session.fail(added.error());
    return session.done(*added, "Base " + added->name + " was added.");
}

Exit removeBase(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto bases = client->bases();
    if (!bases) return session.fail(bases.error());
    for (const auto& base : *bases) {
        if (lowerAscii(base.name) != lowerAscii(name) && std::to_string(base.id) != name) continue;
        if (auto removed = client->removeBase(base.id); !removed) return session.fail(removed.error());
        return session.done("Base " + base.name + " was removed.");
    }
    return session.fail(
        {Code::NotFound, "There is no base \"" + name + "\".", "", "causewayctl bases list shows all of them."});
}

Exit exportConfig(Session& session, const std::string& file) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto text = client->exportConfig();
    if (!text) return session.fail(text.error());
    if (file == "-") {
        session.out() << *text << "\n";
        return Exit::Yes;
    }
    if (auto written = Session::writeFile(file, *text + "\n"); !written) return session.fail(written.error());
    return session.done("The configuration is in " + file + ".");
}

Exit checkConfig(Session& session, const std::string& file) {
    const auto text = session.readFile(file);
    if (!text) return session.fail(text.error());
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto verdict = client->checkConfig(*text);
    if (!verdict) return session.fail(verdict.error());
    session.print(*verdict, [&] {
        if (verdict->isValid) {
            session.out() << "The file can be imported.\n";
            for (const auto& note : verdict->notes)
                session.out() << note << "\n";
        } else {
            session.err() << "The file cannot be imported:\n";
            tellErrors(session, verdict->errors);
        }
    });
    return verdict->isValid ? Exit::Yes : Exit::Negative;
}

Exit importConfig(Session& session, const std::string& file) {
    const auto text = session.readFile(file);
    if (!text) return session.fail(text.error());
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    api::ErrorDocument details;
    const auto applied = client->importConfig(*text, &details);
    if (!applied) {
        const auto exit = session.fail(applied.error());
        if (!session.json() && details.errors.size() > 1) tellErrors(session, details.errors);
        return exit;
    }
    return session.print(*applied, [&] {
        session.out() << applied->settings << " settings changed, " << applied->ranges << " ranges and "
                      << applied->bases << " bases are there now; " << applied->providers << " providers and "
                      << applied->domains << " chat domains were added or changed.\n";
        for (const auto& key : applied->needsRestart)
            session.out() << key << " takes effect after a restart of the service.\n";
        for (const auto& note : applied->notes)
            session.out() << note << "\n";
    });
}

}  // namespace

void addSettingsCommands(CLI::App& app, Action& action) {
    auto* settings = app.add_subcommand("settings", "Settings of the service");
    auto onlyChanged = std::make_shared<bool>(false);
    const Action listing = [onlyChanged](Session& session) { return listSettings(session, *onlyChanged); };
    settings->callback([&action, listing] {
        if (!action) action = listing;
    });
    auto* list = settings->add_subcommand("list", "All settings");
    list->add_flag("--changed", *onlyChanged, "Only those that differ from the default");
    list->callback([&action, listing] { action = listing; });
    auto* get = settings->add_subcommand("get", "Value of one setting");
    auto key = std::make_shared<std::string>();
    get->add_option("key", *key, "Name of the setting")->required();
    get->callback([&action, key] { action = [key](Session& session) { return getSetting(session, *key); }; });
    auto* set = settings->add_subcommand("set", "Changes settings, all or none: KEY VALUE, or KEY=VALUE ...");
    auto words = std::make_shared<std::vector<std::string>>();
    set->add_option("words", *words, "KEY VALUE, or KEY=VALUE ...")->required();
    set->callback([&action, words] { action = [words](Session& session) { return setWords(session, *words); }; });
    auto* reset = settings->add_subcommand("reset", "Back to the default");
    auto keys = std::make_shared<std::vector<std::string>>();
    reset->add_option("key", *keys, "Names of settings")->required();
    reset->callback([&action, keys] {
        action = [keys](Session& session) {
            api::SettingChanges changes;
            for (const auto& name : *keys)
                changes.items.emplace_back(name, std::nullopt);
            return setSettings(session, changes);
        };
    });

    auto* bases = app.add_subcommand("bases", "Bases: sites of the company with their segments");
    bases->callback([&action] {
        if (!action) action = listBases;
    });
    bases->add_subcommand("list", "All bases")->callback([&action] { action = listBases; });
    auto* adding = bases->add_subcommand("add", "Adds a base");
    auto name = std::make_shared<std::string>();
    auto segments = std::make_shared<std::vector<std::string>>();
    auto note = std::make_shared<std::string>();
    adding->add_option("name", *name, "Name of the base")->required();
    adding->add_option("segments", *segments, "Its segments, such as 10.1.0.0/24");
    adding->add_option("--note", *note, "Free text");
    adding->callback([&action, name, segments, note] {
        action = [name, segments, note](Session& session) { return addBase(session, *name, *segments, *note); };
    });
    bases->add_subcommand("links", "Links to the services of other bases")->callback([&action] { action = listLinks; });
    auto* inviting = bases->add_subcommand("invite", "Makes an invitation for the service of another base");
    auto invitation = std::make_shared<api::InvitationRequest>();
    inviting->add_option("name", invitation->name, "Name of the base that is invited; added if there is none")
        ->required();
    inviting->add_option("--minutes", invitation->minutes, "How long it is good, up to 10080")->capture_default_str();
    inviting->add_option("--address", invitation->address, "Under which the other side reaches this service");
    inviting->callback([&action, invitation] {
        action = [invitation](Session& session) { return inviteBase(session, *invitation); };
    });
    auto* linking = bases->add_subcommand("link", "Uses the invitation of another base's service");
    auto wish = std::make_shared<api::LinkRequest>();
    linking->add_option("invitation", wish->invitation, "The line that \"bases invite\" wrote there")->required();
    linking->add_option("--base", wish->name, "How its base is called here; else as it calls itself");
    linking->callback([&action, wish] { action = [wish](Session& session) { return linkBase(session, *wish); }; });
    auto* unlinking = bases->add_subcommand("unlink", "Takes the link to another base's service away");
    unlinking->add_option("name", *name, "Name or id of the base")->required();
    unlinking->callback([&action, name] { action = [name](Session& session) { return unlinkBase(session, *name); }; });
    auto* removing = bases->add_subcommand("remove", "Removes a base");
    removing->add_option("name", *name, "Name or id of the base")->required();
    removing->callback([&action, name] { action = [name](Session& session) { return removeBase(session, *name); }; });

    auto* config =
        app.add_subcommand("config", "Settings, ranges, bases, administrators, providers and chat domains as one file");
    config->require_subcommand(1);
    const auto withFile = [&](const char* word, const char* help, Exit (*command)(Session&, const std::string&)) {
        auto* sub = config->add_subcommand(word, help);
        auto file = std::make_shared<std::string>("-");
        sub->add_option("file", *file, "File, - = standard input or output")->capture_default_str();
        sub->callback([&action, file, command] {
            action = [file, command](Session& session) { return command(session, *file); };
        });
    };
    withFile("export", "Writes the configuration; no secret and no built-in account is in it", exportConfig);
    withFile("check", "Tells everything that is wrong with a file; 1 if something is", checkConfig);
    withFile("import", "Takes over a file, all or nothing", importConfig);
}

}  // namespace causeway::cli
