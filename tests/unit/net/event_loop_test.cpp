#include "service/net/event_loop.h"

#include <doctest/doctest.h>

#include <stdexcept>

#include "tests/unit/net/net_support.h"

using namespace causeway;
using namespace causeway::net;
using causeway::net::test::Collector;
using causeway::net::test::kPatience;
using causeway::net::test::RecordingLog;

namespace {

void spinFor(Duration time) {
    const auto end = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < end) {
    }
}

}  // namespace

TEST_CASE("event loop: tasks run in the order in which they were posted, on the loop's own thread") {
    RecordingLog log;
    EventLoop loop{"test", log};
    Collector<int> ran;
    for (int i = 0; i < 100; ++i) {
        loop.post("count", [&, i] {
            if (loop.isOwnThread()) ran.add(i);
        });
    }
    CHECK_FALSE(loop.isOwnThread());
    loop.start();
    REQUIRE(ran.waitFor(100));
    const auto values = ran.values();
    for (int i = 0; i < 100; ++i)
        CHECK(values[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("event loop: ask gives back what the work returned") {
    NoLog log;
    EventLoop loop{"test", log};
    loop.start();
    CHECK(loop.ask("answer", kPatience, [] { return 42; }).value() == 42);
    bool ran = false;
    CHECK(loop.ask("nothing", kPatience, [&] { ran = true; }));
    CHECK(ran);
}

TEST_CASE("event loop: a throw is logged with its task name, told to the asker, and the loop goes on") {
    RecordingLog log;
    EventLoop loop{"test", log};
    loop.start();
    const auto answer = loop.ask("explode", kPatience, []() -> int { throw std::runtime_error("powder"); });
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::Internal);
    REQUIRE(log.lines.waitFor(1));
    const auto line = log.lines.values()[0];
    CHECK(line.find("NET_TASK_THREW") == 0);
    CHECK(line.find("explode") != std::string::npos);
    CHECK(line.find("powder") != std::string::npos);
    CHECK(loop.ask("after", kPatience, [] { return true; }).value());
}

TEST_CASE("event loop: ask does not wait longer than its patience") {
    NoLog log;
    EventLoop loop{"test", log};  // not started: nothing is ever taken up
    const auto answer = loop.ask("never", 10ms, [] { return 1; });
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::Timeout);
}

TEST_CASE("event loop: whoever asks a loop that has ended is told at once") {
    NoLog log;
    EventLoop loop{"test", log};
    loop.start();
    loop.stop();
    const auto answer = loop.ask("late", kPatience, [] { return 1; });
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::Unavailable);
}

TEST_CASE("event loop: tasks that are still queued when it stops are dropped") {
    NoLog log;
    EventLoop loop{"test", log};
    auto held = std::make_shared<int>(1);
    const std::weak_ptr<int> watched = held;
    bool ran = false;
    loop.post("dropped", [held, &ran] { ran = true; });
    held.reset();
    loop.stop();
    CHECK(watched.expired());
    CHECK_FALSE(ran);
}

TEST_CASE("event loop: a callback over 50 ms is logged with its name, a short one is not") {
    RecordingLog log;
    EventLoop loop{"test", log};
    loop.start();
    REQUIRE(loop.ask("quick", kPatience, [] { return 1; }));
    REQUIRE(loop.ask("sluggish", kPatience, [] { spinFor(60ms); }));
    REQUIRE(log.lines.waitFor(1));
    REQUIRE(log.lines.size() == 1);
    CHECK(log.lines.values()[0].find("NET_SLOW_CALLBACK") == 0);
    CHECK(log.lines.values()[0].find("sluggish") != std::string::npos);
}

TEST_CASE("event loop: its clock starts at the wall clock and never runs backwards") {
    const auto wall = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    CHECK(std::chrono::abs(EventLoop::now() - wall) < 1h);
    CHECK(std::chrono::abs(EventLoop::wallClockOffset()) < 1h);
    auto last = EventLoop::now();
    for (int i = 0; i < 100'000; ++i) {
        const auto next = EventLoop::now();
        if (next < last) FAIL("the clock ran backwards");
        last = next;
    }
}

TEST_CASE("event loop: what is delivered to an owner that is gone is dropped") {
    struct Owner {
        void take(std::string text) { got.add(std::move(text)); }
        Collector<std::string> got;
    };
    NoLog log;
    EventLoop loop{"test", log};
    loop.start();
    auto alive = std::make_shared<Owner>();
    auto gone = std::make_shared<Owner>();
    const std::weak_ptr<Owner> watched = gone;
    auto toAlive = loop.deliver("deliver", std::weak_ptr{alive}, &Owner::take);
    auto toGone = loop.deliver("deliver", std::weak_ptr{gone}, &Owner::take);
    gone.reset();
    toGone("lost");
    toAlive("kept");
    REQUIRE(alive->got.waitFor(1));
    CHECK(alive->got.values() == std::vector<std::string>{"kept"});
    CHECK(watched.expired());
}

TEST_CASE("loop timer: fires once, not before its time") {
    NoLog log;
    EventLoop loop{"test", log};
    Collector<TimePoint> fired;
    LoopTimer timer{loop, "timer", [&] { fired.add(EventLoop::now()); }};
    const auto due = EventLoop::now() + 30ms;
    timer.setAt(due);
    loop.start();
    REQUIRE(fired.waitFor(1));
    CHECK(fired.values()[0] >= due);
    // A later timer on the same loop shows that the first does not come again.
    REQUIRE(loop.ask("again", kPatience, [&] { timer.setAt(EventLoop::now() + 5ms); }));
    REQUIRE(fired.waitFor(2));
    loop.stop();
    CHECK(fired.size() == 2);
}

TEST_CASE("loop timer: setting it again replaces the time, cancelling and destroying it keep it silent") {
    NoLog log;
    EventLoop loop{"test", log};
    Collector<std::string> fired;
    auto moved = std::make_unique<LoopTimer>(loop, "moved", [&] { fired.add("moved"); });
    auto cancelled = std::make_unique<LoopTimer>(loop, "cancelled", [&] { fired.add("cancelled"); });
    auto destroyed = std::make_unique<LoopTimer>(loop, "destroyed", [&] { fired.add("destroyed"); });
    LoopTimer last{loop, "last", [&] { fired.add("last"); }};
    const auto now = EventLoop::now();
    moved->setAt(now);
    moved->setAt(now + 24h * 400);
    cancelled->setAt(now);
    cancelled->cancel();
    destroyed->setAt(now);
    destroyed.reset();
    last.setAt(now + 20ms);
    loop.start();
    REQUIRE(fired.waitFor(1));
    loop.stop();
    CHECK(fired.values() == std::vector<std::string>{"last"});
}

TEST_CASE("loop timer: its task may set it again and may destroy it") {
    NoLog log;
    EventLoop loop{"test", log};
    Collector<int> fired;
    int count = 0;
    std::unique_ptr<LoopTimer> timer;
    timer = std::make_unique<LoopTimer>(loop, "repeat", [&] {
        fired.add(++count);
        if (count < 3) {
            timer->setAt(EventLoop::now());
        } else {
            timer.reset();
        }
    });
    timer->setAt(EventLoop::now());
    loop.start();
    REQUIRE(fired.waitFor(3));
    loop.stop();
    CHECK(fired.size() == 3);
    CHECK(timer == nullptr);
}
