#include "console/presenters/session.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "console/presenters/admins_presenter.h"
#include "console/presenters/bases_presenter.h"
#include "console/presenters/connection_presenter.h"
#include "console/presenters/log_presenter.h"
#include "console/presenters/overview_presenter.h"
#include "console/presenters/ranges_presenter.h"
#include "console/presenters/search_presenter.h"
#include "console/presenters/settings_presenter.h"
#include "console/presenters/users_presenter.h"
#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

TEST_CASE("a session loads all users in pages, hears of changes, and forgets them when it ends") {
    LiveConsole live;
    REQUIRE(live.started);
    for (UserId id = 1; id <= 4500; ++id)
        live.world.lan.add(
            lanUser(id, "Name " + std::to_string(id), Ip4{0x0A010000U + static_cast<std::uint32_t>(id)}.text()));
    UsersPresenter users{live.session};
    ConnectionPresenter connection{live.session};
    CHECK(connection.stateText() == "not connected");
    CHECK(connection.showsConnectPage());
    REQUIRE(live.connect());
    REQUIRE(live.executor.runUntil([&] { return !users.isLoading() && users.counts().all == 4500; }));
    CHECK(users.loaded() == 4500);
    CHECK(users.stateText() == "4,500 users");
    CHECK(live.session.mayChange());
    CHECK(connection.stateText() == "connected to hq-server as admin");
    CHECK(connection.windowTitle() == "Causeway - hq-server");
    CHECK_FALSE(connection.showsConnectPage());

    live.world.lan.add(lanUser(9000, "Late", "10.1.99.1"));
    const UserId late = 9000;
    live.server->lanObserver().usersChanged({&late, 1});
    REQUIRE(live.executor.runUntil([&] { return users.user(9000) != nullptr; }));
    users.select(9000);
    users.loadHistory();
    REQUIRE(live.executor.runUntil([&] { return !users.isHistoryLoading(); }));
    CHECK(users.history().front().value == "entered from 10.1.0.21");
    std::optional<bool> probed;
    users.probe(9000, [&](const Result<void>& result) { probed = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return probed.has_value(); }));
    CHECK(*probed);
    CHECK(live.world.lan.probed == std::vector<UserId>{9000});

    // Gone at the service while nothing was heard: a reload takes him away.
    {
        const std::lock_guard hold{live.world.lan.lock};
        live.world.lan.users.erase(17);
    }
    users.reload();
    REQUIRE(live.executor.runUntil([&] { return !users.isLoading(); }));
    CHECK(users.user(17) == nullptr);
    CHECK(users.counts().all == 4500);

    live.session.disconnect();
    CHECK(users.table().rowCount() == 0);
    CHECK(connection.stateText() == "not connected");
    live.executor.run();
    CHECK(users.counts().all == 0);
}

TEST_CASE("a worker reads all pages of users by itself, a small one first, and the table takes them in portions") {
    LiveConsole live;
    REQUIRE(live.started);
    constexpr std::size_t kUsers = 12'000;
    for (UserId id = 1; id <= kUsers; ++id)
        live.world.lan.add(
            lanUser(id, "Name " + std::to_string(id), Ip4{0x0A010000U + static_cast<std::uint32_t>(id)}.text()));
    UsersPresenter users{live.session};
    live.session.connect(live.address(), {});
    std::size_t rows = 0;
    std::size_t biggestPortion = 0;
    users.table().onReset = [&] {
        biggestPortion = std::max(biggestPortion, users.table().rowCount() - rows);
        rows = users.table().rowCount();
    };
    REQUIRE(live.executor.stepUntil([&] { return users.isLoading(); }));
    REQUIRE(live.executor.stepUntil([&] { return users.loaded() > 0; }));
    CHECK(users.loaded() == 500);
    CHECK(users.expected() == kUsers);
    const auto works = live.executor.workTasks;
    REQUIRE(live.executor.stepUntil([&] { return !users.isLoading(); }));
    CHECK(live.executor.workTasks - works <= 1);  // the segments; not one for each page
    CHECK(users.table().rowCount() == kUsers);
    CHECK(biggestPortion == 500);
    users.table().onReset = nullptr;
}

