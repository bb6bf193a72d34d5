#include "service/store/write_queue.h"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

#include "service/store/database.h"
#include "tests/unit/store/store_support.h"

using namespace causeway;
using namespace causeway::store;
using causeway::store::test::RecordingLog;

namespace {

/// A disk that the test can stop and break; it writes down what it was given.
class FakeDisk {
public:
    BatchOutcome commit(const std::vector<const WriteQueue::Write*>& writes, Sureness sureness) {
        std::unique_lock hold{lock_};
        ++commits_;
        changed_.notify_all();
        changed_.wait(hold, [this] { return !isHeld_; });
        BatchOutcome outcome;
        if (isBroken_) {
            outcome.failure = Error{Code::Unavailable, "Changes could not be saved.", "The disk is full."};
            return outcome;
        }
        batches_.push_back(writes.size());
        sureness_.push_back(sureness);
        for (const auto* write : writes) {
            outcome.each.push_back((*write)(unused_));
        }
        return outcome;
    }
    void hold(bool isHeld) {
        {
            const std::lock_guard guard{lock_};
            isHeld_ = isHeld;
        }
        changed_.notify_all();
    }
    void breakDown(bool isBroken) {
        const std::lock_guard guard{lock_};
        isBroken_ = isBroken;
    }
    void waitForCommit(std::size_t count) {
        std::unique_lock guard{lock_};
        REQUIRE(changed_.wait_for(guard, std::chrono::seconds{60}, [&] { return commits_ >= count; }));
    }
    std::vector<std::size_t> batches() const {
        const std::lock_guard guard{lock_};
        return batches_;
    }
    std::vector<Sureness> sureness() const {
        const std::lock_guard guard{lock_};
        return sureness_;
    }

private:
    mutable std::mutex lock_;
    std::condition_variable changed_;
    Database unused_{":memory:"};  // the writes of these tests do not look at it
    bool isHeld_ = false;
    bool isBroken_ = false;
    std::size_t commits_ = 0;
    std::vector<std::size_t> batches_;
    std::vector<Sureness> sureness_;
};

struct Fixture {
    RecordingLog log;
    FakeDisk disk;
    std::vector<std::string> written;  // by the writer thread; read after flush()
    WriteQueueLimits limits;
    std::unique_ptr<WriteQueue> queue;

    WriteQueue& start() {
        queue = std::make_unique<WriteQueue>(
            [this](const auto& writes, Sureness sureness) { return disk.commit(writes, sureness); }, limits, log);
        return *queue;
    }
    WriteQueue::Write row(const std::string& text) {
        return [this, text](Database&) -> Result<void> {
            written.push_back(text);
            return {};
        };
    }
    /// Lets the writer pick up one row and keeps it busy with that, so that what follows stays queued.
    void holdWriter() {
        disk.hold(true);
        queue->add(row("first"));
        disk.waitForCommit(1);
    }
    using Texts = std::vector<std::string>;
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "write queue: rows are written in the order in which they came") {
    start();
    holdWriter();
    for (int i = 0; i < 5; ++i)
        queue->add(row(std::to_string(i)));
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "0", "1", "2", "3", "4"});
}

TEST_CASE_FIXTURE(Fixture, "write queue: the newest version of a row takes the place of the queued older one") {
    start();
    holdWriter();
    queue->put("user:1", WriteQueue::Place::Kept, row("ann 1"));
    queue->put("user:2", WriteQueue::Place::Kept, row("bob"));
    for (int i = 2; i < 1000; ++i)
        queue->put("user:1", WriteQueue::Place::Kept, row("ann " + std::to_string(i)));
    CHECK(queue->queuedRows() == 2);
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "ann 999", "bob"});
}

TEST_CASE_FIXTURE(Fixture, "write queue: a row that goes to the end comes after everything queued before it") {
    start();
    holdWriter();
    queue->put("search:1", WriteQueue::Place::AtEnd, row("running"));
    queue->add(row("found"));
    queue->put("search:1", WriteQueue::Place::AtEnd, row("finished"));
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "found", "finished"});
}

TEST_CASE_FIXTURE(Fixture, "write queue: a removal overtakes the queued row, and a later row comes after it") {
    start();
    holdWriter();
    queue->put("user:1", WriteQueue::Place::Kept, row("ann"));
    queue->addOrder(row("remove ann"), "user:1");
    queue->put("user:1", WriteQueue::Place::Kept, row("ann again"));
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "remove ann", "ann again"});
}

TEST_CASE_FIXTURE(Fixture, "write queue: dropped keys are not written") {
    start();
    holdWriter();
    queue->put("range:1", WriteQueue::Place::Kept, row("range 1"));
    queue->put("user:1", WriteQueue::Place::Kept, row("ann"));
    queue->put("range:2", WriteQueue::Place::Kept, row("range 2"));
    queue->drop("range:");
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "ann"});
}

TEST_CASE_FIXTURE(Fixture, "write queue: no transaction is larger than its limit") {
    limits.rowsOfBatch = 10;
    start();
    holdWriter();
    for (int i = 0; i < 25; ++i)
        queue->add(row("x"));
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(disk.batches() == std::vector<std::size_t>{1, 10, 10, 5});
}

