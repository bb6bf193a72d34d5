#include "service/admin/event_hub.h"

#include <doctest/doctest.h>

#include <array>

#include "console/client/sse_parser.h"
#include "tests/support/admin_fakes.h"

using namespace causeway;
using namespace causeway::admin;

namespace {

/// The hub without its thread: the test says when it looks.
struct Stage {
    test::AdminWorld world;
    EventHub hub{world.ports(),
                 {[] {
                      return api::HelloEvent{"hq", "0.1.0", 0};
                  },
                  [] { return api::ServiceStatus{}; }, [this] { return world.problems.problems(); },
                  [this] { return world.now(); }}};

    std::shared_ptr<EventReader> open(std::optional<std::uint64_t> lastId = {}, WantsLogs logs = WantsLogs::No) {
        auto reader = hub.open(lastId, logs);
        REQUIRE(reader);
        return *reader;
    }
    void step() { hub.step(world.now()); }
    void change(UserId id) {
        const std::array ids{id};
        hub.usersChanged(ids);
    }
};

std::vector<client::SseEvent> eventsOf(EventReader& reader) {
    client::SseParser parser;
    if (const auto text = reader.take(0ms)) parser.feed(*text);
    return parser.takeEvents();
}

std::vector<std::string> namesOf(const std::vector<client::SseEvent>& events) {
    std::vector<std::string> names;
    for (const auto& event : events)
        names.push_back(event.name);
    return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("hub: a reader gets hello first, then status, then changes") {
    Stage stage;
    stage.world.lan.add(test::lanUser(7, "Alice", "10.1.0.21"));
    const auto reader = stage.open();
    CHECK(namesOf(eventsOf(*reader)) == Names{"hello"});
    stage.step();
    CHECK(namesOf(eventsOf(*reader)) == Names{"status", "problems"});
    stage.change(7);
    stage.step();
    const auto events = eventsOf(*reader);
    REQUIRE(namesOf(events) == Names{"users"});
    const auto users = api::fromJson<api::UsersEvent>(events.front().data);
    REQUIRE(users);
    REQUIRE(users->changed.size() == 1);
    CHECK(users->changed.front().user.nick == "Alice");
    CHECK(users->changed.front().isLocal);
}

TEST_CASE("hub: the first change goes out at once, the next ones in batches every 200 ms") {
    Stage stage;
    for (UserId id = 1; id <= 3; ++id)
        stage.world.lan.add(test::lanUser(id, "U", "10.1.0.21"));
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    stage.world.pass(500ms);
    stage.change(1);
    stage.step();
    CHECK(eventsOf(*reader).size() == 1);
    stage.change(2);
    const auto next = stage.hub.step(stage.world.now());
    CHECK(eventsOf(*reader).empty());
    REQUIRE(next);
    CHECK(*next == stage.world.now() + 200ms);
    stage.change(3);
    stage.world.pass(199ms);
    stage.step();
    CHECK(eventsOf(*reader).empty());
    stage.world.pass(1ms);
    stage.step();
    const auto events = eventsOf(*reader);
    REQUIRE(events.size() == 1);
    CHECK(api::fromJson<api::UsersEvent>(events.front().data)->changed.size() == 2);
}

TEST_CASE("hub: removed users are named, and a user who came back is not") {
    Stage stage;
    stage.world.lan.add(test::lanUser(1, "U", "10.1.0.21"));
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    const std::array gone{UserId{1}, UserId{2}};
    stage.hub.usersRemoved(gone);
    stage.change(1);
    stage.step();
    const auto events = eventsOf(*reader);
    REQUIRE(events.size() == 1);
    const auto users = api::fromJson<api::UsersEvent>(events.front().data);
    CHECK(users->removed == std::vector<UserId>{2});
    CHECK(users->changed.size() == 1);
}

TEST_CASE("hub: of a trace that changes many times only the newest state of each batch is told") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    TraceRequest wanted;
    wanted.to = "10.7.2.14";
    const auto first = stage.world.traces.start(wanted, "ann");
    const auto second = stage.world.traces.start(wanted, "ann");
    REQUIRE(first);
    REQUIRE(second);
    for (int i = 0; i < 50; ++i) {
        stage.hub.traceChanged(first->id);
        stage.hub.traceChanged(second->id);
    }
    REQUIRE(stage.world.traces.stop(first->id));
    stage.step();
    const auto events = eventsOf(*reader);
    REQUIRE(namesOf(events) == Names{"trace", "trace"});
    const auto told = api::fromJson<api::TraceEvent>(events[0].data);
    REQUIRE(told);
    REQUIRE(told->trace);
    CHECK(told->trace->id == first->id);
    CHECK(told->trace->state == TraceState::Stopped);
    CHECK(!told->removed);
    CHECK(api::fromJson<api::TraceEvent>(events[1].data)->trace->state == TraceState::Running);

    REQUIRE(stage.world.traces.remove(first->id));
    stage.hub.traceChanged(first->id);
    stage.hub.traceRemoved(first->id);
    stage.world.pass(200ms);
    stage.step();
    const auto gone = eventsOf(*reader);
    REQUIRE(namesOf(gone) == Names{"trace"});
    CHECK(api::fromJson<api::TraceEvent>(gone[0].data)->removed == first->id);
    CHECK(!api::fromJson<api::TraceEvent>(gone[0].data)->trace);
}

TEST_CASE("hub: a visibility map that changes many times is told once a batch, with where it stands now") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    for (int i = 0; i < 50; ++i)
        stage.hub.visibilityChanged();
    REQUIRE(stage.world.visibility.collect({}, "ann"));
    stage.step();
    const auto events = eventsOf(*reader);
    REQUIRE(namesOf(events) == Names{"visibility"});
    const auto told = api::fromJson<VisibilityStatus>(events[0].data);
    REQUIRE(told);
    CHECK(*told == stage.world.visibility.status());
    CHECK(told->isCollecting);
}