TEST_CASE("pages of a load that was given up are dropped") {
    LiveConsole live;
    REQUIRE(live.started);
    constexpr std::size_t kUsers = 12'000;
    for (UserId id = 1; id <= kUsers; ++id)
        live.world.lan.add(
            lanUser(id, "Name " + std::to_string(id), Ip4{0x0A010000U + static_cast<std::uint32_t>(id)}.text()));
    UsersPresenter users{live.session};
    live.session.connect(live.address(), {});
    REQUIRE(live.executor.stepUntil([&] { return users.isLoading(); }));
    REQUIRE(live.executor.stepUntil([&] { return users.loaded() >= 5500; }));
    users.reload();
    std::uint64_t mostLoaded = 0;
    REQUIRE(live.executor.stepUntil([&] {
        mostLoaded = std::max(mostLoaded, users.loaded());
        return !users.isLoading();
    }));
    CHECK(mostLoaded == kUsers);  // a page of the first load would count twice
    CHECK(users.counts().all == kUsers);
    CHECK(users.table().rowCount() == kUsers);

    users.reload();
    REQUIRE(live.executor.stepUntil([&] { return users.loaded() >= 5500; }));
    live.session.disconnect();
    live.executor.run();
    CHECK(users.counts().all == 0);
    CHECK(users.table().rowCount() == 0);
    CHECK_FALSE(users.isLoading());
}

TEST_CASE("an outage is told with the time, and the session comes back by itself") {
    LiveConsole live;
    REQUIRE(live.started);
    ConnectionPresenter connection{live.session};
    REQUIRE(live.connect());
    const auto address = live.server->address();
    live.server->stop();
    REQUIRE(live.executor.runUntil([&] { return live.session.connection() == Connection::NotAnswering; }));
    CHECK(connection.stateText().rfind("not answering since ", 0) == 0);
    CHECK(connection.stateText().find(", trying again") != std::string::npos);
    CHECK(connection.mark() == Mark::Broken);
    CHECK_FALSE(connection.showsConnectPage());  // what was shown stays in sight
    live.startServer(address);
    REQUIRE(live.started);
    REQUIRE(live.executor.runUntil([&] { return live.session.connection() == Connection::Live; }));
}

TEST_CASE("the connect page says what was tried, why it failed and how to start a service") {
    QuietConsole quiet;
    const TemporaryFolder folder;
    ConnectionPresenter connection{quiet.session};
    CHECK_FALSE(connection.connectLocal(folder.path(), {}));
    CHECK(connection.triedText().find(folder.path().string()) != std::string::npos);
    CHECK_FALSE(connection.whyText().empty());
    CHECK_FALSE(connection.todoText().empty());
    CHECK(connection.startCommand() == "causewayd --data " + folder.path().string());
    CHECK(connection.showsConnectPage());
    CHECK_FALSE(connection.connectRemote("https://hq", {}).empty());
    CHECK(connection.connectLocal("/var/lib/causeway-that-is-not-there", {}) == false);
    CHECK(connection.startCommand() == "sudo systemctl start causewayd");
}

TEST_CASE("without a token the session asks for a login, and goes on after it") {
    LiveConsole live;
    REQUIRE(live.started);
    REQUIRE(live.connect());
    AdminsPresenter admins{live.session};
    bool saved = false;
    AdminForm form{0, "alice", Role::Operator, false, "a long password", "a long password"};
    admins.save(form, [&](const Result<void>& result, const auto&) { saved = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return saved && admins.isLoaded() && admins.admins().size() == 1; }));
    auto address = live.address();
    address.token = {};
    ConnectionPresenter connection{live.session};
    connection.connectTo(address, {});
    REQUIRE(live.executor.runUntil([&] { return live.session.connection() == Connection::Refused; }));
    CHECK(connection.needsLogin());
    CHECK(connection.showsConnectPage());
    std::string refusal;
    connection.login("alice", Secret{"wrong password"}, [&](const Result<void>& result) {
        if (!result) refusal = result.error().text();
    });
    REQUIRE(live.executor.runUntil([&] { return !refusal.empty(); }));
    connection.login("alice", Secret{"a long password"}, {});
    REQUIRE(live.executor.runUntil([&] { return live.session.connection() == Connection::Live; }));
    CHECK(live.session.mayOperate());
    CHECK_FALSE(live.session.mayChange());
    CHECK(connection.stateText() == "connected to hq-server as alice");
    CHECK_FALSE(admins.isAllowed());
    CHECK(admins.admins().empty());
}

