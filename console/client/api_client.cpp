#include "console/client/api_client.h"

#include <algorithm>
#include <utility>

#include "console/client/https_connection.h"

namespace causeway::client {

namespace {

/// A page of 5,000 users is 4 MB; nothing that the service sends in one answer comes near this.
constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20U;

/// Tests take up to 30 s, and other changes of providers wait for one that is saved.
constexpr Duration kServerPatience = 40s;

std::string numbered(std::string_view before, std::uint64_t id, std::string_view behind = {}) {
    return std::string(before) + std::to_string(id) + std::string(behind);
}

std::string matchOf(std::optional<std::uint64_t> revision) {
    return revision ? "\"" + std::to_string(*revision) + "\"" : std::string("*");
}

template <class T>
Result<T> parsed(const Result<std::string>& body) {
    if (!body) return body.error();
    auto record = api::fromJson<T>(*body);
    if (!record) {
        return Error{Code::BadInput, "The answer of the service cannot be understood.", record.error().what,
                     "Use a console and a service of the same version."};
    }
    return record;
}

template <class T, class List>
Result<std::vector<T>> itemsOf(Result<List> list) {
    if (!list) return list.error();
    return std::move(list->items);
}

Result<void> done(const Result<std::string>& body) {
    if (!body) return body.error();
    return {};
}

}  // namespace

ApiClient::ApiClient(ServiceAddress address, ClientOptions options)
    : address_(std::move(address)), options_(std::move(options)), token_(address_.token) {}

ApiClient::~ApiClient() = default;

Secret ApiClient::token() const {
    return token_.with([](const Secret& token) { return token; });
}

void ApiClient::setToken(Secret token) {
    token_.with([&token](Secret& held) { held = std::move(token); });
}

Result<std::string> ApiClient::raw(const Call& call, api::ErrorDocument* details) {
    lastStatus_ = 0;
    const auto patience = std::max(options_.deadline, call.deadline);
    const auto deadline = std::chrono::steady_clock::now() + patience;
    auto connection = HttpsConnection::open(address_, options_, deadline, cancelled_);
    if (!connection) return connection.error();
    HttpsConnection::Request request;
    request.method = call.method;
    request.path = call.path;
    request.body = call.body;
    if (!call.body.empty()) request.contentType = "application/json";
    request.ifMatch = call.ifMatch;
    request.token = token();
    if (auto sent = (*connection)->send(request, address_, options_); !sent) return sent.error();

    HttpResponseParser answer{kMaxAnswerBytes};
    while (!answer.isDone()) {
        const auto more = (*connection)->receive(answer, deadline, cancelled_);
        if (!more) return more.error();
        if (!*more) {
            return Error{cancelled_ ? Code::Unavailable : Code::Timeout,
                         "The service at " + address_.text() + " did not answer in time.",
                         "No whole answer came within " + std::to_string(patience.count() / 1000) + " s.",
                         "Try again; if it stays like this, look at the log of the service."};
        }
        if (!answer.failure().empty()) {
            return Error{Code::Unavailable, "The answer of " + address_.text() + " was not complete.", answer.failure(),
                         "Try again; if it stays like this, look at the log of the service."};
        }
    }
    lastStatus_ = answer.status();
    auto body = answer.takeBody();
    if (answer.status() >= 200 && answer.status() < 300) return body;
    auto document = api::fromJson<api::ErrorDocument>(body);
    if (!document) {
        return Error{Code::Unavailable,
                     "The service at " + address_.text() + " answered " + std::to_string(answer.status()) + " " +
                         api::httpTitleOf(answer.status()) + ".",
                     "The answer says no more.", "Check that this is the admin address of a Causeway service."};
    }
    document->status = answer.status();
    auto error = document->error;
    if (details != nullptr) *details = std::move(*document);
    return error;
}

Result<api::Capabilities> ApiClient::capabilities() {
    return parsed<api::Capabilities>(raw({"GET", "/v1/capabilities", {}, {}}));
}

Result<api::LoginAnswer> ApiClient::login(const std::string& name, const Secret& password) {
    auto answer =
        parsed<api::LoginAnswer>(raw({"POST", "/v1/login", api::toJson(api::LoginRequest{name, password}), {}}));
    if (answer) setToken(answer->token);
    return answer;
}

Result<void> ApiClient::logout() {
    auto ended = done(raw({"POST", "/v1/logout", {}, {}}));
    if (ended) setToken(address_.token);
    return ended;
}

Result<api::Me> ApiClient::me() {
    return parsed<api::Me>(raw({"GET", "/v1/me", {}, {}}));
}

Result<api::ServiceStatus> ApiClient::status() {
    return parsed<api::ServiceStatus>(raw({"GET", "/v1/status", {}, {}}));
}

Result<std::vector<Problem>> ApiClient::problems() {
    const auto body = raw({"GET", "/v1/problems", {}, {}});
    if (!body) return body.error();
    return api::problemsFromJson(*body);
}

Result<void> ApiClient::muteProblem(const std::string& id, std::optional<TimePoint> until) {
    return done(
        raw({"PUT", "/v1/problems/" + api::percentEncoded(id) + "/mute", api::toJson(api::UntilRequest{until}), {}}));
}

Result<std::string> ApiClient::metrics() {
    return raw({"GET", "/metrics", {}, {}});
}

Result<api::UserPage> ApiClient::users(const api::UsersQuery& query) {
    const auto text = query.text();
    return parsed<api::UserPage>(raw({"GET", text.empty() ? "/v1/users" : "/v1/users?" + text, {}, {}}));
}

Result<std::vector<api::UserRow>> ApiClient::allUsers(api::UsersQuery query) {
    std::vector<api::UserRow> all;
    while (true) {
        auto page = users(query);
        if (!page) return page.error();
        if (all.empty()) all.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(page->total, 1'000'000)));
        std::move(page->items.begin(), page->items.end(), std::back_inserter(all));
        if (page->next.empty() || page->items.empty()) return all;
        query.cursor = std::move(page->next);
    }
}

