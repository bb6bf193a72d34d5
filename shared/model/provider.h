#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"

namespace causeway {

/// Where passwords are checked.
enum class ProviderKind { BuiltIn, Ldap, Radius, Http, Sql };

enum class FieldType {
    Text,    ///< one line
    Lines,   ///< several lines: servers, search bases, groups
    Pem,     ///< certificates in PEM, pasted or loaded from a file
    Secret,  ///< write-only: API and console show only whether it is set
    Number,
    Seconds,
    Flag,  ///< "true" or "false"
    Choice,
    Filter,    ///< LDAP search filter
    Template,  ///< text with placeholders
    Query,     ///< SQL with placeholders, which become bound parameters
};

/// One row a field of a kind: it checks, documents and serves API, CLI and console, which make their forms from it.
struct ProviderField {
    std::string_view key;    ///< "bind_dn"
    std::string_view label;  ///< "Name of the service account"
    FieldType type = FieldType::Text;
    std::string_view standard{};  ///< value if nothing is set
    std::int64_t least = 0;       ///< Number, Seconds
    std::int64_t most = 0;
    std::string_view choices{};  ///< "starttls|ldaps|none" for Choice
    std::string_view group{};    ///< heading in the form: "Connection"
    bool isNeeded = false;
    /// The field has a meaning only while another has one of these values: "login_as=search", "engine=mariadb|odbc".
    std::string_view onlyWhen{};
    std::string_view placeholders{};  ///< Filter, Template, Query: "user|domain"; the first must be there
    std::string_view help{};          ///< one or two sentences
};

/// Fields of a kind in the order of the form.
std::span<const ProviderField> providerFields(ProviderKind kind);
const ProviderField* findProviderField(ProviderKind kind, std::string_view key);

/// An authentication provider as it is stored and shown; secrets are apart (ProviderSecrets).
struct Provider {
    std::uint64_t id = 0;
    std::string name;  ///< 1..64 characters, unique without regard to case
    ProviderKind kind = ProviderKind::BuiltIn;
    bool isEnabled = true;
    std::map<std::string, std::string> settings;  ///< by field key; what is missing has its standard value
    std::set<std::string> secretsSet;             ///< keys of the secrets that are stored
    std::uint64_t revision = 0;

    /// The value of a field, or its standard; empty for an unknown key.
    std::string value(std::string_view key) const;
    bool flag(std::string_view key) const { return value(key) == "true"; }
    std::int64_t number(std::string_view key) const;
    Duration seconds(std::string_view key) const { return Duration{number(key) * 1000}; }
    /// Lines of a field without blanks around, empty ones left out.
    std::vector<std::string> lines(std::string_view key) const;
    /// The field's onlyWhen holds.
    bool isUsed(const ProviderField& field) const;
};

/// Secrets of one provider by field key.
using ProviderSecrets = std::map<std::string, Secret>;

enum class ProblemWeight {
    Error,    ///< cannot be saved
    Warning,  ///< can be saved, but is risky or probably a mistake
};
struct ProviderProblem {
    std::string field;  ///< key; empty: the provider as a whole
    ProblemWeight weight = ProblemWeight::Error;
    std::string text;                     ///< what is wrong and what to do
    std::optional<std::size_t> column{};  ///< 0-based, where known
};

/// All that can be said without asking any server.
std::vector<ProviderProblem> checkProvider(const Provider& provider);
inline bool hasErrors(const std::vector<ProviderProblem>& problems) {
    for (const auto& problem : problems)
        if (problem.weight == ProblemWeight::Error) return true;
    return false;
}

/// Keys of the secrets without which the provider cannot work and that are not set, as after an import: nobody is asked
/// there until they are typed.
std::vector<std::string> missingSecrets(const Provider& provider);

/// A set of values for a well-known product, to start a form with.
struct ProviderPreset {
    std::string_view word;   ///< "active-directory"
    std::string_view label;  ///< "Microsoft Active Directory"
    ProviderKind kind = ProviderKind::Ldap;
    std::vector<std::pair<std::string_view, std::string_view>> settings;
};
std::span<const ProviderPreset> providerPresets();

/// One server of a list: "dc1", "dc1:389", "ldaps://dc1.example.com", "[2001:db8::1]:636".
struct ServerAddress {
    std::string scheme;      ///< lower case, empty if none was written
    std::string host;        ///< name or address, lower case, without brackets
    std::uint16_t port = 0;  ///< 0 if none was written

    bool isAddress() const;  ///< an IPv4 or IPv6 address, no name
    /// "dc1.example.com:389"; IPv6 in brackets.
    std::string text(std::uint16_t standardPort) const;
};
/// Servers separated by lines, blanks or commas; at most 16. Errors: BadInput, TooMany; `place` is the column.
Result<std::vector<ServerAddress>> parseServers(std::string_view text);

/// What a web address is made of. Errors of parseWebAddress: BadInput with the column.
struct WebAddress {
    bool isTls = true;
    std::string host;
    std::uint16_t port = 443;
    std::string pathAndQuery = "/";
};
Result<WebAddress> parseWebAddress(std::string_view text);
/// A text such as "127.0.0.1", "::1" or "localhost": nothing leaves this machine.
bool isThisMachine(std::string_view host);

const char* wordOf(ProviderKind kind);  ///< "built-in", "ldap", "radius", "http", "sql"
const char* labelOf(ProviderKind kind);
std::optional<ProviderKind> providerKindOf(std::string_view word);
const char* wordOf(FieldType type);
std::optional<FieldType> fieldTypeOf(std::string_view word);

}  // namespace causeway
