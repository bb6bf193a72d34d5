#include "service/trace/visibility_policy.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/unit/trace/visibility_support.h"

using namespace causeway;
using namespace causeway::trace;
using causeway::trace::test::VisibilityCompany;

namespace {

const TimePoint kBegin = fromEpochMillis(1'790'000'000'000);

VisibilityCompany company(std::size_t segments = 2, std::size_t each = 5) {
    return VisibilityCompany(segments, each, kBegin);
}

/// Users 1..each are in segment 0, and so on.
std::size_t segmentOf(UserId id, std::size_t each = 5) {
    return (id - 1) / each;
}

}  // namespace

TEST_CASE("visibility collector: nobody is asked before somebody wants it, and then every client once") {
    auto world = company();
    world.run(1h);
    CHECK(world.asked.empty());
    REQUIRE(world.policy.collect({}, "ann", world.now));
    CHECK(world.policy.status().isCollecting);
    world.run();
    CHECK(world.asked.size() == 10);
    std::set<Ip4> different;
    for (const auto& [when, client] : world.asked)
        different.insert(client);
    CHECK(different.size() == 10);
    const auto status = world.policy.status();
    CHECK_FALSE(status.isCollecting);
    CHECK(status.by == "ann");
    CHECK(status.asked == 10);
    CHECK(status.answered == 10);
    CHECK(status.observers == 11);  // the clients and the service
    CHECK(status.cells == 100);     // 10 x 9, and the service's 10
    CHECK(status.openFindings == 0);
}

TEST_CASE("visibility collector: questions are ten a second and eight at a time, and go round the segments") {
    auto world = company(3, 20);
    world.answersAfter = [](Ip4) { return Duration{2000}; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    REQUIRE(world.asked.size() == 60);
    CHECK(world.mostOpen == VisibilityPolicy::kMostOpen);
    for (std::size_t at = 0; at + 11 < world.asked.size(); ++at)
        CHECK(world.asked[at + 11].first - world.asked[at].first >= 1s);
    for (std::size_t at = 0; at < 3; ++at)
        CHECK(VisibilityCompany::segmentOf(at).contains(world.asked[at].second));
}

TEST_CASE("visibility collector: long lists slow it down") {
    auto world = company(2, 200);
    world.answersAfter = [](Ip4) { return Duration{1}; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    const auto begin = world.now;
    world.run();
    // 400 lists of 400 users, 80 bytes each: 12.8 MB at 1 MB/s; ten a second alone would take 40 s.
    CHECK(world.now - begin >= 40s);
    CHECK(world.policy.status().answered == 400);
}

TEST_CASE("visibility collector: a client is asked at most once in ten minutes, whoever asked him") {
    auto world = company();
    // A trace read the list of pc1 a moment ago.
    world.policy.listRead(world.user(1).address, true, {}, world.now);
    world.now += 1min;
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.asked.size() == 9);
    CHECK(world.policy.status().tooSoon == 1);
    REQUIRE(world.policy.status().againAt);
    CHECK(*world.policy.status().againAt == kBegin + 10min);

    world.now = kBegin + 10min;
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.asked.size() == 10);  // only pc1
    CHECK(world.policy.status().tooSoon == 9);

    world.now = kBegin + 25min;
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.asked.size() == 20);
    for (std::size_t at = 0; at < world.asked.size(); ++at) {
        for (std::size_t later = at + 1; later < world.asked.size(); ++later) {
            if (world.asked[at].second == world.asked[later].second)
                CHECK(world.asked[later].first - world.asked[at].first >= 10min);
        }
    }
}

TEST_CASE("visibility collector: only kinds that give their list are asked, and only who answers") {
    auto world = company(1, 9);
    world.user(1).kind = ClientKind::Iptux;
    world.user(2).kind = ClientKind::Mac;
    world.user(3).kind = ClientKind::Unknown;
    world.user(4).kind = ClientKind::Other;
    world.user(5).kind = ClientKind::Feiq;
    world.user(6).kind = ClientKind::Causeway;
    world.user(7).isAnswering = false;
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    std::set<Ip4> asked;
    for (const auto& [when, client] : world.asked)
        asked.insert(client);
    CHECK(asked == std::set<Ip4>{world.user(8).address, world.user(9).address});
    CHECK(world.policy.status().giveNoList == 5);
    CHECK(world.policy.status().pcs == 8);  // another service is no user
}

