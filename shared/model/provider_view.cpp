#include "shared/model/provider_view.h"

#include "shared/base/text.h"

namespace causeway {

namespace {

std::string serversText(const std::string& servers, std::uint16_t standardPort) {
    const auto parsed = parseServers(servers);
    if (!parsed || parsed->empty()) return {};
    const auto& first = parsed->front();
    auto text = first.text(first.scheme == "ldaps" && first.port == 0 ? std::uint16_t{636} : standardPort);
    if (parsed->size() > 1) text += " and " + std::to_string(parsed->size() - 1) + " more";
    return text;
}

/// The server of an ODBC connection text; nothing else of it, because it may hold a password.
std::string odbcServer(const std::string& connection) {
    for (const auto part : split(connection, ';')) {
        const auto equals = part.find('=');
        if (equals == std::string_view::npos) continue;
        const auto key = lowerAscii(trimmed(part.substr(0, equals)));
        if (key == "server" || key == "servername" || key == "dsn" || key == "host")
            return std::string(trimmed(part.substr(equals + 1)));
    }
    return "ODBC";
}

}  // namespace

const char* wordOf(ProblemWeight weight) {
    return weight == ProblemWeight::Error ? "error" : "warning";
}

std::optional<ProblemWeight> problemWeightOf(std::string_view word) {
    if (word == "error") return ProblemWeight::Error;
    if (word == "warning") return ProblemWeight::Warning;
    return std::nullopt;
}

std::string addressSummary(const Provider& provider) {
    switch (provider.kind) {
        case ProviderKind::BuiltIn:
            return {};
        case ProviderKind::Ldap:
            return serversText(provider.value("servers"),
                               provider.value("security") == "ldaps" ? std::uint16_t{636} : std::uint16_t{389});
        case ProviderKind::Radius:
            return serversText(provider.value("servers"), 1812);
        case ProviderKind::Http: {
            const auto address = parseWebAddress(provider.value("url"));
            if (!address) return {};
            const bool isAddress6 = address->host.find(':') != std::string::npos;
            return (isAddress6 ? "[" + address->host + "]" : address->host) + ":" + std::to_string(address->port);
        }
        case ProviderKind::Sql: {
            const auto engine = provider.value("engine");
            if (engine == "sqlite") return provider.value("file");
            if (engine == "odbc") return odbcServer(provider.value("connection"));
            return serversText(provider.value("server"),
                               engine == "mariadb" ? std::uint16_t{3306} : std::uint16_t{5432});
        }
    }
    return {};
}

}  // namespace causeway
