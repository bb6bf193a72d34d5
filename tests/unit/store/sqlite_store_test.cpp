#include "service/store/sqlite_store.h"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <iostream>

#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using causeway::store::test::at;
using causeway::store::test::bytesOfFile;
using causeway::store::test::openStore;
using causeway::store::test::TemporaryFolder;

namespace {

struct Fixture {
    NoLog log;
    TemporaryFolder folder;
    std::unique_ptr<StorePort> store = openStore(folder, log);

    /// What a restart of the service would see.
    void reopen() {
        store.reset();
        store = openStore(folder, log);
    }
    static void flush(StorePort& port) { REQUIRE(port.flush()); }
};

#if defined(__SANITIZE_THREAD__)
constexpr UserId kMany = 5'000;  // this sanitizer makes every access many times as slow
#else
constexpr UserId kMany = 100'000;
#endif

LanUser fullUser(UserId id) {
    LanUser user;
    user.id = id;
    user.user = "ann-<0123456789abcdef>";
    user.host = "HOST\x83\x41";  // not UTF-8: kept as it came
    user.nick = "Änn 安";
    user.group = "Sales; DROP TABLE lan_users --";
    user.address = *Ip4::parse("10.1.2.3");
    user.port = 2426;
    user.addresses = {{*Ip4::parse("10.1.2.2"), 2425, at(1), at(2), false},
                      {*Ip4::parse("255.1.2.3"), 65535, at(3), at(4), true}};
    user.kind = ClientKind::Iptux;
    user.client = "iptux 0.8.3";
    user.versionField = std::string("1_iptux\0x", 9);
    user.versionLine = "VS:1";
    user.icon = "penguin.png";
    user.flags = 0xFFFFFFFFU;
    user.isAway = true;
    user.configuredMaster = *Ip4::parse("10.1.0.7");
    user.presence = Presence::Silent;
    user.firstSeen = at(5);
    user.lastSeen = at(6);
    user.lastAnswer = at(7);
    user.roundTrip = 12ms;
    user.segment = *Network4::parse("10.1.0.0/23");
    user.isSegmentAssumed = false;
    user.isOwnSegment = true;
    user.base = "Berlin";
    user.delivery = Delivery::Introduction;
    user.lastListAt = at(8);
    user.listedUsers = 77;
    user.instability = Instability{UnstableReason::AddressChanges, "5 addresses in 1 h", 5, at(9), at(10), at(11)};
    user.revision = 0x7FFFFFFFFFFFFFFFULL;
    return user;
}

void checkSame(const LanUser& left, const LanUser& right) {
    CHECK(left.id == right.id);
    CHECK(left.user == right.user);
    CHECK(left.host == right.host);
    CHECK(left.nick == right.nick);
    CHECK(left.group == right.group);
    CHECK(left.address == right.address);
    CHECK(left.port == right.port);
    REQUIRE(left.addresses.size() == right.addresses.size());
    for (std::size_t i = 0; i < left.addresses.size(); ++i) {
        CHECK(left.addresses[i].address == right.addresses[i].address);
        CHECK(left.addresses[i].port == right.addresses[i].port);
        CHECK(left.addresses[i].firstSeen == right.addresses[i].firstSeen);
        CHECK(left.addresses[i].lastSeen == right.addresses[i].lastSeen);
        CHECK(left.addresses[i].isCurrent == right.addresses[i].isCurrent);
    }
    CHECK(left.kind == right.kind);
    CHECK(left.client == right.client);
    CHECK(left.versionField == right.versionField);
    CHECK(left.versionLine == right.versionLine);
    CHECK(left.icon == right.icon);
    CHECK(left.flags == right.flags);
    CHECK(left.isAway == right.isAway);
    CHECK(left.configuredMaster == right.configuredMaster);
    CHECK(left.presence == right.presence);
    CHECK(left.firstSeen == right.firstSeen);
    CHECK(left.lastSeen == right.lastSeen);
    CHECK(left.lastAnswer == right.lastAnswer);
    CHECK(left.roundTrip == right.roundTrip);
    CHECK(left.segment == right.segment);
    CHECK(left.isSegmentAssumed == right.isSegmentAssumed);
    CHECK(left.isOwnSegment == right.isOwnSegment);
    CHECK(left.base == right.base);
    CHECK(left.delivery == right.delivery);
    CHECK(left.lastListAt == right.lastListAt);
    CHECK(left.listedUsers == right.listedUsers);
    CHECK(left.revision == right.revision);
    REQUIRE(left.instability.has_value() == right.instability.has_value());
    if (!left.instability) return;
    CHECK(left.instability->reason == right.instability->reason);
    CHECK(left.instability->text == right.instability->text);
    CHECK(left.instability->count == right.instability->count);
    CHECK(left.instability->since == right.instability->since);
    CHECK(left.instability->last == right.instability->last);
    CHECK(left.instability->ignoredUntil == right.instability->ignoredUntil);
}

RemoteRange range(std::uint64_t id, const std::string& text) {
    RemoteRange made;
    made.id = id;
    made.text = text;
    return made;
}

}  // namespace

