#include <condition_variable>
#include <memory>
#include <mutex>

#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "console/client/event_stream.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

struct WatchOptions {
    bool follow = false;
    bool logs = false;
    std::uint64_t count = 0;  ///< 0 = without end
    std::string level = "debug";
    std::size_t limit = 50;
};

/// Shows events until `count` of them were shown, or the service is gone.
class Watch {
public:
    Watch(Session& session, const client::ApiClient& client, std::uint64_t count, client::StreamLogs logs)
        : session_(session), left_(count), isEndless_(count == 0), stream_(client, callbacks(), logs) {}

    /// Called on the thread of the stream; true = it was shown and counts.
    std::function<bool(const client::SseEvent&)> show;

    Exit run() {
        stream_.start();
        {
            std::unique_lock hold{lock_};
            wake_.wait(hold, [this] { return isDone_ || problem_; });
        }
        stream_.stop();
        return problem_ ? session_.fail(*problem_) : Exit::Yes;
    }

private:
    client::EventCallbacks callbacks() {
        client::EventCallbacks made;
        made.onAny = [this](const client::SseEvent& event) {
            const std::lock_guard hold{lock_};
            if (isDone_ || !show(event)) return;
            session_.out().flush();
            if (isEndless_ || --left_ > 0) return;
            isDone_ = true;
            wake_.notify_one();
        };
        made.onState = [this](const client::StreamStatus& status) {
            const bool isLost =
                status.state == client::StreamState::NotAnswering || status.state == client::StreamState::Refused;
            if (!isLost) return;
            const std::lock_guard hold{lock_};
            problem_ = status.problem;
            wake_.notify_one();
        };
        return made;
    }

    Session& session_;
    std::mutex lock_;
    std::condition_variable wake_;
    std::uint64_t left_;
    bool isEndless_;
    bool isDone_ = false;
    std::optional<Error> problem_;
    client::EventStream stream_;
};

void showLine(Session& session, const api::LogLine& line) {
    if (session.json()) {
        session.out() << api::toJson(line) << "\n";
        return;
    }
    session.out() << isoText(line.at) << "  " << api::wordOf(line.level) << "  " << line.id << "  "
                  << cleanUtf8(line.text) << "\n";
}

Exit events(Session& session, const WatchOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    Watch watch{session, *client, options.count, options.logs ? client::StreamLogs::Wanted : client::StreamLogs::None};
    watch.show = [&session](const client::SseEvent& event) {
        if (session.json()) {
            session.out() << R"({"id":")" << event.id << R"(","event":")" << event.name << R"(","data":)" << event.data
                          << "}\n";
        } else {
            session.out() << event.name << "  " << event.data << "\n";
        }
        return true;
    };
    return watch.run();
}

Exit logs(Session& session, const WatchOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto least = api::logLevelOf(options.level).value_or(LogLevel::Debug);
    const auto lines = client->logs(least, options.limit);
    if (!lines) return session.fail(lines.error());
    if (session.json() && !options.follow) {
        session.out() << api::toJson(api::LogLines{*lines}) << "\n";
        return Exit::Yes;
    }
    for (const auto& line : *lines)
        showLine(session, line);
    if (!options.follow) return Exit::Yes;
    session.out().flush();
    Watch watch{session, *client, options.count, client::StreamLogs::Wanted};
    watch.show = [&session, least](const client::SseEvent& event) {
        if (event.name != "log") return false;
        const auto more = api::fromJson<api::LogLines>(event.data);
        if (!more) return false;
        for (const auto& line : more->items) {
            if (line.level >= least) showLine(session, line);
        }
        return true;
    };
    return watch.run();
}

Exit audit(Session& session, const WatchOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto page = client->audit({}, options.limit);
    if (!page) return session.fail(page.error());
    return session.print(*page, [&] {
        constexpr std::size_t kMostText = 60;
        Table table{{{"WHEN"}, {"WHO"}, {"FROM"}, {"ACTION"}, {"SUBJECT"}, {"BEFORE"}, {"AFTER"}}};
        const auto shortened = [](const std::string& text) {
            return text.size() <= kMostText ? text : std::string(cutUtf8(text, kMostText)) + "...";
        };
        for (const auto& entry : page->items) {
            table.add({isoText(entry.at), entry.who, entry.from, entry.action, entry.subject, shortened(entry.before),
                       shortened(entry.after)});
        }
        session.out() << table.text();
    });
}

}  // namespace

void addWatchCommands(CLI::App& app, Action& action) {
    auto options = std::make_shared<WatchOptions>();
    const auto add = [&](const char* word, const char* help, Exit (*command)(Session&, const WatchOptions&)) {
        auto* sub = app.add_subcommand(word, help);
        sub->callback([&action, options, command] {
            action = [options, command](Session& session) { return command(session, *options); };
        });
        return sub;
    };
    const auto count = [&options](CLI::App* sub) {
        sub->add_option("--count", options->count, "Ends after so many")->type_name("N");
    };
    auto* watching = add("events", "Changes of the service as they happen", events);
    watching->add_flag("--follow", options->follow, "Goes on until it is stopped (this is what it does anyway)");
    watching->add_flag("--logs", options->logs, "Log lines too");
    count(watching);
    auto* lines = add("logs", "The last lines of the log", logs);
    lines->add_option("--level", options->level, "Least level")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}))
        ->capture_default_str();
    lines->add_option("--limit", options->limit, "How many lines")->check(CLI::Range(1, 5000))->capture_default_str();
    lines->add_flag("--follow", options->follow, "Shows more as they come");
    count(lines);
    auto* changes = add("audit", "Who changed what, newest first", audit);
    changes->add_option("--limit", options->limit, "How many entries")
        ->check(CLI::Range(1, 5000))
        ->capture_default_str();
}

}  // namespace causeway::cli
