
#include "console/cli/commands.h"

namespace causeway::cli {

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
    addSettingsCommands(app, action);
    addAccessCommands(app, action);
    addWatchCommands(app, action);
    try {
        app.parse(count, words);
    } catch (const CLI::ParseError& trouble) {
        const bool isHelp = trouble.get_exit_code() == 0;
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
