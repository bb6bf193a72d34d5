#include "service/admin/admin_core.h"
#include "shared/api/users_json.h"
#include "shared/base/text.h"

/// /v1/users and below, /v1/segments
namespace causeway::admin {

namespace {

Error unknownWord(const char* name, const std::string& word, const char* choices) {
    return Error{Code::BadInput,
                 std::string(name) + ": \"" + cleanUtf8(cutUtf8(word, 60)) + "\" is not one of " + choices + "."};
}

Result<api::UsersQuery> queryOf(const Request& request) {
    api::UsersQuery query;
    const auto limit = limitOf(request, 200);
    if (!limit) return limit.error();
    query.limit = *limit;
    query.cursor = request.query("cursor");
    query.as = request.query("as");
    query.filter = std::string(trimmed(request.query("filter")));
    if (query.filter.size() > 200) return Error{Code::BadInput, "filter: the text is longer than 200 bytes."};
    if (const auto word = request.query("scope"); !word.empty()) {
        const auto scope = api::userScopeOf(word);
        if (!scope) return unknownWord("scope", word, "all, local, external and unstable");
        query.scope = *scope;
    }
    if (const auto word = request.query("presence"); !word.empty()) {
        query.presence = presenceOf(word);
        if (!query.presence) return unknownWord("presence", word, "present, silent, gone and unconfirmed");
    }
    if (auto word = request.query("sort"); !word.empty()) {
        query.isDescending = word.front() == '-';
        const auto sort = api::userSortOf(word.substr(query.isDescending ? 1 : 0));
        if (!sort) return unknownWord("sort", word, "id, name, group, base, address, client, seen and presence");
        query.sort = *sort;
    }
    return query;
}

Response listUsers(AdminCore& core, const Request& request) {
    const auto query = queryOf(request);
    if (!query) return problemResponse(query.error());
    auto page = core.users()->page(*query);
    if (!page) return problemResponse(page.error());
    api::JsonWriter out{page->users.size() * 800 + 100};
    out.beginObject();
    out.key("items");
    out.beginArray();
    for (const auto& user : page->users)
        writeLanUser(out, user, page->viewpoint);
    out.endArray();
    api::writeCursor(out, page->next);
    out.field("total", page->total);
    out.endObject();
    return jsonResponse(out.take());
}

Response oneUser(AdminCore& core, const Request& request) {
    const auto user = core.ports().lan->user(request.id());
    if (!user) return problemResponse(user.error());
    const auto viewpoint = core.users()->viewpointOf(request.query("as"));
    if (!viewpoint) return problemResponse(viewpoint.error());
    api::JsonWriter out;
    writeLanUser(out, *user, *viewpoint);
    return jsonResponse(out.take());
}

std::string subjectOf(const LanUser& user) {
    return std::to_string(user.id) + " " + user.displayName();
}

Response forgetUser(AdminCore& core, const Request& request) {
    const auto user = core.ports().lan->user(request.id());
    if (!user) return problemResponse(user.error());
    auto forgotten = core.ports().lan->forget(user->id);
    if (forgotten) core.audit(request, "users.forget", subjectOf(*user), user->address.text(), "");
    return answer(forgotten);
}

Response history(AdminCore& core, const Request& request) {
    auto events = core.ports().lan->history(request.id());
    if (!events) return problemResponse(events.error());
    return jsonResponse(api::toJson(api::UserHistory{std::move(*events)}));
}

Response probe(AdminCore& core, const Request& request) {
    auto sent = core.ports().lan->probe(request.id());
    return sent ? emptyResponse(202) : problemResponse(sent.error());
}

Response ignore(AdminCore& core, const Request& request) {
    auto body = readBody<api::UntilRequest>(request);
    if (auto* refusal = std::get_if<Response>(&body)) return std::move(*refusal);
    const auto until = std::get<api::UntilRequest>(body).until;
    const auto user = core.ports().lan->user(request.id());
    if (!user) return problemResponse(user.error());
    auto ignored = core.ports().lan->ignoreInstability(user->id, until);
    if (ignored) {
        const auto before = user->instability ? user->instability->ignoredUntil : std::nullopt;
        core.audit(request, "users.ignore", subjectOf(*user), before ? isoText(*before) : "",
                   until ? isoText(*until) : "");
    }
    return answer(ignored);
}

Response segments(AdminCore& core) {
    auto rows = core.users()->segments();
    if (!rows) return problemResponse(rows.error());
    return jsonResponse(api::toJson(api::SegmentList{std::move(*rows)}));
}

}  // namespace

void addUsersRoutes(Router& router, AdminCore& core) {
    const auto withLan = [&core](auto use) {
        return
            [&core, use](const Request& request) { return core.users() == nullptr ? lanIsOff() : use(core, request); };
    };
    router.add({"GET",
                "/v1/users",
                Access::Viewer,
                "Users of the LAN directory",
                "",
                "UserPage",
                200,
                withLan(listUsers),
                {{"scope", "all, local, external or unstable"},
                 {"as", "viewpoint: user id, address or segment; default: the first own segment"},
                 {"presence", "present, silent, gone or unconfirmed"},
                 {"filter", "part of name, user, host, group, address or client"},
                 {"sort", "id, name, group, base, address, client, seen or presence; - in front for descending"},
                 {"limit", "1..5000, default 200"},
                 {"cursor", "`next` of the page before"}}});
    router.add({"GET",
                "/v1/users/{id}",
                Access::Viewer,
                "One user",
                "",
                "User",
                200,
                withLan(oneUser),
                {{"as", "viewpoint, as in the list"}}});
    router.add(
        {"DELETE", "/v1/users/{id}", Access::Admin, "Forgets a user who is gone", "", "", 204, withLan(forgetUser)});
    router.add({"GET", "/v1/users/{id}/history", Access::Viewer, "What happened to a user", "", "UserHistory", 200,
                withLan(history)});
    router.add({"POST", "/v1/users/{id}/probe", Access::Operator, "Asks the user's address whether he is there", "", "",
                202, withLan(probe)});
    router.add({"PUT", "/v1/users/{id}/ignore", Access::Operator, "Leaves a user out of the unstable list",
                "UntilRequest", "", 204, withLan(ignore)});
    router.add({"GET", "/v1/segments", Access::Viewer, "Segments for the choice of the viewpoint", "", "SegmentList",
                200, withLan([](AdminCore& admin, const Request&) { return segments(admin); })});
}

}  // namespace causeway::admin
