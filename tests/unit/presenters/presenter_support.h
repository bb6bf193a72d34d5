#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "console/presenters/session.h"
#include "service/admin/admin_server.h"
#include "service/admin/certificate.h"
#include "tests/support/admin_fakes.h"

namespace causeway::test {

/// Processor time of this test in milliseconds: figures that do not depend on what else the machine does.
inline double processorMillis() {
    return static_cast<double>(std::clock()) * 1e3 / static_cast<double>(CLOCKS_PER_SEC);
}

/// Everything on the thread of the test, step by step: work first, then what it gives to the UI. Streams may add from
/// their own threads. Keeps how long the longest UI task took.
class StepExecutor final : public console::Executor {
public:
    void work(std::function<void()> task) override { add(works_, std::move(task)); }
    void ui(std::function<void()> task) override { add(uis_, std::move(task)); }

    /// One task; false = nothing waits.
    bool step() {
        std::function<void()> task;
        bool isUi = true;
        {
            const std::lock_guard hold{lock_};
            auto& queue = uis_.empty() ? works_ : uis_;
            if (queue.empty()) return false;
            isUi = !uis_.empty();
            task = std::move(queue.front());
            queue.pop_front();
        }
        const auto begin = processorMillis();
        task();
        if (isUi) {
            ++uiTasks;
            longestMillis = std::max(longestMillis, processorMillis() - begin);
        } else {
            ++workTasks;
        }
        return true;
    }
    void run() {
        while (step()) {
        }
    }
    /// Runs what comes, also from other threads, until the condition holds; false after ten seconds.
    template <class F>
    bool runUntil(F condition) {
        return until(condition, [this] { run(); });
    }
    /// The same, but the condition is looked at after each task.
    template <class F>
    bool stepUntil(F condition) {
        return until(condition, [this, &condition] {
            while (!condition() && step()) {
            }
        });
    }
    std::size_t uiTasks = 0;
    std::size_t workTasks = 0;
    double longestMillis = 0;

private:
    template <class F, class G>
    bool until(F condition, G go) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
        while (true) {
            go();
            if (condition()) return true;
            std::unique_lock hold{lock_};
            const auto isFilled = [this] { return !uis_.empty() || !works_.empty(); };
            if (!came_.wait_until(hold, deadline, isFilled)) return false;
        }
    }
    void add(std::deque<std::function<void()>>& queue, std::function<void()> task) {
        {
            const std::lock_guard hold{lock_};
            queue.push_back(std::move(task));
        }
        came_.notify_all();
    }
    std::mutex lock_;
    std::condition_variable came_;
    std::deque<std::function<void()>> works_;
    std::deque<std::function<void()>> uis_;
};

/// A session without a service: listener calls are made by the test.
struct QuietConsole {
    StepExecutor executor;
    TimePoint now = kNoon;
    console::Session session{executor};
    QuietConsole() {
        session.setClock([this] { return now; });
    }
};

/// A session at a real admin server with everything behind it in memory.
struct LiveConsole {
    TemporaryFolder folder;
    AdminWorld world;
    std::unique_ptr<admin::AdminServer> server;
    StepExecutor executor;
    console::Session session{executor};

    LiveConsole() {
        session.setClock([this] { return world.now(); });
        startServer("127.0.0.1:0");
    }
    void startServer(const std::string& listen) {
        admin::AdminOptions options;
        options.listen = listen;
        options.dataFolder = folder.path();
        options.passwordRounds = 10;
        server = std::make_unique<admin::AdminServer>(world.ports(), options, world.log);
        started = server->start().has_value();
    }
    client::ServiceAddress address() const {
        auto parsed = client::parseServiceAddress(server->address()).value();
        parsed.token = Secret{admin::prepareLocalToken(folder.path())->token};
        parsed.fingerprint = server->fingerprint();
        return parsed;
    }
    bool connect() {
        session.connect(address(), {});
        return executor.runUntil([this] { return session.connection() == console::Connection::Live; });
    }
    bool started = false;
};

inline api::UserRow userRow(UserId id, const std::string& nick, const std::string& address) {
    api::UserRow row;
    row.user = lanUser(id, nick, address);
    row.userName = row.user.user;
    row.flagWords = {"can encrypt", "reads UTF-8"};
    return row;
}

inline std::vector<std::string> cellsOf(const console::Table& table, std::size_t column) {
    std::vector<std::string> cells;
    for (std::size_t row = 0; row < table.rowCount(); ++row)
        cells.push_back(table.cell(row, column));
    return cells;
}

}  // namespace causeway::test
