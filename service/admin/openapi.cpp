#include "service/admin/openapi.h"

#include <array>
#include <map>

#include "shared/api/accounts_json.h"
#include "shared/api/admins_json.h"
#include "shared/api/bases_json.h"
#include "shared/api/bug_report_json.h"
#include "shared/api/config_json.h"
#include "shared/api/dns_json.h"
#include "shared/api/domains_json.h"
#include "shared/api/events_json.h"
#include "shared/api/logs_json.h"
#include "shared/api/providers_json.h"
#include "shared/api/settings_json.h"
#include "shared/api/traces_json.h"
#include "shared/api/visibility_json.h"
#include "shared/base/text.h"

namespace causeway::admin {

namespace {

using api::JsonKind;
using api::JsonValue;
using api::JsonWriter;

const char* typeOf(const JsonValue& value) {
    switch (value.kind()) {
        case JsonKind::Null:
            return "null";
        case JsonKind::True:
        case JsonKind::False:
            return "boolean";
        case JsonKind::Number:
            return value.text().find_first_of(".eE") == std::string_view::npos ? "integer" : "number";
        case JsonKind::Text:
            return "string";
        case JsonKind::Array:
            return "array";
        case JsonKind::Object:
            return "object";
    }
    return "null";
}

/// One schema for several values of the same place.
void writeSchema(JsonWriter& out, const std::vector<JsonValue>& values) {
    std::string type = "null";
    bool mayBeNull = false;
    std::vector<std::string> names;
    std::map<std::string, std::vector<JsonValue>, std::less<>> members;
    std::vector<JsonValue> items;
    bool isTime = false;
    for (const auto& value : values) {
        const std::string here = typeOf(value);
        if (here == "null") {
            mayBeNull = true;
            continue;
        }
        if (type == "null") isTime = here == "string" && parseIso(value.text()).has_value();
        type = here;
        for (auto part = value.first(); part; part = part.next()) {
            if (here == "array") {
                items.push_back(part);
                continue;
            }
            const std::string name{part.name()};
            if (!members.contains(name)) names.push_back(name);
            members[name].push_back(part);
        }
    }
    out.beginObject();
    out.key("type");
    if (mayBeNull && type != "null") {
        out.beginArray();
        out.value(type);
        out.value("null");
        out.endArray();
    } else {
        out.value(type);
    }
    if (isTime) out.field("format", "date-time");
    if (type == "object") {
        out.key("properties");
        out.beginObject();
        for (const auto& name : names) {
            out.key(name);
            writeSchema(out, members[name]);
        }
        out.endObject();
    } else if (type == "array") {
        out.key("items");
        if (items.empty()) {
            out.beginObject();
            out.endObject();
        } else {
            writeSchema(out, items);
        }
    }
    out.endObject();
}

const TimePoint kWhen = fromEpochMillis(1'790'000'000'000);

LanUser fullUser() {
    LanUser user;
    user.id = 7;
    user.user = "alice";
    user.host = "pc-021";
    user.nick = "Alice Baker";
    user.group = "Sales";
    user.address = Ip4{0x0A010015};
    user.addresses = {{user.address, 2425, kWhen, kWhen, true}};
    user.client = "iptux 0.8.3";
    user.configuredMaster = Ip4{0x0A010007};
    user.firstSeen = user.lastSeen = user.lastAnswer = user.lastListAt = kWhen;
    user.roundTrip = 3ms;
    user.segment = Network4{Ip4{0x0A010000}, 24};
    user.base = "hq";
    user.instability = Instability{UnstableReason::Flapping, "5 times in an hour", 5, kWhen, kWhen, kWhen};
    return user;
}

api::UserRow fullRow() {
    return {fullUser(), "alice", {"can encrypt"}, true};
}

api::UserRow plainRow() {
    api::UserRow row;
    row.user.instability = Instability{};
    return row;
}

UserSearch fullSearch() {
    UserSearch search;
    search.id = 1;
    search.ranges = {1};
    search.viaClient = Ip4{0x0A010015};
    search.finishedAt = kWhen;
    return search;
}

SearchRow fullSearchRow() {
    SearchRow row;
    row.roundTrip = 3ms;
    return row;
}

TraceReport fullTrace() {
    TraceReport report;
    report.request.fromUser = report.request.toUser = 1;
    report.request.only = {TraceStep::Path};
    report.finishedAt = kWhen;
    report.xAddress = report.yAddress = Ip4{0x0A010015};
    TraceRow row;
    row.details = {"text"};
    row.started = kWhen;
    auto& path = row.path.emplace();
    TraceHop hop;
    hop.address = Ip4{0x0A010001};
    hop.roundTrip = 3ms;
    hop.type = hop.code = std::uint8_t{0};
    path.icmp = path.udp = path.tcp = PathColumn{{hop, TraceHop{}}, false};
    report.rows = {row, TraceRow{}};
    auto& measured = report.rows.emplace_back();
    measured.path.emplace();
    Verdict verdict;
    verdict.parameters.hopAddress = Ip4{0x0A010001};
    verdict.parameters.hopNumber = 1;
    verdict.parameters.size = 1;
    verdict.parameters.direction = TraceDirection::AToB;
    verdict.parameters.ports = {22224};
    verdict.parameters.lossPercent = 1;
    verdict.parameters.times = {kWhen};
    verdict.remedy = {{"text", "text"}};
    verdict.proofs = {VerdictProof{}};
    verdict.missing = TraceStep::Path;
    report.verdicts = {verdict, Verdict{}};
    return report;
}

VisibilityStatus fullVisibility() {
    VisibilityStatus status;
    status.scope.from = status.scope.to = Network4{Ip4{0x0A010000}, 24};
    status.startedAt = status.finishedAt = kWhen;
    status.nextAt = status.againAt = kWhen;
    return status;
}

VisibilityMap fullMap() {
    VisibilityMap map;
    map.rows = map.columns = {{"hq", Network4{Ip4{0x0A010000}, 24}, 1, 1}, VisibilityGroup{}};
    VisibilityBlock block;
    block.traceFrom = block.traceTo = 1;
    map.blocks = {block, VisibilityBlock{}};
    return map;
}

VisibilityCells fullCells() {
    VisibilityPc pc;
    pc.id = 1;
    pc.lookedAt = kWhen;
    return {{}, {}, {pc, VisibilityPc{}}, {pc, VisibilityPc{}}, {"1", "."}, 2, 1};
}

VisibilityFinding fullFinding() {
    VisibilityFinding finding;
    finding.from = finding.to = Network4{Ip4{0x0A010000}, 24};
    finding.observer = finding.subject = finding.traceFrom = finding.traceTo = 1;
    finding.firstSeen = finding.lastSeen = kWhen;
    finding.lastFine = finding.closedAt = kWhen;
    finding.changes = {{kWhen, "text"}};
    return finding;
}

api::RangeRow fullRange() {
    api::RangeRow row;
    row.range.lastRun = row.range.lastAnswer = row.range.silentSince = kWhen;
    return row;
}

api::ServiceStatus fullStatus() {
    api::ServiceStatus status;
    status.startedAt = status.now = kWhen;
    status.listeners = {{"admin", "127.0.0.1:8425", api::ListenerState::Listening, ""}};
    status.lan.interfaces = {{"eth0", Ip4{0x0A010007}, Network4{Ip4{0x0A010000}, 24}, Ip4{0x0A0100FF}, false}};
    return status;
}

Problem fullProblem() {
    Problem problem;
    problem.since = kWhen;
    problem.mutedUntil = kWhen;
    return problem;
}

api::SettingItem fullSetting() {
    api::SettingItem item;
    item.choices = {"info"};
    return item;
}

BaseLink fullLink() {
    BaseLink link;
    link.base = 2;
    link.baseName = "Osaka";
    link.state = LinkState::Linked;
    link.since = kWhen;
    link.sentence = "Linked with osaka-1, version 0.1.0, 2 ms away; its clock agrees with ours to 1 ms.";
    link.address = "10.2.0.2:8426";
    link.fingerprint = "ab12";
    link.service = "osaka-1";
    link.version = "0.1.0";
    link.protocol = 1;
    link.clock = ClockOffset{1ms, 1ms};
    link.roundTrip = 2ms;
    link.segments = {Network4{Ip4{0x0A020000}, 24}};
    link.lastHeard = link.invitationEnds = kWhen;
    return link;
}

LinkHouse fullHouse() {
    return {"cd34", "0.0.0.0:8426", "", {fullLink(), BaseLink{}}};
}

BaseSite fullBase() {
    return {1, "hq", {Network4{Ip4{0x0A010000}, 24}}, "first floor"};
}

Administrator fullAdmin() {
    Administrator admin;
    admin.createdAt = kWhen;
    admin.lastLogin = kWhen;
    return admin;
}

ApiToken fullToken() {
    ApiToken token;
    token.createdAt = kWhen;
    token.expiresAt = token.lastUsed = kWhen;
    return token;
}

AuditEntry fullAudit() {
    AuditEntry entry;
    entry.at = kWhen;
    return entry;
}

api::ConfigFile fullConfig() {
    api::ConfigFile file;
    file.exportedAt = kWhen;
    file.settings.emplace();
    file.ranges = {{"10.7.2.*", true}};
    file.bases = {fullBase()};
    file.administrators = {{"alice", Role::Admin, false}};
    auto& provider = file.providers.emplace().emplace_back();
    provider.kind = ProviderKind::Ldap;
    provider.settings.items = {{"servers", "dc1.example.com"}};
    auto& domain = file.domains.emplace().emplace_back();
    domain.chain = {"text"};
    domain.supernodes.resize(1);
    return file;
}

api::ErrorDocument fullError() {
    api::ErrorDocument document;
    document.field = "text";
    document.errors = {{"text", 1, 1, "sentence"}};
    return document;
}

template <class... T>
std::vector<std::string> written(const T&... records) {
    return {api::toJson(records)...};
}

std::string bareProblems() {
    JsonWriter out;
    api::writeProblems(out, {fullProblem(), Problem{}});
    return out.take();
}

void writeOperation(JsonWriter& out, const Route& route) {
    out.key(lowerAscii(route.method));
    out.beginObject();
    out.field("summary", route.summary);
    out.field("x-role", wordOf(route.access));
    if (route.pace == Pace::Slow) out.field("x-slow", true);
    if (route.access == Access::Open) {
        out.key("security");
        out.beginArray();
        out.endArray();
    }
    out.key("parameters");
    out.beginArray();
    const auto parameter = [&out](std::string_view name, const char* where, bool isNeeded, std::string_view sentence) {
        out.beginObject();
        out.field("name", name);
        out.field("in", where);
        out.field("required", isNeeded);
        if (!sentence.empty()) out.field("description", sentence);
        out.key("schema");
        out.raw(R"({"type":"string"})");
        out.endObject();
    };
    for (const auto part : split(route.path, '/')) {
        if (part.starts_with('{')) parameter(part.substr(1, part.size() - 2), "path", true, {});
    }
    for (const auto& query : route.query)
        parameter(query.name, "query", false, query.sentence);
    if (route.needsIfMatch) parameter("If-Match", "header", true, "ETag of what was read, or *");
    out.endArray();
    const auto content = [&out](std::string_view type, std::string_view schema) {
        out.key("content");
        out.beginObject();
        out.key(type);
        out.beginObject();
        out.key("schema");
        out.beginObject();
        if (schema.empty()) {
            out.field("type", "string");
        } else {
            out.field("$ref", "#/components/schemas/" + std::string(schema));
        }
        out.endObject();
        out.endObject();
        out.endObject();
    };
    const std::string_view requestSchema{route.requestSchema};
    if (!requestSchema.empty()) {
        out.key("requestBody");
        out.beginObject();
        content("application/json", requestSchema);
        out.endObject();
    }
    out.key("responses");
    out.beginObject();
    out.key(std::to_string(route.success));
    out.beginObject();
    out.field("description", api::httpTitleOf(route.success));
    const std::string_view responseSchema{route.responseSchema};
    if (responseSchema == "text") {
        content("text/plain", {});
    } else if (responseSchema == "packets") {
        content("application/vnd.tcpdump.pcap", {});
    } else if (responseSchema == "events") {
        content("text/event-stream", {});
    } else if (!responseSchema.empty()) {
        content("application/json", responseSchema);
    }
    out.endObject();
    out.key("default");
    out.beginObject();
    out.field("description", "What went wrong (RFC 9457)");
    content("application/problem+json", "Error");
    out.endObject();
    out.endObject();
    out.endObject();
}

ProofStep fullProof() {
    ProofStep leaf{"tcp", "Connect", ProofState::Broken, "text", kWhen, 5ms, "text", "text", {{"Port", "5222"}}, {}};
    ProofStep root{"supernode", "Supernode", ProofState::Broken, "text", kWhen, 5ms,
                   "text",      "text",      {{"Port", "5222"}}, {}};
    root.children.push_back(std::move(leaf));
    return root;
}

api::SupernodeRow fullSupernode() {
    api::SupernodeRow row;
    row.node.id = 1;
    row.node.lastHeartbeat = kWhen;
    return row;
}

CertificateFacts fullCertificate() {
    CertificateFacts facts;
    facts.names = {{CertificateName::Kind::Dns, "chat.example.com"}};
    facts.notBefore = facts.notAfter = facts.readAt = kWhen;
    return facts;
}

api::DomainRow fullDomain() {
    api::DomainRow row;
    row.domain.id = 1;
    row.domain.providers = {1};
    row.certificate = fullCertificate();
    row.directory = {ProofState::Fine, "text", kWhen, kWhen, fullProof()};
    row.supernode = row.directory;
    row.supernodes = {fullSupernode(), api::SupernodeRow{}};
    row.revert = PendingRevert{kWhen, "text"};
    return row;
}

ProviderView fullProvider() {
    ProviderView view;
    view.provider.id = 1;
    view.provider.kind = ProviderKind::Ldap;
    view.provider.settings = {{"servers", "dc1.example.com"}};
    view.provider.secretsSet = {"bind_password"};
    auto& health = view.health;
    health.since = health.nextTry = health.lastErrorAt = health.lastAnswerAt = kWhen;
    health.answerTime = 5ms;
    view.usedBy = {"chat.example.com"};
    view.warnings = {{"security", ProblemWeight::Warning, "text", 1}};
    view.revert = PendingRevert{kWhen, "text"};
    return view;
}

api::ProviderRequest fullProviderRequest() {
    api::ProviderRequest request;
    request.name = "text";
    request.kind = ProviderKind::Ldap;
    request.isEnabled = true;
    request.settings = {{"servers", "dc1.example.com"}};
    request.secrets = {{"bind_password", Secret{"text"}}};
    return request;
}

api::ProviderTestRequest fullProviderTest() {
    return {1, fullProviderRequest(), api::RehearsalRequest{"ann", Secret{"text"}, "chat.example.com"}};
}

Account fullAccount() {
    Account account;
    account.id = 1;
    account.createdAt = kWhen;
    account.passwordChangedAt = kWhen;
    account.keys.resize(1);
    return account;
}

LoginTrail fullTrail() {
    LoginTrail trail;
    trail.steps.resize(1);
    return trail;
}

api::DomainRequest fullDomainRequest() {
    api::DomainRequest request;
    request.name = "chat.example.com";
    request.isEnabled = true;
    request.reach = DomainReach::Lan;
    request.endToEnd = EndToEnd::Required;
    request.providers = {1};
    request.certificate = CertificateSource::Files;
    request.certificateFile = request.keyFile = request.extraRecords = request.note = "text";
    request.ttl = 300;
    return request;
}

api::SupernodeRequest fullSupernodeRequest() {
    api::SupernodeRequest request;
    request.name = "sn1";
    request.origin = SupernodeOrigin::Hand;
    request.isEnabled = true;
    request.lanAddress = request.internetAddress = "10.1.0.5";
    request.port = request.tlsPort = request.priority = request.weight = 1;
    return request;
}

api::DnsOverview fullDns() {
    api::DnsOverview all;
    all.status.listeners = all.keys = {"text"};
    all.rows = {{"text", "text", "text", 1, "lan", true, 1, 1, 1, kWhen}, api::DnsRow{}};
    all.secondaries = {{"text", "text", "text", "text", 1, 1, kWhen}, api::DnsSecondary{}};
    all.warnings = {{"text", "text", "text", "text"}};
    return all;
}

}  // namespace

std::vector<SchemaSamples> schemaSamples() {
    api::UserPage users{{fullRow(), plainRow(), api::UserRow{}}, "7.", 2};
    api::SearchRows rows{{fullSearchRow(), SearchRow{}}, 200};
    api::SegmentRow segment;
    segment.address = Ip4{0x0A010007};
    RangePreview preview;
    preview.problems = {{1, 0, "sentence"}};
    api::SearchRequest searchRequest{{1}, "10.7.2.*", Ip4{0x0A07020E}, 200};
    api::SettingList settings{{fullSetting()}, 1, {"log.file"}};
    api::AdminRequest adminRequest{"alice", Role::Admin, false, Secret{"a password"}};
    api::ConfigApplied applied;
    applied.needsRestart = applied.notes = {"text"};
    api::ConfigVerdict verdict{false, {{"ranges[0].text", 1, 1, "sentence"}}, {"sentence"}};
    api::LoginAnswer login;
    login.expiresAt = kWhen;
    return {
        {"Health", {R"({"status":"ok"})"}},
        {"Capabilities", written(api::Capabilities{"causeway", "0.1.0", 1, "hq", {"lan"}})},
        {"OpenApi", {R"({"openapi":"3.1.0","info":{},"paths":{},"components":{}})"}},
        {"LoginRequest", written(api::LoginRequest{})},
        {"LoginAnswer", written(login)},
        {"Me", written(api::Me{})},
        {"Status", written(fullStatus())},
        {"ProblemList", {bareProblems()}},
        {"UntilRequest", written(api::UntilRequest{kWhen}, api::UntilRequest{})},
        {"UserPage", written(users, api::UserPage{})},
        {"User", written(fullRow(), plainRow(), api::UserRow{})},
        {"UserHistory", written(api::UserHistory{{{kWhen, UserEventKind::Entered, "text"}}})},
        {"SegmentList", written(api::SegmentList{{segment, api::SegmentRow{}}})},
        {"RangeList", written(api::RangeList{{fullRange(), api::RangeRow{}}, 1})},
        {"Range", written(fullRange(), api::RangeRow{})},
        {"RangeRequest", written(api::RangeRequest{"10.7.2.*", true})},
        {"RangeText", written(api::RangeText{})},
        {"RangePreview", written(preview)},
        {"SearchList", written(api::SearchList{{fullSearch(), UserSearch{}}})},
        {"Search", written(fullSearch(), UserSearch{})},
        {"SearchRequest", written(searchRequest)},
        {"SearchRows", written(rows, api::SearchRows{})},
        {"TraceList", written(api::TraceList{{fullTrace(), TraceReport{}}})},
        {"Trace", written(fullTrace(), TraceReport{})},
        {"TraceRequest", written(fullTrace().request, TraceRequest{})},
        {"TraceStepList", written(api::traceStepList())},
        {"Visibility", written(api::VisibilityOverview{fullVisibility(), fullMap()}, api::VisibilityOverview{})},
        {"VisibilityStatus", written(fullVisibility(), VisibilityStatus{})},
        {"VisibilityScope", written(fullVisibility().scope, VisibilityScope{})},
        {"VisibilityMap", written(fullMap(), VisibilityMap{})},
        {"VisibilityCells", written(fullCells(), VisibilityCells{})},
        {"VisibilityFindings", written(api::VisibilityFindings{{fullFinding(), VisibilityFinding{}}})},
        {"DomainList", written(api::DomainList{{fullDomain(), api::DomainRow{}}})},
        {"Domain", written(fullDomain(), api::DomainRow{})},
        {"DomainRequest", written(fullDomainRequest())},
        {"DomainVerdict", written(api::DomainVerdict{"chat.example.com", {{"name", 1, 1, "sentence"}}})},
        {"DotHistory", written(api::DotHistory{{{kWhen, DotKind::Directory, ProofState::Broken, "text"}}})},
        {"Supernode", written(fullSupernode(), api::SupernodeRow{})},
        {"SupernodeRequest", written(fullSupernodeRequest())},
        {"SupernodeCreated", written(api::SupernodeCreated{fullSupernode(), Secret{"token"}})},
        {"Certificate", written(fullCertificate(), CertificateFacts{})},
        {"CertificateRequest", written(api::CertificateRequest{"chat.example.com", "text", "text"})},
        {"HeartbeatRequest", written(api::HeartbeatRequest{Secret{"token"}, "0.1.0"})},
        {"Dns", written(fullDns())},
        {"DnsRecordList", written(api::DnsRecordList{{{"text", "SRV", 300, "text"}}})},
        {"DnsText", written(api::DnsText{"text"})},
        {"DnsCheckRequest", written(api::DnsCheckRequest{"chat.example.com", "lan", {"192.0.2.53"}})},
        {"DnsCheck", written(api::DnsCheck{{{"system", "192.0.2.53:53", "lan", false, {api::DnsCheckRow{}}}}})},
        {"DnsKeyRequest", written(api::DnsKeyRequest{"transfer", "text"})},
        {"DnsKeyCreated", written(api::DnsKeyCreated{"transfer", "hmac-sha256", Secret{"text"}})},
        {"ProviderList", written(api::ProviderList{{fullProvider(), ProviderView{}}})},
        {"Provider", written(fullProvider(), ProviderView{})},
        {"ProviderRequest", written(fullProviderRequest())},
        {"ProviderTestRequest", written(fullProviderTest())},
        {"ProviderVerdict", written(api::ProviderVerdict{"text", fullProvider().warnings})},
        {"Proof", written(fullProof())},
        {"PeopleList", written(api::PeopleList{{DirectoryPerson{}}, true})},
        {"AccountPage", written(api::AccountPage{{fullAccount(), Account{}}, "ann", 1}, api::AccountPage{})},
        {"Account", written(fullAccount(), Account{})},
        {"AccountRequest", written(api::AccountRequest{"ann", Secret{"text"}, "text", "text", "text", false})},
        {"AccountImportRequest", written(api::AccountImportRequest{})},
        {"AccountAdded", written(fullAccount(), api::AccountAdded{{}, {"text"}})},
        {"AccountImportAnswer", written(api::AccountImportAnswer{false, 1, {"ann"}, {{1, "text"}}, {{1, "text"}}})},
        {"LoginTestRequest", written(api::LoginTestRequest{"ann", Secret{"text"}, "10.1.0.5"})},
        {"LoginTrail", written(fullTrail())},
        {"SettingList", written(settings)},
        {"SettingChanges", {"{}"}},
        {"BaseList", written(api::BaseList{{fullBase()}})},
        {"Base", written(fullBase())},
        {"LinkList", written(fullHouse())},
        {"Link", written(fullLink(), BaseLink{})},
        {"InvitationRequest", written(api::InvitationRequest{"Osaka", 60, "10.1.0.2"})},
        {"Invitation", written(LinkInvitation{"Osaka", "causeway-link://10.1.0.2:8426/...", kWhen})},
        {"LinkRequest", written(api::LinkRequest{"causeway-link://10.1.0.2:8426/...", "Tokyo"})},
        {"AdminList", written(api::AdminList{{fullAdmin(), Administrator{}}})},
        {"Administrator", written(fullAdmin(), Administrator{})},
        {"AdminRequest", written(adminRequest)},
        {"TokenList", written(api::TokenList{{fullToken(), ApiToken{}}})},
        {"TokenRequest", written(api::TokenRequest{"backup", Role::Viewer, kWhen})},
        {"TokenCreated", written(api::TokenCreated{fullToken(), Secret{"token"}}, api::TokenCreated{})},
        {"AuditPage", written(api::AuditPage{{fullAudit()}, "1"}, api::AuditPage{})},
        {"LogLines", written(api::LogLines{{{kWhen, LogLevel::Info, "SERVICE_READY", "text"}}})},
        {"ConfigFile", written(fullConfig())},
        {"ConfigVerdict", written(verdict)},
        {"ConfigApplied", written(applied)},
        {"BugReport", written(BugReport{"hq", "0.1.0", kWhen, {ReportFile{}}, {ReportName{}}})},
        {"Error", written(fullError())},
    };
}

std::string schemaOf(const std::vector<std::string>& samples) {
    std::vector<api::JsonDocument> documents;
    std::vector<JsonValue> values;
    for (const auto& sample : samples) {
        auto document = api::JsonDocument::parse(sample);
        INVARIANT(document.has_value());
        documents.push_back(std::move(*document));
    }
    values.reserve(documents.size());
    for (const auto& document : documents)
        values.push_back(document.root());
    JsonWriter out;
    writeSchema(out, values);
    return out.take();
}

std::string openApiDocument(const Router& router) {
    JsonWriter out{65536};
    out.beginObject();
    out.field("openapi", "3.1.0");
    out.key("info");
    out.beginObject();
    out.field("title", "Causeway admin API");
    out.field("version", "1");
    out.field("description",
              "Administration of a Causeway service. Fields may be added; unknown ones are to be ignored.");
    out.endObject();
    out.key("security");
    out.raw(R"([{"token":[]}])");
    out.key("paths");
    out.beginObject();
    std::vector<std::string_view> paths;
    for (const auto& route : router.routes()) {
        if (std::find(paths.begin(), paths.end(), route.path) == paths.end()) paths.emplace_back(route.path);
    }
    for (const auto path : paths) {
        out.key(path);
        out.beginObject();
        for (const auto& route : router.routes()) {
            if (route.path == path) writeOperation(out, route);
        }
        out.endObject();
    }
    out.endObject();
    out.key("components");
    out.beginObject();
    out.key("securitySchemes");
    out.raw(R"({"token":{"type":"http","scheme":"bearer"}})");
    out.key("schemas");
    out.beginObject();
    for (const auto& [name, samples] : schemaSamples()) {
        out.key(name);
        out.raw(schemaOf(samples));
    }
    out.endObject();
    out.endObject();
    out.endObject();
    return out.take();
}

}  // namespace causeway::admin
