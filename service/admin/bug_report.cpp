#include "service/admin/bug_report.h"

#include <fstream>
#include <set>
#include <utility>

#include "service/admin/current_config.h"
#include "service/store/chat_store_port.h"
#include "shared/api/admins_json.h"
#include "shared/base/text.h"
#include "shared/model/pseudonyms.h"

namespace causeway::admin {

namespace {

constexpr std::size_t kTraces = 10;
constexpr std::size_t kLogLines = 2000;
constexpr std::size_t kLogFileBytes = std::size_t{256} << 10U;
constexpr std::size_t kAuditEntries = 200;
constexpr std::size_t kAuditText = 300;
constexpr std::size_t kPage = 1000;
const std::string kLeftOut = ", left out)";

std::string lineOf(const api::LogLine& line) {
    return isoText(line.at) + " " + api::wordOf(line.level) + " " + line.id + " " + line.text + "\n";
}

/// The last whole lines of a file; empty if it cannot be read.
std::string tailOf(const std::string& path) {
    std::ifstream in{path, std::ios::binary | std::ios::ate};
    if (!in) return {};
    const auto size = static_cast<std::size_t>(std::max<std::streamoff>(0, in.tellg()));
    const auto skipped = size > kLogFileBytes ? size - kLogFileBytes : 0;
    in.seekg(static_cast<std::streamoff>(skipped));
    std::string text(size - skipped, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (skipped > 0) text.erase(0, text.find('\n') + 1);
    return text;
}

class Collector {
public:
    Collector(AdminCore& core, const Request& request) : core_(core), request_(request) {}

    BugReport run() {
        report_.serverName = core_.serverName();
        report_.version = core_.ports().status->facts().version;
        report_.takenAt = core_.now();
        addEnvironment();
        addAnswer("/v1/status", "status.json", "State of the service: listeners, figures, uptime.");
        addAnswer("/v1/problems", "problems.json", "What needs attention now, worst first.");
        addAnswer("/v1/settings", "settings.json", "Every setting with its value and its default.");
        addConfig();
        addAnswer("/v1/segments", "segments.json", "Segments of the LAN with the number of users in each.");
        addAnswer("/v1/searches", "searches.json", "The last external user searches, without the users found.");
        addTraces();
        addDomains();
        addAnswer("/metrics", "metrics.txt", "Figures since the start.");
        addLog();
        addAudit();
        mask();
        gatherNames();
        return std::move(report_);
    }

private:
    void add(const std::string& name, const std::string& about, std::string content) {
        ReportFile file{"service/" + name, about, std::move(content)};
        if (name.ends_with(".json")) file.content = prettyJson(file.content);
        report_.files.push_back(std::move(file));
    }

    /// What a GET of our own API answers to the caller, without another entry in the audit.
    std::optional<Response> ask(const std::string& path) {
        std::vector<std::string> segments;
        for (const auto part : split(std::string_view{path}.substr(1), '/'))
            segments.emplace_back(part);
        auto match = core_.router().find("GET", segments);
        if (match.route == nullptr) return std::nullopt;
        HttpRequest http;
        http.method = "GET";
        http.target = path;
        http.segments = std::move(segments);
        return match.route->handle(Request{http, std::move(match.values), request_.identity, request_.from});
    }

    void addAnswer(const std::string& path, const std::string& name, const std::string& about) {
        const auto answer = ask(path);
        if (!answer) return;
        add(name, answer->status < 400 ? about : about + " It could not be read; the file says why.", answer->body);
    }

    void addEnvironment() {
        api::JsonWriter out;
        out.beginObject();
        out.field("product", "causeway");
        out.field("version", report_.version);
        out.field("takenAt", report_.takenAt);
        for (const auto& [name, value] : core_.ports().status->environment())
            out.field(name, value);
        out.endObject();
        add("environment.json", "Version of the service, operating system and libraries.", out.take());
    }

    void addConfig() {
        const auto config = currentConfig(core_);
        if (config) {
            add("configuration.json", "Everything that was set, as it is exported: no password, token or key.",
                api::toJson(*config));
        } else {
            add("configuration.txt", "Everything that was set. It could not be read; the file says why.",
                config.error().text() + "\n");
        }
    }

    void addTraces() {
        if (core_.ports().traces == nullptr) return;
        const auto traces = core_.ports().traces->traces();
        if (!traces) return;
        std::size_t count = 0;
        for (const auto& trace : *traces) {
            if (++count > kTraces) return;
            const auto id = std::to_string(trace.id);
            addAnswer("/v1/traces/" + id, "traces/trace-" + id + ".json",
                      "Trace " + id + " with all that was measured and its verdict.");
        }
    }

    void addDomains() {
        if (core_.ports().domains == nullptr) return;
        addAnswer("/v1/domains", "domains.json", "Chat domains with their marks.");
        if (const auto domains = core_.ports().domains->domains()) {
            for (const auto& view : *domains) {
                const auto id = std::to_string(view.domain.id);
                addAnswer("/v1/domains/" + id, "domains/domain-" + id + ".json",
                          "One chat domain with the proofs behind its marks.");
            }
        }
        if (core_.ports().providers != nullptr)
            addAnswer("/v1/providers", "providers.json", "Authentication providers and how they answer; no secret.");
        if (core_.ports().dns != nullptr)
            addAnswer("/v1/dns", "dns.json", "What chat DNS serves, to whom and how much.");
    }

    void addLog() {
        std::string text;
        for (const auto& line : core_.ports().logs->last(LogLevel::Debug, kLogLines))
            text += lineOf(line);
        add("log.txt", "The last lines of the log since the service started.", std::move(text));
        const auto file = core_.setting("log.file");
        if (file.empty()) return;
        if (auto tail = tailOf(file); !tail.empty())
            add("log-file.txt", "The end of the log file, also from before the last start.", std::move(tail));
    }

    void addAudit() {
        auto entries = core_.ports().store->audit(0, kAuditEntries);
        if (!entries) {
            add("audit.txt", "Who changed what. It could not be read; the file says why.",
                entries.error().text() + "\n");
            return;
        }
        for (auto& entry : *entries) {
            for (auto* text : {&entry.before, &entry.after}) {
                if (text->size() > kAuditText) *text = "(" + std::to_string(text->size()) + " characters" + kLeftOut;
            }
            audit_.push_back(entry);
        }
        api::AuditPage page;
        page.items = std::move(*entries);
        add("audit.json", "The last changes: who changed what.", api::toJson(page));
    }

    std::vector<Secret> knownSecrets() {
        std::vector<Secret> known;
        if (auto token = AdminCore::bearerOf(request_.http); !token.empty()) known.emplace_back(std::move(token));
        if (core_.ports().dnsKeys != nullptr) {
            for (auto& each : core_.ports().dnsKeys->secrets())
                known.push_back(std::move(each));
        }
        auto* chat = core_.ports().store->chat();
        if (chat == nullptr) return known;
        const auto providers = chat->providers();
        if (!providers) return known;
        for (const auto& provider : *providers) {
            const auto secrets = chat->providerSecrets(provider.id);
            if (!secrets) continue;
            for (const auto& [key, secret] : *secrets)
                known.push_back(secret);
        }
        return known;
    }

    void mask() {
        known_ = knownSecrets();
        for (auto& file : report_.files)
            changeTexts(file, [this](const std::string& text) { return maskSecrets(text, known_); });
    }

    void name(NameKind kind, std::string_view text) {
        text = trimmed(text);
        if (!text.empty()) names_.push_back({kind, std::string(text)});
    }
    /// A text as it stands in the files: masked.
    void texts(const std::string& value) {
        const auto masked = maskSecrets(value, known_);
        name(NameKind::Text, masked);
        for (const auto line : split(masked, '\n'))
            name(NameKind::Text, line);
    }

    void nameUsers() {
        auto* lan = core_.ports().lan;
        if (lan == nullptr) return;
        UserId after = 0;
        while (true) {
            const auto page = lan->usersAfter(after, kPage);
            if (!page || page->empty()) return;
            for (const auto& user : *page) {
                name(NameKind::User, user.user);
                name(NameKind::User, std::string_view(user.user).substr(0, user.user.find("-<")));
                name(NameKind::User, user.nick);
                name(NameKind::Host, user.host);
                name(NameKind::Group, user.group);
            }
            after = page->back().id;
            if (page->size() < kPage) return;
        }
    }

    void nameChat() {
        if (core_.ports().domains != nullptr) {
            if (const auto domains = core_.ports().domains->domains()) {
                for (const auto& view : *domains) {
                    name(NameKind::Domain, view.domain.name);
                    name(NameKind::Domain, view.domain.shown);
                    for (const auto* text : {&view.domain.note, &view.domain.extraRecords, &view.domain.certificateFile,
                                             &view.domain.keyFile})
                        texts(*text);
                    nameAccounts(view.domain.id);
                }
            }
        }
        if (core_.ports().providers == nullptr) return;
        const auto providers = core_.ports().providers->providers();
        if (!providers) return;
        for (const auto& view : *providers) {
            name(NameKind::Text, view.provider.name);
            for (const auto& [key, value] : view.provider.settings) {
                const auto* field = findProviderField(view.provider.kind, key);
                if (field == nullptr || value == field->standard) continue;
                switch (field->type) {
                    case FieldType::Text:
                    case FieldType::Lines:
                    case FieldType::Filter:
                    case FieldType::Template:
                    case FieldType::Query:
                    case FieldType::Pem:
                        texts(value);
                        break;
                    case FieldType::Secret:
                    case FieldType::Number:
                    case FieldType::Seconds:
                    case FieldType::Flag:
                    case FieldType::Choice:
                        break;
                }
                if (key == "servers" || key == "server") {
                    if (const auto servers = parseServers(value)) {
                        for (const auto& server : *servers) {
                            if (!server.isAddress()) name(NameKind::Host, server.host);
                        }
                    }
                }
                if (key == "url") {
                    if (const auto address = parseWebAddress(value)) name(NameKind::Host, address->host);
                }
            }
        }
        if (core_.ports().dnsKeys != nullptr) {
            for (const auto& key : core_.ports().dnsKeys->names())
                name(NameKind::Text, key);
        }
    }

    void nameAccounts(std::uint64_t domain) {
        auto* chat = core_.ports().store->chat();
        if (chat == nullptr) return;
        std::string after;
        while (true) {
            const auto page = chat->accounts(domain, after, kPage);
            if (!page || page->empty()) return;
            for (const auto& account : *page) {
                name(NameKind::User, account.localPart);
                name(NameKind::User, account.displayName);
                name(NameKind::User, account.mail);
                name(NameKind::Group, account.department);
            }
            after = page->back().localPart;
            if (page->size() < kPage) return;
        }
    }

    void nameSettings() {
        name(NameKind::Host, report_.serverName);
        for (const auto& [key, value] : core_.ports().status->environment()) {
            if (key == "hostName") name(NameKind::Host, value);
        }
        texts(core_.ports().status->facts().dataFolder);
        for (const auto& value : core_.ports().settings->settings().values) {
            const auto* row = findSetting(value.key);
            if (row == nullptr || row->type != SettingType::Text || value.isDefault) continue;
            if (value.key == "lan.name") {
                name(NameKind::Host, value.value);
            } else if (value.key == "lan.group") {
                name(NameKind::Group, value.value);
            } else {
                texts(value.value);
            }
        }
        if (const auto bases = core_.ports().store->bases()) {
            for (const auto& base : *bases) {
                name(NameKind::Base, base.name);
                texts(base.note);
            }
        }
        if (core_.ports().search != nullptr) {
            if (const auto ranges = core_.ports().search->ranges()) {
                for (const auto& range : *ranges) {
                    const auto line = parseRangeLine(range.text, true);
                    if (!line) continue;
                    texts(line->comment);
                    name(NameKind::Host, line->name);
                }
            }
        }
    }

    void namePeople() {
        for (const auto& admin : core_.accounts().admins())
            name(NameKind::Person, admin.name);
        for (const auto& token : core_.accounts().tokens())
            name(NameKind::Person, token.name);
        if (core_.ports().traces != nullptr) {
            if (const auto traces = core_.ports().traces->traces()) {
                for (const auto& trace : *traces) {
                    for (const auto* text : {&trace.x, &trace.y, &trace.request.from, &trace.request.to})
                        name(NameKind::User, *text);
                    name(NameKind::Person, trace.by);
                }
            }
        }
        // Texts of the audit come last: what has a kind above keeps it.
        for (const auto& entry : audit_) {
            name(NameKind::Person, entry.who);
            if (findSetting(entry.subject) == nullptr) texts(entry.subject);
            for (const auto* text : {&entry.before, &entry.after}) {
                if (!text->ends_with(kLeftOut)) texts(*text);
            }
        }
    }

    /// Only names that occur are sent: a directory of 100,000 users must not make every report large.
    void gatherNames() {
        nameUsers();
        nameSettings();
        nameChat();
        namePeople();
        // An address or a number needs no name; the patterns find them.
        std::erase_if(names_, [](const ReportName& each) {
            return Ip4::parse(each.text).has_value() || Network4::parse(each.text).has_value();
        });
        const Pseudonyms all{names_};
        std::set<std::pair<NameKind, std::string>> kept;
        for (auto file : report_.files) {
            changeTexts(file, [&](const std::string& text) {
                for (auto& each : all.found(text)) {
                    if (kept.emplace(each.kind, each.text).second) report_.names.push_back(std::move(each));
                }
                return text;
            });
        }
    }

    AdminCore& core_;
    const Request& request_;
    BugReport report_;
    std::vector<AuditEntry> audit_;
    std::vector<Secret> known_;
    std::vector<ReportName> names_;
};

}  // namespace

BugReport collectBugReport(AdminCore& core, const Request& request) {
    return Collector{core, request}.run();
}

}  // namespace causeway::admin
