#include "service/search/search_policy.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace causeway;
using namespace causeway::search;

namespace {

Ip4 ip(std::string_view text) {
    return *Ip4::parse(text);
}

struct Run {
    SearchPolicy policy{SearchConfig{}};
    TimePoint now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1}};
    std::vector<Ip4> asked;
    std::vector<std::pair<std::uint64_t, SearchRow>> rows;
    std::vector<RemoteRange> results;
    std::vector<std::string> names;
    std::vector<Ip4> broadcasts;

    void take() {
        auto wanted = policy.takeWanted();
        asked.insert(asked.end(), wanted.probes.begin(), wanted.probes.end());
        names.insert(names.end(), wanted.names.begin(), wanted.names.end());
        broadcasts.insert(broadcasts.end(), wanted.broadcasts.begin(), wanted.broadcasts.end());
        auto news = policy.takeNews();
        rows.insert(rows.end(), news.rows.begin(), news.rows.end());
        results.insert(results.end(), news.results.begin(), news.results.end());
    }
    /// Ticks at each deadline until `span` is over.
    void run(Duration span) {
        const auto end = now + span;
        while (true) {
            policy.tick(now);
            take();
            const auto next = policy.nextDeadline(now);
            if (!next || *next > end) break;
            now = std::max(*next, now + 1ms);
        }
        now = end;
    }
    void answer(const char* address, bool isNew) {
        Answer given;
        given.address = ip(address);
        given.isNew = isNew;
        given.row.name = address;
        policy.answered(given, now);
        take();
    }
};

UserSearch byHand(const std::string& addresses = {}) {
    UserSearch search;
    search.startedBy = "test";
    search.addresses = addresses;
    return search;
}

}  // namespace

TEST_CASE("search: every address of the ranges is asked exactly once, at the set rate") {
    Run run;
    REQUIRE(run.policy.addRange("10.1.0.0/22", true));
    REQUIRE(run.policy.addRange("10.2.0.10-10.2.0.29", true));
    REQUIRE(run.policy.addRange("!10.1.1.0/24", true));
    const auto begun = run.policy.begin(byHand(), run.now);
    REQUIRE(begun);
    const auto start = run.now;
    run.run(1s);
    CHECK(run.asked.size() >= 195);
    CHECK(run.asked.size() <= 201);
    run.run(20s);
    CHECK(run.asked.size() == 1024 - 256 + 20);
    CHECK(std::set<Ip4>(run.asked.begin(), run.asked.end()).size() == run.asked.size());
    const auto* search = run.policy.find(begun->id);
    REQUIRE(search != nullptr);
    CHECK(search->state == SearchState::Finished);
    CHECK(search->sent == search->total);
    // 788 addresses at 200 a second, then the wait for late answers.
    CHECK(*search->finishedAt - start >= 3900ms + SearchPolicy::kLateAnswers);
    CHECK(*search->finishedAt - start <= 4100ms + SearchPolicy::kLateAnswers);
}

TEST_CASE("search: the spread order keeps neighbours in time apart in address") {
    Run run;
    REQUIRE(run.policy.addRange("10.1.0.0/20", true));
    REQUIRE(run.policy.begin(byHand(), run.now));
    run.run(2s);
    std::size_t close = 0;
    for (std::size_t i = 1; i < run.asked.size(); ++i) {
        const auto left = run.asked[i - 1].value;
        const auto right = run.asked[i].value;
        if ((left > right ? left - right : right - left) < 256) ++close;
    }
    CHECK(close < run.asked.size() / 10);
}

