#include <memory>

#include "console/cli/commands.h"
#include "console/cli/stream_news.h"
#include "console/cli/table.h"

namespace causeway::cli {

namespace {

struct SearchOptions {
    std::uint64_t id = 0;  ///< 0 = the newest
    std::vector<std::uint64_t> ranges;
    std::vector<std::string> addresses;
    std::string via;
    std::uint32_t rate = 0;
    bool follow = false;
};

bool isOver(const UserSearch& search) {
    return search.state == SearchState::Finished || search.state == SearchState::Stopped ||
           search.state == SearchState::Failed;
}

std::string sentenceOf(const UserSearch& search) {
    return "Search " + std::to_string(search.id) + " is " + wordOf(search.state) + ": " + countText(search.sent) +
           " of " + countText(search.total) + " addresses asked, " + countText(search.answered) + " answered, " +
           countText(search.found) + " new, " + countText(search.known) + " known, " + countText(search.lost) +
           " lost." + (search.problem.empty() ? "" : " " + search.problem);
}

Result<UserSearch> chosen(client::ApiClient& client, std::uint64_t id) {
    if (id != 0) return client.search(id);
    const auto all = client.searches();
    if (!all) return all.error();
    if (all->empty())
        return Error{Code::NotFound, "There was no search yet.", "", "Start one with causewayctl search start."};
    return all->front();
}

void showRow(Session& session, const SearchRow& row) {
    if (session.json()) {
        session.out() << api::toJson(row) << "\n";
        return;
    }
    Table table{{{""}, {""}, {""}, {""}, {""}}};
    table.add({wordOf(row.finding), row.address.text(), row.name, row.group, row.client});
    const auto text = table.text();
    session.out() << text.substr(text.find('\n') + 1);
}

Result<std::uint64_t> newRows(Session& session, client::ApiClient& client, std::uint64_t id, std::uint64_t from) {
    while (true) {
        const auto page = client.searchRows(id, from, 1000);
        if (!page) return page.error();
        for (const auto& row : page->items)
            showRow(session, row);
        session.out().flush();
        from += page->items.size();
        if (!page->next) return from;
    }
}

/// Rows as they come, until the search is over.
Exit follow(Session& session, client::ApiClient& client, std::uint64_t id) {
    StreamNews news{client, [](auto& events, const auto& told) { events.onSearch = [told](const auto&) { told(); }; }};
    std::uint64_t shown = 0;
    while (true) {
        // The state is read before the rows: when it says "over", all rows are there.
        const auto search = client.search(id);
        if (!search) return session.fail(search.error());
        const auto rows = newRows(session, client, id, shown);
        if (!rows) return session.fail(rows.error());
        shown = *rows;
        if (isOver(*search)) {
            if (!session.json()) session.err() << sentenceOf(*search) << "\n";
            return search->answered > 0 && search->state == SearchState::Finished ? Exit::Yes : Exit::Negative;
        }
        if (news.wait() == StreamNews::Kind::Lost) {
            return session.fail({Code::Unavailable, "The service does not answer any more.",
                                 "It stopped, or the network broke.", "The search may go on; look at its status."});
        }
    }
}

Exit start(Session& session, const SearchOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    api::SearchRequest request;
    request.ranges = options.ranges;
    for (const auto& address : options.addresses)
        request.addresses += (request.addresses.empty() ? "" : "\n") + address;
    if (!options.via.empty()) {
        request.viaClient = Ip4::parse(options.via);
        if (!request.viaClient) return session.usage("--via: \"" + options.via + "\" is not an address.");
    }
    if (options.rate > 0) request.packetsPerSecond = options.rate;
    const auto search = client->startSearch(request);
    if (!search) return session.fail(search.error());
    if (options.follow) return follow(session, *client, search->id);
    return session.done(*search, sentenceOf(*search));
}

Exit status(Session& session, const SearchOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto search = chosen(*client, options.id);
    if (!search) return session.fail(search.error());
    session.done(*search, sentenceOf(*search));
    return search->state == SearchState::Failed ? Exit::Negative : Exit::Yes;
}

Exit stop(Session& session, const SearchOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto search = chosen(*client, options.id);
    if (!search) return session.fail(search.error());
    const auto stopped = client->stopSearch(search->id);
    if (!stopped) return session.fail(stopped.error());
    return session.done(*stopped, sentenceOf(*stopped));
}

Exit results(Session& session, const SearchOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto search = chosen(*client, options.id);
    if (!search) return session.fail(search.error());
    if (options.follow) return follow(session, *client, search->id);
    api::SearchRows all;
    while (true) {
        auto page = client->searchRows(search->id, all.items.size(), 1000);
        if (!page) return session.fail(page.error());
        all.items.insert(all.items.end(), page->items.begin(), page->items.end());
        if (!page->next) break;
    }
    session.print(all, [&] {
        Table table{{{"FINDING"}, {"ADDRESS"}, {"NAME"}, {"GROUP"}, {"HOST"}, {"CLIENT"}, {"MS", Table::Align::Right}}};
        for (const auto& row : all.items) {
            table.add({wordOf(row.finding), row.address.text(), row.name, row.group, row.host, row.client,
                       row.roundTrip ? std::to_string(row.roundTrip->count()) : "-"});
        }
        session.out() << table.text();
        session.err() << sentenceOf(*search) << "\n";
    });
    return all.items.empty() ? Exit::Negative : Exit::Yes;
}

Exit list(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto all = client->searches();
    if (!all) return session.fail(all.error());
    return session.print(api::SearchList{*all}, [&] {
        Table table{{{"ID", Table::Align::Right},
                     {"STATE"},
                     {"BY"},
                     {"STARTED"},
                     {"ASKED", Table::Align::Right},
                     {"ANSWERED", Table::Align::Right},
                     {"NEW", Table::Align::Right},
                     {"LOST", Table::Align::Right}}};
        for (const auto& search : *all) {
            table.add({std::to_string(search.id), wordOf(search.state), search.startedBy,
                       agoText(search.startedAt, Session::now()), countText(search.sent), countText(search.answered),
                       countText(search.found), countText(search.lost)});
        }
        session.out() << table.text();
    });
}

}  // namespace

void addSearchCommands(CLI::App& app, Action& action) {
    auto* search = app.add_subcommand("search", "External user search: a sweep over the remote ranges");
    search->require_subcommand(1);
    auto options = std::make_shared<SearchOptions>();
    const auto add = [&](const char* word, const char* help, Exit (*command)(Session&, const SearchOptions&)) {
        auto* sub = search->add_subcommand(word, help);
        sub->callback([&action, options, command] {
            action = [options, command](Session& session) { return command(session, *options); };
        });
        return sub;
    };
    auto* starting = add("start", "Starts a search over all enabled ranges, or what is named", start);
    auto* ranges = starting->add_option("--range", options->ranges, "Ids of ranges");
    auto* addresses =
        starting->add_option("--address", options->addresses, "Addresses in the form of ranges")->excludes(ranges);
    starting->add_option("--via", options->via, "Address of one client whose list is read")
        ->excludes(ranges)
        ->excludes(addresses);
    starting->add_option("--rate", options->rate, "Packets per second, at most the setting lan.packets_per_second")
        ->check(CLI::Range(1U, 5000U));
    starting->add_flag("--follow", options->follow, "Shows what is found until the search is over; 1 if nothing is");
    search->add_subcommand("list", "The last searches")->callback([&action] { action = list; });
    const auto withId = [&options](CLI::App* sub) {
        sub->add_option("id", options->id, "Id of the search; default: the newest");
    };
    withId(add("status", "Progress of a search", status));
    withId(add("stop", "Stops a search", stop));
    auto* rows = add("results", "What a search found; 1 if nothing", results);
    withId(rows);
    rows->add_flag("--follow", options->follow, "Shows more as it comes");
}

}  // namespace causeway::cli