TEST_CASE("visibility collector: who gives no list is waited for, and the collection ends") {
    auto world = company();
    world.answersAfter = [&](Ip4 client) { return client == world.user(3).address ? Duration{-1} : Duration{20}; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto status = world.policy.status();
    CHECK_FALSE(status.isCollecting);
    CHECK(status.answered == 9);
    CHECK(status.silent == 1);
    CHECK(world.now - kBegin >= VisibilityPolicy::kPatience);
    CHECK(world.now - kBegin < VisibilityPolicy::kPatience + 10s);
    CHECK(status.openFindings == 0);
}

TEST_CASE("visibility collector: it stops at once, and judges what came") {
    auto world = company(2, 50);
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run(2s);
    const auto asked = world.asked.size();
    CHECK(asked > 10);
    CHECK(asked < 40);
    world.policy.stop(world.now);
    world.run();
    CHECK(world.asked.size() == asked);
    const auto status = world.policy.status();
    CHECK_FALSE(status.isCollecting);
    CHECK(status.observers > 10);
    CHECK(status.finishedAt == world.now);
}

TEST_CASE("visibility collector: one at a time, and none while it is switched off") {
    auto world = company();
    REQUIRE(world.policy.collect({}, "ann", world.now));
    const auto second = world.policy.collect({}, "bob", world.now);
    REQUIRE_FALSE(second);
    CHECK(second.error().code == Code::Busy);
    world.run();
    world.policy.setConfig({VisibilityMode::Off, 60min}, world.now);
    const auto off = world.policy.collect({}, "ann", world.now);
    REQUIRE_FALSE(off);
    CHECK(off.error().code == Code::Unavailable);
    CHECK(off.error().todo.find("trace.visibility") != std::string::npos);
}

TEST_CASE("visibility collector: switched off while it runs, nobody else is asked") {
    auto world = company(2, 50);
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run(2s);
    const auto asked = world.asked.size();
    world.policy.setConfig({VisibilityMode::Off, 60min}, world.now);
    world.run();
    CHECK(world.asked.size() == asked);
    CHECK_FALSE(world.policy.status().isCollecting);
}

TEST_CASE("visibility collector: by the clock it begins by itself, not before the directory knows who is there") {
    auto world = company();
    world.policy.setConfig({VisibilityMode::Interval, 30min}, world.now);
    REQUIRE(world.policy.status().nextAt);
    CHECK(*world.policy.status().nextAt >= kBegin + 2min);
    std::vector<TimePoint> begun;
    const auto end = world.now + 3h;
    while (world.now < end) {
        const bool was = world.policy.status().isCollecting;
        world.step();
        if (!was && world.policy.status().collections > begun.size()) begun.push_back(world.policy.status().startedAt);
        auto next = world.policy.nextDeadline(world.now);
        for (const auto& [when, client] : world.answers)
            next = std::min(next, when);
        world.now = std::max(next, world.now + 1ms);
    }
    REQUIRE(begun.size() >= 5);
    for (std::size_t at = 1; at < begun.size(); ++at)
        CHECK(begun[at] - begun[at - 1] >= 30min);
    CHECK(world.asked.size() == begun.size() * 10);
}

TEST_CASE("visibility collector: a block that is tested again asks its two segments only, and probes their users") {
    auto world = company(3, 4);
    REQUIRE(world.policy.collect({VisibilityCompany::segmentOf(0), VisibilityCompany::segmentOf(2)}, "ann", world.now));
    world.run();
    CHECK(world.asked.size() == 8);
    for (const auto& [when, client] : world.asked)
        CHECK_FALSE(VisibilityCompany::segmentOf(1).contains(client));
    CHECK(world.probed.size() == 8);
    // What the others saw before stays.
    world.now += 20min;
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.policy.status().observers == 13);
}

