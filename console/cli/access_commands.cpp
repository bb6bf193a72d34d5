#include <memory>

#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

Exit listAdmins(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto admins = client->admins();
    if (!admins) return session.fail(admins.error());
    return session.print(api::AdminList{*admins}, [&] {
        Table table{{{"ID", Table::Align::Right}, {"NAME"}, {"ROLE"}, {"STATE"}, {"LAST LOGIN"}}};
        for (const auto& admin : *admins) {
            table.add({std::to_string(admin.id), admin.name, wordOf(admin.role),
                       admin.isDisabled ? "disabled" : "enabled", agoText(admin.lastLogin, Session::now())});
        }
        session.out() << table.text();
    });
}

/// Asked twice on a terminal, since nobody sees what is typed.
Result<Secret> newPassword(Session& session, const std::string& name) {
    auto first = session.terminal().askPassword("New password of " + name);
    if (!first || !session.terminal().isInteractive()) return first;
    auto second = session.terminal().askPassword("Once more");
    if (!second) return second;
    if (!(*first == *second)) return Error{Code::BadInput, "The two passwords are not the same.", "", "Try again."};
    return first;
}

Result<Administrator> findAdmin(client::ApiClient& client, const std::string& name) {
    const auto admins = client.admins();
    if (!admins) return admins.error();
    for (const auto& admin : *admins) {
        if (lowerAscii(admin.name) == lowerAscii(name) || std::to_string(admin.id) == name) return admin;
    }
    return Error{Code::NotFound, "There is no administrator \"" + name + "\".", "",
                 "causewayctl admins list shows all of them."};
}

Exit addAdmin(Session& session, const std::string& name, const std::string& role) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    auto password = newPassword(session, name);
    if (!password) return session.fail(password.error());
    const auto added = client->addAdmin({name, roleOf(role), std::nullopt, *password});
    if (!added) return session.fail(added.error());
    return session.done(*added, added->name + " was added as " + wordOf(added->role) + ".");
}

Exit changeAdmin(Session& session, const std::string& name, const api::AdminRequest& change,
                 const std::string& sentence) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto admin = findAdmin(*client, name);
    if (!admin) return session.fail(admin.error());
    const auto changed = client->changeAdmin(admin->id, change);
    if (!changed) return session.fail(changed.error());
    return session.done(*changed, changed->name + sentence);
}

Exit setPassword(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto admin = findAdmin(*client, name);
    if (!admin) return session.fail(admin.error());
    auto password = newPassword(session, admin->name);
    if (!password) return session.fail(password.error());
    api::AdminRequest change;
    change.password = *password;
    // A password is set to be used: an imported account is enabled with it.
    if (admin->isDisabled && !admin->lastLogin) change.isDisabled = false;
    const auto changed = client->changeAdmin(admin->id, change);
    if (!changed) return session.fail(changed.error());
    return session.done(*changed, changed->name + " has a new password.");
}

Exit removeAdmin(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto admin = findAdmin(*client, name);
    if (!admin) return session.fail(admin.error());
    if (auto removed = client->removeAdmin(admin->id); !removed) return session.fail(removed.error());
    return session.done(admin->name + " was removed.");
}

Exit listTokens(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto tokens = client->tokens();
    if (!tokens) return session.fail(tokens.error());
    return session.print(api::TokenList{*tokens}, [&] {
        Table table{{{"ID", Table::Align::Right}, {"NAME"}, {"ROLE"}, {"EXPIRES"}, {"LAST USED"}}};
        for (const auto& token : *tokens) {
            table.add({std::to_string(token.id), token.name, wordOf(token.role),
                       token.expiresAt ? isoText(*token.expiresAt) : "never", agoText(token.lastUsed, Session::now())});
        }
        session.out() << table.text();
    });
}

