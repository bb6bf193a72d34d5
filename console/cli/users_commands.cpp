#include <memory>

#include "console/cli/commands.h"
#include "console/cli/find_user.h"
#include "console/cli/table.h"
#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::cli {

Result<api::UserRow> findUser(client::ApiClient& client, const std::string& text) {
    if (const auto id = parseUnsigned(text)) return client.user(*id);
    api::UsersQuery query;
    query.filter = text;
    query.limit = 100;
    const auto page = client.users(query);
    if (!page) return page.error();
    const auto wanted = lowerAscii(text);
    std::vector<api::UserRow> exact;
    for (const auto& row : page->items) {
        for (const auto& name : {row.user.nick, row.user.user, row.userName, row.user.host, row.user.address.text()}) {
            if (lowerAscii(name) != wanted) continue;
            exact.push_back(row);
            break;
        }
    }
    if (exact.size() == 1) return exact.front();
    if (exact.empty()) {
        return Error{Code::NotFound, "There is no user \"" + text + "\".", "",
                     "causewayctl users --filter TEXT finds parts of names, groups and addresses."};
    }
    std::string ids;
    for (const auto& row : exact)
        ids += (ids.empty() ? "" : ", ") + std::to_string(row.user.id) + " at " + row.user.address.text();
    return Error{Code::Conflict, "Several users are called \"" + text + "\".", ids + ".", "Give one of these ids."};
}

namespace {

struct UsersOptions {
    bool external = false;
    bool local = false;
    bool unstable = false;
    std::string as;
    std::string filter;
    std::string presence;
    std::string sort;
};

Exit list(Session& session, const UsersOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    api::UsersQuery query;
    query.limit = 5000;
    query.as = options.as;
    // A name is as good as an id, an address or a segment.
    const bool isPlace =
        options.as.empty() || Ip4::parse(options.as) || Network4::parse(options.as) || parseUnsigned(options.as);
    if (!isPlace) {
        const auto user = findUser(*client, options.as);
        if (!user) return session.fail(user.error());
        query.as = std::to_string(user->user.id);
    }
    query.filter = options.filter;
    query.scope = options.external   ? api::UserScope::External
                  : options.local    ? api::UserScope::Local
                  : options.unstable ? api::UserScope::Unstable
                                     : api::UserScope::All;
    if (!options.presence.empty()) query.presence = presenceOf(options.presence);
    if (!options.sort.empty()) {
        query.isDescending = options.sort.front() == '-';
        const auto sort = api::userSortOf(options.sort.substr(query.isDescending ? 1 : 0));
        if (!sort) return session.usage("--sort: id, name, group, base, address, client, seen or presence.");
        query.sort = *sort;
    }
    auto users = client->allUsers(query);
    if (!users) return session.fail(users.error());
    const auto total = users->size();
    const api::UserPage page{std::move(*users), "", total};
    session.print(page, [&] {
        Table table{{{"ID", Table::Align::Right},
                     {"PRESENCE"},
                     {"NAME"},
                     {"GROUP"},
                     {"BASE"},
                     {"ADDRESS"},
                     {"CLIENT"},
                     {"SEEN"},
                     {options.unstable ? "UNSTABLE" : ""}}};
        for (const auto& row : page.items) {
            const auto& user = row.user;
            table.add({std::to_string(user.id), wordOf(user.presence), user.displayName(), user.group,
                       user.base.empty() ? user.segment.text() : user.base, user.address.text(), user.client,
                       agoText(user.lastSeen, Session::now()),
                       options.unstable && user.instability ? user.instability->text : ""});
        }
        session.out() << table.text();
    });
    return total == 0 ? Exit::Negative : Exit::Yes;
}

Exit show(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = findUser(*client, name);
    if (!row) return session.fail(row.error());
    const auto history = client->userHistory(row->user.id);
    if (!history) return session.fail(history.error());
    return session.print(*row, [&] {
        const auto& user = row->user;
        auto& out = session.out();
        const auto now = Session::now();
        const auto line = [&out](const char* what, const std::string& text) {
            std::string label = what;
            label.resize(12, ' ');
            if (!text.empty()) out << label << cleanUtf8(text) << "\n";
        };
        line("name", user.displayName());
        line("id", std::to_string(user.id));
        line("user", user.user + " on " + user.host);
        line("group", user.group);
        line("presence", std::string(wordOf(user.presence)) + ", seen " + agoText(user.lastSeen, now) + ", answered " +
                             agoText(user.lastAnswer, now) +
                             (user.roundTrip ? " in " + std::to_string(user.roundTrip->count()) + " ms" : ""));
        line("segment", user.segment.text() + (user.isSegmentAssumed ? " (assumed)" : "") +
                            (user.base.empty() ? "" : ", base " + user.base));
        line("client", user.client);
        std::string words;
        for (const auto& word : row->flagWords)
            words += (words.empty() ? "" : ", ") + word;
        line("flags", words);
        line("told by", std::string(wordOf(user.delivery)) + ", " + std::to_string(user.listedUsers) +
                            " external users, " + agoText(user.lastListAt, now));
        if (user.instability) line("unstable", user.instability->text);
        for (auto address = user.addresses.rbegin(); address != user.addresses.rend(); ++address) {
            line("address", address->address.text() + ":" + std::to_string(address->port) + ", " +
                                agoText(address->lastSeen, now) + (address->isCurrent ? ", current" : ""));
        }
        Table table{{{"WHEN"}, {"WHAT"}, {""}}};
        for (const auto& event : *history)
            table.add({isoText(event.at), wordOf(event.kind), event.text});
        if (!table.isEmpty()) out << "\n" << table.text();
    });
}

Exit probe(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = findUser(*client, name);
    if (!row) return session.fail(row.error());
    if (auto sent = client->probeUser(row->user.id); !sent) return session.fail(sent.error());
    return session.done("A probe was sent to " + row->user.address.text() +
                        "; \"causewayctl users show\" shows whether it was answered.");
}

Exit forget(Session& session, const std::string& name) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto row = findUser(*client, name);
    if (!row) return session.fail(row.error());
    if (auto gone = client->forgetUser(row->user.id); !gone) return session.fail(gone.error());
    return session.done(row->user.displayName() + " is forgotten.");
}

}  // namespace

