#include "shared/model/provider.h"

#include <algorithm>
#include <array>

#include "shared/base/cursor.h"
#include "shared/base/ip.h"
#include "shared/base/text.h"
#include "shared/model/ldap_filter.h"
#include "shared/model/template_text.h"

namespace causeway {

namespace {

constexpr std::array kKinds{std::pair{ProviderKind::BuiltIn, "built-in"}, std::pair{ProviderKind::Ldap, "ldap"},
                            std::pair{ProviderKind::Radius, "radius"}, std::pair{ProviderKind::Http, "http"},
                            std::pair{ProviderKind::Sql, "sql"}};
constexpr std::array kTypes{std::pair{FieldType::Text, "text"},     std::pair{FieldType::Lines, "lines"},
                            std::pair{FieldType::Pem, "pem"},       std::pair{FieldType::Secret, "secret"},
                            std::pair{FieldType::Number, "number"}, std::pair{FieldType::Seconds, "seconds"},
                            std::pair{FieldType::Flag, "flag"},     std::pair{FieldType::Choice, "choice"},
                            std::pair{FieldType::Filter, "filter"}, std::pair{FieldType::Template, "template"},
                            std::pair{FieldType::Query, "query"}};
constexpr std::size_t kMostServers = 16;
constexpr std::size_t kMostTextBytes = 4000;
constexpr std::size_t kMostPemBytes = std::size_t{256} * 1024;

bool isSeparator(char c) {
    return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t';
}

bool isHostCharacter(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

bool isIp6(std::string_view text) {
    return text.find(':') != std::string_view::npos &&
           text.find_first_not_of("0123456789abcdefABCDEF:.") == std::string_view::npos;
}

Error wrongPlace(std::size_t place, std::string what) {
    return Error{Code::BadInput, std::move(what), "", "", place};
}

/// "host", "host:port", "[v6]:port", "v6" of one word; `column` is where the word begins.
Result<ServerAddress> parseHostPort(std::string_view word, std::size_t column) {
    ServerAddress server;
    std::string_view port;
    if (word.starts_with('[')) {
        const auto close = word.find(']');
        if (close == std::string_view::npos)
            return wrongPlace(column, "The bracket of the IPv6 address is not closed.");
        server.host = lowerAscii(word.substr(1, close - 1));
        const auto rest = word.substr(close + 1);
        if (!rest.empty() && !rest.starts_with(':')) {
            return wrongPlace(column + close + 1, "Behind the bracket only :port may stand.");
        }
        if (!rest.empty()) port = rest.substr(1);
        if (!isIp6(server.host)) return wrongPlace(column, "Between the brackets there is no IPv6 address.");
        if (!rest.empty() && port.empty())
            return wrongPlace(column + close + 1, "The port behind the colon is missing.");
    } else if (isIp6(word) && std::count(word.begin(), word.end(), ':') > 1) {
        server.host = lowerAscii(word);
    } else {
        const auto colon = word.find(':');
        server.host = lowerAscii(word.substr(0, colon));
        if (colon != std::string_view::npos) {
            port = word.substr(colon + 1);
            if (port.empty()) return wrongPlace(column + colon, "The port behind the colon is missing.");
        }
        const auto bad = std::find_if_not(server.host.begin(), server.host.end(), isHostCharacter);
        if (bad != server.host.end() || server.host.empty()) {
            return wrongPlace(column + static_cast<std::size_t>(bad - server.host.begin()),
                              "\"" + cleanUtf8(cutUtf8(word, 80)) +
                                  "\" is no server: write a name such as dc1.example.com or an address, and :port if "
                                  "it is not the usual one.");
        }
    }
    if (!port.empty()) {
        const auto number = parseUnsigned(port);
        if (!number || *number == 0 || *number > 65535) {
            return wrongPlace(column,
                              "\"" + cleanUtf8(cutUtf8(port, 20)) + "\" is no port: write a number from 1 to 65535.");
        }
        server.port = static_cast<std::uint16_t>(*number);
    }
    return server;
}

class Checker {
public:
    explicit Checker(const Provider& provider) : provider_(provider) {}

    std::vector<ProviderProblem> run() {
        checkName();
        for (const auto& [key, value] : provider_.settings) {
            const auto* field = findProviderField(provider_.kind, key);
            if (!field || field->type == FieldType::Secret) {
                std::string known;
                for (const auto& each : providerFields(provider_.kind))
                    if (each.type != FieldType::Secret) known += (known.empty() ? "" : ", ") + std::string(each.key);
                error(key, "A provider of the kind " + std::string(wordOf(provider_.kind)) + " has no setting \"" +
                               cleanUtf8(cutUtf8(key, 60)) + "\". It has: " + known + ".");
            }
        }
        for (const auto& field : providerFields(provider_.kind))
            if (provider_.isUsed(field)) checkField(field);
        switch (provider_.kind) {
            case ProviderKind::BuiltIn:
                break;
            case ProviderKind::Ldap:
                checkLdap();
                break;
            case ProviderKind::Radius:
                checkRadius();
                break;
            case ProviderKind::Http:
                checkHttp();
                break;
            case ProviderKind::Sql:
                checkSql();
                break;
        }
        return std::move(problems_);
    }

private:
    void add(std::string_view field, ProblemWeight weight, std::string text, std::optional<std::size_t> column) {
        problems_.push_back({std::string(field), weight, std::move(text), column});
    }
    void error(std::string_view field, std::string text, std::optional<std::size_t> column = {}) {
        add(field, ProblemWeight::Error, std::move(text), column);
    }
    void warn(std::string_view field, std::string text, std::optional<std::size_t> column = {}) {
        add(field, ProblemWeight::Warning, std::move(text), column);
    }
    bool hasError(std::string_view field) const {
        return std::any_of(problems_.begin(), problems_.end(), [&](const ProviderProblem& problem) {
            return problem.field == field && problem.weight == ProblemWeight::Error;
        });
    }

    void checkName() {
        const auto name = trimmed(provider_.name);
        if (name.empty()) error("name", "Give the provider a name, such as \"Company directory\".");
        if (!name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos) {
            error("name",
                  "The name has digits only, so that commands would take it for a number of a provider. Put a "
                  "word in, such as \"Directory " +
                      std::string(name) + "\".");
        }
        if (name.size() > 64) error("name", "The name is longer than 64 characters. Shorten it.");
        if (cleanUtf8(provider_.name) != provider_.name) error("name", "The name has characters that cannot be shown.");
    }

    void checkField(const ProviderField& field) {
        if (field.type == FieldType::Secret) {
            if (field.isNeeded && !provider_.secretsSet.contains(std::string(field.key))) {
                error(field.key, "\"" + std::string(field.label) + "\" is needed.");
            }
            return;
        }
        const auto value = provider_.value(field.key);
        if (trimmed(value).empty()) {
            if (field.isNeeded) error(field.key, "\"" + std::string(field.label) + "\" is needed.");
            return;
        }
        if (value.size() > (field.type == FieldType::Pem ? kMostPemBytes : kMostTextBytes)) {
            error(field.key, "The text is too long. Shorten it.");
            return;
        }
        if (!isValidUtf8(value) || value.find('\0') != std::string::npos) {
            error(field.key, "The text has characters that cannot be read. Type it again.");
            return;
        }
        checkType(field, value);
    }

    void checkType(const ProviderField& field, const std::string& value) {
        switch (field.type) {
            case FieldType::Number:
            case FieldType::Seconds: {
                const auto number = parseUnsigned(value);
                if (!number || *number < static_cast<std::uint64_t>(field.least) ||
                    *number > static_cast<std::uint64_t>(field.most)) {
                    error(field.key, "Write a whole number from " + std::to_string(field.least) + " to " +
                                         std::to_string(field.most) + ".");
                }
                break;
            }
            case FieldType::Flag:
                if (value != "true" && value != "false") error(field.key, "Write true or false.");
                break;
            case FieldType::Choice: {
                const auto choices = split(field.choices, '|');
                if (std::find(choices.begin(), choices.end(), value) == choices.end()) {
                    auto list = std::string(field.choices);
                    std::replace(list.begin(), list.end(), '|', ' ');
                    error(field.key, "\"" + cleanUtf8(cutUtf8(value, 60)) + "\" is none of the choices: " + list + ".");
                }
                break;
            }
            case FieldType::Pem:
                checkPem(field, value);
                break;
            case FieldType::Filter:
                if (const auto filter = parseLdapFilter(value); !filter) {
                    error(
                        field.key,
                        filter.error().what + " (column " + std::to_string(filter.error().place.value_or(0) + 1) + ")",
                        filter.error().place);
                    break;
                }
                checkPlaceholders(field, value);
                break;
            case FieldType::Template:
                checkPlaceholders(field, value);
                break;
            case FieldType::Query:
                checkQuery(field, value);
                break;
            case FieldType::Text:
                if (value.find('\n') != std::string::npos) error(field.key, "Only one line may stand here.");
                break;
            case FieldType::Lines:
            case FieldType::Secret:
                break;
        }
    }

    void checkPem(const ProviderField& field, const std::string& value) {
        if (value.find("PRIVATE KEY-----") != std::string::npos) {
            error(field.key, "This is a private key. Take it away and paste the certificate of the authority.");
        } else if (value.find("-----BEGIN CERTIFICATE-----") == std::string::npos ||
                   value.find("-----END CERTIFICATE-----") == std::string::npos) {
            error(field.key, "This is no certificate in PEM. It begins with -----BEGIN CERTIFICATE-----.");
        }
    }

    /// One of user, dn and address must be there, or all users look the same.
    void checkPlaceholders(const ProviderField& field, const std::string& value) {
        std::vector<std::string_view> known;
        if (!field.placeholders.empty()) known = split(field.placeholders, '|');
        if (const auto problem = templateProblem(value, known, {})) {
            error(field.key, problem->text + " (column " + std::to_string(problem->column + 1) + ")", problem->column);
            return;
        }
        const auto parts = templateParts(value);
        const auto names = [&](std::string_view name) {
            return std::any_of(parts.begin(), parts.end(), [&](const auto& part) { return part.name == name; });
        };
        if (!known.empty() && !names("user") && !names("address") && !names("dn")) {
            error(field.key,
                  "{" + std::string(known.front()) +
                      "} is missing, so every user would look the same. Write it where the name belongs.",
                  value.size());
        }
        if (std::find(known.begin(), known.end(), "password") != known.end() && !names("password")) {
            error(field.key, "{password} is missing, so no password would be checked.", value.size());
        }
    }

    void checkQuery(const ProviderField& field, const std::string& value) {
        const auto parts = templateParts(value);
        for (std::size_t i = 0; i < parts.size(); ++i) {
            if (parts[i].name.empty()) continue;
            const bool isQuoted = i > 0 && (parts[i - 1].text.ends_with('\'') || parts[i - 1].text.ends_with('"'));
            if (isQuoted) {
                error(field.key,
                      "Take the quotes around " + std::string(parts[i].text) +
                          " away: it becomes a bound parameter, which needs none. (column " +
                          std::to_string(parts[i].column + 1) + ")",
                      parts[i].column);
                return;
            }
        }
        const auto word = lowerAscii(trimmed(value).substr(0, 6));
        if (word != "select" && !word.starts_with("with") && !word.starts_with("exec") && !word.starts_with("call")) {
            error(field.key, "The query must only read: it begins with SELECT.", 0);
            return;
        }
        const auto statement = trimmed(value);
        const auto semicolon = statement.find(';');
        if (semicolon != std::string_view::npos && semicolon + 1 != statement.size()) {
            error(field.key, "Only one statement may stand here. Take the semicolon and what follows away.", semicolon);
            return;
        }
        if (!field.placeholders.empty()) {
            checkPlaceholders(field, value);
        } else if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return !part.name.empty(); })) {
            error(field.key, "The list of users takes no placeholder: it is asked without any user.");
        }
    }

