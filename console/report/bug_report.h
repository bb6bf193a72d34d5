#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "shared/base/result.h"
#include "shared/model/bug_report.h"

/// A bug report as console and causewayctl save it: what the service knows, what the program knows of itself, and
/// README.txt, which says what is inside and what is not. Pure; nothing is sent anywhere.
namespace causeway::report {

enum class Names { AsTheyAre, Replaced };

struct BugReportParts {
    std::string program;  ///< "causeway-console 0.1.0"
    TimePoint madeAt{};
    std::string connectedTo;  ///< address of the service; empty: none
    /// Of the program: system, toolkit, language ... in this order.
    std::vector<std::pair<std::string, std::string>> facts{};
    std::string log{};                      ///< of the program; may be empty
    std::optional<BugReport> service{};     ///< nothing: see `trouble`
    std::optional<Error> trouble{};         ///< why the part of the service is missing
    std::optional<ReportFile> packets{};    ///< of a trace, if they are wanted
    std::optional<Error> packetsTrouble{};  ///< why they are missing although they are wanted
    std::vector<ReportName> names{};        ///< names of this computer, beside those of the service
};

struct BugReportChoice {
    std::set<std::string> leftOut{};  ///< names of files
    Names names = Names::AsTheyAre;
};

/// All files in the order of the list, README.txt first. Secrets in the part of the program are masked. With
/// Names::Replaced every file went through Pseudonyms, and packets are left out: names and addresses in them cannot be
/// replaced.
std::vector<ReportFile> bugReportFiles(const BugReportParts& parts, const BugReportChoice& choice);
/// The files that are saved: without those that are left out. README.txt is always among them.
std::vector<ReportFile> chosenFiles(const std::vector<ReportFile>& files, const BugReportChoice& choice);

/// The name of the first file; it can be shown, but not left out.
extern const char* const kReadme;
/// "causeway-bugreport-20261122-120015.zip", in UTC.
std::string bugReportFileName(TimePoint madeAt);

}  // namespace causeway::report
