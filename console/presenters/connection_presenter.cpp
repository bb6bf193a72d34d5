#include "console/presenters/connection_presenter.h"

#include "console/presenters/text_format.h"

namespace causeway::console {

ConnectionPresenter::ConnectionPresenter(Session& session) : Presenter(session) {}

Mark ConnectionPresenter::mark() const {
    switch (session_.connection()) {
        case Connection::Live:
            return Mark::Fine;
        case Connection::NotAnswering:
        case Connection::Refused:
            return Mark::Broken;
        case Connection::Connecting:
        case Connection::None:
            break;
    }
    return Mark::Unknown;
}

std::string ConnectionPresenter::stateText() const {
    const auto& name = session_.service().serverName;
    const auto where = name.empty() ? session_.addressText() : name;
    switch (session_.connection()) {
        case Connection::None:
            return tr("not connected");
        case Connection::Connecting:
            return fill(tr("connecting to %1 ..."), {where});
        case Connection::Live:
            return session_.me().name.empty() ? fill(tr("connected to %1"), {where})
                                              : fill(tr("connected to %1 as %2"), {where, whoText()});
        case Connection::NotAnswering:
            return fill(tr("not answering since %1, trying again"), {clockText(session_.since())});
        case Connection::Refused:
            return needsLogin() ? fill(tr("%1 wants a login"), {where}) : fill(tr("%1 refuses this console"), {where});
    }
    return {};
}

std::string ConnectionPresenter::whoText() const {
    // The token of this computer has no person behind it; its role says more.
    const auto& me = session_.me();
    if (me.kind == api::IdentityKind::Local) return me.role == Role::Admin ? tr("admin") : wordOf(me.role);
    return me.name;
}

std::string ConnectionPresenter::upTimeText() const {
    if (session_.connection() != Connection::Live || !status_) return {};
    return fill(tr("up %1"), {durationText(status_->uptime)});
}

std::string ConnectionPresenter::usersText() const {
    return status_ ? trn("%1 user", "%1 users", status_->lan.users) : std::string{};
}

std::string ConnectionPresenter::presentText() const {
    return status_ ? fill(tr("%1 online"), {countText(status_->lan.present + status_->lan.silent)}) : std::string{};
}

std::string ConnectionPresenter::problemsText() const {
    return problems_ ? trn("%1 problem", "%1 problems", *problems_) : std::string{};
}

Mark ConnectionPresenter::problemsMark() const {
    return session_.connection() == Connection::Live ? problemsMark_ : Mark::Unknown;
}

std::string ConnectionPresenter::windowTitle() const {
    const auto& name = session_.service().serverName;
    if (!session_.hasService()) return "Causeway";
    return "Causeway - " + (name.empty() ? session_.addressText() : name);
}

// Connect page

bool ConnectionPresenter::showsConnectPage() const {
    if (wasLive_ && session_.hasService()) return needsLogin();
    return session_.connection() != Connection::Live;
}

bool ConnectionPresenter::needsLogin() const {
    // A service that has too many consoles already refuses, too; no login helps there.
    return session_.connection() == Connection::Refused && session_.problem().code == Code::Denied && address_ &&
           !address_->isLocal();
}

bool ConnectionPresenter::isBusy() const {
    return session_.connection() == Connection::Connecting;
}

std::string ConnectionPresenter::triedText() const {
    return tried_;
}

std::string ConnectionPresenter::whyText() const {
    if (localProblem_)
        return localProblem_->why.empty() ? localProblem_->what : localProblem_->what + " " + localProblem_->why;
    if (session_.connection() == Connection::NotAnswering || session_.connection() == Connection::Refused) {
        const auto problem = session_.problem();
        return problem.why.empty() ? problem.what : problem.what + " " + problem.why;
    }
    if (isBusy()) return fill(tr("Waiting for the answer of %1 ..."), {session_.addressText()});
    return {};
}

std::string ConnectionPresenter::todoText() const {
    if (needsLogin())
        return tr(
            "Log in with your name and password. The first administrator is made on the computer of the service.");
    if (isBusy()) return {};
    const auto problem = localProblem_ ? *localProblem_ : session_.problem();
    if (problem.code == Code::Denied && isLocal_) {
        return tr(
            "Your account may not read the access file of the service. Ask the administrator of this computer to add "
            "you to the group causeway, then log in again; or connect with a name and password.");
    }
    if (isLocal_ && (localProblem_ || session_.connection() == Connection::NotAnswering)) {
        return tr(
            "Start the service with the command below, then try again. If it runs on another computer, type that "
            "computer's name.");
    }
    if (session_.connection() == Connection::NotAnswering) {
        return problem.todo.empty() ? tr("Check the name and the port, that the service runs there, and that TCP port "
                                         "8425 is open on the way.")
                                    : problem.todo;
    }
    return problem.todo;
}

std::string ConnectionPresenter::startCommand() const {
    if (!isLocal_) return {};
#if defined(_WIN32)
    return "net start causewayd";
#else
    const auto folder = dataFolder_.string();
    if (folder.empty() || folder.rfind("/var/lib/", 0) == 0) return "sudo systemctl start causewayd";
    const bool needsQuotes = folder.find_first_of(" \t\"'$&();") != std::string::npos;
    return "causewayd --data " + (needsQuotes ? "'" + folder + "'" : folder);
#endif
}

bool ConnectionPresenter::connectLocal(const std::filesystem::path& dataFolder, client::ClientOptions options) {
    isLocal_ = true;
    wasLive_ = false;
    dataFolder_ = dataFolder;
    options_ = std::move(options);
    tried_ = fill(tr("Looked for a running service of this computer in %1."), {dataFolder.string()});
    auto address = client::localService(dataFolder);
    if (!address) {
        localProblem_ = address.error();
        address_.reset();
        session_.disconnect();
        changed();
        return false;
    }
    localProblem_.reset();
    address_ = *address;
    tried_ += " " + fill(tr("Connecting to %1."), {address->text()});
    session_.connect(*address, options_);
    changed();
    return true;
}

std::string ConnectionPresenter::connectRemote(const std::string& text, client::ClientOptions options) {
    auto address = client::parseServiceAddress(text);
    if (!address) return address.error().text();
    connectTo(*address, std::move(options));
    return {};
}

void ConnectionPresenter::connectTo(client::ServiceAddress address, client::ClientOptions options) {
    isLocal_ = false;
    wasLive_ = false;
    options_ = std::move(options);
    localProblem_.reset();
    address_ = std::move(address);
    tried_ = fill(tr("Connecting to %1."), {address_->text()});
    session_.connect(*address_, options_);
    changed();
}

void ConnectionPresenter::tryAgain() {
    if (isLocal_) {
        const auto folder = dataFolder_;
        connectLocal(folder, options_);
    } else if (address_) {
        session_.connect(*address_, options_);
    }
}

void ConnectionPresenter::login(const std::string& name, const Secret& password, Done done) {
    session_.login(name, password, std::move(done));
}

void ConnectionPresenter::connectionChanged() {
    if (session_.connection() == Connection::Live) {
        wasLive_ = true;
        localProblem_.reset();
    }
    if (session_.connection() == Connection::None) {
        status_.reset();
        problems_.reset();
        problemsMark_ = Mark::Unknown;
        wasLive_ = false;
    }
    changed();
}

void ConnectionPresenter::statusChanged(const api::ServiceStatus& status) {
    status_ = status;
    problems_ = status.problems.warnings + status.problems.problems;
    problemsMark_ = status.problems.problems > 0   ? Mark::Broken
                    : status.problems.warnings > 0 ? Mark::Partly
                                                   : Mark::Fine;
    changed();
}

void ConnectionPresenter::problemsChanged(const std::vector<Problem>& problems) {
    std::uint64_t count = 0;
    auto worst = Mark::Fine;
    for (const auto& problem : problems) {
        if (problem.severity == Severity::Notice || (problem.mutedUntil && *problem.mutedUntil > session_.now()))
            continue;
        ++count;
        if (problem.severity == Severity::Problem) worst = Mark::Broken;
        if (worst == Mark::Fine) worst = Mark::Partly;
    }
    problems_ = count;
    problemsMark_ = worst;
    changed();
}

}  // namespace causeway::console