TEST_CASE("hub: who resumes gets how a trace ended, not each state on the way") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    const auto before = eventsOf(*reader);
    REQUIRE_FALSE(before.empty());
    const auto lastId = std::stoull(before.back().id);
    TraceRequest wanted;
    wanted.to = "10.7.2.14";
    const auto trace = stage.world.traces.start(wanted, "ann");
    REQUIRE(trace);
    for (int i = 0; i < 3; ++i) {
        stage.hub.traceChanged(trace->id);
        stage.world.pass(200ms);
        stage.step();
    }
    REQUIRE(stage.world.traces.stop(trace->id));
    stage.hub.traceChanged(trace->id);
    stage.world.pass(200ms);
    stage.step();
    const auto late = stage.open(lastId);
    std::vector<TraceState> states;
    for (const auto& event : eventsOf(*late)) {
        if (event.name == "trace") states.push_back(api::fromJson<api::TraceEvent>(event.data)->trace->state);
    }
    CHECK(states == std::vector{TraceState::Stopped});
}

TEST_CASE("hub: at most 500 users are in one event") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    for (UserId id = 1; id <= 1200; ++id) {
        stage.world.lan.add(test::lanUser(id, "U", "10.1.0.21"));
        stage.change(id);
    }
    stage.step();
    const auto events = eventsOf(*reader);
    REQUIRE(events.size() == 3);
    CHECK(api::fromJson<api::UsersEvent>(events[0].data)->changed.size() == 500);
    CHECK(api::fromJson<api::UsersEvent>(events[2].data)->changed.size() == 200);
}

TEST_CASE("hub: too many changes at once become one resync") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    std::vector<UserId> ids(5001);
    for (std::size_t i = 0; i < ids.size(); ++i)
        ids[i] = i + 1;
    stage.hub.usersChanged(ids);
    stage.step();
    CHECK(namesOf(eventsOf(*reader)) == Names{"resync"});
}

TEST_CASE("hub: a busy LAN loop makes readers fetch everything instead of keeping old rows") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    stage.world.lan.isBusy = true;
    stage.change(1);
    stage.step();
    CHECK(namesOf(eventsOf(*reader)) == Names{"resync"});
}

TEST_CASE("hub: a slow reader gets one resync instead of a backlog") {
    EventReader slow{WantsLogs::No, 3, 1000};
    EventRing ring{100};
    std::vector<EventPointer> events;
    for (int i = 0; i < 5; ++i)
        events.push_back(ring.add("bases", "{}", false, EventRing::Keep::ForResume));
    for (const auto& event : events)
        slow.push(event);
    const auto got = eventsOf(slow);
    REQUIRE(namesOf(got) == Names{"resync", "bases"});
    CHECK(got[0].id == "103");
    CHECK(got[1].id == "104");
    // Too many bytes count like too many events.
    slow.push(ring.add("bases", "{}", false, EventRing::Keep::ForResume));
    slow.push(ring.add("users", std::string(1000, 'x'), false, EventRing::Keep::ForResume));
    CHECK(namesOf(eventsOf(slow)) == Names{"resync"});
}

TEST_CASE("hub: who comes back with the last id gets what he missed") {
    Stage stage;
    for (UserId id = 1; id <= 3; ++id)
        stage.world.lan.add(test::lanUser(id, "U", "10.1.0.21"));
    auto reader = stage.open();
    stage.step();
    stage.change(1);
    stage.world.pass(1s);
    stage.step();
    const auto lastId = std::stoull(eventsOf(*reader).back().id);
    stage.hub.close(reader);
    stage.world.pass(1s);
    stage.change(2);
    stage.step();
    stage.world.pass(1s);
    stage.change(3);
    stage.step();
    reader = stage.open(lastId);
    const auto events = eventsOf(*reader);
    REQUIRE(namesOf(events) == Names{"hello", "users", "users"});
    CHECK(events[0].id == std::to_string(lastId));
    CHECK(api::fromJson<api::UsersEvent>(events[2].data)->changed.front().user.id == 3);
}