TEST_CASE("visibility collector: without a directory it ends and forgets nothing") {
    auto world = company();
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    REQUIRE(world.policy.status().observers == 11);
    world.now += 20min;
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.policy.noSnapshot(world.now);
    world.step();
    CHECK_FALSE(world.policy.status().isCollecting);
    CHECK(world.policy.status().observers == 11);
}

TEST_CASE("visibility: a dead road between two segments is a site link, with its pair to trace and what to do") {
    auto world = company();
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto fineAt = world.now;
    world.now += 20min;
    world.snapshot.ranges = {"10.7.2.*"};
    world.snapshot.settings["lan.lists"] = "false";
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto all = world.policy.findings().all();
    REQUIRE(all.size() == 1);
    const auto& found = all[0];
    CHECK(found.kind == FaultKind::SiteLink);
    CHECK(found.from == VisibilityCompany::segmentOf(0));
    CHECK(found.to == VisibilityCompany::segmentOf(1));
    CHECK(found.fromBase == "base0");
    CHECK(found.toBase == "base1");
    CHECK(found.cells == 55);  // 5 x 5 both ways, and what the service sees there
    CHECK(found.firstSeen == world.now);
    REQUIRE(found.lastFine);
    CHECK(*found.lastFine == fineAt);
    CHECK(found.traceFrom != 0);
    CHECK(segmentOf(found.traceFrom) != segmentOf(found.traceTo));
    CHECK(found.todo.find("2425") != std::string::npos);
    REQUIRE(found.changes.size() == 1);
    CHECK(found.changes[0].text == "The remote range \"10.7.2.*\" was added or switched on.");
}

TEST_CASE("visibility: a finding is seen again, keeps its begin, and is closed by a look that finds it fine") {
    auto world = company();
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto first = world.now;
    world.now += 20min;
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    REQUIRE(world.policy.findings().all().size() == 1);
    CHECK(world.policy.findings().all()[0].looks == 2);
    CHECK(world.policy.findings().all()[0].firstSeen == first);
    CHECK(world.policy.findings().all()[0].lastSeen == world.now);
    CHECK_FALSE(world.policy.findings().all()[0].lastFine);

    world.now += 20min;
    world.sees = [](UserId, UserId) { return true; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    REQUIRE(world.policy.findings().all().size() == 1);
    CHECK(world.policy.findings().all()[0].closedAt == world.now);
    CHECK(world.policy.status().openFindings == 0);

    // The same fault again is a new story, and it knows when it was fine.
    const auto fine = world.now;
    world.now += 20min;
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto all = world.policy.findings().all();
    REQUIRE(all.size() == 2);
    CHECK(all[0].isOpen());
    CHECK(all[0].id == 2);
    CHECK(all[0].lastFine == fine);
}

TEST_CASE("visibility: a retest in which nobody may be asked yet proves nothing anew") {
    auto world = company();
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto first = world.now;
    world.now += 1min;
    REQUIRE(world.policy.collect({VisibilityCompany::segmentOf(0), VisibilityCompany::segmentOf(1)}, "ann", world.now));
    world.run();
    CHECK(world.policy.status().tooSoon == 10);
    REQUIRE(world.policy.findings().all().size() == 1);
    CHECK(world.policy.findings().all()[0].looks == 1);
    CHECK(world.policy.findings().all()[0].lastSeen == first);
    CHECK(world.policy.findings().all()[0].isOpen());
}

TEST_CASE("visibility: nobody looked again, so the finding stays open") {
    auto world = company();
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    world.now += 20min;
    for (auto& user : world.snapshot.users)
        user.isAnswering = user.isExpected = false;  // all went home, and said goodbye
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.policy.status().openFindings == 1);
    CHECK(world.policy.status().cells == 0);
}

TEST_CASE("visibility: below three observers nothing is said, but the place is counted") {
    auto world = company(2, 5);
    for (auto& user : world.snapshot.users)
        if (user.id != 1 && user.id != 6) user.kind = ClientKind::Iptux;
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.policy.findings().all().empty());
    CHECK(world.policy.status().places >= 1);
    const auto map = basesMap(world.report);
    REQUIRE(map.rows.size() == 2);
    for (const auto& block : map.blocks)
        CHECK(block.state != BlockState::Dark);
}

