#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shared/base/result.h"
#include "shared/base/secret.h"
#include "shared/base/time.h"

namespace causeway {

enum class ScramHash { Sha1, Sha256, Sha512 };
constexpr ScramHash kScramHashes[] = {ScramHash::Sha1, ScramHash::Sha256, ScramHash::Sha512};

/// What is kept of a password for one hash: enough to check it and to prove to the client that it is known, not enough
/// to log in elsewhere (RFC 5802 3). Bytes, not text.
struct ScramKeys {
    ScramHash hash = ScramHash::Sha256;
    std::uint32_t iterations = 0;
    std::string salt;
    std::string storedKey;
    std::string serverKey;

    friend bool operator==(const ScramKeys&, const ScramKeys&) = default;
};

/// A built-in account.
struct Account {
    std::uint64_t id = 0;
    std::string domain;     ///< chat domain, ASCII form
    std::string localPart;  ///< prepared (RFC 7622): lower case
    std::string displayName;
    std::string mail;
    std::string department;
    bool isDisabled = false;
    TimePoint createdAt{};
    std::optional<TimePoint> passwordChangedAt{};
    std::uint64_t revision = 0;
    std::vector<ScramKeys> keys;  ///< one of each hash; never leaves the service

    const ScramKeys* keysOf(ScramHash hash) const;
};

/// Empty if the text can be the part left of the @, else the sentence. 1..1023 bytes of UTF-8 without blanks, control
/// characters and "&'/:<>@ (RFC 7622 3.3). Letters beyond ASCII are prepared by shared/proto/xmpp.
std::string localPartTrouble(std::string_view text);

/// One person of an imported file.
struct AccountImport {
    std::size_t line = 0;   ///< 1-based
    std::string localPart;  ///< lower case
    Secret password;
    std::string displayName;
    std::string mail;
    std::string department;
    bool isDisabled = false;
};
struct ImportProblem {
    std::size_t line = 0;  ///< 1-based; 0: the file as a whole
    std::string text;
};
struct AccountImportList {
    std::vector<AccountImport> accounts;
    std::vector<ImportProblem> problems;  ///< lines with a problem are not in `accounts`
    std::vector<ImportProblem> warnings;  ///< do not stop the import: columns that are not known
};
/// CSV as spreadsheets write it (RFC 4180): separator comma, semicolon or tab, quotes, UTF-8 with or without a mark at
/// its start. The first line names the columns: user and password are needed; name, mail, department, disabled are
/// known; others are left out with a warning. Bounds: 4 MB, 20,000 people, 100 problems.
AccountImportList parseAccountImport(std::string_view csv);

const char* wordOf(ScramHash hash);  ///< "SCRAM-SHA-256"
std::optional<ScramHash> scramHashOf(std::string_view word);

}  // namespace causeway
