#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "console/presenters/domain_words.h"
#include "console/presenters/session.h"
#include "console/report/bug_report.h"

namespace causeway::console {

/// Help > Bug report: asks the service for its part, adds what the console knows of itself, shows every file, and
/// writes those that are chosen into one zip file. Works without a service, too; then its part is missing and the
/// window and the report say so. Names are replaced and files are written on a worker. UI thread only.
class BugReportPresenter {
public:
    /// What only the application knows: toolkit, desktop, language ..., and its log.
    struct Own {
        std::string program;
        std::vector<std::pair<std::string, std::string>> facts{};
        std::string log{};
        std::vector<std::string> hostNames{};  ///< of this computer
    };
    struct Row {
        std::string name;
        std::string about;
        std::string sizeText;
        bool isIncluded = true;
        bool isFixed = false;  ///< README.txt goes along always
    };
    struct TraceChoice {
        std::uint64_t id = 0;  ///< 0: no packets
        std::string text;
    };

    BugReportPresenter(Session& session, Own own);

    /// Gathers everything; onChanged comes when something of it is there.
    void load();
    bool isBusy() const { return pending_ > 0; }
    /// "20 files, 120 KiB.", what is missing and why, or what was saved.
    LoginLine line() const;

    const std::vector<Row>& rows() const { return rows_; }
    /// All that stands in a file; packets are described.
    std::string textOf(const std::string& name) const;
    void setIncluded(const std::string& name, bool isIncluded);

    bool isAnonymous() const { return choice_.names == report::Names::Replaced; }
    void setAnonymous(bool isOn);
    /// The first one is "no packets"; the others newest first.
    const std::vector<TraceChoice>& traces() const { return traces_; }
    std::uint64_t trace() const { return trace_; }
    void setTrace(std::uint64_t id);

    std::string fileName() const { return report::bugReportFileName(parts_.madeAt); }
    /// The file was chosen in a dialog that asks before it replaces one.
    void save(const std::string& path);

    std::function<void()> onChanged;

private:
    void changed();
    /// Makes the files again on a worker; only the newest result counts.
    void build();
    void loadTraces();
    LoginLine contentLine() const;

    Session& session_;
    std::shared_ptr<void> life_ = std::make_shared<int>(0);
    report::BugReportParts parts_;
    report::BugReportChoice choice_;
    std::vector<TraceChoice> traces_;
    std::uint64_t trace_ = 0;
    std::shared_ptr<const std::vector<ReportFile>> files_;
    std::vector<Row> rows_;
    std::optional<LoginLine> saved_;
    unsigned pending_ = 0;
    std::uint64_t builds_ = 0;
};

}  // namespace causeway::console