Exit addToken(Session& session, const std::string& name, const std::string& role, int days) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    api::TokenRequest request;
    request.name = name;
    request.role = roleOf(role).value_or(Role::Viewer);
    if (days > 0) request.expiresAt = Session::now() + std::chrono::hours{24} * days;
    const auto created = client->addToken(request);
    if (!created) return session.fail(created.error());
    return session.print(*created, [&] {
        session.out() << created->token.reveal() << "\n";
        session.err() << "This token is shown only now. Keep it where only the script can read it.\n";
    });
}

Exit removeToken(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto tokens = client->tokens();
    if (!tokens) return session.fail(tokens.error());
    for (const auto& token : *tokens) {
        if (lowerAscii(token.name) != lowerAscii(name) && std::to_string(token.id) != name) continue;
        if (auto removed = client->removeToken(token.id); !removed) return session.fail(removed.error());
        return session.done("Token " + token.name + " was removed.");
    }
    return session.fail(
        {Code::NotFound, "There is no token \"" + name + "\".", "", "causewayctl tokens list shows all of them."});
}

}  // namespace

void addAccessCommands(CLI::App& app, Action& action) {
    const auto isRole = CLI::IsMember({"viewer", "operator", "admin"});
    auto name = std::make_shared<std::string>();
    auto role = std::make_shared<std::string>("viewer");
    const auto withName = [&action, name](CLI::App* parent, const char* word, const char* help, const Action& command) {
        auto* sub = parent->add_subcommand(word, help);
        sub->add_option("name", *name, "Name or id")->required();
        sub->callback([&action, command] { action = command; });
        return sub;
    };

    auto* admins = app.add_subcommand("admins", "Administrators who log in with a password");
    admins->callback([&action] {
        if (!action) action = listAdmins;
    });
    admins->add_subcommand("list", "All administrators")->callback([&action] { action = listAdmins; });
    withName(admins, "add", "Adds an administrator; the password is asked for, or read from standard input",
             [name, role](Session& session) { return addAdmin(session, *name, *role); })
        ->add_option("--role", *role, "viewer reads, operator also searches and probes, admin changes everything")
        ->check(isRole)
        ->capture_default_str();
    withName(admins, "role", "Gives another role",
             [name, role](Session& session) {
                 api::AdminRequest change;
                 change.role = roleOf(*role);
                 return changeAdmin(session, *name, change, " is " + *role + " now.");
             })
        ->add_option("role", *role, "viewer, operator or admin")
        ->check(isRole)
        ->required();
    withName(admins, "passwd", "Sets a password; it is asked for, or read from standard input",
             [name](Session& session) { return setPassword(session, *name); });
    withName(admins, "disable", "Ends the sessions of an administrator and lets him in no more",
             [name](Session& session) {
                 api::AdminRequest change;
                 change.isDisabled = true;
                 return changeAdmin(session, *name, change, " is disabled.");
             });
    withName(admins, "enable", "Lets an administrator in again", [name](Session& session) {
        api::AdminRequest change;
        change.isDisabled = false;
        return changeAdmin(session, *name, change, " is enabled.");
    });
    withName(admins, "remove", "Removes an administrator",
             [name](Session& session) { return removeAdmin(session, *name); });

    auto* tokens = app.add_subcommand("tokens", "API tokens for scripts");
    tokens->callback([&action] {
        if (!action) action = listTokens;
    });
    tokens->add_subcommand("list", "All tokens")->callback([&action] { action = listTokens; });
    auto days = std::make_shared<int>(0);
    auto* adding = withName(tokens, "add", "Makes a token and shows it once",
                            [name, role, days](Session& session) { return addToken(session, *name, *role, *days); });
    adding->add_option("--role", *role, "viewer, operator or admin")->check(isRole)->capture_default_str();
    adding->add_option("--days", *days, "How long it is valid; 0 = for ever")
        ->capture_default_str()
        ->check(CLI::Range(0, 36500));
    withName(tokens, "remove", "Ends a token", [name](Session& session) { return removeToken(session, *name); });
}

}  // namespace causeway::cli
