#include <doctest/doctest.h>

#include "console/presenters/connection_presenter.h"
#include "console/presenters/overview_presenter.h"
#include "console/presenters/ranges_presenter.h"
#include "console/presenters/search_presenter.h"
#include "console/presenters/settings_presenter.h"
#include "console/presenters/text_format.h"
#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

TEST_CASE("ages are told in the unit that fits, long ago as a date") {
    CHECK(relativeTime(kNoon - 2s, kNoon) == "now");
    CHECK(relativeTime(kNoon + 5s, kNoon) == "now");
    CHECK(relativeTime(kNoon - 40s, kNoon) == "40 s");
    CHECK(relativeTime(kNoon - 130s, kNoon) == "2 min");
    CHECK(relativeTime(kNoon - 3h, kNoon) == "3 h");
    CHECK(relativeTime(kNoon - 25h, kNoon) == "yesterday");
    CHECK(relativeTime(kNoon - 24h * 5, kNoon) == "5 d");
    CHECK(relativeTime(kNoon - 24h * 60, kNoon).size() == 10);
    CHECK(relativeTime(TimePoint{}, kNoon) == "never");
    CHECK(countText(1204) == "1,204");
    CHECK(countText(999) == "999");
    CHECK(countText(1'000'000) == "1,000,000");
    CHECK(durationText(320s) == "5 min 20 s");
    CHECK(csvField("+1") == "'+1");
    CHECK(csvField("a\"b") == "\"a\"\"b\"");
    CHECK(fill("%2 of %1, 100%", {"ten", "one"}) == "one of ten, 100%");
}

TEST_CASE("texts come through the translator of the application, counts in the right form") {
    setTranslators([](const char* text) { return text == std::string("Present") ? "Anwesend" : std::string(text); },
                   [](const char* one, const char* many, std::uint64_t count) {
                       return std::string(count == 1 ? one : many) + "!";
                   });
    const auto presence = presenceText(Presence::Present);
    const auto counted = trn("%1 user", "%1 users", 2);
    setTranslators({}, {});
    CHECK(presence == "Anwesend");
    CHECK(counted == "2 users!");
}

TEST_CASE("two searches are compared by address; who was lost did not answer") {
    const auto row = [](const char* address, SearchFinding finding) {
        SearchRow made;
        made.address = *Ip4::parse(address);
        made.finding = finding;
        return made;
    };
    const auto rows = compareRows({row("10.0.0.3", SearchFinding::New), row("10.0.0.1", SearchFinding::Known),
                                   row("10.0.0.2", SearchFinding::Lost)},
                                  {row("10.0.0.2", SearchFinding::Known), row("10.0.0.1", SearchFinding::New)});
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].address.text() == "10.0.0.1");
    CHECK(rows[0].side == CompareSide::Both);
    CHECK(rows[1].side == CompareSide::OnlyThen);
    CHECK(rows[2].side == CompareSide::OnlyNow);
}

TEST_CASE("ranges to search show their last result and remember what was unticked") {
    QuietConsole quiet;
    SearchPresenter search{quiet.session};
    RemoteRange answered;
    answered.id = 1;
    answered.text = "10.7.2.0/24 # osaka";
    answered.lastRun = kNoon - 3h;
    answered.addressCount = 254;
    answered.answers = 12;
    RemoteRange silent;
    silent.id = 2;
    silent.text = "10.8.0.*";
    silent.lastRun = kNoon;
    silent.lastAnswer = kNoon - 48h;
    silent.silentSince = kNoon - 24h;
    RemoteRange off;
    off.id = 3;
    off.text = "10.9.0.1";
    off.isEnabled = false;
    RemoteRange comment;
    comment.id = 4;
    comment.text = "# old ones";
    api::RangeList list;
    for (const auto& range : {answered, silent, off, comment})
        list.items.push_back(api::rangeRowOf(range));
    search.rangesChanged(list);
    REQUIRE(search.ranges().size() == 3);
    CHECK(search.ranges()[0].text == "10.7.2.0/24");
    CHECK(search.ranges()[0].comment == "osaka");
    CHECK(search.ranges()[0].result == "12 of 254 answered, 3 h");
    CHECK(search.ranges()[0].mark == Mark::Fine);
    CHECK(search.ranges()[1].mark == Mark::Partly);
    CHECK(search.ranges()[2].result == "Not searched yet");
    CHECK_FALSE(search.ranges()[2].isChosen);
    search.choose(1, false);
    CHECK(search.planText().rfind("Asks 256 addresses", 0) == 0);
    search.rangesChanged(list);
    CHECK_FALSE(search.ranges()[0].isChosen);
    CHECK(search.ranges()[1].isChosen);
}

TEST_CASE("the progress of a search tells its speed and the time that is left") {
    QuietConsole quiet;
    SearchPresenter search{quiet.session};
    UserSearch running;
    running.id = 7;
    running.state = SearchState::Running;
    running.startedAt = kNoon;
    running.total = 65'536;
    search.searchChanged({running, {}, 0});
    quiet.now += 5s;
    running.sent = 1000;
    search.searchChanged({running, {}, 0});
    CHECK(search.progress().isRunning);
    CHECK(search.progress().percent == 1);
    CHECK(search.progress().text == "1,000 of 65,536 addresses, 200 addresses/s, 5 min 27 s left");
    running.sent = running.total;
    search.searchChanged({running, {}, 0});
    CHECK(search.progress().text == "65,536 of 65,536 addresses, waiting for late answers");
    running.state = SearchState::Finished;
    running.finishedAt = kNoon + 20s;
    search.searchChanged({running, {}, 0});
    CHECK_FALSE(search.isRunning());
    CHECK(search.progress().text == "65,536 of 65,536 addresses, took 20 s");
}

