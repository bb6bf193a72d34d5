#include <algorithm>
#include <chrono>
#include <csignal>
#include <memory>
#include <set>
#include <utility>

#include "console/cli/chat_lookup.h"
#include "console/cli/commands.h"
#include "console/cli/stream_news.h"
#include "console/cli/table.h"
#include "console/report/trace_diff.h"
#include "console/report/trace_html.h"
#include "console/report/trace_words.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

struct TraceOptions {
    std::uint64_t id = 0;
    std::uint64_t other = 0;
    std::string to;
    std::string from;
    bool isFull = false;
    bool readLists = false;
    std::vector<std::string> steps;
    std::uint32_t repeat = 0;
    std::string packets;  ///< file
    std::string report;   ///< file
    std::string user;     ///< alice@chat.example.com
    std::string domain;
    std::vector<std::string> resolvers;
    bool asksPassword = false;
};

/// Ctrl-C while it lives: the first one is noted, the next one ends the program.
class Interrupts {
public:
    Interrupts() {
        noted_ = 0;
        before_ = std::signal(SIGINT, &note);
    }
    ~Interrupts() { std::signal(SIGINT, before_ == SIG_ERR ? SIG_DFL : before_); }
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;
    static bool isNoted() { return noted_ != 0; }

private:
    static void note(int) {
        noted_ = 1;
        std::signal(SIGINT, SIG_DFL);
    }
    static volatile std::sig_atomic_t noted_;
    void (*before_)(int) = SIG_DFL;
};
volatile std::sig_atomic_t Interrupts::noted_ = 0;

bool isOver(TraceGrade grade) {
    return grade != TraceGrade::Waiting && grade != TraceGrade::Running;
}

std::string padded(std::string text, std::size_t width) {
    const auto wide = displayWidth(text);
    if (wide < width) text.append(width - wide, ' ');
    return text;
}

enum class Details { Hidden, Shown };

void showRow(Session& session, const TraceReport& trace, const TraceRow& row, Details details) {
    auto& out = session.out();
    out << padded(report::gradeText(row.grade), 14) << padded(infoOf(row.step).title, 18) << cleanUtf8(row.result);
    if (row.leg != TraceLeg::AToY) out << "  (" << cleanUtf8(report::legText(row.leg, trace)) << ")";
    out << "\n";
    if (details == Details::Hidden) return;
    const std::string indent(32, ' ');
    if (!row.by.empty()) out << indent << "measured by " << cleanUtf8(row.by) << "\n";
    if (!row.method.empty()) out << indent << "method: " << cleanUtf8(row.method) << "\n";
    for (const auto& line : row.details)
        out << indent << cleanUtf8(line) << "\n";
    if (!row.gains.empty()) out << indent << "more is possible: " << cleanUtf8(row.gains) << "\n";
}

void showVerdict(Session& session, const Verdict& verdict, const char* head) {
    auto& out = session.out();
    out << "\n" << head << ": " << report::codeText(verdict) << ", " << wordOf(verdict.certainty) << "\n";
    if (!verdict.sentence.empty()) out << "  " << cleanUtf8(verdict.sentence) << "\n";
    if (!verdict.remedy.empty()) out << "What to do:\n";
    std::size_t number = 0;
    for (const auto& step : verdict.remedy) {
        out << "  " << ++number << ". " << cleanUtf8(step.text) << "\n";
        if (step.command.empty()) continue;
        for (const auto line : split(step.command, '\n'))
            out << "       " << cleanUtf8(line) << "\n";
    }
    if (const auto missing = report::missingText(verdict); !missing.empty())
        out << "To be surer: " << cleanUtf8(missing) << "\n";
}

void showVerdicts(Session& session, const TraceReport& trace) {
    for (std::size_t i = 0; i < trace.verdicts.size(); ++i)
        showVerdict(session, trace.verdicts[i], i == 0 ? "Verdict" : "Also");
}

std::string kindText(const TraceRequest& request) {
    if (request.isOfDomain()) return "login";
    if (!request.only.empty()) return "steps";
    return request.isQuick ? "quick" : "full";
}

std::string verdictText(const TraceReport& trace) {
    const auto* verdict = trace.verdict();
    return verdict == nullptr ? "-" : wordOf(verdict->code);
}

Exit exitOf(const TraceReport& trace) {
    const auto* verdict = trace.verdict();
    return verdict != nullptr && verdict->code == VerdictCode::Ok ? Exit::Yes : Exit::Negative;
}

