#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "shared/base/time.h"
#include "shared/model/provider.h"

namespace causeway {

/// How a provider did lately.
struct ProviderHealth {
    std::string breaker = "closed";  ///< "closed" (asked as usual), "open" (not asked for a while), "half-open"
    TimePoint since{};               ///< of this state; epoch 0 = since the service started
    TimePoint nextTry{};             ///< for "open"; epoch 0 = none
    std::string lastError;           ///< in words; kept after it works again
    TimePoint lastErrorAt{};
    TimePoint lastAnswerAt{};
    std::optional<Duration> answerTime{};  ///< of the last login or test that it answered
    std::uint32_t failures = 0;            ///< in a row
    std::uint64_t queued = 0;
    std::uint64_t running = 0;
    std::uint64_t finished = 0;
    std::uint64_t refused = 0;  ///< too many logins waited
    std::uint64_t timedOut = 0;
    std::uint64_t remembered = 0;  ///< people who could log in during an outage
};

/// A change that is in force but goes back by itself unless somebody confirms it.
struct PendingRevert {
    TimePoint at{};
    std::string sentence;  ///< who could be locked out and why
};

/// A provider with all that is known of it; no secret.
struct ProviderView {
    Provider provider;
    std::string address;  ///< "dc1.example.com:636", "2 servers: ..."; empty for built-in accounts
    ProviderHealth health;
    std::vector<std::string> usedBy;  ///< shown names of the chat domains that ask it
    std::vector<ProviderProblem> warnings;
    std::optional<PendingRevert> revert{};
};

/// One person of a directory, as it is told to administrators.
struct DirectoryPerson {
    std::string localPart;  ///< as the provider spells it
    std::string reference;  ///< where it was found: a distinguished name, "row 1"
    std::string displayName;
    std::string mail;
    std::string department;
    bool isDisabled = false;
    bool hasPhoto = false;
};

/// What one provider said to a login.
struct LoginStep {
    std::uint64_t provider = 0;  ///< 0 = built-in accounts
    std::string name;
    std::string outcome;   ///< "right", "wrong-password", "unknown-user", "cannot-ask" ...
    std::string failedAt;  ///< step of a graded test: "connect", "filter" ...
    std::string why;
    Duration took{};
    bool wasRemembered = false;
};
/// What became of a login and which provider said what.
struct LoginTrail {
    std::string address;  ///< alice@chat.example.com, prepared
    std::string outcome;
    std::string sentence;
    std::string todo;
    std::string failedAt;
    std::vector<LoginStep> steps;
    Duration wait{};  ///< for "throttled"
    bool wasRemembered = false;
};

const char* wordOf(ProblemWeight weight);  ///< "error", "warning"
std::optional<ProblemWeight> problemWeightOf(std::string_view word);

/// "dc1.example.com:636", "dc1.example.com:636 and 1 more", the path of a file; empty if nothing is set.
std::string addressSummary(const Provider& provider);

}  // namespace causeway
