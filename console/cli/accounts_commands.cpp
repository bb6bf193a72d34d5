#include <memory>

#include "console/cli/chat_lookup.h"
#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

struct AccountOptions {
    std::string address;
    std::string domain;
    std::string file = "-";
    std::string filter;
    std::string from;
    std::optional<std::string> name;
    std::optional<std::string> mail;
    std::optional<std::string> department;
    bool isDisabled = false;
    bool isEnabled = false;
    bool asksPassword = false;
    bool isDry = false;
};

/// Asked twice on a terminal, since nobody sees what is typed.
Result<Secret> newPassword(Session& session, const std::string& address) {
    auto first = session.terminal().askPassword("New password of " + address);
    if (!first || !session.terminal().isInteractive()) return first;
    auto second = session.terminal().askPassword("Once more");
    if (!second) return second;
    if (!(*first == *second)) return Error{Code::BadInput, "The two passwords are not the same.", "", "Try again."};
    return first;
}

api::AccountRequest requestOf(const AccountOptions& options) {
    api::AccountRequest request;
    request.displayName = options.name;
    request.mail = options.mail;
    request.department = options.department;
    if (options.isDisabled) request.isDisabled = true;
    if (options.isEnabled) request.isDisabled = false;
    return request;
}

Exit list(Session& session, const AccountOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto domain = findDomain(*client, options.domain);
    if (!domain) return session.fail(domain.error());
    api::AccountPage all;
    do {
        auto page = client->accounts(domain->id, options.filter, all.next, 1000);
        if (!page) return session.fail(page.error());
        all.items.insert(all.items.end(), page->items.begin(), page->items.end());
        all.next = page->next;
        all.total = page->total;
    } while (!all.next.empty());
    return session.print(all, [&] {
        Table table{
            {{"ID", Table::Align::Right}, {"USER"}, {"NAME"}, {"MAIL"}, {"DEPARTMENT"}, {"STATE"}, {"PASSWORD"}}};
        for (const auto& each : all.items) {
            table.add({std::to_string(each.id), each.localPart, each.displayName, each.mail, each.department,
                       each.isDisabled ? "disabled" : "enabled", agoText(each.passwordChangedAt, Session::now())});
        }
        session.out() << table.text();
    });
}

Exit add(Session& session, const AccountOptions& options) {
    const auto at = options.address.rfind('@');
    if (at == std::string::npos) return session.usage("Write the account with its chat domain: ann@chat.example.com.");
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto domain = findDomain(*client, options.address.substr(at + 1));
    if (!domain) return session.fail(domain.error());
    auto password = newPassword(session, options.address);
    if (!password) return session.fail(password.error());
    auto request = requestOf(options);
    request.localPart = options.address.substr(0, at);
    request.password = std::move(*password);
    api::ErrorDocument details;
    const auto added = client->addAccount(domain->id, request, &details);
    if (!added) return failWithFields(session, added.error(), details);
    for (const auto& warning : added->warnings)
        session.err() << "Warning: " << cleanUtf8(warning) << "\n";
    const auto& account = added->account;
    return session.done(*added, account.localPart + "@" + account.domain + " was added.");
}

Exit change(Session& session, const AccountOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto account = findAccount(*client, options.address);
    if (!account) return session.fail(account.error());
    auto request = requestOf(options);
    if (options.asksPassword) {
        auto password = newPassword(session, account->localPart + "@" + account->domain);
        if (!password) return session.fail(password.error());
        request.password = std::move(*password);
    }
    api::ErrorDocument details;
    const auto changed = client->changeAccount(account->id, request, account->revision, &details);
    if (!changed) return failWithFields(session, changed.error(), details);
    return session.done(*changed, changed->localPart + "@" + changed->domain + " was changed.");
}

Exit remove(Session& session, const AccountOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto account = findAccount(*client, options.address);
    if (!account) return session.fail(account.error());
    if (auto removed = client->removeAccount(account->id); !removed) return session.fail(removed.error());
    return session.done(account->localPart + "@" + account->domain + " was removed.");
}

Exit import(Session& session, const AccountOptions& options) {
    auto text = session.readFile(options.file);
    if (!text) return session.fail(text.error());
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto domain = findDomain(*client, options.domain);
    if (!domain) return session.fail(domain.error());
    api::ErrorDocument details;
    // JSON carries UTF-8 only, so a file of another encoding would arrive with other names than it has.
    const auto answer =
        isValidUtf8(*text)
            ? client->importAccounts(domain->id, {std::move(*text), options.isDry}, &details)
            : Result<api::AccountImportAnswer>{{options.isDry, 0, {}, parseAccountImport(*text).problems, {}}};
    if (!answer) return failWithFields(session, answer.error(), details);
    session.print(*answer, [&] {
        for (const auto& problem : answer->problems)
            session.err() << (problem.line == 0 ? std::string() : "line " + std::to_string(problem.line) + ": ")
                          << cleanUtf8(problem.text) << "\n";
        for (const auto& warning : answer->warnings)
            session.err() << "Warning: "
                          << (warning.line == 0 ? std::string() : "line " + std::to_string(warning.line) + ": ")
                          << cleanUtf8(warning.text) << "\n";
        if (!answer->problems.empty()) {
            session.err() << "Nobody was added. Mend these lines and import the file again.\n";
        } else if (answer->isDry) {
            for (const auto& name : answer->names)
                session.out() << name << "@" << domain->shown << "\n";
        } else {
            session.out() << countText(answer->added) << (answer->added == 1 ? " account was" : " accounts were")
                          << " added to " << domain->shown << ".\n";
        }
    });
    return answer->problems.empty() ? Exit::Yes : Exit::Negative;
}