TEST_CASE("remote ranges are edited as text, and two editors do not lose each other's lines") {
    LiveConsole live;
    REQUIRE(live.started);
    REQUIRE(live.world.search.addRange("10.7.2.0/24 # osaka", true));
    RangesPresenter ranges{live.session};
    REQUIRE(live.connect());
    REQUIRE(live.executor.runUntil([&] { return !ranges.stored().items.empty(); }));
    CHECK(ranges.text() == "10.7.2.0/24 # osaka\n");
    CHECK_FALSE(ranges.isDirty());
    CHECK_FALSE(ranges.canSave());

    ranges.setText("10.7.2.0/24 # osaka\n10.7.300.*\n!10.7.2.7\n10.1.0.0/24\n");
    CHECK(ranges.isDirty());
    REQUIRE(ranges.problems().size() == 1);
    CHECK(ranges.problems()[0].line == 2);
    CHECK_FALSE(ranges.canSave());
    const auto lines = ranges.lines();
    CHECK(lines[0].rangeId == ranges.stored().items[0].range.id);
    CHECK(lines[1].mark == Mark::Broken);
    CHECK(lines[2].text == "Left out");
    CHECK(lines[3].rangeId == 0);

    ranges.setText("10.7.2.0/24 # osaka\n!10.7.2.7\n10.1.0.0/24\n");
    CHECK(ranges.canSave());
    CHECK_FALSE(ranges.isPreviewOfService());
    ranges.tick();
    live.executor.run();
    CHECK_FALSE(ranges.isPreviewOfService());  // the pause for typing is not over
    live.world.pass(500ms);
    ranges.tick();
    REQUIRE(live.executor.runUntil([&] { return ranges.isPreviewOfService(); }));
    CHECK(ranges.preview().addresses == 255);
    CHECK(ranges.preview().skippedOwn == 256);
    CHECK(ranges.previewText().find("255 addresses") == 0);

    // Somebody else adds a line meanwhile.
    REQUIRE(live.world.search.addRange("10.9.9.9", true));
    std::optional<RangesSave> outcome;
    const auto keep = [&](RangesSave save, const std::optional<Error>&) { outcome = save; };
    ranges.save(keep);
    REQUIRE(live.executor.runUntil([&] { return outcome.has_value(); }));
    CHECK(*outcome == RangesSave::Conflict);
    CHECK(ranges.isOutdated());
    CHECK(live.world.search.list.size() == 2);
    CHECK(ranges.text().find("!10.7.2.7") != std::string::npos);
    outcome.reset();
    ranges.save(keep);  // still refused without asking
    CHECK(outcome == RangesSave::Conflict);
    outcome.reset();
    ranges.overwrite(keep);
    REQUIRE(live.executor.runUntil([&] { return outcome.has_value(); }));
    CHECK(*outcome == RangesSave::Saved);
    CHECK_FALSE(ranges.isDirty());
    CHECK_FALSE(ranges.isOutdated());
    CHECK(live.world.search.list.size() == 3);

    std::optional<bool> switched;
    ranges.setEnabled(ranges.stored().items[0].range.id, false,
                      [&](const Result<void>& result) { switched = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return switched.has_value(); }));
    CHECK(*switched);
    CHECK(ranges.lines()[0].text == "Switched off");
}

