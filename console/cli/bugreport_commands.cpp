#include <algorithm>
#include <cstdlib>
#include <memory>

#include <Poco/Environment.h>
#include <Poco/Exception.h>

#include "console/cli/commands.h"
#include "console/cli/table.h"
#include "console/client/zip_file.h"
#include "console/report/bug_report.h"
#include "shared/api/json_writer.h"
#include "shared/base/text.h"

namespace causeway::cli {

namespace {

struct ReportOptions {
    std::string output;
    std::uint64_t trace = 0;
    bool isAnonymous = false;
    bool listsOnly = false;
    bool overwrites = false;
    std::string shown;
    std::vector<std::string> leftOut;
};

std::string variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): read at start, nothing sets it
    return value == nullptr ? "not set" : value;
}

void addOwnPart(report::BugReportParts& parts) {
    parts.program = "causewayctl " CAUSEWAY_VERSION;
    parts.madeAt = Session::now();
    try {
        parts.facts.emplace_back("system", Poco::Environment::osDisplayName());
        parts.facts.emplace_back("system version", Poco::Environment::osVersion());
        parts.facts.emplace_back("architecture", Poco::Environment::osArchitecture());
        parts.names.push_back({NameKind::Host, Poco::Environment::nodeName()});
    } catch (const Poco::Exception& trouble) {
        parts.facts.emplace_back("system", trouble.displayText());
    }
    for (const auto* name : {"LANG", "LC_ALL", "TERM"})
        parts.facts.emplace_back(name, variable(name));
}

/// What the service gives; what is missing is told at once and stands in the report.
Exit addServicePart(Session& session, const ReportOptions& options, report::BugReportParts& parts) {
    auto* client = session.client();
    if (client == nullptr) {
        parts.trouble = session.lastError();
        return session.failed();
    }
    parts.connectedTo = client->address().text();
    auto exit = Exit::Yes;
    if (auto service = client->bugReport()) {
        parts.service = std::move(*service);
    } else {
        parts.trouble = service.error();
        exit = session.fail(service.error());
    }
    if (options.trace == 0) return exit;
    const auto id = std::to_string(options.trace);
    if (auto packets = client->tracePackets(options.trace)) {
        parts.packets = ReportFile{"packets/trace-" + id + ".pcapng", "Packets of trace " + id + ", for Wireshark.",
                                   std::move(*packets)};
    } else {
        parts.packetsTrouble = packets.error();
        const auto failed = session.fail(packets.error());
        if (exit == Exit::Yes) exit = failed;
    }
    return exit;
}

void writeFiles(api::JsonWriter& out, const std::vector<ReportFile>& files) {
    out.key("files");
    out.beginArray();
    for (const auto& file : files) {
        out.beginObject();
        out.field("name", file.name);
        out.field("about", file.about);
        out.field("size", file.content.size());
        out.endObject();
    }
    out.endArray();
}

void list(Session& session, const std::vector<ReportFile>& files) {
    if (session.json()) {
        api::JsonWriter out;
        out.beginObject();
        writeFiles(out, files);
        out.endObject();
        session.out() << out.take() << "\n";
        return;
    }
    Table table{{{"FILE"}, {"BYTES", Table::Align::Right}, {"WHAT IT IS"}}};
    for (const auto& file : files)
        table.add({file.name, std::to_string(file.content.size()), file.about});
    session.out() << table.text();
}

Exit save(Session& session, const ReportOptions& options, const report::BugReportParts& parts,
          const std::vector<ReportFile>& files) {
    const auto name = options.output.empty() ? report::bugReportFileName(parts.madeAt) : options.output;
    const auto size =
        client::writeZip(name, files, options.overwrites ? client::Existing::Replace : client::Existing::Refuse);
    if (!size) {
        auto error = size.error();
        if (error.code == Code::Conflict) error.todo = "Choose another name with --output, or add --force.";
        return session.fail(error);
    }
    if (session.json()) {
        api::JsonWriter out;
        out.beginObject();
        out.field("path", name);
        out.field("size", *size);
        out.field("isComplete", parts.service.has_value() && !parts.packetsTrouble);
        out.field("isAnonymous", options.isAnonymous);
        writeFiles(out, files);
        out.endObject();
        session.out() << out.take() << "\n";
        return Exit::Yes;
    }
    session.out() << "The report is in " << name << ", " << *size << " bytes, " << files.size() << " files"
                  << (parts.service ? "" : ", without the part of the service")
                  << (options.isAnonymous ? ", with names and addresses replaced" : "")
                  << ". Nothing was sent anywhere. Look through it before you give it to somebody.\n";
    return Exit::Yes;
}

Exit bugReport(Session& session, const ReportOptions& options) {
    report::BugReportParts parts;
    addOwnPart(parts);
    const auto reached = addServicePart(session, options, parts);
    report::BugReportChoice choice;
    choice.leftOut.insert(options.leftOut.begin(), options.leftOut.end());
    choice.names = options.isAnonymous ? report::Names::Replaced : report::Names::AsTheyAre;
    const auto all = report::bugReportFiles(parts, choice);
    const auto hasFile = [&all](const std::string& name) {
        return std::any_of(all.begin(), all.end(), [&name](const ReportFile& file) { return file.name == name; });
    };
    for (const auto& name : options.leftOut) {
        const bool isOfMissingPart = !parts.service && name.starts_with("service/");
        if (name == report::kReadme || (!hasFile(name) && !isOfMissingPart))
            return session.usage("--leave-out: \"" + cleanUtf8(name) +
                                 "\" cannot be left out; --list names the files.");
    }
    const auto files = report::chosenFiles(all, choice);
    if (options.isAnonymous && parts.packets)
        session.err() << "causewayctl: the packets are left out: names and addresses in them cannot be replaced.\n";
    if (!options.shown.empty()) {
        if (!hasFile(options.shown))
            return session.usage("--show: there is no file \"" + cleanUtf8(options.shown) + "\"; --list names them.");
        for (const auto& file : all) {
            if (file.name == options.shown) session.out() << file.content;
        }
        return reached;
    }
    if (options.listsOnly) {
        list(session, files);
        return reached;
    }
    const auto saved = save(session, options, parts, files);
    return saved == Exit::Yes ? reached : saved;
}

}  // namespace

void addBugReportCommands(CLI::App& app, Action& action) {
    auto options = std::make_shared<ReportOptions>();
    auto* sub = app.add_subcommand(
        "bugreport", "Saves settings without secrets, traces, logs and versions in a zip file; sends nothing anywhere");
    sub->add_option("--output", options->output, "The file to write; default: causeway-bugreport-DATE-TIME.zip here")
        ->type_name("FILE.zip");
    sub->add_option("--trace", options->trace, "The packets of this trace, too")->type_name("ID");
    sub->add_flag("--anonymous", options->isAnonymous,
                  "Names and addresses are replaced, the same ones by the same words");
    sub->add_option("--leave-out", options->leftOut, "A file that is not saved; may be there more than once")
        ->type_name("NAME");
    sub->add_flag("--list", options->listsOnly, "Only lists the files; nothing is saved");
    sub->add_option("--show", options->shown, "Only shows this file; nothing is saved")->type_name("NAME");
    sub->add_flag("--force", options->overwrites, "Replaces a file of that name");
    sub->callback(
        [&action, options] { action = [options](Session& session) { return bugReport(session, *options); }; });
}

}  // namespace causeway::cli
