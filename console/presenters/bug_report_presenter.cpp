#include "console/presenters/bug_report_presenter.h"

#include <algorithm>

#include "console/client/zip_file.h"
#include "console/presenters/text_format.h"
#include "console/presenters/words.h"
#include "console/report/trace_words.h"

namespace causeway::console {

namespace {

constexpr std::size_t kMostTraces = 50;

std::uint64_t sizeOf(const std::vector<ReportFile>& files) {
    std::uint64_t bytes = 0;
    for (const auto& file : files)
        bytes += file.content.size();
    return bytes;
}

}  // namespace

BugReportPresenter::BugReportPresenter(Session& session, Own own) : session_(session) {
    parts_.program = std::move(own.program);
    parts_.facts = std::move(own.facts);
    parts_.log = std::move(own.log);
    for (auto& name : own.hostNames)
        parts_.names.push_back({NameKind::Host, std::move(name)});
    traces_.push_back({0, tr("No packets")});
    files_ = std::make_shared<std::vector<ReportFile>>();
}

void BugReportPresenter::changed() {
    if (onChanged) onChanged();
}

void BugReportPresenter::load() {
    parts_.madeAt = session_.now();
    parts_.connectedTo = session_.addressText();
    parts_.trouble.reset();
    saved_.reset();
    if (!session_.hasService()) {
        parts_.trouble = Error{Code::Unavailable, "No service is connected.", "", "Connect to a service first."};
        return build();
    }
    ++pending_;
    changed();
    session_.ask(
        life_, [](client::ApiClient& service) { return service.bugReport(); },
        [this](const Result<BugReport>& answer) {
            --pending_;
            if (answer) {
                parts_.service = *answer;
            } else {
                parts_.trouble = answer.error();
            }
            build();
        });
    loadTraces();
}

void BugReportPresenter::loadTraces() {
    session_.ask(
        life_, [](client::ApiClient& service) { return service.traces(); },
        [this](const Result<std::vector<TraceReport>>& answer) {
            if (!answer) return;
            traces_.resize(1);
            for (const auto& each : *answer) {
                if (traces_.size() > kMostTraces) break;
                traces_.push_back(
                    {each.id, fill(tr("Trace %1: %2"), {std::to_string(each.id), report::pairText(each)})});
            }
            changed();
        });
}

void BugReportPresenter::build() {
    ++pending_;
    changed();
    auto* executor = &session_.executor();
    executor->work(
        [this, executor, alive = std::weak_ptr<void>(life_), number = ++builds_, parts = parts_, choice = choice_] {
            auto files = std::make_shared<const std::vector<ReportFile>>(report::bugReportFiles(parts, choice));
            executor->ui([this, alive, number, files] {
                if (alive.expired()) return;
                --pending_;
                if (number == builds_) {
                    files_ = files;
                    rows_.clear();
                    for (const auto& file : *files_) {
                        const bool isFixed = file.name == report::kReadme;
                        rows_.push_back({file.name, file.about, bytesText(file.content.size()),
                                         isFixed || !choice_.leftOut.contains(file.name), isFixed});
                    }
                }
                changed();
            });
        });
}

LoginLine BugReportPresenter::contentLine() const {
    const auto chosen = report::chosenFiles(*files_, choice_);
    auto text = trn("%1 file", "%1 files", chosen.size()) + ", " + bytesText(sizeOf(chosen)) + ". ";
    if (!parts_.service) {
        return {Mark::Partly, text + tr("The part of the service is missing.") +
                                  (parts_.trouble ? "\n" + errorLines(*parts_.trouble) : std::string())};
    }
    if (parts_.packetsTrouble) return {Mark::Partly, text + "\n" + errorLines(*parts_.packetsTrouble)};
    if (isAnonymous() && trace_ != 0)
        return {Mark::Fine, text + tr("Packets are left out: names and addresses in them cannot be replaced.")};
    return {Mark::Fine, text + tr("Nothing is sent anywhere; look through the files before you save them.")};
}

LoginLine BugReportPresenter::line() const {
    if (isBusy()) return {Mark::Unknown, tr("The files are gathered ...")};
    return saved_ ? *saved_ : contentLine();
}

std::string BugReportPresenter::textOf(const std::string& name) const {
    for (const auto& file : *files_) {
        if (file.name != name) continue;
        if (name.ends_with(".pcapng"))
            return fill(tr("These are packets, %1. Wireshark shows them."), {bytesText(file.content.size())});
        return file.content;
    }
    return {};
}

void BugReportPresenter::setIncluded(const std::string& name, bool isIncluded) {
    if (name == report::kReadme) return changed();
    saved_.reset();
    if (isIncluded) {
        choice_.leftOut.erase(name);
    } else {
        choice_.leftOut.insert(name);
    }
    build();
}

void BugReportPresenter::setAnonymous(bool isOn) {
    saved_.reset();
    choice_.names = isOn ? report::Names::Replaced : report::Names::AsTheyAre;
    build();
}

void BugReportPresenter::setTrace(std::uint64_t id) {
    if (id == trace_) return;
    saved_.reset();
    trace_ = id;
    parts_.packets.reset();
    parts_.packetsTrouble.reset();
    if (id == 0) return build();
    ++pending_;
    changed();
    session_.ask(
        life_, [id](client::ApiClient& service) { return service.tracePackets(id); },
        [this, id](const Result<std::string>& answer) {
            --pending_;
            if (id != trace_) return changed();
            const auto number = std::to_string(id);
            if (answer) {
                parts_.packets = ReportFile{"packets/trace-" + number + ".pcapng",
                                            "Packets of trace " + number + ", for Wireshark.", *answer};
            } else {
                parts_.packetsTrouble = answer.error();
            }
            build();
        });
}

void BugReportPresenter::save(const std::string& path) {
    saved_.reset();
    ++pending_;
    changed();
    auto* executor = &session_.executor();
    executor->work(
        [this, executor, alive = std::weak_ptr<void>(life_), path, chosen = report::chosenFiles(*files_, choice_)] {
            const auto size = client::writeZip(path, chosen, client::Existing::Replace);
            executor->ui([this, alive, path, size, count = chosen.size()] {
                if (alive.expired()) return;
                --pending_;
                if (size) {
                    saved_ = LoginLine{Mark::Fine, fill(tr("The report is in %1 (%2, %3). Nothing was sent anywhere."),
                                                        {path, bytesText(*size), trn("%1 file", "%1 files", count)})};
                    if (!parts_.service) {
                        saved_->mark = Mark::Partly;
                        saved_->text += " " + tr("The part of the service is missing.");
                    }
                } else {
                    saved_ = LoginLine{Mark::Broken, errorLines(size.error())};
                }
                changed();
            });
        });
}

}  // namespace causeway::console
