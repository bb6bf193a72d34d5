#include <algorithm>
#include <memory>

#include "console/cli/commands.h"
#include "console/cli/table.h"

namespace causeway::cli {

namespace {

void showProblem(Session& session, const Problem& problem) {
    session.out() << wordOf(problem.severity) << "  " << problem.id
                  << (problem.mutedUntil ? "  (muted until " + isoText(*problem.mutedUntil) + ")" : std::string())
                  << "\n    " << problem.what << "\n";
    if (!problem.why.empty()) session.out() << "    " << problem.why << "\n";
    if (!problem.todo.empty()) session.out() << "    -> " << problem.todo << "\n";
}

Exit status(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto status = client->status();
    if (!status) return session.fail(status.error());
    const auto& lan = status->lan;
    // JSON is the status alone, as the API has it; people want the sentences behind the counts too.
    const auto all = session.json() ? Result<std::vector<Problem>>{std::vector<Problem>{}} : client->problems();
    if (!all) return session.fail(all.error());
    session.print(*status, [&] {
        auto& out = session.out();
        out << status->serverName << ", Causeway " << status->version << ", up " << spanText(status->uptime) << ", "
            << countText(status->residentBytes / 1024) << " KiB resident\n\n";
        Table listeners{{{"LISTENER"}, {"ADDRESS"}, {"STATE"}, {"PROBLEM"}}};
        for (const auto& listener : status->listeners)
            listeners.add({listener.name, listener.address, api::wordOf(listener.state), listener.problem});
        out << listeners.text() << "\nLAN users  " << countText(lan.users) << ": " << countText(lan.present)
            << " present, " << countText(lan.silent) << " silent, " << countText(lan.gone) << " gone, "
            << countText(lan.unconfirmed) << " unconfirmed; " << countText(lan.local) << " local, "
            << countText(lan.external) << " external, " << countText(lan.unstable) << " unstable\n"
            << "Certificate SHA-256 " << status->certificateFingerprint << "\n"
            << "Problems   " << status->problems.problems << ", warnings " << status->problems.warnings << ", notices "
            << status->problems.notices << "\n";
        if (!lan.problem.empty()) out << "LAN        " << lan.problem << "\n";
        if (!status->storeTrouble.empty()) out << "Store      " << status->storeTrouble << "\n";
        if (!all->empty()) out << "\n";
        for (const auto& problem : *all)
            showProblem(session, problem);
    });
    const bool hasFailed = std::any_of(status->listeners.begin(), status->listeners.end(), [](const auto& listener) {
        return listener.state == api::ListenerState::Failed;
    });
    return hasFailed || status->problems.problems > 0 || !status->storeTrouble.empty() ? Exit::Negative : Exit::Yes;
}

Exit problems(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto all = client->problems();
    if (!all) return session.fail(all.error());
    session.print(api::ProblemList{*all}, [&] {
        if (all->empty()) session.out() << "Nothing needs attention.\n";
        for (const auto& problem : *all)
            showProblem(session, problem);
    });
    const bool isBad = std::any_of(all->begin(), all->end(), [](const Problem& problem) {
        return problem.severity != Severity::Notice && !problem.mutedUntil;
    });
    return isBad ? Exit::Negative : Exit::Yes;
}

Exit mute(Session& session, const std::string& id, int hours) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto until = hours > 0 ? std::optional(Session::now() + std::chrono::hours{hours}) : std::nullopt;
    if (auto muted = client->muteProblem(id, until); !muted) return session.fail(muted.error());
    return session.done(until ? id + " is muted until " + isoText(*until) + "." : id + " is not muted any more.");
}

}  // namespace

void addStatusCommands(CLI::App& app, Action& action) {
    app.add_subcommand("status", "State of the service; 1 if something has failed")->callback([&action] {
        action = status;
    });
    auto* list = app.add_subcommand("problems", "What needs attention, worst first; 1 if there is a warning or worse");
    list->callback([&action] {
        if (!action) action = problems;
    });
    auto* muting = list->add_subcommand("mute", "Keeps quiet about a problem");
    auto id = std::make_shared<std::string>();
    auto hours = std::make_shared<int>(24);
    muting->add_option("id", *id, "Id of the problem")->required();
    muting->add_option("--hours", *hours, "For how long; 0 ends it")
        ->capture_default_str()
        ->check(CLI::Range(0, 87600));
    muting->callback(
        [&action, id, hours] { action = [id, hours](Session& session) { return mute(session, *id, *hours); }; });
}

}  // namespace causeway::cli
