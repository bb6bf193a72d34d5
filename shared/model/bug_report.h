#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/secret.h"
#include "shared/base/time.h"

namespace causeway {

/// One file of a bug report. Names ending in ".json" hold JSON, ".pcapng" packets, all others text.
struct ReportFile {
    std::string name;   ///< "service/status.json": ASCII, with "/" between the folders
    std::string about;  ///< what it is, one sentence
    std::string content;
};

/// What a name in a report stands for; each kind has its own numbers when names are replaced.
enum class NameKind : std::uint8_t {
    User,
    Host,
    Group,
    Domain,
    Base,
    Person,  ///< administrators and owners of tokens
    Text,    ///< written by people: notes, addresses of servers, filters; replaced as a whole
};
struct ReportName {
    NameKind kind = NameKind::Text;
    std::string text;
    bool operator==(const ReportName&) const = default;
};

/// What the service knows, ready to be shown and packed. No secret is in it.
struct BugReport {
    std::string serverName;
    std::string version;
    TimePoint takenAt{};
    std::vector<ReportFile> files;
    /// Names that occur in the files, for those who want them replaced; never written into a report.
    std::vector<ReportName> names;
};

const char* wordOf(NameKind kind);  ///< "user", "host", "group", "domain", "base", "person", "text"
std::optional<NameKind> nameKindOf(std::string_view word);

/// Calls `change` for every text in a file: the string values of JSON, not the names of its members; the whole content
/// of any other text. Packets stay as they are. JSON that is cut off is taken as text.
void changeTexts(ReportFile& file, const std::function<std::string(const std::string&)>& change);

/// Puts *** in the place of everything that is a secret or looks like one: each of `known` (as it is, of three
/// characters or more; short ones only as a whole word), what follows "password=", "PWD=", "token:" and the like,
/// credentials of "Authorization:" and "Bearer", passwords inside web addresses, private keys in PEM. Placeholders such
/// as {password} stay.
std::string maskSecrets(std::string text, const std::vector<Secret>& known);

/// JSON text with a line a value, indented by two blanks, for people. Anything else comes back as it is.
std::string prettyJson(std::string_view json);

}  // namespace causeway
