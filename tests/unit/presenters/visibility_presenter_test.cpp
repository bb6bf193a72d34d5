#include "console/presenters/visibility_presenter.h"

#include <doctest/doctest.h>

#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;

namespace {

struct Page : test::LiveConsole {
    VisibilityPresenter presenter{session};
    int maps = 0;

    Page() {
        presenter.onMap = [this] { ++maps; };
        REQUIRE(started);
        REQUIRE(connect());
        REQUIRE(executor.runUntil([this] { return !presenter.grid().rows.empty() && !presenter.findings().empty(); }));
    }
};

}  // namespace

TEST_CASE("visibility page: the map of bases says the same in squares and in lines, the dark ones first") {
    Page page;
    const auto& grid = page.presenter.grid();
    CHECK(grid.rows == std::vector<std::string>{"hq", "osaka"});
    CHECK(grid.columns == grid.rows);
    CHECK(grid.at(0, 1).state == BlockState::Dark);
    CHECK(grid.at(0, 1).text == "0 %");
    CHECK(grid.at(0, 1).words == "hq looks at osaka: Dark. 0 of 16 pairs are seen, 4 observers.");
    const auto lines = page.presenter.lines();
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].mark == Mark::Broken);
    CHECK(lines[1].mark == Mark::Broken);
    CHECK(lines[2].mark == Mark::Partly);
    CHECK(lines[3].mark == Mark::Fine);
    CHECK(lines[0].state == "Dark");
    CHECK(lines[0].place == HeatPlace{0, 1});
    CHECK_FALSE(page.presenter.isEmpty());
    CHECK(page.presenter.observersText() ==
          "7 of 9 users are observers. 2 have clients that give no list (iptux and others).");
}

TEST_CASE("visibility page: a dark block tells its finding, its story, what to do, and whom to trace") {
    Page page;
    page.presenter.select(HeatPlace{0, 1});
    const auto card = page.presenter.card();
    CHECK(card.mark == Mark::Broken);
    CHECK(card.title == "Site link: 10.1.0.0/24 - 10.2.0.0/24");
    CHECK(card.certainty == "certain - 31 pairs and 7 observers back it");
    CHECK(card.todo.find("2425") != std::string::npos);
    REQUIRE(card.changes.size() == 1);
    CHECK(card.changes[0].find("10.2.0.*") != std::string::npos);
    CHECK(card.canTrace);
    CHECK(card.canRetest);
    CHECK(page.presenter.tracePart() == "pair/1/6");
    // The other direction is the same broken road.
    page.presenter.select(HeatPlace{1, 0});
    CHECK(page.presenter.card().title == card.title);
    // A bright block blames nobody.
    page.presenter.select(HeatPlace{0, 0});
    CHECK(page.presenter.card().mark == Mark::Fine);
    CHECK(page.presenter.card().todo.empty());
    CHECK_FALSE(page.presenter.card().canTrace);
    page.presenter.select(std::nullopt);
    CHECK(page.presenter.card().mark == Mark::None);
}

TEST_CASE("visibility page: it opens from bases to segments to computers, and back") {
    Page page;
    auto& presenter = page.presenter;
    CHECK_FALSE(presenter.canGoUp());
    REQUIRE(presenter.open({0, 1}));
    CHECK(presenter.level() == HeatLevel::Segments);
    REQUIRE(page.executor.runUntil([&] { return !presenter.grid().rows.empty(); }));
    CHECK(presenter.grid().rows[0] == "10.1.0.0/24");
    CHECK(presenter.placeText() == "All bases  >  hq looks at osaka");
    REQUIRE(presenter.open({0, 1}));
    REQUIRE(page.executor.runUntil([&] { return !presenter.grid().rows.empty(); }));
    CHECK(presenter.level() == HeatLevel::Pcs);
    CHECK(presenter.grid().rows == std::vector<std::string>{"Alice", "Xena"});
    CHECK(presenter.grid().at(0, 1).state == BlockState::Dark);
    CHECK(presenter.grid().at(1, 0).words == "What Xena sees is not known: iptux does not give its list.");
    const auto lines = presenter.lines();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].state == "Dark");
    CHECK(lines[0].to == "Xena");
    CHECK(lines[1].observers == "iptux does not give its list.");
    presenter.select(HeatPlace{0, 1});
    CHECK(presenter.tracePart() == "pair/1/6");
    CHECK_FALSE(presenter.open({0, 1}));
    presenter.goUp();
    presenter.goUp();
    CHECK(presenter.level() == HeatLevel::Bases);
    CHECK(presenter.grid().rows == std::vector<std::string>{"hq", "osaka"});
}