TEST_CASE("search: findings say new, known and lost, and each range keeps its result") {
    Run run;
    const auto first = run.policy.addRange("10.1.0.*", true);
    const auto second = run.policy.addRange("10.2.0.*", true);
    REQUIRE(first);
    REQUIRE(second);
    run.policy.setKnownUsers([](const RangePlan& plan) {
        std::vector<SearchRow> known;
        for (const char* address : {"10.1.0.5", "10.1.0.6", "10.9.0.1"}) {
            if (!plan.contains(ip(address))) continue;
            SearchRow row;
            row.address = ip(address);
            row.name = address;
            known.push_back(row);
        }
        return known;
    });
    const auto begun = run.policy.begin(byHand(), run.now);
    REQUIRE(begun);
    run.run(3s);
    run.answer("10.1.0.5", false);
    run.answer("10.1.0.7", true);
    run.answer("10.1.0.7", false);  // a second answer is no second row
    run.answer("10.9.0.1", true);   // outside
    run.run(10s);
    const auto* search = run.policy.find(begun->id);
    REQUIRE(search != nullptr);
    CHECK(search->found == 1);
    CHECK(search->known == 1);
    CHECK(search->lost == 1);
    REQUIRE(run.rows.size() == 3);
    CHECK(run.rows[2].second.finding == SearchFinding::Lost);
    CHECK(run.rows[2].second.address == ip("10.1.0.6"));
    for (const auto& range : run.policy.ranges()) {
        CHECK(range.lastRun.has_value());
        CHECK(range.addressCount == 256);
        CHECK(range.answers == (range.id == first->id ? 2 : 0));
        CHECK(range.silentSince.has_value() == (range.id == second->id));
    }
}

TEST_CASE("search: one address by hand is asked even in an own segment and needs no range") {
    Run run;
    run.policy.setOwnSegments({*Network4::parse("10.1.0.0/24")});
    REQUIRE(run.policy.begin(byHand("10.1.0.9"), run.now));
    run.run(1s);
    CHECK(run.asked == std::vector<Ip4>{ip("10.1.0.9")});
}

TEST_CASE("search: own segments are left out of the ranges") {
    Run run;
    run.policy.setOwnSegments({*Network4::parse("10.1.0.0/24")});
    REQUIRE(run.policy.addRange("10.1.0.0/23", true));
    const auto begun = run.policy.begin(byHand(), run.now);
    REQUIRE(begun);
    run.run(10s);
    CHECK(run.asked.size() == 256);
    CHECK(std::none_of(run.asked.begin(), run.asked.end(),
                       [](Ip4 address) { return Network4::parse("10.1.0.0/24")->contains(address); }));
}

TEST_CASE("search: announcements run at start and at each interval, and give way to a search by hand") {
    Run run;
    REQUIRE(run.policy.addRange("10.1.0.*", true));
    run.policy.start(run.now);
    run.run(500ms);
    CHECK(run.asked.size() > 50);
    const auto begun = run.policy.begin(byHand("10.5.0.1"), run.now);
    REQUIRE(begun);
    run.run(60s);
    CHECK(run.policy.find(begun->id)->state == SearchState::Finished);
    // The announcement that gave way was made up for.
    CHECK(run.policy.ranges()[0].lastRun.has_value());
    const auto before = run.asked.size();
    run.run(3700s);
    CHECK(run.asked.size() == before + 256);
}

TEST_CASE("search: a second search by hand is refused while one runs, and a stopped one ends at once") {
    Run run;
    REQUIRE(run.policy.addRange("10.1.0.0/20", true));
    const auto begun = run.policy.begin(byHand(), run.now);
    REQUIRE(begun);
    run.run(1s);
    const auto refused = run.policy.begin(byHand(), run.now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Conflict);
    const auto stopped = run.policy.stop(begun->id, run.now);
    REQUIRE(stopped);
    CHECK(stopped->state == SearchState::Stopped);
    const auto asked = run.asked.size();
    run.run(5s);
    CHECK(run.asked.size() == asked);
    CHECK(run.policy.begin(byHand(), run.now));
}

TEST_CASE("search: a rate above the setting is refused with the setting's name, and nothing starts") {
    Run run;
    auto wanted = byHand("10.7.2.14");
    wanted.packetsPerSecond = 1 + SearchConfig{}.packetsPerSecond;
    const auto refused = run.policy.begin(wanted, run.now);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::BadInput);
    CHECK(refused.error().text().find("lan.packets_per_second") != std::string::npos);
    CHECK(run.policy.searches().empty());
    wanted.packetsPerSecond = 0;  // as the setting says
    const auto begun = run.policy.begin(wanted, run.now);
    REQUIRE(begun);
    CHECK(begun->packetsPerSecond == SearchConfig{}.packetsPerSecond);
}

