#include "console/presenters/users_presenter.h"

#include <doctest/doctest.h>

#include <map>
#include <random>
#include <set>

#include "console/presenters/palette_presenter.h"
#include "console/presenters/unstable_presenter.h"
#include "console/presenters/words.h"
#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

constexpr auto column(UserColumn which) {
    return static_cast<std::size_t>(which);
}

std::string addressOf(std::uint32_t number) {
    return Ip4{0x0A000000U + number}.text();
}

double since(double begin) {
    return processorMillis() - begin;
}

/// Rows in the order of the column, every id once, every row found again by its id.
void checkOrder(const UsersTable& table, const std::function<bool(const api::UserRow&, const api::UserRow&)>& isAfter) {
    std::set<UserId> ids;
    bool isSorted = true;
    bool isFound = true;
    for (std::size_t row = 0; row < table.rowCount(); ++row) {
        ids.insert(table.idAt(row));
        isFound = isFound && table.rowOf(table.idAt(row)) == row && table.at(row).user.id == table.idAt(row);
        if (row > 0) isSorted = isSorted && !isAfter(table.at(row - 1), table.at(row));
    }
    CHECK(isSorted);
    CHECK(isFound);
    CHECK(ids.size() == table.rowCount());
}

bool nameIsAfter(const api::UserRow& a, const api::UserRow& b) {
    return foldText(a.user.nick) > foldText(b.user.nick);
}
bool addressIsAfter(const api::UserRow& a, const api::UserRow& b) {
    return a.user.address > b.user.address;
}

struct Users : QuietConsole {
    UsersPresenter presenter{session};
    void change(std::vector<api::UserRow> rows, std::vector<UserId> removed = {}) {
        presenter.usersChanged({std::move(rows), std::move(removed)});
    }
};

}  // namespace