TEST_CASE("visibility page: collect, the progress, stop, and retest of a block only") {
    Page page;
    auto& presenter = page.presenter;
    CHECK(presenter.mayCollect());
    std::optional<Error> refused;
    const auto told = [&refused](const Result<void>& result) {
        if (!result) refused = result.error();
    };
    presenter.collect(told);
    REQUIRE(page.executor.runUntil([&] { return !page.world.visibility.asked.empty(); }));
    CHECK(page.world.visibility.asked.back().isEverybody());
    auto status = page.world.visibility.status();
    status.answered = 3;
    presenter.visibilityChanged(status);
    CHECK(presenter.progress() == doctest::Approx(3.0 / 7));
    CHECK(presenter.stateText() == "Asking clients for their lists: 3 of 7 done.");
    CHECK_FALSE(presenter.mayCollect());
    presenter.collect(told);
    REQUIRE(page.executor.runUntil([&] { return refused.has_value(); }));
    CHECK(refused->code == Code::Busy);
    presenter.stop(told);
    REQUIRE(page.executor.runUntil([&] { return !page.world.visibility.status().isCollecting; }));
    presenter.visibilityChanged(page.world.visibility.status());
    presenter.select(HeatPlace{0, 1});
    presenter.retest(told);
    REQUIRE(page.executor.runUntil([&] { return page.world.visibility.asked.size() == 2; }));
    CHECK(page.world.visibility.asked.back().from == Network4::parse("10.1.0.0/24"));
    CHECK(page.world.visibility.asked.back().to == Network4::parse("10.2.0.0/24"));
}

TEST_CASE("visibility page: a retest says when everybody may be asked again") {
    Page page;
    auto status = page.world.visibility.status();
    status.tooSoon = 7;
    status.againAt = page.world.now() + 6min;
    page.presenter.takeOverview({status, page.world.visibility.bases()});
    page.presenter.select(HeatPlace{0, 1});
    CHECK(page.presenter.card().retestNote.find("at most once in 10 minutes") != std::string::npos);
    CHECK(page.presenter.stateText().find("7 clients were asked less than 10 minutes ago") != std::string::npos);
}

TEST_CASE("visibility page: findings of the list show their card, and those of the past are fine") {
    Page page;
    auto all = page.world.visibility.findings();
    VisibilityFinding past = all[0];
    past.id = 9;
    past.kind = FaultKind::PcInbound;
    past.subject = 6;
    past.subjectName = "Xena";
    past.closedAt = test::kNoon;
    all.push_back(past);
    page.presenter.takeFindings(all);
    const auto lines = page.presenter.findings();
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].mark == Mark::Broken);
    CHECK(lines[0].state == "open, certain");
    CHECK(lines[1].mark == Mark::Fine);
    CHECK(lines[1].where == "Xena");
    page.presenter.selectFinding(9);
    CHECK(page.presenter.card().title == "Nobody sees a PC: Xena");
    CHECK(page.presenter.card().todo.empty());
    page.presenter.selectFinding(1);
    CHECK(page.presenter.card().canTrace);
}

TEST_CASE("visibility page: what an empty page says fits the reason") {
    test::QuietConsole quiet;
    VisibilityPresenter presenter{quiet.session};
    CHECK(presenter.isEmpty());
    CHECK(presenter.emptyText() == "No service is connected. Connect to one to see who sees whom.");
    CHECK_FALSE(presenter.mayCollect());
    CHECK(presenter.card().mark == Mark::None);
    Page page;
    VisibilityStatus status;
    page.presenter.takeFindings({});
    page.presenter.takeOverview({status, {}});
    CHECK(page.presenter.isEmpty());
    CHECK(page.presenter.emptyTitle() == "Nothing was collected yet");
    status.finishedAt = test::kNoon;
    page.presenter.takeOverview({status, {}});
    CHECK(page.presenter.emptyTitle() == "Nobody could be asked");
    status.mode = VisibilityMode::Off;
    page.presenter.takeOverview({status, {}});
    CHECK(page.presenter.emptyText().find("trace.visibility") != std::string::npos);
    CHECK_FALSE(page.presenter.mayCollect());
}
