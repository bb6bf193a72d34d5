#include "console/presenters/log_presenter.h"

#include <algorithm>

#include "console/presenters/text_format.h"

namespace causeway::console {

namespace {

constexpr std::uint64_t kMostLines = 5000;
constexpr std::size_t kMostKeptBack = 5000;
constexpr std::size_t kFirstLines = 1000;
constexpr std::size_t kAuditPage = 500;

}  // namespace

LogTable::LogTable(Executor& executor) : RecordTable(executor) {
    setFirstSort(static_cast<std::size_t>(LogColumn::At), false);
}

const std::vector<Column>& LogTable::columns() const {
    static const std::vector<Column> kColumns{
        {"at", later("Time"), 150},
        {"level", later("Level"), 90, false, true},
        {"id", later("Message"), 200},
        {"text", later("Text"), 520},
    };
    return kColumns;
}

std::string LogTable::cell(std::size_t row, std::size_t column) const {
    const auto& line = at(row);
    switch (static_cast<LogColumn>(column)) {
        case LogColumn::At:
            return exactTime(line.at);
        case LogColumn::Level:
            return textOf(line.level);
        case LogColumn::Id:
            return line.id;
        case LogColumn::Text:
            return line.text;
    }
    return {};
}

Mark LogTable::mark(std::size_t row, std::size_t column) const {
    if (column != static_cast<std::size_t>(LogColumn::Level)) return Mark::None;
    switch (at(row).level) {
        case LogLevel::Error:
            return Mark::Broken;
        case LogLevel::Warning:
            return Mark::Partly;
        case LogLevel::Info:
            return Mark::Fine;
        case LogLevel::Debug:
            break;
    }
    return Mark::Unknown;
}

std::string LogTable::keyOf(Slot slot, std::size_t column) const {
    const auto& line = record(slot);
    switch (static_cast<LogColumn>(column)) {
        case LogColumn::At:
            return numberKey(epochMillis(line.at));
        case LogColumn::Level:
            return numberKey(static_cast<std::int64_t>(line.level));
        case LogColumn::Id:
            return line.id;
        case LogColumn::Text:
            return foldText(line.text);
    }
    return {};
}

std::string LogTable::searchTextOf(Slot slot) const {
    const auto& line = record(slot);
    return foldText(line.id + "\n" + line.text);
}

bool LogTable::admits(Slot slot) const {
    return record(slot).level >= least_;
}

void LogTable::setLeast(LogLevel level) {
    if (level == least_) return;
    least_ = level;
    admitAgain();
}

AuditTable::AuditTable(Executor& executor) : RecordTable(executor) {
    setFirstSort(static_cast<std::size_t>(AuditColumn::At), false);
}

const std::vector<Column>& AuditTable::columns() const {
    static const std::vector<Column> kColumns{
        {"at", later("Time"), 150},       {"who", later("Who"), 120},         {"from", later("From"), 110},
        {"action", later("Action"), 140}, {"subject", later("Subject"), 180}, {"before", later("Before"), 160},
        {"after", later("After"), 160},
    };
    return kColumns;
}

std::string AuditTable::cell(std::size_t row, std::size_t column) const {
    const auto& entry = at(row);
    switch (static_cast<AuditColumn>(column)) {
        case AuditColumn::At:
            return exactTime(entry.at);
        case AuditColumn::Who:
            return entry.who;
        case AuditColumn::From:
            return entry.from;
        case AuditColumn::Action:
            return entry.action;
        case AuditColumn::Subject:
            return entry.subject;
        case AuditColumn::Before:
            return tsvField(entry.before);
        case AuditColumn::After:
            return tsvField(entry.after);
    }
    return {};
}

std::string AuditTable::keyOf(Slot slot, std::size_t column) const {
    const auto& entry = record(slot);
    switch (static_cast<AuditColumn>(column)) {
        case AuditColumn::At:
            return numberKey(epochMillis(entry.at));
        case AuditColumn::Who:
            return foldText(entry.who);
        case AuditColumn::From:
            return entry.from;
        case AuditColumn::Action:
            return entry.action;
        case AuditColumn::Subject:
            return foldText(entry.subject);
        case AuditColumn::Before:
            return foldText(entry.before);
        case AuditColumn::After:
            return foldText(entry.after);
    }
    return {};
}

std::string AuditTable::searchTextOf(Slot slot) const {
    const auto& entry = record(slot);
    return foldText(entry.who + "\n" + entry.from + "\n" + entry.action + "\n" + entry.subject + "\n" + entry.before +
                    "\n" + entry.after);
}

LogPresenter::LogPresenter(Session& session)
    : Presenter(session), log_(session.executor()), audit_(session.executor()) {}

bool LogPresenter::mayReadLog() const {
    return session_.mayOperate();
}

bool LogPresenter::mayReadAudit() const {
    return session_.mayChange();
}

std::string LogPresenter::logStateText() const {
    auto text = log_.rowCount() == log_.totalCount()
                    ? trn("%1 line", "%1 lines", log_.totalCount())
                    : fill(tr("%1 of %2 lines"), {countText(log_.rowCount()), countText(log_.totalCount())});
    if (isPaused_) text += "; " + fill(tr("stopped, %1 wait"), {countText(keptBack_.size())});
    return text;
}

std::string LogPresenter::logEmptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to see its log.");
    if (session_.connection() == Connection::Live && !mayReadLog())
        return tr("Your role may not read the log. Ask for the role operator.");
    if (problem_) return errorLines(*problem_);
    if (log_.totalCount() > 0) return tr("No line matches. Choose a lower level, or use fewer letters in the filter.");
    return tr("Nothing was logged yet. Lines appear here as they are written.");
}

