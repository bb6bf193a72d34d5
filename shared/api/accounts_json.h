#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/api/json_fields.h"
#include "shared/api/json_writer.h"
#include "shared/base/secret.h"
#include "shared/model/account.h"
#include "shared/model/provider_view.h"

/// /v1/domains/{id}/accounts, /v1/accounts and /v1/domains/{id}/login-test. The row is Account of shared/model without
/// its keys, with `address` and the names of the hashes that are stored (`hashes`, only where one account is answered).
namespace causeway::api {

struct AccountPage {
    std::vector<Account> items;  ///< by name
    std::string next;            ///< cursor, empty = this is the last page
    std::uint64_t total = 0;     ///< of the domain, whatever the filter
};

/// POST needs localPart and password; PATCH may leave out everything, and the name stays.
struct AccountRequest {
    std::optional<std::string> localPart{};
    std::optional<Secret> password{};
    std::optional<std::string> displayName{};
    std::optional<std::string> mail{};
    std::optional<std::string> department{};
    std::optional<bool> isDisabled{};

    void applyTo(Account& account) const;
};

/// POST /v1/domains/{id}/accounts/import. A dry run changes nothing and answers what would come.
struct AccountImportRequest {
    std::string csv;
    bool isDry = false;
};
struct AccountImportAnswer {
    bool isDry = false;
    std::uint64_t added = 0;         ///< 0 if there are problems: all or none
    std::vector<std::string> names;  ///< local parts that were added, or would be; at most 1,000
    std::vector<ImportProblem> problems;
    std::vector<ImportProblem> warnings;  ///< did not stop the import: unknown columns, names that a provider has too
};

/// What POST /v1/domains/{id}/accounts answers: the fields of the account, and `warnings`.
struct AccountAdded {
    Account account;
    std::vector<std::string> warnings;  ///< such as a provider that has the same name
};

struct LoginTestRequest {
    std::string name;  ///< "alice" or "alice@chat.example.com"
    Secret password;
    std::string from;  ///< address to count failures by; empty: the caller's own
};

void writeJson(JsonWriter& out, const Account& account);
void readJson(JsonFields& in, Account& account);
void writeJson(JsonWriter& out, const AccountAdded& added);
void readJson(JsonFields& in, AccountAdded& added);
void writeJson(JsonWriter& out, const AccountPage& page);
void readJson(JsonFields& in, AccountPage& page);
void writeJson(JsonWriter& out, const AccountRequest& request);
void readJson(JsonFields& in, AccountRequest& request);
void writeJson(JsonWriter& out, const AccountImportRequest& request);
void readJson(JsonFields& in, AccountImportRequest& request);
void writeJson(JsonWriter& out, const AccountImportAnswer& answer);
void readJson(JsonFields& in, AccountImportAnswer& answer);
void writeJson(JsonWriter& out, const LoginTestRequest& request);
void readJson(JsonFields& in, LoginTestRequest& request);
void writeJson(JsonWriter& out, const LoginTrail& trail);
void readJson(JsonFields& in, LoginTrail& trail);

}  // namespace causeway::api