    std::vector<ServerAddress> checkServers() {
        const auto servers = parseServers(provider_.value("servers"));
        if (servers) return *servers;
        if (!hasError("servers")) error("servers", servers.error().what, servers.error().place);
        return {};
    }

    void checkLdap() {
        const auto security = provider_.value("security");
        for (const auto& server : checkServers())
            checkLdapServer(server, security);
        if (security == "none") {
            bool allHere = true;
            if (const auto servers = parseServers(provider_.value("servers"))) {
                allHere = std::all_of(servers->begin(), servers->end(),
                                      [](const auto& server) { return isThisMachine(server.host); });
            }
            if (!allHere) {
                warn("security",
                     "Passwords cross the network in the clear. Choose StartTLS or LDAPS unless this is a "
                     "test.");
            }
        }
        for (const auto& base : provider_.lines("bases"))
            checkDn("bases", base);
        for (const auto& base : provider_.lines("group_bases"))
            checkDn("group_bases", base);
        for (const auto& group : provider_.lines("groups"))
            checkDn("groups", group);
        const bool isSearch = provider_.value("login_as") == "search";
        const bool hasPassword = provider_.secretsSet.contains("bind_password");
        if (isSearch && !provider_.value("bind_dn").empty() && !hasPassword) {
            error("bind_password",
                  "The service account has a name but no password. A server would take that for no "
                  "login at all. Type the password.");
        }
        if (isSearch && provider_.value("bind_dn").empty() && hasPassword) {
            warn("bind_dn",
                 "There is a password but no name of the service account, so the search goes without a "
                 "name.");
        }
    }