TEST_CASE("settings are staged, checked at once, and applied all or none") {
    LiveConsole live;
    REQUIRE(live.started);
    SettingsPresenter settings{live.session};
    REQUIRE(live.connect());
    REQUIRE(live.executor.runUntil([&] { return settings.isLoaded(); }));
    CHECK(settings.settings(SettingsGroup::Network).size() > 10);
    const auto chat = settings.settings(SettingsGroup::Chat);
    CHECK(chat.size() >= 13);
    CHECK(std::all_of(chat.begin(), chat.end(), [](const SettingView& each) {
        return each.key.starts_with("dns.") || each.key.starts_with("supernode.") || each.key.starts_with("server.");
    }));
    CHECK(settings.setting("supernode.tls_port")->label == "Port for direct TLS");
    const auto gone = settings.setting("lan.gone_after");
    REQUIRE(gone);
    CHECK(gone->rangeText == "6 to 86,400 s, default 180");
    const auto listen = settings.setting("lan.listen");
    REQUIRE(listen);
    CHECK(listen->isReadOnly);
    CHECK(listen->readOnlyText.find("causeway.toml") != std::string::npos);
    CHECK_FALSE(settings.set("lan.listen", "0.0.0.0:2426").empty());
    CHECK_FALSE(settings.isDirty());

    CHECK(settings.set("lan.gone_after", "3") == "\"3\" is not a whole number from 6 to 86400 s.");
    CHECK(settings.set("lan.name", "HQ").empty());
    CHECK_FALSE(settings.canApply());
    CHECK(settings.changedKeys() == std::vector<std::string>{"lan.gone_after", "lan.name"});
    CHECK(settings.set("lan.gone_after", "180").empty());  // as stored: no change
    CHECK(settings.changedKeys() == std::vector<std::string>{"lan.name"});
    CHECK(settings.set("lan.gone_after", "240").empty());
    CHECK(settings.stateText() == "2 changes are not applied yet");
    CHECK(live.world.settings.set.empty());
    std::optional<bool> applied;
    settings.apply([&](const Result<void>& result) { applied = result.has_value(); });
    CHECK(settings.isApplying());
    REQUIRE(live.executor.runUntil([&] { return applied.has_value(); }));
    CHECK(*applied);
    CHECK_FALSE(settings.isDirty());
    CHECK(live.world.settings.set["lan.name"] == "HQ");
    CHECK(live.world.settings.set["lan.gone_after"] == "240");
    CHECK(settings.setting("lan.name")->value == "HQ");

    settings.setToDefault("lan.name");
    CHECK(settings.setting("lan.name")->value == "Causeway");
    CHECK(settings.setting("lan.name")->isDefault);
    {
        // Somebody else was faster: nothing of ours is applied, and nothing of ours is lost.
        const std::lock_guard hold{live.world.settings.lock};
        ++live.world.settings.revision;
    }
    applied.reset();
    settings.apply([&](const Result<void>& result) { applied = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return applied.has_value() && settings.isOutdated(); }));
    CHECK_FALSE(*applied);
    live.executor.run();
    CHECK(settings.isDirty());
    CHECK(live.world.settings.set["lan.name"] == "HQ");
    applied.reset();
    settings.apply([&](const Result<void>& result) { applied = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return applied.has_value(); }));
    CHECK(*applied);
    CHECK_FALSE(live.world.settings.set.contains("lan.name"));
}