Exit testLogin(Session& session, const AccountOptions& options) {
    const auto at = options.address.rfind('@');
    if (at == std::string::npos) return session.usage("Write the name with its chat domain: ann@chat.example.com.");
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto domain = findDomain(*client, options.address.substr(at + 1));
    if (!domain) return session.fail(domain.error());
    auto password = session.terminal().askPassword("Password of " + options.address);
    if (!password) return session.fail(password.error());
    const auto trail =
        client->testLogin(domain->id, {options.address.substr(0, at), std::move(*password), options.from});
    if (!trail) return session.fail(trail.error());
    session.print(*trail, [&] {
        session.out() << trail->address << ": " << plainWords(trail->outcome) << ". " << cleanUtf8(trail->sentence)
                      << "\n";
        if (!trail->todo.empty()) session.out() << "-> " << cleanUtf8(trail->todo) << "\n";
        Table table{{{"PROVIDER"}, {"SAID"}, {"TOOK", Table::Align::Right}, {"FAILED AT"}, {"WHY"}}};
        for (const auto& step : trail->steps) {
            table.add({step.name, plainWords(step.outcome) + (step.wasRemembered ? " (remembered)" : ""),
                       std::to_string(step.took.count()) + " ms", step.failedAt.empty() ? "-" : step.failedAt,
                       step.why});
        }
        if (!table.isEmpty()) session.out() << table.text();
    });
    return trail->outcome == "right" ? Exit::Yes : Exit::Negative;
}

Exit settleDomain(Session& session, const std::string& name, bool isConfirmed) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto domain = findDomain(*client, name);
    if (!domain) return session.fail(domain.error());
    if (auto done = isConfirmed ? client->confirmDomain(domain->id) : client->revertDomain(domain->id); !done)
        return session.fail(done.error());
    return session.done("The chain of " + domain->shown +
                        (isConfirmed ? " stays as it is." : " is as it was before the change."));
}

CLI::App* subcommandOf(CLI::App& app, const std::string& name, const char* help) {
    for (auto* each : app.get_subcommands([&name](const CLI::App* sub) { return sub->get_name() == name; }))
        return each;
    return app.add_subcommand(name, help);
}

}  // namespace

void addAccountsCommands(CLI::App& app, Action& action) {
    auto options = std::make_shared<AccountOptions>();
    const auto run = [&action, options](CLI::App* sub, Exit (*command)(Session&, const AccountOptions&)) {
        sub->callback([&action, options, command] {
            action = [options, command](Session& session) { return command(session, *options); };
        });
        return sub;
    };
    const auto details = [options](CLI::App* sub) {
        sub->add_option("--name", options->name, "Name for people");
        sub->add_option("--mail", options->mail, "Mail address");
        sub->add_option("--department", options->department, "Department");
        sub->add_flag("--disabled", options->isDisabled, "May not log in");
    };
    const auto needsAddress = [options](CLI::App* sub) {
        sub->add_option("address", options->address, "Such as ann@chat.example.com")->required();
        return sub;
    };
    const auto needsDomain = [options](CLI::App* sub) {
        sub->add_option("domain", options->domain, "Chat domain")->required();
        return sub;
    };

    auto* accounts = app.add_subcommand("accounts", "Built-in accounts of a chat domain");
    accounts->require_subcommand(1);
    run(needsDomain(accounts->add_subcommand("list", "Accounts of a chat domain")), list)
        ->add_option("--filter", options->filter, "Part of name, mail or department");
    details(run(needsAddress(accounts->add_subcommand(
                    "add", "Adds an account; the password is asked for, or read from standard input")),
                add));
    auto* changing = run(needsAddress(accounts->add_subcommand("change", "Changes an account")), change);
    details(changing);
    changing->add_flag("--enabled", options->isEnabled, "May log in again")->excludes("--disabled");
    changing->add_flag("--password", options->asksPassword, "Asks for a new password");
    run(needsAddress(accounts->add_subcommand("remove", "Removes an account")), remove);
    auto* importing = run(needsDomain(accounts->add_subcommand(
                              "import",
                              "Adds the accounts of a CSV file, all or none; the first line names the columns: "
                              "user,password,name,mail,department,disabled")),
                          import);
    importing->add_option("file", options->file, "File; - is standard input")->capture_default_str();
    importing->add_flag("--dry-run", options->isDry, "Says what would come and adds nobody");

    auto* domains = subcommandOf(app, "domains", "Chat domains");
    run(needsAddress(domains->add_subcommand(
            "login-test", "Tries a login through the whole chain; the password is asked for; 0 only if it is right")),
        testLogin)
        ->add_option("--from", options->from, "Address that failures count for");
    for (const bool isConfirmed : {true, false}) {
        auto* sub = needsDomain(domains->add_subcommand(
            isConfirmed ? "confirm" : "revert",
            isConfirmed ? "Keeps a change of the chain that would go back by itself" : "Takes such a change back now"));
        sub->callback([&action, options, isConfirmed] {
            action = [options, isConfirmed](Session& session) {
                return settleDomain(session, options->domain, isConfirmed);
            };
        });
    }
}

}  // namespace causeway::cli
