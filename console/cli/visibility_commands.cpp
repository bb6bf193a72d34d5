#include <algorithm>
#include <chrono>
#include <utility>

#include "console/cli/commands.h"
#include "console/cli/stream_news.h"
#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

struct VisibilityOptions {
    std::string fromBase;
    std::string toBase;
    std::string from;  ///< segment
    std::string to;    ///< segment
    bool isAll = false;
    bool isAsync = false;
};

const char* stateText(BlockState state) {
    switch (state) {
        case BlockState::Seen:
            return "seen";
        case BlockState::Partly:
            return "partly";
        case BlockState::Dark:
            return "DARK";
        case BlockState::TooFew:
            return "not enough evidence";
        case BlockState::NotMeasured:
            break;
    }
    return "not measured";
}

std::string nameOf(const VisibilityGroup& group) {
    const auto base = group.base.empty() ? std::string("(no base)") : group.base;
    return group.segment ? group.segment->text() : base;
}

void showStatus(Session& session, const VisibilityStatus& status) {
    auto& out = session.out();
    if (status.isCollecting) {
        out << "Collecting: " << countText(status.asked) << " of " << countText(status.toAsk) << " clients asked, "
            << countText(status.answered) << " gave their list.\n";
    } else if (status.finishedAt == TimePoint{}) {
        out << "Nothing was collected since the service started. causewayctl visibility collect asks the clients.\n";
    } else {
        out << "Collected " << agoText(status.finishedAt, Session::now()) << " ago: " << countText(status.answered)
            << " of " << countText(status.asked) << " clients gave their list.\n";
    }
    if (status.tooSoon > 0)
        out << countText(status.tooSoon) << " clients were left out: each is asked at most once in 10 minutes.\n";
    out << countText(status.pcs) << " users, " << countText(status.observers) << " observers, "
        << countText(status.giveNoList) << " of a kind that gives no list; " << countText(status.cells)
        << " pairs are known; " << countText(status.openFindings) << " open findings.\n";
}

void showMap(Session& session, const VisibilityMap& map) {
    Table table{
        {{"Observers in"}, {"Look at"}, {"State"}, {"Seen", Table::Align::Right}, {"Observers", Table::Align::Right}}};
    for (const auto& block : map.blocks) {
        table.add({cleanUtf8(nameOf(map.rows[block.from])), cleanUtf8(nameOf(map.columns[block.to])),
                   stateText(block.state), countText(block.seen) + " of " + countText(block.cells),
                   countText(block.observers)});
    }
    if (!table.isEmpty()) session.out() << "\n" << table.text();
}

Exit showCells(Session& session, client::ApiClient& client, const Network4& from, const Network4& to) {
    VisibilityCells all;
    // Pages put together: all rows of the first 500 columns.
    for (std::size_t row = 0;;) {
        auto page = client.visibilityCells(from, to, row);
        if (!page) return session.fail(page.error());
        if (row == 0) {
            all = std::move(*page);
        } else {
            std::move(page->observers.begin(), page->observers.end(), std::back_inserter(all.observers));
            std::move(page->rows.begin(), page->rows.end(), std::back_inserter(all.rows));
        }
        if (all.observers.size() == row || all.observers.size() >= all.totalObservers) break;
        row = all.observers.size();
    }
    return session.print(all, [&] {
        Table table{{{"Observer"}, {"Address"}, {"Sees"}, {"Does not see"}}};
        for (std::size_t at = 0; at < all.observers.size(); ++at) {
            const auto& row = all.rows[at];
            const auto seen = static_cast<std::size_t>(std::count(row.begin(), row.end(), '1'));
            std::string missing;
            std::size_t count = 0;
            for (std::size_t each = 0; each < row.size(); ++each) {
                if (row[each] != '0') continue;
                if (++count <= 5) missing += (missing.empty() ? "" : ", ") + cleanUtf8(all.subjects[each].name);
            }
            if (count > 5) missing += " and " + countText(count - 5) + " more";
            const bool isKnown = row.find_first_of("01") != std::string::npos;
            const auto& note = all.observers[at].note;
            table.add({cleanUtf8(all.observers[at].name), all.observers[at].address.text(),
                       isKnown ? countText(seen) : "-",
                       isKnown        ? (missing.empty() ? "-" : missing)
                       : note.empty() ? "not asked yet"
                                      : cleanUtf8(note)});
        }
        session.out() << table.text();
    });
}

Exit show(Session& session, const VisibilityOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (!options.from.empty() || !options.to.empty()) {
        const auto from = Network4::parse(options.from);
        const auto to = Network4::parse(options.to);
        if (!from || !to) return session.usage("--from and --to take two segments such as 10.1.0.0/24.");
        return showCells(session, *client, *from, *to);
    }
    if (!options.fromBase.empty() || !options.toBase.empty()) {
        auto map = client->visibilitySegments(options.fromBase, options.toBase);
        if (!map) return session.fail(map.error());
        return session.print(*map, [&] { showMap(session, *map); });
    }
    const auto overview = client->visibility();
    if (!overview) return session.fail(overview.error());
    return session.print(*overview, [&] {
        showStatus(session, overview->status);
        showMap(session, overview->map);
    });
}