TEST_CASE("a search is started, followed, stopped and compared with an earlier one") {
    LiveConsole live;
    REQUIRE(live.started);
    SearchPresenter search{live.session};
    CHECK_FALSE(search.canStart());
    REQUIRE(live.connect());
    live.executor.run();
    CHECK(search.whyNotStart().find("no remote ranges") != std::string::npos);
    search.setMode(SearchMode::Addresses);
    search.setAddresses("10.7.2.14\n10.7.400.1");
    REQUIRE(search.addressProblems().size() == 1);
    CHECK(search.addressProblems()[0].line == 2);
    CHECK_FALSE(search.canStart());
    search.setAddresses("10.7.2.0/24");
    CHECK(search.canStart());
    CHECK(search.planText() == "Asks 256 addresses; that takes about 5.7 s.");
    std::optional<bool> started;
    search.start([&](const Result<void>& result) { started = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return started.has_value(); }));
    REQUIRE(*started);
    CHECK(search.isRunning());
    CHECK_FALSE(search.canStart());
    const auto first = search.shown()->id;

    const auto row = [](const char* address, const char* name, SearchFinding finding) {
        SearchRow made;
        made.address = *Ip4::parse(address);
        made.name = name;
        made.finding = finding;
        made.at = kNoon;
        return made;
    };
    {
        const std::lock_guard hold{live.world.search.lock};
        auto& running = live.world.search.done.front();
        running.total = 256;
        running.sent = 100;
        running.answered = 2;
        running.found = 1;
        running.known = 1;
        live.world.search.found = {row("10.7.2.20", "Bob", SearchFinding::New),
                                   row("10.7.2.14", "Ann", SearchFinding::Known),
                                   row("10.7.2.99", "Old", SearchFinding::Lost)};
    }
    live.server->searchObserver().searchChanged(first);
    REQUIRE(live.executor.runUntil([&] { return search.table().rowCount() == 3; }));
    CHECK(cellsOf(search.table(), static_cast<std::size_t>(SearchColumn::Address)) ==
          std::vector<std::string>{"10.7.2.14", "10.7.2.20", "10.7.2.99"});
    CHECK(search.table().mark(2, 0) == Mark::Broken);
    CHECK(search.progress().percent == 39);
    CHECK(search.progress().summary == "2 answered: 1 new, 1 known; 0 lost");
    std::optional<bool> stopped;
    search.stop([&](const Result<void>& result) { stopped = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return stopped.has_value(); }));
    CHECK_FALSE(search.isRunning());

    auto earlier = *search.shown();
    earlier.id = first + 100;
    live.executor.run();
    search.searchChanged({earlier, {}, 0});
    live.executor.run();
    search.open(first);
    search.compareWith(earlier.id);
    REQUIRE(live.executor.runUntil([&] { return search.compareTable().rowCount() == 2; }));
    CHECK(search.compareText() == "0 only now, 0 only then, 2 both times");
    search.endCompare();
    CHECK_FALSE(search.isComparing());
}

TEST_CASE("bases are checked before they are sent, and listed by name") {
    LiveConsole live;
    REQUIRE(live.started);
    BasesPresenter bases{live.session};
    REQUIRE(live.connect());
    const auto fields = bases.check({0, " ", "10.1.0.7/24, rubbish", ""});
    REQUIRE(fields.size() == 3);
    CHECK(fields[0].field == "name");
    CHECK(fields[1].text.find("10.1.0.0/24") != std::string::npos);
    CHECK(fields[2].field == "segments");
    bool saved = false;
    bases.save({0, "osaka", "10.7.2.0/24\n10.7.3.0/24", ""},
               [&](const Result<void>& result, const auto&) { saved = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return saved && bases.bases().size() == 1; }));
    CHECK(BasesPresenter::segmentsText(bases.bases()[0]) == "10.7.2.0/24, 10.7.3.0/24");
    CHECK(bases.check({0, "OSAKA", "10.9.0.0/24", ""}).size() == 1);
    CHECK(bases.check({0, "kyoto", "10.7.3.0/24", ""}).size() == 1);
    CHECK(bases.check(bases.formOf(bases.bases()[0].id)).empty());
}

TEST_CASE("a new token is shown once, and the last administrator cannot be taken away") {
    LiveConsole live;
    REQUIRE(live.started);
    AdminsPresenter admins{live.session};
    REQUIRE(live.connect());
    bool made = false;
    admins.addToken("backup", Role::Viewer, std::nullopt,
                    [&](const Result<void>& result) { made = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return made && admins.tokens().size() == 1; }));
    CHECK_FALSE(admins.newToken().empty());
    CHECK(admins.tokenStateText(admins.tokens()[0]) == "never used, does not end");
    CHECK_FALSE(admins.checkTokenName("Backup").empty());
    admins.forgetNewToken();
    CHECK(admins.newToken().empty());

    CHECK(admins.check({0, "", Role::Admin, false, "short", "other"}).size() == 3);
    bool saved = false;
    admins.save({0, "alice", Role::Admin, false, "a long password", "a long password"},
                [&](const Result<void>& result, const auto&) { saved = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return saved && admins.admins().size() == 1; }));
    auto form = admins.formOf(admins.admins()[0].id);
    CHECK(admins.check(form).empty());
    form.isDisabled = true;
    REQUIRE(admins.check(form).size() == 1);
    CHECK(admins.check(form)[0].field == "role");
}