Result<api::UserRow> ApiClient::user(UserId id, const std::string& as) {
    auto path = numbered("/v1/users/", id);
    if (!as.empty()) path += "?as=" + api::percentEncoded(as);
    return parsed<api::UserRow>(raw({"GET", path, {}, {}}));
}

Result<void> ApiClient::forgetUser(UserId id) {
    return done(raw({"DELETE", numbered("/v1/users/", id), {}, {}}));
}

Result<std::vector<UserEvent>> ApiClient::userHistory(UserId id) {
    return itemsOf<UserEvent>(parsed<api::UserHistory>(raw({"GET", numbered("/v1/users/", id, "/history"), {}, {}})));
}

Result<void> ApiClient::probeUser(UserId id) {
    return done(raw({"POST", numbered("/v1/users/", id, "/probe"), {}, {}}));
}

Result<void> ApiClient::ignoreUser(UserId id, std::optional<TimePoint> until) {
    return done(raw({"PUT", numbered("/v1/users/", id, "/ignore"), api::toJson(api::UntilRequest{until}), {}}));
}

Result<std::vector<api::SegmentRow>> ApiClient::segments() {
    return itemsOf<api::SegmentRow>(parsed<api::SegmentList>(raw({"GET", "/v1/segments", {}, {}})));
}

Result<api::RangeList> ApiClient::ranges() {
    return parsed<api::RangeList>(raw({"GET", "/v1/ranges", {}, {}}));
}

Result<api::RangeRow> ApiClient::addRange(const std::string& text, bool isEnabled, api::ErrorDocument* details) {
    return parsed<api::RangeRow>(
        raw({"POST", "/v1/ranges", api::toJson(api::RangeRequest{text, isEnabled}), {}}, details));
}