TEST_CASE_FIXTURE(Fixture, "store: settings are kept, changed together and taken back to their default") {
    REQUIRE(store->saveSettings({{"lan.rate", "300"}, {"lan.name", "Straße"}, {"a.b", ""}}));
    REQUIRE(store->saveSettings({{"lan.rate", std::nullopt}, {"lan.name", "two"}}));
    reopen();
    using Settings = std::vector<std::pair<std::string, std::string>>;
    CHECK(store->loadSettings().value() == Settings{{"a.b", ""}, {"lan.name", "two"}});
}

TEST_CASE_FIXTURE(Fixture, "store: every field of a user comes back after a restart") {
    LanUser plain;
    plain.id = 2;
    store->saveUsersLater({fullUser(1), plain});
    reopen();  // closing writes what is queued
    const auto users = store->loadUsers().value();
    REQUIRE(users.size() == 2);
    checkSame(users[0], fullUser(1));
    checkSame(users[1], plain);
}

TEST_CASE_FIXTURE(Fixture, "store: a newer version of a user replaces the older one with its addresses") {
    auto user = fullUser(1);
    store->saveUsersLater({user});
    flush(*store);
    user.addresses.erase(user.addresses.begin());
    user.instability.reset();
    user.roundTrip.reset();
    user.configuredMaster.reset();
    store->saveUsersLater({user});
    flush(*store);
    const auto users = store->loadUsers().value();
    REQUIRE(users.size() == 1);
    checkSame(users[0], user);
}

TEST_CASE_FIXTURE(Fixture,
                  "store: a removed user is gone with addresses and events, even if his row was still queued") {
    store->saveUsersLater({fullUser(1), fullUser(2)});
    store->addUserEventsLater({{1, {at(0), UserEventKind::Entered, "entered"}}});
    store->removeUsersLater({1});
    flush(*store);
    const auto users = store->loadUsers().value();
    REQUIRE(users.size() == 1);
    CHECK(users[0].id == 2);
    CHECK(store->userEvents(1, 10).value().empty());
    // An id that comes again starts with a clean slate.
    LanUser again;
    again.id = 1;
    store->saveUsersLater({again});
    flush(*store);
    CHECK(store->loadUsers().value()[0].addresses.empty());
}