void LogPresenter::setLeast(LogLevel level) {
    log_.setLeast(level);
    changed();
}

void LogPresenter::pause(bool isPaused) {
    isPaused_ = isPaused;
    if (!isPaused) {
        const auto lines = std::move(keptBack_);
        keptBack_.clear();
        addLines(lines);
    }
    changed();
}

void LogPresenter::clear() {
    log_.clear();
    keptBack_.clear();
    firstLine_ = nextLine_;
    changed();
}

void LogPresenter::addLines(const std::vector<api::LogLine>& lines) {
    std::vector<std::pair<std::uint64_t, api::LogLine>> rows;
    rows.reserve(lines.size());
    for (const auto& line : lines)
        rows.emplace_back(nextLine_++, line);
    std::vector<std::uint64_t> gone;
    while (nextLine_ - firstLine_ > kMostLines)
        gone.push_back(firstLine_++);
    if (rows.size() > kMostLines) rows.erase(rows.begin(), rows.end() - static_cast<std::ptrdiff_t>(kMostLines));
    log_.apply(std::move(rows), gone);
}

void LogPresenter::logged(const std::vector<api::LogLine>& lines) {
    if (isPaused_) {
        keptBack_.insert(keptBack_.end(), lines.begin(), lines.end());
        if (keptBack_.size() > kMostKeptBack)
            keptBack_.erase(keptBack_.begin(), keptBack_.end() - static_cast<std::ptrdiff_t>(kMostKeptBack));
    } else {
        addLines(lines);
    }
    changed();
}

void LogPresenter::connectionChanged() {
    if (session_.connection() == Connection::None) {
        clear();
        audit_.clear();
        auditNext_.clear();
        isAuditLoading_ = false;
        problem_.reset();
    }
    changed();
}

void LogPresenter::resync() {
    if (mayReadLog()) {
        session_.ask(
            life(), [](client::ApiClient& service) { return service.logs(LogLevel::Debug, kFirstLines); },
            [this](const Result<std::vector<api::LogLine>>& answer) {
                if (answer) {
                    problem_.reset();
                    log_.clear();
                    firstLine_ = nextLine_;
                    addLines(*answer);
                } else {
                    problem_ = answer.error();
                }
                changed();
            });
    }
    if (audit_.totalCount() > 0) loadAudit();
}

void LogPresenter::loadAudit() {
    if (!mayReadAudit() || isAuditLoading_) return;
    loadAuditPage({});
}

void LogPresenter::loadMoreAudit() {
    if (auditNext_.empty() || isAuditLoading_) return;
    loadAuditPage(auditNext_);
}

void LogPresenter::loadAuditPage(const std::string& cursor) {
    isAuditLoading_ = session_.hasService();
    session_.ask(
        life(), [cursor](client::ApiClient& service) { return service.audit(cursor, kAuditPage); },
        [this, cursor](const Result<api::AuditPage>& answer) {
            isAuditLoading_ = false;
            if (answer) {
                problem_.reset();
                if (cursor.empty()) audit_.clear();
                auditNext_ = answer->next;
                std::vector<std::pair<std::uint64_t, AuditEntry>> rows;
                for (const auto& entry : answer->items)
                    rows.emplace_back(entry.id, entry);
                audit_.apply(std::move(rows));
            } else {
                problem_ = answer.error();
            }
            changed();
        });
    changed();
}

std::string LogPresenter::auditEmptyText() const {
    if (!session_.hasService()) return tr("No service is connected. Connect to one to see its audit.");
    if (session_.connection() == Connection::Live && !mayReadAudit())
        return tr("Your role may not read the audit. Ask for the role admin.");
    if (isAuditLoading_) return tr("Loading ...");
    if (problem_) return errorLines(*problem_);
    if (audit_.totalCount() > 0) return tr("No entry matches. Use fewer letters in the filter.");
    return tr("Nobody has changed anything yet. Each change appears here with who made it, before and after.");
}

std::vector<Fact> LogPresenter::auditDetails(std::uint64_t id) const {
    const auto* entry = audit_.find(id);
    if (!entry) return {};
    return {
        {tr("Time"), exactTime(entry->at)}, {tr("Who"), entry->who},         {tr("From"), entry->from},
        {tr("Action"), entry->action},      {tr("Subject"), entry->subject}, {tr("Before"), entry->before},
        {tr("After"), entry->after},
    };
}

}  // namespace causeway::console