TEST_CASE("visibility: who said goodbye is missed by nobody, who vanished is") {
    auto world = company(2, 5);
    world.user(3).isAnswering = world.user(3).isExpected = false;
    world.user(8).isAnswering = false;
    world.sees = [](UserId, UserId right) { return right != 3 && right != 8; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto all = world.policy.findings().all();
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == FaultKind::PcInbound);
    CHECK(all[0].subject == 8);
    CHECK(all[0].subjectName == "pc8");
    CHECK(all[0].traceTo == 8);
}

TEST_CASE("visibility: a client that started a moment ago is in no list yet, and its own list is not complete") {
    auto world = company(2, 5);
    world.user(3).enteredAt = world.now - 5s;
    world.sees = [](UserId left, UserId right) { return right != 3 && left != 3; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.policy.findings().all().empty());
    CHECK(world.policy.status().observers == 10);
}

TEST_CASE("visibility: a restart makes dark looks of before worthless, bright ones stay") {
    auto world = company(2, 5);
    world.sees = [](UserId left, UserId) { return left != 3; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    REQUIRE(world.openKinds() == std::vector{FaultKind::PcReceives});
    REQUIRE(world.policy.book().sees(3, 4) == false);
    world.now += 2min;
    world.user(3).enteredAt = world.now;
    world.snapshot.at = world.now;
    world.policy.take(world.snapshot, world.now);
    CHECK(world.policy.book().sees(3, 4) == std::nullopt);
    CHECK(world.policy.book().sees(4, 3) == true);
}

TEST_CASE("visibility: an unstable user is no proof against a pair, and his trouble is told in his finding") {
    auto world = company(2, 5);
    world.user(4).isUnstable = true;
    world.user(4).unstable = "Leaves and comes back again and again.";
    world.sees = [](UserId left, UserId right) { return !(left == 1 && right == 4) && left != 4; };
    for (int round = 0; round < 4; ++round) {
        REQUIRE(world.policy.collect({}, "ann", world.now));
        world.run();
        world.now += 15min;
    }
    const auto all = world.policy.findings().all();
    REQUIRE(all.size() == 1);
    CHECK(all[0].kind == FaultKind::PcReceives);
    REQUIRE_FALSE(all[0].changes.empty());
    CHECK(all[0].changes.back().text == "pc4 is unstable: Leaves and comes back again and again.");
}

TEST_CASE("visibility: one pair is accused only after several looks") {
    auto world = company(2, 5);
    world.sees = [](UserId left, UserId right) { return !(left == 1 && right == 7); };
    std::vector<std::size_t> findings;
    for (int round = 0; round < 4; ++round) {
        REQUIRE(world.policy.collect({}, "ann", world.now));
        world.run();
        findings.push_back(world.policy.findings().all().size());
        world.now += 15min;
    }
    CHECK(findings[0] == 0);
    CHECK(findings.back() == 1);
    const auto found = world.policy.findings().all().at(0);
    CHECK(found.kind == FaultKind::Pair);
    CHECK(found.observer == 1);
    CHECK(found.subject == 7);
    CHECK(found.traceFrom == 1);
    CHECK(found.traceTo == 7);
}

TEST_CASE("visibility: what changed before a fault: clients that started again, settings, segments, kinds, addresses") {
    auto world = company(2, 5);
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    world.now += 20min;
    for (UserId id = 6; id <= 10; ++id)
        world.user(id).enteredAt = world.now - 10min;
    world.snapshot.settings["lan.lists"] = "true";
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    world.now += 20min;
    world.snapshot.settings["lan.lists"] = "false";
    world.snapshot.bases[1].segments.push_back(VisibilityCompany::segmentOf(9));
    world.user(2).enteredAt = world.now - 5min;
    world.user(2).client = "IPMsg 5.0";
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right) && left != 2; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto all = world.policy.findings().all();
    REQUIRE(all.size() == 2);
    REQUIRE(all[0].kind == FaultKind::SiteLink);
    std::vector<std::string> texts;
    for (const auto& change : all[0].changes)
        texts.push_back(change.text);
    CHECK(texts ==
          std::vector<std::string>{"1 client of 10.1.0.0/24 started, came back or were refreshed, the last one then.",
                                   "The setting lan.lists changed from \"true\" to \"false\"."});
    CHECK(all[1].kind == FaultKind::PcReceives);
    texts.clear();
    for (const auto& change : all[1].changes)
        texts.push_back(change.text);
    CHECK(texts == std::vector<std::string>{"The client of pc2 started, came back or was refreshed.",
                                            "The setting lan.lists changed from \"true\" to \"false\".",
                                            "The client of pc2 is now \"IPMsg 5.0\"; it was \"IPMsg 4.99\"."});
}

