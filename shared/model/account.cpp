#include "shared/model/account.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "shared/base/text.h"

namespace causeway {

namespace {

constexpr std::size_t kMostBytes = 4U << 20;
constexpr std::size_t kMostPeople = 20'000;
constexpr std::size_t kMostProblems = 100;
constexpr std::size_t kMostIgnoredNamed = 10;
constexpr std::size_t kMostLocalPart = 1023;

struct CsvLine {
    std::size_t line = 0;
    std::vector<std::string> cells;
};

/// Cuts text into lines of cells. The separator is the one of the three that the first line has most of.
class CsvReader {
public:
    explicit CsvReader(std::string_view text) : text_(text) {
        const auto first = text.substr(0, text.find('\n'));
        for (const char candidate : {',', ';', '\t'}) {
            const auto count = std::count(first.begin(), first.end(), candidate);
            if (count > best_) {
                best_ = count;
                separator_ = candidate;
            }
        }
    }

    /// False at the end. A quote that is never closed makes `isOpenQuote`.
    bool next(CsvLine& out) {
        if (at_ >= text_.size()) return false;
        out = CsvLine{line_, {}};
        out.cells.emplace_back();
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (c == '"' && out.cells.back().empty()) {
                readQuoted(out.cells.back());
            } else if (c == separator_) {
                out.cells.emplace_back();
                ++at_;
            } else if (c == '\n') {
                ++at_;
                ++line_;
                break;
            } else {
                if (c != '\r') out.cells.back() += c;
                ++at_;
            }
        }
        return true;
    }
    bool isOpenQuote() const { return isOpenQuote_; }

private:
    void readQuoted(std::string& cell) {
        ++at_;
        while (at_ < text_.size()) {
            const char c = text_[at_++];
            if (c == '\n') ++line_;
            if (c != '"') {
                cell += c;
            } else if (at_ < text_.size() && text_[at_] == '"') {
                cell += text_[at_++];
            } else {
                return;
            }
        }
        isOpenQuote_ = true;
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::ptrdiff_t best_ = 0;
    char separator_ = ',';
    bool isOpenQuote_ = false;
};

enum class Column { User, Password, Name, Mail, Department, Disabled, Ignored };

Column columnOf(std::string_view title) {
    const auto word = lowerAscii(trimmed(title));
    static const std::unordered_map<std::string, Column> known{{"user", Column::User},
                                                               {"username", Column::User},
                                                               {"login", Column::User},
                                                               {"password", Column::Password},
                                                               {"name", Column::Name},
                                                               {"display name", Column::Name},
                                                               {"mail", Column::Mail},
                                                               {"e-mail", Column::Mail},
                                                               {"email", Column::Mail},
                                                               {"disabled", Column::Disabled},
                                                               {"department", Column::Department}};
    const auto at = known.find(word);
    return at == known.end() ? Column::Ignored : at->second;
}

/// 1-based; 0: all is well.
std::size_t lineThatIsNotUtf8(std::string_view csv) {
    if (isValidUtf8(csv)) return 0;
    std::size_t number = 1;
    for (const auto line : split(csv, '\n')) {
        if (!isValidUtf8(line)) return number;
        ++number;
    }
    return 1;
}

class Importer {
public:
    AccountImportList run(std::string_view csv) {
        if (csv.starts_with("\xEF\xBB\xBF")) csv.remove_prefix(3);
        if (csv.size() > kMostBytes) return only("The file is larger than 4 MB. Cut it into several files.");
        if (const auto line = lineThatIsNotUtf8(csv); line != 0) {
            problem(line,
                    "The file is not in UTF-8 here. Save it as UTF-8 (in Excel: \"CSV UTF-8\") and import it again.");
            return std::move(list_);
        }
        CsvReader reader{csv};
        CsvLine line;
        if (!reader.next(line)) return only("The file is empty.");
        if (!readTitles(line)) return std::move(list_);
        while (reader.next(line)) {
            const bool isBlank = std::all_of(line.cells.begin(), line.cells.end(),
                                             [](const std::string& cell) { return trimmed(cell).empty(); });
            if (reader.isOpenQuote()) {
                problem(line.line, "A quote that begins here is never closed, so the rest of the file cannot be read.");
                break;
            }
            if (isBlank) continue;
            if (list_.accounts.size() >= kMostPeople) {
                problem(line.line, "The file has more than 20,000 people. Import the rest from another file.");
                break;
            }
            readPerson(line);
        }
        if (list_.accounts.empty() && list_.problems.empty()) problem(0, "The file has no people in it.");
        return std::move(list_);
    }

private:
    AccountImportList only(std::string text) {
        problem(0, std::move(text));
        return std::move(list_);
    }
    void problem(std::size_t line, std::string text) {
        if (list_.problems.size() < kMostProblems) list_.problems.push_back({line, std::move(text)});
    }
    bool readTitles(const CsvLine& line) {
        std::string ignored;
        std::size_t count = 0;
        for (const auto& cell : line.cells) {
            columns_.push_back(columnOf(cell));
            if (columns_.back() != Column::Ignored || trimmed(cell).empty()) continue;
            if (++count > kMostIgnoredNamed) continue;
            ignored += (ignored.empty() ? "\"" : ", \"") + cleanUtf8(cutUtf8(trimmed(cell), 60)) + "\"";
        }
        if (count > kMostIgnoredNamed) ignored += ", ...";
        if (count > 0) {
            list_.warnings.push_back({1, "Not known and left out: " + ignored +
                                             ". Known columns are user, password, name, mail, department, disabled."});
        }
        for (const auto& [column, word] : {std::pair{Column::User, "user"}, std::pair{Column::Password, "password"}}) {
            if (std::count(columns_.begin(), columns_.end(), column) == 1) continue;
            problem(1, std::string("The first line must name the columns, and exactly one of them \"") + word +
                           "\". Such as: user,password,name,mail");
        }
        return list_.problems.empty();
    }