TEST_CASE_FIXTURE(Fixture, "write queue: callers who wait go first, share a transaction and get their own answers") {
    start();
    holdWriter();
    queue->add(row("row"));
    auto good = std::async(std::launch::async, [&] { return queue->runNow(row("caller")); });
    auto bad = std::async(std::launch::async, [&] {
        return queue->runNow([](Database&) -> Result<void> { return Error{Code::Conflict, "taken"}; });
    });
    while (queue->waitingCallers() < 2)
        std::this_thread::yield();
    disk.hold(false);
    CHECK(good.get());
    CHECK(bad.get().error().code == Code::Conflict);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "caller", "row"});
    CHECK(disk.batches() == std::vector<std::size_t>{1, 3});
    CHECK(disk.sureness() == std::vector{Sureness::Fast, Sureness::Durable});
}

TEST_CASE_FIXTURE(Fixture, "write queue: too many callers are refused at once") {
    limits.waitingCallers = 1;
    start();
    holdWriter();
    auto first = std::async(std::launch::async, [&] { return queue->runNow(row("caller")); });
    while (queue->waitingCallers() < 1)
        std::this_thread::yield();
    CHECK(queue->runNow(row("refused")).error().code == Code::Busy);
    disk.hold(false);
    CHECK(first.get());
    CHECK(written == Texts{"first", "caller"});
}

TEST_CASE_FIXTURE(Fixture, "write queue: while the disk fails nothing is lost, it is told, and it goes on by itself") {
    limits.firstRetry = 1ms;
    limits.longestRetry = 5ms;
    start();
    CHECK(queue->trouble().empty());
    disk.breakDown(true);
    queue->put("user:1", WriteQueue::Place::Kept, row("ann 1"));
    queue->add(row("event"));
    const auto failed = queue->flush();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().why == "The disk is full.");
    CHECK(queue->trouble() == "Changes could not be saved. The disk is full. 2 changes wait for the disk.");
    queue->put("user:1", WriteQueue::Place::Kept, row("ann 2"));
    CHECK(queue->runNow(row("caller")).error().why == "The disk is full.");
    CHECK(log.lines("STORE_TROUBLE").size() == 1);  // told once, however often it is tried
    disk.breakDown(false);
    while (!queue->trouble().empty())
        std::this_thread::yield();  // no further call is needed
    REQUIRE(queue->flush());
    CHECK(written == Texts{"ann 2", "event"});
    CHECK(log.lines("STORE_WELL_AGAIN").size() == 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "write queue: a row that changed while its older version failed is written in its newer one") {
    start();
    disk.breakDown(true);
    disk.hold(true);
    queue->put("user:1", WriteQueue::Place::Kept, row("old"));
    disk.waitForCommit(1);
    queue->put("user:1", WriteQueue::Place::Kept, row("new"));
    disk.hold(false);
    CHECK_FALSE(queue->flush());
    disk.breakDown(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"new"});
}

TEST_CASE_FIXTURE(Fixture,
                  "write queue: when too much waits the oldest events give way, users do not, and it is told") {
    limits.plainRows = 3;
    limits.firstRetry = 1h;
    start();
    disk.breakDown(true);
    queue->put("user:1", WriteQueue::Place::Kept, row("ann"));
    for (int i = 0; i < 10; ++i)
        queue->add(row(std::to_string(i)));
    CHECK_FALSE(queue->flush());
    CHECK(queue->queuedRows() == 4);
    CHECK(queue->trouble().find("7 of the oldest were given up") != std::string::npos);
    disk.breakDown(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"ann", "7", "8", "9"});
    CHECK(log.lines("STORE_WELL_AGAIN")[0].find("7 of the oldest changes were lost") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "write queue: users too are bounded, the oldest gives way") {
    limits.keyedRows = 2;
    start();
    holdWriter();
    for (int i = 0; i < 5; ++i) {
        queue->put("user:" + std::to_string(i), WriteQueue::Place::Kept, row(std::to_string(i)));
    }
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "3", "4"});
}

TEST_CASE_FIXTURE(Fixture, "write queue: a row that cannot be stored is logged and does not stop the others") {
    start();
    holdWriter();
    queue->add([](Database&) -> Result<void> { return Error{Code::Conflict, "no such thing"}; });
    queue->add(row("good"));
    disk.hold(false);
    REQUIRE(queue->flush());
    CHECK(written == Texts{"first", "good"});
    CHECK(queue->trouble().empty());
    REQUIRE(log.lines("STORE_ROW_REFUSED").size() == 1);
    CHECK(log.lines("STORE_ROW_REFUSED")[0].find("no such thing") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "write queue: ending writes what is queued") {
    start();
    holdWriter();
    for (int i = 0; i < 500; ++i)
        queue->add(row("x"));
    disk.hold(false);
    queue.reset();
    CHECK(written.size() == 501);
    CHECK(log.lines("STORE_UNSAVED").empty());
}

TEST_CASE_FIXTURE(Fixture, "write queue: ending on a broken disk says how much is lost") {
    start();
    disk.breakDown(true);
    queue->add(row("a"));
    queue->add(row("b"));
    CHECK_FALSE(queue->flush());
    queue.reset();
    REQUIRE(log.lines("STORE_UNSAVED").size() == 1);
    CHECK(log.lines("STORE_UNSAVED")[0].find("2 changes were not saved") != std::string::npos);
}