TEST_CASE("visibility: findings come back after a restart with their story, and go on") {
    auto world = company();
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto fine = world.now;
    auto kept = world.policy.findings().kept();
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };

    VisibilityCompany later(2, 5, kBegin + 30min);
    later.sees = world.sees;
    later.policy.restore({}, kept);
    REQUIRE(later.policy.collect({}, "ann", later.now));
    later.run();
    auto all = later.policy.findings().all();
    REQUIRE(all.size() == 1);
    CHECK(all[0].lastFine == fine);
    REQUIRE_FALSE(all[0].changes.empty());
    CHECK(all[0].changes[0].text == "This service was started.");

    VisibilityCompany last(2, 5, kBegin + 60min);
    last.sees = world.sees;
    last.policy.restore(all, later.policy.findings().kept());
    CHECK(last.policy.status().openFindings == 1);
    REQUIRE(last.policy.collect({}, "ann", last.now));
    last.run();
    REQUIRE(last.policy.findings().all().size() == 1);
    CHECK(last.policy.findings().all()[0].looks == 2);
    CHECK(last.policy.findings().all()[0].id == all[0].id);
}

TEST_CASE("visibility collector: a restart of the service is no reason to ask anybody twice in ten minutes") {
    auto world = company();
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    VisibilityCompany later(2, 5, world.now + 5min);
    later.policy.restore({}, world.policy.findings().kept());
    REQUIRE(later.policy.collect({}, "ann", later.now));
    later.run();
    CHECK(later.asked.empty());
    CHECK(later.policy.status().tooSoon == 10);
    later.now = world.now + 10min;
    REQUIRE(later.policy.collect({}, "ann", later.now));
    later.run();
    CHECK(later.asked.size() == 10);
}