TEST_CASE("editing ranges survives results that arrive, and notices lines of somebody else") {
    QuietConsole quiet;
    RangesPresenter ranges{quiet.session};
    RemoteRange range;
    range.id = 1;
    range.text = "10.7.2.0/24";
    api::RangeList list{{api::rangeRowOf(range)}, 5};
    ranges.rangesChanged(list);
    ranges.setText("10.7.2.0/24\r\n10.8.0.1\r\n");
    CHECK(ranges.text() == "10.7.2.0/24\n10.8.0.1\n");
    CHECK(ranges.preview().addresses == 257);
    list.items[0].range.answers = 3;
    list.items[0].range.addressCount = 256;
    list.items[0].range.lastRun = kNoon;
    list.revision = 6;
    ranges.rangesChanged(list);
    CHECK(ranges.text() == "10.7.2.0/24\n10.8.0.1\n");
    CHECK_FALSE(ranges.isOutdated());
    CHECK(ranges.lines()[0].text == "3 of 256 answered, now");
    CHECK(ranges.lines()[1].text == "1 address");
    range.id = 2;
    range.text = "10.9.0.1";
    list.items.push_back(api::rangeRowOf(range));
    ranges.rangesChanged(list);
    CHECK(ranges.isOutdated());
    CHECK_FALSE(ranges.conflictText().empty());
    ranges.revert();
    CHECK(ranges.text() == "10.7.2.0/24\n10.9.0.1\n");
    CHECK_FALSE(ranges.isDirty());
    CHECK_FALSE(ranges.isOutdated());
}

TEST_CASE("every setting of the service has a label, a group and a rule that refuses nonsense") {
    for (const auto& row : settingRows()) {
        CAPTURE(row.key);
        const auto item = api::settingItemOf(row, std::string(row.standard), true);
        CHECK(settingLabel(item.key).find('_') == std::string::npos);
        const auto standard = checkSettingItem(item, item.standard);
        REQUIRE(standard);
        CHECK(*standard == item.standard);
        const auto refused = checkSettingItem(item, std::string(500, '\x01'));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().what.find(item.key + ":") == std::string::npos);
    }
    CHECK(settingLabel("mail.new_thing") == "New thing");
}

TEST_CASE("traffic per user and hour and the charts come from the differences of the status") {
    QuietConsole quiet;
    OverviewPresenter overview{quiet.session};
    api::ServiceStatus status;
    status.now = kNoon;
    status.lan.present = 10;
    status.lan.packetsIn = 1000;
    status.lan.bytesIn = 50'000;
    overview.statusChanged(status);
    const auto traffic = [&] {
        for (const auto& figure : overview.figures()) {
            if (figure.key == "traffic") return figure.value;
        }
        return std::string{};
    };
    CHECK(traffic() == "–");
    // The burst of a start is not taken for what comes all the hour.
    status.lan.bytesIn += 5'000'000;
    for (int i = 0; i < 29; ++i) {
        status.now += 2s;
        overview.statusChanged(status);
    }
    CHECK(traffic() == "–");
    for (int i = 0; i < 200; ++i) {
        status.now += 2s;
        status.lan.packetsIn += 20;
        status.lan.bytesIn += 2048;
        overview.statusChanged(status);
    }
    // 1 KiB a second for 10 users is 360 KiB an hour for each.
    CHECK(traffic() == "360 KiB per hour");
    REQUIRE(overview.charts().size() == 3);
    CHECK(overview.charts()[0].values.size() == 120);
    CHECK(overview.charts()[0].values.back() == doctest::Approx(10));
    CHECK(overview.charts()[1].values.back() == doctest::Approx(10));
    CHECK(overview.charts()[2].values.back() == doctest::Approx(0));
    // A restart begins the charts anew; nothing becomes negative.
    status.now += 2s;
    status.lan.packetsIn = 3;
    status.lan.bytesIn = 5;
    overview.statusChanged(status);
    CHECK(overview.charts()[1].values.empty());
    CHECK(traffic() == "–");
}

TEST_CASE("the status bar counts problems that are not muted") {
    QuietConsole quiet;
    ConnectionPresenter connection{quiet.session};
    CHECK(connection.problemsText().empty());
    Problem warning;
    warning.severity = Severity::Warning;
    Problem muted;
    muted.severity = Severity::Problem;
    muted.mutedUntil = kNoon + 1h;
    connection.problemsChanged({warning, muted});
    CHECK(connection.problemsText() == "1 problem");
    api::ServiceStatus status;
    status.lan.users = 1204;
    status.lan.present = 400;
    status.lan.silent = 12;
    connection.statusChanged(status);
    CHECK(connection.usersText() == "1,204 users");
    CHECK(connection.presentText() == "412 online");
    CHECK(connection.problemsText() == "0 problems");
}