Result<api::RangeList> ApiClient::replaceRanges(const std::string& text, std::optional<std::uint64_t> revision,
                                                api::ErrorDocument* details) {
    return parsed<api::RangeList>(
        raw({"PUT", "/v1/ranges", api::toJson(api::RangeText{text}), matchOf(revision)}, details));
}

Result<api::RangeRow> ApiClient::changeRange(std::uint64_t id, const api::RangeRequest& change,
                                             api::ErrorDocument* details) {
    return parsed<api::RangeRow>(raw({"PATCH", numbered("/v1/ranges/", id), api::toJson(change), "*"}, details));
}

Result<void> ApiClient::removeRange(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/ranges/", id), {}, "*"}));
}

Result<RangePreview> ApiClient::previewRanges(const std::string& text) {
    return parsed<RangePreview>(raw({"POST", "/v1/ranges/preview", api::toJson(api::RangeText{text}), {}}));
}

Result<std::string> ApiClient::exportRanges() {
    return raw({"GET", "/v1/ranges/export", {}, {}});
}

Result<std::vector<UserSearch>> ApiClient::searches() {
    return itemsOf<UserSearch>(parsed<api::SearchList>(raw({"GET", "/v1/searches", {}, {}})));
}

Result<UserSearch> ApiClient::startSearch(const api::SearchRequest& request) {
    return parsed<UserSearch>(raw({"POST", "/v1/searches", api::toJson(request), {}}));
}

Result<UserSearch> ApiClient::search(std::uint64_t id) {
    return parsed<UserSearch>(raw({"GET", numbered("/v1/searches/", id), {}, {}}));
}

Result<api::SearchRows> ApiClient::searchRows(std::uint64_t id, std::uint64_t from, std::size_t limit) {
    return parsed<api::SearchRows>(
        raw({"GET",
             numbered("/v1/searches/", id, "/rows?from=") + std::to_string(from) + "&limit=" + std::to_string(limit),
             {},
             {}}));
}

Result<UserSearch> ApiClient::stopSearch(std::uint64_t id) {
    return parsed<UserSearch>(raw({"POST", numbered("/v1/searches/", id, "/stop"), {}, {}}));
}

Result<TraceReport> ApiClient::startTrace(const TraceRequest& request, api::ErrorDocument* details) {
    return parsed<TraceReport>(raw({"POST", "/v1/traces", api::traceRequestJson(request), {}}, details));
}

Result<std::vector<TraceReport>> ApiClient::traces() {
    return itemsOf<TraceReport>(parsed<api::TraceList>(raw({"GET", "/v1/traces", {}, {}})));
}

Result<TraceReport> ApiClient::trace(std::uint64_t id) {
    return parsed<TraceReport>(raw({"GET", numbered("/v1/traces/", id), {}, {}}));
}

Result<TraceReport> ApiClient::stopTrace(std::uint64_t id) {
    return parsed<TraceReport>(raw({"POST", numbered("/v1/traces/", id, "/stop"), {}, {}}));
}

Result<void> ApiClient::removeTrace(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/traces/", id), {}, {}}));
}

Result<std::string> ApiClient::tracePackets(std::uint64_t id) {
    return raw({"GET", numbered("/v1/traces/", id, "/packets"), {}, {}});
}

Result<api::VisibilityOverview> ApiClient::visibility() {
    return parsed<api::VisibilityOverview>(raw({"GET", "/v1/visibility", {}, {}}));
}

Result<VisibilityMap> ApiClient::visibilitySegments(const std::string& fromBase, const std::string& toBase,
                                                    std::size_t firstRow) {
    return parsed<VisibilityMap>(raw({"GET",
                                      "/v1/visibility/segments?from=" + api::percentEncoded(fromBase) +
                                          "&to=" + api::percentEncoded(toBase) + "&row=" + std::to_string(firstRow),
                                      {},
                                      {}}));
}

