#include <algorithm>
#include <string>
#include <vector>

#include "console/cli/commands.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

/// How many letters differ.
std::size_t distance(const std::string& left, const std::string& right) {
    std::vector<std::size_t> costs(right.size() + 1);
    for (std::size_t i = 0; i <= right.size(); ++i)
        costs[i] = i;
    for (std::size_t i = 1; i <= left.size(); ++i) {
        auto diagonal = costs[0];
        costs[0] = i;
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const auto change = diagonal + (left[i - 1] == right[j - 1] ? 0U : 1U);
            diagonal = costs[j];
            costs[j] = std::min({costs[j] + 1, costs[j - 1] + 1, change});
        }
    }
    return costs[right.size()];
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// The sentence about the first word that is no command where one is wanted; empty if that is not what is wrong.
std::string unknownWord(const CLI::App& app, int count, const char* const* words) {
    const auto* at = &app;
    std::string path;
    for (int i = 1; i < count; ++i) {
        const std::string word = words[i];
        const auto subcommands = at->get_subcommands([](const CLI::App*) { return true; });
        if (subcommands.empty()) return {};
        if (word.starts_with('-')) {
            const auto* option = app.get_option_no_throw(word);
            if (option != nullptr && option->get_items_expected_max() > 0) ++i;
            continue;
        }
        const auto found = std::find_if(subcommands.begin(), subcommands.end(),
                                        [&word](const CLI::App* each) { return each->get_name() == word; });
        if (found != subcommands.end()) {
            at = *found;
            path += word + " ";
            continue;
        }
        std::vector<std::string> all;
        std::vector<std::string> near;
        for (const auto* each : subcommands) {
            const auto& name = each->get_name();
            all.push_back(name);
            if (distance(word, name) <= std::max<std::size_t>(1, word.size() / 3) || name.starts_with(word))
                near.push_back(name);
        }
        const auto sentence = "there is no command \"" + path + cleanUtf8(cutUtf8(word, 60)) + "\". ";
        return sentence + (near.empty() ? "There are: " + joined(all) + "." : "Did you mean: " + joined(near) + "?");
    }
    return {};
}

}  // namespace

int run(int count, const char* const* words, Terminal& terminal) {
    CLI::App app{
        "Administration of a Causeway service from a shell.\n"
        "Exit codes: 0 yes, 1 a negative result, 2 wrong usage, 3 the service is not reachable.",
        "causewayctl"};
    CommonOptions common;
    Action action;
    app.set_version_flag("--version", std::string("causewayctl ") + CAUSEWAY_VERSION);
    app.require_subcommand(1);
    app.fallthrough();
    app.add_option("--data", common.data,
                   "Data folder of a local service (default: $CAUSEWAY_DATA, then the usual places)")
        ->type_name("DIR");
    app.add_option("--connect", common.connect, "Service on another machine")->type_name("HOST:PORT");
    app.add_option("--user", common.user, "Who logs in there; the password is asked for")->type_name("NAME");
    app.add_option("--token-file", common.tokenFile, "File with an API token, instead of a login")->type_name("FILE");
    app.add_option("--fingerprint", common.fingerprint, "SHA-256 of the only certificate that is accepted")
        ->type_name("HEX");
    app.add_flag("--json", common.json, "Answers as JSON");
    addStatusCommands(app, action);
    addUsersCommands(app, action);
    addRangesCommands(app, action);
    addSearchCommands(app, action);
    addTraceCommands(app, action);
    addVisibilityCommands(app, action);
    addSettingsCommands(app, action);
    addAccessCommands(app, action);
    addDomainsCommands(app, action);
    addDnsCommands(app, action);
    addProvidersCommands(app, action);
    addAccountsCommands(app, action);
    addWatchCommands(app, action);
    addBugReportCommands(app, action);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& trouble) {
        const bool isHelp = trouble.get_exit_code() == 0;
        if (const auto wrong = isHelp ? std::string() : unknownWord(app, count, words); !wrong.empty()) {
            terminal.err() << "causewayctl: " << wrong << "\n";
            return static_cast<int>(Exit::Usage);
        }
        app.exit(trouble, terminal.out(), terminal.err());
        return static_cast<int>(isHelp ? Exit::Yes : Exit::Usage);
    }
    if (!action) {
        terminal.err() << "causewayctl: the command is not complete; --help shows what can follow.\n";
        return static_cast<int>(Exit::Usage);
    }
    Session session{std::move(common), terminal};
    return static_cast<int>(action(session));
}

}  // namespace causeway::cli