TEST_CASE("visibility: the history is bounded, closed findings go first") {
    FindingBook book;
    std::vector<VisibilityFinding> many;
    for (std::uint64_t id = 1; id <= FindingBook::kMostFindings; ++id) {
        VisibilityFinding each;
        each.id = id;
        each.kind = FaultKind::PcInbound;
        each.subject = 1000 + id;
        if (id == 7) each.closedAt = kBegin;
        many.push_back(each);
    }
    book.restore(many, {});
    VisibilityCompany world(2, 5, kBegin);
    world.sees = [](UserId left, UserId right) { return segmentOf(left) == segmentOf(right); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto outcome = book.take(world.report, world.policy.book(), world.now);
    CHECK(outcome.removed == std::vector<std::uint64_t>{7});
    CHECK(book.all().size() == FindingBook::kMostFindings);
    CHECK(book.find(FindingBook::kMostFindings + 1) != nullptr);
}

TEST_CASE("visibility: the map goes from bases to segments to computers") {
    auto world = company(3, 4);
    world.user(12).kind = ClientKind::Iptux;
    world.user(9).base = world.user(10).base = world.user(11).base = world.user(12).base = "base0";
    world.snapshot.bases = {{1, "base0", {VisibilityCompany::segmentOf(0), VisibilityCompany::segmentOf(2)}, ""},
                            {2, "base1", {VisibilityCompany::segmentOf(1)}, ""}};
    world.sees = [](UserId left, UserId right) { return !(segmentOf(left, 4) == 1 && segmentOf(right, 4) == 2); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    const auto bases = basesMap(world.report);
    REQUIRE(bases.rows.size() == 2);
    CHECK(bases.rows[0].base == "base0");
    CHECK(bases.rows[0].pcs == 8);
    CHECK(bases.rows[0].observers == 8);  // seven clients and the service
    REQUIRE(bases.blocks.size() == 4);
    CHECK(bases.blocks[0].state == BlockState::Seen);
    CHECK(bases.blocks[2].from == 1);
    CHECK(bases.blocks[2].to == 0);
    CHECK(bases.blocks[2].state == BlockState::Partly);
    CHECK(bases.blocks[2].cells == 32);
    CHECK(bases.blocks[2].seen == 16);
    CHECK(bases.blocks[2].traceTo != 0);

    const auto segments = segmentsMap(world.report, "base1", "base0", 0, 10);
    REQUIRE(segments.rows.size() == 1);
    REQUIRE(segments.columns.size() == 2);
    CHECK(segments.columns[1].segment == VisibilityCompany::segmentOf(2));
    REQUIRE(segments.blocks.size() == 2);
    CHECK(segments.blocks[0].state == BlockState::Seen);
    CHECK(segments.blocks[1].state == BlockState::Dark);

    const auto page = segmentsMap(world.report, "base0", "base0", 1, 10);
    CHECK(page.totalRows == 2);
    REQUIRE(page.rows.size() == 1);
    CHECK(page.rows[0].segment == VisibilityCompany::segmentOf(2));

    auto cells =
        world.policy.book().cells(VisibilityCompany::segmentOf(1), VisibilityCompany::segmentOf(2), 0, 3, 1, 2);
    CHECK(cells.totalObservers == 4);
    CHECK(cells.totalSubjects == 4);
    CHECK(cells.observers.size() == 3);
    CHECK(cells.subjects.size() == 2);
    CHECK(cells.rows == std::vector<std::string>{"00", "00", "00"});
    cells = world.policy.book().cells(VisibilityCompany::segmentOf(2), VisibilityCompany::segmentOf(2), 0, 10, 0, 10);
    REQUIRE(cells.rows.size() == 4);
    CHECK(cells.rows[0] == ".111");
    CHECK(cells.rows[3] == "....");  // iptux gives no list, and says so
    CHECK(cells.observers[3].note == "iptux does not give its list.");
    CHECK(cells.observers[3].lookedAt == TimePoint{});
    cells = world.policy.book().cells(VisibilityCompany::segmentOf(0), VisibilityCompany::segmentOf(1), 0, 1, 0, 10);
    REQUIRE(cells.observers.size() == 1);
    CHECK(cells.observers[0].name == "This service");
    CHECK(cells.rows[0] == "1111");
}

TEST_CASE("visibility: a service with two interfaces looks at each of its segments from there") {
    auto world = company(3, 4);
    world.snapshot.interfaces.push_back(
        {"eth1", Ip4{0x0A010102}, VisibilityCompany::segmentOf(1), VisibilityCompany::segmentOf(1).broadcast(), false});
    world.sees = [](UserId left, UserId right) { return segmentOf(left, 4) == segmentOf(right, 4); };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    for (const auto& block : world.report.blocks) {
        // It reaches both segments, which says nothing about the way from one to the other.
        if (block.from == 0 && block.to == 1) CHECK(block.seen == 0);
    }
    const auto all = world.policy.findings().all();
    CHECK(std::any_of(all.begin(), all.end(), [](const auto& each) { return each.kind == FaultKind::SiteLink; }));
}

TEST_CASE("visibility: users that go make room for others, of whom nothing is known") {
    auto world = company(1, 5);
    world.sees = [](UserId, UserId right) { return right != 5; };
    REQUIRE(world.policy.collect({}, "ann", world.now));
    world.run();
    CHECK(world.policy.book().sees(1, 5) == false);
    auto another = world.snapshot.users[4];
    another.id = 50;
    world.snapshot.users[4] = another;
    world.snapshot.at = world.now;
    world.snapshot.users.pop_back();
    world.policy.take(world.snapshot, world.now);
    world.snapshot.users.push_back(another);
    world.policy.take(world.snapshot, world.now);
    CHECK(world.policy.book().sees(1, 5) == std::nullopt);
    CHECK(world.policy.book().sees(1, 50) == std::nullopt);
    CHECK(world.policy.book().sees(1, 4) == true);
}
