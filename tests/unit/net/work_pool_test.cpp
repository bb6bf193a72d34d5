#include "service/net/work_pool.h"

#include <doctest/doctest.h>

#include <future>
#include <stdexcept>

#include "service/net/event_loop.h"
#include "service/net/name_lookup.h"
#include "tests/unit/net/net_support.h"

using namespace causeway;
using namespace causeway::net;
using causeway::net::test::Collector;
using causeway::net::test::kPatience;
using causeway::net::test::RecordingLog;

namespace {

TimePoint far() {
    return EventLoop::now() + 1h;
}

/// A door at which jobs wait until the test lets them through.
struct Gate {
    std::promise<void> opened;
    std::shared_future<void> open = opened.get_future().share();
    Collector<std::string> arrived;
    auto job(const std::string& name) {
        return [this, name] {
            arrived.add(name);
            open.wait();
            return name;
        };
    }
};

}  // namespace

TEST_CASE("work pool: the result of a job, value or error, reaches its caller") {
    NoLog log;
    WorkPool pool{"test", {}, log};
    Collector<std::string> got;
    REQUIRE(pool.submit(
        "a", far(), [] { return std::string("value"); },
        [&](const Result<std::string>& result) { got.add(result.value()); }));
    REQUIRE(got.waitFor(1));
    REQUIRE(pool.submit(
        "a", far(),
        []() -> Result<std::string> {
            return Error{Code::NotFound, "gone"};
        },
        [&](const Result<std::string>& result) { got.add(result.error().what); }));
    REQUIRE(got.waitFor(2));
    REQUIRE(pool.submit(
        "a", far(), [] {}, [&](const Result<void>& result) { got.add(result ? "done" : "failed"); }));
    REQUIRE(got.waitFor(3));
    CHECK(got.values() == std::vector<std::string>{"value", "gone", "done"});
}

TEST_CASE("work pool: a job that throws is logged and answered as our own fault") {
    RecordingLog log;
    Collector<Code> got;
    WorkPool pool{"test", {}, log};
    REQUIRE(pool.submit(
        "a", far(), []() -> int { throw std::runtime_error("powder"); },
        [&](const Result<int>& result) { got.add(result.error().code); }));
    REQUIRE(got.waitFor(1));
    CHECK(got.values()[0] == Code::Internal);
    REQUIRE(log.lines.waitFor(1));
    CHECK(log.lines.values()[0].find("NET_JOB_THREW") == 0);
}

TEST_CASE("work pool: a full queue refuses at once and counts it") {
    NoLog log;
    Gate gate;
    Collector<std::string> got;
    const auto done = [&](const Result<std::string>& result) { got.add(result ? *result : "error"); };
    WorkPool pool{"test", {.threads = 1, .queued = 2, .runningOfOneKey = 1, .queuedOfOneKey = 2}, log};
    REQUIRE(pool.submit("a", far(), gate.job("running"), done));
    REQUIRE(gate.arrived.waitFor(1));
    REQUIRE(pool.submit("a", far(), gate.job("waiting 1"), done));
    REQUIRE(pool.submit("b", far(), gate.job("waiting 2"), done));
    const auto refused = pool.submit("c", far(), gate.job("refused"), done);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Busy);
    CHECK(pool.counters().refused == 1);
    CHECK(pool.counters().queued == 2);
    gate.opened.set_value();
    REQUIRE(got.waitFor(3));
    CHECK(got.values() == std::vector<std::string>{"running", "waiting 1", "waiting 2"});
}

TEST_CASE("work pool: one slow key neither takes every thread nor the whole queue") {
    NoLog log;
    Gate gate;
    Collector<std::string> slow;
    Collector<std::string> quick;
    const auto done = [&](const Result<std::string>& result) { slow.add(result ? *result : "error"); };
    WorkPool pool{"test", {.threads = 2, .queued = 10, .runningOfOneKey = 1, .queuedOfOneKey = 2}, log};
    REQUIRE(pool.submit("slow", far(), gate.job("1"), done));
    REQUIRE(gate.arrived.waitFor(1));
    REQUIRE(pool.submit("slow", far(), gate.job("2"), done));
    REQUIRE(pool.submit("slow", far(), gate.job("3"), done));
    CHECK_FALSE(pool.submit("slow", far(), gate.job("4"), done));
    REQUIRE(pool.submit(
        "quick", far(), [] { return std::string("ok"); },
        [&](const Result<std::string>& result) { quick.add(*result); }));
    REQUIRE(quick.waitFor(1));
    CHECK(slow.size() == 0);
    CHECK(pool.countersByKey().at("slow").refused == 1);
    gate.opened.set_value();
    REQUIRE(slow.waitFor(3));
    CHECK(slow.values() == std::vector<std::string>{"1", "2", "3"});
}

