#include <doctest/doctest.h>

#include <array>

#include "shared/api/admins_json.h"
#include "shared/api/bases_json.h"
#include "shared/api/config_json.h"
#include "shared/api/domains_json.h"
#include "shared/api/events_json.h"
#include "shared/api/settings_json.h"

using namespace causeway;
using namespace causeway::api;

namespace {

const TimePoint kWhen = fromEpochMillis(1'790'000'000'123);

LanUser fullUser() {
    LanUser user;
    user.id = 7;
    user.user = "alice-<3ad520c2bb732945>";
    user.host = "pc-021";
    user.nick = "Alice \"A\" \xE5\xB1\xB1";
    user.group = "Sales";
    user.address = *Ip4::parse("10.1.0.21");
    user.port = 2426;
    user.addresses = {{*Ip4::parse("10.1.0.40"), 2425, kWhen, kWhen, false},
                      {*Ip4::parse("10.1.0.21"), 2426, kWhen, kWhen, true}};
    user.kind = ClientKind::Mac;
    user.client = "IP Messenger";
    user.flags = 0x01800000;
    user.isAway = true;
    user.configuredMaster = Ip4::parse("10.1.0.7");
    user.presence = Presence::Silent;
    user.firstSeen = user.lastSeen = user.lastAnswer = user.lastListAt = kWhen;
    user.roundTrip = 18ms;
    user.segment = *Network4::parse("10.1.0.0/24");
    user.isSegmentAssumed = false;
    user.isOwnSegment = true;
    user.base = "hq";
    user.delivery = Delivery::PlainList;
    user.listedUsers = 1166;
    user.instability = Instability{UnstableReason::Flapping, "5 times", 5, kWhen, kWhen, kWhen};
    user.revision = 99;
    return user;
}

/// Written, read and written again is the same text: nothing is lost on the way.
template <class T>
void checkBothWays(const T& record) {
    const auto json = toJson(record);
    CAPTURE(json);
    const auto read = fromJson<T>(json);
    REQUIRE(read);
    CHECK(toJson(*read) == json);
}

}  // namespace