    void checkLdapServer(const ServerAddress& server, const std::string& security) {
        const auto shown = server.text(security == "ldaps" ? 636 : 389);
        if (!server.scheme.empty() && server.scheme != "ldap" && server.scheme != "ldaps") {
            error("servers", "\"" + server.scheme + "://\" is no LDAP address. Write only the name of the server.");
        } else if (server.scheme == "ldaps" && security != "ldaps") {
            error("servers", shown + " is written with ldaps://, but the encryption is set to " + security +
                                 ". Set it to LDAPS, or take ldaps:// away.");
        } else if (server.scheme == "ldap" && security == "ldaps") {
            error("servers", shown +
                                 " is written with ldap://, but the encryption is set to LDAPS. Take ldap:// away, "
                                 "or choose StartTLS.");
        } else if (security != "ldaps" && (server.port == 636 || server.port == 3269)) {
            error("servers", "Port " + std::to_string(server.port) + " of " + server.host +
                                 " expects TLS from the first byte, so a plain or StartTLS connection just closes. "
                                 "Choose LDAPS, or port 389.");
        } else if (security == "ldaps" && (server.port == 389 || server.port == 3268)) {
            error("servers", "Port " + std::to_string(server.port) + " of " + server.host +
                                 " expects a plain beginning, so LDAPS gets no answer. Choose StartTLS, or port 636.");
        }
        if (server.host == "localhost" && security != "none") {
            warn("servers",
                 "The LDAP library takes localhost for this machine's own name when it looks at the "
                 "certificate. Write the name that stands in the certificate, or 127.0.0.1.");
        }
        if (server.isAddress() && security != "none" && !isThisMachine(server.host)) {
            warn("servers", server.host +
                                " is an address. Certificates mostly carry names: write the name that stands "
                                "in the server's certificate.");
        }
    }

