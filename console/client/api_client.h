#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "console/client/certificate_pins.h"
#include "console/client/service_address.h"
#include "shared/api/admins_json.h"
#include "shared/api/bases_json.h"
#include "shared/api/config_json.h"
#include "shared/api/logs_json.h"
#include "shared/api/problems_json.h"
#include "shared/api/ranges_json.h"
#include "shared/api/searches_json.h"
#include "shared/api/settings_json.h"
#include "shared/api/status_json.h"
#include "shared/api/users_json.h"
#include "shared/base/guarded.h"

namespace causeway::client {

struct ClientOptions {
    Duration deadline = 10s;  ///< of one call, from connecting to the last byte
    Duration silence = 25s;  ///< an event stream that says nothing for this long is lost; the service speaks every 10 s
    std::shared_ptr<CertificatePins> pins{};
    AskAboutCertificate ask{};  ///< not given = an unknown certificate is refused
    std::string userAgent = "causeway-client";
};

/// The admin API as functions (docs/dev/api.md). Threads: any, at the same time; each call opens its own connection and
/// blocks until the answer or the deadline, so it is never made on a UI thread or event loop.
/// Errors: Unavailable (nothing listens, certificate refused), Timeout, Denied (log in, or another role is needed), and
/// what the service answers: code, what, why, todo of its problem document.
/// `details`, where a call has it, gets the whole problem document: every field with its sentence.
class ApiClient {
public:
    explicit ApiClient(ServiceAddress address, ClientOptions options = {});
    ~ApiClient();
    ApiClient(const ApiClient&) = delete;
    ApiClient& operator=(const ApiClient&) = delete;

    const ServiceAddress& address() const { return address_; }
    const ClientOptions& options() const { return options_; }
    /// Token that the calls use: the local one, or that of the login.
    Secret token() const;
    void setToken(Secret token);
    /// HTTP status of the last finished call of any thread; 0 = the service was not reached. For exit codes.
    int lastStatus() const { return lastStatus_; }
    /// Makes running and later calls end soon with Unavailable; for closing down.
    void cancel() { cancelled_ = true; }

    // Who
    Result<api::Capabilities> capabilities();
    /// Keeps the session token for the calls that follow.
    Result<api::LoginAnswer> login(const std::string& name, const Secret& password);
    Result<void> logout();
    Result<api::Me> me();

    // Overview
    Result<api::ServiceStatus> status();
    Result<std::vector<Problem>> problems();
    Result<void> muteProblem(const std::string& id, std::optional<TimePoint> until);
    Result<std::string> metrics();

    // Users
    Result<api::UserPage> users(const api::UsersQuery& query);
    /// All pages of the query; `query.limit` is the page size.
    Result<std::vector<api::UserRow>> allUsers(api::UsersQuery query);
    Result<api::UserRow> user(UserId id, const std::string& as = {});
    Result<void> forgetUser(UserId id);
    Result<std::vector<UserEvent>> userHistory(UserId id);
    Result<void> probeUser(UserId id);
    Result<void> ignoreUser(UserId id, std::optional<TimePoint> until);
    Result<std::vector<api::SegmentRow>> segments();

    // Remote ranges
    Result<api::RangeList> ranges();
    Result<api::RangeRow> addRange(const std::string& text, bool isEnabled, api::ErrorDocument* details = nullptr);
    /// revision: of the list that the text was made from; nullopt overwrites.
    Result<api::RangeList> replaceRanges(const std::string& text, std::optional<std::uint64_t> revision,
                                         api::ErrorDocument* details = nullptr);
    Result<api::RangeRow> changeRange(std::uint64_t id, const api::RangeRequest& change,
                                      api::ErrorDocument* details = nullptr);
    Result<void> removeRange(std::uint64_t id);
    Result<RangePreview> previewRanges(const std::string& text);
    Result<std::string> exportRanges();

    // External user search
    Result<std::vector<UserSearch>> searches();
    Result<UserSearch> startSearch(const api::SearchRequest& request);
    Result<UserSearch> search(std::uint64_t id);
    Result<api::SearchRows> searchRows(std::uint64_t id, std::uint64_t from, std::size_t limit = 1000);
    Result<UserSearch> stopSearch(std::uint64_t id);

    // Settings and bases
    Result<api::SettingList> settings();
    Result<api::SettingList> changeSettings(const api::SettingChanges& changes, std::optional<std::uint64_t> revision,
                                            api::ErrorDocument* details = nullptr);
    Result<std::vector<BaseSite>> bases();
    Result<BaseSite> addBase(const BaseSite& base, api::ErrorDocument* details = nullptr);
    Result<BaseSite> changeBase(const BaseSite& base, api::ErrorDocument* details = nullptr);
    Result<void> removeBase(std::uint64_t id);

    // Administrators and tokens
    Result<std::vector<Administrator>> admins();
    Result<Administrator> addAdmin(const api::AdminRequest& request, api::ErrorDocument* details = nullptr);
    Result<Administrator> changeAdmin(std::uint64_t id, const api::AdminRequest& request,
                                      api::ErrorDocument* details = nullptr);
    Result<void> removeAdmin(std::uint64_t id);
    Result<std::vector<ApiToken>> tokens();
    Result<api::TokenCreated> addToken(const api::TokenRequest& request);
    Result<void> removeToken(std::uint64_t id);

    // Audit, log, configuration
    Result<api::AuditPage> audit(const std::string& cursor = {}, std::size_t limit = 200);
    Result<std::vector<api::LogLine>> logs(LogLevel least = LogLevel::Debug, std::size_t limit = 200);
    Result<std::string> exportConfig();  ///< JSON text of the file
    Result<api::ConfigVerdict> checkConfig(const std::string& text);
    Result<api::ConfigApplied> importConfig(const std::string& text, api::ErrorDocument* details = nullptr);

    /// Any other request; for `causewayctl --json` and tests. The answer is the body of a 2xx.
    struct Call {
        std::string method = "GET";
        std::string path;
        std::string body;
        std::string ifMatch;
    };
    Result<std::string> raw(const Call& call, api::ErrorDocument* details = nullptr);

private:
    ServiceAddress address_;
    ClientOptions options_;
    Guarded<Secret> token_;
    std::atomic<int> lastStatus_{0};
    std::atomic<bool> cancelled_{false};
};

}  // namespace causeway::client