TEST_CASE("hub: an id that is too old, from another run or nonsense gets resync") {
    Stage stage;
    CHECK(namesOf(eventsOf(*stage.open(5))) == Names{"hello", "resync"});
    CHECK(namesOf(eventsOf(*stage.open(0))) == Names{"hello", "resync"});
    CHECK(namesOf(eventsOf(*stage.open(~std::uint64_t{0}))) == Names{"hello", "resync"});
    EventRing ring{100, 3};
    for (int i = 0; i < 5; ++i)
        ring.add("bases", "{}", false, EventRing::Keep::ForResume);
    CHECK_FALSE(ring.since(100));
    REQUIRE(ring.since(101));
    CHECK(ring.since(101)->size() == 3);
    CHECK(ring.since(104)->empty());
    ring.forgetAll();
    CHECK_FALSE(ring.since(104));
}

TEST_CASE("hub: with nobody there for a minute it keeps nothing, and who comes back fetches everything") {
    Stage stage;
    stage.world.lan.add(test::lanUser(1, "U", "10.1.0.21"));
    auto reader = stage.open();
    stage.step();
    const auto lastId = std::stoull(eventsOf(*reader).back().id);
    stage.hub.close(reader);
    stage.world.pass(59s);
    CHECK(stage.hub.step(stage.world.now()).has_value());
    stage.world.pass(1s);
    CHECK_FALSE(stage.hub.step(stage.world.now()).has_value());
    stage.change(1);
    stage.step();
    reader = stage.open(lastId);
    CHECK(namesOf(eventsOf(*reader)) == Names{"hello", "resync"});
}

TEST_CASE("hub: status comes every two seconds while somebody listens, problems when they change") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    CHECK(namesOf(eventsOf(*reader)) == Names{"hello", "status", "problems"});
    stage.world.pass(1999ms);
    stage.step();
    CHECK(eventsOf(*reader).empty());
    stage.world.pass(1ms);
    stage.step();
    CHECK(namesOf(eventsOf(*reader)) == Names{"status"});
    stage.world.problems.all.push_back({"lan.port-in-use", Severity::Problem, "what", "why", "todo", "", test::kNoon});
    stage.world.pass(2s);
    stage.step();
    CHECK(namesOf(eventsOf(*reader)) == Names{"status", "problems"});
}

TEST_CASE("hub: log lines go only to readers who want them") {
    Stage stage;
    const auto plain = stage.open();
    const auto curious = stage.open({}, WantsLogs::Yes);
    stage.step();
    eventsOf(*plain);
    eventsOf(*curious);
    stage.hub.logged({test::kNoon, LogLevel::Info, "LAN_STARTED", "text"});
    stage.step();
    CHECK(eventsOf(*plain).empty());
    CHECK(namesOf(eventsOf(*curious)) == Names{"log"});
}

TEST_CASE("hub: a search event carries the rows since the last one") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    UserSearch search;
    search.id = 1;
    stage.world.search.done = {search};
    stage.world.search.found.resize(3);
    stage.hub.searchChanged(1);
    stage.step();
    auto events = eventsOf(*reader);
    REQUIRE(events.size() == 1);
    CHECK(api::fromJson<api::SearchEvent>(events[0].data)->rows.size() == 3);
    stage.world.search.found.resize(1503);
    stage.world.pass(200ms);
    stage.hub.searchChanged(1);
    stage.step();
    stage.world.pass(200ms);
    stage.step();
    events = eventsOf(*reader);
    REQUIRE(events.size() == 2);
    CHECK(api::fromJson<api::SearchEvent>(events[0].data)->from == 3);
    CHECK(api::fromJson<api::SearchEvent>(events[0].data)->rows.size() == 1000);
    CHECK(api::fromJson<api::SearchEvent>(events[1].data)->from == 1003);
    CHECK(api::fromJson<api::SearchEvent>(events[1].data)->rows.size() == 500);
}

TEST_CASE("hub: ranges, settings and bases have their events") {
    Stage stage;
    const auto reader = stage.open();
    stage.step();
    eventsOf(*reader);
    REQUIRE(stage.world.search.addRange("10.7.2.*", true));
    stage.hub.rangesChanged();
    stage.hub.settingsChanged({"lan.name"});
    stage.hub.basesChanged();
    stage.step();
    const auto events = eventsOf(*reader);
    REQUIRE(namesOf(events) == Names{"ranges", "settings", "bases"});
    CHECK(api::fromJson<api::RangeList>(events[0].data)->items.front().range.text == "10.7.2.*");
    CHECK(api::fromJson<api::SettingsEvent>(events[1].data)->keys == std::vector<std::string>{"lan.name"});
}

TEST_CASE("hub: the thirteenth reader is refused with a sentence, and stop ends the others") {
    Stage stage;
    std::vector<std::shared_ptr<EventReader>> readers;
    for (std::size_t i = 0; i < EventHub::kMostReaders; ++i)
        readers.push_back(stage.open());
    const auto refused = stage.hub.open({}, WantsLogs::No);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Unavailable);
    CHECK(refused.error().text().find("At most 12") != std::string::npos);
    stage.hub.close(readers.back());
    readers.back() = stage.open();
    stage.hub.stop();
    for (const auto& reader : readers)
        CHECK_FALSE(reader->take(0ms).has_value());
    CHECK_FALSE(stage.hub.open({}, WantsLogs::No));
}