TEST_CASE("a hundred thousand users stay in order with every change, sort and filter") {
    Users users;
    auto& table = users.presenter.table();
    std::mt19937 random{7};
    std::vector<api::UserRow> batch;
    constexpr std::uint32_t kUsers = 100'000;
    table.reserve(kUsers);
    double longestBatch = 0;
    auto begin = processorMillis();
    for (std::uint32_t i = 1; i <= kUsers; ++i) {
        auto row = userRow(i, "Name " + std::to_string(random() % 50'000), addressOf(i * 7919U % 16'000'000U));
        row.user.group = i % 10 == 0 ? "Osaka sales" : "Service";
        row.user.isOwnSegment = i % 50 == 0;
        batch.push_back(std::move(row));
        if (batch.size() < 500) continue;
        const auto batchBegin = processorMillis();
        users.change(std::move(batch));
        longestBatch = std::max(longestBatch, since(batchBegin));
        batch.clear();
    }
    MESSAGE("filling 100,000 users in batches of 500: " << since(begin) << " ms, longest batch " << longestBatch);
    REQUIRE(table.rowCount() == kUsers);
    CHECK(users.presenter.counts().local == kUsers / 50);
    checkOrder(table, nameIsAfter);

    users.executor.longestMillis = 0;
    begin = processorMillis();
    table.sortBy(column(UserColumn::Address), true);
    CHECK(table.isWorking());
    users.executor.run();
    CHECK_FALSE(table.isWorking());
    MESSAGE("sorting 100,000: " << since(begin) << " ms, longest slice " << users.executor.longestMillis << " ms in "
                                << users.executor.uiTasks << " slices");
    checkOrder(table, addressIsAfter);

    users.executor.longestMillis = 0;
    begin = processorMillis();
    table.setFilter("OSAKA");
    users.executor.run();
    MESSAGE("filtering 100,000: " << since(begin) << " ms, longest slice " << users.executor.longestMillis << " ms");
    CHECK(table.rowCount() == kUsers / 10);
    checkOrder(table, addressIsAfter);

    // Changes while it sorts and filters: names, groups, new ones and removed ones.
    table.setFilter("");
    table.sortBy(column(UserColumn::Name), true);
    longestBatch = 0;
    std::set<UserId> removed;
    std::size_t steps = 0;
    while (table.isWorking() && users.executor.step()) {
        if (++steps % 5 != 0) continue;
        for (int i = 0; i < 250; ++i) {
            const auto id = 1 + random() % kUsers;
            if (removed.contains(id)) continue;
            auto row = *users.presenter.user(id);
            row.user.nick = "Name " + std::to_string(random() % 50'000);
            batch.push_back(std::move(row));
        }
        std::vector<UserId> gone;
        for (const auto& row : batch) {
            if (row.user.id % 9 == 0) gone.push_back(row.user.id);
        }
        std::erase_if(batch, [](const api::UserRow& row) { return row.user.id % 9 == 0; });
        removed.insert(gone.begin(), gone.end());
        const auto batchBegin = processorMillis();
        users.change(std::move(batch), gone);
        longestBatch = std::max(longestBatch, since(batchBegin));
        batch.clear();
    }
    users.executor.run();
    CHECK_FALSE(removed.empty());
    CHECK(table.rowCount() == kUsers - removed.size());
    checkOrder(table, nameIsAfter);
    for (const auto id : removed)
        CHECK_FALSE(table.rowOf(id).has_value());

    // Changes when all is quiet.
    double longestQuiet = 0;
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 500; ++i) {
            const auto id = 1 + random() % kUsers;
            if (removed.contains(id)) continue;
            auto row = *users.presenter.user(id);
            row.user.nick = "Name " + std::to_string(random() % 50'000);
            batch.push_back(std::move(row));
        }
        const auto batchBegin = processorMillis();
        users.change(std::move(batch));
        longestQuiet = std::max(longestQuiet, since(batchBegin));
        batch.clear();
    }
    checkOrder(table, nameIsAfter);
    MESSAGE("batch of 500 that all move: longest " << longestQuiet << " ms; while sorting (250): " << longestBatch);

    begin = processorMillis();
    const auto found = users.presenter.findUsers("name 4999", 10);
    MESSAGE("search of the palette: " << since(begin) << " ms");
    CHECK(found.size() == 10);

    begin = processorMillis();
    users.presenter.chooseViewpoint(0);
    table.sortBy(column(UserColumn::Name), false);
    MESSAGE("turning the order around: " << since(begin) << " ms");
    checkOrder(table, [](const api::UserRow& a, const api::UserRow& b) { return nameIsAfter(b, a); });
}

TEST_CASE("a filter has to match with all its words, in any column and any case") {
    Users users;
    auto alice = userRow(1, "Alice Baker", "10.1.0.21");
    alice.user.host = "PC-021";
    auto emma = userRow(2, "Ümit ＢＯＢ", "10.7.2.14");
    emma.user.base = "osaka";
    users.change({alice, emma});
    auto& table = users.presenter.table();
    const auto shown = [&](const std::string& filter) {
        users.presenter.setFilter(filter);
        return cellsOf(table, column(UserColumn::Name));
    };
    CHECK(shown("alice pc-021") == std::vector<std::string>{"Alice Baker"});
    CHECK(shown("alice osaka").empty());
    CHECK(shown("10.7.2") == std::vector<std::string>{"Ümit ＢＯＢ"});
    CHECK(shown("üMIT bob") == std::vector<std::string>{"Ümit ＢＯＢ"});
    CHECK(shown("  ").size() == 2);
    CHECK(users.presenter.stateText() == "2 users");
    shown("alice");
    CHECK(users.presenter.stateText() == "1 of 2 users");
    shown("nobody");
    CHECK(users.presenter.emptyText().find("filter") != std::string::npos);
}

TEST_CASE("a row that changes without moving is drawn again, one that moves or comes resets the order") {
    Users users;
    users.change({userRow(1, "Anna", "10.1.0.1"), userRow(2, "Bert", "10.1.0.2")});
    auto& table = users.presenter.table();
    int redrawn = 0;
    int reset = 0;
    table.onRowsChanged = [&] { ++redrawn; };
    table.onReset = [&] { ++reset; };
    auto bert = userRow(2, "Bert", "10.1.0.2");
    bert.user.presence = Presence::Silent;
    users.change({bert});
    CHECK(redrawn == 1);
    CHECK(reset == 0);
    CHECK(table.mark(1, column(UserColumn::Presence)) == Mark::Partly);
    CHECK(table.isFresh(1));
    users.now += 1100ms;
    CHECK_FALSE(table.isFresh(1));
    bert.user.nick = "Aaron";
    users.change({bert});
    CHECK(reset == 1);
    CHECK(table.idAt(0) == 2);
    users.change({}, {2});
    CHECK(reset == 2);
    CHECK(table.rowCount() == 1);
    CHECK_FALSE(table.rowOf(2).has_value());
    users.change({userRow(3, "Carl", "10.1.0.3"), userRow(3, "Carla", "10.1.0.3")});
    CHECK(cellsOf(table, column(UserColumn::Name)) == std::vector<std::string>{"Anna", "Carla"});
}

TEST_CASE("the viewpoint decides who is local and who is external") {
    Users users;
    auto own = userRow(1, "Anna", "10.1.0.1");
    own.user.isOwnSegment = true;
    users.change({own, userRow(2, "Bert", "10.7.2.2"), userRow(3, "Carl", "10.7.2.3")});
    users.presenter.takeSegments({{*Network4::parse("10.7.2.0/24"), "osaka", false, false, 2, 2, "", {}},
                                  {*Network4::parse("10.1.0.0/24"), "hq", true, false, 1, 1, "eth0", {}}});
    REQUIRE(users.presenter.viewpoints().size() == 3);
    CHECK(users.presenter.viewpoints()[0].label == "This service");
    CHECK(users.presenter.viewpoints()[1].label == "hq / 10.1.0.0/24");
    CHECK(users.presenter.viewpoints()[2].label == "osaka / 10.7.2.0/24");
    CHECK(users.presenter.scopeText(api::UserScope::Local) == "Local 1");
    CHECK(users.presenter.scopeText(api::UserScope::External) == "External 2");
    users.presenter.setScope(api::UserScope::Local);
    auto& table = users.presenter.table();
    CHECK(cellsOf(table, column(UserColumn::Name)) == std::vector<std::string>{"Anna"});
    users.presenter.chooseViewpoint(2);
    CHECK(users.presenter.scopeText(api::UserScope::Local) == "Local 2");
    CHECK(users.presenter.scopeText(api::UserScope::External) == "External 1");
    CHECK(cellsOf(table, column(UserColumn::Name)) == std::vector<std::string>{"Bert", "Carl"});
    // The choice stays when the list of segments comes again, also when it is no longer in it.
    users.presenter.takeSegments({{*Network4::parse("10.7.2.0/24"), "osaka", false, false, 2, 2, "", {}}});
    CHECK(users.presenter.viewpoints()[users.presenter.viewpoint()].key == "10.7.2.0/24");
    users.presenter.takeSegments({});
    CHECK(users.presenter.viewpoints()[users.presenter.viewpoint()].key == "10.7.2.0/24");
    auto moved = userRow(2, "Bert", "10.1.0.9");
    users.change({moved});
    CHECK(users.presenter.counts().local == 1);
    CHECK(cellsOf(table, column(UserColumn::Name)) == std::vector<std::string>{"Carl"});
}

TEST_CASE("the detail of a user says in words what is known and how") {
    Users users;
    auto row = userRow(1, "Anna", "10.1.0.21");
    row.user.addresses = {{*Ip4::parse("10.1.0.40"), 2425, kNoon - 48h, kNoon - 30h, false},
                          {*Ip4::parse("10.1.0.21"), 2425, kNoon - 30h, kNoon, true}};
    row.user.delivery = Delivery::PlainList;
    row.user.roundTrip = 18ms;
    users.change({row});
    users.presenter.select(1);
    CHECK(users.presenter.detailTitle() == "Anna");
    std::map<std::string, Fact> facts;
    for (const auto& fact : users.presenter.details())
        facts[fact.label] = fact;
    CHECK(facts["Presence"].value == "Present");
    CHECK(facts["Presence"].mark == Mark::Fine);
    CHECK(facts["Presence"].hint.find("answered last on") != std::string::npos);
    CHECK(facts["Abilities"].value == "can encrypt, reads UTF-8");
    CHECK(facts["Round trip"].value == "18 ms");
    CHECK(facts["Seen from This service"].value == "External");
    CHECK_FALSE(facts["Told of external users by"].hint.empty());
    const auto addresses = users.presenter.addressFacts();
    REQUIRE(addresses.size() == 2);
    CHECK(addresses[0].label == "10.1.0.21");
    CHECK(addresses[0].value == "now");
    CHECK(addresses[1].value != "now");
    users.change({}, {1});
    CHECK_FALSE(users.presenter.selected().has_value());
    CHECK(users.presenter.details().empty());
}

TEST_CASE("CSV and clipboard hold the shown rows; names cannot be formulas") {
    Users users;
    users.change({userRow(1, "=cmd()", "10.1.0.1"), userRow(2, "Bert, \"the boss\"", "10.1.0.2"),
                  userRow(3, "Carl\tTab", "10.1.0.3")});
    std::string csv;
    users.presenter.exportCsv([&](std::string text) { csv = std::move(text); });
    users.executor.run();
    CHECK(csv.rfind("Presence,Name,Group,Base,Address", 0) == 0);
    CHECK(csv.find(",'=cmd(),") != std::string::npos);
    CHECK(csv.find(",\"Bert, \"\"the boss\"\"\",") != std::string::npos);
    CHECK(std::count(csv.begin(), csv.end(), '\n') == 4);
    const auto text = users.presenter.clipboardText({3, 99});
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    CHECK(text.find("Carl Tab\t") != std::string::npos);
}

TEST_CASE("unstable users are listed with the reason until they are ignored") {
    Users users;
    UnstablePresenter unstable{users.session, users.presenter};
    auto row = userRow(1, "Anna", "10.1.0.1");
    row.user.instability =
        Instability{UnstableReason::Flapping, "entered 9 times in an hour", 9, kNoon - 3h, kNoon, {}};
    users.change({row, userRow(2, "Bert", "10.1.0.2")});
    CHECK(unstable.count() == 1);
    CHECK(unstable.table().rowCount() == 1);
    CHECK(unstable.stateText() == "1 user is unstable");
    CHECK(users.presenter.counts().unstable == 1);
    unstable.select(1);
    CHECK(unstable.reasonTitle() == "entered 9 times in an hour");
    CHECK_FALSE(unstable.reasonExplanation().empty());
    row.user.instability->ignoredUntil = kNoon + 1h;
    users.change({row});
    CHECK(unstable.count() == 0);
    CHECK(unstable.ignoredCount() == 1);
    CHECK(unstable.table().rowCount() == 0);
    CHECK(users.presenter.counts().unstable == 0);
    unstable.table().showIgnored(true);
    CHECK(unstable.table().rowCount() == 1);
    unstable.table().showIgnored(false);
    users.now += 61min;
    unstable.statusChanged({});
    CHECK(unstable.count() == 1);
    CHECK(unstable.table().rowCount() == 1);
    row.user.instability.reset();
    users.change({row});
    CHECK(unstable.table().rowCount() == 0);
    CHECK(unstable.count() == 0);
}

TEST_CASE("the timeline counts the trouble of the last day by hours") {
    const auto line = timelineOf({{kNoon - 25h, UserEventKind::Left, ""},
                                  {kNoon - 23h - 59min, UserEventKind::Left, ""},
                                  {kNoon - 90min, UserEventKind::BecameSilent, ""},
                                  {kNoon - 70min, UserEventKind::CameBack, ""},
                                  {kNoon - 5min, UserEventKind::Confirmed, ""},
                                  {kNoon, UserEventKind::Entered, ""}},
                                 kNoon);
    CHECK(line.counts[0] == 1);
    CHECK(line.counts[22] == 2);
    CHECK(line.counts[23] == 1);
    CHECK(line.total == 4);
    CHECK(line.most == 2);
    CHECK(line.text == "4 events in the last 24 hours; most of them 1 hour ago.");
    CHECK(timelineOf({}, kNoon).text == "Nothing happened in the last 24 hours.");
}

TEST_CASE("the palette finds pages by letters and other words, users by name, settings by label") {
    Users users;
    SettingsPresenter settings{users.session};
    api::SettingList list;
    for (const auto& row : settingRows())
        list.items.push_back(api::settingItemOf(row, std::string(row.standard), true));
    settings.take(list);
    users.change({userRow(1, "Bob Chan", "10.7.2.14"), userRow(2, "Alice", "10.1.0.1")});
    PalettePresenter palette{users.presenter, settings};
    palette.setPages({{"overview", "Overview", "problems status"}, {"search", "External search", "scan ranges"}});
    CHECK(palette.find("").size() == 2);
    CHECK(palette.find("exs").front().page == "search");
    CHECK(palette.find("scan").front().page == "search");
    const auto bob = palette.find("bob");
    REQUIRE_FALSE(bob.empty());
    CHECK(bob.front().kind == HitKind::User);
    CHECK(bob.front().user == 1);
    const auto gone = palette.find("gone after");
    REQUIRE_FALSE(gone.empty());
    CHECK(gone.front().settingKey == "lan.gone_after");
    CHECK(gone.front().page == "preferences/network");
    CHECK(palette.find("xyzzy").empty());
    CHECK(fuzzyScore("over", "overview") > fuzzyScore("over", "hand over"));
    CHECK(fuzzyScore("vo", "overview") == -1);
}
