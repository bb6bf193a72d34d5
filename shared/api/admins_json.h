#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/secret.h"
#include "shared/model/admin.h"

/// /v1/login, /v1/me, /v1/admins, /v1/tokens, /v1/audit.
namespace causeway::api {

struct LoginRequest {
    std::string name;
    Secret password;
};
struct LoginAnswer {
    Secret token;
    Role role = Role::Viewer;
    std::string name;
    TimePoint expiresAt{};
};

/// How the caller proved who he is.
enum class IdentityKind { Local, Session, Token };
struct Me {
    std::string name;
    Role role = Role::Viewer;
    IdentityKind kind = IdentityKind::Local;
};

struct AdminList {
    std::vector<Administrator> items;
};
/// POST needs name, role and password; PATCH takes any.
struct AdminRequest {
    std::optional<std::string> name{};
    std::optional<Role> role{};
    std::optional<bool> isDisabled{};
    std::optional<Secret> password{};
};

struct TokenList {
    std::vector<ApiToken> items;
};
struct TokenRequest {
    std::string name;
    Role role = Role::Viewer;
    std::optional<TimePoint> expiresAt{};
};
/// Answer to POST /v1/tokens; the only time that the token itself is shown.
struct TokenCreated {
    ApiToken record;
    Secret token;
};

struct AuditPage {
    std::vector<AuditEntry> items;  ///< newest first
    std::string next;               ///< cursor; empty = this was the last page
};

const char* wordOf(IdentityKind kind);
std::optional<IdentityKind> identityKindOf(std::string_view word);

void writeJson(JsonWriter& out, const LoginRequest& request);
void readJson(JsonFields& in, LoginRequest& request);
void writeJson(JsonWriter& out, const LoginAnswer& answer);
void readJson(JsonFields& in, LoginAnswer& answer);
void writeJson(JsonWriter& out, const Me& me);
void readJson(JsonFields& in, Me& me);
void writeJson(JsonWriter& out, const AdminList& list);
void readJson(JsonFields& in, AdminList& list);
void writeJson(JsonWriter& out, const AdminRequest& request);
void readJson(JsonFields& in, AdminRequest& request);
void writeJson(JsonWriter& out, const TokenList& list);
void readJson(JsonFields& in, TokenList& list);
void writeJson(JsonWriter& out, const TokenRequest& request);
void readJson(JsonFields& in, TokenRequest& request);
void writeJson(JsonWriter& out, const TokenCreated& created);
void readJson(JsonFields& in, TokenCreated& created);
void writeJson(JsonWriter& out, const AuditPage& page);
void readJson(JsonFields& in, AuditPage& page);
void writeJson(JsonWriter& out, const Administrator& admin);
void readJson(JsonFields& in, Administrator& admin);
void writeJson(JsonWriter& out, const ApiToken& token);
void readJson(JsonFields& in, ApiToken& token);
void writeJson(JsonWriter& out, const AuditEntry& entry);
void readJson(JsonFields& in, AuditEntry& entry);

}  // namespace causeway::api