Exit endOf(Session& session, const TraceReport& trace) {
    if (session.json()) {
        session.out() << api::toJson(trace) << "\n";
        return exitOf(trace);
    }
    if (!trace.trouble.empty()) session.err() << "causewayctl: " << cleanUtf8(trace.trouble) << "\n";
    showVerdicts(session, trace);
    session.out() << "\nTrace " << trace.id << " is " << wordOf(trace.state) << ": " << countText(trace.packetsSent)
                  << " packets sent, " << countText(trace.packetsReceived) << " received. causewayctl trace export "
                  << trace.id << " --report FILE.html makes a report of it.\n";
    return exitOf(trace);
}

/// Rows as they finish, until the trace is over.
Exit follow(Session& session, client::ApiClient& client, StreamNews& news, std::uint64_t id) {
    std::set<std::pair<TraceStep, TraceLeg>> shown;
    bool hasStopped = false;
    while (true) {
        const auto trace = client.trace(id);
        if (!trace) return session.fail(trace.error());
        for (const auto& row : trace->rows) {
            if (session.json() || !isOver(row.grade) || !shown.insert({row.step, row.leg}).second) continue;
            showRow(session, *trace, row, Details::Hidden);
        }
        session.out().flush();
        if (trace->state != TraceState::Running) return endOf(session, *trace);
        const auto kind = news.wait([&hasStopped] { return !hasStopped && Interrupts::isNoted(); });
        if (kind == StreamNews::Kind::Lost) {
            return session.fail({Code::Unavailable, "The service does not answer any more.",
                                 "It stopped, or the network broke.",
                                 "The trace may go on; look at causewayctl trace show " + std::to_string(id) + "."});
        }
        if (kind == StreamNews::Kind::Interrupted) {
            hasStopped = true;
            session.err() << "causewayctl: stops the trace; what was measured is judged.\n";
            if (const auto stopped = client.stopTrace(id); !stopped) return session.fail(stopped.error());
        }
    }
}

Exit startAndFollow(Session& session, client::ApiClient& client, const TraceRequest& request) {
    const Interrupts interrupts;
    StreamNews news{client, [](auto& events, const auto& told) { events.onTrace = [told](const auto&) { told(); }; }};
    api::ErrorDocument details;
    const auto started = client.startTrace(request, &details);
    if (!started) return failWithFields(session, started.error(), details);
    if (!session.json()) {
        session.out() << "Trace " << started->id << ", " << kindText(started->request) << ": "
                      << cleanUtf8(report::pairText(*started)) << "\n";
        session.out().flush();
    }
    return follow(session, client, news, started->id);
}

Exit run(Session& session, const TraceOptions& options) {
    TraceRequest request;
    request.to = options.to;
    request.from = options.from;
    request.isQuick = !options.isFull;
    request.readLists = options.readLists;
    request.repeatMinutes = options.repeat;
    for (const auto& word : options.steps) {
        const auto step = traceStepOf(word);
        if (!step) return session.usage("--step: there is no step \"" + cleanUtf8(cutUtf8(word, 60)) + "\".");
        request.only.push_back(*step);
    }
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    return startAndFollow(session, *client, request);
}

Exit runOfDomain(Session& session, const TraceOptions& options) {
    if (options.user.empty() && options.domain.empty())
        return session.usage(
            "say what to trace: run USER, an address such as alice@chat.example.com, or --domain NAME.");
    TraceRequest request;
    request.user = options.user;
    request.domain = options.user.empty() ? options.domain : std::string();
    request.resolvers = options.resolvers;
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    if (options.asksPassword) {
        auto password = session.terminal().askPassword("Password of " + cleanUtf8(options.user));
        if (!password) return session.fail(password.error());
        request.password = *password;
    }
    return startAndFollow(session, *client, request);
}

Exit list(Session& session) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto all = client->traces();
    if (!all) return session.fail(all.error());
    return session.print(api::TraceList{*all}, [&] {
        Table table{{{"ID", Table::Align::Right}, {"STATE"}, {"STARTED"}, {"BY"}, {"KIND"}, {"VERDICT"}, {"PAIR"}}};
        for (const auto& trace : *all) {
            table.add({std::to_string(trace.id), wordOf(trace.state), agoText(trace.startedAt, Session::now()),
                       trace.by, kindText(trace.request), verdictText(trace), report::pairText(trace)});
        }
        session.out() << table.text();
    });
}