Exit findings(Session& session, const VisibilityOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    auto all = client->visibilityFindings();
    if (!all) return session.fail(all.error());
    const bool hasOpen = std::any_of(all->begin(), all->end(), [](const auto& each) { return each.isOpen(); });
    if (!options.isAll) std::erase_if(*all, [](const auto& each) { return !each.isOpen(); });
    session.print(api::VisibilityFindings{*all}, [&] {
        auto& out = session.out();
        if (all->empty())
            out << (options.isAll ? "No findings.\n" : "No open findings. --all shows those of the past.\n");
        for (const auto& each : *all) {
            out << wordOf(each.kind) << ", " << wordOf(each.certainty) << (each.isOpen() ? "" : ", over") << "\n  "
                << cleanUtf8(each.sentence) << "\n  seen first " << isoText(each.firstSeen) << ", last "
                << isoText(each.lastSeen) << ", fine before at "
                << (each.lastFine ? isoText(*each.lastFine) : "(not known)");
            if (each.closedAt) out << ", fine again at " << isoText(*each.closedAt);
            out << "\n";
            for (const auto& change : each.changes)
                out << "  changed " << isoText(change.at) << "  " << cleanUtf8(change.text) << "\n";
            out << "  " << cleanUtf8(each.todo) << "\n";
            if (each.isOpen() && each.traceTo != 0) {
                out << "  causewayctl trace run " << each.traceTo;
                if (each.traceFrom != 0) out << " --from " << each.traceFrom;
                out << "\n";
            }
            out << "\n";
        }
    });
    return hasOpen ? Exit::Negative : Exit::Yes;
}

Exit collect(Session& session, const VisibilityOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    VisibilityScope scope;
    if (!options.from.empty() || !options.to.empty()) {
        scope.from = Network4::parse(options.from);
        scope.to = Network4::parse(options.to.empty() ? options.from : options.to);
        if (!scope.from || !scope.to) return session.usage("--from and --to take segments such as 10.1.0.0/24.");
    }
    StreamNews news{*client,
                    [](auto& events, const auto& told) { events.onVisibility = [told](const auto&) { told(); }; }};
    auto status = client->collectVisibility(scope);
    if (!status) return session.fail(status.error());
    while (!options.isAsync) {
        auto now = client->visibility();
        if (!now) return session.fail(now.error());
        status = now->status;
        if (!status->isCollecting) break;
        if (news.wait() == StreamNews::Kind::Lost)
            return session.fail({Code::Unavailable, "The service does not answer any more.", "",
                                 "The collection may go on there; look with causewayctl visibility show."});
    }
    return session.print(*status, [&] { showStatus(session, *status); });
}

Exit stop(Session& session, const VisibilityOptions&) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto status = client->stopVisibility();
    if (!status) return session.fail(status.error());
    return session.done(*status, "Nobody else is asked; what came is judged.");
}

}  // namespace

void addVisibilityCommands(CLI::App& app, Action& action) {
    auto* visibility = app.add_subcommand("visibility", "Who sees whom in the whole company");
    visibility->require_subcommand(1);
    auto options = std::make_shared<VisibilityOptions>();
    const auto add = [&](const char* word, const char* help, Exit (*command)(Session&, const VisibilityOptions&)) {
        auto* sub = visibility->add_subcommand(word, help);
        sub->callback([&action, options, command] {
            action = [options, command](Session& session) { return command(session, *options); };
        });
        return sub;
    };
    auto* showing = add("show", "The map: bases, the segments of two bases, or the computers of two segments", show);
    showing->add_option("--from-base", options->fromBase, "Base that looks")->type_name("BASE");
    showing->add_option("--to-base", options->toBase, "Base that is looked at")->type_name("BASE");
    showing->add_option("--from", options->from, "Segment that looks")->type_name("SEGMENT");
    showing->add_option("--to", options->to, "Segment that is looked at")->type_name("SEGMENT");
    auto* collecting =
        add("collect", "Asks clients for the lists that their users see, each at most once in 10 minutes", collect);
    collecting->add_option("--from", options->from, "Only clients of this segment")->type_name("SEGMENT");
    collecting->add_option("--to", options->to, "and of this one")->type_name("SEGMENT");
    collecting->add_flag("--no-wait", options->isAsync, "Does not wait until it is over");
    add("stop", "Asks nobody else; what came is judged", stop);
    add("findings", "What the dark places have in common, and what to do; 0 only if nothing is open", findings)
        ->add_flag("--all", options->isAll, "Also those of the past");
}

}  // namespace causeway::cli