Result<VisibilityCells> ApiClient::visibilityCells(const Network4& from, const Network4& to, std::size_t firstRow,
                                                   std::size_t firstColumn) {
    return parsed<VisibilityCells>(
        raw({"GET",
             "/v1/visibility/cells?from=" + api::percentEncoded(from.text()) + "&to=" + api::percentEncoded(to.text()) +
                 "&row=" + std::to_string(firstRow) + "&column=" + std::to_string(firstColumn),
             {},
             {}}));
}

Result<std::vector<VisibilityFinding>> ApiClient::visibilityFindings() {
    return itemsOf<VisibilityFinding>(parsed<api::VisibilityFindings>(raw({"GET", "/v1/visibility/findings", {}, {}})));
}

Result<VisibilityStatus> ApiClient::collectVisibility(const VisibilityScope& scope) {
    return parsed<VisibilityStatus>(raw({"POST", "/v1/visibility/collect", api::toJson(scope), {}}));
}

Result<VisibilityStatus> ApiClient::stopVisibility() {
    return parsed<VisibilityStatus>(raw({"POST", "/v1/visibility/stop", {}, {}}));
}

Result<std::vector<api::TraceStepRow>> ApiClient::traceSteps() {
    return itemsOf<api::TraceStepRow>(parsed<api::TraceStepList>(raw({"GET", "/v1/traces/steps", {}, {}})));
}

Result<api::SettingList> ApiClient::settings() {
    return parsed<api::SettingList>(raw({"GET", "/v1/settings", {}, {}}));
}

Result<api::SettingList> ApiClient::changeSettings(const api::SettingChanges& changes,
                                                   std::optional<std::uint64_t> revision, api::ErrorDocument* details) {
    return parsed<api::SettingList>(raw({"PATCH", "/v1/settings", api::toJson(changes), matchOf(revision)}, details));
}

Result<std::vector<BaseSite>> ApiClient::bases() {
    return itemsOf<BaseSite>(parsed<api::BaseList>(raw({"GET", "/v1/bases", {}, {}})));
}

Result<std::vector<api::DomainRow>> ApiClient::domains() {
    return itemsOf<api::DomainRow>(parsed<api::DomainList>(raw({"GET", "/v1/domains", {}, {}})));
}

Result<api::DomainRow> ApiClient::domain(std::uint64_t id) {
    return parsed<api::DomainRow>(raw({"GET", numbered("/v1/domains/", id), {}, {}}));
}

Result<api::DomainVerdict> ApiClient::checkDomain(const api::DomainRequest& request) {
    return parsed<api::DomainVerdict>(raw({"POST", "/v1/domains/check", api::toJson(request), {}}));
}

Result<CertificateFacts> ApiClient::checkCertificate(const api::CertificateRequest& request) {
    return parsed<CertificateFacts>(raw({"POST", "/v1/domains/certificate", api::toJson(request), {}}));
}

Result<api::DomainRow> ApiClient::addDomain(const api::DomainRequest& request, api::ErrorDocument* details) {
    return parsed<api::DomainRow>(raw({"POST", "/v1/domains", api::toJson(request), {}}, details));
}

Result<api::DomainRow> ApiClient::changeDomain(std::uint64_t id, const api::DomainRequest& change,
                                               std::optional<std::uint64_t> revision, api::ErrorDocument* details) {
    return parsed<api::DomainRow>(
        raw({"PATCH", numbered("/v1/domains/", id), api::toJson(change), matchOf(revision)}, details));
}

Result<void> ApiClient::removeDomain(std::uint64_t id, const std::string& typed) {
    return done(raw({"DELETE", numbered("/v1/domains/", id, "?confirm=") + api::percentEncoded(typed), {}, {}}));
}

Result<std::vector<DotChange>> ApiClient::dotHistory(std::uint64_t id, std::size_t limit) {
    return itemsOf<DotChange>(parsed<api::DotHistory>(
        raw({"GET", numbered("/v1/domains/", id, "/history?limit=") + std::to_string(limit), {}, {}})));
}