Exit show(Session& session, const TraceOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto trace = client->trace(options.id);
    if (!trace) return session.fail(trace.error());
    return session.print(*trace, [&] {
        session.out() << "Trace " << trace->id << ", " << kindText(trace->request) << ", " << wordOf(trace->state)
                      << ": " << cleanUtf8(report::pairText(*trace)) << "\n"
                      << "Started " << report::timeText(trace->startedAt) << " by " << cleanUtf8(trace->by) << "\n";
        if (!trace->trouble.empty()) session.out() << cleanUtf8(trace->trouble) << "\n";
        session.out() << "\n";
        for (const auto& row : trace->rows)
            showRow(session, *trace, row, Details::Shown);
        showVerdicts(session, *trace);
    });
}

Exit stop(Session& session, const TraceOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto stopped = client->stopTrace(options.id);
    if (!stopped) return session.fail(stopped.error());
    return session.done(*stopped, "Trace " + std::to_string(options.id) + " is told to stop; what was measured stays.");
}

Exit remove(Session& session, const TraceOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto removed = client->removeTrace(options.id);
    if (!removed) return session.fail(removed.error());
    return session.done("Trace " + std::to_string(options.id) + " is removed.");
}

/// To the file, or to standard output if its name is "-".
Result<void> write(Session& session, const std::string& name, const std::string& bytes) {
    if (name != "-") return Session::writeFile(name, bytes);
    session.out() << bytes;
    return {};
}

Exit exportTrace(Session& session, const TraceOptions& options) {
    if (options.packets.empty() && options.report.empty())
        return session.usage("say what to export: --pcapng FILE, --report FILE.html or --report FILE.json.");
    const auto ending = lowerAscii(options.report);
    const bool isHtml = ending.ends_with(".html") || ending.ends_with(".htm");
    if (!options.report.empty() && !isHtml && !ending.ends_with(".json"))
        return session.usage("--report: the name of the file must end with .html or .json.");
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    std::string written;
    if (!options.report.empty()) {
        const auto trace = client->trace(options.id);
        if (!trace) return session.fail(trace.error());
        const auto done =
            write(session, options.report, isHtml ? report::traceHtml(*trace) : api::toJson(*trace) + "\n");
        if (!done) return session.fail(done.error());
        written = options.report;
    }
    if (!options.packets.empty()) {
        const auto bytes = client->tracePackets(options.id);
        if (!bytes) return session.fail(bytes.error());
        if (const auto done = write(session, options.packets, *bytes); !done) return session.fail(done.error());
        if (options.packets == "-") return Exit::Yes;
        written += (written.empty() ? "" : " and ") + options.packets;
    }
    return session.done("Trace " + std::to_string(options.id) + " is in " + written + ".");
}

void writeState(api::JsonWriter& out, const char* name, const std::optional<report::RowState>& state) {
    out.key(name);
    if (!state) {
        out.null();
        return;
    }
    out.beginObject();
    out.field("grade", wordOf(state->grade));
    out.field("result", state->result);
    out.endObject();
}

void writeVerdict(api::JsonWriter& out, const char* name, const std::optional<Verdict>& verdict) {
    out.key(name);
    if (verdict) {
        api::writeJson(out, *verdict);
    } else {
        out.null();
    }
}

std::string jsonOf(const report::TraceDiff& diff, const TraceOptions& options) {
    api::JsonWriter out;
    out.beginObject();
    out.field("before", options.id);
    out.field("after", options.other);
    out.field("isChanged", diff.isChanged());
    out.key("rows");
    out.beginArray();
    for (const auto& row : diff.rows) {
        out.beginObject();
        out.field("step", wordOf(row.step));
        out.field("leg", wordOf(row.leg));
        out.field("isChanged", row.isChanged());
        writeState(out, "before", row.before);
        writeState(out, "after", row.after);
        out.endObject();
    }
    out.endArray();
    out.field("isVerdictChanged", diff.isVerdictChanged());
    writeVerdict(out, "verdictBefore", diff.before);
    writeVerdict(out, "verdictAfter", diff.after);
    out.endObject();
    return out.take();
}

std::string stateText(const std::optional<report::RowState>& state) {
    if (!state) return "(not part of it)";
    return report::gradeText(state->grade) + (state->result.empty() ? "" : ": " + state->result);
}

std::string verdictLine(const std::optional<Verdict>& verdict) {
    if (!verdict) return "none";
    return report::codeText(*verdict) + ", " + wordOf(verdict->certainty) + ". " + cleanUtf8(verdict->sentence);
}