TEST_CASE("search: questions that did not leave this computer are told, by the search and by the range") {
    Run run;
    REQUIRE(run.policy.addRange("10.1.0.0/30", true));
    REQUIRE(run.policy.addRange("10.2.0.0/30", true));
    const auto begun = run.policy.begin(byHand(), run.now);
    REQUIRE(begun);
    run.run(100ms);
    for (int i = 0; i < 4; ++i) {
        run.policy.notSent({ip("10.1.0.0").value + static_cast<std::uint32_t>(i)}, "Network is unreachable.");
        run.policy.notSent({ip("10.1.0.0").value + static_cast<std::uint32_t>(i)}, "Network is unreachable.");
    }
    run.policy.notSent(ip("10.9.0.1"), "Network is unreachable.");  // no address of the search
    run.run(20s);
    const auto* search = run.policy.find(begun->id);
    REQUIRE(search != nullptr);
    CHECK(search->state == SearchState::Finished);
    CHECK(search->problem.find("4 of 8 addresses could not be asked") != std::string::npos);
    CHECK(search->problem.find("unreachable") != std::string::npos);
    REQUIRE(run.results.size() == 2);
    CHECK(run.results[0].problem.find("No question could be sent there") != std::string::npos);
    CHECK(run.results[1].problem.empty());
    // The next run that gets through clears it.
    run.results.clear();
    REQUIRE(run.policy.begin(byHand(), run.now));
    run.run(20s);
    REQUIRE(run.results.size() == 2);
    CHECK(run.results[0].problem.empty());
}

TEST_CASE("search: names are resolved first; a name that is not found is told at its range") {
    Run run;
    const auto range = run.policy.addRange("pc.example.com", true);
    REQUIRE(range);
    REQUIRE(run.policy.begin(byHand(), run.now));
    run.run(100ms);
    REQUIRE(run.names == std::vector<std::string>{"pc.example.com"});
    CHECK(run.asked.empty());
    run.policy.resolved("pc.example.com", {ip("10.3.0.4"), ip("10.3.0.5")}, run.now);
    run.run(10s);
    CHECK(run.asked.size() == 2);
    CHECK(run.policy.ranges()[0].problem.empty());
    REQUIRE(run.policy.begin(byHand(), run.now));
    run.policy.resolved("pc.example.com", {}, run.now);
    run.run(10s);
    CHECK(run.policy.ranges()[0].problem.find("not found") != std::string::npos);
    REQUIRE(run.policy.begin(byHand(), run.now));
    run.policy.resolved("pc.example.com", {}, run.now, "The DNS server did not answer.");
    run.run(10s);
    CHECK(run.policy.ranges()[0].problem == "The DNS server did not answer.");
}

TEST_CASE("search: through a client's list every named address is asked, and a silent client fails the search") {
    Run run;
    UserSearch wanted = byHand();
    wanted.viaClient = ip("10.7.2.14");
    auto begun = run.policy.begin(wanted, run.now);
    REQUIRE(begun);
    run.policy.listRead(ip("10.7.2.14"), true, {ip("10.7.2.20"), ip("10.7.2.21"), ip("255.255.255.255")}, run.now);
    run.run(10s);
    CHECK(std::set<Ip4>(run.asked.begin(), run.asked.end()) == std::set<Ip4>{ip("10.7.2.20"), ip("10.7.2.21")});
    CHECK(run.policy.find(begun->id)->state == SearchState::Finished);
    begun = run.policy.begin(wanted, run.now);
    REQUIRE(begun);
    run.policy.listRead(ip("10.7.2.14"), false, {}, run.now);
    CHECK(run.policy.find(begun->id)->state == SearchState::Failed);
    CHECK_FALSE(run.policy.find(begun->id)->problem.empty());
}

TEST_CASE("search: the range list takes all lines of a text or none, and lines that stay keep their results") {
    Run run;
    REQUIRE(run.policy.addRange("10.1.0.*", true));
    const auto before = run.policy.ranges();
    const auto bad = run.policy.replaceRanges("10.2.0.*\n10.3.0.0/8x\n");
    REQUIRE_FALSE(bad);
    CHECK(bad.error().what.find("Line 2") != std::string::npos);
    CHECK(run.policy.ranges().size() == 1);
    const auto good = run.policy.replaceRanges("# Osaka\n10.2.0.*\n\n10.1.0.*\n");
    REQUIRE(good);
    REQUIRE(good->size() == 3);
    CHECK((*good)[2].id == before[0].id);
    CHECK((*good)[1].id != before[0].id);
    CHECK_FALSE(run.policy.addRange("10.1.0.*", true));
    const auto huge = run.policy.addRange("10.0.0.0/8", true);
    REQUIRE_FALSE(huge);
    CHECK(huge.error().code == Code::TooMany);
}