    void checkDn(std::string_view field, const std::string& dn) {
        if (dn.find('=') == std::string::npos) {
            error(field, "\"" + cleanUtf8(cutUtf8(dn, 80)) +
                             "\" is no distinguished name. It looks like ou=people,dc=example,dc=com.");
        }
    }

    void checkRadius() {
        for (const auto& server : checkServers()) {
            if (!server.scheme.empty()) {
                error("servers", "Write the server without \"" + server.scheme + "://\".");
            }
            if (server.port == 1813) {
                error("servers", "Port 1813 of " + server.host +
                                     " is for accounting and does not check passwords. Passwords are checked on 1812.");
            }
        }
    }

    void checkWebAddress(std::string_view key) {
        const auto text = provider_.value(key);
        if (text.empty() || hasError(key)) return;
        const auto address = parseWebAddress(text);
        if (!address) {
            error(key, address.error().what, address.error().place);
        } else if (!address->isTls && !isThisMachine(address->host)) {
            error(key, "Passwords would cross the network in the clear. Write https:// instead of http://.", 0);
        }
    }

    void checkHttp() {
        checkWebAddress("url");
        checkWebAddress("list_url");
        if (provider_.value("decide_by") == "status") checkStatusCodes();
        if (provider_.value("decide_by") == "field" &&
            provider_.value("right_value") == provider_.value("wrong_value")) {
            error("wrong_value", "The same value cannot mean right and wrong.");
        }
        if (provider_.value("format") == "json" && !hasError("json_body")) checkJsonBody();
        if (provider_.value("format") == "basic" && provider_.value("proof") == "bearer") {
            error("proof", "Basic and a bearer token both need the Authorization header. Choose HMAC, or JSON.");
        }
        if (provider_.value("proof") == "none" && !hasError("url")) {
            warn("proof",
                 "The service cannot tell who asks. Whoever reaches it can try passwords there. Choose a token "
                 "or a signature.");
        }
    }