Exit diff(Session& session, const TraceOptions& options) {
    auto* client = session.client();
    if (client == nullptr) return session.failed();
    const auto before = client->trace(options.id);
    if (!before) return session.fail(before.error());
    const auto after = client->trace(options.other);
    if (!after) return session.fail(after.error());
    if (!report::isSamePair(*before, *after)) {
        return session.fail({Code::BadInput, "These traces are not of the same pair.",
                             "Trace " + std::to_string(before->id) + " is " + report::pairText(*before) + ", trace " +
                                 std::to_string(after->id) + " is " + report::pairText(*after) + ".",
                             "Choose two traces of one pair; causewayctl trace list shows them."});
    }
    const auto found = report::diffOf(*before, *after);
    const auto exit = found.isChanged() ? Exit::Negative : Exit::Yes;
    if (session.json()) {
        session.out() << jsonOf(found, options) << "\n";
        return exit;
    }
    auto& out = session.out();
    out << cleanUtf8(report::pairText(*after)) << "\n"
        << "before: trace " << before->id << ", " << report::timeText(before->startedAt) << "\n"
        << "after:  trace " << after->id << ", " << report::timeText(after->startedAt) << "\n\n";
    for (const auto& row : found.rows) {
        if (row.isSame()) continue;
        out << (row.isChanged() ? "* " : "  ") << infoOf(row.step).title;
        if (row.leg != TraceLeg::AToY) out << ", " << cleanUtf8(report::legText(row.leg, *after));
        out << "\n    before  " << cleanUtf8(stateText(row.before)) << "\n    after   "
            << cleanUtf8(stateText(row.after)) << "\n";
    }
    out << countText(found.sameRows()) << " of " << countText(found.rows.size()) << " rows are the same.\n\n"
        << "Verdict before  " << verdictLine(found.before) << "\n"
        << "Verdict after   " << verdictLine(found.after) << "\n";
    return exit;
}

}  // namespace

void addTraceCommands(CLI::App& app, Action& action) {
    auto* trace = app.add_subcommand(
        "trace", "Packet trace: why a user does not see another, or why alice@chat.example.com cannot log in");
    trace->require_subcommand(0, 1);
    auto options = std::make_shared<TraceOptions>();
    auto* address =
        trace->add_option("address", options->user, "Who cannot log in: alice@chat.example.com")->type_name("ADDRESS");
    trace->add_option("--domain", options->domain, "The chat domain alone")->type_name("NAME")->excludes(address);
    trace->add_option("--resolver", options->resolvers, "A name server to ask, too; may be there more than once")
        ->type_name("ADDRESS");
    trace
        ->add_flag("--ask-password", options->asksPassword,
                   "Asks for the password and rehearses the login; it is not kept")
        ->needs(address);
    trace->callback([trace, &action, options] {
        if (!trace->get_subcommands().empty()) return;
        action = [options](Session& session) { return runOfDomain(session, *options); };
    });
    const auto add = [&](const char* word, const char* help, Exit (*command)(Session&, const TraceOptions&)) {
        auto* sub = trace->add_subcommand(word, help);
        sub->callback([&action, options, command] {
            action = [options, command](Session& session) { return command(session, *options); };
        });
        return sub;
    };
    auto* starting = add("run", "Traces to a user and shows the rows as they finish; 0 only if the verdict is OK", run);
    starting->add_option("to", options->to, "Who is not seen: a user, an address or a name")->required();
    starting
        ->add_option("--from", options->from, "Who does not see: a user, an address or a name; default: this service")
        ->type_name("USER");
    auto* full = starting->add_flag("--full", options->isFull, "All steps, up to two minutes; else the quick ones");
    starting->add_option("--step", options->steps, "Only these steps, such as echo or chat-probe")
        ->type_name("WORD")
        ->excludes(full);
    starting->add_flag("--lists", options->readLists,
                       "Allows to read the users' own lists; this is written to the audit");
    starting->add_option("--repeat", options->repeat, "Asks again every 10 s for so many minutes")
        ->type_name("MIN")
        ->check(CLI::Range(1U, TraceRequest::kMostRepeatMinutes));
    trace->add_subcommand("list", "The last traces")->callback([&action] { action = list; });
    const auto withId = [&options](CLI::App* sub) {
        sub->add_option("id", options->id, "Id of the trace")->required();
        return sub;
    };
    withId(add("show", "One trace with all that was measured", show));
    withId(add("stop", "Stops a trace; what was measured is judged", stop));
    withId(add("remove", "Removes a trace that does not run", remove));
    auto* exporting = withId(add("export", "Writes a trace to files", exportTrace));
    exporting->add_option("--pcapng", options->packets, "The packets, for Wireshark; - = standard output")
        ->type_name("FILE");
    exporting->add_option("--report", options->report, "A report, FILE.html or FILE.json")->type_name("FILE");
    auto* comparing = withId(add("diff", "Compares two traces of the same pair; 1 if something changed", diff));
    comparing->add_option("other", options->other, "Id of the later trace")->required();
}

}  // namespace causeway::cli
