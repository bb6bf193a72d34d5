#include "console/client/api_client.h"

#include <utility>

#include "console/client/https_connection.h"

namespace causeway::client {

namespace {

/// A page of 5,000 users is 4 MB; nothing that the service sends in one answer comes near this.
constexpr std::size_t kMaxAnswerBytes = std::size_t{256} << 20U;

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
    const auto deadline = std::chrono::steady_clock::now() + options_.deadline;
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
                         "No whole answer came within " + std::to_string(options_.deadline.count() / 1000) + " s.",
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

Result<BaseSite> ApiClient::addBase(const BaseSite& base, api::ErrorDocument* details) {
    return parsed<BaseSite>(raw({"POST", "/v1/bases", api::toJson(base), {}}, details));
}

Result<BaseSite> ApiClient::changeBase(const BaseSite& base, api::ErrorDocument* details) {
    return parsed<BaseSite>(raw({"PUT", numbered("/v1/bases/", base.id), api::toJson(base), "*"}, details));
}

Result<void> ApiClient::removeBase(std::uint64_t id) {
    return done(raw({"DELETE", numbered("/v1/bases/", id), {}, "*"}));
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