    void checkStatusCodes() {
        std::map<std::string, std::string_view> seen;
        for (const std::string_view key : {"right_status", "wrong_status", "unknown_status"}) {
            auto text = provider_.value(key);
            std::replace_if(text.begin(), text.end(), isSeparator, ' ');
            for (const auto word : split(text, ' ')) {
                if (word.empty()) continue;
                const auto code = parseUnsigned(word);
                if (!code || *code < 200 || *code > 499) {
                    error(key, "\"" + cleanUtf8(cutUtf8(word, 20)) +
                                   "\" is no status code that can decide: take numbers from 200 to 499.");
                } else if (!seen.emplace(std::string(word), key).second) {
                    error(key, "Status " + std::string(word) + " stands twice. One code can mean only one thing.");
                }
            }
        }
    }

    /// A placeholder outside quotes would let a password add JSON of its own.
    void checkJsonBody() {
        const auto text = provider_.value("json_body");
        bool isInside = false;
        for (const auto& part : templateParts(text)) {
            if (!part.name.empty()) {
                if (!isInside) {
                    error("json_body",
                          std::string(part.text) + " must stand inside quotes. (column " +
                              std::to_string(part.column + 1) + ")",
                          part.column);
                    return;
                }
                continue;
            }
            for (std::size_t i = 0; i < part.text.size(); ++i) {
                if (part.text[i] == '\\' && isInside) {
                    ++i;
                } else if (part.text[i] == '"') {
                    isInside = !isInside;
                }
            }
        }
        if (isInside) error("json_body", "A quote is not closed.", text.size());
    }

    void checkSql() {
        const auto engine = provider_.value("engine");
        if (engine == "postgresql" || engine == "mariadb") {
            const auto servers = parseServers(provider_.value("server"));
            if (!servers) {
                if (!hasError("server")) error("server", servers.error().what, servers.error().place);
            } else if (servers->size() > 1) {
                error("server", "Only one server may stand here.");
            } else if (!servers->empty() && provider_.value("security") == "none" &&
                       !isThisMachine(servers->front().host)) {
                warn("security", "The stored hashes cross the network in the clear. Choose Verify.");
            }
            const auto login = lowerAscii(provider_.value("login"));
            if (login == "root" || login == "postgres" || login == "sa") {
                warn("login", "This account may do everything. Make one that may only read the table of users.");
            }
        }
        if (engine == "odbc") {
            const auto connection = lowerAscii(provider_.value("connection"));
            if (connection.find("pwd=") != std::string::npos || connection.find("password=") != std::string::npos) {
                error("connection",
                      "Take the password out of this text: it would be shown to everybody who may see "
                      "the settings. It has its own field.");
            }
        }
        if (provider_.value("scheme") == "plain") {
            warn("scheme",
                 "The passwords are stored readable. Whoever reads the database can log in as everybody. "
                 "Store hashes, if you can change the program that writes them.");
        }
    }

    const Provider& provider_;
    std::vector<ProviderProblem> problems_;
};

}  // namespace

const ProviderField* findProviderField(ProviderKind kind, std::string_view key) {
    for (const auto& field : providerFields(kind))
        if (field.key == key) return &field;
    return nullptr;
}

std::string Provider::value(std::string_view key) const {
    const auto at = settings.find(std::string(key));
    if (at != settings.end()) return at->second;
    const auto* field = findProviderField(kind, key);
    return field ? std::string(field->standard) : std::string{};
}

