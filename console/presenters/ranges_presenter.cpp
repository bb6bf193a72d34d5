#include "console/presenters/ranges_presenter.h"

#include <algorithm>
#include <map>

#include "console/presenters/text_format.h"
#include "shared/base/text.h"

namespace causeway::console {

namespace {

constexpr Duration kPreviewAfter = 400ms;

std::string lineText(const std::string& text) {
    return std::string(trimmed(text));
}

/// One a line, in the order of the service; a line that is switched off stays in the text.
std::string textOfList(const api::RangeList& list) {
    std::string text;
    for (const auto& row : list.items)
        text += row.range.text + "\n";
    return text;
}

}  // namespace

RangesPresenter::RangesPresenter(Session& session) : Presenter(session) {}

bool RangesPresenter::isEditable() const {
    return whyReadOnly().empty();
}

std::string RangesPresenter::whyReadOnly() const {
    if (session_.connection() == Connection::Live)
        return session_.mayChange() ? std::string{}
                                    : tr("Your role may only look. Ask for the role admin to change ranges.");
    return session_.hasService() ? tr("The service does not answer now; ranges can be changed when it does.")
                                 : tr("No service is connected.");
}

void RangesPresenter::setText(const std::string& text) {
    std::string plain;
    plain.reserve(text.size());
    for (const char letter : text) {
        if (letter != '\r') plain.push_back(letter);
    }
    if (plain == text_) return;
    if (!isDirty()) editedRevision_ = stored_.revision;
    text_ = std::move(plain);
    ++edit_;
    previewHere();
    previewDue_ = session_.now() + kPreviewAfter;
    if (!isDirty() && isOutdated_) takeStored(api::RangeList(stored_));
    changed();
}

void RangesPresenter::previewHere() {
    preview_ = previewRanges(text_, ownSegments_, packetsPerSecond_, allowsLoopback_);
    isPreviewOfService_ = false;
}

void RangesPresenter::tick() {
    if (previewDue_ && session_.now() >= *previewDue_) previewAtService();
}

void RangesPresenter::previewAtService() {
    previewDue_.reset();
    session_.ask(
        life(), [text = text_](client::ApiClient& service) { return service.previewRanges(text); },
        [this, edit = edit_](const Result<RangePreview>& answer) {
            if (!answer || edit != edit_) return;
            preview_ = *answer;
            isPreviewOfService_ = true;
            changed();
        });
}

std::string RangesPresenter::previewText() const {
    std::string text = trn("%1 address", "%1 addresses", preview_.addresses);
    if (preview_.names > 0) text += ", " + trn("%1 name", "%1 names", preview_.names);
    if (preview_.broadcasts > 0) text += ", " + trn("%1 broadcast", "%1 broadcasts", preview_.broadcasts);
    if (preview_.excluded > 0) text += ", " + fill(tr("%1 excluded"), {countText(preview_.excluded)});
    if (preview_.skippedOwn > 0)
        text += ", " + fill(tr("%1 left out because they are in own segments"), {countText(preview_.skippedOwn)});
    if (preview_.addresses + preview_.names + preview_.broadcasts > 0)
        text += "; " + fill(tr("a sweep takes %1"), {durationText(preview_.sweepTime)});
    if (!preview_.problems.empty())
        text += "; " + trn("%1 line is not understood", "%1 lines are not understood", preview_.problems.size());
    return text;
}

std::vector<RangeLineState> RangesPresenter::lines() const {
    const auto now = session_.now();
    std::multimap<std::string, const RemoteRange*> known;
    for (const auto& row : stored_.items)
        known.emplace(lineText(row.range.text), &row.range);
    std::vector<RangeLineState> states;
    std::size_t number = 0;
    for (const auto line : split(text_, '\n')) {
        RangeLineState state;
        state.line = ++number;
        const auto problem = std::find_if(preview_.problems.begin(), preview_.problems.end(),
                                          [&state](const RangeLineProblem& one) { return one.line == state.line; });
        const auto content = lineText(std::string(line));
        if (problem != preview_.problems.end()) {
            state.mark = Mark::Broken;
            state.text = problem->text;
            state.column = problem->column;
            states.push_back(std::move(state));
            continue;
        }
        const auto parsed = parseRangeLine(line, allowsLoopback_);
        if (!content.empty()) {
            if (const auto same = known.find(content); same != known.end()) {
                state.rangeId = same->second->id;
                state.isEnabled = same->second->isEnabled;
                const auto& range = *same->second;
                if (!range.problem.empty()) {
                    state.mark = Mark::Broken;
                    state.text = range.problem;
                } else if (range.lastRun && range.answers > 0) {
                    state.mark = Mark::Fine;
                    state.text = fill(
                        tr("%1 of %2 answered, %3"),
                        {countText(range.answers), countText(range.addressCount), relativeTime(*range.lastRun, now)});
                } else if (range.lastRun) {
                    state.mark = range.lastAnswer ? Mark::Partly : Mark::Unknown;
                    state.text = range.silentSince ? fill(tr("Silent since %1"), {exactTime(*range.silentSince)})
                                                   : tr("Nobody answered");
                }
                known.erase(same);
            }
        }
        if (parsed && parsed->kind != RangeKind::Blank && state.text.empty()) {
            if (parsed->isExclusion) {
                state.text = tr("Left out");
            } else if (parsed->kind == RangeKind::Name || parsed->kind == RangeKind::Broadcast) {
                state.text = kindText(parsed->kind);
            } else {
                state.text = trn("%1 address", "%1 addresses", parsed->addresses());
            }
            if (!parsed->isExclusion) state.mark = Mark::Unknown;
        }
        if (!state.isEnabled) {
            state.text = tr("Switched off");
            state.mark = Mark::Unknown;
        }
        states.push_back(std::move(state));
    }
    return states;
}

bool RangesPresenter::canSave() const {
    return whyNotSave().empty();
}

std::string RangesPresenter::whyNotSave() const {
    if (auto why = whyReadOnly(); !why.empty()) return why;
    if (!isDirty()) return tr("Nothing was changed.");
    if (isSaving_) return tr("Saving ...");
    if (!preview_.problems.empty()) return tr("Some lines are not understood; see beside them.");
    return {};
}

void RangesPresenter::save(std::function<void(RangesSave, const std::optional<Error>&)> done) {
    if (isOutdated_) {
        if (done) done(RangesSave::Conflict, Error{Code::Conflict, conflictText()});
        return;
    }
    send(editedRevision_, std::move(done));
}

void RangesPresenter::overwrite(std::function<void(RangesSave, const std::optional<Error>&)> done) {
    send(std::nullopt, std::move(done));
}

void RangesPresenter::send(std::optional<std::uint64_t> revision,
                           std::function<void(RangesSave, const std::optional<Error>&)> done) {
    if (const auto why = whyNotSave(); !why.empty()) {
        if (done) done(RangesSave::Failed, Error{Code::BadInput, why});
        return;
    }
    isSaving_ = true;
    changed();
    struct Answer {
        Result<api::RangeList> list;
        api::ErrorDocument details;
    };
    session_.ask(
        life(),
        [text = text_, revision](client::ApiClient& service) {
            api::ErrorDocument details;
            auto list = service.replaceRanges(text, revision, &details);
            return Answer{std::move(list), std::move(details)};
        },
        [this, done = std::move(done), sent = text_](const Answer& answer) {
            isSaving_ = false;
            if (answer.list) {
                isOutdated_ = false;
                // What the user typed while it was being saved stays.
                const bool typedOn = text_ != sent;
                const auto typed = text_;
                takeStored(*answer.list);
                if (typedOn) {
                    text_ = typed;
                    previewHere();
                }
                if (done) done(RangesSave::Saved, std::nullopt);
                changed();
                return;
            }
            const auto& error = answer.list.error();
            const bool isConflict = answer.details.status == 412 || error.code == Code::Conflict;
            if (isConflict) isOutdated_ = true;
            for (const auto& problem : answer.details.errors) {
                if (problem.line > 0) {
                    preview_.problems.push_back(
                        {problem.line, problem.column > 0 ? problem.column - 1 : 0, problem.detail});
                }
            }
            if (done) done(isConflict ? RangesSave::Conflict : RangesSave::Failed, error);
            changed();
        });
}

std::string RangesPresenter::conflictText() const {
    return tr(
        "Somebody else changed the ranges since you began. Load them again and lose your text, or overwrite them with "
        "your text.");
}

void RangesPresenter::revert() {
    isOutdated_ = false;
    takeStored(api::RangeList(stored_));
    changed();
}

void RangesPresenter::reload() {
    isOutdated_ = false;
    text_ = savedText_;
    session_.ask(
        life(), [](client::ApiClient& service) { return service.ranges(); },
        [this](const Result<api::RangeList>& answer) {
            if (answer) {
                problem_.reset();
                rangesChanged(*answer);
            } else {
                problem_ = answer.error();
            }
            changed();
        });
    revert();
}

void RangesPresenter::setEnabled(std::uint64_t rangeId, bool isEnabled, Done done) {
    if (!isEditable()) {
        if (done) done(Error{Code::Denied, whyReadOnly()});
        return;
    }
    session_.ask(
        life(),
        [rangeId, isEnabled](client::ApiClient& service) {
            api::RangeRequest change;
            change.isEnabled = isEnabled;
            return service.changeRange(rangeId, change);
        },
        [this, done = std::move(done)](const Result<api::RangeRow>& answer) {
            if (answer) {
                for (auto& row : stored_.items) {
                    if (row.range.id == answer->range.id) row = *answer;
                }
                changed();
            }
            if (done) done(answer ? Result<void>{} : Result<void>{answer.error()});
        });
}

void RangesPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        takeStored({});
        isOutdated_ = isSaving_ = false;
        previewDue_.reset();
    }
    changed();
}

