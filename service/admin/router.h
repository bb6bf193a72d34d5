#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/admin/accounts.h"
#include "service/admin/http_request.h"
#include "service/admin/slow_places.h"
#include "shared/api/json_fields.h"
#include "shared/api/problems_json.h"
#include "shared/base/result.h"

namespace causeway::admin {

/// Who may use a route. Open: everybody. Any: whoever has a valid token.
enum class Access { Open, Any, Viewer, Operator, Admin };
const char* wordOf(Access access);

class EventReader;

struct Response {
    int status = 200;
    std::string contentType = "application/json";
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    /// Set for GET /v1/events: the connection writes what this reader gets until one of both ends.
    std::shared_ptr<EventReader> stream;
};

Response jsonResponse(std::string json, int status = 200);
Response emptyResponse(int status = 204);
Response problemResponse(const Error& error);
Response problemResponse(int status, const Error& error, std::vector<api::FieldProblem> errors = {});

/// A request that was let through.
struct Request {
    const HttpRequest& http;
    std::vector<std::string> values;  ///< of the {placeholders}, in order
    Identity identity;                ///< of nobody on open routes without a token
    std::string from;                 ///< address of the caller

    /// Number in a placeholder; 0 if it is none: no record has that id.
    std::uint64_t id() const;
    std::string query(std::string_view name) const { return http.queryValue(name).value_or(""); }
};

/// The record of the body, or the problem with every field that is wrong.
template <class T>
std::variant<T, Response> readBody(const Request& request) {
    std::vector<api::FieldProblem> problems;
    auto record = api::fromJson<T>(request.http.body, &problems, {.refuseDuplicateNames = true});
    if (record) return std::move(*record);
    auto error = record.error();
    error.todo = "Send what GET /v1/openapi.json describes.";
    return problemResponse(400, error, std::move(problems));
}

/// 200 with the record as JSON, or the problem.
template <class T>
Response answer(const Result<T>& result, int status = 200) {
    if (!result) return problemResponse(result.error());
    return jsonResponse(api::toJson(*result), status);
}
inline Response answer(const Result<void>& result) {
    return result ? emptyResponse() : problemResponse(result.error());
}

struct QueryParameter {
    const char* name;
    const char* sentence;
};

/// Quick: memory and disk. Slow: waits for other computers, for seconds, and needs one of the slow places.
enum class Pace { Quick, Slow };
/// How many slow calls run at a time.
constexpr std::size_t kSlowPlaces = 8;
/// 429 with Retry-After: all slow places are taken.
Response slowPlacesAreTaken();

/// One line of the contract: it routes, checks the role, and is described in /v1/openapi.json.
struct Route {
    const char* method;
    const char* path;  ///< "/v1/users/{id}"
    Access access;
    const char* summary;
    const char* requestSchema;   ///< "" = no body
    const char* responseSchema;  ///< "" = no body; "text" = text/plain; "packets" = a pcapng file
    int success;
    std::function<Response(const Request&)> handle;
    std::vector<QueryParameter> query{};
    bool needsIfMatch = false;
    Pace pace = Pace::Quick;
};

/// The table of all routes. Filled once, then read by any thread.
class Router {
public:
    void add(Route route);
    const std::vector<Route>& routes() const { return routes_; }
    /// For routes that are slow only sometimes.
    SlowPlaces& slowPlaces() const { return slow_; }

    struct Match {
        const Route* route = nullptr;  ///< null: see allowed
        std::vector<std::string> values;
        std::vector<std::string> allowed;  ///< methods that the path knows; empty = no such path
    };
    /// HEAD finds the GET route.
    Match find(const std::string& method, const std::vector<std::string>& segments) const;

    /// Role check, If-Match present where it is needed, a place if it is slow, then the handler. `identity` is nullopt
    /// without a valid token.
    Response serve(const HttpRequest& http, const std::optional<Identity>& identity, const std::string& from) const;
    /// The part of serve() that needs no body: a refusal, or nullopt.
    std::optional<Response> refuse(const Match& match, const HttpRequest& http,
                                   const std::optional<Identity>& identity) const;

private:
    struct Template {
        std::vector<std::string> segments;  ///< empty text = placeholder
    };
    std::vector<Route> routes_;
    std::vector<Template> templates_;
    mutable SlowPlaces slow_{kSlowPlaces};
};

/// nullopt if the request may go on: no If-Match, "*", or the current revision; else 412 with a sentence.
std::optional<Response> staleWrite(const HttpRequest& http, std::uint64_t revision);
/// `"7"`, the value of the ETag header.
std::string etagOf(std::uint64_t revision);
/// Number of an If-Match header; nullopt for "*", none, or something else.
std::optional<std::uint64_t> matchedRevision(const HttpRequest& http);

}  // namespace causeway::admin
