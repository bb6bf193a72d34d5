#pragma once

#include <CLI/CLI.hpp>
#include <functional>

#include "console/cli/session.h"

namespace causeway::cli {

/// What the command line asks for; set by the callbacks of the parser, run after it.
using Action = std::function<Exit(Session&)>;

void addStatusCommands(CLI::App& app, Action& action);      ///< status, problems
void addUsersCommands(CLI::App& app, Action& action);       ///< users
void addRangesCommands(CLI::App& app, Action& action);      ///< ranges
void addSearchCommands(CLI::App& app, Action& action);      ///< search
void addTraceCommands(CLI::App& app, Action& action);       ///< trace
void addVisibilityCommands(CLI::App& app, Action& action);  ///< visibility
void addSettingsCommands(CLI::App& app, Action& action);    ///< settings, bases, config
void addAccessCommands(CLI::App& app, Action& action);      ///< admins, tokens
void addProvidersCommands(CLI::App& app, Action& action);   ///< providers
void addAccountsCommands(CLI::App& app, Action& action);    ///< accounts; domains login-test, confirm, revert
void addDomainsCommands(CLI::App& app, Action& action);     ///< domains
void addDnsCommands(CLI::App& app, Action& action);         ///< dns
void addBugReportCommands(CLI::App& app, Action& action);   ///< bugreport
void addWatchCommands(CLI::App& app, Action& action);       ///< events, logs, audit

/// Whole program: parses, runs, answers the exit code.
int run(int count, const char* const* words, Terminal& terminal);

}  // namespace causeway::cli
