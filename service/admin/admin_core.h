#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/admin/accounts.h"
#include "service/admin/admin_ports.h"
#include "service/admin/event_hub.h"
#include "service/admin/router.h"
#include "service/admin/users_view.h"
#include "shared/api/status_json.h"

namespace causeway::admin {

/// The admin API without its sockets: from a request to a response. The resources are in files of their own
/// (users_resource.cpp, ...), each adds its routes. Any thread.
class AdminCore {
public:
    struct Options {
        unsigned passwordRounds = 600'000;
    };
    AdminCore(AdminPorts ports, Log& log, Options options);
    ~AdminCore();

    /// Reads the administrators, then serves.
    Result<void> start();
    /// Ends the event streams; requests are still answered.
    void stop();

    const AdminPorts& ports() const { return ports_; }
    Accounts& accounts() { return accounts_; }
    EventHub& events() { return events_; }
    const Router& router() const { return router_; }
    /// Null if the LAN directory is off.
    UsersView* users() { return users_.get(); }
    Log& log() { return log_; }
    TimePoint now() const { return ports_.now(); }

    /// The address on which the server really listens, for the status.
    void setListener(const api::ListenerStatus& admin);
    std::string listenAddress() const;
    void setCertificate(const std::string& fingerprint);

    /// Token of "Authorization: Bearer ..."; empty if there is none.
    static std::string bearerOf(const HttpRequest& http);
    std::optional<Identity> identify(const HttpRequest& http);
    Response serve(const HttpRequest& http, const std::optional<Identity>& identity, const std::string& from);

    // For the resources:
    api::ServiceStatus status();
    std::vector<Problem> problems();  ///< worst first, with mutedUntil
    std::string serverName();
    void audit(const Request& request, const std::string& action, const std::string& subject, const std::string& before,
               const std::string& after);
    void basesChanged();
    /// Value of a setting as text.
    std::string setting(std::string_view key);
    /// One writer of ranges, bases and configuration at a time: the revision is compared and changed in one go.
    std::unique_lock<std::mutex> writing() { return std::unique_lock{writing_}; }
    /// Problem for a listener that is not loopback while nobody could log in there; empty if it may be.
    std::string listenTrouble(const std::string& listen);

    /// How the metrics learn what the server closed for want of room; set before it starts.
    void setClosedConnections(std::function<std::uint64_t()> count) { closedConnections_ = std::move(count); }
    std::uint64_t closedConnections() const { return closedConnections_ ? closedConnections_() : 0; }

    struct Counters {
        std::atomic<std::uint64_t> requests{0};
        std::atomic<std::uint64_t> refused{0};  ///< 401 and 403
        std::atomic<std::uint64_t> failed{0};   ///< 5xx
    };
    const Counters& counters() const { return counters_; }

private:
    AdminPorts ports_;
    Log& log_;
    Accounts accounts_;
    EventHub events_;
    std::unique_ptr<UsersView> users_;
    Router router_;
    Counters counters_;
    std::function<std::uint64_t()> closedConnections_;
    std::mutex writing_;
    mutable std::mutex listenerLock_;
    api::ListenerStatus listener_;
    std::string certificateFingerprint_;
};

/// True if "HOST:PORT" names this machine only.
bool isLoopbackListener(std::string_view listen);
/// 503 of a feature that is switched off.
Response lanIsOff();

// Each resource adds its routes; `core` outlives the router.
void addStatusRoutes(Router& router, AdminCore& core);
void addLoginRoutes(Router& router, AdminCore& core);
void addUsersRoutes(Router& router, AdminCore& core);
void addRangesRoutes(Router& router, AdminCore& core);
void addSearchesRoutes(Router& router, AdminCore& core);
void addTracesRoutes(Router& router, AdminCore& core);
void addVisibilityRoutes(Router& router, AdminCore& core);
void addDomainsRoutes(Router& router, AdminCore& core);
void addDnsRoutes(Router& router, AdminCore& core);
void addProvidersRoutes(Router& router, AdminCore& core);
void addAccountsRoutes(Router& router, AdminCore& core);
void addSettingsRoutes(Router& router, AdminCore& core);
void addBasesRoutes(Router& router, AdminCore& core);
void addAdminsRoutes(Router& router, AdminCore& core);
void addTokensRoutes(Router& router, AdminCore& core);
void addAuditRoutes(Router& router, AdminCore& core);
void addLogsRoutes(Router& router, AdminCore& core);
void addConfigRoutes(Router& router, AdminCore& core);
void addBugReportRoutes(Router& router, AdminCore& core);
void addEventsRoutes(Router& router, AdminCore& core);

/// "limit" of a list: 1..most; BadInput with a sentence.
Result<std::size_t> limitOf(const Request& request, std::size_t standard, std::size_t most = 5000);
/// Number of a query parameter, `standard` if it is not there.
Result<std::uint64_t> numberOf(const Request& request, const char* name, std::uint64_t standard);

}  // namespace causeway::admin