TEST_CASE_FIXTURE(Fixture, "store: the newest events of a user come back in their order, and old ones give way") {
    std::vector<std::pair<UserId, UserEvent>> events;
    events.reserve(kMostEventsOfUser + 21);
    for (int i = 0; i < static_cast<int>(kMostEventsOfUser) + 20; ++i) {
        events.push_back({7, {at(i), i % 2 == 0 ? UserEventKind::Entered : UserEventKind::Left, std::to_string(i)}});
    }
    events.push_back({8, {at(0), UserEventKind::Renamed, "another user"}});
    store->addUserEventsLater(events);
    flush(*store);
    const auto newest = store->userEvents(7, 3).value();
    REQUIRE(newest.size() == 3);
    CHECK(newest[0].text == std::to_string(kMostEventsOfUser + 17));
    CHECK(newest[2].text == std::to_string(kMostEventsOfUser + 19));
    CHECK(newest[2].kind == UserEventKind::Left);
    CHECK(newest[2].at == at(static_cast<int>(kMostEventsOfUser) + 19));
    CHECK(store->userEvents(7, 10'000).value().size() == kMostEventsOfUser);
    CHECK(store->userEvents(8, 10).value().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "store: remote ranges keep their order, and results change only what was found") {
    auto first = range(5, "10.1.0.0/24 # Berlin");
    first.isEnabled = false;
    first.lastRun = at(1);
    first.addressCount = 254;
    first.answers = 3;
    first.lastAnswer = at(2);
    first.silentSince = at(3);
    first.problem = "name not found";
    REQUIRE(store->saveRanges({range(9, "10.9.0.0/24"), first, range(0, "new line")}));
    auto result = range(9, "must not be stored");
    result.answers = 4'000'000'000U;
    result.lastRun = at(9);
    auto unknown = range(77, "gone");
    store->saveRangeResultsLater({result, unknown});
    flush(*store);
    reopen();
    const auto ranges = store->loadRanges().value();
    REQUIRE(ranges.size() == 3);
    CHECK(ranges[0].id == 9);
    CHECK(ranges[0].text == "10.9.0.0/24");
    CHECK(ranges[0].answers == 4'000'000'000U);
    CHECK(ranges[0].lastRun == at(9));
    CHECK_FALSE(ranges[0].lastAnswer.has_value());
    CHECK(ranges[1].id == 5);
    CHECK(ranges[1].text == first.text);
    CHECK_FALSE(ranges[1].isEnabled);
    CHECK(ranges[1].lastRun == first.lastRun);
    CHECK(ranges[1].addressCount == 254);
    CHECK(ranges[1].lastAnswer == first.lastAnswer);
    CHECK(ranges[1].silentSince == first.silentSince);
    CHECK(ranges[1].problem == first.problem);
    CHECK(ranges[2].id != 0);
    REQUIRE(store->saveRanges({}));
    CHECK(store->loadRanges().value().empty());
}

TEST_CASE_FIXTURE(Fixture, "store: searches with their rows come back, page by page, newest first") {
    UserSearch search;
    search.id = 3;
    search.origin = SearchOrigin::Interval;
    search.state = SearchState::Running;
    search.startedBy = "alice";
    search.ranges = {4, 18'000'000'000ULL};
    search.addresses = "10.1.0.0/24\n10.2.0.1";
    search.viaClient = *Ip4::parse("10.3.0.1");
    search.packetsPerSecond = 123;
    search.startedAt = at(1);
    search.total = 5'000'000'000ULL;
    search.problem = "note";
    store->saveSearchLater(search);
    SearchRow row;
    row.address = *Ip4::parse("10.1.0.9");
    row.user = 12;
    row.name = "Änn";
    row.userName = "ann";
    row.host = "pc";
    row.group = "Sales";
    row.client = "iptux";
    row.roundTrip = 3ms;
    row.finding = SearchFinding::Lost;
    row.at = at(2);
    std::vector<SearchRow> rows(30, row);
    for (std::size_t i = 0; i < rows.size(); ++i)
        rows[i].user = i;
    rows[1].roundTrip.reset();
    store->addSearchRowsLater(3, rows);
    search.state = SearchState::Finished;
    search.finishedAt = at(3);
    search.sent = 1;
    search.answered = 2;
    search.found = 3;
    search.known = 4;
    search.lost = 5;
    store->saveSearchLater(search);
    UserSearch later;
    later.id = 4;
    store->saveSearchLater(later);
    reopen();

    const auto searches = store->loadSearches(10).value();
    REQUIRE(searches.size() == 2);
    CHECK(searches[0].id == 4);
    CHECK(store->loadSearches(1).value().size() == 1);
    const auto& read = searches[1];
    CHECK(read.origin == search.origin);
    CHECK(read.state == SearchState::Finished);
    CHECK(read.startedBy == "alice");
    CHECK(read.ranges == search.ranges);
    CHECK(read.addresses == search.addresses);
    CHECK(read.viaClient == search.viaClient);
    CHECK(read.packetsPerSecond == 123);
    CHECK(read.startedAt == at(1));
    CHECK(read.finishedAt == at(3));
    CHECK(read.total == search.total);
    CHECK(read.sent == 1);
    CHECK(read.answered == 2);
    CHECK(read.found == 3);
    CHECK(read.known == 4);
    CHECK(read.lost == 5);
    CHECK(read.problem == "note");

    const auto page = store->searchRows(3, 10, 5).value();
    REQUIRE(page.size() == 5);
    CHECK(page[0].user == 10);
    CHECK(page[4].user == 14);
    CHECK(store->searchRows(3, 28, 100).value().size() == 2);
    const auto begin = store->searchRows(3, 0, 2).value();
    CHECK(begin[0].address == row.address);
    CHECK(begin[0].name == row.name);
    CHECK(begin[0].userName == row.userName);
    CHECK(begin[0].host == row.host);
    CHECK(begin[0].group == row.group);
    CHECK(begin[0].client == row.client);
    CHECK(begin[0].roundTrip == row.roundTrip);
    CHECK(begin[0].finding == SearchFinding::Lost);
    CHECK(begin[0].at == at(2));
    CHECK_FALSE(begin[1].roundTrip.has_value());

    store->removeSearchLater(3);
    flush(*store);
    CHECK(store->loadSearches(10).value().size() == 1);
    CHECK(store->searchRows(3, 0, 100).value().empty());
}

TEST_CASE_FIXTURE(Fixture, "store: reports of traces are kept, replaced, read oldest first, and go with their time") {
    store->saveTraceLater(1, at(1), "{\"n\":1}");
    store->saveTraceLater(2, at(2), "{\"n\":2}");
    store->saveTraceLater(3, at(3), "{\"n\":3}");
    store->saveTraceLater(2, at(2), "{\"n\":22}");
    flush(*store);
    CHECK(store->loadTraces(10).value() == std::vector<std::string>{"{\"n\":1}", "{\"n\":22}", "{\"n\":3}"});
    CHECK(store->loadTraces(2).value() == std::vector<std::string>{"{\"n\":22}", "{\"n\":3}"});
    store->removeTraceLater(3);
    store->pruneLater(at(0), at(0), at(2));
    flush(*store);
    CHECK(store->loadTraces(10).value() == std::vector<std::string>{"{\"n\":22}"});
}

TEST_CASE_FIXTURE(Fixture, "store: findings of the visibility map are kept, replaced, and go") {
    using Kept = std::vector<std::pair<std::uint64_t, std::string>>;
    store->saveVisibilityLater(2, "{\"n\":2}");
    store->saveVisibilityLater(0, "{}");
    store->saveVisibilityLater(2, "{\"n\":22}");
    store->saveVisibilityLater(5, "{\"n\":5}");
    flush(*store);
    CHECK(store->loadVisibility().value() == Kept{{0, "{}"}, {2, "{\"n\":22}"}, {5, "{\"n\":5}"}});
    store->removeVisibilityLater(5);
    flush(*store);
    reopen();
    CHECK(store->loadVisibility().value() == Kept{{0, "{}"}, {2, "{\"n\":22}"}});
}

TEST_CASE_FIXTURE(Fixture, "store: bases get ids, keep their segments, and cannot share a name") {
    BaseSite berlin;
    berlin.name = "Berlin";
    berlin.note = "head office";
    berlin.segments = {*Network4::parse("10.2.0.0/16"), *Network4::parse("10.1.0.0/24")};
    const auto saved = store->saveBase(berlin).value();
    CHECK(saved.id != 0);
    BaseSite other;
    other.name = "BERLIN";
    const auto refused = store->saveBase(other);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Conflict);
    CHECK(refused.error().why == "The name BERLIN is taken already.");
    other.name = "Rome";
    CHECK(store->saveBase(other).value().id != saved.id);
    auto changed = saved;
    changed.segments.pop_back();
    changed.note = "moved";
    REQUIRE(store->saveBase(changed));
    reopen();
    const auto bases = store->bases().value();
    REQUIRE(bases.size() == 2);
    CHECK(bases[0].id == saved.id);
    CHECK(bases[0].name == "Berlin");
    CHECK(bases[0].note == "moved");
    CHECK(bases[0].segments == std::vector{*Network4::parse("10.2.0.0/16")});
    CHECK(bases[1].segments.empty());
    REQUIRE(store->removeBase(saved.id));
    CHECK(store->bases().value().size() == 1);
    CHECK(store->removeBase(saved.id).error().code == Code::NotFound);
    CHECK(store->saveBase(changed).error().code == Code::NotFound);
}

TEST_CASE_FIXTURE(Fixture, "store: a base that is refused leaves nothing of itself behind") {
    BaseSite first;
    first.name = "first";
    first.segments = {*Network4::parse("10.1.0.0/24")};
    const auto firstId = store->saveBase(first).value().id;
    BaseSite second;
    second.name = "second";
    const auto saved = store->saveBase(second).value();
    auto clash = saved;
    clash.name = "first";
    clash.segments = {*Network4::parse("10.9.0.0/24")};
    REQUIRE_FALSE(store->saveBase(clash));
    const auto bases = store->bases().value();
    REQUIRE(bases.size() == 2);
    CHECK(bases[0].id == firstId);
    CHECK(bases[0].segments.size() == 1);
    CHECK(bases[1].name == "second");
    CHECK(bases[1].segments.empty());
}

TEST_CASE_FIXTURE(Fixture, "store: administrators keep their password hash unless a new one is given") {
    StorePort::AdminRow alice;
    alice.admin.name = "alice";
    alice.admin.role = Role::Operator;
    alice.admin.createdAt = at(1);
    alice.passwordHash = "hash one";
    auto saved = store->saveAdministrator(alice).value();
    CHECK(saved.id != 0);
    alice.admin = saved;
    alice.admin.role = Role::Admin;
    alice.admin.isDisabled = true;
    alice.admin.lastLogin = at(2);
    alice.passwordHash.clear();
    REQUIRE(store->saveAdministrator(alice));
    reopen();
    auto rows = store->administrators().value();
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].admin.id == saved.id);
    CHECK(rows[0].admin.name == "alice");
    CHECK(rows[0].admin.role == Role::Admin);
    CHECK(rows[0].admin.isDisabled);
    CHECK(rows[0].admin.createdAt == at(1));
    CHECK(rows[0].admin.lastLogin == at(2));
    CHECK(rows[0].passwordHash == "hash one");
    alice.passwordHash = "hash two";
    REQUIRE(store->saveAdministrator(alice));
    CHECK(store->administrators().value()[0].passwordHash == "hash two");

    StorePort::AdminRow double_;
    double_.admin.name = "ALICE";
    CHECK(store->saveAdministrator(double_).error().code == Code::Conflict);
    REQUIRE(store->removeAdministrator(saved.id));
    CHECK(store->removeAdministrator(saved.id).error().code == Code::NotFound);
    double_.admin.name = "bob";
    CHECK(store->saveAdministrator(double_).value().id > saved.id);  // ids are never given twice
}

TEST_CASE_FIXTURE(Fixture, "store: API tokens come back with their times and hashes") {
    StorePort::TokenRow backup;
    backup.token.name = "backup";
    backup.token.role = Role::Admin;
    backup.token.createdAt = at(1);
    backup.token.expiresAt = at(2);
    backup.tokenHash = "aa";
    backup.token = store->saveToken(backup).value();
    backup.token.lastUsed = at(3);
    REQUIRE(store->saveToken(backup));
    reopen();
    const auto tokens = store->tokens().value();
    REQUIRE(tokens.size() == 1);
    CHECK(tokens[0].token.id == backup.token.id);
    CHECK(tokens[0].token.name == "backup");
    CHECK(tokens[0].token.role == Role::Admin);
    CHECK(tokens[0].token.createdAt == at(1));
    CHECK(tokens[0].token.expiresAt == at(2));
    CHECK(tokens[0].token.lastUsed == at(3));
    CHECK(tokens[0].tokenHash == "aa");
    REQUIRE(store->removeToken(backup.token.id));
    CHECK(store->tokens().value().empty());
    CHECK(store->removeToken(backup.token.id).error().code == Code::NotFound);
}

TEST_CASE_FIXTURE(Fixture, "store: the audit log is read backwards, page by page") {
    for (int i = 1; i <= 5; ++i) {
        AuditEntry entry;
        entry.at = at(i);
        entry.who = "alice";
        entry.from = "10.0.0.1";
        entry.action = "settings.set";
        entry.subject = "lan.rate";
        entry.before = "\"1\"";
        entry.after = std::to_string(i);
        REQUIRE(store->addAudit(entry));
    }
    reopen();
    const auto newest = store->audit(0, 2).value();
    REQUIRE(newest.size() == 2);
    CHECK(newest[0].after == "5");
    CHECK(newest[0].at == at(5));
    CHECK(newest[0].who == "alice");
    CHECK(newest[0].from == "10.0.0.1");
    CHECK(newest[0].action == "settings.set");
    CHECK(newest[0].subject == "lan.rate");
    CHECK(newest[0].before == "\"1\"");
    CHECK(newest[1].after == "4");
    const auto rest = store->audit(newest[1].id, 100).value();
    REQUIRE(rest.size() == 3);
    CHECK(rest[2].after == "1");
}

TEST_CASE_FIXTURE(Fixture, "store: a muted problem stays muted until it is not") {
    REQUIRE(store->muteProblem("lan.port-in-use", at(1)));
    REQUIRE(store->muteProblem("lan.other-master:10.1.0.7", at(2)));
    REQUIRE(store->muteProblem("lan.port-in-use", at(3)));
    reopen();
    using Muted = std::vector<std::pair<std::string, TimePoint>>;
    CHECK(store->mutedProblems().value() == Muted{{"lan.other-master:10.1.0.7", at(2)}, {"lan.port-in-use", at(3)}});
    REQUIRE(store->muteProblem("lan.port-in-use", std::nullopt));
    CHECK(store->mutedProblems().value().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "store: a counter only grows") {
    CHECK(store->counter("packet").value() == 0);
    store->saveCounterLater("packet", 5'000'000'000ULL);
    flush(*store);
    store->saveCounterLater("packet", 7);
    reopen();
    CHECK(store->counter("packet").value() == 5'000'000'000ULL);
}

TEST_CASE_FIXTURE(Fixture, "store: pruning deletes what is older, and nothing else") {
    for (const int time : {1, 100}) {
        AuditEntry entry;
        entry.at = at(time);
        REQUIRE(store->addAudit(entry));
        store->addUserEventsLater({{1, {at(time), UserEventKind::Entered, ""}}});
        UserSearch search;
        search.id = static_cast<std::uint64_t>(time);
        search.startedAt = at(time);
        store->saveSearchLater(search);
        SearchRow row;
        row.at = at(time);
        store->addSearchRowsLater(search.id, {row});
    }
    store->pruneLater(at(50), at(50), at(50));
    flush(*store);
    CHECK(store->audit(0, 10).value().size() == 1);
    CHECK(store->audit(0, 10).value()[0].at == at(100));
    CHECK(store->userEvents(1, 10).value().size() == 1);
    REQUIRE(store->loadSearches(10).value().size() == 1);
    CHECK(store->loadSearches(10).value()[0].id == 100);
    CHECK(store->searchRows(1, 0, 10).value().empty());
    CHECK(store->searchRows(100, 0, 10).value().size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "store: a secret comes back, and cannot be read in any file of the data folder") {
    const Secret secret{std::string("correct horse battery\0staple", 28)};
    CHECK_FALSE(store->secret("signing key").value().has_value());
    REQUIRE(store->saveSecret("signing key", secret));
    REQUIRE(store->saveSecret("empty", Secret{}));
    for (const auto& name : folder.names("")) {
        const auto bytes = bytesOfFile(folder.file(name));
        CHECK(bytes.find("correct horse") == std::string::npos);
        CHECK(bytes.find("staple") == std::string::npos);
    }
    reopen();
    CHECK(store->secret("signing key").value().value() == secret);
    CHECK(store->secret("empty").value().value().empty());
    REQUIRE(store->saveSecret("signing key", Secret{"second"}));
    CHECK(store->secret("signing key").value().value() == Secret{"second"});
}

TEST_CASE_FIXTURE(Fixture, "store: only the user of the service may read its files") {
    REQUIRE(store->saveSettings({{"a", "b"}}));
    for (const auto& name : folder.names("")) {
        CAPTURE(name);
        struct stat status {};
        REQUIRE(::stat(folder.file(name).c_str(), &status) == 0);
        CHECK((status.st_mode & 0777) == 0600);
    }
    const auto inner = folder.file("a/b");
    auto made = openSqliteStore(inner + "/causeway.db", inner + "/secret.key", log);
    REQUIRE(made);
    struct stat status {};
    REQUIRE(::stat(inner.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0750);
}

TEST_CASE_FIXTURE(Fixture, "store: 100,000 users are saved and loaded (times are printed)") {
    using Clock = std::chrono::steady_clock;
    const auto millisSince = [](Clock::time_point begin) {
        return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count();
    };
    std::vector<LanUser> users;
    for (UserId id = 1; id <= kMany; ++id) {
        auto user = fullUser(id);
        user.address.value += static_cast<std::uint32_t>(id);
        user.addresses.pop_back();
        if (id % 50 != 0) user.instability.reset();
        users.push_back(std::move(user));
    }
    auto begin = Clock::now();
    store->saveUsersLater(users);
    const auto queued = millisSince(begin);
    flush(*store);
    const auto saved = millisSince(begin);
    begin = Clock::now();
    store.reset();
    store = openStore(folder, log);
    const auto opened = millisSince(begin);
    begin = Clock::now();
    const auto loaded = store->loadUsers();
    const auto read = millisSince(begin);
    REQUIRE(loaded);
    REQUIRE(loaded->size() == users.size());
    checkSame(loaded->back(), users.back());
    MESSAGE(kMany << " users: queued in " << queued << " ms, on disk after " << saved << " ms, closed and opened in "
                  << opened << " ms, loaded in " << read << " ms, file of "
                  << std::filesystem::file_size(folder.store()) / 1024 << " KiB");
}