Result<void> ApiClient::checkDots(std::uint64_t id) {
    return done(raw({"POST", numbered("/v1/domains/", id, "/check"), {}, {}}));
}

Result<api::SupernodeCreated> ApiClient::addSupernode(std::uint64_t domain, const api::SupernodeRequest& request,
                                                      api::ErrorDocument* details) {
    return parsed<api::SupernodeCreated>(
        raw({"POST", numbered("/v1/domains/", domain, "/supernodes"), api::toJson(request), {}}, details));
}

Result<api::SupernodeRow> ApiClient::changeSupernode(std::uint64_t id, const api::SupernodeRequest& change,
                                                     api::ErrorDocument* details) {
    return parsed<api::SupernodeRow>(raw({"PATCH", numbered("/v1/supernodes/", id), api::toJson(change), {}}, details));
}

Result<void> ApiClient::removeSupernode(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/supernodes/", id), {}, {}}));
}

Result<api::DnsOverview> ApiClient::dns() {
    return parsed<api::DnsOverview>(raw({"GET", "/v1/dns", {}, {}}));
}

Result<std::vector<api::DnsRecord>> ApiClient::dnsRecords(const std::string& domain, const std::string& view) {
    return itemsOf<api::DnsRecord>(parsed<api::DnsRecordList>(
        raw({"GET",
             "/v1/dns/records?domain=" + api::percentEncoded(domain) + "&view=" + api::percentEncoded(view),
             {},
             {}})));
}

Result<std::string> ApiClient::dnsText(const std::string& domain, const std::string& view, const std::string& form,
                                       const std::string& zone) {
    auto text = parsed<api::DnsText>(
        raw({"GET",
             "/v1/dns/text?domain=" + api::percentEncoded(domain) + "&view=" + api::percentEncoded(view) +
                 "&form=" + api::percentEncoded(form) + "&zone=" + api::percentEncoded(zone),
             {},
             {}}));
    if (!text) return text.error();
    return std::move(text->text);
}

Result<std::vector<api::DnsCheckReport>> ApiClient::checkDns(const api::DnsCheckRequest& request) {
    auto check = parsed<api::DnsCheck>(raw({"POST", "/v1/dns/check", api::toJson(request), {}, 20s}));
    if (!check) return check.error();
    return std::move(check->reports);
}

Result<api::DnsKeyCreated> ApiClient::addDnsKey(const api::DnsKeyRequest& request, api::ErrorDocument* details) {
    return parsed<api::DnsKeyCreated>(raw({"POST", "/v1/dns/keys", api::toJson(request), {}}, details));
}

Result<void> ApiClient::removeDnsKey(const std::string& name) {
    return done(raw({"DELETE", "/v1/dns/keys/" + api::percentEncoded(name), {}, {}}));
}

Result<LinkHouse> ApiClient::links() {
    return parsed<LinkHouse>(raw({"GET", "/v1/bases/links", {}, {}}));
}

Result<LinkInvitation> ApiClient::inviteBase(const api::InvitationRequest& request) {
    return parsed<LinkInvitation>(raw({"POST", "/v1/bases/invitations", api::toJson(request), {}}));
}

Result<BaseLink> ApiClient::linkBase(const api::LinkRequest& request) {
    return parsed<BaseLink>(raw({"POST", "/v1/bases/links", api::toJson(request), {}}));
}

Result<void> ApiClient::unlinkBase(std::uint64_t base) {
    return done(raw({"DELETE", numbered("/v1/bases/links/", base), {}, {}}));
}

Result<BaseSite> ApiClient::addBase(const BaseSite& base, api::ErrorDocument* details) {
    return parsed<BaseSite>(raw({"POST", "/v1/bases", api::toJson(base), {}}, details));
}

Result<BaseSite> ApiClient::changeBase(const BaseSite& base, api::ErrorDocument* details) {
    return parsed<BaseSite>(raw({"PUT", numbered("/v1/bases/", base.id), api::toJson(base), "*"}, details));
}