    void readPerson(const CsvLine& line) {
        AccountImport person;
        person.line = line.line;
        if (line.cells.size() > columns_.size()) {
            problem(line.line,
                    "The line has more cells than the first line has columns. Put a text with a separator "
                    "in it into quotes.");
            return;
        }
        std::string disabled;
        for (std::size_t i = 0; i < line.cells.size(); ++i) {
            const auto cell = std::string(trimmed(line.cells[i]));
            switch (columns_[i]) {
                case Column::User:
                    person.localPart = lowerAscii(cell);
                    break;
                case Column::Password:
                    person.password = Secret{line.cells[i]};
                    break;
                case Column::Name:
                    person.displayName = cell;
                    break;
                case Column::Mail:
                    person.mail = cell;
                    break;
                case Column::Department:
                    person.department = cell;
                    break;
                case Column::Disabled:
                    disabled = lowerAscii(cell);
                    break;
                case Column::Ignored:
                    break;
            }
        }
        if (const auto trouble = troubleOf(person, disabled); !trouble.empty()) {
            problem(line.line, trouble);
            return;
        }
        person.isDisabled = disabled == "true" || disabled == "yes" || disabled == "1";
        list_.accounts.push_back(std::move(person));
    }

    std::string troubleOf(const AccountImport& person, const std::string& disabled) {
        if (auto trouble = localPartTrouble(person.localPart); !trouble.empty()) return trouble;
        if (person.password.empty()) return "The password is empty. Give one, or leave the line out.";
        if (cleanUtf8(person.displayName) != person.displayName || person.displayName.size() > 256) {
            return "The name has control characters or is longer than 256 bytes.";
        }
        if (!person.mail.empty() && (person.mail.find('@') == std::string::npos || person.mail.size() > 320)) {
            return "The mail address has no @ or is too long.";
        }
        static constexpr std::array<std::string_view, 7> kWords{"", "true", "yes", "1", "false", "no", "0"};
        if (std::find(kWords.begin(), kWords.end(), disabled) == kWords.end()) {
            return "In the column disabled, write true or false.";
        }
        const auto [at, isNew] = seen_.emplace(person.localPart, person.line);
        if (!isNew) return "The user stands in line " + std::to_string(at->second) + " already.";
        return {};
    }

    AccountImportList list_;
    std::vector<Column> columns_;
    std::unordered_map<std::string, std::size_t> seen_;
};

}  // namespace

const ScramKeys* Account::keysOf(ScramHash hash) const {
    const auto at = std::find_if(keys.begin(), keys.end(), [&](const ScramKeys& each) { return each.hash == hash; });
    return at == keys.end() ? nullptr : &*at;
}

std::string localPartTrouble(std::string_view text) {
    if (text.empty()) return "The user name is empty.";
    if (text.size() > kMostLocalPart) return "The user name is longer than 1,023 bytes.";
    if (!isValidUtf8(text)) return "The user name is not in UTF-8.";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return "The user name has a control character in it.";
        if (c == ' ') return "The user name has a blank in it. Write a point or a hyphen instead.";
        if (c == '@') return "Write only the part left of the @.";
        if (std::string_view{"\"&'/:<>"}.find(c) != std::string_view::npos) {
            return std::string("The user name cannot have the character ") + c + " in it.";
        }
    }
    return {};
}

AccountImportList parseAccountImport(std::string_view csv) {
    return Importer{}.run(csv);
}

const char* wordOf(ScramHash hash) {
    switch (hash) {
        case ScramHash::Sha1:
            return "SCRAM-SHA-1";
        case ScramHash::Sha256:
            return "SCRAM-SHA-256";
        case ScramHash::Sha512:
            return "SCRAM-SHA-512";
    }
    return "";
}

std::optional<ScramHash> scramHashOf(std::string_view word) {
    for (const auto hash : kScramHashes)
        if (word == wordOf(hash)) return hash;
    return std::nullopt;
}

}  // namespace causeway