std::int64_t Provider::number(std::string_view key) const {
    const auto* field = findProviderField(kind, key);
    auto found = parseUnsigned(trimmed(value(key)));
    if (!found && field) found = parseUnsigned(field->standard);
    const auto given = static_cast<std::int64_t>(std::min<std::uint64_t>(found.value_or(0), 1'000'000'000));
    return field ? std::clamp(given, field->least, std::max(field->least, field->most)) : given;
}

std::vector<std::string> Provider::lines(std::string_view key) const {
    std::vector<std::string> out;
    const auto text = value(key);
    for (const auto line : split(text, '\n'))
        if (const auto kept = trimmed(line); !kept.empty()) out.emplace_back(kept);
    return out;
}

bool Provider::isUsed(const ProviderField& field) const {
    if (field.onlyWhen.empty()) return true;
    const auto equals = field.onlyWhen.find('=');
    const auto choices = split(field.onlyWhen.substr(equals + 1), '|');
    const auto current = value(field.onlyWhen.substr(0, equals));
    return std::find(choices.begin(), choices.end(), current) != choices.end();
}

std::vector<ProviderProblem> checkProvider(const Provider& provider) {
    return Checker{provider}.run();
}

std::vector<std::string> missingSecrets(const Provider& provider) {
    std::vector<std::string> keys;
    for (const auto& problem : checkProvider(provider)) {
        const auto* field = findProviderField(provider.kind, problem.field);
        if (problem.weight == ProblemWeight::Error && field != nullptr && field->type == FieldType::Secret)
            keys.push_back(problem.field);
    }
    return keys;
}

bool ServerAddress::isAddress() const {
    return isIp6(host) || Ip4::parse(host).has_value();
}

std::string ServerAddress::text(std::uint16_t standardPort) const {
    const bool isBracketed = host.find(':') != std::string::npos;
    return (isBracketed ? "[" + host + "]" : host) + ":" + std::to_string(port == 0 ? standardPort : port);
}

Result<std::vector<ServerAddress>> parseServers(std::string_view text) {
    std::vector<ServerAddress> servers;
    for (std::size_t at = 0; at < text.size();) {
        if (isSeparator(text[at])) {
            ++at;
            continue;
        }
        auto end = at;
        while (end < text.size() && !isSeparator(text[end]))
            ++end;
        auto word = text.substr(at, end - at);
        auto column = at;
        std::string scheme;
        if (const auto colon = word.find("://"); colon != std::string_view::npos) {
            scheme = lowerAscii(word.substr(0, colon));
            word.remove_prefix(colon + 3);
            column += colon + 3;
            while (word.ends_with('/'))
                word.remove_suffix(1);
        }
        auto server = parseHostPort(word, column);
        if (!server) return server.error();
        server->scheme = std::move(scheme);
        servers.push_back(std::move(*server));
        if (servers.size() > kMostServers) {
            return Error{Code::TooMany, "At most 16 servers can be named. Take the others away.", "", "", at};
        }
        at = end;
    }
    return servers;
}

Result<WebAddress> parseWebAddress(std::string_view text) {
    WebAddress address;
    const auto lower = lowerAscii(text);
    std::size_t at = 0;
    if (lower.starts_with("https://")) {
        at = 8;
    } else if (lower.starts_with("http://")) {
        at = 7;
        address.isTls = false;
        address.port = 80;
    } else {
        return wrongPlace(0, "A web address begins with https://.");
    }
    const auto pathFrom = std::min(text.find_first_of("/?#", at), text.size());
    const auto authority = text.substr(at, pathFrom - at);
    if (authority.find('@') != std::string_view::npos) {
        return wrongPlace(at, "Take the name and password out of the address: they would be shown.");
    }
    const auto server = parseHostPort(authority, at);
    if (!server) return server.error();
    address.host = server->host;
    if (server->port != 0) address.port = server->port;
    const auto path = text.substr(pathFrom);
    const auto bad = std::find_if(path.begin(), path.end(), [](char c) { return c <= ' ' || c >= 0x7f; });
    if (bad != path.end()) {
        return wrongPlace(pathFrom + static_cast<std::size_t>(bad - path.begin()),
                          "Blanks and letters beyond ASCII are written as %20 and so on in a web address.");
    }
    const auto hash = path.find('#');
    address.pathAndQuery = std::string(path.substr(0, hash));
    if (!address.pathAndQuery.starts_with('/')) address.pathAndQuery.insert(0, 1, '/');
    return address;
}

bool isThisMachine(std::string_view host) {
    if (host == "localhost" || host == "::1") return true;
    const auto ip = Ip4::parse(host);
    return ip && ip->isLoopback();
}

const char* wordOf(ProviderKind kind) {
    for (const auto& [value, word] : kKinds)
        if (value == kind) return word;
    return "";
}

const char* labelOf(ProviderKind kind) {
    switch (kind) {
        case ProviderKind::BuiltIn:
            return "Built-in accounts";
        case ProviderKind::Ldap:
            return "LDAP or Active Directory";
        case ProviderKind::Radius:
            return "RADIUS";
        case ProviderKind::Http:
            return "HTTP service";
        case ProviderKind::Sql:
            return "SQL database";
    }
    return "";
}

std::optional<ProviderKind> providerKindOf(std::string_view word) {
    for (const auto& [value, text] : kKinds)
        if (text == word) return value;
    return std::nullopt;
}

const char* wordOf(FieldType type) {
    for (const auto& [value, word] : kTypes)
        if (value == type) return word;
    return "";
}

std::optional<FieldType> fieldTypeOf(std::string_view word) {
    for (const auto& [value, text] : kTypes)
        if (text == word) return value;
    return std::nullopt;
}

}  // namespace causeway
