#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"

namespace causeway::console {

/// What the status bar and the connect page say about the connection.
class ConnectionPresenter final : public Presenter {
public:
    explicit ConnectionPresenter(Session& session);

    // Status bar
    Mark mark() const;
    /// "connected to hq-server as admin", "not answering since 12:03:11, trying again", "not connected"
    std::string stateText() const;
    std::string upTimeText() const;    ///< "up 12 d", empty if not known
    std::string usersText() const;     ///< "1,204 users"
    std::string presentText() const;   ///< "412 online"
    std::string problemsText() const;  ///< "0 problems"
    Mark problemsMark() const;
    std::string windowTitle() const;  ///< "Causeway - hq-server"

    // Connect page
    bool showsConnectPage() const;  ///< nothing was ever heard from the chosen service, or none is chosen
    std::string triedText() const;  ///< what was tried
    std::string whyText() const;    ///< why it did not work
    std::string todoText() const;   ///< what to do, in sentences
    /// How to start a service on this computer, to copy: "systemctl start causewayd" or with the data folder.
    std::string startCommand() const;
    bool needsLogin() const;  ///< the service answers, but wants a name and a password

    /// The service of a data folder on this computer; what was tried is kept for the page. False = there is none.
    bool connectLocal(const std::filesystem::path& dataFolder, client::ClientOptions options);
    /// "HOST", "HOST:PORT". The sentence about what is wrong with the text, or empty.
    std::string connectRemote(const std::string& text, client::ClientOptions options);
    /// An address with its token or fingerprint already known.
    void connectTo(client::ServiceAddress address, client::ClientOptions options);
    void tryAgain();
    void login(const std::string& name, const Secret& password, Done done);
    bool isBusy() const;

    void connectionChanged() override;
    void statusChanged(const api::ServiceStatus& status) override;
    void problemsChanged(const std::vector<Problem>& problems) override;

private:
    std::string whoText() const;

    std::optional<api::ServiceStatus> status_;
    std::optional<std::uint64_t> problems_;
    Mark problemsMark_ = Mark::Unknown;
    std::string tried_;
    std::filesystem::path dataFolder_;
    bool isLocal_ = true;
    std::optional<Error> localProblem_;
    std::optional<client::ServiceAddress> address_;
    client::ClientOptions options_;
    bool wasLive_ = false;
};

}  // namespace causeway::console