void RangesPresenter::resync() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.ranges(); },
        [this](const Result<api::RangeList>& answer) {
            if (answer) {
                problem_.reset();
                rangesChanged(*answer);
            } else {
                problem_ = answer.error();
                changed();
            }
        });
    loadSettings();
}

void RangesPresenter::rangesChanged(const api::RangeList& list) {
    if (!isDirty()) {
        takeStored(list);
    } else {
        // Results and switches change the revision's rows too; only other lines are a conflict for the text.
        const bool isSameText = textOfList(list) == savedText_;
        stored_ = list;
        if (isSameText) {
            editedRevision_ = list.revision;
        } else if (!isSaving_) {
            isOutdated_ = true;
        }
    }
    changed();
}

void RangesPresenter::takeStored(const api::RangeList& list) {
    stored_ = list;
    text_ = savedText_ = textOfList(list);
    editedRevision_ = list.revision;
    isOutdated_ = false;
    ++edit_;
    previewHere();
}

void RangesPresenter::statusChanged(const api::ServiceStatus& status) {
    std::vector<Network4> own;
    for (const auto& interface : status.lan.interfaces)
        own.push_back(interface.network);
    if (own == ownSegments_) return;
    ownSegments_ = std::move(own);
    if (!isPreviewOfService_) previewHere();
    changed();
}

void RangesPresenter::settingsChanged(const api::SettingsEvent& /*event*/) {
    loadSettings();
}

void RangesPresenter::loadSettings() {
    session_.ask(
        life(), [](client::ApiClient& service) { return service.settings(); },
        [this](const Result<api::SettingList>& answer) {
            if (!answer) return;
            for (const auto& item : answer->items) {
                if (item.key == "lan.allow_loopback") allowsLoopback_ = item.value == "true";
                if (item.key == "lan.packets_per_second") {
                    std::uint32_t rate = 0;
                    for (const char digit : item.value) {
                        if (digit >= '0' && digit <= '9' && rate < 100'000)
                            rate = rate * 10 + static_cast<std::uint32_t>(digit - '0');
                    }
                    packetsPerSecond_ = std::max<std::uint32_t>(rate, 1);
                }
            }
            if (!isPreviewOfService_) previewHere();
            changed();
        });
}

}  // namespace causeway::console