TEST_CASE("every record of the contract survives writing and reading") {
    checkBothWays(UserRow{fullUser(), "alice", {"can encrypt", "reads UTF-8"}, true});
    checkBothWays(UserRow{});
    checkBothWays(UserPage{{UserRow{fullUser(), "alice", {}, false}}, "7.", 1234});
    checkBothWays(UserHistory{{{kWhen, UserEventKind::DeclaredGone, "silent for 180 s"}}});
    SegmentRow segment;
    segment.segment = *Network4::parse("10.1.0.0/24");
    segment.address = Ip4::parse("10.1.0.7");
    segment.isOwn = true;
    checkBothWays(SegmentList{{segment}});
    RangeRow range;
    range.range.id = 3;
    range.range.text = "!10.7.2.*  # lab";
    range.range.lastRun = range.range.lastAnswer = range.range.silentSince = kWhen;
    range.kind = RangeKind::Wildcard;
    range.isExclusion = true;
    range.comment = "lab";
    checkBothWays(RangeList{{range}, 12});
    checkBothWays(RangeRequest{"10.7.2.*", false});
    checkBothWays(RangeRequest{});
    checkBothWays(RangeText{"a\nb"});
    RangePreview preview;
    preview.problems = {{2, 4, "no"}};
    preview.addresses = 65536;
    preview.sweepTime = 327'680ms;
    checkBothWays(preview);
    UserSearch search;
    search.id = 4;
    search.origin = SearchOrigin::Interval;
    search.state = SearchState::Failed;
    search.ranges = {1, 2};
    search.viaClient = Ip4::parse("10.7.2.14");
    search.finishedAt = kWhen;
    checkBothWays(search);
    SearchRow row;
    row.address = *Ip4::parse("10.7.2.14");
    row.finding = SearchFinding::Lost;
    row.roundTrip = 5ms;
    checkBothWays(SearchRows{{row}, 200});
    checkBothWays(SearchRows{});
    checkBothWays(SearchRequest{{}, "10.7.2.1-9", {}, 50});
    SettingItem item = settingItemOf(*findSetting("log.level"), "debug", false);
    CHECK(item.choices.size() == 4);
    checkBothWays(SettingList{{item}, 5, {"log.level"}});
    checkBothWays(SettingChanges{{{"lan.name", "HQ"}, {"lan.group", std::nullopt}}});
    checkBothWays(BaseSite{1, "hq", {*Network4::parse("10.1.0.0/24")}, "note"});
    Administrator admin;
    admin.id = 2;
    admin.name = "alice";
    admin.role = Role::Operator;
    admin.createdAt = kWhen;
    admin.lastLogin = kWhen;
    checkBothWays(admin);
    checkBothWays(AdminRequest{"alice", Role::Admin, true, Secret{"long enough!"}});
    checkBothWays(TokenRequest{"backup", Role::Viewer, kWhen});
    ApiToken token;
    token.expiresAt = kWhen;
    checkBothWays(TokenCreated{token, Secret{"abc"}});
    checkBothWays(LoginRequest{"alice", Secret{"pass"}});
    checkBothWays(LoginAnswer{Secret{"abc"}, Role::Admin, "alice", kWhen});
    checkBothWays(Me{"backup", Role::Viewer, IdentityKind::Token});
    checkBothWays(AuditPage{{{1, kWhen, "alice", "::1", "settings.set", "lan.name", "a", "b"}}, "1"});
    ServiceStatus status;
    status.listeners = {{"admin", "127.0.0.1:8425", ListenerState::Failed, "in use"}};
    status.lan.interfaces = {
        {"eth0", *Ip4::parse("10.1.0.7"), *Network4::parse("10.1.0.0/24"), *Ip4::parse("10.1.0.255"), false}};
    status.problems.warnings = 2;
    status.uptime = 5s;
    checkBothWays(status);
    checkBothWays(Capabilities{"causeway", "0.1.0", 1, "hq", {"lan"}});
    Problem problem;
    problem.id = "lan.other-master:10.1.0.7";
    problem.severity = Severity::Problem;
    problem.mutedUntil = kWhen;
    checkBothWays(ProblemList{{problem}});
    checkBothWays(UntilRequest{kWhen});
    checkBothWays(UntilRequest{});
    checkBothWays(LogLines{{{kWhen, LogLevel::Error, "LAN_FAILED", "text"}}});
    checkBothWays(HelloEvent{"hq", "0.1.0", 77});
    checkBothWays(UsersEvent{{UserRow{fullUser(), "alice", {}, true}}, {1, 2}});
    checkBothWays(SearchEvent{search, {row}, 40});
    checkBothWays(SettingsEvent{6, {"lan.name"}});
    ConfigFile config;
    config.settings = SettingChanges{{{"lan.name", "HQ"}}};
    config.ranges = {{"10.7.2.*", false}};
    config.bases = {{BaseSite{0, "hq", {*Network4::parse("10.1.0.0/24")}, ""}}};
    config.administrators = {{"alice", Role::Admin, true}};
    checkBothWays(config);
    checkBothWays(ConfigFile{});
    checkBothWays(ConfigVerdict{false, {{"ranges[3].text", 12, 5, "no"}}, {"note"}});
    checkBothWays(ConfigApplied{1, 2, 3, 4, 5, {"log.file"}, {"note"}});
    ErrorDocument document;
    document.status = 409;
    document.error = {Code::Conflict, "what", "why", "todo"};
    document.errors = {{"text", 1, 2, "detail"}};
    document.field = "text";
    checkBothWays(document);
}

