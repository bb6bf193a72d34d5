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
#include "shared/api/accounts_json.h"
#include "shared/api/admins_json.h"
#include "shared/api/bases_json.h"
#include "shared/api/bug_report_json.h"
#include "shared/api/config_json.h"
#include "shared/api/dns_json.h"
#include "shared/api/domains_json.h"
#include "shared/api/logs_json.h"
#include "shared/api/problems_json.h"
#include "shared/api/providers_json.h"
#include "shared/api/ranges_json.h"
#include "shared/api/searches_json.h"
#include "shared/api/settings_json.h"
#include "shared/api/status_json.h"
#include "shared/api/traces_json.h"
#include "shared/api/users_json.h"
#include "shared/api/visibility_json.h"
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

    // Packet traces
    Result<TraceReport> startTrace(const TraceRequest& request, api::ErrorDocument* details = nullptr);
    Result<std::vector<TraceReport>> traces();  ///< newest first, rows without details and hops
    Result<TraceReport> trace(std::uint64_t id);
    Result<TraceReport> stopTrace(std::uint64_t id);
    Result<void> removeTrace(std::uint64_t id);
    Result<std::string> tracePackets(std::uint64_t id);  ///< bytes of a pcapng file
    Result<std::vector<api::TraceStepRow>> traceSteps();

    // Who sees whom
    Result<api::VisibilityOverview> visibility();
    Result<VisibilityMap> visibilitySegments(const std::string& fromBase, const std::string& toBase,
                                             std::size_t firstRow = 0);
    Result<VisibilityCells> visibilityCells(const Network4& from, const Network4& to, std::size_t firstRow = 0,
                                            std::size_t firstColumn = 0);
    Result<std::vector<VisibilityFinding>> visibilityFindings();  ///< open ones first
    Result<VisibilityStatus> collectVisibility(const VisibilityScope& scope);
    Result<VisibilityStatus> stopVisibility();

    // Chat domains
    Result<std::vector<api::DomainRow>> domains();
    Result<api::DomainRow> domain(std::uint64_t id);  ///< with the proofs of its dots
    /// What is wrong with a new domain, field by field; nothing is saved.
    Result<api::DomainVerdict> checkDomain(const api::DomainRequest& request);
    /// What would be said about certificate files on the computer of the service.
    Result<CertificateFacts> checkCertificate(const api::CertificateRequest& request);
    Result<api::DomainRow> addDomain(const api::DomainRequest& request, api::ErrorDocument* details = nullptr);
    /// revision: of what the change was made from; nullopt overwrites.
    Result<api::DomainRow> changeDomain(std::uint64_t id, const api::DomainRequest& change,
                                        std::optional<std::uint64_t> revision, api::ErrorDocument* details = nullptr);
    /// `typed`: the name of the domain, as the person typed it again.
    Result<void> removeDomain(std::uint64_t id, const std::string& typed);
    Result<std::vector<DotChange>> dotHistory(std::uint64_t id, std::size_t limit = 200);
    Result<void> checkDots(std::uint64_t id);
    Result<api::SupernodeCreated> addSupernode(std::uint64_t domain, const api::SupernodeRequest& request,
                                               api::ErrorDocument* details = nullptr);
    Result<api::SupernodeRow> changeSupernode(std::uint64_t id, const api::SupernodeRequest& change,
                                              api::ErrorDocument* details = nullptr);
    Result<void> removeSupernode(std::uint64_t id);

    // Chat DNS
    Result<api::DnsOverview> dns();
    Result<std::vector<api::DnsRecord>> dnsRecords(const std::string& domain, const std::string& view);
    /// form: "bind", "windows", "dnsmasq" or "unbound"; zone: the one there that takes the records, empty = the domain.
    Result<std::string> dnsText(const std::string& domain, const std::string& view, const std::string& form,
                                const std::string& zone);
    Result<std::vector<api::DnsCheckReport>> checkDns(const api::DnsCheckRequest& request);
    Result<api::DnsKeyCreated> addDnsKey(const api::DnsKeyRequest& request, api::ErrorDocument* details = nullptr);
    Result<void> removeDnsKey(const std::string& name);

    // Settings and bases
    Result<api::SettingList> settings();
    Result<api::SettingList> changeSettings(const api::SettingChanges& changes, std::optional<std::uint64_t> revision,
                                            api::ErrorDocument* details = nullptr);
    Result<std::vector<BaseSite>> bases();
    Result<BaseSite> addBase(const BaseSite& base, api::ErrorDocument* details = nullptr);
    /// Linked services of other bases.
    Result<LinkHouse> links();
    Result<LinkInvitation> inviteBase(const api::InvitationRequest& request);
    Result<BaseLink> linkBase(const api::LinkRequest& request);  ///< takes up to 15 s
    Result<void> unlinkBase(std::uint64_t base);
    Result<BaseSite> changeBase(const BaseSite& base, api::ErrorDocument* details = nullptr);
    Result<void> removeBase(std::uint64_t id);

    // Authentication providers. save and test wait for the servers behind a provider: up to half a minute.
    Result<std::vector<ProviderView>> providers();
    Result<ProviderView> provider(std::uint64_t id);
    Result<ProviderView> addProvider(const api::ProviderRequest& request, api::ErrorDocument* details = nullptr);
    /// revision: of the row that the change was made from; nullopt overwrites.
    Result<ProviderView> changeProvider(std::uint64_t id, const api::ProviderRequest& change,
                                        std::optional<std::uint64_t> revision, api::ErrorDocument* details = nullptr);
    Result<void> removeProvider(std::uint64_t id);
    Result<api::ProviderVerdict> checkProvider(const api::ProviderTestRequest& request);
    Result<ProofStep> testProvider(const api::ProviderTestRequest& request, api::ErrorDocument* details = nullptr);
    Result<api::PeopleList> providerUsers(std::uint64_t id, std::size_t limit = 200, const std::string& filter = {});
    Result<void> confirmProvider(std::uint64_t id);
    Result<void> revertProvider(std::uint64_t id);
    Result<void> confirmDomain(std::uint64_t id);
    Result<void> revertDomain(std::uint64_t id);

    // Built-in accounts
    Result<api::AccountPage> accounts(std::uint64_t domain, const std::string& filter = {},
                                      const std::string& cursor = {}, std::size_t limit = 200);
    Result<Account> account(std::uint64_t id);
    Result<api::AccountAdded> addAccount(std::uint64_t domain, const api::AccountRequest& request,
                                         api::ErrorDocument* details = nullptr);
    Result<Account> changeAccount(std::uint64_t id, const api::AccountRequest& change,
                                  std::optional<std::uint64_t> revision, api::ErrorDocument* details = nullptr);
    Result<void> removeAccount(std::uint64_t id);
    Result<api::AccountImportAnswer> importAccounts(std::uint64_t domain, const api::AccountImportRequest& request,
                                                    api::ErrorDocument* details = nullptr);
    Result<LoginTrail> testLogin(std::uint64_t domain, const api::LoginTestRequest& request);

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
    /// What the service puts into a bug report; may take seconds.
    Result<BugReport> bugReport();
    Result<std::string> exportConfig();  ///< JSON text of the file
    Result<api::ConfigVerdict> checkConfig(const std::string& text);
    Result<api::ConfigApplied> importConfig(const std::string& text, api::ErrorDocument* details = nullptr);

    /// Any other request; for `causewayctl --json` and tests. The answer is the body of a 2xx.
    struct Call {
        std::string method = "GET";
        std::string path;
        std::string body;
        std::string ifMatch;
        Duration deadline{};  ///< at least this long, for calls that ask other servers
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
