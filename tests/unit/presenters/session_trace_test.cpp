#include <doctest/doctest.h>

#include <vector>

#include "console/presenters/session.h"
#include "console/presenters/table.h"
#include "tests/unit/presenters/presenter_support.h"

using namespace causeway;
using namespace causeway::console;
using namespace causeway::test;

namespace {

class Ear final : public SessionListener {
public:
    explicit Ear(Session& session) : session_(session) { session_.add(*this); }
    ~Ear() override { session_.remove(*this); }
    void traceChanged(const api::TraceEvent& event) override {
        if (event.trace) states.push_back(event.trace->state);
        if (event.removed) removed.push_back(*event.removed);
    }

    std::vector<TraceState> states;
    std::vector<std::uint64_t> removed;

private:
    Session& session_;
};

}  // namespace

TEST_CASE("a session hears how a trace goes on, ends and is removed") {
    LiveConsole live;
    REQUIRE(live.started);
    Ear ear{live.session};
    REQUIRE(live.connect());
    TraceRequest wanted;
    wanted.to = "10.7.2.14";
    const auto trace = live.world.traces.start(wanted, "ann");
    REQUIRE(trace);
    live.server->traceObserver().traceChanged(trace->id);
    REQUIRE(live.executor.runUntil([&] { return ear.states == std::vector{TraceState::Running}; }));
    live.world.pass(1s);  // the next batch is due
    REQUIRE(live.world.traces.stop(trace->id));
    live.server->traceObserver().traceChanged(trace->id);
    REQUIRE(live.executor.runUntil([&] { return ear.states.back() == TraceState::Stopped; }));
    CHECK(ear.removed.empty());
    live.world.pass(1s);
    REQUIRE(live.world.traces.remove(trace->id));
    live.server->traceObserver().traceRemoved(trace->id);
    REQUIRE(live.executor.runUntil([&] { return !ear.removed.empty(); }));
    CHECK(ear.removed == std::vector{trace->id});
}