TEST_CASE("the reader fills the record, not only its text") {
    const auto read = fromJson<UserRow>(toJson(UserRow{fullUser(), "alice", {"can encrypt"}, true}));
    REQUIRE(read);
    CHECK(read->user.id == 7);
    CHECK(read->user.address.text() == "10.1.0.21");
    CHECK(read->user.addresses.size() == 2);
    CHECK(read->user.presence == Presence::Silent);
    CHECK(read->user.roundTrip == 18ms);
    CHECK(read->user.lastAnswer == kWhen);
    REQUIRE(read->user.instability);
    CHECK(read->user.instability->count == 5);
    CHECK(read->user.displayName() == "Alice \"A\" \xE5\xB1\xB1");
    CHECK(read->isLocal);
}

TEST_CASE("a newer service may add fields and words, an older one may miss fields") {
    const auto read = fromJson<UserRow>(R"({"future":{"x":[1]},"id":3,"kind":"hologram","nick":"Bob"})");
    REQUIRE(read);
    CHECK(read->user.id == 3);
    CHECK(read->user.kind == ClientKind::Unknown);
    CHECK(read->user.nick == "Bob");
    CHECK(read->user.port == 2425);
}

TEST_CASE("wrong types are named with field, line and column, all at once") {
    std::vector<FieldProblem> problems;
    const std::string text =
        "{\"items\":[{\"id\":\"seven\",\n\"port\":99999,\"address\":\"10.1\"},\n{\"firstSeen\":\"yesterday\"},5],"
        "\"total\":-1}";
    const auto read = fromJson<UserPage>(text, &problems);
    REQUIRE_FALSE(read);
    CHECK(read.error().code == Code::BadInput);
    REQUIRE(problems.size() == 6);
    CHECK(problems[0].field == "items[0].id");
    CHECK(problems[0].line == 1);
    CHECK(problems[0].detail == "A number is expected, but text is there.");
    CHECK(problems[1].field == "items[0].address");
    CHECK(problems[1].line == 2);
    CHECK(problems[2].field == "items[0].port");
    CHECK(problems[3].field == "items[1].firstSeen");
    CHECK(problems[3].line == 3);
    CHECK(problems[4].field == "items[2]");
    CHECK(problems[5].field == "total");
}

TEST_CASE("requests want their fields and known words") {
    std::vector<FieldProblem> problems;
    CHECK_FALSE(fromJson<TokenRequest>(R"({"role":"king"})", &problems));
    REQUIRE(problems.size() == 2);
    CHECK(problems[0].field == "name");
    CHECK(problems[1].detail == "\"king\" is not one of viewer, operator and admin.");
    CHECK_FALSE(fromJson<SearchRequest>(R"({"ranges":[1],"viaClient":"10.7.2.14"})"));
    CHECK_FALSE(fromJson<UntilRequest>("{}"));
    CHECK(fromJson<UntilRequest>(R"({"until":null})").has_value());
    CHECK_FALSE(fromJson<LoginRequest>("[]"));
}

TEST_CASE("settings may be sent as text, number, flag or null") {
    const auto changes = fromJson<SettingChanges>(R"({"a":"x","b":5,"c":true,"d":null})");
    REQUIRE(changes);
    REQUIRE(changes->items.size() == 4);
    CHECK(changes->items[1].second == "5");
    CHECK(changes->items[2].second == "true");
    CHECK_FALSE(changes->items[3].second);
    CHECK_FALSE(fromJson<SettingChanges>(R"({"a":[1]})"));
}

TEST_CASE("never is null in JSON and the epoch in the record") {
    LanUser user;
    const auto json = toJson(UserRow{user, "", {}, false});
    CHECK(json.find("\"lastAnswer\":null") != std::string::npos);
    CHECK(json.find("\"lastListAt\":null") != std::string::npos);
    const auto read = fromJson<UserRow>(json);
    REQUIRE(read);
    CHECK(read->user.lastAnswer == TimePoint{});
}

TEST_CASE("the users query is percent-encoded and leaves defaults out") {
    UsersQuery query;
    CHECK(query.text().empty());
    query.scope = UserScope::External;
    query.filter =
        "B\xC3\xB6"
        "b & co";
    query.sort = UserSort::Seen;
    query.isDescending = true;
    query.presence = Presence::Gone;
    CHECK(query.text() == "scope=external&presence=gone&filter=B%C3%B6b%20%26%20co&sort=-seen");
}

