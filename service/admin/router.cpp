#include "service/admin/router.h"

#include <algorithm>
#include <array>

#include "shared/base/cursor.h"
#include "shared/base/text.h"

namespace causeway::admin {

namespace {

Error loginNeeded(bool hadToken) {
    return Error{Code::Denied, "This needs a login.",
                 hadToken ? "The token is not valid, or not any more." : "The request has no token.",
                 "Log in with POST /v1/login and send \"Authorization: Bearer TOKEN\"."};
}

bool mayUse(Access access, Role role) {
    switch (access) {
        case Access::Open:
        case Access::Any:
        case Access::Viewer:
            return true;
        case Access::Operator:
            return role >= Role::Operator;
        case Access::Admin:
            return role >= Role::Admin;
    }
    return false;
}

}  // namespace

const char* wordOf(Access access) {
    constexpr std::array kWords{"open", "any", "viewer", "operator", "admin"};
    return kWords[static_cast<std::size_t>(access)];
}

Response jsonResponse(std::string json, int status) {
    Response response;
    response.status = status;
    response.body = std::move(json);
    return response;
}

Response emptyResponse(int status) {
    Response response;
    response.status = status;
    response.contentType.clear();
    return response;
}

Response problemResponse(const Error& error) {
    return problemResponse(api::httpStatusOf(error.code), error);
}

Response problemResponse(int status, const Error& error, std::vector<api::FieldProblem> errors) {
    api::ErrorDocument document;
    document.status = status;
    document.error = error;
    if (!errors.empty()) document.field = errors.front().field;
    document.errors = std::move(errors);
    Response response;
    response.status = status;
    response.contentType = "application/problem+json";
    response.body = api::toJson(document);
    if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"causeway\"");
    return response;
}

Response slowPlacesAreTaken() {
    auto response = problemResponse(
        {Code::Busy, "The service is busy with other tests.",
         std::to_string(kSlowPlaces) + " calls that wait for other computers run already: tests of providers, logins, "
                                       "DNS checks. More would delay everything else.",
         "Try again in a few seconds."});
    response.headers.emplace_back("Retry-After", "5");
    return response;
}

std::uint64_t Request::id() const {
    if (values.empty()) return 0;
    return parseUnsigned(values.front()).value_or(0);
}

void Router::add(Route route) {
    Template shape;
    for (const auto part : split(std::string_view{route.path}.substr(1), '/'))
        shape.segments.emplace_back(part.starts_with('{') ? std::string_view{} : part);
    templates_.push_back(std::move(shape));
    routes_.push_back(std::move(route));
}

Router::Match Router::find(const std::string& method, const std::vector<std::string>& segments) const {
    Match match;
    const std::string wanted = method == "HEAD" ? "GET" : method;
    std::size_t bestLiterals = 0;
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        const auto& shape = templates_[i].segments;
        if (shape.size() != segments.size()) continue;
        std::vector<std::string> values;
        std::size_t literals = 1;
        bool fits = true;
        for (std::size_t s = 0; s < shape.size() && fits; ++s) {
            if (shape[s].empty()) {
                fits = !segments[s].empty();
                values.push_back(segments[s]);
            } else {
                fits = shape[s] == segments[s];
                ++literals;
            }
        }
        if (!fits) continue;
        match.allowed.emplace_back(routes_[i].method);
        // "/v1/ranges/export" goes before "/v1/ranges/{id}".
        if (routes_[i].method != wanted || literals <= bestLiterals) continue;
        bestLiterals = literals;
        match.route = &routes_[i];
        match.values = std::move(values);
    }
    return match;
}

std::optional<Response> Router::refuse(const Match& match, const HttpRequest& http,
                                       const std::optional<Identity>& identity) const {
    const bool hadToken = http.header("authorization").has_value();
    // A stranger learns nothing about which paths there are.
    const bool isOpen = match.route != nullptr && match.route->access == Access::Open;
    if (!isOpen && !identity) return problemResponse(401, loginNeeded(hadToken));
    if (match.allowed.empty()) {
        return problemResponse(
            404, {Code::NotFound, "There is nothing at " + cleanUtf8(cutUtf8(http.target, 200)) + ".",
                  "The address is not part of the admin API.", "GET /v1/openapi.json lists every address."});
    }
    if (match.route == nullptr) {
        std::string all;
        for (const auto& method : match.allowed)
            all += (all.empty() ? "" : ", ") + method;
        auto response = problemResponse(405, {Code::Unsupported, http.method + " is not possible here.",
                                              "This address knows " + all + ".", "Use one of these methods."});
        response.headers.emplace_back("Allow", all);
        return response;
    }
    if (identity && !mayUse(match.route->access, identity->role)) {
        return problemResponse(403, {Code::Denied, "You may not do this.",
                                     std::string("It needs the role ") + wordOf(match.route->access) + "; yours is " +
                                         causeway::wordOf(identity->role) + ".",
                                     "Ask an administrator of role admin."});
    }
    if (match.route->needsIfMatch && !http.header("if-match")) {
        return problemResponse(428, {Code::Conflict, "The request has no If-Match header.",
                                     "Without it the change of another administrator could be overwritten unseen.",
                                     "Send If-Match with the ETag of what you read, or If-Match: * to overwrite."});
    }
    return std::nullopt;
}

Response Router::serve(const HttpRequest& http, const std::optional<Identity>& identity,
                       const std::string& from) const {
    auto match = find(http.method, http.segments);
    if (auto refusal = refuse(match, http, identity)) return std::move(*refusal);
    std::optional<SlowPlaces::Place> place;
    if (match.route->pace == Pace::Slow) {
        place = slow_.take();
        if (!place) return slowPlacesAreTaken();
    }
    return match.route->handle(Request{http, std::move(match.values), identity.value_or(Identity{}), from});
}

std::string etagOf(std::uint64_t revision) {
    return "\"" + std::to_string(revision) + "\"";
}

std::optional<std::uint64_t> matchedRevision(const HttpRequest& http) {
    auto value = std::string(trimmed(http.header("if-match").value_or("")));
    if (value.size() < 3 || value.front() != '"' || value.back() != '"') return std::nullopt;
    return parseUnsigned(std::string_view{value}.substr(1, value.size() - 2));
}

std::optional<Response> staleWrite(const HttpRequest& http, std::uint64_t revision) {
    const auto header = http.header("if-match");
    if (!header || trimmed(*header) == "*" || matchedRevision(http) == revision) return std::nullopt;
    return problemResponse(
        412, {Code::Conflict, "Somebody else changed this meanwhile.",
              "Your change is based on an older state; now it is revision " + std::to_string(revision) + ".",
              "Load it again, look at the difference, and repeat your change."});
}

}  // namespace causeway::admin