Result<void> ApiClient::removeBase(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/bases/", id), {}, "*"}));
}

Result<std::vector<ProviderView>> ApiClient::providers() {
    return itemsOf<ProviderView>(parsed<api::ProviderList>(raw({"GET", "/v1/providers", {}, {}})));
}
Result<ProviderView> ApiClient::provider(std::uint64_t id) {
    return parsed<ProviderView>(raw({"GET", numbered("/v1/providers/", id), {}, {}}));
}
Result<ProviderView> ApiClient::addProvider(const api::ProviderRequest& request, api::ErrorDocument* details) {
    return parsed<ProviderView>(raw({"POST", "/v1/providers", api::toJson(request), {}, kServerPatience}, details));
}
Result<ProviderView> ApiClient::changeProvider(std::uint64_t id, const api::ProviderRequest& change,
                                               std::optional<std::uint64_t> revision, api::ErrorDocument* details) {
    return parsed<ProviderView>(raw(
        {"PATCH", numbered("/v1/providers/", id), api::toJson(change), matchOf(revision), kServerPatience}, details));
}
Result<void> ApiClient::removeProvider(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/providers/", id), {}, {}, kServerPatience}));
}
Result<api::ProviderVerdict> ApiClient::checkProvider(const api::ProviderTestRequest& request) {
    return parsed<api::ProviderVerdict>(raw({"POST", "/v1/providers/check", api::toJson(request), {}}));
}
Result<ProofStep> ApiClient::testProvider(const api::ProviderTestRequest& request, api::ErrorDocument* details) {
    return parsed<ProofStep>(raw({"POST", "/v1/providers/test", api::toJson(request), {}, kServerPatience}, details));
}
Result<api::PeopleList> ApiClient::providerUsers(std::uint64_t id, std::size_t limit, const std::string& filter) {
    return parsed<api::PeopleList>(raw({"GET",
                                        numbered("/v1/providers/", id, "/users?limit=") + std::to_string(limit) +
                                            "&filter=" + api::percentEncoded(filter),
                                        {},
                                        {},
                                        kServerPatience}));
}
Result<void> ApiClient::confirmProvider(std::uint64_t id) {
    return done(raw({"POST", numbered("/v1/providers/", id, "/confirm"), {}, {}, kServerPatience}));
}
Result<void> ApiClient::revertProvider(std::uint64_t id) {
    return done(raw({"POST", numbered("/v1/providers/", id, "/revert"), {}, {}, kServerPatience}));
}
Result<void> ApiClient::confirmDomain(std::uint64_t id) {
    return done(raw({"POST", numbered("/v1/domains/", id, "/confirm"), {}, {}, kServerPatience}));
}
Result<void> ApiClient::revertDomain(std::uint64_t id) {
    return done(raw({"POST", numbered("/v1/domains/", id, "/revert"), {}, {}, kServerPatience}));
}