TEST_CASE("a failed request keeps its code through the problem document") {
    for (const auto code : {Code::BadInput, Code::NotFound, Code::Conflict, Code::Busy, Code::Unavailable,
                            Code::Timeout, Code::Internal}) {
        ErrorDocument document;
        document.status = httpStatusOf(code);
        document.error = {code, "what", "why", "todo"};
        const auto read = fromJson<ErrorDocument>(toJson(document));
        REQUIRE(read);
        CHECK(read->error.code == code);
        CHECK(read->error.text() == "what why todo");
    }
    CHECK(httpStatusOf(Code::TooLong) == 413);
    CHECK(httpStatusOf(Code::Busy) == 429);
}

TEST_CASE("problems are read from the bare list and from the event") {
    const auto bare = problemsFromJson(R"([{"id":"a","severity":"warning"}])");
    REQUIRE(bare);
    CHECK(bare->size() == 1);
    const auto wrapped = problemsFromJson(R"({"items":[{"id":"a"},{"id":"b"}]})");
    REQUIRE(wrapped);
    CHECK(wrapped->size() == 2);
}

TEST_CASE("a hostile text does not make a hundred thousand problem sentences") {
    std::string text = "{\"items\":[";
    for (int i = 0; i < 20'000; ++i)
        text += "5,";
    text += "5]}";
    std::vector<FieldProblem> problems;
    CHECK_FALSE(fromJson<UserPage>(text, &problems));
    CHECK(problems.size() == kMostProblems);
}

TEST_CASE("records: a chat domain with dots, proof and supernodes reads back as it was written") {
    api::DomainRow row;
    row.domain.id = 3;
    row.domain.name = "xn--bcher-kva.example";
    row.domain.shown =
        "b\xC3\xBC"
        "cher.example";
    row.domain.providers = {4, 1};
    row.domain.endToEnd = EndToEnd::Preferred;
    row.domain.reach = DomainReach::LanAndInternet;
    row.domain.revision = 9;
    row.accounts = 12;
    row.login = "open";
    row.directory.state = ProofState::Broken;
    row.directory.sentence = "ldap1 refuses.";
    row.directory.proof.name = "Directory";
    row.directory.proof.children.push_back(
        {"bind", "Bind", ProofState::Broken, "p", {}, 5ms, "w", "t", {{"a", "b"}}, {}});
    api::SupernodeRow node;
    node.node.name = "sn1";
    node.node.origin = SupernodeOrigin::Token;
    node.node.lastHeartbeat = fromEpochMillis(5000);
    node.isLive = true;
    row.supernodes.push_back(node);
    const auto read = api::fromJson<api::DomainRow>(api::toJson(row));
    REQUIRE(read);
    CHECK(api::toJson(*read) == api::toJson(row));
    CHECK(read->domain.shown == row.domain.shown);
    CHECK(read->domain.providers == row.domain.providers);
    CHECK(read->directory.proof.children.front().facts.front().second == "b");
    CHECK(read->supernodes.front().node.origin == SupernodeOrigin::Token);
}

TEST_CASE("records: a change of a domain holds only what was given") {
    std::vector<api::FieldProblem> problems;
    const auto request = api::fromJson<api::DomainRequest>(R"({"note":"new","ttl":60})", &problems);
    REQUIRE(request);
    ChatDomain domain;
    domain.shown = "chat.example.com";
    domain.providers = {7};
    request->applyTo(domain);
    CHECK(domain.note == "new");
    CHECK(domain.ttl == 60);
    CHECK(domain.shown == "chat.example.com");
    CHECK(domain.providers == std::vector<std::uint64_t>{7});
    CHECK_FALSE(api::fromJson<api::DomainRequest>(R"({"reach":"everywhere"})", &problems));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].field == "reach");
}
