#include "shared/api/admins_json.h"

#include <array>

namespace causeway::api {

namespace {

constexpr std::array kKinds{"local", "session", "token"};
constexpr const char* kRoles = "viewer, operator and admin";

void readSecret(JsonFields& in, std::string_view name, Secret& into) {
    std::string text;
    in.read(name, text);
    into = Secret{std::move(text)};
}

}  // namespace

const char* wordOf(IdentityKind kind) {
    return kKinds[static_cast<std::size_t>(kind)];
}
std::optional<IdentityKind> identityKindOf(std::string_view word) {
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
        if (word == kKinds[i]) return static_cast<IdentityKind>(i);
    }
    return std::nullopt;
}

void writeJson(JsonWriter& out, const LoginRequest& request) {
    out.beginObject();
    out.field("name", request.name);
    out.field("password", request.password.reveal());
    out.endObject();
}

void readJson(JsonFields& in, LoginRequest& request) {
    in.require("name");
    in.require("password");
    in.read("name", request.name);
    readSecret(in, "password", request.password);
}

void writeJson(JsonWriter& out, const LoginAnswer& answer) {
    out.beginObject();
    out.field("token", answer.token.reveal());
    out.field("role", wordOf(answer.role));
    out.field("name", answer.name);
    out.field("expiresAt", answer.expiresAt);
    out.endObject();
}

void readJson(JsonFields& in, LoginAnswer& answer) {
    readSecret(in, "token", answer.token);
    in.readWord("role", answer.role, &roleOf);
    in.read("name", answer.name);
    in.read("expiresAt", answer.expiresAt);
}

void writeJson(JsonWriter& out, const Me& me) {
    out.beginObject();
    out.field("name", me.name);
    out.field("role", wordOf(me.role));
    out.field("kind", wordOf(me.kind));
    out.endObject();
}

void readJson(JsonFields& in, Me& me) {
    in.read("name", me.name);
    in.readWord("role", me.role, &roleOf);
    in.readWord("kind", me.kind, &identityKindOf);
}

void writeJson(JsonWriter& out, const Administrator& admin) {
    out.beginObject();
    out.field("id", admin.id);
    out.field("name", admin.name);
    out.field("role", wordOf(admin.role));
    out.field("isDisabled", admin.isDisabled);
    out.field("createdAt", admin.createdAt);
    out.field("lastLogin", admin.lastLogin);
    out.endObject();
}

void readJson(JsonFields& in, Administrator& admin) {
    in.read("id", admin.id);
    in.read("name", admin.name);
    in.readWord("role", admin.role, &roleOf);
    in.read("isDisabled", admin.isDisabled);
    in.read("createdAt", admin.createdAt);
    in.read("lastLogin", admin.lastLogin);
}

void writeJson(JsonWriter& out, const AdminList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, AdminList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const AdminRequest& request) {
    out.beginObject();
    if (request.name) out.field("name", *request.name);
    if (request.role) out.field("role", wordOf(*request.role));
    if (request.isDisabled) out.field("isDisabled", *request.isDisabled);
    if (request.password) out.field("password", request.password->reveal());
    out.endObject();
}

void readJson(JsonFields& in, AdminRequest& request) {
    in.read("name", request.name);
    if (in.has("role")) {
        Role role = Role::Viewer;
        in.readKnownWord("role", role, &roleOf, kRoles);
        request.role = role;
    }
    in.read("isDisabled", request.isDisabled);
    if (in.has("password")) readSecret(in, "password", request.password.emplace());
}

void writeJson(JsonWriter& out, const ApiToken& token) {
    out.beginObject();
    out.field("id", token.id);
    out.field("name", token.name);
    out.field("role", wordOf(token.role));
    out.field("createdAt", token.createdAt);
    out.field("expiresAt", token.expiresAt);
    out.field("lastUsed", token.lastUsed);
    out.endObject();
}

void readJson(JsonFields& in, ApiToken& token) {
    in.read("id", token.id);
    in.read("name", token.name);
    in.readWord("role", token.role, &roleOf);
    in.read("createdAt", token.createdAt);
    in.read("expiresAt", token.expiresAt);
    in.read("lastUsed", token.lastUsed);
}

void writeJson(JsonWriter& out, const TokenList& list) {
    out.beginObject();
    writeItems(out, list.items);
    out.endObject();
}

void readJson(JsonFields& in, TokenList& list) {
    in.readList("items", list.items);
}

void writeJson(JsonWriter& out, const TokenRequest& request) {
    out.beginObject();
    out.field("name", request.name);
    out.field("role", wordOf(request.role));
    if (request.expiresAt) out.field("expiresAt", *request.expiresAt);
    out.endObject();
}

void readJson(JsonFields& in, TokenRequest& request) {
    in.require("name");
    in.require("role");
    in.read("name", request.name);
    in.readKnownWord("role", request.role, &roleOf, kRoles);
    in.read("expiresAt", request.expiresAt);
}

void writeJson(JsonWriter& out, const TokenCreated& created) {
    out.beginObject();
    out.field("id", created.record.id);
    out.field("name", created.record.name);
    out.field("role", wordOf(created.record.role));
    out.field("createdAt", created.record.createdAt);
    out.field("expiresAt", created.record.expiresAt);
    out.field("lastUsed", created.record.lastUsed);
    out.field("token", created.token.reveal());
    out.endObject();
}

void readJson(JsonFields& in, TokenCreated& created) {
    readJson(in, created.record);
    readSecret(in, "token", created.token);
}

void writeJson(JsonWriter& out, const AuditEntry& entry) {
    out.beginObject();
    out.field("id", entry.id);
    out.field("at", entry.at);
    out.field("who", entry.who);
    out.field("from", entry.from);
    out.field("action", entry.action);
    out.field("subject", entry.subject);
    out.field("before", entry.before);
    out.field("after", entry.after);
    out.endObject();
}

void readJson(JsonFields& in, AuditEntry& entry) {
    in.read("id", entry.id);
    in.read("at", entry.at);
    in.read("who", entry.who);
    in.read("from", entry.from);
    in.read("action", entry.action);
    in.read("subject", entry.subject);
    in.read("before", entry.before);
    in.read("after", entry.after);
}

void writeJson(JsonWriter& out, const AuditPage& page) {
    out.beginObject();
    writeItems(out, page.items);
    writeCursor(out, page.next);
    out.endObject();
}

void readJson(JsonFields& in, AuditPage& page) {
    in.readList("items", page.items);
    in.read("next", page.next);
}

}  // namespace causeway::api
