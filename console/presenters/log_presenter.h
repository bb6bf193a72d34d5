#pragma once

#include <optional>
#include <string>
#include <vector>

#include "console/presenters/presenter.h"
#include "console/presenters/row_table.h"

namespace causeway::console {

enum class LogColumn { At, Level, Id, Text };

/// Log lines; the id of a row counts up as lines arrive.
class LogTable final : public RecordTable<api::LogLine> {
public:
    explicit LogTable(Executor& executor);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;
    Mark mark(std::size_t row, std::size_t column) const override;
    void setLeast(LogLevel level);
    LogLevel least() const { return least_; }

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;
    bool admits(Slot slot) const override;

private:
    LogLevel least_ = LogLevel::Info;
};

enum class AuditColumn { At, Who, From, Action, Subject, Before, After };

class AuditTable final : public RecordTable<AuditEntry> {
public:
    explicit AuditTable(Executor& executor);
    const std::vector<Column>& columns() const override;
    std::string cell(std::size_t row, std::size_t column) const override;

protected:
    std::string keyOf(Slot slot, std::size_t column) const override;
    std::string searchTextOf(Slot slot) const override;
};

/// Log and audit. The log keeps the last 5,000 lines.
class LogPresenter final : public Presenter {
public:
    explicit LogPresenter(Session& session);

    LogTable& log() { return log_; }
    bool mayReadLog() const;    ///< role operator
    bool mayReadAudit() const;  ///< role admin
    std::string logStateText() const;
    std::string logEmptyText() const;
    void setLeast(LogLevel level);
    /// Lines that come are kept back until resumed.
    void pause(bool isPaused);
    bool isPaused() const { return isPaused_; }
    std::size_t keptBack() const { return keptBack_.size(); }
    void clear();

    AuditTable& audit() { return audit_; }
    void loadAudit();      ///< first page, newest first
    void loadMoreAudit();  ///< next page
    bool hasMoreAudit() const { return !auditNext_.empty(); }
    bool isAuditLoading() const { return isAuditLoading_; }
    std::string auditEmptyText() const;
    /// Before and after of one entry, in full.
    std::vector<Fact> auditDetails(std::uint64_t id) const;
    std::optional<Error> problem() const { return problem_; }

    void connectionChanged() override;
    void resync() override;
    void logged(const std::vector<api::LogLine>& lines) override;

private:
    void addLines(const std::vector<api::LogLine>& lines);
    void loadAuditPage(const std::string& cursor);

    LogTable log_;
    AuditTable audit_;
    std::uint64_t firstLine_ = 1;
    std::uint64_t nextLine_ = 1;
    bool isPaused_ = false;
    std::vector<api::LogLine> keptBack_;
    std::string auditNext_;
    bool isAuditLoading_ = false;
    std::optional<Error> problem_;
};

}  // namespace causeway::console
