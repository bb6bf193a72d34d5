#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "shared/base/time.h"

namespace causeway {

/// viewer may read; operator may also trace, search and probe; admin may change everything.
enum class Role { Viewer, Operator, Admin };

struct Administrator {
    std::uint64_t id = 0;
    std::string name;  ///< 1..64 characters, unique without regard to case
    Role role = Role::Viewer;
    bool isDisabled = false;
    TimePoint createdAt{};
    std::optional<TimePoint> lastLogin{};
};

/// API token of a script; the token itself is shown once and only its SHA-256 is stored.
struct ApiToken {
    std::uint64_t id = 0;
    std::string name;
    Role role = Role::Viewer;
    TimePoint createdAt{};
    std::optional<TimePoint> expiresAt{};
    std::optional<TimePoint> lastUsed{};
};

/// Who did what; values are before and after as JSON or text, secrets masked.
struct AuditEntry {
    std::uint64_t id = 0;
    TimePoint at{};
    std::string who;      ///< "local", "alice", "token backup"
    std::string from;     ///< address of the caller
    std::string action;   ///< "settings.set", "ranges.add"
    std::string subject;  ///< "lan.introductions"
    std::string before;
    std::string after;
};

/// Something an administrator should know: what happened, why, what to do.
enum class Severity { Notice, Warning, Problem };
struct Problem {
    std::string id;  ///< stable, "lan.port-in-use", "lan.other-master:10.1.0.7"
    Severity severity = Severity::Warning;
    std::string what;
    std::string why;
    std::string todo;
    std::string page;  ///< where the next step is: "preferences/network", "users", ...
    TimePoint since{};
    std::optional<TimePoint> mutedUntil{};
};

const char* wordOf(Role role);
const char* wordOf(Severity severity);
std::optional<Role> roleOf(std::string_view word);
std::optional<Severity> severityOf(std::string_view word);

}  // namespace causeway
