#include <functional>
#include <memory>

#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

/// "line 2, column 5: "; empty for what is wrong with the list as a whole.
std::string placeText(std::size_t line, std::size_t column) {
    if (line == 0) return {};
    return "line " + std::to_string(line) + ", column " + std::to_string(column) + ": ";
}

/// No range in it: only blank lines and comments.
bool isEmptyList(std::string_view text) {
    for (const auto line : split(text, '\n')) {
        const auto content = trimmed(line);
        if (!content.empty() && !content.starts_with('#')) return false;
    }
    return true;
}

void tellLines(Session& session, const std::vector<api::FieldProblem>& errors) {
    for (const auto& error : errors)
        session.err() << "  " << placeText(error.line, error.column) << error.detail << "\n";
}

Exit list(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto ranges = client->ranges();
    if (!ranges) return session.fail(ranges.error());
    return session.print(*ranges, [&] {
        Table table{{{"ID", Table::Align::Right},
                     {"ON"},
                     {"RANGE"},
                     {"ADDRESSES", Table::Align::Right},
                     {"ANSWERS", Table::Align::Right},
                     {"LAST RUN"},
                     {"LAST ANSWER"},
                     {"PROBLEM"}}};
        for (const auto& row : ranges->items) {
            const auto& range = row.range;
            table.add({std::to_string(range.id), range.isEnabled ? "yes" : "no", range.text,
                       countText(range.addressCount), countText(range.answers), agoText(range.lastRun, Session::now()),
                       agoText(range.lastAnswer, Session::now()), range.problem});
        }
        session.out() << table.text();
    });
}

Exit add(Session& session, const std::string& text, bool isEnabled) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto added = client->addRange(text, isEnabled);
    if (!added) return session.fail(added.error());
    return session.done(*added, "Range " + std::to_string(added->range.id) + " was added.");
}

Exit remove(Session& session, std::uint64_t id) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (auto removed = client->removeRange(id); !removed) return session.fail(removed.error());
    return session.done("Range " + std::to_string(id) + " was removed.");
}

Exit turn(Session& session, std::uint64_t id, bool isEnabled) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto changed = client->changeRange(id, {std::nullopt, isEnabled});
    if (!changed) return session.fail(changed.error());
    return session.done(*changed, "Range " + std::to_string(id) + (isEnabled ? " is on." : " is off."));
}

Exit preview(Session& session, const std::string& file) {
    const auto text = session.readFile(file);
    if (!text) return session.fail(text.error());
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto result = client->previewRanges(*text);
    if (!result) return session.fail(result.error());
    session.print(*result, [&] {
        session.out() << countText(result->addresses) << " addresses, " << countText(result->skippedOwn)
                      << " left out as own segments, " << countText(result->excluded) << " excluded, " << result->names
                      << " names, " << result->broadcasts << " broadcasts; one sweep takes "
                      << spanText(result->sweepTime) << ".\n";
        for (const auto& problem : result->problems) {
            session.out() << placeText(problem.line, problem.column + 1) << problem.text << "\n";
        }
    });
    return result->problems.empty() ? Exit::Yes : Exit::Negative;
}

/// Says what an empty list would erase, and refuses it.
Exit refuseEmpty(Session& session, client::ApiClient& client, const std::string& file) {
    const auto now = client.ranges();
    if (!now) return session.fail(now.error());
    const auto count = now->items.size();
    const auto source = file == "-" ? std::string("Standard input") : "The file " + file;
    if (count == 0)
        return session.fail({Code::BadInput, source + " holds no range.", "The list of the service is empty, too."});
    return session.fail(
        {Code::BadInput, source + " holds no range.",
         "Importing it would erase " + (count == 1 ? "the only range" : "all " + countText(count) + " ranges") +
             " of the service, " + (count == 1 ? "" : "the first of them ") + now->items.front().range.text + ".",
         "Check the file. If the list is to be empty, add --empty; causewayctl ranges export keeps a "
         "copy."});
}

Exit import(Session& session, const std::string& file, bool mayBeEmpty) {
    const auto text = session.readFile(file);
    if (!text) return session.fail(text.error());
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (!mayBeEmpty && isEmptyList(*text)) return refuseEmpty(session, *client, file);
    api::ErrorDocument details;
    const auto replaced = client->replaceRanges(*text, std::nullopt, &details);
    if (!replaced) {
        const auto exit = session.fail(replaced.error());
        if (!session.json()) tellLines(session, details.errors);
        return exit;
    }
    return session.done(*replaced, "The list has " + countText(replaced->items.size()) + " ranges now.");
}

Exit exportTo(Session& session, const std::string& file) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto text = client->exportRanges();
    if (!text) return session.fail(text.error());
    if (file == "-") return session.print(api::RangeText{*text}, [&] { session.out() << *text; });
    if (auto written = Session::writeFile(file, *text); !written) return session.fail(written.error());
    return session.done("The ranges are in " + file + ".");
}

}  // namespace

void addRangesCommands(CLI::App& app, Action& action) {
    auto* ranges = app.add_subcommand("ranges", "Remote ranges: addresses of other segments to announce to");
    ranges->callback([&action] {
        if (!action) action = list;
    });
    ranges->add_subcommand("list", "All ranges with their last results")->callback([&action] { action = list; });

    auto* adding = ranges->add_subcommand("add", "Adds a range, such as 10.7.2.*, 10.7.0.0/23 or !10.7.2.9");
    auto text = std::make_shared<std::string>();
    auto isOff = std::make_shared<bool>(false);
    adding->add_option("range", *text, "The range; a comment may follow behind #")->required();
    adding->add_flag("--off", *isOff, "Adds it switched off");
    adding->callback(
        [&action, text, isOff] { action = [text, isOff](Session& session) { return add(session, *text, !*isOff); }; });

    const auto withId = [&](const char* word, const char* help, auto command) {
        auto* sub = ranges->add_subcommand(word, help);
        auto id = std::make_shared<std::uint64_t>();
        sub->add_option("id", *id, "Id of the range")->required();
        sub->callback(
            [&action, id, command] { action = [id, command](Session& session) { return command(session, *id); }; });
    };
    withId("remove", "Removes a range", remove);
    withId("on", "Switches a range on", [](Session& session, std::uint64_t id) { return turn(session, id, true); });
    withId("off", "Switches a range off", [](Session& session, std::uint64_t id) { return turn(session, id, false); });

    const auto withFile = [&](const char* word, const char* help,
                              const std::function<Exit(Session&, const std::string&)>& command) {
        auto* sub = ranges->add_subcommand(word, help);
        auto file = std::make_shared<std::string>("-");
        sub->add_option("file", *file, "File, - = standard input or output")->capture_default_str();
        sub->callback([&action, file, command] {
            action = [file, command](Session& session) { return command(session, *file); };
        });
        return sub;
    };
    withFile("preview", "What a list comes to, without changing anything; 1 if a line is wrong", preview);
    auto mayBeEmpty = std::make_shared<bool>(false);
    auto* importing = withFile(
        "import", "Replaces the whole list by the lines of a file",
        [mayBeEmpty](Session& session, const std::string& file) { return import(session, file, *mayBeEmpty); });
    importing->add_flag("--empty", *mayBeEmpty, "Erases the whole list if the file holds no range");
    withFile("export", "The list as text, one range a line", exportTo);
}

}  // namespace causeway::cli