TEST_CASE("work pool: at the deadline the caller hears Timeout, whether the job waits or runs, and only once") {
    NoLog log;
    Gate gate;
    Collector<std::string> got;
    const auto done = [&](const Result<std::string>& result) {
        got.add(result ? *result : codeText(result.error().code));
    };
    {
        WorkPool pool{"test", {.threads = 1}, log};
        REQUIRE(pool.submit("a", EventLoop::now() + 20ms, gate.job("runs"), done));
        REQUIRE(gate.arrived.waitFor(1));
        REQUIRE(pool.submit("b", EventLoop::now() + 20ms, gate.job("waits"), done));
        REQUIRE(got.waitFor(2));
        CHECK(got.values() == std::vector<std::string>{"timeout", "timeout"});
        gate.opened.set_value();
    }
    CHECK(got.size() == 2);
    CHECK(gate.arrived.size() == 1);
}

TEST_CASE("work pool: jobs that wait when it ends are told so") {
    NoLog log;
    Gate gate;
    Collector<std::string> got;
    const auto done = [&](const Result<std::string>& result) {
        got.add(result ? *result : codeText(result.error().code));
    };
    {
        WorkPool pool{"test", {.threads = 1}, log};
        REQUIRE(pool.submit("a", far(), gate.job("runs"), done));
        REQUIRE(gate.arrived.waitFor(1));
        REQUIRE(pool.submit(
            "a", far(),
            [&] {
                gate.arrived.add("must not run");
                return std::string();
            },
            [&](const Result<std::string>& result) {
                done(result);
                gate.opened.set_value();  // only now may the running job end
            }));
    }
    CHECK(got.values() == std::vector<std::string>{"unavailable", "runs"});
    CHECK(gate.arrived.size() == 1);
}

TEST_CASE("name look-up: an address and localhost resolve on the pool and are delivered on the loop") {
    NoLog log;
    EventLoop loop{"test", log};
    Collector<std::vector<Ip4>> got;
    loop.start();
    {
        WorkPool pool{"test", {}, log};
        std::size_t asked = 0;
        for (const char* name : {"127.0.0.9", "localhost"}) {
            lookUpName(pool, loop, name, 1h, [&](const Result<std::vector<Ip4>>& result) {
                if (loop.isOwnThread()) got.add(result.value_or({}));
            });
            REQUIRE(got.waitFor(++asked));
        }
    }
    const auto values = got.values();
    CHECK(values[0] == std::vector{Ip4{0x7F000009U}});
    CHECK(values[1] == std::vector{Ip4{0x7F000001U}});
}

TEST_CASE("name look-up: what is not a host name is refused with a sentence") {
    for (const std::string name : {"", "-x.example", "a..b", "two words", "../etc/passwd"}) {
        CAPTURE(name);
        const auto result = lookUpNameNow(name);
        REQUIRE_FALSE(result);
        CHECK(result.error().code == Code::BadInput);
    }
}

TEST_CASE("name look-up: a full pool answers Busy on the loop") {
    NoLog log;
    EventLoop loop{"test", log};
    loop.start();
    Collector<Code> got;
    Gate gate;
    WorkPool pool{"test", {.threads = 1, .queued = 1, .runningOfOneKey = 1, .queuedOfOneKey = 1}, log};
    REQUIRE(pool.submit("x", far(), gate.job("runs"), [](const Result<std::string>&) {}));
    REQUIRE(gate.arrived.waitFor(1));
    REQUIRE(pool.submit("x", far(), gate.job("waits"), [](const Result<std::string>&) {}));
    lookUpName(pool, loop, "localhost", 1h,
               [&](const Result<std::vector<Ip4>>& result) { got.add(result.error().code); });
    const bool came = got.waitFor(1);
    gate.opened.set_value();
    REQUIRE(came);
    CHECK(got.values()[0] == Code::Busy);
}