TEST_CASE("log lines arrive live, are filtered by level, and wait while the log is stopped") {
    LiveConsole live;
    REQUIRE(live.started);
    live.world.logs.add({kNoon, LogLevel::Info, "FIRST", "the first line"});
    LogPresenter log{live.session};
    REQUIRE(live.connect());
    REQUIRE(live.executor.runUntil([&] { return log.log().rowCount() == 1; }));
    live.world.logs.add({kNoon + 1s, LogLevel::Warning, "SECOND", "the second line"});
    REQUIRE(live.executor.runUntil([&] { return log.log().rowCount() == 2; }));
    CHECK(log.log().cell(0, static_cast<std::size_t>(LogColumn::Id)) == "SECOND");
    log.setLeast(LogLevel::Warning);
    CHECK(log.log().rowCount() == 1);
    CHECK(log.logStateText() == "1 of 2 lines");
    log.pause(true);
    live.world.pass(1s);
    live.world.logs.add({kNoon + 2s, LogLevel::Error, "THIRD", "the third line"});
    REQUIRE(live.executor.runUntil([&] { return log.keptBack() == 1; }));
    CHECK(log.log().rowCount() == 1);
    log.pause(false);
    CHECK(log.log().rowCount() == 2);
    std::vector<api::LogLine> many(6000, {kNoon + 3s, LogLevel::Error, "MANY", "x"});
    log.logged(many);
    CHECK(log.log().totalCount() == 5000);
    live.executor.run();

    AuditEntry entry;
    entry.at = kNoon;
    entry.who = "alice";
    entry.action = "settings.set";
    entry.before = "180";
    entry.after = "240";
    for (int i = 0; i < 700; ++i)
        REQUIRE(live.world.store.addAudit(entry));
    log.loadAudit();
    REQUIRE(live.executor.runUntil([&] { return !log.isAuditLoading(); }));
    CHECK(log.audit().totalCount() == 500);
    CHECK(log.hasMoreAudit());
    log.loadMoreAudit();
    REQUIRE(live.executor.runUntil([&] { return !log.isAuditLoading(); }));
    CHECK(log.audit().totalCount() == 700);
    CHECK_FALSE(log.hasMoreAudit());
    CHECK(log.auditDetails(log.audit().idAt(0))[6].value == "240");
}

TEST_CASE("problems of the service come worst first and can be muted") {
    LiveConsole live;
    REQUIRE(live.started);
    Problem notice{"a", Severity::Notice, "A notice.", "", "", "", kNoon, {}};
    Problem broken{
        "b", Severity::Problem, "The port is in use.", "iptux runs.", "End it.", "preferences/network", kNoon - 2h, {}};
    Problem muted{"c", Severity::Problem, "Muted.", "", "", "", kNoon, kNoon + 1h};
    live.world.problems.all = {notice, broken, muted};
    OverviewPresenter overview{live.session};
    CHECK(overview.headline() == "No service is connected.");
    REQUIRE(live.connect());
    REQUIRE(live.executor.runUntil([&] { return overview.problems().size() == 3 && overview.status().has_value(); }));
    overview.problemsChanged({notice, muted, broken});
    CHECK(overview.problems()[0].what == "The port is in use.");
    CHECK(overview.problems()[0].page == "preferences/network");
    CHECK(overview.problems()[0].sinceText == "since 2 h");
    CHECK(overview.problems()[2].isMuted);
    CHECK(overview.headline() == "1 problem needs attention.");
    CHECK(overview.headlineMark() == Mark::Broken);
    std::optional<bool> done;
    overview.mute("b", kNoon + 1h, [&](const Result<void>& result) { done = result.has_value(); });
    REQUIRE(live.executor.runUntil([&] { return done.has_value(); }));
    CHECK(*done);
    CHECK(live.world.store.muted.contains("b"));
    overview.problemsChanged({});
    CHECK(overview.headline() == "Everything is all right.");
}