Result<api::AccountPage> ApiClient::accounts(std::uint64_t domain, const std::string& filter, const std::string& cursor,
                                             std::size_t limit) {
    auto path = numbered("/v1/domains/", domain, "/accounts?limit=") + std::to_string(limit);
    if (!filter.empty()) path += "&filter=" + api::percentEncoded(filter);
    if (!cursor.empty()) path += "&cursor=" + api::percentEncoded(cursor);
    return parsed<api::AccountPage>(raw({"GET", path, {}, {}}));
}
Result<Account> ApiClient::account(std::uint64_t id) {
    return parsed<Account>(raw({"GET", numbered("/v1/accounts/", id), {}, {}}));
}
Result<api::AccountAdded> ApiClient::addAccount(std::uint64_t domain, const api::AccountRequest& request,
                                                api::ErrorDocument* details) {
    return parsed<api::AccountAdded>(
        raw({"POST", numbered("/v1/domains/", domain, "/accounts"), api::toJson(request), {}}, details));
}
Result<Account> ApiClient::changeAccount(std::uint64_t id, const api::AccountRequest& change,
                                         std::optional<std::uint64_t> revision, api::ErrorDocument* details) {
    return parsed<Account>(
        raw({"PATCH", numbered("/v1/accounts/", id), api::toJson(change), matchOf(revision)}, details));
}
Result<void> ApiClient::removeAccount(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/accounts/", id), {}, {}}));
}
Result<api::AccountImportAnswer> ApiClient::importAccounts(std::uint64_t domain,
                                                           const api::AccountImportRequest& request,
                                                           api::ErrorDocument* details) {
    // Keys of 20,000 passwords take minutes.
    return parsed<api::AccountImportAnswer>(
        raw({"POST", numbered("/v1/domains/", domain, "/accounts/import"), api::toJson(request), {}, Duration{15min}},
            details));
}
Result<LoginTrail> ApiClient::testLogin(std::uint64_t domain, const api::LoginTestRequest& request) {
    return parsed<LoginTrail>(
        raw({"POST", numbered("/v1/domains/", domain, "/login-test"), api::toJson(request), {}, kServerPatience}));
}

Result<std::vector<Administrator>> ApiClient::admins() {
    return itemsOf<Administrator>(parsed<api::AdminList>(raw({"GET", "/v1/admins", {}, {}})));
}

Result<Administrator> ApiClient::addAdmin(const api::AdminRequest& request, api::ErrorDocument* details) {
    return parsed<Administrator>(raw({"POST", "/v1/admins", api::toJson(request), {}}, details));
}

Result<Administrator> ApiClient::changeAdmin(std::uint64_t id, const api::AdminRequest& request,
                                             api::ErrorDocument* details) {
    return parsed<Administrator>(raw({"PATCH", numbered("/v1/admins/", id), api::toJson(request), {}}, details));
}

Result<void> ApiClient::removeAdmin(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/admins/", id), {}, {}}));
}

Result<std::vector<ApiToken>> ApiClient::tokens() {
    return itemsOf<ApiToken>(parsed<api::TokenList>(raw({"GET", "/v1/tokens", {}, {}})));
}

Result<api::TokenCreated> ApiClient::addToken(const api::TokenRequest& request) {
    return parsed<api::TokenCreated>(raw({"POST", "/v1/tokens", api::toJson(request), {}}));
}

Result<void> ApiClient::removeToken(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/tokens/", id), {}, {}}));
}

Result<api::AuditPage> ApiClient::audit(const std::string& cursor, std::size_t limit) {
    auto path = "/v1/audit?limit=" + std::to_string(limit);
    if (!cursor.empty()) path += "&cursor=" + api::percentEncoded(cursor);
    return parsed<api::AuditPage>(raw({"GET", path, {}, {}}));
}

Result<std::vector<api::LogLine>> ApiClient::logs(LogLevel least, std::size_t limit) {
    return itemsOf<api::LogLine>(parsed<api::LogLines>(
        raw({"GET", std::string("/v1/logs?level=") + api::wordOf(least) + "&limit=" + std::to_string(limit), {}, {}})));
}

Result<BugReport> ApiClient::bugReport() {
    return parsed<BugReport>(raw({"GET", "/v1/bugreport", {}, {}, kServerPatience}));
}

Result<std::string> ApiClient::exportConfig() {
    return raw({"GET", "/v1/config", {}, {}});
}

Result<api::ConfigVerdict> ApiClient::checkConfig(const std::string& text) {
    return parsed<api::ConfigVerdict>(raw({"POST", "/v1/config/check", text, {}}));
}

Result<api::ConfigApplied> ApiClient::importConfig(const std::string& text, api::ErrorDocument* details) {
    return parsed<api::ConfigApplied>(raw({"PUT", "/v1/config", text, "*"}, details));
}

}  // namespace causeway::client