void addUsersCommands(CLI::App& app, Action& action) {
    auto options = std::make_shared<UsersOptions>();
    auto* users = app.add_subcommand("users", "Users of the LAN directory; 1 if none fits");
    auto* external = users->add_flag("--external", options->external, "Only users of other segments");
    auto* local = users->add_flag("--local", options->local, "Only users of the same segment")->excludes(external);
    users->add_flag("--unstable", options->unstable, "Only the unstable list")->excludes(external)->excludes(local);
    users->add_option("--as", options->as, "Viewpoint: a user, an address or a segment");
    users->add_option("--filter", options->filter, "Part of name, user, host, group, address or client");
    users->add_option("--presence", options->presence, "Only users with this presence")
        ->check(CLI::IsMember({"present", "silent", "gone", "unconfirmed"}));
    users->add_option("--sort", options->sort, "Column; --sort=-seen is descending");
    users->callback([&action, options] {
        if (!action) action = [options](Session& session) { return list(session, *options); };
    });
    const auto withUser = [&](const char* word, const char* help, Exit (*command)(Session&, const std::string&)) {
        auto* sub = users->add_subcommand(word, help);
        auto name = std::make_shared<std::string>();
        sub->add_option("user", *name, "Id, name, host or address")->required();
        sub->callback([&action, name, command] {
            action = [name, command](Session& session) { return command(session, *name); };
        });
    };
    withUser("show", "Everything about one user", show);
    withUser("probe", "Asks a user's address whether he is there", probe);
    withUser("forget", "Removes a user who is gone", forget);
}

}  // namespace causeway::cli
