#include "console/report/bug_report.h"

#include <algorithm>

#include "console/report/trace_words.h"
#include "shared/base/text.h"
#include "shared/model/pseudonyms.h"

namespace causeway::report {

const char* const kReadme = "README.txt";

namespace {

/// Host of "hq-server:8425" or "[::1]:8425".
std::string hostOf(const std::string& address) {
    const auto colon = address.rfind(':');
    auto host = address.substr(0, colon);
    if (host.size() > 1 && host.front() == '[') host = host.substr(1, host.size() - 2);
    return host;
}

ReportFile ownFile(const BugReportParts& parts) {
    ReportFile file{"console/environment.txt", "The program that made this report and the computer that it runs on.",
                    parts.program + "\n"};
    file.content += "made at: " + isoText(parts.madeAt) + "\n";
    file.content +=
        "connected to: " + (parts.connectedTo.empty() ? std::string("no service") : parts.connectedTo) + "\n";
    for (const auto& [name, value] : parts.facts)
        file.content += name + ": " + value + "\n";
    return file;
}

std::string sizeText(std::size_t bytes) {
    auto digits = std::to_string(bytes);
    for (std::size_t at = digits.size(); at > 3; at -= 3)
        digits.insert(at - 3, ",");
    return std::string(digits.size() < 11 ? 11 - digits.size() : 0, ' ') + digits;
}

std::string readmeText(const BugReportParts& parts, const BugReportChoice& choice,
                       const std::vector<ReportFile>& files) {
    std::string text = "Bug report of Causeway\n\n";
    text += "Made by " + parts.program + " at " + timeText(parts.madeAt) + ".\n";
    if (parts.service) {
        text += "The service is " + parts.service->serverName + ", version " + parts.service->version + ".\n";
    } else {
        text += "NOT COMPLETE: the part of the service is missing.\n";
        if (parts.trouble) text += parts.trouble->text() + "\n";
    }
    text +=
        "\nNothing was sent anywhere: this file is all there is.\n"
        "Look through it before you give it to somebody.\n\n"
        "Passwords, tokens and keys are not in it: the service gives none,\n"
        "and what looks like one is replaced by ***.\n\n";
    if (choice.names == Names::Replaced) {
        text +=
            "Names were replaced: the same user, host, group, domain or address\n"
            "has the same word in all files (user-3, net-2.host-5).\n"
            "Which word stands for whom is written down nowhere.\n"
            "Names that the service no longer knows, such as those of users who\n"
            "were forgotten, may still stand in the log; so may names of one\n"
            "character, and names inside longer words.\n\n";
        if (parts.packets) {
            text +=
                "The packets of the trace were left out:\n"
                "names and addresses in them cannot be replaced.\n\n";
        }
    } else {
        text += "Names of users, computers and networks are in it as they are.\n\n";
    }
    if (parts.packetsTrouble) text += "Packets are missing. " + parts.packetsTrouble->text() + "\n\n";
    text += "Files (size in bytes)\n";
    std::string missing;
    for (const auto& file : files) {
        if (choice.leftOut.contains(file.name)) {
            missing += "  " + file.name + "\n";
        } else {
            text += sizeText(file.content.size()) + "  " + file.name + "\n             " + file.about + "\n";
        }
    }
    if (!missing.empty()) text += "\nLeft out by the person who saved this report\n" + missing;
    return text;
}

}  // namespace

std::vector<ReportFile> bugReportFiles(const BugReportParts& parts, const BugReportChoice& choice) {
    std::vector<ReportFile> files;
    files.push_back(ownFile(parts));
    if (!parts.log.empty())
        files.push_back({"console/log.txt", "What the program wrote down about itself.", parts.log});
    for (auto& file : files)
        changeTexts(file, [](const std::string& text) { return maskSecrets(text, {}); });
    if (parts.service) files.insert(files.end(), parts.service->files.begin(), parts.service->files.end());
    const bool isReplaced = choice.names == Names::Replaced;
    if (parts.packets && !isReplaced) files.push_back(*parts.packets);
    ReportFile readme{kReadme, "What is in this report and what is not.", readmeText(parts, choice, files)};
    if (isReplaced) {
        auto names = parts.names;
        if (!parts.connectedTo.empty()) names.push_back({NameKind::Host, hostOf(parts.connectedTo)});
        if (parts.service) {
            names.push_back({NameKind::Host, parts.service->serverName});
            names.insert(names.end(), parts.service->names.begin(), parts.service->names.end());
        }
        Pseudonyms pseudonyms{names};
        for (auto& file : files)
            pseudonyms.replace(file);
        // The sizes changed.
        readme.content = pseudonyms.replace(readmeText(parts, choice, files));
    }
    files.insert(files.begin(), std::move(readme));
    return files;
}

std::vector<ReportFile> chosenFiles(const std::vector<ReportFile>& files, const BugReportChoice& choice) {
    std::vector<ReportFile> chosen;
    std::copy_if(files.begin(), files.end(), std::back_inserter(chosen), [&choice](const ReportFile& file) {
        return file.name == kReadme || !choice.leftOut.contains(file.name);
    });
    return chosen;
}

std::string bugReportFileName(TimePoint madeAt) {
    std::string digits;
    for (const char c : isoText(madeAt).substr(0, 19)) {
        if (c >= '0' && c <= '9') digits += c;
        if (c == 'T') digits += '-';
    }
    return "causeway-bugreport-" + digits + ".zip";
}

}  // namespace causeway::report
